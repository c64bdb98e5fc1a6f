# SPDX-License-Identifier: MIT
"""ENV_DIR is or contains the base interpreter, or is inside it: no Python is destroyed."""

import os
import shutil
import subprocess

import pytest

import bases
import runner
import trees


@pytest.fixture
def installation(box, newest):
    """(its directory, its interpreter)"""
    where = box.path("py")
    return where, bases.without_wheels(newest, where)


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"], ["--clear", "--force"], ["--copies"]])
def test_the_directory_of_the_base_is_refused(box, installation, args):
    where, python = installation
    os.symlink("py", box.path("link"))
    before = trees.listing(box.work)
    by_link = os.path.join(box.path("link"), os.path.relpath(python, where))
    for base, env_dir in ((python, where), (python, box.path("link")), (by_link, where)):
        said = box.cvenv("-p", base, "--without-pip", *args, env_dir)
        said.refused("refusing to", "base interpreter")
    there = {"PATH": os.path.join(where, "bin") + ":/usr/bin:/bin"}
    os.symlink(os.path.basename(python), os.path.join(where, "bin", "python3"))
    box.cvenv("--without-pip", *args, ".", cwd=where, env=there).refused("base interpreter")
    os.remove(os.path.join(where, "bin", "python3"))
    assert trees.listing(box.work) == before
    box.run([python, "-c", "import os"]).ok()


@pytest.mark.parametrize("args", [["--clear"], ["--clear", "--force"], []])
@pytest.mark.parametrize("part", [".", "py/bin", "py/lib"])
def test_what_contains_a_part_of_the_base_is_refused(box, installation, part, args):
    python = installation[1]
    before = trees.listing(box.work)
    said = box.cvenv("-p", python, "--without-pip", *args, box.path(part), cwd=box.root)
    said.refused("base interpreter")
    assert trees.listing(box.work) == before


def test_no_part_of_the_library_of_the_base_is_cleared(box, installation, newest):
    """Whatever --force says; but an environment in there is only an environment."""
    where, python = installation
    library = os.path.join(where, "lib", newest.lib_name)
    for part in ("package", "site-packages"):
        runner.write(library, part, "module.py", text="")
    before = trees.listing(box.work)
    for part in ("package", "site-packages"):
        said = box.cvenv("-p", python, "--clear", "--force", os.path.join(library, part))
        said.refused("it is in", "base interpreter needs")
    assert trees.listing(box.work) == before
    inside = os.path.join(library, "site-packages", "env")
    for _ in range(2):
        box.cvenv("-p", python, "--without-pip", "--clear", "--force", inside).ok()


def test_the_base_is_found_by_what_its_links_lead_to(box, installation):
    """The interpreter has a name elsewhere, and its files are in ENV_DIR."""
    where, python = installation
    os.symlink(python, os.path.join(box.bin, "python3"))
    before = trees.listing(box.work)
    box.cvenv("--without-pip", where).refused("base interpreter")
    box.cvenv("--without-pip", "--clear", "--force", where).refused("base interpreter")
    assert trees.listing(box.work) == before


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"], ["--clear", "--force"]])
@pytest.mark.parametrize("landmark", ["lib/python3.13/os.py", "lib64/pypy3.10/os.py", "lib/python313.zip"])
def test_another_installation_is_refused(box, newest, landmark, args):
    """For example /usr, if the base is elsewhere: its bin/python3 must not be replaced by a link."""
    runner.write(box.path("py"), landmark, text="x")
    runner.write(box.path("py"), "bin", "python3", text="x", mode=0o755)
    before = trees.listing(box.work)
    said = box.cvenv("-p", newest.path, "--without-pip", *args, "py")
    said.refused("it is a Python installation ('%s')" % landmark)
    assert trees.listing(box.work) == before


# ---------------------------------------------------------------- the environment's own python


@pytest.fixture
def env(box, newest):
    """One that lost what says that it is an environment, so that its python seems to be a base."""
    box.cvenv("-p", newest.path, "--without-pip", "env").quiet()
    runner.write(box.path("env"), "pyvenv.cfg", text="")
    return box.path("env")


def runs(box, newest, env):
    said = box.says(env)
    assert said["sys.prefix"] == env
    assert os.path.realpath(said["sys.base_prefix"]) == os.path.realpath(newest.prefix)
    assert runner.cfg(env)["home"] == os.path.dirname(newest.path)


@pytest.mark.parametrize("args", [[], ["--clear"], ["--copies"], ["--upgrade"]])
def test_own_python_that_links_outside_is_followed(box, newest, env, args):
    there = {"PATH": os.path.join(env, "bin") + ":/usr/bin:/bin", "VIRTUAL_ENV": env}
    box.cvenv("--without-pip", *args, "env", env=there).quiet()
    runs(box, newest, env)
    if args == ["--copies"]:
        return  # from now on it leads nowhere else
    runner.write(env, "pyvenv.cfg", text="")
    box.cvenv("--without-pip", "-p", "env/bin/python", *args, "env").quiet()
    runs(box, newest, env)


def test_its_own_python_is_followed_from_outside(box, newest, env):
    """A link that leads in and out again."""
    os.symlink(os.path.join(env, "bin", "python"), os.path.join(box.bin, "python3"))
    for args in ([], ["--clear"]):
        runner.write(env, "pyvenv.cfg", text="")
        box.cvenv("--without-pip", *args, "env").quiet()
        runs(box, newest, env)


def test_its_own_copy_is_refused(box, newest, env):
    """There is nothing outside that it leads to."""
    box.cvenv("-p", newest.path, "--without-pip", "--copies", "--clear", "env").quiet()
    runner.write(env, "pyvenv.cfg", text="")
    if subprocess.run([os.path.join(env, "bin", "python"), "-c", ""], capture_output=True).returncode:
        pytest.skip("a copy of %s does not start alone" % newest)
    before = trees.listing(env)
    for args in ([], ["--clear"]):
        box.cvenv("-p", "env/bin/python", *args, "env").refused("base interpreter")
    assert trees.listing(env) == before


@pytest.mark.parametrize("args", [[], ["--clear", "--force"]])
def test_a_project_with_a_link_to_a_python(box, newest, args):
    project = box.path("project")
    os.makedirs(os.path.join(project, "bin"))
    os.symlink(newest.path, os.path.join(project, "bin", "python3"))
    there = {"PATH": os.path.join(project, "bin") + ":/usr/bin:/bin"}
    box.cvenv("--without-pip", *args, ".", cwd=project, env=there).quiet()
    runs(box, newest, project)


def test_several_environments_by_the_python_of_one(box, newest, env):
    """What one of them needs is right for the others."""
    box.cvenv("--without-pip", "-p", "env/bin/python", "a", "env", "b").quiet()
    for name in ("a", "env", "b"):
        said = box.says(box.path(name))
        assert os.path.realpath(said["sys.base_prefix"]) == os.path.realpath(newest.prefix)
    shutil.rmtree(box.path("env"))
    box.says(box.path("b"))
