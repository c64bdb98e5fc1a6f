/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <linux/stat.h> /* not <sys/stat.h>: not every C library's statx has mount IDs */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/own.h"
#include "os/os.h"
#include "system.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

enum {
	MOUNTINFO_MAX = 64 << 20,
	MOUNT_POINT = 4, /* field of mountinfo, counted from 0 */
	OCTAL_DIGITS = 3,
};

struct mount {
	bool has_id; /* since Linux 5.8; older kernels only tell the devices */
	uint64_t id, device;
};

static int mount_of(struct cv_os_dir dir, struct mount *ret)
{
	struct statx stx;
	struct cv_os_stat st;
	int rc;

	if (syscall(SYS_statx, (int)dir.handle - 1, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MNT_ID,
		    &stx) == 0) {
		*ret = (struct mount){ stx.stx_mask & STATX_MNT_ID, stx.stx_mnt_id,
			makedev(stx.stx_dev_major, stx.stx_dev_minor) };
		return 0;
	}
	rc = cv_os_stat_dir(dir, &st);
	*ret = (struct mount){ .device = st.id.device };
	return rc;
}

static int compare(struct cv_os_dir a, struct cv_os_dir b, bool *ret_mount, bool *ret_device)
{
	struct mount x, y = { 0 };
	int rc = mount_of(a, &x);

	if (rc == 0)
		rc = mount_of(b, &y);
	if (rc < 0)
		return rc;
	*ret_device = x.device == y.device;
	*ret_mount = x.has_id && y.has_id ? x.id == y.id : *ret_device;
	return 0;
}

int cv_os_same_mount(struct cv_os_dir a, struct cv_os_dir b)
{
	bool mount, device;
	int rc = compare(a, b, &mount, &device);

	return rc < 0 ? rc : mount;
}

/* Subvolumes of btrfs are devices of one mount. */
int cv_os_renames(struct cv_os_dir a, struct cv_os_dir b)
{
	bool mount, device;
	int rc = compare(a, b, &mount, &device);

	return rc < 0 ? rc : mount && device;
}

static bool is_octal(struct cv_str s)
{
	if (s.n < OCTAL_DIGITS)
		return false;
	for (size_t i = 0; i < OCTAL_DIGITS; i++)
		if (s.p[i] < '0' || s.p[i] > '7')
			return false;
	return true;
}

/* Decode spaces, tabs, line ends and backslashes, written as "\040". False if it is too long. */
static bool unescape(struct cv_str text, char *ret, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		struct cv_str rest = { text.p + i + 1, text.n - i - 1 };
		char c = text.p[i];

		if (c == '\\' && is_octal(rest)) {
			c = (char)((rest.p[0] - '0') * 64 + (rest.p[1] - '0') * 8 +
				   (rest.p[2] - '0'));
			i += OCTAL_DIGITS;
		}
		if (n + 1 >= room)
			return false;
		ret[n++] = c;
	}
	ret[n] = '\0';
	return true;
}

static bool mount_point(struct cv_str line, char *ret, size_t room)
{
	struct cv_str field;

	for (int i = 0; cv_str_cut(&line, ' ', &field); i++)
		if (i == MOUNT_POINT)
			return unescape(field, ret, room);
	return false;
}

/* By /proc/self/mountinfo, see proc(5). */
int cv_os_mount_below(struct cv_os_dir dir, char *ret_path, size_t room)
{
	OWN_BUF struct cv_buf info = { 0 };
	char link[64], here[PATH_MAX];
	struct cv_str text, line;
	size_t len;
	int n, rc;

	/* The kernel's own path of the directory, without links, as in mountinfo. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)dir.handle - 1);
	n = cv_os_readlink(CV_OS_ABSOLUTE, link, here, sizeof(here));
	if (n <= 0)
		return 0;
	len = (size_t)n;
	rc = cv_linux_read("/proc/self/mountinfo", MOUNTINFO_MAX, &info);
	if (rc < 0)
		return rc;
	text = cv_buf_slice(&info);
	while (cv_str_cut(&text, '\n', &line))
		if (mount_point(line, ret_path, room) && strncmp(ret_path, here, len) == 0 &&
			ret_path[len] == '/')
			return 1;
	return 0;
}

bool cv_os_runs_programs(struct cv_os_dir dir)
{
	struct statvfs st;

	return fstatvfs((int)dir.handle - 1, &st) < 0 || !(st.f_flag & ST_NOEXEC);
}

/*
 * Those of servers and of FUSE do not, or not for what the kernel has in memory, and overlayfs does
 * not for files of the layers below.
 */
static bool is_local(uint32_t type)
{
	static const uint32_t types[] = {
		0xef53,     /* ext2, ext3, ext4 */
		0x58465342, /* XFS */
		0x9123683e, /* btrfs */
		0xf2f52010, /* F2FS */
		0x01021994, /* tmpfs */
		0x2fc12fc1, /* ZFS */
		0xca451a4e, /* bcachefs */
		0x3153464a, /* JFS */
		0x52654973, /* ReiserFS */
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] == type)
			return true;
	return false;
}

/* relatime, the default, updates them once a day. */
bool cv_os_keeps_atime(struct cv_os_dir dir)
{
	struct statvfs flags;
	struct statfs st;
	int fd = (int)dir.handle - 1;

	return fstatvfs(fd, &flags) == 0 && !(flags.f_flag & (ST_NOATIME | ST_RDONLY)) &&
	       fstatfs(fd, &st) == 0 && is_local((uint32_t)st.f_type);
}
