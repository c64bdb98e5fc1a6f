# SPDX-License-Identifier: MIT
"""Warnings about places in which an environment works in part: each says so once, and what it says
is true."""

import os
import shutil
import sys

import pytest

import namespace
import runner


def make(box, py, *args, **more):
    return box.cvenv("-p", py.path, "--without-pip", *args, **more).ok()


def warnings_of(result):
    lines = result.err.splitlines()
    assert all(line.startswith("cvenv: warning: ") and line.endswith(")") for line in lines), str(result)
    return lines


# ---------------------------------------------------------------- PATH in dash

PERCENT = ["%func", "a%builtin", "a%function/x", "100%", "a%fun", "a%b%func", "a%20b", "a%func%b"]


@pytest.mark.parametrize("shell", ["dash", "busybox"])
@pytest.mark.parametrize("name", PERCENT)
def test_percent_is_warned_of_where_the_shell_finds_no_command(box, newest, shell, name):
    if not shutil.which(shell):
        pytest.skip("no " + shell)
    warned = warnings_of(make(box, newest, name))
    runner.write(box.path(name, "bin", "probe"), text="#!/bin/sh\necho found\n", mode=0o755)
    argv = [shell, *(["sh"] if shell == "busybox" else []), "-c", ". ./%s/bin/activate; probe" % name]
    found = box.run(argv).out == "found\n"
    assert found == (not warned)
    assert all(word in line for line in warned for word in ("dash", "choose another name", box.path(name)))


def test_each_kind_is_said_once(box, newest):
    assert len(warnings_of(make(box, newest, "a%func", "b%func", "c%builtin"))) == 1


def test_quiet_silences_warnings(box, newest):
    make(box, newest, "-q", "a%func").quiet()


def test_dry_run_warns(box, newest):
    assert len(warnings_of(make(box, newest, "--dry-run", "a%func"))) == 1


def test_ordinary_place_has_no_warning(box, newest):
    make(box, newest, "100% of ünü").quiet()


# ---------------------------------------------------------------- the first line of scripts

LIMIT = 512 if sys.platform == "darwin" else 127


@pytest.mark.parametrize("excess", [0, 1])
def test_long_path_is_warned_of_where_pip_writes_sh_scripts(box, newest, excess):
    """pip's own scripts are what its later ones will be: written by the same rule."""
    name = "d" * (LIMIT + excess - len("#!%s//bin/%s\n" % (box.work, newest.bin_name)))
    result = box.cvenv("-p", newest.path, name).ok()
    first = runner.read(box.path(name, "bin", "pip")).splitlines()[0]
    box.run([box.path(name, "bin", "pip"), "--version"]).ok()
    if excess:
        (line,) = warnings_of(result)
        assert first == "#!/bin/sh"
        assert "first line of scripts (%d bytes)" % LIMIT in line and "choose a shorter name" in line
    else:
        assert result.err == "" and len(first) + 1 == LIMIT


# ---------------------------------------------------------------- mounts

NOEXEC = 'mount -t tmpfs -o noexec,mode=1777 none "$1" && shift && if [ $# -gt 0 ]; then exec "$@"; fi'


def test_noexec_is_warned_of(box, newest):
    mount = os.path.join(box.root, "mounted")
    os.mkdir(mount)
    argv = namespace.in_namespace(NOEXEC, mount)
    env = os.path.join(mount, "a", "b", "env")  # its parents are missing, too
    script = '"$@" || exit; %s/bin/python -c "print(1)" && %s/bin/pip --version' % (env, env)
    result = box.run([*argv, mount, "sh", "-c", script, "sh", box.command, "-p", newest.path, env, env + "2"])
    lines = [line for line in result.err.splitlines() if "warning" in line]
    assert result.out == "1\n" and result.rc == 126, str(result)
    assert len(lines) == 1 and "noexec" in lines[0] and env in lines[0], str(result)


def test_executable_mount_is_not_warned_of(box, newest):
    mount = os.path.join(box.root, "mounted")
    os.mkdir(mount)
    argv = namespace.in_namespace(NOEXEC.replace("noexec", "exec"), mount)
    box.run([*argv, mount, box.command, "-p", newest.path, "--without-pip", os.path.join(mount, "env")]).quiet()
