/* SPDX-License-Identifier: MIT */
#include "fs/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"

enum {
	PASSWD_MAX = 16 << 20,
	PASSWD_UID = 2, /* fields, counted from 0 */
	PASSWD_HOME = 5,
};

static int refuse_clear(const struct cv_target *t, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to clear '%s': %s", t->env_dir, reason);
	return cv_hint(err, -CVENV_EREFUSED, "name the environment's own directory");
}

/* The home directory in a line of the password file, if it is that of UID. */
static char *home_in(struct cv_arena *a, struct cv_str line, uid_t uid)
{
	struct cv_str field;
	uint64_t value;

	for (int i = 0; cv_str_cut(&line, ':', &field); i++) {
		if (i == PASSWD_UID && (!cv_str_u64(field, UINT32_MAX, &value) || value != uid))
			return NULL;
		if (i == PASSWD_HOME)
			return field.n && field.p[0] == '/' ? cv_strdup(a, field) : NULL;
	}
	return NULL;
}

/* By the password file, since HOME can be missing or wrong. An unreadable file is ignored. */
static bool is_home_of(struct cv_str passwd, uid_t uid, const struct stat *st)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_str line;

	while (cv_str_cut(&passwd, '\n', &line)) {
		const char *home = home_in(&a, line, uid);

		if (home)
			return cv_dir_at_or_above(home, st);
	}
	return false;
}

static bool is_home(const struct cv_ctx *ctx, const struct stat *st)
{
	const char *home = cv_getenv_nonempty(ctx, "HOME");
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_str passwd = { 0 };

	if (home && home[0] == '/' && cv_dir_at_or_above(home, st))
		return true;
	if (cv_read_file(AT_FDCWD, "/etc/passwd", 0, PASSWD_MAX, &a, &passwd, NULL) < 0)
		return false;
	return is_home_of(passwd, geteuid(), st) || is_home_of(passwd, getuid(), st);
}

/* Is it the current directory? Compared by name if stat fails. */
static bool is_itself(const char *cwd, const char *env_dir, const struct stat *st)
{
	struct stat here;

	return stat(cwd, &here) == 0 ? cv_same_file(&here, st) : strcmp(cwd, env_dir) == 0;
}

int cv_guard_places(const struct cv_ctx *ctx, const struct cv_target *t, const struct stat *st,
	struct cvenv_error *err)
{
	struct stat root;

	if (stat("/", &root) == 0 && cv_same_file(&root, st))
		return refuse_clear(t, "it is the root directory", err);
	if (is_home(ctx, st))
		return refuse_clear(t, "it is the home directory or above it", err);
	if (ctx->cwd && !is_itself(ctx->cwd, t->env_dir, st) && cv_dir_at_or_above(ctx->cwd, st))
		return refuse_clear(t, "it is above the current directory", err);
	return 0;
}

static int refuse_base(const struct cv_target *t, const struct stat *st, struct cvenv_error *err)
{
	for (size_t i = 0; i < t->base_count; i++) {
		if (!cv_path_leads_through(t->base[i], st))
			continue;
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to %s '%s': it contains '%s', which the base interpreter needs",
			t->clear ? "clear" : "create an environment in", t->env_dir, t->base[i]);
		return cv_hint(err, -CVENV_EREFUSED, "name another directory, or another Python");
	}
	return 0;
}

/*
 * A Python installation has a standard library, an environment has none. A link to a library counts
 * as well, except in environments of virtualenv below 20.
 */
static bool has_library(int env_fd, int fd, const char *entry, char *path, size_t room)
{
	struct cv_str name = cv_str(entry);
	struct stat st;
	int n = 0;

	if (cv_str_starts(name, CV_LIT("python")) && cv_str_ends(name, CV_LIT(".zip")))
		n = snprintf(path, room, "%s", entry);
	else if (cv_str_starts(name, CV_LIT("python")) || cv_str_starts(name, CV_LIT("pypy")))
		n = snprintf(path, room, "%s/os.py", entry);
	if (n <= 0 || (size_t)n >= room || fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return S_ISREG(st.st_mode) ||
	       (S_ISLNK(st.st_mode) && cv_may(env_fd, "bin/activate", F_OK) < 0);
}

/* These errors mean that there is no library to find: missing, no directory, or not readable. */
static bool tells_nothing(int code)
{
	return cv_err_missing(code) || code == EACCES;
}

static int refuse_installation(const struct cv_target *t, int env_fd, struct cvenv_error *err)
{
	static const char *const libraries[] = { "lib", "lib64" };
	char found[CV_FOREIGN_MAX];

	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		OWN_DIR DIR *dir = cv_list_dir(env_fd, libraries[i]);
		struct dirent *e;

		if (!dir && !tells_nothing(errno))
			return cv_fail(
				err, errno, "cannot read '%s' in '%s'", libraries[i], t->env_dir);
		while (dir && (errno = 0, e = readdir(dir))) {
			if (!has_library(env_fd, dirfd(dir), e->d_name, found, sizeof(found)))
				continue;
			cv_fail_msg(err, CVENV_EREFUSED,
				"refusing to %s '%s': it is a Python installation ('%s/%s')",
				t->clear ? "clear" : "create an environment in", t->env_dir,
				libraries[i], found);
			return cv_hint(err, -CVENV_EREFUSED, "name another directory");
		}
		if (dir && errno)
			return cv_fail(
				err, errno, "cannot read '%s' in '%s'", libraries[i], t->env_dir);
	}
	return 0;
}

static int refuse_mounts(const struct cv_target *t, int fd, struct cvenv_error *err)
{
	char mounted[PATH_MAX];
	int rc = cv_guard_mounted(fd, mounted, sizeof(mounted), err);

	if (rc <= 0)
		return rc;
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to clear '%s': '%s' is a mount point",
		t->env_dir, mounted);
	return cv_hint(err, -CVENV_EREFUSED, "unmount it first");
}

/* The standard library of the base that ENV_DIR is in; NULL: it is in none. */
static const char *library_around(const struct cv_target *t)
{
	struct stat st;

	for (size_t i = 0; i < t->base_count; i++)
		if (stat(t->base[i], &st) == 0 && S_ISDIR(st.st_mode) &&
			cv_dir_at_or_above(t->place, &st))
			return t->base[i];
	return NULL;
}

/* With --force only what the base needs. */
static int refuse_foreign(const struct cv_target *t, int fd, struct cvenv_error *err)
{
	const char *library = t->force ? library_around(t) : NULL;
	char foreign[CV_FOREIGN_MAX];
	int rc = t->force && !library ? 1 : cv_guard_remains(fd, foreign, err);

	if (rc < 0)
		return cv_wrap(err, rc, "refusing to clear '%s'", t->env_dir);
	if (rc > 0)
		return 0;
	if (library) {
		cv_fail_msg(err, CVENV_EREFUSED,
			"refusing to clear '%s': it is in '%s', which the base interpreter needs",
			t->env_dir, library);
		return cv_hint(err, -CVENV_EREFUSED, "name another directory, or another Python");
	}
	cv_fail_msg(err, CVENV_EREFUSED,
		"refusing to clear '%s': it contains '%s', which is not part of an environment",
		t->env_dir, foreign);
	if (t->place != t->env_dir)
		return cv_hint(err, -CVENV_EREFUSED, "name the directory that this link leads to");
	return cv_hint(err, -CVENV_EREFUSED, "to delete everything in it, add --force");
}

int cv_guard(const struct cv_ctx *ctx, const struct cv_target *t, int fd, struct cvenv_error *err)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return cv_fail(err, errno, "cannot stat '%s'", t->env_dir);
	rc = refuse_base(t, &st, err);
	if (rc == 0)
		rc = refuse_installation(t, fd, err);
	if (rc < 0 || !t->clear)
		return rc;
	rc = cv_guard_places(ctx, t, &st, err);
	if (rc == 0)
		rc = refuse_mounts(t, fd, err);
	if (rc == 0)
		rc = refuse_foreign(t, fd, err);
	return rc;
}
