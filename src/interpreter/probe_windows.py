# SPDX-License-Identifier: MIT
# The part of probe.py for Pythons for Windows, which it executes with its own names. Others do not
# spend the time to compile it.


def same_name(a, b):
    return os.path.normcase(a) == os.path.normcase(b)


def windows_base_inside_venv(executable, home):
    """
    The launcher in Scripts starts the base and tells it its own name, so Python knows both. It does
    not before 3.11 if Scripts has a link (--symlinks). The real path of a launcher means nothing: it
    may only be the long form of its name.
    """
    base = getattr(sys, "_base_executable", None)
    if base and not same_name(base, sys.executable):
        return base
    if os.path.islink(executable):
        return os.path.realpath(executable)
    return os.path.join(home, os.path.basename(executable))


def path_configuration(executable):
    """The python*._pth that makes Python ignore pyvenv.cfg, as in the embeddable package."""
    stem = "python%d%d" % sys.version_info[:2]
    for name in (os.path.splitext(os.path.basename(executable))[0], stem, stem + "t"):
        path = os.path.join(os.path.dirname(executable), name + "._pth")
        if is_file(path):
            return path
    return ""


class WindowsPrograms:
    """
    What this Python's venv puts into Scripts (setup_python in Lib/venv/__init__.py).

    copies: name, and the file to copy. For a python.exe that is a launcher, which starts the
    python.exe in the directory `home` of pyvenv.cfg. The first name is that of env_exe.
    links: name, and the file in the base's directory to link, with --symlinks.
    """

    def __init__(self, base, stdlib, from_source, free_threaded):
        self.folder, self.exe = os.path.split(base)
        self.scripts = os.path.join(stdlib, "venv", "scripts", "nt")
        self.from_source = from_source
        self.debug = "_d" if os.path.normcase(os.path.splitext(self.exe)[0]).endswith("_d") else ""
        self.t = "%d.%dt" % sys.version_info[:2] if free_threaded else ""
        self.source = os.path.join(stdlib, "venv", "__init__.py")
        code = read(self.source, 1 << 20).partition(b"def setup_python")[2]
        # a table of names in 3.13 and later
        self.table = b"venvlauncher" in code if code else sys.version_info >= (3, 13)
        self.copies, self.links = self.by_table() if self.table else self.by_folder()

    def beside(self):
        return [n for n in names_in(self.folder) if os.path.normcase(n).endswith((".exe", ".dll"))]

    def started(self):
        """The name of the program that the launcher starts, in `home`."""
        return "python%s%s.exe" % (self.t if self.table else "", self.debug)

    def by_table(self):
        copies, links = [], []
        scripts = self.folder if self.from_source else self.scripts
        for kind in ("", "w"):
            launcher = os.path.join(scripts, "venv%slauncher%s%s.exe" % (kind, self.t and "t", self.debug))
            target = "python%s%s%s.exe" % (kind, self.t, self.debug)
            stems = [self.debug, "", self.t + self.debug, self.t]  # the first one is env_exe
            names = ["python%s%s.exe" % (kind, stem) for stem in stems]
            names = [n for i, n in enumerate(names) if n not in names[:i]]
            links += [(n, target) for n in names]
            if is_file(launcher):
                copies += [(n, launcher) for n in names]
        needed = [n for n in self.beside() if os.path.normcase(n).startswith(("python", "vcruntime"))]
        return copies, links + [(n, n) for n in needed if n[-3:].lower() == "dll"]

    def launcher(self, name):
        """The file to copy as NAME in 3.12 and older; "" if there is none."""
        path = os.path.join(self.scripts, name)
        if not self.from_source and is_file(path):
            return path
        stem, ext = os.path.splitext(name)
        plain, d = (stem[:-2], "_d") if stem.endswith("_d") else (stem, "")
        stems = {"python": "venvlauncher" + d, "pythonw": "venvwlauncher" + d}
        path = os.path.join(self.folder, stems.get(plain, stem) + ext)
        return path if is_file(path) else ""

    def by_folder(self):
        names = []
        for name in (self.exe, "python.exe", "pythonw.exe", "python_d.exe", "pythonw_d.exe"):
            if not any(same_name(name, n) for n in names) and os.path.lexists(os.path.join(self.folder, name)):
                names.append(name)
        links = self.beside()
        if self.from_source:
            links = [n for n in links if os.path.normcase(n).startswith(("python", "vcruntime"))]
        copies = [(n, self.launcher(n)) for n in names]
        return [c for c in copies if c[1]], [(n, n) for n in links]

    def home(self):
        """The first directory, without and with links followed, that has the program to start."""
        for folder in (self.folder, os.path.dirname(os.path.realpath(os.path.join(self.folder, self.exe)))):
            if os.path.lexists(os.path.join(folder, self.started())):
                return folder
        return ""

    def machine(self, platform):
        return {"win32": "x86"}.get(platform, platform.replace("win-", ""))

    def init_tcl(self):
        for root, _, files in os.walk(self.folder) if self.from_source else ():
            if "init.tcl" in files:
                return os.path.join(root, "init.tcl")
        return ""

    def library(self):
        """The DLL that contains this Python."""
        name = "python%d%d%s%s.dll" % (sys.version_info[:2] + (self.t and "t", self.debug))
        path = os.path.join(self.folder, name)
        return path if is_file(path) else ""


def pairs(items):
    return "".join("%s\n%s\n" % item for item in items)
