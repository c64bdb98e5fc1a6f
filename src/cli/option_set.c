/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "cli/option_table.h"
#include "cli/suggest.h"

enum { DAYS_MAX = 100000 };

static void *field_of(struct cv_options *o, const struct cv_option *option)
{
	return (char *)o + option->field;
}

int cv_option_usage(struct cvenv_error *err, int rc)
{
	return cv_hint(err, rc, "see 'cvenv --help'");
}

int cv_option_error(const struct cv_option *option, enum cv_option_source source, const char *what,
	const char *value, struct cvenv_error *err)
{
	const char letter[] = { '-', option->letter, '/', '\0' };
	char variable[CV_VARIABLE_NAME_MAX];
	const char *quote = value ? "'" : "";

	if (!value)
		value = "";
	if (source == CV_FROM_VARIABLE) {
		cv_option_variable_name(option, variable);
		return cv_fail_msg(
			err, CVENV_EUSAGE, "%s: %s%s%s%s", variable, what, quote, value, quote);
	}
	return cv_fail_msg(err, CVENV_EUSAGE, "argument %s--%s: %s%s%s%s",
		option->letter ? letter : "", option->name, what, quote, value, quote);
}

static int no_such_choice(const struct cv_option *option, enum cv_option_source source,
	struct cv_str value, struct cvenv_error *err)
{
	struct cv_suggestion closest = { .typed = value };
	struct cv_buf text = { 0 }, list = { 0 };
	int rc;

	cv_buf_str(&text, value);
	rc = cv_option_error(option, source, "invalid choice: ", text.p ? text.p : "", err);
	for (const struct cv_option_choice *c = option->choices; c->name; c++) {
		cv_suggest(&closest, c->name);
		if (!c->unlisted)
			cv_buf_addf(&list, "%s%s", list.n ? ", " : "", c->name);
	}
	if (closest.name)
		cv_hint(err, rc, "did you mean '%s'?", closest.name);
	else if (!list.bad)
		cv_hint(err, rc, "choose from %s", list.p);
	cv_buf_done(&text);
	cv_buf_done(&list);
	return rc;
}

static const struct cv_option_choice *choice_of(const struct cv_option *option, struct cv_str name)
{
	const struct cv_option_choice *c = option->choices;

	while (c->name && !cv_str_eq(cv_str(c->name), name))
		c++;
	return c->name ? c : NULL;
}

static int check_choices(const struct cv_option *option, enum cv_option_source source,
	const char *value, struct cvenv_error *err)
{
	struct cv_str list = cv_str(value), name;

	while (cv_str_cut(&list, ',', &name)) {
		name = cv_str_trim(name);
		if (name.n && !choice_of(option, name))
			return no_such_choice(option, source, name, err);
	}
	return 0;
}

static int set_text(struct cv_options *o, const struct cv_option *option,
	enum cv_option_source source, const char *value, struct cvenv_error *err)
{
	if (option->kind == CV_OPTION_PYTHON) {
		if (o->python_count == CV_PYTHONS_MAX)
			return cv_option_usage(
				err, cv_option_error(option, source, "too many: ", value, err));
		o->pythons[o->python_count++] = value;
	}
	*(const char **)field_of(o, option) = value;
	return option->kind == CV_OPTION_CHOICES ? check_choices(option, source, value, err) : 0;
}

static int set_days(struct cv_options *o, const struct cv_option *option,
	enum cv_option_source source, const char *value, struct cvenv_error *err)
{
	uint64_t days = 0;

	if (value && !cv_str_u64(cv_str(value), DAYS_MAX, &days))
		return cv_option_usage(err,
			cv_option_error(option, source, "invalid number of days: ", value, err));
	*(bool *)field_of(o, option) = true;
	o->clean_days = (unsigned)days;
	return 0;
}

int cv_option_set(struct cv_options *o, const struct cv_option *option,
	enum cv_option_source source, const char *value, struct cvenv_error *err)
{
	const struct cv_option_choice *choice;

	switch (option->kind) {
	case CV_OPTION_FLAG:
	case CV_OPTION_STOP:
		if (option->clears)
			*(bool *)(void *)((char *)o + option->clears) = false;
		*(bool *)field_of(o, option) = true;
		break;
	case CV_OPTION_PRESET:
		*(int *)field_of(o, option) = option->value;
		break;
	case CV_OPTION_CHOICE:
		choice = choice_of(option, cv_str(value));
		if (!choice)
			return no_such_choice(option, source, cv_str(value), err);
		*(int *)field_of(o, option) = choice->value;
		break;
	case CV_OPTION_CHOICES:
	case CV_OPTION_VALUE:
	case CV_OPTION_PYTHON:
		return set_text(o, option, source, value, err);
	case CV_OPTION_DAYS:
		return set_days(o, option, source, value, err);
	case CV_OPTION_COUNT:
		*(int *)field_of(o, option) += option->value;
		break;
	}
	return 0;
}
