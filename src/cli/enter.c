/* SPDX-License-Identifier: MIT */
/*
 * Entering an environment from a shell. What is trusted:
 *
 * named    The user has named it: it is entered, even if another user has made it.
 * nearest  Found by a walk upwards, which may have passed a directory of another user, such as
 * /tmp. The link or redirect file, the environment and its script must belong to this user or to
 * the administrator. auto     The same without being asked for, so nobody else may be able to write
 * to them, or to a directory above them. And the user must have allowed exactly this environment:
 * see allowed.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/own.h"
#include "base/path.h"
#include "cli/allowed.h"
#include "cli/hook.h"
#include "cli/name.h"
#include "cli/print.h"
#include "create/redirect.h"
#include "env/activators.h"
#include "fs/file.h"
#include "os/command.h"

enum { SCRIPT_MAX = 1 << 20, ANSWER_MAX = 8 };

enum trust { TRUST_NAMED, TRUST_NEAREST, TRUST_AUTO };

static const char *const hows[] = {
	[TRUST_NAMED] = "named",
	[TRUST_NEAREST] = "nearest",
	[TRUST_AUTO] = "auto",
};

static const enum cv_activator activators[] = {
	[CV_HOOK_ENTER_POSIX] = CV_ACTIVATE_POSIX,
	[CV_HOOK_ENTER_FISH] = CV_ACTIVATE_FISH,
	[CV_HOOK_ENTER_POWERSHELL] = CV_ACTIVATE_POWERSHELL,
};

struct entering {
	struct cv_ctx ctx;
	struct cv_arena *arena;
	int shell; /* an enum cv_hook */
	enum trust trust;
	const char *path;    /* as it was found, absolute: may be a link or a redirect file */
	const char *env_dir; /* the directory, absolute: may be a link */
	const char *bin;     /* "bin" or "Scripts" */
	struct cv_os_dir dir;
};

static int no_environment(const struct entering *e, const char *named, struct cvenv_error *err)
{
	cv_fail_msg(err, ENOENT, "there is no environment in '%s'", e->path);
	return named && !cv_path_is_path(named)
		       ? cv_hint(err, -ENOENT, "to name a directory, write it with a slash: ./%s",
				 named)
		       : -ENOENT;
}

static int find_path(struct entering *e, const char *named, struct cvenv_error *err)
{
	int rc = 0;

	if (!cv_path_is_path(named))
		rc = cv_name_dir(e->arena, e->ctx.envp, named, &e->path, err);
	else if (!cv_path_has_abs(&e->ctx, named))
		return cv_fail(err, ENOENT, "cannot find the current directory");
	else
		e->path = cv_path_abs(e->arena, &e->ctx, named);
	return rc < 0 || e->path ? rc : cv_fail_nomem(err);
}

/* A redirect file names the environment. */
static int follow(struct entering *e, const char *named, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, e->path, CV_OS_NOFOLLOW, &st);

	e->env_dir = e->path;
	if (cv_err_missing(-rc))
		return no_environment(e, named, err);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot stat '%s'", e->path);
	if (st.type != CV_OS_FILE)
		return 0;
	rc = cv_redirect_read(e->arena, e->path, &e->env_dir, &st, err);
	return rc != -ENOTDIR
		       ? rc
		       : cv_fail_msg(err, ENOTDIR,
				 "'%s' is neither an environment nor a redirect file", e->path);
}

/* Where is the file NAME of DIR, "bin/activate"? NULL if memory is exhausted. */
static char *in_bin(const struct entering *e, const char *bin, const char *name)
{
	return cv_strfmt(e->arena, "%s/%s", bin, name);
}

static const char *script_name(const struct entering *e)
{
	return cv_activators[activators[e->shell]].file;
}

static int find_script(struct entering *e, struct cvenv_error *err)
{
	static const char *const bins[] = { "bin", "Scripts" };
	struct cv_os_stat st;

	for (size_t i = 0; i < 2; i++) {
		const char *bin = bins[CV_WINDOWS ? 1 - i : i];
		char *name = in_bin(e, bin, script_name(e));

		if (!name)
			return cv_fail_nomem(err);
		if (cv_os_stat(e->dir, name, CV_OS_FOLLOW, &st) == 0 && st.type == CV_OS_FILE) {
			e->bin = bin;
			return 0;
		}
	}
	return cv_fail_msg(err, ENOENT, "environment '%s' has no activation script '%s'",
		e->env_dir, script_name(e));
}

static int find(struct entering *e, const char *named, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = find_path(e, named, err);

	if (rc == 0)
		rc = follow(e, named, err);
	if (rc < 0)
		return rc;
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, e->env_dir, CV_OS_FOLLOW | CV_OS_ANCHOR, &e->dir);
	if (rc == 0)
		rc = cv_os_stat(e->dir, "pyvenv.cfg", CV_OS_FOLLOW, &st);
	if (cv_err_missing(-rc) || (rc == 0 && st.type != CV_OS_FILE))
		return no_environment(e, named, err);
	return rc < 0 ? cv_fail(err, -rc, "cannot open '%s'", e->env_dir) : find_script(e, err);
}

/*
 * Is it active in the shell? A variable alone may have been inherited by a shell that has replaced
 * PATH.
 */
static bool is_active(const struct entering *e)
{
	const char *active = cv_getenv_nonempty(&e->ctx, "VIRTUAL_ENV");
	const char *bin = active ? cv_path_join(e->arena, active, e->bin) : NULL;
	struct cv_str list = cv_str(cv_getenv_nonempty(&e->ctx, "PATH"));
	struct cv_os_stat here, there;
	bool is_on_path = false;
	char *dir;

	while (bin && !is_on_path && cv_path_list_cut(e->arena, &list, &dir))
		is_on_path = dir && strcmp(dir, bin) == 0;
	return is_on_path && cv_path_is_abs(active) && cv_os_stat_dir(e->dir, &here) == 0 &&
	       cv_os_stat(CV_OS_ABSOLUTE, active, CV_OS_FOLLOW, &there) == 0 &&
	       cv_os_same(&here, &there);
}

/* --- whose is it? ------------------------------------------------------------------------- */

/* Why NAME cannot be trusted; NULL if it can. */
static const char *suspect(const struct entering *e, struct cv_os_dir at, const char *name)
{
	struct cv_os_stat st;

	if (cv_os_stat(at, name, CV_OS_NOFOLLOW, &st) < 0)
		return "cannot be read";
	if (!cv_is_trusted(&st))
		return "belongs to another user";
	/* A link's own mode means nothing, and the owner of its directory decides about it. */
	if (e->trust == TRUST_AUTO && st.type != CV_OS_LINK && cv_os_others_write(&st) &&
		!(st.type == CV_OS_DIR && st.mode & CV_OS_STICKY))
		return "can be changed by other users";
	return NULL;
}

/* The same for the existing directory PATH and all above it. *RET is the one meant. */
static const char *suspect_above(const struct entering *e, const char *path, const char **ret)
{
	const char *reason = NULL;
	char *real = NULL;

	*ret = path;
	if (cv_os_realpath(e->arena, path, &real) < 0)
		return "cannot be read";
	for (const char *dir = real; dir && !reason; dir = cv_path_dir(e->arena, dir)) {
		*ret = dir;
		reason = suspect(e, CV_OS_ABSOLUTE, dir);
		if (strlen(dir) <= cv_path_root(dir))
			break;
	}
	return reason;
}

static int refuse(
	const struct entering *e, const char *what, const char *reason, struct cvenv_error *err)
{
	cv_fail_msg(err, CVENV_EREFUSED, "not entering '%s': '%s' %s", e->path, what, reason);
	return cv_hint(err, -CVENV_EREFUSED, "to enter it anyway, give it to cv as an argument");
}

static int check_trust(const struct entering *e, struct cvenv_error *err)
{
	const char *const inside[] = { ".", "pyvenv.cfg", e->bin,
		in_bin(e, e->bin, script_name(e)) };
	const char *what = e->path, *dir = cv_path_dir(e->arena, e->path);
	const char *reason = suspect(e, CV_OS_ABSOLUTE, e->path);

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]) && !reason; i++) {
		if (!inside[i])
			return cv_fail_nomem(err);
		what = cv_path_join(e->arena, e->env_dir, inside[i]);
		reason = suspect(e, e->dir, inside[i]);
	}
	if (!reason && e->trust == TRUST_AUTO)
		reason = dir ? suspect_above(e, dir, &what) : "cannot be read";
	if (!reason && e->trust == TRUST_AUTO)
		reason = suspect_above(e, e->env_dir, &what);
	return reason ? refuse(e, what ? what : e->path, reason, err) : 0;
}

/* --- may it be entered without being asked for? ------------------------------------------- */

/* What the user allows: this directory with these scripts, for whichever shell. */
static int describe(const struct entering *e, struct cv_permit *ret, struct cvenv_error *err)
{
	static const enum cv_activator automatic[] = { CV_ACTIVATE_POSIX, CV_ACTIVATE_FISH };
	struct cv_buf sums OWN_BUF = { 0 };
	struct cv_os_stat st;
	int rc = cv_os_stat_dir(e->dir, &st);

	for (size_t i = 0; i < 2 && rc == 0; i++) {
		char *name = in_bin(e, e->bin, cv_activators[automatic[i]].file);
		char sum[CV_SHA256_HEX + 1] = "missing";
		struct cv_str text = { 0 };

		rc = name ? cv_read_file(
				    e->dir, name, CV_OS_NOFOLLOW, SCRIPT_MAX, e->arena, &text, NULL)
			  : -ENOMEM;
		if (rc == 0)
			cv_sha256_hex(text.p, text.n, sum);
		else if (rc == -ENOENT)
			rc = 0;
		cv_buf_addf(&sums, "%s\n", sum);
	}
	if (sums.bad || rc == -ENOMEM)
		return cv_fail_nomem(err);
	if (rc < 0)
		return cv_fail(
			err, -rc, "not entering '%s': cannot read its activation scripts", e->path);
	*ret = (struct cv_permit){ .path = e->path, .id = st.id };
	cv_sha256_hex(sums.p, sums.n, ret->sum);
	return 0;
}

/* "y" or "yes"; "n", "no" or an empty line; -1 for anything else: a command that was typed ahead.
 */
static int read_answer(void)
{
	char answer[ANSWER_MAX] = { 0 };
	size_t n = 0;
	int c;

	while ((c = getchar()) != EOF && c != '\n')
		if (n < ANSWER_MAX - 1)
			answer[n++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	if (c == EOF)
		return -1;
	if (strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0)
		return 1;
	return n == 0 || strcmp(answer, "n") == 0 || strcmp(answer, "no") == 0 ? 0 : -1;
}

/* 1: enter it, 0: not. Without a terminal nobody can be asked, and nothing is said. */
static int ask(const struct entering *e, const struct cv_permit *permit, bool changed,
	struct cvenv_error *err)
{
	int answer, rc;

	if (!cv_os_is_terminal(CV_OS_STDIN) || !cv_os_is_terminal(CV_OS_STDERR))
		return 0;
	fputs("cvenv: ", stderr);
	if (changed) {
		fputs("'", stderr);
		cv_print_safe(stderr, e->path);
		fputs("' has changed. Enter it now, and from now on by itself? [y/N] ", stderr);
	} else {
		fputs("enter '", stderr);
		cv_print_safe(stderr, e->path);
		fputs("' now, and from now on by itself? [y/N] ", stderr);
	}
	(void)fflush(stderr);
	answer = read_answer();
	if (answer < 0)
		return 0;
	rc = cv_allowed_keep(&e->ctx, e->arena, permit, answer, err);
	return rc < 0 ? rc : answer;
}

static int is_allowed(const struct entering *e, struct cvenv_error *err)
{
	struct cv_permit permit;
	struct cv_str text = { 0 };
	int rc = describe(e, &permit, err);

	if (rc == 0)
		rc = cv_allowed_read(&e->ctx, e->arena, &text, err);
	if (rc < 0)
		return rc;
	rc = cv_allowed_find(text, &permit);
	if (rc < 0)
		return cv_fail_nomem(err);
	if (rc == CV_PERMISSION_YES || rc == CV_PERMISSION_NO)
		return rc == CV_PERMISSION_YES;
	return ask(e, &permit, rc == CV_PERMISSION_OTHER, err);
}

/* ------------------------------------------------------------------------------------------ */

static int print_line(const struct entering *e, struct cvenv_error *err)
{
	struct cv_buf line OWN_BUF = { 0 };
	char *name = in_bin(e, e->bin, script_name(e));
	char *path = name ? cv_path_join(e->arena, e->env_dir, name) : NULL;

	if (!path)
		return cv_fail_nomem(err);
	if (!cv_hook_line(&line, e->shell, path))
		return cv_fail_msg(err, EINVAL, "this shell cannot read '%s': its name", path);
	if (line.bad)
		return cv_fail_nomem(err);
	(void)fwrite(line.p, 1, line.n, stdout);
	return cv_print_flush(NULL, err);
}

static int enter(struct entering *e, const char *named, struct cvenv_error *err)
{
	int rc = find(e, named, err);

	if (rc < 0)
		return rc;
	if (is_active(e)) {
		if (e->trust != TRUST_AUTO) {
			fputs("cvenv: '", stderr);
			cv_print_safe(stderr, e->env_dir);
			fputs("' is active already\n", stderr);
		}
		return 0;
	}
	if (e->trust != TRUST_NAMED)
		rc = check_trust(e, err);
	if (rc == 0 && e->trust == TRUST_AUTO) {
		rc = is_allowed(e, err);
		if (rc <= 0)
			return rc;
	}
	return rc < 0 ? rc : print_line(e, err);
}

int cv_hook_enter(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct entering e = { .ctx = { .envp = o->library.envp, .cwd = o->library.cwd },
		.arena = &a,
		.shell = o->shell_hook,
		.dir = CV_OS_NO_DIR };
	size_t how = 0;
	int rc;

	while (o->env_dir_count == 2 && how <= TRUST_AUTO && strcmp(hows[how], o->env_dirs[0]) != 0)
		how++;
	if (o->env_dir_count != 2 || how > TRUST_AUTO || !o->env_dirs[1][0])
		return cv_fail_msg(error, CVENV_EUSAGE,
			"argument --shell-hook: expected 'named', 'nearest' or 'auto', and a "
			"directory");
	e.trust = (enum trust)how;
	rc = enter(&e, o->env_dirs[1], error);
	cv_os_close_dir(&e.dir);
	return rc;
}
