/* SPDX-License-Identifier: MIT */
#include "wheel/direct_url.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "wheel/escapes.h"
#include "wheel/json_edit.h"

char *cv_url_decode(struct cv_arena *a, struct cv_str url, size_t *ret_len)
{
	char *path = cv_new(a, char, url.n + 1);
	size_t n = 0;

	for (size_t i = 0; path && i < url.n; i++) {
		struct cv_str digits = { url.p + i + 1, url.n - i - 1 };
		int64_t byte = url.p[i] == '%' ? cv_digits(digits, 2, 16) : -1;

		path[n++] = byte < 0 ? url.p[i] : (char)byte;
		i += byte < 0 ? 0 : 2;
	}
	*ret_len = n;
	return path;
}

int cv_file_url_path(struct cv_arena *a, struct cv_str url, const char **ret)
{
	const struct cv_str scheme = CV_LIT("file://");
	char *path;
	size_t n;

	*ret = NULL;
	if (!cv_str_starts(url, scheme))
		return 0;
	path = cv_url_decode(a, (struct cv_str){ url.p + scheme.n, url.n - scheme.n }, &n);
	if (!path)
		return -ENOMEM;
	if (CV_WINDOWS && n > 2 && path[0] == '/' && path[2] == ':')
		path++, n--; /* file:///C:/x */
	if (strlen(path) == n && cv_path_is_abs(path))
		*ret = path;
	return 0;
}

/* What is after "KEY" and a colon; false if there is none. */
static bool json_value(struct cv_str text, struct cv_str key, struct cv_str *ret)
{
	const char *end = text.p + text.n, *p = cv_str_find(text, key);

	if (!p)
		return false;
	p += key.n;
	while (p < end && strchr(" \t\r\n:", *p) && *p)
		p++;
	*ret = (struct cv_str){ p, (size_t)(end - p) };
	return true;
}

bool cv_direct_url_is_editable(struct cv_str text, struct cv_str *ret_url)
{
	struct cv_str value, url = { 0 };

	if (!json_value(text, CV_LIT("\"editable\""), &value) ||
		!cv_str_starts(value, CV_LIT("true")))
		return false;
	*ret_url = CV_LIT("?");
	if (json_value(text, CV_LIT("\"url\""), &url) && url.n && *url.p == '"') {
		url = (struct cv_str){ url.p + 1, url.n - 1 };
		(void)cv_str_cut(&url, '"', ret_url);
	}
	return true;
}

int cv_direct_url_editable(struct cv_arena *a, struct cv_str text, const char **ret)
{
	struct cv_json_string url;
	struct cv_str raw;
	int rc;

	*ret = NULL;
	if (!cv_direct_url_is_editable(text, &raw))
		return 0;
	rc = cv_json_find(a, text, "url", CV_JSON_VALUE, &url);
	return rc > 0 ? cv_file_url_path(a, url.value, ret) : rc;
}
