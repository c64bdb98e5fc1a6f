# Activation for fish:
#
#     source bin/activate.fish    enter the environment
#     deactivate                  leave it; every variable is as it was before
#
# `builtin` keeps a command from being a function of the user's.

@LOCATE@if not test -d @ENV_DIR@/@BIN@
    builtin echo 'activate.fish: directory' (string escape -- @ENV_DIR@/@BIN@) \
        'is missing: this environment was moved or deleted' >&2
    return 1
end

# Leave the environment that is active in this shell, whichever tool made it.
if set -q _OLD_VIRTUAL_PATH; and builtin functions -q deactivate
    deactivate
end
set -e _OLD_VIRTUAL_PATH
set -e _OLD_VIRTUAL_PATH_STATE
set -e _OLD_VIRTUAL_PYTHONHOME
set -e _OLD_VIRTUAL_ENV
set -e _OLD_VIRTUAL_ENV_PROMPT

# Save the user's own function of this name; deactivate restores it.
builtin functions -q _old_virtual_deactivate; and builtin functions -e _old_virtual_deactivate
builtin functions -q deactivate; and builtin functions -c deactivate _old_virtual_deactivate

# With "nondestructive" the function itself stays.
function deactivate -d 'Leave the virtual environment'
    if set -q _OLD_VIRTUAL_PATH
        # Only our directory goes: what was added to PATH meanwhile stays.
        if set -l place (builtin contains -i -- "$VIRTUAL_ENV"/@BIN@ $PATH)
            set -e PATH[$place[1]]
        end
        if set -q _OLD_VIRTUAL_PATH_STATE; and test -z "$PATH"
            set -eg PATH
        end
        if set -q _OLD_VIRTUAL_PYTHONHOME
            set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME
        end
        set -eg VIRTUAL_ENV
        if set -q _OLD_VIRTUAL_ENV
            set -gx VIRTUAL_ENV $_OLD_VIRTUAL_ENV
        end
        set -eg VIRTUAL_ENV_PROMPT
        if set -q _OLD_VIRTUAL_ENV_PROMPT
            set -gx VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_ENV_PROMPT
        end
        set -e _OLD_VIRTUAL_PATH
        set -e _OLD_VIRTUAL_PATH_STATE
        set -e _OLD_VIRTUAL_PYTHONHOME
        set -e _OLD_VIRTUAL_ENV
        set -e _OLD_VIRTUAL_ENV_PROMPT
    end
    if set -q _OLD_FISH_PROMPT_OVERRIDE
        set -e _OLD_FISH_PROMPT_OVERRIDE
        if builtin functions -q _old_fish_prompt
            builtin functions -e fish_prompt
            builtin functions -c _old_fish_prompt fish_prompt
            builtin functions -e _old_fish_prompt
        end
    end
    if test "$argv[1]" != nondestructive
        builtin functions -e deactivate
        if builtin functions -q _old_virtual_deactivate
            builtin functions -c _old_virtual_deactivate deactivate
            builtin functions -e _old_virtual_deactivate
        end
    end
    builtin true
end

# An environment that is already active was entered in a parent process: deactivate
# goes back to it.
if set -q VIRTUAL_ENV
    set -g _OLD_VIRTUAL_ENV $VIRTUAL_ENV
end
if set -q VIRTUAL_ENV_PROMPT
    set -g _OLD_VIRTUAL_ENV_PROMPT $VIRTUAL_ENV_PROMPT
end
set -gx VIRTUAL_ENV @ENV_DIR@
set -gx VIRTUAL_ENV_PROMPT @PROMPT@

set -q PATH; or set -g _OLD_VIRTUAL_PATH_STATE unset
set -g _OLD_VIRTUAL_PATH $PATH
set -gx PATH "$VIRTUAL_ENV"/@BIN@ $PATH

# An empty PYTHONHOME means nothing to Python, nor does one that is not exported.
if set -qgx PYTHONHOME; and test -n "$PYTHONHOME"
    set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -eg PYTHONHOME
end

if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and builtin functions -q fish_prompt
    builtin functions -q _old_fish_prompt; and builtin functions -e _old_fish_prompt
    builtin functions -c fish_prompt _old_fish_prompt
    function fish_prompt
        set -l before $status
        builtin set_color 4B8BBE
        builtin printf '%s' @PS1@
        builtin set_color normal
        # The old prompt may show the status of the last command.
        builtin printf 'exit %s\n' $before | builtin source
        _old_fish_prompt $argv
    end
    set -g _OLD_FISH_PROMPT_OVERRIDE $VIRTUAL_ENV
end
builtin true
