#!/bin/sh
# SPDX-License-Identifier: MIT
#
# suite.sh BUILD SUITE [ARGUMENT...]: runs the tests in tests/SUITE by pytest, on what was built in
# the directory BUILD. ./dev test and Meson call it. The arguments are for pytest; one that begins
# with tests/ replaces the whole directory. Exit status 77, "skipped" to Meson, if there is no pytest.

set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
build=$root/build
# shellcheck source=tools/dev/packages.sh
. "$root/tools/dev/packages.sh"

CVENV_BUILD=$1
suite=$2
shift 2
CVENV=$CVENV_BUILD/src/cli/cvenv
[ ! -e "$CVENV.exe" ] || CVENV=$CVENV.exe
CVENV=${CVENV_EMULATED:-$CVENV} # a script that runs it by qemu
if [ ! "${CVENV_RELEASE-}" ] && [ -x "$build/release/src/cli/cvenv" ]; then
    CVENV_RELEASE=$build/release/src/cli/cvenv
    export CVENV_RELEASE
fi
# Do not load plugins of other system packages: xonsh's fails on Debian 13.
export CVENV_BUILD CVENV PYTHONDONTWRITEBYTECODE=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1

case " $*" in
*' tests/'*) ;;
*) set -- "tests/$suite" "$@" ;;
esac
if find_pytest 'pytest, xdist'; then
    set -- -p xdist -n "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" "$@"
elif ! find_pytest pytest; then
    echo "no pytest: the tests in tests/$suite are skipped" >&2
    exit 77
fi
cd "$root"
exec "$pytest" -m pytest -q -rfEs --rootdir="$root" \
    --junitxml="$CVENV_BUILD/pytest-$suite.xml" "$@"
