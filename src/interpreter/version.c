/* SPDX-License-Identifier: MIT */
#include "interpreter/version.h"

#include "base/path.h"

enum { NUMBER_MAX = 999 };

static const struct cv_str free_threaded_tag = { "+freethreaded", 13 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct cv_str skip(struct cv_str s, struct cv_str prefix)
{
	if (cv_str_starts(s, prefix)) {
		s.p += prefix.n;
		s.n -= prefix.n;
	}
	return s;
}

static bool cut_suffix(struct cv_str *s, struct cv_str suffix)
{
	if (!cv_str_ends(*s, suffix))
		return false;
	s->n -= suffix.n;
	return true;
}

static int cut_bits(struct cv_str *s)
{
	if (cut_suffix(s, CV_LIT("-32")))
		return 32;
	return cut_suffix(s, CV_LIT("-64")) ? 64 : 0;
}

static const struct cv_pyversion none = { 0, CV_VERSION_ANY, CV_VERSION_ANY, false, 0 };

bool cv_pyversion_parse(struct cv_str text, struct cv_pyversion *ret)
{
	int *to[] = { &ret->major, &ret->minor, &ret->micro };
	struct cv_str part;
	size_t n = 0;

	*ret = none;
	text = skip(text, CV_LIT("python"));
	ret->bits = cut_bits(&text);
	ret->free_threaded = cut_suffix(&text, CV_LIT("t"));
	if (text.n == 0)
		return false;
	while (cv_str_cut(&text, '.', &part)) {
		uint64_t value;

		if (n == 3 || !cv_str_u64(part, NUMBER_MAX, &value))
			return false;
		*to[n++] = (int)value;
	}
	return true;
}

bool cv_pyversion_begin(struct cv_str text, struct cv_pyversion *ret)
{
	size_t n = 0, dots = 0;

	while (n < text.n && (is_digit(text.p[n]) || (text.p[n] == '.' && dots < 2)))
		dots += text.p[n++] == '.';
	while (n && text.p[n - 1] == '.')
		n--;
	return cv_pyversion_parse((struct cv_str){ text.p, n }, ret);
}

bool cv_pyversion_of_tag(struct cv_str tag, struct cv_pyversion *ret)
{
	struct cv_str rest = skip(tag, CV_LIT("CPython")), head;
	int bits = cut_bits(&rest);

	if (!cv_str_cut(&rest, '-', &head) || !head.n || !is_digit(head.p[0]) ||
		!cv_pyversion_begin(head, ret))
		return false;
	ret->free_threaded = cv_str_ends(head, CV_LIT("t")) || cv_str_ends(head, free_threaded_tag);
	ret->bits = bits;
	return true;
}

/* uv appends the platform: "+freethreaded-windows-x86-none". */
static struct cv_str cut_platform(struct cv_str name, struct cv_pyversion *ret)
{
	struct cv_str rest = name, head;

	if (!cv_str_cut(&rest, '-', &head) || !rest.p)
		return name;
	ret->bits = cv_str_starts(rest, CV_LIT("windows-x86-")) ? 32 : 0;
	ret->free_threaded = cut_suffix(&head, free_threaded_tag);
	return head;
}

/* pyenv's variants ("-debug", "-dev") are not matched. */
bool cv_pyversion_of_dir(struct cv_str name, struct cv_pyversion *ret)
{
	struct cv_str rest = skip(name, CV_LIT("pythoncore-"));
	struct cv_pyversion platform = none;

	if (rest.n != name.n)
		return cv_pyversion_of_tag(rest, ret);
	rest = skip(name, CV_LIT("cpython-"));
	if (rest.n != name.n)
		rest = cut_platform(rest, &platform);
	else if (cut_suffix(&rest, CV_LIT("-win32")))
		platform.bits = 32;
	if (rest.n == 0 || !is_digit(rest.p[0]) || !cv_pyversion_parse(rest, ret))
		return false;
	ret->free_threaded = ret->free_threaded || platform.free_threaded;
	ret->bits = platform.bits;
	return ret->micro != CV_VERSION_ANY;
}

char *cv_pyversion_command(struct cv_arena *a, const struct cv_pyversion *v)
{
	const char *t = v->free_threaded ? "t" : "";

	if (v->minor == CV_VERSION_ANY)
		return cv_strfmt(a, "python%d%s", v->major, t);
	return cv_strfmt(a, "python%d.%d%s", v->major, v->minor, t);
}

bool cv_pyversion_fits(const struct cv_pyversion *want, const struct cv_pyversion *have)
{
	return want->major == have->major &&
	       (want->minor == CV_VERSION_ANY || want->minor == have->minor) &&
	       (want->micro == CV_VERSION_ANY || have->micro == CV_VERSION_ANY ||
		       want->micro == have->micro) &&
	       want->free_threaded == have->free_threaded &&
	       (!want->bits || (want->bits == 32) == (have->bits == 32));
}

int cv_pyversion_cmp(const struct cv_pyversion *a, const struct cv_pyversion *b)
{
	if (a->major != b->major)
		return a->major - b->major;
	if (a->minor != b->minor)
		return a->minor - b->minor;
	if ((a->bits == 32) != (b->bits == 32))
		return a->bits == 32 ? -1 : 1;
	return a->micro - b->micro;
}

/* Cut the digits at the start of S, and drop leading zeros. */
static struct cv_str cut_number(struct cv_str *s)
{
	struct cv_str number = { s->p, 0 };

	while (number.n < s->n && is_digit(number.p[number.n]))
		number.n++;
	s->p += number.n;
	s->n -= number.n;
	while (number.n > 1 && number.p[0] == '0') {
		number.p++;
		number.n--;
	}
	return number;
}

int cv_pyversion_name_cmp(struct cv_str a, struct cv_str b)
{
	while (a.n && b.n) {
		if (is_digit(a.p[0]) && is_digit(b.p[0])) {
			struct cv_str x = cut_number(&a), y = cut_number(&b);
			int d = x.n != y.n ? (x.n > y.n) - (x.n < y.n) : cv_str_cmp(x, y);

			if (d)
				return d;
			continue;
		}
		if (a.p[0] != b.p[0])
			return (unsigned char)a.p[0] - (unsigned char)b.p[0];
		a.p++;
		a.n--;
		b.p++;
		b.n--;
	}
	return (b.n > 0) - (a.n > 0);
}

bool cv_pyversion_name_ok(struct cv_str name)
{
	if (name.n > CV_VERSION_NAME_MAX || !cv_path_safe(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || name.p[i] == 0x7f)
			return false;
	return true;
}
