/* SPDX-License-Identifier: MIT */
#include "interpreter/probe_answer.h"

#include <string.h>

#include "interpreter/info_fields.h"

static const char begin_mark[] = "<<cvenv-probe-1>>"; /* including its NUL; as in probe.py */
static const char end_mark[] = "<<cvenv-end>>";

static bool cut_value(struct cv_str *rest, struct cv_str *ret)
{
	const char *nul = rest->n ? memchr(rest->p, '\0', rest->n) : NULL;

	if (!nul)
		return false;
	*ret = (struct cv_str){ rest->p, (size_t)(nul - rest->p) };
	rest->n -= ret->n + 1;
	rest->p = nul + 1;
	return true;
}

bool cv_answer_parse(struct cv_str text, struct cv_answer *ret)
{
	const char *start = cv_str_find(text, (struct cv_str){ begin_mark, sizeof(begin_mark) });
	struct cv_str rest, name;

	ret->count = 0;
	if (!start)
		return false;
	rest.p = start + sizeof(begin_mark);
	rest.n = text.n - (size_t)(rest.p - text.p);
	while (cut_value(&rest, &name)) {
		if (cv_str_eq(name, CV_LIT(end_mark)))
			return true;
		if (ret->count == CV_ANSWER_MAX || !cut_value(&rest, &ret->pairs[ret->count].value))
			return false;
		ret->pairs[ret->count++].name = name;
	}
	return false;
}

struct cv_str cv_answer_get(const struct cv_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->count; i++)
		if (cv_str_eq(answer->pairs[i].name, cv_str(name)))
			return answer->pairs[i].value;
	return (struct cv_str){ 0 };
}

static bool parse_version(struct cv_str version, struct cv_info *ret)
{
	unsigned *to[] = { &ret->major, &ret->minor, &ret->micro };
	struct cv_str part;
	uint64_t n;

	for (size_t i = 0; i < 3; i++) {
		if (!cv_str_cut(&version, '.', &part) || !cv_str_u64(part, 999, &n))
			return false;
		*to[i] = (unsigned)n;
	}
	return !version.p;
}

bool cv_answer_info(
	const struct cv_answer *answer, struct cv_arena *arena, struct cv_info *ret, bool *nomem)
{
	*nomem = false;
	*ret = (struct cv_info){ 0 };
	for (size_t i = 0; i < CV_FIELD_COUNT; i++) {
		const struct cv_field *f = &cv_fields[i];
		struct cv_str value = f->answered ? cv_answer_get(answer, f->name) : CV_LIT("");
		char *at = (char *)ret + f->offset;

		if (!value.p)
			return false;
		if (f->kind == CV_FIELD_STR) {
			char *copy = cv_strdup(arena, value);

			*nomem = *nomem || !copy;
			*(const char **)(void *)at = copy;
		} else if (f->answered) {
			if (!cv_str_eq(value, CV_LIT("0")) && !cv_str_eq(value, CV_LIT("1")))
				return false;
			*(bool *)(void *)at = value.p[0] == '1';
		}
	}
	return !*nomem && parse_version(cv_str(ret->version), ret);
}
