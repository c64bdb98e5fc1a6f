# SPDX-License-Identifier: MIT
"""Environments after they are made: lists, checks, repairs, clones, moves, removes and packs them.

Each function runs the command of this installation once, with --json, and returns what that
prints, as types.SimpleNamespace; cvenv(1) describes the members. What is unknown is None. The
environments may be those of venv, virtualenv, uv or cvenv. Nothing of an environment is executed,
except the pip of a new one by repair(env_dir, python=...).

With dry_run=True nothing is written, and the result has the `plan`, except that of remove(). Failures
are exceptions: FileNotFoundError if there is no environment, ValueError if the command refuses, else an
OSError. An argument of the wrong type is a TypeError.
"""

import json
import os
import subprocess
import sys
import types

from . import _command, _errors
from ._version import VERSION

_ENVIRONMENT = (
    "maker_version",
    "python",
    "implementation",
    "version",
    "home",
    "base",
    "prompt",
    "manager",
    "last_used",
    "files",
    "bytes",
    "frees",
)
_DISTRIBUTION = ("version", "installer", "editable", "direct_url")
_CHANGE = ("requirements", "link_mode", "left", "files", "rewritten", "bytes", "sha256", "plan")
_WARNING = "cvenv: warning: "
_ERROR = "cvenv: error: "
_DIGITS_MAX = 4300  # int() refuses more, and a direct_url.json may have them


def list_environments(roots=None, quick=False):
    """The environments below ROOTS; None: in the places where programs keep them.

    QUICK leaves out what they take on the disk, and when they were used.
    """
    paths = _paths(() if roots is None else roots)
    if roots is not None and len(paths) == 1:
        return []
    found = _run("--list=quick" if quick else "--list", *paths)
    return [_complete(one, _ENVIRONMENT) for one in found]


def examine(env_dir, full=False):
    """What is wrong with an environment (`findings`), and its `packages`.

    FULL compares the content of all files with their hashes in RECORD.
    """
    result = _one("--check=full" if full else "--check", *_paths([env_dir]))
    for package in result.packages:
        _complete(package, _DISTRIBUTION)
    return _complete_findings(_complete(result, _ENVIRONMENT))


def repair(env_dir, python=None, dry_run=False):
    """Repair what examine() finds, if that is possible; the packages stay.

    PYTHON, the base interpreter, replaces a base that is gone: pip then installs the packages
    again. Without it, and if no Python of that version exists, the exception has the packages as
    `requirements`.
    """
    chosen = [] if python is None else [_option("--python", python)]
    # pip prints what it does on stderr.
    result = _one("--repair", *chosen, *_dry(dry_run), *_paths([env_dir]), shows=python is not None)
    return _complete_findings(_complete(result, _ENVIRONMENT + _CHANGE))


def clone(src, dest, roots=(), prompt=None, dry_run=False):
    """Make another environment with the same packages in DEST.

    ROOTS are pairs (OLD, NEW): projects that moved along, such as those of a second worktree.
    """
    return _relocate("--clone", src, dest, roots, prompt, dry_run)


def move(src, dest, roots=(), prompt=None, dry_run=False):
    """Move an environment to DEST, and rewrite the paths in its files."""
    return _relocate("--move", src, dest, roots, prompt, dry_run)


def remove(env_dir, dry_run=False):
    """Delete an environment, and nothing that is none."""
    return _one("--remove", *_dry(dry_run), *_paths([env_dir]))


def pack(env_dir, output, with_python=False, dry_run=False):
    """Pack an environment into the file or directory OUTPUT, for other places and other hosts.

    The name of OUTPUT decides the format. WITH_PYTHON takes the base interpreter along.
    """
    options = [_option("--output", output), *(["--with-python"] if with_python else [])]
    return _complete(_one("--pack", *options, *_dry(dry_run), *_paths([env_dir])), _CHANGE)


# --- the command ------------------------------------------------------------------------------


def _relocate(action, src, dest, roots, prompt, dry_run):
    options = ["--root=" + _mapping(*root) for root in roots]
    if prompt is not None:
        options.append("--prompt=" + prompt)
    return _complete(_one(action, *options, *_dry(dry_run), *_paths([src, dest])), _CHANGE)


def _mapping(old, new):
    old, new = os.fsdecode(old), os.fsdecode(new)
    if "=" in old:
        raise ValueError("the command cannot be given a directory with '=' in its name: %r" % old)
    return old + "=" + new


def _option(name, path):
    """One argument, because PATH may begin with '-'."""
    return name + "=" + os.fsdecode(path)


def _dry(dry_run):
    return ["--dry-run"] if dry_run else []


def _paths(paths):
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise TypeError("a list of paths is needed")
    return ["--", *[os.fspath(path) for path in paths]]


def _complete(result, names):
    for name in names:
        result.__dict__.setdefault(name, None)
    return result


def _complete_findings(result):
    for finding in result.findings + getattr(result, "remaining", []):
        _complete(finding, ("file",))
    return result


_found = []


def _no_window():
    """A program without a console would open one for the command."""
    hidden = os.name == "nt" and os.path.basename(sys.executable).lower().startswith("pythonw")
    return subprocess.CREATE_NO_WINDOW if hidden else 0


def _find():
    """The command of this version."""
    others = []
    for command in [] if _found else _command.commands():
        said = subprocess.run(
            [command, "--version"],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            creationflags=_no_window(),
        )
        version = said.stdout.decode("utf-8", "replace").strip()
        if version == "cvenv " + VERSION:
            _found.append(command)
            break
        others.append("'%s' is %s" % (command, version or "none"))
    if not _found:
        raise OSError("the package cvenv %s has no command here: %s" % (VERSION, "; ".join(others) or "none was found"))
    return _found[0]


def _run(*arguments, shows=False):
    """What the command prints: an object for each line. SHOWS: stderr is that of this process."""
    command = _find()
    process = subprocess.Popen(
        [command, "--json", "--no-config", *arguments],
        stdout=subprocess.PIPE,
        stderr=None if shows else subprocess.PIPE,
        creationflags=_no_window(),
    )
    try:
        out, err = process.communicate()
    except BaseException:
        process.terminate()  # it removes what it has begun
        process.communicate()
        raise
    return _answer(command, process.returncode, out, (err or b"").decode("utf-8", "replace"))


def _answer(command, status, out, err):
    found = []
    _warn(err)
    for line in out.splitlines() if status in (0, 1) else []:
        one = json.loads(line.decode("utf-8", "replace"), object_hook=_namespace, parse_int=_integer)
        error = getattr(one, "error", None)
        if error is not None:
            exception = _errors.failure(error.code, error.message, error.hint, getattr(one, "path", None), _OPTIONS)
            exception.requirements = getattr(one, "requirements", None)
            raise exception
        found.append(one)
    if status == 0 or (status == 1 and found):  # 1: there are findings
        return found
    reason = err.strip().rpartition("\n")[2] or "'%s' ended with status %d" % (command, status)
    if reason.startswith(_ERROR):
        reason = reason[len(_ERROR) :]
    if status == 2:
        raise ValueError(reason)
    raise OSError(reason)


def _integer(digits):
    return int(digits) if len(digits) <= _DIGITS_MAX else float(digits)


_OPTIONS = {"without_pip": True, "python": sys.executable}


def _namespace(members):
    return types.SimpleNamespace(**members)


def _warn(err):
    for line in err.splitlines():
        if line.startswith(_WARNING):
            sys.modules[__package__]._warn(line[len(_WARNING) :])


def _one(*arguments, shows=False):
    result, = _run(*arguments, shows=shows)
    return result
