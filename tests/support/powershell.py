# SPDX-License-Identifier: MIT
"""Tests of Activate.ps1, for every PowerShell: test_powershell.py of the shells and of Windows."""

import base64
import os
import re
import shlex
import shutil
import subprocess

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
