/* SPDX-License-Identifier: MIT */
#include "posix.h"

#include <assert.h>

static_assert(CV_OS_MAY_EXIST == F_OK && CV_OS_MAY_EXECUTE == X_OK && CV_OS_MAY_WRITE == W_OK &&
		      CV_OS_MAY_READ == R_OK,
	"passed on as they are");

int cv_os_access(struct cv_os_dir at, const char *name, unsigned rights)
{
	return cv_posix_result(faccessat(cv_posix_fd(at), name, (int)rights, AT_EACCESS));
}
