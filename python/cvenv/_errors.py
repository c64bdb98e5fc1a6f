# SPDX-License-Identifier: MIT
"""Errors of the library as the exceptions that users of the standard library's venv expect."""

import errno
import subprocess

# Of enum cvenv_code in cvenv.h.
_WHEEL_CODES = range(4099, 4105)
_PYTHON_CODE = 4098
_FIRST_OWN_CODE = 4096


class PipError(subprocess.CalledProcessError):
    """pip could not be installed, or not be upgraded. `stderr` says why."""

    def __str__(self):
        return self.stderr


class UnusableDirectory(NotADirectoryError, ValueError):
    """Something that is no directory, or a link to one, is where a directory must be."""


def failure(code, message, cure, env_dir, options):
    """The exception for an error of the library in creating ENV_DIR with OPTIONS."""
    if cure:
        message += " (%s)" % cure
    if code == errno.ENOMEM:
        return MemoryError(message)
    if code in _WHEEL_CODES and not options["without_pip"]:
        return _pip_error(message, options, "ensurepip", "--upgrade", "--default-pip")
    if code == _PYTHON_CODE and options["upgrade_deps"] and " was made" in message:
        return _pip_error(message, options, "pip", "install", "--upgrade")
    if code == errno.ENOTDIR:
        return UnusableDirectory(code, message)
    if code >= _FIRST_OWN_CODE or code in (errno.EINVAL, errno.EILSEQ):
        return ValueError(message)
    return OSError(code, message)


def _pip_error(message, options, *args):
    return PipError(1, [options["python"], "-m", *args], None, message)
