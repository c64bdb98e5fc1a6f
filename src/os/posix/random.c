/* SPDX-License-Identifier: MIT */
#include "os/process.h"

#include <stdlib.h>

bool cv_os_random(void *ret, size_t n)
{
	arc4random_buf(ret, n);
	return true;
}
