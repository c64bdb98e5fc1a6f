# SPDX-License-Identifier: MIT
"""Checks that the Markdown files among FILE... link to existing files, and name only such files.

    references.py FILE...
"""

import os
import re
import sys

# Files of Python, of environments, and those that a page shows.
ELSEWHERE = {"app.py", "Python.h", "lib/python3.X/os.py", "tempfile.py", "test_venv.py", "activate_this.py"}


def broken(text_name, names):
    """The references in a file that lead nowhere. NAMES: all files, with every end of their paths."""
    with open(text_name, encoding="utf-8") as f:
        text = f.read()
    for link in re.findall(r"\]\(([^)#:]+)[)#]", text):
        if not os.path.exists(os.path.join(os.path.dirname(text_name), link)):
            yield link
    for name in re.findall(r"`([A-Za-z0-9_/.-]+\.(?:c|h|py|sh|md|txt))`", text):
        if name not in names and name not in ELSEWHERE:
            yield name


def main(files):
    parts = [name.split("/") for name in files]
    names = {"/".join(p[i:]) for p in parts for i in range(len(p))}
    found = [(f, b) for f in files if f.endswith(".md") for b in broken(f, names)]
    for text_name, reference in found:
        print("%s: no such file: %s" % (text_name, reference))
    return bool(found)


sys.exit(main(sys.argv[1:]))
