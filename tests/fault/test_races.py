# SPDX-License-Identifier: MIT
"""Many processes with one ENV_DIR or one empty cache, and a process that reads all the time."""

import os
import threading
import time

import pytest

import runner
import scenarios
import world
from session import NIGHTLY

CROWD = 50 if NIGHTLY else 16
TURNS = 10 if NIGHTLY else 2
TRIES = 12


class Reader(threading.Thread):
    """While ENV_DIR is the same directory, it must be complete."""

    def __init__(self, path, expected):
        super().__init__(daemon=True)
        self.path, self.expected = path, expected
        self.stop, self.looks, self.wrong = False, 0, set()

    def identity(self):
        try:
            st = os.lstat(self.path)
        except FileNotFoundError:
            return None
        return st.st_dev, st.st_ino, st.st_ctime_ns

    def run(self):
        while not self.stop:
            before = self.identity()
            lacking = [n for n in self.expected if not os.path.lexists(os.path.join(self.path, n))]
            if before is None or before[:2] != (self.identity() or (0, 0))[:2]:
                time.sleep(0)
                continue
            self.looks += 1
            self.wrong.update(lacking)


def crowd(here, argvs):
    """All succeed, one after the other or by finding it done; their exit statuses and messages."""
    children = [here.start(argv) for argv in argvs]
    ends = []
    for child in children:
        _, err = child.communicate(timeout=world.TIME_LIMIT)
        ends.append((child.returncode, err.decode()))
    assert {rc for rc, _ in ends} == {0}, ends


def names_below(state, env):
    return [n[len(env) + 1:] for n in state if n.startswith(env + "/")]


@pytest.mark.parametrize(
    "name", ["new", "nested", "clear", "clear inside", "again", "upgrade", "cold"]
)
def test_a_crowd_at_one_directory(make_world, points, name):
    here = make_world(scenarios.BY_NAME[name])
    for _ in range(TURNS):
        here.restore()
        env = here.scenario.envs[0]
        whole = set(names_below(here.new, env))
        stays = whole
        if name not in ("new", "nested"):  # the old one, then one new one after the other, or file by file
            stays = whole & set(names_below(here.old, env))
        if name == "clear inside":  # neither, for a moment
            stays = set()
        reader = Reader(here.work(env), sorted(stays))
        reader.start()
        crowd(here, [here.argv(here.scenario.args)] * CROWD)
        reader.stop = True
        reader.join()
        assert not reader.wrong, sorted(reader.wrong)[:5]
        assert here.state() == here.new
        assert here.temporaries() == []
        assert here.cache_state() == here.cache
    points("processes in a crowd", CROWD * TURNS)


@pytest.mark.parametrize("name", ["cold", "cold compile"])
def test_a_crowd_at_one_empty_cache(make_world, points, name):
    here = make_world(scenarios.BY_NAME[name])
    crowd_size = CROWD if name == "cold" or NIGHTLY else CROWD // 4
    args = [a for a in here.scenario.args if a != "env"]
    argvs = [here.argv([*args, "env%d" % n]) for n in range(crowd_size)]
    crowd(here, argvs)
    state = here.state()
    for n in range(crowd_size):
        assert names_below(state, "env%d" % n) == names_below(here.new, "env")
    assert here.temporaries() == []
    assert here.cache_state() == here.cache
    points("processes in a crowd", crowd_size)


DIFFERENT = [["--prompt", word, *more] for word in ("one", "two") for more in ([], ["--clear"])]


def differences(now, wanted):
    return [sorted(n for n in {*now, *w} if now.get(n) != w.get(n))[:5] for w in wanted]


def test_processes_with_different_options(make_world, points):
    """One after the other: in the end all of it is what one of them makes, never a mixture."""
    here = make_world(scenarios.BY_NAME["again"])
    wanted = []
    for last in DIFFERENT:
        for first in ([], ["--clear"]):
            here.restore()
            for how in (first, last):
                rc, err = here.run(here.argv([*scenarios.NEW, *how, "env"]))
                assert rc == 0, err
            wanted.append(here.state())
    turns = 100 if NIGHTLY else 15
    for _ in range(turns):
        here.restore()
        crowd(here, [here.argv([*scenarios.NEW, *how, "env"]) for how in DIFFERENT])
        now = here.state()
        assert now in wanted, differences(now, wanted)
        assert here.temporaries() == []
    points("processes in a crowd", turns * len(DIFFERENT))


@pytest.mark.parametrize(
    "name", ["new", "nested", "clear", "clear inside", "overlay", "again", "upgrade", "cold"]
)
def test_two_at_every_moment(make_world, chance, points, name):
    """One process stops before its n-th call; meanwhile another one does the same work, or waits."""
    here = make_world(scenarios.BY_NAME[name])
    numbers = [call.number for call in here.calls()]
    if not NIGHTLY:
        numbers = chance.sample(numbers, TRIES)
    other = " ".join("'%s'" % a for a in here.argv(here.scenario.args))
    other = "CVENV_LOCK_TIMEOUT=0 %s || test $? = 1" % other  # the first one has the lock
    for number in numbers:
        outcome = here.disturbed(number, "run:" + other)
        assert outcome.rc == 0, str(outcome)
        assert outcome.now == here.new, str(outcome)
        assert outcome.left == [], str(outcome)
        assert here.cache_state() == here.cache, str(outcome)
        here.restore()
    points("two at a time", len(numbers))


@pytest.mark.parametrize("name", ["new", "nested"])
def test_another_tool_makes_the_directory_meanwhile(make_world, chance, points, name):
    """It is used like an existing directory, and its content is kept."""
    here = make_world(scenarios.BY_NAME[name])
    env = here.scenario.envs[0]
    calls = here.calls()
    numbers = [call.number for call in calls]
    renames = [call.number for call in calls if call.name == "renameat2"]
    numbers = {*renames, *(numbers if NIGHTLY else chance.sample(numbers, TRIES // 2))}
    other = "mkdir -p '%s'; echo precious >'%s/theirs'" % (here.work(env), here.work(env))
    for number in sorted(numbers):
        outcome = here.disturbed(number, "run:" + other)
        assert outcome.rc == 0, str(outcome)
        assert runner.read(here.work(env), "theirs") == "precious\n", str(outcome)
        # A directory with files of others gets no CACHEDIR.TAG; one that they come into later has it.
        now, new = [
            {n: v for n, v in state.items() if n not in (env + "/theirs", env + "/CACHEDIR.TAG")}
            for state in (outcome.now, here.new)
        ]
        assert now == new and outcome.left == [], str(outcome)
        here.restore()
    points("two at a time", len(numbers))


# --- environments that exist ---

ENDED = "CVENV_LOCK_TIMEOUT=0 '{command}' {args} >/dev/null 2>&1; test $? -lt 2"
MEANWHILE = [
    ("new", "--remove env"),
    ("clear", "--remove env"),
    ("overlay", "--remove env"),
    ("clone", "--clone env copy"),
    ("clone", "--remove env"),
    ("move", "--move env copy"),
    ("move", "--move env other"),
    ("move", "--remove env"),
    ("remove", "--move env other"),
    ("remove", "--remove env"),
    ("repair", "--repair -p '{base}' env"),
    ("repair", "--move env other"),
    ("recreate", "--repair -p '{base}' --wheel-dir '{wheels}/new' env"),
    ("recreate", "--remove env"),
    ("pack", "--remove env"),
]


@pytest.mark.parametrize("name,args", MEANWHILE, ids=lambda x: x.replace("'", "").replace("/", "."))
def test_another_action_at_every_moment(make_world, chance, points, name, args):
    """Each environment is whole wherever it is afterwards, and none is lost that nobody removed."""
    here = make_world(scenarios.BY_NAME[name])
    numbers = [call.number for call in here.calls()]
    if not NIGHTLY:
        numbers = chance.sample(numbers, TRIES // 2)
    args = args.format(**here.places)
    script = ENDED.format(command=here.command, args=args)
    envs = ["env", *here.scenario.envs]
    for number in numbers:
        outcome = here.disturbed(number, "run:" + script)
        # What a repair has not repaired it says on stdout.
        assert outcome.rc == 0 or "cvenv: error: " in outcome.err or name.startswith("re"), str(outcome)
        now = outcome.now
        for env in envs:
            allowed = ({}, here.parts(here.old, env), here.parts(here.new, env))
            assert here.parts(now, env) in allowed, "%s: %s" % (env, outcome)
        if "other" in now:
            whole = [sorted(names_below(s, e)) for s in (here.old, here.new) for e in envs]
            assert sorted(names_below(now, "other")) in whole, str(outcome)
        if "remove" not in name + args:
            assert any(e in now for e in (*envs, "other")), str(outcome)
        assert outcome.left == [], str(outcome)
        here.restore()
    points("two at a time", len(numbers))


@pytest.mark.parametrize("name", ["clone", "move", "pack directory"])
def test_the_source_changes_meanwhile(make_world, chance, points, name):
    """The result has all of a change or nothing, and it is lost nowhere."""
    here = make_world(scenarios.BY_NAME[name])
    numbers = [call.number for call in here.calls()]
    if not NIGHTLY:
        numbers = chance.sample(numbers, 2 * TRIES)
    dest = here.scenario.envs[0]
    own = "lib/%s/site-packages/own" % here.lib_name
    changed = here.path("changed")
    script = "cd env/%s 2>/dev/null || exit 0; echo y >.new; mv .new __init__.py; echo z >second.py; touch '%s'" % (
        own, changed)
    for number in numbers:
        outcome = here.disturbed(number, "run:" + script)
        assert outcome.rc == 0 or (outcome.rc == 1 and "cvenv: error: " in outcome.err), str(outcome)
        has = {}
        for env in ("env", dest):
            first = here.work(env, own, "__init__.py")
            if os.path.exists(first):
                has[env] = (runner.read(first) == "y\n", os.path.exists(here.work(env, own, "second.py")))
                assert len(set(has[env])) == 1, "%s: %s\n%s" % (env, has, outcome)
        assert has and outcome.left == [], str(outcome)
        if os.path.exists(changed):
            assert True in has.get("env", has.get(dest)), "%s\n%s" % (has, outcome)
            os.unlink(changed)
        here.restore()
    points("two at a time", len(numbers))
