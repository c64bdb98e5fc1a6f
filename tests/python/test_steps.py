# SPDX-License-Identifier: MIT
"""Builders of which some steps are overridden: the same calls, with the same context, and the
same result as with the standard library's venv of the same Python.
"""

import json
import os

import pytest

import builders
import trees

@pytest.mark.parametrize(
    "options",
    [
        {},
        {"symlinks": True, "prompt": "My prompt", "system_site_packages": True},
        {"symlinks": True, "upgrade": True},
        {"symlinks": True, "upgrade_deps": True, "scm_ignore_files": ["Git"]},
    ],
    ids=lambda options: "+".join(options) or "default",
)
def test_calls_and_contexts(py, room, options):
    builders.same_calls(room, py, {"record": builders.MAIN_STEPS, **options})


def test_calls_with_pip(some_py, room):
    builders.same_calls(room, some_py, {"record": builders.MAIN_STEPS, "with_pip": True, "symlinks": True})


def test_clearing(some_py, room):
    def prepare(env_dir):
        os.makedirs(os.path.join(env_dir, "sub", "sub"))
        os.symlink("nowhere", os.path.join(env_dir, "link"))

    record = ("ensure_directories", "clear_directory", "post_setup")
    builders.same_calls(room, some_py, {"record": record, "clear": True, "symlinks": True}, prepare)


def test_means_of_a_step(py, room):
    """symlink_or_copy is called for each name."""
    options = {"record": ["symlink_or_copy"], "symlinks": True}
    theirs, _ = builders.record(room, py, "venv", options)
    ours, _ = builders.record(room, py, "cvenv", options)
    assert [c[:2] for c in ours] == [c[:2] for c in theirs]


@pytest.mark.parametrize(
    "options",
    [
        {"with_pip": True},
        {"symlinks": True, "prompt": "a 'b'", "system_site_packages": True},
        {"symlinks": True, "with_pip": True, "scm_ignore_files": ["git"]},
    ],
    ids=["copies", "prompt", "git"],
)
def test_steps_make_what_one_call_makes(some_py, room, options):
    """A builder that is stepped through leaves the same tree as one that is not."""
    code = """
import json, sys, venv
options = json.loads(sys.argv[1])
class Stepped(venv.EnvBuilder):
    def post_setup(self, context):
        pass
{"one": venv.EnvBuilder, "steps": Stepped}[sys.argv[2]](**options).create(sys.argv[3])
"""
    options = json.dumps(builders.supported(some_py, options))
    seen = {}
    for how in ("one", "steps"):
        room.python(some_py, "-c", code, options, how, room.path("env")).quiet()
        seen[how] = trees.snapshot(room.path("env"))
        room.empty_work()
    assert seen["steps"] == seen["one"]
