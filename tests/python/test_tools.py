# SPDX-License-Identifier: MIT
"""Tools from the index, each making a real environment through cvenv as doc/tools.md says, and
running something in it. Those that create by virtualenv get the plug-in beside it.
"""

import os
import shutil
import stat

import pytest

import runner

NIGHTLY = pytest.mark.nightly


class Tool:
    """A tool in an environment of its own, with cvenv beside it."""

    def __init__(self, room, py, project, wheel):
        self.room, self.py = room, py
        self.env_dir = os.path.join(room.root, "tool")
        code = "import sys, venv; venv.create(sys.argv[1], symlinks=True, with_pip=True)"
        room.python(py, "-c", code, self.env_dir).quiet()
        python = os.path.join(self.env_dir, "bin", "python")
        asked = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", project, wheel]
        result = room.run([python, "-m", "pip", *asked], env=self.environ(), timeout=600)
        if result.rc:
            pytest.skip("cannot install %s: %s" % (project, result.err.strip().rpartition("\n")[2]))

    def environ(self, **changes):
        """With what is needed to reach the index."""
        env = dict(os.environ)
        env["PATH"] = "%s:%s/bin:%s:/usr/bin:/bin" % (
            self.room.bin,
            self.env_dir,
            os.path.dirname(self.py.path),
        )
        env["PYTHONDONTWRITEBYTECODE"] = env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        env.update(changes)
        return env

    def by_plugin(self, *argv, **changes):
        """Run it with the plug-in chosen, as a user chooses it for all tools."""
        return self(*argv, VIRTUALENV_CREATOR="cvenv", VIRTUALENV_SEEDER="cvenv", **changes)

    def __call__(self, *argv, **changes):
        return self.room.run(argv, env=self.environ(**changes), timeout=600)


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
        f.write(sys.prefix + "\\n" + open(os.path.join(sys.prefix, "pyvenv.cfg")).read())
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


def shim(program, py):
    """The path of a shim of PY."""
    shims = program.room.path("shims")
    program("cvenv", "--install-shims", shims).ok()
    return os.path.join(shims, os.path.basename(py.path))


def test_pipx(tool, room, newest):
    """By a shim."""
    program = tool("pipx")
    project(room)
    python = shim(program, newest)
    home = room.path("pipx")
    places = {"PIPX_HOME": home, "PIPX_BIN_DIR": room.path("bin"), "PIPX_MAN_DIR": room.path("man")}
    result = program("pipx", "install", "--python", python, ".", **places)
    result.ok()
    assert home in program(room.path("bin", "hello"), **places).ok().out
    assert "cvenv" in runner.cfg(os.path.join(home, "venvs", "hello"))


HELLO = "hello from"
PREFIX = "import sys; print(sys.prefix)"


def made(*path):
    """Is it an environment of cvenv that tools take for one of virtualenv?"""
    config = runner.cfg(os.path.join(*path))
    assert {"cvenv", "virtualenv", "version_info", "base-prefix"} <= set(config), config
    return os.stat(os.path.join(*path, "pyvenv.cfg")).st_ino


def test_tox(tool, room, newest):
    """The environment of the tests, and that of the package."""
    program = tool("tox")
    project(room)
    text = "[tox]\nenv_list = one\n\n[testenv]\npackage = wheel\ncommands = hello\n"
    runner.write(room.path("tox.ini"), text=text)
    assert HELLO in program.by_plugin("tox", "run").ok().out
    first = [made(room.path(".tox", name)) for name in ("one", ".pkg")]
    assert HELLO in program.by_plugin("tox", "run", "-r").ok().out
    again = [made(room.path(".tox", name)) for name in ("one", ".pkg")]
    assert first[0] != again[0]


@NIGHTLY
def test_nox(tool, room, newest):
    """By virtualenv; and by venv of a shim."""
    program = tool("nox")
    project(room)
    python = shim(program, newest)
    runner.write(
        room.path("noxfile.py"),
        text="""import nox


@nox.session(venv_backend="virtualenv")
def tests(session):
    session.install(".")
    session.run("hello")


@nox.session(venv_backend="venv", python="%s")
def other(session):
    session.install(".")
    session.run("hello")
"""
        % python,
    )
    for _ in range(2):
        result = program.by_plugin("nox", "-s", "tests").ok()
        assert HELLO in result.out + result.err
        made(room.path(".nox", "tests"))
    result = program("nox", "-s", "other").ok()
    assert HELLO in result.out + result.err
    config = runner.cfg(room.path(".nox", "other"))
    assert "cvenv" in config and "virtualenv" not in config
    result = program.by_plugin("nox", "-R", "-s", "tests").ok()
    assert "Reusing" in result.out + result.err


@NIGHTLY
def test_poetry(tool, room, newest):
    program = tool("poetry")
    project(room)
    places = {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_CONFIG_DIR": room.path("config")}
    for _ in range(2):
        program.by_plugin("poetry", "install", "--no-root", "--no-interaction", **places).ok()
        made(room.path(".venv"))
        assert room.path(".venv") in program.by_plugin("poetry", "run", "python", "-c", PREFIX, **places).ok().out
        program.by_plugin("poetry", "env", "remove", "--all", **places).ok()
        assert not os.path.exists(room.path(".venv"))


@NIGHTLY
def test_hatch(tool, room, newest):
    program = tool("hatch")
    project(room)
    with open(room.path("pyproject.toml"), "a") as file:
        file.write('\n[tool.hatch.envs.default]\npath = ".venv"\nskip-install = true\n')
    for _ in range(2):
        assert room.path(".venv") in program.by_plugin("hatch", "run", "python", "-c", PREFIX).ok().out
        made(room.path(".venv"))
        program.by_plugin("hatch", "env", "remove", "default").ok()
        assert not os.path.exists(room.path(".venv"))


@NIGHTLY
def test_pdm(tool, room, newest):
    program = tool("pdm")
    project(room)
    for force in ([], ["--force"]):
        program.by_plugin("pdm", "venv", "create", *force, "--with", "virtualenv", newest.path).ok()
        made(room.path(".venv"))
    program.by_plugin("pdm", "use", room.path(".venv", "bin", "python")).ok()
    assert room.path(".venv") in program.by_plugin("pdm", "run", "python", "-c", PREFIX).ok().out


@NIGHTLY
def test_pipenv(tool, room, newest):
    program = tool("pipenv")
    runner.write(room.path("Pipfile"), text="[packages]\n")
    places = {"PIPENV_VENV_IN_PROJECT": "1", "PIPENV_YES": "1"}
    for _ in range(2):
        program.by_plugin("pipenv", "install", "--python", newest.path, **places).ok()
        made(room.path(".venv"))
        assert room.path(".venv") in program.by_plugin("pipenv", "run", "python", "-c", PREFIX, **places).ok().out
        program.by_plugin("pipenv", "--rm", **places).ok()


@NIGHTLY
def test_pre_commit(tool, room, newest):
    """It creates an environment once, and again when it does not find it healthy."""
    program = tool("pre-commit")
    if not shutil.which("git"):
        pytest.skip("no git")
    runner.write(
        room.path(".pre-commit-config.yaml"),
        text="""repos:
  - repo: local
    hooks:
      - id: where
        name: where
        language: python
        entry: python -c "%s"
        verbose: true
        pass_filenames: false
        always_run: true
"""
        % PREFIX,
    )
    places = {"PRE_COMMIT_HOME": room.path("hooks"), "HOME": room.home}
    program("git", "init", "--quiet", ".").ok()
    program("git", "add", ".").ok()
    found = []
    for _ in range(2):
        out = program.by_plugin("pre-commit", "run", "--all-files", **places).ok().out
        (prefix,) = [line for line in out.splitlines() if line.startswith(room.path("hooks"))]
        found.append(made(prefix))
    assert found[0] == found[1]  # healthy: version_info and base-executable are right
    program.by_plugin("pre-commit", "clean", **places).ok()
    program.by_plugin("pre-commit", "run", "--all-files", **places).ok()


@NIGHTLY
def test_build_by_virtualenv(tool, room, newest):
    """build uses virtualenv if it has no pip of its own."""
    program = tool("build[virtualenv]")
    where = project(room)
    program("pip", "uninstall", "--yes", "--quiet", "pip").ok()
    program.by_plugin("python", "-m", "build", "--wheel").ok()
    assert os.path.exists(os.path.join(where, "dist", "hello-1.0-py3-none-any.whl"))
    assert "build-env" in runner.read(where, "dist", "prefix")
    assert "cvenv = " in runner.read(where, "dist", "prefix")


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
