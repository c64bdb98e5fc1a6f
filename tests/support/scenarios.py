# SPDX-License-Identifier: MIT
"""What the command does in the worlds of world.py."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    """`args` as given to the command, {work} being where environments are made.

    `old`: the arguments of an earlier run in the same ENV_DIR; None: no earlier run.
    `source`: the arguments of an earlier run that makes the environment "env", from which this run
    makes another one. With `moves`, it is gone afterwards.
    `inside`: whether files are replaced one by one, or all at once: "" (all at once), "merge"
    (what is not ours stays) or "clear" (nothing of the old one stays).
    """

    name: str
    args: tuple
    old: tuple = None
    inside: str = ""
    envs: tuple = ("env",)
    after: tuple = ()  # files outside of them that are written when they exist
    cwd: str = ""
    source: tuple = None
    moves: bool = False
    refused: tuple = ()  # what deny (deny.c) refuses all the time
    cache: str = "warm"  # or packed (warm, but for what hard links need), cold, none


NEW = ("--wheel-dir", "{wheels}/new", "-p", "{base}")
OLD = ("--wheel-dir", "{wheels}/old", "-p", "{other}", "--prompt", "old", "env")
# One file of each kind is enough where an environment exists: there are ten calls for each of its files.
FEW = ("--without-pip", "--activators=bash")
SMALL = ("-p", "{base}", *FEW, "env")
SMALL_OLD = ("-p", "{other}", *FEW)
SCENARIOS = [
    Scenario("new", (*NEW, "env")),
    Scenario("nested", (*NEW, "a/b/env"), envs=("a/b/env",)),
    Scenario("several", (*NEW, "--json", "one", "a/two", "three"), envs=("one", "a/two", "three")),
    Scenario("copies", (*NEW, "--copies", "env")),
    Scenario("hardlink", (*NEW, "--link-mode=hardlink", "env")),
    Scenario("first hardlink", (*NEW, "--link-mode=hardlink", "env"), cache="packed"),
    Scenario("clear", (*NEW, "--clear", "env"), OLD),
    Scenario("clear inside", (*NEW, "--clear", "."), OLD, "clear", cwd="env"),
    Scenario("overlay", (*NEW, "env"), OLD, "merge"),
    Scenario("upgrade", (*NEW, "--upgrade", "env"), OLD, "merge"),
    Scenario("again", (*NEW, "env"), (*NEW, "env"), "merge"),
    Scenario("cold", (*NEW, "env"), cache="cold"),
    Scenario("cold compile", (*NEW, "--compile", "env"), cache="cold"),
    Scenario("cold ahead", ("-p", "{bundled}", "env"), cache="cold"),
    Scenario("no cache", (*NEW, "env"), cache="none"),
    Scenario("clone", ("--clone", "env", "copy"), envs=("copy",), source=SMALL, cache="none"),
    Scenario("clone hardlink", ("--clone", "env", "copy", "--link-mode=hardlink"), envs=("copy",), source=SMALL, cache="none"),
    Scenario("clone empty", ("--clone", "env", "neighbour/empty"), envs=("neighbour/empty",), source=SMALL, cache="none"),
    Scenario("move", ("--move", "env", "copy"), envs=("copy", "env"), source=SMALL, moves=True, cache="none"),
    # As to another file system, where a stage is beside DEST, too.
    Scenario("move xdev", ("--move", "env", "copy"), envs=("copy", "env"), source=SMALL, moves=True, cache="none",
             refused=("linkat=EXDEV",)),
    Scenario("pack", ("--pack", "env", "-o", "out.tar.gz"), envs=("out.tar.gz",), source=SMALL, cache="none"),
    Scenario("pack directory", ("--pack", "env", "-o", "out"), envs=("out",), source=SMALL, cache="none"),
    Scenario("pack empty", ("--pack", "env", "-o", "neighbour/empty"), envs=("neighbour/empty",), source=SMALL, cache="none"),
    Scenario("remove", ("--remove", "env"), source=SMALL, cache="none"),
    Scenario("repair", ("--repair", "-p", "{base}", "env"), (*SMALL_OLD, "--prompt", "old", "env"), "merge", cache="none"),
    Scenario("recreate", ("--repair", "-p", "{base}", "--wheel-dir", "{wheels}/new", "env"), (*SMALL_OLD, "env"), cache="none"),
    Scenario("redirect", (*NEW, "--redirect", "env"), after=(".venv",)),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
