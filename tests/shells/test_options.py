# SPDX-License-Identifier: MIT
"""Settings of the user: no option of the shell, no alias and no function changes what
activation does. Each POSIX shell runs its cases in one process, each case in a subshell."""
import io
import os
import re

import pytest

from session import NIGHTLY
from shells import BASE_PATH, SHELLS, read_dump, render

# These end or trace the shell, or can be set at its start only.
LEFT_OUT = {'exec', 'noexec', 'onecmd', 'singlecommand', 'verbose', 'xtrace', 'sourcetrace',
            'interactive', 'shinstdin', 'stdin', 'restricted', 'rshell', 'login', 'login_shell',
            'restricted_shell', 'monitor', 'zle', 'privileged', 'cmdline', 'default', 'log-in',
            'interactive_shell'}
# All that the scripts, or their readers, have in the place of a command.
WORDS = ['alias', 'builtin', 'case', 'cd', 'command', 'cygpath', 'declare', 'do', 'done', 'echo',
         'emulate', 'esac', 'eval', 'exit', 'export', 'fi', 'for', 'hash', 'if', 'in', 'local',
         'printf', 'python', 'readonly', 'return', 'set', 'setopt', 'shopt', 'test', 'then',
         'true', 'typeset', 'unalias', 'unset', 'unsetopt']
ALIASES = WORDS + ['[', '[[', ':', '{', '}', '!']
RESERVED = {'case', 'do', 'done', 'esac', 'fi', 'for', 'if', 'in', 'then', '[[', '{', '}', '!'}
SPECIAL = {'eval', 'exit', 'export', 'readonly', 'return', 'set', 'unset'}  # POSIX 2.15


# A function of this name is out of reach: doc/reliability.md, Limits.
def last_resort(shell):
    return 'builtin' if shell.name.startswith(('bash', 'zsh')) else 'command'


def has_specials(shell):
    """Not bash and zsh, where functions take precedence over all built-ins."""
    return shell.name != 'bash' and not shell.name.startswith('zsh')


def options(shell, folder):
    """What flips each option of this shell, one at a time."""
    shown = shell.run(os.path.join(folder, 'options'), ['set -o'])
    found = [('set %so %s', name, state)
             for name, state in re.findall(r'(\S+)[ \t]+(on|off)\b', shown)]
    if shell.name.startswith('bash'):
        shown = shell.run(os.path.join(folder, 'shopt'), ['shopt || :'])
        found += [('shopt %s ' + name, name, state)
                  for name, state in re.findall(r'(\S+)[ \t]+(on|off)\b', shown)]
    flips = []
    for form, name, state in found:
        plain = re.sub('^no', '', name.replace('_', '')) if shell.name.startswith('zsh') else name
        if {name, plain} & LEFT_OUT:
            continue
        if form.startswith('shopt'):
            flips.append(form % {'on': '-u', 'off': '-s'}[state])
        else:
            flips.append(form % ({'on': '+', 'off': '-'}[state], name))
    return flips


def run(shell, folder, cases, state):
    """Enter and leave after each of the cases; what was wrong, by case."""
    env_dir, file = os.path.join(folder, 'env'), os.path.join(folder, 'dump')
    render([(env_dir, env_dir, 'name')])
    lines = ["PS1='old> '; export PS1", 'work () {', '. %s/bin/activate' % env_dir, '}']
    for number, case in enumerate(cases):
        out = os.path.join(folder, '%d.' % number)
        # The subshell has been read before the case is carried out.
        lines += ['(', case, '%s >%sbefore 2>&1 || \\:' % (state, out),
                  shell.dump(file, 'before%d' % number), 'work', shell.dump(file, 'in%d' % number),
                  '\\deactivate', shell.dump(file, 'after%d' % number),
                  '%s >%safter 2>&1 || \\:' % (state, out), ') >%soutput 2>&1 || :' % out]
    shell.run(folder, lines, env={'PYTHONHOME': '/usr'})
    dumps = dict(read_dump(file))
    # A shell may refuse the case itself, as dash does a function `local`.
    taken = [number for number in range(len(cases)) if 'before%d' % number in dumps]
    assert len(taken) > len(cases) // 2
    return [problem for number in taken
            for problem in judge(folder, env_dir, dumps, number, cases[number])]


def judge(folder, env_dir, dumps, number, case):
    before, inside, after = (dumps.get('%s%d' % (label, number), {})
                             for label in ('before', 'in', 'after'))
    texts = []
    for name in ('before', 'after', 'output'):
        path = os.path.join(folder, '%d.%s' % (number, name))
        with open(path, errors='replace') if os.path.exists(path) else io.StringIO() as text:
            texts.append(text.read())
    if texts[2]:
        yield '%s: printed %r' % (case, texts[2][:300])
    if after != before:
        yield '%s: not restored: %r' % (case, set(after.items()) ^ set(before.items()))
    if texts[0] != texts[1]:
        yield '%s: the state of the shell is another: %r' % (
            case, set(texts[0].split('\n')) ^ set(texts[1].split('\n')))
    wanted = {'VIRTUAL_ENV': env_dir, 'VIRTUAL_ENV_PROMPT': 'name', 'PS1': '(name) old> ',
              'PATH': env_dir + '/bin:' + BASE_PATH}
    for name, value in wanted.items():
        if inside.get(name) != value.encode():
            yield '%s: %s is %r' % (case, name, inside.get(name))
    if 'PYTHONHOME' in inside:
        yield '%s: PYTHONHOME is there' % case


def check(shell, folder, cases, state):
    if shell.name.startswith('zsh-as') and not NIGHTLY:
        cases = cases[::4]  # the same program as zsh, which has them all
    problems = run(shell, folder, cases, state)
    assert not problems, '\n'.join(problems[:20])


def test_no_option_changes_anything(posix, folder):
    state = 'set -o; shopt' if posix.name.startswith('bash') else 'set -o'
    check(posix, folder, options(posix, folder), '{ %s; }' % state)


def test_no_alias_changes_anything(posix, folder):
    if posix.name == 'posh':
        pytest.skip('posh has no aliases')
    names = ALIASES + ['deactivate']
    if posix.name in ('ksh93', 'mksh', 'lksh'):
        names = [name for name in names if name[0] not in '[{}']  # no names for aliases there
    cases = ["shopt -s expand_aliases; alias %s='echo ALIAS; %s'" % (name, name)
             if posix.name == 'bash' else "alias '%s'='echo ALIAS; %s'" % (name, name)
             for name in names]
    if posix.name.startswith('zsh'):
        cases += ["\\alias -g '%s'='echo ALIAS'" % name for name in names]
    check(posix, folder, cases, '\\alias')


def test_no_function_changes_anything(posix, folder):
    """But for the last resort, which even so only loses what it is needed for."""
    names = [name for name in WORDS if name not in RESERVED and name != last_resort(posix)]
    if has_specials(posix):
        names = [name for name in names if name not in SPECIAL]
    check(posix, folder, ['\\eval "%s () { echo FUNCTION; }" 2>/dev/null' % name for name in names], ':')


def prints_functions(shell):
    return shell.name not in ('dash', 'busybox-ash', 'posh')


def test_own_deactivate_comes_back(posix, folder):
    """The user's alias and function of this name, also after entering twice."""
    env_dir = os.path.join(folder, 'env')
    render([(env_dir, env_dir, 'name')])
    lines = ['[ "${BASH_VERSION-}" ] && shopt -s expand_aliases', 'deactivate () { echo mine; }']
    enter = '. %s/bin/activate' % env_dir
    lines += [enter, enter, 'deactivate']
    wanted = ''
    if prints_functions(posix):
        lines += ['deactivate']
        wanted = 'mine\n'
    if posix.name != 'posh':
        lines += ["alias deactivate='echo \"it'\\''s $HOME\"'", enter, enter, '\\deactivate',
                  'deactivate']
        wanted += "it's %s\n" % folder
    assert posix.run(folder, lines) == wanted


def strange_commands(shell):
    """Lines that give commands of the script another meaning, and one that shows `deactivate`."""
    if shell.family == 'fish':
        return ['function %s; builtin echo FUNCTION; end' % name for name in
                ('contains', 'functions', 'printf', 'echo', 'set_color', 'true')]
    if shell.family == 'csh':
        # Some are read by the shell's own start, or break every script: if, else, endif.
        return ["alias %s 'echo ALIAS'" % name for name in
                ('eval', 'exit', 'rehash', 'set', 'setenv', 'unset', 'unsetenv', 'python', 'echo')]
    return ['alias "%s" = print ALIAS' % name for name in
            ('default', 'load-env', 'prepend', 'str join', 'hide-env', 'get', 'each', 'append')]


@pytest.mark.parametrize('shell', [shell for shell in SHELLS
                                   if shell.family in ('fish', 'csh', 'nushell')],
                         ids=str, indirect=True)
def test_no_command_of_the_user_changes_anything(shell, folder):
    env_dir, file = os.path.join(folder, 'env'), os.path.join(folder, 'dump')
    render([(env_dir, env_dir, 'name')])
    enter = shell.source(os.path.join(env_dir, 'bin', shell.script))
    lines = [shell.set_prompt('old> '), shell.setenv('PYTHONHOME', '/usr'),
             shell.dump(file, 'before')] + strange_commands(shell)
    lines += [enter, shell.dump(file, 'in'), shell.leave(), shell.dump(file, 'after')]
    assert shell.run(folder, lines) == ''
    dumps = dict(read_dump(file))
    assert dumps['in'] == {**{name: value for name, value in dumps['before'].items()
                              if name != 'PYTHONHOME'},
                           'VIRTUAL_ENV': env_dir.encode(), 'VIRTUAL_ENV_PROMPT': b'name',
                           'PATH': (env_dir + '/bin:' + BASE_PATH).encode()}
    assert dumps['after'] == dumps['before']


@pytest.mark.parametrize('shell', [shell for shell in SHELLS if shell.family in ('fish', 'csh')],
                         ids=str, indirect=True)
def test_own_deactivate_comes_back_elsewhere(shell, folder):
    env_dir = os.path.join(folder, 'env')
    render([(env_dir, env_dir, 'name')])
    enter = shell.source(os.path.join(env_dir, 'bin', shell.script))
    mine = ('function deactivate; echo mine; end' if shell.family == 'fish' else
            "alias deactivate 'echo mine'")
    assert shell.run(folder, [mine, enter, enter, 'deactivate', 'deactivate']) == 'mine\n'


@pytest.mark.parametrize('setting', [
    'backslash_quote', 'noglob', 'noclobber', 'nonomatch', 'csubstnonl', 'histchars = "@^"',
    'histchars = ",^"', 'histchars = "+-"', 'histchars = "~|"', 'histchars = ""', 'compat_expr',
    'histlit', 'globstar', 'implicitcd', 'nostat = ( / )', 'symlinks = expand', 'autoexpand'])
@pytest.mark.parametrize('shell', [shell for shell in SHELLS if shell.family == 'csh'],
                         ids=str, indirect=True)
def test_settings_of_csh(shell, folder, setting):
    """histchars names the characters that start a substitution, even inside quotes."""
    env_dir, file = os.path.join(folder, "e @n,v+~-|"), os.path.join(folder, 'dump')
    out = os.path.join(folder, 'out')
    os.makedirs(env_dir + '/bin')
    render([(out, env_dir, 'n@a,m+e~|-^x')])
    enter = shell.source(os.path.join(out, 'bin', shell.script))
    output = shell.run(folder, ['set ' + setting, shell.dump(file, 'before'), enter, enter,
                                shell.dump(file, 'in'), 'deactivate', shell.dump(file, 'after')])
    dumps = dict(read_dump(file))
    assert output == '' and dumps['after'] == dumps['before']
    assert dumps['in']['VIRTUAL_ENV'] == env_dir.encode()
    assert dumps['in']['VIRTUAL_ENV_PROMPT'] == b'n@a,m+e~|-^x'
