# SPDX-License-Identifier: MIT
"""Where the command for Windows creates nothing, or clears nothing, and where its cache is."""

import os

import pytest

import runner
import wine


@pytest.mark.parametrize("place", ["\\\\no-such-server\\share\\env", "Q:\\env"])
def test_unreachable_drive_or_share(box, newest, place):
    box.cvenv("-p", newest.exe, "--without-pip", place).refused(place, "connect the drive")


def test_device_paths_and_servers_are_refused(box, newest):
    box.cvenv("-p", newest.exe, "\\\\.\\C:\\env").refused("it is a device")
    box.cvenv("-p", newest.exe, "\\\\server").refused("without a share")


def test_directory_of_another_drive(box, newest):
    """C: has no current directory of its own here, so its root is meant."""
    said = box.cvenv("-p", newest.exe, "--without-pip", "--dry-run", "C:env").ok().out
    assert said.startswith("C:\\env ")


@pytest.mark.parametrize(
    "place, reason",
    [("C:\\", "root directory"), ("c:\\USERS", "home directory or above"), ("..", "above the current directory")],
)
def test_clear_refuses(box, newest, place, reason):
    box.cvenv("-p", newest.exe, "--without-pip", "--clear", "--force", place).refused(reason)


def test_installation_is_refused(box, newest):
    runner.write(box.work, "python/Lib/os.py", text="")
    for args in ([], ["--clear", "--force"]):
        box.cvenv("-p", newest.exe, "--without-pip", *args, "python").refused("Python installation", "Lib/os.py")
    assert os.listdir(box.path("python", "Lib")) == ["os.py"]


def test_scripts_of_an_environment_are_refused(box, newest):
    box.cvenv("-p", newest.exe, "--without-pip", "env").quiet()
    box.cvenv("-p", newest.exe, "--without-pip", "ENV\\scripts\\x").refused("Scripts directory")


def test_remains_are_cleared_whatever_their_case(box, newest):
    runner.write(box.work, "env/scripts/PYTHON.EXE", text="")
    box.cvenv("-p", newest.exe, "--without-pip", "--clear", "env").quiet()
    assert "Scripts" in os.listdir(box.path("env"))


def test_cache_is_in_the_local_data_of_the_user(box, newest):
    box.cvenv("-p", newest.exe, "--without-pip", "env", env={"CVENV_CACHE_DIR": ""}).quiet()
    place = "%LOCALAPPDATA%\\cvenv\\cache\\v1\\CACHEDIR.TAG"
    assert "Signature" in box.run("cmd", "/c", "type " + place).ok().out


def test_upgrade_deps_from_another_drive(box, pythons):
    """pip joins --prefix to --root: with another drive there, it would install to that."""
    base, newest = pythons[-2:]
    bundled = os.path.join(newest.directory, "Lib", "ensurepip", "_bundled")
    (wheel,) = [name for name in os.listdir(bundled) if name.startswith("pip-")]
    env = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wine.windows_path(bundled)}
    c_drive = os.path.join(box.prefix.path, "drive_c")
    box.cvenv("-p", base.exe, "--upgrade-deps", box.name("env"), env=env, cwd=c_drive).ok()
    installed = os.listdir(box.path("env", "Lib", "site-packages"))
    assert wheel.split("-py3")[0] + ".dist-info" in installed
