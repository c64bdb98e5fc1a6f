/* SPDX-License-Identifier: MIT */
#include "interpreter/find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "help.h"
#include "interpreter/version.h"

/*
 * Finding goes by names, places and modes, so the interpreters here are shell scripts; where
 * find has to run a candidate, this replaces the probe: "python is 3.12.1". Versions that are
 * installed are what their directories say, if nothing else is told.
 */
enum { TOLD_MAX = 16 };

struct told {
	const char *path, *version;
};

struct oracle {
	struct told told[TOLD_MAX];
	int asked;
	int fail_with;
};

/* "3.12.4", "3.13.0td", "3.15.0b1", "pypy 3.10.14" */
static void answer(const char *version, struct cv_info *ret)
{
	static char text[64][TOLD_MAX];
	static int turn;
	const char *digits = version + strcspn(version, "0123456789"), *rest;
	int n = 0;

	*ret = (struct cv_info){ .implementation = "cpython", .platform = "linux-x86_64-gnu" };
	if (strncmp(version, "pypy", 4) == 0)
		ret->implementation = "pypy";
	if (strncmp(version, "graalpy", 7) == 0)
		ret->implementation = "graalpy";
	if (sscanf(digits, "%u.%u.%u%n", &ret->major, &ret->minor, &ret->micro, &n) != 3)
		fail_msg("told '%s'", version);
	turn = (turn + 1) % 64;
	(void)snprintf(text[turn], TOLD_MAX, "%.*s", n, digits);
	ret->version = text[turn];
	rest = digits + n;
	ret->pre = rest[0] == 'b' || rest[0] == 'r' ? rest : "";
	ret->free_threaded = strchr(rest, 't');
	ret->debug = strchr(rest, 'd');
	ret->bits64 = true;
}

/* What the directory of an installed version says: ".../3.12.4/bin/python3.12". */
static bool of_dir(const char *path, struct cv_info *ret)
{
	char version[64], *dir = strdup(path), *end = strstr(dir, "/bin/python");
	struct cv_pyversion v = { 0 };
	bool ok;

	if (end)
		*end = '\0';
	ok = end && cv_pyversion_of_dir(cv_str(strrchr(dir, '/') + 1), &v);
	free(dir);
	(void)snprintf(version, sizeof(version), "%d.%d.%d%s", v.major, v.minor, v.micro,
		v.free_threaded ? "t" : "");
	if (ok)
		answer(version, ret);
	return ok;
}

static int tell(void *data, const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	struct oracle *o = data;

	o->asked++;
	if (o->fail_with)
		return cv_fail(err, o->fail_with, "asking '%s'", path);
	for (size_t i = 0; i < TOLD_MAX && o->told[i].path; i++)
		if (strcmp(o->told[i].path, path) == 0) {
			answer(o->told[i].version, ret);
			return 0;
		}
	if (of_dir(path, ret))
		return 0;
	return cv_fail(err, CVENV_EPYTHON, "'%s'", path);
}

static struct oracle oracle;
static const struct cv_prober prober = { tell, &oracle };

static int setup(void **state)
{
	oracle = (struct oracle){ 0 };
	return world_setup(state);
}

static void finds(struct world *w, const char *spec, const char *want)
{
	char *got = NULL;
	int rc = cv_python_find(&w->ctx, &w->arena, spec, &prober, &got, &w->err);

	if (rc != 0)
		fail_msg("%s: %s", spec ? spec : "(default)", w->err.message);
	assert_string_equal(got, want);
}

static void fails(struct world *w, const char *spec, int code, const char *msg)
{
	char *got = NULL;
	int rc = cv_python_find(&w->ctx, &w->arena, spec, &prober, &got, &w->err);

	if (rc == 0)
		fail_msg("%s: found %s", spec, got);
	assert_int_equal(rc, -code);
	assert_string_equal(w->err.message, msg);
}

static void test_default_is_python3_then_python(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s:%s", at(w, "one"), at(w, "two"));
	fails(w, NULL, CVENV_ENOPYTHON, "no python3 or python found on PATH");
	put_fake(at(w, "one/python"));
	finds(w, NULL, at(w, "one/python"));
	put_fake(at(w, "two/python3"));
	finds(w, NULL, at(w, "two/python3")); /* python3 anywhere goes before python */
	put_fake(at(w, "one/python3"));
	finds(w, NULL, at(w, "one/python3"));
	assert_int_equal(oracle.asked, 0);
}

static void test_path_as_given(void **state)
{
	struct world *w = *state;
	char want[256];

	put_fake(at(w, "cwd/py"));
	put_fake(at(w, "real/python3.12"));
	make_link("../real/python3.12", at(w, "links/mypython"));
	finds(w, "./py", at(w, "cwd/py"));
	finds(w, "../cwd//./py", at(w, "cwd/py"));
	finds(w, at(w, "links/mypython"), at(w, "links/mypython")); /* links stay */

	(void)snprintf(want, sizeof(want),
		"cannot use '%s/cwd/none' as a Python: No such file or directory", w->dir);
	fails(w, "./none", ENOENT, want);
	(void)snprintf(
		want, sizeof(want), "cannot use '%s/cwd' as a Python: Is a directory", w->dir);
	fails(w, "./", EISDIR, want);
	assert_string_equal(w->err.hint, "it has no bin/python3");
	put_fake(at(w, "env/bin/python"));
	finds(w, "../env", at(w, "env/bin/python"));
	put_fake(at(w, "env/bin/python3"));
	finds(w, at(w, "env"), at(w, "env/bin/python3"));
	put(at(w, "cwd/text"), "text", 0644);
	(void)snprintf(want, sizeof(want),
		"cannot use '%s/cwd/text' as a Python: Permission denied", w->dir);
	fails(w, "./text", EACCES, want);
	fails(w, "", CVENV_ENOPYTHON, "no '' found on PATH");
	w->ctx.cwd = NULL;
	fails(w, "./py", ENOENT,
		"cannot find './py' without a current directory: No such file or directory");
}

static void test_what_is_no_executable_is_passed_over(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s:%s:%s:%s:%s", at(w, "missing"), at(w, "dir"), at(w, "text"),
		at(w, "dangling"), at(w, "good"));
	make_dirs(at(w, "dir/python3"));
	put(at(w, "text/python3"), "text", 0644);
	make_link("nowhere", at(w, "dangling/python3"));
	put_fake(at(w, "good/python3"));
	finds(w, NULL, at(w, "good/python3"));
}

/* Files that look like a Python, but are none. */
static void test_what_is_no_name(void **state)
{
	static const char *const specs[] = { "3.12.*", "pypy@", "^3.12", "3.11,", "" };
	struct world *w = *state;
	char want[64];

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		(void)snprintf(want, sizeof(want), "no '%s' found on PATH", specs[i]);
		fails(w, specs[i], CVENV_ENOPYTHON, want);
		assert_string_equal(w->err.hint,
			"give a path, the name of a command, a version such as 3.12, or a range in "
			"quotes such as '>=3.11,<3.14'");
	}
	fails(w, "nosuch", CVENV_ENOPYTHON, "no 'nosuch' found on PATH");
	assert_string_equal(w->err.hint, "install it, or give its path");
}

static void test_odd_entries_of_path(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "cwd/here"));
	put_fake(at(w, "cwd/sub/there"));
	world_env(w, "PATH", ":sub");
	finds(w, "here", at(w, "cwd/here"));
	finds(w, "there", at(w, "cwd/sub/there"));
	world_env(w, "PATH", "/nowhere:");
	finds(w, "here", at(w, "cwd/here"));
	world_env(w, "PATH", "../cwd/./sub/");
	finds(w, "there", at(w, "cwd/sub/there"));
	world_env(w, "PATH", "%s", "");
	fails(w, "here", CVENV_ENOPYTHON, "no 'here' found on PATH");
	world_env(w, "PATH", ":sub:%s", at(w, "cwd/sub"));
	w->ctx.cwd = NULL; /* gone: only absolute entries are left */
	fails(w, "here", CVENV_ENOPYTHON, "no 'here' found on PATH");
	finds(w, "there", at(w, "cwd/sub/there"));
}

static void test_version_by_name(void **state)
{
	struct world *w = *state;
	char want[256];

	put_fake(at(w, "bin/python3.12"));
	put_fake(at(w, "bin/python3.13t"));
	oracle.told[0] = (struct told){ at(w, "bin/python3.12"), "3.12.4" };
	oracle.told[1] = (struct told){ at(w, "bin/python3.13t"), "3.13.0t" };
	oracle.told[2] = (struct told){ at(w, "bin/python3"), "3.11.2" };
	finds(w, "3.12", at(w, "bin/python3.12"));
	finds(w, "python3.12", at(w, "bin/python3.12"));
	finds(w, "3.13t", at(w, "bin/python3.13t"));
	fails(w, "3.13", CVENV_ENOPYTHON, "no Python 3.13 found");
	(void)snprintf(want, sizeof(want), "installed versions: 3.13.0t (%s/bin), 3.12.4 (%s/bin)",
		w->dir, w->dir);
	assert_string_equal(w->err.hint, want);
	fails(w, "python3.9", CVENV_ENOPYTHON, "no python3.9 found");
	put_fake(at(w, "bin/python3"));
	finds(w, "3", at(w, "bin/python3"));
	finds(w, "python3", at(w, "bin/python3"));
	fails(w, "3.7", CVENV_EPYTHON, "cannot use Python '3.7'");
	assert_string_equal(w->err.hint, "cvenv needs 3.8 or later");
	fails(w, "python2", CVENV_EPYTHON, "cannot use Python 'python2'");

	/* one that only has the name is none; one that does not work is the reason */
	oracle.told[0].version = "3.13.0";
	fails(w, "3.12", CVENV_ENOPYTHON, "no Python 3.12 found");
	oracle.told[0].path = "/nowhere";
	(void)snprintf(want, sizeof(want),
		"no Python 3.12 found: '%s/bin/python3.12': not a usable Python", w->dir);
	fails(w, "3.12", CVENV_EPYTHON, want);
	world_env(w, "PATH", "%s:%s", at(w, "bin"), at(w, "more"));
	put_fake(at(w, "more/python3.12"));
	oracle.told[0] = (struct told){ at(w, "more/python3.12"), "3.12.4" };
	finds(w, "3.12", at(w, "more/python3.12"));
}

static void test_version_that_only_asking_tells(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "bin/python3.12"));
	put_fake(at(w, "bin/python3"));
	put_fake(at(w, "bin/python"));
	oracle.told[0] = (struct told){ at(w, "bin/python3.12"), "3.12.4" };
	oracle.told[1] = (struct told){ at(w, "bin/python3"), "3.11.2" };
	oracle.told[2] = (struct told){ at(w, "bin/python"), "3.10.9" };
	finds(w, "3.12.4", at(w, "bin/python3.12"));
	fails(w, "3.12.5", CVENV_ENOPYTHON, "no Python 3.12.5 found");
	finds(w, "3.11", at(w, "bin/python3"));
	finds(w, "3.10.9", at(w, "bin/python"));
	fails(w, "3.11t", CVENV_ENOPYTHON, "no Python 3.11t found");
	oracle.told[1].version = "3.13.0t";
	fails(w, "3.13", CVENV_ENOPYTHON,
		"no Python 3.13 found"); /* not the build that was meant */
	finds(w, "3.13t", at(w, "bin/python3"));
}

/* a candidate that cannot be asked is no match; being stopped is no answer */
static void test_asking_fails(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "bin/python3"));
	oracle.fail_with = CVENV_EPYTHON;
	fails(w, "3.11", CVENV_ENOPYTHON, "no Python 3.11 found");
	assert_non_null(strstr(w->log, "skipped: "));
	oracle.fail_with = EINTR;
	oracle.asked = 0;
	assert_int_equal(
		cv_python_find(&w->ctx, &w->arena, "3.11", &prober, &(char *){ NULL }, &w->err),
		-EINTR);
	assert_int_equal(oracle.asked, 1);
}

/* Told paths are kept: at() has an arena. */
static void has(struct world *w, const char *path, const char *version)
{
	size_t i = 0;

	put_fake(at(w, "%s", path));
	while (oracle.told[i].path)
		assert_true(++i < TOLD_MAX - 1);
	oracle.told[i] = (struct told){ at(w, "%s", path), version };
}

static void test_range(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s:%s", at(w, "one"), at(w, "two"));
	has(w, "one/python3.11", "3.11.9");
	has(w, "one/python3.9", "3.9.1");
	has(w, "two/python3.13", "3.13.0");
	has(w, "two/python3.12", "3.12.4");
	has(w, "home/.pyenv/versions/3.14.2/bin/python3.14", "3.14.2");
	finds(w, ">=3.8", at(w, "one/python3.11")); /* the earliest place, the highest version */
	finds(w, ">=3.8,<3.11", at(w, "one/python3.9"));
	finds(w, ">=3.12", at(w, "two/python3.13"));
	finds(w, ">=3.12,<3.13", at(w, "two/python3.12"));
	finds(w, "~=3.12.1", at(w, "two/python3.12"));
	finds(w, "==3.14.*", at(w, "home/.pyenv/versions/3.14.2/bin/python3.14"));
	finds(w, "cpython >= 3.14", at(w, "home/.pyenv/versions/3.14.2/bin/python3.14"));
	finds(w, ">=3.8,!=3.11.*,!=3.9.1", at(w, "two/python3.13"));
	fails(w, ">=3.15", CVENV_ENOPYTHON, "no Python >=3.15 found");
	fails(w, "==3.12", CVENV_ENOPYTHON, "no Python ==3.12 found");
	fails(w, "pypy>=3.8", CVENV_ENOPYTHON, "no pypy>=3.8 found");
	fails(w, ">=3.13t", CVENV_ENOPYTHON, "no Python >=3.13t found");
	fails(w, ">=3.x", CVENV_EUSAGE, "'>=3.x' is not a valid range of versions");

	/* the best of a place is known after few of its interpreters were asked */
	oracle.asked = 0;
	finds(w, ">=3.8", at(w, "one/python3.11"));
	assert_int_equal(oracle.asked, 1);

	/* names lie, and some do not work */
	has(w, "one/python3.15", "3.10.2");
	put_fake(at(w, "one/python3.16"));
	finds(w, ">=3.8", at(w, "one/python3.11"));
	fails(w, ">=3.15", CVENV_ENOPYTHON, "no Python >=3.15 found");
}

static void test_builds_and_implementations(void **state)
{
	struct world *w = *state;

	has(w, "bin/python3.13", "3.13.1d");
	has(w, "bin/python3.12", "3.12.4");
	has(w, "bin/python3.13t", "3.13.1t");
	has(w, "bin/pypy3.10", "pypy 3.10.14");
	has(w, "bin/pypy3", "pypy 3.9.18");
	finds(w, "3.13d", at(w, "bin/python3.13"));
	finds(w, "3.13-debug", at(w, "bin/python3.13"));
	finds(w, "3.13+debug", at(w, "bin/python3.13"));
	finds(w, "cpython3.13t", at(w, "bin/python3.13t"));
	finds(w, "cpython-3.13+freethreaded-linux-x86_64-gnu", at(w, "bin/python3.13t"));
	finds(w, ">=3.8t", at(w, "bin/python3.13t"));
	finds(w, "pypy3.10", at(w, "bin/pypy3.10"));
	finds(w, "pypy3", at(w, "bin/pypy3")); /* a command of that name */
	finds(w, "pypy", at(w, "bin/pypy3.10"));
	finds(w, "pypy>=3.8", at(w, "bin/pypy3.10"));
	finds(w, "pp39", at(w, "bin/pypy3"));
	finds(w, "cpython", at(w, "bin/python3.13"));
	finds(w, "cpython<3.13", at(w, "bin/python3.12"));
	fails(w, "cpython3.10", CVENV_ENOPYTHON, "no cpython3.10 found");
	fails(w, "graalpy", CVENV_ENOPYTHON, "no graalpy found");
	fails(w, "cpython-3.12-linux-x86_64-musl", CVENV_ENOPYTHON,
		"no cpython-3.12-linux-x86_64-musl found");
	fails(w, "3.12-32", CVENV_ENOPYTHON, "no Python 3.12-32 found");
	has(w, "bin/graalpy", "graalpy 3.11.7");
	finds(w, "graalpy", at(w, "bin/graalpy"));
	finds(w, "graalpy3.11", at(w, "bin/graalpy"));
	finds(w, "graalpy>=3.11", at(w, "bin/graalpy"));
	fails(w, "graalpy3.12", CVENV_ENOPYTHON, "no graalpy3.12 found");
	has(w, "bin/python3", "3.12.4"); /* of equal versions not the debug build */
	has(w, "bin/python", "3.12.4d");
	finds(w, "==3.12.4", at(w, "bin/python3"));
}

static void test_pre_releases(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s:%s", at(w, "one"), at(w, "two"));
	has(w, "one/python3.15", "3.15.0b1");
	finds(w, "3.15", at(w, "one/python3.15"));
	finds(w, "cpython", at(w, "one/python3.15"));
	finds(w, "3.15.0b1", at(w, "one/python3.15"));
	finds(w, ">=3.15.0a1", at(w, "one/python3.15"));
	fails(w, "3.15.0", CVENV_ENOPYTHON, "no Python 3.15.0 found");
	fails(w, ">=3.14", CVENV_ENOPYTHON, "no Python >=3.14 found");
	has(w, "two/python3.15", "3.15.0"); /* a final release anywhere is better */
	finds(w, "3.15", at(w, "two/python3.15"));
	finds(w, "cpython", at(w, "two/python3.15"));
	finds(w, ">=3.14", at(w, "two/python3.15"));
	finds(w, ">=3.15.0b1", at(w, "one/python3.15"));
}

static void check_exe(struct world *w, const char *path, int code)
{
	assert_int_equal(cv_exe_check(at(w, "%s", path)), -code);
}

/* The last of the chain of links, in which the links among the directories are kept. */
static void check_end(struct world *w, const char *path, const char *end)
{
	const char *chain[CV_LINKS_MAX + 1];
	size_t count;

	check_exe(w, path, 0);
	must(w, cv_link_chain(&w->arena, at(w, "%s", path), chain, &count));
	assert_string_equal(chain[count - 1], at(w, "%s", end));
}

static void test_where_links_lead(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "lib/python3.12"));
	check_end(w, "lib/python3.12", "lib/python3.12");
	make_link("python3.12", at(w, "lib/python3"));
	make_link("python3", at(w, "lib/python"));
	check_end(w, "lib/python", "lib/python3.12");
	make_link("lib", at(w, "usr"));
	check_end(w, "usr/python", "usr/python3.12");
	make_link("../usr/python", at(w, "bin/python"));
	check_end(w, "bin/python", "bin/../usr/python3.12");
	make_link(at(w, "bin/python"), at(w, "bin/absolute"));
	check_end(w, "bin/absolute", "bin/../usr/python3.12");
}

static void test_what_is_no_executable(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "lib/python"));
	check_exe(w, "bin/none", ENOENT);
	check_exe(w, "lib/python/x", ENOTDIR);
	make_link("none", at(w, "bin/dangling"));
	check_exe(w, "bin/dangling", ENOENT);
	make_link("loop", at(w, "bin/loop"));
	check_exe(w, "bin/loop", ELOOP);
	check_exe(w, "lib", EISDIR);
	make_link("../lib/", at(w, "bin/slash"));
	check_exe(w, "bin/slash", EISDIR);
	put(at(w, "bin/text"), "", 0644);
	make_link("text", at(w, "bin/to-text"));
	check_exe(w, "bin/to-text", EACCES);
}

static void test_installed_by_managers(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "home/.pyenv/versions/3.12.4/bin/python3.12"));
	put_fake(at(w, "home/.asdf/installs/python/3.12.10/bin/python3.12"));
	put_fake(at(w, "home/.local/share/mise/installs/python/3.11.9/bin/python3.11"));
	put_fake(at(
		w, "home/.local/share/uv/python/cpython-3.14.2-linux-x86_64-gnu/bin/python3.14"));
	put_fake(at(w, "home/.local/share/uv/python/"
		       "cpython-3.14.9+freethreaded-linux-x86_64-gnu/bin/python3.14t"));
	/* newer, but broken or not what a version means */
	make_dirs(at(w, "home/.pyenv/versions/3.12.11/bin"));
	put_fake(at(w, "home/.pyenv/versions/3.12.99-debug/bin/python3.12"));
	put_fake(at(w, "home/.pyenv/versions/pypy3.12-9.9.9/bin/python3.12"));
	finds(w, "3.12", at(w, "home/.asdf/installs/python/3.12.10/bin/python3.12"));
	finds(w, "3.12.4", at(w, "home/.pyenv/versions/3.12.4/bin/python3.12"));
	finds(w, "python3.11",
		at(w, "home/.local/share/mise/installs/python/3.11.9/bin/python3.11"));
	finds(w, "3.14",
		at(w, "home/.local/share/uv/python/cpython-3.14.2-linux-x86_64-gnu/bin/"
		      "python3.14"));
	finds(w, "3.14t",
		at(w, "home/.local/share/uv/python/"
		      "cpython-3.14.9+freethreaded-linux-x86_64-gnu/bin/python3.14t"));
	finds(w, "3",
		at(w, "home/.local/share/uv/python/cpython-3.14.2-linux-x86_64-gnu/bin/"
		      "python3.14"));

	/* a directory that lies */
	oracle.told[0] = (struct told){ at(w, "home/.asdf/installs/python/3.12.10/bin/python3.12"),
		"3.13.0" };
	finds(w, "3.12", at(w, "home/.pyenv/versions/3.12.4/bin/python3.12"));

	put_fake(at(w, "bin/python3.12")); /* PATH goes first */
	oracle.told[0] = (struct told){ at(w, "bin/python3.12"), "3.12.1" };
	finds(w, "3.12", at(w, "bin/python3.12"));

	/* their variables move them */
	world_env(w, "PYENV_ROOT", "%s", at(w, "elsewhere"));
	put_fake(at(w, "elsewhere/versions/3.10.3/bin/python3.10"));
	finds(w, "3.10", at(w, "elsewhere/versions/3.10.3/bin/python3.10"));
	fails(w, "3.12.4", CVENV_ENOPYTHON, "no Python 3.12.4 found");
	assert_non_null(strstr(w->err.hint, "installed versions: 3."));
	assert_non_null(strstr(w->err.hint, ", and others, which"));
	world_env(w, "UV_PYTHON_INSTALL_DIR", "%s", at(w, "uv"));
	put_fake(at(w, "uv/cpython-3.9.1-linux-x86_64-gnu/bin/python3.9"));
	finds(w, "3.9", at(w, "uv/cpython-3.9.1-linux-x86_64-gnu/bin/python3.9"));
	world_env(w, "XDG_DATA_HOME", "%s", at(w, "xdg"));
	put_fake(at(w, "xdg/mise/installs/python/3.8.20/bin/python3.8"));
	finds(w, "3.8", at(w, "xdg/mise/installs/python/3.8.20/bin/python3.8"));
}

/* A shim is the reason only if it would have started the version. */
static void test_shims_of_other_versions(void **state)
{
	struct world *w = *state;
	const char *const others[] = { "3.11.4", "3.11.9", "3.12.8", "myenv", "system",
		"pypy3.10-7.3.17", "../x" };
	const char *const same[] = { "3.12.9", "3.12" };
	char want[400];

	put_fake(at(w, "home/.pyenv/shims/python3.12"));
	put_fake(at(w, "home/.pyenv/versions/3.11.4/bin/python3"));
	world_env(w, "PATH", "%s", at(w, "home/.pyenv/shims"));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		world_env(w, "PYENV_VERSION", "%s", others[i]);
		fails(w, "3.12.9", CVENV_ENOPYTHON, "no Python 3.12.9 found");
		assert_string_equal(w->err.hint, "installed versions: 3.11.4 (pyenv)");
	}
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		world_env(w, "PYENV_VERSION", "%s", same[i]);
		(void)snprintf(want, sizeof(want),
			"no Python 3.12.9 found: '%s' is a shim of pyenv, and its version '%s' is "
			"not installed (set by $PYENV_VERSION)",
			at(w, "home/.pyenv/shims/python3.12"), same[i]);
		fails(w, "3.12.9", CVENV_ENOPYTHON, want);
	}
}

static void test_more_versions_than_are_kept(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 300; i++)
		make_dirs(at(w, "home/.pyenv/versions/3.12.%d", i));
	put_fake(at(w, "home/.pyenv/versions/3.12.299/bin/python3.12"));
	finds(w, "3.12", at(w, "home/.pyenv/versions/3.12.299/bin/python3.12"));
}

static void test_without_a_home(void **state)
{
	struct world *w = *state;

	world_env(w, "HOME", "%s", "");
	put_fake(at(w, "bin/python3"));
	finds(w, NULL, at(w, "bin/python3"));
	fails(w, "3.12", CVENV_ENOPYTHON, "no Python 3.12 found");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_default_is_python3_then_python),
		T(test_path_as_given),
		T(test_what_is_no_executable_is_passed_over),
		T(test_what_is_no_name),
		T(test_odd_entries_of_path),
		T(test_version_by_name),
		T(test_version_that_only_asking_tells),
		T(test_asking_fails),
		T(test_range),
		T(test_builds_and_implementations),
		T(test_pre_releases),
		T(test_where_links_lead),
		T(test_what_is_no_executable),
		T(test_installed_by_managers),
		T(test_shims_of_other_versions),
		T(test_more_versions_than_are_kept),
		T(test_without_a_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
