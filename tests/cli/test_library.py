# SPDX-License-Identifier: MIT
"""libcvenv as others use it: installed, found by pkg-config, in several threads; and the command,
which is to use no more of it than they can."""

import glob
import os
import re
import shutil
import subprocess

import pytest

import runner
import trees

ROOT = runner.REPOSITORY
HEADER = os.path.join(ROOT, "include", "cvenv.h")
HERE = os.path.join(runner.TESTS, "cli", "library")
# An initialiser that names the size only is what the header recommends.
# CVENV_CC is the compiler, with its options, of a library that is for another C library.
CC = os.environ.get("CVENV_CC", "cc").split()
COMPILERS = [("gcc", "c11"), ("clang", "c11"), ("g++", "c++17"), ("clang++", "c++17")]
if "CVENV_CC" in os.environ:
    COMPILERS = [("CVENV_CC", "c11")]
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-missing-field-initializers"]


def run(argv, timeout=600, **more):
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, **more
    )
    text = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, "%r\n%s" % (argv, text)
    return text


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip("no %s" % program)


@pytest.fixture(scope="module")
def installed(tmp_path_factory, release):
    """Where `meson install` of the release build puts things: its prefix."""
    need("meson", "pkg-config")
    build = os.path.abspath(os.path.join(os.path.dirname(release), "..", ".."))
    where = str(tmp_path_factory.mktemp("installed"))
    run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", where])
    (found,) = glob.glob(os.path.join(where, "**", "cvenv.pc"), recursive=True)
    prefix = re.search(r"^prefix=(.*)$", runner.read(found), re.M).group(1)
    return os.path.dirname(found), where + prefix


def pkg_config(installed, *args):
    folder, prefix = installed
    argv = ["pkg-config", "--define-variable=prefix=" + prefix, *args, "cvenv"]
    path = folder + ":" + os.environ.get("PKG_CONFIG_PATH", "")
    return run(argv, env=dict(os.environ, PKG_CONFIG_PATH=path)).split()


def library_dir(installed):
    (path,) = glob.glob(os.path.join(installed[1], "**", "libcvenv.a"), recursive=True)
    return os.path.dirname(path)


def example():
    """The first block of code in the header's comment."""
    lines = runner.read(HEADER).split("\n")
    start = lines.index(" *\t#include <cvenv.h>")
    taken = []
    for line in lines[start:]:
        if not line.startswith(" *\t") and line != " *":
            break
        taken.append(line[3:])
    return "\n".join(taken).rstrip() + "\n"


def test_version(installed):
    said = pkg_config(installed, "--modversion")
    assert runner.read(ROOT, "include", "cvenv.h").count("cvenv_version(void)") == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", said[0])


@pytest.mark.parametrize("link", ["shared", "static"])
@pytest.mark.parametrize("compiler, standard", COMPILERS)
def test_example(installed, box, newest, compiler, standard, link):
    """The example compiles without a warning, and works."""
    compile_c = CC if "CVENV_CC" in os.environ else [compiler]
    need(compile_c[0])
    suffix = ".cc" if "++" in compiler else ".c"
    source = runner.write(box.root, "example" + suffix, text=example())
    program = os.path.join(box.root, "example")
    made = [*compile_c, "-std=" + standard, *STRICT, *pkg_config(installed, "--cflags")]
    run([*made, "-c", source, "-o", program + ".o"])
    folder = library_dir(installed)
    argv = [*compile_c, "-fno-lto", program + ".o", "-o", program]
    if link == "shared":
        argv += pkg_config(installed, "--libs")
    else:
        others = pkg_config(installed, "--static", "--libs")
        argv += [os.path.join(folder, "libcvenv.a")]
        argv += [word for word in others if word != "-lcvenv"]
    run(argv)
    env = {"LD_LIBRARY_PATH": folder, "CVENV_PYTHON": newest.path}
    version = ".".join(map(str, newest.version))
    said = box.run([program, "env"], env=env).ok()
    python = os.path.join(box.path("env"), "bin", os.path.basename(newest.path))
    assert (said.out, said.err) == ("%s is Python %s\n" % (python, version), "")
    assert box.says(box.path("env"))["sys.prefix"] == box.path("env")
    said = box.run([program, "a:b"], env=env)
    assert said.rc == 1 and said.err.startswith("refusing to create"), str(said)
    box.run([program], env=env).ok()
    assert runner.environments(box.work) == {"env", ".venv"}


def declared():
    text = re.sub(r"/\*.*?\*/", "", runner.read(HEADER), flags=re.S)
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    return set(re.findall(r"CVENV_API\s[^;]*?\b(cvenv_\w+)\(", text))


def test_what_is_exported_is_what_is_declared(installed):
    need("nm")
    path = os.path.join(library_dir(installed), "libcvenv.so")
    names = [line.split() for line in run(["nm", "-D", "--defined-only", path]).splitlines()]
    found = {words[-1] for words in names if words[-2] != "A"}
    assert found == {name + "@@CVENV_0.1" for name in declared()}
    assert len(declared()) > 20


def test_library_does_not_print_exit_or_read_the_environment(installed):
    """Of the C library's functions it calls none that would."""
    need("nm")
    path = os.path.join(library_dir(installed), "libcvenv.so")
    used = {line.split()[-1].split("@")[0] for line in run(["nm", "-D", "-u", path]).splitlines()}
    banned = {"printf", "puts", "putchar", "perror", "exit", "_exit", "abort", "getenv"}
    banned |= {"secure_getenv", "getcwd", "environ", "__environ", "stdout", "stderr", "chdir"}
    banned |= {"setlocale", "signal", "sigaction", "umask", "strtok", "__printf_chk"}
    child = {"_exit", "signal"}  # what os/posix/fork.c calls in the child, before execve()
    assert used & (banned - child) == set()
    build = os.environ.get("CVENV_BUILD", "")
    objects = glob.glob(os.path.join(build, "src", "*", "lib*.a.p", "*.o"))
    called_by = {path: set() for path in objects}
    for line in run(["nm", "-A", "-u", *objects]).splitlines() if objects else ():
        found = re.fullmatch(r"(.*?): +[Uw] (\S+)", line)
        if found:  # else it has no symbols
            called_by[found[1]].add(found[2])
    for path, called in called_by.items():
        of_command = os.path.basename(os.path.dirname(path)) == "libos_command.a.p"
        assert not called & child or of_command or path.endswith("posix_fork.c.o"), path
    assert len(objects) > 20 or not build
    assert "openat" in used or "openat64" in used


# What files of the command use of the parts of the library: (their names, header, its functions).
BESIDE = [
    # configuration: a name in a file is refused with its line
    ("config", "fs/file.h", {"cv_read_file_stat"}),
    ("config", "interpreter/project.h", {"cv_pyproject_read"}),
    ("config", "interpreter/spec.h", {"cv_pyspec_is_request"}),
    # what the package that has no extension asks of the command
    ("request", "env/replace.h", {"cv_replace"}),
    # what a shim of --install-shims starts
    ("shim", "os/os.h", set()),
    ("shim", "interpreter/managers/own_shim.h", {"cv_own_shim"}),
    # the function cv: the line that a shell evaluates, and the list of directories that may be entered
    ("hook", "env/quote.h", {"cv_quote_fish", "cv_quote_posix", "cv_quote_powershell"}),
    ("enter", "create/redirect.h", {"cv_redirect_read"}),
    ("enter", "env/activators.h", {"cv_activators"}),
    ("enter", "fs/file.h", {"cv_read_file"}),
    ("allowed", "os/os.h", set()),
    ("allowed", "fs/dir.h", {"cv_make_dirs"}),
    ("allowed", "fs/file.h", {"cv_read_file", "cv_replace_file"}),
    ("command_path", "os/os.h", set()),
]


def test_the_command_includes_nothing_but_the_public_header():
    sources = glob.glob(os.path.join(ROOT, "src", "cli", "*.[ch]"))
    assert len(sources) > 5
    for path in sources:
        for name in re.findall(r'^\s*#\s*include\s+"([^"]+)"', runner.read(path), re.M):
            allowed = name in ("cvenv.h", "cvenv_version.h", "os/command.h", "os/process.h")
            allowed = allowed or re.match(r"(cli|cli/completions|base)/\w+\.h$", name)
            of = os.path.basename(path)
            allowed = allowed or any(of.startswith(who) and name == header for who, header, _ in BESIDE)
            assert allowed, "%s includes %s" % (path, name)


def test_the_command_calls_nothing_but_the_public_library():
    """In the objects of the build: what they want is their own, of base/ or os/, or exported."""
    need("nm")
    build = os.environ.get("CVENV_BUILD")
    if not build:
        pytest.skip("CVENV_BUILD is not set")
    objects = glob.glob(os.path.join(build, "src", "cli", "cvenv.p", "*.o"))
    base = glob.glob(os.path.join(build, "src", "base", "libbase.a.p", "*.o"))
    base += glob.glob(os.path.join(build, "src", "os", "lib*.a.p", "*.o"))
    own = {os.path.splitext(n)[0] for n in os.listdir(os.path.join(ROOT, "src", "cli"))}
    base += [p for p in objects if os.path.basename(p).startswith("completions_")]  # ./dev lint checks them
    base += glob.glob(os.path.join(build, "src", "cli", "cvenv.p", "*embed*.o"))
    objects = [p for p in objects if os.path.basename(p).split(".")[0] in own]
    assert len(objects) > 5 and base

    def names(paths, *options):
        lines = run(["nm", *options, *paths]).splitlines()
        return {line.split()[-1] for line in lines if re.search(r"\bcv(env)?_\w+$", line)}

    wanted = names(objects, "-u") - names(objects, "--defined-only")
    beside = wanted - names(base, "--defined-only") - declared()
    assert beside == set().union(*(functions for _, _, functions in BESIDE))
    assert "cvenv_create" in wanted


# ---------------------------------------------------------------- threads


STACK_MAX = 64 * 1024  # musl gives a thread 128 kB


def test_a_thread_needs_less_than_64_kb_of_stack(installed, cold, newest):
    need(CC[0])
    program = os.path.join(cold.root, "stack")
    others = pkg_config(installed, "--static", "--libs")
    argv = [*CC, "-std=gnu11", "-O1", "-fno-lto", *STRICT, "-I" + os.path.dirname(HEADER)]
    argv += [os.path.join(HERE, "stack.c"), os.path.join(library_dir(installed), "libcvenv.a")]
    run([*argv, *[w for w in others if w != "-lcvenv"], "-lpthread", "-o", program])
    said = cold.run([program, newest.path, cold.work], env={"CVENV_CACHE_DIR": None}).ok()
    used = {name: int(size) for name, size in (line.split() for line in said.out.splitlines())}
    assert used["first"] > 8192 and len(used) > 10, str(said)
    assert {n: size for n, size in used.items() if size >= STACK_MAX} == {}
    assert os.path.exists(cold.path("env", "bin", "python")), str(said)


@pytest.fixture(scope="module")
def with_tsan(tmp_path_factory):
    """The library, built for ThreadSanitizer: (flags for a program, directory of its build)."""
    need("meson", "ninja", "cc")
    where = str(tmp_path_factory.mktemp("tsan"))
    probe = runner.write(where, "probe.c", text="int main(void) { return 0; }\n")
    built = subprocess.run(
        ["cc", "-fsanitize=thread", probe, "-o", probe[:-2]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if built.returncode:
        pytest.skip("the compiler has no ThreadSanitizer")
    prefix = []
    if subprocess.run([probe[:-2]], stderr=subprocess.DEVNULL).returncode:
        # It does not get along with all layouts of memory that newer kernels choose.
        prefix = ["setarch", "-R"]
        need("setarch")
        if subprocess.run([*prefix, probe[:-2]], stderr=subprocess.DEVNULL).returncode:
            pytest.skip("ThreadSanitizer does not run here")
    build = os.path.join(where, "build")
    options = ["-Db_sanitize=thread", "-Db_lto=false", "-Db_lundef=false", "-Dtests=disabled"]
    run(["meson", "setup", *options, "--buildtype=debugoptimized", build, ROOT])
    run(["ninja", "-C", build, "-j2", "src/api/libcvenv.a"])
    return prefix, os.path.join(build, "src", "api", "libcvenv.a")


def threads_at_once(cold, newest, prefix, library, *flags):
    program = os.path.join(cold.root, "threads")
    argv = ["cc", "-std=gnu11", "-g", "-O1", *flags, *STRICT]
    argv += ["-I" + os.path.dirname(HEADER), os.path.join(HERE, "threads.c"), library]
    argv += run(["pkg-config", "--libs", "libdeflate", "nettle", "zlib", "libzstd"]).split()
    run([*argv, "-lpthread", "-o", program])
    options = {"TSAN_OPTIONS": "halt_on_error=1:exitcode=66"}
    result = cold.run([*prefix, program, newest.path, cold.work], env=options).ok()
    assert "ThreadSanitizer" not in result.err
    made = {"own%d" % n for n in range(8)} | {"common"}
    assert runner.environments(cold.work) == made
    site = os.path.join("lib", newest.lib_name, "site-packages", "pip")
    expected = {name: node.digest for name, node in trees.snapshot(cold.path("common", site)).items()}
    for name in made:
        got = {name: node.digest for name, node in trees.snapshot(cold.path(name, site)).items()}
        assert got == expected
    for name in ("common", "own0"):
        cold.run([cold.path(name, "bin", "python"), "-m", "pip", "--version"]).ok()
    assert not [n for n in os.listdir(cold.work) if n.startswith(".cvenv")]


def test_threads(installed, cold, newest):
    need("cc", "pkg-config")
    library = os.path.join(library_dir(installed), "libcvenv.a")
    threads_at_once(cold, newest, [], library, "-fno-lto")


@pytest.mark.nightly
def test_threads_under_thread_sanitizer(with_tsan, cold, newest):
    prefix, library = with_tsan
    threads_at_once(cold, newest, prefix, library, "-fsanitize=thread")
