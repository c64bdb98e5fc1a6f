# SPDX-License-Identifier: MIT
"""Names never seen before, in every shell there is, for as long as asked:

    CVENV_BUILD=<build folder> python3 tests/support/fuzz_shells.py SECONDS [SEED]

Rounds of the generator and the check of test_names.py. The seed is printed at the start;
given again, the same rounds come again. Exit status 1: a name did something, all else about
it is printed.
"""
import os
import random
import secrets
import shutil
import sys
import tempfile
import time

import name_cases
import names
import shells

ROUND = 200  # names
SLOW = {'xonsh': 10}  # it compiles each script


def say(text):
    print('fuzz shells: ' + text, flush=True)


def one_round(seed, order, done, deadline):
    """False when a shell failed. The deadline ends a round between two shells."""
    folder = tempfile.mkdtemp(prefix='cvenv-fuzz-')
    right = True
    try:
        envs = os.path.join(folder, 'envs')
        os.mkdir(envs)
        cases = name_cases.make(envs, names.generate(ROUND, seed))
        for shell in order:
            if time.monotonic() >= deadline:
                break
            mine = [case for case in cases
                    if not name_cases.cannot(shell, case.env_dir, case.prompt) and
                    not name_cases.refused(shell.family, case.env_dir, case.prompt)]
            mine = mine[:SLOW.get(shell.name, ROUND)]
            try:
                name_cases.check(shell, os.path.join(folder, shell.name), mine)
            except AssertionError as failure:
                say('%s failed, with names.generate(%d, %d):\n%s' % (shell, ROUND, seed, failure))
                right = False
            done[shell.name] += len(mine)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return right


def main(seconds, seed=None):
    if not (shells.RENDER and shells.DUMP):
        sys.exit('set CVENV_BUILD to a build folder with tests/shells/render and dump in it')
    seed = secrets.randbits(32) if seed is None else int(seed)
    say('seed %d, %s s' % (seed, seconds))
    there = [shell for shell in shells.SHELLS if shell.program]
    missing = [shell.name for shell in shells.SHELLS if not shell.program]
    if missing:
        say('not on this machine: ' + ', '.join(missing))
    if not there:
        sys.exit('fuzz shells: no shell at all')
    done = dict.fromkeys([shell.name for shell in there], 0)
    deadline = time.monotonic() + float(seconds)
    bad = rounds = 0
    while rounds == 0 or time.monotonic() < deadline:
        # Another order each time: the last ones of a short run are not always the same.
        order = random.Random(seed + rounds).sample(there, len(there))
        bad += not one_round(seed + rounds, order, done, deadline)
        rounds += 1
    say(', '.join('%s %d' % pair for pair in done.items()))
    say('%d names in %d shells, %d rounds failed' % (
        sum(done.values()), sum(map(bool, done.values())), bad))
    return bad > 0 or not any(done.values())


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:3]))
