# SPDX-License-Identifier: MIT
"""Writes the seeds in corpus/: python3 make_corpus.py"""

import base64
import hashlib
import io
import pathlib
import zipfile

CORPUS = pathlib.Path(__file__).parent / "corpus"
DIST = "demo-1.0.dist-info/"
METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.8\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def put(target, name, data):
    directory = CORPUS / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(data)


def archive(files, method=zipfile.ZIP_DEFLATED, force_zip64=False, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        z.comment = comment
        for name, text in files.items():
            info = zipfile.ZipInfo(name, (2024, 2, 29, 12, 34, 56))
            info.compress_type = method
            info.external_attr = (0o40755 if name.endswith("/") else 0o100755) << 16
            with z.open(info, "w", force_zip64=force_zip64) as f:
                f.write(text.encode())
    return out.getvalue()


def row(name, text):
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"{name},sha256={digest.rstrip(b'=').decode()},{len(text)}\n"


def wheel():
    files = {"demo.py": "x = 1\n", "d/": "", DIST + "METADATA": METADATA, DIST + "WHEEL": WHEEL}
    record = "".join(row(n, t) for n, t in files.items() if not n.endswith("/"))
    return files | {DIST + "RECORD": record + DIST + "RECORD,,\n"}


ANSWER = {
    "base": "/usr/bin/python3.12",
    "home": "/usr/bin",
    "version": "3.12.1",
    "implementation": "cpython",
    "cache_tag": "cpython-312",
    "magic": "cb0d0d0a",
    "abiflags": "",
    "free_threaded": "0",
    "bits64": "1",
    "stdlib": "/usr/lib/python3.12",
    "platlibdir": "lib",
    "scheme_include": "include/python3.12",
    "scheme_purelib": "lib/python3.12/site-packages",
    "scheme_platlib": "lib64/python3.12/site-packages",
    "scheme_scripts": "bin",
    "libpython": "/usr/lib/libpython3.12.so.1.0",
    "libpython_dest": "lib/libpython3.12.so.1.0",
    "pip_wheel": "/usr/lib/python3.12/ensurepip/_bundled/pip-24.2-py3-none-any.whl",
    "setuptools_wheel": "",
    "wheel_dir": "",
    "windows": "0",
    "machine": "",
    "copies": "",
    "launcher_mtime": "0",
    "links": "",
    "init_tcl": "",
    "pre": "",
    "debug": "0",
    "platform": "linux-x86_64-gnu",
    "cfg_python_version": "0",
}
WINDOWS = {
    "windows": "1",
    "machine": "amd64",
    "copies": "python.exe\n/lib/venvlauncher.exe\npythonw.exe\n/lib/venvwlauncher.exe\n",
    "launcher_mtime": "1",
    "links": "python.exe\npython3.12t.exe\npython3.dll\npython3.dll\n",
    "init_tcl": "/src/tcl8.6/init.tcl",
    "cfg_python_version": "1",
}
# The order of the encoded form, and what the answer does not say.
INFO = "path executable base real exe_name home version major minor micro implementation cache_tag"
INFO += " magic abiflags free_threaded bits64 stdlib platlibdir scheme_include scheme_purelib"
INFO += " scheme_platlib scheme_scripts libpython libpython_dest needs_setuptools pip_wheel"
INFO += " setuptools_wheel pip_sha256 setuptools_sha256 wheel_dir cacheable library_path"
INFO += " windows machine copies launcher_mtime links init_tcl real_executable pre debug platform"
INFO += " cfg_python_version"
KNOWN = {
    "path": "/usr/bin/python3",
    "executable": "/usr/bin/python3",
    "real": "/usr/bin/python3.12",
    "exe_name": "python3.12",
    "major": "3",
    "minor": "12",
    "micro": "1",
    "needs_setuptools": "0",
    "pip_sha256": "ab" * 32,
    "setuptools_sha256": "",
    "cacheable": "1",
    "library_path": "",
    "real_executable": "/usr/bin/python3.12",
}


def fields(*values):
    return "".join(str(value) + "\0" for value in values).encode()


def answer(**changes):
    pairs = (ANSWER | changes).items()
    return fields("<<cvenv-probe-1>>", *(text for pair in pairs for text in pair), "<<cvenv-end>>")


def info(*stamps, **changes):
    values = ANSWER | KNOWN | changes
    pairs = (text for name in INFO.split() for text in (name, values[name]))
    return fields("cvenv-info 4", *pairs, len(stamps), *(v for stamp in stamps for v in stamp))


def manifest(*files):
    head = ("cvenv-image", 3, "pip", "24.2", "pip-24.2.dist-info", ">=3.8")
    points = "[console_scripts]\npip = pip._internal.cli.main:main\n"
    return fields(*head, points, len(files), *(v for one in files for v in one))


put("wheel", "deflated.whl", archive(wheel()))
put("wheel", "stored.whl", archive(wheel(), zipfile.ZIP_STORED))
put("wheel", "zip64.whl", archive(wheel(), force_zip64=True))
put("wheel", "made", b"\xff".join([METADATA.encode(), WHEEL.encode(), b"", b"demo.py", b"x = 1\n"]))
put("wheel", "made-rows", b"\xff".join([METADATA.encode(), WHEEL.encode(), b"gone,,\n"]))
put("zip", "deflated.zip", archive(wheel()))
put("zip", "stored.zip", archive(wheel(), zipfile.ZIP_STORED))
put("zip", "zip64.zip", archive(wheel(), force_zip64=True))
put("zip", "comment.zip", archive({"a": "b"}, comment=b"comment"))
put("zip", "record-in-comment.zip", archive({"a": "b"}, comment=b"PK\5\6" + bytes(17)))
put("zip", "empty.zip", archive({}))
put("zip", "utf8.zip", archive({"\xe9/\U0001d70b": "b"}))
put("record", "wheel", wheel()[DIST + "RECORD"].encode())
put("record", "quoted", b'"a,b","sha256=""x""",1\r\n\r\na"b,,\r\n"a"b"\n')
put("record", "utf8", "ä/𝜋.py,,\n../../../bin/x,,".encode())
put("scripts", "pip", b"[console_scripts]\npip = p.m:main\npip3.9 = p.m:main\n\n[x]\ny\n")
put("scripts", "extras", b"# c\n[console_scripts]\r\na=b:c.d [e, f]\r\neasy_install = g : h\n")
put("scripts", "path", b"a b/$x/`y`/\"z\"/it's/'''/\\x/\xff\n\t\r/coding=x/python")
put("scripts", "versions", b">=3.8, !=3.9.*, ~=3.1, <4\n1!3.8.1rc2.post3.dev4+local.5")
put("scripts", "lines", "[console_scripts]\na=b:c\v[x]\nd = e:f\x85\u2028[console_scripts]]\n".encode())
put("pyvenv_cfg", "venv", b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.13.0\n"
    b"prompt = 'a \\'b\\' \\xe9\\u20ac\\U0001d70b'\nexecutable = /usr/bin/python3.13\ncvenv = 0.1.0\n")
put("pyvenv_cfg", "odd", "PROMPT=x\rInclude-System-Site-Packages\xa0=\u3000TRUE\x1c\r\n=\n= =\nprompt".encode())
put("pyvenv_cfg", "virtualenv", b"home = /b\r\nversion_info = 3.12.1.final.0\r\nvirtualenv = 21\r\n"
    b"command = /p -m virtualenv /a b/e\r\n")
put("pyvenv_cfg", "command", b"uv = 1\ncommand = /p -m venv --copies --prompt=\"a\" /b\" /e")
put("pyvenv_cfg", "egg", b"a_b-1.0-py3.8.egg-info")
put("pyvenv_cfg", "written", b"/usr/bin\xff/usr/bin/python3\xffpy\nthon\xff/e\rnv = x\xffit's \"")
put("pyvenv_cfg", "spaces", "/usr/bin\xa0".encode() + b"\xff/usr/bin/\xff\xff")
put("probe", "3.12", answer())
put("probe", "wrapped", b"noise\0" + answer(version="3.8.18", scheme_purelib="", pip_wheel="") + b"noise")
put("probe", "windows", answer(**WINDOWS))
put("probe", "outside", answer(scheme_scripts="../bin", home="relative"))
put("info", "3.12", info(("/usr/bin/python3.12", 1, 2049, 7, 8, 10**18, 10**18)))
put("info", "no-stamps", info())
put("info", "windows", info(**WINDOWS))
put("manifest", "two", manifest(("pip/__init__.py", 7, 1700000000, "-", "sha256=x"),
                                ("pip/run", 0, 0, "x", "")))
put("manifest", "outside", manifest(("../x", 1, 1, "-", "")))
put("manifest", "unsorted", manifest(("b", 1, 1, "-", ""), ("a", 1, 1, "-", "")))
put("manifest", "zeros", manifest(("a", "007", 1, "-", "")))
put("manifest", "many", manifest()[:-2] + b"99999999\0")
put(
    "config",
    "user",
    b"u\npython = '~/p'\nactivators = ['xonsh', 'batch']\nlink-mode = 'copy'\ncopies = true\n"
    b"symlinks = false\nverbose = 2\nwheel-dir = '../w'\ncache-dir = '~'\nno-compile = true\n",
)
put("config", "project", b"p\npython = '>=3.11,<3.14'\nprompt = 'x'\nwithout-pip = true\nsystem-site-packages = false\n")
put("config", "program", b"p\npython = './python'\n")
put("config", "several", b"u\npython = ['3.99', './x', '>=3.9']\n")
put("config", "unknown", b"u\nprmopt = 1\n")
put("config", "exclusive", b"u\ncompile = true\nno-compile = true\n")
put("options", "venv", b"--system-site\n--prompt=x\n--cop\nenv\n--\n-x\n-1.5\n-a b")
put("options", "ours", b"-qvp3.12\n--link-mode=hardlink\n--activators=nushell, xonsh\n--json\nenv")
put("options", "wrong", b"--up\n--symlinks\n--copies\n--clear=x\n-p")
put("options", "variables", b"CVENV_COPIES=Yes\nCVENV_LINK_MODE=copy\nCVENV_VERBOSE=2\n-q\nenv")
put("options", "mistyped", b"CVENV_JSON=maybe\n--prmopt=x\nenv")
put("quote", "all", b"it's \\ \"!\" $x `y` %z% {w} =~ ~/\xe2\x80\x98\n\t\x1b[31m\xff\n(a)")
put("quote", "batch", b'"^!%"&"!^ %PATH% !x! $p (a) < > |')
put("quote", "plain", b"/home/me/.venv")
put("shim", "python-version", b"# pyenv\n3.12.1  # that\n 3.11.7\r\n../../x\nsystem")
put("project", "pyenv", b"\xef\xbb\xbf# pyenv\n3.12.1/envs/web\r\npython-3.11.7 # that\nsystem\nmyenv\n")
put("project", "uv", b">=3.10, <3.13\ncpython@3.12\npypy3.10\n3.13t\n")
put("project", "path", b"3.12\n\n/usr/bin/python3\n")
put("project", "pyproject", b"[project]\nname = 'x'\nrequires-python = ' >=3.9, !=3.9.1,<4 '\n")
put("project", "bad-requires", b"[project]\nrequires-python = '3.9'\n")
ALLOWED = b" " + b"a" * 64 + b" fd00:2a4f01:0 /home/me/p/.venv\n"
put("allowed", "answers", b"yes" + ALLOWED + b"no" + ALLOWED)
put("allowed", "others", b"no" + ALLOWED.replace(b"2a4f", b"2a40") + b"yes %0A\nyes" + ALLOWED[:-1])
put("allowed", "inside", b"no x" + ALLOWED[:-1] + b" yes" + ALLOWED)
put("redirect", "relative", b"../envs/a\n")
put("redirect", "windows", b"C:\\envs\\\xc3\xbc\r\n")
put("redirect", "spaces", b"/a b/c\xc2\xa0\n")
put("redirect", "lines", b"a\xe2\x80\xa8b\n\n")
put("redirect", "mark", b"\xef\xbb\xbfa")
put("shim", "tool-versions", b"nodejs 20\npython 3.12.1 3.11.7 # both\npython 2\n")
put("shim", "mise.toml", b'[env]\nx = "y"\n[tools]\npython = ["3.12",\n "3.11"]\n')
put("shim", "mise-table.toml", b"tools.python = '3.13'\n[tools.python]\nversion = \"3.12\"\n")
put("shim", "mise-inline.toml", b'[tools]\n"python" = { version = "3.12", x = 1 }\n')
put("toml", "pyproject", b"""[build-system]
requires = ["meson-python >= 0.14"] # the back end
[project]
name = "demo"
requires-python = ">=3.11,<3.15"
authors = [
    {name = "A", email = 'a@b.c'},
]
[project.scripts]
demo = "demo:main"
[tool.cvenv]
python = "3.13"
without-pip = true
""")
put("toml", "strings", b'a = "\\b\\t\\"\\\\\\u00e9\\U0001d70b"\n' b"b = 'C:\\x'\nc = '''\nx\n'''''\n"
    b'd = """x\\\n  y"""""\r\n')
put("toml", "numbers", b"a = [0x1F, 0o7_7, 0b1, -9_1, +1.5e-3, -inf, nan, 1e400]\nb = 9223372036854775807")
put("toml", "times", b"[a]\nb = 1979-05-27 07:32:00.5-07:00\nc = 1979-05-27\nd = 07:32:00\ne = 1979-05-27T07:32:00")
put("toml", "tables", b"a . \"b c\".'d' = 1\n[[f]]\ng.h = {}\n[f.i]\n[[f.i.j]]\n[[f]]\n[f.i]\n[x.y]\n[x]\nz = {k.l = [{}, []]}\n")
put("toml", "twice", b"[a]\nb.c = 1\n[a.b]\n")
put("toml", "begun-by-dots", b"[a.b.c]\n[a]\nb.x = 1\n[a.b.d]\n[a.b]\n")
put("toml", "extended", b"a = {}\n[a.b]\n")
put("toml", "not-a-table", b"a = 1\na.b = 2\n")
put("toml", "complete", b"a = {}\na.b = 2\n")
put("toml", "quotes", "a = \u201cx\u201d\n".encode())
put("toml", "open", b'a = [ # one\n"b", """c\n\n')
put("toml", "bad", b"\xef\xbb\xbfa = 1\n\xff")
put("toml", "deep", b"a = " + b"[{a.b=" * 22)
SH_END = b" \"$0\" \"$@\"\n' '''\nimport sys\n"
put("first_line", "plain", b"#! /a/b/bin/python3 -E\nimport sys\n")
put("first_line", "windows", b'#!"C:\\a b\\python.exe"\r\n')
put("first_line", "pip", b"#!/bin/sh\n'''exec' \"/a b/bin/python\"" + SH_END)
put("first_line", "uv", b"#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python'" + SH_END)
put("first_line", "octal", b"#!/bin/sh\n'''exec' \"/\"\"$(printf '\\015\\377')\"'\\''$'" + SH_END)
put("json_edit", "direct-url", b'{"dir_info": {"editable": true}, "url": "file:///a/b%20c"}')
put("json_edit", "escapes", b'{"\\u0075rl": ["a", "\\ud83d\\udc0d\\udcff\\n"], "x": [1.5e-3, NaN, null, {}]}')
put("python_edit", "finder", b"MAPPING: dict[str, str] = {'a': '/a/b', \"c\": \"/a\"} # it's\nf'{x}' rb'''y'''\n")
put("python_edit", "escapes", b"x = '\\x41\\101\\u00e4\\udcff\\N{DOT}\\q\\\n' '\\\\N{DOT}' + \"\"\"a\r\nb\"\"\"\n")
for number, text in enumerate([
    b"home = /usr/bin\r\ncommand = /usr/bin/python3 -m venv /a/b\r\n",
    b"#!/a/b/bin/python\n# EASY-INSTALL-DEV-SCRIPT: 'x'\n__file__ = '/a/x'\n",
    b"MZ\0#!/a/b/bin/python.exe\r\nPK\5\6" + bytes(18),
    b'VIRTUAL_ENV="/a/b"\nPS1="(b) ${PS1:-}"\n',
    b'setenv VIRTUAL_ENV /a/b\nset prompt = "(b) $prompt"\n',
    b'set -gx VIRTUAL_ENV "/a"\nprintf (set_color 4B8BBE) "a" (set_color normal)\n',
    b"/a/b/src\nimport x; y('/a')\n./z\n/a\r\n",
    b'{"url": "file:///a/b%20c", "dir_info": {"editable": true}}',
    b"MAPPING = {'x': '/a/b/x', 'y': \"/a\"}\n",
    b'{"argv": ["/a/b/bin/python", "-m", "ipykernel"]}',
    b'../../../bin/x,sha256=x,1\r\n"/a/b/x,y",,\n/a,sha256=x,\n',
]):
    put("rewrite", str(number), bytes([number]) + text)
for number, text in enumerate([
    b"it's $x\0VIRTUAL_ENV=\"/a/it's $x\"\nPS1=\"(it's $x) ${PS1:-}\"\n",
    b"a!b\n\0setenv VIRTUAL_ENV '/a/'\\!'b'\nset prompt = \"(a!b\n) $prompt\"\n",
    b"\\'\0set -gx VIRTUAL_ENV '/a/\\\\\\''\nset -gx VIRTUAL_ENV ''(status -f)''\n",
    b"\x1b\"\0    let virtual_env = r#'/a/\x1b\"'#\n    const virtual_env = \"/\\u{1b}\\\"\"\n",
    b"\xc3\xa9\xff\0    env_dir = os.fsdecode(b'/\\xc3\\xa9\\xff')\n",
    b"\\\0    env_dir = '/\\\\'\nos.environ[\"VIRTUAL_ENV_PROMPT\"] = \"\\\"\n",
    b"%a\0@set \"VIRTUAL_ENV=C:\\%%a\"\r\n@for %%i in (\"C:\\a\") do @set \"VIRTUAL_ENV=%%~fi\"\r\n",
    b"`x`\0$env:VIRTUAL_ENV_PROMPT = \"`x`\"\n",
]):
    put("activation", str(number), bytes([number]) + text)
put("rewrite", "blank", b"\1#!/a b/bin/x")
