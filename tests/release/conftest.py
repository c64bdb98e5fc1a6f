# SPDX-License-Identifier: MIT
"""What `./dev release` made, in $CVENV_DIST: each file is installed and used as its users do.

$CVENV_DIST.reasons has a line "NAME: REASON" for each that could not be made. A test of a file that
is missing is skipped with these.
"""

import glob
import os
import subprocess

import pytest

import interpreters
import runner
import session
import wine

DIST = os.environ.get("CVENV_DIST")


def pytest_configure(config):
    session.begin(config, "cvenv-release-")


def pytest_unconfigure(config):
    if session.is_controller(config) and os.path.exists(_prefix().path):
        _prefix().stop()
    session.end(config)


def _prefix():
    return wine.Prefix(session.place("prefix", disk=True))


def _pythons():
    return interpreters.load(session.found()["found"])


def pytest_generate_tests(metafunc):
    plain = [p for p in _pythons() if p.is_cpython and not p.debug]
    session.parametrize(metafunc, plain, [p for p in plain if p in [*plain[:1], *plain[-1:]]])


def pytest_collection_modifyitems(items):
    for item in items:
        if not DIST:
            item.add_marker(pytest.mark.skip(reason="no release to test: set CVENV_DIST"))
    session.skip_nightly(items)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("release")
    terminalreporter.line("release: %s" % DIST)
    for line in _reasons():
        terminalreporter.line("not made: " + line)
    session.print_skipped(terminalreporter)


def _reasons():
    path = "%s.reasons" % DIST
    return runner.read(path).splitlines() if DIST and os.path.exists(path) else []


@pytest.fixture(scope="session")
def dist():
    """The directory of the release."""
    return os.path.abspath(DIST)


@pytest.fixture(scope="session")
def version():
    with open(os.path.join(runner.REPOSITORY, "meson.build"), encoding="utf-8") as file:
        return next(line.split("'")[1] for line in file if line.strip().startswith("version:"))


@pytest.fixture(scope="session")
def artefact(dist, version):
    """artefact("cvenv-{version}-*.whl"): the path of the only file of this name in the release.
    The test is skipped if it was not made."""

    def find(pattern):
        found = sorted(glob.glob(os.path.join(dist, pattern.format(version=version))))
        if not found:
            pytest.skip("; ".join(["the release has no %s" % pattern.format(version=version), *_reasons()]))
        assert len(found) == 1, found
        return found[0]

    return find


@pytest.fixture
def room():
    """A test's own world: a directory, HOME and cache. It has no command: set `room.command`."""
    root = session.new_room()
    yield runner.Box(root, None, session.place("shared-cache"))
    session.leave_room(root)


@pytest.fixture
def windows():
    """The same for programs for Windows, with the `pythons` of the bench. Skipped without wine."""
    if not os.path.exists(wine.bench("bin", "wineserver")):
        pytest.skip("no wine: `./dev test --windows` installs it")
    with session.locked("prefix"):
        if not os.path.exists(_prefix().path):
            _prefix().create()
            _prefix().start()
    root = session.new_room()
    world = wine.Windows(root, _prefix(), cache=session.place("windows-cache"))
    world.pythons = wine.load(wine.discover(None)["found"])
    yield world
    session.leave_room(root)


@pytest.fixture(scope="session")
def newest():
    """The newest CPython."""
    plain = [p for p in _pythons() if p.is_cpython and not p.debug]
    if not plain:
        pytest.skip("no CPython with a working -m venv")
    return plain[-1]


@pytest.fixture(scope="session")
def as_user():
    """The arguments before a command that run it as an ordinary user."""
    return session.ordinary_user()


@pytest.fixture(scope="session")
def once():
    """once("name"): a lock that all processes of the session share."""
    return session.locked


@pytest.fixture(scope="session")
def tool():
    """tool("twine"): the path of a program from the index, which is installed on its first use in
    build/tools/release/ and kept. The test is skipped where it cannot be had."""

    def find(name, *requirements):
        place = os.path.join(runner.REPOSITORY, "build", "tools", "release", name)
        program = os.path.join(place, "bin", name)
        with session.locked("tool-" + name):
            if not os.path.exists(os.path.join(place, "ready")):
                _install(name, place, requirements or (name,))
        return program

    return find


def _install(name, place, requirements):
    said = subprocess.run(
        [runner.command_path(), "--clear", "--python", "python3", place],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if not said.returncode:
        said = subprocess.run(
            [os.path.join(place, "bin", "python"), "-m", "pip", "install", "-q", *requirements],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if said.returncode:
        pytest.skip("cannot install %s from the index: %s" % (name, said.stderr.strip().rpartition("\n")[2]))
    runner.write(place, "ready", text="")
