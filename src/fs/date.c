/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "fs/file.h"
#include "fs/stage.h"

/* The third part of stage.h: the modification times of a dated plan. */

static int date_below(const struct cv_stage *s, struct cv_os_dir dir);

static int date_dir(const struct cv_stage *s, struct cv_os_dir at, const char *name)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	int rc = cv_os_open_dir(at, name, CV_OS_NOFOLLOW, &dir);

	return rc < 0 ? rc : date_below(s, dir);
}

/* The directory itself is last: its entries' names are not changed any more. */
static int date_below(const struct cv_stage *s, struct cv_os_dir dir)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(dir, ".", CV_OS_NOFOLLOW, &list);

	while (rc == 0 && (rc = cv_os_list_next(&list)) > 0) {
		struct cv_os_stat st = { .type = list.type };

		if (cv_stopped(s->ctx))
			return -EINTR;
		rc = st.type == CV_OS_UNKNOWN ? cv_os_stat(dir, list.name, CV_OS_NOFOLLOW, &st) : 0;
		if (rc == 0)
			rc = st.type == CV_OS_DIR ? date_dir(s, dir, list.name)
						  : cv_os_set_mtime_at(dir, list.name, s->mtime);
	}
	return rc < 0 ? rc : cv_os_set_mtime_dir(dir, s->mtime);
}

int cv_stage_date(const struct cv_stage *s, struct cvenv_error *err)
{
	int rc = s->dated ? date_below(s, s->dir) : 0;

	if (rc == -EINTR)
		return cv_fail_msg(err, EINTR, "interrupted");
	if (rc == 0 || !cv_refuses_attribute(-rc))
		return rc < 0 ? cv_fail(err, -rc, "cannot set modification times") : 0;
	cv_log(s->ctx, CVENV_LOG_WARNING, "cannot set the times of SOURCE_DATE_EPOCH: %s",
		cv_err_text(-rc));
	return 0;
}
