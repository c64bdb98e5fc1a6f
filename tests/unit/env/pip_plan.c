/* SPDX-License-Identifier: MIT */
#include "env/pip_plan.h"
#include "../support/cmocka_all.h"

#include <string.h>

#include "../support/tree.h"
#include "base/own.h"
#include "create/installed.h"

#include "info.h"

static const struct cv_tree_file files[] = { { .path = "pip/a.py", .size = 2 },
	{ .path = "pip/b,c.py", .size = 3 } };
static const struct cv_tree_file compiled[] = { { .path = "pip/__pycache__/a.t.pyc" } };
static const struct cv_str hashes[] = { { "sha256=A", 8 }, { "sha256=B", 8 } };
static struct cv_pip_package pip = {
	.wheel = { .tree = { .dir = "/cache/files", .files = files, .count = 2 },
		.hashes = hashes,
		.name = { "pip", 3 },
		.version = { "24.2", 4 },
		.dist_info = { "pip-24.2.dist-info", 18 } }
};
static struct cv_layout layout = { .env_dir = "/e",
	.bin = "bin",
	.purelib = "lib/python3.13/site-packages",
	.env_exe = "/e/bin/python3" };

static struct cv_arena arena;
static struct cv_plan plan;
static struct cv_str installed;
static struct cvenv_error err;
static const struct cv_ctx ctx;

static int done(void **state)
{
	(void)state;
	cv_arena_done(&arena);
	return 0;
}

static void compute(const struct cv_existing *existing)
{
	struct cv_info info = test_info(13);
	struct cv_installed_versions versions = { 0 };
	OWN_OS_DIR struct cv_os_dir env = CV_OS_NO_DIR;

	plan = (struct cv_plan){ .arena = &arena };
	if (existing) {
		assert_int_equal(
			cv_os_open_dir(CV_OS_ABSOLUTE, layout.env_dir, CV_OS_NOFOLLOW, &env), 0);
		assert_int_equal(cv_installed_versions(&arena, env, &layout, info.cache_tag,
					 existing, &pip.wheel, &versions, &err),
			0);
	}
	assert_int_equal(
		cv_pip_plan(&ctx, &plan, &info, &layout, &versions, &pip, &installed, &err), 0);
	assert_false(plan.bad);
}

static const struct cv_entry *entry(const char *path)
{
	for (size_t i = 0; i < plan.count; i++)
		if (strcmp(plan.entries[i].path, path) == 0 &&
			plan.entries[i].kind != CVENV_ENTRY_TREE)
			return &plan.entries[i];
	fail_msg("no entry '%s'", path);
	return NULL;
}

#define SITE "lib/python3.13/site-packages/"
#define RECORD_PATH SITE "pip-24.2.dist-info/RECORD"

static void test_record(void **state)
{
	static const char tail[] = "pip-24.2.dist-info/INSTALLER,sha256=";
	const struct cv_entry *record;

	(void)state;
	compute(NULL);
	assert_true(cv_str_eq(installed, CV_LIT("24.2")));
	record = entry(RECORD_PATH);
	assert_true(cv_str_starts(record->data, CV_LIT("../../../bin/pip,sha256=")));
	assert_non_null(strstr(record->data.p, "\r\n../../../bin/pip3,sha256="));
	assert_non_null(strstr(record->data.p, "\r\n../../../bin/pip3.13,sha256="));
	assert_non_null(strstr(record->data.p, tail));
	assert_non_null(strstr(record->data.p, "\r\npip-24.2.dist-info/RECORD,,\r\n"));
	assert_true(cv_str_ends(
		record->data, CV_LIT("pip/a.py,sha256=A,2\r\n\"pip/b,c.py\",sha256=B,3\r\n")));
	assert_null(strstr(record->data.p, ".pyc"));
	assert_string_equal(entry(SITE "pip-24.2.dist-info/INSTALLER")->data.p, "pip\n");
	assert_int_equal(entry(SITE "pip-24.2.dist-info/REQUESTED")->data.n, 0);
	assert_int_equal(entry("bin/pip3.13")->flags, CV_ADD_EXEC | CV_KEEP_SAME);
	assert_true(cv_str_starts(entry("bin/pip")->data, CV_LIT("#!/e/bin/python3\n")));
}

static void test_bytecode_is_listed(void **state)
{
	(void)state;
	pip.bytecode = (struct cv_tree){ .dir = "/cache/pyc", .files = compiled, .count = 1 };
	compute(NULL);
	assert_non_null(strstr(entry(RECORD_PATH)->data.p, "\r\npip/__pycache__/a.t.pyc,,\r\n"));
	assert_int_equal(plan.entries[1].kind, CVENV_ENTRY_TREE);
	assert_string_equal(plan.entries[1].tree->dir, "/cache/pyc");
	pip.bytecode = (struct cv_tree){ 0 };
}

static struct cv_existing with_version(struct cv_existing_package *package, const char *version)
{
	*package = (struct cv_existing_package){ .name = CV_LIT("pip"),
		.version = cv_str(version),
		.dist_info = cv_strfmt(&arena, "pip-%s.dist-info", version) };
	return (struct cv_existing){ .packages = package, .count = 1 };
}

static char *with_site(void)
{
	char *dir = test_dir_make();

	test_mkdir(dir, "lib");
	test_mkdir(dir, "lib/python3.13");
	test_mkdir(dir, "lib/python3.13/site-packages");
	test_mkdir(dir, SITE "pip");
	layout.env_dir = dir;
	return dir;
}

static void without_site(char *dir)
{
	layout.env_dir = "/e";
	test_dir_remove(dir);
}

static size_t count_of(enum cvenv_entry_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < plan.count; i++)
		n += plan.entries[i].kind == kind;
	return n;
}

/* A newer one and the same one: their files stay, their scripts and RECORD are what they must be.
 */
static void test_whole_is_kept(void **state)
{
	static const char *const versions[] = { "24.10", "24.2" };
	struct cv_existing_package package;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cv_existing existing = with_version(&package, versions[i]);
		char *dir = with_site();
		const struct cv_entry *record;

		test_mkdir(dir, cv_strfmt(&arena, SITE "%s", package.dist_info));
		test_write(dir, SITE "pip/a.py", "xy");
		test_write(dir, cv_strfmt(&arena, SITE "%s/RECORD", package.dist_info),
			cv_strfmt(&arena,
				"../../../bin/pip,sha256=old,1\npip/a.py,sha256=mine,2\n%s/"
				"RECORD,,\n",
				package.dist_info));
		compute(&existing);
		without_site(dir);
		assert_true(cv_str_eq(installed, cv_str(versions[i])));
		assert_int_equal(count_of(CVENV_ENTRY_TREE) + count_of(CVENV_ENTRY_REMOVE), 0);
		assert_int_equal(count_of(CVENV_ENTRY_FILE), 4);
		record = entry(cv_strfmt(&arena, SITE "%s/RECORD", package.dist_info));
		assert_int_equal(record->flags, CV_KEEP_SAME);
		assert_null(strstr(record->data.p, "sha256=old"));
		assert_non_null(strstr(record->data.p, "\r\npip/a.py,sha256=mine,2\r\n"));
		assert_non_null(strstr(record->data.p, "../../../bin/pip3.13,sha256="));
	}
}

/* A newer one with a file that is missing, cut off or changed, or without a sound RECORD. */
static void test_broken_is_replaced(void **state)
{
	static const char *const cases[][2] = {
		{ "pip/a.py,,2\npip/gone.py,,\npip-24.10.dist-info/RECORD,,\n", "xy" },
		{ "pip/a.py,,2\npip-24.10.dist-info/RECORD,,\n", "x" },
		{ "pip/a.py,,2\npip-24.10.dist-info/RECORD,,\n", "xyz" },
		{ "pip/a.py,,2\n", "xy" },
		{ "\"", "xy" },
		{ "", "xy" },
	};
	struct cv_existing_package package;
	struct cv_existing existing = with_version(&package, "24.10");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = with_site();

		test_mkdir(dir, SITE "pip-24.10.dist-info");
		test_write(dir, SITE "pip-24.10.dist-info/METADATA", "");
		test_write(dir, SITE "pip-24.10.dist-info/RECORD", cases[i][0]);
		test_write(dir, SITE "pip/a.py", cases[i][1]);
		compute(&existing);
		without_site(dir);
		assert_true(cv_str_eq(installed, CV_LIT("24.2")));
		assert_int_equal(count_of(CVENV_ENTRY_TREE), 1);
		assert_true(count_of(CVENV_ENTRY_REMOVE) > 0);
		assert_string_equal(
			plan.entries[plan.count - 1].path, SITE "pip-24.10.dist-info/RECORD");
	}
}

static void test_older_is_replaced(void **state)
{
	struct cv_existing_package package;
	struct cv_existing existing = with_version(&package, "9.0");
	char *dir = with_site();
	size_t removed = 0;

	(void)state;
	test_mkdir(dir, SITE "pip-9.0.dist-info");
	test_write(dir, SITE "pip-9.0.dist-info/RECORD",
		"pip/a.py,,\npip/gone.py,,\n../../../bin/pip3,,\n../../../bin/pip9,,\n"
		"pip-9.0.dist-info/RECORD,,\n");
	compute(&existing);
	without_site(dir);
	for (size_t i = 0; i < plan.count; i++) {
		if (plan.entries[i].kind != CVENV_ENTRY_REMOVE)
			continue;
		removed++;
		assert_string_equal(plan.entries[i].source, layout.purelib);
		assert_string_not_equal(plan.entries[i].path, SITE "pip/a.py");
		assert_string_not_equal(plan.entries[i].path, "bin/pip3");
	}
	/* a.py's bytecode (3), gone.py with its (4), pip9, RECORD */
	assert_int_equal(removed, 9);
	assert_int_equal(entry(SITE "pip/gone.py")->kind, CVENV_ENTRY_REMOVE);
	assert_int_equal(entry("bin/pip9")->kind, CVENV_ENTRY_REMOVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_record, done),
		cmocka_unit_test_teardown(test_bytecode_is_listed, done),
		cmocka_unit_test_teardown(test_whole_is_kept, done),
		cmocka_unit_test_teardown(test_broken_is_replaced, done),
		cmocka_unit_test_teardown(test_older_is_replaced, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
