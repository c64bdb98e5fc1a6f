# SPDX-License-Identifier: MIT
"""TOML, for oracle.py: what tomllib makes of it."""

import datetime
import re

try:
    import tomllib
except ImportError:  # before Python 3.11
    tomllib = None

# The limits of base/toml.h.
DEPTH_MAX, VALUES_MAX, NUMBER_MAX = 64, 100000, 128


def is_accepted(text):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


# Python 3.15 reads TOML 1.1, which allows more.
TOML_1_1 = tomllib and is_accepted("a = {b = 1,}")


class Told:
    """The values that tell has printed, and their lines."""

    def __init__(self, said, text):
        self.said, self.lines, self.at = said, text.split("\n"), 0

    def next(self):
        self.at += 1
        return self.said[self.at - 1].decode()

    def value(self, in_table):
        line = int(self.next())
        key = self.next() if in_table else None
        here = self.lines[line - 1] if 0 < line <= len(self.lines) else None
        if here is None or (key and re.fullmatch(r"[\w-]+", key, re.ASCII) and "\\" not in here and key not in here):
            raise ValueError("line %d of %r" % (line, key))
        kind = self.next()
        if kind in "[{":
            content = []
            while self.said[self.at] != b"]":
                content.append(self.value(kind == "{"))
            self.next()
            return key, dict(content) if kind == "{" else [one for _, one in content]
        return key, (kind, self.next())


def spelled(value):
    """A value of tomllib as tell prints it."""
    if isinstance(value, dict):
        return {key: spelled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [spelled(one) for one in value]
    if isinstance(value, bool):
        return "b", str(int(value))
    if isinstance(value, float):
        return "f", value
    return {str: "s", int: "i"}.get(type(value), "t"), value if isinstance(value, str) else str(value)


def differs(ours, theirs):
    """Python says that True is 1 and nan is not nan."""
    if isinstance(theirs, dict):
        # The order is that of the file for both, except where a table is continued.
        return not isinstance(ours, dict) or [*ours] != [*theirs] or any(differs(ours[k], theirs[k]) for k in ours)
    if isinstance(theirs, list):
        return not isinstance(ours, list) or len(ours) != len(theirs) or any(map(differs, ours, theirs))
    if not isinstance(ours, tuple) or ours[0] != theirs[0]:
        return True
    if theirs[0] == "f":
        return repr(float.fromhex(ours[1]).hex()) != repr(theirs[1].hex())
    return (time_of(ours[1]) if ours[0] == "t" else ours[1]) != theirs[1]


def time_of(text):
    """As str() of Python's object has it: to the microsecond, and "Z" is an offset."""
    text = re.sub(r"\.(\d{1,6})\d*", lambda m: "." + m[1].ljust(6, "0"), text.upper().replace("Z", "+00:00"))
    kind = datetime.time if text[2] == ":" else datetime.datetime if ":" in text else datetime.date
    return str(kind.fromisoformat(text))


def over_limits(data, value, depth=0):
    if isinstance(value, (dict, list)):
        items = value.values() if isinstance(value, dict) else value
        return depth > DEPTH_MAX or any(over_limits(data, one, depth + 1) for one in items)
    return type(value) is int and not -(2**63) <= value < 2**63


def check_toml(data, said):
    try:
        text = data.decode()
        theirs = tomllib.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as e:
        return "accepted, and tomllib says %r" % e if said else None
    if not said:
        if over_limits(data, theirs) or re.search(rb"[\w+.:-]{%d}" % (NUMBER_MAX + 1), data):
            return None
        return None if len(data) > VALUES_MAX or TOML_1_1 else "refused"
    try:
        told = Told(said, text)
        _, ours = told.value(False)
    except (ValueError, LookupError) as e:
        return repr(e)
    expected = spelled(theirs)
    return "%r, tomllib says %r" % (ours, expected) if differs(ours, expected) else None


# ---------------------------------------------------------------- documents


STRINGS = ['"x"', "'x'", '""', "''", '"\\t\\"\\u00e9\\U0001d70b\\\\"', "'C:\\x'", '"é\U0001d70b"', '"#"', "'\t'"]
STRINGS += ['"""x"""', "'''x'''", '"""\nx\ny\n"""', "'''\r\nx\r\n'''", '"""a\\\n  \n\t b"""', '"""a\\  \r\n\r\n b"""']
STRINGS += ['""""x"""""', "''''x'''''", '""""""', "''''''", '"""\\""""', "'''\\'''", '"\\u0000"', '"""x\\\n"""', '"\\b\\f\\r\\n"']
BAD_STRINGS = ['"\\x41"', '"\\ud800"', '"\\U00110000"', '"x', "'x", '"a\nb"', '"""x""', '"""""""', '"\\u12"', '"\x7f"', "'\0'"]
BAD_STRINGS += ["'\r'", '"""\r"""', '"\\ "', '"""\\ x"""', '"\\e"', '""""""""']
NUMBERS = "0 +0 -0 1 +99 -17 1_000 0xDEAD_beef 0o755 0b1101 9223372036854775807 -9223372036854775808".split()
NUMBERS += "1.0 -0.0 +3.14 5e+22 1e06 -2E-2 6.626e-34 224_617.445_991 inf +inf -inf nan +nan -nan 1e400 1e-400".split()
NUMBERS += "0.1 123456789.123456789 2.2250738585072014e-308 4.9e-324 9007199254740993.0 1e23 0e0 1E-7 true false".split()
BAD_NUMBERS = "1__0 _1 1_ 01 +0x1 0x 0xg 0o8 0b2 .5 5. 1.e1 1e 1e_1 1_.0 1._0 00 -01 + - +-1 0X1 infinity True nano 1.2.3 --1".split()
BAD_NUMBERS += ["9223372036854775808", "0xffffffffffffffff", "1 2", "1" * 129, ""]
TIMES = ["1979-05-27T07:32:00Z", "1979-05-27t07:32:00.5z", "1979-05-27 00:32:00.999999-07:00", "2000-02-29T23:59:59"]
TIMES += ["1979-05-27 07:32:00", "1979-05-27", "07:32:00", "00:00:00.1234567", "0001-01-01", "9999-12-31", "1979-05-27 "]
TIMES += ["2004-02-29T00:00:00.0+23:59", "1979-05-27T07:32:00-00:00"]
BAD_TIMES = ["1979-02-30", "1900-02-29", "1979-13-01", "1979-00-01", "1979-01-00", "24:00:00", "07:60:00", "07:32:60", "07:32"]
BAD_TIMES += ["1979-05-27T", "1979-05-27T07:32", "1979-05-27  07:32:00", "0000-01-01", "07:32:00Z", "07:32:00.", "79-05-27"]
BAD_TIMES += ["1979-05-27T07:32:00+24:00", "1979-05-27T07:32:00+7:00", "1979-05-27Z", "1979-5-27", "1979-05-27 7:32:00"]
KEYS = ["a", "b", "c", "a", "b", "ab", "b-_1", "1", '"a"', "'b'", '"c d"', "''", '"\\u0061"', '"\\u0000"', '"é"', "true"]


def blank(chance):
    return chance.choice(["", "", "", " ", "\t "])


def make_key(chance, parts):
    return ".".join(
        blank(chance) + chance.choice(KEYS[: chance.choice([3, 3, 99])]) + blank(chance)
        for _ in range(chance.randrange(1, parts + 1))
    )


def make_scalar(chance, errors):
    kind = chance.randrange(3)
    bad = chance.random() < errors
    return chance.choice([[STRINGS, BAD_STRINGS], [NUMBERS, BAD_NUMBERS], [TIMES, BAD_TIMES]][kind][bad])


def make_value(chance, depth, errors):
    kind = chance.randrange(6) if depth else 0
    if kind < 4:
        return make_scalar(chance, errors)
    items = [make_value(chance, depth - 1, errors) for _ in range(chance.randrange(4))]
    if kind == 4:
        space = chance.choice(["", "", " ", "\n", "\r\n", " # ]\n\t"])
        end = "," if items and chance.random() < 0.3 else ""
        return "[" + space + (space + "," + space).join(items) + space + end + space + "]"
    pairs = [make_key(chance, 2) + "=" + blank(chance) + one + blank(chance) for one in items]
    end = "," if chance.random() < errors else ""
    return "{" + blank(chance) + ("," + blank(chance)).join(pairs) + end + "}"


def make_definitions(chance):
    """A few definitions of a few keys."""
    made = []
    for _ in range(chance.randrange(2, 6)):
        key = ".".join(chance.choice("ab") for _ in range(chance.randrange(1, 4)))
        forms = ["[%s]", "[[%s]]", "%s=1", "%s={}", "%s=[]", "%s={a.b=1,a.a={},b=2}", "%s=[{a.b=1},{}]"]
        made.append(chance.choice(forms[: chance.choice([3, 9])]) % key)
    return "\n".join(made).encode()


def make_toml(chance):
    kind = chance.randrange(3)
    if kind == 0:
        return make_definitions(chance)
    if kind == 1:
        return b"a = " + make_scalar(chance, 0.5).encode()
    errors = chance.choice([0, 0, 0.02])
    made = []
    for _ in range(chance.randrange(12)):
        kind = chance.randrange(8)
        if kind == 0:
            line = "[" + make_key(chance, 3) + "]"
        elif kind == 1:
            line = "[[" + make_key(chance, 3) + "]]"
        elif kind == 2:
            line = chance.choice(["", "# é\t", "[tool.x]"])
        else:
            line = make_key(chance, 3) + "=" + blank(chance) + make_value(chance, 3 * (kind > 5), errors)
        made.append(blank(chance) + line + blank(chance) + chance.choice(["", "", "", "# [x]", "#"]))
    return chance.choice(["\n", "\n", "\r\n"]).join(made).encode()
