/* SPDX-License-Identifier: MIT */
#include "base/err.h"
#include "posix.h"

/* ZFS clones blocks by copy_file_range() itself; there is no other call for it. */
int cv_os_create_clone(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file from,
	struct cv_os_file *ret, bool *ret_cloned)
{
	(void)from;
	*ret_cloned = false;
	return cv_os_create(at, name, mode, ret);
}

int64_t cv_os_copy(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	off_t offset = (off_t)at;
	uint64_t done = 0;

	while (done < size) {
		ssize_t n = copy_file_range(cv_posix_file_fd(from), &offset, cv_posix_file_fd(to),
			NULL, (size_t)(size - done), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && cv_err_unsupported(errno)))
			break;
		if (n < 0)
			return -errno;
		done += (uint64_t)n;
	}
	return (int64_t)done;
}

int cv_os_clone_part(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	(void)from;
	(void)at;
	(void)to;
	return size == 0;
}

bool cv_os_clones_parts(struct cv_os_dir dir)
{
	(void)dir;
	return false;
}

bool cv_os_clones(struct cv_os_dir from, struct cv_os_dir to)
{
	(void)from;
	(void)to;
	return false;
}

/* ZFS does not tell. */
int cv_os_shared(struct cv_os_file file, uint64_t *ret)
{
	(void)file;
	*ret = 0;
	return -EOPNOTSUPP;
}

bool cv_os_shares(struct cv_os_dir dir)
{
	(void)dir;
	return false;
}
