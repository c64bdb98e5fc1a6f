# SPDX-License-Identifier: MIT
"""Which Python the command finds: on PATH, by version, by its path. Where no PATH leads: test_installed.py."""

import os
import shutil

import pytest

import runner
import wine

def base_of(box, *args, **more):
    """The home of the environment that is made."""
    box.empty_work()
    box.cvenv(*args, "--without-pip", "env", **more).ok()
    return runner.cfg(box.path("env"))["home"]


def home(py):
    return wine.windows_path(py.directory)


def test_first_python_on_path(box, pythons):
    for py in (pythons[0], pythons[-1]):
        path = "Z:\\missing;\"%s\";%s" % (home(py), ";".join(map(home, pythons)))
        assert base_of(box, env={"WINEPATH": path}) == home(py)


def test_version_on_path(box, pythons):
    path = {"WINEPATH": ";".join(map(home, pythons))}
    for py in pythons:
        assert base_of(box, "-p", py.x_y, env=path) == home(py)
        assert base_of(box, "-p", "python" + py.x_y, env=path) == home(py)


def test_name_on_path(box, some_py):
    path = {"WINEPATH": home(some_py)}
    for name in ("python", "python.exe", "PYTHON"):
        assert base_of(box, "-p", name, env=path) == home(some_py)


def test_directory_and_path_of_a_python(box, some_py):
    for given in (home(some_py), some_py.exe, some_py.exe.replace("\\", "/"), some_py.exe[:-4]):
        assert base_of(box, "-p", given) == home(some_py)


def test_no_python(box):
    box.cvenv("--without-pip", "env").refused("Python")
    assert os.listdir(box.work) == []


def test_python_of_an_environment(box, some_py):
    """From inside an environment its base is taken, as by CPython."""
    box.cvenv("-p", some_py.exe, "--without-pip", "outer").quiet()
    outer = os.path.join(box.root, "outer")
    shutil.move(box.path("outer"), outer)
    inner = base_of(box, "-p", wine.windows_path(os.path.join(outer, "Scripts", "python.exe")))
    assert inner == home(some_py)


def test_shim_of_pyenv_win(box, some_py):
    """Its shims are batch files, which are not run."""
    x_y_z = box.run(some_py.path, "-c", "import platform; print(platform.python_version())").ok().out.strip()
    root = os.path.join(box.root, "pyenv-win")
    os.makedirs(os.path.join(root, "versions"))
    os.symlink(some_py.directory, os.path.join(root, "versions", x_y_z))
    runner.write(root, "shims/python.bat", text="@exit 9\r\n")
    env = {"PYENV": wine.windows_path(root) + "\\", "WINEPATH": wine.windows_path(os.path.join(root, "shims"))}
    version = wine.windows_path(os.path.join(root, "versions", x_y_z))
    box.cvenv("env", env=env).refused("no version is set")
    assert base_of(box, env=dict(env, PYENV_VERSION=x_y_z)) == version
    runner.write(root, "version", text=x_y_z + "\r\n")
    assert base_of(box, env=env) == version
    runner.write(root, "version", text="2.7.18\r\n")
    runner.write(box.root, ".python-version", text=x_y_z + "\r\n")
    assert base_of(box, env=env) == version


def test_batch_file_is_no_python(box):
    runner.write(box.root, "bin/python.bat", text="@exit 9\r\n")
    name = wine.windows_path(os.path.join(box.root, "bin", "python.bat"))
    box.cvenv("-p", name, "env").refused("batch files are not run")


def test_embeddable_package_is_refused(box):
    if not os.path.exists(wine.bench("embed", "python.exe")):
        pytest.skip("no embeddable package in the bench")
    refused = box.cvenv("-p", wine.windows_path(wine.bench("embed", "python.exe")), "env")
    refused.refused("._pth", "embeddable package")


def test_arguments_arrive_as_they_are(box, some_py):
    """UTF-8, and no wildcard is expanded."""
    runner.write(box.work, "one.py", text="")
    refused = box.cvenv("-p", "*.py", "env").refused("'*.py'")
    assert "one.py" not in refused.err
    box.cvenv("-p", some_py.exe, "--without-pip", "--prompt", "\u00e9\u4e2d\U0001f600 \"'", "\u00e9\u4e2d").quiet()
    assert "\u00e9\u4e2d\U0001f600" in runner.cfg(box.path("\u00e9\u4e2d"))["prompt"]
