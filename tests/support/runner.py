# SPDX-License-Identifier: MIT
"""Running the command, and the room a test has: its own root, HOME, caches and environment."""

import dataclasses
import fnmatch
import glob
import json
import os
import re
import shutil
import signal
import stat
import subprocess

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = os.path.dirname(TESTS)
TIME_LIMIT = 180
SANITIZER = re.compile(r"(Address|Leak|Memory|Thread|UndefinedBehavior)Sanitizer|runtime error:")
# Also what names the user's own environments, which tests list and delete.
NEVER_PASSED_ON = re.compile(
    r"PYTHON|PIP_|VIRTUAL_ENV|_OLD_VIRTUAL|CVENV_(?!TEST_)|XDG_|PYENV_"
    r"|(POETRY|HATCH|PIPENV|PDM|PIPX|UV|VIRTUALENV(WRAPPER)?|PRE_COMMIT)_|WORKON_HOME$"
)

# What an environment's interpreter says of itself.
SAYS = r"""
import json, site, sys, sysconfig
said = {
    "sys.prefix": sys.prefix,
    "sys.exec_prefix": sys.exec_prefix,
    "sys.base_prefix": sys.base_prefix,
    "sys.base_exec_prefix": sys.base_exec_prefix,
    "sys.executable": sys.executable,
    "sys._base_executable": getattr(sys, "_base_executable", None),
    "sys.path": sys.path,
    "sysconfig.get_paths": sysconfig.get_paths(),
    "site.getsitepackages": site.getsitepackages(),
    "site.ENABLE_USER_SITE": site.ENABLE_USER_SITE,
}
try:
    from importlib import metadata
    said["distributions"] = sorted(
        "%s %s" % (d.metadata["Name"], d.version)
        for d in metadata.distributions(path=[sysconfig.get_path("purelib")]))
except ImportError:
    pass
sys.stdout.write(json.dumps(said))
"""


def command_path():
    named = os.environ.get("CVENV")
    if named:
        return os.path.abspath(named)
    build = os.environ.get("CVENV_BUILD") or os.path.join(REPOSITORY, "build", "dev")
    return os.path.join(os.path.abspath(build), "src", "cli", "cvenv")


@dataclasses.dataclass
class Result:
    argv: list
    rc: int
    out: str
    err: str

    def __str__(self):
        return "%r\nexit %d\n--- stdout\n%s\n--- stderr\n%s" % (
            self.argv,
            self.rc,
            self.out,
            self.err,
        )

    def ok(self):
        assert self.rc == 0, str(self)
        return self

    def quiet(self):
        """Success, and nothing was said."""
        assert (self.rc, self.out, self.err) == (0, "", ""), str(self)
        return self

    def refused(self, *words, rc=1, out=""):
        """Failure with one clear line, in which each of `words` appears."""
        assert self.rc == rc, str(self)
        assert self.out == out, str(self)
        assert self.err.startswith("cvenv: error: "), str(self)
        assert self.err.count("\n") == 1 and self.err.endswith("\n"), str(self)
        for word in words:
            assert word in self.err, "%r not in the message\n%s" % (word, self)
        return self


def _inherit_no_ignored_signals():
    """Programs inherit a signal that is ignored, but not one that has a handler. The tests may run under
    nohup, or in the background of a shell. preexec_fn would do as well, but costs 6 ms a process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


_inherit_no_ignored_signals()


def changed(env, changes):
    """ENV with the variables in CHANGES, which may be None; a value of None removes one."""
    env = {**env, **(changes or {})}
    return {name: value for name, value in env.items() if value is not None}


class Box:
    """A test's own world. `work` is where environments are made and the current directory."""

    def __init__(self, root, command, shared_cache=None):
        self.root = root
        self.command = command
        self.home = os.path.join(root, "home")
        self.work = os.path.join(root, "work")
        self.tmp = os.path.join(root, "tmp")
        self.bin = os.path.join(root, "path")
        self.cache = shared_cache or os.path.join(root, "cache")
        for directory in (self.home, self.work, self.tmp, self.bin):
            os.mkdir(directory)

    def path(self, *names):
        return os.path.join(self.work, *names)

    def cached(self, pattern):
        """The file "wheels/*/pack" of the cache; or, with "wheels/*/files/@pip/*.py", the one
        that gets that name in environments: in the cache it has its number in the list of files."""
        folder, _, name = pattern.partition("@")
        paths = [path.rstrip("/") for path in sorted(glob.glob(os.path.join(self.cache, "v1", folder)))]
        if not name:
            return paths[0]
        found = []
        for path in paths:  # of each wheel, or of its bytecode
            with open(os.path.join(os.path.dirname(path), "manifest"), "rb") as f:
                names = [os.fsdecode(field) for field in f.read().split(b"\0")[8:-1:5]]
            numbers = [n for n, one in enumerate(names) if fnmatch.fnmatch(one, name)]
            found += [os.path.join(path, str(number)) for number in numbers]
        (path,) = found
        return path

    def environ(self, changes=None):
        env = {k: v for k, v in os.environ.items() if not NEVER_PASSED_ON.match(k)}
        for name in ("COLUMNS", "LINES", "SHELL", "CI", "SOURCE_DATE_EPOCH", "ENSUREPIP_OPTIONS"):
            env.pop(name, None)
        env.update(
            PATH=self.bin + ":/usr/bin:/bin",
            HOME=self.home,
            XDG_CACHE_HOME=os.path.join(self.home, ".cache"),
            CVENV_CACHE_DIR=self.cache,
            TMPDIR=self.tmp,
            LC_ALL="C.UTF-8",
        )
        return changed(env, changes)

    def start(self, argv, env=None, cwd=None, umask=0o022, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(
            argv,
            env=self.environ(env),
            cwd=cwd or self.work,
            umask=umask,
            **more,
        )

    def run(self, argv, timeout=TIME_LIMIT, **more):
        child = self.start(argv, **more)
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise
        return self.result(child, out, err)

    @staticmethod
    def result(child, out, err):
        out = (out or b"").decode("utf-8", "surrogateescape")
        err = (err or b"").decode("utf-8", "surrogateescape")
        result = Result(child.args, child.returncode, out, err)
        assert not SANITIZER.search(err), str(result)
        return result

    def cvenv(self, *args, before=(), **more):
        """Run the command under test."""
        return self.run([*before, self.command, *args], **more)

    def says(self, env_dir, python="python"):
        exe = os.path.join(env_dir, "bin", python)
        # Write no bytecode: the inspection must not change the environment.
        quiet = {"PYTHONDONTWRITEBYTECODE": "1"}
        return json.loads(self.run([exe, "-c", SAYS], cwd=self.root, env=quiet).ok().out)

    def empty_work(self):
        wipe(self.work)
        os.mkdir(self.work)


def wipe(path):
    """Remove a tree, whatever its modes are."""

    def again(function, name, _):
        parent = os.path.dirname(name)
        for one in (parent, name):
            if not os.path.islink(one) and os.path.isdir(one):
                os.chmod(one, stat.S_IRWXU)
        # A background process of cvenv may still add or remove a file.
        if function in (os.scandir, os.open, os.listdir, os.rmdir):
            shutil.rmtree(name, onerror=lambda *_: None)
        else:
            function(name)

    if os.path.lexists(path):
        shutil.rmtree(path, onerror=again)


def environments(root):
    """The directories directly below root (or '.', itself) that are environments."""
    found = set()
    if os.path.exists(os.path.join(root, "pyvenv.cfg")):
        found.add(".")
    for name in os.listdir(root):
        if os.path.exists(os.path.join(root, name, "pyvenv.cfg")):
            found.add(name)
    return found


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8", errors="surrogateescape", newline="") as f:
        return f.read()


def write(*parts, text="", mode=None):
    path = os.path.join(*parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as f:
        f.write(text)
    if mode is not None:
        os.chmod(path, mode)
    return path


def cfg(env_dir):
    """pyvenv.cfg as a dict."""
    pairs = (line.split(" = ", 1) for line in read(env_dir, "pyvenv.cfg").splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def env_works(box, py, name="env"):
    said = box.says(box.path(name))
    assert said["sys.prefix"] == box.path(name)
