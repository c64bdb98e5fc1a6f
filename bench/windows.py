# SPDX-License-Identifier: MIT
"""Measures cvenv.exe beside the venv of a CPython for Windows and uv.exe, all under wine.

    ./dev bench --windows [--runs N]

The contestants run in turn. wine is not Windows: its files are those of Linux, but each call costs
a message to wineserver. The figures compare programs with each other, and say nothing about NTFS.
The first row is a program that does nothing, since to start one takes wine a tenth of a second.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests", "support"))

import report  # noqa: E402
import runner  # noqa: E402
import wine  # noqa: E402


def contestants(py, command):
    """(name, arguments before ENV_DIR, does it start with an empty cache)"""
    bundled = wine.windows_path(os.path.join(py.directory, "Lib", "ensurepip", "_bundled"))
    cvenv = [command, "-p", py.exe]
    venv = [py.path, "-m", "venv"]
    uv = [wine.bench("uv", "uv.exe"), "venv", "--offline", "--no-config", "-p", py.exe]
    found = [
        ("a program that does nothing", ["cmd", "/c", "rem"], False),
        ("without pip: cvenv", [*cvenv, "--without-pip"], False),
        ("without pip: uv venv", uv, False),
        ("without pip: -m venv", [*venv, "--without-pip"], False),
        ("with pip: cvenv", cvenv, False),
        ("with pip: cvenv, hard links", [*cvenv, "--link-mode", "hardlink"], False),
        ("with pip: cvenv, empty cache", cvenv, True),
        ("with pip: uv venv --seed", [*uv, "--seed", "--no-index", "--find-links", bundled], False),
        ("with pip: -m venv", venv, False),
    ]
    return [row for row in found if not row[0].endswith(("uv venv", "--seed")) or os.path.exists(uv[0])]


class Race:
    def __init__(self, place, command, py):
        self.rows = contestants(py, command)
        self.place, self.turn = place, 0
        self.prefix = wine.Prefix(os.path.join(place, "prefix"))
        self.windows = wine.Windows(place, self.prefix)
        self.times = {name: [] for name, _, _ in self.rows}
        self.skipped = {}

    def run(self, name, argv, cold):
        self.turn += 1
        cache = self.windows.path("cold%d" % self.turn if cold else "cache")
        env_dir = "env%d" % self.turn
        env = {
            "CVENV_CACHE_DIR": wine.windows_path(cache),
            "UV_CACHE_DIR": self.windows.name("uv"),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_LINK_MODE": "hardlink",
        }
        # Not to a pipe: a background process may keep that open.
        with open(os.path.join(self.place, "output"), "w+b") as output:
            start = time.monotonic()
            child = self.windows.start(*argv, env_dir, env=env, stdout=output, stderr=subprocess.STDOUT)
            rc = child.wait(timeout=wine.TIME_LIMIT)
            seconds = time.monotonic() - start
            output.seek(0)
            said = output.read().decode("utf-8", "replace").strip()
        runner.wipe(self.windows.path(env_dir))
        if rc:
            self.skipped[name] = said.splitlines()[-1] if said else "exit code %d" % rc
        return seconds

    def run_all(self, runs):
        for turn in range(-1, runs):  # the first, of each, only fills caches
            for name, argv, cold in self.rows:
                if name not in self.skipped:
                    seconds = self.run(name, argv, cold)
                    if turn >= 0:
                        self.times[name].append(seconds)

    def table(self):
        lines = ["| | median | minimum |", "|---|---:|---:|"]
        for name, times in self.times.items():
            if name in self.skipped:
                lines.append("| %s | skipped: %s | |" % (name, self.skipped[name]))
            else:
                figures = (report.seconds_text(f(times)) for f in (statistics.median, min))
                lines.append("| %s | %s |" % (name, " | ".join(figures)))
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--command", required=True, help="cvenv.exe")
    parser.add_argument("--python", default="3.13", help="version of the CPython")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", help="write the times to this file")
    args = parser.parse_args()
    (py,) = wine.load(wine.discover([args.python])["found"])
    place = tempfile.mkdtemp(prefix="cvenv-bench-")
    race = Race(place, args.command, py)
    try:
        race.prefix.create()
        race.prefix.start()
        race.run_all(args.runs)
    finally:
        race.prefix.stop()
        shutil.rmtree(place, ignore_errors=True)
    print("CPython %s for Windows under wine, %d runs\n\n%s" % (args.python, args.runs, race.table()))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(race.times, f, indent=1)


if __name__ == "__main__":
    main()
