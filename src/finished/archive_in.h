/* SPDX-License-Identifier: MIT */
#ifndef CV_FINISHED_ARCHIVE_IN_H
#define CV_FINISHED_ARCHIVE_IN_H

#include <stdbool.h>
#include <stddef.h>

#include "cvenv.h"
#include "env/portable.h"
#include "finished/finished.h"
#include "finished/texts.h"
#include "os/os.h"

/* Private to archive.c and archive_*.c: an environment that is packed. */

/* Where no file is: the place that texts are rewritten for. A component follows. */
#define CV_PACKED_PLACE (CV_WINDOWS ? "\\\\.\\cvenv\\" : "/dev/null/cvenv/")

struct cv_packing {
	const struct cv_ctx *ctx;
	struct cv_arena *a;
	const struct cvenv_archive *how;
	struct cvenv_error *err;
	struct cv_finished env;
	const char *output; /* absolute */
	enum cv_archive_format format;
	const char **places; /* that are, or were, this environment */
	size_t place_count;
	struct cv_packed_list list;
	struct cv_os_dir roots[CV_ROOTS]; /* the first one is that of `env` */
	const char *root_paths[CV_ROOTS];
	struct cv_left left;
	size_t rewritten; /* files */
	struct cvenv_outside *outside;
	size_t outside_count, outside_room;
	const char **refused; /* texts */
	size_t refused_count, refused_room;
	const char *base_bin; /* with_python: the interpreter, relative to the base */
	bool conda;           /* with_python: the base is conda's */
};

/* All return 0, or negative and *p->err. Strings are in p->a, or borrowed for as long. */

/* archive.c: say that the link or text PATH leads to TARGET, out of the archive. */
int cv_archive_outside(struct cv_packing *p, const char *path, const char *target);

/* archive_texts.c: set `places`, and the root of the environment. */
int cv_archive_places(struct cv_packing *p);
/* PATH, a text that was rewritten for CV_PACKED_PLACE, gets DATA if that is right in any place. */
int cv_archive_text(struct cv_packing *p, const char *path, struct cv_str data);
/* The texts for which the archive has rules of its own: pyvenv.cfg, .pth files, metadata. */
int cv_archive_own_texts(struct cv_packing *p);
/* PATH contains an old path. */
int cv_archive_left(struct cv_packing *p, const char *path);
/* Say what of the base the environment needs. */
int cv_archive_base(struct cv_packing *p);

/* archive_check.c: was everything read and rewritten? EAGAIN if not. Needs a sorted list. */
int cv_archive_check_texts(struct cv_packing *p);

/* archive_python.c: add the base interpreter. CVENV_EREFUSED if it works in its place only. */
int cv_archive_python(struct cv_packing *p);
/* Is NAME of the environment replaced by what cv_archive_python() adds? */
bool cv_archive_python_replaces(const struct cv_packing *p, const char *name);

/* archive_conda.c: the files of conda's Python, for any place. Only changes members. */
int cv_archive_conda(struct cv_packing *p);

#endif
