/* SPDX-License-Identifier: MIT */
#include "finished/finished.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/existing.h"
#include "create/redirect.h"
#include "env/pyvenv_cfg.h"
#include "finished/finished_in.h"
#include "fs/file.h"

const char *cv_finished_text(struct cv_arena *a, struct cv_str text, bool *ret_bad)
{
	const char *copy;

	if (!text.n || memchr(text.p, '\0', text.n))
		return NULL;
	copy = cv_strdup(a, text);
	*ret_bad = *ret_bad || !copy;
	return copy;
}

int cv_finished_failed(const struct cv_finished_reader *r, int rc, const char *name)
{
	if (rc == -EACCES || rc == -EPERM)
		r->env->denied = name;
	if (rc >= 0 || cv_err_missing(-rc) || r->env->denied == name)
		return 0;
	return cv_fail(r->err, -rc, "cannot read '%s' in '%s'", name, r->env->env_dir);
}

/* --- opening ------------------------------------------------------------------------------- */

int cv_finished_none(const char *env_dir, const char *reason, struct cvenv_error *err)
{
	return cv_fail_msg(err, CVENV_ENOTENV, "'%s' is not an environment: %s", env_dir, reason);
}

int cv_finished_no_dir(const char *path, struct cvenv_error *err)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_NOFOLLOW, &st);

	if (rc < 0 && cv_err_missing(-rc))
		return cv_fail_missing(err, CVENV_ENOTENV, path);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot open '%s'", path);
	if (st.type == CV_OS_DIR) /* it was replaced meanwhile */
		return cv_fail(err, ENOTDIR, "cannot open '%s'", path);
	return cv_finished_none(path,
		st.type == CV_OS_FILE   ? "it is a file"
		: st.type == CV_OS_LINK ? "it is a link that leads to no directory"
					: "it is not a directory",
		err);
}

/* ENV_DIR is no directory. Open what it names, if it is a redirect file. */
static int follow(struct cv_finished_reader *r, struct cvenv_error *err)
{
	struct cv_finished *env = r->env;
	const char *file = env->env_dir;
	struct cv_os_stat st;
	int rc;

	err->code = 0;
	rc = cv_redirect_read(r->a, file, &env->env_dir, &st, err);
	if (rc == -ENOTDIR)
		return cv_finished_no_dir(file, err);
	if (rc < 0)
		return rc;
	env->redirect = file;
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, env->env_dir, CV_OS_FOLLOW, &env->dir);
	return rc < 0 ? cv_fail(err, -rc, "redirect file '%s': cannot open '%s'", file,
				env->env_dir)
		      : 0;
}

static int open_dir(const struct cv_ctx *ctx, struct cv_finished_reader *r, const char *env_dir)
{
	unsigned how = r->how & CV_FINISHED_NOFOLLOW ? CV_OS_NOFOLLOW : CV_OS_FOLLOW;
	struct cv_finished *env = r->env;
	int rc;

	if (!env_dir[0]) /* usually an unset variable */
		return cv_finished_none(env_dir, "an empty name", r->err);
	if (!cv_path_has_abs(ctx, env_dir))
		return cv_fail(r->err, ENOENT, "cannot find the current directory");
	env->env_dir = cv_path_abs(r->a, ctx, env_dir);
	if (!env->env_dir)
		return cv_fail_nomem(r->err);
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, env->env_dir, how, &env->dir);
	if (rc == -ENOTDIR && how == CV_OS_FOLLOW)
		rc = follow(r, r->err);
	else if (rc == -ENOTDIR || rc == -ELOOP)
		rc = cv_finished_none(env->env_dir, "it is a link or a file", r->err);
	else if (rc == -ENOENT)
		rc = cv_finished_no_dir(env->env_dir, r->err);
	else if (rc < 0)
		cv_fail(r->err, -rc, "cannot open '%s'", env->env_dir);
	if (rc < 0)
		return rc;
	rc = cv_os_stat_dir(env->dir, &env->st);
	return rc < 0 ? cv_fail(r->err, -rc, "cannot read '%s'", env->env_dir) : 0;
}

/* --- pyvenv.cfg ---------------------------------------------------------------------------- */

static int read_text(struct cv_finished_reader *r)
{
	struct cv_finished *env = r->env;
	struct cvenv_error failed;
	struct cv_os_stat st;
	int rc = cv_os_stat(env->dir, "pyvenv.cfg", CV_OS_NOFOLLOW, &env->cfg_st);

	if (rc < 0 && !cv_err_missing(-rc))
		return cv_fail(r->err, -rc, "cannot read '%s'", env->env_dir);
	if (rc < 0 || env->cfg_st.type != CV_OS_FILE)
		return cv_finished_none(env->env_dir,
			rc < 0 ? "it has no pyvenv.cfg" : "its pyvenv.cfg is no regular file",
			r->err);
	rc = cv_read_file_stat(env->dir, "pyvenv.cfg", CV_OS_NOFOLLOW | CV_OS_QUIET, CV_CFG_MAX,
		r->a, &env->cfg_text, &st, &failed);
	if (rc == -CVENV_ELIMIT)
		env->cfg_reason = "it is too large";
	else if (rc < 0)
		env->cfg_reason = "it cannot be read";
	return rc == -CVENV_ELIMIT || rc == -EINVAL ? 0 : cv_finished_failed(r, rc, "pyvenv.cfg");
}

static int read_cfg(struct cv_finished_reader *r)
{
	struct cv_finished *env = r->env;
	struct cvenv_error failed;
	struct cv_str prompt;
	bool bad = false;
	int rc = read_text(r);

	if (rc < 0)
		return rc;
	rc = cv_cfg_parse(r->a, env->cfg_text, &env->cfg, &failed);
	if (rc == -CVENV_ELIMIT) {
		env->cfg = (struct cv_cfg){ 0 };
		env->cfg_reason = "it has too many lines";
	} else if (rc < 0) {
		return cv_fail_nomem(r->err);
	}
	env->maker = cv_maker_of(&env->cfg);
	env->maker_version = cv_finished_text(r->a, cv_maker_version(&env->cfg), &bad);
	env->version = cv_finished_text(r->a, cv_cfg_version(&env->cfg), &bad);
	env->home = cv_finished_text(r->a, cv_cfg_value(&env->cfg, "home"), &bad);
	prompt = cv_cfg_value(&env->cfg, "prompt");
	if (prompt.p) {
		env->prompt = cv_repr_read(r->a, prompt);
		bad = bad || !env->prompt;
	}
	return bad ? cv_fail_nomem(r->err) : 0;
}

/* --- what follows -------------------------------------------------------------------------- */

/* Also true if that is not known: on a server that does not answer. */
static bool is_dir(const char *path)
{
	struct cv_os_stat st;
	int rc;

	if (!cv_path_is_abs(path))
		return false;
	rc = cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st);
	return rc == 0 ? st.type == CV_OS_DIR : !cv_err_missing(-rc);
}

static bool is_file(const struct cv_finished *env, const char *name)
{
	struct cv_os_stat st;

	return cv_os_stat(env->dir, name, CV_OS_NOFOLLOW, &st) == 0 && st.type == CV_OS_FILE;
}

/* Programs that manage environments, by the files and names that only they use. */
static int find_manager(struct cv_finished_reader *r)
{
	static const struct {
		const char *file, *manager;
	} files[] = {
		{ "pipx_metadata.json", "pipx" },
		{ "uv-receipt.toml", "uv-tool" },
		{ ".tox-info.json", "tox" },
	};
	static const struct {
		const char *name, *manager;
	} parents[] = { { ".tox", "tox" }, { ".nox", "nox" } };
	struct cv_finished *env = r->env;
	const char *parent = cv_path_dir(r->a, env->env_dir);

	if (!parent)
		return cv_fail_nomem(r->err);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !env->manager; i++)
		if (is_file(env, files[i].file))
			env->manager = files[i].manager;
	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]) && !env->manager; i++)
		if (strcmp(cv_path_base(parent), parents[i].name) == 0)
			env->manager = parents[i].manager;
	if (!env->manager && strncmp(cv_path_base(env->env_dir), "py_env-", 7) == 0)
		env->manager = "pre-commit";
	return 0;
}

/* The name of bin that leads outside is the first one, as in cv_layout_compute(). */
static void set_names(const struct cv_finished *env, struct cv_layout *l)
{
	const char *first = env->python ? cv_path_base(env->python) : NULL;

	for (size_t i = 0; i < CV_NAMES_MAX && first; i++) {
		const struct cv_program *p = cv_finished_program(env, first);

		if (!p || !p->link || cv_path_is_path(p->link))
			break;
		first = p->link;
	}
	if (first && cv_finished_program(env, first))
		cv_layout_add_name(l, first);
	for (size_t i = 0; i < env->program_count; i++)
		if (env->programs[i].kind == CV_PROGRAM_INTERPRETER)
			cv_layout_add_name(l, env->programs[i].name);
}

static int set_layout(struct cv_finished_reader *r)
{
	struct cv_finished *env = r->env;
	struct cv_layout *l = &env->layout;
	struct cv_str version = cv_str(env->version);
	bool pypy = env->implementation && strcmp(env->implementation, "pypy") == 0;
	struct cv_os_stat st;
	uint64_t minor = 0;
	struct cv_str major;

	(void)cv_str_cut(&version, '.', &major);
	(void)cv_str_cut(&version, '.', &major);
	(void)cv_str_u64(major, 999, &minor);
	*l = (struct cv_layout){ .env_dir = env->env_dir,
		.sep = CV_PATH_SEP,
		.prompt = env->prompt ? env->prompt : cv_path_base(env->env_dir),
		.bin = env->bin ? env->bin : CV_EXISTING_BIN,
		.include = CV_WINDOWS ? "Include" : "include",
		.lib = CV_WINDOWS ? "Lib" : "lib",
		.relocatable = cv_cfg_true(&env->cfg, "relocatable"),
		.links = !env->copies };
	l->purelib = env->site_count ? env->sites[0]
				     : cv_strfmt(r->a, "%s/%s3.%u/site-packages", l->lib,
					       pypy ? "pypy" : "python", (unsigned)minor);
	l->platlib = env->site_count > 1 ? env->sites[1] : NULL;
	l->lib64_link =
		cv_os_stat(env->dir, "lib64", CV_OS_NOFOLLOW, &st) == 0 && st.type == CV_OS_LINK;
	set_names(env, l);
	if (l->name_count == 0)
		cv_layout_add_name(l, CV_WINDOWS ? "python.exe" : "python");
	if (l->purelib)
		l->env_exe = cv_path_join(r->a, env->env_dir, l->bin);
	if (l->purelib && l->env_exe)
		l->env_exe = cv_path_join(r->a, l->env_exe, l->names[0]);
	return l->purelib && l->env_exe ? 0 : cv_fail_nomem(r->err);
}

int cv_finished_open(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	unsigned how, struct cv_finished *ret, struct cvenv_error *err)
{
	struct cv_finished_reader r = { .a = a, .env = ret, .how = how, .err = err };
	int rc;

	*ret = (struct cv_finished){ 0 };
	rc = open_dir(ctx, &r, env_dir);
	if (rc == 0)
		rc = read_cfg(&r);
	if (rc == 0)
		rc = cv_finished_read_programs(&r);
	if (rc == 0)
		rc = cv_finished_read_packages(&r);
	if (rc == 0)
		rc = find_manager(&r);
	if (rc == 0)
		rc = cv_finished_read_places(&r);
	if (rc == 0)
		rc = set_layout(&r);
	if (rc < 0)
		return rc;
	ret->home_exists = ret->home && is_dir(ret->home);
	ret->broken =
		ret->cfg_reason || !ret->python_works || !ret->home_exists || ret->site_count == 0;
	return 0;
}

void cv_finished_close(struct cv_finished *env)
{
	cv_os_close_dir(&env->dir);
}

bool cv_finished_is(const struct cv_finished *env, struct cv_os_dir dir)
{
	struct cv_os_stat st;

	return cv_os_stat_dir(dir, &st) == 0 && cv_os_same(&st, &env->st);
}

const struct cv_program *cv_finished_program(const struct cv_finished *env, const char *name)
{
	size_t low = 0, high = env->program_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(env->programs[middle].name, name);

		if (order == 0)
			return &env->programs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void cv_finished_describe(const struct cv_finished *env, struct cvenv_environment *ret)
{
	*ret = (struct cvenv_environment){ .size = sizeof(*ret),
		.path = env->env_dir,
		.maker = env->maker,
		.maker_version = env->maker_version,
		.python = env->python,
		.implementation = env->implementation,
		.version = env->version,
		.home = env->home,
		.base = env->base,
		.prompt = env->prompt,
		.manager = env->manager,
		.system_site_packages = cv_cfg_true(&env->cfg, "include-system-site-packages"),
		.relocatable = env->layout.relocatable,
		.copies = env->copies,
		.broken = env->broken,
		.package_count = env->found_count };
}
