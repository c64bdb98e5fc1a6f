# bash completion of cvenv, printed by 'cvenv --completions bash'

# What the option $1 means for others: $drop is what is not offered beside it, and
# $argument what completes its argument.
_cvenv_option()
{
    drop='' argument=''
    case $1 in
@OPTIONS@
    *) return 1 ;;
    esac
}

# The word $1 is given.
_cvenv_given()
{
    local letters word
    case $1 in
    --*=*) _cvenv_option "${1%%=*}" && argument='' ;;
    --*) _cvenv_option "$1" ;;
    -?*)
        letters=${1#-}
        while [[ -n $letters ]]; do
            _cvenv_option "-${letters:0:1}" || break
            letters=${letters:1}
            _cvenv_drop
            if [[ -n $argument ]]; then
                [[ -z $letters ]] || argument=''
                break
            fi
        done
        ;;
    *) _cvenv_option ENV_DIR ;;
    esac
    _cvenv_drop
}

_cvenv_drop()
{
    local word
    for word in $drop; do
        offered=${offered/ $word / }
    done
}

# Offer each line of $1, up to a tab, that begins with $current.
_cvenv_lines()
{
    local line quoted
    while IFS= read -r line; do
        line=${line%%$'\t'*}
        case $current in
        \'*) quoted=\'${line//\'/\'\\\'\'} ;;
        \"*)
            case $line in
            *!*) continue ;; # bash replaces it between double quotes, whatever precedes it
            esac
            quoted=${line//\\/\\\\} quoted=${quoted//\"/\\\"}
            quoted=${quoted//\$/\\\$} quoted=\"${quoted//\`/\\\`}
            ;;
        *) printf -v quoted %q "$line" ;;
        esac
        if [[ -n $line && $quoted == "$current"* ]]; then
            case $current in
            [\'\"]*) quoted=${quoted:1} ;; # readline has the quote
            esac
            COMPREPLY+=("$prefix$quoted")
        fi
    done <<<"$1"
}

# Offer the words $1 that begin with $current.
_cvenv_words()
{
    local word
    for word in $1; do
        if [[ $word == "$current"* ]]; then
            COMPREPLY+=("$prefix$word")
        fi
    done
}

# The names of $1 in a list with commas, each once.
_cvenv_list()
{
    local words=" $1 " name
    case $current in
    *,*)
        prefix=$prefix${current%,*},
        for name in ${current//,/ }; do
            words=${words/ $name / }
        done
        current=${current##*,}
        ;;
    esac
    compopt -o nospace 2>/dev/null
    _cvenv_words "$words"
}

_cvenv_value()
{
    case $1 in
    dir:) compopt -o dirnames 2>/dev/null ;;
    python:)
        case $current in
        */*) compopt -o default 2>/dev/null ;;
        *) _cvenv_lines "$(command cvenv --completions pythons 2>/dev/null)" ;;
        esac
        ;;
    name:) _cvenv_lines "$(command cvenv --completions names 2>/dev/null)" ;;
    list:*) _cvenv_list "${1#list:}" ;;
    choice:*) _cvenv_words "${1#choice:}" ;;
    esac
}

# Complete the word $current, which is not the argument of the option before it.
_cvenv_word()
{
    case $current in
    --*=*)
        if _cvenv_option "${current%%=*}"; then
            prefix=${current%%=*}= current=${current#*=}
            _cvenv_value "$argument"
        fi
        ;;
    -[!-]?*)
        if _cvenv_option "${current:0:2}" && [[ -n $argument ]]; then
            prefix=${current:0:2} current=${current:2}
            _cvenv_value "$argument"
        fi
        ;;
    -*) _cvenv_words "$offered" ;;
    *)
        case $offered in
        *' ENV_DIR '*) compopt -o dirnames 2>/dev/null ;;
        esac
        ;;
    esac
}

_cvenv()
{
    local IFS=$' \t\n' current='' prefix='' drop='' argument='' here='' ended='' word i
    local offered='@NAMES@ ENV_DIR '
    COMPREPLY=()
    compopt +o dirnames 2>/dev/null
    for ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then
            here=${argument:-word} argument=''
            current=$word
            if [[ -n $ended ]]; then
                here=ended
            elif [[ $word == = && $here != word ]]; then
                current=''
            fi
        elif [[ -n $ended ]]; then
            _cvenv_given ENV_DIR
        elif [[ $word == = ]]; then # a word of its own in --option=value
            if [[ -z $argument ]]; then
                argument=text
            fi
        elif [[ -n $argument ]]; then
            argument=''
        elif [[ $word == -- ]]; then
            ended=1
        else
            _cvenv_given "$word"
        fi
    done
    case $here in
    ended)
        case $offered in
        *' ENV_DIR '*) compopt -o dirnames 2>/dev/null ;;
        esac
        ;;
    word) _cvenv_word ;;
    *) _cvenv_value "$here" ;;
    esac
}

complete -o dirnames -F _cvenv cvenv
