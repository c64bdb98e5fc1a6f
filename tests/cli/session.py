# SPDX-License-Identifier: MIT
"""What a run of tests has in common, over all of xdist's processes: its interpreters, a place, locks."""

import fcntl
import json
import os
import tempfile

import interpreters
import runner

FOUND_KEY = "CVENV_TEST_FOUND"
ROOT_KEY = "CVENV_TEST_ROOT"
NIGHTLY = bool(os.environ.get("CVENV_TEST_NIGHTLY"))


def _is_controller(config):
    return not hasattr(config, "workerinput")


def begin(config, prefix):
    config.addinivalue_line("markers", "nightly: runs only with CVENV_TEST_NIGHTLY=1")
    if not _is_controller(config):
        return
    # Found once; xdist's workers inherit both through the environment.
    os.environ[FOUND_KEY] = json.dumps(interpreters.discover())
    root = tempfile.mkdtemp(prefix=prefix)
    os.chmod(root, 0o755)
    os.environ[ROOT_KEY] = os.path.realpath(root)


def end(config):
    if _is_controller(config) and not os.environ.get("CVENV_TEST_KEEP"):
        root = os.environ.pop(ROOT_KEY, None)
        if root:
            runner.wipe(root)


def found():
    return json.loads(os.environ[FOUND_KEY])


def parametrize(metafunc, pythons, few):
    """`py` is each of them; `some_py` too in nightly runs, else the few."""
    if "py" in metafunc.fixturenames:
        metafunc.parametrize("py", pythons, ids=str)
    if "some_py" in metafunc.fixturenames:
        metafunc.parametrize("some_py", pythons if NIGHTLY else few, ids=str)


def place(name):
    """A name in the place that all tests of the session share."""
    return os.path.join(os.environ[ROOT_KEY], name)


def new_room():
    """A new directory there, that everybody may enter."""
    root = tempfile.mkdtemp(prefix="t", dir=os.environ[ROOT_KEY])
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
