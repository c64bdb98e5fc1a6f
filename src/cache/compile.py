# SPDX-License-Identifier: MIT
"""Compile sources for the cache; cvenv runs this with the base interpreter.

argv: the number of processes; the magic number of the bytecode in hex.
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
pack, *fields = [os.fsdecode(field) for field in sys.stdin.buffer.read().split(b"\0")[:-1]]
places = [tuple(map(int, place.split())) for place in fields[0::3]]
work = list(zip(places, fields[1::3], fields[2::3]))
work.sort(key=lambda one: -one[0][1])  # large ones first, so that all processes end at about the same time
pack_fd = os.open(pack, os.O_RDONLY)


def compile_one(place, target, name):
    offset, size, mtime = place
    text = os.pread(pack_fd, size, offset)
    if len(text) != size:
        raise OSError(errno.EIO, "the sources are truncated")
    try:
        data = marshal.dumps(compile(text, name, "exec", dont_inherit=True))
    except Exception:
        return
    # PEP 552: magic, flags, time and size of the source
    header = magic + b"".join((word & 0xFFFFFFFF).to_bytes(4, "little") for word in (0, mtime, size))
    with open(target, "xb") as f:
        f.write(header + data)


def compile_some(part):
    gc.disable()  # there is hardly any cyclic garbage
    for one in part:
        try:
            compile_one(*one)
            os.write(1, b".")
        except OSError as e:
            os.write(2, b"%d\n" % (e.errno or 0))
            os._exit(74)  # EX_IOERR: the disk, not the source


jobs = max(1, min(int(sys.argv[1]), len(work)))
children = []
for n in range(1, jobs):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            compile_some(work[n::jobs])
            status = 0
        finally:
            os._exit(status)
    children.append(child)
compile_some(work[0::jobs])
statuses = [os.waitpid(child, 0)[1] for child in children]
sys.exit(74 if 74 << 8 in statuses else any(statuses))
