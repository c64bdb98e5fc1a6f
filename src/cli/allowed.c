/* SPDX-License-Identifier: MIT */
#include "cli/allowed.h"

#include <inttypes.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/dir.h"
#include "fs/file.h"

bool cv_is_trusted(const struct cv_os_stat *st)
{
	return st->owner == cv_os_user() || st->owner == CV_OS_ADMINISTRATOR;
}

/* --- the text ----------------------------------------------------------------------------- */

/* " PATH" as the end of a line. */
static void add_path(struct cv_buf *to, const char *path)
{
	cv_buf_char(to, ' ');
	for (; *path; path++)
		if ((unsigned char)*path < ' ' || *path == '\x7f' || *path == '%')
			cv_buf_addf(to, "%%%02X", (unsigned char)*path);
		else
			cv_buf_char(to, *path);
}

/* What follows the answer: " SUM ID PATH". */
static void add_rest(struct cv_buf *to, const struct cv_permit *permit)
{
	cv_buf_addf(to, " %s %" PRIx64 ":%" PRIx64 ":%" PRIx64, permit->sum, permit->id.device,
		permit->id.number[0], permit->id.number[1]);
	add_path(to, permit->path);
}

/* What of LINE is the path, with the space before it; empty if it has none. */
static struct cv_str path_of(struct cv_str line)
{
	for (int i = 0; i < 3; i++) {
		const char *space = cv_str_find(line, CV_LIT(" "));

		if (!space)
			return (struct cv_str){ 0 };
		line.n -= (size_t)(space - line.p) + (i < 2);
		line.p = space + (i < 2);
	}
	return line;
}

int cv_allowed_find(struct cv_str text, const struct cv_permit *permit)
{
	struct cv_buf rest OWN_BUF = { 0 }, path OWN_BUF = { 0 };
	enum cv_permission found = CV_PERMISSION_NONE;
	struct cv_str line;

	add_rest(&rest, permit);
	add_path(&path, permit->path);
	if (rest.bad || path.bad)
		return -ENOMEM;
	while (cv_str_cut(&text, '\n', &line)) {
		bool yes = cv_str_starts(line, CV_LIT("yes ")),
		     no = cv_str_starts(line, CV_LIT("no "));
		size_t answer = yes ? 3 : 2;

		if ((!yes && !no) || !text.p || !cv_str_eq(path_of(line), cv_buf_slice(&path)))
			continue;
		line = (struct cv_str){ line.p + answer, line.n - answer };
		found = !cv_str_eq(line, cv_buf_slice(&rest)) ? CV_PERMISSION_OTHER
			: yes                                 ? CV_PERMISSION_YES
							      : CV_PERMISSION_NO;
	}
	return (int)found;
}

void cv_allowed_add(
	struct cv_buf *to, struct cv_str text, const struct cv_permit *permit, bool answer)
{
	struct cv_buf own OWN_BUF = { 0 }, path OWN_BUF = { 0 };
	struct cv_str line;
	size_t kept = 0;

	cv_buf_cstr(&own, answer ? "yes" : "no");
	add_rest(&own, permit);
	cv_buf_char(&own, '\n');
	add_path(&path, permit->path);
	to->bad = to->bad || own.bad || path.bad;
	if (to->bad)
		return;
	for (struct cv_str rest = text; cv_str_cut(&rest, '\n', &line) && rest.p;)
		if (!cv_str_eq(path_of(line), cv_buf_slice(&path)))
			kept += line.n + 1;
	while (cv_str_cut(&text, '\n', &line) && text.p) {
		if (cv_str_eq(path_of(line), cv_buf_slice(&path)))
			continue;
		if (kept + own.n <= CV_ALLOWED_MAX) {
			cv_buf_str(to, line);
			cv_buf_char(to, '\n');
		} else {
			kept -= line.n + 1;
		}
	}
	cv_buf_str(to, cv_buf_slice(&own));
}

/* --- the file ----------------------------------------------------------------------------- */

static int find_place(
	const struct cv_ctx *ctx, struct cv_arena *a, const char **ret, struct cvenv_error *err)
{
	const char *state = cv_getenv(ctx, "XDG_STATE_HOME"), *home = cv_path_home(ctx);

	if (!state || !cv_path_is_abs(state)) {
		if (!home) {
			cv_fail_msg(err, ENOENT,
				"cannot tell which environments may be entered: the home directory "
				"is unknown");
			return cv_hint(err, -ENOENT, "set HOME to an absolute path");
		}
		state = cv_path_join(a, home, ".local/state");
	}
	*ret = state ? cv_path_join(a, state, "cvenv") : NULL;
	return *ret ? 0 : cv_fail_nomem(err);
}

static int refuse(const char *path, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "refusing to use '%s': %s", path, reason);
	return cv_hint(err, -CVENV_EREFUSED, "remove it, or change its owner and mode");
}

/* Fail unless only this user and the administrator can write to it. */
static int check_private(const char *path, const struct cv_os_stat *st, struct cvenv_error *err)
{
	if (!cv_is_trusted(st))
		return refuse(path, "it belongs to another user", err);
	return cv_os_others_write(st) ? refuse(path, "other users may write to it", err) : 0;
}

static int open_place(const char *place, struct cv_os_dir *ret, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_open_dir(CV_OS_ABSOLUTE, place, CV_OS_FOLLOW, ret);

	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", place);
	rc = cv_os_stat_dir(*ret, &st);
	return rc < 0 ? cv_fail(err, -rc, "cannot stat '%s'", place)
		      : check_private(place, &st, err);
}

static int read_text(struct cv_arena *a, const char *place, struct cv_os_dir dir,
	struct cv_str *ret, struct cvenv_error *err)
{
	const char *path = cv_path_join(a, place, "allowed");
	struct cv_os_stat st;
	int rc = path ? cv_read_file_stat(
				dir, "allowed", CV_OS_NOFOLLOW, CV_ALLOWED_MAX, a, ret, &st, NULL)
		      : -ENOMEM;

	if (rc == -ENOENT || rc == -CVENV_ELIMIT) {
		*ret = (struct cv_str){ 0 };
		return 0;
	}
	if (rc == -EINVAL || rc == -ELOOP)
		return refuse(path, "it is not a regular file", err);
	if (rc < 0)
		return path ? cv_fail(err, -rc, "cannot read '%s'", path) : cv_fail_nomem(err);
	return check_private(path, &st, err);
}

int cv_allowed_read(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	const char *place = NULL;
	int rc = find_place(ctx, a, &place, err);

	*ret = (struct cv_str){ 0 };
	if (rc < 0)
		return rc;
	rc = cv_os_access(CV_OS_ABSOLUTE, place, CV_OS_MAY_EXIST);
	if (rc == -ENOENT)
		return 0;
	rc = open_place(place, &dir, err);
	return rc < 0 ? rc : read_text(a, place, dir, ret, err);
}

static int make_place(struct cv_arena *a, const char *place, struct cvenv_error *err)
{
	const char *state = cv_path_dir(a, place), *made;
	int rc = state ? cv_make_dirs(a, state, &made, err) : cv_fail_nomem(err);

	if (rc < 0)
		return rc;
	rc = cv_os_make_dir(CV_OS_ABSOLUTE, place, 0700);
	return rc < 0 && rc != -EEXIST ? cv_fail(err, -rc, "cannot create '%s'", place) : 0;
}

int cv_allowed_keep(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_permit *permit,
	bool answer, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_str text = { 0 };
	const char *place = NULL;
	int rc = find_place(ctx, a, &place, err);

	if (rc == 0)
		rc = make_place(a, place, err);
	if (rc == 0)
		rc = open_place(place, &dir, err);
	if (rc == 0)
		rc = read_text(a, place, dir, &text, err);
	if (rc < 0)
		return rc;
	cv_allowed_add(&b, text, permit, answer);
	if (b.bad)
		return cv_fail_nomem(err);
	rc = cv_replace_file(dir, "allowed", 0600, cv_buf_slice(&b), err);
	return rc < 0 ? cv_wrap(err, rc, "%s", place) : 0;
}
