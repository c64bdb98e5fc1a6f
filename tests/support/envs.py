# SPDX-License-Identifier: MIT
"""An environment under test: how to create it and what to ask it."""

import os
import re

import pytest

import runner
import trees

# Every file that RECORD names is there, with the hash and size that it says.
VERIFY = r"""
import base64, hashlib, sys
from importlib import metadata
import sysconfig
bad, seen = [], 0
for dist in metadata.distributions(path=[sysconfig.get_path("purelib")]):
    for file in dist.files:
        seen += 1
        path = file.locate()
        if not path.is_file():
            bad.append("missing %s" % file)
            continue
        data = path.read_bytes()
        if file.size is not None and file.size != len(data):
            bad.append("size of %s" % file)
        if file.hash:
            got = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, data).digest())
            if got.rstrip(b"=").decode() != file.hash.value:
                bad.append("hash of %s" % file)
        elif not (str(file).endswith(".pyc") or file.name == "RECORD"):
            bad.append("no hash of %s" % file)
print("\n".join(bad + ["%d files" % seen]))
"""


class Env:
    """An environment of one Python, without pip unless make() is given WITH_PIP."""

    def __init__(self, box, py, name="env"):
        self.box, self.py, self.root = box, py, box.path(name)

    def make(self, *args, **more):
        args = args if "WITH_PIP" in args else ("--without-pip", *args)
        args = [a for a in args if a != "WITH_PIP"]
        return self.box.cvenv("-p", self.py.path, *args, self.root, **more)

    def cfg(self):
        return runner.cfg(self.root)

    def link(self):
        return os.path.join(self.root, "bin", self.py.bin_name)

    def runs(self):
        said = self.box.says(self.root)
        assert said["sys.prefix"] == self.root
        assert os.path.realpath(said["sys.base_prefix"]) == os.path.realpath(self.py.prefix)


def no_stages(directory, allowed=("env",)):
    assert sorted(os.listdir(directory)) == sorted(allowed)


class PipEnv:
    """For what is about pip: make() must succeed."""

    def __init__(self, box, py, name="env"):
        self.box, self.py, self.root = box, py, box.path(name)
        self.site = os.path.join(self.root, "lib", py.lib_name, "site-packages")
        self.bin = os.path.join(self.root, "bin")

    def make(self, *args, **more):
        return self.box.cvenv("-p", self.py.path, *args, self.root, **more).quiet()

    def pip(self, *args, **more):
        return self.box.run([os.path.join(self.bin, "pip"), *args], **more)

    def python(self, *args, **more):
        return self.box.run([os.path.join(self.bin, "python"), *args], **more)

    def dist_info(self, project="pip"):
        found = [n for n in os.listdir(self.site) if re.match(project + r"-\d.*dist-info$", n)]
        assert len(found) <= 1, found
        return os.path.join(self.site, found[0]) if found else None

    def version(self):
        info = self.dist_info()
        return os.path.basename(info)[len("pip-") : -len(".dist-info")] if info else None

    def verify(self):
        said = self.python("-B", "-c", VERIFY).ok().out.splitlines()
        assert re.fullmatch(r"\d{2,} files", said[-1]), said
        assert said[:-1] == []

    def bytecode(self):
        return [n for n in trees.snapshot(self.site) if n.endswith(".pyc")]


def seed_version(py):
    if "pip" not in py.seeds:
        pytest.skip("%s has its pip wheel in a place the tests do not know" % py)
    return py.seeds["pip"][0]
