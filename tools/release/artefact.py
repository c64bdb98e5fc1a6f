# SPDX-License-Identifier: MIT
"""What the scripts of a release have in common. `./dev release` runs them.

A script is run as `python3 tools/release/X.py --dist build/dist ...`. It writes complete files, and
the same bytes for the same tree: members are sorted, belong to root, and have the time of the release.
Its exit status is 0, or CANNOT when this machine lacks something that it needs: the last line on
stderr is then the reason. Everything else is a failure.
"""

import gzip
import io
import os
import re
import subprocess
import sys
import tarfile
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CANNOT = 77


def cannot(reason):
    sys.stderr.write(reason + "\n")
    sys.exit(CANNOT)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def version():
    """That of meson.build."""
    found = re.search(r"^ *version: '([^']+)'", read(os.path.join(ROOT, "meson.build")).decode(), re.M)
    return found[1]


def epoch():
    """The time of the release in seconds: $SOURCE_DATE_EPOCH, or that of the last commit."""
    said = os.environ.get("SOURCE_DATE_EPOCH")
    if not said:
        said = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%ct"],
                              stdout=subprocess.PIPE, check=True).stdout
    return int(said)


def is_windows(target):
    return target.endswith("-windows")


def command_name(target):
    return "cvenv.exe" if is_windows(target) else "cvenv"


def write(path, data):
    """PATH appears with all of DATA, or not at all."""
    new = path + ".new"
    with open(new, "wb") as file:
        file.write(data)
    os.chmod(new, 0o644)
    os.replace(new, path)


def tar_gz(members, seconds):
    """The bytes of a .tar.gz with MEMBERS, {name: (data, mode)}. Its directories are members too."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data, mode in _with_directories(members):
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            info.size = len(data or b"")
            info.mode = mode
            info.mtime = seconds
            info.uname = info.gname = "root"
            tar.addfile(info, io.BytesIO(data or b""))
    return gzip.compress(raw.getvalue(), 9, mtime=0)


def zip_file(members, seconds):
    """The bytes of a .zip with MEMBERS. Times in it have no zone: they are UTC."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, data, mode in _with_directories(members):
            info = zipfile.ZipInfo(name, max(time.gmtime(seconds)[:6], (1980, 1, 1, 0, 0, 0)))
            info.create_system = 3  # Unix, so that the modes count
            info.external_attr = ((0o040000 if data is None else 0o100000) | mode) << 16
            if data is None:
                info.external_attr |= 0x10  # a directory, to MS-DOS
            info.compress_type = zipfile.ZIP_DEFLATED if data else zipfile.ZIP_STORED
            archive.writestr(info, data or b"", compresslevel=9)
    return raw.getvalue()


def _with_directories(members):
    """Sorted (name, data or None, mode). The name of a directory ends with a slash."""
    every = {name: (data, mode) for name, (data, mode) in members.items()}
    for name in members:
        while "/" in name:
            name = name.rpartition("/")[0]
            every[name + "/"] = (None, 0o755)
    return [(name, *every[name]) for name in sorted(every, key=lambda name: name.rstrip("/"))]
