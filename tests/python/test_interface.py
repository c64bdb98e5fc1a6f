# SPDX-License-Identifier: MIT
"""The package has what the venv of the same Python has, and imports no more than is needed."""

import builders
from conftest import HAS_EXTENSION

# What the standard library's module has only as a means of its own.
MEANS = {"warnings", "parse", "namedtuple"}


def test_the_same_surface(py, room):
    builders.same_surface(room, py)


def test_modules_that_programs_replace(py, room):
    theirs = room.asks(py, builders.SURFACE, package="venv")
    has = "import json, sys, venv; print(json.dumps([n for n in sys.argv[1:] if not hasattr(venv, n)]))"
    assert room.asks(py, has, *[n for n in theirs["module"] if n not in MEANS]) == []


def test_replaced_modules_are_used(py, room):
    code = """
import json, venv
from unittest import mock
calls = []
with mock.patch("venv.shutil") as shutil:
    builder = venv.EnvBuilder()
    open("b", "w").close()  # its mode is set
    builder.symlink_or_copy("/nonexistent/a", "b")
print(json.dumps([str(c) for c in shutil.copyfile.mock_calls]))
"""
    assert room.asks(py, code) == ["call('/nonexistent/a', 'b')"]


HEAVY = ("argparse", "importlib.metadata", "logging", "shutil", "subprocess", "sysconfig", "typing")

IMPORTED = r"""
import json, sys
before = set(sys.modules)
import cvenv
at_import = sorted(set(sys.modules) - before)
builder = cvenv.EnvBuilder(with_pip=True, symlinks=True)
builder.create(sys.argv[1])
print(json.dumps([at_import, sorted(set(sys.modules) - before)]))
"""


def test_nothing_that_is_not_needed_is_imported(py, room):
    at_import, after = room.asks(py, IMPORTED, room.path("env"))
    assert at_import == ["cvenv"]
    needed = set() if HAS_EXTENSION else {"subprocess"}
    assert not [name for name in after if name in HEAVY and name not in needed], after


# On a Python that only says that it is 3.16.
SYMLINKS = """
import json, inspect, os, sys
if len(sys.argv) > 1:
    sys.version_info = (3, int(sys.argv[1]), 0, "final", 0)
import cvenv
functions = (cvenv.EnvBuilder.__init__, cvenv.create)
said = [str(inspect.signature(f).parameters["symlinks"].default) for f in functions]
said += [cvenv.EnvBuilder(**more).symlinks for more in ({}, {"symlinks": None}, {"symlinks": False})]
cvenv.create("env")
print(json.dumps(said + [os.path.islink("env/bin/python")]))
"""


def test_symlinks_of_3_16_is_that_of_the_command(newest, room):
    """By the version of the Python, as every parameter: before 3.16 None is no choice."""
    if newest.minor < (3, 16):
        assert room.asks(newest, SYMLINKS) == ["False", "False", False, None, False, False]
        room.empty_work()
    assert room.asks(newest, SYMLINKS, "16") == ["None", "None", True, True, False, True]


def test_version(newest, room):
    code = "import cvenv, json; print(json.dumps(cvenv.__version__))"
    assert room.asks(newest, code)[0].isdigit()


def test_no_such_attribute(newest, room):
    result = room.python(newest, "-c", "import cvenv; cvenv.nothing")
    assert result.rc == 1 and "AttributeError: module 'cvenv' has no attribute 'nothing'" in result.err
