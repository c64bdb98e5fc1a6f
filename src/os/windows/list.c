/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdlib.h>

#include "text.h"

enum {
	BUFFER = 32 << 10,
	NAME_UNITS = 255,
};

struct state {
	const FILE_FULL_DIRECTORY_INFORMATION *next; /* NULL: the buffer is used up */
	bool end;
	char name[3 * NAME_UNITS + 1];
	_Alignas(8) char buffer[BUFFER];
};

int cv_os_list_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_list *ret)
{
	int rc;

	*ret = (struct cv_os_list){ 0 };
	rc = cv_os_open_dir(at, name, how & CV_OS_NOFOLLOW, &ret->dir);
	if (rc < 0)
		return rc;
	ret->state = calloc(1, sizeof(struct state));
	if (ret->state)
		return 0;
	cv_os_close_dir(&ret->dir);
	return -ENOMEM;
}

static bool is_dots(const wchar_t *name, size_t n)
{
	return (n == 1 && name[0] == L'.') || (n == 2 && name[0] == L'.' && name[1] == L'.');
}

/* 1: s->next is an entry. */
static int fill(HANDLE dir, struct state *s)
{
	NTSTATUS status;

	if (s->next)
		return 1;
	if (s->end)
		return 0;
	status = cv_nt_list(dir, CV_NT_FULL_DIR_INFO, s->buffer, sizeof(s->buffer));
	s->end = status != STATUS_SUCCESS;
	/* An empty root directory, which has no dots, reports a missing file. */
	if (status == STATUS_NO_MORE_FILES || status == STATUS_NO_SUCH_FILE)
		return 0;
	if (status != STATUS_SUCCESS)
		return cv_nt_error(status);
	s->next = (const FILE_FULL_DIRECTORY_INFORMATION *)s->buffer;
	return 1;
}

/* EaSize is the tag of a reparse point. A driver that does not tell it leaves it 0. */
static enum cv_os_type type_of(const FILE_FULL_DIRECTORY_INFORMATION *e)
{
	if (e->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT && e->EaSize == 0)
		return CV_OS_UNKNOWN;
	return cv_nt_type(e->FileAttributes, e->EaSize);
}

int cv_os_list_next(struct cv_os_list *list)
{
	struct state *s = list->state;
	int rc;

	while (s && (rc = fill(cv_nt_dir(list->dir), s)) != 0) {
		const FILE_FULL_DIRECTORY_INFORMATION *e = s->next;
		size_t n;

		if (rc < 0)
			return rc;
		s->next = e->NextEntryOffset
				  ? (const FILE_FULL_DIRECTORY_INFORMATION *)((const char *)e +
									      e->NextEntryOffset)
				  : NULL;
		n = e->FileNameLength / sizeof(wchar_t);
		if (is_dots(e->FileName, n))
			continue;
		rc = cv_nt_to_utf8(e->FileName, n, s->name, sizeof(s->name));
		if (rc < 0)
			return rc;
		list->name = s->name;
		list->type = type_of(e);
		return 1;
	}
	return 0;
}

void cv_os_list_close(struct cv_os_list *list)
{
	cv_os_close_dir(&list->dir);
	free(list->state);
	*list = (struct cv_os_list){ 0 };
}
