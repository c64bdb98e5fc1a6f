# SPDX-License-Identifier: MIT
"""The same environment twice, by the venv of a real CPython for Windows and by cvenv, at the same path."""

import os
import time

import pytest

import allowances
import runner
import wine
import wintrees


def _reference_argv(py, args):
    if py.minor < (3, 13):
        args = [a for a in args if a != "--without-scm-ignore-files"]
    return args


class Pair:
    """Runs steps with venv and with cvenv."""

    def __init__(self, box, py, base=None):
        """base: the Python of both, if it is not py itself."""
        self.box, self.py = box, py
        self.base = base or py.path

    def by_venv(self, args, **more):
        return self.box.run(self.base, "-m", "venv", *_reference_argv(self.py, args), **more)

    def by_cvenv(self, args, **more):
        base = wine.windows_path(self.base) if self.base.startswith("/") else self.base
        return self.box.cvenv("-p", base, *args, **more)

    def make(self, by, steps, envs=("env",), prepare=None, cwd=None):
        self.box.empty_work()
        made = int(time.time())
        if prepare:
            prepare(self.box)
        for step in steps:
            if callable(step):
                step(self.box)
            else:
                by(step, cwd=cwd and self.box.path(cwd)).ok()
        says = {env: self.box.says(self.box.path(env)) for env in envs}
        return wintrees.State.take(self.box.work, says, made)

    def same(self, *steps, **more):
        reference = self.make(self.by_venv, steps, **more)
        got = self.make(self.by_cvenv, steps, **more)
        assert len(reference.files) > 5, "CPython made nothing to compare with"
        found = list(wintrees.compare(reference, got))
        assert not found, "\n" + "\n".join(map(str, found))
        return reference, got


# ---------------------------------------------------------------- the comparison itself


def _changed(state, name, change):
    """The state with one more difference."""
    files = dict(state.files)
    file = files[name]
    data, mtime, attributes = file.data, file.mtime, file.attributes
    if callable(change):
        data = change(data)
        assert data != file.data, name
    elif change == "older":
        mtime -= 1000
    elif change == "read-only":
        attributes = (not attributes[0], attributes[1])
    files[name] = wintrees.File(data, mtime, attributes)
    if change == "missing":
        del files[name]
    return wintrees.State(files, state.says, state.made)


CHANGES = [
    ("env/pyvenv.cfg", lambda data: data.replace(b"\r\n", b"\n")),
    ("env/pyvenv.cfg", lambda data: data + b"prompt = 'x'\r\n"),
    ("env/Scripts/python.exe", lambda data: data[:-1] + b"!"),
    ("env/Scripts/pythonw.exe", "missing"),
    ("env/Scripts/python.exe", "older"),
    ("env/Scripts/python.exe", "read-only"),
    ("env/Scripts/activate.bat", "missing"),
    ("env/Scripts/pip.exe", lambda data: data.replace(b"python.exe\n", b"python.exe\r\n")),
    ("env/Scripts/pip3.exe", lambda data: b"M" + data),
    ("env/Scripts/pip.exe", lambda data: data.replace(b"__main__.py", b"__m4in__.py")),
    ("env/Lib/site-packages/pip/__init__.py", lambda data: data + b"\n"),
]
RECORD_CHANGES = [
    lambda data: data.replace(b"../../Scripts/pip.exe", b"../../Scripts/pip4.exe"),
    lambda data: data.replace(b"\r\n", b"\n"),
    lambda data: data.replace(b"sha256=", b"sha256=A", 1),
]


def find_every_change(reference, got):
    """That the comparison is able to fail."""
    for name, change in CHANGES:
        found = list(wintrees.compare(reference, _changed(got, name, change)))
        assert any(d.path == name for d in found), (name, found)
    (info,) = [name for name in got.files if name.endswith("/RECORD") and "/pip-" in name]
    for change in RECORD_CHANGES:
        assert list(wintrees.compare(reference, _changed(got, info, change)))


def test_allowed_differences_are_documented():
    assert wintrees.ALLOWED <= allowances.documented()


# ---------------------------------------------------------------- with pip


def test_with_pip(box, py):
    """The bytecode of CPython's pip is only there with --compile."""
    pair = Pair(box, py)
    reference, got = pair.same(["env"])
    find_every_change(reference, got)
    compiled = pair.make(pair.by_cvenv, [["--compile", "env"]])
    assert not list(wintrees.compare(reference, compiled))
    assert not reference.files.keys() - compiled.files.keys()


def test_with_pip_below_a_path_with_spaces(box, some_py):
    env = "a b/my \u00e9\u4e2d env"
    Pair(box, some_py).same(["--system-site-packages", "--prompt", "p", env], envs=[env])


@pytest.mark.nightly
@pytest.mark.parametrize(
    "steps",
    [
        [["--copies", "env"]],
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
def test_with_pip_nightly(box, py, steps):
    Pair(box, py).same(*steps, envs=steps[0] if "e1" in steps[0] else ["env"])


# ---------------------------------------------------------------- options

OPTIONS = {
    "copies": [["--copies", "env"]],
    "system-site": [["--system-site-packages", "env"]],
    "without-scm": [["--without-scm-ignore-files", "env"]],
    "all-of-it": [["--system-site-packages", "--clear", "--prompt", "all of it", "env"]],
    "again": [["env"], ["env"]],
    "again-system-site": [["env"], ["--system-site-packages", "env"]],
    "clear": [["env"], ["--clear", "env"]],
    "upgrade": [["env"], ["--upgrade", "env"]],
    "upgrade-new": [["--upgrade", "env"]],
    "upgrade-prompt": [["env"], ["--upgrade", "--prompt", "new", "env"]],
    "several": [["env", "deep/er\\two"]],
    "dots": [["one/../env"]],
    "drive": [["z:env"]],
}


def _bare(steps):
    return [["--without-pip", *step] for step in steps]


@pytest.mark.parametrize("name", ["all-of-it", "again", "upgrade-prompt"])
def test_options_of_each_python(box, py, name):
    Pair(box, py).same(*_bare(OPTIONS[name]))


@pytest.mark.parametrize("name", [n for n in OPTIONS if n not in ("all-of-it", "again", "upgrade-prompt")])
def test_options(box, some_py, name):
    Pair(box, some_py).same(*_bare(OPTIONS[name]))


PROMPTS = ["two words ", ".", "it's", 'say "x"', "a\\b\\n", "na\u00efve \u74b0\u5883", "%PATH% !x ^ & |", "(x) "]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_prompts(box, some_py, prompt):
    if prompt == "." and some_py.minor == (3, 8):
        pytest.skip("prompt-dot: 3.8 does not know it")
    Pair(box, some_py).same(["--without-pip", "--prompt", prompt, "env"])


NAMES = ["sp ace", "\u00e9\u4e2d\U0001f40d", "it's", "per%cent%", "amp&ersand", "trail.", "CapItal", "a.b"]


@pytest.mark.parametrize("name", NAMES)
def test_names(box, some_py, name):
    Pair(box, some_py).same(["--without-pip", name], envs=[name.rstrip(".")])


def test_an_existing_directory_is_filled(box, some_py):
    def prepare(box):
        runner.write(box.path("env", "notes.txt"), text="mine")
        runner.write(box.path("env", "Scripts", "tool.cmd"), text="@echo off\r\n")
        runner.write(box.path("env", "Lib", "deep", "file"), text="x")

    Pair(box, some_py).same(["--without-pip", "env"], prepare=prepare)
    Pair(box, some_py).same(["--without-pip", "env"], prepare, ["--without-pip", "--clear", "env"])


# ---------------------------------------------------------------- nested environments


def test_an_environment_made_by_the_python_of_another(box, py):
    """Nested: home is the real base, executable and command name the outer python.exe."""

    def outer(box):
        box.venv(py, "--without-pip", "outer").ok()

    pair = Pair(box, py, base=box.path("outer", "Scripts", "python.exe"))
    pair.same(["--without-pip", "env"], prepare=outer)
