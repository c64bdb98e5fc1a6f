# SPDX-License-Identifier: MIT
"""A small world in which the command is made to fail, and what may be found there afterwards.

All that the command reads is a Python of our own (a real one that brings no wheels) and two
small wheels, so that a creation is some two hundred calls of the system and every one of them
can be tried. The world is remembered as it was before, and as it is after an undisturbed run:
after a disturbed one each file must be the one or the other.
"""

import dataclasses
import errno
import glob as glob_module
import os
import re
import signal
import socket
import subprocess
import types

import bases
import runner
import scenarios
import trees
import wheels

TEMPORARY = re.compile(r"\.cvenv-(tmp-[0-9]+|old)-[0-9a-f]{8}")
ERRORS = ("ENOSPC", "EIO", "EACCES", "EMFILE", "EINTR", "ENOMEM")
REPAIRS = ("repair", "recreate")  # the scenarios that end with 1 if something remains
LASTING = ("ENOSPC+", "EIO+", "EMFILE+", "EROFS+")
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
ASK = (
    "import sys, sysconfig; print(sysconfig.get_path('stdlib')); print(sys.implementation.name);"
    "print('%d.%d' % sys.version_info[:2]); print(sys._base_executable or sys.executable)"
)
TIME_LIMIT = 180
FEWER_CALLS = 20


def ask(python):
    """What bases.without_wheels() must know of a Python, or why it will not do."""
    try:
        said = subprocess.run(
            [python, "-I", "-c", ASK], capture_output=True, text=True, timeout=60
        ).stdout.splitlines()
        stdlib, implementation, x_y, path = said
    except (OSError, ValueError, subprocess.SubprocessError) as e:
        return None, "%s: %s" % (python, e)
    if implementation != "cpython" or tuple(map(int, x_y.split("."))) < (3, 8):
        return None, "%s is not a CPython of 3.8 or newer" % python
    return types.SimpleNamespace(path=path, stdlib=stdlib, x_y=x_y, lib_name="python" + x_y), None


def make_bundled(python, where):
    """A base with its own wheels: they are unpacked during its probe."""
    executable = bases.without_wheels(python, where)
    ensurepip = os.path.join(where, "lib", python.lib_name, "ensurepip")
    text = '_SETUPTOOLS_VERSION = "99.0"\n_PIP_VERSION = "99.0"\n'
    runner.write(ensurepip, "__init__.py", text=text)
    projects = ["pip"] + ["setuptools"] * (int(python.x_y.split(".")[1]) < 12)
    for project in projects:
        wheels.write_wheel(os.path.join(ensurepip, "_bundled"), project, "99.0")
    return executable


def make_wheels(where):
    for generation, number in (("old", "98.0"), ("new", "99.0")):
        more = [
            ("pip/%s_only.py" % generation, b"x = 1\n"),
            ("pip/deep/er/data.txt", generation.encode() * 1000),
            ("pip/deep/er/__init__.py", b"y = 2\n"),
        ]
        directory = os.path.join(where, generation)
        wheels.write_wheel(directory, "pip", number, more)
        wheels.write_wheel(directory, "setuptools", number)


@dataclasses.dataclass(frozen=True)
class Call:
    number: int
    name: str
    errors: str  # "+EIO+EINTR+": those that it can go on giving
    path: str


@dataclasses.dataclass
class Outcome:
    rc: int
    err: str
    met: str  # the line of the call
    now: dict
    left: list  # temporaries, wherever they are

    def __str__(self):
        return "%s -> exit %d, %r, left %s" % (self.met, self.rc, self.err, self.left)


class World:
    def __init__(self, root, python, command, inject, scenario):
        self.root, self.scenario = root, scenario
        self.command, self.inject = command, inject
        self.through = []  # a command that starts ours
        if scenario.refused:
            self.through = [os.path.join(os.path.dirname(inject), "deny"), *scenario.refused, "--"]
        self.places = {
            "wheels": os.path.join(root, "wheels"),
            "base": os.path.join(root, "base", "bin", "python" + python.x_y),
            "other": os.path.join(root, "other", "bin", "python" + python.x_y),
            "work": self.path("work"),
        }
        make_wheels(self.places["wheels"])
        for name in ("base", "other"):
            bases.without_wheels(python, os.path.join(root, name))
        self.places["bundled"] = make_bundled(python, os.path.join(root, "bundled"))
        for name in ("work", "home", "tmp", "cache"):
            os.mkdir(self.path(name))
        self.lib_name = python.lib_name
        self.report = self.path("report")
        self.prepare()

    def path(self, *names):
        return os.path.join(self.root, *names)

    def work(self, *names):
        return os.path.join(self.root, "work", *names)

    # --- running ---

    def environ(self):
        env = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"), "LC_ALL": "C.UTF-8"}
        cache = "/dev/null/cache" if self.scenario.cache == "none" else self.path("cache")
        env.update(CVENV_CACHE_DIR=cache, TMPDIR=self.path("tmp"))
        return env

    def argv(self, args):
        return [*self.through, self.command, *[a.format(**self.places) for a in args]]

    def start(self, argv, cwd=None, **more):
        return subprocess.Popen(
            argv,
            env=self.environ(),
            cwd=cwd or self.work(self.scenario.cwd),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=0o022,
            **more,
        )

    def run(self, argv, cwd=None):
        child = self.start(argv, cwd)
        try:
            _, err = child.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise
        return child.returncode, err.decode("utf-8", "surrogateescape")

    def undisturbed(self, args=None):
        rc, err = self.run(self.argv(args or self.scenario.args))
        assert rc == 0, "exit %d: %s" % (rc, err)

    def calls(self):
        """The calls of an undisturbed run, [Call], what the loader does left out."""
        rc, err = self.run([self.inject, "-l", self.report, "--", *self.argv(self.scenario.args)])
        assert rc == 0, "exit %d: %s" % (rc, err)
        found = []
        for line in runner.read(self.report).splitlines():
            number, name, errors, path = (line.split(" ", 3) + [""])[:4]
            found.append(Call(int(number), name, errors, path))
        # main() begins by asking for the current directory.
        first = next((i for i, call in enumerate(found) if call.name == "getcwd"), 0)
        self.restore()
        return found[first:]

    def disturbed(self, number, action):
        """What came of a run in which ACTION happened at the call NUMBER, or the one before.

        A run may have a few calls fewer than the one that was listed: to read a pipe takes one or more.
        """
        for earlier in range(number, max(number - FEWER_CALLS, 0), -1):
            runner.write(self.report)
            argv = [self.inject, "-r", self.report, str(earlier), action, "--"]
            rc, err = self.run(argv + self.argv(self.scenario.args))
            met = runner.read(self.report).strip()
            outcome = Outcome(rc, err, met, self.state(), self.temporaries())
            if met:
                return outcome
            assert rc == 0 and outcome.now == self.new, str(outcome)
            self.restore()
        raise AssertionError("the run has no call %d at which %s is possible" % (number, action))

    # --- what exists ---

    def prepare(self):
        if self.scenario.old:
            rc, err = self.run(self.argv(self.scenario.old), cwd=self.work())
            assert rc == 0, err
            if self.scenario.name != "recreate":  # which keeps what it does not know
                self.add_foreign(self.work(self.scenario.envs[0]))
            if self.scenario.name == "again":
                self.take_away(self.work("env"))
            elif self.scenario.name == "repair":
                self.add_own(self.work("env"))
                bases.lose(self.work("env"), self.path("other"), self.path("gone"))
            elif self.scenario.name == "recreate":
                self.make_older(self.work("env"))
        if self.scenario.source:
            self.make_source()
        runner.write(self.work("neighbour", "file"), text="precious")
        if self.scenario.cache in ("warm", "packed"):
            # In another place, so that only the cache knows of it.
            os.mkdir(self.path("aside"))
            args = self.scenario.source or self.scenario.args
            head = [a for a in args if a.startswith("{") or a.startswith("-")]
            keep = [a for a in head if a not in ("--clear", "--upgrade", "--json")]
            if self.scenario.cache == "packed":
                keep.remove("--link-mode=hardlink")
            rc, err = self.run(self.argv(keep + ["e"]), cwd=self.path("aside"))
            assert rc == 0, err
            runner.wipe(self.path("aside"))
        for name in ("work", "cache"):
            self.copy(name, name + ".before")
        self.old = self.state()
        self.undisturbed()
        self.new = self.state()
        self.cache = self.cache_state()
        assert self.old != self.new and not self.temporaries()
        self.restore()

    def make_source(self):
        rc, err = self.run(self.argv(self.scenario.source), cwd=self.work())
        assert rc == 0, err
        if "empty" in self.scenario.name:
            os.makedirs(self.work("neighbour", "empty"))
        self.add_own(self.work("env"))

    def add_own(self, env):
        """What changes when it moves, and what does not."""
        site = os.path.join(env, "lib", self.lib_name, "site-packages")
        script = "#!%s\n" % os.path.join(env, "bin", "python")
        runner.write(env, "bin", "own", text=script, mode=0o755)
        runner.write(site, "project.pth", text=os.path.join(env, "lib") + "\n")
        runner.write(site, "own", "__init__.py", text="x = 1\n")
        runner.write(site, "own", "__pycache__", "other.%s.pyc" % self.lib_name, text="x" * 5000)
        info = "own-1.0.dist-info"
        runner.write(site, info, "METADATA", text="Metadata-Version: 2.1\nName: own\nVersion: 1.0\n")
        up = os.path.relpath(env, site)
        rows = [("own/__init__.py", b"x = 1\n"), (up + "/bin/own", script.encode())]
        runner.write(site, info, "RECORD", text=wheels.record(rows, info + "/RECORD").decode())
        os.symlink(os.path.join(env, "bin"), os.path.join(site, "inside"))

    def make_older(self, env):
        """An environment of another X.Y, whose Python is gone."""
        self.add_own(env)
        bases.lose(env, self.path("other"), self.path("gone"))
        os.rename(os.path.join(env, "lib", self.lib_name), os.path.join(env, "lib", "python3.5"))
        lines = runner.read(env, "pyvenv.cfg").splitlines()
        lines = ["version = 3.5.1" if n.startswith("version") else n for n in lines if "executable" not in n]
        runner.write(env, "pyvenv.cfg", text="\n".join(lines) + "\n")
        for name in os.listdir(os.path.join(env, "bin")):
            if self.lib_name in name:
                os.unlink(os.path.join(env, "bin", name))

    def unharmed(self):
        """Nobody wrote into what restore() restores from."""
        self.restore()
        return self.state() == self.old

    def add_foreign(self, env):
        site = os.path.join("lib", self.lib_name, "site-packages")
        runner.write(env, ".gitignore", text="mine\n")
        runner.write(env, "bin", "foreign", text="#!/bin/sh\n", mode=0o755)
        runner.write(env, site, "foreign", "__init__.py", text="")
        runner.write(env, "share", "read-only", "file", text="x")
        os.symlink("/nowhere", os.path.join(env, "dangling"))
        os.symlink("foreign", os.path.join(env, site, "alias"))
        os.mkfifo(os.path.join(env, "fifo"))
        os.chmod(os.path.join(env, "share", "read-only"), 0o555)

    def take_away(self, env):
        """What is missing is put back, what was changed stays."""
        site = os.path.join(env, "lib", self.lib_name, "site-packages")
        for name in ("pip/__main__.py", "pip/deep/er/data.txt"):
            os.unlink(os.path.join(site, name))
        os.unlink(os.path.join(env, "bin", "pip"))
        os.unlink(os.path.join(env, "bin", "python"))
        runner.write(site, "pip", "__init__.py", text="# mine\n")

    def copy(self, name, to):
        """Files as links: nothing here writes into one, and unharmed() looks whether that is so."""
        runner.wipe(self.path(to))
        clone(self.path(name), self.path(to))

    def restore(self):
        for name in ("work", "cache"):
            self.copy(name + ".before", name)
        for name in ("home", "tmp"):
            runner.wipe(self.path(name))
            os.mkdir(self.path(name))

    def state(self):
        return {
            name: (node.kind, node.mode, node.target, node.digest)
            for name, node in trees.snapshot(self.work()).items()
            if not TEMPORARY.search(name) and not self.is_of_running_pip(name)
        }

    def is_of_running_pip(self, name):
        """Bytecode with the name of a staging directory, which Python corrects when it loads it."""
        return self.scenario.name == "recreate" and "/pip/__pycache__" in name

    def cache_state(self):
        return {
            name: (node.kind, node.mode, "" if known_anew(name) else node.digest)
            for name, node in trees.snapshot(self.path("cache")).items()
            if not TEMPORARY.search(name) and not trees.is_bytecode(name)
        }

    def weight(self, what):
        """Blocks or inodes that the new environments take, more or less."""
        names = [n for n in self.new if any(n.startswith(e) for e in self.scenario.envs)]
        if what == "inodes":
            return len(names)
        return sum(1 + self.size(n) // 4096 for n in names if self.new[n][0] == "file")

    def size(self, name):
        try:
            return os.lstat(self.work(name)).st_size
        except OSError:
            return 0

    def temporaries(self):
        found = []
        for place in ("work", "tmp", "cache", "home"):
            for directory, names, files in os.walk(self.path(place)):
                found += [os.path.join(directory, n) for n in names + files if TEMPORARY.match(n)]
                names[:] = [n for n in names if not TEMPORARY.match(n)]
        return [os.path.relpath(name, self.root) for name in found]

    # --- what may be there ---

    def wrong_state(self, now):
        """Why `now` is neither the old nor the new, or None."""
        envs = self.scenario.envs
        if self.scenario.inside:
            return self.wrong_mixture(now)
        for env in envs:
            for name in self.parts(now, env):
                if name != env and env not in now:
                    return "%s without %s" % (name, env)
            states = [self.parts(s, env) for s in (self.old, self.new)]
            if self.parts(now, env) not in states:
                return "%s is neither: %s" % (env, self.first_difference(now, env))
        if self.scenario.moves and not any(self.parts(now, env) for env in envs):
            return "neither exists"
        for name in self.old.keys() & now.keys():
            if not any(name == e or name.startswith(e + "/") for e in envs) and now[name] != self.old[name]:
                return "%s was changed" % name
        # Directories above that were made stay when there was no time to remove them.
        above = {os.path.dirname(env) for env in envs} | {os.path.dirname(os.path.dirname(e)) for e in envs}
        for name in self.scenario.after:
            if now.get(name) not in (self.old.get(name), self.new[name]):
                return "%s is neither the old nor the new" % name
            if name in now and any(self.parts(now, e) != self.parts(self.new, e) for e in envs):
                return "%s exists too early" % name
        for name in now.keys() - self.old.keys() - set(self.scenario.after):
            if not any(name == e or name.startswith(e + "/") for e in envs) and name not in above:
                return "%s appeared" % name
        for name in self.old.keys() - now.keys():
            if not any(name == e or name.startswith(e + "/") for e in envs):
                return "%s is gone" % name
        return None

    @staticmethod
    def parts(state, env):
        return {n: v for n, v in state.items() if n == env or n.startswith(env + "/")}

    def first_difference(self, now, env):
        for side, name in ((self.old, "old"), (self.new, "new")):
            other, mine = self.parts(side, env), self.parts(now, env)
            for path in sorted(other.keys() | mine.keys()):
                if other.get(path) != mine.get(path):
                    text = "from the %s: %s %s, not %s" % (
                        name, path, mine.get(path), other.get(path))
                    if name == "old" and not other:
                        break
                    return text
        return "?"

    def wrong_mixture(self, now):
        config = "env/pyvenv.cfg"
        if now.get(config) == self.new[config] != self.old[config]:
            now = {n: v for n, v in now.items() if n != "env/.cvenv-clear"}
            if now != self.new:
                return "pyvenv.cfg is new, but not all: " + self.first_difference(now, "env")
            return None
        for name in sorted(now.keys() | self.old.keys() | self.new.keys()):
            allowed = [self.old.get(name), self.new.get(name)]
            if self.scenario.inside == "clear" and name == "env/.cvenv-clear":
                continue  # while it is being cleared, and until the same command finishes that
            if self.scenario.inside == "clear" and config not in now and name != "env":
                allowed.append(None)
                if now.get(name) and now[name][0] == "dir":
                    continue
            if now.get(name) not in allowed:
                return "%s is %s, neither old nor new" % (name, now.get(name))
        if self.scenario.inside == "clear" and now.get(config) == self.old[config]:
            # It goes first.
            if now != self.old:
                return "pyvenv.cfg is old, but not all: " + self.first_difference(now, "env")
        return None

    def next_run_heals(self):
        """What an undisturbed run leaves behind that it should not, or None."""
        failure = self.next_copy() if self.scenario.source else self.failure_of(self.scenario.args, self.next_cwd())
        if self.scenario.name == "recreate" and not failure:  # with nothing left to do, it sweeps nothing
            failure = self.failure_of((*scenarios.NEW, "swept"))
            runner.wipe(self.work("swept"))
        if failure:
            return "the next run failed: exit %d, %s" % failure
        if self.state() != self.new:
            now = self.state()
            names = [n for n in sorted(now.keys() | self.new.keys()) if now.get(n) != self.new.get(n)]
            return "the next run left it wrong: %s" % names[:3]
        if self.temporaries():
            return "the next run did not remove %s" % self.temporaries()
        if self.scenario.cache != "none" and self.cache_state() != self.cache:
            now = self.cache_state()
            names = [n for n in sorted(now.keys() | self.cache.keys()) if now.get(n) != self.cache.get(n)]
            return "the cache is wrong: %s" % names[:3]
        return None

    def next_copy(self):
        """If both exist already, or only the new one, there is nothing left to do but to sweep."""
        if self.scenario.name == "remove":
            return self.next_removal()
        action, source, dest = self.scenario.args[:3]
        steps = [self.scenario.args]
        if action == "--pack":  # which replaces a file, but no directory
            runner.wipe(self.work(self.scenario.args[3]))
        if os.path.exists(self.work(dest, "pyvenv.cfg")):
            steps = [("--move", dest, "swept"), ("--move", "swept", dest)]
            if self.scenario.moves and os.path.exists(self.work(source)):
                runner.wipe(self.work(source))
        return next(filter(None, map(self.failure_of, steps)), None)

    def failure_of(self, args, cwd=None):
        rc, err = self.run(self.argv(args), cwd)
        return (rc, err) if rc else None

    def next_removal(self):
        """If the environment is out of sight already, another one is removed."""
        steps = [] if os.path.lexists(self.work("env")) else [self.scenario.source]
        for step in (*steps, self.scenario.args):
            rc, err = self.run(self.argv(step))
            if rc:
                return rc, err
        return None

    def next_cwd(self):
        return self.work(self.scenario.cwd)

    def complaints(self, action, outcome):
        """All that is wrong after a disturbed run."""
        if self.is_redated(action, outcome) or self.is_unreadable(action, outcome):
            return []
        found = list(self.complaints_of_end(action, outcome))
        found.append(self.wrong_state(outcome.now))
        found.append(self.next_run_heals())
        return [c for c in found if c]

    def is_redated(self, action, outcome):
        """A file system may refuse to set times: bytecode then has the time that its source got."""
        if outcome.rc or action.rstrip("+") != "EACCES" or " utimensat " not in outcome.met:
            return False
        now, new = ({n: d for n, d in state.items() if not n.endswith(".pyc")}
                    for state in (outcome.now, self.new))
        return now == new and not trees.stale_bytecode(self.work())

    def is_unreadable(self, action, outcome):
        """If only one call says that a file cannot be read, the reader of environments takes this file for
        one that is broken. A repair repairs the rest, and an archive has it as it is: both warn of it."""
        if action != "EACCES":
            return False
        return self.scenario.name in REPAIRS or (self.scenario.name.startswith("pack") and outcome.rc == 0)

    def complaints_of_end(self, action, outcome):
        rc, err = outcome.rc, outcome.err
        killed = action == "SIGKILL"
        if rc not in (0, 1) and rc != -getattr(signal, action, 0):
            if rc != 2 or "config.toml" not in err:  # whatever is wrong with that file
                yield "an end that nobody expects"
        if killed and rc == 0 and outcome.met:
            yield "survived"
        if rc == 0 and outcome.now != self.new:
            yield "exit 0, but it is not done"
        left = outcome.left
        if rc == 0:  # temporary files in a persistent cache do not concern this environment
            left = [name for name in left if not name.startswith("cache/")]
        if not killed and left and not re.search("could not (remove|delete)", err) and not action.endswith("+"):
            yield "left %s" % left
        if rc == 1:
            yield from self.complaints_of_message(action, outcome)
        elif rc == 0 and "cvenv: error" in err:
            yield "an error, but exit 0"

    def complaints_of_message(self, action, outcome):
        last = outcome.err.rstrip("\n").rpartition("\n")[2]
        if self.scenario.name in REPAIRS and "error: " not in last and outcome.now == self.new:
            return  # what could not be removed or read is a finding, on stdout
        if not last.startswith("cvenv: error: "):
            yield "no message"
        if "cannot write to stdout" in last:
            return  # it is done, but who reads that may not know
        if " getcwd " in outcome.met:
            return  # "cannot find the current directory", and nothing to name
        if action == "ENOMEM" and last.endswith("error: out of memory"):
            return  # the kernel's own small allocations fail in the same way
        if "as a Python: Permission denied" in last:
            return  # whatever the reason, that it cannot be run is true
        if " fchmod " in outcome.met and "cannot remove 'file': Permission denied" in last:
            return  # the first error counts: the mode was only to be changed because of it
        if "could not be read a moment ago" in last or "it cannot be read" in last:
            return  # the reader of environments takes it for a broken one
        if "'" not in last and "the list of mount points" not in last:
            yield "the message names nothing"
        if action.rstrip("+") in ERRORS + ("EROFS",):
            text = os.strerror(getattr(errno, action.rstrip("+")))
            if text.lower() not in last.lower():
                yield "the message does not say '%s'" % text
        if self.scenario.moves and "but cannot remove" in last:
            return
        if self.scenario.name == "remove" and "but could not remove it completely" in last:
            return  # it is out of sight, and the next run deletes the rest
        done = "changed in part" in last or "was repaired, but" in last
        if outcome.now == self.new and not done:
            yield "exit 1, but it is done"
        made = all(self.parts(outcome.now, e) == self.parts(self.new, e) for e in self.scenario.envs)
        if self.scenario.after and made and "created environment" not in last:
            yield "the message does not say that the environment exists"


def known_anew(name):
    """Files of the cache that contain times."""
    return "/info/" in name or ("/bytecode/" in name and name.endswith("/manifest"))


def clone(source, target):
    mode = os.stat(source).st_mode & 0o7777
    os.mkdir(target, 0o700)
    with os.scandir(source) as entries:
        for entry in entries:
            to = os.path.join(target, entry.name)
            if entry.is_dir(follow_symlinks=False):
                clone(entry.path, to)
            else:
                os.link(entry.path, to, follow_symlinks=False)
    os.chmod(target, mode)


def glob(pattern):
    return [path for path in glob_module.glob(pattern) if os.path.lexists(path)]


def make_socket(path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # a socket's name must be short
    try:
        socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
    finally:
        os.chdir(here)
