# SPDX-License-Identifier: MIT
"""Tools from the index, each making a real environment through cvenv as doc/tools.md says, and
running something in it.
"""

import os
import shutil
import stat

import pytest

import runner

NIGHTLY = pytest.mark.nightly


class Tool:
    """A tool in an environment of its own, on a PATH where cvenv is too."""

    def __init__(self, room, py, project, wheel):
        self.room, self.py = room, py
        self.env_dir = os.path.join(room.root, "tool")
        code = "import sys, venv; venv.create(sys.argv[1], symlinks=True, with_pip=True)"
        room.python(py, "-c", code, self.env_dir).quiet()
        python = os.path.join(self.env_dir, "bin", "python")
        asked = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", project]
        result = room.run([python, "-m", "pip", *asked], env=self.environ(), timeout=600)
        if result.rc:
            pytest.skip("cannot install %s: %s" % (project, result.err.strip().rpartition("\n")[2]))
        self.cvenv = os.path.join(room.bin, "cvenv")
        self.add("cvenv", self._command(wheel))

    def _command(self, wheel):
        """A command that notes each call, so that it is known to have been used."""
        data = [n for n in os.listdir(self.room.site) if n.endswith(".data")]
        command = os.path.join(self.room.site, *data, "scripts", "cvenv")
        os.chmod(command, os.stat(command).st_mode | stat.S_IXUSR)
        self.log = os.path.join(self.room.root, "calls")
        return '#!/bin/sh\necho "$@" >>\'%s\'\nexec \'%s\' "$@"\n' % (self.log, command)

    def add(self, name, text):
        return runner.write(self.room.bin, name, text=text, mode=0o755)

    def environ(self, **changes):
        """With what is needed to reach the index."""
        env = dict(os.environ)
        env["PATH"] = "%s:%s/bin:%s:/usr/bin:/bin" % (
            self.room.bin,
            self.env_dir,
            os.path.dirname(self.py.path),
        )
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        env.update(changes)
        return env

    def __call__(self, *argv, **changes):
        return self.room.run(argv, env=self.environ(**changes), timeout=600)

    def calls(self):
        return runner.read(self.log).splitlines() if os.path.exists(self.log) else []


@pytest.fixture
def tool(room, newest, wheel, index):
    return lambda project: Tool(room, newest, project, wheel)


def project(room):
    """A project with a backend of its own, that needs nothing from the index."""
    runner.write(
        room.path("pyproject.toml"),
        text="""[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "hello"
version = "1.0"
""",
    )
    runner.write(
        room.path("backend.py"),
        text="""import os, sys, zipfile

FILES = {
    "hello.py": "def main():\\n    print('hello from', __file__)\\n",
    "hello-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: hello\\nVersion: 1.0\\n",
    "hello-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "hello-1.0.dist-info/entry_points.txt": "[console_scripts]\\nhello = hello:main\\n",
}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open(os.path.join(wheel_directory, "prefix"), "w") as f:
        f.write(sys.prefix)
    name = "hello-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        for path, text in FILES.items():
            archive.writestr(path, text)
        archive.writestr("hello-1.0.dist-info/RECORD", "".join(p + ",,\\n" for p in FILES))
    return name


def get_requires_for_build_wheel(config_settings=None):
    return []
""",
    )
    return room.path()


def test_build(tool, room, newest):
    """Its isolated environments, by the import swap."""
    program = tool("build")
    where = project(room)
    swap = "import sys, cvenv; sys.modules['venv'] = cvenv; created = []; make = cvenv.EnvBuilder.create\n"
    swap += "cvenv.EnvBuilder.create = lambda s, d: (created.append(d), make(s, d))[1]\n"
    swap += "from build.__main__ import main; main(['--wheel', '.']); print('created', len(created))"
    python = os.path.join(program.env_dir, "bin", "python")
    result = program(python, "-c", swap, PYTHONPATH=room.site).ok()
    assert "created 1" in result.out
    assert os.path.exists(os.path.join(where, "dist", "hello-1.0-py3-none-any.whl"))
    assert "build-env" in runner.read(where, "dist", "prefix")


def test_pipx(tool, room, newest):
    """By an interpreter that has cvenv for its venv."""
    program = tool("pipx")
    project(room)
    wrapper = program.add(
        "python-with-cvenv",
        """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
    shift 2
    exec cvenv --python '%s' "$@"
fi
exec '%s' "$@"
"""
        % (newest.path, newest.path),
    )
    home = room.path("pipx")
    places = {"PIPX_HOME": home, "PIPX_BIN_DIR": room.path("bin"), "PIPX_MAN_DIR": room.path("man")}
    result = program("pipx", "install", "--python", wrapper, ".", **places)
    result.ok()
    assert [c for c in program.calls() if "venvs/hello" in c], program.calls()
    assert home in program(room.path("bin", "hello"), **places).ok().out
    assert "cvenv" in runner.cfg(os.path.join(home, "venvs", "hello"))


@NIGHTLY
def test_nox(tool, room, newest):
    program = tool("nox")
    project(room)
    runner.write(
        room.path("noxfile.py"),
        text="""import nox


@nox.session(venv_backend="none")
def tests(session):
    env = session.create_tmp() + "/env"
    session.run("cvenv", "--clear", env, external=True)
    session.run(env + "/bin/python", "-m", "pip", "install", "--quiet", ".", external=True)
    session.run(env + "/bin/hello", external=True)
""",
    )
    result = program("nox", "-s", "tests", PIP_DISABLE_PIP_VERSION_CHECK="1").ok()
    assert "hello from" in result.out + result.err
    assert len(program.calls()) == 1


@NIGHTLY
def test_tox(tool, room, newest):
    """By a runner of its own, in toxfile.py."""
    program = tool("tox")
    project(room)
    shutil.copy(os.path.join(runner.REPOSITORY, "doc", "tools", "toxfile.py"), room.path())
    runner.write(
        room.path("tox.ini"),
        text="""[tox]
env_list = one

[testenv]
runner = cvenv
package = wheel
commands = hello
""",
    )
    result = program("tox", "run", PIP_DISABLE_PIP_VERSION_CHECK="1").ok()
    assert "hello from" in result.out
    assert program.calls()
    assert "cvenv" in runner.cfg(room.path(".tox", "one"))


@NIGHTLY
def test_poetry(tool, room, newest):
    """An existing environment is used."""
    program = tool("poetry")
    project(room)
    program("cvenv", room.path(".venv")).ok()
    result = program("poetry", "run", "python", "-c", "import sys; print(sys.prefix)").ok()
    assert room.path(".venv") in result.out


@NIGHTLY
def test_hatch(tool, room, newest):
    program = tool("hatch")
    project(room)
    with open(room.path("pyproject.toml"), "a") as file:
        file.write('\n[tool.hatch.envs.default]\npath = ".venv"\nskip-install = true\n')
    program("cvenv", room.path(".venv")).ok()
    result = program("hatch", "run", "python", "-c", "import sys; print(sys.prefix)").ok()
    assert room.path(".venv") in result.out
    assert "cvenv" in runner.cfg(room.path(".venv"))


def test_direnv(room, newest, wheel):
    direnv = shutil.which("direnv")
    if not direnv:
        pytest.skip("no direnv")
    text = runner.read(runner.REPOSITORY, "doc", "tools", "direnvrc")
    runner.write(room.home, ".config", "direnv", "direnvrc", text=text)
    runner.write(room.path(".envrc"), text="layout cvenv %s\n" % newest.path)
    data = [n for n in os.listdir(room.site) if n.endswith(".data")]
    command = os.path.join(room.site, *data, "scripts", "cvenv")
    os.chmod(command, os.stat(command).st_mode | stat.S_IXUSR)
    os.symlink(command, os.path.join(room.bin, "cvenv"))
    room.run([direnv, "allow", room.path()]).ok()
    said = room.run([direnv, "exec", room.path(), "python", "-c", "import sys; print(sys.prefix)"]).ok()
    made = said.out.strip()
    assert made.startswith(room.path(".direnv")) and "cvenv" in runner.cfg(made)
