# SPDX-License-Identifier: MIT
"""ENV_DIR exists: which content is kept, repaired or refused."""

import fcntl
import os
import shutil
import signal
import stat
import time

import pytest

import runner
import trees
from envs import Env, no_stages

ON_DISK = True  # see session.py


@pytest.fixture
def env(box, newest):
    return Env(box, newest)


# ---------------------------------------------------------------- again


def test_second_run_keeps_foreign_files(env):
    env.make("WITH_PIP").quiet()
    site = os.path.join(env.root, "lib", env.py.lib_name, "site-packages")
    mine = [
        runner.write(env.root, "notes.txt", text="mine", mode=0o600),
        runner.write(env.root, "bin", "tool", text="#!/bin/sh\n", mode=0o750),
        runner.write(site, "mypackage", "__init__.py", text="x = 1\n"),
        runner.write(site, "mypackage-1.0.dist-info", "METADATA", text="Name: mypackage\n"),
    ]
    before = {p: (runner.read(p), os.stat(p).st_mode, os.stat(p).st_ino) for p in mine}
    for args in ([], ["--upgrade"]):
        env.make("WITH_PIP", *args).quiet()
        assert {p: (runner.read(p), os.stat(p).st_mode, os.stat(p).st_ino) for p in mine} == before
    no_stages(env.box.work)


@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=["again", "upgrade"])
def test_a_gitignore_of_ones_own_is_kept(env, args):
    env.make().quiet()
    ours = os.path.join(env.root, ".gitignore")
    runner.write(ours, text="*.log\n")
    env.make(*args).quiet()
    assert runner.read(ours) == "*.log\n"
    os.remove(ours)
    victim = runner.write(env.box.root, "victim", text="precious")
    os.symlink(victim, ours)
    env.make(*args).quiet()
    assert runner.read(victim) == "precious"
    assert os.readlink(ours) == victim


def test_into_an_empty_directory(env):
    os.mkdir(env.root)
    inode = os.stat(env.root).st_ino
    env.make().quiet()
    assert os.stat(env.root).st_ino == inode
    env.runs()


def test_into_a_project(env):
    """`cvenv .` among one's own files."""
    runner.write(env.root, ".gitignore", text="/build/\n")
    runner.write(env.root, "setup.py", text="")
    runner.write(env.root, ".git", "HEAD", text="ref")
    env.box.cvenv("-p", env.py.path, ".", cwd=env.root).quiet()
    assert runner.read(env.root, ".gitignore") == "/build/\n"
    assert runner.read(env.root, ".git", "HEAD") == "ref"
    env.runs()


def test_files_are_replaced_not_written_into(env):
    """Another name of a file keeps its text; a link leads nowhere."""
    env.make().quiet()
    activate = os.path.join(env.root, "bin", "activate")
    config = os.path.join(env.root, "pyvenv.cfg")
    backup = os.path.join(env.box.root, "backup")
    runner.write(activate, text="old text")
    os.link(activate, backup)
    victim = runner.write(env.box.root, "victim", text="precious")
    os.remove(config)
    os.symlink(victim, config)
    fish = os.path.join(env.root, "bin", "activate.fish")
    os.remove(fish)
    os.symlink(victim, fish)
    env.make().quiet()
    assert runner.read(backup) == "old text"
    assert runner.read(victim) == "precious"
    assert "VIRTUAL_ENV" in runner.read(activate)
    assert not os.path.islink(config) and not os.path.islink(fish)
    env.runs()


@pytest.mark.parametrize("name", ["bin", "lib", "include"])
def test_linked_directories_inside_are_refused(env, name):
    """Else it would write outside of the environment."""
    outside = os.path.join(env.box.root, "outside")
    os.mkdir(outside)
    os.mkdir(env.root)
    os.symlink(outside, os.path.join(env.root, name))
    before = trees.listing(env.root)
    env.make("WITH_PIP").refused(name)
    assert os.listdir(outside) == []
    assert trees.listing(env.root) == before
    env.make("WITH_PIP", "--clear").quiet()
    assert os.listdir(outside) == []
    env.runs()


@pytest.mark.parametrize("name", ["bin", "lib", "include", "pyvenv.cfg", "bin/activate"])
def test_entry_of_another_kind_is_refused(env, name):
    """A file where a directory belongs, or a directory where a file belongs."""
    path = os.path.join(env.root, name)
    if name in ("pyvenv.cfg", "bin/activate"):
        runner.write(path, "inside", text="precious")
    else:
        runner.write(path, text="precious")
    before = trees.listing(env.root)
    env.make().refused(os.path.basename(name))
    assert trees.listing(env.root) == before
    no_stages(env.box.work)


def test_an_odd_lib64(env):
    """A dangling lib64 breaks CPython; whatever we do, it must be done."""
    os.mkdir(env.root)
    os.symlink("nowhere", os.path.join(env.root, "lib64"))
    result = env.make()
    if result.rc:
        result.refused("lib64")
        assert os.listdir(env.root) == ["lib64"]
    else:
        env.runs()


# ---------------------------------------------------------------- --upgrade


def test_upgrade_keeps_the_prompt_and_system_site(env):
    env.make("--prompt", 'it\'s "mine" é', "--system-site-packages").quiet()
    before = env.cfg()
    env.make("--upgrade").quiet()
    after = env.cfg()
    assert after["prompt"] == before["prompt"]
    assert after["include-system-site-packages"] == "true"
    env.make("--upgrade", "--prompt", "new").quiet()
    assert env.cfg()["prompt"] == "'new'"
    assert env.cfg()["include-system-site-packages"] == "true"


def test_upgrade_does_not_invent_them(env):
    env.make().quiet()
    env.make("--upgrade").quiet()
    assert "prompt" not in env.cfg()
    assert env.cfg()["include-system-site-packages"] == "false"


def test_second_run_resets_prompt_and_system_site(env):
    """As in CPython: only --upgrade keeps."""
    env.make("--prompt", "x", "--system-site-packages").quiet()
    env.make().quiet()
    assert "prompt" not in env.cfg()
    assert env.cfg()["include-system-site-packages"] == "false"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\0" * 4096,
        b"\xff\xfe",
        b"prompt\n" * 5000,
        b"prompt = 'open\nhome\n=\n = \n",
        b"include-system-site-packages = TRUE\nPROMPT = 'x'\n",
        b"x" * (1 << 20),
        b"prompt = '" + b"y" * 70000 + b"'\n",
    ],
    ids=["empty", "zeros", "not UTF-8", "many", "odd", "upper case", "one line", "long value"],
)
def test_upgrade_with_an_odd_configuration(env, text):
    env.make().quiet()
    with open(os.path.join(env.root, "pyvenv.cfg"), "wb") as f:
        f.write(text)
    before = trees.listing(env.root)
    result = env.make("--upgrade")
    if result.rc:
        result.refused("pyvenv.cfg")
        assert trees.listing(env.root) == before
    else:
        env.runs()


@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=["again", "upgrade"])
def test_a_dangling_interpreter_is_repaired(env, args):
    env.make("WITH_PIP").quiet()
    os.remove(env.link())
    os.symlink("/nonexistent/python", env.link())
    env.make("WITH_PIP", *args).quiet()
    env.runs()


def _others(pythons, py):
    return [p for p in pythons if p.is_cpython and not p.debug and p.minor != py.minor]


@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=["again", "upgrade"])
def test_to_another_python(box, newest, pythons, args):
    """Links are re-pointed: python is the one that was asked for."""
    others = _others(pythons, newest)
    if not others:
        pytest.skip("needs two minor versions of CPython")
    Env(box, others[-1]).make("WITH_PIP").quiet()
    env = Env(box, newest)
    said = env.make("WITH_PIP", *args).ok().err
    assert said.startswith("cvenv: warning: ") and said.count("\n") == 1, said
    assert " changes from Python %s to %s: " % (others[-1].x_y, newest.x_y) in said
    env.make("WITH_PIP", *args).quiet()
    assert env.cfg()["version"] == ".".join(map(str, newest.version))
    said = box.run(
        [os.path.join(env.root, "bin", "python"), "-c", "import sys; print(sys.version)"]
    )
    assert said.ok().out.startswith("%d.%d." % newest.minor)
    for name in ("python", "python3", newest.bin_name):
        real = os.path.realpath(os.path.join(env.root, "bin", name))
        assert real == os.path.realpath(newest.path), name
    said = box.run([os.path.join(env.root, "bin", "pip"), "--version"]).ok().out
    assert newest.lib_name in said, said
    env.runs()


@pytest.mark.parametrize("tool", ["virtualenv --no-seed", "uv venv --offline --no-project"])
@pytest.mark.parametrize("keys", ["", "version"], ids=["as it is", "PEP 838"])
def test_environment_of_another_tool_to_another_python(box, newest, pythons, tool, keys):
    """Its version is known by the key that this tool writes, and by `python-version` alone."""
    program, *args = tool.split()
    others = _others(pythons, newest)
    if not shutil.which(program) or not others:
        pytest.skip("needs %s, and two minor versions of CPython" % program)
    env = Env(box, newest)
    path = {"PATH": os.environ["PATH"]}
    box.run([shutil.which(program), *args, "-p", others[-1].path, env.root], env=path).ok()
    if keys:
        lines = [l for l in runner.read(env.root, "pyvenv.cfg").splitlines() if not l.startswith(keys)]
        lines.append("python-version = " + others[-1].x_y)
        runner.write(env.root, "pyvenv.cfg", text="\n".join(lines) + "\n")
    said = env.make("--upgrade").ok().err
    assert " changes from Python %s to %s: " % (others[-1].x_y, newest.x_y) in said
    assert "python-version" not in env.cfg() and "version_info" not in env.cfg()
    assert not os.path.lexists(os.path.join(env.root, "bin", others[-1].bin_name))
    env.runs()


def test_upgrade_and_clear(env):
    env.make().quiet()
    before = trees.listing(env.root)
    env.make("--upgrade", "--clear").refused()
    assert trees.listing(env.root) == before


# ---------------------------------------------------------------- one at a time


def hold(directory):
    """Lock the directory, as a cvenv process does."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"]], ids=ascii)
def test_waits_for_another_process_in_env_dir(env, args):
    env.make().quiet()
    fd = hold(env.root)
    child = env.box.start([env.box.command, "-p", env.py.path, "--without-pip", *args, env.root])
    time.sleep(1)
    assert child.poll() is None
    os.close(fd)
    assert child.wait(timeout=30) == 0
    env.runs()


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"]], ids=ascii)
def test_it_does_not_wait_for_ever(env, args):
    env.make().quiet()
    before = trees.listing(env.root)
    fd = hold(env.root)
    argv = ["-p", env.py.path, "--without-pip", *args, env.root]
    for seconds in ("0", "1"):
        result = env.box.cvenv(*argv, env={"CVENV_LOCK_TIMEOUT": seconds})
        result.refused("another process has locked '%s'" % env.root)
    env.box.cvenv(*argv, "--dry-run").ok()
    assert trees.listing(env.root) == before
    child = env.box.start([env.box.command, *argv])
    time.sleep(0.5)
    child.terminate()
    assert child.wait(timeout=30) == -signal.SIGTERM
    assert trees.listing(env.root) == before
    os.close(fd)


# ---------------------------------------------------------------- --copies and back


def test_from_links_to_copies_and_back(env):
    env.make().quiet()
    assert os.path.islink(env.link())
    env.make("--copies").quiet()
    for name in ("python", "python3", env.py.bin_name):
        path = os.path.join(env.root, "bin", name)
        assert stat.S_ISREG(os.lstat(path).st_mode), name
        assert stat.S_IMODE(os.lstat(path).st_mode) == 0o755
    env.runs()
    base = trees.digest(env.py.path)
    assert trees.digest(env.link()) == base
    env.make().quiet()
    assert os.path.islink(env.link())
    env.runs()
    assert trees.digest(env.py.path) == base


def test_the_base_is_not_written_through_the_link(box, newest):
    """--copies over links: what they point to must stay as it is."""
    fake = os.path.join(box.root, "base", "bin", "python3")
    os.makedirs(os.path.dirname(fake))
    shutil.copy(newest.path, fake)
    env = Env(box, newest)
    env.make().quiet()
    os.remove(env.link())
    os.symlink(fake, env.link())
    os.chmod(fake, 0o755)
    with open(fake, "ab") as f:
        f.write(b"marker")
    before = trees.digest(fake)
    env.make("--copies").quiet()
    assert trees.digest(fake) == before


def test_copies_run_wherever_the_base_needs_its_library(box, py):
    """A copy that cannot find libpython is worth nothing."""
    if not py.is_cpython:
        pytest.skip("PyPy's own --copies copies all of its library directory, or fails")
    env = Env(box, py)
    env.make("--copies").quiet()
    env.runs()


def test_error_names_the_whole_path_of_an_obstacle(box, newest):
    """Among hundreds of files of that name: which __init__.py, which pip?"""
    site = os.path.join("lib", newest.lib_name, "site-packages")
    os.makedirs(box.path("env", site, "pip", "__init__.py"))
    said = os.path.join(site, "pip", "__init__.py")
    box.cvenv("-p", newest.path, "env").refused("cannot replace '%s'" % said, "nothing was changed")
    runner.wipe(box.path("env"))
    runner.write(box.path("env"), site, "pip", "_internal", text="x")
    said = os.path.join(site, "pip", "_internal")
    box.cvenv("-p", newest.path, "env").refused("directory '%s'" % said, "nothing was changed")
