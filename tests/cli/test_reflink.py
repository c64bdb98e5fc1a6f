# SPDX-License-Identifier: MIT
"""File systems that can clone files: real ones, in a file that is mounted."""

import fcntl
import json
import os
import shutil
import struct

import pytest

import runner
import trees

FS_IOC_FIEMAP = 0xC020660B
EXTENT_SHARED = 0x2000
MODES = [None, "reflink", "hardlink", "copy"]


@pytest.fixture(params=["btrfs", "xfs"])
def cloning(cold, request):
    """A box on such a file system, including the cache; `.kind` is the name of the file system."""
    kind, image = request.param, os.path.join(cold.root, "image")
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    if not shutil.which("mkfs." + kind, path="/usr/sbin:/sbin:" + os.environ["PATH"]):
        pytest.skip("no mkfs." + kind)
    with open(image, "wb") as f:
        f.truncate(500 << 20)
    cold.run(["mkfs." + kind, "-q", image], env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}).ok()
    if cold.run(["mount", "-o", "loop", image, cold.work]).rc:
        pytest.skip("no %s can be mounted here" % kind)
    cold.kind = kind
    cold.cache = cold.path("cache")
    yield cold
    cold.run(["umount", "-l", cold.work])


def shares_blocks(path):
    """FIEMAP of the kernel: does the first extent of the file belong to others, too?"""
    with open(path, "rb") as f:
        os.fsync(f.fileno())
        buf = bytearray(struct.pack("=QQLLLL", 0, 2**64 - 1, 0, 0, 1, 0) + bytes(56))
        fcntl.ioctl(f.fileno(), FS_IOC_FIEMAP, buf)
    flags = struct.unpack_from("=L", buf, 32 + 40)[0]
    return bool(flags & EXTENT_SHARED)


def source(box, py, name):
    """A file of several blocks that is no multiple of one."""
    path = box.path(name, "lib", py.lib_name, "site-packages", "pip", "_vendor", "rich", "console.py")
    if not os.path.exists(path):
        pytest.skip("this pip has no " + path)
    assert os.path.getsize(path) > 8192 and os.path.getsize(path) % 4096
    return path


def test_what_is_cloned(cloning, newest):
    """In each mode. Root, who mounts these file systems, gets no hard links by default."""
    states = []
    for mode in MODES:
        args = ["--link-mode", mode] if mode else []
        expected = mode or {"btrfs": "reflink", "xfs": "copy"}[cloning.kind]
        cloning.cvenv("-p", newest.path, *args, "--clear", "env").quiet()
        said = cloning.cvenv("-p", newest.path, *args, "--clear", "--json", "env").ok().out
        assert json.loads(said)["link_mode"] == expected
        said = cloning.cvenv("-p", newest.path, *args, "--dry-run", "--json", "c").ok().out
        assert json.loads(said)["link_mode"] == expected
        path = source(cloning, newest, "env")
        assert (os.stat(path).st_nlink > 1) == (mode == "hardlink"), mode
        if mode == "reflink" or (mode is None and cloning.kind == "btrfs"):
            assert shares_blocks(path), mode
        states.append({n: (d.kind, d.mode, d.digest) for n, d in trees.snapshot(cloning.path("env")).items()})
    assert all(state == states[0] for state in states)


def test_what_is_asked_for(cloning, newest):
    """Clones of parts of the pack only where they are cheap, of whole files when asked for."""
    if not shutil.which("strace"):
        pytest.skip("no strace")
    for mode in (None, "reflink"):
        args = ["--link-mode", mode] if mode else []
        cloning.cvenv("-p", newest.path, *args, "--clear", "a").quiet()
        log = os.path.join(cloning.root, "log")
        strace = ["strace", "-f", "-qq", "-e", "trace=ioctl", "-o", log]
        cloning.run([*strace, cloning.command, "-p", newest.path, *args, "--clear", "b"],
                    env={"ASAN_OPTIONS": "detect_leaks=0"}).ok()
        calls = [line for line in runner.read(log).splitlines() if " = 0" in line]
        parts, whole = (sum(name in line for line in calls) for name in ("FICLONERANGE", "FICLONE,"))
        assert (parts > 100) == (mode is None and cloning.kind == "btrfs"), calls[:3]
        assert mode != "reflink" or whole > 100, calls[:3]


def test_clones_are_files_of_their_own(cloning, newest):
    for mode in (None, "reflink"):
        args = ["--link-mode", mode] if mode else []
        cloning.cvenv("-p", newest.path, *args, "a", "b").quiet()
        before = trees.snapshot(cloning.path("b"))
        with open(source(cloning, newest, "a"), "r+b") as f:
            f.write(b"# edited in place\n")
        assert trees.snapshot(cloning.path("b")) == before, mode
        assert "corrupt" not in cloning.cvenv("-v", "-p", newest.path, *args, "c").ok().err
        wanted, got = (open(source(cloning, newest, n), "rb").read() for n in "bc")
        assert got == wanted, mode
        for name in "abc":
            runner.wipe(cloning.path(name))
