/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_OS_H
#define CV_OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Files and directories of the operating system. src/os/ is the only folder that includes system
 * headers. A back end (posix/ with linux/, darwin/ or bsd/) implements the headers of this folder,
 * and all other folders use nothing but these headers. Policy (temporary names, staging, retries,
 * messages) is in fs/ and above.
 *
 * Results   A function that can fail returns a negative errno, else 0 or the value that its
 *           comment states. Comments list the errors that callers act on. Any function can also
 *           fail with -ENOMEM, -EMFILE, -ENFILE or -EIO. If a signal interrupts a call, the back
 *           end repeats it, except where the comment mentions -EINTR. If the system or the file
 *           system does not support a call, it fails with a code for which cv_err_unsupported()
 *           is true. The caller then uses its fallback.
 * Names     A file is named by an open directory and a relative name. '/' separates components on
 *           every system ("lib/x"). With CV_OS_ABSOLUTE, the name is an absolute path. The name
 *           "." means the directory itself. ".." is not a valid name: see cv_os_open_parent().
 *           On Windows, names are UTF-8 (WTF-8 for unpaired surrogates), '\' separates as well,
 *           and an absolute path is "C:\x", "\\server\share\x" or "\\?\...", of any length.
 *           -EINVAL: a name that no file can have, such as "a:b".
 * Links     If the last component of a name is a symbolic link, the comment says whether it is
 *           followed. Where a function has a parameter HOW, CV_OS_NOFOLLOW decides. Links in the
 *           middle of a name are always followed.
 * Handles   Handles are small structs, passed by value. Only this folder reads their member. A
 *           handle of zeros is "none", and closing it does nothing. Child processes do not
 *           inherit handles. A function that opens a handle sets *RET to none if it fails.
 * Threads   Several threads may call all functions, each thread with its own handles.
 */
struct cv_os_dir {
	intptr_t handle;
};

struct cv_os_file {
	intptr_t handle;
};

#define CV_OS_NO_DIR ((struct cv_os_dir){ 0 })
#define CV_OS_NO_FILE ((struct cv_os_file){ 0 })
#define CV_OS_ABSOLUTE ((struct cv_os_dir){ -1 }) /* no directory: names are absolute paths */

static inline bool cv_os_dir_ok(struct cv_os_dir dir)
{
	return dir.handle > 0;
}

static inline bool cv_os_file_ok(struct cv_os_file file)
{
	return file.handle > 0;
}

/* --- what a file is ---------------------------------------------------------------------- */

enum cv_os_type {
	CV_OS_UNKNOWN, /* in a listing that does not tell types */
	CV_OS_FILE,    /* a regular file */
	CV_OS_DIR,
	CV_OS_LINK,  /* a symbolic link, or a junction of Windows */
	CV_OS_OTHER, /* a pipe, a socket, a device; on Windows also an app execution alias */
};

enum {
	CV_OS_PERMISSIONS = 0777,
	CV_OS_OTHERS_WRITE = 022, /* group or others have write permission */
	CV_OS_ALL_WRITE = 02,     /* others have it */
	CV_OS_STICKY = 01000,     /* of a directory: only owners rename and remove entries */
	CV_OS_MODE = 07777,
	/*
	 * Of a directory, beside the bits of CV_OS_MODE: file managers do not show it. POSIX has no
	 * such mark: a leading dot in the name does that.
	 */
	CV_OS_HIDDEN = 010000,
};

/* Time since 1970. NS is 0 to 999999999. (64-bit nanoseconds would overflow in 2262.) */
struct cv_os_time {
	int64_t s;
	int32_t ns;
};

/* Identifies a file: equal exactly for names of the same file, as long as it exists. */
struct cv_os_id {
	uint64_t device;
	uint64_t number[2];
};

struct cv_os_stat {
	enum cv_os_type type;
	/*
	 * CV_OS_MODE bits. Windows has none: it returns 0700 for directories, 0600 for files, 0400
	 * for read-only files, and CV_OS_HIDDEN for directories with that attribute. Only
	 * cv_os_stat_dir() and cv_os_stat_parent() add, by a slow call, CV_OS_OTHERS_WRITE if other
	 * users may write to the directory or will to files in it, and CV_OS_STICKY if they may not
	 * rename what they do not own.
	 */
	unsigned mode;
	/*
	 * The owner, only to be compared with cv_os_user() and CV_OS_ADMINISTRATOR. On Windows,
	 * cv_os_stat() and cv_os_stat_file() return cv_os_user() without asking.
	 */
	uint64_t owner;
	bool own_group; /* its group has the number of its owner, as the group of one user has */
	uint64_t size;  /* in bytes; files of /proc have size 0 and still content */
	uint64_t disk;  /* bytes allocated on disk */
	uint64_t links; /* number of names; 0: open, but removed meanwhile */
	struct cv_os_time mtime;
	struct cv_os_time ctime; /* last change of content, mode, owner or names */
	struct cv_os_time atime; /* last access, as far as cv_os_keeps_atime() */
	struct cv_os_id id;
};

/*
 * May users other than the owner and the administrator write to it? Many systems give each user a
 * group, and with a umask of 002 all files of the user are writable for it: it does not count.
 */
static inline bool cv_os_others_write(const struct cv_os_stat *st)
{
	return st->mode & CV_OS_OTHERS_WRITE & (st->own_group ? 02 : 022);
}

enum { CV_OS_ADMINISTRATOR = 0 }; /* root, or the system itself */

/* The effective user: the owner of files that this process creates. */
uint64_t cv_os_user(void);

static inline bool cv_os_same_id(const struct cv_os_id *a, const struct cv_os_id *b)
{
	return a->device == b->device && a->number[0] == b->number[0] &&
	       a->number[1] == b->number[1];
}

/* Are they the same file? */
static inline bool cv_os_same(const struct cv_os_stat *a, const struct cv_os_stat *b)
{
	return cv_os_same_id(&a->id, &b->id);
}

enum cv_os_how {
	CV_OS_FOLLOW = 0,        /* use the target of a symbolic link */
	CV_OS_NOFOLLOW = 1 << 0, /* use the link itself, which cannot be opened */
	CV_OS_ANCHOR = 1 << 1,   /* only for cv_os_open_dir() */
	CV_OS_WRITE = 1 << 2,    /* only for cv_os_open(): open it to read and write */
	/*
	 * Only for cv_os_open() and cv_os_list_open(): reading does not change the access time.
	 * Without effect where the system or the owner of the file does not allow that.
	 */
	CV_OS_QUIET = 1 << 3,
};

/* Needs no permission for the file itself. -ENOENT, -ENOTDIR, -ELOOP, -EACCES, -ENAMETOOLONG. */
int cv_os_stat(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_stat *ret);
int cv_os_stat_dir(struct cv_os_dir dir, struct cv_os_stat *ret);
int cv_os_stat_file(struct cv_os_file file, struct cv_os_stat *ret);
/* Stat the parent of DIR. */
int cv_os_stat_parent(struct cv_os_dir dir, struct cv_os_stat *ret);

enum cv_os_right {
	CV_OS_MAY_EXIST = 0,        /* it exists, and its parents can be searched */
	CV_OS_MAY_EXECUTE = 1 << 0, /* execute a file, or search a directory */
	CV_OS_MAY_WRITE = 1 << 1,
	CV_OS_MAY_READ = 1 << 2,
};

/*
 * Does the effective user have these RIGHTS to NAME? Follows links. 0 if so, else the reason:
 * -EACCES, -EROFS, -ENOENT, -ENOTDIR, -ELOOP. The later call can still fail.
 */
int cv_os_access(struct cv_os_dir at, const char *name, unsigned rights);

/* --- directories ------------------------------------------------------------------------- */

/*
 * Open a directory to name files below it, to list it and to lock it. With CV_OS_ANCHOR, it can
 * only be used to name files below it and to stat it. That needs no read permission, where the
 * system makes that difference. -ENOTDIR if it is something else. A link with CV_OS_NOFOLLOW is
 * -ENOTDIR or -ELOOP.
 */
int cv_os_open_dir(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_dir *ret);
/* Open the parent of DIR as an anchor. The root is its own parent. */
int cv_os_open_parent(struct cv_os_dir dir, struct cv_os_dir *ret);
void cv_os_close_dir(struct cv_os_dir *dir); /* releases its lock; *DIR becomes none */

/*
 * Mode: MODE less the umask; with CV_OS_HIDDEN it is hidden from the start. -EEXIST if any entry
 * has that name, even a broken link.
 */
int cv_os_make_dir(struct cv_os_dir at, const char *name, unsigned mode);
/* -ENOTEMPTY or -EEXIST if it is not empty, -ENOTDIR, -EBUSY for a mount point. */
int cv_os_remove_dir(struct cv_os_dir at, const char *name);

/*
 * Lock DIR, without waiting. Closing the handle or ending the process releases the lock.
 * -EWOULDBLOCK: another handle, in this or another process, holds the lock. -EINTR: try again. Any
 * other error means that directories cannot be locked on this file system. The lock does not
 * prevent reading or writing.
 */
int cv_os_lock_dir(struct cv_os_dir dir);

/*
 * The entries of a directory, in any order, without "." and "..". Entries that are created or
 * removed during the listing may be missing; all others are listed exactly once. A list that is
 * not open has no entries. Opening fails as cv_os_open_dir() does.
 *
 *	OWN_OS_LIST struct cv_os_list list = { 0 };
 *	rc = cv_os_list_open(at, name, CV_OS_NOFOLLOW, &list);
 *	if (rc < 0)
 *		return rc;
 *	while ((rc = cv_os_list_next(&list)) > 0)
 *		... list.name, list.type, list.dir ...
 *	if (rc < 0)
 *		return rc;
 */
struct cv_os_list {
	struct cv_os_dir dir; /* the listed directory, open as long as the list */
	const char *name;     /* of the current entry; valid until the next call */
	enum cv_os_type type; /* of the current entry, or CV_OS_UNKNOWN */
	void *state;
};
int cv_os_list_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_list *ret);
int cv_os_list_next(struct cv_os_list *list); /* 1: an entry, 0: the end, or -errno */
void cv_os_list_close(struct cv_os_list *list);

/*
 * 1 if A and B are in the same mount, 0 if not (also for two mounts of one file system), -errno if
 * unknown.
 */
int cv_os_same_mount(struct cv_os_dir a, struct cv_os_dir b);

/*
 * 1 if files can be renamed from A to B, as far as permissions allow; 0 if not: two mounts, or two
 * subvolumes of one mount; -errno if unknown.
 */
int cv_os_renames(struct cv_os_dir a, struct cv_os_dir b);

/*
 * 1 and the path of a mount point below DIR; 0 if there is none, or if the system cannot tell.
 * Ignores paths that do not fit into ROOM bytes.
 */
int cv_os_mount_below(struct cv_os_dir dir, char *ret_path, size_t room);

/*
 * Can programs in DIR be run, and libraries be loaded? False if DIR is in a mount that excludes
 * this (noexec). True if the system has no such mounts, or if unknown. DIR may be an anchor.
 */
bool cv_os_runs_programs(struct cv_os_dir dir);

/*
 * Are access times of files in DIR updated, at least once a day? False on mounts with noatime, on
 * Windows, and if unknown, as on file servers. DIR may be an anchor.
 */
bool cv_os_keeps_atime(struct cv_os_dir dir);

/*
 * Would a new directory in PARENT have the same owner, group and access control list as DIR? False
 * if unknown. DIR must not be an anchor.
 */
bool cv_os_made_alike(struct cv_os_dir parent, struct cv_os_dir dir);

/* --- files ------------------------------------------------------------------------------- */

/*
 * Open an existing file to read it. Never waits, not even for a pipe, and never changes the
 * controlling terminal. What is opened may be a pipe, a device or (on POSIX) a directory: the
 * caller checks the type with cv_os_stat_file(). -ENXIO: a socket. -ELOOP: a link, with
 * CV_OS_NOFOLLOW.
 */
int cv_os_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_file *ret);

/*
 * Create a file and open it to write. Mode: MODE less the umask. -EEXIST if any entry has that
 * name, even a broken link.
 */
int cv_os_create(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file *ret);

/*
 * The same, but if the file system can clone files (share their blocks), the new file has the
 * content of FROM and *RET_CLONED is true. Else the file is empty; that is not an error.
 */
int cv_os_create_clone(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file from,
	struct cv_os_file *ret, bool *ret_cloned);

/* Some file systems report a full disk only here. *FILE becomes none, even on failure. */
int cv_os_close(struct cv_os_file *file);

/* The number of bytes read, at most N; 0 at the end of the file. -EISDIR for a directory. */
int64_t cv_os_read(struct cv_os_file file, void *ret, size_t n);
int64_t cv_os_read_at(struct cv_os_file file, void *ret, size_t n, uint64_t at);
/*
 * Write all N bytes. After a failure (-ENOSPC, -EDQUOT, -EFBIG) some may have been written.
 */
int cv_os_write(struct cv_os_file file, const void *data, size_t n);
int cv_os_write_at(struct cv_os_file file, const void *data, size_t n, uint64_t at);

/*
 * Append SIZE bytes of FROM, starting at AT, to TO inside the kernel. Returns the number of bytes
 * copied. If that is less than SIZE, the caller reads and writes the rest.
 */
int64_t cv_os_copy(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to);

/*
 * Clone SIZE bytes of FROM, starting at AT, into the empty file TO. AT must be a multiple of
 * CV_OS_CLONE_BLOCK, and FROM must extend to the end of the last block. 1: cloned. 0: not
 * supported, and TO is still empty. -errno: the content of TO is undefined.
 */
enum { CV_OS_CLONE_BLOCK = 4096 }; /* file systems with larger blocks refuse */
int cv_os_clone_part(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to);
/* Is cv_os_clone_part() faster than a copy in DIR, even if SIZE is not a multiple of a block? */
bool cv_os_clones_parts(struct cv_os_dir dir);
/* Can files be cloned from FROM to TO? May test it with unnamed files. */
bool cv_os_clones(struct cv_os_dir from, struct cv_os_dir to);

/*
 * How many bytes of the file are in blocks that other files share, because one was cloned from the
 * other? They are not freed when the file is removed. Unsupported if the system cannot tell.
 */
int cv_os_shared(struct cv_os_file file, uint64_t *ret);
/* Is cv_os_shared() of any use for files in DIR, which must not be an anchor? */
bool cv_os_shares(struct cv_os_dir dir);

/*
 * Change the mode. A file system without modes returns -EPERM, -EACCES or an unsupported error, or
 * ignores the call. _at does not follow a link. On Windows, _dir hides the directory or shows it
 * again, as CV_OS_HIDDEN in MODE says.
 */
int cv_os_chmod(struct cv_os_file file, unsigned mode);
int cv_os_chmod_dir(struct cv_os_dir dir, unsigned mode);
int cv_os_chmod_at(struct cv_os_dir at, const char *name, unsigned mode);

/* Set the modification time to S, and the access time to now. Errors as for the mode. */
int cv_os_set_mtime(struct cv_os_file file, int64_t s);
int cv_os_set_mtime_dir(struct cv_os_dir dir, int64_t s);
int cv_os_set_mtime_at(
	struct cv_os_dir at, const char *name, int64_t s); /* does not follow a link */
/* Set the modification time to now, and keep the access time. Does not follow a link. */
int cv_os_touch_at(struct cv_os_dir at, const char *name);

/* --- names ------------------------------------------------------------------------------- */

/*
 * Remove a name. Does not follow a link. For a directory it fails with -EISDIR (Linux) or -EPERM
 * (POSIX). -EPERM is also the error for a file that must not be removed: an immutable file, or a
 * file of another user in a sticky directory. An open file can still be read until it is closed.
 */
int cv_os_unlink(struct cv_os_dir at, const char *name);

/*
 * Rename atomically: other processes see either the state before or the state after. Does not
 * follow links. -EXDEV: another file system or mount, or (overlayfs) a directory of a lower layer.
 * -EBUSY: a mount point. The change may reach the disk later.
 */
enum cv_os_rename {
	/*
	 * A file replaces a file. A directory replaces an empty directory; for any other it fails
	 * with -ENOTEMPTY or -EEXIST. A system that cannot replace directories returns -EEXIST.
	 */
	CV_OS_REPLACE,
	CV_OS_NEW,      /* -EEXIST if TO_NAME exists; can be unsupported */
	CV_OS_EXCHANGE, /* both names exist and are swapped; often unsupported */
};
int cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name,
	enum cv_os_rename kind);

/* Does any file system of this system support CV_OS_EXCHANGE? */
bool cv_os_exchanges(void);

/*
 * Does RC, of a rename or removal that failed, mean that a program may have the file or a file
 * below the directory open, or run it, or have it as its current directory? It is then worth to try
 * again. Always false on POSIX, where none of this is in the way.
 */
bool cv_os_in_use(int rc);

/*
 * The programs that have one of these files (absolute paths) open, as text for a message,
 * "python.exe (process 4711), ..."; NULL if there are none, or if the system cannot tell. Slow.
 */
const char *cv_os_users_of(struct cv_arena *a, const char *const *paths, size_t count);

/* Make a hard link. Does not follow a symbolic link. -EEXIST, -EXDEV, -EMLINK, -EPERM. */
int cv_os_link(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name);
/*
 * Make a symbolic link to TARGET. -EEXIST. A file system without symbolic links returns an
 * unsupported error, -EPROTO or -EROFS (shared folders of VirtualBox).
 */
int cv_os_symlink(const char *target, struct cv_os_dir at, const char *name);
/*
 * Read the target of a link, NUL-terminated, and return its length. -EINVAL: not a link.
 * -ENAMETOOLONG: it does not fit into ROOM bytes.
 */
int cv_os_readlink(struct cv_os_dir at, const char *name, char *ret, size_t room);

/* The absolute path of an existing file without links, "." and "..". -ENOENT, -ELOOP, -EACCES. */
int cv_os_realpath(struct cv_arena *a, const char *path, char **ret);

/* --- ownership --------------------------------------------------------------------------- */

/* Variables that close their handle at the end of their scope, as in base/own.h. */
#define OWN_OS_DIR __attribute__((cleanup(cv_os_close_dir)))
#define OWN_OS_FILE __attribute__((cleanup(cv_os_drop_file)))
#define OWN_OS_LIST __attribute__((cleanup(cv_os_list_close)))

static inline void cv_os_drop_file(struct cv_os_file *file)
{
	(void)cv_os_close(file);
}

static inline struct cv_os_dir cv_os_take_dir(struct cv_os_dir *dir)
{
	struct cv_os_dir taken = *dir;

	*dir = CV_OS_NO_DIR;
	return taken;
}

static inline struct cv_os_file cv_os_take_file(struct cv_os_file *file)
{
	struct cv_os_file taken = *file;

	*file = CV_OS_NO_FILE;
	return taken;
}

#endif
