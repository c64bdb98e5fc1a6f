# SPDX-License-Identifier: MIT
"""What cvenv reads of environments of all makers, beside what their own Python says."""

import json
import os
import shutil

import pytest

import makers
import runner

SAYS = """
import json, sys
from importlib import metadata
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "implementation": sys.implementation.name,
    "packages": sorted([d.metadata["Name"], d.version] for d in metadata.distributions(path=[sys.argv[1]])),
}))
"""


def examined(box, env_dir):
    line, = box.cvenv("--check", "--json", env_dir).out.splitlines()
    return json.loads(line)


def packages(result):
    return sorted([one["name"], one["version"]] for one in result["packages"])


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_says_what_its_python_says(box, made, some_py, maker):
    env = made(maker, some_py)
    said = json.loads(env.runs(SAYS, env.site).ok().out)
    result = examined(box, env.root)
    assert result["maker"] == maker
    assert result["path"] == env.root and result["python"] == env.python
    assert result["version"] == said["version"] and result["implementation"] == said["implementation"]
    assert packages(result) == said["packages"] == [["demo", "1.0"]]
    assert os.path.realpath(result["base"]) == os.path.realpath(some_py.path)
    assert result["home"] == env.cfg()["home"]
    assert not result["broken"] and not result["copies"] and result["manager"] is None
    version = {"virtualenv": "virtualenv", "uv": "uv", "cvenv": "cvenv"}.get(maker)
    assert result.get("maker_version") == (version and env.cfg()[version])


@pytest.mark.parametrize(
    "action",
    [["--check"], ["--repair"], ["--remove"], ["--pack", "-o", "x.tar"], ["--clone"], ["--move"]],
    ids=lambda action: action[0],
)
def test_what_is_no_directory_is_said_alike(box, action):
    runner.write(box.path("file"), text="a line\nand another one\n")
    os.symlink("nowhere", box.path("link"))
    after = ["dest"] if action[0] in ("--clone", "--move") else []
    for name in ("missing", "missing/below", "file/below"):
        box.cvenv(*action, name, *after).refused("error: '%s' does not exist" % box.path(name))
    box.cvenv(*action, "file", *after).refused("'%s' is not an environment: it is a file" % box.path("file"))
    if action[0] not in ("--repair", "--remove"):  # these name the target, or refuse every link
        box.cvenv(*action, "link", *after).refused("link that leads to no directory")
    said = box.cvenv(*action, "", *after)
    assert said.rc and "an empty name" in said.err
    assert sorted(os.listdir(box.work)) == ["file", "link"]


def test_every_python_of_venv(box, made, py):
    if not py.is_cpython and not os.path.exists(py.path):
        pytest.skip("gone")
    env = made("venv", py, packages=[], args=["--prompt", 'a "b" c'])
    said = json.loads(env.runs(SAYS, env.site).ok().out)
    result = examined(box, env.root)
    assert (result["maker"], result["version"]) == ("venv", said["version"])
    assert result["implementation"] == said["implementation"]
    assert result["prompt"].strip("() ") == 'a "b" c' and not result["broken"]


def test_packages_are_those_of_pip(box, made, newest):
    """Of a package with a dash in its name, of one without a version in its directory, of an editable."""
    wheel = makers.wheel(os.path.join(box.root, "wheels"), "a_b", "2.0.post1")
    env = made("venv", newest, packages=[wheel])
    egg = os.path.join(env.site, "old.egg-info")
    os.mkdir(egg)
    runner.write(egg, "PKG-INFO", text="Metadata-Version: 1.0\nName: old\nVersion: 0.5\n")
    listed = json.loads(env.pip("list", "--format", "json", "--path", env.site).ok().out)
    result = examined(box, env.root)
    assert packages(result) == sorted([one["name"], one["version"]] for one in listed)


def test_where_it_was(box, made, newest):
    """Without the original, and beside it: scripts name the place; the copy itself works."""
    env = made("venv", newest)
    copy, moved = box.path("copy"), box.path("moved")
    shutil.copytree(env.root, copy, symlinks=True)
    kinds = {one["kind"] for one in examined(box, copy)["findings"]}
    assert "moved" in kinds
    os.rename(env.root, moved)
    kinds = {one["kind"] for one in examined(box, moved)["findings"]}
    assert "moved" in kinds
    os.symlink(moved, env.root)
    kinds = {one["kind"] for one in examined(box, moved)["findings"]}
    assert "moved" not in kinds


def test_managers(box, made, newest):
    env = made("venv", newest, packages=[])
    runner.write(env.root, "pipx_metadata.json", text="{}")
    assert examined(box, env.root)["manager"] == "pipx"
    os.mkdir(box.path(".nox"))
    nox = made("venv", newest, packages=[], name=os.path.join(".nox", "tests"))
    assert examined(box, nox.root)["manager"] == "nox"


def test_no_environment(box):
    result = box.cvenv("--check", "--json", box.work)
    error = json.loads(result.out)["error"]
    assert result.rc == 1 and "has no pyvenv.cfg" in error["message"]
    assert error["code"] == 4110
