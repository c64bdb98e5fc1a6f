/* SPDX-License-Identifier: MIT */
#include "cli/cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/json.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "os/command.h"

enum { DAY_S = 24 * 60 * 60 };

static const char *const kinds[] = {
	[CVENV_CACHE_INTERPRETER] = "interpreter",
	[CVENV_CACHE_WHEEL] = "wheel",
	[CVENV_CACHE_BYTECODE] = "bytecode",
};

static void print_warm(const struct cvenv_result *r)
{
	cv_print_base(stdout, r);
	fputs(" (", stdout);
	cv_print_safe(stdout, r->base);
	fputs(")", stdout);
	cv_print_packages(stdout, ":", r);
	fputs(" in the cache\n", stdout);
}

static void json_warm(const struct cvenv_result *r, double duration_ms)
{
	putc('{', stdout);
	cv_json_member(stdout, "base", r->base);
	cv_json_member(stdout, "version", r->version);
	cv_json_member(stdout, "implementation", r->implementation);
	cv_json_member(stdout, "python_source", r->python_source);
	cv_json_member(stdout, "home", r->home);
	cv_json_packages(stdout, r);
	fprintf(stdout, "\"duration_ms\": %.3f}\n", duration_ms);
}

static int warm_one(const struct cv_options *o, const char *python, struct cvenv_error *error)
{
	struct cvenv_options library = o->library;
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv *session;
	double start = cv_now_ms();
	int rc;

	if (python) {
		library.python = python;
		library.pythons = NULL;
	}
	rc = cvenv_open(&library, &session, error);
	if (rc == 0)
		rc = cvenv_warm(session, &result, error);
	if (rc == 0 && o->json)
		json_warm(&result, cv_now_ms() - start);
	else if (rc == 0 && o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT))
		print_warm(&result);
	cvenv_close(session);
	return rc < 0 ? rc : cv_print_flush("the cache was filled", error);
}

static int warm(const struct cv_options *o, struct cvenv_error *error)
{
	size_t count = o->library.python ? o->python_count : 0; /* else it is a list for one */
	int rc = count ? 0 : warm_one(o, NULL, error);

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = warm_one(o, o->pythons[i], error);
	return rc;
}

static void json_info(struct cvenv *session, const struct cvenv_cache_info *info)
{
	struct cvenv_cache_entry e = { .size = sizeof(e) };

	putc('{', stdout);
	cv_json_member(stdout, "dir", info->dir);
	cv_json_flag(stdout, "exists", info->exists);
	cv_json_number(stdout, "bytes", (int64_t)info->bytes);
	cv_json_number(stdout, "shared", (int64_t)info->shared);
	cv_json_number(stdout, "leftovers", (int64_t)info->leftovers);
	cv_json_number(stdout, "leftover_bytes", (int64_t)info->leftover_bytes);
	fputs("\"entries\": [", stdout);
	for (size_t i = 0; cvenv_cache_entry(session, i, &e); i++) {
		fputs(i ? ", {" : "{", stdout);
		cv_json_member(stdout, "kind", kinds[e.kind]);
		cv_json_member(stdout, "name", e.name);
		cv_json_member(stdout, "version", e.version);
		if (e.python[0])
			cv_json_member(stdout, "python", e.python);
		if (e.tag[0])
			cv_json_member(stdout, "tag", e.tag);
		cv_json_member(stdout, "key", e.key);
		cv_json_number(stdout, "bytes", (int64_t)e.bytes);
		cv_json_number(stdout, "shared", (int64_t)e.shared);
		fprintf(stdout, "\"last_used\": %" PRId64 "}", e.last_used);
	}
	fputs("]}\n", stdout);
}

static void print_entry(const struct cvenv_cache_entry *e)
{
	char size[CV_TEXT_MAX], age[CV_TEXT_MAX];

	fprintf(stdout, "  %-11s  %9s  %s  ", kinds[e->kind], cv_print_size(e->bytes, size),
		cv_print_age((int64_t)time(NULL), e->last_used, age));
	cv_print_safe(stdout, e->name[0] ? e->name : "(corrupt)");
	fputs(" ", stdout);
	cv_print_safe(stdout, e->version);
	if (e->python[0] || e->tag[0])
		fputs("  ", stdout);
	cv_print_safe(stdout, e->python);
	cv_print_safe(stdout, e->tag);
	putc('\n', stdout);
}

static void print_info(struct cvenv *session, const struct cvenv_cache_info *info)
{
	struct cvenv_cache_entry e = { .size = sizeof(e) };
	char size[CV_TEXT_MAX];

	cv_print_safe(stdout, info->dir);
	if (!info->exists) {
		fputs(": none yet\n", stdout);
		return;
	}
	fprintf(stdout, ": %s", cv_print_size(info->bytes, size));
	if (info->shared)
		fprintf(stdout, ", %s of it shared with environments",
			cv_print_size(info->shared, size));
	putc('\n', stdout);
	for (size_t i = 0; cvenv_cache_entry(session, i, &e); i++)
		print_entry(&e);
	if (info->leftovers)
		fprintf(stdout, "  %zu temporaries, %s\n", info->leftovers,
			cv_print_size(info->leftover_bytes, size));
}

static int cache_info(const struct cv_options *o, struct cvenv *session, struct cvenv_error *error)
{
	struct cvenv_cache_info info = { .size = sizeof(info) };
	int rc = cvenv_cache_info(session, &info, error);

	if (rc < 0)
		return rc;
	if (o->json)
		json_info(session, &info);
	else
		print_info(session, &info);
	return cv_print_flush(NULL, error);
}

static int cache_clean(const struct cv_options *o, struct cvenv *session, struct cvenv_error *error)
{
	struct cvenv_cache_freed freed = { .size = sizeof(freed) };
	int rc = cvenv_cache_clean(session, (int64_t)o->clean_days * DAY_S, &freed, error);
	char size[CV_TEXT_MAX];

	if (rc < 0)
		return rc;
	if (o->json)
		fprintf(stdout, "{\"entries\": %zu, \"leftovers\": %zu, \"bytes\": %" PRIu64 "}\n",
			freed.entries, freed.leftovers, freed.bytes);
	else if (o->verbosity >= 0)
		fprintf(stdout, "Removed %zu entr%s, %s\n", freed.entries,
			freed.entries == 1 ? "y" : "ies", cv_print_size(freed.bytes, size));
	return cv_print_flush("the cache was cleaned", error);
}

int cv_cache_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cvenv *session;
	int rc;

	if (o->warm)
		return warm(o, error);
	rc = cvenv_open(&o->library, &session, error);
	if (rc == 0)
		rc = o->cache_info ? cache_info(o, session, error) : cache_clean(o, session, error);
	cvenv_close(session);
	return rc;
}
