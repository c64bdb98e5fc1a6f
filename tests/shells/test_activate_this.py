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
