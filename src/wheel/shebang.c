/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "wheel/escapes.h"
#include "wheel/scripts.h"

/*
 * The first lines of a console script.
 *
 * If "#!PYTHON" is not possible, the file begins as pip's does (distlib, scripts.py):
 *
 *	#!/bin/sh
 *	'''exec' WORD "$0" "$@"
 *	' '''
 *
 * sh reads an empty string, then 'exec', and never reaches the third line. Python reads one string
 * between two '''. So both read WORD: for sh it is one word whose value must be PYTHON; for Python
 * it is part of a string, whose value is unused, but which must be well-formed. pip writes PYTHON
 * raw, or between " when it has a space. For many paths one of the two readers then fails or reads
 * another path. cvenv quotes each part of PYTHON as its characters need:
 *
 * - none for a path of characters that are special to neither;
 * - "..." for characters that are not special between ", such as a space;
 * - '...' for $ ` and ", because the escapes that sh needs mean something else in Python;
 * - '\' for a single backslash, so that Python reads the escape \' and never \x or \N;
 * - "'" for a single ', so that no ''' can arise;
 * - "$(printf '\ooo')" for bytes that Python refuses or changes: control characters and invalid
 *   UTF-8. The octal escape is well-formed in Python, too.
 */

enum kind { PLAIN, DOUBLE, SINGLE, LONE, OCTAL };

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("/._-+,@%:=", c));
}

/* The quoting for the character at the start of S; *ret_len is its length in bytes. */
static enum kind kind_of(struct cv_str s, size_t *ret_len)
{
	unsigned char c = (unsigned char)s.p[0];

	*ret_len = cv_utf8_first(s);
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
	/*
	 * $(...) drops a newline at its end, so it is not OCTAL; both readers accept it between
	 * quotes
	 */
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
	enum kind open = PLAIN; /* the quotes that are open now; PLAIN: none */
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
 * The kernel splits the line at white space. Python searches it for an encoding declaration (PEP
 * 263), and a directory named "coding=x" would be one.
 */
bool cv_script_fits_kernel(const char *python, struct cv_str argument)
{
	struct cv_str s = cv_str(python);
	size_t n, more = argument.n ? argument.n + 1 : 0;

	if (s.n + more + sizeof("#!\n") - 1 > CV_SHEBANG_MAX || cv_str_find(s, CV_LIT("coding:")) ||
		cv_str_find(s, CV_LIT("coding=")))
		return false;
	for (; s.n; s.p += n, s.n -= n) {
		if (kind_of(s, &n) == OCTAL || strchr(" \t\n", s.p[0]))
			return false;
	}
	return true;
}

bool cv_script_shebang_argument(struct cv_buf *b, const char *python, struct cv_str argument)
{
	const char *space = argument.n ? " " : "";
	struct cv_str s = cv_str(python);

	if (cv_script_fits_kernel(python, argument)) {
		cv_buf_addf(b, "#!%s%s%.*s\n", python, space, CV_ARG(argument));
		return true;
	}
	if (!all_plain(argument))
		return false;
	cv_buf_cstr(b, "#!/bin/sh\n'''exec' ");
	if (all_plain(s))
		cv_buf_str(b, s);
	else
		add_word(b, s);
	cv_buf_addf(b, "%s%.*s \"$0\" \"$@\"\n' '''\n", space, CV_ARG(argument));
	return true;
}

void cv_script_shebang(struct cv_buf *b, const char *python)
{
	(void)cv_script_shebang_argument(b, python, (struct cv_str){ 0 });
}

/*
 * sh reads '' and ':', a command that does nothing, then the lines. Python reads one long string.
 * readlink is only started if the script is run through a link.
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
