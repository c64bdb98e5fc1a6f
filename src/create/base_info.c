/* SPDX-License-Identifier: MIT */
#include "create/base_info.h"

#include <string.h>

#include "base/own.h"
#include "base/sha256.h"
#include "interpreter/choose.h"
#include "interpreter/probe.h"

enum { KEY_LEN = 32 };

/* A search meets a path again: on PATH, for another request, and for the hint of an error. */
struct failure {
	const struct failure *next;
	const char *path;
	struct cvenv_error err;
};

struct source {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_cache *cache;
	const struct cv_meanwhile *meanwhile; /* NULL after the first probe */
	struct cv_info last;                  /* the last probe of find; path is NULL before */
	const struct failure *failed;         /* not probed again: each may take seconds */
};

static char *entry_name(struct cv_arena *a, const char *path)
{
	char sum[CV_SHA256_HEX + 1];

	cv_sha256_hex(path, strlen(path), sum);
	return cv_strfmt(a, "info/%.*s", KEY_LEN, sum);
}

static bool get(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *name, const char *path, struct cv_info *ret)
{
	struct cv_str cached;

	return cv_cache_get(ctx, cache, a, name, &cached) && cv_info_decode(a, cached, ret) &&
	       strcmp(ret->path, path) == 0 && cv_info_fresh(ctx, ret);
}

bool cv_base_info_cached(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *path, struct cv_info *ret)
{
	const char *name = entry_name(a, path);

	return name && get(ctx, a, cache, name, path, ret);
}

static int info_of(struct source *s, const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	OWN_BUF struct cv_buf text = { 0 };
	char *name = entry_name(s->arena, path);
	int rc;

	if (!name)
		return cv_fail_nomem(err);
	if (get(s->ctx, s->arena, s->cache, name, path, ret))
		return 0;
	cv_log(s->ctx, CVENV_LOG_INFO, "probing '%s'", path);
	rc = cv_probe(s->ctx, s->arena, path, CV_PROBE_TIMEOUT_MS, s->meanwhile, ret, err);
	s->meanwhile = NULL;
	if (rc < 0)
		return rc;
	if (ret->cacheable) {
		cv_info_encode(&text, ret);
		if (!text.bad)
			cv_cache_put(s->ctx, s->cache, name, cv_buf_slice(&text));
	}
	return 0;
}

static int remember_failure(struct source *s, const char *path, int failed, struct cvenv_error *err)
{
	struct failure *f = cv_new(s->arena, struct failure, 1);

	if (f)
		*f = (struct failure){ s->failed, cv_strdup(s->arena, cv_str(path)), *err };
	if (!f || !f->path)
		return cv_fail_nomem(err);
	s->failed = f;
	cv_log(s->ctx, CVENV_LOG_INFO, "%s", err->message);
	return failed;
}

static int probe(void *data, const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	struct source *s = data;
	int rc;

	for (const struct failure *f = s->failed; f; f = f->next) {
		if (strcmp(f->path, path) != 0)
			continue;
		*err = f->err;
		return -f->err.code;
	}
	rc = info_of(s, path, ret, err);
	if (rc == 0)
		s->last = *ret;
	return rc == 0 || cv_err_passes(-rc) ? rc : remember_failure(s, path, rc, err);
}

int cv_base_info(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const struct cvenv_options *options, const struct cv_meanwhile *meanwhile,
	struct cv_info *ret, const char **ret_source, struct cvenv_error *err)
{
	struct source source = { .ctx = ctx, .arena = a, .cache = cache, .meanwhile = meanwhile };
	struct cv_prober prober = { probe, &source };
	struct cv_chosen chosen;
	int rc = cv_choose_python(ctx, a, options, &prober, &chosen, err);

	if (rc < 0)
		return rc;
	*ret_source = chosen.source;
	if (!source.last.path || strcmp(source.last.path, chosen.path) != 0)
		return info_of(&source, chosen.path, ret, err);
	*ret = source.last;
	return 0;
}

int cv_base_info_of(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_cache *cache,
	const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	const struct cvenv_options options = { .python = path };
	const char *source;

	return cv_base_info(ctx, a, cache, &options, NULL, ret, &source, err);
}
