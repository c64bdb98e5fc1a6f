# SPDX-License-Identifier: MIT
"""The functions for environments that exist: they return what the command says, as objects."""

import glob
import json
import os
import shutil
import tarfile

import pytest

SIGNATURES = {
    "list_environments": "(roots=None, quick=False)",
    "examine": "(env_dir, full=False)",
    "repair": "(env_dir, python=None, dry_run=False)",
    "clone": "(src, dest, roots=(), prompt=None, dry_run=False)",
    "move": "(src, dest, roots=(), prompt=None, dry_run=False)",
    "remove": "(env_dir, dry_run=False)",
    "pack": "(env_dir, output, with_python=False, dry_run=False)",
}

HEAD = """
import inspect, json, logging, sys, types, cvenv

def plain(value):
    return vars(value) if isinstance(value, types.SimpleNamespace) else str(value)

def tell(value):
    print(json.dumps(value, default=plain))
"""


def call(room, py, code, *args, **more):
    return json.loads(room.python(py, "-c", HEAD + code, *args, **more).ok().out)


def create(room, py, name="env"):
    room.python(py, "-c", "import sys, cvenv; cvenv.create(sys.argv[1])", room.name(name)).ok()
    return room.name(name)


def site_of(env):
    found, = glob.glob(os.path.join(env, "lib", "python*", "site-packages"))
    return found


def raised(room, py, code, *args):
    """The exception of CODE: the names of its classes, and its text."""
    text = "try:\n    %s\nexcept Exception as e:\n    tell([[c.__name__ for c in type(e).__mro__], str(e)])\n"
    return call(room, py, text % code, *args)


def test_signatures(newest, room):
    code = "tell({name: str(inspect.signature(getattr(cvenv, name))) for name in sys.argv[1:]})"
    assert call(room, newest, code, *SIGNATURES) == SIGNATURES


def test_import_is_lazy(newest, room):
    code = "tell([n for n in sys.modules if n == 'cvenv._finished'])"
    assert call(room, newest, code) == []


def test_examine(few_py, room):
    env = create(room, few_py)
    result = call(room, few_py, "tell(cvenv.examine(sys.argv[1]))", env)
    assert (result["path"], result["maker"], result["prompt"]) == (env, "cvenv", None)
    finding, = result["findings"]
    assert (finding["kind"], finding["file"]) == ("pip-missing", None) and result["packages"] == []
    os.unlink(os.path.join(env, "bin", "python"))
    result = call(room, few_py, "tell(cvenv.examine(sys.argv[1], full=True))", env)
    assert result["broken"] and "python-missing" in {one["kind"] for one in result["findings"]}


def test_no_environment(newest, room):
    classes, text = raised(room, newest, "cvenv.examine(sys.argv[1])", room.work)
    assert "ValueError" in classes and "has no pyvenv.cfg" in text
    classes, text = raised(room, newest, "cvenv.examine(sys.argv[1])", room.name("none"))
    assert "FileNotFoundError" in classes and "none" in text
    for code in (
        "cvenv.remove(sys.argv[1])",
        "cvenv.clone(sys.argv[1], 'dest')",
        "cvenv.pack(sys.argv[1], 'x.tar')",
        "cvenv.list_environments([sys.argv[1]])",
    ):
        classes, text = raised(room, newest, code, room.name("none"))
        assert "FileNotFoundError" in classes and "none" in text and "cvenv: error" not in text, code


def test_wrong_arguments(newest, room):
    for code in (
        "cvenv.list_environments('x')",
        "cvenv.examine(None)",
        "cvenv.clone('a', 'b', prompt=1)",
        "cvenv.pack('a', 1)",
    ):
        assert "TypeError" in raised(room, newest, code)[0], code
    assert raised(room, newest, "cvenv.clone('a', 'b', roots=[('x=y', 'z')])")[0][0] == "ValueError"
    assert call(room, newest, "tell(cvenv.list_environments([]))") == []


def test_examine_large_numbers(newest, room):
    """int() refuses as many digits as JSON may have."""
    env = create(room, newest)
    info = os.path.join(site_of(env), "x-1.dist-info")
    os.mkdir(info)
    with open(os.path.join(info, "direct_url.json"), "w") as f:
        f.write('{"url": "file:///x", "n": %s}' % ("1" * 5000))
    package, = call(room, newest, "tell(cvenv.examine(sys.argv[1]).packages)", env)
    assert package["direct_url"]["url"] == "file:///x"
    with open(os.path.join(info, "direct_url.json"), "w") as f:
        f.write('{"url": "file:///N\\"I", "n": Infinity}')  # which is no JSON
    package, = call(room, newest, "tell(cvenv.examine(sys.argv[1]).packages)", env)
    assert package["direct_url"] is None


def test_clone(newest, room):
    env, copy = create(room, newest), room.name("copy")
    planned = call(room, newest, "tell(cvenv.clone(sys.argv[1], sys.argv[2], dry_run=True))", env, copy)
    assert planned["plan"] and not os.path.exists(copy)
    result = call(room, newest, "tell(cvenv.clone(*sys.argv[1:], roots=[('a', 'b=c')]))", env, copy)
    assert (result["source"], result["path"], result["left"]) == (env, copy, [])
    assert room.says(copy)["sys.prefix"] == copy
    classes, text = raised(room, newest, "cvenv.clone(*sys.argv[1:])", env, copy)
    assert "FileExistsError" in classes


def test_warnings_are_logged(newest, room):
    """Such as that of a file that still contains the old path."""
    env = create(room, newest)
    with open(os.path.join(env, "bin", "old"), "w") as f:
        f.write("cd '%s/x'\n" % env)
    code = "logging.basicConfig(stream=sys.stdout, format='%(message)s'); cvenv.clone(*sys.argv[1:])"
    result = room.python(newest, "-c", HEAD + code, env, room.name("copy")).ok()
    assert "bin/old" in result.out and result.err == ""


def test_another_version_of_the_command(newest, room):
    """It is found where the one of this package should be, but is refused."""
    site = room.path("site")
    shutil.copytree(os.path.join(room.site, "cvenv"), os.path.join(site, "cvenv"))
    os.mkdir(os.path.join(site, "bin"))
    with open(os.path.join(site, "bin", "cvenv"), "w") as f:
        f.write("#!/bin/sh\necho cvenv 0.0.1\n")
    os.chmod(os.path.join(site, "bin", "cvenv"), 0o755)
    code = "cvenv.examine(sys.argv[1])"
    text = HEAD + "try:\n    %s\nexcept OSError as e:\n    print(e)\n" % code
    result = room.python(newest, "-c", text, room.work, env={"PYTHONPATH": site, "PATH": "/nowhere"}).ok()
    assert "site/bin/cvenv' is cvenv 0.0.1" in result.out


@pytest.mark.parametrize("name", ["-x", "a b", "\u00e4"])
def test_names(newest, room, name):
    env = create(room, newest, name)
    assert call(room, newest, "tell(cvenv.examine(sys.argv[1]))", name)["path"] == env


def test_list_move_and_remove(newest, room):
    env, moved = create(room, newest), room.name("moved")
    found, = call(room, newest, "tell(cvenv.list_environments([sys.argv[1]]))", room.work)
    assert (found["path"], found["maker"], found["broken"]) == (env, "cvenv", False)
    assert found["files"] > 3 and found["bytes"] >= found["frees"] > 0
    found, = call(room, newest, "tell(cvenv.list_environments([sys.argv[1]], quick=True))", room.work)
    assert found["path"] == env and found["files"] is None
    result = call(room, newest, "tell(cvenv.move(*sys.argv[1:]))", env, moved)
    assert result["path"] == moved and room.says(moved)["sys.prefix"] == moved and not os.path.exists(env)
    would = call(room, newest, "tell(cvenv.remove(sys.argv[1], dry_run=True))", moved)
    assert would["path"] == moved and os.path.exists(moved)
    result = call(room, newest, "tell(cvenv.remove(sys.argv[1]))", moved)
    assert result["action"] == "removed" and result["bytes_freed"] > 0 and not os.path.exists(moved)
    assert call(room, newest, "tell(cvenv.list_environments([sys.argv[1]]))", room.work) == []


def test_repair(newest, room):
    env = create(room, newest)
    where = {"PATH": os.path.dirname(newest.path)}
    assert call(room, newest, "tell(cvenv.repair(sys.argv[1]))", env, env=where)["action"] == "unchanged"
    os.unlink(os.path.join(env, "bin", "python"))
    result = call(room, newest, "tell(cvenv.repair(sys.argv[1]))", env, env=where)
    assert result["action"] == "repaired"
    assert {one["kind"] for one in result["remaining"]} == {"pip-missing"}  # which is a note
    assert "python-missing" in {one["kind"] for one in result["findings"]}
    assert room.says(env)["sys.prefix"] == env


def test_repair_without_python(newest, room):
    """The exception has what is installed."""
    env = create(room, newest)
    os.mkdir(os.path.join(site_of(env), "x_y-1.0.dist-info"))
    os.rename(os.path.dirname(site_of(env)), os.path.join(env, "lib", "python3.2"))
    with open(os.path.join(env, "pyvenv.cfg"), "w") as f:
        f.write("home = /none\nversion = 3.2.1\n")
    code = "try:\n    cvenv.repair(sys.argv[1])\nexcept ValueError as e:\n    tell(e.requirements)\n"
    assert call(room, newest, code, env) == ["x_y==1.0"]


def test_pack(newest, room):
    env, output = create(room, newest), room.name("env.tar.gz")
    result = call(room, newest, "tell(cvenv.pack(*sys.argv[1:]))", env, output)
    assert (result["path"], result["output"], result["with_python"]) == (env, output, False)
    with tarfile.open(output) as archive:
        assert "pyvenv.cfg" in archive.getnames()


def test_values_with_dashes(newest, room):
    env = create(room, newest)
    code = "tell([cvenv.clone(sys.argv[1], '-c', prompt='-p').path, cvenv.pack('-c', '-o.tar').sha256])"
    clone, digest = call(room, newest, code, env)
    with open(os.path.join(clone, "pyvenv.cfg")) as f:
        assert "prompt = '-p'\n" in f.read()
    assert clone == room.name("-c") and len(digest) == 64
    assert call(room, newest, "tell(cvenv.pack('-c', 'x.tar', dry_run=True).sha256)") is None
