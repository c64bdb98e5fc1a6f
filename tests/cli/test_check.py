# SPDX-License-Identifier: MIT
"""--check: environments of each maker, whole and broken in each way that it tells."""

import json
import os
import re
import shutil

import pytest

import makers
import runner

NOTES = {"pip-missing", "patch-version-other", "link-outside", "other-python"}


def checked(box, root, *args, full=False):
    """What it says about the environment ROOT. It must agree with the exit status."""
    result = box.cvenv("--check=full" if full else "--check", "--json", *args, root)
    assert not result.err
    one = json.loads(result.out)
    assert result.rc == any(f["severity"] != "note" for f in one["findings"])
    return one


def kinds(box, root, full=False):
    """Of findings that are not notes."""
    return {f["kind"] for f in checked(box, root, full=full)["findings"] if f["severity"] != "note"}


class Env:
    """An environment that is broken, and then replaced by its copy."""

    def __init__(self, env):
        self.root, self.bin, self.site, self.py = env.root, env.bin, env.site, env.py
        self.copy = env.root + ".copy"
        shutil.copytree(self.root, self.copy, symlinks=True)

    def restore(self):
        runner.wipe(self.root)
        shutil.copytree(self.copy, self.root, symlinks=True)

    def edit(self, path, pattern, new):
        """Replace what matches in the file, and keep its mode."""
        path = os.path.join(self.root, path)
        text = runner.read(path)
        changed = re.sub(pattern, lambda _: new, text, flags=re.M)
        assert changed != text
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(changed)

    def append(self, path, text):
        with open(os.path.join(self.root, path), "a", encoding="utf-8") as f:
            f.write(text)

    def at(self, *names):
        return os.path.join(self.root, *names)

    def info(self, *names):
        return os.path.join(self.site, "demo-1.0.dist-info", *names)


def first_line(text):
    return lambda env: env.edit("bin/demo", r"\A#!.*(\n'''exec'.*\n.*)?", text(env))


def python_missing(env):
    """As if the base interpreter were gone: the one link that leaves the environment leads nowhere."""
    for name in os.listdir(env.bin):
        path = os.path.join(env.bin, name)
        if os.path.islink(path) and os.path.isabs(os.readlink(path)):
            os.unlink(path)
            os.symlink("/nonexistent/bin/" + name, path)


def unquoted(env):
    env.edit("pyvenv.cfg", r"\Z", "prompt = $(touch CANARY)\n")
    env.append("bin/activate", '\n    PS1="($(touch CANARY)) ${PS1:-}"\n')


def distribution_twice(env):
    other = os.path.join(env.site, "Demo-0.9.dist-info")
    shutil.copytree(env.info(), other)
    env.edit(os.path.join(other, "RECORD"), re.escape("demo-1.0.dist-info"), "Demo-0.9.dist-info")


def old_setuptools(env):
    runner.write(env.site, "demo.egg-link", text="/nonexistent/project\n.")


def stage(env):
    os.mkdir(env.at(".cvenv-tmp-1-0123abcd"))


BROKEN = {
    "config-unreadable": lambda env: env.append("pyvenv.cfg", "x" * 70000),
    "config-no-home": lambda env: env.edit("pyvenv.cfg", r"^home.*\n", ""),
    "python-missing": python_missing,
    "python-missing no file": lambda env: os.unlink(env.at("bin", "python")),
    "home-missing": lambda env: env.edit("pyvenv.cfg", r"^home = .*", "home = /nonexistent"),
    "version-other": lambda env: env.edit("pyvenv.cfg", r"(?<=^)((?:python-)?version(?:_info)?) = .*",
                                          "version = 3.99.1"),
    "script-python-missing": first_line(lambda env: "#!/nonexistent/bin/python"),
    "script-python-missing in it": first_line(lambda env: "#!%s/bin/python3.1" % env.root),
    "script-python-other": first_line(lambda env: "#!" + env.py.path),
    "script-line-long": first_line(lambda env: "#!%s/bin/%spython" % (env.root, "./" * 60)),
    "script-not-executable": lambda env: os.chmod(env.at("bin", "demo"), 0o644),
    "activation-other": lambda env: env.edit("bin/activate", re.escape(env.root), env.root + "-old"),
    "activation-unquoted": unquoted,
    "record-missing": lambda env: os.unlink(env.info("RECORD")),
    "record-invalid": lambda env: env.append(env.info("RECORD"), '"not closed'),
    "record-invalid cut": lambda env: env.edit(env.info("RECORD"), r"^demo-1.0.dist-info/RECORD,,\r?\n", ""),
    "record-invalid pipe": lambda env: (os.unlink(env.info("RECORD")), os.mkfifo(env.info("RECORD"))),
    "file-missing": lambda env: os.unlink(os.path.join(env.site, "demo", "data.txt")),
    "file-missing directory": lambda env: shutil.rmtree(os.path.join(env.site, "demo")),
    "file-size": lambda env: env.append(os.path.join(env.site, "demo", "data.txt"), "x"),
    "file-hash": lambda env: env.edit(os.path.join(env.site, "demo", "data.txt"), "data", "atad"),
    "record-outside": lambda env: env.append(env.info("RECORD"), "../../../../../../../etc/passwd,,\n"),
    "record-outside absolute": lambda env: env.append(env.info("RECORD"), "/etc/passwd,,\n"),
    "distribution-twice": distribution_twice,
    "pip-broken": lambda env: shutil.copy(env.at("bin", "demo"), env.at("bin", "pip")),
    "editable-missing": lambda env: runner.write(env.site, "a.pth", text="# x\nimport sys\n/nonexistent/src\n"),
    "editable-missing egg-link": old_setuptools,
    "owner-other": lambda env: os.chown(os.path.join(env.site, "demo"), 4711, -1),
    "writable-by-others": lambda env: os.chmod(os.path.join(env.site, "demo", "data.txt"), 0o646),
    "interrupted": stage,
    "interrupted clear": lambda env: runner.write(env.root, ".cvenv-clear"),
    "interrupted pip": lambda env: os.mkdir(os.path.join(env.site, "~emo-0.9.dist-info")),
    # notes
    "link-outside": lambda env: os.symlink("/etc", os.path.join(env.site, "link")),
    "other-python": lambda env: os.makedirs(env.at("lib", "python3.1", "site-packages")),
    "patch-version-other": lambda env: env.edit("pyvenv.cfg", r"^version(_info)? = .*",
                                                "version = %s.99" % env.py.x_y),
}


def told(findings):
    return "; ".join("%s %s: %s" % (f["kind"], f.get("file"), f["detail"]) for f in findings)


def has_no_defect(box, env):
    for full in False, True:
        one = checked(box, env.root, full=full)
        assert not {f["kind"] for f in one["findings"]} - NOTES - {"activation-unquoted"}, told(one["findings"])
        assert all(f["severity"] == "note" for f in one["findings"]), told(one["findings"])
    assert one["maker"] == env.maker and "demo" in [p["name"] for p in one["packages"]]


def test_new_environments_have_no_defect(box, made, some_py):
    """Of the venv of a Python, nightly of each, with the pip that it installs."""
    has_no_defect(box, made("venv", some_py, pip="pip" in some_py.seeds))


@pytest.mark.parametrize("maker", makers.MAKERS[1:])
def test_new_environments_of_others_have_no_defect(box, made, newest, maker):
    has_no_defect(box, made(maker, newest, pip=maker != "uv"))


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_each_defect_is_told_and_nothing_else(box, made, newest, maker):
    env = Env(made(maker, newest))
    wrong = []
    for name, make in BROKEN.items():
        kind = name.split(" ")[0]
        if (kind == "owner-other" and os.geteuid() != 0) or (kind == "patch-version-other" and not headers(newest)):
            continue
        make(env)
        findings = checked(box, env.root, full=kind == "file-hash")["findings"]
        found = {f["kind"] for f in findings if f["severity"] != "note"}
        if kind in NOTES:
            ok = not found and kind in {f["kind"] for f in findings}
        else:
            ok = found == {kind}
        if kind == "file-hash":
            ok = ok and kinds(box, env.root) == set()
        if not ok:
            wrong.append("%s: %s" % (name, told(findings)))
        env.restore()
    assert not wrong, "\n".join(wrong)


def headers(py):
    """Does the base have the header that tells its patch version? Debian's is a package of its own."""
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(py.path)))
    return os.path.exists(os.path.join(prefix, "include", py.lib_name, "patchlevel.h"))


@pytest.mark.parametrize("copied", [False, True])
@pytest.mark.parametrize("maker", makers.MAKERS)
def test_a_moved_environment_is_one_finding(box, made, newest, maker, copied):
    env = made(maker, newest)
    there = env.root + "-moved"
    if copied:
        shutil.copytree(env.root, there, symlinks=True)
    else:
        os.rename(env.root, there)
    (one,) = [f for f in checked(box, there)["findings"] if f["severity"] != "note"]
    assert one["kind"] == "moved" and "'%s'" % env.root in one["detail"]
    assert ("copy" in one["detail"]) == copied
    # through another name it is the same environment
    os.symlink(there, box.path("link"))
    assert [f for f in checked(box, box.path("link"))["findings"] if f["severity"] != "note"] == [one]


def editable(env, project, **info):
    url = {"url": "file://" + project.replace(" ", "%20"), "dir_info": {"editable": True}, **info}
    info = os.path.join(env.site, "demo-1.0.dist-info")
    runner.write(info, "direct_url.json", text=json.dumps(url, indent=1))
    rows = [row for row in runner.read(info, "RECORD").splitlines() if "direct_url" not in row]
    runner.write(info, "RECORD", text="\n".join(rows) + "\n")
    return url


def test_editable_projects_are_told_once(box, made, newest):
    """By direct_url.json, else by the .pth file or the module that finds it."""
    env = made("venv", newest)
    project = box.path("my project")
    os.makedirs(os.path.join(project, "src"))
    url = editable(env, project)
    runner.write(env.site, "__editable__.demo.pth", text=project + "/src\n")
    runner.write(env.site, "__editable___demo_finder.py", text="MAPPING = {'demo': %r}\n" % (project + "/src/demo"))
    os.mkdir(os.path.join(project, "src", "demo"))
    one = checked(box, env.root)
    assert kinds(box, env.root) == set()
    (package,) = one["packages"]
    assert package == {"name": "demo", "version": "1.0", "installer": "pip", "editable": project,
                       "requested": True, "direct_url": url}
    os.rmdir(os.path.join(project, "src", "demo"))
    (finding,) = [f for f in checked(box, env.root)["findings"] if f["severity"] != "note"]
    assert finding["file"].endswith("_finder.py") and "src/demo'" in finding["detail"]
    shutil.rmtree(project)
    (finding,) = [f for f in checked(box, env.root)["findings"] if f["severity"] != "note"]
    assert (finding["kind"], finding["cure"]) == ("editable-missing", "none")
    assert finding["detail"] == "demo is imported from '%s', which does not exist" % project


def test_output_for_people(box, made, newest):
    env = made("cvenv", newest, name="my(env)")
    assert box.cvenv("--check", "my(env)").ok().out == ""
    assert "pip is not installed" in box.cvenv("--check", "-v", "my(env)").ok().out
    os.unlink(os.path.join(env.site, "demo", "data.txt"))
    os.chmod(os.path.join(env.bin, "demo"), 0o644)
    result = box.cvenv("--check", "my(env)")
    assert (result.rc, result.err) == (1, "")
    assert result.out.splitlines() == [
        "my(env): 'bin/demo' is not executable (cvenv --repair 'my(env)')",
        "my(env): demo: 'lib/%s/site-packages/demo/data.txt' is missing (reinstall demo)" % newest.lib_name,
    ]
    assert box.cvenv("--check", "-q", "my(env)").out == ""


def test_several_environments(box, made, newest):
    """The rest is read after one that is none."""
    made("cvenv", newest)
    os.mkdir(box.path("empty"))
    result = box.cvenv("--check", "--json", "empty", "nowhere", "env")
    assert result.rc == 1 and len(result.err.splitlines()) == 2
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [sorted(one) for one in lines[:2]] == [["error", "path"]] * 2
    assert lines[2]["path"] == box.path("env")
    for argv in (["--check", "--dry-run"], ["--check", "--clear"], ["--check=fast"], ["--check", "-p", newest.path]):
        box.cvenv(*argv, "env").refused(rc=2)


def test_nothing_is_run_or_written(box, made, newest):
    """Not even the access times change. Outside, only files of the base are opened."""
    env = made("cvenv", newest, pip=True)
    log = os.path.join(box.root, "log")
    strace = ["strace", "-f", "-qq", "-e", "trace=%process,%file,%desc", "-o", log]
    try:
        ok = box.run([*strace, "true"]).rc == 0
    except OSError:
        ok = False
    if not ok:
        pytest.skip("no strace that works")
    traced = {"ASAN_OPTIONS": "detect_leaks=0"}
    before = {}
    for where, _, names in os.walk(env.root):
        for name in [".", *names]:
            path = os.path.join(where, name)
            if os.path.islink(path):
                continue  # to read one changes its access time on some systems
            os.utime(path, (10**9, os.lstat(path).st_mtime), follow_symlinks=False)
            before[path] = os.lstat(path)
    box.run([*strace, box.command, "--check=full", "--no-config", env.root], env=traced).ok()
    for path, st in before.items():
        now = os.lstat(path)
        assert (now.st_atime, now.st_mtime_ns, now.st_ctime_ns) == (st.st_atime, st.st_mtime_ns, st.st_ctime_ns), path
    calls = runner.read(log)
    assert len(re.findall(r"\bexecve", calls)) == 1 and not re.search(r"\b(fork|vfork)\(", calls)
    assert not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", calls)
    assert not re.search(r"(?m)^\d+ +(mk|unlink|rename|link|symlink|chmod|chown|utime|truncate)\w*\(", calls)
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(newest.path)))
    for path in re.findall(r'\bopen(?:at)?\((?:AT_FDCWD, )?"(/[^"]*)"', calls):
        allowed = (env.root, prefix + "/include/", prefix + "/lib", box.cache, "/etc/ld.so", "/lib", "/usr/lib", "/proc/",
                   "/sys/", "/dev/tty")
        assert path.startswith(allowed) or path == "/" or box.root.startswith(path), path


def test_a_copy_without_its_library(box, newest):
    """The copied interpreter searches libpython beside itself. Its base has told so when it was run."""
    real = os.path.realpath(newest.path)
    prefix = os.path.dirname(os.path.dirname(real))
    library = os.path.join(prefix, "lib", "libpython%s.so.1.0" % newest.x_y)
    with open(real, "rb") as f:
        data = f.read()
    path = os.fsencode(os.path.join(prefix, "lib")) + b"\0"
    beside = b"$ORIGIN/../lib\0"
    if data.count(path) != 1 or len(beside) > len(path) or not os.path.exists(library):
        pytest.skip("%s has no libpython, or finds it in another way" % newest)
    base = box.path("base")
    os.makedirs(os.path.join(base, "bin"))
    os.makedirs(os.path.join(base, "lib"))
    os.symlink(os.path.join(prefix, "lib", newest.lib_name), os.path.join(base, "lib", newest.lib_name))
    shutil.copy(library, os.path.join(base, "lib"))
    executable = os.path.join(base, "bin", "python" + newest.x_y)
    with open(executable, "wb") as f:
        f.write(data.replace(path, beside.ljust(len(path), b"\0")))
    os.chmod(executable, 0o755)
    box.cvenv("-q", "--copies", "--without-pip", "-p", executable, "env").ok()
    assert kinds(box, box.path("env")) == set()
    os.unlink(box.path("env", "lib", os.path.basename(library)))
    assert kinds(box, box.path("env")) == {"libpython-missing"}


def test_json_is_in_the_manual(box, made, newest):
    env = made("uv", newest)
    editable(env, box.path("project"))
    one = checked(box, env.root)
    with open(os.path.join(runner.REPOSITORY, "doc", "cvenv.1"), encoding="utf-8") as f:
        page = f.read()
    names = re.search(r"(?ms)^\.Ss JSON about existing environments$(.*?)^\.Ss", page).group(1)
    names = set(re.findall(r"\w+", " ".join(re.findall(r"(?m)^\.(?:It )?Cm (.*)", names))))
    assert set(one) <= names
    assert set().union(*one["findings"]) | set().union(*one["packages"]) <= names
    told = re.search(r"(?ms)^\.Ss Checks$(.*?)^\.Ss", page).group(1)
    told = set(re.findall(r"[a-z]+-[a-z-]+", " ".join(re.findall(r"(?m)^\.(?:It )?Cm (.*)", told))))
    assert {name.split(" ")[0] for name in BROKEN} | {"moved", "pip-missing", "libpython-missing"} <= told | {"moved", "interrupted"}
