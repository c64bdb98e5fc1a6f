/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/mount.h>
#include <sys/param.h>

#include "posix.h"

/* APFS has all of these; HFS+ and others say ENOTSUP. */
int cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name,
	enum cv_os_rename kind)
{
	int from_fd = cv_posix_fd(from), to_fd = cv_posix_fd(to), rc;

	if (kind == CV_OS_REPLACE)
		return cv_posix_result(renameat(from_fd, name, to_fd, to_name));
	rc = renameatx_np(
		from_fd, name, to_fd, to_name, kind == CV_OS_NEW ? RENAME_EXCL : RENAME_SWAP);
	return rc < 0 && errno == ENOTSUP ? -EOPNOTSUPP : cv_posix_result(rc);
}

bool cv_os_exchanges(void)
{
	return true;
}

static bool has_acl(int fd)
{
	acl_t acl = acl_get_fd_np(fd, ACL_TYPE_EXTENDED);
	acl_entry_t entry;
	bool has = acl && acl_get_entry(acl, ACL_FIRST_ENTRY, &entry) == 0;

	if (acl)
		(void)acl_free(acl);
	return has;
}

/* A new directory gets the group of the one that it is in. */
bool cv_os_made_alike(struct cv_os_dir parent, struct cv_os_dir dir)
{
	int fd = cv_posix_fd(dir);
	struct stat st, up;

	return fstat(fd, &st) == 0 && fstat(cv_posix_fd(parent), &up) == 0 &&
	       st.st_uid == geteuid() && st.st_gid == up.st_gid && !has_acl(fd);
}

int cv_os_same_mount(struct cv_os_dir a, struct cv_os_dir b)
{
	struct statfs x, y;

	if (fstatfs(cv_posix_fd(a), &x) < 0 || fstatfs(cv_posix_fd(b), &y) < 0)
		return -errno;
	return memcmp(&x.f_fsid, &y.f_fsid, sizeof(x.f_fsid)) == 0 &&
	       strcmp(x.f_mntonname, y.f_mntonname) == 0;
}

int cv_os_renames(struct cv_os_dir a, struct cv_os_dir b)
{
	return cv_os_same_mount(a, b);
}

int cv_os_mount_below(struct cv_os_dir dir, char *ret_path, size_t room)
{
	char here[MAXPATHLEN];
	struct statfs *all = NULL;
	int n, found = 0;
	size_t len;

	if (fcntl(cv_posix_fd(dir), F_GETPATH, here) < 0)
		return 0;
	len = strlen(here);
	n = getmntinfo_r_np(&all, MNT_NOWAIT);
	for (int i = 0; i < n && !found; i++) {
		const char *path = all[i].f_mntonname;

		if (strncmp(path, here, len) != 0 || path[len] != '/' || strlen(path) >= room)
			continue;
		(void)snprintf(ret_path, room, "%s", path);
		found = 1;
	}
	free(all);
	return found;
}

bool cv_os_runs_programs(struct cv_os_dir dir)
{
	struct statfs st;

	return fstatfs(cv_posix_fd(dir), &st) < 0 || !(st.f_flags & MNT_NOEXEC);
}

#ifndef MNT_STRICTATIME
#define MNT_STRICTATIME 0x80000000
#endif

/* Without this option, APFS changes a time only if it is before the last modification. */
bool cv_os_keeps_atime(struct cv_os_dir dir)
{
	struct statfs st;

	return fstatfs(cv_posix_fd(dir), &st) == 0 && !(st.f_flags & (MNT_NOATIME | MNT_RDONLY)) &&
	       (strcmp(st.f_fstypename, "hfs") == 0 ||
		       (strcmp(st.f_fstypename, "apfs") == 0 && st.f_flags & MNT_STRICTATIME));
}
