# SPDX-License-Identifier: MIT
"""The functions of the extension, by the command: `cvenv --package-request`.

The package uses this module if it has no extension that this Python can load. src/cli/request.h
describes the requests, and what the command answers.

The command is the one that was installed with this package. It refuses the requests of a package
of another version.
"""

import os
import sys

from ._version import VERSION

# enum cvenv_code of cvenv.h
EUSAGE, EPYTHON, EWHEEL, EUNSAFE, ELIMIT, EREFUSED, ENOPYTHON, ENOWHEEL, ENOCACHE, ECORRUPT, EPIP, ECHANGED, \
    EREDIRECT, ENOTENV = range(4097, 4097 + 14)

_TEXTS = ("prompt", "activators")
_PATHS = ("cwd", "python", "python_source", "default_python", "wheel_dir", "cache_dir", "redirect", "extra_cfg")
_LISTS = ("pythons",)
_NUMBERS = ("link_mode", "compile", "jobs")
_FLAGS = (
    "no_config",
    "system_site_packages",
    "copies",
    "symlinks",
    "clear",
    "force",
    "upgrade",
    "without_pip",
    "upgrade_deps",
    "without_scm_ignore_files",
    "without_cachedir_tag",
    "relocatable",
)
_CONTEXT = (
    "env_dir",
    "env_name",
    "prompt",
    "executable",
    "python_dir",
    "python_exe",
    "inc_path",
    "lib_path",
    "platlib_path",
    "bin_path",
    "bin_name",
    "env_exe",
    "env_exec_cmd",
    "cfg_path",
)
_VALUES = ("env_dir", "env_name", "prompt", "bin_name", "env_exe", "name")
_LARGEST = 2**31 - 1


class Error(Exception):
    """The library failed: (code, message, hint)."""


class _OtherVersion(Exception):
    pass


# --- the command -----------------------------------------------------------------------------


def commands(everywhere=True):
    """The paths where installers put the command of this package, if it exists. Not EVERYWHERE: only
    the places whose path follows from that of this package.
    """
    seen = []
    for folder in _folders(everywhere):
        path = os.path.normpath(os.path.join(folder, "cvenv.exe" if os.name == "nt" else "cvenv"))
        if path not in seen and os.access(path, os.X_OK) and not os.path.isdir(path):
            seen.append(path)
            yield path


def _folders(everywhere):
    site = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # Above any other directory, such as one in /tmp, others may have put a program.
    is_installed = os.path.basename(site).lower() in ("site-packages", "dist-packages")
    if is_installed and os.name == "nt":
        yield os.path.join(site, *[os.pardir] * 2, "Scripts")  # PREFIX/Lib/site-packages
        yield os.path.join(site, os.pardir, "Scripts")  # --user: Python/Python313/site-packages
    elif is_installed and os.path.basename(os.path.dirname(os.path.dirname(site))).startswith("lib"):
        yield os.path.join(site, *[os.pardir] * 3, "bin")  # PREFIX/lib/python3.13/site-packages
    yield os.path.join(site, "bin")  # pip install --target
    if not everywhere:
        return
    import sysconfig

    yield sysconfig.get_path("scripts")
    user = "nt_user" if os.name == "nt" else "posix_user"
    if user in sysconfig.get_scheme_names():
        yield sysconfig.get_path("scripts", user)


_found = []  # the command that answered last


# --- requests ---------------------------------------------------------------------------------


class _Answer:
    """Reads records from a pipe."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.buffer = b""

    def _more(self):
        block = self.pipe.read1(65536)
        if not block:
            raise EOFError
        self.buffer += block

    def part(self):
        while b"\0" not in self.buffer:
            self._more()
        part, _, self.buffer = self.buffer.partition(b"\0")
        return part

    def text(self):
        return self.part().decode("utf-8", "replace")

    def path(self):
        if os.name == "nt":
            return self.part().decode("utf-8", "surrogatepass")
        return os.fsdecode(self.part())

    def data(self):
        size = int(self.part())
        while len(self.buffer) < size:
            self._more()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data


def _read(answer, warn, go_on):
    """The whole answer: a dict."""
    values = {}
    while True:
        kind = answer.text()
        if kind == "warning":
            message = answer.path()
            if warn is not None:
                warn(message)
            go_on()
        elif kind == "text" or kind == "path":
            name = answer.text()
            values[name] = answer.path()
        elif kind == "list":
            values.setdefault(answer.text(), []).append(answer.path())
        elif kind == "flag":
            values[answer.text()] = True
        elif kind == "number":
            name = answer.text()
            values[name] = int(answer.text())
        elif kind == "data":
            values["data"] = answer.data()
        elif kind == "error":
            values["error"] = (int(answer.text()), answer.path(), answer.text())
        elif kind == "version":
            raise _OtherVersion(answer.text())
        elif kind == "done":
            return values
        else:
            raise EOFError


def _run(command, arguments, warn, script, holds_stdin):
    import subprocess

    # A program without a console would open one for the command.
    no_window = os.name == "nt" and os.path.basename(sys.executable).lower().startswith("pythonw")
    process = subprocess.Popen(
        [command, "--package-request", VERSION, *arguments],
        stdin=subprocess.PIPE if holds_stdin else None,
        stdout=subprocess.PIPE,
        creationflags=subprocess.CREATE_NO_WINDOW if no_window else 0,
    )

    def go_on():
        if holds_stdin:
            process.stdin.write(b"\n")
            process.stdin.flush()

    try:
        try:
            if script is not None:
                try:
                    process.stdin.write(script)
                    process.stdin.close()
                except BrokenPipeError:
                    pass  # the answer says why it does not read
            return _read(_Answer(process.stdout), warn, go_on)
        except BaseException:
            # It stops, and removes what it has begun.
            if holds_stdin:
                _close(process.stdin)
            else:
                process.terminate()
            while process.stdout.read(65536):
                pass
            raise
    except (EOFError, BrokenPipeError):
        reason = "signal %d" % -process.wait() if process.wait() < 0 else "status %d" % process.wait()
        raise OSError("'%s' ended with %s" % (command, reason)) from None
    finally:
        process.stdout.close()
        if holds_stdin:
            _close(process.stdin)
        process.wait()


def _close(pipe):
    try:
        pipe.close()
    except OSError:
        pass


def _ask(arguments, warn=None, script=None, holds_stdin=True):
    others = []
    for command in list(_found) or commands():
        try:
            values = _run(command, arguments, warn, script, holds_stdin)
        except _OtherVersion as e:
            others.append("'%s' has version %s" % (command, e))
            continue
        _found[:] = [command]
        if "error" in values:
            raise Error(*values["error"])
        return values
    _found.clear()
    raise OSError("the package cvenv has version %s, but %s" % (VERSION, "; ".join(others)))


# --- arguments --------------------------------------------------------------------------------


def _argument(name, value, is_path):
    """NAME=VALUE, as a program gets it."""
    if is_path:
        value = os.fspath(value)
        if os.name == "nt":
            value = value if isinstance(value, str) else os.fsdecode(value)
        else:
            value = os.fsencode(value)
    elif not isinstance(value, str):
        raise TypeError("prompt and activators must be str")
    elif os.name == "nt":
        value.encode("utf-8")
    else:
        value = value.encode("utf-8")
    if isinstance(value, bytes):
        return name.encode() + b"=" + value
    return name + "=" + value


def _option(name, value):
    """The arguments for an option."""
    if name in _FLAGS:
        return [name + "=1"] if value else []
    if name in _NUMBERS:
        if not isinstance(value, int):
            raise TypeError("%s must be int" % name)
        if not 0 <= value <= _LARGEST:
            raise OverflowError("%s is too large" % name)
        return ["%s=%d" % (name, value)]
    if name not in _TEXTS + _PATHS + _LISTS:
        raise TypeError("unknown name %r" % (name,))
    if value is None:
        return []
    if name not in _LISTS:
        return [_argument(name, value, name in _PATHS)]
    if isinstance(value, (str, bytes)):
        raise TypeError("a list of paths is needed")
    return [_argument(name, path, True) for path in value]


def _options(env_dir, options):
    if not isinstance(options, dict):
        raise TypeError("a dict is needed")
    arguments = [_argument("env_dir", env_dir, True)]
    for name, value in options.items():
        arguments += _option(name, value)
    return arguments


# --- the functions of the extension --------------------------------------------------------------


def create(env_dir, options, warn):
    arguments = _options(env_dir, options)
    # pip asks the user for passwords: it gets this process's stdin.
    holds_stdin = not options.get("upgrade_deps")
    if holds_stdin:
        arguments.append("control=1")
    return _ask(["create", *arguments], warn, holds_stdin=holds_stdin)


def step(env_dir, options, name, changes, warn):
    arguments = _options(env_dir, options)
    if changes is not None and not isinstance(changes, dict):
        raise TypeError("a dict is needed")
    for key, value in (changes or {}).items():
        if key not in _CONTEXT:
            raise TypeError("unknown name %r" % (key,))
        if value is not None:
            arguments.append(_argument("context." + key, value, True))
    return _ask(["step", *arguments, "control=1", _argument("step", name, False)], warn)


def parse(args, warn):
    if not isinstance(args, list):
        raise TypeError("a list is needed")
    args = [_argument("", arg, True)[1:] for arg in args]
    values = _ask(["parse", "control=1", "--", *args], warn)
    env_dirs = values.pop("dirs", [])
    marks = {name: values.pop(name, False) for name in ("help", "version", "command_only")}
    return values, env_dirs, marks


def help():
    return _ask(["help"])["data"].decode()


def replace(text, file, values):
    if not isinstance(text, str) or not isinstance(values, tuple) or len(values) != len(_VALUES):
        raise TypeError("replace(text, file, values) needs str, str and a tuple of six")
    arguments = [_argument(name, value, False) for name, value in zip(_VALUES, values)]
    arguments.append(_argument("file", file, False))
    try:
        return _ask(["replace", *arguments], script=text.encode("utf-8"))["data"].decode()
    except Error as e:
        raise ValueError(e.args[1]) from None


def version():
    return VERSION
