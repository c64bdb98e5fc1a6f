#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the packages of distributions, and the files from which others build theirs.

packages.py --dist DIST [--url URL] [KIND ...]
DIST has the source archive, and the archives of the targets. URL is the address where the content of
DIST will be published. Without a KIND, all are made. packaging/README.md describes them.
"""

import argparse
import contextlib
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile

import artefact
import container
import manifests
import templates


class Cannot(Exception):
    """This machine, or DIST, lacks something."""


class Release:
    """What is made from, and where it is written."""

    def __init__(self, dist, url):
        self.dist = os.path.abspath(dist)
        self.known = templates.values(url)
        self.source = os.path.join(self.dist, "%(NAME)s-%(VERSION)s.tar.gz" % self.known)

    def need_source(self):
        if not os.path.exists(self.source):
            raise Cannot("there is no '%s'" % self.source)
        data = artefact.read(self.source)
        self.known["SHA256"] = hashlib.sha256(data).hexdigest()
        self.known["SHA512"] = hashlib.sha512(data).hexdigest()

    def need_url(self):
        if not self.known["URL"]:
            raise Unasked("it needs the address of the release: --url")

    def archives(self, pattern):
        """[(target, file name, SHA-256)] of the archives that match."""
        before = "%(NAME)s-%(VERSION)s-" % self.known
        found = []
        for path in sorted(glob.glob(os.path.join(self.dist, before + pattern))):
            name = os.path.basename(path)
            target = name[len(before):].replace(".tar.gz", "").replace(".zip", "")
            found.append((target, name, hashlib.sha256(artefact.read(path)).hexdigest()))
        if not found:
            raise Unasked("there is no archive '%s%s'" % (before, pattern))
        return found

    def write(self, name, data):
        path = os.path.join(self.dist, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        artefact.write(path, data)

    def fill(self, name):
        self.write(os.path.join("packaging", name), templates.fill(name, self.known))


class Unasked(Cannot):
    """What nobody asked for is only named."""


def need_program(*names):
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        raise Cannot("missing: " + " ".join(missing))


def clean_environment():
    """Nothing in the environment changes the result."""
    kept = ("PATH", "HOME", "TMPDIR", "CC", "CCACHE_DIR", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    if shutil.which("ccache"):  # debhelper changes HOME
        env.setdefault("CCACHE_DIR", subprocess.run(["ccache", "--get-config", "cache_dir"],
                                                    stdout=subprocess.PIPE, text=True).stdout.strip())
    return dict(env, LC_ALL="C.UTF-8", TZ="UTC", SOURCE_DATE_EPOCH=str(artefact.epoch()))


def run(command, **more):
    """Its output is ours."""
    sys.stdout.flush()
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True, env=clean_environment(), **more)


@contextlib.contextmanager
def workplace(release):
    """An empty directory beside DIST, always of the same name: compiler caches then help."""
    place = release.dist + ".packages"
    shutil.rmtree(place, ignore_errors=True)
    os.mkdir(place)
    yield place
    shutil.rmtree(place)


def only(pattern):
    found = glob.glob(pattern)
    if len(found) != 1:
        raise AssertionError("%s: %s" % (pattern, found))
    return found[0]


def unpack(source, place):
    """The path of the source's only directory."""
    with tarfile.open(source) as tar:
        tar.extractall(place)
    return only(os.path.join(place, "*"))


DEBIAN = ("changelog", "control", "copyright", "cvenv.docs", "rules", "source/format")


def deb(release):
    """By dpkg-buildpackage, from the source with the directory debian/."""
    shutil.rmtree(os.path.join(release.dist, "packaging", "debian"), ignore_errors=True)
    for name in DEBIAN:
        release.fill("debian/" + name)
    release.need_source()
    need_program("dpkg-buildpackage", "dh")
    with workplace(release) as place:
        tree = unpack(release.source, os.path.join(place, "build"))
        shutil.copytree(os.path.join(release.dist, "packaging", "debian"), os.path.join(tree, "debian"))
        os.chmod(os.path.join(tree, "debian", "rules"), 0o755)
        unmet = subprocess.run(["dpkg-checkbuilddeps"], cwd=tree, stderr=subprocess.PIPE, text=True)
        if unmet.returncode:
            raise Cannot(unmet.stderr.strip().rpartition("error: ")[2])
        run(["env", "DEB_BUILD_OPTIONS=noautodbgsym parallel=%d" % (os.cpu_count() or 1),
             "dpkg-buildpackage", "--build=binary", "--no-sign"], cwd=tree)
        made = only(os.path.join(place, "build", "*.deb"))
        release.write(os.path.basename(made), artefact.read(made))


POST = "strip %{buildroot}%{_bindir}/*; gzip -9 -n %{buildroot}%{_mandir}/man1/*"


def rpm(release):
    """By rpmbuild. Where the distribution's packages are no RPMs, its BuildRequires are not checked."""
    release.fill("cvenv.spec")
    release.need_source()
    need_program("rpmbuild", "meson", "ninja")
    known = subprocess.run(["rpm", "-q", "rpm-build"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with workplace(release) as place:
        for name in ("SOURCES", "BUILD", "BUILDROOT", "RPMS"):
            os.mkdir(os.path.join(place, name))
        shutil.copy(release.source, os.path.join(place, "SOURCES"))
        macros = {
            "_topdir": place,
            "_buildhost": "localhost",
            "use_source_date_epoch_as_buildtime": "1",
            "clamp_mtime_to_source_date_epoch": "1",
            "debug_package": "%{nil}",
            "_build_id_links": "none",
            "_docdir_fmt": "%{NAME}",
        }
        if known.returncode:  # Debian's runs scripts of bash in dash, and keeps the name of PLACE
            macros["__os_install_post"] = POST
            macros["build_cflags"] = "-O2 -g -ffile-prefix-map=%s=." % place
        defines = [word for item in macros.items() for word in ("--define", "%s %s" % item)]
        run(["rpmbuild", "-bb", *([] if known.returncode == 0 else ["--nodeps"]), *defines,
             os.path.join(release.dist, "packaging", "cvenv.spec")])
        made = only(os.path.join(place, "RPMS", "*", "*.rpm"))
        release.write(os.path.basename(made), artefact.read(made))


def source_recipe(name):
    """What builds from the source at the address of the release."""

    def make(release):
        release.need_url()
        release.need_source()
        release.fill(name)

    return make


def winget(release):
    release.need_url()
    for name, data in manifests.winget(release.known, release.archives("*-windows.zip")).items():
        release.write("packaging/winget/" + name, data)


def scoop(release):
    release.need_url()
    data = manifests.scoop(release.known, release.archives("*-windows.zip"))
    release.write("packaging/scoop/cvenv.json", data)


def containerfile(release):
    release.write("Containerfile", container.containerfile(release.archives("*-linux-musl.tar.gz")))


KINDS = {
    "deb": deb,
    "rpm": rpm,
    "apkbuild": source_recipe("APKBUILD"),
    "pkgbuild": source_recipe("PKGBUILD"),
    "formula": source_recipe("cvenv.rb"),
    "winget": winget,
    "scoop": scoop,
    "containerfile": containerfile,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", required=True)
    parser.add_argument("--url", default="")
    parser.add_argument("kind", nargs="*", metavar="KIND", help=", ".join(KINDS))
    args = parser.parse_args()
    wrong = [kind for kind in args.kind if kind not in KINDS]
    if wrong:
        parser.error("unknown kind '%s': the kinds are %s" % (wrong[0], ", ".join(KINDS)))
    os.umask(0o022)
    missing = []
    try:
        release = Release(args.dist, args.url)
        for kind in args.kind or KINDS:
            try:
                KINDS[kind](release)
            except Cannot as reason:
                print("not made: %s: %s" % (kind, reason))
                if args.kind or not isinstance(reason, Unasked):
                    missing.append("%s: %s" % (kind, reason))
    except templates.Mistake as mistake:
        sys.exit("packages.py: %s" % mistake)
    except subprocess.CalledProcessError as error:
        sys.exit("packages.py: %s failed" % error.cmd[0])
    if missing:
        artefact.cannot("; ".join(missing))


if __name__ == "__main__":
    main()
