/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/arena.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

enum { PARTS_MIN = 5, PARTS_MAX = 6 }; /* PEP 427: a build tag may follow the version */

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The characters that PEP 427 allows in the parts of a file name, and '!' for epochs. */
static bool part_ok(struct cv_str part)
{
	for (size_t i = 0; i < part.n; i++) {
		if (!is_alnum(part.p[i]) && (!strchr("._+!", part.p[i]) || part.p[i] == '\0'))
			return false;
	}
	return part.n != 0;
}

bool cv_wheel_name_parse(struct cv_str file_name, struct cv_str *ret_name,
	struct cv_str *ret_version, struct cv_str *ret_tags)
{
	struct cv_str rest = file_name, parts[PARTS_MAX];
	const char *tags;
	size_t n = 0;

	if (!cv_str_ends(rest, CV_LIT(".whl")))
		return false;
	rest.n -= 4;
	do {
		if (n == PARTS_MAX)
			return false;
		(void)cv_str_cut(&rest, '-', &parts[n]);
		if (!part_ok(parts[n++]))
			return false;
	} while (rest.p);
	if (n < PARTS_MIN || !is_alnum(parts[0].p[0]) || !cv_version_ok(parts[1]))
		return false;
	if (n == PARTS_MAX && (parts[2].p[0] < '0' || parts[2].p[0] > '9'))
		return false;
	tags = parts[n - 3].p;
	*ret_name = parts[0];
	*ret_version = parts[1];
	*ret_tags = (struct cv_str){ tags, (size_t)(file_name.p + file_name.n - 4 - tags) };
	return true;
}

bool cv_wheel_tags_pure(struct cv_str tags)
{
	struct cv_str python, tag;

	if (!cv_str_cut(&tags, '-', &python) || !cv_str_eq(tags, CV_LIT("none-any")))
		return false;
	while (cv_str_cut(&python, '.', &tag)) {
		if (cv_str_eq(tag, CV_LIT("py3")))
			return true;
	}
	return false;
}

/* The next character of the normal form (PEP 503): lower case, one '-' for a run of separators. */
static int next_char(struct cv_str *s)
{
	bool sep = false;
	char c;

	while (s->n && strchr("-_.", s->p[0]) && s->p[0]) {
		sep = true;
		s->p++;
		s->n--;
	}
	if (sep)
		return '-';
	if (!s->n)
		return -1;
	c = *s->p++;
	s->n--;
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

char *cv_wheel_name_key(struct cv_arena *a, struct cv_str name)
{
	char *key = cv_new(a, char, name.n + 1);
	int c;

	for (char *to = key; key && (c = next_char(&name)) >= 0; to++)
		*to = (char)c;
	return key;
}

bool cv_wheel_name_eq(struct cv_str a, struct cv_str b)
{
	int c;

	do {
		c = next_char(&a);
		if (c != next_char(&b))
			return false;
	} while (c >= 0);
	return true;
}
