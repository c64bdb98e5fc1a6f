#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write install.sh and install.ps1 of packaging/, which then know the version and the place of the release.

installers.py --dist DIST [--url URL]
"""

import argparse
import glob
import os
import re

import artefact
import templates

SAFE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._~:/@%+{}-]+")


def filled(text, values):
    """TEXT, in which a line NAME='' becomes NAME='VALUE', once for each of VALUES."""
    for name, value in values.items():
        text, count = re.subn(r"(?mi)^(\$?%s ?= ?)''(?=\r?$)" % name, lambda found: "%s'%s'" % (found[1], value), text)
        if count != 1:
            raise ValueError("%d lines say %s=''" % (count, name))
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", required=True)
    parser.add_argument("--url", default="")
    args = parser.parse_args()
    url = args.url or templates.project()["url"]
    if url and not SAFE_URL.fullmatch(url):
        parser.error("'%s' is no URL, or has characters that scripts would have to quote" % url)
    values = {"url": url, "version": artefact.version()}
    for template in sorted(glob.glob(os.path.join(artefact.ROOT, "packaging", "install.*"))):
        text = filled(artefact.read(template).decode(), values)
        artefact.write(os.path.join(args.dist, os.path.basename(template)), text.encode())


if __name__ == "__main__":
    main()
