/* SPDX-License-Identifier: MIT */
#ifndef CV_LIST_H
#define CV_LIST_H

#include "store/image.h"

/*
 * What an image would hold, without making it: for plans that nobody carries out, in a store that
 * is only read (cv_store_open_reading()). Such an image has no directory.
 */

/* From the wheel's own list. DATA is its content, PATH where it came from; all of *ret is in A. */
int cv_list_wheel(struct cv_arena *a, const char *path, struct cv_str data,
	struct cv_wheel_image *ret, struct cv_err *err);

/*
 * The bytecode of all sources: of what would be compiled, or else, without COMPILE, if the base
 * seems to have all of it (adopt.h). Sizes are not known: 0. False for none.
 */
bool cv_list_bytecode(struct cv_arena *a, const struct cv_wheel_image *wheel,
	const struct cv_bytecode *kind, bool compile, struct cv_image *ret);

#endif
