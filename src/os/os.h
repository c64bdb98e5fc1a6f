/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_OS_H
#define CV_OS_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * Files and directories, as the operating system has them. This folder is the only place that
 * includes system headers. A back end (posix/ with linux/, darwin/ or bsd/) implements these
 * headers; everything above is written against them alone. Policy (temporary names, staging,
 * retries, messages) is not here but in fs/.
 *
 * Results   A function that can fail returns 0, or a value of 0 and above, or a negative errno.
 *           No message is made here. Any function may also fail with -ENOMEM, -EMFILE, -ENFILE
 *           or -EIO. A call that a signal interrupts is made again unless its comment says -EINTR.
 *           A call that this system or file system does not have fails with a code for which
 *           cv_err_unsupported() is true; the callers then do without.
 * Names     A file is named by an open directory and a relative name ("lib/x": '/' separates on
 *           every system). With CV_OS_ABSOLUTE the name is an absolute path. The name "." is the
 *           directory itself. No name ends in ".."; see cv_os_open_parent(). UTF-8 on Windows.
 * Links     Only the last component of a name can be a symbolic link that is not followed. Each
 *           function says what it does; where it takes HOW, CV_OS_NOFOLLOW decides.
 *           Directories in the middle of a name are followed if they are links.
 * Handles   Small structs, passed by value; only this folder reads the member. A zeroed handle is
 *           none. A child process inherits no handle. Closing none does nothing.
 * Threads   All functions may be called by several threads, each with handles of its own.
 */
struct cv_os_dir {
	intptr_t handle;
};

struct cv_os_file {
	intptr_t handle;
};

#define CV_OS_NO_DIR ((struct cv_os_dir){ 0 })
#define CV_OS_NO_FILE ((struct cv_os_file){ 0 })
#define CV_OS_ABSOLUTE ((struct cv_os_dir){ -1 }) /* not open; names are absolute paths */

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
	CV_OS_UNKNOWN, /* only in listings: the listing does not say */
	CV_OS_FILE,    /* a regular file */
	CV_OS_DIR,
	CV_OS_LINK,  /* a symbolic link */
	CV_OS_OTHER, /* a pipe, a socket, a device */
};

enum {
	CV_OS_PERMISSIONS = 0777,
	CV_OS_OTHERS_WRITE = 022, /* its group or everybody may write */
	CV_OS_STICKY = 01000,     /* of a directory: only its owner renames and removes entries */
	CV_OS_MODE = 07777,
};

/* Since 1970, without leap seconds; NS is 0 to 999,999,999. Apart, since 64 bits end in 2262. */
struct cv_os_time {
	int64_t s;
	int32_t ns;
};

/* Which file it is: equal for two names of one file as long as it exists. */
struct cv_os_id {
	uint64_t device;
	uint64_t number[2];
};

struct cv_os_stat {
	enum cv_os_type type;
	/*
	 * CV_OS_MODE bits. A system without them answers 0700 for directories and programs, 0600
	 * for other files, and adds CV_OS_OTHERS_WRITE where another user may write (it may leave
	 * that out when it is asked by name: ask the open directory).
	 */
	unsigned mode;
	/*
	 * Who it belongs to: compare it with cv_os_user() or CV_OS_ADMINISTRATOR, nothing else. A
	 * system where this is slow to find out may answer cv_os_user() for what is asked by name.
	 */
	uint64_t owner;
	uint64_t size;  /* in bytes; 0 is possible for files of /proc, which have content */
	uint64_t disk;  /* bytes that it takes on disk */
	uint64_t links; /* names; 0: an open directory that has been removed */
	struct cv_os_time mtime;
	struct cv_os_time ctime; /* last change of content, mode, owner or names */
	struct cv_os_id id;
};

enum { CV_OS_ADMINISTRATOR = 0 }; /* an owner who may do anything anyway */

uint64_t cv_os_user(void); /* the owner of what this process creates */

static inline bool cv_os_same_id(const struct cv_os_id *a, const struct cv_os_id *b)
{
	return a->device == b->device && a->number[0] == b->number[0] &&
	       a->number[1] == b->number[1];
}

/* One and the same file. */
static inline bool cv_os_same(const struct cv_os_stat *a, const struct cv_os_stat *b)
{
	return cv_os_same_id(&a->id, &b->id);
}

enum cv_os_how {
	CV_OS_FOLLOW = 0,        /* if the name is a symbolic link, its target is meant */
	CV_OS_NOFOLLOW = 1 << 0, /* the link itself is meant, which cannot be opened */
	CV_OS_ANCHOR = 1 << 1,   /* cv_os_open_dir() alone: see there */
	CV_OS_WRITE = 1 << 2,    /* cv_os_open() alone: read and write */
};

/* Without any right to the file itself. -ENOENT, -ENOTDIR, -ELOOP, -EACCES, -ENAMETOOLONG. */
int cv_os_stat(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_stat *ret);
int cv_os_stat_dir(struct cv_os_dir dir, struct cv_os_stat *ret);
int cv_os_stat_file(struct cv_os_file file, struct cv_os_stat *ret);
/* Of the directory above DIR. */
int cv_os_stat_parent(struct cv_os_dir dir, struct cv_os_stat *ret);

enum cv_os_right {
	CV_OS_MAY_EXIST = 0,        /* it exists, and we may go through the directories above it */
	CV_OS_MAY_EXECUTE = 1 << 0, /* of a directory: may go through it */
	CV_OS_MAY_WRITE = 1 << 1,
	CV_OS_MAY_READ = 1 << 2,
};

/*
 * May we access NAME, with the rights that we act with (effective, not real user)? Links are
 * followed. 0, or why not: -EACCES, -EROFS, -ENOENT, -ENOTDIR, -ELOOP. It is a forecast only: the
 * call that it is about may fail all the same.
 */
int cv_os_access(struct cv_os_dir at, const char *name, unsigned rights);

/* --- directories ------------------------------------------------------------------------- */

/*
 * Open a directory: to name files below it, to list it, and to lock it. With CV_OS_ANCHOR only to
 * name files below it and to stat it, which needs no right to read it; a system without that
 * distinction opens it as usual. -ENOTDIR for anything else; for a link and CV_OS_NOFOLLOW
 * -ENOTDIR or -ELOOP. *RET is none on failure.
 */
int cv_os_open_dir(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_dir *ret);
/* The directory above DIR, as an anchor. The root is its own parent. */
int cv_os_open_parent(struct cv_os_dir dir, struct cv_os_dir *ret);
void cv_os_close_dir(struct cv_os_dir *dir); /* *DIR is none afterwards; gives its lock up */

/* MODE less the umask. -EEXIST for any entry of that name, a link to nowhere too. */
int cv_os_make_dir(struct cv_os_dir at, const char *name, unsigned mode);
/* An empty one: else -ENOTEMPTY or -EEXIST. -ENOTDIR; -EBUSY for a mount point. */
int cv_os_remove_dir(struct cv_os_dir at, const char *name);

/*
 * Lock DIR for this handle; closing it, or the end of the process, unlocks. 0: locked.
 * -EWOULDBLOCK: another handle, of any process, has it locked. It never waits; it may say -EINTR.
 * Any other error: here, directories cannot be locked. The lock keeps nobody from reading or
 * writing.
 */
int cv_os_lock_dir(struct cv_os_dir dir);

/*
 * The entries of a directory, in no order and without "." and "..". What is created or removed
 * meanwhile may be in it or not; everything else is, exactly once. A list that is not open has no
 * entries. The errors of opening it are those of cv_os_open_dir().
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
	struct cv_os_dir dir; /* which is listed: to name the entries by. Borrowed. */
	const char *name;     /* of the entry, until the next call */
	enum cv_os_type type; /* or CV_OS_UNKNOWN */
	void *state;
};
int cv_os_list_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_list *ret);
int cv_os_list_next(struct cv_os_list *list); /* 1: an entry, 0: the end, or -errno */
void cv_os_list_close(struct cv_os_list *list);

/*
 * Are A and B in one mount? 0 for two mounts of one file system too. 1, 0, or -errno when that
 * cannot be told.
 */
int cv_os_same_mount(struct cv_os_dir a, struct cv_os_dir b);

/*
 * Could a file be renamed from A to B, rights aside? 0 for two mounts, and for two parts of one
 * mount that cannot exchange files (subvolumes). Results as for cv_os_same_mount().
 */
int cv_os_renames(struct cv_os_dir a, struct cv_os_dir b);

/*
 * 1 and the path of a mount point below DIR; 0: there is none, or nobody can tell. Paths of ROOM
 * bytes or more are passed over.
 */
int cv_os_mount_below(struct cv_os_dir dir, char *ret_path, size_t room);

/*
 * Would a directory that we make in PARENT have the owner, the group and the access control list
 * that DIR has? False when that cannot be told.
 */
bool cv_os_made_alike(struct cv_os_dir parent, struct cv_os_dir dir);

/* --- files ------------------------------------------------------------------------------- */

/*
 * Open an existing file to read it. Never waits for a pipe or a device, and never makes a terminal
 * the controlling one: anything that is no directory can be opened, and a directory too on some
 * systems; the caller stats what it has. -ENXIO: a socket. -ELOOP: a link, with CV_OS_NOFOLLOW.
 * *RET is none on failure.
 */
int cv_os_open(struct cv_os_dir at, const char *name, unsigned how, struct cv_os_file *ret);

/* Create a file, MODE less the umask, and open it to write. -EEXIST as for cv_os_make_dir(). */
int cv_os_create(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file *ret);

/*
 * The same, with the whole content of FROM if the file system can share it between both (a
 * clone): *RET_CLONED. Otherwise the new file is empty. A failed clone is not an error.
 */
int cv_os_create_clone(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file from,
	struct cv_os_file *ret, bool *ret_cloned);

/* Closing is where some file systems first report a full disk. *FILE is none afterwards. */
int cv_os_close(struct cv_os_file *file);

/* At most N bytes; 0 at the end. Fewer do not mean the end. -EISDIR for a directory. */
int64_t cv_os_read(struct cv_os_file file, void *ret, size_t n);
int64_t cv_os_read_at(struct cv_os_file file, void *ret, size_t n, uint64_t at);
/* All N bytes, or an error, after any part of them: -ENOSPC, -EDQUOT, -EFBIG. */
int cv_os_write(struct cv_os_file file, const void *data, size_t n);
int cv_os_write_at(struct cv_os_file file, const void *data, size_t n, uint64_t at);

/*
 * Append SIZE bytes of FROM, from AT on, to TO, without them passing through this process. Returns
 * how many were copied: fewer, or 0, when the system cannot copy (more of) them. The caller
 * then reads and writes the rest.
 */
int64_t cv_os_copy(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to);

/*
 * Make the first SIZE bytes of the empty file TO share the disk blocks of those of FROM from AT
 * on. AT must be a multiple of CV_OS_CLONE_BLOCK, and FROM must go on to the end of the last block.
 * 1: done; 0: these file systems cannot, and TO is still empty; -errno: TO is of no use.
 */
enum { CV_OS_CLONE_BLOCK = 4096 }; /* of most file systems; where theirs are larger they refuse */
int cv_os_clone_part(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to);
/* Is that cheaper than a copy for files in DIR, even if SIZE ends within a block? */
bool cv_os_clones_parts(struct cv_os_dir dir);
/* Can files be cloned from one directory into the other? May try it with files without a name. */
bool cv_os_clones(struct cv_os_dir from, struct cv_os_dir to);

/*
 * Change the mode. A file system that has no modes refuses (-EPERM, -EACCES, unsupported) or does
 * nothing. _at follows no link.
 */
int cv_os_chmod(struct cv_os_file file, unsigned mode);
int cv_os_chmod_dir(struct cv_os_dir dir, unsigned mode);
int cv_os_chmod_at(struct cv_os_dir at, const char *name, unsigned mode);

/* Set the modification time; the access time is now. Errors as for the mode. */
int cv_os_set_mtime(struct cv_os_file file, int64_t s);
int cv_os_set_mtime_dir(struct cv_os_dir dir, int64_t s);
int cv_os_set_mtime_at(struct cv_os_dir at, const char *name, int64_t s); /* follows no link */
/* Set it to now, and leave the access time. Follows no link. */
int cv_os_touch_at(struct cv_os_dir at, const char *name);

/* --- names ------------------------------------------------------------------------------- */

/*
 * Remove the name of anything but a directory: that is -EISDIR on some systems, -EPERM on others.
 * -EPERM also for a file that may not be removed (immutable; of another user, in a sticky
 * directory), and -EACCES. A file that is open stays readable until it is closed.
 */
int cv_os_unlink(struct cv_os_dir at, const char *name);

/*
 * Rename in one step: at any time exactly one of the two names is that of FROM. No link is
 * followed. -EXDEV: another file system or mount, or (overlayfs) a directory that cannot move.
 * -EBUSY: a mount point. The system may write the change to disk later.
 */
enum cv_os_rename {
	/*
	 * A file replaces a file. A directory replaces an empty one, or fails with -ENOTEMPTY or
	 * -EEXIST; with -EEXIST for an empty one too, where the system cannot do that.
	 */
	CV_OS_REPLACE,
	CV_OS_NEW,      /* -EEXIST if TO exists. Unsupported: the caller takes CV_OS_REPLACE */
	CV_OS_EXCHANGE, /* both exist, and change their names. Often unsupported */
};
int cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name,
	enum cv_os_rename kind);

/* A further name of a file (no link followed). -EEXIST, -EXDEV, -EMLINK, -EPERM. */
int cv_os_link(struct cv_os_dir from, const char *name, struct cv_os_dir to, const char *to_name);
/*
 * A symbolic link with the text TARGET. -EEXIST. Where there are none: unsupported, or -EPROTO or
 * -EROFS (shared folders of VirtualBox).
 */
int cv_os_symlink(const char *target, struct cv_os_dir at, const char *name);
/*
 * The text of a link, NUL-terminated, and its length. -EINVAL: not a link. -ENAMETOOLONG: it has
 * ROOM bytes or more.
 */
int cv_os_readlink(struct cv_os_dir at, const char *name, char *ret, size_t room);

/* PATH, which exists, without links, "." and "..". -ENOENT, -ELOOP, -EACCES, ... */
int cv_os_realpath(struct cv_arena *a, const char *path, char **ret);

/* --- ownership --------------------------------------------------------------------------- */

/* Handles that close themselves at the end of their scope, as in base/own.h. */
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
