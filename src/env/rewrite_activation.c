/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/activation.h"
#include "env/quote.h"
#include "env/rewrite_in.h"

/* What is known about an activation script. */
struct script {
	const struct cv_text *text;
	const char *file; /* its name in bin */
	enum cv_activator shell;
	struct cv_activation is;
};

enum { BOUND_MAX = 12 };

enum cv_activator cv_rewrite_activator(struct cv_str file)
{
	for (size_t i = 0; i < CV_ACTIVATORS; i++) {
		struct cv_str name = cv_str(cv_activators[i].file);

		/* virtualenv and uv write activate.ps1 */
		if (name.n == file.n && memcmp(name.p + 1, file.p + 1, name.n - 1) == 0 &&
			(file.p[0] == name.p[0] || file.p[0] == 'a'))
			return (enum cv_activator)i;
	}
	return CV_ACTIVATORS;
}

/* The script that cvenv writes for the environment IS; p is NULL: no memory. */
static struct cv_str rendered(
	const struct script *s, const struct cv_ctx *ctx, const struct cv_activate *is)
{
	static const struct cv_ctx silent = { 0 };
	struct cv_plan plan = { .arena = s->text->arena };
	struct cv_activate one = *is;
	unsigned working;

	one.scripts = 1U << s->shell;
	if (cv_activate_plan(ctx ? ctx : &silent, &plan, &one, &working, NULL) == 0) {
		for (size_t i = 0; i < plan.count; i++) {
			if (strcmp(cv_path_base(plan.entries[i].path),
				    cv_activators[s->shell].file) == 0)
				return plan.entries[i].data;
		}
	}
	return (struct cv_str){ 0 };
}

/* The I-th path where the environment may have been; NULL: that pair is another directory. */
static const char *old_dir(const struct cv_rewriting *how, size_t i)
{
	if (i == how->count)
		return how->env_dir;
	return cv_path_same(how->pairs[i].to, how->env_dir) ? how->pairs[i].from : NULL;
}

/* Is it what cvenv writes for an old path? 1, 0, or -ENOMEM. */
static int is_own(const struct script *s)
{
	const struct cv_rewriting *how = s->text->how;

	for (size_t i = 0; i <= how->count; i++) {
		const char *dir = old_dir(how, i);

		for (int relocatable = 0; relocatable < 2 && dir; relocatable++) {
			struct cv_activate old = how->activate;
			struct cv_str text;

			old.env_dir = dir;
			old.prompt = how->old_prompt ? how->old_prompt : cv_path_base(dir);
			old.relocatable = relocatable;
			text = rendered(s, NULL, &old);
			if (!text.p)
				return -ENOMEM;
			if (cv_str_eq(text, s->text->old))
				return 1;
		}
	}
	return 0;
}

enum words {
	BARE,   /* every shell reads it without quotes */
	SPACED, /* every shell reads it in quotes of any kind */
	SPECIAL,
};

/* On Windows, '\' is special in some shells, but not in the scripts that contain paths. */
static enum words words_of(struct cv_arena *a, const char *text)
{
	char *plain = cv_strdup(a, cv_str(text));
	bool spaced = false;

	for (char *p = plain; p && *p; p++) {
		spaced |= *p == ' ';
		if (*p == ' ' || (CV_WINDOWS && (*p == '\\' || (*p == ':' && p == plain + 1))))
			*p = '/';
	}
	if (!plain || !cv_quote_needless(cv_str(plain)))
		return SPECIAL;
	return spaced ? SPACED : BARE;
}

static bool may_replace(struct cv_arena *a, const char *old, const char *new, bool quoted)
{
	enum words x = words_of(a, old), y = words_of(a, new);

	return (x < y ? y : x) <= (quoted ? SPACED : BARE);
}

/* Are there the same quotes around the LEN bytes at the offset AT? */
static bool is_quoted(struct cv_str text, size_t at, size_t len)
{
	char before = at ? text.p[at - 1] : '\0';

	return (before == '\'' || before == '"') && text.n - at > len && text.p[at + len] == before;
}

static bool can_begin_after(char c)
{
	return !cv_rewrite_continues(c) && c != '/' && c != '}' && c != ')';
}

/* The longest `from` that is a word, or the beginning of one, at the offset AT. */
static const struct cv_pair *pair_at(const struct cv_text *text, size_t at)
{
	const struct cv_pair *best = NULL;

	if (at && !can_begin_after(text->old.p[at - 1]) && text->old.p[at - 1] != '=')
		return NULL;
	for (size_t i = 0; i < text->how->count; i++) {
		size_t n = strlen(text->how->pairs[i].from);

		if (text->old.n - at < n ||
			memcmp(text->old.p + at, text->how->pairs[i].from, n) != 0 ||
			(text->old.n - at > n && cv_rewrite_continues(text->old.p[at + n])))
			continue;
		if (!best || strlen(best->from) < n)
			best = &text->how->pairs[i];
	}
	return best;
}

/* Replace paths as words. False: one needs quotes. *RET_COUNT: how many there are. */
static bool replace_paths(struct cv_buf *to, const struct cv_text *text, size_t *ret_count)
{
	size_t from = 0;

	*ret_count = 0;
	for (size_t at = 0; at < text->old.n;) {
		const struct cv_pair *pair = pair_at(text, at);

		if (!pair) {
			at++;
			continue;
		}
		if (!may_replace(text->arena, pair->from, pair->to,
			    is_quoted(text->old, at, strlen(pair->from))))
			return false;
		cv_buf_add(to, text->old.p + from, at - from);
		cv_buf_cstr(to, pair->to);
		at += strlen(pair->from);
		from = at;
		++*ret_count;
	}
	cv_buf_add(to, text->old.p + from, text->old.n - from);
	return true;
}

/*
 * How the scripts of venv contain the name, from 3.8 on. A name alone is no sign: it may be the
 * word "prompt".
 */
static const struct bound {
	char before[BOUND_MAX * 2], after[BOUND_MAX];
	bool quoted;
} bounds[] = {
	{ "(", ") ", true },
	{ "(\"", "\") ", false },
	{ "(\"'", "'\") ", true },
	{ "\"", "\" != \"\"", true },
	{ "env_name = \"", "\"", true },
	{ "ENV_PROMPT=\"", "\"", true },
	{ "ENV_PROMPT \"", "\"", true },
	{ "ENV_PROMPT='", "'", true },
	{ "ENV_PROMPT '", "'", true },
	{ "ENV_PROMPT=", "\n", false },
	{ "ENV_PROMPT ", "\n", false },
	{ "4B8BBE) ", " (set_c", false },
	{ "4B8BBE) \"", "\" (set_c", true },
	{ "4B8BBE) '", "' (set_c", true },
};

static const struct bound *bound_at(struct cv_str text, size_t at, struct cv_str name)
{
	struct cv_str before = { text.p, at };
	struct cv_str rest = { text.p + at, text.n - at };

	if (!cv_str_starts(rest, name))
		return NULL;
	rest = (struct cv_str){ rest.p + name.n, rest.n - name.n };
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		if (cv_str_ends(before, cv_str(bounds[i].before)) &&
			cv_str_starts(rest, cv_str(bounds[i].after)))
			return &bounds[i];
	}
	return NULL;
}

/* False: it needs other quotes. */
static bool replace_name(
	struct cv_buf *to, struct cv_arena *a, struct cv_str text, const char *old, const char *new)
{
	size_t from = 0, len = strlen(old);

	for (size_t at = 0; at < text.n && len;) {
		const struct bound *bound = bound_at(text, at, cv_str(old));

		if (!bound) {
			at++;
			continue;
		}
		if (!may_replace(a, old, new, bound->quoted))
			return false;
		cv_buf_add(to, text.p + from, at - from);
		cv_buf_cstr(to, new);
		at += len;
		from = at;
	}
	cv_buf_add(to, text.p + from, text.n - from);
	return true;
}

/* Replace paths and, where it is written, the name. False: cvenv's script must replace it. */
static bool replace_words(struct cv_buf *to, const struct script *s)
{
	const struct cv_rewriting *how = s->text->how;
	struct cv_buf paths OWN_BUF = { 0 };
	const char *new = how->activate.prompt;
	const char *old = how->old_prompt ? how->old_prompt
			  : s->is.dir     ? cv_path_base(s->is.dir)
					  : new;
	char *unused;
	size_t count;

	if (!replace_paths(&paths, s->text, &count))
		return false;
	/* It has the path, but not as a word. */
	if (count == 0 && s->is.dir &&
		cv_rewrite_path(s->text->arena, how, cv_str(s->is.dir), &unused))
		return false;
	to->bad |= paths.bad;
	if (strcmp(old, new) == 0 || (!how->named && !how->new_prompt)) {
		cv_buf_str(to, cv_buf_slice(&paths));
		return true;
	}
	return how->named && replace_name(to, s->text->arena, cv_buf_slice(&paths), old, new);
}

int cv_rewrite_activation(struct cv_buf *to, const struct cv_text *text)
{
	const struct cv_rewriting *how = text->how;
	struct script s = { .text = text, .file = cv_path_base(text->path) };
	struct cv_str new;
	int rc;

	s.shell = cv_rewrite_activator(cv_str(s.file));
	if (s.shell == CV_ACTIVATORS)
		return 0;
	rc = cv_activation_read(text->arena, s.file, text->old, how->old_prompt, &s.is);
	if (rc == 0)
		rc = is_own(&s);
	if (rc < 0)
		return rc;
	if (rc == 0 && !how->new_activation && !cv_rewrite_repairs(text) &&
		s.is.form != CV_ACTIVATION_RUNS) {
		if (replace_words(to, &s))
			return 1;
		to->n = 0;
	}
	new = rendered(&s, how->ctx, &how->activate);
	if (!new.p)
		return -ENOMEM;
	if (rc == 0 && !how->beside && how->ctx)
		cv_log(how->ctx, CVENV_LOG_WARNING,
			"replaced '%s' by cvenv's script: the old one cannot be adapted",
			text->path);
	cv_buf_str(to, new);
	return 1;
}
