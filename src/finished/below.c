/* SPDX-License-Identifier: MIT */
#include "finished/below.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "fs/dir.h"

int cv_below_open(struct cv_below *b, const char *path, struct cv_os_file *ret)
{
	const char *name = cv_path_base(path);
	size_t n = (size_t)(name - path);
	int rc = 0;

	*ret = CV_OS_NO_FILE;
	if (!b->path || strncmp(b->path, path, n) != 0 || b->path[n] != '\0') {
		cv_below_close(b);
		b->path = cv_strdup(b->arena, (struct cv_str){ path, n });
		rc = b->path ? cv_open_below(b->top, cv_str(b->path), CV_OS_ANCHOR, &b->dir)
			     : -ENOMEM;
		if (rc < 0)
			b->path = NULL;
	}
	return rc < 0 ? rc : cv_os_open(b->dir, name, CV_OS_NOFOLLOW | CV_OS_QUIET, ret);
}

int cv_below_text(struct cv_below *b, const char *path, size_t max, struct cv_str *ret,
	struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	struct cv_os_stat st = { 0 };
	char *text = NULL;
	int64_t n = 1;
	size_t got = 0;
	int rc = cv_below_open(b, path, &file);

	*ret = (struct cv_str){ 0 };
	if (rc == 0)
		rc = cv_os_stat_file(file, &st);
	if (rc == 0 && (st.type != CV_OS_FILE || st.size > max))
		return 0;
	if (rc == 0) {
		text = cv_new(b->arena, char, (size_t)st.size + 1);
		rc = text ? 0 : -ENOMEM;
	}
	while (rc == 0 && n > 0 && got < st.size) {
		n = cv_os_read(file, text + got, (size_t)st.size - got);
		got += n > 0 ? (size_t)n : 0;
	}
	if (rc == 0 && n < 0)
		rc = (int)n;
	if (rc < 0)
		return cv_err_passes(-rc) ? cv_fail(err, -rc, "cannot read '%s/%s'", b->name, path)
					  : 0;
	*ret = (struct cv_str){ text, got };
	return 1;
}

void cv_below_close(struct cv_below *b)
{
	cv_os_close_dir(&b->dir);
	b->path = NULL;
}
