/* SPDX-License-Identifier: MIT */
#include "cli/pack.h"

#include <stdio.h>

#include "base/own.h"
#include "cli/json.h"
#include "cli/name.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "os/command.h"

enum { NAMED_MAX = 5 }; /* files in a warning */

static void warn_of_outside(const struct cvenv_change *change)
{
	if (!change->outside_count)
		return;
	fputs("cvenv: warning: the archive works only where these exist: ", stderr);
	for (size_t i = 0; i < change->outside_count && i < NAMED_MAX; i++) {
		fputs(i ? ", '" : "'", stderr);
		cv_print_safe(stderr, change->outside[i].target);
		fputs("' (", stderr);
		cv_print_safe(stderr, change->outside[i].path);
		fputs(")", stderr);
	}
	if (change->outside_count > NAMED_MAX)
		fprintf(stderr, " and %zu more", change->outside_count - NAMED_MAX);
	fputs("\n", stderr);
}

static void print_json(const struct cv_options *o, const struct cvenv *session,
	const struct cvenv_change *change, double duration_ms)
{
	putc('{', stdout);
	cv_json_member(stdout, "path", change->path);
	cv_json_member(stdout, "output", change->output);
	cv_json_member(stdout, "format", change->format);
	cv_json_number(stdout, "files", (int64_t)change->files);
	cv_json_number(stdout, "bytes", (int64_t)change->bytes);
	cv_json_if_known(stdout, "sha256", change->sha256);
	cv_json_flag(stdout, "with_python", o->with_python);
	fputs("\"outside\": [", stdout);
	for (size_t i = 0; i < change->outside_count; i++) {
		fputs(i ? ", {\"path\": " : "{\"path\": ", stdout);
		cv_json_string(stdout, cv_str(change->outside[i].path));
		fputs(", \"target\": ", stdout);
		cv_json_string(stdout, cv_str(change->outside[i].target));
		putc('}', stdout);
	}
	fputs("], ", stdout);
	cv_json_list(stdout, "left", change->left);
	cv_plan_json_end(stdout, session, duration_ms, o->dry_run, false);
}

static void print_text(const struct cv_options *o, const struct cvenv *session, const char *env_dir,
	const struct cvenv_change *change)
{
	char text[CV_TEXT_MAX];

	if (o->dry_run) {
		cv_print_safe(stdout, change->output);
		fputs(" (to be packed from ", stdout);
		cv_print_safe(stdout, env_dir);
		fprintf(stdout, ", format %s, %s files):\n", change->format,
			cv_print_count(change->files, text));
		cv_plan_print(stdout, session);
		return;
	}
	fputs("Packed '", stdout);
	cv_print_safe(stdout, env_dir);
	fputs("' into '", stdout);
	cv_print_safe(stdout, o->output);
	fprintf(stdout, "': %s\n", cv_print_size(change->bytes, text));
}

static int pack(const struct cv_options *o, struct cvenv *session, const char *env_dir,
	struct cvenv_error *error)
{
	const struct cvenv_archive how = {
		.size = sizeof(how), .output = o->output, .with_python = o->with_python
	};
	struct cvenv_change change = { .size = sizeof(change) };
	struct cv_arena a OWN_ARENA = { 0 };
	const char *done = NULL;
	double start = cv_now_ms();
	int rc = cvenv_pack(session, env_dir, &how, o->dry_run ? CVENV_DRY_RUN : 0, &change, error);

	if (rc < 0)
		return rc;
	if (o->verbosity >= 0) {
		cv_warn_of_left(&change);
		warn_of_outside(&change);
	}
	if (o->json)
		print_json(o, session, &change, cv_now_ms() - start);
	else if (o->dry_run || (o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT)))
		print_text(o, session, env_dir, &change);
	if (!o->dry_run)
		done = cv_strfmt(&a, "'%s' was written", change.output);
	return cv_print_flush(done, error);
}

int cv_pack_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv *session = NULL;
	const char *const *dirs;
	const char *env_dir = "";
	size_t count;
	int rc = cv_env_dirs(&a, o, &dirs, &count, error);

	if (rc == 0)
		env_dir = dirs[0];
	if (rc == 0)
		rc = cvenv_open(&o->library, &session, error);
	if (rc == 0)
		rc = pack(o, session, env_dir, error);
	if (rc < 0)
		cv_print_failure(o, env_dir, error);
	cvenv_close(session);
	return rc;
}
