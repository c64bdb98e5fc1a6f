# SPDX-License-Identifier: MIT
"""The plug-in of virtualenv, in a CPython for Windows. tests/python/test_virtualenv.py has the details."""

import os
import subprocess
import sys

import pytest

import runner
import session
import wine

WHEEL = os.environ.get("CVENV_WINDOWS_WHEEL")

pytestmark = pytest.mark.skipif(not WHEEL, reason="no wheel for Windows: set CVENV_WINDOWS_WHEEL")


@pytest.fixture
def virtualenv_site(newest):
    """virtualenv and what it needs, which is pure Python, by the pip of this machine."""
    where = session.place("virtualenv-site")
    with session.locked("virtualenv-site"):
        if not os.path.exists(where):
            asked = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--target"]
            asked += [where + ".new", "--only-binary=:all:", "--platform=win_amd64", "--implementation=cp"]
            asked += ["--python-version=%s" % newest.x_y, "virtualenv"]
            argv = [sys.executable, "-m", "pip", *asked]
            result = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if result.returncode:
                pytest.skip("cannot install virtualenv: %s" % result.stderr.strip().rpartition("\n")[2])
            os.rename(where + ".new", where)
    return where


def test_plugin(windows, newest, virtualenv_site):
    path = [virtualenv_site, session.unpacked(WHEEL)]
    env = {
        "PYTHONPATH": ";".join(map(wine.windows_path, path)),
        "VIRTUALENV_OVERRIDE_APP_DATA": windows.name("data"),
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    chosen = ["--creator", "cvenv", "--seeder", "cvenv"]
    left = os.path.join(windows.path("env"), "left")
    for more in ([], ["--clear"]):
        args = ["-m", "virtualenv", *chosen, *more, windows.name("env")]
        said = windows.run(newest.path, *args, env=env, timeout=300).ok()
        assert "CvenvCreator" in said.out and "cannot create symbolic links" not in said.out + said.err
        config = runner.cfg(windows.path("env"))
        assert {"cvenv", "virtualenv", "version_info", "base-prefix", "home"} <= set(config)
        assert not os.path.exists(left)
        runner.write(left)
    pip = windows.run(windows.path("env", "Scripts", "pip.exe"), "--version", timeout=300).ok()
    assert windows.name("env") in pip.out
