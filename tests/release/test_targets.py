# SPDX-License-Identifier: MIT
"""The commands for other processors and systems: what is in them, and that those of Linux do what
the command of this machine does. qemu-user runs them; the kernel runs the Python that they start.
"""

import os
import re
import shutil
import struct
import tarfile
import zipfile

import pytest

import runner
import trees

# {target: its processor, as qemu calls it}
LINUX = {
    "x86_64-linux-musl": "x86_64",
    "aarch64-linux-musl": "aarch64",
    "armv7-linux-musl": "arm",
    "i686-linux-musl": "i386",
    "riscv64-linux-musl": "riscv64",
    "s390x-linux-musl": "s390x",
}
OTHERS = ["x86_64-windows", "aarch64-windows", "aarch64-macos", "x86_64-macos", "x86_64-freebsd"]
# e_machine, bits, order of bytes
ELF = {
    "x86_64": (62, 64, "<"),
    "aarch64": (183, 64, "<"),
    "arm": (40, 32, "<"),
    "i386": (3, 32, "<"),
    "riscv64": (243, 64, "<"),
    "s390x": (22, 64, ">"),
}
SHT_SYMTAB = 2
PT_INTERP = 3


@pytest.fixture(scope="session")
def program(artefact):
    """program(target): the bytes of its command."""

    def read(target):
        if target.endswith("windows"):
            with zipfile.ZipFile(artefact("cvenv-{version}-%s.zip" % target)) as archive:
                name = next(n for n in archive.namelist() if n.endswith("/cvenv.exe"))
                return archive.read(name)
        with tarfile.open(artefact("cvenv-{version}-%s.tar.gz" % target)) as archive:
            name = next(n for n in archive.getnames() if n.endswith("/bin/cvenv"))
            return archive.extractfile(name).read()

    return read


@pytest.mark.parametrize("target", [*LINUX, *OTHERS])
def test_nothing_of_the_machine_is_in_it(program, target):
    data = program(target)
    for place in (runner.REPOSITORY, os.path.expanduser("~")):
        assert place.encode() + b"/" not in data


@pytest.mark.parametrize("target", LINUX)
def test_static_and_stripped(program, target):
    data = program(target)
    machine, bits, order = ELF[LINUX[target]]
    assert data[:6] == b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2])
    form = "HHIQQQIHHHHHH" if bits == 64 else "HHIIIIIHHHHHH"
    header = struct.unpack_from(order + form, data, 16)
    assert header[1] == machine
    programs, sections, (program_size, program_count, size, count) = header[4], header[5], header[8:12]
    segments = [struct.unpack_from(order + "I", data, programs + i * program_size)[0]
                for i in range(program_count)]
    kinds = [struct.unpack_from(order + "4xI", data, sections + i * size)[0] for i in range(count)]
    assert segments and PT_INTERP not in segments
    assert kinds and SHT_SYMTAB not in kinds


@pytest.mark.parametrize("target", ["x86_64-windows", "aarch64-windows"])
def test_no_time_and_no_symbols(program, target):
    data = program(target)
    header = struct.unpack_from("<I", data, 0x3C)[0]
    assert data[header:header + 4] == b"PE\0\0"
    _, _, time, _, symbols = struct.unpack_from("<HHIII", data, header + 4)
    assert time == 0 or target != "x86_64-windows"  # lld puts a hash of the content there
    assert symbols == 0


@pytest.fixture
def emulated(program, room):
    """emulated(target): the arguments that run its command."""

    def install(target):
        path = os.path.join(room.bin, "cvenv-" + target)
        with open(path, "wb") as file:
            file.write(program(target))
        os.chmod(path, 0o755)
        try:
            if room.run([path, "--version"]).rc == 0:
                return [path]
        except OSError:
            pass  # it is for another processor
        for name in ("qemu-%s-static", "qemu-%s"):
            emulator = shutil.which(name % LINUX[target])
            if emulator:
                return [emulator, path]
        return pytest.skip("qemu-%s is missing" % LINUX[target])

    return install


OPTIONS = {
    "default": [],
    "copies": ["--copies", "--without-pip"],
    "clear": ["--clear", "--prompt", "\u00e4 '\"$x"],
    "compile": ["--compile"],
}


def state(room):
    """Of the environment; bytecode has the time of its source in it."""
    return {name: node for name, node in trees.snapshot(room.path("env")).items()
            if not trees.is_bytecode(name)}


def bytecode(room):
    return {name for name in trees.snapshot(room.path("env")) if trees.is_bytecode(name)}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("target", LINUX)
def test_does_what_the_native_command_does(room, emulated, newest, target, options):
    """With an empty cache, and with the one that the other command filled."""
    its = emulated(target)
    native = [runner.command_path()]
    wanted = None
    for command, cache in ((native, "ours"), (its, "its"), (its, "ours"), (native, "its")):
        room.empty_work()
        env = {"CVENV_CACHE_DIR": os.path.join(room.root, cache)}
        said = room.run([*command, "-p", newest.path, *OPTIONS[options], "env"], env=env)
        assert (said.rc, said.out, said.err) == (0, "", "")
        got = (state(room), bytecode(room), room.says(room.path("env")))
        wanted = wanted or got
        assert got == wanted, cache


@pytest.mark.parametrize("target", LINUX)
def test_answers_alike(room, emulated, newest, target):
    its = emulated(target)
    native = [runner.command_path()]
    runner.write(room.work, "a file", text="x")
    for args in (["--version"], ["--help"], ["--dry-run", "--json", "-p", newest.path, "env"],
                 ["--pythons", "--json"], ["-p", "/none", "env"], ["-p", newest.path, "a file"]):
        answers = []
        for command in (native, its):
            said = room.run([*command, *args])
            answers.append((said.rc, re.sub(r'"duration_ms": [\d.]+', "", said.out), said.err))
        assert answers[0] == answers[1], args
