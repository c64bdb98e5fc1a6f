# SPDX-License-Identifier: MIT
"""What a builder with a step of its own must not clear. Otherwise src/fs/guard.c decides this."""

import os
import sys


def refuse_to_clear(path):
    """Refuse the root, the home directory, this Python, a directory above these or above the
    current one, and a directory with a mount point in it."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    kept = [os.sep, os.path.expanduser("~"), os.path.join(os.getcwd(), ".."), base, os.__file__]
    kept = [os.path.realpath(k) for k in kept if k]
    inside = os.path.normcase(os.path.join(path, ""))
    for k in kept + [m for m in _mounts() if m != path]:
        if os.path.normcase(os.path.join(k, "")).startswith(inside):
            raise ValueError("refusing to clear '%s': this would delete '%s'" % (path, k))


def _mounts():
    """All mount points, or an empty list if /proc is missing."""
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            points = [line.split(b" ")[4] for line in file]
    except OSError:
        return []
    points = [p.split(b"\\") for p in points]  # mountinfo writes a space as \040
    return [os.fsdecode(p[0] + b"".join(bytes([int(e[:3], 8)]) + e[3:] for e in p[1:])) for p in points]
