/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/toml_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cvenv_error err;

/* The getters agree with the type, and their errors name the line. */
static void check_getters(const struct cv_toml *v)
{
	const char *text = NULL;
	int64_t number;
	char start[32];
	bool flag;
	int rc = cv_toml_want_string(v, &text, &err);

	if ((rc == 0) != (v->type == CV_TOML_STRING && !memchr(v->text.p, '\0', v->text.n)) ||
		(rc == 0 && strlen(text) != v->text.n))
		abort();
	(void)snprintf(start, sizeof(start), "'file', line %u: ", v->line);
	if (rc < 0 && (strncmp(err.message, start, strlen(start)) != 0 ||
			      !cv_utf8_plain(cv_str(err.message))))
		abort();
	if ((cv_toml_want_bool(v, &flag, NULL) == 0) != (v->type == CV_TOML_BOOLEAN) ||
		(cv_toml_want_integer(v, INT64_MIN, INT64_MAX, &number, NULL) == 0) !=
			(v->type == CV_TOML_INTEGER))
		abort();
}

static void check_value(const struct cv_toml *v, unsigned lines)
{
	bool text = v->type == CV_TOML_STRING ||
		    (v->type >= CV_TOML_DATETIME && v->type <= CV_TOML_LOCAL_TIME);

	if (v->line < 1 || v->line > lines || (v->type < CV_TOML_ARRAY && v->child))
		abort();
	if (text && (!cv_utf8_ok(v->text) || v->text.p[v->text.n] != '\0'))
		abort();
	for (const struct cv_toml *c = v->child; c; c = c->next)
		if (c->parent != v || c->depth != v->depth + 1 || c->depth > CV_TOML_DEPTH_MAX ||
			(v->type == CV_TOML_TABLE ? cv_toml_find(v, c->key) != c : c->key.n != 0))
			abort();
	if (v->parent)
		check_getters(v);
}

static void check_tree(const struct cv_toml *root, unsigned lines)
{
	size_t count = 0;

	for (const struct cv_toml *v = root; v; count++) {
		check_value(v, lines);
		if (v->child) {
			v = v->child;
			continue;
		}
		while (v && !v->next)
			v = v->parent;
		v = v ? v->next : NULL;
	}
	if (count > (size_t)CV_TOML_VALUES_MAX + 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_str text = { (const char *)data, size };
	struct cv_toml *root = NULL;
	unsigned lines = 1, line;
	int rc = cv_toml_parse(&arena, "file", text, &root, &err);

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (rc == 0)
		check_tree(root, lines);
	else if (rc != err.code * -1 || (rc != -EINVAL && rc != -CVENV_ELIMIT) ||
		 !cv_utf8_plain(cv_str(err.message)))
		abort();
	else if (size <= CV_TOML_SIZE_MAX &&
		 (sscanf(err.message, "'file', line %u: ", &line) != 1 || line < 1 || line > lines))
		abort();
	return 0;
}
