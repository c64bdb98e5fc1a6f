# SPDX-License-Identifier: MIT
"""packaging/install.ps1 in PowerShell for Windows, under wine."""

import hashlib
import os
import shutil
import zipfile

import pytest

import runner
import session
import web
import wine
from powershell import UnderWine

SCRIPT = os.path.join(runner.REPOSITORY, "packaging", "install.ps1")
TARGET = "x86_64-windows"
NOT_A_PROGRAM = b"MZ"


@pytest.fixture(scope="module")
def prefix():
    """What C: and the registry are. PowerShell writes to the registry."""
    if UnderWine.missing():
        pytest.skip(UnderWine.missing())
    root = session.new_room(disk=True)
    prefix = wine.Prefix(os.path.join(root, "prefix"))
    prefix.create()
    prefix.start()
    yield prefix
    prefix.stop()
    session.leave_room(root)


@pytest.fixture
def pwsh(prefix):
    root = session.new_room()
    yield UnderWine(wine.Windows(root, prefix))
    session.leave_room(root)


@pytest.fixture(scope="session")
def command(artefact):
    with zipfile.ZipFile(artefact("cvenv-{version}-%s.zip" % TARGET)) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("/cvenv.exe")))


def add(folder, version, command, members=("doc/only-%s.md",)):
    """A small release."""
    os.makedirs(folder, exist_ok=True)
    top = "cvenv-%s-%s" % (version, TARGET)
    path = os.path.join(folder, top + ".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(top + "/cvenv.exe", command)
        for name in members:
            archive.writestr("%s/%s" % (top, name % version if "%" in name else name), version)
    with open(path, "rb") as file, open(os.path.join(folder, "SHA256SUMS"), "a") as sums:
        sums.write("%s *%s.zip\n" % (hashlib.sha256(file.read()).hexdigest(), top))
    return path


def call(*args):
    """Lines that run the script, and print its exit code behind "=>"."""
    return ["$global:LASTEXITCODE = 0", "& $script " + " ".join(args) + " 6>&1 | % { '=>' + $_ }",
            "'=>' + $global:LASTEXITCODE"]


def run(pwsh, lines, script=SCRIPT):
    return pwsh.run(["$script = '%s'" % pwsh.name(script), *lines])


def tree(top):
    return sorted(os.path.relpath(os.path.join(folder, name), top).replace("\\", "/")
                  for folder, _, names in os.walk(top) for name in names)


def test_install_upgrade_uninstall(pwsh, command):
    """With a running command, which is renamed. Files of others remain."""
    dist, prefix = os.path.join(pwsh.folder, "dist it's"), os.path.join(pwsh.folder, "it's $x `y")
    add(dist, "1.0", command)
    add(dist, "1.1", command, members=["doc/new.md"])
    runner.write(prefix, "doc", "other.md")
    options = ["-From 'dist it''s'", "-Prefix 'it''s $x `y\\'"]
    exe = "'%s'" % pwsh.name(os.path.join(prefix, "cvenv.exe")).replace("'", "''")
    files = "'=>' + ((Get-ChildItem -Recurse -File -Name -LiteralPath 'it''s $x `y' | Sort-Object) -join ' ')"
    lines = call(*options, "-Version 1.0") + ["'=>' + (& %s --version)" % exe]
    lines += [files]
    lines += ["$file = [IO.File]::Open(%s, 'Open', 'Read', 'Read, Delete')" % exe]
    lines += call(*options, "-Version 1.1", "-Quiet") + ["$file.Close()", "'=>' + (& %s --version)" % exe]
    lines += [files]
    lines += call(*options, "-DryRun", "-Version 1.1") + call(*options[1:], "-Uninstall")
    got = run(pwsh, lines)
    name = pwsh.name(prefix)
    version = got[3]
    assert version.startswith("cvenv ")
    assert got == [
        "installed cvenv-1.0-%s as '%s\\cvenv.exe'" % (TARGET, name),
        "note: '%s' is not on PATH: use -AddToPath, or add it yourself" % name, "0", version,
        "cvenv.exe cvenv-installed.txt doc\\only-1.0.md doc\\other.md",
        "0", version, "cvenv.exe cvenv-installed.txt doc\\new.md doc\\other.md",
        "would install cvenv-1.1-%s.zip from '%s' in '%s'" % (TARGET, pwsh.name(dist), name), "0",
        "deleted cvenv in '%s'" % name, "0"]
    assert tree(prefix) == ["doc/other.md"]


def test_as_text_from_http(pwsh, command):
    """The release's own script as Invoke-Expression and a script block run it; PATH of the user."""
    folder = os.path.join(pwsh.folder, "v1.0")
    add(folder, "1.0", command)
    with web.serving(pwsh.folder) as url:
        text = runner.read(SCRIPT)
        for name, value in (("url", url + "/v{version}"), ("version", "1.0")):
            assert text.count("\n$%s = ''\n" % name) == 1
            text = text.replace("\n$%s = ''\n" % name, "\n$%s = '%s'\n" % (name, value))
        runner.write(pwsh.folder, "install.ps1", text=text)
        show = "'=>' + (Get-Item HKCU:\\Environment).GetValue('Path', '', 'DoNotExpandEnvironmentNames')"
        lines = ["New-Item -Force HKCU:\\Environment > $null",
                 "New-ItemProperty HKCU:\\Environment Path -Force -PropertyType ExpandString "
                 "-Value '%NAME%\\a;C:\\b' > $null",
                 "$text = (Invoke-WebRequest -UseBasicParsing %s/install.ps1).ToString()" % url,
                 "Invoke-Expression $text",
                 "'=>' + (Test-Path $env:LOCALAPPDATA\\Programs\\cvenv\\cvenv.exe)",
                 "$block = [scriptblock]::Create($text)",
                 "& $block -Prefix one -AddToPath", "& $block -Prefix one -AddToPath", show,
                 "'=>' + $env:PATH.EndsWith('\\one')", "& $block -Prefix one -Uninstall", show,
                 "'=>' + (Test-Path one)",
                 "try { & $block -Prefix one -Version 2.0 } catch { '=>' + $_ }", "'=>' + (Test-Path one)"]
        got = run(pwsh, lines)
    one = "%%NAME%%\\a;C:\\b;%s\\one" % pwsh.name(pwsh.folder)
    assert got[:6] == ["True", one, "True", one[:one.rindex(";")], "False", got[5]]
    assert got[5].startswith("cannot download '%s/v2.0/SHA256SUMS': " % url) and got[6:] == ["False"]


def test_failure_changes_nothing(pwsh, command):
    dist = os.path.join(pwsh.folder, "dist")
    add(dist, "1.0", command)
    with open(add(dist, "2.0", command), "ab") as file:
        file.write(b"more")
    os.truncate(add(dist, "3.0", command), 100)
    os.unlink(add(dist, "4.0", command))
    add(dist, "5.0", NOT_A_PROGRAM)
    add(dist, "6.0", command, members=["../x"])
    add(dist, "7.0", command, members=["a\\b"])
    with open(add(dist, "8.0", command), "rb") as file:
        data = file.read()[:-30]
    path = os.path.join(dist, "cvenv-8.1-%s.zip" % TARGET)
    with open(path, "wb") as file, open(os.path.join(dist, "SHA256SUMS"), "a") as sums:
        file.write(data)
        sums.write("%s  %s\n" % (hashlib.sha256(data).hexdigest(), os.path.basename(path)))
    shutil.copytree(dist, os.path.join(pwsh.folder, "empty"))
    os.unlink(os.path.join(pwsh.folder, "empty", "SHA256SUMS"))
    expected = {
        "-From dist -Version 2.0": "wrong SHA-256 of 'cvenv-2.0-%s.zip'" % TARGET,
        "-From dist -Version 3.0": "wrong SHA-256 of 'cvenv-3.0-%s.zip'" % TARGET,
        "-From dist -Version 4.0": "is missing", "-From dist -Version 5.0": "the command does not run here",
        "-From dist -Version 6.0": "unexpected name", "-From dist -Version 7.0": "unexpected name",
        "-From dist -Version 8.1": "", "-From dist": "names several archives",
        "-From dist -Version 9.9": "SHA256SUMS names no cvenv 9.9 for " + TARGET,
        "-From dist -Version ../1": "invalid version '../1'", "-From ftp://host/x": "unsupported address",
        "-From empty -Version 1.0": "SHA256SUMS' is missing", "": "contains no address: use -From",
    }
    lines = call("-Prefix p", "-From dist", "-Version 1.0", "-Quiet")
    lines += ["$block = [scriptblock]::Create((Get-Content -Raw $script))"]
    lines += ["try { & $block -Prefix p %s } catch { '=>' + $_ }" % options for options in expected]
    lines += call("-Prefix p", "-From dist")
    got = run(pwsh, lines)
    assert got.pop(0) == "0" and got.pop() == "1"
    assert [words for words, line in zip(expected.values(), got) if words not in line] == [], got
    assert len(got) == len(expected)
    assert tree(os.path.join(pwsh.folder, "p")) == ["cvenv-installed.txt", "cvenv.exe", "doc/only-1.0.md"]


def test_real_release(pwsh, dist, artefact, version):
    artefact("cvenv-{version}-%s.zip" % TARGET)
    lines = call("-Prefix p", "-From '%s'" % pwsh.name(dist), "-Quiet")
    assert run(pwsh, [*lines, "'=>' + (& .\\p\\cvenv.exe --version)"], artefact("install.ps1"))[0] == "0"
