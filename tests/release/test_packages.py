# SPDX-License-Identifier: MIT
"""The packages and the descriptions of packages. test_package_roots.py installs them."""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import runner

PACKAGING = os.path.join(runner.REPOSITORY, "packaging")
SCRIPT = os.path.join(runner.REPOSITORY, "tools", "release", "packages.py")
URL = "https://releases.invalid/{version}"
DEB = "cvenv_{version}_*.deb"
RPM = "cvenv-{version}-1*.rpm"
EVERYWHERE = ["/usr/bin/cvenv", "/usr/share/man/man1/cvenv.1.gz",
              "/usr/share/bash-completion/completions/cvenv"]


def need(program):
    found = shutil.which(program)
    if not found:
        pytest.skip("no " + program)
    return found


def output(*command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **more).stdout


def packages(dist, *args):
    said = subprocess.run([sys.executable, SCRIPT, "--dist", dist, *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"})
    return runner.Result(said.args, said.returncode, said.stdout, said.stderr)


@pytest.fixture
def copy(room, dist, artefact):
    """The release without what packages.py makes, and a source archive with one file in it."""
    artefact("cvenv-{version}.tar.gz")
    place = room.path("dist")
    os.mkdir(place)
    for pattern in ("cvenv-*.tar.gz", "*.zip"):
        for path in glob.glob(os.path.join(dist, pattern)):
            shutil.copy(path, place)
    return place


def made(folder, *names):
    path = os.path.join(folder, *names)
    if not os.path.exists(path):
        pytest.skip("the release has no " + "/".join(names))
    return runner.read(path)


@pytest.fixture
def recipes(copy):
    """The directory of those that contain an address."""
    packages(copy, "--url", URL, "apkbuild", "pkgbuild", "formula").ok()
    if glob.glob(os.path.join(copy, "*.zip")):
        packages(copy, "--url", URL, "winget", "scoop").ok()
    return os.path.join(copy, "packaging")


def sha256(path, algorithm="sha256"):
    with open(path, "rb") as file:
        return hashlib.new(algorithm, file.read()).hexdigest()


def source(copy, version):
    return os.path.join(copy, "cvenv-%s.tar.gz" % version)


def works(room, newest, root):
    """The command that was unpacked to ROOT."""
    room.command = os.path.join(root, "usr", "bin", "cvenv")
    room.cvenv("--python", newest.path, "env").ok()
    runner.env_works(room, newest)


def test_deb_is_clean(artefact):
    need("lintian")
    user = ["--allow-root"] if os.geteuid() == 0 else []
    said = subprocess.run(["lintian", "-EvIL", "+pedantic", *user, artefact(DEB)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    remarks = [line for line in said.stdout.splitlines() if not line.startswith("N:")]
    assert (said.returncode, remarks) == (0, []), said.stdout + said.stderr


def test_deb_depends_on_libraries_alone(artefact, version):
    need("dpkg-deb")
    fields = output("dpkg-deb", "--field", artefact(DEB), "Version", "Depends")
    depends = re.search(r"Depends: (.*)", fields)[1]
    assert "Version: %s\n" % version in fields
    assert {re.sub(r"(\d)t64", r"\1", name.split()[0]) for name in depends.split(", ")} == {
        "libc6", "libdeflate0", "libnettle8", "libzstd1", "zlib1g"}


def test_command_of_deb_creates_environment(room, artefact, newest):
    need("dpkg-deb")
    subprocess.run(["dpkg-deb", "-x", artefact(DEB), room.path("root")], check=True)
    for name in EVERYWHERE:
        assert os.path.isfile(room.path("root") + name), name
    works(room, newest, room.path("root"))


def test_rpm_is_clean(artefact, dist):
    need("rpmlint")
    said = subprocess.run(["rpmlint", "--config", os.path.join(PACKAGING, "rpmlint.toml"), artefact(RPM),
                           os.path.join(dist, "packaging", "cvenv.spec")],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert " 0 errors, 0 warnings" in said.stdout, said.stdout


def test_rpm_requires_what_fedora_has(artefact):
    need("rpm")
    requires = output("rpm", "-qp", "--requires", artefact(RPM)).splitlines()
    known = re.compile(r"(libc\.so\.6|libdeflate\.so\.0|libnettle\.so\.8|libz\.so\.1|libzstd\.so\.1|ld-linux.*)\(.*|rtld\(.*|rpmlib\(.*")
    assert [line for line in requires if not known.fullmatch(line)] == []
    glibc = [tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([0-9.]+)", " ".join(requires))]
    built_with = tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[1].split(".")[:2]))
    if built_with > (2, 36):
        pytest.skip("only a package built on Debian 12 is meant to run on RHEL 9")
    assert max(glibc) <= (2, 34), "RHEL 9 has an older C library"


def test_command_of_rpm_creates_environment(room, artefact, newest):
    need("rpm2cpio")
    need("cpio")
    os.mkdir(room.path("root"))
    with subprocess.Popen(["rpm2cpio", artefact(RPM)], stdout=subprocess.PIPE) as content:
        subprocess.run(["cpio", "-id", "--quiet"], cwd=room.path("root"), stdin=content.stdout, check=True)
    for name in EVERYWHERE:
        assert os.path.isfile(room.path("root") + name), name
    works(room, newest, room.path("root"))


def test_without_url_recipes_are_not_made(copy):
    said = packages(copy, "formula", "pkgbuild")
    assert said.rc == 77
    assert said.err.count("needs the address of the release: --url") == 2
    assert not os.path.exists(os.path.join(copy, "packaging"))


@pytest.mark.parametrize("url", ["releases.invalid", "https://x/$(id)", 'https://x/"', "https://x/ y", "https://"])
def test_url_that_needs_quotes_is_refused(copy, url):
    said = packages(copy, "--url", url, "formula")
    assert said.rc == 1
    assert "is no address of a release" in said.err
    assert not os.path.exists(os.path.join(copy, "packaging"))


def test_recipes_are_the_same_each_time(copy, recipes):
    names = ["APKBUILD", "PKGBUILD", "cvenv.rb"]
    before = [runner.read(recipes, name) for name in names]
    packages(copy, "--url", URL, "apkbuild", "pkgbuild", "formula").ok()
    assert [runner.read(recipes, name) for name in names] == before
    assert not [text for text in before if re.search(r"@[A-Z_]+@|\{version\}", text)]


def test_pkgbuild_is_read_by_makepkg(room, copy, recipes, version, as_user):
    need("makepkg")
    if as_user:
        shutil.chown(recipes, 65534, 65534)
    said = output(*as_user, "makepkg", "--printsrcinfo", cwd=recipes, env={**room.environ(), "HOME": recipes})
    fields = {tuple(line.split(" = ", 1)) for line in said.replace("\t", "").splitlines() if line}
    assert {("pkgver", version), ("sha256sums", sha256(source(copy, version))),
            ("source", "%s/cvenv-%s.tar.gz" % (URL.format(version=version), version))} <= fields


def test_apkbuild_is_a_script_of_ash(room, copy, recipes, version):
    shell = [need("busybox"), "sh"]
    room.run([*shell, "-n", os.path.join(recipes, "APKBUILD")]).quiet()
    script = '. "$1"; echo "$pkgname $pkgver $source $sha512sums"; for one in build check package; do command -v $one; done'
    said = room.run([*shell, "-euc", script, "sh", os.path.join(recipes, "APKBUILD")]).ok().out
    assert said.split() == [
        "cvenv", version, "%s/cvenv-%s.tar.gz" % (URL.format(version=version), version),
        sha256(source(copy, version), "sha512"), "cvenv-%s.tar.gz" % version, "build", "check", "package"]


# What Homebrew would read of a formula, one a line.
FORMULA = """
class Formula
  def self.method_missing(name, *args) = puts([name, *args].join(" "))
  def self.respond_to_missing?(*) = true
  def self.test = puts("test")
end
load ARGV[0]
puts Cvenv.instance_methods(false).inspect
"""


def test_formula_is_read_by_ruby(room, copy, recipes, version):
    need("ruby")
    said = room.run(["ruby", "-W", "-e", FORMULA, os.path.join(recipes, "cvenv.rb")]).ok().out.splitlines()
    assert {"url %s/cvenv-%s.tar.gz" % (URL.format(version=version), version), "license MIT",
            "sha256 " + sha256(source(copy, version)), "test", "[:install]"} <= set(said)
    desc = next(line for line in said if line.startswith("desc "))[5:]
    assert len(desc) <= 80 and not re.match(r"(an?|the|cvenv) ", desc, re.I) and desc[-1] != "."


# The fields of winget's schemas 1.6.0 that are required, or that cvenv uses: a pattern for each.
PACKAGE_ID = r"[^.\s\\/:*?\"<>|]{1,32}(\.[^.\s\\/:*?\"<>|]{1,32}){1,7}"
WINGET = {
    "": {"PackageIdentifier": PACKAGE_ID, "PackageVersion": r"[^\\/:*?\"<>|]+", "DefaultLocale": "en-US",
         "ManifestType": "version", "ManifestVersion": r"1\.6\.0"},
    ".installer": {"PackageIdentifier": PACKAGE_ID, "PackageVersion": r"[^\\/:*?\"<>|]+", "InstallerType": "zip",
                   "NestedInstallerType": "portable", "MinimumOSVersion": r"\d+(\.\d+){0,3}", "Commands": list,
                   "ReleaseDate": r"\d{4}-\d\d-\d\d", "Installers": list, "ManifestType": "installer",
                   "ManifestVersion": r"1\.6\.0"},
    ".locale.en-US": {"PackageIdentifier": PACKAGE_ID, "PackageVersion": r"[^\\/:*?\"<>|]+",
                      "PackageLocale": "en-US", "Publisher": ".{2,256}", "PackageName": ".{2,256}",
                      "PackageUrl": "https?://.+", "License": ".{3,512}", "Copyright": ".{3,512}",
                      "ShortDescription": ".{3,256}", "Description": "(?s).{3,10000}", "Moniker": ".{1,40}",
                      "Tags": list, "ManifestType": "defaultLocale", "ManifestVersion": r"1\.6\.0"},
}


def test_winget_manifests_have_fields_of_schema(copy, recipes, version, artefact):
    yaml = pytest.importorskip("yaml")
    artefact("cvenv-{version}-x86_64-windows.zip")
    read = {}
    for part, fields in WINGET.items():
        text = made(recipes, "winget", "cvenv.cvenv%s.yaml" % part)
        read[part] = yaml.load(text, yaml.BaseLoader)
        assert read[part].keys() == fields.keys()
        for name, wanted in fields.items():
            value = read[part][name]
            assert isinstance(value, list) if wanted is list else re.fullmatch(wanted, value), (name, value)
    tags = read[".locale.en-US"]["Tags"]
    assert len(tags) <= 16 and max(map(len, tags)) <= 40
    for installer in read[".installer"]["Installers"]:
        name = installer["InstallerUrl"].rpartition("/")[2]
        folder = name[:-len(".zip")]
        assert installer["Architecture"] == {"x86_64": "x64", "aarch64": "arm64"}[folder.split("-")[2]]
        assert installer["InstallerSha256"] == sha256(os.path.join(copy, name)).upper()
        assert installer["NestedInstallerFiles"] == [
            {"RelativeFilePath": folder + "\\cvenv.exe", "PortableCommandAlias": "cvenv"}]


def test_scoop_manifest_names_archives(copy, recipes, version, artefact):
    artefact("cvenv-{version}-x86_64-windows.zip")
    manifest = json.loads(made(recipes, "scoop", "cvenv.json"))
    assert manifest.keys() == {"version", "description", "homepage", "license", "architecture", "bin"}
    assert "64bit" in manifest["architecture"]
    for one in manifest["architecture"].values():
        name = one["url"].rpartition("/")[2]
        assert one == {"url": "%s/%s" % (URL.format(version=version), name), "extract_dir": name[:-len(".zip")],
                       "hash": sha256(os.path.join(copy, name))}


def test_containerfile_has_stage_for_each_archive(copy):
    packages(copy, "containerfile").ok()
    text = runner.read(copy, "Containerfile")
    added = re.findall(r"^ADD (\S+) /$", text, re.M)
    assert sorted(added) == sorted(os.path.basename(p) for p in glob.glob(os.path.join(copy, "*-linux-musl.tar.gz")))
    stages = re.findall(r"^FROM scratch AS content-(\w+)$", text, re.M)
    assert len(stages) == len(added) == text.count("COPY --from=archive-")
    assert re.search(r"^FROM content-\$\{TARGETARCH:-(\w+)\}$", text, re.M)[1] in stages
