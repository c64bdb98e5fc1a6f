# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: everything that is published, in build/dist/.
#
# The scripts in tools/release/ make the files; artefact.py says how they are called.

release_targets="$musl_target $windows_target $zig_targets"

# make_artefact NAME COMMAND...: a script in tools/release/ makes it, or build/dist.reasons gets the
# reason. Of what nobody asked for it prints lines "not made: NAME: REASON".
make_artefact() {
    artefact=$1
    shift
    mkdir -p "$log"
    artefact_log=$log/release-$artefact.log
    artefact_status=0
    "$@" >"$artefact_log" 2>&1 </dev/null 9>&- || artefact_status=$?
    case $artefact_status in
    0) sed -n 's/^not made: //p' "$artefact_log" >>"$log/release-unasked.log" ;;
    77) miss "$artefact" "$(tail -n 1 "$artefact_log")" ;;
    *)
        tail -n 25 "$artefact_log" >&2
        failed=yes
        miss "$artefact" "failed (all of it: $artefact_log)"
        ;;
    esac
}

# miss NAME REASON
miss() {
    say "cannot make $1: $2"
    echo "$1: $2" >>"$build/dist.reasons"
}

# script NAME [ARGUMENT...]: runs tools/release/NAME.py; its arguments begin with the directory.
script() {
    script_name=$1
    shift
    set -- --dist "$build/dist" "$@"
    python3 "$root/tools/release/$script_name.py" "$@"
}

has_script() {
    [ -e "$root/tools/release/$1.py" ]
}

# The tree is what is committed, unless $dirty; the time of all files is that of its commit.
check_tree() {
    if [ ! "$dirty" ]; then
        changes=$(git -C "$root" status --porcelain) || die 'release: git cannot read this tree: use --dirty'
        [ ! "$changes" ] || die 'release: the tree has changes that are not committed: commit them, or use --dirty'
    fi
    if [ ! "${SOURCE_DATE_EPOCH-}" ]; then
        SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct) ||
            die 'release: git cannot tell the time of the commit: set SOURCE_DATE_EPOCH'
    fi
    export SOURCE_DATE_EPOCH
}

# release_target TARGET: its command, the archive and the wheels.
release_target() {
    if ! build_target "$1"; then
        [ "$why_not" ] || failed=yes
        miss "$1" "${why_not:-the build failed}"
        return
    fi
    make_artefact "archive-$1" script archive --target "$1" --command "$(binary "$1")" --completions "$completions"
    make_artefact "wheel-$1" script wheel --target "$1" --command "$(binary "$1")"
    why_not=''
    case $1 in
    x86_64-linux-musl | aarch64-linux-musl) build_linux_extension "${1%musl}gnu" ;;
    "$windows_target") build_windows_extension ;;
    *) return 0 ;;
    esac || {
        [ "$why_not" ] || failed=yes
        miss "extension-$1" "${why_not:-the build failed}"
        return
    }
    make_artefact "extension-$1" script wheel --target "$1" --command "$(binary "$1")" --extension "$extension"
}

# The extension of the Python package, $extension, for a TARGET of $glibc_targets.
build_linux_extension() {
    build_target "$1" || return
    extension=$build/$1/python/_native.abi3.so
    [ -e "$extension" ] || why_not='Python.h is missing'
    [ ! "$why_not" ]
}

# The same for Windows. Python.h and the import library are those of the oldest Python that it supports.
build_windows_extension() {
    if ! have_part 3.8; then
        why_not='no CPython 3.8 for Windows'
        return 1
    fi
    target=$windows_target-python
    extension=$build/$target/python/_native.pyd
    targets=python/_native.pyd
    extension_status=0
    build_windows --buildtype=release -Db_lto=true -Dtests=disabled -Dpython=enabled \
        "-Dpython_headers=$CVENV_WINDOWS/py/3.8/include" -Dc_link_args="['-s', '-Wl,--no-insert-timestamp']" ||
        extension_status=$?
    targets=''
    return $extension_status
}

# What the native build installs below share/, for all targets.
install_completions() {
    rm -rf "$build/release-share"
    quietly release-share meson install -C "$build/release" --no-rebuild --destdir "$build/release-share" || return
    completions=$(find "$build/release-share" -type d -name share | head -n 1)
}

# release_files [TARGET...]: fills build/dist/. build/dist.reasons says what could not be made, and
# $failed whether something else went wrong.
release_files() {
    failed=''
    umask 022
    rm -rf "$build/dist"
    mkdir -p "$build/dist" "$log"
    : >"$build/dist.reasons"
    : >"$log/release-unasked.log"
    build_release && install_completions || die 'release: the build failed'
    make_artefact sdist script wheel --sdist
    for name in "$@"; do
        release_target "$name"
    done
    for name in packages installers sbom; do # the SBOM lists what the others made
        ! has_script $name || make_artefact $name script $name ${url:+--url "$url"}
    done
    make_artefact sums script sums
}

cmd_release() {
    dirty=''
    url=''
    while [ $# -gt 0 ]; do
        case $1 in
        --dirty) dirty=yes ;;
        --url=*) url=${1#*=} ;;
        --url) [ $# -gt 1 ] || die '--url needs an address' && url=$2 && shift ;;
        -*) die "release: unknown argument '$1'" ;;
        *) break ;;
        esac
        shift
    done
    # shellcheck disable=SC2086
    [ $# -gt 0 ] || set -- $release_targets
    for name in "$@"; do
        case " $release_targets " in
        *" $name "*) ;;
        *) die "unknown target '$name'; the targets are: $release_targets" ;;
        esac
    done
    lock
    check_tree
    # shellcheck disable=SC2086
    prepare "$need_build git" "$want_release"
    release_files "$@"
    unlock
    (cd "$build/dist" && find . -type f | sed 's,^\./,build/dist/,' | sort) >&2
    [ ! -s "$log/release-unasked.log" ] || say 'not made, and not asked for:'
    sed 's/^/dev:   /' "$log/release-unasked.log" >&2
    [ -s "$build/dist.reasons" ] || return 0
    say 'not made:'
    sed 's/^/dev:   /' "$build/dist.reasons" >&2
    exit 1
}
