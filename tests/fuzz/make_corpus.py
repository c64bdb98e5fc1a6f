# SPDX-License-Identifier: MIT
"""Writes the seeds in corpus/ anew: python3 make_corpus.py"""

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


put("wheel", "deflated.whl", archive(wheel()))
put("wheel", "stored.whl", archive(wheel(), zipfile.ZIP_STORED))
put("wheel", "zip64.whl", archive(wheel(), force_zip64=True))
put("wheel", "comment.zip", archive({"a": "b"}, comment=b"comment"))
put("wheel", "empty.zip", archive({}))
put("wheel", "made", b"\xff".join([METADATA.encode(), WHEEL.encode(), b"", b"demo.py", b"x = 1\n"]))
put("wheel", "made-rows", b"\xff".join([METADATA.encode(), WHEEL.encode(), b"gone,,\n"]))
put("record", "wheel", wheel()[DIST + "RECORD"].encode())
put("record", "quoted", b'"a,b","sha256=""x""",1\r\n\r\na"b,,\r\n"a"b"\n')
put("record", "utf8", "ä/𝜋.py,,\n../../../bin/x,,".encode())
put("scripts", "pip", b"[console_scripts]\npip = p.m:main\npip3.9 = p.m:main\n\n[x]\ny\n")
put("scripts", "extras", b"# c\n[console_scripts]\r\na=b:c.d [e, f]\r\neasy_install = g : h\n")
put("scripts", "path", b"a b/$x/`y`/\"z\"/it's/'''/\\x/\xff\n\t\r/coding=x/python")
put("scripts", "versions", b">=3.8, !=3.9.*, ~=3.1, <4\n1!3.8.1rc2.post3.dev4+local.5")
