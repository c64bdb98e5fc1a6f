# SPDX-License-Identifier: MIT
"""--list: which environments of all makers there are, and what they cost."""

import errno
import json
import os
import shutil
import subprocess
import threading
import time

import pytest

import makers
import runner
import terminal
import trees

DAY = 24 * 60 * 60


def fake(*parts, home="/usr/bin", python="/usr/bin/python3"):
    """An environment without packages, quickly."""
    root = os.path.join(*parts)
    os.makedirs(os.path.join(root, "bin"))
    os.makedirs(os.path.join(root, "lib", "python3.11", "site-packages"))
    os.symlink(python, os.path.join(root, "bin", "python"))
    runner.write(root, "pyvenv.cfg", text="home = %s\nversion = 3.11.2\n" % home)
    return root


def listed(box, *args, **more):
    result = box.cvenv("--list", "--json", *args, **more).ok()
    assert not result.err
    return [json.loads(line) for line in result.out.splitlines()]


def paths(box, *args, **more):
    return box.cvenv("--list", *args, **more).ok().out.splitlines()


def du(root):
    said = subprocess.run(["du", "-s", "-B1", root], capture_output=True, text=True, check=True)
    return int(said.stdout.split()[0])


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_an_environment_of_each_maker(box, made, newest, maker):
    env = made(maker, newest)
    (one,) = listed(box, ".")
    assert one["path"] == env.root and one["maker"] == maker and not one["broken"]
    assert one["version"].startswith(newest.x_y) and one["package_count"] >= 1
    assert one["bytes"] == du(env.root)
    names = sum(len(files) + sum(os.path.islink(os.path.join(top, d)) for d in dirs)
                for top, dirs, files in os.walk(env.root))
    assert one["files"] == names
    assert one["last_used"] == 0 if not trees.keeps_access_times(box.work) else time.time() - one["last_used"] < DAY
    shared = [p for p in everything(env.root) if os.path.isfile(p) and not os.path.islink(p) and os.stat(p).st_nlink > 1]
    assert (one["frees"] < one["bytes"]) == bool(shared)


def everything(root):
    return [os.path.join(top, name) for top, dirs, files in os.walk(root) for name in dirs + files]


def test_frees_counts_files_with_names_elsewhere_for_nobody(box):
    a, b = fake(box.work, "a"), fake(box.work, "b")
    runner.write(a, "big", text="x" * 100000)
    os.link(os.path.join(a, "big"), os.path.join(b, "big"))
    os.link(os.path.join(a, "big"), os.path.join(b, "again"))
    one, two = listed(box, "a", "b")
    disk = os.lstat(os.path.join(a, "big")).st_blocks * 512
    assert one["frees"] == one["bytes"] - disk and two["frees"] == two["bytes"] - disk
    assert two["bytes"] == du(b)
    shutil.rmtree(a)
    (two,) = listed(box, "b")
    assert two["frees"] == two["bytes"]


def test_output_for_programs_and_for_people(box):
    fake(box.work, "p", ".venv")
    fake(box.work, "q", ".venv", home="/nowhere", python="/nowhere/python")
    fake(box.home, "e")
    assert paths(box) == [box.path("p", ".venv"), box.path("q", ".venv")]
    rc, shown = terminal.on_terminal(box, [box.command, "--list", ".", box.home])
    lines = shown.splitlines()
    assert rc == 0 and lines[0].split() == ["PATH", "PYTHON", "MAKER", "PACKAGES", "USED", "SIZE", "FREES"]
    assert lines[1].startswith("~/e ") and " 3.11.2 " in lines[1] and " today " in lines[1]
    assert lines[3].startswith(box.path("q", ".venv") + " ") and " broken " in lines[3]
    assert lines[4].startswith("3 environments, ") and "; removing all of them frees " in lines[4]
    rc, shown = terminal.on_terminal(box, [box.command, "--list=quick", "p"])
    assert rc == 0 and "FREES" not in shown and shown.splitlines()[-1] == "1 environment"
    rc, shown = terminal.on_terminal(box, [box.command, "--list", box.tmp])
    assert (rc, shown) == (0, "no environments\n")


def test_broken_and_quick(box):
    fake(box.work, "a")
    fake(box.work, "b", home="/nowhere")
    fake(box.work, "c", python="/nowhere/python3")
    os.rmdir(os.path.join(fake(box.work, "d"), "lib", "python3.11", "site-packages"))
    assert [e["broken"] for e in listed(box)] == [False, True, True, True]
    one = json.loads(box.cvenv("--list=quick", "--json", "a").ok().out)
    assert not {"last_used", "files", "bytes", "frees"} & set(one)


def test_places_of_programs(box):
    share, cache = ".local/share", ".cache"
    places = {
        share + "/virtualenvs/p-x1": "pipenv",
        cache + "/pypoetry/virtualenvs/p-y-py3.11": "poetry",
        share + "/hatch/env/virtual/p/AbC/p": "hatch",
        share + "/pipx/venvs/tool": "pipx",
        share + "/pdm/venvs/p": "pdm",
        share + "/uv/tools/ruff": "uv-tool",
        ".virtualenvs/v": None,
        "Envs/w": None,
    }
    for place in places:
        fake(box.home, place)
    for hidden in (cache + "/uv/environments-v2/x", cache + "/pre-commit/repo1/py_env-python3", "other/x"):
        fake(box.home, hidden)
    found = listed(box, env={"XDG_CACHE_HOME": None})
    assert {os.path.relpath(e["path"], box.home): e["manager"] for e in found} == places
    # the caches only if they are asked for
    assert len(listed(box, box.home, env={"XDG_CACHE_HOME": None})) == len(places) + 1
    assert len(paths(box, os.path.join(box.home, cache, "uv"), env={"XDG_CACHE_HOME": None})) == 1


def test_places_by_variables(box):
    variables = {
        "WORKON_HOME": ("", None),
        "POETRY_VIRTUALENVS_PATH": ("", "poetry"),
        "POETRY_CACHE_DIR": ("virtualenvs", "poetry"),
        "HATCH_DATA_DIR": ("env/virtual", "hatch"),
        "PIPX_HOME": ("venvs", "pipx"),
        "UV_TOOL_DIR": ("", "uv-tool"),
    }
    env, expected = {}, {}
    for name, (below, manager) in variables.items():
        env[name] = os.path.join(box.tmp, name)
        expected[fake(env[name], below, "e")] = manager
    assert {e["path"]: e["manager"] for e in listed(box, env=env)} == expected


def test_roots(box):
    fake(box.work, "a", ".venv")
    os.symlink("a/.venv", box.path("link"))
    runner.write(box.work, ".venv", text="a/.venv\n")
    assert paths(box, "a", "a", "./a/../a") == [box.path("a", ".venv")]
    assert paths(box, "link") == [box.path("link")]
    assert paths(box, ".venv") == [box.path("a", ".venv")]
    box.cvenv("--list", "missing").refused("'missing' does not exist")
    box.cvenv("--list", "a/.venv/pyvenv.cfg").refused("cannot search")
    box.cvenv("--list", "").refused("cannot search '': an empty name")
    box.cvenv("--prune", "30").refused("'30' does not exist (days are given as --prune=30)")
    box.cvenv("--prune", "a30").refused("'a30' does not exist\n")
    for action in "--list", "--prune":
        result = box.cvenv(action, "--json", "missing")
        one = json.loads(result.out)
        assert result.rc == 1 and list(one) == ["error"] and one["error"]["code"] == errno.ENOENT


def test_looking_is_no_use(box):
    """The times of the last access stay, so that the next look tells the same."""
    root = fake(box.work, "e")
    config, site = os.path.join(root, "pyvenv.cfg"), os.path.join(root, "lib", "python3.11", "site-packages")
    now = int(time.time())
    os.utime(site, (now - 70 * DAY, now - 70 * DAY))
    os.utime(config, (now - 40 * DAY, now - 60 * DAY))
    before = {p: os.lstat(p).st_atime_ns for p in [root, *everything(root)]}
    with open(box.path("probe"), "w") as f:
        f.write("x")
    os.utime(box.path("probe"), (now - 9 * DAY, now - 3 * DAY))
    runner.read(box.path("probe"))
    kept = trees.keeps_access_times(box.work)
    if kept:
        assert os.stat(box.path("probe")).st_atime > now - DAY
    for _ in range(2):
        (one,) = listed(box, "e")
        assert one["last_used"] == (now - 40 * DAY if kept else 0)
    assert {p: os.lstat(p).st_atime_ns for p in [root, *everything(root)]} == before
    if kept:
        runner.read(config)  # as a start of its Python does
        assert listed(box, "e")[0]["last_used"] >= now


def test_environments_of_others(box, as_user):
    """Their last use is unknown: the look at them counts as an access."""
    if os.geteuid() != 0:
        pytest.skip("cannot make an environment of another user")
    root = fake(box.work, "e")
    now = int(time.time())
    for path in (os.path.join(root, "pyvenv.cfg"), os.path.join(root, "lib", "python3.11", "site-packages")):
        os.utime(path, (now - 40 * DAY, now - 60 * DAY))
    result = box.cvenv("--list", "--json", before=as_user)
    if result.rc:
        pytest.skip("an ordinary user cannot run this build: " + result.err)
    assert json.loads(result.out)["last_used"] == 0


def test_hostile_environments(box):
    canary = box.path("canary")
    root = fake(box.work, "runs")
    os.unlink(os.path.join(root, "bin", "python"))
    runner.write(root, "bin", "python", text="#!/bin/sh\ntouch '%s'\n" % canary, mode=0o755)
    for name in ("fifo", "link", "dir", "huge", "new\nline", "esc\x1b[31m"):
        os.makedirs(box.path(name))
    os.mkfifo(box.path("fifo", "pyvenv.cfg"))
    os.symlink("/etc/passwd", box.path("link", "pyvenv.cfg"))
    os.mkdir(box.path("dir", "pyvenv.cfg"))
    with open(box.path("huge", "pyvenv.cfg"), "wb") as f:
        f.truncate(1 << 30)
    for name in ("new\nline", "esc\x1b[31m"):
        runner.write(box.path(name), "pyvenv.cfg", text="home = /usr/bin\n")
    start = time.monotonic()
    assert [os.path.basename(e["path"]) for e in listed(box)] == ["esc\x1b[31m", "huge", "new\nline", "runs"]
    assert time.monotonic() - start < 10
    shown = paths(box)
    assert box.path("new\\x0aline") in shown and box.path("esc\\x1b[31m") in shown and len(shown) == 4
    assert not os.path.exists(canary)


def swap(box, stop):
    """Until STOP: directories vanish and come back, also as links that lead outside."""
    outside = os.path.join(box.root, "outside")
    while not stop.is_set():
        for name in ("a/gone", "a/deep/linked", "a/env", "a"):
            path, aside = box.path(name), os.path.join(box.root, "aside")
            os.rename(path, aside)
            os.symlink(outside, path)
            os.unlink(path)
            os.rename(aside, path)


def test_directories_that_change_meanwhile(box):
    """Those that stay are found, and nothing behind a link is."""
    for name in ("a/gone", "a/deep/linked/x", "a/env", "b/stays"):
        fake(box.work, name)
    fake(box.root, "outside", "secret")
    before = everything(os.path.join(box.root, "outside"))
    stop = threading.Event()
    racer = threading.Thread(target=swap, args=(box, stop))
    racer.start()
    try:
        results = [box.cvenv("--list", "--json", ".") for _ in range(10)]
        results += [box.cvenv("--prune", "--yes", "--json", ".") for _ in range(5)]
    finally:
        stop.set()
        racer.join()
    for result in results:
        found = [json.loads(line)["path"] for line in result.out.splitlines()]
        assert result.rc == 0 and not [path for path in found if "outside" in path or "secret" in path], result
    assert all(box.path("b/stays") in r.out for r in results[:10])
    assert everything(os.path.join(box.root, "outside")) == before
    assert len(paths(box)) == 4


def test_directories_without_permission(box, as_user):
    """They are left out, and named with -v."""
    fake(box.work, "a")
    os.makedirs(box.path("closed", "below"))
    os.chmod(box.path("closed"), 0)
    try:
        result = box.cvenv("--list", "-v", before=as_user)
    finally:
        os.chmod(box.path("closed"), 0o755)
    if result.rc:
        pytest.skip("an ordinary user cannot run this build: " + result.err)
    assert result.out == box.path("a") + "\n"
    assert "could not search 1 directory, such as '%s': Permission denied" % box.path("closed") in result.err


def test_usage(box):
    box.cvenv("--list", "--dry-run").refused("not allowed with argument --list", rc=2)
    box.cvenv("--list=all").refused("all", rc=2)
    box.cvenv("--list", "--yes").refused("--yes", rc=2)
