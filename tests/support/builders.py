# SPDX-License-Identifier: MIT
"""EnvBuilder beside that of the standard library, for the tests of the Python package.

A `room` is a test's own directory. room.python(py, *args, package=...) runs an interpreter in which
`import venv` gives that package: "cvenv", or "venv" for the standard library's. room.asks() returns
what it prints as JSON. room.name() is a path for it, room.path() the same for this process.
"""

import json
import os

SURFACE = r"""
import inspect, json, venv

def shape(function):
    return [[p.name, str(p.kind), repr(p.default)] for p in inspect.signature(function).parameters.values()]

builder = venv.EnvBuilder
names = [n for n in dir(builder) if n not in dir(object) and n not in ("__dict__", "__weakref__")]
print(json.dumps({
    "names": names,
    "shapes": {n: shape(getattr(builder, n)) for n in names + ["__init__"] if callable(getattr(builder, n))},
    "create": shape(venv.create),
    "main": shape(venv.main),
    "module": [n for n in dir(venv) if not n.startswith("_")],
    "deps": getattr(venv, "CORE_VENV_DEPS", None),
    "attributes": sorted(vars(builder(prompt="."))),
    "values": {k: repr(v) for k, v in sorted(vars(builder(True, True, True, True, True, "x")).items())},
}))
"""

def same_surface(room, py):
    theirs = room.asks(py, SURFACE, package="venv")
    ours = room.asks(py, SURFACE)
    assert set(theirs["names"]) <= set(ours["names"])
    for name, shape in theirs["shapes"].items():
        assert ours["shapes"][name] == shape, name
    for key in ("create", "main"):
        assert ours[key] == theirs[key], key
    assert set(theirs["attributes"]) <= set(ours["attributes"])
    assert {k: ours["values"].get(k) for k in theirs["values"]} == theirs["values"]
    if theirs["deps"]:
        assert ours["deps"] == theirs["deps"]


# Records each call of a step, the context at that time, and what pyvenv.cfg says.
RECORDER = r"""
import json, os, sys, venv

env_dir, options = sys.argv[1], json.loads(sys.argv[2])
calls = []
STEPS = ("ensure_directories", "clear_directory", "create_git_ignore_file", "create_configuration",
         "setup_python", "symlink_or_copy", "_setup_pip", "setup_scripts", "install_scripts",
         "replace_variables", "post_setup", "upgrade_dependencies")


def config():
    try:
        with open(os.path.join(env_dir, "pyvenv.cfg"), encoding="utf-8") as f:
            return [line for line in f.read().splitlines() if not line.startswith("cvenv = ")]
    except OSError:
        return None


class Recorder(venv.EnvBuilder):
    pass


def recorded(name, original):
    def step(self, *args, **kwargs):
        contexts = [a for a in args if hasattr(a, "env_dir")]
        calls.append([name, len(args), self.system_site_packages, config(), sorted(os.listdir(env_dir))
                      if os.path.isdir(env_dir) else None,
                      {k: str(v) for k, v in vars(contexts[0]).items()} if contexts else None])
        if name == "upgrade_dependencies":
            return None
        answer = original(self, *args, **kwargs)
        if name == "ensure_directories":
            calls.append(["context", {k: str(v) for k, v in vars(answer).items()}])
        return answer
    return step


for name in options.pop("record"):
    if hasattr(venv.EnvBuilder, name):
        setattr(Recorder, name, recorded(name, getattr(venv.EnvBuilder, name)))
Recorder(**options).create(env_dir)
print(json.dumps(calls))
"""

MAIN_STEPS = (
    "ensure_directories",
    "create_git_ignore_file",
    "create_configuration",
    "setup_python",
    "_setup_pip",
    "setup_scripts",
    "post_setup",
    "upgrade_dependencies",
)

# What only cvenv's contexts and directories have, or only those of some versions of venv.
OWN_CONTEXT = {"platlib_path", "lib_path", "env_exec_cmd", "script_path", "cfg_path"}


def record(room, py, package, options, prepare=None):
    env_dir = room.path("env")
    if prepare:
        prepare(env_dir)
    text = json.dumps(options)
    calls = room.asks(py, RECORDER, room.name("env"), text, package=package)
    (scripts,) = [n for n in os.listdir(env_dir) if n in ("bin", "Scripts")]
    tree = sorted(os.listdir(os.path.join(env_dir, scripts)))
    room.empty_work()
    return calls, tree


def same_calls(room, py, options, prepare=None):
    options = supported(py, options)
    theirs, their_bin = record(room, py, "venv", options, prepare)
    ours, our_bin = record(room, py, "cvenv", options, prepare)
    assert [c[0] for c in ours] == [c[0] for c in theirs]
    for our, their in zip(ours, theirs):
        for context in (our[-1], their[-1]):
            for name in OWN_CONTEXT.intersection(context or ()):
                if name not in (their[-1] or ()) or name not in (our[-1] or ()):
                    del context[name]
        assert our == their, our[0]
    assert set(their_bin) <= set(our_bin)


def supported(py, options):
    unknown = {"upgrade_deps": (3, 9), "scm_ignore_files": (3, 13)}
    return {k: v for k, v in options.items() if py.minor >= unknown.get(k, (3, 0))}


# Runs the named tests, or all, and says how each ended.
RUN = r"""
import io, json, sys, unittest

try:
    from test import test_venv
except ImportError as e:
    print(json.dumps({"none": str(e)}))
    sys.exit()
except unittest.SkipTest as e:
    print(json.dumps({"none": "its test_venv says: %s" % e}))
    sys.exit()
loader = unittest.defaultTestLoader
if len(sys.argv) > 1:
    suite = loader.loadTestsFromNames(sys.argv[1:], test_venv)
else:
    suite = loader.loadTestsFromModule(test_venv)


class Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.ended = {}

    def stopTest(self, test):
        self.ended.setdefault(test.id().rpartition("test_venv.")[2], ["passed", ""])
        super().stopTest(test)

    def bad(self, test, err):
        text = self._exc_info_to_string(err, test)
        self.ended[test.id().rpartition("test_venv.")[2]] = ["failed", text]

    def addError(self, test, err):
        super().addError(test, err)
        self.bad(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.bad(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.bad(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.ended[test.id().rpartition("test_venv.")[2]] = ["skipped", reason]


result = unittest.TextTestRunner(io.StringIO(), resultclass=Result).run(suite)
print(json.dumps(result.ended))
"""


def cpythons_tests(room, py, names=(), package="cvenv", before="", **more):
    result = room.python(py, "-c", before + RUN, *names, package=package, timeout=600, **more).ok()
    return json.loads(result.out.splitlines()[-1])
