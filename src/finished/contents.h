/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_CONTENTS_H
#define CV_FINISHED_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "os/os.h"

/*
 * All entries of an environment, found with one listing per directory and one stat per entry. No
 * link is followed, no file is opened, and no other file system is entered.
 *
 *	rc = cv_contents_read(ctx, &arena, env, "/abs/env", &contents, err);
 *	file = cv_contents_find(&contents, "lib/python3.12/site-packages/x.py");
 */
enum {
	CV_CONTENTS_MAX = 1 << 20,     /* entries; of more, the environment is not read */
	CV_CONTENTS_TARGET_MAX = 4096, /* the target of a link */
};

struct cv_content {
	const char *path;     /* relative to ENV_DIR, with '/' */
	const char *target;   /* of a link, "" if it cannot be read; else NULL */
	enum cv_os_type type; /* CV_OS_UNKNOWN if it could not be read */
	unsigned mode;
	uint64_t owner;
	uint64_t size;
	int error; /* why a directory could not be listed or an entry not be read; else 0 */
};

struct cv_contents {
	struct cv_content *all;
	size_t count;
	uint32_t *table; /* of indexes + 1; by hash of the path */
	size_t mask;
};

/*
 * CVENV_ELIMIT if there are more than CV_CONTENTS_MAX entries. Directories that are nested deeper
 * than CV_DEPTH_MAX are not listed.
 */
int cv_contents_read(const struct cv_ctx *ctx, struct cv_arena *a, struct cv_os_dir env,
	const char *env_dir, struct cv_contents *ret, struct cvenv_error *err);

/* The entry PATH; NULL if there is none. */
const struct cv_content *cv_contents_find(const struct cv_contents *contents, const char *path);

/*
 * The first directory above PATH that was not listed: a link, another kind of file, or one that
 * cannot be read. NULL if all were listed, or one is missing.
 */
const struct cv_content *cv_contents_obstacle(const struct cv_contents *contents, const char *path);

#endif
