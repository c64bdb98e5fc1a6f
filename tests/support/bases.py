# SPDX-License-Identifier: MIT
"""Invalid base interpreters."""

import os
import re
import shutil

import runner


def without_wheels(py, where):
    """A real Python at `where` that has no ensurepip and knows no wheel directory.

    The executable is a copy and the library a farm of links, so it costs no time.
    Returns the path of the executable.
    """
    library = os.path.join(where, "lib", py.lib_name)
    os.makedirs(library)
    os.makedirs(os.path.join(where, "bin"))
    for name in os.listdir(py.stdlib):
        source = os.path.join(py.stdlib, name)
        if name in ("ensurepip", "site-packages", "dist-packages", "__pycache__"):
            continue
        if name.startswith("_sysconfigdata"):
            text = runner.read(source)
            text = re.sub(r"(['\"]WHEEL_PKG_DIR['\"]:\s*)(['\"]).*?\2", r"\1''", text)
            runner.write(library, name, text=text)
        else:
            os.symlink(source, os.path.join(library, name))
    os.mkdir(os.path.join(library, "site-packages"))
    executable = os.path.join(where, "bin", "python" + py.x_y)
    shutil.copy(os.path.realpath(py.path), executable)
    return executable


def with_python_version(py, where):
    """Such a Python whose venv writes the key of PEP 838; None if its venv is an unknown one."""
    executable = without_wheels(py, where)
    venv = os.path.join(where, "lib", py.lib_name, "venv")
    source = os.path.realpath(venv)
    os.unlink(venv)
    shutil.copytree(source, venv)
    text = runner.read(venv, "__init__.py")
    line = r"^( *)f\.write\('version = .*\n"
    new = r"\g<0>\1f.write('python-version = %d.%d\\n' % sys.version_info[:2])\n"
    text, count = re.subn(line, new, text, flags=re.M)
    runner.write(venv, "__init__.py", text=text)
    return executable if count == 1 else None


def without_bytecode(py, where):
    """Options that name such a Python and give it the wheels of the real one: no pip is there,
    whose bytecode could be taken."""
    wheels = os.path.dirname(py.seeds["pip"][1])
    return ["-p", without_wheels(py, where), "--wheel-dir", wheels]


def script(path, text):
    """An executable shell script that plays a Python."""
    return runner.write(path, text="#!/bin/sh\n" + text, mode=0o755)


def lose(env, base, gone):
    """As if the base was removed, and the environment moved: both were in GONE."""

    def rewrite(path):
        text = runner.read(path).replace(base, gone).replace(env, os.path.join(gone, "env"))
        mode = os.stat(path).st_mode
        os.unlink(path)  # it may be a link into the cache
        runner.write(path, text=text, mode=mode)

    for name in os.listdir(os.path.join(env, "bin")):
        path = os.path.join(env, "bin", name)
        if os.path.islink(path):
            os.unlink(path)
            os.symlink(os.path.join(gone, "bin", name), path)
        else:
            rewrite(path)
    rewrite(os.path.join(env, "pyvenv.cfg"))
