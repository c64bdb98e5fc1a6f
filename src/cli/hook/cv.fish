# The function cv, printed by 'cvenv --shell-hook fish':
#
#     cv         enter the nearest .venv, in this directory or above it
#     cv NAME    enter the environment NAME in $WORKON_HOME, or in ~/.virtualenvs
#     cv DIR     enter the environment DIR, which contains a slash
#     cv -       leave
#
# Only entering starts a process, and the walk up is done by the shell.

function __cvenv_find
    set -g __cvenv_found
    set -l dir $PWD
    test "$dir" = /; and set dir ''
    while true
        if test -f "$dir/.venv/pyvenv.cfg"; or test -f "$dir/.venv"
            set __cvenv_found "$dir/.venv"
            return 0
        end
        # A command substitution would split a name with a newline.
        builtin string match -qr -- '^(?<dir>(?s:.*))/' $dir; or return 1
    end
end

# The command prints one line, which sources the activation script, or nothing.
function __cvenv_enter
    @COMMAND@ --shell-hook enter-fish -- $argv | builtin source
    return $pipestatus[1]
end

function __cvenv_leave
    set -q VIRTUAL_ENV; and builtin functions -q deactivate; and deactivate
end

function cv -d 'Enter or leave a Python virtual environment'
    if set -q argv[2]; or begin
            set -q argv[1]; and builtin string match -qr '^(-.+)?$' -- $argv[1]
        end
        builtin echo 'usage: cv [NAME | DIR | -]' >&2
        return 2
    else if not set -q argv[1]
        if __cvenv_find
            __cvenv_enter nearest $__cvenv_found
        else
            builtin echo "cv: no environment '.venv' in this directory or above it" >&2
            return 1
        end
    else if test $argv[1] = -
        if not __cvenv_leave
            builtin echo 'cv: no environment was entered in this shell' >&2
            return 1
        end
    else
        __cvenv_enter named $argv[1]
    end
end

function __cvenv_names
    @COMMAND@ --completions names 2>/dev/null
end
complete -c cv -x -n 'test (count (commandline -opc)) -eq 1' -a '(__cvenv_names; __fish_complete_directories (commandline -ct))'
@AUTO@
# What follows enters and leaves by itself.
function __cvenv_changed --on-variable PWD
    status is-interactive; and not status is-command-substitution; or return 0
    __cvenv_find
    test "$__cvenv_found" = "$__cvenv_nearest"; and return 0
    set -g __cvenv_nearest $__cvenv_found
    # Leave only what was entered here by itself: the user's own choice stays.
    if test -n "$__cvenv_entered"; and test "$__cvenv_entered" = "$VIRTUAL_ENV"
        __cvenv_leave
    end
    set -g __cvenv_entered
    # A variable that a program has inherited without the PATH is no active environment.
    if set -q VIRTUAL_ENV; and builtin string match -q -- "$VIRTUAL_ENV/*" $PATH
        return 0
    end
    if test -n "$__cvenv_nearest"; and __cvenv_enter auto $__cvenv_nearest
        set __cvenv_entered $VIRTUAL_ENV
    end
end

# The directory in which the shell starts, as soon as it shows a prompt.
function __cvenv_first --on-event fish_prompt
    builtin functions -e __cvenv_first
    __cvenv_changed
end
