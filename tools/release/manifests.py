# SPDX-License-Identifier: MIT
"""The manifests of winget and scoop, for the archives of Windows."""

import json

import templates

WINGET_VERSION = "1.6.0"
WINGET = {"x86_64-windows": "x64", "aarch64-windows": "arm64"}
SCOOP = {"x86_64-windows": "64bit", "aarch64-windows": "arm64"}


def directory(known, target):
    """The only one in the archive."""
    return "%s-%s-%s" % (known["NAME"], known["VERSION"], target)


def yaml(data, indent=""):
    """Lines of YAML, in which every string is one of JSON: YAML has those too."""
    for key, value in data.items():
        if isinstance(value, list):
            yield "%s%s:" % (indent, key)
            for item in value:
                lines = list(yaml(item)) if isinstance(item, dict) else [json.dumps(item)]
                yield from ("%s%s%s" % (indent, "  " if i else "- ", line) for i, line in enumerate(lines))
        else:
            yield "%s%s: %s" % (indent, key, json.dumps(value))


def winget(known, archives):
    """{name: bytes} of the three files of a package."""
    said = templates.project()
    name = "%(PUBLISHER)s.%(NAME)s" % known
    first = {"PackageIdentifier": name, "PackageVersion": known["VERSION"]}
    files = {
        "version": {"DefaultLocale": "en-US"},
        "installer": {
            "InstallerType": "zip",
            "NestedInstallerType": "portable",
            "MinimumOSVersion": "10.0.0.0",
            "Commands": [known["NAME"]],
            "ReleaseDate": known["DATE"],
            "Installers": [{
                "Architecture": WINGET[target],
                "InstallerUrl": "%s/%s" % (known["URL"], file),
                "InstallerSha256": sha256.upper(),
                "NestedInstallerFiles": [{
                    "RelativeFilePath": directory(known, target) + "\\cvenv.exe",
                    "PortableCommandAlias": known["NAME"],
                }],
            } for target, file, sha256 in archives],
        },
        "defaultLocale": {
            "PackageLocale": "en-US",
            "Publisher": known["MAINTAINER"],
            "PackageName": known["NAME"],
            "PackageUrl": known["HOMEPAGE"],
            "License": known["LICENSE"],
            "Copyright": "Copyright (c) " + known["COPYRIGHT"],
            "ShortDescription": known["SUMMARY"],
            "Description": "\n\n".join(said["description"]),
            "Moniker": known["NAME"],
            "Tags": said["tags"],
        },
    }
    made = {}
    for kind, content in files.items():
        suffix = {"version": "", "installer": ".installer", "defaultLocale": ".locale.en-US"}[kind]
        last = {"ManifestType": kind, "ManifestVersion": WINGET_VERSION}
        schema = "# yaml-language-server: $schema=https://aka.ms/winget-manifest.%s.%s.schema.json\n" % (
            kind, WINGET_VERSION)
        lines = yaml({**first, **content, **last})
        made["%s%s.yaml" % (name, suffix)] = (schema + "\n".join(lines) + "\n").encode()
    return made


def scoop(known, archives):
    manifest = {
        "version": known["VERSION"],
        "description": known["SUMMARY"],
        "homepage": known["HOMEPAGE"],
        "license": known["LICENSE"],
        "architecture": {SCOOP[target]: {
            "url": "%s/%s" % (known["URL"], file),
            "hash": sha256,
            "extract_dir": directory(known, target),
        } for target, file, sha256 in archives},
        "bin": "cvenv.exe",
    }
    return (json.dumps(manifest, indent=4) + "\n").encode()
