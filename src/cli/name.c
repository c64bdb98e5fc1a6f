/* SPDX-License-Identifier: MIT */
#include "cli/name.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

int cv_name_check(const char *name, struct cvenv_error *err)
{
	const char *reason = NULL;

	if (!name[0])
		reason = "an empty name";
	else if (name[0] == '-')
		reason = "it begins with '-'";
	else if (cv_path_is_path(name))
		reason = "it must be a name, not a path";
	if (!reason)
		return 0;
	cv_fail_msg(err, CVENV_EUSAGE, "argument -n/--name: invalid name '%s': %s", name, reason);
	return cv_hint(err, -CVENV_EUSAGE, "give a path as ENV_DIR, without --name");
}

int cv_name_dir(struct cv_arena *a, const char *const *envp, const char *name, const char **ret,
	struct cvenv_error *err)
{
	const struct cv_ctx ctx = { .envp = envp };
	const char *all = cv_getenv_nonempty(&ctx, "WORKON_HOME"), *home = cv_path_home(&ctx);

	/* "~" needs the home directory, too. */
	if (!home && (!all || !cv_path_is_abs(all))) {
		cv_fail_msg(err, ENOENT,
			"cannot tell where the environment '%s' is: the home directory is unknown",
			name);
		return cv_hint(err, -ENOENT, "set WORKON_HOME to an absolute path");
	}
	if (!all)
		all = ".virtualenvs";
	if (all[0] == '~' && (!all[1] || cv_path_is_sep(all[1])))
		for (all++; cv_path_is_sep(all[0]);)
			all++;
	if (!cv_path_is_abs(all))
		all = all[0] ? cv_path_join(a, home, all) : home;
	*ret = all ? cv_path_join(a, all, name) : NULL;
	return *ret ? 0 : cv_fail_nomem(err);
}
