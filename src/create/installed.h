/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_INSTALLED_H
#define CV_CREATE_INSTALLED_H

#include "create/existing.h"

/*
 * An installed package. It is complete if its RECORD says so: no file is missing or truncated, and
 * no source has another size. Not checked are files outside of ENV_DIR, bytecode (Python compiles
 * it again) and scripts (they are generated from the entry points). Data files may have grown:
 * users add certificates to certifi's list.
 */
struct cv_installed {
	struct cv_record_row *rows; /* of RECORD */
	size_t count;
	struct cv_str entry_points; /* of entry_points.txt; may be empty */
	const char *broken;         /* a missing or corrupt file, relative to ENV_DIR; NULL: the
				       package is complete */
};

/* BY_HASH also compares hashes of sources: two versions may have overwritten each other. */
int cv_installed_read(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_existing_package *package, bool by_hash, struct cv_installed *ret,
	struct cvenv_error *err);

#endif
