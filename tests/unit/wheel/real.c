/* SPDX-License-Identifier: MIT */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/own.h"
#include "base/path.h"
#include "check.h"
#include "wheel/scripts.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

static struct cvenv_error err;

static void open_whole(const char *path)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf data OWN_BUF = { 0 };
	struct cv_script *scripts;
	struct cv_wheel w;
	size_t count, n;
	char part[65536];
	FILE *f = fopen(path, "rbe");

	assert_non_null(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		cv_buf_add(&data, part, n);
	(void)fclose(f);
	if (cv_wheel_open(&arena, cv_path_base(path), cv_buf_slice(&data), &w, &err) < 0)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < w.count; i++) {
		OWN_MEM char *out = malloc(w.files[i].size + 1);

		if (cv_wheel_read(&w, i, out, &err) < 0)
			fail_msg("%s", err.message);
	}
	assert_true(cv_version_in(CV_LIT(">0"), w.version));
	assert_int_equal(
		cv_scripts_of(&arena, w.name, w.entry_points, 3, 12, &scripts, &count, &err), 0);
	if (cv_wheel_name_eq(w.name, CV_LIT("pip")))
		assert_int_equal(count, 3);
	cv_wheel_close(&w);
}

/* The wheels that this machine has: of the distribution, and those in ensurepip. */
static void test_real_wheels(void **state)
{
	static const char *const patterns[] = {
		"/usr/share/python-wheels/*.whl",
		"/usr/lib*/python3*/ensurepip/_bundled/*.whl",
		"/usr/local/lib/python3*/ensurepip/_bundled/*.whl",
		"~/.pyenv/versions/*/lib/python*/ensurepip/_bundled/*.whl",
	};
	glob_t found = { 0 };
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		(void)glob(patterns[i], GLOB_TILDE | (i ? GLOB_APPEND : 0), NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		open_whole(found.gl_pathv[i]);
	print_message("real wheels opened: %zu\n", (size_t)found.gl_pathc);
	n = found.gl_pathc;
	globfree(&found);
	if (n == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_real_wheels) };

	return cmocka_run_group_tests_name("real wheels", tests, NULL, NULL);
}
