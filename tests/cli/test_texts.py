# SPDX-License-Identifier: MIT
"""The texts of an environment that name its path, or that of a project, in a clone."""

import os
import shutil
import urllib.parse

import pytest

import makers
import runner

NAMES = [("env", "new"), ("my env", "an env"), ("it's $x", "`y` \"z")]


def contents(root):
    """Each path, with its type, mode and bytes."""
    found = {}
    for directory, names, files in os.walk(root):
        for name in names + files:
            path = os.path.join(directory, name)
            mode = os.lstat(path).st_mode
            if os.path.islink(path):
                content = os.readlink(path).encode()
            elif os.path.isfile(path):
                with open(path, "rb") as f:
                    content = f.read()
            else:
                content = b""
            found[os.path.relpath(path, root)] = (mode, content)
    return found


@pytest.mark.parametrize("names", NAMES, ids=["plain", "spaces", "quotes"])
@pytest.mark.parametrize("maker", makers.MAKERS)
def test_clone_of_a_clone_in_the_old_place_has_the_old_bytes(box, made, some_py, maker, names):
    here, there = names
    special = "'" in here
    if special and maker != "cvenv":
        pytest.skip("%s and pip write scripts that do not work there" % maker)
    env = made(maker, some_py, name=here, packages=[] if special else None)
    other = box.path(there)
    if " " in here and not special:
        # pip writes `#!/my env/bin/python`, for which the kernel starts `/my`
        os.unlink(os.path.join(env.bin, "demo-old"))
    box.cvenv("--clone", env.root, other).ok()
    old = contents(env.root)
    os.rename(env.root, env.root + ".away")
    silent = {"PYTHONDONTWRITEBYTECODE": "1"}
    if not special:
        says = box.run([os.path.join(other, "bin", "demo")], env=silent).ok().out.strip()
        assert says == "demo 1.0 in " + other
    for path, (_, content) in contents(other).items():
        assert env.root.encode() not in content or path.endswith(".pyc"), path
    box.cvenv("--clone", other, env.root).ok()
    new = contents(env.root)
    assert sorted(new) == sorted(old)
    assert [path for path in old if new[path] != old[path]] == []


@pytest.mark.parametrize("there", ["new", "a new"])
def test_line_that_the_kernel_cannot_read_is_mended(box, made, some_py, there):
    env = made("venv", some_py, name="my env", packages=[])
    runner.write(os.path.join(env.bin, "x"), text="#!%s\nimport sys; print(sys.prefix)\n" % env.python, mode=0o755)
    box.cvenv("--clone", env.root, box.path(there)).ok()
    assert box.run([box.path(there, "bin", "x")]).ok().out.strip() == box.path(there)


def test_prefix_that_lost_its_python_is_no_old_place(box, made, some_py):
    env = made("venv", some_py, packages=[])
    prefix = box.path("prefix")
    os.makedirs(prefix)
    for name in ("x", "y"):
        runner.write(os.path.join(env.bin, name), text="#!%s/bin/python9\n" % prefix, mode=0o755)
    runner.write(os.path.join(env.site, "x.pth"), text=prefix + "/share\n")
    clone = box.path("clone")
    box.cvenv("--clone", env.root, clone).ok()
    new, old = contents(clone), contents(env.root)
    for path in ("bin/x", "bin/y", os.path.relpath(env.site, env.root) + "/x.pth"):
        assert new[path] == old[path]


FINDER = """import sys
from importlib.util import spec_from_file_location

MAPPING = {%r: %r}


class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return spec_from_file_location(name, MAPPING[name] + "/__init__.py")


def install():
    sys.meta_path.append(Finder)
"""


def editable(env, name, project):
    """An editable installation, as the back ends make them: a .pth, or a finder."""
    package = os.path.join(project, "src", name)
    os.makedirs(package)
    runner.write(os.path.join(package, "__init__.py"), text="")
    if name == "by_path":
        runner.write(os.path.join(env.site, "_editable_impl_%s.pth" % name), text=os.path.dirname(package))
    else:
        module = "__editable___%s_1_0_finder" % name
        runner.write(os.path.join(env.site, module + ".py"), text=FINDER % (name, package))
        code = "import %s; %s.install()" % (module, module)
        runner.write(os.path.join(env.site, "__editable__.%s-1.0.pth" % name), text=code)
    info = os.path.join(env.site, "%s-1.0.dist-info" % name)
    os.makedirs(info)
    runner.write(os.path.join(info, "METADATA"), text="Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name)
    url = '{"dir_info": {"editable": true}, "url": "file://%s"}' % urllib.parse.quote(project)
    runner.write(os.path.join(info, "direct_url.json"), text=url)


def test_projects_move_along(box, made, some_py):
    """As in a second worktree: the environment is inside of the project, or beside it."""
    here, there = box.path("here"), box.path("the second's place")
    os.makedirs(here)
    env = made("venv", some_py, packages=[], name="here/.venv")
    for name in ("by_path", "by_finder"):
        editable(env, name, os.path.join(here, "project of " + name))
    env.runs("import by_path, by_finder").ok()  # which writes bytecode
    shutil.copytree(here, there, ignore=shutil.ignore_patterns(".venv"))
    clone = os.path.join(there, ".venv")
    box.cvenv("--clone", env.root, clone, "--root", "%s=%s" % (here, there)).ok()
    os.rename(here, here + ".away")
    code = "import by_path, by_finder; print(by_path.__file__); print(by_finder.__file__)"
    files = box.run([os.path.join(clone, "bin", "python"), "-c", code]).ok().out.splitlines()
    assert [path.startswith(there + "/project of ") for path in files] == [True, True]
    for path, (_, content) in contents(clone).items():
        assert here.encode() + b"/" not in content or path.endswith(".pyc"), path
