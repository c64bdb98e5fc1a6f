# SPDX-License-Identifier: MIT
"""--completions powershell, in PowerShell for Windows."""

import json
import os
import shutil
import subprocess

import pytest

import completers
from powershell import UnderWine
from shells import RENDER

ENVS = ["plain", "with space", "$(touch CANARY)", "it's", "`touch CANARY`", "t‘w’o", "ünï", "a,b", "@x"]
ASK = """function ask($line) {
    foreach ($row in (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches) {
        '=>' + (ConvertTo-Json -Compress @($line, $row.CompletionText, $row.ToolTip))
    }
}
function value($value) { '=>' + (ConvertTo-Json -Compress @('values', $value, '')) }"""


@pytest.fixture
def pwsh(box):
    if UnderWine.missing():
        pytest.skip(UnderWine.missing())
    for name in ENVS:
        os.makedirs(box.path("envs", name))
        with open(box.path("envs", name, "pyvenv.cfg"), "w"):
            pass
    os.makedirs(box.path("only dir"))
    with open(box.path("only file"), "w"):
        pass
    os.makedirs(box.path("bin"))
    shutil.copy(box.command, box.path("bin", "cvenv.exe"))
    yield UnderWine(box)
    assert not [name for name in os.listdir(box.work) if "CANARY" in name]


def ask(pwsh, script, lines, then=()):
    """{line: {what is offered: its description}}"""
    with open(os.path.join(pwsh.folder, "completions.ps1"), "w", encoding="utf-8-sig") as f:
        f.write(script)
    said = pwsh.run([
        "Set-Location '%s'" % pwsh.name(pwsh.folder),
        "$env:PATH = '%s;' + $env:PATH" % pwsh.name(os.path.join(pwsh.folder, "bin")),
        "$env:WORKON_HOME = '%s'" % pwsh.name(os.path.join(pwsh.folder, "envs")),
        ". .\\completions.ps1", ASK, *("ask '%s'" % line.replace("'", "''") for line in lines), *then])
    found = {line: {} for line in lines}
    for line, text, tip in map(json.loads, said):
        found[line][text] = tip
    return found


def test_offers(pwsh, box):
    script = box.cvenv("--completions", "pwsh").ok().out
    found = ask(pwsh, script, [
        "cvenv -", "cvenv --link-mode ", "cvenv --link-mode=re", "cvenv --activators nushell,x",
        "cvenv --symlinks --", "cvenv -n x --", "cvenv --warm --", "cvenv -qV --", "cvenv -- --",
        "cvenv only", "cvenv 'only", "cvenv --wheel-dir=only", "cvenv -n ", "cvenv -n wi",
        ".\\cvenv.exe --link"])
    words = {line: sorted(offered) for line, offered in found.items()}
    options = completers.option_words(box.cvenv("--help").ok().out)
    assert words["cvenv -"] == options
    assert words["cvenv --link-mode "] == ["auto", "copy", "hardlink", "reflink"]
    assert words["cvenv --link-mode=re"] == ["--link-mode=reflink"]
    assert words["cvenv --activators nushell,x"] == ["xonsh"]
    assert "--copies" in options and "--copies" not in words["cvenv --symlinks --"]
    assert "--json" in words["cvenv -n x --"] and "--name" not in words["cvenv -n x --"]
    assert "--json" in words["cvenv --warm --"] and "--clear" not in words["cvenv --warm --"]
    assert not words["cvenv -qV --"] or "--json" not in words["cvenv -qV --"]
    assert "--copies" not in words["cvenv -- --"]
    for line in ("cvenv only", "cvenv 'only"):
        assert words[line] == ["'.\\only dir'"]
    assert words["cvenv --wheel-dir=only"] == ["--wheel-dir='.\\only dir'"]
    assert words["cvenv -n wi"] == ["'with space'"]
    assert words[".\\cvenv.exe --link"] == ["--link-mode"]
    assert found["cvenv -n x --"]["--json"] == "print a JSON object for each environment"
    said = ask(pwsh, script, ["values"], ["value " + word for word in words["cvenv -n "]])
    assert sorted(said["values"]) == sorted(ENVS)


def test_help_may_be_any_text(pwsh):
    if not RENDER:
        pytest.skip("no tests/shells/render: CVENV_RENDER is not set")
    done = subprocess.run([RENDER, "-c", "powershell"], input=completers.HOSTILE.encode(),
                          stdout=subprocess.PIPE, check=True)
    found = ask(pwsh, done.stdout.decode(), ["cvenv --e"])
    assert found["cvenv --e"] == {"--evil": completers.HOSTILE}
