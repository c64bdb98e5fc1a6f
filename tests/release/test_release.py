# SPDX-License-Identifier: MIT
"""`./dev release` itself: what it refuses, what it says, the SBOM, and that two releases are equal."""

import hashlib
import json
import os
import re
import shutil
import sys

import pytest

import runner

sys.path.insert(0, os.path.join(runner.REPOSITORY, "tools", "release"))
import sbom as sbom_script  # noqa: E402

SOURCES = ("libdeflate", "nettle", "zlib", "libzstd")


@pytest.fixture(scope="session")
def sbom(artefact):
    with open(artefact("cvenv-{version}.spdx.json"), encoding="utf-8") as file:
        return json.load(file)


def by_id(sbom):
    return {entry["SPDXID"]: entry for entry in [*sbom["packages"], *sbom["files"]]}


def related(sbom, kind):
    """{(one, other)} of the names in relationships of this kind."""
    names = by_id(sbom)
    return {tuple(names[r[key]].get("name") or names[r[key]]["fileName"]
                  for key in ("spdxElementId", "relatedSpdxElement"))
            for r in sbom["relationships"] if r["relationshipType"] == kind}


def test_sbom_lists_every_file(sbom, dist):
    listed = {}
    for entry in sbom["files"]:
        sums = {c["algorithm"]: c["checksumValue"] for c in entry["checksums"]}
        with open(os.path.join(dist, entry["fileName"]), "rb") as file:
            data = file.read()
        assert sums == {"SHA1": hashlib.sha1(data).hexdigest(), "SHA256": hashlib.sha256(data).hexdigest()}
        listed[entry["fileName"][2:]] = True
    there = {os.path.relpath(os.path.join(folder, name), dist)
             for folder, _, names in os.walk(dist) for name in names}
    assert set(listed) == {name for name in there if name != "SHA256SUMS" and not name.endswith(".spdx.json")}
    assert {two for _, two in related(sbom, "CONTAINS")} == {"./" + name for name in listed}


def test_sbom_says_what_is_linked(sbom, dist):
    links = related(sbom, "STATIC_LINK")
    archives = [e["fileName"] for e in sbom["files"] if e["fileName"].endswith((".whl", ".zip", "l.tar.gz"))]
    assert archives
    for name in archives:
        parts = {two for one, two in links if one == name}
        assert "libdeflate" in parts, name
        assert ("nettle" in parts) == ("win" not in name.replace("darwin", "")), name
        assert ("musl" in parts) == ("linux" in name), name
    for name in SOURCES:
        wrap = runner.read(runner.REPOSITORY, "subprojects", name + ".wrap")
        entry = next(p for p in sbom["packages"] if p["name"] == name)
        assert entry["checksums"][0]["checksumValue"] in wrap
        assert entry["downloadLocation"] in wrap


NAMES = {
    "cvenv-0.1.0-x86_64-linux-musl.tar.gz": "x86_64-linux-musl",
    "cvenv-0.1.0-armv7-linux-musl.tar.gz": "armv7-linux-musl",
    "cvenv-0.1.0-aarch64-windows.zip": "aarch64-windows",
    "cvenv-0.1.0-py3-none-manylinux_2_17_armv7l.manylinux2014_armv7l.musllinux_1_1_armv7l.whl": "armv7-linux-musl",
    "cvenv-0.1.0-py3-none-manylinux_2_17_s390x.manylinux2014_s390x.musllinux_1_1_s390x.whl": "s390x-linux-musl",
    "cvenv-0.1.0-cp38-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl": "x86_64-linux-musl",
    "cvenv-0.1.0-py3-none-macosx_13_0_arm64.whl": "aarch64-macos",
    "cvenv-0.1.0-py3-none-macosx_13_0_x86_64.whl": "x86_64-macos",
    "cvenv-0.1.0-cp38-abi3-win_amd64.whl": "x86_64-windows",
    "cvenv-0.1.0-py3-none-win_arm64.whl": "aarch64-windows",
    "cvenv-0.1.0.tar.gz": None,
    "cvenv_0.1.0_amd64.deb": None,
    "install.sh": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_sbom_knows_the_target_of_a_file(name):
    assert sbom_script.target_of(name) == NAMES[name]


def test_sbom_is_valid_to_its_own_tools(room, artefact, tool):
    validator = tool("pyspdxtools", "spdx-tools")
    said = room.run([validator, "-i", artefact("cvenv-{version}.spdx.json")])
    assert said.rc == 0, said


def clone_to(room, *names):
    """A clone of this tree, as committed."""
    if not shutil.which("git"):
        pytest.skip("no git")
    safe = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    made = room.run(["git", "clone", "-q", "--no-hardlinks", runner.REPOSITORY, room.path(*names)], env=safe)
    if made.rc:
        pytest.skip("this tree is no clone of git: %s" % made.err)
    return room.path(*names)


@pytest.mark.parametrize("change", ["edited", "added"])
def test_uncommitted_changes_are_refused(room, change):
    clone = clone_to(room, "clone")
    with open(os.path.join(clone, "README.md" if change == "edited" else "new"), "a", encoding="utf-8") as file:
        file.write("change\n")
    said = room.run([os.path.join(clone, "dev"), "release"])
    assert said.rc == 1
    assert "not committed" in said.err and "--dirty" in said.err
    assert not os.path.exists(os.path.join(clone, "build", "dist"))


@pytest.mark.parametrize("argument", ["x86_64-plan9", "--clean", "--url"])
def test_unknown_arguments_are_refused(room, argument):
    said = room.run([os.path.join(runner.REPOSITORY, "dev"), "release", argument])
    assert said.rc == 1 and said.out == ""
    assert argument in said.err


# Two scripts in place of those of tools/release/; the log is where ./dev has it.
SCRIPT = """
set -eu
root=$1 build=$1/build log=$1/build/log musl_target= windows_target= zig_targets= failed=
say() { printf 'dev: %s\\n' "$*" >&2; }
mkdir -p "$build/dist"
. "$2/tools/dev/release.sh"
make_artefact one sh -c 'echo "no such tool" >&2; exit 77'
[ ! "$failed" ]
make_artefact two sh -c 'echo "a bug" >&2; exit 1'
[ "$failed" ]
make_artefact three echo 'not made: formula: it needs an address'
"""


def test_reason_is_kept_for_what_cannot_be_made(room):
    said = room.run(["sh", "-c", SCRIPT, "sh", room.work, runner.REPOSITORY]).ok()
    assert said.err.splitlines()[0] == "dev: cannot make one: no such tool"
    assert "a bug" in said.err
    lines = runner.read(room.work, "build", "dist.reasons").splitlines()
    assert lines[0] == "one: no such tool" and lines[1].startswith("two: failed") and len(lines) == 2
    assert runner.read(room.work, "build", "log", "release-unasked.log") == "formula: it needs an address\n"


def test_installers_know_version_and_place(room, version):
    script = os.path.join(runner.REPOSITORY, "tools", "release", "installers.py")
    url = "https://example.org/{version}"
    room.run(["python3", script, "--dist", room.work, "--url", url]).quiet()
    for name, line in (("install.sh", "\n%s='%s'\n"), ("install.ps1", "\n$%s = '%s'\n")):
        text = runner.read(room.work, name).replace("\r\n", "\n")
        assert line % ("url", url) in text and line % ("version", version) in text
    bad = room.run(["python3", script, "--dist", room.work, "--url", "https://example.org/'; true '"])
    assert bad.rc == 2 and "quote" in bad.err


@pytest.mark.nightly
def test_two_releases_are_equal(room, dist, version):
    """Two clones, with nothing in common but the commit and the machine."""
    found = re.findall(r"^\S+  cvenv-%s-([\w-]+)\.(?:tar\.gz|zip)$" % re.escape(version),
                       runner.read(dist, "SHA256SUMS"), re.M)
    places = {
        clone_to(room, "clone"): {"umask": 0o022, "env": {}},
        clone_to(room, "some where", "much further away"): {
            "umask": 0o077,
            "env": {"TZ": "Pacific/Chatham", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "HOME": room.root},
        },
    }
    sums = []
    for place, changes in places.items():
        changes["env"] = {"PATH": os.environ["PATH"], **changes["env"]}
        made = room.run([os.path.join(place, "dev"), "release", *found], timeout=3600, **changes)
        assert made.rc in (0, 1), made
        sums.append({line.split("  ")[1]: line for line in
                     runner.read(place, "build", "dist", "SHA256SUMS").splitlines()})
    assert sums[0] == sums[1]
    assert set(sums[0]) >= {name for name in os.listdir(dist) if name.endswith((".tar.gz", ".zip", ".whl"))}
