# SPDX-License-Identifier: MIT
"""
The parts of probe.py that need interpreters which no one machine has: WHEEL_PKG_DIR, moved
builds, copies that need a library beside them. Usage: probe_script.py PROBE_PY PROBE_WINDOWS_PY
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

with open(sys.argv.pop()) as f:
    windows_source = f.read()
with open(sys.argv.pop()) as f:
    source = f.read()
assert source.endswith("\nmain()\n")
probe = {"os": os}
exec(compile(source[: -len("main()\n")], "probe.py", "exec"), probe)
exec(compile(windows_source, "probe_windows.py", "exec"), probe)
sys.dont_write_bytecode = False

NEW = 'if (_pkg_dir := sysconfig.get_config_var("WHEEL_PKG_DIR")):\n    pass\n_PIP_VERSION = "24.2"\n'
BOTH = '_SETUPTOOLS_VERSION = "65.5.0"\n_PIP_VERSION = "23.0.1"  # now\nuse(WHEEL_PKG_DIR)\n'
OLD = "_SETUPTOOLS_VERSION = '58.1.0'\n_PIP_VERSION = '23.0.1'\n"


class Dirs(unittest.TestCase):
    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)

    def put(self, name, text="", mode=0o644):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path


class Wheels(Dirs):
    def choose(self, source, bundled=(), shared=(), projects=("pip",), folder="shared"):
        if source is not None:
            self.put("ensurepip/__init__.py", source)
        for name in bundled:
            self.put("ensurepip/_bundled/" + name)
        for name in shared:
            self.put("shared/" + name)
        shared_dir = os.path.join(self.dir, folder) if folder else ""
        wheels = probe["choose_wheels"](os.path.join(self.dir, "ensurepip"), shared_dir, list(projects))[1]
        return [os.path.relpath(wheels[p], self.dir) if wheels[p] else "" for p in projects]

    def test_the_constant_rules_not_the_directory(self):
        names = ["pip-%s-py3-none-any.whl" % v for v in ("22.0.4", "24.2", "99.0")]
        self.assertEqual(self.choose(NEW, names, folder=""), ["ensurepip/_bundled/" + names[1]])

    def test_a_bundled_wheel_that_is_missing_is_none(self):
        self.assertEqual(self.choose(NEW, ["pip-23.0-py3-none-any.whl"], folder=""), [""])

    def test_older_tag(self):
        name = "pip-24.2-py2.py3-none-any.whl"
        self.assertEqual(self.choose(NEW, [name], folder=""), ["ensurepip/_bundled/" + name])

    def test_shared_directory_goes_first_and_its_last_name(self):
        self.assertEqual(
            self.choose(NEW, ["pip-24.2-py3-none-any.whl"], ["pip-9.0-py3-none-any.whl", "pip-25.1-py3-none-any.whl"]),
            ["shared/pip-9.0-py3-none-any.whl"],  # by name, as ensurepip: not by version
        )

    def test_empty_shared_directory(self):
        name = "pip-24.2-py3-none-any.whl"
        self.assertEqual(self.choose(NEW, [name], ["notpip-1.whl"]), ["ensurepip/_bundled/" + name])

    def test_shared_directory_only_when_it_has_all(self):
        bundled = ["pip-23.0.1-py3-none-any.whl", "setuptools-65.5.0-py3-none-any.whl"]
        both = ("pip", "setuptools")
        self.assertEqual(
            self.choose(BOTH, bundled, ["pip-25-py3-none-any.whl"], both), ["ensurepip/_bundled/" + n for n in bundled]
        )
        shared = ["pip-25-py3-none-any.whl", "setuptools-70-py3-none-any.whl"]
        self.assertEqual(self.choose(BOTH, (), shared, both), ["shared/" + n for n in shared])

    def test_ensurepip_that_knows_no_shared_directory(self):
        name = "pip-23.0.1-py3-none-any.whl"
        self.assertEqual(self.choose(OLD, [name], ["pip-25-py3-none-any.whl"]), ["ensurepip/_bundled/" + name])

    def test_without_ensurepip_the_newest_shared_one(self):
        shared = ["pip-%s-py3-none-any.whl" % v for v in ("9.0.3", "23.0.1", "23.0.1rc1", "23.0")]
        self.assertEqual(self.choose(None, (), shared), ["shared/pip-23.0.1-py3-none-any.whl"])
        self.assertEqual(
            self.choose(None, (), shared, ("pip", "setuptools")), ["shared/pip-23.0.1-py3-none-any.whl", ""]
        )

    def test_a_directory_written_into_ensurepip(self):
        self.put("elsewhere/pip-23.1-py3-none-any.whl")
        text = "names = glob.glob('%s/elsewhere/pip-*[.-]py3-*.whl')\n" % self.dir
        self.assertEqual(self.choose(text, folder=""), ["elsewhere/pip-23.1-py3-none-any.whl"])

    def test_nothing_anywhere(self):
        self.assertEqual(self.choose(None, folder=""), [""])
        self.assertEqual(self.choose("", folder="missing"), [""])


class Windows(Dirs):
    """What a Windows venv consists of, by the text of its venv/__init__.py; posix paths stand for those of Windows."""

    OLD = "def symlink_or_copy():\n    basename = 'venvlauncher'\ndef setup_python():\n    pass\n"
    NEW = "def setup_python():\n    f'venvlauncher{exe_d}.exe'\n"
    Y = "3.%dt" % sys.version_info[1]

    def programs(self, source, beside, scripts, exe="python.exe", from_source=False, free_threaded=False):
        self.put("Lib/venv/__init__.py", source)
        for name in beside:
            self.put(name)
        for name in scripts:
            self.put("Lib/venv/scripts/nt/" + name)
        lib = os.path.join(self.dir, "Lib")
        self.made = probe["WindowsPrograms"](os.path.join(self.dir, exe), lib, from_source, free_threaded)
        scripts = os.path.join(lib, "venv", "scripts", "nt")
        short = lambda path: os.path.relpath(path, scripts if path.startswith(scripts) else self.dir)
        return [(name, short(path)) for name, path in self.made.copies]

    def test_by_version(self):
        beside = ["python.exe", "pythonw.exe", "python3.dll", "vcruntime140.dll", "zlib.dll", "python.pdb"]
        scripts = ["python.exe", "pythonw.exe", "venvlauncher.exe", "venvwlauncher.exe"]  # as Anaconda's 3.14
        both = ["python.exe", "pythonw.exe"]
        self.assertEqual(
            self.programs(self.NEW, beside, scripts), list(zip(both, ["venvlauncher.exe", "venvwlauncher.exe"]))
        )
        self.assertTrue(self.made.table)
        names = both + ["python3.dll", "vcruntime140.dll"]
        self.assertEqual(self.made.links, [(n, n) for n in names])
        self.assertEqual(self.programs(self.OLD, beside, scripts), list(zip(both, both)))
        self.assertFalse(self.made.table)
        self.assertEqual(sorted(self.made.links), sorted((n, n) for n in names + ["zlib.dll"]))

    def test_another_name_of_the_base(self):
        beside, scripts = ["py312.exe", "python.exe"], ["python.exe", "venvlauncher.exe"]
        self.assertEqual(
            self.programs(self.OLD, beside, scripts, "py312.exe"), [("py312.exe", "py312.exe"), ("python.exe", "python.exe")]
        )
        self.assertEqual(self.programs(self.NEW, beside, scripts, "py312.exe"), [("python.exe", "venvlauncher.exe")])

    def test_debug(self):
        beside = ["python_d.exe", "pythonw_d.exe"]
        self.assertEqual(
            self.programs(self.NEW, beside, ["venvlauncher_d.exe", "venvwlauncher_d.exe"], "python_d.exe"),
            [(p + d + ".exe", "venv%slauncher_d.exe" % p[6:]) for p in ("python", "pythonw") for d in ("_d", "")],
        )
        self.assertIn(("python.exe", "python_d.exe"), self.made.links)
        self.assertEqual(self.programs(self.OLD, beside, ["python_d.exe"], "python_d.exe"), [("python_d.exe",) * 2])

    def test_free_threaded(self):
        scripts = ["venvlaunchert.exe", "venvwlaunchert.exe", "venvlauncher.exe"]
        exe = "python%s.exe" % self.Y
        copies = self.programs(self.NEW, [exe], scripts, exe, free_threaded=True)
        self.assertEqual(
            copies,
            [(p + t + ".exe", "venv%slaunchert.exe" % p[6:]) for p in ("python", "pythonw") for t in ("", self.Y)],
        )
        self.assertIn(("python.exe", exe), self.made.links)
        self.assertEqual(self.made.home(), self.dir)

    def test_built_in_its_source_tree(self):
        beside = ["python.exe", "venvlauncher.exe", "other.exe", "x/tcl8.6/init.tcl"]
        for source in (self.NEW, self.OLD):
            self.assertEqual(
                self.programs(source, beside, ["python.exe"], from_source=True), [("python.exe", "venvlauncher.exe")]
            )
            self.assertNotIn(("other.exe", "other.exe"), self.made.links)
            self.assertEqual(self.made.init_tcl(), os.path.join(self.dir, "x/tcl8.6/init.tcl"))

    def test_home_has_what_the_launcher_starts(self):
        self.programs(self.NEW, ["real/python.exe"], [])
        self.assertEqual(self.made.home(), "")
        os.symlink("real/python.exe", os.path.join(self.dir, "py.exe"))
        self.programs(self.NEW, [], [], "py.exe")
        self.assertEqual(self.made.home(), os.path.join(self.dir, "real"))
        self.put("python.exe")
        self.assertEqual(self.made.home(), self.dir)

    def test_path_configuration(self):
        stem = "python%d%d" % sys.version_info[:2]
        exe = os.path.join(self.dir, "py.exe")
        self.assertEqual(probe["path_configuration"](exe), "")
        for name in (stem + "._pth", "py._pth"):
            path = self.put(name)
            self.assertEqual(probe["path_configuration"](exe), path)


class Home(Dirs):
    """tests/cli/test_landmarks.py asks real interpreters; here the answers are made up."""

    def home_of(self, base, *finds):
        """With an interpreter that finds its library from the directories FINDS."""
        self.asked = []

        def library_from(real, folder):
            self.asked.append(os.path.relpath(folder, self.dir))
            return [sys.base_prefix, sys.base_exec_prefix, *sys.path] if self.asked[-1] in finds else ["/x"]

        probe["library_from"] = library_from
        return os.path.relpath(probe["home_of"](os.path.join(self.dir, base)), self.dir)

    def link(self, target, name):
        os.makedirs(os.path.dirname(os.path.join(self.dir, name)), exist_ok=True)
        os.symlink(target, os.path.join(self.dir, name))

    def test_a_link_to_the_same_directory_needs_no_question(self):
        self.put("opt/bin/python3.9")
        self.link("python3.9", "opt/bin/python3")
        self.link("opt", "stable")
        for base in ("opt/bin/python3.9", "opt/bin/python3", "stable/bin/python3"):
            self.assertEqual((self.home_of(base), self.asked), (os.path.dirname(base), []))

    def test_the_first_directory_on_the_way(self):
        self.put("cellar/1.2.3/bin/python3")
        self.link("cellar/1.2.3", "stable")
        self.link("../stable/bin/python3", "links/python")
        self.link("../links/python", "more/py")
        real = "cellar/1.2.3/bin"
        self.assertEqual(self.home_of("more/py", "more", "links", real), "more")
        self.assertEqual(self.home_of("more/py", "stable/bin", real), "stable/bin")
        self.assertEqual(self.home_of("more/py", real), real)
        self.assertEqual(self.asked, ["more", "links", "stable/bin", real])
        self.assertEqual(self.home_of("more/py"), "more")  # as CPython

    def test_links_in_a_circle(self):
        self.link("b", "x/a")
        self.link("a", "x/b")
        self.assertEqual(self.home_of("x/a"), "x")


class Sitecustomize(Dirs):
    def named(self, text, base="links/python3"):
        self.put("lib/sitecustomize.py", text)
        return probe["named_by_sitecustomize"](os.path.join(self.dir, "lib"), os.path.join(self.dir, base))

    def test_the_same_file_by_another_name(self):
        self.put("cellar/1.2.3/bin/python3.9")
        self.put("cellar/1.2.3/bin/other")
        os.symlink("cellar/1.2.3", os.path.join(self.dir, "stable"))
        os.mkdir(os.path.join(self.dir, "links"))
        os.symlink("../stable/bin/python3.9", os.path.join(self.dir, "links/python3"))
        good = os.path.join(self.dir, "stable/bin/python3.9")
        line = "import sys\nif True:\n    sys.executable = sys._base_executable = %r\n"
        self.assertEqual(self.named(line % good), good)
        self.assertEqual(self.named(line % good, base="nowhere"), "")
        for other in (good[:-10] + "other", good + "x", "stable/bin/python3.9", "", "\0"):
            self.assertEqual(self.named(line % other), "", other)
        for text in ("", "sys._base_executable = x\n", "sys._base_executable\n", "# sys._base_executable = ''\n"):
            self.assertEqual(self.named(text), "")


class Base(Dirs):
    def base(self, executable, home):
        path = probe["base_inside_venv"](os.path.join(self.dir, executable), os.path.join(self.dir, home))
        return os.path.relpath(path, self.dir)

    def test_a_link_leads_to_its_end(self):
        self.put("usr/python3.x")
        os.symlink("python3.x", os.path.join(self.dir, "usr/python3"))
        self.put("env/bin/other")
        os.symlink("../../usr/python3", os.path.join(self.dir, "env/bin/python"))
        self.assertEqual(self.base("env/bin/python", "nowhere"), "usr/python3.x")

    def test_a_copy_is_looked_up_in_its_home(self):
        own = "python%d.%d" % sys.version_info[:2]
        self.put("env/bin/python")
        self.put("home/" + own)
        self.assertEqual(self.base("env/bin/python", "home"), "home/" + own)
        os.symlink(own, os.path.join(self.dir, "home/python3"))
        self.assertEqual(self.base("env/bin/python", "home"), "home/python3")
        os.symlink(own, os.path.join(self.dir, "home/python"))
        self.assertEqual(self.base("env/bin/python", "home"), "home/python")

    def test_another_version_in_its_home_is_not_it(self):
        own = "python%d.%d" % sys.version_info[:2]
        self.put("env/bin/python")
        self.put("home/python")
        self.put("home/python3")
        self.assertEqual(self.base("env/bin/python", "home"), "home/python")  # for lack of a better
        self.put("home/" + own)
        self.assertEqual(self.base("env/bin/python", "home"), "home/" + own)

    def test_nothing_in_its_home(self):
        self.put("env/bin/python")
        self.assertEqual(self.base("env/bin/python", "home"), "home/python")


class Library(Dirs):
    """Linked here: shared interpreters with $ORIGIN come from elsewhere."""

    def setUp(self):
        super().setUp()
        self.cc = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not self.cc or not sys.platform.startswith("linux"):
            self.skipTest("no compiler for ELF files here")
        self.put("src/lib.c", "int f(void) { return 0; }\n")
        self.put("src/main.c", "int f(void); int main(void) { return f(); }\n")
        os.makedirs(os.path.join(self.dir, "opt/lib"))
        os.makedirs(os.path.join(self.dir, "opt/bin"))

    def run_cc(self, *args):
        subprocess.run((self.cc,) + args, cwd=self.dir, check=True)

    def beside(self, rpath, lib="opt/lib/libpython3.9.so.1.0"):
        name = os.path.basename(lib)
        self.run_cc("-shared", "-fPIC", "-o", lib, "src/lib.c", "-Wl,-soname," + name)
        args = ["-Wl,-rpath," + rpath] if rpath else []
        self.run_cc("-o", "opt/bin/python3.9", "src/main.c", lib, *args)
        file, dest = probe["library_beside"](os.path.join(self.dir, "opt/bin/python3.9"))
        return os.path.relpath(file, self.dir) if file else "", dest

    def test_little_is_read(self):
        """Of a static Python of 40 MB, say."""
        self.beside("$ORIGIN/../lib")
        path = os.path.join(self.dir, "opt/bin/python3.9")
        os.truncate(path, 40 << 20)
        sizes = []

        class Counted:
            def __init__(self, file):
                self.seek, self.read = file.seek, lambda n: sizes.append(n) or file.read(n)

        with open(path, "rb") as file:
            needed, paths = probe["elf_dynamic"](Counted(file))
        self.assertEqual((needed[0], paths), (b"libpython3.9.so.1.0", [b"$ORIGIN/../lib"]))
        self.assertLess(sum(sizes), 64 << 10)

    def test_origin(self):
        lib = "opt/lib/libpython3.9.so.1.0"
        self.assertEqual(self.beside("$ORIGIN/../lib"), (lib, "lib/libpython3.9.so.1.0"))
        self.assertEqual(self.beside("/nowhere:${ORIGIN}/../lib"), (lib, "lib/libpython3.9.so.1.0"))
        lib = "opt/bin/libpypy3.9-c.so"
        self.assertEqual(self.beside("$ORIGIN/", lib), (lib, "bin/libpypy3.9-c.so"))

    def test_found_without(self):
        self.assertEqual(self.beside(os.path.join(self.dir, "opt/lib")), ("", ""))
        self.assertEqual(self.beside(""), ("", ""))
        self.assertEqual(self.beside("$ORIGIN/../nolib"), ("", ""))

    def test_never_outside_the_environment(self):
        os.makedirs(os.path.join(self.dir, "lib"))
        self.assertEqual(self.beside("$ORIGIN/../../lib", "lib/libpython3.9.so.1.0"), ("", ""))

    def test_other_libraries_are_not_ours(self):
        self.assertEqual(self.beside("$ORIGIN/../lib", "opt/lib/libother.so.1"), ("", ""))

    def test_damaged_files(self):
        self.beside("$ORIGIN/../lib")
        path = os.path.join(self.dir, "opt/bin/python3.9")
        with open(path, "rb") as f:
            whole = f.read()
        for n in list(range(0, 1024, 7)) + list(range(1024, len(whole), 331)):
            with open(path, "wb") as f:
                f.write(whole[:n])
            file, dest = probe["library_beside"](path)  # no exception
            self.assertIn(dest, ("", "lib/libpython3.9.so.1.0"))


if __name__ == "__main__":
    unittest.main()
