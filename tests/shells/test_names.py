# SPDX-License-Identifier: MIT
"""No name of a directory or prompt is too strange: the variables hold exactly it, and
nothing in it is ever carried out."""
import os

import pytest

import name_cases
import names
from session import NIGHTLY
from shells import SHELLS, read_dump, render

COUNT = 20000 if NIGHTLY else 250


@pytest.fixture(scope='module')
def worst(tmp_path_factory):
    return name_cases.make(str(tmp_path_factory.mktemp('worst')), names.worst())


@pytest.fixture(scope='module')
def generated(tmp_path_factory):
    return name_cases.make(str(tmp_path_factory.mktemp('generated')), names.generate(COUNT))


def test_worst_names(shell, folder, worst, record_property):
    cases = name_cases.usable(shell, worst)
    if shell.family == 'xonsh' and not NIGHTLY:
        cases = cases[::4]  # it compiles each script, 0.2 s
    record_property('names', len(cases))
    name_cases.check(shell, folder, cases)


def test_generated_names(shell, folder, generated, record_property):
    cases = name_cases.usable(shell, generated)
    assert len(cases) > COUNT // 3
    if shell.family == 'xonsh' and not NIGHTLY:
        cases = cases[:50]
    record_property('names', len(cases))
    name_cases.check(shell, folder, cases)


REFUSED = [(b'a\nb', b'plain'), (b'plain', b'a\nb'), (b'\xff', b'plain'), (b'plain', b'\xff'),
           (b'a$b', b'plain'), (b'a$(b)', b'plain'), (b'a=~', b'plain')]


@pytest.mark.parametrize('shell, directory, prompt', [
    (shell, directory, prompt) for shell in SHELLS for directory, prompt in REFUSED
    if name_cases.refused(shell.family, directory, prompt)], ids=repr, indirect=['shell'])
def test_refusal(shell, folder, directory, prompt):
    """For values that a shell cannot represent, the script prints one line, changes nothing,
    and fails."""
    out, file = os.path.join(folder, 'env'), os.path.join(folder, 'dump')
    warning = render([(out, b'/x/' + directory, prompt)])
    assert 'bin/%s' % shell.script in warning
    lines = [shell.dump(file, 'before'), shell.source(os.path.join(out, 'bin', shell.script)),
             shell.dump(file, 'after')]
    if shell.family == 'csh':
        lines.insert(2, 'if ( $status == 0 ) echo succeeded')
    process = shell.start(folder, lines)
    output, _ = process.communicate(timeout=60)
    dumps = dict(read_dump(file))
    assert b'cannot handle' in output and b'succeeded' not in output
    # In some shells, and versions of them, a failed command does not end a script.
    if 'after' in dumps:
        assert dumps['after'] == dumps['before']
    else:
        assert process.returncode != 0
    if shell.family == 'csh':
        assert len(output.splitlines()) == 1
