#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the archive of one target: the command, its man page, completions, documents and licences.

archive.py --dist DIST --target TARGET --command FILE --completions DIR
DIR has the completions, as `meson install` lays them below share/.
"""

import argparse
import glob
import os

import artefact
import parts

# {place below share/, where the shell looks: name in the directory completions/ of a .zip}
COMPLETIONS = {
    "bash-completion/completions/cvenv": "cvenv.bash",
    "zsh/site-functions/_cvenv": "_cvenv",
    "fish/vendor_completions.d/cvenv.fish": "cvenv.fish",
    "nushell/vendor/autoload/cvenv.nu": "cvenv.nu",
    "powershell/cvenv.ps1": "cvenv.ps1",
}


def documents():
    """{name: path} of what a user reads, and of what these texts link to in doc/."""
    paths = [os.path.join(artefact.ROOT, name) for name in ("README.md", "SECURITY.md", "doc/tools/direnvrc")]
    for end in ("md", "svg", "1"):
        paths += glob.glob(os.path.join(artefact.ROOT, "doc", "*." + end))
    return {os.path.relpath(path, artefact.ROOT).replace(os.sep, "/"): path for path in paths}


def completions(folder):
    """{name below share/: data}"""
    return {name: artefact.read(os.path.join(folder, name)) for name in COMPLETIONS}


def members(target, command, folder):
    """{name below the archive's directory: (data, mode)}"""
    found = {}
    docs = {name: artefact.read(path) for name, path in documents().items()}
    texts = parts.texts(target)
    if artefact.is_windows(target):
        found["cvenv.exe"] = (artefact.read(command), 0o755)
        put = {"completions/" + COMPLETIONS[name]: data for name, data in completions(folder).items()}
        put.update(("doc/" + name, data) for name, data in docs.items())
        put.update(("licenses/" + name, data) for name, data in texts.items())
    else:
        found["bin/cvenv"] = (artefact.read(command), 0o755)
        put = {"share/" + name: data for name, data in completions(folder).items()}
        put["share/man/man1/cvenv.1"] = artefact.read(os.path.join(artefact.ROOT, "doc", "cvenv.1"))
        put.update(("share/doc/cvenv/" + name, data) for name, data in docs.items())
        put.update(("share/licenses/cvenv/" + name, data) for name, data in texts.items())
    found.update((name, (data, 0o644)) for name, data in put.items())
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dist", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--command", required=True)
    parser.add_argument("--completions", required=True)
    args = parser.parse_args()
    top = "cvenv-%s-%s" % (artefact.version(), args.target)
    content = members(args.target, args.command, args.completions)
    content = {"%s/%s" % (top, name): member for name, member in content.items()}
    if artefact.is_windows(args.target):
        name, data = top + ".zip", artefact.zip_file(content, artefact.epoch())
    else:
        name, data = top + ".tar.gz", artefact.tar_gz(content, artefact.epoch())
    artefact.write(os.path.join(args.dist, name), data)


if __name__ == "__main__":
    main()
