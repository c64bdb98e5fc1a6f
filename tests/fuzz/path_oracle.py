# SPDX-License-Identifier: MIT
"""Paths, for oracle.py: what posixpath and ntpath make of them."""

import ntpath
import posixpath


def check_path(data, said):
    expected = posixpath.normpath(posixpath.join(b"/cwd/of it", data))
    if b"\0" in data:
        return None
    if said != [expected, posixpath.basename(data)]:
        return "%r, posixpath says %r" % (said, expected)
    return None


def make_path(chance):
    return b"".join(chance.choice([b"/", b"//", b".", b"..", b"a", b"b ", b"\xff"]) for _ in range(9))


def without_ends(path, root):
    """What GetFullPathNameW removes, but from names that are nothing else."""
    parts = path[len(root) :].split(b"\\")
    kept = [part[:-1] if part.endswith(b".") and part.strip(b". ") else part for part in parts]
    kept[-1] = parts[-1].rstrip(b". ") or parts[-1]
    return root + b"\\".join(kept)


def check_path_windows(data, said):
    if b"\0" in data:
        return None
    path = data
    drive, root, rest = ntpath.splitroot(path)
    if len(drive) == 2 and not drive[:1].isalpha():
        return None  # not a drive, and refused for its ':'
    if len(drive) == 2 and not root and drive.upper() != b"Z:":
        path = drive + b"\\" + rest
    expected = ntpath.normpath(ntpath.join(b"Z:\\cwd\\of it", path))
    if len(drive) == 2 and drive == b"z:" and not root:
        expected = b"Z:" + expected[2:]
    expected = without_ends(expected, b"".join(ntpath.splitroot(expected)[:2]))
    if said != [expected, ntpath.basename(data)]:
        return "%r, ntpath says %r" % (said, [expected, ntpath.basename(data)])
    return None


def make_path_windows(chance):
    starts = [b"", b"", b"\\", b"\\\\", b"//", b"C:", b"z:", b"Z:\\", b"C:/"]
    starts += [b"\\\\?\\C:\\", b"//?/UNC/srv/share/", b"\\\\srv\\share\\", b"\\\\.\\C:\\", b"\\\\?\\"]
    parts = [b"/", b"\\", b"\\", b"//", b".", b"..", b". ", b"a", b"b ", b"\xff", b"c.", b"UNC"]
    return chance.choice(starts) + b"".join(chance.choice(parts) for _ in range(9))
