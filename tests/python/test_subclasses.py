# SPDX-License-Identifier: MIT
"""Typical subclasses of EnvBuilder, all written for this test."""

import os

import pytest

import runner
import wheels

PRELUDE = """
import json, os, subprocess, sys, venv
env_dir = sys.argv[1]
"""


def build(room, py, code, *args):
    env_dir = room.path("env")
    result = room.python(py, "-c", PRELUDE + code, env_dir, *args)
    return env_dir, result.quiet()


def test_post_setup_installs_a_wheel(some_py, room):
    wheel = wheels.write_wheel(room.root, "hello", "1.0")
    code = """
class Builder(venv.EnvBuilder):
    def __init__(self, *args, **kwargs):
        self.wheel = kwargs.pop("wheel")
        super().__init__(*args, with_pip=True, symlinks=True, **kwargs)

    def post_setup(self, context):
        os.environ["VIRTUAL_ENV"] = context.env_dir
        command = [context.env_exe, "-m", "pip", "install", "--no-index", "--quiet"]
        subprocess.check_call([*command, "--disable-pip-version-check", self.wheel])

Builder(wheel=sys.argv[2]).create(env_dir)
"""
    env_dir, _ = build(room, some_py, code, wheel)
    said = room.run([os.path.join(env_dir, "bin", "python"), "-c", "import hello; print(hello.__version__)"])
    assert said.ok().out == "1.0\n"


def test_setup_scripts(some_py, room):
    code = """
class Builder(venv.EnvBuilder):
    def setup_scripts(self, context):
        super().setup_scripts(context)
        path = os.path.join(context.bin_path, "run")
        with open(path, "w") as f:
            f.write("#!/bin/sh\\nexec '%s' \\"$@\\"\\n" % context.env_exe)
        os.chmod(path, 0o755)

Builder(symlinks=True).create(env_dir)
"""
    env_dir, _ = build(room, some_py, code)
    said = room.run([os.path.join(env_dir, "bin", "run"), "-c", "import sys; print(sys.prefix)"])
    assert said.ok().out.strip() == env_dir
    assert os.path.exists(os.path.join(env_dir, "bin", "activate"))


def test_setup_scripts_that_does_nothing(some_py, room):
    code = """
class Builder(venv.EnvBuilder):
    def setup_scripts(self, context):
        pass

Builder(symlinks=True, with_pip=True).create(env_dir)
"""
    env_dir, _ = build(room, some_py, code)
    names = os.listdir(os.path.join(env_dir, "bin"))
    assert "pip" in names and not [n for n in names if n.lower().startswith("activate")]


def test_ensure_directories_that_adds_to_the_context(some_py, room):
    code = """
class Builder(venv.EnvBuilder):
    def ensure_directories(self, env_dir):
        context = super().ensure_directories(env_dir)
        context.src_path = os.path.join(env_dir, "src")
        os.makedirs(context.src_path)
        context.prompt = "other"
        return context

    def post_setup(self, context):
        with open(os.path.join(context.src_path, "seen"), "w") as f:
            f.write(context.prompt)

Builder(symlinks=True).create(env_dir)
"""
    env_dir, _ = build(room, some_py, code)
    assert runner.read(env_dir, "src", "seen") == "other"
    assert "PS1='(other) '" in runner.read(env_dir, "bin", "activate")


def test_ensure_directories_of_ones_own(some_py, room):
    """Without the one of the class: other names, and only what is needed of a context."""
    code = """
from types import SimpleNamespace

class Builder(venv.EnvBuilder):
    def ensure_directories(self, env_dir):
        base = sys._base_executable
        lib = "lib/python%d.%d/site-packages" % sys.version_info[:2]
        for name in ("tools", "headers", lib):
            os.makedirs(os.path.join(env_dir, name))
        exe = os.path.join(env_dir, "tools", "py")
        return SimpleNamespace(
            env_dir=env_dir, env_name="mine", prompt="(mine) ", executable=base,
            python_dir=os.path.dirname(base), python_exe="py",
            inc_path=os.path.join(env_dir, "headers"), lib_path=os.path.join(env_dir, lib),
            bin_path=os.path.join(env_dir, "tools"), bin_name="tools", env_exe=exe,
            env_exec_cmd=exe)

Builder(symlinks=True, with_pip=True).create(env_dir)
"""
    env_dir, _ = build(room, some_py, code)
    said = room.run([os.path.join(env_dir, "tools", "py"), "-c", "import sys; print(sys.prefix)"])
    assert said.ok().out.strip() == env_dir
    pip = room.run([os.path.join(env_dir, "tools", "pip"), "--version"]).ok()
    assert env_dir in pip.out
    assert not os.path.exists(os.path.join(env_dir, "bin"))
    assert os.path.exists(os.path.join(env_dir, "tools", "activate"))


def test_ignore_files_of_other_systems(py, room):
    if py.minor < (3, 13):
        pytest.skip("the venv of %s knows no ignore files" % py)
    code = """
class Builder(venv.EnvBuilder):
    def create_bzr_ignore_file(self, context):
        with open(os.path.join(context.env_dir, ".bzrignore"), "w") as f:
            f.write("./**\\n")

Builder(symlinks=True, scm_ignore_files={"git", "BZR"}).create(env_dir)
try:
    venv.EnvBuilder(scm_ignore_files={"cvs"}).create(env_dir + "2")
except AttributeError as e:
    assert "create_cvs_ignore_file" in str(e)
else:
    raise SystemExit("no AttributeError")
"""
    env_dir, _ = build(room, py, code)
    assert runner.read(env_dir, ".bzrignore") == "./**\n"
    assert "\n*\n" in runner.read(env_dir, ".gitignore")


def test_env_exec_cmd(some_py, room):
    code = """
class Builder(venv.EnvBuilder):
    def post_setup(self, context):
        out = subprocess.check_output([context.env_exec_cmd, "-c", "import sys; print(sys.prefix)"])
        assert out.decode().strip() == context.env_dir, out

Builder(symlinks=True).create(env_dir)
"""
    build(room, some_py, code)


def test_scripts_of_ones_own(some_py, room):
    """install_scripts from a directory with the placeholders of venv."""
    scripts = room.path("scripts")
    runner.write(scripts, "common", "enter", text="cd __VENV_DIR__\n", mode=0o755)
    runner.write(scripts, "common", "more", "deep", text="__VENV_NAME__ __VENV_BIN_NAME__\n")
    runner.write(scripts, "nt", "enter.bat", text="not here\n")
    runner.write(scripts, "posix", "python.txt", text="__VENV_PYTHON__ __VENV_PROMPT__ __OTHER__\n")
    with open(os.path.join(scripts, "common", "binary"), "wb") as f:
        f.write(b"\xff\xfe\0")
    code = """
class Builder(venv.EnvBuilder):
    def setup_scripts(self, context):
        self.install_scripts(context, sys.argv[2])

Builder(symlinks=True, prompt="a b").create(env_dir)
"""
    env_dir = room.path("env")
    result = room.python(some_py, "-c", PRELUDE + code, env_dir, scripts).ok()
    assert "binary" in result.err and result.err.count("\n") == 1, result
    prompt = "a b" if some_py.minor >= (3, 13) else "(a b) "
    exe = os.path.join(env_dir, "bin", some_py.bin_name)
    assert runner.read(env_dir, "bin", "enter") == "cd %s\n" % env_dir
    assert os.access(os.path.join(env_dir, "bin", "enter"), os.X_OK)
    assert runner.read(env_dir, "bin", "more", "deep") == "env bin\n"
    assert runner.read(env_dir, "bin", "python.txt") == "%s '%s' __OTHER__\n" % (exe, prompt)
    assert not os.path.exists(os.path.join(env_dir, "bin", "enter.bat"))


def test_replace_variables(some_py, room):
    """One that changes what the class has put in, in the class's own scripts."""
    code = """
class Builder(venv.EnvBuilder):
    def replace_variables(self, text, context):
        return super().replace_variables(text, context) + "# seen\\n"

Builder(symlinks=True, prompt="it's $(touch harm) `touch harm`").create(env_dir)
"""
    env_dir, _ = build(room, some_py, code)
    activate = os.path.join(env_dir, "bin", "activate")
    assert runner.read(activate).endswith("# seen\n")
    for name in os.listdir(os.path.join(env_dir, "bin")):
        if name.lower().startswith("activate"):
            text = runner.read(env_dir, "bin", name)
            assert "__VENV_" not in text and "@PS1" not in text, name
    script = 'PS1="> "; . "$0" && echo "$VIRTUAL_ENV" && echo "$PS1" && deactivate'
    said = room.run(["bash", "--norc", "-ic", script, activate]).ok()
    assert said.out.splitlines()[0] == env_dir
    assert not os.path.exists(room.path("harm"))


def test_values_that_look_like_placeholders(newest, room):
    code = """
class Builder(venv.EnvBuilder):
    def replace_variables(self, text, context):
        with open(os.path.join(context.env_dir, "prompt"), "w") as f:
            f.write(context.prompt)  # with parentheses in some versions
        return super().replace_variables(text, context)

Builder(symlinks=True, prompt="@PS1@__VENV_DIR__").create(env_dir)
"""
    env_dir, _ = build(room, newest, code)
    said = room.run(["bash", "-c", '. "$0"; echo "$VIRTUAL_ENV_PROMPT"', os.path.join(env_dir, "bin", "activate")])
    prompt = runner.read(env_dir, "prompt")
    assert "@PS1@__VENV_DIR__" in prompt
    assert said.ok().out == prompt + "\n"


def test_upgrade_dependencies(some_py, room):
    code = """
class Builder(venv.EnvBuilder):
    def upgrade_dependencies(self, context):
        with open(os.path.join(context.env_dir, "deps"), "w") as f:
            f.write(" ".join(venv.CORE_VENV_DEPS))

builder = Builder(symlinks=True)
builder.upgrade_deps = True
builder.create(env_dir)
"""
    env_dir, _ = build(room, some_py, code)
    assert runner.read(env_dir, "deps").startswith("pip")


def test_steps_on_the_instance(some_py, room):
    code = """
from unittest.mock import Mock
builder = venv.EnvBuilder(with_pip=True, symlinks=True)
builder._setup_pip = Mock()
builder.create(env_dir)
(context,), _ = builder._setup_pip.call_args
assert context.env_dir == env_dir
"""
    env_dir, _ = build(room, some_py, code)
    assert not os.path.exists(os.path.join(env_dir, "bin", "pip"))


def test_steps_on_the_class(newest, room):
    code = """
from unittest import mock
with mock.patch.object(venv.EnvBuilder, "setup_scripts") as scripts:
    venv.EnvBuilder(symlinks=True).create(env_dir)
assert scripts.call_count == 1
"""
    env_dir, _ = build(room, newest, code)
    assert not os.path.exists(os.path.join(env_dir, "bin", "activate"))


def test_other_directories(py, room):
    """_venv_path, which is asked where things go from 3.11 on."""
    if py.minor < (3, 11):
        pytest.skip("the venv of %s has no _venv_path" % py)
    code = """
class Builder(venv.EnvBuilder):
    def _venv_path(self, env_dir, name):
        path = super()._venv_path(env_dir, name)
        return os.path.join(env_dir, "programs") if name == "scripts" else path

Builder(symlinks=True).create(env_dir)
"""
    env_dir, _ = build(room, py, code)
    assert os.path.exists(os.path.join(env_dir, "programs", "activate"))
    assert not os.path.exists(os.path.join(env_dir, "bin"))


def test_running_the_new_python(some_py, room):
    """_call_new_python, which pip's installation and upgrade use."""
    code = """
calls = []
class Builder(venv.EnvBuilder):
    def _call_new_python(self, context, *py_args, **kwargs):
        calls.append(py_args)
        return b""

builder = Builder(symlinks=True, with_pip=True)
builder.create(env_dir)
assert calls == [("-m", "ensurepip", "--upgrade", "--default-pip")], calls
"""
    build(room, some_py, code)


def test_a_context_that_leads_outside(newest, room):
    code = """
class Builder(venv.EnvBuilder):
    def ensure_directories(self, env_dir):
        context = super().ensure_directories(env_dir)
        context.bin_path = os.path.join(os.path.dirname(env_dir), "other")
        context.env_exe = os.path.join(context.bin_path, context.python_exe)
        return context

builder = Builder(symlinks=True, system_site_packages=True)
try:
    builder.create(env_dir)
except ValueError:
    assert builder.system_site_packages is True
else:
    raise SystemExit("no ValueError")
"""
    build(room, newest, code)
    assert not os.path.exists(room.path("other"))
