# SPDX-License-Identifier: MIT
# Reports what this interpreter is. probe.c runs it as `python -I -S -B -c`, with probe_windows.py as
# its argument; see probe.h.
#
# Output on stdout: a begin mark, then name, NUL, value, NUL for each item, then an end mark.
# Old versions run only the first part, but the whole file must be valid syntax for 2.7 and 3.x.
import sys


def answer(info):
    encode = getattr(sys, "getfilesystemencoding", lambda: "utf-8")() or "utf-8"
    errors = "surrogatepass" if sys.platform == "win32" else "surrogateescape"  # as os.fsencode
    out = [b"<<cvenv-probe-1>>"]
    for name, value in info:
        for text in (name, value):
            if not isinstance(text, bytes):
                text = text.encode(encode, errors if sys.version_info[0] > 2 else "replace")
            out.append(text)
    out.append(b"<<cvenv-end>>")
    stream = getattr(sys.stdout, "buffer", sys.stdout)
    stream.write(b"\0".join(out) + b"\0")
    stream.flush()


def is_file(path):
    return os.path.isfile(path)


def read(path, size):
    try:
        with open(path, "rb") as f:
            return f.read(size)
    except (OSError, ValueError):
        return b""


def venv_config(executable):
    """The pyvenv.cfg that getpath and site would read, and its value of home."""
    here = os.path.dirname(executable)
    for folder in (here, os.path.dirname(here)):
        path = os.path.join(folder, "pyvenv.cfg")
        if not is_file(path):
            continue
        for line in read(path, 65536).split(b"\n"):
            key, equals, value = line.partition(b"=")
            if equals and key.strip().lower() == b"home" and value.strip():
                return path, os.fsdecode(value.strip())
    return "", ""


def base_inside_venv(executable, home):
    """
    The interpreter from which a virtual environment was created, by the rule of getpath.py in
    3.11 and later. Different from that rule, the result is of the same version and build: home
    may have another one by the name of the executable, such as /usr/bin/python3.
    """
    if os.name == "nt":
        return windows_base_inside_venv(executable, home)
    real = os.path.realpath(executable)
    if real != executable and is_file(real):
        return real
    version = "python%d.%d" % sys.version_info[:2]
    names = [os.path.basename(executable), "python3", version]
    paths = [p for p in (os.path.join(home, n) for n in names) if is_file(p)]
    if "__pypy__" in sys.builtin_module_names:
        version = version.replace("python", "pypy")
    twin = os.path.join(home, version + getattr(sys, "abiflags", ""))
    if is_file(twin):
        paths = [p for p in paths if os.path.samefile(p, twin)] or [twin]
    return paths[0] if paths else os.path.join(home, names[0])


def folders_of(base):
    """The directories of base, of the target of each link, and of the real file."""
    folders, link = [os.path.dirname(base)], base
    for _ in range(40):
        if not os.path.islink(link):
            break
        link = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
        folders.append(os.path.dirname(link))
    return folders + [os.path.dirname(os.path.realpath(base))]


def library_from(real, folder):
    """
    Where this interpreter finds its library if FOLDER is the home in pyvenv.cfg. Starts the
    interpreter with the name of a missing file in FOLDER: it then searches from there, follows no
    link, and applies its own landmarks and compiled-in directories.
    """
    import subprocess

    code = "import os, sys; os.write(1, os.fsencode('\\0'.join([sys.base_prefix, sys.base_exec_prefix] + sys.path)))"
    child = subprocess.run(
        [os.path.join(folder, ".cvenv-asks-for-the-library"), "-I", "-S", "-B", "-c", code],
        executable=real,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return os.fsdecode(child.stdout).split("\0")


def home_of(base):
    """
    The directory for pyvenv.cfg. Base itself follows its links, but an environment's Python
    searches from home. So if base is a link to another directory, home is the first directory in
    the chain of links from which Python finds the same library.
    """
    home = os.path.dirname(base)
    real = os.path.realpath(base)
    if sys.implementation.name != "cpython" or not is_file(real) or os.path.samefile(home, os.path.dirname(real)):
        return home
    want = [os.path.realpath(p) for p in [sys.base_prefix, sys.base_exec_prefix] + sys.path]
    asked = []
    for folder in folders_of(base):
        if folder in asked:
            continue
        asked.append(folder)
        try:
            if [os.path.realpath(p) for p in library_from(real, folder)] == want:
                return folder
        except Exception:
            break  # no process can be started
    return home


def named_by_sitecustomize(stdlib, base):
    """
    The name that a distribution's sitecustomize gives base, which -S leaves out; "" if none. That of
    Homebrew names it through a link to the current release, so environments outlive an upgrade.
    """
    source = read(os.path.join(stdlib, "sitecustomize.py"), 1 << 20).decode("utf-8", "replace")
    for line in source.split("\n"):
        name = constant("name" + line.partition("sys._base_executable")[2], "name")
        if os.path.isabs(name) and is_file(name) and is_file(base) and os.path.samefile(name, base):
            return os.path.normpath(name)
    return ""


def loaded_library():
    """The loaded libpython or libpypy; "" when it is part of the executable."""
    for line in read("/proc/self/maps", 4 << 20).split(b"\n"):
        path = line[line.find(b"/"):] if b"/" in line else b""
        if os.path.basename(path).startswith((b"libpython", b"libpypy")) and b".so" in path:
            return os.fsdecode(path)
    return ""


def elf_dynamic(file):
    """
    (names NEEDED, entries of RPATH and RUNPATH) of an ELF file; empty for other files. Reads only
    the parts that say it: an executable that contains libpython can have 40 MB.
    """

    def piece(at, size):
        file.seek(at)
        return file.read(min(size, 1 << 24))

    def get(data, at, *sizes):
        values = []
        for size in sizes:
            values.append(int.from_bytes(data[at:at + size], order))
            at += size
        return values

    head = piece(0, 64)
    if head[:4] != b"\x7fELF":
        return [], []
    order = "little" if head[5:6] == b"\1" else "big"
    wide = head[4:5] == b"\2"
    width = 8 if wide else 4
    start, = get(head, 32, 8) if wide else get(head, 28, 4)
    size, count = get(head, 54 if wide else 42, 2, 2)
    table = piece(start, size * count)
    loads, dynamic = [], b""
    for at in range(0, size * count, size or 1):
        if wide:
            kind, _, offset, address, _, length = get(table, at, 4, 4, 8, 8, 8, 8)
        else:
            kind, offset, address, _, length = get(table, at, 4, 4, 4, 4, 4)
        if kind == 1:
            loads.append((address, offset, length))
        elif kind == 2:
            dynamic = piece(offset, length)
    tags = [get(dynamic, at, width, width) for at in range(0, len(dynamic), 2 * width)]
    values = dict(tags)
    strings = b""
    for address, offset, length in loads:
        if address <= values.get(5, 0) < address + length:
            strings = piece(offset + values[5] - address, values.get(10, 0))
    text = lambda value: strings[value:strings.index(b"\0", value)]
    needed = [text(v) for t, v in tags if t == 1]
    paths = [p for t, v in tags if t in (15, 29) for p in text(v).split(b":")]
    return needed, paths


def library_beside(real):
    """The library that a copy in ENV_DIR/bin searches by $ORIGIN: (file, place in ENV_DIR)."""
    try:
        with open(real, "rb") as file:
            needed, paths = elf_dynamic(file)
    except Exception:
        return "", ""
    needed = [n for n in needed if n.startswith((b"libpython", b"libpypy"))]
    folder = os.fsencode(os.path.dirname(real))
    for name in needed[:1]:
        for path in paths:
            if not path.startswith((b"$ORIGIN", b"${ORIGIN}")):
                if is_file(os.path.join(path, name)):
                    return "", ""  # a copy finds it, too
                continue
            path = path.replace(b"${ORIGIN}", b"$ORIGIN")
            found = os.path.normpath(path.replace(b"$ORIGIN", folder) + b"/" + name)
            where = os.path.normpath(path.replace(b"$ORIGIN", b"/env/bin") + b"/" + name)
            if is_file(found) and where.startswith(b"/env/"):
                return os.fsdecode(found), os.fsdecode(where[len(b"/env/"):])
    return "", ""


def names_in(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def wheels_of(folder, project):
    return [n for n in names_in(folder) if n.startswith(project + "-") and n.endswith(".whl")]


def version_key(name):
    """Orders wheel names by version: numbers by value, pre-releases below the release."""
    parts, digits = [], ""
    version = name.split("-")[1] if "-" in name else ""
    for c in version + ".":
        if c.isdigit():
            digits += c
            continue
        if digits:
            parts.append((2, int(digits)))
        digits = ""
        if c != ".":
            parts.append((0, ord(c)))
    return parts + [(1, 0)]


def constant(source, name):
    """The value of a line NAME = "text"."""
    for line in source.split("\n"):
        left, equals, right = line.partition("=")
        right = right.partition("#")[0].strip()
        if equals and left.strip() == name and len(right) > 2 and right[0] == right[-1] and right[0] in "'\"":
            return right[1:-1]
    return ""


def globbed_folder(source):
    """The absolute directory of a literal '/dir/pip-*...', as in Debian's PyPy."""
    at = source.find("/pip-*")
    if at < 0:
        return ""
    quote = max(source.rfind("'", 0, at), source.rfind('"', 0, at))
    folder = source[quote + 1:at]
    return folder if folder.startswith("/") and "\n" not in folder else ""


def bundled(ensurepip, source, project):
    version = constant(source, "_%s_VERSION" % project.upper())
    folder = os.path.join(ensurepip, "_bundled")
    found = [n for n in wheels_of(folder, project) if version and n.startswith("%s-%s-" % (project, version))]
    for tag in ("-py3-none-any.whl", "-py2.py3-none-any.whl"):
        for name in found:
            if name.endswith(tag):
                return os.path.join(folder, name)
    return os.path.join(folder, found[0]) if found else ""


def choose_wheels(ensurepip, wheel_dir, projects):
    """The wheels that ensurepip would install; without an ensurepip, the newest ones."""
    source = read(os.path.join(ensurepip, "__init__.py"), 1 << 20).decode("utf-8", "replace")
    inside = dict((p, bundled(ensurepip, source, p)) for p in projects)
    if constant(source, "_PIP_VERSION"):
        if "WHEEL_PKG_DIR" not in source or not wheel_dir:
            return wheel_dir, inside
        found = dict((p, wheels_of(wheel_dir, p)[-1:]) for p in projects)
    else:
        wheel_dir = globbed_folder(source) or wheel_dir
        found = dict((p, sorted(wheels_of(wheel_dir, p), key=version_key)[-1:]) for p in projects)
        if not wheel_dir or not found["pip"]:
            return wheel_dir, inside
    if all(found.values()):
        return wheel_dir, dict((p, os.path.join(wheel_dir, n[0])) for p, n in found.items())
    if not constant(source, "_PIP_VERSION"):
        return wheel_dir, dict((p, os.path.join(wheel_dir, n[0]) if n else "") for p, n in found.items())
    return wheel_dir, inside


def magic_number():
    """importlib.util.MAGIC_NUMBER, without the slow import if possible."""
    number = getattr(sys.modules.get("_frozen_importlib_external"), "MAGIC_NUMBER", None)
    if not isinstance(number, bytes):
        from importlib.util import MAGIC_NUMBER as number
    return number


def venv_scheme(sysconfig):
    mark = "/@env"
    keys = ("include", "purelib", "platlib", "scripts")
    if "venv" not in sysconfig.get_scheme_names():
        return [("scheme_" + k, "") for k in keys]
    vars = dict((k, mark) for k in ("base", "platbase", "installed_base", "installed_platbase"))
    paths = [(k, sysconfig.get_path(k, "venv", vars).replace(os.sep, "/")) for k in keys]
    return [("scheme_" + k, p[len(mark) + 1:] if p.startswith(mark + "/") else p) for k, p in paths]


def pre_release():
    """ "b1" of 3.15.0b1, as PEP 440 writes it."""
    level, serial = sys.version_info[3:5]
    short = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(level)
    return "%s%d" % (short, serial) if short else ""


def platform_of(sysconfig, nt):
    """ "linux-x86_64-gnu", "darwin-arm64", "windows-amd64" """
    if nt:
        return "windows-" + nt.machine(sysconfig.get_platform())
    system, machine = os.uname()[0].lower(), os.uname()[4]
    if sys.maxsize < 2**32:  # on a kernel of 64 bits
        machine = {"x86_64": "x86", "aarch64": "armv7l"}.get(machine, machine)
    parts = [system, machine]
    if system == "linux":  # only the triplet of the build tells which C library it is
        triplets = [str(sysconfig.get_config_var(n)) for n in ("HOST_GNU_TYPE", "MULTIARCH")]
        parts.append("musl" if "musl" in "".join(triplets) else "gnu")
    return "-".join(p.replace(" ", "_").replace("-", "_") for p in parts)


def main():
    global os
    version = "%d.%d.%d" % tuple(sys.version_info[:3])
    info = [("version", version), ("executable", sys.executable or "")]
    if sys.version_info < (3, 8):
        return answer(info)
    import os

    if os.name == "nt":
        exec(sys.argv[1], globals())  # probe_windows.py
    executable = os.path.abspath(sys.executable) if sys.executable else ""
    config, home = venv_config(executable)
    info.append(("pyvenv_cfg", config))
    if config:
        step = base_inside_venv(executable, home)
        info.append(("outer", os.path.abspath(step)))
        return answer(info)

    path_file = path_configuration(executable) if os.name == "nt" else ""
    if path_file:
        return answer(info + [("path_file", path_file)])

    import sysconfig

    base = os.path.abspath(getattr(sys, "_base_executable", None) or executable) if executable else ""
    var = sysconfig.get_config_var
    wheel_dir = var("WHEEL_PKG_DIR") or ""
    wheel_dir = os.path.normpath(wheel_dir) if os.path.isabs(wheel_dir) else ""  # '' is not the cwd
    data = [m for n, m in sys.modules.items() if n.startswith("_sysconfigdata")]
    stdlib = os.path.dirname(getattr(os, "__file__", "") or "") or sysconfig.get_path("stdlib")
    named = named_by_sitecustomize(stdlib, base) if os.name != "nt" else ""
    if named:
        base, info[1] = named, ("executable", named)
    ensurepip = os.path.join(stdlib, "ensurepip")
    setuptools = sys.version_info < (3, 12)
    wheel_dir, wheels = choose_wheels(ensurepip, wheel_dir, ["pip", "setuptools"] if setuptools else ["pip"])
    venv = os.path.join(stdlib, "venv", "__init__.py")
    nt = None
    if os.name == "nt":
        nt = WindowsPrograms(base, stdlib, sysconfig.is_python_build(), bool(var("Py_GIL_DISABLED")))
    library, library_dest = library_beside(os.path.realpath(base)) if not nt else ("", "")
    info += [
        ("base", base),
        ("home", nt.home() if nt else home_of(base)),
        ("implementation", sys.implementation.name),
        ("cache_tag", sys.implementation.cache_tag or ""),
        ("magic", "".join("%02x" % b for b in magic_number())),
        ("abiflags", getattr(sys, "abiflags", "")),
        ("free_threaded", "1" if var("Py_GIL_DISABLED") else "0"),
        ("bits64", "1" if sys.maxsize > 2**32 else "0"),
        ("pre", pre_release()),
        ("debug", "1" if hasattr(sys, "gettotalrefcount") else "0"),
        ("platform", platform_of(sysconfig, nt)),
        ("stdlib", stdlib),
        ("platlibdir", getattr(sys, "platlibdir", "lib")),
        ("libpython", library),
        ("libpython_dest", library_dest),
        ("pip_wheel", wheels["pip"]),
        ("setuptools_wheel", wheels.get("setuptools", "")),
        ("wheel_dir", wheel_dir),
        ("loaded", nt.library() if nt else loaded_library()),
        ("sysconfigdata", getattr(data[0], "__file__", "") or "" if data else ""),
        ("windows", "1" if nt else "0"),
        ("machine", nt.machine(sysconfig.get_platform()) if nt else ""),
        ("copies", pairs(nt.copies) if nt else ""),
        ("links", pairs(nt.links) if nt else ""),
        ("launcher_mtime", "1" if nt and nt.table else "0"),
        ("init_tcl", nt.init_tcl() if nt else ""),
        ("venv", venv),
        ("cfg_python_version", "1" if b"python-version" in read(venv, 1 << 20) else "0"),
    ] + venv_scheme(sysconfig)
    answer(info)
    os._exit(0)  # skips Python's shutdown, a tenth of the time


main()
