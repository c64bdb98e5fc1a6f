# SPDX-License-Identifier: MIT
"""The archives: unpacked over a prefix, their command creates environments."""

import os
import stat
import subprocess

import pytest

import runner

LINUX = "cvenv-{version}-x86_64-linux-musl.tar.gz"


def test_sums_are_those_of_all_files(dist):
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"],
                             cwd=dist, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    named = {line.split(": ")[0] for line in checked.stdout.splitlines()}
    there = {os.path.relpath(os.path.join(folder, name), dist)
             for folder, _, names in os.walk(dist) for name in names}
    assert named == there - {"SHA256SUMS"}


def lay_over(room, archive):
    """A prefix with the content of an archive, by tar."""
    prefix = room.path("prefix")
    os.mkdir(prefix)
    room.run(["tar", "xzf", archive, "--strip-components=1", "-C", prefix]).ok()
    return prefix


def test_command_of_archive_creates_environment(room, artefact, newest):
    prefix = lay_over(room, artefact(LINUX))
    room.command = os.path.join(prefix, "bin", "cvenv")
    room.cvenv("--python", newest.path, "env").ok()
    runner.env_works(room, newest)
    room.run([room.path("env", "bin", "python"), "-m", "pip", "check"]).ok()


@pytest.mark.parametrize("mode, names", [(0o755, ["bin/cvenv"]), (0o644, ["share/man/man1/cvenv.1"])])
def test_modes_do_not_depend_on_builder(room, artefact, mode, names):
    prefix = lay_over(room, artefact(LINUX))
    for name in names:
        assert stat.S_IMODE(os.stat(os.path.join(prefix, name)).st_mode) == mode, name
