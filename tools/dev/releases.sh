# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: tests on other Debian releases, each in a root directory of its
# own below build/releases/. They need root on a Debian system.

fresh_releases='bookworm trixie'

can_have_roots() {
    [ "$(id -u)" = 0 ] && have apt-get && [ -e /etc/debian_version ]
}

# The mirror of this machine, if its configuration names one.
debian_mirror() {
    sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)*\(http[^ ]*\) .*/\2/p' \
        /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1
}

# minimal_root RELEASE: build/releases/RELEASE.minimal is what debootstrap installs, and nothing else.
minimal_root() {
    minimal=$build/releases/$1.minimal
    [ ! -e "$minimal.ready" ] || return 0
    say "fetching a minimal $1"
    rm -rf "$minimal"
    mkdir -p "$minimal"
    mirror=$(debian_mirror)
    quietly "release-$1" debootstrap --variant=minbase "$1" "$minimal" ${mirror:+"$mirror"} || return
    # Copy how this machine reaches its mirror. The mirror's lists may have expired.
    cp -R /etc/apt/apt.conf.d "$minimal/etc/apt/"
    echo 'Acquire::Check-Valid-Until "false";' >"$minimal/etc/apt/apt.conf.d/99older"
    # And the index, if a proxy signs for it. A package owns the file that PIP_CERT usually names.
    [ ! -f "${PIP_CERT-}" ] || cp "$PIP_CERT" "$minimal/index.crt"
    : >"$minimal.ready"
}

# in_root DIRECTORY COMMAND...: runs in its own mount namespace. Its mounts end with it, so that
# rm -rf never finds them.
# shellcheck disable=SC2016 # the inner shell expands
in_root() {
    unshare -m sh -c 'mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/dev/shm" &&
        mount -t proc proc "$1/proc" && root=$1 && shift &&
        exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 CI=true ${PIP_CERT:+PIP_CERT=/index.crt} \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' \
        sh "$@" </dev/null 9>&-
}

# test_fresh RELEASE...: runs the two commands of the README in a minimal root, as root, which
# installs the packages. Then again as an ordinary user, with these packages installed.
test_fresh() {
    fresh_passed=0
    fresh_failed=0
    for release in "$@"; do
        place=$build/releases/$release.fresh
        minimal_root "$release" || { fresh_failed=$((fresh_failed + 1)) && continue; }
        rm -rf "$place"
        cp -a "$build/releases/$release.minimal" "$place"
        git clone -q --no-hardlinks "$root" "$place/root/cvenv"
        fresh_run root "$release" 'cd /root/cvenv && ./dev run .venv && ./dev test'
    done
    for release in "$@"; do
        place=$build/releases/$release.fresh
        in_root "$place" sh -c 'useradd -m somebody && rm -rf /root/cvenv/build /root/cvenv/.venv &&
            mv /root/cvenv /home/somebody/ && chown -R somebody: /home/somebody'
        fresh_run somebody "$release" 'runuser -u somebody -- env HOME=/home/somebody \
            sh -c "cd && cd cvenv && ./dev run .venv && ./dev test"'
    done
    [ $fresh_failed = 0 ] || releases_failed="${releases_failed-} fresh"
}

# fresh_run USER RELEASE COMMANDS
fresh_run() {
    mkdir -p "$log"
    fresh_log=$log/fresh-$2-$1.log
    say "on a minimal $2, as $1: ./dev run .venv && ./dev test ($fresh_log)"
    if in_root "$place" sh -c "$3" >"$fresh_log" 2>&1; then
        fresh_passed=$((fresh_passed + 1))
    else
        fresh_failed=$((fresh_failed + 1))
        grep -E '^(FAILED|ERROR)|FAIL  ' "$fresh_log" >&2 || tail -n 25 "$fresh_log" >&2
    fi
    say "$2, $1: $(tail -n 1 "$fresh_log")"
}

cmd_test_fresh() {
    lock
    can_have_roots || die 'test --fresh needs root on a Debian system'
    require debootstrap git
    # shellcheck disable=SC2086
    test_fresh ${*:-$fresh_releases}
    echo "$fresh_passed passed, $fresh_failed failed"
    exit $((fresh_failed > 0))
}

# The interpreters of newer releases, which need their own C library. Nightly only.
test_releases() {
    if ! can_have_roots || ! have debootstrap; then
        say 'continuing without other Debian releases: they need root on a Debian system, and debootstrap'
        return
    fi
    test_release trixie python3-full libpython3.13-testsuite || releases_failed="$releases_failed trixie"
    test_release sid python3.14-full python3.14-dbg python3.15-full pypy3-venv \
        libpython3.14-testsuite libpython3.15-testsuite ||
        releases_failed="$releases_failed sid"
    # shellcheck disable=SC2086
    test_fresh $fresh_releases
}

# test_release RELEASE PACKAGE...: this tree, copied there.
test_release() {
    release=$1
    place=$build/releases/$1
    shift
    minimal_root "$release" || return
    if [ "$(cat "$place/ready" 2>/dev/null)" != "$*" ]; then
        say "installing $* on $release"
        rm -rf "$place"
        cp -a "$build/releases/$release.minimal" "$place"
        quietly "release-$release" in_root "$place" sh -c \
            'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"' \
            sh gcc libc6-dev meson ninja-build pkg-config libdeflate-dev nettle-dev zlib1g-dev libzstd-dev libcmocka-dev \
            python3-pytest python3-pytest-xdist python3-venv "$@" || return
        echo "$*" >"$place/ready"
    fi
    rm -rf "$place/tree"
    mkdir "$place/tree"
    (cd "$root" && tar cf - --exclude=./build .) | tar xf - -C "$place/tree"
    [ ! "${CVENV_WHEEL-}" ] || cp "$CVENV_WHEEL" "$place/tree/"
    say "testing the command, and the Python package, on $release"
    in_root "$place" sh -c 'cd /tree && ./dev test --cli && sh tests/python/with_wheel.sh' >&2
}
