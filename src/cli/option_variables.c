/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/str.h"
#include "cli/option_table.h"

enum { COUNT_MAX = 9 };

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

/* Only ASCII. toupper() depends on the locale, and in Turkish 'i' does not become 'I'. */
static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

void cv_option_variable_name(const struct cv_option *option, char ret_name[CV_VARIABLE_NAME_MAX])
{
	(void)snprintf(ret_name, CV_VARIABLE_NAME_MAX, "CVENV_%s", option->name);
	for (char *p = ret_name; *p; p++)
		*p = *p == '-' ? '_' : upper(*p);
}

static bool same_word(const char *a, const char *b)
{
	for (; *a && upper(*a) == upper(*b); a++)
		b++;
	return *a == *b;
}

/* How often VALUE sets the option: 0 or 1, or the number of -v or -q. */
static int read_count(
	const struct cv_option *option, const char *value, uint64_t *ret, struct cvenv_error *err)
{
	int rc;

	if (option->kind == CV_OPTION_COUNT && cv_str_u64(cv_str(value), COUNT_MAX, ret))
		return 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (same_word(value, words[i].text)) {
			*ret = words[i].value;
			return 0;
		}
	rc = cv_option_error(option, CV_FROM_VARIABLE, "invalid value: ", value, err);
	return cv_hint(err, rc, "choose from 1, true, yes, on, 0, false, no, off");
}

/* Options set by variables, by the set in which they exclude each other. */
struct asked {
	const struct cv_option *by[CV_EXCLUSIVE_INSTEAD + 1];
};

static int check_exclusive(
	const struct cv_option *option, struct asked *asked, struct cvenv_error *err)
{
	const struct cv_option **other = &asked->by[option->exclusive];
	char name[CV_VARIABLE_NAME_MAX];

	if (option->exclusive == CV_EXCLUSIVE_NONE)
		return 0;
	if (*other) {
		cv_option_variable_name(*other, name);
		return cv_option_error(
			option, CV_FROM_VARIABLE, "not allowed with variable ", name, err);
	}
	*other = option;
	return 0;
}

static int apply(const struct cv_option *option, const char *value, struct asked *asked,
	struct cv_options *o, struct cvenv_error *err)
{
	uint64_t count = 0;
	int rc;

	if (option->metavar)
		return cv_option_set(o, option, CV_FROM_VARIABLE, value, err);
	rc = read_count(option, value, &count, err);
	if (rc == 0 && count > 0)
		rc = check_exclusive(option, asked, err);
	for (; rc == 0 && count > 0; count--)
		rc = cv_option_set(o, option, CV_FROM_VARIABLE, NULL, err);
	return rc;
}

int cv_option_variables(const char *const *envp, struct cv_options *o, struct cvenv_error *err)
{
	const struct cv_ctx ctx = { .envp = envp };
	struct asked asked = { 0 };
	int rc = 0;

	for (size_t i = 0; i < cv_option_count && rc == 0; i++) {
		const struct cv_option *option = &cv_option_table[i];
		char name[CV_VARIABLE_NAME_MAX];
		const char *value;

		if (option->variable != CV_VARIABLE_YES)
			continue;
		cv_option_variable_name(option, name);
		value = cv_getenv_nonempty(&ctx, name);
		if (value)
			rc = apply(option, value, &asked, o, err);
	}
	return rc;
}
