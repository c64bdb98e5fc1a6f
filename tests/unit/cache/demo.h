/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_DEMO_H
#define CV_TEST_DEMO_H

#include "cache/cached_wheel.h"

/*
 * A place with a small wheel, demo 1.0, for tests of what the cache makes of wheels. One of
 * its three sources is no Python.
 */
extern char *demo_dir;       /* of this test, absolute */
extern char demo_cache[128]; /* where the cache is to be */
extern char demo_wheel[128]; /* the path of the wheel that was written last */
extern struct cv_ctx demo_ctx;
extern size_t demo_large; /* bytes of one more source, before the others in the pack; 0: none */

int demo_setup(void **state);
int demo_teardown(void **state);
void demo_write(const char *version, const char *requires_python);

#endif
