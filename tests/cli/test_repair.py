# SPDX-License-Identifier: MIT
"""A second run leaves a working environment, whatever was changed after the first."""

import json
import os
import shutil

import pytest

import envs
import runner
import trees
import wheels



@pytest.fixture
def env(box, newest):
    made = envs.PipEnv(box, newest)
    made.make()
    return made


def pip_works(env, version=None):
    """The script starts the pip of this environment, and the other two are the same."""
    said = env.pip("--version").ok().out
    assert said.startswith("pip %s from %s/pip" % (version or env.version(), env.site)), said
    node = trees.snapshot(env.bin)
    assert node["pip"] == node["pip3"] == node["pip" + env.py.x_y]
    env.verify()


def other_minor(pythons, py):
    found = [p for p in pythons if p.is_cpython and not p.debug and p.minor != py.minor]
    if not found:
        pytest.skip("needs two minor versions of CPython")
    return found[-1]


# ---------------------------------------------------------------- scripts


@pytest.mark.parametrize("args", [[], ["--copies"], ["--relocatable"]], ids=ascii)
def test_there_and_back_again(box, newest, pythons, args):
    """Each run leaves the scripts and the names of its own Python, and no other."""
    other = other_minor(pythons, newest)
    for py in (newest, other, newest):
        env = envs.PipEnv(box, py)
        box.cvenv("-p", py.path, *args, env.root).ok()
        pip_works(env)
        found = {n for n in os.listdir(env.bin) if n.startswith(("pip", "python"))}
        allowed = {"pip", "pip3", "pip" + py.x_y, "python", "python3", "python" + py.x_y}
        assert found <= allowed | {py.bin_name}, found
    assert os.path.isdir(os.path.join(env.root, "lib", other.lib_name, "site-packages", "pip"))


@pytest.mark.parametrize("how", ["rename", "copy"])
@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=["again", "upgrade"])
def test_scripts_of_another_place_are_rewritten(env, how, args):
    moved = envs.PipEnv(env.box, env.py, "moved")
    if how == "rename":
        os.rename(env.root, moved.root)
    else:
        env.box.run(["cp", "-a", env.root, moved.root]).ok()
    moved.make(*args)
    pip_works(moved)


def test_corrupt_scripts_are_rewritten(env):
    expected = trees.snapshot(env.bin)
    victim = runner.write(env.box.root, "victim", text="precious")
    runner.write(env.bin, "pip", text="garbage\n")
    os.chmod(os.path.join(env.bin, "pip3"), 0o644)
    last = os.path.join(env.bin, "pip" + env.py.x_y)
    os.remove(last)
    os.symlink(victim, last)
    env.make()
    assert trees.snapshot(env.bin) == expected
    assert runner.read(victim) == "precious"
    pip_works(env)


def test_scripts_that_are_right_stay_as_they_are(env):
    """They are not even written again, and scripts of other tools are kept."""
    runner.write(env.bin, "tool", text="#!/nonexistent/python\nfrom pip import tool\n", mode=0o755)
    before = trees.listing(env.bin)
    inodes = {n: os.lstat(os.path.join(env.bin, n)).st_ino for n in ("pip", "pip3", "tool")}
    env.make()
    assert trees.listing(env.bin).keys() == before.keys()
    assert {n: os.lstat(os.path.join(env.bin, n)).st_ino for n in inodes} == inodes


def test_without_pip_leaves_no_script_without_its_pip(env):
    env.make("--without-pip")
    pip_works(env)
    shutil.rmtree(env.site)
    mine = runner.write(env.bin, "pip3.1", text="#!/bin/sh\necho mine\n", mode=0o755)
    env.make("--without-pip")
    assert [n for n in os.listdir(env.bin) if n.startswith("pip")] == [os.path.basename(mine)]
    env.make()
    pip_works(env)


# ---------------------------------------------------------------- names of another Python


def leave(env, links, scripts=()):
    for name, target in links.items():
        os.symlink(target, os.path.join(env.bin, name))
    for name, text in scripts:
        runner.write(env.bin, name, text=text, mode=0o755)


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--without-pip"]], ids=ascii)
def test_names_of_another_python_are_removed(env, args):
    before = set(os.listdir(env.bin))
    other = {
        "python3.99": "python",
        "python3.99t": "python3.99",
        "python3.98": "/nonexistent/bin/python3.98",
        "python2.7": env.py.path,
        "python3.97-dbg": "python3",
        "graalpy": "python3",
        "pypy3.97": "/usr/bin/pypy3.97-c",
    }
    if env.py.implementation == "cpython":
        other.update({"pypy3": "python", "pypy": "pypy3"})
    pip = runner.read(env.bin, "pip")
    leave(env, other, [("pip3.99", pip), ("pip-3.99", pip), ("pip2", pip)])
    shutil.copy("/bin/true", os.path.join(env.bin, "python3.96"))  # as --copies leaves one
    foreign = runner.write(env.root, "lib", "python3.99", "site-packages", "mine.py", text="x = 1")
    env.make(*args)
    assert set(os.listdir(env.bin)) == before
    assert runner.read(foreign) == "x = 1"


def test_files_of_the_user_with_such_names_stay(env):
    links = {"python3.95": "../tool.sh", "python3.94": "wrapper", "python3.93x": "python"}
    wrapper = "#!/bin/sh\nexec python3.12\n"
    pip = runner.read(env.bin, "pip")
    scripts = [
        ("wrapper", wrapper),
        ("python3.92", wrapper),
        ("pip3.91", "#!/bin/sh\nexec /opt/pip\n"),
        ("pip3.90-helper", pip),
    ]
    leave(env, links, scripts)
    before = trees.listing(env.bin)
    env.make()
    assert trees.listing(env.bin).keys() == before.keys()


def test_interpreters_of_what_was_no_environment_stay(box, newest):
    project = box.path("env")
    runner.write(project, "bin", "keep", text="")
    os.symlink("/usr/bin/python3.99", os.path.join(project, "bin", "python3.99"))
    box.cvenv("-p", newest.path, "--without-pip", project).quiet()
    assert os.path.islink(os.path.join(project, "bin", "python3.99"))


def test_another_name_of_this_python_leads_to_it(box, pythons):
    """venv of 3.8 creates no python3.8 unless it was called by that name: no broken link remains."""
    old = [p for p in pythons if p.is_cpython and p.minor == (3, 8)]
    if not old:
        pytest.skip("needs a CPython 3.8")
    env = envs.PipEnv(box, old[0])
    python3 = os.path.join(os.path.dirname(old[0].path), "python3")
    box.cvenv("-p", python3, env.root).quiet()
    os.symlink("/nonexistent/bin/python3.8", os.path.join(env.bin, "python3.8"))
    box.cvenv("-p", python3, env.root).quiet()
    assert os.readlink(os.path.join(env.bin, "python3.8")) == "python3"
    assert box.says(env.root, "python3.8")["sys.prefix"] == env.root


# ---------------------------------------------------------------- pip


def newer(box, py):
    """An environment with a pip newer than any wheel here."""
    env = envs.PipEnv(box, py)
    env.make("--without-pip")
    wheels.install_by_hand(env.site, "pip", "999.0")
    return env


def test_a_newer_pip_gets_its_scripts_back(box, newest):
    env = newer(box, newest)
    env.make()
    pip_works(env, "999.0")
    before = trees.listing(env.root)
    env.make()
    assert trees.listing(env.root).keys() == before.keys()
    os.remove(os.path.join(env.bin, "pip3"))
    runner.write(env.bin, "pip", text="garbage")
    env.make()
    pip_works(env, "999.0")


@pytest.mark.parametrize(
    "name, text",
    [
        ("pip/_internal/cli/main.py", None),
        ("pip/_internal/cli/main.py", "x"),
        ("pip/__init__.py", ""),
        ("pip-999.0.dist-info/METADATA", None),
        ("pip-999.0.dist-info/RECORD", None),
        ("pip-999.0.dist-info/RECORD", ""),
        ("pip-999.0.dist-info/entry_points.txt", "[console_scripts]\n" + "!" * 60),
    ],
)
def test_a_newer_pip_that_is_broken_is_replaced_and_said_so(box, newest, name, text):
    env = newer(box, newest)
    if text is None:
        os.remove(os.path.join(env.site, name))
    else:
        runner.write(env.site, name, text=text)
    said = box.cvenv("-p", newest.path, "--json", env.root).ok()
    version = json.loads(said.out)["packages"][0]["version"]
    assert version == envs.seed_version(newest)
    assert "pip 999.0" in said.err and "broken" in said.err and name in said.err, str(said)
    assert said.err.startswith("cvenv: warning: ") and said.err.count("\n") == 1, str(said)
    pip_works(env, version)
    env.make()


@pytest.mark.parametrize("lost", ["RECORD", ""], ids=["record", "metadata"])
def test_a_pip_that_lost_its_record_leaves_no_modules_behind(box, newest, lost):
    env = newer(box, newest)
    lost = os.path.join(env.site, "pip-999.0.dist-info", lost)
    runner.write(env.site, "pip/_internal/cli/main/__init__.py", text="raise SystemExit('old')\n")
    runner.write(env.site, "own.py", text="")
    (os.remove if os.path.isfile(lost) else shutil.rmtree)(lost)
    box.cvenv("-p", newest.path, env.root).ok()
    assert not os.path.exists(os.path.join(env.site, "pip/_internal/cli/main"))
    assert os.path.exists(os.path.join(env.site, "own.py"))
    pip_works(env)


@pytest.mark.parametrize("text", [None, "", "x = 1\n"], ids=["missing", "empty", "changed"])
def test_broken_pip_of_the_same_version_is_repaired(env, text):
    main = os.path.join(env.site, "pip", "_internal", "cli", "main.py")
    expected = trees.snapshot(env.root)
    os.remove(main)
    if text is not None:
        runner.write(main, text=text)
    env.make()
    now = trees.snapshot(env.root)
    assert {n for n in now if not trees.is_bytecode(n)} == {
        n for n in expected if not trees.is_bytecode(n)
    }
    pip_works(env)


def test_grown_data_files_count_as_complete(env):
    """People add their own authorities to certifi's list."""
    found = [n for n in trees.snapshot(env.site) if n.endswith("pip/_vendor/certifi/cacert.pem")]
    if not found:
        pytest.skip("this pip has no list of authorities of its own")
    with open(os.path.join(env.site, found[0]), "a", encoding="ascii") as f:
        f.write("# mine\n")
    env.make()
    assert runner.read(env.site, found[0]).endswith("# mine\n")


def test_missing_bytecode_counts_as_complete(cold, newest):
    env = envs.PipEnv(cold, newest)
    env.make("--compile")
    runner.wipe(os.path.join(env.site, "pip", "__pycache__"))
    inode = os.stat(os.path.join(env.site, "pip", "__init__.py")).st_ino
    env.make()
    assert os.stat(os.path.join(env.site, "pip", "__init__.py")).st_ino == inode


def test_two_versions_beside_each_other(box, newest):
    """Somebody was interrupted while replacing the one by the other."""
    env = newer(box, newest)
    info = os.path.join(env.site, "pip-998.0.dist-info")
    shutil.copytree(os.path.join(env.site, "pip-999.0.dist-info"), info)
    env.make()
    assert env.version() == "999.0" and not os.path.exists(info)
    shutil.copytree(os.path.join(env.site, "pip-999.0.dist-info"), info)
    main = os.path.join(env.site, "pip", "_internal", "cli", "main.py")
    runner.write(main, text=runner.read(main).replace("return 0", "return 7"))
    said = box.cvenv("-p", newest.path, env.root).ok()
    assert "broken" in said.err, str(said)
    pip_works(env, envs.seed_version(newest))

