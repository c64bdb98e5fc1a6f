/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/cmocka_all.h"
#include "base/own.h"
#include "env/finding.h"

/* The names are API: letters and '-', each once. */
static void test_every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < CV_FINDING_KINDS; i++) {
		const char *name = cv_finding_name((enum cv_finding_kind)i);

		assert_non_null(name);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name, cv_finding_name((enum cv_finding_kind)j));
	}
}

static void test_findings_are_sorted_by_file_then_kind(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_findings f = { .arena = &a };
	struct cvenv_error err;

	(void)state;
	cv_finding_add(&f, CV_FINDING_FILE_SIZE, "lib/b", "size %d", 1);
	cv_finding_add(&f, CV_FINDING_FILE_MISSING, "lib/b", "missing");
	cv_finding_add(&f, CV_FINDING_MOVED, NULL, "moved");
	cv_finding_add(&f, CV_FINDING_SCRIPT_LINE_LONG, "bin/x", "long");
	assert_int_equal(cv_findings_end(&f, &err), 0);
	assert_int_equal(f.count, 4);
	assert_int_equal(f.all[0].kind, CV_FINDING_MOVED);
	assert_null(f.all[0].file);
	assert_string_equal(f.all[1].file, "bin/x");
	assert_int_equal(f.all[2].kind, CV_FINDING_FILE_MISSING);
	assert_string_equal(f.all[3].detail, "size 1");
	assert_true(cv_findings_have(&f, CV_FINDING_MOVED));
	assert_false(cv_findings_have(&f, CV_FINDING_FILE_HASH));
}

static void test_cure_and_severity_follow_from_the_kind_unless_given(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_findings f = { .arena = &a };

	(void)state;
	cv_finding_add(&f, CV_FINDING_PIP_MISSING, NULL, "no pip");
	assert_int_equal(f.all[0].severity, CVENV_NOTE);
	assert_string_equal(f.all[0].cure, "none");
	cv_finding_add_as(
		&f, CV_FINDING_FILE_MISSING, CVENV_DEFECT, CV_CURE_REINSTALL, "x", "l", "missing");
	assert_int_equal(f.all[1].severity, CVENV_DEFECT);
	assert_string_equal(f.all[1].cure, "reinstall x");
	cv_finding_add(&f, CV_FINDING_HOME_MISSING, "pyvenv.cfg", "gone");
	assert_string_equal(f.all[2].cure, "repair");
	assert_int_equal(f.all[2].severity, CVENV_BROKEN);
}

static void test_number_of_one_kind_is_limited(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_findings f = { .arena = &a };
	struct cvenv_error err;

	(void)state;
	for (int i = 0; i < CV_FINDINGS_PER_KIND + 5; i++)
		cv_finding_add(&f, CV_FINDING_LINK_OUTSIDE, "lib/x", "link");
	cv_finding_add(&f, CV_FINDING_MOVED, NULL, "moved");
	assert_int_equal(cv_findings_end(&f, &err), 0);
	assert_int_equal(f.count, CV_FINDINGS_PER_KIND + 1);
	assert_string_equal(f.all[0].detail, "moved");
	assert_string_equal(f.all[1].detail, "link");
	assert_string_equal(f.all[f.count - 1].detail, "link (and 5 more like it)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_has_a_name_of_its_own),
		cmocka_unit_test(test_findings_are_sorted_by_file_then_kind),
		cmocka_unit_test(test_cure_and_severity_follow_from_the_kind_unless_given),
		cmocka_unit_test(test_number_of_one_kind_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
