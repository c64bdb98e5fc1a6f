/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "env/rewrite_in.h"
#include "wheel/first_line.h"
#include "wheel/launcher.h"

/*
 * Console scripts on Windows, as distlib makes them (wheel/launcher.h): a program, a first line,
 * and an archive at the end of the file.
 */
enum {
	END_SIZE = 22, /* the end of central directory record, without a comment */
	END_DIRECTORY_SIZE = 12,
	END_DIRECTORY_OFFSET = 16,
};

static uint32_t number(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

/* Where the archive at the end of DATA begins; 0 if there is none. */
static size_t archive_start(struct cv_str data)
{
	const char *end = data.n > END_SIZE ? data.p + data.n - END_SIZE : NULL;
	uint64_t size;

	if (!end || memcmp(end, "PK\5\6", 4) != 0)
		return 0;
	size = (uint64_t)number(end + END_DIRECTORY_SIZE) + number(end + END_DIRECTORY_OFFSET);
	if (size > data.n - END_SIZE)
		return 0;
	return data.n - END_SIZE - (size_t)size;
}

/* The line before the archive: "#!" and its end, which may be two. */
static struct cv_str line_before(struct cv_str data, size_t archive)
{
	size_t end = archive, start;

	while (end && (data.p[end - 1] == '\n' || data.p[end - 1] == '\r'))
		end--;
	if (end == archive)
		return (struct cv_str){ 0 };
	for (start = end; start && archive - start < CV_FIRST_LINE_MAX; start--) {
		if (data.p[start - 1] == '\n' || data.p[start - 1] == '\0')
			break;
		if (start > 1 && data.p[start - 2] == '#' && data.p[start - 1] == '!')
			return (struct cv_str){ data.p + start - 2, end - start + 2 };
	}
	return (struct cv_str){ 0 };
}

int cv_rewrite_launcher(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_str line = line_before(text->old, archive_start(text->old));
	struct cv_rewrite_target target;
	struct cv_first_line first;
	const char *quote, *after;
	int rc;

	if (!line.n)
		return 0;
	rc = cv_first_line_parse(text->arena, line, &first);
	if (rc <= 0 || !cv_rewrite_target(text, first.python, &target))
		return rc < 0 ? rc : 0;
	if (!target.python)
		return -ENOMEM;
	after = first.word.p + first.word.n;
	quote = first.form == CV_FIRST_LINE_QUOTED || strchr(target.python, ' ') ? "\"" : "";
	cv_buf_add(to, text->old.p, (size_t)(first.word.p - text->old.p));
	if (text->how->beside && target.name)
		cv_buf_addf(to, CV_LAUNCHER_OWN_DIR "\\%s", target.name);
	else
		cv_buf_addf(to, "%s%s%s", quote, target.python, quote);
	cv_buf_add(to, after, text->old.n - (size_t)(after - text->old.p));
	return 1;
}
