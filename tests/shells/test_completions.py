# SPDX-License-Identifier: MIT
"""--completions: what real shells offer for a command line of cvenv."""
import json
import os
import re
import shutil
import subprocess

import pytest

import completers
import shells
from completers import COMMAND, ENVS, HOSTILE, Place

HELP = completers.help_of(COMMAND)
WORDS = completers.option_words(HELP)
MODES = ['auto', 'copy', 'hardlink', 'reflink']


@pytest.fixture
def place(tmp_path):
    place = Place(str(tmp_path))
    yield place
    assert not place.canaries()


@pytest.fixture(params=[completers.Bash, completers.Zsh, completers.Fish, completers.Nu],
                ids=lambda shell: shell.name)
def completer(request, place):
    if not request.param.program:
        pytest.skip('no %s on this machine' % request.param.name)
    script = place.file('cvenv', place.ask('--completions', request.param.name))
    return request.param(place, script)


def values(completer, line):
    """Without the --option= and the names before a comma, which some shells repeat."""
    return sorted(re.sub('^--[^=]*=|.*,', '', word) for word in completer.offers(line))


def test_lists_have_what_the_command_accepts(place):
    assert sorted(place.lines('names')) == sorted(ENVS)
    pythons = place.pythons()
    assert '3.28' in pythons
    for python in pythons:
        if python != '3.28':
            place.ask('-p', python, '--dry-run', 'env')


def test_paths_of_pythons_may_be_any_text(completer):
    assert values(completer, 'cvenv -p 3.28') == ['3.28']
    if completer.name != 'bash':
        path = os.path.join(completer.place.bin, 'python3.28')
        assert completer.told('cvenv -p 3.28') == {'3.28': re.sub(r'[\n\t]', '?', path)}


def test_lists_are_empty_without_a_home_directory_and_path(place):
    for what in ('names', 'pythons'):
        done = subprocess.run([COMMAND, '--completions', what], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd=place.work, env={})
        assert (done.returncode, done.stdout) == (0, b'')


def test_each_option_is_offered(completer):
    found = set(completer.offers('cvenv -')) | set(completer.offers('cvenv --'))
    assert sorted(found) == WORDS
    assert completer.offers('cvenv --link') == ['--link-mode']


def test_values(completer):
    assert values(completer, 'cvenv --link-mode ') == MODES
    assert values(completer, 'cvenv --link-mode=') == MODES
    assert values(completer, 'cvenv -q --link-mode=re') == ['reflink']
    assert values(completer, 'cvenv --activators nushell,x') == ['xonsh']
    assert values(completer, 'cvenv --activators=') == ['batch', 'nushell', 'python', 'xonsh']
    assert values(completer, 'cvenv --prompt ') == []
    assert values(completer, 'cvenv -p ') == sorted(completer.place.pythons())
    assert values(completer, 'cvenv --completions ') == [
        'bash', 'fish', 'nushell', 'powershell', 'zsh']


@pytest.mark.parametrize('line, missing', [
    ('--symlinks', '--symlinks --copies'),
    ('--link-mode copy', '--link-mode'),
    ('-n x --clear', '--name --upgrade --warm'),
    ('--warm', '--name --clear --pythons'),
    ('-qV', '--json --python'),
    ('dir', '--warm --name'),
])
def test_nothing_is_offered_that_is_refused(completer, line, missing):
    offered = completer.offers('cvenv %s --' % line)
    assert not set(offered) & set(missing.split())
    assert 'V' in line or '--verbose' in offered


def test_nothing_but_directories_after_the_end_of_options(completer):
    assert '--copies' not in completer.offers('cvenv -- --')


TYPED = [
    ('--symlinks --cop\t', ['--symlinks', '--cop']),
    ('--wh\tdirs\t', ['--wheel-dir', 'dirs/']),
    ('--link-mode=re\t', ['--link-mode=reflink']),
    ('only\t', ['only dir/']),
    ('--wheel-dir=only\t', ['--wheel-dir=only dir/']),
    ('--warm only\t', ['--warm', 'only']),
    ('-p ./only\\ f\t', ['-p', './only file']),
    ('-n wi\t', ['-n', 'with space']),
    ("-n '$(\t", ['-n', '$(touch CANARY)']),
    ('-n \\$\\(\t', ['-n', '$(touch CANARY)']),
    ('-n \\`\t', ['-n', '`touch CANARY`']),
    ('dirs/\\$\\(\t', ['dirs/$(touch CANARY)/']),
]


# nushell draws its terminal itself.
@pytest.mark.parametrize('completer', [completers.Bash, completers.Zsh, completers.Fish],
                         ids=lambda shell: shell.name, indirect=True)
@pytest.mark.parametrize('typed, args', TYPED)
def test_what_is_typed_is_what_the_command_gets(completer, typed, args):
    if completer.name == 'zsh':
        args = ['--wheel-dir=dirs'] if args[0] == '--wheel-dir' else args
    completer.type('cvenv ' + typed, args)


def test_bash_quotes_names(place):
    bash = completers.Bash(place, place.file('cvenv', place.ask('--completions', 'bash')))
    out = place.run(bash.program, '-c', 'printf "%s\\0" ' + ' '.join(bash.offers('cvenv -n ')))
    assert sorted(out.decode().split('\0')[:-1]) == sorted(ENVS)
    assert bash.offers("cvenv -n '$(") == ['$(touch CANARY)']
    assert bash.offers('cvenv -n "\\$(') == ['\\$(touch CANARY)']
    assert bash.offers('cvenv -n "!') == []


def test_nushell_passes_everything_to_the_command(place):
    if not completers.Nu.program:
        pytest.skip('no nushell on this machine')
    nu = completers.Nu(place, place.file('cvenv', place.ask('--completions', 'nu')))
    out = place.run(nu.program, '-n', '-c', 'source %s; cvenv --help' % nu.script)
    assert out.decode() == HELP
    line = 'cvenv --copies=0 -p3.99 -vv --cache-dir=x --version; ' + '; '.join(
        'cvenv -n %s --version' % word for word in nu.offers('cvenv -n '))
    assert place.run(nu.program, '-n', '-c', 'source %s; %s' % (nu.script, line))
    words = [word for word in nu.offers('cvenv -n ') + nu.offers('cvenv dirs/')]
    said = place.run(nu.program, '-n', '-c', "^printf '%s\\0' " + ' '.join(words))
    assert sorted(said.decode().split('\0')[:-1]) == sorted(
        ENVS + ['dirs/%s/' % name for name in ENVS + ['-p']])


def test_scripts_are_installed_where_shells_look(place):
    """What they contain is what the command prints: the build makes them by it."""
    if not shutil.which('meson'):
        pytest.skip('no meson')
    said = json.loads(place.run('meson', 'introspect', '--installed',
                                 os.path.abspath(os.environ['CVENV_BUILD'])))
    prefix = '/usr/local/share/'
    assert sorted(path for path in said.values() if path.startswith(prefix) and 'man/' not in path) == [
        prefix + name for name in (
            'bash-completion/completions/cvenv', 'fish/vendor_completions.d/cvenv.fish',
            'nushell/vendor/autoload/cvenv.nu', 'powershell/cvenv.ps1', 'zsh/site-functions/_cvenv')]


@pytest.mark.parametrize('shell', [completers.Bash, completers.Zsh, completers.Fish, completers.Nu],
                         ids=lambda shell: shell.name)
def test_help_may_be_any_text(place, shell):
    if not shell.program:
        pytest.skip('no %s on this machine' % shell.name)
    done = subprocess.run([shells.RENDER, '-c', shell.rows], input=HOSTILE.encode(),
                          stdout=subprocess.PIPE, check=True)
    completer = shell(place, place.file('evil', done.stdout))
    assert completer.offers('cvenv --e') == ['--evil']
    if shell is not completers.Bash:
        assert completer.told('cvenv --e') == {'--evil': HOSTILE}
