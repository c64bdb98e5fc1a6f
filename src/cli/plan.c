/* SPDX-License-Identifier: MIT */
#include "cli/plan.h"

#include "cli/json.h"
#include "cli/print.h"

enum { NAMED_MAX = 5 }; /* files in a warning */

static const char *const kind_names[] = {
	[CVENV_ENTRY_DIR] = "dir",
	[CVENV_ENTRY_LINK] = "link",
	[CVENV_ENTRY_FILE] = "file",
	[CVENV_ENTRY_COPY] = "copy",
	[CVENV_ENTRY_TREE] = "tree",
	[CVENV_ENTRY_REMOVE] = "remove",
	[CVENV_ENTRY_RENAME] = "rename",
};

void cv_plan_json(FILE *to, const struct cvenv *session, bool clears)
{
	struct cvenv_entry e = { .size = sizeof(e) };

	fputs("\"plan\": [", to);
	if (clears)
		fputs("{\"kind\": \"clear\", \"path\": \".\"}", to);
	for (size_t i = 0; cvenv_plan_entry(session, i, &e); i++) {
		fputs(i || clears ? ", {" : "{", to);
		cv_json_member(to, "kind", kind_names[e.kind]);
		cv_json_if_known(to, "source", e.source);
		if (e.kind == CVENV_ENTRY_TREE)
			fprintf(to, "\"files\": %zu, ", e.files);
		if (e.kind == CVENV_ENTRY_FILE)
			fprintf(to, "\"bytes\": %zu, ", e.bytes);
		fputs("\"path\": ", to);
		cv_json_string(to, cv_str(e.path));
		fputs("}", to);
	}
	putc(']', to);
}

void cv_plan_json_end(
	FILE *to, const struct cvenv *session, double duration_ms, bool dry_run, bool clears)
{
	fprintf(to, "\"duration_ms\": %.3f", duration_ms);
	if (dry_run) {
		fputs(", ", to);
		cv_plan_json(to, session, clears);
	}
	fputs("}\n", to);
}

static void print_entry(FILE *to, const struct cvenv_entry *e)
{
	fprintf(to, "  %-6s  ", kind_names[e->kind]);
	cv_print_safe(to, e->path);
	if (e->source && e->kind != CVENV_ENTRY_TREE) {
		fputs(e->kind == CVENV_ENTRY_LINK ? " -> " : " from ", to);
		cv_print_safe(to, e->source);
	}
	if (e->kind == CVENV_ENTRY_TREE) {
		fprintf(to, "  (%zu file%s: ", e->files, e->files == 1 ? "" : "s");
		cv_print_safe(to, e->source);
		putc(')', to);
	}
	if (e->kind == CVENV_ENTRY_FILE)
		fprintf(to, "  (%zu bytes)", e->bytes);
	putc('\n', to);
}

void cv_plan_print(FILE *to, const struct cvenv *session)
{
	struct cvenv_entry e = { .size = sizeof(e) };

	for (size_t i = 0; cvenv_plan_entry(session, i, &e); i++)
		print_entry(to, &e);
}

void cv_warn_of_left(const struct cvenv_change *change)
{
	size_t count = 0;

	while (change->left && change->left[count])
		count++;
	if (!count)
		return;
	fputs("cvenv: warning: still contain an old path: ", stderr);
	for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
		fputs(i ? ", '" : "'", stderr);
		cv_print_safe(stderr, change->left[i]);
		fputs("'", stderr);
	}
	if (count > NAMED_MAX)
		fprintf(stderr, " and %zu more", count - NAMED_MAX);
	fputs("\n", stderr);
}
