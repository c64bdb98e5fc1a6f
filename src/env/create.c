/* SPDX-License-Identifier: MIT */
#include "env/create.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/activate.h"
#include "env/base_facts.h"
#include "env/config.h"
#include "env/existing.h"
#include "env/interpreters.h"
#include "env/layout.h"
#include "env/seed.h"
#include "env/upgrade_deps.h"
#include "fs/dir.h"
#include "python/probe.h"

#define PATH_LIST_SEPARATOR ':'

enum { ATTEMPTS_MAX = 3 };

static const char gitignore[] =
	"# Created by venv; see https://docs.python.org/3/library/venv.html\n"
	"*\n";

struct cv_session {
	const struct cv_ctx *ctx;
	const struct cv_request *request;
	struct cv_arena arena; /* for the session */
	struct cv_arena once;  /* for one environment */
	struct cv_store store;
	struct cv_facts facts;
	bool has_facts;
	const char *prompt_repr; /* NULL: no such line */
	struct cv_seed seeds[CV_SEEDS_MAX];
	size_t seed_count;
	bool has_seeds;
	struct cv_plan plan;
};

int cv_session_open(const struct cv_ctx *ctx, const struct cv_request *request,
	struct cv_session **ret, struct cv_err *err)
{
	struct cv_session *s;

	if (request->upgrade && request->clear)
		return cv_fail_msg(err, EINVAL, "you cannot supply --upgrade and --clear together");
	if (request->prompt && !cv_utf8_ok(cv_str(request->prompt)))
		return cv_fail_msg(err, EILSEQ, "cannot use the prompt: it is not UTF-8");
	s = calloc(1, sizeof(*s));
	if (!s)
		return cv_fail_nomem(err);
	s->ctx = ctx;
	s->request = request;
	s->store = CV_STORE_NONE;
	cv_store_open(ctx, &s->arena, request->cache_dir, &s->store);
	*ret = s;
	return 0;
}

void cv_session_close(struct cv_session *s)
{
	if (!s)
		return;
	cv_store_close(&s->store);
	cv_arena_done(&s->once);
	cv_arena_done(&s->arena);
	free(s);
}

/* What can be said of the name alone. */
static int check_name(const char *env_dir, struct cv_err *err)
{
	if (!cv_utf8_ok(cv_str(env_dir))) {
		cv_fail_msg(
			err, EILSEQ, "cannot create an environment in '%s': not UTF-8", env_dir);
		return cv_cure(err, -EILSEQ, "pyvenv.cfg and Python need names in UTF-8");
	}
	if (cv_is_temp_name(cv_path_base(env_dir)))
		return cv_fail_msg(err, CV_EREFUSED,
			"refusing to create an environment in '%s': such names are of what cvenv "
			"leaves when it is killed, and removes",
			env_dir);
	if (strchr(env_dir, PATH_LIST_SEPARATOR)) {
		cv_fail_msg(err, EINVAL,
			"refusing to create an environment in '%s': it contains the PATH separator "
			"'%c'",
			env_dir, PATH_LIST_SEPARATOR);
		return cv_cure(err, -EINVAL, "it could not be activated");
	}
	return 0;
}

static int need_facts(struct cv_session *s, struct cv_err *err)
{
	struct cv_buf b = { 0 };
	const char *prompt = s->request->prompt;
	int rc;

	if (s->has_facts)
		return 0;
	rc = cv_base_facts(s->ctx, &s->arena, &s->store, s->request->python, &s->facts, err);
	if (rc < 0)
		return rc;
	if (prompt && strcmp(prompt, ".") == 0)
		prompt = cv_path_base(s->ctx->cwd ? s->ctx->cwd : "/");
	if (prompt && cv_repr_ascii(&b, cv_str(prompt)) && !b.bad) {
		s->prompt_repr = cv_strdup(&s->arena, cv_buf_slice(&b));
	} else if (prompt) {
		char *repr = NULL;

		rc = cv_probe_repr(s->ctx, &s->arena, s->facts.base, cv_str(prompt), &repr, err);
		s->prompt_repr = repr;
	}
	cv_buf_done(&b);
	if (rc == 0 && prompt && !s->prompt_repr)
		rc = cv_fail_nomem(err);
	s->has_facts = rc == 0;
	return rc;
}

static int need_seeds(struct cv_session *s, struct cv_err *err)
{
	int rc;

	if (s->has_seeds || s->request->without_pip)
		return 0;
	rc = cv_seed_find(
		s->ctx, &s->arena, &s->store, &s->facts, s->request, s->seeds, &s->seed_count, err);
	s->has_seeds = rc == 0;
	return rc;
}

static void plan_dirs(struct cv_plan *plan, const char *path)
{
	for (const char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		char *above = cv_strdup(plan->arena, (struct cv_str){ path, (size_t)(p - path) });

		plan->bad |= !above;
		if (above)
			cv_plan_dir(plan, above);
	}
	cv_plan_dir(plan, path);
}

static int plan_seeds(struct cv_session *s, const struct cv_layout *layout,
	const struct cv_existing *existing, struct cv_result *ret, struct cv_err *err)
{
	for (size_t i = 0; i < s->seed_count; i++) {
		struct cv_package *package = &ret->packages[ret->package_count++];
		int rc = cv_seed_plan(&s->plan, &s->facts, layout, existing, &s->seeds[i],
			&package->version, err);

		if (rc < 0)
			return rc;
		package->name = s->seeds[i].wheel.name;
	}
	return 0;
}

/* The whole environment, in the order of create() in Lib/venv/__init__.py. */
static int compute(struct cv_session *s, const struct cv_layout *layout,
	const struct cv_existing *existing, struct cv_result *ret, struct cv_err *err)
{
	struct cv_plan *plan = &s->plan;
	struct cv_buf cfg = { 0 };
	struct cv_activate activate = { .env_dir = layout->env_dir,
		.prompt = layout->prompt,
		.bin = layout->bin,
		.shells = CV_ACTIVATE_ALWAYS | s->request->activators,
		.relocatable = layout->relocatable };
	int rc;

	plan_dirs(plan, layout->include);
	plan_dirs(plan, layout->purelib);
	if (layout->lib64_link)
		cv_plan_link(plan, "lib64", "lib", CV_KEEP | CV_OPTIONAL);
	if (layout->platlib)
		plan_dirs(plan, layout->platlib);
	cv_plan_dir(plan, layout->bin);
	if (layout->gitignore)
		cv_plan_file(plan, ".gitignore", CV_LIT(gitignore), CV_KEEP);
	rc = cv_config_text(&cfg, &s->facts, layout, s->request, existing, s->prompt_repr, err);
	if (rc == 0)
		cv_plan_file(plan, "pyvenv.cfg", cv_str_dup(plan->arena, cv_buf_slice(&cfg)), 0);
	cv_buf_done(&cfg);
	if (rc < 0)
		return rc;
	cv_interpreters_plan(plan, &s->facts, layout, s->request);
	rc = plan_seeds(s, layout, existing, ret, err);
	if (rc == 0 && !s->request->upgrade)
		rc = cv_activate_plan(s->ctx, plan, &activate, err);
	return rc == 0 && plan->bad ? cv_fail_nomem(err) : rc;
}

static int describe(struct cv_session *s, const struct cv_layout *layout,
	const struct cv_existing *existing, struct cv_result *ret, struct cv_err *err)
{
	ret->path = layout->env_dir;
	ret->python = layout->env_exe;
	ret->version = s->facts.version;
	ret->implementation = s->facts.implementation;
	ret->home = s->facts.home;
	ret->bin = cv_path_join(&s->once, layout->env_dir, layout->bin);
	ret->site_packages = cv_path_join(&s->once, layout->env_dir, layout->purelib);
	ret->prompt = layout->prompt;
	if (!s->request->prompt && s->request->upgrade && existing->prompt.p)
		ret->prompt = cv_repr_read(&s->once, existing->prompt);
	ret->plan = &s->plan;
	return ret->bin && ret->site_packages && ret->prompt ? 0 : cv_fail_nomem(err);
}

static int check_upgrade_deps(
	struct cv_session *s, const struct cv_existing *existing, struct cv_err *err)
{
	if (!s->request->upgrade_deps || !s->request->without_pip ||
		cv_existing_find(existing, CV_LIT("pip")))
		return 0;
	return cv_fail_msg(
		err, EINVAL, "cannot upgrade dependencies: --without-pip leaves no pip to do it");
}

static int plan_for(struct cv_session *s, const char *env_dir, struct cv_target *ret_target,
	struct cv_result *ret, struct cv_err *err)
{
	struct cv_existing existing = { 0 };
	struct cv_layout layout;
	const char *path = NULL;
	int rc;

	cv_arena_done(&s->once);
	s->plan = (struct cv_plan){ .arena = &s->once };
	if (!env_dir[0] && s->request->clear) { /* an unset variable, most of the time */
		cv_fail_msg(err, CV_EREFUSED, "refusing to clear '': an empty name");
		return cv_cure(err, -CV_EREFUSED, "the current directory is '.'");
	}
	if (env_dir[0] != '/' && !s->ctx->cwd)
		return cv_fail(err, ENOENT, "cannot find the current directory");
	path = cv_path_abs(&s->once, s->ctx->cwd, env_dir);
	if (!path)
		return cv_fail_nomem(err);
	rc = check_name(path, err);
	if (rc == 0)
		rc = cv_target_look(s->ctx, &s->once, path, s->request->clear, ret_target, err);
	if (rc == 0)
		rc = need_facts(s, err);
	if (rc == 0)
		rc = cv_layout_compute(s->ctx, &s->once, &s->facts, s->request, path, &layout, err);
	if (rc == 0 && ret_target->exists && !s->request->clear)
		rc = cv_existing_read(&s->once, &layout, &existing, err);
	if (rc == 0 && s->request->upgrade)
		layout.relocatable |= existing.relocatable;
	if (rc == 0)
		rc = check_upgrade_deps(s, &existing, err);
	if (rc == 0)
		rc = need_seeds(s, err);
	if (rc == 0)
		rc = compute(s, &layout, &existing, ret, err);
	return rc == 0 ? describe(s, &layout, &existing, ret, err) : rc;
}

/* One of the images that were just used is not what it should be: out of the store with it. */
static void distrust(struct cv_session *s, const struct cv_err *why)
{
	bool mended = true;

	for (size_t i = 0; i < s->seed_count; i++) {
		mended &= cv_store_drop(s->ctx, &s->store, s->seeds[i].wheel.image.dir);
		if (s->seeds[i].bytecode.count)
			mended &= cv_store_drop(s->ctx, &s->store, s->seeds[i].bytecode.dir);
	}
	if (!mended)
		(void)cv_store_give_up(s->ctx, &s->arena, &s->store, -EROFS, why);
	s->has_seeds = false;
}

/* What pip has brought in, for the result. */
static int look_again(struct cv_session *s, struct cv_result *ret, struct cv_err *err)
{
	struct cv_layout layout = { .env_dir = ret->path,
		.purelib = ret->site_packages + strlen(ret->path) + 1 };
	struct cv_existing existing;
	int rc = cv_existing_read(&s->once, &layout, &existing, err);

	for (size_t i = 0; rc == 0 && i < ret->package_count; i++) {
		const struct cv_existing_package *p =
			cv_existing_find(&existing, ret->packages[i].name);

		if (p)
			ret->packages[i].version = p->version;
	}
	return rc;
}

int cv_create(struct cv_session *s, const char *env_dir, unsigned flags, struct cv_result *ret,
	struct cv_err *err)
{
	struct cv_target target;
	int rc;

	for (int attempt = 0;; attempt++) {
		*ret = (struct cv_result){ .link_mode = CV_LINK_COPY };
		rc = plan_for(s, env_dir, &target, ret, err);
		if (rc < 0 || (flags & CV_CREATE_DRY_RUN))
			return rc;
		rc = cv_publish(s->ctx, &s->once, &s->plan, &target, s->request->link_mode,
			&ret->link_mode, err);
		if (rc != -CV_ECORRUPT || attempt == ATTEMPTS_MAX)
			break;
		distrust(s, err); /* once more, from the wheel */
	}
	if (rc == 0 && s->request->upgrade_deps) {
		rc = cv_upgrade_deps(
			s->ctx, &s->once, ret->python, ret->path, s->facts.needs_setuptools, err);
		rc = rc < 0 ? rc : look_again(s, ret, err);
	}
	return rc;
}

bool cv_session_wants_bytecode(const struct cv_session *s)
{
	if (!s->has_seeds || s->store.temporary[0] || s->request->compile != CV_COMPILE_IF_STORED ||
		!s->facts.cache_tag[0])
		return false;
	for (size_t i = 0; i < s->seed_count; i++)
		if (!s->seeds[i].bytecode.count)
			return true;
	return false;
}

void cv_session_compile_later(struct cv_session *s)
{
	struct cv_bytecode kind = {
		.python = s->facts.base, .cache_tag = s->facts.cache_tag, .magic = s->facts.magic
	};
	struct cv_err ignored;

	for (size_t i = 0; i < s->seed_count; i++)
		if (!s->seeds[i].bytecode.count)
			(void)cv_store_compile(s->ctx, &s->arena, &s->store, &s->seeds[i].wheel,
				&kind, 1, &s->seeds[i].bytecode, &ignored);
}
