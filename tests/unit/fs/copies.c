/* SPDX-License-Identifier: MIT */
#include "../support/world.h"

#include <stdio.h>

#include "base/own.h"
#include "base/path.h"
#include "base/system.h"
#include "fs/publish.h"

/* Copies of interpreters: CV_KEEP_SAME and CV_SOURCE_MTIME. */
enum { OLD = 1000000000 };

static struct cv_os_stat publish(void)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .cwd = dir };
	struct cv_target target;
	enum cvenv_link_mode used;
	struct cv_os_stat st;

	assert_int_equal(cv_target_find(&ctx, &arena, cv_path_join(&arena, dir, "env"),
				 CV_CLEAR_NOTHING, &target, NULL),
		0);
	cv_plan_dir(&plan, "bin");
	cv_plan_copy(&plan, "bin/copy", cv_path_join(&arena, dir, "base"), 0755,
		CV_KEEP_SAME | CV_SOURCE_MTIME);
	cv_plan_file(&plan, "pyvenv.cfg", CV_LIT("new"), 0);
	assert_int_equal(cv_publish(&ctx, &arena, &plan, &target, CVENV_LINK_AUTO, &used, NULL), 0);
	cv_target_close(&target);
	assert_int_equal(cv_os_stat(at, "env/bin/copy", CV_OS_NOFOLLOW, &st), 0);
	assert_int_equal(st.size, 4);
	assert_true(CV_WINDOWS || st.mode & 0100);
	return st;
}

static void check_replaced(const struct cv_os_stat *before, const struct cv_os_stat *now)
{
	assert_false(cv_os_same(before, now));
	assert_int_equal(now->mtime.s, OLD);
}

static void test_copy_is_kept_if_it_is_the_same(void **state)
{
	struct cv_os_stat before, now;

	(void)state;
	test_write(dir, "base", "base");
	assert_int_equal(cv_os_set_mtime_at(at, "base", OLD), 0);
	before = publish();
	assert_int_equal(before.mtime.s, OLD);
	now = publish();
	assert_true(cv_os_same(&before, &now));
	test_write(dir, "env/bin/copy", "bass"); /* as long */
	now = publish();
	check_replaced(&before, &now);
	test_write(dir, "env/bin/copy", "base and more");
	before = publish();
	check_replaced(&now, &before);
	if (CV_WINDOWS) /* without modes */
		return;
	assert_int_equal(cv_os_chmod_at(at, "env/bin/copy", 0644), 0); /* no program */
	now = publish();
	check_replaced(&before, &now);
	check_tree("d env 755\n"
		   "d env/bin 755\n"
		   "f base 644 base\n"
		   "f env/bin/copy 755 base\n"
		   "f env/pyvenv.cfg 644 new\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_copy_is_kept_if_it_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
