# SPDX-License-Identifier: MIT
"""Arguments, errors, exit codes and output of the command for Windows."""

import json
import os
import random
import re
import signal
import time

import pytest

import runner
import wine
import wintrees


def test_version_and_help(box):
    assert box.cvenv("--version").ok().out.startswith("cvenv ")
    text = box.cvenv("--help").ok().out
    assert ".venv\\Scripts\\activate" in text
    assert "%LOCALAPPDATA%" in text
    for other in ("bin/", "~", "XDG"):
        assert other not in text


def test_usage_errors_have_exit_code_2(box):
    for args in (["--no-such-option"], ["-p"], ["--link-mode", "none", "env"]):
        box.cvenv(*args).refused(rc=2)
    assert os.listdir(box.work) == []


def test_no_library_can_be_planted_beside_the_command(box):
    """These are always the system's own; all others are searched beside the command first."""
    with open(box.command, "rb") as f:
        imported = {name.lower() for name in re.findall(rb"\0([\w-]+\.dll)\0", f.read(), re.I)}
    assert b"kernel32.dll" in imported
    assert imported <= {b"advapi32.dll", b"kernel32.dll", b"msvcrt.dll", b"ntdll.dll"}


# ---------------------------------------------------------------- ENV_DIR

REFUSED = {
    "path-separator": "semi;colon",
    "device": "CON",
    "device-of-any-case": "nul",
    "question-mark": "a?b",
    "less-than": "a<b",
    "quote": 'a"b',
    "asterisk": "a*b",
    "pipe": "a|b",
    "stream": "colon:x",
    "file": "file",
    "below-a-file": "file\\env",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_directories(box, newest, name):
    """Each is named in the message, and nothing is made."""
    runner.write(box.path("file"), text="x")
    result = box.cvenv("-p", newest.exe, "--without-pip", REFUSED[name])
    result.refused(REFUSED[name])
    assert os.listdir(box.work) == ["file"]


@pytest.mark.parametrize("typed", ["env", ".\\env", "./env", "x\\..\\env", "z:env", "env\\", "env."])
def test_the_same_directory_by_other_names(box, newest, typed):
    box.cvenv("-p", newest.exe, "--without-pip", typed).quiet()
    assert os.listdir(box.work) == ["env"]
    assert runner.cfg(box.path("env"))["command"].endswith(" " + box.name("env"))


def test_names_are_compared_without_case(box, newest):
    box.cvenv("-p", newest.exe, "--without-pip", "Env").quiet()
    box.cvenv("-p", newest.exe, "--without-pip", "eNV").quiet()
    assert os.listdir(box.work) == ["Env"]


def test_default_directory(box, newest):
    box.cvenv("-p", newest.exe, "--without-pip").quiet()
    assert os.listdir(box.work) == [".venv"]


def test_verbatim_path(box, newest):
    r"""\\?\ stays in what is written, as with CPython."""
    path = "\\\\?\\" + box.name("env")
    box.cvenv("-p", newest.exe, "--without-pip", path).quiet()
    assert runner.cfg(box.path("env"))["command"].endswith(" " + path)


def test_long_path(box, newest):
    """Longer than the 260 characters of MAX_PATH: created, with a warning that Python needs more."""
    name = "\\".join(["long" * 15] * 6)
    for args in ([], ["--clear"]):
        said = box.cvenv("-p", newest.exe, "--without-pip", *args, name).ok()
        assert "characters, and Python opens none of more than 259" in said.err, str(said)
        assert said.err.count("\n") == 1
    assert os.path.exists(os.path.join(box.work, name.replace("\\", "/"), "Scripts", "python.exe"))


@pytest.mark.parametrize("character", ["x", "\u00e9", "\U0001f40d"])
def test_path_that_is_just_too_long(box, newest, character):
    """In UTF-16, for the longest name in the environment."""
    argv = ["-p", newest.exe, "--without-pip", "--dry-run", "--json"]
    plan = json.loads(box.cvenv(*argv, "env").ok().out)["plan"]
    rest = 259 - len(box.name("x", max((entry["path"] for entry in plan), key=len)))
    size = len(character.encode("utf-16-le")) // 2
    parts = ["x" * (rest % 31 + 1)] + [character * (30 // size)] * (rest // 31)
    assert box.cvenv(*argv, "\\".join(parts)).ok().err == ""
    parts[0] += "x"
    assert "paths of up to 260 characters" in box.cvenv(*argv, "\\".join(parts)).ok().err


def test_base_itself_is_refused(box, newest):
    box.cvenv("-p", newest.exe, wine.windows_path(newest.directory)).refused()
    assert os.path.exists(newest.path)


# ---------------------------------------------------------------- bases


def test_embeddable_package_is_refused(box):
    base = wine.bench("embed", "python.exe")
    if not os.path.exists(base):
        pytest.skip("no embeddable package in the bench")
    box.cvenv("-p", wine.windows_path(base), "env").refused("embed")
    assert os.listdir(box.work) == []


def test_bases_that_are_none(box):
    runner.write(box.path("no.exe"), text="not a program")
    for base in (box.name("no.exe"), box.name("missing.exe"), box.name(), "C:\\windows\\system32\\cmd.exe"):
        box.cvenv("-p", base, "env").refused()
    assert os.listdir(box.work) == ["no.exe"]


# ---------------------------------------------------------------- output


def test_json(box, newest):
    said = json.loads(box.cvenv("-p", newest.exe, "--json", "\u00e9 \u4e2d").ok().out)
    assert said["path"] == box.name("\u00e9 \u4e2d")
    assert said["bin"] == box.name("\u00e9 \u4e2d", "Scripts")
    assert said["site_packages"] == box.name("\u00e9 \u4e2d", "Lib", "site-packages")
    assert said["python"].lower() == box.name("\u00e9 \u4e2d", "Scripts", "python.exe").lower()
    assert said["home"] == wine.windows_path(newest.directory)
    assert said["packages"][0]["name"] == "pip"


def test_dry_run_changes_nothing(box, newest):
    said = json.loads(box.cvenv("-p", newest.exe, "--dry-run", "--json", "env").ok().out)
    assert any(entry["path"] == "Scripts/python.exe" for entry in said["plan"])
    assert os.listdir(box.work) == []
    box.cvenv("-p", newest.exe, "env").quiet()
    before = wintrees.State.take(box.work)
    said = json.loads(box.cvenv("-p", newest.exe, "--dry-run", "--json", "env").ok().out)
    assert said["plan"] == []
    assert wintrees.State.take(box.work) == before


def test_messages_are_utf_8(box):
    box.cvenv("-p", "\u00e9\u4e2d\U0001f40d", "env").refused("'\u00e9\u4e2d\U0001f40d'")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}], ids=["plain", "NO_COLOR"])
def test_no_colours_outside_of_a_console(box, env):
    assert "\x1b" not in box.cvenv("--help", env=env).out
    assert "\x1b" not in box.cvenv("-p", "missing", "env", env=env).err


@pytest.mark.parametrize("args", [["--help"], ["--dry-run", "env"], ["--json", "env"]], ids=lambda args: args[0])
def test_reader_that_has_gone(box, newest, args):
    """Nobody wants to know, unless something was created."""
    reader, writer = os.pipe()
    os.close(reader)
    child = box.start(box.command, "-p", newest.exe, "--without-pip", *args, stdout=writer)
    os.close(writer)
    err = child.communicate()[1].decode()
    assert child.returncode == 1
    if "--json" in args:
        assert err.endswith("was created, but cannot write to stdout: Broken pipe\n")
    else:
        assert err == ""


# ---------------------------------------------------------------- Ctrl-C


def test_interrupted_at_any_moment(box, newest):
    """wine takes SIGINT for Ctrl-C, once the program runs. All or nothing is left."""
    argv = ["-p", newest.exe, "env"]
    box.cvenv(*argv).quiet()
    whole = set(wintrees.State.take(box.work).files)
    runner.wipe(box.path("env"))
    start = time.monotonic()
    box.cvenv(*argv).quiet()
    length = time.monotonic() - start
    runner.wipe(box.path("env"))
    chance = random.Random(1)
    codes = set()
    for _ in range(12):
        child = box.start(box.command, *argv)
        time.sleep(chance.uniform(length / 3, length))
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        result = box.result(child, out, err)
        codes.add(result.rc)
        if os.listdir(box.work):
            assert os.listdir(box.work) == ["env"], str(result)
            assert set(wintrees.State.take(box.work).files) == whole, str(result)
            runner.wipe(box.path("env"))
        else:
            assert result.rc != 0, str(result)
    assert codes != {0}, "no signal came in time"
    box.cvenv(*argv).quiet()
