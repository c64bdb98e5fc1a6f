/* SPDX-License-Identifier: MIT */
#include "cli/prune.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/own.h"
#include "cli/json.h"
#include "cli/list.h"
#include "cli/print.h"
#include "os/command.h"

enum { DAY_S = 24 * 60 * 60, REASON_MAX = 100 };

struct pruning {
	const struct cv_options *o;
	struct cvenv *session, *again;
	int64_t now;
	bool dry_run, failed;
	size_t count;
	uint64_t bytes;
};

/* Why ENVIRONMENT is to be removed; NULL: it is not. */
static const char *choose(
	const struct pruning *p, const struct cvenv_environment *e, char text[REASON_MAX])
{
	int64_t days = p->o->prune_days, used = e->last_used;

	if (e->broken)
		return "it is broken";
	if (!days || used <= 0 || used > p->now || (p->now - used) / DAY_S < days)
		return NULL;
	(void)snprintf(text, REASON_MAX, "unused for %" PRId64 " days", (p->now - used) / DAY_S);
	return text;
}

/* Why ENVIRONMENT must be kept: commands on PATH are links into it. NULL: no reason. */
static const char *keep(const struct cvenv_environment *e)
{
	if (!e->manager)
		return NULL;
	if (strcmp(e->manager, "pipx") == 0)
		return "pipx manages it, see 'pipx uninstall'";
	if (strcmp(e->manager, "uv-tool") == 0)
		return "uv manages it, see 'uv tool uninstall'";
	return NULL;
}

static void tell(const struct pruning *p, const char *path, const char *action, const char *reason,
	uint64_t bytes)
{
	char size[CV_TEXT_MAX];
	bool kept = strcmp(action, "kept") == 0;

	if (p->o->json) {
		putc('{', stdout);
		cv_json_member(stdout, "path", path);
		cv_json_member(stdout, "action", action);
		cv_json_member(stdout, "reason", reason);
		fprintf(stdout, "\"bytes_freed\": %" PRIu64 "}\n", bytes);
		return;
	}
	if (p->o->verbosity < 0 || !(p->dry_run || cv_os_is_terminal(CV_OS_STDOUT)))
		return;
	cv_print_safe(stdout, path);
	fprintf(stdout, " (%s", action);
	if (!kept)
		fprintf(stdout, ", %s", cv_print_size(bytes, size));
	fputs("): ", stdout);
	cv_print_safe(stdout, reason);
	putc('\n', stdout);
}

/* A search takes its time: is ENVIRONMENT still the one that was found, and still to be removed? */
static bool is_still(struct pruning *p, const struct cvenv_environment *environment)
{
	const char *const roots[] = { environment->path, NULL };
	struct cvenv_environment now = { .size = sizeof(now) };
	struct cvenv_error ignored;
	char text[REASON_MAX];
	size_t count;

	return cvenv_list(p->again, roots, 0, &count, &ignored) == 0 &&
	       cvenv_list_entry(p->again, 0, &now) && strcmp(now.path, environment->path) == 0 &&
	       choose(p, &now, text);
}

/* Removes it, or says why not. An error is printed, and the next environment follows. */
static void prune_one(struct pruning *p, const struct cvenv_environment *e, const char *reason)
{
	struct cvenv_change change = { .size = sizeof(change) };
	struct cvenv_error error;
	const char *kept = keep(e);
	unsigned flags =
		CVENV_OWN | (p->dry_run ? CVENV_DRY_RUN : 0); /* the user named no directory */
	int rc;

	if (!kept && !p->dry_run && !is_still(p, e))
		kept = "another process changed it meanwhile";
	rc = kept ? 0 : cvenv_remove(p->session, e->path, flags, &change, &error);

	if (rc < 0 && error.code == CVENV_EREFUSED)
		kept = error.message;
	if (kept) {
		tell(p, e->path, "kept", kept, 0);
		return;
	}
	if (rc < 0) {
		if (p->o->json)
			cv_json_failure(stdout, e->path, &error);
		cv_print_error(error.message, error.hint);
		p->failed = true;
		return;
	}
	p->count++;
	p->bytes += change.bytes;
	tell(p, e->path, p->dry_run ? "to be removed" : "removed", reason, change.bytes);
}

/* "--prune 30" was meant as "--prune=30", if the directory 30 does not exist. */
static int hint_at_days(const struct cv_options *o, int rc, struct cvenv_error *error)
{
	const char *first = o->env_dir_count ? o->env_dirs[0] : "";

	if (error->code != ENOENT || !first[0] || first[strspn(first, "0123456789")])
		return rc;
	return cv_hint(error, rc, "days are given as --prune=%s", first);
}

static void print_end(const struct pruning *p)
{
	char number[CV_TEXT_MAX], size[CV_TEXT_MAX];
	const char *plural = p->count == 1 ? "" : "s";

	if (p->o->json || p->o->verbosity < 0)
		return;
	if (!p->dry_run)
		fprintf(stdout, "Removed %s environment%s: %s freed\n",
			cv_print_count(p->count, number), plural, cv_print_size(p->bytes, size));
	else if (cv_os_is_terminal(CV_OS_STDOUT) && p->count)
		fprintf(stdout, "%s environment%s, %s; run again with --yes to remove %s\n",
			cv_print_count(p->count, number), plural, cv_print_size(p->bytes, size),
			p->count == 1 ? "it" : "them");
	else if (cv_os_is_terminal(CV_OS_STDOUT))
		fputs("nothing to remove\n", stdout);
}

int cv_prune_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct pruning p = { .o = o, .now = (int64_t)time(NULL), .dry_run = o->dry_run || !o->yes };
	struct cvenv_environment e = { .size = sizeof(e) };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv_options quiet = o->library;
	const char *const *roots;
	char text[REASON_MAX];
	size_t count;
	int rc = cv_list_roots(&a, o, &roots, error);

	if (rc == 0)
		rc = cvenv_open(&o->library, &p.session, error);
	quiet.log = NULL;
	quiet.progress = NULL;
	if (rc == 0)
		rc = cvenv_open(&quiet, &p.again, error);
	if (rc == 0)
		rc = cvenv_list(p.session, roots, 0, &count, error);
	if (rc < 0)
		rc = hint_at_days(o, rc, error);
	if (rc < 0 && o->json)
		cv_list_failure(error);
	for (size_t i = 0; rc == 0 && cvenv_list_entry(p.session, i, &e); i++) {
		const char *reason = choose(&p, &e, text);

		if (o->library.stop && *o->library.stop)
			break;
		if (reason)
			prune_one(&p, &e, reason);
		else if (o->prune_days && e.last_used <= 0)
			tell(&p, e.path, "kept", "its last use is unknown", 0);
	}
	if (rc == 0)
		print_end(&p);
	cvenv_close(p.again);
	cvenv_close(p.session);
	if (rc == 0)
		rc = cv_print_flush(p.dry_run ? NULL : "environments were removed", error);
	return rc < 0 ? rc : p.failed ? CV_RUN_FINDINGS : 0;
}
