/* SPDX-License-Identifier: MIT */
#include "cli/print.h"

#include <string.h>

#include "base/own.h"
#include "cli/shell.h"
#include "env/activate.h"

/* How many bytes at S are one printable UTF-8 character; 0: none. */
static size_t printable(const char *s, size_t room)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	if (c < 0x20 || c == 0x7f || n > room || !cv_utf8_ok((struct cv_str){ s, n }))
		return 0;
	if (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0)
		return 0; /* C1 controls */
	return n;
}

void cv_print_safe(FILE *to, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t n = printable(text, left);

		if (n)
			(void)fwrite(text, 1, n, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)text[0]);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
}

void cv_print_error(const struct cv_err *err)
{
	fputs("cvenv: error: ", stderr);
	cv_print_safe(stderr, err->msg);
	if (err->cure[0]) {
		fputs(" (", stderr);
		cv_print_safe(stderr, err->cure);
		fputs(")", stderr);
	}
	fputs("\n", stderr);
}

/* RFC 8259. What is not UTF-8 (it cannot come here but by a Python's odd name) becomes U+FFFD. */
static void json_string(FILE *to, struct cv_str s)
{
	putc('"', to);
	while (s.n) {
		unsigned char c = (unsigned char)s.p[0];
		size_t n = printable(s.p, s.n);

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (n)
			(void)fwrite(s.p, 1, n, to);
		else if (c < 0x80)
			fprintf(to, "\\u%04x", c);
		else if (s.n > 1 && cv_utf8_ok((struct cv_str){ s.p, 2 }))
			fprintf(to, "\\u%04x", (c & 0x1fU) << 6 | ((unsigned char)s.p[1] & 0x3fU)),
				n = 2;
		else
			fputs("\\ufffd", to);
		s.p += n ? n : 1;
		s.n -= n ? n : 1;
	}
	putc('"', to);
}

static void json_member(FILE *to, const char *name, const char *value)
{
	fprintf(to, "\"%s\": ", name);
	json_string(to, cv_str(value));
	fputs(", ", to);
}

static const char *mode_name(enum cv_link_mode mode)
{
	switch (mode) {
	case CV_LINK_AUTO:
		return "hybrid";
	case CV_LINK_REFLINK:
		return "reflink";
	case CV_LINK_HARDLINK:
		return "hardlink";
	case CV_LINK_COPY:
		break;
	}
	return "copy";
}

static const char *const kind_names[] = {
	[CV_ENTRY_DIR] = "dir",
	[CV_ENTRY_LINK] = "link",
	[CV_ENTRY_FILE] = "file",
	[CV_ENTRY_COPY] = "copy",
	[CV_ENTRY_TREE] = "tree",
	[CV_ENTRY_REMOVE] = "remove",
};

static void json_plan(FILE *to, const struct cv_plan *plan)
{
	fputs(", \"plan\": [", to);
	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];

		fputs(i ? ", {" : "{", to);
		json_member(to, "kind", kind_names[e->kind]);
		if (e->kind == CV_ENTRY_LINK || e->kind == CV_ENTRY_COPY)
			json_member(to, "source", e->source);
		if (e->kind == CV_ENTRY_TREE)
			fprintf(to, "\"files\": %zu, ", e->image->count);
		if (e->kind == CV_ENTRY_FILE)
			fprintf(to, "\"size\": %zu, ", e->data.n);
		fputs("\"path\": ", to);
		json_string(to, cv_str(e->path));
		fputs("}", to);
	}
	fputs("]", to);
}

void cv_print_json(FILE *to, const struct cv_result *r, double duration_ms, bool dry_run)
{
	putc('{', to);
	json_member(to, "path", r->path);
	json_member(to, "python", r->python);
	json_member(to, "version", r->version);
	json_member(to, "implementation", r->implementation);
	json_member(to, "home", r->home);
	json_member(to, "bin", r->bin);
	json_member(to, "site-packages", r->site_packages);
	json_member(to, "prompt", r->prompt);
	fputs("\"packages\": [", to);
	for (size_t i = 0; i < r->package_count; i++) {
		fputs(i ? ", {\"name\": " : "{\"name\": ", to);
		json_string(to, r->packages[i].name);
		fputs(", \"version\": ", to);
		json_string(to, r->packages[i].version);
		putc('}', to);
	}
	fputs("], ", to);
	json_member(to, "link-mode", mode_name(r->link_mode));
	fprintf(to, "\"duration-ms\": %.3f", duration_ms);
	if (dry_run)
		json_plan(to, r->plan);
	fputs("}\n", to);
}

void cv_print_plan(FILE *to, const struct cv_result *r)
{
	cv_print_safe(to, r->path);
	fputs(":\n", to);
	for (size_t i = 0; i < r->plan->count; i++) {
		const struct cv_entry *e = &r->plan->entries[i];

		fprintf(to, "  %-6s  ", kind_names[e->kind]);
		cv_print_safe(to, e->path);
		if (e->kind == CV_ENTRY_LINK || e->kind == CV_ENTRY_COPY) {
			fputs(e->kind == CV_ENTRY_LINK ? " -> " : " from ", to);
			cv_print_safe(to, e->source);
		}
		if (e->kind == CV_ENTRY_TREE)
			fprintf(to, "  (%zu files)", e->image->count);
		if (e->kind == CV_ENTRY_FILE)
			fprintf(to, "  (%zu bytes)", e->data.n);
		putc('\n', to);
	}
}

void cv_print_done(FILE *to, const struct cv_result *r, const char *env_dir, unsigned activators,
	const struct cv_ctx *ctx)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf line OWN_BUF = { 0 };
	struct cv_shell shell = cv_shell_at_hand(ctx);
	const char *bin = strrchr(r->bin, '/') + 1;
	struct cv_str typed;

	if (!((activators | CV_ACTIVATE_ALWAYS) & 1U << shell.activator))
		shell = (struct cv_shell){ CV_ACTIVATE_POSIX, false };
	fputs("Created ", to);
	cv_print_safe(to, env_dir);
	fprintf(to, " with %s %s", strcmp(r->implementation, "pypy") == 0 ? "PyPy" : "Python",
		r->version);
	for (size_t i = 0; i < r->package_count; i++)
		fprintf(to, "%s %.*s %.*s", i ? "," : " and", CV_ARG(r->packages[i].name),
			CV_ARG(r->packages[i].version));
	fputs(". To activate it:\n", to);
	cv_activate_line(&line, &arena, shell.activator, env_dir, bin);
	if (line.bad || !line.p)
		return;
	typed = cv_buf_slice(&line); /* as it must be typed: quoted, not escaped */
	if (shell.dot && cv_str_starts(typed, CV_LIT("source"))) {
		putc('.', to);
		typed = (struct cv_str){ typed.p + strlen("source"), typed.n - strlen("source") };
	}
	(void)fwrite(typed.p, 1, typed.n, to);
	putc('\n', to);
}
