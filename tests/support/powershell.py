# SPDX-License-Identifier: MIT
"""Tests of Activate.ps1 and of the function cv, for every PowerShell: test_powershell.py of the shells and of Windows."""

import base64
import os
import re
import shlex
import shutil
import subprocess
import urllib.parse

import pytest

import names
import session
import wine
from shells import render

COUNT = 2000 if session.NIGHTLY else 100
NAMES = ["one", "t‘w’o' $x `y` é"]
PROMPT = "((prompt 6>&1 | Out-String) -replace '[\\r\\n]', '')"


class PowerShell:
    """A subclass says how to run a script and which names a file has for it."""

    windows, bin, slash, colon = False, "bin", "/", ":"

    def __init__(self, folder):
        self.folder = folder

    def name(self, path):
        """The file's name in the PowerShell."""
        return path

    def start(self, script):
        """(exit code, what was printed)"""
        raise NotImplementedError

    def hook(self):
        """What `cvenv --shell-hook powershell` prints."""
        raise NotImplementedError

    def make(self, number, name=None, prompt=None):
        """An environment; returns the command that activates it."""
        prompt = NAMES[number] if prompt is None else prompt
        env_dir = os.path.join(self.folder, name or "env%d" % number)
        out = os.path.join(self.folder, "out%d" % number) if name else env_dir
        render([(out, self.name(env_dir), prompt)], windows=self.windows)
        os.makedirs(os.path.join(env_dir, self.bin), exist_ok=True)
        with open(os.path.join(env_dir, "pyvenv.cfg"), "w"):
            pass
        return "& '%s'" % self.name(os.path.join(out, self.bin, "Activate.ps1"))

    def bin_of(self, number):
        return self.name(os.path.join(self.folder, "env%d" % number, self.bin))

    def run(self, lines):
        """What these lines print behind "=>"."""
        script, file = os.path.join(self.folder, "script.ps1"), os.path.join(self.folder, "output")
        with open(script, "w", encoding="utf-8-sig") as f:
            f.write("\n".join(
                ["$ErrorActionPreference = 'Stop'", "Set-StrictMode -Version Latest", "try { & {",
                 *lines, "} *>&1 | Out-File -Encoding utf8 '%s' } catch { $_ | Out-String | "
                 "Out-File -Append -Encoding utf8 '%s'; exit 3 }" % ((self.name(file),) * 2)]) + "\n")
        code, printed = self.start(script)
        text = ""
        if os.path.exists(file):
            with open(file, encoding="utf-8-sig") as f:
                text = f.read()
        assert code == 0, printed + text
        return [line[2:] for line in text.splitlines() if line.startswith("=>")]


class UnderWine(PowerShell):
    """PowerShell for Windows, of the bench, in a wine.Windows."""

    windows, bin, slash, colon = True, "Scripts", "\\", ";"
    program = wine.bench("pwsh", "pwsh.exe")

    def __init__(self, in_wine):
        super().__init__(in_wine.work)
        self.in_wine = in_wine

    def name(self, path):
        return wine.windows_path(path)

    def start(self, script):
        """On a terminal: without one, it runs nothing under wine."""
        argv = [wine.bench("bin", "wine"), self.program, "-NoLogo", "-NoProfile", "-ExecutionPolicy",
                "Bypass", "-File", self.name(script)]
        result = subprocess.run(
            ["script", "-qec", shlex.join(argv), "/dev/null"], cwd=self.folder, stdin=subprocess.DEVNULL,
            env=self.in_wine.environ({"TERM": "xterm"}), stdout=subprocess.PIPE, timeout=wine.TIME_LIMIT)
        return result.returncode, result.stdout.decode("utf-8", "replace")

    def hook(self):
        return self.in_wine.cvenv("--shell-hook", "powershell").ok().out

    @classmethod
    def missing(cls):
        """Why it cannot be run."""
        if not os.path.exists(cls.program):
            return "no PowerShell for Windows in the bench"
        return None if shutil.which("script") else "no program `script`, for a terminal"


def test_syntax(pwsh):
    scripts = [pwsh.make(n) for n in range(len(NAMES))]
    lines = ["$errors = $null", "$tokens = $null"]
    for script in scripts:
        lines += ["[void][Management.Automation.Language.Parser]::ParseFile(%s," % script[2:],
                  "    [ref]$tokens, [ref]$errors)", '"=>$($errors.Count)"']
    assert pwsh.run(lines) == ["0", "0"]


def check_variables(pwsh, before=()):
    """Entered twice, called and with a dot, over another environment; then left."""
    scripts = [pwsh.make(n) for n in range(len(NAMES))]
    show = "'=>' + $env:VIRTUAL_ENV; '=>' + $env:VIRTUAL_ENV_PROMPT; '=>' + $env:PYTHONHOME; " \
        "'=>' + ($env:PATH -ceq $want); '=>' + " + PROMPT
    want = "$want = '%s' + '" + pwsh.colon + "' + $old"
    lines = [*before, "function global:prompt { 'OLD> ' }", "$env:PYTHONHOME = 'home'",
             "$old = $env:PATH", "$env:VIRTUAL_ENV = 'of a parent'", "$bin = 'mine'"]
    for order, number in enumerate([0, 0, 1]):
        dot = "." if order % 2 else "&"
        lines += [want % pwsh.bin_of(number), dot + scripts[number][1:], show]
    lines += ["$want = 'new%s' + $old" % pwsh.colon, "$env:PATH = 'new%s' + $env:PATH" % pwsh.colon,
              "deactivate", show, "'=>' + $bin",
              "'=>' + (Test-Path Function:deactivate) + (Test-Path Variable:global:_OLD_VIRTUAL)",
              scripts[0] + " -Prompt other", "'=>' + " + PROMPT]
    dirs = [pwsh.bin_of(n)[: -1 - len(pwsh.bin)] for n in range(2)]
    one = [dirs[0], "one", "", "True", "(one) OLD> "]
    two = [dirs[1], NAMES[1], "", "True", "(%s) OLD> " % NAMES[1]]
    left = ["of a parent", "", "home", "True", "OLD> ", "mine", "FalseFalse", "(other) OLD> "]
    got = pwsh.run(lines)
    assert [line.rstrip() for line in got] == [line.rstrip() for line in one + one + two + left]


def test_variables(pwsh):
    check_variables(pwsh)


def test_constrained_language(pwsh):
    """As on a computer with AppLocker or Windows Defender Application Control."""
    mode = "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'"
    check_variables(pwsh, [mode])


def test_other_location(pwsh):
    """A drive that is no file system."""
    lines = ["Set-Location Env:", pwsh.make(0), "'=>' + $env:VIRTUAL_ENV_PROMPT"]
    assert pwsh.run(lines) == ["one"]


def test_relative_directory(pwsh):
    pwsh.make(0)
    script = pwsh.make(1)
    lines = ["Set-Location '%s'" % pwsh.name(pwsh.folder),
             script + " -VenvDir .%senv0%s" % (pwsh.slash, pwsh.slash), "'=>' + $env:VIRTUAL_ENV"]
    assert pwsh.run(lines) == [pwsh.name(os.path.join(pwsh.folder, "env0"))]


def test_moved_environment_is_not_entered(pwsh):
    pwsh.make(0)
    moved = os.path.join(pwsh.folder, "moved", pwsh.bin)
    os.makedirs(moved)
    os.rename(os.path.join(pwsh.folder, "env0", pwsh.bin, "Activate.ps1"),
              os.path.join(moved, "Activate.ps1"))
    shutil.rmtree(os.path.join(pwsh.folder, "env0"))
    script = pwsh.name(os.path.join(moved, "Activate.ps1"))
    lines = ["$old = $env:PATH", "$said = & '%s' 2>&1" % script, "'=>' + $LASTEXITCODE",
             "'=>' + ($said -match 'is missing: this environment was moved or deleted')",
             "'=>' + ($env:PATH -ceq $old) + (Test-Path Function:deactivate)"]
    assert pwsh.run(lines) == ["1", "True", "TrueFalse"]


def test_aliases_change_nothing(pwsh):
    lines = ["function global:shout { 'ALIAS' }", "function global:prompt { 'OLD> ' }",
             "$old = $env:PATH"]
    lines += ["Set-Alias -Scope Global -Name %s -Value shout" % name for name in (
        "Test-Path", "Set-Item", "Remove-Item", "Write-Host", "Remove-Variable", "Resolve-Path")]
    lines += ["$said = " + pwsh.make(0), "'=>' + $said", "'=>' + $env:VIRTUAL_ENV_PROMPT",
              "$said = deactivate", "'=>' + $said", "'=>' + ($env:PATH -ceq $old)"]
    assert pwsh.run(lines) == ["", "one", "", "True"]


def test_own_deactivate_comes_back(pwsh):
    enter = pwsh.make(0)
    lines = ["function global:deactivate { '=>mine' }", enter, enter, "deactivate", "deactivate",
             "function global:other { '=>other' }",
             "Set-Alias -Scope Global -Name deactivate -Value other", enter, enter,
             "'=>' + $env:VIRTUAL_ENV_PROMPT", "deactivate", "'=>' + $env:VIRTUAL_ENV_PROMPT",
             "deactivate", "Remove-Item Alias:deactivate", "deactivate"]
    assert pwsh.run(lines) == ["mine", "one", "", "other", "mine"]


def test_names(pwsh, record_property):
    """Directories and prompts are exact, and nothing in them is executed."""
    pairs = [(names.of_windows(a).decode(), b.decode("utf-8", "replace"))
             for a, b in names.worst() + names.generate(COUNT)]
    lines = ["Set-Location '%s'" % pwsh.name(pwsh.folder), "$old = $env:PATH"]
    for number, (name, prompt) in enumerate(pairs):
        lines += [pwsh.make(number, os.path.join("of%d" % number, name), prompt),
                  "'=>' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("
                  "$env:VIRTUAL_ENV + [char]0 + $env:VIRTUAL_ENV_PROMPT + [char]0 + "
                  "$global:_OLD_VIRTUAL.Name + ($env:PATH -ceq ($env:VIRTUAL_ENV + '%s%s%s' + $old))))"
                  % (pwsh.slash, pwsh.bin, pwsh.colon)]
    got = pwsh.run(lines + ["deactivate", "'=>' + ($env:PATH -ceq $old)"])
    assert got.pop() == "True" and len(got) == len(pairs)
    problems = []
    for (name, prompt), encoded, number in zip(pairs, got, range(len(pairs))):
        shown = re.sub("[\0-\x1f\x7f]", "?", re.sub("[\x80-\x9f]", "??", prompt))
        want = [pwsh.name(os.path.join(pwsh.folder, "of%d" % number, name)), prompt, "(%s) True" % shown]
        if base64.b64decode(encoded).decode().split("\0") != want:
            problems.append((want, base64.b64decode(encoded).decode()))
    assert not problems, problems[:5]
    record_property("names", len(pairs))
    assert not [name for name in os.listdir(pwsh.folder) if "CANARY" in name]


# --- the function cv of `cvenv --shell-hook powershell`


# What Windows allows in the name of an environment; elsewhere also the rest.
HOSTILE = ["a b", "it's", "t‘w’o", "$(New-Item CANARY1)", "`$x `n", "[a]", "#", "%41", "é", "@(1)"]
MORE_HOSTILE = [";New-Item CANARY2;", '"', "new\nline", "*", "back\\slash", "end\n"]
ACTIVE = "'=>' + [Uri]::EscapeDataString(\"$env:VIRTUAL_ENV\")"


def word(text):
    """One literal: PowerShell closes it at five kinds of quotes, each of which is doubled."""
    return "'%s'" % re.sub("(['‘’‚‛])", r"\1\1", text)


class Hook:
    """Directories with environments, in a PowerShell that has the function."""

    def __init__(self, pwsh):
        self.pwsh, self.folder = pwsh, os.path.join(pwsh.folder, "hook")
        os.mkdir(self.folder)
        with open(os.path.join(self.folder, "hook.ps1"), "w", encoding="utf-8-sig") as f:
            f.write(pwsh.hook())

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def name(self, *names):
        return self.pwsh.name(self.path(*names))

    def make(self, *names):
        path = self.path(*names)
        os.makedirs(path)
        render([(path, self.pwsh.name(path), "name")], windows=self.pwsh.windows)
        with open(os.path.join(path, "pyvenv.cfg"), "w") as f:
            f.write("home = /usr/bin\n")

    def cd(self, *names):
        return "Set-Location -LiteralPath " + word(self.name(*names))

    def run(self, lines):
        lines = [". " + word(self.name("hook.ps1")), "$env:WORKON_HOME = " + word(self.name("all")), self.cd(), *lines]
        said = [urllib.parse.unquote(line) for line in self.pwsh.run(lines)]
        assert not [name for _, _, names in os.walk(self.folder) for name in names if "CANARY" in name]
        return said


@pytest.fixture
def hook(pwsh):
    return Hook(pwsh)


def test_cv_enters_the_nearest_and_leaves(pwsh, hook):
    lines, expected = ["$old = $env:PATH"], []
    for name in HOSTILE + ([] if pwsh.windows else MORE_HOSTILE):
        hook.make(name, ".venv")
        os.makedirs(hook.path(name, "below", name))
        lines += [hook.cd(name, "below", name), "cv", ACTIVE, "cv -", "'=>' + \"$env:VIRTUAL_ENV\" + ($env:PATH -ceq $old)"]
        expected += [hook.name(name, ".venv"), "True"]
    said = hook.run(lines)
    assert said == expected, "%r\n%r" % (said, expected)


def test_cv_enters_by_name_and_by_path(pwsh, hook):
    for name in HOSTILE[:5]:
        hook.make("all", name)
        hook.make("other", name)
    lines, expected = [], []
    for name in HOSTILE[:5]:
        lines += ["cv " + word(name), ACTIVE, "cv " + word(".%sother%s%s" % (pwsh.slash, pwsh.slash, name)), ACTIVE]
        expected += [hook.name("all", name), hook.name("other", name)]
    assert hook.run([*lines, "cv -", ACTIVE]) == [*expected, ""]


def test_cv_follows_a_redirect_file(hook):
    hook.make("other", "it's")
    os.mkdir(hook.path("project"))
    with open(hook.path("project", ".venv"), "w") as f:
        f.write("../other/it's\n")
    assert hook.run([hook.cd("project"), "cv", ACTIVE]) == [hook.name("other", "it's")]


def test_cv_says_what_it_cannot_do(hook):
    hook.make("project", ".venv")
    tries = [("cv", "no environment '.venv' in this directory"), ("cv -", "no environment was entered in this shell"),
             ("cv a b", "usage: cv"), ("cv --help", "usage: cv"), ("cv ''", "usage: cv")]
    lines = ["try { %s; '=>no error' } catch { '=>' + $_ }" % line for line, _ in tries]
    said = hook.run([*lines, hook.cd("project"), "cv", "cv", ACTIVE, "cv nothing", ACTIVE])
    for line, (_, part) in zip(said, tries):
        assert part in line
    assert said[len(tries):] == [hook.name("project", ".venv")] * 2
