# SPDX-License-Identifier: MIT
"""What environments share, and that no change of one is seen in another."""

import json
import os
import shutil
import time

import pytest

import runner
import trees
import wheels

ON_DISK = True  # see session.py


def site(box, py, name):
    return box.path(name, "lib", py.lib_name, "site-packages")


def files(directory):
    for top, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(top, name)
            if not os.path.islink(path):
                yield path


def installed(box, py, name):
    return {n: d.digest for n, d in trees.snapshot(site(box, py, name)).items() if "RECORD" not in n}


def test_copies_share_nothing(cold, newest):
    cold.cvenv("-p", newest.path, "--compile", "--link-mode", "copy", "a", "b").quiet()
    for path in files(cold.path("b")):
        assert os.stat(path).st_nlink == 1, path


def test_root_shares_nothing_by_default(cold, newest):
    """After chown -R, a shared file would belong to that user in every environment."""
    if os.geteuid() != 0:
        pytest.skip("not root")
    cold.cvenv("-p", newest.path, "--compile", "a", "b").quiet()
    assert [p for p in files(cold.path("b")) if os.stat(p).st_nlink > 1] == []
    said = json.loads(cold.cvenv("-p", newest.path, "--dry-run", "--json", "c").ok().out)
    assert said["link_mode"] in ("copy", "reflink")


def test_an_ordinary_user_shares_bytecode_and_metadata_by_default(user_box):
    box, python, as_user = user_box
    box.cvenv("-p", python.path, "--compile", "a", "b", before=as_user).quiet()
    linked = [p for p in files(box.path("b")) if os.stat(p).st_nlink > 1]
    assert len(linked) > 100
    assert [p for p in linked if not p.endswith(".pyc") and ".dist-info/" not in p] == []


def test_hard_links_are_made_when_asked_for(cold, newest):
    cold.cvenv("-p", newest.path, "--link-mode", "hardlink", "a", "b").quiet()
    linked = [p for p in files(site(cold, newest, "b")) if os.stat(p).st_nlink > 1]
    assert len(linked) > 100


@pytest.mark.parametrize("mode", [None, "copy", "reflink"])
def test_editing_one_changes_no_other(cold, newest, mode):
    """By default and in all modes but that which says otherwise by its name: what people edit."""
    args = ["--link-mode", mode] if mode else []
    cold.cvenv("-p", newest.path, *args, "a", "b").quiet()
    before = trees.snapshot(cold.path("b"))
    for path in files(cold.path("a")):
        shared = mode is None and (path.endswith(".pyc") or ".dist-info/" in path)
        if not shared or path.endswith("/RECORD"):
            with open(path, "ab") as f:
                f.write(b"# edited\n")
    assert trees.snapshot(cold.path("b")) == before
    cold.cvenv("-p", newest.path, *args, "c").quiet()
    wanted = {n: d.digest for n, d in trees.snapshot(site(cold, newest, "b")).items()}
    got = {n: d.digest for n, d in trees.snapshot(site(cold, newest, "c")).items()}
    wanted = {n: d for n, d in wanted.items() if not n.endswith("RECORD")}
    assert {n: got.get(n) for n in wanted} == wanted


def test_what_each_environment_owns_is_never_shared(cold, newest):
    """RECORD, INSTALLER and scripts are this environment's, whatever the mode."""
    cold.cvenv("-p", newest.path, "--link-mode", "hardlink", "a", "b").quiet()
    owned = [cold.path("b", "pyvenv.cfg"), cold.path("b", "bin", "pip")]
    owned += [p for p in files(site(cold, newest, "b")) if p.endswith("/RECORD")]
    for path in owned:
        assert os.stat(path).st_nlink == 1, path


def test_link_modes_fall_back(cold, newest):
    """The cache on another file system: a link cannot be, a copy can."""
    shm = "/dev/shm"
    if not os.path.isdir(shm) or os.stat(shm).st_dev == os.stat(cold.root).st_dev:
        pytest.skip("no second file system to put the cache on")
    cold.cache = os.path.join(shm, os.path.basename(os.path.dirname(cold.root)) + "-cache")
    try:
        for mode in ("hardlink", "reflink", "copy"):
            cold.cvenv("-p", newest.path, "--link-mode", mode, "--clear", "env").quiet()
            said = cold.run([cold.path("env", "bin", "pip"), "--version"])
            assert said.ok().out.startswith("pip ")
    finally:
        runner.wipe(cold.cache)


def test_all_modes_give_the_same_tree(cold, newest):
    states = []
    for mode in ("copy", "hardlink", "reflink"):
        cold.cvenv("-p", newest.path, "--link-mode", mode, "--clear", "env").quiet()
        states.append(trees.snapshot(cold.path("env")))
    assert states[0] == states[1] == states[2]


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o002])
def test_modes_follow_the_umask_not_the_cache(cold, newest, umask):
    """Filled under one umask, used under another."""
    cold.cvenv("-p", newest.path, "first", umask=0o077 if umask != 0o077 else 0o002).quiet()
    cold.cvenv("-p", newest.path, "env", umask=umask).quiet()
    for name, node in trees.snapshot(site(cold, newest, "env")).items():
        expected = (0o777 if node.kind == "dir" else 0o666) & ~umask
        assert oct(node.mode) == oct(expected), name


def test_changed_base_is_probed_again(cold, newest, pythons):
    """The link now leads to another Python: a cached answer about the old one is none."""
    others = [p for p in pythons if p.is_cpython and not p.debug and p.minor != newest.minor]
    if not others:
        pytest.skip("needs two minor versions of CPython")
    python = os.path.join(cold.bin, "python3")
    os.symlink(others[-1].path, python)
    cold.cvenv("-p", python, "--without-pip", "one").quiet()
    os.remove(python)
    os.symlink(newest.path, python)
    cold.cvenv("-p", python, "--without-pip", "two").quiet()
    assert runner.cfg(cold.path("one"))["version"] == ".".join(map(str, others[-1].version))
    assert runner.cfg(cold.path("two"))["version"] == ".".join(map(str, newest.version))


def test_a_second_run_starts_no_python(cold, newest):
    """That is what makes it quick: all that must be known is known."""
    fake = os.path.join(cold.root, "fake")
    os.mkdir(fake)
    cold.cvenv("-p", newest.path, "one").quiet()
    start = time.monotonic()
    cold.cvenv("-p", newest.path, "two").quiet()
    assert time.monotonic() - start < 5
    strace = ["strace", "-f", "-qq", "-e", "trace=execve", "-o", os.path.join(cold.root, "log")]
    traced = {"ASAN_OPTIONS": "detect_leaks=0"}  # LeakSanitizer cannot run below ptrace
    try:
        ok = cold.run([*strace, "true"]).rc == 0
    except FileNotFoundError:
        ok = False
    if not ok:
        pytest.skip("no strace that works")
    cold.run([*strace, cold.command, "-p", newest.path, "three"], env=traced).quiet()
    calls = [c for c in runner.read(cold.root, "log").splitlines() if "execve(" in c]
    assert len(calls) == 1, calls


def test_the_cache_does_not_grow_with_each_run(cold, newest):
    cold.cvenv("-p", newest.path, "env").quiet()
    before = trees.snapshot(cold.cache).keys()
    for _ in range(3):
        cold.cvenv("-p", newest.path, "--clear", "env").quiet()
    assert trees.snapshot(cold.cache).keys() == before


def test_nothing_is_written_but_the_environment_and_the_cache(cold, newest):
    cold.cvenv("-p", newest.path, "env").quiet()
    assert os.listdir(cold.home) == []
    assert os.listdir(cold.tmp) == []
    assert os.listdir(cold.work) == ["env"]
    assert sorted(os.listdir(cold.root)) == sorted(["home", "work", "tmp", "path", "cache"])


def test_hard_links_do_not_change_the_mode(cold, newest):
    """The cache may have been filled under another one than this environment is made under."""
    cold.cvenv("-p", newest.path, "first", umask=0o077).quiet()
    cold.cvenv("-p", newest.path, "--link-mode", "hardlink", "a", umask=0o022).quiet()
    cold.cvenv("-p", newest.path, "--link-mode", "copy", "b", umask=0o022).quiet()
    modes = {n: node.mode for n, node in trees.snapshot(site(cold, newest, "b")).items()}
    assert {n: d.mode for n, d in trees.snapshot(site(cold, newest, "a")).items()} == modes


@pytest.mark.parametrize("folder", ["info", "wheels"])
def test_deleted_directory_of_the_cache(cold, newest, folder):
    cold.cvenv("-p", newest.path, "a").quiet()
    shutil.rmtree(os.path.join(cold.cache, "v1", folder))
    cold.cvenv("-p", newest.path, "b").quiet()
    assert os.listdir(os.path.join(cold.cache, "v1", folder))


def test_cache_with_lost_times(cold, newest):
    """A cache that was restored without them: created again, also by concurrent processes."""
    cold.cvenv("-p", newest.path, "first").quiet()
    for path in list(files(os.path.join(cold.cache, "v1", "wheels"))):
        os.utime(path, (1, 1))
    running = [cold.start([cold.command, "-p", newest.path, "e%d" % n]) for n in range(8)]
    for child in running:
        out, err = child.communicate(timeout=120)
        cold.result(child, out, err).quiet()
    assert not [n for n in os.listdir(os.path.join(cold.cache, "v1")) if n.startswith(".cvenv-")]


def test_names_similar_to_a_staging_directory_are_kept(box, newest):
    """Nothing is swept but exactly the names that cvenv makes."""
    names = [".cvenv-312", ".cvenv-99999-backup", ".cvenv-tmp-99999", ".cvenv-tmp-99999-0000000g"]
    for name in names:
        runner.write(box.work, name, "precious", text="x")
    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    assert sorted(os.listdir(box.work)) == sorted(names + ["env"])
    said = box.cvenv("-p", newest.path, ".cvenv-tmp-99999-00000000")
    assert said.rc == 1 and "refusing" in said.err


def test_a_parent_that_ignores_its_children(cold, newest):
    """SIGCHLD ignored is inherited."""
    script = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); " \
        "os.execv(sys.argv[1], sys.argv[1:])"
    argv = [newest.path, "-c", script, cold.command, "-p", newest.path, "--without-pip", "env"]
    cold.run(argv).quiet()


def test_wheels_are_unpacked_during_the_probe(cold, newest):
    if "pip" not in newest.seeds or "/ensurepip/_bundled/" not in newest.seeds["pip"][1]:
        pytest.skip("this Python does not bring its own wheel of pip")
    said = cold.cvenv("-v", "-p", newest.path, "env").ok().err
    asked, unpacked, known = (said.index(t) for t in ("probing", "unpacking", "base interpreter: "))
    assert asked < unpacked < known, said
    assert said.count("unpacking") == len(newest.seeds), said


@pytest.mark.parametrize("wheel", ["another", "broken", "a pipe"])
def test_wheels_beside_a_base_are_not_trusted(cold, newest, wheel):
    """Wheels that were unpacked because of a path's form do not affect environments."""
    cold.cvenv("-p", newest.path, "--no-compile", "right").quiet()
    launcher = runner.write(cold.root, "fake/bin/" + newest.lib_name, text=(
        "#!/bin/sh\nexec %s \"$@\"\n" % newest.path), mode=0o755)
    bundle = os.path.join(cold.root, "fake", "lib", newest.lib_name, "ensurepip", "_bundled")
    os.makedirs(bundle)
    if wheel == "another":
        wheels.write_wheel(bundle, "pip", "99.0")
    elif wheel == "broken":
        runner.write(bundle, "pip-99.0-py3-none-any.whl", text="no wheel")
    else:
        os.mkfifo(os.path.join(bundle, "pip-99.0-py3-none-any.whl"))
    cold.cvenv("-p", launcher, "--no-compile", "env").quiet()
    assert installed(cold, newest, "env") == installed(cold, newest, "right")
    cold.cvenv("-p", launcher, "--without-pip", "bare").quiet()
    cold.cvenv("-p", launcher, "--dry-run", "none").ok()


def test_unpacking_during_the_probe_fails(cold, newest):
    """Nothing is given up for that: what can be kept, is, and the environment is made."""
    if "pip" not in newest.seeds:
        pytest.skip("this Python brings no pip")
    cold.cvenv("-p", newest.path, "--no-compile", "right").quiet()
    runner.wipe(os.path.join(cold.cache, "v1", "info"))
    runner.wipe(os.path.join(cold.cache, "v1", "wheels"))
    runner.write(cold.cache, "v1", "wheels", text="in the way")
    assert "probing" in cold.cvenv("-v", "-p", newest.path, "--no-compile", "one").ok().err
    assert installed(cold, newest, "one") == installed(cold, newest, "right")
    assert "probing" not in cold.cvenv("-v", "-p", newest.path, "--no-compile", "two").ok().err


def test_nothing_is_unpacked_during_the_probe_without_pip(cold, newest):
    cold.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    assert not os.path.exists(os.path.join(cold.cache, "v1", "wheels"))
    cold.cvenv("-p", newest.path, "--dry-run", "env").ok()
    assert not os.path.exists(os.path.join(cold.cache, "v1", "wheels"))
