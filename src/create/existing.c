/* SPDX-License-Identifier: MIT */
#include "create/existing.h"

#include <errno.h>

#include "base/own.h"
#include "base/path.h"
#include "env/finished.h"
#include "env/pyvenv_cfg.h"
#include "fs/file.h"
#include "fs/remains.h"

enum { PACKAGES_MAX = 100000 };

static bool dist_info_name(const char *entry, struct cv_existing_package *ret)
{
	struct cv_found found;

	if (!cv_found_of(entry, &found) || found.kind != CV_FOUND_DIST_INFO)
		return false;
	*ret = (struct cv_existing_package){ found.name, found.version, entry };
	return true;
}

static int read_packages(struct cv_arena *a, struct cv_os_dir env, const char *site,
	struct cv_existing *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	size_t room = 0;
	int rc = cv_os_list_open(env, site, CV_OS_FOLLOW, &list);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	while (rc >= 0 && ret->count < PACKAGES_MAX && (rc = cv_os_list_next(&list)) > 0) {
		struct cv_existing_package one;
		char *name;

		if (!dist_info_name(list.name, &one))
			continue;
		name = cv_strdup(a, cv_str(list.name));
		if (!name || !cv_grow(a, &ret->packages, ret->count, &room))
			return cv_fail_nomem(err);
		(void)dist_info_name(name, &ret->packages[ret->count++]);
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot read '%s'", site) : 0;
}

/* A directory that cannot be listed may contain anything. */
static int find_others(
	struct cv_os_dir env, const char *env_dir, bool *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(env, ".", CV_OS_FOLLOW, &list);

	*ret = rc == -EACCES;
	if (*ret || rc == -ENOENT)
		return 0;
	while (!*ret && rc >= 0 && (rc = cv_os_list_next(&list)) > 0)
		*ret = !cv_is_part(list.name);
	return rc < 0 ? cv_fail(err, -rc, "cannot read '%s'", env_dir) : 0;
}

int cv_existing_text(struct cv_arena *a, struct cv_os_dir env, const char *path, size_t max,
	struct cv_str *ret, struct cvenv_error *err)
{
	int rc = cv_read_file(env, path, CV_OS_NOFOLLOW, max, a, ret, err);

	if (rc == 0)
		return 1;
	if (cv_err_missing(-rc) || rc == -ENXIO || rc == -EINVAL || rc == -CVENV_ELIMIT)
		return 0;
	return rc;
}

int cv_existing_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	struct cv_existing *ret, struct cvenv_error *err)
{
	struct cv_str text = { 0 };
	int rc;

	*ret = (struct cv_existing){ 0 };
	if (!cv_os_dir_ok(env))
		return 0;
	rc = find_others(env, layout->env_dir, &ret->has_others, err);
	if (rc == 0)
		rc = cv_existing_text(a, env, "pyvenv.cfg", CV_CFG_MAX, &text, err);
	if (rc < 0)
		return rc;
	if (rc > 0) {
		ret->is_environment = true;
		cv_pyvenv_cfg_read(text, ret);
	}
	return read_packages(a, env, layout->purelib, ret, err);
}

const char *cv_existing_around(struct cv_arena *a, const char *path)
{
	const struct cv_str bin = cv_str(CV_EXISTING_BIN);
	size_t root = cv_path_root(path);
	const char *name = path + root, *end;

	for (; *name; name = end + (*end != '\0')) {
		size_t up = (size_t)(name - path);
		const char *dir, *cfg;
		struct cv_os_stat st;

		for (end = name; *end && !cv_path_is_sep(*end);)
			end++;
		if ((size_t)(end - name) != bin.n || !cv_path_starts(name, bin))
			continue;
		dir = cv_strdup(a, (struct cv_str){ path, up > root ? up - 1 : up });
		cfg = dir ? cv_path_join(a, dir, "pyvenv.cfg") : NULL;
		if (cfg && cv_os_stat(CV_OS_ABSOLUTE, cfg, CV_OS_NOFOLLOW, &st) == 0 &&
			st.type == CV_OS_FILE)
			return dir;
	}
	return NULL;
}
