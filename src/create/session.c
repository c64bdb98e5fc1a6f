/* SPDX-License-Identifier: MIT */
#include "create/session.h"

#include <errno.h>
#include <stdlib.h>

#include "base/own.h"
#include "create/base_info.h"
#include "create/pip_source.h"
#include "create/source_date.h"
#include "env/pyvenv_cfg.h"
#include "interpreter/project.h"

int cv_session_check_prompt(const char *prompt, struct cvenv_error *err)
{
	if (prompt && !cv_utf8_ok(cv_str(prompt)))
		return cv_fail_msg(err, EILSEQ, "cannot use the prompt: it is not UTF-8");
	return 0;
}

enum cv_clear cv_session_clear(const struct cvenv_options *request)
{
	if (!request->clear)
		return CV_CLEAR_NOTHING;
	return request->force ? CV_CLEAR_ANYTHING : CV_CLEAR_ENVIRONMENT;
}

int cv_session_open(const struct cv_ctx *ctx, const struct cvenv_options *request,
	unsigned activators, struct cv_session **ret, struct cvenv_error *err)
{
	struct cv_session *s;
	int64_t ignored, mtime = 0;
	int rc, dated = cv_source_date(ctx, &mtime, err);

	*ret = NULL;
	if (request->upgrade && request->clear)
		return cv_fail_msg(err, EINVAL, "you cannot supply --upgrade and --clear together");
	rc = dated < 0 ? dated : cv_session_check_prompt(request->prompt, err);
	if (rc == 0) /* report an invalid value now, not only if the process has to wait */
		rc = cv_lock_timeout(ctx, &ignored, err);
	if (rc < 0)
		return rc;
	s = calloc(1, sizeof(*s));
	if (!s)
		return cv_fail_nomem(err);
	s->ctx = ctx;
	s->request = request;
	s->activators = activators;
	s->dated = dated > 0;
	s->mtime = mtime;
	*ret = s;
	return 0;
}

struct cv_plan cv_session_plan(const struct cv_session *s, struct cv_arena *arena)
{
	return (struct cv_plan){ .arena = arena, .dated = s->dated, .mtime = s->mtime };
}

void cv_session_close(struct cv_session *s)
{
	if (!s)
		return;
	cv_cache_close(s->ctx, &s->cache);
	cv_arena_done(&s->once);
	cv_arena_done(&s->arena);
	free(s);
}

void cv_session_cache(struct cv_session *s)
{
	if (!s->has_cache)
		cv_cache_open(s->ctx, &s->arena, s->request->cache_dir, &s->cache);
	s->has_cache = true;
}

void cv_session_read_only(struct cv_session *s, bool reading)
{
	if (reading && !s->has_cache) {
		cv_cache_open_reading(s->ctx, &s->arena, s->request->cache_dir, &s->cache);
		s->has_cache = true;
		s->opened_reading = true;
	} else if (!reading && s->opened_reading) {
		cv_cache_close(s->ctx, &s->cache);
		s->has_cache = s->opened_reading = false;
	}
	s->cache.reading = reading;
	if (!reading)
		s->has_pip = false;
}

static void unpack_ahead(void *data, const char *python)
{
	struct cv_session *s = data;

	cv_pip_source_ahead(s->ctx, &s->cache, s->request, python);
}

int cv_session_info(struct cv_session *s, struct cvenv_error *err)
{
	const struct cv_meanwhile meanwhile = { unpack_ahead, s };
	int rc;

	if (s->has_info)
		return 0;
	cv_session_cache(s);
	rc = cv_base_info(s->ctx, &s->arena, &s->cache, s->request, &meanwhile, &s->info,
		&s->python_source, err);
	s->has_info = rc == 0;
	if (rc == 0)
		cv_log(s->ctx, CVENV_LOG_INFO, "base interpreter: '%s', %s %s (chosen by %s)",
			s->info.base, s->info.implementation, s->info.version, s->python_source);
	return rc;
}

int cv_session_check_project(struct cv_session *s, struct cvenv_error *err)
{
	if (s->checked_project || s->request->no_config)
		return 0;
	s->checked_project = true;
	return cv_requires_warn(s->ctx, &s->arena, &s->info, err);
}

int cv_session_prompt(
	struct cv_session *s, const char *prompt, const char **ret, struct cvenv_error *err)
{
	OWN_BUF struct cv_buf b = { 0 };
	char *repr;

	*ret = NULL;
	prompt = cv_layout_prompt(s->ctx, prompt);
	if (!prompt)
		return 0;
	cv_repr(&b, cv_str(prompt));
	repr = b.bad ? NULL : cv_strdup(&s->arena, cv_buf_slice(&b));
	*ret = repr;
	return repr ? 0 : cv_fail_nomem(err);
}

void cv_session_end_temporary(struct cv_session *s)
{
	s->cache.env_dir = NULL;
	if (!s->cache.is_beside)
		return;
	cv_cache_close(s->ctx, &s->cache);
	s->has_cache = s->has_pip = false;
}

int cv_session_pip(struct cv_session *s, const struct cvenv_options *request, const char *env_dir,
	struct cvenv_error *err)
{
	struct cvenv_options how = *request;
	int rc;

	/* What the cache contains must not decide. */
	if (s->dated && how.compile == CVENV_COMPILE_IF_CACHED)
		how.compile = CVENV_COMPILE_ALWAYS;
	if (s->has_pip && s->pip_compile == how.compile)
		return 0;
	cv_session_cache(s);
	s->cache.env_dir = env_dir;
	rc = cv_pip_source_find(
		s->ctx, &s->arena, &s->cache, &s->info, &how, s->dated, s->pip, &s->pip_count, err);
	s->has_pip = rc == 0;
	s->pip_compile = how.compile;
	return rc;
}

void cv_session_evict(struct cv_session *s, int attempt, const struct cvenv_error *why)
{
	bool repaired = attempt == 0;

	for (size_t i = 0; i < s->pip_count; i++) {
		repaired &= cv_cached_wheel_evict(s->ctx, &s->cache, s->pip[i].wheel.tree.dir);
		if (s->pip[i].bytecode.count)
			repaired &=
				cv_cached_wheel_evict(s->ctx, &s->cache, s->pip[i].bytecode.dir);
	}
	if (!repaired)
		(void)cv_cache_give_up(s->ctx, &s->arena, &s->cache, -EROFS, why);
	s->has_pip = false;
}

bool cv_session_wants_bytecode(const struct cv_session *s)
{
	if (!s->has_pip || s->cache.temporary[0] || s->pip_compile != CVENV_COMPILE_IF_CACHED ||
		!s->info.cache_tag[0])
		return false;
	for (size_t i = 0; i < s->pip_count; i++)
		if (!s->pip[i].bytecode.count)
			return true;
	return false;
}
