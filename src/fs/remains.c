/* SPDX-License-Identifier: MIT */
#include "fs/remains.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "fs/dir.h"

/* Patterns: '*' at the end matches any rest of the name. */
static const char *const programs[] = { "python*", "pypy*", "\xf0\x9d\x9c\x8bthon", "pip*",
	"vcruntime*", "activate*", "Activate.ps1", "deactivate*", "pydoc.bat", "easy_install*",
	"wheel*", NULL };
static const char *const libraries[] = { "python*", "pypy*", "libpython*", "libpypy*",
	"site-packages", NULL };
static const char *const headers[] = { "python*", "pypy*", "site", NULL };
static const char *const nothing[] = { NULL };

static const struct part {
	const char *name;
	const char *const *entries; /* of a directory; NULL: a file, or not checked */
} parts[] = {
	{ "pyvenv.cfg", NULL },
	{ ".gitignore", NULL },
	{ "CACHEDIR.TAG", NULL },
	{ ".lock", NULL },              /* from uv and virtualenv */
	{ "pip-selfcheck.json", NULL }, /* from pip below 20 */
	{ "bin", programs },
	{ "Scripts", programs },
	{ "lib", libraries },
	{ "lib64", libraries },
	{ "Lib", libraries },
	{ "include", headers },
	{ "Include", headers },
	{ "share", nothing },
	{ "etc", nothing },
	{ "man", nothing },
};

static const char *const checkouts[] = { ".git", ".hg", ".svn", ".jj", ".bzr" };

static const struct part *part_of(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (cv_path_same(parts[i].name, name))
			return &parts[i];
	return NULL;
}

bool cv_is_part(const char *name)
{
	return part_of(name) || cv_is_temp_name(name) || strcmp(name, CV_CLEARING) == 0;
}

static bool is_among(const char *name, const char *const *patterns)
{
	for (; *patterns; patterns++) {
		struct cv_str pattern = cv_str(*patterns);
		bool begins = cv_str_ends(pattern, CV_LIT("*"));

		pattern.n -= begins;
		if (begins ? cv_path_starts(name, pattern) : cv_path_same(name, pattern.p))
			return true;
	}
	return false;
}

/* 1: it exists, and *ret_st is its stat; 0: it is missing; negative: error. */
static int stat_entry(
	struct cv_os_dir dir, const char *name, struct cv_os_stat *ret_st, struct cvenv_error *err)
{
	int rc = cv_os_stat(dir, name, CV_OS_NOFOLLOW, ret_st);

	if (rc == 0)
		return 1;
	return cv_err_missing(-rc) ? 0 : cv_fail(err, -rc, "cannot stat '%s'", name);
}

static int is_checkout(
	struct cv_os_dir dir, char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err)
{
	struct cv_os_stat st;

	for (size_t i = 0; i < sizeof(checkouts) / sizeof(checkouts[0]); i++) {
		int rc = stat_entry(dir, checkouts[i], &st, err);

		if (rc == 0)
			continue;
		(void)snprintf(ret_foreign, CV_FOREIGN_MAX, "%s", checkouts[i]);
		return rc;
	}
	return 0;
}

/* 1: the directory of PART only has known entries; 0: *ret_foreign is not one; negative: error. */
static int check_entries(struct cv_os_dir env, const struct part *part,
	char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(env, part->name, CV_OS_NOFOLLOW, &list);

	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = 0;
		if (is_among(list.name, part->entries))
			continue;
		(void)snprintf(ret_foreign, CV_FOREIGN_MAX, "%s/%s", part->name, list.name);
		return 0;
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot read '%s'", part->name) : 1;
}

static int check_entry(struct cv_os_dir env, const char *name, bool active,
	char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err)
{
	const struct part *part = part_of(name);
	struct cv_os_stat st;
	int rc;

	(void)snprintf(ret_foreign, CV_FOREIGN_MAX, "%s", name);
	if (!part)
		return cv_is_temp_name(name);
	if (!part->entries || active)
		return 1;
	rc = stat_entry(env, name, &st, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	if (st.type == CV_OS_LINK) /* --clear deletes only the link */
		return 1;
	return st.type == CV_OS_DIR ? check_entries(env, part, ret_foreign, err) : 0;
}

/*
 * 1: it contains a mark of an environment; 0: it does not. Needs no lock: while another process
 * clears the directory, it always has one of the marks.
 */
static int is_marked(struct cv_os_dir dir, struct cvenv_error *err)
{
	static const char *const marks[] = { "pyvenv.cfg", CV_CLEARING, "pyvenv.cfg" };
	struct cv_os_stat st;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		int rc = stat_entry(dir, marks[i], &st, err);

		if (rc < 0 || (rc > 0 && (st.type == CV_OS_FILE || i == 1)))
			return rc;
	}
	return 0;
}

int cv_remains(struct cv_os_dir dir, char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_os_stat st;
	int active, rc = is_checkout(dir, ret_foreign, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = is_marked(dir, err);
	if (rc != 0)
		return rc;
	active = stat_entry(dir, "bin/activate", &st, err);
	if (active == 0)
		active = stat_entry(dir, "Scripts/activate", &st, err);
	if (active < 0)
		return active;
	rc = cv_os_list_open(dir, ".", CV_OS_NOFOLLOW, &list);
	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = check_entry(dir, list.name, active, ret_foreign, err);
		if (rc <= 0)
			return rc;
		rc = 0;
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot list the directory") : 1;
}
