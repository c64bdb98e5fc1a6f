# SPDX-License-Identifier: MIT
"""Configuration files: config.toml of the user, and [tool.cvenv] of a project."""

import json
import os
import re
import socket

import pytest

import runner

USER = (".config", "cvenv", "config.toml")


@pytest.fixture
def room(box):
    """The files are searched in the directories of a user without variables."""
    os.makedirs(os.path.join(box.home, ".config", "cvenv"))
    os.mkdir(box.path("in"))
    return box


def user_path(room):
    return os.path.join(room.home, *USER)


def user(room, text, **more):
    return runner.write(room.home, *USER, text=text, **more)


def project(room, text):
    return runner.write(room.work, "pyproject.toml", text=text)


def create(room, py, *args, **more):
    return room.cvenv("-p", py.path, *args, "env", cwd=room.path("in"), **more)


def shown(room, *args, **more):
    """{name: (value, source, line)}"""
    said = json.loads(room.cvenv("--show-config", "--json", *args, cwd=room.path("in"), **more).ok().out)
    return {o["name"]: (o["value"], o["source"], o.get("line")) for o in said["options"]}


def version_name(py):
    return "python%d.%d" % py.version[:2]


def test_both_files_configure_an_environment(room, newest):
    user(room, "copies = true\nactivators = ['batch']\nprompt = 'user'\n")
    project(room, "[tool.cvenv]\nprompt = 'project'\nwithout-pip = true\nsystem-site-packages = true\n")
    create(room, newest).quiet()
    env = room.path("in", "env")
    assert runner.cfg(env)["prompt"] == "'project'"
    assert runner.cfg(env)["include-system-site-packages"] == "true"
    assert not os.path.islink(os.path.join(env, "bin", newest.bin_name))
    assert not os.path.exists(os.path.join(env, "bin", "pip"))
    assert os.path.exists(os.path.join(env, "bin", "activate.bat"))
    assert not os.path.exists(os.path.join(env, "bin", "activate.nu"))


def test_command_line_and_variables_come_first(room, newest):
    user(room, "copies = true\nwithout-scm-ignore-files = true\nwithout-pip = true\n")
    project(room, "[tool.cvenv]\nsystem-site-packages = true\n")
    changes = {"CVENV_SYSTEM_SITE_PACKAGES": "0"}
    create(room, newest, "--symlinks", "--without-scm-ignore-files=0", env=changes).quiet()
    env = room.path("in", "env")
    assert runner.cfg(env)["include-system-site-packages"] == "false"
    assert os.path.islink(os.path.join(env, "bin", newest.bin_name))
    assert os.path.exists(os.path.join(env, ".gitignore"))
    assert not os.path.exists(os.path.join(env, "bin", "pip"))


@pytest.mark.parametrize("how", ["option", "variable"])
def test_no_config_ignores_the_files(room, newest, how):
    user(room, "bad = 1")
    project(room, "[tool.cvenv]\nbad = 1")
    args = ["--no-config"] if how == "option" else []
    changes = {"CVENV_NO_CONFIG": "1"} if how == "variable" else {}
    create(room, newest, "--without-pip", *args, env=changes).quiet()


def test_show_config_tells_where_each_value_is_from(room):
    mine = user(room, "\nverbose = 1\nlink-mode = 'copy'\ncompile = true\nwheel-dir = 'w'\n")
    its = project(room, "[tool.cvenv]\nprompt = 'p'\nwithout-pip = false\n")
    told = shown(room, "--no-compile", "--copies", "env", env={"CVENV_JSON": "1"})
    assert told["prompt"] == ("p", its, 2)
    assert told["without-pip"] == (False, its, 3)
    assert told["verbose"] == (1, mine, 2)
    assert told["link-mode"] == ("copy", mine, 3)
    assert told["wheel-dir"] == (os.path.join(os.path.dirname(mine), "w"), mine, 5)
    assert told["compile"] == (False, "--no-compile", None)
    assert told["no-compile"] == (True, "--no-compile", None)
    assert told["symlinks"] == (False, "--copies", None)
    assert told["json"] == (True, "--json", None)
    assert told["cache-dir"] == (room.cache, "CVENV_CACHE_DIR", None)
    assert told["relocatable"] == (False, "default", None)
    assert told["activators"] == ("nushell,xonsh,python", "default", None)
    assert os.listdir(room.path("in")) == []
    table = room.cvenv("--show-config", cwd=room.path("in")).ok().out
    assert "link-mode " in table and mine + ", line 3\n" in table and "used: " + its in table
    told = shown(room, env={"CVENV_CACHE_DIR": None})
    assert told["cache-dir"] == (os.path.join(room.home, ".cache", "cvenv"), "default", None)


def test_show_config_tells_the_base_interpreter(room, newest):
    """Also if a file decides that is no configuration file of cvenv."""
    user(room, "python = '~/python'")
    os.symlink(newest.path, os.path.join(room.home, "python"))
    os.symlink(newest.path, os.path.join(room.bin, version_name(newest)))
    said = json.loads(room.cvenv("--show-config", "--json").ok().out)
    assert said["base"] == os.path.join(room.home, "python")
    assert said["version"] == ".".join(map(str, newest.version))
    pin = runner.write(room.work, ".python-version", text="%d.%d\n" % newest.version[:2])
    assert shown(room)["python"] == (said["version"], pin, None)
    assert shown(room, "-p", "3.99")["python"] == ("3.99", "-p", None)
    table = room.cvenv("--show-config", "-p", "3.99").ok().out
    assert "base interpreter: no Python 3.99 found" in table


def test_show_config_tells_all_of_several_pythons(room, newest):
    """And the one that exists is used."""
    mine = user(room, "python = ['3.99', '%s']" % newest.path)
    assert shown(room)["python"] == (["3.99", newest.path], mine, 1)
    assert shown(room, "-p", "3.98", "-p", newest.path)["python"] == (["3.98", newest.path], "-p", None)
    assert shown(room, "-p", "3.98")["python"] == ("3.98", "-p", None)
    table = room.cvenv("--show-config").ok().out
    assert re.search(r"(?m)^python +3\.99, %s +%s, line 1$" % (re.escape(newest.path), re.escape(mine)), table)
    assert "base interpreter: %s\n" % newest.path in table
    told = json.loads(room.cvenv("--json", "--without-pip", "env").ok().out)
    assert told["python_source"] == mine
    (warmed,) = room.cvenv("--warm", "--json").ok().out.splitlines()
    assert json.loads(warmed)["base"] == newest.path
    pin = runner.write(room.work, ".python-version", text="system\n")
    os.symlink(newest.path, os.path.join(room.bin, "python3"))
    assert shown(room)["python"] == (".".join(map(str, newest.version)), pin, None)


def test_show_config_has_every_option_with_a_variable(room):
    """The table of options makes all: what --help says about variables, --show-config, and keys."""
    options, _, more = room.cvenv("--help").ok().out.partition("\nvariables:\n")
    names = set(re.findall(r"(?m)^  (?:-., )?--([a-z-]+)", options))
    without = re.search(r"(?s)These have no variable: (.*?)\.\n", more).group(1)
    names -= set(re.findall(r"--([a-z-]+)", without))
    assert len(names) > 15
    assert names == set(shown(room))
    for name in names:
        user(room, "%s = 1979-05-27" % name)
        word = "not allowed in a file" if name == "no-config" else "must be "
        room.cvenv("--show-config").refused("line 1: '%s': %s" % (name, word), rc=2)


@pytest.mark.parametrize(
    "text, words",
    [
        ("clear = true", ["line 1: 'clear': not allowed in a file"]),
        ("\npromt = 'x'", ["line 2: 'promt': unknown key", "did you mean 'prompt'?"]),
        ("copies = 'yes'", ["'copies': must be a boolean, not a string"]),
        ("copies = true\nsymlinks = true", ["line 2: 'symlinks': not allowed with 'copies'"]),
        ("link-mode = 'hybrid'", ["invalid choice: 'hybrid'", "auto, reflink, hardlink, copy"]),
        ("x = {", ["line 1"]),
        ("a" * 70000 + " = 1", ["line 1"]),
    ],
    ids=lambda v: repr(v[:20]),
)
def test_wrong_user_file(room, newest, text, words):
    path = user(room, text)
    create(room, newest).refused("'%s', " % path, *words, rc=2)
    assert os.listdir(room.path("in")) == []
    room.cvenv("--help").ok()
    room.cvenv("--bogus").refused("--bogus", rc=2)


@pytest.mark.parametrize("key", ["cache-dir", "wheel-dir", "copies", "activators", "no-config", "clear"])
def test_project_may_not_decide(room, newest, key):
    path = project(room, "[tool.cvenv]\n%s = true\n" % key)
    words = ["'%s', line 2: 'tool.cvenv.%s': a project may not decide this" % (path, key)]
    create(room, newest).refused(*words, "system-site-packages", rc=2)
    assert os.listdir(room.path("in")) == []


@pytest.mark.parametrize("key", ["prompt", "python"])
def test_project_may_not_control_a_terminal(room, newest, key):
    project(room, '[tool.cvenv]\n%s = "\\u001b[31m"\n' % key)
    room.cvenv("env").refused("line 2: 'tool.cvenv.%s': contains a control character" % key, rc=2)


@pytest.mark.parametrize("name", ["./run", "run", "{0}/run", "~/run", "../work/run", "python3"])
def test_project_never_chooses_a_program(room, name):
    """A stranger's checkout with a program in it, also on PATH."""
    for place in (room.work, room.bin, room.home):
        program = "#!/bin/sh\ntouch '%s'\n" % room.path("ran")
        runner.write(place, "run", text=program, mode=0o755)
    name = name.format(room.work)
    project(room, "[tool.cvenv]\npython = '%s'\n" % name)
    word = "'tool.cvenv.python': '%s' is not a version" % name
    room.cvenv("--without-pip", "env").refused(word, rc=2)
    assert not os.path.exists(room.path("ran"))


def test_python_of_the_files(room, newest):
    """The nearer one decides: -p, the variable, the project, .python-version, the user."""
    user(room, "without-pip = true\npython = '~/python'\n")
    os.symlink(newest.path, os.path.join(room.home, "python"))
    room.cvenv("one").quiet()
    assert runner.cfg(room.path("one"))["home"] == room.home
    project(room, "[tool.cvenv]\npython = '99'\n")
    room.cvenv("two").refused("99", "pyproject.toml")
    room.cvenv("-p", newest.path, "three").quiet()
    changes = {"CVENV_PYTHON": newest.path}
    room.cvenv("four", env=changes).quiet()
    assert runner.cfg(room.path("four"))["home"] == os.path.dirname(newest.path)
    os.remove(room.path("pyproject.toml"))
    runner.write(room.work, ".python-version", text="98\n")
    room.cvenv("five").refused("98", ".python-version")
    room.cvenv("--no-config", "-p", newest.path, "six").ok()


# ---------------------------------------------------------------- files that are no good


def hostile(path, kind):
    """Make a file that nobody should read for long."""
    if kind == "directory":
        os.mkdir(path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        os.symlink("/dev/zero", path)
    elif kind == "circle":
        os.symlink(os.path.basename(path), path)
    elif kind == "socket":
        here = os.getcwd()
        os.chdir(os.path.dirname(path))  # names of sockets are short
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.basename(path))
        os.chdir(here)
    else:
        data = {
            "huge": b"",
            "binary": b"[tool.cvenv]\nprompt = '\xff'\n",
            "nul": b"[tool.cvenv]\0\n",
            "deep": b"# cvenv\nx = " + b"[" * 100000,
            "dots": b"# cvenv\nx" + b".x" * 100000 + b" = 1\n",
            "many": b"".join(b"k%d = 1\n" % n for n in range(60000)),
            "twice": b"# cvenv\nprompt = 'a'\nprompt = 'b'\n",
        }[kind]
        with open(path, "wb") as f:
            f.write(data)
            if kind == "huge":
                f.truncate(1 << 30)


NO_FILES = ["directory", "fifo", "device", "socket"]
TEXTS = ["huge", "binary", "nul", "deep", "dots", "twice"]


@pytest.mark.parametrize("kind", NO_FILES + TEXTS + ["many"])
def test_hostile_user_file_is_one_error(room, newest, kind):
    hostile(user_path(room), kind)
    create(room, newest, timeout=20).refused("config.toml", "--no-config", rc=2)
    assert os.listdir(room.path("in")) == []


@pytest.mark.parametrize("kind", TEXTS)
def test_hostile_project_file_is_one_warning(room, newest, kind):
    hostile(room.path("pyproject.toml"), kind)
    done = create(room, newest, "--without-pip", timeout=20).ok()
    assert done.out == "" and done.err.count("\n") == 1, str(done)
    assert done.err.startswith("cvenv: warning: ignoring pyproject.toml: "), str(done)
    assert "pyproject.toml" in done.err


@pytest.mark.parametrize("kind", NO_FILES + ["circle", "many"])
def test_project_file_that_is_none(room, newest, kind):
    """No regular file, or one with nothing for cvenv."""
    hostile(room.path("pyproject.toml"), kind)
    create(room, newest, "--without-pip", timeout=20).quiet()


def test_broken_link_counts_as_missing(room, newest):
    os.symlink("none", user_path(room))
    create(room, newest, "--without-pip").quiet()


def test_file_that_others_can_change_is_ignored(room, newest):
    """It would name programs to run. Its group may be the user's own, so that is fine."""
    path = user(room, "prompt = 'mine'\nwithout-pip = true\n", mode=0o666)
    done = create(room, newest, "--without-pip").ok()
    assert done.err == "cvenv: warning: ignoring '%s': every user may write to it\n" % path
    assert "prompt" not in runner.cfg(room.path("in", "env"))
    os.chmod(path, 0o664)
    create(room, newest).quiet()
    assert runner.cfg(room.path("in", "env"))["prompt"] == "'mine'"


def test_file_of_another_user_is_ignored(room, newest):
    if os.getuid() != 0:
        pytest.skip("not root: cannot give a file to another user")
    path = user(room, "prompt = 'mine'\n")
    os.chown(path, 4711, 4711)
    done = create(room, newest, "--without-pip").ok()
    assert done.err == "cvenv: warning: ignoring '%s': it belongs to another user\n" % path
    assert "prompt" not in runner.cfg(room.path("in", "env"))


def test_unreadable_files(user_box):
    """One that exists is an error; without the permission to search, there is none."""
    box, python, as_user = user_box
    os.mkdir(box.path("in"), 0o777)
    os.chmod(box.path("in"), 0o777)
    args = ["-p", python.path, "--without-pip", "--clear", "env"]
    project(box, "[tool.cvenv]\nprompt = 'x'\n")
    os.chmod(box.path("pyproject.toml"), 0)
    done = box.cvenv(*args, before=as_user, cwd=box.path("in")).ok()
    assert "warning: ignoring pyproject.toml: cannot read" in done.err and done.err.count("\n") == 1
    os.remove(box.path("pyproject.toml"))
    path = user(box, "prompt = 'x'\n")
    os.chmod(path, 0)
    if os.getuid() == 0:
        os.chown(path, 0, 0)
    box.cvenv(*args, before=as_user, cwd=box.path("in")).refused("'%s': Permission denied" % path, rc=2)
    os.chmod(os.path.dirname(path), 0)
    box.cvenv(*args, before=as_user, cwd=box.path("in")).quiet()
    os.chmod(os.path.dirname(path), 0o755)
