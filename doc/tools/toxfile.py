# SPDX-License-Identifier: MIT
"""Environments from cvenv in tox 4. Copy this beside tox.ini, and set `runner = cvenv` there."""

import subprocess

from tox.plugin import impl
from tox.tox_env.python.virtual_env.runner import VirtualEnvRunner


class CvenvRunner(VirtualEnvRunner):
    """virtualenv finds the interpreter, and cvenv creates the environment."""

    @staticmethod
    def id():
        return "cvenv"

    def create_python_env(self):
        python = self.session.interpreter.system_executable
        subprocess.run(["cvenv", "--quiet", "--clear", "-p", python, str(self.env_dir)], check=True)


@impl
def tox_register_tox_env(register):
    register.add_run_env(CvenvRunner)
