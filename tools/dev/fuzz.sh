# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: fuzzing.

# Hostile names in all shells; the tests' own generator and check.
fuzz_shells() {
    lock
    prepare "$need_test" "$want_shells pytest"
    require_pytest
    want_nushell
    strict_sanitizers
    build_dev || exit 1
    unlock
    CVENV_BUILD=$build/dev PYTHONDONTWRITEBYTECODE=1 exec "$pytest" "$root/tests/support/fuzz_shells.py" "$1"
}

# fuzz [TARGET] [SECONDS]: all targets when none is named, but not the shells.
cmd_fuzz() {
    target=''
    seconds=60
    for arg in "$@"; do
        case $arg in
        *[!0-9]*) target=$arg ;;
        *) seconds=$arg ;;
        esac
    done
    if [ "$target" = shells ]; then
        fuzz_shells "$seconds"
    fi
    lock
    # shellcheck disable=SC2086
    require clang $need_build
    require libfuzzer # whose package depends on the version of clang
    CC=clang compile fuzz --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false -Db_lto=false -Dtests=disabled -Dfuzz=true || exit 1
    unlock
    status=0
    found=''
    for program in "$build"/fuzz/tests/fuzz/fuzz_*; do
        name=${program##*/fuzz_}
        if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
        if [ "$target" ] && [ "$target" != "$name" ]; then continue; fi
        found=yes
        say "fuzzing $name for $seconds s"
        mkdir -p "$build/fuzz/corpus/$name" "$build/fuzz/found/$name"
        set -- "$build/fuzz/corpus/$name"
        [ ! -d "$root/tests/fuzz/corpus/$name" ] || set -- "$@" "$root/tests/fuzz/corpus/$name"
        quietly "fuzz-$name" "$program" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
            -artifact_prefix="$build/fuzz/found/$name/" "$@" || status=1
        sed -n 's/^stat::number_of_executed_units: */dev: runs: /p' "$log/fuzz-$name.log" >&2
        # Compare with Python on all inputs that the fuzzer kept, if Python has such a parser.
        case $name in
        zip | record | scripts | pyvenv_cfg | toml | options | first_line | json_edit | python_edit)
            python3 "$root/tests/fuzz/oracle.py" --tell "$build/fuzz/tests/fuzz/tell" \
                --tell-windows "$build/fuzz/tests/fuzz/tell_windows" \
                --count 20000 "$name" "$@" >&2 || status=1
            ;;
        esac
    done
    [ "$found" ] || die "no fuzz target '${target:-*}'"
    exit $status
}
