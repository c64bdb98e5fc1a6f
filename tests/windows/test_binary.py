# SPDX-License-Identifier: MIT
"""cvenv.exe as a file: is it hardened, does it need no library beside the system's, and what does
Windows read in its manifest?"""

import re
import struct
import xml.etree.ElementTree

import pytest

# Libraries that every Windows 10 has. The last ones are the C library, as zig takes it.
OF_THE_SYSTEM = r"(advapi32|bcrypt|kernel32|msvcrt|ntdll|userenv|api-ms-win-crt-[a-z]+-l1-1-0)[.]dll"

EXPORTS, IMPORTS, RESOURCES, RELOCATIONS = 0, 1, 2, 5  # numbers of directories
HIGH_ENTROPY_VA, DYNAMIC_BASE, NX_COMPAT = 0x20, 0x40, 0x100
EXECUTE, WRITE = 0x20000000, 0x80000000
RT_MANIFEST = 24


class Image:
    """What the test needs of a PE file for 64 bits."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        header = self.u32(0x3C)
        assert self.data[header:header + 4] == b"PE\0\0"
        count, optional = self.u16(header + 6), header + 24
        assert self.u16(optional) == 0x20B
        self.characteristics = self.u16(optional + 70)
        self.directories = [
            struct.unpack_from("<II", self.data, optional + 112 + 8 * i) for i in range(16)]
        table = optional + self.u16(header + 20)
        self.sections = []
        for at in range(table, table + 40 * count, 40):
            name = self.data[at:at + 8].rstrip(b"\0")
            size, address, _, place = struct.unpack_from("<IIII", self.data, at + 8)
            self.sections.append((name, address, size, place, self.u32(at + 36)))

    def u16(self, at):
        return struct.unpack_from("<H", self.data, at)[0]

    def u32(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def offset(self, address):
        for _, start, size, place, _ in self.sections:
            if start <= address < start + size:
                return address - start + place
        raise AssertionError(hex(address))

    def imports(self):
        at = self.offset(self.directories[IMPORTS][0])
        while self.u32(at + 12):
            name = self.offset(self.u32(at + 12))
            yield self.data[name:self.data.index(b"\0", name)].decode().lower()
            at += 20

    def resource(self, kind):
        """The first one of this kind: each level of the tree is a directory but the last."""
        root = self.offset(self.directories[RESOURCES][0])
        at = root
        for level in range(3):
            count = self.u16(at + 12) + self.u16(at + 14)
            entries = [struct.unpack_from("<II", self.data, at + 16 + 8 * i) for i in range(count)]
            at = root + next(to & 0x7FFFFFFF for key, to in entries if level or key == kind)
        start = self.offset(self.u32(at))
        return self.data[start:start + self.u32(at + 4)]


@pytest.fixture(scope="module")
def image(command):
    return Image(command)


def test_no_library_beside_the_system(image):
    imports = list(image.imports())
    assert imports and all(re.fullmatch(OF_THE_SYSTEM, name) for name in imports), imports


def test_exports_nothing(image):
    assert image.directories[EXPORTS] == (0, 0)


def test_addresses_are_random(image):
    wanted = HIGH_ENTROPY_VA | DYNAMIC_BASE
    assert image.characteristics & wanted == wanted
    assert image.directories[RELOCATIONS][1] > 0


def test_nothing_is_both_writable_and_executable(image):
    assert image.characteristics & NX_COMPAT
    for name, *_, flags in image.sections:
        assert not (flags & EXECUTE and flags & WRITE), name


def test_manifest(image):
    text = xml.etree.ElementTree.tostring(
        xml.etree.ElementTree.fromstring(image.resource(RT_MANIFEST)), encoding="unicode")
    for tag, value in (("longPathAware", "true"), ("activeCodePage", "UTF-8")):
        assert re.search(r"%s[^>]*>%s<" % (tag, value), text)
    assert 'level="asInvoker"' in text
