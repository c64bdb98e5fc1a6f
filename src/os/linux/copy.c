/* SPDX-License-Identifier: MIT */
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/err.h"
#include "posix.h"

int cv_os_create_clone(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file from,
	struct cv_os_file *ret, bool *ret_cloned)
{
	int rc = cv_os_create(at, name, mode, ret);

	*ret_cloned =
		rc == 0 && ioctl(cv_posix_file_fd(*ret), FICLONE, cv_posix_file_fd(from)) == 0;
	return rc;
}

enum {
	COPY_MAX = 1 << 30, /* a size_t may have 32 bits; Linux copies at most 2 GiB at once */
};

/* glibc has copy_file_range() only since 2.27. */
static long copy_range(int from, int64_t *at, int to, size_t size)
{
	return syscall(SYS_copy_file_range, from, at, to, NULL, size, 0);
}

int64_t cv_os_copy(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	int64_t offset = (int64_t)at;
	uint64_t done = 0;

	while (done < size) {
		uint64_t left = size - done;
		long n = copy_range(cv_posix_file_fd(from), &offset, cv_posix_file_fd(to),
			left < COPY_MAX ? (size_t)left : COPY_MAX);

		if (n < 0 && errno == EINTR)
			continue;
		/* Between file systems and on old kernels it copies nothing. */
		if (n == 0 || (n < 0 && cv_err_unsupported(errno)))
			break;
		if (n < 0)
			return -errno;
		done += (uint64_t)n;
	}
	return (int64_t)done;
}

/* Whole blocks; then what is too much is cut off. */
int cv_os_clone_part(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	struct file_clone_range range = { .src_fd = cv_posix_file_fd(from),
		.src_offset = at,
		.src_length =
			(size + CV_OS_CLONE_BLOCK - 1) / CV_OS_CLONE_BLOCK * CV_OS_CLONE_BLOCK };

	if (size == 0)
		return 1;
	if (ioctl(cv_posix_file_fd(to), FICLONERANGE, &range) < 0)
		return 0;
	return ftruncate(cv_posix_file_fd(to), (off_t)size) < 0 ? -errno : 1;
}

/*
 * Of the Linux file systems that clone: XFS unshares the block that is cut, which measured three
 * times as long as copying all; what others do was not measured.
 */
bool cv_os_clones_parts(struct cv_os_dir dir)
{
	struct statfs st;

	return fstatfs(cv_posix_fd(dir), &st) == 0 && st.f_type == BTRFS_SUPER_MAGIC;
}

/* An unnamed file in that directory, which closing deletes. */
static struct cv_os_file open_unnamed(struct cv_os_dir dir)
{
	int fd = cv_posix_open(dir, ".", O_TMPFILE | O_RDWR, 0600);

	return fd < 0 ? CV_OS_NO_FILE : (struct cv_os_file){ (intptr_t)fd + 1 };
}

bool cv_os_clones(struct cv_os_dir from_dir, struct cv_os_dir to_dir)
{
	static const char block[CV_OS_CLONE_BLOCK];
	OWN_OS_FILE struct cv_os_file from = open_unnamed(from_dir);
	OWN_OS_FILE struct cv_os_file to = open_unnamed(to_dir);

	return cv_os_file_ok(from) && cv_os_file_ok(to) &&
	       cv_os_write(from, block, sizeof(block)) == 0 &&
	       ioctl(cv_posix_file_fd(to), FICLONE, cv_posix_file_fd(from)) == 0;
}

enum { EXTENTS = 64 }; /* of one call */

static int next_extents(int fd, struct fiemap *map, uint64_t at)
{
	*map = (struct fiemap){
		.fm_start = at, .fm_length = FIEMAP_MAX_OFFSET - at, .fm_extent_count = EXTENTS
	};
	if (ioctl(fd, FS_IOC_FIEMAP, map) == 0)
		return 0;
	return errno == ENOTTY ? -EOPNOTSUPP : -errno;
}

int cv_os_shared(struct cv_os_file file, uint64_t *ret)
{
	union {
		struct fiemap map;
		char room[sizeof(struct fiemap) + EXTENTS * sizeof(struct fiemap_extent)];
	} u;
	const struct fiemap_extent *e = u.map.fm_extents;
	uint64_t at = 0;
	bool last = false;

	*ret = 0;
	while (!last) {
		int rc = next_extents(cv_posix_file_fd(file), &u.map, at);

		if (rc < 0)
			return rc;
		last = u.map.fm_mapped_extents == 0;
		for (unsigned i = 0; i < u.map.fm_mapped_extents; i++) {
			if (e[i].fe_flags & FIEMAP_EXTENT_SHARED)
				*ret += e[i].fe_length;
			last = e[i].fe_flags & FIEMAP_EXTENT_LAST ||
			       e[i].fe_logical + e[i].fe_length <= at;
			at = e[i].fe_logical + e[i].fe_length;
		}
	}
	return 0;
}

bool cv_os_shares(struct cv_os_dir dir)
{
	struct statfs st;

	if (fstatfs(cv_posix_fd(dir), &st) < 0)
		return false;
	switch ((uint32_t)st.f_type) {
	case BTRFS_SUPER_MAGIC:
	case OVERLAYFS_SUPER_MAGIC: /* it asks the file system below */
	case 0x58465342:            /* XFS */
	case 0x7461636f:            /* OCFS2 */
	case 0xca451a4e:            /* bcachefs */
		return true;
	default:
		return false;
	}
}
