#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write SHA256SUMS, for `sha256sum -c`, with every file below DIST.

sums.py --dist DIST
"""

import argparse
import hashlib
import os

import artefact

NAME = "SHA256SUMS"


def files(dist):
    """The names of all files below DIST, sorted."""
    found = []
    for folder, _, names in os.walk(dist):
        inner = os.path.relpath(folder, dist)
        found += [name if inner == "." else "/".join([*inner.split(os.sep), name]) for name in names]
    return sorted(set(found) - {NAME})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", required=True)
    args = parser.parse_args()
    lines = ["%s  %s\n" % (hashlib.sha256(artefact.read(os.path.join(args.dist, name))).hexdigest(), name)
             for name in files(args.dist)]
    artefact.write(os.path.join(args.dist, NAME), "".join(lines).encode())


if __name__ == "__main__":
    main()
