# SPDX-License-Identifier: MIT
"""Builders of which some steps are overridden: the same calls, with the same context, and the
same result as with the standard library's venv of the same Python.
"""

import json
import os

import pytest

import trees

# Records each call of a step, the context at that time, and what pyvenv.cfg says.
RECORDER = r"""
import json, os, sys, venv

env_dir, options = sys.argv[1], json.loads(sys.argv[2])
calls = []
STEPS = ("ensure_directories", "clear_directory", "create_git_ignore_file", "create_configuration",
         "setup_python", "symlink_or_copy", "_setup_pip", "setup_scripts", "install_scripts",
         "replace_variables", "post_setup", "upgrade_dependencies")


def config():
    try:
        with open(os.path.join(env_dir, "pyvenv.cfg"), encoding="utf-8") as f:
            return [line for line in f.read().splitlines() if not line.startswith("cvenv = ")]
    except OSError:
        return None


class Recorder(venv.EnvBuilder):
    pass


def recorded(name, original):
    def step(self, *args, **kwargs):
        contexts = [a for a in args if hasattr(a, "env_dir")]
        calls.append([name, len(args), self.system_site_packages, config(), sorted(os.listdir(env_dir))
                      if os.path.isdir(env_dir) else None,
                      {k: str(v) for k, v in vars(contexts[0]).items()} if contexts else None])
        if name == "upgrade_dependencies":
            return None
        answer = original(self, *args, **kwargs)
        if name == "ensure_directories":
            calls.append(["context", {k: str(v) for k, v in vars(answer).items()}])
        return answer
    return step


for name in options.pop("record"):
    if hasattr(venv.EnvBuilder, name):
        setattr(Recorder, name, recorded(name, getattr(venv.EnvBuilder, name)))
Recorder(**options).create(env_dir)
print(json.dumps(calls))
"""

MAIN_STEPS = (
    "ensure_directories",
    "create_git_ignore_file",
    "create_configuration",
    "setup_python",
    "_setup_pip",
    "setup_scripts",
    "post_setup",
    "upgrade_dependencies",
)

# What only cvenv's contexts and directories have, or only those of some versions of venv.
OWN_CONTEXT = {"platlib_path", "lib_path", "env_exec_cmd", "script_path", "cfg_path"}


def record(room, py, package, options, prepare=None):
    env_dir = room.path("env")
    if prepare:
        prepare(env_dir)
    text = json.dumps(options)
    calls = room.asks(py, RECORDER, env_dir, text, package=package)
    tree = sorted(os.listdir(os.path.join(env_dir, "bin")))
    room.empty_work()
    return calls, tree


def both(room, py, options, prepare=None):
    options = supported(py, options)
    theirs, their_bin = record(room, py, "venv", options, prepare)
    ours, our_bin = record(room, py, "cvenv", options, prepare)
    assert [c[0] for c in ours] == [c[0] for c in theirs]
    for our, their in zip(ours, theirs):
        for context in (our[-1], their[-1]):
            for name in OWN_CONTEXT.intersection(context or ()):
                if name not in (their[-1] or ()) or name not in (our[-1] or ()):
                    del context[name]
        assert our == their, our[0]
    assert set(their_bin) <= set(our_bin)


def supported(py, options):
    unknown = {"upgrade_deps": (3, 9), "scm_ignore_files": (3, 13)}
    return {k: v for k, v in options.items() if py.minor >= unknown.get(k, (3, 0))}


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
    both(room, py, {"record": MAIN_STEPS, **options})


def test_calls_with_pip(some_py, room):
    both(room, some_py, {"record": MAIN_STEPS, "with_pip": True, "symlinks": True})


def test_clearing(some_py, room):
    def prepare(env_dir):
        os.makedirs(os.path.join(env_dir, "sub", "sub"))
        os.symlink("nowhere", os.path.join(env_dir, "link"))

    record = ("ensure_directories", "clear_directory", "post_setup")
    both(room, some_py, {"record": record, "clear": True, "symlinks": True}, prepare)


def test_means_of_a_step(py, room):
    """symlink_or_copy is called for each name."""
    options = {"record": ["symlink_or_copy"], "symlinks": True}
    theirs, _ = record(room, py, "venv", options)
    ours, _ = record(room, py, "cvenv", options)
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
    options = json.dumps(supported(some_py, options))
    seen = {}
    for how in ("one", "steps"):
        room.python(some_py, "-c", code, options, how, room.path("env")).quiet()
        seen[how] = trees.snapshot(room.path("env"))
        room.empty_work()
    assert seen["steps"] == seen["one"]
