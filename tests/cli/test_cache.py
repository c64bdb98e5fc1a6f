# SPDX-License-Identifier: MIT
"""--warm, --cache-info, --cache-clean: the cache, asked for by name."""

import json
import os
import signal
import time

import pytest

import runner
import trees

DAY = 24 * 60 * 60


def info(box, *args):
    return json.loads(box.cvenv("--cache-info", "--json", *args).ok().out)


def kinds(box):
    return sorted({entry["kind"] for entry in info(box)["entries"]})


def test_cache_info_creates_no_cache(cold):
    said = cold.cvenv("--cache-info").ok()
    assert said.out == os.path.join(cold.cache, "v1") + ": none yet\n"
    assert info(cold) == {
        "dir": os.path.join(cold.cache, "v1"),
        "exists": False,
        "bytes": 0,
        "shared": 0,
        "leftovers": 0,
        "leftover_bytes": 0,
        "entries": [],
    }
    assert cold.cvenv("--cache-clean").ok().out == "Removed 0 entries, 0 bytes\n"
    assert not os.path.lexists(cold.cache)
    assert os.listdir(cold.work) == []


def test_warm_makes_no_environment_and_the_next_one_needs_no_python(cold, some_py):
    cold.cvenv("--warm", "-p", some_py.path).quiet()
    assert os.listdir(cold.work) == []
    assert kinds(cold) == ["bytecode", "interpreter", "wheel"]
    before = info(cold)["entries"]
    cold.cvenv("-p", some_py.path, "env").quiet()
    assert [e["key"] for e in info(cold)["entries"]] == [e["key"] for e in before]
    assert any(name.endswith(".pyc") for name in trees.snapshot(cold.path("env")))


def test_warm_for_several(cold, newest):
    other = os.path.join(cold.root, "other")
    os.symlink(newest.path, other)
    said = cold.cvenv("--warm", "--json", "-p", newest.path, "-p", other, "--no-compile").ok().out
    first, second = (json.loads(line) for line in said.splitlines())
    assert first["base"] == newest.path
    assert second["base"] in (other, newest.path)
    assert first["version"] == second["version"]
    assert [p["name"] for p in first["packages"]][0] == "pip"
    assert kinds(cold) == ["interpreter", "wheel"]


def test_warm_without_pip_finds_out_what_the_python_is(cold, newest):
    cold.cvenv("--warm", "--without-pip", "-p", newest.path).quiet()
    assert kinds(cold) == ["interpreter"]


def test_warm_needs_a_cache(cold, newest):
    nowhere = {"CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": None, "HOME": None}
    cold.cvenv("--warm", "-p", newest.path, env=nowhere).refused("cache", "--cache-dir")
    runner.write(cold.root, "file", text="x")
    there = os.path.join(cold.root, "file")
    result = cold.cvenv("--warm", "-p", newest.path, "--cache-dir", there)
    assert result.rc == 1 and "cvenv: error: no cache to fill" in result.err
    cold.cvenv("--warm", "-p", "/nonexistent").refused("/nonexistent")


def test_info_lists_each_entry(cold, newest):
    cold.cvenv("--warm", "-p", newest.path).quiet()
    said = info(cold)
    assert said["exists"] and said["dir"] == os.path.join(cold.cache, "v1")
    assert said["bytes"] == sum(e["bytes"] for e in said["entries"]) > 0
    for entry in said["entries"]:
        assert abs(entry["last_used"] - time.time()) < 2 * DAY
    pythons = [e for e in said["entries"] if e["kind"] == "interpreter"]
    assert [e["python"] for e in pythons] == [newest.path]
    wheel = [e for e in said["entries"] if e["kind"] == "wheel" and e["name"] == "pip"]
    assert len(wheel) == 1
    text = cold.cvenv("--cache-info").ok().out.splitlines()
    assert len(text) == 1 + len(said["entries"])
    assert any("pip " + wheel[0]["version"] in line for line in text)


def test_clean_all(cold, newest):
    cold.cvenv("-p", newest.path, "env").quiet()
    before = trees.snapshot(cold.path("env"))
    said = json.loads(cold.cvenv("--cache-clean", "--json").ok().out)
    assert said["entries"] >= 2
    assert info(cold)["entries"] == []
    cold.cvenv("-q", "--cache-clean").quiet()
    assert trees.snapshot(cold.path("env")) == before
    assert cold.run([cold.path("env", "bin", "pip"), "--version"]).ok()
    cold.cvenv("-p", newest.path, "two").quiet()


def test_clean_unused_entries(cold, newest):
    """In a cache of two Pythons, of which one was last used a month ago."""
    cold.cvenv("--warm", "--without-pip", "-p", newest.path).quiet()
    info = os.path.join(cold.cache, "v1", "info")
    (name,) = os.listdir(info)
    os.utime(os.path.join(info, name), (0, time.time() - 30 * DAY))
    cold.cvenv("--cache-clean=31").ok()
    assert os.listdir(info) == [name]
    assert cold.cvenv("--cache-clean=29").ok().out.startswith("Removed 1 entry, ")
    assert os.listdir(info) == []


@pytest.mark.parametrize(
    "argv, words",
    [
        (["--warm", "env"], ["env", "--warm"]),
        (["--cache-info", "env"], ["env", "--cache-info"]),
        (["--cache-clean", "30"], ["--cache-clean=DAYS"]),
        (["--cache-clean="], ["--cache-clean", "''"]),
        (["--cache-clean=-1"], ["--cache-clean", "'-1'"]),
        (["--cache-clean=1d"], ["--cache-clean", "'1d'"]),
        (["--cache-clean=99999999999999999999"], ["--cache-clean"]),
        (["--warm", "--cache-clean"], ["--warm", "--cache-clean"]),
        (["--cache-clean", "--cache-info"], ["--cache-info", "--cache-clean"]),
        (["--warm", "--dry-run"], ["--dry-run", "--warm"]),
        (["--cache-info=x"], ["--cache-info", "'x'"]),
    ],
)
def test_wrong_usage(box, argv, words):
    box.cvenv(*argv).refused(*words, rc=2)
    assert os.listdir(box.work) == []


def test_clean_refuses_foreign_directories(cold):
    kept = runner.write(cold.root, "photos", "v1", "wheels", "a.jpg", text="x")
    os.chmod(os.path.join(cold.root, "photos"), 0o700)
    there = os.path.join(cold.root, "photos")
    cold.cvenv("--cache-clean", "--cache-dir", there)
    assert os.path.exists(kept)


# ---------------------------------------------------------------- stdout that fails


def gone(box, *argv):
    """The exit status when the reader has closed stdout."""
    reader, writer = os.pipe()
    os.close(reader)
    child = box.start([box.command, *argv], stdout=writer)
    os.close(writer)
    err = child.communicate()[1]
    return child.returncode, err.decode()


@pytest.mark.parametrize("argv", [["--cache-info"], ["-h"], ["--dry-run", "env"]])
def test_closed_pipe_behind_stdout(box, newest, argv):
    assert gone(box, *argv, "-p", newest.path) == (-signal.SIGPIPE, "")


def test_closed_pipe_where_sigpipe_is_ignored(box):
    for option in ("-h", "--cache-info"):
        script = 'trap "" PIPE; exec "$@"'
        reader, writer = os.pipe()
        os.close(reader)
        child = box.start(["/bin/sh", "-c", script, "sh", box.command, option], stdout=writer)
        os.close(writer)
        said = child.communicate()[1].decode()
        assert child.returncode == 1
        assert said == "cvenv: error: cannot write to stdout: Broken pipe\n"


@pytest.mark.parametrize("argv", [["-h"], ["--version"], ["--cache-info"], ["--dry-run", "env"]])
def test_full_disk_behind_stdout(box, newest, argv):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        child = box.start([box.command, *argv, "-p", newest.path], stdout=full)
        err = child.communicate()[1].decode()
    assert child.returncode == 1
    assert err == "cvenv: error: cannot write to stdout: No space left on device\n"


@pytest.mark.parametrize("how", [">/dev/full", ">&-", "| true"])
def test_output_that_fails_does_not_hide_that_the_environment_exists(box, newest, how):
    """The first is there and said to be; the second is not begun."""
    if how == ">/dev/full" and not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    script = '"$@" %s; exit ${PIPESTATUS:-$?}' % how
    for action, args in (("created", []), ("updated", []), ("recreated", ["--clear"])):
        argv = ["-p", newest.path, "--without-pip", "--json", *args, "a", "b"]
        if how == "| true":
            rc, err = gone(box, *argv)
        else:
            result = box.run(["/bin/sh", "-c", script, "sh", box.command, *argv])
            rc, err = result.rc, result.err
        said = "cvenv: error: environment '%s' was %s, but cannot write to stdout: " % (
            box.path("a"),
            action,
        )
        assert rc == 1 and err.startswith(said) and err.count("\n") == 1, (rc, err)
        assert runner.environments(box.work) == {"a"}


def test_output_that_fails_does_not_hide_what_was_done_to_the_cache(cold, newest):
    for argv, done in (
        (["--warm", "--json", "-p", newest.path, "--no-compile"], "the cache was filled"),
        (["--cache-clean", "--json"], "the cache was cleaned"),
    ):
        rc, err = gone(cold, *argv)
        assert (rc, err) == (
            1,
            "cvenv: error: %s, but cannot write to stdout: Broken pipe\n" % done,
        )


# ---------------------------------------------------------------- dates in the future


def dated(box, days):
    """Every entry of the cache, last used so many days from now."""
    when = int(time.time()) + days * 24 * 3600
    for place, _, files in os.walk(os.path.join(box.cache, "v1")):
        for name in files:
            os.utime(os.path.join(place, name), (when, when))


def test_entry_dated_in_the_future_can_be_cleaned(cold, newest):
    """A time in the future comes from a wrong clock; a slightly fast clock is accepted."""
    cold.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    dated(cold, 0.5)
    assert "Removed 0 entries" in cold.cvenv("--cache-clean=30").ok().out
    dated(cold, 400)
    assert "dated in the future" in cold.cvenv("--cache-info").ok().out
    assert "Removed 1 entry" in cold.cvenv("--cache-clean=30").ok().out


def test_use_corrects_a_date_in_the_future(cold, newest):
    cold.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    dated(cold, 400)
    cold.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    assert "today" in cold.cvenv("--cache-info").ok().out
    assert "Removed 0 entries" in cold.cvenv("--cache-clean=30").ok().out
