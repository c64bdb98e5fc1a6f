/* SPDX-License-Identifier: MIT */
#include "env/rewrite_in.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"

bool cv_rewrite_continues(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80 || (c != '\0' && strchr("_.-+@%=~", c));
}

bool cv_rewrite_repairs(const struct cv_text *text)
{
	const char *name = cv_path_base(text->path);

	for (size_t i = 0; i < text->how->repaired_count; i++) {
		if (strcmp(text->how->repaired[i], name) == 0)
			return true;
	}
	return false;
}

static bool has_dotdot(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")) != NULL; p += 2) {
		if ((p == path || cv_path_is_sep(p[-1])) && (!p[2] || cv_path_is_sep(p[2])))
			return true;
	}
	return false;
}

/* TO and REST, which is empty or below it. */
static char *join(struct cv_arena *a, const char *to, const char *rest)
{
	bool ends = *to && cv_path_is_sep(to[strlen(to) - 1]);

	if (*rest && !ends && !cv_path_is_sep(*rest))
		return cv_strfmt(a, "%s%c%s", to, CV_PATH_SEP, rest);
	return cv_strfmt(a, "%s%s", to, rest + (ends && cv_path_is_sep(*rest)));
}

bool cv_rewriting_add(
	struct cv_arena *a, struct cv_rewriting *how, const char *from, const char *to)
{
	struct cv_pair *pairs;

	if (cv_path_same(from, to))
		return true;
	for (size_t i = 0; i < how->count; i++)
		if (cv_path_same(how->pairs[i].from, from))
			return true;
	pairs = cv_new(a, struct cv_pair, how->count + 1);
	if (!pairs)
		return false;
	if (how->count)
		memcpy(pairs, how->pairs, how->count * sizeof(*pairs));
	pairs[how->count++] = (struct cv_pair){ from, to };
	how->pairs = pairs;
	return true;
}

bool cv_rewrite_path(
	struct cv_arena *a, const struct cv_rewriting *how, struct cv_str path, char **ret)
{
	const struct cv_pair *best = NULL;
	char *whole;

	*ret = NULL;
	if (!path.n || memchr(path.p, '\0', path.n))
		return false;
	whole = cv_strdup(a, path);
	if (!whole)
		return true;
	for (size_t i = 0; i < how->count; i++) {
		if (cv_path_within(whole, how->pairs[i].from) &&
			(!best || strlen(best->from) < strlen(how->pairs[i].from)))
			best = &how->pairs[i];
	}
	if (!best || has_dotdot(whole + strlen(best->from)))
		return false;
	*ret = join(a, best->to, whole + strlen(best->from));
	return true;
}

/*
 * How many bytes of DATA, from the offset AT, are PATH; 0: another text. On Windows, texts also
 * write paths with '/', in another case, and in sources with two backslashes.
 */
static size_t length_at(struct cv_str data, size_t at, struct cv_str path)
{
	size_t end = at;

	if (!CV_WINDOWS)
		return data.n - at >= path.n && memcmp(data.p + at, path.p, path.n) == 0 ? path.n
											 : 0;
	for (size_t i = 0; i < path.n; i++, end++) {
		if (end >= data.n ||
			!cv_path_starts((char[2]){ data.p[end] }, (struct cv_str){ path.p + i, 1 }))
			return 0;
		if (!cv_path_is_sep(path.p[i]))
			continue;
		while (i + 1 < path.n && cv_path_is_sep(path.p[i + 1]))
			i++;
		while (data.n - end > 1 && cv_path_is_sep(data.p[end + 1]))
			end++;
	}
	return end - at;
}

/* Is the FROM at the offset AT of DATA a part of a `to`? */
static bool is_new(
	const struct cv_rewriting *how, struct cv_str data, size_t at, struct cv_str from)
{
	for (size_t i = 0; i < how->count; i++) {
		const struct cv_str to = cv_str(how->pairs[i].to);

		for (size_t before = 0; before + from.n <= to.n; before++) {
			size_t most = CV_WINDOWS ? 2 * before : before;

			if (!length_at(to, before, from))
				continue;
			for (size_t n = before; n <= most && n <= at; n++) {
				if (length_at(data, at - n, to))
					return true;
			}
		}
	}
	return false;
}

/* The first place of FROM in DATA from the offset AT on; SIZE_MAX: none. */
static size_t find(struct cv_str data, size_t at, struct cv_str from, size_t *ret_n)
{
	const char *hit;

	*ret_n = from.n;
	if (!CV_WINDOWS) {
		hit = cv_str_find((struct cv_str){ data.p + at, data.n - at }, from);
		return hit ? (size_t)(hit - data.p) : SIZE_MAX;
	}
	for (; from.n && at < data.n; at++) {
		*ret_n = length_at(data, at, from);
		if (*ret_n)
			return at;
	}
	return SIZE_MAX;
}

bool cv_rewrite_mentions_in(
	const struct cv_rewriting *how, struct cv_str data, size_t begin, size_t end)
{
	for (size_t i = 0; i < how->count; i++) {
		struct cv_str from = cv_str(how->pairs[i].from);
		size_t n;

		for (size_t at = begin; (at = find(data, at, from, &n)) < end; at++) {
			if ((at + n == data.n || !cv_rewrite_continues(data.p[at + n])) &&
				!is_new(how, data, at, from))
				return true;
		}
	}
	return false;
}

bool cv_rewrite_mentions(const struct cv_rewriting *how, struct cv_str data)
{
	return cv_rewrite_mentions_in(how, data, 0, data.n);
}

/* Does NAME begin with BEFORE and end with AFTER? */
static bool is_like(struct cv_str name, const char *before, const char *after)
{
	return name.n >= strlen(before) + strlen(after) && cv_str_starts(name, cv_str(before)) &&
	       cv_str_ends(name, cv_str(after));
}

/* Files directly in site-packages. */
static enum cv_text_kind kind_in_site(struct cv_str name)
{
	if (is_like(name, "", ".pth"))
		return CV_TEXT_PTH;
	if (is_like(name, "", ".egg-link"))
		return CV_TEXT_EGG_LINK;
	if (is_like(name, "__editable__", ".py") || is_like(name, "_editable_impl_", ".py") ||
		(is_like(name, "_", ".py") && cv_str_find(name, CV_LIT("_editable"))))
		return CV_TEXT_FINDER;
	return CV_TEXT_NONE;
}

static enum cv_text_kind kind_in_bin(struct cv_str name)
{
	if (cv_rewrite_activator(name) < CV_ACTIVATORS)
		return CV_TEXT_ACTIVATION;
	if (cv_str_eq(name, CV_LIT("deactivate.csh")) || cv_str_eq(name, CV_LIT("deactivate.bat")))
		return CV_TEXT_ACTIVATION;
	if (is_like(name, "", ".exe"))
		return CV_TEXT_LAUNCHER;
	return CV_TEXT_SCRIPT;
}

enum cv_text_kind cv_text_kind_of(const char *path, const char *bin)
{
	const char *base = cv_path_base(path);
	struct cv_str name = cv_str(base);
	struct cv_str dir = { path, base > path ? (size_t)(base - path) - 1 : 0 };

	if (strcmp(path, "pyvenv.cfg") == 0)
		return CV_TEXT_CFG;
	if (cv_str_eq(dir, cv_str(bin)))
		return kind_in_bin(name);
	if (is_like(dir, "share/jupyter/kernels/", "") && cv_str_eq(name, CV_LIT("kernel.json")))
		return CV_TEXT_KERNEL_JSON;
	if (is_like(dir, "", ".dist-info"))
		return cv_str_eq(name, CV_LIT("RECORD"))            ? CV_TEXT_RECORD
		       : cv_str_eq(name, CV_LIT("direct_url.json")) ? CV_TEXT_DIRECT_URL
								    : CV_TEXT_NONE;
	return is_like(dir, "", "site-packages") ? kind_in_site(name) : CV_TEXT_NONE;
}

static cv_rewrite_fn *const functions[] = {
	[CV_TEXT_CFG] = cv_rewrite_cfg,
	[CV_TEXT_SCRIPT] = cv_rewrite_script,
	[CV_TEXT_ACTIVATION] = cv_rewrite_activation,
	[CV_TEXT_LAUNCHER] = cv_rewrite_launcher,
	[CV_TEXT_PTH] = cv_rewrite_lines,
	[CV_TEXT_EGG_LINK] = cv_rewrite_lines,
	[CV_TEXT_DIRECT_URL] = cv_rewrite_direct_url,
	[CV_TEXT_FINDER] = cv_rewrite_python,
	[CV_TEXT_KERNEL_JSON] = cv_rewrite_kernel,
	[CV_TEXT_RECORD] = cv_rewrite_record,
};

int cv_rewrite(struct cv_buf *to, const struct cv_rewriting *how, enum cv_text_kind kind,
	const char *path, struct cv_str old, bool *ret_left, struct cvenv_error *err)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_text text = { how, &arena, path, old };
	struct cv_buf new OWN_BUF = { 0 };
	int rc = 0;

	if (kind < sizeof(functions) / sizeof(functions[0]) && functions[kind])
		rc = functions[kind](&new, &text);
	if (rc < 0 || new.bad)
		return cv_fail_nomem(err);
	if (rc > 0 && cv_str_eq(cv_buf_slice(&new), old))
		rc = 0;
	*ret_left = cv_rewrite_mentions(how, rc ? cv_buf_slice(&new) : old);
	if (rc > 0)
		cv_buf_str(to, cv_buf_slice(&new));
	return to->bad ? cv_fail_nomem(err) : rc;
}
