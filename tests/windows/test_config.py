# SPDX-License-Identifier: MIT
"""The configuration of a user on Windows: %APPDATA%\\cvenv\\config.toml."""

import os

import pytest

import runner
import wine


def run(box, args, appdata="roaming"):
    """Windows itself sets APPDATA for each new process, so cmd changes it."""
    program = wine.windows_path(box.command)
    lines = ["@set APPDATA=" + (box.name(appdata) if appdata else ""), '@"%s" %s' % (program, args)]
    runner.write(box.path("run.bat"), text="\r\n".join(lines) + "\r\n")
    return box.run("cmd", "/d", "/c", "run.bat")


def configure(box, text):
    os.makedirs(box.path("roaming", "cvenv"))
    with open(box.path("roaming", "cvenv", "config.toml"), "w", encoding="utf-8", newline="\r\n") as f:
        f.write(text)
    return box.name("roaming", "cvenv", "config.toml")


def test_user_file(box, newest):
    file = configure(box, "python = '%s'\nprompt = \"\u00e9\"\nwheel-dir = 'a\\b'\n" % newest.exe)
    shown = run(box, "--show-config").ok().out
    for key, value, line in (("python", newest.exe, 1), ("prompt", "\u00e9", 2),
                             ("wheel-dir", box.name("roaming", "cvenv", "a", "b"), 3)):
        row = next(row for row in shown.splitlines() if row.split()[0] == key)
        assert value in row and row.endswith("%s, line %d" % (file, line))
    run(box, "--without-pip env").quiet()
    assert runner.cfg(box.path("env"))["home"] == wine.windows_path(newest.directory)
    run(box, "--without-pip --no-config other").refused("no python or python3 found")


def test_mistake_that_paths_of_windows_invite(box):
    file = configure(box, 'python = "C:\\missing\\python.exe"\n')
    run(box, "env").refused(file, "line 1", "'\\m'", "quote the string with '...'", rc=2)


@pytest.mark.parametrize("appdata", [None, "missing"])
def test_no_user_file(box, newest, appdata):
    run(box, '-p "%s" --without-pip env' % newest.exe, appdata).quiet()
