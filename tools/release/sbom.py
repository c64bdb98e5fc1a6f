#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write cvenv-VERSION.spdx.json: the files below DIST, and what the programs in them are made of (SPDX 2.3).

sbom.py --dist DIST [--url URL]
"""

import argparse
import hashlib
import json
import os
import re
import time
import uuid

import artefact
import parts
import sums

ASSERT_NOTHING = "NOASSERTION"
# {the end of a wheel's name: the target whose command it contains}
TARGETS = {
    r"-win_amd64\.whl": "x86_64-windows",
    r"-win_arm64\.whl": "aarch64-windows",
    r"-macosx_\d+_\d+_arm64\.whl": "aarch64-macos",
    r"-macosx_\d+_\d+_x86_64\.whl": "x86_64-macos",
    r"linux\w*_armv7l\.whl": "armv7-linux-musl",
    r"linux\w*_(x86_64|aarch64|i686|riscv64|s390x)\.whl": r"\1-linux-musl",
}


def target_of(name):
    """The target of the static command in the file NAME of a release, or None: it contains none."""
    found = re.fullmatch(r"cvenv-[^-]+-(\w+-\w+(?:-\w+)?)\.(?:tar\.gz|zip)", name)
    if found:
        return found[1]
    for pattern, target in TARGETS.items():
        found = re.search(pattern + "$", name)
        if found:
            return found.expand(target)
    return None


def identifier(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))


def checksums(data):
    return [{"algorithm": name.upper(), "checksumValue": hashlib.new(name, data).hexdigest()}
            for name in ("sha1", "sha256")]


def file_entry(dist, name):
    data = artefact.read(os.path.join(dist, name))
    text = name.endswith((".sh", ".ps1", ".json", ".toml", ".yaml", ".rb")) or "." not in name
    return {
        "SPDXID": identifier("File", name),
        "fileName": "./" + name,
        "fileTypes": ["TEXT" if text else "ARCHIVE"],
        "checksums": checksums(data),
        "licenseConcluded": ASSERT_NOTHING,
        "licenseInfoInFiles": [ASSERT_NOTHING],
        "copyrightText": ASSERT_NOTHING,
    }


def package_entry(part):
    entry = {
        "SPDXID": identifier("Package", part.name, part.version()),
        "name": part.name,
        "versionInfo": part.version(),
        "downloadLocation": part.url if part.sha256 else ASSERT_NOTHING,
        "filesAnalyzed": False,
        "licenseConcluded": part.licence,
        "licenseDeclared": part.licence,
        "copyrightText": ASSERT_NOTHING,
        "primaryPackagePurpose": "LIBRARY",
    }
    if part.url:
        entry["homepage"] = part.url
    if part.sha256:
        del entry["homepage"]
        entry["checksums"] = [{"algorithm": "SHA256", "checksumValue": part.sha256}]
    return entry


def release_entry(files, url):
    """The package of which the files below DIST are the content."""
    ones = sorted(entry["checksums"][0]["checksumValue"] for entry in files)
    entry = package_entry(parts.CVENV)
    entry.update({
        "downloadLocation": url or ASSERT_NOTHING,
        "filesAnalyzed": True,
        "licenseInfoFromFiles": [ASSERT_NOTHING],
        "packageVerificationCode": {
            "packageVerificationCodeValue": hashlib.sha1("".join(ones).encode()).hexdigest(),
        },
        "primaryPackagePurpose": "APPLICATION",
    })
    return entry


def linked_into(name):
    """The parts in the file NAME, without cvenv itself."""
    target = target_of(name)
    every = parts.parts(target, "-abi3-" in name) if target else []
    return [part for part in every if part is not parts.CVENV]


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def document(dist, url):
    name = "cvenv-" + artefact.version()
    own = name + ".spdx.json"
    names = [file for file in sums.files(dist) if file != own]
    files = [file_entry(dist, file) for file in names]
    release = release_entry(files, url)
    packages = {release["SPDXID"]: release}
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", release["SPDXID"])]
    for file in files:
        relations.append(relation(release["SPDXID"], "CONTAINS", file["SPDXID"]))
        for part in linked_into(file["fileName"][2:]):
            package = package_entry(part)
            packages[package["SPDXID"]] = package
            relations.append(relation(file["SPDXID"], "STATIC_LINK", package["SPDXID"]))
    content = "".join(entry["checksums"][1]["checksumValue"] for entry in files)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": "urn:uuid:%s" % uuid.uuid5(uuid.NAMESPACE_OID, name + content),
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(artefact.epoch())),
            "creators": ["Tool: " + name],
        },
        "packages": [packages[key] for key in sorted(packages)],
        "files": files,
        "relationships": relations,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", required=True)
    parser.add_argument("--url")
    args = parser.parse_args()
    path = os.path.join(args.dist, "cvenv-%s.spdx.json" % artefact.version())
    artefact.write(path, (json.dumps(document(args.dist, args.url), indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
