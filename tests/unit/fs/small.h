/* SPDX-License-Identifier: MIT */
#ifndef CV_TEST_SMALL_H
#define CV_TEST_SMALL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/cmocka_all.h"
#include "../support/tree.h"
#include "base/own.h"
#include "base/path.h"
#include "fs/publish.h"

/* A very small environment, and publishing it. For every system; include it once in a program. */
static char env_dir[512];
static volatile int stop;
static bool lost; /* by the last publish() */

static void choose(const char *name)
{
	struct cv_arena a OWN_ARENA = { 0 };

	(void)snprintf(env_dir, sizeof(env_dir), "%s", cv_path_join(&a, test_dir, name));
}

static const char old_tree[] = "d bin\nf bin/mine mine\nf bin/python old\nf pyvenv.cfg old\n";
static const char new_tree[] =
	"d bin\nd lib\nf bin/python new\nf bin/run new\nf lib/new new\nf pyvenv.cfg new\n";
static const char merged[] = "d bin\nd lib\nf bin/mine mine\nf bin/python new\nf bin/run new\n"
			     "f lib/new new\nf pyvenv.cfg new\n";

static void old_environment(void)
{
	test_mkdir(test_dir, "env");
	test_mkdir(test_dir, "env/bin");
	test_write(test_dir, "env/bin/python", "old");
	test_write(test_dir, "env/bin/mine", "mine");
	test_write(test_dir, "env/pyvenv.cfg", "old");
}

static int publish(bool clear, const char *cwd, struct cvenv_error *err)
{
	struct cv_arena arena = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .cwd = cwd, .stop = &stop };
	struct cv_target target;
	enum cvenv_link_mode used;
	int rc = cv_target_find(&ctx, &arena, env_dir,
		clear ? CV_CLEAR_ENVIRONMENT : CV_CLEAR_NOTHING, &target, err);

	cv_plan_dir(&plan, "bin");
	cv_plan_dir(&plan, "lib");
	cv_plan_file(&plan, "bin/python", CV_LIT("new"), 0);
	cv_plan_file(&plan, "bin/run", CV_LIT("new"), 0);
	cv_plan_file(&plan, "lib/new", CV_LIT("new"), 0);
	cv_plan_remove(&plan, "bin/gone", "bin");
	cv_plan_file(&plan, "pyvenv.cfg", CV_LIT("new"), 0);
	if (rc == 0)
		rc = cv_target_lock(&ctx, &target, err);
	if (rc == 0)
		rc = cv_publish(&ctx, &arena, &plan, &target, CVENV_LINK_COPY, &used, err);
	lost = target.lost;
	cv_target_close(&target);
	cv_arena_done(&arena);
	return rc;
}

/* The tree below NAME, without modes. */
static const char *tree_of(const char *name)
{
	static char text[4096];
	char path[300], *listing, *to = text;

	(void)snprintf(path, sizeof(path), "%s/%s", test_dir, name);
	listing = test_tree(path);
	for (char *line = strtok(listing, "\n"); line; line = strtok(NULL, "\n")) {
		char *mode = strchr(line + 2, ' ');
		const char *rest = mode ? strchr(mode + 1, ' ') : NULL;

		if (mode)
			*mode = '\0';
		to += snprintf(
			to, sizeof(text) - (size_t)(to - text), "%s%s\n", line, rest ? rest : "");
	}
	*to = '\0';
	free(listing);
	return text;
}

static bool has(const char *part)
{
	return strstr(tree_of(""), part);
}

static void check_env(const char *expected)
{
	assert_string_equal(tree_of("env"), expected);
	if (has(".cvenv-"))
		fail_msg("left over: %s", tree_of(""));
}

#endif
