# SPDX-License-Identifier: MIT
"""Creates virtual environments with the interface of the standard library's venv.

A program that uses venv only changes its import, to `import cvenv as venv`.

Constructor, methods, context and exceptions are those of the venv of the Python that runs this
module. See https://docs.python.org/3/library/venv.html. cvenv's doc/differences.md lists the
differences.

If no step of a builder is overridden, it creates the environment in one native call, all or
nothing. If a step is overridden, in a subclass or on the instance, the builder runs the steps one
by one, in venv's order and with venv's context. The other steps are still native.

Beside the interface of venv there are functions for environments that exist, of any program:
list_environments(), examine(), repair(), clone(), move(), remove() and pack(); see _finished.py.

Native code is an extension. In a Python that cannot load it, and in wheels without it, it is the
command of the same installation, with the same results.

Modules are imported when they are needed. This includes the modules that venv has as attributes
and that programs replace in their tests (cvenv.subprocess, cvenv.shutil, ...).
"""

import os
import sys

__all__ = ["CORE_VENV_DEPS", "EnvBuilder", "create", "main"]

_PYTHON = sys.version_info[:2]
_HAS_UPGRADE_DEPS = _PYTHON >= (3, 9)
_HAS_SCM_IGNORE_FILES = _PYTHON >= (3, 13)
_SYMLINKS = None if _PYTHON >= (3, 16) else False  # None: as the command
_PROMPT_FORM = "%s" if _PYTHON >= (3, 13) else "(%s) "

CORE_VENV_DEPS = ("pip",) if _PYTHON >= (3, 12) else ("pip", "setuptools")

# Scripts with the placeholders of venv, for subclasses that override replace_variables().
_SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scripts")

_FINISHED = ("clone", "examine", "list_environments", "move", "pack", "remove", "repair")
_LAZY = ("_errors", "_finished", "_guard", "logging", "shlex", "shutil", "subprocess", "sysconfig", "types")
_this = sys.modules[__name__]


def __getattr__(name):
    if name == "logger":
        value = _this.logging.getLogger(__name__)
    elif name == "__version__":
        value = _this._native.version()
    elif name == "_native":
        value = _extension_or_command()
    elif name in _FINISHED:
        value = getattr(_this._finished, name)
    elif name in _LAZY:
        from importlib import import_module

        value = import_module("." + name if name.startswith("_") else name, __name__)
    else:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    globals()[name] = value
    return value


def _extension_or_command():
    """The extension or, if this Python cannot load it, a module with the same functions."""
    try:
        from importlib import import_module

        return import_module("._native", __name__)
    except ImportError as e:
        from . import _command

        if next(_command.commands(), None):
            return _command
        raise ImportError("the package cvenv has neither its extension nor its command here: %s" % e) from None


def _warn(message):
    _this.logger.warning("%s", message)


class EnvBuilder:
    """Creates environments. Override methods to change steps.

    The parameters are attributes of the same name:

    system_site_packages    let the environment see the packages of the base interpreter
    clear                   delete the content of the directory first
    symlinks                link to the interpreter; False: copy it; None (3.16): as the command
    upgrade                 upgrade the environment to this Python, except activation scripts
    with_pip                install pip
    prompt                  the name that the shell shows; None: the directory's name
    upgrade_deps            run pip to upgrade pip from the index (3.9)
    scm_ignore_files        "git": write a .gitignore (3.13)
    """

    # The parameters of the venv of this Python. __init__.pyi has their types.
    if _HAS_SCM_IGNORE_FILES:

        def __init__(
            self,
            system_site_packages=False,
            clear=False,
            symlinks=_SYMLINKS,
            upgrade=False,
            with_pip=False,
            prompt=None,
            upgrade_deps=False,
            *,
            scm_ignore_files=frozenset(),
        ):
            self._set(system_site_packages, clear, symlinks, upgrade, with_pip, prompt, upgrade_deps)
            self.scm_ignore_files = frozenset(str.lower(scm) for scm in scm_ignore_files)

    elif _HAS_UPGRADE_DEPS:

        def __init__(
            self,
            system_site_packages=False,
            clear=False,
            symlinks=_SYMLINKS,
            upgrade=False,
            with_pip=False,
            prompt=None,
            upgrade_deps=False,
        ):
            self._set(system_site_packages, clear, symlinks, upgrade, with_pip, prompt, upgrade_deps)

    else:

        def __init__(
            self,
            system_site_packages=False,
            clear=False,
            symlinks=_SYMLINKS,
            upgrade=False,
            with_pip=False,
            prompt=None,
        ):
            self._set(system_site_packages, clear, symlinks, upgrade, with_pip, prompt, False)

    def _set(self, system_site_packages, clear, symlinks, upgrade, with_pip, prompt, upgrade_deps):
        self.system_site_packages = system_site_packages
        self.clear = clear
        self.symlinks = os.name != "nt" if symlinks is _SYMLINKS is None else symlinks
        self.upgrade = upgrade
        self.with_pip = with_pip
        self.orig_prompt = prompt
        self.prompt = os.path.basename(os.getcwd()) if prompt == "." else prompt
        self.upgrade_deps = upgrade_deps

    # --- create ------------------------------------------------------------------------------

    def create(self, env_dir):
        """Create an environment in the directory ENV_DIR."""
        env_dir = _absolute(env_dir)
        self._refuse_link(env_dir)
        if self._is_plain():
            self._call("create", env_dir, self._options())
        else:
            self._create_by_steps(env_dir)

    def _refuse_link(self, env_dir):
        """Refuse a link and a file, as venv does. The command uses the directory that they name."""
        if "_more" in self.__dict__:
            return
        if os.path.islink(env_dir):
            raise ValueError("refusing to create an environment in '%s': it is a symbolic link" % env_dir)
        if os.path.isfile(env_dir):
            raise _this._errors.not_a_directory(env_dir)

    def _create_by_steps(self, env_dir):
        context = self.ensure_directories(env_dir)
        for scm in self._scm():
            getattr(self, "create_%s_ignore_file" % scm)(context)
        # Until pip is installed, the environment must not see the pip of the base interpreter.
        system_site_packages = self.system_site_packages
        self.system_site_packages = False
        try:
            self.create_configuration(context)
            self.setup_python(context)
            if self.with_pip:
                self._setup_pip(context)
            if not self.upgrade:
                self.setup_scripts(context)
                self.post_setup(context)
        finally:
            self.system_site_packages = system_site_packages
        if system_site_packages:
            self.create_configuration(context)
        if self.upgrade_deps:
            self.upgrade_dependencies(context)

    # --- the steps, in order -----------------------------------------------------------------

    def ensure_directories(self, env_dir):
        """Create the directories. Returns the context, which is passed to the other steps."""
        env_dir = _absolute(env_dir)
        self._refuse_link(env_dir)
        wanted, clear = None, bool(self.clear)
        if not self._has_own("_venv_path"):
            wanted = {
                "bin_path": self._venv_path(env_dir, "scripts"),
                "inc_path": self._venv_path(env_dir, "include"),
                "lib_path": self._venv_path(env_dir, "purelib"),
            }
        if clear and not self._has_own("clear_directory"):
            self._step("begin", env_dir)  # report invalid options before anything is deleted
            if os.path.exists(env_dir):
                self.clear_directory(env_dir)
            clear = False
        values = self._step("ensure_directories", env_dir, wanted, clear=clear)
        del values["cfg_path"]  # create_configuration() adds it
        context = _this.types.SimpleNamespace(**values)
        context.prompt = _PROMPT_FORM % context.prompt
        return context

    def clear_directory(self, path):
        """Delete the content of a directory."""
        _this._guard.refuse_to_clear(os.path.realpath(path))
        with os.scandir(path) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    _this.shutil.rmtree(entry.path)
                else:
                    os.unlink(entry.path)

    def create_configuration(self, context):
        """Write pyvenv.cfg."""
        values = self._step("create_configuration", context.env_dir, context)
        context.cfg_path = values["cfg_path"]

    if _HAS_SCM_IGNORE_FILES:

        def create_git_ignore_file(self, context):
            """Write a .gitignore that ignores the whole environment."""
            self._step("create_git_ignore_file", context.env_dir, context)

    def setup_python(self, context):
        """Create the interpreter and its other names, as links or copies."""
        if self._has_own("symlink_or_copy") or (os.name == "nt" and _PYTHON >= (3, 13)):
            self._step("setup_python", context.env_dir, context)
            return
        if os.name == "nt":
            for name in _windows_names(context, self.symlinks):
                source = os.path.join(context.python_dir, name)
                if os.path.lexists(source):
                    self.symlink_or_copy(source, os.path.join(context.bin_path, name))
            return
        self.symlink_or_copy(context.executable, context.env_exe)
        for name in _interpreter_names():
            path = os.path.join(context.bin_path, name)
            if not os.path.exists(path):
                self.symlink_or_copy(context.env_exe, path, relative_symlinks_ok=True)
            if not os.path.islink(path):
                os.chmod(path, 0o755)

    def symlink_or_copy(self, src, dst, relative_symlinks_ok=False):
        """Create a link if self.symlinks is set and links work; otherwise copy."""
        if self.symlinks:
            if os.path.islink(dst):
                return
            try:
                os.symlink(os.path.basename(src) if relative_symlinks_ok else src, dst)
                return
            except OSError:
                _this.logger.warning("Unable to symlink %r to %r", src, dst)
        if os.name == "nt" and _PYTHON < (3, 13):
            src = _launcher(src)
        _this.shutil.copyfile(src, dst)
        os.chmod(dst, 0o755)

    def _setup_pip(self, context):
        if self._has_own("_call_new_python"):
            self._step("setup_pip", context.env_dir, context)
        else:
            stderr = _this.subprocess.STDOUT
            options = ("--upgrade", "--default-pip")
            self._call_new_python(context, "-m", "ensurepip", *options, stderr=stderr)

    def setup_scripts(self, context):
        """Install the activation scripts."""
        if self._has_own("install_scripts") and self._has_own("replace_variables"):
            self._step("setup_scripts", context.env_dir, context)
        else:
            self.install_scripts(context, _SCRIPTS)

    def install_scripts(self, context, path):
        """Install the scripts from PATH/common and PATH/posix (on Windows PATH/nt)."""
        for kind in ("common", os.name):
            top = os.path.join(path, kind)
            for folder, folders, files in os.walk(top):
                folders[:] = [name for name in folders if name != "__pycache__"]
                to = os.path.normpath(os.path.join(context.bin_path, os.path.relpath(folder, top)))
                os.makedirs(to, exist_ok=True)
                for name in sorted(files):
                    self._install_script(context, os.path.join(folder, name), os.path.join(to, name))

    def _install_script(self, context, source, target):
        name = os.path.basename(source)
        if name.lower().endswith((".exe", ".pdb")) and os.name == "nt":
            if not name.lower().startswith(("python", "venv")):  # a launcher of venv's
                _this.shutil.copy2(source, target)
            return
        with open(source, "rb") as file:
            data = file.read()
        if name.endswith(".bat") and b"\r" not in data:
            data = data.replace(b"\n", b"\r\n")  # cmd needs it to find labels
        context.script_path = source
        try:
            data = self.replace_variables(data.decode("utf-8"), context).encode("utf-8")
        except ValueError as e:
            _this.logger.warning("unable to copy script %r: %s", source, e)
            return
        if os.path.islink(target):
            os.unlink(target)
        with open(target, "wb") as file:
            file.write(data)
        _this.shutil.copymode(source, target)

    def replace_variables(self, text, context):
        """Replace the placeholders in TEXT (__VENV_DIR__ ...) by quoted values."""
        values = (
            context.env_dir,
            context.env_name,
            context.prompt,
            context.bin_name,
            context.env_exe,
            _bare_prompt(context.prompt),
        )
        name = os.path.basename(getattr(context, "script_path", None) or "activate")
        return _this._native.replace(text, name, values)

    def post_setup(self, context):
        """Do nothing. Subclasses override this, for example to install packages."""

    def upgrade_dependencies(self, context):
        """Run the environment's pip to upgrade CORE_VENV_DEPS from the index."""
        arguments = ["-m", "pip", "install", "--upgrade", *CORE_VENV_DEPS]
        if _PYTHON >= (3, 10):
            self._call_new_python(context, *arguments)
        else:
            _this.subprocess.check_call([_command_of(context), *arguments])

    def _call_new_python(self, context, *py_args, **kwargs):
        """Run the environment's Python and return its output."""
        env = dict(os.environ, VIRTUAL_ENV=context.env_dir, PYTHONSAFEPATH="1")
        env.pop("PYTHONHOME", None)
        env.pop("PYTHONPATH", None)
        kwargs["cwd"] = context.env_dir
        kwargs["env"] = env
        return _this.subprocess.check_output([_command_of(context), *py_args], **kwargs)

    def _venv_path(self, env_dir, name):
        """The path NAME ("scripts", "include", "purelib") of the installation scheme."""
        key = {"scripts": "bin_path", "include": "inc_path", "purelib": "lib_path"}.get(name)
        if key:
            return self._step("begin", env_dir)[key]
        names = ("base", "platbase", "installed_base", "installed_platbase")
        return _this.sysconfig.get_path(name, "venv", dict.fromkeys(names, env_dir))

    @classmethod
    def _same_path(cls, path1, path2):
        """Are the paths equal as text? On Windows, case and short names (PROGRA~1) do not matter."""
        if os.name == "nt" and path1 != path2:
            path1, path2 = (os.path.normcase(_long_path(p)) for p in (path1, path2))
        return path1 == path2

    # --- calls of native code -----------------------------------------------------------------

    def _has_own(self, name):
        """Is that step not overridden?"""
        return name not in self.__dict__ and getattr(type(self), name) is _OWN[name]

    def _is_plain(self):
        """Is no step overridden?"""
        return all(map(self._has_own, _OWN)) and self._scm() <= {"git"}

    def _scm(self):
        return getattr(self, "scm_ignore_files", frozenset())

    def _options(self, **changes):
        python = getattr(sys, "_base_executable", None) or sys.executable
        if not python:
            raise ValueError("cannot tell which Python this is: sys.executable is empty")
        options = {
            "python": python,
            "no_config": True,  # venv reads no files of projects
            "prompt": self._told_prompt(),
            "system_site_packages": bool(self.system_site_packages),
            "copies": not self.symlinks,
            "symlinks": bool(self.symlinks),
            "clear": bool(self.clear),
            "force": True,  # venv clears any directory
            "upgrade": bool(self.upgrade),
            "without_pip": not self.with_pip,
            "upgrade_deps": bool(self.upgrade_deps),
            "without_scm_ignore_files": not self._scm(),
            "without_cachedir_tag": True,  # as venv's class; main() writes one
        }
        options.update(self.__dict__.get("_more", ()), **changes)
        return options

    def _told_prompt(self):
        """The prompt for pyvenv.cfg: "." if that was given and still has the same meaning."""
        if self.orig_prompt == "." and self.prompt == os.path.basename(os.getcwd()):
            return "."
        return None if self.prompt is None else str(self.prompt)

    def _step(self, name, env_dir, context=None, **changes):
        """Run one step of the library. Returns the context that it computed."""
        if context is not None and not isinstance(context, dict):
            context = {name: getattr(context, name, None) for name in _CHOSEN}
            if context["prompt"] is not None:
                context["prompt"] = _bare_prompt(str(context["prompt"]))
        return self._call("step", env_dir, self._options(**changes), name, context)

    def _call(self, function, *args):
        native = _this._native
        try:
            return getattr(native, function)(*args, _warn)
        except native.Error as e:
            failure = _this._errors.failure(*e.args, *args[:2])
        try:
            raise failure  # outside of `except`, so that the traceback shows one error
        finally:
            del failure


# The members of a context that a step reads. The others are computed from them.
_CHOSEN = (
    "prompt",
    "executable",
    "python_dir",
    "python_exe",
    "inc_path",
    "lib_path",
    "platlib_path",
    "bin_path",
    "env_exe",
)

# If one of these is overridden, the steps must run one by one.
_OWN = {
    name: EnvBuilder.__dict__[name]
    for name in (
        "ensure_directories",
        "clear_directory",
        "create_configuration",
        "create_git_ignore_file",
        "setup_python",
        "symlink_or_copy",
        "_setup_pip",
        "setup_scripts",
        "install_scripts",
        "replace_variables",
        "post_setup",
        "upgrade_dependencies",
        "_call_new_python",
        "_venv_path",
    )
    if name in EnvBuilder.__dict__
}


def _absolute(env_dir):
    if isinstance(os.fspath(env_dir), bytes):
        raise TypeError("the directory must be str or os.PathLike of str, not bytes")
    return os.path.abspath(env_dir)


def _bare_prompt(prompt):
    """Remove the parentheses around the prompt in a context before 3.13."""
    before, after = _PROMPT_FORM.split("%s")
    if before and prompt.startswith(before) and prompt.endswith(after):
        return prompt[len(before) : -len(after)]
    return prompt


def _command_of(context):
    return getattr(context, "env_exec_cmd", None) or context.env_exe


def _interpreter_names():
    names = ["python", "python3"]
    if _PYTHON >= (3, 9):
        names.append("python%d.%d" % _PYTHON)
    if sys.implementation.name == "pypy":
        names += ["pypy", "pypy3"]
    elif _PYTHON == (3, 14):
        names.append("\U0001d70bthon")
    return names


def _windows_names(context, symlinks):
    """What an environment on Windows has of the directory of its base Python, before 3.13."""
    if symlinks:
        return [n for n in os.listdir(context.python_dir) if n.lower().endswith((".exe", ".dll"))]
    return ["python.exe", "python_d.exe", "pythonw.exe", "pythonw_d.exe"]


def _launcher(python):
    """The program that is copied as an interpreter on Windows, before 3.13."""
    folder, name = os.path.split(python)
    path = os.path.join(os.path.dirname(os.__file__), "venv", "scripts", "nt", name)
    if os.path.isfile(path):
        return path
    for kind in ("pythonw", "python"):  # where Python was built
        if name.lower() in (kind + ".exe", kind + "_d.exe"):
            launcher = kind.replace("python", "venv") + "launcher"
            return os.path.join(folder, launcher + name[len(kind) :])
    return python


def _long_path(path):
    """The path with the long names of directories on Windows, if they exist."""
    try:
        from _winapi import GetLongPathName

        return GetLongPathName(path)
    except (ImportError, OSError):  # before 3.13
        return path


if _HAS_SCM_IGNORE_FILES:

    def create(
        env_dir,
        system_site_packages=False,
        clear=False,
        symlinks=_SYMLINKS,
        with_pip=False,
        prompt=None,
        upgrade_deps=False,
        *,
        scm_ignore_files=frozenset(),
    ):
        """Create an environment with an EnvBuilder that has these parameters."""
        args = (system_site_packages, clear, symlinks, False, with_pip, prompt, upgrade_deps)
        EnvBuilder(*args, scm_ignore_files=scm_ignore_files).create(env_dir)

elif _HAS_UPGRADE_DEPS:

    def create(
        env_dir,
        system_site_packages=False,
        clear=False,
        symlinks=_SYMLINKS,
        with_pip=False,
        prompt=None,
        upgrade_deps=False,
    ):
        """Create an environment with an EnvBuilder that has these parameters."""
        args = (system_site_packages, clear, symlinks, False, with_pip, prompt, upgrade_deps)
        EnvBuilder(*args).create(env_dir)

else:

    def create(
        env_dir, system_site_packages=False, clear=False, symlinks=_SYMLINKS, with_pip=False, prompt=None
    ):
        """Create an environment with an EnvBuilder that has these parameters."""
        EnvBuilder(system_site_packages, clear, symlinks, False, with_pip, prompt).create(env_dir)


def main(args=None):
    """Run the command with ARGS, by default those of the process. See `cvenv --help`."""
    args = sys.argv[1:] if args is None else list(args)
    try:
        options, env_dirs, marks = _this._native.parse(args, _warn)
    except _this._native.Error as e:
        sys.stderr.write("cvenv: error: %s (%s)\n" % e.args[1:])
        raise SystemExit(2) from None
    if marks["help"] or marks["version"]:
        text = _this._native.help() if marks["help"] else "cvenv %s\n" % _this._native.version()
        sys.stdout.write(text)
        raise SystemExit(0)
    if marks["command_only"]:
        raise ValueError("options that print or clean up need the command: python -m cvenv")
    if options.get("upgrade") and options.get("clear"):
        raise ValueError("you cannot supply --upgrade and --clear together.")
    symlinks = options.pop("symlinks", False) or os.name != "nt"
    copies = options.pop("copies", False)
    builder = EnvBuilder(
        system_site_packages=options.pop("system_site_packages", False),
        clear=options.pop("clear", False),
        symlinks=symlinks and not copies,
        upgrade=options.pop("upgrade", False),
        with_pip=not options.pop("without_pip", False),
        prompt=options.pop("prompt", None),
    )
    builder.upgrade_deps = options.pop("upgrade_deps", False)
    if not options.pop("without_scm_ignore_files", False):
        builder.scm_ignore_files = frozenset(("git",))
    options.setdefault("force", False)
    options.setdefault("without_cachedir_tag", False)
    options.setdefault("no_config", False)  # warn of requires-python, as the command does
    builder._more = options
    for env_dir in env_dirs or [".venv"]:
        builder.create(env_dir)
