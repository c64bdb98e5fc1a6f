/* SPDX-License-Identifier: MIT */
#include "wheel/version.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The pre-release segments of PEP 440, in their order. */
enum pre { PRE_DEV_ONLY, PRE_A, PRE_B, PRE_RC, PRE_NONE };

/*
 * The parts of a version. Numbers are slices of digits without leading zeros, "" for 0, so they may
 * have any length.
 */
struct version {
	struct cv_str epoch, release, local; /* release and local with their separators */
	struct cv_str pre_no, post_no, dev_no;
	enum pre pre;
	bool post, dev;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_sep(char c)
{
	return c == '.' || c == '-' || c == '_';
}

static void skip(struct cv_str *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static struct cv_str take_number(struct cv_str *s)
{
	struct cv_str number;
	size_t n = 0;

	while (n < s->n && is_digit(s->p[n]))
		n++;
	number = (struct cv_str){ s->p, n };
	skip(s, n);
	while (number.n && number.p[0] == '0')
		skip(&number, 1);
	return number;
}

static int cmp_number(struct cv_str a, struct cv_str b)
{
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : cv_str_cmp(a, b);
}

static bool take_word(struct cv_str *s, const char *word)
{
	struct cv_str w = cv_str(word);

	if (s->n < w.n || strncasecmp(s->p, w.p, w.n) != 0)
		return false;
	skip(s, w.n);
	return true;
}

/* A segment such as "-rc.1". Only the word is required; a missing number is 0. */
static bool take_stage(struct cv_str *s, const char *const *words, size_t count, size_t *ret_word,
	struct cv_str *ret_no)
{
	struct cv_str t = *s;

	if (t.n && is_sep(t.p[0]))
		skip(&t, 1);
	for (size_t i = 0; i < count; i++) {
		if (!take_word(&t, words[i]))
			continue;
		if (t.n && is_sep(t.p[0]))
			skip(&t, 1);
		*ret_no = take_number(&t);
		*s = t;
		*ret_word = i;
		return true;
	}
	return false;
}

static bool take_local(struct cv_str *s, struct cv_str *ret)
{
	bool sep = true; /* a part must follow */

	skip(s, 1);
	*ret = *s;
	for (; s->n; skip(s, 1)) {
		if (is_sep(s->p[0]) ? sep : !is_alnum(s->p[0]))
			return false;
		sep = is_sep(s->p[0]);
	}
	return !sep;
}

static bool take_release(struct cv_str *s, struct version *v)
{
	struct cv_str start;
	size_t n;

	take_word(s, "v");
	if (!s->n || !is_digit(s->p[0]))
		return false;
	start = *s;
	v->epoch = take_number(s);
	if (s->n && s->p[0] == '!') {
		skip(s, 1);
		if (!s->n || !is_digit(s->p[0]))
			return false;
		start = *s;
		(void)take_number(s);
	} else {
		v->epoch = (struct cv_str){ 0 };
	}
	while (s->n > 1 && s->p[0] == '.' && is_digit(s->p[1])) {
		skip(s, 1);
		(void)take_number(s);
	}
	n = start.n - s->n;
	v->release = (struct cv_str){ start.p, n };
	return true;
}

static bool parse(struct cv_str s, struct version *v)
{
	static const char *const pre_words[] = { "alpha", "a", "beta", "b", "preview", "pre", "rc",
		"c" };
	static const enum pre pre_of[] = { PRE_A, PRE_A, PRE_B, PRE_B, PRE_RC, PRE_RC, PRE_RC,
		PRE_RC };
	static const char *const post_words[] = { "post", "rev", "r" };
	static const char *const dev_words[] = { "dev" };
	size_t word;

	*v = (struct version){ .pre = PRE_NONE };
	s = cv_str_strip(s);
	if (!take_release(&s, v))
		return false;
	if (take_stage(&s, pre_words, COUNT(pre_words), &word, &v->pre_no))
		v->pre = pre_of[word];
	if (s.n > 1 && s.p[0] == '-' && is_digit(s.p[1])) {
		skip(&s, 1);
		v->post_no = take_number(&s);
		v->post = true;
	} else {
		v->post = take_stage(&s, post_words, COUNT(post_words), &word, &v->post_no);
	}
	v->dev = take_stage(&s, dev_words, COUNT(dev_words), &word, &v->dev_no);
	if (v->pre == PRE_NONE && !v->post && v->dev)
		v->pre = PRE_DEV_ONLY;
	if (s.n && s.p[0] == '+' && !take_local(&s, &v->local))
		return false;
	return s.n == 0;
}

/* The next number of a release; 0 (an empty slice) when there is none. */
static struct cv_str next_number(struct cv_str *release)
{
	struct cv_str number = take_number(release);

	if (release->n)
		skip(release, 1); /* the dot */
	return number;
}

static int cmp_release(struct cv_str a, struct cv_str b)
{
	int d = 0;

	while (d == 0 && (a.n || b.n))
		d = cmp_number(next_number(&a), next_number(&b));
	return d;
}

static struct cv_str next_part(struct cv_str *local)
{
	struct cv_str part = *local;

	part.n = 0;
	while (part.n < local->n && !is_sep(local->p[part.n]))
		part.n++;
	skip(local, part.n < local->n ? part.n + 1 : part.n);
	return part;
}

static bool all_digits(struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
	}
	return true;
}

/*
 * Parts with only digits are numbers and sort after words. If all parts are equal, the shorter
 * version is less.
 */
static int cmp_local(struct cv_str a, struct cv_str b)
{
	while (a.n && b.n) {
		struct cv_str x = next_part(&a), y = next_part(&b);
		bool x_no = all_digits(x), y_no = all_digits(y);
		int d;

		if (x_no != y_no)
			return x_no - y_no;
		if (x_no) {
			d = cmp_number(take_number(&x), take_number(&y));
		} else {
			d = strncasecmp(x.p, y.p, x.n < y.n ? x.n : y.n);
			d = d ? d : (x.n > y.n) - (x.n < y.n);
		}
		if (d)
			return d;
	}
	return (a.n != 0) - (b.n != 0);
}

/* Compare without the local part. */
static int cmp_public(const struct version *a, const struct version *b)
{
	int d = cmp_number(a->epoch, b->epoch);

	if (d == 0)
		d = cmp_release(a->release, b->release);
	if (d == 0)
		d = (int)a->pre - (int)b->pre;
	if (d == 0)
		d = cmp_number(a->pre_no, b->pre_no);
	if (d == 0)
		d = a->post - b->post;
	if (d == 0)
		d = cmp_number(a->post_no, b->post_no);
	if (d == 0)
		d = b->dev - a->dev;
	return d ? d : cmp_number(a->dev_no, b->dev_no);
}

static int cmp(const struct version *a, const struct version *b)
{
	int d = cmp_public(a, b);

	return d ? d : cmp_local(a->local, b->local);
}

bool cv_version_ok(struct cv_str version)
{
	struct version v;

	return parse(version, &v);
}

int cv_version_cmp(struct cv_str a, struct cv_str b)
{
	struct version x, y;
	bool x_ok = parse(a, &x), y_ok = parse(b, &y);

	if (!x_ok || !y_ok)
		return x_ok != y_ok ? x_ok - y_ok : cv_str_cmp(a, b);
	return cmp(&x, &y);
}

/* "==1.2.*": the release begins with the same numbers. */
static bool has_prefix(const struct version *v, const struct version *prefix)
{
	struct cv_str a = v->release, b = prefix->release;

	if (cmp_number(v->epoch, prefix->epoch) != 0)
		return false;
	while (b.n) {
		if (cmp_number(next_number(&a), next_number(&b)) != 0)
			return false;
	}
	return true;
}

/* "~=1.4.2" means ">=1.4.2, ==1.4.*". THAN has at least two numbers. */
static bool compatible(const struct version *v, const struct version *than)
{
	struct version prefix = *than;

	while (prefix.release.n && is_digit(prefix.release.p[prefix.release.n - 1]))
		prefix.release.n--;
	prefix.release.n--; /* the dot */
	return cmp_public(v, than) >= 0 && has_prefix(v, &prefix);
}

enum op { OP_ARBITRARY, OP_COMPATIBLE, OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT };

/* "<1" excludes the pre-releases of 1, ">1" its post-releases and local versions (PEP 440). */
static bool satisfies(const struct version *v, enum op op, const struct version *than)
{
	bool same_release = cmp_number(v->epoch, than->epoch) == 0 &&
			    cmp_release(v->release, than->release) == 0;

	switch (op) {
	case OP_COMPATIBLE:
		return compatible(v, than);
	case OP_EQ:
	case OP_NE:
		return (than->local.n ? cmp(v, than) == 0 : cmp_public(v, than) == 0) ==
		       (op == OP_EQ);
	case OP_LE:
		return cmp_public(v, than) <= 0;
	case OP_GE:
		return cmp_public(v, than) >= 0;
	case OP_LT:
		if (same_release && (v->pre != PRE_NONE || v->dev) && than->pre == PRE_NONE &&
			!than->dev)
			return false;
		return cmp(v, than) < 0;
	case OP_GT:
		if (same_release && ((v->post && !than->post) || v->local.n))
			return false;
		return cmp(v, than) > 0;
	default:
		return false;
	}
}

/* One clause: "== 3.1.*" is OP_EQ, 3.1 and `prefix`. */
struct clause {
	enum op op;
	struct cv_str text; /* of the version, for "===" */
	struct version than;
	bool prefix;
};

/* What may follow "===": PEP 508 ends a specifier at each of these. */
static bool is_word(struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(" \t\r\n\v\f;)", s.p[i]))
			return false;
	return true;
}

static bool parse_clause(struct cv_str text, struct clause *ret)
{
	static const char *const ops[] = {
		[OP_ARBITRARY] = "===",
		[OP_COMPATIBLE] = "~=",
		[OP_EQ] = "==",
		[OP_NE] = "!=",
		[OP_LE] = "<=",
		[OP_GE] = ">=",
		[OP_LT] = "<",
		[OP_GT] = ">",
	};
	const struct version *v = &ret->than;
	size_t op = 0;

	while (op < COUNT(ops) && !take_word(&text, ops[op]))
		op++;
	text = cv_str_strip(text);
	if (op == COUNT(ops) || text.n == 0)
		return false;
	*ret = (struct clause){ .op = (enum op)op, .text = text };
	if (ret->op == OP_ARBITRARY)
		return is_word(text);
	ret->prefix = (ret->op == OP_EQ || ret->op == OP_NE) && cv_str_ends(text, CV_LIT(".*"));
	if (ret->prefix)
		text.n -= 2;
	if (!parse(text, &ret->than))
		return false;
	if (ret->prefix)
		return v->pre == PRE_NONE && !v->post && !v->dev && v->local.n == 0;
	if (ret->op == OP_COMPATIBLE && !memchr(v->release.p, '.', v->release.n))
		return false;
	return v->local.n == 0 || ret->op == OP_EQ || ret->op == OP_NE;
}

static bool allows(const struct clause *c, struct cv_str text, const struct version *v)
{
	if (c->op == OP_ARBITRARY)
		return c->text.n == text.n && strncasecmp(c->text.p, text.p, text.n) == 0;
	if (c->prefix)
		return has_prefix(v, &c->than) == (c->op == OP_EQ);
	return satisfies(v, c->op, &c->than);
}

/* The next clause that is not empty. */
static bool next_clause(struct cv_str *specifiers, struct cv_str *ret)
{
	while (cv_str_cut(specifiers, ',', ret)) {
		*ret = cv_str_strip(*ret);
		if (ret->n)
			return true;
	}
	return false;
}

bool cv_version_in(struct cv_str specifiers, struct cv_str version)
{
	struct cv_str one, text = cv_str_strip(version);
	struct clause clause;
	struct version v;

	if (!parse(text, &v))
		return false;
	while (next_clause(&specifiers, &one))
		if (!parse_clause(one, &clause) || !allows(&clause, text, &v))
			return false;
	return true;
}

bool cv_specifiers_ok(struct cv_str specifiers)
{
	struct cv_str one;
	struct clause clause;

	while (next_clause(&specifiers, &one))
		if (!parse_clause(one, &clause))
			return false;
	return true;
}

bool cv_specifiers_pre(struct cv_str specifiers)
{
	struct cv_str one;
	struct clause c;

	while (next_clause(&specifiers, &one)) {
		if (!parse_clause(one, &c) || c.op == OP_NE)
			continue;
		if (c.op == OP_ARBITRARY && !parse(c.text, &c.than))
			continue;
		if (c.than.pre != PRE_NONE || c.than.dev)
			return true;
	}
	return false;
}
