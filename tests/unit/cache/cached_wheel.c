/* SPDX-License-Identifier: MIT */
#include "cache/cached_wheel.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/sha256.h"
#include "fs/pack.h"

#include "../support/fault.h"
#include "../support/fd.h"
#include "../support/tree.h"
#include "demo.h"

/* By path the metadata comes first; files in the pack have the numbers after it. */
static const char metadata[] = "f 0 644 Metadata-Version: 2.1\n"
			       "Name: demo\nVersion: 1.0\nRequires-Python: >=3.8\n\n"
			       "f 1 644 Wheel-Version: 1.0\n"
			       "Root-Is-Purelib: true\nTag: py3-none-any\n\n";

static const char *const packed[] = { "x = 1\n", "this is no python\n",
	"def f():\n    return 2\n" };

enum { PACKED = 3 };

static const char sources[] = "f 2 644 x = 1\n\n"
			      "f 3 644 this is no python\n\n"
			      "f 4 644 def f():\n    return 2\n\n";

static void check_tree(const char *dir, const char *expected)
{
	char *listing = test_tree(dir);

	assert_string_equal(listing, expected);
	free(listing);
}

static void check_unpacked(const struct cv_tree *tree)
{
	int fd = open(tree->pack, O_RDONLY);

	check_tree(tree->dir, metadata);
	assert_true(fd >= 0);
	for (size_t i = 0; i < PACKED; i++) {
		char got[64] = "";
		size_t len = strlen(packed[i]);

		assert_int_equal(pread(fd, got, len + 1, (off_t)(demo_large + i * CV_PACK_ALIGN)),
			(ssize_t)len + 1);
		assert_string_equal(got, packed[i]);
	}
	assert_int_equal(lseek(fd, 0, SEEK_END), demo_large + PACKED * CV_PACK_ALIGN);
	close(fd);
}

/* Unpack, check the result, and return its directory. */
static void get(char ret_dir[256])
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_cached_wheel tree;
	struct cvenv_error err;

	cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
	if (cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err) < 0)
		fail_msg("%s", err.message);
	/* as create/create.c does if a file is corrupt */
	if (!cv_cached_wheel_intact(&tree.tree)) {
		cv_cached_wheel_evict(&demo_ctx, &cache, tree.tree.dir);
		assert_int_equal(
			cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err),
			0);
	}
	assert_int_equal(tree.tree.count, 5);
	assert_true(cv_str_eq(tree.name, CV_LIT("demo")));
	assert_true(cv_str_eq(tree.version, CV_LIT("1.0")));
	assert_int_equal(strlen(tree.key), CV_SHA256_HEX);
	check_unpacked(&tree.tree);
	snprintf(ret_dir, 256, "%s", tree.tree.dir);
	/* with its sum known, the wheel itself is not needed any more */
	assert_int_equal(
		cv_cached_wheel_get(&demo_ctx, &a, &cache, "/nowhere.whl", tree.key, &tree, &err),
		0);
	cv_cache_close(&demo_ctx, &cache);
}

static void test_unpack_once(void **state)
{
	char files[256];
	struct stat before, after;

	(void)state;
	get(files);
	assert_int_equal(stat(files, &before), 0);
	get(files);
	assert_int_equal(stat(files, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

/* The next use notices each corruption, and creates the entry again. */
static void test_damage_is_mended(void **state)
{
	char files[256], victim[512], other[512];

	(void)state;
	get(files);
	for (size_t i = 0; i < 2; i++) {
		static const char *const victims[] = { "1", "../pack" };

		snprintf(victim, sizeof(victim), "%s/%s", files, victims[i]);
		assert_int_equal(truncate(victim, 3), 0);
		get(files);
		assert_int_equal(unlink(victim), 0);
		get(files);
		assert_int_equal(unlink(victim), 0);
		assert_int_equal(symlink("/etc/passwd", victim), 0);
		get(files);
		assert_int_equal(utimensat(AT_FDCWD, victim, NULL, 0), 0); /* changed just now */
		get(files);
	}
	snprintf(victim, sizeof(victim), "%s/../manifest", files);
	assert_int_equal(truncate(victim, 100), 0);
	get(files);
	assert_int_equal(unlink(victim), 0);
	get(files);
	snprintf(other, sizeof(other), "%s/../elsewhere", files);
	assert_int_equal(rename(files, other), 0);
	get(files);
}

/* Files of the pack also become separate files when a caller wants to link them. */
static void loosen(struct cv_cached_wheel *tree, struct cv_arena *a, struct cv_cache *cache)
{
	struct cvenv_error err;

	cv_cache_open(&demo_ctx, a, demo_cache, cache);
	assert_int_equal(cv_cached_wheel_get(&demo_ctx, a, cache, demo_wheel, NULL, tree, &err), 0);
	assert_null(tree->tree.loose);
	cv_cached_wheel_loosen(&demo_ctx, a, cache, true, tree);
}

static void test_loose(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_cached_wheel tree;
	struct stat before, after;
	char victim[512];

	(void)state;
	loosen(&tree, &a, &cache);
	check_tree(tree.tree.loose, sources);
	assert_true(cv_cached_wheel_intact(&tree.tree));
	assert_int_equal(stat(tree.tree.loose, &before), 0);
	cv_cache_close(&demo_ctx, &cache);

	loosen(&tree, &a, &cache);
	assert_int_equal(stat(tree.tree.loose, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	snprintf(victim, sizeof(victim), "%s/3", tree.tree.loose);
	assert_int_equal(truncate(victim, 3), 0);
	assert_false(cv_cached_wheel_intact(&tree.tree));
	assert_true(cv_cached_wheel_evict(&demo_ctx, &cache, tree.tree.dir));
	cv_cache_close(&demo_ctx, &cache);

	loosen(&tree, &a, &cache);
	check_tree(tree.tree.loose, sources);
	cv_cache_close(&demo_ctx, &cache);
}

/* A corrupt pack is not unpacked. */
static void test_loose_of_damaged(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_cached_wheel tree;
	struct cvenv_error err;

	(void)state;
	cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
	assert_int_equal(
		cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err), 0);
	assert_int_equal(truncate(tree.tree.pack, CV_PACK_ALIGN), 0);
	cv_cached_wheel_loosen(&demo_ctx, &a, &cache, true, &tree);
	assert_null(tree.tree.loose);
	cv_cache_close(&demo_ctx, &cache);
}

/* Every call fails once: all of it or nothing, and nothing half-made. */
static void test_loose_every_call_fails_once(void **state)
{
	int n;

	(void)state;
	for (n = 1;; n++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_cache cache;
		struct cv_cached_wheel tree;
		struct cvenv_error err;
		bool failed;
		char *listing;

		demo_setup(NULL);
		cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
		assert_int_equal(
			cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err),
			0);
		fault_arm(n, ENOSPC);
		cv_cached_wheel_loosen(&demo_ctx, &a, &cache, true, &tree);
		failed = fault_disarm();
		assert_true(failed || tree.tree.loose);
		if (tree.tree.loose)
			check_tree(tree.tree.loose, sources);
		listing = test_tree(demo_dir);
		if (strstr(listing, ".cvenv-") && strcmp(fault_name(), "unlinkat") != 0)
			fail_msg("left over after %s: %s", fault_name(), listing);
		free(listing);
		cv_cache_close(&demo_ctx, &cache);
		demo_teardown(NULL);
		if (!failed)
			break;
	}
	print_message("%d calls\n", n - 1);
	assert_true(n > 15);
}

/* The use of a cached wheel is recorded, once a day; reading it for a dry run is not. */
static void test_last_use(void **state)
{
	static const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct cv_ctx clocked = { .envp = demo_ctx.envp, .cwd = "/", .now = 2000000000 };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_cached_wheel tree;
	struct cvenv_error err;
	struct stat st;
	char manifest[2][128];

	(void)state;
	cv_cache_open(&clocked, &a, demo_cache, &cache);
	for (size_t i = 0; i < 2; i++) {
		demo_write(i ? "1.1" : "1.0", ">=3.8");
		assert_int_equal(
			cv_cached_wheel_get(&clocked, &a, &cache, demo_wheel, "", &tree, &err), 0);
		snprintf(manifest[i], sizeof(manifest[i]), "wheels/%s/manifest", tree.key);
		assert_int_equal(utimensat(test_fd(cache.root), manifest[i], long_ago, 0), 0);
	}
	assert_true(cv_cached_wheel_newest(
		&clocked, &a, &cache, CV_LIT("demo"), CV_LIT("3.11.2"), &tree));
	assert_int_equal(fstatat(test_fd(cache.root), manifest[0], &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000);
	assert_int_equal(fstatat(test_fd(cache.root), manifest[1], &st, 0), 0);
	assert_true(st.st_mtim.tv_sec > 1000);
	assert_true(cv_cached_wheel_intact(&tree.tree));
	cv_cache_close(&demo_ctx, &cache);
}

static void test_newest_that_fits(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_cached_wheel tree;
	struct cvenv_error err;
	static const char *const versions[][2] = { { "1.0", ">=3.8" }, { "1.10", ">=3.8" },
		{ "1.9", ">=3.8" }, { "2.0", ">=3.12" } };

	(void)state;
	cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
	assert_false(cv_cached_wheel_newest(
		&demo_ctx, &a, &cache, CV_LIT("demo"), CV_LIT("3.11.2"), &tree));
	for (size_t i = 0; i < 4; i++) {
		demo_write(versions[i][0], versions[i][1]);
		assert_int_equal(
			cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, "", &tree, &err), 0);
	}
	assert_true(cv_cached_wheel_newest(
		&demo_ctx, &a, &cache, CV_LIT("demo"), CV_LIT("3.11.2"), &tree));
	assert_true(cv_str_eq(tree.version, CV_LIT("1.10")));
	assert_true(cv_cached_wheel_newest(
		&demo_ctx, &a, &cache, CV_LIT("demo"), CV_LIT("3.13.0"), &tree));
	assert_true(cv_str_eq(tree.version, CV_LIT("2.0")));
	assert_false(cv_cached_wheel_newest(
		&demo_ctx, &a, &cache, CV_LIT("other"), CV_LIT("3.13.0"), &tree));
	cv_cache_close(&demo_ctx, &cache);
}

/* Every call fails once: an error, or a cached wheel that is whole; and nothing half-made. */
static void fail_every_call(void)
{
	int n;

	for (n = 1;; n++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_cache cache;
		struct cv_cached_wheel tree;
		struct cvenv_error err = { 0 };
		char *listing;
		bool failed;
		int rc;

		demo_setup(NULL);
		cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
		fault_arm(n, ENOSPC);
		rc = cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err);
		failed = fault_disarm();
		if (rc == 0)
			check_unpacked(&tree.tree);
		else
			assert_true(err.message[0] != '\0');
		listing = test_tree(demo_dir);
		if (strstr(listing, ".cvenv-") && strcmp(fault_name(), "unlinkat") != 0)
			fail_msg("left over after %s: %s", fault_name(), listing);
		free(listing);
		cv_cache_close(&demo_ctx, &cache);
		demo_teardown(NULL);
		if (!failed) {
			assert_int_equal(rc, 0);
			break;
		}
	}
	print_message("%d calls\n", n - 1);
	assert_true(n > 40);
}

static void test_every_call_fails_once(void **state)
{
	(void)state;
	fail_every_call();
}

/* The pack is written a part at a time. */
static void test_large_every_call_fails_once(void **state)
{
	(void)state;
	demo_large = (size_t)160 * CV_PACK_ALIGN;
	fail_every_call();
	demo_large = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unpack_once, demo_setup, demo_teardown),
		cmocka_unit_test_setup_teardown(test_damage_is_mended, demo_setup, demo_teardown),
		cmocka_unit_test_setup_teardown(test_loose, demo_setup, demo_teardown),
		cmocka_unit_test_setup_teardown(test_loose_of_damaged, demo_setup, demo_teardown),
		cmocka_unit_test(test_loose_every_call_fails_once),
		cmocka_unit_test_setup_teardown(test_newest_that_fits, demo_setup, demo_teardown),
		cmocka_unit_test_setup_teardown(test_last_use, demo_setup, demo_teardown),
		cmocka_unit_test(test_every_call_fails_once),
		cmocka_unit_test(test_large_every_call_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
