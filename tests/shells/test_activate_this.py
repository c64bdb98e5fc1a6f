# SPDX-License-Identifier: MIT
"""activate_this.py: the environment entered from within a Python that runs."""
import json
import os
import subprocess
import sys

import pytest

from shells import render

REPORT = '''
import json, os, runpy, sys
before = list(sys.path)
for _ in range(%d):
    runpy.run_path(sys.argv[1])
import cv_here
print(json.dumps([ascii(os.fsencode(os.environ['VIRTUAL_ENV'])), os.environ['VIRTUAL_ENV_PROMPT'],
                  ascii(os.fsencode(os.environ['PATH'])), os.environ.get('PYTHONHOME'),
                  sys.prefix == os.environ['VIRTUAL_ENV'], cv_here.__file__ is not None,
                  sys.path[-len(before):] == before, len(sys.path) - len(before)]))
'''


def make(env_dir, **options):
    """With one module and one .pth file in its site-packages."""
    site = os.path.join(env_dir, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
    os.makedirs(site)
    open(os.path.join(site, 'cv_here.py'), 'w').close()
    os.mkdir(os.path.join(site, 'more'))
    with open(os.path.join(site, 'more.pth'), 'w') as file:
        file.write('more\n')
    open(os.path.join(env_dir, 'pyvenv.cfg'), 'w').close()
    render([(env_dir, env_dir, 'it\'s "x"\\')], **options)
    return os.path.join(env_dir, 'bin', 'activate_this.py')


def run(script, times=1, **env):
    result = subprocess.run(
        [sys.executable, '-c', REPORT % times, script], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=dict({'PATH': '/usr/bin', 'LC_ALL': 'C.UTF-8'}, **env))
    assert result.returncode == 0, result.stderr.decode()
    return json.loads(result.stdout.decode())


@pytest.mark.parametrize('relocatable', [False, True])
@pytest.mark.parametrize('name', ['env', 'it\'s "$x" \\ {}', 'é', '\udcff\udcfe', 'a\nb'])
def test_enter(folder, name, relocatable):
    env_dir = os.path.join(folder, name)
    script = make(env_dir, relocatable=relocatable)
    if relocatable:
        moved = os.path.join(folder, 'moved ' + name)
        os.rename(env_dir, moved)
        script, env_dir = script.replace(env_dir, moved), moved
    for times in (1, 2):
        assert run(script, times) == [
            ascii(os.fsencode(env_dir)), 'it\'s "x"\\',
            ascii(os.fsencode(env_dir) + b'/bin:/usr/bin'), None, True, True, True, 2]


def test_through_a_link(folder):
    script = make(os.path.join(folder, 'env'))
    link = os.path.join(folder, 'link.py')
    os.symlink(script, link)
    assert run(link)[0] == ascii(os.fsencode(folder) + b'/env')


def test_of_another_python(folder):
    script = make(os.path.join(folder, 'env'))
    os.rename(os.path.join(folder, 'env', 'lib'), os.path.join(folder, 'env', 'elsewhere'))
    result = subprocess.run([sys.executable, script], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert b'is an environment of another Python' in result.stderr.splitlines()[-1]


SHADOWED = '''
import os, runpy, sys
sys.path.append(sys.argv[2])
runpy.run_path(sys.argv[1])
import cv_twice, cv_listed
assert 'env' in cv_twice.__file__ and 'env' in cv_listed.__file__, (cv_twice, cv_listed)
assert cv_twice.prefix == os.environ['VIRTUAL_ENV'] and cv_listed.stdlib and sys.argv[2] in sys.path
import cv_base
'''


def test_pth_files_import_from_the_environment(folder):
    """What a line `import` names is the environment's, also from a directory that a .pth file adds."""
    script = make(os.path.join(folder, 'env'))
    site = os.path.join(folder, 'env', 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
    base = os.path.join(folder, 'others')
    os.mkdir(base)
    for name in ('cv_twice', 'cv_listed', 'cv_base'):
        with open(os.path.join(base, name + '.py'), 'w') as file:
            file.write('prefix = None\n')
    with open(os.path.join(site, 'cv_twice.py'), 'w') as file:
        file.write('import sys\nprefix = sys.prefix\n')
    with open(os.path.join(site, 'more', 'cv_listed.py'), 'w') as file:
        file.write('import colorsys as stdlib\n')
    with open(os.path.join(site, 'one.pth'), 'w') as file:
        file.write('import cv_twice\n')
    with open(os.path.join(site, 'more.pth'), 'a') as file:
        file.write('import cv_listed\n')
    result = subprocess.run([sys.executable, '-c', SHADOWED, script, base], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    assert (result.returncode, result.stdout) == (0, b'')


UNCHANGED = '''
import os, runpy, sys
def state():
    return dict(os.environ), list(sys.path), sys.prefix, sys.executable, list(sys.meta_path)
before = state()
try:
    runpy.run_path(sys.argv[1])
except RuntimeError as error:
    print(error)
assert state() == before
'''


def test_moved_environment_is_refused(folder):
    script = make(os.path.join(folder, 'env'))
    moved = os.path.join(folder, 'moved')
    os.rename(os.path.join(folder, 'env'), moved)
    result = subprocess.run(
        [sys.executable, '-c', UNCHANGED, script.replace('/env/', '/moved/')],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert result.returncode == 0, result.stdout.decode()
    assert b"/env' is not an environment: was it moved or deleted?" in result.stdout
