/* SPDX-License-Identifier: MIT */
#include "cli/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/ctx.h"
#include "base/err.h"
#include "base/own.h"
#include "base/path.h"
#include "cli/environment.h"
#include "cli/json.h"
#include "cli/print.h"
#include "os/command.h"

enum { PATH_WIDTH_MAX = 60, PYTHON_MAX = 64 };

struct table {
	const char *home; /* printed as "~"; NULL: unknown */
	int path, python; /* widths */
	bool quick;
	int64_t now;
};

static void json(struct cvenv *session, bool quick)
{
	struct cvenv_environment e = { .size = sizeof(e) };

	for (size_t i = 0; cvenv_list_entry(session, i, &e); i++) {
		putc('{', stdout);
		cv_json_environment(stdout, &e);
		if (!quick)
			fprintf(stdout,
				", \"last_used\": %" PRId64 ", \"files\": %zu, \"bytes\": %" PRIu64
				", \"frees\": %" PRIu64,
				e.last_used, e.files, e.bytes, e.frees);
		fputs("}\n", stdout);
	}
}

/* --- a table ------------------------------------------------------------------ */

/* The columns that cv_print_safe() takes, as far as each character takes one. */
static int width_of(const char *text)
{
	size_t left = strlen(text);
	int width = 0;

	while (left) {
		size_t n = cv_printable(text, left);

		width += n ? 1 : 4;
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	return width;
}

/* The part of PATH below the home directory, with the separator; NULL if it is elsewhere. */
static const char *in_home(const struct table *t, const char *path)
{
	size_t n = t->home ? strlen(t->home) : 0;

	return n > 1 && cv_path_within(path, t->home) && path[n] ? path + n : NULL;
}

static int path_width(const struct table *t, const char *path)
{
	const char *below = in_home(t, path);

	return below ? 1 + width_of(below) : width_of(path);
}

static void print_path(const struct table *t, const char *path)
{
	const char *below = in_home(t, path);
	int pad = t->path - path_width(t, path);

	if (below)
		putc('~', stdout);
	cv_print_safe(stdout, below ? below : path);
	fprintf(stdout, "%*s", pad > 0 ? pad : 0, "");
}

/* "3.12.1", "pypy 3.10" or "broken" */
static const char *python_text(const struct cvenv_environment *e, char text[PYTHON_MAX])
{
	bool plain = !e->implementation || strcmp(e->implementation, "cpython") == 0;

	if (e->broken)
		return "broken";
	(void)snprintf(text, PYTHON_MAX, "%s%s%s", plain ? "" : e->implementation, plain ? "" : " ",
		e->version ? e->version : "unknown");
	return text;
}

static void print_row(const struct table *t, const struct cvenv_environment *e)
{
	char python[PYTHON_MAX], used[CV_TEXT_MAX], size[CV_TEXT_MAX], frees[CV_TEXT_MAX];
	const char *text = python_text(e, python);
	int pad = t->python - width_of(text);

	print_path(t, e->path);
	fputs("  ", stdout);
	cv_print_safe(stdout, text);
	fprintf(stdout, "%*s  %-10s  %8zu", pad > 0 ? pad : 0, "", cv_maker_text(e->maker),
		e->package_count);
	if (!t->quick)
		fprintf(stdout, "  %-13s  %9s  %9s",
			e->last_used ? cv_print_age(t->now, e->last_used, used) : "unknown",
			cv_print_size(e->bytes, size), cv_print_size(e->frees, frees));
	putc('\n', stdout);
}

static void print_total(struct cvenv *session, size_t count, bool quick)
{
	struct cvenv_environment total = { .size = sizeof(total) };
	char number[CV_TEXT_MAX], size[CV_TEXT_MAX], frees[CV_TEXT_MAX];

	if (!count) {
		fputs("no environments\n", stdout);
		return;
	}
	cvenv_list_total(session, &total);
	fprintf(stdout, "%s environment%s", cv_print_count(count, number), count == 1 ? "" : "s");
	if (!quick)
		fprintf(stdout, ", %s; removing %s frees %s", cv_print_size(total.bytes, size),
			count == 1 ? "it" : "all of them", cv_print_size(total.frees, frees));
	putc('\n', stdout);
}

static void table(struct cvenv *session, const struct cv_options *o, size_t count)
{
	const struct cv_ctx ctx = { .envp = o->library.envp };
	struct table t = { .home = cv_path_home(&ctx),
		.path = (int)strlen("PATH"),
		.python = (int)strlen("PYTHON"),
		.quick = o->list == CV_DEPTH_QUICK,
		.now = (int64_t)time(NULL) };
	struct cvenv_environment e = { .size = sizeof(e) };
	char python[PYTHON_MAX];

	for (size_t i = 0; cvenv_list_entry(session, i, &e); i++) {
		int path = path_width(&t, e.path), width = width_of(python_text(&e, python));

		t.path = path > t.path ? path : t.path;
		t.python = width > t.python ? width : t.python;
	}
	t.path = t.path < PATH_WIDTH_MAX ? t.path : PATH_WIDTH_MAX;
	if (count)
		fprintf(stdout, "%-*s  %-*s  %-10s  PACKAGES%s\n", t.path, "PATH", t.python,
			"PYTHON", "MAKER", t.quick ? "" : "  USED                SIZE      FREES");
	for (size_t i = 0; cvenv_list_entry(session, i, &e); i++)
		print_row(&t, &e);
	print_total(session, count, t.quick);
}

/* A line for each. A name with a line end is escaped, so it cannot become two names. */
static void paths(struct cvenv *session)
{
	struct cvenv_environment e = { .size = sizeof(e) };

	for (size_t i = 0; cvenv_list_entry(session, i, &e); i++) {
		cv_print_safe(stdout, e.path);
		putc('\n', stdout);
	}
}

int cv_list_roots(struct cv_arena *a, const struct cv_options *o, const char *const **ret,
	struct cvenv_error *error)
{
	const char **roots = cv_new(a, const char *, o->env_dir_count + 1);

	if (!roots)
		return cv_fail_nomem(error);
	for (size_t i = 0; i < o->env_dir_count; i++)
		roots[i] = o->env_dirs[i];
	*ret = o->env_dir_count ? roots : NULL;
	return 0;
}

void cv_list_failure(const struct cvenv_error *error)
{
	struct cvenv_error ignored;

	cv_json_failure(stdout, NULL, error);
	(void)cv_print_flush(NULL, &ignored);
}

int cv_list_run(const struct cv_options *o, struct cvenv_error *error)
{
	bool quick = o->list == CV_DEPTH_QUICK;
	/* Sizes are only printed in these two forms. */
	bool sizes = !quick && (o->json || cv_os_is_terminal(CV_OS_STDOUT));
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv *session = NULL;
	const char *const *roots = NULL;
	size_t count;
	int rc = cv_list_roots(&a, o, &roots, error);

	if (rc == 0)
		rc = cvenv_open(&o->library, &session, error);
	if (rc == 0)
		rc = cvenv_list(session, roots, sizes ? 0 : CVENV_QUICK, &count, error);
	if (rc < 0 && o->json)
		cv_list_failure(error);
	if (rc == 0 && o->json)
		json(session, quick);
	else if (rc == 0 && cv_os_is_terminal(CV_OS_STDOUT))
		table(session, o, count);
	else if (rc == 0)
		paths(session);
	cvenv_close(session);
	return rc < 0 ? rc : cv_print_flush(NULL, error);
}
