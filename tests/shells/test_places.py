# SPDX-License-Identifier: MIT
"""Moved environments: activation does not put a missing directory on PATH."""
import os
import shutil

import pytest

from shells import BASE_PATH, SHELLS, read_dump, refuses_to_activate, render


def test_moved_environment_is_not_entered(shell, folder):
    made, moved = os.path.join(folder, 'made \x1b\\n'), os.path.join(folder, 'moved')
    render([(made, made, 'name')])
    os.rename(made, moved)
    output = refuses_to_activate(shell, folder, os.path.join(moved, 'bin', shell.script), 'moved or deleted')
    assert '/made' in output and '\x1b\\n' not in output


def test_a_copy_enters_the_original(shell, folder):
    """While the directory exists, its programs on PATH work."""
    made, copy = os.path.join(folder, 'made'), os.path.join(folder, 'copy')
    render([(made, made, 'name')])
    shutil.copytree(made, copy)
    file = os.path.join(folder, 'dump')
    output = shell.run(folder, [shell.source(os.path.join(copy, 'bin', shell.script)),
                                shell.dump(file, 'in')])
    assert output == '' and dict(read_dump(file))['in']['VIRTUAL_ENV'] == made.encode()


@pytest.mark.parametrize('name', ['x%func', '%builtin', 'x%functional', 'x%', '100%q'])
def test_percent_in_the_directory(posix, folder, name):
    """dash and busybox take some words behind it for options of an entry of PATH."""
    env_dir, file = os.path.join(folder, name), os.path.join(folder, 'dump')
    render([(env_dir, env_dir, 'name')])
    tool = os.path.join(env_dir, 'bin', 'python')
    with open(tool, 'w') as script:
        script.write('#!/bin/sh\necho started\n')
    os.chmod(tool, 0o755)
    enter = os.path.join(env_dir, 'bin', 'activate')
    found = posix.run(os.path.join(folder, 'try'), ['PATH=%s/bin' % env_dir, 'python || :'])
    if found != 'started\n':
        refuses_to_activate(posix, folder, enter, '%')
    else:
        assert posix.run(folder, ['. ' + enter, posix.dump(file, 'in'), 'python']) == found
        assert dict(read_dump(file))['in']['PATH'] == ('%s/bin:%s' % (env_dir, BASE_PATH)).encode()


@pytest.mark.parametrize('shell', [shell for shell in SHELLS if shell.family == 'xonsh'],
                         ids=str, indirect=True)
def test_dollar_that_xonsh_leaves_alone(shell, folder):
    env_dir, file = os.path.join(folder, 'a$-b$ $.$'), os.path.join(folder, 'dump')
    out = os.path.join(folder, 'out')
    os.makedirs(env_dir + '/bin')
    assert render([(out, env_dir, 'name')]) == ''
    shell.run(folder, [shell.source(os.path.join(out, 'bin', shell.script)),
                       shell.dump(file, 'in')])
    inside = dict(read_dump(file))['in']
    assert inside['PATH'] == ('%s/bin:%s' % (env_dir, BASE_PATH)).encode()
