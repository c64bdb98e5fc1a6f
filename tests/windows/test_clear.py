# SPDX-License-Identifier: MIT
"""Environments in use, and runs that end early.

wine permits what NTFS refuses: to rename a directory in which a program runs. tests/fault injects
that refusal."""

import contextlib
import os
import random
import signal
import time

import pytest

import runner
import wintrees


@contextlib.contextmanager
def running(box, env):
    """A Python of the environment, which waits."""
    script = runner.write(box.root, "wait.py", text="import sys, time\nprint('up', flush=True)\ntime.sleep(600)\n")
    child = box.start(os.path.join(env, "Scripts", "python.exe"), "wait.py", cwd=os.path.dirname(script))
    try:
        assert child.stdout.readline().strip() == b"up"
        yield child
        assert child.poll() is None, "the program ended"
    finally:
        child.kill()
        child.communicate()


def contents(box):
    return {name: file and file.data for name, file in wintrees.State.take(box.work).files.items()}


def names(box, where="."):
    return set(wintrees.State.take(box.path(where)).files)


@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=["again", "upgrade"])
def test_environment_in_use_is_updated(box, some_py, args):
    """3.8's venv fails here: it opens python.exe for writing."""
    make = ["-p", some_py.exe, "--without-pip", "env"]
    box.cvenv(*make).quiet()
    before = contents(box)
    with running(box, box.path("env")):
        box.cvenv(*args, *make).quiet()
        now = contents(box)
    config = now.pop("env/pyvenv.cfg").replace(b" --upgrade", b"")  # in the command
    assert config == before.pop("env/pyvenv.cfg")
    assert now == before


def test_other_launcher_replaces_one_in_use(box, pythons):
    """Another Python: python.exe is renamed away, since it cannot be written."""
    if len(pythons) < 2:
        pytest.skip("only one Python in the bench")
    old, new = pythons[0], pythons[-1]
    box.cvenv("-p", old.exe, "--without-pip", "env").quiet()
    with running(box, box.path("env")):
        box.cvenv("-p", new.exe, "--without-pip", "env").ok()
        assert "version = %s." % new.x_y in runner.read(box.path("env", "pyvenv.cfg"))
        with open(new.launchers["python.exe"], "rb") as f:
            launcher = f.read()
        with open(box.path("env", "Scripts", "python.exe"), "rb") as f:
            assert f.read() == launcher
    time.sleep(1)
    box.cvenv("-p", new.exe, "--without-pip", "env").ok()
    left = [n for n in names(box) if ".cvenv-" in n]
    assert left == [], "the next run deletes what was in use"


def test_clear_of_an_environment_in_use_is_all_or_nothing(box, some_py):
    """Refused before anything is deleted, or done."""
    make = ["-p", some_py.exe, "--without-pip", "env"]
    box.cvenv(*make).quiet()
    runner.write(box.path("env", "mine"), text="x")
    before = names(box)
    with running(box, box.path("env")):
        result = box.cvenv("--clear", *make)
    if result.rc:
        result.refused("env")
        assert names(box) == before
    else:
        assert names(box, "env") == {n[4:] for n in before if n.startswith("env/")} - {"mine"}
    box.cvenv("--clear", *make).quiet()
    assert os.listdir(box.work) == ["env"]
    box.python(box.path("env"), "-c", "").ok()


def test_clear_refuses_what_is_no_environment(box, some_py):
    runner.write(box.path("dir", "file"), text="x")
    box.cvenv("-p", some_py.exe, "--clear", "dir").refused("dir")
    assert names(box) == {"dir", "dir/file"}


@pytest.mark.parametrize("args", [["--clear"], []], ids=["clear", "again"])
def test_killed_runs_are_repaired_by_the_next(box, some_py, args):
    """After the end of a process at any moment, the old or the new environment is there, and the
    next run removes the rest."""
    make = ["-p", some_py.exe, "env"]
    box.cvenv(*make).quiet()
    whole = names(box, "env")
    start = time.monotonic()
    box.cvenv(*args, *make).quiet()
    length = time.monotonic() - start
    chance = random.Random(len(args))
    killed = 0
    for turn in range(12):
        child = box.start(box.command, *args, *make)
        time.sleep(chance.uniform(length / 3, length))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        killed += child.returncode != 0
        time.sleep(0.2)
        if turn % 3 == 0 or os.path.exists(box.path("env")):
            box.cvenv(*make).quiet()
        else:
            box.cvenv(*args, *make).quiet()
        assert os.listdir(box.work) == ["env"]
        assert names(box, "env") == whole
    assert killed, "no run was killed in time"
    box.python(box.path("env"), "-c", "").ok()


def test_runs_at_the_same_time(box, some_py):
    """Two processes for the same directory: the second waits for the first."""
    children = [box.start(box.command, "-p", some_py.exe, "--prompt", str(n), "env") for n in range(3)]
    for child in children:
        out, err = child.communicate(timeout=300)
        box.result(child, out, err).quiet()
    assert os.listdir(box.work) == ["env"]
    assert runner.cfg(box.path("env"))["prompt"] in ("'0'", "'1'", "'2'")
    box.python(box.path("env"), "-m", "pip", "--version").ok()


def short_name(box, py, path):
    """As Windows makes it: "A_LO~A1M" in wine, "ALONGD~1" on NTFS."""
    code = "import ctypes, sys\nroom = ctypes.create_unicode_buffer(300)\n" \
        "ctypes.windll.kernel32.GetShortPathNameW(sys.argv[1], room, 300)\nprint(room.value)"
    return box.run(py.path, "-c", code, path).ok().out.strip()


def test_clear_keeps_the_name_of_the_directory(box, newest):
    """Whether it was typed in another case or as a short name."""
    make = ["-p", newest.exe, "--without-pip"]
    box.cvenv(*make, "A Long Name").quiet()
    short = short_name(box, newest, "A Long Name")
    assert "~" in short
    for typed in (short, "a LONG name"):
        runner.write(box.path("A Long Name", "mine"), text="x")
        box.cvenv("--clear", *make, typed).quiet()
        assert os.listdir(box.work) == ["A Long Name"]
        assert "mine" not in names(box, "A Long Name")
