# SPDX-License-Identifier: MIT
"""The differences from CPython that are meant, and nothing else.

Each has the id of the row of doc/differences.md that says why; test_differential.py checks
that the row is there. An allowance is as narrow as it can be said: a kind, a place, a case.
"""

import ast
import dataclasses
import os
import re
import typing

import runner
import trees


@dataclasses.dataclass(frozen=True)
class Case:
    """What was compared: the Python, and what was asked of it."""

    py: object
    args: tuple = ()
    traits: frozenset = frozenset()


@dataclasses.dataclass(frozen=True)
class Allowance:
    id: str
    allows: typing.Callable[[trees.Difference, Case], bool]


def _cfg_own_line(d, case):
    return d.kind == "cfg" and d.key == "cvenv" and d.reference is None


def _no_bytecode(d, case):
    if d.kind == "missing":
        return trees.is_bytecode(d.path) and "site-packages" in d.path
    return d.kind == "record" and d.key.endswith(".pyc") and d.got is None


def _activation_text(d, case):
    return d.kind == "content" and trees.is_activation(d.path)


def _more_shells(d, case):
    return d.kind == "extra" and re.search(r"/bin/activate(\.nu|\.xsh|_this\.py)$", d.path)


def _pip_script_text(d, case):
    if d.kind == "script":
        return d.key == "body"
    return d.kind == "record" and trees.is_pip_script(d.key) and None not in (d.reference, d.got)


def _prompt_dot(d, case):
    """3.8 knows no '.', and the same in the text of the command."""
    return d.kind == "cfg" and d.key == "prompt" and case.py.minor == (3, 8) and "." in case.args


def _prompt_literal(d, case):
    """Another literal of the same text."""
    both = (d.reference, d.got)
    return d.kind == "cfg" and d.key == "prompt" and None not in both and len(set(map(ast.literal_eval, both))) == 1


def _gitignore_kept(d, case):
    return d.kind == "content" and d.path.endswith("/.gitignore") and "own-gitignore" in case.traits


def _cachedir_tag(d, case):
    return d.kind == "extra" and d.path.endswith("/CACHEDIR.TAG")


def _real_base(d, case):
    """From a copy inside an environment, 3.11 and later name that copy as the executable."""
    return d.kind == "cfg" and d.key == "executable" and "inside-a-copy" in case.traits


def _pypy_wheels(d, case):
    """Debian's PyPy installs from wheels that it repacks, and leaves them."""
    if case.py.implementation != "pypy":
        return False
    if d.kind == "record":
        return d.key == "line ends" and "/_vendor/" in d.path
    return d.kind == "missing" and re.search(r"/share(/python-wheels(/[^/]+\.whl)?)?$", d.path)


ALLOWANCES = [
    Allowance("cfg-own-line", _cfg_own_line),
    Allowance("no-bytecode", _no_bytecode),
    Allowance("activation-text", _activation_text),
    Allowance("more-shells", _more_shells),
    Allowance("pip-script-text", _pip_script_text),
    Allowance("prompt-dot", _prompt_dot),
    Allowance("prompt-literal", _prompt_literal),
    Allowance("gitignore-kept", _gitignore_kept),
    Allowance("cachedir-tag", _cachedir_tag),
    Allowance("real-base", _real_base),
    Allowance("pypy-wheels", _pypy_wheels),
]


def unexpected(differences, case):
    """Those that no allowance covers."""
    return [d for d in differences if not any(a.allows(d, case) for a in ALLOWANCES)]


def used_ids():
    return sorted({a.id for a in ALLOWANCES})


def documented():
    """The ids of the rows of doc/differences.md."""
    path = os.path.join(runner.REPOSITORY, "doc", "differences.md")
    with open(path, encoding="utf-8") as f:
        return set(re.findall(r"^\|\s*`([a-z0-9-]+)`\s*\|", f.read(), re.M))
