# SPDX-License-Identifier: MIT
"""venv, for programs that cannot be edited: the tests of CPython.

Every message of the library becomes "x": the package decides by error codes alone.
"""

import sys

import cvenv

_failure = cvenv._errors.failure
cvenv._errors.failure = lambda code, message, hint, *rest: _failure(code, "x", "", *rest)

if __name__ == "__main__":
    sys.exit(cvenv.main())
sys.modules[__name__] = cvenv
