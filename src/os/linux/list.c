/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "posix.h"

/*
 * Listings by getdents64(2): readdir(3) makes two further calls for each directory, and five for
 * one that is open already.
 */

enum { LIST_ROOM = 32 * 1024, SCAN_ROOM = 8 * 1024 };

/* As the kernel writes it, whatever the C library's struct dirent is. */
struct entry {
	uint64_t number;
	int64_t next;
	unsigned short len;
	unsigned char type;
	char name[];
};

struct state {
	int fd;
	size_t at, end;
	alignas(struct entry) char room[LIST_ROOM];
};

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum cv_os_type type_of(unsigned char type)
{
	switch (type) {
	case DT_REG:
		return CV_OS_FILE;
	case DT_DIR:
		return CV_OS_DIR;
	case DT_LNK:
		return CV_OS_LINK;
	case DT_UNKNOWN:
		return CV_OS_UNKNOWN;
	default:
		return CV_OS_OTHER;
	}
}

int cv_os_list_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_list *ret)
{
	int fd = cv_posix_open_list(at, name, how);
	struct state *s;

	*ret = (struct cv_os_list){ 0 };
	if (fd < 0)
		return fd;
	s = malloc(sizeof(*s));
	if (!s) {
		cv_posix_close(fd);
		return -ENOMEM;
	}
	s->fd = fd;
	s->at = s->end = 0;
	ret->dir.handle = (intptr_t)fd + 1;
	ret->state = s;
	return 0;
}

/* 1: there is an entry at s->at. */
static int fill(struct state *s)
{
	long n;

	if (s->at < s->end)
		return 1;
	n = syscall(SYS_getdents64, s->fd, s->room, sizeof(s->room));
	/* ENOENT: the directory has been removed. */
	if (n < 0 && errno != ENOENT)
		return -errno;
	s->at = 0;
	s->end = n < 0 ? 0 : (size_t)n;
	return s->end > 0;
}

int cv_os_list_next(struct cv_os_list *list)
{
	struct state *s = list->state;
	int rc = s ? fill(s) : 0;

	while (rc > 0) {
		const struct entry *e = (const void *)(s->room + s->at);

		s->at += e->len;
		if (!is_dots(e->name)) {
			list->name = e->name;
			list->type = type_of(e->type);
			return 1;
		}
		rc = fill(s);
	}
	return rc;
}

void cv_os_list_close(struct cv_os_list *list)
{
	struct state *s = list->state;

	if (s)
		cv_posix_close(s->fd);
	free(s);
	*list = (struct cv_os_list){ 0 };
}

void cv_os_scan(struct cv_os_dir dir, void (*visit)(void *data, const char *name), void *data)
{
	alignas(struct entry) char room[SCAN_ROOM];
	long n;

	while ((n = syscall(SYS_getdents64, cv_posix_fd(dir), room, sizeof(room))) > 0)
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(room + at);

			at += e->len;
			if (!is_dots(e->name))
				visit(data, e->name);
		}
}
