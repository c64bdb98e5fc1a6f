# SPDX-License-Identifier: MIT
"""--clone and --move: the new environment works without the old one, which stays as it was."""

import json
import os
import shutil
import socket
import subprocess
import time

import pytest

import makers
import runner
import session
import trees

STRANGE = ["two words", "it's", 'say "x"', "$HOME `id`", "a;b&c|d", "-n", "*", "é環", "new\nline", "end\n"]


def move_away(env):
    """The old environment must not be needed."""
    os.rename(env.root, env.root + ".gone")


def works(clone, wheel):
    """Each script, the module, and pip: check, uninstall, install."""
    assert clone.run("demo").ok().out == "demo 1.0 in %s\n" % clone.root
    assert clone.runs("import demo; print(demo.__file__)").ok().out == clone.site + "/demo/__init__.py\n"
    clone.pip("check").ok()
    clone.pip("uninstall", "-q", "-y", "demo").ok()
    left = [name for name in os.listdir(clone.site) + os.listdir(clone.bin) if name.startswith("demo")]
    assert not left
    clone.pip("install", "-q", "--no-index", "--no-deps", wheel).ok()
    assert clone.run("demo").ok().out == "demo 1.0 in %s\n" % clone.root


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_clone_works_without_source(made, maker, some_py):
    env = made(maker, some_py)
    before = trees.listing(env.root)
    env.box.cvenv("--clone", "env", "copy").quiet()
    assert trees.listing(env.root) == before
    move_away(env)
    assert not trees.mentions(env.box.path("copy"), env.root)
    works(env.at("copy"), os.path.join(env.box.root, "wheels", "demo-1.0-py3-none-any.whl"))


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_moved_works(made, maker, some_py):
    env = made(maker, some_py)
    env.box.cvenv("-q", "--move", "env", "new place").quiet()
    assert os.listdir(env.box.work) == ["new place"]
    moved = env.at("new place")
    assert not trees.mentions(moved.root, env.root)
    assert moved.run("demo").ok().out == "demo 1.0 in %s\n" % moved.root


@pytest.mark.parametrize("copies", [(), ("--copies",)], ids=["links", "copies"])
def test_pip_of_environment_works(made, newest, copies):
    """pip itself, with its scripts and its bytecode."""
    env = made("cvenv", newest, packages=[], pip=True, args=copies)
    env.box.cvenv("--clone", "env", "copy").quiet()
    move_away(env)
    clone = env.at("copy")
    assert clone.root in clone.run("pip", "--version").ok().out
    assert clone.run("pip", "check").ok().out == "No broken requirements found.\n"
    clone.run("python", "-m", "pip", "uninstall", "-q", "-y", "pip").ok()
    assert not [name for name in os.listdir(clone.bin) if name.startswith("pip")]


def test_strange_names(made, newest):
    """From one to the next, so that each is the old and the new name once."""
    env = made("venv", newest)
    env.box.cvenv("--clone", "env", env.box.path("in", "first")).quiet()
    shutil.rmtree(env.root)
    last = env.box.path("in", "first")
    for name in STRANGE:
        there = env.box.path("in", name)
        result = env.box.cvenv("-q", "--move", last, there).quiet()
        assert not trees.mentions(there, last), str(result)
        assert env.at(there).run("demo").ok().out == "demo 1.0 in %s\n" % there
        env.box.run(["bash", "-c", '. "$1/bin/activate" && [ "$VIRTUAL_ENV" = "$1" ]', "-", there]).quiet()
        last = there
    assert not os.path.exists(env.box.path("CANARY"))


def test_back_again_gives_the_same_bytes(made, newest):
    env = made("venv", newest)
    before = trees.snapshot(env.root)
    for source, dest in (("env", "a"), ("a", "longer name"), ("longer name", "env")):
        env.box.cvenv("--move", source, dest).quiet()
    after = trees.snapshot(env.root)
    ours = {name for name in before if trees.is_activation(name)}
    assert {n: x for n, x in after.items() if n not in ours} == {n: x for n, x in before.items() if n not in ours}


def test_former_places_are_known(made, some_py):
    """An environment that was copied by other means: its files name two other places."""
    env = made("cvenv", some_py)
    os.rename(env.root, env.box.path("moved"))
    env.box.cvenv("--clone", "moved", "copy").quiet()
    shutil.rmtree(env.box.path("moved"))
    assert not trees.mentions(env.box.path("copy"), env.root)
    assert env.at("copy").run("demo").ok()


def editable(env, project):
    """As setuptools and editables leave it: a .pth, a finder, direct_url.json and RECORD."""
    runner.write(project, "src", "proj", "__init__.py", text="WHERE = __file__\n")
    runner.write(env.site, "__editable__.proj-1.0.pth", text=os.path.join(project, "src") + "\n")
    finder = "MAPPING: dict[str, str] = {'proj': %r}\n" % os.path.join(project, "src", "proj")
    runner.write(env.site, "__editable___proj_1_0_finder.py", text=finder)
    info = os.path.join(env.site, "proj-1.0.dist-info")
    runner.write(info, "METADATA", text="Metadata-Version: 2.1\nName: proj\nVersion: 1.0\n")
    url = {"url": "file://" + project, "dir_info": {"editable": True}}
    runner.write(info, "direct_url.json", text=json.dumps(url))
    names = ["__editable__.proj-1.0.pth", "__editable___proj_1_0_finder.py", "proj-1.0.dist-info/METADATA"]
    names += ["proj-1.0.dist-info/direct_url.json", "proj-1.0.dist-info/RECORD"]
    runner.write(info, "RECORD", text="".join(name + ",,\n" for name in names))


def test_second_worktree(made, newest):
    """The project moves along by --root; without it, the clone keeps using the first worktree."""
    env = made("venv", newest, name="main/.venv")
    main, feature = env.box.path("main"), env.box.path("new tree")
    editable(env, main)
    shutil.copytree(os.path.join(main, "src"), os.path.join(feature, "src"))
    where = "import proj; print(proj.WHERE)"
    env.box.cvenv("-q", "--clone", "../main/.venv", "other", cwd=feature).quiet()
    old = os.path.join(main, "src", "proj", "__init__.py")
    assert env.at(os.path.join(feature, "other")).runs(where).ok().out == old + "\n"
    env.box.cvenv("-q", "--clone", "../main/.venv", ".venv", "--root", "../main=.", cwd=feature).quiet()
    shutil.rmtree(main)
    clone = env.at(os.path.join(feature, ".venv"))
    assert clone.runs(where).ok().out == os.path.join(feature, "src", "proj", "__init__.py") + "\n"
    assert not trees.mentions(clone.root, main)
    with open(os.path.join(clone.site, "proj-1.0.dist-info", "direct_url.json")) as f:
        assert json.load(f)["url"] == "file://" + feature.replace(" ", "%20")
    clone.pip("uninstall", "-q", "-y", "proj").ok()
    assert not [name for name in os.listdir(clone.site) if "proj" in name]


@pytest.mark.parametrize("root", ["x", "=x", "x=", "", "="])
def test_root_without_two_names(made, newest, root):
    made("cvenv", newest, packages=[])
    made.box.cvenv("--clone", "env", "copy", "--root", root).refused("--root", rc=2)
    assert os.listdir(made.box.work) == ["env"]


def test_links(made, newest):
    """Into the environment: along. Out of it: to the same file."""
    env = made("cvenv", newest, packages=[])
    runner.write(env.box.work, "data", "x", text="outside\n")
    os.symlink(env.box.path("data"), os.path.join(env.root, "absolute out"))
    os.symlink("../data/x", os.path.join(env.root, "relative out"))
    os.symlink(os.path.join(env.root, "bin"), os.path.join(env.root, "absolute in"))
    os.symlink("loop", os.path.join(env.root, "loop"))
    os.symlink("nowhere", os.path.join(env.root, "broken"))
    env.box.cvenv("--clone", "env", "a/b/copy").quiet()
    copy = env.box.path("a/b/copy")
    got = {name: os.readlink(os.path.join(copy, name)) for name in os.listdir(copy) if " " in name}
    assert got == {
        "absolute out": env.box.path("data"),
        "relative out": env.box.path("data/x"),
        "absolute in": copy + "/bin",
    }
    assert os.readlink(copy + "/loop") == "loop" and os.readlink(copy + "/broken") == "nowhere"


def refusals(box):
    runner.write(box.work, "file", text="x")
    runner.write(box.work, "full", "file", text="x")
    runner.write(box.work, "redirect", text="env\n")
    os.mkdir(box.path("empty"))
    os.mkdir(box.path("no"))
    os.symlink("nowhere", box.path("broken"))
    return [
        (("env", "env"), 1, "not empty"),
        (("env", "full"), 1, "not empty"),
        (("env", "file"), 1, "file"),
        (("env", "redirect"), 1, "redirect"),
        (("env", "broken"), 1, "broken"),
        (("env", "env/inside"), 1, "inside"),
        (("env", "env/bin/inside"), 1, "inside"),
        (("env", "up/../env/lib"), 1, "not empty"),
        (("env", ""), 2, "empty name"),
        (("", "copy"), 2, "empty name"),
        (("missing", "copy"), 1, "does not exist"),
        (("no", "copy"), 1, "pyvenv.cfg"),
        (("file", "copy"), 1, "not an environment"),
        (("broken", "copy"), 1, "not an environment"),
        (("env",), 2, "SRC DEST"),
        (("env", "copy", "more"), 2, ""),
        (("env", "a:b"), 1, ":"),
    ]


@pytest.mark.parametrize("action", ["--clone", "--move"])
def test_refusals(made, newest, action):
    made("cvenv", newest, packages=[])
    box = made.box
    cases = refusals(box)
    before = trees.listing(box.work)
    for names, rc, word in cases:
        box.cvenv(action, *names).refused(word, rc=rc)
        assert trees.listing(box.work) == before, names


def test_empty_directory_is_filled(made, newest):
    env = made("cvenv", newest)
    os.mkdir(env.box.path("empty"), 0o700)
    env.box.cvenv("--clone", "env", "empty").quiet()
    assert env.at("empty").run("demo").ok()
    os.mkdir(env.box.path("here"))
    env.box.cvenv("--clone", "../env", ".", cwd=env.box.path("here")).quiet()
    assert env.at("here").run("demo").ok()


def test_source_may_be_a_link_or_redirect(made, newest):
    """But not to be moved: the user may not know where it leads."""
    env = made("cvenv", newest)
    runner.write(env.box.work, "redirect", text="env\n")
    os.symlink("env", env.box.path("link"))
    for name in ("redirect", "link"):
        env.box.cvenv("--clone", name, "of " + name).quiet()
        assert env.at("of " + name).run("demo").ok()
        env.box.cvenv("--move", name, "new").refused("refusing to move", env.root)


@pytest.mark.parametrize("file", ["pipx_metadata.json", "uv-receipt.toml"])
def test_tools_of_pipx_and_uv_stay(made, newest, file):
    env = made("cvenv", newest)
    runner.write(env.root, file, text="{}")
    env.box.cvenv("--move", "env", "new").refused("links outside")
    env.box.cvenv("--clone", "env", "new").quiet()


def test_what_may_not_be_removed_is_not_moved(made, newest):
    """The message is that of --remove; the hint says why it comes."""
    env = made("cvenv", newest)
    runner.write(env.root, "pyproject.toml", text="")
    env.box.cvenv("--move", "env", "new").refused("refusing to remove", "--move removes SRC; --clone keeps it")
    env.box.cvenv("--clone", "env", "new").quiet()


def test_prompt(made, newest):
    env = made("venv", newest, packages=[])
    env.box.cvenv("--clone", "env", "named", "--prompt", "my name").quiet()
    env.box.cvenv("--clone", "env", "plain").quiet()
    say = '. "$1/bin/activate" && echo "$VIRTUAL_ENV_PROMPT"'
    for name, prompt in (("named", "my name"), ("plain", "plain")):
        said = env.box.run(["bash", "-c", say, "-", name]).ok().out
        assert said.strip("() \n") == prompt
    assert runner.cfg(env.box.path("named"))["prompt"] == "'my name'"


def test_active_environment_is_moved_with_a_warning(made, newest):
    env = made("cvenv", newest)
    result = env.box.cvenv("--move", "env", "new", env={"VIRTUAL_ENV": env.root}).ok()
    assert "is active in this shell" in result.err and result.err.count("\n") == 1
    assert env.at("new").run("demo").ok()


def test_json_and_dry_run(made, newest):
    env = made("cvenv", newest)
    before = trees.listing(env.box.work)
    plan = json.loads(env.box.cvenv("--clone", "env", "copy", "--json", "--dry-run").ok().out)
    text = env.box.cvenv("--clone", "env", "copy", "--dry-run").ok().out
    env.box.cvenv("--move", "env", "copy", "--dry-run").ok()
    assert trees.listing(env.box.work) == before
    assert plan["plan"][0]["kind"] == "tree" and plan["plan"][0]["source"] == env.root
    assert "bin/demo" in [entry["path"] for entry in plan["plan"]]
    assert text.startswith(env.box.path("copy")) and "bin/demo" in text
    said = json.loads(env.box.cvenv("--clone", "env", "copy", "--json").ok().out)
    files = [n for n, x in trees.snapshot(env.box.path("copy")).items() if x.kind != "dir"]
    assert list(said) == ["source", "path", "action", "files", "rewritten", "bytes", "link_mode", "left", "duration_ms"]
    assert (said["source"], said["path"], said["action"]) == (env.root, env.box.path("copy"), "cloned")
    assert said["files"] == plan["files"] == len(files) and said["left"] == []
    assert said["rewritten"] == len(plan["plan"]) - 1
    failed = env.box.cvenv("--clone", "env", "copy", "--json")
    error = json.loads(failed.out)
    assert failed.rc == 1 and error["path"] == "copy" and "not empty" in error["error"]["message"]


def test_left(made, newest):
    """A file that no package has, in a form that is unknown: named, and not changed."""
    env = made("cvenv", newest)
    runner.write(env.bin, "own", text="x=" + env.root + "/data\n")
    result = env.box.cvenv("--clone", "env", "copy").ok()
    assert "'bin/own'" in result.err and result.err.count("\n") == 1
    assert json.loads(env.box.cvenv("--clone", "env", "two", "--json").ok().out)["left"] == ["bin/own"]


def test_hard_links(made, newest, as_user):
    """What is shared in each mode. Rewritten files never are."""
    env = made("cvenv", newest)
    env.runs("import demo").ok()  # which writes bytecode
    env.box.cvenv("--clone", "env", "hard", "--link-mode=hardlink").quiet()
    env.box.cvenv("--clone", "env", "copied", "--link-mode=copy").quiet()
    env.box.cvenv("--clone", "env", "auto").quiet()
    site = os.path.relpath(env.site, env.root)
    (code,) = os.listdir(os.path.join(env.site, "demo", "__pycache__"))
    shared = {}
    for name in ("hard", "copied", "auto"):
        files = ("demo/__init__.py", "demo/__pycache__/" + code, "demo-1.0.dist-info/METADATA")
        pairs = [[os.path.join(env.box.path(one), site, file) for one in ("env", name)] for file in files]
        shared[name] = [os.path.samefile(*pair) for pair in pairs]
        assert [int(os.stat(a).st_mtime) for a, _ in pairs] == [int(os.stat(b).st_mtime) for _, b in pairs]
        assert not os.path.samefile(env.root + "/bin/demo", env.box.path(name) + "/bin/demo")
    root = os.geteuid() == 0
    assert shared == {"hard": [True] * 3, "copied": [False] * 3, "auto": [False, not root, not root]}


def test_special_files_are_left_out(made, newest):
    env = made("cvenv", newest)
    os.mkfifo(env.root + "/pipe")
    socket.socket(socket.AF_UNIX).bind(os.path.relpath(env.root + "/socket"))
    result = env.box.cvenv("--clone", "env", "copy").ok()
    assert result.err.count("\n") == 1 and "not copied" in result.err
    assert {"pipe", "socket"}.isdisjoint(os.listdir(env.box.path("copy")))
    env.box.cvenv("--move", "env", "new").refused("is not a file, directory or link")
    assert os.path.exists(env.root + "/pipe")


def test_other_file_system(made, newest):
    """Between memory and disk: hard links are impossible."""
    env = made("cvenv", newest)
    room = session.new_room(disk=True)
    try:
        if os.stat(room).st_dev == os.stat(env.root).st_dev:
            pytest.skip("both rooms are on one file system")
        env.box.cvenv("--move", "env", room + "/new").quiet()
        assert not os.path.exists(env.root)
        assert env.at(room + "/new").run("demo").ok()
    finally:
        session.leave_room(room)


def test_eight_at_once(made, newest):
    env = made("cvenv", newest)
    before = trees.listing(env.root)
    clones = [env.box.start([env.box.command, "--clone", "env", "copy%d" % n]) for n in range(8)]
    clones += [env.box.start([env.box.command, "--clone", "env", "same"]) for n in range(4)]
    results = [env.box.result(child, *child.communicate()) for child in clones]
    for n in range(8):
        results[n].quiet()
        assert env.at("copy%d" % n).run("demo").ok()
    assert sorted(result.rc for result in results[8:]) == [0, 1, 1, 1]
    assert env.at("same").run("demo").ok()
    assert trees.listing(env.root) == before
    assert not [name for name in os.listdir(env.box.work) if name.startswith(".cvenv")]


def test_changing_source(made, newest):
    """While another program writes to SRC: a whole clone, or none and an error that says so."""
    env = made("cvenv", newest)
    site = env.site
    writer = 'import os, sys\nwhile True:\n for n in range(50):\n  os.makedirs("%s/p%d" % (sys.argv[1], n), exist_ok=True)'
    writer += '\n  open("%s/p%d/a" % (sys.argv[1], n), "w").close()\n  os.unlink("%s/p%d/a" % (sys.argv[1], n))'
    child = subprocess.Popen([newest.path, "-c", writer, site])
    try:
        for n in range(4):
            result = env.box.cvenv("--clone", "env", "copy%d" % n)
            if result.rc:
                result.refused("was changed while it was copied")
                assert not os.path.exists(env.box.path("copy%d" % n))
            else:
                assert env.at("copy%d" % n).run("demo").ok()
    finally:
        child.kill()
        child.wait()
    time.sleep(0.01)
    env.box.cvenv("--clone", "env", "at last").quiet()
    assert not [name for name in os.listdir(env.box.work) if name.startswith(".cvenv")]


@pytest.mark.nightly
def test_while_pip_installs(made, newest):
    """Each file of a clone is whole, and of one of the two versions, or there is no clone."""
    env = made("venv", newest, packages=[], pip=True)
    box, wheels, known = env.box, {}, {}
    install = [env.python, "-m", "pip", "install", "-q", "--no-index", "--no-deps"]
    for version in ("1.0", "2.0"):
        files = {"demo/part%d.py" % n: b"# %s\n" % version.encode() * 4000 for n in range(200)}
        wheels[version] = makers.wheel(box.path("wheels"), version=version, more=files.items())
        env.install(wheels[version])
        for name in ("demo", "demo-old"):
            known.setdefault(name, set()).add(runner.read(env.bin, name))
        for name in files:
            known.setdefault(os.path.basename(name), set()).add(runner.read(env.site, name))
    results = []
    for version in ("1.0", "2.0") * 3:
        child = box.start([*install, "--force-reinstall", wheels[version]])
        while child.poll() is None:
            results.append(box.cvenv("--clone", "env", "copy"))
            if results[-1].rc:
                results[-1].refused("was changed while it was copied")
                assert not os.path.lexists(box.path("copy"))
                continue
            clone = env.at("copy")
            for folder in (clone.bin, os.path.join(clone.site, "demo")):
                for name in known.keys() & set(os.listdir(folder) if os.path.isdir(folder) else ()):
                    assert runner.read(folder, name).replace(clone.root, env.root) in known[name], name
            runner.wipe(clone.root)
        box.result(child, *child.communicate()).ok()
    assert {result.rc for result in results} == {0, 1}
    assert not [name for name in os.listdir(box.work) if name.startswith(".cvenv")]


def test_what_cannot_be_read(made, newest):
    """It may contain the old path."""
    env = made("cvenv", newest)
    os.chmod(os.path.join(env.bin, "demo"), 0o100)
    if os.access(os.path.join(env.bin, "demo"), os.R_OK):
        pytest.skip("root reads everything")
    for action in "--clone", "--move":
        env.box.cvenv(action, "env", "new").refused("cannot read 'demo' in ", "change its mode")
        assert os.listdir(env.box.work) == ["env"]
