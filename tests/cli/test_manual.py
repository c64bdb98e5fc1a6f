# SPDX-License-Identifier: MIT
"""The man page as readers see it: rendered by mandoc and by groff."""

import os
import re
import shutil
import subprocess

import pytest

import runner

PAGE = os.path.join(runner.REPOSITORY, "doc", "cvenv.1")
WARNINGS = {
    "mandoc": ["mandoc", "-T", "lint", "-W", "warning", PAGE],
    "groff": ["groff", "-mdoc", "-T", "utf8", "-ww", "-z", PAGE],
}
RENDER = {
    "mandoc": ["mandoc", "-T", "utf8", PAGE],
    "groff": ["groff", "-mdoc", "-T", "utf8", PAGE],
}


def output(argv):
    if not shutil.which(argv[0]):
        pytest.skip("no " + argv[0])
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout.decode()


def rendered(renderer):
    """The text, without what makes it bold or underlined on a terminal."""
    _, text = output(RENDER[renderer])
    text = re.sub("\x1b\\[[0-9;]*m|.\b", "", text)
    text = re.sub("[\u2010\xad]\n\\s*", "", text)  # a word that groff divides
    return text.replace("\u2212", "-").replace("\u2010", "-")


@pytest.mark.parametrize("renderer", sorted(WARNINGS))
def test_renderer_has_no_warning(renderer):
    assert output(WARNINGS[renderer]) == (0, "")


@pytest.mark.parametrize("renderer", sorted(RENDER))
def test_quotes_do_not_nest(renderer):
    """A closing quote before the next one opens; an apostrophe closes none."""
    text = rendered(renderer)
    assert text.count("\u2018") > 20
    wrong = re.findall("\u2018[^\u2019]{0,60}\u2018|\u2019\u2019", text)
    assert not wrong


@pytest.mark.parametrize("renderer", sorted(RENDER))
def test_footer_does_not_name_the_system_of_the_reader(renderer):
    last = rendered(renderer).strip().splitlines()[-1].split()
    assert last[0] == last[-1] == "cvenv" or last[0] == "cvenv" and last[-1] == "CVENV(1)", last


def options_of_help(text, title):
    """["-p, --python PYTHON", ...] of one section."""
    body = re.search(r"(?ms)^%s:\n(.*?)^$" % re.escape(title), text).group(1)
    return re.findall(r"(?m)^  (-.+?)(?:  .*)?$", body)


def options_of_page(title):
    with open(PAGE, encoding="utf-8") as f:
        body = re.search(r"(?ms)^\.Ss %s$(.*?)^\.Ss " % re.escape(title), f.read()).group(1)
    heads = [", ".join("-" + n for n in i.split(" , ")) for i in re.findall(r"(?m)^\.It Fl (.*)", body)]
    heads = [re.sub(r" Ns Op = Ns (?:Ar|Cm) (\w+)", r"[=\1]", head) for head in heads]
    return [re.sub(r" Op Ar ([^ ]+(?: \.\.\.)?)", r" [\1]", head).replace(" Ar ", " ") for head in heads]


def test_options_are_those_of_the_table(box):
    """The help is made from the table; the page has the same options, letters and metavars."""
    told = box.cvenv("--help").ok().out
    ours = options_of_help(told, "more options")
    assert len(ours) > 10 and "-p, --python PYTHON" in ours
    assert sorted(options_of_page("Other options")) == sorted(ours)
    for title in ["options of python -m venv", "actions for existing environments", "other actions"]:
        assert options_of_page(title.capitalize()) == options_of_help(told, title)


def test_variables_are_those_of_the_table(box):
    """Both name the options that have none."""
    told = box.cvenv("--help").ok().out
    told = re.search(r"(?s)These have no variable: (.*?)\.\n", told).group(1)
    with open(PAGE, encoding="utf-8") as f:
        page = re.search(r"(?ms)^Some options have no variable.*?\.Fl (.*?) \.$", f.read()).group(1)
    names = re.findall(r"--([a-z-]+)", told)
    assert len(names) > 5 and sorted(names) == sorted(re.findall(r"(?<![\w])-([a-z-]+)", page))


@pytest.mark.parametrize("renderer", sorted(RENDER))
def test_options_are_those_of_the_help(box, renderer):
    """Each in both, so that none is forgotten and none is left behind."""
    option = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
    page, told = rendered(renderer), box.cvenv("--help").ok().out
    assert set(option.findall(page)) == set(option.findall(told))
