# SPDX-License-Identifier: MIT
"""At each system call, it fails, or the command is interrupted or killed.

Afterwards ENV_DIR is the old one or the new one, every file of it; the exit status and the
message say which and why; and the next run succeeds and leaves nothing over. world.py knows what
that means where files are replaced one by one.
"""

import os

import pytest

import scenarios
import wheels
import world
from session import NIGHTLY

# Points of a scenario that are tried in a normal run.
SAMPLE = {"error": 45, "lasting": 14, "kill": 24, "signal": 12}
ACTIONS = {
    "error": world.ERRORS,
    "lasting": world.LASTING,
    "kill": ("SIGKILL",),
    "signal": world.SIGNALS,
}
SHOWN = 5


def possible(calls, actions):
    """(number, action): an error that lasts must meet a call that can give it."""
    last = {}
    for call in calls:
        for action in actions:
            if action[-1] != "+" or "+" + action in call.errors:
                last[action] = call.number
    return [
        (call.number, action)
        for call in calls
        for action in actions
        # Only ENOMEM is for memory: what else could mmap() say?
        if call.number <= last.get(action, 0) and (call.name != "mmap" or action == "ENOMEM")
    ]


@pytest.mark.parametrize("kind", ACTIONS)
@pytest.mark.parametrize("scenario", scenarios.SCENARIOS, ids=lambda s: s.name)
def test_old_or_new_and_nothing_left(make_world, scenario, kind, chance, points):
    here = make_world(scenario)
    chosen = possible(here.calls(), ACTIONS[kind])
    if not NIGHTLY:
        chosen = chance.sample(chosen, min(SAMPLE[kind], len(chosen)))
    wrong = []
    for number, action in chosen:
        outcome = here.disturbed(number, action)
        found = here.complaints(action, outcome)
        if found:
            wrong.append("%s: %s\n    %s" % (action, "\n    ".join(found), outcome))
        here.restore()
    points(kind, len(chosen))
    assert here.unharmed()
    assert not wrong, "%d of %d:\n%s" % (len(wrong), len(chosen), "\n".join(wrong[:SHOWN]))


def test_next_run_removes_leftovers(make_world, chance, points):
    """The next run with ENV_DIR deletes what a killed --clear left, whatever its options are."""
    here = make_world(scenarios.BY_NAME["clear"])
    numbers = [call.number for call in here.calls()]
    left = 0
    for number in numbers if NIGHTLY else chance.sample(numbers, 20):
        left += len(here.disturbed(number, "SIGKILL").left)
        rc, err = here.run(here.argv([*scenarios.NEW, "env"]))
        assert rc == 0, err
        assert here.temporaries() == []
        here.restore()
    points("kill", len(numbers) if NIGHTLY else 20)
    assert left


@pytest.mark.parametrize("end", ["sys.exit(3)", "os.kill(os.getpid(), 9)", "os.kill(os.getppid(), 9)",
                                 "os.kill(os.getppid(), 15)"])  # fmt: skip
def test_pip_ends_badly(make_world, monkeypatch, end):
    """It fails or is killed, or cvenv is: the old environment stays, and the next run replaces it."""
    here = make_world(scenarios.BY_NAME["recreate"])
    directory = os.path.join(here.places["wheels"], "new")
    path = os.path.join(directory, wheels.wheel_name("pip", "99.0"))
    os.rename(path, here.path("whole"))
    with monkeypatch.context() as m:
        m.setattr(wheels, "MAIN", b"import os, sys  # %s %s\n" + end.encode() + b"\n")
        wheels.write_wheel(directory)
    rc, err = here.run(here.argv(here.scenario.args))
    killed = "getppid" in end
    assert rc == (-int(end[-3:-1].strip(", ")) if killed else 1), err
    assert killed or "nothing was changed" in err
    assert here.state() == here.old
    assert here.temporaries() == [] or rc == -9
    os.rename(here.path("whole"), path)
    assert here.next_run_heals() is None
