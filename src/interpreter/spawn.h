/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_SPAWN_H
#define CV_INTERPRETER_SPAWN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Run one child process and wait for its end, with limits on time and output.
 *
 *	char tail[CV_SPAWN_TAIL_MAX + 1];
 *	struct cv_buf out OWN_BUF = { 0 };
 *	struct cv_spawn s = { .argv = argv, .envp = envp, .timeout_ms = 10000,
 *		.output_max = 65536, .flags = CV_SPAWN_OUT | CV_SPAWN_ERR, .ret_tail = tail };
 *	rc = cv_spawn(ctx, &s, &out, &status, err);
 *	if (rc == 0 && status != 0)
 *		rc = cv_spawn_failed(err, CVENV_EPYTHON, argv[0], status, tail);
 *
 * The child starts with the default signal mask and dispositions, in the directory `dir`, as leader
 * of a new process group. The whole group is killed on timeout, on too much output, and when
 * ctx->stop is set. When the child ends by itself, cv_spawn() returns at once with the content of
 * the pipes: it neither waits for nor kills a grandchild that keeps them open.
 *
 * Errors of cv_spawn(): the child cannot be started, ETIMEDOUT, CVENV_ELIMIT, EINTR (ctx->stop), or
 * a system call fails. If the child itself fails, cv_spawn() returns 0: check *ret_status.
 */
enum cv_spawn_flags {
	CV_SPAWN_OUT = 1 << 0,        /* stdout is appended to *ret_out */
	CV_SPAWN_OUT_PASS = 1 << 1,   /* the child inherits our stdout */
	CV_SPAWN_OUT_TO_ERR = 1 << 2, /* stdout is our stderr; without these three: /dev/null */
	CV_SPAWN_ERR = 1 << 3,        /* the end of stderr is copied to `ret_tail` */
	CV_SPAWN_ERR_PASS = 1 << 4,   /* the child inherits ours; without these two: /dev/null */
	/*
	 * For a child that may prompt the user: it inherits our stdin and stays in our process
	 * group, since a background group cannot read the terminal. Only the child itself is killed
	 * then. When ctx->stop is set, it first gets SIGINT and 10 s to clean up.
	 */
	CV_SPAWN_TTY = 1 << 5,
	CV_SPAWN_NO_WATCH = 1 << 6, /* for tests: poll for the child's end */
};

enum { CV_SPAWN_TAIL_MAX = 4096 };

/*
 * Other work for this process: called once, as soon as the child has started. The child's timeout
 * begins when it returns.
 */
struct cv_meanwhile {
	void (*run)(void *data, const char *program); /* argv[0] */
	void *data;
};

struct cv_spawn {
	const char *const *argv; /* argv[0] is a path; PATH is not searched */
	const char *const *envp;
	const char *dir;     /* NULL: unchanged */
	int timeout_ms;      /* -1: none */
	struct cv_str input; /* the child's stdin; empty: /dev/null */
	size_t output_max;   /* of a captured stdout; more is CVENV_ELIMIT */
	void (*on_out)(void *data, struct cv_str part); /* gets stdout in parts, instead of */
	void *on_out_data;                              /* *ret_out; may be NULL */
	unsigned flags;
	/* CV_SPAWN_TAIL_MAX + 1 bytes, NUL-terminated; NULL without CV_SPAWN_ERR */
	char *ret_tail;
	const struct cv_meanwhile *meanwhile; /* may be NULL */
};

/*
 * *ret_status is the exit status, or minus the signal that killed the child. Output is appended to
 * RET_OUT, which may be NULL without CV_SPAWN_OUT.
 */
int cv_spawn(const struct cv_ctx *ctx, const struct cv_spawn *spawn, struct cv_buf *ret_out,
	int *ret_status, struct cvenv_error *err);

/*
 * Fill *err with "'WHAT' failed with status N: last line of TAIL" (or "was killed by signal N");
 * returns -CODE. TAIL may be NULL. Unprintable bytes of it are replaced.
 */
int cv_spawn_failed(
	struct cvenv_error *err, int code, const char *what, int status, const char *tail);

/*
 * The variables of CTX without those in DROP and with those in ADD, for cv_spawn. DROP is a
 * NULL-terminated list of names; a name that ends in '*' drops every variable with that prefix. ADD
 * is a NULL-terminated list of "NAME=VALUE", or NULL; it replaces variables of the same names.
 * Borrows all strings. NULL when memory is exhausted.
 */
const char *const *cv_spawn_env(struct cv_arena *arena, const struct cv_ctx *ctx,
	const char *const *drop, const char *const *add);

#endif
