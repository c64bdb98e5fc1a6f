# SPDX-License-Identifier: MIT
"""Activate.ps1 in a PowerShell of this system: $CVENV_TEST_PWSH or pwsh on PATH."""
import subprocess

import pytest

import powershell
from completers import COMMAND
from powershell import *  # noqa: F403 (the tests)
from shells import find_pwsh


class Native(powershell.PowerShell):
    def hook(self):
        return subprocess.run([COMMAND, '--shell-hook', 'powershell'], stdout=subprocess.PIPE, text=True, check=True).stdout

    def start(self, script):
        argv = [find_pwsh(), '-NoLogo', '-NoProfile', '-File', script]
        result = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=170)
        return result.returncode, result.stdout.decode('utf-8', 'replace')


@pytest.fixture
def pwsh(folder):
    if not find_pwsh():
        pytest.skip('no pwsh on this machine')
    return Native(folder)
