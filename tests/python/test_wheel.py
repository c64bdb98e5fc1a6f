# SPDX-License-Identifier: MIT
"""The wheel: its content, and its installation by pip."""

import os
import re
import subprocess
import zipfile

import pytest

import runner

REPOSITORY = runner.REPOSITORY
TAGGED = r"cvenv-[\d.]+-cp38-abi3-[\w.]+\.whl"  # whichever Python built it
WITHOUT_EXTENSION = r"cvenv-[\d.]+-py3-none-[\w.]+\.whl"


def pip(room, py, *args):
    """Runs pip in an environment made by the package itself, which is returned."""
    env_dir = room.path("env-%s" % py)
    if not os.path.exists(env_dir):
        code = "import sys, venv; venv.create(sys.argv[1], symlinks=True, with_pip=True)"
        room.python(py, "-c", code, env_dir).quiet()
    command = [os.path.join(env_dir, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
    room.run([*command, *args, "--quiet"], env=dict(os.environ), timeout=600).ok()
    return env_dir


def test_contents(wheel):
    name = os.path.basename(wheel)
    has_extension = "-abi3-" in name
    assert re.fullmatch(TAGGED if has_extension else WITHOUT_EXTENSION, name)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = next(n for n in names if n.endswith(".dist-info/METADATA"))
        metadata = archive.read(info).decode()
    assert ("cvenv/_native.abi3.so" in names) == has_extension and "cvenv/py.typed" in names
    assert [n for n in names if n.endswith(".data/scripts/cvenv")]
    others = [n for n in names if not re.match(r"cvenv/|cvenv-[^/]*/", n) or re.search(r"libcvenv|\.h$", n)]
    assert not others
    assert "Requires-Dist" not in metadata and "Requires-Python: >=3.8" in metadata


@pytest.mark.extension
def test_extension(site):
    """One symbol is exported; nothing that an interpreter does not have is needed."""
    path = os.path.join(site, "cvenv", "_native.abi3.so")
    try:
        said = subprocess.run(["nm", "-D", path], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("no nm")
    words = [line.split() for line in said.splitlines()]
    assert [w[-1] for w in words if w[-2] not in "Uw"] == ["PyInit__native"]


def test_the_oldest_python_installs_it(oldest, room, wheel):
    """The package, and the command as a program of its own, not a script of Python's."""
    env_dir = pip(room, oldest, "install", "--no-index", wheel)
    command = os.path.join(env_dir, "bin", "cvenv")
    with open(command, "rb") as file:
        assert file.read(4) == b"\x7fELF"
    made = room.run([command, "--without-pip", "-p", oldest.path, "made"]).quiet()
    assert made and os.path.exists(room.path("made", "pyvenv.cfg"))
    python = os.path.join(env_dir, "bin", "python")
    said = room.run([python, "-m", "cvenv", "--json", "--without-pip", "made2"]).ok()
    assert said.out.startswith("{")
    # From inside an environment: the base's, as with venv.
    assert runner.cfg(room.path("made2"))["home"] == os.path.dirname(os.path.realpath(oldest.path))


@pytest.mark.extension
@pytest.mark.nightly
def test_pip_builds_it(oldest, newest, room, index):
    """`pip wheel .`, with a build environment of pip's own making, on the oldest Python and on the newest."""
    for builder in (oldest, newest):
        dist = room.path("dist-%s" % builder)
        pip(room, builder, "wheel", "--no-deps", "--wheel-dir", dist, REPOSITORY)
        built, = os.listdir(dist)
        assert re.fullmatch(TAGGED, built)
    # What the newest built, in the oldest.
    env_dir = pip(room, oldest, "install", "--no-index", os.path.join(dist, built))
    room.run([os.path.join(env_dir, "bin", "cvenv"), "--version"]).ok()
    room.run([os.path.join(env_dir, "bin", "python"), "-c", "import cvenv; cvenv.create('e')"]).ok()
