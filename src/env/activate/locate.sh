# This environment may be moved: it is where this script is.
_VIRTUAL_ENV_HERE=
if [ -n "${BASH_VERSION-}" ]; then
    _VIRTUAL_ENV_HERE=$BASH_SOURCE
elif [ -n "${ZSH_VERSION-}" ]; then
    eval '_VIRTUAL_ENV_HERE=${(%):-%x}'
else
    case ${KSH_VERSION-} in
    Version*) eval '_VIRTUAL_ENV_HERE=${.sh.file}' ;; # ksh93
    esac
fi
case $_VIRTUAL_ENV_HERE in
*/*) ;;
?*) _VIRTUAL_ENV_HERE=./$_VIRTUAL_ENV_HERE ;;
esac
if [ -n "$_VIRTUAL_ENV_HERE" ] && [ -f "${_VIRTUAL_ENV_HERE%/*}/../pyvenv.cfg" ]; then
    # The dot saves newlines at the end of the name from $(...).
    _VIRTUAL_ENV_HERE=$(CDPATH= cd -- "${_VIRTUAL_ENV_HERE%/*}/.." && printf '%s.' "$PWD")
    _VIRTUAL_ENV_HERE=${_VIRTUAL_ENV_HERE%.}
else
    unset _VIRTUAL_ENV_HERE
    echo 'activate: cannot tell where this environment is: it is relocatable, and this' \
        'shell does not say where a sourced script lies (bash, zsh and ksh93 do), or it was' \
        'sourced through a link' >&2
    return 1
fi

