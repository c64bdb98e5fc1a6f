/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/str.h"
#include "fs/dir.h"
#include "fs/guard.h"

/* Which entries environments have, for guard.h. */

/* Patterns: a final '*' matches any rest of the name. */
static const char *const programs[] = { "python*", "pypy*", "\xf0\x9d\x9c\x8bthon", "pip*",
	"activate*", "Activate.ps1", "deactivate*", "easy_install*", "wheel*", NULL };
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
	{ ".lock", NULL },              /* of uv and virtualenv */
	{ "pip-selfcheck.json", NULL }, /* of pip below 20 */
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
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	return NULL;
}

bool cv_is_part(const char *name)
{
	return part_of(name) || cv_is_dots(name) || cv_is_temp_name(name) ||
	       strcmp(name, CV_CLEARING) == 0;
}

static bool is_among(const char *name, const char *const *patterns)
{
	for (; *patterns; patterns++) {
		struct cv_str pattern = cv_str(*patterns);
		bool begins = cv_str_ends(pattern, CV_LIT("*"));

		pattern.n -= begins;
		if (begins ? cv_str_starts(cv_str(name), pattern)
			   : cv_str_eq(cv_str(name), pattern))
			return true;
	}
	return false;
}

/* 1: it exists, and *ret_st describes it; 0: it is missing. */
static int stat_entry(int fd, const char *name, struct stat *ret_st, struct cvenv_error *err)
{
	if (fstatat(fd, name, ret_st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	if (cv_err_missing(errno))
		return 0;
	return cv_fail(err, errno, "cannot stat '%s'", name);
}

static int is_checkout(int fd, char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err)
{
	struct stat st;

	for (size_t i = 0; i < sizeof(checkouts) / sizeof(checkouts[0]); i++) {
		int rc = stat_entry(fd, checkouts[i], &st, err);

		if (rc == 0)
			continue;
		(void)snprintf(ret_foreign, CV_FOREIGN_MAX, "%s", checkouts[i]);
		return rc;
	}
	return 0;
}

/* 1: the directory of a part has only known entries; 0: *ret_foreign is unknown. */
static int check_entries(int env_fd, const struct part *part, char ret_foreign[CV_FOREIGN_MAX],
	struct cvenv_error *err)
{
	OWN_DIR DIR *dir = cv_list_dir(env_fd, part->name);
	struct dirent *e;

	if (!dir)
		return cv_fail(err, errno, "cannot read '%s'", part->name);
	while ((errno = 0, e = readdir(dir))) {
		if (cv_is_dots(e->d_name) || is_among(e->d_name, part->entries))
			continue;
		(void)snprintf(ret_foreign, CV_FOREIGN_MAX, "%s/%s", part->name, e->d_name);
		return 0;
	}
	return errno ? cv_fail(err, errno, "cannot read '%s'", part->name) : 1;
}

static int check_entry(int env_fd, const char *name, bool active, char ret_foreign[CV_FOREIGN_MAX],
	struct cvenv_error *err)
{
	const struct part *part = part_of(name);
	struct stat st;
	int rc;

	(void)snprintf(ret_foreign, CV_FOREIGN_MAX, "%s", name);
	if (!part)
		return cv_is_dots(name) || cv_is_temp_name(name);
	if (!part->entries || active)
		return 1;
	rc = stat_entry(env_fd, name, &st, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	if (S_ISLNK(st.st_mode)) /* --clear removes only the link */
		return 1;
	return S_ISDIR(st.st_mode) ? check_entries(env_fd, part, ret_foreign, err) : 0;
}

/*
 * 1: a mark shows that it is an environment; 0: it has none. Works without a lock: a directory that
 * another process clears has one of the two marks at any time.
 */
static int is_marked(int fd, struct cvenv_error *err)
{
	static const char *const marks[] = { "pyvenv.cfg", CV_CLEARING, "pyvenv.cfg" };
	struct stat st;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		int rc = stat_entry(fd, marks[i], &st, err);

		if (rc < 0 || (rc > 0 && (S_ISREG(st.st_mode) || i == 1)))
			return rc;
	}
	return 0;
}

int cv_guard_remains(int fd, char ret_foreign[CV_FOREIGN_MAX], struct cvenv_error *err)
{
	OWN_DIR DIR *dir = NULL;
	struct dirent *e;
	struct stat st;
	int active, rc = is_checkout(fd, ret_foreign, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	rc = is_marked(fd, err);
	if (rc != 0)
		return rc;
	active = stat_entry(fd, "bin/activate", &st, err);
	if (active == 0)
		active = stat_entry(fd, "Scripts/activate", &st, err);
	if (active < 0)
		return active;
	dir = cv_list_dir(fd, ".");
	if (!dir)
		return cv_fail(err, errno, "cannot list the directory");
	while ((errno = 0, e = readdir(dir))) {
		rc = check_entry(fd, e->d_name, active, ret_foreign, err);
		if (rc <= 0)
			return rc;
	}
	return errno ? cv_fail(err, errno, "cannot list the directory") : 1;
}
