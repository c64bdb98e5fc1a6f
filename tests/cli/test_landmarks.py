# SPDX-License-Identifier: MIT
"""
Where a base finds its standard library, and that its environments find the same one.

A base that is a link searches where the link leads; an environment's Python searches from `home`
in pyvenv.cfg. Each layout is built from the files of a real interpreter, and both are asked.
"""

import json
import os
import re
import shutil
import zipfile

import pytest

import runner

ASK = """
import json, sys
print(json.dumps([sys.base_prefix, sys.base_exec_prefix,
                  [p for p in sys.path if "site-packages" not in p and "dist-packages" not in p]]))
"""


class Layout:
    """Directories in which a copy of an interpreter, and links to it, can be started."""

    def __init__(self, box, py):
        self.box = box
        self.root = os.path.join(box.root, "bases")
        said = box.run([py.path, "-I", "-c", "import os, sys; print(os.__file__, sys.executable)"]).ok().out
        self.lib = os.path.dirname(said.split()[0])
        self.executable = os.path.realpath(said.split()[1])
        self.name = "python" + py.x_y

    def path(self, *names):
        return os.path.join(self.root, *names)

    def copy(self, *names):
        os.makedirs(self.path(*names[:-1]), exist_ok=True)
        shutil.copy(self.executable, self.path(*names))
        return self.path(*names)

    def link(self, target, *names):
        os.makedirs(self.path(*names[:-1]), exist_ok=True)
        os.symlink(target, self.path(*names))
        return self.path(*names)

    def library(self, *names):
        """A directory of its own, with links to what is in the library."""
        os.makedirs(self.path(*names))
        for name in os.listdir(self.lib):
            os.symlink(os.path.join(self.lib, name), self.path(*names, name))

    def zipped(self, where):
        """The library in a zip file, but for the extension modules."""
        os.makedirs(self.path(where, "lib", self.name))
        os.symlink(os.path.join(self.lib, "lib-dynload"), self.path(where, "lib", self.name, "lib-dynload"))
        with zipfile.ZipFile(self.path(where, "lib", self.name.replace(".", "") + ".zip"), "w") as archive:
            for folder in ("", "collections", "encodings", "importlib", "json", "re", "sysconfig"):
                there = os.path.join(self.lib, folder)
                for name in os.listdir(there) if os.path.isdir(there) else ():
                    if name.endswith(".py"):
                        archive.write(os.path.join(there, name), os.path.join(folder, name))

    def ask(self, python):
        return self.box.run([python, "-I", "-c", ASK])

    def agrees(self, base, home, *more):
        """An environment from BASE, made with the options MORE, finds what BASE finds; its `home` is HOME."""
        answer = self.ask(base)
        if answer.rc:
            pytest.skip("this interpreter does not start from there: %s" % answer.err.strip().rpartition("\n")[2])
        self.box.cvenv("--without-pip", "--clear", *more, "-p", base, "env").quiet()
        assert runner.cfg(self.box.path("env"))["home"] == self.path(home)
        python = self.box.path("env", "bin", "python")
        assert self.ask(python).ok().out == answer.out
        said = self.box.run([python, "-c", "import sys; print(sys.prefix)"]).ok().out
        assert said.strip() == self.box.path("env")
        return json.loads(answer.out)


@pytest.fixture
def layout(box, some_py):
    if not some_py.is_cpython or some_py.debug:
        pytest.skip("landmarks of CPython, in its usual names")
    return Layout(box, some_py)


@pytest.fixture
def zip_layout(layout, some_py):
    if some_py.minor < (3, 11):
        pytest.skip("a zip file is no landmark before 3.11")
    layout.copy("zip", "bin", layout.name)
    layout.zipped("zip")
    return layout


def test_zipped_library(zip_layout):
    found = zip_layout.agrees(zip_layout.path("zip", "bin", zip_layout.name), "zip/bin")
    assert found[0] == zip_layout.path("zip")


def test_lone_link_to_zipped_library(zip_layout):
    target = zip_layout.path("zip", "bin", zip_layout.name)
    found = zip_layout.agrees(zip_layout.link(target, "links", "python"), "zip/bin")
    assert found[0] == zip_layout.path("zip")
    zip_layout.agrees(zip_layout.link("../links/python", "more", "py"), "zip/bin", "--copies")


def test_link_to_zipped_library_inside_another_installation(zip_layout):
    zip_layout.library("other", "lib", zip_layout.name)
    target = zip_layout.path("zip", "bin", zip_layout.name)
    zip_layout.agrees(zip_layout.link(target, "other", "bin", "python"), "zip/bin")


def test_link_beside_a_zip_file_of_another_installation(zip_layout):
    """The zip file would win over the directory that the base finds."""
    zip_layout.copy("plain", "bin", zip_layout.name)
    zip_layout.library("plain", "lib", zip_layout.name)
    target = zip_layout.path("plain", "bin", zip_layout.name)
    zip_layout.agrees(zip_layout.link(target, "zip", "bin", "python"), "plain/bin")


def test_lone_link_to_moved_installation(layout):
    base = layout.copy("plain", "bin", layout.name)
    layout.library("plain", "lib", layout.name)
    layout.agrees(layout.link(base, "links", "python"), "plain/bin")


def test_link_through_a_stable_name(layout):
    """The first working name in the chain of links is used: it remains valid when its target is upgraded."""
    layout.copy("1.2.3", "bin", layout.name)
    layout.library("1.2.3", "lib", layout.name)
    layout.link("1.2.3", "stable")
    base = layout.link("../stable/bin/" + layout.name, "links", "python")
    layout.box.cvenv("--without-pip", "-p", base, "env").quiet()
    assert runner.cfg(layout.box.path("env"))["home"] == layout.path("stable/bin")


def test_link_beside_extension_modules_of_another_installation(layout):
    """exec_prefix has a landmark of its own, lib-dynload."""
    base = layout.copy("plain", "bin", layout.name)
    layout.library("plain", "lib", layout.name)
    os.makedirs(layout.path("other", "lib", layout.name, "lib-dynload"))
    layout.agrees(layout.link(base, "other", "bin", "python"), "plain/bin")


def test_prefix_in_sysconfig_is_not_trusted(layout, some_py):
    """uv writes the new place into a build that it moves; getpath still has the old one."""
    base = layout.copy("plain", "bin", layout.name)
    layout.library("plain", "lib", layout.name)
    data = [n for n in os.listdir(layout.lib) if re.fullmatch(r"_sysconfigdata_.*\.py", n)]
    if not data:
        pytest.skip("no _sysconfigdata in the library")
    with open(os.path.join(layout.lib, data[0]), encoding="utf-8") as file:
        text = file.read()
    os.unlink(layout.path("plain", "lib", layout.name, data[0]))
    text += "\nbuild_time_vars['prefix'] = build_time_vars['exec_prefix'] = %r\n" % layout.path("plain")
    runner.write(layout.path("plain", "lib", layout.name), data[0], text=text)
    layout.agrees(layout.link(base, "links", "python"), "plain/bin")


@pytest.mark.parametrize("where", ["build", "links", "other/bin"])
def test_build_tree(layout, where):
    base = layout.copy("build", "python")
    layout.library("build", "Lib")
    layout.library("other", "lib", layout.name)
    runner.write(layout.path("build", "Modules"), "Setup.local", text="")
    runner.write(layout.path("build"), "Makefile", text="")
    runner.write(layout.path("build"), "pybuilddir.txt", text="build/lib.here")
    layout.link(os.path.join(layout.lib, "lib-dynload"), "build", "build", "lib.here")
    layout.agrees(base if where == "build" else layout.link(base, where, "py"), "build")


@pytest.mark.parametrize("where", ["pth/bin", "links"])
def test_path_file_beside_the_executable(layout, where, some_py):
    """`python3.13._pth` decides alone, wherever home is."""
    if some_py.minor < (3, 11):
        pytest.skip("no ._pth files before 3.11")
    base = layout.copy("pth", "bin", layout.name)
    layout.library("pth", "lib", layout.name)
    lib = "../lib/" + layout.name
    runner.write(layout.path("pth", "bin"), layout.name + "._pth", text="%s\n%s/lib-dynload\nimport site\n" % (lib, lib))
    layout.agrees(base if where == "pth/bin" else layout.link(base, where, "python"), where)
