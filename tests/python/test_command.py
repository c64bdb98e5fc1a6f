# SPDX-License-Identifier: MIT
"""The package without its extension, which calls the command.

The other tests of this directory run with a wheel that has no extension as well, see README.md.
"""

import json
import os
import re
import shutil
import signal
import time

import pytest

import runner

PLACES = {
    "prefix": ("lib/python3.9/site-packages", "bin/cvenv"),
    "target": ("there", "there/bin/cvenv"),
}

ASKED = """
import json, cvenv
from cvenv import _command
print(json.dumps([cvenv.__version__, cvenv._native.__name__, list(_command.commands())[:1]]))
"""


class Installed:
    """The package without the extension, and a command, in two directories of a test's room."""

    def __init__(self, room, layout):
        site, command = PLACES[layout]
        self.room, self.site = room, room.path("prefix", *site.split("/"))
        self.command = room.path("prefix", *command.split("/"))
        ignored = shutil.ignore_patterns("_native.*")
        shutil.copytree(os.path.join(room.site, "cvenv"), os.path.join(self.site, "cvenv"), ignore=ignored)
        os.makedirs(os.path.dirname(self.command))
        data, = [n for n in os.listdir(room.site) if n.endswith(".data")]
        shutil.copy(os.path.join(room.site, data, "scripts", "cvenv"), self.command)
        os.chmod(self.command, 0o755)

    def python(self, py, code, *args, **env):
        return self.room.python(py, "-c", code, *args, env={"PYTHONPATH": self.site, **env})

    def replace_command(self, text):
        """The real command is then "$0.real"."""
        os.rename(self.command, self.command + ".real")
        runner.write(self.command, text="#!/bin/sh\n" + text, mode=0o755)


@pytest.fixture
def installed(room):
    return Installed(room, "prefix")


@pytest.mark.parametrize("layout", PLACES)
def test_finds_its_command(newest, room, layout):
    installed = Installed(room, layout)
    version, native, commands = json.loads(installed.python(newest, ASKED).ok().out)
    assert native == "cvenv._command" and commands == [installed.command]
    assert room.run([installed.command, "--version"]).ok().out == "cvenv %s\n" % version


def test_runs_no_command_above_another_directory(newest, room):
    """It may belong to another program: only bin beside lib/python3.9/site-packages is this package's."""
    installed = Installed(room, "target")
    stranger = os.path.normpath(os.path.join(installed.site, "..", "..", "..", "bin", "cvenv"))
    os.makedirs(os.path.dirname(stranger), exist_ok=True)
    os.symlink(installed.command, stranger)
    commands = json.loads(installed.python(newest, ASKED).ok().out)[2]
    assert commands == [installed.command]


def test_no_command(newest, installed):
    os.unlink(installed.command)
    result = installed.python(newest, "import cvenv; cvenv.create('env')", PATH=os.path.dirname(installed.command))
    assert result.rc == 1 and "ImportError: the package cvenv has neither its extension nor" in result.err


def test_refuses_another_version(newest, installed):
    """A package and a command of two versions do not work together, even if they could."""
    runner.write(os.path.join(installed.site, "cvenv", "_version.py"), text="VERSION = '0.0.1'\n")
    result = installed.python(newest, "import cvenv; cvenv.create('env')")
    assert result.rc == 1 and "OSError: the package cvenv has version 0.0.1, but '" in result.err, result
    assert os.listdir(installed.room.work) == ["prefix"]


def test_a_command_without_requests(newest, installed):
    """As an older one: its error says what is wrong."""
    installed.replace_command("echo unrecognized >&2; exit 2\n")
    result = installed.python(newest, "import cvenv; cvenv.create('env')")
    assert result.rc == 1 and "unrecognized" in result.err and "ended with status 2" in result.err, result


def test_a_killed_command(newest, installed):
    installed.replace_command("printf 'path\\0path\\0'; kill -9 $$\n")
    result = installed.python(newest, "import cvenv; cvenv.create('env')")
    assert result.rc == 1 and "OSError: '%s' ended with signal 9" % installed.command in result.err, result


def test_a_large_script_and_a_command_of_another_version(newest, installed):
    """It ends before it has read the script."""
    runner.write(os.path.join(installed.site, "cvenv", "_version.py"), text="VERSION = '0.0.1'\n")
    code = "import cvenv; cvenv._native.replace('x' * 4000000, 'activate', ('',) * 6)"
    result = installed.python(newest, code)
    assert result.rc == 1 and "OSError: the package cvenv has version 0.0.1, but '" in result.err, result


def test_numbers_are_those_of_the_header(newest, room):
    with open(os.path.join(runner.REPOSITORY, "include", "cvenv.h"), encoding="utf-8") as file:
        header = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    bodies = re.findall(r"enum \w+ \{(.*?)\}", header, flags=re.DOTALL)
    enums = [re.findall(r"CVENV_(\w+)(?: = (\d+))?", body) for body in bodies]
    numbers = {name: int(enum[0][1] or 0) + i for enum in enums for i, (name, _) in enumerate(enum)}
    code = """
import json
from cvenv import _command
print(json.dumps({n: getattr(_command, n) for n in dir(_command) if n.isupper() and n[0] == "E"}))
"""
    codes = room.asks(newest, code)
    assert codes == {name: number for name, number in numbers.items() if number >= numbers["EUSAGE"] > 1}
    with open(os.path.join(room.site, "cvenv", "virtualenv.py"), encoding="utf-8") as file:
        assert "\n_COMPILE_ALWAYS = %d\n" % numbers["COMPILE_ALWAYS"] in file.read()


def test_codes_are_those_of_the_extension(newest, room):
    """And an unknown argument is refused, so that both know the same names."""
    code = """
import json
from cvenv import _command, _native
names = [n for n in dir(_native) if n.isupper()]
print(json.dumps([[n, getattr(_native, n), getattr(_command, n)] for n in names]))
"""
    if not os.path.exists(os.path.join(room.site, "cvenv", "_native.abi3.so")):
        pytest.skip("the wheel has no extension")
    codes = room.asks(newest, code)
    assert len(codes) > 10
    for name, theirs, ours in codes:
        assert ours == theirs, name


NAMES = """
import cvenv, sys
from cvenv import _command as c
options = {name: "x" for name in c._TEXTS + c._PATHS}
options.update({name: [sys.executable] for name in c._LISTS})
options.update({name: 0 for name in c._NUMBERS})
options.update({name: False for name in c._FLAGS})
options.update(python=sys.executable, without_pip=True, cwd=sys.argv[1], activators="", extra_cfg="key = x\\n")
del options["python_source"], options["wheel_dir"], options["cache_dir"]
native = cvenv._native
context = native.step("env", options, "ensure_directories", None, None)
assert set(context) <= set(c._CONTEXT), context
assert native.step("env", options, "begin", context, None) == context
options["nothing"] = 1
try:
    native.step("env", options, "begin", None, None)
except TypeError as e:
    assert "unknown name 'nothing'" in str(e), e
else:
    raise SystemExit("no TypeError")
"""


def test_names_of_options(newest, room, installed):
    """The extension, or the command, knows each name of the list in _command.py."""
    room.python(newest, "-c", NAMES, room.work).quiet()
    shutil.rmtree(room.path("env"))
    installed.python(newest, NAMES, room.work).quiet()


INTERRUPTED = """
import cvenv, os, signal, sys, time
caught = []
if sys.argv[2] == "handler":
    signal.signal(signal.SIGINT, lambda *_: caught.append(1))
print("ready", flush=True)
try:
    cvenv._native.create("env", {"python": sys.argv[1], "without_pip": True}, None)
except KeyboardInterrupt:
    print("interrupted")
except cvenv._native.Error as e:
    print("failed", len(caught), e.args[1])
"""


@pytest.mark.parametrize("how", ["default", "handler"])
def test_interrupts(newest, installed, how):
    """^C at a terminal, which the command gets, too: Python decides what happens."""
    room = installed.room
    slow = runner.write(room.path("slow"), text="#!/bin/sh\nsleep 2\nexit 3\n", mode=0o755)
    env = {"PYTHONPATH": installed.site}
    child = room.start([newest.path, "-c", INTERRUPTED, slow, how], env=env, start_new_session=True)
    assert child.stdout.readline() == b"ready\n"
    time.sleep(0.5)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert child.returncode == 0 and not err, err
    if how == "default":
        assert out == b"interrupted\n"
    else:
        assert out.startswith(b"failed 1 "), out
    assert sorted(os.listdir(room.work)) == ["prefix", "slow"]


def test_ends_when_python_is_killed(newest, installed):
    """While it waits for a lock or for an interpreter that does not answer."""
    room = installed.room
    pid = room.path("pid")
    text = "#!/bin/sh\necho $PPID >'%s'\nexec sleep 100\n" % pid
    silent = runner.write(room.path("silent"), text=text, mode=0o755)
    env = {"PYTHONPATH": installed.site}
    child = room.start([newest.path, "-c", INTERRUPTED, silent, "default"], env=env)
    while not (os.path.exists(pid) and runner.read(pid).strip()):
        time.sleep(0.05)
    command = int(runner.read(pid))
    child.kill()
    child.communicate()
    for _ in range(100):
        if not os.path.exists("/proc/%d" % command):
            return
        time.sleep(0.1)
    os.kill(command, signal.SIGKILL)
    raise AssertionError("the command still waits")


def test_pypy(pypy, installed):
    """In one call and in steps."""
    code = """
import json, os, venv, cvenv
class Stepped(cvenv.EnvBuilder):
    def post_setup(self, context):
        self.context = context
cvenv.create("one", symlinks=True, with_pip=True)
stepped = Stepped(symlinks=True, with_pip=True, system_site_packages=True)
stepped.create("two")
print(json.dumps([stepped.context.env_exe, cvenv._native.__name__]))
"""
    python, native = json.loads(installed.python(pypy, code).ok().out)
    assert native == "cvenv._command"
    for env in "one", "two":
        path = installed.room.path(env, "bin", os.path.basename(python))
        said = installed.room.run([path, "-c", "import pip, sys; print(sys.prefix)"]).ok()
        assert said.out.strip() == installed.room.path(env)
    assert runner.cfg(installed.room.path("two"))["include-system-site-packages"] == "true"
