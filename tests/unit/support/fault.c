/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include <errno.h>
#include <stddef.h>

static int countdown, error_code;
static bool hit;
static const char *hit_name = "";

void fault_arm(int nth, int code)
{
	countdown = nth;
	error_code = code;
	hit = false;
	hit_name = "";
}

bool fault_disarm(void)
{
	countdown = 0;
	return hit;
}

const char *fault_name(void)
{
	return hit_name;
}

bool fault_fails(const char *name)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	hit = true;
	hit_name = name;
	errno = error_code;
	return true;
}

FAULT_WRAP(void *, malloc, (size_t n), (n), NULL)
FAULT_WRAP(void *, calloc, (size_t n, size_t m), (n, m), NULL)
FAULT_WRAP(void *, realloc, (void *p, size_t n), (p, n), NULL)
