# The function cv, printed by 'cvenv --shell-hook SHELL':
#
#     cv         enter the nearest .venv, in this directory or above it
#     cv NAME    enter the environment NAME in $WORKON_HOME, or in ~/.virtualenvs
#     cv DIR     enter the environment DIR, which contains a slash
#     cv -       leave
#
# For bash, zsh, ksh, mksh, dash, yash, posh and busybox. Only entering starts a process, and the
# walk up is done by the shell. `set --` gives functions variables of their own in every shell.

_cvenv_find() {
    _CVENV_FOUND=
    \set -- "${PWD%/}"
    while :; do
        if [ -f "$1/.venv/pyvenv.cfg" ] || [ -f "$1/.venv" ]; then
            _CVENV_FOUND=$1/.venv
            \return 0
        fi
        case $1 in
        */*) \set -- "${1%/*}" ;;
        *) \return 1 ;;
        esac
    done
}

# The command prints one line, which sources the activation script, or nothing.
_cvenv_enter() {
    _CVENV_LINE=$(@COMMAND@ --shell-hook enter-posix -- "$@") || \return
    \set --
    case $_CVENV_LINE in
    ?*) \eval "$_CVENV_LINE" ;;
    esac
}

# A `deactivate` that is a program of that name does not count.
_cvenv_leave() {
    case ${VIRTUAL_ENV:+$(\command -v deactivate 2>/dev/null)} in
    deactivate) deactivate ;;
    *) \return 1 ;;
    esac
}

cv() {
    case $#:${1-} in
    0:)
        if _cvenv_find; then
            _cvenv_enter nearest "$_CVENV_FOUND"
        else
            \echo "cv: no environment '.venv' in this directory or above it" >&2
            \return 1
        fi
        ;;
    1:-)
        if ! _cvenv_leave; then
            \echo 'cv: no environment was entered in this shell' >&2
            \return 1
        fi
        ;;
    1: | 1:-*)
        \echo 'usage: cv [NAME | DIR | -]' >&2
        \return 2
        ;;
    1:*) _cvenv_enter named "$1" ;;
    *)
        \echo 'usage: cv [NAME | DIR | -]' >&2
        \return 2
        ;;
    esac
}
@AUTO@
# What follows enters and leaves by itself.
_cvenv_changed() {
    _cvenv_find || :
    case $_CVENV_FOUND in
    "${_CVENV_NEAREST-}") \return 0 ;;
    esac
    _CVENV_NEAREST=$_CVENV_FOUND
    # Leave only what was entered here by itself: the user's own choice stays.
    case ${_CVENV_ENTERED:-none} in
    "${VIRTUAL_ENV-}") _cvenv_leave || : ;;
    esac
    _CVENV_ENTERED=
    # A variable that a program has inherited without the PATH is no active environment.
    case :${PATH-}: in
    *":${VIRTUAL_ENV:-none}/"*) \return 0 ;;
    esac
    case $_CVENV_NEAREST in
    ?*)
        _cvenv_enter auto "$_CVENV_NEAREST" || \return 0
        case $_CVENV_LINE in
        ?*) _CVENV_ENTERED=${VIRTUAL_ENV-} ;;
        esac
        ;;
    esac
}
