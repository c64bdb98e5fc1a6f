# SPDX-License-Identifier: MIT
"""A build backend: meson-python, except that wheels get the tag of the oldest Python they run on.

The extension uses the limited API of 3.8, but meson-python tags a wheel for the Python that
builds it. pyproject.toml names this module as the build backend.
"""

import base64
import hashlib
import os
import re
import sysconfig
import zipfile

import mesonpy
from mesonpy import build_sdist, get_requires_for_build_sdist, get_requires_for_build_wheel

__all__ = [
    "build_editable", "build_sdist", "build_wheel", "get_requires_for_build_editable",
    "get_requires_for_build_sdist", "get_requires_for_build_wheel",
]

OLDEST = "cp38"  # must match Py_LIMITED_API in meson.build


get_requires_for_build_editable = get_requires_for_build_wheel


def _with_extension_of_its_own(settings):
    """Turn the limited API off for a free-threaded Python, which does not support it."""
    settings = dict(settings or {})
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        args = settings.get("setup-args", [])
        args = [args] if isinstance(args, str) else args
        settings["setup-args"] = ["-Dpython.allow_limited_api=false", *args]
    return settings


def _record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return "%s,sha256=%s,%d" % (name, digest, len(data))


def _retag(folder, name):
    """Give a wheel in FOLDER the tag of what it contains: OLDEST if the extension uses the stable ABI,
    and py3-none if there is none. Returns its file name.
    """
    project, version, python, abi, platform = name[:-len(".whl")].split("-")
    path = os.path.join(folder, name)
    with zipfile.ZipFile(path) as old:
        has_extension = any(n.startswith("cvenv/_native.") for n in old.namelist())
    if not has_extension:
        tag = ("py3", "none")
    elif abi == "abi3":
        tag = (OLDEST, abi)
    else:
        return name
    new = "-".join([project, version, *tag, platform]) + ".whl"
    if new == name:
        return name
    with zipfile.ZipFile(path) as old, \
            zipfile.ZipFile(os.path.join(folder, new), "w", zipfile.ZIP_DEFLATED) as out:
        tags = next(n for n in old.namelist() if n.endswith(".dist-info/WHEEL"))
        changed = re.sub(rb"(?m)^Tag: [^-\s]+-[^-\s]+", b"Tag: " + "-".join(tag).encode(), old.read(tags))
        for member in old.infolist():
            data = old.read(member)
            if member.filename == tags:
                data = changed
            elif member.filename.endswith(".dist-info/RECORD"):
                lines = data.decode().splitlines()
                lines = [_record_line(tags, changed) if n.startswith(tags + ",") else n for n in lines]
                data = ("\n".join(lines) + "\n").encode()
            out.writestr(member, data)
    os.remove(path)
    return new


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    settings = _with_extension_of_its_own(config_settings)
    return _retag(wheel_directory, mesonpy.build_wheel(wheel_directory, settings, metadata_directory))


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    settings = _with_extension_of_its_own(config_settings)
    return mesonpy.build_editable(wheel_directory, settings, metadata_directory)
