# SPDX-License-Identifier: MIT
"""Interrupted or read at any moment, or run twice at a time: there is never half an environment."""

import os
import random
import signal
import subprocess
import threading
import time

import pytest

import runner
import trees
from session import NIGHTLY

TURNS = 300 if NIGHTLY else 12


def argv_of(box, py, *args):
    return [box.command, "-p", py.path, *args, box.path("env")]


def duration(box, py, *args):
    start = time.monotonic()
    box.run(argv_of(box, py, *args)).quiet()
    runner.wipe(box.path("env"))
    return time.monotonic() - start


def shape(path):
    """Names, kinds and contents, except contents that depend on the time."""
    return {n: (d.kind, d.target, d.digest) for n, d in trees.snapshot(path).items()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
def test_a_new_one_is_interrupted(box, newest, number):
    box.run(argv_of(box, newest)).quiet()
    whole = shape(box.path("env"))
    runner.wipe(box.path("env"))
    length = duration(box, newest) * 1.1
    chance = random.Random(number)
    died = turn = 0
    turns = TURNS if number == signal.SIGTERM else TURNS // 2
    # On a busy machine many signals come too late: go on until enough have come in time.
    while turn < turns or (died <= TURNS // 12 and turn < 20 * turns):
        turn += 1
        child = box.start(argv_of(box, newest))
        time.sleep(chance.uniform(0, length))
        child.send_signal(number)
        out, err = child.communicate(timeout=60)
        result = box.result(child, out, err)
        if result.rc == 0:
            assert os.listdir(box.work) == ["env"], str(result)
            assert os.path.exists(box.path("env", "bin", "pip"))
            runner.wipe(box.path("env"))
        else:
            died += 1
            assert result.rc == -number, str(result)
            # Nothing, or all of it, when the signal came between the renaming and the end.
            if os.listdir(box.work):
                assert os.listdir(box.work) == ["env"], str(result)
                assert shape(box.path("env")) == whole, str(result)
                runner.wipe(box.path("env"))
    assert died > TURNS // 12
    box.run(argv_of(box, newest)).quiet()


@pytest.mark.parametrize(
    "args", [["--clear"], ["--upgrade"], []], ids=["clear", "upgrade", "again"]
)
def test_an_old_one_survives(box, newest, args):
    """ENV_DIR is the old environment or the new one."""
    box.run(argv_of(box, newest, "--prompt", "old")).quiet()
    foreign = runner.write(box.work, "env", "foreign", text="x")
    old = shape(box.path("env"))
    start = time.monotonic()
    box.run(argv_of(box, newest, *args, "--prompt", "new")).quiet()
    length = (time.monotonic() - start) * 1.1
    new = shape(box.path("env"))
    chance = random.Random(7)
    for _ in range(TURNS // 3):
        runner.wipe(box.path("env"))
        box.run(argv_of(box, newest, "--prompt", "old")).quiet()
        runner.write(foreign, text="x")
        child = box.start(argv_of(box, newest, *args, "--prompt", "new"))
        time.sleep(chance.uniform(0, length))
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=60)
        result = box.result(child, out, err)
        assert result.rc in (0, -signal.SIGTERM), str(result)
        assert os.listdir(box.work) == ["env"], str(result)
        now = shape(box.path("env"))
        if result.rc == 0:
            assert now == new, str(result)
        elif "--clear" in args:
            assert now in (old, new), str(result)
        else:
            # Files are replaced one by one; each is the old one or the new one.
            assert now.keys() == old.keys() | new.keys(), str(result)
            assert all(now[n] in (old.get(n), new.get(n)) for n in now), str(result)


def test_killed_and_swept(cold, newest):
    """After SIGKILL something may lie about; the next run clears it away."""
    length = duration(cold, newest) * 1.1
    chance = random.Random(9)
    for _ in range(TURNS):
        child = cold.start(argv_of(cold, newest))
        time.sleep(chance.uniform(0, length))
        child.kill()
        child.communicate(timeout=60)
        assert all(n == "env" or n.startswith(".cvenv-") for n in os.listdir(cold.work))
        if "env" in os.listdir(cold.work):
            assert os.path.exists(cold.path("env", "bin", "pip"))
            runner.wipe(cold.path("env"))
    cold.run(argv_of(cold, newest)).quiet()
    assert os.listdir(cold.work) == ["env"]
    said = cold.run([cold.path("env", "bin", "pip"), "check"])
    assert said.rc == 0, str(said)


def test_killed_while_clearing(cold, newest):
    cold.run(argv_of(cold, newest)).quiet()
    chance = random.Random(11)
    start = time.monotonic()
    cold.run(argv_of(cold, newest, "--clear")).quiet()
    length = (time.monotonic() - start) * 1.1
    for _ in range(TURNS // 2):
        child = cold.start(argv_of(cold, newest, "--clear"))
        time.sleep(chance.uniform(0, length))
        child.kill()
        child.communicate(timeout=60)
        assert os.path.exists(cold.path("env", "pyvenv.cfg"))
        assert cold.says(cold.path("env"))["sys.prefix"] == cold.path("env")
        assert os.path.exists(cold.path("env", "bin", "pip"))
    cold.run(argv_of(cold, newest, "--clear")).quiet()
    assert os.listdir(cold.work) == ["env"]


def test_ignored_signals_stay_ignored(box, newest):
    """nohup cvenv ..."""
    child = box.start(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *argv_of(box, newest)])
    for _ in range(20):
        time.sleep(0.01)
        if child.poll() is None:
            child.send_signal(signal.SIGHUP)
    out, err = child.communicate(timeout=60)
    # The shell may not have come to its trap yet when the first signal arrived.
    assert child.returncode in (0, -signal.SIGHUP), err
    assert os.listdir(box.work) == (["env"] if child.returncode == 0 else [])


class Watcher(threading.Thread):
    """Looks for env all the time; once it is there, all of it must be."""

    def __init__(self, path, must_have):
        super().__init__(daemon=True)
        self.path, self.must_have = path, must_have
        self.seen, self.lacking, self.stop = 0, set(), False

    def run(self):
        while not self.stop:
            before = self.inode()
            lacking = [n for n in self.must_have if not os.path.lexists(os.path.join(self.path, n))]
            # Only when env was one and the same all the while: it is renamed away between runs.
            if before is not None and before == self.inode():
                self.seen += 1
                self.lacking.update(lacking)
            else:
                time.sleep(0)

    def inode(self):
        try:
            return os.stat(self.path).st_ino
        except FileNotFoundError:
            return None


def test_readers_see_a_complete_environment(box, newest):
    site = "lib/%s/site-packages/pip/__init__.py" % newest.lib_name
    watcher = Watcher(
        box.path("env"), ["bin/python", "bin/pip", "bin/activate", site, "pyvenv.cfg"]
    )
    watcher.start()
    for _ in range(5):
        box.run(argv_of(box, newest)).quiet()
        os.rename(box.path("env"), box.path("away"))
        runner.wipe(box.path("away"))
    watcher.stop = True
    watcher.join()
    assert watcher.seen
    assert watcher.lacking == set()


@pytest.mark.parametrize("args", [[], ["--clear"]], ids=["new", "clear"])
def test_two_at_one_directory(box, newest, args):
    """One wins; the others find it done. Never a mixture, never something left."""
    box.run(argv_of(box, newest)).quiet()
    expected = shape(box.path("env"))
    expected.pop("pyvenv.cfg")
    for _ in range(6):
        if not args:
            runner.wipe(box.path("env"))
        children = [box.start(argv_of(box, newest, *args)) for _ in range(4)]
        results = []
        for child in children:
            out, err = child.communicate(timeout=120)
            results.append(box.result(child, out, err))
        assert all(r.rc == 0 for r in results), "\n".join(map(str, results))
        got = shape(box.path("env"))
        got.pop("pyvenv.cfg")
        assert got == expected
        assert os.listdir(box.work) == ["env"]


def test_a_foreign_directory_that_appears_meanwhile_is_not_destroyed(box, newest):
    """Another process creates ENV_DIR at the same time: its files are kept."""
    length = duration(box, newest)
    chance = random.Random(13)
    for _ in range(TURNS // 2):
        child = box.start(argv_of(box, newest))
        time.sleep(chance.uniform(0, length))
        try:
            os.mkdir(box.path("env"))
            theirs = runner.write(box.work, "env", "theirs", text="precious")
        except FileExistsError:
            theirs = None
        out, err = child.communicate(timeout=60)
        result = box.result(child, out, err)
        if theirs:
            assert runner.read(theirs) == "precious", str(result)
        result.ok()
        assert os.listdir(box.work) == ["env"], str(result)
        runner.wipe(box.path("env"))


def test_the_terminal_gets_its_signal(box, newest):
    """Ctrl-C reaches the whole group: a probe or a compiler that runs must not survive."""
    child = box.start(argv_of(box, newest, "--compile"), start_new_session=True)
    time.sleep(0.05)
    os.killpg(child.pid, signal.SIGINT)
    child.communicate(timeout=60)
    time.sleep(0.3)
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)


def test_a_python_that_leaves_its_group_does_not_survive(box, newest):
    """The process group is killed, and the process itself."""
    mark = os.path.join(box.root, "mark")
    fake = runner.write(
        box.root,
        "fake",
        "python3",
        text="#!%s\nimport os, time\nos.setpgid(0, os.getpgid(os.getppid()))\n"
        "open(%r, 'w').write(str(os.getpid()))\ntime.sleep(300)\n" % (newest.path, mark),
        mode=0o755,
    )
    child = box.start([box.command, "-p", fake, "env"])
    deadline = time.monotonic() + 30
    while not (os.path.exists(mark) and runner.read(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=30) == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(runner.read(mark)), 0)


def test_sigpipe_is_an_error_not_a_death(box, newest):
    reader, writer = os.pipe()
    os.close(reader)
    child = box.start([box.command, "-p", newest.path, "--json", "env"], stdout=writer)
    os.close(writer)
    _, err = child.communicate(timeout=60)
    assert child.returncode in (1, -signal.SIGPIPE), err


def test_stdin_is_not_read(box, newest):
    child = box.start(argv_of(box, newest), stdin=subprocess.PIPE)
    out, err = child.communicate(b"x" * 10, timeout=60)
    box.result(child, out, err).quiet()
