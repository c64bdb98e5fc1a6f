/* SPDX-License-Identifier: MIT */
#ifndef CV_FS_PLAN_H
#define CV_FS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "cvenv.h"

struct cv_os_stat;

/*
 * A plan is what an environment is: an ordered list of entries, relative to
 * ENV_DIR. env/ computes it, pure; publish.h makes it true; --dry-run prints it.
 *
 *	struct cv_plan plan = { .arena = &arena };
 *	cv_plan_dir(&plan, "bin");
 *	cv_plan_link(&plan, "bin/python", "/usr/bin/python3", CV_OR_COPY);
 *	cv_plan_file(&plan, "pyvenv.cfg", text, 0);
 *	if (plan.bad)
 *		return cv_fail_nomem(err);
 *
 * Everything an entry points to is borrowed and must live as long as the plan,
 * except `path`, which is copied. A NULL argument (a string that could not be
 * made) makes the plan bad, so that memory needs to be looked at once only.
 *
 * Entries are carried out in order, with one exception: pyvenv.cfg comes last,
 * after every CVENV_ENTRY_REMOVE, since it is what makes a directory an
 * environment. Directories must come before what is in them; what they do not
 * name is made on the way for files of a tree only.
 */
/*
 * What an enum cvenv_entry_kind means here, besides what cvenv.h says: DIR is 0777 less umask, an
 * existing directory is kept, a symbolic link is refused. COPY follows links. TREE writes the files
 * of `tree`. REMOVE also removes the directories that it leaves empty, below `source`.
 */

enum cv_entry_flags {
	CV_KEEP = 1 << 0,       /* an existing entry is kept, whatever it is */
	CV_EXACT_MODE = 1 << 1, /* `mode` as it is; otherwise 0666 less umask */
	CV_ADD_EXEC = 1 << 2,   /* 0666 less umask, then | 0555: pip's mode of scripts */
	CV_OR_COPY = 1 << 3,    /* a link that cannot be made becomes a copy of its target */
	CV_OPTIONAL = 1 << 4,   /* a link that cannot be made is left out */
	CV_KEEP_SAME =
		1 << 5, /* keep a file with the same bytes and, for a script, execute permission */
};

/* Files in the cache, with the times and sizes that they must have. */
struct cv_tree_file {
	const char *path; /* where it goes: relative, safe (cv_path_safe) */
	uint64_t size;
	int64_t mtime; /* seconds; bytecode refers to it, so copies carry it */
	bool exec;     /* +x as pip does for a wheel's executable files */
};

/*
 * Nobody edits it in place, so that environments may share it by hard links: bytecode, which Python
 * replaces, and metadata, which installers replace. Sources are edited, and so is certifi's
 * list of authorities.
 */
bool cv_tree_file_shared(const struct cv_tree_file *file);

/*
 * Shared files are in `dir`. Their names are their numbers in the list, from 0 on: linking from one
 * directory is faster than from a tree. All other files are in `pack` (pack.h). Callers that link
 * these as well find them as files in `loose`, named by their numbers.
 */
struct cv_tree {
	const char *dir; /* absolute */
	const struct cv_tree_file *files;
	size_t count;
	const char *pack;  /* absolute; NULL: all is in `dir` */
	const char *loose; /* absolute; NULL: there is none */
	bool timeless;     /* do not check times: they cannot be set in this directory */
};

/* Does ST (from lstat) describe an intact FILE of the cached wheel that belongs to OWNER? */
bool cv_tree_has(const struct cv_tree *tree, const struct cv_tree_file *file, uint64_t owner,
	const struct cv_os_stat *st);

struct cv_entry {
	enum cvenv_entry_kind kind;
	unsigned flags;
	const char *path;
	const char *source;
	struct cv_str data;
	unsigned mode;
	const struct cv_tree *tree;
};

struct cv_plan {
	struct cv_arena *arena;
	struct cv_entry *entries;
	size_t count, room;
	bool bad;
};

void cv_plan_dir(struct cv_plan *plan, const char *path);
void cv_plan_link(struct cv_plan *plan, const char *path, const char *target, unsigned flags);
void cv_plan_file(struct cv_plan *plan, const char *path, struct cv_str data, unsigned flags);
void cv_plan_file_mode(struct cv_plan *plan, const char *path, struct cv_str data, unsigned mode);
void cv_plan_copy(
	struct cv_plan *plan, const char *path, const char *source, unsigned mode, unsigned flags);
void cv_plan_tree(struct cv_plan *plan, const char *path, const struct cv_tree *tree,
	const char *name, unsigned flags);
/* What the removal leaves empty goes too, but never the directory KEEP. */
void cv_plan_remove(struct cv_plan *plan, const char *path, const char *keep);

#endif
