/* SPDX-License-Identifier: MIT */
#include "interpreter/choose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "help.h"

/* Who decides which Python. Each version has a command of its own, "bin/python3.12". */
struct choice {
	struct world *w;
	struct cvenv_options options;
	struct cv_chosen chosen;
};

static int tell(void *data, const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	const char *minor = strstr(path, "python3.");

	(void)data;
	if (!minor)
		return cv_fail(err, CVENV_EPYTHON, "'%s'", path);
	*ret = (struct cv_info){ .implementation = "cpython",
		.version = minor + 6,
		.pre = "",
		.abiflags = "",
		.platform = "linux-x86_64-gnu",
		.path = path,
		.major = 3,
		.bits64 = true };
	assert_int_equal(sscanf(minor, "python3.%u", &ret->minor), 1);
	return 0;
}

static const struct cv_prober prober = { tell, NULL };

static int choose(struct choice *c)
{
	struct world *w = c->w;

	w->err = (struct cvenv_error){ 0 };
	w->log[0] = '\0';
	return cv_choose_python(&w->ctx, &w->arena, &c->options, &prober, &c->chosen, &w->err);
}

static void chooses(struct choice *c, const char *name, const char *source)
{
	must(c->w, choose(c));
	assert_string_equal(c->chosen.path, at(c->w, "%s", name));
	assert_string_equal(c->chosen.source, source);
}

static void fails(struct choice *c, int code, const char *message)
{
	assert_int_equal(choose(c), -code);
	assert_string_equal(c->w->err.message, message);
}

static struct choice begin(struct world *w)
{
	put_fake(at(w, "bin/python3"));
	for (int minor = 8; minor < 14; minor++)
		put_fake(at(w, "bin/python3.%d", minor));
	return (struct choice){ .w = w };
}

static void test_order(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *file = at(w, "cwd/.python-version"), *project = at(w, "pyproject.toml");

	chooses(&c, "bin/python3", "default");
	c.options.default_python = "3.8";
	chooses(&c, "bin/python3.8", "default_python");
	c.options.python_source = "/home/config.toml";
	chooses(&c, "bin/python3.8", "/home/config.toml");
	put(file, "3.9\n", 0644);
	chooses(&c, "bin/python3.9", file);
	c.options.python = "3.10";
	c.options.python_source = project;
	chooses(&c, "bin/python3.9", file); /* nearer than the project */
	c.options.python_source = at(w, "cwd/pyproject.toml");
	chooses(&c, "bin/python3.10", at(w, "cwd/pyproject.toml"));
	world_env(w, "CVENV_PYTHON", "3.11");
	chooses(&c, "bin/python3.11", "CVENV_PYTHON");
	c.options.python_source = NULL;
	chooses(&c, "bin/python3.10", "-p");
	c.options.python = NULL;
	world_env(w, "CVENV_PYTHON", "%s", "");
	chooses(&c, "bin/python3.9", file);
	c.options.no_config = true;
	chooses(&c, "bin/python3", "default");
	c.options.python = "3.10";
	c.options.python_source = project;
	chooses(&c, "bin/python3", "default");
}

static void test_several(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	const char *const more[] = { "3.99", "./none", "nosuch", "3.12", "3.11", NULL };
	const char *const bad[] = { ">=x", "3.12", NULL };

	c.options.python = "3.98";
	c.options.pythons = more;
	chooses(&c, "bin/python3.12", "-p");
	assert_non_null(strstr(w->log, "no Python 3.98 found"));
	c.options.python = "3.10";
	chooses(&c, "bin/python3.10", "-p");
	c.options.python = "3.98";
	c.options.pythons = more + 4;
	chooses(&c, "bin/python3.11", "-p");
	c.options.pythons = more + 5;
	fails(&c, CVENV_ENOPYTHON, "no Python 3.98 found");
	c.options.pythons = bad; /* a mistake, and not a Python that is missing */
	fails(&c, CVENV_EUSAGE, "'>=x' is not a valid range of versions");
	c.options.pythons = (const char *const[]){ "3.99", "nosuch", NULL };
	fails(&c, CVENV_ENOPYTHON,
		"found none of the Pythons that were given: no Python 3.98 found");
}

static void test_several_defaults(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	const char *const three[] = { "3.97", "3.12", "3.11", NULL };
	const char *const project[] = { "project", NULL };

	c.options.default_python = "3.99";
	c.options.pythons = three;
	chooses(&c, "bin/python3.12", "default_python");
	c.options.python_source = "/home/config.toml";
	chooses(&c, "bin/python3.12", "/home/config.toml");
	c.options.pythons = (const char *const[]){ "3.98", NULL };
	fails(&c, CVENV_ENOPYTHON,
		"'/home/config.toml': found none of the Pythons that were given: no Python 3.99 "
		"found");
	put(at(w, "cwd/.python-version"), "3.99\n", 0644); /* has no part in the list */
	c.options.pythons = three;
	assert_int_equal(choose(&c), -CVENV_ENOPYTHON);
	assert_int_equal(remove(at(w, "cwd/.python-version")), 0);

	/* what requires-python allows of the default, and else of all */
	c.options.pythons = project;
	chooses(&c, "bin/python3", "default");
	put(at(w, "pyproject.toml"), "[project]\nrequires-python = '<3.10'\n", 0644);
	chooses(&c, "bin/python3.9", "/home/config.toml");
	assert_int_equal(remove(at(w, "pyproject.toml")), 0);
	c.options.default_python = "project";
	c.options.pythons = three;
	chooses(&c, "bin/python3.12", "/home/config.toml");

	/* beside the setting of a project, they are not of the default */
	c.options.python = "3.10";
	c.options.python_source = at(w, "pyproject.toml");
	c.options.default_python = "3.99";
	put(at(w, "cwd/.python-version"), "system\n", 0644);
	chooses(&c, "bin/python3", at(w, "cwd/.python-version"));
}

static void test_variable(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);

	put_fake(at(w, "bin/mypy"));
	put_fake(at(w, "else/python"));
	world_env(w, "CVENV_PYTHON", "mypy");
	chooses(&c, "bin/mypy", "CVENV_PYTHON");
	world_env(w, "CVENV_PYTHON", "../else/python");
	chooses(&c, "else/python", "CVENV_PYTHON");
	world_env(w, "CVENV_PYTHON", "none");
	fails(&c, CVENV_ENOPYTHON, "CVENV_PYTHON: no 'none' found on PATH");
}

static void test_several_lines(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *file = at(w, "cwd/.python-version");
	char message[256];

	put(file, "3.99\n3.98\n3.12\n3.11\n", 0644);
	chooses(&c, "bin/python3.12", file);
	put(file, "3.99\nsystem\n", 0644);
	c.options.default_python = "3.8"; /* which is not "system" */
	chooses(&c, "bin/python3", file);
	put(file, "3.99\n3.98\n", 0644);
	(void)snprintf(message, sizeof(message), "'%s': no Python 3.99 found", file);
	fails(&c, CVENV_ENOPYTHON, message);
	assert_non_null(strstr(w->err.hint, "choose another with -p, or use --no-config"));
}

static void test_project_setting_must_be_a_version(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *project = at(w, "cwd/pyproject.toml");
	static const char *const others[] = { "./python", "/bin/sh", "mypy", "python3" };
	char message[256];

	put_fake(at(w, "bin/mypy"));
	put_fake(at(w, "cwd/python"));
	c.options.python_source = project;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		c.options.python = others[i];
		(void)snprintf(message, sizeof(message), "'%s': '%s' is not a version", project,
			others[i]);
		fails(&c, CVENV_EREFUSED, message);
	}
}

static void test_names_are_ignored_with_a_warning(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *file = at(w, "cwd/.python-version");
	char message[256];

	put(file, "# x\nmyenv\nother\n", 0644);
	chooses(&c, "bin/python3", "default");
	(void)snprintf(message, sizeof(message),
		"'%s', line 2: ignoring 'myenv', which is not a version", file);
	assert_non_null(strstr(w->log, message));
	assert_null(strstr(w->log, "other"));
	put_fake(at(w, "home/.pyenv/shims/python3"));
	put_fake(at(w, "home/.pyenv/versions/myenv/bin/python3"));
	world_env(w, "PATH", "%s", at(w, "home/.pyenv/shims"));
	chooses(&c, "home/.pyenv/versions/myenv/bin/python3", "default");
	assert_null(strstr(w->log, "ignoring"));
}

static void test_version_variable_of_a_shim(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *file = at(w, "cwd/.python-version");

	put(file, "3.12\n", 0644);
	world_env(w, "PYENV_VERSION", "3.9.1");
	chooses(&c, "bin/python3.12", file); /* python3 is no shim */
	put_fake(at(w, "home/.pyenv/shims/python3"));
	put_fake(at(w, "home/.pyenv/versions/3.9.1/bin/python3"));
	world_env(w, "PATH", "%s:%s", at(w, "home/.pyenv/shims"), at(w, "bin"));
	chooses(&c, "home/.pyenv/versions/3.9.1/bin/python3", "PYENV_VERSION");
	world_env(w, "PYENV_VERSION", "%s", "");
	chooses(&c, "bin/python3.12", file);
}

static void requires(struct world *w, const char *specifiers)
{
	put(at(w, "pyproject.toml"),
		cv_strfmt(&w->arena, "[project]\nrequires-python = '%s'\n", specifiers), 0644);
}

static void test_project(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *file = at(w, "cwd/.python-version"), message[256];

	c.options.python = "project";
	c.options.no_config = true; /* says that nothing but -p chooses */
	(void)snprintf(message, sizeof(message),
		"cannot choose a Python for the project: no pyproject.toml in '%s' or above it",
		w->ctx.cwd);
	fails(&c, CVENV_ENOPYTHON, message);
	requires(w, ">=3.9,<3.12");
	chooses(&c, "bin/python3.11", "-p");
	c.options.no_config = false;
	put(file, "3.10\n", 0644);
	chooses(&c, "bin/python3.10", "-p"); /* it fits */
	put(file, "3.8\n", 0644);
	chooses(&c, "bin/python3.11", "-p");
	put(file, "/bin/sh\n", 0644);
	chooses(&c, "bin/python3.11", "-p");
	assert_int_equal(remove(file), 0);
	world_env(w, "CVENV_PYTHON", "3.9");
	chooses(&c, "bin/python3.9", "-p");
	c.options.python = "3.99";
	c.options.pythons = (const char *const[]){ "project", NULL };
	chooses(&c, "bin/python3.9", "-p");
	c.options.python = "project";
	c.options.pythons = NULL;
	world_env(w, "CVENV_PYTHON", "3.13");
	chooses(&c, "bin/python3.11", "-p");
	requires(w, ">=3.99");
	(void)snprintf(
		message, sizeof(message), "'%s': no Python >=3.99 found", at(w, "pyproject.toml"));
	fails(&c, CVENV_ENOPYTHON, message);
}

static void test_project_said_elsewhere(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *project = at(w, "pyproject.toml");

	c.options.default_python = "project";
	chooses(&c, "bin/python3", "default");
	requires(w, "<3.10");
	c.options.python_source = "/home/config.toml";
	chooses(&c, "bin/python3.9", "/home/config.toml");
	c.options.python = "project";
	c.options.python_source = project;
	chooses(&c, "bin/python3.9", project);
	world_env(w, "CVENV_PYTHON", "project");
	chooses(&c, "bin/python3.9", "CVENV_PYTHON");
	assert_int_equal(remove(project), 0);
	assert_int_equal(choose(&c), -CVENV_ENOPYTHON);
	put_fake(at(w, "cwd/project"));
	world_env(w, "CVENV_PYTHON", "./project");
	chooses(&c, "cwd/project", "CVENV_PYTHON");
}

static void test_broken_project(void **state)
{
	struct world *w = *state;
	struct choice c = begin(w);
	char *project = at(w, "pyproject.toml"), message[256];

	put(project, "[project]\nrequires-python = 3\n", 0644);
	chooses(&c, "bin/python3", "default");
	c.options.python = "project";
	(void)snprintf(message, sizeof(message),
		"'%s', line 2: 'project.requires-python': must be a string, not an integer",
		project);
	fails(&c, EINVAL, message);
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_order),
		T(test_several),
		T(test_several_defaults),
		T(test_variable),
		T(test_several_lines),
		T(test_project_setting_must_be_a_version),
		T(test_names_are_ignored_with_a_warning),
		T(test_version_variable_of_a_shim),
		T(test_project),
		T(test_project_said_elsewhere),
		T(test_broken_project),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
