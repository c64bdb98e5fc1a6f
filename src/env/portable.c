/* SPDX-License-Identifier: MIT */
#include "env/portable.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "fs/bytecode.h"

enum { LINKS_MAX = 40 }; /* as Linux */

static const struct {
	const char *end;
	enum cv_archive_format format;
} ends[] = {
	{ ".tar.gz", CV_ARCHIVE_TAR_GZ },
	{ ".tgz", CV_ARCHIVE_TAR_GZ },
	{ ".tar.zst", CV_ARCHIVE_TAR_ZST },
	{ ".tzst", CV_ARCHIVE_TAR_ZST },
	{ ".tar", CV_ARCHIVE_TAR },
	{ ".zip", CV_ARCHIVE_ZIP },
};

enum cv_archive_format cv_archive_format_of(const char *output)
{
	size_t len = strlen(output);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i].end);

		if (len > n && strcasecmp(output + len - n, ends[i].end) == 0)
			return ends[i].format;
	}
	return CV_ARCHIVE_DIRECTORY;
}

const char *cv_archive_format_name(enum cv_archive_format format)
{
	static const char *const names[] = {
		[CV_ARCHIVE_DIRECTORY] = "directory",
		[CV_ARCHIVE_TAR] = "tar",
		[CV_ARCHIVE_TAR_GZ] = "tar.gz",
		[CV_ARCHIVE_TAR_ZST] = "tar.zst",
		[CV_ARCHIVE_ZIP] = "zip",
	};

	return names[format];
}

struct cv_packed *cv_packed_add(struct cv_packed_list *members, const char *name)
{
	struct cv_packed *m;

	members->bad = members->bad || !name ||
		       !cv_grow(members->arena, &members->all, members->count, &members->room);
	if (members->bad)
		return NULL;
	m = &members->all[members->count];
	*m = (struct cv_packed){ .name = name };
	members->count++;
	return m;
}

static int by_name(const void *x, const void *y)
{
	const struct cv_packed *a = x, *b = y;

	return strcmp(a->name, b->name);
}

/* A merge sort of pointers would need memory; qsort() is not stable, so `order` decides. */
struct numbered {
	struct cv_packed member;
	size_t order;
};

static int by_name_and_order(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;
	int c = by_name(&a->member, &b->member);

	return c ? c : (a->order > b->order) - (a->order < b->order);
}

void cv_packed_sort(struct cv_packed_list *members)
{
	struct numbered *all = members->bad ? NULL : calloc(members->count + 1, sizeof(*all));
	size_t n = 0;

	if (!all) {
		members->bad = true;
		return;
	}
	for (size_t i = 0; i < members->count; i++)
		all[i] = (struct numbered){ members->all[i], i };
	qsort(all, members->count, sizeof(*all), by_name_and_order);
	for (size_t i = 0; i < members->count; i++) {
		if (n && strcmp(members->all[n - 1].name, all[i].member.name) == 0)
			n--;
		members->all[n++] = all[i].member;
	}
	members->count = n;
	free(all);
}

struct cv_packed *cv_packed_find(const struct cv_packed_list *members, const char *name)
{
	const struct cv_packed key = { .name = name };

	if (!members->count)
		return NULL;
	return bsearch(&key, members->all, members->count, sizeof(key), by_name);
}

void cv_packed_drop(struct cv_packed_list *members, bool (*drop)(const struct cv_packed *member))
{
	size_t n = 0;

	for (size_t i = 0; i < members->count; i++) {
		if (!drop(&members->all[i]))
			members->all[n++] = members->all[i];
	}
	members->count = n;
}

/* "../../" from the directory of NAME to the root of the archive, and then PATH. */
static char *from_root(struct cv_arena *a, const char *name, const char *path)
{
	struct cv_buf b = { 0 };
	char *result;

	for (; *name; name++) {
		if (*name == '/')
			cv_buf_cstr(&b, "../");
	}
	cv_buf_cstr(&b, *path ? path : ".");
	result = b.bad ? NULL : cv_strdup(a, cv_buf_slice(&b));
	cv_buf_done(&b);
	return result;
}

static bool has_dotdot(const char *path)
{
	struct cv_str rest = cv_str(path), part;

	while (cv_str_cut(&rest, '/', &part))
		if (cv_str_eq(part, CV_LIT("..")))
			return true;
	return false;
}

const char *cv_portable_target(struct cv_arena *a, const char *name, const char *target,
	const char *const *places, size_t place_count)
{
	if (!cv_path_is_abs(target))
		return target;
	for (size_t i = 0; i < place_count; i++) {
		const char *below = cv_path_below(target, places[i]);

		/* Where ".." leads depends on links. */
		if (below && !has_dotdot(below))
			return from_root(a, name, below);
	}
	return target;
}

/*
 * Walk the components of PATH, starting at the directory DIR of the archive, as the kernel does.
 * *ret is where that ends. False if it leads out, or in circles.
 */
static bool walk(const struct cv_packed_list *members, struct cv_arena *a, const char *dir,
	const char *path, int *links, const char **ret)
{
	struct cv_str rest = cv_str(path), part;
	const char *at = dir;

	if (cv_path_is_abs(path) || ++*links > LINKS_MAX)
		return false;
	while (at && cv_str_cut(&rest, '/', &part)) {
		const struct cv_packed *m;

		if (part.n == 0 || cv_str_eq(part, CV_LIT(".")))
			continue;
		if (cv_str_eq(part, CV_LIT(".."))) {
			if (!*at)
				return false;
			at = cv_path_dir(a, at);
			continue;
		}
		dir = at;
		at = cv_strfmt(a, "%s%s%.*s", at, *at ? "/" : "", CV_ARG(part));
		m = at ? cv_packed_find(members, at) : NULL;
		if (m && m->type == CV_PACKED_LINK && !walk(members, a, dir, m->target, links, &at))
			return false;
	}
	*ret = at;
	return at;
}

const char *cv_packed_resolve(
	const struct cv_packed_list *members, struct cv_arena *a, const char *name)
{
	const char *at = NULL;
	int links = 0;

	return walk(members, a, "", name, &links, &at) ? at : NULL;
}

static bool is_code(struct cv_str line)
{
	return cv_str_starts(line, CV_LIT("import ")) || cv_str_starts(line, CV_LIT("import\t"));
}

/* The path of a line for the archive: itself, or relative; NULL if it leads out. */
static const char *pth_path(struct cv_arena *a, const char *site, const char *path,
	const char *const *places, size_t place_count)
{
	/* As a link in SITE, only that it has no name. */
	const char *link = cv_strfmt(a, "%s/x", site);
	/* The module site removes ".." from the text, too. */
	const char *whole = cv_path_is_abs(path) ? cv_path_abs(a, NULL, path) : path;
	const char *target =
		link && whole ? cv_portable_target(a, link, whole, places, place_count) : NULL;

	if (!target)
		return NULL;
	if (cv_path_is_abs(target) || (!cv_path_is_abs(path) && !cv_path_inside(a, site, path)))
		return NULL;
	return target;
}

int cv_portable_pth(struct cv_buf *to, struct cv_arena *a, const char *site, struct cv_str text,
	const char *const *places, size_t place_count, struct cv_str *ret_outside)
{
	const struct cv_str mark = CV_LIT("\xef\xbb\xbf"); /* Python skips it */
	struct cv_str rest = text, line;
	bool changed = false;

	if (cv_str_starts(text, mark)) {
		cv_buf_str(to, mark);
		rest = (struct cv_str){ text.p + mark.n, text.n - mark.n };
	}
	for (bool first = true; cv_str_cut(&rest, '\n', &line); first = false) {
		struct cv_str path = cv_str_strip(line);
		const char *old, *new;

		if (!first)
			cv_buf_char(to, '\n');
		if (!path.n || path.p[0] == '#' || is_code(line)) {
			cv_buf_str(to, line);
			continue;
		}
		old = cv_strdup(a, path);
		new = old ? pth_path(a, site, old, places, place_count) : NULL;
		if (!new) {
			*ret_outside = path;
			return -1;
		}
		changed = changed || new != old;
		if (new == old)
			cv_buf_str(to, line);
		else
			cv_buf_cstr(to, new);
	}
	return changed;
}

static bool ends_name(struct cv_str rest)
{
	static const char name[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return !rest.n ||
	       (!memchr(name, *rest.p, sizeof(name) - 1) && (unsigned char)*rest.p < 0x80);
}

/* The pair whose `from` TEXT begins with. */
static const struct cv_pair *pair_at(
	struct cv_str text, const struct cv_pair *pairs, size_t count, size_t *ret_len)
{
	const struct cv_pair *found = NULL;

	*ret_len = 0;
	for (size_t i = 0; i < count; i++) {
		struct cv_str from = cv_str(pairs[i].from);

		if (from.n > *ret_len && cv_str_starts(text, from) &&
			ends_name((struct cv_str){ text.p + from.n, text.n - from.n })) {
			found = &pairs[i];
			*ret_len = from.n;
		}
	}
	return found;
}

bool cv_portable_prefixes(
	struct cv_buf *to, struct cv_str text, const struct cv_pair *pairs, size_t count)
{
	const char *end = text.p + text.n, *slash;
	bool changed = false;

	while (text.n && (slash = memchr(text.p, '/', text.n))) {
		const struct cv_pair *pair;
		size_t len;

		cv_buf_str(to, (struct cv_str){ text.p, (size_t)(slash - text.p) });
		text = (struct cv_str){ slash, (size_t)(end - slash) };
		pair = pair_at(text, pairs, count, &len);
		if (pair)
			cv_buf_cstr(to, pair->to);
		else
			cv_buf_char(to, *slash);
		changed = changed || pair;
		len = pair ? len : 1;
		text = (struct cv_str){ text.p + len, text.n - len };
	}
	cv_buf_str(to, text);
	return changed;
}

enum cv_dating cv_bytecode_dating(struct cv_str header, const struct cv_packed *source)
{
	if (header.n < CV_PYC_HEADER || !source || source->type != CV_PACKED_FILE)
		return CV_DATING_STALE;
	if (cv_pyc_get(header.p + CV_PYC_FLAGS_AT) != CV_PYC_BY_TIME)
		return CV_DATING_NONE;
	if (source->has_data || cv_pyc_get(header.p + CV_PYC_MTIME_AT) != (uint32_t)source->mtime ||
		cv_pyc_get(header.p + CV_PYC_SIZE_AT) != (uint32_t)source->size)
		return CV_DATING_STALE;
	return CV_DATING_TIME;
}

void cv_bytecode_date(char *header, int64_t mtime, bool unchecked)
{
	if (!unchecked) {
		cv_pyc_put(header + CV_PYC_MTIME_AT, (uint32_t)mtime);
		return;
	}
	cv_pyc_put(header + CV_PYC_FLAGS_AT, CV_PYC_BY_HASH);
	memset(header + CV_PYC_MTIME_AT, 0, CV_PYC_HEADER - CV_PYC_MTIME_AT);
}
