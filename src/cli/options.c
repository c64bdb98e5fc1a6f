/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

enum { DAYS_MAX = 100000 };

enum kind {
	FLAG,   /* sets a bool */
	INVERT, /* sets a bool that is true without it */
	VALUE,  /* takes an argument, kept as text */
	PYTHON, /* the same, and all of them are kept */
	DAYS,   /* sets a bool, and may have a number attached by '=' */
	CHOICE, /* takes an argument of a fixed set */
	COUNT,  /* adds to verbosity */
	STOP,   /* sets a bool and ends reading */
};

struct choice {
	const char *name;
	int value;
};

static const struct choice link_modes[] = {
	{ "copy", CVENV_LINK_COPY },
	{ "hardlink", CVENV_LINK_HARDLINK },
	{ "reflink", CVENV_LINK_REFLINK },
	{ NULL, 0 },
};

/* Of each at most one may be given; again and again is fine. */
enum group { NONE, INTERPRETER, BYTECODE, INSTEAD };

struct option {
	const char *name;
	char letter;
	bool venv; /* one of `python -m venv` */
	enum kind kind;
	size_t field; /* in struct cv_options */
	int value;
	const struct choice *choices;
	enum group group;
	bool forms; /* the environment, or the run: nothing that is done instead of environment one
		     */
};

#define IN(member) offsetof(struct cv_options, member)
#define LIBRARY(member) offsetof(struct cv_options, library.member)

/* clang-format off */
/* In CPython's order of declaration: messages list candidates so. */
static const struct option options[] = {
	{ "help", 'h', true, STOP, IN(help), 0, NULL, NONE, false },
	{ "system-site-packages", 0, true, FLAG, LIBRARY(system_site_packages), 0, NULL, NONE, true },
	{ "symlinks", 0, true, INVERT, LIBRARY(copies), 0, NULL, INTERPRETER, true },
	{ "copies", 0, true, FLAG, LIBRARY(copies), 0, NULL, INTERPRETER, true },
	{ "clear", 0, true, FLAG, LIBRARY(clear), 0, NULL, NONE, true },
	{ "upgrade", 0, true, FLAG, LIBRARY(upgrade), 0, NULL, NONE, true },
	{ "without-pip", 0, true, FLAG, LIBRARY(without_pip), 0, NULL, NONE, false },
	{ "prompt", 0, true, VALUE, LIBRARY(prompt), 0, NULL, NONE, true },
	{ "upgrade-deps", 0, true, FLAG, LIBRARY(upgrade_deps), 0, NULL, NONE, true },
	{ "without-scm-ignore-files", 0, true, FLAG, LIBRARY(without_scm_ignore_files), 0, NULL, NONE, true },
	{ "python", 'p', false, PYTHON, 0, 0, NULL, NONE, false },
	{ "force", 0, false, FLAG, LIBRARY(force), 0, NULL, NONE, true },
	{ "link-mode", 0, false, CHOICE, LIBRARY(link_mode), 0, link_modes, NONE, false },
	{ "compile", 0, false, CHOICE, LIBRARY(compile), CVENV_COMPILE_ALWAYS, NULL, BYTECODE, false },
	{ "no-compile", 0, false, CHOICE, LIBRARY(compile), CVENV_COMPILE_NEVER, NULL, BYTECODE, false },
	{ "wheel-dir", 0, false, VALUE, LIBRARY(wheel_dir), 0, NULL, NONE, false },
	{ "cache-dir", 0, false, VALUE, LIBRARY(cache_dir), 0, NULL, NONE, false },
	{ "activators", 0, false, VALUE, LIBRARY(activators), 0, NULL, NONE, true },
	{ "relocatable", 0, false, FLAG, LIBRARY(relocatable), 0, NULL, NONE, true },
	{ "without-cachedir-tag", 0, false, FLAG, LIBRARY(without_cachedir_tag), 0, NULL, NONE, true },
	{ "json", 0, false, FLAG, IN(json), 0, NULL, NONE, false },
	{ "dry-run", 0, false, FLAG, IN(dry_run), 0, NULL, NONE, true },
	{ "warm", 0, false, FLAG, IN(warm), 0, NULL, INSTEAD, false },
	{ "cache-info", 0, false, FLAG, IN(cache_info), 0, NULL, INSTEAD, false },
	{ "cache-clean", 0, false, DAYS, IN(cache_clean), 0, NULL, INSTEAD, false },
	{ "quiet", 'q', false, COUNT, IN(verbosity), -1, NULL, NONE, false },
	{ "verbose", 'v', false, COUNT, IN(verbosity), 1, NULL, NONE, false },
	{ "version", 'V', false, STOP, IN(version), 0, NULL, NONE, false },
};
/* clang-format on */

enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };
static_assert(OPTION_COUNT <= 32, "reader.seen has a bit for each");

/* One argument, taken apart. */
struct token {
	const struct option *option; /* NULL: an ENV_DIR, or unknown */
	const char *value;           /* what is attached to it; NULL: nothing */
	bool joined;                 /* to a letter, without '=': may be more letters */
	bool unknown;
};

static bool takes_value(const struct option *o)
{
	return o->kind == VALUE || o->kind == PYTHON || (o->kind == CHOICE && o->choices);
}

static int usage(struct cvenv_error *err, int rc)
{
	return cv_hint(err, rc, "see 'cvenv --help'");
}

static int option_error(
	struct cvenv_error *err, const struct option *o, const char *what, const char *arg)
{
	const char letter[] = { '-', o->letter, '/', '\0' };

	return cv_fail_msg(err, CVENV_EUSAGE, "argument %s--%s: %s%s%s%s", o->letter ? letter : "",
		o->name, what, arg ? "'" : "", arg ? arg : "", arg ? "'" : "");
}

static int name_error(
	struct cvenv_error *err, const struct option *o, const char *what, const char *arg)
{
	return usage(err, option_error(err, o, what, arg));
}

static int ambiguous(struct cvenv_error *err, struct cv_str text, bool venv)
{
	struct cv_buf list = { 0 };
	int rc;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (options[i].venv == venv && cv_str_starts(cv_str(options[i].name), text))
			cv_buf_addf(&list, "%s--%s", list.n ? ", " : "", options[i].name);
	rc = cv_fail_msg(err, CVENV_EUSAGE, "ambiguous option: --%.*s could match %s", CV_ARG(text),
		list.p ? list.p : "several");
	cv_buf_done(&list);
	return usage(err, rc);
}

static int find_long(struct cv_str name, const struct option **ret, struct cvenv_error *err)
{
	const bool sets[] = { true, false }; /* venv's own first */

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (cv_str_eq(cv_str(options[i].name), name)) {
			*ret = &options[i];
			return 0;
		}
	for (size_t set = 0; set < 2; set++) {
		size_t found = 0;

		for (size_t i = 0; i < OPTION_COUNT; i++)
			if (options[i].venv == sets[set] &&
				cv_str_starts(cv_str(options[i].name), name)) {
				*ret = &options[i];
				found++;
			}
		if (found > 1)
			return ambiguous(err, name, sets[set]);
		if (found == 1)
			return 0;
	}
	*ret = NULL;
	return 0;
}

/* A short option and what is joined to it. */
static struct token read_letter(const char *text)
{
	struct token token = { 0 };

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (options[i].letter && options[i].letter == text[0])
			token.option = &options[i];
	if (token.option && text[1]) {
		token.joined = text[1] != '=';
		token.value = text + (token.joined ? 1 : 2);
	}
	return token;
}

/* argparse: ^-\d+$|^-\d*\.\d+$ */
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

static bool *flag_of(struct cv_options *o, size_t field)
{
	return (bool *)((char *)o + field);
}

static int no_such_choice(struct cvenv_error *err, const struct option *opt, const char *value)
{
	struct cv_buf list = { 0 };
	int rc = option_error(err, opt, "invalid choice: ", value);

	for (const struct choice *c = opt->choices; c->name; c++)
		cv_buf_addf(&list, "%s%s", list.n ? ", " : "", c->name);
	if (!list.bad)
		cv_hint(err, rc, "choose from %s", list.p);
	cv_buf_done(&list);
	return rc;
}

static int set_choice(
	struct cv_options *o, const struct option *opt, const char *value, struct cvenv_error *err)
{
	int *field = (int *)(void *)((char *)o + opt->field);

	if (!opt->choices || !value) {
		*field = opt->value;
		return 0;
	}
	for (const struct choice *c = opt->choices; c->name; c++)
		if (strcmp(c->name, value) == 0) {
			*field = c->value;
			return 0;
		}
	return no_such_choice(err, opt, value);
}

static int add_python(
	struct cv_options *o, const struct option *opt, const char *value, struct cvenv_error *err)
{
	if (o->python_count == CV_PYTHONS_MAX)
		return name_error(err, opt, "too many: ", value);
	o->pythons[o->python_count++] = value;
	o->library.python = value;
	return 0;
}

static int set_days(
	struct cv_options *o, const struct option *opt, const char *value, struct cvenv_error *err)
{
	uint64_t days = 0;

	if (value && !cv_str_u64(cv_str(value), DAYS_MAX, &days))
		return name_error(err, opt, "invalid number of days: ", value);
	*flag_of(o, opt->field) = true;
	o->clean_days = (unsigned)days;
	return 0;
}

static int apply(
	struct cv_options *o, const struct option *opt, const char *value, struct cvenv_error *err)
{
	switch (opt->kind) {
	case FLAG:
	case STOP:
		*flag_of(o, opt->field) = true;
		break;
	case INVERT:
		*flag_of(o, opt->field) = false;
		break;
	case VALUE:
		*(const char **)(void *)((char *)o + opt->field) = value;
		break;
	case PYTHON:
		return add_python(o, opt, value, err);
	case DAYS:
		return set_days(o, opt, value, err);
	case CHOICE:
		return set_choice(o, opt, value, err);
	case COUNT:
		o->verbosity += opt->value;
		break;
	}
	return 0;
}

struct reader {
	int argc, next;
	char **argv;
	bool only_dirs; /* "--" was met */
	uint32_t seen;  /* bits by index in options */
	struct cv_options *out;
	const char *unknown; /* the first argument that nobody knows */
};

static int check_exclusion(struct reader *r, const struct option *opt, struct cvenv_error *err)
{
	r->seen |= 1U << (opt - options);
	for (size_t i = 0; opt->group != NONE && i < OPTION_COUNT; i++)
		if (options[i].group == opt->group && &options[i] != opt && (r->seen & 1U << i)) {
			cv_fail_msg(err, CVENV_EUSAGE,
				"argument --%s: not allowed with argument --%s", opt->name,
				options[i].name);
			return usage(err, -CVENV_EUSAGE);
		}
	return 0;
}

/* The argument after an option that wants one: anything that would be an ENV_DIR. */
static int next_value(
	struct reader *r, const struct option *opt, const char **ret, struct cvenv_error *err)
{
	struct token token;
	int rc;

	if (r->next >= r->argc || strcmp(r->argv[r->next], "--") == 0)
		return name_error(err, opt, "expected one argument", NULL);
	rc = classify(r->argv[r->next], &token, err);
	if (rc < 0)
		return rc;
	if (token.option || token.unknown)
		return name_error(err, opt, "expected one argument", NULL);
	*ret = r->argv[r->next++];
	return 0;
}

static int read_option(struct reader *r, struct token token, struct cvenv_error *err)
{
	for (;;) {
		const struct option *opt = token.option;
		const char *value = token.value;
		int rc = check_exclusion(r, opt, err);

		if (rc == 0 && takes_value(opt)) {
			if (!value)
				rc = next_value(r, opt, &value, err);
			return rc < 0 ? rc : apply(r->out, opt, value, err);
		}
		if (rc == 0 && opt->kind == DAYS)
			return apply(r->out, opt, value, err);
		if (rc == 0 && value && !token.joined)
			rc = name_error(err, opt, "ignored explicit argument ", value);
		if (rc == 0)
			rc = apply(r->out, opt, NULL, err);
		if (rc < 0 || !value || opt->kind == STOP)
			return rc;
		token = read_letter(value); /* -qvp3.12 */
		if (!token.option)
			return name_error(err, opt, "ignored explicit argument ", value);
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

/* What is done instead of environment environments leaves no room for some, or what forms them. */
static int check_instead(const struct reader *r, struct cvenv_error *err)
{
	const struct option *instead = NULL, *forms = NULL;
	const struct cv_options *o = r->out;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!(r->seen & 1U << i))
			continue;
		if (options[i].group == INSTEAD)
			instead = &options[i];
		else if (options[i].forms)
			forms = &options[i];
	}
	if (!instead || (o->env_dir_count == 0 && !forms))
		return 0;
	if (forms)
		cv_fail_msg(err, CVENV_EUSAGE, "argument --%s: not allowed with argument --%s",
			forms->name, instead->name);
	else
		cv_fail_msg(err, CVENV_EUSAGE,
			"argument ENV_DIR '%s': not allowed with argument --%s", o->env_dirs[0],
			instead->name);
	return o->cache_clean && !forms
		       ? cv_hint(err, -CVENV_EUSAGE, "days are given as --cache-clean=DAYS")
		       : usage(err, -CVENV_EUSAGE);
}

int cv_options_parse(int argc, char **argv, struct cv_options *ret, struct cvenv_error *err)
{
	struct reader r = { .argc = argc, .next = 1, .argv = argv, .out = ret };
	int rc;

	*ret = (struct cv_options){ .library.size = sizeof(ret->library) };
	while (r.next < r.argc && !ret->help && !ret->version) {
		rc = read_one(&r, err);
		if (rc < 0)
			return rc;
	}
	if (r.unknown && !ret->help && !ret->version) {
		cv_fail_msg(err, CVENV_EUSAGE, "unrecognized argument: '%s'", r.unknown);
		return usage(err, -CVENV_EUSAGE);
	}
	ret->env_dirs = (const char **)(void *)argv;
	if (ret->help || ret->version)
		return 0;
	rc = check_instead(&r, err);
	if (rc == 0 && ret->library.force && !ret->library.clear) {
		cv_fail_msg(
			err, CVENV_EUSAGE, "argument --force: only allowed with argument --clear");
		return usage(err, -CVENV_EUSAGE);
	}
	return rc;
}
