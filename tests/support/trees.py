# SPDX-License-Identifier: MIT
"""What a directory holds, and in what two of them differ."""

import csv
import dataclasses
import hashlib
import io
import os
import re
import stat
import struct
import subprocess


@dataclasses.dataclass(frozen=True)
class Node:
    kind: str  # dir, file, link, other
    mode: int = 0
    target: str = ""
    size: int = 0
    digest: str = ""


@dataclasses.dataclass(frozen=True)
class Difference:
    kind: str  # missing, extra, type, mode, target, content, cfg, record, script, says
    path: str
    reference: object
    got: object
    key: str = ""

    def __str__(self):
        where = self.path + (" [%s]" % self.key if self.key else "")
        return "%-8s %s: CPython %r, cvenv %r" % (self.kind, where, self.reference, self.got)


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def snapshot(root):
    """{relative path: Node} of everything below root; links are not followed."""
    nodes = {}
    pending = [""]
    while pending:
        where = pending.pop()
        with os.scandir(os.path.join(root, where)) as entries:
            for entry in entries:
                name = os.path.join(where, entry.name)
                st = entry.stat(follow_symlinks=False)
                mode = stat.S_IMODE(st.st_mode)
                if stat.S_ISLNK(st.st_mode):
                    nodes[name] = Node("link", target=os.readlink(entry.path))
                elif stat.S_ISDIR(st.st_mode):
                    nodes[name] = Node("dir", mode)
                    pending.append(name)
                elif stat.S_ISREG(st.st_mode):
                    nodes[name] = Node("file", mode, "", st.st_size, digest(entry.path))
                else:
                    nodes[name] = Node("other", mode)
    return nodes


def listing(root):
    """The state that a refused command must leave: nodes, inodes and times included."""
    nodes = snapshot(root)
    full = {}
    for name, node in nodes.items():
        st = os.lstat(os.path.join(root, name))
        full[name] = (node, st.st_ino, st.st_mtime_ns if node.kind != "dir" else 0)
    return full


def is_bytecode(name):
    return name.endswith(".pyc") or os.path.basename(name) == "__pycache__"


def stale_bytecode(root):
    """Bytecode that Python would compile again, since it contains another time or size of its source."""
    found = []
    for top, _, names in os.walk(root):
        for name in names:
            if name.endswith(".pyc") and os.path.basename(top) == "__pycache__":
                with open(os.path.join(top, name), "rb") as f:
                    flags, mtime, size = struct.unpack("<4xIII", f.read(16))
                source = os.path.join(os.path.dirname(top), name.split(".")[0] + ".py")
                if not os.path.exists(source):
                    continue  # Python does not use it
                st = os.stat(source)
                if flags == 0 and (mtime, size) != (int(st.st_mtime), st.st_size):
                    found.append(os.path.join(top, name))
    return found


def is_activation(name):
    head, base = os.path.split(name)
    return os.path.basename(head) == "bin" and base.lower().startswith("activate")


def is_pip_script(name):
    head, base = os.path.split(name)
    return os.path.basename(head) == "bin" and base.startswith("pip")


def is_config(name):
    return os.path.basename(name) == "pyvenv.cfg"


def is_record(name):
    head, base = os.path.split(name)
    return base == "RECORD" and head.endswith(".dist-info")


def config(text):
    """pyvenv.cfg as [(key, value)], in order; a line that is no pair has the key ''."""
    pairs = []
    for line in text.split("\n")[:-1]:
        key, sep, value = line.partition(" = ")
        pairs.append((key, value) if sep else ("", line))
    return pairs


def record_rows(text):
    return {row[0]: tuple(row[1:]) for row in csv.reader(io.StringIO(text, newline=""))}


def read_special(root, nodes):
    """The text of the files that are compared by meaning, not by bytes."""
    texts = {}
    for name, node in nodes.items():
        if node.kind == "file" and (is_config(name) or is_record(name) or is_pip_script(name)):
            with open(os.path.join(root, name), "rb") as f:
                texts[name] = f.read().decode("utf-8", "surrogateescape")
    return texts


@dataclasses.dataclass
class State:
    """One side of a comparison."""

    nodes: dict
    texts: dict
    says: dict  # environment -> what its interpreter says

    @classmethod
    def take(cls, root, says):
        nodes = snapshot(root)
        return cls(nodes, read_special(root, nodes), says)


def _compare_config(name, reference, got):
    left, right = config(reference), config(got)
    keys = [k for k, _ in left]
    for key, value in left:
        if (key, value) not in right:
            yield Difference("cfg", name, value, dict(right).get(key), key)
    for key, value in right:
        if key not in keys:
            yield Difference("cfg", name, None, value, key)
    both = [k for k, _ in right if k in keys]
    if both != keys and sorted(both) == sorted(keys):
        yield Difference("cfg", name, keys, both, "order")


def _compare_record(name, reference, got):
    if "\r\n" not in got or got.count("\r\n") != got.count("\n"):
        yield Difference("record", name, "CRLF", "LF", "line ends")
    left, right = record_rows(reference), record_rows(got)
    if list(right) != sorted(right):
        yield Difference("record", name, "sorted", "not sorted", "order")
    for row in sorted(left.keys() | right.keys()):
        if left.get(row) != right.get(row):
            yield Difference("record", name, left.get(row), right.get(row), row)


def _compare_script(name, reference, got):
    left, right = reference.split("\n"), got.split("\n")
    head = 3 if left[0] == "#!/bin/sh" else 1
    if left[:head] != right[:head]:
        yield Difference("script", name, left[:head], right[:head], "shebang")
    if left[head:] != right[head:]:
        yield Difference("script", name, "...", "...", "body")


def _compare_node(name, left, right):
    if left.kind != right.kind:
        yield Difference("type", name, left.kind, right.kind)
        return
    if left.mode != right.mode:
        yield Difference("mode", name, oct(left.mode), oct(right.mode))
    if left.target != right.target:
        yield Difference("target", name, left.target, right.target)


def compare(reference, got):
    """All differences between two States."""
    for name in sorted(reference.nodes.keys() | got.nodes.keys()):
        left, right = reference.nodes.get(name), got.nodes.get(name)
        if right is None:
            yield Difference("missing", name, left.kind, None)
            continue
        if left is None:
            yield Difference("extra", name, None, right.kind)
            continue
        yield from _compare_node(name, left, right)
        if left.kind != "file" or right.kind != "file" or is_bytecode(name):
            continue
        if is_config(name):
            yield from _compare_config(name, reference.texts[name], got.texts[name])
        elif is_record(name):
            yield from _compare_record(name, reference.texts[name], got.texts[name])
        elif is_pip_script(name):
            yield from _compare_script(name, reference.texts[name], got.texts[name])
        elif left.digest != right.digest:
            yield Difference("content", name, left.digest[:12], right.digest[:12])
    for env in sorted(reference.says.keys() | got.says.keys()):
        left, right = reference.says.get(env, {}), got.says.get(env, {})
        for key in sorted(left.keys() | right.keys()):
            if left.get(key) != right.get(key):
                yield Difference("says", env, left.get(key), right.get(key), key)


def mentions(root, path):
    """The files that contain PATH; bytecode does not count: Python corrects it when it is read."""
    found = []
    for where, _, files in os.walk(root):
        for name in files:
            file = os.path.join(where, name)
            if os.path.islink(file):
                if os.readlink(file).startswith(path):
                    found.append(file)
                continue
            with open(file, "rb") as f:
                if re.search(re.escape(os.fsencode(path)) + rb"(?![\w.])", f.read()) and not name.endswith(".pyc"):
                    found.append(file)
    return found


def keeps_access_times(folder):
    """Does cvenv know this file system as one that keeps them?"""
    said = subprocess.run(["stat", "-f", "-c", "%T", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    known = said.stdout.decode().strip() in ("ext2/ext3", "xfs", "btrfs", "f2fs", "tmpfs", "zfs")
    return known and not os.statvfs(folder).f_flag & (os.ST_NOATIME | os.ST_RDONLY)
