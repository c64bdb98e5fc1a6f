/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "cli/option_table.h"
#include "cli/suggest.h"

enum { DAYS_MAX = 100000 };

static const struct {
	const char *text;
	bool value;
} words[] = {
	{ "1", true },
	{ "true", true },
	{ "yes", true },
	{ "on", true },
	{ "0", false },
	{ "false", false },
	{ "no", false },
	{ "off", false },
};

static void *field_of(struct cv_options *o, size_t offset)
{
	return (char *)o + offset;
}

int cv_option_usage(struct cvenv_error *err, int rc)
{
	return cv_hint(err, rc, "see 'cvenv --help'");
}

int cv_option_error(const struct cv_option *option, const struct cv_option_source *source,
	const char *what, const char *value, struct cvenv_error *err)
{
	const char letter[] = { '-', option->letter, '/', '\0' };
	char variable[CV_VARIABLE_NAME_MAX];
	const char *quote = value ? "'" : "";

	if (!value)
		value = "";
	switch (source->from) {
	case CV_FROM_VARIABLE:
		cv_option_variable_name(option, variable);
		return cv_fail_msg(
			err, CVENV_EUSAGE, "%s: %s%s%s%s", variable, what, quote, value, quote);
	case CV_FROM_PROJECT:
	case CV_FROM_USER:
		return cv_fail_msg(err, CVENV_EUSAGE, "'%s', line %zu: '%s%s': %s%s%s%s",
			source->path, source->line,
			source->from == CV_FROM_PROJECT ? "tool.cvenv." : "", option->name, what,
			quote, value, quote);
	default:
		return cv_fail_msg(err, CVENV_EUSAGE, "argument %s--%s: %s%s%s%s",
			option->letter ? letter : "", option->name, what, quote, value, quote);
	}
}

static int no_such_choice(const struct cv_option *option, const struct cv_option_source *source,
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

/* Only ASCII. tolower() depends on the locale, and in Turkish 'I' does not become 'i'. */
static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool same_word(const char *a, const char *word)
{
	for (; *a && lower(*a) == *word; a++)
		word++;
	return *a == *word;
}

/* How often VALUE sets the option: 0 or 1, or the number of -v or -q. */
static int read_switch(const struct cv_option *option, const struct cv_option_source *source,
	const char *value, uint64_t *ret, struct cvenv_error *err)
{
	int rc;

	*ret = 1;
	if (!value)
		return 0;
	if (option->kind == CV_OPTION_COUNT && cv_str_u64(cv_str(value), CV_COUNT_MAX, ret))
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (same_word(value, words[i].text)) {
			*ret = words[i].value;
			return 0;
		}
	rc = cv_option_error(option, source, "invalid value: ", value, err);
	return cv_hint(err, rc, "choose from 1, true, yes, on, 0, false, no, off");
}

/* Check VALUE. *RET is the number that it means, if it means one. */
static int read_value(const struct cv_option *option, const struct cv_option_source *source,
	const char *value, uint64_t *ret, struct cvenv_error *err)
{
	const struct cv_option_choice *choice;
	struct cv_str list = cv_str(value), name;

	switch (option->kind) {
	case CV_OPTION_FLAG:
	case CV_OPTION_PRESET:
	case CV_OPTION_COUNT:
	case CV_OPTION_STOP:
		return read_switch(option, source, value, ret, err);
	case CV_OPTION_MODE:
	case CV_OPTION_CHOICE:
		*ret = (uint64_t)option->value;
		if (!value) /* only of CV_OPTION_MODE */
			return 0;
		choice = choice_of(option, list);
		if (!choice)
			return no_such_choice(option, source, list, err);
		*ret = (uint64_t)choice->value;
		return 0;
	case CV_OPTION_CHOICES:
		while (cv_str_cut(&list, ',', &name)) {
			name = cv_str_trim(name);
			if (name.n && !choice_of(option, name))
				return no_such_choice(option, source, name, err);
		}
		return 0;
	case CV_OPTION_DAYS:
		if (!value || cv_str_u64(list, DAYS_MAX, ret))
			return 0;
		return cv_option_usage(err,
			cv_option_error(option, source, "invalid number of days: ", value, err));
	case CV_OPTION_VALUE:
	case CV_OPTION_DIR:
	case CV_OPTION_PYTHON:
	case CV_OPTION_TEXTS:
		break;
	}
	return 0;
}

/* ON: the option is set, and not switched off. */
static int check_exclusive(const struct cv_option *option, struct cv_option_source *source, bool on,
	struct cvenv_error *err)
{
	const struct cv_option **other = &source->exclusive[option->exclusive];
	char name[CV_VARIABLE_NAME_MAX];

	if (option->exclusive == CV_EXCLUSIVE_NONE)
		return 0;
	if (!*other || *other == option) {
		*other = on ? option : NULL;
		return 0;
	}
	if (!on)
		return 0;
	if (source->from == CV_FROM_VARIABLE) {
		cv_option_variable_name(*other, name);
		return cv_option_usage(err,
			cv_option_error(option, source, "not allowed with variable ", name, err));
	}
	if (source->from != CV_FROM_ARGV)
		return cv_option_error(option, source, "not allowed with ", (*other)->name, err);
	cv_fail_msg(err, CVENV_EUSAGE, "argument --%s: not allowed with argument --%s",
		option->name, (*other)->name);
	return cv_option_usage(err, -CVENV_EUSAGE);
}

/* May SOURCE set the option, or has a nearer one decided? */
static bool is_free(const struct cv_options *o, size_t index, const struct cv_option_source *source)
{
	enum cv_option_from from = o->origins[index].from;

	return from == CV_FROM_DEFAULT || from == source->from;
}

/* Record that SOURCE has set OPTION, and if it is on, those that it excludes. */
static void set_origins(struct cv_options *o, const struct cv_option *option,
	const struct cv_option_source *source, bool on)
{
	for (size_t i = 0; i < cv_option_count; i++) {
		const struct cv_option *other = &cv_option_table[i];
		bool excluded = other->field == option->field ||
				(option->clears && other->field == option->clears);

		if (other == option || (on && excluded && is_free(o, i, source)))
			o->origins[i] =
				(struct cv_option_origin){ source->from, source->line, option };
	}
}

static void set_text(struct cv_options *o, const struct cv_option *option, const char *value)
{
	*(const char **)field_of(o, option->field) = value;
}

static int set_python(struct cv_options *o, const struct cv_option *option,
	const struct cv_option_source *source, const char *value, struct cvenv_error *err)
{
	int rc;

	o->library.python_source = source->path;
	if (o->python_count == CV_PYTHONS_MAX) {
		rc = cv_option_error(option, source, "too many: ", value, err);
		return source->from == CV_FROM_ARGV ? cv_option_usage(err, rc) : rc;
	}
	o->pythons[o->python_count++] = value;
	if (o->python_count > 1)
		o->library.pythons = o->pythons + 1;
	else if (source->from == CV_FROM_USER) /* .python-version comes first */
		o->library.default_python = value;
	else
		set_text(o, option, value);
	return 0;
}

static int add_text(struct cv_options *o, const struct cv_option *option,
	const struct cv_option_source *source, const char *value, struct cvenv_error *err)
{
	struct cv_option_texts *texts = field_of(o, option->field);

	if (texts->count == CV_TEXTS_MAX)
		return cv_option_usage(
			err, cv_option_error(option, source, "too many: ", value, err));
	texts->texts[texts->count++] = value;
	return 0;
}

static void set_flag(struct cv_options *o, const struct cv_option *option, bool on)
{
	if (on && option->clears)
		*(bool *)field_of(o, option->clears) = false;
	*(bool *)field_of(o, option->field) = on;
}

static void set_preset(struct cv_options *o, const struct cv_option *option, bool on)
{
	int *field = field_of(o, option->field);

	if (on)
		*field = option->value;
	else if (*field == option->value)
		*field = 0;
}

static int store(struct cv_options *o, const struct cv_option *option,
	const struct cv_option_source *source, const char *value, uint64_t number,
	struct cvenv_error *err)
{
	switch (option->kind) {
	case CV_OPTION_FLAG:
	case CV_OPTION_STOP:
		set_flag(o, option, number > 0);
		break;
	case CV_OPTION_PRESET:
		set_preset(o, option, number > 0);
		break;
	case CV_OPTION_CHOICE:
	case CV_OPTION_MODE:
		*(int *)field_of(o, option->field) = (int)number;
		break;
	case CV_OPTION_DAYS:
		*(bool *)field_of(o, option->field) = true;
		*(unsigned *)field_of(o, option->number) = (unsigned)number;
		break;
	case CV_OPTION_COUNT:
		*(int *)field_of(o, option->field) += option->value * (int)number;
		break;
	case CV_OPTION_CHOICES:
	case CV_OPTION_VALUE:
	case CV_OPTION_DIR:
		set_text(o, option, value);
		break;
	case CV_OPTION_PYTHON:
		return set_python(o, option, source, value, err);
	case CV_OPTION_TEXTS:
		return add_text(o, option, source, value, err);
	}
	return 0;
}

bool cv_option_switches(const struct cv_option *option)
{
	return !option->metavar && option->variable != CV_VARIABLE_NO;
}

void cv_option_reserve(
	struct cv_options *o, const struct cv_option *option, const struct cv_option_source *source)
{
	if (is_free(o, (size_t)(option - cv_option_table), source))
		set_origins(o, option, source, true);
}

int cv_option_set(struct cv_options *o, const struct cv_option *option,
	struct cv_option_source *source, const char *value, struct cvenv_error *err)
{
	uint64_t number = 0;
	bool on;
	int rc = read_value(option, source, value, &number, err);

	on = option->metavar || option->kind == CV_OPTION_COUNT || number > 0;
	if (rc == 0)
		rc = check_exclusive(option, source, on, err);
	if (rc < 0 || !is_free(o, (size_t)(option - cv_option_table), source))
		return rc;
	set_origins(o, option, source, on);
	return store(o, option, source, value, number, err);
}
