/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_INSTALLED_H
#define CV_CREATE_INSTALLED_H

#include "base/arena.h"
#include "base/err.h"
#include "cache/cached_wheel.h"
#include "env/existing.h"
#include "os/os.h"

/*
 * Installed packages in the open directory ENV, by their RECORD.
 *
 * cv_installed_read() reads RECORD and lists the files that belong to the package: only those
 * inside the environment, and the bytecode that Python adds later. RECORD is the last, so that a
 * process that deletes the files in this order can be interrupted and start again. If RECORD is
 * missing or corrupt, the list has the files of the dist-info directory: the rest is unknown, but
 * this directory makes the package count as installed.
 *
 * cv_installed_check() sets `broken` unless the package is complete: no file of RECORD is missing
 * or truncated, and no source has another size. It does not check files outside of ENV_DIR,
 * bytecode (Python compiles it again) and scripts (they are generated from the entry points). Data
 * files may have grown: users add certificates to certifi's list. BY_HASH also compares the hashes
 * of sources. It also reads the entry points.
 */
int cv_installed_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const char *cache_tag, const struct cv_existing_package *package, struct cv_installed *ret,
	struct cvenv_error *err);
int cv_installed_check(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	bool by_hash, struct cv_installed *installed, struct cvenv_error *err);

/*
 * Read all installed versions of WHEEL's project. Check the newest one if it is not older than
 * WHEEL: cv_pip_plan() keeps it if it is complete. If ENV is none, nothing is installed.
 */
int cv_installed_versions(struct cv_arena *a, struct cv_os_dir env, const struct cv_layout *layout,
	const char *cache_tag, const struct cv_existing *existing,
	const struct cv_cached_wheel *wheel, struct cv_installed_versions *ret,
	struct cvenv_error *err);

#endif
