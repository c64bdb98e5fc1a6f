# SPDX-License-Identifier: MIT
"""Where archives of --pack are used: read-only, by other users, through links, and by any path."""

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

NAMES = ("-else where", "it's $(touch CANARY) \"`x`\"\nb\\n\u00e4")
BYTECODE = {"PYTHONDONTWRITEBYTECODE": None}
HOLE = 3 << 20


def packed(box, root, name, *args, **more):
    path = box.path(name)
    box.cvenv("-q", "--pack", "-o", path, *args, root, **more).ok()
    return path


def unpacked(box, archive, name):
    """As tar and unzip do it, and as `COPY` in a container file copies a directory."""
    to = box.path(name)
    if os.path.isdir(archive):
        shutil.copytree(archive, to, symlinks=True)
        return to
    os.mkdir(to)
    argv = ["unzip", "-q", archive, "-d", to] if archive.endswith(".zip") else ["tar", "-xf", archive, "-C", to]
    if not shutil.which(argv[0]):
        pytest.skip("no " + argv[0])
    box.run(argv).ok()
    return to


def ways(box, root):
    """(argv, cwd, variables): how a script is started."""
    script = os.path.join(root, "bin", "demo")
    os.makedirs(box.path("links", "deeper"))
    os.symlink(script, box.path("links", "demo"))
    os.symlink("../demo", box.path("links", "deeper", "again"))
    os.symlink(os.path.relpath(script, box.path("links")), box.path("links", "-demo"))
    os.symlink(root, box.path("links", "env"))
    on_path = {"PATH": os.pathsep.join([box.path("links"), "/usr/bin", "/bin"])}
    yield [script], None, {}
    yield ["./demo"], os.path.join(root, "bin"), {}
    yield ["bin/demo"], root, {}
    yield [os.path.join("..", os.path.basename(root), "bin", "demo")], root, {}
    yield [box.path("links", "demo")], None, {}
    yield [box.path("links", "deeper", "again")], "/", {}
    yield ["deeper/../deeper/again"], box.path("links"), {}
    yield [box.path("links", "env", "bin", "demo")], None, {}
    yield ["sh", "-c", "demo && -demo"], "/", on_path
    for shell in ("sh", "bash", "dash", "zsh", "ksh93", "mksh"):
        if shutil.which(shell):
            yield [shell, script], None, {}
    if shutil.which("busybox"):  # and nothing else, as in many images
        for name in ("sh", "readlink"):
            os.symlink(shutil.which("busybox"), os.path.join(box.bin, name))
        yield [os.path.join(box.bin, "sh"), box.path("links", "deeper", "again")], None, {"PATH": box.bin}
    yield [os.path.join(root, "bin", "python"), script], None, {}


@pytest.mark.parametrize("name", NAMES)
def test_scripts_start_by_any_path(box, made, newest, name):
    env = made("cvenv", newest)
    root = unpacked(box, packed(box, env.root, "packed"), name)
    runner.wipe(env.root)
    for argv, cwd, variables in ways(box, root):
        told = box.run(argv, cwd=cwd, env=variables).ok()
        head, _, prefix = told.out.partition(" in ")
        for one in prefix.rstrip("\n").split("\ndemo 1.0 in "):
            assert (argv, head, os.path.realpath(one)) == (argv, "demo 1.0", root)
    assert not [n for n in os.listdir(box.work) if n.startswith("CANARY")]


def state(root):
    """Of all files, with times: what a program that writes there would change."""
    found = {}
    for top, names, files in os.walk(root):
        for one in [top, *(os.path.join(top, n) for n in names + files)]:
            st = os.lstat(one)
            found[one] = (st.st_mode, st.st_size, st.st_mtime_ns, st.st_ino)
    return found


def test_read_only_and_by_another_user(user_box):
    """As a function's service, or an image, has it. Bytecode is used although nobody can write any."""
    box, python, ordinary = user_box
    env = makers.Makers(box)("cvenv", python)
    box.run([env.python, "-m", "compileall", "-q", os.path.join(env.site, "demo")], env=BYTECODE).ok()
    archives = [packed(box, env.root, name) for name in ("packed", "env.tar.gz", "env.zip")]
    runner.wipe(env.root)
    for archive in archives:
        root = unpacked(box, archive, "read only " + os.path.basename(archive))
        for top, names, files in os.walk(root):
            for one in [top, *(os.path.join(top, n) for n in files)]:
                if not os.path.islink(one):
                    assert os.lstat(one).st_uid == os.geteuid()  # not that of the archive's maker
                    os.chmod(one, os.lstat(one).st_mode & ~0o222)
        before = state(root)
        told = box.run([*ordinary, os.path.join(root, "bin", "python"), "-v", "-c", "import demo"], env=BYTECODE).ok()
        source = os.path.join(root, os.path.relpath(env.site, env.root), "demo", "__init__.py")
        assert " matches %s\n" % source in told.err
        told = box.run([*ordinary, os.path.join(root, "bin", "demo")], env=BYTECODE).ok()
        assert told.out == "demo 1.0 in %s\n" % root
        assert state(root) == before


def test_same_bytes_for_links_holes_and_order(box, made, newest):
    """Hard links and sparse files are the files that they look like, in any order of creation."""
    env = made("cvenv", newest)
    one = os.path.join(env.site, "demo", "__init__.py")
    os.link(one, os.path.join(env.site, "linked.py"))
    with open(os.path.join(env.root, "hole"), "wb") as file:
        file.truncate(HOLE)
    for n in range(20):
        runner.write(env.root, "many", "n%d" % n, text="x")
    other = box.path("deeper", "env")
    shutil.copytree(env.root, other, symlinks=True)
    runner.wipe(os.path.join(other, "many"))
    for n in reversed(range(20)):
        runner.write(other, "many", "n%d" % n, text="x")
    runner.write(other, "hole", text="\0" * HOLE)
    for name in ("tar.zst", "zip"):
        first, second = packed(box, env.root, "one." + name), packed(box, other, "two." + name)
        assert trees.digest(first) == trees.digest(second)
        assert trees.digest(first) == trees.digest(packed(box, env.root, "one." + name))
    with zipfile.ZipFile(box.path("one.zip")) as file:
        assert file.getinfo("hole").file_size == HOLE
        assert {i.external_attr >> 16 & 0o170000 for i in file.infolist() if "link" in i.filename} == {stat.S_IFREG}


def test_same_bytes_for_another_user(user_box):
    box, newest, ordinary = user_box
    if not ordinary:
        pytest.skip("there is no other user")
    env = makers.Makers(box)("cvenv", newest)
    first = packed(box, env.root, "one.tar.gz")
    theirs = box.path("theirs")
    os.mkdir(theirs)
    os.chmod(theirs, 0o777)
    second = os.path.join(theirs, "two.tar.gz")
    variables = {"HOME": "/nonexistent", "LANG": "C", "TZ": "America/St_Johns"}
    box.run([*ordinary, box.command, "-q", "--pack", "-o", second, env.root], env=variables, umask=0o077).ok()
    assert trees.digest(first) == trees.digest(second)


def test_names_that_are_not_utf8(box, made, newest):
    env = made("cvenv", newest)
    names = [b"lib/\xff", b"lib/" + b"\xfe" * 120, b"lib/a\\b", b"lib/ x ", b"lib/-n", b"lib/c:d"]
    names.append(b"lib/\xc3\xa4" + b"y" * 200)
    for name in names:
        runner.write(os.fsencode(env.root), name, text="x")
    os.symlink(b"\xff" * 130, os.path.join(os.fsencode(env.root), b"lib/to"))
    archive = packed(box, env.root, "env.tar")
    with tarfile.open(archive) as file:
        assert {os.fsencode(m.name) for m in file} >= set(names)
        assert os.fsencode(file.getmember("lib/to").linkname) == b"\xff" * 130
    for reader in ("tar", "bsdtar"):
        if shutil.which(reader):
            os.mkdir(box.path(reader))
            box.run([reader, "-xf", archive, "-C", box.path(reader)], env={"LC_ALL": "C.UTF-8"}).ok()
            to = os.fsencode(box.path(reader))
            assert [n for n in names if not os.path.exists(os.path.join(to, n))] == []
            assert os.readlink(os.path.join(to, b"lib/to")) == b"\xff" * 130


@pytest.mark.nightly
def test_large_file(box, made, newest):
    """Beyond the field of ustar."""
    size = 9 << 30
    env = made("cvenv", newest, packages=[])
    with open(os.path.join(env.root, "large"), "wb") as file:
        file.truncate(size - 1)
        file.seek(size - 1)
        file.write(b"x")
    archive = packed(box, env.root, "large.tar.zst", timeout=900)
    if not shutil.which("zstd"):
        pytest.skip("no zstd")
    listed = subprocess.run(["tar", "-tvf", archive], capture_output=True, text=True, check=True).stdout
    assert [line.split()[2] for line in listed.splitlines() if line.endswith(" large")] == [str(size)]
    assert [line for line in listed.splitlines() if line.endswith(" pyvenv.cfg")]
