/* SPDX-License-Identifier: MIT */
#include "cli/clone.h"

#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "cli/json.h"
#include "cli/name.h"
#include "cli/option_table.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "os/command.h"

/* SRC and DEST, as the user wrote them. */
struct names {
	const char *src, *dest;
	const char *abs_src; /* NULL: unknown */
};

static const char *action(const struct cv_options *o)
{
	if (o->dry_run)
		return o->move ? "moved" : "cloned";
	return o->move ? "Moved" : "Cloned";
}

/* The texts OLD=NEW of --root. The first '=' separates. */
static int read_roots(struct cv_arena *a, const struct cv_options *o, struct cvenv_relocation *ret,
	struct cvenv_error *error)
{
	struct cvenv_root *roots = cv_new(a, struct cvenv_root, o->roots.count + 1);

	if (!roots)
		return cv_fail_nomem(error);
	for (size_t i = 0; i < o->roots.count; i++) {
		struct cv_str new = cv_str(o->roots.texts[i]), old;

		(void)cv_str_cut(&new, '=', &old);
		if (!new.p || !new.n || !old.n)
			return cv_fail_msg(error, CVENV_EUSAGE,
				"argument --root: expected OLD=NEW: '%s'", o->roots.texts[i]);
		roots[i].from = cv_strdup(a, old);
		roots[i].to = cv_strdup(a, new);
		if (!roots[i].from || !roots[i].to)
			return cv_fail_nomem(error);
	}
	*ret = (struct cvenv_relocation){
		.size = sizeof(*ret), .roots = roots, .root_count = o->roots.count
	};
	return 0;
}

static void print_json(const struct cv_options *o, const struct cvenv *session, const char *src,
	const struct cvenv_change *change, double duration_ms)
{
	putc('{', stdout);
	cv_json_member(stdout, "source", src);
	cv_json_member(stdout, "path", change->path);
	cv_json_member(stdout, "action", o->move ? "moved" : "cloned");
	cv_json_number(stdout, "files", (int64_t)change->files);
	cv_json_number(stdout, "rewritten", (int64_t)change->rewritten);
	cv_json_number(stdout, "bytes", (int64_t)change->bytes);
	cv_json_member(stdout, "link_mode", cv_link_mode_name(change->link_mode));
	cv_json_list(stdout, "left", change->left);
	cv_plan_json_end(stdout, session, duration_ms, o->dry_run, false);
}

static void print_counts(const struct cvenv_change *change)
{
	char files[CV_TEXT_MAX], rewritten[CV_TEXT_MAX];

	fprintf(stdout, "%s files, %s rewritten", cv_print_count(change->files, files),
		cv_print_count(change->rewritten, rewritten));
}

static void print_text(const struct cv_options *o, const struct cvenv *session,
	const struct names *names, const struct cvenv_change *change)
{
	if (o->dry_run) {
		cv_print_safe(stdout, change->path);
		fprintf(stdout, " (to be %s from ", action(o));
		cv_print_safe(stdout, names->src);
		fprintf(stdout, ", link mode %s, ", cv_link_mode_name(change->link_mode));
		print_counts(change);
		fputs("):\n", stdout);
		cv_plan_print(stdout, session);
		return;
	}
	fprintf(stdout, "%s '", action(o));
	cv_print_safe(stdout, names->src);
	fputs("' to '", stdout);
	cv_print_safe(stdout, names->dest);
	fputs("': ", stdout);
	print_counts(change);
	putc('\n', stdout);
}

static int relocate(const struct cv_options *o, struct cvenv *session, const struct names *names,
	const struct cvenv_relocation *how, struct cvenv_error *error)
{
	struct cvenv_change change = { .size = sizeof(change) };
	struct cv_arena a OWN_ARENA = { 0 };
	unsigned flags = o->dry_run ? CVENV_DRY_RUN : 0;
	const char *done = NULL;
	double start = cv_now_ms();
	int rc = (o->move ? cvenv_move : cvenv_clone)(
		session, names->src, names->dest, how, flags, &change, error);

	if (rc < 0)
		return rc;
	if (o->verbosity >= 0)
		cv_warn_of_left(&change);
	if (o->json)
		print_json(o, session, names->abs_src ? names->abs_src : names->src, &change,
			cv_now_ms() - start);
	else if (o->dry_run || (o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT)))
		print_text(o, session, names, &change);
	if (!o->dry_run)
		done = cv_strfmt(
			&a, "environment '%s' was %s", change.path, o->move ? "moved" : "cloned");
	return cv_print_flush(done, error);
}

int cv_clone_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv_relocation how = { .size = sizeof(how) };
	struct cvenv *session = NULL;
	const char *const *dirs;
	const struct cv_ctx ctx = { .envp = o->library.envp, .cwd = o->library.cwd };
	struct names names = { .dest = "" };
	size_t count;
	int rc = cv_env_dirs(&a, o, &dirs, &count, error);

	if (rc == 0) {
		names = (struct names){ .src = dirs[0], .dest = dirs[1] };
		if (cv_path_has_abs(&ctx, dirs[0]))
			names.abs_src = cv_path_abs(&a, &ctx, dirs[0]);
		rc = read_roots(&a, o, &how, error);
	}
	if (rc == 0)
		rc = cvenv_open(&o->library, &session, error);
	if (rc == 0)
		rc = relocate(o, session, &names, &how, error);
	if (rc < 0)
		cv_print_failure(o, names.dest, error);
	cvenv_close(session);
	return rc;
}
