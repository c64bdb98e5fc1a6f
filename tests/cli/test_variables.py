# SPDX-License-Identifier: MIT
"""cvenv's own environment variables: their meaning, and the errors for invalid values."""

import json
import os

import pytest

import runner


def argv(py, *args):
    return ["-p", py.path, "--without-pip", *args, "env"]


@pytest.mark.parametrize("value", ["abc", "-1", "1e9", "1.5", " 1", "1000001", "9" * 40])
def test_lock_timeout_that_is_no_number_is_refused(box, newest, value):
    """It is checked even if no lock is waited for, so that the user notices the mistake at once."""
    for args in ([], ["--dry-run"]):
        box.cvenv(*argv(newest, *args), env={"CVENV_LOCK_TIMEOUT": value}).refused(
            "CVENV_LOCK_TIMEOUT: invalid number of seconds: '%s'" % value, rc=2
        )
    assert os.listdir(box.work) == []


@pytest.mark.parametrize("value", ["0", "1000000", ""])
def test_lock_timeout_in_its_range_is_accepted(box, newest, value):
    box.cvenv(*argv(newest), env={"CVENV_LOCK_TIMEOUT": value}).quiet()


def test_empty_variable_counts_as_not_set(box, newest):
    """As those of XDG do."""
    python3 = os.path.join(box.bin, "python3")
    if not os.path.lexists(python3):
        os.symlink(newest.path, python3)
    path = box.bin + ":" + box.environ({})["PATH"]
    changes = {"CVENV_PYTHON": "", "CVENV_CACHE_DIR": "", "PATH": path}
    box.cvenv("--without-pip", "env", env=changes).quiet()
    assert runner.cfg(box.path("env"))["home"] == box.bin
    assert os.path.isdir(os.path.join(box.home, ".cache", "cvenv"))


def test_relative_cache_directory_is_below_the_current_one(cold, newest):
    cold.cvenv(*argv(newest), env={"CVENV_CACHE_DIR": "mine"}).quiet()
    assert os.path.isdir(cold.path("mine", "v1"))


def test_default_cache_that_cannot_be_used_is_no_warning(cold, newest):
    """Nobody named it."""
    runner.write(cold.home, ".cache", text="a file")
    changes = {"CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    cold.cvenv("-p", newest.path, "env", env=changes).quiet()
    said = cold.cvenv("-v", "-p", newest.path, "env", env=changes).ok()
    assert "cvenv: working without a cache: " in said.err


# ---------------------------------------------------------------- CVENV_SOME_OPTION

# The unit test cli/options.c compares every option with its variable.


def json_of(box, *args, **changes):
    return json.loads(box.cvenv("--json", *args, env=changes).ok().out)


def test_order_is_command_line_variable_default(box, newest):
    def prompt(*args, **changes):
        return json_of(box, *argv(newest, "--clear", *args), **changes)["prompt"]

    assert prompt() == "env"
    assert prompt(CVENV_PROMPT="variable") == "variable"
    assert prompt("--prompt", "argument", CVENV_PROMPT="variable") == "argument"


def test_flag_variable_is_on_or_off(box, newest):
    for value, on in (("1", True), ("Yes", True), ("0", False), ("off", False), ("", False)):
        box.cvenv(*argv(newest, "--clear"), env={"CVENV_SYSTEM_SITE_PACKAGES": value}).quiet()
        said = runner.cfg(box.path("env"))["include-system-site-packages"]
        assert said == str(on).lower(), value


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("CVENV_COPIES", "maybe", ["invalid value: 'maybe'", "choose from 1, true"]),
        ("CVENV_VERBOSE", "-1", ["invalid value: '-1'"]),
        ("CVENV_LINK_MODE", "hybrid", ["invalid choice: 'hybrid'", "auto, reflink, hardlink, copy"]),
        ("CVENV_ACTIVATORS", "nushel", ["invalid choice: 'nushel'", "did you mean 'nushell'?"]),
    ],
)
def test_wrong_variable_is_named(box, newest, name, value, words):
    box.cvenv(*argv(newest), env={name: value}).refused(name + ": ", *words, rc=2)
    assert os.listdir(box.work) == []
    box.cvenv("--help", env={name: value}).ok()


def test_dangerous_options_have_no_variable(box, newest):
    """Set long ago and forgotten, it would surprise."""
    runner.write(box.work, "env", "mine", text="x")
    actions = ("CLEAR", "FORCE", "UPGRADE", "DRY_RUN", "HELP", "VERSION", "CACHE_CLEAN", "WARM")
    box.cvenv(*argv(newest), env={"CVENV_" + name: "1" for name in actions}).quiet()
    assert os.path.exists(box.path("env", "mine"))
    assert os.path.exists(box.path("env", "bin", "activate"))


def test_variable_of_an_environment_does_not_hinder_cache_options(cold):
    cold.cvenv("--cache-info", env={"CVENV_RELOCATABLE": "1", "CVENV_PROMPT": "x"}).ok()
