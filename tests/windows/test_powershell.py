# SPDX-License-Identifier: MIT
"""Activate.ps1 in PowerShell for Windows, under wine."""

import os
import shlex
import shutil
import subprocess

import pytest

import powershell
import wine
from powershell import *  # noqa: F403 (the tests)
from shells import RENDER

PWSH = wine.bench("pwsh", "pwsh.exe")


class UnderWine(powershell.PowerShell):
    windows, bin, slash, colon = True, "Scripts", "\\", ";"

    def __init__(self, windows):
        super().__init__(windows.work)
        self.in_wine = windows

    def name(self, path):
        return wine.windows_path(path)

    def start(self, script):
        """On a terminal: without one, it runs nothing under wine."""
        argv = [wine.bench("bin", "wine"), PWSH, "-NoLogo", "-NoProfile", "-ExecutionPolicy", "Bypass",
                "-File", self.name(script)]
        result = subprocess.run(
            ["script", "-qec", shlex.join(argv), "/dev/null"], cwd=self.folder, stdin=subprocess.DEVNULL,
            env=self.in_wine.environ({"TERM": "xterm"}), stdout=subprocess.PIPE, timeout=wine.TIME_LIMIT)
        return result.returncode, result.stdout.decode("utf-8", "replace")


@pytest.fixture
def pwsh(windows):
    if not os.path.exists(PWSH):
        pytest.skip("no PowerShell for Windows in the bench")
    if not shutil.which("script"):
        pytest.skip("no program `script`, for a terminal")
    if not RENDER:
        pytest.skip("no tests/shells/render: CVENV_RENDER is not set")
    return UnderWine(windows)
