# SPDX-License-Identifier: MIT
"""The actions on finished environments: what they list, find, repair and make works on Windows."""

import json
import os
import tempfile
import zipfile

import pytest

import runner
import session
import wine
from test_clear import running
from test_pip import wheel_with_scripts

PIP_ENV = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INDEX": "1"}
SPACE = "new place"


def site_of(root):
    return os.path.join(root, "Lib", "site-packages")


def script(box, root, name, *args):
    return box.run(os.path.join(root, "Scripts", name), *args, env=PIP_ENV)


@pytest.fixture(scope="module")
def installed():
    """{Python: an environment with pip, and with a wheel that has scripts}: pip is slow here."""
    return {}


@pytest.fixture
def env(box, newest, installed):
    """A clone of it."""
    if newest not in installed:
        root = os.path.join(tempfile.mkdtemp(dir=session.place("", disk=True)), "installed")
        box.cvenv("-p", newest.exe, wine.windows_path(root)).quiet()
        wheel = wine.windows_path(wheel_with_scripts(box.root))
        script(box, root, "pip.exe", "install", "-q", "--no-compile", wheel).ok()
        installed[newest] = root
    box.cvenv("--clone", wine.windows_path(installed[newest]), "env").quiet()
    return box.path("env")


def says(result):
    """The objects of --json."""
    return [json.loads(line) for line in result.out.splitlines()]


def check(box, root, *args):
    """{kind: [file, ...]} of what --check finds; notes do not count."""
    (said,) = says(box.cvenv("--check", "--json", *args, wine.windows_path(root)))
    found = {}
    for finding in said["findings"]:
        if finding["severity"] != "note":
            found.setdefault(finding["kind"], []).append(finding.get("file"))
    return found


def mentions(root, path):
    """The files that contain PATH; bytecode does not count."""
    found = []
    for where, _, files in os.walk(root):
        for name in files:
            with open(os.path.join(where, name), "rb") as f:
                if not name.endswith(".pyc") and path.encode() + b"\\" in f.read():
                    found.append(name)
    return found


def runs(box, root):
    """The script runs, by way of python.exe; returns the directory in lower case."""
    name = wine.windows_path(root).lower()
    assert check(box, root, "--check=full") == {}
    said = script(box, root, "cvhello.exe", "a b")
    assert said.rc == 3 and said.out.startswith("hello ['a b'] "), str(said)
    assert said.out.rstrip().lower().endswith(name)
    return name


def works(box, root):
    """The same for pip, which finds its files."""
    name = runs(box, root)
    assert name + "\\" in script(box, root, "pip.exe", "--version").ok().out.lower()


def uninstalls(box, root):
    script(box, root, "pip.exe", "uninstall", "-q", "-y", "cvhello").ok()
    left = os.listdir(site_of(root)) + os.listdir(os.path.join(root, "Scripts"))
    assert not [name for name in left if name.startswith("cv")]


def test_list(box, env, newest):
    (said,) = says(box.cvenv("--list", "--json", ".").ok())
    assert said["path"].lower() == wine.windows_path(env).lower()
    assert said["maker"] == "cvenv" and said["version"].startswith(newest.x_y + ".")
    assert said["package_count"] == 2 and not said["broken"]
    assert said["bytes"] > 1 << 20 and said["files"] > 100
    assert said["last_used"] == 0  # access times are not kept


def test_check(box, env):
    assert check(box, env, "--check=full") == {}
    os.remove(os.path.join(site_of(env), "cvhello.py"))
    os.remove(os.path.join(env, "Scripts", "python.exe"))
    runner.write(env, "pyvenv.cfg", text=runner.read(env, "pyvenv.cfg").replace("home = Z:", "home = Z:\\gone"))
    launcher = os.path.join(env, "Scripts", "cvgui.exe")
    with open(launcher, "rb") as f:
        data = f.read()
    with open(launcher, "wb") as f:
        f.write(data.replace(b"\\pythonw.exe", b"\\python9.exe"))
    found = check(box, env)
    assert set(found) >= {"file-missing", "python-missing", "home-missing"}, found
    assert found["script-python-missing"] == ["Scripts/cvgui.exe"]


def test_clone_works_without_source(box, env):
    (said,) = says(box.cvenv("--clone", "--json", "env", SPACE).ok())
    assert said["action"] == "cloned" and said["left"] == []
    os.rename(env, env + ".gone")
    clone = box.path(SPACE)
    assert mentions(clone, wine.windows_path(env)) == []
    works(box, clone)
    uninstalls(box, clone)


def test_move(box, env):
    box.cvenv("--move", "env", SPACE).quiet()
    assert os.listdir(box.work) == [SPACE]
    assert mentions(box.path(SPACE), wine.windows_path(env)) == []
    works(box, box.path(SPACE))


def test_repair_of_a_renamed_environment(box, env):
    moved = box.path(SPACE)
    os.rename(env, moved)
    assert "moved" in check(box, moved)
    box.cvenv("--repair", SPACE).quiet()
    assert mentions(moved, wine.windows_path(env)) == []
    works(box, moved)
    uninstalls(box, moved)


@pytest.fixture
def made_by_uv(box, newest):
    """An environment with two scripts, which uv writes as launchers of its own."""
    uv = wine.bench("uv", "uv.exe")
    if not os.path.exists(uv):
        pytest.skip("no uv for Windows in the bench")
    alone = {"UV_CACHE_DIR": box.name("uv-cache"), "UV_NO_CONFIG": "1", "UV_OFFLINE": "1"}
    box.run(uv, "venv", "-q", "--python", newest.exe, "env", env=alone).ok()
    wheel = wine.windows_path(wheel_with_scripts(box.root))
    box.run(uv, "pip", "install", "-q", "--python", box.name("env", "Scripts", "python.exe"), wheel, env=alone).ok()
    assert not box.run(box.path("env", "Scripts", "cvhello.exe"), "a").err
    return box.path("env")


def test_launchers_of_uv(box, made_by_uv):
    """They are cloned, found in another place, and repaired; RECORD has their new hashes."""
    assert check(box, made_by_uv, "--check=full") == {}
    (said,) = says(box.cvenv("--clone", "--json", "env", SPACE).ok())
    assert said["left"] == []
    moved = box.path("moved")
    os.rename(made_by_uv, moved)
    assert check(box, moved) == {"moved": [None]}
    box.cvenv("--repair", "moved").quiet()
    for root in (box.path(SPACE), moved):
        runs(box, root)
        assert mentions(root, wine.windows_path(made_by_uv)) == []
        with zipfile.ZipFile(os.path.join(root, "Scripts", "cvhello.exe")) as archive:
            assert archive.testzip() is None


def test_remove(box, env):
    runner.write(box.path("other", "file"), text="x")
    box.cvenv("--remove", "other").refused("other")
    (said,) = says(box.cvenv("--remove", "--json", "env").ok())
    assert said["action"] == "removed" and said["bytes_freed"] > 1 << 20
    assert os.listdir(box.work) == ["other"]


def test_remove_of_an_environment_in_use_is_all_or_nothing(box, env):
    """wine lets us rename it (test_clear.py), but not delete its python.exe."""
    before = sorted(os.listdir(env))
    with running(box, env):
        result = box.cvenv("--remove", "env")
    if os.path.exists(env):
        result.refused("env")
        assert sorted(os.listdir(env)) == before
    else:
        assert [name for name in os.listdir(box.work) if not name.startswith(".cvenv-")] == []


def test_pack(box, env):
    (said,) = says(box.cvenv("--pack", "--json", "-o", "env.zip", "env").ok())
    assert said["format"] == "zip" and said["left"] == []
    os.rename(env, env + ".gone")
    unpacked = box.path(SPACE)
    with zipfile.ZipFile(box.path("env.zip")) as archive:
        archive.extractall(unpacked)
    assert mentions(unpacked, wine.windows_path(env)) == []
    works(box, unpacked)
    uninstalls(box, unpacked)
