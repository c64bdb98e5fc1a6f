/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_ARCHIVE_WRITE_H
#define CV_FINISHED_ARCHIVE_WRITE_H

#include <stdint.h>

#include "base/ctx.h"
#include "base/err.h"
#include "base/sha256.h"
#include "env/portable.h"
#include "os/os.h"

/*
 * Write the members of an archive, which are sorted, to OUTPUT. All have the time MTIME, the
 * modes 0755 or 0644, and the owner 0; in a directory, the owner is the caller.
 *
 * It is written into a staging directory beside, and renamed. So after a failure or a kill, OUTPUT
 * is as it was; what a killed process leaves, the next one deletes. OUTPUT is missing, a regular
 * file, or, for a directory, empty: else EEXIST. EAGAIN: a file of the environment changed.
 */
struct cv_archive {
	const char *name;   /* of the environment, for progress */
	const char *output; /* absolute, normalised */
	enum cv_archive_format format;
	const struct cv_packed_list *members;
	struct cv_os_dir roots[CV_ROOTS]; /* borrowed */
	struct cv_os_stat top;            /* of the environment, before it was listed */
	int64_t mtime;
};

struct cv_archive_done {
	size_t files;
	uint64_t bytes;                 /* of the archive; of a directory, of its files */
	char sha256[CV_SHA256_HEX + 1]; /* "" for a directory */
};

/* Can OUTPUT be written as FORMAT? Writes nothing. */
int cv_archive_check(const char *output, enum cv_archive_format format, struct cvenv_error *err);

int cv_archive_write(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_archive *what,
	struct cv_archive_done *ret, struct cvenv_error *err);

#endif
