# SPDX-License-Identifier: MIT
"""The Python package in CPythons for Windows, under wine: the wheel $CVENV_WINDOWS_WHEEL.

CPython's own tests of venv come from a CPython of the same version on this machine, or from the next
older one.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import zipfile

import pytest

import builders
import runner
import session
import wine

WHEEL = os.environ.get("CVENV_WINDOWS_WHEEL")
SHIM = os.path.join(runner.TESTS, "python", "shim")
SYSTEM_DLLS = {"advapi32", "bcrypt", "kernel32", "msvcrt", "ntdll", "userenv"}

pytestmark = pytest.mark.skipif(not WHEEL, reason="no wheel for Windows: set CVENV_WINDOWS_WHEEL")


class Room:
    """See builders.py."""

    def __init__(self, windows, site):
        self.windows, self.site = windows, site
        self.path, self.name, self.empty_work = windows.path, windows.name, windows.empty_work

    def python(self, py, *args, package="cvenv", path=(), **more):
        path = [*path, self.site, SHIM] if package == "cvenv" else path
        env = {
            "PYTHONPATH": ";".join(map(wine.windows_path, path)) or None,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return self.windows.run(py.path, *args, env=env, **more)

    def asks(self, py, code, *args, **more):
        return json.loads(self.python(py, "-c", code, *args, **more).ok().out)


@pytest.fixture(scope="session")
def site():
    """The directory with the package."""
    return session.unpacked(WHEEL)


@pytest.fixture
def room(windows, site):
    return Room(windows, site)


# ---------------------------------------------------------------- the wheel


def test_contents():
    assert re.fullmatch(r"cvenv-[\d.]+-cp38-abi3-win_amd64\.whl", os.path.basename(WHEEL))
    with zipfile.ZipFile(WHEEL) as archive:
        names = archive.namelist()
        (tags,) = [archive.read(n).decode() for n in names if n.endswith(".dist-info/WHEEL")]
    assert "cvenv/_native.pyd" in names and "cvenv/scripts/nt/activate.bat" in names
    assert [n for n in names if n.endswith(".data/scripts/cvenv.exe")]
    assert not [n for n in names if n.endswith((".so", ".a", ".h", ".dll"))]
    assert "Tag: cp38-abi3-win_amd64" in tags.split("\n")


def test_libraries(site):
    """The extension needs Windows and the stable ABI, and exports one name."""
    objdump = shutil.which("x86_64-w64-mingw32-objdump")
    if not objdump:
        pytest.skip("no x86_64-w64-mingw32-objdump")
    path = os.path.join(site, "cvenv", "_native.pyd")
    said = subprocess.run([objdump, "-p", path], capture_output=True, text=True, check=True).stdout
    names = {name.lower() for name in re.findall(r"DLL Name: (\S+)\.dll", said)}
    assert "python3" in names and names <= SYSTEM_DLLS | {"python3"}
    exported = said.partition("[Ordinal/Name Pointer] Table\n")[2].partition("\n\n")[0]
    assert [line.split()[-1] for line in exported.splitlines()] == ["PyInit__native"]


def test_pip_installs_it(box, py):
    """With the command as a program of its own, which `python -m cvenv` runs."""
    box.cvenv("-p", py.exe, "env").quiet()
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index"]
    box.python("env", *pip, wine.windows_path(WHEEL)).ok()
    said = box.run("env/Scripts/cvenv.exe", "--version").ok()
    assert said.out.startswith("cvenv ")
    box.python("env", "-m", "cvenv", "--without-pip", "a b").quiet()
    # From inside an environment: the base's, as with venv.
    assert runner.cfg(box.path("a b"))["home"] == wine.windows_path(py.directory)
    assert box.python("env", "-m", "cvenv", "--no-such-option").rc == 2
    box.python("env", "-m", "pip", "uninstall", "--quiet", "--yes", "cvenv").ok()
    assert not os.path.exists(box.path("env", "Scripts", "cvenv.exe"))


# ---------------------------------------------------------------- EnvBuilder


def test_the_same_surface(py, room):
    builders.same_surface(room, py)


@pytest.mark.parametrize(
    "options",
    [{}, {"prompt": "My prompt", "system_site_packages": True}, {"upgrade": True}],
    ids=lambda options: "+".join(options) or "default",
)
def test_calls_and_contexts(py, room, options):
    builders.same_calls(room, py, {"record": builders.MAIN_STEPS, **options})


def test_calls_with_pip(some_py, room):
    options = {"clear": True, "with_pip": True}
    builders.same_calls(room, some_py, {"record": builders.MAIN_STEPS, **options})


def test_means_of_a_step(py, room):
    """symlink_or_copy is called where venv calls it: before 3.13."""
    for options in ({}, {"clear": True}):
        builders.same_calls(room, py, {"record": ["symlink_or_copy", "clear_directory"], **options})


SCRIPTS = r"""
import json, os, pathlib, sys, venv
class Changed(venv.EnvBuilder):
    def replace_variables(self, text, context):
        return super().replace_variables(text, context)
Changed().create(pathlib.Path(sys.argv[1]))
"""


def test_scripts_by_steps(py, room, windows):
    """The scripts of a builder with replace_variables() of its own work, too."""
    env = "a & b"
    room.python(py, "-c", SCRIPTS, room.name(env)).quiet()
    scripts = os.listdir(room.path(env, "Scripts"))
    assert {"activate", "activate.bat", "deactivate.bat", "Activate.ps1", "python.exe"} <= set(scripts)
    assert "__pycache__" not in scripts
    with open(room.path(env, "Scripts", "activate.bat"), "rb") as file:
        assert file.read().replace(b"\r\n", b"").count(b"\n") == 0
    with open(room.path("t.cmd"), "w", encoding="utf-8", newline="\r\n") as file:
        file.write('@call "a & b\\Scripts\\activate.bat"\n'
                   '@python -c "import sys; print(sys.prefix.encode())"\n')
    said = windows.run("cmd", "/c", "t.cmd").ok()
    assert said.out.strip().endswith(repr(room.name(env).encode())), said.out


NAMES = r"""
import cvenv, json, os, sys
lone = "lone\udc80\ud800"
os.environ["CVENV_CACHE_DIR"] = os.path.join(os.getcwd(), "own cache \u00e9")
os.mkdir("inside")
os.chdir("inside")
cvenv.create("\u00e9 \u4e2d \U0001f40d")
cvenv.create("with pip", with_pip=True)
try:
    cvenv.create(lone)
    refused = None
except ValueError as e:
    refused = lone in str(e)
os.chdir("..")
print(json.dumps([sorted(os.listdir("inside")), os.listdir("own cache \u00e9") != [], refused]))
"""


def test_names(py, room):
    """Any name that Windows has, this process' current directory and changed variables."""
    inside, own_cache, refused = room.asks(py, NAMES)
    assert inside == ["with pip", "\u00e9 \u4e2d \U0001f40d"] and own_cache
    assert refused, "pyvenv.cfg cannot name it; the message does"


def test_errors(some_py, room):
    code = """
import cvenv, json
found = []
for kind, arguments in (({}, "file"), ({"clear": True}, ".."), ({"clear": True}, "C:\\\\")):
    open("file", "w").close()
    try:
        cvenv.EnvBuilder(**kind).create(arguments)
        found.append(None)
    except (OSError, ValueError) as e:
        found.append(type(e).__name__)
print(json.dumps(found))
"""
    assert room.asks(some_py, code) == ["UnusableDirectory", "ValueError", "ValueError"]


# ---------------------------------------------------------------- CPython's tests


# Under wine, os.symlink() says that it made a link, and makes none.
NO_SYMLINKS = """
import test.support
test.support._can_symlink = False
try:
    from test.support import os_helper
    os_helper._can_symlink = False
except ImportError:
    pass
"""


def folder_of_tests(py):
    """The directory of the package `test` for PY, or of the version below; or None."""
    for minor in range(py.minor[1], 7, -1):
        name = "python3.%d" % minor
        for lib in [
            *glob.glob(os.path.expanduser("~/.pyenv/versions/3.%d.*/lib" % minor)),
            "/usr/local/lib",
            "/usr/lib",
        ]:
            source = os.path.join(lib, name, "test")
            if os.path.exists(os.path.join(source, "test_venv.py")):
                return source
    return None


def test_cpythons_own_tests(py, room):
    """Each test that passes under wine with the standard library passes with cvenv."""
    source = folder_of_tests(py)
    if not source:
        pytest.skip("no CPython here has its own tests of venv")
    if not session.NIGHTLY and "python3.%d" % py.minor[1] not in source:
        pytest.skip("nightly, since the tests are those of another version: set CVENV_TEST_NIGHTLY=1")
    os.mkdir(room.path("tests"))
    os.symlink(source, room.path("tests", "test"))
    how = {"before": NO_SYMLINKS, "path": [room.path("tests")]}
    theirs = builders.cpythons_tests(room, py, package="venv", **how)
    assert len(theirs) > 15, theirs
    passed = [name for name, (how, _) in theirs.items() if how == "passed"]
    assert len(passed) > 8, theirs
    ours = builders.cpythons_tests(room, py, passed, **how)
    worse = [name for name in passed if ours[name][0] != "passed"]
    if worse:  # some give a child three seconds, which a busy machine exceeds
        ours = builders.cpythons_tests(room, py, worse, **how)
        worse = [name for name in worse if ours[name][0] != "passed"]
    assert not worse, "\n".join("%s\n%s" % (name, ours[name][1]) for name in worse)
