# SPDX-License-Identifier: MIT
"""--pack: the archive as other programs read it, and as an environment in another place."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import tarfile
import zipfile

import pytest

import makers
import runner
import trees

NOWHERE = "/dev/null/cvenv/python"
EARLIEST = 315532800  # 1980, the first time of zip files
FORMATS = ("tar.gz", "tar.zst", "tar", "zip", "directory")
READERS = {
    "tar": ["tar", "-xf", "{archive}", "-C", "{to}"],
    "bsdtar": ["bsdtar", "-xf", "{archive}", "-C", "{to}"],
    "busybox": ["busybox", "tar", "-xzf", "{archive}", "-C", "{to}"],
    "unzip": ["unzip", "-q", "{archive}", "-d", "{to}"],
}
# The shells that tell a script where it is, and those that do not.
ACTIVATES = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f"], "ksh93": ["ksh93"], "fish": ["fish", "--no-config"]}
CANNOT = [["dash"], ["busybox", "ash"], ["mksh"], ["yash", "--norcfile"]]
POSIX = """
before=$PATH
. "$ROOT/bin/activate" || exit
echo "$VIRTUAL_ENV"
python -c 'import sys; print(sys.executable)'
demo
deactivate
[ "$PATH" = "$before" ] && [ -z "${VIRTUAL_ENV-}" ] && echo left
"""
FISH = """
set before "$PATH"
source $ROOT/bin/activate.fish; or exit
echo $VIRTUAL_ENV
python -c 'import sys; print(sys.executable)'
demo
deactivate
test "$PATH" = "$before"; and not set -q VIRTUAL_ENV; and echo left
"""
NOTHING = """
before=$PATH
. "$ROOT/bin/activate"
status=$?
[ "$PATH" = "$before" ] && echo "$status ${VIRTUAL_ENV-none}"
"""
# a name for the prefix of ustar, and some for pax
LONG = "lib/" + "/".join("%s%d" % (letter * 60, n) for n, letter in enumerate("abc")) + "/end"
LONGER = "lib/" + "x" * 120 + "/" + "y" * 120 + "/" + "z" * 120


def pack(box, root, name, *args, **more):
    """What --json says, and the path of the archive."""
    path = box.path(name)
    told = box.cvenv("--pack", "--json", "-o", path, *args, root, **more).ok()
    said = json.loads(told.out)
    assert said["output"] == path and said["path"] == root
    return said, path


def unpack(box, archive, name, reader=None):
    """By the program that its users have."""
    to = box.path(name)
    if os.path.isdir(archive):
        shutil.copytree(archive, to, symlinks=True)
        return to
    os.makedirs(to)
    reader = reader or ("unzip" if archive.endswith(".zip") else "tar")
    argv = [word.format(archive=archive, to=to) for word in READERS[reader]]
    if not shutil.which(argv[0]) or (archive.endswith(".zst") and not shutil.which("zstd")):
        pytest.skip("no " + argv[0])
    box.run(argv, env={"LC_ALL": "C.UTF-8"}).ok()
    return to


def tree(root):
    found = {}
    for folder, names, files in os.walk(root):
        for name in names + files:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            kind = ("link", os.readlink(path)) if stat.S_ISLNK(st.st_mode) else None
            if stat.S_ISREG(st.st_mode):
                kind = trees.digest(path)
            mode = 0 if stat.S_ISLNK(st.st_mode) else st.st_mode & 0o111
            found[os.path.relpath(path, root)] = (kind, mode)
    return found


def works(box, root, py):
    """Both kinds of scripts, the packages, and activation, in ROOT alone."""
    for script in ("demo", "demo-old"):
        if not os.access(os.path.join(root, "bin", script), os.X_OK):
            assert script == "demo-old"  # pip keeps its mode, which is that of the wheel
            continue
        said = box.run([os.path.join(root, "bin", script)]).ok()
        assert said.out == "demo 1.0 in %s\n" % root
        assert root.encode() not in open(os.path.join(root, "bin", script), "rb").read()
    told = box.run([os.path.join(root, "bin", "python"), "-c", "import sys, demo; print(sys.prefix)"]).ok()
    assert told.out == root + "\n"
    for name, argv in ACTIVATES.items():
        if shutil.which(argv[0]):
            activates(box, root, argv, FISH if name == "fish" else POSIX)
    for argv in CANNOT:
        if shutil.which(argv[0]):
            cannot_activate(box, root, argv)


def activates(box, root, argv, script, **variables):
    told = box.run([*argv, "-c", script], env={"ROOT": root, **variables}).ok()
    python = os.path.join(root, "bin", "python")
    assert (argv[0], told.out.splitlines()) == (argv[0], [root, python, "demo 1.0 in " + root, "left"])


def cannot_activate(box, root, argv):
    """A shell that does not tell a script where it is: one message, and nothing has changed."""
    told = box.run([*argv, "-c", NOTHING], env={"ROOT": root, "VIRTUAL_ENV": None}).ok()
    assert (argv, told.out) == (argv, "1 none\n")
    assert len(told.err.splitlines()) == 1 and "relocatable" in told.err


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_works_elsewhere(box, made, some_py, maker):
    env = made(maker, some_py)
    said, archive = pack(box, env.root, "env.tar.gz")
    assert said["format"] == "tar.gz" and not said["with_python"]
    assert said["bytes"] == os.path.getsize(archive)
    with open(archive, "rb") as file:
        assert said["sha256"] == hashlib.sha256(file.read()).hexdigest()
    outside = {one["path"]: one["target"] for one in said["outside"]}
    assert outside.pop("pyvenv.cfg") == env.cfg()["home"]
    ((name, target),) = outside.items()
    assert name.startswith("bin/python") and os.path.realpath(target) == os.path.realpath(some_py.path)
    assert said["left"] == []
    root = unpack(box, archive, "else where")
    runner.wipe(env.root)
    works(box, root, some_py)


def test_relocatable_environment(box, made, newest):
    """Its scripts and activation scripts stay as they are."""
    env = made("cvenv", newest, args=["--relocatable"])
    _, archive = pack(box, env.root, "env.tar.gz")
    root = unpack(box, archive, "else where")
    assert runner.read(root, "bin", "activate") == runner.read(env.root, "bin", "activate")
    runner.wipe(env.root)
    works(box, root, newest)


@pytest.mark.parametrize("name", FORMATS)
def test_formats_have_the_same_content(box, made, newest, name):
    env = made("cvenv", newest)
    said, archive = pack(box, env.root, "packed" if name == "directory" else "packed." + name)
    assert said["format"] == name and ("sha256" in said) == (name != "directory")
    root = unpack(box, archive, "u")
    _, plain = pack(box, env.root, "plain.tar")
    expected = tree(unpack(box, plain, "v"))
    found = tree(root)
    if name == "zip":  # where bytecode has another header
        expected, found = ({n: v for n, v in t.items() if not n.endswith(".pyc")} for t in (expected, found))
    assert found == expected
    if name in ("zip", "directory"):  # tar.gz works by another test, and the others are equal to it
        runner.wipe(env.root)
        works(box, root, newest)


def with_names(env):
    for name in (LONG, LONGER, "lib/\u00e4\u20ac", "lib/n\nl"):
        runner.write(env.root, name, text=name)
    os.symlink("x" * 150, os.path.join(env.root, "lib", "far"))
    os.symlink("\u00e4", os.path.join(env.root, "lib", "link"))


def test_readers_agree(box, made, newest):
    """Of names of every kind: tarfile and zipfile, and the programs that are here."""
    env = made("cvenv", newest)
    with_names(env)
    _, plain = pack(box, env.root, "plain")
    expected = tree(plain)
    _, archive = pack(box, env.root, "env.tar.gz")
    with tarfile.open(archive) as file:
        members = file.getmembers()
        assert [m.name for m in members] == sorted((m.name for m in members), key=os.fsencode)
        assert {m.name for m in members} == set(expected)
        assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", EARLIEST)}
        assert {m.mode for m in members if not m.issym()} == {0o755, 0o644}
        file.extractall(box.path("by-tarfile"))
    assert tree(box.path("by-tarfile")) == expected
    for reader in ("tar", "bsdtar"):
        if shutil.which(reader):
            assert tree(unpack(box, archive, reader, reader)) == expected
    if shutil.which("busybox"):  # which does not read pax, but all names that ustar can have
        known = {n: v for n, v in tree(unpack(box, archive, "bb", "busybox")).items() if "x" * 90 not in n}
        assert known.items() >= {n: v for n, v in expected.items() if "x" * 90 not in n and n != "lib/far"}.items()
    _, archive = pack(box, env.root, "env.zip")
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        assert {name.rstrip("/") for name in file.namelist()} == set(expected)
        links = {i.filename for i in file.infolist() if stat.S_ISLNK(i.external_attr >> 16)}
        assert links == {n for n, (kind, _) in expected.items() if isinstance(kind, tuple)}


def test_same_bytes_from_two_places(box, made, newest):
    env = made("cvenv", newest)
    said, _ = pack(box, env.root, "one.tar.gz")
    zipped, _ = pack(box, env.root, "one.zip")
    os.makedirs(box.path("deeper"))
    moved = box.path("deeper", os.path.basename(env.root))
    shutil.copytree(env.root, moved, symlinks=True)
    more = {"umask": 0o077, "env": {"TZ": "Asia/Kolkata", "LC_ALL": "C", "HOME": "/nonexistent"}}
    assert pack(box, moved, "two.tar.gz", **more)[0]["sha256"] == said["sha256"]
    assert pack(box, moved, "two.zip", **more)[0]["sha256"] == zipped["sha256"]
    dated, path = pack(box, moved, "three.tar.gz", env={"SOURCE_DATE_EPOCH": "1700000000"})
    with tarfile.open(path) as file:
        assert {m.mtime for m in file.getmembers()} == {1700000000}
    assert dated["sha256"] != said["sha256"]
    box.cvenv("--pack", "-o", "x.tar", moved, env={"SOURCE_DATE_EPOCH": "x"}).refused("SOURCE_DATE_EPOCH", rc=2)


@pytest.mark.parametrize("name", ("env.tar.gz", "env.zip"))
def test_bytecode_is_used(box, made, newest, name):
    env = made("cvenv", newest)
    env.runs("import demo").ok()
    box.run([env.python, "-c", "import demo"], env={"PYTHONDONTWRITEBYTECODE": None}).ok()
    runner.write(env.site, "stale.py", text="x = 1\n")
    box.run([env.python, "-c", "import stale"], env={"PYTHONDONTWRITEBYTECODE": None}).ok()
    runner.write(env.site, "stale.py", text="x = 22\n")
    _, archive = pack(box, env.root, name)
    root = unpack(box, archive, "u")
    assert not any("stale" in n and n.endswith(".pyc") for n in tree(root))
    os.utime(os.path.join(root, os.path.relpath(env.site, env.root), "demo", "__init__.py"),
             (EARLIEST, EARLIEST) if name.endswith("gz") else None)
    told = box.run([os.path.join(root, "bin", "python"), "-v", "-c", "import demo, stale; print(stale.x)"]).ok()
    assert told.out == "22\n"
    assert "matches" in told.err and "demo/__init__.py" in told.err


def test_refuses_what_another_place_lacks(box, made, newest):
    env = made("cvenv", newest)
    box.cvenv("--pack", env.root).refused("-o/--output", rc=2)
    box.cvenv("--pack", env.root, "-o", os.path.join(env.root, "x.tar")).refused("it is in")
    box.cvenv("--pack", box.path("none"), "-o", "x.tar").refused("does not exist")
    os.mkdir(box.path("empty"))
    box.cvenv("--pack", box.path("empty"), "-o", "x.tar").refused("empty")
    box.cvenv("-o", "x.tar").refused("only allowed with argument --pack", rc=2)
    project = box.path("project")
    os.mkdir(project)
    runner.write(env.site, "project.pth", text="import sys\n%s\n" % project)
    box.cvenv("--pack", env.root, "-o", "x.tar").refused("project.pth", project, "without -e")
    os.unlink(os.path.join(env.site, "project.pth"))
    info = os.path.join(env.site, "demo-1.0.dist-info", "direct_url.json")
    runner.write(info, text='{"url": "file://%s", "dir_info": {"editable" : true}}' % project)
    box.cvenv("--pack", env.root, "-o", "x.tar").refused("direct_url.json", project)
    runner.write(info, text='{"url": "file://%s", "dir_info": {}}' % project)
    box.cvenv("--pack", "-q", env.root, "-o", "x.tar").quiet()


def test_paths_inside_become_relative(box, made, newest):
    env = made("cvenv", newest)
    runner.write(env.root, "src", "inner.py", text="x = 5\n")
    runner.write(env.site, "inner.pth", text="%s/src\r\n# comment\n" % env.root)
    os.symlink(os.path.join(env.root, "src"), os.path.join(env.root, "absolute"))
    said, archive = pack(box, env.root, "env.tar.gz")
    assert "absolute" not in {one["path"] for one in said["outside"]}
    root = unpack(box, archive, "u")
    runner.wipe(env.root)
    told = box.run([os.path.join(root, "bin", "python"), "-c", "import inner; print(inner.__file__)"]).ok()
    assert os.path.realpath(told.out.strip()) == os.path.join(root, "src", "inner.py")
    assert os.readlink(os.path.join(root, "absolute")) == "src"


def test_hostile_content(box, made, newest):
    """Nothing outside is read, and what leads there is said; what is no file is left out."""
    env = made("cvenv", newest)
    secret = box.path("secret")
    runner.write(secret, text="SECRET")
    for name, target in (("out", secret), ("up", "../secret"), ("loop", "loop"), ("deep", "lib/../../secret")):
        os.symlink(target, os.path.join(env.root, name))
    os.symlink(box.path(), os.path.join(env.root, "dir"))
    os.mkfifo(os.path.join(env.root, "fifo"))
    os.mkfifo(os.path.join(env.site, "fifo.pth"))
    runner.write(env.root, ".cvenv-tmp-1-00000000", "x", text="")
    path = box.path("env.tar")
    told = box.cvenv("--pack", "--json", "-o", path, env.root).ok()
    said = json.loads(told.out)
    outside = {one["path"]: one["target"] for one in said["outside"]}
    assert outside.items() >= {"out": secret, "up": "../secret", "deep": "lib/../../secret",
                               "dir": box.path()}.items()
    assert "'fifo' is left out" in told.err and "the archive works only where" in told.err
    with open(path, "rb") as file:
        assert b"SECRET" not in file.read()
    with tarfile.open(path) as file:
        names = file.getnames()
    assert "fifo" not in names and not any(".cvenv-tmp" in n for n in names) and "dir" in names
    assert not any(n.startswith("dir/") for n in names)


def test_output_is_whole_or_as_it_was(box, made, newest):
    env = made("cvenv", newest)
    runner.write(box.path("env.zip"), text="old")
    runner.write(os.fsencode(env.root), b"lib/\xff", text="x")
    box.cvenv("--pack", "-o", box.path("env.zip"), env.root).refused("in a zip archive", ".tar.gz")
    assert runner.read(box.path("env.zip")) == "old"
    os.symlink("env.zip", box.path("link.tar"))
    box.cvenv("--pack", "-o", box.path("link.tar"), env.root).refused("not a regular file")
    os.mkdir(box.path("full"))
    runner.write(box.path("full", "x"), text="x")
    box.cvenv("--pack", "-o", box.path("full"), env.root).refused("not empty")
    before = sorted(os.listdir(box.work))
    told = box.cvenv("--pack", "--dry-run", "-o", box.path("new.tar"), env.root).ok()
    assert "pyvenv.cfg" in told.out and sorted(os.listdir(box.work)) == before
    os.mkdir(box.path("empty"))
    box.cvenv("--pack", "-q", "-o", box.path("empty"), env.root).quiet()
    works(box, box.path("empty"), newest)
    assert not [n for n in os.listdir(box.work) if n.startswith(".cvenv")]


def test_unreadable_file_is_an_error(box, made, newest, tmp_path):
    env = made("cvenv", newest)
    runner.write(env.root, "private", text="x", mode=0)
    if os.access(os.path.join(env.root, "private"), os.R_OK):
        pytest.skip("root reads everything")
    box.cvenv("--pack", "-o", box.path("x.tar"), env.root).refused("private")
    assert not os.path.exists(box.path("x.tar"))


def test_with_python_needs_one_that_moves(box, made, newest):
    env = made("cvenv", newest)
    box.cvenv("--pack", "--with-python", "-o", box.path("x.tar"), env.root).refused(
        "cannot pack the Python", "python-build-standalone")


def standalone(py, where):
    """A copy of PY with the marks of python-build-standalone. Its executable must find its library by
    its own place; where that is a shared one, LD_LIBRARY_PATH stands for the $ORIGIN that it lacks."""
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(py.path)))
    if not os.path.exists(os.path.join(prefix, "lib", py.lib_name, "os.py")):
        pytest.skip("%s has its library elsewhere" % py)
    names = "test idlelib config-* ensurepip __pycache__ *.a asyncio lib2to3 pydoc_data sqlite3 tkinter turtledemo unittest _codecs_*"
    ignore = shutil.ignore_patterns("site-packages", *names.split())
    os.makedirs(os.path.join(where, "bin"))
    shutil.copytree(os.path.join(prefix, "lib", py.lib_name), os.path.join(where, "lib", py.lib_name),
                    symlinks=True, ignore=ignore)
    shutil.copy2(os.path.realpath(py.path), os.path.join(where, "bin", py.lib_name))
    for name in os.listdir(os.path.join(prefix, "lib")):
        if name.startswith("libpython") and not name.endswith(".a"):
            shutil.copy2(os.path.join(prefix, "lib", name), os.path.join(where, "lib", name), follow_symlinks=False)
    if shutil.which("strip"):  # tens of megabytes for debuggers, which would be packed
        found = [os.path.join(top, name) for top, _, names in os.walk(where) for name in names if ".so" in name]
        subprocess.run(["strip", "--strip-debug", *(one for one in found if not os.path.islink(one))])
    runner.write(where, "lib", py.lib_name, "_sysconfigdata__standalone.py",
                 text="build_time_vars = {'PYTHON_BUILD_STANDALONE': 1}\n")
    runner.write(where, "lib", py.lib_name, "EXTERNALLY-MANAGED", text="")
    return os.path.join(where, "bin", py.lib_name)


def test_with_python(box, made, newest):
    """The base is gone too; user site-packages stay outside, as in an environment."""
    base = box.path("base")
    python = standalone(newest, base)
    libraries = {"LD_LIBRARY_PATH": os.path.join(base, "lib")}
    box.cvenv("-q", "--without-pip", "-p", python, box.path("env"), env=libraries).quiet()
    wheel = makers.wheel(box.path("wheels"))
    site = os.path.join(box.path("env"), "lib", newest.lib_name, "site-packages")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    runner.write(box.path("env", "bin", "demo"), mode=0o755,
                 text="#!%s/bin/python\nimport demo\ndemo.main()\n" % box.path("env"))
    said, archive = pack(box, box.path("env"), "env.tar.gz", "--with-python")
    assert said["with_python"] and said["outside"] == []
    root = unpack(box, archive, "u")
    runner.wipe(box.path("env"))
    runner.wipe(base)
    libraries = {"LD_LIBRARY_PATH": os.path.join(root, "lib"), "PYTHONHOME": None}
    told = box.run([os.path.join(root, "bin", "demo")], env=libraries).ok()
    assert told.out == "demo 1.0 in %s\n" % root
    code = "import sys, site, json; print(json.dumps([sys.prefix, sys.base_prefix, site.ENABLE_USER_SITE]))"
    told = box.run([os.path.join(root, "bin", "python3"), "-c", code], env=libraries).ok()
    assert json.loads(told.out) == [root, root, False]
    assert "home" not in runner.cfg(root)
    assert not os.path.exists(os.path.join(root, "lib", newest.lib_name, "EXTERNALLY-MANAGED"))
    for name, argv in ACTIVATES.items():
        if shutil.which(argv[0]):
            activates(box, root, argv, FISH if name == "fish" else POSIX, **libraries)


def test_with_python_of_conda(box, made, newest):
    """Texts have its directory no longer, sysconfig tells the new one, and binary files are named."""
    base = box.path("base")
    python = standalone(newest, base)
    library = os.path.join("lib", newest.lib_name)
    os.unlink(os.path.join(base, library, "_sysconfigdata__standalone.py"))
    runner.write(base, "conda-meta", "history", text="")
    runner.write(base, "ssl", "cacert.pem", text="certificates")
    runner.write(base, library, "_sysconfigdata_conda.py",
                 text="build_time_vars = {'LIBDIR': '%s/lib', 'N': 1}\n" % base)
    runner.write(base, "lib", "settings.sh", text="A=%s\nB='-L%s/lib -L%s-2'\n" % (base, base, base))
    runner.write(base, "lib", "binary.so", text="\0%s/lib\0" % base)
    runner.write(base, "lib", "large.so", text="\0" * (9 << 20) + base + "\0")
    runner.write(base, "lib", "other.so", text="\0%s-2\0" % base)
    libraries = {"LD_LIBRARY_PATH": os.path.join(base, "lib")}
    box.cvenv("-q", "--without-pip", "-p", python, box.path("env"), env=libraries).quiet()
    said, archive = pack(box, box.path("env"), "env.tar", "--with-python")
    assert said["outside"] == [] and said["left"] == ["lib/binary.so", "lib/large.so"]
    root = unpack(box, archive, "u")
    landmark = os.path.join(base, library, "os.py")
    os.rename(landmark, landmark + ".new")  # as if it was upgraded to another X.Y
    box.cvenv("--pack", "--with-python", box.path("env"), "-o", "x.tar").refused("it has no '%s'" % library)
    runner.wipe(base)
    assert runner.read(root, "ssl", "cacert.pem") == "certificates"
    assert runner.read(root, "lib", "settings.sh") == "A=%s\nB='-L%s/lib -L%s-2'\n" % (NOWHERE, NOWHERE, base)
    libraries = {"LD_LIBRARY_PATH": os.path.join(root, "lib"), "PYTHONHOME": None}
    code = "import _sysconfigdata_conda as c; print(c.build_time_vars)"
    told = box.run([os.path.join(root, "bin", "python"), "-c", code], env=libraries).ok()
    assert told.out == "%r\n" % {"LIBDIR": os.path.join(root, "lib"), "N": 1}
