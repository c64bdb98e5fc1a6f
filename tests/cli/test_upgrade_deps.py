# SPDX-License-Identifier: MIT
"""--upgrade-deps: the user's index, in this environment and nowhere else. No network."""

import os

import pytest

import envs
import runner
import wheels

ELSEWHERE = ("target", "prefix", "root")
HARMFUL = {"user": "1", "python": "/bin/false", "dry-run": "1", "ignore-installed": "1"}


@pytest.fixture
def links(box):
    """A folder that serves as index, and a pip.conf that names it."""
    path = os.path.join(box.root, "links")
    for project in ("pip", "setuptools"):
        wheels.write_wheel(path, project, "999.0")
    configure(box, {"no-index": "1", "find-links": path})
    return path


def configure(box, of_pip, of_install=()):
    """Add options to pip.conf."""
    path = os.path.join(box.home, ".config", "pip", "pip.conf")
    text = runner.read(path) if os.path.exists(path) else "[global]\n"
    text += "".join("%s = %s\n" % pair for pair in of_pip.items())
    if of_install:
        text += "[install]\n" + "".join("%s = %s\n" % pair for pair in of_install.items())
    runner.write(path, text=text)


def is_upgraded(env):
    assert env.version() == "999.0"
    assert env.pip("--version").ok().out.startswith("pip 999.0 from %s/" % env.site)
    if env.dist_info("setuptools"):
        assert env.dist_info("setuptools").endswith("setuptools-999.0.dist-info")
    assert not os.path.exists(os.path.join(env.box.home, ".local"))
    assert not os.path.exists(os.path.join(env.box.root, "elsewhere"))


@pytest.mark.parametrize("how", ["variables", "install"])
def test_nothing_is_installed_elsewhere(box, some_py, links, how):
    env = envs.PipEnv(box, some_py)
    options = {**HARMFUL, **{name: os.path.join(box.root, "elsewhere") for name in ELSEWHERE}}
    variables = {}
    if how == "variables":
        variables = {"PIP_" + k.upper().replace("-", "_"): v for k, v in options.items()}
        variables["PIP_REQUIREMENT"] = os.path.join(box.root, "absent.txt")
    else:
        configure(box, {"python": options.pop("python")}, options)
    box.cvenv("-q", "-p", some_py.path, "--upgrade-deps", env.root, env=variables).quiet()
    is_upgraded(env)


def test_relative_names_mean_what_the_user_means(box, newest, links):
    env = envs.PipEnv(box, newest)
    os.rename(links, box.path("wheels"))
    variables = {"PIP_FIND_LINKS": "wheels", "PIP_NO_INDEX": "1"}
    box.cvenv("-q", "-p", newest.path, "--upgrade-deps", "env", env=variables).quiet()
    is_upgraded(env)


@pytest.mark.parametrize(
    "does, said",
    [
        ("shutil.rmtree(glob.glob(here + '-*.dist-info')[0])", "pip is not installed in"),
        ("os.remove(here + '/__init__.py')", "pip/__init__.py' is missing"),
    ],
)
def test_reported_success_of_pip_is_verified(box, newest, does, said):
    """A pip that reports success, whatever it has done."""
    main = "import glob, os, shutil\nhere = os.path.dirname(__file__)\n" + does + "\n"
    files = [f for f in wheels.package("pip", "99.0") if f[0] != "pip/__main__.py"]
    files.append(("pip/__main__.py", main.encode()))
    info = "pip-99.0.dist-info"
    folder = os.path.join(box.root, "wheels")
    wheels.write_wheel(folder, "setuptools", "99.0")
    with open(os.path.join(folder, wheels.wheel_name("pip", "99.0")), "wb") as f:
        f.write(wheels.pack(wheels.entries(files, info)))
    argv = ["-p", newest.path, "--wheel-dir", folder, "--upgrade-deps", "env"]
    box.cvenv(*argv).refused("pip reported success, but", said, box.path("env"))


def test_many_processes_upgrade_one_at_a_time(box, newest, links):
    env = envs.PipEnv(box, newest)
    argv = [box.command, "-q", "-p", newest.path, "--upgrade-deps", env.root]
    children = [box.start(argv) for _ in range(3)]
    for child in children:
        out, err = child.communicate(timeout=runner.TIME_LIMIT)
        box.result(child, out, err).ok()
    is_upgraded(env)
