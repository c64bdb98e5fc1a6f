# SPDX-License-Identifier: MIT
"""PowerShell and cmd. A PowerShell is taken from $CVENV_TEST_PWSH or PATH; where that is a
Windows program (pwsh.exe), and for cmd, nightly runs use wine."""
import os
import re
import shutil
import subprocess

import pytest

from session import NIGHTLY
from shells import find_pwsh, render

PWSH = find_pwsh()
WINE = shutil.which('wine') if NIGHTLY else None
UNDER_WINE = bool(PWSH) and PWSH.endswith('.exe')
NAMES = ['one', "t‘w’o' $x `y` \"z\" é"]


def there(path):
    """The path as the program knows it."""
    return 'Z:' + path.replace('/', '\\') if UNDER_WINE else path


@pytest.fixture(scope='session')
def wine_home(tmp_path_factory):
    return str(tmp_path_factory.mktemp('wine'))


@pytest.fixture
def environment(request):
    env = dict(os.environ, TERM='xterm')
    if UNDER_WINE or request.node.get_closest_marker('wine'):
        env.update(WINEPREFIX=os.path.join(request.getfixturevalue('wine_home'), 'prefix'),
                   WINEDEBUG='-all', DISPLAY='')
    return env


def needs_pwsh():
    if not PWSH:
        pytest.skip('no pwsh on this machine')
    if UNDER_WINE and not WINE:
        pytest.skip('PowerShell under wine is for nightly runs, and needs wine')


def powershell(folder, environment, lines):
    """What a script of these lines prints, line by line."""
    script = os.path.join(folder, 'script.ps1')
    with open(script, 'w', encoding='utf-8-sig') as file:
        file.write('\n'.join(["$ErrorActionPreference = 'Stop'", 'Set-StrictMode -Version Latest']
                             + lines) + '\n')
    argv = [PWSH, '-NoLogo', '-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', there(script)]
    if UNDER_WINE:
        # Without a terminal nothing of its output arrives.
        command = ' '.join("'%s'" % word for word in ['wine'] + argv)
        argv = ['script', '-qec', command, '/dev/null']
    result = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=170,
                            stderr=subprocess.STDOUT, env=environment)
    text = re.sub(r'\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\r', '', result.stdout.decode())
    assert result.returncode == 0, text
    return [line[2:] for line in text.splitlines() if line.startswith('=>')]


def make(folder):
    for number, name in enumerate(NAMES):
        env_dir = os.path.join(folder, 'env%d' % number)
        render([(env_dir, env_dir, name)], extra='batch')
        open(os.path.join(env_dir, 'pyvenv.cfg'), 'w').close()
    return [there(os.path.join(folder, 'env%d' % n, 'bin')) for n in range(len(NAMES))]


def test_powershell_syntax(folder, environment):
    needs_pwsh()
    bins = make(folder)
    lines = ['$errors = $null', '$tokens = $null']
    for place in bins:
        lines += ['[void][Management.Automation.Language.Parser]::ParseFile(',
                  "    [IO.Path]::Combine('%s', 'Activate.ps1')," % place,
                  '    [ref]$tokens, [ref]$errors)',
                  '"=>$($errors.Count)"']
    assert powershell(folder, environment, lines) == ['0', '0']


def test_powershell(folder, environment):
    needs_pwsh()
    bins = make(folder)
    slash, colon = ('\\', ';') if UNDER_WINE else ('/', ':')
    show = "'=>' + $env:VIRTUAL_ENV; '=>' + $env:VIRTUAL_ENV_PROMPT; '=>' + $env:PYTHONHOME; " \
        "'=>' + ($env:PATH -eq $want); '=>' + ((prompt 6>&1 | Out-String) -replace '[\\r\\n]', '')"
    want = "$want = '%s' + '" + colon + "' + $old"
    lines = ["function global:prompt { 'OLD> ' }", "$env:PYTHONHOME = 'home'", '$old = $env:PATH']
    for order, script in enumerate([bins[0], bins[0], bins[1]]):
        lines += [want % script, "%s '%s%sActivate.ps1'" % ('.&'[order % 2], script, slash), show]
    lines += ["$want = 'new%s' + $old" % colon, "$env:PATH = 'new%s' + $env:PATH" % colon,
              'deactivate', show,
              "'=>' + (Test-Path Function:deactivate) + (Test-Path Variable:global:_OLD_VIRTUAL)",
              "& '%s%sActivate.ps1' -Prompt other" % (bins[0], slash),
              "'=>' + ((prompt 6>&1 | Out-String) -replace '[\\r\\n]', '')"]
    dirs = [place[:-4] for place in bins]
    one = [dirs[0], 'one', '', 'True', '(one) OLD> ']
    two = [dirs[1], NAMES[1], '', 'True', '(%s) OLD> ' % NAMES[1]]
    left = ['', '', 'home', 'True', 'OLD> ', 'FalseFalse', '(other) OLD> ']
    got = powershell(folder, environment, lines)
    assert [line.rstrip() for line in got] == [line.rstrip() for line in one + one + two + left]


def test_powershell_moved_environment_is_not_entered(folder, environment):
    needs_pwsh()
    make(folder)
    moved = os.path.join(folder, 'moved', 'Scripts')
    os.makedirs(moved)
    os.rename(os.path.join(folder, 'env0', 'bin', 'Activate.ps1'),
              os.path.join(moved, 'Activate.ps1'))
    shutil.rmtree(os.path.join(folder, 'env0'))
    script = there(os.path.join(moved, 'Activate.ps1'))
    lines = ['$old = $env:PATH', "& '%s' 2>&1 | Out-Null" % script, "'=>' + $LASTEXITCODE",
             "'=>' + ($env:PATH -eq $old) + (Test-Path Function:deactivate)"]
    assert powershell(folder, environment, lines) == ['1', 'TrueFalse']


def test_powershell_aliases_change_nothing(folder, environment):
    needs_pwsh()
    bins = make(folder)
    lines = ["function global:shout { 'ALIAS' }", "function global:prompt { 'OLD> ' }",
             '$old = $env:PATH']
    lines += ['Set-Alias -Scope Global -Name %s -Value shout' % name for name in (
        'Test-Path', 'Set-Item', 'Remove-Item', 'Write-Host', 'Remove-Variable')]
    slash = '\\' if UNDER_WINE else '/'
    lines += ["$said = & '%s%sActivate.ps1'" % (bins[0], slash), "'=>' + $said",
              "'=>' + $env:VIRTUAL_ENV_PROMPT", '$said = deactivate', "'=>' + $said",
              "'=>' + ($env:PATH -eq $old)"]
    assert powershell(folder, environment, lines) == ['', 'one', '', 'True']


def test_powershell_own_deactivate_comes_back(folder, environment):
    needs_pwsh()
    slash = '\\' if UNDER_WINE else '/'
    enter = "& '%s%sActivate.ps1'" % (make(folder)[0], slash)
    lines = ["function global:deactivate { '=>mine' }", enter, enter, 'deactivate', 'deactivate',
             "function global:other { '=>other' }",
             'Set-Alias -Scope Global -Name deactivate -Value other', enter, enter,
             "'=>' + $env:VIRTUAL_ENV_PROMPT", 'deactivate', "'=>' + $env:VIRTUAL_ENV_PROMPT",
             'deactivate', 'Remove-Item Alias:deactivate', 'deactivate']
    assert powershell(folder, environment, lines) == ['mine', 'one', '', 'other', 'mine']


@pytest.mark.wine
def test_batch(folder, environment):
    if not WINE:
        pytest.skip('cmd under wine is for nightly runs, and needs wine')
    for name in ('one', '50% & ^ ! $p'):
        env_dir = os.path.join(folder, name.split('%')[0])
        render([(env_dir, env_dir, name)], extra='batch')
    script = os.path.join(folder, 'script.bat')
    calls = ['call Z:%s\\one\\bin\\activate.bat', 'call "Z:%s\\50\\bin\\activate.bat"',
             'call "Z:%s\\50\\bin\\deactivate.bat"']
    lines = ['@echo off', 'set "PROMPT=old$G"', 'set PYTHONHOME=C:\\home', 'set "OLD=%PATH%"']
    for call in calls:
        lines += [call % folder.replace('/', '\\'), 'set VIRTUAL', 'set PYTHONHOME', 'set PROMPT']
    lines += ['if "%OLD%"=="%PATH%" echo the same PATH']
    with open(script, 'w', newline='\r\n') as file:
        file.write('\n'.join(lines) + '\n')
    result = subprocess.run(
        ['wine', 'cmd', '/c', 'Z:' + script.replace('/', '\\')], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=170, env=environment)
    base = 'Z:' + folder.replace('/', '\\')
    lines = [line for line in result.stdout.decode().splitlines() if 'not defined' not in line]
    assert lines == [
        'VIRTUAL_ENV=%s\\one' % base, 'VIRTUAL_ENV_PROMPT=one', 'PROMPT=(one) old$G',
        'VIRTUAL_ENV=%s\\50' % base, 'VIRTUAL_ENV_PROMPT=50% & ^ ! $p',
        'PROMPT=(50% & ^ ! $$p) old$G',
        'PYTHONHOME=C:\\home', 'PROMPT=old$G', 'the same PATH']
