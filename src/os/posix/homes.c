/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdlib.h>

#include "base/own.h"
#include "os/process.h"
#include "posix.h"

/* Where the C library knows the users; Linux has its own, since static programs cannot ask it. */

enum { ROOM = 16 * 1024 };

static char *home_of(struct cv_arena *a, uid_t uid)
{
	OWN_MEM char *room = malloc(ROOM);
	struct passwd entry, *found = NULL;

	if (!room || getpwuid_r(uid, &entry, room, ROOM, &found) != 0 || !found || !found->pw_dir ||
		found->pw_dir[0] != '/')
		return NULL;
	return cv_strdup(a, cv_str(found->pw_dir));
}

size_t cv_os_homes(struct cv_arena *a, const char *ret[2])
{
	const uid_t uids[2] = { geteuid(), getuid() };
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		ret[n] = home_of(a, uids[i]);
		n += ret[n] != NULL;
	}
	return n;
}
