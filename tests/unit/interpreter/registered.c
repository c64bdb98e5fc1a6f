/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/registered.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "help.h"
#include "interpreter/find.h"
#include "os/registry.h"

/* The registry of these tests: this file replaces that of the system, also where it has none. */
struct value {
	enum cv_os_hive hive;
	const char *key; /* below Software\Python\ */
	const char *name, *text;
};

static const struct value *values;
static int fail_with;

#define ROOT "Software\\Python"

static const char *key_of(const struct value *v, struct cv_arena *a)
{
	return cv_strfmt(a, ROOT "\\%s", v->key);
}

/* Keys exist as far as values name them. */
int cv_os_registry_keys(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *const **ret)
{
	const char **names = cv_new(a, const char *, 64);
	size_t count = 0, len = strlen(key);

	if (fail_with)
		return -fail_with;
	for (const struct value *v = values; v->key; v++) {
		const char *path = key_of(v, a);
		char *name;

		if (v->hive != hive || strncmp(path, key, len) != 0 || path[len] != '\\')
			continue;
		name = cv_strdup(a, cv_str(path + len + 1));
		name[strcspn(name, "\\")] = '\0';
		for (size_t i = 0; i < count && name; i++)
			if (strcmp(names[i], name) == 0)
				name = NULL;
		if (name)
			names[count++] = name;
	}
	*ret = names;
	return count ? 0 : -ENOENT;
}

int cv_os_registry_text(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *name, char **ret)
{
	for (const struct value *v = values; v->key; v++)
		if (v->hive == hive && strcmp(key_of(v, a), key) == 0 &&
			strcmp(v->name, name) == 0) {
			*ret = cv_strdup(a, cv_str(v->text));
			return 0;
		}
	return -ENOENT;
}

int cv_os_read_alias(struct cv_arena *a, const char *path, struct cv_os_alias *ret)
{
	(void)a;
	(void)path;
	(void)ret;
	return 0;
}

/* "python3.12.exe of 3.12.9, core", one line an entry. */
static void check(const struct value *list, const char *want)
{
	OWN_ARENA struct cv_arena a = { 0 };
	OWN_BUF struct cv_buf text = { 0 };
	struct cv_registered *got;
	struct cvenv_error err;
	size_t count;

	values = list;
	assert_int_equal(cv_registered(&a, &got, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		const struct cv_pyversion *v = &got[i].version;

		cv_buf_addf(&text, "%s %d.%d.%d%s %d%s\n", got[i].exe, v->major, v->minor, v->micro,
			v->free_threaded ? "t" : "", v->bits, got[i].core ? " core" : "");
	}
	assert_string_equal(text.p ? text.p : "", want);
}

static void test_entries(void **state)
{
	static const struct value list[] = {
		{ CV_OS_HKLM, "PythonCore\\3.8\\InstallPath", "", "/py/38/" },
		{ CV_OS_HKLM, "PythonCore\\3.8", "Version", "3.8.10" },
		{ CV_OS_HKLM, "PythonCore\\3.13t-arm64\\InstallPath", "", "/py/313t" },
		{ CV_OS_HKLM, "PythonCore\\3.13t-arm64\\InstallPath", "ExecutablePath",
			"/py/313t/./python3.13t.exe" },
		{ CV_OS_HKLM, "PythonCore\\3.13t-arm64", "Version", "3.13.0rc2" },
		{ CV_OS_HKLM_32, "PythonCore\\3.12-32\\InstallPath", "", "/py/32" },
		{ CV_OS_HKLM_32, "PythonCore\\3.12-32", "SysVersion", "3.12" },
		{ CV_OS_HKCU, "ContinuumAnalytics\\Anaconda39-64\\InstallPath", "", "/conda" },
		{ CV_OS_HKCU, "ContinuumAnalytics\\Anaconda39-64", "SysVersion", "3.9" },
		{ CV_OS_HKCU, "ContinuumAnalytics\\Anaconda39-64", "SysArchitecture", "64bit" },
		{ 0 },
	};

	(void)state;
	check(list, "/conda/python.exe 3.9.-1 64\n"
		    "/py/38/python.exe 3.8.10 0 core\n"
		    "/py/313t/python3.13t.exe 3.13.0t 0 core\n"
		    "/py/32/python.exe 3.12.-1 32 core\n");
}

static void test_entry_of_the_user_hides_that_of_the_machine(void **state)
{
	static const struct value list[] = {
		{ CV_OS_HKLM, "PythonCore\\3.12\\InstallPath", "", "/all" },
		{ CV_OS_HKLM_32, "PythonCore\\3.12\\InstallPath", "", "/all32" },
		{ CV_OS_HKLM, "Other\\3.12\\InstallPath", "", "/other" },
		{ CV_OS_HKCU, "pythoncore\\3.12\\InstallPath", "", "/mine" },
		{ 0 },
	};

	(void)state;
	check(list, "/mine/python.exe 3.12.-1 0 core\n/other/python.exe 3.12.-1 0\n");
}

/* An entry that is no use hides others, too: that is what the user has chosen. */
static void test_what_cannot_be_used_is_skipped(void **state)
{
	static const struct value list[] = {
		{ CV_OS_HKCU, "PyLauncher\\3.12\\InstallPath", "", "/launcher" },
		{ CV_OS_HKCU, "PyPy\\3.10\\InstallPath", "", "/pypy" },
		{ CV_OS_HKCU, "A\\3.1\\InstallPath", "", "relative" },
		{ CV_OS_HKCU, "A\\3.2\\InstallPath", "ExecutablePath", "python.exe" },
		{ CV_OS_HKCU, "A\\3.3\\InstallPath", "", "/arguments" },
		{ CV_OS_HKCU, "A\\3.3\\InstallPath", "ExecutableArguments", "-E" },
		{ CV_OS_HKCU, "A\\3.4", "Version", "3.4" },
		{ CV_OS_HKCU, "A\\any\\InstallPath", "", "/any" },
		{ CV_OS_HKCU, "A\\3\\InstallPath", "", "/three" },
		{ CV_OS_HKCU, "A\\3.5\\InstallPath", "", "" },
		{ CV_OS_HKLM, "A\\3.5\\InstallPath", "", "/hidden" },
		{ CV_OS_HKLM, "A\\3.6\\InstallPath", "", "/good" },
		{ CV_OS_HKLM, "A\\3.6", "Version", "\xff garbage" },
		{ 0 },
	};

	(void)state;
	check(list, "/good/python.exe 3.6.-1 0\n");
}

static void test_no_memory(void **state)
{
	OWN_ARENA struct cv_arena a = { 0 };
	struct cv_registered *got;
	struct cvenv_error err;
	size_t count;

	(void)state;
	fail_with = ENOMEM;
	assert_int_equal(cv_registered(&a, &got, &count, &err), -ENOMEM);
	fail_with = 0;
}

/* The text of the file is its version: "3.12.4", and "-32". */
static int tell(void *data, const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	char text[16] = "";
	FILE *f = fopen(path, "r");

	(void)data;
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	(void)fclose(f);
	*ret = (struct cv_info){ .version = "",
		.pre = "",
		.implementation = "cpython",
		.platform = "windows-amd64",
		.bits64 = !strchr(text, '-') };
	if (sscanf(text, "%u.%u.%u", &ret->major, &ret->minor, &ret->micro) != 3)
		return cv_fail_msg(err, CVENV_EPYTHON, "broken");
	return 0;
}

static const struct cv_prober prober = { tell, NULL };

static void finds(struct world *w, const char *spec, const char *want)
{
	char *got = NULL;

	must(w, cv_python_find(&w->ctx, &w->arena, spec, &prober, &got, &w->err));
	assert_string_equal(got, want);
}

static void fails(struct world *w, const char *spec, const char *want)
{
	char *got = NULL;

	assert_int_equal(
		cv_python_find(&w->ctx, &w->arena, spec, &prober, &got, &w->err), -CVENV_ENOPYTHON);
	assert_string_equal(w->err.message, want);
}

/* 64 bits before 32, python.org before others, and only then the newest. */
static void test_registered_pythons_are_found(void **state)
{
	struct world *w = *state;
	const struct value list[] = {
		{ CV_OS_HKCU, "Astral\\CPython3.12.9\\InstallPath", "", at(w, "uv") },
		{ CV_OS_HKLM, "PythonCore\\3.12\\InstallPath", "", at(w, "core") },
		{ CV_OS_HKLM, "PythonCore\\3.12", "Version", "3.12.4" },
		{ CV_OS_HKLM, "PythonCore\\3.12-32\\InstallPath", "", at(w, "core32") },
		{ CV_OS_HKLM, "PythonCore\\3.12-32", "Version", "3.12.8" },
		{ CV_OS_HKLM, "PythonCore\\3.11\\InstallPath", "", at(w, "gone") },
		{ CV_OS_HKLM, "Other\\3.11\\InstallPath", "", at(w, "other") },
		{ CV_OS_HKLM, "Other\\3.14\\InstallPath", "", at(w, "new") },
		{ CV_OS_HKLM, "PythonCore\\3.10\\InstallPath", "", at(w, "changed") },
		{ CV_OS_HKLM, "PythonCore\\3.13\\InstallPath", "", at(w, "broken") },
		{ 0 },
	};
	const char *const files[][2] = { { "uv", "3.12.9" }, { "core", "3.12.4" },
		{ "core32", "3.12.8-32" }, { "other", "3.11.1" }, { "new", "3.14.0" },
		{ "changed", "3.11.2" }, { "broken", "x" } };

	values = list;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put(at(w, "%s/python.exe", files[i][0]), files[i][1], 0755);
	finds(w, "3.12", at(w, "core/python.exe"));
	finds(w, "3", at(w, "core/python.exe"));
	finds(w, "3.12-32", at(w, "core32/python.exe"));
	finds(w, "3.12.9", at(w, "uv/python.exe"));
	finds(w, "3.11", at(w, "other/python.exe")); /* the first one was deleted */
	finds(w, "3.14", at(w, "new/python.exe"));
	fails(w, "3.10", "no Python 3.10 found");
	fails(w, "3.13", "no Python 3.13 found");
}

static void test_aliases_that_install(void **state)
{
	static const struct {
		const char *package, *target;
		bool installs;
	} aliases[] = {
		{ "Microsoft.DesktopAppInstaller_8wekyb3d8bbwe",
			"C:\\Program Files\\WindowsApps\\x\\AppInstallerPythonRedirector.exe",
			true },
		{ "Other_1", "C:\\x\\appinstallerpythonredirector.EXE", true },
		{ "PythonSoftwareFoundation.PythonManager_qbz5n2kfra8p0", "C:\\x\\python.exe",
			true },
		{ "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0", "C:\\x\\python3.12.exe",
			false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		const struct cv_os_alias alias = { aliases[i].package, aliases[i].target };

		assert_int_equal(cv_alias_installs(&alias), aliases[i].installs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_entry_of_the_user_hides_that_of_the_machine),
		cmocka_unit_test(test_what_cannot_be_used_is_skipped),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test_setup_teardown(
			test_registered_pythons_are_found, world_setup, world_teardown),
		cmocka_unit_test(test_aliases_that_install),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
