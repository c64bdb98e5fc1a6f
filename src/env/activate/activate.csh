# Activation for csh and tcsh:
#
#     source bin/activate.csh     enter the environment
#     deactivate                  leave it; every variable is as it was before
#
# A line is expanded as a whole before any of it runs, so that a variable that may be
# unset cannot be named behind a one-line "if". What "deactivate" has to do is
# therefore collected in _OLD_VIRTUAL_UNDO, while it is known what was set.
# The "" in front keeps a command from being an alias of the user's. alias and unalias cannot be
# aliases. An alias for a reserved word would break every script, so it is not supported.

# "exit" ends the sourced file, not the shell.
if ( ! -d @ENV_DIR@/@BIN@ ) then
    /bin/sh -c 'echo "$0" >&2' 'activate.csh: directory '@PLACE@/@BIN@' is missing: this environment was moved or deleted'
    ""exit 1
endif

# Leave the environment that is active in this shell, whichever tool made it.
if ( $?_OLD_VIRTUAL_PATH ) then
    deactivate
endif

""set _OLD_VIRTUAL_UNDO = '""unset _OLD_VIRTUAL_UNDO'

if ( $?VIRTUAL_ENV ) then
    # It was entered in a parent process: deactivate goes back to it.
    ""set _OLD_VIRTUAL_ENV = "$VIRTUAL_ENV:q"
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""setenv VIRTUAL_ENV $_OLD_VIRTUAL_ENV:q; ""unset _OLD_VIRTUAL_ENV'
else
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""unsetenv VIRTUAL_ENV'
endif
if ( $?VIRTUAL_ENV_PROMPT ) then
    ""set _OLD_VIRTUAL_ENV_PROMPT = "$VIRTUAL_ENV_PROMPT:q"
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""setenv VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_ENV_PROMPT:q; ""unset _OLD_VIRTUAL_ENV_PROMPT'
else
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""unsetenv VIRTUAL_ENV_PROMPT'
endif
""setenv VIRTUAL_ENV @ENV_DIR@
""setenv VIRTUAL_ENV_PROMPT @PROMPT@

if ( $?PATH ) then
    ""set _OLD_VIRTUAL_PATH = "$PATH:q"
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""setenv PATH $_OLD_VIRTUAL_PATH:q; ""unset _OLD_VIRTUAL_PATH'
    if ( "$PATH:q" == "" ) then
        ""setenv PATH "$VIRTUAL_ENV:q"/@BIN@
    else
        ""setenv PATH "$VIRTUAL_ENV:q"/@BIN@":$PATH:q"
    endif
else
    ""set _OLD_VIRTUAL_PATH
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""unsetenv PATH; ""unset _OLD_VIRTUAL_PATH'
    ""setenv PATH "$VIRTUAL_ENV:q"/@BIN@
endif

# An empty PYTHONHOME means nothing to Python.
if ( $?PYTHONHOME ) then
    if ( "$PYTHONHOME:q" != "" ) then
        ""set _OLD_VIRTUAL_PYTHONHOME = "$PYTHONHOME:q"
        ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""setenv PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME:q; ""unset _OLD_VIRTUAL_PYTHONHOME'
        ""unsetenv PYTHONHOME
    endif
endif

# Without a prompt the shell is not interactive.
if ( $?prompt ) then
    ""set _OLD_VIRTUAL_PROMPT = "$prompt:q"
    if ( $?VIRTUAL_ENV_DISABLE_PROMPT ) then
        if ( "$VIRTUAL_ENV_DISABLE_PROMPT:q" != "" ) ""unset _OLD_VIRTUAL_PROMPT
    endif
    if ( $?_OLD_VIRTUAL_PROMPT ) then
        ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; ""set prompt = $_OLD_VIRTUAL_PROMPT:q; ""unset _OLD_VIRTUAL_PROMPT'
        if ( $?tcsh ) then
            ""set prompt = @PS1_TCSH@"$prompt:q"
        else
            ""set prompt = @PS1@"$prompt:q"
        endif
    endif
endif

# An alias of the user's own: "pydoc" is kept, "deactivate" is restored.
if ( "`alias pydoc`" == "" ) then
    alias pydoc 'python -m pydoc'
    ""set _OLD_VIRTUAL_UNDO = "$_OLD_VIRTUAL_UNDO:q"'; unalias pydoc'
endif
""set _OLD_VIRTUAL_LAST = '""unset _OLD_VIRTUAL_LAST; unalias deactivate'
""set _OLD_VIRTUAL_ALIAS = "`alias deactivate`"
if ( "$_OLD_VIRTUAL_ALIAS:q" == "" ) then
    ""unset _OLD_VIRTUAL_ALIAS
else
    ""set _OLD_VIRTUAL_LAST = '""unset _OLD_VIRTUAL_LAST; alias deactivate $_OLD_VIRTUAL_ALIAS:q; ""unset _OLD_VIRTUAL_ALIAS'
endif

# With "nondestructive" the alias itself stays.
alias deactivate '""eval "$_OLD_VIRTUAL_UNDO:q"; ""rehash; if ( "\!*" != nondestructive ) ""eval "$_OLD_VIRTUAL_LAST:q"'

""rehash
