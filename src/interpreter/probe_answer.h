/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_PROBE_ANSWER_H
#define CV_INTERPRETER_PROBE_ANSWER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "interpreter/info.h"

/*
 * Private to probe.c: what probe.py printed, as pairs. Whatever a wrapper wrote in front of
 * it is skipped.
 */
enum { CV_ANSWER_MAX = 64 };

struct cv_answer {
	struct {
		struct cv_str name, value;
	} pairs[CV_ANSWER_MAX];
	size_t count;
};

/* Borrows TEXT. False when this is not such an answer, whole. */
bool cv_answer_parse(struct cv_str text, struct cv_answer *ret);

/* The value called NAME; p is NULL when there is none. */
struct cv_str cv_answer_get(const struct cv_answer *answer, const char *name);

/*
 * The fields of *ret that the script tells; the other strings become "". False when one is
 * missing or of a wrong kind. *nomem is set when memory is exhausted.
 */
bool cv_answer_info(
	const struct cv_answer *answer, struct cv_arena *arena, struct cv_info *ret, bool *nomem);

#endif
