/* SPDX-License-Identifier: MIT */
#include "create/redirect.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/fault.h"
#include "../support/tree.h"

static char *dir;
static struct cv_arena arena;
static struct cvenv_error err;
static struct cvenv_options request = { .redirect = ".venv" };
static struct cv_ctx ctx;

static int setup(void **state)
{
	(void)state;
	dir = test_dir_make();
	ctx.cwd = dir;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	cv_arena_done(&arena);
	return 0;
}

static char *in_dir(const char *name)
{
	char *path = cv_strfmt(&arena, "%s/%s", dir, name);

	assert_non_null(path);
	return path;
}

static void check_tree(const char *expected)
{
	char *listing = test_tree(dir);

	assert_string_equal(listing, expected);
	free(listing);
}

static struct cv_redirect plan(const char *env_dir)
{
	const char *path = in_dir(env_dir);
	struct cv_target target = { .env_dir = path, .place = path };
	struct cv_redirect r;

	assert_int_equal(cv_redirect_plan(&ctx, &arena, &request, &target, &r, &err), 0);
	return r;
}

static void test_parse(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "a", "a" },
		{ "a\n", "a" },
		{ "a\r\n", "a" },
		{ "/a b/c\n", "/a b/c" },
		{ "a\r", NULL },
		{ "a\r\r\n", NULL },
		{ "\r\n", NULL },
		{ "a\n\r\n", NULL },
		{ "a\xc2\x85"
		  "b\n",
			NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_str name = { 0 };
		const char *reason = cv_redirect_parse(cv_str(cases[i].text), &name);

		assert_int_equal(reason == NULL, cases[i].name != NULL);
		if (!reason)
			assert_true(cv_str_eq(name, cv_str(cases[i].name)));
	}
	assert_non_null(cv_redirect_parse(CV_LIT("a\0b\n"), &(struct cv_str){ 0 }));
}

/* Another process is faster: its file stays, and the caller decides again. */
static void test_file_that_changed_is_not_replaced(void **state)
{
	struct cv_redirect r = plan("env");

	(void)state;
	test_write(dir, ".venv", "theirs\n");
	assert_int_equal(cv_redirect_write(&arena, &r, &err), -EAGAIN);
	check_tree("f .venv 644 theirs\n\n");
	r = plan("env");
	assert_true(r.replaces);
	test_write(dir, "new", "newer\n");
	assert_int_equal(rename(in_dir("new"), in_dir(".venv")), 0);
	assert_int_equal(cv_redirect_write(&arena, &r, &err), -EAGAIN);
	check_tree("f .venv 644 newer\n\n");
	r = plan("env");
	assert_int_equal(unlink(in_dir(".venv")), 0);
	assert_int_equal(cv_redirect_write(&arena, &r, &err), -EAGAIN);
	check_tree("");
	r = plan("newer");
	assert_int_equal(cv_redirect_write(&arena, &r, &err), 0);
	r = plan("newer");
	assert_null(r.text);
	assert_string_equal(r.file, in_dir(".venv"));
}

/* Whatever fails: the old file or the new one, and no other. */
static void write_at_each_fault(const char *old, int code)
{
	for (int n = 1;; n++) {
		struct cv_redirect r;
		bool failed;
		int rc;

		(void)unlink(in_dir(".venv"));
		if (old)
			test_write(dir, ".venv", old);
		r = plan("env");
		fault_arm(n, code);
		rc = cv_redirect_write(&arena, &r, &err);
		failed = fault_disarm();
		check_tree(rc == 0 ? "f .venv 644 env\n\n" : old ? "f .venv 644 gone\n\n" : "");
		if (!failed)
			break;
	}
}

static void test_write_is_all_or_nothing(void **state)
{
	(void)state;
	write_at_each_fault(NULL, ENOSPC);
	write_at_each_fault("gone\n", ENOSPC);
	write_at_each_fault(NULL, ENOSYS); /* of renameat2(): a hard link instead */
	write_at_each_fault("gone\n", EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parse, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_file_that_changed_is_not_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write_is_all_or_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
