# SPDX-License-Identifier: MIT
"""The code that is linked into the command of each target, and its licences.

Their texts come from the sources that Meson fetched, and from the packages of the compilers on this
machine. They are not in the tree.
"""

import glob
import os

import artefact

DOC = "/usr/share/doc"
# Where zig's package is installed for the builds by zig.
ZIG = os.path.join(artefact.ROOT, "build", "tools", "zig", "lib", "python3*", "site-packages", "ziglang")
GCC_TARGETS = ("x86_64-linux-musl", "x86_64-windows")


def _sources(name):
    return os.path.join(artefact.ROOT, "subprojects", name + "-[0-9]*")


# {part: {file name: patterns of paths, of which the first that exists counts}}
TEXTS = {
    "cvenv": {"LICENSE": [os.path.join(artefact.ROOT, "LICENSE")]},
    "libdeflate": {"COPYING": [os.path.join(_sources("libdeflate"), "COPYING")]},
    "nettle": {name: [os.path.join(_sources("nettle"), name)]
               for name in ("COPYING.LESSERv3", "COPYINGv2", "COPYINGv3")},
    "musl": {"COPYRIGHT": [DOC + "/musl-dev/copyright", "/usr/share/licenses/musl*/COPYRIGHT"]},
    "mingw-w64": {"COPYING": [DOC + "/mingw-w64-x86-64-dev/copyright",
                              "/usr/share/licenses/mingw*/COPYING*"]},
    "libgcc": {"COPYRIGHT": [DOC + "/libgcc-*-dev/copyright", "/usr/share/licenses/libgcc/COPYING*"]},
    "libgcc-mingw-w64": {"COPYRIGHT": [DOC + "/gcc-mingw-w64-base/copyright",
                                       "/usr/share/licenses/mingw*-gcc/COPYING*"]},
    "zig-musl": {"COPYRIGHT": [ZIG + "/lib/libc/musl/COPYRIGHT"]},
    "zig-mingw-w64": {"COPYING": [ZIG + "/lib/libc/mingw/COPYING"]},
    "zig-freebsd": {"COPYRIGHT": [ZIG + "/lib/libc/freebsd/COPYRIGHT"]},
    "zig": {"LICENSE": [ZIG + "/LICENSE"]},  # its compiler-rt
}

NOTICE = """\
cvenv %(version)s for %(target)s is made of:

%(parts)s
The licences are in the directories of these names beside this file.
"""

RELINK = """
nettle is used under the GNU Lesser General Public License, version 3 or later. Its source, unchanged,
is at the address in subprojects/nettle.wrap of cvenv-%(version)s.tar.gz, which is published beside this
archive, with its SHA-256. To use another nettle: unpack cvenv-%(version)s.tar.gz, replace that address
and checksum, or put the other source into subprojects/, and run
    ./dev build --target %(target)s
"""


def parts(target):
    """What is linked into the command of TARGET, by the names in TEXTS."""
    found = ["cvenv", "libdeflate"]
    if not artefact.is_windows(target):
        found.append("nettle")
    zig = "" if target in GCC_TARGETS else "zig-"
    if "-linux-" in target:
        found.append(zig + "musl")
    elif artefact.is_windows(target):
        found.append(zig + "mingw-w64")
    elif target.endswith("-freebsd"):
        found.append("zig-freebsd")
    if zig:
        found.append("zig")
    else:
        found.append("libgcc-mingw-w64" if artefact.is_windows(target) else "libgcc")
    return found


def _first(patterns):
    for pattern in patterns:
        paths = sorted(glob.glob(pattern))
        if paths:
            return paths[0]
    return artefact.cannot("none of these licences is on this machine: %s" % ", ".join(patterns))


def texts(target):
    """{file name: data} of the licences, and of the file NOTICE."""
    found = {}
    listed = ""
    for part in parts(target):
        name = part[len("zig-"):] if part.startswith("zig-") else part
        listed += "    %s\n" % name
        for file, patterns in TEXTS[part].items():
            found["%s/%s" % (name, file)] = artefact.read(_first(patterns))
    notice = NOTICE + (RELINK if "nettle" in parts(target) else "")
    notice %= {"version": artefact.version(), "target": target, "parts": listed}
    found["NOTICE"] = notice.encode()
    return found
