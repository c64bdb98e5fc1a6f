# SPDX-License-Identifier: MIT
"""Describes the machine and the programs of a measurement."""

import os
import platform
import subprocess
import time


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
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return None
    lines = done.stdout.strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else None


def describe(cvenv, python, uv, virtualenv):
    """The description of a run, which is printed below its tables."""
    words = (first_line([virtualenv, "--version"]) or "").split()
    return {
        "cvenv": first_line([cvenv, "--version"]),
        "cvenv_bytes": os.stat(cvenv).st_size,
        "python": "Python " + platform.python_version() if not python else first_line([python, "-V"]),
        "uv": (first_line([uv, "--version"]) or "").split(" (")[0] or None,
        "virtualenv": "virtualenv " + words[1] if len(words) > 1 else None,
        "system": "%s %s %s" % (platform.system(), platform.release(), platform.machine()),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def sentence(about):
    versions = [about[k] for k in ("cvenv", "python", "uv", "virtualenv") if about.get(k)]
    return "%s (%d KiB); %s; %s, %d cores of %s; load %.1f before; %s." % (
        versions[0], about["cvenv_bytes"] // 1024, ", ".join(versions[1:]), about["system"],
        about["cores"], about["cpu"], about["load_before"], about["date"])
