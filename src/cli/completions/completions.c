/* SPDX-License-Identifier: MIT */
#include "cli/completions/completions.h"

#include "cli/option_table.h"

enum cv_argument cv_argument_of(const struct cv_option *option)
{
	if (!option)
		return CV_ARGUMENT_NONE;
	switch (option->kind) {
	case CV_OPTION_CHOICE:
		return CV_ARGUMENT_CHOICE;
	case CV_OPTION_CHOICES:
		return CV_ARGUMENT_CHOICES;
	case CV_OPTION_DIR:
		return CV_ARGUMENT_DIR;
	case CV_OPTION_PYTHON:
		return CV_ARGUMENT_PYTHON;
	case CV_OPTION_VALUE:
		return option->field == offsetof(struct cv_options, name) ? CV_ARGUMENT_NAME
									  : CV_ARGUMENT_TEXT;
	case CV_OPTION_TEXTS:
		return CV_ARGUMENT_TEXT;
	case CV_OPTION_FLAG:
	case CV_OPTION_PRESET:
	case CV_OPTION_DAYS:
	case CV_OPTION_MODE:
	case CV_OPTION_COUNT:
	case CV_OPTION_STOP:
		break;
	}
	return CV_ARGUMENT_NONE;
}

const char *cv_argument_name(const struct cv_option *option)
{
	static const char *const names[] = {
		[CV_ARGUMENT_NONE] = "",
		[CV_ARGUMENT_TEXT] = "text",
		[CV_ARGUMENT_CHOICE] = "choice",
		[CV_ARGUMENT_CHOICES] = "list",
		[CV_ARGUMENT_DIR] = "dir",
		[CV_ARGUMENT_PYTHON] = "python",
		[CV_ARGUMENT_NAME] = "name",
	};

	return names[cv_argument_of(option)];
}

static bool excludes_dirs(const struct cv_option *option)
{
	return option->kind == CV_OPTION_STOP || cv_option_excludes_dirs(option) ||
	       cv_argument_of(option) == CV_ARGUMENT_NAME;
}

bool cv_completion_excludes(const struct cv_option *option, const struct cv_option *other)
{
	if (!option || !other)
		return option != other && excludes_dirs(option ? option : other);
	if (option->kind == CV_OPTION_STOP)
		return true;
	if (option == other)
		return option->kind != CV_OPTION_COUNT && option->kind != CV_OPTION_PYTHON &&
		       option->kind != CV_OPTION_TEXTS;
	return cv_option_excludes(option, other);
}

struct cv_str cv_completion_help(const struct cv_option *option)
{
	struct cv_str help = cv_str(option ? option->help : NULL);
	const char *end = cv_str_ends(help, CV_LIT(")")) ? cv_str_find(help, CV_LIT(" (")) : NULL;

	if (end)
		help.n = (size_t)(end - help.p);
	end = cv_str_find(help, CV_LIT("; "));
	if (end)
		help.n = (size_t)(end - help.p);
	return help;
}
