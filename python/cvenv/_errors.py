# SPDX-License-Identifier: MIT
"""Converts errors of the library to the exceptions that the standard library's venv raises."""

import errno
import subprocess

from . import _native

_WHEEL_CODES = (
    _native.ENOWHEEL, _native.EWHEEL, _native.EUNSAFE, _native.ELIMIT, _native.ECORRUPT,
)


class PipError(subprocess.CalledProcessError):
    """pip could not be installed or upgraded. `stderr` contains the reason."""

    def __str__(self):
        return self.stderr


class UnusableDirectory(NotADirectoryError, ValueError):
    """A path that must be a directory is something else, or is a link."""


class NoEnvironment(FileNotFoundError, ValueError):
    """A directory that must be an environment is none, or does not exist."""


def not_a_directory(env_dir):
    message = "cannot create an environment in '%s': a file has that name" % env_dir
    return UnusableDirectory(errno.ENOTDIR, message)


def failure(code, message, hint, env_dir, options):
    """The exception for an error of the library when creating ENV_DIR with OPTIONS."""
    if hint:
        message += " (%s)" % hint
    if code == errno.ENOMEM:
        return MemoryError(message)
    if code in _WHEEL_CODES and not options["without_pip"]:
        return _pip_error(message, options, "ensurepip", "--upgrade", "--default-pip")
    if code == _native.EPIP:
        return _pip_error(message, options, "pip", "install", "--upgrade")
    if code in (_native.ECHANGED, _native.EREDIRECT):
        return OSError(message)
    if code == _native.ENOTENV:
        return NoEnvironment(errno.ENOENT, message)
    if code == errno.ENOTDIR:
        return UnusableDirectory(code, message)
    if code >= _native.EUSAGE or code in (errno.EINVAL, errno.EILSEQ):
        return ValueError(message)
    return OSError(code, message)


def _pip_error(message, options, *args):
    return PipError(1, [options["python"], "-m", *args], None, message)
