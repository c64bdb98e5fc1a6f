# SPDX-License-Identifier: MIT
"""The command line: CPython's options as argparse reads them, then our own."""

import json
import os
import re

import pytest

import allowances
import runner
import trees

# argv, exit code, environments that are there afterwards. Each is also given to the argparse
# of a real `python3.13 -m venv`, which must agree: the table cannot drift from it.
LIKE_CPYTHON = [
    (["a"], 0, {"a"}),
    (["a", "b", "c"], 0, {"a", "b", "c"}),
    (["a", "a"], 0, {"a"}),
    # help
    (["-h"], 0, set()),
    (["--help"], 0, set()),
    (["--he"], 0, set()),
    (["a", "-h"], 0, set()),
    (["-h", "a"], 0, set()),
    (["--bogus", "-h"], 0, set()),
    (["-h", "--bogus"], 0, set()),
    (["-h=3"], 2, set()),
    (["--help=3"], 2, set()),
    # abbreviations
    (["--sys", "a"], 0, {"a"}),
    (["--cl", "a"], 0, {"a"}),
    (["--sym", "a"], 0, {"a"}),
    (["--cop", "a"], 0, {"a"}),
    (["--co", "a"], 0, {"a"}),
    (["--without-pi", "a"], 0, {"a"}),
    (["--without-s", "a"], 0, {"a"}),
    (["--pro=x", "a"], 0, {"a"}),
    (["--pro", "x", "a"], 0, {"a"}),
    (["--p", "x", "a"], 0, {"a"}),
    (["--upgrade-", "-h"], 0, set()),
    (["--upgrade", "a"], 0, {"a"}),
    (["--c", "a"], 2, set()),
    (["--s", "a"], 2, set()),
    (["--up", "a"], 2, set()),
    (["--u", "a"], 2, set()),
    (["--w", "a"], 2, set()),
    (["--without", "a"], 2, set()),
    (["--without-", "a"], 2, set()),
    (["--sysx", "a"], 2, set()),
    (["--Clear", "a"], 2, set()),
    # positionals and options
    (["--without-pip", "a", "b"], 0, {"a", "b"}),
    (["a", "b", "--without-pip"], 0, {"a", "b"}),
    (["--clear", "a", "b", "--without-pip"], 0, {"a", "b"}),
    (["--without-pip", "a", "--", "b"], 0, {"a", "b"}),
    (["--", "a", "--", "b"], 0, {"a", "--", "b"}),
    (["--", "--clear"], 0, {"--clear"}),
    (["--", "-x"], 0, {"-x"}),
    (["--clear", "--", "a", "-b"], 0, {"a", "-b"}),
    # what begins with a dash and is none
    (["-1"], 0, {"-1"}),
    (["a", "-1"], 0, {"a", "-1"}),
    (["-1", "--clear"], 0, {"-1"}),
    (["-.5"], 0, {"-.5"}),
    (["-1.5"], 0, {"-1.5"}),
    (["-x y"], 0, {"-x y"}),
    (["--foo bar"], 0, {"--foo bar"}),
    (["--clear foo"], 0, {"--clear foo"}),
    (["--bogus=a b", "a"], 0, {"--bogus=a b", "a"}),
    (["--prompt x=y"], 0, {"--prompt x=y"}),
    (["-- "], 0, {"-- "}),
    (["-"], 0, {"-"}),
    ([""], 0, {"."}),
    (["-x", "a"], 2, set()),
    (["-1a"], 2, set()),
    (["--bogus", "a"], 2, set()),
    (["a", "--bogus"], 2, set()),
    (["--bogus"], 2, set()),
    (["-1.", "a"], 2, set()),
    # values
    (["--prompt", "x", "a"], 0, {"a"}),
    (["--prompt=-x", "a"], 0, {"a"}),
    (["--prompt", "-x y", "a"], 0, {"a"}),
    (["--prompt", "-1", "a"], 0, {"a"}),
    (["--prompt", "-", "a"], 0, {"a"}),
    (["--prompt=", "a"], 0, {"a"}),
    (["--prompt", "", "a"], 0, {"a"}),
    (["--prompt", "x", "--prompt", "y", "a"], 0, {"a"}),
    (["--prompt", "-x", "a"], 2, set()),
    (["--prompt", "--clear", "a"], 2, set()),
    (["--prompt", "--", "a"], 2, set()),
    (["a", "--prompt"], 2, set()),
    (["--clear=1", "a"], 2, set()),
    (["--clear=", "a"], 2, set()),
    (["--cl=1", "a"], 2, set()),
    (["--bogus", "--clear=1", "a"], 2, set()),
    # exclusions
    (["--symlinks", "a"], 0, {"a"}),
    (["--copies", "--copies", "a"], 0, {"a"}),
    (["--symlinks", "--symlinks", "a"], 0, {"a"}),
    (["--symlinks", "--copies", "a"], 2, set()),
    (["--copies", "--symlinks", "a"], 2, set()),
    (["--cop", "--sym", "a"], 2, set()),
    (["--upgrade", "--clear", "a"], 1, set()),
    (["--clear", "--upgrade", "a"], 1, set()),
    (["--upgrade", "--clear", "-h"], 0, set()),
    # no expansion of files of arguments
    (["@args"], 0, {"@args"}),
]

# Where we mean to differ: argv, CPython's exit code and environments, ours, and the row of
# doc/differences.md that says why.
UNLIKE_CPYTHON = [
    (["a", "--without-pip", "b"], (2, set()), (0, {"a", "b"}), "split-positionals"),
    (["a", "--clear", "--", "b"], (2, set()), (0, {"a", "b"}), "split-positionals"),
    (["a", "--clear", "b", "--clear", "c"], (2, set()), (0, {"a", "b", "c"}), "split-positionals"),
    ([], (2, set()), (0, {".venv"}), "default-dir"),
    (["--clear"], (2, set()), (0, {".venv"}), "default-dir"),
    (["--prompt", "a"], (2, set()), (0, {".venv"}), "default-dir"),
    (["--"], (2, set()), (0, {".venv"}), "default-dir"),
]

# argv, exit code, environments: where CPython has no such option.
OUR_OWN = [
    (["-p", "PY", "a"], 0, {"a"}),
    (["-pPY", "a"], 0, {"a"}),
    (["--python", "PY", "a"], 0, {"a"}),
    (["--python=PY", "a"], 0, {"a"}),
    (["--py", "PY", "a"], 0, {"a"}),
    (["-p", "/bogus", "-p", "PY", "a"], 0, {"a"}),
    (["-p", "PY"], 0, {".venv"}),
    (["a", "-p", "PY"], 0, {"a"}),
    (["-p"], 2, set()),
    (["a", "--python"], 2, set()),
    (["-p", "--", "a"], 2, set()),
    (["-q", "a"], 0, {"a"}),
    (["--quiet", "a"], 0, {"a"}),
    (["--q", "a"], 0, {"a"}),
    (["-v", "a"], 0, {"a"}),
    (["--verbose", "a"], 0, {"a"}),
    (["--verb", "a"], 0, {"a"}),
    (["--link-mode", "copy", "a"], 0, {"a"}),
    (["--link-mode=hardlink", "a"], 0, {"a"}),
    (["--li", "copy", "a"], 0, {"a"}),
    (["--link-mode", "bogus", "a"], 2, set()),
    (["--link-mode=", "a"], 2, set()),
    (["--link-mode"], 2, set()),
    (["--no-compile", "a"], 0, {"a"}),
    (["--no-c", "a"], 2, set()),
    (["--no-com", "a"], 0, {"a"}),
    (["--no", "a"], 2, set()),
    (["--no-config", "a"], 0, {"a"}),
    (["--no-compile=1", "a"], 0, {"a"}),
    (["--no-compile=0", "a"], 0, {"a"}),
    (["--no-compile=2", "a"], 2, set()),
    (["--dry-run=1", "a"], 2, set()),
    (["--wheel-dir", ".", "a"], 0, {"a"}),
    (["--wh", ".", "a"], 0, {"a"}),
    (["--cache-dir", "cache", "a"], 0, {"a"}),
    (["--cache-d", "cache", "a"], 0, {"a"}),
    (["--json", "a"], 0, {"a"}),
    (["--j", "a"], 0, {"a"}),
    (["--dry-run", "a"], 0, set()),
    (["--dry", "a"], 0, set()),
    (["--version"], 0, set()),
    (["-V"], 0, set()),
    (["-qV", "a"], 0, set()),
    (["--vers"], 0, set()),
    (["--version", "a"], 0, set()),
    (["--ver", "a"], 2, set()),
    (["--v", "a"], 2, set()),
]

# Ambiguous abbreviations: the candidates in the order in which CPython names them.
AMBIGUOUS = ["--c", "--s", "--up", "--u", "--w", "--without"]

# argparse as it is, without the seconds that pip takes. Runs each command line, in one directory each.
ORACLE = """
import argparse, json, os, sys, venv
venv.EnvBuilder._setup_pip = lambda self, context: None
venv.EnvBuilder.upgrade_dependencies = lambda self, context: None
venv.EnvBuilder.setup_scripts = lambda self, context: None
for number, argv in enumerate(json.loads(sys.argv[1])):
    if os.fork() == 0:
        os.mkdir(str(number))
        os.chdir(str(number))
        os.dup2(os.open("../%d.err" % number, os.O_WRONLY | os.O_CREAT), 2)
        try:
            venv.main(argv)
        except Exception as e:
            print("Error: %s" % e, file=sys.stderr)
            sys.exit(1)
        sys.exit()
    print(os.waitstatus_to_exitcode(os.wait()[1]))
    sys.stdout.flush()
"""


def by_argparse(box, py, lines):
    """For each of these command lines: exit status, names of environments, messages."""
    result = box.run([py.path, "-c", ORACLE, json.dumps(lines)]).ok()
    codes = [int(line) for line in result.out.splitlines() if line.isdigit()]
    names = [str(number) for number in range(len(lines))]
    return [(code, runner.environments(box.path(name)), runner.read(box.work, name + ".err"))
            for code, name in zip(codes, names, strict=True)]


def _id(argv):
    return " ".join(arg or "''" for arg in argv) or "(nothing)"


def _rows(table):
    return pytest.mark.parametrize("argv, rc, made", table, ids=[_id(argv) for argv, _, _ in table])


@_rows(LIKE_CPYTHON)
def test_like_cpython(box, newest, argv, rc, made):
    if argv == ["@args"]:
        runner.write(box.work, "args", text="--clear\nb\n")
    result = box.cvenv(*argv, env={"CVENV_PYTHON": newest.path})
    assert result.rc == rc, str(result)
    assert runner.environments(box.work) == made, str(result)
    if rc:
        result.refused(rc=rc)
        assert made == set(os.listdir(box.work)) == set(), str(result)


def test_the_table_is_what_argparse_says(box, argparse_oracle):
    """Every row through the real thing."""
    rows = LIKE_CPYTHON + [(argv, *theirs) for argv, theirs, _, _ in UNLIKE_CPYTHON]
    said = by_argparse(box, argparse_oracle, [argv for argv, _, _ in rows])
    wrong = [(row, got) for row, got in zip(rows, said, strict=True) if got[:2] != row[1:]]
    assert not wrong


@pytest.mark.parametrize("argument", AMBIGUOUS)
def test_ambiguity_names_the_candidates_in_order(box, argparse_oracle, argument):
    ((_, _, err),) = by_argparse(box, argparse_oracle, [[argument, "a"]])
    said = re.search(r"could match (.*)", err).group(1)
    box.empty_work()
    box.cvenv(argument, "a").refused(" %s " % argument, said, rc=2)


@pytest.mark.parametrize(
    "argv, theirs, ours, row", UNLIKE_CPYTHON, ids=[_id(argv) for argv, _, _, _ in UNLIKE_CPYTHON]
)
def test_unlike_cpython(box, newest, argv, theirs, ours, row):
    result = box.cvenv(*argv, env={"CVENV_PYTHON": newest.path})
    assert (result.rc, runner.environments(box.work)) == ours, str(result)
    assert ours != theirs
    assert row in allowances.documented()


@_rows(OUR_OWN)
def test_our_own(box, newest, argv, rc, made):
    argv = [arg.replace("PY", newest.path) for arg in argv]
    os.symlink(box.cache, box.path("cache"))
    result = box.cvenv(*argv, env={"CVENV_PYTHON": newest.path})
    assert result.rc == rc, str(result)
    assert runner.environments(box.work) == made, str(result)
    if rc:
        result.refused(rc=rc)


def test_compile_and_its_abbreviation(cold, newest):
    """--comp is ours, since none of CPython's own begins so."""
    cold.cvenv("--comp", "-p", newest.path, "a").quiet()
    site = cold.path("a", "lib", newest.lib_name, "site-packages", "pip", "__pycache__")
    assert any(name.endswith(".pyc") for name in os.listdir(site))


def test_the_last_prompt_wins(box, newest):
    box.cvenv("-p", newest.path, "--without-pip", "--prompt", "x", "--prompt", "y", "a").quiet()
    assert runner.cfg(box.path("a"))["prompt"] == "'y'"


def test_help(box):
    result = box.cvenv("-h").ok()
    assert result.err == ""
    assert max(len(line) for line in result.out.splitlines()) <= 80, result.out
    for option in """--system-site-packages --symlinks --copies --clear --upgrade --without-pip
            --prompt --upgrade-deps --without-scm-ignore-files --force --python --link-mode --compile
            --no-compile --wheel-dir --cache-dir --json --dry-run --quiet --verbose --version
            ENV_DIR .venv""".split():
        assert option in result.out, option
    examples = re.search(r"(?ims)^examples:\n(.*)", result.out)
    assert examples, result.out
    assert len(re.findall(r"(?m)^\s+(\$ )?cvenv\b", examples.group(1))) >= 2, result.out


def test_help_is_the_same_in_a_narrow_terminal_and_a_pipe(box):
    assert box.cvenv("-h").out == box.cvenv("--help", env={"COLUMNS": "40"}).out


def test_version(box):
    result = box.cvenv("--version").ok()
    assert re.fullmatch(r"cvenv \d+\.\d+\.\d+\S*( .*)?\n", result.out), result.out
    assert result.err == ""


def test_examples_of_the_help_are_true(box, newest):
    """Each option that an example shows is one that the command takes."""
    examples = re.search(r"(?ims)^examples:\n(.*)", box.cvenv("-h").ok().out).group(1)
    for line in re.findall(r"(?m)^\s+(?:\$ )?cvenv\b(.*)", examples):
        argv = [w for w in re.split(r"\s{2,}|\s#", line.strip())[0].split() if w]
        result = box.cvenv(*argv, "-h")
        assert result.rc == 0, "%s\n%s" % (line, result)


@pytest.mark.parametrize("instead", ["--warm", "--pythons", "--cache-info", "--cache-clean"])
@pytest.mark.parametrize(
    "forms", ["--clear", "--upgrade", "--upgrade-deps", "--copies", "--relocatable", "--dry-run"]
)
def test_environment_options_are_refused_with_cache_commands(box, instead, forms):
    for argv in ([instead, forms], [forms, instead]):
        box.cvenv(*argv).refused("%s: not allowed with argument %s" % (forms, instead), rc=2)


def test_choices_are_named(box):
    box.cvenv("--link-mode", "soft", "a").refused("'soft'", "auto, reflink, hardlink, copy", rc=2)
    box.cvenv("--activators", "tcl", "a").refused("'tcl'", "nushell, xonsh, python, batch", rc=2)


@pytest.mark.parametrize("option", ["-p/--python", "--cache-dir", "--wheel-dir"])
def test_empty_name_is_refused(box, newest, option):
    """It is an unset variable of a script, and never means the default."""
    name = option.split("/")[-1]
    for argv in ([name, ""], [name + "="]):
        box.cvenv("--without-pip", *argv, "env", env={"CVENV_PYTHON": newest.path}).refused(
            "argument %s: an empty name" % option, rc=2
        )
    assert os.listdir(box.work) == []


@pytest.mark.parametrize("name", ["base", "3.99"])
def test_python_without_slash_names_the_path_that_may_be_meant(box, newest, name):
    """PATH decides about a name; what has that name in the current directory is only pointed out."""
    argv = ["-p", name, "--without-pip", "env"]
    assert "./%s" % name not in box.cvenv(*argv).refused(name).err
    os.makedirs(box.path(name, "bin"))
    os.symlink(newest.path, box.path(name, "bin", "python3"))
    box.cvenv(*argv).refused("to use '%s' in the current directory, write './%s'" % (name, name))
    box.cvenv("-p", "./" + name, *argv[2:]).quiet()


def test_python_in_the_current_directory(box, newest):
    os.makedirs(box.path("bin"))
    os.symlink(newest.path, box.path("bin", "python3"))
    box.cvenv("-p", ".", "--without-pip", "env").quiet()
    box.cvenv("-p", "..", "--without-pip", "../env", cwd=box.path("bin")).quiet()


@pytest.mark.parametrize("args", [[], ["--clear"], ["--dry-run"]], ids=ascii)
@pytest.mark.parametrize("bad", ["file", "file/x", "x:y", "outer/bin/x", ".cvenv-tmp-1-00000000", b"\xff"])
def test_bad_env_dir_late_in_a_list_is_found_before_the_first_is_made(box, newest, args, bad):
    runner.write(box.work, "file", text="x")
    box.cvenv("-p", newest.path, "--without-pip", "outer").quiet()
    before = trees.listing(box.work)
    box.cvenv("-p", newest.path, "--without-pip", *args, "a", "b/c", bad, "d").refused()
    assert trees.listing(box.work) == before


def test_upgrade_where_no_environment_exists_warns(box, newest):
    """It makes one, as CPython does, but without activation scripts: a typing error, mostly."""
    os.mkdir(box.path("empty"))
    for name in ("new", "empty"):
        for args in (["--dry-run"], []):
            argv = ["-p", newest.path, "--without-pip", "--upgrade", *args, name]
            said = box.cvenv(*argv).ok().err
            assert said.startswith(
                "cvenv: warning: no environment to upgrade in '%s'" % box.path(name)
            )
            assert said.count("\n") == 1
        assert not os.path.lexists(box.path(name, "bin", "activate"))
        box.cvenv(*argv).quiet()


def test_unknown_options_are_named(box):
    box.cvenv("--bogus", "--worse", "a").refused("'--bogus'", rc=2)


@pytest.mark.parametrize(
    "argument, meant",
    [
        ("--prmopt=x", "--prompt"),
        ("-clear", "--clear"),
        ("--link_mode=copy", "--link-mode"),
        ("--link-mode=hard", "hardlink"),
        ("--activators=nushel", "nushell"),
    ],
)
def test_mistyped_argument_gets_a_suggestion(box, argument, meant):
    box.cvenv(argument, "a").refused("(did you mean '%s'?)" % meant, rc=2)


@pytest.mark.parametrize("action, word", [("--check", "full"), ("--list", "quick")])
def test_word_of_an_option_is_not_an_option(box, action, word):
    box.cvenv(action, "--" + word).refused("(did you mean '%s=%s'?)" % (action, word), rc=2)


@pytest.mark.parametrize(
    "argv, action",
    [
        (["list"], "--list"),
        (["clone", "a", "b"], "--clone SRC DEST"),
        (["remove", "a"], "--remove ENV_DIR"),
        (["shell-hook"], "--shell-hook SHELL"),
        (["help"], "--help"),
    ],
)
def test_name_of_an_action_is_a_directory_and_gets_a_hint(box, newest, argv, action):
    said = box.cvenv("--without-pip", "-p", newest.path, *argv)
    assert said.rc == 0 and said.out == "" and sorted(os.listdir(box.work)) == sorted(argv)
    line, = said.err.splitlines()
    assert line.startswith("cvenv: hint: '%s' is taken as the directory of a new environment" % argv[0])
    assert line.endswith("; the action is 'cvenv %s'" % action)


@pytest.mark.parametrize("argv", [["./list"], ["-q", "list"], ["a", "list"], ["prompt"]])
def test_directories_that_are_meant_get_no_hint(box, newest, argv):
    assert box.cvenv("--dry-run", "--without-pip", "-p", newest.path, *argv).ok().err == ""


def test_the_later_of_two_that_exclude_each_other_is_named_first(box):
    box.cvenv("--symlinks", "--copies", "a").refused(rc=2)
    said = box.cvenv("--symlinks", "--copies", "a").err
    assert 0 < said.index("--copies") < said.index("--symlinks"), said


def test_a_missing_value_is_named(box):
    box.cvenv("--prompt").refused("--prompt", rc=2)
    box.cvenv("-p").refused("--python", rc=2)


def test_arguments_with_newlines_give_one_line(box):
    box.cvenv("--bo\ngus", "a").refused(rc=2)
    box.cvenv("--link-mode", "a\nb", "a").refused(rc=2)


def test_undecodable_arguments_give_one_line(box):
    box.cvenv(b"--bo\xffgus", "a").refused(rc=2)
