#compdef cvenv
# zsh completion of cvenv, printed by 'cvenv --completions zsh'

_cvenv_pythons()
{
    local -a lines expl
    lines=("${(@f)$(command cvenv --completions pythons 2>/dev/null)}")
    lines=("${(@)lines//\\/\\\\}")
    lines=("${(@)lines/$'\t'/:}")
    if [[ $PREFIX == */* || -z $lines ]]; then
        _files
    else
        _describe -V -t pythons PYTHON lines
    fi
}

_cvenv_names()
{
    local -a lines expl
    lines=(${(f)"$(command cvenv --completions names 2>/dev/null)"})
    _wanted environments expl NAME compadd -a lines
}

_cvenv()
{
    _arguments -s -S \
@OPTIONS@
}

if [[ ${funcstack[1]-} == _cvenv ]]; then
    _cvenv "$@" # as an autoloaded function
else
    compdef _cvenv cvenv
fi
