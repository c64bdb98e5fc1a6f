# SPDX-License-Identifier: MIT
"""The recipes of doc/clusters.md: executors and workers run a packed Python, whose origin is gone.

Nightly, with PySpark and Dask from the package index. The Python is one of python-build-standalone.
"""

import os
import re
import shutil
import subprocess

import pytest

import makers
import runner
import standalone

pytestmark = pytest.mark.nightly
LONG = 900  # seconds
WITHOUT = "import importlib.util, sys; sys.exit(importlib.util.find_spec('demo') is not None)"


def block(words):
    page = runner.read(runner.REPOSITORY, "doc", "clusters.md")
    (text,) = [text for info, text in re.findall(r"(?ms)^```([^\n]+)\n(.*?)^```$", page) if info == words]
    return text


class Cluster:
    """A packed environment with the package demo; the Python it was made from is gone."""

    def __init__(self, box, packages=()):
        self.box = box
        base = box.path("base")
        python = standalone.copy(standalone.python(), base)
        self.driver = standalone.copy(python, box.path("driver-base"))
        box.cvenv("-q", "-p", python, box.path("env")).quiet()
        self.pip(box.path("env"), "--no-index", makers.wheel(box.path("wheels")))
        if packages:
            self.pip(box.path("env"), *packages)
        box.cvenv("-q", "--pack", box.path("env"), "--with-python", "-o", box.path("env.tar.gz"), timeout=LONG).quiet()
        runner.wipe(box.path("env"))
        os.rename(base, base + ".hidden")

    def pip(self, env, *args):
        done = self.box.run([os.path.join(env, "bin", "python"), "-m", "pip", "install", "-q", *args],
                            timeout=LONG, env={"PIP_NO_INDEX": None})
        if done.rc:
            pytest.skip("pip cannot install %s: %s" % (" ".join(args), done.err.strip().rpartition("\n")[2]))

    def driver_with(self, *packages):
        """The bin of an environment of another copy of it: it has these packages, and not demo."""
        env = self.box.path("driver")
        self.box.run([self.driver, "-m", "venv", env]).ok()
        self.pip(env, "setuptools", "wheel")
        self.pip(env, "--no-build-isolation", *packages)
        self.box.run([os.path.join(env, "bin", "python"), "-c", WITHOUT]).ok()
        return os.path.join(env, "bin")

    def run(self, words, path, **env):
        path = os.pathsep.join([path, "/usr/bin", "/bin"])
        return self.box.run(["sh", "-euc", block(words)], timeout=LONG, env={"PATH": path, **env}).ok()


def test_spark(box):
    if not shutil.which("java", path="/usr/bin:/bin"):
        pytest.skip("no java")
    cluster = Cluster(box)
    driver = cluster.driver_with("pyspark")
    runner.write(box.path("app.py"), text=block("python spark"))
    told = cluster.run("sh spark", driver, MASTER="local-cluster[2,1,1024]", SPARK_LOCAL_IP="127.0.0.1")
    result = eval(told.out.strip().rpartition("\n")[2])  # a list of pairs, as the page prints it
    assert len(result) == 2 and {version for _, version in result} == {"1.0"}
    assert all(path.endswith("/environment/bin/python") for path, _ in result)


DASK = """
import subprocess, sys
from distributed import Client, LocalCluster

def where():
    import sys, demo
    return sys.executable, demo.__version__

with LocalCluster(n_workers=0, dashboard_address=None) as cluster, Client(cluster) as client:
    worker = subprocess.Popen(["sh", "-euc", sys.argv[1]], env={"PATH": "/usr/bin:/bin", "SCHEDULER": cluster.scheduler_address})
    client.wait_for_workers(1, timeout=120)
    print(*client.submit(where).result())
    client.get_versions(check=True)
    client.retire_workers()
    worker.wait()
"""


def test_dask(box):
    cluster = Cluster(box, ["distributed"])
    driver = cluster.driver_with("distributed")
    runner.write(box.path("client.py"), text=DASK)
    told = box.run([os.path.join(driver, "python"), box.path("client.py"), block("sh dask")], timeout=LONG).ok()
    path, version = told.out.split()
    assert os.path.dirname(path) == box.path("environment", "bin") and version == "1.0"
