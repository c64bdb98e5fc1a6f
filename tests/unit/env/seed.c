/* SPDX-License-Identifier: MIT */
#include "env/seed.h"
#include "../support/cmocka_all.h"

#include <string.h>

#include "../support/tree.h"
#include "base/own.h"

#include "facts.h"

static const struct cv_image_file files[] = { { .path = "pip/a.py", .size = 2 },
	{ .path = "pip/b,c.py", .size = 3 } };
static const struct cv_image_file compiled[] = { { .path = "pip/__pycache__/a.t.pyc" } };
static const struct cv_str hashes[] = { { "sha256=A", 8 }, { "sha256=B", 8 } };
static struct cv_seed seed = {
	.wheel = { .image = { .dir = "/store/files", .files = files, .count = 2 },
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
static struct cv_err err;

static int done(void **state)
{
	(void)state;
	cv_arena_done(&arena);
	return 0;
}

static void compute(const struct cv_existing *existing)
{
	struct cv_facts facts = test_facts(13);
	struct cv_existing nothing = { 0 };

	plan = (struct cv_plan){ .arena = &arena };
	assert_int_equal(cv_seed_plan(&plan, &facts, &layout, existing ? existing : &nothing, &seed,
				 &installed, &err),
		0);
	assert_false(plan.bad);
}

static const struct cv_entry *entry(const char *path)
{
	for (size_t i = 0; i < plan.count; i++)
		if (strcmp(plan.entries[i].path, path) == 0 &&
			plan.entries[i].kind != CV_ENTRY_TREE)
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
	assert_int_equal(entry("bin/pip3.13")->flags, CV_ADD_EXEC);
	assert_true(cv_str_starts(entry("bin/pip")->data, CV_LIT("#!/e/bin/python3\n")));
}

static void test_bytecode_is_listed(void **state)
{
	(void)state;
	seed.bytecode = (struct cv_image){ .dir = "/store/pyc", .files = compiled, .count = 1 };
	compute(NULL);
	assert_non_null(strstr(entry(RECORD_PATH)->data.p, "\r\npip/__pycache__/a.t.pyc,,\r\n"));
	assert_int_equal(plan.entries[1].kind, CV_ENTRY_TREE);
	assert_string_equal(plan.entries[1].image->dir, "/store/pyc");
	seed.bytecode = (struct cv_image){ 0 };
}

static struct cv_existing with_version(struct cv_existing_package *package, const char *version)
{
	*package = (struct cv_existing_package){ .name = CV_LIT("pip"),
		.version = cv_str(version),
		.dist_info = cv_strfmt(&arena, "pip-%s.dist-info", version) };
	return (struct cv_existing){ .packages = package, .count = 1 };
}

static void test_newer_is_kept_and_same_is_mended(void **state)
{
	struct cv_existing_package package;
	struct cv_existing existing = with_version(&package, "24.10");

	(void)state;
	compute(&existing);
	assert_int_equal(plan.count, 0);
	assert_true(cv_str_eq(installed, CV_LIT("24.10")));
	existing = with_version(&package, "24.2");
	compute(&existing);
	assert_true(plan.count > 5);
	for (size_t i = 0; i < plan.count; i++)
		assert_true(
			plan.entries[i].kind == CV_ENTRY_DIR || (plan.entries[i].flags & CV_KEEP));
}

static void test_older_is_replaced(void **state)
{
	struct cv_existing_package package;
	struct cv_existing existing = with_version(&package, "9.0");
	char *dir = test_dir_make();
	size_t removed = 0;

	(void)state;
	test_mkdir(dir, "lib");
	test_mkdir(dir, "lib/python3.13");
	test_mkdir(dir, "lib/python3.13/site-packages");
	test_mkdir(dir, SITE "pip-9.0.dist-info");
	test_write(dir, SITE "pip-9.0.dist-info/RECORD",
		"pip/a.py,,\npip/gone.py,,\n../../../bin/pip3,,\n../../../bin/pip9,,\n"
		"pip-9.0.dist-info/RECORD,,\n");
	layout.env_dir = dir;
	compute(&existing);
	layout.env_dir = "/e";
	test_dir_remove(dir);
	for (size_t i = 0; i < plan.count; i++) {
		if (plan.entries[i].kind != CV_ENTRY_REMOVE)
			continue;
		removed++;
		assert_string_equal(plan.entries[i].source, layout.purelib);
		assert_string_not_equal(plan.entries[i].path, SITE "pip/a.py");
		assert_string_not_equal(plan.entries[i].path, "bin/pip3");
	}
	/* a.py's bytecode (3), gone.py with its (4), pip9, RECORD */
	assert_int_equal(removed, 9);
	assert_int_equal(entry(SITE "pip/gone.py")->kind, CV_ENTRY_REMOVE);
	assert_int_equal(entry("bin/pip9")->kind, CV_ENTRY_REMOVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_record, done),
		cmocka_unit_test_teardown(test_bytecode_is_listed, done),
		cmocka_unit_test_teardown(test_newer_is_kept_and_same_is_mended, done),
		cmocka_unit_test_teardown(test_older_is_replaced, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
