/* SPDX-License-Identifier: MIT */
#ifndef CV_WHEEL_DIRECT_URL_H
#define CV_WHEEL_DIRECT_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * direct_url.json in a .dist-info directory (PEP 610): the URL from which a project was installed.
 * Nothing is read here; the file may have CV_DIRECT_URL_MAX bytes.
 */
enum { CV_DIRECT_URL_MAX = 64 * 1024 };

/*
 * Does TEXT say that the project is editable? *RET_URL is its `url`, still escaped. Only these two
 * members are looked for, whatever else the text is.
 */
bool cv_direct_url_is_editable(struct cv_str text, struct cv_str *ret_url);

/*
 * The directory of the editable project that TEXT names, absolute; NULL if it names none, or is not
 * valid JSON. In the arena; -ENOMEM.
 */
int cv_direct_url_editable(struct cv_arena *a, struct cv_str text, const char **ret);

/*
 * The absolute path of a URL file:///PATH; NULL if it is another URL, or no path of this system can
 * be that. In the arena; -ENOMEM.
 */
int cv_file_url_path(struct cv_arena *a, struct cv_str url, const char **ret);

/*
 * URL without "%XX". A NUL in it is kept, so that it has *RET_LEN bytes, and another NUL after
 * them. NULL: no memory.
 */
char *cv_url_decode(struct cv_arena *a, struct cv_str url, size_t *ret_len);

#endif
