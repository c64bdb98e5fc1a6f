/* SPDX-License-Identifier: MIT */
#include "cli/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/environment.h"
#include "cli/environments.h"
#include "cli/json.h"
#include "cli/print.h"
#include "os/command.h"

static const char *severity_text(enum cvenv_severity severity)
{
	static const char *const texts[] = {
		[CVENV_NOTE] = "note",
		[CVENV_DEFECT] = "defect",
		[CVENV_BROKEN] = "broken",
	};

	return texts[severity];
}

static void json_finding(FILE *to, const struct cvenv_finding *f)
{
	putc('{', to);
	cv_json_member(to, "kind", f->kind);
	cv_json_member(to, "severity", severity_text(f->severity));
	cv_json_if_known(to, "file", f->file);
	cv_json_member(to, "detail", f->detail);
	fputs("\"cure\": ", to);
	cv_json_string(to, cv_str(f->cure));
	putc('}', to);
}

void cv_json_findings(FILE *to, const char *name, struct cvenv *session)
{
	struct cvenv_finding f = { .size = sizeof(f) };

	fprintf(to, "\"%s\": [", name);
	for (size_t i = 0; cvenv_finding_entry(session, i, &f); i++) {
		fputs(i ? ", " : "", to);
		json_finding(to, &f);
	}
	putc(']', to);
}

static void json_distribution(FILE *to, const struct cvenv_distribution *d)
{
	putc('{', to);
	cv_json_member(to, "name", d->name);
	cv_json_member(to, "version", d->version);
	cv_json_if_known(to, "installer", d->installer);
	cv_json_if_known(to, "editable", d->editable);
	fprintf(to, "\"requested\": %s", d->requested ? "true" : "false");
	if (d->direct_url) {
		fputs(", \"direct_url\": ", to);
		cv_json_value(to, d->direct_url);
	}
	putc('}', to);
}

static void print_json(struct cvenv *session, const struct cvenv_environment *e)
{
	struct cvenv_distribution d = { .size = sizeof(d) };

	putc('{', stdout);
	cv_json_environment(stdout, e);
	fputs(", ", stdout);
	cv_json_findings(stdout, "findings", session);
	fputs(", \"packages\": [", stdout);
	for (size_t i = 0; cvenv_distribution_entry(session, i, &d); i++) {
		fputs(i ? ", " : "", stdout);
		json_distribution(stdout, &d);
	}
	fputs("]}\n", stdout);
}

/* As a word of sh, if it is printable. */
static void print_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%_+=:,./-";

	if (text[0] && strspn(text, plain) == strlen(text)) {
		cv_print_safe(stdout, text);
		return;
	}
	putc('\'', stdout);
	for (size_t n; *text; text += n) {
		char part[8] = { 0 };

		n = cv_printable(text, strlen(text));
		n = n ? n : 1;
		memcpy(part, text, n);
		if (part[0] == '\'')
			fputs("'\\''", stdout);
		else
			cv_print_safe(stdout, part);
	}
	putc('\'', stdout);
}

void cv_print_finding(const char *env_dir, const struct cvenv_finding *f)
{
	cv_print_safe(stdout, env_dir);
	fputs(": ", stdout);
	cv_print_safe(stdout, f->detail);
	if (strcmp(f->cure, "repair") == 0) {
		fputs(" (cvenv --repair ", stdout);
		print_word(env_dir);
		putc(')', stdout);
	} else if (strcmp(f->cure, "none") != 0) {
		fputs(" (", stdout);
		cv_print_safe(stdout, f->cure);
		putc(')', stdout);
	}
	putc('\n', stdout);
}

/* Returns whether anything is worse than a note. */
static bool print_findings(struct cvenv *session, const char *env_dir, const struct cv_options *o)
{
	struct cvenv_finding f = { .size = sizeof(f) };
	bool bad = false, printed = false;

	for (size_t i = 0; cvenv_finding_entry(session, i, &f); i++) {
		bad |= f.severity != CVENV_NOTE;
		if (o->json || o->verbosity < 0 || (f.severity == CVENV_NOTE && o->verbosity < 1))
			continue;
		cv_print_finding(env_dir, &f);
		printed = true;
	}
	if (!printed && !o->json && o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT)) {
		cv_print_safe(stdout, env_dir);
		fputs(": no findings\n", stdout);
	}
	return bad;
}

/* 0, CV_RUN_FINDINGS, or -1. */
static int check_one(struct cvenv *session, const char *env_dir, const struct cv_options *o,
	struct cvenv_error *error)
{
	struct cvenv_environment e = { .size = sizeof(e) };
	unsigned flags = o->check == CV_DEPTH_FULL ? CVENV_FULL : 0;
	int rc = cvenv_examine(session, env_dir, flags, &e, error);

	if (rc < 0 && o->json && error->code != EINTR)
		cv_json_failure(stdout, env_dir, error);
	if (rc < 0)
		return rc;
	if (o->json)
		print_json(session, &e);
	return print_findings(session, env_dir, o) ? CV_RUN_FINDINGS : 0;
}

int cv_check_run(const struct cv_options *o, struct cvenv_error *error)
{
	return cv_each_environment(o, check_one, error);
}
