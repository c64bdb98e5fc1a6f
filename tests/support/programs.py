# SPDX-License-Identifier: MIT
"""Programs of the package index, in environments below build/tools.

    programs.of_index("poetry")  # the path of the command

A test that needs what cannot be had is skipped.
"""

import fcntl
import os
import subprocess
import sys

import pytest

import runner

BUILD = os.path.join(runner.REPOSITORY, "build")


def _install(where, packages):
    """By pip. The reason if that fails."""
    commands = [
        [sys.executable, "-m", "venv", "--clear", where],
        [os.path.join(where, "bin", "python"), "-m", "pip", "install", "-q", *packages],
    ]
    for command in commands:
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=600)
        except (OSError, subprocess.TimeoutExpired) as e:
            return str(e)
        if result.returncode:
            return (result.stderr.strip() or result.stdout.strip()).rpartition("\n")[2]
    return None


def _is_whole(where):
    """An interrupted installation is not; nor is one that was copied with the tree: its scripts name the other."""
    path = os.path.join(where, "complete")
    return os.path.exists(path) and runner.read(path) == where


def of_index(name, directory=None, packages=None):
    """The path of the program NAME. DIRECTORY below build/tools is made of PACKAGES, both as the program by default."""
    directory = directory or name
    where = os.path.join(BUILD, "tools", directory)
    missing = os.path.join(BUILD, "unavailable", directory)
    try:
        os.makedirs(os.path.dirname(missing), exist_ok=True)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_whole(where) and not os.path.exists(missing):
                reason = _install(where, packages or [name])
                runner.write(missing, text=reason) if reason else runner.write(where, "complete", text=where)
    except OSError as e:  # the tests of a release have no build/
        pytest.skip("no %s: %s" % (name, e))
    path = os.path.join(where, "bin", name)
    if os.path.exists(missing):
        pytest.skip("no %s: pip cannot install it: %s" % (name, runner.read(missing)))
    return path
