# SPDX-License-Identifier: MIT
"""What a run of tests has in common, over all of xdist's processes: its interpreters, places, locks.

Thousands of environments are made and removed: in memory (tmpfs) where there is some, since it
takes a disk ten times as long. Modules with ON_DISK = True are about what file systems do, and run on
one, in TMPDIR or /tmp; so does everything when TMPDIR is set, or memory is short.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
import zlib

import pytest

import interpreters
import runner

FOUND_KEY = "CVENV_TEST_FOUND"
ROOT_KEY = "CVENV_TEST_ROOT"
DISK_KEY = "CVENV_TEST_DISK"
MEMORY = "/dev/shm"
ENOUGH = 2 << 30
NIGHTLY = bool(os.environ.get("CVENV_TEST_NIGHTLY"))


def is_controller(config):
    return not hasattr(config, "workerinput")


def can_execute_in(place):
    try:
        with tempfile.TemporaryDirectory(dir=place) as scratch:
            copy = shutil.copy(shutil.which("true"), scratch)
            return subprocess.run([copy]).returncode == 0
    except (OSError, TypeError):
        return False


def _memory():
    if "TMPDIR" in os.environ or not can_execute_in(MEMORY):
        return None
    free = os.statvfs(MEMORY)
    return MEMORY if free.f_bavail * free.f_frsize >= ENOUGH else None


def _make_place(prefix, where):
    root = os.path.realpath(tempfile.mkdtemp(prefix=prefix, dir=where))
    os.chmod(root, 0o755)
    return root


class _Stopping:
    @staticmethod
    def pytest_sessionstart():  # all plug-ins are configured by now
        signal.signal(signal.SIGTERM, _Stopping.stop)

    @staticmethod
    def stop(*_):
        raise KeyboardInterrupt("SIGTERM")


def stop_by_signal(config):
    """SIGTERM ends the run as Ctrl-C does, so that no files stay. The plug-in that xonsh installs for every pytest
    makes of it a SystemExit in the test that is running, and the next tests follow."""
    config.pluginmanager.register(_Stopping())


_begun = []  # the kinds of the suites that pytest has begun: a call may name several


def begin(config, prefix, find=interpreters.discover, kind=""):
    """False in a worker of xdist. The suites of a call share its places, and each KIND what FIND finds."""
    stop_by_signal(config)
    if not is_controller(config):
        return False
    # Found once; xdist's workers inherit both through the environment.
    if kind not in _begun:
        os.environ[FOUND_KEY + kind] = json.dumps(find())
    if not _begun:
        os.environ[ROOT_KEY] = _make_place(prefix, _memory())
        os.environ[DISK_KEY] = _make_place(prefix, None)
    _begun.append(kind)
    return True


def end(config):
    if not is_controller(config) or not _begun:
        return
    _begun.pop()
    if not _begun and not os.environ.get("CVENV_TEST_KEEP"):
        for key in (ROOT_KEY, DISK_KEY):
            runner.wipe(os.environ.pop(key, None) or "/nonexistent")


def found(kind=""):
    return json.loads(os.environ[FOUND_KEY + kind])


def skip_nightly(items):
    if NIGHTLY:
        return
    for item in items:
        if item.get_closest_marker("nightly"):
            item.add_marker(pytest.mark.skip(reason="nightly: set CVENV_TEST_NIGHTLY=1"))


def print_skipped(terminalreporter):
    reasons = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.replace("Skipped: ", "")
        reasons.setdefault(reason, []).append(report.nodeid.rsplit("/", 1)[-1])
    if reasons:
        terminalreporter.section("not tested here")
    for reason, names in sorted(reasons.items()):
        more = " and %d more" % (len(names) - 1) if len(names) > 1 else ""
        terminalreporter.line("%s: %s%s" % (reason, names[0], more))


def parametrize(metafunc, pythons, few):
    """`py` is each of them. `few_py` and `some_py` are too in nightly runs; else `few_py` is each of
    the few, and `some_py` one of these. Which one depends on the test's name, so that all are used."""
    if "py" in metafunc.fixturenames:
        metafunc.parametrize("py", pythons, ids=str)
    if "few_py" in metafunc.fixturenames:
        metafunc.parametrize("few_py", pythons if NIGHTLY else few, ids=str)
    if "some_py" in metafunc.fixturenames:
        turn = zlib.crc32(metafunc.function.__name__.encode())
        one = [few[turn % len(few)]] if few else []
        metafunc.parametrize("some_py", pythons if NIGHTLY else one, ids=str)


def place(name, disk=False):
    """A name in the place that all tests of the session share."""
    return os.path.join(os.environ[DISK_KEY if disk else ROOT_KEY], name)


def new_room(disk=False):
    """A new directory there, that everybody may enter."""
    return _make_place("t", place("", disk))


def own_room(disk=False):
    """A room in one place for all tests of this process, one after the other: what an earlier test
    made can be put back where it was."""
    root = place("room-%d" % os.getpid(), disk)
    if os.environ.get("CVENV_TEST_KEEP"):
        return new_room(disk)
    runner.wipe(root)
    os.mkdir(root)
    os.chmod(root, 0o755)
    return root


def leave_room(root):
    if not os.environ.get("CVENV_TEST_KEEP"):
        runner.wipe(root)


class locked:
    """One process of this session at a time."""

    def __init__(self, name):
        self.path = place(name + ".lock")

    def __enter__(self):
        self.file = open(self.path, "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def unpacked(wheel):
    """The directory with the content of WHEEL, which all tests of the session share."""
    path = place(os.path.basename(wheel) + ".d")
    with locked(os.path.basename(wheel)):
        if not os.path.exists(path):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(path + ".new")
            os.rename(path + ".new", path)
    return path


def ordinary_user():
    """The arguments before a command that run it as an ordinary user; skips where that cannot be."""
    before = interpreters.unprivileged()
    if before is None:
        pytest.skip("root, and no setpriv to run as another user")
    return before


def needs_download():
    """Skips a test of what downloads with curl or wget where there is neither."""
    if not shutil.which("curl") and not shutil.which("wget"):
        pytest.skip("neither curl nor wget")
