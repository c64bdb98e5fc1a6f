/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_PYTHON_HELP_H
#define CV_TEST_PYTHON_HELP_H

#include <sys/types.h>

#include "../support/cmocka_all.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/str.h"

/*
 * A world of its own for each test: a temporary directory that goes away afterwards, an
 * environment that holds nothing but what the test puts there, and the last log messages.
 */
enum { ENV_MAX = 32 };

struct world {
	struct cv_arena arena;
	struct cv_ctx ctx;
	struct cvenv_error err;
	char dir[64]; /* absolute, no links in it */
	const char *env[ENV_MAX + 1];
	char log[8192];
};

int world_setup(void **state);
int world_teardown(void **state);

/* Set NAME, replacing an earlier value; VALUE is formatted. */
void world_env(struct world *w, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* w->dir "/" formatted, in the arena. */
char *at(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Make a file with this text, and the directories above it. */
void put(const char *path, const char *text, mode_t mode);
void make_dirs(const char *path);
void make_link(const char *target, const char *path);

/* A stand-in for an interpreter where only its name and place matter: a shell script. */
void put_fake(const char *path);

/* What a shell command prints, without the line end; fails the test when it fails. */
char *output_of(struct world *w, const char *cmd_fmt, ...) __attribute__((format(printf, 2, 3)));

/* Fails the test with the message of w->err unless RC is 0. */
#define must(w, rc)                                                \
	do {                                                       \
		int rc_ = (rc);                                    \
		if (rc_ != 0)                                      \
			fail_msg("%d: %s", rc_, (w)->err.message); \
	} while (0)

/*
 * Skips the test under valgrind: it makes of vfork() a fork(), and then posix_spawn() cannot say
 * that the program could not be run.
 */
void not_under_valgrind(void);

/* Every real interpreter, 3.8 and later, that this machine has; at least one, NULL-terminated. */
char **real_pythons(struct world *w);

#endif
