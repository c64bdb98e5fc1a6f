# SPDX-License-Identifier: MIT
"""Hostile surroundings: special files, planted links, forged manifests, foreign privileges."""

import os
import shutil
import signal
import stat
import subprocess
import time
import zlib

import pytest

import runner
import trees
from special import plant

ON_DISK = True  # see session.py

def kinds(root):
    """Name and kind of all below root."""
    return {name: node.kind for name, node in trees.snapshot(root).items()}


# ---------------------------------------------------------------- ENV_DIR


def _names(py):
    """Special files in the place of entries of an environment, and of pip's files."""
    site = "lib/%s/site-packages" % py.lib_name
    own = [
        ".gitignore",
        "pyvenv.cfg",
        "bin",
        "bin/python",
        "bin/" + py.bin_name,
        "bin/activate",
        "bin/activate.fish",
        "include",
        "lib",
        "lib64",
        "lib/" + py.lib_name,
        site,
    ]
    pip = [
        "bin/pip",
        site + "/pip",
        site + "/pip/__init__.py",
        site + "/pip-%s.dist-info/RECORD" % py.seeds["pip"][0],
        site + "/pip-%s.dist-info/METADATA" % py.seeds["pip"][0],
    ]
    return own, pip


@pytest.mark.parametrize(
    "kind",
    [
        "pipe",
        pytest.param("dangling link", marks=pytest.mark.nightly),
        pytest.param("socket", marks=pytest.mark.nightly),
        pytest.param("device", marks=pytest.mark.nightly),
        pytest.param("loop", marks=pytest.mark.nightly),
    ],
)
def test_special_files_in_env_dir(box, newest, kind):
    """It ends, and either all is well, or all is as it was and one line says so."""
    if "pip" not in newest.seeds:
        pytest.skip("this Python brings no pip")
    own, pip = _names(newest)
    kept = {".gitignore", "lib64", *pip}  # whatever they are
    for i, name in enumerate(own + pip):
        env = box.path("env")
        args = ["-p", newest.path, *(["--without-pip"] if name in own else [])]
        box.cvenv(*args, env).quiet()
        if not os.path.lexists(os.path.join(env, name)):
            runner.wipe(env)
            continue
        expected = kinds(env)
        plant(os.path.join(env, name), kind)
        before = trees.listing(env)
        # --upgrade reads the existing file.
        more = ["--upgrade"] if i % 2 else []
        result = box.cvenv(*args, *more, env, timeout=60)
        if result.rc:
            result.refused(env)
            assert trees.listing(env) == before, "%s: %s" % (name, result)
        else:
            got = kinds(env)
            wrong = [n for n in expected if n not in kept and got.get(n) != expected[n]]
            # --upgrade writes no activation scripts.
            wrong = [n for n in wrong if not (more and n.startswith("bin/activate"))]
            assert not wrong, "%s: %s" % (name, wrong)
        assert os.listdir(box.work) == ["env"], str(result)
        box.cvenv("-p", newest.path, "--clear", "--without-pip", env, timeout=60).quiet()
        assert kinds(env)["pyvenv.cfg"] == "file"
        runner.wipe(env)


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"]], ids=["again", "upgrade", "clear"])
@pytest.mark.parametrize(
    "kind", ["pipe", "socket", "device", "dangling link", "loop", "1 GiB", "directory"]
)
def test_what_pyvenv_cfg_may_be(box, newest, kind, args):
    env = box.path("env")
    box.cvenv("-p", newest.path, "--without-pip", env).quiet()
    plant(os.path.join(env, "pyvenv.cfg"), kind)
    # Quietly: an upgrade warns that there is none.
    result = box.cvenv("-q", "-p", newest.path, "--without-pip", *args, env, timeout=60)
    if kind == "directory" and "--clear" not in args:
        result.refused("pyvenv.cfg")
        assert os.listdir(os.path.join(env, "pyvenv.cfg")) == []
        return
    result.quiet()
    assert runner.cfg(env)["home"] == os.path.dirname(newest.path)
    assert kinds(env)["pyvenv.cfg"] == "file"


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"]], ids=["again", "upgrade", "clear"])
def test_a_pyvenv_cfg_that_leads_to_a_file(box, newest, args):
    """It is not read, and not written through."""
    env = box.path("env")
    box.cvenv("-p", newest.path, "--without-pip", env).quiet()
    victim = runner.write(box.root, "victim", text="prompt = 'stolen'\n")
    os.remove(os.path.join(env, "pyvenv.cfg"))
    os.symlink(victim, os.path.join(env, "pyvenv.cfg"))
    box.cvenv("-q", "-p", newest.path, "--without-pip", *args, env).quiet()
    assert runner.read(victim) == "prompt = 'stolen'\n"
    assert "stolen" not in runner.read(env, "pyvenv.cfg")


@pytest.mark.parametrize("args", [[], ["--upgrade"]], ids=["again", "upgrade"])
def test_directories_that_are_links(box, newest, args):
    """Nothing is written where they lead; --clear takes the links away and no more."""
    victim = os.path.join(box.root, "victim")
    site = "lib/%s/site-packages" % newest.lib_name
    for name in ("bin", "lib", "include", "lib/" + newest.lib_name, site, site + "/pip"):
        env = box.path("env")
        more = [*args, *(["--without-pip"] if not name.endswith("/pip") else [])]
        box.cvenv("-p", newest.path, *more[len(args) :], env).quiet()
        shutil.move(os.path.join(env, name), victim)
        os.symlink(victim, os.path.join(env, name))
        before, outside = trees.listing(env), trees.listing(victim)
        result = box.cvenv("-p", newest.path, *more, env)
        # Of the same version pip's own files are kept, where they are seen.
        if result.rc or not name.endswith("/pip"):
            result.refused(env)
            assert trees.listing(env) == before, name
        assert trees.listing(victim) == outside, name
        box.cvenv("-p", newest.path, "--clear", "--without-pip", env).quiet()
        assert trees.listing(victim) == outside, name
        runner.wipe(victim)
        runner.wipe(env)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize("name", ["outer/bin", "outer/bin/inner", "outer/bin/../bin/a/b"])
@pytest.mark.parametrize("args", [[], ["--clear"], ["--upgrade"]], ids=["new", "clear", "upgrade"])
def test_in_the_bin_of_an_environment(box, newest, name, args):
    box.cvenv("-p", newest.path, "--without-pip", "outer").quiet()
    before = trees.listing(box.work)
    box.cvenv("-p", newest.path, "--without-pip", *args, name).refused(box.path("outer"))
    assert trees.listing(box.work) == before


def test_in_other_directories_of_that_name(box, newest):
    """A folder called bin is none of our business, nor is an environment in another one."""
    for name in ("bin", "project/bin/env", "project/bin"):
        box.cvenv("-p", newest.path, "--without-pip", name).quiet()
    box.cvenv("-p", newest.path, "--without-pip", "outer").quiet()
    box.cvenv("-p", newest.path, "--without-pip", "outer/inner").quiet()


def test_clear_refuses_home_root_and_their_parents(box, newest):
    """Home, the root, and all above home or the current directory, however they are spelled."""
    link = os.path.join(box.root, "link")
    os.symlink(box.home, link)
    inner = box.path("a", "b")
    os.makedirs(inner)
    runner.write(box.home, "precious", text="x")
    before = trees.listing(box.root)
    for home in (box.home, box.home + "/", link, os.path.join(box.home, ".")):
        for name in (box.home, box.root, "/", "//", os.path.join(box.home, "x", "..")):
            args = ["-p", newest.path, "--without-pip", "--clear", name]
            box.cvenv(*args, env={"HOME": home}).refused("refusing to clear")
    box.cvenv("-p", newest.path, "--clear", box.path("a"), cwd=inner).refused("refusing to clear")
    assert trees.listing(box.root) == before


# ---------------------------------------------------------------- privileges


def _privileged(box, release, mode, owner):
    if os.geteuid() != 0:
        pytest.skip("a set-user-id copy of another user needs root")
    copy = os.path.join(box.root, "privileged", "cvenv")
    os.mkdir(os.path.dirname(copy))
    shutil.copy(release, copy)
    os.chown(copy, owner, owner)
    os.chmod(copy, mode)
    if os.statvfs(copy).f_flag & os.ST_NOSUID:
        pytest.skip("this file system knows no set-user-id")
    return copy


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755], ids=["user", "group", "both"])
def test_set_user_id(box, newest, release, as_user, mode):
    """Refused whether the program's owner has more or fewer privileges than the user."""
    os.chmod(box.work, 0o777)
    given = _privileged(box, release, mode, 0)
    box.run([*as_user, given, "-p", newest.path, "env"]).refused("privileges")
    os.chown(given, 65534, 65534)
    os.chmod(given, mode)
    box.run([given, "-p", newest.path, "env"]).refused("privileges")
    box.run([given, "--version"]).refused("privileges")
    assert os.listdir(box.work) == []


# ---------------------------------------------------------------- the cache


def _manifests(cache, folder="wheels"):
    top = os.path.join(cache, "v1", folder)
    return sorted(os.path.join(top, name, "manifest") for name in os.listdir(top))


def _forge(path, change):
    """Change the fields of a manifest, and make its sum right."""
    with open(path, "rb") as f:
        fields = f.read()[:-8].split(b"\0")[:-1]
    text = b"".join(field + b"\0" for field in change(fields))
    os.chmod(path, 0o600)
    with open(path, "wb") as f:
        f.write(text + b"%08x" % zlib.crc32(text))


def _at(index, value):
    def change(fields):
        return [*fields[:index], value, *fields[index + 1 :]]

    return change


def _last_file(value, field=0):
    """A field of the last file: path, size, time, mode, hash."""
    return lambda fields: _at(len(fields) - 5 + field, value)(fields)


def _once_more(fields):
    return [*fields[:7], b"%d" % (int(fields[7]) + 1), *fields[8:], *fields[-5:]]


FORGERIES = {
    "an absolute name": _last_file(b"/escaped"),
    "a name above": _last_file(b"../../../../../../escaped"),
    "a name with dots": _last_file(b"pip/../../../../../escaped"),
    "an empty name": _last_file(b""),
    "a name twice": _once_more,
    "a huge size": _last_file(b"1073741824", 1),
    "a size beyond all": _last_file(b"18446744073709551615", 1),
    "a negative time": _last_file(b"-1", 2),
    "another mode": _last_file(b"s", 3),
    "a huge count": _at(7, b"4294967296"),
    "a count too many": _at(7, b"65536"),
    "no files": _at(7, b"0"),
    "metadata elsewhere": _at(4, b"../../../../../escaped"),
    "absolute metadata": _at(4, b"/escaped"),
    "a script elsewhere": _at(6, b"[console_scripts]\n../../escaped = a:b\n"),
    "another format": _at(1, b"9"),
    "cut": lambda fields: fields[:9],
    "nothing": lambda fields: [],
}


@pytest.fixture
def filled(cold, newest):
    """A box whose cache has pip, and an environment created from it."""
    if "pip" not in newest.seeds:
        pytest.skip("this Python brings no pip")
    cold.cvenv("-p", newest.path, "--clear", "first").quiet()
    cold.expected = {n: (d.kind, d.digest) for n, d in trees.snapshot(cold.path("first")).items()}
    return cold


def _still_right(box, py, may_refuse=False):
    """The same environment again, and nothing anywhere else."""
    args = ["-p", py.path, "--clear", "first"]
    result = box.cvenv(*args, timeout=60)
    if not (may_refuse and result.rc):
        result.quiet()
        got = {n: (d.kind, d.digest) for n, d in trees.snapshot(box.path("first")).items()}
        # Bytecode comes and goes with what the cache has.
        plain = {n: d for n, d in got.items() if "__pycache__" not in n}
        assert plain == {n: d for n, d in box.expected.items() if "__pycache__" not in n}
    else:
        result.refused()
    assert sorted(os.listdir(box.work)) == ["first"]
    for top, _, names in os.walk(box.root):
        assert "escaped" not in names and not top.endswith("escaped"), top
    assert not os.path.lexists("/escaped")


ALWAYS = {"a name above", "a name twice", "a huge size", "a huge count", "metadata elsewhere", "cut"}


def _mostly_nightly(all_of_them, always):
    nightly = pytest.mark.nightly
    return [one if one in always else pytest.param(one, marks=nightly) for one in all_of_them]


@pytest.mark.parametrize("name", _mostly_nightly(FORGERIES, ALWAYS))
def test_a_forged_manifest(filled, newest, name):
    for path in _manifests(filled.cache):
        _forge(path, FORGERIES[name])
    # A script that leads outside is refused; and the cache is the user's own.
    _still_right(filled, newest, may_refuse=name in ("a script elsewhere", "no files"))


STORED = ["pipe", "socket", "device", "dangling link", "1 GiB", "directory"]


@pytest.mark.parametrize("kind", _mostly_nightly(STORED, {"pipe", "directory"}))
def test_special_files_in_the_cache(filled, newest, kind):
    for path in _manifests(filled.cache):
        for name in sorted(os.listdir(os.path.dirname(path))):
            plant(os.path.join(os.path.dirname(path), name), kind)
            _still_right(filled, newest)
    info = os.path.join(filled.cache, "v1", "info")
    for name in os.listdir(info):
        plant(os.path.join(info, name), kind)
    _still_right(filled, newest)


def test_files_of_the_cache_that_are_links(filled, newest):
    """With the size and the time that they should have: what they lead to does not get in."""
    secret = runner.write(filled.root, "secret", text="secret")
    for path in _manifests(filled.cache):
        image = os.path.dirname(path)
        for top, _, names in os.walk(image):
            for name in sorted(names)[:3]:
                victim = os.path.join(top, name)
                st = os.lstat(victim)
                if name == "manifest" or not stat.S_ISREG(st.st_mode):
                    continue
                copy = secret + str(st.st_ino)
                with open(copy, "wb") as f:
                    f.truncate(st.st_size)
                os.utime(copy, ns=(st.st_atime_ns, st.st_mtime_ns))
                os.remove(victim)
                os.symlink(copy, victim)
    _still_right(filled, newest)


def test_a_cache_that_others_may_write_inside(filled, newest):
    """Not only its top."""
    inner = os.path.join(filled.cache, "v1")
    for mode in (0o720, 0o702, 0o777):
        os.chmod(inner, mode)
        said = filled.cvenv("-v", "-p", newest.path, "--clear", "first").ok()
        assert "other users may write to it" in said.err, str(said)
        assert stat.S_IMODE(os.stat(inner).st_mode) == mode
    os.chmod(inner, 0o700)
    _still_right(filled, newest)


def test_cache_in_the_home_of_another_user(filled, newest, as_user):
    """As with sudo, which keeps HOME: root leaves the user's cache alone."""
    if not as_user:
        pytest.skip("needs root")
    home = os.path.join(filled.root, "theirs")
    os.makedirs(os.path.join(home, ".cache", "cvenv"))
    for top, _, _ in os.walk(home):
        os.chown(top, 65534, 65534)
    before = trees.listing(home)
    changes = {"HOME": home, "CVENV_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    filled.cvenv("-p", newest.path, "second", env=changes).quiet()
    assert trees.listing(home) == before


# ---------------------------------------------------------------- while it runs


def test_foreign_directories_with_staging_names_are_kept(box, newest, as_user):
    """Who may rename in the parent, but not write into root's directory, cannot have it removed."""
    if not as_user:
        pytest.skip("needs root")
    runner.write(box.work, "precious", "file", text="x")
    os.chmod(box.work, 0o777)
    os.chmod(box.path("precious"), 0o755)
    stage = box.path(".cvenv-tmp-4194303-00000000")
    box.run([*as_user, "mv", box.path("precious"), stage]).ok()
    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    box.cvenv("-p", newest.path, "--without-pip", "--clear", "env").quiet()
    assert os.listdir(stage) == ["file"]
    os.chmod(box.work, 0o755)  # here it would be ours
    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    assert os.listdir(box.work) == ["env"]


def test_links_that_appear_in_the_parent(box, newest):
    """Names of staging directories cannot be guessed; creating many of them gains nothing."""
    victim = os.path.join(box.root, "victim")
    os.mkdir(victim)
    for i in range(64):
        os.symlink(victim, box.path(".cvenv-tmp-%d-%08x" % (os.getpid() + i, i)))
    planted = sorted(os.listdir(box.work))
    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    assert os.listdir(victim) == []
    assert sorted(os.listdir(box.work)) == sorted([*planted, "env"])


def test_a_parent_that_is_swapped_for_a_link(box, newest):
    """Again and again, while environments are made below it: each lands in one of the two."""
    real, other, name = box.path("real"), box.path("other"), box.path("name")
    for directory in (real, other):
        os.mkdir(directory)
    os.symlink("real", name)
    script = 'while :; do ln -sfn other "$1"; ln -sfn real "$1"; done'
    argv = ["sh", "-c", script, "sh", name]
    swapper = subprocess.Popen(argv, cwd=box.work, start_new_session=True)
    try:
        for i in range(12):
            result = box.cvenv("-p", newest.path, "--without-pip", os.path.join(name, "env%d" % i))
            assert result.rc in (0, 1), str(result)
    finally:
        os.killpg(swapper.pid, signal.SIGKILL)
        swapper.wait()
        time.sleep(0.2)  # for its children
    for directory in (real, other):
        for one in os.listdir(directory):
            assert not one.startswith("."), one
            assert os.path.isfile(os.path.join(directory, one, "pyvenv.cfg")), one
