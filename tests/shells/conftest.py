# SPDX-License-Identifier: MIT
import shutil

import pytest

import shells

MISSING = [shell.name for shell in shells.SHELLS if not shell.program]


def pytest_configure(config):
    if not (shells.RENDER and shells.DUMP):
        raise pytest.UsageError(
            'set CVENV_BUILD to a build folder with tests/shells/render and dump in it')


def pytest_generate_tests(metafunc):
    """`shell`: each shell there is; `posix`: each that reads the POSIX script."""
    named = {name for mark in metafunc.definition.iter_markers('parametrize')
             for name in mark.args[0].replace(',', ' ').split()}
    if 'shell' in metafunc.fixturenames and 'shell' not in named:
        metafunc.parametrize('shell', shells.SHELLS, ids=str, indirect=True)
    if 'posix' in metafunc.fixturenames and 'posix' not in named:
        found = [shell for shell in shells.SHELLS if shell.family == 'posix']
        metafunc.parametrize('posix', found, ids=str, indirect=True)


def there(shell):
    if not shell.program:
        pytest.skip('no %s on this machine' % shell.name)
    return shell


@pytest.fixture
def shell(request):
    return there(request.param)


@pytest.fixture
def posix(request):
    return there(request.param)


@pytest.fixture
def folder(tmp_path):
    """An empty directory, as str; deleted afterwards (thousands of scripts)."""
    path = tmp_path / 'work'
    path.mkdir()
    yield str(path)
    shutil.rmtree(str(path), ignore_errors=True)


def counted_names(terminalreporter):
    """(names entered and left, shells, tests of these that failed), as the tests recorded."""
    count, in_shells, failed = 0, set(), 0
    for outcome in ('passed', 'failed'):
        for report in terminalreporter.stats.get(outcome, []):
            number = dict(getattr(report, 'user_properties', ())).get('names')
            if number and report.when == 'call':
                count += number
                in_shells.add(report.nodeid.rpartition('[')[2])
                failed += report.failed
    return count, len(in_shells), failed


def pytest_terminal_summary(terminalreporter):
    count, in_shells, failed = counted_names(terminalreporter)
    if count:
        terminalreporter.write_line('names entered and left: %d in %d shells, %d tests failed' % (
            count, in_shells, failed))
    names = MISSING + ([] if shells.find_pwsh() else ['powershell'])
    if names:
        terminalreporter.write_line('shells not tested, not on this machine: ' +
                                    ', '.join(names), yellow=True)
