# SPDX-License-Identifier: MIT
"""Measures how long it takes to create an environment, with cvenv and with other programs.

The contestants run in turn, in another order in each round, so that other load on the machine
affects all of them. run.c measures the creation only. Each run creates new directories, and on a
disk nothing is deleted until the end: ext4 without a journal creates files slowly after
deletions. A contestant is a row of contestants(), and its group is the table in which it is
printed. The floor is floor.c: only the system calls that the same result needs.

    ./dev bench [--quick] [--python PY] [--only TEXT] [--dir DIR]...

Needs a C compiler. Installs uv and virtualenv from the index into an environment, and skips them
if that fails. strace counts system calls, and valgrind counts instructions.
"""

import argparse
import contextlib
import copy
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import floor
import machine
import report

SLOW = 1.0  # seconds; a slower contestant runs --slow-runs times
NOBODY = 65534
AS_USER = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups"]
VERY_SLOW = 30.0  # seconds; a slower contestant runs once, as does the group MANY
IMAGE_SIZE = 24 << 30  # sparse
HERE = os.path.dirname(os.path.abspath(__file__))


def is_root():
    return os.geteuid() == 0


class Skip(Exception):
    """The contestant cannot run; the message is the reason."""


class Place:
    """A directory on one file system, with the caches and lists that its contestants share.

    As root, one that an ordinary user works in is measured too: in its default mode, cvenv creates
    hard links for users only.
    """

    def __init__(self, tools, root, as_user=()):
        self.tools, self.root, self.as_user = tools, root, as_user
        self.file_system = machine.mounted_as(os.path.realpath(root))
        self.turns = 0
        self.floors = {}
        self.env_dirs = []
        home = self.sub("home")
        os.mkdir(home)
        self.kind = self.file_system + (", as root" if is_root() else "")
        if as_user:
            self.tools = tools.for_everyone(self.sub("tools"), as_user)
            self.kind = "%s, as an ordinary user, with %s" % (self.file_system, self.tools.python)
        self.give(root)
        self.environ = {
            "HOME": home,
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "CI": "1",
            "CVENV_CACHE_DIR": self.sub("cache"),
            "UV_CACHE_DIR": self.sub("uv"),
            "UV_PYTHON_DOWNLOADS": "never",
            "VIRTUALENV_OVERRIDE_APP_DATA": self.sub("virtualenv"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        for name in ("SSL_CERT_FILE", "UV_DEFAULT_INDEX", "PIP_INDEX_URL"):
            if name in os.environ:
                self.environ[name] = os.environ[name]

    def sub(self, *names):
        return os.path.join(self.root, *names)

    def give(self, path):
        """Let the user who works here own PATH. Others may not create hard links to a file."""
        if self.as_user:
            subprocess.run(["chown", "-R", "%d:%d" % (NOBODY, NOBODY), path], check=True)

    def next_turn(self, environments):
        """Choose directories that do not exist yet, and sync the writes of earlier contestants."""
        if self.file_system == "tmpfs":
            self.delete_turn()
        else:
            os.sync()
        self.turns += 1
        base = self.sub("env%05d" % self.turns)
        self.env_dirs = [base]
        if environments > 1:
            os.mkdir(base)
            self.give(base)
            self.env_dirs = [os.path.join(base, "%04d" % n) for n in range(environments)]
        self.fresh_cache = self.sub("cold%05d" % self.turns)

    def delete_turn(self):
        for name in ("env%05d", "cold%05d"):
            shutil.rmtree(self.sub(name % self.turns), ignore_errors=True)

    def cvenv(self, *options):
        return [[self.tools.cvenv, "-p", self.tools.python, *options, *self.env_dirs]]

    def by_range(self, *argv):
        """Choose among ten interpreters of one directory; most names lie, so that most are asked."""
        ten = self.sub("ten")
        if not os.path.exists(ten):
            real = os.path.realpath(self.tools.python)
            os.makedirs(os.path.join(ten, "bin"))
            os.symlink(os.path.join(os.path.dirname(os.path.dirname(real)), "lib"), os.path.join(ten, "lib"))
            for name in ["python3", *("python3.%d" % minor for minor in range(8, 17))]:
                shutil.copy(real, os.path.join(ten, "bin", name))
            self.give(ten)
        return self.each("PATH=%s/bin:%s" % (ten, self.environ["PATH"]), *argv, "-p", ">=3.8")

    def venv(self, *options):
        return [[self.tools.python, "-m", "venv", *options, *self.env_dirs]]

    def each(self, *argv):
        """Command lines of a program that takes one directory."""
        return [[*argv, env_dir] for env_dir in self.env_dirs]

    def uv(self, *options):
        if not self.tools.uv:
            raise Skip(self.tools.no_peers)
        return self.each(self.tools.uv, "venv", "-q", "-p", self.tools.python, *options)

    def virtualenv(self, *options):
        if not self.tools.virtualenv:
            raise Skip(self.tools.no_peers)
        return self.each(self.tools.virtualenv, "-q", "--no-periodic-update", "-p", self.tools.python, *options)

    def code(self, code, package=False):
        """Run CODE in Python, with the directory as argument. `package`: cvenv's is importable."""
        if package:
            if not self.tools.package:
                raise Skip("no wheel of the Python package: $CVENV_WHEEL")
            code = "import sys; sys.path.insert(0, %r); %s" % (self.tools.package, code)
        return self.each(self.tools.python, "-c", code)

    def floor(self, *options, reflink=False):
        """Create what cvenv creates with the same options, with floor.c."""
        key = " ".join(options)
        if key not in self.floors:
            where = self.sub("floor%d" % len(self.floors))
            os.mkdir(where)
            self.give(where)
            model = os.path.join(where, "model")
            for n in (1, 2):  # the first one fills the cache
                time.sleep(1.1)  # times in seconds: older files came from the cache
                before = int(time.time())
                argv = [*self.as_user, self.tools.cvenv, "-q", "-p", self.tools.python, *options, model + str(n)]
                done = subprocess.run(argv, env=self.environ, stderr=subprocess.PIPE, text=True)
                if done.returncode != 0:
                    raise Skip(done.stderr.strip().splitlines()[-1])
            floor.record(model + "2", before, where, reflink)
            self.give(where)
            self.floors[key] = where
        where = self.floors[key]
        return [[self.tools.floor, os.path.join(where, "list"), os.path.join(where, "cache"), *self.env_dirs]]

    def then_list(self, steps):
        return steps + [[os.path.join(env_dir, "bin", "pip"), "list", "--format=freeze"] for env_dir in self.env_dirs]


class Contestant:
    """One way to create environments.

    key: its name for report.targets. steps: Place -> argument lists, run one after the other.
    warm: the steps of the first run, if they differ. count: count system calls and instructions.
    """

    def __init__(self, group, key, name, steps, warm=None, environments=1, python=True, count=False):
        self.group, self.key, self.name = group, key, name
        self.steps, self.warm = steps, warm or steps
        self.environments, self.python, self.count = environments, python, count
        self.reset()

    def reset(self):
        self.seconds, self.cpu, self.why_not = [], [], None
        self.max_rss_kib, self.calls, self.instructions = 0, None, None
        self.made = {}

    def result(self, place):
        about = {"group": self.group, "key": self.key, "name": self.name, "environments": self.environments,
                 "file_system": place.file_system, "as_root": is_root() and not place.as_user}
        if self.why_not is not None:
            return {**about, "skipped": self.why_not}
        return {
            **about,
            "median_s": statistics.median(self.seconds),
            "min_s": min(self.seconds),
            "max_s": max(self.seconds),
            "cpu_s": statistics.median(self.cpu),
            "max_rss_kib": self.max_rss_kib,
            "system_calls": self.calls,
            "instructions": self.instructions,
            "runs": len(self.seconds),
            "seconds": self.seconds,
            **self.made,
        }


PIP, COLD, BARE, LIST, PACKAGE, TEN, MANY = (
    "with pip", "with pip, cache empty", "without pip", "creating, and running pip list in it",
    "from Python", "10 environments", "many environments")
CREATE = "import sys, %s as venv; venv.EnvBuilder(symlinks=True, with_pip=%s).create(sys.argv[1])"
HARD = ("--compile", "--link-mode", "hardlink")


def contestants(many):
    def row(group, key, name, steps, **kw):
        return Contestant(group, key, name, steps, **kw)

    def uv_seed(p):
        return p.uv("--seed", "--offline")

    def uv_fetch(p):
        return p.uv("--seed")

    rows = [
        row(PIP, "floor-hardlink", "floor: hard links", lambda p: p.floor(*HARD), count=True),
        row(PIP, "hardlink", "cvenv --compile --link-mode hardlink", lambda p: p.cvenv(*HARD), count=True),
        row(PIP, "floor-default", "floor: same mix as cvenv", lambda p: p.floor("--compile"), count=True),
        row(PIP, "default", "cvenv --compile", lambda p: p.cvenv("--compile"), count=True),
        row(PIP, "no-compile", "cvenv --no-compile", lambda p: p.cvenv("--no-compile"), count=True),
        row(PIP, "floor-copy", "floor: copies", lambda p: p.floor("--compile", "--link-mode", "copy")),
        row(PIP, "copy", "cvenv --compile --link-mode copy", lambda p: p.cvenv("--compile", "--link-mode", "copy")),
        row(PIP, "floor-reflink", "floor: reflinks",
            lambda p: p.floor("--compile", "--link-mode", "reflink", reflink=True)),
        row(PIP, "reflink", "cvenv --compile --link-mode reflink",
            lambda p: p.cvenv("--compile", "--link-mode", "reflink")),
        row(PIP, "uv-seed", "uv venv --seed", uv_seed, warm=uv_fetch),
        row(PIP, "virtualenv", "virtualenv", lambda p: p.virtualenv()),
        row(PIP, "venv", "python -m venv", lambda p: p.venv()),
        row(COLD, "cold", "cvenv --no-compile", lambda p: p.cvenv("--no-compile", "--cache-dir", p.fresh_cache)),
        row(COLD, "cold-compile", "cvenv --compile", lambda p: p.cvenv("--compile", "--cache-dir", p.fresh_cache)),
        row(BARE, "exit", "a C program that exits at once", lambda p: [[p.tools.floor]], python=False, count=True),
        row(BARE, "floor-bare", "floor", lambda p: p.floor("--without-pip"), count=True),
        row(BARE, "bare", "cvenv --without-pip", lambda p: p.cvenv("--without-pip"), count=True),
        row(BARE, "bare-cold", "cvenv --without-pip, cache empty",
            lambda p: p.cvenv("--without-pip", "--cache-dir", p.fresh_cache)),
        row(BARE, "bare-range", "cvenv --without-pip -p '>=3.8', of 10",
            lambda p: p.by_range(p.tools.cvenv, "--without-pip")),
        row(BARE, "uv", "uv venv", lambda p: p.uv("--offline")),
        row(BARE, "virtualenv-bare", "virtualenv --no-seed", lambda p: p.virtualenv("--no-seed")),
        row(BARE, "venv-bare", "python -m venv --without-pip", lambda p: p.venv("--without-pip")),
        row(LIST, "default-list", "cvenv --compile", lambda p: p.then_list(p.cvenv("--compile"))),
        row(LIST, "no-compile-list", "cvenv --no-compile", lambda p: p.then_list(p.cvenv("--no-compile"))),
        row(LIST, "uv-seed-list", "uv venv --seed", lambda p: p.then_list(uv_seed(p)), warm=uv_fetch),
        row(LIST, "virtualenv-list", "virtualenv", lambda p: p.then_list(p.virtualenv())),
        row(LIST, "venv-list", "python -m venv", lambda p: p.then_list(p.venv())),
        row(PACKAGE, "python", "python -c pass", lambda p: p.code("pass"), python=False),
        row(PACKAGE, "import-cvenv", "import cvenv", lambda p: p.code("import cvenv", True), python=False),
        row(PACKAGE, "import-venv", "import venv", lambda p: p.code("import venv"), python=False),
        row(PACKAGE, "create-bare-cvenv", "cvenv.EnvBuilder, without pip",
            lambda p: p.code(CREATE % ("cvenv", False), True)),
        row(PACKAGE, "create-bare-venv", "venv.EnvBuilder, without pip", lambda p: p.code(CREATE % ("venv", False))),
        row(PACKAGE, "create-cvenv", "cvenv.EnvBuilder, with pip", lambda p: p.code(CREATE % ("cvenv", True), True)),
        row(PACKAGE, "create-venv", "venv.EnvBuilder, with pip", lambda p: p.code(CREATE % ("venv", True))),
    ]
    for group, prefix, n in ((TEN, "ten-", 10), (MANY, "many-", many)):
        if n < 2:
            continue
        rows += [
            row(group, prefix + "floor-hardlink", "floor: hard links, %d" % n, lambda p: p.floor(*HARD), environments=n),
            row(group, prefix + "hardlink", "cvenv --link-mode hardlink, %d" % n, lambda p: p.cvenv(*HARD),
                environments=n),
            row(group, prefix + "floor-bare", "floor: without pip, %d" % n, lambda p: p.floor("--without-pip"),
                environments=n),
            row(group, prefix + "bare", "cvenv --without-pip, %d" % n, lambda p: p.cvenv("--without-pip"),
                environments=n),
        ]
    rows += [
        row(TEN, "ten-floor-default", "floor: same mix as cvenv, 10", lambda p: p.floor("--compile"), environments=10),
        row(TEN, "ten-default", "cvenv --compile, 10", lambda p: p.cvenv("--compile"), environments=10),
        row(TEN, "ten-uv-seed", "uv venv --seed, 10 times", uv_seed, warm=uv_fetch, environments=10),
        row(TEN, "ten-uv", "uv venv, 10 times", lambda p: p.uv("--offline"), environments=10),
        row(TEN, "ten-virtualenv", "virtualenv, 10 times", lambda p: p.virtualenv(), environments=10),
        row(TEN, "ten-venv", "python -m venv, 10", lambda p: p.venv(), environments=10),
    ]
    return rows


def run(steps, place):
    """Total seconds, total CPU seconds and maximum resident size in KiB of the steps."""
    figures, said = place.sub("figures"), place.sub("output")
    total = cpu = most = 0
    for argv in steps:
        environ = place.environ
        if argv[0].startswith("PATH="):
            environ, argv = {**environ, "PATH": argv[0][5:]}, argv[1:]
        program = shutil.which(argv[0]) or argv[0]
        with open(said, "wb") as out:
            done = subprocess.run([*place.as_user, place.tools.run, figures, program, *argv[1:]],
                                  env=environ, stdout=out, stderr=subprocess.STDOUT)
        with open(figures if done.returncode == 0 else said, errors="replace") as f:
            text = f.read()
        if done.returncode != 0:
            raise Skip(text.strip() or "status %d" % done.returncode)
        code, ns, us, kib = (int(word) for word in text.split())
        if code != 0:
            with open(said, errors="replace") as f:
                lines = f.read().strip().splitlines()
            raise Skip(lines[-1] if lines else "status %d" % code)
        total, cpu, most = total + ns / 1e9, cpu + us / 1e6, max(most, kib)
    return total, cpu, most


def check_environment(contestant, place):
    """Check that it is an environment, and count its files."""
    env_dir = place.env_dirs[-1]
    code = "import sys; assert sys.prefix != sys.base_prefix"
    if contestant.group != BARE and "bare" not in contestant.key and not contestant.key.endswith("-uv"):
        code += "; import pip"
    python = os.path.join(env_dir, "bin", "python")
    subprocess.run([*place.as_user, python, "-I", "-B", "-c", code], env=place.environ, check=True)
    made = dict.fromkeys(("files", "bytecode_files", "linked", "directories", "bytes"), 0)
    for folder, _, names in os.walk(env_dir):
        made["directories"] += 1
        for name in names:
            about = os.lstat(os.path.join(folder, name))
            made["files"] += 1
            made["bytecode_files"] += name.endswith(".pyc")
            made["linked"] += about.st_nlink > 1
            made["bytes"] += about.st_size
    contestant.made = made


def turn(contestant, place, steps=None):
    place.next_turn(contestant.environments)
    wall, cpu, rss = run((steps or contestant.steps)(place), place)
    contestant.seconds.append(wall)
    contestant.cpu.append(cpu)
    contestant.max_rss_kib = max(contestant.max_rss_kib, rss)


def count_calls(contestant, place):
    """Count the system calls of the command and its children."""
    said = place.sub("counted")
    place.next_turn(1)
    (argv,) = contestant.steps(place)
    done = subprocess.run([*place.as_user, "strace", "-f", "-c", "-o", said, *argv], env=place.environ,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode == 0:
        with open(said) as f:
            rows = [line.split() for line in f]
        contestant.calls = sum(int(r[3]) for r in rows if len(r) >= 5 and r[3].isdigit() and r[-1] != "total")


def count_instructions(contestant, place):
    """Count instructions in user space, in the second run: valgrind sets LD_LIBRARY_PATH, for
    which the cache has no entry before the first run."""
    for _ in range(2):
        place.next_turn(1)
        (argv,) = contestant.steps(place)
        valgrind = [*place.as_user, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        done = subprocess.run([*valgrind, *argv], env=place.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode == 0 and found:
        contestant.instructions = int(found.group(1))


def rounds(field, place, runs, slow_runs, progress):
    """Run all rounds. The first one only fills the caches of the system and of the contestants."""
    limit = {}
    for c in field:
        c.reset()
        try:
            turn(c, place, c.warm)
            if c.environments == 1 and c.warm is not c.steps:
                turn(c, place)
            if c.python:
                check_environment(c, place)
        except (Skip, OSError, subprocess.CalledProcessError) as e:
            c.why_not = str(e)
            progress("%s: %s: skipped: %s" % (place.kind, c.name, e))
            continue
        first = c.seconds[-1]
        progress("%s: %s: %s to warm up" % (place.kind, c.name, report.seconds_text(first)))
        if first >= VERY_SLOW or c.group == MANY:
            limit[c] = 0
            continue
        limit[c] = runs if first < SLOW else slow_runs
        c.seconds, c.cpu, c.max_rss_kib = [], [], 0
    there = list(limit)
    for n in range(max(limit.values(), default=0)):
        start = n % len(there)
        for c in there[start:] + there[:start]:
            if n < limit[c]:
                turn(c, place)
    for program, counter in (("strace", count_calls), ("valgrind", count_instructions)):
        if not shutil.which(program):
            progress("no %s: its counts are omitted" % program)
            continue
        for c in there:
            if c.count:
                counter(c, place)


class Tools:
    """The programs that run."""

    def __init__(self, cvenv, python, work, progress):
        self.cvenv, self.python = cvenv, python
        os.makedirs(work, exist_ok=True)
        self.floor, self.run = (self.build(work, name) for name in ("floor", "run"))
        self.package = self.unpack(work, os.environ.get("CVENV_WHEEL"))
        self.uv = self.virtualenv = None
        self.no_peers = ""
        peers = os.path.join(work, "peers")
        if not os.path.exists(os.path.join(peers, "bin", "virtualenv")):
            progress("installing uv and virtualenv into %s" % peers)
            shutil.rmtree(peers, ignore_errors=True)
            try:
                subprocess.run([cvenv, "-q", "-p", python, peers], check=True)
                subprocess.run([os.path.join(peers, "bin", "pip"), "install", "-q", "uv", "virtualenv"], check=True)
            except (OSError, subprocess.CalledProcessError):
                self.no_peers = "could not be installed from the index"
                return
        self.uv, self.virtualenv = (os.path.join(peers, "bin", name) for name in ("uv", "virtualenv"))

    def for_everyone(self, where, as_user):
        """Copies in a directory that AS_USER may enter, with a Python that this user may run."""
        theirs = copy.copy(self)
        os.makedirs(where)
        for name in ("cvenv", "floor", "run"):
            setattr(theirs, name, shutil.copy(getattr(self, name), os.path.join(where, name)))
        # A shell in between: the first program may still be opened with root's rights.
        if subprocess.run([*as_user, "sh", "-c", "exec \"$0\" -c ''", self.python], stderr=subprocess.DEVNULL).returncode:
            theirs.python = "/usr/bin/python3"
        theirs.package = None
        return theirs

    @staticmethod
    def unpack(work, wheel):
        """Unpack the Python package, with its extension. None without a wheel."""
        if not wheel:
            return None
        place = os.path.join(work, "package")
        shutil.rmtree(place, ignore_errors=True)
        shutil.unpack_archive(wheel, place, "zip")
        return place

    @staticmethod
    def build(work, name):
        """Build a C program, statically if that works, which starts fastest."""
        out, source = os.path.join(work, name), os.path.join(HERE, name + ".c")
        argv = [*shlex.split(os.environ.get("CC", "cc")), "-std=c11", "-D_GNU_SOURCE", "-O2", "-o", out, source]
        if subprocess.run([*argv, "-static"], stderr=subprocess.DEVNULL).returncode != 0:
            subprocess.run(argv, check=True)
        return out


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n")[0])
    parser.add_argument("--python", default=os.environ.get("CVENV_PYTHON", "python3"))
    parser.add_argument("--cvenv", default=os.environ.get("CVENV", "cvenv"))
    parser.add_argument("--quick", action="store_true", help="few rounds, no contestant that takes over a second")
    parser.add_argument("--runs", type=int, help="rounds (15; --quick: 5)")
    parser.add_argument("--slow-runs", type=int, default=5, help="rounds of contestants that take over a second (%(default)s)")
    parser.add_argument("--many", type=int, help="number of environments in one call (1000; --quick: none)")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT",
                        help="only contestants whose name or group contains TEXT; may be repeated")
    parser.add_argument("--dir", action="append", default=[],
                        help="directory for the environments, which selects the file system; may be repeated "
                             "(--work and /dev/shm)")
    parser.add_argument("--work", default="bench-work", help="directory for programs, results and picture (%(default)s)")
    return parser.parse_args(argv)


def real_python(name):
    """The path of the interpreter itself, so that no shim of a version manager is measured."""
    code = "import sys; print(getattr(sys, '_base_executable', None) or sys.executable)"
    return subprocess.check_output([name, "-I", "-c", code], text=True).strip()


@contextlib.contextmanager
def places(args, progress):
    """The directories of --dir, or --work and tmpfs. As root, an ext4 as users have it takes the place
    of --work: without a journal, ext4 searches for free inodes after deletions, three times as long."""
    dirs = args.dir or [args.work] + [d for d in ("/dev/shm",) if machine.mounted_as(d) == "tmpfs"]
    image, mounted = os.path.join(args.work, "ext4"), tempfile.mkdtemp(prefix="cvenv-bench-")
    os.chmod(mounted, 0o755)
    try:
        if is_root() and not args.dir:
            with open(image, "wb") as f:
                f.truncate(IMAGE_SIZE)
            mkfs = ["mkfs.ext4", "-q", "-F", "-i", "8192", "-E", "lazy_itable_init=0,lazy_journal_init=0", image]
            done = subprocess.run(["sh", "-c", '"$@" && mount -o loop "$0" "$M"', image, *mkfs],
                                  env={**os.environ, "M": mounted}, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                progress("no ext4 of its own, measuring on %s: %s" % (args.work, done.stderr.strip()))
            else:
                dirs[0] = mounted
        yield dirs
    finally:
        if os.path.ismount(mounted):
            subprocess.run(["umount", mounted], check=True)
        os.rmdir(mounted)
        if os.path.exists(image):
            os.remove(image)


def choose(args):
    many = args.many if args.many is not None else 0 if args.quick else 1000
    chosen = [c for c in contestants(many)
              if not args.only or any(t in c.name or t in c.group for t in args.only)]
    if args.quick:
        chosen = [c for c in chosen if c.group in (PIP, BARE) and "venv" not in (c.key, c.name)]
    return chosen


def draw(path, results, about, kind):
    names = {"venv": "python -m venv", "virtualenv": "virtualenv", "uv-seed": "uv venv --seed",
             "default": "cvenv", "hardlink": "cvenv --link-mode hardlink"}
    by_key = {r["key"]: r for r in results if "skipped" not in r}
    bars = [(name, by_key[key]["median_s"], key in ("default", "hardlink"))
            for key, name in names.items() if key in by_key]
    if not bars:
        return
    note = "Median, caches warm. %s, %s; cvenv and venv write bytecode. %s, %s." % (
        about["python"], kind, about["system"].rsplit(" ", 1)[0], about["date"])
    with open(path, "w") as f:
        f.write(report.picture("Creating an environment with pip", note, bars))


def tell(results, about, kind, on_disk):
    """Print all results of one place. Returns the targets."""
    print("\n## On %s\n" % kind)
    for group in dict.fromkeys(r["group"] for r in results):
        print("\n%s%s:\n" % (group[0].upper(), group[1:]))
        print(report.table([r for r in results if r["group"] == group]))
    rows = report.targets(results, on_disk)
    if rows:
        print("\nTargets:\n")
        print(report.targets_table(rows))
    print("\n" + machine.sentence(about))
    return rows


def measure(args, tools, about, where, as_user, runs, progress):
    """All contestants in one place; as a user besides root, cvenv and its floors alone."""
    root = tempfile.mkdtemp(prefix="bench-", dir=where)
    os.chmod(root, 0o755)
    try:
        place = Place(tools, os.path.abspath(root), as_user)
        chosen = [c for c in choose(args)
                  if not as_user or (c.group != PACKAGE and c.name.startswith(("cvenv", "floor")))]
        rounds(chosen, place, runs, args.slow_runs, progress)
    finally:
        progress("deleting")
        shutil.rmtree(root, ignore_errors=True)
    results = [c.result(place) for c in chosen]
    rows = tell(results, about, place.kind, place.file_system != "tmpfs")
    picture = os.path.join(args.work, "bench.svg")
    if not as_user and place.file_system != "tmpfs":
        draw(picture, results, about, place.kind)
    return {"file_system": place.file_system, "as_root": is_root() and not as_user, "results": results,
            "targets": rows}


def main(argv):
    args = parse(argv)
    cvenv = shutil.which(args.cvenv)
    if not cvenv:
        sys.exit("bench: no command '%s'" % args.cvenv)

    def progress(text):
        print(text, file=sys.stderr, flush=True)

    tools = Tools(os.path.abspath(cvenv), real_python(args.python), os.path.abspath(args.work), progress)
    about = machine.describe(tools.cvenv, tools.python, tools.uv or "uv", tools.virtualenv or "virtualenv")
    runs = args.runs or (5 if args.quick else 15)
    everything = []
    with places(args, progress) as dirs:
        for where in dirs:
            for as_user in ((), AS_USER) if is_root() else ((),):
                everything.append(measure(args, tools, about, where, as_user, runs, progress))
                with open(os.path.join(args.work, "bench.json"), "w") as f:
                    json.dump({"about": about, "places": everything}, f, indent=1)
                    f.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
