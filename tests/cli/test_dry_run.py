# SPDX-License-Identifier: MIT
"""--dry-run: the predicted changes and link mode. test_output.py tests the rest."""

import json
import os

import pytest

import runner
import trees


def plan(box, py, *args):
    said = box.cvenv("-p", py.path, "--dry-run", "--json", *args, "env").ok().out
    return json.loads(said)["plan"]


def changes(before, after):
    """What differs between two snapshots."""
    names = before.keys() | after.keys()
    return {n for n in names if before.get(n) != after.get(n)}


@pytest.mark.parametrize("args", [[], ["--copies"], ["--relocatable"], ["--compile"]], ids=ascii)
def test_complete_environment_has_no_changes(box, some_py, args):
    box.cvenv("-p", some_py.path, *args, "env").quiet()
    assert plan(box, some_py, *args) == []
    said = box.cvenv("-p", some_py.path, "--dry-run", *args, "env").ok().out
    assert said == "%s (to be updated):\n  nothing to change\n" % box.path("env")


def test_announced_changes_are_made(box, newest):
    """A deleted file, an edited one, a script without +x, and a link with another target."""
    box.cvenv("-p", newest.path, "env").quiet()
    site = os.path.join("lib", newest.lib_name, "site-packages")
    env = box.path("env")
    os.remove(os.path.join(env, site, "pip", "__init__.py"))
    os.remove(os.path.join(env, "bin", "python3"))
    os.symlink("/bin/sh", os.path.join(env, "bin", "python3"))
    runner.write(env, "bin", "activate", text="edited")
    os.chmod(os.path.join(env, "bin", "pip"), 0o700)  # others may run it, too
    runner.write(env, "mine", text="kept")
    said = plan(box, newest)
    tree = [e for e in said if e["kind"] == "tree"]
    assert [(e["path"], e["files"]) for e in tree] == [(site, 1)]
    assert {e["path"] for e in said} - {site} == {"bin/activate", "bin/pip", "bin/python3"}
    before = trees.snapshot(env)
    box.cvenv("-p", newest.path, "env").quiet()
    assert changes(before, trees.snapshot(env)) == {
        "bin/activate", "bin/pip", "bin/python3", site + "/pip/__init__.py"
    }


def test_only_what_exists_is_named_as_removed(box, newest):
    import wheels

    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    site = box.path("env", "lib", newest.lib_name, "site-packages")
    wheels.install_by_hand(site, "pip", "1.0")
    removed = [e["path"] for e in plan(box, newest) if e["kind"] == "remove"]
    assert removed and all(os.path.lexists(box.path("env", path)) for path in removed)


@pytest.mark.parametrize("mode", [None, "reflink", "hardlink", "copy"])
@pytest.mark.parametrize("place", ["env", "OTHER/deep/env"])
def test_link_mode_is_the_one_of_the_run(cold, newest, mode, place):
    """On the cache's own file system and on another one; before the cache exists, and after."""
    other = os.path.join(runner.REPOSITORY, "build")
    if os.stat(other).st_dev == os.stat(cold.root).st_dev:
        other = "/dev/shm"
    if os.stat(other).st_dev == os.stat(cold.root).st_dev and "OTHER" in place:
        pytest.skip("no second file system here")
    name = os.path.join(other, "cvenv-test-%d" % os.getpid())
    args = ["-p", newest.path, "--json", *(["--link-mode", mode] if mode else [])]
    env = place.replace("OTHER", name)
    try:
        told = [
            json.loads(cold.cvenv(*args, *how, env).ok().out)["link_mode"]
            for how in (["--dry-run"], [], ["--dry-run", "--clear"])
        ]
    finally:
        runner.wipe(name)
    assert len(set(told)) == 1, told
    default = "copy" if os.geteuid() == 0 else "auto"  # see test_cache_use.py
    assert "OTHER" in place or mode in ("reflink", "copy") or told[0] == (mode or default)
