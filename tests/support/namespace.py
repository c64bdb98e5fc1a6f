# SPDX-License-Identifier: MIT
"""Mount namespaces: root can make one, and others can where user namespaces are allowed."""

import subprocess

import pytest


def in_namespace(script, *harmless):
    """argv that runs the shell SCRIPT in a mount namespace of its own; its arguments follow.

    SCRIPT is tried first with the arguments HARMLESS. The test is skipped if that fails.
    """
    tried = []
    for unshare in (["unshare", "-m"], ["unshare", "-Urm"]):
        argv = [*unshare, "sh", "-c", script, "sh"]
        try:
            said = subprocess.run([*argv, *harmless], capture_output=True, text=True)
        except OSError as e:
            pytest.skip("no mount namespace: %s" % e)
        if said.returncode == 0:
            return argv
        tried.append(said.stderr.strip())
    pytest.skip("no mount namespace: " + "; ".join(tried))
