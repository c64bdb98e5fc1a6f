# SPDX-License-Identifier: MIT
"""Permissions of created files: never more than the umask allows, and none for others in the cache."""

import os
import re
import shutil
import stat

import pytest

import trees

UMASKS = [0o000, 0o077, *(pytest.param(one, marks=pytest.mark.nightly) for one in (0o022, 0o027))]


def modes(root):
    """Name and mode of each directory and file below root (links have none), root itself as '.'."""
    found = {".": stat.S_IMODE(os.lstat(root).st_mode)}
    for top, dirs, names in os.walk(root):
        for name in dirs + names:
            path = os.path.join(top, name)
            st = os.lstat(path)
            if not stat.S_ISLNK(st.st_mode):
                found[os.path.relpath(path, root)] = stat.S_IMODE(st.st_mode)
    return found


def exactly_as_cpython_leaves_it(name):
    """Files whose mode does not depend on the umask: scripts and copies in bin/."""
    return name.startswith("bin/") or "libpython" in name


@pytest.fixture(params=["root", "user"])
def who(request, cold, newest):
    """A box, a Python, and the arguments before a command that run it as that user."""
    if request.param == "root":
        if os.geteuid() != 0:
            pytest.skip("not root")
        return cold, newest, []
    return request.getfixturevalue("user_box")


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_nothing_is_wider_than_umask(who, umask):
    box, py, before = who
    env = box.path("env")
    args = ["-p", py.path, *([] if "pip" in py.seeds else ["--without-pip"])]
    # The cache was filled with another umask: files linked from it count, too.
    box.cvenv(*args, "--compile", "wide", before=before, umask=0).quiet()
    box.cvenv(*args, "new/parent/env", before=before, umask=umask).quiet()
    shutil.move(box.path("new", "parent", "env"), env)
    for again in ([], ["--upgrade"], ["--clear"]):
        found = modes(env)
        for name, mode in found.items():
            assert not mode & stat.S_ISUID and not mode & stat.S_ISVTX, name
            if exactly_as_cpython_leaves_it(name):
                assert not mode & (stat.S_IWGRP | stat.S_IWOTH) & umask, (name, oct(mode))
            else:
                assert not mode & umask, (name, oct(mode))
        assert found["."] == 0o777 & ~umask
        # Whatever is in bin/ is behind a directory that umask rules.
        assert found["bin"] == 0o777 & ~umask
        assert found["pyvenv.cfg"] == 0o666 & ~umask
        box.cvenv(*args, *again, env, before=before, umask=umask).quiet()
    for top in ("new", "new/parent"):
        assert stat.S_IMODE(os.stat(box.path(top)).st_mode) == 0o777 & ~umask


def test_the_mode_that_env_dir_has_is_kept(box, newest):
    """Who closed it to others finds it closed."""
    env = box.path("env")
    for mode in (0o700, 0o750, 0o711):
        os.mkdir(env)
        os.chmod(env, mode)
        for args in ([], ["--upgrade"], ["--clear"]):
            box.cvenv("-p", newest.path, "--without-pip", *args, env, umask=0).quiet()
            assert stat.S_IMODE(os.stat(env).st_mode) == mode, args
        box.cvenv("-p", newest.path, "--clear", "--without-pip", env).quiet()
        shutil.rmtree(env)


@pytest.mark.parametrize("umask", [0o000, 0o077], ids=oct)
def test_cache_is_private(who, umask):
    box, py, before = who
    args = ["-p", py.path, *([] if "pip" in py.seeds else ["--without-pip"]), "--compile"]
    box.cvenv(*args, "env", before=before, umask=umask).quiet()
    found = modes(box.cache)
    assert found["."] == 0o700 and found["v1"] == 0o700
    assert len(found) > 3
    for name, mode in found.items():
        # Files have what umask leaves them, behind directories that nobody else may enter.
        assert not mode & umask, (name, oct(mode))
        if os.path.isdir(os.path.join(box.cache, name)):
            assert mode & 0o777 == 0o700, (name, oct(mode))


def test_temporary_cache_is_private(who):
    """Without a home the wheel is unpacked in TMPDIR, which all can read."""
    box, py, before = who
    if "pip" not in py.seeds:
        pytest.skip("this Python brings no pip")
    trace = _trace(box, before, ["-p", py.path, "env"], env={"CVENV_CACHE_DIR": "/dev/null"})
    assert _temporaries(trace, box.tmp), "none was made there"
    assert os.listdir(box.tmp) == []


def test_staging_directories_are_private(who):
    """Under a umask of 0 the hidden directory is 01700 from its first moment to its last."""
    box, py, before = who
    os.mkdir(box.path("there"))
    os.chmod(box.path("there"), 0o777)
    args = ["-p", py.path, "--without-pip"]
    for more in (["new"], ["there"], ["--clear", "there"], ["--upgrade", "there"]):
        trace = _trace(box, before, [*args, *more])
        made = _temporaries(trace, "")
        assert made, trace[-2000:]
        assert set(made) == {"01700"}, made
        assert not re.search(r'mkdirat\([^)]*0777\).*cvenv-tmp', trace)
    assert sorted(os.listdir(box.work)) == ["new", "there"]


def _trace(box, before, args, env=None):
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("no strace")
    log = os.path.join(box.work, "trace")
    calls = "trace=mkdir,mkdirat"
    argv = [strace, "-f", "-y", "-e", calls, "-o", log, box.command, *args]
    changes = {"ASAN_OPTIONS": "detect_leaks=0", **(env or {})}  # which ptrace rules out
    result = box.run([*before, *argv], umask=0, env=changes)
    if "ptrace" in result.err.lower():
        pytest.skip("strace may not trace here")
    result.ok()
    with open(log, encoding="utf-8", errors="replace") as f:
        text = f.read()
    os.remove(log)
    return text


def _temporaries(trace, directory):
    """The modes that hidden directories below `directory` were made with."""
    line = r'mkdirat\([^<]*<%s[^>]*>, "\.cvenv-tmp-[^"]*", (0\d+)\) = 0' % re.escape(directory)
    return re.findall(line, trace)


def test_an_environment_of_root_is_not_written_by_users(who):
    """With any umask, only the owner can write to files with an exact mode in bin/."""
    box, py, before = who
    box.cvenv("-p", py.path, "--copies", "--without-pip", "env", before=before, umask=0).quiet()
    wide = {n: oct(m) for n, m in modes(box.path("env", "bin")).items() if m & 0o022 and n != "."}
    assert not wide
    owner = os.stat(box.path("env")).st_uid
    for name in trees.listing(box.path("env")):
        assert os.lstat(box.path("env", name)).st_uid == owner
