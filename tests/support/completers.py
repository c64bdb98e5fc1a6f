# SPDX-License-Identifier: MIT
"""Real shells, asked what they offer for a command line of cvenv.

Each class has offers(LINE): what may stand in the place of the last word of LINE, as the shell
would insert it, and told(LINE), {word: its description}, where the shell has descriptions.
"""
import atexit
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile

import runner
import shells
from terminal import Terminal

COMMAND = runner.command_path()
ENVS = ['plain', 'with space', '$(touch CANARY)', "it's", '"q"', '`touch CANARY`', 'a;touch CANARY',
        '\\', 'ünï', '*', '~', '#x', '!!', '{a,b}', '$HOME', 't‘w’o', 'a,b', '>(touch CANARY)', ':z']
NO_ENVS = ['-p', 'new\nline', 'tab\there', 'esc\x1b[31m', os.fsdecode(b'\xff')]


HOSTILE = '\'"`$(touch CANARY)\\]:[{}%s#!*?~ ’‘ $x @(touch CANARY) \\e é <>|& \\\\ \\\' \\'


def help_of(*command):
    return subprocess.run([*command, '--help'], stdout=subprocess.PIPE, check=True).stdout.decode()


def option_words(text):
    """["-h", "--activators", ...] of --help."""
    options = re.findall(r'(?m)^  (-.+?)(?:  .*)?$', text.split('\nvariables:')[0])
    return sorted(word for option in options for word in re.findall(r'(?<![\w-])--?[\w-]+', option))


class Place:
    """A current directory with hostile names, and environments to be named with -n."""

    def __init__(self, path):
        self.path = path
        self.work = os.path.join(path, 'work')
        self.envs = os.path.join(path, 'envs')
        # With a Python that must not be run, in a directory with a hostile name.
        self.bin = os.path.join(path, "b'\"$(touch CANARY)`touch CANARY`\\\n\t[x] é")
        os.makedirs(self.bin)
        os.symlink(self.file('python', '#!/bin/sh\ntouch CANARY "$(dirname "$0")/CANARY"\n'),
                   os.path.join(self.bin, 'python3.28'))
        os.chmod(os.path.join(path, 'python'), 0o755)
        self.variables = {
            'PATH': os.pathsep.join([os.path.dirname(COMMAND), os.environ['PATH'], self.bin]),
            'HOME': os.environ['HOME'], 'XDG_CACHE_HOME': path, 'WORKON_HOME': self.envs,
            'LC_ALL': 'C.UTF-8', 'TERM': 'dumb', 'ZDOTDIR': path, 'XDG_CONFIG_HOME': path,
            'XDG_DATA_HOME': path, 'INPUTRC': '/dev/null'}
        for name in ENVS + NO_ENVS:
            os.makedirs(os.path.join(self.envs, name))
            with open(os.path.join(self.envs, name, 'pyvenv.cfg'), 'w'):
                pass
            os.makedirs(os.path.join(self.work, 'dirs', name))
        os.makedirs(os.path.join(self.envs, 'no environment'))
        os.makedirs(os.path.join(self.work, 'only dir'))
        with open(os.path.join(self.work, 'only file'), 'w'):
            pass

    def file(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, 'wb') as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def ask(self, *args):
        return subprocess.run([COMMAND, *args], stdout=subprocess.PIPE, check=True, cwd=self.work,
                              env=self.variables).stdout

    def lines(self, what):
        return self.ask('--completions', what).decode().splitlines()

    def pythons(self):
        return [line.split('\t')[0] for line in self.lines('pythons')]

    def run(self, *argv, timeout=60):
        return subprocess.run(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=True,
                              cwd=self.work, env=self.variables, timeout=timeout).stdout

    def canaries(self):
        return [name for _, _, names in os.walk(self.path) for name in names if name == 'CANARY']


class Bash:
    """Calls the function as bash does, with words that were split at '='."""

    name, rows = 'bash', 'bash'
    program = shells.Shell('bash', ['bash']).program
    LINE = r'''
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_cvenv cvenv "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\0' "${COMPREPLY[@]}"
'''

    def __init__(self, place, script):
        self.place, self.script = place, script

    def offers(self, line):
        words = [part for word in line.split(' ') for part in re.split('(=)', word) if part or not word]
        if line.endswith('='):
            words.append('')
        out = self.place.run(self.program, '--norc', '-c', self.LINE, 'bash', self.script, *words)
        return [word.decode() for word in out.split(b'\0') if word]

    def type(self, typed, args):
        """Type this at a terminal: the command gets ARGS. zsh removes a '/' at their end."""
        rc = self.place.file('rc', (
            'source %s; bind "set bell-style none"; PS1="$ "\n'
            'cvenv() { [ "$1" = --completions ] || printf "<%%s>" "$@"; echo .; }\n') % self.script)
        self.converse([self.program, '--rcfile', rc, '-i'], typed, args)

    def converse(self, argv, typed, args):
        with Terminal(argv, self.place.variables, self.place.work) as shell:
            shell.wait(r'\$ ')
            shell.type(typed)
            shell.wait(''.join('<%s/?>' % re.escape(arg.rstrip('/')) for arg in args) + '[.]')


@functools.lru_cache(None)
def functions_dump():
    """Where zsh keeps what completion functions there are: it takes a second to find that out."""
    directory = tempfile.mkdtemp(prefix='cvenv-zsh-')
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return os.path.join(directory, 'dump')


class Zsh(Bash):
    """At a terminal, where compadd writes down all that it is given and accepts."""

    name, rows = 'zsh', 'zsh'
    program = shells.Shell('zsh', ['zsh']).program
    RC = r'''
autoload -Uz compinit; compinit -u -C -d %s
source %s
PS1='$ '
cvenv() { printf "<%%s>" "$@"; echo .; }
'''
    SPY = r'''
setopt extended_glob
COLUMNS=500
compadd() {
    local -a hits
    if [[ " ${(j: :)@[1,(i)(-|--)]} " != *\ -[a-zA-Z12]#[OAD]\ * ]]; then
        builtin compadd -A hits "$@"
        (( $#hits )) && print -rN -- $IPREFIX${^hits} >>$OUT
        local at=${@[(i)-d]}
        (( at < $# )) && print -rN -- "told ${(P@)^@[at+1]}" >>$OUT
    fi
    builtin compadd "$@"
}
spy() { zle spied; BUFFER=; print '<done>' }
zle -C spied complete-word _main_complete
zle -N spy
bindkey '^T' spy
'''

    def rc(self):
        return self.RC % (functions_dump(), self.script)

    def spied(self, line):
        """What compadd was given for this line."""
        self.place.file('.zshrc', self.rc() + self.SPY)
        out = self.place.file('out', '')
        variables = dict(self.place.variables, OUT=out)
        with Terminal([self.program, '-d', '-i'], variables, self.place.work) as shell:
            shell.wait(r'\$ ')
            os.write(shell.master, line.encode() + b'\x14')
            shell.wait('<done>')
        with open(out, 'rb') as f:
            return [word.decode() for word in f.read().split(b'\0')[:-1]]

    def offers(self, line):
        return sorted({word for word in self.spied(line) if word and not word.startswith('told ')})

    def told(self, line):
        rows = [re.match(r'told (\S+)\s+-- (.*)', word, re.S) for word in self.spied(line)]
        return {row[1]: row[2].rstrip() for row in rows if row}

    def type(self, typed, args):
        self.place.file('.zshrc', self.rc())
        self.converse([self.program, '-d', '-i'], typed, args)


class Fish(Bash):
    name, rows = 'fish', 'fish'
    program = shells.Fish('fish', ['fish'], variable='CVENV_TEST_FISH').program

    def told(self, line):
        out = self.place.run(self.program, '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]',
                             self.script, line)
        return dict((row + '\t').split('\t')[:2] for row in out.decode().split('\n')[:-1])

    def offers(self, line):
        return list(self.told(line))

    def type(self, typed, args):
        rc = ('source %s; function fish_prompt; echo "\\$ "; end; function cvenv; '
              'test "$argv[1]" = --completions; or printf "<%%s>" $argv; echo .; end') % self.script
        self.converse([self.program, '--no-config', '-C', rc, '-i'], typed, args)


class Nu:
    name, rows = 'nushell', 'nushell'
    program = shells.Nu('nushell', ['nu'], variable='CVENV_TEST_NU').program

    def __init__(self, place, script):
        self.place = place
        self.script = place.file('cvenv.nu', open(script, 'rb').read())

    def offers(self, line):
        """nu prints them as JSON, but leaves quotes as they are: the function is asked for those."""
        source = ('source %s\n%s' % (self.script, line)).encode()
        file = self.place.file('line.nu', source)
        out = self.place.run(self.program, '-n', '--ide-complete', str(len(source)), file).decode()
        words = list(self.told(line))
        assert out.strip() == '{"completions": [%s]}' % ', '.join('"%s"' % word for word in words)
        return words

    def told(self, line):
        ask = 'source %s; nu-complete cvenv %s | default [] | to json -r' % (
            self.script, json.dumps(line.split(' ')))
        return {row['value']: row['description']
                for row in json.loads(self.place.run(self.program, '-n', '-c', ask))}
