# SPDX-License-Identifier: MIT
"""Names in UTF-8, and a shell that reads in another encoding.

There a byte of a letter may make one letter with what comes after it: the backslash that was to
protect a "$", or the quote at the end.
"""
import os
import shutil
import subprocess

import pytest

from shells import BASE_PATH, INTERACTIVE, of, render

# The last byte of each is the first half of a letter in one of the encodings at least.
LETTERS = ['中', '送', '丁', '別', 'ソ', 'é']
HOSTILE = ['$(touch CANARY1)', '`touch CANARY2`', '\\$(touch CANARY3)', '\\`touch CANARY4`']
NAMES = [letter + text for letter in LETTERS for text in HOSTILE]
# In GB18030 a letter may have four bytes, of which the second is a digit.
NAMES += ['你0', '你0$(touch CANARY5)你0', '`touch CANARY6` 你0']
ENCODINGS = ['GBK', 'GB18030', 'BIG5', 'SHIFT_JIS']

CHARMAP = """<code_set_name> %s
<comment_char> %%
<escape_char> /
<mb_cur_min> 1
<mb_cur_max> %d
CHARMAP
<U0000>..<U007F> /x00
END CHARMAP
"""
LOCALE = """comment_char %
escape_char /
LC_CTYPE
upper <U0041>..<U005A>
lower <U0061>..<U007A>
space <U0009>..<U000D>;<U0020>
cntrl <U0000>..<U001F>;<U007F>
END LC_CTYPE
"""


@pytest.fixture(scope='session')
def locales(tmp_path_factory):
    """The directory of a locale for each encoding, whose letters are those of the C library."""
    if not shutil.which('localedef'):
        pytest.skip('no localedef on this machine')
    folder = tmp_path_factory.mktemp('locales')
    (folder / 'source').write_text(LOCALE)
    for encoding in ENCODINGS:
        (folder / 'charmap').write_text(CHARMAP % (encoding, 4 if encoding == 'GB18030' else 2))
        subprocess.run(['localedef', '-c', '--no-archive', '-f', str(folder / 'charmap'), '-i',
                        str(folder / 'source'), str(folder / ('xx_XX.' + encoding))],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(folder)


@pytest.mark.parametrize('encoding', ENCODINGS)
@of('bash', 'zsh', 'ksh93', 'yash', 'fish', 'tcsh')
def test_multibyte_letters_do_not_swallow_quotes(shell, folder, locales, encoding):
    """No name is carried out; the first three, which read any bytes, have it as it is."""
    places = [os.path.join(folder, 'env%d' % number) for number in range(len(NAMES))]
    render([(place, place, name) for place, name in zip(places, NAMES)])
    lines = [line for place in places for line in (
        shell.source(os.path.join(place, 'bin', shell.script)), 'printenv VIRTUAL_ENV_PROMPT')]
    cwd = os.path.join(folder, 'cwd')
    os.mkdir(cwd)
    env = {'PATH': BASE_PATH, 'HOME': folder, 'TERM': 'dumb', 'PS1': 'start> ', 'ENV': '/dev/null',
           'LOCPATH': locales, 'LC_ALL': 'xx_XX.' + encoding}
    known = subprocess.run(['locale', 'charmap'], env=env, stdout=subprocess.PIPE).stdout
    if known.decode().strip() != encoding:
        pytest.skip('the C library has no %s' % encoding)
    done = subprocess.run([shell.program] + INTERACTIVE[shell.name], cwd=cwd, env=env, timeout=60,
                          input='\n'.join(lines + ['exit', '']).encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert os.listdir(cwd) == []
    if shell.name in ('bash', 'zsh', 'ksh93'):
        said = done.stdout.split(b'\n')
        assert [name for name in NAMES if not any(
            line.endswith(name.encode()) for line in said)] == []
