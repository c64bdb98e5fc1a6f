# SPDX-License-Identifier: MIT
"""`python -m cvenv`: runs the command. The default of -p is this Python."""

import os
import sys


def replace_process(args):
    """Run a program, and end as it ends."""
    if os.name != "nt":
        os.execv(args[0], args)
    # There, execv() ends at once, and nobody waits for the program.
    import signal
    import subprocess

    for number in (signal.SIGINT, signal.SIGBREAK):  # the program gets them, too
        signal.signal(number, signal.SIG_IGN)
    sys.exit(subprocess.call(args))


def run():
    from ._command import commands

    program = next(commands(everywhere=False), None)
    if program:
        os.environ["CVENV_PYTHON"] = getattr(sys, "_base_executable", None) or sys.executable
        replace_process([program, *sys.argv[1:]])
    from . import main

    try:
        main()
    except Exception as e:
        sys.stderr.write("cvenv: error: %s\n" % e)
        sys.exit(1)


run()
