# SPDX-License-Identifier: MIT
"""Which Python the command finds: on PATH, in the registry, by version."""

import contextlib
import os
import shutil

import pytest

import runner
import wine

# A company of its own, so that tests of other processes do not meet.
COMPANY = "HKCU\\Software\\Python\\"


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


@contextlib.contextmanager
def registered(box, py, company, tag):
    key = COMPANY + company + "\\" + tag
    box.run("reg", "add", key + "\\InstallPath", "/ve", "/d", home(py) + "\\", "/f").ok()
    box.run("reg", "add", key, "/v", "SysVersion", "/d", py.x_y, "/f").ok()
    try:
        yield
    finally:
        box.run("reg", "delete", COMPANY + company, "/f").ok()


def test_registered_python_is_found_by_version(box, some_py):
    """PEP 514."""
    with registered(box, some_py, "CvenvTest", some_py.x_y):
        assert base_of(box, "-p", some_py.x_y) == home(some_py)


def test_python_of_an_environment(box, some_py):
    """From inside an environment its base is taken, as by CPython."""
    box.cvenv("-p", some_py.exe, "--without-pip", "outer").quiet()
    outer = os.path.join(box.root, "outer")
    shutil.move(box.path("outer"), outer)
    inner = base_of(box, "-p", wine.windows_path(os.path.join(outer, "Scripts", "python.exe")))
    assert inner == home(some_py)
