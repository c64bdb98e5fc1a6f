# SPDX-License-Identifier: MIT
"""The command in a console: UTF-8 and ^C."""

import glob
import io
import os
import pty
import select
import time
import zipfile

import wine

CONTROL_C_EXIT = 0xC000013A & 0xFF  # as much as wine returns


class Console:
    """A pseudo terminal, which wine makes a console of."""

    def __init__(self, box, *args):
        argv = [wine.bench("bin", "wine"), box.command, *args]
        self.out = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(box.work)
            os.execve(argv[0], argv, dict(box.environ(), TERM="xterm"))

    def read_until(self, text, seconds=60):
        end = time.monotonic() + seconds
        while text not in self.out:
            assert time.monotonic() < end, self.out
            if select.select([self.fd], [], [], 1)[0]:
                self.out += os.read(self.fd, 65536)

    def type(self, keys):
        os.write(self.fd, keys)

    def end(self):
        """The exit status."""
        while True:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # EIO: closed
                data = b""
            if not data:
                break
            self.out += data
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_messages_are_utf8(box):
    console = Console(box, "-p", "Z:\\é中\\python.exe", "env")
    assert console.end() == 1
    assert "'Z:\\é中\\python.exe'" in console.out.decode()


def launcher_of(box, py, code):
    """A program that is no Python: a launcher as pip makes them, which runs CODE."""
    wheel, = glob.glob(os.path.join(py.directory, "Lib", "ensurepip", "_bundled", "pip-*.whl"))
    path = os.path.join(box.root, "bin", "python.exe")
    os.makedirs(os.path.dirname(path))
    program = io.BytesIO()
    with zipfile.ZipFile(program, "w") as z:
        z.writestr("__main__.py", code)
    with zipfile.ZipFile(wheel) as z:
        launcher = z.read("pip/_vendor/distlib/t64.exe")
    with open(path, "wb") as f:
        f.write(launcher + b"#!" + py.exe.encode() + b"\n" + program.getvalue())
    os.chmod(path, 0o755)
    return wine.windows_path(path)


def test_control_c_ends_the_command_and_what_it_runs(box, some_py):
    started, survived = os.path.join(box.root, "started"), os.path.join(box.root, "survived")
    slow = launcher_of(
        box, some_py, "import time\nopen(%r, 'w')\ntime.sleep(8)\nopen(%r, 'w')\n"
        % (wine.windows_path(started), wine.windows_path(survived)))
    console = Console(box, "-p", slow, "env")
    end = time.monotonic() + 60
    while not os.path.exists(started):
        assert time.monotonic() < end
        time.sleep(0.1)
    console.type(b"\x03")
    assert console.end() == CONTROL_C_EXIT
    assert "env" not in os.listdir(box.work)
    time.sleep(9)
    assert not os.path.exists(survived), "the child runs on"


def test_redirected_output_has_no_carriage_returns(box, some_py):
    done = box.cvenv("-p", some_py.exe, "--dry-run", "-v", "env").ok()
    assert "\r" not in done.out + done.err
