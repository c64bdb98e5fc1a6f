# SPDX-License-Identifier: MIT
"""--repair: environments of each maker, broken as users break them. Afterwards --check finds nothing,
the scripts run, and the packages are the same."""

import json
import os
import re
import shutil
import time

import pytest

import envs
import makers
import runner
import trees
import wheels

GONE = "/nonexistent/python/bin"


@pytest.fixture
def made(box):
    return makers.Makers(box)


# uv's environments differ most from those of cvenv; the others are tried in the nightly run.
@pytest.fixture(params=[one if one == "uv" else pytest.param(one, marks=pytest.mark.nightly) for one in makers.MAKERS])
def maker(request):
    return request.param


def findable(box, *pythons):
    """On PATH: nothing else finds a Python in the test's world but those of the system."""
    for py in pythons:
        os.symlink(py.path, os.path.join(box.bin, "python" + py.x_y))


def findings(box, root):
    said = box.cvenv("--check", "--json", root)
    return [f["kind"] for f in json.loads(said.out)["findings"] if f["severity"] != "note"]


def forget_base(env):
    """As after the base interpreter was moved away: links and pyvenv.cfg name a directory that is gone."""
    for name in os.listdir(env.bin):
        path = os.path.join(env.bin, name)
        if os.path.islink(path) and os.path.isabs(os.readlink(path)):
            os.unlink(path)
            os.symlink(os.path.join(GONE, os.path.basename(env.py.path)), path)
    cfg = os.path.join(env.root, "pyvenv.cfg")
    lines = runner.read(cfg).splitlines(keepends=True)
    base = re.compile(r"^((?:home|executable|base-\w+) = ).*")
    runner.write(cfg, text="".join(base.sub(lambda m: m[1] + GONE, one) for one in lines))


def edit(env):
    """What users change: all of it must survive. Returns a function that tests it."""
    with open(os.path.join(env.root, "pyvenv.cfg"), "a") as f:
        f.write("\n# a remark\nmine = 1\n")
    for name in ("activate", "demo"):
        with open(os.path.join(env.bin, name), "a") as f:
            f.write("\n# my own line\n")

    def is_kept():
        assert "\n# a remark\nmine = 1\n" in runner.read(env.root, "pyvenv.cfg")
        for name in ("activate", "demo"):
            assert runner.read(env.bin, name).endswith("\n# my own line\n"), name

    return is_kept


def works(env, packages):
    assert findings(env.box, env.root) == []
    for script in ("demo", "demo-old"):
        assert env.run(script).ok().out == "demo 1.0 in %s\n" % env.root
    assert env.freeze() == packages


def repair(box, root, *args, **more):
    return box.cvenv("--repair", *args, root, **more).quiet()


def test_a_base_that_is_gone(box, made, maker, newest):
    env = made(maker, newest)
    packages, is_kept = env.freeze(), edit(env)
    others = [name for name in findings(box, env.root) if name.startswith("file-")]
    findable(box, newest)
    forget_base(env)
    assert set(findings(box, env.root)) & {"python-missing", "home-missing"}
    # what users have changed stays another file than in RECORD
    assert box.cvenv("--repair", env.root).rc == bool(others)
    assert findings(box, env.root) == others
    is_kept()
    assert env.run("demo").ok().out == "demo 1.0 in %s\n" % env.root
    assert env.freeze() == packages
    before = trees.listing(env.root)
    box.cvenv("--repair", env.root)
    assert trees.listing(env.root) == before


def test_a_moved_environment(box, made, maker, newest):
    env = made(maker, newest, name="before")
    packages = env.freeze()
    env = env.at("after")
    os.rename(box.path("before"), env.root)
    outside = os.path.join(box.root, "outside")
    os.link(os.path.join(env.bin, "demo"), outside)
    text = runner.read(outside)
    assert findings(box, env.root)
    repair(box, env.root)
    works(env, packages)
    # another name of a file, as uv's cache and copies by links have them, keeps its bytes
    assert runner.read(outside) == text
    said = box.run(["sh", "-c", '. "$1/bin/activate" && echo "$VIRTUAL_ENV"', "sh", env.root]).ok()
    assert said.out == env.root + "\n"


def test_a_moved_environment_without_packages(box, made, maker, newest):
    made(maker, newest, packages=[], name="before")
    os.rename(box.path("before"), box.path("after"))
    repair(box, box.path("after"))
    assert findings(box, box.path("after")) == []
    assert box.path("before") not in runner.read(box.path("after"), "bin", "activate")


def test_nothing_is_written_without_need(box, made, maker, newest):
    env = made(maker, newest)
    findable(box, newest)
    before = trees.listing(env.root)
    said = json.loads(repair_json(box, env.root).ok().out)
    assert (said["action"], said["plan"], said["remaining"]) == ("unchanged", [], said["findings"])
    assert trees.listing(env.root) == before


def repair_json(box, root, *args, **more):
    return box.cvenv("--repair", "--json", *args, root, **more)


def test_dry_run_writes_nothing(box, made, newest):
    env = made("cvenv", newest)
    findable(box, newest)
    forget_base(env)
    before = trees.listing(env.root)
    said = box.cvenv("--repair", "--dry-run", env.root)
    assert said.out.startswith(env.root + " (to be repaired):\n") and "pyvenv.cfg" in said.out
    assert trees.listing(env.root) == before
    told = json.loads(repair_json(box, env.root, "--dry-run").out)
    changes = [one["path"] for one in told["plan"]]
    assert "pyvenv.cfg" in changes and told["action"] == "repaired"
    assert told["remaining"] == [one for one in told["findings"] if one["cure"] != "repair"] != told["findings"]
    repair(box, env.root)
    after = trees.listing(env.root)
    assert {name for name in after if after[name] != before.get(name)} <= {*changes, *map(os.path.dirname, changes)}


def test_a_base_of_another_patch_version(box, made, newest):
    env = made("cvenv", newest)
    findable(box, newest)
    cfg = os.path.join(env.root, "pyvenv.cfg")
    text = runner.read(cfg)
    runner.write(cfg, text=re.sub(r"(?m)^version = .*$", "version = %s.99" % newest.x_y, text))
    repair(box, env.root)
    assert runner.read(cfg) == text


@pytest.mark.parametrize("text", ["", "home\n", "x" * 70000], ids=["empty", "no value", "too large"])
def test_a_pyvenv_cfg_without_home(box, made, newest, text):
    env = made("cvenv", newest)
    findable(box, newest)
    runner.write(env.root, "pyvenv.cfg", text=text)
    repair(box, env.root)
    assert findings(box, env.root) == []
    assert env.run("demo").ok().out == "demo 1.0 in %s\n" % env.root


def test_scripts_get_the_interpreter(box, made, maker, newest):
    env = made(maker, newest)
    path = os.path.join(env.bin, "demo")
    text = runner.read(path)
    body = text[text.index("\n", 3) :] if text.startswith("#!/bin/sh") is False else None
    if body is None:
        pytest.skip("the path is too long for a first line")
    for line, mode in (("#!/nonexistent/python3", 0o755), ("#!" + newest.path, 0o755), (text.splitlines()[0], 0o644)):
        runner.write(path, text=line + body, mode=mode)
        assert findings(box, env.root)
        box.cvenv("--repair", env.root)
        assert [k for k in findings(box, env.root) if k.startswith("script-")] == []
        assert env.run("demo").ok().out == "demo 1.0 in %s\n" % env.root
        assert runner.read(path).endswith(body)


def test_an_activation_script_that_runs_a_name(box, made, pythons):
    """CVE-2024-9287: scripts of older versions of venv do not quote the name."""
    name = "a$(touch canary)b"
    for py in pythons:
        env = made("venv", py, packages=[], name=name) if py.is_cpython and not py.debug else None
        if env and "activation-unquoted" in findings(box, env.root):
            break
        if env:
            runner.wipe(env.root)
    else:
        pytest.skip("no Python with such a venv")
    said = box.cvenv("--repair", env.root)
    assert said.rc == 0, said
    assert findings(box, env.root) == []
    said = box.run(["sh", "-c", '. "$1/bin/activate" && echo "$VIRTUAL_ENV"', "sh", env.root]).ok()
    assert said.out == env.root + "\n"
    assert os.listdir(box.work) == [name]


@pytest.mark.parametrize("what", ["module", *(pytest.param(w, marks=pytest.mark.nightly) for w in ("scripts", "metadata", "all but a script"))])
def test_pip_is_restored(box, newest, what):
    env = envs.PipEnv(box, newest)
    env.make()
    version = env.version()
    wheel = makers.wheel(os.path.join(box.root, "wheels"))
    env.pip("install", "-q", "--no-index", wheel).ok()
    findable(box, newest)
    if what == "module":
        os.unlink(os.path.join(env.site, "pip", "_internal", "__init__.py"))
    elif what == "metadata":
        os.unlink(os.path.join(env.dist_info(), "METADATA"))
    elif what == "scripts":
        for name in ("pip", "pip3"):
            os.unlink(os.path.join(env.bin, name))
    else:
        shutil.rmtree(os.path.join(env.site, "pip"))
        shutil.rmtree(env.dist_info())
    assert findings(box, env.root), what
    repair(box, env.root)
    assert findings(box, env.root) == []
    assert env.version() == version
    assert env.pip("freeze").ok().out.startswith("demo @ ")
    env.verify()


def test_a_deleted_pip_is_not_missed(box, made, newest):
    """Without --without-pip in `command`, venv would have installed it; uv and others did not."""
    env = made("uv", newest, packages=[])
    before = trees.listing(env.root)
    repair(box, env.root)
    assert trees.listing(env.root) == before


def test_other_packages_are_not_repaired(box, made, newest):
    env = made("cvenv", newest)
    os.unlink(os.path.join(env.site, "demo", "data.txt"))
    said = box.cvenv("--repair", env.root)
    assert (said.rc, said.err) == (1, "")
    assert "demo" in said.out and "reinstall demo" in said.out


def test_nothing_of_the_environment_is_run(box, made, maker, newest):
    env = made(maker, newest)
    findable(box, newest)
    canary = box.path("canary")
    evil = runner.write(box.path("evil"), "bin", os.path.basename(newest.path), text="#!/bin/sh\ntouch %s\n" % canary, mode=0o755)
    for name in os.listdir(env.bin):
        path = os.path.join(env.bin, name)
        if os.path.islink(path) and os.path.isabs(os.readlink(path)):
            os.unlink(path)
            os.symlink(evil, path)
    cfg = os.path.join(env.root, "pyvenv.cfg")
    runner.write(cfg, text=re.sub(r"(?m)^home = .*$", "home = " + os.path.dirname(evil), runner.read(cfg)))
    runner.write(env.bin, "demo", text="#!%s\n" % evil, mode=0o755)
    runner.write(env.site, "evil.pth", text="import os; os.system('touch %s')\n" % canary)
    for args in ([], ["-p", newest.path], ["--dry-run"]):
        box.cvenv("--repair", *args, env.root)
        assert not os.path.exists(canary)


@pytest.mark.parametrize("name", ["missing", "empty", "pipe"])
def test_no_environment(box, name):
    root = box.path("x")
    if name != "missing":
        os.mkdir(root)
    if name == "pipe":
        os.mkfifo(os.path.join(root, "pyvenv.cfg"))
    box.cvenv("--repair", root).refused(root)
    said = repair_json(box, root)
    assert said.rc == 1 and json.loads(said.out)["error"]["code"]


# ---------------------------------------------------------------- another Python


@pytest.fixture
def two(pythons):
    """Two CPythons of different minor versions, newest first; neither is that of the system."""
    plain = [p for p in pythons if p.is_cpython and not p.debug and not p.path.startswith("/usr/")]
    found = sorted({p.minor: p for p in plain}.items(), reverse=True)
    if len(found) < 2:
        pytest.skip("needs two minor versions of CPython that are not in /usr")
    return found[0][1], found[1][1]


def gone(box, made, two, maker="cvenv", pip=False):
    """An environment of a Python that nothing finds, and what pip says is in it."""
    new, old = two
    directory = os.path.join(box.root, "wheels")
    env = made(maker, old, packages=[makers.wheel(directory), makers.wheel(directory, "other", "2.0rc1")], pip=pip)
    lines = env.freeze().splitlines()
    forget_base(env)
    return env, lines, directory


def test_requirements_are_those_of_pip(box, made, maker, two):
    env, lines, _ = gone(box, made, two, maker)
    before = trees.listing(env.root)
    said = box.cvenv("--repair", env.root)
    if said.rc == 0:
        pytest.skip("this Python is found in another place")
    assert said.rc == 1 and "cannot repair '%s': no cpython%s found" % (env.root, two[1].x_y) in said.err
    assert "-p of another version" in said.err
    assert said.out.splitlines() == lines
    said = json.loads(repair_json(box, env.root).out)
    assert said["requirements"] == lines and said["error"]["message"]
    assert trees.listing(env.root) == before


def test_a_version_that_cvenv_does_not_support_has_requirements(box):
    """The environment can only be made again for a newer Python."""
    root = box.path("env")
    wheels.install_by_hand(os.path.join(root, "lib", "python3.7", "site-packages"), "demo", "1.0")
    runner.write(root, "pyvenv.cfg", text="home = /nonexistent\nversion = 3.7.0\n")
    said = box.cvenv("--repair", root)
    assert said.rc == 1 and said.out == "demo==1.0\n", said.out + said.err
    assert "cannot repair '%s'" % root in said.err
    assert "-p of another version" in said.err and "cvenv needs 3.8 or later" in said.err


def test_requirements_from_urls(box, made, newest):
    """As pip prints them, but for what git would have to be asked."""
    env = made("cvenv", newest, packages=[])
    project = box.path("pro ject")
    urls = {
        "archive": {"url": "https://user:secret@host/a-1.tgz", "archive_info": {"hash": "sha256=00"}, "subdirectory": "d"},
        "variable": {"url": "https://${USER}:${TOKEN}@host/a.tgz", "archive_info": {}},
        "checkout": {"url": "https://host/x", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
        "local": {"url": "file:///a/b", "dir_info": {}},
        "Some.Name": {"url": "file://" + project.replace(" ", "%20"), "dir_info": {"editable": True}},
    }
    for name, url in urls.items():
        wheels.install_by_hand(env.site, name, "1.0")
        info = [n for n in os.listdir(env.site) if n.startswith(name.replace(".", "")[:4]) and n.endswith("info")] or [
            n for n in os.listdir(env.site) if n.lower().startswith("some") and n.endswith("info")
        ]
        runner.write(env.site, info[0], "direct_url.json", text=json.dumps(url))
    lines = [line for line in env.freeze().splitlines() if not line.startswith("#")]
    shutil.rmtree(os.path.join(env.root, "bin"))
    runner.write(env.root, "pyvenv.cfg", text="home = /nonexistent\nversion = 3.99.0\n")
    os.rename(os.path.dirname(env.site), os.path.join(env.root, "lib", "python3.99"))
    said = box.cvenv("--repair", env.root)
    assert said.out.splitlines() == lines


@pytest.mark.parametrize("maker", ["cvenv", pytest.param("uv", marks=pytest.mark.nightly)])
def test_recreated_for_another_python(box, made, maker, two):
    env, lines, directory = gone(box, made, two, maker)
    new = two[0]
    index = {"PIP_NO_INDEX": "1"}
    before = trees.listing(env.root)
    os.rename(directory, directory + ".away")
    said = box.cvenv("--repair", "-p", new.path, env.root, env=index)
    os.rename(directory + ".away", directory)
    assert said.rc == 1 and "nothing was changed" in said.err
    assert trees.listing(env.root) == before and os.listdir(box.work) == ["env"]
    said = box.cvenv("--repair", "--dry-run", "-p", new.path, "--wheel-dir", directory, env.root, env=index)
    assert "pip install" in said.out and trees.listing(env.root) == before
    said = box.cvenv("--repair", "--json", "-p", new.path, env.root, env={**index, "PIP_FIND_LINKS": directory}).ok()
    assert json.loads(said.out)["action"] == "recreated" and "running pip to install 2 packages" in said.err
    again = makers.Made(box, maker, new, env.root)
    assert findings(box, env.root) == [] and os.listdir(box.work) == ["env"]
    assert again.run("demo").ok().out == "demo 1.0 in %s\n" % env.root
    assert again.run("pip", "freeze").ok().out.splitlines() == lines


def test_what_would_be_lost_prevents_it(box, made, two):
    env, _, directory = gone(box, made, two)
    new = two[0]
    args = ("--repair", "-p", new.path, "--wheel-dir", directory, env.root)
    runner.write(env.root, "notes.txt", text="mine")
    before = trees.listing(env.root)
    box.cvenv(*args).refused("contains files")
    assert trees.listing(env.root) == before
    os.unlink(os.path.join(env.root, "notes.txt"))
    wheels.install_by_hand(env.site, "mine", "1.0")
    info = [n for n in os.listdir(env.site) if n.startswith("mine-")][0]
    url = {"url": "file://%s/src/mine" % env.root, "dir_info": {"editable": True}}
    runner.write(env.site, info, "direct_url.json", text=json.dumps(url))
    os.makedirs(os.path.join(env.root, "src", "mine"))
    before = trees.listing(env.root)
    assert box.cvenv(*args).rc == 1
    assert trees.listing(env.root) == before


def test_root_installs_no_packages_of_others(box, made, two):
    """They would choose whose code pip runs."""
    if os.geteuid() != 0:
        pytest.skip("cannot make an environment of another user")
    env, _, directory = gone(box, made, two)
    os.chown(env.root, 65534, 65534)
    before = trees.listing(env.root)
    said = box.cvenv("--repair", "-p", two[0].path, "--wheel-dir", directory, env.root, env={"PIP_NO_INDEX": "1"})
    said.refused("it belongs to another user")
    assert "running pip" not in said.err and trees.listing(env.root) == before


def test_what_is_added_while_pip_runs_is_kept(box, made, two):
    env, _, directory = gone(box, made, two)
    args = ["--repair", "-p", two[0].path, "--wheel-dir", directory, env.root]
    child = box.start([box.command, *args], env={"PIP_NO_INDEX": "1"})
    while child.poll() is None and os.listdir(box.work) == ["env"]:
        time.sleep(0.01)
    runner.write(env.root, "notes.txt", text="mine")
    said = box.result(child, *child.communicate())
    assert said.rc == 1 and "contains files" in said.err, said
    assert os.listdir(box.work) == ["env"] and os.path.exists(os.path.join(env.root, "notes.txt"))


def test_hostile_packages_give_harmless_requirements(box, made, newest):
    """One line each, which pip reads as a requirement; pipes and links are not opened."""
    env = made("cvenv", newest, packages=[])
    for name in ("a-1", "x\ny-1", "-e-2", "w-1", "z-1"):
        os.mkdir(os.path.join(env.site, name + ".dist-info"))
    os.mkfifo(os.path.join(env.site, "a-1.dist-info", "METADATA"))
    os.symlink("/etc", os.path.join(env.site, "l-1.dist-info"))
    runner.write(env.site, "a-1.dist-info", "direct_url.json", text='{"url":' + "[" * 10000)
    url = {"url": "file:///a\nb", "dir_info": {"editable": True}}
    runner.write(env.site, "w-1.dist-info", "direct_url.json", text=json.dumps(url))
    runner.write(env.site, "z-1.dist-info", "METADATA", text="Name: z\nVersion: 1\r--index-url evil\n")
    runner.write(env.root, "pyvenv.cfg", text="home = /nonexistent\nversion = 3.99.0\n")
    os.rename(os.path.dirname(env.site), os.path.join(env.root, "lib", "python3.99"))
    said = box.cvenv("--repair", env.root)
    assert (said.rc, said.out) == (1, "a==1\nl==1\nz==1\n"), said
