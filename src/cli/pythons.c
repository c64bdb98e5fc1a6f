/* SPDX-License-Identifier: MIT */
#include "cli/pythons.h"

#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/print.h"

static void json_python(const struct cvenv_python *p)
{
	putc('{', stdout);
	cv_json_member(stdout, "path", p->path);
	cv_json_member(stdout, "version", p->version);
	cv_json_member(stdout, "implementation", p->implementation);
	cv_json_member(stdout, "origin", p->origin);
	cv_json_flag(stdout, "free_threaded", p->free_threaded);
	cv_json_flag(stdout, "debug", p->debug);
	cv_json_number(stdout, "bits", p->bits);
	fprintf(stdout, "\"is_default\": %s}", p->is_default ? "true" : "false");
}

static void json_pythons(struct cvenv *session)
{
	struct cvenv_python p = { .size = sizeof(p) };

	fputs("{\"pythons\": [", stdout);
	for (size_t i = 0; cvenv_python_entry(session, i, &p); i++) {
		fputs(i ? ", " : "", stdout);
		json_python(&p);
	}
	fputs("]}\n", stdout);
}

/* "3.13.0td" */
static void print_version(const struct cvenv_python *p, int width)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s%s%s%s", p->version, p->free_threaded ? "t" : "",
		p->debug ? "d" : "", p->bits == 32 ? "-32" : "");
	fprintf(stdout, "%-*s", width, text);
}

/* The directory says where it is from; what is not a directory is told. */
static bool is_told(const struct cvenv_python *p)
{
	size_t n = strlen(p->origin);

	return strncmp(p->path, p->origin, n) != 0;
}

static void print_pythons(struct cvenv *session)
{
	struct cvenv_python p = { .size = sizeof(p) };

	for (size_t i = 0; cvenv_python_entry(session, i, &p); i++) {
		fputs(p.is_default ? "* " : "  ", stdout);
		print_version(&p, 10);
		fprintf(stdout, "  %-8s  ", p.implementation);
		cv_print_safe(stdout, p.path);
		if (is_told(&p))
			fprintf(stdout, "  (%s)", p.origin);
		putc('\n', stdout);
	}
}

int cv_pythons_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cvenv *session;
	size_t count;
	int rc = cvenv_open(&o->library, &session, error);

	if (rc == 0)
		rc = cvenv_pythons(session, &count, error);
	if (rc == 0 && o->json)
		json_pythons(session);
	else if (rc == 0)
		print_pythons(session);
	cvenv_close(session);
	return rc < 0 ? rc : cv_print_flush(NULL, error);
}
