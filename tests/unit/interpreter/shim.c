/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "help.h"

/*
 * The managers are not installed where these tests run, or not with these versions, so their
 * directories are made here as they make them; shims and interpreters are shell scripts that
 * nobody runs. test_the_real_pyenv compares with the real one where there is one.
 */

static int resolve(struct world *w, const struct cv_ctx *ctx, char *path, char **ret)
{
	assert_int_equal(cv_exe_check(path), 0);
	*ret = path;
	return cv_shim_resolve(ctx, &w->arena, ret, NULL, &w->err);
}

static void leads(struct world *w, const char *shim, const char *want)
{
	char *exe;
	struct stat st;
	int rc = resolve(w, &w->ctx, at(w, "%s", shim), &exe);

	if (rc != 0)
		fail_msg("%s: %s", shim, w->err.message);
	assert_string_equal(exe, at(w, "%s", want));
	assert_int_equal(stat(exe, &st), 0);
}

static void fails(struct world *w, const char *shim, int code, const char *msg, const char *hint)
{
	char *exe;
	int rc = resolve(w, &w->ctx, at(w, "%s", shim), &exe);

	if (rc == 0)
		fail_msg("%s: leads to %s", shim, exe);
	assert_int_equal(rc, -code);
	assert_string_equal(w->err.message, msg);
	assert_string_equal(w->err.hint, hint);
}

#define PYENV "home/.pyenv/versions/"
#define PYENV_SHIM "home/.pyenv/shims/python3"

static int setup_pyenv(void **state)
{
	struct world *w;

	if (world_setup(state) < 0)
		return -1;
	w = *state;
	put_fake(at(w, PYENV_SHIM));
	put_fake(at(w, "home/.pyenv/shims/python3.12"));
	for (int minor = 9; minor <= 13; minor++) {
		put_fake(at(w, PYENV "3.%d.4/bin/python3", minor));
		put_fake(at(w, PYENV "3.%d.4/bin/python3.%d", minor, minor));
	}
	put_fake(at(w, PYENV "3.12.10/bin/python3"));
	put_fake(at(w, PYENV "3.13.5t/bin/python3"));
	put_fake(at(w, PYENV "3.13-dev/bin/python3"));
	put_fake(at(w, PYENV "3.14.0rc2/bin/python3"));
	put_fake(at(w, PYENV "pypy3.9-7.3.11/bin/python3"));
	put_fake(at(w, PYENV "pypy3.9-7.3.9/bin/python3"));
	put(at(w, "home/.pyenv/version"), "3.11.4\n", 0644);
	world_env(w, "PATH", "%s:%s", at(w, "home/.pyenv/shims"), at(w, "bin"));
	return 0;
}

static void test_what_is_no_shim(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "bin/python3"));
	leads(w, "bin/python3", "bin/python3");
	leads(w, PYENV "3.9.4/bin/python3", PYENV "3.9.4/bin/python3");
}

static void test_pyenv_order(void **state)
{
	struct world *w = *state;

	leads(w, PYENV_SHIM, PYENV "3.11.4/bin/python3"); /* global */
	w->ctx.cwd = at(w, "a/b/c");
	put(at(w, "a/.python-version"), "3.10.4\n", 0644);
	leads(w, PYENV_SHIM, PYENV "3.10.4/bin/python3"); /* upwards */
	put(at(w, "a/b/.python-version"), "3.9.4\n", 0644);
	leads(w, PYENV_SHIM, PYENV "3.9.4/bin/python3"); /* the nearest */
	put(at(w, "other/.python-version"), "3.12.4\n", 0644);
	world_env(w, "PYENV_DIR", "%s", at(w, "other/sub"));
	leads(w, PYENV_SHIM, PYENV "3.12.4/bin/python3");
	world_env(w, "PYENV_DIR", "%s", at(w, "nothing-here"));
	leads(w, PYENV_SHIM, PYENV "3.9.4/bin/python3"); /* then the current one */
	world_env(w, "PYENV_VERSION", "3.13.4");
	leads(w, PYENV_SHIM, PYENV "3.13.4/bin/python3");
}

static void test_pyenv_names(void **state)
{
	struct world *w = *state;

	world_env(w, "PYENV_VERSION", "3.12"); /* newest, by number */
	leads(w, PYENV_SHIM, PYENV "3.12.10/bin/python3");
	world_env(w, "PYENV_VERSION", "3"); /* neither -dev nor rc nor t */
	leads(w, PYENV_SHIM, PYENV "3.13.4/bin/python3");
	world_env(w, "PYENV_VERSION", "3.13t");
	leads(w, PYENV_SHIM, PYENV "3.13.5t/bin/python3");
	world_env(w, "PYENV_VERSION", "3.13-dev"); /* by its whole name */
	leads(w, PYENV_SHIM, PYENV "3.13-dev/bin/python3");
	world_env(w, "PYENV_VERSION", "python-3.10.4");
	leads(w, PYENV_SHIM, PYENV "3.10.4/bin/python3");
	world_env(w, "PYENV_VERSION", "python-3.12");
	leads(w, PYENV_SHIM, PYENV "3.12.10/bin/python3");
	world_env(w, "PYENV_VERSION", "pypy3.9");
	leads(w, PYENV_SHIM, PYENV "pypy3.9-7.3.11/bin/python3");
	make_link("3.9.4", at(w, PYENV "mine"));
	world_env(w, "PYENV_VERSION", "mine");
	leads(w, PYENV_SHIM, PYENV "mine/bin/python3");
}

static void test_pyenv_several_versions(void **state)
{
	struct world *w = *state;

	/* the first that has it; 3.11 has no python3.12 */
	world_env(w, "PYENV_VERSION", "3.11.4:3.12.4:3.13.4");
	leads(w, PYENV_SHIM, PYENV "3.11.4/bin/python3");
	leads(w, "home/.pyenv/shims/python3.12", PYENV "3.12.4/bin/python3.12");
	world_env(w, "PYENV_VERSION", "9.9:3.12.4"); /* one that is missing does no harm */
	leads(w, PYENV_SHIM, PYENV "3.12.4/bin/python3");
}

static void test_pyenv_system(void **state)
{
	struct world *w = *state;
	char want[512];

	world_env(w, "PYENV_VERSION", "system");
	(void)snprintf(want, sizeof(want),
		"'%s/" PYENV_SHIM "' is a shim of pyenv, and the version 'system' has no 'python3' "
		"(set by $PYENV_VERSION)",
		w->dir);
	fails(w, PYENV_SHIM, CVENV_ENOPYTHON, want,
		"choose a version with pyenv, or a Python with -p");
	put_fake(at(w, "bin/python3"));
	leads(w, PYENV_SHIM, "bin/python3");

	/* what no chosen version has is the system's, too */
	put_fake(at(w, "bin/python3.12"));
	world_env(w, "PYENV_VERSION", "3.11.4");
	leads(w, "home/.pyenv/shims/python3.12", "bin/python3.12");

	/* nothing chosen at all; the global file may be empty or missing */
	world_env(w, "PYENV_VERSION", "%s", "");
	put(at(w, "home/.pyenv/version"), "\n", 0644);
	leads(w, PYENV_SHIM, "bin/python3");
	assert_int_equal(unlink(at(w, "home/.pyenv/version")), 0);
	leads(w, PYENV_SHIM, "bin/python3");
}

static void test_pyenv_missing_version(void **state)
{
	struct world *w = *state;
	char want[512];

	put(at(w, "cwd/.python-version"), "3.99.1\n", 0644);
	(void)snprintf(want, sizeof(want),
		"'%s/" PYENV_SHIM "' is a shim of pyenv, and its version '3.99.1' is not installed "
		"(set by '%s/cwd/.python-version')",
		w->dir, w->dir);
	fails(w, PYENV_SHIM, CVENV_ENOPYTHON, want,
		"'pyenv install 3.99.1', or choose another Python with -p");

	/* the system's, as pyenv does, but not in silence */
	put_fake(at(w, "bin/python3"));
	leads(w, PYENV_SHIM, "bin/python3");
	(void)snprintf(want, sizeof(want),
		"version '3.99.1' of pyenv is not installed (set by '%s/cwd/.python-version'): "
		"using '%s/bin/python3', as pyenv does",
		w->dir, w->dir);
	assert_non_null(strstr(w->log, want));
	w->log[0] = '\0';
	world_env(w, "PYENV_VERSION", "3.99:3.12.4"); /* another one that has it comes first */
	leads(w, PYENV_SHIM, PYENV "3.12.4/bin/python3");
	assert_null(strstr(w->log, "not installed"));
}

static void test_pyenv_file_format(void **state)
{
	struct world *w = *state;

	put(at(w, "cwd/.python-version"), "# comment\n\n  3.9.4 rest of the line\r\n3.10.4\n",
		0644);
	leads(w, PYENV_SHIM, PYENV "3.9.4/bin/python3");
	put(at(w, "cwd/.python-version"), "3.12.4", 0644);
	leads(w, PYENV_SHIM, PYENV "3.12.4/bin/python3");
	put(at(w, "cwd/.python-version"), "3.13.4\r\n", 0644);
	leads(w, PYENV_SHIM, PYENV "3.13.4/bin/python3");
}

static void test_pyenv_hostile_file(void **state)
{
	static const char *const evil[] = { "../../../evil\n", "/evil\n", "..\n", ".\n",
		"3.12.4/../../../../evil\n", "a/./b\n", "\033[2J\n" };
	struct world *w = *state;
	char *big, want[512];

	put_fake(at(w, "evil/bin/python3"));
	put_fake(at(w, "bin/python3"));
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		w->log[0] = '\0';
		put(at(w, "cwd/.python-version"), evil[i], 0644);
		leads(w, PYENV_SHIM, "bin/python3"); /* ignored, as pyenv does: the system's */
		assert_non_null(strstr(w->log, "ignoring an unsafe version name (set by '"));
		assert_null(strchr(w->log, '\033'));
	}
	put(at(w, "cwd/.python-version"), "../x\n3.10.4\n", 0644);
	leads(w, PYENV_SHIM, PYENV "3.10.4/bin/python3");

	world_env(w, "PYENV_VERSION", "../../../evil");
	(void)snprintf(want, sizeof(want),
		"'%s/" PYENV_SHIM
		"' is a shim of pyenv, and the version in $PYENV_VERSION is not a valid "
		"directory name",
		w->dir);
	fails(w, PYENV_SHIM, CVENV_EUNSAFE, want,
		"choose a version with pyenv, or a Python with -p");
	world_env(w, "PYENV_VERSION", "%s", "");

	big = cv_new(&w->arena, char, 70001);
	memset(big, '#', 70000);
	put(at(w, "cwd/.python-version"), big, 0644);
	(void)snprintf(want, sizeof(want),
		"'%s/" PYENV_SHIM
		"' is a shim of pyenv: '%s/cwd/.python-version' has more than 65536 "
		"bytes",
		w->dir, w->dir);
	fails(w, PYENV_SHIM, CVENV_ELIMIT, want, "");

	/* 1000 names: the first 32 count */
	big[0] = '\0';
	for (int i = 0; i < 1000; i++)
		(void)snprintf(big + strlen(big), 16, "9.9.%d\n", i);
	put(at(w, "cwd/.python-version"), big, 0644);
	leads(w, PYENV_SHIM, "bin/python3");
}

/* a FIFO would block, a directory cannot be read: neither is a version file */
static void test_pyenv_file_that_is_none(void **state)
{
	struct world *w = *state;

	assert_int_equal(mkfifo(at(w, "cwd/.python-version"), 0644), 0);
	leads(w, PYENV_SHIM, PYENV "3.11.4/bin/python3");
	assert_int_equal(unlink(at(w, "cwd/.python-version")), 0);
	make_dirs(at(w, "cwd/.python-version"));
	leads(w, PYENV_SHIM, PYENV "3.11.4/bin/python3");
}

static void test_shims_through_links(void **state)
{
	struct world *w = *state;

	make_link("home/.pyenv", at(w, "opt"));
	leads(w, "opt/shims/python3", PYENV "3.11.4/bin/python3");
	make_link("../home/.pyenv/shims/python3", at(w, "bin/python3"));
	leads(w, "bin/python3", PYENV "3.11.4/bin/python3");
	/* from link to link, in one directory and out of it */
	make_link("python3", at(w, "bin/python"));
	make_link(at(w, "bin/python"), at(w, "else/python3"));
	put_fake(at(w, PYENV "3.11.4/bin/python"));
	leads(w, "bin/python", PYENV "3.11.4/bin/python");
	leads(w, "else/python3", PYENV "3.11.4/bin/python3");
	/* into directories that are links themselves, and by ".." through them */
	make_link("opt/shims", at(w, "way"));
	make_link("../way/python3", at(w, "one/python3"));
	leads(w, "one/python3", PYENV "3.11.4/bin/python3");
	make_link("../way/../shims/python3.12", at(w, "one/python3.12"));
	world_env(w, "PYENV_VERSION", "3.12.4");
	leads(w, "one/python3.12", PYENV "3.12.4/bin/python3.12");
	/* and one that leads out of them is a shim because of its location */
	make_link(at(w, PYENV "3.13.4/bin/python3"), at(w, "home/.pyenv/shims/python"));
	put_fake(at(w, PYENV "3.12.4/bin/python"));
	leads(w, "home/.pyenv/shims/python", PYENV "3.12.4/bin/python");
	leads(w, PYENV "3.13.4/bin/python3", PYENV "3.13.4/bin/python3");
}

static void test_pyenv_root_variable(void **state)
{
	struct world *w = *state;

	world_env(w, "PYENV_ROOT", "%s", at(w, "root/"));
	put_fake(at(w, "root/shims/python3"));
	put_fake(at(w, "root/versions/3.9.1/bin/python3"));
	put(at(w, "root/version"), "3.9.1\n", 0644);
	leads(w, "root/shims/python3", "root/versions/3.9.1/bin/python3");
	leads(w, PYENV_SHIM, PYENV_SHIM); /* not a shim of this pyenv */
}

#define ASDF "home/.asdf/installs/python/"
#define ASDF_SHIM "home/.asdf/shims/python3"

static int setup_asdf(void **state)
{
	struct world *w;

	if (world_setup(state) < 0)
		return -1;
	w = *state;
	put_fake(at(w, ASDF_SHIM));
	put_fake(at(w, ASDF "3.11.4/bin/python3"));
	put_fake(at(w, ASDF "3.12.4/bin/python3"));
	put_fake(at(w, ASDF "ref-v3.13/bin/python3"));
	world_env(w, "PATH", "%s:%s", at(w, "home/.asdf/shims"), at(w, "bin"));
	return 0;
}

static void test_asdf(void **state)
{
	struct world *w = *state;
	char want[512];

	put_fake(at(w, "bin/python3"));
	(void)snprintf(want, sizeof(want),
		"'%s/" ASDF_SHIM "' is a shim of asdf, and it has no 'python3' "
		"(no version is set)",
		w->dir);
	fails(w, ASDF_SHIM, CVENV_ENOPYTHON, want,
		"choose a version with asdf, or a Python with -p");

	put(at(w, "home/.tool-versions"), "nodejs 20.1\npython 3.11.4 # mine\n", 0644);
	leads(w, ASDF_SHIM, ASDF "3.11.4/bin/python3");
	w->ctx.cwd = at(w, "p/q");
	put(at(w, "p/.tool-versions"), "python\t9.9 3.12.4\npython 3.11.4\n", 0644);
	leads(w, ASDF_SHIM, ASDF "3.12.4/bin/python3"); /* the first that has it */
	put(at(w, "p/q/.tool-versions"), "ruby 3.11.4\npython-extra 1\n", 0644);
	leads(w, ASDF_SHIM, ASDF "3.12.4/bin/python3"); /* not about python: further up */
	put(at(w, "p/q/.tool-versions"), "python system\n", 0644);
	leads(w, ASDF_SHIM, "bin/python3");
	put(at(w, "p/q/.tool-versions"), "python ref:v3.13\n", 0644);
	leads(w, ASDF_SHIM, ASDF "ref-v3.13/bin/python3");
	put_fake(at(w, "own/bin/python3"));
	put(at(w, "p/q/.tool-versions"), cv_strfmt(&w->arena, "python path:%s\n", at(w, "own")),
		0644);
	leads(w, ASDF_SHIM, "own/bin/python3");
	world_env(w, "ASDF_PYTHON_VERSION", "3.11.4");
	leads(w, ASDF_SHIM, ASDF "3.11.4/bin/python3");

	world_env(w, "ASDF_PYTHON_VERSION", "3.12"); /* asdf knows no prefixes */
	(void)snprintf(want, sizeof(want),
		"'%s/" ASDF_SHIM "' is a shim of asdf, and its version '3.12' is not installed "
		"(set by $ASDF_PYTHON_VERSION)",
		w->dir);
	fails(w, ASDF_SHIM, CVENV_ENOPYTHON, want,
		"'asdf install python 3.12', or choose another Python with -p");
}

static void test_asdf_file_name(void **state)
{
	struct world *w = *state;

	world_env(w, "ASDF_DEFAULT_TOOL_VERSIONS_FILENAME", ".versions");
	put(at(w, "cwd/.tool-versions"), "python 3.11.4\n", 0644);
	put(at(w, "cwd/.versions"), "python 3.12.4\n", 0644);
	leads(w, ASDF_SHIM, ASDF "3.12.4/bin/python3");
}

#define MISE "home/.local/share/mise/installs/python/"
#define MISE_SHIM "home/.local/share/mise/shims/python3"

static int setup_mise(void **state)
{
	struct world *w;

	if (world_setup(state) < 0)
		return -1;
	w = *state;
	put_fake(at(w, "opt/mise")); /* mise's shims are links to mise itself */
	make_link("../../../../../opt/mise", at(w, MISE_SHIM));
	put_fake(at(w, MISE "3.11.4/bin/python3"));
	put_fake(at(w, MISE "3.12.4/bin/python3"));
	put_fake(at(w, MISE "3.12.10/bin/python3"));
	put_fake(at(w, MISE "3.14.0t/bin/python3"));
	make_link("./3.12.10", at(w, MISE "3.12"));
	make_link("./3.12.10", at(w, MISE "latest"));
	world_env(w, "PATH", "%s:%s", at(w, "home/.local/share/mise/shims"), at(w, "bin"));
	return 0;
}

static void mise_toml(struct world *w, const char *text, const char *want)
{
	put(at(w, "cwd/mise.toml"), text, 0644);
	leads(w, MISE_SHIM, want);
}

static void test_mise_files(void **state)
{
	struct world *w = *state;

	put_fake(at(w, "bin/python3"));
	leads(w, MISE_SHIM, "bin/python3"); /* nothing chosen */
	put(at(w, "home/.config/mise/config.toml"), "[tools]\npython = '3.11'\n", 0644);
	leads(w, MISE_SHIM, MISE "3.11.4/bin/python3");
	w->ctx.cwd = at(w, "p/q");
	put(at(w, "p/.python-version"), "3.12.4\n", 0644);
	leads(w, MISE_SHIM, MISE "3.12.4/bin/python3");
	put(at(w, "p/.tool-versions"), "python 3.11.4\n", 0644);
	leads(w, MISE_SHIM, MISE "3.11.4/bin/python3");
	put(at(w, "p/.mise.toml"), "[tools]\npython = \"3.12\"\n", 0644);
	leads(w, MISE_SHIM, MISE "3.12.10/bin/python3");
	put(at(w, "p/mise.toml"), "[env]\npython = \"3.11\"\n", 0644); /* not [tools] */
	leads(w, MISE_SHIM, MISE "3.12.10/bin/python3");
	put(at(w, "p/q/mise.toml"), "[tools]\nnode = \"20\"\n", 0644);
	leads(w, MISE_SHIM, MISE "3.12.10/bin/python3");
	put(at(w, "p/q/mise.local.toml"), "[tools]\npython = \"3.11\"\n", 0644);
	leads(w, MISE_SHIM, MISE "3.11.4/bin/python3");
	world_env(w, "MISE_PYTHON_VERSION", "3.12.4");
	leads(w, MISE_SHIM, MISE "3.12.4/bin/python3");
}

static void test_mise_toml(void **state)
{
	struct world *w = *state;

	mise_toml(w, "[tools]\n\"python\"='3.11'\n", MISE "3.11.4/bin/python3");
	mise_toml(w, "[tools]\npython = [\"3.99\",\n  \"3.11\",\n]\n", MISE "3.11.4/bin/python3");
	mise_toml(w, "[tools]\npython = { virtualenv = \".v\", version = \"3.11\" }\n",
		MISE "3.11.4/bin/python3");
	mise_toml(w, "[tools.python]\nversion = \"3.12.4\"\n", MISE "3.12.4/bin/python3");
	mise_toml(w, "tools.python = \"3.11.4\"\n", MISE "3.11.4/bin/python3");
	mise_toml(w, "[ tools ] # here\n# python = \"3.11\"\npython = \"latest\" # new\n",
		MISE "3.12.10/bin/python3");
	mise_toml(w, "[tools]\npython = \"prefix:3.12\"\n", MISE "3.12.10/bin/python3");
}

static void test_mise_files_without_a_version(void **state)
{
	static const char *const files[] = { "", "[tools]", "[tools]\npython = \"\"\n",
		"[tools]\npython = []\n", "[tools]\npython = { virtualenv = '.v' }\n",
		"tools = 1\n", "[[tools]]\npython = '3.11'\n", "[env]\npython = 3\n" };
	struct world *w = *state;

	put_fake(at(w, "bin/python3"));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		mise_toml(w, files[i], "bin/python3");
}

/* mise refuses them, too */
static void test_mise_broken_toml(void **state)
{
	static const char *const broken[][2] = {
		{ "[tools]\npython = \"3.11", "line 2: a string has no closing \"" },
		{ "[tools]\n\npython = 3.11\n",
			"line 3: 'tools.python': must be a string, not a float" },
		{ "[tools]\npython = [ '3.11',\n 3 ]\n",
			"line 3: 'tools.python': must be a string, not an integer" },
		{ "[tools]\npython = { version = [] }\n",
			"line 2: 'tools.python.version': must be a string, not an array" },
		{ "[tools]\npython = '3.11'\n[tools]\n",
			"line 3: 'tools' is defined twice (see line 1)" },
	};
	struct world *w = *state;
	char *exe;

	put_fake(at(w, "bin/python3"));
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		const char *expected = cv_strfmt(&w->arena, "'%s' is a shim of mise: '%s', %s",
			at(w, MISE_SHIM), at(w, "cwd/mise.toml"), broken[i][1]);

		put(at(w, "cwd/mise.toml"), broken[i][0], 0644);
		assert_int_equal(resolve(w, &w->ctx, at(w, MISE_SHIM), &exe), -EINVAL);
		assert_string_equal(w->err.message, expected);
	}
}

static void test_mise_refuses_paths_from_projects(void **state)
{
	struct world *w = *state;
	char *exe;

	put_fake(at(w, "evil/bin/python3"));
	put(at(w, "cwd/mise.toml"),
		cv_strfmt(&w->arena, "[tools]\npython = \"path:%s\"\n", at(w, "evil")), 0644);
	assert_int_equal(resolve(w, &w->ctx, at(w, MISE_SHIM), &exe), -CVENV_ENOPYTHON);
}

/* the same answer as the program itself, where this machine has it */
static void test_the_real_pyenv(void **state)
{
	extern char **environ;
	struct world *w = *state;
	const char *root = getenv("PYENV_ROOT"), *home = getenv("HOME");
	struct cv_ctx here = w->ctx;
	char *exe;
	char *dir, *path, *want;

	dir = root ? cv_strfmt(&w->arena, "%s", root) : cv_strfmt(&w->arena, "%s/.pyenv", home);
	path = cv_strfmt(&w->arena, "%s/shims/python3", dir);
	if (faccessat(AT_FDCWD, path, X_OK, 0) != 0) {
		print_message("skipped: no pyenv in '%s'\n", dir);
		skip();
	}
	here.envp = (const char *const *)environ;
	here.cwd = w->dir;
	want = output_of(
		w, "cd %s && PYTHONPATH= %s -c 'import sys; print(sys.executable)'", w->dir, path);
	must(w, resolve(w, &here, path, &exe));
	assert_string_equal(exe, want);

	/* a version that is not installed; an older pyenv refuses it */
	want = output_of(w,
		"cd %s && PYENV_VERSION=3.99 PYTHONPATH= %s -c 'import sys; print(sys.executable)' "
		"2>&1 || true",
		w->dir, path);
	world_env(w, "PYENV_VERSION", "3.99");
	world_env(w, "PYENV_ROOT", "%s", dir);
	world_env(w, "PATH", "%s", getenv("PATH"));
	if (want[0] == '/') {
		must(w, resolve(w, &w->ctx, path, &exe));
		assert_string_equal(exe, want);
	} else if (!strstr(want, "not installed") && !strstr(want, "command not found")) {
		fail_msg("pyenv says '%s'", want);
	}
}

#define T(name, setup) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_what_is_no_shim, setup_pyenv),
		T(test_pyenv_order, setup_pyenv),
		T(test_pyenv_names, setup_pyenv),
		T(test_pyenv_several_versions, setup_pyenv),
		T(test_pyenv_system, setup_pyenv),
		T(test_pyenv_missing_version, setup_pyenv),
		T(test_pyenv_file_format, setup_pyenv),
		T(test_pyenv_hostile_file, setup_pyenv),
		T(test_pyenv_file_that_is_none, setup_pyenv),
		T(test_shims_through_links, setup_pyenv),
		T(test_pyenv_root_variable, setup_pyenv),
		T(test_asdf, setup_asdf),
		T(test_asdf_file_name, setup_asdf),
		T(test_mise_files, setup_mise),
		T(test_mise_toml, setup_mise),
		T(test_mise_files_without_a_version, setup_mise),
		T(test_mise_broken_toml, setup_mise),
		T(test_mise_refuses_paths_from_projects, setup_mise),
		T(test_the_real_pyenv, world_setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
