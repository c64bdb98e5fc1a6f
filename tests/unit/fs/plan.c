/* SPDX-License-Identifier: MIT */
#include "fs/plan.h"
#include "../support/cmocka_all.h"

#include <errno.h>

#include "../support/fault.h"

static void test_entries_in_order(void **state)
{
	struct cv_arena arena = { 0 };
	struct cv_plan plan = { .arena = &arena };
	char path[16] = "changes";

	(void)state;
	cv_plan_dir(&plan, path);
	path[0] = 'X'; /* the plan has its own copy */
	for (int i = 0; i < 200; i++)
		cv_plan_link(&plan, "l", "t", CV_OPTIONAL);
	cv_plan_file_mode(&plan, "f", CV_LIT("data"), 0644);
	cv_plan_remove(&plan, "a/b", "a");
	assert_false(plan.bad);
	assert_int_equal(plan.count, 203);
	assert_string_equal(plan.entries[0].path, "changes");
	assert_int_equal(plan.entries[200].flags, CV_OPTIONAL);
	assert_int_equal(plan.entries[201].flags, CV_EXACT_MODE);
	assert_string_equal(plan.entries[202].source, "a");
	cv_arena_done(&arena);
}

static void test_what_could_not_be_made_is_noticed(void **state)
{
	struct cv_arena arena = { 0 };
	struct cv_plan no_path = { .arena = &arena }, no_target = { .arena = &arena },
		       no_data = { .arena = &arena }, no_tree = { .arena = &arena };

	(void)state;
	cv_plan_dir(&no_path, NULL);
	assert_true(no_path.bad);
	cv_plan_link(&no_target, "l", NULL, 0);
	assert_true(no_target.bad);
	cv_plan_file(&no_data, "f", (struct cv_str){ 0 }, 0);
	assert_true(no_data.bad);
	cv_plan_tree(&no_tree, "t", NULL, "demo", 0);
	assert_true(no_tree.bad);
	cv_arena_done(&arena);
}

static void test_out_of_memory(void **state)
{
	(void)state;
	for (int n = 1;; n++) {
		struct cv_arena arena = { 0 };
		struct cv_plan plan = { .arena = &arena };
		bool failed;

		fault_arm(n, ENOMEM);
		for (int i = 0; i < 3000; i++)
			cv_plan_dir(&plan, "a directory");
		failed = fault_disarm();
		assert_int_equal(plan.bad, failed);
		cv_arena_done(&arena);
		if (!failed)
			break;
		assert_true(n < 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries_in_order),
		cmocka_unit_test(test_what_could_not_be_made_is_noticed),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
