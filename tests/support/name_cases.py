# SPDX-License-Identifier: MIT
"""Environments with strange names, and a check that a shell enters and leaves each of them."""
import os
import re

from shells import Failed, read_dump, render

PATH = '/nonexistent'  # csh reads all of it each time
PARTS = 2  # shells at a time, as there are cores
# What a prompt means is only known when it is shown; these can be asked to without a
# terminal.
SHOW_PROMPT = {
    'bash': ': "${PS1@P}"', 'bash-posix': ': "${PS1@P}"',
    'zsh': 'setopt prompt_subst; print -rP -- "$PS1" >/dev/null; '
           'unsetopt prompt_subst; print -rP -- "$PS1" >/dev/null',
    'fish': 'fish_prompt >/dev/null',
    'nushell': 'do $env.PROMPT_COMMAND | ignore',
}


def utf8(text):
    try:
        text.decode()
        return True
    except UnicodeDecodeError:
        return False


def refused(family, directory, prompt):
    """True when this shell's language cannot represent these."""
    both = directory + prompt
    if family == 'csh':
        return b'\n' in both
    if family == 'nushell':
        return not utf8(both)
    if family == 'xonsh':
        return re.search(rb'[$][\w{(\[\x80-\xff]|=~', directory) is not None
    return False


def cannot(shell, directory, prompt):
    """What no script can make right, with the reason; counted, never silent."""
    both = directory + prompt
    if shell.name == 'yash' and not utf8(both):
        return 'yash reads no script with bytes that are not text in the locale'
    return None


class Case:
    def __init__(self, number, out, env_dir, prompt):
        self.number, self.out, self.env_dir, self.prompt = number, out, env_dir, prompt


def make(folder, pairs):
    """Render all; of the environment itself only `bin` is there."""
    cases = []
    for number, (directory, prompt) in enumerate(pairs):
        out = os.path.join(folder, str(number))
        env_dir = os.fsencode(folder) + b'/parent dir/' + directory
        os.makedirs(env_dir + b'/bin', exist_ok=True)
        cases.append(Case(number, out, env_dir, prompt))
    render([(case.out, case.env_dir, case.prompt) for case in cases], extra='nushell,xonsh')
    return cases


def script_for(shell, file, cases):
    lines = [shell.set_prompt('old> '), shell.dump(file, 'before')]
    for case in cases:
        path = os.path.join(case.out, 'bin', shell.script)
        if shell.family == 'nushell':
            # A module is known by its name: each needs its own.
            lines.append('overlay use %s as a%d' % (path, case.number))
        else:
            lines.append(shell.source(path))
        lines.append(shell.dump(file, 'in%d' % case.number))
        lines.append(SHOW_PROMPT.get(shell.name, ''))
        lines.append('overlay hide a%d' % case.number if shell.family == 'nushell'
                     else shell.leave())
    # What one left behind would be seen in the next one, too.
    lines.append(shell.dump(file, 'after'))
    return lines


def check(shell, folder, cases):
    """Enter and leave them all, in two processes side by side."""
    running = []
    for part in range(PARTS):
        place = os.path.join(folder, 'part%d' % part)
        os.makedirs(os.path.join(place, 'cwd'))
        mine = cases[part::PARTS]
        file = os.path.join(place, 'dump')
        process = shell.start(place, script_for(shell, file, mine), env={'PATH': PATH},
                              cwd=os.path.join(place, 'cwd'))
        running.append((process, file, mine, os.path.join(place, 'cwd')))
    problems = []
    for process, file, mine, cwd in running:
        try:
            output = shell.finish(process)
        except Failed as failure:
            output = str(failure)
        if output:
            problems.append('printed: ' + output[:500])
        problems += compare(read_dump(file), mine)
        if os.listdir(cwd):
            problems.append('a name was carried out: %r' % os.listdir(cwd))
    assert not problems, '\n'.join(problems[:20])


def compare(records, cases):
    dumps = dict(records)
    before = dumps.get('before', {})
    if dumps.get('after') != before:
        yield 'after: %r' % dumps.get('after')
    for case in cases:
        want = dict(before, VIRTUAL_ENV=case.env_dir, VIRTUAL_ENV_PROMPT=case.prompt,
                    PATH=case.env_dir + b'/bin:' + PATH.encode())
        got = dumps.get('in%d' % case.number)
        if got != want:
            differ = 'nothing' if got is None else sorted(set(got.items()) ^ set(want.items()))
            yield '%r %r: %s' % (case.env_dir, case.prompt, differ)


def usable(shell, cases):
    chosen = [case for case in cases if not cannot(shell, case.env_dir, case.prompt) and
              not refused(shell.family, case.env_dir, case.prompt)]
    left_out = [case for case in cases if cannot(shell, case.env_dir, case.prompt)]
    if left_out:
        print('%s: %d of %d left out: %s' % (shell, len(left_out), len(cases), cannot(
            shell, left_out[0].env_dir, left_out[0].prompt)))
    return chosen
