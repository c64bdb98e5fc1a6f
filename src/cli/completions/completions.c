/* SPDX-License-Identifier: MIT */
#include "cli/completions/completions.h"

#include <stdio.h>

#include "base/own.h"
#include "cli/option_table.h"
#include "cli/print.h"

enum cv_argument cv_argument_of(const struct cv_option *option)
{
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
	case CV_OPTION_FLAG:
	case CV_OPTION_PRESET:
	case CV_OPTION_DAYS:
	case CV_OPTION_COUNT:
	case CV_OPTION_STOP:
		break;
	}
	return CV_ARGUMENT_NONE;
}

bool cv_completion_excludes(const struct cv_option *option, const struct cv_option *other)
{
	if (option->kind == CV_OPTION_STOP)
		return true;
	if (option == other)
		return option->kind != CV_OPTION_COUNT && option->kind != CV_OPTION_PYTHON;
	return cv_option_excludes(option, other);
}

bool cv_completion_excludes_dirs(const struct cv_option *option)
{
	return option->kind == CV_OPTION_STOP || cv_option_creates_nothing(option) ||
	       cv_argument_of(option) == CV_ARGUMENT_NAME;
}

void cv_completions_script(
	struct cv_buf *to, enum cv_completions shell, const struct cv_option *table, size_t count)
{
	static void (*const print[])(const struct cv_completer *c) = {
		[CV_COMPLETIONS_BASH] = cv_completions_bash,
	};
	const struct cv_completer c = { .to = to, .options = table, .count = count };

	print[shell](&c);
}

int cv_completions_run(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_buf text OWN_BUF = { 0 };

	if (o->completions == CV_COMPLETIONS_PYTHONS)
		cv_completions_pythons(&text, o->library.envp, o->library.cwd);
	else if (o->completions == CV_COMPLETIONS_NAMES)
		cv_completions_names(&text, o->library.envp);
	else
		cv_completions_script(&text, o->completions, cv_option_table, cv_option_count);
	if (text.bad)
		return cv_fail_nomem(error);
	if (text.n)
		(void)fwrite(text.p, 1, text.n, stdout);
	return cv_print_flush(NULL, error);
}
