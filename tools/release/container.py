# SPDX-License-Identifier: MIT
"""The Containerfile of an image that has the static command and nothing else."""

# The processors as container tools name them, in TARGETARCH.
ARCHITECTURES = {
    "x86_64-linux-musl": "amd64",
    "aarch64-linux-musl": "arm64",
    "armv7-linux-musl": "arm",
    "i686-linux-musl": "386",
    "riscv64-linux-musl": "riscv64",
    "s390x-linux-musl": "s390x",
}

HEAD = """\
# An image with the content of an archive and nothing else: other images copy the command from it.
#
#     podman build -t cvenv -f Containerfile .      (in the directory with the archives)
#
#     FROM debian
#     COPY --from=cvenv /bin/cvenv /usr/local/bin/
#
# Or with the man page, completions and licences: COPY --from=cvenv / /usr/local/
ARG TARGETARCH
"""

UNPACKED = """
FROM scratch AS archive-%(arch)s
ADD %(file)s /
FROM scratch AS content-%(arch)s
COPY --from=archive-%(arch)s /%(folder)s/ /
"""

TAIL = """
FROM content-${TARGETARCH:-%s}
ENTRYPOINT ["/bin/cvenv"]
"""


def containerfile(archives):
    made = HEAD
    for target, file, _ in archives:
        folder = file[:-len(".tar.gz")]
        made += UNPACKED % {"arch": ARCHITECTURES[target], "file": file, "folder": folder}
    # BuildKit sets TARGETARCH; older tools do only with --platform.
    default = ARCHITECTURES[archives[-1][0]]
    return (made + TAIL % default).encode()
