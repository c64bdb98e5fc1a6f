/* SPDX-License-Identifier: MIT */
#include <sys/param.h>

#include <sys/acl.h>
#include <sys/mount.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/user.h>

#include "posix.h"

/* rename(2) can neither refuse to replace nor exchange. */
int cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name,
	enum cv_os_rename kind)
{
	if (kind != CV_OS_REPLACE)
		return -EOPNOTSUPP;
	return cv_posix_result(renameat(cv_posix_fd(from), name, cv_posix_fd(to), to_name));
}

bool cv_os_exchanges(void)
{
	return false;
}

/* One that says more than the mode does. */
static bool has_acl(int fd, acl_type_t type)
{
	acl_t acl = acl_get_fd_np(fd, type);
	int trivial = 1;
	bool has = acl && acl_is_trivial_np(acl, &trivial) == 0 && !trivial;

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
	       st.st_uid == geteuid() && st.st_gid == up.st_gid && !has_acl(fd, ACL_TYPE_NFS4) &&
	       !has_acl(fd, ACL_TYPE_ACCESS);
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
	struct kinfo_file info = { .kf_structsize = sizeof(info) };
	struct statfs *all;
	int n, found = 0;
	size_t len;

	if (fcntl(cv_posix_fd(dir), F_KINFO, &info) < 0)
		return 0;
	len = strlen(info.kf_path);
	n = getfsstat(NULL, 0, MNT_NOWAIT);
	all = n > 0 ? calloc((size_t)n, sizeof(*all)) : NULL;
	if (all)
		n = getfsstat(all, n * (long)sizeof(*all), MNT_NOWAIT);
	for (int i = 0; all && i < n && !found; i++) {
		const char *path = all[i].f_mntonname;

		if (strncmp(path, info.kf_path, len) != 0 || path[len] != '/' ||
			strlen(path) >= room)
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

bool cv_os_keeps_atime(struct cv_os_dir dir)
{
	static const char *const local[] = { "ufs", "zfs", "tmpfs" };
	struct statfs st;
	bool is_local = false;

	if (fstatfs(cv_posix_fd(dir), &st) < 0 || st.f_flags & (MNT_NOATIME | MNT_RDONLY))
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		is_local = is_local || strcmp(st.f_fstypename, local[i]) == 0;
	return is_local;
}
