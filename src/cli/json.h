/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_JSON_H
#define CV_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

/* A string of RFC 8259. Bytes that are not UTF-8 become U+FFFD. */
void cv_json_string(FILE *to, struct cv_str s);

/* JSON, a valid value in one line, with escapes for what cannot be printed. */
void cv_json_value(FILE *to, const char *json);

/* "NAME": "VALUE", then a comma and a space. */
void cv_json_member(FILE *to, const char *name, const char *value);
void cv_json_number(FILE *to, const char *name, int64_t value);
void cv_json_flag(FILE *to, const char *name, bool value);
/* VALUE is NULL if it is unknown: then nothing, or null. */
void cv_json_if_known(FILE *to, const char *name, const char *value);
void cv_json_or_null(FILE *to, const char *name, const char *value);

/* "NAME": ["TEXT", ...], then a comma and a space. TEXTS ends with NULL; NULL: there are none. */
void cv_json_list(FILE *to, const char *name, const char *const *texts);

/*
 * The line in place of the object of an environment:
 *
 *	{"path": ..., "error": {"code": ..., "message": ..., "hint": ...}}
 *
 * PATH is what the user wrote, or the absolute path. NULL: it is the error of a whole search.
 */
struct cvenv_error;
void cv_json_failure(FILE *to, const char *path, const struct cvenv_error *error);
/* Only its last member, in an object that has others. */
void cv_json_error(FILE *to, const struct cvenv_error *error);

/* "packages": [{"name": ..., "version": ...}, ...], then a comma and a space. */
struct cvenv_result;
void cv_json_packages(FILE *to, const struct cvenv_result *result);

#endif
