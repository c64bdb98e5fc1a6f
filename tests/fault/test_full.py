# SPDX-License-Identifier: MIT
"""A disk that is full: tests each number of free blocks and inodes, down to none.

The disk is a small tmpfs in a mount namespace of its own.
"""

import os
import re
import subprocess
import sys

import pytest

import runner
from namespace import in_namespace
from session import NIGHTLY

FULL_DISK = os.path.join(runner.TESTS, "support", "full_disk.py")
POINTS = 0 if NIGHTLY else 8
OPTIONS = {"blocks": "size=64m,nr_inodes=20000", "inodes": "size=64m,nr_inodes=2500"}
MOUNT = 'mount -t tmpfs -o "$1,mode=755" tmpfs "$2" && shift 2 && exec "$@"'


@pytest.fixture(scope="session")
def small_disk():
    """argv in front of: mount options, a directory, and a command that finds a tmpfs there."""
    return in_namespace(MOUNT, "size=1m", "/mnt", "true")


SCENARIOS = [
    "new", "copies", "first hardlink", "clear", "clear inside", "overlay", "upgrade",
    "cold", "cold compile", "no cache", "clone", "clone hardlink", "move", "remove", "repair", "recreate",
    "pack", "pack directory",
]  # fmt: skip


@pytest.mark.parametrize("what", OPTIONS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_full(room, small_disk, python, command, points, scenario, what):
    argv = [*small_disk, OPTIONS[what], room, sys.executable]
    argv += [FULL_DISK, what, scenario, str(POINTS), python.path, command, room]
    said = subprocess.run(argv, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    points("full disk", int(re.match("tried ([0-9]+)", said.stdout).group(1)))
