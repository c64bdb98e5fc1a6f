# SPDX-License-Identifier: MIT
"""The command under valgrind: nothing is read that was never set, nothing stays allocated or open.

$CVENV_MEMCHECK is the command for it, without sanitizers and with shared libraries
(`./dev test --memory` and `./dev test --nightly` build it and set that).
"""

import glob
import json
import os
import re
import shutil

import pytest

import runner

OPTIONS = [
    "--leak-check=full",
    "--errors-for-leak-kinds=definite,possible",
    "--error-exitcode=99",
    "--track-fds=yes",
]
MODES = {
    "links": [],
    "copies": ["--copies"],
    "bytecode": ["--compile"],
    "hardlink": ["--link-mode", "hardlink"],
    "copy": ["--link-mode", "copy"],
    "no pip": ["--without-pip"],
    "relocatable": ["--relocatable"],
    "talkative": ["-vv", "--prompt", "it's", "--activators", "batch", "--system-site-packages"],
    "json": ["--json"],
}


def judge(text):
    """What valgrind says of one process. False: it says nothing, the process became a Python."""
    errors = re.search(r"ERROR SUMMARY: (\d+) errors", text)
    opened = re.findall(r"Open (?:file descriptor|AF_\w+ socket) .*\n.*", text)
    assert [one for one in opened if "<inherited from parent>" not in one] == [], text
    assert not errors or errors.group(1) == "0", text
    return errors is not None


@pytest.fixture
def checked(cold):
    """Runs the command under valgrind, in the room `cold`."""
    command, valgrind = os.environ.get("CVENV_MEMCHECK"), shutil.which("valgrind")
    if not command or not os.path.exists(command):
        pytest.skip("CVENV_MEMCHECK names no command for valgrind: ./dev test --memory")
    if not valgrind:
        pytest.skip("no valgrind")

    def run(*args, rc=0):
        logs = os.path.join(cold.root, "valgrind.")
        result = cold.run([valgrind, *OPTIONS, "--log-file=%s%%p" % logs, command, *args])
        judged = []
        for name in glob.glob(glob.escape(logs) + "*"):
            judged.append(judge(runner.read(name)))
            os.remove(name)
        assert any(judged)
        assert result.rc == rc, str(result)
        return result

    return run


@pytest.mark.parametrize("mode", MODES)
def test_new_again_cleared_and_upgraded(checked, cold, newest, mode):
    """The first with an empty cache."""
    for more in ([], [], ["--clear"], ["--upgrade"]):
        checked("-p", newest.path, *MODES[mode], *more, "env")
    assert cold.says(cold.path("env"))["sys.prefix"] == cold.path("env")


def test_several(checked, cold, newest):
    checked("-p", newest.path, "a", "b", "c")
    assert runner.environments(cold.work) == {"a", "b", "c"}


def test_nothing_is_made(checked, cold, newest):
    for _ in range(2):
        said = checked("-p", newest.path, "--json", "--dry-run", "env").out
        assert json.loads(said)["path"] == cold.path("env")
        assert os.listdir(cold.work) == []
    checked("-p", newest.path, "--dry-run", "env")
    checked("--help")
    checked("--version")


def test_the_cache(checked, newest):
    checked("--cache-info")
    checked("--pythons", "-p", newest.path)
    checked("--warm", "-p", newest.path)
    checked("--warm", "-p", newest.path)
    checked("--cache-info")
    checked("--cache-info", "--json")
    checked("--cache-clean=1")
    assert "Removed 0 " not in checked("--cache-clean").out


def test_failures(checked, cold, newest):
    runner.write(cold.path("file"), text="x")
    runner.write(cold.path("rubbish"), text="#!/bin/sh\nexec echo rubbish\n", mode=0o755)
    wheel = runner.write(cold.path("wheels", "pip-99.0-py3-none-any.whl"), text="rubbish")
    checked("--bogus", rc=2)
    checked("-p", "/nonexistent", "env", rc=1).refused("/nonexistent")
    checked("-p", cold.path("rubbish"), "env", rc=1).refused("rubbish")
    checked("-p", newest.path, "file", rc=1).refused("file")
    checked("-p", newest.path, "--wheel-dir", os.path.dirname(wheel), "env", rc=1).refused("pip-99")
    assert runner.environments(cold.work) == set()
