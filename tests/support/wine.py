# SPDX-License-Identifier: MIT
"""Windows programs under wine, in the test bench of tools/dev/windows.sh ($CVENV_WINDOWS).

The first process of a wine prefix starts services that inherit its output and keep it open: it
must not be a pipe. Prefix.start() takes care of that, and Prefix.stop() ends all processes.
"""

import contextlib
import dataclasses
import glob
import json
import os
import re
import shutil
import subprocess

import runner

TIME_LIMIT = 300
IDLE_LIMIT = 900  # seconds after which wine's services end, should nobody stop them


def bench(*names):
    return os.path.join(os.environ.get("CVENV_WINDOWS", "/nonexistent"), *names)


def windows_path(path):
    return "Z:" + path.replace("/", "\\")


def unix_path(path):
    assert path[:2].upper() == "Z:", path
    return path[2:].replace("\\", "/")


@dataclasses.dataclass(frozen=True)
class Python:
    """A CPython for Windows in the bench."""

    minor: tuple
    directory: str

    @property
    def path(self):
        return os.path.join(self.directory, "python.exe")

    @property
    def exe(self):
        return windows_path(self.path)

    @property
    def x_y(self):
        return "%d.%d" % self.minor

    @property
    def launchers(self):
        """{name in Scripts: the file that venv copies}"""
        nt = os.path.join(self.directory, "Lib", "venv", "scripts", "nt")
        if self.minor < (3, 13):
            return {name: os.path.join(nt, name) for name in ("python.exe", "pythonw.exe")}
        return {
            "python.exe": os.path.join(nt, "venvlauncher.exe"),
            "pythonw.exe": os.path.join(nt, "venvwlauncher.exe"),
        }

    def __str__(self):
        return "windows-" + self.x_y


def discover(versions):
    """The bench's Pythons, of these versions or all, for session.begin."""
    found = []
    for path in glob.glob(bench("py", "*", "python.exe")):
        match = re.fullmatch(r"(\d+)\.(\d+)", os.path.basename(os.path.dirname(path)))
        if match and (versions is None or match[0] in versions):
            found.append([[int(match[1]), int(match[2])], os.path.dirname(path)])
    return {"found": sorted(found)}


def load(found):
    return [Python(tuple(minor), directory) for minor, directory in found]


class Prefix:
    """A wine prefix: what a user's C: and registry are."""

    def __init__(self, path):
        self.path = path

    def environ(self):
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": os.path.dirname(self.path),
            "WINEPREFIX": self.path,
            "WINEDEBUG": "-all",
            "LC_ALL": "C.UTF-8",
            "PYTHONIOENCODING": "utf-8",
        }

    def create(self):
        """A copy of the bench's. All but wine's programs, which are 250 MB, is its own."""
        shutil.copytree(bench("prefix"), self.path, symlinks=True, copy_function=_link_or_copy)

    def start(self):
        quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = [bench("bin", "wineserver"), "-p%d" % IDLE_LIMIT]
        subprocess.run(server, env=self.environ(), timeout=TIME_LIMIT, **quiet)
        wine = [bench("bin", "wine"), "cmd", "/c", "exit"]
        subprocess.run(wine, env=self.environ(), timeout=TIME_LIMIT, check=True, **quiet)

    def stop(self):
        subprocess.run([bench("bin", "wineserver"), "-k"], env=self.environ(), timeout=60)


def _link_or_copy(source, target):
    if source.endswith((".exe", ".dll", ".drv", ".sys")):
        try:
            os.link(source, target)
            return
        except OSError:
            pass
    shutil.copy2(source, target)


class Windows:
    """A test's own directory, and the programs that it runs there."""

    def __init__(self, root, prefix, command=None, cache=None):
        self.root, self.prefix, self.command = root, prefix, command
        self.work = os.path.join(root, "work")
        self.cache = cache or os.path.join(root, "cache")
        os.mkdir(self.work)

    def path(self, *names):
        """A file below the working directory, for Linux."""
        return os.path.join(self.work, *names)

    def name(self, *names):
        """The same, for Windows."""
        return windows_path(self.path(*names))

    def environ(self, changes=None):
        """Windows adds its own variables: LOCALAPPDATA, TEMP and others come from the registry.
        PATH is WINEPATH here: what is to precede the system's directories."""
        env = dict(self.prefix.environ(), CVENV_CACHE_DIR=windows_path(self.cache))
        return runner.changed(env, changes)

    def start(self, program, *args, env=None, cwd=None, **more):
        """program: a name, or the path of a file for Linux or for Windows."""
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        argv = [bench("bin", "wine"), program, *args]
        return subprocess.Popen(argv, env=self.environ(env), cwd=cwd or self.work, **more)

    def run(self, program, *args, timeout=TIME_LIMIT, **more):
        child = self.start(program, *args, **more)
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.communicate(timeout=10)  # its children may keep the pipes open
            raise
        return self.result(child, out, err)

    @staticmethod
    def result(child, out, err):
        """Each byte that is not UTF-8 becomes text that every process can print."""
        texts = [(data or b"").decode("utf-8", "backslashreplace") for data in (out, err)]
        return runner.Result(child.args, child.returncode, *texts)

    def cvenv(self, *args, **more):
        return self.run(self.command, *args, **more)

    def venv(self, py, *args, **more):
        return self.run(py.path, "-m", "venv", *args, **more)

    def python(self, env_dir, *args, **more):
        """The Python of an environment."""
        return self.run(os.path.join(env_dir, "Scripts", "python.exe"), *args, **more)

    def says(self, env_dir):
        quiet = {"PYTHONDONTWRITEBYTECODE": "1"}
        said = self.python(env_dir, "-c", runner.SAYS, env=quiet, cwd=self.root).ok()
        return json.loads(said.out)

    def empty_work(self):
        runner.wipe(self.work)
        os.mkdir(self.work)
