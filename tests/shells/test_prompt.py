# SPDX-License-Identifier: MIT
"""The prompt as a person sees it, at a terminal."""
import os
import re

import pytest

from shells import BASE_PATH, INTERACTIVE, of, render
from terminal import Terminal

HOSTILE = ['$(touch CANARY1)', '`touch CANARY2`', '\\$(touch CANARY3)', '\\044(touch CANARY4)',
           '\\140touch CANARY5\\140', '%(?.$(touch CANARY6).)', '${(e):-$(touch CANARY7)}',
           '$((a[$(touch CANARY8)]))', "';touch CANARY9;'", '%{$(touch CANARY10)%}',
           '\\\\$(touch CANARY11)', '$[$(touch CANARY12)]', '(touch CANARY13)']
ODD = ['a b', 'a"b', "it's", '50%', 'a&b', 'a;b', 'a|b', '*', '#1', 'a~b', 'é', '日本', '@', '{x}',
       'a!b', '!!', '^[[31m', '^', '%B']


def at_terminal(shell, folder, prompt='name'):
    env_dir = os.path.join(folder, 'env')
    render([(env_dir, env_dir, prompt)])
    cwd = os.path.join(folder, 'cwd')
    os.mkdir(cwd)
    return Terminal([shell.program] + INTERACTIVE[shell.name], cwd=cwd, env={
        'PATH': BASE_PATH, 'HOME': folder, 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
        'PS1': 'start> ', 'ENV': '/dev/null'})


def enter(shell, folder):
    return shell.source(os.path.join(folder, 'env', 'bin', shell.script))


def shows(terminal, name):
    """The prompt after one more command: nothing else in front of the old one."""
    terminal.type('echo between')
    terminal.wait('between\n' + re.escape(name) + 'OLD> $')


@of(*INTERACTIVE)
def test_prompt_once_and_restored(shell, folder):
    with at_terminal(shell, folder) as terminal:
        terminal.type(shell.set_prompt('OLD> '))
        terminal.wait('OLD> $')
        for _ in range(2):
            terminal.type(enter(shell, folder))
            shows(terminal, '(name) ')
        terminal.type('deactivate')
        shows(terminal, '')


@of(*INTERACTIVE)
@pytest.mark.parametrize('name', HOSTILE)
def test_hostile_prompt_is_never_expanded(shell, folder, name):
    with at_terminal(shell, folder, name) as terminal:
        terminal.type(shell.set_prompt('OLD> '))
        terminal.wait('OLD> $')
        if shell.name == 'zsh':
            terminal.type('setopt prompt_subst prompt_percent prompt_bang')
            terminal.wait('OLD> $')
        terminal.type(enter(shell, folder))
        terminal.wait('OLD> $')
        terminal.type('echo between')
        terminal.wait('between\n[^\n]*OLD> $')
        terminal.type('deactivate')
        terminal.wait('OLD> $')
    assert os.listdir(os.path.join(folder, 'cwd')) == []


@of(*INTERACTIVE)
def test_odd_names_are_shown_as_they_are(shell, folder):
    """All of them in one name."""
    name = ' '.join(ODD)
    with at_terminal(shell, folder, name) as terminal:
        terminal.type(shell.set_prompt('OLD> '))
        terminal.wait('OLD> $')
        terminal.type(enter(shell, folder))
        shows(terminal, '(%s) ' % name)


# Each alone: they change how the others are written. Some shells read "\\e" as ESC.
SPECIAL = ['a$b', 'a`b', 'a\\b', '$HOME', '\\u', '\\e[31m', 'a\\\\b', '\\$x', '\\`x\\`', 'a!b', '"a"',
           '${HOME}!\\044"`', '$$', 'a\\']


def shows_all(terminal, shell, folder, settings=('',)):
    """Each of these names, in environments entered one over the other, under each setting."""
    for number, name in enumerate(SPECIAL):
        env_dir = os.path.join(folder, 'env%d' % number)
        render([(env_dir, env_dir, name)])
        terminal.type(shell.source(os.path.join(env_dir, 'bin', shell.script)))
        terminal.wait('OLD> $')
        for setting in settings:
            terminal.type(setting)
            terminal.wait('OLD> $')
            shows(terminal, '(%s) ' % name)


@of(*INTERACTIVE)
def test_dollar_backquote_backslash(shell, folder):
    """What a prompt gives a meaning to."""
    with at_terminal(shell, folder) as terminal:
        terminal.type(shell.set_prompt('OLD> '))
        terminal.wait('OLD> $')
        shows_all(terminal, shell, folder)


@of('bash', 'zsh')
def test_options_of_the_prompt(shell, folder):
    """Whether they were set before or are set afterwards."""
    settings = {'bash': ['shopt -u promptvars', 'shopt -s promptvars', 'set -o posix',
                         'set +o posix'],
                'zsh': ['setopt prompt_subst', 'setopt prompt_bang', 'unsetopt prompt_subst',
                        'unsetopt prompt_bang']}[shell.name]
    with at_terminal(shell, folder) as terminal:
        terminal.type(shell.set_prompt('OLD> '))
        terminal.wait('OLD> $')
        shows_all(terminal, shell, folder, settings)


@of(*INTERACTIVE)
def test_control_characters_do_not_reach_the_terminal(shell, folder):
    with at_terminal(shell, folder, 'a\x1b]0;x\x07b\x7fc') as terminal:
        terminal.type(shell.set_prompt('OLD> '))
        terminal.wait('OLD> $')
        terminal.type(enter(shell, folder))
        shows(terminal, '(a?]0;x?b?c) ')
        assert b'\x1b]0;x' not in terminal.raw and b'x\x07' not in terminal.raw


@of('fish')
def test_fish_custom_prompt(shell, folder):
    """The user's own function is restored, and gets the status of the last command."""
    with at_terminal(shell, folder) as terminal:
        terminal.type("function fish_prompt; echo -n \"[$status] mine> \"; end")
        terminal.wait('mine> $')
        terminal.type(enter(shell, folder))
        terminal.wait(r'\(name\) \[0\] mine> $')
        terminal.type('false')
        terminal.wait(r'\(name\) \[1\] mine> $')
        terminal.type('deactivate')
        terminal.wait(r'[^)] ?\[\d\] mine> $|^\[\d\] mine> $')
        terminal.type('functions fish_prompt')
        terminal.wait(r'end\n.*mine> $')
        terminal.type('functions -q _old_fish_prompt; or echo gone')
        terminal.wait(r'gone\n.*mine> $')


@of('zsh')
def test_zsh_theme(shell, folder):
    """A prompt with expansions of its own, and a hook that counts."""
    with at_terminal(shell, folder, '50% $x') as terminal:
        terminal.type("setopt prompt_subst; n=0; precmd () { n=$((n+1)) }; PROMPT='%~ ${n}> '")
        terminal.wait(r'cwd \d+> $')
        terminal.type(enter(shell, folder))
        terminal.wait(r'\(50% \$x\) [^\n]*cwd \d+> $')
        terminal.type('deactivate')
        assert '(' not in terminal.wait(r'([^\n]*)cwd \d+> $').group(1)


@of('bash')
def test_bash_prompt_command(shell, folder):
    """PROMPT_COMMAND may set the prompt again; activation does not change that."""
    with at_terminal(shell, folder) as terminal:
        terminal.type("PROMPT_COMMAND='PS1=\"$? new> \"'")
        terminal.wait('0 new> $')
        terminal.type(enter(shell, folder))
        terminal.wait('0 new> $')
        terminal.type('false')
        terminal.wait('1 new> $')
        terminal.type('deactivate; echo $PROMPT_COMMAND')
        terminal.wait('PS1="[^\n]*\n0 new> $')
