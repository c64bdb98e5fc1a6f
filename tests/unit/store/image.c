/* SPDX-License-Identifier: MIT */
#include "store/image.h"
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

#include "../support/fault.h"
#include "../support/tree.h"
#include "../wheel/makezip.h"

static char *dir;
static char cache[128], path[128];
static const char *envp[] = { NULL };
static struct cv_ctx ctx = { .envp = envp, .cwd = "/" };

/* Adds a file and its row in RECORD. */
static void add(struct made_zip *zip, struct cv_buf *record, const char *name, const char *text)
{
	char sum[CV_SHA256_B64 + 1];

	make_add(zip,
		(struct made_entry){ .name = cv_str(name), .data = cv_str(text), .deflate = true });
	cv_sha256_b64(text, strlen(text), sum);
	cv_buf_addf(record, "%s,sha256=%s,%zu\n", name, sum, strlen(text));
}

static void write_wheel(const char *version, const char *requires)
{
	struct made_zip zip = { 0 };
	struct cv_buf record OWN_BUF = { 0 };
	char metadata[128], wheel[128], record_name[128], text[256];
	int fd;

	add(&zip, &record, "demo/__init__.py", "x = 1\n");
	add(&zip, &record, "demo/sub/mod.py", "def f():\n    return 2\n");
	add(&zip, &record, "demo/sub/broken.py", "this is no python\n");
	snprintf(metadata, sizeof(metadata), "demo-%s.dist-info/METADATA", version);
	snprintf(text, sizeof(text),
		"Metadata-Version: 2.1\nName: demo\nVersion: %s\nRequires-Python: %s\n", version,
		requires);
	add(&zip, &record, metadata, text);
	snprintf(wheel, sizeof(wheel), "demo-%s.dist-info/WHEEL", version);
	add(&zip, &record, wheel, "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
	snprintf(record_name, sizeof(record_name), "demo-%s.dist-info/RECORD", version);
	cv_buf_addf(&record, "%s,,\n", record_name);
	make_add(&zip,
		(struct made_entry){ .name = cv_str(record_name), .data = cv_buf_slice(&record) });
	make_end(&zip);
	snprintf(path, sizeof(path), "%s/demo-%s-py3-none-any.whl", dir, version);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(write(fd, zip.buf.p, zip.buf.n), zip.buf.n);
	close(fd);
	cv_buf_done(&zip.buf);
}

static int setup(void **state)
{
	(void)state;
	umask(022);
	dir = test_dir_make();
	snprintf(cache, sizeof(cache), "%s/cache", dir);
	write_wheel("1.0", ">=3.8");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static const char unpacked[] = "d demo 700\n"
			       "d demo-1.0.dist-info 700\n"
			       "d demo/sub 700\n"
			       "f demo-1.0.dist-info/METADATA 644 Metadata-Version: 2.1\n"
			       "Name: demo\nVersion: 1.0\nRequires-Python: >=3.8\n\n"
			       "f demo-1.0.dist-info/WHEEL 644 Wheel-Version: 1.0\n"
			       "Root-Is-Purelib: true\nTag: py3-none-any\n\n"
			       "f demo/__init__.py 644 x = 1\n\n"
			       "f demo/sub/broken.py 644 this is no python\n\n"
			       "f demo/sub/mod.py 644 def f():\n    return 2\n\n";

/* Unpacks, looks at the result, and gives its place. */
static void get(char ret_dir[256])
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_store store;
	struct cv_wheel_image image;
	struct cv_err err;
	char *tree;

	cv_store_open(&ctx, &a, cache, &store);
	if (cv_store_wheel(&ctx, &a, &store, path, NULL, &image, &err) < 0)
		fail_msg("%s", err.msg);
	/* as env/create.c does when a file is not what it should be */
	if (!cv_image_intact(&image.image)) {
		cv_store_drop(&ctx, &store, image.image.dir);
		assert_int_equal(cv_store_wheel(&ctx, &a, &store, path, NULL, &image, &err), 0);
	}
	assert_int_equal(image.image.count, 5);
	assert_true(cv_str_eq(image.name, CV_LIT("demo")));
	assert_true(cv_str_eq(image.version, CV_LIT("1.0")));
	assert_int_equal(strlen(image.key), CV_SHA256_HEX);
	tree = test_tree(image.image.dir);
	assert_string_equal(tree, unpacked);
	free(tree);
	snprintf(ret_dir, 256, "%s", image.image.dir);
	/* with its sum known, the wheel itself is not needed any more */
	assert_int_equal(
		cv_store_wheel(&ctx, &a, &store, "/nowhere.whl", image.key, &image, &err), 0);
	cv_store_close(&store);
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

/* Each way of damage is noticed at the next use and mended. */
static void test_damage_is_mended(void **state)
{
	char files[256], victim[512], other[512];

	(void)state;
	get(files);
	snprintf(victim, sizeof(victim), "%s/demo/sub/mod.py", files);
	assert_int_equal(truncate(victim, 3), 0);
	get(files);
	assert_int_equal(unlink(victim), 0);
	get(files);
	assert_int_equal(unlink(victim), 0);
	assert_int_equal(symlink("/etc/passwd", victim), 0);
	get(files);
	test_write(files, "demo/sub/mod.py", "def f():\n    return 3\n"); /* the same size */
	get(files);
	snprintf(victim, sizeof(victim), "%s/../manifest", files);
	assert_int_equal(truncate(victim, 100), 0);
	get(files);
	assert_int_equal(unlink(victim), 0);
	get(files);
	snprintf(other, sizeof(other), "%s/../elsewhere", files);
	assert_int_equal(rename(files, other), 0);
	get(files);
}

/* An image that is used is marked, once a day; one that is only looked at is not. */
static void test_last_use(void **state)
{
	static const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct cv_ctx clocked = { .envp = envp, .cwd = "/", .now = 2000000000 };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_store store;
	struct cv_wheel_image image;
	struct cv_err err;
	struct stat st;
	char manifest[2][128];

	(void)state;
	cv_store_open(&clocked, &a, cache, &store);
	for (size_t i = 0; i < 2; i++) {
		write_wheel(i ? "1.1" : "1.0", ">=3.8");
		assert_int_equal(cv_store_wheel(&clocked, &a, &store, path, "", &image, &err), 0);
		snprintf(manifest[i], sizeof(manifest[i]), "wheels/%s/manifest", image.key);
		assert_int_equal(utimensat(store.fd, manifest[i], long_ago, 0), 0);
	}
	assert_true(
		cv_store_newest(&clocked, &a, &store, CV_LIT("demo"), CV_LIT("3.11.2"), &image));
	assert_int_equal(fstatat(store.fd, manifest[0], &st, 0), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000);
	assert_int_equal(fstatat(store.fd, manifest[1], &st, 0), 0);
	assert_true(st.st_mtim.tv_sec > 1000);
	assert_true(cv_image_intact(&image.image));
	cv_store_close(&store);
}

static void test_newest_that_fits(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_store store;
	struct cv_wheel_image image;
	struct cv_err err;
	static const char *const versions[][2] = { { "1.0", ">=3.8" }, { "1.10", ">=3.8" },
		{ "1.9", ">=3.8" }, { "2.0", ">=3.12" } };

	(void)state;
	cv_store_open(&ctx, &a, cache, &store);
	assert_false(cv_store_newest(&ctx, &a, &store, CV_LIT("demo"), CV_LIT("3.11.2"), &image));
	for (size_t i = 0; i < 4; i++) {
		write_wheel(versions[i][0], versions[i][1]);
		assert_int_equal(cv_store_wheel(&ctx, &a, &store, path, "", &image, &err), 0);
	}
	assert_true(cv_store_newest(&ctx, &a, &store, CV_LIT("demo"), CV_LIT("3.11.2"), &image));
	assert_true(cv_str_eq(image.version, CV_LIT("1.10")));
	assert_true(cv_store_newest(&ctx, &a, &store, CV_LIT("demo"), CV_LIT("3.13.0"), &image));
	assert_true(cv_str_eq(image.version, CV_LIT("2.0")));
	assert_false(cv_store_newest(&ctx, &a, &store, CV_LIT("other"), CV_LIT("3.13.0"), &image));
	cv_store_close(&store);
}

/* Every call fails once: an error, or an image that is whole; and nothing half-made. */
static void test_every_call_fails_once(void **state)
{
	int n;

	(void)state;
	for (n = 1;; n++) {
		struct cv_arena a OWN_ARENA = { 0 };
		struct cv_store store;
		struct cv_wheel_image image;
		struct cv_err err = { 0 };
		char *tree;
		bool failed;
		int rc;

		setup(NULL);
		cv_store_open(&ctx, &a, cache, &store);
		fault_arm(n, ENOSPC);
		rc = cv_store_wheel(&ctx, &a, &store, path, NULL, &image, &err);
		failed = fault_disarm();
		if (rc == 0) {
			tree = test_tree(image.image.dir);
			assert_string_equal(tree, unpacked);
			free(tree);
		} else {
			assert_true(err.msg[0] != '\0');
		}
		tree = test_tree(dir);
		if (strstr(tree, ".cvenv-") && strcmp(fault_name(), "unlinkat") != 0)
			fail_msg("left over after %s: %s", fault_name(), tree);
		free(tree);
		cv_store_close(&store);
		teardown(NULL);
		if (!failed) {
			assert_int_equal(rc, 0);
			break;
		}
	}
	print_message("%d calls\n", n - 1);
	assert_true(n > 50);
}

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
	struct cv_store store;
	struct cv_wheel_image image;
	struct cv_image bytecode = { 0 };
	struct cv_bytecode kind = { some_python(), "test-1", "00" };
	struct cv_err err;

	(void)state;
	if (!kind.python) {
		print_message("no python3 in /usr/bin or /usr/local/bin\n");
		skip();
	}
	cv_store_open(&ctx, &a, cache, &store);
	assert_int_equal(cv_store_wheel(&ctx, &a, &store, path, NULL, &image, &err), 0);
	assert_false(cv_store_bytecode(&ctx, &a, &store, &image, &kind, &bytecode));
	if (cv_store_compile(&ctx, &a, &store, &image, &kind, 2, &bytecode, &err) < 0)
		fail_msg("%s", err.msg);
	/* not the one that is no Python */
	assert_int_equal(bytecode.count, 2);
	assert_string_equal(bytecode.files[0].path, "demo/__pycache__/__init__.test-1.pyc");
	assert_string_equal(bytecode.files[1].path, "demo/sub/__pycache__/mod.test-1.pyc");
	assert_true(cv_store_bytecode(&ctx, &a, &store, &image, &kind, &bytecode));
	kind.python = "/bin/false";
	kind.magic = "01";
	assert_int_equal(
		cv_store_compile(&ctx, &a, &store, &image, &kind, 1, &bytecode, &err), -CV_EPYTHON);
	cv_store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unpack_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damage_is_mended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_newest_that_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_use, setup, teardown),
		cmocka_unit_test(test_every_call_fails_once),
		cmocka_unit_test_setup_teardown(test_compile, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
