/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/toml_in.h"

enum { CLOSED_BY = 3, QUOTES_MAX = 5 }; /* """ ends a string, which may itself end in "" */

void cv_toml_skip_blanks(struct cv_toml_in *in)
{
	while (cv_toml_at(in, ' ') || cv_toml_at(in, '\t'))
		in->p++;
}

int cv_toml_control(const struct cv_toml_in *in, const char *where)
{
	return cv_toml_in_fail(in, EINVAL, in->line, "control character 0x%02x in %s",
		(unsigned)(unsigned char)*in->p, where);
}

/* --- strings ------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void add_utf8(struct cv_buf *b, uint32_t c)
{
	if (c < 0x80) {
		cv_buf_char(b, (char)c);
		return;
	}
	if (c < 0x800) {
		cv_buf_char(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			cv_buf_char(b, (char)(0xe0 | c >> 12));
		} else {
			cv_buf_char(b, (char)(0xf0 | c >> 18));
			cv_buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		cv_buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	cv_buf_char(b, (char)(0x80 | (c & 0x3f)));
}

/* RC, with what helps who wrote a path of Windows. */
static int hint_at_backslash(const struct cv_toml_in *in, int rc)
{
	return cv_hint(in->err, rc, "write '\\\\' for a backslash, or quote the string with '...'");
}

/* The DIGITS hexadecimal digits of \u or \U. */
static int read_code_point(struct cv_toml_in *in, int digits)
{
	uint32_t c = 0;

	for (int i = 0; i < digits; i++) {
		int digit = in->p < in->end ? hex_digit(*in->p) : -1;

		if (digit < 0)
			return hint_at_backslash(in, cv_toml_in_fail(in, EINVAL, in->line,
							     "\\%c needs %d hexadecimal digits",
							     digits == 4 ? 'u' : 'U', digits));
		c = c << 4 | (uint32_t)digit;
		in->p++;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return cv_toml_in_fail(
			in, EINVAL, in->line, "U+%04X is not a Unicode character", (unsigned)c);
	add_utf8(&in->scratch, c);
	return 0;
}

/* A backslash at the end of a line continues the string at the next visible character. */
static bool skip_continuation(struct cv_toml_in *in)
{
	size_t n;

	cv_toml_skip_blanks(in);
	if (!cv_toml_newline(in))
		return false;
	while ((n = cv_toml_newline(in)) > 0) {
		in->p += n;
		in->line++;
		cv_toml_skip_blanks(in);
	}
	return true;
}

/* At a backslash. */
static int read_escape(struct cv_toml_in *in, bool multiline)
{
	static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	const char *start = in->p++, *name;
	char c = '\0';

	if (in->p < in->end)
		c = *in->p;
	name = c ? strchr(names, c) : NULL;
	if (name) {
		cv_buf_char(&in->scratch, values[name - names]);
		in->p++;
		return 0;
	}
	if (c == 'u' || c == 'U') {
		in->p++;
		return read_code_point(in, c == 'u' ? 4 : 8);
	}
	if (multiline && skip_continuation(in))
		return 0;
	if (c > 0x20 && c < 0x7f)
		return hint_at_backslash(in,
			cv_toml_in_fail(in, EINVAL, in->line, "unknown escape sequence '\\%c'", c));
	in->p = start;
	return hint_at_backslash(in,
		cv_toml_in_fail(in, EINVAL, in->line, "a backslash without an escape sequence"));
}

/* At a quote in a string of several lines: 1 if it was the end. */
static bool ends_multiline(struct cv_toml_in *in, char quote)
{
	size_t n = 0;

	while (n < QUOTES_MAX && in->p + n < in->end && in->p[n] == quote)
		n++;
	cv_buf_add(&in->scratch, in->p, n < CLOSED_BY ? n : n - CLOSED_BY);
	in->p += n;
	return n >= CLOSED_BY;
}

/* The rest of a string, behind its first quotes, into `scratch`. */
static int read_string_rest(struct cv_toml_in *in, char quote, bool multiline)
{
	unsigned first_line = in->line;

	while (in->p < in->end) {
		const char *start = in->p;
		size_t newline;
		int rc;

		while (in->p < in->end && *in->p != quote && *in->p != '\\' &&
			!cv_toml_is_control(*in->p))
			in->p++;
		cv_buf_add(&in->scratch, start, (size_t)(in->p - start));
		if (in->p == in->end)
			break;
		newline = cv_toml_newline(in);
		if (newline && !multiline)
			break;
		if (newline) {
			cv_buf_char(&in->scratch, '\n');
			in->p += newline;
			in->line++;
		} else if (*in->p == '\\' && quote == '\'') {
			cv_buf_char(&in->scratch, *in->p++);
		} else if (*in->p == '\\') {
			rc = read_escape(in, multiline);
			if (rc < 0)
				return rc;
		} else if (*in->p != quote) {
			return cv_toml_control(in, "a string");
		} else if (!multiline) {
			in->p++;
			return 0;
		} else if (ends_multiline(in, quote)) {
			return 0;
		}
	}
	return cv_toml_in_fail(in, EINVAL, first_line, "a string has no closing %.*s",
		multiline ? CLOSED_BY : 1, quote == '"' ? "\"\"\"" : "'''");
}

/* At a quote. Keys have one line. */
static int read_string(struct cv_toml_in *in, bool is_key, struct cv_str *ret)
{
	char quote = *in->p;
	bool multiline =
		!is_key && in->end - in->p >= CLOSED_BY && in->p[1] == quote && in->p[2] == quote;
	size_t newline;
	int rc;

	in->p += multiline ? CLOSED_BY : 1;
	newline = multiline ? cv_toml_newline(in) : 0;
	in->scratch.n = 0;
	if (newline) {
		in->p += newline;
		in->line++;
	}
	rc = read_string_rest(in, quote, multiline);
	if (rc < 0)
		return rc;
	*ret = cv_str_dup(in->arena, cv_buf_slice(&in->scratch));
	return in->scratch.bad || !ret->p ? cv_fail_nomem(in->err) : 0;
}

/* --- keys --------------------------------------------------------------------------------- */

static bool is_bare(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-';
}

int cv_toml_read_key(struct cv_toml_in *in, struct cv_str *ret)
{
	const char *start = in->p;

	if (cv_toml_at(in, '"') || cv_toml_at(in, '\''))
		return read_string(in, true, ret);
	while (in->p < in->end && is_bare(*in->p))
		in->p++;
	if (in->p == start && in->p < in->end && (unsigned char)*in->p >= 0x80)
		return cv_toml_in_fail(
			in, EINVAL, in->line, "a key with other characters than A-Z needs quotes");
	if (in->p == start)
		return cv_toml_in_fail(in, EINVAL, in->line, "a key is missing");
	*ret = cv_str_dup(in->arena, (struct cv_str){ start, (size_t)(in->p - start) });
	return ret->p ? 0 : cv_fail_nomem(in->err);
}

/* --- dates and times ---------------------------------------------------------------------- */

/* Cut N digits, whose value is MIN to MAX. */
static bool cut_digits(struct cv_str *s, size_t n, unsigned min, unsigned max, unsigned *ret)
{
	uint64_t value;

	if (s->n < n || !cv_str_u64((struct cv_str){ s->p, n }, max, &value) || value < min)
		return false;
	s->p += n;
	s->n -= n;
	*ret = (unsigned)value;
	return true;
}

static bool cut_char(struct cv_str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

static bool cut_date(struct cv_str *s)
{
	static const unsigned char lengths[] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	unsigned year, month, day;

	if (!cut_digits(s, 4, 1, 9999, &year) || !cut_char(s, '-') ||
		!cut_digits(s, 2, 1, 12, &month) || !cut_char(s, '-') ||
		!cut_digits(s, 2, 1, 31, &day))
		return false;
	if (month == 2 && day == 29)
		return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day <= lengths[month];
}

static bool cut_time(struct cv_str *s)
{
	unsigned ignored;

	if (!cut_digits(s, 2, 0, 23, &ignored) || !cut_char(s, ':') ||
		!cut_digits(s, 2, 0, 59, &ignored) || !cut_char(s, ':') ||
		!cut_digits(s, 2, 0, 59, &ignored))
		return false;
	if (!cut_char(s, '.'))
		return true;
	if (!cut_digits(s, 1, 0, 9, &ignored))
		return false;
	while (cut_digits(s, 1, 0, 9, &ignored))
		;
	return true;
}

static bool cut_offset(struct cv_str *s)
{
	unsigned ignored;

	if (cut_char(s, 'Z') || cut_char(s, 'z'))
		return true;
	return (cut_char(s, '+') || cut_char(s, '-')) && cut_digits(s, 2, 0, 23, &ignored) &&
	       cut_char(s, ':') && cut_digits(s, 2, 0, 59, &ignored);
}

static bool is_time(struct cv_str s, struct cv_toml *v)
{
	bool date = s.n > 4 && s.p[4] == '-';

	v->text = s;
	v->type = date ? CV_TOML_LOCAL_DATE : CV_TOML_LOCAL_TIME;
	if (date && !cut_date(&s))
		return false;
	if (date && s.n == 0)
		return true;
	if (date && !cut_char(&s, 'T') && !cut_char(&s, 't') && !cut_char(&s, ' '))
		return false;
	if (!cut_time(&s) || (s.n && !date))
		return false;
	if (date)
		v->type = s.n ? CV_TOML_DATETIME : CV_TOML_LOCAL_DATETIME;
	return s.n == 0 || (cut_offset(&s) && s.n == 0);
}

/* --- numbers ------------------------------------------------------------------------------ */

/* Cut digits of BASE with '_' between them. Appends them to TEXT; returns how many. */
static size_t cut_number(struct cv_str *s, int base, char text[CV_TOML_NUMBER_MAX + 1])
{
	size_t len = strlen(text), count = 0;

	for (;;) {
		size_t skip = count && s->n > 1 && s->p[0] == '_' ? 1 : 0;
		int digit = s->n > skip ? hex_digit(s->p[skip]) : -1;

		if (digit < 0 || digit >= base)
			break;
		text[len + count++] = s->p[skip];
		s->p += skip + 1;
		s->n -= skip + 1;
	}
	text[len + count] = '\0';
	return count;
}

static int set_integer(
	struct cv_toml_in *in, struct cv_toml *v, const char *digits, int base, bool negative)
{
	uint64_t max = (uint64_t)INT64_MAX + negative, value = 0;

	for (const char *p = digits; *p; p++) {
		uint64_t digit = (uint64_t)hex_digit(*p);

		if (value > (max - digit) / (uint64_t)base)
			return cv_toml_in_fail(
				in, CVENV_ELIMIT, in->line, "an integer has more than 64 bits");
		value = value * (uint64_t)base + digit;
	}
	v->type = CV_TOML_INTEGER;
	v->integer = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

/*
 * The value of WHOLE.FRACTION times 10 to the EXPONENT. strtod() expects the decimal point of the
 * process's locale, so the text for it has none.
 */
static bool set_float(struct cv_toml *v, char text[2 * CV_TOML_NUMBER_MAX], size_t fraction,
	const char *exponent, bool negative)
{
	size_t len = strlen(text);
	long e = strtol(exponent, NULL, 10);
	char number[24];

	if (e > 100000) /* beyond every double, and no overflow below */
		e = 100000;
	else if (e < -100000)
		e = -100000;
	text[len++] = 'e';
	e -= (long)fraction;
	if (e < 0)
		text[len++] = '-';
	(void)cv_u64_text((uint64_t)(e < 0 ? -e : e), number);
	memcpy(text + len, number, strlen(number) + 1);
	v->type = CV_TOML_FLOAT;
	v->real = strtod(text, NULL);
	if (negative)
		v->real = -v->real;
	return true;
}

/* 1: a number; 0: it is none. */
static int read_decimal(struct cv_toml_in *in, struct cv_str s, struct cv_toml *v)
{
	char text[2 * CV_TOML_NUMBER_MAX] = "", exponent[CV_TOML_NUMBER_MAX + 1] = "";
	bool negative = cut_char(&s, '-'), plus = !negative && cut_char(&s, '+');
	size_t fraction = 0;
	int rc;

	(void)plus;
	if (cv_str_eq(s, CV_LIT("inf")) || cv_str_eq(s, CV_LIT("nan"))) {
		v->type = CV_TOML_FLOAT;
		v->real = s.p[0] == 'i' ? (double)INFINITY : (double)NAN;
		if (negative)
			v->real = -v->real;
		return 1;
	}
	if (!cut_number(&s, 10, text) || (text[0] == '0' && text[1]))
		return 0;
	if (s.n == 0) {
		rc = set_integer(in, v, text, 10, negative);
		return rc < 0 ? rc : 1;
	}
	if (cut_char(&s, '.') && !(fraction = cut_number(&s, 10, text)))
		return 0;
	if (cut_char(&s, 'e') || cut_char(&s, 'E')) {
		if (cut_char(&s, '-'))
			exponent[0] = '-';
		else
			(void)cut_char(&s, '+');
		if (!cut_number(&s, 10, exponent))
			return 0;
	}
	return s.n == 0 && set_float(v, text, fraction, exponent, negative);
}

static int read_number(struct cv_toml_in *in, struct cv_str s, struct cv_toml *v)
{
	char text[CV_TOML_NUMBER_MAX + 1] = "";
	int base, rc;

	if (s.n < 2 || s.p[0] != '0' || !strchr("xob", s.p[1]))
		return read_decimal(in, s, v);
	base = s.p[1] == 'x' ? 16 : s.p[1] == 'o' ? 8 : 2;
	s.p += 2;
	s.n -= 2;
	if (!cut_number(&s, base, text) || s.n)
		return 0;
	rc = set_integer(in, v, text, base, false);
	return rc < 0 ? rc : 1;
}

/* --- all ---------------------------------------------------------------------------------- */

/* Cut the characters of which numbers, booleans, dates and times consist. */
static struct cv_str cut_word(struct cv_toml_in *in)
{
	const char *start = in->p;

	for (;;) {
		while (in->p < in->end && (is_bare(*in->p) || strchr("+.:", *in->p)) && *in->p)
			in->p++;
		/* A space may be between a date and a time. */
		if (in->p - start != 10 || start[4] != '-' || in->end - in->p < 3 ||
			in->p[0] != ' ' || in->p[1] < '0' || in->p[1] > '9')
			return (struct cv_str){ start, (size_t)(in->p - start) };
		in->p++;
	}
}

/* At a character that begins no value, such as a typographic quote. */
static int no_value(const struct cv_toml_in *in)
{
	struct cv_str c = { in->p, in->p < in->end };
	int rc;

	if (!c.n || *c.p == '#' || cv_toml_newline(in))
		return cv_toml_in_fail(in, EINVAL, in->line, "a value is missing");
	if (cv_toml_is_control(*c.p))
		return cv_toml_control(in, "a line");
	while (c.p + c.n < in->end && ((unsigned char)c.p[c.n] & 0xc0) == 0x80)
		c.n++;
	if (!cv_utf8_plain(c))
		c = CV_LIT("?");
	rc = cv_toml_in_fail(in, EINVAL, in->line, "a value cannot begin with '%.*s'", CV_ARG(c));
	return cv_hint(in->err, rc, "strings need quotes: \"...\" or '...'");
}

int cv_toml_read_scalar(struct cv_toml_in *in, struct cv_toml *v)
{
	struct cv_str word;
	int rc;

	if (cv_toml_at(in, '"') || cv_toml_at(in, '\'')) {
		v->type = CV_TOML_STRING;
		return read_string(in, false, &v->text);
	}
	word = cut_word(in);
	if (word.n == 0)
		return no_value(in);
	if (cv_str_eq(word, CV_LIT("true")) || cv_str_eq(word, CV_LIT("false"))) {
		v->type = CV_TOML_BOOLEAN;
		v->boolean = word.p[0] == 't';
		return 0;
	}
	if (word.n > CV_TOML_NUMBER_MAX)
		return cv_toml_in_fail(in, CVENV_ELIMIT, in->line,
			"a value without quotes has more than %d characters", CV_TOML_NUMBER_MAX);
	if (is_time(word, v)) {
		v->text = cv_str_dup(in->arena, word);
		return v->text.p ? 0 : cv_fail_nomem(in->err);
	}
	rc = read_number(in, word, v);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = cv_toml_in_fail(in, EINVAL, in->line, "'%.*s' is not a value", CV_ARG(word));
	return cv_hint(in->err, rc, "strings need quotes: \"...\" or '...'");
}
