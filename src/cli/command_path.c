/* SPDX-License-Identifier: MIT */
#include "cli/command_path.h"

#include <string.h>

#include "base/path.h"
#include "os/command.h"
#include "os/os.h"

/* The first directory of PATH that contains the file NAME, absolute. */
static const char *on_path(struct cv_arena *a, const struct cv_ctx *ctx, const char *name)
{
	struct cv_str list = cv_str(cv_getenv_nonempty(ctx, "PATH"));
	struct cv_os_stat st;
	char *dir, *path;

	while (cv_path_list_cut(a, &list, &dir)) {
		if (!dir || !cv_path_has_abs(ctx, dir))
			continue;
		path = cv_path_abs(a, ctx, dir);
		path = path ? cv_path_join(a, path, name) : NULL;
		if (path && cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st) == 0 &&
			st.type == CV_OS_FILE &&
			cv_os_access(CV_OS_ABSOLUTE, path, CV_OS_MAY_EXECUTE) == 0)
			return path;
	}
	return name;
}

const char *cv_command_path(struct cv_arena *a, const struct cv_ctx *ctx, const char *argv0)
{
	const char *path = cv_os_program_path();

	if (!path || !strchr(path, '/'))
		path = argv0 ? argv0 : "cvenv";
	if (!strchr(path, '/'))
		path = on_path(a, ctx, path);
	return cv_path_has_abs(ctx, path) ? cv_path_abs(a, ctx, path) : path;
}
