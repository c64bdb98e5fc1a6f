# SPDX-License-Identifier: MIT
"""The packages, installed as their users do: in a minimal root of its own for each. Nightly, as root."""

import glob
import os
import shutil
import stat
import subprocess

import pytest

import runner
import session

pytestmark = pytest.mark.nightly

DEB = "cvenv_{version}_*.deb"
RPM = "cvenv-{version}-1*.rpm"
SOURCE = "cvenv-{version}.tar.gz"
STATIC = "cvenv-{version}-x86_64-linux-musl.tar.gz"
URL = "https://releases.invalid"
ROOTS = os.path.join(runner.REPOSITORY, "build", "releases")

# The functions of ./dev for roots.
DEV = r"""
set -eu
root=$1 build=$1/build log=$1/build/log
shift
say() { printf '%s\n' "$*" >&2; }
quietly() { mkdir -p "$log"; quiet_log=$log/$1.log; shift; "$@" >"$quiet_log" 2>&1 </dev/null; }
. "$root/tools/dev/packages.sh"
. "$root/tools/dev/releases.sh"
"$@"
"""
APT = "DEBIAN_FRONTEND=noninteractive apt-get -qq -y"

# The command of a package, used by root and by another user, and what else is installed.
USE = """
cd /root
cvenv env
env/bin/python -m pip check
id somebody >/dev/null 2>&1 || useradd -m somebody
runuser -u somebody -- env HOME=/home/somebody sh -euc 'cd; cvenv env; env/bin/python -m pip check'
bash -euc '. /usr/share/bash-completion/completions/cvenv; complete -p cvenv'
gzip -t /usr/share/man/man1/cvenv.1.gz
"""
# Nothing is left but what its users made.
GONE = """
! command -v cvenv
! find / -xdev -path /proc -prune -o -name '*cvenv*' -print | grep -v -e ^/root/ -e ^/home/ -e ^/tmp/cvenv
"""


def dev(*command, **more):
    said = subprocess.run(["sh", "-c", DEV, "sh", runner.REPOSITORY, *command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    assert said.returncode == 0, "%s\n%s" % (command, said.stdout[-4000:])
    return said.stdout


class Root:
    def __init__(self, place):
        self.place = place

    def path(self, name):
        return self.place + name

    def run(self, script):
        return dev("in_root", self.place, "sh", "-euxc", script)

    def put(self, file):
        """A file in /tmp; its name there."""
        shutil.copy(file, self.path("/tmp"))
        return "/tmp/" + os.path.basename(file)


def minimal(release):
    """build/releases/RELEASE.minimal, as ./dev test --fresh has it."""
    if os.geteuid() != 0 or not shutil.which("debootstrap") or not shutil.which("apt-get"):
        pytest.skip("other Debian releases need root on a Debian system, and debootstrap")
    with session.locked("minimal-root"):
        dev("minimal_root", release)
    return os.path.join(ROOTS, release + ".minimal")


@pytest.fixture
def new_root():
    """new_root("bookworm"): a copy of its own."""
    made = []

    def make(release):
        before = minimal(release)
        place = "%s.packages-%d" % (before, os.getpid())
        runner.wipe(place)
        made.append(place)
        subprocess.run(["cp", "-a", before, place], check=True)
        root = Root(place)
        root.run("apt-get -qq update")
        return root

    yield make
    for place in made:
        runner.wipe(place)


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_deb_from_installation_to_purge(new_root, artefact, release):
    root = new_root(release)
    root.run("%s install %s" % (APT, root.put(artefact(DEB))))
    root.run(USE)
    root.run("%s purge cvenv" % APT)
    root.run(GONE)


def test_deb_built_on_trixie_is_clean_and_works(new_root, artefact, version):
    root = new_root("trixie")
    source = root.put(artefact(SOURCE))
    root.run("%s install --no-install-recommends build-essential debhelper libdeflate-dev libzstd-dev meson nettle-dev "
             "pkgconf zlib1g-dev" % APT)
    root.run("mkdir /tree /dist; tar xzf %s -C /tree --strip-components=1; cp %s /dist/; "
             "SOURCE_DATE_EPOCH=1790000000 python3 /tree/tools/release/packages.py --dist /dist deb" % (source, source))
    (made,) = glob.glob(root.path("/dist/" + DEB.format(version=version)))
    if shutil.which("lintian"):  # that of this machine
        said = subprocess.run(["lintian", "--allow-root", "-EvIL", "+pedantic", made],
                              stdout=subprocess.PIPE, text=True)
        assert [line for line in said.stdout.splitlines() if not line.startswith("N:")] == []
    root.run("%s install /dist/*.deb" % APT)
    root.run(USE)


def test_rpm_from_installation_to_erasure(new_root, artefact):
    """By the rpm of this machine: the root has no package that its dependencies could name."""
    if not shutil.which("rpm"):
        pytest.skip("no rpm")
    root = new_root("bookworm")
    root.run("%s install libdeflate0 libnettle8 libzstd1 zlib1g python3 python3-pip-whl python3-setuptools-whl" % APT)
    rpm = ["rpm", "--root", root.place, "--dbpath", "/var/lib/rpm"]
    subprocess.run([*rpm, "--initdb"], check=True)
    subprocess.run([*rpm, "--install", "--nodeps", artefact(RPM)], check=True)
    verified = subprocess.run([*rpm, "--verify", "--nodeps", "cvenv"], stdout=subprocess.PIPE, text=True)
    assert (verified.returncode, verified.stdout) == (0, "")
    root.run(USE)
    subprocess.run([*rpm, "--erase", "cvenv"], check=True)
    root.run("rm -r /var/lib/rpm")
    root.run(GONE)


def test_static_command_runs_in_root_without_files(tmp_path, artefact, version):
    """As on Alpine, but without a Python, which is not to be had for musl."""
    if os.geteuid() != 0:
        pytest.skip("chroot needs root")
    subprocess.run(["tar", "xzf", artefact(STATIC), "-C", tmp_path, "--strip-components=1"], check=True)
    (tmp_path / "work").mkdir()

    def cvenv(*args):
        return subprocess.run([shutil.which("chroot"), tmp_path, "/bin/cvenv", *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env={"HOME": "/work", "PATH": "/bin"})

    assert cvenv("--version").stdout == "cvenv %s\n" % version
    assert cvenv("--completions", "bash").stdout == (
        tmp_path / "share" / "bash-completion" / "completions" / "cvenv").read_text()
    said = cvenv("/work/env")
    assert said.returncode not in (0, 127) and said.returncode > 0, said
    assert said.stderr.startswith("cvenv: ") and "python" in said.stderr.lower()
    assert not (tmp_path / "work" / "env").exists()


def recipe(room, dist, name, kind, artefact):
    """The directory with a recipe and the source archive that it names."""
    place = room.path("dist")
    os.mkdir(place)
    shutil.copy(artefact(SOURCE), place)
    script = os.path.join(runner.REPOSITORY, "tools", "release", "packages.py")
    subprocess.run(["python3", script, "--dist", place, "--url", URL, kind], check=True,
                   env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"})
    shutil.move(os.path.join(place, "packaging", name), place)
    return place


# What the commands of the distributions tell Meson. They are not to be had here.
ARCH_MESON = """#!/bin/sh
exec meson setup --prefix /usr --libdir lib --libexecdir lib --sbindir bin --buildtype plain \\
    --auto-features enabled --wrap-mode nodownload -Db_pie=true "$@"
"""
ABUILD_MESON = """#!/bin/sh
exec meson setup --prefix=/usr --libdir=/usr/lib --buildtype=plain --auto-features=auto \\
    --wrap-mode=nodownload -Db_pie=true "$@"
"""


def test_pkgbuild_builds(room, dist, artefact, version, as_user, newest):
    if not shutil.which("makepkg") or not shutil.which("bsdtar"):
        pytest.skip("no makepkg or bsdtar")
    place = recipe(room, dist, "PKGBUILD", "pkgbuild", artefact)
    runner.write(room.bin, "arch-meson", text=ARCH_MESON, mode=0o755)
    if as_user:
        for folder in (place, room.home, room.tmp):
            shutil.chown(folder, 65534, 65534)
    # It finds the source here, and does not fetch it.
    room.run([*as_user, "makepkg", "--nodeps", "--noconfirm"], cwd=place, timeout=600).ok()
    (made,) = [name for name in os.listdir(place) if ".pkg.tar" in name]
    os.mkdir(room.path("root"))
    subprocess.run(["bsdtar", "-xf", os.path.join(place, made), "-C", room.path("root")], check=True)
    for name in ("share/man/man1/cvenv.1.gz", "share/licenses/cvenv/LICENSE", "share/zsh/site-functions/_cvenv"):
        assert os.path.isfile(room.path("root", "usr", name)), name
    room.command = room.path("root", "usr", "bin", "cvenv")
    room.cvenv("--python", newest.path, "env").ok()
    runner.env_works(room, newest)


def test_functions_of_apkbuild_run(room, dist, artefact, version, newest):
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.skip("no busybox")
    place = recipe(room, dist, "APKBUILD", "apkbuild", artefact)
    runner.write(room.bin, "abuild-meson", text=ABUILD_MESON, mode=0o755)
    subprocess.run(["tar", "xzf", os.path.join(place, SOURCE.format(version=version)), "-C", place], check=True)
    script = '. ../APKBUILD; pkgdir=$1; for step in build check package; do "$step"; done'
    room.run([busybox, "sh", "-euxc", script, "sh", room.path("root")],
             cwd=os.path.join(place, "cvenv-" + version), timeout=600).ok()
    room.command = room.path("root", "usr", "bin", "cvenv")
    room.cvenv("--python", newest.path, "env").ok()
    runner.env_works(room, newest)


def test_command_is_copied_from_image(new_root, dist, artefact, tmp_path):
    """Without a daemon and without a namespace: chroot is what root always has."""
    if not shutil.which("buildah"):
        pytest.skip("no buildah")
    artefact(STATIC)
    root = new_root("bookworm")
    root.run("%s install python3 python3-pip-whl python3-setuptools-whl" % APT)
    storage = ["--root", tmp_path / "images", "--runroot", tmp_path / "run", "--storage-driver", "vfs"]

    def buildah(*args):
        said = subprocess.run(["buildah", *storage, *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    buildah("bud", "--isolation=chroot", "--tag=cvenv", "--file=%s/Containerfile" % dist, dist)
    base = buildah("from", "scratch")
    buildah("add", base, root.place, "/")
    buildah("commit", "--rm", base, "base")
    (tmp_path / "context").mkdir()
    (tmp_path / "context" / "Containerfile").write_text(
        "FROM localhost/base\nCOPY --from=localhost/cvenv / /usr/local/\n"
        "RUN cvenv /opt/venv && /opt/venv/bin/python -m pip check\n")
    buildah("bud", "--isolation=chroot", "--pull-never", "--tag=used", tmp_path / "context")
    made = buildah("from", "--pull-never", "localhost/used")
    inside = buildah("mount", made)
    try:
        assert stat.S_ISREG(os.stat(os.path.join(inside, "usr", "local", "bin", "cvenv")).st_mode)
        assert runner.cfg(os.path.join(inside, "opt", "venv"))["home"] == "/usr/bin"
    finally:
        buildah("umount", made)
