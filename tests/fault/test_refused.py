# SPDX-License-Identifier: MIT
"""System calls that are refused all the time: by a sandbox, an old container runtime, a poor file system.

deny (deny.c) refuses them to the command and its children. What is not needed is done without,
and the environment is the one that an undisturbed run makes.
"""

import os
import re
import subprocess
import sys

import pytest

import runner
import scenarios
import trees
import world
from namespace import in_namespace
from session import NIGHTLY

CANNOT = 77

# The errors that kernels, file systems and filters give; the first one is tried everywhere.
RULES = {
    "chmod": "EPERM",
    "clone3": "EPERM EINVAL ENOSYS",
    "close_range": "EPERM ENOSYS",
    "copy_file_range": "EPERM EXDEV EOPNOTSUPP EINVAL ENOSYS",
    "faccessat2": "EPERM EINVAL ENOSYS",
    "fadvise64": "EPERM",
    "fallocate": "EOPNOTSUPP EPERM",
    "fchmod": "EPERM EACCES EOPNOTSUPP ENOSYS",
    "fchmodat": "EPERM",
    "fchmodat2": "EPERM",
    "fchown": "EPERM",
    "flock": "EOPNOTSUPP EPERM ENOSYS",
    "fstatfs": "EPERM",
    "fsync": "EINVAL",
    "getrandom": "EPERM ENOSYS",
    "lgetxattr": "EPERM EOPNOTSUPP",
    "linkat": "EPERM EXDEV EOPNOTSUPP ENOSYS",
    "memfd_create": "EPERM",
    "openat2": "EPERM",
    "pidfd_open": "EPERM EINVAL ENOSYS",
    "prlimit64": "EPERM",
    "reflink": "EOPNOTSUPP ENOTTY EXDEV EPERM",
    "renameat2": "EXDEV EPERM EINVAL EOPNOTSUPP ENOSYS",
    "rseq": "EPERM",
    "set_robust_list": "EPERM",
    "statx": "EPERM ENOSYS",
    "symlinkat": "EPERM EPROTO EROFS EOPNOTSUPP ENOSYS",
    "sysinfo": "EPERM",
    "utimensat": "EPERM EACCES EOPNOTSUPP ENOSYS",
}
SINGLE = [[call + "=" + e] for call, errors in RULES.items() for e in errors.split()]
FIRST = [[call + "=" + errors.split()[0]] for call, errors in RULES.items()]
NEW_CALLS = "clone3 close_range copy_file_range faccessat2 fchmodat2 memfd_create openat2 pidfd_open"
NEW_CALLS += " renameat2 rseq statx"
FILE_CALLS = "chmod fchmod fchmodat fchmodat2 fchown flock linkat reflink renameat2 utimensat"
TOGETHER = [
    [call + "=EPERM" for call in NEW_CALLS.split()],  # an old container runtime
    [call + "=EPERM" for call in FILE_CALLS.split()],  # a file system that knows names and bytes
    [call + "=ENOSYS" for call in FILE_CALLS.split()],
    ["fchmod=EPERM", "symlinkat=EPERM"],
]


@pytest.fixture(scope="session")
def deny():
    path = os.path.join(os.environ.get("CVENV_BUILD", ""), "tests", "fault", "deny")
    if not os.access(path, os.X_OK):
        pytest.fail("set CVENV_BUILD to a build folder with tests/fault/deny in it")
    tried = subprocess.run([path, "fsync=EPERM", "--", "/bin/true"], capture_output=True, text=True)
    if tried.returncode == CANNOT:
        pytest.skip(tried.stderr.strip())
    assert tried.returncode == 0, tried.stderr
    return os.path.abspath(path)


def comparable(state, links):
    """What a state must have: without bytecode, which may hold other times; without links where
    these cannot be made."""
    return {
        name: (kind, mode, target, digest)
        for name, (kind, mode, target, digest) in state.items()
        if not trees.is_bytecode(name) and (links or kind != "link" and "/bin/python" not in name)
    }


def names_of(state, links):
    return {n for n, v in state.items() if links or v[0] != "link" and "/bin/python" not in n}


def wrong(here, deny, rules):
    """Why a run with these RULES did not do what an undisturbed one does, or None."""
    here.restore()
    rc, err = here.run([deny, *rules, "--", *here.argv(here.scenario.args)])
    if rc:
        return "exit %d: %s" % (rc, err)
    links = not any(rule.startswith("symlink") for rule in rules)
    now = here.state()
    if comparable(now, links) != comparable(here.new, links):
        return here.first_difference(now, here.scenario.envs[0])
    if names_of(now, links) != names_of(here.new, links):
        return "other names: %s" % sorted(now.keys() ^ here.new.keys())
    if here.temporaries():
        return "left %s" % here.temporaries()
    for env in here.scenario.envs:
        if trees.stale_bytecode(here.work(env)):
            return "stale bytecode: %s" % trees.stale_bytecode(here.work(env))[0]
        python = here.work(env, "bin", "python")
        said = subprocess.run([python, "-Ic", "import sys; print(sys.prefix)"],
                              capture_output=True, text=True)  # fmt: skip
        if said.stdout.strip() != here.work(env):
            return "its python says %r" % (said.stdout + said.stderr)
    return None


@pytest.mark.parametrize("scenario", ["new", "clear", "overlay", "hardlink", "cold compile"])
def test_works_without_refused_calls(make_world, deny, points, scenario):
    here = make_world(scenarios.BY_NAME[scenario])
    if scenario == "clear" and os.geteuid() != 0:
        # Where no mode can be set, only root can empty a read-only directory.
        os.chmod(here.path("work.before", "env", "share", "read-only"), 0o755)
        here.restore()
    rules = SINGLE if NIGHTLY or scenario == "new" else FIRST
    found = {" ".join(one): wrong(here, deny, one) for one in [*rules, *TOGETHER]}
    points("refused", len(found))
    assert not {k: v for k, v in found.items() if v}


@pytest.mark.parametrize("error", ["EPERM", "ENOSYS"])
def test_bytecode_is_valid_where_times_cannot_be_set(make_world, deny, error):
    """The cache is filled, and its bytecode contains the times of the wheel."""
    here = make_world(scenarios.BY_NAME["cold compile"])
    rule = ["utimensat=" + error]
    here.undisturbed()
    for args in (here.scenario.args, [*here.scenario.args[:-1], "--link-mode=hardlink", "env2"]):
        runner.wipe(here.work("env"))
        rc, err = here.run([deny, *rule, "--", *here.argv(args)])
        assert rc == 0, err
        site = here.work(args[-1], "lib", here.lib_name, "site-packages", "pip")
        assert os.listdir(os.path.join(site, "__pycache__"))
        assert not trees.stale_bytecode(here.work(args[-1]))


@pytest.mark.parametrize("action", ["SIGKILL", "EIO", "SIGINT"])
def test_clear_without_exchange_is_old_or_new(make_world, deny, points, action):
    """Names cannot be exchanged: two renames. In between, the old one is what the next run puts back."""
    here = make_world(scenarios.BY_NAME["clear"])
    here.through = [deny, "renameat2=EOPNOTSUPP", "--"]
    renames = [c.number for c in here.calls() if c.name in ("rename", "renameat")]
    assert len(renames) == 3  # the last one gives the old one a temporary name
    missing = 0
    for number in range(renames[0] - 2, renames[2] + 4):
        outcome = here.disturbed(number, action)
        env = here.parts(outcome.now, "env")
        assert env in ({}, here.parts(here.old, "env"), here.parts(here.new, "env")), str(outcome)
        if not env:
            assert action == "SIGKILL", str(outcome)
            missing += 1
            rc, err = here.run(here.argv([*scenarios.NEW, "other"]))
            assert rc == 0, err
            assert here.parts(here.state(), "env") == here.parts(here.old, "env")
            runner.wipe(here.work("other"))
        assert here.next_run_heals() is None, str(outcome)
        here.restore()
    assert bool(missing) == (action == "SIGKILL")
    points("kill", renames[2] + 6 - renames[0])


# --- nothing can be written to but the target ---

READ_ONLY = r"""
work=$1
shift
mount --make-rprivate / && mount --bind "$work" "$work" || exit 99
for d in /tmp /var/tmp /dev/shm; do
    [ ! -d "$d" ] || mount --rbind "$d" "$d" || exit 99
done
for d in /tmp /var/tmp /dev/shm /; do
    [ ! -d "$d" ] || mount -o remount,bind,ro "$d" || exit 99
done
exec "$@"
"""


@pytest.fixture(scope="session")
def read_only():
    """argv in front of a command, for which only the directory that is named next is writable."""
    return in_namespace(READ_ONLY, "/var", "true")


@pytest.mark.parametrize(
    "args, there",
    [(["env"], []), (["a/b/env", "env"], []), (["--clear", "--compile", "env"], ["env"])],
    ids=["new", "nested", "clear"],
)
def test_only_the_directory_of_the_environment_is_writable(make_world, read_only, args, there):
    here = make_world(scenarios.BY_NAME["no cache"])
    for name in there:
        here.undisturbed([*scenarios.NEW, name])
        runner.write(here.work(name), "bin", "old", text="x")
    argv = here.argv(["-q", *scenarios.NEW, *args])
    rc, err = here.run([*read_only, here.work(), *argv])
    assert (rc, err) == (0, "")
    for name in [a for a in args if not a.startswith("-")]:
        assert os.path.exists(here.work(name, "bin", "pip"))
        assert not os.path.exists(here.work(name, "bin", "old"))
    assert not here.temporaries()


def test_only_the_environment_itself_is_writable(make_world, read_only):
    here = make_world(scenarios.BY_NAME["no cache"])
    env = here.work("env")
    os.mkdir(env)
    for args in ([], ["--clear"], ["--upgrade"]):
        rc, err = here.run([*read_only, env, *here.argv(["-q", *scenarios.NEW, *args, env])])
        assert (rc, err) == (0, ""), args
        assert os.path.exists(os.path.join(env, "bin", "pip"))
        assert not here.temporaries()


def test_nothing_is_writable(make_world, read_only):
    """It fails cleanly, and says where it would have unpacked."""
    here = make_world(scenarios.BY_NAME["no cache"])
    other = here.path("home")
    rc, err = here.run([*read_only, other, *here.argv([*scenarios.NEW, "env"])])
    assert rc == 1 and "TMPDIR" in err and "Read-only file system" in err
    assert not here.temporaries()
    assert not re.search("Traceback|Sanitizer", err), sys.version


def test_missing_symbolic_links_are_warned_of_once(make_world, deny):
    here = make_world(scenarios.BY_NAME["several"])
    rc, err = here.run([deny, "symlinkat=EPERM", "--", *here.argv(here.scenario.args)])
    assert rc == 0 and err.count("\n") == 1, err
    assert "cannot create symbolic links in '%s'" % here.work("one") in err and "--copies" in err, err
