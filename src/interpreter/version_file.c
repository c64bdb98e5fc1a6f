/* SPDX-License-Identifier: MIT */
#include "interpreter/version_file.h"

#include <errno.h>

#include "base/path.h"
#include "fs/file.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

int cv_version_file_read(struct cv_arena *arena, const char *path, size_t max, struct cv_str *ret,
	struct cvenv_error *err)
{
	static const struct cv_str mark = { "\xef\xbb\xbf", 3 };
	struct cv_os_stat st;
	int rc = cv_read_file(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, max, arena, ret, NULL);

	if (rc == 0) {
		if (cv_str_starts(*ret, mark))
			*ret = (struct cv_str){ ret->p + mark.n, ret->n - mark.n };
		return 1;
	}
	if (rc == -CVENV_ELIMIT)
		return cv_fail_msg(err, CVENV_ELIMIT, "'%s' has more than %zu bytes", path, max);
	if (cv_err_missing(-rc) || rc == -EINVAL)
		return 0;
	/* Without permission for the directory, the file counts as missing. */
	if (rc == -EACCES && cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st) < 0)
		return 0;
	return rc == -ENOMEM ? cv_fail_nomem(err) : cv_fail(err, -rc, "cannot read '%s'", path);
}

bool cv_version_file_line(struct cv_str *text, int *line, struct cv_str *ret)
{
	while (cv_str_cut(text, '\n', ret)) {
		++*line;
		*ret = cv_str_trim(*ret);
		if (ret->n && ret->p[0] != '#')
			return true;
	}
	return false;
}

struct cv_str cv_version_file_word(struct cv_str text)
{
	struct cv_str word = { text.p, 0 };

	while (word.n < text.n && !is_blank(word.p[word.n]))
		word.n++;
	return word;
}

int cv_dir_above(struct cv_arena *arena, const char **dir, struct cvenv_error *err)
{
	char *above = cv_path_dir(arena, *dir);

	if (!above)
		return cv_fail_nomem(err);
	*dir = cv_path_same(above, *dir) ? NULL : above;
	return 0;
}
