# SPDX-License-Identifier: MIT
"""Pythons where no PATH leads: in the registry (PEP 514), and in the directories of managers.

They are for a prefix of its own: other tests must not see them."""

import json
import os
import tempfile

import pytest

import runner
import session
import wine

ROOT = "\\Software\\Python\\"


@pytest.fixture(scope="module")
def registry():
    if not os.path.exists(wine.bench("prefix")):
        pytest.skip("no wine: CVENV_WINDOWS is not the directory of a bench")
    prefix = wine.Prefix(os.path.join(tempfile.mkdtemp(dir=session.place("", disk=True)), "prefix"))
    prefix.create()
    prefix.start()
    yield prefix
    prefix.stop()


@pytest.fixture
def box(registry, command):
    root = session.new_room()
    box = wine.Windows(root, registry, command, session.place("shared-cache"))
    yield box
    for hive, *view in (("HKCU",), ("HKLM",), ("HKLM", "/reg:32")):
        box.run("reg", "delete", hive + ROOT[:-1], "/f", *view)
    session.leave_room(root)


def home(py):
    return wine.windows_path(py.directory)


def register(box, hive, name, directory, *view, **values):
    key = hive + ROOT + name
    box.run("reg", "add", key + "\\InstallPath", "/ve", "/d", directory + "\\", "/f", *view).ok()
    for value, text in values.items():
        box.run("reg", "add", key, "/v", value, "/d", text, "/f", *view).ok()


def base_of(box, *args):
    box.empty_work()
    box.cvenv(*args, "--without-pip", "env").ok()
    return runner.cfg(box.path("env"))["home"]


@pytest.mark.parametrize("hive, view", [("HKCU", ()), ("HKLM", ()), ("HKLM", ("/reg:32",))])
def test_python_is_found_by_version(box, some_py, hive, view):
    register(box, hive, "Company\\Tag", home(some_py), *view, SysVersion=some_py.x_y)
    assert base_of(box, "-p", some_py.x_y) == home(some_py)
    assert base_of(box) == home(some_py), "the only one is the default"
    box.cvenv("-p", "3.99", "env").refused("installed versions: " + some_py.x_y)


def test_entry_of_the_user_hides_that_of_the_machine(box, some_py):
    register(box, "HKLM", "PythonCore\\" + some_py.x_y, "Z:\\missing")
    register(box, "HKCU", "PythonCore\\" + some_py.x_y, home(some_py))
    assert base_of(box, "-p", some_py.x_y) == home(some_py)


def test_registry_is_not_trusted(box, pythons):
    """It says another version, or names no program."""
    py = pythons[0]
    register(box, "HKCU", "PythonCore\\3.99", home(py), SysVersion="3.99")
    register(box, "HKCU", "PythonCore\\3.98", "relative")
    register(box, "HKCU", "PyLauncher\\" + py.x_y, home(py), SysVersion=py.x_y)
    for version in ("3.99", "3.98", py.x_y):
        box.cvenv("-p", version, "env").refused("no Python %s found" % version)


def test_path_goes_before_the_registry(box, pythons):
    if len(pythons) < 2:
        pytest.skip("only one Python in the bench")
    one, other = pythons[0], pythons[-1]
    register(box, "HKCU", "PythonCore\\" + other.x_y, home(other))
    box.cvenv("--without-pip", "env", env={"WINEPATH": home(one)}).ok()
    assert runner.cfg(box.path("env"))["home"] == home(one)
    for name in ("python", "python3"): # which PATH does not have
        assert base_of(box, "-p", name) == home(other)


def folder(box, variable):
    """Windows sets it, whatever our environment says."""
    name = box.run("cmd", "/c", "echo %" + variable + "%").ok().out.strip()
    assert name[:2].upper() == "C:", name
    return os.path.join(box.prefix.path, "drive_c", name[3:].replace("\\", "/"))


def test_python_of_a_manager(box, some_py):
    """uv, mise and the Python install manager; each has another name for a version."""
    x_y_z = box.run(some_py.path, "-c", "import platform; print(platform.python_version())").ok().out.strip()
    managers = {
        "APPDATA": "uv/python/cpython-%s-windows-x86_64-none" % x_y_z,
        "LOCALAPPDATA": "mise/installs/python/%s" % x_y_z,
        "localappdata": "Python/pythoncore-%s-64" % some_py.x_y,
    }
    for variable, name in managers.items():
        link = os.path.join(folder(box, variable), name)
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(some_py.directory, link)
        try:
            found = base_of(box, "-p", some_py.x_y)
        finally:
            os.unlink(link)
        assert found.endswith(name.replace("/", "\\")), found


def test_full_version_which_the_registry_does_not_say(box, some_py):
    """A tag is 3.13 for each 3.13.x: the interpreter itself is asked."""
    full = box.run(some_py.path, "-c", "import platform; print(platform.python_version())").ok().out.strip()
    register(box, "HKCU", "PythonCore\\" + some_py.x_y, home(some_py))
    assert base_of(box, "-p", full) == home(some_py)
    box.cvenv("-p", some_py.x_y + ".99", "--without-pip", "other").refused("no Python %s.99 found" % some_py.x_y)


def register_all(box, pythons):
    for py in pythons:
        register(box, "HKCU", "PythonCore\\" + py.x_y, home(py))


def test_list_has_the_registry_after_path(box, pythons):
    if len(pythons) < 2:
        pytest.skip("only one Python in the bench")
    one, other = pythons[0], pythons[-1]
    register_all(box, [one, other])
    register(box, "HKLM", "Company\\Again", home(other), SysVersion=other.x_y)
    register(box, "HKCU", "PythonCore\\3.99", "Z:\\missing")
    said = box.cvenv("--pythons", "--json", env={"WINEPATH": home(one)}).ok().out
    got = [(p["path"], p["origin"], p["is_default"]) for p in json.loads(said)["pythons"]]
    assert got == [
        (home(one) + "\\python.exe", home(one), True),
        (home(other) + "\\python.exe", "registry", False),
    ]


def test_range_takes_the_highest_that_fits(box, pythons):
    register_all(box, pythons)
    below = "<" + pythons[-1].x_y
    assert base_of(box, "-p", below) == home(pythons[-2])
    assert base_of(box, "-p", "3.99", "-p", below) == home(pythons[-2])
    listed = json.loads(box.cvenv("--pythons", "--json").ok().out)["pythons"]
    assert [(p["path"], p["origin"], p["is_default"]) for p in listed] == [
        (py.exe, "registry", py is pythons[-1]) for py in reversed(pythons)]
    listed = json.loads(box.cvenv("--pythons", "--json", "-p", below).ok().out)["pythons"]
    assert [p["path"] for p in listed] == [py.exe for py in reversed(pythons[:-1])]


@pytest.mark.parametrize("text", ["3.8\r\n", "\ufeff3.8", "3.7\r\n3.8\r\n", "cpython-3.8-windows-x86_64-none\r\n"])
def test_python_version_file(box, pythons, text):
    """Of the current directory or above it, with line ends of Windows."""
    register_all(box, pythons)
    assert pythons[0].x_y == "3.8"
    runner.write(box.path(".python-version"), text=text)
    os.mkdir(box.path("sub"))
    said = json.loads(box.cvenv("--json", "--without-pip", "env", cwd=box.path("sub")).ok().out)
    assert (said["home"], said["python_source"]) == (home(pythons[0]), box.name(".python-version"))
    runner.wipe(box.path("sub", "env"))


@pytest.mark.parametrize("text", ["C:\\python\\python.exe", ".\\python", "\\\\server\\share\\python"])
def test_python_version_file_names_no_program(box, pythons, text):
    register_all(box, pythons[:1])
    runner.write(box.path(".python-version"), text=text + "\r\n")
    box.cvenv("--without-pip", "env").refused("is a path, not a version", text)
