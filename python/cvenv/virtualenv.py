# SPDX-License-Identifier: MIT
"""A plug-in of virtualenv: its creator and its seeder named cvenv.

    virtualenv --creator cvenv --seeder cvenv DIR

virtualenv 20.26 and later find it by the entry points of this package. It is used only where it is
chosen: by these options, by VIRTUALENV_CREATOR and VIRTUALENV_SEEDER, or by virtualenv.ini. It works
in all that creates environments by virtualenv (tox, poetry, hatch, ...); see doc/tools.md.

The creator creates the whole environment in one native call: with pip if the seeder is cvenv, with
the activation scripts that the session wants, and with the keys that virtualenv has in pyvenv.cfg.
"""

import logging
import os
import sys
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import cvenv
from virtualenv.create.describe import Describe
from virtualenv.create.pyenv_cfg import PyEnvCfg
from virtualenv.create.via_global_ref.api import ViaGlobalRefApi, ViaGlobalRefMeta
from virtualenv.create.via_global_ref.builtin.builtin_way import VirtualenvBuiltin
from virtualenv.run.plugin.activators import ActivationSelector
from virtualenv.run.plugin.creators import CreatorSelector
from virtualenv.seed.embed.via_app_data.via_app_data import FromAppData
from virtualenv.seed.wheels import Version, get_wheel
from virtualenv.version import __version__

__all__ = ["CvenvCreator", "CvenvSeeder"]

_LOGGER = logging.getLogger(__name__)

# The scripts of virtualenv's activators, by the name of their modules, as cvenv calls them.
_SCRIPTS = {
    "bash": ("activate",),
    "batch": ("activate.bat", "deactivate.bat", "pydoc.bat"),
    "cshell": ("activate.csh",),
    "fish": ("activate.fish",),
    "nushell": ("activate.nu",),
    "powershell": ("Activate.ps1", "activate.ps1"),
    "python": ("activate_this.py",),
    "xonsh": ("activate.xsh",),
}
# The Python has no bytecode of virtualenv's pip. Compiling it costs as much as two environments save,
# in each of which pip would otherwise compile itself when it first runs.
_COMPILE_ALWAYS = 1

_ADDITIONAL = ("nushell", "xonsh", "python", "batch")  # cvenv writes the others always


class _Configuration(PyEnvCfg):
    """pyvenv.cfg, which cvenv has written: write() only writes changes."""

    def __init__(self, content, path):
        super().__init__(content, path)
        self._known = dict(content)

    def refresh(self):
        content = super().refresh()
        self._known = dict(content)
        return content

    def write(self):
        if dict(self.content) != self._known:
            super().write()


class CvenvCreator(ViaGlobalRefApi, Describe):
    """Creates the environment by cvenv, with pip if the seeder is cvenv's."""

    # It does not derive from VirtualenvBuiltin: the first such class becomes virtualenv's default.
    # For the same reason it describes itself only (can_describe).

    def __init__(self, options, interpreter):
        super().__init__(options, interpreter)
        Describe.__init__(self, self.dest, interpreter)
        if os.name == "nt" and options.get_source("symlinks") == "default":
            self.symlinks = False  # as venv: links need a privilege
        _share_activators()
        self._options = options
        self.pyenv_cfg = _Configuration(self.pyenv_cfg.content, self.pyenv_cfg.path)

    @classmethod
    def can_describe(cls, interpreter):  # noqa: ARG003
        return False

    @classmethod
    def can_create(cls, interpreter):
        reason = _reason_against(interpreter)
        if reason is None:
            return ViaGlobalRefMeta()
        _LOGGER.log(
            logging.WARNING if _is_asked_for() else logging.DEBUG,
            "the creator cvenv is not available: %s",
            reason,
        )
        return None

    @property
    def exe(self):
        name = "pypy3" if self.interpreter.implementation == "PyPy" else "python"
        return self.bin_dir / (name + self.suffix)

    def create(self):
        """Create the environment. virtualenv calls run()."""
        self.run()

    def run(self):
        seeder = getattr(self._options, "cvenv_seeder", None)
        if seeder is not None and seeder.is_native(self.interpreter):
            with seeder.wheel_dir(self.interpreter) as wheel_dir:
                self._create(wheel_dir=wheel_dir, compile=_COMPILE_ALWAYS, jobs=os.cpu_count() or 1)
            seeder.seeded = self
        else:
            self._create(without_pip=True)
        self.pyenv_cfg.refresh()
        if getattr(self, "venv_redirect", False) is not False:  # since 21
            self.point_venv_redirect()

    def _create(self, **changes):
        options = {
            "python": self.interpreter.system_executable or self.interpreter.executable,
            "no_config": True,
            "prompt": getattr(self._options, "prompt", None),
            "system_site_packages": bool(self.enable_system_site_package),
            "symlinks": bool(self.symlinks),
            "copies": not self.symlinks,
            "clear": bool(self.clear),
            "force": True,  # virtualenv clears any directory
            "without_scm_ignore_files": bool(self.no_vcs_ignore),
            "activators": ",".join(n for n in self._activators() if n in _ADDITIONAL),
            "extra_cfg": "".join("%s = %s\n" % item for item in self._keys()),
        }
        options.update(changes)
        native = cvenv._native
        try:
            native.create(str(self.dest), options, _LOGGER.warning)
        except native.Error as e:
            failure = RuntimeError("%s%s" % (e.args[1], " (%s)" % e.args[2] if e.args[2] else ""))
        else:
            return
        raise failure  # outside of `except`, so that a traceback shows one error

    def _activators(self):
        names = self._options.activators
        return names.split(",") if isinstance(names, str) else names

    def _keys(self):
        """The keys of virtualenv that tools read. cvenv writes home, version and so on itself."""
        about = self.interpreter
        yield "implementation", about.implementation
        yield "version_info", ".".join(str(part) for part in about.version_info)
        yield "virtualenv", __version__
        yield "base-prefix", about.system_prefix
        yield "base-exec-prefix", about.system_exec_prefix
        yield "base-executable", about.system_executable or about.executable

    def scripts_of(self, activator):
        """The scripts that cvenv has written for one of virtualenv's activators."""
        names = _SCRIPTS.get(type(activator).__module__.rpartition(".")[2], ())
        if "activate.ps1" in names:  # what virtualenv calls Activate.ps1
            self._alias("Activate.ps1", "activate.ps1")
        return [self.bin_dir / name for name in names if (self.bin_dir / name).exists()]

    def _alias(self, name, alias):
        if (self.bin_dir / name).exists():
            try:
                os.symlink(name, self.bin_dir / alias)
            except OSError:  # it exists, also on Windows; or there are no links here
                pass


class CvenvSeeder(FromAppData):
    """Lets the creator cvenv install pip with the environment, from the wheels that virtualenv would
    install. It leaves to virtualenv's own seeder what cvenv does not install, such as `wheel`, and
    environments of other creators."""

    def __init__(self, options):
        super().__init__(options)
        self.seeded = None  # the creator that has done it
        options.cvenv_seeder = self

    @classmethod
    def cannot_seed(cls, interpreter):  # noqa: ARG003
        return None  # if virtualenv has no wheels for this Python, cvenv takes those of the Python

    def is_native(self, interpreter):
        """Does cvenv install exactly these distributions?"""
        whole = {"pip"} if interpreter.version_info[:2] >= (3, 12) else {"pip", "setuptools"}
        return self.enabled and set(self.distribution_to_versions()) == whole

    @contextmanager
    def wheel_dir(self, interpreter):
        """A directory with nothing but the wheels that virtualenv chooses. None if it has none."""
        versions = self.distribution_to_versions()
        if _cannot_seed(interpreter) and set(versions.values()) == {Version.bundle}:
            yield None
            return
        with TemporaryDirectory(prefix="cvenv-") as directory:
            for name, version in versions.items():
                wheel = self._wheel(name, version, interpreter.version_release_str)
                _link(str(wheel.path), os.path.join(directory, wheel.path.name))
            yield directory

    def _wheel(self, name, version, python_version):
        wheel = None
        for download in [True] if self.download else [False, True]:
            wheel = wheel or get_wheel(
                distribution=name,
                version=version,
                for_py_version=python_version,
                search_dirs=self.extra_search_dir,
                download=download,
                app_data=self.app_data,
                do_periodic_update=self.periodic_update,
                env=self.env,
            )
        if wheel is None:
            raise RuntimeError("no wheel of %s %s for Python %s" % (name, version, python_version))
        return wheel

    def run(self, creator):
        if self.seeded is not creator:
            super().run(creator)


def _cannot_seed(interpreter):
    """Does virtualenv itself refuse? Versions before 21 do not ask."""
    return getattr(FromAppData, "cannot_seed", lambda interpreter: None)(interpreter)


def _link(path, link):
    from shutil import copyfile

    if os.name == "nt":  # links need a privilege
        copyfile(path, link)
    else:
        os.symlink(path, link)


def _reason_against(interpreter):
    """Why cvenv cannot create environments of this Python, or must not be offered; or None."""
    if interpreter.implementation not in ("CPython", "PyPy"):
        return "cvenv does not support %s" % interpreter.implementation
    if interpreter.version_info[:2] < (3, 8):
        return "cvenv does not support Python %d.%d" % tuple(interpreter.version_info[:2])
    # virtualenv's default is the creator "builtin". If there is none for an interpreter, it is the
    # first one that is installed: cvenv must not become that.
    for creator in CreatorSelector.options("virtualenv.create").values():
        if issubclass(creator, VirtualenvBuiltin):
            meta = creator.can_create(interpreter)
            if meta and not meta.error:
                return None
    return "virtualenv has no creator 'builtin' for this Python, so that cvenv would become the default"


def _is_asked_for():
    return os.environ.get("VIRTUALENV_CREATOR") == "cvenv" or bool({"cvenv", "--creator=cvenv"} & set(sys.argv))


def _share_activators():
    """Let virtualenv's activators keep the scripts of an environment that cvenv has created. They get
    no other chance: the session calls them, and it has no option for other ones."""
    for activator in ActivationSelector.options("virtualenv.activate").values():
        if activator.__module__.startswith("virtualenv.activation."):
            generate = activator.__dict__.get("generate") or activator.generate
            if not hasattr(generate, "_original"):
                activator.generate = _shared(generate)


def _shared(original):
    def generate(self, creator):
        return creator.scripts_of(self) if isinstance(creator, CvenvCreator) else original(self, creator)

    generate._original = original
    return generate
