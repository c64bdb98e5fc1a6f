# SPDX-License-Identifier: MIT
"""Measures --clone and --move against cp and virtualenv-clone, which make the same copy.

    ./dev bench --clones [--files N] [--runs N] [DIR ...]

SRC is an environment with N files (10,000) in packages that are made up, with bytecode. In each
round every contestant makes a copy, in another order, so that other load on the machine affects all
of them; copies are deleted outside of the measured time. Each DIR is on one file system; without
one, it is a temporary directory. cp only copies: its result has the old paths. virtualenv-clone is
installed from the index, and skipped if that fails.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

import machine

PACKAGES = 50
RECENT = 11  # seconds: cvenv looks twice at files that changed so shortly before
VIRTUALENV_CLONE = "virtualenv-clone==0.5.7"


def make_source(cvenv, python, root, files):
    """Half of the files are bytecode; sizes are those of real packages, more or less."""
    subprocess.run([cvenv, "-q", "-p", python, "--without-pip", root], check=True)
    (site,) = [os.path.join(top, "site-packages") for top, names, _ in os.walk(root) if "site-packages" in names
               and os.path.basename(os.path.dirname(top)) == "lib"]
    sizes = random.Random(1)
    for package in range(PACKAGES):
        where = os.path.join(site, "package%d" % package)
        info = where + "-1.0.dist-info"
        os.makedirs(os.path.join(where, "__pycache__"))
        os.mkdir(info)
        with open(os.path.join(info, "METADATA"), "w") as f:
            f.write("Metadata-Version: 2.1\nName: package%d\nVersion: 1.0\n" % package)
        rows = ["package%d-1.0.dist-info/%s,," % (package, name) for name in ("METADATA", "RECORD")]
        for number in range(files // PACKAGES // 2):
            data = b"#" * int(sizes.lognormvariate(8, 1.2))
            for name in ("m%d.py" % number, "__pycache__/m%d.cpython-313.pyc" % number):
                with open(os.path.join(where, name), "wb") as f:
                    f.write(data)
                rows.append("package%d/%s,sha256=%s,%d" % (package, name, "A" * 43, len(data)))
        with open(os.path.join(info, "RECORD"), "w") as f:
            f.write("\n".join(rows) + "\n")


def find_virtualenv_clone(python, where):
    try:
        subprocess.run([python, "-m", "venv", where], check=True, capture_output=True)
        pip = [where + "/bin/python", "-m", "pip", "install", "-q", VIRTUALENV_CLONE]
        subprocess.run(pip, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("no %s: it cannot be installed" % VIRTUALENV_CLONE, file=sys.stderr)
        return None
    return where + "/bin/virtualenv-clone"


def measure(argv):
    """Wall and processor time, in milliseconds."""
    start = time.perf_counter()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit("exit %d: %s" % (child.returncode, " ".join(argv)))
    return (time.perf_counter() - start) * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def compare(args, place, other):
    with tempfile.TemporaryDirectory(prefix="cvenv-bench-", dir=place) as root:
        source, dest = os.path.join(root, "source"), "{dest}"
        make_source(args.cvenv, args.python, source, args.files)
        time.sleep(RECENT)
        copied = ["--clone", source, dest]
        field = {
            "cvenv --clone": [args.cvenv, *copied],
            "cvenv --clone --link-mode copy": [args.cvenv, *copied, "--link-mode", "copy"],
            "cp -a": ["cp", "-a", source, dest],
            "cvenv --clone --link-mode hardlink": [args.cvenv, *copied, "--link-mode", "hardlink"],
            "cp -al": ["cp", "-al", source, dest],
        }
        if other:
            field["virtualenv-clone"] = [other, source, dest]
        times = {name: [] for name in field}
        # Nothing is deleted before the end: ext4 without a journal then takes much longer to create files.
        for number in range(args.runs + 1):
            for name in random.sample(list(field), len(field)):
                new = os.path.join(root, "%d-%d" % (number, list(field).index(name)))
                times[name].append(measure([new if word == dest else word for word in field[name]]))
        report(times, machine.mounted_as(os.path.realpath(root)), args)


def report(times, file_system, args):
    """Ratios are those of medians to cp, which makes the same kind of copy."""
    medians = {name: [statistics.median(side) for side in zip(*runs[1:])] for name, runs in times.items()}
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    print("\n| %s, %d files, as %s | wall | processor | of cp's |" % (file_system, args.files, who))
    print("| --- | ---: | ---: | ---: |")
    for name, (wall, cpu) in medians.items():
        base = medians["cp -al" if "hardlink" in name or "-al" in name else "cp -a"]
        print("| %s | %.0f ms | %.0f ms | %.2f, %.2f |" % (name, wall, cpu, wall / base[0], cpu / base[1]))
    print("load: %.1f" % os.getloadavg()[0])


def main(argv):
    parser = argparse.ArgumentParser(prog="./dev bench --clones")
    parser.add_argument("--python", default=os.environ.get("CVENV_PYTHON", "python3"))
    parser.add_argument("--cvenv", default=os.environ.get("CVENV", "cvenv"))
    parser.add_argument("--files", type=int, default=10000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("dirs", nargs="*", default=[tempfile.gettempdir()], metavar="DIR")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="cvenv-bench-") as tools:
        other = find_virtualenv_clone(shutil.which(args.python) or args.python, os.path.join(tools, "venv"))
        for place in args.dirs:
            compare(args, place, other)


if __name__ == "__main__":
    main(sys.argv[1:])
