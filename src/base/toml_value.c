/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/toml_in.h"

/*
 * The index of a table is a Patricia trie (D. R. Morrison, 1968): its nodes are the values
 * themselves, so it takes no further memory, and no choice of keys makes it slow. A node tests one
 * bit of the key. A link to a node that tests no later bit leads upwards: that node may be the one.
 *
 * A key has nine bits for each byte, the first of which is 1, then zeros without end. So no key is
 * the beginning of another.
 */
enum { BITS_SHIFT = 4, PRESENT = 8 };
static const unsigned NO_BIT = UINT32_MAX; /* the first value of a table tests nothing */

static unsigned symbol(struct cv_str key, size_t at)
{
	return at < key.n ? 1u << PRESENT | (unsigned char)key.p[at] : 0;
}

static unsigned bit_of(struct cv_str key, unsigned bit)
{
	unsigned which = bit & ((1u << BITS_SHIFT) - 1);

	return symbol(key, bit >> BITS_SHIFT) >> (PRESENT - which) & 1;
}

/* The only value that may have KEY. The table is not empty. */
static struct cv_toml *candidate(const struct cv_toml *table, struct cv_str key)
{
	struct cv_toml *v = table->index;
	unsigned bit;

	do {
		bit = v->bit;
		v = v->link[bit == NO_BIT ? 0 : bit_of(key, bit)];
	} while (v->bit > bit);
	return v;
}

struct cv_toml *cv_toml_find(const struct cv_toml *table, struct cv_str key)
{
	struct cv_toml *v = table->index ? candidate(table, key) : NULL;

	return v && cv_str_eq(v->key, key) ? v : NULL;
}

/* The first bit in which the keys differ. */
static unsigned different_bit(struct cv_str a, struct cv_str b)
{
	size_t at = 0;
	unsigned change, which = 0;

	while (symbol(a, at) == symbol(b, at))
		at++;
	change = symbol(a, at) ^ symbol(b, at);
	while (!(change >> (PRESENT - which) & 1))
		which++;
	return (unsigned)at << BITS_SHIFT | which;
}

void cv_toml_index(struct cv_toml *table, struct cv_toml *v)
{
	struct cv_toml **link = &table->index;
	int64_t above = -1; /* the bit of the node that has *link */

	if (!*link) {
		v->bit = NO_BIT;
		v->link[0] = v->link[1] = v;
		*link = v;
		return;
	}
	v->bit = different_bit(candidate(table, v->key)->key, v->key);
	while ((*link)->bit > above && (*link)->bit < v->bit) {
		above = (*link)->bit;
		link = &(*link)->link[bit_of(v->key, (unsigned)above)];
	}
	v->link[bit_of(v->key, v->bit)] = v;
	v->link[!bit_of(v->key, v->bit)] = *link;
	*link = v;
}

struct cv_toml *cv_toml_get(const struct cv_toml *table, const char *key)
{
	return table && table->type == CV_TOML_TABLE ? cv_toml_find(table, cv_str(key)) : NULL;
}

/* --- errors ------------------------------------------------------------------------------- */

/* Put TEXT in front of NAME, whose first character is at AT. Returns the new AT; 0: no room. */
static size_t prepend(char *name, size_t at, struct cv_str text)
{
	if (at < text.n + 1)
		return 0;
	at -= text.n;
	memcpy(name + at, text.p, text.n);
	return at;
}

static bool is_bare_key(struct cv_str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (!key.p[i] ||
			!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
				key.p[i]))
			return false;
	return key.n > 0;
}

const char *cv_toml_name(const struct cv_toml *v, char name[CV_TOML_NAME_ROOM])
{
	size_t at = CV_TOML_NAME_ROOM - 1, next = at;

	name[at] = '\0';
	for (; v && v->parent; v = v->parent) {
		bool bare = is_bare_key(v->key);

		if (v->parent->type == CV_TOML_ARRAY)
			continue;
		if (name[at])
			next = prepend(name, next, CV_LIT("."));
		if (!bare && next)
			next = prepend(name, next, CV_LIT("\""));
		if (next)
			next = prepend(name, next, cv_utf8_plain(v->key) ? v->key : CV_LIT("?"));
		if (!bare && next)
			next = prepend(name, next, CV_LIT("\""));
		if (next < sizeof("..."))
			return memcpy(name + at - 3, "...", 3);
		at = next;
	}
	return name + at;
}

int cv_toml_fail(const struct cv_toml *value, struct cvenv_error *err, const char *fmt, ...)
{
	const struct cv_toml *root = value;
	char name[CV_TOML_NAME_ROOM];
	va_list ap;

	if (!err)
		return -EINVAL;
	va_start(ap, fmt);
	*err = (struct cvenv_error){ .code = EINVAL };
	(void)vsnprintf(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	if (value->parent)
		(void)cv_wrap(err, 0, "'%s'", cv_toml_name(value, name));
	while (root->parent)
		root = root->parent;
	return cv_wrap(err, -EINVAL, "'%.*s', line %u", CV_ARG(root->key), value->line);
}

/* --- types -------------------------------------------------------------------------------- */

static const char *const type_names[] = {
	[CV_TOML_STRING] = "a string",
	[CV_TOML_INTEGER] = "an integer",
	[CV_TOML_FLOAT] = "a float",
	[CV_TOML_BOOLEAN] = "a boolean",
	[CV_TOML_DATETIME] = "a date and time",
	[CV_TOML_LOCAL_DATETIME] = "a date and time",
	[CV_TOML_LOCAL_DATE] = "a date",
	[CV_TOML_LOCAL_TIME] = "a time",
	[CV_TOML_ARRAY] = "an array",
	[CV_TOML_TABLE] = "a table",
};

int cv_toml_want(const struct cv_toml *value, enum cv_toml_type type, struct cvenv_error *err)
{
	int rc;

	if (value->type == type)
		return 0;
	rc = cv_toml_fail(
		value, err, "must be %s, not %s", type_names[type], type_names[value->type]);
	if (type == CV_TOML_STRING && value->type < CV_TOML_ARRAY)
		return cv_hint(err, rc, "put the value in quotes");
	if (type == CV_TOML_BOOLEAN && value->type == CV_TOML_STRING)
		return cv_hint(err, rc, "write true or false without quotes");
	return rc;
}

int cv_toml_want_string(const struct cv_toml *value, const char **ret, struct cvenv_error *err)
{
	int rc = cv_toml_want(value, CV_TOML_STRING, err);

	if (rc < 0)
		return rc;
	if (memchr(value->text.p, '\0', value->text.n))
		return cv_toml_fail(value, err, "contains a NUL character");
	*ret = value->text.p;
	return 0;
}

int cv_toml_want_bool(const struct cv_toml *value, bool *ret, struct cvenv_error *err)
{
	int rc = cv_toml_want(value, CV_TOML_BOOLEAN, err);

	if (rc == 0)
		*ret = value->boolean;
	return rc;
}

int cv_toml_want_integer(const struct cv_toml *value, int64_t min, int64_t max, int64_t *ret,
	struct cvenv_error *err)
{
	int rc = cv_toml_want(value, CV_TOML_INTEGER, err);

	if (rc < 0)
		return rc;
	if (value->integer < min || value->integer > max)
		return cv_toml_fail(value, err, "must be %" PRId64 " to %" PRId64, min, max);
	*ret = value->integer;
	return 0;
}
