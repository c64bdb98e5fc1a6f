/* SPDX-License-Identifier: MIT */
#include "cli/repair.h"

#include <stdio.h>

#include "cli/check.h"
#include "cli/environment.h"
#include "cli/environments.h"
#include "cli/json.h"
#include "cli/plan.h"
#include "cli/print.h"
#include "os/command.h"

/* What the run did; for a dry run what it would do. */
static const char *action_text(const struct cvenv_change *c)
{
	if (c->recreated)
		return "recreated";
	return c->files ? "repaired" : "unchanged";
}

/* The beginning of an object: the environment and its findings, before the repair. */
static int begin_json(struct cvenv *session, const char *env_dir, struct cvenv_error *error)
{
	struct cvenv_environment e = { .size = sizeof(e) };
	int rc = cvenv_examine(session, env_dir, 0, &e, error);

	if (rc < 0)
		return rc;
	putc('{', stdout);
	cv_json_environment(stdout, &e);
	fputs(", ", stdout);
	cv_json_findings(stdout, "findings", session);
	fputs(", ", stdout);
	return 0;
}

static void end_json(struct cvenv *session, const struct cvenv_change *c, int rc,
	const struct cvenv_error *error)
{
	if (c->requirements)
		cv_json_list(stdout, "requirements", c->requirements);
	if (rc < 0) {
		cv_json_error(stdout, error);
	} else {
		cv_json_findings(stdout, "remaining", session);
		fputs(", ", stdout);
		cv_plan_json(stdout, session, false);
		fputs(", ", stdout);
		cv_json_list(stdout, "left", c->left);
		fputs("\"action\": ", stdout);
		cv_json_string(stdout, cv_str(action_text(c)));
	}
	fputs("}\n", stdout);
}

static void print_plan(struct cvenv *session, const struct cvenv_change *c)
{
	cv_print_safe(stdout, c->path);
	printf(" (%s%s):\n", c->recreated || c->files ? "to be " : "", action_text(c));
	cv_plan_print(stdout, session);
	if (c->recreated)
		for (size_t i = 0; c->requirements && c->requirements[i]; i++) {
			fputs(i ? ", " : "  run     pip install ", stdout);
			cv_print_safe(stdout, c->requirements[i]);
		}
	if (c->recreated)
		putc('\n', stdout);
	else if (c->files == 0)
		fputs("  nothing to change\n", stdout);
}

static void print_done(const char *env_dir, const struct cvenv_change *c)
{
	char text[CV_TEXT_MAX];
	size_t repaired = c->findings > c->remaining ? c->findings - c->remaining : 0;

	printf("%s '", c->recreated ? "Recreated" : c->files ? "Repaired" : "Kept");
	cv_print_safe(stdout, env_dir);
	if (c->files || c->recreated)
		printf("': %s finding%s\n", cv_print_count(repaired, text),
			repaired == 1 ? "" : "s");
	else
		fputs("': nothing to repair\n", stdout);
}

/* What this run could not repair, as --check prints it. */
static void print_remaining(struct cvenv *session, const char *env_dir, const struct cv_options *o)
{
	struct cvenv_finding f = { .size = sizeof(f) };

	for (size_t i = 0; cvenv_finding_entry(session, i, &f); i++)
		if (f.severity != CVENV_NOTE || o->verbosity > 0)
			cv_print_finding(env_dir, &f);
}

/* For "cvenv --repair .venv >requirements.txt". */
static void print_requirements(const struct cvenv_change *c)
{
	for (size_t i = 0; c->requirements && c->requirements[i]; i++) {
		cv_print_safe(stdout, c->requirements[i]);
		putc('\n', stdout);
	}
}

/* 0, CV_RUN_FINDINGS, or -1. */
static int repair_one(struct cvenv *session, const char *env_dir, const struct cv_options *o,
	struct cvenv_error *error)
{
	struct cvenv_change c = { .size = sizeof(c) };
	int rc = o->json ? begin_json(session, env_dir, error) : 0;

	if (rc < 0) {
		cv_json_failure(stdout, env_dir, error);
		return rc;
	}
	rc = cvenv_repair(session, env_dir, o->dry_run ? CVENV_DRY_RUN : 0, &c, error);
	if (o->json)
		end_json(session, &c, rc, error);
	if (rc < 0) {
		if (!o->json && error->code == CVENV_ENOPYTHON)
			print_requirements(&c);
		return rc;
	}
	if (!o->json && o->dry_run)
		print_plan(session, &c);
	else if (!o->json && o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT))
		print_done(env_dir, &c);
	if (o->verbosity >= 0)
		cv_warn_of_left(&c);
	if (!o->json && !o->dry_run && o->verbosity >= 0)
		print_remaining(session, env_dir, o);
	return c.remaining ? CV_RUN_FINDINGS : 0;
}

int cv_repair_run(const struct cv_options *o, struct cvenv_error *error)
{
	return cv_each_environment(o, repair_one, error);
}
