/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_RETRY_H
#define CV_FS_RETRY_H

#include <stdbool.h>

#include "base/ctx.h"
#include "os/os.h"

/*
 * Renames that wait for other programs. On Windows, a rename fails while a program has the file
 * open, or a file below the directory. Virus scanners and indexers open each new file for some
 * milliseconds. On POSIX nothing here waits.
 */
enum {
	CV_RETRY_MS = 10000,
	CV_RETRY_SOON_MS = 1000, /* where there is another way, or nothing depends on it */
};

struct cv_retry {
	const struct cv_ctx *ctx; /* its `stop` ends the waiting; may be NULL */
	int left_ms;              /* to wait, in all */
	int step_ms;              /* the next pause; 0: begin with a short one */
};

/*
 * RC is the result of a call. True if it failed because of another program, after a pause: try
 * again. The pauses are 10 ms, and twice as long each time.
 */
bool cv_retry(struct cv_retry *retry, int rc);

/*
 * cv_os_rename(), repeated that way. Begins with a short pause again. If ctx->stop is set while it
 * waits, it returns -EINTR.
 */
int cv_rename(struct cv_retry *retry, struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind);

/* The same with CV_OS_NEW. Where that is unsupported, it may replace an empty directory. */
int cv_rename_new(struct cv_retry *retry, struct cv_os_dir from, const char *name,
	struct cv_os_dir to, const char *to_name);

#endif
