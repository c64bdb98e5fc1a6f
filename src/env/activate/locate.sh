# This environment may be moved: it is where this script is.
_VIRTUAL_ENV_HERE=
case ${BASH_VERSION:+bash}${ZSH_VERSION:+zsh}:${KSH_VERSION-} in
bash:*) _VIRTUAL_ENV_HERE=$BASH_SOURCE ;;
zsh:*) $_VIRTUAL_ENV_DO \eval '_VIRTUAL_ENV_HERE=${(%):-%x}' ;;
:Version*) \eval '_VIRTUAL_ENV_HERE=${.sh.file}' ;; # ksh93
esac
case $_VIRTUAL_ENV_HERE in
*/*) ;;
?*) _VIRTUAL_ENV_HERE=./$_VIRTUAL_ENV_HERE ;;
esac
if $_VIRTUAL_ENV_ASK \[ -n "$_VIRTUAL_ENV_HERE" ] &&
    $_VIRTUAL_ENV_ASK \[ -f "${_VIRTUAL_ENV_HERE%/*}/../pyvenv.cfg" ]; then
    # The dot saves newlines at the end of the name from $(...).
    _VIRTUAL_ENV_HERE=$(
        CDPATH= $_VIRTUAL_ENV_ASK \cd ${ZSH_VERSION:+-q} -- "${_VIRTUAL_ENV_HERE%/*}/.." &&
            $_VIRTUAL_ENV_ASK \printf '%s.' "$PWD"
    )
    _VIRTUAL_ENV_HERE=${_VIRTUAL_ENV_HERE%.}
else
    _VIRTUAL_ENV_PROBLEM='cannot tell where this environment is: it is relocatable, and this shell does not tell a sourced script its path (bash, zsh and ksh93 do), or it was sourced through a link'
fi
