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
 * The content of ENV_DIR, as far as plans depend on it. create/existing.h and create/installed.h
 * read it. All zero means empty.
 */
struct cv_existing_package {
	struct cv_str name, version; /* from the name of NAME-VERSION.dist-info */
	const char *dist_info;       /* the name of that directory */
};

/* A file in bin that is not part of the layout, see create/leftovers.h. */
struct cv_leftover {
	const char *name;
	bool fits; /* its name suits this Python, so relink it; otherwise delete it */
};

struct cv_existing {
	bool is_environment;       /* it has a readable pyvenv.cfg */
	bool system_site_packages; /* according to pyvenv.cfg */
	bool relocatable;          /* according to pyvenv.cfg */
	bool has_others;           /* ENV_DIR has an entry that environments do not have */
	struct cv_str prompt;      /* the text after "prompt ="; p is NULL if there is none */
	struct cv_str version; /* of its Python, "3.12", maybe with more; p is NULL if unknown */
	struct cv_existing_package *packages;
	size_t count;
	struct cv_leftover *leftovers;
	size_t leftover_count;
};

/*
 * An installed package according to its RECORD. `broken` is a file that is missing or corrupt,
 * relative to ENV_DIR, or NULL if the package is complete: see create/installed.h.
 */
struct cv_installed {
	const struct cv_existing_package *package;
	struct cv_record_row *rows; /* of RECORD, up to the first that cannot be read */
	size_t count;
	bool has_record;            /* RECORD is well-formed and complete: it lists itself */
	struct cv_str entry_points; /* text of entry_points.txt; may be empty */
	const char *broken;
	const char *const *files; /* the files of the package, RECORD last; relative to ENV_DIR */
	size_t file_count;
};

/* All installed versions of one package. */
struct cv_installed_versions {
	const struct cv_installed *all;
	size_t count;
	/*
	 * If one of them has no RECORD: the files in directories of the new wheel, relative to
	 * ENV_DIR.
	 */
	const char *const *strays;
	size_t stray_count;
};

/*
 * The version of project NAME (normalised: "pip") that Python would import: the highest one. NULL
 * when none is installed.
 */
const struct cv_existing_package *cv_existing_find(
	const struct cv_existing *existing, struct cv_str name);

/*
 * Convert a path in RECORD to one relative to ENV_DIR; NULL if it is outside of ENV_DIR or
 * malformed.
 */
char *cv_existing_path(struct cv_arena *a, const struct cv_layout *layout, struct cv_str path);

#endif
