/* SPDX-License-Identifier: MIT */
#include "cvenv.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "cvenv_version.h"
#include "env/activate.h"
#include "env/create.h"

/* No caller has been told of less than the first version had. */
enum { MEMBERS_FIRST = offsetof(struct cvenv_options, python), JOBS_MAX = 64 };

/* The public face of create.h. */
struct cvenv {
	struct cvenv_options options; /* as far as the caller knows it, zero beyond */
	struct cv_ctx ctx;
	struct cv_request request;
	struct cv_session *session;
	struct cv_arena strings;
};

static_assert((int)CVENV_LINK_COPY == (int)CV_LINK_COPY, "the two lists are one");
static_assert((int)CVENV_COMPILE_NEVER == (int)CV_COMPILE_NEVER, "the two lists are one");
static_assert((int)CVENV_DEBUG == (int)CV_LOG_DEBUG, "the two lists are one");
static_assert(sizeof(sig_atomic_t) == sizeof(int), "`stop` is read as one");
static_assert(sizeof(((struct cvenv_error *)0)->message) == CV_ERR_MSG_MAX, "copied whole");
static_assert(sizeof(((struct cvenv_error *)0)->cure) == CV_ERR_CURE_MAX, "copied whole");

static int report(const struct cv_err *err, struct cvenv_error *ret)
{
	ret->code = err->code;
	memcpy(ret->message, err->msg, sizeof(ret->message));
	memcpy(ret->cure, err->cure, sizeof(ret->cure));
	return -1;
}

static void pass_log(void *data, enum cv_level level, const char *message)
{
	const struct cvenv_options *o = data;

	if (o->log)
		o->log(o->log_data, (enum cvenv_level)level, message);
}

static void translate(struct cvenv *s)
{
	const struct cvenv_options *o = &s->options;

	s->ctx = (struct cv_ctx){ .envp = o->envp,
		.cwd = o->cwd,
		.log = pass_log,
		.log_data = &s->options,
		.stop = (const volatile sig_atomic_t *)o->stop };
	s->request = (struct cv_request){ .python = o->python,
		.prompt = o->prompt,
		.wheel_dir = o->wheel_dir,
		.data_dir = CVENV_DATA_DIR,
		.cache_dir = o->cache_dir,
		.system_site_packages = o->system_site_packages,
		.copies = o->copies,
		.clear = o->clear,
		.upgrade = o->upgrade,
		.without_pip = o->without_pip,
		.upgrade_deps = o->upgrade_deps,
		.without_scm_ignore_files = o->without_scm_ignore_files,
		.link_mode = (enum cv_link_mode)o->link_mode,
		.compile = (enum cv_compile)o->compile,
		.activators = CV_ACTIVATE_DEFAULT,
		.jobs = o->jobs < JOBS_MAX ? o->jobs : JOBS_MAX };
}

static int check(const struct cvenv_options *o, struct cv_err *err)
{
	if (o->cwd && o->cwd[0] != '/')
		return cv_fail_msg(err, EINVAL, "'%s' is no absolute path: cwd", o->cwd);
	if ((unsigned)o->link_mode > CVENV_LINK_COPY || (unsigned)o->compile > CVENV_COMPILE_NEVER)
		return cv_fail_msg(err, EINVAL, "unknown link_mode or compile");
	return 0;
}

int cvenv_open(const struct cvenv_options *options, struct cvenv **ret, struct cvenv_error *error)
{
	struct cvenv *s;
	struct cv_err err;

	*ret = NULL;
	if (options->size < MEMBERS_FIRST) {
		(void)cv_fail_msg(&err, EINVAL, "cvenv_options.size is not set");
		return report(&err, error);
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		(void)cv_fail_nomem(&err);
		return report(&err, error);
	}
	memcpy(&s->options, options,
		options->size < sizeof(s->options) ? options->size : sizeof(s->options));
	translate(s);
	if (check(&s->options, &err) < 0 ||
		cv_session_open(&s->ctx, &s->request, &s->session, &err) < 0) {
		free(s);
		return report(&err, error);
	}
	*ret = s;
	return 0;
}

int cvenv_create(
	struct cvenv *s, const char *env_dir, struct cvenv_result *ret, struct cvenv_error *error)
{
	struct cvenv_result public = { .size = ret->size };
	struct cv_result result;
	struct cv_err err;

	cv_arena_done(&s->strings);
	s->ctx.now = time(NULL);
	if (cv_create(s->session, env_dir, 0, &result, &err) < 0)
		return report(&err, error);
	public.path = result.path;
	public.python = result.python;
	public.version = result.version;
	public.home = result.home;
	public.bin = result.bin;
	public.site_packages = result.site_packages;
	public.prompt = result.prompt;
	for (size_t i = 0; i < result.package_count; i++) {
		if (!cv_str_eq(result.packages[i].name, CV_LIT("pip")))
			continue;
		public.pip_version = cv_strdup(&s->strings, result.packages[i].version);
		if (!public.pip_version) {
			(void)cv_fail_nomem(&err);
			return report(&err, error);
		}
	}
	memcpy(ret, &public, ret->size < sizeof(public) ? ret->size : sizeof(public));
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

const char *cvenv_version(void)
{
	return CVENV_VERSION;
}
