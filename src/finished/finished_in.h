/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_FINISHED_IN_H
#define CV_FINISHED_FINISHED_IN_H

#include "finished/finished.h"

/*
 * Between the files of finished/finished.h. All return 0, or negative and *err: when memory or
 * descriptors are exhausted or a disk fails, nothing is known. Such an environment must not count
 * as broken, because broken ones are removed.
 */

struct cv_finished_reader {
	struct cv_arena *a;
	struct cv_finished *env;
	unsigned how;
	struct cvenv_error *err;
	/* Of arrays of `env`. */
	size_t program_room, found_room, other_site_room, name_room, recorded_room;
};

/*
 * The result RC of opening or reading NAME, which is in the environment: 0 if it is 0, if NAME is
 * missing, or if it is not accessible, which is noted in env->denied; else *err says what failed.
 */
int cv_finished_failed(const struct cv_finished_reader *r, int rc, const char *name);

/* finished_programs.c: list bin, and open what is in it. */
int cv_finished_read_programs(struct cv_finished_reader *r);

/* finished_packages.c: find site-packages, and list them. */
int cv_finished_read_packages(struct cv_finished_reader *r);

/* finished_places.c: `names` and `recorded`. */
int cv_finished_read_places(struct cv_finished_reader *r);

/* A copy of TEXT as a C string; NULL if it has a NUL or is empty. *RET_BAD: no memory. */
const char *cv_finished_text(struct cv_arena *a, struct cv_str text, bool *ret_bad);

#endif
