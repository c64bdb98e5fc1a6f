# SPDX-License-Identifier: MIT
"""--package-request, by which the Python package calls the command: what that package never sends.

Its real requests are tested in tests/python.
"""

import os
import signal
import time

import pytest

import runner


@pytest.fixture
def ask(box):
    version = box.cvenv("--version").ok().out.split()[1]

    def ask(*args, **more):
        got = box.cvenv("--package-request", version, *args, **more).ok()
        assert got.err == "", str(got)
        return got.out.split("\0")

    return ask


@pytest.mark.parametrize("args, message", [
    (["nothing"], "invalid request 'nothing'"),
    (["create"], "invalid request 'create'"),
    (["step", "env_dir=a"], "invalid request 'step'"),
    (["step", "env_dir=a", "step=x"], "no step 'x'"),
    (["parse"], "invalid request 'parse'"),
    (["replace"], "invalid request 'replace'"),
    (["create", "env_dir=a", "x"], "unknown argument 'x'"),
    (["create", "env_dir=a", "=x"], "unknown argument '=x'"),
    (["create", "env_dir=a", "context.x=1"], "unknown argument 'context.x=1'"),
    (["create", "env_dir=a", "jobs="], "jobs is no number: ''"),
    (["create", "env_dir=a", "jobs=-1"], "jobs is no number: '-1'"),
    (["create", "env_dir=a", "jobs=99999999999999999999"], "jobs is no number: '99999999999999999999'"),
    (["create", "env_dir=a", "link_mode=9"], "unknown link_mode or compile"),
    (["create", "env_dir=a", "extra_cfg=home = x"], "argument --extra-cfg: cvenv writes the key 'home' itself"),
])
def test_invalid_requests(ask, box, args, message):
    kind, _, said, *rest = ask(*args)
    assert (kind, said) == ("error", message) and rest[-2:] == ["done", ""]
    assert os.listdir(box.work) == []


def test_empty_script(ask):
    assert ask("replace", "file=activate") == ["data", "0", "done", ""]


def test_no_request(box):
    """It is no option: not without all of its arguments, and not abbreviated."""
    for args in (["--package-request"], ["--package-request", "1"], ["--package-reques", "1", "help"]):
        box.cvenv(*args).refused("unrecognized argument: '%s'" % args[0], rc=2)
    assert box.cvenv("--package-request", "0", "help").ok().out.startswith("version\0")


def test_sigterm_while_an_interpreter_does_not_answer(box):
    version = box.cvenv("--version").ok().out.split()[1]
    slow = runner.write(box.path("slow"), text="#!/bin/sh\n: >started\nexec sleep 60\n", mode=0o755)
    child = box.start([box.command, "--package-request", version, "create", "env_dir=a", "python=" + slow])
    while not os.path.exists(box.path("started")) and child.poll() is None:
        time.sleep(0.01)
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=20)
    assert out.startswith(b"error\x004\0") and not err and child.returncode == 0
    assert sorted(os.listdir(box.work)) == ["slow", "started"]
