# SPDX-License-Identifier: MIT
"""`python -m cvenv`: runs the command. The default of -p is this Python."""

import os
import sys


def command():
    """The path of the command that was installed with this package, or None."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.normpath(os.path.join(here, *[os.pardir] * 4, "bin", "cvenv"))
    return path if os.access(path, os.X_OK) else None


def run():
    program = command()
    if program:
        os.environ["CVENV_PYTHON"] = getattr(sys, "_base_executable", None) or sys.executable
        os.execv(program, [program, *sys.argv[1:]])
    from . import main

    try:
        main()
    except Exception as e:
        sys.stderr.write("cvenv: error: %s\n" % e)
        sys.exit(1)


run()
