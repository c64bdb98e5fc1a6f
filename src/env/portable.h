/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_PORTABLE_H
#define CV_ENV_PORTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "env/rewrite.h"

/*
 * What an archive of an environment contains, and the rules by which its content works in any
 * place. Nothing is read or written here; finished/archive.h does that.
 */
enum cv_archive_format {
	CV_ARCHIVE_DIRECTORY,
	CV_ARCHIVE_TAR,
	CV_ARCHIVE_TAR_GZ,
	CV_ARCHIVE_TAR_ZST,
	CV_ARCHIVE_ZIP,
};

/* By the end of the name OUTPUT, in any case of letters. */
enum cv_archive_format cv_archive_format_of(const char *output);
/* As in JSON: "tar.gz". */
const char *cv_archive_format_name(enum cv_archive_format format);

/* --- members ------------------------------------------------------------------------------- */

enum cv_packed_type { CV_PACKED_FILE, CV_PACKED_DIR, CV_PACKED_LINK };

/* Where the bytes of files are. */
enum cv_packed_root { CV_ROOT_ENV, CV_ROOT_BASE, CV_ROOTS };

/*
 * Bytecode contains the time of its source, which is another one in the archive: Python would
 * compile all of it again. So its header is changed. Where a reader of the archive restores no
 * times, the bytecode becomes unchecked (PEP 552).
 */
enum cv_dating {
	CV_DATING_NONE,  /* no bytecode, or it has no time */
	CV_DATING_STALE, /* not that of its source: it stays out of the archive */
	CV_DATING_TIME,
};

struct cv_packed {
	enum cv_packed_type type;
	const char *name;   /* relative to the archive, with '/' */
	const char *target; /* of a link */
	bool exec;          /* of a file */
	bool has_data;      /* `data` instead of a file */
	enum cv_packed_root root;
	const char *source; /* relative to the root */
	struct cv_str data;
	enum cv_dating dating;
	/* What the file was when it was found; it must still be the same when it is read. */
	uint64_t size, id[3];
	int64_t mtime;
	int32_t mtime_ns;
};

/* Zero-initialise, but for `arena`. If memory is exhausted, `bad` is set. */
struct cv_packed_list {
	struct cv_arena *arena;
	struct cv_packed *all;
	size_t count, room;
	bool bad;
};

/* A new member, of zeros but for NAME, which is borrowed; NULL if memory is exhausted. */
struct cv_packed *cv_packed_add(struct cv_packed_list *members, const char *name);

/*
 * Sort by the bytes of names, so that directories are before their content. Of several members of
 * one name, the one that was added last stays. cv_packed_find() needs it.
 */
void cv_packed_sort(struct cv_packed_list *members);
struct cv_packed *cv_packed_find(const struct cv_packed_list *members, const char *name);
/* Remove those for which DROP is true. */
void cv_packed_drop(struct cv_packed_list *members, bool (*drop)(const struct cv_packed *member));

/* --- links --------------------------------------------------------------------------------- */

/*
 * The target of the link NAME, for the archive. If TARGET is absolute and in one of PLACES, which
 * were the environment's, it becomes relative. Else it stays. NULL: memory is exhausted.
 */
const char *cv_portable_target(struct cv_arena *a, const char *name, const char *target,
	const char *const *places, size_t place_count);

/*
 * The name to which NAME leads in the archive, through all links; it need not exist. NULL if it
 * leads out of the archive, in circles, or if memory is exhausted.
 */
const char *cv_packed_resolve(
	const struct cv_packed_list *members, struct cv_arena *a, const char *name);

/* --- texts --------------------------------------------------------------------------------- */

/*
 * A .pth file of the directory SITE, for the archive. Paths in one of PLACES become relative. 1: it
 * was changed, and *TO has it; 0: it stays; -1: a path leads out: *RET_OUTSIDE, a part of TEXT.
 * Lines of code stay.
 */
int cv_portable_pth(struct cv_buf *to, struct cv_arena *a, const char *site, struct cv_str text,
	const char *const *places, size_t place_count, struct cv_str *ret_outside);

/*
 * Append TEXT to TO, with each absolute path `from` as its `to`. The longest `from` wins, and a
 * path ends where no letter, digit, '.', '_' or '-' follows. False: TEXT has none.
 */
bool cv_portable_prefixes(
	struct cv_buf *to, struct cv_str text, const struct cv_pair *pairs, size_t count);

/* --- bytecode ------------------------------------------------------------------------------ */

/* HEADER are the first bytes of bytecode (fs/bytecode.h). SOURCE, which may be NULL, is its source.
 */
enum cv_dating cv_bytecode_dating(struct cv_str header, const struct cv_packed *source);

/* Change the header: the time of the source becomes MTIME, or (UNCHECKED) it has none. */
void cv_bytecode_date(char *header, int64_t mtime, bool unchecked);

#endif
