# SPDX-License-Identifier: MIT
"""The origin of bytecode: the base's own pip if it is the same, else a compiler."""

import glob
import os
import re

import pytest

import bases


def site(box, py, name):
    return box.path(name, "lib", py.lib_name, "site-packages")


def bytecode(box, py, name):
    found = glob.glob(os.path.join(site(box, py, name), "**", "*.pyc"), recursive=True)
    return {path: os.stat(path).st_mtime_ns for path in found}


def compiles_nothing(box, py, name):
    before = bytecode(box, py, name)
    said = box.run([box.path(name, "bin", "python"), "-v", "-m", "pip", "--version"]).ok()
    assert said.out.startswith("pip ")
    place = re.escape(site(box, py, name))
    loaded = re.findall(r"code object from '?(%s[^'\n]*)" % place, said.err)
    assert len(loaded) > 20
    assert [path for path in loaded if not path.endswith(".pyc")] == []
    assert len(re.findall(r"# %s\S*\.pyc matches " % place, said.err)) > 20
    assert bytecode(box, py, name) == before


def sources(box, py, name):
    return glob.glob(os.path.join(site(box, py, name), "**", "*.py"), recursive=True)


def has_own_pip(py):
    """Is the base's pip the one of its ensurepip, with bytecode?"""
    where = os.path.join(py.stdlib, "site-packages")
    version = py.seeds["pip"][0] if "pip" in py.seeds else None
    return os.path.isdir(os.path.join(where, "pip-%s.dist-info" % version)) and bool(
        glob.glob(os.path.join(where, "pip", "__pycache__", "__init__.*.pyc"))
    )


def test_bytecode_of_the_base_is_reused(cold, some_py):
    """Nothing needs to be compiled, nor to be asked for."""
    if not has_own_pip(some_py):
        pytest.skip("the base has no compiled pip of its own")
    cold.cvenv("-p", some_py.path, "cold").quiet()
    cold.cvenv("-p", some_py.path, "again").quiet()
    cold.cvenv("-p", some_py.path, "--no-compile", "none").quiet()
    for name in ("cold", "again"):
        assert len(bytecode(cold, some_py, name)) >= 0.9 * len(sources(cold, some_py, name))
        compiles_nothing(cold, some_py, name)
    assert not bytecode(cold, some_py, "none")


def test_a_base_without_pip_compiles_when_asked(cold, some_py):
    if not some_py.seeds or not some_py.is_cpython:
        pytest.skip("no wheels to give to a base without")
    args = bases.without_bytecode(some_py, os.path.join(cold.root, "base"))
    cold.cvenv(*args, "plain").quiet()
    assert not bytecode(cold, some_py, "plain")
    cold.cvenv(*args, "--compile", "asked").quiet()
    compiles_nothing(cold, some_py, "asked")
    assert len(bytecode(cold, some_py, "asked")) >= 0.9 * len(sources(cold, some_py, "asked"))
    cold.cvenv(*args, "next").quiet()
    compiles_nothing(cold, some_py, "next")
