# SPDX-License-Identifier: MIT
"""packaging/install.sh in real shells, with small releases that contain the real command."""

import functools
import hashlib
import io
import os
import platform
import shutil
import signal
import subprocess
import tarfile

import pytest

import runner
import session
import web

SCRIPT = os.path.join(runner.REPOSITORY, "packaging", "install.sh")
TIME_LIMIT = 60
CPU = {"armv7l": "armv7", "i386": "i686"}.get(platform.machine(), platform.machine())
TARGET = CPU + "-linux-musl"
SHELLS = [name.split() for name in (
    "dash", "bash", "bash --posix", "busybox sh", "zsh", "ksh", "mksh", "yash")]
TOOLS = ("cat chmod cp find grep gzip id mkdir mktemp mv rm rmdir sed sort tar tr uname "
         "sha256sum curl").split()
FAKE = b"#!/bin/sh\necho cvenv 1\n"


class Release:
    """A directory with archives and SHA256SUMS."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        runner.write(folder, "SHA256SUMS")

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, version="1.0", command=FAKE, target=TARGET, **members):
        """Members by their names, with "__" for "/" and "_" for "."."""
        top = "cvenv-%s-%s" % (version, target)
        contents = {"bin/cvenv": (command, 0o755), "share/man/man1/cvenv.1": (version.encode(), 0o644),
                    "share/doc/cvenv/only-%s.md" % version: (b"", 0o644)}
        contents.update((name.replace("__", "/").replace("_", "."), data) for name, data in members.items())
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            for name, member in contents.items():
                info = tarfile.TarInfo("%s/%s" % (top, name))
                if isinstance(member, str):
                    info.type, info.linkname, data = tarfile.SYMTYPE, member, b""
                else:
                    data, info.mode = member
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        self.put(top + ".tar.gz", out.getvalue())
        return self

    def put(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        with open(self.path("SHA256SUMS"), "a") as file:
            file.write("%s  %s\n" % (hashlib.sha256(data).hexdigest(), name))


class Room:
    """A user's HOME, and a PATH with few programs."""

    def __init__(self, root):
        self.root = root
        self.path = functools.partial(os.path.join, root)
        os.makedirs(self.path("home"))
        self.release = Release(self.path("dist"))
        self.prefix = self.path("prefix")
        self.env = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"), "TMPDIR": self.path("tmp")}
        os.makedirs(self.env["TMPDIR"], 0o777)
        os.chmod(self.env["TMPDIR"], 0o1777)

    def tools(self, names=TOOLS, **fakes):
        """PATH has these programs, and scripts with these texts instead."""
        folder = self.path("tools")
        runner.wipe(folder)
        os.makedirs(folder)
        for name in set(names) - set(fakes):  # a fake must not be written through a link
            program = shutil.which(name)
            if not program:
                pytest.skip("no program " + name)
            os.symlink(os.path.realpath(program), os.path.join(folder, name))
        for name, text in fakes.items():
            runner.write(folder, name, text="#!/bin/sh\n" + text, mode=0o755)
        self.env["PATH"] = folder

    def run(self, *args, shell=("sh",), script=SCRIPT, before=(), stdin=None, cwd=None):
        argv = [*before, shutil.which(shell[0]), *shell[1:], *([script] if script else []), *args]
        said = subprocess.run(argv, env=self.env, cwd=cwd or self.root, timeout=TIME_LIMIT,
                              input=stdin or b"", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert os.listdir(self.env["TMPDIR"]) == []
        return runner.Result(argv, said.returncode, said.stdout.decode(), said.stderr.decode())

    def install(self, *args, place=None, **more):
        return self.run("--prefix", self.prefix, "--from", place or self.release.folder, *args, **more)

    def tree(self, top=None):
        """{name: contents}"""
        top = top or self.prefix
        return {os.path.relpath(os.path.join(folder, name), top): runner.read(folder, name)
                for folder, _, names in os.walk(top) for name in names}


@pytest.fixture
def room():
    root = session.new_room()
    yield Room(root)
    session.leave_room(root)


@pytest.fixture(scope="session")
def command(artefact):
    """The command for this machine."""
    with tarfile.open(artefact("cvenv-{version}-%s.tar.gz" % TARGET)) as archive:
        return archive.extractfile(next(m for m in archive if m.name.endswith("/bin/cvenv"))).read()


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request):
    if not shutil.which(request.param[0]):
        pytest.skip("no %s on this machine" % request.param[0])
    return request.param


def failed(result, *words):
    """One line says why."""
    assert result.rc == 1 and result.out == "", result
    line = result.err.splitlines()[-1]
    assert line.startswith("install.sh: error: ") and all(word in line for word in words), result
    return result


def test_install_upgrade_uninstall(room, shell, command):
    """In each shell, with the real command. Other files of the prefix remain."""
    runner.write(room.prefix, "bin", "other", text="other")
    runner.write(room.prefix, "share", "man", "man1", "other.1", text="other")
    others = room.tree()
    room.release.add("1.0", command).add("1.1", command)
    said = room.install("--version", "1.0", shell=shell).ok()
    assert said.out.startswith("installed cvenv 1.0 as '%s/bin/cvenv'\n" % room.prefix)
    assert "is not on PATH" in said.out and said.err == ""
    assert os.stat(room.path("prefix", "bin", "cvenv")).st_mode & 0o777 == 0o755
    assert subprocess.run([room.path("prefix", "bin", "cvenv"), "--version"]).returncode == 0
    assert room.tree()["share/man/man1/cvenv.1"] == "1.0"
    room.install("--version=1.1", "-q", shell=shell).quiet()
    assert {name for name in room.tree() if name not in others} == {
        "bin/cvenv", "share/cvenv/installed", "share/doc/cvenv/only-1.1.md", "share/man/man1/cvenv.1"}
    said = room.run("--prefix", room.prefix, "--uninstall", shell=shell).ok()
    assert said.out == "deleted cvenv below '%s'\n" % room.prefix
    assert room.tree() == others and sorted(os.listdir(room.path("prefix", "share"))) == ["man"]
    failed(room.run("--prefix", room.prefix, "--uninstall", shell=shell), "installed nothing below")


def test_real_release(room, dist, artefact, version):
    """As its users do: the release's own script, which knows the version."""
    artefact("cvenv-{version}-%s.tar.gz" % TARGET)
    room.run("--prefix", room.prefix, "--from", dist, script=artefact("install.sh")).ok()
    said = subprocess.run([room.path("prefix", "bin", "cvenv"), "--version"], stdout=subprocess.PIPE)
    assert version in said.stdout.decode()


def test_names(room, shell):
    name = "-x \"it's\" $(touch CANARY)`touch CANARY`;a\\b* \n"
    room.release.add()
    os.rename(room.release.folder, room.path("from " + name))
    room.run("--prefix", name, "--from", "from " + name, shell=shell).ok()
    assert os.path.isfile(room.path(name, "bin", "cvenv"))
    room.run("--prefix=" + name, "--uninstall", shell=shell).ok()
    assert room.tree(room.path(name)) == {} and not os.path.exists(room.path("CANARY"))


@pytest.mark.parametrize("client", ["curl", "wget", "busybox"])
def test_from_http(room, client):
    """With one of these alone; in busybox, all other programs are its own."""
    room.release.add()
    if client == "busybox":
        names = [name for name in TOOLS if name != "curl"] + ["wget"]
        room.tools([])
        for name in names:
            os.symlink(shutil.which("busybox") or pytest.skip("no busybox"), room.path("tools", name))
    else:
        room.tools([name for name in TOOLS if name != "curl"] + [client])
    shell = ("busybox", "sh") if client == "busybox" else ("sh",)
    with web.serving(room.root) as url:
        failed(room.install(place=url + "/nothing", shell=shell),
               "cannot download '%s/nothing/SHA256SUMS'" % url)
        room.install(place=url + "/dist/", shell=shell).ok()
        assert room.tree()["bin/cvenv"] == FAKE.decode()
        os.unlink(room.release.path("cvenv-1.0-%s.tar.gz" % TARGET))
        failed(room.install(place=url + "/dist", shell=shell), "cannot download", ".tar.gz")


def test_from_file_url(room):
    room.release.add()
    room.install(place="file://" + room.release.folder).ok()
    failed(room.install(place="ftp://host/x"), "unsupported address 'ftp://host/x'")


def filled(room, **values):
    """The script of a release."""
    text = runner.read(SCRIPT)
    for name, value in values.items():
        assert text.count("\n%s=''\n" % name) == 1
        text = text.replace("\n%s=''\n" % name, "\n%s='%s'\n" % (name, value))
    path = room.path("install.sh")
    runner.write(path, text=text)
    return path


def test_address_and_version_of_a_release(room):
    failed(room.run("--prefix", room.prefix), "contains no address: use --from")
    room.release.add("1.0").add("1.1")
    failed(room.install(), "several archives for %s: use --version" % TARGET)
    script = filled(room, url="file://" + room.release.folder, version="1.1")
    room.run("--prefix", room.prefix, script=script).ok()
    assert room.tree()["share/man/man1/cvenv.1"] == "1.1"
    session.needs_download()
    with web.serving(room.root) as url:
        os.rename(room.release.folder, room.path("v1.0"))
        script = filled(room, url=url + "/v{version}")
        failed(room.run("--prefix", room.prefix, script=script), "needs a version")
        room.run("--prefix", room.prefix, "--version", "1.0", script=script).ok()
    assert room.tree()["share/man/man1/cvenv.1"] == "1.0"
    failed(room.run("--version", "../1", script=script), "invalid version '../1'")


def wrong_sum(room):
    room.release.put("cvenv-2.0-%s.tar.gz" % TARGET, b"other")
    with open(room.release.path("cvenv-2.0-%s.tar.gz" % TARGET), "wb") as file:
        file.write(b"changed")
    return "wrong SHA-256 of 'cvenv-2.0-%s.tar.gz'" % TARGET


def truncated(room):
    path = room.release.add("2.0").path("cvenv-2.0-%s.tar.gz" % TARGET)
    os.truncate(path, os.path.getsize(path) // 2)
    return "wrong SHA-256 of"


def truncated_before_its_sum(room):
    path = room.release.add("3.0").path("cvenv-3.0-%s.tar.gz" % TARGET)
    with open(path, "rb") as file:
        room.release.put("cvenv-2.0-%s.tar.gz" % TARGET, file.read()[:100])
    return "cannot unpack"


def no_archive(room):
    os.unlink(room.release.add("2.0").path("cvenv-2.0-%s.tar.gz" % TARGET))
    return "is missing"


def no_sums(room):
    os.unlink(room.release.path("SHA256SUMS"))
    return "SHA256SUMS' is missing"


def other_sums(room):
    runner.write(room.release.path("SHA256SUMS"), text="<html>\nnot found \\")
    return "there is no cvenv 2.0 for"


def corrupt_sums(room):
    runner.write(room.release.path("SHA256SUMS"), text="123  cvenv-2.0-%s.tar.gz\n" % TARGET)
    return "is corrupt"


def fifo(room):
    os.unlink(room.release.path("SHA256SUMS"))
    os.mkfifo(room.release.path("SHA256SUMS"))
    return "SHA256SUMS' is missing"


def without_sum_programs(room):
    room.release.add("2.0")
    room.tools([name for name in TOOLS if name != "sha256sum"])
    return "cannot check the archive: install sha256sum, shasum or openssl"


def broken_sum_program(room):
    room.release.add("2.0")
    room.tools(sha256sum="exit 0")
    return "cannot compute the SHA-256"


def command_that_fails(room):
    room.release.add("2.0", b"#!/bin/sh\nexit 1\n")
    return "does not run here; nothing was installed"


def link(room):
    room.release.add("2.0", share__link="/etc/passwd")
    return "contains links or devices"


def name_above(room):
    room.release.add("2.0", **{"share____________x": (b"", 0o644), "..__..__x": (b"", 0o644)})
    return "contains an invalid name"


def other_directory(room):
    room.release.add("2.0", etc__passwd=(b"", 0o644))
    return "unexpected file 'etc/passwd'"


def directory_in_its_place(room):
    room.release.add("2.0", share__taken=(b"", 0o644))
    os.makedirs(room.path("prefix", "share", "taken"))
    return "taken' is a directory"


@pytest.mark.parametrize("spoil", [
    wrong_sum, truncated, truncated_before_its_sum, no_archive, no_sums, other_sums, corrupt_sums, fifo,
    without_sum_programs, broken_sum_program, command_that_fails, link, name_above, other_directory,
    directory_in_its_place], ids=lambda spoil: spoil.__name__)
def test_failure_changes_nothing(room, spoil):
    room.release.add("1.0")
    room.install().ok()
    words = spoil(room)
    before = room.tree()
    failed(room.install("--version", "2.0"), words)
    assert room.tree() == before


def test_nothing_to_download_with(room):
    room.release.add()
    room.tools([name for name in TOOLS if name != "curl"])
    failed(room.install(place="http://127.0.0.1:9"), "neither curl nor wget is installed", "--from DIRECTORY")
    room.install().ok()


@pytest.mark.parametrize("program", ["shasum", "openssl"])
def test_other_sum_programs(room, program):
    room.release.add()
    room.tools([name for name in TOOLS if name != "sha256sum"] + [program, "env", "perl"])
    room.install().ok()
    words = wrong_sum(room)
    failed(room.install("--version", "2.0"), words)


@pytest.mark.parametrize("system, machine, target", [
    ("Linux", "x86_64", "x86_64-linux-musl"), ("Linux", "aarch64", "aarch64-linux-musl"),
    ("Linux", "armv7l", "armv7-linux-musl"), ("Linux", "i686", "i686-linux-musl"),
    ("Linux", "riscv64", "riscv64-linux-musl"), ("Linux", "s390x", "s390x-linux-musl"),
    ("Darwin", "arm64", "aarch64-macos"), ("Darwin", "x86_64", "x86_64-macos"),
    ("FreeBSD", "amd64", "x86_64-freebsd"), ("Darwin", "translated", "aarch64-macos")])
def test_system_and_processor(room, system, machine, target):
    uname = "case $1 in -s) echo %s ;; *) echo %s ;; esac" % (system, machine.replace("translated", "x86_64"))
    room.tools(uname=uname, sysctl="[ %s = translated ] && echo 1" % machine)
    room.release.add()
    if target != TARGET:
        failed(room.install(), "there is no cvenv for %s in" % target)
    room.release.add("1.0", target=target) if target != TARGET else None
    room.install().ok()


@pytest.mark.parametrize("system, machine, words", [
    ("MINGW64_NT-10.0", "x86_64", "use install.ps1"), ("SunOS", "sun4v", "for the system 'SunOS'"),
    ("Linux", "a b", "for the processor 'a b'"), ("Linux", "mips", "there is no cvenv for mips-linux-musl")])
def test_unknown_system(room, system, machine, words):
    room.tools(uname="case $1 in -s) echo '%s' ;; *) echo '%s' ;; esac" % (system, machine))
    failed(room.release.add() and room.install(), words)


def test_ordinary_user(room, as_user):
    """HOME/.local is the default. What cannot be written is refused."""
    room.release.add()
    os.chmod(room.path("home"), 0o777)
    script = shutil.copy(SCRIPT, room.root)  # the clone may be unreadable for that user

    def install(*args):
        return room.run(*args, "--from", room.release.folder, before=as_user, script=script)

    said = install().ok()
    assert "installed cvenv 1.0 as '%s'" % room.path("home", ".local", "bin", "cvenv") in said.out
    os.makedirs(room.prefix)
    os.chmod(room.prefix, 0o555)
    failed(install("--prefix", room.prefix), "cannot create directory '%s/bin'" % room.prefix)
    os.chmod(room.prefix, 0o755)
    os.makedirs(room.path("prefix", "bin"))
    os.chmod(room.path("prefix", "bin"), 0o555)
    failed(install("--prefix", room.prefix), "cannot write to '%s/bin'" % room.prefix)
    del room.env["HOME"]
    failed(install(), "HOME is not set")


def test_running_command_is_replaced(room, command):
    """It waits for an interpreter meanwhile."""
    room.release.add("1.0", command).add("2.0")
    room.install("--version", "1.0").ok()
    runner.write(room.root, "slow", text="#!/bin/sh\n: >started\nsleep 60\n", mode=0o755)
    old = subprocess.Popen([room.path("prefix", "bin", "cvenv"), "-p", "./slow", "env"], cwd=room.root,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while old.poll() is None and not os.path.exists(room.path("started")):
        pass
    assert old.poll() is None
    room.install("--version", "2.0").ok()
    assert old.poll() is None and room.tree()["bin/cvenv"] == FAKE.decode()
    old.send_signal(signal.SIGTERM)
    old.wait()


def test_incomplete_script_does_nothing(room):
    """Wherever a download is cut: `id` and `mktemp` are not called."""
    room.release.add()
    record = ": >'%s'; exec /usr/bin/%s \"$@\""
    room.tools(id=": >'%s'; echo 1000" % room.path("ran"), mktemp=record % (room.path("ran"), "mktemp"))
    with open(filled(room, url="file://" + room.release.folder), "rb") as file:
        text = file.read()
    last = len(text.rstrip())
    for size in [*range(0, last - 60, 97), *range(last - 60, last)]:
        room.run("--", shell=("sh", "-s"), script=None, stdin=text[:size])
        assert not os.path.exists(room.path("ran")), text[:size][-80:]
    room.run(shell=("sh", "-s"), script=None, stdin=text).ok()
    assert os.path.exists(room.path("home", ".local", "bin", "cvenv"))


def test_dry_run(room):
    room.release.add()
    said = room.install("-n").ok()
    assert said.out == "would install cvenv 1.0 for %s from '%s' below '%s'\n" % (
        TARGET, room.release.folder, room.prefix)
    assert not os.path.exists(room.prefix)
    room.install().ok()
    before = room.tree()
    said = room.run("--prefix", room.prefix, "--uninstall", "--dry-run").ok()
    assert "would delete '%s/bin/cvenv'\n" % room.prefix in said.out
    assert room.tree() == before


def test_path_is_only_spoken_of(room):
    room.release.add()
    room.env["PATH"] += ":" + room.path("prefix", "bin")
    assert "note:" not in room.install().ok().out
    room.prefix += "//"
    assert "note:" not in room.install().ok().out
    runner.write(room.root, "first", "cvenv", text="#!/bin/sh\n", mode=0o755)
    room.env["PATH"] = room.path("first") + ":" + room.env["PATH"]
    assert "note: '%s/first/cvenv' is found first on PATH" % room.root in room.install().ok().out
    assert os.listdir(room.env["HOME"]) == []


def test_uninstall_trusts_no_list(room):
    room.release.add()
    room.install().ok()
    runner.write(room.root, "victim")
    with open(room.path("prefix", "share", "cvenv", "installed"), "a") as file:
        file.write("../victim\nbin/../../victim\n%s\n\nbin/..\n" % room.path("victim"))
    room.run("--prefix", room.prefix, "--uninstall").ok()
    assert os.path.exists(room.path("victim")) and room.tree() == {}


@pytest.mark.parametrize("args", [
    ["--unknown"], ["operand"], ["--prefix"], ["--prefix="], ["--from", ""], ["--quiet=yes"], ["-"]])
def test_usage(room, args):
    said = room.run(*args)
    assert said.rc == 2 and "Usage: install.sh [OPTION...]" in said.err and said.out == ""


def test_interrupted(room):
    """While a server does not answer."""
    room.tools(curl="kill -TERM $PPID; exit 1")
    said = room.install(place="http://127.0.0.1:9")
    assert said.rc == 143 and not os.path.exists(room.prefix)
