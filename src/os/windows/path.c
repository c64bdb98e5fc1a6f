/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum {
	COMPONENT_MAX = 255,
	UNITS_MAX = 32766, /* units; UNICODE_STRING counts bytes in 16 bits */
	ROOM_ADDED = 10,   /* for a prefix, a '\' at the end, and the NUL */
};

static bool is_sep(wchar_t c)
{
	return c == L'/' || c == L'\\';
}

static bool is_letter(wchar_t c)
{
	return (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z');
}

/* How an absolute path begins. */
struct root {
	const wchar_t *prefix;
	size_t skip; /* units of the path instead of which the prefix is written */
	int fixed;   /* components that ".." does not remove */
};

static bool find_root(const wchar_t *p, struct root *ret)
{
	static const wchar_t native[] = L"\\??\\", share[] = L"\\??\\UNC\\";

	if (is_letter(p[0]) && p[1] == L':' && is_sep(p[2])) {
		*ret = (struct root){ native, 0, 1 };
		return true;
	}
	if (!is_sep(p[0]))
		return false;
	/* "\\?\", "\\.\" and "\??\" */
	if ((is_sep(p[1]) || p[1] == L'?') && (p[2] == L'?' || p[2] == L'.') && is_sep(p[3])) {
		const wchar_t *rest = p + 4;
		bool unc = (rest[0] | 0x20) == L'u' && (rest[1] | 0x20) == L'n' &&
			   (rest[2] | 0x20) == L'c' && is_sep(rest[3]);

		*ret = (struct root){ native, 4, unc ? 3 : 1 };
		return true;
	}
	*ret = (struct root){ share, 2, 2 };
	return is_sep(p[1]) && p[2] && !is_sep(p[2]);
}

/* The components that are written so far, each with a '\' behind it. */
struct out {
	wchar_t *p;
	size_t n, start;
	int count, fixed; /* fixed < 0: a relative name */
};

static void remove_last(struct out *o)
{
	if (o->count <= o->fixed)
		return;
	o->n--;
	while (o->n > o->start && o->p[o->n - 1] != L'\\')
		o->n--;
	o->count--;
}

/* LEN units at FROM, which may overlap what is written. */
static int add_component(struct out *o, const wchar_t *from, size_t len)
{
	if (len == 2 && from[0] == L'.' && from[1] == L'.') {
		if (o->fixed < 0)
			return -EINVAL;
		remove_last(o);
		return 0;
	}
	if (len == 0 || (len == 1 && from[0] == L'.'))
		return 0;
	if (o->count >= o->fixed)
		for (size_t i = 0; i < len; i++)
			if (from[i] == L':')
				return -EINVAL;
	if (len > COMPONENT_MAX)
		return -ENAMETOOLONG;
	memmove(o->p + o->n, from, len * sizeof(*from));
	o->n += len;
	o->p[o->n++] = L'\\';
	o->count++;
	return 0;
}

/* PATH is in the same buffer, at or behind the place where its components are written. */
static int add_components(struct out *o, const wchar_t *path)
{
	int rc = 0;

	while (*path && rc == 0) {
		size_t len = 0;
		bool more;

		while (path[len] && !is_sep(path[len]))
			len++;
		more = path[len] != L'\0';
		rc = add_component(o, path, len);
		path += len + (more ? 1 : 0);
	}
	if (rc < 0)
		return rc;
	/* The '\' stays behind a root only: "\??\C:" is the volume, "\??\C:\" its directory. */
	if (o->count && o->count > o->fixed)
		o->n--;
	return 0;
}

static void set(struct cv_nt_name *name, HANDLE dir, wchar_t *text, size_t n)
{
	name->text = (UNICODE_STRING){ .Length = (USHORT)(n * sizeof(*text)),
		.MaximumLength = (USHORT)(n * sizeof(*text)),
		.Buffer = text };
	InitializeObjectAttributes(&name->object, &name->text, OBJ_CASE_INSENSITIVE, dir, NULL);
}

int cv_nt_name(struct cv_nt_name *ret, struct cv_os_dir at, const char *name)
{
	struct out o = { .p = ret->buf, .fixed = -1 };
	size_t room = strlen(name) + 1;
	wchar_t *path;
	struct root root;
	int rc;

	ret->heap = NULL;
	if (room + ROOM_ADDED > sizeof(ret->buf) / sizeof(ret->buf[0])) {
		ret->heap = malloc((room + ROOM_ADDED) * sizeof(*ret->heap));
		if (!ret->heap)
			return -ENOMEM;
		o.p = ret->heap;
	}
	path = o.p + ROOM_ADDED; /* so that what is written stays in front of what is read */
	rc = cv_nt_to_wide(name, path, room);
	if (rc < 0)
		return rc;
	if (!cv_os_dir_ok(at)) {
		if (!find_root(path, &root))
			return -EINVAL;
		o.fixed = root.fixed;
		o.start = o.n = wcslen(root.prefix);
		memcpy(o.p, root.prefix, o.n * sizeof(*o.p));
		path += root.skip;
	}
	rc = add_components(&o, path);
	if (rc == 0 && o.n > UNITS_MAX)
		rc = -ENAMETOOLONG;
	if (rc == 0)
		set(ret, cv_os_dir_ok(at) ? cv_nt_dir(at) : NULL, o.p, o.n);
	return rc;
}

int cv_nt_new_name(struct cv_nt_name *ret, struct cv_os_dir at, const char *name)
{
	int rc = cv_nt_name(ret, at, name);
	size_t n = rc == 0 ? ret->text.Length / sizeof(wchar_t) : 0;
	wchar_t last = n ? ret->text.Buffer[n - 1] : L'\0';

	return rc == 0 && (last == L'.' || last == L' ') ? -EINVAL : rc;
}

void cv_nt_self(struct cv_nt_name *ret, HANDLE handle)
{
	ret->heap = NULL;
	set(ret, handle, ret->buf, 0);
}

void cv_nt_name_done(struct cv_nt_name *name)
{
	free(name->heap);
	name->heap = NULL;
}

int cv_nt_path_of(HANDLE handle, wchar_t **ret)
{
	unsigned volume = VOLUME_NAME_DOS;
	size_t room = 300, n;
	wchar_t *path = NULL;

	*ret = NULL;
	for (;;) {
		wchar_t *bigger = realloc(path, room * sizeof(*path));

		if (!bigger) {
			free(path);
			return -ENOMEM;
		}
		path = bigger;
		n = cv_nt_final_path(handle, FILE_NAME_NORMALIZED | volume, path, room);
		if (n && n <= room)
			break;
		if (n == 0 && volume == VOLUME_NAME_DOS && GetLastError() == ERROR_PATH_NOT_FOUND) {
			volume = VOLUME_NAME_GUID; /* a volume without a letter */
			continue;
		}
		if (n == 0) {
			free(path);
			return cv_nt_win32_error(GetLastError());
		}
		room = n;
	}
	*ret = path;
	return 0;
}
