# SPDX-License-Identifier: MIT
"""Environments as the four makers leave them: venv, virtualenv, uv and cvenv itself.

    env = made("uv", py)                  # with the package demo, by uv
    env = made("venv", py, pip=True)      # by venv with pip, and demo by that pip
    env.run("demo").ok()

virtualenv and uv come from the package index. A test that needs what cannot be had is skipped.
"""

import os

import pytest

import programs
import runner
import session
import wheels

MAKERS = ["venv", "virtualenv", "uv", "cvenv"]

ENTRY_POINTS = b"[console_scripts]\n%s = %s:main\n"
MODULE = b"""import sys

__version__ = "%s"


def main():
    print("%s %%s in %%s" %% (__version__, sys.prefix))
    return 0
"""


def wheel(directory, project="demo", version="1.0", more=()):
    """A wheel with a module, a console script, a script with a line `#!python`, and a data file."""
    info = "%s-%s.dist-info" % (project, version)
    name = project.encode()
    text = b"Metadata-Version: 2.1\nName: %s\nVersion: %s\n\n" % (name, version.encode())
    files = {
        project + "/__init__.py": MODULE % (version.encode(), name),
        project + "/data.txt": b"data\n",
        "%s-%s.data/scripts/%s-old" % (project, version, project): b"#!python\nimport %s\n%s.main()\n" % (name, name),
        info + "/METADATA": text,
        info + "/WHEEL": b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        info + "/entry_points.txt": ENTRY_POINTS % (name, name),
        **dict(more),
    }
    os.makedirs(directory, exist_ok=True)
    return wheels.write(directory, "%s-%s" % (project, version), files)


def tool(name):
    """The command "virtualenv" or "uv"."""
    return programs.of_index(name, "makers", ["virtualenv", "uv"])


class Made:
    """An environment, and what is asked of it."""

    def __init__(self, box, maker, py, root):
        self.box, self.maker, self.py, self.root = box, maker, py, root
        self.bin = os.path.join(root, "bin")
        self.site = os.path.join(root, "lib", py.lib_name, "site-packages")
        self.python = os.path.join(self.bin, "python")

    def cfg(self):
        return runner.cfg(self.root)

    def run(self, script, *args, **more):
        return self.box.run([os.path.join(self.bin, script), *args], **more)

    def runs(self, code, *args, **more):
        return self.box.run([self.python, "-c", code, *args], **more)

    def pip(self, *args, **more):
        """The pip of the base interpreter, on the environment: it may have none itself."""
        if "pip" not in self.py.seeds:
            pytest.skip("%s has its pip wheel in a place the tests do not know" % self.py)
        path = session.unpacked(self.py.seeds["pip"][1])  # which keeps the bytecode of pip
        quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": path, **more.pop("env", {})}
        return self.box.run([self.python, "-m", "pip", *args], env=quiet, **more)

    def freeze(self):
        return self.pip("freeze", "--all", "--path", self.site).ok().out

    def at(self, name):
        """What it is in another place."""
        return Made(self.box, self.maker, self.py, name if os.path.isabs(name) else self.box.path(name))

    def install(self, *packages):
        """As the maker's users do: by uv, or by pip."""
        if self.maker == "uv":
            uv(self.box, "pip", "install", "--python", self.python, "--no-index", "--no-deps", *packages)
        else:
            self.pip("install", "-q", "--no-index", "--no-deps", "--no-compile", *packages).ok()


def uv(box, *args, env=None):
    more = {"UV_CACHE_DIR": session.place("uv-cache"), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    return box.run([tool("uv"), "-q", *args], env={**more, **(env or {})})


def _virtualenv(box, py, root, pip, args):
    data = ["--app-data", session.place("virtualenv-data"), "--no-periodic-update"]
    given = [*data, *([] if pip else ["--without-pip"]), "-p", py.path, *args, root]
    command = tool("virtualenv")
    if pip and py.minor < (3, 9):  # for which virtualenv 21 brings no pip
        command = programs.of_index("virtualenv", "virtualenv20", ["virtualenv<21"])
    return box.run([command, "-q", *given])


def _make(box, maker, py, root, pip, args):
    without = [] if pip else ["--without-pip"]
    if maker == "venv":
        return box.run([py.path, "-m", "venv", *without, *args, root])
    if maker == "virtualenv":
        return _virtualenv(box, py, root, pip, args)
    if maker == "uv":
        return uv(box, "venv", *(["--seed"] if pip else []), "-p", py.path, *args, root)
    return box.cvenv("-q", "-p", py.path, *without, *args, root)


class Makers:
    """The fixture `made`: makes an environment in the test's box.

    pip needs half a second, and virtualenv as long again. So a copy is kept of each environment; when a
    later test wants the same one in the same place (session.own_room), it is put back there. Those in
    which files are links to a cache are made each time, which takes no time.
    """

    kept = {}  # what was asked for -> the copy

    def __init__(self, box):
        self.box = box

    def _kept(self, *asked):
        key = repr((self.box.root, *asked))
        return self.kept.setdefault(key, session.place("%s-made-%d" % (os.path.basename(self.box.root), len(self.kept))))

    def __call__(self, maker, py, packages=None, name="env", pip=False, args=()):
        """PACKAGES: paths of wheels or, with an index, what pip takes; None: the wheel demo."""
        root = self.box.path(name)
        if packages is None:
            packages = [wheel(os.path.join(self.box.root, "wheels"))]
            if maker != "uv" and not (pip and maker == "cvenv"):
                return self._again(maker, py, packages, name, pip, args)
        return self._new(maker, py, packages, root, pip, args)

    def _again(self, maker, py, packages, name, pip, args):
        root = self.box.path(name)
        copy = self._kept(maker, py.path, name, pip, args)
        if os.path.exists(copy):
            os.makedirs(os.path.dirname(root), exist_ok=True)
            self.box.run(["cp", "-a", copy, root]).ok()
            return Made(self.box, maker, py, root)
        env = self._new(maker, py, packages, root, pip, args)
        self.box.run(["cp", "-a", root, copy]).ok()
        return env

    def _new(self, maker, py, packages, root, pip, args):
        result = _make(self.box, maker, py, root, pip, args)
        if result.rc and maker in ("virtualenv", "uv"):
            pytest.skip("%s cannot make one of %s: %s" % (maker, py, result.err.strip().rpartition("\n")[2]))
        result.ok()
        env = Made(self.box, maker, py, root)
        if packages:
            env.install(*packages)
        return env
