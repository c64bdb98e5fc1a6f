/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_PROBE_ANSWER_H
#define CV_INTERPRETER_PROBE_ANSWER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "interpreter/info.h"

/*
 * Private to probe.c: the output of probe.py, as pairs. Other output before it, for example from a
 * wrapper, is skipped.
 */
enum { CV_ANSWER_MAX = 64 };

struct cv_answer {
	struct {
		struct cv_str name, value;
	} pairs[CV_ANSWER_MAX];
	size_t count;
};

/* Borrows TEXT. False when TEXT has no complete answer. */
bool cv_answer_parse(struct cv_str text, struct cv_answer *ret);

/* The value of NAME; p is NULL when there is none. */
struct cv_str cv_answer_get(const struct cv_answer *answer, const char *name);

/*
 * Sets the fields of *ret that probe.py answers; the other strings become "". False when one is
 * missing or invalid. *nomem is set when memory is exhausted.
 */
bool cv_answer_info(
	const struct cv_answer *answer, struct cv_arena *arena, struct cv_info *ret, bool *nomem);

#endif
