/* SPDX-License-Identifier: MIT */
#include "wheel/scripts.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/path.h"

#define PIP_MODULE "pip._internal.cli.main"
#define PIP_ATTR "main"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A plain file name that can be listed as one word and is no option. */
static bool name_ok(struct cv_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= ' ' || c == 0x7f || c == '/')
			return false;
	}
	return cv_path_safe(name) && cv_utf8_ok(name) && !strchr("-.[", name.p[0]);
}

/*
 * An identifier of Python. Any character beyond ASCII is accepted: a wrong one only causes a
 * SyntaxError.
 */
static bool identifier_ok(struct cv_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool letter =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;

		if (!letter && (i == 0 || !is_digit(s.p[i])))
			return false;
	}
	return s.n != 0 && cv_utf8_ok(s);
}

static bool dotted_ok(struct cv_str s)
{
	struct cv_str part;

	if (!s.n)
		return false;
	while (cv_str_cut(&s, '.', &part)) {
		if (!identifier_ok(part))
			return false;
	}
	return true;
}

/* importlib.metadata strips all brackets from both ends of a section's line. */
static struct cv_str section_name(struct cv_str line)
{
	while (line.n && (line.p[0] == '[' || line.p[0] == ']')) {
		line.p++;
		line.n--;
	}
	while (line.n && (line.p[line.n - 1] == '[' || line.p[line.n - 1] == ']'))
		line.n--;
	return line;
}

/* Does every reader see one line? It may end with "\n" or "\r\n", but contain no other line end. */
static bool one_line(struct cv_str line)
{
	struct cv_str part;

	line.n -= cv_str_ends(line, CV_LIT("\r"));
	while (cv_str_cut(&line, '\t', &part))
		if (!cv_utf8_plain(part))
			return false;
	return true;
}

/* "NAME = MODULE:ATTR [EXTRAS]" */
static bool parse_line(struct cv_str line, struct cv_script *ret)
{
	struct cv_str name, module, attr;

	if (!cv_str_cut(&line, '=', &name) || !line.p)
		return false;
	line = cv_str_strip(line);
	if (cv_str_ends(line, CV_LIT("]")))
		(void)cv_str_cut(&line, '[', &attr);
	else
		attr = line;
	if (!cv_str_cut(&attr, ':', &module) || !attr.p)
		return false;
	ret->name = cv_str_strip(name);
	ret->module = cv_str_strip(module);
	ret->attr = cv_str_strip(attr);
	return name_ok(ret->name) && dotted_ok(ret->module) && dotted_ok(ret->attr);
}

static struct cv_script *find(struct cv_script *scripts, size_t count, struct cv_str name)
{
	for (size_t i = 0; i < count; i++) {
		if (cv_str_eq(scripts[i].name, name))
			return &scripts[i];
	}
	return NULL;
}

/* Each entry needs a line, so this is enough room for all entries. */
static size_t count_lines(struct cv_str text)
{
	struct cv_str line;
	size_t n = 0;

	while (cv_str_cut(&text, '\n', &line) && n <= CV_SCRIPTS_MAX)
		n++;
	return n;
}

int cv_scripts_parse(struct cv_arena *a, struct cv_str entry_points, struct cv_script **ret,
	size_t *ret_count, struct cvenv_error *err)
{
	struct cv_script *scripts;
	struct cv_str line;
	bool ours = false;
	size_t count = 0;

	if (entry_points.n > CV_SCRIPTS_TEXT_MAX)
		return cv_fail(err, CVENV_ELIMIT, "entry_points.txt");
	scripts = cv_new(a, struct cv_script, count_lines(entry_points));
	if (!scripts)
		return cv_fail_nomem(err);
	for (size_t number = 1; cv_str_cut(&entry_points, '\n', &line); number++) {
		struct cv_script script, *same;

		if (!one_line(line))
			return cv_fail_msg(err, CVENV_EWHEEL,
				"line %zu of entry_points.txt has control characters", number);
		line = cv_str_strip(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (line.p[0] == '[' && cv_str_ends(line, CV_LIT("]"))) {
			ours = cv_str_eq(section_name(line), CV_LIT("console_scripts"));
			continue;
		}
		if (!ours)
			continue;
		if (!parse_line(line, &script))
			return cv_fail_msg(err, CVENV_EWHEEL,
				"line %zu of entry_points.txt is not NAME = MODULE:FUNCTION",
				number);
		same = find(scripts, count, script.name);
		if (!same && count == CV_SCRIPTS_MAX)
			return cv_fail(err, CVENV_ELIMIT, "number of console scripts");
		*(same ? same : &scripts[count++]) = script;
	}
	*ret = scripts;
	*ret_count = count;
	return 0;
}

static size_t skip_digits(struct cv_str s, size_t i)
{
	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i;
}

/* "pip", or pipN or pipN.M. */
static bool is_pip(struct cv_str name)
{
	size_t i, j;

	if (!cv_str_starts(name, CV_LIT("pip")))
		return false;
	i = skip_digits(name, 3);
	if (i == name.n)
		return true;
	j = name.p[i] == '.' && i > 3 ? skip_digits(name, i + 1) : 0;
	return j > i + 1 && j == name.n;
}

/* easy_install or easy_install-N.M, with one digit each. */
static bool is_easy_install(struct cv_str name)
{
	struct cv_str rest = name;

	if (!cv_str_cut(&rest, '-', &name) || !cv_str_eq(name, CV_LIT("easy_install")))
		return false;
	return !rest.p ||
	       (rest.n == 3 && is_digit(rest.p[0]) && rest.p[1] == '.' && is_digit(rest.p[2]));
}

struct names {
	bool (*match)(struct cv_str name);
	const char *bare, *dash;
	bool with_major;
};

static const struct names versioned[] = {
	{ is_pip, "pip", "", true },
	{ is_easy_install, "easy_install", "-", false },
};

enum { VERSIONED = sizeof(versioned) / sizeof(versioned[0]), NAMES_MAX = 3 };

/* Replace the matching scripts by those for this Python; false when memory is exhausted. */
static bool rename_versions(struct cv_arena *a, const struct names *names, struct cv_script target,
	unsigned major, unsigned minor, struct cv_script *scripts, size_t *count)
{
	struct cv_str made[NAMES_MAX] = { cv_str(names->bare) };
	size_t n = 1, kept = 0;

	if (names->with_major)
		made[n++] = cv_str(cv_strfmt(a, "%s%s%u", names->bare, names->dash, major));
	made[n++] = cv_str(cv_strfmt(a, "%s%s%u.%u", names->bare, names->dash, major, minor));
	for (size_t i = 0; i < *count; i++) {
		if (!names->match(scripts[i].name))
			scripts[kept++] = scripts[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (!made[i].p)
			return false;
		target.name = made[i];
		scripts[kept++] = target;
	}
	*count = kept;
	return true;
}

int cv_scripts_of(struct cv_arena *a, struct cv_str project, struct cv_str entry_points,
	unsigned major, unsigned minor, struct cv_script **ret, size_t *ret_count,
	struct cvenv_error *err)
{
	struct cv_script *parsed = NULL, *scripts;
	size_t count = 0;
	int rc = cv_scripts_parse(a, entry_points, &parsed, &count, err);

	if (rc < 0)
		return rc;
	scripts = cv_new(a, struct cv_script, count + (size_t)VERSIONED * NAMES_MAX);
	if (!scripts)
		return cv_fail_nomem(err);
	if (count)
		memcpy(scripts, parsed, count * sizeof(*scripts));
	for (size_t i = 0; i < VERSIONED; i++) {
		struct cv_script target = { .module = CV_LIT(PIP_MODULE),
			.attr = CV_LIT(PIP_ATTR) };
		struct cv_script *bare = find(scripts, count, cv_str(versioned[i].bare));
		bool itself = versioned[i].match == is_pip && project.n == 3 &&
			      strncasecmp(project.p, "pip", 3) == 0;

		if (bare)
			target = *bare;
		if ((bare || itself) &&
			!rename_versions(a, &versioned[i], target, major, minor, scripts, &count))
			return cv_fail_nomem(err);
	}
	*ret = scripts;
	*ret_count = count;
	return 0;
}

void cv_script_body(struct cv_buf *b, const struct cv_script *script, bool is_exe)
{
	struct cv_str rest = script->attr, first;

	(void)cv_str_cut(&rest, '.', &first);
	cv_buf_addf(b, "import sys\n\nfrom %.*s import %.*s\n\nif __name__ == \"__main__\":\n",
		CV_ARG(script->module), CV_ARG(first));
	if (is_exe)
		cv_buf_cstr(b, "    if sys.argv[0].endswith(\".exe\"):\n"
			       "        sys.argv[0] = sys.argv[0][:-4]\n");
	cv_buf_addf(b, "    sys.exit(%.*s())\n", CV_ARG(script->attr));
}

void cv_script_text(struct cv_buf *b, const char *python, const struct cv_script *script)
{
	cv_script_shebang(b, python);
	cv_script_body(b, script, false);
}

void cv_script_text_beside(struct cv_buf *b, const char *name, const struct cv_script *script)
{
	cv_script_shebang_beside(b, name);
	cv_script_body(b, script, false);
}
