# SPDX-License-Identifier: MIT
"""Real packages in environments of every maker, copied, moved, repaired and packed: all that worked works.

What an environment does is asked of it once, where it was made. Each of the results must do the same while the
old place is empty. Nightly: the packages are those of the index.
"""

import json
import os
import re

import pytest

import makers
import programs
import runner
import session
import trees
from test_check import checked
from test_pack import pack, unpack

pytestmark = pytest.mark.nightly
LONG = 900  # seconds
VERSIONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]
# Of docopt there is only a source distribution, for which the other two are needed.
PACKAGES = ["requests", "flask", "black", "docopt"]
BUILD_PACKAGES = ["setuptools", "wheel"]
CHANGED = PACKAGES[:-1]
SCRIPTS = ["flask", "black"]
LARGE = "numpy"
PLACE = os.path.join(programs.BUILD, "tools", "packages")
CACHE = {"PIP_CACHE_DIR": os.path.join(PLACE, "cache")}  # also of the wheels that pip builds

# The top-level modules of every distribution, and where they came from or why they cannot be imported.
IMPORTS = r"""
import importlib, importlib.metadata, json, os, sys
names = set()
for one in importlib.metadata.distributions(path=[p for p in sys.path if p.startswith(sys.prefix + os.sep)]):
    names.update((one.read_text("top_level.txt") or "").split())
    for file in one.files or ():
        first, *rest = file.parts
        if file.suffix in (".py", ".so") and first != "..":
            names.add(first if rest else first.partition(".")[0])
said = {}
for name in sorted(names):
    try:
        module = importlib.import_module(name)
        said[name] = os.path.relpath(getattr(module, "__file__", None) or list(module.__path__)[0], sys.prefix)
    except BaseException as e:
        said[name] = type(e).__name__
print(json.dumps(said))
"""


def downloaded(env, packages):
    """The directory with PACKAGES and what they need, for the Python of ENV."""
    where = os.path.join(PLACE, env.py.x_y)
    os.makedirs(where, exist_ok=True)
    with session.locked("packages"):  # one after another, for the cache
        missing = [name for name in packages if not os.path.exists(os.path.join(where, name + ".done"))]
        if missing:
            done = env.pip("download", "-q", "-d", where, *missing, env=CACHE, timeout=LONG)
            if done.rc:
                pytest.skip("pip cannot download %s: %s" % (missing, done.err.strip().rpartition("\n")[2]))
        for name in missing:
            runner.write(where, name + ".done")
    return where


def install(env, packages):
    """By the pip of the environment; uv's has none."""
    given = ["install", "-q", "--no-index", "--find-links", downloaded(env, [*packages, *BUILD_PACKAGES]), *packages]
    if env.maker == "uv":
        makers.uv(env.box, "pip", *given[:1], "--python", env.python, *given[2:]).ok()
    else:
        env.run("python", "-m", "pip", *given, env=CACHE, timeout=LONG).ok()


def scripts(env):
    found = []
    for name in sorted(os.listdir(env.bin)):
        path = os.path.join(env.bin, name)
        if not os.path.islink(path) and os.access(path, os.X_OK):
            with open(path, "rb") as f:
                found += [name] if f.read(2) == b"#!" else []
    return found


def says(env, script, option):
    """Without the path of the environment, and without the line breaks that depend on its length. Of a
    traceback only the end: first lines of scripts differ in number."""
    result = env.run(script, option, timeout=LONG)
    out, err = (" ".join(text.replace(env.root, "ENV").split()) for text in (result.out, result.err))
    return result.rc, out, re.sub(r"^.*Traceback .* (?=\S+Error: )", "", err)


def tried(env, script):
    said = says(env, script, "--help")
    return said if said[0] == 0 else (said, says(env, script, "--version"))


def findings(env):
    said = checked(env.box, env.root, full=True)
    return [(one["kind"], one["file"]) for one in said["findings"] if one["severity"] != "note"]


def behaviour(env):
    modules = json.loads(env.runs(IMPORTS, timeout=LONG).ok().out)
    found = {"check": env.pip("check", timeout=LONG).out, "freeze": env.freeze(), "imports": modules}
    found.update((script, tried(env, script)) for script in scripts(env))
    return found


def compare(env, expected, former, known):
    """ENV does what was EXPECTED, and names no FORMER place. KNOWN: the findings that it may have."""
    for place in former:
        assert trees.mentions(env.root, place) == []
    assert [one for one in findings(env) if one not in known] == []
    said = behaviour(env)
    assert {key: said.get(key) for key in expected} == expected
    assert said.keys() == expected.keys()


def change(env, packages, expected):
    """Some packages less, and the same again."""
    env.pip("uninstall", "-q", "-y", *CHANGED).ok()
    assert not set(CHANGED) & {*os.listdir(env.bin), *os.listdir(env.site)}
    assert len(env.freeze().splitlines()) == len(expected["freeze"].splitlines()) - len(CHANGED)
    env.pip("install", "-q", "--no-index", "--no-deps", "--find-links", downloaded(env, packages), *CHANGED).ok()
    assert (env.freeze(), env.pip("check").out) == (expected["freeze"], expected["check"])
    for name in SCRIPTS:
        assert tried(env, name) == expected[name]


@pytest.fixture(params=VERSIONS)
def cpython(request, pythons):
    for py in reversed(pythons):
        if py.is_cpython and not py.debug and py.x_y == request.param:
            return py
    pytest.skip("no CPython " + request.param)


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_all_that_worked_works(made, maker, cpython):
    box = made.box
    large = [LARGE] if (maker, cpython.x_y) == ("venv", VERSIONS[-1]) else []
    packages = PACKAGES + large
    env = made(maker, cpython, packages=[], pip=maker != "uv", name="an env" if maker == "cvenv" else "env")
    install(env, packages)
    expected, known = behaviour(env), findings(env)
    assert expected["check"] == "No broken requirements found.\n"
    for name in packages:
        assert expected["imports"][name].startswith("lib")
    for name in SCRIPTS:
        assert expected[name][0] == 0
    away = env.root + ".away"

    box.cvenv("-q", "--clone", env.root, "copy").quiet()
    _, archive = pack(box, env.root, "env.tar.gz")
    os.rename(env.root, away)
    for name in ("copy", "unpacked"):
        root = box.path(name) if name == "copy" else unpack(box, archive, name)
        compare(env.at(root), expected, [env.root], known)
        change(env.at(root), packages, expected)
        runner.wipe(root)
    os.rename(away, env.root)

    box.cvenv("-q", "--move", env.root, "moved").quiet()
    assert not os.path.lexists(env.root)
    compare(env.at("moved"), expected, [env.root], known)

    os.rename(box.path("moved"), box.path("another place"))
    box.cvenv("-q", "--repair", "another place").quiet()
    repaired = env.at("another place")
    compare(repaired, expected, [env.root, box.path("moved")], [])
    change(repaired, packages, expected)
