# SPDX-License-Identifier: MIT
"""Activation in cmd, by the scripts for an environment of a Python for Windows.

wine's cmd differs from Microsoft's. It reads a .bat file in code page 437 whatever `chcp` says, so
a name that is not ASCII arrives as those bytes in that code page, and chcp needs a console. With
delayed expansion (/v:on) it knows no "^!", so names with "!" are left out there. It guesses whether
a quote is the last of its pair by those that follow (CARETS below). fuzz_quote reads all of these by
Microsoft's rules.
"""

import os
import shutil

import pytest

import names
import session
import wine
from shells import RENDER, render

COUNT = 2000 if session.NIGHTLY else 60
CARETS = 'set "CARETS="^^""'  # outside of quotes: they become one, except in wine
TIME_LIMIT = 3600 if session.NIGHTLY else wine.TIME_LIMIT  # thousands of names take minutes
NOISE = {"CVENV_CACHE_DIR", "WINEPREFIX", "WINEDEBUG"}
modes = pytest.mark.parametrize("delayed", ["off", "on"])


def read_here(text):
    """What wine's cmd reads where a file has this text."""
    return text.encode().decode("cp437")


class Cmd:
    """Environments and a script for cmd that records all variables in files."""

    def __init__(self, windows):
        self.windows, self.lines, self.count = windows, [], 0

    def make(self, name="env", prompt="prompt", relocatable=False):
        """The directory as cmd calls it; where its scripts are is plain in any case."""
        self.count += 1
        out = self.windows.path("out%d" % self.count)
        env_dir = self.windows.path(name)
        render([(out, self.windows.name(name), prompt)], relocatable, True, "batch")
        os.makedirs(self.windows.path(read_here(env_dir), "Scripts"))
        shutil.copy(os.path.join(out, "Scripts", "deactivate.bat"),
                    self.windows.path(read_here(env_dir), "Scripts"))
        return "out%d\\Scripts\\activate.bat" % self.count

    def add(self, *lines):
        self.lines += lines
        return self

    def dump(self, label):
        return self.add("@set > " + label)

    def run(self, delayed="off", env=None, rc=0):
        """{label: {name: value}}, and under "" what was printed."""
        with open(self.windows.path("script.bat"), "w", encoding="cp437", newline="\r\n") as file:
            file.write("\n".join(["@echo off", *self.lines, "exit /b 0"]) + "\n")
        argv = ["cmd", "/d", "/u", "/v:" + delayed, "/c", "script.bat"]
        result = self.windows.run(*argv, env=env, timeout=TIME_LIMIT)
        printed = result.out.replace("\0", "") + result.err.replace("\0", "")
        assert result.rc == rc, printed
        dumps = {"": printed}
        for label in (line[7:] for line in self.lines if line.startswith("@set > ")):
            with open(self.windows.path(label), encoding="utf-16-le") as file:
                pairs = [line.split("=", 1) for line in file.read().splitlines() if "=" in line]
            dumps[label] = {name: value for name, value in pairs if name not in NOISE}
        return dumps


@pytest.fixture
def cmd(windows):
    if not RENDER:
        pytest.skip("no tests/shells/render: CVENV_RENDER is not set")
    return Cmd(windows)


def inside(cmd, before, name="env", prompt="prompt"):
    """The variables in an environment, by those before."""
    shown = "".join("?" if not c.isprintable() and c not in "\u200b\u202e" else c for c in prompt)
    want = dict(before, VIRTUAL_ENV=read_here(cmd.windows.name(name)),
                VIRTUAL_ENV_PROMPT=read_here(prompt))
    want["PATH"] = want["VIRTUAL_ENV"] + "\\Scripts;" + before["PATH"]
    want["PROMPT"] = "(%s) %s" % (read_here(shown).replace("$", "$$"), before["PROMPT"])
    if want.pop("PYTHONHOME", None):
        want["_OLD_VIRTUAL_PYTHONHOME"] = before["PYTHONHOME"]
    for old in ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"):
        if old in before:
            want["_OLD_" + old] = before[old]
    return dict(want, _OLD_VIRTUAL_PATH=before["PATH"], _OLD_VIRTUAL_PROMPT=before["PROMPT"])


VALUES = ['set "PATH=%PATH%;"C:\\a ^& b";C:\\(c);C:\\100%%^^"', 'set "PROMPT=;^^ "^& $P$G"',
          'set "PYTHONHOME=C:\\^& "x"^&"']


@modes
def test_variables_come_back(cmd, delayed):
    """Whatever is in them; entered twice and over another environment."""
    one, two = cmd.make("one", "1"), cmd.make("two & three", "2")
    cmd.add(*VALUES, "set VIRTUAL_ENV=of a parent").dump("before")
    for number, script in enumerate([one, one, two]):
        cmd.add("call " + script, "if errorlevel 1 echo failed").dump("in%d" % number)
    dumps = cmd.add("call deactivate", "if errorlevel 1 echo failed").dump("after").add(
        'call "two & three\\Scripts\\deactivate.bat"').run(delayed)
    before = dumps["before"]
    assert dumps["in0"] == dumps["in1"] == inside(cmd, before, "one", "1")
    assert dumps["in2"] == inside(cmd, before, "two & three", "2")
    assert dumps["after"] == before


@modes
@pytest.mark.parametrize("name", ["PATH", "PROMPT", "PYTHONHOME"])
def test_variable_that_is_not_set(cmd, delayed, name):
    script = cmd.make()
    cmd.add("set %s=" % name).dump("before").add("call " + script).dump("in")
    dumps = cmd.add("call env\\Scripts\\deactivate.bat").dump("after").run(delayed)
    assert name not in dumps["before"] and dumps["after"] == dumps["before"]
    path = dumps["in"]["PATH"].split(";")
    assert path[0] == cmd.windows.name("env") + "\\Scripts"
    assert dumps["in"]["PROMPT"].startswith("(prompt) ")


@modes
def test_nothing_is_printed(cmd, delayed):
    """With `echo on`, too, in setlocal, and where the code page changes."""
    for name in ("env", "env é"):
        cmd.add("@echo on", "@setlocal", "@call " + cmd.make(name, "é"), "@call deactivate",
                "@endlocal", "@echo off")
    assert cmd.run(delayed)[""] == ""


def test_disabled_prompt(cmd):
    cmd.add("set VIRTUAL_ENV_DISABLE_PROMPT=1", "call " + cmd.make()).dump("in")
    dumps = cmd.add("call deactivate").dump("after").run()
    assert dumps["in"]["PROMPT"] == dumps["after"]["PROMPT"]
    assert dumps["in"]["VIRTUAL_ENV_PROMPT"] == "prompt"


@modes
def test_moved_environment_is_not_entered(cmd, delayed):
    """One message, status 1; another environment stays active."""
    one, two = cmd.make("one"), cmd.make("two & (three) %x% ^")
    os.rename(cmd.windows.path("two & (three) %x% ^"), cmd.windows.path("moved"))
    cmd.add("call " + one).dump("before").add("call " + two, "if errorlevel 1 echo failed")
    dumps = cmd.dump("after").run(delayed)
    assert dumps["after"] == dumps["before"]
    failed, message = dumps[""].splitlines()
    assert failed == "failed"
    assert message == 'activate.bat: directory "%s\\Scripts" is missing: this environment was ' \
        "moved or deleted" % cmd.windows.name("two & (three) %x% ^")


@modes
def test_relocatable(cmd, delayed):
    """It finds itself. wine reads "%" in %~dp0 again, and with /v:on knows no "^^"."""
    name = "env & (x) " + ("^" if delayed == "off" else "")
    cmd.make(name + "x", relocatable=True)
    scripts = cmd.windows.path(name + "x", "Scripts")
    shutil.copy(cmd.windows.path("out1", "Scripts", "activate.bat"), scripts)
    cmd.dump("before").add('cd "%sx\\Scripts"' % name, "call activate").add(
        "cd ..\\..").dump("in")
    dumps = cmd.add("call deactivate").dump("after").run(delayed)
    assert dumps["in"] == inside(cmd, dumps["before"], name + "x")
    assert dumps["after"] == dumps["before"]


HARMFUL = ["& echo>CANARY &", '" & echo>CANARY & "', "| echo>CANARY", "%COMSPEC%", "^", "^^", "a^!b",
           "%", "%%", "%1", "!PATH!", "!", "!!", "a!b^c", '"', '""', '"^', '"%', '"!', '"(', ")", "()",
           "$", "$P$G", "$$", "'", "`", "~", "=", ";", ",", "a=b", "é", "日本語", "👍", "\u202e",
           ':: "&', "@", "rem", "%~dp0", "%%i", "-", "/?", "\\", '\\"', " x", "con"]


def pairs():
    """(directory, prompt) in Unicode."""
    for name in HARMFUL:
        yield "env", name
        yield names.of_windows(name.encode()).decode(), "prompt"
    for directory, prompt in names.generate(COUNT, names.SEED + 1):
        prompt = "".join(c for c in prompt.decode("utf-8", "replace") if c.isprintable())
        yield names.of_windows(directory).decode(), prompt or "x"


def differs(got, want, keeps_carets):
    """Is there another difference than carets in a prompt with more than one quote?"""
    if keeps_carets and want["VIRTUAL_ENV_PROMPT"].count('"') > 1:
        got, want = dict(got), dict(want)
        for values in (got, want):
            for name in ("PROMPT", "VIRTUAL_ENV_PROMPT"):
                values[name] = values.get(name, "").replace("^", "")
    return got != want


@modes
def test_names(cmd, delayed, record_property):
    """The variables are exact, nothing is executed, and no variable is left."""
    every = list(pairs())
    chosen = [pair for pair in every if delayed == "off" or "!" not in "".join(pair)]
    assert len(every) > COUNT and len(chosen) > COUNT // 2
    cmd.add(CARETS).dump("carets").add("set CARETS=").dump("before")
    for number, (name, prompt) in enumerate(chosen):
        cmd.add("call " + cmd.make(os.path.join("of%d" % number, name), prompt)).dump("in%d" % number)
        cmd.add("call deactivate")
    dumps = cmd.dump("after").run(delayed)
    assert dumps[""] == "" and dumps["after"] == dumps["before"]
    keeps_carets = dumps["carets"]["CARETS"] != '"^"'
    problems = []
    for number, (name, prompt) in enumerate(chosen):
        got = dumps["in%d" % number]
        want = inside(cmd, dumps["before"], "of%d\\%s" % (number, name), prompt)
        if differs(got, want, keeps_carets):
            problems.append((name, prompt, sorted(set(got.items()) ^ set(want.items()))))
    record_property("names", len(chosen))
    assert not problems, problems[:5]
    assert not [name for name in os.listdir(cmd.windows.work) if "CANARY" in name]


@pytest.mark.parametrize("prompt", ["a\nb", "a\tb", "\udced\udca0\udc80"])
def test_refused_names(cmd, prompt):
    """What a line of a .bat file cannot contain."""
    cmd.dump("before").add("call " + cmd.make(prompt=prompt), "if errorlevel 1 echo failed")
    dumps = cmd.dump("after").run()
    assert dumps["after"] == dumps["before"]
    failed, message = dumps[""].splitlines()
    assert "characters that this shell cannot handle" in message and failed == "failed"


def test_pydoc(cmd, pythons):
    """By its name in quotes, when %~dp0 is not the directory of the script."""
    cmd.make("env & x")
    env_dir = cmd.windows.path("env & x")
    shutil.copy(cmd.windows.path("out1", "Scripts", "pydoc.bat"), os.path.join(env_dir, "Scripts"))
    shutil.copy(pythons[-1].launchers["python.exe"], os.path.join(env_dir, "Scripts", "python.exe"))
    with open(os.path.join(env_dir, "pyvenv.cfg"), "w") as file:
        file.write("home = %s\n" % wine.windows_path(pythons[-1].directory))
    cmd.add('set "PATH=%PATH%;' + cmd.windows.name("env & x", "Scripts") + '"', '"pydoc" -h')
    assert "the Python documentation tool" in cmd.run()[""]
