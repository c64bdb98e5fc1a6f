# SPDX-License-Identifier: MIT
"""The release build: is the binary hardened?

Dynamic or static, both must hold.
"""

import platform
import re
import shutil
import subprocess

import pytest


def said(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    text = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, "%r\n%s" % (argv, text)
    return text


class Binary:
    def __init__(self, path):
        self.headers = said("readelf", "-hlWd", path)
        self.symbols = said("readelf", "-sW", path)
        self.path = path

    def segments(self, kind):
        return re.findall(r"^\s*%s\s.*?\s([RWE ]{3})\s+0x" % kind, self.headers, re.M)

    def code(self):
        if platform.machine() != "x86_64" or not shutil.which("objdump"):
            pytest.skip("instructions are checked on x86_64 only, with objdump")
        return said("objdump", "-d", "--no-show-raw-insn", self.path)

    def functions(self, name):
        """Our own code, as instructions: the functions whose names match."""
        if not re.search(r" main$", self.symbols, re.M):
            pytest.skip("the release build is stripped: its functions cannot be told apart")
        return [f for f in self.code().split("\n\n") if re.match(r"[0-9a-f]+ <%s[.>]" % name, f)]

    def main(self):
        (found,) = self.functions("main")
        return found


@pytest.fixture(scope="module")
def binary(release):
    if not shutil.which("readelf"):
        pytest.skip("no readelf")
    with open(release, "rb") as f:
        if f.read(4) != b"\x7fELF":
            pytest.skip("not an ELF binary")
    return Binary(release)


def test_position_independent(binary):
    assert re.search(r"Type:\s+DYN\b", binary.headers), binary.headers


def test_nothing_is_both_writable_and_executable(binary):
    assert binary.segments("LOAD")
    for kind in ("LOAD", "GNU_STACK"):
        for flags in binary.segments(kind):
            assert not ("W" in flags and "E" in flags), binary.headers
    assert binary.segments("GNU_STACK"), "without this header the stack is executable"


def test_relocated_data_is_read_only(binary):
    """Full RELRO: the table of functions of other libraries too, since it is filled at the start."""
    assert binary.segments("GNU_RELRO"), binary.headers
    assert re.search(r"\bBIND_NOW\b|Flags:.*\bNOW\b", binary.headers), binary.headers


def test_no_rpath(binary):
    assert not re.search(r"\((RPATH|RUNPATH)\)", binary.headers), binary.headers


def test_no_text_relocations(binary):
    assert "TEXTREL" not in binary.headers, binary.headers


def test_the_c_library_checks_lengths(binary):
    """_FORTIFY_SOURCE: calls go to functions that know how much room there is."""
    with open(binary.path, "rb") as f:
        if b"GLIBC" not in f.read():
            pytest.skip("only glibc has _FORTIFY_SOURCE")
    assert re.search(r"\b__(read|realpath|memcpy|vsnprintf)_chk\b", binary.symbols)


def test_stacks_are_guarded(binary):
    """The guard is in the thread's own data, also in a stripped program."""
    assert len(re.findall(r"\b(?:sub|xor) +%fs:0x28,", binary.code())) > 100
    assert "%fs:0x28" in binary.main(), "main() has no guard"


def test_no_page_of_the_stack_is_jumped_over(binary):
    """-fstack-clash-protection: some functions have more than a page on their stack."""
    probe = r"\b(or|mov)q?\s+\$0x0,\(%rsp\)"
    assert [f for f in binary.functions(r"cv\w+") if re.search(probe, f)]


def test_indirect_branches_are_protected(binary):
    """-fcf-protection: each function begins with a landing place."""
    first = re.search(r"<main>:\n\s*[0-9a-f]+:\s+(\S+)", binary.main())
    assert first and first.group(1) == "endbr64"
