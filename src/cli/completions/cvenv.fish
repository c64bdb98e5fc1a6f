# fish completion of cvenv, printed by 'cvenv --completions fish'

# True if none of the options $argv is given. ENV_DIR is a directory. The option whose value is
# being completed does not count.
function __cvenv_allows
    set -l with_value@WITH_VALUE@
    set -l given
    set -l waiting
    set -l ended
    set -l tokens (commandline -opc)
    for token in $tokens[2..-1]
        if set -q waiting[1]
            set -a given $waiting
            set waiting
            continue
        else if set -q ended[1]
            set -a given ENV_DIR
            continue
        end
        switch $token
            case --
                set ended yes
            case '--*=*'
                set -a given (string replace -r '=.*' '' -- $token)
            case '--*'
                if contains -- $token $with_value
                    set waiting $token
                else
                    set -a given $token
                end
            case '-?*'
                set -l letters (string split '' -- $token)
                for i in (seq 2 (count $letters))
                    if not contains -- -$letters[$i] $with_value
                        set -a given -$letters[$i]
                        continue
                    else if test $i -eq (count $letters)
                        set waiting -$letters[$i]
                    else
                        set -a given -$letters[$i]
                    end
                    break
                end
            case '*'
                set -a given ENV_DIR
        end
    end
    for word in $given
        contains -- $word $argv; and return 1
    end
    return 0
end

# The value that is being completed, without its --option=.
function __cvenv_value
    string replace -r '^--[^=]*=' '' -- (commandline -ct)
end

function __cvenv_directories
    __fish_complete_directories (__cvenv_value)
end

function __cvenv_pythons
    set -l value (__cvenv_value)
    if string match -q '*/*' -- "$value"
        complete -C "__cvenv_nothing $value" # files, as for any command
    else
        command cvenv --completions pythons 2>/dev/null
    end
end

function __cvenv_names
    command cvenv --completions names 2>/dev/null
end

# The names $argv in a list with commas, each once.
function __cvenv_list
    set -l before (__cvenv_value | string match -r '^.*,')
    for name in $argv
        string match -q -- "*,$name,*" ",$before"; or echo "$before$name"
    end
end

complete -c cvenv -f
@OPTIONS@
