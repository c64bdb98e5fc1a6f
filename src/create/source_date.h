/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_SOURCE_DATE_H
#define CV_CREATE_SOURCE_DATE_H

#include "base/ctx.h"
#include "base/err.h"

/*
 * SOURCE_DATE_EPOCH (reproducible-builds.org): the time, in seconds since 1970, to use for all
 * files instead of now. 1: set; 0: not set, or empty; -CVENV_EUSAGE: not a number up to 2^32 - 1,
 * which is the last time that bytecode can contain.
 */
int cv_source_date(const struct cv_ctx *ctx, int64_t *ret, struct cvenv_error *err);

#endif
