# SPDX-License-Identifier: MIT
"""How long it takes to create an environment, side by side.

The contestants run in turns, each round in another order, so that what the
machine does meanwhile hurts all alike. Only the creation is timed. Each is in a
directory of its own, and nothing is deleted until the end: ext4 without a journal is
slow to make files where some were deleted just before, which would be measured.
Figures are medians. A contestant is one row of CONTESTANTS.

    ./dev bench [--python PY] [--runs N] [--only TEXT] [--dir DIR]
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SLOW = 1.0  # seconds: what takes longer is run --slow-runs times only


class Bench:
    """What the contestants share: the interpreter, the command, a place of our own."""

    def __init__(self, cvenv, python, root):
        self.cvenv, self.python, self.root = cvenv, python, root
        self.cache = os.path.join(root, "cache")
        self.turns = 0
        self.next_turn()
        self.model = os.path.join(root, "model")
        home = os.path.join(root, "home")
        os.mkdir(home)
        self.environ = {
            "HOME": home,
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "CVENV_CACHE_DIR": self.cache,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def ours(self, *options):
        return [self.cvenv, "-p", self.python, *options, self.env_dir]

    def cold(self, *options):
        return self.ours("--cache-dir", self.cold_cache, *options)

    def venv(self, *options):
        return [self.python, "-m", "venv", *options, self.env_dir]

    def copy(self):
        return ["cp", "-R", self.model, self.env_dir]

    def next_turn(self):
        """Directories that do not exist yet; what others left to be written is written."""
        self.turns += 1
        self.env_dir = os.path.join(self.root, "env%04d" % self.turns)
        self.cold_cache = os.path.join(self.root, "cold%04d" % self.turns)
        os.sync()

    def make_model(self):
        """The environment that the floor, a mere copy, copies."""
        if not os.path.exists(self.model):
            argv = [self.cvenv, "-p", self.python, "--compile", self.model]
            subprocess.run(argv, env=self.environ, check=True, stdout=subprocess.DEVNULL)


class Contestant:
    """One way to create an environment.

    group: what it is compared with; the ratios are to the group's reference.
    argv: Bench -> argument list. before: called before each run, not timed.
    """

    def __init__(self, group, name, argv, before=None, reference=False):
        self.group, self.name, self.argv = group, name, argv
        self.before, self.reference = before, reference
        self.seconds, self.cpu, self.why_not = [], [], None
        self.max_rss_kb = self.calls = self.files = self.bytecode = self.bytes = None

    def result(self, reference):
        if not self.seconds:
            return {"group": self.group, "name": self.name, "failed": self.why_not}
        median = statistics.median(self.seconds)
        return {
            "group": self.group,
            "name": self.name,
            "median_s": median,
            "min_s": min(self.seconds),
            "max_s": max(self.seconds),
            "cpu_s": statistics.median(self.cpu),
            "max_rss_kb": self.max_rss_kb,
            "system_calls": self.calls,
            "files": self.files,
            "bytecode_files": self.bytecode,
            "bytes": self.bytes,
            "times_faster": reference / median if reference else None,
            "seconds": self.seconds,
        }


BARE, PIP = "without pip", "with pip"

CONTESTANTS = [
    Contestant(BARE, "python -m venv --without-pip", lambda b: b.venv("--without-pip"), reference=True),
    Contestant(BARE, "cvenv --without-pip", lambda b: b.ours("--without-pip")),
    Contestant(BARE, "cvenv --without-pip, cold", lambda b: b.cold("--without-pip")),
    Contestant(PIP, "python -m venv", lambda b: b.venv(), reference=True),
    Contestant(PIP, "cvenv --compile", lambda b: b.ours("--compile")),
    Contestant(PIP, "cvenv --compile, cold", lambda b: b.cold("--compile")),
    Contestant(PIP, "cvenv --no-compile", lambda b: b.ours("--no-compile")),
    Contestant(PIP, "cvenv --no-compile, cold", lambda b: b.cold("--no-compile")),
    Contestant(PIP, "(floor: cp -R of the same files)", Bench.copy, Bench.make_model),
]


def run(argv, environ, root):
    """Wall seconds, CPU seconds, largest resident size in KiB; None for all if it failed."""
    said = os.path.join(root, "output")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, said, flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    program = shutil.which(argv[0])
    start = time.perf_counter()
    pid = os.posix_spawn(program, argv, environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        with open(said, errors="replace") as f:
            lines = f.read().strip().splitlines()
        raise RuntimeError(lines[-1] if lines else "status %d" % status)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def look_at(contestant, bench):
    """Is it an environment? What is in it?"""
    python = os.path.join(bench.env_dir, "bin", "python")
    code = "import sys; assert sys.prefix != sys.base_prefix"
    if contestant.group == PIP:
        code += "; import pip"
    subprocess.run([python, "-I", "-B", "-c", code], env=bench.environ, check=True)
    files = bytecode = size = 0
    for folder, _, names in os.walk(bench.env_dir):
        for name in names:
            files += 1
            bytecode += name.endswith(".pyc")
            size += os.lstat(os.path.join(folder, name)).st_size
    contestant.files, contestant.bytecode, contestant.bytes = files, bytecode, size


def set_the_stage(contestant, bench):
    if contestant.before:
        contestant.before(bench)
    bench.next_turn()


def turn(contestant, bench):
    set_the_stage(contestant, bench)
    wall, cpu, rss = run(contestant.argv(bench), bench.environ, bench.root)
    contestant.seconds.append(wall)
    contestant.cpu.append(cpu)
    contestant.max_rss_kb = max(contestant.max_rss_kb or 0, rss)


def count_calls(contestant, bench):
    """System calls of the command and of all that it starts."""
    set_the_stage(contestant, bench)
    summary = os.path.join(bench.root, "strace")
    argv = ["strace", "-f", "-c", "-o", summary, *contestant.argv(bench)]
    try:
        run(argv, bench.environ, bench.root)
        with open(summary) as f:
            rows = [line.split() for line in f]
    except (RuntimeError, OSError):
        return
    contestant.calls = sum(
        int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total"
    )


def rounds(contestants, bench, runs, slow_runs, progress):
    """The first round only warms up: caches of the system, the store, the contestant's own."""
    for contestant in contestants:
        try:
            turn(contestant, bench)
            look_at(contestant, bench)
        except (RuntimeError, OSError, subprocess.CalledProcessError) as e:
            contestant.why_not = str(e)
            contestant.seconds = []
            progress("%s: failed: %s" % (contestant.name, e))
            continue
        progress("%s: %.4f s to warm up" % (contestant.name, contestant.seconds[0]))
    field = [c for c in contestants if c.seconds]
    limit = {c: slow_runs if c.seconds[0] > SLOW else runs for c in field}
    for c in field:
        c.seconds, c.cpu = [], []
    for n in range(max(limit.values(), default=0)):
        start = n % len(field)
        for contestant in field[start:] + field[:start]:
            if n < limit[contestant]:
                turn(contestant, bench)
    if shutil.which("strace"):
        for contestant in field:
            count_calls(contestant, bench)
    else:
        progress("no strace: system calls are not counted")


def mounted_as(path):
    best = ("", "?")
    try:
        with open("/proc/self/mounts") as f:
            for line in f:
                point, kind = line.split()[1:3]
                inside = path == point or path.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best[0]):
                    best = (point, kind)
    except OSError:
        pass
    return best[1]


def cpu_model():
    try:
        with open("/proc/cpuinfo") as f:
            for line in f:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def first_line(argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = done.stdout.strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else "?"


def describe(bench):
    return {
        "cvenv": first_line([bench.cvenv, "--version"]),
        "python": first_line([bench.python, "-VV"]),
        "system": "%s %s %s" % (platform.system(), platform.release(), platform.machine()),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "file_system": mounted_as(os.path.realpath(bench.root)),
        "load_before": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def seconds_text(seconds):
    return "%.2f s" % seconds if seconds >= 1 else "%.1f ms" % (seconds * 1000)


def number(value):
    return "–" if value is None else str(value)


def table(results):
    head = ["", "median", "range", "times faster", "CPU", "system calls", "files", "of them .pyc"]
    rows = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for r in results:
        if "failed" in r:
            rows.append(["%s" % r["name"], "failed: %s" % r["failed"]] + [""] * (len(head) - 2))
            continue
        rows.append([
            r["name"],
            seconds_text(r["median_s"]),
            "%s to %s" % (seconds_text(r["min_s"]), seconds_text(r["max_s"])),
            "–" if r["times_faster"] is None else "%.1f" % r["times_faster"],
            seconds_text(r["cpu_s"]),
            number(r["system_calls"]),
            number(r["files"]),
            number(r["bytecode_files"]),
        ])
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows
    )


def parse(argv):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n")[0])
    parser.add_argument("--python", default=os.environ.get("CVENV_PYTHON", "python3"))
    parser.add_argument("--cvenv", default=os.environ.get("CVENV", "cvenv"))
    parser.add_argument("--runs", type=int, default=10, help="rounds (%(default)s)")
    parser.add_argument("--slow-runs", type=int, default=5,
                        help="rounds of what takes over a second (%(default)s)")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT",
                        help="only contestants whose name has TEXT; may be repeated")
    parser.add_argument("--dir", help="where to create: the file system counts (that of --output)")
    parser.add_argument("--output", help="write everything there as JSON")
    return parser.parse_args(argv)


def real_python(name):
    """The interpreter itself: the time of a version manager's shim is nobody's here."""
    code = "import sys; print(getattr(sys, '_base_executable', None) or sys.executable)"
    return subprocess.check_output([name, "-I", "-c", code], text=True).strip()


def main(argv):
    args = parse(argv)
    cvenv = shutil.which(args.cvenv)
    if not cvenv:
        sys.exit("bench: no command '%s'" % args.cvenv)
    chosen = [c for c in CONTESTANTS if not args.only or any(t in c.name for t in args.only)]
    where = args.dir or (os.path.dirname(os.path.abspath(args.output)) if args.output else None)
    root = tempfile.mkdtemp(prefix="bench-", dir=where)
    try:
        bench = Bench(os.path.abspath(cvenv), real_python(args.python), root)
        about = describe(bench)
        rounds(chosen, bench, args.runs, args.slow_runs, lambda text: print(text, file=sys.stderr))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    reference = {c.group: statistics.median(c.seconds) for c in chosen if c.reference and c.seconds}
    results = [c.result(reference.get(c.group)) for c in chosen]
    if args.output:
        with open(args.output, "w") as f:
            json.dump({"about": about, "results": results}, f, indent=1)
            f.write("\n")
    print(table(results))
    print()
    print("%(cvenv)s; %(python)s; %(system)s, %(cores)s cores of %(cpu)s, %(file_system)s; "
          "%(date)s." % about)
    return 1 if any("failed" in r for r in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
