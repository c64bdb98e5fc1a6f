# SPDX-License-Identifier: MIT
"""Fill a disk to the byte, or use up its inodes, and run the command on it.

    full_disk.py WHAT SCENARIO POINTS PYTHON COMMAND ROOT

ROOT is on a small file system of its own (test_full.py mounts it); WHAT is blocks or inodes.
Tries POINTS amounts of what is free, from none to enough (0: all of them). Says how many, and
ends with 1 when something was wrong.
"""

import os
import sys

import scenarios
import world


class Blocks:
    def __init__(self, root):
        self.root, self.path = root, os.path.join(root, "filler")

    def free(self):
        st = os.statvfs(self.root)
        return st.f_bavail

    def leave(self, amount):
        """All full but for AMOUNT blocks."""
        size = os.statvfs(self.root).f_bsize
        with open(self.path, "wb") as f:
            left = self.free() - amount
            while left > 0:
                f.write(b"x" * size * min(left, 256))
                left -= 256
        return self.free() == amount

    def give_back(self):
        os.unlink(self.path)


class Inodes:
    def __init__(self, root):
        self.root, self.path = root, os.path.join(root, "fillers")

    def free(self):
        return os.statvfs(self.root).f_favail

    def leave(self, amount):
        os.mkdir(self.path)
        first = os.path.join(self.path, "0")
        os.close(os.open(first, os.O_CREAT | os.O_WRONLY))
        number = 1
        while self.free() > amount:
            # A link takes no inode on tmpfs but counts as one; a file is one everywhere.
            os.close(os.open(os.path.join(self.path, str(number)), os.O_CREAT | os.O_WRONLY))
            number += 1
        return self.free() == amount

    def give_back(self):
        world.runner.wipe(self.path)


def main():
    what, name, points, python, command, root = sys.argv[1:]
    scenario = scenarios.BY_NAME[name]
    room = os.path.join(root, "room")
    os.mkdir(room)
    here = world.World(room, world.ask(python)[0], command, None, scenario)
    disk = (Blocks if what == "blocks" else Inodes)(root)
    before = disk.free()
    here.undisturbed()
    need = before - disk.free()
    here.restore()
    # What is replaced is given back, but only when the new one is there.
    highest = max(need, here.weight(what)) + 8
    step = max(1, highest // int(points)) if int(points) else 1
    tried, failed, wrong = 0, 0, []
    for amount in range(0, highest, step):
        if not disk.leave(amount):
            disk.give_back()
            continue
        rc, err = here.run(here.argv(scenario.args))
        disk.give_back()
        outcome = world.Outcome(rc, err, "%d %s left" % (amount, what), here.state(),
                                here.temporaries())
        found = here.complaints("ENOSPC", outcome)
        if found:
            wrong.append("%s\n    %s" % ("\n    ".join(found), outcome))
        tried += 1
        failed += rc == 1
        here.restore()
    print("tried %d, of which failed %d" % (tried, failed))
    if (failed > 0) == (name == "remove"):  # which takes no room
        wrong.append("%d runs failed" % failed)
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
