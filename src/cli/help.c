/* SPDX-License-Identifier: MIT */
#include "base/system.h"
#include "cli/option_table.h"

enum { WIDTH = 79, INDENT = 24 };

static const char *const titles[] = {
	[CV_SECTION_VENV] = "options of python -m venv:",
	[CV_SECTION_MORE] = "more options:",
	[CV_SECTION_EXISTING] = "actions for existing environments:",
	[CV_SECTION_OTHER] = "other actions:",
};

static const char usage[] =
	"usage: cvenv [OPTIONS] [ENV_DIR ...]\n"
	"       cvenv ACTION [OPTIONS] [ARGUMENTS]\n"
	"\n"
	"Create Python virtual environments, with pip, in milliseconds.\n"
	"\n"
	"  ENV_DIR               where to create the environment (default: .venv)\n";

static const char variables[] =
	"\n"
	"variables:\n"
	"  CVENV_SOME_OPTION is --some-option, unless the command line has that option.\n"
	"  Examples: CVENV_LINK_MODE=copy; for an option without value, CVENV_COPIES=1.\n"
	"  They are also keys of the file config.toml, such as link-mode = \"copy\".\n"
	"  --copies=0 switches off on the command line what they have switched on.\n";

static const char examples[] =
	"\n"
	"examples:\n"
	"  cvenv                         create an environment in .venv\n"
	"  cvenv -p 3.12 --prompt . env  with Python 3.12, named after this directory\n"
	"  cvenv --clear a b c           recreate three environments\n"
	"  cvenv --json --without-pip e  print JSON, for programs\n"
	"\n";

static const char posix_tail[] =
	"Activate it with 'source .venv/bin/activate', or run .venv/bin/python.\n";

static const char windows_tail[] =
	"Activate it with .venv\\Scripts\\activate, or run .venv\\Scripts\\python.\n";

static void pad(struct cv_buf *to, size_t n)
{
	while (n-- > 0)
		cv_buf_char(to, ' ');
}

/* Wrap TEXT into lines indented by INDENT. The first line continues at COLUMN. */
static void wrap(struct cv_buf *to, const char *text, size_t indent, size_t column)
{
	struct cv_str rest = cv_str(text), word;
	bool first = true; /* first word of its line */

	while (cv_str_cut(&rest, ' ', &word)) {
		if (column > indent && column + 1 + word.n > WIDTH) {
			cv_buf_char(to, '\n');
			column = 0;
		}
		if (column < indent) {
			pad(to, indent - column);
			column = indent;
			first = true;
		}
		cv_buf_addf(to, "%s%.*s", first ? "" : " ", CV_ARG(word));
		column += word.n + !first;
		first = false;
	}
	cv_buf_char(to, '\n');
}

/* "--cache-clean[=DAYS]", "--clone SRC DEST", "--remove ENV_DIR ..." */
static void name(struct cv_buf *to, const struct cv_option *o)
{
	const char *more = o->max_dirs > o->min_dirs && o->max_dirs > 1 ? " ..." : "";

	cv_buf_addf(to, "--%s", o->name);
	if (o->metavar)
		cv_buf_addf(to, cv_option_attaches(o) ? "[=%s]" : " %s", o->metavar);
	if (o->section == CV_SECTION_EXISTING && o->dirs)
		cv_buf_addf(to, o->min_dirs ? " %s%s" : " [%s%s]", o->dirs, more);
}

static void option(struct cv_buf *to, const struct cv_option *o)
{
	size_t start = to->n, column;

	cv_buf_cstr(to, "  ");
	if (o->letter)
		cv_buf_addf(to, "-%c, ", o->letter);
	name(to, o);
	column = to->n - start;
	if (column + 2 > INDENT) {
		cv_buf_char(to, '\n');
		column = 0;
	}
	wrap(to, o->help, INDENT, column);
}

static void exceptions(struct cv_buf *to)
{
	struct cv_buf list = { 0 };

	for (size_t i = 0; i < cv_option_count; i++)
		if (cv_option_table[i].variable == CV_VARIABLE_NO)
			cv_buf_addf(&list, "%s--%s", list.n ? ", " : "These have no variable: ",
				cv_option_table[i].name);
	cv_buf_char(&list, '.');
	if (list.bad)
		to->bad = true;
	else
		wrap(to, list.p, 2, 0);
	cv_buf_done(&list);
}

void cv_help(struct cv_buf *to)
{
	cv_buf_cstr(to, usage);
	for (size_t s = 0; s < sizeof(titles) / sizeof(titles[0]); s++) {
		cv_buf_addf(to, "\n%s\n", titles[s]);
		for (size_t i = 0; i < cv_option_count; i++)
			if (cv_option_table[i].section == (enum cv_option_section)s)
				option(to, &cv_option_table[i]);
	}
	cv_buf_cstr(to, variables);
	exceptions(to);
	cv_buf_cstr(to, examples);
	cv_buf_cstr(to, CV_WINDOWS ? windows_tail : posix_tail);
}
