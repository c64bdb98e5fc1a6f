# SPDX-License-Identifier: MIT
"""Which Pythons this machine has. None is assumed to exist; those found are reported.

Found are: $CVENV_TEST_PYTHONS (separated as PATH is), the versions of pyenv, python3.X and
the debug builds on PATH and in /usr/bin, and PyPy. Each real executable counts once.
"""

import concurrent.futures
import dataclasses
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

OLDEST = (3, 8)
NEWEST_MINOR = 20
PROBE_LIMIT = 60

PROBE = r"""
import json, os, sys, sysconfig
from importlib import util
spec = util.find_spec("ensurepip")
pins = {}
if spec and spec.origin:
    with open(spec.origin, encoding="utf-8") as f:
        for line in f:
            key, sep, value = line.partition(" = ")
            if key in ("_PIP_VERSION", "_SETUPTOOLS_VERSION") and sep:
                pins[key] = value.strip().strip("\"'")
    bundle = os.path.join(os.path.dirname(spec.origin), "_bundled")
wheels = sysconfig.get_config_var("WHEEL_PKG_DIR") or ""
names = {}
for place in (wheels, bundle if spec else ""):
    if place and os.path.isdir(place) and not names:
        for entry in sorted(os.listdir(place)):
            project, _, rest = entry.partition("-")
            if entry.endswith(".whl"):
                names[project] = [rest.split("-")[0], os.path.join(place, entry)]
        for project, pin in (("pip", "_PIP_VERSION"), ("setuptools", "_SETUPTOOLS_VERSION")):
            exact = os.path.join(place, "%s-%s-py3-none-any.whl" % (project, pins.get(pin)))
            if os.path.exists(exact):
                names[project] = [pins[pin], exact]
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "implementation": sys.implementation.name,
    "debug": hasattr(sys, "gettotalrefcount"),
    "threads": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "prefix": sys.base_prefix,
    "stdlib": sysconfig.get_path("stdlib"),
    "seeds": names,
}))
"""


@dataclasses.dataclass(frozen=True)
class Interpreter:
    name: str
    path: str
    version: tuple
    implementation: str
    debug: bool
    prefix: str
    stdlib: str
    seeds: dict = dataclasses.field(hash=False)  # project -> [version, wheel]

    @property
    def minor(self):
        return self.version[:2]

    @property
    def is_cpython(self):
        return self.implementation == "cpython"

    @property
    def x_y(self):
        return "%d.%d" % self.minor

    @property
    def bin_name(self):
        return os.path.basename(self.path)

    @property
    def lib_name(self):
        return ("pypy" if self.implementation == "pypy" else "python") + self.x_y

    def __str__(self):
        return self.name


def _is_script(path):
    try:
        with open(path, "rb") as f:
            return f.read(2) == b"#!"
    except OSError:
        return True


def _candidates():
    yield from filter(None, os.environ.get("CVENV_TEST_PYTHONS", "").split(os.pathsep))
    roots = {os.environ.get("PYENV_ROOT") or "", os.path.expanduser("~/.pyenv")}
    for root in sorted(filter(None, roots)):
        for directory in sorted(glob.glob(os.path.join(root, "versions", "*", "bin"))):
            for path in sorted(glob.glob(os.path.join(directory, "python3.*"))):
                if re.fullmatch(r"python3\.\d+t?", os.path.basename(path)):
                    yield path
    places = os.environ.get("PATH", "").split(os.pathsep) + ["/usr/local/bin", "/usr/bin"]
    for place in places:
        for minor in range(6, NEWEST_MINOR):
            for suffix in ("", "t", "-dbg"):
                yield os.path.join(place, "python3.%d%s" % (minor, suffix))
        yield os.path.join(place, "python3")
        yield os.path.join(place, "pypy3")


def _probe(path):
    """Return (info, None) or (None, why not)."""
    env = {"PATH": os.defpath, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    try:
        answer = subprocess.run(
            [path, "-I", "-c", PROBE],
            env=env,
            capture_output=True,
            text=True,
            timeout=PROBE_LIMIT,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as e:
        return None, str(e)
    if answer.returncode:
        return None, (answer.stderr.strip().splitlines() or ["exit %d" % answer.returncode])[-1]
    info = json.loads(answer.stdout)
    with tempfile.TemporaryDirectory() as scratch:
        made = subprocess.run(
            [path, "-m", "venv", "--without-pip", os.path.join(scratch, "e")],
            env=env,
            capture_output=True,
            text=True,
            timeout=PROBE_LIMIT,
            stdin=subprocess.DEVNULL,
        )
    info["venv"] = made.returncode == 0
    return info, None


def _name(path, info):
    kind = "" if info["implementation"] == "cpython" else info["implementation"] + "-"
    text = kind + ".".join(map(str, info["version"]))
    text += "d" if info["debug"] else ""
    text += "t" if info["threads"] else ""
    return text + ("-system" if path.startswith(("/usr/bin/", "/bin/")) else "")


def discover():
    """Return {"found": [...], "old": [...], "left_out": [[path, why], ...]}, fit for JSON."""
    paths, seen = [], set()
    for path in _candidates():
        real = os.path.realpath(path)
        if real in seen or not os.access(path, os.X_OK) or _is_script(path):
            continue
        seen.add(real)
        paths.append(os.path.abspath(path))
    found, old, left_out, names = [], [], [], set()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(_probe, paths))
    for path, (info, why) in zip(paths, answers):
        if info is None:
            left_out.append([path, why])
            continue
        if tuple(info["version"][:2]) < OLDEST:
            old.append(path)
            left_out.append([path, "older than %d.%d: only used as a bad base" % OLDEST])
            continue
        if not info.pop("venv"):
            left_out.append([path, "has no working -m venv to compare with"])
            continue
        name = _name(path, info)
        while name in names:
            name += "+"
        names.add(name)
        info.pop("threads")
        found.append(dict(info, name=name, path=path))
    return {"found": found, "old": old, "left_out": left_out}


def load(found):
    pythons = [Interpreter(**dict(one, version=tuple(one["version"]))) for one in found]
    return sorted(pythons, key=lambda p: (not p.is_cpython, p.debug, p.version, p.path))


def unprivileged():
    """argv in front of a command to run it as an ordinary user, or None where that cannot be."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if not setpriv or not sys.platform.startswith("linux"):
        return None
    return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
