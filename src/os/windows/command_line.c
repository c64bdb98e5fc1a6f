/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "nt.h"
#include "text.h"

enum { LINE_MAX_UNITS = 32767 }; /* with the NUL; the system's limit */

/*
 * Backslashes are ordinary, except in front of a quote: there each one is doubled. The program's
 * name has no escapes at all, and no quotes, since file names have none.
 */
static void add_argument(struct cv_buf *line, const char *arg, bool is_program)
{
	size_t slashes = 0;

	if (arg[0] && !is_program && !strpbrk(arg, " \t\n\v\"")) {
		cv_buf_cstr(line, arg);
		return;
	}
	cv_buf_char(line, '"');
	for (; *arg; arg++) {
		if (*arg == '"') {
			for (; slashes; slashes--)
				cv_buf_char(line, '\\');
			cv_buf_char(line, '\\');
		}
		slashes = *arg == '\\' && !is_program ? slashes + 1 : 0;
		cv_buf_char(line, *arg);
	}
	for (; slashes; slashes--)
		cv_buf_char(line, '\\');
	cv_buf_char(line, '"');
}

int cv_nt_command_line(const char *const *argv, wchar_t **ret)
{
	OWN_BUF struct cv_buf line = { 0 };
	int rc;

	for (size_t i = 0; argv[i]; i++) {
		if (i)
			cv_buf_char(&line, ' ');
		add_argument(&line, argv[i], i == 0);
	}
	if (line.bad)
		return -ENOMEM;
	rc = cv_nt_wide(line.p, ret);
	if (rc == 0 && wcslen(*ret) >= LINE_MAX_UNITS) {
		free(*ret);
		*ret = NULL;
		return -E2BIG;
	}
	return rc;
}

/* Names such as "=C:", the current directory of a drive, begin with a '='. */
static int name_length(const wchar_t *entry)
{
	const wchar_t *end = entry[0] ? wcschr(entry + 1, L'=') : NULL;

	return (int)(end ? (size_t)(end - entry) : wcslen(entry));
}

static int compare_names(const void *a, const void *b)
{
	const wchar_t *x = *(wchar_t *const *)a, *y = *(wchar_t *const *)b;

	return CompareStringOrdinal(x, name_length(x), y, name_length(y), TRUE) - CSTR_EQUAL;
}

/* Two NULs end it, even if it is empty. */
static int join(wchar_t *const *entries, size_t count, wchar_t **ret)
{
	size_t room = 2;
	wchar_t *to;

	for (size_t i = 0; i < count; i++)
		room += wcslen(entries[i]) + 1;
	*ret = to = calloc(room, sizeof(*to));
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t n = wcslen(entries[i]) + 1;

		memcpy(to, entries[i], n * sizeof(*to));
		to += n;
	}
	return 0;
}

int cv_nt_environment(const char *const *envp, wchar_t **ret)
{
	size_t count = 0, room = 1;
	wchar_t **entries;
	int rc = 0;

	for (const char *const *e = envp; e && *e; e++)
		room++;
	entries = calloc(room, sizeof(wchar_t *));
	if (!entries)
		return -ENOMEM;
	for (const char *const *e = envp; e && *e && rc == 0; e++)
		rc = cv_nt_wide(*e, &entries[count++]);
	if (rc == 0) {
		qsort(entries, count, sizeof(wchar_t *), compare_names);
		rc = join(entries, count, ret);
	}
	for (size_t i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return rc;
}
