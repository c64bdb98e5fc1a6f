/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/portable.h"
#include "wheel/direct_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* Nothing in the new text leads out, wherever the archive is. */
static void check_pth(struct cv_str text)
{
	static const char *const places[] = { "/e", "/old/e" };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf new OWN_BUF = { 0 }, again OWN_BUF = { 0 };
	struct cv_str outside = { 0 };

	if (cv_portable_pth(&new, &a, "lib/site", text, places, 2, &outside) < 0) {
		must(outside.n > 0);
		return;
	}
	must(cv_portable_pth(&again, &a, "lib/site", cv_buf_slice(&new), NULL, 0, &outside) == 0);
	must(cv_str_eq(cv_buf_slice(&new), cv_buf_slice(&again)));
}

static void check_prefixes(struct cv_str text)
{
	static const struct cv_pair pairs[] = { { "/a", "/new" }, { "/a/b", "/n w" } };
	struct cv_buf new OWN_BUF = { 0 }, again OWN_BUF = { 0 };

	if (cv_portable_prefixes(&new, text, pairs, 2))
		must(!cv_portable_prefixes(&again, cv_buf_slice(&new), pairs, 2));
}

/* Each line is the name of a link and, behind a space, its target. */
static void add_links(struct cv_packed_list *list, struct cv_str text)
{
	struct cv_str line, name;

	while (cv_str_cut(&text, '\n', &line)) {
		struct cv_packed *m = NULL;

		(void)cv_str_cut(&line, ' ', &name);
		if (cv_path_safe(name) && line.n && !memchr(line.p, '\0', line.n))
			m = cv_packed_add(list, cv_strdup(list->arena, name));
		if (!m)
			continue;
		m->type = CV_PACKED_LINK;
		m->target = cv_strdup(list->arena, line);
	}
}

static bool is_inside(const char *path)
{
	struct cv_str rest = cv_str(path), part;

	while (cv_str_cut(&rest, '/', &part))
		if (cv_str_eq(part, CV_LIT("..")) || (part.n == 0 && *path))
			return false;
	return true;
}

/* A link leads to no other link, and not out of the archive. */
static void check_links(struct cv_str text)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_packed_list list = { .arena = &a };

	add_links(&list, text);
	cv_packed_sort(&list);
	for (size_t i = 0; i < list.count && i < 100; i++) {
		const char *to = cv_packed_resolve(&list, &a, list.all[i].name);
		const struct cv_packed *found = to ? cv_packed_find(&list, to) : NULL;

		must(!to || is_inside(to));
		must(!found || found->type != CV_PACKED_LINK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_str text = { (const char *)data, size }, url;

	check_pth(text);
	check_prefixes(text);
	check_links(text);
	(void)cv_direct_url_is_editable(text, &url);
	return 0;
}
