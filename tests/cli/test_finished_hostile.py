# SPDX-License-Identifier: MIT
"""Hostile environments, and every action on environments that exist.

Whatever somebody has put into an environment: an action ends soon, in little memory, either done or
with one line that says why not. It runs nothing, and reads and writes nothing outside.
"""

import json
import os
import re
import resource
import shutil
import signal
import stat
import time

import pytest

import runner
import special
import trees
from session import NIGHTLY

ON_DISK = True  # see session.py

COPIED = 40 << 20  # for actions that copy: more than is read of any text
SECONDS = 60
MEMORY = 700 << 20  # with AddressSanitizer; one of the files has 1 GiB

# {env}, {new}: missing; {pack}: the same. Of each: does it keep the environment as it is?
ACTIONS = {
    "check": (["--check", "{env}"], True),
    "check full": (["--check=full", "--json", "{env}"], True),
    "list": (["--list", "{parent}"], True),
    "list json": (["--list", "--json", "{parent}"], True),
    "repair": (["--repair", "-p", "{python}", "{env}"], False),
    "repair dry": (["--repair", "--dry-run", "{env}"], True),
    "clone": (["--clone", "{env}", "{new}"], True),
    "clone hardlink": (["--clone", "--link-mode=hardlink", "{env}", "{new}"], True),
    "move": (["--move", "{env}", "{new}"], False),
    "pack": (["--pack", "{env}", "-o", "{pack}.tar.gz"], True),
    "pack directory": (["--pack", "{env}", "-o", "{pack}"], True),
    "remove": (["--remove", "{env}"], False),
    "prune": (["--prune", "--yes", "{parent}"], False),
}
RECORD = "lib/{lib}/site-packages/demo-1.0.dist-info/RECORD"
LEAVES = [
    "bin/activate",
    "bin/activate.fish",
    "bin/demo",
    "bin/python",
    "lib/{lib}/site-packages/demo/__init__.py",
    "lib/{lib}/site-packages/x.pth",
    "lib/{lib}/site-packages/demo-1.0.dist-info/METADATA",
    "lib/{lib}/site-packages/demo-1.0.dist-info/WHEEL",
    "lib/{lib}/site-packages/demo-1.0.dist-info/direct_url.json",
    RECORD,
    ".gitignore",
]
PARTS = [
    "pyvenv.cfg",
    "bin",
    "lib",
    "lib/{lib}",
    "lib/{lib}/site-packages",
    "lib/{lib}/site-packages/demo-1.0.dist-info",
]
KINDS = ["file outside", "directory outside", "pipe", "socket", "device", "loop", "dangling link", "1 GiB"]


def plant(place, name, kind):
    outside = {"file outside": "secret", "directory outside": "directory"}
    path = os.path.join(place.env, place.name(name))
    if kind in outside:
        special.plant(path, "link", os.path.join(place.outside, outside[kind]))
    else:
        special.plant(path, kind)


class Place:
    """An environment with a distribution, and what is outside of it."""

    def __init__(self, box, py):
        self.box, self.py = box, py
        self.env = box.path("parent", "env")
        self.outside = os.path.join(box.root, "outside")
        self.canary = os.path.join(box.root, "CANARY")
        self.template = os.path.join(box.root, "template")
        os.mkdir(box.path("parent"))
        box.cvenv("-q", "-p", py.path, "--without-pip", self.env).quiet()
        self.add_demo()
        os.rename(self.env, self.template)
        for name in ("secret", "directory/secret", "directory/bin/python", "directory/pyvenv.cfg"):
            runner.write(self.outside, name, text="secret = secret\n" * 20)
        os.mkfifo(os.path.join(self.outside, "directory", "pipe"))
        self.before = self.told(self.outside)

    def name(self, pattern):
        return pattern.format(lib=self.py.lib_name)

    def add_demo(self):
        site = self.name("lib/{lib}/site-packages")
        info = site + "/demo-1.0.dist-info"
        files = {
            "bin/demo": "#!%s/bin/python\nimport demo\n" % self.env,
            site + "/demo/__init__.py": "x = 1\n",
            site + "/x.pth": self.env + "/src\n",
            info + "/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
            info + "/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            info + "/INSTALLER": "pip\n",
            info + "/direct_url.json": json.dumps({"url": "file://%s/src" % self.env, "dir_info": {"editable": True}}),
        }
        for name, text in files.items():
            runner.write(self.env, name, text=text, mode=0o755 if name == "bin/demo" else None)
        rows = [os.path.relpath(n, site) + ",,\n" for n in files] + ["demo-1.0.dist-info/RECORD,,\n"]
        runner.write(self.env, info, "RECORD", text="".join(rows))

    def fresh(self):
        """A copy of the environment, and nothing of earlier actions."""
        runner.wipe(self.box.work)
        os.makedirs(self.box.path("parent"))
        shutil.copytree(self.template, self.env, symlinks=True)

    @staticmethod
    def told(root):
        return {n: s for n, s in trees.listing(root).items()} if os.path.isdir(root) else None

    @staticmethod
    def sketch(root):
        """What exists: for environments with huge files."""
        found = {}
        for top, names, files in os.walk(root):
            for name in names + files:
                path = os.path.join(top, name)
                st = os.lstat(path)
                written = 0 if stat.S_ISDIR(st.st_mode) else st.st_mtime_ns
                found[os.path.relpath(path, root)] = (st.st_mode, st.st_size, st.st_ino, written)
        return found

    def act(self, action, before=()):
        """Run it; what must hold whatever it met."""
        words, keeps = ACTIONS[action]
        words = [w.format(env=self.env, parent=os.path.dirname(self.env), new=self.box.path("new"),
                          pack=self.box.path("packed"), python=self.py.path) for w in words]
        was = self.sketch(self.env)
        start = time.monotonic()
        child = self.box.start([*before, self.box.command, *words], start_new_session=True)
        out, err, usage = finish(child)
        result = self.box.result(child, out, err)
        assert time.monotonic() - start < SECONDS, str(result)
        assert usage.ru_maxrss << 10 < MEMORY, "%d KiB\n%s" % (usage.ru_maxrss, result)
        assert result.rc in (0, 1), str(result)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", result.out + result.err), str(result)
        if result.rc and "cvenv: error: " in result.err:
            assert result.err.rstrip("\n").rpartition("\n")[2].startswith("cvenv: error: "), str(result)
        assert self.told(self.outside) == self.before, str(result)
        assert not os.path.exists(self.canary), str(result)
        if keeps:
            assert self.sketch(self.env) == was, str(result)
        elif result.rc and not action.startswith(("repair", "prune")):
            assert os.path.lexists(self.env) or "changed in part" in result.err, str(result)
        left = [n for n in os.listdir(self.box.work) + os.listdir(self.box.path("parent")) if n.startswith(".cvenv-")]
        assert not left, "%s\n%s" % (left, result)
        return result


def finish(child):
    """What it has said, and what it took."""
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child.pid, signal.SIGKILL))
    signal.alarm(SECONDS)
    try:
        out, err = child.stdout.read(1 << 24), child.stderr.read(1 << 24)
        _, status, usage = os.wait4(child.pid, 0)
    finally:
        signal.alarm(0)
    child.stdout.close()
    child.stderr.close()
    child.returncode = os.waitstatus_to_exitcode(status) if hasattr(os, "waitstatus_to_exitcode") else (
        -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
    return out, err, usage


@pytest.fixture
def place(box, newest):
    return Place(box, newest)


def nightly(values, *left_out):
    """Parameters, of which some are for nightly runs only."""
    return [pytest.param(v, marks=pytest.mark.nightly) if v in left_out else v for v in values]


@pytest.fixture(params=nightly(ACTIONS, "check", "list", "repair dry", "clone hardlink", "pack directory"))
def action(request):
    return request.param


@pytest.mark.parametrize("kind", nightly(KINDS, "file outside", "socket", "device", "dangling link"))
def test_special_files(place, action, kind):
    """In the place of all files at once, and of each directory."""
    if kind == "1 GiB" and action.startswith(("clone", "move", "pack")):
        kind = COPIED
    each = [LEAVES] + ([[part] for part in PARTS] if NIGHTLY or kind == "directory outside" else [PARTS[:1]])
    for names in each:
        place.fresh()
        for name in names:
            plant(place, name, kind)
        place.act(action)


HEAD = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
OUTSIDE_ROWS = "../../../../../outside/secret,sha256=AAAA,3\n/etc/passwd,,\n{outside}/secret,sha256=AAAA,320\n"
FORGED = {
    "record outside": {RECORD: OUTSIDE_ROWS + "../../../../../outside/directory/pipe,,\ndemo-1.0.dist-info/RECORD,,\n"},
    "record of a million rows": {RECORD: "demo/__init__.py,,\n" * 1000000},
    "record of one row": {RECORD: "demo/__init__.py,sha256=" + "A" * 3000000 + ",1\n"},
    "record of zeros": {RECORD: "\0" * 100000},
    "record open quote": {RECORD: '"' + "demo/__init__.py,,\n" * 50000},
    "deep json": {"lib/{lib}/site-packages/demo-1.0.dist-info/direct_url.json": '{"url":' * 10000 + "[" * 100000},
    "json with nul": {"lib/{lib}/site-packages/demo-1.0.dist-info/direct_url.json":
                      '{"url": "file:///x\\u0000y", "dir_info": {"editable": true}}'},
    "json escape": {"lib/{lib}/site-packages/demo-1.0.dist-info/direct_url.json":
                    '{"url": "file://{outside}/\\u001b[31m%2e%2e/%00", "dir_info": {"editable": true}}'},
    "name and version": {"lib/{lib}/site-packages/demo-1.0.dist-info/METADATA":
                         "Metadata-Version: 2.1\nName: \x1b[31m../../x\nVersion: 1.0; rm -rf\n"},
    "cfg of another": {"pyvenv.cfg": "home = {outside}/directory/bin\nexecutable = {canary}\nversion = 3.11.2\n"
                                     "base-executable = {canary}\nbase-prefix = {outside}\nuv = 0.1\n"},
    "cfg with escapes": {"pyvenv.cfg": "home = /x\x1b[31m\r\nprompt = '\x1b]0;x\x07'\nversion = 99999999999999999999\n"
                                       "command = /x -m venv /etc\nrelocatable = \n=\n = x\n\n"},
    "cfg of many lines": {"pyvenv.cfg": "home = /usr/bin\n" + "x = y\n" * 20000},
    "cfg of one line": {"pyvenv.cfg": "home = " + "/x" * 40000},
    "shebangs": {"bin/a": "#!{canary}\n", "bin/b": "#!/bin/sh\n'''exec' {canary} \"$0\" \"$@\"\n' '''\n",
                 "bin/c": "#!" + "x" * 100000, "bin/d": "#!/usr/bin/env -S {canary}\n", "bin/e": "#!",
                 "bin/f": "#!{outside}/directory/bin/python\n"},
    "pth": {"lib/{lib}/site-packages/a.pth": "import os; os.system('{canary}')\n",
            "lib/{lib}/site-packages/b.pth": "{outside}/directory\n/\n\x1b[31m\n" + "../" * 2000 + "\n",
            "lib/{lib}/site-packages/__editable___demo_finder.py": "MAPPING = {'x': '%s'}\n" % ("(" * 50000),
            "lib/{lib}/site-packages/c.pth": "import __editable___demo_finder\n" * 10000},
    "startup code": {"lib/{lib}/site-packages/sitecustomize.py": "import os; os.system('{canary}')\n",
                     "lib/{lib}/site-packages/pip/__main__.py": "import os; os.system('{canary}')\n",
                     "lib/{lib}/site-packages/pip-1.0.dist-info/METADATA": HEAD.replace("demo", "pip"),
                     "lib/{lib}/site-packages/pip-1.0.dist-info/RECORD": "pip/__main__.py,,\n"},
    "names": {"bin/new\nline": "#!{env}/bin/python\n", "bin/\x1b[31m": "#!{env}/bin/python\n",
              "lib/{lib}/site-packages/new\nline-1.dist-info/METADATA": HEAD,
              "lib/{lib}/site-packages/..x-1.dist-info/RECORD": OUTSIDE_ROWS, "-rf": "", "$(touch CANARY)": "",
              "lib/{lib}/site-packages/\udcff\udcfe-1.dist-info/METADATA": HEAD,
              "lib/{lib}/site-packages/-.dist-info/METADATA": HEAD, "lib/{lib}/site-packages/.dist-info/RECORD": ""},
    "reserved names": {".cvenv-tmp-1-aaaaaaaa/secret": "x", ".cvenv-clear": "", ".cvenv-old-aaaaaaaa-env/x": "x"},
}


def groups():
    """Each alone in nightly runs; else as few environments as possible."""
    found = []
    for name, files in FORGED.items():
        fits = [g for g in found if not NIGHTLY and not any(f in FORGED[n] for n in g for f in files)]
        if fits:
            fits[0].append(name)
        else:
            found.append([name])
    return found


@pytest.mark.parametrize("forged", groups(), ids=" + ".join)
def test_forged_texts(place, action, forged):
    place.fresh()
    runner.write(place.box.root, "run", text="#!/bin/sh\ntouch %s\n" % place.canary, mode=0o755)
    values = {"outside": place.outside, "canary": os.path.join(place.box.root, "run"), "env": place.env}
    files = {name: text for one in forged for name, text in FORGED[one].items()}
    for name, text in files.items():
        for key, value in values.items():
            text = text.replace("{%s}" % key, value)
        path = os.path.join(place.env, place.name(name))
        runner.write(path, text=text, mode=0o755 if name.startswith("bin/") else None)
    if "pyvenv.cfg" in files:
        for name in ("python", "python3"):
            os.remove(os.path.join(place.env, "bin", name))
            shutil.copy(values["canary"], os.path.join(place.env, "bin", name))
    place.act(action)


def test_hard_links_to_files_of_others(place, action):
    """Nothing is edited in place: the other names keep their bytes."""
    place.fresh()
    for number, name in enumerate(LEAVES):
        path = os.path.join(place.env, place.name(name))
        if name != "bin/python":
            os.link(path, os.path.join(place.outside, "link%d" % number))
    text = {n: runner.read(place.outside, n) for n in os.listdir(place.outside) if n.startswith("link")}
    place.before = place.told(place.outside)
    place.act(action)
    for name, was in text.items():
        assert runner.read(place.outside, name) == was
        os.remove(os.path.join(place.outside, name))


@pytest.mark.parametrize("depth", nightly([300, 3000], 3000))
def test_deep_directories_and_loops_of_links(place, action, depth):
    place.fresh()
    here = os.open(place.env, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        os.symlink("..", "up", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    # The path is too long to be looked at from outside.
    try:
        before, place.sketch = place.sketch, lambda root: None
        place.act(action)
        place.sketch = before
    finally:
        for path in (place.env, place.box.path("new"), place.box.path("packed")):
            if os.path.lexists(path):
                os.system("rm -rf '%s'" % path)


def test_mount_points_are_left_alone(place, action):
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    place.fresh()
    inside = os.path.join(place.env, "mount")
    os.mkdir(inside)
    script = 'mount --bind "$1" "$2" || exit 77; shift 2; "$@"; rc=$?; umount "$0/mount" 2>/dev/null; exit $rc'
    before = ["unshare", "-m", "sh", "-c", script, place.env, os.path.join(place.outside, "directory"), inside]
    trial = place.box.run([*before, "true"])
    if trial.rc:
        pytest.skip("cannot mount here: " + trial.err)
    words, keeps = ACTIONS[action]
    if action.startswith(("clone", "move", "pack", "remove")):
        # The other name space has gone with it.
        result = place.act(action, before)
        assert result.rc == 1 and "mount" in result.err, str(result)
        assert os.path.isdir(inside)
    else:
        place.act(action, before)


OUTSIDE_OF_STRACE = re.compile(r"= \d+<([^>]*)>$")


@pytest.mark.parametrize("kind", nightly(["file outside", "directory outside"], "directory outside"))
def test_nothing_outside_is_opened_or_run(place, action, kind):
    """As strace tells: by the paths of the files that were opened."""
    if not shutil.which("strace"):
        pytest.skip("no strace on this machine")
    log = os.path.join(place.box.root, "log")
    place.fresh()
    for name in LEAVES:
        plant(place, name, kind)
    runner.write(place.env, place.name("lib/{lib}/site-packages/other-1.0.dist-info/RECORD"),
                 text=OUTSIDE_ROWS.replace("{outside}", place.outside))
    strace = ["env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-f", "-y", "-qq", "-o", log, "-e",
              "trace=open,openat,openat2,execve,creat,truncate"]
    place.act(action, strace)
    opened = [m.group(1) for m in map(OUTSIDE_OF_STRACE.search, runner.read(log).splitlines()) if m]
    assert opened and not [path for path in opened if path.startswith(place.outside)]
    executed = re.findall(r'execve\("([^"]*)"', runner.read(log))
    assert not [path for path in executed if path.startswith((place.env, place.outside))]
