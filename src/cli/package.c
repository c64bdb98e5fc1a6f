/* SPDX-License-Identifier: MIT */
#include "cli/package.h"

#include <assert.h>
#include <string.h>

#include "cli/config.h"
#include "cli/name.h"
#include "cli/option_table.h"

#define OPTION(name, kind)                                        \
	{                                                         \
#name, kind, offsetof(struct cvenv_options, name) \
	}
const struct cv_member cv_package_options[] = {
	OPTION(cwd, CV_MEMBER_PATH),
	OPTION(python, CV_MEMBER_PATH),
	OPTION(pythons, CV_MEMBER_PATHS),
	OPTION(python_source, CV_MEMBER_PATH),
	OPTION(default_python, CV_MEMBER_PATH),
	OPTION(no_config, CV_MEMBER_FLAG),
	OPTION(prompt, CV_MEMBER_TEXT),
	OPTION(wheel_dir, CV_MEMBER_PATH),
	OPTION(cache_dir, CV_MEMBER_PATH),
	OPTION(redirect, CV_MEMBER_PATH),
	OPTION(activators, CV_MEMBER_TEXT),
	OPTION(extra_cfg, CV_MEMBER_PATH),
	OPTION(system_site_packages, CV_MEMBER_FLAG),
	OPTION(copies, CV_MEMBER_FLAG),
	OPTION(symlinks, CV_MEMBER_FLAG),
	OPTION(clear, CV_MEMBER_FLAG),
	OPTION(force, CV_MEMBER_FLAG),
	OPTION(upgrade, CV_MEMBER_FLAG),
	OPTION(without_pip, CV_MEMBER_FLAG),
	OPTION(upgrade_deps, CV_MEMBER_FLAG),
	OPTION(without_scm_ignore_files, CV_MEMBER_FLAG),
	OPTION(without_cachedir_tag, CV_MEMBER_FLAG),
	OPTION(relocatable, CV_MEMBER_FLAG),
	OPTION(link_mode, CV_MEMBER_NUMBER),
	OPTION(compile, CV_MEMBER_NUMBER),
	OPTION(jobs, CV_MEMBER_NUMBER),
	{ 0 },
};

#define CONTEXT(name)                                                       \
	{                                                                   \
#name, CV_MEMBER_PATH, offsetof(struct cvenv_context, name) \
	}
const struct cv_member cv_package_context[] = {
	CONTEXT(env_dir),
	CONTEXT(env_name),
	CONTEXT(prompt),
	CONTEXT(executable),
	CONTEXT(python_dir),
	CONTEXT(python_exe),
	CONTEXT(inc_path),
	CONTEXT(lib_path),
	CONTEXT(platlib_path),
	CONTEXT(bin_path),
	CONTEXT(bin_name),
	CONTEXT(env_exe),
	CONTEXT(env_exec_cmd),
	CONTEXT(cfg_path),
	{ 0 },
};

#define RESULT(name)                                                       \
	{                                                                  \
#name, CV_MEMBER_PATH, offsetof(struct cvenv_result, name) \
	}
const struct cv_member cv_package_result[] = {
	RESULT(path),
	RESULT(python),
	RESULT(version),
	RESULT(implementation),
	RESULT(home),
	RESULT(base),
	RESULT(bin),
	RESULT(site_packages),
	RESULT(prompt),
	RESULT(python_source),
	RESULT(redirect),
	{ 0 },
};

static_assert(sizeof(enum cvenv_link_mode) == sizeof(unsigned), "NUMBER");
static_assert(sizeof(enum cvenv_compile) == sizeof(unsigned), "NUMBER");

const struct cv_member *cv_member_of(const struct cv_member *members, struct cv_str name)
{
	while (members->name && !cv_str_eq(cv_str(members->name), name))
		members++;
	return members->name ? members : NULL;
}

int cv_package_parse(const struct cv_ctx *ctx, struct cv_arena *a, int argc, char **argv,
	struct cv_options *ret, const char **ret_named, struct cvenv_error *err)
{
	const struct cv_option *python = cv_option_of(CV_LIT("python"));
	int rc = cv_options_parse(argc, argv, ctx->envp, ret, err);

	*ret_named = NULL;
	if (rc < 0 || ret->help || ret->version)
		return rc;
	rc = cv_config_read(ctx, a, ret, err);
	/* The default is this Python, as if a variable named it. */
	if (ret->origins[python - cv_option_table].from != CV_FROM_ARGV) {
		ret->library.python = ret->library.python_source = NULL;
		ret->library.default_python = NULL;
		ret->library.pythons = NULL;
	}
	if (rc == 0 && ret->name)
		rc = cv_name_dir(a, ctx->envp, ret->name, ret_named, err);
	return rc;
}

typedef int step_fn(struct cvenv_env *env, struct cvenv_error *error);

static const struct step {
	const char *name;
	step_fn *run; /* NULL: compute the context only */
} steps[] = {
	{ "begin", NULL },
	{ "ensure_directories", cvenv_ensure_directories },
	{ "create_git_ignore_file", cvenv_create_git_ignore_file },
	{ "create_configuration", cvenv_create_configuration },
	{ "setup_python", cvenv_setup_python },
	{ "setup_pip", cvenv_setup_pip },
	{ "setup_scripts", cvenv_setup_scripts },
};

int cv_package_step(struct cvenv *session, const char *env_dir, const char *step,
	const struct cvenv_context *context, struct cvenv_env **ret, struct cvenv_error *err)
{
	size_t i = 0;
	int rc;

	*ret = NULL;
	while (i < sizeof(steps) / sizeof(*steps) && strcmp(steps[i].name, step) != 0)
		i++;
	if (i == sizeof(steps) / sizeof(*steps))
		return cv_fail_msg(err, CVENV_EUSAGE, "no step '%s'", step);
	rc = cvenv_begin(session, env_dir, ret, err);
	if (rc == 0 && context)
		rc = cvenv_set_context(*ret, context, err);
	if (rc == 0 && steps[i].run)
		rc = steps[i].run(*ret, err);
	return rc;
}
