# SPDX-License-Identifier: MIT
"""Unusual names that a directory or a prompt may have.

Whatever runs a part of one leaves a file named CANARY* in the current directory.
"""
import random

SEED = 20240917
NAME_MAX = 200  # below the 255 of a file system, with room for a directory above

WORST = [
    b'$(touch CANARY1)', b'`touch CANARY2`', b'; touch CANARY3;', b'& touch CANARY4 &',
    b'| touch CANARY5', b'\n touch CANARY6\n', b"'; touch CANARY7; '", b'"; touch CANARY8; "',
    b"'$(touch CANARY9)'", b'"$(touch CANARY10)"', b'\\$(touch CANARY11)', b'\\`touch CANARY12\\`',
    b"\\'; touch CANARY13; \\'", b'$((a[$(touch CANARY14)]))', b'${x:-$(touch CANARY15)}',
    b'<(touch CANARY16)', b'>CANARY17', b'(touch CANARY18)', b'\\044(touch CANARY19)',
    b'\\140touch CANARY20\\140', b'${(e):-$(touch CANARY21)}', b'%(?.$(touch CANARY22).)',
    b'@(__import__("os").system("touch CANARY23"))', b'$[touch CANARY24]', b'![touch CANARY25]',
    b"''' + __import__('os').system('touch CANARY26') + '''", b'{touch CANARY27}',
    b'(^touch CANARY28)', b'$"(^touch CANARY29)"', b'%{$(touch CANARY30)%}',
    b'\r\ntouch CANARY31\r\n', b'!!', b'!1', b'!?touch?', b'a!b', b'!', b'\\!', b'^a^b', b'!$',
    b'name with spaces', b' leading', b'trailing ', b'  ', b'\t', b'tab\there', b'-', b'-x', b'--',
    b'-n', b'-e', b'~', b'~root', b'*', b'?', b'[a-z]', b'[!a]', b'{a,b}', b'#', b'#x', b'a#b',
    b"'", b"''", b"'''", b'"', b'""', b'\\', b'\\\\', b"\\'", b"'\\", b'\\n', b'a\\', b"it's",
    b"\"';&&$e|'\"", b'$HOME', b'${HOME}', b'$', b'$$', b'$1', b'$*', b'%', b'%%', b'%PATH%', b'%n',
    b'%d%t', b'50%', b'%F{red}', b'\\u', b'\\[\\e[31m\\]', b'{RED}', b'{user}', b'{', b'}', b'{{}}',
    b'@ENV_DIR@', b'@PROMPT@', b'@BIN@', b'__VENV_DIR__', b'`', b'a`b', b'()', b'<>', b'a=b', b'=',
    b'=~', b'=ls', b'@', b'@a', b'+', b',', b'a,b', b'\x01', b'\x07', b'\x1b[31m', b'\x7f', b'\r',
    b'\n', b'a\nb', b'a\n', b'\na', b'\x0b\x0c', 'é'.encode(), '日本語'.encode(), '👍'.encode(),
    '‘’‚‛“”'.encode(), '\u2018; touch CANARY32; \u2019'.encode(), '\u202e\u200b'.encode(),
    '\u00a0'.encode(), '\u0085'.encode(), '\u2028'.encode(), '\ufeff'.encode(),
    '\U0010ffff'.encode(),
    b'\xff', b'\xc3', b'a\x80b', b'\xed\xa0\x80', b'\xc0\xaf', b'\x81\x82\x88', b'\xf5\x80\x80\x80',
    b'\xff$(touch CANARY33)', b'\xe2\x80', b"\xe2\x80'; touch CANARY34; '", b'n' * NAME_MAX,
]

_PIECES = [piece for piece in WORST if len(piece) < 24]
_ASCII = [bytes([c]) for c in range(0x20, 0x7f) if c != 0x2f]
_CONTROL = [bytes([c]) for c in [*range(1, 0x20), 0x7f]]
_SPECIAL = [bytes([c]) for c in b'$`\\\'"!%;&|<>(){}[]*?~#=@^ -\n']
_HIGH = [bytes([c]) for c in range(0x80, 0x100)]


def _utf8(rng):
    while True:
        code = rng.choice([rng.randrange(0x80, 0x800), rng.randrange(0x800, 0x10000),
                           rng.randrange(0x10000, 0x110000), rng.randrange(0x2010, 0x2030)])
        if not 0xd800 <= code < 0xe000:
            return chr(code).encode()


def _one(rng):
    kinds = rng.choice([
        [_ASCII], [_SPECIAL], [_SPECIAL, _ASCII], [_PIECES], [_PIECES, _SPECIAL],
        [_ASCII, _CONTROL], [_SPECIAL, None], [_ASCII, None], [_SPECIAL, _HIGH], [_HIGH],
        [_PIECES, _CONTROL, None, _HIGH]])
    name = b''
    for _ in range(rng.randrange(1, 14)):
        kind = rng.choice(kinds)
        name += rng.choice(kind) if kind else _utf8(rng)
    return name[:NAME_MAX].replace(b'/', b'_')


def generate(count, seed=SEED):
    """`count` pairs of a directory's name and a prompt."""
    rng = random.Random(seed)
    return [(_directory(_one(rng)), _one(rng)) for _ in range(count)]


def _directory(name):
    """No ":": it cannot be in an entry of PATH. Neither "." nor ".."."""
    name = name.replace(b'/', b'_').replace(b':', b';')
    return name + b'.' if name.strip(b'.') == b'' else name


def worst():
    """Each of the worst as a directory, and as a prompt."""
    return [(_directory(name), b'plain') for name in WORST] + [(b'plain', name) for name in WORST]


def of_windows(name):
    """The name, with "_" for what no name has there, nor an entry of PATH. UTF-8."""
    text = ''.join('_' if c < ' ' or c in '<>:;"/\\|?*' else c for c in name.decode('utf-8', 'replace'))
    return (text if text.rstrip(' .') == text else text + '_').encode()
