# SPDX-License-Identifier: MIT
"""Compile sources for the store; cvenv runs this with the base interpreter.

argv: the number of processes. stdin: SOURCE, TARGET and NAME of each file, every one
followed by a NUL; NAME is what tracebacks call the file until it is imported. A source
that does not compile (wheels hold some for other versions) is left out.
"""
import os
import py_compile
import sys

fields = sys.stdin.buffer.read().split(b"\0")[:-1]
work = list(zip(fields[0::3], fields[1::3], fields[2::3]))


def compile_some(part):
    for source, target, name in part:
        try:
            py_compile.compile(
                os.fsdecode(source), os.fsdecode(target), os.fsdecode(name), doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
        except py_compile.PyCompileError:
            pass
        except OSError:
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
