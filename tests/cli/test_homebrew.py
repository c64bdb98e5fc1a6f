# SPDX-License-Identifier: MIT
"""
Homebrew's layout, from the files of a real interpreter: each release has a directory of its own in
the Cellar, `opt/NAME` is a link to the current one, and `bin` has links to its programs. The
library's sitecustomize names the interpreter through `opt`, for environments to outlive an upgrade.
"""

import os
import shutil

import pytest

import runner
from test_differential import Pair

# The effect of Homebrew's own, which is longer.
SITECUSTOMIZE = """
import os, sys
if os.path.realpath(sys.executable).startswith(%(rack)r) and sys.prefix == sys.base_prefix:
    sys.executable = sys._base_executable = %(executable)r
    sys.prefix = sys.exec_prefix = sys.base_prefix = sys.base_exec_prefix = %(opt)r
"""


class Brew:
    def __init__(self, box, py):
        self.py = py
        self.root = os.path.join(box.root, "brew")
        self.formula = "python@" + py.x_y
        self.name = "python" + py.x_y
        self.opt = self.path("opt", self.formula)
        self.installed = None

    def path(self, *names):
        return os.path.join(self.root, *names)

    def link(self, target, *names):
        os.makedirs(self.path(*names[:-1]), exist_ok=True)
        if os.path.lexists(self.path(*names)):
            os.unlink(self.path(*names))
        os.symlink(os.path.relpath(target, self.path(*names[:-1])), self.path(*names))

    def install(self, release):
        """As `brew install` and `brew upgrade`: the old release goes."""
        rack = self.path("Cellar", self.formula)
        keg = os.path.join(rack, release)
        library = os.path.join(keg, "lib", self.py.lib_name)
        os.makedirs(os.path.join(keg, "bin"))
        os.makedirs(library)
        for name in os.listdir(self.py.stdlib):
            if name not in ("sitecustomize.py", "site-packages", "dist-packages", "__pycache__"):
                os.symlink(os.path.join(self.py.stdlib, name), os.path.join(library, name))
        text = SITECUSTOMIZE % {"rack": rack, "opt": self.opt, "executable": self.opt + "/bin/" + self.name}
        runner.write(library, "sitecustomize.py", text=text)
        shutil.copy(os.path.realpath(self.py.path), os.path.join(keg, "bin", self.name))
        os.symlink(self.name, os.path.join(keg, "bin", "python3"))
        self.link(keg, "opt", self.formula)
        for name in (self.name, "python3"):
            self.link(os.path.join(keg, "bin", name), "bin", name)
        if self.installed:
            shutil.rmtree(self.installed)
        self.installed = keg


@pytest.fixture
def brew(box, few_py):
    if not few_py.is_cpython or few_py.debug:
        pytest.skip("Homebrew's Pythons are CPython's releases")
    made = Brew(box, few_py)
    made.install("1_1")
    return made


@pytest.mark.parametrize("base", ["bin/python3", "opt", "Cellar"])
def test_as_its_own_venv(box, few_py, brew, base):
    names = {"opt": brew.opt + "/bin/" + brew.name, "Cellar": brew.installed + "/bin/python3"}
    base = names.get(base) or brew.path(base)
    Pair(box, few_py, base).same(["--without-pip", "env"])
    assert os.readlink(box.path("env", "bin", brew.name)) == names["opt"]


def test_upgrade_of_the_base(box, brew):
    box.cvenv("--without-pip", "-p", brew.path("bin", "python3"), "env").quiet()
    brew.install("1_2")
    # The next formula takes over the name that the environment was created from.
    runner.write(brew.path("bin", "other"), text="#!/bin/sh\nexit 9\n", mode=0o755)
    brew.link(brew.path("bin", "other"), "bin", "python3")
    code = "import sys; print(sys.prefix, sys.base_prefix)"
    said = box.run([box.path("env", "bin", "python"), "-c", code]).ok().out.split()
    assert said[0] == box.path("env") and os.path.realpath(said[1]) == brew.installed
