# SPDX-License-Identifier: MIT
"""Another process puts links where the command works: it does not follow them.

The attacker may write to the parent of ENV_DIR, or to ENV_DIR. He does so before the command starts, or at
any of its calls while it stands still, or all the time. Behind each link is a trap, which has
what would be found at the right place; afterwards nothing of it may be gone, changed or new.
What he cannot reach is left out: a stage is for its maker alone (0700), the cache as well.
"""

import os
import shutil
import subprocess
import sys

import pytest

import runner
import scenarios
import trees
import world
from session import NIGHTLY

SITE = "env/lib/{lib}/site-packages"
INSIDE = ("env/bin", "env/lib", "env/lib/{lib}", SITE, SITE + "/pip", "env/share")
SWAPS = [
    *[("new", c) for c in (".cvenv-tmp-*", "env")],
    *[("clear", c) for c in (".cvenv-tmp-*", "env", *INSIDE)],
    *[("clear inside", c) for c in ("env/.cvenv-tmp-*", *INSIDE)],
    *[("overlay", c) for c in ("env", "env/.cvenv-tmp-*", *INSIDE, SITE + "/pip-98.0.dist-info")],
    *[("upgrade", c) for c in (SITE, SITE + "/setuptools")],
    *[("clone", c) for c in ("env", "env/bin", SITE, SITE + "/own", ".cvenv-tmp-*", "copy")],
    *[("move", c) for c in ("env", "env/bin", SITE, SITE + "/own", ".cvenv-tmp-*", "copy")],
    *[("pack", c) for c in ("env", "env/bin", SITE, SITE + "/own", ".cvenv-tmp-*")],
    *[("pack directory", c) for c in (SITE + "/own", ".cvenv-tmp-*", "out")],
    *[("remove", c) for c in ("env", "env/bin", "env/lib", SITE, ".cvenv-tmp-*", ".cvenv-tmp-*/lib")],
    *[("repair", c) for c in ("env", "env/bin", "env/lib", SITE, "env/.cvenv-tmp-*")],
    # Not its stage: pip works by names there, and who may rename that may also replace ENV_DIR afterwards.
    *[("recreate", c) for c in ("env", "env/bin")],
]
TRIES = 6
SWAP = """
cd '{root}/work' || exit 1
for x in {component}; do
    if [ -d "$x" ] && [ ! -L "$x" ] && [ ! -e '{root}/away' ]; then
        mv "$x" '{root}/away' && ln -s '{root}/trap' "$x"
    fi
done
"""


def set_trap(here, like):
    """A trap with what LIKE has, and a file more."""
    trap = here.path("trap")
    runner.wipe(trap)
    shutil.copytree(like, trap, symlinks=True, ignore=lambda d, n: [x for x in n if x == "fifo"])
    for name in ("precious", "pyvenv.cfg"):
        runner.write(trap, name, text="precious")
    runner.write(trap, "bin/precious", text="#!%s\n" % here.work("env", "bin", "python"))  # to be rewritten
    os.makedirs(os.path.join(trap, "__pycache__"), exist_ok=True)
    return trees.listing(trap)


def like_what(here, component):
    if "tmp" not in component and os.path.isdir(here.work(component)):
        return here.work(component)
    return here.path("whole")


def acceptable(outcome, name=""):
    # What a repair has not repaired it says on stdout.
    said = "cvenv: error: " in outcome.err or name in ("repair", "recreate")
    return outcome.rc == 0 or (outcome.rc == 1 and said)


@pytest.mark.parametrize("name,component", SWAPS, ids=lambda x: x.replace("/", "."))
def test_swapped_between_two_calls(make_world, chance, points, name, component):
    here = make_world(scenarios.BY_NAME[name])
    component = component.format(lib=here.lib_name)
    listed = here.calls()
    # A link that exists before the first stat of ENV_DIR is one that the user named.
    # SRC may be a link until it is opened.
    first = next(i for i, call in enumerate(listed)
                 if call.path == here.work("env") and (name != "clone" or call.name == "openat"))
    calls = [call.number for call in listed[first + 1 if component == "env" else 0 :]]
    if name in ("move", "remove"):  # nothing is there afterwards
        shutil.copytree(here.work("env"), here.path("whole"), symlinks=True)
    else:
        here.undisturbed()
        shutil.copytree(here.work("env"), here.path("whole"), symlinks=True,
                        ignore=lambda d, n: [x for x in n if x == "fifo"])
    here.restore()
    script = SWAP.format(root=here.root, component=component)
    if not NIGHTLY:
        calls = chance.sample(calls, TRIES)
    for number in calls:
        before = set_trap(here, like_what(here, component))
        outcome = here.disturbed(number, "run:" + script)
        assert trees.listing(here.path("trap")) == before, str(outcome)
        assert acceptable(outcome, name), str(outcome)
        precious = sorted(n for n in outcome.now if "precious" in n and not n.startswith("neighbour"))
        if (name, component) == ("clone", "env"):
            # Changed while it was read, SRC is read again, and may be a link. It is no mixture.
            assert precious in ([], ["copy/bin/precious", "copy/precious"]), str(outcome)
        elif name in ("clone", "move", "pack directory"):
            assert not precious, str(outcome)
        runner.wipe(here.path("away"))
        here.restore()
    points("swap", len(calls))


def test_the_home_directory_is_not_cleared_by_a_swap(make_world, chance, points):
    """The directory that was opened is cleared, not one that had the name before."""
    old = [*scenarios.OLD[:-1], "p/home"]
    here = make_world(scenarios.Scenario(
        "clear", (*scenarios.NEW, "--clear", "p/home"), tuple(old), envs=("p/home",)))
    calls = [call.number for call in here.calls()]
    script = "cd '%s/work' && mv p '%s/away' && ln -s '%s' p" % ((here.root,) * 3)
    for number in calls if NIGHTLY else chance.sample(calls, 4 * TRIES):
        runner.write(here.path("home"), "precious", text="precious")
        outcome = here.disturbed(number, "run:" + script)
        assert os.listdir(here.path("home")) == ["precious"], str(outcome)
        assert acceptable(outcome), str(outcome)
        assert not [n for n in os.listdir(here.root) if world.TEMPORARY.match(n)], str(outcome)
        runner.wipe(here.path("away"))
        here.restore()
    points("swap", len(calls) if NIGHTLY else 4 * TRIES)


RACER = """
import os, sys
root, components = sys.argv[1], sys.argv[2:]
os.chdir(os.path.join(root, "work"))
trap = os.path.join(root, "trap")


def open_parent(name):
    # Through no link: those that were put there lead into the trap, where nothing is to change.
    at = os.open(".", os.O_RDONLY)
    for part in os.path.dirname(name).split("/"):
        above = at
        try:
            at = os.open(part or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        finally:
            os.close(above)
    return at


def swap(at, name):
    os.rename(name, name + "~", src_dir_fd=at, dst_dir_fd=at)
    os.symlink(trap, name, dir_fd=at)
    os.unlink(name, dir_fd=at)
    os.rename(name + "~", name, src_dir_fd=at, dst_dir_fd=at)


while os.getppid() == int(os.environ["PARENT"]):
    names = list(components)
    for place in (".", "env"):
        try:
            names += [place + "/" + n for n in os.listdir(place) if n.startswith(".cvenv-tmp-")]
        except OSError:
            pass
    for name in names:
        try:
            at = open_parent(name)
        except OSError:
            continue
        try:
            swap(at, os.path.basename(name))
        except OSError:
            pass
        os.close(at)
"""


@pytest.mark.parametrize("name", ["new", "clear", "overlay"])
def test_swapped_all_the_time(make_world, points, name):
    here = make_world(scenarios.BY_NAME[name])
    components = [c.format(lib=here.lib_name) for c in INSIDE]
    # On a busy machine the racer is first, and its link counts as one that the user named.
    if name != "overlay":
        components.insert(0, "env")
    here.undisturbed()
    shutil.copytree(here.work("env"), here.path("whole"), symlinks=True,
                    ignore=lambda d, n: [x for x in n if x == "fifo"])
    before = set_trap(here, here.path("whole"))
    times = 200 if NIGHTLY else 15
    for _ in range(times):
        here.restore()
        racer = subprocess.Popen(
            [sys.executable, "-c", RACER, here.root, *components],
            env=dict(os.environ, PARENT=str(os.getpid())))
        try:
            rc, err = here.run(here.argv(here.scenario.args), cwd=here.work())
        finally:
            racer.kill()
            racer.wait()
        assert trees.listing(here.path("trap")) == before, err
        assert rc == 0 or (rc == 1 and "cvenv: error: " in err), err
    points("swap loop", times)


# --- links that were there before ---


@pytest.mark.parametrize("name", ["overlay", "upgrade", "clear", "clear inside"])
@pytest.mark.parametrize("component", INSIDE, ids=lambda c: c.replace("/", "."))
def test_planted_in_env(make_world, name, component):
    here = make_world(scenarios.BY_NAME[name])
    component = component.format(lib=here.lib_name)
    before = set_trap(here, here.work(component))
    runner.wipe(here.work(component))
    os.symlink(here.path("trap"), here.work(component))
    rc, err = here.run(here.argv(here.scenario.args))
    assert trees.listing(here.path("trap")) == before, err
    if "clear" in name or component == "env/share":
        assert rc == 0, err
    else:
        assert rc == 1 and "nothing was changed" in err, err


@pytest.mark.parametrize("name", ["new", "clear", "overlay", "cold", "no cache"])
def test_planted_for_the_sweeper(make_world, name):
    """Links with the names of staging directories of killed processes."""
    here = make_world(scenarios.BY_NAME[name])
    os.makedirs(here.path("whole"))
    before = set_trap(here, here.path("whole"))
    places = [here.work(), here.path("tmp"), here.path("cache")]
    if name == "overlay":
        places.append(here.work("env"))
    for place in places:
        os.symlink(here.path("trap"), os.path.join(place, ".cvenv-tmp-999999999-00000000"))
        os.mkdir(os.path.join(place, ".cvenv-tmp-999999999-00000001"))
        os.symlink(here.path("trap"), os.path.join(place, ".cvenv-tmp-999999999-00000001", "in"))
    rc, err = here.run(here.argv(here.scenario.args))
    assert rc == 0, err
    assert trees.listing(here.path("trap")) == before


CACHE = ["v1", "v1/wheels", "v1/info", "v1/wheels/*", "v1/wheels/*/files", "v1/wheels/*/manifest",
         "v1/wheels/*/pack", "v1/wheels/*/files/0", "v1/wheels/*/loose", "v1/wheels/*/loose/*"]


@pytest.mark.parametrize("component", CACHE, ids=lambda c: c.replace("/", "."))
def test_planted_in_the_cache(make_world, component):
    here = make_world(scenarios.BY_NAME["hardlink" if "loose" in component else "new"])
    found = sorted(world.glob(here.path("cache", component)))
    if not found:
        pytest.skip("the cache has no " + component)
    like = found[0] if os.path.isdir(found[0]) else here.path("cache", "v1", "info")
    before = set_trap(here, like)
    for path in found:
        runner.wipe(path) if os.path.isdir(path) else os.unlink(path)
        os.symlink(here.path("trap"), path)
    rc, err = here.run(here.argv(here.scenario.args))
    assert rc == 0, err
    assert here.state() == here.new
    assert trees.listing(here.path("trap")) == before


@pytest.mark.parametrize("kind", ["link", "fifo", "huge", "socket", "directory"])
@pytest.mark.parametrize("name", ["overlay", "upgrade", "clear"])
def test_a_pyvenv_cfg_that_is_none(make_world, name, kind):
    here = make_world(scenarios.BY_NAME[name])
    path = here.work("env", "pyvenv.cfg")
    target = runner.write(here.path("trap"), "file", text="precious")
    os.unlink(path)
    if kind == "link":
        os.symlink(target, path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "huge":
        with open(path, "wb") as f:
            f.truncate(1 << 30)
    elif kind == "socket":
        world.make_socket(path)
    else:
        os.mkdir(path)
    force = ["--force"] if name == "clear" and kind != "huge" else []  # there is more than remains
    rc, err = here.run([*here.argv(here.scenario.args), *force])
    assert runner.read(target) == "precious"
    if kind == "directory" and name != "clear":
        assert rc == 1 and "nothing was changed" in err, err
        return
    assert rc == 0, err
    # An --upgrade that cannot know the old prompt has none.
    config = "env/pyvenv.cfg"
    now = here.state()
    assert {n: v for n, v in now.items() if n != config} == {
        n: v for n, v in here.new.items() if n != config}
    assert now[config][0] == "file"
