/* SPDX-License-Identifier: MIT */
/*
 * Whole plans for a made-up Python for Windows. They are the same on every system: the kind of
 * Python decides.
 */
#include "../support/cmocka_all.h"
#include "env/environment.h"

#include <string.h>

#include "base/own.h"
#include "cvenv_version.h"
#include "fs/plan.h"

#include "info.h"

#define ENV_DIR "C:\\a b\\env"

static const struct cv_tree_file files[] = { { .path = "pip/a.py", .size = 2 } };
static const struct cv_str hashes[] = { { "sha256=A", 8 } };
static struct cv_arena arena;
static struct cvenv_error err;

static int done(void **state)
{
	(void)state;
	cv_arena_done(&arena);
	return 0;
}

static void add_entry(struct cv_buf *b, const struct cv_entry *e)
{
	static const char *const kinds[] = { [CVENV_ENTRY_DIR] = "dir",
		[CVENV_ENTRY_LINK] = "link",
		[CVENV_ENTRY_FILE] = "file",
		[CVENV_ENTRY_COPY] = "copy",
		[CVENV_ENTRY_TREE] = "tree",
		[CVENV_ENTRY_REMOVE] = "remove" };

	cv_buf_addf(b, "%s %s", kinds[e->kind], e->path);
	if (e->kind == CVENV_ENTRY_LINK || e->kind == CVENV_ENTRY_COPY)
		cv_buf_addf(b, " = %s", e->source);
	if (e->instead)
		cv_buf_addf(b, " | %s", e->instead);
	if (e->flags & CV_SOURCE_MTIME)
		cv_buf_cstr(b, " mtime");
	if (e->flags & CV_KEEP_SAME)
		cv_buf_cstr(b, " same");
	if (e->flags & CV_OPTIONAL)
		cv_buf_cstr(b, " optional");
	cv_buf_char(b, '\n');
}

/* The plan of all parts except the activation scripts, and its text. */
static struct cv_plan plan_of(struct cv_info *info, const struct cvenv_options *request,
	struct cv_launcher launcher, char **ret_text)
{
	static const struct cv_ctx ctx;
	const struct cv_pip_package pip = {
		.wheel = { .tree = { .dir = "/cache/files", .files = files, .count = 1 },
			.hashes = hashes,
			.name = CV_LIT("pip"),
			.version = CV_LIT("24.2"),
			.dist_info = CV_LIT("pip-24.2.dist-info") },
		.launcher = launcher
	};
	struct cv_environment m = {
		.ctx = &ctx, .request = request, .info = info, .pip = &pip, .pip_count = 1
	};
	struct cv_plan plan = { .arena = &arena };
	struct cv_outcome outcome = { 0 };
	struct cv_buf text OWN_BUF = { 0 };
	int rc = cv_layout_compute(&ctx, &arena, info, request, ENV_DIR, &m.layout, &err);

	assert_int_equal(rc, 0);
	for (int part = 0; part < CV_PART_SCRIPTS && rc == 0; part++)
		rc = cv_environment_plan(&m, (enum cv_part)part, &plan, &outcome, &err);
	*ret_text = NULL;
	if (rc < 0)
		return plan;
	for (size_t i = 0; i < plan.count; i++)
		add_entry(&text, &plan.entries[i]);
	*ret_text = cv_strdup(&arena, cv_buf_slice(&text));
	return plan;
}

static struct cv_str data_of(const struct cv_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++)
		if (strcmp(plan->entries[i].path, path) == 0)
			return plan->entries[i].data;
	fail_msg("no entry '%s'", path);
	return (struct cv_str){ 0 };
}

#define LAUNCHER                                                     \
	(struct cv_launcher)                                         \
	{                                                            \
		.program = CV_LIT("launcher"), .pip = CV_LIT("24.2") \
	}
#define DIRECTORIES               \
	"dir Include\n"           \
	"dir Lib\n"               \
	"dir Lib/site-packages\n" \
	"dir Scripts\n"           \
	"file .gitignore\n"       \
	"file CACHEDIR.TAG\n"     \
	"file pyvenv.cfg\n"
#define NT "C:\\Python\\Lib\\nt\\"
#define SITE "Lib/site-packages/"
#define PIP                                           \
	"tree Lib/site-packages\n"                    \
	"dir " SITE "pip-24.2.dist-info\n"            \
	"file " SITE "pip-24.2.dist-info/INSTALLER\n" \
	"file " SITE "pip-24.2.dist-info/REQUESTED\n" \
	"file Scripts/pip.exe same\n"                 \
	"file Scripts/pip3.exe same\n"                \
	"file Scripts/pip3.13.exe same\n"             \
	"file " SITE "pip-24.2.dist-info/RECORD same\n"

static void test_everything(void **state)
{
	struct cv_info info = test_windows_info(13);
	struct cvenv_options request = { 0 };
	char *text;
	struct cv_plan plan = plan_of(&info, &request, LAUNCHER, &text);

	(void)state;
	assert_string_equal(text,
		DIRECTORIES "copy Scripts/python.exe = " NT "venvlauncher.exe mtime same\n"
			    "copy Scripts/pythonw.exe = " NT "venvwlauncher.exe mtime same\n" PIP);
	assert_int_equal(data_of(&plan, ".gitignore").n, 71);
	assert_true(cv_str_starts(data_of(&plan, "Scripts/pip.exe"),
		CV_LIT("launcher#!\"" ENV_DIR "\\Scripts\\python.exe\"\n\r\nPK\3\4")));
	assert_true(cv_str_starts(data_of(&plan, SITE "pip-24.2.dist-info/RECORD"),
		CV_LIT("../../Scripts/pip.exe,sha256=")));
	assert_true(cv_str_eq(data_of(&plan, "pyvenv.cfg"),
		CV_LIT("home = C:\\Python\r\n"
		       "include-system-site-packages = false\r\n"
		       "version = 3.99.7\r\n"
		       "executable = C:\\outer\\Scripts\\Python.exe\r\n"
		       "command = C:\\outer\\scripts\\python.exe -m venv " ENV_DIR "\r\n"
		       "cvenv = " CVENV_VERSION "\r\n")));
}

static void test_before_313(void **state)
{
	struct cv_info info = test_windows_info(12);
	struct cvenv_options request = { .copies = true };
	char *text;

	(void)state;
	plan_of(&info, &request, LAUNCHER, &text);
	assert_non_null(strstr(text, "\ncopy Scripts/python.exe = " NT "python.exe same\n"
				     "copy Scripts/pythonw.exe = " NT "pythonw.exe same\n"));
}

/* From 3.13 on, DLLs are not copied if they cannot be linked. */
static void test_symlinks(void **state)
{
	struct cv_info info = test_windows_info(13);
	struct cvenv_options request = { .symlinks = true };
	char *text;

	(void)state;
	plan_of(&info, &request, LAUNCHER, &text);
	assert_non_null(
		strstr(text, "\nlink Scripts/python.exe = C:\\Python\\python.exe | " NT
			     "venvlauncher.exe mtime\n"
			     "link Scripts/pythonw.exe = C:\\Python\\pythonw.exe | " NT
			     "venvwlauncher.exe mtime\n"
			     "link Scripts/python399.dll = C:\\Python\\python399.dll optional\n"));
	info = test_windows_info(12);
	plan_of(&info, &request, LAUNCHER, &text);
	assert_non_null(strstr(
		text, "\nlink Scripts/python.exe = C:\\Python\\python.exe | " NT "python.exe\n"));
	assert_non_null(strstr(text, "\nlink Scripts/python399.dll = C:\\Python\\python399.dll\n"));
}

static void test_free_threaded_debug_build(void **state)
{
	struct cv_info info = test_windows_info(13);
	struct cvenv_options request = { 0 };
	char *text;

	(void)state;
	info.copies = "python_d.exe\nC:\\b\\t.exe\npython.exe\nC:\\b\\t.exe\n"
		      "python3.13t_d.exe\nC:\\b\\t.exe\npython3.13t.exe\nC:\\b\\t.exe\n"
		      "pythonw_d.exe\nC:\\b\\wt.exe\npythonw.exe\nC:\\b\\wt.exe\n"
		      "pythonw3.13t_d.exe\nC:\\b\\wt.exe\npythonw3.13t.exe\nC:\\b\\wt.exe\n";
	info.init_tcl = "C:\\b\\tcltk\\tcl8.6\\init.tcl";
	plan_of(&info, &request, LAUNCHER, &text);
	assert_non_null(strstr(text, "copy Scripts/python_d.exe = C:\\b\\t.exe mtime same\n"));
	assert_non_null(strstr(text, "copy Scripts/pythonw3.13t.exe = C:\\b\\wt.exe mtime same\n"));
	assert_non_null(
		strstr(text, "\ndir Lib/tcl8.6\n"
			     "copy Lib/tcl8.6/init.tcl = C:\\b\\tcltk\\tcl8.6\\init.tcl same\n"));
}

static void test_relocatable(void **state)
{
	static const char wide[] = "<\0l\0a\0u\0n\0c\0h\0e\0r\0_\0d\0i\0r\0>";
	struct cv_info info = test_windows_info(13);
	struct cvenv_options request = { .relocatable = true };
	struct cv_launcher launcher = { .program = { wide, sizeof(wide) }, .pip = CV_LIT("26.2") };
	struct cv_plan plan;
	struct cv_str exe;
	char *text;

	(void)state;
	plan_of(&info, &request, LAUNCHER, &text);
	assert_null(text);
	assert_int_equal(err.code, CVENV_EWHEEL);
	assert_string_equal(err.message,
		"cannot make a relocatable environment: the launchers of pip 24.2 only accept "
		"absolute paths");
	plan = plan_of(&info, &request, launcher, &text);
	exe = data_of(&plan, "Scripts/pip.exe");
	assert_true(cv_str_starts((struct cv_str){ exe.p + sizeof(wide), exe.n - sizeof(wide) },
		CV_LIT("#!<launcher_dir>\\python.exe\nPK\3\4")));
	launcher.program = (struct cv_str){ 0 };
	request.relocatable = false;
	plan_of(&info, &request, launcher, &text);
	assert_string_equal(err.message, "pip 26.2 has no launcher for amd64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_everything, done),
		cmocka_unit_test_teardown(test_before_313, done),
		cmocka_unit_test_teardown(test_symlinks, done),
		cmocka_unit_test_teardown(test_free_threaded_debug_build, done),
		cmocka_unit_test_teardown(test_relocatable, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
