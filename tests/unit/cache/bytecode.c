/* SPDX-License-Identifier: MIT */
#include "../support/cmocka_all.h"
#include "cache/cached_wheel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

#include "../support/fault.h"
#include "../support/tree.h"
#include "demo.h"

/* Any Python will do; without one there is nothing to compile with. */
static const char *some_python(void)
{
	static const char *const places[] = { "/usr/bin/python3", "/usr/local/bin/python3" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (faccessat(AT_FDCWD, places[i], X_OK, 0) == 0)
			return places[i];
	return NULL;
}

static void test_compile(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_cached_wheel tree;
	struct cv_tree bytecode = { 0 };
	struct cv_bytecode_kind kind = {
		.python = some_python(), .cache_tag = "test-1", .magic = "a70d0d0a"
	};
	struct cvenv_error err;

	(void)state;
	if (!kind.python) {
		print_message("no python3 in /usr/bin or /usr/local/bin\n");
		skip();
	}
	cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
	assert_int_equal(
		cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err), 0);
	assert_false(cv_cached_bytecode_get(&demo_ctx, &a, &cache, &tree, &kind, &bytecode));
	if (cv_cached_bytecode_compile(&demo_ctx, &a, &cache, &tree, &kind, 2, &bytecode, &err) < 0)
		fail_msg("%s", err.message);
	/* not the one that is no Python */
	assert_int_equal(bytecode.count, 2);
	assert_string_equal(bytecode.files[0].path, "demo/__pycache__/__init__.test-1.pyc");
	assert_string_equal(bytecode.files[1].path, "demo/sub/__pycache__/mod.test-1.pyc");
	assert_true(cv_cached_bytecode_get(&demo_ctx, &a, &cache, &tree, &kind, &bytecode));
	kind.python = "/bin/false";
	kind.magic = "a80d0d0a";
	assert_int_equal(
		cv_cached_bytecode_compile(&demo_ctx, &a, &cache, &tree, &kind, 1, &bytecode, &err),
		-CVENV_EPYTHON);
	cv_cache_close(&demo_ctx, &cache);
}

/* A base's own copy of the wheel's files, with bytecode as PEP 552 has it. */
enum { SOURCE_TIME = 1600000000, WHEEL_TIME = 1709210096 /* makezip.c says so */ };

static const struct {
	const char *source, *text, *pyc;
} base_files[] = {
	{ "demo/__init__.py", "x = 1\n", "demo/__pycache__/__init__.test-1.pyc" },
	{ "demo/sub/broken.py", "this is no python\n", "demo/sub/__pycache__/broken.test-1.pyc" },
	{ "demo/sub/mod.py", "def f():\n    return 2\n", "demo/sub/__pycache__/mod.test-1.pyc" },
};

enum { BASE_FILES = sizeof(base_files) / sizeof(base_files[0]) };

static char site[128];

static void write_pyc(size_t i, const char *magic, uint32_t flags, uint32_t mtime, uint32_t size)
{
	uint32_t words[3] = { flags, mtime, size };
	char name[256];
	FILE *f;

	snprintf(name, sizeof(name), "%s/%s", site, base_files[i].pyc);
	f = fopen(name, "w");
	assert_non_null(f);
	fwrite(magic, 1, 4, f);
	for (int w = 0; w < 3; w++)
		for (int b = 0; b < 4; b++)
			fputc((int)(words[w] >> 8 * b & 255), f);
	fprintf(f, "code of %zu", i);
	fclose(f);
}

static void write_base(void)
{
	static const char *const dirs[] = { "demo", "demo/__pycache__", "demo/sub",
		"demo/sub/__pycache__" };

	snprintf(site, sizeof(site), "%s/site", demo_dir);
	test_mkdir(demo_dir, "site");
	for (size_t i = 0; i < 4; i++)
		test_mkdir(site, dirs[i]);
	for (size_t i = 0; i < BASE_FILES; i++) {
		struct timespec times[2] = { { .tv_sec = SOURCE_TIME }, { .tv_sec = SOURCE_TIME } };
		char name[256];

		test_write(site, base_files[i].source, base_files[i].text);
		snprintf(name, sizeof(name), "%s/%s", site, base_files[i].source);
		assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
		write_pyc(i, "\xa7\r\r\n", 0, SOURCE_TIME, (uint32_t)strlen(base_files[i].text));
	}
}

static struct cv_bytecode_kind base_kind(void)
{
	return (struct cv_bytecode_kind){
		.python = "/bin/false", .cache_tag = "test-1", .magic = "a70d0d0a", .site = site
	};
}

static bool reuses(struct cv_arena *a, struct cv_cache *cache, struct cv_tree *ret)
{
	struct cv_bytecode_kind kind = base_kind();
	struct cv_cached_wheel tree;
	struct cvenv_error err;

	cv_cache_open(&demo_ctx, a, demo_cache, cache);
	if (cv_cached_wheel_get(&demo_ctx, a, cache, demo_wheel, NULL, &tree, &err) < 0)
		return false;
	return cv_cached_bytecode_reuse(&demo_ctx, a, cache, &tree, &kind, ret);
}

/* The words of a header, after the magic number. */
static void header_is(const char *files_dir, const char *name, uint32_t flags, uint32_t time)
{
	unsigned char b[20] = { 0 };
	char whole[512];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s/%s", files_dir, name);
	f = fopen(whole, "r");
	assert_non_null(f);
	assert_int_equal(fread(b, 1, sizeof(b), f), sizeof(b));
	fclose(f);
	assert_memory_equal(b, "\xa7\r\r\n", 4);
	assert_int_equal(b[4], flags);
	assert_int_equal((uint32_t)b[8] | (uint32_t)b[9] << 8 | (uint32_t)b[10] << 16 |
				 (uint32_t)b[11] << 24,
		time);
	assert_memory_equal(b + 16, "code", 4);
}

static void test_reuse(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_bytecode_kind kind = base_kind();
	struct cv_cached_wheel tree;
	struct cv_cache cache;
	struct cv_tree got;
	struct cvenv_error err;

	(void)state;
	write_base();
	write_pyc(1, "\xa7\r\r\n", 1, 7, 8); /* by hash: 7 is part of it */
	assert_true(reuses(&a, &cache, &got));
	assert_int_equal(got.count, BASE_FILES);
	assert_true(cv_cached_wheel_intact(&got));
	for (size_t i = 0; i < BASE_FILES; i++)
		assert_string_equal(got.files[i].path, base_files[i].pyc);
	header_is(got.dir, "0", 0, WHEEL_TIME);
	header_is(got.dir, "1", 1, 7);
	/* it is in the cache now: the base is not needed */
	assert_int_equal(
		cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err), 0);
	assert_true(cv_cached_bytecode_get(&demo_ctx, &a, &cache, &tree, &kind, &got));
	cv_cache_close(&demo_ctx, &cache);
}

/* In each case one file of the base is invalid. */
static void doubt_stale(void)
{
	write_pyc(2, "\xa7\r\r\n", 0, SOURCE_TIME - 1, (uint32_t)strlen(base_files[2].text));
}

static void doubt_size(void)
{
	write_pyc(2, "\xa7\r\r\n", 0, SOURCE_TIME, 1);
}

static void doubt_magic(void)
{
	write_pyc(2, "\xa8\r\r\n", 0, SOURCE_TIME, (uint32_t)strlen(base_files[2].text));
}

static void doubt_flags(void)
{
	write_pyc(2, "\xa7\r\r\n", 2, SOURCE_TIME, (uint32_t)strlen(base_files[2].text));
}

static void doubt_source(void)
{
	struct timespec times[2] = { { .tv_sec = SOURCE_TIME }, { .tv_sec = SOURCE_TIME } };
	char name[256];

	test_write(site, base_files[2].source, "def f():\n    return 3\n");
	snprintf(name, sizeof(name), "%s/%s", site, base_files[2].source);
	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void doubt_longer_source(void)
{
	test_write(site, base_files[2].source, "def f():\n    return 2\n\n");
}

static void in_place_of_pyc(char name[256])
{
	snprintf(name, 256, "%s/%s", site, base_files[2].pyc);
	assert_int_equal(unlink(name), 0);
}

static void doubt_missing(void)
{
	char name[256];

	in_place_of_pyc(name);
}

static void doubt_short(void)
{
	char name[256];

	in_place_of_pyc(name);
	test_write(site, base_files[2].pyc, "\xa7\r\r\n");
}

static void doubt_fifo(void)
{
	char name[256];

	in_place_of_pyc(name);
	assert_int_equal(mkfifo(name, 0600), 0);
}

static void doubt_no_site(void)
{
	snprintf(site, sizeof(site), "%s/nowhere", demo_dir);
}

/* Then none is taken; when it must be compiled, the others still are. */
static void test_reuse_nothing_doubtful(void **state)
{
	static void (*const doubts[])(void) = { doubt_stale, doubt_size, doubt_magic, doubt_flags,
		doubt_source, doubt_longer_source, doubt_missing, doubt_short, doubt_fifo,
		doubt_no_site };

	(void)state;
	for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_cache cache;
		struct cv_tree got;
		char *listing;

		demo_setup(NULL);
		write_base();
		doubts[i]();
		if (reuses(&a, &cache, &got))
			fail_msg("doubt %zu", i);
		listing = test_tree(demo_cache);
		assert_null(strstr(listing, ".cvenv-"));
		assert_null(strstr(listing, "/bytecode/"));
		free(listing);
		cv_cache_close(&demo_ctx, &cache);
		demo_teardown(NULL);
	}
}

static enum cvenv_phase told_phase;
static size_t told, told_last, told_total;

static void on_progress(
	void *data, enum cvenv_phase phase, const char *name, size_t done, size_t total)
{
	if (phase == CVENV_PHASE_WAIT) /* for the process that compiles */
		return;
	assert_ptr_equal(data, &told);
	assert_string_equal(name, "demo");
	assert_int_equal(phase, told_phase);
	assert_true(told == 0 ? done == 0 : done > told_last);
	told++;
	told_last = done;
	told_total = total;
}

static void test_compile_the_rest(void **state)
{
	struct cv_ctx showing = {
		.envp = demo_ctx.envp, .cwd = "/", .progress = on_progress, .progress_data = &told
	};
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_bytecode_kind kind = base_kind();
	struct cv_cached_wheel tree;
	struct cv_cache cache;
	struct cv_tree got;
	struct cvenv_error err;

	(void)state;
	kind.python = some_python();
	if (!kind.python) {
		print_message("no python3 in /usr/bin or /usr/local/bin\n");
		skip();
	}
	write_base();
	doubt_stale();
	kind.site = site;
	assert_false(reuses(&a, &cache, &got));
	assert_int_equal(
		cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err), 0);
	told = 0;
	told_phase = CVENV_PHASE_COMPILE;
	if (cv_cached_bytecode_compile(&showing, &a, &cache, &tree, &kind, 2, &got, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(got.count, 3);
	header_is(got.dir, "1", 0, WHEEL_TIME);
	assert_true(told == 2 && told_last == 1 && told_total == 1);
	cv_cache_close(&demo_ctx, &cache);
}

static void test_progress_of_unpacking(void **state)
{
	struct cv_ctx showing = {
		.envp = demo_ctx.envp, .cwd = "/", .progress = on_progress, .progress_data = &told
	};
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cached_wheel tree;
	struct cv_cache cache;
	struct cvenv_error err;

	(void)state;
	told = 0;
	told_phase = CVENV_PHASE_UNPACK;
	cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
	assert_int_equal(
		cv_cached_wheel_get(&showing, &a, &cache, demo_wheel, NULL, &tree, &err), 0);
	assert_true(told == 6 && told_last == 5 && told_total == 5);
	told = 0;
	assert_int_equal(
		cv_cached_wheel_get(&showing, &a, &cache, demo_wheel, NULL, &tree, &err), 0);
	assert_int_equal(told, 0);
	cv_cache_close(&demo_ctx, &cache);
}

/* Every call fails once: all of it or nothing, and nothing half-made. */
static void test_reuse_every_call_fails_once(void **state)
{
	int n;

	(void)state;
	for (n = 1;; n++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_bytecode_kind kind;
		struct cv_cached_wheel tree;
		struct cv_cache cache;
		struct cv_tree got;
		struct cvenv_error err;
		char *listing;
		bool failed, done;

		demo_setup(NULL);
		write_base();
		kind = base_kind();
		cv_cache_open(&demo_ctx, &a, demo_cache, &cache);
		assert_int_equal(
			cv_cached_wheel_get(&demo_ctx, &a, &cache, demo_wheel, NULL, &tree, &err),
			0);
		fault_arm(n, ENOSPC);
		done = cv_cached_bytecode_reuse(&demo_ctx, &a, &cache, &tree, &kind, &got);
		failed = fault_disarm();
		assert_true(done || failed);
		if (done)
			assert_true(got.count == BASE_FILES && cv_cached_wheel_intact(&got));
		listing = test_tree(demo_cache);
		if (strstr(listing, ".cvenv-") && strcmp(fault_name(), "unlinkat") != 0)
			fail_msg("left over after %s: %s", fault_name(), listing);
		free(listing);
		cv_cache_close(&demo_ctx, &cache);
		demo_teardown(NULL);
		if (!failed)
			break;
	}
	print_message("%d calls\n", n - 1);
	assert_true(n > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compile, demo_setup, demo_teardown),
		cmocka_unit_test_setup_teardown(test_reuse, demo_setup, demo_teardown),
		cmocka_unit_test(test_reuse_nothing_doubtful),
		cmocka_unit_test_setup_teardown(test_compile_the_rest, demo_setup, demo_teardown),
		cmocka_unit_test_setup_teardown(
			test_progress_of_unpacking, demo_setup, demo_teardown),
		cmocka_unit_test(test_reuse_every_call_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
