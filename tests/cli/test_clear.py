# SPDX-License-Identifier: MIT
"""--clear: which directories it clears, and which it refuses."""

import os
import pwd
import socket
import stat
import subprocess

import pytest

import runner
import trees
from envs import Env, no_stages
from namespace import in_namespace

ON_DISK = True  # see session.py


@pytest.fixture
def env(box, newest):
    return Env(box, newest)


def test_clear_empties(env):
    env.make().quiet()
    runner.write(env.root, "a", "b", "c.txt", text="x")
    os.symlink("/etc", os.path.join(env.root, "link"))
    os.mkfifo(os.path.join(env.root, "fifo"))
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.path.relpath(os.path.join(env.root, "socket")))
    locked = os.path.join(env.root, "locked")
    os.mkdir(locked)
    runner.write(locked, "file", text="x")
    os.chmod(locked, 0o555)
    expected = Env(env.box, env.py, "other")
    expected.make("--clear").quiet()
    env.make("--clear").quiet()
    assert trees.snapshot(env.root).keys() == trees.snapshot(expected.root).keys()
    no_stages(env.box.work, ["env", "other"])
    env.runs()


def test_clear_keeps_the_mode(env):
    env.make().quiet()
    os.chmod(env.root, 0o750)
    env.make("--clear").quiet()
    assert stat.S_IMODE(os.stat(env.root).st_mode) == 0o750


def test_clear_does_not_follow_links_inside(env):
    outside = runner.write(env.box.root, "outside", "precious", text="x")
    env.make().quiet()
    os.symlink(os.path.dirname(outside), os.path.join(env.root, "way"))
    os.link(outside, os.path.join(env.root, "hard"))
    env.make("--clear").quiet()
    assert runner.read(outside) == "x"


# ---------------------------------------------------------------- what is not an environment


@pytest.mark.parametrize("name", ["thesis.txt", ".git/HEAD", "src/main.c", "bin/tool", "lib/a.py"])
def test_clear_refuses_what_is_not_an_environment(env, name):
    runner.write(env.root, name, text="x")
    os.makedirs(os.path.join(env.root, "bin"), exist_ok=True)
    before = trees.listing(env.box.root)
    for args in ([], ["--dry-run"]):
        env.make("--clear", *args).refused("not part of an environment", "--force")
    assert trees.listing(env.box.root) == before
    env.make("--clear", "--force").quiet()
    assert not os.path.exists(os.path.join(env.root, name)) or name == "bin"
    env.runs()


def test_clear_refuses_the_current_directory_that_is_not_an_environment(env):
    runner.write(env.root, "precious", text="x")
    argv = ["-p", env.py.path, "--without-pip", "--clear"]
    env.box.cvenv(*argv, ".", cwd=env.root).refused("'precious'", "--force")
    assert os.listdir(env.root) == ["precious"]
    env.box.cvenv(*argv, "--force", ".", cwd=env.root).quiet()
    env.runs()


@pytest.mark.parametrize("checkout", [".git", ".hg", ".svn"])
def test_clear_refuses_the_checkout_that_an_environment_was_created_in(env, checkout):
    """`cvenv .` in a project makes it no environment alone."""
    runner.write(env.root, checkout, "config", text="x")
    env.make().quiet()
    env.make("--clear").refused(checkout, "--force")
    assert os.path.exists(os.path.join(env.root, checkout, "config"))


def test_clear_refuses_what_only_looks_like_the_remains_of_an_environment(env):
    """~/.local has a bin, a lib with the user's packages, and a share."""
    runner.write(env.root, "lib", env.py.lib_name, "site-packages", "x.py", text="x")
    os.makedirs(os.path.join(env.root, "bin"))
    env.make("--clear", "--dry-run").ok()
    runner.write(env.root, "share", "applications", "x.desktop", text="x")
    env.make("--clear").refused("'share/applications'")
    os.mkdir(os.path.join(env.root, ".git"))
    env.make("--clear").refused("'.git'")


@pytest.mark.parametrize("gone", [["pyvenv.cfg"], ["pyvenv.cfg", "bin"], ["pyvenv.cfg", "lib"]])
def test_clear_of_the_remains_of_an_environment(env, gone):
    """As `rm -r` leaves it when it is interrupted, or another maker."""
    env.make("WITH_PIP").quiet()
    runner.write(env.root, ".lock", text="x")
    for name in gone:
        runner.wipe(os.path.join(env.root, name)) if name != "pyvenv.cfg" else os.remove(
            os.path.join(env.root, name)
        )
    env.make("--clear").quiet()
    assert not os.path.exists(os.path.join(env.root, ".lock"))
    env.runs()


def test_clear_of_an_empty_directory(env):
    os.mkdir(env.root)
    env.make("--clear").quiet()
    env.runs()


def test_clear_after_a_killed_clear(env):
    """In place, what was not deleted yet may be anything: the same command finishes the work."""
    env.make().quiet()
    runner.write(env.root, "old", "file", text="x")
    os.rename(os.path.join(env.root, "pyvenv.cfg"), os.path.join(env.root, ".cvenv-clear"))
    argv = ["-p", env.py.path, "--without-pip", "--clear"]
    env.box.cvenv(*argv, ".", cwd=env.root).quiet()
    assert not {"old", ".cvenv-clear"} & {*os.listdir(env.root)}
    os.rename(os.path.join(env.root, "pyvenv.cfg"), os.path.join(env.root, ".cvenv-clear"))
    env.make().quiet()
    assert ".cvenv-clear" not in os.listdir(env.root)
    env.runs()


# ---------------------------------------------------------------- what is never cleared


def _refuses_to_clear(box, newest, directory, cwd=None, home=None):
    before = trees.listing(box.root)
    env = {"HOME": home} if home else None
    for force in ([], ["--force"]):
        box.cvenv("-p", newest.path, "--clear", *force, directory, cwd=cwd, env=env).refused()
    assert trees.listing(box.root) == before


def test_clear_of_home(box, newest):
    runner.write(box.home, "precious", text="x")
    _refuses_to_clear(box, newest, box.home)
    _refuses_to_clear(box, newest, ".", cwd=box.home)
    _refuses_to_clear(box, newest, "", cwd=box.home)
    _refuses_to_clear(box, newest, box.home + "/")
    _refuses_to_clear(box, newest, os.path.join(box.home, "x", ".."))


def test_clear_of_home_by_another_name(box, newest):
    """HOME may be spelt with links, and so may ENV_DIR."""
    runner.write(box.home, "precious", text="x")
    os.symlink(box.root, os.path.join(box.root, "way"))
    _refuses_to_clear(box, newest, os.path.join(box.root, "way", "home"))
    _refuses_to_clear(box, newest, box.home, home=os.path.join(box.root, "way", "home"))
    _refuses_to_clear(box, newest, box.home, home=box.home + "/")


def test_clear_of_a_parent_of_home(box, newest):
    runner.write(box.home, "precious", text="x")
    _refuses_to_clear(box, newest, box.root, cwd=box.work)
    deep = os.path.join(box.home, "users", "me")
    os.makedirs(deep)
    _refuses_to_clear(box, newest, box.home, home=deep)
    _refuses_to_clear(box, newest, os.path.dirname(deep), home=deep)


def test_clear_of_a_parent_of_the_current_directory(box, newest):
    below = box.path("project", "src", "deep")
    os.makedirs(below)
    runner.write(box.work, "project", "precious", text="x")
    for up in ("..", "../..", box.path("project"), "../../../project/src"):
        _refuses_to_clear(box, newest, up, cwd=below)


def test_clear_of_an_unreadable_parent_of_the_current_directory(box, newest, as_user):
    """The parent cannot be read, but the path of the current directory shows that it is below."""
    if not as_user:
        pytest.skip("needs root")
    precious = runner.write(box.work, "top", "precious", text="x")
    os.makedirs(box.path("top", "closed", "sub"))
    os.chmod(box.path("top"), 0o777)
    os.chmod(box.path("top", "closed"), 0)
    argv = ["-p", newest.path, "--clear", "--force", box.path("top")]
    result = box.cvenv(*argv, cwd=box.path("top", "closed", "sub"), before=as_user)
    result.refused("above the current directory")
    assert os.path.exists(precious)


def test_clear_of_the_root(box, newest):
    """Only asked of --dry-run, which decides all that the real run does, and touches nothing."""
    for root in ("/", "//", "///", "/.", "/..", "/tmp/.."):
        for force in ([], ["--force"]):
            box.cvenv("-p", newest.path, "--clear", *force, "--dry-run", root).refused()


def test_clear_with_no_home(box, newest):
    box.cvenv("-p", newest.path, "--clear", "env", env={"HOME": None}).quiet()
    box.cvenv("-p", newest.path, "--clear", "env", env={"HOME": ""}).quiet()
    box.cvenv("-p", newest.path, "--clear", "env", env={"HOME": "relative"}).quiet()


@pytest.mark.parametrize("home", [None, "", "relative", "/nowhere"])
def test_clear_refuses_the_home_directory_of_the_password_file(box, newest, home):
    """Only asked of --dry-run. Services have no HOME, or a wrong one."""
    real = pwd.getpwuid(os.geteuid()).pw_dir
    if not os.path.isdir(real):
        pytest.skip("the home directory of this user does not exist")
    argv = ["-p", newest.path, "--dry-run", "--clear", "--force"]
    for name in (real, real + "/."):
        said = box.cvenv(*argv, name, env={"HOME": home})
        said.refused("it is the root directory" if real == "/" else "it is the home directory")


def test_a_directory_beside_home_may_be_cleared(box, newest):
    """homework is not below home."""
    directory = box.home + "work"
    runner.write(directory, "x", text="x")
    box.cvenv("-p", newest.path, "--clear", "--force", directory).quiet()
    assert not os.path.exists(os.path.join(directory, "x"))


@pytest.mark.parametrize("name", [".", "../env"])
def test_clear_of_the_current_directory(env, name):
    """It is the current directory of a shell: it must remain the same directory."""
    env.make().quiet()
    runner.write(env.root, "sub", "old", text="x")
    inode = os.stat(env.root).st_ino
    env.box.cvenv("-p", env.py.path, "--clear", name, cwd=env.root).quiet()
    assert os.stat(env.root).st_ino == inode
    assert not os.path.exists(os.path.join(env.root, "sub"))
    no_stages(env.box.work)
    assert {n for n in os.listdir(env.root) if n.startswith(".")} <= {".gitignore"}
    env.runs()


def test_clear_of_a_mount_point(box, newest):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    os.mkdir(box.path("env"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", box.path("env")]
    if box.run(mount).rc:
        pytest.skip("no tmpfs can be mounted here")
    try:
        box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
        runner.write(box.work, "env", "old", text="x")
        box.cvenv("-p", newest.path, "--clear", "env").quiet()
        assert os.path.ismount(box.path("env"))
        assert not os.path.exists(box.path("env", "old"))
        Env(box, newest).runs()
        no_stages(box.work)
        hidden = {n for n in os.listdir(box.path("env")) if n.startswith(".")}
        assert hidden <= {".gitignore"}
    finally:
        box.run(["umount", box.path("env")]).ok()


def test_clear_where_the_parent_is_read_only(box, newest, as_user):
    if box.run([*as_user, newest.path, "-c", ""]).rc:
        pytest.skip("an ordinary user cannot run %s" % newest.path)
    for directory in (box.work, box.home, box.tmp):
        os.chmod(directory, 0o777)
    box.cache = os.path.join(box.home, "cache")
    box.cvenv("-p", newest.path, "env", before=as_user).quiet()
    os.chmod(box.work, 0o755)
    if not as_user:
        os.chmod(box.work, 0o555)
    runner.write(box.home, "x", text="x")
    old = box.path("env", "old")
    box.run([*as_user, "touch", old]).ok()
    box.cvenv("-p", newest.path, "--clear", "env", before=as_user).quiet()
    assert not os.path.exists(old)
    no_stages(box.work)
    Env(box, newest).runs()
    os.chmod(box.work, 0o755)


def test_clear_of_a_bind_mount(box, newest):
    """On the same disk, as a container's volume may be: no rename leads into it."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    for name in ("volume", "env"):
        os.mkdir(box.path(name))
    if subprocess.run(["mount", "--bind", box.path("volume"), box.path("env")]).returncode:
        pytest.skip("no bind mounts here")
    try:
        box.cvenv("-p", newest.path, "env").quiet()
        runner.write(box.path("env"), "old", text="x")
        box.cvenv("-p", newest.path, "--clear", "env").quiet()
        assert not os.path.exists(box.path("env", "old"))
        assert box.says(box.path("env"))["sys.prefix"] == box.path("env")
        assert not [n for n in os.listdir(box.path("env")) if n.startswith(".cvenv-")]
    finally:
        subprocess.run(["umount", box.path("env")], check=True)


def test_clear_of_an_empty_name(box, newest):
    """`cvenv --clear "$UNSET"` means anything but the current directory."""
    runner.write(box.work, "precious", text="x")
    said = box.cvenv("-p", newest.path, "--clear", "")
    assert said.rc == 1 and "empty name" in said.err
    assert os.listdir(box.work) == ["precious"]


def test_clear_keeps_the_group(box, newest):
    if os.geteuid() != 0:
        pytest.skip("giving a directory to another group needs root")
    os.mkdir(box.path("env"))
    os.chown(box.path("env"), -1, 100)
    os.chmod(box.path("env"), 0o2770)
    box.cvenv("-p", newest.path, "--clear", "env").quiet()
    st = os.stat(box.path("env"))
    assert (st.st_gid, st.st_mode & 0o7777) == (100, 0o2770)


@pytest.fixture(params=["tmpfs", "bind", "file"])
def mounted(request, env):
    """Where something is mounted in an environment, as a container's volume may be."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    env.make().quiet()
    volume, place = os.path.join(env.box.root, "volume"), os.path.join(env.root, "data dir", "in")
    os.makedirs(place if request.param != "file" else os.path.dirname(place))
    runner.write(volume, "precious", text="x")
    argv = ["mount", "--bind", volume, place]
    if request.param == "tmpfs":
        argv = ["mount", "-t", "tmpfs", "none", place]
    elif request.param == "file":
        runner.write(place, text="")
        argv = ["mount", "--bind", os.path.join(volume, "precious"), place]
    if env.box.run(argv).rc:
        pytest.skip("no %s can be mounted here" % request.param)
    if request.param == "tmpfs":
        runner.write(place, "precious", text="x")
    try:
        yield place
    finally:  # wherever it is by now
        lines = runner.read("/proc/self/mountinfo").splitlines()
        left = [line.split()[4].replace("\\040", " ") for line in lines]
        for one in [m for m in left if m.startswith(env.box.root + "/")]:
            subprocess.run(["umount", one], check=True)


def test_clear_refuses_a_directory_with_a_mount_inside(env, mounted):
    """By exchange and in place, by another name, and whatever --force says."""
    before = trees.listing(env.root)
    link = env.box.path("link")
    os.symlink("env", link)
    for force in ([], ["--force"]):
        argv = ["-p", env.py.path, "--without-pip", "--clear", *force]
        for name, cwd in ((env.root, env.box.work), (".", env.root), (link, env.box.work)):
            said = env.box.cvenv(*argv, name, cwd=cwd)
            said.refused("'%s' is a mount point" % mounted, "unmount it")
    assert trees.listing(env.root) == before
    no_stages(env.box.work, ["env", "link"])
    env.make().quiet()


def test_mounted_files_are_kept_without_a_list_of_mounts(env, mounted, release):
    """Sanitizers need /proc. Without /proc it is met too late to refuse, but early enough to keep it."""
    prefix = in_namespace('mount -t tmpfs none /proc && exec "$@"', "true")
    if os.path.isfile(mounted):
        return  # the system itself refuses to remove such a file
    argv = [release, "-p", env.py.path, "--without-pip", "--clear", "."]
    said = env.box.run([*prefix, *argv], cwd=env.root)
    said.refused("changed in part", "cannot remove 'in': it is a mount point")
    assert os.listdir(mounted) == ["precious"]
