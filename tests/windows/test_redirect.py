# SPDX-License-Identifier: MIT
"""Redirect files, and environments by name, as Windows writes names."""

import json
import os

import pytest

import runner


def create(box, py, *args, **more):
    said = box.cvenv("-p", py.exe, "--without-pip", "--json", *args, **more).ok()
    return json.loads(said.out)


@pytest.mark.parametrize("text", ["sub\\env\r\n", "sub/env\n", ".\\sub\\x\\..\\env", "ABSOLUTE\r\n"])
def test_redirect_file(box, newest, text):
    runner.write(box.path(".venv"), text=text.replace("ABSOLUTE", box.name("sub", "env")))
    said = create(box, newest)
    assert (said["path"], said["redirect"]) == (box.name("sub", "env"), box.name(".venv"))
    assert os.path.exists(box.path("sub", "env", "pyvenv.cfg"))


@pytest.mark.parametrize("text, reason", [
    ("Z:env", "depends on the current drive"),
    ("\\env", "depends on the current drive"),
    ("C:\\", "root directory"),
    ("NUL", "is a device"),
    ("\\\\no-such-server\\share\\env", "connect the drive"),
    (".VENV", "a file has that name"),
])
def test_redirect_that_is_not_followed(box, newest, text, reason):
    runner.write(box.path(".venv"), text=text + "\r\n")
    box.cvenv("-p", newest.exe, "--without-pip", "--clear").refused(".venv", reason)
    assert os.listdir(box.work) == [".venv"]


def test_redirect_is_written(box, newest):
    """Relative below the current directory, else absolute; the next run follows it."""
    for typed, written, path in (
        ("SUB/../sub\\env", "sub\\env", box.name("sub", "env")),
        (box.name("..", "beside"), None, box.name("..", "beside")),
    ):
        create(box, newest, "--redirect", typed)
        path = path.replace("\\work\\..", "")
        with open(box.path(".venv"), "rb") as f:
            assert f.read().decode() == (written or path) + "\n"
        said = create(box, newest)
        assert (said["path"], said["action"]) == (path, "updated")


def test_environment_by_name(box, newest):
    home = box.run("cmd", "/c", "echo %USERPROFILE%").ok().out.strip()
    said = json.loads(box.cvenv("-p", newest.exe, "--dry-run", "--json", "-n", "tool").ok().out)
    assert said["path"] == home + "\\.virtualenvs\\tool"
    said = create(box, newest, "-n", "tool", env={"WORKON_HOME": box.name("envs")})
    assert said["path"] == box.name("envs", "tool")


@pytest.mark.parametrize("name", ["a\\b", "a/b", "C:a", "a:b", "..", ".", ""])
def test_name_that_is_a_path(box, newest, name):
    box.cvenv("-p", newest.exe, "-n", name).refused("invalid name", rc=2)
