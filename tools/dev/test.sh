# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: tests and coverage.

# A Python with pytest; from the index if the system has no package of it.
require_pytest() {
    is_there pytest && return
    say 'installing pytest and pytest-xdist (pip) in build/tools/python'
    quietly pytest "$(base_python)" -m venv "$build/tools/python" || exit 1
    quietly pytest "$build/tools/python/bin/python" -m pip install pytest pytest-xdist || exit 1
    is_there pytest || die 'cannot get pytest'
}

# No distribution has nushell; npm has it.
want_nushell() {
    PATH=$build/tools/npm/node_modules/.bin:$PATH
    if ! have nu && have npm && [ ! -e "$build/unavailable/nushell" ]; then
        say 'installing nushell (npm)'
        mkdir -p "$build/tools/npm" "$build/unavailable"
        (cd "$build/tools/npm" && quietly nushell npm install --no-save --prefix . nushell@0.115.1) ||
            : >"$build/unavailable/nushell"
    fi
    have nu || say 'continuing without nushell, which is not available here'
}

# The first finding ends the program, with a status that no test expects.
strict_sanitizers() {
    ASAN_OPTIONS=${ASAN_OPTIONS-exitcode=99:detect_stack_use_after_return=1}
    UBSAN_OPTIONS=${UBSAN_OPTIONS-halt_on_error=1:print_stacktrace=1:exitcode=99}
    LSAN_OPTIONS=${LSAN_OPTIONS-exitcode=99}
    MSAN_OPTIONS=${MSAN_OPTIONS-exitcode=99} # its own, 77, is to Meson that of a skipped test
    export ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS MSAN_OPTIONS
}

# forget_results NAME...: what earlier runs wrote into these builds.
forget_results() {
    for name in "$@"; do
        rm -f "$build/$name"/pytest-*.xml "$build/$name"/meson-logs/testlog*
    done
}

# run_programs BUILD ARGUMENT...: the unit tests and those of the parsers, or the ones that the
# arguments of meson test choose.
run_programs() {
    name=$1
    shift
    meson test -C "$build/$name" --no-rebuild --print-errorlogs "$@" >&2 </dev/null 9>&-
}

# run_unit [WORD...] [-k FUNCTION] [OPTION...]: the unit tests whose names contain one of the words,
# and of these the functions whose names contain FUNCTION. The options are for meson test.
run_unit() {
    words=''
    count=$#
    while [ "$count" -gt 0 ]; do
        arg=$1
        shift
        count=$((count - 1))
        case $arg in
        -k)
            CVENV_TEST_FILTER="*${1-}*"
            export CVENV_TEST_FILTER
            shift
            count=$((count - 1))
            ;;
        -*) set -- "$@" "$arg" ;;
        *) words="$words $arg" ;;
        esac
    done
    newline='
'
    IFS=$newline
    for test in $(meson test -C "$build/dev" --no-rebuild --list --suite unit 2>/dev/null | sed -n 's,.* / ,,p'); do
        IFS=' '
        for word in $words; do
            case $test in *"$word"*) set -- "$@" "$test" ;; esac
        done
        IFS=$newline
    done
    unset IFS
    [ ! "$words" ] || [ $# -gt 0 ] || die "no unit test is named '$words'"
    run_programs dev --suite unit "$@"
}

# The unit tests under valgrind and under MemorySanitizer, each in its build, see build_memory.
run_memory() {
    memory_status=0
    if have valgrind; then
        run_programs valgrind --setup valgrind --suite unit --suite fuzz --no-suite script || memory_status=1
    fi
    if is_there msan; then
        run_programs msan --suite unit --suite fuzz || memory_status=1
    fi
    return $memory_status
}

# run_suite BUILD SUITE ARGUMENT...: the tests in tests/SUITE, by suite.sh. Arguments that are paths
# below tests/ choose what is run; without one in tests/SUITE nothing is.
run_suite() {
    name=$1
    suite=$2
    shift 2
    others=''
    mine=''
    for arg in "$@"; do
        shift
        case $arg in
        tests/"$suite"/* | tests/"$suite") mine=yes && set -- "$@" "$arg" ;;
        tests/*) others=yes ;;
        *) set -- "$@" "$arg" ;;
        esac
    done
    [ "$mine" ] || [ ! "$others" ] || return 0
    suite_status=0
    "$root/tools/dev/suite.sh" "$build/$name" "$suite" "$@" >&2 </dev/null 9>&- || suite_status=$?
    # 5: no test was chosen in this directory; summary fails if none was chosen anywhere.
    [ $suite_status = 0 ] || [ $suite_status = 5 ]
}

# summary STATUS NAME...: prints the results of these builds as "N passed, N failed[, N skipped]".
# A run that failed without naming a test counts as one failure.
summary() {
    (cd "$build" && python3 "$root/tools/dev/summary.py" "$@")
}

# chosen SUITE: is it, or a file of it, to be run? With no path among the arguments all suites are.
chosen() {
    case " $suites " in *" $1 "*) ;; *) return 1 ;; esac
}

# choose ARGUMENT...: sets $suites, and in $release and $whole_dev what they need to be built.
choose() {
    case $what in
    all)
        suites='unit fuzz cli shells fault python'
        [ -z "${CVENV_TEST_NIGHTLY-}" ] || suites="$suites windows targets"
        ;;
    chosen)
        suites=''
        for arg in "$@"; do
            case $arg in tests/*) arg=${arg#tests/} && suites="$suites ${arg%%/*}" ;; esac
        done
        ;;
    *) suites=$what ;;
    esac
    release=''
    if chosen fault || chosen python; then release=yes; fi
    if chosen cli; then
        [ $what = chosen ] || release=yes
        for arg in "$@"; do # those that have the fixture of this name
            case $arg in tests/cli/*) ! grep -q '\brelease\b' "$root/${arg%%::*}" || release=yes ;; esac
        done
    fi
    whole_dev=''
    if chosen unit || chosen fuzz || chosen python || chosen memory; then whole_dev=yes; fi
}

# Install everything that the chosen tests use at once, before the first build.
prepare_test() {
    wanted=''
    if chosen unit || chosen fuzz; then wanted="$wanted wheels"; fi
    if chosen cli || chosen musl; then wanted="$wanted $want_cli"; fi
    if chosen shells; then wanted="$wanted pytest xdist $want_shells"; fi
    if chosen fault || chosen windows; then wanted="$wanted pytest xdist"; fi
    if chosen targets; then wanted="$wanted wheels pytest xdist qemu"; fi
    if chosen release; then wanted="$wanted $want_release_test"; fi
    if chosen python; then wanted="$wanted wheels pytest xdist pydev dbg"; fi
    if [ "$memory" ]; then wanted="$wanted wheels pytest xdist valgrind clang"; fi
    if [ "${CVENV_TEST_NIGHTLY-}" ]; then
        wanted="$wanted debootstrap"
        ! chosen release || wanted="$wanted buildah ruby"
    fi
    prepare "$need_test" "$wanted"
    case " $wanted " in *' pytest '*) require_pytest ;; esac
    ! chosen shells || want_nushell
}

# Build no more than the chosen tests need: the command alone takes a third of the time.
build_chosen() {
    targets=''
    if [ ! "$whole_dev" ]; then
        ! chosen cli || targets="$targets src/cli/cvenv"
        ! chosen shells || targets="$targets src/cli/cvenv tests/shells/render tests/shells/dump"
    fi
    if [ "$whole_dev" ] || [ "$targets" ]; then build_dev || return; fi
    targets=''
    if [ "$release" ]; then build_release || return; fi
    if [ "$memory" ]; then build_memory || return; fi
    if chosen python; then build_wheel || return; fi # without it the tests are skipped by name
}

test_chosen() {
    ! chosen fuzz || run_programs dev --suite fuzz || status=1
    ! chosen cli || run_suite dev cli "$@" || status=1
    ! chosen shells || run_suite dev shells "$@" || status=1
    ! chosen fault || run_suite release fault "$@" || status=1 # sanitizers have system calls of their own
    ! chosen python || run_suite dev python "$@" || status=1
    ! chosen python || [ "$what" = chosen ] || test_without_extension || status=1
    ! chosen musl || test_musl "$@" || status=1
    ! chosen windows || test_windows "$@" || status=1
    ! chosen targets || test_targets "$@" || status=1
    ! chosen release || test_release_files "$@" || status=1
}

# The Python package again, as if it had no extension: it calls the command.
test_without_extension() {
    set -- tests/python
    [ "${CVENV_TEST_NIGHTLY-}" ] ||
        set -- tests/python/test_cpython.py tests/python/test_main.py tests/python/test_steps.py
    CVENV_WITHOUT_EXTENSION=1
    export CVENV_WITHOUT_EXTENSION
    without_status=0
    run_suite dev python "$@" --junitxml="$build/dev/pytest-python-command.xml" || without_status=1
    unset CVENV_WITHOUT_EXTENSION
    return $without_status
}

# Files of tests/cli that the program for musl runs only nightly: their subject is what the command
# concludes from bytes that it has read. That code calls the C library for memory only, and the same
# tests run it with sanitizers. The other files are about what a C library does: files, links,
# processes, signals, threads, terminals, users, compression, messages.
same_with_musl='activators badinput check check_hostile config differential dry_run finished_hostile homebrew
    landmarks own_base project redirect relocatable repair_made request source_date texts upgrade_deps variables wheels'

# The tests of the command, with the static program for musl.
test_musl() {
    if build_target "$musl_target"; then
        if [ $# = 0 ] && [ ! "${CVENV_TEST_NIGHTLY-}" ]; then
            for file in $same_with_musl; do
                set -- "$@" "--ignore=tests/cli/test_$file.py"
            done
        fi
        CVENV_RELEASE=$(binary "$musl_target")
        CVENV_CC="gcc -specs=$build/cross/musl.specs"
        export CVENV_RELEASE CVENV_CC
        run_suite "$musl_target" cli "$@"
        return
    fi
    [ "$why_not" ] || return
    say "skipping the tests of the command for musl: $why_not"
    [ $what != musl ] || { echo '0 passed, 0 failed, 1 skipped' && exit 0; }
}

# What is published: for Linux and Windows on x86_64, or nightly for all targets.
test_release_files() {
    if [ "${CVENV_TEST_NIGHTLY-}" ]; then
        chosen_targets=$release_targets
    else
        chosen_targets="$musl_target $windows_target"
    fi
    dirty=yes
    if ! (check_tree); then
        say 'skipping the tests of the release'
        [ $what != release ] || { echo '0 passed, 0 failed, 1 skipped' && exit 0; }
        return
    fi
    check_tree
    # shellcheck disable=SC2086
    release_files $chosen_targets
    CVENV_DIST=$build/dist
    export CVENV_DIST
    run_suite release release "$@" || failed=yes
    [ ! "$failed" ]
}

# The command for Windows, under wine.
test_windows() {
    bench_pythons='3.8 3.13 3.14'
    [ -z "${CVENV_TEST_NIGHTLY-}" ] || bench_pythons='3.8 3.9 3.10 3.11 3.12 3.13 3.14'
    # shellcheck disable=SC2086
    if windows_bench $bench_pythons embed pwsh && build_target "$windows_target" &&
        build_target "$windows_dev"; then
        windows_status=0
        build_windows_wheel || return # without it its tests are skipped by name
        if [ $# = 0 ]; then # arguments choose tests of pytest
            start_prefix
            run_programs "$windows_dev" --suite unit --suite fuzz --no-suite script || windows_status=1
            stop_prefix
        fi
        targets=tests/shells/render # writes activation scripts for Windows as well
        build_dev || return
        CVENV_RENDER=$build/dev/$targets
        export CVENV_RENDER
        run_suite "$windows_target" windows "$@" || windows_status=1
        return $windows_status
    fi
    [ "$why_not" ] || return
    say "skipping the tests for Windows: $why_not"
    [ $what != windows ] || { echo '0 passed, 0 failed, 1 skipped' && exit 0; }
}

test_nightly() {
    releases_failed=''
    test_releases
    [ "$releases_failed" ] || return 0
    say "failed on:$releases_failed"
    status=1
}

cmd_test() {
    what=all
    while [ $# -gt 0 ]; do
        case $1 in
        --nightly) CVENV_TEST_NIGHTLY=1 && export CVENV_TEST_NIGHTLY ;;
        --unit | --cli | --shells | --fault | --fuzz | --python | --memory | --musl | --windows | --targets | --release) what=${1#--} ;;
        --fresh) shift && cmd_test_fresh "$@" ;;
        tests/*)
            case $what in musl | windows | targets | release) ;; *) what=chosen ;; esac
            break
            ;;
        --) shift && break ;;
        *) break ;;
        esac
        shift
    done
    status=0
    memory=''
    case $what:${CVENV_TEST_NIGHTLY-} in memory:* | all:?*) memory=yes ;; esac
    lock
    strict_sanitizers
    choose "$@"
    prepare_test
    if ! build_chosen; then
        echo '0 passed, 1 failed'
        exit 1
    fi
    builds="dev release valgrind msan $musl_target $windows_target $windows_dev $qemu_targets"
    # shellcheck disable=SC2086
    forget_results $builds
    case $what in
    unit) run_unit "$@" || status=1 ;;
    all) run_unit || status=1 ;;
    esac
    [ ! "$memory" ] || run_memory || status=1
    [ $what != memory ] || run_suite dev cli tests/cli/test_memory.py "$@" || status=1
    test_chosen "$@"
    case $what:${CVENV_TEST_NIGHTLY-} in all:?*) test_nightly ;; esac
    # shellcheck disable=SC2086
    summary $status $builds || status=1
    unlock
    exit $status
}

cmd_coverage() {
    lock
    prepare "$need_test gcovr" "$want_cli"
    require_pytest
    want_nushell
    compile coverage --buildtype=debug -Db_coverage=true -Db_lto=false -Dtests=enabled || exit 1
    find "$build/coverage" -name '*.gcda' -exec rm -f {} +
    forget_results coverage
    status=0
    run_programs coverage --suite unit --suite fuzz || status=1
    run_suite coverage cli "$@" || status=1
    summary $status coverage || status=1
    mkdir -p "$build/coverage/html"
    cd "$root"
    gcovr --root "$root" --filter src/ --exclude-throw-branches --exclude-unreachable-branches \
        --html-details "$build/coverage/html/index.html" --print-summary "$build/coverage"
    say "line by line: $build/coverage/html/index.html"
    unlock
    exit $status
}
