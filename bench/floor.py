# SPDX-License-Identifier: MIT
"""Records an existing environment for floor.c: its entries, and their sources.

A file with more than one link was created as a link, and every other file was written. The
floor therefore has the same mix as the command.
"""

import collections
import os
import stat
import struct

MAGIC = 0x31766C66
OPEN_AT_LEAST = 6  # entries; for fewer, opening a directory takes longer
SLOTS_MAX = 1024


class Recording:
    def __init__(self, cache):
        self.entries, self.names = [], bytearray(b"\0")
        self.cache, self.size = cache, 0
        self.count = collections.Counter()
        os.makedirs(os.path.join(cache, "flat"))
        self.pack = open(os.path.join(cache, "pack"), "wb")

    def name(self, text):
        at = len(self.names)
        self.names += os.fsencode(text) + b"\0"
        return at

    def add(self, what, parent, name, source="", content=b"", mtime=0, slot=0, mode=0o777):
        offset = self.size
        if what == "w":
            self.size += self.pack.write(content)
        self.count[what] += 1
        self.entries.append(
            struct.pack("=4Iq4H", self.name(name), self.name(source) if source else 0, offset,
                        len(content), mtime, parent, slot, mode, ord(what)))

    def flat(self, content, mtime):
        number = str(len(self.entries))
        path = os.path.join(self.cache, "flat", number)
        with open(path, "wb") as f:
            f.write(content)
        os.utime(path, (mtime, mtime))
        return number

    def file(self, entry, parent, name, before, reflink):
        about = entry.stat(follow_symlinks=False)
        with open(entry.path, "rb") as f:
            content = f.read()
        mtime = int(about.st_mtime)
        kept = mtime if mtime < before else 0  # an older time: it is a copy
        mode = 0o777 if about.st_mode & stat.S_IXUSR else 0o666
        if about.st_nlink > 1:
            self.add("l", parent, name, source=self.flat(content, mtime))
        elif reflink and kept and content:
            self.add("r", parent, name, source=self.flat(content, mtime), mtime=kept, mode=mode)
        else:
            self.add("w", parent, name, content=content, mtime=kept, mode=mode)

    def directory(self, path, at, prefix, before, reflink):
        """at: the slot of the nearest open directory; prefix: the path from it to this directory."""
        folders = []
        for entry in sorted(os.scandir(path), key=lambda e: e.name):
            if entry.is_symlink():
                self.add("s", at, prefix + entry.name, source=os.readlink(entry.path))
            elif entry.is_dir():
                folders.append(entry)
            else:
                self.file(entry, at, prefix + entry.name, before, reflink)
        for entry in folders:
            opened = len(os.listdir(entry.path)) >= OPEN_AT_LEAST and at + 1 < SLOTS_MAX
            self.add("d", at, prefix + entry.name, slot=at + 1 if opened else 0)
            if opened:
                self.directory(entry.path, at + 1, "", before, reflink)
            else:
                self.directory(entry.path, at, prefix + entry.name + "/", before, reflink)

    def write(self, path):
        self.pack.close()
        with open(path, "wb") as f:
            f.write(struct.pack("=2I", MAGIC, len(self.entries)))
            f.write(b"".join(self.entries) + self.names)


def record(env_dir, before, where, reflink=False):
    """Write WHERE/list and WHERE/cache. Returns the number of entries of each kind.

    before: a time after the cache was filled and before ENV_DIR was created.
    """
    recording = Recording(os.path.join(where, "cache"))
    recording.directory(env_dir, 0, "", before, reflink)
    recording.write(os.path.join(where, "list"))
    return dict(recording.count)
