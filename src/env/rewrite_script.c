/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/rewrite_in.h"
#include "wheel/first_line.h"
#include "wheel/scripts.h"

/* The interpreter NAME in bin, or the one that replaces it. */
static const char *interpreter(const struct cv_rewriting *how, const char *name)
{
	for (size_t i = 0; i < how->interpreter_count; i++) {
		if (cv_path_same(name, how->interpreters[i]))
			return name;
	}
	return how->interpreter_count ? how->interpreters[0] : name;
}

static bool is_python(const char *name)
{
	return cv_path_starts(name, CV_LIT("python")) || cv_path_starts(name, CV_LIT("pypy")) ||
	       cv_path_starts(name, CV_LIT("graalpy"));
}

/* The path NAME in bin. */
static char *in_bin(const struct cv_text *text, const char *name)
{
	const struct cv_rewriting *how = text->how;

	return cv_path_join(text->arena, cv_path_join(text->arena, how->env_dir, how->bin), name);
}

bool cv_rewrite_target(
	const struct cv_text *text, struct cv_str python, struct cv_rewrite_target *ret)
{
	const struct cv_rewriting *how = text->how;
	const char *below;

	ret->name = NULL;
	if (cv_rewrite_repairs(text)) {
		char *old = cv_strdup(text->arena, python);

		ret->name = old ? interpreter(how, cv_path_base(old)) : NULL;
		ret->python = ret->name ? in_bin(text, ret->name) : NULL;
		return true;
	}
	if (!cv_rewrite_path(text->arena, how, python, &ret->python))
		return false;
	below = ret->python ? cv_path_below(ret->python, how->env_dir) : NULL;
	below = below ? cv_path_below(below, how->bin) : NULL;
	if (below && cv_path_base(below) == below && is_python(below)) {
		ret->name = interpreter(how, below);
		ret->python = in_bin(text, ret->name);
	}
	return true;
}

/* Python searches the first two lines for an encoding, and sh needs three in front of it. */
static bool has_encoding(struct cv_str rest)
{
	struct cv_str line;

	(void)cv_str_cut(&rest, '\n', &line);
	return cv_str_find(line, CV_LIT("coding")) && !cv_str_find(line, CV_LIT("utf"));
}

/* Is it one word between '...', and may the path PYTHON be written so, too? */
static bool is_single(const struct cv_first_line *line, const char *python)
{
	struct cv_str s = cv_str(python);

	if (line->word.p[0] != '\'' || line->word.n != line->python.n + 2 || !cv_utf8_ok(s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == '\'' || s.p[i] == '\\')
			return false;
	}
	return true;
}

static void splice(struct cv_buf *to, const struct cv_text *text, const struct cv_first_line *line,
	const char *quote, const char *python)
{
	const char *after = line->word.p + line->word.n;

	cv_buf_add(to, text->old.p, (size_t)(line->word.p - text->old.p));
	cv_buf_addf(to, "%s%s%s", quote, python, quote);
	cv_buf_add(to, after, (size_t)(text->old.p + line->end - after));
}

/* The new first lines, for an interpreter with an absolute path. False: there are none. */
static bool write_lines(struct cv_buf *to, const struct cv_text *text,
	const struct cv_first_line *line, const struct cv_rewrite_target *target)
{
	struct cv_str rest = { text->old.p + line->end, text->old.n - line->end };
	bool fits = cv_script_fits_kernel(target->python, line->argument);

	if (line->form == CV_FIRST_LINE_QUOTED) {
		splice(to, text, line, "\"", target->python);
		return true;
	}
	if (line->form == CV_FIRST_LINE_PLAIN && fits) {
		splice(to, text, line, "", target->python);
		return true;
	}
	if (line->form == CV_FIRST_LINE_SH && !fits && is_single(line, target->python)) {
		splice(to, text, line, "'", target->python);
		return true;
	}
	/* sh and Python can both read the lines that follow, but other programs cannot. */
	if (!fits && line->form == CV_FIRST_LINE_PLAIN && (!target->name || has_encoding(rest)))
		return false;
	return cv_script_shebang_argument(to, target->python, line->argument);
}

/*
 * The rest, from the offset AT on. Scripts of `setup.py develop` run another file, which they name
 * in a line of its own.
 */
static int write_body(struct cv_buf *to, const struct cv_text *text, size_t at)
{
	const struct cv_str mark = CV_LIT("# EASY-INSTALL-DEV-SCRIPT:"),
			    start = CV_LIT("\n__file__ = ");
	struct cv_str rest = { text->old.p + at, text->old.n - at };
	const char *line = cv_str_starts(rest, mark) ? cv_str_find(rest, start) : NULL;
	struct cv_text one = *text;
	struct cv_buf new OWN_BUF = { 0 };
	const char *end;
	int rc = 0;

	if (line) {
		line += start.n;
		end = memchr(line, '\n', (size_t)(rest.p + rest.n - line));
		one.old = (struct cv_str){ line, end ? (size_t)(end - line) : 0 };
		rc = cv_rewrite_python(&new, &one);
	}
	if (rc > 0) {
		cv_buf_add(to, rest.p, (size_t)(line - rest.p));
		cv_buf_str(to, cv_buf_slice(&new));
		rest = (struct cv_str){ end, (size_t)(rest.p + rest.n - end) };
	}
	cv_buf_str(to, rest);
	to->bad |= new.bad;
	return rc < 0 ? rc : 1;
}

/*
 * pip writes "#!PYTHON" for scripts of wheels also if PYTHON has a space, so that the kernel starts
 * something else. If the line is an interpreter of the environment, it is clear what was meant.
 */
static bool take_whole_line(
	const struct cv_text *text, struct cv_first_line *line, struct cv_rewrite_target *ret)
{
	const char *end = line->argument.p + line->argument.n, *name;
	struct cv_str whole = { line->python.p, (size_t)(end - line->python.p) };
	char *path;

	if (line->form != CV_FIRST_LINE_PLAIN || !line->argument.n)
		return false;
	path = cv_strdup(text->arena, whole);
	name = path ? cv_path_base(path) : "";
	if (!is_python(name) || strchr(name, ' ') || !cv_rewrite_target(text, whole, ret) ||
		!ret->name)
		return false;
	line->python = line->word = whole;
	line->argument = (struct cv_str){ 0 };
	return true;
}

static bool read_target(
	const struct cv_text *text, struct cv_first_line *line, struct cv_rewrite_target *ret)
{
	return (cv_rewrite_repairs(text) && take_whole_line(text, line, ret)) ||
	       cv_rewrite_target(text, line->python, ret) || take_whole_line(text, line, ret);
}

int cv_rewrite_script(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_first_line line;
	struct cv_rewrite_target target;
	int rc = cv_first_line_parse(text->arena, text->old, &line);

	if (rc < 0)
		return rc;
	if (rc == 0 || (line.form == CV_FIRST_LINE_BESIDE && !cv_rewrite_repairs(text)) ||
		!read_target(text, &line, &target))
		return 0;
	if (!target.python)
		return -ENOMEM;
	if ((text->how->beside || line.form == CV_FIRST_LINE_BESIDE) && target.name &&
		!line.argument.n)
		cv_script_shebang_beside(to, target.name);
	else if (!write_lines(to, text, &line, &target))
		return 0;
	return write_body(to, text, line.end);
}
