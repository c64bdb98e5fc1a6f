/* SPDX-License-Identifier: MIT */
#include <sys/attr.h>
#include <sys/clonefile.h>
#include <sys/mount.h>
#include <sys/param.h>

#include "posix.h"

/* A clone is always a new file here: with the mode and the times of the one it is made from. */
static bool clone_as(struct cv_os_dir at, const char *name, struct cv_os_file from, mode_t mode,
	struct cv_os_file *ret)
{
	int fd;

	if (fclonefileat(cv_posix_file_fd(from), cv_posix_fd(at), name, 0) < 0)
		return false;
	/* With the mode first: it may not be ours to write yet. */
	if (fchmodat(cv_posix_fd(at), name, mode | S_IWUSR, AT_SYMLINK_NOFOLLOW) == 0) {
		fd = cv_posix_open(at, name, O_WRONLY | O_NOFOLLOW, 0);
		if (fd >= 0 && fchmod(fd, mode) == 0) {
			ret->handle = (intptr_t)fd + 1;
			return true;
		}
		cv_posix_close(fd);
	}
	(void)unlinkat(cv_posix_fd(at), name, 0);
	return false;
}

/*
 * The new file that is made first tells which mode a new file gets, and that its name was free. If
 * another process takes the name meanwhile, creating it again fails.
 */
int cv_os_create_clone(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file from,
	struct cv_os_file *ret, bool *ret_cloned)
{
	struct cv_os_stat st;
	int rc = cv_os_create(at, name, mode, ret);

	*ret_cloned = false;
	if (rc < 0 || cv_os_stat_file(*ret, &st) < 0 || cv_os_unlink(at, name) < 0)
		return rc;
	(void)cv_os_close(ret);
	*ret_cloned = clone_as(at, name, from, (mode_t)st.mode, ret);
	return *ret_cloned ? 0 : cv_os_create(at, name, mode, ret);
}

/* fcopyfile(3) copies in this process. */
int64_t cv_os_copy(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	(void)from;
	(void)at;
	(void)size;
	(void)to;
	return 0;
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

/* There are no files without a name to try it with: the volume says whether it can. */
static bool volume_clones(int fd)
{
	struct attrlist list = { .bitmapcount = ATTR_BIT_MAP_COUNT,
		.volattr = ATTR_VOL_INFO | ATTR_VOL_CAPABILITIES };
	struct {
		uint32_t len;
		vol_capabilities_attr_t can;
	} __attribute__((packed, aligned(4))) answer = { 0 };
	struct statfs st;

	return fstatfs(fd, &st) == 0 &&
	       getattrlist(st.f_mntonname, &list, &answer, sizeof(answer), 0) == 0 &&
	       (answer.can.valid[VOL_CAPABILITIES_INTERFACES] & VOL_CAP_INT_CLONE) &&
	       (answer.can.capabilities[VOL_CAPABILITIES_INTERFACES] & VOL_CAP_INT_CLONE);
}

bool cv_os_clones(struct cv_os_dir from, struct cv_os_dir to)
{
	return cv_os_same_mount(from, to) == 1 && volume_clones(cv_posix_fd(to));
}

/* What is not private to the file is shared. */
int cv_os_shared(struct cv_os_file file, uint64_t *ret)
{
	struct attrlist list = { .bitmapcount = ATTR_BIT_MAP_COUNT,
		.commonattr = ATTR_CMN_RETURNED_ATTRS,
		.forkattr = ATTR_CMNEXT_PRIVATESIZE };
	struct {
		uint32_t len;
		attribute_set_t returned;
		off_t own;
	} __attribute__((packed, aligned(4))) answer = { 0 };
	struct cv_os_stat st;
	int rc = cv_os_stat_file(file, &st);

	*ret = 0;
	if (rc == 0)
		rc = cv_posix_result(fgetattrlist(cv_posix_file_fd(file), &list, &answer,
			sizeof(answer), FSOPT_ATTR_CMN_EXTENDED));
	if (rc < 0)
		return rc;
	if (!(answer.returned.forkattr & ATTR_CMNEXT_PRIVATESIZE) || answer.own < 0)
		return -EOPNOTSUPP;
	if (st.disk > (uint64_t)answer.own)
		*ret = st.disk - (uint64_t)answer.own;
	return 0;
}

bool cv_os_shares(struct cv_os_dir dir)
{
	(void)dir; /* APFS; others refuse cv_os_shared() at the first file */
	return true;
}
