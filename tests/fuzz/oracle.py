# SPDX-License-Identifier: MIT
"""Does Python read the same? Where there is an oracle, the parsers are compared with it.

    python3 oracle.py --tell build/dev/tests/fuzz/tell --tell-windows ..._windows [--count N] [--seed N] [SUBJECT [INPUT_DIR ...]]

Inputs are those of INPUT_DIRs (without any, of the corpus), changed at random, and made ones. What
we accept must mean the same to Python; what we refuse may be more than it refuses, but inputs that
were made to be right must be accepted.
"""

import argparse
import ast
import csv
import glob
import hashlib
import io
import os
import pathlib
import random
import re
import site
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile
from importlib import metadata

import rewrite_oracle
import spec_oracle
import toml_oracle
from path_oracle import check_path, check_path_windows, make_path, make_path_windows
from redirect_oracle import check_redirect, make_redirect

HERE = os.path.dirname(os.path.abspath(__file__))
SANITIZE = {"ASAN_OPTIONS": "exitcode=99", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99"}

# What is worth knowing in texts: all that some reader might take for space or the end of a line.
ODD = ["\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\x7f", "\x85", "\xa0", "\u1680", "\u2000"]
ODD += ["\u2028", "\u2029", "\u202f", "\u3000", "\ufeff", "\u200b", "\0", "\t", "\xe9", "\U0001d70b"]


def tell(program, subject, inputs):
    """What our parser makes of each input: a list of strings, empty for a refusal."""
    sent = b"".join(struct.pack("=I", len(one)) + one for one in inputs)
    done = subprocess.run(
        [program, subject],
        input=sent,
        stdout=subprocess.PIPE,
        env={**os.environ, **SANITIZE},
        timeout=600,
    )
    if done.returncode:
        sys.exit("tell %s ended with %d" % (subject, done.returncode))
    said = io.BytesIO(done.stdout)

    def number():
        return struct.unpack("=I", said.read(4))[0]

    return [[said.read(number()) for _ in range(number())] for _ in inputs]


def text_of(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


# ---------------------------------------------------------------- zip


def check_zip(data, said):
    if not said:
        return None
    ours = [tuple(said[i : i + 3]) for i in range(1, len(said), 3)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            theirs = []
            for info in z.infolist():
                try:
                    content = hashlib.sha256(z.read(info)).hexdigest()
                except Exception as e:
                    content = repr(e)
                slash = "/" if info.filename.endswith("/") else ""
                name = info.filename[:-1] if slash else info.filename
                theirs.append((name.encode(), slash.encode(), content.encode()))
    except Exception as e:
        return "accepted, and zipfile says %r" % e
    for mine, its in zip(ours, theirs):
        if mine[2] == b"bad":
            mine = (*mine[:2], its[2])
        if mine != its:
            return "%r, and zipfile has %r" % (mine, its)
    return None if len(ours) == len(theirs) else "%d entries, zipfile %d" % (len(ours), len(theirs))


def make_zip(chance):
    out = io.BytesIO()
    method = chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    with zipfile.ZipFile(out, "w", method) as z:
        z.comment = chance.choice([b"", b"comment", b"PK\5\6" + bytes(18)[: chance.randrange(18)]])
        for i in range(chance.randrange(6)):
            name = "%s%d%s" % (chance.choice(["a", "d/a", "\xe9/\U0001d70b"]), i, chance.choice(["", "/"]))
            info = zipfile.ZipInfo(name, (chance.randrange(1980, 2100), 1, 1, 0, 0, 0))
            info.compress_type = method
            info.external_attr = 0o100644 << 16 if not name.endswith("/") else 0o40755 << 16
            with z.open(info, "w", force_zip64=chance.random() < 0.3) as f:
                if not name.endswith("/"):
                    f.write(bytes(chance.randrange(4) for _ in range(chance.randrange(300))))
    return out.getvalue()


# ---------------------------------------------------------------- RECORD


class Installed(metadata.Distribution):
    """One that is nowhere on the disk: importlib.metadata parses what it is given."""

    def __init__(self, **files):
        self.texts = files

    def read_text(self, filename):
        return self.texts.get(filename.replace(".txt", ""))

    def locate_file(self, path):
        return pathlib.Path("/")  # which is there: newer versions leave out what is not


def check_record(data, said):
    if not said:
        return None
    ours = [tuple(s.decode() for s in said[i : i + 3]) for i in range(1, len(said), 3)]
    text = data.decode()
    for lines in (io.StringIO(text, newline=""), text.splitlines()):
        rows = [tuple([*row, "", ""][:3]) for row in csv.reader(lines) if row]
        if rows != ours:
            return "%r, and csv has %r" % (ours, rows)
    try:
        files = Installed(RECORD=text).files or []
    except (ValueError, TypeError):
        return None  # a size that is no number, or an empty line: it cannot read that at all
    # As paths: of "a//b" and "a/./b" they keep less.
    names = [str(f) for f in files]
    expected = [str(metadata.PackagePath(row[0])) for row in ours]
    return None if names == expected else "%r, and importlib.metadata has %r" % (expected, names)


def make_record(chance):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=chance.choice(["\n", "\r\n"]))
    for _ in range(chance.randrange(5)):
        path = "".join(chance.choice(["a", "/", ",", '"', "\xe9", ".", "\U0001d70b", " "]) for _ in range(6))
        writer.writerow([path, chance.choice(["", "sha256=x_-"]), chance.choice(["", "17"])])
    return out.getvalue().encode()


# ---------------------------------------------------------------- entry points


def check_scripts(data, said):
    if not said:
        return None
    ours = {s.decode(): (said[i + 1].decode(), said[i + 2].decode()) for i, s in enumerate(said) if i % 3 == 1}
    text = text_of(data)
    if text is None:
        return None  # Python cannot read it; cvenv found no name that is not UTF-8
    try:
        points = Installed(entry_points=text).entry_points
        if isinstance(points, dict):
            points = [one for group in points.values() for one in group]
        theirs = {}
        for point in points:
            if point.group == "console_scripts":
                match = point.pattern.match(point.value)
                theirs[point.name] = match and (match.group("module"), match.group("attr"))
        # If Python cannot load it (no identifier), cvenv's script fails when it runs.
        theirs = {k: v or ours.get(k) for k, v in theirs.items()}
    except Exception:
        return None  # Python cannot read it at all
    return None if ours == theirs else "%r, and importlib.metadata has %r" % (ours, theirs)


def make_scripts(chance):
    lines = ["# comment", "", "[console_scripts]"]
    for i in range(chance.randrange(4)):
        space = chance.choice(["", " ", "  "])
        lines.append("%sn%d%s=%sm.o_d:f.g%s" % (space, i, space, space, chance.choice(["", " [x, y]"])))
    lines += chance.choice([[], ["[gui_scripts]", "x = y:z"], ["[other]", "a = b"]])
    return "\n".join(lines).encode()


# ---------------------------------------------------------------- pyvenv.cfg


class Site:
    """The module `site` itself, which is given a directory with a pyvenv.cfg."""

    def __init__(self, place):
        self.place = place
        os.mkdir(os.path.join(place, "bin"))

    def reads(self, data):
        """(whether the system's packages are seen, home), or None when Python could not start."""
        with open(os.path.join(self.place, "pyvenv.cfg"), "wb") as f:
            f.write(data)
        kept = (sys.executable, sys.prefix, sys.exec_prefix, site.PREFIXES, site.ENABLE_USER_SITE)
        sys.executable = os.path.join(self.place, "bin", "python")
        sys._home = None
        site.PREFIXES = ["/base"]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                site.venv(set())
            return "/base" in site.PREFIXES, sys._home
        except ValueError:
            return None
        finally:
            (sys.executable, sys.prefix, sys.exec_prefix, site.PREFIXES, site.ENABLE_USER_SITE) = kept

    @staticmethod
    def lines(data):
        """All keys, by the same rules: what site does with the two that it knows."""
        said = {}
        for line in io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"):
            if "=" in line:
                key, _, value = line.partition("=")
                key = key.strip().lower()
                said.pop(key, None)  # the order is that of the last lines
                said[key] = value.strip()
        return said


def check_pyvenv_cfg(data, said):
    theirs = SITE.reads(data)
    if theirs is None:
        return None
    if theirs[0] != (said[0] == b"1"):
        return "system site packages: %r, site says %r" % (said[0], theirs[0])
    lines = Site.lines(data)
    prompt = lines.get("prompt")
    ours = said[2].decode() if said[1] == b"1" else None
    if ours != prompt:
        return "prompt %r, Python's rules give %r" % (ours, prompt)
    versions = [lines[key] for key in lines if key in ("version", "version_info")]
    version = lines.get("python-version") or (versions or [""])[-1]
    ours = said[3].decode()
    return None if ours == version else "version %r, Python's rules give %r" % (ours, version)


def make_pyvenv_cfg(chance):
    words = ["home", "include-system-site-packages", "INCLUDE-System-site-packages", "prompt"]
    words += ["version", "version_info", "python-version", "Python-Version", "\n3.1 = ", "\nversion = 3.1\n"]
    words += ["true", "True", "false", "=", " = ", "\n", "\r\n", " ", "x", "'", "\\", *ODD]
    return "".join(chance.choice(words) for _ in range(chance.randrange(25))).encode()


def check_written(data, said):
    """What was written for these names says just these to Python."""
    if not said:
        return None
    home, real = data.split(b"\0")[:2]
    theirs = SITE.reads(said[0])
    if theirs != (False, home.decode()):
        return "%r: site says %r" % (said[0], theirs)
    lines = Site.lines(said[0])
    keys = {"home", "include-system-site-packages", "version", "executable", "command", "prompt"}
    if set(lines) != keys | {"cvenv"} or lines["executable"] != real.decode():
        return "%r: Python's rules give %r" % (said[0], lines)
    return None


def make_written(chance):
    def name():
        parts = ["/", "a", "=", "\n", "home = /evil", " ", *ODD]
        return "/usr/" + "".join(chance.choice(parts) for _ in range(chance.randrange(4)))

    return "\0".join(name().replace("\0", "") for _ in range(5)).encode()


def check_repr(data, said):
    """ASCII as repr() writes it. Beyond that repr() escapes more, but the value is the same."""
    text, ours = data.decode("utf-8", "surrogateescape"), said[0].decode()
    same = ours == repr(text) if data.isascii() else ast.literal_eval(ours) == text
    return None if same else "%r" % said[0]


def make_repr(chance):
    return bytes(chance.choice([39, 34, 92, 10, 13, 9, 7, 127, 97, 0xC2, 0x85, 0xE2, 0x80, 0xA8]) for _ in range(chance.randrange(9)))


def check_unrepr(data, said):
    """Only for output of repr(): cvenv keeps other text unchanged."""
    try:
        value = ast.literal_eval(data.decode())
        if not isinstance(value, str) or repr(value) != data.decode() or "\0" in value:
            return None
        expected = value.encode("utf-8", "replace")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return None if said[0] == expected else "%r for %r" % (said[0], expected)


def make_unrepr(chance):
    return repr("".join(chance.choice(["'", '"', "\\", "a", "\n", "\udc80", *ODD]) for _ in range(6))).encode()


def check_quote(data, said):
    if not said:
        return "refused"
    value = eval(said[0].decode("ascii"), {"os": os})  # as the script itself does
    return None if os.fsencode(value) == data else "%r for %r" % (said[0], value)


def make_quote(chance):
    return bytes(chance.choice([39, 34, 92, 10, 37, 127, 97, 200, 255]) for _ in range(chance.randrange(9)))


# ---------------------------------------------------------------- versions


def packaging():
    """What pip brings: the reference for PEP 440."""
    wheels = []
    for place in [*sys.path, "/usr/share/python-wheels"]:
        wheels += glob.glob(os.path.join(glob.escape(place), "ensurepip", "_bundled", "pip-*.whl"))
        wheels += glob.glob(os.path.join(glob.escape(place), "pip-*.whl"))
    sys.path[:0] = wheels
    try:
        from pip._vendor.packaging import specifiers, version

        return specifiers, version
    except ImportError:
        return None
    finally:
        del sys.path[: len(wheels)]


def check_version(data, said):
    specifiers, version = PACKAGING
    texts = [text_of(part) for part in [*data.split(b"\0"), b"", b""][:2]]
    ours = [int(one) for one in said]
    parsed = []
    for text, ok in zip(texts, ours):
        try:
            parsed.append(version.Version(text or "?"))
        except version.InvalidVersion:
            parsed.append(None)
        # Beyond ASCII their patterns know more digits and spaces than PEP 440.
        if text and text.isascii() and ok != (parsed[-1] is not None):
            return "%r is a version: %d" % (text, ok)
    if None in parsed or not (texts[0] + texts[1]).isascii():
        return None
    order = (parsed[0] > parsed[1]) - (parsed[0] < parsed[1])
    if ours[2] != order:
        return "order %d, packaging says %d" % (ours[2], order)
    if data.count(b"\0") < 2:
        return None
    asked = text_of(data.split(b"\0", 2)[2])
    if asked is None or "===" in asked or "\0" in asked or not asked.isascii():
        return None
    if re.search(r"[^0-9.!vV=\s].*\.\*", asked.replace("!=", "==").replace("~=", "==")):
        return None  # ".*" after a pre- or post-release, which they take and PEP 440 does not name
    try:
        clauses = [specifiers.Specifier(one) for one in asked.split(",") if one.strip()]
        within = all(one.contains(parsed[0], prereleases=True) for one in clauses)
    except specifiers.InvalidSpecifier:
        return None
    return None if ours[3] == within else "in %r: %d, packaging says %d" % (asked, ours[3], within)


def make_version(chance):
    def one(letter="v"):
        text = ".".join(str(chance.choice([0, 1, 2, 10])) for _ in range(chance.randrange(1, 4)))
        text = chance.choice(["", "", "", "1!", letter]) + text
        text += chance.choice(["", "", "", "a1", "rc2", ".post1", "-1", ".dev3", "b2.dev1", "c"])
        return text + chance.choice(["", "", "", "", "+x.1", "+1"])

    def clause():
        sign = chance.choice(["~=", "==", "!=", "<=", ">=", "<", ">", "=="])
        # A "v" there is compared as text by packaging.
        return sign + one("") + (".*" if sign in ("==", "!=") and chance.random() < 0.5 else "")

    asked = chance.choice([",", " , "]).join(clause() for _ in range(chance.randrange(3)))
    return "\0".join([one(), one(), asked]).encode()


# ---------------------------------------------------------------- the command line


class Builder:
    """In the place of venv.EnvBuilder: remembers what main() asked for."""

    def __init__(self, **options):
        self.options, self.dirs = options, []
        Builder.last = self

    def create(self, env_dir):
        self.dirs.append(env_dir)


VENV_OPTIONS = (
    "help system-site-packages symlinks copies clear upgrade without-pip prompt upgrade-deps"
    " without-scm-ignore-files"
).split()


def is_unknown_to_venv(arg):
    name = arg[2:].partition("=")[0]
    return arg.startswith("--") and not any(one.startswith(name) for one in VENV_OPTIONS)


def check_options(data, said):
    import contextlib
    import venv

    args = [part.decode("utf-8", "surrogateescape") for part in data.split(b"\0")[1:]]
    if any(re.match("-[pqvV]|--.* ", arg) for arg in args):
        return None  # options that only cvenv has: for venv a name, if it contains a space
    venv.EnvBuilder, kept, Builder.last = Builder, venv.EnvBuilder, None
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            venv.main(args)
    except SystemExit as e:
        if e.code == 0:
            if not said and any(map(is_unknown_to_venv, args)):
                return None  # an error in an option that only cvenv has; venv skips it before -h
            return None if said == [b"help"] else "theirs helps, ours says %r" % said
        return None  # venv refuses it, but it may be an option of cvenv
    except (ValueError, TypeError):
        return None
    finally:
        venv.EnvBuilder = kept
    o = Builder.last.options
    flags = [o[k] for k in ("system_site_packages", "clear", "symlinks", "upgrade", "with_pip")]
    flags += [o["upgrade_deps"], bool(o["scm_ignore_files"]), o["prompt"] is not None]
    expected = [str(int(bool(flag))).encode() for flag in flags]
    expected += [os.fsencode(one) for one in [o["prompt"] or "", *Builder.last.dirs]]
    return None if said == expected else "%r, theirs %r" % (said, expected)


def make_options(chance):
    words = "--system-site-packages --symlinks --copies --clear --upgrade --without-pip --prompt "
    words += "--upgrade-deps --without-scm-ignore-files -h --help -- - -1 -1.5 -.5 --x=y -x a b"
    words = [*words.split(), "a b", "-a b", "", "--prompt=", "--prompt=x", "=", "--prompt=--", "--clear="]
    made = [b"cvenv"]
    for _ in range(chance.randrange(6)):
        word = chance.choice(words)
        if word.startswith("--") and chance.random() < 0.3:
            word = word[: chance.randrange(2, len(word) + 1)]
        made.append(word.encode())
    return b"\0".join([*made, b"env"] if chance.random() < 0.7 else made)


# ---------------------------------------------------------------- all of them


SUBJECTS = {
    # name: (check, a maker, whether all that is made must be accepted)
    "zip": (check_zip, make_zip, False),
    "record": (check_record, make_record, False),
    "scripts": (check_scripts, make_scripts, True),
    "pyvenv_cfg": (check_pyvenv_cfg, make_pyvenv_cfg, True),
    "written": (check_written, make_written, False),
    "repr": (check_repr, make_repr, True),
    "unrepr": (check_unrepr, make_unrepr, True),
    "quote": (check_quote, make_quote, True),
    "version": (check_version, make_version, True),
    "spec": (spec_oracle.check_spec, spec_oracle.make_spec, True),
    "path": (check_path, make_path, True),
    "path_windows": (check_path_windows, make_path_windows, True),
    "redirect": (check_redirect, make_redirect, False),
    "toml": (toml_oracle.check_toml, toml_oracle.make_toml, False),
    "first_line": (rewrite_oracle.check_first_line, rewrite_oracle.make_first_line, False),
    "json_edit": (rewrite_oracle.check_json, rewrite_oracle.make_json, False),
    "python_edit": (rewrite_oracle.check_python, rewrite_oracle.make_python, False),
    "rewrite": (rewrite_oracle.check_rewrite, rewrite_oracle.make_rewrite, False),
    "options": (check_options, make_options, False),
}


def change(chance, data):
    data = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randrange(1, 9)]
        elif kind == 2:
            data[at:at] = chance.choice([*ODD, "\n", ",", '"', "=", "[", "]", ":", "#"]).encode()
        else:
            start = chance.randrange(len(data) + 1)
            data[at:at] = data[start : start + chance.randrange(30)]
    return bytes(data)


def run(program, subject, directories, count, seed):
    check, make, total = SUBJECTS[subject]
    chance = random.Random("%s %d" % (subject, seed))
    made = [make(chance) for _ in range(count)]
    seeds = []
    for directory in directories:
        for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
            with open(os.path.join(directory, name), "rb") as f:
                seeds.append(f.read())
    if subject == "options":  # the fuzzer's are lines
        seeds = [b"cvenv\0" + one.replace(b"\0", b"").replace(b"\n", b"\0") for one in seeds]
    inputs = made + seeds + [change(chance, chance.choice(seeds or made)) for _ in range(count // 2)]
    inputs += [change(chance, chance.choice(made)) for _ in range(count // 2)]
    said = tell(program, subject.replace("_windows", ""), inputs)
    bad = [(data, why) for data, one in zip(inputs, said) for why in [check(data, one)] if why]
    if total:
        bad += [(data, "refused") for data, one in zip(made, said) if not one]
    accepted = sum(1 for one in said if one)
    print("%-10s %7d inputs, %7d accepted, %d differ" % (subject, len(inputs), accepted, len(bad)))
    for data, why in bad[:5]:
        print("    %r\n        %s" % (data[:300], why[:600]))
    return not bad and accepted > 0


NEWER = ("options", "path_windows", "toml")


def left_out(subject):
    if subject == "toml":
        return None if toml_oracle.tomllib else "needs tomllib, of Python 3.11 or later"
    if subject in NEWER and sys.version_info < (3, 13):
        return "needs a Python of 3.13 or later"
    if subject in ("version", "spec") and not PACKAGING:
        return "no wheel of pip here, which has packaging"
    return None


def newest_python():
    """One of 3.13 or later, for the command line; this one if it is."""
    found = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    for name in [sys.executable, "python3.13", "python3.14", "python3.15", *found]:
        try:
            code = "import sys, venv; sys.exit(sys.version_info < (3, 13))"
            if subprocess.run([name, "-c", code], stderr=subprocess.DEVNULL).returncode == 0:
                return name
        except OSError:
            continue
    return None


def main():
    global SITE, PACKAGING
    parser = argparse.ArgumentParser()
    parser.add_argument("--tell", required=True)
    parser.add_argument("--tell-windows", required=True)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("subject", nargs="?", choices=[*SUBJECTS])
    parser.add_argument("directories", nargs="*")
    o = parser.parse_args()
    PACKAGING = packaging()
    spec_oracle.SPECIFIERS, spec_oracle.VERSION = PACKAGING or (None, None)
    good = True
    with tempfile.TemporaryDirectory() as place:
        SITE = Site(place)
        for subject in [o.subject] if o.subject else SUBJECTS:
            why = left_out(subject)
            newer = newest_python() if subject in NEWER and why else None
            if newer:
                argv = [newer, __file__, "--tell", o.tell, "--tell-windows", o.tell_windows]
                argv += ["--count", str(o.count)]
                argv += ["--seed", str(o.seed), subject, *o.directories]
                sys.stdout.flush()
                good &= subprocess.run(argv).returncode == 0
            elif why:
                print("%-10s left out: %s" % (subject, why))
            else:
                directories = o.directories or [os.path.join(HERE, "corpus", subject)]
                program = o.tell_windows if subject == "path_windows" else o.tell
                good &= run(program, subject, directories, o.count, o.seed)
    sys.exit(not good)


main()
