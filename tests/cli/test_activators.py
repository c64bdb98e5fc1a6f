# SPDX-License-Identifier: MIT
"""--activators: which scripts are written; and on a terminal, which one is named."""

import json
import os
import re

import pytest

from terminal import on_terminal

ALWAYS = {"activate", "activate.fish", "activate.csh", "Activate.ps1"}
OF = {
    "nushell": {"activate.nu"},
    "xonsh": {"activate.xsh"},
    "python": {"activate_this.py"},
    "batch": {"activate.bat", "deactivate.bat"},
}
DEFAULT = ALWAYS | OF["nushell"] | OF["xonsh"] | OF["python"]


def made(box, newest, *args):
    box.cvenv("-p", newest.path, "--without-pip", *args, "env").quiet()
    return {n for n in os.listdir(box.path("env", "bin")) if re.search("activate", n, re.I)}


def test_default(box, newest):
    assert made(box, newest) == DEFAULT


@pytest.mark.parametrize(
    "text, names",
    [
        ("", ()),
        ("nushell", ("nushell",)),
        ("xonsh", ("xonsh",)),
        ("python", ("python",)),
        ("batch", ("batch",)),
        ("batch,nushell", ("batch", "nushell")),
        ("nushell,xonsh,python,batch", ("nushell", "xonsh", "python", "batch")),
        ("nushell,nushell", ("nushell",)),
        (" nushell , xonsh ", ("nushell", "xonsh")),
        (" ", ()),
        (",", ()),
        ("nushell,,batch,", ("nushell", "batch")),
        ("posix", ()),
        ("bash,sh,zsh,cshell", ()),
        ("fish,csh,powershell,batch", ("batch",)),
    ],
)
def test_list(box, newest, text, names):
    """Those of CPython are always there; naming one of them says nothing new."""
    wanted = ALWAYS.union(*(OF[name] for name in names))
    assert made(box, newest, "--activators", text) == wanted
    assert made(box, newest, "--clear", "--activators=" + text) == wanted


@pytest.mark.parametrize(
    "text, bad", [("tcl", "tcl"), ("nushell,tcl,xonsh", "tcl"), ("Nushell", "Nushell"),
                  ("nushell xonsh", "nushell xonsh"), ("nushell;xonsh", "nushell;xonsh"),
                  ("tcsh", "tcsh"), ("none", "none")]
)  # fmt: skip
def test_unknown_name(box, newest, text, bad):
    argv = ["-p", newest.path, "--without-pip", "--activators", text, "env"]
    box.cvenv(*argv).refused("--activators", "'%s'" % bad, rc=2)
    assert os.listdir(box.work) == []


def test_no_list(box):
    box.cvenv("--activators").refused("--activators", rc=2)


def test_each_is_a_plain_file(box, newest):
    box.cvenv("-p", newest.path, "--activators", ",".join(OF), "env", umask=0o077).quiet()
    for name in ALWAYS.union(*OF.values()):
        path = box.path("env", "bin", name)
        assert not os.path.islink(path) and os.stat(path).st_mode & 0o7777 == 0o644
        assert os.path.getsize(path) > 0


def test_a_second_run_takes_none_away(box, newest):
    """Existing files may be the user's own: only --clear deletes them."""
    assert made(box, newest) == DEFAULT
    assert made(box, newest, "--activators", "") == DEFAULT
    assert made(box, newest, "--activators", "", "--clear") == ALWAYS


def test_upgrade_leaves_them_alone(box, newest):
    made(box, newest)
    script = box.path("env", "bin", "activate")
    with open(script, "w") as f:
        f.write("mine\n")
    os.unlink(box.path("env", "bin", "activate.nu"))
    assert made(box, newest, "--upgrade", "--activators", "batch") == DEFAULT - OF["nushell"]
    with open(script) as f:
        assert f.read() == "mine\n"


# ---------------------------------------------------------------- what is to be typed


def hint(box, newest, shell, *args):
    rc, shown = on_terminal(
        box, [box.command, "-p", newest.path, "--without-pip", *args], SHELL=shell
    )
    assert rc == 0, shown
    return shown.rstrip("\n").split("\n")[-1].strip()


@pytest.mark.parametrize(
    "shell, line",
    [
        ("/usr/bin/nu", "overlay use env/bin/activate.nu"),
        ("/usr/bin/xonsh", "source env/bin/activate.xsh"),
        ("/usr/bin/pwsh", "env/bin/Activate.ps1"),
        ("/bin/dash", ". env/bin/activate"),
        ("/bin/sh", ". env/bin/activate"),
        ("/bin/busybox", ". env/bin/activate"),
        ("/bin/mksh", ". env/bin/activate"),
        ("/bin/bash", "source env/bin/activate"),
        ("/bin/zsh", "source env/bin/activate"),
        ("/usr/bin/fish", "source env/bin/activate.fish"),
        ("/bin/tcsh", "source env/bin/activate.csh"),
    ],
)
def test_hint(box, newest, shell, line):
    assert hint(box, newest, shell, "env") == line


@pytest.mark.parametrize("shell", ["/usr/bin/nu", "/usr/bin/xonsh"])
def test_hint_names_what_is_there(box, newest, shell):
    """Not a script that was not asked for."""
    line = hint(box, newest, shell, "--activators", "", "env")
    named = re.findall(r"env/bin/(\S+)", line)
    assert all(name in os.listdir(box.path("env", "bin")) for name in named), line


@pytest.mark.parametrize("shell", ["/bin/dash", "/bin/mksh", "/bin/ksh93", "/bin/yash"])
def test_hint_works_when_it_is_typed(box, newest, shell):
    """In a shell that has no `source`, too."""
    program = "/usr/bin/" + os.path.basename(shell)
    if not os.access(program, os.X_OK):
        pytest.skip("no %s on this machine" % os.path.basename(shell))
    name = "a 'b' \"c\" $d"
    line = hint(box, newest, shell, name)
    typed = box.run([program, "-c", line + '\nprintf %s "$VIRTUAL_ENV"']).ok()
    assert typed.out == box.path(name), (line, typed)


PLACES = """
import json, runpy, site, sys, sysconfig, warnings
warnings.simplefilter("ignore")
try:
    import distutils.sysconfig as distutils
except ImportError:
    distutils = None
def places():
    found = [sysconfig.get_paths(), sysconfig.get_path("purelib"), get_path("scripts"), sys.executable,
             sys.prefix, sys.exec_prefix, sys.base_prefix, site.getsitepackages(), site.ENABLE_USER_SITE]
    found.append({n: v for n, v in sysconfig.get_config_vars().items() if "prefix" in n or "base" in n})
    if distutils:
        old = [distutils.PREFIX, distutils.get_config_var("prefix"), distutils.get_python_lib()]
        return {"found": found, "distutils": old}
    return {"found": found}
from sysconfig import get_path
places()
for script in sys.argv[1:]:
    runpy.run_path(script)
print(json.dumps(places(), sort_keys=True))
"""


@pytest.mark.parametrize("more", [(), ("--system-site-packages",)], ids=["own", "system"])
def test_activate_this_places_as_in_the_environment(box, some_py, more):
    """All that an installer asks for is what the environment's own python says."""
    box.cvenv("-p", some_py.path, "--without-pip", *more, "env").quiet()
    want = json.loads(box.run([box.path("env", "bin", "python"), "-c", PLACES]).ok().out)
    script = box.path("env", "bin", "activate_this.py")
    said = json.loads(box.run([some_py.path, "-c", PLACES, script]).ok().out)
    # Behind the environment's modules are the base's: Debian's setuptools brings a distutils there.
    assert {kind: said.get(kind) for kind in want} == want
