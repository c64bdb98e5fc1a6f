#!/bin/sh
# SPDX-License-Identifier: MIT
# On another release of a distribution: the package of the wheel in the tree, if there is one, in
# the Pythons of that release.
set -eu
cd -- "$(dirname -- "$0")/../.."
set -- "$PWD"/cvenv-*.whl
[ -e "$1" ] || exit 0
CVENV_WHEEL=$1
export CVENV_WHEEL
exec ./dev test tests/python/test_cpython.py tests/python/test_interface.py \
    tests/python/test_steps.py tests/python/test_subclasses.py
