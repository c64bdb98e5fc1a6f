# SPDX-License-Identifier: MIT
"""The wheel: what is in it, and that pip installs it."""

import os
import re
import subprocess
import sys
import zipfile

import pytest

import runner

REPOSITORY = runner.REPOSITORY


def install(room, py, *args):
    """An environment made by the package itself, and pip's answer in it."""
    env_dir = room.path("env")
    code = "import sys, venv; venv.create(sys.argv[1], symlinks=True, with_pip=True)"
    room.python(py, "-c", code, env_dir).quiet()
    pip = [os.path.join(env_dir, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
    return env_dir, room.run([*pip, "install", "--quiet", *args], env=dict(os.environ), timeout=600)


def test_contents(wheel):
    name = os.path.basename(wheel)
    assert re.fullmatch(r"cvenv-[\d.]+-cp3\d+-abi3-\w+\.whl", name)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = next(n for n in names if n.endswith(".dist-info/METADATA"))
        metadata = archive.read(info).decode()
    assert "cvenv/_native.abi3.so" in names and "cvenv/py.typed" in names
    assert [n for n in names if n.endswith(".data/scripts/cvenv")]
    others = [n for n in names if not re.match(r"cvenv/|cvenv-[^/]*/", n) or re.search(r"libcvenv|\.h$", n)]
    assert not others
    assert "Requires-Dist" not in metadata and "Requires-Python: >=3.8" in metadata


def test_extension(site):
    """One symbol is exported; nothing that an interpreter does not have is needed."""
    path = os.path.join(site, "cvenv", "_native.abi3.so")
    try:
        said = subprocess.run(["nm", "-D", path], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("no nm")
    words = [line.split() for line in said.splitlines()]
    assert [w[-1] for w in words if w[-2] not in "Uw"] == ["PyInit__native"]


def test_pip_installs_it(newest, room, wheel):
    """The package, and the command as a program of its own, not a script of Python's."""
    builder = sys.version_info[:2]
    tag = re.search(r"-cp3(\d+)-", os.path.basename(wheel)).group(1)
    if newest.minor < (3, int(tag)):
        pytest.skip("built by %s.%s, newer than %s" % (*builder, newest))
    env_dir, answer = install(room, newest, "--no-index", wheel)
    answer.ok()
    command = os.path.join(env_dir, "bin", "cvenv")
    with open(command, "rb") as file:
        assert file.read(4) == b"\x7fELF"
    made = room.run([command, "--without-pip", "-p", newest.path, "made"]).quiet()
    assert made and os.path.exists(room.path("made", "pyvenv.cfg"))
    python = os.path.join(env_dir, "bin", "python")
    said = room.run([python, "-m", "cvenv", "--json", "--without-pip", "made2"]).ok()
    assert said.out.startswith("{")
    # From inside an environment: the base's, as with venv.
    assert runner.cfg(room.path("made2"))["home"] == os.path.dirname(os.path.realpath(newest.path))


@pytest.mark.nightly
def test_pip_builds_it(newest, room, index):
    """`pip install .`, with a build environment of pip's own making."""
    env_dir, answer = install(room, newest, REPOSITORY)
    answer.ok()
    room.run([os.path.join(env_dir, "bin", "cvenv"), "--version"]).ok()
    room.run([os.path.join(env_dir, "bin", "python"), "-c", "import cvenv; cvenv.create('e')"]).ok()
