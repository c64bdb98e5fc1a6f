# SPDX-License-Identifier: MIT
"""Any change to a file of the cache: the next environment is correct, and so is the cache."""

import glob
import os
import re
import shutil

import pytest

import runner
import trees
from session import NIGHTLY

ON_DISK = True  # see session.py


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


def longer(path):
    with open(path, "ab") as f:
        f.write(b"\n# spoiled\n")


def changed(path):
    """The same size: the time gives it away, or the sum that a list of files ends in."""
    with open(path, "r+b") as f:
        data = f.read()
        f.seek(0)
        f.write(bytes(byte ^ 1 for byte in data))


def removed(path):
    os.remove(path)


def given_away(path):
    if os.geteuid() != 0:
        pytest.skip("giving away a file needs root")
    os.chown(path, 12345, 12345)


def a_link(path):
    os.rename(path, path + ".moved")
    os.symlink(path + ".moved", path)


def a_directory(path):
    os.remove(path)
    os.mkdir(path)
    runner.write(path, "file", text="x")


def a_pipe(path):
    os.remove(path)
    os.mkfifo(path)


CORRUPTIONS = [cut, changed, removed, given_away, a_link]
if NIGHTLY:
    CORRUPTIONS += [longer, a_directory, a_pipe]

# Which file of the cache (Box.cached()), and the options with which that very file is used.
VICTIMS = {
    "packed sources": ("wheels/*/pack", []),
    "metadata": ("wheels/*/files/@pip-*.dist-info/METADATA", []),
    "list of a wheel": ("wheels/*/manifest", []),
    "bytecode": ("bytecode/*/files/@pip/__pycache__/__init__.*.pyc", []),
    "list of bytecode": ("bytecode/*/manifest", []),
    "info": ("info/*", []),
    "source to link": ("wheels/*/loose/@pip/__init__.py", ["--link-mode", "hardlink"]),
}
if NIGHTLY:
    VICTIMS.update(
        {
            "sources to clone": ("wheels/*/pack", ["--link-mode", "reflink"]),
            "metadata to copy": VICTIMS["metadata"][:1] + (["--link-mode", "copy"],),
            "bytecode to copy": VICTIMS["bytecode"][:1] + (["--link-mode", "copy"],),
            "bytecode to link": VICTIMS["bytecode"][:1] + (["--link-mode", "hardlink"],),
            "files of a wheel": ("wheels/*/files", []),
            "sources to link": ("wheels/*/loose", ["--link-mode", "hardlink"]),
            "a whole wheel": ("wheels/*", []),
        }
    )


def content(directory):
    nodes = trees.snapshot(directory)
    return {name: (node.kind, node.mode, node.digest) for name, node in nodes.items()}


def of_the_cache(box):
    """Names, modes and content but for times; what killed runs leave and the like would show."""
    found = content(os.path.join(box.cache, "v1"))
    timed = [n for n in found if re.match("info/|bytecode/[^/]*/manifest$", n)]
    return {n: n if n in timed else node for n, node in found.items()}


def corrupt_one(path, corrupt):
    if not os.path.isdir(path):
        corrupt(path)
    elif corrupt is removed:
        shutil.rmtree(path)
    elif corrupt is given_away:
        corrupt(path)
    else:
        return False
    return True


@pytest.mark.parametrize("victim", VICTIMS)
def test_corruption_is_found_and_repaired(cold, newest, victim):
    pattern, args = VICTIMS[victim]
    make = ["-p", newest.path, "--compile", *args, "--clear", "env"]
    cold.cvenv(*make).quiet()
    expected, cache = content(cold.path("env")), of_the_cache(cold)
    # Each corruption in every second of them, but nightly in all.
    turn = list(VICTIMS).index(victim) % 2
    for corrupt in CORRUPTIONS if NIGHTLY else CORRUPTIONS[turn::2]:
        path = cold.cached(pattern)
        if not corrupt_one(path, corrupt):
            continue
        cold.cvenv(*make).quiet()
        assert content(cold.path("env")) == expected, corrupt.__name__
        if os.path.lexists(path + ".moved"):
            os.remove(path + ".moved")
        assert of_the_cache(cold) == cache, corrupt.__name__
    assert "corrupt" not in cold.cvenv("-v", *make).ok().err


def test_unreadable_files(cold, pythons, as_user):
    """An ordinary user cannot open them, and creates them again."""
    for directory in (cold.work, cold.home, cold.tmp, cold.root):
        os.chmod(directory, 0o777)
    able = [p for p in pythons if p.seeds and not cold.run([*as_user, p.path, "-c", ""]).rc]
    if not able:
        pytest.skip("no Python here that an ordinary user may run")
    make = ["-p", able[-1].path, "--clear", "env"]
    cold.cvenv(*make, before=as_user).quiet()
    expected = content(cold.path("env"))
    for victim in ("packed sources", "metadata", "list of a wheel", "info"):
        path = cold.cached(VICTIMS[victim][0])
        os.chmod(path, 0)
        cold.cvenv(*make, before=as_user).quiet()
        assert content(cold.path("env")) == expected, path
        assert os.stat(path).st_mode & 0o400, path


def test_corruption_with_the_same_size_and_time(cold, newest):
    """Known and said in doc/reliability.md: the content of a file is not read again."""
    cold.cvenv("-p", newest.path, "one").quiet()
    path = cold.cached(VICTIMS["metadata"][0])
    st = os.stat(path)
    changed(path)
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))
    cold.cvenv("-p", newest.path, "two").quiet()
    # Taking it out helps: that is what --cache-clean is for.
    runner.wipe(os.path.join(cold.cache, "v1", "wheels"))
    cold.cvenv("-p", newest.path, "three").quiet()
    site = cold.path("three", "lib", newest.lib_name, "site-packages")
    (name,) = glob.glob(os.path.join(site, "pip-*.dist-info", "METADATA"))
    assert runner.read(name).startswith("Metadata-Version")


@pytest.mark.parametrize("mode", [None, "reflink", "copy"])
def test_editing_in_place_stays_in_one_environment(cold, newest, mode):
    """As an editor that writes into the file does; all that people edit: no bytecode."""
    args = ["--link-mode", mode] if mode else []
    cold.cvenv("-p", newest.path, *args, "a", "b").quiet()
    others, cache = content(cold.path("b")), of_the_cache(cold)
    edited = 0
    for top, _, names in os.walk(cold.path("a")):
        for name in names:
            path = os.path.join(top, name)
            inside = os.path.relpath(path, cold.path("a"))
            if os.path.islink(path) or name.endswith(".pyc"):
                continue
            if ".dist-info" in inside and not mode:
                continue
            with open(path, "r+b") as f:
                f.write(b"# edited in place\n")
            edited += 1
    assert edited > 300
    assert content(cold.path("b")) == others
    assert of_the_cache(cold) == cache
    again = cold.cvenv("-v", "-p", newest.path, *args, "c").ok()
    assert "corrupt" not in again.err
