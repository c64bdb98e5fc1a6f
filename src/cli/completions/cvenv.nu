# nushell completion of cvenv, printed by 'cvenv --completions nushell'
#
# For nushell 0.114 and later; 0.108 completes values, but no options. The declaration has no flags:
# nushell would refuse --copies=0 and -p3.12, and print its own help for --help. So it passes each
# word to cvenv as it is, and asks the function what completes the last one.

# drop: what is not offered beside it. value: what completes its argument.
def "nu-complete cvenv options" [] {
    [
        [names drop value choices help];
@OPTIONS@
    ]
}

# The directories that begin with the text. `ls` escapes what is not printable: such a name does not
# exist.
def "nu-complete cvenv directories" [typed: string] {
    let parent = $typed | str replace -r '[^/\\]*$' ''
    let name = $typed | str replace -r '^.*[/\\]' ''
    let at = if $parent == '' { '.' } else { $parent } | path expand
    try { ls -a -s $at } catch { [] }
    | where {|it| ($it.name | str starts-with $name) and ($at | path join $it.name | path exists) }
    | where {|it| $name != '' or not ($it.name | str starts-with '.') }
    | where {|it|
        $it.type == dir or ($at | path join $it.name | path expand | path type) == dir
    }
    | each {|it|
        let here = if $parent == '' and $it.name =~ '^[-~]' { './' } else { $parent }
        {value: $"($here)($it.name)/", description: ''}
    }
}

# The lines of the command itself.
def "nu-complete cvenv lines" [what: string] {
    try { ^cvenv --completions $what | complete | get stdout } catch { '' }
    | lines
    | each {|line|
        let parts = $line | split row -n 2 "\t"
        {value: $parts.0, description: ($parts | get -o 1 | default '')}
    }
}

# The word in quotes, if it needs them.
def "nu-complete cvenv quoted" [] {
    let word = $in
    if $word =~ '^~?[-\w./+,=:]+$' { $word } else { $word | to json -r }
}

# Has the option of this name an argument?
def "nu-complete cvenv has value" [name: string] {
    nu-complete cvenv options | any {|it| $name in $it.names and $it.value != '' }
}

# What the words before the current one say: which options are given, whether '--' is, and the
# option whose argument is next.
def "nu-complete cvenv given" [words: list<string>] {
    mut given = []
    mut waiting = ''
    mut ended = false
    for word in $words {
        if $waiting != '' {
            $waiting = ''
        } else if $ended or $word !~ '^-.' {
            $given ++= ['ENV_DIR']
        } else if $word == '--' {
            $ended = true
        } else if $word starts-with '--' {
            let name = $word | split row '=' | first
            $given ++= [$name]
            if $name == $word and (nu-complete cvenv has value $name) { $waiting = $name }
        } else {
            let letters = $word | split chars | skip 1
            for letter in ($letters | enumerate) {
                let name = $'-($letter.item)'
                $given ++= [$name]
                if (nu-complete cvenv has value $name) {
                    if $letter.index + 1 == ($letters | length) { $waiting = $name }
                    break
                }
            }
        }
    }
    {given: $given, waiting: $waiting, ended: $ended}
}

def "nu-complete cvenv" [spans: list<string>] {
    let options = nu-complete cvenv options
    let words = nu-complete cvenv given ($spans | skip 1 | drop 1)
    let dropped = $options
    | where {|it| $it.names | any {|name| $name in $words.given } }
    | get drop
    | flatten
    let word = $spans | last

    let free = $words.waiting == '' and not $words.ended
    let attached = if $free and $word =~ '^(--[^=]+=|-[^-].)' {
        $word | parse -r '^(?<name>--[^=]+|-[^-])(?<sign>=?)(?<value>.*)$' | get -o 0
    }
    if $attached == null and $free and $word starts-with '-' {
        return ($options
        | each {|it| $it.names | each {|name| {value: $name, description: $it.help} } }
        | flatten
        | where {|it| $it.value starts-with $word and $it.value not-in $dropped })
    }
    let name = if $attached == null { $words.waiting } else { $attached.name }
    let before = if $attached == null { '' } else { $attached.name + $attached.sign }
    let value = if $attached == null { $word } else { $attached.value }
    let typed = $value | str replace -r "^['\"`]" '' | str replace -r "['\"`]$" ''

    let option = $options | where {|it| $name in $it.names } | get -o 0
    let kind = if $option != null {
        $option.value
    } else if $name == '' and 'ENV_DIR' not-in $dropped {
        'dir'
    }
    if $kind == 'python' and $typed =~ '[/\\]' and $before == '' {
        return null # files
    }
    let listed = if $kind == 'list' { $typed | split row ',' | drop 1 } else { [] }
    let start = $listed | each {|it| $'($it),' } | str join
    match $kind {
        'dir' => { nu-complete cvenv directories $typed }
        'python' => { nu-complete cvenv lines pythons }
        'name' => { nu-complete cvenv lines names }
        'choice' => { $option.choices | each {|it| {value: $it, description: $option.help} } }
        'list' => {
            $option.choices
            | where {|it| $it not-in $listed }
            | each {|it| {value: ($start + $it), description: $option.help} }
        }
        _ => { [] }
    }
    | where {|it| $kind == 'dir' or $it.value starts-with $typed }
    | update value {|it| $before + $it.value | nu-complete cvenv quoted }
}

@complete 'nu-complete cvenv'
export extern cvenv []
