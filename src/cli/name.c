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

int cv_env_dirs(struct cv_arena *a, const struct cv_options *o, const char *const **ret,
	size_t *ret_count, struct cvenv_error *err)
{
	static const char *const default_dirs[] = { ".venv" };
	const char **dirs;

	*ret = o->env_dir_count ? o->env_dirs : default_dirs;
	*ret_count = o->env_dir_count ? o->env_dir_count : 1;
	if (!o->name)
		return 0;
	dirs = cv_new(a, const char *, o->env_dir_count + 1);
	if (!dirs)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < o->env_dir_count; i++)
		dirs[i] = o->env_dirs[i];
	*ret = dirs;
	*ret_count = o->env_dir_count + 1;
	return cv_name_dir(a, o->library.envp, o->name, &dirs[o->env_dir_count], err);
}
