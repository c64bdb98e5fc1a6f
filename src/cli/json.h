/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_JSON_H
#define CV_CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

/* RFC 8259. What is not UTF-8 (it cannot come here but by a Python's odd name) becomes U+FFFD. */
void cv_json_string(FILE *to, struct cv_str s);

/* "NAME": VALUE, and a comma with a space. */
void cv_json_member(FILE *to, const char *name, const char *value);
void cv_json_number(FILE *to, const char *name, int64_t value);

/* "packages": [{"name": ..., "version": ...}, ...], the same way. */
struct cvenv_result;
void cv_json_packages(FILE *to, const struct cvenv_result *result);

#endif
