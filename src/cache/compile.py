# SPDX-License-Identifier: MIT
"""Compile sources for the cache; cvenv runs this with the base interpreter.

argv: the number of processes; the magic number of the bytecode in hex; "fixed" if equal sources must
give equal bytes, else "any"; on Windows also this program, for further processes.
stdin: the path of the pack with the sources; then three fields for each source: its place in the
pack ("OFFSET SIZE MTIME"), TARGET and NAME. A NUL follows each field. NAME is the path of the
source in tracebacks until it is imported.
stdout: one byte for each finished file.
A source that does not compile is omitted: wheels contain some for other versions of Python.
"""
import errno
import gc
import marshal
import os
import sys

magic = bytes.fromhex(sys.argv[2])
fixed = sys.argv[3] == "fixed"
# marshal marks interned strings. Each of these exists once, and other code may have interned it.
interned = [sys.intern(chr(i)) for i in range(256)] if fixed else None
pack, *fields = sys.stdin.buffer.read().split(b"\0")[:-1]
work = list(zip(fields[0::3], fields[1::3], fields[2::3]))
# large ones first, so that all processes end at about the same time
work.sort(key=lambda one: -int(one[0].split()[1]))


def hold(code):
    """
    Return references to all objects of CODE. marshal marks objects that have several references, and
    which strings are also used by the loaded modules does not depend on the source.
    """
    parts = [name for name in dir(code) if name.startswith("co_") and name != "co_lnotab"]
    held, todo = [], [code]
    while todo:
        one = todo.pop()
        # PyPy looks for an equal string among those that are interned, CPython for this object.
        by_value = type(one) is str and sys.implementation.name == "pypy"
        held.append(sys.intern(one) if by_value else one)
        if isinstance(one, (tuple, frozenset)):
            todo.extend(one)
        elif isinstance(one, type(code)):
            values = (getattr(one, name) for name in parts)
            todo.extend(value for value in values if isinstance(value, (bytes, str, tuple)))
    return held


def compile_one(sources, place, target, name):
    offset, size, mtime = map(int, place.split())
    sources.seek(offset)
    text = sources.read(size)
    if len(text) != size:
        raise OSError(errno.EIO, "the sources are truncated")
    try:
        code = compile(text, os.fsdecode(name), "exec", dont_inherit=True)
        held = hold(code) if fixed else None
        data = marshal.dumps(code)
        del held
    except Exception:
        return
    # PEP 552: magic, flags, time and size of the source
    header = magic + b"".join((word & 0xFFFFFFFF).to_bytes(4, "little") for word in (0, mtime, size))
    with open(os.fsdecode(target), "xb") as f:
        f.write(header + data)


def compile_some(part):
    gc.disable()  # there is hardly any cyclic garbage
    try:
        with open(os.fsdecode(pack), "rb") as sources:
            for one in part:
                compile_one(sources, *one)
                os.write(1, b".")
    except OSError as e:
        os.write(2, b"%d\n" % (e.errno or 0))
        os._exit(74)  # EX_IOERR: the disk, not the source


def start(part):
    """Compile PART in another process; returns a function that waits for its exit status."""
    if os.name == "nt":
        import subprocess

        how = "-s" if fixed else "-I"
        argv = [sys.executable, how, "-S", "-c", sys.argv[4], "1", *sys.argv[2:]]
        other = subprocess.Popen(argv, stdin=subprocess.PIPE)
        with other.stdin as f:  # it reads all before it begins
            f.write(b"\0".join([pack, *(field for one in part for field in one), b""]))
        return other.wait
    child = os.fork()
    if child == 0:
        status = 1
        try:
            compile_some(part)
            status = 0
        finally:
            os._exit(status)

    def wait():
        status = os.waitpid(child, 0)[1]
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1

    return wait


jobs = max(1, min(int(sys.argv[1]), len(work)))
waits = [start(work[n::jobs]) for n in range(1, jobs)]
compile_some(work[0::jobs])
statuses = [wait() for wait in waits]
sys.exit(74 if 74 in statuses else any(statuses))
