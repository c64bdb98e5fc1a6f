/* SPDX-License-Identifier: MIT */
#include "fs/remove.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/remains.h"

#include "../support/tree.h"

static char env_dir[256];
static const char *home; /* $HOME */
static const char *cwd;

static void make_env(const char *name)
{
	char path[300];

	test_mkdir(test_dir, name);
	(void)snprintf(path, sizeof(path), "%s/bin", name);
	test_mkdir(test_dir, path);
	(void)snprintf(path, sizeof(path), "%s/bin/activate", name);
	test_write(test_dir, path, "");
	(void)snprintf(path, sizeof(path), "%s/pyvenv.cfg", name);
	test_write(test_dir, path, "home = /usr/bin\n");
}

static int setup(void **state)
{
	test_dir_setup(state);
	(void)snprintf(env_dir, sizeof(env_dir), "%s/env", test_dir);
	home = "/nonexistent";
	cwd = test_dir;
	make_env("env");
	return 0;
}

static int remove_path(const char *path, uint64_t *ret_freed, struct cvenv_error *err)
{
	char variable[300];
	const char *envp[] = { variable, NULL };
	struct cv_ctx ctx = { .envp = envp, .cwd = cwd };
	struct cv_arena a = { 0 };
	struct cv_target target;
	int rc;

	(void)snprintf(variable, sizeof(variable), "HOME=%s", home);
	rc = cv_target_find(&ctx, &a, path, CV_CLEAR_AWAY, &target, err);
	if (rc == 0)
		rc = cv_remove_environment(&ctx, &target, NULL, ret_freed, err);
	cv_target_close(&target);
	cv_arena_done(&a);
	return rc;
}

/* It is refused for this reason, and nothing has changed. */
static void check_refused(const char *path, int code, const char *reason)
{
	char *before = test_tree(test_dir), *after;
	struct cvenv_error err = { 0 };

	assert_int_equal(remove_path(path, NULL, &err), -code);
	if (!strstr(err.message, reason))
		fail_msg("'%s' is not in '%s'", reason, err.message);
	after = test_tree(test_dir);
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void test_removes_an_environment(void **state)
{
	uint64_t freed = 0;
	char *tree;

	(void)state;
	make_env("other");
	assert_int_equal(remove_path(env_dir, &freed, NULL), 0);
	assert_true(freed > 0);
	assert_int_equal(remove_path(env_dir, NULL, NULL), -CVENV_ENOTENV);
	tree = test_tree(test_dir);
	assert_ptr_equal(strstr(tree, "d other"), tree);
	free(tree);
}

static void test_removes_remains(void **state)
{
	char path[300];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/pyvenv.cfg", env_dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(remove_path(env_dir, NULL, NULL), 0);
	assert_int_equal(access(env_dir, F_OK), -1);
}

static void test_refuses_other_directories(void **state)
{
	(void)state;
	test_mkdir(test_dir, "empty");
	test_mkdir(test_dir, "data");
	test_write(test_dir, "data/letter", "dear");
	test_write(test_dir, "file", "x");
	(void)snprintf(env_dir, sizeof(env_dir), "%s/empty", test_dir);
	check_refused(env_dir, CVENV_ENOTENV, "empty directory");
	(void)snprintf(env_dir, sizeof(env_dir), "%s/data", test_dir);
	check_refused(env_dir, CVENV_EREFUSED, "'letter', which is not part of an environment");
	(void)snprintf(env_dir, sizeof(env_dir), "%s/missing", test_dir);
	check_refused(env_dir, CVENV_ENOTENV, "does not exist");
	(void)snprintf(env_dir, sizeof(env_dir), "%s/file", test_dir);
	check_refused(env_dir, ENOTDIR, "a file has that name");
}

/* Each with the pyvenv.cfg and the bin/activate of an environment. */
static void test_refuses_what_else_is_in_the_directory(void **state)
{
	static const struct {
		const char *dirs[4], *file, *reason;
	} cases[] = {
		{ { "env/.git" }, "env/.git/HEAD", ".git" },
		{ { "env/.hg" }, "env/.hg/x", ".hg" },
		{ { "env/.jj" }, "env/.jj/x", ".jj" },
		{ { NULL }, "env/pyproject.toml", "a file of a project" },
		{ { NULL }, "env/setup.py", "a file of a project" },
		{ { "env/conda-meta" }, "env/conda-meta/history", "of conda" },
		{ { "env/lib", "env/lib/python3.12" }, "env/lib/python3.12/os.py",
			"Python installation" },
		{ { "env/lib-python" }, "env/lib-python/x", "Python installation" },
		{ { NULL }, "env/python312.zip", "Python installation" },
		{ { "env/deep" }, "env/deep/pyvenv.cfg", "another environment" },
		{ { "env/src", "env/src/project", "env/src/project/.git" },
			"env/src/project/.git/HEAD", "'src/project' is a checkout" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (i)
			make_env("env");
		for (size_t k = 0; cases[i].dirs[k]; k++)
			test_mkdir(test_dir, cases[i].dirs[k]);
		test_write(test_dir, cases[i].file, "");
		check_refused(env_dir, CVENV_EREFUSED, cases[i].reason);
		test_dir_teardown(state);
		test_dir_setup(state);
		(void)snprintf(env_dir, sizeof(env_dir), "%s/env", test_dir);
		cwd = test_dir;
	}
}

static void test_refuses_places(void **state)
{
	char below[300];

	(void)state;
	home = env_dir;
	check_refused(env_dir, CVENV_EREFUSED, "home directory");
	(void)snprintf(below, sizeof(below), "%s/bin", env_dir);
	home = below;
	check_refused(env_dir, CVENV_EREFUSED, "home directory or above it");
	home = "/nonexistent";
	cwd = below;
	check_refused(env_dir, CVENV_EREFUSED, "above the current directory");
	cwd = env_dir;
	check_refused(env_dir, CVENV_EREFUSED, "it is the current directory");
	cwd = test_dir;
	check_refused("/", CVENV_EREFUSED, "root directory");
}

/* ~/.local with an environment in it. */
static void test_refuses_directories_of_the_user(void **state)
{
	(void)state;
	home = test_dir;
	cwd = "/";
	make_env(".local");
	test_mkdir(test_dir, ".local/share");
	(void)snprintf(env_dir, sizeof(env_dir), "%s/.local", test_dir);
	check_refused(env_dir, CVENV_EREFUSED, "other data of the user");
}

static void test_refuses_links(void **state)
{
	char link[300];

	(void)state;
	(void)snprintf(link, sizeof(link), "%s/link", test_dir);
	assert_int_equal(symlink("env", link), 0);
	check_refused(link, CVENV_EREFUSED, "it is a link to");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("nowhere", link), 0);
	check_refused(link, CVENV_EREFUSED, "broken symbolic link");
}

/* Like /tmp, in which anyone may have created a pyvenv.cfg. */
static void test_refuses_a_directory_for_all(void **state)
{
	(void)state;
	assert_int_equal(chmod(env_dir, 01777), 0);
	check_refused(env_dir, CVENV_EREFUSED, "all users may create files");
}

static void test_refuses_files_of_others(void **state)
{
	char path[300];

	(void)state;
	if (geteuid() != 0)
		skip(); /* cannot give files away */
	(void)snprintf(path, sizeof(path), "%s/pyvenv.cfg", env_dir);
	assert_int_equal(lchown(path, 65534, 65534), 0);
	check_refused(env_dir, CVENV_EREFUSED, "its pyvenv.cfg belongs to another user");
	assert_int_equal(lchown(env_dir, 65534, 65534), 0);
	/* root may remove environments of users */
	assert_int_equal(remove_path(env_dir, NULL, NULL), 0);
	make_env("env");
	assert_int_equal(lchown(env_dir, 65534, 65534), 0);
	assert_int_equal(lchown(test_dir, 65533, 65533), 0);
	assert_int_equal(seteuid(65533), 0);
	check_refused(env_dir, CVENV_EREFUSED, "it belongs to another user");
	assert_int_equal(seteuid(0), 0);
}

/* The parent does not let us rename it: the directory stays, empty. */
static void test_empties_it_if_it_must_stay(void **state)
{
	char *tree;

	(void)state;
	if (geteuid() == 0)
		skip(); /* root may rename everything */
	assert_int_equal(chmod(test_dir, 0555), 0);
	assert_int_equal(remove_path(env_dir, NULL, NULL), 0);
	assert_int_equal(chmod(test_dir, 0755), 0);
	tree = test_tree(test_dir);
	assert_string_equal(tree, "d env 755\n");
	free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_removes_an_environment, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_removes_remains, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_refuses_other_directories, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_refuses_what_else_is_in_the_directory, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_refuses_places, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_refuses_directories_of_the_user, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_refuses_links, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_refuses_a_directory_for_all, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_refuses_files_of_others, setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_empties_it_if_it_must_stay, setup, test_dir_teardown),
	};

	return cmocka_run_group_tests_name("remove", tests, NULL, NULL);
}
