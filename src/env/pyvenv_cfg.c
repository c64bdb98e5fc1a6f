/* SPDX-License-Identifier: MIT */
#include "env/pyvenv_cfg.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "cvenv_version.h"
#include "env/cfg.h"

/* the limit of Python 3.11 and later, which do not start with more */
enum { CONFIG_MAX = 32 * 1024 };

/* Will a reader of the file get VALUE back, despite cutting lines and white space? */
static bool carried(struct cv_str value)
{
	struct cv_str trimmed = cv_str_strip(value);

	return value.n && trimmed.n == value.n && !memchr(value.p, '\n', value.n) &&
	       !memchr(value.p, '\r', value.n);
}

static int path_line(struct cv_buf *b, const char *key, const char *path, struct cvenv_error *err)
{
	if (!carried(cv_str(path)) || !cv_utf8_ok(cv_str(path)))
		return cv_fail_msg(err, CVENV_EPYTHON,
			"cannot use the Python in '%s': pyvenv.cfg cannot represent that path",
			path);
	cv_buf_addf(b, "%s = %s\n", key, path);
	return 0;
}

/* Write TEXT as UTF-8 in one line; other bytes are escaped. */
static void one_line(struct cv_buf *b, const char *text)
{
	bool utf8 = cv_utf8_ok(cv_str(text));

	for (; *text; text++) {
		if (*text == '\n')
			cv_buf_cstr(b, "\\n");
		else if (*text == '\r')
			cv_buf_cstr(b, "\\r");
		else if (!utf8 && (*text & 0x80))
			cv_buf_addf(b, "\\x%02x", (unsigned char)*text);
		else
			cv_buf_char(b, *text);
	}
}

/* The `python -m venv` command with the same options, in CPython's order and quoting. */
static void command_line(struct cv_buf *b, const struct cv_info *info,
	const struct cv_layout *layout, const struct cvenv_options *r)
{
	const struct {
		bool on;
		const char *flag;
	} flags[] = {
		{ !info->windows && !layout->links, " --copies" },
		{ info->windows && layout->links, " --symlinks" },
		{ r->without_pip, " --without-pip" },
		{ r->system_site_packages, " --system-site-packages" },
		{ r->clear, " --clear" },
		{ r->upgrade, " --upgrade" },
		{ r->upgrade_deps, " --upgrade-deps" },
	};

	cv_buf_cstr(b, "command = ");
	one_line(b, info->executable);
	cv_buf_cstr(b, " -m venv");
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].on)
			cv_buf_cstr(b, flags[i].flag);
	if (r->prompt) {
		cv_buf_cstr(b, " --prompt=\"");
		one_line(b, r->prompt);
		cv_buf_char(b, '"');
	}
	if (r->without_scm_ignore_files && info->minor >= 13)
		cv_buf_cstr(b, " --without-scm-ignore-files");
	cv_buf_char(b, ' ');
	one_line(b, layout->env_dir);
	cv_buf_char(b, '\n');
}

/* Python for Windows writes "\r\n". No value contains a line break. */
static void text_mode(struct cv_buf *b)
{
	OWN_BUF struct cv_buf lf = *b;

	*b = (struct cv_buf){ .bad = lf.bad };
	cv_buf_crlf(b, cv_buf_slice(&lf));
}

static bool says(struct cv_str text, const char *word)
{
	return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

static bool is_own_key(struct cv_str key)
{
	static const char *const own[] = { "home", "include-system-site-packages", "version",
		"python-version", "prompt", "executable", "command", "relocatable", "cvenv" };
	size_t i = 0;

	while (i < sizeof(own) / sizeof(own[0]) && !says(key, own[i]))
		i++;
	return i < sizeof(own) / sizeof(own[0]);
}

static bool is_key(struct cv_str key)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-_";
	size_t n = 0;

	while (n < key.n && key.p[n] && strchr(characters, key.p[n]))
		n++;
	return n > 0 && n == key.n;
}

/* The key and the value of "KEY = VALUE"; false if it is no such line. */
static bool parse_line(struct cv_str line, struct cv_str *ret_key, struct cv_str *ret_value)
{
	if (!cv_str_cut(&line, '=', ret_key) || !line.p)
		return false;
	*ret_key = cv_str_strip(*ret_key);
	*ret_value = cv_str_strip(line);
	return is_key(*ret_key) && carried(*ret_value) && cv_utf8_ok(*ret_value) &&
	       cv_utf8_plain(*ret_value);
}

int cv_pyvenv_cfg_check(const char *lines, struct cvenv_error *err)
{
	struct cv_str rest = cv_str(lines), line, key, value;

	if (rest.n >= CONFIG_MAX)
		return cv_fail_msg(err, CVENV_ELIMIT,
			"argument --extra-cfg: Python accepts at most %d bytes of pyvenv.cfg",
			CONFIG_MAX - 1);
	while (cv_str_cut(&rest, '\n', &line)) {
		if (!cv_str_strip(line).n)
			continue;
		if (!parse_line(line, &key, &value)) {
			cv_fail_msg(err, CVENV_EUSAGE, "argument --extra-cfg: invalid line: '%.*s'",
				CV_ARG(line));
			return cv_hint(err, -CVENV_EUSAGE, "write KEY = VALUE");
		}
		if (is_own_key(key))
			return cv_fail_msg(err, CVENV_EUSAGE,
				"argument --extra-cfg: cvenv writes the key '%.*s' itself",
				CV_ARG(key));
	}
	return 0;
}

/* LINES have been checked. */
static void more_lines(struct cv_buf *b, const char *lines)
{
	struct cv_str rest = cv_str(lines ? lines : ""), line, key, value;

	while (cv_str_cut(&rest, '\n', &line))
		if (parse_line(line, &key, &value))
			cv_buf_addf(b, "%.*s = %.*s\n", CV_ARG(key), CV_ARG(value));
}

int cv_pyvenv_cfg_text(struct cv_buf *b, const struct cv_info *info, const struct cv_layout *layout,
	const struct cvenv_options *request, const struct cv_existing *existing,
	const char *prompt_repr, struct cvenv_error *err)
{
	bool keep = request->upgrade && existing->is_environment;
	bool system_site =
		request->system_site_packages || (keep && existing->system_site_packages);
	int rc = path_line(b, "home", info->home, err);

	if (rc < 0)
		return rc;
	cv_buf_addf(b, "include-system-site-packages = %s\n", system_site ? "true" : "false");
	cv_buf_addf(b, "version = %s\n", info->version);
	if (info->cfg_python_version)
		cv_buf_addf(b, "python-version = %u.%u\n", info->major, info->minor);
	if (prompt_repr)
		cv_buf_addf(b, "prompt = %s\n", prompt_repr);
	else if (keep && existing->prompt.p)
		cv_buf_addf(b, "prompt = %.*s\n", CV_ARG(existing->prompt));
	if (info->minor >= 11) {
		rc = path_line(
			b, "executable", info->windows ? info->real_executable : info->real, err);
		if (rc < 0)
			return rc;
		command_line(b, info, layout, request);
	}
	if (layout->relocatable)
		cv_buf_cstr(b, "relocatable = true\n");
	more_lines(b, request->extra_cfg);
	cv_buf_cstr(b, "cvenv = " CVENV_VERSION "\n");
	if (info->windows)
		text_mode(b);
	if (b->bad)
		return cv_fail_nomem(err);
	if (b->n >= CONFIG_MAX)
		return cv_fail_msg(err, CVENV_ELIMIT,
			"cannot use the %s: pyvenv.cfg would have %zu bytes, but Python "
			"accepts at most %d",
			request->extra_cfg ? "additional lines" : "prompt", b->n, CONFIG_MAX - 1);
	return 0;
}

static void read_line(
	const struct cv_cfg_line *line, struct cv_existing *ret, struct cv_str *python_version)
{
	if (cv_cfg_is(line, "prompt"))
		ret->prompt = line->value;
	else if (cv_cfg_is(line, "include-system-site-packages"))
		ret->system_site_packages = says(line->value, "true");
	else if (cv_cfg_is(line, "python-version")) /* PEP 838 */
		*python_version = line->value;
	else if (cv_cfg_is(line, "version") || cv_cfg_is(line, "version_info"))
		ret->version = line->value; /* virtualenv and uv have the second one */
	else if (cv_cfg_is(line, "relocatable"))
		ret->relocatable = says(line->value, "true");
}

void cv_pyvenv_cfg_read(struct cv_str text, struct cv_existing *ret)
{
	struct cv_str python_version = { 0 };
	struct cv_cfg_line line;

	ret->system_site_packages = true; /* the default of the module site */
	while (cv_cfg_cut(&text, &line))
		read_line(&line, ret, &python_version);
	if (python_version.n)
		ret->version = python_version;
}

/* The length of a UTF-8 character whose first byte is C. */
static size_t utf8_len(unsigned char c)
{
	return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Append the first character of TEXT, which is not ASCII; returns its length in bytes. */
static size_t add_repr_of_one(struct cv_buf *b, struct cv_str text)
{
	size_t len = utf8_len((unsigned char)text.p[0]);
	struct cv_str one = { text.p, len < text.n ? len : text.n };
	unsigned last = (unsigned char)one.p[one.n - 1];

	if (!cv_utf8_ok(one)) {
		cv_buf_addf(b, "\\udc%02x", (unsigned char)text.p[0]);
		return 1;
	}
	if (cv_utf8_plain(one))
		cv_buf_str(b, one);
	else if (one.n == 2) /* U+0080 to U+009F */
		cv_buf_addf(b, "\\x%02x", last);
	else /* U+2028 and U+2029 */
		cv_buf_addf(b, "\\u20%02x", last - 0x80);
	return one.n;
}

void cv_repr(struct cv_buf *b, struct cv_str text)
{
	bool single = text.n && memchr(text.p, '\'', text.n);
	bool both = single && memchr(text.p, '"', text.n);
	char quote = single && !both ? '"' : '\'';
	size_t len = 1;

	cv_buf_char(b, quote);
	for (size_t i = 0; i < text.n; i += len) {
		unsigned char c = (unsigned char)text.p[i];

		len = 1;
		if (c == '\n')
			cv_buf_cstr(b, "\\n");
		else if (c == '\t')
			cv_buf_cstr(b, "\\t");
		else if (c == '\r')
			cv_buf_cstr(b, "\\r");
		else if (c == '\\' || c == (unsigned char)quote)
			cv_buf_addf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			cv_buf_addf(b, "\\x%02x", c);
		else if (c < 0x80)
			cv_buf_char(b, (char)c);
		else
			len = add_repr_of_one(b, (struct cv_str){ text.p + i, text.n - i });
	}
	cv_buf_char(b, quote);
}

/* Append a code point as UTF-8. Surrogates, which UTF-8 cannot represent, become '?'. */
static void add_utf8(struct cv_buf *b, unsigned c)
{
	if (c >= 0x110000 || (c >= 0xd800 && c < 0xe000) || c == 0)
		c = '?';
	if (c < 0x80) {
		cv_buf_char(b, (char)c);
	} else if (c < 0x800) {
		cv_buf_char(b, (char)(0xc0 | c >> 6));
		cv_buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		cv_buf_char(b, (char)(0xe0 | c >> 12));
		cv_buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		cv_buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		cv_buf_char(b, (char)(0xf0 | c >> 18));
		cv_buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		cv_buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		cv_buf_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

static bool hex(struct cv_str s, unsigned *ret)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	*ret = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!at)
			return false;
		*ret = *ret << 4 | ((unsigned)(at - digits) & 15);
	}
	return true;
}

/*
 * Append the character of the escape at S (after its backslash); returns the length of the escape.
 */
static size_t unescape(struct cv_buf *b, struct cv_str s)
{
	static const char from[] = "ntr\\'\"", to[] = "\n\t\r\\'\"";
	size_t digits = s.p[0] == 'x' ? 2 : s.p[0] == 'u' ? 4 : s.p[0] == 'U' ? 8 : 0;
	const char *known = strchr(from, s.p[0]);
	unsigned c;

	if (s.p[0] && known) {
		cv_buf_char(b, to[known - from]);
		return 1;
	}
	if (digits && s.n > digits && hex((struct cv_str){ s.p + 1, digits }, &c)) {
		add_utf8(b, c);
		return 1 + digits;
	}
	cv_buf_char(b, '\\');
	return 0;
}

char *cv_repr_read(struct cv_arena *a, struct cv_str text)
{
	OWN_BUF struct cv_buf b = { 0 };

	if (text.n < 2 || (text.p[0] != '\'' && text.p[0] != '"') ||
		text.p[text.n - 1] != text.p[0])
		return cv_strdup(a, text);
	text = (struct cv_str){ text.p + 1, text.n - 2 };
	while (text.n) {
		size_t used = 1;

		if (text.p[0] == '\\' && text.n > 1)
			used += unescape(&b, (struct cv_str){ text.p + 1, text.n - 1 });
		else
			cv_buf_char(&b, text.p[0]);
		text.p += used;
		text.n -= used;
	}
	return b.bad ? NULL : cv_strdup(a, cv_buf_slice(&b));
}
