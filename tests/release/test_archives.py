# SPDX-License-Identifier: MIT
"""The archives: laid over a prefix, their command creates environments. Their content is complete,
harmless to unpack, and depends on nothing but the tree.
"""

import glob
import os
import posixpath
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import time
import zipfile

import pytest

import runner

LINUX = "cvenv-{version}-x86_64-linux-musl.tar.gz"
WINDOWS = "cvenv-{version}-x86_64-windows.zip"
UNPACKERS = {"tar": ["tar"], "busybox tar": ["busybox", "tar"], "unzip": ["unzip"]}


@pytest.fixture(scope="session")
def archives(dist, version):
    """Every archive of a target."""
    found = [path for path in glob.glob(os.path.join(dist, "cvenv-%s-*-*" % version))
             if path.endswith((".tar.gz", ".zip"))]
    if not found:
        pytest.skip("the release has no archives")
    return sorted(found)


def top_of(archive):
    return re.sub(r"\.(tar\.gz|zip)$", "", os.path.basename(archive))


def members(archive):
    """{name below the archive's directory: (mode, time, data or None)}"""
    found = {}
    if archive.endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            assert opened.testzip() is None
            for info in opened.infolist():
                data = None if info.is_dir() else opened.read(info)
                found[info.filename] = (info.external_attr >> 16, info.date_time, data)
    else:
        with tarfile.open(archive) as opened:
            for info in opened:
                assert info.isdir() or info.isreg(), info
                assert (info.uid, info.gid, info.uname, info.gname) == (0, 0, "root", "root"), info
                data = None if info.isdir() else opened.extractfile(info).read()
                kind = stat.S_IFDIR if info.isdir() else stat.S_IFREG
                found[info.name] = (kind | info.mode, info.mtime, data)
    top = top_of(archive)
    assert list(found) == sorted(found, key=lambda name: name.rstrip("/"))
    assert all(name.split("/")[0] == top for name in found), found.keys()
    return {name[len(top):].strip("/"): member for name, member in found.items()}


def unpack(room, archive, by):
    """The directory with the content of an archive."""
    program = UNPACKERS[by]
    if not shutil.which(program[0]):
        pytest.skip("no " + program[0])
    if by == "unzip":
        room.run([*program, "-q", archive]).quiet()
    else:
        room.run([*program, "-x", "-z", "-f", archive]).quiet()
    assert os.listdir(room.work) == [top_of(archive)]
    return room.path(top_of(archive))


def test_sums_are_those_of_all_files(dist):
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"],
                             cwd=dist, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    named = {line.split(": ")[0] for line in checked.stdout.splitlines()}
    there = {os.path.relpath(os.path.join(folder, name), dist)
             for folder, _, names in os.walk(dist) for name in names}
    assert named == there - {"SHA256SUMS"}


@pytest.mark.parametrize("by", ["tar", "busybox tar"])
def test_command_of_archive_creates_environment(room, artefact, few_py, by):
    prefix = unpack(room, artefact(LINUX), by)
    room.command = os.path.join(prefix, "bin", "cvenv")
    room.cvenv("--python", few_py.path, "env").ok()
    runner.env_works(room, few_py)
    room.run([room.path("env", "bin", "python"), "-m", "pip", "check"]).ok()


def test_archive_works_laid_over_a_prefix(room, artefact, newest, version):
    prefix = room.path("local")
    runner.write(prefix, "bin", "other", text="")
    room.run(["tar", "xzf", artefact(LINUX), "--strip-components=1", "-C", prefix]).quiet()
    assert os.path.exists(os.path.join(prefix, "bin", "other"))
    room.command = os.path.join(prefix, "bin", "cvenv")
    assert version in room.cvenv("--version").ok().out
    room.cvenv("--python", newest.path, "env").ok()


def test_command_of_zip_creates_environment(room, windows, artefact):
    if not windows.pythons:
        pytest.skip("no Python for Windows in the bench")
    prefix = unpack(room, artefact(WINDOWS), "unzip")
    windows.command = os.path.join(prefix, "cvenv.exe")
    windows.cvenv("--python", windows.pythons[-1].exe, windows.name("env")).ok()
    windows.python(windows.path("env"), "-m", "pip", "check").ok()


def test_archives_are_harmless_and_alike(archives):
    times = set()
    for archive in archives:
        for name, (mode, seconds, data) in members(archive).items():
            times.add(seconds)
            program = name in ("bin/cvenv", "cvenv.exe")
            wanted = stat.S_IFDIR | 0o755 if data is None else stat.S_IFREG | (0o755 if program else 0o644)
            assert mode == wanted, (archive, name, oct(mode))
    epochs = {t for t in times if isinstance(t, int)}
    assert len(epochs) <= 1, times
    for dos in times - epochs:  # of zip archives: two seconds are one
        assert not epochs or dos[:5] == time.gmtime(min(epochs))[:5]


def test_archives_have_no_name_and_time_of_their_own(archives):
    for archive in archives:
        if archive.endswith(".tar.gz"):
            with open(archive, "rb") as file:
                header = file.read(10)
            assert header[3] == 0 and header[4:8] == bytes(4), archive


def test_archives_have_all_documents_and_licences(archives, version):
    for archive in archives:
        content = members(archive)
        windows = archive.endswith(".zip")
        docs, licences = ("doc", "licenses") if windows else ("share/doc/cvenv", "share/licenses/cvenv")
        assert docs + "/README.md" in content, archive
        if not windows:
            page = content["share/man/man1/cvenv.1"][2]
            with open(os.path.join(runner.REPOSITORY, "doc", "cvenv.1"), "rb") as file:
                assert page == file.read()
        notice = content[licences + "/NOTICE"][2].decode()
        named = re.findall(r"^    ([a-z][\w-]+) (\S+) \(.+\)$", notice, re.M)
        assert ("cvenv", version) in named and len(named) >= 3, notice
        there = {name[len(licences) + 1:].split("/")[0] for name in content if name.startswith(licences + "/")}
        assert there == {name for name, _ in named} | {"NOTICE"}, archive
        # Who may relink with another nettle is told how.
        assert ("nettle" in there) == (not windows)
        assert ("./dev build --target" in notice) == (not windows)


# Documents link to these, and only the source has them.
ONLY_IN_SOURCE = ("include/", "tests/", "CONTRIBUTING.md", "action.yml")


def test_links_of_documents_lead_to_files_of_the_archive(archives):
    for archive in archives:
        content = members(archive)
        docs = "doc/" if archive.endswith(".zip") else "share/doc/cvenv/"
        pages = [name for name in content if name.startswith(docs) and name.endswith(".md")]
        assert docs + "doc/tools.md" in pages
        for page in pages:
            for link in re.findall(r"\]\(([^)#\s]+)", content[page][2].decode()):
                if "://" not in link:
                    file = posixpath.normpath(posixpath.join(posixpath.dirname(page), link))
                    assert file in content or file[len(docs):].startswith(ONLY_IN_SOURCE), (archive, page, link)


# {shell: (name below share/ in a .tar.gz, name in a .zip)}
COMPLETIONS = {
    "bash": ("bash-completion/completions/cvenv", "cvenv.bash"),
    "zsh": ("zsh/site-functions/_cvenv", "_cvenv"),
    "fish": ("fish/vendor_completions.d/cvenv.fish", "cvenv.fish"),
    "nushell": ("nushell/vendor/autoload/cvenv.nu", "cvenv.nu"),
    "powershell": ("powershell/cvenv.ps1", "cvenv.ps1"),
}


def test_completions_are_those_of_the_command(archives, room, artefact):
    """In every archive, also of commands that this machine cannot run."""
    prefix = unpack(room, artefact(LINUX), "tar")
    room.command = os.path.join(prefix, "bin", "cvenv")
    said = {shell: room.cvenv("--completions", shell).ok().out for shell in COMPLETIONS}
    for archive in archives:
        content = {name: data for name, (_, _, data) in members(archive).items()}
        for shell, (name, zipped) in COMPLETIONS.items():
            name = "completions/" + zipped if archive.endswith(".zip") else "share/" + name
            assert content[name].decode() == said[shell], (archive, shell)


def test_manual_page_is_readable(room, artefact):
    if not shutil.which("mandoc"):
        pytest.skip("no mandoc")
    prefix = unpack(room, artefact(LINUX), "tar")
    page = os.path.join(prefix, "share", "man", "man1", "cvenv.1")
    room.run(["mandoc", "-T", "lint", "-W", "warning", page]).quiet()
    assert "cvenv" in room.run(["mandoc", "-T", "utf8", page]).ok().out


def test_archive_does_not_depend_on_who_makes_it(room, artefact, version):
    """Another directory, umask, time zone and locale: the same bytes."""
    archive = artefact(LINUX)
    prefix = unpack(room, archive, "tar")
    with tarfile.open(archive) as opened:
        epoch = str(opened.next().mtime)
    script = os.path.join(runner.REPOSITORY, "tools", "release", "archive.py")
    env = {"SOURCE_DATE_EPOCH": epoch, "TZ": "Asia/Kolkata", "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"}
    made = room.run(
        [sys.executable, script, "--dist", room.work, "--target", "x86_64-linux-musl", "--command",
         os.path.join(prefix, "bin", "cvenv"), "--completions", os.path.join(prefix, "share")],
        env=env, umask=0o077)
    assert made.ok().out == ""
    with open(archive, "rb") as one, open(room.path(os.path.basename(archive)), "rb") as other:
        assert one.read() == other.read()
