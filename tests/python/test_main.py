# SPDX-License-Identifier: MIT
"""main() and python -m cvenv."""

import json
import os
import stat

import runner

CALL = """
import json, sys, venv
try:
    venv.main(sys.argv[1:])
except SystemExit as e:
    sys.exit(e.code)
except Exception as e:
    print(type(e).__name__, e)
    sys.exit(3)
"""


def test_main(py, room):
    room.python(py, "-c", CALL, "--without-pip", "--prompt", "x", "a", "b").quiet()
    assert runner.environments(room.work) == {"a", "b"}
    cfg = runner.cfg(room.path("a"))
    assert cfg["prompt"] == "'x'" and cfg["home"] == os.path.dirname(py.path)
    assert os.path.islink(room.path("a", "bin", py.bin_name))
    assert os.path.exists(room.path("a", ".gitignore")) == (py.minor >= (3, 13))


def test_main_takes_the_arguments_of_the_process(newest, room):
    code = "import sys, venv; venv.main()"
    room.python(newest, "-c", code, "--without-pip", "--without-scm-ignore-files", "a").quiet()
    assert not os.path.exists(room.path("a", ".gitignore"))


def test_the_options_of_the_command(newest, room):
    room.python(newest, "-c", CALL, "--no-compile", "--relocatable", "--activators", "", "a").quiet()
    assert "relocatable" in runner.cfg(room.path("a"))
    assert not os.path.exists(room.path("a", "bin", "activate.nu"))
    assert os.path.exists(room.path("a", "bin", "pip"))


def test_another_python(newest, py, room):
    room.python(newest, "-c", CALL, "--without-pip", "-p", py.path, "a").quiet()
    assert runner.cfg(room.path("a"))["home"] == os.path.dirname(py.path)


def test_of_several_pythons_the_first_that_exists(newest, py, room):
    room.python(newest, "-c", CALL, "--without-pip", "-p", "3.99", "-p", "./x", "-p", py.path, "a").quiet()
    assert runner.cfg(room.path("a"))["home"] == os.path.dirname(py.path)


def test_redirect_files_and_names(newest, room):
    runner.write(room.path(".venv"), text="real\n")
    room.python(newest, "-c", CALL, "--without-pip").quiet()
    assert runner.environments(room.work) == {"real"}
    env = {"WORKON_HOME": room.path("all")}
    room.python(newest, "-c", CALL, "--without-pip", "-n", "web", "--redirect", env=env).quiet()
    assert runner.read(room.path(".venv")) == "all/web\n"
    assert runner.environments(room.path("all")) == {"web"}
    assert room.python(newest, "-c", CALL, "-n", "a/b", env=env).rc == 2


def test_builder_refuses_a_file_as_venv_does(newest, room):
    """The command would follow it, but programs go on with the name that they gave."""
    runner.write(room.path("file"), text=".\n")
    code = "import venv; venv.EnvBuilder().create('file')"
    for package in ("venv", "cvenv"):
        failed = room.python(newest, "-c", code, package=package)
        assert failed.rc == 1 and "file" in failed.err.strip().splitlines()[-1], failed
    assert os.listdir(room.work) == ["file"]


def test_wrong_usage(newest, room):
    result = room.python(newest, "-c", CALL, "--bogus", "a")
    assert result.rc == 2 and "--bogus" in result.err, result
    assert os.listdir(room.work) == []


def test_configuration_files(newest, room):
    """The same as for the command, but the default of -p stays this Python."""
    runner.write(room.home, ".config", "cvenv", "config.toml", text="relocatable = true\njson = true\n")
    runner.write(room.work, "pyproject.toml", text="[tool.cvenv]\nprompt = 'p'\npython = '3.99'\n")
    room.python(newest, "-c", CALL, "--without-pip", "a").quiet()
    cfg = runner.cfg(room.path("a"))
    assert cfg["prompt"] == "'p'" and cfg["relocatable"] == "true"
    assert cfg["home"] == os.path.dirname(newest.path)
    room.python(newest, "-c", CALL, "--without-pip", "--no-config", "b").quiet()
    assert "prompt" not in runner.cfg(room.path("b"))
    runner.write(room.work, "pyproject.toml", text="[tool.cvenv]\ncopies = true\n")
    result = room.python(newest, "-c", CALL, "--without-pip", "c")
    assert result.rc == 2 and "a project may not decide this" in result.err, result
    runner.write(room.work, "pyproject.toml", text="[tool.cvenv\n")
    result = room.python(newest, "-c", CALL, "--without-pip", "c").ok()
    assert "ignoring pyproject.toml: " in result.err, result


def test_help_and_version(newest, room):
    assert "--system-site-packages" in room.python(newest, "-c", CALL, "--help").ok().out
    assert room.python(newest, "-c", CALL, "--version").ok().out.startswith("cvenv ")


def test_upgrade_and_clear(newest, room):
    result = room.python(newest, "-c", CALL, "--upgrade", "--clear", "a")
    assert result.rc == 3 and result.out.startswith("ValueError "), result


def test_clear_as_the_command_does(newest, room):
    """EnvBuilder(clear=True) empties anything, as venv; the command line does not."""
    runner.write(room.path("a", "precious"), text="x")
    os.symlink("a", room.path("link"))
    for args in (["a"], ["link"], ["--force", "link"]):
        result = room.python(newest, "-c", CALL, "--without-pip", "--clear", *args)
        assert result.rc == 3 and result.out.startswith("ValueError "), result
        assert os.path.exists(room.path("a", "precious"))
    room.python(newest, "-c", CALL, "--without-pip", "--clear", "--force", "a").quiet()
    assert not os.path.exists(room.path("a", "precious"))
    runner.write(room.path("a", "mine"), text="x")
    room.python(newest, "-c", CALL, "--without-pip", "link").quiet()
    assert os.path.islink(room.path("link")) and os.path.exists(room.path("a", "mine"))


def test_what_only_the_command_does(newest, room):
    """--json and --dry-run print what a function cannot return."""
    result = room.python(newest, "-c", CALL, "--json", "a")
    assert result.rc == 3 and "python -m cvenv" in result.out, result
    assert os.listdir(room.work) == []


def test_module(py, room):
    """Unpacked, without the command: its own main."""
    room.python(py, "-m", "cvenv", "--without-pip", "a").quiet()
    assert runner.cfg(room.path("a"))["home"] == os.path.dirname(py.path)
    result = room.python(py, "-m", "cvenv", "a:b")
    assert result.rc == 1 and result.err.startswith("cvenv: error: "), result


def test_module_runs_the_command_beside_it(newest, room):
    """As installed: PREFIX/bin/cvenv, and the package in PREFIX/lib/python3.X/site-packages."""
    lib = room.path("prefix", "lib", "python", "site-packages")
    os.makedirs(lib)
    os.symlink(os.path.join(room.site, "cvenv"), os.path.join(lib, "cvenv"))
    data = [n for n in os.listdir(room.site) if n.endswith(".data")]
    command = os.path.join(room.site, *data, "scripts", "cvenv")
    os.makedirs(room.path("prefix", "bin"))
    target = room.path("prefix", "bin", "cvenv")
    os.symlink(command, target)
    os.chmod(command, os.stat(command).st_mode | stat.S_IXUSR)
    env = {"PYTHONPATH": lib, "CVENV_PYTHON": "/nonexistent"}
    result = room.python(newest, "-m", "cvenv", "--json", "--without-pip", "a", env=env).ok()
    assert json.loads(result.out)["home"] == os.path.dirname(newest.path)
    assert runner.cfg(room.path("a"))["home"] == os.path.dirname(newest.path)


def test_variables_of_options(newest, room):
    """As for the command; what only the command prints does not matter here."""
    changes = {"CVENV_RELOCATABLE": "1", "CVENV_WITHOUT_PIP": "yes", "CVENV_JSON": "1"}
    room.python(newest, "-c", CALL, "a", env=changes).quiet()
    assert "relocatable" in runner.cfg(room.path("a"))
    assert not os.path.exists(room.path("a", "bin", "pip"))
    result = room.python(newest, "-c", CALL, "b", env={"CVENV_COPIES": "maybe"})
    assert result.rc == 2 and "CVENV_COPIES: invalid value: 'maybe'" in result.err


def test_project_files(newest, room):
    """The class ignores them, as venv does. The command does not, but its Python is this one."""
    newer = ">=%d.%d" % (newest.minor[0], newest.minor[1] + 1)
    text = '[project]\nname = "x"\nversion = "1"\nrequires-python = "%s"\n'
    runner.write(room.work, ".python-version", text="3.99\n")
    runner.write(room.work, "pyproject.toml", text=text % newer)
    code = "import warnings, venv; warnings.simplefilter('error'); venv.create('a')"
    room.python(newest, "-c", code).quiet()
    result = room.python(newest, "-c", CALL, "--without-pip", "b").ok()
    assert "requires Python '%s', but" % newer in result.err, result
    result = room.python(newest, "-c", CALL, "--without-pip", "-p", "project", "c")
    assert result.rc == 3 and result.out.startswith("ValueError"), result
    runner.write(room.work, "pyproject.toml", text=text % ">=3")
    room.python(newest, "-c", CALL, "--without-pip", "-p", "project", "c").ok()
    for name in "ab":
        assert runner.cfg(room.path(name))["home"] == os.path.dirname(newest.path)
