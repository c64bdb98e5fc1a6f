#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs the command cvenv, its man page and its completions from the files of a release. See
# usage() for the options.
#
#     sh install.sh
#     curl -fsSL URL/install.sh | sh -s -- --prefix /opt/cvenv
#
# POSIX sh: dash, busybox, bash, zsh, ksh. Everything is in functions, and the last line calls them,
# so an incomplete download does nothing. `./dev release` fills in the next two lines. In the URL,
# {version} is replaced by the version.
url=''
version=''

usage() {
    cat <<'END'
Usage: install.sh [OPTION...]

Installs the command cvenv. The archive is checked against SHA256SUMS before it is unpacked.

  --prefix DIR       install below DIR (default: ~/.local; for root: /usr/local)
  --version VERSION  install this version
  --from PLACE       take the files from this URL or directory
  --uninstall        delete what this script installed below the prefix
  -n, --dry-run      say what would be done, and change nothing
  -q, --quiet        print errors only
  -h, --help         print this text
END
}

say() {
    [ "$quiet" ] || printf '%s\n' "$*"
}

fail() {
    printf 'install.sh: error: %s\n' "$*" >&2
    exit 1
}

misused() {
    printf 'install.sh: error: %s\n' "$*" >&2
    usage >&2
    exit 2
}

have() {
    command -v "$1" >/dev/null 2>&1
}

read_options() {
    prefix='' from='' uninstall='' dry_run='' quiet=''
    while [ $# -gt 0 ]; do
        option=$1
        shift
        joined=''
        case $option in
        --*=*)
            set -- "${option#*=}" "$@"
            option=${option%%=*}
            joined=yes
            ;;
        esac
        case $option in
        --prefix | --version | --from)
            [ "${1-}" ] || misused "option $option requires a value"
            case $option in
            --prefix) prefix=$1 ;;
            --version) version=$1 ;;
            --from) from=$1 ;;
            esac
            shift
            continue
            ;;
        esac
        [ ! "$joined" ] || misused "option $option takes no value, or is unknown"
        case $option in
        --uninstall) uninstall=yes ;;
        -n | --dry-run) dry_run=yes ;;
        -q | --quiet) quiet=yes ;;
        -h | --help) usage && exit 0 ;;
        *) misused "unknown argument '$option'" ;;
        esac
    done
}

# absolute NAME: sets $path.
absolute() {
    case $1 in
    /*) path=$1 ;;
    *) path=$PWD/$1 ;;
    esac
}

choose_prefix() {
    if [ "$(id -u)" = 0 ]; then
        umask 022
        : "${prefix:=/usr/local}"
    elif [ ! "$prefix" ]; then
        [ "${HOME-}" ] || fail 'HOME is not set: choose a directory with --prefix'
        prefix=$HOME/.local
    fi
    absolute "$prefix"
    prefix=$path
    while [ "${prefix%/}" != "$prefix" ]; do
        prefix=${prefix%/}
    done
    manifest=$prefix/share/cvenv/installed
}

# The names of systems and processors are those of the release's archives.
find_target() {
    system=$(uname -s)
    machine=$(uname -m)
    case $machine in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    armv7* | armv8l) cpu=armv7 ;;
    i[3456]86 | x86) cpu=i686 ;;
    *) cpu=$machine ;;
    esac
    case $system in
    Linux) target=$cpu-linux-musl ;; # static: runs with every C library
    Darwin)
        # Under Rosetta, uname names the processor that is emulated.
        [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" != 1 ] || cpu=aarch64
        target=$cpu-macos
        ;;
    FreeBSD) target=$cpu-freebsd ;;
    MINGW* | MSYS* | CYGWIN* | Windows*) fail 'on Windows, use install.ps1' ;;
    *) fail "there is no command for the system '$system'" ;;
    esac
    case $target in
    *[!A-Za-z0-9_-]*) fail "there is no command for the processor '$machine'" ;;
    esac
}

# Version numbers become parts of file names.
check_version() {
    case $version in
    [!0-9]* | *[!A-Za-z0-9.+~]*) fail "invalid version '$version'" ;;
    esac
}

choose_place() {
    [ ! "$version" ] || check_version
    [ "$from" ] || from=$url
    [ "$from" ] || fail 'this script contains no address: use --from URL or --from DIRECTORY'
    case $from in
    http://* | https://*)
        case $from in
        *'{version}'*)
            [ "$version" ] || fail "the address '$from' needs a version: use --version"
            from=${from%%'{version}'*}$version${from#*'{version}'}
            ;;
        esac
        from=${from%/}
        ;;
    file:///*) from=${from#file://} ;;
    *://*) fail "unsupported address '$from': use http, https, file or a directory" ;;
    *)
        absolute "$from"
        from=$path
        ;;
    esac
}

# download URL FILE. A redirection from https does not lead to http.
download() {
    if have curl; then
        protocols='=http,https'
        case $1 in https:*) protocols='=https' ;; esac
        curl -fsSL --proto "$protocols" --connect-timeout 30 --speed-limit 1 --speed-time 60 \
            --retry 2 -o "$2" "$1"
    elif have wget; then
        wget -q -O "$2" "$1" # with -T, that of busybox 1.35 crashes
    elif have fetch; then
        fetch -q -T 60 -o "$2" "$1"
    else
        fail 'neither curl nor wget is installed: download the files, and use --from DIRECTORY'
    fi
}

# get NAME: the file NAME of the release, into the working directory.
get() {
    case $from in
    http://* | https://*)
        download "$from/$1" "$work/$1" </dev/null || fail "cannot download '$from/$1'"
        ;;
    *)
        [ -f "$from/$1" ] || fail "file '$from/$1' is missing"
        cp "$from/$1" "$work/$1" || fail "cannot read '$from/$1'"
        ;;
    esac
}

# Sets $archive, $sum and $version.
choose_archive() {
    archive='' sum=''
    carriage_return=$(printf '\r')
    while read -r hex name || [ "$hex" ]; do
        name=${name#\*}
        name=${name%"$carriage_return"}
        case $name in
        */* | *..*) continue ;;
        "cvenv-$version-$target.tar.gz") ;;
        cvenv-*-"$target".tar.gz) [ ! "$version" ] || continue ;;
        *) continue ;;
        esac
        [ ! "$archive" ] || fail "SHA256SUMS names several archives for $target: use --version"
        archive=$name sum=$(printf %s "$hex" | tr A-F a-f)
    done <"$work/SHA256SUMS"
    [ "$archive" ] || fail "there is no cvenv ${version:+$version }for $target in '$from'"
    version=${archive#cvenv-}
    version=${version%-"$target".tar.gz}
    check_version
    is_sum "$sum" || fail "SHA256SUMS in '$from' is corrupt"
}

is_sum() {
    case $1 in *[!0-9a-f]*) return 1 ;; esac
    [ ${#1} = 64 ]
}

# Sets $actual to the SHA-256 of a file. Names are not given to the tools, some of which escape them.
compute_sum() {
    if have sha256sum; then
        actual=$(sha256sum <"$1")
    elif have shasum; then
        actual=$(shasum -a 256 <"$1")
    elif have openssl; then
        actual=$(openssl dgst -sha256 <"$1")
        actual=${actual##*= }
    elif have sha256; then
        actual=$(sha256 -q <"$1")
    else
        fail 'cannot check the archive: install sha256sum, shasum or openssl'
    fi
    actual=${actual%% *}
}

check_sum() {
    compute_sum "$work/$archive"
    is_sum "$actual" || fail "cannot compute the SHA-256 of '$archive'"
    [ "$actual" = "$sum" ] ||
        fail "wrong SHA-256 of '$archive': expected $sum, got $actual; nothing was installed"
}

# Everything is in one directory, and is a regular file below bin or share.
unpack() {
    top=cvenv-$version-$target
    gzip -dc <"$work/$archive" >"$work/tar" || fail "cannot unpack '$archive': gzip failed"
    tar -tf "$work/tar" >"$work/members" || fail "cannot unpack '$archive': tar failed"
    while read -r member; do
        case $member/ in
        *[!/A-Za-z0-9._+~-]* | */../*) fail "'$archive' contains an invalid name" ;;
        "$top"/*) ;;
        *) fail "'$archive' contains files outside of '$top'" ;;
        esac
    done <"$work/members"
    (cd "$work" && tar -xf tar) || fail "cannot unpack '$archive': tar failed"
    [ ! "$(find "$work/$top" ! -type f ! -type d)" ] || fail "'$archive' contains links or devices"
    (cd "$work/$top" && find . -type f) | sed 's,^\./,,' | sort >"$work/files"
    while read -r file; do
        case $file in
        bin/* | share/*) [ ! -d "$prefix/$file" ] || fail "'$prefix/$file' is a directory" ;;
        *) fail "'$archive' contains an unexpected file '$file'" ;;
        esac
    done <"$work/files"
    [ -f "$work/$top/bin/cvenv" ] || fail "'$archive' does not contain the command"
}

# stage SOURCE FILE MODE: copies it beside its place; publish then renames it.
stage() {
    directory=$prefix/${2%/*}
    mkdir -p "$directory" || fail "cannot create directory '$directory'"
    staged=$directory/.cvenv-install.$$
    { rm -f "$staged" && cp "$1" "$staged" && chmod "$3" "$staged"; } || fail "cannot write to '$directory'"
}

publish() {
    mv -f "$1" "$prefix/$2" || fail "cannot replace '$prefix/$2'"
}

# The command is replaced last, by a rename. One that runs is not disturbed.
install_files() {
    stage "$work/$top/bin/cvenv" bin/cvenv 755
    staged_command=$staged
    "$staged_command" --version >/dev/null 2>&1 </dev/null ||
        fail "the command for $target does not run here; nothing was installed"
    while read -r file; do
        [ "$file" != bin/cvenv ] || continue
        mode=644
        [ ! -x "$work/$top/$file" ] || mode=755
        stage "$work/$top/$file" "$file" $mode
        publish "$staged" "$file"
    done <"$work/files"
    : >"$work/old"
    [ ! -f "$manifest" ] || cp "$manifest" "$work/old"
    stage "$work/files" "${manifest#"$prefix"/}" 644
    publish "$staged" "${manifest#"$prefix"/}"
    publish "$staged_command" bin/cvenv
    grep -vxF -f "$work/files" "$work/old" >"$work/obsolete" || :
    delete_files "$work/obsolete"
}

# delete_files LIST: these files below the prefix, and directories that become empty.
delete_files() {
    while read -r file; do
        case $file in
        */../* | */..) continue ;;
        bin/* | share/*) ;;
        *) continue ;;
        esac
        if [ "$dry_run" ]; then
            say "would delete '$prefix/$file'"
            continue
        fi
        rm -f "$prefix/$file" || fail "cannot delete '$prefix/$file'"
        directory=${file%/*}
        while [ "$directory" != bin ] && [ "$directory" != share ]; do
            rmdir "$prefix/$directory" 2>/dev/null || break
            directory=${directory%/*}
        done
    done <"$1"
}

uninstall() {
    [ -f "$manifest" ] || fail "this script installed nothing below '$prefix'"
    cp "$manifest" "$work/files" || fail "cannot read '$manifest'"
    printf '%s\n' "${manifest#"$prefix"/}" >>"$work/files"
    delete_files "$work/files"
    [ "$dry_run" ] || say "deleted cvenv below '$prefix'"
}

tell_path() {
    case :$PATH: in
    *":$prefix/bin:"*)
        first=$(command -v cvenv) || return 0
        [ "$first" = "$prefix/bin/cvenv" ] || say "note: '$first' is found first on PATH"
        ;;
    *) say "note: '$prefix/bin' is not on PATH: add it in your shell's profile" ;;
    esac
}

clean_up() {
    [ ! "$work" ] || rm -rf "$work"
    [ ! "$staged" ] || rm -f "$staged"
    [ ! "$staged_command" ] || rm -f "$staged_command"
}

main() {
    [ ! "${ZSH_VERSION-}" ] || emulate sh
    set -eu
    LC_ALL=C
    export LC_ALL
    read_options "$@"
    choose_prefix
    work='' staged='' staged_command=''
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    work=$(mktemp -d "${TMPDIR:-/tmp}/cvenv-install.XXXXXX") || fail 'cannot create a temporary directory'
    if [ "$uninstall" ]; then
        uninstall
        return
    fi
    find_target
    choose_place
    get SHA256SUMS
    choose_archive
    if [ "$dry_run" ]; then
        say "would install cvenv $version for $target from '$from' below '$prefix'"
        return
    fi
    get "$archive"
    check_sum
    unpack
    install_files
    say "installed cvenv $version as '$prefix/bin/cvenv'"
    tell_path
}

{ main "$@"; }
