# SPDX-License-Identifier: MIT
"""Measures how long --list takes to search 100,000 directories, beside find.

The tree has 200 environments without packages, so that the search is what is measured. The
contestants run in turn; the first round, which fills the kernel's caches, does not count.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import time

PROJECTS, PACKAGES, PARTS = 200, 50, 9  # 200 * (1 + 50 * (1 + 9)) directories, and the environments
AIM_S = 2.0


def make_environment(root):
    site = os.path.join(root, "lib", "python3.12", "site-packages")
    os.makedirs(site)
    os.mkdir(os.path.join(root, "bin"))
    os.symlink("/usr/bin/python3", os.path.join(root, "bin", "python"))
    with open(os.path.join(root, "pyvenv.cfg"), "w") as f:
        f.write("home = /usr/bin\nversion = 3.12.1\n")


def make_tree(root):
    for project in range(PROJECTS):
        top = os.path.join(root, "project%d" % project)
        for package in range(PACKAGES):
            for part in range(PARTS):
                directory = os.path.join(top, "package%d" % package, "part%d" % part)
                os.makedirs(directory)
                for name in ("__init__.py", "module.py"):
                    open(os.path.join(directory, name), "w").close()
        make_environment(os.path.join(top, ".venv"))


def timed(argv):
    start = time.perf_counter()
    out = subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout
    return time.perf_counter() - start, out.count(b"\n")


def main():
    parser = argparse.ArgumentParser(prog="./dev bench --search", description=__doc__.split("\n")[0])
    parser.add_argument("--work", required=True, help="where to make the tree")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    root = os.path.join(args.work, "search")
    shutil.rmtree(root, ignore_errors=True)
    make_tree(root)
    cpus = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cpus)
    command = os.environ["CVENV"]
    contestants = {
        "cvenv --list, paths": [command, "--list", root],
        "cvenv --list --json": [command, "--list", "--json", root],
        "find -name pyvenv.cfg": ["find", root, "-name", "pyvenv.cfg"],
    }
    times = {name: [] for name in contestants}
    for number in range(args.rounds + 1):
        for name, argv in contestants.items():
            seconds, lines = timed(argv)
            assert lines == PROJECTS, "%s: %d lines" % (name, lines)
            if number:
                times[name].append(seconds)
    shutil.rmtree(root)
    find = statistics.median(times["find -name pyvenv.cfg"])
    print("100,000 directories, %d environments, %d processors, warm, %d rounds" % (PROJECTS, len(cpus), args.rounds))
    for name, all_times in times.items():
        median = statistics.median(all_times)
        print("  %-22s  %6.0f ms  (best %.0f)  %.2f of find" % (
            name, median * 1000, min(all_times) * 1000, median / find))
    print("  aim: %.0f ms" % (AIM_S * 1000))


if __name__ == "__main__":
    main()
