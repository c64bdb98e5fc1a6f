# SPDX-License-Identifier: MIT
"""Requests for a Python, for oracle.py: what packaging and PyPA's python-discovery make of them.

Where cvenv means to differ from python-discovery:

- Implementations are those that exist: "foo3.12" is a name. "cp", "pp", "gp", '@' and '-' before a
  version, "+freethreaded", the system and the C library are uv's.
- "python", "python3" and "py" are names of commands. So are "3." and "3..1".
- "3.15.0b1" is a pre-release, as for uv.
- Specifiers are those of PEP 440, with epochs and post-releases, and all numbers are compared.
  A build that is not free-threaded is asked for, in specifiers as well.
- A machine must be known. "universal2" is none.
"""

import re

try:
    from python_discovery import PythonSpec
except ImportError:
    PythonSpec = None

SPECIFIERS = VERSION = None  # modules of packaging, set by oracle.py
NAME, REQUEST, INVALID = 1, 2, 3
ANY = -1
# The requests that mean the same to both.
SHARED = re.compile(
    r"(?P<impl>cpython|pypy|graalpy)?(?P<version>[0-9]+(\.[0-9]+){0,2})?(?P<t>t)?(?P<d>d|-dbg|-debug)?(-(32|64))?"
    r"(-(x86_64|amd64|arm64|aarch64|i686))?",
    re.IGNORECASE,
)
MACHINES = {"amd64": "x86_64", "aarch64": "arm64", "i686": "x86"}
HAVE = [
    # implementation, version, pre-release, free-threaded, debug, bits
    ("cpython", "3.12.4", "", 0, 0, 64),
    ("cpython", "3.13.0", "", 1, 0, 64),
    ("cpython", "3.12.0", "", 0, 1, 32),
    ("cpython", "3.15.0", "b1", 0, 0, 64),
    ("pypy", "3.10.14", "", 0, 0, 64),
]


class Ours:
    def __init__(self, said):
        texts = [one.decode() for one in said]
        self.kind, self.fits = int(texts[0]), bool(int(texts[1]))
        self.implementation, self.specifiers, self.exact, self.machine = texts[2:6]
        self.version = [int(one) for one in texts[6:9]]
        self.free_threaded, self.debug, self.bits = (int(one) for one in texts[9:12])


def parse(specifiers):
    """A SpecifierSet would take anything, in an old packaging."""
    return [SPECIFIERS.Specifier(one) for one in specifiers.split(",") if one.strip()]


def names_pre(clause):
    return clause.operator != "!=" and VERSION.Version(clause.version.replace(".*", "")).is_prerelease


def release_fits(ours, version, pre):
    if ours.specifiers:
        clauses = parse(ours.specifiers)
        pre_ok = not pre or any(names_pre(one) for one in clauses)
        return pre_ok and all(one.contains(version + pre, prereleases=True) for one in clauses)
    if ours.exact:
        return SPECIFIERS.Specifier("==" + ours.exact).contains(version + pre, prereleases=True)
    if pre and ours.version[2] != ANY:
        return False
    return all(want in (ANY, have) for want, have in zip(ours.version, map(int, version.split("."))))


def check_fits(ours, have):
    implementation, version, pre, free_threaded, debug, bits = have
    fits = ours.implementation in ("", implementation) and ours.free_threaded == free_threaded
    fits = fits and ours.debug <= debug and ours.bits in (0, bits)
    fits = fits and release_fits(ours, version, pre)
    return None if fits == ours.fits else "fits %r: %d" % (have, ours.fits)


def is_range(text):
    return re.fullmatch(r"\s*([a-z]+[@]?\s*)?[<>=!~].*", text, re.IGNORECASE | re.DOTALL)


def check_discovery(text, ours):
    """Where SHARED matches, python-discovery is right."""
    match = SHARED.fullmatch(text)
    if not match or not (match["impl"] or match["version"]) or re.search("[0-9]{4}|(^|[^0-9])0[0-9]", text):
        return None
    if not match["version"] and (match["t"] or match["d"]):
        return None  # "cpythont"
    theirs = PythonSpec.from_string_spec(text)
    if theirs.path is not None or ours.kind != REQUEST:
        return "kind %d, python-discovery says %r" % (ours.kind, theirs)
    machine = ours.machine.lower()
    mine = (ours.implementation, *ours.version, ours.bits, MACHINES.get(machine, machine))
    numbers = [ANY if one is None else one for one in (theirs.major, theirs.minor, theirs.micro)]
    other = ((theirs.implementation or "").lower(), *numbers, theirs.architecture or 0, theirs.machine or "")
    build = (bool(ours.free_threaded), bool(ours.debug)), (bool(theirs.free_threaded), bool(theirs.debug))
    return None if mine == other and build[0] == build[1] else "%r, python-discovery says %r" % (mine, theirs)


def check_spec(data, said):
    text, number = data[:-1].decode(errors="replace"), data[-1:]
    if not text.isascii() or "\0" in text or not said:
        return None
    ours = Ours(said)
    if ours.kind == INVALID and not is_range(text):
        return "is no range"
    if ours.kind == NAME and is_range(text) and text.strip()[0] in "<>=!~":
        return "is a range"
    if ours.kind == INVALID:
        try:
            parse(text)
            return "packaging knows these specifiers"
        except SPECIFIERS.InvalidSpecifier:
            return None
    if "===" not in text and ours.kind == REQUEST:
        try:
            why = check_fits(ours, HAVE[number[0] % len(HAVE)])
        except SPECIFIERS.InvalidSpecifier:
            # ".*" after what is no release, and spaces, are matters of taste
            return None if re.search(r"[*]|\s", text) else "packaging refuses %r" % ours.specifiers
        if why:
            return why
    return check_discovery(text, ours) if PythonSpec and "/" not in text else None


def make_spec(chance):
    def version():
        return ".".join(str(chance.choice([3, 3, 3, 12, 0, 10, 13, 4])) for _ in range(chance.randrange(1, 4)))

    def clause():
        sign = chance.choice(["~=", "==", "!=", "<=", ">=", "<", ">"])
        last = ".*" if sign in ("==", "!=") and chance.random() < 0.5 else chance.choice(["", "", "", "b1", "rc2"])
        return sign + chance.choice(["3.", "3.", "3.", ""]) + version() + last

    impl = chance.choice(["", "", "", "python", "cpython", "pypy", "PyPy", "graalpy", "cp", "py", "foo"])
    build = chance.choice(["", "", "", "", "t", "d", "td", "-dbg", "-32", "-64", "t-64", "-x86_64", "-64-arm64"])
    build += chance.choice(["", "", "", "", "+freethreaded", "+debug", "-linux-x86_64-gnu", "-macos"])
    if chance.random() < 0.5:
        wanted = chance.choice(["", "", "@", "-"]) + chance.choice(["3.12", "312", "3", "3.12.4", version()])
        wanted += chance.choice(["", "", "", "", "b1", "rc1"])
    else:
        wanted = chance.choice(["", " "]) + chance.choice([",", ", "]).join(
            clause() for _ in range(chance.randrange(1, 3))
        )
    return (impl + wanted + build).encode() + bytes([chance.randrange(32, 127)])
