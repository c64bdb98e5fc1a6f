# SPDX-License-Identifier: MIT
"""A disk that is really full: no block, or no inode left, at every amount of what is free.

The disk is a small tmpfs in a mount namespace of its own, which root can make, and others where
user namespaces are allowed.
"""

import os
import re
import subprocess
import sys

import pytest
from test_faults import NIGHTLY

HERE = os.path.dirname(os.path.abspath(__file__))
POINTS = 0 if NIGHTLY else 12
OPTIONS = {"blocks": "size=64m,nr_inodes=20000", "inodes": "size=64m,nr_inodes=2500"}
MOUNT = 'mount -t tmpfs -o "$1,mode=755" tmpfs "$2" && shift 2 && exec "$@"'


@pytest.fixture(scope="session")
def namespace():
    tried = []
    for argv in (["unshare", "-m"], ["unshare", "-Urm"]):
        try:
            said = subprocess.run(
                [*argv, "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"],
                capture_output=True, text=True)
        except OSError as e:
            pytest.skip("no namespace to mount a small disk in: %s" % e)
        if said.returncode == 0:
            return argv
        tried.append(said.stderr.strip())
    pytest.skip("no namespace to mount a small disk in: " + "; ".join(tried))


SCENARIOS = [
    "new", "copies", "first hardlink", "clear", "clear inside", "overlay", "upgrade",
    "cold", "cold compile", "no cache",
]  # fmt: skip


@pytest.mark.parametrize("what", OPTIONS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_full(room, namespace, python, command, points, scenario, what):
    argv = [*namespace, "sh", "-c", MOUNT, "sh", OPTIONS[what], room, sys.executable]
    argv += [os.path.join(HERE, "full.py"), what, scenario, str(POINTS), python.path, command, room]
    said = subprocess.run(argv, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    points("full disk", int(re.match("tried ([0-9]+)", said.stdout).group(1)))
