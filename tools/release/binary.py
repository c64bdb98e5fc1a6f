# SPDX-License-Identifier: MIT
"""What a program or a shared object says about the systems that it runs on: its processor, its
libraries, the versions of their symbols. Reads ELF, Mach-O and PE.
"""

import re
import struct

# e_machine of ELF: (bits, the name in the tag of a wheel)
ELF_MACHINES = {
    3: (32, "i686"), 40: (32, "armv7l"), 62: (64, "x86_64"), 183: (64, "aarch64"), 243: (64, "riscv64"),
    22: (64, "s390x"),
}
MACHO_CPUS = {0x01000007: "x86_64", 0x0100000C: "arm64"}
PE_MACHINES = {0x8664: "amd64", 0xAA64: "arm64"}

SHT_DYNAMIC, SHT_GNU_VERNEED = 6, 0x6FFFFFFE
DT_NEEDED = 1
PT_INTERP = 3
LC_BUILD_VERSION, LC_VERSION_MIN_MACOSX = 0x32, 0x24


class Unknown(Exception):
    """Not such a file, or its content is not as the format says."""


class Elf:
    """machine, the libraries it `needs`, {library: [version of symbols]} in `versions`, and `is_static`."""

    def __init__(self, data):
        self.data = data
        self.wide = data[4] == 2
        self.order = "<" if data[5] == 1 else ">"
        header = self._get(16, "HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH")
        bits, self.machine = ELF_MACHINES.get(header[1], (0, None))
        if bits != (64 if self.wide else 32):
            raise Unknown("an ELF file for an unknown processor, %d" % header[1])
        programs, sections = header[4:6]
        program_size, program_count, size, count = header[8:12]
        kinds = [self._get(programs + i * program_size, "I")[0] for i in range(program_count)]
        # type, offset, size, link, of each section
        form = "IIQQQQII" if self.wide else "IIIIIIII"
        rows = [self._get(sections + i * size, form) for i in range(count)]
        self.sections = [(row[1], row[4], row[5], row[6]) for row in rows]
        self.needs = list(self._needs())
        self.versions = dict(self._versions())
        self.is_static = PT_INTERP not in kinds and not self.needs

    def _get(self, at, form):
        return struct.unpack_from(self.order + form, self.data, at)

    def _name(self, link, at):
        start = self.sections[link][1] + at
        return self.data[start:self.data.index(b"\0", start)].decode()

    def _needs(self):
        entry = "qQ" if self.wide else "iI"
        for kind, at, size, link in self.sections:
            if kind == SHT_DYNAMIC:
                for place in range(at, at + size, struct.calcsize("<" + entry)):
                    tag, value = self._get(place, entry)
                    if tag == DT_NEEDED:
                        yield self._name(link, value)

    def _versions(self):
        for kind, at, _, link in self.sections:
            while kind == SHT_GNU_VERNEED:
                _, count, file, first, following = self._get(at, "HHIII")
                yield self._name(link, file), list(self._names_of_versions(at + first, count, link))
                if not following:
                    break
                at += following

    def _names_of_versions(self, at, count, link):
        for _ in range(count):
            _, _, _, name, following = self._get(at, "IHHII")
            yield self._name(link, name)
            at += following

    def glibc(self):
        """The oldest glibc that has all symbols, as (2, 17); (0,) if it uses none with a version."""
        names = [name for versions in self.versions.values() for name in versions]
        strange = [name for name in names if not re.fullmatch(r"GLIBC_[\d.]+", name)]
        if strange:
            raise Unknown("it needs the symbols of %s" % ", ".join(strange))
        return max([tuple(map(int, name[6:].split("."))) for name in names], default=(0,))


def elf(data):
    if data[:4] != b"\x7fELF":
        raise Unknown("it is no ELF file")
    try:
        return Elf(data)
    except (struct.error, ValueError, IndexError) as e:
        raise Unknown("a corrupt ELF file: %s" % e) from None


def macos(data):
    """(processor, (major, minor) of the oldest macOS it runs on) of a Mach-O file."""
    if data[:4] != b"\xcf\xfa\xed\xfe":
        raise Unknown("it is no Mach-O file of 64 bits")
    cpu, count = struct.unpack_from("<4xI8xI", data)
    at = 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command in (LC_BUILD_VERSION, LC_VERSION_MIN_MACOSX):
            platform, version = struct.unpack_from("<II", data, at + 8)
            version = version if command == LC_BUILD_VERSION else platform
            return MACHO_CPUS[cpu], (version >> 16, version >> 8 & 0xFF)
        at += size
    raise Unknown("a Mach-O file that does not say for which macOS it is")


def windows(data):
    """The processor of a PE file."""
    if data[:2] != b"MZ":
        raise Unknown("it is no program for Windows")
    at = struct.unpack_from("<I", data, 0x3C)[0]
    if data[at:at + 4] != b"PE\0\0":
        raise Unknown("it is no program for Windows")
    return PE_MACHINES[struct.unpack_from("<H", data, at + 4)[0]]
