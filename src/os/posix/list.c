/* SPDX-License-Identifier: MIT */
#include "posix.h"

#include <dirent.h>
#include <string.h>

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
	DIR *dir;
	int code;

	*ret = (struct cv_os_list){ 0 };
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	code = errno;
	if (!dir) {
		cv_posix_close(fd);
		return -code;
	}
	ret->dir.handle = (intptr_t)fd + 1;
	ret->state = dir;
	return 0;
}

int cv_os_list_next(struct cv_os_list *list)
{
	const struct dirent *e;

	do {
		errno = 0;
		e = list->state ? readdir(list->state) : NULL;
		if (!e)
			return -errno;
	} while (is_dots(e->d_name));
	list->name = e->d_name;
	list->type = type_of(e->d_type);
	return 1;
}

void cv_os_list_close(struct cv_os_list *list)
{
	if (list->state)
		(void)closedir(list->state);
	*list = (struct cv_os_list){ 0 };
}
