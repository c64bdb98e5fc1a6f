# SPDX-License-Identifier: MIT
"""overlayfs, as in containers: directories from the container's image cannot be renamed."""

import os

import pytest

import runner
import trees


@pytest.fixture
def container(cold, newest):
    """A box whose work and cache come from the layer below."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    cold.cache = cold.path("cache")
    cold.cvenv("-p", newest.path, "env").quiet()
    runner.write(cold.work, "env", "mine", text="x")
    below = os.path.join(cold.root, "below")
    os.rename(cold.work, below)
    for name in ("work", "above", "scratch"):
        os.mkdir(os.path.join(cold.root, name))
    where = "lowerdir=%s,upperdir=%s,workdir=%s,redirect_dir=off" % tuple(
        os.path.join(cold.root, name) for name in ("below", "above", "scratch")
    )
    if cold.run(["mount", "-t", "overlay", "overlay", "-o", where, cold.work], cwd="/").rc:
        pytest.skip("no overlayfs can be mounted here")
    yield cold
    cold.run(["umount", "-l", cold.work], cwd="/")


def test_overlay_refuses_to_rename_a_lower_directory(container):
    """Else this file proves nothing."""
    with pytest.raises(OSError):
        os.rename(container.path("env"), container.path("other"))


@pytest.mark.parametrize("args", [[], ["--upgrade"], ["--clear"]], ids=ascii)
def test_an_environment_of_the_image(container, newest, args):
    container.cvenv("-p", newest.path, "--prompt", "new", *args, "env").quiet()
    env = container.path("env")
    assert os.path.exists(os.path.join(env, "mine")) == (args != ["--clear"])
    assert runner.cfg(env)["prompt"] == "'new'"
    assert container.says(env)["sys.prefix"] == env
    assert sorted(os.listdir(container.work)) == ["cache", "env"]
    before = trees.listing(env)
    container.cvenv("-p", newest.path, "--prompt", "new", "--clear", "env").quiet()
    assert {*trees.listing(env)} == {*before} - ({"mine"} if args != ["--clear"] else set())


def test_a_cache_of_the_image(container, newest):
    said = container.cvenv("--cache-clean").ok().out
    assert "removed" in said.lower(), said
    assert not os.listdir(os.path.join(container.cache, "v1", "wheels"))
    container.cvenv("-p", newest.path, "again").quiet()
    container.run([container.path("again", "bin", "pip"), "--version"]).ok()


def test_corrupt_cached_wheel_of_the_image(container, newest):
    """It is created again, as on other file systems."""
    wheels = os.path.join(container.cache, "v1", "wheels")
    for name in os.listdir(wheels):
        with open(os.path.join(wheels, name, "pack"), "ab") as f:
            f.write(b"more")
    container.cvenv("-p", newest.path, "again").quiet()
    container.run([container.path("again", "bin", "pip"), "--version"]).ok()
