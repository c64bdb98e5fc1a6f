# SPDX-License-Identifier: MIT
"""The plug-in of virtualenv, in the newest virtualenv of the index and in the oldest that it supports.
virtualenv's own creator and seeder, with the same arguments, say what is right.
"""

import glob
import json
import os
import subprocess

import pytest

import interpreters
import runner
import session

CHOSEN = ["--creator", "cvenv", "--seeder", "cvenv"]
# What pre-commit, nox and others read.
KEYS = "implementation version_info virtualenv base-prefix base-exec-prefix base-executable".split()
ANSWERS = """
import json, sys
from virtualenv import session_via_cli

def answers_of(s):
    c, i = s.creator, s.interpreter
    names = "exe bin_dir script_dir purelib platlib stdlib env_name dest".split()
    paths = {n: str(getattr(c, n)) for n in names}
    paths.update(libs=[str(p) for p in c.libs], script=str(c.script("pip")), python=i.system_executable)
    paths.update(activators=[type(a).__name__ for a in s.activators], spec=str(i.spec))
    return paths
"""


class Virtualenv:
    """One version of virtualenv, and the package, in the path of a Python."""

    def __init__(self, room, py, site):
        self.room, self.py, self.site = room, py, site

    def environ(self, **changes):
        """Without the variables of the machine: they choose, too."""
        env = {name: None for name in os.environ if name.startswith("VIRTUALENV_")}
        env["PYTHONPATH"] = os.pathsep.join([self.site, self.room.site])
        env["VIRTUALENV_OVERRIDE_APP_DATA"] = session.place("virtualenv-data")
        env["VIRTUALENV_NO_PERIODIC_UPDATE"] = "1"
        env.update(changes)
        return env

    def __call__(self, *args, **changes):
        given = ["-m", "virtualenv", "--python", self.py.path, *args]
        return self.room.python(self.py, *given, package="none", env=self.environ(**changes))

    def asks(self, code, *args, **changes):
        """What CODE prints, as JSON, after whatever virtualenv logs."""
        given = ["-c", ANSWERS + code, *args]
        result = self.room.python(self.py, *given, package="none", env=self.environ(**changes)).ok()
        return json.loads(result.out.splitlines()[-1])


def installed(py, version):
    """The directory where it is installed, once for all tests of the session."""
    where = session.place("tool-" + version)
    with session.locked("tool-" + version):
        if not os.path.exists(where):
            new = where + ".new"
            runner.wipe(new)
            subprocess.run([py.path, "-m", "venv", new], check=True, capture_output=True)
            asked = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", version]
            python = os.path.join(new, "bin", "python")
            result = subprocess.run([python, *asked], capture_output=True, text=True, timeout=600)
            if result.returncode:
                pytest.skip("cannot install %s: %s" % (version, result.stderr.strip().rpartition("\n")[2]))
            os.rename(new, where)
    return glob.glob(os.path.join(where, "lib", "python*", "site-packages"))[0]


@pytest.fixture(params=["virtualenv", "virtualenv==20.26.0"])
def virtualenv(request, room, newest, index):
    return Virtualenv(room, newest, installed(newest, request.param))


@pytest.fixture
def newest_virtualenv(room, newest, index):
    return Virtualenv(room, newest, installed(newest, "virtualenv"))


def packages(env):
    """The names of the distributions in an environment."""
    found = glob.glob(os.path.join(env, "lib", "python*", "site-packages", "*.dist-info"))
    return sorted(os.path.basename(path).partition("-")[0] for path in found)


def made_by_cvenv(env):
    return "cvenv" in runner.cfg(env)


def test_create_and_clear(virtualenv, room, newest):
    env = room.path("env")
    result = virtualenv(*CHOSEN, "--prompt", "it's", env).ok()
    assert "CvenvCreator" in result.out and "CvenvSeeder" in result.out
    config = runner.cfg(env)
    assert made_by_cvenv(env) and not set(KEYS) - set(config)
    assert config["version_info"].startswith(config["version"] + ".")
    assert config["include-system-site-packages"] == "false" and "it's" in config["prompt"]
    assert glob.glob(os.path.join(env, "lib", "python*", "site-packages", "pip", "__pycache__", "*.pyc"))
    pip = os.path.join(env, "bin", "pip")
    assert env in room.run([pip, "--version"]).ok().out
    left = runner.write(env, "left")
    virtualenv(*CHOSEN, "--clear", "--system-site-packages", "--no-vcs-ignore", env).ok()
    assert not os.path.exists(left) and not os.path.exists(os.path.join(env, ".gitignore"))
    config = runner.cfg(env)
    assert config["include-system-site-packages"] == "true" and "prompt" not in config
    # an existing one
    virtualenv(*CHOSEN, env).ok()
    assert not set(KEYS) - set(runner.cfg(env))


def test_session(virtualenv, room, newest):
    """Before it runs, the session describes what it will create, as with virtualenv's own creator."""
    code = """
answers = []
for n, python in enumerate(json.loads(sys.argv[2])):
    def ask(*args):
        s = session_via_cli([sys.argv[1] + "/%d" % n, "--python", python, *args], setup_logging=False)
        return s, answers_of(s)

    _, expected = ask("--no-seed")
    s, before = ask("--creator", "cvenv", "--seeder", "cvenv")
    with s:
        s.run()
    cfg, debug, enabled = s.creator.pyenv_cfg, s.creator.debug["sys"], s.seeder.enabled
    answers.append([expected, before, answers_of(s), [dict(cfg.content), debug["prefix"], enabled]])
print(json.dumps(answers))
"""
    found = interpreters.load(session.found()["found"])
    pythons = [p.path for p in found] if session.NIGHTLY else [newest.path]
    answers = virtualenv.asks(code, room.work, json.dumps(pythons))
    assert len(answers) == len(pythons)
    for expected, before, after, (config, prefix, enabled) in answers:
        assert before == expected and after == expected
        assert prefix == expected["dest"] and enabled
        assert set(KEYS) <= set(config)
        for path in [after[n] for n in ("exe", "bin_dir", "purelib", "platlib", "script")]:
            assert os.path.exists(path), path
        assert os.path.exists(os.path.join(after["purelib"], "pip", "__init__.py"))


def test_seeders(virtualenv, room):
    """Whatever virtualenv would install is installed: by cvenv, or else by virtualenv."""
    code = """
from virtualenv import cli_run
for n, args in enumerate(json.loads(sys.argv[2])):
    for kind, names in (("own", []), ("cvenv", ["--creator", "cvenv", "--seeder", "cvenv"])):
        cli_run([sys.argv[1] + "/%d-%s" % (n, kind), *names, *args], setup_logging=False)
print("null")
"""
    cases = [
        ["--no-pip"],
        ["--no-seed"],
        ["--without-pip"],
        ["--pip", "embed"],
        ["--setuptools", "bundle"],
        ["--seeder", "app-data"],
        ["--creator", "builtin"],
        ["--creator", "venv"],
    ]
    virtualenv.asks(code, room.work, json.dumps(cases))
    for n, args in enumerate(cases):
        own, other = (room.path("%d-%s" % (n, kind)) for kind in ("own", "cvenv"))
        assert packages(own) == packages(other), args
        assert made_by_cvenv(other) == (args[0] != "--creator"), args
    assert packages(room.path("0-own")) == [] and packages(room.path("3-own")) == ["pip"]


def test_pip_is_that_of_virtualenv(newest_virtualenv, room):
    code = """
from virtualenv.seed.wheels.embed import get_embed_wheel
print(json.dumps(get_embed_wheel("pip", "%d.%d" % sys.version_info[:2]).version))
"""
    version = newest_virtualenv.asks(code)
    newest_virtualenv(*CHOSEN, room.path("env")).ok()
    assert "pip %s " % version in room.run([room.path("env", "bin", "pip"), "--version"]).ok().out


def test_not_chosen(virtualenv, room):
    """Installing it changes nothing: not the default, not what describes an environment, and not an
    interpreter for which virtualenv has no creator of its own."""
    virtualenv(room.path("env")).ok()
    assert not made_by_cvenv(room.path("env"))
    code = """
from virtualenv.create.via_global_ref.builtin.cpython import cpython3
s = [session_via_cli(["x", *more], setup_logging=False) for more in ([], ["--creator", "venv"])]
cpython3.CPython3Posix.can_create = classmethod(lambda cls, interpreter: None)
s.append(session_via_cli(["x"], setup_logging=False))
print(json.dumps([type(t.creator).__module__ for t in s] + [type(s[1].creator.describe).__module__]))
"""
    for module in virtualenv.asks(code):
        assert module.startswith("virtualenv."), module


def test_files_choose(newest_virtualenv, room):
    """virtualenv.ini, and the variables."""
    config = runner.write(room.root, "virtualenv.ini", text="[virtualenv]\ncreator = cvenv\nseeder = cvenv\n")
    newest_virtualenv(room.path("a"), VIRTUALENV_CONFIG_FILE=config).ok()
    newest_virtualenv(room.path("b"), VIRTUALENV_CREATOR="cvenv", VIRTUALENV_SEEDER="cvenv").ok()
    assert made_by_cvenv(room.path("a")) and made_by_cvenv(room.path("b"))


def test_activators(virtualenv, room):
    env = room.path("env")
    result = virtualenv(*CHOSEN, "--activators", "bash,python,powershell", env).ok()
    assert "activators BashActivator,PowerShellActivator,PythonActivator" in result.out
    scripts = os.listdir(os.path.join(env, "bin"))
    assert "activate_this.py" in scripts and "activate.nu" not in scripts
    assert "activate.ps1" in scripts  # the name that virtualenv's users know
    line = ". '%s/bin/activate'; command -v python" % env
    assert env in room.run(["sh", "-c", line]).ok().out
    assert "cvenv" in runner.read(env, "bin", "activate")


def test_copies(newest_virtualenv, room):
    newest_virtualenv(*CHOSEN, "--copies", "--no-seed", room.path("env")).ok()
    assert not os.path.islink(room.path("env", "bin", "python"))


def test_errors(newest_virtualenv, room):
    """In one line, and with a traceback when asked."""
    result = newest_virtualenv(*CHOSEN, "--clear", room.home, HOME=room.home)
    assert result.rc == 1 and "refusing to clear" in result.out + result.err
    assert "Traceback" not in result.out + result.err
    result = newest_virtualenv(*CHOSEN, "--pip", "0.0.1", "--no-download", room.path("env"), PIP_NO_INDEX="1")
    assert result.rc == 1 and not os.path.exists(room.path("env"))
    result = newest_virtualenv(*CHOSEN, "--clear", "--with-traceback", room.home, HOME=room.home)
    assert "Traceback" in result.out + result.err


def test_unsupported(newest_virtualenv, room):
    """Not offered, with the reason."""
    code = """
import copy, logging
from virtualenv.discovery.py_info import PythonInfo
from cvenv.virtualenv import CvenvCreator
messages = []
logging.getLogger("cvenv.virtualenv").log = lambda level, form, *args: messages.append([level, form % args])
other = copy.copy(PythonInfo.current())
other.implementation = "GraalVM"
old = copy.copy(PythonInfo.current())
old.version_info = type(old.version_info)(3, 7, 1, "final", 0)
offered = [bool(CvenvCreator.can_create(i)) for i in (PythonInfo.current(), other, old)]
for argument in "--creator=cvenv", "cvenv":
    sys.argv.append(argument)
    CvenvCreator.can_create(old)
    sys.argv.pop()
print(json.dumps([offered, messages]))
"""
    offered, messages = newest_virtualenv.asks(code)
    assert offered == [True, False, False]
    assert "GraalVM" in messages[0][1] and "3.7" in messages[1][1]
    assert [level for level, _ in messages] == [10, 10, 30, 30]  # DEBUG; WARNING if it is asked for
