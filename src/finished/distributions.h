/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_DISTRIBUTIONS_H
#define CV_FINISHED_DISTRIBUTIONS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "cvenv.h"
#include "finished/finished.h"

/*
 * What is installed in an environment, by the files of each dist-info directory. Sorted as
 * env->found. What is missing or malformed is unknown. The array and its strings are in A. Errors
 * are temporary failures, such as -ENOMEM.
 */
int cv_distributions_read(struct cv_arena *a, const struct cv_finished *env,
	struct cvenv_distribution **ret, size_t *ret_count, struct cvenv_error *err);

#endif
