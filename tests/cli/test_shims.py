# SPDX-License-Identifier: MIT
"""--install-shims, and the shims: everything but `-m venv` is left to the interpreter."""

import errno
import json
import os
import shutil
import signal
import stat
import subprocess

import pytest

import runner
import terminal

SAY = "import json, os, sys; print(json.dumps([sys.executable, sys.argv[1:], dict(os.environ)]))"
MARK = "cvenv = "


class Shims:
    """Shims in a directory that comes first on PATH."""

    def __init__(self, box, pythons, name="shims"):
        self.box, self.dir, self.real = box, os.path.join(box.root, name), os.path.join(box.root, "real")
        os.makedirs(self.real, exist_ok=True)
        for command, py in pythons:
            os.symlink(py.path, os.path.join(self.real, command))
        self.env = {"PATH": self.real}
        self.installed = self.install()
        self.env = {"PATH": self.dir + ":" + self.real + ":/usr/bin:/bin"}

    def install(self, *args, env=None):
        said = self.box.cvenv("--install-shims", self.dir, "--json", *args, env=env or self.env).ok()
        return json.loads(said.out)["shims"]

    def path(self, name):
        return os.path.join(self.dir, name)

    def run(self, name, *args, env=None, **more):
        return self.box.run([self.path(name), *args], env={**self.env, **(env or {})}, **more)


def is_ours(env_dir):
    return any(line.startswith(MARK) for line in runner.read(env_dir, "pyvenv.cfg").splitlines())


@pytest.fixture
def shims(box, newest):
    return Shims(box, [("python3", newest), ("python", newest), ("python" + newest.x_y, newest)])


def test_each_name_on_path_gets_one(shims, newest):
    got = {s["name"]: s for s in shims.installed}
    assert set(got) == {"python", "python3", "python" + newest.x_y}
    for name, shim in got.items():
        assert shim["path"] == shims.path(name)
        assert shim["python"] == os.path.join(shims.real, name)
        assert (shim["implementation"], shim["action"]) == ("cpython", "created")
        assert shim["version"] == ".".join(map(str, newest.version))


FORMS = [
    ["-m", "venv"],
    ["-mvenv"],
    ["-Im", "venv"],
    ["-Imvenv"],
    ["-I", "-m", "venv"],
    ["-E", "-s", "-B", "-m", "venv"],
    ["-X", "utf8", "-m", "venv"],
    ["-Xutf8", "-W", "ignore", "-bBm", "venv"],
    ["--check-hash-based-pycs", "always", "-m", "venv"],
]
OTHERS = [
    ["-c", "print('done')", "-m", "venv", "env"],
    ["script.py", "-m", "venv", "env"],
    ["./-m", "venv", "env"],
    ["-m", "other", "-m", "venv", "env"],
    ["-V", "-m", "venv", "env"],
    ["-m", "venv", "-h"],
    ["-m", "venv", "-h", "env"],
]


def test_venv_is_done_by_cvenv(shims):
    for number, form in enumerate(FORMS):
        names = ["env%d" % number, "two words%d" % number]
        shims.run("python3", *form, "--without-pip", *names).ok()
        assert all(is_ours(shims.box.path(name)) for name in names), form
        assert os.readlink(shims.box.path(names[0], "bin", "python3")) == os.path.join(shims.real, "python3")


def test_anything_else_is_done_by_the_interpreter(shims):
    """Its output is that of the interpreter, and there is no environment."""
    for name in ("script.py", "-m", "other.py"):
        runner.write(shims.box.work, name, text="import sys; print('done', sys.argv)")
    for args in OTHERS:
        got = shims.run("python3", *args).ok()
        real = shims.box.run([os.path.join(shims.real, "python3"), *args], env=shims.env).ok()
        assert (got.out, got.err) == (real.out, real.err)
        assert not os.path.exists(shims.box.path("env")), args


def test_wrong_usage_is_reported_by_venv(shims):
    for args in ([], ["--no-such-option", "env"], ["--prompt"]):
        got = shims.run("python3", "-m", "venv", *args)
        real = shims.box.run([os.path.join(shims.real, "python3"), "-m", "venv", *args])
        assert (got.rc, got.out, got.err) == (2, real.out, real.err)
    assert os.listdir(shims.box.work) == []


def test_arguments_and_variables_are_unchanged(shims):
    odd = [b"a b", b"", b"\n", b"'\"`$(x)\\", b"\xff\xfe", b"--", b"-m", "é☃".encode()]
    env = {"A.B": "1", "BASH_FUNC_f%%": "() { :; }", "PWD": "/nowhere", "_": "x", "ODD": "a\nb'"}
    got = shims.run("python3", "-c", SAY, *odd, env=env).ok()
    executable, args, environ = json.loads(got.out)
    assert executable == os.path.join(shims.real, "python3")
    assert [os.fsencode(a) for a in args] == odd
    assert environ == json.loads(
        shims.box.run(["env", "-i", *("%s=%s" % i for i in shims.box.environ({**shims.env, **env}).items()),
                       executable, "-c", SAY], env=shims.env).ok().out)[2]


def test_stdin_descriptors_and_exit_status(shims):
    reader, writer = os.pipe()
    script = b"import os, sys; os.write(%d, b'seen'); sys.exit(37)" % writer
    child = shims.box.start(
        [shims.path("python3"), "-"], env=shims.env, stdin=subprocess.PIPE, pass_fds=[writer])
    child.communicate(script, timeout=60)
    os.close(writer)
    assert (child.returncode, os.read(reader, 9)) == (37, b"seen")
    os.close(reader)
    for code, wanted in (("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -9)):
        assert shims.run("python3", "-c", code).rc == wanted


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_interpreter(shims, sig):
    """It is the same process, so the parent sees what it sees without a shim."""
    code = "import os, signal, time; signal.signal(%d, signal.SIG_DFL); print(os.getpid(), flush=True); time.sleep(60)"
    child = shims.box.start([shims.path("python3"), "-c", code % sig], env=shims.env)
    assert int(child.stdout.readline()) == child.pid
    child.send_signal(sig)
    assert child.wait(20) == -sig
    child.stdout.close()
    child.stderr.close()
    ignored = "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    got = shims.box.run(["nohup", shims.path("python3"), "-c", ignored], env=shims.env)
    assert got.out.strip() == "True"


def test_interrupt_from_the_terminal(shims):
    code = "import time; print('ready', flush=True); time.sleep(60)"
    env = shims.box.environ(shims.env)
    shell = "trap : INT; python3 -c \"$1\"; echo status $?"  # which does not die first
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    try:
        with terminal.Terminal(["sh", "-c", shell, "sh", code], env, shims.box.work) as t:
            t.wait("ready")
            os.write(t.master, b"\x03")
            t.wait(r"KeyboardInterrupt[\s\S]*status 130")
    finally:
        signal.signal(signal.SIGINT, before)


def test_sigterm_in_a_shell_gives_143(shims):
    got = shims.box.run(
        ["sh", "-c", "python3 -c 'import os; os.kill(os.getpid(), 15)'; echo $?"], env=shims.env)
    assert got.out == "143\n"


def test_script_with_the_shim_in_its_first_line(shims):
    runner.write(shims.box.work, "script", text="#!%s -I\n%s" % (shims.path("python3"), SAY), mode=0o755)
    executable, args, _ = json.loads(shims.box.run(["./script", "x"], env=shims.env).ok().out)
    assert (executable, args) == (os.path.join(shims.real, "python3"), ["x"])


def test_link_to_a_shim_and_name_of_its_own(shims):
    other = os.path.join(shims.box.root, "links")
    os.mkdir(other)
    os.symlink(os.path.relpath(shims.path("python3"), other), os.path.join(other, "py"))
    got = shims.box.run(["py", "-c", SAY], env={"PATH": other + ":/usr/bin"}, executable=os.path.join(other, "py"))
    assert json.loads(got.ok().out)[0] == os.path.join(shims.real, "python3")
    got = shims.box.run(["nonsense", "-c", SAY], env=shims.env, executable=shims.path("python3")).ok()
    assert json.loads(got.out)[0] == os.path.join(shims.real, "python3")


def test_makefile(shims):
    if not shutil.which("make"):
        pytest.skip("no make")
    runner.write(shims.box.work, "Makefile", text="env/bin/python:\n\tpython3 -m venv --without-pip env\n")
    shims.box.run(["make"], env=shims.env).ok()
    assert is_ours(shims.box.path("env"))
    runner.write(shims.box.work, "Makefile", text="all:\n\tpython3 -m venv\n")
    assert "Error 2" in shims.box.run(["make"], env=shims.env).err


# --- cvenv and other programs behind the shims ---------------------------------------------------


def test_cvenv_finds_the_interpreters_behind_them(shims, newest):
    (one,) = json.loads(shims.box.cvenv("--pythons", "--json", "-p", newest.x_y, env=shims.env).ok().out)["pythons"][:1]
    assert os.path.dirname(one["path"]) == shims.real
    for n, args in enumerate([[], ["-p", "python3"], ["-p", newest.x_y], ["-p", shims.path("python3")]]):
        env_dir = shims.box.path("env%d" % n)
        shims.box.cvenv("--without-pip", *args, env_dir, env=shims.env).ok()
        assert "home = %s\n" % shims.real in runner.read(env_dir, "pyvenv.cfg")


def test_shims_are_not_found_by_installing_others(shims):
    """Neither a second directory, nor the same one again, starts a shim."""
    again = shims.install(env={"PATH": shims.dir + ":" + shims.real})
    assert [(s["action"], s["python"]) for s in again] == [("kept", s["python"]) for s in shims.installed]
    other = os.path.join(shims.box.root, "other")
    env = {"PATH": shims.dir + ":" + shims.real}
    said = json.loads(shims.box.cvenv("--install-shims", other, "--json", env=env).ok().out)
    assert {os.path.dirname(s["python"]) for s in said["shims"]} == {shims.real}
    got = shims.box.run(["python3", "-c", SAY], env={"PATH": other + ":" + env["PATH"]},
                        executable=other + "/python3").ok()
    assert json.loads(got.out)[0] == shims.real + "/python3"


def test_no_shim_for_the_interpreter_of_an_environment(box, newest):
    env_dir = os.path.join(box.root, "active")
    box.cvenv("-p", newest.path, "--without-pip", env_dir).ok()
    shims = Shims(box, [("python3", newest)])
    got = shims.install(env={"PATH": "%s/bin:%s" % (env_dir, shims.real)})
    assert {s["python"] for s in got if s["name"] == "python3"} == {shims.real + "/python3"}
    assert not [s for s in got if s["python"].startswith(env_dir)]


def test_script_that_searches_path_does_not_loop(box, newest):
    """A wrapper on PATH that searches for the next python3, as managers' shims do for "system"."""
    wrap = os.path.join(box.root, "wrap")
    runner.write(wrap, "python3", mode=0o755,
                 text='#!/bin/sh\nPATH=$(printf %%s "$PATH" | sed "s,%s:*,,g")\nexec python3 "$@"\n' % wrap)
    shims = Shims(box, [("python" + newest.x_y, newest)])
    os.symlink(newest.path, shims.real + "/python3")
    path = "%s:%s:/usr/bin:/bin" % (wrap, shims.real)
    got = {s["name"]: s["python"] for s in shims.install(env={"PATH": path})}
    assert got["python3"] == wrap + "/python3"
    env = {"PATH": shims.dir + ":" + path}
    assert json.loads(shims.run("python3", "-c", SAY, env=env, timeout=20).ok().out)[0] == shims.real + "/python3"
    shims.run("python3", "-m", "venv", "--without-pip", "env", env=env, timeout=20).ok()
    assert is_ours(box.path("env"))


def test_script_never_gets_an_empty_path(box, newest):
    """With no other directory on PATH: an empty one means the current directory."""
    shims = Shims(box, [("python" + newest.x_y, newest)])
    wrap = os.path.join(box.root, "wrap")
    runner.write(wrap, "python3", text='#!/bin/sh\nprintf %s "$PATH"\n', mode=0o755)
    os.symlink(wrap + "/python3", shims.dir + "/.shims/python3.shim")
    os.symlink(".shims/cvenv", shims.path("python3"))
    assert shims.run("python3", env={"PATH": shims.dir}).ok().out == "/dev/null"
    assert shims.run("python3", env={"PATH": ""}).ok().out == ""
    assert shims.run("python3", env={"PATH": ":%s:/bin" % shims.dir}).ok().out == ":/bin"


def test_shim_of_a_manager_keeps_its_choice(box, newest, pythons):
    """pyenv's shim and its "system", by a pyenv of six lines."""
    root = os.path.join(box.root, "pyenv")
    version = ".".join(map(str, newest.version))
    os.makedirs(root + "/versions/%s/bin" % version)
    os.symlink(newest.path, root + "/versions/%s/bin/python3" % version)
    runner.write(root, "shims", "python3", mode=0o755, text=(
        "#!/bin/sh\nv=$(cat .python-version)\n[ $v != system ] && exec %s/versions/$v/bin/python3 \"$@\"\n"
        "PATH=$(printf %%s \"$PATH\" | sed 's,%s/shims:,,g')\nexec python3 \"$@\"\n" % (root, root)))
    shims = Shims(box, [("python" + newest.x_y, newest)])
    os.symlink(newest.path, shims.real + "/python3")
    path = "%s/shims:%s:/usr/bin:/bin" % (root, shims.real)
    got = {s["name"]: s for s in shims.install(env={"PATH": path, "PYENV_ROOT": root})}
    assert (got["python3"]["python"], got["python3"]["version"]) == (root + "/shims/python3", None)
    env = {"PATH": shims.dir + ":" + path, "PYENV_ROOT": root}
    for chosen, home in ((version, root + "/versions/%s/bin" % version), ("system", shims.real)):
        runner.write(box.work, ".python-version", text=chosen + "\n")
        said = shims.run("python3", "-c", SAY, env=env, timeout=20).ok()
        assert json.loads(said.out)[0] == home + "/python3"
        shims.run("python3", "-m", "venv", "--without-pip", "--clear", "env", env=env, timeout=20).ok()
        assert "home = %s\n" % home in runner.read(box.path("env"), "pyvenv.cfg")


# --- installing ----------------------------------------------------------------------------------


def test_again_updates_and_removes(shims, newest):
    os.unlink(shims.real + "/python")
    os.rename(shims.real + "/python3", shims.real + "/python3.0")
    second = os.path.join(shims.box.root, "second")
    os.mkdir(second)
    os.symlink(newest.path, second + "/python3")
    runner.write(shims.dir, "mine", text="x")
    path = shims.dir + ":" + second + ":" + shims.real
    planned = shims.install("--dry-run", env={"PATH": path})
    got = shims.install(env={"PATH": path})
    assert got == planned
    assert {s["name"]: s["action"] for s in got} == {
        "python3": "updated", "python" + newest.x_y: "kept", "python": "removed"}
    assert sorted(os.listdir(shims.dir)) == [".shims", "mine", "python3", "python" + newest.x_y]
    assert sorted(os.listdir(shims.dir + "/.shims")) == ["cvenv", "python3", "python" + newest.x_y]
    assert json.loads(shims.run("python3", "-c", SAY).ok().out)[0] == second + "/python3"


@pytest.mark.parametrize("name", ["cvenv", "python3.shim"])
def test_link_that_only_looks_like_a_shim(shims, name):
    """.shims has another file with that name, which must not be removed with it."""
    os.symlink(".shims/cvenv", shims.path(name))
    runner.write(shims.real, "wrapper", text='#!/bin/sh\nexec "$0.real" "$@"\n', mode=0o755)
    os.rename(shims.real + "/python3", shims.real + "/wrapper.real")
    os.symlink("wrapper", shims.real + "/python3")
    os.symlink("wrapper.real", shims.real + "/python3.real")
    assert {s["name"]: s["action"] for s in shims.install()}["python3"] == "updated"
    assert {s["action"] for s in shims.install()} == {"kept"}
    assert os.path.lexists(shims.path(name))
    assert os.path.exists(shims.dir + "/.shims/cvenv")
    for shim in ("python", "python3"):
        assert shims.run(shim, "-c", "print(1)").ok().out == "1\n"


def test_installed_by_the_link_in_its_own_directory(shims):
    """That must not become a link to itself."""
    command = shims.dir + "/.shims/cvenv"
    before = os.readlink(command)
    said = shims.box.run([command, "--install-shims", shims.dir, "--json"], env=shims.env).ok()
    assert json.loads(said.out)["shims"] and os.readlink(command) == before
    other = shims.box.path("other")
    shims.box.run([command, "--install-shims", other], env=shims.env).ok()
    assert os.readlink(other + "/.shims/cvenv") == before


@pytest.mark.parametrize("kind", ["file", "dir", "link", "broken", "inner"])
def test_what_is_no_shim_is_refused(box, newest, kind):
    shims = os.path.join(box.root, "shims")
    name = ".shims" if kind == "inner" else "python3"
    place = os.path.join(shims, name)
    os.makedirs(place if kind in ("dir", "inner") else shims)
    if kind == "file":
        runner.write(place, text="x")
    elif kind in ("link", "broken"):
        os.symlink(newest.path if kind == "link" else "nowhere", place)
    real = os.path.join(box.root, "real")
    os.makedirs(real)
    os.symlink(newest.path, real + "/python3")
    before = os.lstat(place).st_ino
    box.cvenv("--install-shims", shims, env={"PATH": real}).refused("'%s': it is not a shim of cvenv" % place)
    assert os.listdir(shims) == [name] and os.lstat(place).st_ino == before


@pytest.mark.parametrize("kind, reason", [("file", "Not a directory"), ("broken", "No such file or directory")])
def test_what_is_no_directory(box, newest, kind, reason):
    os.symlink(newest.path, box.bin + "/python3")
    if kind == "file":
        runner.write(box.work, "a", text="x")
    else:
        os.symlink("nowhere", box.path("a"))
    for more in ([], ["--dry-run"]):
        got = box.cvenv("--install-shims", "a", *more, env={"PATH": box.bin})
        got.refused("cannot write shims to '%s': %s" % (box.path("a"), reason))
    assert os.listdir(box.work) == ["a"]


def test_dry_run_writes_nothing(box, newest):
    os.symlink(newest.path, box.bin + "/python3")
    got = box.cvenv("--install-shims", "a/b", "--dry-run", env={"PATH": box.bin}).ok()
    assert "to be created" in got.out and newest.path not in os.listdir(box.work)
    assert os.listdir(box.work) == []
    with open("/dev/full", "w") as full:
        got = box.cvenv("--install-shims", "a/b", "--dry-run", env={"PATH": box.bin}, stdout=full)
    assert got.rc == 1 and "written" not in got.err and "cannot write to stdout" in got.err


def test_table_and_hint(box, newest):
    os.symlink(newest.path, box.bin + "/python3")
    got = box.cvenv("--install-shims", "a/b", env={"PATH": box.bin}).ok()
    assert "created  %s/python3 -> %s/python3 (cpython " % (box.path("a", "b"), box.bin) in got.out
    assert got.err == "cvenv: put '%s' first on PATH to use the shims\n" % box.path("a", "b")
    got = box.cvenv("--install-shims", "a/b", env={"PATH": box.path("a", "b") + ":" + box.bin}).ok()
    assert got.err == ""
    assert box.cvenv("-q", "--install-shims", "a/b", env={"PATH": box.bin}).ok().out == ""


@pytest.mark.parametrize("name", ["a b", "it's", 'q"q', "new\nline", "$HOME", "é☃", "-x", "a\\b"])
def test_any_name_of_directories(box, newest, name):
    real = box.path("real" if "\n" in name else name)  # pyvenv.cfg cannot have such a `home`
    for directory in {real, box.path(name)}:
        os.mkdir(directory)
    os.symlink(newest.path, os.path.join(real, "python3"))
    copy = shutil.copy(box.command, box.path(name, "cvenv"))
    env = {"PATH": real}
    box.run([copy, "--install-shims", "./%s/shims" % name], env=env).ok()
    got = box.run([box.path(name, "shims", "python3"), "-c", SAY], env=env).ok()
    assert json.loads(got.out)[0] == env["PATH"] + "/python3"
    box.run([box.path(name, "shims", "python3"), "-m", "venv", "--without-pip", "e"], env=env).ok()
    assert is_ours(box.path("e"))


def test_missing_python_and_missing_command(shims, newest):
    os.unlink(shims.real + "/python3")
    got = shims.run("python3", "-c", "1")
    assert got.rc == 127 and "--install-shims" in got.err and shims.real + "/python3" in got.err
    shims.run("python3", "-m", "venv", "env").refused(shims.real + "/python3")
    os.unlink(shims.dir + "/.shims/cvenv")
    os.symlink("/nonexistent/cvenv", shims.dir + "/.shims/cvenv")
    got = shims.box.run(["sh", "-c", "python -c '%s'" % "import sys; print(sys.executable)"], env=shims.env)
    assert got.ok().out == shims.real + "/python\n"


def test_circle_is_an_error(shims):
    link = shims.dir + "/.shims/python3"
    os.unlink(link)
    os.symlink(shims.path("python3"), link)
    got = shims.run("python3", "-c", "1", timeout=20)
    assert got.rc == 126 and "cannot follow the shim" in got.err
    shims.box.cvenv("-p", shims.path("python3"), "env", env=shims.env).refused("cannot follow the shim")


@pytest.mark.parametrize("name", ["list", "clone"])
def test_directory_with_the_name_of_an_action_gets_no_hint(shims, name):
    assert shims.run("python3", "-m", "venv", "--without-pip", name).ok().err == ""


def test_no_python_is_an_error_and_changes_nothing(shims):
    before = sorted(os.listdir(shims.dir))
    shims.box.cvenv("--install-shims", shims.dir, env={"PATH": "/nonexistent"}).refused("no Python found")
    assert sorted(os.listdir(shims.dir)) == before


def test_no_python_of_the_version_asked_for(box):
    box.cvenv("--install-shims", "a", "-p", "3.99").refused("no Python that fits -p '3.99' found")
    box.cvenv("--install-shims", "a", "-p", "3.99", "-p", "3.98").refused("fits -p '3.99' or another -p found")


def test_only_those_asked_for(box, newest, pythons):
    older = [p for p in pythons if p.is_cpython and not p.debug and p.minor < newest.minor]
    if not older:
        pytest.skip("there is only one version of CPython")
    shims = Shims(box, [("python" + newest.x_y, newest), ("python" + older[-1].x_y, older[-1])])
    assert {s["name"] for s in shims.installed} == {"python" + newest.x_y, "python" + older[-1].x_y}
    got = shims.install("-p", older[-1].x_y, env={"PATH": shims.real})
    assert {s["name"]: s["action"] for s in got} == {
        "python" + older[-1].x_y: "kept", "python" + newest.x_y: "removed"}


def test_python_of_a_manager_gets_the_name_with_its_version(box, newest):
    version = ".".join(map(str, newest.version))
    runner.write(box.root, "pyenv", "versions", version, "bin", "x")
    os.symlink(newest.path, os.path.join(box.root, "pyenv", "versions", version, "bin", "python3"))
    env = {"PATH": "/nonexistent", "PYENV_ROOT": os.path.join(box.root, "pyenv")}
    (one,) = json.loads(box.cvenv("--install-shims", "s", "--json", env=env).ok().out)["shims"]
    assert one["name"].startswith("python" + newest.x_y) and one["python"].startswith(env["PYENV_ROOT"])


def test_failure_leaves_the_directory_as_it_was(shims, as_user):
    """As an ordinary user, who may not write there."""
    os.chmod(shims.dir, stat.S_IRUSR | stat.S_IXUSR | 0o055)
    os.symlink(os.readlink(shims.real + "/python3"), shims.real + "/pypy3")
    before = sorted(os.listdir(shims.dir))
    got = shims.box.run([*as_user, shims.box.command, "--no-config", "--cache-dir", "/nonexistent", "--install-shims", shims.dir],
                        env={"PATH": shims.real + ":/usr/bin"})
    assert got.rc == 1 and sorted(os.listdir(shims.dir)) == before


def state_of(top, temporary=()):
    """Each link below TOP with its target. Nothing else may be there, but directories of that name."""
    found = {}
    for folder, dirs, names in os.walk(top):
        dirs[:] = [d for d in dirs if not (temporary and d.startswith(temporary))]
        for name in names + [d for d in dirs if d != ".shims"]:
            found[os.path.relpath(os.path.join(folder, name), top)] = os.readlink(os.path.join(folder, name))
    return found


@pytest.mark.parametrize("exists", [False, True], ids=["new", "update"])
def test_each_failing_call_leaves_the_old_or_the_new(shims, release, exists):
    """A new DIR appears whole. In an existing one, links are replaced one by one: if one cannot be,
    the message says so, each link is the old or the new one, and the next run completes it."""
    if not shutil.which("strace"):
        pytest.skip("no strace")
    old = os.path.join(shims.box.root, "old")
    shutil.copytree(shims.dir, old, symlinks=True)
    os.unlink(shims.real + "/python")
    target = os.readlink(shims.real + "/python3")
    os.symlink(target, shims.real + "/pypy3")
    argv = [release, "-q", "--install-shims", shims.dir]
    env = {"PATH": shims.real}
    before = state_of(old) if exists else {}
    shims.box.run(argv, env=env).ok()
    after = state_of(shims.dir)
    failed = 0
    for number in range(1, 30):
        runner.wipe(shims.dir)
        if exists:
            shutil.copytree(old, shims.dir, symlinks=True)
        inject = "inject=mkdirat,mkdir,symlinkat,symlink,renameat2,renameat,rename,unlinkat:error=EIO:when=%d" % number
        got = shims.box.run([shutil.which("strace"), "-qq", "-o", "/dev/null", "-e", inject, *argv], env=env)
        now = state_of(shims.dir, ".cvenv-tmp-")  # if that cannot be removed, the next run does it
        if got.rc:
            failed += 1
            assert os.strerror(errno.EIO) in got.err or "I/O error" in got.err  # glibc, musl
        if got.rc and "changed in part" not in got.err:
            assert now == before, got
        elif got.rc:
            assert exists and all(before.get(n, after.get(n)) == to or after.get(n) == to for n, to in now.items()), got
        else:
            assert now == after, got
        shims.box.run(argv, env=env).ok()
        assert state_of(shims.dir) == after
    assert failed > 5


def test_start_takes_a_millisecond(shims, release):
    """What the shim adds, in the median. The limit is generous: other processes use the machine."""
    import time

    shims.box.run([release, "--install-shims", shims.dir, "-q"], env={"PATH": shims.real}).ok()
    os.unlink(shims.dir + "/.shims/python3")
    os.symlink("/bin/true", shims.dir + "/.shims/python3")

    def median(path):
        times = []
        for _ in range(31):
            begin = time.perf_counter()
            os.waitpid(os.posix_spawn(path, [path], os.environ), 0)
            times.append(time.perf_counter() - begin)
        return sorted(times)[15]

    assert median(shims.path("python3")) - median("/bin/true") < 0.02
