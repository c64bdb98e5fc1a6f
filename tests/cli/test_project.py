# SPDX-License-Identifier: MIT
"""What a project says about its Python: .python-version, and requires-python of pyproject.toml.

The oracles are uv and pyenv, where this machine has them.
"""

import json
import os
import shutil

import pytest

import runner
from test_find import Pyenv, make, place, text

UV = os.environ.get("UV") or shutil.which("uv")


@pytest.fixture
def two(pythons):
    """The Pythons of the newest two minor versions of CPython."""
    plain = {p.minor: p for p in pythons if p.is_cpython and not p.debug}
    if len(plain) < 2:
        pytest.skip("needs two minor versions of CPython")
    return [plain[minor] for minor in sorted(plain)][-2:]


@pytest.fixture
def room(box, two):
    """A box whose PATH has just two Pythons. The default, python3, is the newer one."""
    old, new = two
    for py, names in ((old, ["python" + old.x_y]), (new, ["python3", "python" + new.x_y])):
        for name in names:
            box.path_dir = place(box, "pythons", py, name)
    return box


def isolated(box, **more):
    """Nothing but the two Pythons is to be found, by cvenv and by uv."""
    return dict({"PATH": box.path_dir}, **more)


def planned(box, *args, cwd=None, env=None):
    """The result of a dry run, and what was said on stderr."""
    result = box.cvenv(
        "--dry-run", "--json", "--without-pip", *args, cwd=cwd, env=isolated(box, **(env or {}))
    )
    return (json.loads(result.out) if result.rc == 0 else None), result


def said(box, text_or_bytes, name=".python-version", folder=None):
    data = text_or_bytes.encode() if isinstance(text_or_bytes, str) else text_or_bytes
    path = os.path.join(folder or box.work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def requires(box, specifiers, folder=None):
    return said(
        box, '[project]\nname = "x"\nversion = "1"\nrequires-python = "%s"\n' % specifiers,
        "pyproject.toml", folder,
    )


# ---------------------------------------------------------------- .python-version


def test_version_file_chooses(room, two):
    old, new = two
    path = said(room, old.x_y + "\n")
    plan, _ = planned(room)
    assert (plan["version"], plan["python_source"]) == (text(old), path)
    make(room, env=isolated(room))
    assert runner.cfg(room.path("env"))["version"] == text(old)
    for choice, source in ((["-p", new.x_y], "-p"), (["--no-config"], "default")):
        plan, _ = planned(room, *choice)
        assert (plan["version"], plan["python_source"]) == (text(new), source)
    plan, _ = planned(room, env={"CVENV_PYTHON": new.x_y})
    assert (plan["version"], plan["python_source"]) == (text(new), "CVENV_PYTHON")
    said_by = room.cvenv("-v", "--dry-run", env=isolated(room)).ok().err
    assert "(chosen by %s)" % path in said_by


def test_warm_and_create_choose_the_same(cold, two):
    old, _ = two
    cold.path_dir = place(cold, "pythons", old, "python" + old.x_y)
    path = said(cold, old.x_y + "\n")
    warm = json.loads(cold.cvenv("--warm", "--json", "--no-compile", env=isolated(cold)).ok().out)
    assert (warm["version"], warm["python_source"]) == (text(old), path)


def test_version_that_is_not_installed_is_an_error(room):
    path = said(room, "3.99\n")
    result = room.cvenv("env", env=isolated(room))
    hint = "choose another with -p, or use --no-config"
    result.refused("'%s': no Python 3.99 found" % path, hint)
    assert not os.path.exists(room.path("env"))


@pytest.mark.parametrize(
    "path", ["/bin/sh", "./python", "../../python3", "~/python", "C:\\python.exe", "bin/python"]
)
def test_paths_are_refused(room, path):
    runner.write(room.work, "python", text="#!/bin/sh\ntouch /ran\n", mode=0o755)
    file = said(room, "# x\n%s\n" % path)
    room.cvenv("env", env=isolated(room)).refused(
        "'%s', line 2: '%s' is a path" % (file, path), "use -p for a path, or --no-config"
    )


def test_names_are_ignored_with_one_warning(room, two):
    path = said(room, "myenv\nminiconda3-latest\n")
    plan, result = planned(room)
    assert (plan["version"], plan["python_source"]) == (text(two[1]), "default")
    assert result.err == (
        "cvenv: warning: '%s', line 1: ignoring 'myenv', which is not a version\n" % path
    )
    said(room, "\n3.12\0\n")
    result = planned(room)[1]
    assert result.err == "cvenv: warning: '%s', line 2: ignoring an invalid name\n" % path


def uv_finds(box, cwd):
    """The version that uv would use; None if it finds none."""
    env = isolated(
        box,
        UV_PYTHON_DOWNLOADS="never",
        UV_PYTHON_INSTALL_DIR=os.path.join(box.root, "none"),
        UV_CACHE_DIR=os.path.join(box.root, "uv-cache"),
    )
    argv = [UV, "python", "find", "--system", "--show-version", "--offline"]
    result = box.run(argv, cwd=cwd, env=env)
    return result.out.strip() if result.rc == 0 else None


CASES = [
    "{old}\n",
    "{old}",
    "{old}\r\n",
    "# a comment\n\n  {old}  \n",
    "{full}\n",
    "cpython@{old}\n",
    "cpython-{old}\n",
    "cpython{old}\n",
    "python{old}\n",
    "=={old}.*\n",
    "<{new}\n",
    "<{new}, >=3\n",
    "~={old}.0\n",
    "3\n",
    "3.99\n",
    "pypy{old}\n",
    "{old}t\n",
    "",
    "\n\n# nothing\n",
    "system\n",
    "myenv\n",
    "myenv\n{old}\n",
    b"\xff{old}\n",
]


@pytest.mark.skipif(not UV, reason="no uv")
def test_same_choice_as_uv(room, two):
    old, new = two
    if not uv_finds(room, room.work):
        pytest.skip("uv does not accept the Pythons of this machine")
    for number, case in enumerate(CASES):
        folder = os.path.join(room.root, "case%d" % number)
        deep = os.path.join(folder, "a", "b")
        os.makedirs(deep)
        for mark, value in (("old", old.x_y), ("new", new.x_y), ("full", text(old))):
            if isinstance(case, bytes):
                case = case.replace(b"{%s}" % mark.encode(), value.encode())
            else:
                case = case.replace("{%s}" % mark, value)
        said(room, case, [".python-version", ".python-versions"][number % 2], folder)
        plan, result = planned(room, cwd=deep)
        assert (plan["version"] if plan else None) == uv_finds(room, deep), (case, str(result))


@pytest.mark.skipif(not UV, reason="no uv")
def test_same_file_as_uv(room, two):
    """The nearest counts, even if it is empty; other kinds of files do not."""
    old, new = two
    deep = os.path.join(room.work, "a", "b")
    os.makedirs(deep)
    steps = [
        lambda: said(room, old.x_y, ".python-versions"),
        lambda: os.mkdir(os.path.join(deep, ".python-version")),
        lambda: os.mkfifo(os.path.join(room.work, "a", ".python-version")),
        lambda: os.symlink("/dev/zero", os.path.join(deep, ".python-versions")),
        lambda: said(room, new.x_y, ".python-version"),
        lambda: os.symlink("../.python-versions", os.path.join(room.work, "a", ".python-versions")),
        lambda: os.rmdir(os.path.join(deep, ".python-version")),
        lambda: said(room, "", folder=deep),
    ]
    for step in steps:
        step()
        plan, result = planned(room, cwd=deep)
        assert plan and plan["version"] == uv_finds(room, deep), str(result)


# ---------------------------------------------------------------- pyenv


def real_pyenv():
    """The program, without the shell function that may hide it."""
    for name in (shutil.which("pyenv"), os.path.expanduser("~/.pyenv/libexec/pyenv")):
        if name and os.access(name, os.X_OK):
            return name
    return None


PYENV_CASES = [
    "{old}\n",
    "{old}\r\n",
    "{x_y}\n",
    "python-{old}\n",
    "  {old} # of the server\n",
    "# {new}\n\n{old}\n{new}\n",
    "{old} {new}\n",
    "{old}/envs/web\n",
    "{new}\n",
]


@pytest.mark.skipif(not real_pyenv(), reason="no pyenv")
def test_same_choice_as_pyenv(box, two):
    old, new = two
    pyenv = Pyenv(box, two)
    web = os.path.join(pyenv.root, "versions", text(old), "envs", "web")
    box.cvenv("-p", old.path, "--without-pip", web).quiet()
    for case in PYENV_CASES:
        said(box, case.format(old=text(old), new=text(new), x_y=old.x_y))
        argv = [real_pyenv(), "version-name"]
        named = box.run(argv, env=pyenv.env()).ok().out.split(":")[0].strip()
        make(box, "--clear", env=pyenv.env())
        assert runner.cfg(box.path("env"))["version"] == named.split("/")[0], case
        assert not os.path.exists(pyenv.log), "a shim was run"


def test_name_of_an_environment_of_pyenv(box, two):
    """Only pyenv knows it, and its shim is the default Python: no warning."""
    old, new = two
    pyenv = Pyenv(box, two)
    mine = os.path.join(pyenv.root, "versions", "mine")
    box.cvenv("-p", old.path, "--without-pip", mine).quiet()
    said(box, "mine\n")
    make(box, env=pyenv.env())
    assert runner.cfg(box.path("env"))["version"] == text(old)


# ---------------------------------------------------------------- requires-python


def test_warning_if_the_python_does_not_fit(room, two):
    old, new = two
    path = requires(room, "<" + new.x_y)
    warning = (
        "cvenv: warning: '%s' requires Python '<%s', but %s is used: '-p project' chooses one "
        "that fits\n" % (path, new.x_y, text(new))
    )
    result = room.cvenv("--without-pip", "a", "b", env=isolated(room)).ok()
    assert result.err == warning  # once
    _, result = planned(room, "-p", old.x_y)
    assert result.err == ""
    _, result = planned(room, "--no-config")
    assert result.err == ""
    _, result = planned(room, "-q")
    assert result.err == ""


def test_project_chooses_by_requires_python(room, two):
    old, new = two
    path = requires(room, "<" + new.x_y)
    for choice, env, source in (
        (["-p", "project"], {}, "-p"),
        ([], {"CVENV_PYTHON": "project"}, "CVENV_PYTHON"),
    ):
        plan, result = planned(room, *choice, env=env)
        assert (plan["version"], plan["python_source"]) == (text(old), source)
        assert result.err == ""
    requires(room, ">=3")
    plan, _ = planned(room, "-p", "project")
    assert plan["version"] == text(new)  # the default fits
    requires(room, ">=3.99")
    _, result = planned(room, "-p", "project")
    result.refused("'%s': no Python >=3.99 found" % path)
    os.remove(path)
    _, result = planned(room, "-p", "project")
    result.refused("no pyproject.toml in '%s' or above it" % room.work)


def test_program_of_the_name_project(room, two):
    os.symlink(two[0].path, room.path("project"))
    plan, _ = planned(room, "-p", "./project")
    assert plan["version"] == text(two[0])


@pytest.mark.skipif(not UV, reason="no uv")
def test_project_fits_as_for_uv(room, two):
    """uv chooses by requires-python without being asked, so it must find what -p project finds."""
    old, new = two
    if not uv_finds(room, room.work):
        pytest.skip("uv does not accept the Pythons of this machine")
    cases = [">=3", "<{new}", "~={old}.0", "!={new}.*, >=3.8", ">={new}", ">=3.99"]
    for specifiers in cases:
        requires(room, specifiers.format(old=old.x_y, new=new.x_y))
        plan, result = planned(room, "-p", "project")
        expected = uv_finds(room, room.work)
        assert (plan["version"] if plan else None) == expected, (specifiers, str(result))


# ---------------------------------------------------------------- hostile files


def large(path):
    with open(path, "wb") as f:
        f.truncate(1 << 30)


def lines(path):
    with open(path, "w") as f:
        f.write("#\n" * 1000000)


def bad_bytes(path):
    with open(path, "wb") as f:
        f.write(b"\xff\xfe3\x00.\x001\x002\x00")


def nul(path):
    with open(path, "wb") as f:
        f.write(b"3.12\x00\n" * 10)


def deep(path):
    with open(path, "w") as f:
        f.write("x = " + "[" * 100000)


def keys(path):
    with open(path, "w") as f:
        f.writelines("a%d = %d\n" % (i, i) for i in range(200000))


HOSTILE = {
    "fifo": os.mkfifo,
    "directory": os.mkdir,
    "zero": lambda path: os.symlink("/dev/zero", path),
    "circle": lambda path: os.symlink(os.path.basename(path), path),
    "large": large,
    "lines": lines,
    "bytes": bad_bytes,
    "nul": nul,
    "deep": deep,
    "keys": keys,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_version_file(room, two, kind):
    """No Python, or the default; one line that says why, or nothing."""
    HOSTILE[kind](room.path(".python-version"))
    plan, result = planned(room)
    assert result.err.count("\n") <= 1, str(result)
    if plan:
        assert plan["version"] == text(two[1])
    else:
        result.refused(room.path(".python-version"), "--no-config")
    plan, result = planned(room, "--no-config")
    assert plan["version"] == text(two[1])
    assert result.err == ""


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_pyproject_does_not_stop_a_creation(room, two, kind):
    HOSTILE[kind](room.path("pyproject.toml"))
    result = room.cvenv("--without-pip", "env", env=isolated(room)).ok()
    assert result.err.count("\n") <= 1, str(result)
    if result.err:
        assert result.err.startswith("cvenv: warning: "), str(result)
        assert room.path("pyproject.toml") in result.err
    assert runner.cfg(room.path("env"))["version"] == text(two[1])


def test_unreadable_files(user_box):
    """An error if the file would choose the Python; else at most a warning."""
    box, newest, as_user = user_box
    path = said(box, "3.12\n")
    os.chmod(path, 0)
    box.cvenv("-p", newest.path, "--without-pip", "a", before=as_user).quiet()
    result = box.cvenv("--without-pip", "b", before=as_user)
    result.refused("cannot read '%s'" % path, "--no-config")
    os.remove(path)
    path = requires(box, ">=3.99")
    os.chmod(path, 0)
    result = box.cvenv("-p", newest.path, "--without-pip", "c", before=as_user).ok()
    assert "cannot read '%s'" % path in result.err and result.err.count("\n") == 1
