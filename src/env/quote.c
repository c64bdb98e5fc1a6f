/* SPDX-License-Identifier: MIT */
#include "env/quote.h"

#include <string.h>

#include "base/own.h"

bool cv_quote_needless(struct cv_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '.' || c == '-';

		if (!plain || (i == 0 && c == '-'))
			return false;
	}
	return text.n > 0;
}

/* The length of the printable character at the start of TEXT; 0 if there is none. */
static size_t printable(struct cv_str text)
{
	enum { UTF8_MAX = 4 };

	if ((unsigned char)text.p[0] < 0x80)
		return text.p[0] >= ' ' && text.p[0] != 0x7f;
	for (size_t n = 2; n <= UTF8_MAX && n <= text.n; n++) {
		if (cv_utf8_ok((struct cv_str){ text.p, n }))
			/* C1 controls are C2 80..9F */
			return n == 2 && text.p[0] == '\xc2' && (unsigned char)text.p[1] < 0xa0 ? 0
												: n;
	}
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * '...', with each character of OUTSIDE between two such quotes, after a backslash. APART: bash
 * reads in the encoding of its locale, and in GB18030 a byte from 0x80 on, a digit and a quote may
 * be the start of a letter. A '' between the byte and the digit prevents that.
 */
static void quote_around(struct cv_buf *b, struct cv_str text, const char *outside, bool apart)
{
	if (cv_quote_needless(text)) {
		cv_buf_str(b, text);
		return;
	}
	cv_buf_char(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (apart && i && is_digit(text.p[i]) && (text.p[i - 1] & 0x80))
			cv_buf_cstr(b, "''");
		if (strchr(outside, text.p[i])) {
			cv_buf_cstr(b, "'\\");
			cv_buf_char(b, text.p[i]);
			cv_buf_char(b, '\'');
		} else {
			cv_buf_char(b, text.p[i]);
		}
	}
	cv_buf_char(b, '\'');
}

bool cv_quote_posix(struct cv_buf *b, struct cv_str text)
{
	quote_around(b, text, "'", true);
	return true;
}

bool cv_quote_posix_line(struct cv_buf *b, struct cv_str text)
{
	quote_around(b, text, "'", false);
	return true;
}

bool cv_quote_csh(struct cv_buf *b, struct cv_str text)
{
	if (text.n && memchr(text.p, '\n', text.n))
		return false;
	quote_around(b, text, "'\\!\"#$%&()*+,:;<=>?@[]^`{|}~", false);
	return true;
}

bool cv_quote_fish(struct cv_buf *b, struct cv_str text)
{
	if (cv_quote_needless(text)) {
		cv_buf_str(b, text);
		return true;
	}
	cv_buf_char(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'' || text.p[i] == '\\')
			cv_buf_char(b, '\\');
		cv_buf_char(b, text.p[i]);
	}
	cv_buf_char(b, '\'');
	return true;
}

bool cv_quote_powershell(struct cv_buf *b, struct cv_str text)
{
	enum { QUOTE_BYTES = 3 };

	if (!cv_utf8_ok(text))
		return false;
	cv_buf_char(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		/* U+2018..U+201B are E2 80 98..9B */
		if (text.n - i >= QUOTE_BYTES && memcmp(text.p + i, "\xe2\x80", 2) == 0 &&
			(text.p[i + 2] & 0xfc) == 0x98) {
			cv_buf_add(b, text.p + i, QUOTE_BYTES);
			cv_buf_add(b, text.p + i, QUOTE_BYTES);
			i += QUOTE_BYTES - 1;
			continue;
		}
		if (text.p[i] == '\'')
			cv_buf_char(b, '\'');
		cv_buf_char(b, text.p[i]);
	}
	cv_buf_char(b, '\'');
	return true;
}

bool cv_quote_nushell(struct cv_buf *b, struct cv_str text)
{
	if (!cv_utf8_ok(text))
		return false;
	cv_buf_char(b, '"');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"' || c == '\\')
			cv_buf_addf(b, "\\%c", c);
		else if ((c > 0 && c < ' ') || c == 0x7f)
			cv_buf_addf(b, "\\u{%x}", (unsigned)c);
		else
			cv_buf_char(b, c);
	}
	cv_buf_char(b, '"');
	return true;
}

static bool is_print(char c)
{
	return c >= ' ' && c < 0x7f;
}

bool cv_quote_python(struct cv_buf *b, struct cv_str text)
{
	size_t plain = 0;

	while (plain < text.n && is_print(text.p[plain]))
		plain++;
	cv_buf_cstr(b, plain == text.n ? "'" : "os.fsdecode(b'");
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\'' || c == '\\')
			cv_buf_addf(b, "\\%c", c);
		else if (!is_print(c))
			cv_buf_addf(b, "\\x%02x", (unsigned char)c);
		else
			cv_buf_char(b, c);
	}
	cv_buf_cstr(b, plain == text.n ? "'" : "')");
	return true;
}

bool cv_quote_python_text(struct cv_buf *b, struct cv_str text)
{
	cv_buf_char(b, '\'');
	for (size_t i = 0, len; i < text.n; i += len) {
		struct cv_str rest = { text.p + i, text.n - i };

		len = printable(rest);
		if (len == 0)
			return false;
		if (rest.p[0] == '\'' || rest.p[0] == '\\')
			cv_buf_char(b, '\\');
		cv_buf_add(b, rest.p, len);
	}
	cv_buf_char(b, '\'');
	return true;
}

/* Does \w of Python's regular expressions match it? Bytes from 0x80 on may belong to letters. */
static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

bool cv_quote_xonsh_dir(struct cv_buf *b, struct cv_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char next = i + 1 < text.n ? text.p[i + 1] : ' ';

		if (text.p[i] == '$' && (is_word(next) || strchr("{([", next)))
			return false;
		if (text.p[i] == '=' && next == '~')
			return false;
	}
	return cv_quote_python(b, text);
}

static bool quote_set(struct cv_buf *b, struct cv_str text, bool delayed)
{
	bool quoted = true, escapes = delayed && text.n && memchr(text.p, '!', text.n);

	if (!cv_utf8_ok(text))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= 0 && c < ' ')
			return false;
		if (escapes && (c == '!' || c == '^'))
			cv_buf_cstr(b, quoted ? "^" : "^^");
		if (c == '%' || (!quoted && strchr("^&|<>()", c)))
			cv_buf_char(b, c == '%' ? '%' : '^');
		cv_buf_char(b, c);
		quoted ^= c == '"';
	}
	return true;
}

bool cv_quote_batch(struct cv_buf *b, struct cv_str text)
{
	return quote_set(b, text, false);
}

bool cv_quote_batch_delayed(struct cv_buf *b, struct cv_str text)
{
	return quote_set(b, text, true);
}

bool cv_quote_batch_dir(struct cv_buf *b, struct cv_str text)
{
	return !(text.n && memchr(text.p, '"', text.n)) && quote_set(b, text, false);
}

bool cv_quote_batch_line(struct cv_buf *b, struct cv_str text)
{
	cv_buf_char(b, '"');
	for (size_t i = 0, len; i < text.n; i += len) {
		struct cv_str rest = { text.p + i, text.n - i };

		len = printable(rest);
		if (len == 0 || rest.p[0] == '"' || rest.p[0] == '%')
			return false;
		cv_buf_add(b, rest.p, len);
	}
	cv_buf_char(b, '"');
	return true;
}

/*
 * TEXT with the escapes of a prompt. MAP has pairs of a character and its escape; unprintable
 * characters become "?".
 */
struct shown {
	char c;
	const char *as;
};

static void add_shown(
	struct cv_buf *b, struct cv_str text, const struct shown *map, size_t map_count)
{
	while (text.n) {
		size_t len = printable(text), m = 0;

		while (m < map_count && map[m].c != text.p[0])
			m++;
		if (len == 0)
			cv_buf_char(b, '?');
		else if (m < map_count)
			cv_buf_cstr(b, map[m].as);
		else
			cv_buf_add(b, text.p, len);
		len += len == 0;
		text.p += len;
		text.n -= len;
	}
}

/* "(NAME) " in the language of a prompt. */
static bool quote_shown(struct cv_buf *b, struct cv_str name, const struct shown *map,
	size_t map_count, cv_quote_fn *quote)
{
	struct cv_buf text OWN_BUF = { 0 };
	bool ok;

	cv_buf_char(&text, '(');
	add_shown(&text, name, map, map_count);
	cv_buf_cstr(&text, ") ");
	ok = quote(b, cv_buf_slice(&text));
	b->bad |= text.bad;
	return ok;
}

static bool quote_message(struct cv_buf *b, struct cv_str text, cv_quote_fn *quote)
{
	static const struct shown map[] = { { '\\', "?" } };
	struct cv_buf shown OWN_BUF = { 0 };
	bool ok;

	add_shown(&shown, text, map, sizeof(map) / sizeof(map[0]));
	ok = quote(b, cv_buf_slice(&shown));
	b->bad |= shown.bad;
	return ok;
}

bool cv_quote_posix_message(struct cv_buf *b, struct cv_str text)
{
	return quote_message(b, text, cv_quote_posix);
}

bool cv_quote_csh_message(struct cv_buf *b, struct cv_str text)
{
	return quote_message(b, text, cv_quote_csh);
}

/* The shell does not expand the value of a variable again, but shows its control characters. */
static bool quote_reference(struct cv_buf *b, struct cv_str name)
{
	for (size_t i = 0, len; i < name.n; i += len) {
		len = printable((struct cv_str){ name.p + i, name.n - i });
		if (len == 0)
			return cv_quote_plain_prompt(b, name);
	}
	return cv_quote_posix(b, CV_LIT("(${VIRTUAL_ENV_PROMPT-}) "));
}

/*
 * For a shell whose escape for "$" is unknown: a name with a special character is put in a
 * variable, and the prompt refers to that.
 */
bool cv_quote_posix_prompt(struct cv_buf *b, struct cv_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (strchr("$`\\\"!", name.p[i]))
			return quote_reference(b, name);
	return cv_quote_plain_prompt(b, name);
}

/*
 * For a shell that expands a prompt in the encoding of its locale. In GBK, Big5 and others, a
 * backslash after a byte from 0x80 on is the second half of a letter, and no longer protects the
 * next character. For names with such a pair, OTHERWISE is used.
 */
static bool quote_expanded(struct cv_buf *b, struct cv_str name, const struct shown *map,
	size_t map_count, cv_quote_fn *otherwise)
{
	for (size_t i = 1; i < name.n; i++)
		for (size_t m = 0; m < map_count; m++)
			if ((name.p[i - 1] & 0x80) && name.p[i] == map[m].c && map[m].as[0] == '\\')
				return otherwise(b, name);
	return quote_shown(b, name, map, map_count, cv_quote_posix);
}

/* For a shell that expands nothing in a prompt, unless an option is set later. */
bool cv_quote_plain_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '$', "?" }, { '`', "?" }, { '\\', "?" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_posix);
}

/*
 * \D{...}, the format of a date, may contain any text. bash quotes the result before it expands the
 * prompt, so it is literal with and without promptvars, and so is "!" in posix mode.
 */
bool cv_quote_bash_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '$', "\\D{$}" }, { '`', "\\D{`}" },
		{ '\\', "\\D{\\}" }, { '!', "\\D{!}" } };

	return quote_expanded(b, name, map, sizeof(map) / sizeof(map[0]), quote_reference);
}

/*
 * "%" starts an escape. With PROMPT_SUBST, which a theme may set later, "$", "`" and "\" are
 * expanded first. %D{...}, the format of a date, drops a backslash, so "$" is shown whether or not
 * PROMPT_SUBST removed the backslash. The empty %{%} separates a backslash from the next
 * character. "!" is special with PROMPT_BANG.
 */
bool cv_quote_zsh_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '%', "%%" }, { '$', "%D{\\$}" }, { '`', "%D{\\`}" },
		{ '\\', "\\%{%}" }, { '!', "%D{!}" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_posix);
}

/* Escaped as between double quotes. "!" is replaced by the number of the command. */
bool cv_quote_mksh_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '$', "\\$" }, { '`', "\\`" }, { '\\', "\\\\" },
		{ '"', "\\\"" }, { '!', "!!" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_posix);
}

/* ksh93 reads the prompt as text outside of quotes. "!" as above. */
bool cv_quote_ksh_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '$', "\\$" }, { '`', "\\`" }, { '\\', "\\\\" },
		{ '"', "\\\"" }, { '\'', "\\'" }, { '!', "!!" } };

	return quote_expanded(b, name, map, sizeof(map) / sizeof(map[0]), quote_reference);
}

/*
 * yash processes backslashes after expansion. It shows "\$" as "#" for root, so "$" is written
 * otherwise.
 */
bool cv_quote_yash_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '$', "${VIRTUAL_ENV_PROMPT+\\$}" }, { '`', "\\`" },
		{ '\\', "\\\\" } };

	return quote_expanded(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_plain_prompt);
}

/* busybox processes backslashes twice, the second time with octal numbers. */
bool cv_quote_busybox_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '$', "\\\\044" }, { '`', "\\`" },
		{ '\\', "\\\\\\\\" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_posix);
}

/* posh never expands its prompt. */
bool cv_quote_posh_prompt(struct cv_buf *b, struct cv_str name)
{
	return quote_shown(b, name, NULL, 0, cv_quote_posix);
}

bool cv_quote_fish_prompt(struct cv_buf *b, struct cv_str name)
{
	return quote_shown(b, name, NULL, 0, cv_quote_fish);
}

/* "!" is replaced by the number of the command. */
bool cv_quote_csh_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '!', "\\!" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_csh);
}

/* As for csh. In addition "%" starts an escape, "\" one as in C, "^" a control character. */
bool cv_quote_tcsh_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '!', "\\!" }, { '%', "%%" }, { '\\', "\\\\" },
		{ '^', "\\^" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_csh);
}

bool cv_quote_powershell_prompt(struct cv_buf *b, struct cv_str name)
{
	return quote_shown(b, name, NULL, 0, cv_quote_powershell);
}

bool cv_quote_nushell_prompt(struct cv_buf *b, struct cv_str name)
{
	return quote_shown(b, name, NULL, 0, cv_quote_nushell);
}

/* Braces enclose a field or a colour. */
bool cv_quote_xonsh_prompt(struct cv_buf *b, struct cv_str name)
{
	static const struct shown map[] = { { '{', "{{" }, { '}', "}}" } };

	return quote_shown(b, name, map, sizeof(map) / sizeof(map[0]), cv_quote_python);
}

/* "$" starts an escape. */
static const struct shown batch_prompt[] = { { '$', "$$" } };

bool cv_quote_batch_prompt(struct cv_buf *b, struct cv_str name)
{
	return quote_shown(b, name, batch_prompt, 1, cv_quote_batch);
}

bool cv_quote_batch_delayed_prompt(struct cv_buf *b, struct cv_str name)
{
	return quote_shown(b, name, batch_prompt, 1, cv_quote_batch_delayed);
}
