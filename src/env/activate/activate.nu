# Activation for nushell 0.101 and newer:
#
#     overlay use bin/activate.nu     enter the environment
#     deactivate                      leave it; every variable is as it was before
#
# What is set while the environment is active belongs to the overlay: leaving takes it
# back, except for the current directory. This script uses keywords and operators instead of
# commands where possible: a user's own command may have the same name.

export-env {
@LOCATE@    let dir = @ENV_DIR@
    let bin = ($dir | path join @BIN@)
    if not ($bin | path exists) {
        print -e $"activate.nu: directory ($bin | to json --raw) is missing: this environment was moved or deleted"
        error make { msg: 'not activated' } # not shown by nushell before 0.115
    }

    # Leave the environment that is active in this shell. A record is not exported: one
    # from a parent process is not seen here, and stays below this one.
    let path = (if $env.PATH? == null { [] } else { $env.PATH })
    let active = $env._OLD_VIRTUAL?
    let old = (if $active == null {
        { bin: $bin, path: $path, prompt: $env.PROMPT_COMMAND? }
    } else {
        { bin: $bin, path: ($path | where {|x| $x != $active.bin }), prompt: $active.prompt }
    })

    $env.VIRTUAL_ENV = $dir
    $env.VIRTUAL_ENV_PROMPT = @PROMPT@
    $env.PATH = [$bin ...$old.path]
    $env._OLD_VIRTUAL = $old
    # Null is not exported, and unlike hide-env it ends with the overlay in every version.
    if 'PYTHONHOME' in $env {
        $env.PYTHONHOME = null
    }
    if $env.VIRTUAL_ENV_DISABLE_PROMPT? in [null ''] and $old.prompt != null {
        let name = @PS1@
        $env.PROMPT_COMMAND = {||
            let prompt = $env._OLD_VIRTUAL.prompt
            let shown = (if ($prompt | describe) == 'closure' { do $prompt } else { $prompt })
            $"($name)($shown)"
        }
    }
}

export alias pydoc = python -m pydoc
export alias deactivate = overlay hide activate --keep-env [ PWD ]
