/* SPDX-License-Identifier: MIT */
#include "fs/dir.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "os/process.h"

#define TEMP_PREFIX ".cvenv-tmp-"
#define ASIDE_PREFIX ".cvenv-old-"

enum {
	RANDOM_DIGITS = 8,
	UP_MAX = 4096, /* nested directories */
};

/* Differs for each call. */
static uint32_t noise(void)
{
	/* the only global variable: names must differ between threads */
	static atomic_uint serial;
	uint32_t value = 0;

	/* Without random bytes, only a process that had the same PID can have used the name. */
	(void)cv_os_random(&value, sizeof(value));
	return value + atomic_fetch_add(&serial, 1);
}

void cv_temp_name(char ret_name[CV_TEMP_NAME_MAX])
{
	(void)snprintf(
		ret_name, CV_TEMP_NAME_MAX, TEMP_PREFIX "%" PRId64 "-%08x", cv_os_pid(), noise());
}

static bool is_noise(struct cv_str s)
{
	return s.n == RANDOM_DIGITS && strspn(s.p, "0123456789abcdef") >= s.n;
}

int64_t cv_temp_maker(const char *name)
{
	struct cv_str rest = cv_str(name), pid;
	uint64_t value;

	if (!cv_str_starts(rest, CV_LIT(TEMP_PREFIX)))
		return 0;
	rest = cv_str(name + strlen(TEMP_PREFIX));
	if (!cv_str_cut(&rest, '-', &pid) || !rest.p || !is_noise(rest) ||
		!cv_str_u64(pid, INT_MAX, &value))
		return 0;
	return (int64_t)value;
}

bool cv_is_temp_name(const char *name)
{
	return cv_temp_maker(name) > 0;
}

bool cv_aside_name(const char *target, char ret_name[CV_ASIDE_NAME_MAX])
{
	int n = snprintf(ret_name, CV_ASIDE_NAME_MAX, ASIDE_PREFIX "%08x-%s", noise(), target);

	return n > 0 && n < CV_ASIDE_NAME_MAX;
}

const char *cv_aside_target(const char *name)
{
	const char *digits = name + strlen(ASIDE_PREFIX);

	if (!cv_str_starts(cv_str(name), CV_LIT(ASIDE_PREFIX)) ||
		strlen(digits) <= RANDOM_DIGITS + 1 || digits[RANDOM_DIGITS] != '-' ||
		!is_noise((struct cv_str){ digits, RANDOM_DIGITS }))
		return NULL;
	return digits + RANDOM_DIGITS + 1;
}

static int cannot_create(int rc, const char *path, struct cvenv_error *err)
{
	return cv_fail(err, -rc, "cannot create directory '%s'", path);
}

/* The length of the directory above PATH; 0 if that is a root. */
static size_t parent_len(const char *path)
{
	size_t n = (size_t)(cv_path_base(path) - path);

	return n > cv_path_root(path) ? n - 1 : 0;
}

static int make_dirs(char *path, size_t *ret_made_len, struct cvenv_error *err)
{
	size_t len = strlen(path);
	size_t at = len;
	int rc;

	/* Find the first parent that can be created, then create the rest. */
	while ((rc = cv_os_make_dir(CV_OS_ABSOLUTE, path, 0777)) == -ENOENT) {
		at = parent_len(path);
		if (at == 0)
			return cannot_create(rc, path, err);
		path[at] = '\0';
	}
	if (rc == -EEXIST && at == len)
		return 0;
	if (rc < 0 && rc != -EEXIST)
		return cannot_create(rc, path, err);
	if (rc == 0)
		*ret_made_len = strlen(path);
	while (at < len) {
		path[at] = CV_PATH_SEP;
		at = strlen(path);
		rc = cv_os_make_dir(CV_OS_ABSOLUTE, path, 0777);
		if (CV_WINDOWS && rc == -ENOENT) /* also if a file is above */
			rc = -ENOTDIR;
		if (rc < 0 && rc != -EEXIST)
			return cannot_create(rc, path, err);
		if (rc == 0 && *ret_made_len == 0)
			*ret_made_len = at;
	}
	return 0;
}

int cv_open_below(struct cv_os_dir top, struct cv_str path, unsigned how, struct cv_os_dir *ret)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_str part = CV_LIT(".");
	char name[CV_PATH_MAX];
	int rc;

	*ret = CV_OS_NO_DIR;
	do {
		struct cv_os_dir next = CV_OS_NO_DIR;

		if (path.n)
			(void)cv_str_cut(&path, '/', &part);
		if (part.n >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, part.p, part.n);
		name[part.n] = '\0';
		rc = cv_os_open_dir(
			cv_os_dir_ok(dir) ? dir : top, name, how | CV_OS_NOFOLLOW, &next);
		cv_os_close_dir(&dir);
		dir = next;
	} while (rc == 0 && path.n);
	if (rc == 0)
		*ret = cv_os_take_dir(&dir);
	return rc;
}

int cv_make_dirs(
	struct cv_arena *a, const char *path, const char **ret_made, struct cvenv_error *err)
{
	char *work = cv_strdup(a, cv_str(path));
	size_t made = 0;
	int rc;

	*ret_made = NULL;
	if (!work)
		return cv_fail_nomem(err);
	rc = make_dirs(work, &made, err);
	if (made) {
		*ret_made = cv_strdup(a, (struct cv_str){ path, made });
		if (!*ret_made)
			return cv_fail_nomem(err);
	}
	return rc;
}

void cv_undo_dirs(struct cv_arena *a, const char *path, const char *made)
{
	char *work = made ? cv_strdup(a, cv_str(path)) : NULL;
	size_t stop = made ? strlen(made) : 0;

	while (work && strlen(work) >= stop) {
		size_t up = parent_len(work);
		int rc = cv_os_remove_dir(CV_OS_ABSOLUTE, work);

		/* A directory whose name was too long was never created. */
		if (rc < 0 && rc != -ENOENT && rc != -ENAMETOOLONG)
			return;
		if (up == 0)
			return;
		work[up] = '\0';
	}
}

/* 1: locked; 0: another process's cv_stage_sweep() has locked or deleted it first; -errno. */
static int lock_stage(struct cv_os_dir dir, struct cv_os_stat *ret_st)
{
	int locked = cv_os_lock_dir(dir), rc;

	if (locked == -EWOULDBLOCK)
		return 0;
	rc = cv_os_stat_dir(dir, ret_st);
	if (rc < 0)
		return rc;
	return locked < 0 || ret_st->links > 0; /* without locks, nobody sweeps */
}

int cv_stage_make_stat(struct cv_os_dir at, char ret_name[CV_TEMP_NAME_MAX], struct cv_os_dir *ret,
	struct cv_os_stat *ret_st, struct cvenv_error *err)
{
	for (int tries = 0; tries < CV_TEMP_TRIES; tries++) {
		OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
		int rc;

		cv_temp_name(ret_name);
		rc = cv_os_make_dir(at, ret_name, CV_STAGE_MODE);
		if (rc == -EEXIST)
			continue;
		if (rc < 0)
			return cv_fail(err, -rc, "cannot create a directory");
		rc = cv_os_open_dir(at, ret_name, CV_OS_NOFOLLOW, &dir);
		if (rc == 0)
			rc = lock_stage(dir, ret_st);
		if (rc < 0 && rc != -ENOENT) {
			(void)cv_os_remove_dir(at, ret_name);
			return cv_fail(err, -rc, "cannot open '%s'", ret_name);
		}
		if (rc > 0) {
			*ret = cv_os_take_dir(&dir);
			return 0;
		}
	}
	return cv_fail(err, EEXIST, "cannot create a directory");
}

int cv_stage_make(struct cv_os_dir at, char ret_name[CV_TEMP_NAME_MAX], struct cv_os_dir *ret,
	struct cvenv_error *err)
{
	struct cv_os_stat st;

	return cv_stage_make_stat(at, ret_name, ret, &st, err);
}

static int remove_below(
	struct cv_os_dir dir, const char *const *keep, int depth, struct cvenv_error *err);

/* Open the directory NAME. If the owner lacks permission, it is added first. */
static int open_to_remove(struct cv_os_dir at, const char *name, struct cv_os_dir *ret)
{
	int rc = cv_os_open_dir(at, name, CV_OS_NOFOLLOW, ret);

	if (rc == -EACCES && cv_os_chmod_at(at, name, 0700) == 0)
		rc = cv_os_open_dir(at, name, CV_OS_NOFOLLOW, ret);
	return rc;
}

/* DIR is the open directory NAME. WHICH may be NULL: then any directory is deleted. */
static int remove_opened(struct cv_os_dir at, const char *name, struct cv_os_dir dir,
	const struct cv_os_stat *which, int depth, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = which ? cv_os_stat_dir(dir, &st) : 0;

	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", name);
	if (which && !cv_os_same(&st, which))
		return cv_fail_msg(
			err, CVENV_EREFUSED, "'%s' was replaced by another directory", name);
	if (cv_os_same_mount(at, dir) == 0)
		return cv_fail_msg(err, EBUSY, "cannot remove '%s': it is a mount point", name);
	rc = remove_below(dir, NULL, depth + 1, err);
	if (rc < 0)
		return cv_wrap(err, rc, "in '%s'", name);
	rc = cv_os_remove_dir(at, name);
	return rc < 0 && rc != -ENOENT ? cv_fail(err, -rc, "cannot remove '%s'", name) : 0;
}

static int remove_entry(struct cv_os_dir at, const char *name, int depth, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = cv_os_unlink(at, name), opened;
	struct cv_os_stat st;

	if (rc == -EACCES) /* a read-only directory */
		if (cv_os_stat_dir(at, &st) == 0 && cv_os_chmod_dir(at, st.mode | 0700) == 0)
			rc = cv_os_unlink(at, name);
	if (rc == 0 || rc == -ENOENT)
		return 0;
	/*
	 * unlink() of a directory returns EISDIR on Linux and EPERM by POSIX. EPERM is also the
	 * error for immutable files: if opening NAME as a directory fails, return the first error.
	 */
	if (rc != -EISDIR && rc != -EPERM)
		return cv_fail(err, -rc, "cannot remove '%s'", name);
	opened = open_to_remove(at, name, &dir);
	if (opened == 0)
		return remove_opened(at, name, dir, NULL, depth, err);
	if (opened == -ENOENT)
		return 0;
	if (opened == -ENOTDIR || opened == -ELOOP)
		return cv_fail(err, -rc, "cannot remove '%s'", name);
	return cv_fail(err, -opened, "cannot open '%s'", name);
}

bool cv_is_among(const char *name, const char *const *names)
{
	while (names && *names)
		if (strcmp(name, *names++) == 0)
			return true;
	return false;
}

static int remove_below(
	struct cv_os_dir dir, const char *const *keep, int depth, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = depth > CV_DEPTH_MAX ? 0 : cv_os_list_open(dir, ".", CV_OS_NOFOLLOW, &list);

	if (depth > CV_DEPTH_MAX)
		return cv_fail_msg(err, CVENV_ELIMIT, "directories are nested too deeply");
	if (rc == -ENOENT) /* another process has deleted it */
		return 0;
	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		rc = cv_is_among(list.name, keep) ? 0 : remove_entry(dir, list.name, depth, err);
		if (rc < 0)
			return rc;
	}
	return rc < 0 ? cv_fail(err, -rc, "cannot read a directory") : 0;
}

int cv_remove_tree(struct cv_os_dir at, const char *name, struct cvenv_error *err)
{
	return remove_entry(at, name, 0, err);
}

int cv_remove_dir(struct cv_os_dir at, const char *name, const struct cv_os_stat *which,
	struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = open_to_remove(at, name, &dir);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", name);
	return remove_opened(at, name, dir, which, 0, err);
}

int cv_remove_entries(struct cv_os_dir dir, const char *const *keep, struct cvenv_error *err)
{
	return remove_below(dir, keep, 0, err);
}

/*
 * Compares the directories named in PATH. It cannot see through links, but needs fewer permissions.
 */
static bool named_at_or_above(const char *path, const struct cv_os_stat *st)
{
	char part[CV_PATH_MAX];
	struct cv_os_stat here;

	for (const char *p = path + cv_path_root(path); *p; p += *p != '\0') {
		while (*p && !cv_path_is_sep(*p))
			p++;
		if ((size_t)(p - path) >= sizeof(part))
			return false;
		memcpy(part, path, (size_t)(p - path));
		part[p - path] = '\0';
		if (cv_os_stat(CV_OS_ABSOLUTE, part, CV_OS_FOLLOW, &here) == 0 &&
			cv_os_same(&here, st))
			return true;
	}
	return false;
}

bool cv_dir_at_or_above(const char *path, const struct cv_os_stat *st)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_ANCHOR, &dir);
	struct cv_os_stat here, below = { 0 };

	for (int depth = 0; depth < UP_MAX && rc == 0 && cv_os_stat_dir(dir, &here) == 0; depth++) {
		struct cv_os_dir up;

		if (cv_os_same(&here, st))
			return true;
		if (depth && cv_os_same(&here, &below))
			return false; /* the root is its own parent */
		below = here;
		rc = cv_os_open_parent(dir, &up);
		cv_os_close_dir(&dir);
		dir = up;
	}
	return named_at_or_above(path, st);
}

bool cv_path_leads_through(const char *path, const struct cv_os_stat *st)
{
	const char *base = cv_path_base(path);
	char dir[CV_PATH_MAX];
	size_t n = (size_t)(base - path);

	if (named_at_or_above(path, st))
		return true;
	if (n >= sizeof(dir))
		return false;
	memcpy(dir, path, n);
	dir[n] = '\0';
	return cv_dir_at_or_above(dir, st);
}
