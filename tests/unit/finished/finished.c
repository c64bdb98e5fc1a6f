/* SPDX-License-Identifier: MIT */
#include "finished/finished.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../support/fault.h"
#include "../support/world.h"
#include "base/own.h"
#include "base/path.h"
#include "wheel/launcher.h"

static struct cv_arena arena;
static struct cv_finished got;
static struct cvenv_error err;

static int begin(void **state)
{
	(void)state;
	dir = test_dir_make();
	test_mkdir(dir, "e");
	return cv_os_open_dir(CV_OS_ABSOLUTE, cv_path_join(&arena, dir, "e"), CV_OS_FOLLOW, &at);
}

static int end(void **state)
{
	cv_finished_close(&got);
	cv_arena_done(&arena);
	return teardown(state);
}

static const char *path(const char *name)
{
	return cv_path_join(&arena, dir, name);
}

/* TEXT with DIR for "@". */
static const char *in_dir(const char *text)
{
	const char *at_sign = strchr(text, '@');

	return cv_strfmt(&arena, "%.*s%s%s", (int)(at_sign - text), text, dir, at_sign + 1);
}

static int open_it(const char *name, unsigned how)
{
	static const struct cv_ctx ctx;

	cv_finished_close(&got);
	return cv_finished_open(&ctx, &arena, path(name), how, &got, &err);
}

/* An environment of Python 3.12 that venv could have made, in "e". */
static void make(const char *cfg)
{
	test_write(path("e"), "pyvenv.cfg", cfg);
	test_mkdir(dir, "base");
	test_write(path("base"), "python3.12", "");
	assert_int_equal(chmod(path("base/python3.12"), 0755), 0);
	test_mkdir(path("e"), "bin");
	test_mkdir(path("e"), "lib");
	test_mkdir(path("e"), "lib/python3.12");
	test_mkdir(path("e"), "lib/python3.12/site-packages");
	assert_int_equal(cv_os_symlink(path("base/python3.12"), at, "bin/python3.12"), 0);
	assert_int_equal(cv_os_symlink("python3.12", at, "bin/python"), 0);
}

static const char *plain_cfg(void)
{
	return cv_strfmt(&arena,
		"home = %s/base\ninclude-system-site-packages = false\nversion = 3.12.1\n"
		"command = /x/python -m venv --prompt=\"a \" b\" %s/e\nprompt = 'a \" b'\n",
		dir, dir);
}

static void test_sound(void **state)
{
	(void)state;
	make(plain_cfg());
	test_mkdir(path("e"), "lib/python3.12/site-packages/a_b-1.0.dist-info");
	test_mkdir(path("e"), "lib/python3.12/site-packages/c.egg-info");
	test_write(path("e"), "lib/python3.12/site-packages/d-2-py3.12.egg-info", "");
	test_write(path("e"), "lib/python3.12/site-packages/f.egg-link", "");
	test_mkdir(path("e"), "lib/python3.12/site-packages/g");
	test_mkdir(path("e"), "lib/python3.9");
	test_mkdir(path("e"), "lib/python3.9/site-packages");
	test_write(path("e"), "bin/activate", "VIRTUAL_ENV=x\n");
	test_write(path("e"), "bin/tool", in_dir("#!@/e/bin/python\n"));
	test_write(path("e"), "bin/other", "#!/bin/sh\n");
	test_write(path("e"), "bin/binary",
		"\x7f"
		"ELF");
	assert_int_equal(open_it("e", 0), 0);
	assert_false(got.broken);
	assert_int_equal(got.maker, CVENV_MAKER_VENV);
	assert_string_equal(got.version, "3.12.1");
	assert_string_equal(got.implementation, "cpython");
	assert_string_equal(got.prompt, "a \" b");
	assert_string_equal(got.python, path("e/bin/python"));
	assert_string_equal(got.base, path("base/python3.12"));
	assert_string_equal(got.layout.names[0], "python3.12");
	assert_string_equal(got.layout.purelib, "lib/python3.12/site-packages");
	assert_int_equal(got.other_site_count, 1);
	assert_string_equal(got.other_sites[0], "lib/python3.9/site-packages");
	assert_int_equal(got.recorded_count, 0);
	assert_int_equal(got.name_count, 1);
	assert_int_equal(got.found_count, 4);
	assert_true(cv_str_eq(got.found[0].name, CV_LIT("a_b")));
	assert_true(cv_str_eq(got.found[0].version, CV_LIT("1.0")));
	assert_true(cv_str_eq(got.found[2].version, CV_LIT("2")));
	assert_int_equal(cv_finished_program(&got, "activate")->kind, CV_PROGRAM_ACTIVATION);
	assert_int_equal(cv_finished_program(&got, "binary")->kind, CV_PROGRAM_BINARY);
	assert_int_equal(cv_finished_program(&got, "other")->kind, CV_PROGRAM_SCRIPT);
	assert_string_equal(cv_finished_program(&got, "tool")->python, path("e/bin/python"));
	assert_int_equal(open_it("e", CV_FINISHED_BRIEF), 0);
	assert_int_equal(cv_finished_program(&got, "tool")->kind, CV_PROGRAM_BINARY);
}

static void check_recorded(const char *script, const char *recorded)
{
	test_write(path("e"), "bin/tool", script);
	assert_int_equal(open_it("e", 0), 0);
	if (recorded) {
		assert_int_equal(got.recorded_count, 1);
		assert_string_equal(got.recorded[0], recorded);
	} else {
		assert_int_equal(got.recorded_count, 0);
	}
}

static void test_recorded(void **state)
{
	(void)state;
	make("home = /x\nversion = 3.12\n");
	check_recorded("#!/old/e/bin/python3\n", "/old/e");
	check_recorded("#!/old/e/bin/ruby\n", NULL);
	check_recorded("#!/usr/bin/env python3\n", NULL);
	/* The base interpreter was removed. */
	test_write(path("e"), "pyvenv.cfg", "home = /old/e/bin\nversion = 3.12\n");
	check_recorded("#!/old/e/bin/python3\n", NULL);
	/* A script of the user, for another interpreter that exists. */
	test_mkdir(dir, "o");
	test_mkdir(dir, "o/bin");
	test_write(dir, "o/bin/python3", "");
	check_recorded(in_dir("#!@/o/bin/python3\n"), NULL);
	/* The original of a copy; or, beside scripts of this one, another environment. */
	test_write(dir, "o/pyvenv.cfg", "");
	check_recorded(in_dir("#!@/o/bin/python3\n"), path("o"));
	test_write(path("e"), "bin/own", in_dir("#!@/e/bin/python\n"));
	check_recorded(in_dir("#!@/o/bin/python3\n"), NULL);
	/* Another name of the same directory. */
	assert_int_equal(cv_os_symlink("e", at, "../alias"), 0);
	check_recorded(in_dir("#!@/alias/bin/python3\n"), NULL);
	assert_int_equal(got.name_count, 2);
	assert_string_equal(got.names[1], path("alias"));
	/* What `command` says. */
	test_write(path("e"), "pyvenv.cfg",
		"command = /usr/bin/python3 -m venv --new-option /a b/e\n");
	check_recorded("", "/a b/e");
}

static const struct cv_program *open_with(const char *name, struct cv_str data)
{
	FILE *f = fopen(cv_path_join(&arena, path("e/bin"), name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data.p, 1, data.n, f), data.n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(open_it("e", 0), 0);
	return cv_finished_program(&got, name);
}

/* Windows has launchers instead of scripts. */
static void check_launcher(struct cv_str program, const char *python)
{
	const struct cv_launcher launcher = { program, CV_LIT("25.0") };
	const struct cv_script script = { CV_LIT("x"), CV_LIT("m"), CV_LIT("main") };
	struct cv_buf b OWN_BUF = { 0 };
	const struct cv_program *p;

	cv_launcher_text(&b, &launcher, python, &script);
	p = open_with("x.exe", cv_buf_slice(&b));
	assert_non_null(p);
	assert_int_equal(p->kind, CV_PROGRAM_SCRIPT);
	assert_string_equal(p->python, python);
	assert_int_equal(got.recorded_count, 1);
	assert_string_equal(got.recorded[0], "/old/e");
	/* a part of it is none */
	p = open_with("x.exe", (struct cv_str){ b.p, b.n - 1 });
	assert_int_equal(p->kind, CV_PROGRAM_BINARY);
	assert_int_equal(got.recorded_count, 0);
}

static void test_launcher(void **state)
{
	struct cv_str large = { cv_new(&arena, char, 2 * CV_LAUNCHER_END_MAX),
		2 * CV_LAUNCHER_END_MAX };

	(void)state;
	make("home = /x\nversion = 3.12\n");
	check_launcher(CV_LIT("MZ"), "/old/e/bin/python3");
	check_launcher(large, "/old/e/bin/python3");
}

static void check_broken(const char *cfg, const char *reason)
{
	test_write(path("e"), "pyvenv.cfg", cfg);
	assert_int_equal(open_it("e", 0), 0);
	assert_true(got.broken);
	if (reason)
		assert_string_equal(got.cfg_reason, reason);
	else
		assert_null(got.cfg_reason);
}

static void test_damaged(void **state)
{
	char *large = cv_new(&arena, char, CV_CFG_MAX + 2);

	(void)state;
	make(plain_cfg());
	memset(large, '\n', CV_CFG_MAX + 1);
	check_broken("", NULL);
	check_broken("home = relative\nversion = 3.12\n", NULL);
	assert_int_equal(got.maker, CVENV_MAKER_VENV);
	check_broken(in_dir("home = @/none\nversion = 3.12\n"), NULL);
	check_broken(in_dir("home = @/base\nversion = 3.11\n"), NULL);
	assert_int_equal(got.site_count, 0);
	assert_string_equal(got.layout.purelib, "lib/python3.11/site-packages");
	check_broken(large, "it is too large");
	large[CV_CFG_MAX / 2] = '\0';
	check_broken(large, "it has too many lines");
	test_write(path("e"), "pyvenv.cfg", plain_cfg());
	assert_int_equal(cv_os_unlink(at, "bin/python3.12"), 0);
	assert_int_equal(open_it("e", 0), 0);
	assert_true(got.broken);
	assert_false(got.python_works);
	assert_string_equal(got.python, path("e/bin/python"));
	/* Another name works, but activated shells and scripts use this one. */
	assert_int_equal(cv_os_unlink(at, "bin/python"), 0);
	assert_int_equal(cv_os_symlink(path("base/python3.12"), at, "bin/python3.12"), 0);
	assert_int_equal(open_it("e", 0), 0);
	assert_true(got.broken);
	assert_string_equal(got.python, path("e/bin/python"));
	assert_string_equal(got.base, path("base/python3.12"));
	assert_int_equal(cv_os_unlink(at, "bin/python3.12"), 0);
	assert_int_equal(cv_os_symlink("python3.12", at, "bin/python"), 0);
	/* Round in a circle. */
	assert_int_equal(cv_os_symlink("python", at, "bin/python3.12"), 0);
	assert_int_equal(open_it("e", 0), 0);
	assert_true(got.broken);
}

/* Links are not followed, and pipes are not opened. */
static void test_hostile(void **state)
{
	(void)state;
	make(plain_cfg());
	assert_int_equal(mkfifo(path("e/bin/pipe"), 0600), 0);
	assert_int_equal(cv_os_symlink("/etc/passwd", at, "bin/link"), 0);
	assert_int_equal(open_it("e", 0), 0);
	assert_int_equal(cv_finished_program(&got, "pipe")->kind, CV_PROGRAM_OTHER);
	assert_int_equal(cv_finished_program(&got, "link")->kind, CV_PROGRAM_OTHER);
	assert_string_equal(cv_finished_program(&got, "link")->link, "/etc/passwd");
	assert_int_equal(cv_os_rename(at, "bin", at, "../bin", CV_OS_REPLACE), 0);
	assert_int_equal(cv_os_symlink("../bin", at, "bin"), 0);
	assert_int_equal(cv_os_rename(at, "lib", at, "../lib", CV_OS_REPLACE), 0);
	assert_int_equal(cv_os_symlink("../lib", at, "lib"), 0);
	assert_int_equal(open_it("e", 0), 0);
	assert_null(got.bin);
	assert_int_equal(got.program_count, 0);
	assert_int_equal(got.site_count, 0);
	assert_true(got.broken);
}

static void test_no_environment(void **state)
{
	(void)state;
	assert_int_equal(open_it("e", 0), -CVENV_ENOTENV);
	assert_int_equal(open_it("none", 0), -CVENV_ENOTENV);
	test_mkdir(path("e"), "pyvenv.cfg");
	assert_int_equal(open_it("e", 0), -CVENV_ENOTENV);
	assert_int_equal(cv_os_remove_dir(at, "pyvenv.cfg"), 0);
	assert_int_equal(mkfifo(path("e/pyvenv.cfg"), 0600), 0);
	assert_int_equal(open_it("e", 0), -CVENV_ENOTENV);
	test_write(dir, "file", "two\nlines\n");
	assert_int_equal(open_it("file", 0), -CVENV_ENOTENV);
}

static void test_other_names(void **state)
{
	(void)state;
	make(plain_cfg());
	test_write(dir, ".venv", "e\n");
	assert_int_equal(cv_os_symlink("e", at, "../l"), 0);
	assert_int_equal(open_it(".venv", 0), 0);
	assert_string_equal(got.env_dir, path("e"));
	assert_string_equal(got.redirect, path(".venv"));
	assert_int_equal(open_it("l", 0), 0);
	assert_string_equal(got.env_dir, path("l"));
	assert_int_equal(got.name_count, 2); /* `command` names the directory itself */
	assert_int_equal(open_it("l", CV_FINISHED_NOFOLLOW), -CVENV_ENOTENV);
	assert_int_equal(open_it(".venv", CV_FINISHED_NOFOLLOW), -CVENV_ENOTENV);
}

static int64_t atime_of(const char *name)
{
	struct cv_os_stat st;

	assert_int_equal(cv_os_stat(at, name, CV_OS_NOFOLLOW, &st), 0);
	return st.atime.s;
}

static void test_access_times(void **state)
{
	static const char *const names[] = { "pyvenv.cfg", "bin/tool", "bin",
		"lib/python3.12/site-packages" };
	static const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };

	(void)state;
	make(plain_cfg());
	test_write(path("e"), "bin/tool", "#!/x\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(
			utimensat(AT_FDCWD, cv_path_join(&arena, path("e"), names[i]), old, 0), 0);
	assert_int_equal(open_it("e", 0), 0);
	assert_int_equal(got.cfg_st.atime.s, 1000);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(atime_of(names[i]), 1000);
}

/* What cannot be read is not broken: such environments are removed. */
static void test_failures(void **state)
{
	static const int codes[] = { ENOMEM, EMFILE, EIO };

	(void)state;
	make(plain_cfg());
	test_write(path("e"), "bin/tool", in_dir("#!@/e/bin/python\n"));
	test_write(path("e"), "bin/tool.exe", "MZ");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		for (int n = 1;; n++) {
			int rc;

			cv_finished_close(&got);
			err.message[0] = '\0';
			fault_arm(n, codes[i]);
			rc = open_it("e", 0);
			if (!fault_disarm())
				break;
			if (rc == 0 ? got.broken : !err.message[0])
				fail_msg("%s, call %d: code %d", fault_name(), n, codes[i]);
		}
}

#define TEST_HERE(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_HERE(test_sound),
		TEST_HERE(test_recorded),
		TEST_HERE(test_launcher),
		TEST_HERE(test_damaged),
		TEST_HERE(test_hostile),
		TEST_HERE(test_no_environment),
		TEST_HERE(test_other_names),
		TEST_HERE(test_access_times),
		TEST_HERE(test_failures),
	};

	(void)setup;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
