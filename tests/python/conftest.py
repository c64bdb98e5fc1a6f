# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the Python package. README.md says how to run them.

The package under test is that of the wheel $CVENV_WHEEL, unpacked: one for every Python. It may be
one without the extension, or $CVENV_WITHOUT_EXTENSION leaves that out: then the package calls the
command, which is installed as by `pip install --target`. Interpreters and rooms are those of tests/support.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

import interpreters
import runner
import session

WHEEL = os.environ.get("CVENV_WHEEL")
HAS_EXTENSION = not os.environ.get("CVENV_WITHOUT_EXTENSION") and "-abi3-" in os.path.basename(WHEEL or "")
SHIM = os.path.join(runner.TESTS, "python", "shim")


def pytest_configure(config):
    session.begin(config, "cvenv-python-")


def pytest_unconfigure(config):
    session.end(config)


def _pythons():
    """CPython only: PyPy does not load the extension, and its own venv is another one."""
    found = interpreters.load(session.found()["found"])
    return [p for p in found if p.is_cpython]


def _few(pythons):
    """The oldest and the newest version, and those between them where venv changed most."""
    plain = [p for p in pythons if not p.debug]
    between = [p for p in plain if (3, 10) < p.minor < (3, 13)]
    return [p for p in pythons if p in [*plain[:1], *between[-1:], *plain[-1:]]]


def pytest_generate_tests(metafunc):
    pythons = _pythons()
    session.parametrize(metafunc, pythons, _few(pythons))


def pytest_collection_modifyitems(items):
    here = os.path.dirname(os.path.abspath(__file__)) + os.sep
    for item in items:  # which may be of other suites, too
        if not str(item.fspath).startswith(here):
            continue
        if not WHEEL:
            item.add_marker(pytest.mark.skip(reason="no wheel to test: set CVENV_WHEEL"))
        elif item.get_closest_marker("extension") and not HAS_EXTENSION:
            item.add_marker(pytest.mark.skip(reason="the wheel has no extension"))
        elif item.get_closest_marker("nightly") and not session.NIGHTLY:
            item.add_marker(pytest.mark.skip(reason="nightly: set CVENV_TEST_NIGHTLY=1"))


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("interpreters")
    terminalreporter.line("wheel: %s" % WHEEL)
    for python in _pythons():
        terminalreporter.line("covered  %-18s %s" % (python, python.path))
    left_out = session.found()["left_out"]
    for path, why in left_out:
        terminalreporter.line("left out %s: %s" % (path, why))


@pytest.fixture(scope="session")
def once():
    """once("name"): a lock that all processes of the session share."""
    return session.locked


@pytest.fixture(scope="session")
def wheel():
    return os.path.abspath(WHEEL)


@pytest.fixture(scope="session")
def site(wheel):
    """The directory with the package."""
    path = session.unpacked(wheel)
    with session.locked("command"):
        command = os.path.join(path, "bin", "cvenv")
        if not os.path.exists(command):
            os.makedirs(os.path.dirname(command), exist_ok=True)
            data, = [name for name in os.listdir(path) if name.endswith(".data")]
            for extension in [] if HAS_EXTENSION else glob.glob(os.path.join(path, "cvenv", "_native.*")):
                os.unlink(extension)
            shutil.copy(os.path.join(path, data, "scripts", "cvenv"), command)
            os.chmod(command, 0o755)
    return path


class Room(runner.Box):
    """A test's own world, in which Pythons find the package."""

    def __init__(self, root, site, cache):
        super().__init__(root, None, cache)
        self.site = site

    def name(self, *names):
        return self.path(*names)

    def python(self, py, *args, package="cvenv", env=None, **more):
        """Run PY. `package` is what `import venv` gives: cvenv, or the standard library's."""
        path = [self.site, SHIM] if package == "cvenv" else []
        changes = {
            "PYTHONPATH": os.pathsep.join(path) or None,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": os.environ["PATH"],
        }
        changes.update(env or {})
        return self.run([py.path, *args], env=changes, **more)

    def asks(self, py, code, *args, **more):
        """What CODE prints, as JSON."""
        return json.loads(self.python(py, "-c", code, *args, **more).ok().out)


@pytest.fixture
def room(site):
    root = session.new_room()
    yield Room(root, site, session.place("shared-cache"))
    session.leave_room(root)


def _plain():
    plain = [p for p in _pythons() if not p.debug]
    if not plain:
        pytest.skip("no CPython with a working -m venv")
    return plain


@pytest.fixture(scope="session")
def oldest():
    return _plain()[0]


@pytest.fixture(scope="session")
def newest():
    return _plain()[-1]


@pytest.fixture(scope="session")
def debug_python():
    found = [p for p in _pythons() if p.debug]
    if not found:
        pytest.skip("no debug build of CPython")
    return found[-1]


@pytest.fixture(scope="session")
def pypy():
    found = [p for p in interpreters.load(session.found()["found"]) if not p.is_cpython]
    if not found:
        pytest.skip("no PyPy")
    return found[-1]


@pytest.fixture(scope="session")
def sanitized(site):
    """(The package with the sanitized extension of $CVENV_BUILD, the library to preload)."""
    built = os.path.join(os.environ.get("CVENV_BUILD", ""), "python", "_native.abi3.so")
    if not os.path.exists(built):
        pytest.skip("no extension with sanitizers: $CVENV_BUILD/python has none")
    compiler = os.environ.get("CC", "cc").split()
    library = subprocess.run([*compiler, "-print-file-name=libasan.so"], capture_output=True, text=True)
    library = library.stdout.strip()
    if not os.path.isabs(library):
        pytest.skip("%s has no libasan.so to preload" % compiler[0])
    place = session.place("sanitized")
    with session.locked("sanitized"):
        if not os.path.exists(place):
            shutil.copytree(site, place)
            shutil.copy(built, os.path.join(place, "cvenv", "_native.abi3.so"))
    return place, library


@pytest.fixture(scope="session")
def index():
    """True where pip can install from an index; else the test is skipped, with its words."""
    asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest"]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            answer = subprocess.run(
                [*asked, scratch, "--retries", "0", "--timeout", "15", "iniconfig"],
                capture_output=True,
                text=True,
                timeout=60,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            pytest.skip("the package index does not answer")
    if answer.returncode:
        pytest.skip("no package index: %s" % answer.stderr.strip().rpartition("\n")[2])
    return True
