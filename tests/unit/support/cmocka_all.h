/* SPDX-License-Identifier: MIT */
#ifndef CV_CMOCKA_ALL_H
#define CV_CMOCKA_ALL_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
