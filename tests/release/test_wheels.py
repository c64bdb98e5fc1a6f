# SPDX-License-Identifier: MIT
"""The wheels and the source distribution: their content and their tags, and that pip, pipx and uv
install the right one from an index that has them all.
"""

import ast
import base64
import calendar
import filecmp
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

import interpreters
import runner
import session
import web
import wine

TOOLS = os.path.join(runner.REPOSITORY, "tools", "release")
LINUX = "cvenv-{version}-py3-none-manylinux*_x86_64.whl"
EXTENSION = "cvenv-{version}-cp38-abi3-manylinux*_x86_64.whl"
WINDOWS = "cvenv-{version}-py3-none-win_amd64.whl"
SDIST = "cvenv-{version}.tar.gz"
MAGIC = {"linux": b"\x7fELF", "macosx": b"\xcf\xfa\xed\xfe", "win": b"MZ"}


@pytest.fixture(scope="session")
def wheels(dist):
    found = sorted(glob.glob(os.path.join(dist, "*.whl")))
    if not found:
        pytest.skip("the release has no wheels")
    return found


@pytest.fixture(scope="session")
def binary():
    sys.path.insert(0, TOOLS)
    import binary as module

    return module


def run(*argv, **more):
    """The output of a program that succeeds."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, **more)
    assert done.returncode == 0, (argv, done.stdout, done.stderr)
    return done.stdout


# --- content -----------------------------------------------------------------------------------


def test_content(wheels):
    """RECORD, tags and modes are right; nothing is in it but the package, the command and metadata."""
    for path in wheels:
        name = os.path.basename(path)
        project, version, python, abi, platforms = name[:-len(".whl")].split("-")
        info = "%s-%s.dist-info/" % (project, version)
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            files = {member.filename: archive.read(member) for member in infos}
        names = list(files)
        assert names[-1] == info + "RECORD" and len(names) == len(infos)
        assert names == sorted(names, key=lambda n: (n.startswith(info), n == names[-1], n))
        assert len({member.date_time for member in infos}) == 1
        rows = [line.rsplit(",", 2) for line in files[info + "RECORD"].decode().splitlines()]
        assert sorted(row[0] for row in rows) == sorted(names)
        for member, digest, size in rows[:-1]:
            wanted = base64.urlsafe_b64encode(hashlib.sha256(files[member]).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == ("sha256=" + wanted, len(files[member])), member
        tags = {"%s-%s-%s" % (python, abi, platform) for platform in platforms.split(".")}
        assert set(re.findall(r"(?m)^Tag: (\S+)$", files[info + "WHEEL"].decode())) == tags
        command, = [member for member in infos if ".data/scripts/" in member.filename]
        assert command.external_attr >> 16 == 0o100755
        kind = re.match(r"(?:many|musl)?([a-z]+)", platforms)[1]
        assert files[command.filename].startswith(MAGIC[kind]), name
        extension = [n for n in names if re.fullmatch(r"cvenv/_native\.(abi3\.so|pyd)", n)]
        assert len(extension) == (abi == "abi3")
        assert "cvenv/scripts/%s" % ("nt/activate.bat" if kind == "win" else "common/activate.csh") in names
        others = [n for n in names if not n.startswith(("cvenv/", info)) and n != command.filename]
        assert not others and info + "licenses/LICENSE" in names


def test_same_package_in_each_wheel(wheels):
    """What is Python in it depends on the system only in the activation scripts."""
    texts = {}
    for path in wheels:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith((".py", ".pyi", "METADATA", "entry_points.txt")) and "/scripts/" not in name:
                    texts.setdefault(name, {})[archive.read(name)] = os.path.basename(path)
    assert "cvenv/_command.py" in texts
    assert all(len(versions) == 1 for versions in texts.values()), texts


def test_reproducible(artefact, room):
    """The same command gives the same wheel, byte for byte."""
    path = artefact(LINUX)
    with zipfile.ZipFile(path) as archive:
        command, = [n for n in archive.namelist() if ".data/scripts/" in n]
        seconds = calendar.timegm(archive.getinfo(command).date_time)
        with open(room.path("command"), "wb") as file:
            file.write(archive.read(command))
    env = dict(os.environ, SOURCE_DATE_EPOCH=str(seconds))
    script = os.path.join(TOOLS, "wheel.py")
    arguments = ["--target", "x86_64-linux-musl", "--command", room.path("command")]
    run(sys.executable, script, "--dist", room.work, *arguments, env=env)
    assert filecmp.cmp(room.path(os.path.basename(path)), path, shallow=False)


def test_sdist(artefact, version):
    """What git has, and PKG-INFO, in one directory."""
    with tarfile.open(artefact(SDIST)) as archive:
        members = [member for member in archive if not member.isdir()]
        info = archive.extractfile("cvenv-%s/PKG-INFO" % version).read().decode()
    assert all(member.isfile() and member.uid == 0 for member in members)
    assert {member.name.split("/")[0] for member in members} == {"cvenv-" + version}
    assert "\nName: cvenv\nVersion: %s\n" % version in info
    names = {member.name.partition("/")[2]: member.mode for member in members}
    assert names["dev"] == 0o755 and names["meson.build"] == 0o644
    assert "subprojects/nettle.wrap" in names and "python/backend.py" in names
    if not os.path.exists(os.path.join(runner.REPOSITORY, ".git")):
        pytest.skip("the tree is no clone of git")
    listed = run("git", "-C", runner.REPOSITORY, "ls-files").splitlines()
    assert sorted(names) == sorted([*listed, "PKG-INFO"])


# --- tags --------------------------------------------------------------------------------------


def test_twine_accepts(wheels, artefact, tool):
    said = run(tool("twine"), "check", "--strict", *wheels, artefact(SDIST))
    assert said.count("PASSED") == len(wheels) + 1


def test_auditwheel_agrees(wheels, tool):
    """The tag is one that the symbols of the files allow."""
    auditwheel = tool("auditwheel")
    linux = [path for path in wheels if "linux" in os.path.basename(path)]
    for path in linux:
        said = run(auditwheel, "show", path).replace("\n", " ")
        allowed = re.search(r'platform tag: +"manylinux_2_(\d+)_(\w+)"', said)
        ours = re.search(r"manylinux_2_(\d+)_(\w+?)\.", os.path.basename(path))
        assert int(allowed[1]) <= int(ours[1]) and allowed[2] == ours[2], said
    assert linux


def test_abi3audit_agrees(artefact, tool):
    said = run(tool("abi3audit"), "--strict", "--report", artefact(EXTENSION))
    assert '"is_abi3": true' in json.dumps(json.loads(said))


def test_reader_of_elf_agrees_with_readelf(binary):
    readelf = shutil.which("readelf")
    if not readelf:
        pytest.skip("no readelf")
    for path in (sys.executable, "/bin/sh", "/usr/bin/git"):
        path = os.path.realpath(path)
        with open(path, "rb") as file:
            data = file.read()
        if not data.startswith(b"\x7fELF"):
            continue
        ours = binary.elf(data)
        said = run(readelf, "-dVW", path)
        assert ours.needs == re.findall(r"\(NEEDED\).*\[(.*)\]", said)
        versions = sorted(name for names in ours.versions.values() for name in names)
        assert versions == sorted(re.findall(r"^ .*Name: (\S+)  Flags", said, re.M)), path


@pytest.mark.parametrize("cut", [4, 20, 64, 200, 0.5, 0.999])
def test_corrupt_files_are_errors(binary, cut):
    with open(os.path.realpath(sys.executable), "rb") as file:
        data = file.read()
    try:
        binary.elf(data[:int(len(data) * cut) if cut < 1 else cut])
    except binary.Unknown:
        return
    assert cut == 0.999  # the end may be nothing that matters


def test_wrong_files_are_refused(room):
    """A command that is not static, and files for another system than the target's."""
    for target, path, why in (
        ("x86_64-linux-musl", os.path.realpath("/bin/sh"), "is not static"),
        ("x86_64-windows", "/bin/sh", "no program for Windows"),
        ("aarch64-macos", "/bin/sh", "no Mach-O file"),
        ("x86_64-linux-musl", __file__, "no ELF file"),
    ):
        done = subprocess.run(
            [sys.executable, os.path.join(TOOLS, "wheel.py"), "--dist", room.work, "--target", target, "--command", path],
            capture_output=True, text=True)
        assert done.returncode == 1 and why in done.stderr, done
    assert not os.listdir(room.work)


# --- installed ---------------------------------------------------------------------------------


class Index:
    """An index of packages on this machine: a directory of files, and the URL of an index (PEP 503)."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url


def add_project(folder, project, paths):
    os.makedirs(os.path.join(folder, "files"), exist_ok=True)
    links = ""
    for path in paths:
        shutil.copy(path, os.path.join(folder, "files"))
        links += '<a href="../../files/%s">%s</a>\n' % ((os.path.basename(path),) * 2)
    runner.write(folder, "simple", project, "index.html", text="<!DOCTYPE html><title>x</title>\n" + links)


@pytest.fixture(scope="session")
def index(wheels, artefact):
    """With every wheel of cvenv, and the source distribution."""
    folder = session.place("index")
    page = os.path.join(folder, "simple", "cvenv", "index.html")
    with session.locked("index"):
        if not os.path.exists(page):
            add_project(folder, "cvenv", [*wheels, artefact(SDIST)])
    with web.serving(folder) as url:
        yield Index(os.path.join(folder, "files"), url + "/simple/")


def environment(room, py):
    """The path of the programs of a new environment with pip, which the system's own tool makes."""
    env_dir = room.path("env")
    run(runner.command_path(), "-q", "--clear", "-p", py.path, env_dir, env=room.environ())
    return os.path.join(env_dir, "bin")


def files_below(folder):
    return sorted(
        os.path.join(top, name)
        for top, folders, names in os.walk(folder)
        for name in names + folders
        if "__pycache__" not in os.path.join(top, name)
    )


USED = """
import cvenv, json
class Stepped(cvenv.EnvBuilder):
    def post_setup(self, context):
        pass
cvenv.create("one", symlinks=True)
Stepped(symlinks=True, with_pip=True).create("two")
print(json.dumps([cvenv.__version__, cvenv._native.__name__]))
"""


def install_and_use(room, py, version, arguments):
    """Returns whether the extension was installed."""
    programs = environment(room, py)
    before = files_below(room.path("env"))
    pip = [os.path.join(programs, "python"), "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "install", "-q", *arguments, "cvenv", env=room.environ())
    said = json.loads(run(os.path.join(programs, "python"), "-c", USED, cwd=room.work, env=room.environ()))
    assert said[0] == version
    run(os.path.join(programs, "cvenv"), "--without-pip", "three", cwd=room.work, env=room.environ())
    run(os.path.join(programs, "python"), "-m", "cvenv", "--without-pip", "four", cwd=room.work, env=room.environ())
    assert runner.environments(room.work) == {"env", "one", "two", "three", "four"}
    run(room.path("two", "bin", "pip"), "--version", env=room.environ())
    run(*pip, "check", env=room.environ())
    run(*pip, "uninstall", "-q", "-y", "cvenv", env=room.environ())
    assert files_below(room.path("env")) == before
    return said[1] == "cvenv._native"


def test_pip_installs_the_extension(few_py, room, index, artefact, version):
    artefact(EXTENSION)
    arguments = ["--no-index", "--find-links", index.folder, "--only-binary", ":all:"]
    assert install_and_use(room, few_py, version, arguments)


def test_pip_installs_without_extension(some_py, room, artefact, version):
    """Where an index has no other wheel, as for musl."""
    folder = room.root + "/links"
    os.mkdir(folder)
    shutil.copy(artefact(LINUX), folder)
    assert not install_and_use(room, some_py, version, ["--no-index", "--find-links", folder])


def test_pip_installs_on_pypy(room, index, version):
    found = [p for p in interpreters.load(session.found()["found"]) if not p.is_cpython]
    if not found:
        pytest.skip("no PyPy")
    assert not install_and_use(room, found[-1], version, ["--index-url", index.url, "--only-binary", ":all:"])


def test_places_of_pip(newest, room, index, version):
    """--target, --prefix and --user: the package finds its command in each."""
    if subprocess.run([newest.path, "-m", "pip", "--version"], stdout=subprocess.DEVNULL).returncode:
        pytest.skip("%s has no pip" % newest.path)
    site = "lib/python%s/site-packages" % newest.x_y
    pip = [newest.path, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-index", "--find-links",
           os.path.join(room.root, "links"), "--ignore-installed", "--root-user-action=ignore"]
    os.mkdir(os.path.join(room.root, "links"))
    for path in glob.glob(os.path.join(index.folder, "*py3-none*")):
        shutil.copy(path, os.path.join(room.root, "links"))
    for arguments, path, command in (
        (["--target", room.path("t")], room.path("t"), room.path("t", "bin", "cvenv")),
        (["--prefix", room.path("p")], room.path("p", *site.split("/")), room.path("p", "bin", "cvenv")),
        (["--user", "--break-system-packages"], None, os.path.join(room.home, ".local", "bin", "cvenv")),
    ):
        env = room.environ()
        if "--break-system-packages" in arguments and newest.minor < (3, 12):
            arguments = ["--user"]
        run(*pip, *arguments, "cvenv", env=env)
        if path:
            env["PYTHONPATH"] = path
        code = "import cvenv, json; cvenv.create('e'); print(json.dumps(next(cvenv._command.commands())))"
        said = json.loads(run(newest.path, "-c", code, env=env, cwd=room.work))
        assert said == command
        runner.wipe(room.path("e"))


def test_uvx(room, index, newest, tool):
    env = room.environ()
    env.update(UV_PYTHON=newest.path, UV_CACHE_DIR=room.path("uv"), UV_NO_CONFIG="1")
    uvx = os.path.join(os.path.dirname(tool("uv")), "uvx")
    run(uvx, "--default-index", index.url, "cvenv", "--without-pip", ".venv", env=env, cwd=room.work)
    assert ".venv" in runner.environments(room.work)


def test_pipx_run(room, index, newest, tool):
    pipx = tool("pipx")
    # pipx installs a new pip for itself first, from the same index.
    pip = [newest.path, "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run([*pip, "download", "-q", "--no-deps", "-d", room.path("pip"), "pip"]).returncode:
        pytest.skip("cannot fetch the pip that pipx needs")
    add_project(os.path.dirname(index.folder), "pip", glob.glob(room.path("pip", "*")))
    env = room.environ()
    env.update(PIPX_HOME=room.path("pipx"), PIP_INDEX_URL=index.url, PIPX_DEFAULT_PYTHON=newest.path)
    run(pipx, "run", "cvenv", "--without-pip", ".venv", env=env, cwd=room.work)
    assert ".venv" in runner.environments(room.work)


@pytest.mark.nightly
def test_sdist_builds(py, room, artefact, version):
    """On every Python, with an environment of pip's own making."""
    assert install_and_use(room, py, version, [artefact(SDIST)])


# --- Windows -----------------------------------------------------------------------------------


def test_windows(windows, artefact):
    """The wheel without the extension: EnvBuilder, in one call and in steps, calls cvenv.exe."""
    wheel = wine.windows_path(artefact(WINDOWS))
    py = windows.pythons[-1]
    windows.run(py.path, "-m", "venv", "env").ok()
    python = windows.path("env", "Scripts", "python.exe")
    windows.run(python, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-index", wheel).ok()
    said = windows.run(python, "-c", USED.replace("symlinks=True, ", "").replace("symlinks=True", "")).ok()
    version, native = ast.literal_eval(said.out.strip().splitlines()[-1])
    assert native == "cvenv._command" and version
    for env in "one", "two":
        path = windows.path(env, "Scripts", "python.exe")
        assert windows.run(path, "-c", "import sys; print(sys.prefix)").ok().out.strip() == windows.name(env)
    windows.run(python, "-m", "cvenv", "--without-pip", "a b").ok()
    assert os.path.exists(windows.path("a b", "pyvenv.cfg"))
