# SPDX-License-Identifier: MIT
"""tox 4 with environments from cvenv: put this beside tox.ini, and in it `runner = cvenv`."""

import subprocess

from tox.plugin import impl
from tox.tox_env.python.virtual_env.runner import VirtualEnvRunner


class CvenvRunner(VirtualEnvRunner):
    """virtualenv still finds the interpreter; the environment is made by cvenv."""

    @staticmethod
    def id():
        return "cvenv"

    def create_python_env(self):
        python = self.session.interpreter.system_executable
        subprocess.run(["cvenv", "--quiet", "--clear", "-p", python, str(self.env_dir)], check=True)


@impl
def tox_register_tox_env(register):
    register.add_run_env(CvenvRunner)
