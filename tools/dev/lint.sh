# SPDX-License-Identifier: MIT
#
# Part of ./dev, which reads it: format, static analysis, lengths, scripts.

# Files of the project that match the patterns, one a line.
tracked() {
    if have git && git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
        git -C "$root" ls-files --cached --others --exclude-standard -- "$@"
    else
        (cd "$root" && for pattern in "$@"; do
            find . -path ./build -prune -o -type f -path "./$pattern" -print | sed 's,^\./,,'
        done)
    fi | sort -u
}

# check NAME COMMAND...: runs it. If it fails, shows its output and sets $status.
check() {
    check_name=$1
    shift
    mkdir -p "$log"
    if "$@" >"$log/lint.log" 2>&1; then
        say "$check_name: ok"
    else
        cat "$log/lint.log" >&2
        say "$check_name: FAILED"
        status=1
    fi
}

# memmem() is not on every system.
banned='memmem|strcpy|strcat|sprintf|strtok|atoi|gets|mktemp|system|popen|access|chdir'

# Functions and headers of the operating system that src/os/ alone uses, to stay portable.
os_calls='open(at)?|creat|close|p?(read|write)|[fl]?stat(at)?|f?statv?fs|statx|faccessat|rename(at2?)?|unlink(at)?'
os_calls="$os_calls|rmdir|mkdir(at)?|link(at)?|symlink(at)?|readlink(at)?|realpath|f?chmod(at)?"
os_calls="$os_calls|futimens|utimensat|flock|(fd)?opendir|readdir|closedir|fcntl|ioctl|v?fork|exec[lv]p?e?"
os_calls="$os_calls|posix_spawnp?|wait(p?id)?|kill|raise|signal|sigaction|getp?pid|gete?[ug]id|getcwd|isatty"
os_headers='pthread|threads|sys/.*|linux/.*|fcntl|unistd|dirent|signal|spawn|poll|pwd|termios'
# Those of Windows, whose functions cannot be called without them.
os_headers="$os_headers|windows|win(base|nt|ternl|error|reg|ioctl|con|user|sock2?|nls)|nt(def|status|security)"
os_headers="$os_headers|bcrypt|ntsecapi|aclapi|sddl|shlobj|shlwapi|shellapi|psapi|tlhelp32|userenv|io|direct|process"

# lint_calls NAMES FILE...: calls of these functions, outside of comments and strings.
lint_calls() {
    names=$1
    shift
    awk -v banned="(^|[^A-Za-z0-9_>.])($names)[ \t]*\\\\(" '
        FNR == 1 { comment = 0 }
        {
            line = $0
            gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
            if (comment) {
                if (!match(line, /\*\//)) next
                line = substr(line, RSTART + 2)
                comment = 0
            }
            while (match(line, /\/\*/)) {
                head = substr(line, 1, RSTART - 1)
                rest = substr(line, RSTART + 2)
                if (match(rest, /\*\//)) line = head " " substr(rest, RSTART + 2)
                else { line = head; comment = 1 }
            }
            sub(/\/\/.*/, "", line)
            if (line ~ banned) { print FILENAME ":" FNR ": banned:" $0; bad = 1 }
        }
        END { exit bad }' "$@"
}

# Tests may call them.
lint_banned() {
    # shellcheck disable=SC2046
    lint_calls "$banned" $(tracked 'src/*.c' 'src/*.h' 'include/*.h' 'tools/*.c' 'python/*.c' 'python/*.h')
}

# The operating system is used in src/os/ alone. The exception is SHA-256: base/, which is below os/,
# loads a library of Windows for it, as it uses nettle elsewhere.
lint_os() {
    # shellcheck disable=SC2046
    set -- $(tracked 'src/*.c' 'src/*.h' 'include/*.h' 'python/*.c' 'python/*.h' |
        grep -v -e '^src/os/' -e '^src/base/\(digest\|library\)_windows[.]c$')
    ! grep -nE "^#[ \t]*include <($os_headers)\.h>" "$@" && lint_calls "$os_calls" "$@"
}

# Folders of src/ depend on those before them only, see doc/architecture.md. env/ is pure, and the
# command is a user of cvenv.h.
lint_folders() {
    # shellcheck disable=SC2046
    awk -v order='base os fs wheel interpreter cache env create finished api cli' '
        BEGIN { for (n = split(order, names, " "); n; n--) rank[names[n]] = n }
        /^#include "[a-z]+\// {
            split(FILENAME, file, "/")
            split($2, header, /["\/]/)
            from = file[2]
            to = header[2]
            if (!rank[to] || rank[to] > rank[from] || (from == "env" && to == "os") ||
                (from == "cli" && to !~ /^(base|os|cli)$/ && $2 !~ /^"(fs\/(file|dir)|env\/(activators|quote)|create\/redirect|interpreter\/(candidates|project|spec|managers\/own_shim)|env\/replace)[.]h"$/)) {
                print FILENAME ":" FNR ": " from "/ must not include " to "/"
                bad = 1
            }
        }
        END { exit bad }' $(tracked 'src/*.c' 'src/*.h')
}

# Functions of more than 70 lines, in C, and files of more than 600.
# The public header is one file, because programs include one.
lint_length() {
    # shellcheck disable=SC2046
    awk '
        FNR == 1 && NR > 1 && last > 600 && name != "include/cvenv.h" { print name ": " last " lines, not more than 600"; bad = 1 }
        { name = FILENAME; last = FNR }
        /^{/ { start = FNR }
        /^}/ && start {
            if (FNR - start + 1 > 70) {
                print FILENAME ":" start ": function of " FNR - start + 1 " lines, not more than 70"
                bad = 1
            }
            start = 0
        }
        END {
            if (last > 600) { print name ": " last " lines, not more than 600"; bad = 1 }
            exit bad
        }' $(tracked '*.c' '*.h' '*.py' '*.sh' dev)
}

# Git quotes names with other characters. They come from a mistaken redirection, and Windows refuses some.
lint_names() {
    ! tracked '*' | grep -v '^[[:alnum:]_./@-]*$'
}

# Leaves out the sources of other systems, whose headers are missing here.
only_here() {
    grep -v -e '^src/os/darwin/' -e '^src/os/bsd/' -e '^src/os/windows/' -e '_windows[.]c$'
}

# One file a run: with several, clang-tidy 14 takes every va_list for uninitialised. One command a file,
# the first one: it would read the file once for each test that it is compiled for.
lint_tidy() {
    mkdir -p "$build/lint"
    python3 -c '
import json, sys
with open(sys.argv[1]) as f:
    commands = json.load(f)
with open(sys.argv[2], "w") as f:
    json.dump(list({one["file"]: one for one in reversed(commands)}.values()), f)' \
        "$build/dev/compile_commands.json" "$build/lint/compile_commands.json" || return
    # The extension is in the build where Python has headers.
    sources='src/*.c'
    [ ! -e "$build/dev/python/_native.abi3.so" ] || sources="$sources python/*.c"
    # shellcheck disable=SC2086
    (set -f && tracked $sources) | only_here | sed "s,^,$root/," |
        xargs -n 1 -P 2 clang-tidy --quiet -p "$build/lint" --warnings-as-errors='*' \
            --extra-arg=-Wno-unknown-warning-option \
            --extra-arg=-Wno-ignored-optimization-argument 2>"$log/clang-tidy.log" && return
    grep -v 'warnings\{0,1\} generated' "$log/clang-tidy.log"
    return 1
}

# internalAstError: cppcheck 2.10 gives up on compound literals in a conditional.
lint_cppcheck() {
    cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -I"$root/src" -I"$root/include" -I"$root/python" \
        --enable=warning,performance,portability -D__GNUC__ -D__linux__ -D_GNU_SOURCE \
        --suppress=missingIncludeSystem --suppress=unusedStructMember --suppress=internalAstError -j 2 "$root/src" "$root/python"
}

# gcc's own search through all paths of a function.
lint_analyzer() {
    tracked 'src/*.c' | only_here | sed "s,^,$root/," |
        xargs -n 1 -P 2 gcc -std=c11 -D_GNU_SOURCE -O2 -fanalyzer -Werror \
            -I"$root/src" -I"$root/include" -I"$root/src/os/posix" -I"$root/src/os/linux" \
            -I"$build/dev" -c -o /dev/null
}

lint_shell() {
    # shellcheck disable=SC2046
    shellcheck -s sh -x dev .ci/run tools/dev/suite.sh || return
    scripts=$(tracked '*.sh' | grep -v -e '^src/env/activate/' -e '^src/cli/hook/' -e '^tools/dev/' || :)
    # shellcheck disable=SC2086
    [ -z "$scripts" ] || shellcheck $scripts || return
    sed 's/^@OPTIONS@//' src/cli/completions/cvenv.bash | shellcheck -s bash - || return
    # "@COMMAND@" becomes a quoted word.
    sed -e 's/^@AUTO@//' -e 's/@COMMAND@/cvenv/' src/cli/hook/cv.sh | shellcheck -s sh - || return
    sed -e 's/^@AUTO@//' -e 's/@COMMAND@/cvenv/' src/cli/hook/cv.sh src/cli/hook/cv.bash |
        shellcheck -s bash - || return
    # The activation script is a template for many shells. It sets variables for other programs,
    # PATH among them, and uses special words of a shell that it has recognised. It quotes words
    # against aliases, and has code for one shell in single quotes.
    sed 's/^@LOCATE@//' src/env/activate/activate |
        shellcheck -s sh -e SC1001,SC1012,SC1090,SC2016,SC2030,SC2031,SC2034,SC2086,SC2123,SC2154,SC2209,SC2288,SC3028,SC3044 -
}

# Templates, in src/env/activate/, are not Python yet.
lint_python() {
    tracked '*.py' | grep -v '^src/env/activate/' | python3 -c '
import sys
for name in sys.stdin.read().splitlines():
    with open(name, "rb") as f:
        compile(f.read(), name, "exec")'
}

# Text files that people read. The corpora of the fuzzers are not text, and phrases.txt contains what
# it forbids.
lint_texts() {
    tracked '*' | grep -v -e '^tests/fuzz/corpus/' -e '[.]svg$' -e '^tools/dev/phrases[.]txt$'
}

# nd is a macro of man pages and, like nknown, the rest of a string that begins with an escape. bu
# names the group of all users in descriptors of Windows.
lint_spelling() {
    # shellcheck disable=SC2046
    codespell --ignore-words-list=bu,nd,nknown,childs $(lint_texts)
}

# Plain English: phrases that must not come back.
lint_phrases() {
    grep -v -e '^#' -e '^$' tools/dev/phrases.txt >"$log/phrases"
    # shellcheck disable=SC2046
    ! grep -inE -f "$log/phrases" $(lint_texts)
}

lint_references() {
    # shellcheck disable=SC2046
    python3 tools/dev/references.py $(tracked '*')
}

cmd_lint() {
    lock
    prepare "$need_build cmocka clang-format clang-tidy cppcheck shellcheck codespell" 'mandoc pydev'
    build_dev || exit 1
    status=0
    cd "$root"
    # shellcheck disable=SC2046
    check clang-format clang-format --dry-run -Werror $(tracked '*.c' '*.h')
    check 'order of folders' lint_folders
    check 'banned functions' lint_banned
    check 'calls of the operating system' lint_os
    check 'length of functions and files' lint_length
    check 'names of files' lint_names
    check cppcheck lint_cppcheck
    check shellcheck lint_shell
    check 'Python files' lint_python
    check spelling lint_spelling
    check phrases lint_phrases
    check references lint_references
    ! have mandoc || check 'man page' mandoc -Tlint -Wwarning doc/cvenv.1
    if gcc --version 2>/dev/null | grep -q 'Free Software'; then # not clang under that name
        check 'gcc -fanalyzer' lint_analyzer
    fi
    check clang-tidy lint_tidy
    unlock
    exit $status
}
