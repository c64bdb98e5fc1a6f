# Activation for xonsh:
#
#     source bin/activate.xsh     enter the environment
#     deactivate                  leave it; every variable is as it was before


def _activate():
    import os
    from xonsh.built_ins import XSH

    env, aliases, fields = XSH.env, XSH.aliases, XSH.env['PROMPT_FIELDS']
@LOCATE@    env_dir = @ENV_DIR@
    bin_dir = os.path.join(env_dir, @BIN@)
    if not os.path.isdir(bin_dir):
        raise RuntimeError('activate.xsh: directory %s is missing: this environment was moved '
                           'or deleted' % ascii(bin_dir))

    # Leave the environment that is active in this shell.
    if '_OLD_VIRTUAL' in XSH.ctx:
        XSH.ctx['_OLD_VIRTUAL']()

    # An environment that is already active was entered in a parent process:
    # deactivate goes back to it.
    names = ('VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', 'PYTHONHOME')
    old_env = {name: env[name] for name in names if name in env}
    old_alias = aliases.get('deactivate')
    had_field, old_field = 'env_name' in fields, fields.get('env_name')

    def leave(args=None):
        # Only our directory goes: what was added to PATH meanwhile stays.
        path = env['PATH']
        if bin_dir in path:
            del path[list(path).index(bin_dir)]
        for name in names:
            if name in old_env:
                env[name] = old_env[name]
            elif name in env:
                del env[name]
        if had_field:
            fields['env_name'] = old_field
        else:
            fields.pop('env_name', None)
        if old_alias is None:
            del aliases['deactivate']
        else:
            aliases['deactivate'] = old_alias
        del XSH.ctx['_OLD_VIRTUAL']

    env['VIRTUAL_ENV'] = env_dir
    env['VIRTUAL_ENV_PROMPT'] = @PROMPT@
    env['PATH'].insert(0, bin_dir)
    if env.get('PYTHONHOME'):
        del env['PYTHONHOME']
    # Prompts have the place for it, {env_name}; unlike this, xonsh's own filling
    # depends on the version.
    if not env.get('VIRTUAL_ENV_DISABLE_PROMPT'):
        fields['env_name'] = @PS1@
    aliases['deactivate'] = leave
    XSH.ctx['_OLD_VIRTUAL'] = leave


_activate()
del _activate
