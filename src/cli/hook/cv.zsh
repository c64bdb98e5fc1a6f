
_cvenv_complete() {
    local -a names

    names=("${(@f)$(@COMMAND@ --completions names 2>/dev/null)}")
    names=("${(@)names:#}") # no output is one empty name
    compadd -a names
    _directories
}
if typeset -f compdef >/dev/null; then
    compdef _cvenv_complete cv
fi
@AUTO@
# A subshell, such as $(cd x && pwd), is not the user's shell.
_cvenv_chpwd() {
    if [[ -o interactive && $ZSH_SUBSHELL == 0 ]]; then
        _cvenv_changed || :
    fi
}

# The directory in which the shell starts, as soon as it shows a prompt.
_cvenv_precmd() {
    precmd_functions=("${precmd_functions[@]:#_cvenv_precmd}")
    _cvenv_chpwd
}

typeset -ga chpwd_functions precmd_functions
chpwd_functions=("${chpwd_functions[@]:#_cvenv_chpwd}" _cvenv_chpwd)
precmd_functions=("${precmd_functions[@]:#_cvenv_precmd}" _cvenv_precmd)
