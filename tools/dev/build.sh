# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: builds, the Python package's wheel, run and install.

# Two processes must not build in one directory at the same time.
lock() {
    if ! mkdir -p "$build" 2>/dev/null || [ ! -w "$build" ]; then
        die "cannot write to '$build': copy the clone to a directory that you may write to, and run ./dev there"
    fi
    if have flock; then
        exec 9>"$build/lock"
        flock 9
    fi
}

unlock() {
    exec 9>&-
}

# compile NAME [MESON OPTION...]: brings build/NAME up to date, or of it only $targets. Configures
# it again if the tree was moved or copied since.
targets=''
compile() {
    compile_dir=$build/$1
    compile_name=$1
    shift
    configured="$root $*"
    if [ -e "$compile_dir/build.ninja" ] &&
        [ "$(cat "$compile_dir/configured" 2>/dev/null)" = "$configured" ] && have ninja; then
        # shellcheck disable=SC2086
        quietly "$compile_name" ninja -C "$compile_dir" $targets
        return
    fi
    # shellcheck disable=SC2086
    require $need_build
    rm -rf "$compile_dir"
    say "building build/$compile_name"
    quietly "$compile_name-setup" meson setup "$@" "$compile_dir" "$root" || return
    printf '%s\n' "$configured" >"$compile_dir/configured"
    # shellcheck disable=SC2086
    quietly "$compile_name" ninja -C "$compile_dir" $targets
}

build_release() {
    compile release --buildtype=release -Db_lto=true -Dtests=disabled
}

# Sanitizers where the compiler has them (gcc has none for musl).
build_dev() {
    if echo 'int main(void) { return 0; }' |
        ${CC:-cc} -fsanitize=address,undefined -x c -o "$build/sanitize.$$" - 2>/dev/null; then
        rm -f "$build/sanitize.$$"
        compile dev --native-file "$root/dev.ini" -Dtests=enabled -Dpython=auto
    else
        say "${CC:-cc} has no sanitizers here, continuing without"
        compile dev --native-file "$root/dev.ini" -Db_sanitize=none -Dtests=enabled -Dpython=auto
    fi
}

# For the tests that find uninitialised or leaked memory: a build for valgrind, which supports
# neither sanitizers nor static programs, and one for MemorySanitizer. False if one does not build.
# A tool that cannot be installed is named and left out.
build_memory() {
    want msan
    if have valgrind; then
        compile valgrind --buildtype=debugoptimized -Db_lto=false -Dstatic=disabled -Dtests=enabled || return
        CVENV_MEMCHECK=$(binary valgrind)
        export CVENV_MEMCHECK
    fi
    if is_there msan; then
        CC=clang compile msan --buildtype=debug -Db_sanitize=memory -Db_lundef=false -Db_lto=false \
            -Dc_args=-fsanitize-memory-track-origins -Dtests=enabled
    fi
}

# Install meson-python, with its own Meson, from the index in $tools. False if that fails.
have_mesonpy() {
    tools=$build/tools/wheel
    "$tools/bin/python" -c 'import mesonpy' 2>/dev/null && return
    [ ! -e "$build/unavailable/meson-python" ] || return
    say 'installing meson-python (pip)'
    if quietly wheel-tools "$(binary release)" --clear --python "$(base_python)" "$tools" &&
        quietly wheel-tools "$tools/bin/python" -m pip install meson-python; then
        return
    fi
    mkdir -p "$build/unavailable"
    : >"$build/unavailable/meson-python"
    return 1
}

# Build the wheel of the Python package, and set $CVENV_WHEEL. Without its tools the variable is not
# set; false if the build fails. A wheel that the variable names already is used.
build_wheel() {
    if [ -e "${CVENV_WHEEL-}" ]; then return; fi
    want pydev
    if ! is_there pydev || ! have_mesonpy; then
        say 'continuing without the Python package: no Python.h, or no meson-python'
        return
    fi
    make_wheel wheel wheel-dist -Db_lto=false || return
    CVENV_WHEEL=$made_wheel
    export CVENV_WHEEL
}

# The same for Windows, after build_target: $CVENV_WINDOWS_WHEEL. Python.h and the import library are
# those of the oldest Python in the bench.
build_windows_wheel() {
    if [ -e "${CVENV_WINDOWS_WHEEL-}" ]; then return; fi
    oldest=$CVENV_WINDOWS/py/3.8
    if ! [ -e "$oldest/libs/python3.lib" ] || ! build_release || ! have_mesonpy; then
        say 'continuing without the Python package for Windows: no CPython 3.8 for Windows, or no meson-python'
        return
    fi
    make_wheel wheel-windows wheel-dist-windows -Db_lto=false --cross-file "$build/cross/$windows_target.ini" \
        "-Dpython_headers=$oldest/include" || return
    CVENV_WINDOWS_WHEEL=$made_wheel
    export CVENV_WINDOWS_WHEEL
}

# make_wheel NAME DIST MESON_OPTION...: builds in build/NAME the only file in build/DIST, $made_wheel.
make_wheel() {
    wheel_name=$1
    dist=$build/$2
    shift 2
    if [ "$(cat "$build/$wheel_name/configured" 2>/dev/null)" != "$root $*" ]; then
        rm -rf "${build:?}/$wheel_name"
        say "building build/$wheel_name"
    fi
    rm -rf "$dist"
    mkdir -p "$dist"
    (
        cd "$root"
        PATH=$tools/bin:$PATH
        case $wheel_name in
        *-windows) # what meson-python would otherwise ask this Python
            _PYTHON_HOST_PLATFORM=win-amd64
            export _PYTHON_HOST_PLATFORM
            ;;
        esac
        quietly "$wheel_name" "$tools/bin/python" -c '
import sys
sys.path.insert(0, "python")
import backend
backend.build_wheel(sys.argv[1], {"build-dir": sys.argv[2], "setup-args": sys.argv[3:]})
' "$dist" "$build/$wheel_name" "$@"
    ) || return
    printf '%s\n' "$root $*" >"$build/$wheel_name/configured"
    made_wheel=$(echo "$dist"/*.whl)
}

# The command within a build directory.
binary() {
    case $1 in
    *-windows*) echo "$build/$1/src/cli/cvenv.exe" ;;
    *) echo "$build/$1/src/cli/cvenv" ;;
    esac
}

cmd_build() {
    name=release
    case ${1-} in
    '') ;;
    --target=*) name=${1#*=} ;;
    --target) name=${2-} ;;
    *) die "build: unknown argument '$1'" ;;
    esac
    lock
    if [ "$name" = release ]; then
        build_release || exit 1
    else
        build_target "$name" || die "cannot build for $name${why_not:+: $why_not}"
    fi
    unlock
    say "built $(binary "$name")"
}

cmd_run() {
    lock
    # A fresh Debian has no Python, or one without wheels of pip to install.
    if [ ! -e "$build/has-python" ]; then
        prepare "$need_build" wheels
        : >"$build/has-python"
    fi
    build_release || exit 1
    unlock
    [ ! -t 1 ] || exec "$(binary release)" "$@"
    "$(binary release)" "$@" || exit
    name_environments "$@"
}

# If stdout is no terminal, cvenv itself prints nothing on success.
name_environments() {
    [ $# -gt 0 ] || set -- .venv
    for arg in "$@"; do
        case $arg in -q* | --q*) return ;; esac
    done
    for arg in "$@"; do
        [ ! -f "$arg/pyvenv.cfg" ] ||
            say "environment '$arg' is ready: Python $(sed -n 's/^version = //p' "$arg/pyvenv.cfg")"
    done
}

cmd_install() {
    if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=$HOME/.local; fi
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix=*) prefix=${1#*=} ;;
        --prefix) [ $# -gt 1 ] || die "--prefix needs a directory" && prefix=$2 && shift ;;
        *) die "install: unknown argument '$1'" ;;
        esac
        shift
    done
    case $prefix in
    /*) ;;
    *) prefix=$PWD/$prefix ;;
    esac
    lock
    compile install --buildtype=release -Db_lto=true -Dtests=disabled \
        --default-library=both --prefix="$prefix" --libdir=lib || exit 1
    quietly install meson install -C "$build/install" --no-rebuild || exit 1
    unlock
    say "installed below $prefix"
    case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) say "$prefix/bin is not on PATH" ;;
    esac
}
