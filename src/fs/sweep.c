/* SPDX-License-Identifier: MIT */
#include "fs/sweep.h"

#include <errno.h>

#include "fs/dir.h"
#include "fs/retry.h"
#include "os/process.h"

/*
 * Does the process that made the file NAME exist? In a container, PIDs repeat: a file with the PID
 * of this process is from an earlier process.
 */
static bool maker_lives(const char *name)
{
	int64_t pid = cv_temp_maker(name);

	return pid != cv_os_pid() && cv_os_process_alive(pid);
}

/* Can only this user and root rename the entries of DIR? */
static bool names_are_ours(struct cv_os_dir dir)
{
	struct cv_os_stat st = { 0 };

	if (cv_os_stat_dir(dir, &st) < 0 ||
		(st.owner != cv_os_user() && st.owner != CV_OS_ADMINISTRATOR))
		return false;
	return (st.mode & CV_OS_STICKY) || !(st.mode & CV_OS_OTHERS_WRITE);
}

/*
 * Does it have the mode of a staging directory, which nothing else has? On Windows, the mode is
 * only that of hidden directories.
 */
static bool is_stage(const struct cv_os_stat *st)
{
	const unsigned bits = CV_OS_STICKY | CV_OS_PERMISSIONS;

	return !CV_WINDOWS && (st->mode & bits) == (CV_STAGE_MODE & bits);
}

/*
 * Is this directory of our user a staging directory, or an environment that was replaced by one?
 * The latter has any mode, so its name must be trusted.
 */
static bool is_left_over(struct cv_os_dir at, const struct cv_os_stat *st)
{
	return is_stage(st) || names_are_ours(at);
}

/* Open and lock our directory NAME that no process uses. 0 or -errno. */
static int take(struct cv_os_dir at, const char *name, struct cv_os_dir *ret, struct cv_os_stat *st)
{
	int rc = cv_os_open_dir(at, name, CV_OS_NOFOLLOW, ret);

	if (rc == 0)
		rc = cv_os_stat_dir(*ret, st);
	if (rc == 0 && st->owner != cv_os_user())
		rc = -EPERM;
	return rc < 0 ? rc : cv_os_lock_dir(*ret);
}

static void sweep_temporary(struct cv_os_dir at, const char *name)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_os_stat st = { 0 };
	int rc = take(at, name, &dir, &st);

	if (rc == 0 && is_left_over(at, &st))
		(void)cv_remove_dir(at, name, &st, NULL);
	if (rc == -ENOTDIR && !maker_lives(name) &&
		cv_os_stat(at, name, CV_OS_NOFOLLOW, &st) == 0 && st.type == CV_OS_FILE &&
		st.owner == cv_os_user())
		(void)cv_os_unlink(at, name);
}

/*
 * NAME was TARGET, until a process renamed it aside. If that process was killed before it renamed
 * its staging directory to TARGET, rename NAME back. Another user who gave it this name could also
 * rename it to TARGET: so the name need not be trusted here.
 */
static bool settle(struct cv_os_dir at, const char *name, const char *target, bool remove)
{
	struct cv_retry retry = { .left_ms = CV_RETRY_MS };
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_os_stat st = { 0 }, there;

	if (take(at, name, &dir, &st) < 0)
		return false;
	if (cv_os_stat(at, target, CV_OS_NOFOLLOW, &there) == -ENOENT)
		return cv_rename_new(&retry, at, name, at, target) == 0;
	if (remove && is_left_over(at, &st))
		(void)cv_remove_dir(at, name, &st, NULL);
	return false;
}

/* Put environments back, and REMOVE the rest. True if one was put back. */
static bool sweep(struct cv_os_dir dir, bool remove)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	bool any = false;

	(void)cv_os_list_open(dir, ".", CV_OS_NOFOLLOW, &list);
	while (cv_os_list_next(&list) > 0) {
		const char *target = cv_aside_target(list.name);

		if (target)
			any |= settle(dir, list.name, target, remove);
		else if (remove && cv_is_temp_name(list.name))
			sweep_temporary(dir, list.name);
	}
	return any;
}

void cv_stage_sweep(struct cv_os_dir dir)
{
	(void)sweep(dir, true);
}

bool cv_stage_put_back(struct cv_os_dir dir)
{
	return sweep(dir, false);
}
