/* SPDX-License-Identifier: MIT */
#include "cache/cache.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"

#include "../support/fault.h"
#include "../support/fd.h"
#include "../support/tree.h"

static char *dir;
static char home[128], xdg[128], own[128];
static const char *envp[4];
static char log_text[4096];

static void keep_log(void *data, enum cvenv_level level, const char *msg)
{
	(void)data;
	(void)level;
	snprintf(log_text, sizeof(log_text), "%s", msg);
}

static struct cv_ctx ctx = { .envp = envp, .cwd = "/", .log = keep_log };

static int setup(void **state)
{
	(void)state;
	umask(022);
	dir = test_dir_make();
	log_text[0] = '\0';
	snprintf(home, sizeof(home), "HOME=%s", dir);
	snprintf(xdg, sizeof(xdg), "XDG_CACHE_HOME=%s/xdg", dir);
	snprintf(own, sizeof(own), "CVENV_CACHE_DIR=%s/own", dir);
	envp[0] = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void opens_in(const char *wanted, const char *expected)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	char path[256];

	cv_cache_open(&ctx, &a, wanted, &cache);
	assert_non_null(cache.dir);
	snprintf(path, sizeof(path), "%s/%s/v1", dir, expected);
	assert_string_equal(cache.dir, path);
	cv_cache_close(&ctx, &cache);
}

static void test_which_directory(void **state)
{
	char wanted[256];

	(void)state;
	envp[0] = home;
	envp[1] = NULL;
	opens_in(NULL, ".cache/cvenv");
	envp[1] = xdg;
	envp[2] = NULL;
	opens_in(NULL, "xdg/cvenv");
	envp[2] = own;
	envp[3] = NULL;
	opens_in(NULL, "own");
	snprintf(wanted, sizeof(wanted), "%s/wanted", dir);
	opens_in(wanted, "wanted");
}

static void test_private_and_tagged(void **state)
{
	static const char expected[] =
		"d own 700\n"
		"d own/v1 700\n"
		"f own/v1/CACHEDIR.TAG 666 Signature: 8a477f597d28d172789f06886806bc55\n";
	char *listing;

	(void)state;
	umask(0);
	envp[0] = own;
	envp[1] = NULL;
	opens_in(NULL, "own");
	umask(022);
	listing = test_tree(dir);
	assert_int_equal(strncmp(listing, expected, strlen(expected)), 0);
	free(listing);
}

static void opens_nothing(const char *why)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;

	cv_cache_open(&ctx, &a, NULL, &cache);
	assert_null(cache.dir);
	if (!strstr(log_text, why))
		fail_msg("'%s' does not say '%s'", log_text, why);
	cv_cache_close(&ctx, &cache);
}

static void test_no_cache(void **state)
{
	char path[256];

	(void)state;
	opens_nothing("the home directory is unknown");
	envp[0] = own;
	envp[1] = NULL;
	test_write(dir, "own", "a file");
	opens_nothing("Not a directory");
	snprintf(path, sizeof(path), "%s/own", dir);
	assert_int_equal(unlink(path), 0);
	test_mkdir(dir, "own");
	assert_int_equal(chmod(path, 0777), 0);
	opens_nothing("other users may write to it");
	assert_int_equal(chmod(path, 0700), 0);
	test_mkdir(dir, "own/v1");
	snprintf(path, sizeof(path), "%s/own/v1", dir);
	assert_int_equal(chmod(path, 0770), 0);
	opens_nothing("other users may write to it");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(symlink("/", path), 0);
	opens_nothing("own");
	if (geteuid() == 0) { /* only root can give files away */
		assert_int_equal(unlink(path), 0);
		snprintf(path, sizeof(path), "%s/own", dir);
		assert_int_equal(chown(path, 1, 1), 0);
		opens_nothing("belongs to");
	}
}

static void is_refused(const char *cache_dir, int code)
{
	char v1[256];
	struct cv_os_dir root = CV_OS_NO_DIR;
	const char *why = NULL;

	snprintf(v1, sizeof(v1), "%s/v1", cache_dir);
	assert_int_equal(cv_cache_open_dir(cache_dir, v1, &root, &why), -code);
	assert_false(cv_os_dir_ok(root));
	assert_int_equal(why != NULL, code == CVENV_EREFUSED);
}

/* Who may write to DIR may put another v1 there, whatever that one is. */
static void test_what_v1_is_in(void **state)
{
	char path[256], link_path[256];

	(void)state;
	envp[0] = own;
	envp[1] = NULL;
	snprintf(path, sizeof(path), "%s/own", dir);
	is_refused(path, ENOENT);
	opens_in(NULL, "own");
	for (int mode = 0720; mode <= 0777; mode++) {
		if (!(mode & 022))
			continue;
		assert_int_equal(chmod(path, (mode_t)mode), 0);
		opens_nothing("other users may write to it");
		is_refused(path, CVENV_EREFUSED);
	}
	assert_int_equal(chmod(path, 0755), 0);
	opens_in(NULL, "own");
	/* by way of a link it is the same directory */
	snprintf(link_path, sizeof(link_path), "%s/xdg", dir);
	assert_int_equal(symlink("own", link_path), 0);
	snprintf(own, sizeof(own), "CVENV_CACHE_DIR=%s/xdg", dir);
	opens_in(NULL, "xdg");
	assert_int_equal(chmod(path, 0777), 0);
	opens_nothing("other users may write to it");
	is_refused(link_path, CVENV_EREFUSED);
	/* without a v1 it is DIR that is wrong */
	snprintf(path, sizeof(path), "%s/empty", dir);
	test_mkdir(dir, "empty");
	is_refused(path, ENOENT);
	assert_int_equal(chmod(path, 0777), 0);
	is_refused(path, CVENV_EREFUSED);
	if (geteuid() == 0) {
		assert_int_equal(chmod(path, 0755), 0);
		assert_int_equal(chown(path, 1, 1), 0);
		is_refused(path, CVENV_EREFUSED);
	}
}

/* A directory with other files: only v1 is created, and a foreign v1 is not used. */
static void test_directory_with_other_things(void **state)
{
	static const char expected[] = "d own 755\nd own/v1 700\nf own/notes 644 text\n";
	char *listing;
	char path[256];

	(void)state;
	envp[0] = own;
	envp[1] = NULL;
	test_mkdir(dir, "own");
	test_write(dir, "own/notes", "text");
	opens_in(NULL, "own");
	listing = test_tree(dir);
	assert_int_equal(strncmp(listing, expected, strlen(expected)), 0);
	free(listing);
	/* without its tag: by its content it is still ours */
	snprintf(path, sizeof(path), "%s/own/v1/CACHEDIR.TAG", dir);
	assert_int_equal(unlink(path), 0);
	test_mkdir(dir, "own/v1/wheels");
	opens_in(NULL, "own");
	assert_int_equal(unlink(path), 0);
	test_write(dir, "own/v1/api.txt", "text");
	opens_nothing("was not created by cvenv");
	assert_int_equal(faccessat(AT_FDCWD, path, F_OK, 0), -1);
}

/* The time of an entry says when it was used, to a day; without a clock it stays. */
static void test_last_use(void **state)
{
	enum { DAY = 24 * 60 * 60 };
	static const int64_t ages[] = { 0, DAY - 10, DAY + 10, 100 * DAY, -2 * DAY };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;
	struct cv_str s;
	struct stat st;

	(void)state;
	envp[0] = own;
	envp[1] = NULL;
	cv_cache_open(&ctx, &a, NULL, &cache);
	cv_cache_put(&ctx, &cache, "info/x", CV_LIT("text"));
	assert_int_equal(fstatat(test_fd(cache.root), "info/x", &st, 0), 0);
	for (int clock = 0; clock < 2; clock++)
		for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
			struct cv_ctx with = ctx;
			struct timespec times[2] = { { .tv_sec = st.st_mtim.tv_sec - ages[i] } };
			struct stat now;
			bool set;

			with.now = clock ? st.st_mtim.tv_sec : 0;
			times[1] = times[0];
			assert_int_equal(utimensat(test_fd(cache.root), "info/x", times, 0), 0);
			assert_true(cv_cache_get(&with, &cache, &a, "info/x", &s));
			assert_int_equal(fstatat(test_fd(cache.root), "info/x", &now, 0), 0);
			set = now.st_mtim.tv_sec != times[0].tv_sec;
			assert_true(set == (clock && (ages[i] > DAY || ages[i] < -DAY)));
			if (set)
				assert_true(now.st_mtim.tv_sec >= st.st_mtim.tv_sec);
		}
	cv_cache_close(&ctx, &cache);
}

static void test_entries(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache, none = { 0 };
	struct cv_str s;

	(void)state;
	envp[0] = own;
	envp[1] = NULL;
	cv_cache_open(&ctx, &a, NULL, &cache);
	assert_false(cv_cache_get(&ctx, &cache, &a, "info/x", &s));
	cv_cache_put(&ctx, &cache, "info/x", CV_LIT("one"));
	cv_cache_put(&ctx, &cache, "info/x", CV_LIT("two"));
	assert_true(cv_cache_get(&ctx, &cache, &a, "info/x", &s));
	assert_true(cv_str_eq(s, CV_LIT("two")));
	/* neither is an error */
	cv_cache_put(&ctx, &none, "info/x", CV_LIT("one"));
	assert_false(cv_cache_get(&ctx, &none, &a, "info/x", &s));
	cv_cache_close(&ctx, &cache);
}

static void test_put_is_all_or_nothing(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache;

	(void)state;
	envp[0] = own;
	envp[1] = NULL;
	cv_cache_open(&ctx, &a, NULL, &cache);
	cv_cache_put(&ctx, &cache, "info/x", CV_LIT("old"));
	for (int n = 1;; n++) {
		struct cv_str s;
		bool failed;
		char *listing;

		fault_arm(n, ENOSPC);
		cv_cache_put(&ctx, &cache, "info/x", CV_LIT("new"));
		failed = fault_disarm();
		assert_true(cv_cache_get(&ctx, &cache, &a, "info/x", &s));
		/* a failure may come too late to matter: closing the directory */
		assert_true(cv_str_eq(s, CV_LIT("new")) || (failed && cv_str_eq(s, CV_LIT("old"))));
		listing = test_tree(dir);
		assert_null(strstr(listing, ".cvenv-"));
		free(listing);
		if (!failed)
			break;
	}
	cv_cache_close(&ctx, &cache);
}

static void test_throw_away(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache = { 0 };
	struct cvenv_error err;
	char tmpdir[128];
	char *listing;

	(void)state;
	snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s", dir);
	envp[0] = tmpdir;
	envp[1] = NULL;
	assert_int_equal(cv_cache_need(&ctx, &a, &cache, &err), 0);
	assert_int_equal(strncmp(cache.dir, dir, strlen(dir)), 0);
	assert_int_equal(cv_cache_need(&ctx, &a, &cache, &err), 0);
	cv_cache_put(&ctx, &cache, "info/x", CV_LIT("one"));
	cv_cache_close(&ctx, &cache);
	listing = test_tree(dir);
	assert_string_equal(listing, "");
	free(listing);
}

/* A place that cannot be used, and one that fails later: the next one. */
static void test_throw_away_elsewhere(void **state)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_cache cache = { 0 };
	struct cvenv_error err = { .message = "full" };
	char tmpdir[128];

	(void)state;
	snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s/none", dir);
	envp[0] = tmpdir;
	envp[1] = NULL;
	assert_int_equal(cv_cache_need(&ctx, &a, &cache, &err), 0);
	assert_int_equal(strncmp(cache.dir, "/tmp/", strlen("/tmp/")), 0);
	cv_cache_close(&ctx, &cache);
	snprintf(tmpdir, sizeof(tmpdir), "TMPDIR=%s", dir);
	cache.env_dir = cv_strfmt(&a, "%s/not/yet/env", dir);
	assert_int_equal(cv_cache_need(&ctx, &a, &cache, &err), 0);
	assert_false(cache.is_beside);
	assert_false(cv_cache_give_up(&ctx, &a, &cache, -EINTR, &err));
	assert_true(cv_cache_give_up(&ctx, &a, &cache, -ENOSPC, &err));
	assert_int_equal(strncmp(cache.dir, "/tmp/", strlen("/tmp/")), 0);
	assert_true(cv_cache_give_up(&ctx, &a, &cache, -ENOSPC, &err));
	assert_true(cv_cache_give_up(&ctx, &a, &cache, -ENOSPC, &err));
	assert_true(cache.is_beside);
	assert_int_equal(strncmp(cache.dir, dir, strlen(dir)), 0);
	assert_false(cv_cache_give_up(&ctx, &a, &cache, -ENOSPC, &err));
	assert_null(cache.dir);
	assert_int_equal(rmdir(dir), 0); /* nothing is left in it */
	assert_int_equal(mkdir(dir, 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_which_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_private_and_tagged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_cache, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_v1_is_in, setup, teardown),
		cmocka_unit_test_setup_teardown(test_directory_with_other_things, setup, teardown),
		cmocka_unit_test_setup_teardown(test_last_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_put_is_all_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_throw_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_throw_away_elsewhere, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
