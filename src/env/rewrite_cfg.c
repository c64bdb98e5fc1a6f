/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "env/rewrite_in.h"

/*
 * pyvenv.cfg: the environment at the end of the value of `command`, which no program reads, and
 * the settings that the caller wants. A setting without a line gets one at the end.
 */
static bool is_key(struct cv_str line, const char *key, struct cv_str *ret_value)
{
	struct cv_str name, want = cv_str(key);

	if (!cv_str_cut(&line, '=', &name) || !line.p)
		return false;
	name = cv_str_trim(name);
	*ret_value = cv_str_trim(line);
	if (!ret_value->n)
		ret_value->p = line.p;
	if (name.n != want.n)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if ((c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c) != want.p[i])
			return false;
	}
	return true;
}

/* The new value of a line; false: it stays. */
static bool value_of(const struct cv_text *text, struct cv_str line, struct cv_str *ret_old,
	struct cv_str *ret_new)
{
	const struct cv_rewriting *how = text->how;

	for (size_t i = 0; i < how->setting_count; i++) {
		if (is_key(line, how->settings[i].from, ret_old)) {
			*ret_new = cv_str(how->settings[i].to);
			return true;
		}
	}
	if (!is_key(line, "command", ret_old))
		return false;
	for (size_t i = 0; i < how->count; i++) {
		struct cv_str from = cv_str(how->pairs[i].from);

		if (cv_str_ends(*ret_old, from) && ret_old->n > from.n &&
			strchr(" \t", ret_old->p[ret_old->n - from.n - 1])) {
			*ret_old = (struct cv_str){ ret_old->p + ret_old->n - from.n, from.n };
			*ret_new = cv_str(how->pairs[i].to);
			return true;
		}
	}
	return false;
}

static bool has_key(struct cv_str all, const char *key)
{
	struct cv_str line, value;

	while (cv_str_cut(&all, '\n', &line))
		if (is_key(line, key, &value))
			return true;
	return false;
}

int cv_rewrite_cfg(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_str rest = text->old, line, old, new;
	const char *end = cv_str_find(rest, CV_LIT("\r\n")) ? "\r\n" : "\n";

	while (cv_str_cut(&rest, '\n', &line)) {
		if (value_of(text, line, &old, &new)) {
			const char *after = old.p + old.n;

			cv_buf_add(to, line.p, (size_t)(old.p - line.p));
			cv_buf_str(to, new);
			cv_buf_add(to, after, (size_t)(line.p + line.n - after));
		} else {
			cv_buf_str(to, line);
		}
		if (rest.p)
			cv_buf_char(to, '\n');
	}
	for (size_t i = 0; i < text->how->setting_count; i++) {
		const struct cv_pair *setting = &text->how->settings[i];

		if (has_key(text->old, setting->from))
			continue;
		if (to->n && to->p[to->n - 1] != '\n')
			cv_buf_cstr(to, end);
		cv_buf_addf(to, "%s = %s%s", setting->from, setting->to, end);
	}
	return 1;
}
