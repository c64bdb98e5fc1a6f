# SPDX-License-Identifier: MIT
"""CACHEDIR.TAG: backup programs skip an environment, and never anything else."""

import os
import shutil

import pytest

import runner

SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n"


def make(box, py, *args, **more):
    box.cvenv("-p", py.path, "--without-pip", *args, **more).quiet()


def has_tag(box, name="env"):
    return os.path.lexists(box.path(name, "CACHEDIR.TAG"))


def test_new_environment_has_one(box, newest):
    make(box, newest, "env")
    assert runner.read(box.path("env", "CACHEDIR.TAG")).startswith(SIGNATURE)
    os.mkdir(box.path("empty"))
    make(box, newest, "empty")
    assert has_tag(box, "empty")


def test_backup_skips_the_environment(box, newest):
    if not shutil.which("tar"):
        pytest.skip("no tar")
    make(box, newest, "env")
    kept = box.run(["tar", "--exclude-caches", "-cvf", "/dev/null", "env"])
    if "unrecognized option" in kept.err:
        pytest.skip("this tar knows no cache directories")
    assert kept.ok().out.split() == ["env/", "env/CACHEDIR.TAG"]


def test_second_run_restores_it(box, newest):
    make(box, newest, "--without-cachedir-tag", "env")
    assert not has_tag(box)
    make(box, newest, "env")
    assert has_tag(box)


@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=ascii)
def test_own_one_is_kept(box, newest, args):
    make(box, newest, "env")
    runner.write(box.path("env", "CACHEDIR.TAG"), text="mine")
    make(box, newest, *args, "env")
    make(box, newest, "--without-cachedir-tag", *args, "env")
    assert runner.read(box.path("env", "CACHEDIR.TAG")) == "mine"


def test_upgrade_adds_none(box, newest):
    make(box, newest, "--without-cachedir-tag", "env")
    make(box, newest, "--upgrade", "env")
    assert not has_tag(box)


def test_none_where_something_else_is(box, newest):
    """A backup would miss a project's own files: on the first run, and on the second."""
    runner.write(box.work, "project", "main.py", text="precious")
    for _ in range(2):
        make(box, newest, "project")
        assert not has_tag(box, "project")
    os.remove(box.path("project", "main.py"))
    make(box, newest, "project")
    assert has_tag(box, "project")


def test_none_in_the_current_directory(box, newest):
    """It may become a project."""
    os.makedirs(box.path("here", "deep"))
    make(box, newest, ".", cwd=box.path("here"))
    make(box, newest, "..", cwd=box.path("here", "deep"))
    os.symlink("here", box.path("link"))
    make(box, newest, box.path("link"), cwd=box.path("here"))
    assert not has_tag(box, "here")


def test_clear_writes_a_new_one(box, newest):
    make(box, newest, "env")
    runner.write(box.path("env", "CACHEDIR.TAG"), text="mine")
    make(box, newest, "--clear", "env")
    assert runner.read(box.path("env", "CACHEDIR.TAG")).startswith(SIGNATURE)
    make(box, newest, "--clear", "--without-cachedir-tag", "env")
    assert not has_tag(box)


def test_pyvenv_cfg_has_the_keys_of_venv_and_one_more(box, newest):
    """Not the keys of virtualenv and uv: tools that read venv's file need only these."""
    make(box, newest, "--prompt", "x", "env")
    keys = "home include-system-site-packages version prompt executable command cvenv".split()
    assert list(runner.cfg(box.path("env"))) == keys
