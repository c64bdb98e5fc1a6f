# SPDX-License-Identifier: MIT
"""Special files, planted under the names of ordinary ones."""

import os
import socket
import stat

import pytest

import runner

GIB = 1 << 30


def plant(path, kind, target="/nonexistent/target"):
    """Something of that kind under a name, whatever was there before: "pipe", "socket", "device",
    "link" to target, "dangling link", "loop", "directory", "1 GiB", or a size in bytes."""
    if os.path.isdir(path) and not os.path.islink(path):
        runner.wipe(path)
    elif os.path.lexists(path):
        os.remove(path)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            here = os.getcwd()
            os.chdir(os.path.dirname(path))  # names of sockets are short
            try:
                s.bind(os.path.basename(path))
            finally:
                os.chdir(here)
    elif kind == "device":
        if os.geteuid() != 0:
            pytest.skip("making a device needs root")
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # zero: it has no end
    elif kind in ("link", "dangling link"):
        os.symlink(target, path)
    elif kind == "loop":
        os.symlink(os.path.basename(path), path)
    elif kind == "directory":
        os.mkdir(path)
    else:
        with open(path, "wb") as f:
            f.truncate(GIB if kind == "1 GiB" else kind)
