# SPDX-License-Identifier: MIT
"""Activate.ps1 in PowerShell for Windows, under wine."""

import pytest

from powershell import *  # noqa: F403 (the tests)
from powershell import UnderWine
from shells import RENDER


@pytest.fixture
def pwsh(box):
    if UnderWine.missing():
        pytest.skip(UnderWine.missing())
    if not RENDER:
        pytest.skip("no tests/shells/render: CVENV_RENDER is not set")
    return UnderWine(box)
