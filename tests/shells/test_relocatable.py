# SPDX-License-Identifier: MIT
"""Relocatable environments: the scripts find their own location in every shell in which that is
possible, and print an error in the others."""
import os

import pytest

from shells import BASE_PATH, read_dump, refuses_to_activate, render

KNOW = {'bash', 'bash-posix', 'zsh', 'zsh-as-sh', 'zsh-as-ksh', 'ksh93', 'fish', 'nushell', 'xonsh'}


@pytest.fixture
def moved(folder):
    """Made in one place, moved to another."""
    made, there = os.path.join(folder, 'made'), os.path.join(folder, 'moved')
    render([(made, made, 'name')], relocatable=True)
    open(os.path.join(made, 'pyvenv.cfg'), 'w').close()
    os.rename(made, there)
    return there


def enter_and_leave(shell, folder, line, cwd=None, env=None):
    file = os.path.join(folder, 'dump')
    output = shell.run(folder, [shell.dump(file, 'before'), line, shell.dump(file, 'in'),
                                shell.leave(), shell.dump(file, 'after')], cwd=cwd, env=env)
    dumps = dict(read_dump(file))
    assert output == '' and dumps['after'] == dumps['before']
    return dumps['in']


def check(inside, where):
    assert inside['VIRTUAL_ENV'] == os.fsencode(where)
    assert inside['VIRTUAL_ENV_PROMPT'] == b'name'
    assert inside['PATH'] == os.fsencode(where) + b'/bin:' + BASE_PATH.encode()


@pytest.mark.parametrize('way', ['absolute', 'relative', 'from bin', 'a link above'])
def test_finds_its_own_location(shell, folder, moved, way):
    if shell.name not in KNOW:
        pytest.skip('%s cannot know; see the next test' % shell)
    script = 'bin/' + shell.script
    if way == 'absolute':
        inside = enter_and_leave(shell, folder, shell.source(os.path.join(moved, script)))
    elif way == 'relative':
        inside = enter_and_leave(shell, folder, shell.source('./moved/' + script), cwd=folder)
    elif way == 'from bin':
        if shell.family == 'nushell':
            pytest.skip('nushell takes a bare name from its library, or the folder of the script')
        inside = enter_and_leave(shell, folder, shell.source('./' + shell.script),
                                 cwd=os.path.join(moved, 'bin'))
    else:
        os.symlink('moved', os.path.join(folder, 'link'))
        link = os.path.join(folder, 'link')
        inside = enter_and_leave(shell, folder, shell.source(os.path.join(link, script)))
        # Which of its two names it then has differs; both are right.
        if inside['VIRTUAL_ENV'] == os.fsencode(link):
            return check(inside, link)
    check(inside, moved)


@pytest.mark.parametrize('name', ['a b', "it's", '$(touch CANARY)', '`touch CANARY`', 'end\n', '\n',
                                  '"', '\\', '-n', '*', '!'])
def test_strange_places(posix, folder, moved, name):
    if posix.name not in KNOW:
        pytest.skip('%s cannot know' % posix)
    if posix.name.startswith('zsh') and '\n' in name:
        pytest.skip('zsh gives the name of a script without its control characters')
    os.mkdir(os.path.join(folder, 'cwd'))
    where = os.path.join(folder, 'cwd', name)
    os.rename(moved, where)
    inside = enter_and_leave(posix, folder, '. "$WHERE/bin/activate"', env={'WHERE': where})
    check(inside, where)
    inside = enter_and_leave(posix, folder, '. "./$WHERE/bin/activate"', env={'WHERE': name},
                             cwd=os.path.join(folder, 'cwd'))
    check(inside, where)
    assert os.listdir(os.path.join(folder, 'cwd')) == [name]


def test_prints_an_error_without_script_location(shell, folder, moved):
    """Or where it was reached through a link to the script."""
    script = os.path.join(moved, 'bin', shell.script)
    if shell.name in KNOW:
        if shell.family == 'nushell':
            pytest.skip('nushell follows such links by itself')
        script = os.path.join(folder, shell.script)
        os.symlink('moved/bin/' + shell.script, script)
    refuses_to_activate(shell, folder, script, 'relocatable')
