/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_PRINT_H
#define CV_CLI_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "cli/options.h"
#include "cvenv.h"

/*
 * Call it before any output. It gives stdout a buffer for the whole output of a run, so that only
 * cv_print_flush() writes: musl does not keep the reason of an earlier write that failed.
 */
void cv_print_begin(void);

/*
 * Output for people and programs. Names may contain anything: control characters and bytes that are
 * not UTF-8 are printed as \xNN, except in JSON.
 */
void cv_print_safe(FILE *to, const char *text);

/*
 * The length in bytes of the printable UTF-8 character at S; 0 if there is none. ROOM bytes may be
 * read.
 */
size_t cv_printable(const char *s, size_t room);

/*
 * Texts for people. Each writes into RET_TEXT and returns it: "1.2 MB"; "today", "3 days ago" or
 * "dated in the future", of a time that is known; "9,812".
 */
enum { CV_TEXT_MAX = 32 };
const char *cv_print_size(uint64_t bytes, char ret_text[CV_TEXT_MAX]);
const char *cv_print_age(int64_t now, int64_t then, char ret_text[CV_TEXT_MAX]);
const char *cv_print_count(uint64_t count, char ret_text[CV_TEXT_MAX]);

/*
 * Flush stdout: 0, or -1 and *error. DONE says what the run has done, "environment 'x' was
 * created"; it becomes part of the error message. If DONE is NULL and the reader has closed the
 * pipe, error->code is CV_STDOUT_CLOSED, and the caller prints no error.
 */
enum { CV_STDOUT_CLOSED = -1 };
int cv_print_flush(const char *done, struct cvenv_error *error);

/* "created", "recreated" (its old content was deleted), "updated" or "upgraded". */
const char *cv_print_action(const struct cvenv_result *result, const struct cv_options *options);

/* "cvenv: error: MESSAGE (HINT)" on stderr, one line. */
void cv_print_error(const char *message, const char *hint);

/*
 * With --json, print and flush the line for an environment that the run has failed for. No line for
 * wrong usage, or if nobody reads it.
 */
void cv_print_failure(
	const struct cv_options *options, const char *path, const struct cvenv_error *error);

/* Print one JSON object and a newline; doc/cvenv.1 describes it. */
void cv_print_json(FILE *to, const struct cvenv *session, const struct cvenv_result *result,
	double duration_ms, const struct cv_options *options);

/* Print the plan, one entry per line. */
void cv_print_plan(FILE *to, const struct cvenv *session, const struct cvenv_result *result,
	const struct cv_options *options);

/* "Python 3.13.0" */
void cv_print_base(FILE *to, const struct cvenv_result *result);

/* " pip 24.2, setuptools 65.5.0": BEFORE precedes the first package, a comma each other one. */
void cv_print_packages(FILE *to, const char *before, const struct cvenv_result *result);

/*
 * Print "Created ...", and on the last line the command that activates the environment in the
 * user's shell (shell.h). If that shell has no such command, print the path of the interpreter.
 * ENV_DIR is printed as the user wrote it, but where a redirect file names the environment, its
 * path and that of the file.
 */
void cv_print_done(FILE *to, struct cvenv *session, const struct cvenv_result *result,
	const char *env_dir, const struct cv_options *options);

#endif
