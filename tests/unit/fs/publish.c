/* SPDX-License-Identifier: MIT */
#include "fs/publish.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/pack.h"

#include "../support/fault.h"
#include "../support/tree.h"

/* An environment in the small: every kind of entry, a cached wheel with a nested file. */
static char *dir;
static char env_dir[256], tree_dir[256], pack[300], source[300];

static const struct cv_tree_file tree_files[] = {
	{ .path = "a.py", .size = 3, .mtime = 1000000000 },
	{ .path = "p/q/b.py", .size = 4, .mtime = 1000000000 },
	{ .path = "p/r.py", .size = 1, .mtime = 1000000000, .exec = true },
	{ .path = "x.dist-info/METADATA", .size = 4, .mtime = 1000000000 },
};

enum { IMAGE_FILES = 4 };

static struct cv_tree tree = {
	.dir = tree_dir,
	.files = tree_files,
	.count = IMAGE_FILES,
	.pack = pack,
	.loose = tree_dir,
};

static const char whole[] = "d bin 755\n"
			    "d lib 755\n"
			    "d lib/p 755\n"
			    "d lib/p/q 755\n"
			    "d lib/x.dist-info 755\n"
			    "f bin/copy 755 base\n"
			    "f bin/run 755 script\n"
			    "f bin/text 644 text\n"
			    "f lib/a.py 644 aaa\n"
			    "f lib/p/q/b.py 644 bbbb\n"
			    "f lib/p/r.py 755 r\n"
			    "f lib/x.dist-info/METADATA 644 meta\n"
			    "f pyvenv.cfg 644 new\n"
			    "l bin/link -> /base\n";

static void age_tree_file(const char *number)
{
	const struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	char path[400];

	snprintf(path, sizeof(path), "%s/%s", tree_dir, number);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

enum { PACK_SIZE = 3 * CV_PACK_ALIGN };

/* What it should hold, but cut or filled to SIZE. */
static void write_young_pack(off_t size)
{
	static const char *const pieces[] = { "aaa", "bbbb", "r" };
	int fd = open(pack, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
			pwrite(fd, pieces[i], strlen(pieces[i]), (off_t)(i * CV_PACK_ALIGN)),
			(ssize_t)strlen(pieces[i]));
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void write_pack(off_t size)
{
	const struct timespec times[2] = { { .tv_sec = CV_PACK_MTIME },
		{ .tv_sec = CV_PACK_MTIME } };

	write_young_pack(size);
	assert_int_equal(utimensat(AT_FDCWD, pack, times, 0), 0);
}

static int setup(void **state)
{
	(void)state;
	umask(022);
	dir = test_dir_make();
	snprintf(env_dir, sizeof(env_dir), "%s/env", dir);
	snprintf(tree_dir, sizeof(tree_dir), "%s/tree", dir);
	snprintf(source, sizeof(source), "%s/base", dir);
	test_write(dir, "base", "base");
	test_mkdir(dir, "tree");
	for (size_t i = 0; i < IMAGE_FILES; i++) {
		static const char *const contents[] = { "aaa", "bbbb", "r", "meta" };
		char name[16], number[8];

		snprintf(number, sizeof(number), "%zu", i);
		snprintf(name, sizeof(name), "tree/%s", number);
		test_write(dir, name, contents[i]);
		age_tree_file(number);
	}
	snprintf(pack, sizeof(pack), "%s/pack", dir);
	write_pack(PACK_SIZE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void fill(struct cv_plan *plan)
{
	cv_plan_dir(plan, "lib");
	cv_plan_dir(plan, "bin");
	cv_plan_file(plan, "pyvenv.cfg", CV_LIT("new"), 0);
	cv_plan_link(plan, "bin/link", "/base", CV_OR_COPY);
	cv_plan_copy(plan, "bin/copy", source, 0755, 0);
	cv_plan_tree(plan, "lib", &tree, "demo", 0);
	cv_plan_file(plan, "bin/run", CV_LIT("script"), CV_ADD_EXEC);
	cv_plan_file_mode(plan, "bin/text", CV_LIT("text"), 0644);
}

static int publish_plan(bool clear, void (*filler)(struct cv_plan *), const char *cwd,
	enum cvenv_link_mode mode, struct cvenv_error *err)
{
	struct cv_arena arena = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .cwd = cwd };
	struct cv_target target;
	enum cvenv_link_mode used;
	int rc = cv_target_find(&ctx, &arena, env_dir, clear, &target, err);

	if (rc == 0) {
		filler(&plan);
		rc = plan.bad ? cv_fail_nomem(err)
			      : cv_publish(&ctx, &arena, &plan, &target, mode, &used, err);
	}
	cv_arena_done(&arena);
	return rc;
}

static int publish(bool clear, struct cvenv_error *err)
{
	return publish_plan(clear, fill, "/", CVENV_LINK_AUTO, err);
}

static void check_tree(const char *where, const char *expected)
{
	char *listing = test_tree(where);

	assert_string_equal(listing, expected);
	free(listing);
}

static void check_env(const char *expected)
{
	check_tree(env_dir, expected);
}

/* No temporary directory of cvenv exists beside ENV_DIR. */
static void check_no_stage(const char *where)
{
	char *listing = test_tree(where);

	if (strstr(listing, ".cvenv-"))
		fail_msg("left over after %s: %s", fault_name(), listing);
	free(listing);
}

static void old_environment(void)
{
	test_mkdir(dir, "env");
	test_mkdir(dir, "env/bin");
	test_write(dir, "env/bin/text", "old text");
	test_write(dir, "env/bin/mine", "mine");
	test_write(dir, "env/pyvenv.cfg", "old");
}

static const char old_tree[] = "d bin 755\n"
			       "f bin/mine 644 mine\n"
			       "f bin/text 644 old text\n"
			       "f pyvenv.cfg 644 old\n";

static const char merged[] = "d bin 755\n"
			     "d lib 755\n"
			     "d lib/p 755\n"
			     "d lib/p/q 755\n"
			     "d lib/x.dist-info 755\n"
			     "f bin/copy 755 base\n"
			     "f bin/mine 644 mine\n"
			     "f bin/run 755 script\n"
			     "f bin/text 644 text\n"
			     "f lib/a.py 644 aaa\n"
			     "f lib/p/q/b.py 644 bbbb\n"
			     "f lib/p/r.py 755 r\n"
			     "f lib/x.dist-info/METADATA 644 meta\n"
			     "f pyvenv.cfg 644 new\n"
			     "l bin/link -> /base\n";

static void test_new(void **state)
{
	struct cvenv_error err;
	struct stat st;

	(void)state;
	assert_int_equal(publish(false, &err), 0);
	check_env(whole);
	check_no_stage(dir);
	assert_int_equal(stat(env_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void test_umask_rules_the_mode(void **state)
{
	struct cvenv_error err;
	struct stat st;

	(void)state;
	umask(077);
	assert_int_equal(publish(false, &err), 0);
	umask(022);
	assert_int_equal(stat(env_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void test_merge_keeps_what_is_foreign(void **state)
{
	struct cvenv_error err;

	(void)state;
	old_environment();
	assert_int_equal(publish(false, &err), 0);
	check_env(merged);
}

static void test_clear(void **state)
{
	struct cvenv_error err;
	struct stat st;

	(void)state;
	old_environment();
	assert_int_equal(chmod(env_dir, 0750), 0);
	assert_int_equal(publish(true, &err), 0);
	check_env(whole);
	check_no_stage(dir);
	assert_int_equal(stat(env_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750); /* its own mode stays */
}

static void test_clear_where_one_stands(void **state)
{
	struct cvenv_error err;
	struct stat before, after;

	(void)state;
	old_environment();
	assert_int_equal(stat(env_dir, &before), 0);
	assert_int_equal(publish_plan(true, fill, env_dir, CVENV_LINK_AUTO, &err), 0);
	assert_int_equal(stat(env_dir, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	check_env(whole);
}

static void refused(bool clear, const char *cwd, const char *text)
{
	struct cvenv_error err;

	assert_true(publish_plan(clear, fill, cwd, CVENV_LINK_AUTO, &err) < 0);
	if (!strstr(err.message, text))
		fail_msg("'%s' does not say '%s'", err.message, text);
}

static void test_refusals(void **state)
{
	char inner[400];

	(void)state;
	old_environment();
	snprintf(inner, sizeof(inner), "%s/bin", env_dir);
	refused(true, inner, "above the current directory");
	check_env(old_tree);
	test_write(dir, "f", "x");
	snprintf(env_dir, sizeof(env_dir), "%s/f", dir);
	refused(true, "/", "a file has that name");
	snprintf(env_dir, sizeof(env_dir), "%s/l", dir);
	assert_int_equal(symlink("nowhere", env_dir), 0);
	refused(false, "/", "it is a broken symbolic link");
	refused(true, "/", "it is a broken symbolic link");
	snprintf(env_dir, sizeof(env_dir), "%s/env", dir);
	check_env(old_tree);
}

/* It stays, and the stage is beside what it leads to. */
static void test_link_to_a_directory(void **state)
{
	char place[400];
	struct cvenv_error err;
	struct stat st;

	(void)state;
	old_environment();
	snprintf(env_dir, sizeof(env_dir), "%s/tree/l", dir);
	assert_int_equal(symlink("../env", env_dir), 0);
	assert_int_equal(publish(false, &err), 0);
	snprintf(place, sizeof(place), "%s/env", dir);
	check_tree(place, merged);
	assert_int_equal(publish(true, &err), 0);
	check_tree(place, whole);
	assert_int_equal(lstat(env_dir, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	check_no_stage(dir);
}

static void test_nothing_changes_when_something_is_in_the_way(void **state)
{
	struct cvenv_error err;
	char path[400];

	(void)state;
	old_environment();
	test_mkdir(dir, "env/bin/run");
	assert_int_equal(publish(false, &err), -EISDIR);
	check_no_stage(dir);
	snprintf(source, sizeof(source), "%s/bin/run", env_dir);
	assert_int_equal(rmdir(source), 0);
	check_env(old_tree);
	snprintf(source, sizeof(source), "%s/base", dir);
	snprintf(path, sizeof(path), "%s/lib", env_dir);
	assert_int_equal(symlink("/", path), 0);
	assert_int_equal(publish(false, &err), -ENOTDIR);
	check_no_stage(dir);
}

static void fill_keeping(struct cv_plan *plan)
{
	cv_plan_dir(plan, "bin");
	cv_plan_file(plan, "bin/text", CV_LIT("other"), CV_KEEP);
	cv_plan_file(plan, "bin/missing", CV_LIT("restored"), CV_KEEP);
	cv_plan_link(plan, "dangling", "bin", CV_KEEP);
	cv_plan_remove(plan, "lib/site/p/q/gone.py", "lib/site");
	cv_plan_remove(plan, "lib/link/outside", "lib");
	cv_plan_file(plan, "pyvenv.cfg", CV_LIT("new"), 0);
}

static void test_keep_and_remove(void **state)
{
	struct cvenv_error err;
	char path[400];

	(void)state;
	old_environment();
	test_mkdir(dir, "env/lib");
	test_mkdir(dir, "env/lib/site");
	test_mkdir(dir, "env/lib/site/p");
	test_mkdir(dir, "env/lib/site/p/q");
	test_write(dir, "env/lib/site/p/q/gone.py", "");
	test_mkdir(dir, "victim");
	test_write(dir, "victim/outside", "");
	snprintf(path, sizeof(path), "%s/dangling", env_dir);
	assert_int_equal(symlink("nowhere", path), 0);
	snprintf(path, sizeof(path), "%s/lib/link", env_dir);
	assert_int_equal(symlink("../../victim", path), 0);
	assert_int_equal(publish_plan(false, fill_keeping, "/", CVENV_LINK_AUTO, &err), 0);
	check_env("d bin 755\n"
		  "d lib 755\n"
		  "d lib/site 755\n"
		  "f bin/mine 644 mine\n"
		  "f bin/missing 644 restored\n"
		  "f bin/text 644 old text\n"
		  "f pyvenv.cfg 644 new\n"
		  "l dangling -> bin\n"
		  "l lib/link -> ../../victim\n");
	snprintf(path, sizeof(path), "%s/victim/outside", dir);
	assert_int_equal(faccessat(AT_FDCWD, path, F_OK, 0), 0);
}

static nlink_t links_of(const char *name)
{
	char path[400];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", env_dir, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000000000);
	return st.st_nlink;
}

/* Sources are never shared but on demand; metadata is, where files cannot be cloned. */
static void test_link_modes(void **state)
{
	struct cvenv_error err;

	(void)state;
	assert_int_equal(publish_plan(false, fill, "/", CVENV_LINK_HARDLINK, &err), 0);
	assert_int_equal(links_of("lib/p/q/b.py"), 2);
	assert_int_equal(links_of("lib/x.dist-info/METADATA"), 2);
	assert_int_equal(publish_plan(true, fill, "/", CVENV_LINK_COPY, &err), 0);
	assert_int_equal(links_of("lib/p/q/b.py"), 1);
	assert_int_equal(links_of("lib/x.dist-info/METADATA"), 1);
	assert_int_equal(publish_plan(true, fill, "/", CVENV_LINK_AUTO, &err), 0);
	assert_int_equal(links_of("lib/p/q/b.py"), 1);
	assert_true(links_of("lib/x.dist-info/METADATA") <= (geteuid() == 0 ? 1 : 2));
	check_env(whole);
}

/* A link would bring its own mode. */
static void test_no_link_of_another_mode(void **state)
{
	struct cvenv_error err;

	(void)state;
	umask(077);
	assert_int_equal(publish_plan(false, fill, "/", CVENV_LINK_HARDLINK, &err), 0);
	umask(022);
	assert_int_equal(links_of("lib/p/q/b.py"), 1);
}

static void test_damaged_pack(void **state)
{
	static const off_t wrong[] = { 0, PACK_SIZE - 1, PACK_SIZE + 1 };
	struct cvenv_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_pack(wrong[i]);
		assert_int_equal(
			publish_plan(false, fill, "/", CVENV_LINK_COPY, &err), -CVENV_ECORRUPT);
	}
	write_young_pack(PACK_SIZE); /* as long, but not as old */
	assert_int_equal(publish_plan(false, fill, "/", CVENV_LINK_COPY, &err), -CVENV_ECORRUPT);
	assert_int_equal(unlink(pack), 0);
	assert_int_equal(publish_plan(false, fill, "/", CVENV_LINK_COPY, &err), -CVENV_ECORRUPT);
	check_no_stage(dir);
	assert_int_equal(faccessat(AT_FDCWD, env_dir, F_OK, 0), -1);
}

static void test_damaged_tree(void **state)
{
	static const enum cvenv_link_mode modes[] = { CVENV_LINK_AUTO, CVENV_LINK_COPY,
		CVENV_LINK_HARDLINK };
	struct cvenv_error err;
	char path[400];

	(void)state;
	tree.pack = NULL;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		test_write(dir, "tree/0", "longer");
		age_tree_file("0");
		assert_int_equal(publish_plan(false, fill, "/", modes[i], &err), -CVENV_ECORRUPT);
		test_write(dir, "tree/0", "xyz"); /* as long, but not as old */
		assert_int_equal(publish_plan(false, fill, "/", modes[i], &err), -CVENV_ECORRUPT);
		snprintf(path, sizeof(path), "%s/0", tree_dir);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(publish_plan(false, fill, "/", modes[i], &err), -CVENV_ECORRUPT);
		assert_int_equal(symlink("/etc/passwd", path), 0);
		assert_int_equal(publish_plan(false, fill, "/", modes[i], &err), -CVENV_ECORRUPT);
		assert_int_equal(unlink(path), 0);
	}
	tree.pack = pack;
	check_no_stage(dir);
	assert_int_equal(faccessat(AT_FDCWD, env_dir, F_OK, 0), -1);
}

static void test_stop(void **state)
{
	volatile int stop = 1;
	struct cv_arena arena = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .cwd = "/", .stop = &stop };
	struct cv_target target;
	enum cvenv_link_mode used;
	struct cvenv_error err;

	(void)state;
	snprintf(env_dir, sizeof(env_dir), "%s/env/in/new/parents", dir);
	fill(&plan);
	assert_int_equal(cv_target_find(&ctx, &arena, env_dir, false, &target, &err), 0);
	assert_int_equal(
		cv_publish(&ctx, &arena, &plan, &target, CVENV_LINK_AUTO, &used, &err), -EINTR);
	cv_arena_done(&arena);
	snprintf(env_dir, sizeof(env_dir), "%s/env", dir);
	assert_int_equal(faccessat(AT_FDCWD, env_dir, F_OK, 0), -1);
	check_no_stage(dir);
}

static bool env_is(const char *expected)
{
	char *listing = test_tree(env_dir);
	bool same = strcmp(listing, expected) == 0;

	free(listing);
	return same;
}

static bool is_cleaning(void)
{
	return strcmp(fault_name(), "unlinkat") == 0;
}

/*
 * Each call fails once: whatever it is, ENV_DIR is what it was, or what it shall be, and a stage is
 * left only when it is its removal that failed. Returns how many calls there were.
 */
static int every_fault(bool clear, bool exists, const char *before, const char *after, int code)
{
	for (int n = 1;; n++) {
		struct cvenv_error err;
		int rc;
		bool failed;

		setup(NULL);
		if (exists)
			old_environment();
		fault_arm(n, code);
		rc = publish(clear, &err);
		failed = fault_disarm();
		if (rc == 0 && !env_is(after))
			fail_msg("call %d (%s): not whole", n, fault_name());
		if (rc < 0 && exists && !env_is(before))
			fail_msg("call %d (%s): changed: %s", n, fault_name(), err.message);
		if (rc < 0 && !exists)
			assert_int_equal(faccessat(AT_FDCWD, env_dir, F_OK, 0), -1);
		if (rc < 0)
			assert_true(strlen(err.message) > 0);
		/* After an exchange only the old one is left to remove: a failure there is a
		 * warning. */
		if (!is_cleaning() && !(clear && rc == 0 && failed))
			check_no_stage(dir);
		teardown(NULL);
		if (!failed) {
			assert_int_equal(rc, 0);
			return n - 1;
		}
	}
}

static void test_every_call_fails_once(void **state)
{
	static const int codes[] = { ENOSPC, EIO, EACCES };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		int new_calls = every_fault(false, false, "", whole, codes[i]);
		int clear_calls = every_fault(true, true, old_tree, whole, codes[i]);

		assert_true(new_calls > 40);
		assert_true(clear_calls > 40);
		print_message(
			"%s: new %d, clear %d calls\n", strerror(codes[i]), new_calls, clear_calls);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_new, setup, teardown),
		cmocka_unit_test_setup_teardown(test_umask_rules_the_mode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_keeps_what_is_foreign, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clear_where_one_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link_to_a_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_nothing_changes_when_something_is_in_the_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keep_and_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_link_of_another_mode, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_pack, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
		cmocka_unit_test(test_every_call_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
