/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/rewrite_in.h"
#include "wheel/direct_url.h"
#include "wheel/escapes.h"
#include "wheel/json_edit.h"

#define SCHEME "file://"

/* TEXT with the string FOUND replaced. */
static void replace(struct cv_buf *to, const struct cv_text *text,
	const struct cv_json_string *found, struct cv_str value)
{
	const char *after = found->raw.p + found->raw.n;

	cv_buf_add(to, text->old.p, (size_t)(found->raw.p - text->old.p));
	cv_json_quote(to, value);
	cv_buf_add(to, after, text->old.n - (size_t)(after - text->old.p));
}

/* kernel.json of Jupyter: the interpreter that it starts. */
int cv_rewrite_kernel(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_rewrite_target target;
	struct cv_json_string found;
	int rc = cv_json_find(text->arena, text->old, "argv", 0, &found);

	if (rc <= 0 || !cv_rewrite_target(text, found.value, &target))
		return rc < 0 ? rc : 0;
	if (!target.python)
		return -ENOMEM;
	replace(to, text, &found, cv_str(target.python));
	return 1;
}

/* As urllib.request.pathname2url(). */
static void encode(struct cv_buf *to, const char *path)
{
	if (path[0] != '/')
		cv_buf_char(to, '/');
	for (const char *p = path; *p; p++) {
		char c = *p;

		if (CV_WINDOWS && cv_path_is_sep(c))
			cv_buf_char(to, '/');
		else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			 (c >= 'A' && c <= 'Z') || strchr("_.-~/", c) ||
			 (CV_WINDOWS && c == ':' && p == path + 1))
			cv_buf_char(to, c);
		else
			cv_buf_addf(to, "%%%02X", (unsigned)(unsigned char)c);
	}
}

/* The longest `from` that PATH, of N bytes, is below. */
static const struct cv_pair *pair_of(
	const struct cv_rewriting *how, struct cv_arena *a, struct cv_str path)
{
	const struct cv_pair *best = NULL;
	char *unused;

	if (!cv_rewrite_path(a, how, path, &unused))
		return NULL;
	for (size_t i = 0; i < how->count; i++) {
		const char *from = how->pairs[i].from;

		if (cv_path_below(path.p, from) && (!best || strlen(from) > strlen(best->from)))
			best = &how->pairs[i];
	}
	return best;
}

/* How many bytes of URL are the first N bytes of its decoded path. */
static size_t encoded_len(struct cv_str url, size_t n)
{
	size_t i = 0;

	for (; n && i < url.n; n--)
		i += url.p[i] == '%' && cv_digits((struct cv_str){ url.p + i + 1, url.n - i - 1 },
						2, 16) >= 0
			     ? 3
			     : 1;
	return i;
}

/* direct_url.json (PEP 610): where the project of an editable or local installation is. */
int cv_rewrite_direct_url(struct cv_buf *to, const struct cv_text *text)
{
	const size_t scheme = sizeof(SCHEME) - 1, slash = CV_WINDOWS;
	struct cv_buf url OWN_BUF = { 0 };
	const struct cv_pair *pair;
	struct cv_json_string found;
	struct cv_str rest;
	size_t n;
	char *path;
	int rc = cv_json_find(text->arena, text->old, "url", CV_JSON_VALUE, &found);

	if (rc <= 0 || !cv_str_starts(found.value, CV_LIT(SCHEME "/")))
		return rc < 0 ? rc : 0;
	rest = (struct cv_str){ found.value.p + scheme, found.value.n - scheme };
	path = cv_url_decode(text->arena, rest, &n);
	if (!path)
		return -ENOMEM;
	for (char *p = path; *p; p++)
		*p = CV_WINDOWS && *p == '/' ? '\\' : *p;
	pair = pair_of(text->how, text->arena, (struct cv_str){ path + slash, n - slash });
	if (!pair)
		return 0;
	cv_buf_cstr(&url, SCHEME);
	encode(&url, pair->to);
	n = encoded_len(rest, strlen(pair->from) + slash);
	cv_buf_add(&url, rest.p + n, rest.n - n);
	if (url.bad)
		return -ENOMEM;
	replace(to, text, &found, cv_buf_slice(&url));
	return 1;
}
