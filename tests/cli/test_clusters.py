# SPDX-License-Identifier: MIT
"""The recipes of doc/clusters.md: executors and workers run a packed Python, whose origin is gone.

Nightly, with PySpark, Dask and Ray from the package index. The Python is one of
python-build-standalone.
"""

import ast
import os
import re
import shutil
import tempfile

import pytest

import makers
import runner
import standalone

pytestmark = pytest.mark.nightly
LONG = 900  # seconds
WITHOUT = "import importlib.util, sys; sys.exit(importlib.util.find_spec('demo') is not None)"
DOWNLOADS = os.path.join(standalone.BUILD, "tools", "pip")  # pip's cache: pyspark has 450 MB


def block(words):
    page = runner.read(runner.REPOSITORY, "doc", "clusters.md")
    (text,) = [text for info, text in re.findall(r"(?ms)^```([^\n]+)\n(.*?)^```$", page) if info == words]
    return text


class Cluster:
    """An environment with the package demo, to be packed; and a copy of its Python for drivers."""

    def __init__(self, box, packages=()):
        self.box = box
        self.base = box.path("base")
        self.python = standalone.copy(standalone.python(), self.base)
        self.driver = standalone.copy(self.python, box.path("driver-base"))
        box.cvenv("-q", "-p", self.python, box.path("env")).quiet()
        self.pip(box.path("env"), "--no-index", makers.wheel(box.path("wheels")))
        if packages:
            self.pip(box.path("env"), *packages)

    def pip(self, env, *args):
        done = self.box.run([os.path.join(env, "bin", "python"), "-m", "pip", "install", "-q", *args],
                            timeout=LONG, env={"PIP_NO_INDEX": None, "PIP_CACHE_DIR": DOWNLOADS})
        if done.rc:
            pytest.skip("pip cannot install %s: %s" % (" ".join(args), done.err.strip().rpartition("\n")[2]))

    def pack(self, name, *options):
        self.box.cvenv("-q", "--pack", self.box.path("env"), *options, "-o", self.box.path(name), timeout=LONG).quiet()

    def leave(self):
        """Nothing is where it was packed."""
        runner.wipe(self.box.path("env"))
        os.rename(self.base, self.base + ".hidden")

    def driver_with(self, *packages, python=None):
        """The bin of an environment that has these packages, and not demo."""
        env = self.box.path("driver")
        runner.wipe(env)
        self.box.run([python or self.driver, "-m", "venv", env]).ok()
        self.pip(env, "setuptools", "wheel")
        self.pip(env, "--no-build-isolation", *packages)
        self.box.run([os.path.join(env, "bin", "python"), "-c", WITHOUT]).ok()
        return os.path.join(env, "bin")

    def run(self, text, path, **env):
        path = os.pathsep.join([path, "/usr/bin", "/bin"])
        return self.box.run(["sh", "-euc", text], timeout=LONG, env={"PATH": path, **env}).ok()

    def spark(self, archive, driver):
        text = block("sh spark").replace("env.tar.gz", archive)
        told = self.run(text, driver, MASTER="local-cluster[2,1,1024]", SPARK_LOCAL_IP="127.0.0.1")
        result = ast.literal_eval(told.out.strip().rpartition("\n")[2])
        assert len(result) == 2 and {version for _, version in result} == {"1.0"}, archive
        assert all(path.endswith("/environment/bin/python") for path, _ in result), archive


def test_spark(box):
    if not shutil.which("java", path="/usr/bin:/bin"):
        pytest.skip("no java")
    cluster = Cluster(box)
    cluster.pack("env.tar.gz", "--with-python")
    cluster.pack("small.tar.gz")
    cluster.leave()
    driver = cluster.driver_with("pyspark")
    runner.write(box.path("app.py"), text=block("python spark"))
    cluster.spark("env.tar.gz", driver)
    os.rename(cluster.base + ".hidden", cluster.base)  # the same Python in the same place
    cluster.spark("small.tar.gz", driver)


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
    cluster.pack("env.tar.gz", "--with-python")
    cluster.leave()
    driver = cluster.driver_with("distributed")
    runner.write(box.path("client.py"), text=DASK)
    told = box.run([os.path.join(driver, "python"), box.path("client.py"), block("sh dask")], timeout=LONG).ok()
    path, version = told.out.split()
    assert os.path.dirname(path) == box.path("environment", "bin") and version == "1.0"


@pytest.fixture
def short():
    """A directory for Ray's sockets, whose paths must not be longer than 107 bytes."""
    path = tempfile.mkdtemp(prefix="ray", dir="/tmp")
    yield path
    runner.wipe(path)


def test_ray(box, short):
    """The node runs the driver's Python."""
    cluster = Cluster(box, ["ray[default]"])
    cluster.pack("env.zip", "--with-python")
    cluster.leave()
    driver = cluster.driver_with("ray[default]")
    text = block("python ray").replace("python3.13", os.path.basename(cluster.python))
    runner.write(box.path("app.py"), text=text)
    told = cluster.run("python app.py", driver, RAY_TMPDIR=short, RAY_USAGE_STATS_ENABLED="0")
    path, version = told.out.strip().rpartition("\n")[2].split()
    assert path.endswith("/bin/" + os.path.basename(cluster.python)) and "working_dir_files" in path
    assert version == "1.0"
