# SPDX-License-Identifier: MIT
"""--pythons: the list of interpreters."""

import json
import os
import platform
import shutil
import subprocess

import pytest

import bases
import runner


def pythons_of(box, *args, **more):
    return json.loads(box.cvenv("--pythons", "--json", *args, **more).ok().out)["pythons"]


def place(box, name, *links):
    """A directory with links, as pairs of a name and a Python."""
    directory = os.path.join(box.root, name)
    os.makedirs(directory)
    for link, py in links:
        os.symlink(py.path, os.path.join(directory, link))
    return directory


def text(py):
    return ".".join(map(str, py.version))


@pytest.fixture
def two(pythons):
    """The newest CPython and another minor version."""
    plain = [p for p in pythons if p.is_cpython and not p.debug and not p.path.endswith("t")]
    older = [p for p in plain if p.minor < plain[-1].minor]
    if not older:
        pytest.skip("there is only one version of CPython")
    return plain[-1], older[-1]


def test_each_is_listed_once_in_the_order_of_places(box, two):
    new, old = two
    first = place(box, "first", ("python3", old), ("python", old), ("python" + old.x_y, old))
    again = os.path.join(box.root, "again")
    os.symlink("first", again)
    second = place(box, "second", ("python3", new), ("python" + old.x_y, old))
    env = {"PATH": ":".join([first, again, "/nonexistent", second])}
    got = pythons_of(box, env=env)
    assert [p["path"] for p in got] == [first + "/python" + old.x_y, second + "/python3"]
    assert [p["origin"] for p in got] == [first, second]
    assert [p["version"] for p in got] == [text(old), text(new)]
    assert [p["is_default"] for p in got] == [True, False]
    assert {p["implementation"] for p in got} == {"cpython"}
    assert os.listdir(box.work) == []


def test_managers_come_after_path(box, two):
    new, old = two
    first = place(box, "first", ("python3", old))
    pyenv = os.path.join(box.root, "pyenv")
    place(box, "pyenv/versions/%s/bin" % text(new), ("python" + new.x_y, new))
    place(box, "pyenv/versions/2.7.18/bin", ("python2.7", new))
    got = pythons_of(box, env={"PATH": first, "PYENV_ROOT": pyenv})
    assert [p["origin"] for p in got] == [first, "pyenv"]
    assert got[1]["path"].startswith(pyenv)


def test_option_python_selects(box, two):
    new, old = two
    first = place(box, "first", ("python" + old.x_y, old), ("python" + new.x_y, new))
    env = {"PATH": first}
    assert [p["version"] for p in pythons_of(box, env=env)] == [text(new), text(old)]
    for spec, version in ((old.x_y, text(old)), ("==%s.*" % new.x_y, text(new))):
        assert [p["version"] for p in pythons_of(box, "-p", spec, env=env)] == [version]
    (one,) = pythons_of(box, "-p", old.path, env=env)
    assert (one["version"], one["is_default"]) == (text(old), True)
    assert pythons_of(box, "-p", "3.99", env=env) == []
    got = pythons_of(box, "-p", "3.99", "-p", "==%s.*" % old.x_y, "-p", "/nonexistent", "-p", new.path, env=env)
    assert [(p["version"], p["is_default"]) for p in got] == [(text(old), True), (text(new), False)]
    box.cvenv("--pythons", "-p", "/nonexistent").refused("/nonexistent")


def test_table(box, newest):
    first = place(box, "first", ("python3", newest))
    said = box.cvenv("--pythons", env={"PATH": first}).ok()
    assert said.out.split() == ["*", text(newest), "cpython", first + "/python3"]
    assert said.err == ""


def test_finding_none_is_no_error(box):
    said = box.cvenv("--pythons", env={"PATH": "/nonexistent"}).ok()
    assert (said.out, said.err) == ("", "")


def test_what_does_not_work_is_left_out_and_said_with_v(box, newest):
    first = place(box, "first", ("python3", newest))
    broken = bases.script(os.path.join(first, "python3.9"), "echo no >&2; exit 3")
    os.symlink("nowhere", os.path.join(first, "python3.10"))
    env = {"PATH": first}
    assert [p["path"] for p in pythons_of(box, env=env)] == [first + "/python3"]
    said = box.cvenv("--pythons", "-v", env=env).ok()
    assert "left out '%s'" % broken in said.err
    assert "python3.10" not in said.err


def test_of_an_environment_its_base_is_listed(box, newest):
    box.cvenv("--without-pip", "-p", newest.path, "env").quiet()
    (got,) = pythons_of(box, env={"PATH": box.path("env/bin")})
    assert os.path.realpath(got["path"]) == os.path.realpath(newest.path)
    assert not got["path"].startswith(box.work)


def test_default_that_is_in_no_place_is_listed_too(box, two):
    new, old = two
    first = place(box, "first", ("python3", new))
    got = pythons_of(box, env={"PATH": first, "CVENV_PYTHON": old.path})
    assert [p["version"] for p in got] == [text(new), text(old)]
    assert [p["is_default"] for p in got] == [False, True]


def test_hostile_path(box, newest):
    """Thousands of directories, one with very many files: no error, and soon done."""
    first = place(box, "first", ("python3", newest))
    os.mkdir(box.path("many"))
    for i in range(5000):
        os.symlink("nowhere", box.path("many/python3.%d" % i))
    env = {"PATH": ":".join([*("none%d" % i for i in range(5000)), *["many"] * 5000, first])}
    got = pythons_of(box, env=env)
    assert [p["path"] for p in got] == [first + "/python3"]


# --- the peers ------------------------------------------------------------------------------


UV_PLATFORM = "linux-%s-%s" % (platform.machine(), platform.libc_ver()[0].replace("glibc", "gnu") or "musl")


def peers_world(box, two):
    """PATH and uv's directory: what cvenv, uv and python-discovery all search."""
    new, old = two
    first = place(box, "first", ("python3", old), ("python" + old.x_y, old))
    second = place(box, "second", ("python", old))
    bases.script(os.path.join(second, "python3.9"), "exit 3")
    uv = os.path.join(box.root, "uv")
    install = os.path.join(uv, "cpython-%s-%s" % (text(new), UV_PLATFORM))
    prefix = os.path.dirname(os.path.dirname(new.path))
    os.makedirs(install)
    for name in os.listdir(prefix):
        os.symlink(os.path.join(prefix, name), os.path.join(install, name))
    return {"PATH": first + ":" + second, "UV_PYTHON_INSTALL_DIR": uv, "HOME": box.root}


def reals(paths):
    return {os.path.realpath(path) for path in paths}


def test_same_set_as_uv(box, two):
    uv = shutil.which("uv")
    if not uv:
        pytest.skip("uv is not installed")
    env = peers_world(box, two)
    command = "python list --only-installed --output-format json --offline --no-config --no-cache"
    said = subprocess.run(
        [uv, *command.split()], env=env, cwd=box.work, stdout=subprocess.PIPE, check=True, timeout=120
    ).stdout
    theirs = reals(p["path"] for p in json.loads(said))
    assert reals(p["path"] for p in pythons_of(box, env=env)) == theirs


def test_same_set_as_virtualenv(box, two):
    virtualenv = shutil.which("virtualenv")
    if not virtualenv:
        pytest.skip("virtualenv is not installed")
    python = runner.read(virtualenv).split("\n")[0][2:].strip()
    code = "import json, python_discovery as p; print(json.dumps([i.executable for i in p.iter_interpreters()]))"
    env = peers_world(box, two)
    done = subprocess.run(
        [python, "-I", "-c", code], env=env, cwd=box.work, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120
    )
    if done.returncode:
        pytest.skip("virtualenv has no python_discovery, or an older one")
    theirs = reals(json.loads(done.stdout))
    own = reals(p["path"] for p in pythons_of(box, env=env))
    assert own - theirs == set()
    assert theirs - own <= reals([python])  # it lists the interpreter that runs it, too
