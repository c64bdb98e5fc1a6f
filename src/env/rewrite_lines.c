/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "env/rewrite_in.h"

/*
 * .pth and .egg-link files: lines that are paths, as the module site reads them. It executes those
 * that begin with "import", so they stay.
 */
static struct cv_str trim_end(struct cv_str line)
{
	while (line.n && (line.p[line.n - 1] == ' ' ||
				 (line.p[line.n - 1] >= '\t' && line.p[line.n - 1] <= '\r')))
		line.n--;
	return line;
}

int cv_rewrite_lines(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_str rest = text->old, line;
	int rc = 0;

	if (cv_str_starts(rest, CV_LIT("\xef\xbb\xbf"))) {
		cv_buf_add(to, rest.p, 3);
		rest = (struct cv_str){ rest.p + 3, rest.n - 3 };
	}
	while (cv_str_cut(&rest, '\n', &line)) {
		struct cv_str path = trim_end(line);
		char *new;

		if (path.n && cv_rewrite_path(text->arena, text->how, path, &new)) {
			if (!new)
				return -ENOMEM;
			cv_buf_cstr(to, new);
			cv_buf_add(to, path.p + path.n, line.n - path.n);
			rc = 1;
		} else {
			cv_buf_str(to, line);
		}
		if (rest.p)
			cv_buf_char(to, '\n');
	}
	return rc;
}
