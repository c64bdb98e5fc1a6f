/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_EXISTING_H
#define CV_CREATE_EXISTING_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "env/layout.h"
#include "wheel/record.h"

/*
 * What a directory contains before an environment is created in it. It is read, never
 * written, and trusted only as far as it is well-formed. All zero: nothing.
 */
struct cv_existing_package {
	struct cv_str name, version; /* of NAME-VERSION.dist-info */
	const char *dist_info;       /* that directory's name */
};

/* A name in bin that is not part of the layout, see leftovers.h. */
struct cv_leftover {
	const char *name;
	bool fits; /* the name suits this Python: relink it; else remove it */
};

struct cv_existing {
	bool is_environment;       /* pyvenv.cfg can be read */
	bool system_site_packages; /* as it says */
	bool relocatable;          /* as it says */
	bool has_others;           /* ENV_DIR has an entry that no environment has */
	struct cv_str prompt;      /* its text after "prompt =", p NULL when it has none */
	struct cv_str version; /* of its Python, "3.12.1" or more; p NULL when it does not say */
	struct cv_existing_package *packages;
	size_t count;
	struct cv_leftover *leftovers;
	size_t leftover_count;
};

int cv_existing_read(struct cv_arena *a, const struct cv_layout *layout, struct cv_existing *ret,
	struct cvenv_error *err);

/*
 * The environment in whose own bin PATH (absolute, normalised) lies, or which bin it is; NULL when
 * there is none. Looks at names: links are not resolved, and disks are asked only about names with
 * a "bin" in them.
 */
const char *cv_existing_around(struct cv_arena *a, const char *path);

/*
 * The installed version of project NAME (normalised: "pip") that an import would find: the
 * highest. NULL when there is none.
 */
const struct cv_existing_package *cv_existing_find(
	const struct cv_existing *existing, struct cv_str name);

/*
 * The rows of its RECORD. 1: all of them. 0: RECORD is missing or corrupt, or may be truncated, as
 * it does not list itself; then the rows that can be read.
 */
int cv_existing_record(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_existing_package *package, struct cv_record_row **ret_rows,
	size_t *ret_count, struct cvenv_error *err);

/* A path in RECORD, relative to ENV_DIR; NULL if it is outside of ENV_DIR or malformed. */
char *cv_existing_path(struct cv_arena *a, const struct cv_layout *layout, struct cv_str path);

/*
 * The files that belong to a package, relative to ENV_DIR, by its RECORD: those inside the
 * environment only. Bytecode of its sources, which the import system adds later,
 * is among them. RECORD itself is the last, so that deleting them in this order can be interrupted
 * and repeated. If RECORD is missing or corrupt, they are the files of the dist-info directory: the
 * rest is unknown, but this directory makes the package count as installed.
 */
int cv_existing_files(struct cv_arena *a, const struct cv_layout *layout, const char *cache_tag,
	const struct cv_existing_package *package, const char *const **ret_files, size_t *ret_count,
	struct cvenv_error *err);

/* All files below the directory TOP of site-packages, relative to ENV_DIR; a link has none. */
int cv_existing_below(struct cv_arena *a, const struct cv_layout *layout, struct cv_str top,
	const char *const **ret_files, size_t *ret_count, struct cvenv_error *err);

#endif
