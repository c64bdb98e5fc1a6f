
_cvenv_complete() {
    local name

    COMPREPLY=()
    [[ $COMP_CWORD == 1 ]] || return 0
    while IFS= read -r name; do
        if [[ $name == "$2"* ]]; then
            printf -v name %q "$name"
            COMPREPLY+=("$name")
        fi
    done <<<"$(@COMMAND@ --completions names 2>/dev/null)"
}
complete -o dirnames -F _cvenv_complete cv
@AUTO@
_cvenv_prompt() {
    local status=$?

    if [[ ${PWD-} != "${_CVENV_PWD-}" ]]; then
        _CVENV_PWD=${PWD-}
        _cvenv_changed || :
    fi
    # What else PROMPT_COMMAND runs may ask for the status. With `set -e` it would end the shell.
    [[ $- == *e* ]] || return "$status"
}

# A child process may inherit PROMPT_COMMAND, but not this variable, without which nothing is run.
# Of an array, this is the first element.
_CVENV_PROMPT=_cvenv_prompt
case $'\n'${PROMPT_COMMAND-}$'\n' in
*$'\n${_CVENV_PROMPT-}\n'*) ;;
*) PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}'${_CVENV_PROMPT-}' ;;
esac
