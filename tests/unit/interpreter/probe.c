/* SPDX-License-Identifier: MIT */
#include "interpreter/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "help.h"

extern char **environ;

static char **pythons; /* found once, for all tests */

static int find_pythons(void **state)
{
	if (world_setup(state) < 0)
		return -1;
	pythons = real_pythons(*state);
	return 0;
}

static int setup(void **state)
{
	struct world *w;

	if (world_setup(state) < 0)
		return -1;
	w = *state;
	world_env(w, "PATH", "/usr/bin:/bin");
	world_env(w, "PYTHONHOME", "/nowhere"); /* the child must not see it */
	world_env(w, "PYTHONSTARTUP", "/nowhere");
	return 0;
}

static struct cv_info probe(struct world *w, const char *path)
{
	struct cv_info info;
	int rc = cv_probe(&w->ctx, &w->arena, path, 60000, NULL, &info, &w->err);

	if (rc != 0)
		fail_msg("%s: %s", path, w->err.message);
	return info;
}

/* What the interpreter says itself, as a program of its own would ask it. */
static char *ask(struct world *w, const char *python, const char *expression)
{
	return output_of(w,
		"env -u PYTHONHOME %s -I -c 'import sys, os, sysconfig, importlib.util as u; "
		"print(%s)'",
		python, expression);
}

/* The interpreter info, a line each, and in Python the expressions for them. */
static void test_every_interpreter(void **state)
{
	static const char questions[] =
		"*[str(x) for x in (sys.executable, sys._base_executable, "
		"os.path.realpath(sys.executable), os.path.dirname(sys._base_executable), "
		"\"%d.%d.%d\" % sys.version_info[:3], sys.implementation.name, "
		"sys.implementation.cache_tag, u.MAGIC_NUMBER.hex(), sys.abiflags, "
		"os.path.dirname(os.__file__), getattr(sys, \"platlibdir\", \"lib\"), "
		"sys.maxsize > 2**32, sysconfig.get_config_var(\"Py_GIL_DISABLED\") or 0, "
		"sysconfig.get_path(\"scripts\", \"venv\", {\"base\": \"/e\"})[3:] "
		"if \"venv\" in sysconfig.get_scheme_names() else \"\", "
		"{\"final\": \"\", \"candidate\": \"rc\"}"
		".get(sys.version_info[3], sys.version_info[3][0]) + "
		"(str(sys.version_info[4]) if sys.version_info[3] != \"final\" else \"\"), "
		"sysconfig.get_config_var(\"Py_DEBUG\") or 0)], sep=\"|\"";
	struct world *w = *state;

	for (char **p = pythons; *p; p++) {
		struct cv_info f = probe(w, *p);
		const char *info[] = { f.executable, f.base, f.real, f.home, f.version,
			f.implementation, f.cache_tag, f.magic, f.abiflags, f.stdlib, f.platlibdir,
			f.bits64 ? "True" : "False", f.free_threaded ? "1" : "0", f.scheme_scripts,
			f.pre, f.debug ? "1" : "0" };
		char *said = cv_strfmt(&w->arena, "%s", info[0]);

		for (size_t i = 1; i < sizeof(info) / sizeof(info[0]); i++)
			said = cv_strfmt(&w->arena, "%s|%s", said, info[i]);
		assert_string_equal(said, ask(w, *p, questions));
		assert_string_equal(f.path, *p);
		assert_string_equal(f.exe_name, cv_path_base(*p));
		assert_int_equal(f.needs_setuptools, f.minor < 12);
		assert_true(f.cacheable);
		assert_true(cv_info_fresh(&w->ctx, &f));
	}
}

static void test_the_wheel_that_ensurepip_takes(void **state)
{
	struct world *w = *state;
	int with = 0;

	for (char **p = pythons; *p; p++) {
		struct cv_info f = probe(w, *p);
		char *said;

		if (strcmp(ask(w, *p, "u.find_spec(\"ensurepip\") is not None"), "True") != 0) {
			print_message("%s has no ensurepip\n", *p);
			continue;
		}
		said = output_of(w, "env -u PYTHONHOME %s -I -m ensurepip --version", *p);
		said = cv_strfmt(&w->arena, "/pip-%s-py", said + 4); /* "pip 24.2" */
		assert_non_null(strstr(f.pip_wheel, said));
		assert_string_equal(
			f.pip_sha256, output_of(w, "sha256sum %s | cut -c1-64", f.pip_wheel));
		assert_int_equal(f.setuptools_wheel[0] != '\0', f.needs_setuptools);
		if (f.needs_setuptools)
			assert_string_equal(f.setuptools_sha256,
				output_of(w, "sha256sum %s | cut -c1-64", f.setuptools_wheel));
		with++;
	}
	assert_true(with > 0);
}

static void make_venv(struct world *w, const char *python, const char *options, const char *dir)
{
	(void)output_of(
		w, "env -u PYTHONHOME %s -I -m venv --without-pip %s %s", python, options, dir);
}

static bool inside(struct world *w, const char *path)
{
	return cv_path_within(path, w->dir);
}

/* from whichever kind of environment, and one inside the other: the base, never what is between */
static void test_virtual_environments_lead_to_their_base(void **state)
{
	struct world *w = *state;
	int n = 0;

	for (char **p = pythons; *p; p++, n++) {
		struct cv_info base = probe(w, *p);
		bool pypy = strcmp(base.implementation, "pypy") == 0;
		char *link = at(w, "%d/link", n), *copy = at(w, "%d/copy", n);
		size_t kinds = 2;
		char *dirs[] = { link, at(w, "%d/nested", n), copy, at(w, "%d/nested-copy", n) };

		make_venv(w, *p, "", dirs[0]);
		make_venv(w, at(w, "%d/link/bin/python", n), "", dirs[1]);
		if (!pypy) { /* its --copies takes all of /usr/lib along, and fails */
			make_venv(w, *p, "--copies", dirs[2]);
			make_venv(w, at(w, "%d/copy/bin/python3", n), "--copies", dirs[3]);
			/* a copy in a copy of a debug build is one of the release build */
			kinds = base.abiflags[0] ? 3 : 4;
		}
		for (size_t i = 0; i < kinds; i++) {
			char *python = cv_path_join(&w->arena, dirs[i], "bin/python");
			struct cv_info f = probe(w, python);

			assert_string_equal(f.path, python);
			assert_string_equal(f.executable, python);
			assert_false(inside(w, f.base));
			assert_string_equal(f.real, base.real);
			assert_string_equal(f.version, base.version);
			assert_string_equal(f.pip_sha256, base.pip_sha256);
			assert_true(f.cacheable);
			assert_true(cv_info_fresh(&w->ctx, &f));
			/* A debug build takes another one for its base, PyPy the environment
			 * itself. */
			if ((i == 0 || i == 2) && base.minor >= 11 && !base.abiflags[0] && !pypy)
				assert_string_equal(f.base, ask(w, python, "sys._base_executable"));
			if (i == 2) /* a copy: what home has of that name, or of the next */
				assert_string_equal(f.home, base.home);
		}
	}
}

/* its pyvenv.cfg, and the base's files, are among what interpreter info depend on */
static void test_info_of_an_environment_go_stale(void **state)
{
	struct world *w = *state;
	char *python = at(w, "env/bin/python");
	struct cv_info f;

	make_venv(w, pythons[0], "", at(w, "env"));
	f = probe(w, python);
	assert_true(cv_info_fresh(&w->ctx, &f));
	(void)usleep(20000);
	put(at(w, "env/pyvenv.cfg"), "home = /usr/bin\n", 0644);
	assert_false(cv_info_fresh(&w->ctx, &f));

	make_link(pythons[0], at(w, "lone/bin/python3"));
	f = probe(w, at(w, "lone/bin/python3"));
	assert_true(cv_info_fresh(&w->ctx, &f));
	put(at(w, "lone/pyvenv.cfg"), "home = /usr/bin\n", 0644); /* now it is an environment */
	assert_false(cv_info_fresh(&w->ctx, &f));
}

static void test_a_link_is_named_as_it_was_found(void **state)
{
	struct world *w = *state;

	for (char **p = pythons; *p; p++) {
		char *name = at(w, "links/%d/mypython", (int)(p - pythons));
		struct cv_info f;

		make_link(*p, name);
		f = probe(w, name);
		assert_string_equal(f.base, name);
		assert_string_equal(f.exe_name, "mypython");
		assert_string_equal(f.home, ask(w, name, "os.path.dirname(sys.executable)"));
	}
}

/* a wrapper script may start another Python tomorrow */
static void test_wrappers_are_not_cached(void **state)
{
	struct world *w = *state;
	char *wrapper = at(w, "bin/python3");
	struct cv_info f;

	put(wrapper, cv_strfmt(&w->arena, "#!/bin/sh\necho hello\nexec %s \"$@\"\n", pythons[0]),
		0755);
	f = probe(w, wrapper);
	assert_string_equal(f.path, wrapper);
	assert_string_equal(f.base, pythons[0]);
	assert_false(f.cacheable);
	assert_false(cv_info_fresh(&w->ctx, &f));
}

static void test_environments_in_a_circle(void **state)
{
	struct world *w = *state;
	char *a = at(w, "a/bin/python"), *b = at(w, "b/bin/python");
	struct cv_info f;
	char want[512];

	/* real copies of an interpreter that starts from anywhere, each the other's home */
	make_venv(w, pythons[0], "--copies", at(w, "a"));
	make_venv(w, pythons[0], "--copies", at(w, "b"));
	if (probe(w, a).minor >= 11) {
		print_message("skipped: %s would not start with such a home\n", pythons[0]);
		skip();
	}
	put(at(w, "a/pyvenv.cfg"), cv_strfmt(&w->arena, "home = %s\n", at(w, "b/bin")), 0644);
	put(at(w, "b/pyvenv.cfg"), cv_strfmt(&w->arena, "home = %s\n", at(w, "a/bin")), 0644);
	(void)b;
	assert_int_equal(cv_probe(&w->ctx, &w->arena, a, 60000, NULL, &f, &w->err), -CVENV_EPYTHON);
	(void)snprintf(want, sizeof(want), "'%s' is nested in more than 8 virtual environments", a);
	assert_string_equal(w->err.message, want);
}

static void test_nothing_is_written(void **state)
{
	struct world *w = *state;
	struct cv_info f;
	char *before;

	/* a link farm of the library without __pycache__ shows what an import writes */
	before = output_of(w, "cd %s && find . | sort", w->dir);
	f = probe(w, pythons[0]);
	assert_string_equal(before, output_of(w, "cd %s && find . | sort", w->dir));
	before = output_of(w, "cd %s && find . -newermt '-1 hour' | sort", f.stdlib);
	(void)probe(w, pythons[0]);
	assert_string_equal(
		before, output_of(w, "cd %s && find . -newermt '-1 hour' | sort", f.stdlib));
}

static void test_old_pythons_are_named(void **state)
{
	static const char *const old[] = { "2.7", "3.6", "3.7" };
	struct world *w = *state;
	struct cv_ctx outside = w->ctx;
	struct cv_info f;
	int n = 0;

	outside.envp = (const char *const *)environ;
	for (size_t i = 0; i < 3; i++) {
		char *home = cv_strfmt(&w->arena, "%s/.pyenv/versions", getenv("HOME")), *path;

		path = output_of(w, "ls -d %s/%s.*/bin/python%s 2>/dev/null | head -n 1", home,
			old[i], old[i]);
		if (!path[0]) {
			print_message("not on this machine: Python %s\n", old[i]);
			continue;
		}
		assert_int_equal(cv_probe(&outside, &w->arena, path, 60000, NULL, &f, &w->err),
			-CVENV_EPYTHON);
		assert_int_equal(strncmp(w->err.message + strlen(path) + 2, " is Python ", 11), 0);
		assert_int_equal(strncmp(w->err.message + strlen(path) + 13, old[i], 3), 0);
		assert_string_equal(w->err.hint, "cvenv needs 3.8 or later");
		n++;
	}
	if (n == 0)
		skip();
}

/*
 * Programs that are no Python: shell scripts stand in for what cannot be had otherwise.
 */
static void refuses(struct world *w, const char *script, int code, const char *msg_fmt)
{
	char *path = at(w, "bad"), want[512];
	struct cv_info f;

	put(path, script, 0755);
	assert_int_equal(cv_probe(&w->ctx, &w->arena, path, 1000, NULL, &f, &w->err), -code);
	(void)snprintf(want, sizeof(want), "'%s' %s", path, msg_fmt);
	assert_string_equal(w->err.message, want);
}

#define BEGIN "#!/bin/sh\nprintf '<<cvenv-probe-1>>\\000"
#define FULL                                                                                     \
	"version\\000"                                                                           \
	"3.12.1\\000executable\\000/bin/sh\\000pyvenv_cfg\\000\\000base\\000/bin/"               \
	"sh\\000home\\000/bin\\000"                                                              \
	"implementation\\000x\\000cache_tag\\000\\000magic\\000cafe\\000abiflags\\000\\000free_" \
	"threaded\\000"                                                                          \
	"0\\000"                                                                                 \
	"bits64\\000"                                                                            \
	"1\\000stdlib\\000/"                                                                     \
	"lib\\000platlibdir\\000lib\\000libpython\\000\\000libpython_dest\\000\\000"             \
	"pip_wheel\\000\\000setuptools_wheel\\000\\000wheel_"                                    \
	"dir\\000\\000loaded\\000\\000sysconfigdata\\000\\000"                                   \
	"windows\\0000\\000machine\\000\\000copies\\000\\000links\\000\\000"                     \
	"launcher_mtime\\0000\\000init_tcl\\000\\000venv\\000\\000"                              \
	"pre\\000\\000debug\\0000\\000platform\\000linux-x86_64-gnu\\000"                        \
	"cfg_python_version\\0000\\000"
#define SCHEME(purelib)                                       \
	"scheme_include\\000\\000scheme_purelib\\000" purelib \
	"\\000scheme_platlib\\000\\000scheme_scripts\\000\\000"
#define END "<<cvenv-end>>\\000'\n"

static void test_files_that_are_not_a_python(void **state)
{
	struct world *w = *state;
	struct cv_info f;

	refuses(w, "#!/bin/sh\necho first >&2; echo no such luck >&2; exit 3\n", CVENV_EPYTHON,
		"failed with status 3: no such luck");
	refuses(w, "#!/bin/sh\nkill -11 $$\n", CVENV_EPYTHON, "was killed by signal 11");
	refuses(w, "#!/bin/sh\nexec sleep 60\n", ETIMEDOUT, "did not answer within 1 s");
	refuses(w, "#!/bin/sh\nsleep 60\n", ETIMEDOUT, "did not answer within 1 s");
	refuses(w, "#!/bin/sh\nexec head -c 1000000000 /dev/zero\n", CVENV_ELIMIT,
		"printed more than 262144 bytes");
	refuses(w, "#!/bin/sh\nexit 0\n", CVENV_EPYTHON, "does not respond like a Python");
	refuses(w, "#!/bin/sh\necho rubbish\n", CVENV_EPYTHON, "does not respond like a Python");
	refuses(w, BEGIN "version\\000'\n", CVENV_EPYTHON, "does not respond like a Python");
	refuses(w, BEGIN FULL SCHEME("") "'\n", CVENV_EPYTHON, "does not respond like a Python");
	refuses(w,
		BEGIN "version\\000"
		      "3.12.1\\000pyvenv_cfg\\000\\000" END,
		CVENV_EPYTHON, "does not respond like a Python");
	refuses(w,
		BEGIN "version\\000"
		      "3.7.1\\000" END,
		CVENV_EPYTHON, "is Python 3.7.1");
	refuses(w, BEGIN "version\\000\\033[2J\\000" END, CVENV_EPYTHON,
		"reports an invalid version");
	refuses(w, BEGIN "pyvenv_cfg\\000x\\000outer\\000relative\\000" END, CVENV_EPYTHON,
		"reports an invalid base");
	refuses(w, BEGIN FULL SCHEME("../../etc") END, CVENV_EPYTHON,
		"reports an invalid scheme_purelib");

	refuses(w, BEGIN "windows\\0001\\000" FULL SCHEME("") END, CVENV_EPYTHON,
		"is a Python for Windows");
	refuses(w, BEGIN "pyvenv_cfg\\000\\000path_file\\000/x/python313._pth\\000" END,
		CVENV_EPYTHON, "cannot be the base of an environment: it has a 'python313._pth'");

	/* the same answer without the bad path is taken: it was that which was refused */
	put(at(w, "bad"), BEGIN FULL SCHEME("lib/x") END, 0755);
	f = probe(w, at(w, "bad"));
	assert_string_equal(f.scheme_purelib, "lib/x");
	assert_string_equal(f.version, "3.12.1");
	assert_false(f.cacheable);
}

static void test_cannot_even_start(void **state)
{
	struct world *w = *state;
	char *path = at(w, "none"), want[512];
	struct cv_info f;

	not_under_valgrind();
	assert_int_equal(cv_probe(&w->ctx, &w->arena, path, 1000, NULL, &f, &w->err), -ENOENT);
	(void)snprintf(want, sizeof(want), "cannot run '%s': No such file or directory", path);
	assert_string_equal(w->err.message, want);
	assert_string_equal(w->err.hint, "");

	put(path, "#!/no/such/interpreter\n", 0755);
	assert_int_equal(cv_probe(&w->ctx, &w->arena, path, 1000, NULL, &f, &w->err), -ENOENT);
	assert_string_equal(w->err.hint,
		"the file exists, but the interpreter or loader that it names is missing");

	put(path, "", 0644);
	assert_int_equal(cv_probe(&w->ctx, &w->arena, path, 1000, NULL, &f, &w->err), -EACCES);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_every_interpreter),
		T(test_the_wheel_that_ensurepip_takes),
		T(test_virtual_environments_lead_to_their_base),
		T(test_info_of_an_environment_go_stale),
		T(test_a_link_is_named_as_it_was_found),
		T(test_wrappers_are_not_cached),
		T(test_environments_in_a_circle),
		T(test_nothing_is_written),
		T(test_old_pythons_are_named),
		T(test_files_that_are_not_a_python),
		T(test_cannot_even_start),
	};

	return cmocka_run_group_tests(tests, find_pythons, world_teardown);
}
