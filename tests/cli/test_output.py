# SPDX-License-Identifier: MIT
"""Output: --json, --dry-run, -q, -v, and the hint on a terminal."""

import json
import os
import re
import select
import shutil
import time

import pytest

import bases
import runner
import trees
from terminal import on_terminal

KEYS = {
    "path",
    "action",
    "python",
    "version",
    "home",
    "bin",
    "site_packages",
    "prompt",
    "packages",
    "link_mode",
    "duration_ms",
}


def objects(result):
    """One on each line; what else is to be said (a warning) is not among them."""
    assert all(line.startswith("cvenv: warning: ") for line in result.err.splitlines()), str(result)
    assert result.out.endswith("\n")
    return [json.loads(line) for line in result.out[:-1].split("\n")]


def test_success_prints_nothing(box, some_py):
    box.cvenv("-p", some_py.path, "env").quiet()
    box.cvenv("-p", some_py.path, "env").quiet()
    box.cvenv("-p", some_py.path, "--upgrade", "env").quiet()
    box.cvenv("-p", some_py.path, "--clear", "env").quiet()


# ---------------------------------------------------------------- --json


def test_json(box, some_py):
    start = time.monotonic()
    (said,) = objects(box.cvenv("-p", some_py.path, "--json", "env").ok())
    wall = (time.monotonic() - start) * 1000
    assert KEYS <= said.keys()
    env = box.path("env")
    assert said["path"] == env
    assert said["version"] == ".".join(map(str, some_py.version))
    assert said["home"] == runner.cfg(env)["home"]
    assert said["bin"] == os.path.join(env, "bin")
    assert said["site_packages"] == os.path.join(env, "lib", some_py.lib_name, "site-packages")
    assert said["prompt"] == "env"
    assert said["link_mode"] in ("reflink", "hardlink", "copy", "auto")
    assert 0 < said["duration_ms"] <= wall
    there = box.run([said["python"], "-c", "import sys; print(sys.prefix)"]).ok().out
    assert there == env + "\n"
    listed = box.says(env)
    if "distributions" in listed:
        got = sorted("%s %s" % (p["name"], p["version"]) for p in said["packages"])
        assert got == listed["distributions"]


def test_json_of_several(box, newest):
    said = objects(box.cvenv("-p", newest.path, "--json", "--without-pip", "a", "b", "a").ok())
    assert [one["path"] for one in said] == [box.path(n) for n in ("a", "b", "a")]
    assert all(one["packages"] == [] for one in said)


def test_json_of_several_of_which_one_fails(box, newest):
    """The environments created before the error are printed. No check of the names can find this error."""
    runner.write(box.work, "b", "bin", text="file")
    result = box.cvenv("-p", newest.path, "--json", "--without-pip", "a", "b", "c")
    assert result.rc == 1
    (said,) = [json.loads(line) for line in result.out.splitlines()]
    assert said["path"] == box.path("a")
    result.refused(box.path("b"), out=result.out)
    assert not os.path.lexists(box.path("c"))


@pytest.mark.parametrize(
    "name",
    ['q"uote', "back\\slash", "new\nline", "tab\t", "\x01\x1f\x7f", "é環\U0001f40d", "\u2028"],
    ids=ascii,
)
def test_json_is_quoted(box, newest, name):
    argv = ["-p", newest.path, "--json", "--without-pip", "--prompt", name, "d" + name]
    (said,) = objects(box.cvenv(*argv).ok())
    assert said["path"] == box.path("d" + name)
    assert said["prompt"] == name


def test_json_names_the_action(box, newest):
    """By --json, of a dry run too, and by -v."""
    os.mkdir(box.path("empty"))
    for name, args, action in (
        ("env", [], "created"),
        ("env", [], "updated"),
        ("env", ["--upgrade"], "upgraded"),
        ("env", ["--clear"], "recreated"),
        ("new", ["--clear"], "created"),
        ("empty", [], "created"),
    ):
        argv = ["-p", newest.path, "--without-pip", "--json", *args, name]
        assert objects(box.cvenv("--dry-run", *argv).ok())[0]["action"] == action
        result = box.cvenv("-v", *argv).ok()
        assert json.loads(result.out)["action"] == action
        assert re.search(r"(?m)^cvenv: %s in [0-9.]+ ms$" % action, result.err), result.err


def test_json_prompt(box, newest):
    argv = ["-p", newest.path, "--json", "--without-pip"]
    assert objects(box.cvenv(*argv, "--prompt", ".", "env").ok())[0]["prompt"] == "work"
    assert objects(box.cvenv(*argv, "--prompt", "", "env").ok())[0]["prompt"] == ""
    box.cvenv(*argv, "--prompt", "it's", "env").ok()
    assert objects(box.cvenv(*argv, "--upgrade", "env").ok())[0]["prompt"] == "it's"


def keys(value):
    """Of all objects in VALUE."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if isinstance(value, dict):
        return set(value) | keys(list(value.values()))
    return set()


def keys_of_actions(cold):
    """In the JSON of all actions on environments that exist: the environment "env", and one that fails."""
    found = set()
    for args in (["--list", "."], ["--check"], ["--repair"], ["--repair", "--dry-run"], ["--pack", "-o", "env.tar"]):
        where = [] if args[0] == "--list" else ["env"]
        found |= keys(objects(cold.cvenv("--json", *args, *where).ok()))
    os.remove(os.path.join(cold.work, "env", "bin", "python"))
    found |= keys(objects(cold.cvenv("--json", "--check", "env")))
    for args in (["--clone", "--dry-run", "env", "b"], ["--clone", "env", "b"], ["--move", "b", "c"],
                 ["--prune", "."], ["--remove", "c"]):
        found |= keys(objects(cold.cvenv("--json", *args).ok()))
    missing = cold.cvenv("--json", "--remove", "-v", "nothing")
    return found | keys([json.loads(missing.out)])


def test_json_has_the_names_of_the_library_in_the_manual(cold, newest):
    """One thing, one name: snake_case, as in cvenv.h; what cvenv.h lacks is named here."""
    found = set()
    for args in (["--warm"], ["env"], ["--dry-run", "two"], ["--pythons"], ["--install-shims", "shims"],
                 ["--cache-info"], ["--cache-clean"]):
        found |= keys(objects(cold.cvenv("-p", newest.path, "--json", *args).ok()))
    runner.write(cold.work, "pyproject.toml", text="[tool.cvenv]\nprompt = 'x'\n")
    found |= keys(objects(cold.cvenv("--show-config", "--json").ok()))
    found |= keys_of_actions(cold)
    assert len(found) > 50

    def text(*path):
        with open(os.path.join(runner.REPOSITORY, *path), encoding="utf-8") as f:
            return f.read()

    members = re.findall(r"(?m)^\t[a-z][\w *]*?([a-z0-9_]+(?:, \*?[a-z_]+)*);", text("include", "cvenv.h"))
    members = set(re.split(r", \*?", ", ".join(members)))
    ours = {"action", "bytes_freed", "command", "duration_ms", "entries", "error", "hint", "line", "message",
            "options", "plan", "pythons", "reason", "shims", "used", "value"}
    assert found - members == ours - members
    page = re.search(r"(?ms)^\.Ss JSON about existing environments$(.*?)^\.Sh", text("doc", "cvenv.1")).group(1)
    # of packages that pip did not install from an index, and of a Python that is gone
    others = {"direct_url", "editable", "requirements"}
    assert found | others == set(re.findall(r"\w+", " ".join(re.findall(r"(?m)^\.(?:It )?Cm (.*)", page))))


def test_json_of_an_error_is_an_error(box):
    box.cvenv("-p", "/nonexistent", "--json", "env").refused()


def test_json_with_a_newer_pip_that_is_kept(box, newest):
    import wheels

    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    site = box.path("env", "lib", newest.lib_name, "site-packages")
    wheels.install_by_hand(site, "pip", "999.0")
    (said,) = objects(box.cvenv("-p", newest.path, "--json", "env").ok())
    assert {"name": "pip", "version": "999.0"} in said["packages"]


# ---------------------------------------------------------------- --dry-run


@pytest.mark.parametrize(
    "args",
    [[], ["--clear"], ["--upgrade"], ["--compile"], ["--cache-dir", "mine"]],
    ids=["plain", "clear", "upgrade", "compile", "cache-dir"],
)
def test_dry_run_writes_nothing(cold, newest, args):
    """Not in ENV_DIR, and nowhere else: no cache is made, nothing unpacked."""
    cold.cvenv("-p", newest.path, "--without-pip", "old").quiet()
    runner.wipe(cold.cache)
    runner.write(cold.work, "old", "file", text="x")
    before = trees.listing(cold.root)
    for name in ("env", "old", "deep/er/env"):
        result = cold.cvenv("-q", "-p", newest.path, "--dry-run", *args, name).ok()
        assert result.err == ""
        assert "pyvenv.cfg" in result.out
        assert cold.path(name) in result.out
    assert trees.listing(cold.root) == before


def test_dry_run_leaves_a_cache_alone(cold, newest):
    """One that was not used for long, and one with a corrupt image."""
    cold.cvenv("-p", newest.path, "env").quiet()
    cache = os.path.join(cold.cache, "v1")
    for place, _, files in os.walk(cache):
        for name in files:
            os.utime(os.path.join(place, name), (0, 10**9))
    corrupt = os.path.join(cache, "wheels", os.listdir(os.path.join(cache, "wheels"))[0])
    os.remove(os.path.join(corrupt, "manifest"))
    before = trees.listing(cold.root)
    cold.cvenv("-p", newest.path, "--dry-run", "two").ok()
    assert trees.listing(cold.root) == before


@pytest.mark.parametrize("args", [["--no-compile"], ["--compile"], []], ids=ascii)
def test_dry_run_predicts_the_run(cold, newest, args):
    """The plan from the wheel's list is, except for sizes, the plan that is carried out."""

    def plan(name):
        (said,) = objects(cold.cvenv("-p", newest.path, "--dry-run", "--json", *args, name).ok())
        return [{key: e[key] for key in e if key != "bytes"} for e in said["plan"]]

    before = plan("env")
    assert not os.path.lexists(cold.cache)
    cold.cvenv("-p", newest.path, *args, "env").quiet()
    shutil.rmtree(cold.path("env"))
    assert plan("env") == before
    assert len([e for e in before if e["kind"] == "tree"]) >= 1


def test_dry_run_lists_the_new_files(box, newest):
    """Every file of the environment is named, those of wheels by their tree."""
    said = box.cvenv("-p", newest.path, "--dry-run", "--without-pip", "env").ok().out
    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    for name, node in trees.snapshot(box.path("env")).items():
        if node.kind != "dir":
            assert name in said, name


def test_dry_run_refuses_what_would_be_refused(box, newest):
    runner.write(box.work, "file", text="x")
    box.cvenv("-p", newest.path, "--dry-run", "file").refused()
    box.cvenv("-p", newest.path, "--dry-run", "a:b").refused()
    box.cvenv("-p", newest.path, "--dry-run", "--clear", box.home).refused()


def test_dry_run_json(box, newest):
    (said,) = objects(box.cvenv("-p", newest.path, "--dry-run", "--json", "env").ok())
    assert said["path"] == box.path("env")
    assert os.listdir(box.work) == []


def test_dry_run_lists_the_deletion_of_old_content(box, newest):
    """It is what one asks for before --clear."""
    argv = ["-p", newest.path, "--dry-run", "--without-pip"]
    runner.write(box.work, "env", "precious", text="x")
    runner.write(box.work, "env", "pyvenv.cfg", text="")
    first = {"kind": "clear", "path": "."}
    for clear, name, goes in (
        (["--clear"], "env", True),
        (["--clear"], "new", False),
        ([], "env", False),
    ):
        said = box.cvenv(*argv, *clear, name).ok().out
        assert (said.splitlines()[1].split()[:2] == ["clear", "."]) == goes, said
        (said,) = objects(box.cvenv(*argv, *clear, "--json", name).ok())
        assert (said["plan"][0] == first) == goes
        assert said["plan"].count(first) == goes
    assert sorted(os.listdir(box.path("env"))) == ["precious", "pyvenv.cfg"]


def test_dry_run_names_wheels_and_what_pip_would_do(box, newest):
    (pip, _) = newest.seeds["pip"]
    said = box.cvenv("-p", newest.path, "--dry-run", "--upgrade-deps", "env").ok().out
    assert re.search(r"tree +lib/\S+ +\(\d+ files: pip %s\)" % re.escape(pip), said), said
    assert said.splitlines()[-1].split() == ["run", "pip", "install", "--upgrade"]


# ---------------------------------------------------------------- -q and -v


def test_verbose_goes_to_stderr(cold, newest):
    result = cold.cvenv("-v", "-p", newest.path, "env").ok()
    assert result.out == ""
    result = cold.cvenv("-v", "--json", "-p", newest.path, "env").ok()
    assert len(result.out.splitlines()) == 1
    json.loads(result.out)


def test_verbose_names_each_action(cold, newest):
    """Found where, unpacked or not, how the files came, how long it took."""
    first = cold.cvenv("-v", "-p", newest.path, "one").ok().err
    again = cold.cvenv("-v", "-p", newest.path, "two").ok().err
    for said in (first, again):
        assert all(line.startswith("cvenv: ") for line in said.splitlines())
        for word in (newest.path, cold.path("one" if said is first else "two"), "pip ", " ms"):
            assert word in said, said
    for word in ("probing", "unpacking"):
        assert word in first and word not in again


def test_quiet_still_prints_errors(box):
    box.cvenv("-q", "-p", "/nonexistent", "env").refused()
    box.cvenv("-qq", "-p", "/nonexistent", "env").refused()


def test_control_characters_in_messages_are_escaped(box, newest):
    """A name must not drive the terminal."""
    runner.write(box.work, "a\x1b[31m\n\x07b", text="file")
    result = box.cvenv("-p", newest.path, "a\x1b[31m\n\x07b").refused()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", result.err)


# ---------------------------------------------------------------- a terminal


@pytest.mark.parametrize(
    "shell, script",
    [
        ("/bin/sh", "bin/activate"),
        ("/bin/bash", "bin/activate"),
        ("/usr/bin/zsh", "bin/activate"),
        ("/bin/dash", "bin/activate"),
        ("/usr/bin/fish", "bin/activate.fish"),
        ("/bin/csh", "bin/activate.csh"),
        ("/bin/tcsh", "bin/activate.csh"),
        ("/usr/bin/odd", "bin/activate"),
        ("", "bin/activate"),
    ],
)
def test_hint(box, newest, shell, script):
    """For the shell of the user; the test's own process is no shell."""
    rc, shown = on_terminal(box, [box.command, "-p", newest.path, "env"], SHELL=shell)
    assert rc == 0
    last = shown.rstrip("\n").split("\n")[-1]
    assert re.fullmatch(r"\s*(source|\.) \S*env/%s" % re.escape(script), last), shown


@pytest.mark.parametrize(
    "shell, args, name",
    [
        ("/bin/dash", ["--relocatable"], "env"),
        ("/bin/tcsh", ["--relocatable"], "env"),
        ("/bin/bash", ["--upgrade"], "env"),
        ("/usr/bin/xonsh", [], "x$y"),
        ("/bin/bash", [], "a\x1b[31mb"),
    ],
    ids=ascii,
)
def test_no_hint_that_does_not_work(box, newest, shell, args, name):
    """No such script, one that could not do it, a line that cannot be shown: there is the Python."""
    argv = [box.command, "-p", newest.path, "--without-pip", *args, name]
    rc, shown = on_terminal(box, argv, SHELL=shell)
    assert rc == 0
    lines = shown.rstrip("\n").split("\n")
    assert lines[-2].endswith("No script activates it in this shell; its Python is:"), shown
    assert lines[-1] == box.path(name, "bin", newest.bin_name).replace("\x1b", "\\x1b")
    assert "source" not in shown and "\x1b" not in shown


def test_what_was_done_is_named(box, newest):
    def first(*args):
        argv = [box.command, "-p", newest.path, "--without-pip", *args]
        return on_terminal(box, argv, SHELL="/bin/bash")[1]

    assert first("env").startswith("Created env with Python %d." % newest.version[0])
    assert first("env").startswith("Updated env with ")
    assert first("--upgrade", "env").startswith("Upgraded env with ")
    assert first("--clear", "env").startswith("Recreated env with ")
    os.mkdir(box.path("empty"))
    assert first("empty").startswith("Created empty with ")
    assert first("").startswith("Created . with ")
    assert first("").endswith("\nsource ./bin/activate\n")


def test_hint_works_when_it_is_typed(box, newest):
    name = "a 'b' \"c\" $d"
    argv = [box.command, "-p", newest.path, "--without-pip", name]
    rc, shown = on_terminal(box, argv, SHELL="/bin/bash")
    assert rc == 0
    line = shown.rstrip("\n").split("\n")[-1].strip()
    typed = box.run(["/bin/bash", "-c", line + '\nprintf %s "$VIRTUAL_ENV"']).ok()
    assert typed.out == box.path(name), (line, typed)


@pytest.mark.parametrize("args", [["-q"], ["--json"]])
def test_no_hint_when_not_wanted(box, newest, args):
    rc, shown = on_terminal(box, [box.command, "-p", newest.path, *args, "env"], SHELL="/bin/sh")
    assert rc == 0
    assert "activate" not in shown


def test_background_compilation_on_a_terminal(cold, newest):
    """The next environment has it; the first was not held up, and nothing is said.

    The process in the background holds nothing that cvenv inherited: a pipe ends before the
    bytecode is there.
    """
    base = bases.without_bytecode(newest, os.path.join(cold.root, "base"))
    argv = [cold.command, *base, "one"]
    reader, inherited = os.pipe()
    rc, shown = on_terminal(cold, argv, inherited=(inherited,), CI="", SHELL="/bin/sh")
    assert rc == 0 and "rror" not in shown, shown
    deadline = time.monotonic() + 60
    assert select.select([reader], [], [], 60)[0] and os.read(reader, 1) == b""
    os.close(reader)
    kinds = [e["kind"] for e in objects(cold.cvenv("--cache-info", "--json").ok())[0]["entries"]]
    assert "wheel" in kinds and "bytecode" not in kinds
    site = os.path.join("lib", newest.lib_name, "site-packages")
    while time.monotonic() < deadline:
        time.sleep(0.5)
        cold.cvenv(*base, "--clear", "two").quiet()
        if any(n.endswith(".pyc") for n in trees.snapshot(cold.path("two", site))):
            return
    pytest.fail("no bytecode after a minute")


def test_no_background_compilation_under_ci(cold, newest):
    base = bases.without_bytecode(newest, os.path.join(cold.root, "base"))
    rc, _ = on_terminal(cold, [cold.command, *base, "one"], CI="true", SHELL="/bin/sh")
    assert rc == 0
    time.sleep(4)
    cold.cvenv(*base, "two").quiet()
    assert not any(n.endswith(".pyc") for n in trees.snapshot(cold.path("two")))


# ---------------------------------------------------------------- progress


@pytest.mark.parametrize("args", [["--warm"], ["--compile", "env"]], ids=["warm", "compile"])
def test_progress_of_compiling(cold, newest, args):
    """One line, redrawn and finally erased: hundreds of files take long enough."""
    argv = [cold.command, *bases.without_bytecode(newest, os.path.join(cold.root, "base")), *args]
    rc, shown = on_terminal(cold, argv, TERM="xterm")
    assert rc == 0
    drawn = re.findall(r"\rcompiling pip: (\d+) of (\d+)\x1b\[K", shown)
    assert drawn, shown
    assert len({total for _, total in drawn}) == 1
    assert [int(done) for done, _ in drawn] == sorted({int(done) for done, _ in drawn})
    after = shown[shown.rindex("\x1b[K") + 3 :]
    assert "compiling" not in after and "pip" in after


@pytest.mark.parametrize("args", [["-q"], []], ids=["quiet", "dumb"])
def test_no_progress_where_it_is_not_wanted(cold, newest, args):
    base = bases.without_bytecode(newest, os.path.join(cold.root, "base"))
    argv = [cold.command, *args, *base, "--warm"]
    rc, shown = on_terminal(cold, argv, TERM="xterm" if args else "dumb")
    assert rc == 0
    assert "compiling" not in shown and "\x1b" not in shown
