# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: the required programs, and their packages on each system.

have() {
    command -v "$1" >/dev/null 2>&1
}

# The package manager, and how to run it without questions.
find_manager() {
    manager=none
    for candidate in apt-get dnf apk brew; do
        if have "$candidate"; then
            manager=$candidate
            break
        fi
    done
    as_root=''
    if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then
        if have sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            as_root=sudo
        else
            as_root=no
        fi
    fi
}

# is_there NEED: quick, and without the package manager.
is_there() {
    case $1 in
    cc) echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1 ;; # which may be "ccache gcc"
    clang) have clang && echo '#include <stdio.h>' | clang -E - >/dev/null 2>&1 ;;
    libdeflate | nettle | zlib | libzstd | cmocka) pkg-config --exists "$1" 2>/dev/null ;;
    libfuzzer) fuzzer_links ;;
    msan) msan_runs ;;
    wheels) wheels_are_there ;;
    venv) "$(base_python)" -c 'import ensurepip, venv' 2>/dev/null ;;
    pydev) python_has_headers ;;
    pytest) find_pytest 'pytest' ;;
    xdist) find_pytest 'pytest, xdist' ;;
    yaml) find_pytest 'pytest, yaml' ;;
    dpkg-buildpackage) have dpkg-buildpackage && have g++ ;; # which build-essential has
    qemu) have qemu-s390x-static || have qemu-s390x ;;
    ksh) have ksh93 || have ksh ;;
    csh) have bsd-csh || have csh ;;
    dbg) have python3-dbg || have python3-debug || have python3.11-dbg ;;
    pypy) have pypy3 && pypy3 -c 'import ensurepip' 2>/dev/null ;;
    mkfs.*) have "$1" || [ -x "/sbin/$1" ] || [ -x "/usr/sbin/$1" ] ;;
    *) have "$1" ;;
    esac
}

# The packages of a need, for the package manager found; none where it has none.
packages_of() {
    case $manager:$1 in
    brew:mkfs.*) ;;
    *:mkfs.btrfs) echo btrfs-progs ;;
    *:mkfs.xfs) echo xfsprogs ;;

    apt-get:cc) echo gcc libc6-dev ;;
    apt-get:ninja) echo ninja-build ;;
    apt-get:libdeflate) echo libdeflate-dev ;;
    apt-get:nettle) echo nettle-dev ;;
    apt-get:zlib) echo zlib1g-dev ;;
    apt-get:libzstd) echo libzstd-dev ;;
    apt-get:cmocka) echo libcmocka-dev ;;
    apt-get:wheels) echo python3-pip-whl python3-setuptools-whl ;;
    apt-get:venv) echo python3-venv ;;
    apt-get:pydev) echo python3-dev ;;
    apt-get:pytest) echo python3-pytest ;;
    apt-get:xdist) echo python3-pytest-xdist ;;
    apt-get:yaml) echo python3-yaml ;;
    apt-get:musl-gcc) echo musl-tools ;;
    apt-get:x86_64-w64-mingw32-gcc) echo gcc-mingw-w64-x86-64-win32 ;;
    apt-get:dpkg-buildpackage) echo dpkg-dev build-essential ;;
    apt-get:dh) echo debhelper ;;
    apt-get:rpmbuild) echo rpm ;;
    apt-get:makepkg) echo makepkg pacman-package-manager libarchive-tools ;;
    apt-get:ksh) echo ksh93u+m ;;
    apt-get:qemu | dnf:qemu) echo qemu-user-static ;;
    apt-get:dbg) echo python3-dbg ;;
    apt-get:pypy) echo pypy3 pypy3-venv ;;
    apt-get:libfuzzer | apt-get:msan) echo "libclang-rt-$(clang_major)-dev" ;;

    dnf:cc) echo gcc glibc-devel libasan libubsan ;;
    dnf:ninja) echo ninja-build ;;
    dnf:pkg-config) echo pkgconf-pkg-config ;;
    dnf:libdeflate) echo libdeflate-devel ;;
    dnf:nettle) echo nettle-devel ;;
    dnf:zlib) echo zlib-devel ;;
    dnf:libzstd) echo libzstd-devel ;;
    dnf:cmocka) echo libcmocka-devel ;;
    dnf:wheels) echo python-pip-wheel python-setuptools-wheel ;;
    dnf:venv) echo python3 ;;
    dnf:pydev) echo python3-devel ;;
    dnf:pytest) echo python3-pytest ;;
    dnf:xdist) echo python3-pytest-xdist ;;
    dnf:yaml) echo python3-pyyaml ;;
    dnf:musl-gcc) echo musl-gcc musl-libc-static ;;
    dnf:x86_64-w64-mingw32-gcc) echo mingw64-gcc ;;
    dnf:dbg) echo python3-debug ;;
    dnf:csh) echo tcsh ;;
    dnf:rpmbuild) echo rpm-build ;;
    dnf:libfuzzer | dnf:msan) echo clang compiler-rt ;;
    dnf:clang-format | dnf:clang-tidy) echo clang-tools-extra ;;
    dnf:shellcheck) echo ShellCheck ;;
    dnf:pypy | dnf:posh | dnf:yash) ;;

    apk:cc) echo gcc musl-dev ;;
    apk:ninja) echo samurai ;;
    apk:pkg-config) echo pkgconf ;;
    apk:libdeflate) echo libdeflate-dev ;;
    apk:nettle) echo nettle-dev ;;
    apk:zlib) echo zlib-dev zlib-static ;;
    apk:libzstd) echo zstd-dev zstd-static ;;
    apk:cmocka) echo cmocka-dev ;;
    apk:wheels | apk:venv) echo python3 ;;
    apk:pydev) echo python3-dev ;;
    apk:pytest) echo py3-pytest ;;
    apk:xdist) echo py3-pytest-xdist ;;
    apk:yaml) echo py3-yaml ;;
    apk:csh) echo tcsh ;;
    apk:x86_64-w64-mingw32-gcc) echo mingw-w64-gcc ;;
    apk:libfuzzer) echo clang compiler-rt ;;
    apk:clang-format | apk:clang-tidy) echo clang-extra-tools ;;
    apk:qemu) echo qemu-aarch64 qemu-arm qemu-i386 qemu-riscv64 qemu-s390x ;;
    apk:musl-gcc | apk:ksh | apk:posh | apk:pypy | apk:dbg | apk:msan) ;;

    brew:cc | brew:qemu | brew:musl-gcc | brew:strace | brew:valgrind | brew:msan | brew:busybox | brew:posh | brew:dbg | brew:csh) ;;
    brew:wheels | brew:venv | brew:pydev | brew:python3) echo python ;;
    brew:pkg-config) echo pkgconf ;;
    brew:libzstd) echo zstd ;;
    brew:x86_64-w64-mingw32-gcc) echo mingw-w64 ;;
    brew:pypy) echo pypy3 ;;
    brew:ksh) echo ksh93 ;;
    brew:libfuzzer | brew:clang | brew:clang-tidy) echo llvm ;;
    brew:pytest | brew:xdist | brew:yaml) ;;

    # The tools of one system, for its packages.
    dnf:dpkg-buildpackage | dnf:dh | dnf:lintian | dnf:makepkg) ;;
    apk:dpkg-buildpackage | apk:dh | apk:lintian | apk:rpmbuild | apk:rpmlint | apk:makepkg) ;;
    brew:buildah | brew:dpkg-buildpackage | brew:dh | brew:lintian | brew:rpmbuild | brew:rpmlint | brew:makepkg) ;;

    none:*) ;;
    *) echo "$1" ;;
    esac
}

# Needs of more than one command. Every need is a case of is_there and of packages_of.
need_build='cc python3 meson ninja pkg-config libdeflate nettle zlib libzstd'
need_test="$need_build cmocka venv"
want_shells='dash bash zsh ksh mksh yash busybox fish tcsh csh xonsh posh'
want_cli="wheels pytest xdist strace mkfs.btrfs mkfs.xfs $want_shells dbg pypy"
want_release='git wheels musl-gcc x86_64-w64-mingw32-gcc m4 pydev dpkg-buildpackage dh rpmbuild'
want_release_test="$want_release pytest xdist yaml curl unzip busybox mandoc lintian rpmlint cpio makepkg"

# install PACKAGE...: false when it cannot be done.
install() {
    case $manager in
    apt-get)
        try_install apt-get install -y --no-install-recommends "$@" ||
            { try_install apt-get update && try_install apt-get install -y --no-install-recommends "$@"; }
        ;;
    dnf) try_install dnf install -y "$@" ;;
    apk) try_install apk add "$@" || { try_install apk update && try_install apk add "$@"; } ;;
    brew) try_install brew install "$@" ;;
    *) return 1 ;;
    esac
}

try_install() {
    [ "$as_root" != no ] || return 1
    mkdir -p "$log"
    DEBIAN_FRONTEND=noninteractive ${as_root:+sudo DEBIAN_FRONTEND=noninteractive} "$@" \
        >>"$log/install.log" 2>&1 </dev/null 9>&-
}

# What a person types to install the packages.
install_line() {
    case $manager in
    apt-get) echo "apt-get update && apt-get install -y --no-install-recommends$1" ;;
    dnf) echo "dnf install -y$1" ;;
    apk) echo "apk add$1" ;;
    brew) echo "brew install$1" ;;
    esac
}

missing_of() {
    missing=''
    for need in "$@"; do
        is_there "$need" || missing="$missing $need"
    done
}

packages_for() {
    packages=''
    for need in "$@"; do
        more=$(packages_of "$need")
        packages="$packages${more:+ $more}"
    done
}

# prepare 'NEED ...' 'WANT ...': installs all missing packages of both at once. The script ends if a
# need is still missing. It names a missing want and continues without it. It tries to install that
# again after `./dev clean` only.
# shellcheck disable=SC2086 # lists of words throughout
prepare() {
    missing_of $1
    needed=$missing
    missing_of $2
    wanted=''
    for need in $missing; do
        [ -e "$build/unavailable/$need" ] || wanted="$wanted $need"
    done
    if [ "$needed$wanted" ]; then
        find_manager
        packages_for $needed $wanted
        if [ "$packages" ] && [ "$as_root" != no ]; then
            say "installing$packages"
            install $packages || install_one_by_one $needed $wanted
        fi
        remember_unavailable $wanted
        missing_of $1
        [ -z "$missing" ] || give_up "$missing" "$packages"
    fi
    missing_of $2
    [ -z "$missing" ] || say "continuing without:$missing$(how_to_add)"
}

# Without root nothing was tried, so nothing is remembered as unavailable.
remember_unavailable() {
    [ "$as_root" != no ] || return 0
    for need in "$@"; do
        is_there "$need" || { mkdir -p "$build/unavailable" && : >"$build/unavailable/$need"; }
    done
}

# shellcheck disable=SC2086
how_to_add() {
    if [ "${as_root-}" = no ]; then
        packages_for $missing
        [ -z "$packages" ] || echo " (to add them, as root: $(install_line "$packages"))"
    fi
}

# The printed line installs all packages of the command, including the wants.
give_up() {
    [ "$as_root" = no ] || [ ! -e "$log/install.log" ] || tail -n 20 "$log/install.log" >&2
    say "missing:$1"
    how=$(install_line "$2")
    if [ ! "$2" ] || [ ! "$how" ]; then
        die "install them and try again"
    elif [ "$manager" = brew ]; then
        die "install them with: $how"
    fi
    die "install them as root with: $how"
}

# One unknown package must not prevent the installation of the others.
# shellcheck disable=SC2086
install_one_by_one() {
    for need in "$@"; do
        packages_for "$need"
        [ -z "$packages" ] || install $packages || :
    done
    packages_for "$@"
}

require() {
    prepare "$*" ''
}

want() {
    prepare '' "$*"
}

base_python() {
    command -v "${CVENV_PYTHON:-python3}" || echo python3
}

# What the Python package is compiled with. Meson takes the first python3 too.
python_has_headers() {
    "$(base_python)" 2>/dev/null - <<'END'
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))
END
}

# Is a wheel of pip available for cvenv: the distribution's, or the base's own?
wheels_are_there() {
    set -- /usr/share/python-wheels/pip-*.whl
    [ -e "$1" ] || "$(base_python)" - 2>/dev/null <<'END'
import glob, os, sys, sysconfig
lib = sysconfig.get_path("stdlib")
dirs = [os.path.join(lib, "ensurepip", "_bundled"), sysconfig.get_config_var("WHEEL_PKG_DIR")]
sys.exit(not any(glob.glob(os.path.join(d, "pip-*.whl")) for d in dirs if d))
END
}

# find_pytest 'MODULE, ...': leaves in $pytest a Python that has these modules.
find_pytest() {
    for pytest in "$build/tools/python/bin/python" python3 /usr/bin/python3; do
        if have "$pytest" && "$pytest" -c "import $1" 2>/dev/null; then
            return
        fi
    done
    pytest=''
    return 1
}

clang_major() {
    clang -dumpversion 2>/dev/null | sed 's/[.].*//'
}

fuzzer_links() {
    have clang && mkdir -p "$build" &&
        echo 'int LLVMFuzzerTestOneInput(const void *d, unsigned long n) { return d && n > 9; }' |
        clang -fsanitize=fuzzer,address -x c -o "$build/fuzzer.$$" - 2>/dev/null &&
        rm -f "$build/fuzzer.$$"
}

# An old MemorySanitizer fails on the memory layout of newer kernels.
msan_runs() {
    have clang || return
    mkdir -p "$build"
    msan_status=0
    { echo 'int main(void) { return 0; }' | clang -fsanitize=memory -x c -o "$build/msan.$$" - &&
        "$build/msan.$$"; } 2>/dev/null || msan_status=1
    rm -f "$build/msan.$$"
    return $msan_status
}
