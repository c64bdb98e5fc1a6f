#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes wheels of a command that is already built, and the source distribution.

    wheel.py --dist DIR --target TARGET --command FILE    cvenv-VERSION-py3-none-PLATFORM.whl
    ... --extension FILE                                  cvenv-VERSION-cp38-abi3-PLATFORM.whl
    wheel.py --dist DIR --sdist                           cvenv-VERSION.tar.gz

The first contains the command, and the Python package that calls it. The second contains the
package's extension, too. PLATFORM is what the files themselves say: processor, system, and the
oldest version of the system's libraries that they run with. Nothing else about a file is believed.
"""

import argparse
import base64
import hashlib
import io
import os
import subprocess
import sys
import time
import zipfile

import artefact
import binary
import parts

sys.path.insert(0, os.path.join(artefact.ROOT, "python"))
import scripts  # noqa: E402

PACKAGE = os.path.join(artefact.ROOT, "python", "cvenv")
# The oldest policies of PyPI and pip for a processor; a static program runs on each of them.
OLDEST_GLIBC = {"riscv64": "2_31"}
ALIASES = {"2_17": "manylinux2014"}
OLDEST_MUSL = "1_1"
# What an extension may need on every Linux, by PEP 600.
GLIBC_LIBRARIES = ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1")


def linux_platforms(command, extension):
    """The tags of platforms for an ELF file."""
    program = binary.elf(command)
    if not program.is_static:
        raise binary.Unknown("the command for Linux is not static, it needs %s" % program.needs)
    machine = program.machine
    glibc = OLDEST_GLIBC.get(machine, "2_17")
    musl = ["musllinux_%s_%s" % (OLDEST_MUSL, machine)]
    if extension:
        library = binary.elf(extension)
        strange = [n for n in library.needs if not n.startswith(("ld-linux", *GLIBC_LIBRARIES))]
        if library.machine != machine or strange:
            raise binary.Unknown("the extension is for %s, and needs %s" % (library.machine, library.needs))
        needed = library.glibc()[:2]
        glibc = "%d_%d" % max(needed, tuple(map(int, glibc.split("_"))))
        if library.needs:  # musl's libraries have other names
            musl = []
    aliases = ["%s_%s" % (ALIASES[glibc], machine)] if glibc in ALIASES else []
    return ["manylinux_%s_%s" % (glibc, machine), *aliases, *musl]


def macos_platforms(command):
    machine, (major, minor) = binary.macos(command)
    if major >= 11 and minor:  # pip knows only the first of each
        major, minor = major + 1, 0
    return ["macosx_%d_%d_%s" % (major, minor, machine)]


def platforms(target, command, extension):
    if target.endswith("-windows"):
        machines = {binary.windows(data) for data in (command, extension) if data}
        if len(machines) > 1:
            raise binary.Unknown("the command and the extension are for different processors")
        return ["win_" + machine for machine in machines]
    if target.endswith("-macos"):
        if extension:
            raise binary.Unknown("no extension is supported for macOS")
        return macos_platforms(command)
    return linux_platforms(command, extension)


# --- metadata --------------------------------------------------------------------------------


def project():
    """The table [project] of pyproject.toml."""
    try:
        import tomllib
    except ImportError:
        artefact.cannot("wheels need Python 3.11 or later, which can read pyproject.toml")
    with open(os.path.join(artefact.ROOT, "pyproject.toml"), "rb") as file:
        return tomllib.load(file)["project"]


def metadata(table):
    """METADATA, in the order of meson-python."""
    lines = [
        "Metadata-Version: 2.4",
        "Name: " + table["name"],
        "Version: " + artefact.version(),
        "Summary: " + table["description"],
    ]
    if "keywords" in table:
        lines.append("Keywords: " + ",".join(table["keywords"]))
    lines.append("License-Expression: " + table["license"])
    lines += ["License-File: " + name for name in table["license-files"]]
    lines += ["Classifier: " + name for name in table["classifiers"]]
    lines += ["Project-URL: %s, %s" % item for item in table.get("urls", {}).items()]
    lines.append("Requires-Python: " + table["requires-python"].replace(" ", ""))
    lines.append("Description-Content-Type: text/markdown")
    readme = artefact.read(os.path.join(artefact.ROOT, table["readme"])).decode()
    return ("\n".join(lines) + "\n\n" + readme).encode()


def entry_points(table):
    """entry_points.txt, or None."""
    groups = dict(table.get("entry-points", {}))
    if table.get("scripts"):
        groups["console_scripts"] = table["scripts"]
    text = ""
    for group, entries in sorted(groups.items()):
        text += "[%s]\n" % group
        text += "".join("%s = %s\n" % entry for entry in sorted(entries.items())) + "\n"
    return text.encode() or None


def wheel_file(tags):
    lines = ["Wheel-Version: 1.0", "Generator: cvenv " + artefact.version(), "Root-Is-Purelib: false"]
    return ("\n".join(lines + ["Tag: " + tag for tag in sorted(tags)]) + "\n").encode()


def package(kind):
    """{path in the wheel: data} of what is Python in the package."""
    files = {}
    for name in os.listdir(PACKAGE):
        path = os.path.join(PACKAGE, name)
        if name.endswith(".in"):
            text = artefact.read(path).replace(b"@VERSION@", artefact.version().encode())
            files["cvenv/" + name[:-len(".in")]] = text
        elif os.path.isfile(path) and name.endswith((".py", ".pyi", "py.typed")):
            files["cvenv/" + name] = artefact.read(path)
    for name in scripts.names(kind):
        template = os.path.join(scripts.TEMPLATES, name.partition("/")[2])
        files["cvenv/scripts/" + name] = scripts.script(kind, template).encode()
    return files


# --- the wheel -------------------------------------------------------------------------------


def record(members, name):
    """RECORD, which does not contain its own sum."""
    lines = []
    for member, (data, _) in sorted(members.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append("%s,sha256=%s,%d\n" % (member, digest, len(data)))
    return "".join(lines + [name + ",,\n"]).encode()


def zipped(names, members, seconds):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name in names:
            data, mode = members[name]
            info = zipfile.ZipInfo(name, max(time.gmtime(seconds)[:6], (1980, 1, 1, 0, 0, 0)))
            info.create_system = 3  # Unix, so that the modes count
            info.external_attr = (0o100000 | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=9)
    return raw.getvalue()


def make_wheel(options):
    command = artefact.read(options.command)
    extension = options.extension and artefact.read(options.extension)
    windows = artefact.is_windows(options.target)
    python = "cp38-abi3" if extension else "py3-none"
    where = platforms(options.target, command, extension)
    table = project()
    name = "%s-%s" % (table["name"], artefact.version())
    info = name + ".dist-info/"
    members = {n: (data, 0o644) for n, data in package("nt" if windows else "posix").items()}
    members["%s.data/scripts/%s" % (name, artefact.command_name(options.target))] = (command, 0o755)
    if extension:
        members["cvenv/_native." + ("pyd" if windows else "abi3.so")] = (extension, 0o755)
    # METADATA names those of the project, since it is the same in all wheels. The others are of what
    # is linked into these programs.
    texts = {name: artefact.read(os.path.join(artefact.ROOT, name)) for name in table["license-files"]}
    texts.update(parts.texts(options.target, bool(extension)))
    members.update((info + "licenses/" + name, (text, 0o644)) for name, text in texts.items())
    members[info + "METADATA"] = (metadata(table), 0o644)
    members[info + "WHEEL"] = (wheel_file(["%s-%s" % (python, tag) for tag in where]), 0o644)
    if entry_points(table):
        members[info + "entry_points.txt"] = (entry_points(table), 0o644)
    members[info + "RECORD"] = (record(members, info + "RECORD"), 0o644)
    # The metadata last, as the specification recommends, and RECORD at the end.
    names = sorted(members, key=lambda n: (n.startswith(info), n == info + "RECORD", n))
    path = os.path.join(options.dist, "%s-%s-%s.whl" % (name, python, ".".join(where)))
    artefact.write(path, zipped(names, members, artefact.epoch()))


# --- the source distribution -------------------------------------------------------------------


def tracked():
    """The files of the tree that git knows."""
    try:
        listed = subprocess.run(["git", "-C", artefact.ROOT, "ls-files", "-z"], stdout=subprocess.PIPE, check=True)
    except (OSError, subprocess.CalledProcessError) as e:
        artefact.cannot("git cannot list the files of the source distribution: %s" % e)
    return [name for name in listed.stdout.decode().split("\0") if name]


def make_sdist(options):
    table = project()
    top = "%s-%s/" % (table["name"], artefact.version())
    members = {top + "PKG-INFO": (metadata(table), 0o644)}
    for name in tracked():
        path = os.path.join(artefact.ROOT, name)
        if os.path.islink(path):
            raise binary.Unknown("'%s' is a symbolic link, which not every system can unpack" % name)
        executable = os.stat(path).st_mode & 0o100
        members[top + name] = (artefact.read(path), 0o755 if executable else 0o644)
    artefact.write(os.path.join(options.dist, top[:-1] + ".tar.gz"), artefact.tar_gz(members, artefact.epoch()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dist", required=True)
    parser.add_argument("--sdist", action="store_true")
    parser.add_argument("--target")
    parser.add_argument("--command")
    parser.add_argument("--extension")
    options = parser.parse_args()
    if options.sdist:
        make_sdist(options)
        return
    if not options.target or not options.command:
        parser.error("a wheel needs --target and --command")
    if options.target.endswith("-freebsd"):
        artefact.cannot("there are no wheels for FreeBSD: PyPI does not accept them")
    try:
        make_wheel(options)
    except binary.Unknown as e:
        sys.exit("%s: %s" % (options.command, e))


if __name__ == "__main__":
    main()
