/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PRINT_H
#define CV_CLI_PRINT_H

#include <stdio.h>

#include "cli/options.h"
#include "cvenv.h"

/*
 * Call it before anything else: it gives stdout a buffer that holds what a run prints, so that all
 * of it is written by cv_print_flush(). After an earlier write that failed, musl forgets the
 * reason.
 */
void cv_print_begin(void);

/*
 * What people and programs see. Names may hold anything: to a terminal or a log
 * control characters and bytes that are not UTF-8 go as \xNN, in JSON by its own rules.
 */
void cv_print_safe(FILE *to, const char *text);

/* How many bytes at S are one printable UTF-8 character; 0: none. */
size_t cv_printable(const char *s, size_t room);

/*
 * Flush stdout: 0, or -1. DONE is what the run has done, "environment 'x' was created", and becomes
 * part of the error message. If DONE is NULL and the reader closed the pipe, error->code is
 * CV_STDOUT_CLOSED: the caller prints no error.
 */
enum { CV_STDOUT_CLOSED = -1 };
int cv_print_flush(const char *done, struct cvenv_error *error);

/* "created", "recreated" (its old content was deleted), "updated" or "upgraded". */
const char *cv_print_action(const struct cvenv_result *result, const struct cv_options *options);

/* "cvenv: error: MESSAGE (HINT)" on stderr, one line. */
void cv_print_error(const char *message, const char *hint);

/* One object and a line break; schema in doc/cvenv.1. */
void cv_print_json(FILE *to, const struct cvenv *session, const struct cvenv_result *result,
	double duration_ms, const struct cv_options *options);

/* The plan, a line an entry. */
void cv_print_plan(FILE *to, const struct cvenv *session, const struct cvenv_result *result,
	const struct cv_options *options);

/* "Python 3.13.0" */
void cv_print_base(FILE *to, const struct cvenv_result *result);

/* BEFORE the first, a comma before the others: " pip 24.2, setuptools 65.5.0" */
void cv_print_packages(FILE *to, const char *before, const struct cvenv_result *result);

/*
 * "Created ..." and, last, the line that activates it in the user's shell (shell.h), or its Python
 * where nothing does. ENV_DIR as the user named it.
 */
void cv_print_done(FILE *to, struct cvenv *session, const struct cvenv_result *result,
	const char *env_dir, const struct cv_options *options);

#endif
