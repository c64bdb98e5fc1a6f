/* SPDX-License-Identifier: MIT */
#include "cvenv.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/public.h"
#include "base/own.h"
#include "cvenv_version.h"
#include "env/activate.h"
#include "env/shells.h"

enum { JOBS_MAX = 64, STRUCT_MAX = 4096 };

static_assert((int)CVENV_LINK_COPY == (int)CV_LINK_COPY, "the two lists are one");
static_assert((int)CVENV_COMPILE_NEVER == (int)CV_COMPILE_NEVER, "the two lists are one");
static_assert((int)CVENV_DEBUG == (int)CV_LOG_DEBUG, "the two lists are one");
static_assert((int)CVENV_COMPILE == (int)CV_COMPILE, "the two lists are one");
static_assert((int)CVENV_EUSAGE == (int)CV_EUSAGE, "the two lists are one");
static_assert((int)CVENV_EPIP == (int)CV_EPIP, "the two lists are one");
static_assert((int)CVENV_ENTRY_REMOVE == (int)CV_ENTRY_REMOVE, "the two lists are one");
static_assert((int)CVENV_ENVIRONMENT == (int)CV_BEFORE_ENVIRONMENT, "the two lists are one");
static_assert(sizeof(sig_atomic_t) == sizeof(int), "`stop` is read as one");
static_assert(sizeof(((struct cvenv_error *)0)->message) == CV_ERR_MSG_MAX, "copied whole");
static_assert(sizeof(((struct cvenv_error *)0)->hint) == CV_ERR_HINT_MAX, "copied whole");

int cv_public_error(const struct cv_err *err, struct cvenv_error *ret)
{
	if (!ret)
		return -1;
	ret->code = err->code;
	memcpy(ret->message, err->msg, sizeof(ret->message));
	memcpy(ret->hint, err->hint, sizeof(ret->hint));
	return -1;
}

int cv_public_get(void *ret, size_t known, const void *from, size_t size, struct cv_err *err)
{
	const char *bytes = from;

	if (size < sizeof(size_t) || size > STRUCT_MAX)
		return cv_fail_msg(err, EINVAL, "the size of a structure is not set");
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return cv_fail_msg(err, E2BIG,
				"the caller asks for something newer than cvenv " CVENV_VERSION);
	memset(ret, 0, known);
	memcpy(ret, from, size < known ? size : known);
	return 0;
}

void cv_public_put(void *ret, size_t room, void *from, size_t known)
{
	memcpy(from, &room, sizeof(room));
	memcpy(ret, from, room < known ? room : known);
	if (room > known)
		memset((char *)ret + known, 0, room - known);
}

static void pass_log(void *data, enum cv_level level, const char *message)
{
	const struct cvenv_options *o = data;

	if (o->log)
		o->log(o->log_data, (enum cvenv_level)level, message);
}

static void pass_progress(
	void *data, enum cv_phase phase, const char *name, size_t done, size_t total)
{
	const struct cvenv_options *o = data;

	if (o->progress)
		o->progress(o->progress_data, (enum cvenv_phase)phase, name, done, total);
}

/* An empty name is mostly a script's unset variable, so it never means the default. */
static int check_names(const struct cvenv_options *o, struct cv_err *err)
{
	const struct {
		const char *option, *value;
	} names[] = {
		{ "-p/--python", o->python },
		{ "--wheel-dir", o->wheel_dir },
		{ "--cache-dir", o->cache_dir },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].value && !names[i].value[0])
			return cv_fail_msg(
				err, CV_EUSAGE, "argument %s: an empty name", names[i].option);
	return 0;
}

int cv_public_request(const struct cvenv_options *o, struct cv_request *ret, struct cv_err *err)
{
	unsigned activators = CV_ACTIVATE_DEFAULT;
	struct cv_str bad;

	if ((unsigned)o->link_mode > CVENV_LINK_COPY || (unsigned)o->compile > CVENV_COMPILE_NEVER)
		return cv_fail_msg(err, EINVAL, "unknown link_mode or compile");
	if (o->activators && !cv_activators_parse(cv_str(o->activators), &activators, &bad)) {
		cv_fail_msg(err, CV_EUSAGE, "argument --activators: invalid choice: '%.*s'",
			CV_ARG(bad));
		return cv_hint(err, -CV_EUSAGE, "choose from nushell, xonsh, python, batch");
	}
	*ret = (struct cv_request){ .python = o->python,
		.prompt = o->prompt,
		.wheel_dir = o->wheel_dir,
		.data_dir = o->data_dir ? o->data_dir : CVENV_DATA_DIR,
		.cache_dir = o->cache_dir,
		.system_site_packages = o->system_site_packages,
		.copies = o->copies,
		.clear = o->clear,
		.force = o->force,
		.upgrade = o->upgrade,
		.without_pip = o->without_pip,
		.upgrade_deps = o->upgrade_deps,
		.without_scm_ignore_files = o->without_scm_ignore_files,
		.without_cachedir_tag = o->without_cachedir_tag,
		.link_mode = (enum cv_link_mode)o->link_mode,
		.compile = (enum cv_compile)o->compile,
		.activators = activators,
		.relocatable = o->relocatable,
		.quiet = o->quiet,
		.jobs = o->jobs < JOBS_MAX ? o->jobs : JOBS_MAX };
	return check_names(o, err);
}

static int open_session(struct cvenv *s, const struct cvenv_options *options, struct cv_err *err)
{
	struct cvenv_options *o = &s->options;
	int rc = cv_public_get(o, sizeof(*o), options, options->size, err);

	if (rc == 0 && o->cwd && o->cwd[0] != '/')
		rc = cv_fail_msg(err, EINVAL, "'%s' is no absolute path: cwd", o->cwd);
	if (rc == 0)
		rc = cv_public_request(o, &s->request, err);
	if (rc < 0)
		return rc;
	s->ctx = (struct cv_ctx){ .envp = o->envp,
		.cwd = o->cwd,
		.log = o->log ? pass_log : NULL,
		.log_data = o,
		.progress = o->progress ? pass_progress : NULL,
		.progress_data = o,
		.stop = (const volatile sig_atomic_t *)o->stop };
	return cv_session_open(&s->ctx, &s->request, &s->session, err);
}

int cvenv_open(const struct cvenv_options *options, struct cvenv **ret, struct cvenv_error *error)
{
	struct cvenv *s = calloc(1, sizeof(*s));
	struct cv_err err;

	*ret = NULL;
	if (!s) {
		(void)cv_fail_nomem(&err);
		return cv_public_error(&err, error);
	}
	if (open_session(s, options, &err) < 0) {
		free(s);
		return cv_public_error(&err, error);
	}
	*ret = s;
	return 0;
}

void cvenv_close(struct cvenv *s)
{
	if (!s)
		return;
	cv_session_close(s->session);
	cv_arena_done(&s->strings);
	free(s);
}

int cv_public_result(struct cv_arena *a, const struct cv_result *result,
	struct cvenv_package packages[CV_PIP_MAX], struct cvenv_result *ret, struct cv_err *err)
{
	struct cvenv_result public = { .path = result->path,
		.python = result->python,
		.version = result->version,
		.implementation = result->implementation,
		.home = result->home,
		.base = result->base,
		.bin = result->bin,
		.site_packages = result->site_packages,
		.prompt = result->prompt,
		.packages = packages,
		.package_count = result->package_count,
		.link_mode = (enum cvenv_link_mode)result->link_mode,
		.could_compile = result->could_compile,
		.before = (enum cvenv_before)result->before };

	for (size_t i = 0; i < result->package_count; i++) {
		packages[i].name = cv_strdup(a, result->packages[i].name);
		packages[i].version = cv_strdup(a, result->packages[i].version);
		if (!packages[i].name || !packages[i].version)
			return cv_fail_nomem(err);
	}
	if (ret)
		cv_public_put(ret, ret->size, &public, sizeof(public));
	return 0;
}

static int create(struct cvenv *s, const char *env_dir, unsigned flags, struct cvenv_result *ret,
	struct cvenv_error *error)
{
	struct cv_result result = { 0 };
	struct cv_err err;
	int rc;

	cv_arena_done(&s->strings);
	s->ctx.now = time(NULL);
	s->bin = NULL;
	s->named = cv_strdup(&s->strings, cv_str(env_dir));
	rc = s->named ? cv_create(s->session, env_dir, flags, &result, &err) : cv_fail_nomem(&err);
	if (rc == 0)
		rc = cv_public_result(&s->strings, &result, s->packages, ret, &err);
	if (rc < 0) {
		s->named = NULL;
		return cv_public_error(&err, error);
	}
	s->activators = result.activators;
	s->relocatable = result.relocatable;
	if (result.path && result.bin) {
		s->bin = result.bin + strlen(result.path);
		s->bin += s->bin[0] == '/'; /* but for an ENV_DIR of "/" */
	}
	return 0;
}

int cvenv_check(struct cvenv *s, const char *env_dir, struct cvenv_error *error)
{
	struct cv_err err;

	s->named = NULL;
	return cv_create_check(s->session, env_dir, &err) < 0 ? cv_public_error(&err, error) : 0;
}

int cvenv_create(
	struct cvenv *s, const char *env_dir, struct cvenv_result *ret, struct cvenv_error *error)
{
	return create(s, env_dir, 0, ret, error);
}

int cvenv_plan(
	struct cvenv *s, const char *env_dir, struct cvenv_result *ret, struct cvenv_error *error)
{
	return create(s, env_dir, CV_CREATE_DRY_RUN, ret, error);
}

bool cvenv_plan_entry(const struct cvenv *s, size_t index, struct cvenv_entry *ret)
{
	const struct cv_entry *e;
	struct cvenv_entry public;

	if (!s->named || index >= s->session->plan.count)
		return false;
	e = &s->session->plan.entries[index];
	public = (struct cvenv_entry){ .kind = (enum cvenv_entry_kind)e->kind,
		.path = e->path,
		.source = e->kind == CV_ENTRY_REMOVE ? NULL : e->source };
	if (e->kind == CV_ENTRY_FILE) {
		public.data = e->data.p;
		public.bytes = e->data.n;
	} else if (e->kind == CV_ENTRY_TREE) {
		public.files = e->tree->count;
	}
	cv_public_put(ret, ret->size, &public, sizeof(public));
	return true;
}

const char *cvenv_activation_line(struct cvenv *s, const char *const *shells)
{
	struct cv_shell found = { CV_ACTIVATE_POSIX, false, false };
	bool known = false;

	for (; shells && *shells && !known; shells++) {
		struct cv_shell shell;

		known = cv_shell_known(*shells, &shell);
		if (known && ((s->request.activators | CV_ACTIVATE_ALWAYS) & 1U << shell.activator))
			found = shell;
	}
	if (!s->named || !(s->activators & 1U << found.activator) ||
		(s->relocatable && found.blind))
		return NULL;
	return cv_shell_line(&s->strings, found, s->named, s->bin);
}

const char *cvenv_version(void)
{
	return CVENV_VERSION;
}
