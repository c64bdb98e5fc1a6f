/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <string.h>

#include "base/own.h"
#include "base/str.h"
#include "cli/hook.h"
#include "cli/name.h"
#include "cli/option_table.h"
#include "cli/suggest.h"

/* One argument in its parts. */
struct token {
	const struct cv_option *option; /* NULL: an ENV_DIR, or unknown */
	const char *value;              /* the value attached to it; NULL: none */
	bool joined;                    /* attached to a letter without '=': may be more letters */
	bool unknown;
};

/* Does an option need the next argument as its value? */
static bool needs_value(const struct cv_option *o)
{
	return o->metavar && !cv_option_attaches(o);
}

static bool is_venv(const struct cv_option *o)
{
	return o->section == CV_SECTION_VENV;
}

static int usage_error(
	struct cvenv_error *err, const struct cv_option *o, const char *what, const char *arg)
{
	const struct cv_option_source source = { .from = CV_FROM_ARGV };

	return cv_option_usage(err, cv_option_error(o, &source, what, arg, err));
}

/* Is TEXT an abbreviation of this option? VENV: search venv's options, else the others. */
static bool is_abbreviated(const struct cv_option *o, struct cv_str text, bool venv)
{
	return is_venv(o) == venv && !o->exact && cv_str_starts(cv_str(o->name), text);
}

static int ambiguous(struct cvenv_error *err, struct cv_str text, bool venv)
{
	struct cv_buf list = { 0 };
	int rc;

	for (size_t i = 0; i < cv_option_count; i++)
		if (is_abbreviated(&cv_option_table[i], text, venv))
			cv_buf_addf(&list, "%s--%s", list.n ? ", " : "", cv_option_table[i].name);
	rc = cv_fail_msg(err, CVENV_EUSAGE, "ambiguous option: --%.*s could match %s", CV_ARG(text),
		list.p ? list.p : "several");
	cv_buf_done(&list);
	return cv_option_usage(err, rc);
}

/*
 * "--pyth" is --python, not --pythons, which follows in the table. But "--up" is ambiguous, as for
 * CPython, which has --upgrade and --upgrade-deps.
 */
static bool is_longer(const struct cv_option *o, const struct cv_option *found)
{
	return !is_venv(o) && cv_str_starts(cv_str(o->name), cv_str(found->name));
}

static int find_long(struct cv_str name, const struct cv_option **ret, struct cvenv_error *err)
{
	const bool sections[] = { true, false }; /* venv's own options first */

	*ret = cv_option_of(name);
	for (size_t s = 0; s < 2 && !*ret; s++) {
		size_t found = 0;

		for (size_t i = 0; i < cv_option_count; i++) {
			const struct cv_option *o = &cv_option_table[i];

			if (!is_abbreviated(o, name, sections[s]) || (*ret && is_longer(o, *ret)))
				continue;
			*ret = o;
			found++;
		}
		if (found > 1)
			return ambiguous(err, name, sections[s]);
	}
	return 0;
}

/* A short option and the text attached to it. */
static struct token read_letter(const char *text)
{
	struct token token = { 0 };

	for (size_t i = 0; i < cv_option_count; i++)
		if (cv_option_table[i].letter && cv_option_table[i].letter == text[0])
			token.option = &cv_option_table[i];
	if (token.option && text[1]) {
		token.joined = text[1] != '=';
		token.value = text + (token.joined ? 1 : 2);
	}
	return token;
}

/* as argparse: ^-\d+$|^-\d*\.\d+$ */
static bool negative_number(const char *arg)
{
	const char *p = arg + 1 + strspn(arg + 1, "0123456789");

	if (*p == '\0')
		return p > arg + 1;
	if (*p != '.')
		return false;
	p++;
	return *p && p[strspn(p, "0123456789")] == '\0';
}

static int classify(const char *arg, struct token *ret, struct cvenv_error *err)
{
	*ret = (struct token){ 0 };
	if (arg[0] != '-' || arg[1] == '\0')
		return 0;
	if (arg[1] == '-') {
		struct cv_str name = cv_str(arg + 2), head;
		int rc;

		(void)cv_str_cut(&name, '=', &head);
		rc = find_long(head, &ret->option, err);
		if (rc < 0)
			return rc;
		ret->value = name.p;
	} else {
		*ret = read_letter(arg + 1);
	}
	ret->unknown = !ret->option && !negative_number(arg) && !strchr(arg, ' ');
	return 0;
}

struct reader {
	int argc, next;
	char **argv;
	bool only_dirs; /* "--" was parsed */
	struct cv_option_source source;
	struct cv_options *out;
	const char *unknown; /* the first argument that is neither ENV_DIR nor option */
};

static int apply(
	struct reader *r, const struct cv_option *opt, const char *value, struct cvenv_error *err)
{
	r->out->command_only |= opt->command_only;
	return cv_option_set(r->out, opt, &r->source, value, err);
}

static int no_value(const struct cv_option *opt, struct cvenv_error *err)
{
	const struct cv_option_source source = { .from = CV_FROM_ARGV };
	int rc = cv_option_error(opt, &source, "expected one argument", NULL, err);

	if (opt->kind == CV_OPTION_PYTHON) /* the shell may have taken ">=3.11" for a file */
		return cv_hint(err, rc, "a range must be in quotes: -p '>=3.11'");
	return cv_option_usage(err, rc);
}

/* The value of an option in the next argument, which must not be an option. */
static int next_value(
	struct reader *r, const struct cv_option *opt, const char **ret, struct cvenv_error *err)
{
	struct token token;
	int rc;

	if (r->next >= r->argc || strcmp(r->argv[r->next], "--") == 0)
		return no_value(opt, err);
	rc = classify(r->argv[r->next], &token, err);
	if (rc < 0)
		return rc;
	if (token.option || token.unknown)
		return no_value(opt, err);
	*ret = r->argv[r->next++];
	return 0;
}

static int read_option(struct reader *r, struct token token, struct cvenv_error *err)
{
	for (;;) {
		const struct cv_option *opt = token.option;
		const char *value = token.value;
		int rc = 0;

		if (needs_value(opt) && !value)
			rc = next_value(r, opt, &value, err);
		if (rc < 0)
			return rc;
		if (opt->metavar || (value && !token.joined && cv_option_switches(opt)))
			return apply(r, opt, value, err);
		if (value && !token.joined)
			return usage_error(err, opt, "ignored explicit argument ", value);
		rc = apply(r, opt, NULL, err);
		if (rc < 0 || !value || opt->kind == CV_OPTION_STOP)
			return rc;
		token = read_letter(value); /* such as -qvp3.12 */
		if (!token.option)
			return usage_error(err, opt, "ignored explicit argument ", value);
	}
}

static int read_one(struct reader *r, struct cvenv_error *err)
{
	char *arg = r->argv[r->next++];
	struct token token = { 0 };
	int rc = 0;

	if (!r->only_dirs && strcmp(arg, "--") == 0) {
		r->only_dirs = true;
		return 0;
	}
	if (!r->only_dirs)
		rc = classify(arg, &token, err);
	if (rc < 0)
		return rc;
	if (token.option)
		return read_option(r, token, err);
	if (token.unknown) {
		if (!r->unknown)
			r->unknown = arg;
		return 0;
	}
	r->argv[r->out->env_dir_count++] = arg;
	return 0;
}

static bool is_set(const struct cv_options *o, size_t i)
{
	return o->origins[i].set == &cv_option_table[i];
}

/* "argument --root: only allowed with argument --clone or --move" */
static int only_allowed(const struct cv_option *option, struct cvenv_error *err)
{
	OWN_BUF struct cv_buf list = { 0 };
	size_t count = 0, n = 0;

	for (size_t i = 0; i < cv_option_count; i++)
		count += (cv_option_table[i].action & option->with) != 0;
	for (size_t i = 0; i < cv_option_count; i++)
		if (cv_option_table[i].action & option->with)
			cv_buf_addf(&list, "%s--%s",
				n++ == 0     ? ""
				: n == count ? " or "
					     : ", ",
				cv_option_table[i].name);
	if (list.bad)
		return cv_fail_nomem(err);
	cv_fail_msg(err, CVENV_EUSAGE, "argument --%s: only allowed with argument %s", option->name,
		list.p ? list.p : "");
	return cv_option_usage(err, -CVENV_EUSAGE);
}

/* Are all options allowed beside the action, or without one? */
static int check_action(const struct reader *r, struct cvenv_error *err)
{
	const struct cv_option *action = r->out->action, *refused = NULL;
	unsigned with = action ? action->action : CV_WITH_CREATE;

	for (size_t i = 0; i < cv_option_count; i++)
		if (is_set(r->out, i) && &cv_option_table[i] != action &&
			!(cv_option_table[i].with & with))
			refused = &cv_option_table[i];
	if (!refused)
		return 0;
	if (!action || !(refused->with & CV_WITH_CREATE))
		return only_allowed(refused, err);
	cv_fail_msg(err, CVENV_EUSAGE, "argument --%s: not allowed with argument --%s",
		refused->name, action->name);
	return cv_option_usage(err, -CVENV_EUSAGE);
}

/* Has the action as many positional arguments as it needs? -n/--name is one of them. */
static int check_dirs(const struct cv_options *o, struct cvenv_error *err)
{
	const struct cv_option *action = o->action;
	size_t count = o->env_dir_count + (o->name != NULL);

	if (!action || (count >= action->min_dirs && o->env_dir_count <= action->max_dirs) ||
		o->shell_hook >= CV_HOOK_ENTER_POSIX) /* the functions of --shell-hook */
		return 0;
	if (action->max_dirs == 0) {
		cv_fail_msg(err, CVENV_EUSAGE,
			"argument ENV_DIR '%s': not allowed with argument --%s", o->env_dirs[0],
			action->name);
		if (action->kind == CV_OPTION_DAYS)
			return cv_hint(
				err, -CVENV_EUSAGE, "days are given as --%s=DAYS", action->name);
	} else if (count < action->min_dirs) {
		cv_fail_msg(err, CVENV_EUSAGE, "argument --%s: expected %s", action->name,
			action->dirs);
	} else {
		cv_fail_msg(err, CVENV_EUSAGE, "argument --%s: expected only %s before '%s'",
			action->name, action->dirs, o->env_dirs[action->max_dirs]);
	}
	return cv_option_usage(err, -CVENV_EUSAGE);
}

/* The option of which TEXT is an attached word: --check of "full". NULL: there is none. */
static const struct cv_option *option_of_word(struct cv_str text)
{
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *o = &cv_option_table[i];

		for (size_t k = 0; o->kind == CV_OPTION_MODE && o->choices[k].name; k++)
			if (cv_str_eq(cv_str(o->choices[k].name), text))
				return o;
	}
	return NULL;
}

static int unrecognized(const char *arg, struct cvenv_error *err)
{
	struct cv_str text = cv_str(arg + strspn(arg, "-"));
	const struct cv_option *option = option_of_word(text);
	struct cv_suggestion closest = { 0 };

	cv_fail_msg(err, CVENV_EUSAGE, "unrecognized argument: '%s'", arg);
	if (option)
		return cv_hint(err, -CVENV_EUSAGE, "did you mean '--%s=%.*s'?", option->name,
			CV_ARG(text));
	(void)cv_str_cut(&text, '=', &closest.typed);
	for (size_t i = 0; i < cv_option_count; i++)
		cv_suggest(&closest, cv_option_table[i].name);
	return closest.name ? cv_hint(err, -CVENV_EUSAGE, "did you mean '--%s'?", closest.name)
			    : cv_option_usage(err, -CVENV_EUSAGE);
}

/* What -n and --redirect do not allow beside them. */
static int check_place(const struct cv_options *o, struct cvenv_error *err)
{
	size_t besides = o->action && o->action->min_dirs > 1 ? o->action->min_dirs - 1U : 0;
	int rc = o->name ? cv_name_check(o->name, err) : 0;

	if (rc < 0)
		return rc;
	if (o->name && o->env_dir_count > besides)
		cv_fail_msg(err, CVENV_EUSAGE,
			"argument ENV_DIR '%s': not allowed with argument -n/--name",
			o->env_dirs[besides]);
	else if (o->redirect && o->env_dir_count > 1)
		cv_fail_msg(err, CVENV_EUSAGE,
			"argument --redirect: not allowed with several ENV_DIRs");
	else
		return 0;
	return cv_option_usage(err, -CVENV_EUSAGE);
}

static int read_argv(struct reader *r, struct cvenv_error *err)
{
	const struct cv_options *o = r->out;
	int rc = 0;

	while (rc == 0 && r->next < r->argc && !o->help && !o->version)
		rc = read_one(r, err);
	r->out->env_dirs = (const char **)(void *)r->argv;
	if (rc < 0 || o->help || o->version)
		return rc;
	if (r->unknown)
		return unrecognized(r->unknown, err);
	r->out->action = r->source.exclusive[CV_EXCLUSIVE_INSTEAD];
	rc = check_action(r, err);
	if (rc == 0)
		rc = check_place(o, err);
	if (rc == 0)
		rc = check_dirs(o, err);
	if (o->redirect)
		r->out->library.redirect = ".venv";
	if (rc == 0 && o->library.force && !o->library.clear) {
		cv_fail_msg(
			err, CVENV_EUSAGE, "argument --force: only allowed with argument --clear");
		return cv_option_usage(err, -CVENV_EUSAGE);
	}
	return rc;
}

int cv_options_parse(int argc, char **argv, const char *const *envp, struct cv_options *ret,
	struct cvenv_error *err)
{
	struct reader r = {
		.argc = argc, .next = 1, .argv = argv, .source.from = CV_FROM_ARGV, .out = ret
	};
	int rc;

	*ret = (struct cv_options){ .library.size = sizeof(ret->library), .command = argv[0] };
	rc = read_argv(&r, err);
	return rc < 0 || ret->help || ret->version ? rc : cv_option_variables(envp, ret, err);
}
