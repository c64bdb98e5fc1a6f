/* SPDX-License-Identifier: MIT */
#ifndef CV_INTERPRETER_SPAWN_H
#define CV_INTERPRETER_SPAWN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Run one child process to its end, with a limit on everything.
 *
 *	char tail[CV_SPAWN_TAIL_MAX + 1];
 *	struct cv_buf out OWN_BUF = { 0 };
 *	struct cv_spawn s = { .argv = argv, .envp = envp, .timeout_ms = 10000,
 *		.output_max = 65536, .flags = CV_SPAWN_OUT | CV_SPAWN_ERR, .ret_tail = tail };
 *	rc = cv_spawn(ctx, &s, &out, &status, err);
 *	if (rc == 0 && status != 0)
 *		rc = cv_spawn_failed(err, CVENV_EPYTHON, argv[0], status, tail);
 *
 * The child has the default signal mask and dispositions, the directory `dir`,
 * and is the leader of a process group of its own, so that what it started dies
 * with it when time is up, when it prints too much, or when ctx->stop is set.
 * When it ends by itself, we return at once with what was in the pipes: a
 * grandchild that keeps them open is neither waited for nor killed.
 *
 * A failure of cv_spawn() (negative) is: it could not be started, ETIMEDOUT,
 * CVENV_ELIMIT, EINTR (stopped), or a failure of the system. That the child ran
 * and failed is not one: look at *ret_status.
 */
enum cv_spawn_flags {
	CV_SPAWN_OUT = 1 << 0,        /* stdout goes to *ret_out */
	CV_SPAWN_OUT_PASS = 1 << 1,   /* stdout is ours */
	CV_SPAWN_OUT_TO_ERR = 1 << 2, /* stdout is our stderr; none of the three: /dev/null */
	CV_SPAWN_ERR = 1 << 3,        /* the last of stderr goes to `ret_tail` */
	CV_SPAWN_ERR_PASS = 1 << 4,   /* stderr is ours; none of the two: /dev/null */
	/*
	 * For a child that may ask the user something: it has our stdin and stays in our process
	 * group, since a background group may not read the terminal. Only the child itself is
	 * killed then, and when we are stopped it gets SIGINT and 10 s to put things in order.
	 */
	CV_SPAWN_TTY = 1 << 5,
	CV_SPAWN_NO_WATCH = 1 << 6, /* as where only asking tells that it has ended: for tests */
};

enum { CV_SPAWN_TAIL_MAX = 4096 };

/*
 * What else there is to do: run once, in this process, as soon as the child has started. The
 * child's time begins when that ends.
 */
struct cv_meanwhile {
	void (*run)(void *data);
	void *data;
};

struct cv_spawn {
	const char *const *argv; /* argv[0] is a path, PATH is not searched */
	const char *const *envp;
	const char *dir;     /* NULL: unchanged */
	int timeout_ms;      /* -1: none */
	struct cv_str input; /* the child's stdin; empty: /dev/null */
	size_t output_max;   /* more on a captured stdout is CVENV_ELIMIT */
	void (*on_out)(void *data, struct cv_str part); /* gets stdout as it comes, in place of */
	void *on_out_data;                              /* *ret_out; NULL: none */
	unsigned flags;
	char *ret_tail; /* CV_SPAWN_TAIL_MAX + 1 bytes, NUL-terminated; NULL without CV_SPAWN_ERR */
	const struct cv_meanwhile *meanwhile; /* NULL: nothing */
};

/*
 * *ret_status is the exit status, or minus the signal that killed the child. RET_OUT may be
 * NULL without CV_SPAWN_OUT; it is appended to.
 */
int cv_spawn(const struct cv_ctx *ctx, const struct cv_spawn *spawn, struct cv_buf *ret_out,
	int *ret_status, struct cvenv_error *err);

/*
 * Fill *err with "'WHAT' failed with status N: last line of TAIL" (or "was killed by signal N");
 * returns -CODE. TAIL may be NULL. What the child wrote is made printable.
 */
int cv_spawn_failed(
	struct cvenv_error *err, int code, const char *what, int status, const char *tail);

/*
 * The context's environment without the variables that DROP names (NULL-terminated; a name
 * that ends in '*' drops all that begin with it), and with ADD ("NAME=VALUE", NULL-terminated,
 * may be NULL) in place of what has the same names. Borrows the strings of both. NULL when
 * memory is exhausted.
 */
const char *const *cv_spawn_env(struct cv_arena *arena, const struct cv_ctx *ctx,
	const char *const *drop, const char *const *add);

#endif
