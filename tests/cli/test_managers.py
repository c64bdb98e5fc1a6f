# SPDX-License-Identifier: MIT
"""Environments in the places where poetry, hatch, pipenv, pdm, pipx, uv and virtualenvwrapper make them: --list
finds each of them, and what --prune, --remove and --move do there is no harm to these programs.

Nightly: the programs come from the package index.
"""

import json
import os
import shutil
import time

import pytest

import makers
import programs
import runner
from test_list import DAY, listed

pytestmark = pytest.mark.nightly
LONG = 600  # seconds
PROJECT = """[project]
name = "hello"
version = "1.0"
requires-python = ">=3.8"

[tool.poetry]
package-mode = false

[tool.hatch.envs.default]
skip-install = true
"""
WRAPPER = '. "$1/virtualenvwrapper.sh" && mkvirtualenv -p "$2" hello'


class Manager:
    """A program, in a test's own home directory and with a project in its current directory."""

    manager = None  # as --list names it
    kept_by = ()  # who, and the command by which users remove it
    variables = {}

    def __init__(self, box, py):
        self.box, self.py = box, py
        runner.write(box.work, "pyproject.toml", text=PROJECT)

    def run(self, *argv, **variables):
        return self.box.run(argv, env={**self.variables, **variables}, timeout=LONG).ok()

    def listed(self):
        return listed(self.box, env=self.variables)

    def cvenv(self, *args):
        return self.box.cvenv(*args, env=self.variables)


class Poetry(Manager):
    manager = "poetry"

    def make(self):
        self.run(programs.of_index("poetry"), "env", "use", "-n", self.py.path)


class Hatch(Manager):
    manager = "hatch"

    def make(self):
        self.run(programs.of_index("hatch"), "env", "create", HATCH_PYTHON=self.py.path)


class Pipenv(Manager):
    manager = "pipenv"

    def make(self):
        self.run(programs.of_index("pipenv"), "--python", self.py.path)


class Pdm(Manager):
    manager = "pdm"

    def make(self):
        self.run(programs.of_index("pdm"), "venv", "create", "--name", "hello", self.py.path)


class Pipx(Manager):
    manager, kept_by = "pipx", ("pipx", "pipx")

    def make(self):
        wheel = makers.wheel(os.path.join(self.box.root, "wheels"))
        self.run(programs.of_index("pipx"), "install", "--force", "--python", self.py.path, wheel)


class UvTool(Manager):
    manager, kept_by = "uv-tool", ("uv", "uv tool")

    def make(self):
        wheel = makers.wheel(os.path.join(self.box.root, "wheels"))
        given = ["tool", "install", "--force", "--no-index", "--python", self.py.path, wheel]
        makers.uv(self.box, *given, env=self.variables).ok()


class Virtualenvwrapper(Manager):
    """Its place is nobody's alone."""

    def __init__(self, box, py):
        super().__init__(box, py)
        self.variables = {"WORKON_HOME": os.path.join(box.home, "places", "of mine")}

    def make(self):
        if not shutil.which("bash"):
            pytest.skip("no bash")
        bin = os.path.dirname(programs.of_index("virtualenv", "virtualenvwrapper", ["virtualenvwrapper"]))
        path = "%s:%s:/usr/bin:/bin" % (self.box.bin, bin)
        self.run("bash", "-c", WRAPPER, "-", bin, self.py.path, PATH=path, VIRTUALENVWRAPPER_PYTHON=bin + "/python")


@pytest.fixture(params=[Poetry, Hatch, Pipenv, Pdm, Pipx, UvTool, Virtualenvwrapper], ids=lambda one: one.__name__)
def program(request, box, newest):
    return request.param(box, newest)


def made(program):
    """The one environment of it."""
    program.make()
    (one,) = program.listed()
    return one["path"]


def prunes(program, *args):
    """What --prune says of the one environment."""
    (said,) = map(json.loads, program.cvenv("--prune=30", "--json", *args).ok().out.splitlines())
    return said["path"], said["action"], said["reason"]


def test_listed(program):
    program.make()
    (one,) = program.listed()
    assert one["manager"] == program.manager and not one["broken"] and one["version"].startswith(program.py.x_y)
    assert one["maker"] in makers.MAKERS and one["path"].startswith(program.box.home + "/")
    assert program.box.says(one["path"])["sys.prefix"] == one["path"]
    assert program.cvenv("--check", one["path"]).ok().out == ""


OTHERS = [
    (Poetry, "POETRY_VIRTUALENVS_PATH"),
    (Poetry, "POETRY_CACHE_DIR"),
    (Hatch, "HATCH_DATA_DIR"),
    (Pipenv, "XDG_DATA_HOME"),
    (Pdm, "XDG_DATA_HOME"),
    (Pipx, "PIPX_HOME"),
    (UvTool, "UV_TOOL_DIR"),
]


@pytest.mark.parametrize("of, variable", OTHERS, ids=["%s-%s" % (of.__name__, variable) for of, variable in OTHERS])
def test_listed_where_variables_say(box, newest, of, variable):
    program = of(box, newest)
    program.variables = {variable: os.path.join(box.tmp, "other place")}
    assert made(program).startswith(program.variables[variable] + "/")
    assert program.listed()[0]["manager"] == program.manager


def test_pruned(program):
    """It makes again what is removed; what is linked from ~/.local/bin is kept."""
    path = made(program)
    assert program.cvenv("--prune=30", "--yes").ok().out == "Removed 0 environments: 0 bytes freed\n"
    old = time.time() - 90 * DAY
    for name in ("pyvenv.cfg", os.path.join("lib", program.py.lib_name, "site-packages")):
        os.utime(os.path.join(path, name), (old, old))
    if program.kept_by:
        reason = "%s manages it, see '%s uninstall'" % program.kept_by
        assert prunes(program) == prunes(program, "--yes") == (path, "kept", reason)
        assert os.path.isdir(path) and program.box.run([program.box.home + "/.local/bin/demo"]).ok()
        return
    assert prunes(program) == (path, "to be removed", "unused for 90 days")
    assert prunes(program, "--yes") == (path, "removed", "unused for 90 days")
    assert not program.listed()
    assert made(program) == path


def test_moved(program):
    path = made(program)
    moved = program.cvenv("-q", "--move", path, "moved")
    if program.kept_by:
        moved.refused("refusing to move '%s'" % path, "only %s knows them" % program.manager)
        assert program.box.run([program.box.home + "/.local/bin/demo"]).ok()
        return
    moved.quiet()
    assert program.box.says(program.box.path("moved"))["sys.prefix"] == program.box.path("moved")
    program.make()
    assert [(one["path"], one["manager"]) for one in program.listed()] == sorted(
        [(path, program.manager), (program.box.path("moved"), None)])


def test_removed(program):
    """The user has named it."""
    path = made(program)
    program.cvenv("-q", "--remove", path).quiet()
    assert not os.path.lexists(path) and not program.listed()
    assert made(program) == path
