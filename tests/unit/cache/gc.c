/* SPDX-License-Identifier: MIT */
#include "cache/gc.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "base/sha256.h"
#include "cache/cache.h"
#include "cache/manifest.h"

#include "../env/info.h"
#include "../support/fault.h"
#include "../support/tree.h"

#define KEY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY2 "ffffffffffffffff0123456789abcdef0123456789abcdef0123456789abcdef"

enum { NOW = 1700000000, DAY = CV_GC_DAY };

static char *dir;
static char cache_dir[128];
static const char *envp[] = { NULL };
static struct cv_ctx ctx = { .envp = envp, .cwd = "/", .now = NOW };

static void set_time(const char *name, int64_t when)
{
	struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", cache_dir, name);
	assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void write_bytes(const char *name, struct cv_str data)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", cache_dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data.p, data.n), data.n);
	close(fd);
}

static void make_tree(const char *name, const char *project, int64_t used)
{
	struct cv_cached_wheel tree = { .name = cv_str(project), .version = CV_LIT("1.5") };
	OWN_BUF struct cv_buf text = { 0 };
	char path[256];

	test_mkdir(cache_dir, name);
	snprintf(path, sizeof(path), "%s/files", name);
	test_mkdir(cache_dir, path);
	snprintf(path, sizeof(path), "%s/files/a.py", name);
	test_write(cache_dir, path, "x = 1\n");
	snprintf(path, sizeof(path), "%s/manifest", name);
	cv_manifest_encode(&text, &tree);
	write_bytes(path, cv_buf_slice(&text));
	set_time(path, used);
}

static int setup(void **state)
{
	OWN_BUF struct cv_buf text = { 0 };
	struct cv_info info = test_info(99);
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;

	(void)state;
	info.magic = "a70d0d0a";
	umask(022);
	dir = test_dir_make();
	snprintf(cache_dir, sizeof(cache_dir), "%s/cache", dir);
	cv_cache_open(&ctx, &a, cache_dir, &cache);
	assert_non_null(cache.dir);
	test_mkdir(cache_dir, "v1/info");
	test_mkdir(cache_dir, "v1/wheels");
	test_mkdir(cache_dir, "v1/bytecode");
	cv_info_encode(&text, &info);
	write_bytes("v1/info/0123456789abcdef0123456789abcdef", cv_buf_slice(&text));
	set_time("v1/info/0123456789abcdef0123456789abcdef", NOW - 2 * DAY);
	make_tree("v1/wheels/" KEY, "demo", NOW - 10 * DAY);
	make_tree("v1/wheels/" KEY2, "alpha", NOW - DAY);
	make_tree("v1/bytecode/" KEY "-cpython-399-a70d", "demo", NOW - 5 * DAY);
	cv_cache_close(&ctx, &cache);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void look(struct cv_arena *a, struct cv_gc *gc)
{
	struct cvenv_error err;

	if (cv_gc_scan(&ctx, a, cache_dir, gc, &err) < 0)
		fail_msg("%s", err.message);
}

static void clean(int64_t unused_s, size_t entries, size_t leftovers)
{
	struct cvenv_cache_freed freed;
	struct cvenv_error err;

	if (cv_gc_clean(&ctx, cache_dir, unused_s, &freed, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(freed.entries, entries);
	assert_int_equal(freed.leftovers, leftovers);
	assert_true((freed.bytes > 0) == (entries + leftovers > 0));
}

static void is(const struct cvenv_cache_entry *e, enum cvenv_cache_kind kind, const char *name,
	const char *version, const char *tag, int64_t used)
{
	assert_int_equal(e->kind, kind);
	assert_string_equal(e->name, name);
	assert_string_equal(e->version, version);
	assert_string_equal(e->tag, tag);
	assert_int_equal(e->last_used, used);
	assert_true(e->bytes > 0);
	assert_int_equal(e->shared, 0);
}

static void test_look(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	char *before = test_tree(dir), *after;
	struct cv_gc gc;
	uint64_t sum = 0;

	(void)state;
	look(&a, &gc);
	assert_true(gc.info.exists);
	assert_int_equal(gc.info.entry_count, 4);
	is(&gc.entries[0], CVENV_CACHE_INTERPRETER, "cpython", "3.99.7", "", NOW - 2 * DAY);
	assert_string_equal(gc.entries[0].python, "/usr/bin/python3");
	is(&gc.entries[1], CVENV_CACHE_WHEEL, "alpha", "1.5", "", NOW - DAY);
	is(&gc.entries[2], CVENV_CACHE_WHEEL, "demo", "1.5", "", NOW - 10 * DAY);
	assert_string_equal(gc.entries[2].key, KEY);
	is(&gc.entries[3], CVENV_CACHE_BYTECODE, "demo", "1.5", "cpython-399", NOW - 5 * DAY);
	for (size_t i = 0; i < gc.info.entry_count; i++)
		sum += gc.entries[i].bytes;
	assert_true(gc.info.bytes == sum && gc.info.shared == 0 && gc.info.leftovers == 0);
	after = test_tree(dir);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void test_clean_by_age(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_gc gc;
	char *listing;

	(void)state;
	clean(20 * DAY, 0, 0);
	clean(5 * DAY, 2, 0); /* five days to the second are enough */
	look(&a, &gc);
	assert_int_equal(gc.info.entry_count, 2);
	clean(0, 2, 0);
	clean(0, 0, 0);
	listing = test_tree(cache_dir);
	assert_non_null(strstr(listing, "\nf v1/CACHEDIR.TAG 644 Signature"));
	assert_null(strstr(listing, KEY));
	assert_null(strstr(listing, ".cvenv"));
	free(listing);
}

/* What a hard link in an environment keeps is not freed. */
static void test_shared(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv_cache_freed freed;
	struct cv_gc gc;
	struct cvenv_error err;
	char from[256], to[256];

	(void)state;
	snprintf(from, sizeof(from), "%s/v1/wheels/" KEY "/files/a.py", cache_dir);
	snprintf(to, sizeof(to), "%s/a.py", dir);
	assert_int_equal(link(from, to), 0);
	look(&a, &gc);
	assert_true(gc.info.shared > 0 && gc.info.shared == gc.entries[2].shared);
	assert_int_equal(cv_gc_clean(&ctx, cache_dir, 0, &freed, &err), 0);
	assert_true(freed.bytes == gc.info.bytes - gc.info.shared);
}

/* A PID that no process has. */
static long dead(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return (long)pid;
}

static void test_leftovers(void **state)
{
	static const char *const places[] = { "v1", "v1/info", "v1/wheels", "v1/bytecode" };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_gc gc;
	char name[128], tree_name[160];
	char *listing;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "%s/.cvenv-tmp-%ld-0000000%zu", places[i], dead(), i);
		test_mkdir(cache_dir, name);
		snprintf(tree_name, sizeof(tree_name), "%s/file", name);
		test_write(cache_dir, tree_name, "text");
		snprintf(name, sizeof(name), "%s/.cvenv-tmp-%ld-1000000%zu", places[i], dead(), i);
		test_write(cache_dir, name, "text");
	}
	/* of one that lives: the parent of this process */
	snprintf(name, sizeof(name), "v1/info/.cvenv-tmp-%ld-20000000", (long)getppid());
	test_write(cache_dir, name, "text");
	look(&a, &gc);
	assert_int_equal(gc.info.leftovers, 9);
	assert_int_equal(gc.info.entry_count, 4);
	clean(20 * DAY, 0, 8);
	listing = test_tree(cache_dir);
	assert_non_null(strstr(listing, name));
	free(listing);
}

/* Names that we do not give stay, and so does what a link leads to. */
static void test_foreign_things_stay(void **state)
{
	char outside[128], link_name[256];
	char *listing;

	(void)state;
	snprintf(outside, sizeof(outside), "%s/outside", dir);
	test_mkdir(dir, "outside");
	test_write(dir, "outside/precious", "text");
	test_write(cache_dir, "v1/info/notes", "text");
	test_mkdir(cache_dir, "v1/wheels/mine");
	test_write(cache_dir, "v1/bytecode/" KEY "--", "text");
	test_write(cache_dir, "v1/bytecode/" KEY "-x-", "text");
	test_write(cache_dir, "other", "text");
	snprintf(link_name, sizeof(link_name), "%s/v1/wheels/a" KEY, cache_dir);
	link_name[strlen(link_name) - 1] = '\0';
	assert_int_equal(symlink(outside, link_name), 0);
	clean(0, 5, 0);
	listing = test_tree(dir);
	assert_string_equal(listing,
		"d cache 700\n"
		"d cache/v1 700\n"
		"d cache/v1/bytecode 755\n"
		"d cache/v1/info 755\n"
		"d cache/v1/wheels 755\n"
		"d cache/v1/wheels/mine 755\n"
		"d outside 755\n"
		"f cache/other 644 text\n"
		"f cache/v1/CACHEDIR.TAG 644 Signature: 8a477f597d28d172789f06886806bc55\n"
		"# Made by cvenv. See https://bford.info/cachedir/\n\n"
		"f cache/v1/bytecode/" KEY "-- 644 text\n"
		"f cache/v1/bytecode/" KEY "-x- 644 text\n"
		"f cache/v1/info/notes 644 text\n"
		"f outside/precious 644 text\n");
	free(listing);
}

static void refused(const char *what, int code, const char *why)
{
	struct cv_arena a OWN_ARENA = { 0 };
	char *before = test_tree(dir), *after;
	struct cvenv_cache_freed freed;
	struct cv_gc gc;
	struct cvenv_error err;

	assert_int_equal(cv_gc_scan(&ctx, &a, what, &gc, &err), -code);
	assert_int_equal(cv_gc_clean(&ctx, what, 0, &freed, &err), -code);
	if (!strstr(err.message, why))
		fail_msg("'%s' does not say '%s'", err.message, why);
	after = test_tree(dir);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void test_no_cache_of_ours(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv_cache_freed freed;
	struct cv_gc gc;
	struct cvenv_error err;
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(cv_gc_scan(&ctx, &a, path, &gc, &err), 0);
	assert_true(!gc.info.exists && gc.info.entry_count == 0 && gc.info.bytes == 0);
	assert_int_equal(cv_gc_clean(&ctx, path, 0, &freed, &err), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(cv_gc_scan(&ctx, &a, path, &gc, &err), 0);
	assert_false(gc.info.exists);
	test_write(path, "file", "text");
	refused(path, CVENV_EREFUSED, "is not a cache");
	test_mkdir(path, "v1");
	test_write(path, "v1/api.txt", "text");
	refused(path, CVENV_EREFUSED, "was not created by cvenv");
	assert_int_equal(chmod(path, 0777), 0);
	refused(path, CVENV_EREFUSED, "other users may write to it");
	snprintf(path, sizeof(path), "%s/none/file", dir);
	refused(path, ENOTDIR, "Not a directory");
	refused(NULL, ENOENT, "the home directory is unknown");
}

/* Whichever call fails: no crash, no leak, and the next clean does what is left. */
static void test_every_call_fails_once(void **state)
{
	int n;

	(void)state;
	for (n = 1;; n++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cvenv_cache_freed freed;
		struct cv_gc gc;
		struct cvenv_error err = { 0 };
		bool failed;
		int rc;

		setup(NULL);
		fault_arm(n, EIO);
		rc = cv_gc_clean(&ctx, cache_dir, 0, &freed, &err);
		failed = fault_disarm();
		assert_true(rc == 0 || err.message[0]);
		assert_int_equal(cv_gc_clean(&ctx, cache_dir, 0, &freed, &err), 0);
		look(&a, &gc);
		assert_true(gc.info.entry_count == 0);
		teardown(NULL);
		if (!failed) {
			assert_int_equal(rc, 0);
			break;
		}
	}
	print_message("%d calls\n", n - 1);
	assert_true(n > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_look, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clean_by_age, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shared, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_foreign_things_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_cache_of_ours, setup, teardown),
		cmocka_unit_test(test_every_call_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
