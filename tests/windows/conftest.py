# SPDX-License-Identifier: MIT
"""The command for Windows, under wine, beside the venv of real CPythons for Windows.

`./dev test --windows` sets up the bench ($CVENV_WINDOWS) and builds the command ($CVENV). All
tests of a run share a wine prefix. CVENV_TEST_NIGHTLY=1 uses all Pythons of the bench.
"""

import os
import shutil
import signal

import pytest

import runner
import session
import wine

FEW = ("3.8", "3.13", "3.14")
KIND = "_WINDOWS"


def prefix():
    return wine.Prefix(session.place("prefix", disk=True))


def pytest_configure(config):
    # Stop wine's processes, too, when this one is terminated.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated"))
    versions = None if session.NIGHTLY else FEW
    if session.begin(config, "cvenv-windows-", lambda: wine.discover(versions), KIND):
        if os.path.exists(wine.bench("prefix")):
            prefix().create()
            prefix().start()


def pytest_unconfigure(config):
    begun = session.is_controller(config) and session.DISK_KEY in os.environ
    if begun and os.path.exists(prefix().path):
        prefix().stop()
    session.end(config)


def pytest_generate_tests(metafunc):
    pythons = wine.load(session.found(KIND)["found"])
    session.parametrize(metafunc, pythons, pythons)


def pytest_collection_modifyitems(items):
    session.skip_nightly(items)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("bench")
    terminalreporter.line("%s: %s" % (wine.bench(), ", ".join(
        map(str, wine.load(session.found(KIND)["found"]))) or "no Python for Windows"))
    session.print_skipped(terminalreporter)


@pytest.fixture(scope="session")
def command():
    path = runner.command_path()
    if not path.endswith(".exe"):
        path += ".exe"
    if not os.path.exists(path):
        pytest.fail("no command to test at %s: build it, or set CVENV or CVENV_BUILD" % path)
    # A copy, so that a build meanwhile disturbs no test.
    copy = session.place("cvenv.exe", disk=True)
    with session.locked("command"):
        if not os.path.exists(copy):
            shutil.copy(path, copy)
    return copy


@pytest.fixture
def windows(request):
    """A directory of one's own, with a cache that all tests of the session share."""
    if not os.path.exists(wine.bench("prefix")):
        pytest.skip("no wine: CVENV_WINDOWS is not the directory of a bench")
    root = session.new_room(getattr(request.module, "ON_DISK", False))
    yield wine.Windows(root, prefix(), cache=session.place("shared-cache"))
    session.leave_room(root)


@pytest.fixture
def box(windows, command):
    """The same, with the command under test."""
    windows.command = command
    return windows


@pytest.fixture
def cold(box):
    """The same, with an empty cache."""
    box.cache = os.path.join(box.root, "cache")
    return box


@pytest.fixture(scope="session")
def pythons():
    found = wine.load(session.found(KIND)["found"])
    if not found:
        pytest.skip("no Python for Windows in the bench")
    return found


@pytest.fixture(scope="session")
def newest(pythons):
    return pythons[-1]
