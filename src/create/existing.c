/* SPDX-License-Identifier: MIT */
#include "create/existing.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/pyvenv_cfg.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "fs/publish.h"
#include "wheel/record.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

enum {
	CONFIG_MAX = 64 * 1024,
	RECORD_MAX = 16 << 20,
	PACKAGES_MAX = 100000,
	PER_SOURCE = 4, /* the file and three kinds of bytecode */
};

static bool dist_info_name(const char *entry, struct cv_existing_package *ret)
{
	struct cv_str stem = cv_str(entry), name;

	if (!cv_str_ends(stem, CV_LIT(".dist-info")))
		return false;
	stem.n -= strlen(".dist-info");
	if (!cv_str_cut(&stem, '-', &name) || !stem.p || !name.n || !stem.n)
		return false;
	ret->name = name;
	ret->version = stem;
	ret->dist_info = entry;
	return true;
}

static int read_packages(
	struct cv_arena *a, const char *site, struct cv_existing *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	size_t room = 0;
	int rc = cv_os_list_open(CV_OS_ABSOLUTE, site, CV_OS_FOLLOW, &list);

	if (rc == -ENOENT || rc == -ENOTDIR)
		return 0;
	while (rc >= 0 && ret->count < PACKAGES_MAX && (rc = cv_os_list_next(&list)) > 0) {
		struct cv_existing_package one;
		char *name;

		if (!dist_info_name(list.name, &one))
			continue;
		name = cv_strdup(a, cv_str(list.name));
		if (ret->count == room) {
			struct cv_existing_package *more;

			room = room ? room * 2 : 16;
			more = cv_new(a, struct cv_existing_package, room);
			if (more && ret->count)
				memcpy(more, ret->packages, ret->count * sizeof(*more));
			ret->packages = more;
		}
		if (!name || !ret->packages)
			return cv_fail_nomem(err);
		(void)dist_info_name(name, &ret->packages[ret->count++]);
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot read '%s'", site) : 0;
}

/*
 * 1: read; 0: there is none, or what cannot be one: a link, a fifo, a socket, far too long. Any
 * other failure may pass, and must not be taken for that.
 */
static int read_text(struct cv_arena *a, const char *path, size_t max, struct cv_str *ret,
	struct cvenv_error *err)
{
	int rc = cv_read_file(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, max, a, ret, err);

	if (rc == 0)
		return 1;
	if (cv_err_missing(-rc) || rc == -ENXIO || rc == -EINVAL || rc == -CVENV_ELIMIT)
		return 0;
	return rc;
}

/* A directory that cannot be listed may contain anything. */
static int find_others(const char *env_dir, bool *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(CV_OS_ABSOLUTE, env_dir, CV_OS_FOLLOW, &list);

	*ret = rc == -EACCES;
	if (*ret || rc == -ENOENT)
		return 0;
	while (!*ret && rc >= 0 && (rc = cv_os_list_next(&list)) > 0)
		*ret = !cv_is_part(list.name);
	return rc < 0 ? cv_fail(err, -rc, "cannot read '%s'", env_dir) : 0;
}

int cv_existing_read(struct cv_arena *a, const struct cv_layout *layout, struct cv_existing *ret,
	struct cvenv_error *err)
{
	const char *cfg = cv_path_join(a, layout->env_dir, "pyvenv.cfg");
	const char *site = cv_path_join(a, layout->env_dir, layout->purelib);
	struct cv_str text = { 0 };
	int rc;

	*ret = (struct cv_existing){ 0 };
	if (!cfg || !site)
		return cv_fail_nomem(err);
	rc = find_others(layout->env_dir, &ret->has_others, err);
	if (rc == 0)
		rc = read_text(a, cfg, CONFIG_MAX, &text, err);
	if (rc < 0)
		return rc;
	if (rc > 0) {
		ret->is_environment = true;
		cv_pyvenv_cfg_read(text, ret);
	}
	return read_packages(a, site, ret, err);
}

const char *cv_existing_around(struct cv_arena *a, const char *path)
{
	static const char bin[] = "/bin";

	for (const char *p = strstr(path, bin); p; p = strstr(p + 1, bin)) {
		const char *dir, *cfg;
		struct cv_os_stat st;

		if (p == path || (p[sizeof(bin) - 1] && p[sizeof(bin) - 1] != '/'))
			continue;
		dir = cv_strdup(a, (struct cv_str){ path, (size_t)(p - path) });
		cfg = dir ? cv_path_join(a, dir, "pyvenv.cfg") : NULL;
		if (cfg && cv_os_stat(CV_OS_ABSOLUTE, cfg, CV_OS_NOFOLLOW, &st) == 0 &&
			st.type == CV_OS_FILE)
			return dir;
	}
	return NULL;
}

const struct cv_existing_package *cv_existing_find(
	const struct cv_existing *existing, struct cv_str name)
{
	const struct cv_existing_package *best = NULL;

	for (size_t i = 0; i < existing->count; i++) {
		const struct cv_existing_package *p = &existing->packages[i];

		if (cv_wheel_name_eq(p->name, name) &&
			(!best || cv_version_cmp(p->version, best->version) > 0))
			best = p;
	}
	return best;
}

char *cv_existing_path(struct cv_arena *a, const struct cv_layout *layout, struct cv_str path)
{
	const char *root = "/env/";
	const char *base = cv_strfmt(a, "/env/%s", layout->purelib);
	char *text = cv_strdup(a, path);
	char *whole = base && text && path.n && strlen(text) == path.n && text[0] != '/'
			      ? cv_path_abs(a, base, text)
			      : NULL;

	if (!whole || strncmp(whole, root, strlen(root)) != 0 ||
		!cv_path_safe(cv_str(whole + strlen(root))))
		return NULL;
	return whole + strlen(root);
}

/* Adds the bytecode names of a source (PEP 3147, PEP 488). */
static size_t add_bytecode(
	struct cv_arena *a, const char *source, const char *tag, const char **files)
{
	static const char *const levels[] = { "", ".opt-1", ".opt-2" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		files[n] = cv_path_bytecode(a, source, tag, levels[i]);
		n += files[n] != NULL;
	}
	return n;
}

/* A growing list of file names. */
struct names {
	const char **all;
	size_t count, room;
};

static bool add_name(struct cv_arena *a, struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t room = names->room ? names->room * 2 : 16;
		const char **more = cv_new(a, const char *, room);

		if (!more)
			return false;
		if (names->count)
			memcpy(more, names->all, names->count * sizeof(*more));
		names->all = more;
		names->room = room;
	}
	names->all[names->count++] = name;
	return name != NULL;
}

static bool is_dir(const struct cv_os_list *entry)
{
	struct cv_os_stat st = { .type = entry->type };

	if (st.type == CV_OS_UNKNOWN)
		(void)cv_os_stat(entry->dir, entry->name, CV_OS_NOFOLLOW, &st);
	return st.type == CV_OS_DIR;
}

/* All files below the directory PATH, relative to ENV_DIR, except RECORD. */
static int list_files(struct cv_arena *a, struct cv_os_dir at, const char *name, const char *path,
	int depth, struct names *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = 0;

	if (depth > CV_DEPTH_MAX)
		return 0;
	/* A file or a link has no entries to remove. */
	(void)cv_os_list_open(at, name, CV_OS_NOFOLLOW, &list);
	while (rc == 0 && ret->count < PACKAGES_MAX && cv_os_list_next(&list) > 0) {
		const char *below = cv_path_join(a, path, list.name);

		if (depth == 0 && strcmp(list.name, "RECORD") == 0)
			continue;
		if (!below)
			return cv_fail_nomem(err);
		if (is_dir(&list))
			rc = list_files(a, list.dir, list.name, below, depth + 1, ret, err);
		else if (!add_name(a, ret, below))
			rc = cv_fail_nomem(err);
	}
	return rc;
}

static int files_by_record(struct cv_arena *a, const struct cv_layout *layout, const char *tag,
	const struct cv_record_row *rows, size_t count, const char *record, struct names *ret,
	struct cvenv_error *err)
{
	ret->room = count * PER_SOURCE + 1;
	ret->all = cv_new(a, const char *, ret->room);
	if (!ret->all)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < count; i++) {
		const char *path = cv_existing_path(a, layout, rows[i].path);

		if (!path || strcmp(path, record) == 0)
			continue;
		ret->all[ret->count++] = path;
		if (cv_str_ends(cv_str(path), CV_LIT(".py")) && tag[0])
			ret->count += add_bytecode(a, path, tag, ret->all + ret->count);
	}
	return 0;
}

static bool lists_itself(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_record_row *rows, size_t count, const char *record)
{
	for (size_t i = 0; i < count; i++) {
		const char *path = cv_str_ends(rows[i].path, CV_LIT("RECORD"))
					   ? cv_existing_path(a, layout, rows[i].path)
					   : NULL;

		if (path && strcmp(path, record) == 0)
			return true;
	}
	return false;
}

int cv_existing_record(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_existing_package *package, struct cv_record_row **ret_rows,
	size_t *ret_count, struct cvenv_error *err)
{
	const char *record = cv_strfmt(a, "%s/%s/RECORD", layout->purelib, package->dist_info);
	const char *path = record ? cv_path_join(a, layout->env_dir, record) : NULL;
	struct cv_str text = { 0 };
	int rc;

	*ret_rows = NULL;
	*ret_count = 0;
	if (!record || !path)
		return cv_fail_nomem(err);
	rc = read_text(a, path, RECORD_MAX, &text, err);
	if (rc <= 0)
		return rc;
	rc = cv_record_parse(a, text, ret_rows, ret_count, NULL);
	if (rc == -ENOMEM)
		return cv_fail_nomem(err);
	return rc == 0 && lists_itself(a, layout, *ret_rows, *ret_count, record);
}

int cv_existing_files(struct cv_arena *a, const struct cv_layout *layout, const char *cache_tag,
	const struct cv_existing_package *package, const char *const **ret_files, size_t *ret_count,
	struct cvenv_error *err)
{
	const char *info = cv_strfmt(a, "%s/%s", layout->purelib, package->dist_info);
	const char *whole = info ? cv_path_join(a, layout->env_dir, info) : NULL;
	const char *record = info ? cv_path_join(a, info, "RECORD") : NULL;
	struct cv_record_row *rows = NULL;
	struct names names = { 0 };
	size_t count = 0;
	int complete = cv_existing_record(a, layout, package, &rows, &count, err);
	int rc = complete < 0 ? complete : 0;

	*ret_files = NULL;
	*ret_count = 0;
	if (!whole || !record)
		return cv_fail_nomem(err);
	if (rc == 0)
		rc = files_by_record(a, layout, cache_tag, rows, count, record, &names, err);
	if (rc == 0 && !complete)
		rc = list_files(a, CV_OS_ABSOLUTE, whole, info, 0, &names, err);
	if (rc < 0)
		return rc;
	if (!add_name(a, &names, record))
		return cv_fail_nomem(err);
	*ret_files = names.all;
	*ret_count = names.count;
	return 0;
}

int cv_existing_below(struct cv_arena *a, const struct cv_layout *layout, struct cv_str top,
	const char *const **ret_files, size_t *ret_count, struct cvenv_error *err)
{
	const char *path = cv_strfmt(a, "%s/%.*s", layout->purelib, CV_ARG(top));
	const char *whole = path ? cv_path_join(a, layout->env_dir, path) : NULL;
	struct names names = { 0 };
	int rc = whole ? list_files(a, CV_OS_ABSOLUTE, whole, path, 0, &names, err)
		       : cv_fail_nomem(err);

	*ret_files = names.all;
	*ret_count = names.count;
	return rc;
}
