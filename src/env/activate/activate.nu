# Activation for nushell 0.101 and newer:
#
#     overlay use bin/activate.nu     enter the environment
#     deactivate                      leave it; every variable is as it was before
#
# What is set while the environment is active belongs to the overlay: leaving takes it
# back, except for the current directory.

export-env {
@LOCATE@    let dir = @ENV_DIR@
    let bin = ([$dir @BIN@] | str join '/')

    # Leave the environment that is active in this shell. A record is not exported: one
    # from a parent process is not seen here, and stays below this one.
    let path = ($env.PATH? | default [])
    let active = ($env._OLD_VIRTUAL? | default null)
    let old = (if $active == null {
        { bin: $bin, path: $path, prompt: $env.PROMPT_COMMAND? }
    } else {
        { bin: $bin, path: ($path | where {|x| $x != $active.bin }), prompt: $active.prompt }
    })

    load-env {
        VIRTUAL_ENV: $dir
        VIRTUAL_ENV_PROMPT: @PROMPT@
        PATH: ($old.path | prepend $bin)
        _OLD_VIRTUAL: $old
    }
    # Null is not exported, and unlike hide-env it ends with the overlay in every version.
    if 'PYTHONHOME' in $env {
        $env.PYTHONHOME = null
    }
    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default '') == '' and $old.prompt != null {
        $env.PROMPT_COMMAND = {||
            let prompt = $env._OLD_VIRTUAL.prompt
            let shown = (if ($prompt | describe) == 'closure' { do $prompt } else { $prompt })
            [@PS1@ $shown] | str join
        }
    }
}

export alias pydoc = python -m pydoc
export alias deactivate = overlay hide activate --keep-env [ PWD ]
