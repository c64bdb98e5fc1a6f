/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_CHECK_IN_H
#define CV_FINISHED_CHECK_IN_H

/* The parts of cv_examine(): for finished/check*.c only. */

#include "finished/below.h"
#include "finished/check.h"
#include "finished/contents.h"
#include "interpreter/on_disk.h"

/* A place of the environment that its files name: its own, or one where it was before. */
struct cv_check_place {
	const char *dir;
	size_t scripts, activations; /* how many of them name it */
	bool in_command;             /* pyvenv.cfg does */
	bool is_former;              /* it was there before */
};

enum { CV_PLACES_MAX = 128 };

#define CV_CHECK_PYTHON (CV_WINDOWS ? "python.exe" : "python") /* in bin, by each maker */

struct cv_check {
	struct cv_session *session;
	const struct cv_ctx *ctx;
	const struct cv_finished *env;
	struct cv_arena *arena;
	struct cv_findings *to;
	struct cv_contents contents;
	struct cv_on_disk version; /* that the environment is for; minor -1: unknown */
	bool full;
	struct cv_check_place places[CV_PLACES_MAX]; /* the first is env_dir */
	size_t place_count;
	bool *is_told; /* for each of env->programs: a finding tells what is wrong with it */
	struct cv_below below; /* reads files of the environment */
};

/* All add findings, and fail as cv_examine() does. */

/* The interpreter and pyvenv.cfg. */
int cv_check_python(struct cv_check *check, struct cvenv_error *err);
/* The former place, scripts and activation scripts. */
int cv_check_scripts(struct cv_check *check, struct cvenv_error *err);
/* A distribution. Of several with one key, only the first is imported. */
struct cv_check_package {
	const struct cv_found *found;
	const char *site; /* the directory that contains it, relative to ENV_DIR */
	const char *info; /* its .dist-info in this directory, relative to ENV_DIR */
	const char *name; /* for messages */
	const char *key;  /* normalised as by PEP 503 */
	enum cv_cure cure;
};

/* What RECORDs list, and what else says what is installed. */
int cv_check_packages(struct cv_check *check, struct cvenv_error *err);
int cv_check_record(
	struct cv_check *check, const struct cv_check_package *package, struct cvenv_error *err);
/* Projects that are imported from another directory. */
int cv_check_editables(struct cv_check *check, struct cvenv_error *err);
/* Owners, modes, links, and leftovers. */
void cv_check_files(struct cv_check *check);

/* Is PATH (absolute, normalised) below a place where the environment was before? */
bool cv_check_is_former(const struct cv_check *check, const char *path);

/* PATH (absolute, normalised) relative to ENV_DIR; NULL if it is not below any name of it. */
const char *cv_check_below(const struct cv_check *check, const char *path);

#endif
