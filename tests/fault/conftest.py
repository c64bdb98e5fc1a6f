# SPDX-License-Identifier: MIT
"""What these tests need, and how many points they tried.

$CVENV_BUILD names a build folder with tests/fault/inject in it; the command is $CVENV_RELEASE,
else $CVENV: one without sanitizers, whose own calls would be counted. $CVENV_TEST_SEED repeats
the choice of a run, which prints it, and CI always makes the same; CVENV_TEST_NIGHTLY=1 tries all there is to try.
"""

import os
import random
import shutil
import subprocess
import tempfile

import pytest

import runner
import world
from session import NIGHTLY, can_execute_in, stop_by_signal

SEED_KEY = "CVENV_TEST_SEED"
CI_SEED = 4164130532
ROOT_KEY = "CVENV_TEST_FAULT_ROOT"


def pytest_configure(config):
    stop_by_signal(config)
    if hasattr(config, "workerinput"):
        return
    # xdist's workers inherit all this through the environment.
    # CI judges a change: it must not fail for a point that the change did not bring.
    seed = CI_SEED if os.environ.get("CI") else random.randrange(1 << 32)
    os.environ.setdefault(SEED_KEY, str(seed))
    memory = "/dev/shm"  # thousands of small trees are made and removed
    place = memory if can_execute_in(memory) else None
    os.environ[ROOT_KEY] = os.path.realpath(tempfile.mkdtemp(prefix="cvenv-fault-", dir=place))
    os.chmod(os.environ[ROOT_KEY], 0o755)


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput") and not os.environ.get("CVENV_TEST_KEEP"):
        runner.wipe(os.environ.pop(ROOT_KEY, None) or "/nonexistent")


def pytest_terminal_summary(terminalreporter):
    points = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            if report.when != "call":
                continue
            for kind, number in getattr(report, "user_properties", ()):
                points[kind] = points.get(kind, 0) + number
    if points:
        terminalreporter.write_line(
            "points tried: %d (%s)"
            % (sum(points.values()), ", ".join("%s %d" % p for p in sorted(points.items())))
        )
    terminalreporter.write_line(
        "seed: %s=%s%s"
        % (SEED_KEY, os.environ[SEED_KEY], "; all points" if NIGHTLY else "; a sample")
    )


@pytest.fixture(scope="session")
def command():
    path = os.environ.get("CVENV_RELEASE") or os.environ.get("CVENV")
    if not path or not os.access(path, os.X_OK):
        pytest.fail("set CVENV_RELEASE to the command, built without sanitizers")
    with open(path, "rb") as f:
        if b"__asan_init" in f.read():
            pytest.skip("sanitizers make system calls of their own: set CVENV_RELEASE to a release build")
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def inject():
    path = os.path.join(os.environ.get("CVENV_BUILD", ""), "tests", "fault", "inject")
    if not os.access(path, os.X_OK):
        pytest.fail("set CVENV_BUILD to a build folder with tests/fault/inject in it")
    with tempfile.NamedTemporaryFile() as report:
        tried = subprocess.run(
            [path, "-l", report.name, "--", shutil.which("true")], capture_output=True, text=True
        )
    if tried.returncode:
        pytest.skip(tried.stderr.strip() or "inject: exit %d" % tried.returncode)
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def python():
    for path in (os.environ.get("CVENV_PYTHON"), shutil.which("python3"), "/usr/bin/python3"):
        if path:
            found, why = world.ask(path)
            if found:
                return found
    pytest.skip("no Python to make environments of: %s" % why)


@pytest.fixture
def chance(request):
    """Its own sequence for each test, whatever else runs."""
    return random.Random(os.environ[SEED_KEY] + request.node.nodeid)


@pytest.fixture
def room():
    root = tempfile.mkdtemp(prefix="t", dir=os.environ[ROOT_KEY])
    os.chmod(root, 0o755)
    yield root
    if not os.environ.get("CVENV_TEST_KEEP"):
        runner.wipe(root)


@pytest.fixture
def make_world(room, python, command, inject):
    def make(scenario, **more):
        return world.World(room, python, command, inject, scenario, **more)

    return make


@pytest.fixture
def points(request):
    """points(KIND, N): so many were tried."""

    def add(kind, number):
        request.node.user_properties.append((kind, number))

    return add
