# SPDX-License-Identifier: MIT
"""A cache that is missing, forbidden, corrupt or manipulated: the environment is correct anyway."""

import os
import random
import shutil
import stat

import pytest

import runner
import trees
from runner import env_works


@pytest.mark.parametrize("value", [None, "", "relative/home", "ROOT/nowhere/home"])
def test_no_home(cold, newest, value):
    value = value and value.replace("ROOT", cold.root)
    changes = {"HOME": value, "CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    cold.cvenv("-p", newest.path, "env", env=changes).quiet()
    env_works(cold, newest)
    assert os.listdir(cold.work) == ["env"]


def test_default_location_of_the_cache(cold, newest):
    changes = {"CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    cold.cvenv("-p", newest.path, "a", env=changes).quiet()
    assert os.path.isdir(os.path.join(cold.home, ".cache", "cvenv"))
    changes = {"CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": os.path.join(cold.root, "xdg")}
    cold.cvenv("-p", newest.path, "b", env=changes).quiet()
    place = os.path.join(cold.root, "xdg", "cvenv")
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o700
    assert runner.read(place, "v1", "CACHEDIR.TAG").startswith(
        "Signature: 8a477f597d28d172789f06886806bc55"
    )
    cold.cvenv("-p", newest.path, "--cache-dir", os.path.join(cold.root, "own"), "c").quiet()
    assert os.path.isdir(os.path.join(cold.root, "own"))
    assert not os.path.exists(cold.cache)


def test_relative_xdg_cache_home_does_not_count(cold, newest):
    """The XDG specification says so."""
    changes = {"CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": "relative"}
    cold.cvenv("-p", newest.path, "env", env=changes).quiet()
    assert os.listdir(cold.work) == ["env"]


def _spoil(box, how):
    if how == "a file":
        runner.write(box.cache, text="x")
    elif how == "a dangling link":
        os.symlink(os.path.join(box.root, "nowhere"), box.cache)
    elif how == "below a file":
        runner.write(box.root, "file", text="x")
        box.cache = os.path.join(box.root, "file", "cache")
    elif how == "a pipe":
        os.mkfifo(box.cache)
    elif how == "writable by others":
        os.mkdir(box.cache)
        os.chmod(box.cache, 0o777)
    elif how == "another user's":
        if os.geteuid() != 0:
            pytest.skip("giving away a directory needs root")
        os.mkdir(box.cache, 0o700)
        os.chown(box.cache, 12345, 12345)


@pytest.mark.parametrize(
    "how",
    [
        "a file",
        "a dangling link",
        "below a file",
        "a pipe",
        "writable by others",
        "another user's",
    ],
)
def test_a_cache_that_cannot_be_used(cold, newest, how):
    """The user named it, so a warning says that it works without; and nothing is written there."""
    _spoil(cold, how)
    said = cold.cvenv("-p", newest.path, "env", timeout=60).ok()
    warning = "cvenv: warning: working without a cache: '%s': " % cold.cache
    assert said.err.startswith(warning) and said.err.count("\n") == 1, str(said)
    env_works(cold, newest)
    pip = cold.run([cold.path("env", "bin", "pip"), "--version"])
    assert pip.ok().out.startswith("pip ")
    if how in ("writable by others", "another user's"):
        assert os.listdir(cold.cache) == []
    cold.cvenv("-q", "-p", newest.path, "other").quiet()


def test_a_cache_that_may_not_be_written(user_box):
    box, py, before = user_box
    os.mkdir(box.cache)
    os.chmod(box.cache, 0o555)
    said = box.cvenv("-p", py.path, "env", before=before).ok()
    assert "working without a cache: '%s'" % box.cache in said.err, str(said)
    assert os.listdir(box.cache) == []


def test_random_corruption_of_the_cache(cold, newest):
    """Whatever byte of it changes: the environment is right."""
    cold.cvenv("-p", newest.path, "--compile", "first").quiet()
    expected = {n: (d.kind, d.digest) for n, d in trees.snapshot(cold.path("first")).items()}
    chance = random.Random(4)
    shutil.copytree(cold.cache, cold.cache + ".good", symlinks=True)
    wrong = []
    for turn in range(6):
        shutil.rmtree(cold.cache)
        shutil.copytree(cold.cache + ".good", cold.cache, symlinks=True)
        files = sorted(
            os.path.join(top, name)
            for top, _, names in os.walk(cold.cache)
            for name in names
            if not name.endswith((".py", ".pyc"))
        )
        victims = chance.sample(files, min(5, len(files)))
        done = [_damage(chance, path, turn % 4) for path in victims]
        result = cold.cvenv("-p", newest.path, "--compile", "first", "--clear")
        got = {n: (d.kind, d.digest) for n, d in trees.snapshot(cold.path("first")).items()}
        differs = [n for n in expected if got.get(n) != expected[n] and n != "pyvenv.cfg"]
        differs = [n for n in differs if "__pycache__" not in n]
        if result.rc or differs or got.keys() - expected.keys():
            wrong.append((done, result.err, differs[:5]))
    assert not wrong


def _damage(chance, path, how):
    """Change a file; size and time give it away except in the files that describe others."""
    os.chmod(path, 0o600)
    size = os.path.getsize(path)
    if how == 0 or not size:
        os.truncate(path, chance.randrange(size) if size else 0)
        what = "cut"
    elif how == 1:
        with open(path, "ab") as f:
            f.write(b"x" * 10)
        what = "longer"
    elif how == 2:
        os.remove(path)
        what = "gone"
    else:
        with open(path, "r+b") as f:
            f.seek(chance.randrange(size))
            f.write(bytes([chance.randrange(256)]))
        what = "changed"
    return os.path.basename(path), what


def test_sources_in_the_cache_with_a_changed_time(cold, newest):
    """Files of an image are checked by size and time before they are used."""
    cold.cvenv("-p", newest.path, "first").quiet()
    sources = [
        os.path.join(top, name)
        for top, _, names in os.walk(cold.cache)
        for name in names
        if name.endswith(".py")
    ]
    if not sources:
        pytest.skip("the cache keeps no sources as files")
    for path in sources[:3]:
        os.chmod(path, 0o600)
        with open(path, "a") as f:
            f.write("raise SystemExit('spoiled')\n")
    cold.cvenv("-p", newest.path, "second").quiet()
    first = os.path.join("lib", newest.lib_name, "site-packages")
    for name, node in trees.snapshot(cold.path("first", first)).items():
        if node.kind == "file" and not name.endswith("RECORD"):
            assert trees.digest(cold.path("second", first, name)) == node.digest, name


def test_links_planted_in_the_cache(cold, newest):
    """Nothing is written through them."""
    victim = os.path.join(cold.root, "victim")
    os.mkdir(victim)
    os.mkdir(cold.cache, 0o700)
    cold.cvenv("-p", newest.path, "first").quiet()
    for name in os.listdir(cold.cache):
        path = os.path.join(cold.cache, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
            os.symlink(victim, path)
    cold.cvenv("-q", "-p", newest.path, "second").quiet()
    assert os.listdir(victim) == []
