# SPDX-License-Identifier: MIT
"""--shell-hook: the function cv in real shells, and entering by itself at a terminal."""
import os
import re
import shutil
import subprocess

import pytest

from completers import COMMAND
from shells import BASE_PATH, INTERACTIVE, of, read_dump, render
from terminal import Terminal

SHELLS = [name for name in INTERACTIVE if not name.endswith('csh')]
SOME = ['bash', 'dash', 'zsh', 'ksh93', 'fish']
AUTO = ['bash', 'zsh', 'fish']
HOOK = {'bash': 'bash', 'bash-posix': 'bash', 'zsh': 'zsh', 'zsh-as-sh': 'zsh', 'fish': 'fish'}
HOSTILE = ['a b', "it's", '"', '$(touch CANARY1)', '`touch CANARY2`', 'new\nline', '\\', '*', '%41',
           '!!', ';touch CANARY3;', '#', '~', '{a,b}', '\x1b[31m', 'é', '-n', 'end\n']
PS = 'OLD> $'


def make_env(path):
    """An environment of which only the activation scripts and pyvenv.cfg exist."""
    os.makedirs(path)
    render([(path, path, 'name')])
    with open(os.path.join(path, 'pyvenv.cfg'), 'w') as file:
        file.write('home = /usr/bin\n')
    return path


class Place:
    """A home directory with the scripts, and an empty directory to work in."""

    def __init__(self, folder):
        self.home = os.path.join(folder, 'home')
        self.work = os.path.join(folder, 'work')
        self.dump = os.path.join(folder, 'dump')
        self.state = os.path.join(self.home, '.local', 'state', 'cvenv', 'allowed')
        self.folder = folder
        for path in (self.home, self.work):
            os.mkdir(path)
        self.variables = {'PATH': BASE_PATH, 'HOME': self.home, 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb',
                          'PS1': 'start> ', 'ENV': '/dev/null'}

    def ask(self, *args, **changes):
        return subprocess.run([COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, cwd=self.work, text=True,
                              env={**self.variables, **changes})

    def hook(self, shell, *more):
        path = os.path.join(self.folder, 'hook' + shell.suffix)
        said = self.ask('--shell-hook', HOOK.get(shell.name, 'posix'), *more)
        assert (said.returncode, said.stderr) == (0, '')
        with open(path, 'w') as file:
            file.write(said.stdout)
        return path

    def project(self, name='project'):
        """A directory in work with .venv in it."""
        path = os.path.join(self.work, name)
        os.mkdir(path)
        make_env(os.path.join(path, '.venv'))
        return path

    def run(self, shell, lines, env=None):
        """What a script says in which cv is defined, and what VIRTUAL_ENV was at each `dump`."""
        strict = ['set -eu'] if shell.family == 'posix' else []
        if os.path.exists(self.dump):
            os.remove(self.dump)
        said = shell.run(os.path.join(self.folder, 'script'), [
            *strict, shell.source(self.hook(shell)), *lines],
            {**self.variables, 'CV_DUMP': self.dump, **(env or {})}, cwd=self.work)
        return said, [(label, values.get('VIRTUAL_ENV'), values.get('PATH'))
                      for label, values in read_dump(self.dump)]

    def canaries(self):
        return [name for _, _, names in os.walk(self.folder) for name in names
                if name.startswith('CANARY')]


@pytest.fixture
def place(folder):
    place = Place(folder)
    yield place
    assert not place.canaries()


def dump(shell, place, label):
    return shell.dump(place.dump, label)


def quoted(shell, text):
    """One word, for a script."""
    if shell.family == 'fish':
        return "'%s'" % text.replace('\\', '\\\\').replace("'", "\\'")
    return "'%s'" % text.replace("'", "'\\''")


# ---------------------------------------------------------------- the function


@of(*SHELLS)
def test_enters_the_nearest_and_leaves(shell, place):
    """From a directory below, for each hostile name; afterwards all is as before."""
    lines, expected = [], []
    # posh 0.14 loses functions after a dozen activations.
    for name in HOSTILE[:9] if shell.name == 'posh' else HOSTILE:
        project = place.project(name)
        os.makedirs(os.path.join(project, 'a', name))
        lines += ['cd ' + quoted(shell, os.path.join(project, 'a', name)), 'cv',
                  dump(shell, place, 'in'), 'cv -', dump(shell, place, 'out')]
        env = os.fsencode(os.path.join(project, '.venv'))
        expected += [('in', env, env + b'/bin:' + BASE_PATH.encode()),
                     ('out', None, BASE_PATH.encode())]
    _, seen = place.run(shell, lines)
    assert seen == expected


@of(*SOME)
def test_enters_by_name_and_by_path(shell, place):
    named = make_env(os.path.join(place.home, '.virtualenvs', "it's $HOME"))
    other = make_env(os.path.join(place.folder, 'envs', 'other'))
    place.project()
    _, seen = place.run(shell, [
        'cd project', 'cv', dump(shell, place, 'nearest'),
        'cv ' + quoted(shell, "it's $HOME"), dump(shell, place, 'named'),
        'cv ./.venv', dump(shell, place, 'relative'), 'cv -', dump(shell, place, 'out'),
        'WORKON_HOME=%s' % os.path.dirname(other) if shell.family == 'posix'
        else 'set WORKON_HOME %s' % os.path.dirname(other),
        'export WORKON_HOME' if shell.family == 'posix' else 'set -x WORKON_HOME $WORKON_HOME',
        'cv other', dump(shell, place, 'workon')])
    venv = os.path.join(place.work, 'project', '.venv')
    expected = {'nearest': venv, 'named': named, 'relative': venv, 'out': None, 'workon': other}
    assert {label: env for label, env, _ in seen} == {
        label: env and env.encode() for label, env in expected.items()}


@of(*SOME)
def test_follows_links_and_redirect_files(shell, place):
    env = make_env(os.path.join(place.folder, 'env'))
    for name in ('link', 'redirect'):
        os.mkdir(os.path.join(place.work, name))
    os.symlink(env, os.path.join(place.work, 'link', '.venv'))
    with open(os.path.join(place.work, 'redirect', '.venv'), 'w') as file:
        file.write('../../env\n')
    _, seen = place.run(shell, [
        'cd link', 'cv', dump(shell, place, 'link'), 'cv -',
        'cd ../redirect', 'cv', dump(shell, place, 'redirect')])
    assert [env for _, env, _ in seen] == [env.encode()] * 2


@of(*SOME)
def test_says_what_it_cannot_do(shell, place):
    place.project()
    failed = '; or echo failed' if shell.family == 'fish' else ' || echo failed'
    tries = ['cv', 'cv -', 'cv nothing', 'cv ./nothing', 'cv a b', 'cv --help', 'cv ""']
    said, seen = place.run(shell, [line + failed for line in tries] + [
        'cd project', 'cv', 'cv', dump(shell, place, 'in')])
    lines = said.splitlines()
    assert lines[1:14:2] == ['failed'] * 7, said
    assert "no environment '.venv' in this directory" in lines[0]
    assert 'no environment was entered in this shell' in lines[2]
    assert 'write it with a slash: ./nothing' in lines[4]
    assert 'there is no environment in' in lines[6]
    assert [line for line in lines if line.startswith('usage: cv')] == lines[8:14:2]
    assert lines[14:] == ["cvenv: '%s' is active already" % os.path.join(place.work, 'project', '.venv')]
    assert seen[0][1] == os.path.join(place.work, 'project', '.venv').encode()


@of(*SOME)
def test_leaves_an_environment_that_is_gone(shell, place):
    project = place.project()
    _, seen = place.run(shell, [
        'cd project', 'cv', 'rm -r .venv', 'cv -', dump(shell, place, 'out')])
    assert seen == [('out', None, BASE_PATH.encode())]
    assert os.listdir(project) == []


@of('bash', 'dash', 'zsh', 'fish')
def test_a_child_shell_does_not_leave_what_its_parent_entered(shell, place):
    """It has no function deactivate; a program of that name on PATH is none."""
    project = place.project()
    program = os.path.join(project, '.venv', 'bin', 'deactivate')
    with open(program, 'w') as file:
        file.write('#!/bin/sh\ntouch %s\n' % os.path.join(place.folder, 'CANARY'))
    os.chmod(program, 0o755)
    script = os.path.join(place.folder, 'child' + shell.suffix)
    failed = '; or echo failed' if shell.family == 'fish' else ' || echo failed'
    with open(script, 'w') as file:
        file.write('%s\ncv -%s\ncv\n%s\n' % (
            shell.source(place.hook(shell)), failed, dump(shell, place, 'child')))
    said, seen = place.run(shell, ['cd project', 'cv', ' '.join([*shell.argv, script])])
    assert said.splitlines() == ['cv: no environment was entered in this shell', 'failed',
                                 "cvenv: '%s/.venv' is active already" % project]
    assert seen[0][1] == (project + '/.venv').encode()


def test_the_nearest_of_another_user_is_refused(place):
    if os.geteuid() != 0:
        pytest.skip('giving a directory to another user needs root')
    project = place.project()
    env = os.path.join(project, '.venv')
    for name in ('', 'pyvenv.cfg', 'bin', 'bin/activate'):
        os.chown(os.path.join(env, name), 65534, 65534)
        said = place.ask('--shell-hook', 'enter-posix', '--', 'nearest', env)
        assert (said.returncode, said.stdout) == (1, '')
        assert 'belongs to another user (to enter it anyway, give it to cv as an argument)' in said.stderr
        said = place.ask('--shell-hook', 'enter-posix', '--', 'named', env)
        assert (said.stdout, said.stderr) == (". %s/bin/activate\n" % env, '')
        os.chown(os.path.join(env, name), 0, 0)
    os.rename(env, os.path.join(place.folder, 'env'))
    os.symlink(os.path.join(place.folder, 'env'), env)
    os.chown(env, 65534, 65534, follow_symlinks=False)
    assert place.ask('--shell-hook', 'enter-posix', '--', 'nearest', env).returncode == 1


def test_refused_words(place):
    for word in ('nushell', 'nu', 'csh', 'tcsh'):
        said = place.ask('--shell-hook', word)
        assert (said.returncode, said.stdout) == (2, '') and 'argument --shell-hook: ' in said.stderr
    for word in ('posix', 'powershell'):
        said = place.ask('--shell-hook', word, '--auto')
        assert (said.returncode, said.stdout) == (2, '') and 'argument --auto: ' in said.stderr
    for arguments in ([], ['named'], ['other', './x'], ['named', ''], ['named', './x', './y']):
        assert place.ask('--shell-hook', 'enter-posix', '--', *arguments).returncode == 2


# ---------------------------------------------------------------- by itself


class Session:
    """An interactive shell in `work`, in which cv enters by itself."""

    def __init__(self, shell, place, before=(), more=(), argv=None):
        self.shell, self.place = shell, place
        self.terminal = Terminal(argv or [shell.program] + INTERACTIVE[shell.name], cwd=place.work,
                                 env=place.variables)
        self.terminal.type(shell.set_prompt('OLD> '))
        self.terminal.wait(PS)
        for line in [*before, shell.source(place.hook(shell, '--auto', *more))]:
            self.do(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminal.__exit__()

    # fish shows again and again what is typed, and the prompt before it: a mark shows the end.

    def shown(self, line, end):
        if self.shell.name != 'fish':
            self.terminal.type(line)
            return self.terminal.wait(r'(?s)^(.*?)(?:\(name\) )*' + end).group(1)
        self.typed = line + "; printf 'E%sD' N"
        self.terminal.type(self.typed)
        return self.terminal.wait('(?s)%s\n(.*)%s' % (re.escape(self.typed), end)).group(1)

    def do(self, line):
        """What is shown for it, up to the next prompt."""
        return self.shown(line, r'END.*' + PS if self.shell.name == 'fish' else PS)

    def asked(self, line):
        """The question that it leads to."""
        return self.shown(line, r'\[y/N\] $')

    def answer(self, text):
        """What is shown after it. fish lets the terminal show it."""
        self.terminal.type(text)
        if self.shell.name != 'fish':
            return self.terminal.wait(r'(?s)^(.*?)(?:\(name\) )*' + PS).group(1)
        return self.terminal.wait(r'(?s)^%s\n(.*)END.*%s' % (re.escape(text), PS)).group(1)

    def active(self):
        """The active environment, relative to work; '' for none."""
        path = re.search(r'(?s)<(.*)>', self.do(
            'printf "<%s>\\n" "%s"' % ('%s', '$VIRTUAL_ENV' if self.shell.name == 'fish' else '${VIRTUAL_ENV-}'))).group(1)
        return path and os.path.relpath(path, self.place.work)


@pytest.fixture
def auto(shell, place):
    return lambda **more: Session(shell, place, **more)


@of(*AUTO)
def test_asks_once_and_remembers(shell, place, auto):
    project = place.project()
    os.makedirs(os.path.join(project, 'a', 'b'))
    with auto() as session:
        assert session.asked('cd project/a') == (
            "cvenv: enter '%s/.venv' now, and from now on by itself? " % project)
        assert session.answer('y') == ''
        assert session.active() == 'project/.venv'
        assert session.do('cd b') == '' and session.active() == 'project/.venv'
        assert session.do('cd ../../..') == '' and session.active() == ''
        assert session.do('cd project') == '' and session.active() == 'project/.venv'
    assert os.stat(place.state).st_mode & 0o7777 == 0o600
    assert os.stat(os.path.dirname(place.state)).st_mode & 0o7777 == 0o700
    with auto() as session:
        assert session.do('cd project') == '' and session.active() == 'project/.venv'
        # What the user does is not undone.
        assert session.do('cv -') == '' and session.active() == ''
        assert session.do('cd a') == '' and session.active() == ''


@of(*AUTO)
def test_no_is_remembered_and_typing_ahead_is_no_answer(shell, place, auto):
    place.project()
    with auto() as session:
        session.asked('cd project')
        assert session.answer('make install') == '' and session.active() == ''
        assert not os.path.exists(place.state)
        session.do('cd ..')
        session.asked('cd project')
        assert session.answer('') == '' and session.active() == ''
        session.do('cd ..')
        assert session.do('cd project') == '' and session.active() == ''
        assert session.do('cv') == '' and session.active() == 'project/.venv'
        # Entered by hand: it stays.
        assert session.do('cd ..') == '' and session.active() == 'project/.venv'


@of(*AUTO)
def test_asks_again_after_a_change(shell, place, auto):
    project = place.project()
    env = os.path.join(project, '.venv')
    with auto() as session:
        session.asked('cd project')
        session.answer('y')
        session.do('cd ..')
        for change in ('script', 'directory', 'link'):
            if change == 'script':
                with open(os.path.join(env, 'bin', shell.script), 'a') as file:
                    file.write('touch CANARY\n')
            elif change == 'directory':
                shutil.copytree(env, env + '.new', symlinks=True)
                os.rename(env, env + '.old')
                os.rename(env + '.new', env)
            else:
                make_env(os.path.join(place.work, 'other'))
                shutil.rmtree(env)
                os.symlink('../other', env)
            assert "'%s' has changed. Enter it now" % env in session.asked('cd project')
            assert session.answer('n') == '' and session.active() == ''
            session.do('cd ..')
            assert session.do('cd project') == ''
            session.do('cd ..')


@of(*AUTO)
def test_never_enters_what_others_may_change(shell, place, auto):
    project = place.project()
    env = os.path.join(project, '.venv')
    with auto() as session:
        for name in ('.venv/bin/activate', '.venv/bin', '.venv', '.venv/pyvenv.cfg', '', '..'):
            path = os.path.normpath(os.path.join(project, name))
            if name == '.venv/bin/activate':
                path = os.path.join(env, 'bin', shell.script)
            mode = os.stat(path).st_mode & 0o7777
            os.chmod(path, mode | 0o002)
            said = session.do('cd project')
            assert "not entering '%s': '%s' can be changed by other users" % (env, path) in said
            assert session.active() == ''
            os.chmod(path, mode)
            session.do('cd ..')
        # A umask of 002, on a system that gives each user a group.
        for top, names, files in os.walk(project):
            for path in [top, *(os.path.join(top, name) for name in files)]:
                os.chmod(path, os.stat(path).st_mode | 0o020)
                os.chown(path, -1, os.stat(path).st_uid)
        session.asked('cd project')


@of(*AUTO)
def test_names_at_the_question(shell, place, auto):
    """What is shown cannot control the terminal, and nothing in it is run."""
    for number, name in enumerate(HOSTILE):
        with open(os.path.join(place.home, str(number)), 'w') as file:
            file.write('cd %s\n' % quoted(shell, place.project(name)))
    with auto() as session:
        for number, name in enumerate(HOSTILE):
            asked = session.asked(shell.source(os.path.join(place.home, str(number))))
            assert b'\x1b[31m' not in session.terminal.raw
            if name.isprintable() and '\\' not in name:
                assert "'%s/%s/.venv'" % (place.work, name) in asked
            assert session.answer('y') == ''
            assert '\x1b' in name or session.active() == name + '/.venv'


@of(*AUTO)
def test_changes_of_the_directory_start_no_process(shell, place, auto):
    """Of the processes that strace sees, only one is for entering."""
    if not shutil.which('strace'):
        pytest.skip('no strace on this machine')
    project = place.project()
    os.makedirs(os.path.join(project, 'a', 'b'))
    log = os.path.join(place.folder, 'log')
    place.variables['ASAN_OPTIONS'] = 'detect_leaks=0'  # which needs ptrace, as strace does
    trace = ['strace', '-f', '-qq', '-e', 'trace=clone,clone3,fork,vfork,execve', '-e', 'signal=none', '-o', log]
    with auto(argv=[*trace, shell.program] + INTERACTIVE[shell.name]) as session:
        session.asked('cd project')
        session.answer('y')

        def calls(*lines):
            with open(log) as file:
                before = len(file.readlines())
            for line in lines:  # the function cd of fish runs seq
                session.do('builtin ' + line)
            with open(log) as file:  # fish has threads
                return [call for call in file.readlines()[before:] if 'CLONE_THREAD' not in call]

        assert calls('cd a', 'cd b', 'cd ../..', 'cd .', 'cd a/b') == []
        session.do('cd ../../..')
        assert calls('cd /', 'cd /usr/lib', 'cd /usr') == []
        execs = [call for call in calls('cd ' + project) if ' execve(' in call]
        assert len(execs) == 1 and '"enter-' in execs[0]


@of(*AUTO)
def test_nested_shells_and_subshells(shell, place, auto):
    project = place.project()
    with auto() as session:
        session.asked('cd project')
        session.answer('y')
        session.do('cd ..')
        if shell.name != 'fish':
            # A subshell enters nothing, and nobody is asked.
            place.project('other')
            assert session.do('(cd other)') == '' and session.active() == ''
            assert session.do('x=$(cd other && pwd); echo $x') == place.work + '/other\n'
        session.do('cd project')
        # A child process leaves what its parent has entered as it is.
        argv = ' '.join([shell.program] + INTERACTIVE[shell.name])
        session.terminal.type(argv)
        session.terminal.wait('(# |> )$')
        session.do(shell.set_prompt('OLD> '))
        assert session.do(shell.source(place.hook(shell, '--auto'))) == ''
        assert session.active() == 'project/.venv'
        assert session.do('cd ..') == '' and session.active() == 'project/.venv'
        session.terminal.type('exit')
        session.terminal.wait(PS)
        assert session.do('cd %s/..' % project) == '' and session.active() == ''


@of('bash')
@pytest.mark.parametrize('mine', ['PROMPT_COMMAND=mine', "PROMPT_COMMAND='mine; # comment'",
                                  'PROMPT_COMMAND=(mine)', 'PROMPT_COMMAND=(: mine)',
                                  'export PROMPT_COMMAND=mine'])
def test_bash_keeps_prompt_command(shell, place, auto, mine):
    """What it ran before, it runs now, with the status of the user's command."""
    place.project()
    with auto(before=['mine() { echo "mine $?"; }', mine]) as session:
        session.do(shell.source(place.hook(shell, '--auto')))  # twice
        session.asked('cd project')
        session.answer('y')
        assert session.do('(exit 3)') == 'mine 3\n'
        assert session.active() == 'project/.venv'
        if 'export' in mine:
            session.terminal.type('bash --norc --noediting -i')
            assert 'cvenv' not in session.do(shell.set_prompt('OLD> '))


@of('zsh')
def test_zsh_keeps_hooks(shell, place, auto):
    place.project()
    options = 'setopt ksh_arrays sh_word_split no_unset err_exit glob_subst warn_create_global'
    before = ['mine() { echo "mine $PWD" }', 'chpwd_functions=(mine)', options]
    with auto(before=before) as session:
        session.do(shell.source(place.hook(shell, '--auto')))  # twice
        assert session.asked('cd project').startswith('mine %s/project\n' % place.work)
        session.answer('y')
        assert session.do('echo ${chpwd_functions[@]}') == 'mine _cvenv_chpwd\n'
        assert session.do('cd ..').endswith('mine %s\n' % place.work) and session.active() == ''


@of('bash', 'zsh')
def test_strict_options(shell, place, auto):
    """With set -eu, a refusal does not end the shell."""
    place.project()
    with auto(before=['set -eu']) as session:
        session.asked('cd project')
        session.answer('n')
        assert session.do('cd ..') == '' and session.do('cd project') == ''
        os.chmod(os.path.join(place.work, 'project', '.venv'), 0o777)
        session.do('cd ..')
        assert 'can be changed by other users' in session.do('cd project')
        assert session.active() == ''


@of(*AUTO)
def test_leaves_by_itself_what_is_gone(shell, place, auto):
    project = place.project()
    os.mkdir(os.path.join(project, 'a'))
    with auto() as session:
        session.asked('cd project')
        session.answer('y')
        shutil.rmtree(os.path.join(project, '.venv'))
        assert session.do('cd a') == '' and session.active() == ''


def test_without_a_terminal_nobody_is_asked(place):
    project = place.project()
    said = place.ask('--shell-hook', 'enter-posix', '--', 'auto', project + '/.venv')
    assert (said.returncode, said.stdout, said.stderr) == (0, '', '')
    assert not os.path.exists(place.state)


def test_the_list_is_not_used_if_others_can_write_to_it(place):
    project = place.project()
    os.makedirs(os.path.dirname(place.state))
    for name, mode in (('allowed', 0o666), ('', 0o777)):
        path = os.path.join(os.path.dirname(place.state), name)
        with open(place.state, 'w') as file:
            file.write('yes\n')
        os.chmod(path, mode)
        said = place.ask('--shell-hook', 'enter-posix', '--', 'auto', project + '/.venv')
        assert said.returncode == 1 and 'other users may write to it' in said.stderr
        os.chmod(path, mode & 0o755)
    os.remove(place.state)
    os.symlink('/dev/zero', place.state)
    said = place.ask('--shell-hook', 'enter-posix', '--', 'auto', project + '/.venv')
    assert said.returncode == 1 and 'is not a regular file' in said.stderr
    said = place.ask('--shell-hook', 'enter-posix', '--', 'auto', project + '/.venv', HOME='')
    assert said.returncode == 1 and 'the home directory is unknown' in said.stderr


@of('zsh')
def test_zsh_completes_names(shell, place):
    """Those that exist: no empty one if there is none."""
    lines = ['compadd() { print -r -- $#names "${names[@]}" }', '_directories() { : }', '_cvenv_complete']
    assert place.run(shell, lines)[0] == '0\n'
    for name in 'a b', 'c':
        make_env(os.path.join(place.home, '.virtualenvs', name))
    assert place.run(shell, lines)[0] == '2 a b c\n'
