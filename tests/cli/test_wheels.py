# SPDX-License-Identifier: MIT
"""Wheels with one fault each: cvenv prints one clear line and leaves no files."""

import os
import random
import time

import pytest

import bases
import runner
import trees
import wheels

INFO = "pip-99.0.dist-info"
NAME = wheels.wheel_name("pip", "99.0")


class Place:
    """A base without wheels, a wheel directory, an empty cache."""

    def __init__(self, box, py):
        self.box, self.py = box, py
        self.base = bases.without_wheels(py, os.path.join(box.root, "base"))
        self.wheels = os.path.join(box.root, "wheels")
        os.mkdir(self.wheels)
        if py.minor < (3, 12):
            wheels.write_wheel(self.wheels, "setuptools", "99.0")

    def put(self, data, name=NAME):
        with open(os.path.join(self.wheels, name), "wb") as f:
            f.write(data)

    def run(self, *args, **more):
        return self.box.cvenv("-p", self.base, "--wheel-dir", self.wheels, *args, "env", **more)

    def refused(self, reason, name=NAME):
        """REASON is a part of the message, which names the wheel."""
        escaped = os.path.join(self.box.root, "escaped")
        result = self.run()
        result.refused(name, reason)
        assert os.listdir(self.box.work) == [], str(result)
        assert not os.path.lexists(escaped)
        return result

    def works(self):
        self.run().quiet()
        pip = os.path.join(self.box.work, "env", "bin", "pip")
        assert self.box.run([pip, "--version"]).ok().out.startswith("pip 99.0 from ")


@pytest.fixture
def place(cold, newest):
    return Place(cold, newest)


def files():
    return wheels.package("pip", "99.0")


def good():
    return wheels.entries(files(), INFO)


def with_file(name, data=b"x", **more):
    """A right wheel with one more entry, which RECORD knows, whatever it is."""
    made = wheels.entries([*files(), (name, data)], INFO)
    for entry in made:
        if entry.name == name.encode():
            for key, value in more.items():
                setattr(entry, key, value)
    return made


def test_a_right_one_works(place):
    """The others fail for their fault alone."""
    place.put(wheels.pack(good()))
    place.works()


def test_a_right_one_with_more_in_it_works(place):
    more = with_file("pip/more/data.bin", os.urandom(70000), method=wheels.STORED)
    place.put(wheels.pack(more, comment=b"a comment"))
    place.works()


def test_none_at_all(place):
    result = place.run()
    result.refused("pip")
    assert "(" in result.err, "no hint in: " + result.err
    assert os.listdir(place.box.work) == []


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    "name, reason",
    [
        ("ROOT/escaped", "unsafe name"),
        ("../../../../../escaped", "unsafe name"),
        ("../../../escaped", "unsafe name"),
        ("pip/../../../../../../escaped", "unsafe name"),
        ("pip/..", "unsafe name"),
        ("..", "unsafe name"),
        ("pip/x\0y.py", "has control characters"),
        ("pip/" + "n" * 300, "unsafe name"),
        ("pip/" + "/".join(["deep" * 20] * 60), "is too long"),
        ("pip/" + "x" * 60000, "is too long"),
    ],
    ids=lambda text: text[:32].replace("\0", "NUL") + ("..." if len(text) > 32 else ""),
)
def test_names(place, name, reason):
    place.put(wheels.pack(with_file(name.replace("ROOT", place.box.root))))
    place.refused(reason)


def test_a_name_twice(place):
    made = good()
    place.put(wheels.pack([*made[:1], *made]))
    place.refused("duplicate zip entry 'pip/__init__.py'")


def test_a_file_that_is_also_a_directory(place):
    made = wheels.entries([*files(), ("pip/x", b""), ("pip/x/y", b"")], INFO)
    place.put(wheels.pack(made))
    place.refused("'pip/x/y' is below 'pip/x', which is a file")


def test_another_name_in_the_local_header(place):
    place.put(wheels.pack(with_file("pip/more.py", local_name=b"pip/less.py")))
    place.refused("'pip/more.py' contradicts the central directory")


# ---------------------------------------------------------------- entries


@pytest.mark.parametrize("kind", [0o120777, 0o010644, 0o020644, 0o060644, 0o140644], ids=oct)
def test_entries_that_are_no_files(place, kind):
    target = b"/etc/passwd"
    place.put(wheels.pack(with_file("pip/link", target, attributes=kind << 16)))
    place.refused("is a symbolic link" if kind == 0o120777 else "is neither a file nor a directory")


def test_encrypted(place):
    place.put(wheels.pack(with_file("pip/more.py", flags=1)))
    place.refused("is encrypted")


@pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
def test_unknown_compression(place, method):
    data = b"data" * 10
    place.put(wheels.pack(with_file("pip/more.py", data, method=method, packed=data)))
    place.refused("'pip/more.py' has the unsupported compression method %d" % method)


def test_bad_checksum(place):
    place.put(wheels.pack(with_file("pip/more.py", crc=0x12345678)))
    place.refused("'pip/more.py' has a wrong CRC")


def test_bad_stream(place):
    place.put(wheels.pack(with_file("pip/more.py", b"x" * 100, packed=b"\xff" * 30)))
    place.refused("'pip/more.py' cannot be unpacked")


@pytest.mark.parametrize("size", [0, 99, 101, 1 << 20])
def test_size_that_is_not_so(place, size):
    """RECORD agrees with the archive's directory, but the data does not."""
    place.put(wheels.pack(with_file("pip/more.py", b"x" * size, packed=wheels.deflate(b"x" * 100))))
    place.refused("'pip/more.py' cannot be unpacked")


def test_an_offset_outside(place):
    place.put(wheels.pack(with_file("pip/more.py", offset=0x7FFFFFF0)))
    place.refused("'pip/more.py' contradicts the central directory")


def test_two_entries_in_one_place(place):
    place.put(wheels.pack(with_file("pip/more.py", files()[0][1], offset=0)))
    place.refused("'pip/more.py' contradicts the central directory")


# ---------------------------------------------------------------- sizes


def _bomb(size):
    """`size` zero bytes (a multiple of 1 MiB), in a thousandth of that."""
    import zlib

    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    mib = squeeze.compress(bytes(1 << 20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return mib * (size >> 20) + end


def test_a_bomb_that_says_so(place):
    made = with_file("pip/zero", size=0xF0000000, packed=_bomb(0xF0000000), crc=0)
    place.put(wheels.pack(made))
    start = time.monotonic()
    place.refused("'pip/zero': too large")
    assert time.monotonic() - start < 10


def test_a_bomb_that_does_not(place):
    made = with_file("pip/zero", bytes(100), packed=_bomb(1 << 30))
    place.put(wheels.pack(made))
    start = time.monotonic()
    place.refused("'pip/zero' cannot be unpacked")
    assert time.monotonic() - start < 10


def test_many_that_are_too_much_together(place):
    data = bytes(16 << 20)
    many = [("pip/zero%d" % i, data) for i in range(64)]
    made = [wheels.Entry(n, b"", packed=_bomb(len(data)), size=len(data), crc=0) for n, _ in many]
    place.put(wheels.pack([*good(), *made]))
    place.refused("contents of the zip archive: too large")


def test_too_many(place):
    many = [wheels.Entry("pip/%d" % i, b"", method=wheels.STORED) for i in range(65500)]
    place.put(wheels.pack([*good(), *many]))
    start = time.monotonic()
    place.refused("'pip/0' is not in its RECORD")
    assert time.monotonic() - start < 20


# ---------------------------------------------------------------- metadata


def _edited(name, change):
    made = []
    for one, data in files():
        data = change(data) if one.endswith(name) else data
        if data is not None:
            made.append((one, data))
    return wheels.pack(wheels.entries(made, INFO))


@pytest.mark.parametrize(
    "name, change, reason",
    [
        ("/METADATA", lambda data: data.replace(b"Name: pip", b"Name: pop"), "of another project"),
        ("/METADATA", lambda data: data.replace(b"99.0", b"98.0"), "of another project or version"),
        ("/METADATA", lambda data: data.replace(b"Version: 99.0\n", b""), "of another project or version"),
        ("/METADATA", lambda data: b"\xff\xfe\0binary", "of another project or version"),
        ("/METADATA", lambda data: None, "it has no METADATA"),
        ("/WHEEL", lambda data: None, "its WHEEL file has no Wheel-Version"),
        ("/WHEEL", lambda data: data.replace(b"1.0", b"2.0"), "Wheel-Version is not 1.x"),
        ("/WHEEL", lambda data: b"", "its WHEEL file has no Wheel-Version"),
    ],
    ids=[
        "other name",
        "other version",
        "no version",
        "binary",
        "no METADATA",
        "no WHEEL",
        "newer format",
        "empty WHEEL",
    ],
)
def test_metadata(place, name, change, reason):
    place.put(_edited(name, change))
    place.refused(reason)


def test_the_file_name_says_otherwise(place):
    place.put(wheels.pack(good()), "pip-98.0-py3-none-any.whl")
    place.refused("it has the directory 'pip-99.0.dist-info' of another project", "pip-98.0")


def test_another_python_is_asked_for(place):
    def older(data):
        return data.replace(b"\n\n", b"\nRequires-Python: <3\n\n")

    place.put(_edited("/METADATA", older))
    place.refused("needs Python <3")


def test_data_directory(place):
    place.put(wheels.pack(with_file("pip-99.0.data/scripts/evil", b"#!python\n")))
    place.refused(".data directories are not supported")


def test_entry_points_that_lead_outside(place):
    evil = b"[console_scripts]\n../../../escaped = pip._internal.cli.main:main\n"
    place.put(_edited("/entry_points.txt", lambda data: evil))
    result = place.run()
    assert result.rc in (0, 1), str(result)
    assert not os.path.lexists(os.path.join(place.box.root, "escaped"))
    if result.rc == 0:
        assert sorted(os.listdir(place.box.work)) == ["env"]


# ---------------------------------------------------------------- RECORD


def test_no_record(place):
    place.put(wheels.pack(wheels.entries(files(), INFO, own_record=False)))
    place.refused("it has no RECORD")


def _with_record(change):
    made = good()
    made[-1].data = change(made[-1].data)
    return wheels.pack(made)


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda text: b"", "METADATA' is not in its RECORD"),
        (lambda text: text.split(b"\n", 1)[1], "'pip/__init__.py' is not in its RECORD"),
        (lambda text: text.replace(b"sha256=", b"sha256=A", 1), "RECORD has no sha256 of 'pip/__init__.py'"),
        (lambda text: text.replace(text[30:50], b"A" * 20, 1), "'pip/__init__.py' does not have the hash"),
        (lambda text: text.replace(b"sha256=", b"md5=", 1), "RECORD has no sha256 of 'pip/__init__.py'"),
        (lambda text: text.replace(b"sha256=", b"sha999=", 1), "RECORD has no sha256 of 'pip/__init__.py'"),
        (
            lambda text: b"pip/absent.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n" + text,
            "'pip/absent.py' is in its RECORD, but missing",
        ),
        (lambda text: text + b'"open', "quote that is not closed"),
        (lambda text: b"\0" * 100 + text, "RECORD line 1: control character"),
        (lambda text: text + text.split(b"\n", 1)[0] + b"\n", "RECORD has 'pip/__init__.py' twice"),
    ],
    ids=[
        "empty",
        "a file is missing",
        "hash too long",
        "other hash",
        "md5",
        "unknown hash",
        "a file too many",
        "open quote",
        "binary",
        "a row twice",
    ],
)
def test_records(place, change, reason):
    place.put(_with_record(change))
    place.refused(reason)


def test_size_in_record(place):
    made = good()
    lines = made[-1].data.split(b"\n")
    lines[0] = lines[0].rsplit(b",", 1)[0] + b",12345"
    made[-1].data = b"\n".join(lines)
    place.put(wheels.pack(made))
    place.refused("RECORD has a wrong size of 'pip/__init__.py'")


# ---------------------------------------------------------------- not a wheel


@pytest.mark.parametrize(
    "data", [b"", b"P", b"PK\5\6", b"text\n" * 100], ids=["nothing", "P", "PK", "text"]
)
def test_not_a_zip(place, data):
    place.put(data)
    place.refused("not a zip archive")


def test_an_empty_zip(place):
    place.put(b"PK\5\6" + bytes(18))
    place.refused("it has no .dist-info directory")


def test_a_directory(place):
    os.mkdir(os.path.join(place.wheels, NAME))
    place.refused("not a regular file")


def test_a_pipe(place):
    """Opening it must not wait for a writer."""
    os.mkfifo(os.path.join(place.wheels, NAME))
    place.refused("not a regular file")


def test_a_dangling_link(place):
    os.symlink("missing", os.path.join(place.wheels, NAME))
    place.refused("No such file")


def test_files_with_other_names_are_skipped(place):
    for name in ("pip.whl", "pip-.whl", "pip-99.whl", "pip-99-py3.whl", "xpip-99-py3-none-any.whl"):
        place.put(b"rubbish", name)
    place.put(b"rubbish", b"pip-\xff-py3-none-any.whl".decode("utf-8", "surrogateescape"))
    place.put(wheels.pack(good()))
    place.works()


def test_the_newest_is_taken(place):
    for version in ("9.0", "10.0.1", "100.0", "99.0"):
        wheels.write_wheel(place.wheels, "pip", version)
    place.run().quiet()
    said = place.box.run([place.box.path("env", "bin", "pip"), "--version"]).ok().out
    assert said.startswith("pip 100.0 from "), said


def test_a_missing_wheel_directory(place):
    place.wheels = os.path.join(place.box.root, "nowhere")
    place.refused("No such file or directory", place.wheels)
    place.base = place.py.path  # has a pip, but it is not the one that was asked for
    place.refused("No such file or directory", place.wheels)
    place.wheels = runner.write(place.box.root, "file", text="x")
    place.refused("Not a directory", place.wheels)
    place.wheels = ""
    assert place.run().rc == 2
    assert os.listdir(place.box.work) == []


# ---------------------------------------------------------------- chance


def _outcome(place, what):
    result = place.run()
    assert result.rc in (0, 1), "%s: %s" % (what, result)
    if result.rc:
        result.refused()
        assert os.listdir(place.box.work) == [], "%s: %s" % (what, result)
        return False
    assert os.listdir(place.box.work) == ["env"], what
    return True


def test_truncated_anywhere(place):
    data = wheels.pack(good())
    cuts = random.Random(1).sample(range(len(data)), 25) + [len(data) - 1, len(data) - 22]
    for cut in sorted(cuts):
        place.put(data[:cut])
        assert not _outcome(place, "cut at %d of %d" % (cut, len(data)))


def test_a_byte_changed_anywhere(place):
    """Some bytes do not matter; then the installed files are those of the wheel."""
    data = wheels.pack(good())
    chance = random.Random(2)
    expected = None
    for _ in range(40):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        corrupt = bytearray(data)
        corrupt[at] ^= bit
        place.put(bytes(corrupt))
        if _outcome(place, "bit %d at %d" % (bit, at)):
            site = place.box.path("env", "lib", place.py.lib_name, "site-packages")
            got = {n: node.digest for n, node in trees.snapshot(site).items() if "/" in n}
            expected = expected or got
            assert got == expected, "bit %d at %d" % (bit, at)
            runner.wipe(place.box.path("env"))


def test_a_refused_wheel_leaves_nothing_in_the_cache(place):
    place.put(wheels.pack(with_file("pip/more.py", crc=1)))
    place.refused("'pip/more.py' has a wrong CRC")
    place.put(wheels.pack(good()))
    place.works()
    site = place.box.path("env", "lib", place.py.lib_name, "site-packages")
    assert not os.path.exists(os.path.join(site, "pip", "more.py"))
