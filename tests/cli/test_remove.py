# SPDX-License-Identifier: MIT
"""--remove and --prune: what they delete, and above all what they do not."""

import json
import os
import shutil
import time

import pytest

import runner
import terminal
import trees
from namespace import in_namespace
from test_list import DAY, everything, fake

OTHER = 65534


def state(root):
    """Everything below ROOT: kinds, modes and contents."""
    return {os.path.relpath(p, root): (os.lstat(p).st_mode, os.lstat(p).st_ino) for p in everything(root)}


def refused(box, *args, rc=1, **more):
    """Nothing may have changed. The message."""
    before = state(box.root)
    result = box.cvenv("--remove", *args, **more)
    assert result.rc == rc, result
    assert state(box.root) == before and "cvenv: error: " in result.err
    return result.err


def test_removes(box):
    fake(box.work, "a")
    fake(box.work, "b")
    keep = fake(box.work, "keep")
    before = state(keep)
    assert (box.cvenv("--remove", "a", "b").ok().out, os.listdir(box.work)) == ("", ["keep"])
    assert state(keep) == before
    fake(box.home, ".virtualenvs", "named")
    box.cvenv("--remove", "-n", "named").ok()
    assert os.listdir(os.path.join(box.home, ".virtualenvs")) == []


def test_what_it_says(box):
    fake(box.work, "a")
    fake(box.work, "b")
    before = state(box.root)
    (one,) = [json.loads(line) for line in box.cvenv("--remove", "--dry-run", "--json", "a").ok().out.splitlines()]
    assert one["path"] == box.path("a") and one["action"] == "to be removed" and one["bytes_freed"] > 0
    assert box.cvenv("--remove", "--dry-run", "a", "b").ok().out.startswith(box.path("a") + " (to be removed, ")
    assert state(box.root) == before
    done = json.loads(box.cvenv("--remove", "--json", "a").ok().out)
    assert done == {**one, "action": "removed"}
    rc, shown = terminal.on_terminal(box, [box.command, "--remove", "b"])
    assert rc == 0 and shown.startswith("Removed 'b': ") and shown.endswith(" freed\n")
    result = box.cvenv("--remove", "--json", "gone")
    assert result.rc == 1 and "does not exist" in json.loads(result.out)["error"]["message"]


def test_all_are_checked_first(box):
    fake(box.work, "a")
    fake(box.work, "b")
    runner.write(box.path("b"), "setup.py", text="")
    assert "'setup.py' is a file of a project" in refused(box, "a", "b")
    assert "argument --remove" in refused(box, rc=2)


PARTS = {  # an entry, beside all that an environment has
    ".git/HEAD": ".git",
    ".hg/store": ".hg",
    ".jj/repo": ".jj",
    "pyproject.toml": "a file of a project",
    "app.py": "a file of a project",
    "requirements.txt": "a file of a project",
    ".ssh/id": "part of a home directory",
    "conda-meta/history": "an environment of conda",
    "lib/python3.11/os.py": "a Python installation",
    "lib-python/3/os.py": "a Python installation",
    "sub/pyvenv.cfg": "another environment",
    "src/dep/.git/HEAD": "'src/dep' is a checkout",
}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_what_may_contain_more(box, part):
    root = fake(box.work, "env")
    os.makedirs(os.path.dirname(os.path.join(root, part)), exist_ok=True)
    runner.write(root, part, text="")
    assert PARTS[part] in refused(box, "env")
    # nor is there an option to insist
    assert "not allowed" in refused(box, "--force", "env", rc=2)


def test_a_base_installation(box, newest):
    """The real one, with a pyvenv.cfg in a copy of its top."""
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(newest.path)))
    library = os.path.join("lib", newest.lib_name)
    if not os.path.exists(os.path.join(prefix, library, "os.py")):
        pytest.skip("%s has its library elsewhere" % newest)
    os.makedirs(box.path("base", library, "site-packages"))
    os.makedirs(box.path("base", "bin"))
    shutil.copy(os.path.join(prefix, library, "os.py"), box.path("base", library, "os.py"))
    runner.write(box.work, "base", "bin", "activate", text="")
    runner.write(box.work, "base", "pyvenv.cfg", text="home = /usr/bin\n")
    assert "it is a Python installation" in refused(box, "base")


def test_places(box):
    root = fake(box.work, "env")
    assert "above the current directory" in refused(box, root, cwd=os.path.join(root, "lib"))
    assert "it is the current directory" in refused(box, ".", cwd=root)
    assert "home directory" in refused(box, "env", env={"HOME": root})
    assert "home directory or above it" in refused(box, "env", env={"HOME": os.path.join(root, "bin")})
    assert "root directory" in refused(box, "--dry-run", "/")
    fake(box.home, ".local")
    assert "other data of the user" in refused(box, os.path.join(box.home, ".local"))
    assert "an empty name" in refused(box, "")
    os.mkdir(box.path("empty"))
    assert "it is an empty directory" in refused(box, "empty")
    os.mkdir(box.path("data"))
    runner.write(box.work, "data", "letter", text="dear")
    assert "'letter', which is not part of an environment" in refused(box, "data")


def test_links_and_redirect_files(box):
    root = fake(box.work, "real", "env")
    os.symlink("real/env", box.path("link"))
    runner.write(box.work, ".venv", text="real/env\n")
    runner.write(box.work, "file", text="no redirect\x01\n")
    assert "it is a link to '%s'" % root in refused(box, "link")
    assert "it is a file that redirects to '%s'" % root in refused(box, ".venv")
    assert "it is a file" in refused(box, "file")
    # links in it are removed, not followed
    os.symlink(box.home, os.path.join(root, "lib64"))
    runner.write(box.home, "letter", text="dear")
    box.cvenv("--remove", root).ok()
    assert runner.read(box.home, "letter") == "dear"


def test_mount_points(box):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    fake(box.work, "around")
    os.mkdir(box.path("around", "data"))
    os.mkdir(box.path("point"))
    for where in ("around/data", "point"):
        if box.run(["mount", "-t", "tmpfs", "none", box.path(where)]).rc:
            pytest.skip("no tmpfs can be mounted here")
    try:
        fake(box.work, "point", "x")
        for name in os.listdir(box.path("point", "x")):
            os.rename(box.path("point", "x", name), box.path("point", name))
        os.rmdir(box.path("point", "x"))
        assert "is a mount point" in refused(box, "around")
        assert "it is a mount point" in refused(box, "point")
    finally:
        box.run(["umount", "-l", box.path("around/data")])
        box.run(["umount", "-l", box.path("point")])


def test_environments_of_others(box, as_user):
    """As root and as an ordinary user."""
    if os.geteuid() != 0:
        pytest.skip("cannot make an environment of another user")
    root = fake(box.work, "env")
    for directory in (box.root, box.work):
        os.chmod(directory, 0o777)
    if box.cvenv("--version", before=as_user).rc:
        pytest.skip("an ordinary user cannot run this build")
    assert "it belongs to another user" in refused(box, "env", before=as_user)
    # planted by another user, where all users may write
    os.chown(os.path.join(root, "pyvenv.cfg"), OTHER, OTHER)
    assert "its pyvenv.cfg belongs to another user" in refused(box, "env")
    os.chown(root, OTHER, OTHER)
    box.cvenv("--remove", "env").ok()
    fake(box.work, "shared")
    os.chmod(box.path("shared"), 0o1777)
    assert "all users may create files in it" in refused(box, "shared")
    # the owner, in a directory like /tmp
    os.chmod(box.work, 0o1777)
    for path in [fake(box.work, "own"), *everything(box.path("own"))]:
        os.lchown(path, OTHER, OTHER)
    box.cvenv("--remove", "own", before=as_user).ok()
    assert os.listdir(box.work) == ["shared"]


def test_a_parent_that_must_not_change(box, as_user):
    """The environment becomes an empty directory, which stays."""
    root = fake(box.work, "env")
    for directory in (box.root, box.work):
        os.chmod(directory, 0o755)
    if os.geteuid() == 0:
        for path in [root, *everything(root)]:
            os.lchown(path, OTHER, OTHER)
    else:
        os.chmod(box.work, 0o555)
    result = box.cvenv("--remove", "env", before=as_user)
    os.chmod(box.work, 0o755)
    if "stays" not in result.err:
        pytest.skip("an ordinary user cannot run this build: " + result.err)
    assert result.rc == 0 and "the empty directory '%s' stays" % root in result.err
    assert os.listdir(root) == []


def test_files_of_sudo_pip(box, as_user):
    """What cannot be removed completely stays as it is."""
    if os.geteuid() != 0:
        pytest.skip("cannot make files of another user")
    root = fake(box.work, "env")
    cache = os.path.join(root, "lib", "python3.11", "site-packages", "__pycache__")
    runner.write(cache, "x.pyc", text="x")
    for directory in (box.root, box.work):
        os.chmod(directory, 0o777)
    for path in [root, *everything(root)]:
        os.lchown(path, OTHER, OTHER)
    os.chown(cache, 0, 0)
    if box.cvenv("--version", before=as_user).rc:
        pytest.skip("an ordinary user cannot run this build")
    assert "only another user can delete" in refused(box, "env", before=as_user)
    os.remove(os.path.join(cache, "x.pyc"))  # an empty directory is no obstacle
    box.cvenv("--remove", "env", before=as_user).ok()
    assert os.listdir(box.work) == []


def test_another_directory_gets_its_name(box):
    """Between the checks and the rename: it gets its name back, with everything in it."""
    if not shutil.which("strace"):
        pytest.skip("no strace")
    root, other = fake(box.work, "env"), box.path("other")
    os.makedirs(os.path.join(other, "precious"))
    argv = ["strace", "-f", "-o", box.path("trace"), "-e", "trace=renameat2",
            "-e", "inject=renameat2:delay_enter=1500000", box.command, "--remove", "env"]
    child = box.start(argv, env={"ASAN_OPTIONS": "detect_leaks=0"})  # which strace is in the way of
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        if "renameat2(" in (runner.read(box.path("trace")) if os.path.exists(box.path("trace")) else ""):
            break
        time.sleep(0.02)
    swapped = child.poll() is None
    if swapped:
        os.rename(root, box.path("aside"))
        os.rename(other, root)
    result = box.result(child, *child.communicate(timeout=60))
    if not swapped or "replaced it" not in result.err:
        pytest.skip("the moment was missed: " + result.err)
    assert result.rc == 1 and os.listdir(root) == ["precious"]
    assert os.path.exists(box.path("aside", "pyvenv.cfg"))


def test_it_waits_for_a_lock(box):
    fcntl = pytest.importorskip("fcntl")
    root = fake(box.work, "env")
    fd = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        assert "another process has locked" in refused(box, "env", env={"CVENV_LOCK_TIMEOUT": "0"})
    finally:
        os.close(fd)


def test_active(box):
    root = fake(box.work, "env")
    result = box.cvenv("--remove", "env", env={"VIRTUAL_ENV": root}).ok()
    assert "was active in this shell: run 'deactivate'" in result.err


def test_hard_links_keep_their_bytes(box, made, newest):
    """uv's files are links to its cache."""
    env = made("uv", newest)
    linked = [p for p in everything(env.root) if os.path.isfile(p) and os.lstat(p).st_nlink > 1]
    if not linked:
        pytest.skip("uv makes no hard links here")
    kept = {}
    for number, path in enumerate(linked):
        name = box.path("kept%d" % number)
        os.link(path, name)
        kept[name] = (os.lstat(name).st_ino, runner.read(name))
    done = json.loads(box.cvenv("--remove", "--json", env.root).ok().out)
    assert {name: (os.lstat(name).st_ino, runner.read(name)) for name in kept} == kept
    assert done["bytes_freed"] > 0 and not os.path.exists(env.root)


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "tmpfs"])
def test_bytes_freed_are_those_of_the_file_system(cold, newest, kind):
    """Files with other names, and reflinks, are still there afterwards."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    image = os.path.join(cold.root, "image")
    if kind == "tmpfs":
        mount = ["mount", "-t", "tmpfs", "none", cold.work]
    else:
        if not shutil.which("mkfs." + kind, path="/usr/sbin:/sbin:" + os.environ["PATH"]):
            pytest.skip("no mkfs." + kind)
        with open(image, "wb") as f:
            f.truncate(400 << 20)
        cold.run(["mkfs." + kind, "-q", image], env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}).ok()
        mount = ["mount", "-o", "loop", image, cold.work]
    if cold.run(mount).rc:
        pytest.skip("no %s can be mounted here" % kind)
    try:
        cold.cache = cold.path("cache")
        cold.cvenv("-p", newest.path, "env", "other").ok()
        runner.write(cold.work, "env", "own", text="x" * 3000000)
        os.link(cold.path("env", "own"), cold.path("own"))
        runner.write(cold.work, "env", "alone", text="y" * 3000000)
        cold.run(["cp", "--reflink=auto", cold.path("env", "alone"), cold.path("alone")]).ok()
        os.sync()
        before = used(cold.work)
        freed = json.loads(cold.cvenv("--remove", "--json", "env").ok().out)["bytes_freed"]
        cold.run(["sync", "-f", cold.work])
        for _ in range(100 if kind in ("btrfs", "xfs") else 1):  # which free later
            really = before - used(cold.work)
            if really >= freed - 300000:
                break
            time.sleep(0.1)
        # Less than one of the two files. Metadata of the file system is no part of any file.
        assert -700000 <= really - freed <= 2500000, (really, freed)
        assert os.path.getsize(cold.path("own")) == os.path.getsize(cold.path("alone")) == 3000000
    finally:
        cold.run(["umount", "-l", cold.work])


def used(path):
    vfs = os.statvfs(path)
    return (vfs.f_blocks - vfs.f_bfree) * vfs.f_frsize


# --- --prune ---------------------------------------------------------------------


def age(root, days):
    then = time.time() - days * DAY
    for name in ("pyvenv.cfg", "lib/python3.11/site-packages"):
        os.utime(os.path.join(root, name), (then, then))


def pruned(box, *args, **more):
    result = box.cvenv("--prune", *args, "--json", ".", **more).ok()
    return {os.path.basename(e["path"]): e for e in map(json.loads, result.out.splitlines())}


def test_prune(box):
    age(fake(box.work, "used"), 1)
    age(fake(box.work, "old"), 100)
    fake(box.work, "broken", home="/nowhere")
    project = fake(box.work, "project", home="/nowhere")
    runner.write(project, "pyproject.toml", text="")
    before = state(box.root)
    found = pruned(box)
    assert {name: e["action"] for name, e in found.items()} == {"broken": "to be removed", "project": "kept"}
    assert found["broken"]["reason"] == "it is broken" and "pyproject.toml" in found["project"]["reason"]
    kept = trees.keeps_access_times(box.work)
    found = pruned(box, "--prune=90")
    if kept:
        assert found["old"]["reason"] == "unused for 100 days" and "used" not in found
    else:
        assert found["old"]["reason"] == found["used"]["reason"] == "its last use is unknown"
    assert box.path("broken") + " (to be removed, " in box.cvenv("--prune", ".").ok().out
    rc, shown = terminal.on_terminal(box, [box.command, "--prune", "."])
    assert rc == 0 and shown.rstrip().endswith("run again with --yes to remove it")
    box.cvenv("--prune", "--yes", "--dry-run", ".").ok()
    assert state(box.root) == before
    assert box.cvenv("--prune=90", "-y", ".").ok().out.startswith("Removed %d environment" % (1 + kept))
    assert sorted(os.listdir(box.work)) == ["project", "used"] if kept else ["old", "project", "used"]


def test_prune_without_access_times(box):
    """It may be used every day."""
    age(fake(box.work, "old"), 100)
    script = 'mount -t tmpfs -o noatime tmpfs "$1" && cp -a "$2" "$1" && cd "$1" && shift 2 && exec "$@"'
    os.mkdir(box.path("mounted"))
    before = in_namespace(script, box.path("mounted"), box.path("old"), "true")
    run = [*before, box.path("mounted"), box.path("old"), box.command, "--prune=90", "--yes", "--json", "."]
    result = box.run(run).ok()
    one = json.loads(result.out)
    assert (one["action"], one["reason"]) == ("kept", "its last use is unknown")


def test_prune_keeps_what_only_has_a_pyvenv_cfg(box):
    """Anyone can put one into a directory; and somebody keeps his notes in an environment."""
    data = box.path("data")
    os.makedirs(data)
    runner.write(data, "pyvenv.cfg", text="")
    runner.write(data, "letter", text="dear")
    os.makedirs(box.path("prefix", "share", "letters"))
    runner.write(box.path("prefix"), "pyvenv.cfg", text="home = /nowhere\n")
    runner.write(fake(box.work, "notes", home="/nowhere"), "notes.txt", text="mine")
    os.chmod(fake(box.work, "for all", home="/nowhere"), 0o777)
    tox = fake(box.work, "tox", home="/nowhere")
    runner.write(tox, ".tox-info.json", text="{}")
    before = state(box.root)
    reasons = {name: e["reason"] for name, e in pruned(box, "--yes").items() if e["action"] == "kept"}
    assert {name: reason.partition("': ")[2] for name, reason in reasons.items()} == {
        "data": "'letter' is not part of an environment",
        "prefix": "it has neither an interpreter nor an activation script",
        "notes": "'notes.txt' is not part of an environment",
        "for all": "all users may create files in it",
    }
    assert not os.path.exists(tox)
    assert {n: s for n, s in before.items() if not n.startswith("work/tox")} == state(box.root)
    box.cvenv("--remove", "notes", "for all").ok()


def test_prune_goes_on_after_one_that_fails(box):
    fcntl = pytest.importorskip("fcntl")
    for name in ("a", "b", "c"):
        fake(box.work, name, home="/nowhere")
    fd = os.open(box.path("b"), os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        result = box.cvenv("--prune", "--yes", "--json", ".", env={"CVENV_LOCK_TIMEOUT": "0"})
    finally:
        os.close(fd)
    entries = [json.loads(line) for line in result.out.splitlines()]
    assert result.rc == 1 and "another process has locked" in result.err
    assert [e.get("action") for e in entries] == ["removed", None, "removed"]
    assert os.listdir(box.work) == ["b"]


def waits_for(child, root):
    """Is it past the search, whose threads have ended, and has ROOT open?"""
    here = "/proc/%d/" % child.pid
    try:
        opened = [os.readlink(here + "fd/" + n) for n in os.listdir(here + "fd")]
        return len(os.listdir(here + "task")) == 1 and root in opened
    except OSError:
        return False


def test_prune_checks_again(box):
    """While the first one is to be removed, the second is repaired, and the third replaced."""
    fcntl = pytest.importorskip("fcntl")
    if not os.path.exists("/proc/self/task"):
        pytest.skip("no /proc")
    first, second, third = (fake(box.work, name, home="/nowhere") for name in "abc")
    fd = os.open(first, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    child = box.start([box.command, "--prune", "--yes", "--json", "."])
    deadline = time.monotonic() + 60
    while not waits_for(child, first) and time.monotonic() < deadline:
        time.sleep(0.01)
    runner.write(second, "pyvenv.cfg", text="home = /usr/bin\nversion = 3.11.2\n")
    os.rename(third, box.path("d"))
    fake(box.work, "c")
    os.close(fd)
    result = box.result(child, *child.communicate(timeout=60))
    entries = {os.path.basename(e["path"]): e for e in map(json.loads, result.out.splitlines())}
    assert result.rc == 0 and entries["a"]["action"] == "removed", result
    assert {entries[n]["reason"] for n in "bc"} == {"another process changed it meanwhile"}
    assert sorted(os.listdir(box.work)) == ["b", "c", "d"]


def test_prune_keeps_what_others_manage(box):
    for place in (".local/share/pipx/venvs/tool", ".local/share/uv/tools/tool"):
        fake(box.home, place, home="/nowhere")
    fake(box.home, ".cache/pypoetry/virtualenvs/p", home="/nowhere")
    done = box.cvenv("--prune", "--yes", "--json", env={"XDG_CACHE_HOME": None}).ok()
    actions = [json.loads(line)["action"] for line in done.out.splitlines()]
    assert sorted(actions) == ["kept", "kept", "removed"]
    assert os.path.exists(os.path.join(box.home, ".local/share/pipx/venvs/tool/pyvenv.cfg"))


def test_prune_keeps_environments_of_others(box, as_user):
    """A stranger's environment below a directory in which all users may write."""
    if os.geteuid() != 0:
        pytest.skip("cannot make an environment of another user")
    fake(box.work, "env", home="/nowhere")
    os.chmod(box.work, 0o777)
    result = box.cvenv("--prune", "--yes", "--json", ".", before=as_user)
    if not result.out:
        pytest.skip("an ordinary user cannot run this build: " + result.err)
    assert json.loads(result.out)["action"] == "kept" and os.path.exists(box.path("env", "pyvenv.cfg"))
    # Root may remove it by name, but does not choose what other users need.
    for path in [box.path("env"), *everything(box.path("env"))]:
        os.lchown(path, OTHER, OTHER)
    entry = json.loads(box.cvenv("--prune", "--yes", "--json", ".").ok().out)
    assert entry["action"] == "kept" and entry["reason"].endswith("': it belongs to another user")
    box.cvenv("--remove", "env").ok()
