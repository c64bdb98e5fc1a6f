/* SPDX-License-Identifier: MIT */
#include "create/store_python.h"

#include <strings.h>

#include "base/path.h"

/* Packages, and the aliases of their programs, are in directories of this name. */
static bool is_of_store(const char *path)
{
	static const struct cv_str apps = { "WindowsApps", 11 };
	const char *from = path;

	for (const char *p = path;; p++) {
		if (*p && !cv_path_is_sep(*p))
			continue;
		if ((size_t)(p - from) == apps.n && strncasecmp(from, apps.p, apps.n) == 0)
			return true;
		if (!*p)
			return false;
		from = p + 1;
	}
}

void cv_warn_of_store_python(
	const struct cv_ctx *ctx, const struct cv_info *info, const char *env_dir)
{
	static const char *const redirected[] = { "LOCALAPPDATA", "APPDATA" };

	if (!info->windows || !is_of_store(info->base))
		return;
	for (size_t i = 0; i < sizeof(redirected) / sizeof(redirected[0]); i++) {
		const char *dir = cv_getenv_nonempty(ctx, redirected[i]);

		if (dir && cv_path_within(env_dir, dir)) {
			cv_log(ctx, CVENV_LOG_WARNING,
				"'%s' is a Python of the Microsoft Store: Windows redirects what "
				"it "
				"writes below '%s', so packages will not be installed in '%s'",
				info->base, dir, env_dir);
			return;
		}
	}
}
