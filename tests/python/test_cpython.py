# SPDX-License-Identifier: MIT
"""CPython's own tests of venv, from the test package of each interpreter, against cvenv.

They are run as they are, through a module `venv` that is cvenv (shim/venv.py). Each test that passes
with the standard library passes here, but for the EXCEPTIONS.
"""

import pytest

import builders
from conftest import HAS_EXTENSION

# (test, versions it concerns, why it cannot pass). A test of the table that passes is a failure.
# None is needed from 3.8.18 to 3.15.2.
EXCEPTIONS = []


def exception_for(name, version):
    """Why the test NAME may fail with that Python, or None."""
    for test, concerns, why in EXCEPTIONS:
        if name.rpartition(".")[2] == test and concerns(version):
            return why
    return None


def test_cpythons_own_tests(some_py, room):
    py = some_py
    ended = builders.cpythons_tests(room, py)
    if "none" in ended:
        pytest.skip("%s has no tests of its own: %s" % (py, ended["none"]))
    assert len(ended) > 15, ended
    failed = {name: text for name, (how, text) in ended.items() if how == "failed"}
    excepted = {name for name in ended if exception_for(name, py.minor)}
    now_passing = [name for name in excepted if ended[name][0] == "passed"]
    assert not now_passing, "take these out of the table of exceptions"
    doubtful = sorted(set(failed) - excepted)
    if doubtful:
        with_stdlib = builders.cpythons_tests(room, py, doubtful, package="venv")
        worse = [name for name in doubtful if with_stdlib[name][0] == "passed"]
        assert not worse, "\n".join("%s\n%s" % (name, failed[name]) for name in worse)


def test_what_is_run_is_cvenv(py, room):
    """Lest the shim should not be found and the tests above prove nothing."""
    code = "import json, venv; print(json.dumps([venv.__name__, venv._native.__name__]))"
    native = "cvenv._native" if HAS_EXTENSION else "cvenv._command"
    assert room.asks(py, code) == ["cvenv", native]
