# SPDX-License-Identifier: MIT
"""The base interpreter: its real location, and outdated interpreter info is never used."""

import os
import shutil

import pytest

import bases
import runner


def text(py):
    return ".".join(map(str, py.version))


def make(box, *args, **more):
    box.cvenv("--without-pip", "--clear", *args, "env", **more).quiet()
    return runner.cfg(box.path("env"))


def runs_as(box, py):
    """The environment starts, as that version, with its own prefix."""
    code = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.prefix)"
    result = box.run([box.path("env", "bin", "python"), "-c", code]).ok()
    assert result.out.split() == [text(py), box.path("env")], str(result)


def two(pythons):
    plain = {p.minor: p for p in pythons if p.is_cpython and not p.debug}
    if len(plain) < 2:
        pytest.skip("needs two minor versions of CPython")
    return [plain[minor] for minor in sorted(plain)][-2:]


def install(versions, py):
    """As a manager of versions has it; returns its bin directory."""
    where = os.path.join(versions, text(py), "bin")
    os.makedirs(where)
    for name in ("python", "python3", "python" + py.x_y):
        os.symlink(py.path, os.path.join(where, name))
    return where


def test_asdf(box, pythons):
    old, new = two(pythons)
    data = os.path.join(box.root, "asdf")
    where = {py: install(os.path.join(data, "installs", "python"), py) for py in (old, new)}
    shims = os.path.dirname(bases.script(os.path.join(data, "shims", "python3"), "exit 99"))
    env = {"ASDF_DATA_DIR": data, "PATH": shims + ":/usr/bin:/bin"}
    box.cvenv("env", env=env).refused("asdf", "no version is set")
    runner.write(box.work, ".tool-versions", text="nodejs 20.0.0\npython %s\n" % text(old))
    assert make(box, env=env)["home"] == where[old]
    runs_as(box, old)
    assert make(box, env=dict(env, ASDF_PYTHON_VERSION=text(new)))["home"] == where[new]
    runner.write(box.work, ".tool-versions", text="python 9.9.9\n")
    box.cvenv("x", env=env).refused("9.9.9", box.path(".tool-versions"), "asdf install python 9.9.9")


def test_mise(box, pythons):
    old, new = two(pythons)
    data = os.path.join(box.root, "mise")
    where = {py: install(os.path.join(data, "installs", "python"), py) for py in (old, new)}
    manager = bases.script(os.path.join(box.root, "opt", "mise"), "exit 99")
    shims = os.path.join(data, "shims")
    os.makedirs(shims)
    os.symlink(manager, os.path.join(shims, "python3"))
    env = {"MISE_DATA_DIR": data, "PATH": shims}
    runner.write(box.work, "mise.toml", text='[tools]\npython = "%s" # mine\n' % old.x_y)
    assert make(box, env=env)["home"] == where[old]
    assert make(box, env=dict(env, MISE_PYTHON_VERSION=new.x_y))["home"] == where[new]
    runs_as(box, new)


def test_installed_but_not_on_path(box, pythons):
    """-p X.Y finds what a manager has installed, when PATH has none of that version."""
    old, new = two(pythons)
    root = os.path.join(box.root, "pyenv")
    where = {py: install(os.path.join(root, "versions"), py) for py in (old, new)}
    for py in (old, new):
        cfg = make(box, "-p", py.x_y, env={"PYENV_ROOT": root, "PATH": "/nonexistent"})
        assert cfg["home"] == where[py]


def test_wrapper_that_starts_another_python_later(box, pythons):
    """A script is asked each time: nothing about the file says where it leads."""
    old, new = two(pythons)
    wrapper = os.path.join(box.root, "bin", "python3")
    bases.script(wrapper, 'exec "$CHOSEN" "$@"\n')
    for py in (old, new, old):
        cfg = make(box, "-p", wrapper, env={"CHOSEN": py.path})
        assert cfg["version"] == text(py)
        runs_as(box, py)


def test_a_link_that_is_moved(box, pythons):
    old, new = two(pythons)
    link = os.path.join(box.root, "python3")
    for py in (old, new, old):
        if os.path.lexists(link):
            os.unlink(link)
        os.symlink(py.path, link)
        assert make(box, "-p", link)["version"] == text(py)
        runs_as(box, py)


def test_what_becomes_an_environment(box, newest):
    """A pyvenv.cfg that appears above a link makes it another thing."""
    os.makedirs(os.path.join(box.root, "place", "bin"))
    link = os.path.join(box.root, "place", "bin", "python3")
    os.symlink(newest.path, link)
    assert make(box, "-p", link)["home"] == os.path.dirname(link)
    home = os.path.dirname(newest.path)
    runner.write(box.root, "place", "pyvenv.cfg", text="home = %s\n" % home)
    assert make(box, "-p", link)["home"] == os.path.dirname(os.path.realpath(newest.path))


@pytest.mark.parametrize("mode", ["--symlinks", "--copies"])
def test_a_debug_build_inside_an_environment(box, pythons, mode):
    """Its copy is not taken for the release build that has the plain names in the same place."""
    debug = [p for p in pythons if p.debug]
    if not debug:
        pytest.skip("no debug build of CPython")
    box.run([debug[0].path, "-m", "venv", "--without-pip", mode, box.path("outer")]).ok()
    make(box, "-p", box.path("outer", "bin", "python3"))
    code = "import sys; print(hasattr(sys, 'gettotalrefcount'))"
    assert box.run([box.path("env", "bin", "python"), "-c", code]).ok().out == "True\n"
    assert not os.path.realpath(box.path("env", "bin", "python")).startswith(box.root)


def test_a_lone_link_to_a_moved_build(box, newest):
    """home is where the library is found, not where the link lies."""
    moved = bases.without_wheels(newest, os.path.join(box.root, "moved"))
    os.makedirs(os.path.join(box.root, "links"))
    link = os.path.join(box.root, "links", "python3")
    os.symlink(moved, link)
    env = {"LD_LIBRARY_PATH": os.path.join(newest.prefix, "lib")}
    stated = box.run([link, "-c", "import os; print(os.__file__)"], env=env).ok().out
    if not stated.startswith(os.path.join(box.root, "moved") + os.sep):
        pytest.skip("this build finds the library it was made with: %s" % stated.strip())
    cfg = make(box, "-p", link, env=env)
    assert cfg["home"] == os.path.dirname(moved)
    result = box.run([box.path("env", "bin", "python"), "-c", "import os; print(os.__file__)"], env=env)
    assert result.ok().out == stated, str(result)


def test_python_variables_do_not_affect_the_probe(box, newest):
    evil = box.path("evil")
    os.makedirs(evil)
    for name in ("sysconfig.py", "os.py", "sitecustomize.py", "struct.py"):
        runner.write(evil, name, text="raise SystemExit('evil')\n")
    env = {
        "PYTHONPATH": evil,
        "PYTHONHOME": evil,
        "PYTHONSTARTUP": os.path.join(evil, "os.py"),
        "PYTHONUSERBASE": evil,
        "PYTHONPLATLIBDIR": "evil",
        "__PYVENV_LAUNCHER__": "/evil",
    }
    box.cvenv("--without-pip", "-p", newest.path, "../env", env=env, cwd=evil).quiet()
    cfg = runner.cfg(box.path("env"))
    assert cfg["version"] == text(newest)
    shutil.rmtree(evil)
