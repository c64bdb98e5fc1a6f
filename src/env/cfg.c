/* SPDX-License-Identifier: MIT */
#include "env/cfg.h"

#include <string.h>
#include <strings.h>

/* The bytes of *TEXT up to AT, and *TEXT becomes what follows. */
static struct cv_str cut_at(struct cv_str *text, size_t at)
{
	struct cv_str head = { text->p, at };

	text->p += at;
	text->n -= at;
	return head;
}

bool cv_cfg_cut(struct cv_str *text, struct cv_cfg_line *ret)
{
	struct cv_str value;
	size_t n = 0;

	*ret = (struct cv_cfg_line){ 0 };
	if (text->n == 0)
		return false;
	while (n < text->n && text->p[n] != '\n' && text->p[n] != '\r')
		n++;
	ret->whole = value = cut_at(text, n);
	n = text->n > 1 && text->p[0] == '\r' && text->p[1] == '\n' ? 2 : text->n > 0;
	ret->end = cut_at(text, n);
	(void)cv_str_cut(&value, '=', &ret->key);
	if (value.p) {
		ret->key = cv_str_strip(ret->key);
		ret->value = cv_str_strip(value);
	} else {
		ret->key = (struct cv_str){ 0 };
	}
	return true;
}

bool cv_cfg_is(const struct cv_cfg_line *line, const char *name)
{
	return line->key.p && line->key.n == strlen(name) &&
	       strncasecmp(line->key.p, name, line->key.n) == 0;
}

/* A place for one more line; NULL if memory is exhausted. */
static struct cv_cfg_line *more(struct cv_arena *a, struct cv_cfg *cfg)
{
	return cv_grow(a, &cfg->lines, cfg->count, &cfg->room) ? &cfg->lines[cfg->count++] : NULL;
}

int cv_cfg_parse(
	struct cv_arena *a, struct cv_str text, struct cv_cfg *ret, struct cvenv_error *err)
{
	struct cv_cfg_line line;

	*ret = (struct cv_cfg){ 0 };
	if (text.n > CV_CFG_MAX)
		return cv_fail_msg(
			err, CVENV_ELIMIT, "pyvenv.cfg has more than %d bytes", CV_CFG_MAX);
	while (cv_cfg_cut(&text, &line)) {
		struct cv_cfg_line *to;

		if (ret->count == CV_CFG_LINES_MAX)
			return cv_fail_msg(err, CVENV_ELIMIT, "pyvenv.cfg has more than %d lines",
				CV_CFG_LINES_MAX);
		to = more(a, ret);
		if (!to)
			return cv_fail_nomem(err);
		*to = line;
	}
	return 0;
}

struct cv_str cv_cfg_value(const struct cv_cfg *cfg, const char *name)
{
	for (size_t i = cfg->count; i-- > 0;)
		if (cv_cfg_is(&cfg->lines[i], name))
			return cfg->lines[i].value;
	return (struct cv_str){ 0 };
}

/* A line from the parts of the file's text. */
static int set_line(struct cv_arena *a, struct cv_cfg_line *line, const char *before,
	size_t before_n, struct cv_str value, struct cv_str after, struct cvenv_error *err)
{
	size_t n = before_n + value.n + after.n;
	char *text = cv_new(a, char, n + 1);
	struct cv_str rest = { text, n };
	struct cv_cfg_line parsed;

	if (!text)
		return cv_fail_nomem(err);
	memcpy(text, before, before_n);
	if (value.n)
		memcpy(text + before_n, value.p, value.n);
	if (after.n)
		memcpy(text + before_n + value.n, after.p, after.n);
	if (cv_cfg_cut(&rest, &parsed)) {
		parsed.end = line->end;
		*line = parsed;
	}
	return 0;
}

static int change_line(
	struct cv_arena *a, struct cv_cfg_line *line, struct cv_str value, struct cvenv_error *err)
{
	struct cv_str whole = line->whole, old = line->value;
	const char *at = old.n ? old.p : whole.p + whole.n;
	size_t before = (size_t)(at - whole.p);
	struct cv_str after = { at + old.n, whole.n - before - old.n };

	return set_line(a, line, whole.p, before, value, after, err);
}

int cv_cfg_set(struct cv_arena *a, struct cv_cfg *cfg, const char *name, struct cv_str value,
	struct cvenv_error *err)
{
	struct cv_str end = cfg->count ? cfg->lines[0].end : CV_LIT("\n");
	struct cv_cfg_line *line;
	bool found = false;
	const char *before;
	int rc = 0;

	for (size_t i = 0; i < cfg->count && rc == 0; i++) {
		if (!cv_cfg_is(&cfg->lines[i], name))
			continue;
		rc = change_line(a, &cfg->lines[i], value, err);
		found = true;
	}
	if (rc < 0 || found)
		return rc;
	if (end.n == 0)
		end = CV_LIT("\n");
	if (cfg->count && cfg->lines[cfg->count - 1].end.n == 0)
		cfg->lines[cfg->count - 1].end = end;
	before = cv_strfmt(a, "%s = ", name);
	line = before ? more(a, cfg) : NULL;
	if (!line)
		return cv_fail_nomem(err);
	*line = (struct cv_cfg_line){ .end = end };
	return set_line(a, line, before, strlen(before), value, (struct cv_str){ 0 }, err);
}

void cv_cfg_text(struct cv_buf *b, const struct cv_cfg *cfg)
{
	for (size_t i = 0; i < cfg->count; i++) {
		cv_buf_str(b, cfg->lines[i].whole);
		cv_buf_str(b, cfg->lines[i].end);
	}
}
