# SPDX-License-Identifier: MIT
"""--completions: what real shells offer for a command line of cvenv."""
import os
import re
import subprocess

import pytest

import runner
from terminal import Terminal

COMMAND = runner.command_path()
HELP = subprocess.run([COMMAND, '--help'], stdout=subprocess.PIPE, check=True).stdout.decode()
# ["-p, --python PYTHON", ...]
OPTIONS = re.findall(r'(?m)^  (-.+?)(?:  .*)?$', HELP.split('\nvariables:')[0])
WORDS = sorted(word for option in OPTIONS for word in re.findall(r'(?<![\w-])--?[\w-]+', option))
ENVS = ['plain', 'with space', '$(touch CANARY)', "it's", '"q"', '`touch CANARY`', 'a;touch CANARY',
        '\\', 'ünï', '*', '~', '#x', '!!', '{a,b}']
NO_ENVS = ['-p', 'new\nline', 'tab\there', 'esc\x1b[31m', os.fsdecode(b'\xff')]


class Place:
    """A current directory with hostile names, and environments to be named with -n."""

    def __init__(self, path):
        self.path = path
        self.work = os.path.join(path, 'work')
        self.envs = os.path.join(path, 'envs')
        self.variables = {
            'PATH': os.path.dirname(COMMAND) + os.pathsep + os.environ['PATH'],
            'HOME': os.environ['HOME'], 'XDG_CACHE_HOME': path, 'WORKON_HOME': self.envs, 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
            'ZDOTDIR': path, 'XDG_CONFIG_HOME': path, 'XDG_DATA_HOME': path, 'INPUTRC': '/dev/null'}
        for name in ENVS + NO_ENVS:
            os.makedirs(os.path.join(self.envs, name))
            with open(os.path.join(self.envs, name, 'pyvenv.cfg'), 'w'):
                pass
        os.makedirs(os.path.join(self.envs, 'no environment'))
        for name in ENVS + NO_ENVS:
            os.makedirs(os.path.join(self.work, 'dirs', name))
        os.makedirs(os.path.join(self.work, 'only dir'))
        with open(os.path.join(self.work, 'only file'), 'w'):
            pass

    def script(self, shell):
        file = os.path.join(self.path, 'cvenv.' + shell)
        with open(file, 'wb') as f:
            f.write(self.ask('--completions', shell))
        return file

    def ask(self, *args):
        return subprocess.run([COMMAND, *args], stdout=subprocess.PIPE, check=True, cwd=self.work,
                              env=self.variables).stdout

    def pythons(self):
        return [line.split('\t')[0] for line in self.ask('--completions', 'pythons').decode().splitlines()]


@pytest.fixture
def place(tmp_path):
    place = Place(str(tmp_path))
    yield place
    assert not [name for _, _, names in os.walk(place.path) for name in names if name == 'CANARY']


class Bash:
    """Calls the function as bash does, with words that were split at '='."""

    LINE = r'''
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_cvenv cvenv "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\0' "${COMPREPLY[@]}"
'''

    def __init__(self, place):
        self.place, self.script = place, place.script('bash')

    def offers(self, *words):
        """What may be in the place of the last of WORDS."""
        split = [part for word in words for part in re.split('(=)', word) if part or word == '']
        if words[-1].endswith('='):
            split.append('')
        done = subprocess.run(
            ['bash', '--norc', '-c', self.LINE, 'bash', self.script, 'cvenv', *split],
            stdout=subprocess.PIPE, check=True, cwd=self.place.work, env=self.place.variables)
        return sorted(word.decode() for word in done.stdout.split(b'\0') if word)


@pytest.fixture
def bash(place):
    return Bash(place)


def test_lists_have_what_the_command_accepts(place):
    names = place.ask('--completions', 'names').decode().splitlines()
    assert sorted(names) == sorted(ENVS)
    for python in place.pythons():
        place.ask('-p', python, '--dry-run', 'env')


def test_lists_are_empty_without_a_home_directory_and_path(place):
    for what in ('names', 'pythons'):
        done = subprocess.run([COMMAND, '--completions', what], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd=place.work, env={})
        assert (done.returncode, done.stdout) == (0, b'')


def test_bash_offers_each_option(bash):
    assert bash.offers('-') == WORDS
    assert bash.offers('--link') == ['--link-mode']


def test_bash_words(bash):
    assert bash.offers('--link-mode', '') == ['auto', 'copy', 'hardlink', 'reflink']
    assert bash.offers('--link-mode=re') == ['reflink']
    assert bash.offers('--link-mode=') == ['auto', 'copy', 'hardlink', 'reflink']
    assert bash.offers('--activators', 'nushell,x') == ['nushell,xonsh']
    assert bash.offers('-p', '') == sorted(bash.place.pythons())
    assert bash.offers('-qvp') == []
    assert bash.offers('-p3.1', '-') == WORDS


@pytest.mark.parametrize('before, missing', [
    (['--symlinks'], '--symlinks --copies'),
    (['--copies=0'], '--symlinks --copies'),
    (['-n', 'x', '--clear'], '--name -n --upgrade --warm'),
    (['--warm'], '--name --clear --pythons'),
    (['-qV'], '--json -p'),
    (['dir'], '--warm --name'),
    (['--', '-p'], '--python'),
])
def test_bash_offers_nothing_that_is_refused(bash, before, missing):
    offered = bash.offers(*before, '-')
    assert not set(offered) & set(missing.split()) and (
        '--show-config' in offered or before[0] in ('--warm', '-qV', '--'))


def test_bash_quotes_names(bash):
    script = 'printf "%s\\0" ' + ' '.join(bash.offers('-n', ''))
    done = subprocess.run(['bash', '-c', script], stdout=subprocess.PIPE, cwd=bash.place.work)
    assert sorted(done.stdout.decode().split('\0')[:-1]) == sorted(ENVS)
    assert bash.offers('-n', "'$(") == ["$(touch CANARY)"]
    assert bash.offers('-n', '"\\$(') == ['\\$(touch CANARY)']


@pytest.mark.parametrize('typed, args', [
    ('--symlinks --li\tre\t', ['--symlinks', '--link-mode', 'reflink']),
    ('only\t', ['only dir/']),
    ('--wheel-dir=only\t', ['--wheel-dir=only dir/']),
    ('--warm only\t', ['--warm', 'only']),
    ('-p ./only\\ f\t', ['-p', './only file']),
    ('-n wi\t', ['-n', 'with space']),
    ("-n '$\t", ['-n', '$(touch CANARY)']),
    ('-n \\$\t', ['-n', '$(touch CANARY)']),
    ('dirs/\\$\t', ['dirs/$(touch CANARY)/']),
    ('"dirs/\\$\t', ['dirs/$(touch CANARY)/']),
])
def test_bash_at_a_terminal(place, typed, args):
    """The command line is what the shell then runs."""
    with open(os.path.join(place.path, 'rc'), 'w') as f:
        f.write('source %s; bind "set bell-style none"; PS1="$ "\n'
                'cvenv() { [ "$1" = --completions ] || printf "<%%s>" "$@"; echo .; }\n' % place.script('bash'))
    argv = ['bash', '--rcfile', os.path.join(place.path, 'rc'), '-i']
    with Terminal(argv, place.variables, place.work) as bash:
        bash.wait(r'\$ ')
        bash.type('cvenv ' + typed)
        bash.wait(re.escape(''.join('<%s>' % arg for arg in args) + '.'))
