/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_EXISTING_H
#define CV_ENV_EXISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "env/layout.h"
#include "wheel/record.h"

/*
 * What exists in ENV_DIR, as far as plans depend on it. create/existing.h and create/installed.h
 * read it. All zero: nothing.
 */
struct cv_existing_package {
	struct cv_str name, version; /* of NAME-VERSION.dist-info */
	const char *dist_info;       /* that directory's name */
};

/* A name in bin that is not part of the layout, see create/leftovers.h. */
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

/*
 * An installed package, by its RECORD. `broken` is a file that is missing or corrupt, relative to
 * ENV_DIR, or NULL if the package is complete: see create/installed.h.
 */
struct cv_installed {
	const struct cv_existing_package *package;
	struct cv_record_row *rows; /* of RECORD, as many as can be read */
	size_t count;
	bool has_record;            /* RECORD is well-formed, and whole: it lists itself */
	struct cv_str entry_points; /* of entry_points.txt; may be empty */
	const char *broken;
	const char *const *files; /* that belong to it, RECORD last; relative to ENV_DIR */
	size_t file_count;
};

/* All installed versions of one package. */
struct cv_installed_versions {
	const struct cv_installed *all;
	size_t count;
	/* If one has no RECORD: the files in directories of the new wheel, relative to ENV_DIR. */
	const char *const *strays;
	size_t stray_count;
};

/*
 * The installed version of project NAME (normalised: "pip") that an import would find: the
 * highest. NULL when there is none.
 */
const struct cv_existing_package *cv_existing_find(
	const struct cv_existing *existing, struct cv_str name);

/* A path in RECORD, relative to ENV_DIR; NULL if it is outside of ENV_DIR or malformed. */
char *cv_existing_path(struct cv_arena *a, const struct cv_layout *layout, struct cv_str path);

#endif
