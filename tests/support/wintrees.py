# SPDX-License-Identifier: MIT
"""What an environment for Windows contains, and in what two of them differ.

Everything is compared byte for byte, but for what CPython itself makes again each time (the time
in the launchers of pip) and for the rows of doc/differences.md whose ids ALLOWED has.
"""

import ast
import base64
import csv
import dataclasses
import hashlib
import io
import os
import re
import stat
import struct
import zipfile

import runner
import trees
from trees import Difference

# The ids of the rows that make these differences right: differences() uses them.
ALLOWED = {
    "cfg-own-line",
    "no-bytecode",
    "activation-text",
    "more-shells",
    "pip-script-text",
    "launcher-case",
    "launcher-time",
    "prompt-dot",
    "wheel-times",
    "cachedir-tag",
}

MORE_SHELLS = r"/Scripts/(activate(\.csh|\.fish|\.nu|\.xsh|_this\.py)|pydoc\.bat)$"


def is_activation(name):
    head, base = os.path.split(name)
    return os.path.basename(head) == "Scripts" and re.match(r"(activate|deactivate)\b", base.lower())


def is_pip_launcher(name):
    return re.search(r"(^|/)Scripts/pip[0-9.]*\.exe$", name)


def is_python(name):
    return re.search(r"(^|/)Scripts/python[^/]*\.exe$", name)


@dataclasses.dataclass(frozen=True)
class File:
    data: bytes
    mtime: float
    attributes: tuple


@dataclasses.dataclass
class State:
    """One side of a comparison: {relative path: File, or None for a directory}."""

    files: dict
    says: dict  # environment -> what its interpreter says
    made: float = 0  # when the environments began to be made

    @classmethod
    def take(cls, root, says=None, made=0):
        files = {}
        for top, dirs, names in os.walk(root):
            for name in dirs + names:
                path = os.path.join(top, name)
                assert not os.path.islink(path), path
                files[os.path.relpath(path, root)] = None if name in dirs else _read(path)
        return cls(files, says or {}, made)


def _read(path):
    """wine keeps attributes as write permission and, all but READONLY, in an extended attribute."""
    st = os.stat(path)
    hidden = b""
    if "user.DOSATTRIB" in os.listxattr(path):
        hidden = os.getxattr(path, "user.DOSATTRIB")
    with open(path, "rb") as f:
        return File(f.read(), st.st_mtime, (bool(st.st_mode & stat.S_IWUSR), hidden))


class Launcher:
    """distlib's: a program, a shebang line, and a zip file with one member."""

    def __init__(self, data):
        start = data.rindex(b"PK\3\4")
        line = data.rindex(b"#!", 0, start)
        self.program, self.shebang, self.zip = data[:line], data[line:start], data[start:]
        with zipfile.ZipFile(io.BytesIO(self.zip)) as archive:
            (self.info,) = archive.infolist()
            self.body = archive.read(self.info)
        self.end = data[data.rindex(b"PK\5\6"):]

    def form(self):
        """All but the time, and what follows from the length of the body."""
        i = self.info
        return {
            "name": i.filename,
            "method": i.compress_type,
            "system": i.create_system,
            "versions": (i.create_version, i.extract_version),
            "flags": i.flag_bits,
            "attributes": (i.external_attr, i.internal_attr),
            "more": (i.extra, i.comment),
            "offset": i.header_offset,
            "end": self.end[:12] + self.end[20:],  # without size and place of the directory
        }


def _compare_launchers(name, left, right):
    left, right = Launcher(left), Launcher(right)
    if left.program != right.program:
        yield Difference("script", name, trees_digest(left.program), trees_digest(right.program), "program")
    if left.shebang not in (right.shebang, right.shebang.lower()):  # launcher-case
        yield Difference("script", name, left.shebang, right.shebang, "shebang")
    for key, value in left.form().items():
        if value != right.form()[key]:
            yield Difference("script", name, value, right.form()[key], key)
    tree = ast.parse(right.body)  # pip-script-text
    imported = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    if "pip._internal.cli.main" not in imported:
        yield Difference("script", name, "from pip._internal.cli.main import main", right.body, "body")


def trees_digest(data):
    return hashlib.sha256(data).hexdigest()[:12]


def _without_own_line(data):
    return re.sub(rb"(?m)^cvenv = [^\r\n]*\r\n", b"", data)


def _compare_config(name, left, right):
    right = _without_own_line(right)  # cfg-own-line
    if left == right:
        return
    lines = [data.decode("utf-8", "surrogateescape").split("\n") for data in (left, right)]
    for line in lines[0]:
        if line not in lines[1]:
            yield Difference("cfg", name, line, None)
    for line in lines[1]:
        if line not in lines[0]:
            yield Difference("cfg", name, None, line)
    if sorted(lines[0]) == sorted(lines[1]):
        yield Difference("cfg", name, lines[0], lines[1], "order")


def _rows(data):
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def _is_pip_row(name):
    return is_pip_launcher(name.replace("../../", "", 1))


def _compare_record(name, left, right, files):
    """Rows of bytecode may be missing, and those of pip's launchers have another hash: the bytes
    of the other rows are those of CPython, and all are true."""
    kept = {line for line in left.splitlines(True) if _is_kept(line)}
    mine = [line for line in right.splitlines(True) if _is_kept(line)]
    for line in sorted(kept ^ set(mine)):
        yield Difference("record", name, line if line in kept else None, None if line in kept else line)
    if [line for line in left.splitlines(True) if line in kept] != mine:
        yield Difference("record", name, "in this order", "in another", "order")
    left_names = [row[0] for row in _rows(left) if not row[0].endswith(".pyc")]
    right_names = [row[0] for row in _rows(right) if not row[0].endswith(".pyc")]
    if left_names != right_names:
        yield Difference("record", name, left_names, right_names, "names")
    site = os.path.dirname(os.path.dirname(name))
    for row in _rows(right):
        file = files.get(os.path.normpath(os.path.join(site, row[0])))
        if not file:
            yield Difference("record", name, None, "no such file", row[0])
        elif row[1] and row[1:] != _hash_and_size(file.data):
            yield Difference("record", name, _hash_and_size(file.data), row[1:], row[0])


def _is_kept(line):
    first = line.decode().partition(",")[0]
    return not first.endswith(".pyc") and not _is_pip_row(first)


def _hash_and_size(data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return ["sha256=" + digest.decode(), str(len(data))]


def _compare_bytecode(name, left, right, source):
    """Of CPython and flags, and of this source. The code is shared by environments, so it names
    its source by a relative path, which Python completes."""
    if left[:8] != right[:8]:
        yield Difference("content", name, left[:8], right[:8])
    if source and struct.unpack("<II", right[8:16]) != (int(source.mtime), len(source.data)):
        yield Difference("content", name, "the time of its source", struct.unpack("<II", right[8:16]))


def _source_of(name):
    head, base = os.path.split(name)
    return os.path.join(os.path.dirname(head), base.partition(".")[0] + ".py")


def _compare_file(name, left, right, got):
    if left.attributes != right.attributes:
        yield Difference("mode", name, left.attributes, right.attributes)
    if trees.is_config(name):
        yield from _compare_config(name, left.data, right.data)
    elif trees.is_record(name):
        yield from _compare_record(name, left.data, right.data, got.files)
    elif is_pip_launcher(name):
        yield from _compare_launchers(name, left.data, right.data)
    elif name.endswith(".pyc"):
        yield from _compare_bytecode(name, left.data, right.data, got.files.get(_source_of(name)))
    elif left.data != right.data and not is_activation(name):  # activation-text
        yield Difference("content", name, trees_digest(left.data), trees_digest(right.data))


def _compare_times(name, left, right, reference, got):
    """Of python.exe: that of the launcher it was copied from, or now."""
    new = [side.mtime >= state.made for side, state in ((left, reference), (right, got))]
    if new[0] != new[1] or (not new[0] and int(left.mtime) != int(right.mtime)):
        yield Difference("mtime", name, "now" if new[0] else left.mtime, "now" if new[1] else right.mtime)


def _is_allowed_name(name, extra):
    if not extra:
        return trees.is_bytecode(name) and "site-packages" in name  # no-bytecode
    return re.search(MORE_SHELLS, "/" + name) or os.path.basename(name) == "CACHEDIR.TAG"


def compare(reference, got):
    """All differences between two States that no row of doc/differences.md is about."""
    for name in sorted(reference.files.keys() | got.files.keys()):
        if name not in got.files or name not in reference.files:
            extra = name in got.files
            if not _is_allowed_name(name, extra):
                yield Difference("extra" if extra else "missing", name, not extra, extra)
            continue
        left, right = reference.files[name], got.files[name]
        if (left is None) != (right is None):
            yield Difference("type", name, left and "file", right and "file")
        elif left:
            yield from _compare_file(name, left, right, got)
            if is_python(name):
                yield from _compare_times(name, left, right, reference, got)
    for env in sorted(reference.says.keys() | got.says.keys()):
        left, right = reference.says.get(env, {}), got.says.get(env, {})
        for key in sorted(left.keys() | right.keys()):
            if left.get(key) != right.get(key):
                yield Difference("says", env, left.get(key), right.get(key), key)
