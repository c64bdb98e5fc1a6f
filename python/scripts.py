#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The activation scripts of the Python package, with the placeholders of CPython's venv.

    scripts.py KIND                   prints their names below cvenv/scripts: "common/activate"
    scripts.py KIND TEMPLATE OUTPUT   writes the script that is made of a template

KIND is "posix" or "nt", as os.name. The templates are those of src/env/activate, which src/env/activate.c
fills in otherwise. Meson runs this, and tools/release/wheel.py imports it.
"""

import os
import re
import sys

TEMPLATES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src", "env", "activate")

PLACEHOLDERS = {
    "ENV_DIR": "__VENV_DIR__",
    "PROMPT": "__VENV_PROMPT__",
    "BIN": "__VENV_BIN_NAME__",
    "LOCATE": "",
}
# As in src/env/activate.c: on Windows some shells have another name for the directory.
SHELL_DIR = '"$_VIRTUAL_ENV_HERE"'
SPECIAL = {
    ("nt", "activate"): {"LOCATE": "place.sh", "ENV_DIR": SHELL_DIR, "PLACE": SHELL_DIR},
    ("nt", "activate.fish"): {"LOCATE": "place.fish", "ENV_DIR": "$here"},
    ("nt", "activate.bat"): {"LOCATE": "place.bat"},
}
COMMON = ["activate", "activate.fish", "Activate.ps1", "activate.nu", "activate.xsh", "activate_this.py"]


def names(kind):
    """The paths below cvenv/scripts."""
    more = ["nt/activate.bat", "nt/deactivate.bat", "nt/pydoc.bat"] if kind == "nt" else ["common/activate.csh"]
    return ["common/" + name for name in COMMON] + more


def _read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def script(kind, template):
    """The text of a script. A name between @ that is not known here, as @PS1@, stays as it is."""
    values = dict(PLACEHOLDERS, **SPECIAL.get((kind, os.path.basename(template)), {}))
    if values["LOCATE"]:
        values["LOCATE"] = _read(os.path.join(TEMPLATES, values["LOCATE"])).replace("@DIR@", "__VENV_DIR__")

    def value(found):
        return values.get(found[1], found[0])

    return re.sub(r"@([A-Z0-9_]+)@", value, _read(template))


def main(kind, template=None, output=None):
    if template is None:
        print("\n".join(names(kind)))
        return
    with open(output, "w", encoding="utf-8", newline="") as file:
        file.write(script(kind, template))


if __name__ == "__main__":
    main(*sys.argv[1:])
