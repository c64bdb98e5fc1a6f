# SPDX-License-Identifier: MIT
"""The parts of the command of each target: what is linked into it, and their licences.

The texts come from the sources that Meson fetched, and from the packages of the compilers on this
machine. They are not in the tree.
"""

import configparser
import glob
import os
import re
import subprocess

import artefact

DOC = "/usr/share/doc"
# Where zig's package is installed for the builds by zig.
ZIG = os.path.join(artefact.ROOT, "build", "tools", "zig", "lib", "python3*", "site-packages", "ziglang")
GCC_TARGETS = ("x86_64-linux-musl", "x86_64-windows")
ZIG_URL = "https://ziglang.org/"


class Part:
    """A part with this name, licence (an expression of SPDX) and address, and `texts`: {file name:
    patterns of paths, of which the first that exists counts}. `version` is a function."""

    def __init__(self, name, licence, texts, version, url, sha256=None):
        self.name = name
        self.licence = licence
        self.texts = texts
        self.version = version
        self.url = url
        self.sha256 = sha256

    def read_texts(self):
        return {name: artefact.read(_first(patterns)) for name, patterns in self.texts.items()}


def _first(patterns):
    for pattern in patterns:
        paths = sorted(glob.glob(pattern))
        if paths:
            return paths[0]
    return artefact.cannot("none of these is on this machine: %s" % ", ".join(patterns))


def _said_by(*argv):
    """What a program prints, on both of its outputs."""
    try:
        said = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    except OSError as e:
        artefact.cannot("%s: %s" % (argv[0], e.strerror))
    return said.stdout.decode(errors="replace")


def _search(pattern, text, what):
    found = re.search(pattern, text)
    return found[1] if found else artefact.cannot("no version of %s" % what)


def _musl_version():
    return _search(r"Version (\S+)", _said_by(_first(["/lib/ld-musl-*.so.1", "/usr/*-musl/lib*/libc.so"])), "musl")


def _gcc_version(prefix=""):
    return _said_by(prefix + "gcc", "-dumpfullversion").strip()


def _mingw_version(text):
    number = r"#define __MINGW64_VERSION_%s\s+(\d+)"
    return ".".join(_search(number % name, text, "mingw-w64") for name in ("MAJOR", "MINOR", "BUGFIX"))


def _mingw_of_gcc():
    return _mingw_version(_said_by("x86_64-w64-mingw32-gcc", "-dM", "-E", "-include", "_mingw.h", "-x", "c",
                                   os.devnull))


def _zig_file(name):
    return artefact.read(_first([os.path.join(ZIG, name)])).decode()


def _zig_version():
    return _search(r"ziglang-([^-/]+)\.dist-info", _first([ZIG + "-*.dist-info"]), "zig")


def _wrapped(name, licence, files):
    """A part that Meson builds from the sources in subprojects/NAME.wrap."""
    wrap = configparser.ConfigParser(interpolation=None)
    wrap.read(os.path.join(artefact.ROOT, "subprojects", name + ".wrap"), encoding="utf-8")
    said = wrap["wrap-file"]
    folder = said["directory"]
    texts = {file: [os.path.join(artefact.ROOT, "subprojects", folder, file)] for file in files}
    return Part(name, licence, texts, lambda: folder.rpartition("-")[2], said["source_url"], said["source_hash"])


CVENV = Part("cvenv", "MIT", {"LICENSE": [os.path.join(artefact.ROOT, "LICENSE")]}, artefact.version, None)
LIBDEFLATE = _wrapped("libdeflate", "MIT", ["COPYING"])
ZLIB = _wrapped("zlib", "Zlib", ["LICENSE"])
ZSTD = _wrapped("libzstd", "BSD-3-Clause", ["LICENSE"])
NETTLE = _wrapped("nettle", "LGPL-3.0-or-later OR GPL-2.0-or-later",
                  ["COPYING.LESSERv3", "COPYINGv2", "COPYINGv3"])
MUSL = Part("musl", "MIT", {"COPYRIGHT": [DOC + "/musl-dev/copyright", "/usr/share/licenses/musl*/COPYRIGHT"]},
            _musl_version, "https://musl.libc.org/")
MINGW = Part("mingw-w64", "ZPL-2.1",
             {"COPYING": [DOC + "/mingw-w64-x86-64-dev/copyright", "/usr/share/licenses/mingw*/COPYING*"]},
             _mingw_of_gcc, "https://www.mingw-w64.org/")
LIBGCC = Part("libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1",
              {"COPYRIGHT": [DOC + "/libgcc-*-dev/copyright", "/usr/share/licenses/libgcc/COPYING*"]},
              _gcc_version, "https://gcc.gnu.org/")
MINGW_LIBGCC = Part("libgcc", LIBGCC.licence,
                    {"COPYRIGHT": [DOC + "/gcc-mingw-w64-base/copyright",
                                   "/usr/share/licenses/mingw*-gcc/COPYING*"]},
                    lambda: _gcc_version("x86_64-w64-mingw32-"), LIBGCC.url)
# zig has the libraries of other systems as sources, and compiles them.
ZIG_RUNTIME = Part("compiler-rt", "MIT", {"LICENSE": [ZIG + "/LICENSE"]}, _zig_version, ZIG_URL)
ZIG_MUSL = Part("musl", MUSL.licence, {"COPYRIGHT": [ZIG + "/lib/libc/musl/COPYRIGHT"]},
                lambda: _search(r'"([\d.]+)"', _zig_file("lib/libc/musl/src/internal/version.h"), "musl"), MUSL.url)
ZIG_MINGW = Part("mingw-w64", MINGW.licence, {"COPYING": [ZIG + "/lib/libc/mingw/COPYING"]},
                 lambda: _mingw_version(_zig_file("lib/libc/include/any-windows-any/_mingw_mac.h")), MINGW.url)
ZIG_FREEBSD = Part("freebsd-libc", "BSD-2-Clause", {"COPYRIGHT": [ZIG + "/lib/libc/freebsd/COPYRIGHT"]},
                   _zig_version, ZIG_URL)

NOTICE = """\
cvenv %(version)s for %(target)s contains:

%(parts)s
The licences are in the directories of these names, beside this file.
"""

RELINK = """
nettle is used under the GNU Lesser General Public License, version 3 or later, and is not changed.
Its source is
    %(url)s
    (SHA-256: %(sha256)s)
To use another nettle: unpack cvenv-%(version)s.tar.gz, the source of this program, replace that
address and checksum in subprojects/nettle.wrap, and run
    ./dev build --target %(target)s
"""


def parts(target, extension=False):
    """The parts of the command of TARGET, and of the extension of the Python package."""
    found = _command_parts(target)
    if extension and target == "x86_64-linux-musl":  # zig builds its extension, gcc the command
        found.append(ZIG_RUNTIME)
    return found


def _command_parts(target):
    windows = artefact.is_windows(target)
    found = [CVENV, LIBDEFLATE, ZLIB, ZSTD] + ([] if windows else [NETTLE])
    if target in GCC_TARGETS:
        return found + ([MINGW, MINGW_LIBGCC] if windows else [MUSL, LIBGCC])
    if windows:
        found.append(ZIG_MINGW)
    elif "-linux-" in target:
        found.append(ZIG_MUSL)
    elif target.endswith("-freebsd"):
        found.append(ZIG_FREEBSD)
    return found + [ZIG_RUNTIME]


def texts(target, extension=False):
    """{file name: data} of the licences of these parts, and of the file NOTICE."""
    found = {}
    every = parts(target, extension)
    for part in every:
        found.update(("%s/%s" % (part.name, file), data) for file, data in part.read_texts().items())
    listed = "".join("    %s %s (%s)\n" % (part.name, part.version(), part.licence) for part in every)
    said = {"version": artefact.version(), "target": target, "parts": listed,
            "url": NETTLE.url, "sha256": NETTLE.sha256}
    found["NOTICE"] = ((NOTICE + (RELINK if NETTLE in every else "")) % said).encode()
    return found
