# SPDX-License-Identifier: MIT
"""SOURCE_DATE_EPOCH: the same base and options give the same bytes and times."""

import glob
import os
import shutil
import subprocess

import pytest

import envs
import runner
import trees
import wheels

EPOCH = 1700000000
DATED = {"SOURCE_DATE_EPOCH": str(EPOCH)}
# other variables, jobs and directory; no cache
ELSEWHERE = {"LC_ALL": "C", "TZ": "Asia/Kolkata", "PYTHONHASHSEED": "77", "PYTHONOPTIMIZE": "2", "HOME": "/nonexistent"}


def tree(root, modes=True):
    """{path: (node, time)} of ROOT and all below it."""
    nodes = {".": trees.Node("dir"), **trees.snapshot(root)}
    times = {name: os.lstat(os.path.join(root, name)).st_mtime_ns for name in nodes}
    if not modes:
        nodes = {name: (n.kind, n.target, n.digest) for name, n in nodes.items()}
    return {name: (nodes[name], times[name]) for name in nodes}


def made(box, py, *args, modes=True, before=(), **env):
    """The tree of a new environment, which is always in the same place."""
    root = box.path("env")
    box.cvenv("-p", py.path, *args, root, before=before, env={**DATED, **env}).quiet()
    got = tree(root, modes)
    runner.wipe(root)
    return got


def one_job():
    return ["taskset", "-c", "0"] if shutil.which("taskset") else []


def check_everywhere(box, py, args):
    expected = made(box, py, *args)
    assert {time for _, time in expected.values()} == {EPOCH * 10**9}
    assert made(box, py, *args) == expected
    os.mkdir(box.path("env"))
    assert made(box, py, *args, before=one_job(), CVENV_CACHE_DIR=box.path("other"), **ELSEWHERE) == expected


OPTIONS = [["--copies"], ["--no-compile"], ["--without-pip", "--relocatable"], ["--link-mode", "hardlink"]]


@pytest.mark.parametrize("args", [[], *(pytest.param(one, marks=pytest.mark.nightly) for one in OPTIONS)], ids=" ".join)
def test_equal_everywhere(cold, some_py, args):
    """In a cold and a warm cache, a new and an existing directory, with one job and with several."""
    check_everywhere(cold, some_py, args)


@pytest.mark.nightly
def test_equal_with_every_python(cold, py):
    check_everywhere(cold, py, [])


def test_equal_for_another_user(user_box):
    box, py, as_user = user_box
    args = wheels.small_pip(box.root)
    expected = made(box, py, *args, modes=False)
    assert any(name.endswith(".pyc") for name in expected)
    before = ["sh", "-c", 'umask 007; exec "$@"', "-", *as_user]
    runner.wipe(box.cache)
    assert made(box, py, *args, modes=False, before=before, CVENV_CACHE_DIR=box.path("users")) == expected


def test_equal_archives(cold, newest):
    """The sum that a person would compare, and an environment that was there without the variable."""
    if not shutil.which("tar"):
        pytest.skip("no tar")
    tar = ["tar", "--sort=name", "-C", cold.work, "-cf", "-", "env"]
    argv = ["-p", newest.path, *wheels.small_pip(cold.root)]
    sums = set()
    for _ in range(2):
        cold.cvenv(*argv, "env", env=DATED).quiet()
        done = subprocess.run(tar, capture_output=True)
        if done.returncode:
            pytest.skip("this tar does not sort: %r" % done.stderr[-100:])
        sums.add(done.stdout)
        runner.wipe(cold.path("env"))
        runner.wipe(cold.cache)
        cold.cvenv(*argv, "--compile", "other").quiet()
        runner.wipe(cold.path("other"))
    assert len(sums) == 1


def test_bytecode_is_used(box, some_py):
    """Python finds that it fits its sources, and writes nothing."""
    env = envs.PipEnv(box, some_py)
    env.make(env=DATED)
    before = tree(env.root)
    said = env.python("-v", "-m", "pip", "--version").ok()
    place = os.path.join(env.site, "pip")
    assert said.err.count("/__pycache__/") > 20
    assert [one for one in said.err.splitlines() if "wrote" in one or "stale" in one] == []
    assert "# %s" % place in said.err and " matches %s" % place in said.err
    assert tree(env.root) == before
    env.verify()


def test_the_cache_does_not_change(box, newest):
    """Its files keep their times: they are in no dated environment."""
    box.cvenv("-p", newest.path, "--compile", "first").quiet()
    before = {name: os.lstat(name).st_mtime_ns for name in glob.glob(box.cache + "/v1/wheels/*/**", recursive=True)}
    box.cvenv("-p", newest.path, "--link-mode", "hardlink", "second", env=DATED).quiet()
    files = [name for name in glob.glob(box.path("second") + "/**", recursive=True) if os.path.isfile(name)]
    assert {os.lstat(name).st_nlink for name in files} == {1}
    after = {name: os.lstat(name).st_mtime_ns for name in before}
    assert {n: t for n, t in after.items() if not n.endswith(("manifest", "loose")) and os.path.isfile(n)} == {
        n: before[n] for n in after if not n.endswith(("manifest", "loose")) and os.path.isfile(n)
    }


def test_files_of_the_user_keep_their_times(box, newest):
    runner.write(box.path("env", "lib"), "mine.txt", text="mine")
    os.utime(box.path("env", "lib", "mine.txt"), (5, 5))
    box.cvenv("-p", newest.path, "env", env=DATED).quiet()
    times = {name: time for name, (_, time) in tree(box.path("env")).items()}
    assert times.pop("lib/mine.txt") == 5 * 10**9
    assert set(times.values()) == {EPOCH * 10**9}


@pytest.mark.parametrize("value", ["-1", "1.5", "now", "4294967296", " 1", "1 ", "99999999999999999999"])
def test_invalid_values_are_refused(box, value):
    box.cvenv("env", env={"SOURCE_DATE_EPOCH": value}).refused("SOURCE_DATE_EPOCH", value, rc=2)
    assert os.listdir(box.work) == []


@pytest.mark.parametrize("value", ["0", "4294967295"])
def test_the_first_and_the_last_time(box, newest, value):
    env = envs.PipEnv(box, newest)
    env.make(env={"SOURCE_DATE_EPOCH": value})
    assert {os.stat(os.path.join(env.bin, "pip")).st_mtime} == {int(value)}
    assert env.python("-v", "-c", "import pip").ok().err.count("# code object from '%s" % env.site) > 0
    assert "stale" not in env.python("-v", "-c", "import pip").ok().err


def test_an_empty_value_counts_as_unset(box, newest):
    box.cvenv("-p", newest.path, "--without-pip", "env", env={"SOURCE_DATE_EPOCH": ""}).quiet()
    assert os.stat(box.path("env", "pyvenv.cfg")).st_mtime > EPOCH
