# SPDX-License-Identifier: MIT
"""Redirect files, by the text of PEP 832 and with Python's own idea of lines and white space."""

import unicodedata

ODD = [
    "\r",
    "\v",
    "\x1c",
    "\x1f",
    "\x7f",
    "\x85",
    "\xa0",
    "\u1680",
    "\u2028",
    "\u3000",
    "\ufeff",
    "\u200b",
    "\0",
    "\t",
]
PARTS = [
    "a",
    "..",
    ".",
    "/",
    "\\",
    " ",
    "\n",
    "\r\n",
    "~",
    "\xe9",
    "\U0001d70b",
    "envs/",
    "C:",
    *ODD,
]


def read(data):
    """The name in the file, or None: the file must hold one line, and no reader may doubt its ends."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    for end in ("\r\n", "\n"):
        if text.endswith(end):
            text = text[: -len(end)]
            break
    if text != text.strip() or len(text.splitlines()) != 1 or text.startswith("\ufeff"):
        return None
    return None if any(unicodedata.category(c) == "Cc" for c in text) else text


def check_redirect(data, said):
    name = read(data)
    expected = [] if name is None else [name.encode()]
    return None if said == expected else "Python: %r, cvenv: %r" % (expected, said)


def make_redirect(chance):
    text = "".join(chance.choice(PARTS) for _ in range(chance.randrange(6)))
    return (text + chance.choice(["", "\n", "\r\n", "\n", "\n\n"])).encode()
