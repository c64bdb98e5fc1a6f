# SPDX-License-Identifier: MIT
"""The templates in packaging/, and the values that they are filled with.

The version, name, licence and summary are those of meson.build and pyproject.toml. packaging/README.md
describes the rest, packaging/project.json.
"""

import email.utils
import json
import os
import re
import textwrap
import time

import artefact

FOLDER = os.path.join(artefact.ROOT, "packaging")
PLACEHOLDER = re.compile(r"@([A-Z][A-Z0-9_]*)@")
OPTIONAL = re.compile(r"^@IF ([A-Z0-9_]+)@(.*\n)", re.M)
# A value is put between the quotes of several languages.
UNQUOTABLE = re.compile(r"[\"\\$`\n]|#\{")
ADDRESS = re.compile(r"(https?|file)://[A-Za-z0-9._~:/@!&+,;=%{}-]+")
NO_EMAIL = "nobody@cvenv.invalid"
TAGS = "bin,man,completions"  # Meson's, of what the packages of Debian and Fedora install


class Mistake(Exception):
    """In the description or in an argument."""


def _text(name):
    return artefact.read(os.path.join(artefact.ROOT, name)).decode()


def _found(pattern, name):
    found = re.search(pattern, _text(name), re.M)
    if not found:
        raise Mistake("%s: no line like '%s'" % (name, pattern))
    return found[1]


def project():
    path = os.path.join("packaging", "project.json")
    try:
        return json.loads(_text(path))
    except ValueError as error:
        raise Mistake("%s: %s" % (path, error)) from error


def address(url, version):
    """Of the directory that has the files of this release."""
    if not ADDRESS.fullmatch(url):
        raise Mistake("'%s' is no address of a release: it begins with https://, http:// or file://, "
                      "and has no quotes, spaces or '$'" % url)
    return url.replace("{version}", version).rstrip("/")


def values(url):
    """What the templates are filled with. URL is that of the command line, or ''."""
    said = project()
    version = artefact.version()
    seconds = artefact.epoch()
    now = time.gmtime(seconds)
    where = url or said["url"]
    known = {
        "NAME": _found(r"^project\('([^']+)', 'c'", "meson.build"),
        "VERSION": version,
        "LICENSE": _found(r"^ *license: '([^']+)'", "meson.build"),
        "COPYRIGHT": _found(r"^Copyright \(c\) (.*)", "LICENSE"),
        "SUMMARY": _found(r'^description = "(.*)"', "pyproject.toml"),
        "MAINTAINER": said["maintainer"],
        "EMAIL": said["email"] or NO_EMAIL,
        "TAGS": TAGS,
        "PUBLISHER": said["publisher"],
        "URL": address(where, version) if where else "",
        "DATE": time.strftime("%Y-%m-%d", now),
        "DATE_RFC": email.utils.formatdate(seconds),
        "DATE_RPM": " ".join(email.utils.formatdate(seconds).split()[i].strip(",") for i in (0, 2, 1, 3)),
    }
    known["HOMEPAGE"] = said["homepage"] or known["URL"]
    known["SOURCE"] = "/".join(filter(None, [known["URL"], "%(NAME)s-%(VERSION)s.tar.gz" % known]))
    for name, value in known.items():
        if UNQUOTABLE.search(value):
            raise Mistake("the %s '%s' has a character that needs quotes" % (name.lower(), value))
    paragraphs = [textwrap.wrap(text, 78) for text in said["description"]]
    known["DESCRIPTION"] = "\n\n".join("\n".join(lines) for lines in paragraphs)
    known["DEB_SUMMARY"] = known["SUMMARY"][0].lower() + known["SUMMARY"][1:]
    known["DEB_DESCRIPTION"] = _indented(known["DESCRIPTION"])
    known["DEB_LICENSE_TEXT"] = _indented(_text("LICENSE").partition("\n\n")[2].partition("\n\n")[2].strip())
    return known


def _indented(text):
    """As in Debian's control files."""
    return "\n".join(" " + (line or ".") for line in text.split("\n"))


def fill(name, known):
    """The bytes of the template NAME, filled. A line after @IF NAME@ is left out without that value."""

    def kept(match):
        return match[2] if known[match[1]] else ""

    text = OPTIONAL.sub(kept, _text(os.path.join("packaging", name)))
    return PLACEHOLDER.sub(lambda match: known[match[1]], text).encode()
