/* SPDX-License-Identifier: MIT */
#include "create/redirect.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/existing.h"
#include "env/cfg.h"
#include "fs/dir.h"
#include "fs/file.h"

enum { CFG_MAX = 1 << 20 };

const char *cv_redirect_parse(struct cv_str text, struct cv_str *ret)
{
	if (cv_str_ends(text, CV_LIT("\n"))) {
		text.n--;
		if (cv_str_ends(text, CV_LIT("\r")))
			text.n--;
	}
	if (text.n == 0)
		return "it is empty";
	if (!cv_utf8_ok(text))
		return "it is not UTF-8";
	if (cv_str_find(text, CV_LIT("\n")))
		return "it has more than one line";
	if (!cv_utf8_plain(text))
		return "it contains control characters";
	if (cv_str_starts(text, CV_LIT("\xef\xbb\xbf")))
		return "it begins with a byte order mark";
	if (cv_str_strip(text).n != text.n)
		return "there is white space around its line";
	*ret = text;
	return NULL;
}

/* The length of PATH up to its last component "..", 0 if it has none. */
static size_t last_dotdot(const char *path)
{
	size_t end = 0, from = 0;

	for (size_t i = 0;; i++) {
		if (path[i] && !cv_path_is_sep(path[i]))
			continue;
		if (i - from == 2 && path[from] == '.' && path[from + 1] == '.')
			end = i;
		if (!path[i])
			return end;
		from = i + 1;
	}
}

/*
 * Make LINE absolute. Only ".." needs the file system, since its meaning depends on links. Windows
 * itself removes ".." with the name before it.
 */
static int resolve(struct cv_arena *a, const char *file, const char *line, const char **ret,
	struct cvenv_error *err)
{
	const char *dir = cv_path_dir(a, file);
	char *path = dir ? cv_path_join(a, dir, line) : NULL, *above, *real;
	size_t len = path && !CV_WINDOWS ? last_dotdot(path) : 0;

	if (len) {
		const char *rest = path + len + strspn(path + len, "/");
		int rc;

		above = cv_strdup(a, (struct cv_str){ path, len });
		if (!above)
			return cv_fail_nomem(err);
		rc = cv_os_realpath(a, above, &real);
		if (rc < 0)
			return cv_fail(
				err, -rc, "redirect file '%s': cannot open '%s'", file, above);
		path = rest[0] ? cv_path_join(a, real, rest) : real;
	}
	*ret = path ? cv_path_abs(a, NULL, path) : NULL;
	return *ret ? 0 : cv_fail_nomem(err);
}

/*
 * Another user could write a redirect file into a directory such as /tmp, where this one runs
 * cvenv. Linux refuses to follow symbolic links in this case (protected_symlinks).
 */
static bool is_planted(const struct cv_os_stat *file, const struct cv_os_stat *dir)
{
	return file->owner != cv_os_user() && file->owner != dir->owner &&
	       (dir->mode & CV_OS_STICKY) && (dir->mode & CV_OS_OTHERS_WRITE);
}

static int read_text(struct cv_arena *a, const char *file, struct cv_str *ret,
	struct cv_os_stat *ret_st, bool *ret_planted, const char **ret_reason)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	const char *parent = cv_path_dir(a, file);
	struct cv_os_stat st;
	int rc = parent ? cv_os_open_dir(CV_OS_ABSOLUTE, parent, CV_OS_ANCHOR | CV_OS_FOLLOW, &dir)
			: -ENOMEM;

	if (rc == 0)
		rc = cv_os_stat_dir(dir, &st);
	if (rc == 0)
		rc = cv_read_file_stat(dir, cv_path_base(file), CV_OS_NOFOLLOW, CV_REDIRECT_MAX, a,
			ret, ret_st, NULL);
	*ret_planted = rc == 0 && is_planted(ret_st, &st);
	if (rc == -CVENV_ELIMIT)
		*ret_reason = "it is too large";
	else if (rc == -EACCES || rc == -EPERM)
		*ret_reason = "it cannot be read";
	return rc;
}

int cv_redirect_no(const char *file, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(err, ENOTDIR,
		"cannot create an environment in '%s': a file has that name, which is not a "
		"redirect file: %s",
		file, reason);
	return cv_hint(err, -ENOTDIR, "remove it or choose another name");
}

static int refuse(const char *file, const char *line, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "redirect file '%s': refusing to follow it to '%s': %s",
		file, line, reason);
	return cv_hint(err, -CVENV_EREFUSED, "remove the file, or name a directory");
}

int cv_redirect_read(struct cv_arena *a, const char *file, const char **ret_place,
	struct cv_os_stat *ret_st, struct cvenv_error *err)
{
	const char *reason = NULL, *line;
	struct cv_str text = { 0 }, name = { 0 };
	bool planted;
	int rc = read_text(a, file, &text, ret_st, &planted, &reason);

	if (rc < 0 && cv_err_passes(-rc))
		return cv_fail(err, -rc, "cannot read '%s'", file);
	if (rc < 0 && !reason)
		return -ENOTDIR;
	if (!reason)
		reason = cv_redirect_parse(text, &name);
	if (reason)
		return cv_redirect_no(file, reason, err);
	line = cv_strdup(a, name);
	if (!line)
		return cv_fail_nomem(err);
	if (planted)
		return refuse(file, line, "another user may have planted it", err);
	if (strcmp(line, "~") == 0 || (line[0] == '~' && cv_path_is_sep(line[1])))
		return refuse(file, line, "'~' is not expanded there", err);
	if (cv_path_root(line) && !cv_path_is_abs(line)) /* "C:x", "\x" */
		return refuse(file, line, "it depends on the current drive", err);
	return resolve(a, file, line, ret_place, err);
}

/* --- writing ------------------------------------------------------------------------------ */

static int cannot_write(const char *file, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(
		err, CVENV_EREFUSED, "refusing to write the redirect file '%s': %s", file, reason);
	return cv_hint(err, -CVENV_EREFUSED, "omit --redirect");
}

/*
 * The name of PLACE in FILE: relative if it is below the directory of FILE, so that both can be
 * moved together.
 */
static int make_text(struct cv_arena *a, const char *file, const char *place, const char **ret,
	struct cvenv_error *err)
{
	const char *dir = cv_path_dir(a, file);
	const char *below = dir ? cv_path_below(place, dir) : NULL;
	const char *candidates[] = { below, place };
	const char *reason = "it would be empty";

	for (size_t i = 0; dir && i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		const char *line = candidates[i];
		struct cv_str ignored;

		if (!line || !line[0] || line[0] == '~')
			continue;
		reason = cv_redirect_parse(cv_str(line), &ignored);
		if (reason)
			continue;
		*ret = cv_strfmt(a, "%s\n", line);
		return *ret ? 0 : cv_fail_nomem(err);
	}
	return dir ? cannot_write(file, reason, err) : cv_fail_nomem(err);
}

/* Is PLACE the directory of TARGET? */
static bool is_target(const struct cv_target *target, const char *place)
{
	struct cv_os_stat here, there;

	if (cv_path_same(place, target->place) || cv_path_same(place, target->env_dir))
		return true;
	return target->exists && cv_os_stat_dir(target->dir, &here) == 0 &&
	       cv_os_stat(CV_OS_ABSOLUTE, place, CV_OS_FOLLOW, &there) == 0 &&
	       cv_os_same(&here, &there);
}

/* Is PLACE an environment that another program has created? */
static bool is_of_others(struct cv_arena *a, const char *place)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	struct cv_str text = { 0 };
	struct cv_cfg_line line;

	if (cv_os_open_dir(CV_OS_ABSOLUTE, place, CV_OS_FOLLOW | CV_OS_ANCHOR, &dir) < 0 ||
		cv_existing_text(a, dir, "pyvenv.cfg", CFG_MAX, &text, NULL) <= 0)
		return false;
	while (cv_cfg_cut(&text, &line))
		if (cv_cfg_is(&line, "cvenv"))
			return false;
	return true;
}

/* A regular file has the name of the redirect file: may it be replaced? */
static int plan_replace(struct cv_arena *a, const struct cv_target *target, struct cv_redirect *r,
	struct cvenv_error *err)
{
	struct cv_os_stat st = { 0 };
	const char *place = NULL;
	int rc = cv_redirect_read(a, r->file, &place, &st, NULL);

	if (rc < 0 && cv_err_passes(-rc))
		return cv_fail(err, -rc, "cannot read '%s'", r->file);
	if (rc < 0 && rc != -ENOENT) /* ENOENT: it leads through a directory that is missing */
		return cannot_write(
			r->file, "a file that is not a redirect file has that name", err);
	r->replaces = true;
	r->id = st.id;
	if (rc == 0 && is_target(target, place)) {
		r->text = NULL;
		return 0;
	}
	if (rc < 0 || !is_of_others(a, place))
		return 0;
	cv_fail_msg(err, CVENV_EREFUSED,
		"refusing to replace the redirect file '%s': it names '%s', an environment that "
		"cvenv did not create",
		r->file, place);
	return cv_hint(err, -CVENV_EREFUSED, "remove the file first");
}

/* Report what can be known now, and not only when the environment exists. */
static int check_parent(struct cv_arena *a, const struct cv_target *target, const char *file,
	struct cvenv_error *err)
{
	const char *parent = cv_path_dir(a, file);
	int rc = parent ? cv_os_access(CV_OS_ABSOLUTE, parent, CV_OS_MAY_WRITE) : -ENOMEM;

	if (rc == -ENOENT && cv_path_within(target->place, parent))
		return 0;
	return rc < 0 ? cv_fail(err, -rc, "cannot write the redirect file '%s'", file) : 0;
}

static int plan_file(struct cv_arena *a, const struct cv_target *target, struct cv_redirect *r,
	struct cvenv_error *err)
{
	struct cv_os_stat st = { 0 };
	int rc = cv_os_stat(CV_OS_ABSOLUTE, r->file, CV_OS_NOFOLLOW, &st);
	bool exists = rc == 0;

	if (rc < 0 && rc != -ENOENT)
		return cv_fail(err, -rc, "cannot write the redirect file '%s'", r->file);
	if ((rc < 0 || st.type != CV_OS_FILE) && is_target(target, r->file)) {
		r->file = NULL;
		return 0;
	}
	if (cv_path_within(r->file, target->place))
		return cannot_write(r->file, "it would be in the environment", err);
	if (rc == 0 && st.type != CV_OS_FILE)
		return cannot_write(r->file,
			st.type == CV_OS_DIR    ? "a directory has that name"
			: st.type == CV_OS_LINK ? "a symbolic link has that name"
						: "it is not a regular file",
			err);
	rc = make_text(a, r->file, target->place, &r->text, err);
	if (rc == 0 && exists)
		rc = plan_replace(a, target, r, err);
	return rc == 0 && r->text ? check_parent(a, target, r->file, err) : rc;
}

int cv_redirect_plan(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cvenv_options *request, const struct cv_target *target,
	struct cv_redirect *ret, struct cvenv_error *err)
{
	struct cv_redirect r = { 0 };
	int rc = 0;

	if (request->redirect) {
		if (!cv_path_has_abs(ctx, request->redirect))
			return cv_fail(err, ENOENT, "cannot find the current directory");
		r.file = cv_path_abs(a, ctx, request->redirect);
		rc = r.file ? plan_file(a, target, &r, err) : cv_fail_nomem(err);
	}
	*ret = r;
	return rc;
}

int cv_redirect_write(struct cv_arena *a, const struct cv_redirect *r, struct cvenv_error *err)
{
	OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
	const char *parent = cv_path_dir(a, r->file), *name = cv_path_base(r->file);
	struct cv_os_stat st;
	int rc;

	if (!parent)
		return cv_fail_nomem(err);
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, parent, CV_OS_FOLLOW, &dir);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", parent);
	if (!r->replaces) {
		rc = cv_create_file(dir, name, 0666, cv_str(r->text), err);
		return rc == -EEXIST ? -EAGAIN : rc;
	}
	rc = cv_os_stat(dir, name, CV_OS_NOFOLLOW, &st);
	if (rc == -ENOENT || (rc == 0 && !cv_os_same_id(&st.id, &r->id)))
		return cv_fail(err, EAGAIN, "'%s' has changed", r->file);
	return rc < 0 ? cv_fail(err, -rc, "cannot stat '%s'", r->file)
		      : cv_replace_file(dir, name, 0666, cv_str(r->text), err);
}
