# SPDX-License-Identifier: MIT
"""Environments of a Python for Windows, activated in a shell of Cygwin, MSYS2 or Git for Windows.

These shells need Windows, where they are not tested. Here `cygpath` is a script that does what it
does there: it converts the name of a directory."""
import os

import pytest

import names
from shells import BASE_PATH, SHELLS, read_dump, refuses_to_activate, render

CYGPATH = r"""#!/bin/sh
[ "$1 $2" = '-u --' ] || exit 1
printf '%s\n' "$3" | sed 's,\\,/,g; s/^C://'
"""
ALL = [shell for shell in SHELLS if shell.family in ('posix', 'fish')]
every_shell = pytest.mark.parametrize('shell', ALL, ids=str, indirect=True)


NAMES = list({names.of_windows(name) for name in names.WORST[::4]})


def make(folder, name, prompt=b'prompt'):
    """The path of the scripts of an environment with this name, as those shells call it."""
    top = os.fsencode(folder) + b'/' + name
    os.makedirs(top + b'/Scripts')
    out = os.path.join(folder, 'out%d' % len(os.listdir(folder)))
    render([(out, b'C:' + top.replace(b'/', b'\\'), prompt)], windows=True)
    return top, os.path.join(out, 'Scripts')


def with_cygpath(folder):
    place = os.path.join(folder, 'usr-bin')
    os.mkdir(place)
    with open(os.path.join(place, 'cygpath'), 'w') as file:
        file.write(CYGPATH)
    os.chmod(file.name, 0o755)
    return place + ':' + BASE_PATH


@every_shell
def test_paths_are_converted(shell, folder):
    path, file = with_cygpath(folder), os.path.join(folder, 'dump')
    envs = [make(folder, name, name) for name in NAMES if shell.name != 'yash' or name.isascii()]
    lines = [shell.dump(file, 'before')]
    for number, (_, scripts) in enumerate(envs):
        lines += [shell.source(os.path.join(scripts, shell.script)), shell.dump(file, str(number))]
    lines += [shell.leave(), shell.dump(file, 'after')]
    assert shell.run(os.path.join(folder, 'run'), lines, env={'PATH': path}) == ''
    dumps = dict(read_dump(file))
    assert dumps['after'] == dumps['before']
    assert len(envs) > 15
    for number, (top, _) in enumerate(envs):
        assert dumps[str(number)] == dict(
            dumps['before'], VIRTUAL_ENV=top, VIRTUAL_ENV_PROMPT=os.path.basename(top),
            PATH=top + b'/Scripts:' + path.encode())


@every_shell
def test_without_cygpath_nothing_changes(shell, folder):
    _, scripts = make(folder, b'env')
    refuses_to_activate(shell, folder, os.path.join(scripts, shell.script), 'no cygpath')
