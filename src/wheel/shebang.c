/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wheel/scripts.h"

/*
 * The first lines of a console script.
 *
 * Where "#!PYTHON" will not do, the file begins as pip's (distlib, scripts.py):
 *
 *	#!/bin/sh
 *	'''exec' WORD "$0" "$@"
 *	' '''
 *
 * sh sees the empty string, then 'exec', and never comes to the third line. Python sees one
 * string between two '''. So WORD is read twice: by sh as one word whose value must be PYTHON, and
 * by Python as a part of a string whose value does not matter, but which must be well-formed. pip
 * writes PYTHON raw, or between " when it has a space; for many paths one of the two readers then
 * fails or sees another path. Ours is
 *
 * - raw where PYTHON has only characters that are nothing special to either;
 * - "..." for characters that are nothing special between ", as a space;
 * - '...' for $ ` and ", as the escapes that sh would need are others to Python;
 * - '\' alone for a backslash, so that Python sees the escape \' and never \x or \N;
 * - "'" alone for a ', so that no ''' can arise;
 * - "$(printf '\ooo')" for bytes that Python's reader does not take or changes, control characters
 *   and what is not UTF-8: as an octal escape this is well-formed for Python, too.
 */

enum {
	SHEBANG_MAX = 127, /* with "#!" and the newline */
};

enum kind { PLAIN, DOUBLE, SINGLE, LONE, OCTAL };

/* How many bytes at P are one well-formed character of UTF-8; 0 when they are none. */
static size_t utf8_len(struct cv_str s)
{
	for (size_t n = 1; n <= 4 && n <= s.n; n++) {
		if (cv_utf8_ok((struct cv_str){ s.p, n }))
			return n;
	}
	return 0;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("/._-+,@%:=", c));
}

/* What the character at the start of S needs; *ret_len is its length in bytes. */
static enum kind kind_of(struct cv_str s, size_t *ret_len)
{
	unsigned char c = (unsigned char)s.p[0];

	*ret_len = utf8_len(s);
	if (*ret_len == 0) {
		*ret_len = 1;
		return OCTAL;
	}
	if (is_plain(s.p[0]))
		return PLAIN;
	if (c == '\\' || c == '\'')
		return LONE;
	if (c == '$' || c == '`' || c == '"')
		return SINGLE;
	/* a newline would be lost at the end of $(...), and all take it as it is */
	if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
		return OCTAL;
	return DOUBLE;
}

static bool all_plain(struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_plain(s.p[i]))
			return false;
	}
	return true;
}

static void add_word(struct cv_buf *b, struct cv_str s)
{
	static const char *const opening[] = {
		[DOUBLE] = "\"", [SINGLE] = "'", [OCTAL] = "\"$(printf '"
	};
	static const char *const closing[] = {
		[PLAIN] = "", [DOUBLE] = "\"", [SINGLE] = "'", [OCTAL] = "')\""
	};
	enum kind open = PLAIN; /* the part that is not closed yet; PLAIN: none */
	size_t n;

	for (; s.n; s.p += n, s.n -= n) {
		enum kind kind = kind_of(s, &n);

		if (kind == PLAIN)
			kind = DOUBLE;
		if (kind != open) {
			cv_buf_cstr(b, closing[open]);
			open = PLAIN;
		}
		if (kind == LONE) {
			cv_buf_cstr(b, s.p[0] == '\\' ? "'\\'" : "\"'\"");
			continue;
		}
		if (open == PLAIN)
			cv_buf_cstr(b, opening[kind]);
		open = kind;
		if (kind == OCTAL)
			cv_buf_addf(b, "\\%03o", (unsigned)(unsigned char)s.p[0]);
		else
			cv_buf_add(b, s.p, n);
	}
	cv_buf_cstr(b, closing[open]);
}

/*
 * The kernel cuts at white space, and Python reads the line as a comment in which it looks for its
 * encoding (PEP 263): a directory "coding=x" would name one.
 */
static bool fits_kernel(struct cv_str s)
{
	size_t n;

	if (s.n + sizeof("#!\n") - 1 > SHEBANG_MAX || memmem(s.p, s.n, "coding:", 7) ||
		memmem(s.p, s.n, "coding=", 7))
		return false;
	for (; s.n; s.p += n, s.n -= n) {
		if (kind_of(s, &n) == OCTAL || strchr(" \t\n", s.p[0]))
			return false;
	}
	return true;
}

void cv_script_shebang(struct cv_buf *b, const char *python)
{
	struct cv_str s = cv_str(python);

	if (fits_kernel(s)) {
		cv_buf_addf(b, "#!%s\n", python);
		return;
	}
	cv_buf_cstr(b, "#!/bin/sh\n'''exec' ");
	if (all_plain(s))
		cv_buf_str(b, s);
	else
		add_word(b, s);
	cv_buf_cstr(b, " \"$0\" \"$@\"\n' '''\n");
}

/*
 * sh sees '' and ':', a command that does nothing, then the lines; Python one long string. A link
 * is followed only where the script itself is one: no process is started for the usual case.
 */
void cv_script_shebang_beside(struct cv_buf *b, const char *name)
{
	cv_buf_cstr(b, "#!/bin/sh\n"
		       "''':'\n"
		       "here=$0\n"
		       "if [ -h \"$here\" ]; then here=$(readlink -f -- \"$here\"); fi\n"
		       "case $here in */*) ;; *) here=./$here ;; esac\n"
		       "exec \"${here%/*}\"/");
	add_word(b, cv_str(name));
	cv_buf_cstr(b, " \"$0\" \"$@\"\n' '''\n");
}
