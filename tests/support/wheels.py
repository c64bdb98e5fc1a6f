# SPDX-License-Identifier: MIT
"""Wheels written byte by byte, so that each can have one chosen fault."""

import base64
import csv
import dataclasses
import hashlib
import io
import os
import struct
import zipfile
import zlib

STORED, DEFLATED = 0, 8
REGULAR = 0o100644 << 16


@dataclasses.dataclass
class Entry:
    name: bytes
    data: bytes
    method: int = DEFLATED
    flags: int = 0
    attributes: int = REGULAR
    crc: int = None  # None: the right one
    size: int = None  # None: the right one
    packed: bytes = None  # None: data, compressed
    local_name: bytes = None  # None: name
    offset: int = None  # None: where it is

    def __post_init__(self):
        if isinstance(self.name, str):
            self.name = self.name.encode()


def deflate(data):
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    return squeeze.compress(data) + squeeze.flush()


def pack(entries, comment=b"", disk=0):
    """The archive, of entries as they are."""
    body, directory = io.BytesIO(), io.BytesIO()
    for e in entries:
        packed = e.packed
        if packed is None:
            packed = deflate(e.data) if e.method == DEFLATED else e.data
        crc = zlib.crc32(e.data) if e.crc is None else e.crc
        size = len(e.data) if e.size is None else e.size
        offset = body.tell() if e.offset is None else e.offset
        local = e.name if e.local_name is None else e.local_name
        fields = (20, e.flags, e.method, 0, 0x21, crc, len(packed), size)
        body.write(struct.pack("<4s5H3I2H", b"PK\3\4", *fields, len(local), 0) + local + packed)
        directory.write(struct.pack("<4sH", b"PK\1\2", 0x31E))
        directory.write(struct.pack("<5H3I", *fields))
        directory.write(struct.pack("<5H", len(e.name), 0, 0, disk, 0))
        directory.write(struct.pack("<2I", e.attributes, offset) + e.name)
    start, size = body.tell(), directory.tell()
    count = min(len(entries), 0xFFFF)
    end = struct.pack("<4s4H2IH", b"PK\5\6", disk, disk, count, count, size, start, len(comment))
    return body.getvalue() + directory.getvalue() + end + comment


def row(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return [name, "sha256=" + digest, str(len(data))]


def record(files, own_name):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for name, data in files:
        writer.writerow(row(name, data))
    writer.writerow([own_name, "", ""])
    return text.getvalue().encode()


MAIN = b"""import sys

from %s import __version__


def main(args=None):
    print("%s %%s from %%s" %% (__version__, __file__))
    return 0


if __name__ == "__main__":
    sys.exit(main())
"""


def package(project, version, more=()):
    """[(name, bytes)] of a wheel's files, RECORD not among them."""
    name = project.encode()
    info = "%s-%s.dist-info" % (project, version)
    files = [
        (project + "/__init__.py", b'__version__ = "%s"\n' % version.encode()),
        (project + "/__main__.py", MAIN % (name, name)),
        (project + "/_internal/__init__.py", b""),
        (project + "/_internal/cli/__init__.py", b""),
        (project + "/_internal/cli/main.py", MAIN % (name, name)),
        (
            info + "/METADATA",
            b"Metadata-Version: 2.1\nName: %s\nVersion: %s\n\n" % (name, version.encode()),
        ),
        (
            info + "/WHEEL",
            b"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        ),
        (info + "/top_level.txt", name + b"\n"),
    ]
    if project == "pip":
        text = b"[console_scripts]\npip = pip._internal.cli.main:main\n"
        files.append((info + "/entry_points.txt", text))
    return files + list(more)


def entries(files, info, own_record=True):
    made = [Entry(name, data) for name, data in files]
    if own_record:
        name = info + "/RECORD"
        made.append(Entry(name, record(files, name)))
    return made


def wheel_name(project, version):
    return "%s-%s-py3-none-any.whl" % (project, version)


def write_wheel(directory, project="pip", version="99.0", more=()):
    """A right wheel; returns its path."""
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, wheel_name(project, version))
    info = "%s-%s.dist-info" % (project, version)
    with open(path, "wb") as f:
        f.write(pack(entries(package(project, version, more), info)))
    return path


def small_pip(room):
    """Options for a pip that only says its version, made in ROOM. The real one needs 0.3 s to start, and
    seconds to compile."""
    place = os.path.join(room, "wheels-of-small-pip")
    for project in ("pip", "setuptools"):
        write_wheel(place, project)
    return ["--wheel-dir", place]


def install_by_hand(site, project, version, more=(), rows=()):
    """As an installer would leave it, scripts apart; `rows` are added to RECORD."""
    info = "%s-%s.dist-info" % (project, version)
    files = package(project, version, more) + [(info + "/INSTALLER", b"pip\n")]
    for name, data in files:
        path = os.path.join(site, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
    with open(os.path.join(site, info, "RECORD"), "wb") as f:
        f.write(record(files, info + "/RECORD"))
        for name in rows:
            f.write(name.encode() + b",,\n")


def write(directory, project, files):
    """The wheel PROJECT ("hello-1.0") of FILES, {name: data}, with its RECORD. Its path."""
    name = project + ".dist-info/RECORD"
    files = {**files, name: record(list(files.items()), name)}
    path = os.path.join(directory, project + "-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100755 if ".data/scripts/" in name else 0o100644) << 16
            archive.writestr(entry, data)
    return path
