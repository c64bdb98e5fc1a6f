# SPDX-License-Identifier: MIT
"""venv, for programs that cannot be edited: the tests of CPython."""

import sys

import cvenv

if __name__ == "__main__":
    sys.exit(cvenv.main())
sys.modules[__name__] = cvenv
