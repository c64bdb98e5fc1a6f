/* SPDX-License-Identifier: MIT */
#include "interpreter/info.h"

#include <string.h>

#include "base/sha256.h"
#include "interpreter/info_fields.h"

#define FIELD(name, kind, rule, answered)                                   \
	{                                                                   \
#name, kind, rule, answered, offsetof(struct cv_info, name) \
	}
#define STR(name, rule, answered) FIELD(name, CV_FIELD_STR, rule, answered)
#define UINT(name) FIELD(name, CV_FIELD_UINT, CV_RULE_ANY, 0)
#define BOOL(name, answered) FIELD(name, CV_FIELD_BOOL, CV_RULE_ANY, answered)

const struct cv_field cv_fields[CV_FIELD_COUNT] = {
	STR(path, CV_RULE_ABS, 0),
	STR(executable, CV_RULE_ABS, 0),
	STR(base, CV_RULE_ABS, 1),
	STR(real, CV_RULE_ABS, 0),
	STR(exe_name, CV_RULE_NAME, 0),
	STR(home, CV_RULE_ABS, 1),
	STR(version, CV_RULE_ANY, 1),
	UINT(major),
	UINT(minor),
	UINT(micro),
	STR(implementation, CV_RULE_WORD, 1),
	STR(cache_tag, CV_RULE_WORD_OR_NONE, 1),
	STR(magic, CV_RULE_HEX, 1),
	STR(abiflags, CV_RULE_WORD_OR_NONE, 1),
	BOOL(free_threaded, 1),
	BOOL(bits64, 1),
	STR(stdlib, CV_RULE_ABS, 1),
	STR(platlibdir, CV_RULE_NAME, 1),
	STR(scheme_include, CV_RULE_REL_OR_NONE, 1),
	STR(scheme_purelib, CV_RULE_REL_OR_NONE, 1),
	STR(scheme_platlib, CV_RULE_REL_OR_NONE, 1),
	STR(scheme_scripts, CV_RULE_REL_OR_NONE, 1),
	STR(libpython, CV_RULE_ABS_OR_NONE, 1),
	STR(libpython_dest, CV_RULE_REL_OR_NONE, 1),
	BOOL(needs_setuptools, 0),
	STR(pip_wheel, CV_RULE_ABS_OR_NONE, 1),
	STR(setuptools_wheel, CV_RULE_ABS_OR_NONE, 1),
	STR(pip_sha256, CV_RULE_HEX_OR_NONE, 0),
	STR(setuptools_sha256, CV_RULE_HEX_OR_NONE, 0),
	STR(wheel_dir, CV_RULE_ABS_OR_NONE, 1),
	BOOL(cacheable, 0),
	STR(library_path, CV_RULE_ANY, 0),
	BOOL(windows, 1),
	STR(machine, CV_RULE_WORD_OR_NONE, 1),
	STR(copies, CV_RULE_PATHS, 1),
	BOOL(launcher_mtime, 1),
	STR(links, CV_RULE_NAMES, 1),
	STR(init_tcl, CV_RULE_ABS_OR_NONE, 1),
	STR(real_executable, CV_RULE_ABS, 0),
	STR(pre, CV_RULE_WORD_OR_NONE, 1),
	BOOL(debug, 1),
	STR(platform, CV_RULE_WORD, 1),
	BOOL(cfg_python_version, 1),
};

enum { NS_MAX = 999999999 };

static const char format_line[] = "cvenv-info 4";

static void add_text(struct cv_buf *b, const char *text)
{
	cv_buf_add(b, text, strlen(text) + 1);
}

static void add_number(struct cv_buf *b, uint64_t n)
{
	cv_buf_addf(b, "%llu", (unsigned long long)n);
	cv_buf_char(b, '\0');
}

static void add_time(struct cv_buf *b, struct cv_os_time t)
{
	add_number(b, (uint64_t)t.s);
	add_number(b, (uint64_t)t.ns);
}

static void encode_field(struct cv_buf *b, const struct cv_info *info, const struct cv_field *f)
{
	const char *at = (const char *)info + f->offset;

	add_text(b, f->name);
	switch (f->kind) {
	case CV_FIELD_STR:
		add_text(b, *(const char *const *)(const void *)at);
		break;
	case CV_FIELD_UINT:
		add_number(b, *(const unsigned *)(const void *)at);
		break;
	case CV_FIELD_BOOL:
		add_number(b, *(const bool *)(const void *)at);
		break;
	}
}

/*
 * The format line, name and value of each field, the stamps, SHA-256 in hex. A NUL follows each of
 * them except the last.
 */
void cv_info_encode(struct cv_buf *b, const struct cv_info *info)
{
	size_t start = b->n;
	char hex[CV_SHA256_HEX + 1];

	add_text(b, format_line);
	for (size_t i = 0; i < CV_FIELD_COUNT; i++)
		encode_field(b, info, &cv_fields[i]);
	add_number(b, info->stamp_count);
	for (size_t i = 0; i < info->stamp_count; i++) {
		const struct cv_stamp *s = &info->stamps[i];

		add_text(b, s->path);
		add_number(b, s->present);
		add_number(b, s->id.device);
		add_number(b, s->id.number[0]);
		add_number(b, s->id.number[1]);
		add_number(b, s->size);
		add_time(b, s->mtime);
		add_time(b, s->ctime);
	}
	if (b->bad)
		return;
	cv_sha256_hex(b->p + start, b->n - start, hex);
	cv_buf_add(b, hex, CV_SHA256_HEX);
}

/* A reader of NUL-terminated values that remembers a failure. */
struct reader {
	struct cv_str rest;
	bool bad;
};

static struct cv_str next(struct reader *r)
{
	const char *nul = r->rest.n ? memchr(r->rest.p, '\0', r->rest.n) : NULL;
	struct cv_str value = { r->rest.p, 0 };

	if (r->bad || !nul) {
		r->bad = true;
		return (struct cv_str){ "", 0 };
	}
	value.n = (size_t)(nul - value.p);
	r->rest.p += value.n + 1;
	r->rest.n -= value.n + 1;
	return value;
}

static uint64_t next_number(struct reader *r, uint64_t max)
{
	uint64_t n = 0;

	if (!cv_str_u64(next(r), max, &n))
		r->bad = true;
	return n;
}

static struct cv_os_time next_time(struct reader *r)
{
	int64_t s = (int64_t)next_number(r, UINT64_MAX);

	return (struct cv_os_time){ s, (int32_t)next_number(r, NS_MAX) };
}

static const char *next_text(struct reader *r, struct cv_arena *arena)
{
	const char *p = cv_strdup(arena, next(r));

	if (!p)
		r->bad = true;
	return p;
}

static void decode_field(
	struct reader *r, struct cv_arena *arena, const struct cv_field *f, struct cv_info *ret)
{
	char *at = (char *)ret + f->offset;

	if (!cv_str_eq(next(r), cv_str(f->name)))
		r->bad = true;
	switch (f->kind) {
	case CV_FIELD_STR:
		*(const char **)(void *)at = next_text(r, arena);
		break;
	case CV_FIELD_UINT:
		*(unsigned *)(void *)at = (unsigned)next_number(r, UINT32_MAX);
		break;
	case CV_FIELD_BOOL:
		*(bool *)(void *)at = next_number(r, 1) == 1;
		break;
	}
}

static void decode_stamps(struct reader *r, struct cv_arena *arena, struct cv_info *ret)
{
	struct cv_stamp *s;

	ret->stamp_count = (size_t)next_number(r, CV_STAMPS_MAX);
	s = cv_new(arena, struct cv_stamp, ret->stamp_count + 1);
	ret->stamps = s;
	if (!s)
		r->bad = true;
	for (size_t i = 0; i < ret->stamp_count && !r->bad; i++) {
		s[i].path = next_text(r, arena);
		s[i].present = next_number(r, 1) == 1;
		s[i].id.device = next_number(r, UINT64_MAX);
		s[i].id.number[0] = next_number(r, UINT64_MAX);
		s[i].id.number[1] = next_number(r, UINT64_MAX);
		s[i].size = next_number(r, UINT64_MAX);
		s[i].mtime = next_time(r);
		s[i].ctime = next_time(r);
	}
}

bool cv_info_decode(struct cv_arena *arena, struct cv_str text, struct cv_info *ret)
{
	struct cv_info info = { 0 };
	struct reader r = { text, false };
	char hex[CV_SHA256_HEX + 1];

	if (text.n < CV_SHA256_HEX || text.n > CV_INFO_MAX)
		return false;
	r.rest.n -= CV_SHA256_HEX;
	cv_sha256_hex(text.p, r.rest.n, hex);
	if (memcmp(hex, text.p + r.rest.n, CV_SHA256_HEX) != 0)
		return false;
	if (!cv_str_eq(next(&r), CV_LIT(format_line)))
		return false;
	for (size_t i = 0; i < CV_FIELD_COUNT && !r.bad; i++)
		decode_field(&r, arena, &cv_fields[i], &info);
	if (!r.bad)
		decode_stamps(&r, arena, &info);
	if (r.bad || r.rest.n != 0 || cv_info_check(&info, NULL) < 0)
		return false;
	*ret = info;
	return true;
}

bool cv_info_pair(struct cv_str *list, struct cv_str *ret_name, struct cv_str *ret_value)
{
	struct cv_str rest = *list;

	if (!rest.n || !cv_str_cut(&rest, '\n', ret_name) || !cv_str_cut(&rest, '\n', ret_value) ||
		!rest.p)
		return false;
	*list = rest;
	return true;
}

void cv_stamp_from(const char *path, const struct cv_os_stat *st, struct cv_stamp *ret)
{
	*ret = (struct cv_stamp){
		.path = path,
		.present = true,
		.id = st->id,
		.size = st->size,
		.mtime = st->mtime,
		.ctime = st->ctime,
	};
}

void cv_stamp_take(const char *path, struct cv_stamp *ret)
{
	struct cv_os_stat st;

	if (cv_os_stat(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &st) == 0)
		cv_stamp_from(path, &st, ret);
	else
		*ret = (struct cv_stamp){ .path = path };
}

static bool same_time(struct cv_os_time a, struct cv_os_time b)
{
	return a.s == b.s && a.ns == b.ns;
}

static bool same(const struct cv_stamp *a, const struct cv_stamp *b)
{
	return a->present == b->present && cv_os_same_id(&a->id, &b->id) && a->size == b->size &&
	       same_time(a->mtime, b->mtime) && same_time(a->ctime, b->ctime);
}

bool cv_info_fresh(const struct cv_ctx *ctx, const struct cv_info *info)
{
	const char *library_path = cv_getenv(ctx, "LD_LIBRARY_PATH");

	if (!info->cacheable || strcmp(info->library_path, library_path ? library_path : "") != 0)
		return false;
	for (size_t i = 0; i < info->stamp_count; i++) {
		struct cv_stamp now;

		cv_stamp_take(info->stamps[i].path, &now);
		if (!same(&now, &info->stamps[i]))
			return false;
	}
	return info->stamp_count > 0;
}
