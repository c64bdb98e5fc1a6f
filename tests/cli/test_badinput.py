# SPDX-License-Identifier: MIT
"""Bad input and surroundings: one clear line, exit status 1, no new files and no lost ones."""

import os
import random
import shutil
import time

import pytest

import bases
import runner
import trees
from runner import env_works


def refused(box, *args, words=(), **more):
    """The command fails with one line, and all below the box (its cache apart) is as before."""

    def state():
        return {n: d for n, d in trees.listing(box.root).items() if n.split("/")[0] != "cache"}

    before = state()
    result = box.cvenv(*args, **more)
    result.refused(*words)
    after = state()
    assert after == before, str(result)
    return result


# ---------------------------------------------------------------- the Python


@pytest.mark.parametrize(
    "python",
    [
        "/nonexistent/python3",
        "no-such-python",
        "python9.99",
        "9.99",
        "99",
        "3.8.99999",
        ".",
        "/dev",
        "/etc/passwd",
        "/dev/null",
        "relative/none",
        "3.x",
        "x" * 5000,
        "a\nb",
    ],
    ids=lambda p: repr(p[:20]),
)
def test_no_such_python(box, python):
    refused(box, "-p", python, "env")


def test_no_such_python_is_named_with_a_hint(box):
    result = refused(box, "-p", "python9.99", "env", words=["9.99"])
    assert result.err.rstrip().endswith(")"), result.err


def test_no_python_at_all(box):
    refused(box, "env", env={"PATH": box.bin})
    refused(box, "env", env={"PATH": ""})


def test_cvenv_python_that_does_not_exist(box):
    refused(box, "env", env={"CVENV_PYTHON": "/nonexistent"}, words=["/nonexistent"])


def test_a_python_that_is_too_old(box, old_pythons):
    if not old_pythons:
        pytest.skip("no Python below 3.8 here")
    for path in old_pythons:
        refused(box, "-p", path, "env", words=[path, "3.8"])


@pytest.mark.parametrize(
    "text",
    [
        "exit 0",
        "exit 3",
        "echo Python 3.12.1",
        "echo usage: what >&2; exit 2",
        "printf 'a\\0b\\0c\\0'",
        "printf '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'",
        "head -c 20000000 /dev/zero",
        "head -c 20000000 /dev/zero | tr '\\0' x",
        "yes",
        "head -c 100000 /dev/urandom",
        "printf 'line\\nline\\n' >&2; exit 1",
        "printf 'bad \\033[31m\\377 text\\n' >&2; exit 1",
        "kill -9 $$",
        "kill -SEGV $$",
        "exec 1>&-; exit 0",
        "cat >/dev/null",
        'exec "$0.none"',
    ],
)
def test_files_that_are_not_a_python(box, text):
    path = bases.script(os.path.join(box.root, "fake", "python3"), text)
    start = time.monotonic()
    refused(box, "-p", path, "env", words=[path])
    assert time.monotonic() - start < 12


@pytest.mark.parametrize("name", ["ls", "cat", "sh", "true", "sort", "cp", "chmod", "mkdir"])
def test_other_programs_are_refused_as_python(box, name):
    """Its complaint about cvenv's probe script is not printed: it does not help the user."""
    result = refused(box, "-p", "/bin/" + name, "env", words=["/bin/" + name])
    assert len(result.err) < 200 and "import" not in result.err, result.err
    assert box.cvenv("-p", "/bin/" + name, "--dry-run", "env").rc == 1
    assert os.listdir(box.work) == []


def test_an_answer_that_is_changed_at_random(cold, newest):
    """The probe's answer is hostile text: changed anywhere, it is refused or harmless."""
    real = os.path.join(cold.root, "answer")
    fake = os.path.join(cold.root, "fake", "python3")
    record = 'exec "%s" "$@" | tee "%s"' % (newest.path, real)
    bases.script(fake, record)
    cold.cvenv("-p", fake, "--without-pip", "first")
    if not os.path.exists(real):
        pytest.skip("the probe does not answer on stdout")
    with open(real, "rb") as f:
        answer = f.read()
    assert answer
    chance = random.Random(3)
    path = os.path.join(cold.root, "changed")
    # What a hostile answer names is not looked for in the real places: this Python answers alone.
    bases.script(fake, 'cat "%s"' % path)
    for _ in range(25):
        data = bytearray(answer)
        kind = chance.randrange(3)
        at = chance.randrange(len(data))
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 40)]
        else:
            data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
        with open(path, "wb") as f:
            f.write(data)
        result = cold.cvenv("-p", fake, "--without-pip", "env")
        assert result.rc in (0, 1), str(result)
        if result.rc:
            result.refused()
            assert not os.path.lexists(cold.path("env")), str(result)
        runner.wipe(cold.path("env"))
        assert set(os.listdir(cold.work)) <= {"first"}, str(result)


def test_a_python_that_hangs(box):
    """Ten seconds are enough for any Python; its children go with it."""
    mark = os.path.join(box.root, "pid")
    path = bases.script(
        os.path.join(box.root, "fake", "python3"), 'echo $$ >"%s"; sleep 300; exit 0' % mark
    )
    start = time.monotonic()
    box.cvenv("-p", path, "env", timeout=40).refused(path)
    assert time.monotonic() - start < 20
    assert os.listdir(box.work) == []
    pid = int(runner.read(mark))
    time.sleep(0.2)
    status = "/proc/%d/stat" % pid
    assert not os.path.exists(status) or runner.read(status).split()[2] == "Z"


def test_a_python_that_is_not_executable(box):
    path = runner.write(box.root, "fake", "python3", text="#!/bin/sh\n", mode=0o644)
    refused(box, "-p", path, "env", words=[path])


def test_a_python_in_a_loop_of_links(box):
    os.symlink("b", os.path.join(box.bin, "a"))
    os.symlink("a", os.path.join(box.bin, "b"))
    refused(box, "-p", os.path.join(box.bin, "a"), "env")


def test_a_base_without_wheels(cold, newest):
    base = bases.without_wheels(newest, os.path.join(cold.root, "base"))
    result = refused(cold, "-p", base, "env", words=["pip"])
    assert "--wheel-dir" in result.err or "--without-pip" in result.err, result.err
    cold.cvenv("-p", base, "--without-pip", "env").quiet()


def test_base_of_the_environment_was_deleted(box, newest):
    base = bases.without_wheels(newest, os.path.join(box.root, "base"))
    box.run([base, "-m", "venv", "--without-pip", os.path.join(box.root, "outer")]).ok()
    shutil.rmtree(os.path.join(box.root, "base"))
    refused(box, "-p", os.path.join(box.root, "outer", "bin", "python"), "env")


# ---------------------------------------------------------------- ENV_DIR


@pytest.mark.parametrize("args", [[], ["--clear"], ["--upgrade"]], ids=["new", "clear", "upgrade"])
def test_env_dir_is_a_file(box, newest, args):
    runner.write(box.work, "env", text="precious")
    refused(box, "-p", newest.path, *args, "env", words=[box.path("env")])
    refused(box, "-p", newest.path, *args, "env/", words=[box.path("env")])
    refused(box, "-p", newest.path, *args, "env/sub", words=[box.path("env")])


def test_env_dir_is_a_pipe_or_device(box, newest):
    os.mkfifo(box.path("env"))
    refused(box, "-p", newest.path, "env", timeout=20)
    refused(box, "-p", newest.path, "--clear", "env", timeout=20)
    refused(box, "-p", newest.path, "/dev/null")


def test_env_dir_with_a_path_separator(box, py):
    """For every base, and before --clear."""
    os.mkdir(box.path("a:b"))
    runner.write(box.work, "a:b", "precious", text="x")
    refused(box, "-p", py.path, "--clear", "a:b", words=["a:b"])
    refused(box, "-p", py.path, "x/c:d", words=["c:d"])
    refused(box, "-p", py.path, "env", cwd=box.path("a:b"), words=["a:b"])


@pytest.mark.parametrize(
    "name", [b"\xff", b"a/\xe9t\xe9", b"\xed\xa0\x80", b"\xc0\xaf", b"e\xff/x"]
)
def test_env_dir_that_is_not_utf8(box, newest, name):
    refused(box, "-p", newest.path, "--clear", name)


def test_current_directory_that_is_not_utf8(box, newest):
    cwd = os.path.join(os.fsencode(box.work), b"\xff")
    os.mkdir(cwd)
    refused(box, "-p", newest.path, "env", cwd=cwd)


@pytest.mark.parametrize("prompt", [b"\xff", "é" * 16000], ids=["not UTF-8", "too long"])
def test_prompt_that_python_cannot_read_back(box, newest, prompt):
    refused(box, "-p", newest.path, "--prompt", prompt, "env", words=["prompt"])


@pytest.mark.parametrize("length", [256, 300, 5000])
def test_name_too_long(box, newest, length):
    refused(box, "-p", newest.path, "x" * length)
    refused(box, "-p", newest.path, "new/" + "x" * length + "/env")


def test_path_too_long(box, newest):
    refused(box, "-p", newest.path, "/".join(["d" * 200] * 30))


def test_path_too_long_for_the_files_of_an_environment(box, newest):
    """It can be made, but not filled: nothing may be left, the parents neither."""
    room = 4085 - len(box.work) - 1
    parts = []
    while room > 0:
        parts.append("d" * min(200, room))
        room -= len(parts[-1]) + 1
    path = "/".join(parts)
    refused(box, "-p", newest.path, path, words=["too long"])
    refused(box, "-p", newest.path, "--without-pip", path, words=["too long"])
    assert os.listdir(box.work) == []
    while len(os.path.join(box.work, path)) > 3900:
        path = os.path.dirname(path)
    assert "too long for the first line" in box.cvenv("-p", newest.path, path).ok().err


def test_deleted_current_directory(box, newest):
    gone = os.path.join(box.root, "gone")
    os.mkdir(gone)
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    for args in (["env"], ["--prompt", ".", box.path("env")], []):
        os.makedirs(gone, exist_ok=True)
        argv = ["sh", "-c", script, "sh", gone, box.command, "-p", newest.path, *args]
        box.run(argv).refused()
    argv = ["sh", "-c", "mkdir " + gone + ";" + script, "sh", gone, box.command, "-p", newest.path]
    box.run([*argv, box.path("env")]).quiet()


def test_unwritable(user_box):
    box, py, before = user_box
    os.mkdir(box.path("ro"))
    os.chmod(box.path("ro"), 0o555)
    refused(box, "-p", py.path, "ro/env", before=before, words=[box.path("ro")])
    os.chmod(box.path("ro"), 0o755)
    os.mkdir(box.path("ro", "env"))
    os.chmod(box.path("ro", "env"), 0o555)
    refused(box, "-p", py.path, "ro/env", before=before)
    if before:  # root's; a directory of one's own can be exchanged, whatever its mode
        refused(box, "-p", py.path, "--clear", "ro/env", before=before)


def test_an_environment_with_an_unwritable_part(user_box):
    """What cannot be replaced is found before anything is."""
    box, py, before = user_box
    box.cvenv("-p", py.path, "env", before=before).quiet()
    os.chown(box.path("env", "bin"), os.geteuid(), os.getegid())
    os.chmod(box.path("env", "bin"), 0o555)
    refused(box, "-p", py.path, "--prompt", "new", "env", before=before)
    refused(box, "-p", py.path, "--upgrade", "--prompt", "new", "env", before=before)


def test_unreadable_parent(user_box):
    box, py, before = user_box
    os.mkdir(box.path("dark"))
    os.chmod(box.path("dark"), 0o700 if before else 0)
    try:
        refused(box, "-p", py.path, "dark/env", before=before) if before else None
    finally:
        os.chmod(box.path("dark"), 0o755)


def test_parents_with_only_search_permission(user_box):
    """Execute without read permission is enough to go through."""
    box, py, before = user_box
    os.makedirs(box.path("x", "inside"))
    os.chmod(box.path("x", "inside"), 0o777)
    os.chmod(box.path("x"), 0o711)
    box.cvenv("-p", py.path, "x/inside/env", before=before).quiet()


# ---------------------------------------------------------------- the disk


class Small:
    """A file system that is soon full."""

    def __init__(self, box, options):
        self.box, self.at = box, os.path.join(box.root, "small")
        os.mkdir(self.at)
        argv = ["mount", "-t", "tmpfs", "-o", options, "none", self.at]
        if os.geteuid() != 0 or box.run(argv).rc:
            pytest.skip("a small file system cannot be mounted here (needs root)")

    def __enter__(self):
        return self.at

    def __exit__(self, *_):
        self.box.run(["umount", "-l", self.at])


@pytest.mark.parametrize("options", ["size=200k", "size=2m", "nr_inodes=20", "nr_inodes=200"])
def test_a_full_disk(box, newest, options):
    with Small(box, options) as at:
        result = box.cvenv("-p", newest.path, os.path.join(at, "env"))
        result.refused("No space left on device")
        assert os.listdir(at) == [], str(result)


def test_full_disk_keeps_the_old_environment(box, newest):
    with Small(box, "nr_inodes=1000") as at:
        env = os.path.join(at, "env")
        box.cvenv("-p", newest.path, env).quiet()
        for i in range(1000):
            try:
                runner.write(at, "fill", str(i), text="")
            except OSError:
                break
        before = trees.listing(at)
        box.cvenv("-p", newest.path, "--clear", env).refused("No space left on device")
        assert trees.listing(at) == before
        said = box.says(env)
        assert said["sys.prefix"] == env


def test_a_full_cache(cold, newest):
    with Small(cold, "size=300k") as at:
        cold.cache = os.path.join(at, "cache")
        said = cold.cvenv("-p", newest.path, "env").ok()
        assert "working without a cache: " in said.err
        env_works(cold, newest)


def test_a_read_only_disk(box, newest):
    with Small(box, "size=1m") as at:
        box.run(["mount", "-o", "remount,ro", at]).ok()
        env = os.path.join(at, "env")
        box.cvenv("-p", newest.path, env).refused("Read-only file system")


def test_a_file_size_limit(cold, newest):
    """SIGXFSZ must not kill it halfway."""
    argv = ["sh", "-c", 'ulimit -f 20; exec "$@"', "sh", cold.command, "-p", newest.path, "env"]
    result = cold.run(argv)
    assert result.rc in (0, 1), str(result)
    if result.rc:
        assert os.listdir(cold.work) == [], str(result)


def test_few_file_descriptors(cold, newest):
    argv = ["sh", "-c", 'ulimit -n 24; exec "$@"', "sh", cold.command, "-p", newest.path, "env"]
    result = cold.run(argv)
    if result.rc:
        result.refused()
        assert os.listdir(cold.work) == [], str(result)
    else:
        env_works(cold, newest)


def test_closed_standard_streams(box, newest):
    """No file that cvenv opens may get descriptor 0, 1 or 2."""
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        argv = ["sh", "-c", 'exec "$@" ' + closed, "sh", box.command, "-p", newest.path, "env"]
        result = box.run(argv)
        assert result.rc == 0, str(result)
        env_works(box, newest)
        runner.wipe(box.path("env"))


def test_output_that_cannot_be_written(box, newest):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        for args in (["--json"], ["--dry-run"], ["--help"], ["--version"]):
            child = box.start([box.command, "-p", newest.path, *args, "env"], stdout=full)
            _, err = child.communicate(timeout=60)
            assert child.returncode == 1, (args, err)
