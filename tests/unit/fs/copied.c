/* SPDX-License-Identifier: MIT */
#include "../support/fault.h"
#include "../support/world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifndef _WIN32
#include <sys/stat.h>
#endif

#include "base/own.h"
#include "base/path.h"
#include "fs/copied.h"
#include "fs/dir.h"
#include "fs/publish.h"

/* Copied trees: what `dir`/src contains, published as `dir`/env. */
enum { OLD = 1000000000 };

struct copy {
	struct cv_ctx ctx;
	struct cv_arena arena;
	struct cv_plan plan;
	struct cv_copied copied;
	struct cv_os_dir src;
	struct cvenv_error err;
	enum cvenv_link_mode mode, used;
};

/* What fails is in c->err; 0 or a negative code. */
static int list(struct copy *c)
{
	int rc = cv_os_open_dir(at, "src", CV_OS_NOFOLLOW, &c->src);

	c->plan = (struct cv_plan){ .arena = &c->arena };
	c->ctx = (struct cv_ctx){ .cwd = dir };
	if (rc < 0)
		return cv_fail(&c->err, -rc, "src");
	return cv_copied_list(&c->ctx, &c->arena, c->src, "SRC", &c->copied, &c->err);
}

static int publish(struct copy *c)
{
	struct cv_target target = { 0 };
	int rc = cv_copied_omit(&c->copied, &c->plan, &c->err);

	cv_plan_copied(&c->plan, &c->copied, "SRC");
	if (rc == 0 && c->plan.bad)
		rc = cv_fail_nomem(&c->err);
	if (rc == 0)
		rc = cv_target_find(&c->ctx, &c->arena, cv_path_join(&c->arena, dir, "env"),
			CV_CLEAR_NOTHING, &target, &c->err);
	if (rc == 0)
		rc = cv_publish(&c->ctx, &c->arena, &c->plan, &target, c->mode, &c->used, &c->err);
	cv_target_close(&target);
	return rc;
}

static int try_copy(struct copy *c)
{
	int rc = list(c);

	return rc < 0 ? rc : publish(c);
}

static void done(struct copy *c)
{
	cv_os_close_dir(&c->src);
	cv_arena_done(&c->arena);
}

static struct cv_os_stat stat_of(const char *name)
{
	struct cv_os_stat st;

	assert_int_equal(cv_os_stat(at, name, CV_OS_NOFOLLOW, &st), 0);
	return st;
}

static bool shared(const char *path)
{
	struct cv_os_stat a, b;
	char name[200];

	(void)snprintf(name, sizeof(name), "src/%s", path);
	a = stat_of(name);
	(void)snprintf(name, sizeof(name), "env/%s", path);
	b = stat_of(name);
	return cv_os_same(&a, &b);
}

#define SITES "src/lib/site-packages"

static void make_source(void)
{
	test_mkdir(dir, "src");
	test_mkdir(dir, "src/bin");
	test_mkdir(dir, "src/lib");
	test_mkdir(dir, SITES);
	test_mkdir(dir, SITES "/p");
	test_mkdir(dir, SITES "/p/__pycache__");
	test_mkdir(dir, SITES "/p-1.dist-info");
	test_mkdir(dir, "src/.cvenv-tmp-1-00000000");
	test_write(dir, "src/pyvenv.cfg", "home");
	test_write(dir, "src/bin/tool", "#!old");
	test_write(dir, SITES "/p/a.py", "code");
	test_write(dir, SITES "/p/__pycache__/a.pyc", "bytecode");
	test_write(dir, SITES "/p-1.dist-info/RECORD", "record");
	assert_int_equal(cv_os_chmod_at(at, "src/bin/tool", 0755), 0);
	assert_int_equal(cv_os_set_mtime_at(at, SITES "/p/a.py", OLD), 0);
	assert_int_equal(cv_os_set_mtime_at(at, SITES "/p/__pycache__/a.pyc", OLD), 0);
}

/* The listing of the directory NAME. */
static char *listing(const char *name)
{
	struct cv_arena a OWN_ARENA = { 0 };

	return test_tree(cv_path_join(&a, dir, name));
}

static void test_tree_is_copied_with_modes_and_times(void **state)
{
	struct copy c = { .mode = CVENV_LINK_COPY };
	OWN_MEM char *before = NULL, *after = NULL, *made = NULL;

	(void)state;
	make_source();
	assert_int_equal(cv_os_remove_dir(at, "src/.cvenv-tmp-1-00000000"), 0);
	if (make_link("/usr/bin/python3", "src/bin/python"))
		assert_true(make_link("lib", "src/lib64"));
	assert_int_equal(cv_os_chmod_at(at, SITES "/p", 0700), 0);
	before = listing("src");
	assert_int_equal(list(&c), 0);
	assert_string_equal(c.copied.files[0].path, "");
	assert_int_equal(publish(&c), 0);
	assert_int_equal(c.used, CVENV_LINK_COPY);
	after = listing("src");
	made = listing("env");
	assert_string_equal(after, before);
	assert_string_equal(made, before);
	assert_int_equal(stat_of("env/lib/site-packages/p/a.py").mtime.s, OLD);
	assert_false(shared("lib/site-packages/p-1.dist-info/RECORD"));
	done(&c);
}

static void test_plan_replaces_and_removes_files(void **state)
{
	struct copy c = { .mode = CVENV_LINK_COPY };
	OWN_MEM char *made = NULL;

	(void)state;
	make_source();
	assert_int_equal(list(&c), 0);
	cv_plan_file(&c.plan, "pyvenv.cfg", CV_LIT("new"), 0);
	cv_plan_remove(&c.plan, "lib/site-packages/p/__pycache__/a.pyc", "lib");
	assert_int_equal(publish(&c), 0);
	assert_int_equal(c.plan.count, 2); /* without the removal */
	assert_int_equal(cv_entry_files(&c.plan.entries[1]), 3);
	made = listing("env");
	assert_non_null(strstr(made, CV_WINDOWS ? "pyvenv.cfg - new\n" : "pyvenv.cfg 644 new\n"));
	assert_non_null(strstr(made, "d lib/site-packages/p/__pycache__ "));
	assert_null(strstr(made, "a.pyc"));
	assert_null(strstr(made, ".cvenv-tmp"));
	done(&c);
}

/* Special bits of a mode are not copied, and a file with them is not linked. */
static void test_special_bits_are_dropped(void **state)
{
	struct copy c = { .mode = CVENV_LINK_HARDLINK };

	(void)state;
	if (CV_WINDOWS)
		skip();
	make_source();
	assert_int_equal(cv_os_chmod_at(at, "src/bin/tool", 06755), 0);
	assert_int_equal(cv_os_chmod_at(at, SITES "/p/a.py", 0666), 0);
	assert_int_equal(cv_os_chmod_at(at, "src", 0750), 0);
	assert_int_equal(cv_os_chmod_at(at, "src/bin", 0500), 0);
	assert_int_equal(list(&c), 0);
	assert_int_equal(publish(&c), 0);
	assert_int_equal(stat_of("env/bin/tool").mode, 0755);
	assert_int_equal(stat_of("env/bin").mode & CV_OS_PERMISSIONS, 0700);
	assert_int_equal(stat_of("env").mode & CV_OS_PERMISSIONS, 0750);
	assert_false(shared("bin/tool"));
	assert_false(shared("lib/site-packages/p/a.py")); /* others may write to it */
	assert_true(shared("lib/site-packages/p/__pycache__/a.pyc"));
	done(&c);
}

static void check_links(enum cvenv_link_mode mode, unsigned flags, bool metadata, bool sources)
{
	struct copy c = { .mode = mode };

	make_source();
	assert_int_equal(list(&c), 0);
	c.copied.flags = flags;
	assert_int_equal(publish(&c), 0);
	assert_int_equal(shared("lib/site-packages/p-1.dist-info/RECORD"), metadata);
	assert_int_equal(shared("lib/site-packages/p/__pycache__/a.pyc"), metadata);
	assert_int_equal(shared("lib/site-packages/p/a.py"), sources);
	assert_int_equal(shared("bin/tool"), sources);
	done(&c);
}

static void test_auto_links_what_nobody_edits(void **state)
{
	(void)state;
	check_links(CVENV_LINK_AUTO, 0, cv_os_user() != CV_OS_ADMINISTRATOR, false);
}

static void test_hardlink_links_all(void **state)
{
	(void)state;
	check_links(CVENV_LINK_HARDLINK, 0, true, true);
}

static void test_flag_links_all(void **state)
{
	(void)state;
	check_links(CVENV_LINK_COPY, CV_COPIED_LINK, true, true);
}

/* Each changes SRC after it was listed. */
static void add_file(void)
{
	test_write(dir, SITES "/p/b.py", "new");
}

static void replace_file(void)
{
	test_write(dir, "src/new", "code");
	assert_int_equal(cv_os_rename(at, "src/new", at, SITES "/p/a.py", CV_OS_REPLACE), 0);
}

static void write_to_file(void)
{
	test_write(dir, SITES "/p/a.py", "longer than before");
}

static void remove_directory(void)
{
	assert_int_equal(cv_os_unlink(at, SITES "/p-1.dist-info/RECORD"), 0);
	assert_int_equal(cv_os_remove_dir(at, SITES "/p-1.dist-info"), 0);
}

static void replace_directory(void)
{
	assert_int_equal(cv_os_rename(at, "src/bin", at, "src/was", CV_OS_NEW), 0);
	if (!make_link("was", "src/bin"))
		test_mkdir(dir, "src/bin");
}

static void test_change_of_source_is_noticed(void **state)
{
	static void (*const changes[])(void) = { add_file, replace_file, write_to_file,
		remove_directory, replace_directory };
	static const enum cvenv_link_mode modes[] = { CVENV_LINK_COPY, CVENV_LINK_HARDLINK };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(changes) / sizeof(changes[0]); i++) {
		struct copy c = { .mode = modes[i % 2] };
		struct cv_os_stat st;

		make_source();
		assert_int_equal(list(&c), 0);
		changes[i / 2]();
		assert_int_equal(publish(&c), -EAGAIN);
		assert_int_equal(c.err.code, EAGAIN);
		assert_int_equal(cv_os_stat(at, "env", CV_OS_NOFOLLOW, &st), -ENOENT);
		done(&c);
		assert_int_equal(cv_remove_tree(at, "src", NULL), 0);
	}
}

/* What the plan writes was made from the file of SRC. */
static void test_change_of_replaced_file_is_noticed(void **state)
{
	struct copy c = { .mode = CVENV_LINK_COPY };

	(void)state;
	make_source();
	assert_int_equal(list(&c), 0);
	cv_plan_file(&c.plan, "pyvenv.cfg", CV_LIT("new"), 0);
	test_write(dir, "src/pyvenv.cfg", "home, and the rest");
	assert_int_equal(publish(&c), -EAGAIN);
	assert_non_null(strstr(c.err.message, "pyvenv.cfg"));
	done(&c);
}

/* Before SRC is deleted, old files are compared, too. */
static void test_change_of_old_file_is_noticed_by_move(void **state)
{
	static const unsigned flags[] = { 0, CV_COPIED_LINK };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct copy c = { .mode = CVENV_LINK_COPY };

		make_source();
		assert_int_equal(list(&c), 0);
		c.copied.flags = flags[i];
		c.ctx.now = (int64_t)1 << 40;
		assert_int_equal(cv_copied_check(&c.ctx, &c.copied, &c.err), 0);
		write_to_file();
		assert_int_equal(
			cv_copied_check(&c.ctx, &c.copied, &c.err), flags[i] ? -EAGAIN : 0);
		done(&c);
		assert_int_equal(cv_remove_tree(at, "src", NULL), 0);
	}
}

/* Whatever call fails: SRC is as before, and the copy is whole or missing. */
static void test_faults(void **state)
{
	static const int codes[] = { ENOSPC, EACCES, EIO, ENOENT };
	OWN_MEM char *before = NULL;

	(void)state;
	make_source();
	assert_int_equal(cv_os_remove_dir(at, "src/.cvenv-tmp-1-00000000"), 0);
	before = listing("src");
	for (int n = 0; n < 10000; n++) {
		struct copy c = { .mode = n % 2 ? CVENV_LINK_AUTO : CVENV_LINK_HARDLINK };
		OWN_MEM char *after = NULL, *made = NULL;
		bool failed;
		int rc;

		fault_arm(n / 2 + 1, codes[n / 2 % 4]);
		rc = try_copy(&c);
		failed = fault_disarm();
		after = listing("src");
		assert_string_equal(after, before);
		if (rc == 0) {
			made = listing("env");
			assert_string_equal(made, before);
			assert_int_equal(cv_remove_tree(at, "env", NULL), 0);
		} else {
			made = test_tree(dir);
			assert_null(strstr(made, " env"));
			assert_true(failed);
			if (c.err.code != -rc)
				fail_msg("%s: %d", fault_name(), rc);
		}
		done(&c);
		if (!failed)
			return;
	}
	fail();
}

static void test_limits(void **state)
{
	char path[3 * (CV_DEPTH_MAX + 2)] = "src", *end = path + 3;
	struct copy c = { 0 };

	(void)state;
	test_mkdir(dir, "src");
	for (int i = 0; i <= CV_DEPTH_MAX; i++, end += 2) {
		memcpy(end, "/d", 3);
		assert_int_equal(cv_os_make_dir(at, path, 0777), 0);
	}
	assert_int_equal(list(&c), -CVENV_ELIMIT);
	done(&c);
}

#ifndef _WIN32
static void test_pipes_are_left_out(void **state)
{
	struct copy c = { .mode = CVENV_LINK_AUTO };
	struct cv_os_stat st;

	(void)state;
	make_source();
	assert_int_equal(mkfifo(cv_path_join(&c.arena, dir, SITES "/pipe"), 0600), 0);
	assert_int_equal(list(&c), 0);
	assert_int_equal(c.copied.others, 1);
	assert_string_equal(c.copied.other, "lib/site-packages/pipe");
	assert_int_equal(publish(&c), 0);
	assert_int_equal(
		cv_os_stat(at, "env/lib/site-packages/pipe", CV_OS_NOFOLLOW, &st), -ENOENT);
	done(&c);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tree_is_copied_with_modes_and_times),
		TEST(test_plan_replaces_and_removes_files),
		TEST(test_special_bits_are_dropped),
		TEST(test_auto_links_what_nobody_edits),
		TEST(test_hardlink_links_all),
		TEST(test_flag_links_all),
		TEST(test_change_of_source_is_noticed),
		TEST(test_change_of_replaced_file_is_noticed),
		TEST(test_change_of_old_file_is_noticed_by_move),
		TEST(test_faults),
		TEST(test_limits),
#ifndef _WIN32
		TEST(test_pipes_are_left_out),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
