/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_INSTALL_H
#define CV_INTERPRETER_INSTALL_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/str.h"
#include "interpreter/spec.h"

/*
 * Commands that would install a missing Python. cvenv never runs them, and names only commands that
 * work: of a version manager on PATH, and of the system's package manager if this release of the
 * system has such a package. Tables of versions are of 2025, so newer ones are not offered.
 */
enum { CV_OS_RELEASE_MAX = 64 * 1024 };

/*
 * Appends at most two commands: "'uv python install 3.12' or 'apt install python3.12
 * python3.12-venv'". Nothing if none is known. WANT is a request; NULL means the commands python3
 * or python on PATH. OS_RELEASE is the content of /etc/os-release (os-release(5)), which anyone may
 * have written: it is only compared with known words.
 */
void cv_install_commands(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cv_pyspec *want, struct cv_str os_release, struct cv_buf *to);

/* The content of this system's file; empty if it has none. */
struct cv_str cv_os_release(struct cv_arena *arena);

#endif
