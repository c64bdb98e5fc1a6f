/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../support/fault.h"
#include "base/own.h"
#include "help.h"
#include "interpreter/candidates.h"
#include "interpreter/choose.h"
#include "interpreter/find.h"
#include "interpreter/info.h"
#include "interpreter/managers/shim.h"
#include "interpreter/probe.h"

/*
 * Each call of the system, and each allocation, fails once: then there is an error that says
 * so, or the result is as if nothing had failed. Never a crash, a leak, or a wrong result.
 */
enum { CALLS_MAX = 2000 };

static void look_alike(struct world *w, char *path)
{
	/* a shell script that answers as a Python would: starting a real one 100 times is slow */
	put(path,
		"#!/bin/sh\nprintf "
		"'<<cvenv-probe-1>>\\000version\\0003.12.1\\000executable\\000%s\\000"
		"pyvenv_cfg\\000\\000base\\000%s\\000home\\000%s\\000implementation\\000x\\000"
		"cache_tag\\000\\000magic\\000cafe\\000abiflags\\000\\000free_threaded\\0000\\000"
		"bits64\\0001\\000stdlib\\000/lib\\000platlibdir\\000lib\\000libpython\\000\\000"
		"libpython_dest\\000\\000pip_wheel\\000%s\\000setuptools_wheel\\000\\000"
		"windows\\0000\\000machine\\000\\000copies\\000\\000links\\000\\000"
		"launcher_mtime\\0000\\000init_tcl\\000\\000venv\\000\\000"
		"pre\\000\\000debug\\0000\\000platform\\000linux-x86_64-gnu\\000"
		"cfg_python_version\\0000\\000"
		"wheel_dir\\000\\000loaded\\000\\000sysconfigdata\\000\\000scheme_include\\000\\000"
		"scheme_purelib\\000\\000scheme_platlib\\000\\000scheme_scripts\\000\\000"
		"<<cvenv-end>>\\000' \"$0\" \"$0\" \"${0%/*}\" "
		"\"${0%/*}/pip-1-py3-none-any.whl\"\n",
		0755);
	put(at(w, "bin/pip-1-py3-none-any.whl"), "not much", 0644);
}

/* with memory the shim leads to 3.12.10; without, nowhere else */
static void test_shim(void **state)
{
	struct world *w = *state;
	char *shim = at(w, "home/.pyenv/shims/python3");
	char *want = at(w, "home/.pyenv/versions/3.12.10/bin/python3");
	bool met = true;
	int n;

	put_fake(shim);
	put_fake(want);
	put_fake(at(w, "home/.pyenv/versions/3.12.4/bin/python3"));
	put_fake(at(w, "bin/python3"));
	put(at(w, "cwd/.python-version"), "3.12\n", 0644);
	w->ctx.log = NULL;
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		char *exe;
		char *path = cv_strdup(&arena, cv_str(shim));
		int rc;

		fault_arm(n, ENOMEM);
		exe = path;
		rc = path ? cv_exe_check(path) : -ENOMEM;
		if (rc == 0)
			rc = cv_shim_resolve(&w->ctx, &arena, &exe, NULL, &w->err);
		met = fault_disarm();
		if (met && strstr("malloc calloc realloc", fault_name()) && rc == 0)
			continue; /* the C library did without */
		if (met && strstr("malloc calloc realloc", fault_name()))
			assert_int_equal(rc, -ENOMEM);
		if (!met && rc != 0)
			fail_msg("%s", w->err.message);
		if (!met)
			assert_string_equal(exe, want);
	}
	assert_true(n > 3 && n < CALLS_MAX);
}

static void test_find_and_probe(void **state)
{
	struct world *w = *state;
	char *python = at(w, "bin/python3");
	bool met = true;
	int n;

	look_alike(w, python);
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_info info = { 0 };
		char *got;
		int rc;

		fault_arm(n, ENOMEM);
		rc = cv_python_find(&w->ctx, &arena, NULL, NULL, &got, &w->err);
		rc = rc < 0 ? rc : cv_probe(&w->ctx, &arena, got, 20000, NULL, &info, &w->err);
		met = fault_disarm();
		if (rc < 0) {
			if (!met)
				fail_msg("%s", w->err.message);
			assert_int_equal(rc, -w->err.code);
			assert_true(w->err.message[0] != '\0');
			continue;
		}
		assert_string_equal(info.path, python);
		assert_string_equal(info.version, "3.12.1");
		if (!met)
			assert_int_equal(strlen(info.pip_sha256), 64);
	}
	assert_true(n > 10 && n < CALLS_MAX);
}

static void test_find_a_range(void **state)
{
	struct world *w = *state;
	char *python = at(w, "bin/python3.12");
	bool met = true;
	int n;

	look_alike(w, python);
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		char *got;
		int rc;

		fault_arm(n, ENOMEM);
		rc = cv_python_find(&w->ctx, &arena, ">=3.12,<3.13", NULL, &got, &w->err);
		met = fault_disarm();
		if (rc < 0) {
			if (!met)
				fail_msg("%s", w->err.message);
			assert_int_equal(rc, -w->err.code);
			assert_true(w->err.message[0] != '\0');
			continue;
		}
		assert_string_equal(got, python);
	}
	assert_true(n > 10 && n < CALLS_MAX);
}

/* A wheel or a version file that cannot be read is an error: not "no wheel", not another version.
 */
static void test_read_errors_are_told(void **state)
{
	struct world *w = *state;
	char *python = at(w, "bin/python3");
	char *shim = at(w, "home/.pyenv/shims/python3");
	char *want = at(w, "home/.pyenv/versions/3.12.10/bin/python3");
	bool met = true;
	int told = 0, n;

	look_alike(w, python);
	put_fake(shim);
	put_fake(want);
	put_fake(at(w, "home/.pyenv/versions/3.12.12/bin/python3"));
	put(at(w, "cwd/.python-version"), "3.12.10\n", 0644);
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_info info = { 0 };
		char *exe;
		int rc, found;

		fault_arm(n, EIO);
		rc = cv_probe(&w->ctx, &arena, python, 20000, NULL, &info, &w->err);
		exe = shim;
		found = cv_exe_check(exe);
		if (found == 0)
			found = cv_shim_resolve(&w->ctx, &arena, &exe, NULL, &w->err);
		met = fault_disarm();
		told += rc == -EIO || found == -EIO;
		if (rc == 0 && strlen(info.pip_sha256) != 64)
			fail_msg("no wheel after %s", fault_name());
		/* A shim that cannot be stat'ed is run like any other program. */
		if (found == 0 && strcmp(exe, want) != 0 && !strstr(fault_name(), "stat"))
			fail_msg("%s after %s", exe, fault_name());
	}
	assert_true(told > 2 && n < CALLS_MAX);
}

static void test_info(void **state)
{
	struct world *w = *state;
	char *python = at(w, "bin/python3");
	struct cv_buf text OWN_BUF = { 0 };
	struct cv_info info;
	bool met = true;
	int n;

	look_alike(w, python);
	must(w, cv_probe(&w->ctx, &w->arena, python, 20000, NULL, &info, &w->err));
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_buf b OWN_BUF = { 0 };

		fault_arm(n, ENOMEM);
		cv_info_encode(&b, &info);
		met = fault_disarm();
		assert_int_equal(b.bad, met);
	}
	assert_true(n > 2 && n < CALLS_MAX);
	cv_info_encode(&text, &info);
	met = true;
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_info back;
		bool ok;

		fault_arm(n, ENOMEM);
		ok = cv_info_decode(&arena, cv_buf_slice(&text), &back);
		met = fault_disarm();
		assert_int_equal(ok, !met);
	}
	assert_true(n > 1 && n < CALLS_MAX);
}

static int tell(void *data, const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	(void)data;
	(void)err;
	*ret = (struct cv_info){ .version = "3.11.4",
		.pre = "",
		.implementation = "cpython",
		.platform = "",
		.path = path,
		.major = 3,
		.minor = 11,
		.micro = 4 };
	return 0;
}

/* The Python of the project, or an error; never silently another one. */
static void chooses(struct world *w, const char *python, const char *want)
{
	const struct cvenv_options options = { .python = python };
	const struct cv_prober prober = { tell, NULL };
	bool met = true;
	int n;

	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_chosen chosen;
		int rc;

		w->err = (struct cvenv_error){ 0 };
		fault_arm(n, ENOMEM);
		rc = cv_choose_python(&w->ctx, &arena, &options, &prober, &chosen, &w->err);
		met = fault_disarm();
		if (rc < 0) {
			if (!met)
				fail_msg("%s", w->err.message);
			assert_int_equal(rc, -w->err.code);
			assert_true(w->err.message[0] != '\0');
			continue;
		}
		assert_string_equal(chosen.path, want);
	}
	assert_true(n > 10 && n < CALLS_MAX);
}

static void test_choose(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "bin/python3"));
	put_fake(at(w, "bin/python3.11"));
	put(at(w, "cwd/.python-version"), "3.11\nmyenv\n", 0644);
	put(at(w, "pyproject.toml"), "[project]\nrequires-python = '>=3.11'\n", 0644);
	w->ctx.log = NULL;
	chooses(w, NULL, at(w, "bin/python3.11"));
	chooses(w, "project", at(w, "bin/python3.11"));
}

/* Without memory nothing is lost silently; a place that cannot be read is skipped. */
static void test_candidates(void **state)
{
	struct world *w = *state;
	bool met = true;
	int n;

	world_env(w, "PYENV_VERSION", "3.12.1");
	world_env(w, "PATH", "%s:%s", at(w, "home/.pyenv/shims"), at(w, "bin"));
	put_fake(at(w, "home/.pyenv/shims/python3.12"));
	put_fake(at(w, "home/.pyenv/versions/3.12.1/bin/python3.12"));
	put_fake(at(w, "home/.pyenv/versions/pypy3.10-7.3/bin/pypy3"));
	put_fake(at(w, "bin/python3.9"));
	for (n = 1; met && n < CALLS_MAX; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		const struct cv_candidate *list;
		struct cv_candidates *c;
		size_t count, total = 0;
		int rc;

		fault_arm(n, ENOMEM);
		rc = cv_candidates(&w->ctx, &arena, &c);
		while (rc >= 0 && (rc = cv_candidates_next(c, &list, &count)) > 0)
			total += count;
		met = fault_disarm();
		if (rc == 0 && total != 3 && strstr(fault_name(), "alloc"))
			fail_msg("%zu after %s", total, fault_name());
		assert_true(rc == 0 || rc == -ENOMEM);
	}
	assert_true(n > 20 && n < CALLS_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_shim),
		T(test_find_and_probe),
		T(test_find_a_range),
		T(test_choose),
		T(test_read_errors_are_told),
		T(test_info),
		T(test_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
