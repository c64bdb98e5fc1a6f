/* SPDX-License-Identifier: MIT */
#include "interpreter/candidates.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "help.h"

/* All candidates as text: "bin/python3.12 3.12.*; bin/python | other/python3.9 3.9.*". */
static const char *all(struct world *w)
{
	OWN_BUF struct cv_buf b = { 0 };
	struct cv_candidates *c;
	const struct cv_candidate *list;
	size_t count, place = 0;
	int rc = cv_candidates(&w->ctx, &w->arena, &c);

	while (rc >= 0 && (rc = cv_candidates_next(c, &list, &count)) > 0) {
		cv_buf_cstr(&b, place ? " | " : "");
		for (size_t i = 0; i < count; i++) {
			const struct cv_pyversion *v = &list[i].said;

			assert_int_equal(list[i].place, place);
			cv_buf_addf(&b, "%s%s", i ? "; " : "",
				strncmp(list[i].path, w->dir, strlen(w->dir)) == 0
					? list[i].path + strlen(w->dir) + 1
					: list[i].path);
			if (v->minor != CV_VERSION_ANY)
				cv_buf_addf(&b, " %d.%d", v->major, v->minor);
			if (v->micro != CV_VERSION_ANY)
				cv_buf_addf(&b, ".%d", v->micro);
			cv_buf_addf(&b, "%s%s%s%s", v->free_threaded ? " t" : "",
				list[i].debug ? " d" : "", list[i].implementation ? " " : "",
				list[i].implementation ? list[i].implementation : "");
		}
		place++;
	}
	assert_int_equal(rc, 0);
	return cv_strfmt(&w->arena, "%s", b.p ? b.p : "");
}

static const char *origin_of_first(struct world *w)
{
	struct cv_candidates *c;
	const struct cv_candidate *list = NULL;
	size_t count;

	must(w, cv_candidates(&w->ctx, &w->arena, &c));
	assert_int_equal(cv_candidates_next(c, &list, &count), 1);
	return list[0].origin;
}

static void test_nothing_is_found_without_places(void **state)
{
	struct world *w = *state;

	w->env[0] = NULL;
	assert_string_equal(all(w), "");
	world_env(w, "PATH", "%s:/dev/null:%s", at(w, "missing"), "/dev/null/x");
	assert_string_equal(all(w), "");
}

static void test_names_of_commands(void **state)
{
	static const char *const others[] = { "python2", "python2.7", "python3.6",
		"python3.11-config", "python3-config", "python4", "pythonw", "ipython3",
		"python3.x", "python3.12.1.2", "pypy2", "python-3.9", "pydoc3", "graalpyx" };
	struct world *w = *state;

	world_env(w, "PATH", "%s", at(w, "bin"));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		put_fake(at(w, "bin/%s", others[i]));
	assert_string_equal(all(w), "");
	put_fake(at(w, "bin/python"));
	assert_string_equal(all(w), "bin/python");
	assert_string_equal(origin_of_first(w), at(w, "bin"));
	unlink(at(w, "bin/python"));
	put_fake(at(w, "bin/python3.9"));
	put_fake(at(w, "bin/python3.10"));
	put_fake(at(w, "bin/python3.14t"));
	put_fake(at(w, "bin/python3.13d"));
	put_fake(at(w, "bin/python3.13td"));
	put_fake(at(w, "bin/pypy3.11"));
	put_fake(at(w, "bin/graalpy"));
	assert_string_equal(all(w),
		"bin/graalpy graalpy; bin/python3.14t 3.14 t; bin/python3.13d 3.13 d; "
		"bin/python3.13td 3.13 t d; bin/pypy3.11 3.11 pypy; bin/python3.10 3.10; "
		"bin/python3.9 3.9");
}

static void test_links_are_one_candidate_with_the_best_name(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s:%s:%s:%s", at(w, "env/bin"), at(w, "bin"), at(w, "bin"),
		at(w, "same"));
	put_fake(at(w, "real/python-real"));
	make_dirs(at(w, "bin"));
	make_link("bin", at(w, "same"));
	make_link("../real/python-real", at(w, "bin/python3.12"));
	make_link("python3.12", at(w, "bin/python3"));
	make_link("python3", at(w, "bin/python"));
	assert_string_equal(all(w), "bin/python3.12 3.12");
	/* the first place counts */
	make_dirs(at(w, "env/bin"));
	make_link("../../bin/python3", at(w, "env/bin/python"));
	assert_string_equal(all(w), "env/bin/python");
	/* a program that acts by its name */
	make_link("../real/python-real", at(w, "bin/python3.11"));
	unlink(at(w, "env/bin/python"));
	make_link("../../bin/python3", at(w, "env/bin/python3.12"));
	assert_string_equal(all(w), "env/bin/python3.12 3.12 | bin/python3.11 3.11");
}

static void test_what_is_no_executable_is_left_out(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s", at(w, "bin"));
	make_dirs(at(w, "bin/python3.8"));
	put(at(w, "bin/python3.9"), "text", 0644);
	make_link("nowhere", at(w, "bin/python3.10"));
	make_link("python3.11", at(w, "bin/python3.11"));
	make_link(".", at(w, "bin/python3.12"));
	assert_int_equal(mkfifo(at(w, "bin/python3.13"), 0755), 0);
	assert_string_equal(all(w), "");
	put_fake(at(w, "bin/python3"));
	assert_string_equal(all(w), "bin/python3");
}

static void test_managers_are_one_place_after_path(void **state)
{
	struct world *w = *state;

	world_env(w, "HOME", "%s", w->dir);
	world_env(w, "PATH", "%s", at(w, "bin"));
	put_fake(at(w, ".pyenv/versions/3.12.1/bin/python3.12"));
	put_fake(at(w, ".pyenv/versions/3.7.1/bin/python3.7"));
	put_fake(at(w, ".pyenv/versions/2.7.18/bin/python2.7"));
	put_fake(at(w, ".pyenv/versions/3.15.0a1/bin/python3.15"));
	put_fake(at(w, ".pyenv/versions/miniconda3-latest/bin/python3"));
	put_fake(at(w, ".pyenv/versions/pypy3.10-7.3.17/bin/python3.10"));
	put_fake(at(w, ".asdf/installs/python/3.13.0t/bin/python3.13t"));
	put_fake(at(w, ".local/share/uv/python/cpython-3.11.9-linux-x86_64-gnu/bin/python3.11"));
	make_link("cpython-3.11.9-linux-x86_64-gnu",
		at(w, ".local/share/uv/python/cpython-3.11-linux-x86_64-gnu"));
	put_fake(at(w, "bin/python3"));
	assert_string_equal(all(w),
		"bin/python3 | .pyenv/versions/miniconda3-latest/bin/python3; "
		".pyenv/versions/3.15.0a1/bin/python3.15 3.15.0; "
		".asdf/installs/python/3.13.0t/bin/python3.13t 3.13.0 t cpython; "
		".pyenv/versions/3.12.1/bin/python3.12 3.12.1 cpython; "
		".local/share/uv/python/cpython-3.11.9-linux-x86_64-gnu/bin/python3.11 3.11.9 "
		"cpython; "
		".pyenv/versions/pypy3.10-7.3.17/bin/python3.10 3.10 pypy");
}

static void test_shims_are_resolved_and_counted_once(void **state)
{
	struct world *w = *state;

	world_env(w, "HOME", "%s", w->dir);
	world_env(w, "PATH", "%s:%s", at(w, ".pyenv/shims"), at(w, "bin"));
	world_env(w, "PYENV_VERSION", "3.11.7");
	put_fake(at(w, ".pyenv/shims/python3"));
	put_fake(at(w, ".pyenv/shims/python3.11"));
	put_fake(at(w, ".pyenv/shims/python3.12"));
	put_fake(at(w, ".pyenv/versions/3.11.7/bin/python3.11"));
	make_link("python3.11", at(w, ".pyenv/versions/3.11.7/bin/python3"));
	put_fake(at(w, ".pyenv/versions/3.12.1/bin/python3.12"));
	put_fake(at(w, "bin/python3.9"));
	assert_string_equal(all(w),
		".pyenv/versions/3.11.7/bin/python3.11 3.11.7 | bin/python3.9 3.9 | "
		".pyenv/versions/3.12.1/bin/python3.12 3.12.1 cpython");
	assert_string_equal(origin_of_first(w), "pyenv");
	world_env(w, "PYENV_VERSION", "system:3.12.1:3.11.7:../../bin");
	assert_string_equal(all(w),
		".pyenv/versions/3.12.1/bin/python3.12 3.12.1; "
		".pyenv/versions/3.11.7/bin/python3.11 3.11.7 | bin/python3.9 3.9");
	/* no warning of shims that nobody asked for */
	world_env(w, "PYENV_VERSION", "3.10.0");
	assert_string_equal(all(w),
		"bin/python3.9 3.9 | .pyenv/versions/3.12.1/bin/python3.12 3.12.1 cpython; "
		".pyenv/versions/3.11.7/bin/python3.11 3.11.7 cpython");
	assert_string_equal(w->log, "");
}

static void test_long_path_is_bounded(void **state)
{
	OWN_BUF struct cv_buf path = { 0 };
	struct world *w = *state;

	cv_buf_cstr(&path, "PATH=");
	for (int i = 0; i < 10000; i++)
		cv_buf_addf(&path, "%s/%s:", w->dir, i % 3 ? i % 2 ? "bin" : "./bin//" : "none");
	cv_buf_cstr(&path, at(w, "last"));
	w->env[0] = path.p; /* too long for world_env() */
	w->env[1] = NULL;
	put_fake(at(w, "bin/python3.9"));
	put_fake(at(w, "last/python3.10"));
	assert_string_equal(all(w), "bin/python3.9 3.9 | last/python3.10 3.10");
}

/* Large directories are not listed. */
static void test_directory_with_many_files(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s", at(w, "bin"));
	make_dirs(at(w, "bin"));
	for (int i = 0; i < 2000; i++)
		make_link("nowhere", at(w, "bin/a-file-with-a-long-name-%d", i));
	put_fake(at(w, "bin/python3.14t"));
	put_fake(at(w, "bin/python3.9"));
	put_fake(at(w, "bin/graalpy"));
	put_fake(at(w, "bin/pypy3.10"));
	assert_string_equal(all(w),
		"bin/graalpy graalpy; bin/python3.14t 3.14 t; bin/pypy3.10 3.10 pypy; "
		"bin/python3.9 3.9");
}

static void test_stop_ends_the_search(void **state)
{
	static const volatile int stop = 1;
	struct world *w = *state;
	struct cv_candidates *c;
	const struct cv_candidate *list;
	size_t count;

	world_env(w, "PATH", "%s", at(w, "bin"));
	put_fake(at(w, "bin/python3"));
	w->ctx.stop = &stop;
	must(w, cv_candidates(&w->ctx, &w->arena, &c));
	assert_int_equal(cv_candidates_next(c, &list, &count), -EINTR);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nothing_is_found_without_places),
		T(test_names_of_commands),
		T(test_links_are_one_candidate_with_the_best_name),
		T(test_what_is_no_executable_is_left_out),
		T(test_managers_are_one_place_after_path),
		T(test_shims_are_resolved_and_counted_once),
		T(test_long_path_is_bounded),
		T(test_directory_with_many_files),
		T(test_stop_ends_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
