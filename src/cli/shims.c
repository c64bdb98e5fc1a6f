/* SPDX-License-Identifier: MIT */
#include "cli/shims.h"

#include <stdio.h>
#include <string.h>

#include "base/ctx.h"
#include "base/own.h"
#include "base/path.h"
#include "cli/command_path.h"
#include "cli/json.h"
#include "cli/print.h"
#include "os/os.h"

static const char *const changes[] = {
	[CVENV_SHIM_KEPT] = "kept",
	[CVENV_SHIM_CREATED] = "created",
	[CVENV_SHIM_UPDATED] = "updated",
	[CVENV_SHIM_REMOVED] = "removed",
};

/* Does a search of PATH come to DIR before it comes to another directory? */
static bool is_first_on_path(struct cv_arena *a, const struct cv_ctx *ctx, const char *dir)
{
	struct cv_str list = cv_str(cv_getenv_nonempty(ctx, "PATH"));
	struct cv_os_stat first, st;
	char *name;

	return cv_path_list_cut(a, &list, &name) && name &&
	       cv_os_stat(CV_OS_ABSOLUTE, name, CV_OS_FOLLOW, &first) == 0 &&
	       cv_os_stat(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &st) == 0 && cv_os_same(&first, &st);
}

static void json(struct cvenv *session, const char *dir, const char *command)
{
	struct cvenv_shim s = { .size = sizeof(s) };

	putc('{', stdout);
	cv_json_member(stdout, "dir", dir);
	cv_json_member(stdout, "command", command);
	fputs("\"shims\": [", stdout);
	for (size_t i = 0; cvenv_shim_entry(session, i, &s); i++) {
		fputs(i ? ", {" : "{", stdout);
		cv_json_member(stdout, "name", s.name);
		cv_json_member(stdout, "path", s.path);
		cv_json_or_null(stdout, "python", s.python);
		cv_json_or_null(stdout, "version", s.version);
		cv_json_or_null(stdout, "implementation", s.implementation);
		fputs("\"action\": ", stdout);
		cv_json_string(stdout, cv_str(changes[s.change]));
		fputs("}", stdout);
	}
	fputs("]}\n", stdout);
}

static void text(struct cvenv *session, bool dry_run)
{
	struct cvenv_shim s = { .size = sizeof(s) };

	for (size_t i = 0; cvenv_shim_entry(session, i, &s); i++) {
		fprintf(stdout, "%s%-7s  ", dry_run ? "to be " : "", changes[s.change]);
		cv_print_safe(stdout, s.path);
		if (s.python) {
			fputs(" -> ", stdout);
			cv_print_safe(stdout, s.python);
		}
		if (s.version)
			fprintf(stdout, " (%s %s)", s.implementation, s.version);
		putc('\n', stdout);
	}
}

int cv_shims_run(const struct cv_options *o, struct cvenv_error *error)
{
	OWN_ARENA struct cv_arena a = { 0 };
	const struct cv_ctx ctx = { .envp = o->library.envp, .cwd = o->library.cwd };
	const char *command = cv_command_path(&a, &ctx, o->command);
	const char *dir = cv_path_has_abs(&ctx, o->install_shims)
				  ? cv_path_abs(&a, &ctx, o->install_shims)
				  : o->install_shims;
	struct cvenv *session = NULL;
	size_t count;
	int rc = command && dir ? cvenv_open(&o->library, &session, error) : cv_fail_nomem(error);

	if (rc == 0)
		rc = cvenv_install_shims(
			session, o->install_shims, command, o->dry_run, &count, error);
	if (rc == 0 && o->json)
		json(session, dir, command);
	else if (rc == 0 && o->verbosity >= 0)
		text(session, o->dry_run);
	cvenv_close(session);
	if (rc == 0 && !o->dry_run && !o->json && o->verbosity >= 0 &&
		!is_first_on_path(&a, &ctx, dir)) {
		fputs("cvenv: put '", stderr);
		cv_print_safe(stderr, dir);
		fputs("' first on PATH to use the shims\n", stderr);
	}
	return rc < 0 ? rc : cv_print_flush(o->dry_run ? NULL : "the shims were written", error);
}
