/* SPDX-License-Identifier: MIT */
#include "cache/manifest.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"

#include "../support/fault.h"

static const struct cv_tree_file files[] = {
	{ .path = "pip/__init__.py", .size = 357, .mtime = 315532800 },
	/* Windows has no names with line feeds. */
	{ .path = CV_WINDOWS ? "pip/x y.sh" : "pip/x y\n.sh", .mtime = 1, .exec = true },
};
static const struct cv_str hashes[] = { { "sha256=abc", 10 }, { "", 0 } };
static const struct cv_cached_wheel sample = { .tree = { .files = files, .count = 2 },
	.hashes = hashes,
	.name = { "pip", 3 },
	.version = { "24.2", 4 },
	.dist_info = { "pip-24.2.dist-info", 18 },
	.entry_points = { "[console_scripts]\npip = a:b\n", 28 } };

static void test_round_trip(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_cached_wheel got = { 0 };

	(void)state;
	cv_manifest_encode(&b, &sample);
	assert_false(b.bad);
	assert_true(cv_manifest_decode(&a, cv_buf_slice(&b), &got));
	assert_true(cv_str_eq(got.name, sample.name));
	assert_true(cv_str_eq(got.version, sample.version));
	assert_true(cv_str_eq(got.dist_info, sample.dist_info));
	assert_true(cv_str_eq(got.entry_points, sample.entry_points));
	assert_int_equal(got.requires_python.n, 0);
	assert_int_equal(got.tree.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(got.tree.files[i].path, files[i].path);
		assert_int_equal(got.tree.files[i].size, files[i].size);
		assert_int_equal(got.tree.files[i].mtime, files[i].mtime);
		assert_int_equal(got.tree.files[i].exec, files[i].exec);
		assert_true(cv_str_eq(got.hashes[i], hashes[i]));
	}
}

static bool decodes(const char *p, size_t n)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cached_wheel got = { 0 };

	return cv_manifest_decode(&a, (struct cv_str){ p, n }, &got);
}

static void test_every_cut_and_every_flipped_bit_is_noticed(void **state)
{
	struct cv_buf b OWN_BUF = { 0 };

	(void)state;
	cv_manifest_encode(&b, &sample);
	for (size_t n = 0; n < b.n; n++)
		assert_false(decodes(b.p, n));
	for (size_t bit = 0; bit < b.n * 8; bit++) {
		b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
		assert_false(decodes(b.p, b.n));
		b.p[bit / 8] = (char)(b.p[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(decodes(b.p, b.n));
}

/* A forged one, with a right sum: still nothing that leads out of its directory. */
static void forged_info(
	const char *path, const char *size, const char *count, const char *dist_info)
{
	struct cv_buf b OWN_BUF = { 0 };
	char sum[CV_MANIFEST_SUM + 1];
	const char *const fields[] = { "cvenv-tree", "3", "n", "v", dist_info, "", "", count, path,
		size, "1", "-", "" };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		cv_buf_add(&b, fields[i], strlen(fields[i]) + 1);
	snprintf(sum, sizeof(sum), "%08x", (unsigned)libdeflate_crc32(0, b.p, b.n));
	cv_buf_cstr(&b, sum);
	assert_int_equal(decodes(b.p, b.n), strcmp(path, "good") == 0);
}

/* Names that are not in order, or there twice: as no wheel lists them. */
static void test_order(void **state)
{
	static const char *const names[][2] = { { "b", "a" }, { "a", "a" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct cv_buf b OWN_BUF = { 0 };
		const struct cv_tree_file two[] = { { .path = names[i][0] },
			{ .path = names[i][1] } };
		const struct cv_cached_wheel tree = { .tree = { .files = two, .count = 2 } };

		cv_manifest_encode(&b, &tree);
		assert_false(decodes(b.p, b.n));
	}
}

static void forged(const char *path, const char *size, const char *count)
{
	forged_info(path, size, count, "d");
}

static void test_forged(void **state)
{
	(void)state;
	forged("good", "1", "1");
	forged("../bad", "1", "1");
	forged("/bad", "1", "1");
	forged("a//bad", "1", "1");
	forged("", "1", "1");
	forged("bad", "-1", "1");
	forged("bad", "99999999999999999999", "1");
	forged("bad", "1", "2");
	forged("bad", "1", "0");
	forged("bad", "1", "99999999999");
	forged("bad", "01", "1");
	forged("bad", "1", "01");
	forged_info("bad", "1", "1", "../d");
	forged_info("bad", "1", "1", "..");
	forged_info("bad", "1", "1", "/d");
	forged_info("bad", "1", "1", "d/e");
}

static void test_out_of_memory(void **state)
{
	struct cv_buf text OWN_BUF = { 0 };

	(void)state;
	cv_manifest_encode(&text, &sample);
	for (int n = 1;; n++) {
		struct cv_buf b OWN_BUF = { 0 };

		fault_arm(n, ENOMEM);
		cv_manifest_encode(&b, &sample);
		if (!fault_disarm())
			break;
		assert_true(b.bad);
	}
	for (int n = 1;; n++) {
		bool good;

		fault_arm(n, ENOMEM);
		good = decodes(text.p, text.n);
		if (!fault_disarm())
			break;
		assert_false(good);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_every_cut_and_every_flipped_bit_is_noticed),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
