/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_PLAN_H
#define CV_FS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "cvenv.h"

struct cv_copied;
struct cv_os_stat;

/*
 * A plan describes an environment: an ordered list of entries, relative to ENV_DIR. env/ computes
 * it without reading or writing files, publish.h carries it out, --dry-run prints it.
 *
 *	struct cv_plan plan = { .arena = &arena };
 *	cv_plan_dir(&plan, "bin");
 *	cv_plan_link(&plan, "bin/python", "/usr/bin/python3", CV_OR_COPY);
 *	cv_plan_file(&plan, "pyvenv.cfg", text, 0);
 *	if (plan.bad)
 *		return cv_fail_nomem(err);
 *
 * Everything that an entry points to is borrowed and must live as long as the plan, except `path`,
 * which is copied. A NULL argument, such as a string that could not be allocated, sets plan.bad. So
 * callers check for exhausted memory only once, at the end.
 *
 * Entries are carried out in order, except that pyvenv.cfg is written last, even after all
 * CVENV_ENTRY_REMOVE: it makes a directory an environment. Add directories before their entries.
 * Only the directories of a tree's files are created on demand.
 */
/*
 * The effect of each enum cvenv_entry_kind, in addition to cvenv.h:
 *
 * - DIR gets mode 0777 less umask. An existing directory is kept, a symbolic link is refused.
 * - COPY follows links.
 * - TREE writes the files of `tree`, or the content of a directory, `copied` (copied.h).
 * - REMOVE also deletes the directories that become empty, below `source`.
 */

enum cv_entry_flags {
	CV_KEEP = 1 << 0,       /* keep an existing entry of any kind */
	CV_EXACT_MODE = 1 << 1, /* set `mode` exactly; otherwise 0666 less umask */
	CV_ADD_EXEC = 1 << 2,   /* 0666 less umask, then | 0555, as pip does for scripts */
	CV_OR_COPY = 1 << 3,    /* if the link cannot be created, copy `instead`, or its target */
	CV_OPTIONAL = 1 << 4,   /* if the link cannot be created, omit it */
	/* FILE, COPY: keep a file with the same bytes and, for a program, execute permission */
	CV_KEEP_SAME = 1 << 5,
	CV_SOURCE_MTIME = 1 << 6, /* COPY: with the time of its source; otherwise now */
};

/* The files of a cached wheel, with the time and size that each must have. */
struct cv_tree_file {
	const char *path; /* in the environment: relative, safe (cv_path_safe) */
	uint64_t size;
	int64_t mtime; /* seconds; copies keep it, because bytecode contains it */
	bool exec;     /* pip sets +x for it */
};

/*
 * May environments share the file by hard links? Yes for bytecode, which Python replaces, and
 * metadata, which installers replace. No for files that somebody may edit in place: sources, and
 * certifi's list of certificate authorities.
 */
bool cv_tree_file_shared(const struct cv_tree_file *file);

/*
 * Shared files are in `dir`. Their names are their numbers in the list, from 0 on, because linking
 * from one directory is faster than from many. All other files are in `pack` (pack.h). To hard link
 * these as well, callers create `loose`, where they are separate files named by their numbers.
 */
struct cv_tree {
	const char *dir; /* absolute */
	const struct cv_tree_file *files;
	size_t count;
	const char *pack;  /* absolute; NULL: all files are in `dir` */
	const char *loose; /* absolute; NULL: there is no such directory */
	bool timeless;     /* do not check times: this file system does not keep them */
};

/* Is ST the lstat of an intact FILE of the cached wheel, and does the file belong to OWNER? */
bool cv_tree_has(const struct cv_tree *tree, const struct cv_tree_file *file, uint64_t owner,
	const struct cv_os_stat *st);

struct cv_entry {
	enum cvenv_entry_kind kind;
	unsigned flags;
	const char *path;
	const char *source;
	const char *instead; /* absolute; NULL: the target of the link */
	struct cv_str data;
	unsigned mode;
	const struct cv_tree *tree;     /* of TREE: one of the two */
	const struct cv_copied *copied; /* into ENV_DIR itself */
};

struct cv_plan {
	struct cv_arena *arena;
	struct cv_entry *entries;
	size_t count, room;
	bool bad;
	/*
	 * Give all files, links and directories that are written the modification time `mtime`
	 * (seconds), also in bytecode. Then nothing is a hard link to the cache.
	 */
	bool dated;
	int64_t mtime;
};

void cv_plan_dir(struct cv_plan *plan, const char *path);
void cv_plan_link(struct cv_plan *plan, const char *path, const char *target, unsigned flags);
/* If the link cannot be created, copy INSTEAD, with CV_SOURCE_MTIME in FLAGS if that is wanted. */
void cv_plan_link_or_copy(struct cv_plan *plan, const char *path, const char *target,
	const char *instead, unsigned flags);
void cv_plan_file(struct cv_plan *plan, const char *path, struct cv_str data, unsigned flags);
void cv_plan_file_mode(struct cv_plan *plan, const char *path, struct cv_str data, unsigned mode);
void cv_plan_copy(
	struct cv_plan *plan, const char *path, const char *source, unsigned mode, unsigned flags);
void cv_plan_tree(struct cv_plan *plan, const char *path, const struct cv_tree *tree,
	const char *name, unsigned flags);
/* COPIED, and what it points to, are borrowed. SRC is its directory. Only for a new ENV_DIR. */
void cv_plan_copied(struct cv_plan *plan, const struct cv_copied *copied, const char *src);
/* How many files a TREE writes. */
size_t cv_entry_files(const struct cv_entry *entry);
/* Add all entries of MORE, whose arena must live as long as the plan. */
void cv_plan_append(struct cv_plan *plan, const struct cv_plan *more);
/* Also deletes the directories that become empty, but never KEEP nor those above it. */
void cv_plan_remove(struct cv_plan *plan, const char *path, const char *keep);

#endif
