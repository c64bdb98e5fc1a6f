# SPDX-License-Identifier: MIT
"""What pip and importlib.metadata make of an environment that cvenv made."""

import base64
import csv
import hashlib
import os
import re
import shutil

import pytest

import runner
import trees
import wheels
from envs import PipEnv, seed_version


@pytest.fixture
def env(box, few_py):
    return PipEnv(box, few_py)


@pytest.fixture
def some_env(box, some_py):
    return PipEnv(box, some_py)


def wheel_with_script(directory):
    """A wheel as a builder would make it, with the help of nothing but zipfile."""
    files = {
        "cvhello/__init__.py": b"def main():\n    print('hello from', __file__)\n",
        "cvhello-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: cvhello\nVersion: 1.0\n",
        "cvhello-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
        "cvhello-1.0.dist-info/entry_points.txt": b"[console_scripts]\ncvhello = cvhello:main\n",
    }
    return wheels.write(directory, "cvhello-1.0", files)


def test_a_life_with_pip(some_env):
    """Look, install, run, uninstall; in the end pip itself."""
    env = some_env
    env.make()
    before = {n for n in trees.snapshot(env.root) if not trees.is_bytecode(n)}
    version = env.version()
    assert re.match(
        r"pip %s from %s" % (re.escape(version), re.escape(env.site)),
        (env.pip("--version").ok().out),
    )
    scripts = {n for n in os.listdir(env.bin) if n.startswith("pip")}
    assert scripts == {"pip", "pip3", "pip" + env.py.x_y}
    assert len({runner.read(env.bin, name) for name in scripts}) == 1
    for name in scripts:
        said = env.box.run([os.path.join(env.bin, name), "--version"]).ok()
        assert said.out.startswith("pip "), str(said)
    if env.py.implementation == "pypy" and env.py.minor >= (3, 11):
        # Its own cffi, which is no package of the environment, lacks a requirement.
        assert "pip" not in env.pip("check").out.split()
    else:
        assert "No broken requirements" in env.pip("check").ok().out
    listed = env.pip("list", "--format=freeze", "--disable-pip-version-check").ok().out
    assert "pip==" + version in listed
    wheel = wheel_with_script(env.box.root)
    env.pip("install", "--no-index", "--disable-pip-version-check", wheel).ok()
    hello = env.box.run([os.path.join(env.bin, "cvhello")]).ok().out
    assert hello.startswith("hello from " + env.site), hello
    env.pip("uninstall", "-y", "cvhello").ok()
    env.verify()
    left = {n for n in trees.snapshot(env.root) if not trees.is_bytecode(n)}
    assert left == before
    env.python("-m", "pip", "uninstall", "-y", "pip").ok()
    left = [n for n in trees.snapshot(env.root) if re.search(r"(^|/)pip", n)]
    assert left == []


def test_what_importlib_metadata_finds(env):
    env.make()
    env.verify()
    for project in ("pip", "setuptools"):
        info = env.dist_info(project)
        if info is None:
            assert project == "setuptools" and env.py.minor >= (3, 12)
            continue
        assert runner.read(info, "INSTALLER") == "pip\n"
        assert runner.read(info, "REQUESTED") == ""
        assert not os.path.exists(os.path.join(info, "direct_url.json"))


def test_the_wheel_is_that_of_the_base(env):
    version = seed_version(env.py)
    env.make()
    assert env.version() == version


def test_every_file_is_in_record(env):
    env.make()
    rows = set()
    for name in os.listdir(env.site):
        if name.endswith(".dist-info"):
            with open(os.path.join(env.site, name, "RECORD"), newline="", encoding="utf-8") as f:
                rows |= {os.path.normpath(row[0]) for row in csv.reader(f)}
    nodes = trees.snapshot(env.site)
    there = {n for n, node in nodes.items() if node.kind == "file" and not n.endswith(".pyc")}
    assert there - rows == set()


# ---------------------------------------------------------------- bytecode


def test_compile(cold, some_py):
    env = PipEnv(cold, some_py)
    env.make("--compile")
    bytecode = env.bytecode()
    sources = [n for n in trees.snapshot(env.site) if n.endswith(".py")]
    assert len(bytecode) > 0.9 * len(sources)
    said = env.python("-v", "-m", "pip", "--version").ok().err
    loaded = re.findall(r"code object from '?(%s[^'\n]*)" % re.escape(env.site), said)
    assert len(loaded) > 20
    assert [n for n in loaded if not n.endswith(".pyc")] == []
    assert "# wrote" not in said
    assert sorted(env.bytecode()) == sorted(bytecode)
    text = "".join(
        runner.read(env.site, n, "RECORD") for n in os.listdir(env.site) if "dist-info" in n
    )
    rows = trees.record_rows(text)
    assert {n for n in rows if n.endswith(".pyc")} == set(bytecode)
    env.verify()
    shown = env.python("-c", "import pip; print(pip.main.__code__.co_filename)").ok().out
    assert shown.strip() == os.path.join(env.site, "pip", "__init__.py")


def test_compile_for_a_second_time_and_place(cold, some_py):
    """The cache has the bytecode now; it must be as good where it is used next."""
    PipEnv(cold, some_py, "one").make("--compile")
    env = PipEnv(cold, some_py, "a longer name/two")
    env.make("--compile")
    runner.wipe(cold.path("one"))
    said = env.python("-v", "-m", "pip", "--version").ok().err
    loaded = re.findall(r"code object from '?(%s[^'\n]*)" % re.escape(env.site), said)
    assert len(loaded) > 20 and all(n.endswith(".pyc") for n in loaded)
    trace = env.python("-c", "import pip._internal.cli.main as m; m.main(1)")
    assert trace.rc and os.path.join(env.site, "pip", "_internal") in trace.err, str(trace)
    assert cold.path("one") not in trace.err


def test_no_compile(cold, some_py):
    env = PipEnv(cold, some_py)
    env.make("--no-compile")
    assert env.bytecode() == []
    runner.wipe(env.root)
    env.make("--compile")
    runner.wipe(env.root)
    env.make("--no-compile")
    assert env.bytecode() == []


def test_uninstalling_removes_the_bytecode(cold, newest):
    env = PipEnv(cold, newest)
    env.make("--compile")
    env.python("-m", "pip", "uninstall", "-y", "pip").ok()
    assert [n for n in os.listdir(env.site) if n.startswith("pip")] == []


# ---------------------------------------------------------------- what must not affect pip


def test_environment_variables_do_not_affect_pip(box, some_py):
    """Nor does the user's pip configuration: the same tree as without all of it."""
    env = PipEnv(box, some_py)
    env.make()
    expected = trees.snapshot(env.root)
    runner.wipe(env.root)
    conf = runner.write(box.home, ".config", "pip", "pip.conf", text="[global]\ntarget=/x\n")
    shutil.copytree(os.path.dirname(conf), os.path.join(box.home, ".pip"))
    steer = {
        "ENSUREPIP_OPTIONS": "altinstall",
        "PYTHONPYCACHEPREFIX": os.path.join(box.root, "pycache"),
        "PYTHONHOME": "/nonexistent",
        "PYTHONPATH": os.path.join(box.root, "evil"),
        "PYTHONOPTIMIZE": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "error",
        "PYTHONINSPECT": "1",
        "PYTHONSTARTUP": os.path.join(box.root, "evil", "site.py"),
        "PYTHONVERBOSE": "1",
        "PYTHONEXECUTABLE": "/nonexistent/python",
        "__PYVENV_LAUNCHER__": "/nonexistent/python",
        "PIP_TARGET": os.path.join(box.root, "target"),
        "PIP_PREFIX": os.path.join(box.root, "prefix"),
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_NO_INSTALL": "1",
        "PIP_USER": "1",
        "PIP_CONFIG_FILE": conf,
        "VIRTUAL_ENV": "/nonexistent/env",
    }
    for name in ("site.py", "sitecustomize.py", "usercustomize.py", "sysconfig.py", "json.py"):
        runner.write(box.root, "evil", name, text="raise SystemExit('steered')\n")
    env.make(env=steer)
    assert trees.snapshot(env.root) == expected
    for name in ("pycache", "target", "prefix"):
        assert not os.path.exists(os.path.join(box.root, name))


@pytest.mark.parametrize("cwd", [".", "env"])
def test_files_in_env_dir_do_not_affect_pip(box, newest, cwd):
    env = PipEnv(box, newest)
    for name in ("tempfile.py", "ensurepip.py", "venv.py", "sysconfig.py", "os.py", "site.py"):
        runner.write(env.root, name, text="raise SystemExit('steered')\n")
        runner.write(box.work, name, text="raise SystemExit('steered')\n")
    wheels.write_wheel(env.root, "pip", "99.0")
    wheels.write_wheel(box.work, "pip", "99.0")
    env.make(cwd=box.path(cwd))
    assert env.version() == seed_version(newest)


def test_a_pip_in_the_user_site_does_not_count(box, newest):
    site = os.path.join(box.home, ".local", "lib", newest.lib_name, "site-packages")
    wheels.install_by_hand(site, "pip", "999.0")
    env = PipEnv(box, newest)
    env.make("--system-site-packages")
    assert env.version() == seed_version(newest)


# ---------------------------------------------------------------- an existing pip


def test_an_older_pip_is_replaced(env):
    version = seed_version(env.py)
    env.make("--without-pip")
    more = [("pip/only_old.py", b""), ("pip/_vendor/gone/__init__.py", b"")]
    wheels.install_by_hand(env.site, "pip", "1.0", more)
    cache = os.path.join(env.site, "pip", "__pycache__")
    os.makedirs(cache)
    runner.write(cache, "only_old.cpython-39.pyc", text="x")
    env.make()
    assert env.version() == version
    left = [n for n in trees.snapshot(env.site) if re.search("only_old|_vendor/gone|pip-1.0", n)]
    assert [n for n in left if not n.endswith(".pyc")] == []
    env.verify()


def test_a_newer_pip_is_kept(env):
    """All except its RECORD, which lists its scripts: those are written again (test_repair.py)."""
    env.make("--without-pip")
    wheels.install_by_hand(env.site, "pip", "999.0")
    before = {n: d for n, d in trees.snapshot(env.site).items() if n.startswith("pip")}
    env.make()
    assert env.version() == "999.0"
    after = {n: d for n, d in trees.snapshot(env.site).items() if n.startswith("pip")}
    for names in (before, after):
        names.pop("pip-999.0.dist-info/RECORD")
    assert after == before


def test_the_same_pip_is_left_alone(some_env):
    env = some_env
    env.make()
    runner.write(env.site, "pip", "__init__.py", text=runner.read(env.site, "pip", "__init__.py"))
    before = trees.listing(env.site)
    env.make()
    after = trees.listing(env.site)
    changed = {n for n in before if before[n][0] != after.get(n, [None])[0]}
    assert changed == set() and before.keys() == after.keys()


def test_versions_are_compared_as_versions(some_env):
    """9.0.3 is older than any pip here, though '9' > '2'; so is a pre-release of it."""
    env = some_env
    version = seed_version(env.py)
    for other in ("9.0.3", version + "rc1", version + ".dev3", "1!0.1", version + ".post1"):
        newer = other.startswith("1!") or ".post" in other
        env.make("--without-pip")
        wheels.install_by_hand(env.site, "pip", other)
        env.make()
        assert env.version() == (other if newer else version), other
        runner.wipe(env.root)


def test_deleted_scripts_are_restored(env):
    env.make()
    expected = trees.snapshot(env.bin)
    for args in ([], ["--upgrade"]):
        for name in ("pip", "pip3"):
            os.remove(os.path.join(env.bin, name))
        env.make(*args)
        assert trees.snapshot(env.bin) == expected
    env.verify()


def test_rows_of_an_old_record_that_lead_outside_are_not_followed(env):
    """Replacing an old pip removes its files; a RECORD from outside may name others."""
    env.make("--without-pip")
    victim = runner.write(env.box.root, "victim", text="precious")
    os.symlink(env.box.root, os.path.join(env.site, "way"))
    up = os.path.relpath(victim, env.site)
    kept = runner.write(env.root, "kept.txt", text="x")
    rows = [victim, up, "way/victim", "pip/../" + up, "../../../bin/python", "..", "", "/"]
    wheels.install_by_hand(env.site, "pip", "1.0", rows=rows)
    result = env.box.cvenv("-p", env.py.path, env.root)
    assert result.rc in (0, 1), str(result)
    assert runner.read(victim) == "precious"
    assert os.path.exists(kept)
    assert os.path.exists(os.path.join(env.bin, "python"))


def test_corrupt_metadata_of_an_old_pip(box, newest):
    env = PipEnv(box, newest)
    damages = [
        ("METADATA", b"\xff\0\n"),
        ("METADATA", None),
        ("RECORD", None),
        ("RECORD", b'"open,,\n' * 3),
        ("RECORD", b"\0" * 1000),
        ("RECORD", b"x" * 100000),
    ]
    for name, data in damages:
        env.make("--without-pip")
        wheels.install_by_hand(env.site, "pip", "1.0")
        path = os.path.join(env.site, "pip-1.0.dist-info", name)
        os.remove(path)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        before = trees.listing(env.root)
        result = env.box.cvenv("-p", env.py.path, env.root)
        if result.rc:
            result.refused()
            assert trees.listing(env.root) == before, name
        else:
            assert env.pip("--version").ok().out.startswith("pip "), name
        runner.wipe(env.root)


# ---------------------------------------------------------------- the first line of scripts


def _of_length(box, py, length, character="d"):
    """An ENV_DIR whose interpreter's path has `length` bytes."""
    rest = length - len(os.fsencode(box.path(""))) - len("/bin/" + py.bin_name)
    size = len(character.encode())
    name = character * (rest // size) + "d" * (rest % size)
    assert len(os.fsencode(box.path(name, "bin", py.bin_name))) == length
    return name


@pytest.mark.parametrize("character", ["d", "é"])
@pytest.mark.parametrize("length", [124, 125])
def test_first_line_at_the_limit(box, newest, length, character):
    env = PipEnv(box, newest, _of_length(box, newest, length, character))
    result = box.cvenv("-p", newest.path, *wheels.small_pip(box.root), env.root).ok()
    warned = "too long for the first line" in result.err
    assert warned == (length == 125)
    exe = os.path.join(env.bin, newest.bin_name)
    lines = runner.read(env.bin, "pip").split("\n")
    if length == 124:
        assert lines[0] == "#!" + exe
    else:
        lines[1] = lines[1].replace('"%s"' % exe, exe)  # quotes do no harm
        assert lines[:3] == ["#!/bin/sh", "'''exec' %s \"$0\" \"$@\"" % exe, "' '''"]
    assert env.pip("--version").ok().out.startswith("pip ")


def test_first_line_with_a_space(box, newest):
    env = PipEnv(box, newest, "a b")
    env.make()
    lines = runner.read(env.bin, "pip").split("\n")
    assert lines[0] == "#!/bin/sh"
    assert env.pip("--version").ok().out.startswith("pip ")


@pytest.mark.parametrize(
    "name",
    ["a $HOME", "a `id`", 'a "b"', "it's a", "a\\b c", "a\tb", "$x", "'''", '"""', "é ü", "a\nb"],
)
def test_scripts_below_odd_names(box, newest, name):
    env = PipEnv(box, newest, name)
    box.cvenv("-p", newest.path, *wheels.small_pip(box.root), env.root).ok()  # csh knows no newlines: a warning
    said = env.pip("--version")
    assert said.rc == 0 and said.out.startswith("pip "), str(said)


# ---------------------------------------------------------------- an index


@pytest.fixture
def index(box, newest):
    """The environment variables with which pip here reaches an index."""
    variables = {
        k: v for k, v in os.environ.items() if k.startswith("PIP_") or k.lower().endswith("_proxy")
    }
    env = PipEnv(box, newest, "probe")
    env.make()
    argv = ["download", "-q", "--no-deps", "--retries", "0", "--timeout", "5", "-d", box.tmp, "pip"]
    if env.pip(*argv, env=variables).rc:
        pytest.skip("no index within reach: upgrading from one is not tested")
    return variables


@pytest.mark.nightly  # test_upgrade_deps has pip do the same
def test_pip_upgrades_itself(box, newest, index):
    env = PipEnv(box, newest)
    env.make()
    old = env.version()
    env.pip("install", "-q", "--upgrade", "pip", env=index).ok()
    assert env.version()
    if env.version() != old:
        assert not os.path.exists(os.path.join(env.site, "pip-%s.dist-info" % old))
    env.verify()


def test_upgrade_deps(box, newest, index):
    env = PipEnv(box, newest)
    box.cvenv("-p", newest.path, "--upgrade-deps", env.root, env=index, timeout=300).ok()
    assert env.version()
    env.verify()
    if newest.minor >= (3, 11):
        assert " --upgrade-deps " in runner.cfg(env.root)["command"]


def test_upgrade_deps_from_a_directory(box, newest):
    """The user's pip configuration is honoured: here, wheels that lie in a directory."""
    links = os.path.join(box.root, "links")
    wheels.write_wheel(links, "pip", "999.0")
    wheels.write_wheel(links, "setuptools", "999.0")
    env = PipEnv(box, newest)
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": links}
    said = box.cvenv("-p", newest.path, "--upgrade-deps", env.root, env=variables).ok()
    assert env.version() == "999.0"
    assert "999.0" in said.err and said.out == ""
    argv = ["-q", "-p", newest.path, "--upgrade-deps", "--clear", env.root]
    box.cvenv(*argv, env=variables).quiet()
    assert env.version() == "999.0"


def test_upgrade_deps_that_fails(box, newest):
    env = PipEnv(box, newest)
    nothing = os.path.join(box.root, "links")
    os.mkdir(nothing)
    variables = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    result = box.cvenv(
        "-p", newest.path, "--upgrade-deps", env.root, env=dict(variables, PIP_REQUIRE_HASHES="x")
    )
    assert result.rc == 1, str(result)
    assert result.err.splitlines()[-1].startswith("cvenv: error: "), str(result)


def test_upgrade_deps_without_pip(box, newest):
    env = PipEnv(box, newest)
    result = box.cvenv("-p", newest.path, "--upgrade-deps", "--without-pip", env.root)
    assert result.rc == 1, str(result)
    assert result.err.splitlines()[-1].startswith("cvenv: error: "), str(result)


def test_hashes_of_scripts_are_their_own(box, newest):
    """Three scripts of one text: one hash, which depends on the path of the environment."""
    env = PipEnv(box, newest)
    env.make()
    rows = trees.record_rows(runner.read(env.dist_info(), "RECORD"))
    with open(os.path.join(env.bin, "pip"), "rb") as f:
        data = f.read()
    value = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    for name in ("pip", "pip3", "pip" + newest.x_y):
        assert rows["../../../bin/" + name] == ("sha256=" + value, str(len(data)))
