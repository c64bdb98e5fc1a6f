# SPDX-License-Identifier: MIT
"""--relocatable: the environment works after it was moved, copied, linked or renamed."""

import os
import re
import shutil
import subprocess

import pytest

import envs
import runner
import wheels
from session import NIGHTLY

STRANGE = [
    "two words",
    "it's",
    'say "x"',
    "new\nline",
    "end\n",
    "$(touch CANARY)",
    "`touch CANARY`",
    "$HOME",
    "back\\slash",
    "-n",
    "*",
    "a;b&c|d",
    "é環",
]
# How to enter $WHERE and to say in what one then is. fish keeps a prompt of its own.
ENTER = {
    "bash": (["bash", "--norc", "-c"], '. "$WHERE/bin/activate"'),
    "zsh": (["zsh", "-f", "-c"], '. "$WHERE/bin/activate"'),
    "ksh93": (["ksh93", "-c"], '. "$WHERE/bin/activate"'),
    "fish": (["fish", "--no-config", "-c"], 'source "$WHERE/bin/activate.fish"'),
}
CANNOT = {
    "dash": (["dash", "-c"], '. "$WHERE/bin/activate"'),
    "mksh": (["mksh", "-c"], '. "$WHERE/bin/activate"'),
    "tcsh": (["tcsh", "-f", "-c"], 'source "$WHERE/bin/activate.csh"'),
}


class Env:
    def __init__(self, box, py, *args):
        self.box, self.py = box, py
        self.place = box.path("made")
        box.cvenv("-p", py.path, "--relocatable", *args, "made").quiet()

    def tool(self, name):
        return os.path.join(self.place, "bin", name)

    def move(self, there):
        os.makedirs(os.path.dirname(there), exist_ok=True)
        os.rename(self.place, there)
        self.place = there
        return self

    def works(self, through=None):
        """pip as a command and as a module, from `place`; THROUGH is another name of it."""
        place = through or self.place
        site = os.path.join(place, "lib", self.py.lib_name, "site-packages", "pip")
        said = self.box.run([os.path.join(place, "bin", "pip"), "--version"]).ok()
        assert re.search(" from %s(/_internal/cli/main.py\n| .python)" % re.escape(site), said.out), str(said)
        assert said.err == ""
        assert runner.read(place, "bin", "pip3") == runner.read(place, "bin", "pip")
        code = "import os, pip, sys; print(sys.prefix, os.path.dirname(pip.__file__), sep='|')"
        said = self.box.run([os.path.join(place, "bin", "python"), "-c", code]).ok()
        assert said.out == "%s|%s\n" % (place, site)
        return self


@pytest.fixture
def env(box, newest):
    return Env(box, newest)


@pytest.fixture
def small_pip(box):
    """Where the subject is a script of pip, and not pip."""
    return wheels.small_pip(box.root)


@pytest.fixture
def small(box, newest, small_pip):
    return Env(box, newest, *small_pip)


# ---------------------------------------------------------------- elsewhere


def test_moved(box, some_py):
    env = Env(box, some_py).works()
    env.move(box.path("deep", "er", "moved")).works()
    assert os.listdir(box.work) == ["deep"]


def test_moved_with_copied_interpreter(box, newest):
    box.cvenv("-p", newest.path, "--relocatable", "--copies", "made").quiet()
    os.rename(box.path("made"), box.path("moved"))
    said = box.run([box.path("moved", "bin", "pip"), "--version"]).ok()
    assert box.path("moved") + "/" in said.out


def test_copied(env):
    """Both are complete and independent."""
    first, second = env.place, env.box.path("second")
    env.box.run(["cp", "-a", first, second]).ok()
    env.works()
    runner.wipe(first)
    env.place = second
    env.works()


def test_packed_and_unpacked(env):
    there = env.box.path("unpacked", "deep")
    os.makedirs(there)
    env.box.run(["tar", "-cf", "env.tar", "made"]).ok()
    env.box.run(["tar", "-xf", env.box.path("env.tar"), "-C", there]).ok()
    runner.wipe(env.place)
    env.place = os.path.join(there, "made")
    env.works()


def test_through_a_linked_directory(small):
    link = small.box.path("link")
    os.symlink("made", link)
    small.works(link)
    small.move(small.box.path("moved"))
    os.unlink(link)
    os.symlink("moved", link)
    small.works(link)


@pytest.mark.parametrize("target", ["absolute", "relative", "twice"])
def test_through_a_link_to_the_script(small, target):
    """~/.local/bin/pip -> .../env/bin/pip: the environment is where the script is."""
    small.move(small.box.path("moved"))
    os.mkdir(small.box.path("tools"))
    link = small.box.path("tools", "mypip")
    os.symlink(small.tool("pip") if target == "absolute" else "../moved/bin/pip", link)
    if target == "twice":
        os.symlink("mypip", small.box.path("tools", "again"))
        link = small.box.path("tools", "again")
    for argv, path in (([link], None), (["mypip"], small.box.path("tools") + ":/usr/bin:/bin")):
        said = small.box.run(argv + ["--version"], env={"PATH": path} if path else None).ok()
        assert " from %s/" % small.place in said.out


def test_from_path_and_by_relative_paths(small):
    small.move(small.box.path("moved"))
    bin_dir = small.tool("")
    for argv, cwd, path in (
        (["pip"], None, bin_dir + ":/usr/bin:/bin"),
        (["./pip"], bin_dir, None),
        (["bin/pip"], small.place, None),
        (["../moved/bin/pip"], small.place, None),
        (["pip"], small.place, "bin:/usr/bin:/bin"),
    ):
        said = small.box.run(
            ["env"] + argv + ["--version"], cwd=cwd, env={"PATH": path} if path else None
        ).ok()
        assert " from %s/" % small.place in said.out, str(said)


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "ksh93", "mksh", "yash", "busybox"])
def test_given_to_a_shell(small, shell):
    """`sh pip`, in bin: then $0 has no slash."""
    if not shutil.which(shell):
        pytest.skip("no %s on this machine" % shell)
    small.move(small.box.path("moved"))
    argv = [shell, "sh"] if shell == "busybox" else [shell]
    said = small.box.run(argv + ["pip", "--version"], cwd=small.tool("")).ok()
    assert " from %s/" % small.place in said.out
    said = small.box.run(argv + [small.tool("pip"), "--version"]).ok()
    assert " from %s/" % small.place in said.out


def test_given_to_python(small):
    """The first lines are for sh; to Python they are a string."""
    small.move(small.box.path("moved"))
    said = small.box.run([small.tool("python"), small.tool("pip"), "--version"]).ok()
    assert " from %s/" % small.place in said.out and said.err == ""


@pytest.mark.parametrize("name", STRANGE if NIGHTLY else STRANGE[::3], ids=ascii)
def test_moved_to_a_strange_name(small, name):
    small.move(small.box.path(name)).works()
    said = small.box.run(["sh", "pip", "--version"], cwd=small.tool("")).ok()
    assert said.err == ""
    os.symlink(small.tool("pip"), small.box.path("link"))
    said = small.box.run([small.box.path("link"), "--version"]).ok()
    assert " from %s/" % small.place in said.out and said.err == ""
    assert sorted(os.listdir(small.box.work)) == sorted([name, "link"])


@pytest.mark.parametrize("name", STRANGE if NIGHTLY else STRANGE[1::3], ids=ascii)
def test_made_under_a_strange_name(box, newest, small_pip, name):
    box.cvenv("-p", newest.path, *small_pip, "--relocatable", "--", name).ok()
    os.rename(box.path(name), box.path("plain"))
    said = box.run([box.path("plain", "bin", "pip"), "--version"]).ok()
    assert " from %s/" % box.path("plain") in said.out


def test_a_strange_name_of_the_base(box, newest, small_pip):
    """The name by which the interpreter is called is part of the script."""
    for name in ("my python", "py'th\"on", "$(touch CANARY)", "p`y"):
        base = os.path.join(box.bin, name)
        os.symlink(newest.path, base)
        box.cvenv("-p", base, *small_pip, "--relocatable", "--clear", "env").quiet()
        os.rename(box.path("env"), box.path("moved"))
        said = box.run([box.path("moved", "bin", "pip"), "--version"]).ok()
        assert " from %s/" % box.path("moved") in said.out
        assert os.listdir(box.work) == ["moved"]
        runner.wipe(box.path("moved"))


# ---------------------------------------------------------------- pip


def test_pip_installs_and_uninstalls(env):
    """A command that pip writes is pip's own and names the place where it was written."""
    env.move(env.box.path("moved"))
    entry = ("cvhello-1.0.dist-info/entry_points.txt", b"[console_scripts]\nhi = cvhello:main\n")
    body = ("cvhello/__init__.py", b"def main():\n    import sys\n    print(sys.prefix)\n")
    files = [f for f in wheels.package("cvhello", "1.0") if f[0] != body[0]] + [entry, body]
    wheel = env.box.path(wheels.wheel_name("cvhello", "1.0"))
    with open(wheel, "wb") as f:
        f.write(wheels.pack(wheels.entries(files, "cvhello-1.0.dist-info")))
    env.box.run([env.tool("pip"), "install", "--no-index", "--quiet", wheel]).ok()
    assert env.box.run([env.tool("hi")]).ok().out == env.place + "\n"
    assert runner.read(env.tool("hi")).startswith("#!%s/bin/python" % env.place)
    env.box.run([env.tool("pip"), "check"]).ok()
    env.box.run([env.tool("pip"), "uninstall", "--yes", "--quiet", "cvhello"]).ok()
    assert not os.path.exists(env.tool("hi"))
    env.works()


def test_pip_removes_its_own_scripts(env):
    env.move(env.box.path("moved"))
    env.box.run([env.tool("python"), "-m", "pip", "uninstall", "--yes", "--quiet", "pip"]).ok()
    assert not [n for n in os.listdir(env.tool("")) if n.startswith("pip")]


@pytest.mark.parametrize("moved", [False, True])
def test_record_is_right(env, moved):
    if moved:
        env.move(env.box.path("moved"))
    said = env.box.run([env.tool("python"), "-c", envs.VERIFY]).ok().out.splitlines()
    assert len(said) == 1 and int(said[0].split()[0]) > 100, said


# ---------------------------------------------------------------- activation


TELL = (
    "import os, shutil, sys; "
    'print(os.environ["VIRTUAL_ENV"], sys.prefix, shutil.which("pip"), sep="|")'
)


def in_shell(env, argv, enter, after):
    if not shutil.which(argv[0]):
        pytest.skip("no %s on this machine" % argv[0])
    return env.box.run(argv + [enter + after], env={"WHERE": env.place})


@pytest.mark.parametrize("shell", ENTER)
@pytest.mark.parametrize("name", ["plain", *(STRANGE if NIGHTLY else STRANGE[2::3])], ids=ascii)
def test_activation(small, shell, name):
    if shell == "fish" and name.endswith("\n"):
        pytest.skip("fish gives the name of a directory without line breaks at its end")
    if shell == "zsh" and "\n" in name:
        pytest.skip("zsh gives the name of a script without its control characters")
    argv, enter = ENTER[shell]
    small.move(small.box.path(name))
    tell = "; python -c '%s'" % TELL + ("; pip --version" if name == "plain" else "")
    said = in_shell(small, argv, enter, tell + "; deactivate").ok()
    assert said.err == ""
    lines = said.out.replace(small.place, "PLACE").splitlines()
    assert lines[0] == "PLACE|PLACE|PLACE/bin/pip"
    if name == "plain":
        assert lines[1].split(" from ")[1].startswith("PLACE/lib/")
    assert os.listdir(small.box.work) == [name]


@pytest.mark.parametrize("shell", CANNOT)
def test_shells_without_script_location_print_an_error(small, shell):
    argv, enter = CANNOT[shell]
    tail = " || echo failed=$VIRTUAL_ENV" if shell != "tcsh" else ""
    said = in_shell(small, argv, enter, tail)
    assert "relocatable" in said.err and said.err.count("\n") == 1, str(said)
    assert said.out == ("failed=\n" if tail else "")
    assert tail or said.rc == 1


def test_activate_this(small):
    small.move(small.box.path("moved"))
    code = "import runpy, sys; runpy.run_path(%r); print(sys.prefix)"
    said = small.box.run([small.py.path, "-c", code % small.tool("activate_this.py")]).ok()
    assert said.out == small.place + "\n"


# ---------------------------------------------------------------- the rest of it


def test_nothing_in_it_names_the_place(env):
    """Except `command` in pyvenv.cfg, which records how the environment was created."""
    found = []
    for top, _, names in os.walk(env.place):
        for name in names:
            path = os.path.join(top, name)
            if os.path.islink(path):
                assert env.place not in os.readlink(path)
            else:
                with open(path, "rb") as f:
                    lines = f.read().splitlines()
                found += [(name, line) for line in lines if env.place.encode() in line]
    # 3.8 to 3.10 have no such line.
    assert [name for name, _ in found] in (["pyvenv.cfg"], [])
    assert all(line.startswith(b"command = ") for _, line in found)


def test_pyvenv_cfg_says_it(box, some_py):
    box.cvenv("-p", some_py.path, "--relocatable", "--without-pip", "env").quiet()
    lines = runner.read(box.path("env"), "pyvenv.cfg").splitlines()
    assert lines[-2] == "relocatable = true"


def test_not_by_default(box, newest):
    box.cvenv("-p", newest.path, "env").quiet()
    assert "relocatable" not in runner.read(box.path("env"), "pyvenv.cfg")
    assert runner.read(box.path("env", "bin", "pip")).startswith("#!%s/" % box.path("env", "bin"))
    os.rename(box.path("env"), box.path("moved"))
    with pytest.raises(FileNotFoundError):
        subprocess.run([box.path("moved", "bin", "pip"), "--version"], env=box.environ())


def test_upgrade_says_what_it_is(box, newest):
    """Asked to again, it still says so."""
    box.cvenv("-p", newest.path, "--relocatable", "env").quiet()
    box.cvenv("-p", newest.path, "--relocatable", "--upgrade", "env").quiet()
    assert runner.cfg(box.path("env"))["relocatable"] == "true"
    os.rename(box.path("env"), box.path("moved"))
    box.run([box.path("moved", "bin", "pip"), "--version"]).ok()


def test_upgrade_does_not_forget_it(box, newest):
    box.cvenv("-p", newest.path, "--relocatable", "env").quiet()
    box.cvenv("-p", newest.path, "--upgrade", "env").quiet()
    assert runner.cfg(box.path("env")).get("relocatable") == "true"


def test_second_run_turns_relocatable_on_and_off(box, newest):
    """Each run decides again, and no script of the other kind remains."""
    plain, relocatable = "#!%s/" % box.path("env", "bin"), "#!/bin/sh\n"
    for args, head in (([], plain), (["--relocatable"], relocatable), ([], plain)):
        box.cvenv("-p", newest.path, *args, "env").quiet()
        for name in ("pip", "pip3"):
            assert runner.read(box.path("env", "bin", name)).startswith(head), args
        script = runner.read(box.path("env", "bin", "activate"))
        assert (box.path("env") in script) == (head == plain), args
        assert ("relocatable" in runner.cfg(box.path("env"))) == (head == relocatable)
        site = box.run([box.path("env", "bin", "python"), "-c", envs.VERIFY]).ok()
        assert len(site.out.splitlines()) == 1, site.out
