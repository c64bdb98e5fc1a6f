# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the command. README.md says how to run them.

The command under test is $CVENV, else $CVENV_BUILD/src/cli/cvenv, else
build/dev/src/cli/cvenv. CVENV_TEST_NIGHTLY=1 runs the full matrix, CVENV_TEST_KEEP=1 keeps
the directories that the tests worked in.
"""

import os
import shutil

import pytest

import interpreters
import makers
import runner
import session


def pytest_configure(config):
    session.begin(config, "cvenv-cli-")


def pytest_unconfigure(config):
    session.end(config)


def _pythons():
    return interpreters.load(session.found()["found"])


def _few(pythons):
    """The ends of the range and the odd ones: enough for what hardly depends on the Python."""
    plain = [p for p in pythons if p.is_cpython and not p.debug]
    nested = [p for p in plain if p.minor <= (3, 10)]
    middle = [p for p in plain if (3, 10) < p.minor < (3, 13)]
    chosen = [*plain[-1:], *nested[:1], *middle[-1:]]
    return [p for p in pythons if p in chosen]


def pytest_generate_tests(metafunc):
    pythons = _pythons()
    session.parametrize(metafunc, pythons, _few(pythons))


def pytest_collection_modifyitems(items):
    session.skip_nightly(items)


def pytest_terminal_summary(terminalreporter):
    found = session.found()
    terminalreporter.section("interpreters")
    terminalreporter.line("command: " + runner.command_path())
    for python in interpreters.load(found["found"]):
        seeds = ", ".join("%s %s" % (k, v[0]) for k, v in sorted(python.seeds.items()))
        terminalreporter.line("covered  %-18s %s (%s)" % (python, python.path, seeds or "no seed"))
    for path, why in found["left_out"]:
        terminalreporter.line("left out %s: %s" % (path, why))
    if not found["found"]:
        terminalreporter.line("no Python with a working -m venv: nothing was compared")
    session.print_skipped(terminalreporter)


@pytest.fixture(scope="session")
def command():
    path = runner.command_path()
    if not os.access(path, os.X_OK):
        pytest.fail("no command to test at %s: build it, or set CVENV or CVENV_BUILD" % path)
    # A copy that another user can reach too, wherever the build directory is.
    copy = session.place("cvenv-under-test/cvenv")
    with session.locked("command"):
        if not os.path.exists(copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            shutil.copy(path, copy)
            os.chmod(copy, 0o755)
    return copy


@pytest.fixture(scope="session")
def release():
    """The command of the release build, without sanitizers."""
    path = os.environ.get("CVENV_RELEASE")
    if not path:
        pytest.skip("no release build: CVENV_RELEASE is not set")
    return path


@pytest.fixture
def on_disk(request):
    return getattr(request.module, "ON_DISK", False)


@pytest.fixture
def box(request, command, on_disk):
    """A room of one's own, with a cache that all tests of the session share: quick."""
    room = session.own_room if "made" in request.fixturenames else session.new_room
    root = room(on_disk)
    yield runner.Box(root, command, session.place("shared-cache", on_disk))
    session.leave_room(root)


@pytest.fixture
def cold(command, on_disk):
    """The same with an empty cache of its own: for tests that are about it, or might harm it."""
    root = session.new_room(on_disk)
    yield runner.Box(root, command)
    session.leave_room(root)


@pytest.fixture
def made(box):
    """An environment of any maker, see makers.py."""
    return makers.Makers(box)


@pytest.fixture(scope="session")
def pythons():
    return _pythons()


@pytest.fixture(scope="session")
def newest(pythons):
    """The newest plain CPython."""
    plain = [p for p in pythons if p.is_cpython and not p.debug]
    if not plain:
        pytest.skip("no CPython with a working -m venv")
    return plain[-1]


@pytest.fixture(scope="session")
def old_pythons():
    return session.found()["old"]


@pytest.fixture(scope="session")
def argparse_oracle(pythons):
    """A CPython whose venv has the options that the command promises: 3.13 or newer."""
    able = [p for p in pythons if p.is_cpython and p.minor >= (3, 13)]
    if not able:
        pytest.skip("no CPython 3.13 or newer to compare the command line with")
    return able[0]


@pytest.fixture(scope="session")
def as_user():
    """The arguments before a command that run it as an ordinary user."""
    return session.ordinary_user()


@pytest.fixture
def user_box(cold, newest, as_user, pythons):
    """A room for an ordinary user, and a Python that this user can run."""
    for directory in (cold.work, cold.home, cold.tmp, cold.root):
        os.chmod(directory, 0o777)
    for python in [newest, *sorted(reversed(pythons), key=lambda p: (not p.is_cpython, p.debug))]:
        # By a shell, because setpriv still has root's capabilities when it executes a command.
        if cold.run([*as_user, "sh", "-c", 'exec "$0" -c ""', python.path]).rc == 0:
            return cold, python, as_user
    pytest.skip("no Python here that an ordinary user may run")
