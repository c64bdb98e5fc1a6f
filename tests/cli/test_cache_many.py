# SPDX-License-Identifier: MIT
"""Many environments: at once, one after the other, and one cache for all of them."""

import fcntl
import glob
import json
import os
import re
import subprocess

import pytest

import runner
import trees
from session import NIGHTLY

ON_DISK = True  # see session.py

AT_ONCE = 100 if NIGHTLY else 12
LINKS_TRIED = 66000  # more than ext4 has
LINKS_ENOUGH = 1000


def site(box, py, name):
    return box.path(name, "lib", py.lib_name, "site-packages")


def cache(box, *names):
    return os.path.join(box.cache, "v1", *names)


def nothing_left_over(box):
    left = [
        os.path.join(top, name)
        for place in (box.cache, box.tmp, box.work)
        for top, names, files in os.walk(place)
        for name in names + files
        if name.startswith(".cvenv-")
    ]
    assert left == []


def content(box, py, name):
    """But for what names the environment itself."""
    nodes = trees.snapshot(site(box, py, name))
    return {n: node.digest for n, node in nodes.items() if not n.endswith("RECORD")}


def end(box, children):
    for child in children:
        out, err = child.communicate(timeout=10 * runner.TIME_LIMIT)
        box.result(child, out, err).quiet()


def test_many_at_once_with_an_empty_cache(cold, newest):
    """All of them are right, and there is one image of each kind."""
    names = ["env%d" % n for n in range(AT_ONCE)]
    end(cold, [cold.start([cold.command, "-p", newest.path, name]) for name in names])
    first = content(cold, newest, names[0])
    assert [n for n in first if n.startswith("pip/__init__.py")]
    for name in names[1:]:
        assert content(cold, newest, name) == first, name
    installed = [name for name in newest.seeds if name == "pip" or newest.minor < (3, 12)]
    assert len(os.listdir(cache(cold, "wheels"))) == len(installed)
    # There is none where the base's own pip is another one, as Debian's.
    assert len(glob.glob(cache(cold, "bytecode", "*"))) <= len(installed)
    nothing_left_over(cold)


def test_cleaning_while_others_create(cold, newest):
    if "--cache-clean" not in cold.cvenv("--help").ok().out:
        pytest.skip("the command has no --cache-clean")
    cold.cvenv("-p", newest.path, "first").quiet()
    expected = content(cold, newest, "first")
    names = ["env%d" % n for n in range(4)]
    children = [cold.start([cold.command, "-p", newest.path, name]) for name in names]
    while any(child.poll() is None for child in children):
        cold.cvenv("--cache-clean").ok()
    end(cold, children)
    for name in names:
        assert {n for n in expected if not n.endswith(".pyc")} <= set(content(cold, newest, name))
    nothing_left_over(cold)


def test_a_file_with_all_the_links_it_can_have(cold, newest):
    """ext4 allows 65,000: the next environment gets a copy, which replaces the file in the cache."""
    cold.cvenv("-p", newest.path, "first").quiet()
    path = cold.cached("wheels/*/files/@pip-*.dist-info/METADATA")
    spare = os.path.join(cold.root, "links")
    os.mkdir(spare)
    at = os.open(spare, os.O_RDONLY)
    try:
        for n in range(LINKS_TRIED):
            os.link(path, str(n), dst_dir_fd=at)
        pytest.skip("no limit to links here")
    except OSError:
        assert os.stat(path).st_nlink > LINKS_ENOUGH
    finally:
        os.close(at)
    full = os.stat(path).st_ino
    for number in range(2):
        cold.cvenv("-p", newest.path, "--link-mode", "hardlink", "env%d" % number).quiet()
        assert content(cold, newest, "env%d" % number) == content(cold, newest, "first")
        (name,) = glob.glob(
            os.path.join(site(cold, newest, "env%d" % number), "pip-*.dist-info", "METADATA"))
        assert os.stat(name).st_ino == os.stat(path).st_ino != full


def test_a_cache_on_another_file_system(cold, newest):
    shm = "/dev/shm"
    if not os.path.isdir(shm) or os.stat(shm).st_dev == os.stat(cold.root).st_dev:
        pytest.skip("no second file system to put the cache on")
    cold.cvenv("-p", newest.path, "first").quiet()
    expected = content(cold, newest, "first")
    for mode in (None, "hardlink", "reflink", "copy"):
        cold.cache = os.path.join(shm, os.path.basename(os.path.dirname(cold.root)) + "-" + str(mode))
        args = ["--link-mode", mode] if mode else []
        try:
            said = cold.cvenv("-p", newest.path, "--json", *args, "env").ok().out
            assert json.loads(said)["link_mode"] == "copy", mode
            assert content(cold, newest, "env") == expected, mode
            nothing_left_over(cold)
        finally:
            runner.wipe(cold.cache)
        runner.wipe(cold.path("env"))


def test_a_cache_that_fills_up(cold, newest):
    """Wherever it ends: in info, a wheel, its pack, bytecode."""
    cold.cvenv("-p", newest.path, "--compile", "first").quiet()
    expected = content(cold, newest, "first")
    small = os.path.join(cold.root, "small")
    os.mkdir(small)
    for size in ("100k", "4m", "9m", "16m", "20m"):
        mount = ["mount", "-t", "tmpfs", "-o", "size=" + size, "none", small]
        if os.geteuid() != 0 or cold.run(mount).rc:
            pytest.skip("a small file system cannot be mounted here (needs root)")
        cold.cache = os.path.join(small, "cache")
        try:
            for name in ("one", "two"):
                cold.cvenv("-q", "-p", newest.path, "--compile", name).quiet()
                assert content(cold, newest, name) == expected, size
                nothing_left_over(cold)
                runner.wipe(cold.path(name))
        finally:
            subprocess.run(["umount", "-l", small], check=True)


def test_one_probe_for_many_environments(cold, newest):
    """The base is asked once, and in the next run not at all."""
    asked = re.compile(r"probing '.*'")
    names = ["env%d" % n for n in range(8)]
    said = cold.cvenv("-vv", "-p", newest.path, "--without-pip", *names).ok()
    assert len(asked.findall(said.err)) == 1, said.err
    said = cold.cvenv("-vv", "-p", newest.path, "--without-pip", "--clear", *names).ok()
    assert len(asked.findall(said.err)) == 0, said.err


def peak_memory(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s*(\d+) kB", f.read()).group(1)) << 10


@pytest.mark.parametrize("pip", [True, False], ids=["with pip", "without pip"])
def test_memory_does_not_grow_with_their_number(cold, newest, release, pip):
    """AddressSanitizer keeps what is freed. Read while it runs: what getrusage() says includes the process that started it."""
    if not os.path.exists("/proc/self/status"):
        pytest.skip("no /proc to read the use of memory from")
    args = [release, "-p", newest.path, "--json"] + ([] if pip else ["--without-pip"])
    many = 300 if NIGHTLY or not pip else 40
    cold.run([*args, "warm"]).ok()
    child = cold.start([*args, *("env%d" % n for n in range(many))])
    peaks = []
    with child:
        fcntl.fcntl(child.stdout, 1031, 4096)  # F_SETPIPE_SZ: it cannot run far ahead
        for n, _ in zip(range(1, many + 1), child.stdout):
            if n in (10, many - 10):
                peaks.append(peak_memory(child.pid))
    assert child.returncode == 0 and len(peaks) == 2
    assert peaks[1] < peaks[0] + (512 << 10)
    assert peaks[1] < 20 << 20, peaks
