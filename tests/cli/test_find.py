# SPDX-License-Identifier: MIT
"""Finding the Python: -p, CVENV_PYTHON, PATH, and shims of version managers."""

import os

import pytest

import bases
import runner


def home(box, name="env"):
    return runner.cfg(box.path(name))["home"]


def version(box, name="env"):
    return runner.cfg(box.path(name))["version"]


def text(py):
    return ".".join(map(str, py.version))


def make(box, *args, **more):
    box.cvenv("--without-pip", *args, "env", **more).quiet()


def place(box, name, py, as_name=None):
    """A directory for PATH in which a Python is."""
    directory = os.path.join(box.root, name)
    os.makedirs(directory, exist_ok=True)
    os.symlink(py.path, os.path.join(directory, as_name or py.bin_name))
    return directory


def test_first_python3_on_path(box, newest):
    first = place(box, "first", newest, "python")
    second = place(box, "second", newest, "python3")
    make(box, env={"PATH": first + ":" + second})
    assert home(box) == second


def test_python_if_there_is_no_python3(box, newest):
    first = place(box, "first", newest, "python")
    make(box, env={"PATH": "/nonexistent:" + first})
    assert home(box) == first


def test_cvenv_python(box, newest):
    first = place(box, "first", newest, "python3")
    make(box, env={"CVENV_PYTHON": newest.path, "PATH": first})
    assert home(box) == os.path.dirname(newest.path)
    make(box, env={"CVENV_PYTHON": "", "PATH": first})
    assert home(box) == first


def test_option_before_variable(box, newest):
    make(box, "-p", newest.path, env={"CVENV_PYTHON": "/nonexistent"})


def test_by_version(box, py):
    if not py.is_cpython or py.debug:
        pytest.skip("a plain version is one of CPython")
    directory = place(box, "first", py, "python" + py.x_y)
    make(box, "-p", py.x_y, env={"PATH": directory})
    assert (home(box), version(box)) == (directory, text(py))


def test_by_version_is_that_version(box, newest, pythons):
    """What is called python3.8 but is none is not taken for it."""
    directory = os.path.join(box.root, "first")
    os.makedirs(directory)
    os.symlink(newest.path, os.path.join(directory, "python3.8"))
    if newest.minor == (3, 8):
        pytest.skip("there is only 3.8")
    result = box.cvenv("-p", "3.8", "--without-pip", "env", env={"PATH": directory})
    if result.rc == 0:
        assert version(box).startswith("3.8.")
    else:
        result.refused()


def test_by_version_past_one_that_does_not_work(box, newest):
    broken = bases.script(os.path.join(box.root, "broken", "python" + newest.x_y), "exit 1")
    good = place(box, "good", newest, "python" + newest.x_y)
    path = os.path.dirname(broken) + ":" + good
    result = box.cvenv("--without-pip", "-p", newest.x_y, "env", env={"PATH": path})
    if result.rc:
        result.refused(broken)
    else:
        assert home(box) == good


def test_an_interpreter_that_fails_is_asked_once(box, newest):
    """It may take seconds: it is on PATH twice, several -p fit it, and the message lists others."""
    asked = os.path.join(box.root, "asked")
    broken = bases.script(os.path.join(box.root, "broken", "python3"), 'echo >>"%s"\nexit 3' % asked)
    path = ":".join([os.path.dirname(broken)] * 2)
    result = box.cvenv("-v", "-p", "3.9", "-p", ">=3.98", "-p", "3.99", "env", env={"PATH": path})
    assert result.rc == 1 and runner.read(asked) == "\n"
    assert result.err.count("cvenv: '%s' failed with status 3\n" % broken) == 1


def test_by_version_is_asked_once(box, newest):
    """A script may lead elsewhere next time, so its answer is not kept: one is enough to go on."""
    asked = os.path.join(box.root, "asked")
    text = 'echo >>"%s"\nexec "%s" "$@"' % (asked, newest.path)
    wrapper = bases.script(os.path.join(box.root, "wrapped", "python" + newest.x_y), text)
    for times in (1, 2):
        make(box, "-p", newest.x_y, "--clear", env={"PATH": os.path.dirname(wrapper)})
        assert version(box) == ".".join(map(str, newest.version))
        assert runner.read(asked) == "\n" * times


def plain(pythons):
    return sorted((p for p in pythons if p.is_cpython and not p.debug), key=lambda p: p.version)


def test_range_takes_the_highest_of_the_earliest_place(box, pythons):
    """The first place has no fitting one, the second has two, the last one is the newest."""
    some = plain(pythons)
    minors = {p.minor: p for p in some}
    if len(minors) < 4:
        pytest.skip("needs four minor versions of CPython")
    old, low, high, last = [minors[m] for m in sorted(minors)[:3] + sorted(minors)[-1:]]
    for name, py in (("first", old), ("second", low), ("second", high), ("third", last)):
        directory = place(box, name, py, "python" + py.x_y)
    path = ":".join(os.path.join(box.root, name) for name in ("first", "second", "third"))
    second = os.path.join(box.root, "second")
    cases = {
        ">=" + low.x_y: (second, high),
        ">=%s,<%s" % (low.x_y, high.x_y): (second, low),
        "cpython >= %s" % low.x_y: (second, high),
        "==%s.*" % last.x_y: (directory, last),
        "~=" + text(last): (directory, last),
        ">=3.8,!=%s.*" % old.x_y: (second, high),
    }
    for spec, (where, py) in cases.items():
        make(box, "--clear", "-p", spec, env={"PATH": path})
        assert (home(box), version(box)) == (where, text(py)), spec
    box.cvenv("-p", "==" + low.x_y, "env", env={"PATH": path}).refused("no Python ==%s found" % low.x_y)


def test_range_past_interpreters_that_lie_or_fail(box, pythons):
    some = plain(pythons)
    old, new = some[0], some[-1]
    if old.minor == new.minor:
        pytest.skip("needs two minor versions of CPython")
    lies = place(box, "first", old, "python" + new.x_y)
    bases.script(os.path.join(lies, "python3.99"), "exit 1")
    good = place(box, "second", new, "python3")
    make(box, "-p", ">" + text(old), env={"PATH": lies + ":" + good})
    assert (home(box), version(box)) == (good, text(new))


def test_builds_and_implementations(box, pythons):
    """Each build only when it is asked for by its name."""
    wanted = {"pypy": [], "debug": []}
    for py in pythons:
        if not py.is_cpython:
            wanted["pypy"].append(py)
        elif py.debug:
            wanted["debug"].append(py)
    if not wanted["pypy"] and not wanted["debug"]:
        pytest.skip("there is neither PyPy nor a debug build")
    for py in wanted["pypy"][:1]:
        directory = place(box, "pypy", py, "pypy3")
        for spec in ("pypy", "pypy" + py.x_y, "pypy>=3.8", "pp" + py.x_y.replace(".", "")):
            make(box, "--clear", "-p", spec, env={"PATH": directory})
            assert home(box) == directory, spec
        box.cvenv("-p", "cpython>=3.8", "x", env={"PATH": directory}).refused("no cpython>=3.8 found")
    for py in wanted["debug"][:1]:
        directory = place(box, "debug", py, "python3")
        for spec in (py.x_y + "d", py.x_y + "-dbg", py.x_y + "+debug", ">=3.8d"):
            make(box, "--clear", "-p", spec, env={"PATH": directory})
            assert home(box) == directory, spec


def test_of_several_the_first_that_exists(box, pythons):
    some = plain(pythons)
    old, new = some[0], some[-1]
    env = {"PATH": place(box, "first", new, "python3")}
    make(box, "-p", "3.99", "-p", "./none", "-p", old.path, "-p", new.path, env=env)
    assert version(box) == text(old)
    make(box, "--clear", "-p", new.path, "-p", old.path, env=env)
    assert version(box) == text(new)
    result = box.cvenv("-p", "3.99", "-p", "3.98", "x", env=env)
    result.refused("found none of the Pythons that were given: no Python 3.99 found")


@pytest.mark.parametrize("spec", ["=3.11", ">=", "3.11,", ">=3.11;", "^3.12", ">=3.11 <4", "cpython,<3.12"])
def test_what_looks_like_a_range_is_no_name(box, spec):
    """An unquoted '>' or '<' was read by the shell."""
    box.cvenv("-p", spec, "env").refused("'%s'" % spec, "quotes", rc=2 if spec[0] in "<>=" else 1)


def test_a_range_that_the_shell_took_for_a_file(box):
    box.cvenv("env", "-p").refused("expected one argument", "quotes", rc=2)


def test_relative_path(box, newest):
    os.symlink(newest.path, box.path("python3"))
    make(box, "-p", "./python3")
    assert home(box) == box.work


def test_empty_entries_of_path_are_not_the_current_directory_by_accident(box, newest):
    """As in a shell an empty entry is the current directory; a Python there is the user's wish."""
    good = place(box, "good", newest, "python3")
    bases.script(box.path("python3x"), "exit 1")
    make(box, env={"PATH": "/nonexistent:" + good + ":"})
    assert home(box) == good


def test_directories_and_files_without_x_are_skipped(box, newest):
    os.makedirs(os.path.join(box.root, "first", "python3"))
    runner.write(box.root, "second", "python3", text="#!/bin/sh\nexit 1\n", mode=0o644)
    good = place(box, "good", newest, "python3")
    path = ":".join([os.path.join(box.root, "first"), os.path.join(box.root, "second"), good])
    make(box, env={"PATH": path})
    assert home(box) == good


def test_an_activated_environment_gives_its_base(box, newest):
    """With one active, python3 on PATH is its own; the new one must not hang on it."""
    box.cvenv("-p", newest.path, "--without-pip", "outer").quiet()
    active = {"VIRTUAL_ENV": box.path("outer"), "PATH": box.path("outer", "bin") + ":/bin"}
    make(box, env=active)
    assert os.path.realpath(home(box)) == os.path.dirname(os.path.realpath(newest.path))


# ---------------------------------------------------------------- pyenv


SHIM = """#!/usr/bin/env bash
echo run >>"%s"
exec /nonexistent/pyenv exec "${0##*/}" "$@"
"""


class Pyenv:
    """A root as pyenv makes it, of Pythons that are elsewhere; the shims tell when they run."""

    def __init__(self, box, pythons):
        self.box = box
        self.root = os.path.join(box.root, "pyenv")
        self.log = os.path.join(box.root, "shim.log")
        self.shims = os.path.join(self.root, "shims")
        names = {"python", "python3"} | {"python" + p.x_y for p in pythons}
        for name in names:
            runner.write(self.shims, name, text=SHIM % self.log, mode=0o755)
        self.versions = {}
        for py in pythons:
            where = os.path.join(self.root, "versions", text(py), "bin")
            os.makedirs(where, exist_ok=True)
            for name in ("python", "python3", "python" + py.x_y):
                if not os.path.lexists(os.path.join(where, name)):
                    os.symlink(py.path, os.path.join(where, name))
            self.versions[text(py)] = where

    def env(self, **more):
        return dict({"PYENV_ROOT": self.root, "PATH": self.shims + ":/usr/bin:/bin"}, **more)

    def makes(self, expected, *args, **more):
        make(self.box, "--clear", *args, **more)
        assert home(self.box) == self.versions[text(expected)]
        assert not os.path.exists(self.log), "a shim was run"


@pytest.fixture
def pyenv(box, pythons):
    plain = {p.minor: p for p in pythons if p.is_cpython and not p.debug}
    if len(plain) < 2:
        pytest.skip("needs two minor versions of CPython")
    chosen = [plain[minor] for minor in sorted(plain)][-2:]
    return Pyenv(box, chosen), chosen


def test_pyenv_version_variable(pyenv):
    pyenv, (old, new) = pyenv
    for py in (old, new):
        pyenv.makes(py, env=pyenv.env(PYENV_VERSION=text(py)))


def test_pyenv_first_of_several(pyenv):
    pyenv, (old, new) = pyenv
    pyenv.makes(old, env=pyenv.env(PYENV_VERSION=text(old) + ":" + text(new)))
    both = pyenv.env(PYENV_VERSION=text(old) + ":" + text(new))
    pyenv.makes(new, "-p", "python" + new.x_y, env=both)


def test_pyenv_local_file(pyenv):
    """The nearest .python-version upwards from the current directory."""
    pyenv, (old, new) = pyenv
    box = pyenv.box
    runner.write(pyenv.root, "version", text=text(new) + "\n")
    pyenv.makes(new, env=pyenv.env())
    runner.write(box.work, ".python-version", text="# mine\n" + text(old) + "  \n")
    pyenv.makes(old, env=pyenv.env())
    deep = box.path("a", "b")
    os.makedirs(deep)
    box.cvenv("--without-pip", "--clear", "../../env", cwd=deep, env=pyenv.env()).quiet()
    assert home(box) == pyenv.versions[text(old)]
    pyenv.makes(new, env=pyenv.env(PYENV_VERSION=text(new)))


def test_pyenv_by_version(pyenv):
    pyenv, (old, new) = pyenv
    for py in (old, new):
        pyenv.makes(py, "-p", py.x_y, env=pyenv.env(PYENV_VERSION=text(py)))


def test_pyenv_version_not_installed_uses_the_systems(pyenv):
    """As pyenv 2.6 does, but with a warning; refused where PATH has no other Python."""
    pyenv, (old, _) = pyenv
    box = pyenv.box
    env = pyenv.env(PYENV_VERSION="9.9.9", PATH=pyenv.shims)
    box.cvenv("env", env=env).refused("version '9.9.9' is not installed")
    assert os.listdir(box.work) == []
    system = os.path.join(box.root, "system")
    os.mkdir(system)
    os.symlink(old.path, os.path.join(system, "python3"))
    env["PATH"] += ":" + system
    result = box.cvenv("--without-pip", "env", env=env).ok()
    assert result.err.startswith("cvenv: warning: version '9.9.9' of pyenv is not installed")
    assert system in result.err and result.err.count("\n") == 1
    assert runner.cfg(box.path("env"))["home"] == system
    assert not os.path.exists(pyenv.log), "a shim was run"


@pytest.mark.parametrize(
    "value",
    ["../../../bin", "/", "a\nb", "x" * 5000, "..", "3.12.1/../../.."],
    ids=lambda v: ascii(v[:20]),
)
def test_pyenv_version_that_is_a_path(pyenv, value):
    """Skipped with a warning, or refused; never followed."""
    pyenv, _ = pyenv
    evil = os.path.join(pyenv.box.root, "bin")
    for name in ("python", "python3"):
        bases.script(os.path.join(evil, name), "echo run >>'%s'" % pyenv.log)
    result = pyenv.box.cvenv("--without-pip", "env", env=pyenv.env(PYENV_VERSION=value))
    if result.rc:
        result.refused()
        return
    assert result.err.startswith("cvenv: warning: ") and result.err.count("\n") == 1, str(result)
    assert home(pyenv.box) in ("/usr/bin", "/bin", *pyenv.versions.values())
    assert not os.path.exists(pyenv.log)


def test_pyenv_hostile_file(pyenv):
    pyenv, (old, new) = pyenv
    box = pyenv.box
    for data in (b"\0" * 100, b"\xff\n", b"../../evil\n", b"x" * 300000, b"/etc\n"):
        with open(box.path(".python-version"), "wb") as f:
            f.write(data)
        result = box.cvenv("--without-pip", "env", env=pyenv.env())
        assert result.rc in (0, 1), str(result)
        if result.rc:
            result.refused()
        runner.wipe(box.path("env"))
    assert not os.path.exists(pyenv.log)


def test_message_says_what_was_found_and_where(box, newest):
    directory = place(box, "first", newest, "python3")
    pyenv = os.path.join(box.root, "pyenv")
    place(box, "pyenv/versions/3.8.99/bin", newest, "python3.8")
    bases.script(os.path.join(directory, "python3.9"), "exit 1")
    env = {"PATH": directory, "PYENV_ROOT": pyenv}
    found = "(installed versions: %s (%s))" % (text(newest), directory)
    box.cvenv("-p", "3.99", "env", env=env).refused("no Python 3.99 found", found)
    found = "(installed versions: 3.8.99 (pyenv); name one with -p)"
    box.cvenv("env", env={"PATH": "/nonexistent", "PYENV_ROOT": pyenv}).refused(found)


def test_message_tells_at_most_four(box, newest):
    pyenv = os.path.join(box.root, "pyenv")
    for micro in range(20):
        bases.script(os.path.join(pyenv, "versions/3.9.%d/bin/python3.9" % micro), "exit 1")
    said = box.cvenv("-p", "3.99", "env", env={"PATH": "/nonexistent", "PYENV_ROOT": pyenv})
    assert said.rc == 1 and said.err.count("(pyenv)") == 4 and "(pyenv), and others, which cvenv --pythons lists)" in said.err


def test_message_says_what_would_install_it(box):
    uv = bases.script(os.path.join(box.root, "tools", "uv"), "exit 1")
    env = {"PATH": os.path.dirname(uv)}
    box.cvenv("-p", "3.14", "env", env=env).refused("'uv python install 3.14'")
    assert "uv python install" not in box.cvenv("-p", "3.99", "env", env=env).err
