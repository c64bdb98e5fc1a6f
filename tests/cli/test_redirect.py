# SPDX-License-Identifier: MIT
"""Redirect files (PEP 832), --redirect and --name. virtualenv and uv read what cvenv writes, and the
reverse."""

import json
import os
import re
import shutil
import subprocess

import pytest

import runner
import terminal

WITHOUT_PIP = "--without-pip"


def make(box, py, *args, **more):
    return box.cvenv("-p", py.path, WITHOUT_PIP, *args, **more)


def result_of(box, py, *args, **more):
    return json.loads(make(box, py, "--json", *args, **more).ok().out)


def redirect(box, text, *names):
    """Write a redirect file; by default .venv in the current directory."""
    data = text if isinstance(text, bytes) else text.encode()
    path = box.path(*(names or [".venv"]))
    with open(path, "wb") as f:
        f.write(data)
    return path


def listing(directory):
    return sorted(os.path.join(at, name) for at, dirs, files in os.walk(directory) for name in dirs + files)


def unchanged(box, py, *words, args=(), **more):
    """The run is refused, and has changed nothing."""
    before = listing(box.root)
    make(box, py, *args, **more).refused(*words)
    assert [path for path in listing(box.root) if not path.startswith(box.cache)] == [
        path for path in before if not path.startswith(box.cache)
    ]


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("text", ["../envs/a\n", "../envs/a", "../envs/a\r\n", "../envs/./a/\n"])
def test_environment_is_created_where_the_file_says(box, newest, text):
    redirect(box, text)
    place = os.path.join(box.root, "envs", "a")
    said = result_of(box, newest)
    assert (said["path"], said["action"], said["redirect"]) == (place, "created", box.path(".venv"))
    assert said["prompt"] == "a"
    assert runner.read(box.path(".venv")) == text
    assert box.says(place)["sys.prefix"] == place
    assert place in runner.read(place, "bin", "activate")
    assert result_of(box, newest)["action"] == "updated"


def test_without_a_redirect_file_there_is_none(box, newest):
    assert result_of(box, newest, "env")["redirect"] is None


def test_name_is_relative_to_the_file_and_not_to_the_current_directory(box, newest):
    os.mkdir(box.path("sub"))
    redirect(box, "env\n")
    assert result_of(box, newest, "../.venv", cwd=box.path("sub"))["path"] == box.path("env")


def test_parent_of_a_link_is_that_of_its_target(box, newest):
    """As the system resolves it, and as other readers do; not by the text of the path."""
    os.makedirs(box.path("deep", "project"))
    os.symlink(box.path("deep", "project"), box.path("way"))
    redirect(box, "../envs/a\n", "way", ".venv")
    assert result_of(box, newest, "way/.venv")["path"] == box.path("deep", "envs", "a")


def test_other_name_than_dot_venv_needs_an_existing_directory(box, newest):
    redirect(box, "env\n", "file")
    unchanged(box, newest, "a file has that name", "names no existing directory", args=["file"])
    os.mkdir(box.path("env"))
    assert result_of(box, newest, "file")["path"] == box.path("env")


@pytest.mark.parametrize(
    "text, word",
    [
        (b"", "it is empty"),
        (b"\n", "it is empty"),
        (b"a\nb\n", "more than one line"),
        (b"a\n\n", "more than one line"),
        (b"a\xff\n", "not UTF-8"),
        ("ab\n".encode("utf-16"), "not UTF-8"),
        (b"a\0b\n", "control characters"),
        (b"a\x1b[31m\n", "control characters"),
        ("a\u2028b\n".encode(), "control characters"),
        (b"\xef\xbb\xbfa\n", "byte order mark"),
        (b" a\n", "white space"),
        (b"a \n", "white space"),
        ("a\u00a0\n".encode(), "white space"),
        (b"a" * 5000, "too large"),
    ],
    ids=ascii,
)
def test_file_of_another_kind_is_an_error(box, newest, text, word):
    redirect(box, text)
    unchanged(box, newest, "a file has that name", word)
    unchanged(box, newest, word, args=["--clear", "--force"])


def test_large_file_and_pipe_are_not_read(box, newest):
    with open(box.path(".venv"), "wb") as f:
        f.truncate(1 << 30)
    make(box, newest, timeout=20).refused("too large")
    os.remove(box.path(".venv"))
    os.mkfifo(box.path(".venv"))
    make(box, newest, timeout=20).refused("a file has that name")


def test_link_to_a_redirect_file_is_refused(box, newest):
    """It would be unclear to which directory the name is relative."""
    redirect(box, "env\n", "file")
    os.symlink("file", box.path(".venv"))
    unchanged(box, newest, "a file has that name")


def test_redirects_do_not_chain(box, newest):
    redirect(box, ".venv\n")
    unchanged(box, newest, "redirect file", "a file has that name")
    redirect(box, "other\n")
    redirect(box, ".venv\n", "other")
    unchanged(box, newest, "redirect file", "a file has that name")
    redirect(box, "env\n", "other")
    os.mkdir(box.path("env"))
    unchanged(box, newest, "redirect file", "a file has that name")


@pytest.mark.parametrize("args", [[], ["--clear"], ["--clear", "--force"], ["--upgrade"], ["--dry-run"]], ids=ascii)
@pytest.mark.parametrize("place", ["root", "home", "above", "foreign", "checkout", "tilde", "bin"])
def test_redirect_must_not_do_harm(box, newest, place, args):
    foreign = runner.write(box.root, "foreign", "precious", text="x")
    runner.write(box.root, "checkout", ".git", "HEAD", text="x")
    runner.write(box.root, "checkout", "pyvenv.cfg", text="x")
    runner.write(box.root, "other", "pyvenv.cfg", text="x")
    texts = {
        "root": "/",
        "home": box.home,
        "above": "..",
        "foreign": "../foreign",
        "checkout": "../checkout" if args else "/usr/bin",
        "tilde": "~/env",
        "bin": "../other/bin/x",
    }
    redirect(box, texts[place] + "\n")
    if place == "checkout" and args in (["--upgrade"], ["--dry-run"]):
        pytest.skip("an environment that is a checkout may be updated")
    unchanged(box, newest, "redirect file" if place != "bin" else "bin", args=args)
    assert runner.read(foreign) == "x"


def test_clear_clears_the_place_and_keeps_the_file(box, newest):
    redirect(box, "env\n")
    make(box, newest).quiet()
    runner.write(box.path("env", "old"), text="x")
    said = result_of(box, newest, "--clear")
    assert (said["action"], said["path"]) == ("recreated", box.path("env"))
    assert not os.path.exists(box.path("env", "old"))
    assert runner.read(box.path(".venv")) == "env\n"


def test_dry_run_names_the_file(box, newest):
    redirect(box, "env\n")
    said = make(box, newest, "--dry-run").ok().out
    assert said.startswith(box.path("env") + " (to be created") and box.path(".venv") in said.splitlines()[0]
    assert os.listdir(box.work) == [".venv"]


def test_several_are_checked_first(box, newest):
    redirect(box, "/\n", "bad.venv")
    unchanged(box, newest, "bad.venv", args=["a", "bad.venv"])
    redirect(box, "one\n")
    make(box, newest, ".venv", "two").quiet()
    assert runner.environments(box.work) == {"one", "two"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_file_of_another_user_in_a_shared_directory_is_refused(box, newest):
    shared = os.path.join(box.root, "shared")
    os.mkdir(shared)
    os.chmod(shared, 0o1777)
    path = runner.write(shared, ".venv", text="env\n")
    os.chown(path, 12345, 12345)
    make(box, newest, cwd=shared).refused("another user may have planted it")
    os.chmod(shared, 0o755)
    make(box, newest, cwd=shared).quiet()


def test_sentence_and_activation_name_the_real_place(box, newest):
    redirect(box, "it's\n")
    argv = [box.command, "-p", newest.path, WITHOUT_PIP]
    said = terminal_says(box, argv)
    assert "Created %s, to which %s redirects, with" % (box.path("it's"), box.path(".venv")) in said
    line = said.strip().splitlines()[-1]
    probe = box.run(["bash", "-c", line + "; printf %s \"$VIRTUAL_ENV\""]).ok()
    assert probe.out == box.path("it's")


def terminal_says(box, argv):
    rc, said = terminal.on_terminal(box, argv, SHELL="/bin/bash")
    assert rc == 0, said
    return said


# ---------------------------------------------------------------- writing


def test_redirect_names_the_environment(box, newest):
    said = result_of(box, newest, "--redirect", "envs/a")
    assert said["redirect"] == box.path(".venv")
    assert runner.read(box.path(".venv")) == "envs/a\n"
    assert os.stat(box.path(".venv")).st_mode & 0o777 == 0o644
    elsewhere = os.path.join(box.root, "elsewhere")
    assert result_of(box, newest, "--redirect", elsewhere)["redirect"] == box.path(".venv")
    assert runner.read(box.path(".venv")) == elsewhere + "\n"
    assert result_of(box, newest)["path"] == elsewhere
    assert sorted(os.listdir(box.work)) == [".venv", "envs"]


def test_verbose_tells_that_the_file_was_written(box, newest):
    told = "cvenv: wrote the redirect file '%s', which names '%s'\n" % (box.path(".venv"), box.path("env"))
    assert make(box, newest, "--redirect", "-v", "env").ok().err.count(told) == 1
    assert "redirect" not in make(box, newest, "--redirect", "-v", "env").ok().err  # it was right


def test_nothing_is_written_for_dot_venv_itself(box, newest):
    assert result_of(box, newest, "--redirect")["redirect"] is None
    assert os.path.isdir(box.path(".venv"))
    assert result_of(box, newest, "--redirect", ".venv")["redirect"] is None


def test_same_redirect_is_not_written_again(box, newest):
    path = redirect(box, "./env")
    before = os.stat(path)
    assert result_of(box, newest, "--redirect", "env")["redirect"] == path
    assert result_of(box, newest, "--redirect", ".venv")["redirect"] == path
    after = os.stat(path)
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_redirect_writes_nothing_in_a_dry_run(box, newest):
    assert result_of(box, newest, "--redirect", "--dry-run", "env")["redirect"] == box.path(".venv")
    assert os.listdir(box.work) == []


def occupy(box, kind):
    path = box.path(".venv")
    if kind == "directory":
        os.mkdir(path)
    elif kind == "link":
        os.symlink("nowhere", path)
    elif kind == "link to a file":
        redirect(box, "x\n", "file")
        os.symlink("file", path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "empty":
        redirect(box, "")
    elif kind == "text":
        redirect(box, "two\nlines\n")
    elif kind == "of others":
        runner.write(box.path("other", "pyvenv.cfg"), text="home = /usr/bin\nvirtualenv = 21\n")
        redirect(box, "other\n")


@pytest.mark.parametrize("kind", ["directory", "link", "link to a file", "pipe", "empty", "text", "of others"])
def test_redirect_replaces_nothing_else(box, newest, kind):
    occupy(box, kind)
    unchanged(box, newest, "refusing to", box.path(".venv"), args=["--redirect", "env"])
    unchanged(box, newest, "refusing to", args=["--redirect", "--dry-run", "env"])


def test_link_to_the_environment_is_kept(box, newest):
    make(box, newest, "env").quiet()
    os.symlink("env", box.path(".venv"))
    make(box, newest, "--redirect", "env").quiet()
    assert os.readlink(box.path(".venv")) == "env"


@pytest.mark.parametrize("old", ["gone", "../gone/../x", "empty", "own"])
def test_redirect_replaces_one_that_leads_to_no_foreign_environment(box, newest, old):
    os.mkdir(box.path("empty"))
    make(box, newest, "own").quiet()
    redirect(box, old + "\n")
    make(box, newest, "--redirect", "env").quiet()
    assert runner.read(box.path(".venv")) == "env\n"


@pytest.mark.parametrize("name", ["a b ", "a\u2028b", "a\tb"], ids=ascii)
def test_name_that_no_file_can_hold_is_refused_before_anything_is_created(box, newest, name):
    unchanged(box, newest, "redirect file", args=["--redirect", name])


@pytest.mark.parametrize("name", [" a", "~"])
def test_name_that_is_unclear_alone_is_written_absolute(box, newest, name):
    make(box, newest, "--redirect", name).quiet()
    assert runner.read(box.path(".venv")) == box.path(name) + "\n"
    assert result_of(box, newest)["path"] == box.path(name)


def test_redirect_is_not_written_into_the_environment(box, newest):
    os.mkdir(box.path("env"))
    unchanged(box, newest, "in the environment", args=["--redirect", "."], cwd=box.path("env"))


def test_unwritable_directory_is_an_error_before_anything_is_created(box, newest):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    project = os.path.join(box.root, "project")
    os.mkdir(project, 0o555)
    make(box, newest, "--redirect", box.path("env"), cwd=project).refused("Permission denied")
    assert not os.path.exists(box.path("env"))


def test_wrong_usage(box, newest):
    make(box, newest, "--redirect", "a", "b").refused("--redirect", "several ENV_DIRs", rc=2)
    box.cvenv("--warm", "--redirect").refused("--redirect", rc=2)
    assert os.listdir(box.work) == []


# ---------------------------------------------------------------- names


def test_name_is_below_workon_home(box, newest):
    assert result_of(box, newest, "-n", "web")["path"] == os.path.join(box.home, ".virtualenvs", "web")
    for value, place in (
        (os.path.join(box.root, "wh"), os.path.join(box.root, "wh", "x")),
        ("envs", os.path.join(box.home, "envs", "x")),
        ("~/e", os.path.join(box.home, "e", "x")),
        ("", os.path.join(box.home, ".virtualenvs", "x")),
    ):
        assert result_of(box, newest, "--name=x", env={"WORKON_HOME": value})["path"] == place
    assert os.listdir(box.work) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "a/", "-x"])
def test_name_is_one_component(box, newest, name):
    make(box, newest, "--name=" + name).refused("-n/--name", "invalid name", rc=2)
    assert not os.path.exists(os.path.join(box.home, ".virtualenvs"))


def test_name_excludes_directories(box, newest):
    make(box, newest, "-n", "x", "env").refused("-n/--name", "ENV_DIR 'env'", rc=2)


def test_name_needs_a_home(box, newest):
    make(box, newest, "-n", "x", env={"HOME": None}).refused("home directory is unknown")
    make(box, newest, "-n", "x", env={"HOME": None, "WORKON_HOME": box.root}).quiet()


def test_name_and_redirect_work_together(box, newest):
    place = os.path.join(box.home, ".virtualenvs", "web")
    said = terminal_says(box, [box.command, "-p", newest.path, WITHOUT_PIP, "-n", "web", "--redirect"])
    assert runner.read(box.path(".venv")) == place + "\n"
    line = said.strip().splitlines()[-1]
    assert box.run(["bash", "-c", line + "; printf %s \"$VIRTUAL_ENV\""]).ok().out == place


# ---------------------------------------------------------------- peers


def peer(name, least):
    """The program, if it is installed and new enough to know redirect files."""
    path = shutil.which(name)
    if not path:
        pytest.skip("%s is not installed" % name)
    said = subprocess.run([path, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
    version = tuple(map(int, re.search(r"(\d+)\.(\d+)", said).groups()))
    if version < least:
        pytest.skip("%s %d.%d does not know redirect files" % (name, *version))
    return path


def uv_finds(box, uv, cwd):
    argv = [uv, "python", "find", "--offline", "--no-config", "--no-cache", "--preview-features", "venv-redirect-files"]
    return box.run([*argv, "--no-python-downloads"], cwd=cwd)


@pytest.mark.parametrize("env_dir", ["envs/a", "../elsewhere", "\u00fcn i", " lead"], ids=ascii)
def test_uv_reads_what_cvenv_writes(box, newest, env_dir):
    uv = peer("uv", (0, 13))
    said = result_of(box, newest, "--redirect", env_dir)
    os.mkdir(box.path("sub"))
    for cwd in (box.work, box.path("sub")):
        found = uv_finds(box, uv, cwd).ok().out.strip()
        assert os.path.dirname(os.path.dirname(os.path.join(cwd, found))) == said["path"]


@pytest.mark.parametrize(
    "text",
    ["a", "a\n", "a\r\n", "./a\n", "../work/a/\n", "sub/../a\n", "way/../a\n", "a\n\n", "\na\n", " a\n", "", "\xff",
     "none/../a\n", "a\n#\n", "\ufeffa\n"],
    ids=ascii,
)  # fmt: skip
def test_cvenv_reads_a_file_as_uv_does(box, newest, text):
    """Where uv finds an environment, cvenv updates that one. Where uv finds none, cvenv fails."""
    uv = peer("uv", (0, 13))
    make(box, newest, "a").quiet()
    os.makedirs(box.path("sub"))
    os.makedirs(os.path.join(box.root, "far", "deep"))
    os.symlink("../far/deep", box.path("way"))
    redirect(box, text.encode("latin-1") if text == "\xff" else text)
    found = uv_finds(box, uv, box.work)
    python = os.path.join(box.work, found.out.strip())
    place = os.path.dirname(os.path.dirname(python))
    if found.rc or not os.path.exists(os.path.join(place, "pyvenv.cfg")):
        done = make(box, newest, "--json")
        assert done.rc == 1 or json.loads(done.out)["action"] == "created", str(done)
    else:
        said = result_of(box, newest)
        assert (said["path"], said["action"]) == (os.path.realpath(place), "updated")


def test_cvenv_reads_what_virtualenv_writes(box, newest):
    virtualenv = peer("virtualenv", (21, 15))
    box.run([virtualenv, "--no-download", "--no-seed", "--venv-redirect", "theirs"]).ok()
    said = result_of(box, newest)
    assert (said["path"], said["redirect"]) == (box.path("theirs"), box.path(".venv"))


def test_virtualenv_keeps_ours_and_cvenv_theirs(box, newest):
    virtualenv = peer("virtualenv", (21, 15))
    make(box, newest, "--redirect", "ours").quiet()
    box.run([virtualenv, "--no-download", "--no-seed", "--venv-redirect", "theirs"]).ok()
    assert runner.read(box.path(".venv")) == "ours\n"
    redirect(box, "theirs\n")
    make(box, newest, "--redirect", "ours").refused("cvenv did not create")
