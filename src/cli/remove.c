/* SPDX-License-Identifier: MIT */
#include "cli/remove.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/own.h"
#include "cli/json.h"
#include "cli/name.h"
#include "cli/print.h"
#include "os/command.h"

static void json(const struct cv_options *o, const struct cvenv_change *change)
{
	putc('{', stdout);
	cv_json_member(stdout, "path", change->path);
	cv_json_member(stdout, "action", o->dry_run ? "to be removed" : "removed");
	fprintf(stdout, "\"bytes_freed\": %" PRIu64 "}\n", change->bytes);
}

static void print(
	const struct cv_options *o, const char *env_dir, const struct cvenv_change *change)
{
	char size[CV_TEXT_MAX];

	if (o->dry_run) {
		cv_print_safe(stdout, change->path);
		fprintf(stdout, " (to be removed, %s)\n", cv_print_size(change->bytes, size));
	} else if (o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT)) {
		fputs("Removed '", stdout);
		cv_print_safe(stdout, env_dir);
		fprintf(stdout, "': %s freed\n", cv_print_size(change->bytes, size));
	}
}

static int remove_one(struct cvenv *session, const struct cv_options *o, const char *env_dir,
	struct cvenv_error *error)
{
	struct cvenv_change change = { .size = sizeof(change) };
	char done[sizeof(error->message) / 2];
	int rc = cvenv_remove(session, env_dir, o->dry_run ? CVENV_DRY_RUN : 0, &change, error);

	if (rc < 0 && o->json)
		cv_json_failure(stdout, env_dir, error);
	if (rc < 0)
		return rc;
	if (o->json)
		json(o, &change);
	else
		print(o, env_dir, &change);
	(void)snprintf(done, sizeof(done), "environment '%s' was removed", change.path);
	return cv_print_flush(o->dry_run ? NULL : done, error);
}

int cv_remove_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *const *dirs;
	struct cvenv *session = NULL;
	size_t count;
	int rc = cv_env_dirs(&a, o, &dirs, &count, error);

	if (rc == 0)
		rc = cvenv_open(&o->library, &session, error);
	/* Check all of them before the first one is removed. */
	for (size_t i = 0; i < count && count > 1 && rc == 0; i++) {
		rc = cvenv_remove(session, dirs[i], CVENV_DRY_RUN, NULL, error);
		if (rc < 0 && o->json)
			cv_json_failure(stdout, dirs[i], error);
	}
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = remove_one(session, o, dirs[i], error);
	cvenv_close(session);
	return rc;
}
