# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: builds for other systems, each in build/TARGET. Meson builds the
# libraries with them, from sources that it fetches into subprojects/.
#
# gcc builds for musl, with musl's headers and libraries. That command runs here, and is tested.
# MinGW-w64's gcc builds for Windows on x86_64; wine runs that command.
# zig's C compiler builds for the others: it has the headers and libraries of their systems.
#
# The programs are the same wherever and whenever the tree is built. They have no symbols, no paths
# of this machine and no times.

musl_target=x86_64-linux-musl
windows_target=x86_64-windows
# The same with assertions and the unit tests, which are built if $wine is a program that runs them.
windows_dev=x86_64-windows-dev
qemu_targets='aarch64-linux-musl armv7-linux-musl i686-linux-musl riscv64-linux-musl s390x-linux-musl'
# For the extension of the Python package, which cannot be static. They need glibc 2.17 or later.
glibc_targets='x86_64-linux-gnu aarch64-linux-gnu'
zig_targets="$qemu_targets aarch64-macos x86_64-macos x86_64-freebsd aarch64-windows"

# build_target TARGET: false if the build fails. Also false, and $why_not says why, if something
# cannot be installed or fetched here.
build_target() {
    target=$1
    why_not=''
    sources='libdeflate nettle zlib libzstd'
    case $target in
    "$windows_dev") sources='libdeflate zlib libzstd cmocka' ;;
    *-windows) sources='libdeflate zlib libzstd' ;; # Windows has SHA-256
    esac
    known="$musl_target $windows_target $windows_dev $zig_targets $glibc_targets"
    case " $known " in
    *" $target "*) ;;
    *) die "unknown target '$target'; the targets are: $known" ;;
    esac
    mkdir -p "$build/cross"
    # shellcheck disable=SC2086
    require $need_build
    case $target:$sources in x86_64-*nettle*) want m4 ;; esac # without it, SHA-256 is slow
    fetch_sources
    # The second command copies our meson.build files to them, in case they changed.
    # shellcheck disable=SC2086
    if ! quietly sources meson subprojects download --sourcedir "$root" $sources ||
        ! quietly sources meson subprojects packagefiles --apply --sourcedir "$root" $sources; then
        why_not="cannot fetch the sources of: $sources"
        return 1
    fi
    case $target in
    "$musl_target") build_musl ;;
    "$windows_target")
        build_windows --buildtype=release -Db_lto=true -Dtests=disabled \
            -Dc_link_args="['-s', '-Wl,--no-insert-timestamp']"
        ;;
    "$windows_dev") build_windows --cross-file "$root/dev.ini" -Db_sanitize=none -Dtests=enabled ;;
    *) build_by_zig ;;
    esac
}

# Fetch $sources from this machine's mirror to where Meson looks first. Meson checks their hashes,
# and fetches what is missing.
fetch_sources() {
    mirror=$(debian_mirror)
    [ "$mirror" ] || return 0
    mkdir -p "$root/subprojects/packagecache"
    for wrap in $sources; do
        path=$(sed -n 's,^source_url = .*/\(pool/\),\1,p' "$root/subprojects/$wrap.wrap")
        file=$root/subprojects/packagecache/${path##*/}
        [ ! -e "$file" ] || continue
        if quietly sources "$(base_python)" -c \
            'import sys, urllib.request as r; r.urlretrieve(*sys.argv[1:])' "$mirror/$path" "$file.new"; then
            mv "$file.new" "$file"
        fi
    done
}

build_musl() {
    want musl-gcc
    if ! have musl-gcc; then
        why_not='musl-gcc is missing'
        return 1
    fi
    # musl-gcc is gcc with a file of options for its parts. That of musl 1.2 has no -static-pie.
    sed -e 's,%{!shared: *\([^ }]*\)Scrt1\.o},%{static-pie:\1rcrt1.o;!shared:\1Scrt1.o},' \
        -e 's,%{static:-static},& %{static-pie:-static -pie --no-dynamic-linker -z text},' \
        "$(sed -n 's/.*-specs "\(.*\)".*/\1/p' "$(command -v musl-gcc)")" >"$build/cross/musl.specs"
    # The kernel's headers, without those of the C library that are beside them.
    mkdir -p "$build/cross/include"
    for kernel in linux asm asm-generic; do
        for dir in "/usr/include/$(gcc -print-multiarch)" /usr/include; do
            [ ! -d "$dir/$kernel" ] || ln -sfn "$dir/$kernel" "$build/cross/include/$kernel"
        done
    done
    write_cross_file linux false "'gcc-ar'" "'gcc-ranlib'" \
        "'gcc', '-specs=$build/cross/musl.specs', '-idirafter', '$build/cross/include'"
    compile "$target" --cross-file "$cross_file" \
        --buildtype=release -Db_lto=true -Dstatic=enabled -Dtests=disabled -Dc_link_args=-s
}

# build_windows MESON_OPTION...
build_windows() {
    mingw=x86_64-w64-mingw32
    want $mingw-gcc
    if ! have $mingw-gcc; then
        why_not="$mingw-gcc is missing"
        return 1
    fi
    case ${CC-} in ccache*) ccache="'ccache', " ;; *) ccache='' ;; esac
    runs=''
    [ "$target" != "$windows_dev" ] || runs=${wine-}
    write_cross_file windows true "'$mingw-gcc-ar'" "'$mingw-gcc-ranlib'" "$ccache'$mingw-gcc'" \
        "windres = '$mingw-windres'
strip = '$mingw-strip'${runs:+
exe_wrapper = '$runs'}"
    compile "$target" --cross-file "$cross_file" "$@"
}

# For zig, and a Meson that knows its linker.
have_zig() {
    tools=$build/tools/zig
    [ ! -e "$tools/ready" ] || return 0
    [ ! -e "$build/unavailable/zig" ] || return
    build_release || return
    say 'installing zig and Meson (pip, about 100 MB)'
    if quietly zig "$(binary release)" --clear --python "$(base_python)" "$tools" &&
        quietly zig "$tools/bin/python" -m pip install ziglang==0.16.0 'meson>=1.4'; then
        : >"$tools/ready"
        return
    fi
    mkdir -p "$build/unavailable"
    : >"$build/unavailable/zig"
    return 1
}

# The words by which zig knows $target.
zig_triple() {
    case $target in
    armv7-*) echo "'-target', 'arm-linux-musleabihf', '-mcpu=generic+v7a+vfp3d16'" ;;
    i686-*) echo "'-target', 'x86-linux-musl'" ;;
    *-gnu) echo "'-target', '$target.2.17'" ;;
    *) echo "'-target', '$target'" ;;
    esac
}

build_by_zig() {
    if ! have_zig; then
        why_not='cannot install zig from the index'
        return 1
    fi
    # Meson and meson-python call zig in many ways, and its caches belong below build/.
    zig=$build/cross/zig
    program=$("$tools/bin/python" -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
    cat >"$zig.new" <<END
#!/bin/sh
ZIG_GLOBAL_CACHE_DIR='$build/cross/cache' ZIG_LOCAL_CACHE_DIR='$build/cross/cache' exec '$program' "\$@"
END
    chmod +x "$zig.new"
    mv "$zig.new" "$zig"
    case $target in
    *-macos) system=darwin ;;
    *-linux-*) system=linux ;;
    *) system=${target##*-} ;;
    esac
    # The extension for any Linux with glibc is linked with libraries from subprojects/.
    set -- -Dstatic=auto
    case $target in
    *-musl) set -- -Dstatic=enabled ;;
    *-gnu)
        set -- -Dstatic=disabled
        ! cross_headers || set -- "$@" -Dpython=enabled "-Dpython_headers=$python_headers"
        ;;
    esac
    write_cross_file "$system" true "'$zig', 'ar'" "'$zig', 'ranlib'" "'$zig', 'cc', $(zig_triple)"
    (
        cd "$build/cross" # where Meson's questions to zig leave an empty file
        PATH=$tools/bin:$PATH
        export PATH
        compile "$target" --cross-file "$cross_file" --buildtype=release -Db_lto=false \
            -Dtests=disabled -Dc_link_args=-s "$@"
    )
}

# Sets $python_headers to a directory with Python.h for $glibc_targets: both have the same types, and
# the limited API asks for no more. zig does not read the directory of the system's headers, in which
# Debian's pyconfig.h has one for each processor. False if there are none.
cross_headers() {
    python_headers=$build/cross/python
    want pydev
    case $(uname -sm) in
    'Linux x86_64' | 'Linux aarch64') is_there pydev || return ;;
    *) return 1 ;;
    esac
    include=$("$(base_python)" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    rm -rf "$python_headers"
    mkdir -p "$python_headers"
    ln -s "$include"/* "$python_headers/"
    config=$(echo '#include <pyconfig.h>' | ${CC:-cc} -M -x c -I "$include" - |
        tr ' ' '\n' | grep '/pyconfig[.]h$' | tail -n 1)
    ln -sf "$config" "$python_headers/pyconfig.h"
}

# write_cross_file SYSTEM RUNS_ELSEWHERE AR RANLIB CC [LINES]: for Meson, which configures again if
# the file is newer. AR, RANLIB and CC are lists, without brackets. LINES are about more programs.
write_cross_file() {
    cross_file=$build/cross/$target.ini
    family=${target%%-*}
    endian=little
    case $family in
    armv7) family=arm ;;
    i686) family=x86 ;;
    s390x) endian=big ;;
    esac
    cat >"$cross_file.new" <<END
[binaries]
c = [$5]
ar = [$3]
ranlib = [$4]
${6-}

[properties]
needs_exe_wrapper = $2

[host_machine]
system = '$1'
cpu_family = '$family'
cpu = '${target%%-*}'
endian = '$endian'
END
    cmp -s "$cross_file.new" "$cross_file" || mv "$cross_file.new" "$cross_file"
}

# What of the tests of the command depends on the processor: formats of files, sizes, system calls.
# qemu does not tell which mount a directory is in. It is slow: interpreters vary in other tests, and
# one test has a limit of time.
qemu_tests='tests/cli/test_differential.py tests/cli/test_pip.py tests/cli/test_clear.py
    tests/cli/test_hostile.py tests/cli/test_wheels.py tests/cli/test_cache.py tests/cli/test_cache_use.py
    tests/cli/test_cache_corrupt.py tests/cli/test_dry_run.py tests/cli/test_output.py'

# Every target compiles and links; nightly only. Those of Linux also run the tests of the command, or
# the ones that the arguments choose.
test_targets() {
    targets_failed=''
    for name in $zig_targets $glibc_targets; do
        if build_target "$name"; then
            say "built for $name"
            case " $qemu_targets " in *" $name "*) test_by_qemu "$@" ;; esac || targets_failed="$targets_failed $name"
        elif [ "$why_not" ]; then
            say "continuing without $name: $why_not"
        else
            targets_failed="$targets_failed $name"
        fi
    done
    [ "$targets_failed" ] || return 0
    say "failed for:$targets_failed"
    return 1
}

# Its interpreters are those of this system: the kernel runs what the command starts.
test_by_qemu() {
    if ! find_emulator "$name"; then
        say "skipping the tests of the command for $name: $why_not"
        return 0
    fi
    CVENV_EMULATED=$build/cross/cvenv-$name
    printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$emulator" "$(binary "$name")" >"$CVENV_EMULATED"
    chmod +x "$CVENV_EMULATED"
    # shellcheck disable=SC2086
    [ $# -gt 0 ] || set -- $qemu_tests \
        --deselect tests/cli/test_clear.py::test_clear_of_a_bind_mount \
        --deselect tests/cli/test_wheels.py::test_too_many
    (
        unset CVENV_TEST_NIGHTLY
        export CVENV_EMULATED
        run_suite "$name" cli "$@"
    )
}

# find_emulator TARGET: sets $emulator, which is empty if this machine runs the program itself.
find_emulator() {
    emulator=''
    if "$(binary "$1")" --version >/dev/null 2>&1; then return; fi
    case $1 in
    armv7-*) arch=arm ;;
    i686-*) arch=i386 ;;
    *) arch=${1%%-*} ;;
    esac
    for emulator in "qemu-$arch-static" "qemu-$arch"; do
        if have "$emulator"; then return; fi
    done
    why_not="qemu-$arch is missing"
    return 1
}
