# SPDX-License-Identifier: MIT
"""--check of environments that somebody has prepared: findings, and nothing outside is read."""

import os
import shutil

import pytest

import runner
from test_check import Env, checked

ROWS = 300_000  # more than are read


def sparse(*path):
    with open(os.path.join(*path), "wb") as f:
        f.truncate(1 << 30)


def fifo(*path):
    if os.path.lexists(os.path.join(*path)):
        os.unlink(os.path.join(*path))
    os.mkfifo(os.path.join(*path))


def linked(path, outside):
    """Replace PATH by a link to a directory with the same content."""
    there = os.path.join(outside, os.path.basename(path))
    os.rename(path, there)
    os.symlink(there, path)


def nested(env, _):
    path = env.site
    for _ in range(300):
        path = os.path.join(path, "d")
        os.mkdir(path)


def write(*path):
    def make(env, _):
        *names, data = path
        name = os.path.join(env.site, *names)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as f:
            f.write(data)

    return make


INFO = "demo-1.0.dist-info"
# What is done to an environment, and a kind of finding that it must or (with "-") must not have.
CASES = {
    "cfg of 1 GB": (lambda env, _: sparse(env.root, "pyvenv.cfg"), "config-unreadable"),
    "cfg of many lines": (lambda env, _: env.append("pyvenv.cfg", "x = y\n" * 5000), "config-unreadable"),
    "cfg of bytes": (lambda env, _: env.append("pyvenv.cfg", "\0\x1b]0;x\7\n\r = \n"), None),
    "record of 1 GB": (lambda env, _: sparse(env.site, INFO, "RECORD"), "record-invalid"),
    "record of many rows": (write(INFO, "RECORD", b"a,,\n" * ROWS), "record-invalid"),
    "record with .. rows": (write(INFO, "RECORD", b"../../../../../../etc/passwd,,\n" * 1000), "record-outside"),
    "record with odd rows": (write(INFO, "RECORD", b"/etc/shadow,sha256=x,1\n..,,\nbin//x,,\n./.,,\n"), "record-outside"),
    "record with escapes": (write(INFO, "RECORD", b"a\x1b[31mb,,\n"), "record-invalid"),
    "record is a directory": (lambda env, _: (os.unlink(env.info("RECORD")), os.mkdir(env.info("RECORD"))),
                              "record-invalid"),
    "record is a link": (lambda env, out: linked(env.info("RECORD"), out), "record-invalid"),
    "dist-info is a link": (lambda env, out: linked(env.info(), out), "link-outside"),
    "package is a link": (lambda env, out: linked(os.path.join(env.site, "demo"), out), "link-outside"),
    "bin is a link": (lambda env, out: linked(env.bin, out), "link-outside"),
    "site-packages is a link": (lambda env, out: linked(env.site, out), "link-outside"),
    "lib is a link": (lambda env, out: linked(env.at("lib"), out), "link-outside"),
    "loop of links": (lambda env, _: os.symlink("loop", env.at("loop")), "-link-outside"),
    "python is a loop": (lambda env, _: (os.unlink(env.at("bin", "python")), os.symlink("python", env.at("bin", "python"))),
                         "python-missing"),
    "python is a pipe": (lambda env, _: fifo(env.bin, "python"), "python-missing"),
    "python is a directory": (lambda env, _: (os.unlink(env.at("bin", "python")), os.mkdir(env.at("bin", "python"))),
                              "python-missing"),
    "activate is a pipe": (lambda env, _: fifo(env.bin, "activate"), None),
    "activate of 1 GB": (lambda env, _: sparse(env.bin, "activate"), None),
    "script of 1 GB": (lambda env, _: sparse(env.bin, "demo"), None),
    "script with a long line": (lambda env, _: env.edit("bin/demo", r"\A.*", "#!/" + "x/" * 100000), None),
    "pth of 1 GB": (lambda env, _: sparse(env.site, "x.pth"), None),
    "pth is a pipe": (lambda env, _: fifo(env.site, "x.pth"), None),
    "pth of bytes": (write("x.pth", b"/a\0b\n/\xff\x1b[2J\nimport os; os.mkfifo('CANARY')\n"), "editable-missing"),
    "direct_url nested": (write(INFO, "direct_url.json", b'{"editable": true, "url": ' + b"[" * 10000), None),
    "direct_url of bytes": (write(INFO, "direct_url.json", b'{"url": "file:///%00\xff\x1b", "dir_info": {"editable": true}}'), None),
    "finder that does not end": (write("__editable___x_finder.py", b"MAPPING = {'a': '''/nonexistent"), None),
    "installer with escapes": (write(INFO, "INSTALLER", b"\x1b]0;x\7\n"), None),
    "names with escapes": (write(os.fsdecode(b"\x1b[31m\n\xff-1.dist-info"), "RECORD", b""), "record-invalid"),
    "nested directories": (nested, None),
}


@pytest.mark.parametrize("name", CASES)
def test_hostile(box, made, newest, name):
    env = Env(made("cvenv", newest))
    outside = box.path("outside")
    os.mkdir(outside)
    make, kind = CASES[name]
    make(env, outside)
    before = {}
    for where, _, names in os.walk(outside):
        for one in names:
            path = os.path.join(where, one)
            if not os.path.islink(path):
                os.utime(path, (10**9, 10**9))
                before[path] = os.stat(path).st_ctime_ns
    findings = checked(box, env.root, full=True)["findings"]
    found = {f["kind"] for f in findings}
    assert kind is None or (kind[1:] not in found if kind[0] == "-" else kind in found), findings
    for path, changed in before.items():
        st = os.stat(path)
        assert (st.st_atime, st.st_ctime_ns) == (10**9, changed), path
    # for people: one line for each, and no control characters
    said = box.cvenv("--check=full", "-v", env.root)
    assert all(line.startswith(env.root + ": ") and line.isprintable() for line in said.out.splitlines())
    assert not os.path.exists(box.path("CANARY"))


def test_no_environment(box, made, newest):
    """A pipe or a directory in place of pyvenv.cfg makes none."""
    env = Env(made("cvenv", newest))
    fifo(env.root, "pyvenv.cfg")
    box.cvenv("--check", env.root).refused("pyvenv.cfg")
    os.unlink(env.at("pyvenv.cfg"))
    os.mkdir(env.at("pyvenv.cfg"))
    box.cvenv("--check", env.root).refused()


def test_findings_are_limited(box, made, newest):
    env = Env(made("cvenv", newest))
    for i in range(1500):
        os.symlink("/etc", os.path.join(env.site, "link%d" % i))
    findings = checked(box, env.root)["findings"]
    links = [f for f in findings if f["kind"] == "link-outside"]
    assert len(links) == 1000 and links[-1]["detail"].endswith(" (and 500 more like it)")


def test_unreadable_directories(box, made, newest):
    """As an ordinary user: what cannot be listed is not missing."""
    if os.geteuid() == 0:
        pytest.skip("root can read all directories")
    env = Env(made("cvenv", newest))
    os.chmod(os.path.join(env.site, "demo"), 0)
    found = {f["kind"] for f in checked(box, env.root)["findings"]}
    os.chmod(os.path.join(env.site, "demo"), 0o755)
    assert "file-missing" not in found
    shutil.rmtree(env.root)
    runner.write(env.root, "pyvenv.cfg", text="home = /nonexistent\n")
    assert "python-missing" in {f["kind"] for f in checked(box, env.root)["findings"]}
