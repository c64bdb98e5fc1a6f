# SPDX-License-Identifier: MIT
"""
Is NAME.exe what pip's distlib makes? distlib runs here as on Windows, with its own launcher replaced.
Usage: launcher_oracle.py TELL
"""
import glob
import io
import os
import struct
import subprocess
import sys
import tempfile
import types
import unittest
import zipfile

TELL = sys.argv.pop()
PROGRAM = b"a launcher\0\xff"
BODY = """import sys

from %(module)s import %(import_name)s

if __name__ == "__main__":
    if sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit(%(func)s())
"""
PATHS = ["C:\\env\\Scripts\\python.exe", "C:\\a b\\python.exe", "Z:\\\xe9\u4e2d\\python.exe", "\\\\?\\C:\\x\\python_d.exe"]


ENTRY = "pip._internal.cli.main:main"


def made(pip, pythons):
    """What cvenv makes of each PYTHON."""
    sent = b""
    for python in pythons:
        text = b"\0".join(part.encode() for part in (python, pip, ENTRY))
        sent += struct.pack("=I", len(text)) + text
    said = io.BytesIO(subprocess.run([TELL, "launcher"], input=sent, stdout=subprocess.PIPE, check=True).stdout)

    def number():
        return struct.unpack("=I", said.read(4))[0]

    return {python: b"".join(said.read(number()) for _ in range(number())) for python in pythons}


def wheels():
    """The wheels of pip on this machine, each with its distlib."""
    found = glob.glob(os.path.join(os.path.dirname(os.__file__), "ensurepip/_bundled/pip-*.whl"))
    found += glob.glob("/usr/share/python-wheels/pip-*.whl")
    found += glob.glob(os.path.expanduser("~/.pyenv/versions/*/lib/python3.*/ensurepip/_bundled/pip-*.whl"))
    by_version = {os.path.basename(path).split("-")[1]: path for path in found}
    return sorted(one for one in by_version.items() if int(one[0].split(".")[0]) >= 19)  # of 3.8 and later


class Launcher(unittest.TestCase):
    def test_one_stored_member(self):
        for data in made("24.3.1", PATHS[:1]).values():
            self.assertTrue(data.startswith(PROGRAM + b"#!" + PATHS[0].encode() + b"\nPK\3\4"))
            with zipfile.ZipFile(io.BytesIO(data)) as z:
                (info,) = z.infolist()
                self.assertIsNone(z.testzip())
                self.assertEqual(info.compress_type, 0)
                self.assertEqual(info.date_time, (1980, 1, 1, 0, 0, 0))
                self.assertEqual(z.read(info).decode().count("main"), 4)

    def test_the_line_end_depends_on_pip(self):
        for pip, end in [("21.1.1", b"\n\r\n"), ("24.2", b"\n\r\n"), ("24.3", b"\n"), ("26.2.1", b"\n")]:
            (data,) = made(pip, PATHS[:1]).values()
            self.assertIn(b"python.exe" + end + b"PK", data)

    def test_as_distlib(self):
        if not wheels():
            self.skipTest("no wheel of pip here")
        for pip, path in wheels():
            code = "import runpy; runpy.run_path(%r)['compare'](%r, %r)" % (__file__, pip, path)
            subprocess.run([sys.executable, "-c", code, TELL], check=True)


def compare(pip, path):
    """In a process of its own: there can only be one pip._vendor."""
    sys.path.insert(0, path)
    from pip._vendor.distlib import scripts

    scripts.os = types.SimpleNamespace(**{k: getattr(os, k) for k in dir(os)})
    zipfile.sys = types.SimpleNamespace(**{**vars(sys), "platform": "win32"})
    scripts.os.name, scripts.os.linesep = "nt", "\r\n"
    with tempfile.TemporaryDirectory() as target:
        scripts.os.environ = {"SOURCE_DATE_EPOCH": "315532800"}  # 1980-01-01
        for python, ours in made(pip, PATHS).items():
            scripts.get_executable = lambda: python
            maker = scripts.ScriptMaker(None, target)
            maker.script_template = BODY
            maker._get_launcher = lambda kind: PROGRAM
            maker.variants = {""}
            (name,) = maker.make("pip = " + ENTRY)
            assert name == os.path.join(target, "pip.exe"), name
            with open(name, "rb") as f:
                theirs = f.read()
            if not hasattr(scripts, "time"):  # below 0.3.6 it ignores SOURCE_DATE_EPOCH
                theirs, ours = theirs[: theirs.index(b"PK")], ours[: ours.index(b"PK")]
            assert theirs == ours, (pip, python, theirs[:300], ours[:300])


if __name__ == "__main__":
    unittest.main()
