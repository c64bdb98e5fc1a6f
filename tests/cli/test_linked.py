# SPDX-License-Identifier: MIT
"""ENV_DIR is a symbolic link: to a directory, which is then used, or to something else."""

import os

import pytest

import runner
import trees

ON_DISK = True  # see session.py


@pytest.fixture
def link(box):
    """`.venv -> disk/env`, which does not exist yet."""
    os.mkdir(os.path.join(box.root, "disk"))
    os.symlink(os.path.join("..", "disk", "env"), box.path(".venv"))
    return box.path(".venv")


def target(box):
    return os.path.join(box.root, "disk", "env")


def make(box, py, *args, **more):
    return box.cvenv("-p", py.path, "--without-pip", *args, **more)


@pytest.mark.parametrize("spelling", [".venv", ".venv/", ".venv/.", ".venv/../.venv", "./.venv"])
def test_environment_in_the_target_of_a_link(box, newest, link, spelling):
    """Created, updated and cleared; the link stays, and the environment has its name."""
    os.mkdir(target(box))
    for args in ([], [], ["--upgrade"], ["--clear"], ["--upgrade"]):
        runner.write(target(box), "mine", text="x")
        make(box, newest, *args, spelling).quiet()
        assert os.readlink(link) == os.path.join("..", "disk", "env")
        assert os.path.exists(os.path.join(target(box), "mine")) == (args != ["--clear"])
        assert box.says(link)["sys.prefix"] == link
        assert 'VIRTUAL_ENV=%s' % link in runner.read(link, "bin", "activate").replace("'", "")
        assert os.listdir(box.work) == [".venv"] and os.listdir(os.path.dirname(target(box))) == ["env"]


def test_pip_in_the_target_of_a_link(box, newest, link):
    if "pip" not in newest.seeds:
        pytest.skip("this Python brings no pip")
    os.mkdir(target(box))
    box.cvenv("-p", newest.path, ".venv").quiet()
    assert link in box.run([os.path.join(link, "bin", "pip"), "--version"]).ok().out


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["clear", "force"])
def test_clear_through_a_link_refuses_what_is_not_an_environment(box, newest, link, force):
    """One may not know where it leads: not even with --force."""
    runner.write(target(box), "precious", text="x")
    make(box, newest, "--clear", *force, ".venv").refused(link, "'precious'", "name the target")
    assert os.listdir(target(box)) == ["precious"]
    os.remove(os.path.join(target(box), "precious"))
    make(box, newest, "--clear", *force, ".venv").quiet()


@pytest.mark.parametrize("args", [[], ["--clear"], ["--upgrade"]], ids=["new", "clear", "upgrade"])
def test_a_link_to_nothing_is_refused(box, newest, link, args):
    for to in (os.readlink(link), ".venv"):
        os.remove(link)
        os.symlink(to, link)
        make(box, newest, *args, ".venv").refused(link, "it is a broken symbolic link")
        assert os.readlink(link) == to
    assert not os.path.lexists(target(box))


def test_a_link_to_a_file_is_refused(box, newest, link):
    runner.write(target(box), text="x")
    make(box, newest, ".venv").refused(link)
    assert runner.read(target(box)) == "x"


def test_link_to_a_refused_directory(box, newest, link):
    """The home directory, its parent, and another environment's bin."""
    make(box, newest, "outer").quiet()
    places = ((box.home, ["--clear"]), (box.root, ["--clear"]), (box.path("outer", "bin"), []))
    for to, args in places:
        os.remove(link)
        os.symlink(to, link)
        before = trees.listing(box.root)
        make(box, newest, *args, ".venv").refused("refusing to")
        assert trees.listing(box.root) == before


def test_json_names_the_link(box, newest, link):
    os.mkdir(target(box))
    said = make(box, newest, "--json", ".venv").ok().out
    assert '"path": "%s"' % link in said
