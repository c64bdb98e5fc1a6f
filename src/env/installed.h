/* SPDX-License-Identifier: MIT */
#ifndef CV_INSTALLED_H
#define CV_INSTALLED_H

#include "env/existing.h"

/*
 * An installed package, and whether it is whole, by its own RECORD: no file is missing, none is
 * cut off, and no source has another size. Not judged are files outside of ENV_DIR, bytecode, which
 * Python makes again, and scripts, which are made from the entry points. Files of data may have
 * grown: people add to certifi's list of authorities.
 */
struct cv_installed {
	struct cv_record_row *rows; /* of RECORD */
	size_t count;
	struct cv_str entry_points; /* empty: it has none */
	const char *broken;         /* a file, relative to ENV_DIR, that is not as it must be; NULL:
				       the package is whole */
};

/* BY_HASH compares what the files hold, too, for a package that may be mixed with another one. */
int cv_installed_read(struct cv_arena *a, const struct cv_layout *layout,
	const struct cv_existing_package *package, bool by_hash, struct cv_installed *ret,
	struct cv_err *err);

#endif
