# SPDX-License-Identifier: MIT
"""First lines as sh and the kernel read them; strings as Python and json read them; and what
becomes of them when an environment is in another place."""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
import tokenize
import urllib.parse
import warnings

RUNS_MAX = 200  # programs that are started, for each subject


class Runs:
    """A directory with an interpreter that says how it was called; and how often it still may be."""

    def __init__(self):
        self.left = RUNS_MAX
        self.place = tempfile.mkdtemp()
        self.python = self.place + "/python"
        os.symlink("/bin/echo", self.python)

    def __del__(self):
        shutil.rmtree(self.place, ignore_errors=True)


RUNS = Runs()


# ---------------------------------------------------------------- first lines


def word_of(word):
    """The value of a word, as sh expands it."""
    code = b"printf '%s' " + word
    return subprocess.run([b"/bin/sh", b"-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def check_first_line(data, said):
    if not said or RUNS.left <= 0:
        return None
    form, python, argument, word = said
    RUNS.left -= 1
    if form in (b"2", b"3"):
        value = word_of(word)
        return None if value == python else "%r, and sh has %r" % (python, value)
    if python != RUNS.python.encode() or form != b"0":
        return None
    script = RUNS.place + "/script"
    with open(script, "wb") as f:
        f.write(data)
    os.chmod(script, 0o755)
    done = subprocess.run([script], stdout=subprocess.PIPE)
    expected = b" ".join([argument] * bool(argument) + [script.encode()]) + b"\n"
    return None if done.stdout == expected else "%r, and the kernel: %r" % (expected, done.stdout)


def make_first_line(chance):
    if chance.random() < 0.3:
        blank = chance.choice(["", " ", "\t "])
        return f"#!{blank}{RUNS.python}{chance.choice(['', ' ', ' x', ' -a  b '])}\nx".encode()
    parts = ["a", "/", "'b c'", '"d e"', '"\'"', "\\$", "\\ ", "'$x'", '"\\$"', '"a\\b"', "$x", "`y`", "\xe9"]
    parts += ["\"$(printf '\\101\\377')\"", "'\\'", '"\n"', "~", "{a,b}", "*", ";", "''", '"!"', "#", "\\\n"]
    word = "/" + "".join(chance.choice(parts) for _ in range(chance.randrange(8)))
    argument = chance.choice(["", "", " -sE"])
    return f"#!/bin/sh\n'''exec' {word}{argument} \"$0\" \"$@\"\n' '''\nx\n".encode()


# ---------------------------------------------------------------- json


def bytes_of(text):
    """As os.fsencode() has it; None if no path can be so."""
    try:
        return None if "\0" in text else text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None


def check_json(data, said):
    try:
        value = json.loads(data.decode())
        value = value.get("url") if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return "it is no JSON" if said else None
    value = bytes_of(value) if isinstance(value, str) else None
    if value is None:
        return "no such string" if said else None
    if not said:
        return "it has %r" % value if data.count(b"[") + data.count(b"{") < 60 else None
    return None if said[1] == value else "%r, and json has %r" % (said[1], value)


def make_json(chance):
    def one(depth):
        kind = chance.randrange(8 if depth < 4 else 5)
        if kind == 0:
            return chance.choice([None, True, False, 0, -1.5e300, float("nan"), float("inf"), 17])
        if kind < 5:
            return "".join(chance.choice(["a", '"', "\\", "/", "\xe9", "\U0001d70b", "\n", "\udc80"]) for _ in range(4))
        if kind == 5:
            return [one(depth + 1) for _ in range(chance.randrange(4))]
        return {chance.choice(["url", "a", '"']): one(depth + 1) for _ in range(chance.randrange(4))}

    value = {"b": one(1), "url": one(chance.choice([1, 9])), "c": one(1)}
    return json.dumps(value, indent=chance.choice([None, 1]), ensure_ascii=True).encode()


# ---------------------------------------------------------------- Python


def literals(data):
    """The values of the string literals without prefix, None for one with a named character. Only None: Python cannot
    read it, or knows more."""
    text = data.decode().replace("\r\n", "\n").replace("\r", "\n")
    values = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if tokenize.tok_name[token.type] in ("FSTRING_START", "TSTRING_START", "ERRORTOKEN"):
            return None
        if token.type == tokenize.STRING and token.string[0] in "'\"":
            named = "\\N" in re.findall(r"\\.|[^\\]+", token.string, re.DOTALL)  # an escape, not what follows one
            values.append(None if named else bytes_of(ast.literal_eval(token.string)))
    return values


# What some versions read in another way: t"", new in 3.14, and 1b"". Before 3.12 tokenize continues a string also after
# an even number of backslashes.
DOUBTFUL = re.compile(rb"(?i)[\0\f]|(?<!\\)(\\\\)+\r?\n|(?<![0-9a-z_\x80-\xff])(t|tr|rt)['\"]|[0-9][a-z]+['\"]")


def check_python(data, said):
    if DOUBTFUL.search(data):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = literals(data)
    except (SyntaxError, ValueError, tokenize.TokenError):
        return None
    if theirs is None:
        return None
    ours = [one[1:] if one[:1] == b"v" else None for one in said[1:]]
    return None if ours == theirs else "%r, and Python has %r" % (ours, theirs)


def make_python(chance):
    quote = chance.choice(["'", '"', "'''", '"""'])
    inner = ["a", " ", "\\n", "\\'", '\\"', "\\x41", "\\udc80", "\\101", "\xe9", "#", "\\\\", "\\\n", "\\q", "{", "}"]
    lines = []
    for _ in range(chance.randrange(6)):
        prefix = chance.choice(["", "", "", "r", "b", "f", "Rb", "x = ", "not "])
        body = "".join(chance.choice(inner) for _ in range(chance.randrange(6)))
        lines.append(prefix + quote + body + quote + chance.choice(["", " # it's", " + 'b'"]))
    return "\n".join(lines).encode()


# ---------------------------------------------------------------- rewriting

FROM, TO = "/a/old env", "/b's/new \xe9"
SITE = "lib/python3.12/site-packages/"
NAMES = [SITE + "x.pth", SITE + "x.dist-info/direct_url.json", SITE + "_x_editable.py"]


def moved(path):
    """What becomes of an absolute path, or None."""
    if path != FROM and not path.startswith(FROM + "/"):
        return None
    return None if ".." in path[len(FROM) :].split("/") else TO + path[len(FROM) :]


def lines_moved(text):
    out = []
    for line in text.split("\n"):
        path = re.sub(r"[ \t-\r]*\Z", "", line)
        new = None if "\0" in path else moved(path)
        out.append(line if new is None else new + line[len(path) :])
    return "\n".join(out)


def url_moved(text):
    value = json.loads(text)
    url = value.get("url") if isinstance(value, dict) else None
    if not isinstance(url, str) or not url.startswith("file:///"):
        return value
    path = urllib.parse.unquote(url[len("file://") :], errors="surrogateescape")
    new = None if "\0" in path else moved(path)
    return value if new is None else {**value, "url": new}


def check_rewrite(data, said):
    if not said:
        return None
    name, old_dir, new_dir, old = data.decode("utf-8", "surrogateescape").split("\0", 3)
    if (old_dir, new_dir) != (FROM, TO) or name not in NAMES:
        return None
    new = said[1].decode("utf-8", "surrogateescape")
    if name.endswith(".pth"):
        expected = lines_moved(old)
        return None if new == expected else "%r, and expected was %r" % (new, expected)
    try:
        if name.endswith(".json"):
            old.encode()  # else it is not UTF-8
            expected, value = url_moved(old), json.loads(new)
            if said[0] == b"1":
                path = urllib.parse.unquote(value["url"][len("file://") :], errors="surrogateescape")
                value["url"] = path
            return None if repr(value) == repr(expected) else "%r, and expected was %r" % (value, expected)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs, ours = literals(old.encode()), literals(new.encode())
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError):
        return None
    if theirs is None or ours is None or "\0" in old:
        return None
    expected = [one if one in (None, b"\\N") else (moved(one.decode(errors="surrogateescape")) or "").encode() or one for one in theirs]
    return None if ours == expected else "%r, and expected was %r" % (ours, expected)


def make_rewrite(chance):
    paths = [FROM, FROM + "/x", FROM + "2", FROM + "/../x", "/a", "x", FROM + "/\xe9 '%\""]
    path = chance.choice(paths)
    kind = chance.randrange(3)
    if kind == 0:
        name = NAMES[0]
        lines = [chance.choice([*paths, "import x", "#", ""]) + chance.choice(["", " ", "\r"]) for _ in range(4)]
        text = "\n".join(lines)
    elif kind == 1:
        name = NAMES[1]
        quoted = urllib.parse.quote(path, safe=chance.choice(["/", "/'"]))
        text = json.dumps({"dir_info": {"editable": True}, "url": chance.choice(["file://", "https://"]) + quoted})
    else:
        name = NAMES[2]
        text = "".join(f"x = {chance.choice(['', 'r', 'b'])}{ascii(one)} # '{one}'\n" for one in [path, chance.choice(paths)])
    return "\0".join([name, FROM, TO, text]).encode()
