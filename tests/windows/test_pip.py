# SPDX-License-Identifier: MIT
"""What pip does with an environment that cvenv made, and with its own launchers."""

import glob
import os

import pytest

import runner
import wheels
import wine

HELLO = b"""import sys


def main():
    print("hello", sys.argv[1:], sys.prefix)
    return 3


def gui():
    with open(sys.argv[1], "w") as f:
        f.write(sys.executable)
"""


def wheel_with_scripts(directory):
    """A wheel with a script for the console and one for windows."""
    files = {
        "cvhello.py": HELLO,
        "cvhello-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: cvhello\nVersion: 1.0\n",
        "cvhello-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
        "cvhello-1.0.dist-info/entry_points.txt": b"[console_scripts]\ncvhello = cvhello:main\n\n"
        b"[gui_scripts]\ncvgui = cvhello:gui\n",
    }
    return wheels.write(directory, "cvhello-1.0", files)


def bundled_pip(py):
    """The wheel of pip that a Python brings."""
    (wheel,) = glob.glob(os.path.join(py.directory, "Lib", "ensurepip", "_bundled", "pip-*.whl"))
    return wheel


def version_of(wheel):
    return os.path.basename(wheel).split("-")[1]


class Env:
    def __init__(self, box, py, name="env"):
        self.box, self.py, self.root = box, py, box.path(name)
        box.cvenv("-p", py.exe, name).quiet()

    def script(self, name, *args, **more):
        return self.box.run(os.path.join(self.root, "Scripts", name), *args, **more)

    def pip(self, *args):
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1"}
        return self.script("pip.exe", *args, env=quiet)

    def scripts(self):
        return {n for n in os.listdir(os.path.join(self.root, "Scripts")) if n.endswith(".exe")}


def test_a_life_with_pip(box, py):
    env = Env(box, py)
    assert env.scripts() == {
        "python.exe", "pythonw.exe", "pip.exe", "pip3.exe", "pip%s.exe" % py.x_y}
    said = env.pip("--version").ok().out
    site = wine.windows_path(os.path.join(env.root, "Lib", "site-packages", "pip"))
    assert said.lower().startswith("pip %s from %s" % (version_of(bundled_pip(py)), site.lower()))
    assert "No broken requirements" in env.pip("check").ok().out

    before = env.scripts()
    env.pip("install", wine.windows_path(wheel_with_scripts(box.root))).ok()
    assert env.scripts() - before == {"cvhello.exe", "cvgui.exe"}
    said = env.script("cvhello.exe", "a b", "\u00e9\u4e2d")
    assert said.rc == 3 and said.out.startswith("hello ['a b', "), str(said)
    assert wine.windows_path(env.root).lower() in said.out.lower()
    env.script("cvgui.exe", box.name("said.txt")).ok()
    assert runner.read(box.path("said.txt")).lower().endswith("\\pythonw.exe")
    env.pip("uninstall", "-y", "cvhello").ok()
    assert env.scripts() == before


def test_pip_upgrades_itself(box, some_py, pythons):
    """pip removes what RECORD lists, launchers included, and installs its own."""
    env = Env(box, some_py)
    wheel = max([bundled_pip(py) for py in pythons if py.minor <= (3, 13) or py == some_py], key=version_of)
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "--no-index", "--force-reinstall"]
    box.python(env.root, *pip, wine.windows_path(wheel)).ok()
    assert env.pip("--version").ok().out.startswith("pip %s " % version_of(wheel))
    assert "No broken requirements" in env.pip("check").ok().out
    (info,) = glob.glob(os.path.join(env.root, "Lib", "site-packages", "pip-*.dist-info"))
    assert os.path.basename(info) == "pip-%s.dist-info" % version_of(wheel)
    box.python(env.root, "-m", "pip", "uninstall", "-y", "pip").ok()
    assert env.scripts() == {"python.exe", "pythonw.exe"}


@pytest.mark.parametrize("name", ["sp ace", "\u00e9\u4e2d", "it's %x% & y"])
def test_launchers_work_below_any_name(box, some_py, name):
    env = Env(box, some_py, name)
    for script in ("pip3.exe", "pip%s.exe" % some_py.x_y):
        assert env.script(script, "--version").ok().out.startswith("pip ")


def test_launchers_of_a_relocatable_environment_follow_it(box, py):
    env = Env(box, py)
    box.cvenv("-p", py.exe, "--relocatable", "env").quiet()
    env.root = box.path("mov ed \u00e9\u4e2d")
    os.rename(box.path("env"), env.root)
    assert "mov ed" in env.pip("--version").ok().out


def test_an_updated_environment_keeps_its_packages(box, some_py):
    env = Env(box, some_py)
    env.pip("install", wine.windows_path(wheel_with_scripts(box.root))).ok()
    box.cvenv("-p", some_py.exe, "--upgrade", "env").quiet()
    box.cvenv("-p", some_py.exe, "env").quiet()
    assert env.script("cvhello.exe").rc == 3
    box.cvenv("-p", some_py.exe, "--clear", "env").quiet()
    assert "cvhello.exe" not in env.scripts()
    assert env.pip("--version").rc == 0
