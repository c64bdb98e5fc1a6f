# SPDX-License-Identifier: MIT
"""The same environment twice, by the Python's own venv and by cvenv, at the same path.

What differs must be in allowances.py, and each id there a row of doc/differences.md.
"""

import ast
import os
import re
import shutil

import pytest

import allowances
import bases
import runner
import trees
from session import NIGHTLY

UMASKS = [0o022, 0o077, 0o002]


def _reference_argv(py, args):
    if py.minor < (3, 13):
        args = [a for a in args if a != "--without-scm-ignore-files"]
    if py.minor < (3, 9):
        args = [a for a in args if a != "--upgrade-deps"]
    return args


class Pair:
    """Runs steps with venv and with cvenv; `base` is the Python of both."""

    def __init__(self, box, py, base=None, traits=()):
        self.box, self.py = box, py
        self.base = base or py.path
        self.traits = frozenset(traits)

    def _make(self, argv, prepare, steps, envs, umask, cwd):
        self.box.empty_work()
        if prepare:
            prepare(self.box.work)
        for step in steps:
            if callable(step):
                step(self.box.work)
                continue
            self.box.run([*argv(step)], umask=umask, cwd=cwd or self.box.work).ok()
        says = {}
        for env in envs:
            says[env] = self.box.says(os.path.join(self.box.work, env))
        return trees.State.take(self.box.work, says)

    def differences(self, *steps, envs=("env",), prepare=None, umask=0o022, cwd=None):
        steps = [s if callable(s) else list(s) for s in steps]

        def by_venv(args):
            return [self.base, "-m", "venv", *_reference_argv(self.py, args)]

        def by_cvenv(args):
            return [self.box.command, "-p", self.base, *args]

        reference = self._make(by_venv, prepare, steps, envs, umask, cwd)
        got = self._make(by_cvenv, prepare, steps, envs, umask, cwd)
        assert len(reference.nodes) > 5, "CPython made nothing to compare with"
        flat = tuple(arg for step in steps if not callable(step) for arg in step)
        case = allowances.Case(self.py, flat, self.traits)
        return allowances.unexpected(trees.compare(reference, got), case)

    def same(self, *steps, **more):
        found = self.differences(*steps, **more)
        assert not found, "\n" + "\n".join(map(str, found))


# ---------------------------------------------------------------- with pip

# The references with pip take seconds each, so not every Python makes one in every run.


def test_with_pip(box, few_py):
    Pair(box, few_py).same(["env"])


def test_with_pip_private_and_system_site_below_a_path_with_spaces(box, some_py):
    Pair(box, some_py).same(
        ["--system-site-packages", "--prompt", "p", "a b/my env"],
        envs=["a b/my env"],
        umask=0o077,
    )


@pytest.mark.nightly
@pytest.mark.parametrize(
    "steps",
    [
        [["--copies", "env"]],
        [["--system-site-packages", "env"]],
        [["env"], ["env"]],
        [["env"], ["--clear", "env"]],
        [["--without-pip", "env"], ["env"]],
        [["--without-pip", "env"], ["--upgrade", "env"]],
        [["env"], ["--upgrade", "env"]],
        [["e1", "e2"]],
        [["--upgrade", "env"]],
    ],
    ids=lambda steps: " then ".join(" ".join(s) for s in steps),
)
@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_with_pip_nightly(box, py, steps, umask):
    if py.implementation == "pypy" and "--copies" in steps[0]:
        pytest.skip("PyPy's --copies copies all of its library directory")
    envs = steps[0][-2:] if "e1" in steps[0] else ["env"]
    Pair(box, py).same(*steps, envs=envs, umask=umask)


# ---------------------------------------------------------------- options

OPTIONS = {
    "plain": [["env"]],
    "symlinks": [["--symlinks", "env"]],
    "system-site": [["--system-site-packages", "env"]],
    "without-scm": [["--without-scm-ignore-files", "env"]],
    "all-of-it": [["--system-site-packages", "--clear", "--prompt", "all", "env"]],
    "again": [["env"], ["env"]],
    "again-system-site": [["env"], ["--system-site-packages", "env"]],
    "again-without-system-site": [["--system-site-packages", "env"], ["env"]],
    "clear": [["env"], ["--clear", "env"]],
    "clear-new": [["--clear", "env"]],
    "upgrade": [["env"], ["--upgrade", "env"]],
    "upgrade-new": [["--upgrade", "env"]],
    "upgrade-prompt": [["env"], ["--upgrade", "--prompt", "new", "env"]],
    "again-prompt": [["--prompt", "old", "env"], ["env"]],
    "copies-twice": [["--copies", "env"], ["--copies", "env"]],
}


def _pypy_copies(py, steps):
    if py.implementation == "pypy" and any("--copies" in s for s in steps):
        pytest.skip("PyPy's own --copies copies all of its library directory, or fails")


def _bare(steps):
    return [["--without-pip", *step] for step in steps]


# What CPython's own venv does differently from version to version.
BY_VERSION = ["all-of-it", "upgrade-prompt", "copies-twice"]


@pytest.mark.parametrize("name", BY_VERSION)
def test_options_of_each_python(box, py, name):
    steps = OPTIONS[name]
    _pypy_copies(py, steps)
    Pair(box, py).same(*_bare(steps))


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in BY_VERSION])
def test_options(box, some_py, name):
    steps = OPTIONS[name]
    _pypy_copies(some_py, steps)
    Pair(box, some_py).same(*_bare(steps))


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
@pytest.mark.parametrize("name", ["plain", "copies"])
def test_modes(box, some_py, name, umask):
    steps = [["--copies", "env"]] if name == "copies" else [["env"]]
    _pypy_copies(some_py, steps)
    Pair(box, some_py).same(*_bare(steps), umask=umask)


def test_several(box, some_py):
    envs = ["one", "two", "deep/er/three"]
    Pair(box, some_py).same(["--without-pip", *envs], envs=envs)


def _foreign(work):
    runner.write(work, "env", "notes.txt", text="mine", mode=0o640)
    runner.write(work, "env", "bin", "tool", text="#!/bin/sh\n", mode=0o755)
    runner.write(work, "env", "lib", "deep", "file", text="x")
    os.symlink("/nonexistent", os.path.join(work, "env", "dangling"))


def test_foreign_files_are_kept(box, some_py):
    Pair(box, some_py).same(["--without-pip", "env"], _foreign, ["--without-pip", "env"])


def test_foreign_files_are_kept_by_upgrade(box, some_py):
    again = ["--without-pip", "--upgrade", "env"]
    Pair(box, some_py).same(["--without-pip", "env"], _foreign, again)


def test_foreign_files_are_cleared(box, some_py):
    Pair(box, some_py).same(["--without-pip", "env"], _foreign, ["--without-pip", "--clear", "env"])


def test_an_existing_directory_is_filled(box, some_py):
    Pair(box, some_py).same(["--without-pip", "env"], prepare=_foreign)


def test_a_gitignore_of_ones_own(box, some_py):
    def prepare(work):
        runner.write(work, "env", ".gitignore", text="/build/\n")

    Pair(box, some_py, traits={"own-gitignore"}).same(["--without-pip", "env"], prepare=prepare)
    assert runner.read(box.path("env", ".gitignore")) == "/build/\n"


def test_mode_of_an_existing_directory_is_kept(box, some_py):
    def prepare(work):
        os.mkdir(os.path.join(work, "env"))
        os.chmod(os.path.join(work, "env"), 0o711)

    Pair(box, some_py).same(["--without-pip", "env"], prepare=prepare)
    Pair(box, some_py).same(["--without-pip", "--clear", "env"], prepare=prepare)


def test_existing_lib64_is_kept(box, some_py):
    def prepare(work):
        os.makedirs(os.path.join(work, "env", "lib64"))

    Pair(box, some_py).same(["--without-pip", "env"], prepare=prepare)


# ---------------------------------------------------------------- prompts

PROMPTS = {
    "word": "word",
    "spaces": "two words ",
    "dot": ".",
    "empty": "",
    "single-quote": "it's",
    "double-quote": 'say "x"',
    "both-quotes": 'it\'s "both"',
    "backslash": "a\\b\\n",
    "tab": "a\tb",
    "control": "a\x01\x1b[0mb\x7f",
    "latin": "naïve",
    "cjk": "環境",
    "combining": "e\u0301",
    "zero-width": "a\u200bb",
    "no-break-space": "a\u00a0b",
    "soft-hyphen": "a\u00adb",
    "line-separator": "a\u2028b",
    "next-line": "a\x85b",
    "emoji": "\U0001f40d",
    "private-use": "\ue000",
    "noncharacter": "\U0010ffff",
    "dollar": "$HOME `id` %PATH% !x",
    "parens": "(x) ",
    "equals": "a = b # c",
}


@pytest.mark.parametrize("name", PROMPTS)
def test_prompts(box, some_py, name):
    Pair(box, some_py).same(["--without-pip", "--prompt", PROMPTS[name], "env"])


def test_prompts_with_line_breaks_are_quoted(box, some_py):
    """CPython's command line is broken over lines by these: only the prompt is compared."""
    for prompt in ("a\nb", "a\r\nb", "\n"):
        found = Pair(box, some_py).differences(["--without-pip", "--prompt", prompt, "env"])
        found = [d for d in found if not (d.kind == "cfg" and d.key in ("command", ""))]
        assert not found, "\n".join(map(str, found))
        lines = runner.read(box.work, "env", "pyvenv.cfg").split("\n")
        assert all(re.match(r"[a-z-]+ = ", line) for line in lines[:-1]), lines


def test_every_character_of_a_prompt(box, newest):
    """The planes of Unicode in long prompts: pyvenv.cfg has them as literals with the same value."""
    step = 1 if NIGHTLY else 0x110
    characters = [chr(c) for c in range(1, 0x30000, step) if not 0xD800 <= c < 0xE000]
    wrong = []
    for start in range(0, len(characters), 4000):
        part = "".join(c for c in characters[start : start + 4000] if c not in "\n\r")
        box.cvenv("-p", newest.path, "--clear", "--without-pip", "--prompt", part, "env").ok()
        text = runner.read(box.work, "env", "pyvenv.cfg")
        got = ast.literal_eval(dict(trees.config(text)).get("prompt"))
        wrong += [(a, b) for a, b in zip(part, got) if a != b][:5]
        if not wrong and part != got:
            wrong.append((part[-20:], got[-20:]))
    assert not wrong


def test_dot_is_the_name_of_the_current_directory(box, some_py):
    os.mkdir(os.path.join(box.root, "my project"))
    cwd = os.path.join(box.root, "my project")
    step = ["--without-pip", "--prompt", ".", os.path.join(box.work, "env")]
    Pair(box, some_py).same(step, cwd=cwd)


def test_dot_in_the_root_directory(box, some_py):
    Pair(box, some_py).same(
        ["--without-pip", "--prompt", ".", os.path.join(box.work, "env")], cwd="/"
    )


# ---------------------------------------------------------------- paths

PATHS = {
    "space": "a b/en v",
    "single-quote": "it's/e'nv",
    "double-quote": 'a"b/e"nv',
    "dollar": "$HOME/`id`",
    "backslash": "a\\b/e\\n",
    "tab": "a\tb",
    "latin": "naïve/ünï",
    "cjk": "環境/項目",
    "decomposed": "e\u0301/o\u0308",
    "hash": "#a/%b",
    "dash": "-x y",
    "equals": "a = b/c = d",
    "255-bytes": "n" * 255,
    "255-bytes-below": "d/" + "é" * 127,
    "hidden": ".hidden",
    "deep": "a/b/c/d/e/f",
    "dot-slash": "./env",
    "slashes": "a//b///env",
    "dots": "a/./env",
    "parent": "a/../b",
    "parent-of-what-is-not-there": "x/y/../../z",
    "trailing-slash": "env/",
    "trailing-dot": "env/.",
    "star": "*?[x]",
    "tilde": "~/env",
}


@pytest.mark.parametrize("name", PATHS)
def test_paths(box, some_py, name):
    path = PATHS[name]
    Pair(box, some_py).same(["--without-pip", path], envs=[os.path.normpath(path)])


def test_path_with_a_newline(box, some_py):
    found = Pair(box, some_py).differences(["--without-pip", "a\nb/e\nnv"], envs=["a\nb/e\nnv"])
    found = [d for d in found if not (d.kind == "cfg" and d.key in ("command", ""))]
    assert not found, "\n".join(map(str, found))


def test_absolute_path(box, some_py):
    Pair(box, some_py).same(["--without-pip", box.path("env")])


def test_two_leading_slashes(box, some_py):
    Pair(box, some_py).same(["--without-pip", "/" + box.path("env")])


def test_long_path(box, some_py):
    """4,000 bytes: the paths of its files still fit into PATH_MAX."""
    room = 4000 - len(box.work) - 1
    parts = []
    while room > 0:
        parts.append("d" * min(200, room))
        room -= len(parts[-1]) + 1
    path = "/".join(parts)
    assert 3990 <= len(box.path(path)) <= 4000
    Pair(box, some_py).same(["--without-pip", path], envs=[path])


def test_current_directory(box, some_py):
    """'' and '.' are the current directory."""
    inside = os.path.join(box.work, "project")

    def prepare(work):
        os.mkdir(inside)

    for name in ("", "."):
        pair = Pair(box, some_py)
        pair._make = _in(pair, inside)
        pair.same(["--without-pip", name], envs=["project"], prepare=prepare)


def _in(pair, cwd):
    make = pair._make

    def there(argv, prepare, steps, envs, umask, _):
        return make(argv, prepare, steps, envs, umask, cwd)

    return there


def test_below_a_symlinked_parent(box, some_py):
    def prepare(work):
        os.mkdir(os.path.join(work, "real"))
        os.symlink("real", os.path.join(work, "link"))

    step = ["--without-pip", "link/sub/env"]
    Pair(box, some_py).same(step, prepare=prepare, envs=["link/sub/env"])
    step = ["--without-pip", "link/../env"]
    Pair(box, some_py).same(step, prepare=prepare, envs=["env"])


def test_symlinked_current_directory(box, some_py):
    """getcwd() is physical, whatever PWD says."""
    os.symlink(box.work, os.path.join(box.root, "way"))
    Pair(box, some_py).same(["--without-pip", "env"], cwd=os.path.join(box.root, "way"))


# ---------------------------------------------------------------- the base


@pytest.fixture
def named(box, some_py):
    """A directory in which the Python has other names."""
    directory = os.path.join(box.root, "names")
    os.mkdir(directory)
    for name in {"python", "python3", "python" + some_py.x_y, "mypy", "my py"}:
        os.symlink(some_py.path, os.path.join(directory, name))
    return directory


@pytest.mark.parametrize("name", ["python", "python3", "python3.X", "mypy"])
def test_names_of_the_base(box, some_py, named, name):
    name = name.replace("3.X", some_py.x_y)
    Pair(box, some_py, os.path.join(named, name)).same(["--without-pip", "env"])


def test_a_name_with_a_space(box, some_py, named):
    Pair(box, some_py, os.path.join(named, "my py")).same(["--without-pip", "env"])


def test_copies_of_a_link(box, some_py):
    directory = os.path.join(box.root, "names")
    os.mkdir(directory)
    os.symlink(some_py.path, os.path.join(directory, "mypy"))
    Pair(box, some_py, os.path.join(directory, "mypy")).same(["--without-pip", "--copies", "env"])


def test_base_by_its_name_on_path(box, some_py):
    """Not -p /full/path, but what the shell would find."""
    for name in ("python3", "mypy"):
        os.symlink(some_py.path, os.path.join(box.bin, name))
        Pair(box, some_py, name).same(["--without-pip", "env"])


def test_base_by_a_chain_of_links(box, some_py):
    directory = os.path.join(box.root, "links")
    os.mkdir(directory)
    os.symlink(os.path.dirname(some_py.path), os.path.join(directory, "bin"))
    os.symlink("bin/" + some_py.bin_name, os.path.join(directory, "one"))
    os.symlink("one", os.path.join(directory, "python3"))
    for base in ("python3", "bin/" + some_py.bin_name):
        Pair(box, some_py, os.path.join(directory, base)).same(["--without-pip", "env"])


def finds_its_base(py, mode):
    """Does that Python's own venv, run inside an environment, end at the real base?

    CPython from 3.11 on does, but a copy takes the python3 beside its original for
    its own, be it a debug build or another version.
    """
    beside = os.path.join(os.path.dirname(py.path), "python3")
    impostor = os.path.realpath(beside) != os.path.realpath(py.path)
    return (
        py.minor >= (3, 11)
        and py.implementation == "cpython"
        and not (mode == "--copies" and (impostor or py.debug))
    )


def test_python_version_where_the_venv_of_the_base_writes_it(box, few_py):
    """PEP 838 is a draft for 3.16. What decides is the venv of the base, not its version."""
    base = bases.with_python_version(few_py, os.path.join(box.root, "newer"))
    if not base:
        pytest.skip("the venv of %s is an unknown one" % few_py.path)
    pair = Pair(box, few_py, base)
    pair.same(["--without-pip", "--prompt", "p", "env"])
    assert runner.cfg(box.path("env"))["python-version"] == few_py.x_y
    pair.same(["--without-pip", "env"], ["--without-pip", "--upgrade", "env"])
    box.cvenv("-p", few_py.path, "--without-pip", "env").quiet()
    assert "python-version" not in runner.cfg(box.path("env"))


@pytest.mark.parametrize("mode", ["--symlinks", "--copies"])
@pytest.mark.parametrize("name", ["python", "python3"] if NIGHTLY else ["python3"])
def test_base_inside_another_environment(box, few_py, mode, name):
    _pypy_copies(few_py, [[mode]])
    outer = os.path.join(box.root, "outer")
    box.run([few_py.path, "-m", "venv", "--without-pip", mode, outer]).ok()
    base = os.path.join(outer, "bin", name)
    if finds_its_base(few_py, mode):
        traits = {"inside-a-copy"} if mode == "--copies" else ()
        Pair(box, few_py, base, traits=traits).same(["--without-pip", "env"])
        return
    # Others point into the outer environment or elsewhere; ours must outlive it.
    box.cvenv("-p", base, "--without-pip", "env").quiet()
    assert runner.cfg(box.path("env"))["home"] == os.path.dirname(few_py.path)
    shutil.rmtree(outer)
    said = box.says(box.path("env"))
    assert said["sys.prefix"] == box.path("env")
    assert os.path.realpath(said["sys.base_prefix"]) == os.path.realpath(few_py.prefix)


def test_base_inside_an_environment_that_cvenv_made(box, few_py):
    box.cvenv("-p", few_py.path, "--without-pip", os.path.join(box.root, "outer")).quiet()
    base = os.path.join(box.root, "outer", "bin", "python")
    if finds_its_base(few_py, "--symlinks"):
        Pair(box, few_py, base).same(["--without-pip", "env"])
    else:
        box.cvenv("-p", base, "--without-pip", "env").quiet()
        assert runner.cfg(box.path("env"))["home"] == os.path.dirname(few_py.path)


# ---------------------------------------------------------------- the list of allowances


def test_each_allowance_is_documented():
    missing = set(allowances.used_ids()) - allowances.documented()
    assert not missing, "no row in doc/differences.md for: %s" % ", ".join(sorted(missing))


def test_the_comparison_can_fail(box, newest):
    """The comparison detects each kind of difference between two trees."""
    box.cvenv("-p", newest.path, "env").quiet()
    env = box.path("env")
    before = trees.State.take(env, {"env": {"a": 1}})
    site = os.path.join(env, "lib", newest.lib_name, "site-packages")
    dist = next(n for n in os.listdir(site) if n.startswith("pip-"))
    os.remove(os.path.join(site, "pip", "py.typed"))
    runner.write(site, "new.py", text="")
    runner.write(site, "pip", "__init__.py", text="changed")
    os.chmod(os.path.join(env, "bin", "activate"), 0o600)
    os.remove(os.path.join(env, "bin", "python"))
    os.symlink("/bin/sh", os.path.join(env, "bin", "python"))
    with open(os.path.join(env, "pyvenv.cfg"), "a") as f:
        f.write("more = 1\n")
    with open(os.path.join(site, dist, "RECORD"), "a", newline="") as f:
        f.write("zzz,sha256=x,1\r\n")
    with open(os.path.join(env, "bin", "pip"), "r+b") as f:
        f.write(b"#!/wrong")
    shutil.rmtree(os.path.join(env, "include"))
    os.symlink("lib", os.path.join(env, "include"))
    after = trees.State.take(env, {"env": {"a": 2}})
    found = allowances.unexpected(trees.compare(before, after), allowances.Case(newest))
    kinds = {d.kind for d in found}
    assert kinds == set("missing extra type mode target content cfg record script says".split())
