/* SPDX-License-Identifier: MIT */
#include "interpreter/spec.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "wheel/version.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	NUMBER_MAX = 999,
	MICRO_MAX = 64, /* more than a minor version has had micro versions */
	VERSION_ROOM = 64,
	BUILD_MAX = 64, /* longer than any build that is valid */
};

struct word {
	const char *text, *means;
};

/* Not all have a meaning of their own: "python3.12" may be any implementation. */
static const struct word implementations[] = {
	{ "cpython", "cpython" },
	{ "pypy", "pypy" },
	{ "graalpy", "graalpy" },
	{ "cp", "cpython" }, /* from here on not alone */
	{ "pp", "pypy" },
	{ "gp", "graalpy" },
	{ "python", NULL },
	{ "py", NULL },
};
enum { ALONE = 3 };

static const struct word systems[] = {
	{ "linux", "linux" },
	{ "macos", "darwin" },
	{ "darwin", "darwin" },
	{ "windows", "windows" },
	{ "freebsd", "freebsd" },
	{ "openbsd", "openbsd" },
	{ "netbsd", "netbsd" },
	{ "any", "" },
};

static const struct word machines[] = {
	{ "x86_64", "x86_64" },
	{ "amd64", "x86_64" },
	{ "x86", "x86" },
	{ "i386", "x86" },
	{ "i486", "x86" },
	{ "i586", "x86" },
	{ "i686", "x86" },
	{ "arm64", "aarch64" },
	{ "aarch64", "aarch64" },
	{ "armv6", "armv6" },
	{ "armv6l", "armv6" },
	{ "armv7", "armv7" },
	{ "armv7l", "armv7" },
	{ "ppc64le", "ppc64le" },
	{ "powerpc64le", "ppc64le" },
	{ "s390x", "s390x" },
	{ "riscv64", "riscv64" },
	{ "loongarch64", "loongarch64" },
	{ "any", "" },
};

static const struct word libcs[] = {
	{ "gnu", "gnu" },
	{ "gnueabi", "gnu" },
	{ "gnueabihf", "gnu" },
	{ "musl", "musl" },
	{ "musleabi", "musl" },
	{ "musleabihf", "musl" },
	{ "none", "" },
	{ "any", "" },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip(struct cv_str *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

static bool take(struct cv_str *s, const char *prefix)
{
	if (!cv_str_starts(*s, cv_str(prefix)))
		return false;
	skip(s, strlen(prefix));
	return true;
}

static const struct word *find_word(const struct word *words, size_t count, struct cv_str text)
{
	for (size_t i = 0; i < count; i++)
		if (text.n == strlen(words[i].text) &&
			strncasecmp(text.p, words[i].text, text.n) == 0)
			return &words[i];
	return NULL;
}

/* "-WORD" at the start of S. */
static bool take_word(struct cv_str *s, const struct word *words, size_t count, struct cv_str *ret)
{
	struct cv_str rest = *s;

	if (!take(&rest, "-"))
		return false;
	*ret = (struct cv_str){ rest.p, 0 };
	while (ret->n < rest.n && rest.p[ret->n] != '-')
		ret->n++;
	if (!find_word(words, count, *ret)) {
		*ret = (struct cv_str){ 0 };
		return false;
	}
	skip(&rest, ret->n);
	*s = rest;
	return true;
}

static void take_platform(struct cv_str *s, struct cv_pyspec *ret)
{
	bool system = take_word(s, systems, COUNT(systems), &ret->system);
	bool machine = take_word(s, machines, COUNT(machines), &ret->machine);

	if (system && machine)
		(void)take_word(s, libcs, COUNT(libcs), &ret->libc);
}

/* "+freethreaded+debug" */
static void take_variants(struct cv_str *s, struct cv_pyspec *ret)
{
	for (;;) {
		if (take(s, "+freethreaded"))
			ret->version.free_threaded = true;
		else if (take(s, "+debug"))
			ret->debug = true;
		else if (!take(s, "+gil"))
			return;
	}
}

static void take_bits(struct cv_str *s, struct cv_pyspec *ret)
{
	if (take(s, "-32"))
		ret->version.bits = 32;
	else if (take(s, "-64"))
		ret->version.bits = 64;
}

static bool take_build(struct cv_str s, struct cv_pyspec *ret)
{
	if (take(&s, "t"))
		ret->version.free_threaded = true;
	if (take(&s, "d") || take(&s, "-debug") || take(&s, "-dbg"))
		ret->debug = true;
	take_variants(&s, ret);
	take_bits(&s, ret);
	take_platform(&s, ret);
	return s.n == 0;
}

static struct cv_str take_digits(struct cv_str *s)
{
	struct cv_str digits = { s->p, 0 };

	while (digits.n < s->n && is_digit(s->p[digits.n]))
		digits.n++;
	skip(s, digits.n);
	return digits;
}

static bool number(struct cv_str digits, int *ret)
{
	uint64_t value;

	if (!cv_str_u64(digits, NUMBER_MAX, &value))
		return false;
	*ret = (int)value;
	return true;
}

/* "b1" after a version of two or three numbers, which begins at START. */
static void take_pre(struct cv_str *s, const char *start, struct cv_pyspec *ret)
{
	struct cv_str rest = *s;

	if (!take(&rest, "a") && !take(&rest, "b") && !take(&rest, "rc"))
		return;
	if (!take_digits(&rest).n)
		return;
	ret->exact = (struct cv_str){ start, (size_t)(rest.p - start) };
	*s = rest;
}

static bool parse_version(struct cv_str s, struct cv_pyspec *ret)
{
	struct cv_pyversion *v = &ret->version;
	int *to[] = { &v->major, &v->minor, &v->micro };
	const char *start = s.p;
	size_t n = 0;

	do {
		struct cv_str digits = take_digits(&s), major = { digits.p, 1 };

		if (n == 0 && digits.n > 1 && !(s.n && s.p[0] == '.')) {
			skip(&digits, 1); /* "312" */
			if (!number(major, to[n++]))
				return false;
			return number(digits, to[n]) && take_build(s, ret);
		}
		if (n == COUNT(to) || !number(digits, to[n++]))
			return false;
	} while (take(&s, "."));
	if (n > 1)
		take_pre(&s, start, ret);
	return take_build(s, ret);
}

/*
 * A build may follow specifiers. Where "-64" could be a part of both, it is the build: Python has
 * no post-release 64.
 */
static bool parse_specifiers(struct cv_str s, struct cv_pyspec *ret)
{
	struct cv_pyspec try;

	for (size_t n = s.n > BUILD_MAX ? s.n - BUILD_MAX : 1; n <= s.n; n++) {
		try = *ret;
		try.specifiers = cv_str_strip((struct cv_str){ s.p, n });
		if (take_build((struct cv_str){ s.p + n, s.n - n }, &try) &&
			cv_specifiers_ok(try.specifiers)) {
			*ret = try;
			return true;
		}
	}
	return false;
}

static bool begins_specifier(struct cv_str s)
{
	return s.n && memchr("<>=!~", s.p[0], 5);
}

/*
 * Cut the implementation and the separator after it. False if the letters are another word.
 * *ret_alone: nothing has to follow.
 */
static bool take_implementation(struct cv_str *s, struct cv_pyspec *ret, bool *ret_alone)
{
	struct cv_str letters = { s->p, 0 };
	const struct word *word;

	*ret_alone = false;
	while (letters.n < s->n && is_letter(s->p[letters.n]))
		letters.n++;
	if (letters.n == 0)
		return true;
	word = find_word(implementations, COUNT(implementations), letters);
	if (!word)
		return false;
	ret->implementation = word->means;
	*ret_alone = word - implementations < ALONE;
	skip(s, letters.n);
	if (s->n > 1 && (s->p[0] == '@' || (s->p[0] == '-' && is_digit(s->p[1]))))
		skip(s, 1);
	return true;
}

static enum cv_pyspec_kind parse(struct cv_str s, struct cv_pyspec *ret)
{
	bool alone;

	if (!take_implementation(&s, ret, &alone))
		return CV_PYSPEC_NAME;
	if (s.n == 0)
		return alone ? CV_PYSPEC_REQUEST : CV_PYSPEC_NAME;
	if (begins_specifier(cv_str_strip(s)))
		return s.n <= CV_PYSPEC_MAX && parse_specifiers(cv_str_strip(s), ret)
			       ? CV_PYSPEC_REQUEST
			       : CV_PYSPEC_INVALID;
	return is_digit(s.p[0]) && parse_version(s, ret) ? CV_PYSPEC_REQUEST : CV_PYSPEC_NAME;
}

void cv_pyspec_parse(const char *text, struct cv_pyspec *ret)
{
	const struct cv_pyspec none = {
		.text = text,
		.version = { CV_VERSION_ANY, CV_VERSION_ANY, CV_VERSION_ANY, false, 0 },
	};
	enum cv_pyspec_kind kind = CV_PYSPEC_PATH;

	*ret = none;
	if (!cv_path_is_path(text))
		kind = parse(cv_str_strip(cv_str(text)), ret);
	/* "python3" is a command, as in a shell, and not a version */
	if (kind == CV_PYSPEC_REQUEST && strcmp(text, "python3") == 0)
		kind = CV_PYSPEC_NAME;
	if (kind != CV_PYSPEC_REQUEST)
		*ret = none;
	ret->kind = kind;
}

bool cv_pyspec_is_request(const char *text)
{
	struct cv_pyspec spec;

	cv_pyspec_parse(text, &spec);
	return spec.kind == CV_PYSPEC_REQUEST;
}

/* Does TEXT name what the interpreter says, which is a word of the same list or unknown? */
static bool same_word(
	const struct word *words, size_t count, struct cv_str want, struct cv_str have)
{
	const struct word *w = find_word(words, count, want);
	const struct word *h = find_word(words, count, have);

	if (!want.n || !w || !w->means[0])
		return true;
	return h ? strcmp(w->means, h->means) == 0 : cv_str_eq(cv_str(w->means), have);
}

static bool fits_platform(const struct cv_pyspec *spec, const struct cv_info *info)
{
	struct cv_str rest = cv_str(info->platform), system = { 0 }, machine = { 0 };

	(void)cv_str_cut(&rest, '-', &system);
	(void)cv_str_cut(&rest, '-', &machine);
	return same_word(systems, COUNT(systems), spec->system, system) &&
	       same_word(machines, COUNT(machines), spec->machine, machine) &&
	       same_word(libcs, COUNT(libcs), spec->libc, rest);
}

static bool fits_number(int want, unsigned have)
{
	return want == CV_VERSION_ANY || want == (int)have;
}

static bool fits_version(const struct cv_pyspec *spec, const struct cv_info *info)
{
	const struct cv_pyversion *v = &spec->version;
	char full[CV_INFO_VERSION_ROOM];
	bool pre = info->pre[0] != '\0';

	cv_info_full_version(info, full);
	if (spec->exact.n)
		return cv_version_cmp(spec->exact, cv_str(full)) == 0;
	if (spec->specifiers.n)
		return cv_version_in(spec->specifiers, cv_str(full)) &&
		       (!pre || cv_specifiers_pre(spec->specifiers));
	return fits_number(v->major, info->major) && fits_number(v->minor, info->minor) &&
	       fits_number(v->micro, info->micro) && !(pre && v->micro != CV_VERSION_ANY);
}

bool cv_pyspec_fits_info(const struct cv_pyspec *spec, const struct cv_info *info)
{
	if (spec->implementation && strcmp(spec->implementation, info->implementation) != 0)
		return false;
	if (spec->version.free_threaded != info->free_threaded || (spec->debug && !info->debug))
		return false;
	if (spec->version.bits && (spec->version.bits == 64) != info->bits64)
		return false;
	return fits_version(spec, info) && fits_platform(spec, info);
}

/* Is there a version of HAVE's minor version that the specifiers allow? */
static bool specifiers_may_fit(struct cv_str specifiers, const struct cv_pyversion *have)
{
	char text[VERSION_ROOM];

	if (have->minor == CV_VERSION_ANY || cv_specifiers_pre(specifiers))
		return true;
	for (int micro = have->micro == CV_VERSION_ANY ? 0 : have->micro;; micro++) {
		(void)snprintf(text, sizeof(text), "%d.%d.%d", have->major, have->minor, micro);
		if (cv_version_in(specifiers, cv_str(text)))
			return true;
		if (have->micro != CV_VERSION_ANY || micro == MICRO_MAX)
			return false;
	}
}

bool cv_pyspec_may_fit(
	const struct cv_pyspec *spec, const char *implementation, const struct cv_pyversion *have)
{
	struct cv_pyversion want = spec->version, is = *have;

	if (spec->implementation && implementation &&
		strcmp(spec->implementation, implementation) != 0)
		return false;
	if (have->major <= 0)
		return true;
	/* a name without these proves nothing: python3.13 may be free-threaded, and of 32 bits */
	if (!have->free_threaded)
		is.free_threaded = want.free_threaded;
	if (!have->bits)
		is.bits = want.bits;
	if (spec->specifiers.n && !specifiers_may_fit(spec->specifiers, have))
		return false;
	if (want.major == CV_VERSION_ANY)
		want.major = have->major;
	if (have->minor == CV_VERSION_ANY)
		want.minor = CV_VERSION_ANY;
	return cv_pyversion_fits(&want, &is);
}
