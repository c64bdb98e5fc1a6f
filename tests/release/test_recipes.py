# SPDX-License-Identifier: MIT
"""The recipes of doc/ci.md, doc/containers.md and doc/editors.md, which these tests read: what is
executed is what the pages show. Names such as OWNER and URL are replaced by local ones."""

import json
import os
import re
import shutil
import subprocess
import textwrap
import time

import pytest

import interpreters
import runner
import session
from powershell import UnderWine

NIGHTLY = pytest.mark.nightly
TARGET = "cvenv-{version}-x86_64-linux-musl.tar.gz"
ACTION = os.path.join(runner.REPOSITORY, "action.yml")


def page(name):
    return runner.read(runner.REPOSITORY, "doc", name)


def blocks(name, info):
    """The texts of the blocks of a page with these words behind the fence."""
    found = re.findall(r"(?ms)^( *)```([^\n]+)\n(.*?)^\1```$", page(name))
    found = [textwrap.dedent(text) for _, words, text in found if words == info]
    assert found, "%s has no block '%s'" % (name, info)
    return found


@pytest.fixture(scope="session")
def yaml():
    return pytest.importorskip("yaml", reason="no PyYAML")


@pytest.fixture
def release(artefact, dist, room, newest):
    """A directory with the release, and a PATH with a python3 for it."""
    place = os.path.join(room.root, "release")
    os.mkdir(place)
    archive = artefact(TARGET)
    for path in (archive, os.path.join(dist, "SHA256SUMS")):
        shutil.copy(path, place)
    shutil.copy(os.path.join(runner.REPOSITORY, "packaging", "install.sh"), place)
    os.symlink(newest.path, os.path.join(room.bin, "python3"))
    return place


@pytest.fixture
def installed(release, room, version):
    subprocess.run(["tar", "-xzf", os.path.join(release, TARGET.format(version=version)), "-C", room.root], check=True)
    os.symlink(os.path.join(room.root, TARGET.format(version=version)[:-len(".tar.gz")], "bin", "cvenv"),
               os.path.join(room.bin, "cvenv"))


def local(text, release):
    """curl of the place of the release, which is a directory here."""
    return text.replace('curl -fsSL "$URL', 'cat "$URL').replace("$URL", release)


# --- a runner of GitHub --------------------------------------------------------------------------


class Runner:
    """What a runner does with steps: files for variables, PATH and outputs; expressions in `env`."""

    def __init__(self, room, context):
        self.room, self.context, self.outputs = room, context, {}
        self.files = {n: os.path.join(room.root, n) for n in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")}
        self.temp = os.path.join(room.root, "runner temp")
        os.mkdir(self.temp)
        for path in self.files.values():
            open(path, "w").close()
        self.context = {"runner.os": "Linux", "runner.arch": "X64", "runner.temp": self.temp, **context}

    def value(self, expression):
        expression = expression.strip()
        if expression.startswith("hashFiles"):
            return "hash"
        steps = [self.outputs.get(part.strip(), "") if part.strip().startswith("steps.") else self.context[part.strip()]
                 for part in expression.split("||")]
        return next(filter(None, steps), "")

    def expand(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda m: self.value(m.group(1)), text)

    def applies(self, condition):
        """Only what action.yml uses: A == 'x' && B != 'y'."""
        return all(
            (self.value(left) == right.strip().strip("'")) == (operator == "==")
            for left, operator, right in (re.split(r"(==|!=)", part) for part in condition.split("&&")))

    def run(self, steps):
        result = None
        for step in steps:
            if not self.applies(step.get("if", "runner.os == 'Linux'")):
                continue
            if "uses" in step:
                assert re.fullmatch(r"actions/cache@v\d+", step["uses"])
                assert all(self.expand(v) for v in step["with"].values())
                continue
            result = self.step(step)
            if result.rc:
                return result
        return result

    def step(self, step):
        assert "${{" not in step["run"], "an expression in a script can be code"
        env = {name: self.expand(text) for name, text in step.get("env", {}).items()}
        env = {**self.variables(), "RUNNER_TEMP": self.temp, **self.files, **env}
        script = runner.write(self.temp, "step.sh", text=step["run"])
        result = self.room.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", script], env=env)
        for line in runner.read(self.files["GITHUB_OUTPUT"]).splitlines():
            name, _, text = line.partition("=")
            self.outputs["steps.%s.outputs.%s" % (step.get("id"), name)] = text
        return result

    def variables(self):
        path = runner.read(self.files["GITHUB_PATH"]).splitlines()[::-1]
        pairs = dict(line.split("=", 1) for line in runner.read(self.files["GITHUB_ENV"]).splitlines())
        return {**pairs, "PATH": ":".join([*path, self.room.bin, "/usr/bin", "/bin"])}


@pytest.fixture
def action(yaml, room, release):
    """action(input=...): run the action with these inputs, and return the runner and the last result."""
    text = yaml.safe_load(runner.read(ACTION))

    def run(repository="", **inputs):
        known = {name: entry["default"] for name, entry in text["inputs"].items()}
        assert set(inputs) <= set(known)
        context = {"inputs." + name: given for name, given in {**known, "url": release, **inputs}.items()}
        context.update({"github.action_path": runner.REPOSITORY, "github.action_repository": repository,
                        "github.server_url": "http://127.0.0.1:9"})
        place = Runner(room, context)
        result = place.run(text["runs"]["steps"])
        place.outputs.update({name: place.expand(entry["value"]) for name, entry in text["outputs"].items()})
        return place, result

    return run


def test_action_installs_creates_and_activates(action, room):
    place, result = action()
    result.ok()
    env_dir = room.path(".venv")
    assert (place.outputs["path"], place.outputs["python"]) == (env_dir, env_dir + "/bin/python")
    said = place.step({"run": "command -v python; echo $VIRTUAL_ENV; python -m pip --version"}).ok()
    assert said.out.splitlines()[:2] == [env_dir + "/bin/python", env_dir] and env_dir in said.out.splitlines()[2]
    assert os.path.isdir(place.temp + "/cvenv-cache/cvenv")


def test_action_takes_all_inputs(action, room, version, newest):
    runner.write(room.work, "some requirements.txt", text="\n")
    place, result = action(path="a b/$(env)", python=newest.path, requirements="some requirements.txt", version=version)
    result.ok()
    assert place.outputs["path"] == room.path("a b", "$(env)")
    place.step({"run": 'test "$(command -v python)" = "$VIRTUAL_ENV/bin/python"'}).ok()


@pytest.mark.parametrize("inputs, reason", [
    ({"url": ""}, "set the input url"),
    ({"url": "", "repository": "o/cvenv"}, "http://127.0.0.1:9/o/cvenv/releases/download/v%s/SHA256SUMS"),
    ({"url": "/nonexistent"}, "is missing"),
    ({"python": "3.99"}, "3.99"),
    ({"requirements": "nothing.txt"}, "nothing.txt"),
    ({"version": "99"}, "99"),
])
def test_action_fails_with_the_reason(action, room, version, inputs, reason):
    if reason.startswith("http"):
        session.needs_download()
    _, result = action(**inputs)
    assert result.rc != 0
    assert (reason % version if "%s" in reason else reason) in result.out + result.err


def test_action_for_windows_does_the_same(yaml):
    """Each step has its twin, with the same inputs and outputs."""
    steps = yaml.safe_load(runner.read(ACTION))["runs"]["steps"]
    unix, windows = ([s for s in steps if s.get("shell") == shell] for shell in ("bash", "pwsh"))
    assert [s["name"] for s in unix] == [s["name"] for s in windows]
    for a, b in zip(unix, windows):
        assert set(a["env"]) == set(b["env"])
        for name in ("GITHUB_PATH", "GITHUB_ENV", "GITHUB_OUTPUT"):
            assert a["run"].count("$" + name) == b["run"].count("$env:" + name)


def test_action_for_windows_in_powershell(yaml, windows, artefact, dist):
    """Its two scripts, in PowerShell under wine, where pip would take a minute for requirements."""
    if UnderWine.missing():
        pytest.skip(UnderWine.missing())
    artefact("cvenv-{version}-x86_64-windows.zip")
    pwsh, py = UnderWine(windows), windows.pythons[-1]
    files = {name: os.path.join(pwsh.folder, name) for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")}
    for path in files.values():
        runner.write(path, text="")
    values = {"github.action_path": pwsh.name(runner.REPOSITORY), "inputs.url": pwsh.name(dist),
              "inputs.path": "a b\\$(env)", "inputs.python": py.exe,
              "runner.temp": pwsh.name(pwsh.folder)}
    lines = ["Set-Location '%s'" % pwsh.name(pwsh.folder), "$env:RUNNER_TEMP = '%s'" % values["runner.temp"]]
    lines += ["$env:%s = '%s'" % (name, pwsh.name(path)) for name, path in files.items()]
    for step in yaml.safe_load(runner.read(ACTION))["runs"]["steps"]:
        if step.get("shell") != "pwsh":
            continue
        for name, text in step["env"].items():
            text = re.sub(r"\$\{\{(.*?)\}\}", lambda m: values.get(m.group(1).strip(), ""), text)
            lines.append("$env:%s = '%s'" % (name, text))
        lines += [step["run"], "$env:PATH = ((Get-Content $env:GITHUB_PATH) -join ';') + ';' + $env:PATH"]
    pwsh.run(lines)
    env_dir = pwsh.name(pwsh.folder) + "\\a b\\$(env)"
    told = {name: runner.read(path).splitlines() for name, path in files.items()}
    assert told["GITHUB_PATH"] == [pwsh.name(pwsh.folder) + "\\cvenv", env_dir + "\\Scripts"]
    assert told["GITHUB_ENV"] == ["VIRTUAL_ENV=" + env_dir]
    assert told["GITHUB_OUTPUT"] == ["path=" + env_dir, "python=%s\\Scripts\\python.exe" % env_dir]
    assert os.path.exists(os.path.join(pwsh.folder, "a b", "$(env)", "Scripts", "python.exe"))


def test_workflow_and_steps_of_github(yaml, room, release):
    workflow = yaml.safe_load(blocks("ci.md", "yaml github")[0])
    (used,) = [s for s in workflow["jobs"]["test"]["steps"] if "cvenv" in s.get("uses", "")]
    assert set(used["with"]) <= set(yaml.safe_load(runner.read(ACTION))["inputs"])
    steps = yaml.safe_load(local(blocks("ci.md", "yaml github-steps")[0], release))
    assert room.path(".venv") in Runner(room, {}).run(steps).ok().out


def test_inputs_of_the_page_are_those_of_the_action(yaml):
    table = re.findall(r"(?m)^\| `(\w+)` \|", page("ci.md"))
    assert sorted(table) == sorted(yaml.safe_load(runner.read(ACTION))["inputs"])


def test_schemas(tool, room):
    check = tool("check-jsonschema")
    for schema, path in (
            ("vendor.github-actions", ACTION),
            ("vendor.github-workflows", runner.write(room.work, "w.yml", text=blocks("ci.md", "yaml github")[0])),
            ("vendor.gitlab-ci", runner.write(room.work, "g.yml", text=blocks("ci.md", "yaml gitlab")[0]))):
        subprocess.run([check, "--builtin-schema", schema, path], check=True, capture_output=True)


def test_gitlab(yaml, room, release):
    job = yaml.safe_load(blocks("ci.md", "yaml gitlab")[0])
    runner.write(room.work, "requirements.txt")
    lines = job["test"]["before_script"] + job["test"]["script"]
    env = {name: text.replace("$CI_PROJECT_DIR", room.work) for name, text in job["variables"].items()}
    env.update(CI_PROJECT_DIR=room.work, CI="true")
    room.run(["sh", "-ec", local("\n".join(lines), release)], env=env).ok()
    assert os.path.isdir(room.path(*job["test"]["cache"]["paths"], "cvenv", "v1"))


def test_any_other_ci(room, release):
    text = local("".join(blocks("ci.md", "sh")), release)
    room.run(["sh", "-ec", text]).ok()
    assert "\ncvenv = " in runner.read(room.path("env", "pyvenv.cfg"))


# --- programs behind shims -----------------------------------------------------------------------


@pytest.fixture
def shims(room, installed):
    """PATH with shims first. They start the python3 of the room."""
    room.run(["cvenv", "-q", "--install-shims", room.path("shims")]).ok()
    return {"PATH": "%s:%s:/usr/bin:/bin" % (room.path("shims"), room.bin)}


def home_of(room, env_dir):
    return re.search(r"(?m)^home = (.*)$", runner.read(room.path(env_dir, "pyvenv.cfg"))).group(1)


@NIGHTLY
@pytest.mark.parametrize("name, args", [
    ("virtualenv", ["--no-seed", "-p"]),
    ("uv", ["venv", "--offline", "--python"]),
])
def test_finders_get_the_real_interpreter(room, shims, tool, name, args):
    """Also if they are told to use the shim."""
    for n, python in enumerate(["python3", room.path("shims", "python3")]):
        room.run([tool(name), *args, python, "env%d" % n], env=shims).ok()
        assert not home_of(room, "env%d" % n).startswith(room.path("shims"))
        room.run([room.path("env%d" % n, "bin", "python"), "-c", "1"]).ok()


@NIGHTLY
def test_ansible(room, shims, tool):
    """Its module pip, with `virtualenv_command`."""
    ansible = tool("ansible-playbook", "ansible-core")
    task = {"ansible.builtin.pip": {"name": "pip", "virtualenv": room.path("env"), "virtualenv_command": "python3 -m venv"}}
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}]
    runner.write(room.work, "play.yml", text=json.dumps(play))
    python = os.path.join(os.path.dirname(ansible), "python")  # it needs `packaging`
    room.run([ansible, "-i", "localhost,", "-e", "ansible_python_interpreter=" + python, "play.yml"], env=shims).ok()
    assert home_of(room, "env") == room.bin
    assert "\ncvenv = " in runner.read(room.path("env", "pyvenv.cfg"))


# --- containers ----------------------------------------------------------------------------------


def entries(cache):
    """{path of a file below CACHE: inode}"""
    return {os.path.join(at, name): os.lstat(os.path.join(at, name)).st_ino for at, _, names in os.walk(cache) for name in names}


def test_warm_and_ordinary_user(room, installed, as_user):
    """The commands of doc/containers.md, in other directories than HOME and /tmp."""
    pythons = [p.path for p in interpreters.load(session.found()["found"]) if room.run([*as_user, p.path, "-c", ""]).rc == 0]
    if not pythons:
        pytest.skip("no Python here that an ordinary user may run")
    os.unlink(os.path.join(room.bin, "python3"))
    os.symlink(pythons[0], os.path.join(room.bin, "python3"))
    cache, app = os.path.join(room.root, "cache-of-the-image"), room.path("app")
    _, _, warm = blocks("containers.md", "Containerfile warm")[0].partition("\nUSER dev\nRUN ")
    assert warm.startswith("cvenv ")
    user = blocks("containers.md", "sh user")[0].replace("/tmp/app", app)
    for directory in (room.root, room.work, room.tmp):
        os.chmod(directory, 0o777)
    if os.geteuid():
        user = re.sub(r"(?m)^setpriv .*? env", "env", user)
    room.run([*as_user, "sh", "-ec", warm], env={"CVENV_CACHE_DIR": cache}).quiet()
    before = entries(cache)
    assert before
    said = room.run(["sh", "-ec", user], env={"CVENV_CACHE_DIR": cache}).ok()
    assert (said.out, said.err) == (app + "\n", "")
    assert entries(cache) == before


def test_containerfiles_name_what_the_image_has():
    """Each copies the command from where the generated Containerfile puts it."""
    for info in ("Containerfile multi-stage", "Containerfile cache-mount", "Containerfile warm"):
        assert "COPY --from=cvenv /bin/cvenv /usr/local/bin/" in blocks("containers.md", info)[0]


@pytest.fixture
def buildah(room, installed, tmp_path):
    """A function that builds the block INFO with a base image that is made here, since no registry is
    needed then: Debian by debootstrap. It returns the list of its layers' digests."""
    for program in ("buildah", "debootstrap"):
        if not shutil.which(program):
            pytest.skip("no " + program)
    if os.geteuid():
        pytest.skip("debootstrap needs root")
    storage = ["buildah", "--root", str(tmp_path / "s"), "--runroot", str(tmp_path / "r"), "--storage-driver", "vfs"]

    def run(*args):
        done = subprocess.run([*storage, *args], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def bud(name, file, *args):
        run("bud", "--isolation", "chroot", "-t", name, "-f", str(tmp_path / file), *args, str(tmp_path))

    def build(info, *args):
        text = blocks("containers.md", info)[0]
        root = tmp_path / "root"
        packages = " ".join(re.findall(r"apt-get install -y --no-install-recommends ([^&\n]+)", text)).split()
        if not root.exists():
            made = subprocess.run(["debootstrap", "--variant=minbase", "--include=" + ",".join(packages), "stable", str(root)],
                                  capture_output=True, text=True)
            if made.returncode:
                pytest.skip("debootstrap failed: " + made.stderr[-200:])
            shutil.copy(os.path.realpath(os.path.join(room.bin, "cvenv")), tmp_path / "cvenv")
            (tmp_path / "base").write_text("FROM scratch\nADD root /\n")
            (tmp_path / "tool").write_text("FROM scratch\nCOPY cvenv /bin/cvenv\n")
            bud("recipe-base", "base")
            bud("recipe-cvenv", "tool")
        (tmp_path / "requirements.txt").write_text("")
        text = text.replace("debian:stable-slim", "localhost/recipe-base").replace("--from=cvenv", "--from=localhost/recipe-cvenv")
        (tmp_path / "Containerfile").write_text(re.sub(r"RUN apt-get .*\n", "RUN python3 --version\n", text))
        bud("recipe", "Containerfile", *args)
        return json.loads(run("inspect", "--type", "image", "recipe"))["OCIv1"]["rootfs"]["diff_ids"]

    return build


@NIGHTLY
def test_multi_stage_build(buildah):
    buildah("Containerfile multi-stage")


@NIGHTLY
def test_reproducible_layer(buildah):
    """Built twice, at different times: the last layer, which is the environment, is the same."""
    line = blocks("containers.md", "sh reproducible")[0].split()
    assert (line[:2], line[-3:]) == (["buildah", "build"], ["-t", "app", "."])
    first = buildah("Containerfile reproducible", "--no-cache", *line[2:-3])
    time.sleep(2)
    assert buildah("Containerfile reproducible", "--no-cache", *line[2:-3])[-1] == first[-1]
    other = [word.replace("1700000000", "1700000001") for word in line[2:-3]]
    assert buildah("Containerfile reproducible", "--no-cache", *other)[-1] != first[-1]


# --- editors -------------------------------------------------------------------------------------


def passed_on(*prefixes):
    """The variables that programs need to reach an index here."""
    return {name: text for name, text in os.environ.items() if "proxy" in name.lower() or name.startswith(prefixes)}


def test_settings_of_editors_are_valid():
    assert json.loads(blocks("editors.md", "json vscode")[0])["python.defaultInterpreterPath"].endswith("/.venv/bin/python")


@NIGHTLY
def test_pyright_resolves_imports(room, installed, tool, newest):
    """With the lines for pyproject.toml, and in an active environment."""
    pyright = tool("pyright")
    room.run(["sh", "-ec", blocks("editors.md", "sh")[0]]).ok()
    runner.write(room.path(".venv", "lib", "python" + newest.x_y, "site-packages"), "only_here.py", text="X: int = 1\n")
    runner.write(room.work, "use.py", text="from only_here import X\n\nY: str = X\n")
    network = passed_on("npm_", "NPM_", "PYRIGHT_")

    def complaints(**env):
        node = os.path.dirname(shutil.which("node") or "")
        path = ":".join(filter(None, [env.pop("before", ""), room.bin, node, "/usr/bin", "/bin"]))
        home = os.path.join(runner.REPOSITORY, "build", "tools", "release", "home")
        os.makedirs(home, exist_ok=True)
        said = room.run([pyright, "--outputjson", "use.py"], env={"PATH": path, "HOME": home, **network, **env}, timeout=300)
        if not said.out.startswith("{"):
            pytest.skip("pyright does not run here: " + (said.err.strip().splitlines() or ["?"])[-1])
        return [d["rule"] for d in json.loads(said.out)["generalDiagnostics"]]

    assert complaints() != []
    active = complaints(before=room.path(".venv", "bin"), VIRTUAL_ENV=room.path(".venv"))
    runner.write(room.work, "pyproject.toml", text=blocks("editors.md", "toml pyright")[0])
    assert complaints() == active == ["reportAssignmentType"]


@NIGHTLY
def test_jupyter_kernel(room, installed):
    text = blocks("editors.md", "sh jupyter")[0]
    result = room.run(["sh", "-ec", text], env=passed_on("PIP_"), timeout=600)
    if result.rc and "pip" in result.err and "ipykernel" in result.err:
        pytest.skip("cannot install ipykernel from the index")
    result.ok()
    kernel = json.loads(runner.read(room.home, ".local", "share", "jupyter", "kernels", "my-project", "kernel.json"))
    assert kernel["argv"][0] == room.path(".venv", "bin", "python")
    room.run([kernel["argv"][0], "-c", "import ipykernel.kernelapp"]).ok()


def test_direnv(room, installed, newest):
    """The function of doc/tools/direnvrc, with the two functions of direnv that it calls."""
    stub = 'direnv_layout_dir() { echo "$PWD/.direnv"; }\nPATH_add() { PATH=$1:$PATH; }\n'
    layout = runner.read(runner.REPOSITORY, "doc", "tools", "direnvrc")
    line = blocks("editors.md", "sh direnv")[0].replace("layout cvenv 3.13", "layout_cvenv " + newest.x_y)
    os.symlink(newest.path, os.path.join(room.bin, "python" + newest.x_y))
    said = room.run(["bash", "-ec", stub + layout + line + "command -v python"]).ok()
    assert said.out.strip() == room.path(".direnv", "cvenv", "bin", "python")


# --- README --------------------------------------------------------------------------------------


def readme(word):
    (line,) = re.findall(r"(?m)^    (.*build/dist.*)$", "\n".join(
        line for line in runner.read(runner.REPOSITORY, "README.md").splitlines() if line.strip().startswith(word)))
    return line.partition("  #")[0]


def test_readme_install_script(room, artefact, dist, newest):
    artefact(TARGET)
    script = os.path.join(dist, "install.sh")
    if not os.path.exists(script):
        pytest.skip("the release has no install.sh")
    room.run(["sh", "-ec", readme("sh ").replace("build/dist", dist) + " --prefix '%s/prefix'" % room.root]).ok()
    room.run([os.path.join(room.root, "prefix", "bin", "cvenv"), "-p", newest.path, "env"]).ok()


def test_readme_pip(room, artefact, dist, newest):
    artefact("cvenv-{version}-py3-none-*linux*x86_64.whl")
    line = readme("pip ").replace("build/dist", dist).replace("pip ", "tool/bin/pip ", 1)
    room.run([runner.command_path(), "-p", newest.path, "tool"]).ok()
    room.run(["sh", "-ec", line]).ok()
    room.run(["tool/bin/cvenv", "-p", newest.path, "env"]).ok()
