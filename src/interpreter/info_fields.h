/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_INFO_FIELDS_H
#define CV_INTERPRETER_INFO_FIELDS_H

#include <stddef.h>

/*
 * Private to info*.c and probe*.c: the fields of struct cv_info, in the order of the encoded form.
 */
enum cv_field_kind {
	CV_FIELD_STR,
	CV_FIELD_UINT,
	CV_FIELD_BOOL,
};

/* Which values of a string are valid; see info_check.c. */
enum cv_field_rule {
	CV_RULE_ANY,
	CV_RULE_ABS, /* an absolute path */
	CV_RULE_ABS_OR_NONE,
	CV_RULE_REL_OR_NONE, /* a path below ENV_DIR */
	CV_RULE_NAME,        /* one component */
	CV_RULE_WORD,        /* a short identifier */
	CV_RULE_WORD_OR_NONE,
	CV_RULE_HEX,
	CV_RULE_HEX_OR_NONE,
	CV_RULE_PATHS, /* pairs of a name and an absolute path, see cv_info_pair() */
	CV_RULE_NAMES, /* pairs of names */
};

struct cv_field {
	const char *name;
	enum cv_field_kind kind;
	enum cv_field_rule rule;
	int answered; /* by probe.py; the other fields are set in C */
	size_t offset;
};

enum { CV_FIELD_COUNT = 43 };

extern const struct cv_field cv_fields[CV_FIELD_COUNT];

#endif
