# SPDX-License-Identifier: MIT
"""Programs at a terminal: a shell, at which one types and waits for an answer, and the command."""
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

# Colours, titles, cursor movements; and what fish shows at the end of an open line.
ESCAPES = re.compile(
    r'[⏎¶] *\r|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|'
    r'\x1b[()][A-Z0-9]|\x1b[=>78M]|[\x0e\x0f\r]')


class Terminal:
    def __init__(self, argv, env, cwd):
        self.seen = ''
        self.raw = b''
        self.master, slave = pty.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ECHO  # what is typed is not part of what is shown
        termios.tcsetattr(slave, termios.TCSANOW, attributes)

        def own_terminal():
            os.setsid()
            import fcntl
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=env,
                                        cwd=cwd, preexec_fn=own_terminal)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.master)
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def type(self, line):
        self.seen, self.raw = '', b''
        os.write(self.master, os.fsencode(line) + b'\n')

    def wait(self, pattern, seconds=20):
        """Read until the text so far, without escapes, matches; returns the match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    data = b''
                if not data:
                    break
                self.raw += data
                self.seen = ESCAPES.sub('', self.raw.decode('utf-8', 'replace'))
            match = re.search(pattern, self.seen)
            if match:
                return match
        raise AssertionError('no %r in %r' % (pattern, self.seen[-2000:]))


def on_terminal(box, argv, inherited=(), **changes):
    """(exit code, all that the terminal shows)."""
    leader, follower = pty.openpty()
    child = subprocess.Popen(
        argv,
        env=box.environ(dict({"TERM": "dumb", "CI": "1"}, **changes)),
        cwd=box.work,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        pass_fds=inherited,
    )
    for fd in (follower, *inherited):
        os.close(fd)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([leader], [], [], 0.2)[0]:
            try:
                data = os.read(leader, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        elif child.poll() is not None:
            break
    os.close(leader)
    return child.wait(timeout=30), shown.decode().replace("\r\n", "\n")
