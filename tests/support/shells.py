# SPDX-License-Identifier: MIT
"""The shells of this machine, and how to say the same few things in each.

A Shell finds its program (and never installs it), writes scripts in its language, and runs
them with an environment of exactly the given variables. What the variables are at
some point of a script is written by the program `dump`, so that it is known to the
byte. Quoting here shares nothing with the quoting under test: values go in through
environment variables, and paths in scripts are plain.
"""
import glob
import os
import re
import shutil
import subprocess

import pytest

import runner

BASE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
# Variables that shells set by themselves.
NOISE = re.compile(
    r'(_|IFS|PWD|OLDPWD|SHLVL|HOST|HOSTTYPE|VENDOR|OSTYPE|MACHTYPE|LOGNAME|USER|GROUP|'
    r'COLUMNS|LINES|_AST_FEATURES|A__z|ENV|NU_VERSION|.*_THEME|'
    r'XONSH.*|SHELL_TYPE|BASH_COMPLETIONS|CMD_DURATION_MS|SHELL|THREAD_SUBPROCS|'
    r'__CF.*|.*_LAST_.*|LAST_EXIT_CODE|XDG_.*|FILE_PWD|CURRENT_FILE|PROCESS_PATH)$')


def find_program(name, variable=None):
    """CVENV_RENDER etc., else from the build folder."""
    if variable and os.environ.get(variable):
        return os.environ[variable]
    build = os.environ.get('CVENV_BUILD')
    if build:
        path = os.path.join(os.path.abspath(build), 'tests', 'shells', name)
        if os.access(path, os.X_OK):
            return path
    return None


RENDER = find_program('render', 'CVENV_RENDER')
DUMP = find_program('dump')


class Failed(Exception):
    pass


def read_dump(path):
    """[(label, {name: value}), ...], all bytes but the labels and names."""
    if not os.path.exists(path):
        return []
    with open(path, 'rb') as file:
        data = file.read()
    records = []
    for record in data.split(b'\0\0')[:-1]:
        label, *variables = record.split(b'\0')
        pairs = (v.split(b'=', 1) for v in variables)
        records.append((label.decode(), {os.fsdecode(name): value for name, value in pairs
                                         if not NOISE.match(os.fsdecode(name))}))
    return records


class Shell:
    """One program. `family` tells which script it reads and which language it speaks."""
    family = 'posix'
    script = 'activate'
    suffix = '.sh'

    def __init__(self, name, argv, variable=None, programs=None):
        self.name = name
        given = os.environ.get(variable) if variable else None
        self.program = given or next(filter(None, map(shutil.which, programs or [argv[0]])), None)
        if self.program:
            self.program = os.path.abspath(self.program)
        self.options = argv[1:]

    def __repr__(self):
        return self.name

    @property
    def argv(self):
        return [self.program] + self.options

    # The language.

    def source(self, path):
        return '. %s' % path

    def leave(self):
        return 'deactivate'

    def dump(self, file, label):
        return '%s %s %s' % (DUMP, file, label)

    def dump_prompt(self, file, label):
        return 'CV_PROMPT="${PS1-unset}" ' + self.dump(file, label)

    def set_path_front(self, directory):
        return 'PATH=%s:$PATH' % directory

    def set_prompt(self, text):
        return "PS1='%s'" % text

    def setenv(self, name, value):
        return "%s='%s'; export %s" % (name, value, name)

    def unset_path(self):
        return 'unset PATH'

    # Running it.

    def popen(self, script_file, env, cwd):
        return subprocess.Popen(
            self.argv + [script_file], env=env, cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def start(self, folder, lines, env=None, cwd=None):
        """Begin a script of these lines in the empty FOLDER; finish() waits."""
        os.makedirs(folder, exist_ok=True)
        script = os.path.join(folder, 'script' + self.suffix)
        with open(script, 'wb') as file:
            file.write(b'\n'.join(line if isinstance(line, bytes) else line.encode()
                                  for line in lines) + b'\n')
        full = {'PATH': BASE_PATH, 'HOME': folder, 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb'}
        return self.popen(script, runner.changed(full, env), cwd or folder)

    def finish(self, process, timeout=170):
        """What it printed. Not to end well is a failure."""
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
            raise Failed('%s hangs: %r' % (self, output[-2000:]))
        if process.returncode != 0:
            raise Failed('%s: exit %d: %s' % (
                self, process.returncode, output[-3000:].decode('utf-8', 'replace')))
        return output.decode('utf-8', 'replace')

    def run(self, folder, lines, env=None, cwd=None):
        return self.finish(self.start(folder, lines, env, cwd))


class Fish(Shell):
    family, script, suffix = 'fish', 'activate.fish', '.fish'

    def source(self, path):
        return 'source %s' % path

    def dump_prompt(self, file, label):
        # Without the colour sequences.
        return ("set -gx CV_PROMPT (fish_prompt | string replace -ra '\\e[^m]*m' '' "
                "| string replace -ra '\\e\\(B' '' | string collect -N); %s; "
                "set -e CV_PROMPT" % self.dump(file, label))

    def set_path_front(self, directory):
        return 'set PATH %s $PATH' % directory

    def set_prompt(self, text):
        return "function fish_prompt; printf '%%s' '%s'; end" % text

    def setenv(self, name, value):
        return "set -gx %s '%s'" % (name, value)

    def unset_path(self):
        return 'set -e PATH'


class Csh(Shell):
    family, script, suffix = 'csh', 'activate.csh', '.csh'

    def source(self, path):
        return 'source %s' % path

    def dump_prompt(self, file, label):
        return 'setenv CV_PROMPT "$prompt:q"; %s; unsetenv CV_PROMPT' % self.dump(file, label)

    def set_path_front(self, directory):
        return 'setenv PATH "%s:$PATH:q"' % directory

    def set_prompt(self, text):
        return "set prompt = '%s'" % text

    def setenv(self, name, value):
        return "setenv %s '%s'" % (name, value)

    def unset_path(self):
        return 'unsetenv PATH'


class Nu(Shell):
    family, script, suffix = 'nushell', 'activate.nu', '.nu'

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        # npm puts a script for node on PATH; the program is beside it.
        if self.program and os.path.realpath(self.program).endswith('.js'):
            modules = os.path.dirname(os.path.dirname(self.program))
            self.program = next(iter(glob.glob(modules + '/@nushell/*/bin/nu')), None)

    def source(self, path):
        return 'overlay use "%s"' % path

    def dump(self, file, label):
        return '^%s %s %s' % (DUMP, file, label)

    def dump_prompt(self, file, label):
        return 'with-env {CV_PROMPT: (do $env.PROMPT_COMMAND)} { %s }' % self.dump(file, label)

    def set_path_front(self, directory):
        return '$env.PATH = ($env.PATH | prepend "%s")' % directory

    def setenv(self, name, value):
        return '$env.%s = "%s"' % (name, value)

    def set_prompt(self, text):
        return "$env.PROMPT_COMMAND = {|| '%s' }" % text


class Xonsh(Shell):
    family, script, suffix = 'xonsh', 'activate.xsh', '.xsh'

    def source(self, path):
        return 'source %s' % path

    def dump_prompt(self, file, label):
        return '\n'.join((
            'from xonsh.prompt.base import PromptFormatter as _F',
            '$PROMPT_FIELDS.reset()',
            '$CV_PROMPT = _F()($PROMPT)', self.dump(file, label), 'del $CV_PROMPT'))

    def set_path_front(self, directory):
        return "$PATH.insert(0, '%s')" % directory

    def setenv(self, name, value):
        return "$%s = '%s'" % (name, value)

    def set_prompt(self, text):
        return "$PROMPT = '{env_name}%s'" % text


def all_shells():
    posix = [
        Shell('bash', ['bash', '--norc']),
        Shell('bash-posix', ['bash', '--norc', '--posix']),
        Shell('dash', ['dash']),
        Shell('zsh', ['zsh', '-f']),
        Shell('zsh-as-sh', ['zsh', '--emulate', 'sh', '-f']),
        Shell('zsh-as-ksh', ['zsh', '--emulate', 'ksh', '-f']),
        Shell('ksh93', ['ksh93'], programs=['ksh93']),
        Shell('mksh', ['mksh']),
        Shell('lksh', ['lksh']),
        Shell('yash', ['yash', '--norcfile']),
        Shell('posh', ['posh']),
        Shell('busybox-ash', ['busybox', 'ash']),
    ]
    return posix + [
        Fish('fish', ['fish', '--no-config'], variable='CVENV_TEST_FISH'),
        Csh('tcsh', ['tcsh', '-f']),
        Csh('bsd-csh', ['bsd-csh', '-f']),
        Nu('nushell', ['nu', '-n'], variable='CVENV_TEST_NU'),
        Xonsh('xonsh', ['xonsh', '--no-rc'], variable='CVENV_TEST_XONSH'),
    ]


SHELLS = all_shells()
# How to start each so that it shows a plain prompt, and what sets that prompt.
INTERACTIVE = {
    'bash': ['--norc', '--noediting', '-i'],
    'bash-posix': ['--norc', '--posix', '--noediting', '-i'],
    'dash': ['-i'],
    'zsh': ['-f', '-i', '-o', 'no_zle', '-o', 'no_prompt_sp', '-o', 'no_prompt_cr'],
    'zsh-as-sh': ['--emulate', 'sh', '-f', '-i', '-o', 'no_zle', '-o', 'no_prompt_sp',
                  '-o', 'no_prompt_cr'],
    'ksh93': ['-i'], 'mksh': ['-i'], 'lksh': ['-i'], 'posh': ['-i'],
    'yash': ['-i', '--norcfile'],
    'busybox-ash': ['ash', '-i'],
    'fish': ['--no-config', '-i'],
    'tcsh': ['-f', '-i'], 'bsd-csh': ['-f', '-i'],
}


def of(*names):
    """Only these shells; the others draw their prompt themselves, test_contract asks them."""
    return pytest.mark.parametrize('shell', [shell for shell in SHELLS if shell.name in names],
                                   ids=str, indirect=True)


def find_pwsh():
    """A PowerShell: $CVENV_TEST_PWSH or pwsh on PATH. None: no test of the script."""
    return os.environ.get('CVENV_TEST_PWSH') or shutil.which('pwsh')


def render(triples, relocatable=False, windows=False, extra='nushell,xonsh,python,batch'):
    """Write all scripts for (out, env_dir, prompt), ...; returns the warnings."""
    argv = [RENDER] + (['-r'] if relocatable else []) + (['-w'] if windows else []) + ['-s', extra]
    data = b''.join(os.fsencode(text) + b'\0' for triple in triples for text in triple)
    result = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode != 0:
        raise Failed('render: %r' % result.stderr[-2000:])
    return result.stderr.decode('utf-8', 'backslashreplace')


def refuses_to_activate(shell, folder, script, part):
    """Activating by SCRIPT prints one message with PART, fails, and another environment stays active."""
    old, file = os.path.join(folder, 'old'), os.path.join(folder, 'dump')
    render([(old, old, 'old')])
    tail = {'posix': ' || echo failed', 'fish': '; or echo failed',
            'csh': '\nif ( $status != 0 ) echo failed'}.get(shell.family, '')
    enter_old = shell.source(os.path.join(old, 'bin', shell.script))
    process = shell.start(folder, [
        '' if shell.family == 'nushell' else enter_old, shell.dump(file, 'before'),
        shell.source(script) + tail, shell.dump(file, 'after'),
        # Nothing is left of the attempt, and the old one can be left.
        'set | grep "^_VIRTUAL_ENV" >&2\ndeactivate' if shell.family == 'posix' else ''])
    output = process.communicate(timeout=60)[0].decode('utf-8', 'replace')
    dumps = dict(read_dump(file))
    assert part in output
    if 'after' in dumps:
        assert dumps['after'] == dumps['before']
    else:
        assert process.returncode != 0
    if tail:
        lines = output.splitlines()
        assert len(lines) == 2 and lines[1] == 'failed'
    return output
