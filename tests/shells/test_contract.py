# SPDX-License-Identifier: MIT
"""What activation promises (src/env/activate.h), point by point, in every shell."""
import os
import subprocess
import sys

import pytest

from shells import BASE_PATH, SHELLS, read_dump, render


class Scene:
    """Two environments, `one` and `two`, and a script that is written step by step."""

    def __init__(self, shell, folder):
        self.shell, self.folder = shell, folder
        self.dir = {name: os.path.join(folder, name) for name in ('one', 'two')}
        render([(path, path, name) for name, path in self.dir.items()])
        self.file = os.path.join(folder, 'dump')
        self.lines = []

    def add(self, *lines):
        self.lines += lines
        return self

    def enter(self, name='one'):
        return self.add(self.shell.source(os.path.join(self.dir[name], 'bin', self.shell.script)))

    def leave(self):
        return self.add(self.shell.leave())

    def dump(self, label):
        return self.add(self.shell.dump(self.file, label))

    def dump_prompt(self, label):
        return self.add(self.shell.dump_prompt(self.file, label))

    def run(self, **options):
        """The dumps by label; the shell must print nothing."""
        output = self.shell.run(self.folder, self.lines, **options)
        assert output == ''
        self.dumps = dict(read_dump(self.file))
        return self.dumps

    def inside(self, before, name='one', path=BASE_PATH):
        """What the variables must be when `before` was there when entering."""
        wanted = dict(before, VIRTUAL_ENV=os.fsencode(self.dir[name]),
                      VIRTUAL_ENV_PROMPT=name.encode())
        bin_dir = os.path.join(self.dir[name], 'bin')
        wanted['PATH'] = os.fsencode(bin_dir + (':' + path if path else ''))
        wanted.pop('PYTHONHOME', None)
        return wanted


@pytest.fixture
def scene(shell, folder):
    return Scene(shell, folder)


@pytest.fixture
def posix_scene(posix, folder):
    return Scene(posix, folder)


def test_enter_and_leave(scene):
    scene.add(scene.shell.setenv('PYTHONHOME', '/usr'), scene.shell.setenv('KEPT', 'as it is'))
    dumps = scene.dump('before').enter().dump('in').leave().dump('after').run()
    assert dumps['before']['PYTHONHOME'] == b'/usr'
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'] == dumps['before']


@pytest.mark.parametrize('value', ['', '/somewhere'])
@pytest.mark.parametrize('name', ['VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT'])
def test_variable_from_the_parent_comes_back(scene, name, value):
    """In a shell started inside an environment, deactivating restores that environment."""
    if value == '' and scene.shell.family == 'xonsh':
        pytest.skip('xonsh drops empty variables by itself')
    scene.add(scene.shell.setenv(name, value))
    dumps = scene.dump('before').enter().dump('in').leave().dump('after').run()
    assert dumps['before'][name] == value.encode()
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'] == dumps['before']


def test_empty_pythonhome_stays(scene):
    scene.add(scene.shell.setenv('PYTHONHOME', ''))
    dumps = scene.dump('before').enter().leave().dump('after').run()
    assert dumps['after'] == dumps['before']


def test_empty_path(scene):
    if scene.shell.family in ('nushell', 'xonsh', 'fish'):
        pytest.skip('PATH is a list there')
    scene.add(scene.shell.setenv('PATH', ''))
    dumps = scene.dump('before').enter().dump('in').leave().dump('after').run()
    assert dumps['before']['PATH'] == b''
    assert dumps['in'] == scene.inside(dumps['before'], path='')
    assert dumps['after'] == dumps['before']


def test_unset_path(scene):
    if scene.shell.family in ('nushell', 'xonsh'):
        pytest.skip('these shells do not live without PATH')
    scene.add(scene.shell.unset_path())
    dumps = scene.dump('before').enter().dump('in').leave().dump('after').run()
    assert 'PATH' not in dumps['before']
    assert dumps['in'] == scene.inside(dumps['before'], path='')
    assert dumps['after'] == dumps['before']


def test_no_program_is_needed(scene):
    """PATH may have nothing in it: activation is done by the shell alone."""
    dumps = scene.dump('before').enter().dump('in').leave().dump('after').run(
        env={'PATH': '/nonexistent'})
    assert dumps['in'] == scene.inside(dumps['before'], path='/nonexistent')
    assert dumps['after'] == dumps['before']


def test_twice_is_once(scene):
    dumps = scene.dump('before').enter().enter().dump('in').leave().dump('after').run()
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'] == dumps['before']


def test_another_one_over_it(scene):
    dumps = scene.dump('before').enter('one').enter('two').dump('in').leave().dump('after').run()
    assert dumps['in'] == scene.inside(dumps['before'], 'two')
    assert dumps['after'] == dumps['before']


def test_again_after_leaving(scene):
    scene.dump('before').enter('one').leave().enter('two').dump('in').leave().dump('after')
    dumps = scene.run()
    assert dumps['in'] == scene.inside(dumps['before'], 'two')
    assert dumps['after'] == dumps['before']


def test_change_of_path_meanwhile(scene):
    """Only our directory goes. csh and nushell restore what was, as they document."""
    scene.enter().add(scene.shell.set_path_front('/new')).leave().dump('after')
    path = scene.run()['after']['PATH'].decode()
    kept = BASE_PATH if scene.shell.family in ('csh', 'nushell') else '/new:' + BASE_PATH
    assert path == kept


def test_change_of_path_meanwhile_and_another_one(scene):
    scene.enter('one').add(scene.shell.set_path_front('/new')).enter('two').dump('in')
    path = scene.run()['in']['PATH'].decode()
    kept = BASE_PATH if scene.shell.family == 'csh' else '/new:' + BASE_PATH
    assert path == scene.dir['two'] + '/bin:' + kept


def test_prompt(scene):
    scene.add(scene.shell.set_prompt('old> ')).dump_prompt('before')
    scene.enter().dump_prompt('in').enter('two').dump_prompt('two').leave().dump_prompt('after')
    dumps = scene.run()
    shown = [dumps[label]['CV_PROMPT'] for label in ('before', 'in', 'two', 'after')]
    assert shown == [b'old> ', b'(one) old> ', b'(two) old> ', b'old> ']


def test_prompt_disabled(scene):
    scene.add(scene.shell.setenv('VIRTUAL_ENV_DISABLE_PROMPT', '1'),
              scene.shell.set_prompt('old> '))
    dumps = scene.enter().dump_prompt('in').leave().dump_prompt('after').run()
    assert dumps['in']['CV_PROMPT'] == b'old> '
    assert dumps['in']['VIRTUAL_ENV_PROMPT'] == b'one'
    assert dumps['after']['CV_PROMPT'] == b'old> '


def test_empty_disable_prompt_disables_nothing(scene):
    scene.add(scene.shell.setenv('VIRTUAL_ENV_DISABLE_PROMPT', ''),
              scene.shell.set_prompt('old> '))
    assert scene.enter().dump_prompt('in').run()['in']['CV_PROMPT'] == b'(one) old> '


def test_by_relative_path(scene):
    scene.add(scene.shell.source('../one/bin/' + scene.shell.script))
    scene.dump('in').leave().dump('after').shell.run(scene.dir['two'], scene.lines)
    dumps = dict(read_dump(scene.file))
    for dump in dumps.values():
        del dump['HOME']
    assert dumps['in'] == scene.inside(dumps['after'])


def test_through_links(scene):
    """A link to the script, and one to the environment: it is the same environment."""
    os.symlink(os.path.join(scene.dir['one'], 'bin', scene.shell.script),
               os.path.join(scene.folder, scene.shell.script))
    os.symlink('one', os.path.join(scene.folder, 'link'))
    scene.add(scene.shell.source(scene.folder + '/' + scene.shell.script)).dump('script').leave()
    scene.add(scene.shell.source(scene.folder + '/link/bin/' + scene.shell.script)).dump('env')
    dumps = scene.leave().dump('after').run()
    assert dumps['script'] == dumps['env'] == scene.inside(dumps['after'])


def test_command_hash_is_reset(scene):
    """A shell that remembers where commands are forgets it on entering and on leaving."""
    for place in ('one/bin', 'elsewhere'):
        os.makedirs(os.path.join(scene.folder, place), exist_ok=True)
        tool = os.path.join(scene.folder, place, 'cv-tool')
        with open(tool, 'w') as file:
            file.write('#!/bin/sh\necho %s >> "%s/ran"\n' % (place, scene.folder))
        os.chmod(tool, 0o755)
    call = '^cv-tool' if scene.shell.family == 'nushell' else 'cv-tool'
    scene.add(call).enter().add(call).leave().add(call)
    scene.run(env={'PATH': scene.folder + '/elsewhere:' + BASE_PATH})
    with open(os.path.join(scene.folder, 'ran')) as file:
        assert file.read().split() == ['elsewhere', 'one/bin', 'elsewhere']


# What only the POSIX script can be asked.

STRICT = {
    'plain': '',
    'strict': 'set -eu',
    'noclobber noglob': 'set -eu; set -C; set -f',
    'pipefail': 'set -eu; (set -o pipefail) 2>/dev/null && set -o pipefail',
    'no hashing': 'set -eu; (set +h) 2>/dev/null && set +h || :',
}


@pytest.mark.parametrize('options', STRICT.values(), ids=list(STRICT))
@pytest.mark.parametrize('ps1', ['set', 'empty', 'unset'])
def test_strict_modes(posix_scene, options, ps1):
    scene = posix_scene
    scene.add({'set': "PS1='$ '", 'empty': 'PS1=', 'unset': 'unset PS1'}[ps1], options)
    scene.dump('before').enter().dump_prompt('in').enter().enter('two').leave()
    scene.enter().leave().dump('after').dump_prompt('prompt')
    dumps = scene.run(env={'PYTHONHOME': '/usr'})
    assert dumps['after'] == dumps['before']
    assert dumps['in']['CV_PROMPT'] == {
        'set': b'(one) $ ', 'empty': b'(one) ', 'unset': b'unset'}[ps1]
    assert dumps['prompt']['CV_PROMPT'] == {'set': b'$ ', 'empty': b'', 'unset': b'unset'}[ps1]


@pytest.mark.parametrize('posix', [s for s in SHELLS if s.name == 'zsh'], ids=str,
                         indirect=True)
@pytest.mark.parametrize('option', [
    'ksh_arrays', 'sh_word_split', 'no_unset', 'err_return', 'err_exit', 'no_nomatch',
    'rc_quotes', 'glob_subst', 'csh_null_glob', 'no_global_export',
    'typeset_silent', 'prompt_subst', 'extended_glob', 'no_case_match', 'posix_builtins'])
def test_zsh_options(posix_scene, option):
    scene = posix_scene.add("PS1='$ '", 'setopt ' + option, 'f () {')
    dumps = scene.dump('before').enter().dump_prompt('in').leave().dump('after').add('}; f').run(
        env={'PYTHONHOME': '/usr'})
    assert dumps['after'] == dumps['before']
    assert dumps['in'].pop('CV_PROMPT') == b'(one) $ '
    assert dumps['in'] == scene.inside(dumps['before'])


def test_nothing_is_left_behind(posix_scene):
    scene = posix_scene.enter().leave()
    scene.add('set | grep VIRTUAL | grep -v ^KSH_MATCH > %s/left' % scene.folder,
              'if [ "$(command -v deactivate)" = deactivate ]; then echo function; fi')
    scene.run()
    with open(os.path.join(scene.folder, 'left')) as file:
        assert file.read() == ''


def test_no_cygpath_elsewhere(posix_scene):
    posix_scene.add('cygpath () { echo called >&2; }', 'uname () { echo called >&2; }')
    posix_scene.enter().leave().run()


@pytest.mark.parametrize('name', ['PATH', 'PYTHONHOME', 'PS1', 'ENV', 'ENV_PROMPT'])
def test_variables_of_another_shell_are_ignored(posix_scene, name):
    """CPython's fish script exports _OLD_VIRTUAL_*; in a child these mean nothing."""
    scene = posix_scene.add("PS1='$ '").dump('before').enter().dump('in').leave()
    dumps = scene.dump_prompt('after').run(env={'_OLD_VIRTUAL_' + name: '/stale'})
    del dumps['before']['_OLD_VIRTUAL_' + name]
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'].pop('CV_PROMPT') == b'$ '
    assert dumps['after'] == dumps['before']


def test_nondestructive_keeps_the_function(posix_scene):
    scene = posix_scene.dump('before').enter().add('deactivate nondestructive').dump('after')
    dumps = scene.add('deactivate', 'command -v deactivate || :').run()
    assert dumps['after'] == dumps['before']


def test_unexported_path_is_unexported_again(posix_scene):
    if posix_scene.shell.name in ('dash', 'busybox-ash'):
        pytest.skip('this shell has no way to do it')
    scene = posix_scene.add('' if posix_scene.shell.name.startswith('zsh') else 'unset PATH')
    scene.add('PATH=%s' % BASE_PATH)
    dumps = scene.dump('before').enter().dump('in').leave().dump('after').add(
        'ls >/dev/null', 'PATH=/nonexistent', 'ls 2>/dev/null && echo found || :').run(
            env={'PATH': None})
    assert 'PATH' not in dumps['before']
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'] == dumps['before']


def test_unexported_pythonhome_is_left_alone(posix_scene):
    scene = posix_scene.add('PYTHONHOME=/usr').dump('before').enter().dump('in').leave()
    scene.add('[ "$PYTHONHOME" = /usr ] || echo lost').dump('after')
    dumps = scene.run()
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'] == dumps['before']


def test_in_a_function(posix_scene):
    scene = posix_scene.dump('before').add('work_on () {').enter().add('}', 'work_on').dump('in')
    dumps = scene.add('work_off () {').leave().add('}', 'work_off').dump('after').run()
    assert dumps['in'] == scene.inside(dumps['before'])
    assert dumps['after'] == dumps['before']


def test_in_a_subshell(posix_scene):
    """( ... ) knows all that its parent knew, and changes nothing there."""
    scene = posix_scene.enter('one').dump('one').add('(').enter('two').dump('two')
    dumps = scene.leave().dump('left').add(')').dump('still').leave().dump('after').run()
    assert dumps['two'] == scene.inside(dumps['left'], 'two')
    assert dumps['left'] == dumps['after']
    assert dumps['still'] == dumps['one']


def test_in_a_child(posix_scene):
    """A new shell inside an environment: activating another one and deactivating it restores the first."""
    scene = posix_scene.enter('one').dump('one').add('export PS1')
    child = os.path.join(scene.folder, 'child')
    inner = Scene(scene.shell, scene.folder)
    inner.enter('two').dump('two').leave().dump('left')
    with open(child, 'w') as file:
        file.write('\n'.join(inner.lines) + '\n')
    dumps = scene.add(' '.join(scene.shell.argv + [child])).leave().dump('after').run()
    for label in ('one', 'two', 'left'):
        dumps[label].pop('PS1', None)
    assert dumps['two'] == scene.inside(
        dumps['one'], 'two', path=dumps['one']['PATH'].decode())
    assert dumps['left'] == dumps['one']


@pytest.mark.parametrize('script', ['one', 'two'])
def test_over_an_environment_of_venv(posix_scene, script):
    """Entering over what CPython's own script entered leaves that one first, and
    its script, which knows our names, leaves ours."""
    scene = posix_scene
    theirs = os.path.join(scene.folder, 'theirs')
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', theirs], check=True)
    enter_theirs = '. %s/bin/activate' % theirs
    scene.add("PS1='$ '").dump('before')
    if script == 'one':
        scene.add(enter_theirs).enter()
        dumps = scene.dump_prompt('in').leave().dump_prompt('after').run(env={'PYTHONHOME': '/usr'})
        assert dumps['in'].pop('CV_PROMPT') == b'(one) $ '
        # CPython's exports PS1.
        dumps['in'].pop('PS1', None)
        assert dumps['in'] == scene.inside(dumps['before'])
    else:
        dumps = scene.enter().add(enter_theirs).leave().dump_prompt('after').run(
            env={'PYTHONHOME': '/usr'})
    assert dumps['after'].pop('CV_PROMPT') == b'$ '
    dumps['after'].pop('PS1', None)
    assert dumps['after'] == dumps['before']
