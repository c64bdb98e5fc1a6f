/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "base/path.h"
#include "cli/completions/completions.h"
#include "cli/name.h"
#include "cli/option_table.h"
#include "cli/print.h"
#include "interpreter/candidates.h"
#include "interpreter/project.h"
#include "os/os.h"

enum { NAMES_MAX = 10000 }; /* entries that are read of the directory of environments */

/* VALUE, a tab and DESCRIPTION, which may contain anything. */
static void add_line(struct cv_buf *to, const char *value, const char *description)
{
	size_t left = strlen(description);

	cv_buf_addf(to, "%s\t", value);
	while (left) {
		size_t n = cv_printable(description, left);

		cv_buf_add(to, n ? description : "?", n ? n : 1);
		description += n ? n : 1;
		left -= n ? n : 1;
	}
	cv_buf_char(to, '\n');
}

static int compare(const void *a, const void *b)
{
	const struct cv_candidate *x = a, *y = b;
	bool cpython_x = !x->implementation || strcmp(x->implementation, "cpython") == 0;
	bool cpython_y = !y->implementation || strcmp(y->implementation, "cpython") == 0;
	int order = (int)cpython_y - (int)cpython_x;

	if (order == 0 && !cpython_x)
		order = strcmp(x->implementation, y->implementation);
	if (order == 0)
		order = y->said.major - x->said.major;
	if (order == 0)
		order = y->said.minor - x->said.minor;
	if (order == 0)
		order = (int)x->said.free_threaded - (int)y->said.free_threaded;
	if (order == 0)
		order = (int)x->debug - (int)y->debug;
	if (order == 0)
		order = (x->said.bits == 32) - (y->said.bits == 32);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* The request for its minor version: "3.12", "pypy3.10", "3.13t". */
static void request_of(const struct cv_candidate *c, struct cv_buf *ret)
{
	bool is_cpython = !c->implementation || strcmp(c->implementation, "cpython") == 0;

	ret->n = 0;
	cv_buf_addf(ret, "%s%d.%d%s%s%s", is_cpython ? "" : c->implementation, c->said.major,
		c->said.minor, c->said.free_threaded ? "t" : "", c->debug ? "d" : "",
		c->said.bits == 32 ? "-32" : "");
}

static size_t read_candidates(
	const struct cv_ctx *ctx, struct cv_arena *a, struct cv_candidate ret[CV_CANDIDATES_MAX])
{
	const struct cv_candidate *list;
	struct cv_candidates *places;
	size_t count, total = 0;
	int rc = cv_candidates(ctx, a, &places);

	while (rc >= 0 && (rc = cv_candidates_next(places, &list, &count)) > 0)
		for (size_t i = 0; i < count && total < CV_CANDIDATES_MAX; i++)
			ret[total++] = list[i];
	return total;
}

/* The request "project", if it means something here. */
static void add_project(struct cv_buf *to, const struct cv_ctx *ctx, struct cv_arena *a)
{
	struct cv_requires requires = { 0 };
	static struct cvenv_error ignored; /* static, because it is large */

	if (cv_requires_read(ctx, a, &requires, &ignored) == 0 && requires.specifiers)
		add_line(to, "project", requires.specifiers);
}

static void list_pythons(struct cv_buf *to, const char *const *envp, const char *cwd)
{
	const struct cv_ctx ctx = { .envp = envp, .cwd = cwd };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_candidate *list = cv_new(&a, struct cv_candidate, CV_CANDIDATES_MAX);
	struct cv_buf request OWN_BUF = { 0 }, last OWN_BUF = { 0 };
	size_t count = list ? read_candidates(&ctx, &a, list) : 0;

	if (count)
		qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++) {
		if (list[i].said.major == CV_VERSION_ANY || list[i].said.minor == CV_VERSION_ANY)
			continue;
		request_of(&list[i], &request);
		if (request.bad || last.bad ||
			cv_str_eq(cv_buf_slice(&request), cv_buf_slice(&last)))
			continue;
		add_line(to, request.p, list[i].path);
		last.n = 0;
		cv_buf_cstr(&last, request.p);
	}
	add_project(to, &ctx, &a);
}

/* Is it the name of an environment, and does it fit into a line? */
static bool is_environment(struct cv_os_dir dir, const char *name, struct cv_buf *path)
{
	struct cv_os_stat st;
	static struct cvenv_error ignored;

	path->n = 0;
	cv_buf_addf(path, "%s/pyvenv.cfg", name);
	return cv_utf8_ok(cv_str(name)) && cv_utf8_plain(cv_str(name)) &&
	       cv_name_check(name, &ignored) == 0 && !path->bad &&
	       cv_os_stat(dir, path->p, CV_OS_FOLLOW, &st) == 0 && st.type == CV_OS_FILE;
}

static void list_names(struct cv_buf *to, const char *const *envp)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf path OWN_BUF = { 0 };
	OWN_OS_LIST struct cv_os_list list = { 0 };
	static struct cvenv_error ignored;
	const char *dir;

	if (cv_name_dir(&a, envp, ".", &dir, &ignored) < 0 ||
		cv_os_list_open(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &list) < 0)
		return;
	for (size_t i = 0; i < NAMES_MAX && cv_os_list_next(&list) > 0; i++)
		if (is_environment(list.dir, list.name, &path))
			cv_buf_addf(to, "%s\n", list.name);
}

int cv_completions_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_buf text OWN_BUF = { 0 };

	if (o->completions == CV_COMPLETIONS_PYTHONS)
		list_pythons(&text, o->library.envp, o->library.cwd);
	else if (o->completions == CV_COMPLETIONS_NAMES)
		list_names(&text, o->library.envp);
	else
		cv_completions_script(&text, o->completions, cv_option_table, cv_option_count);
	if (text.bad)
		return cv_fail_nomem(error);
	if (text.n)
		(void)fwrite(text.p, 1, text.n, stdout);
	return cv_print_flush(NULL, error);
}
