/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/ctx.h"
#include "cli/option_table.h"

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

int cv_option_variables(const char *const *envp, struct cv_options *o, struct cvenv_error *err)
{
	const struct cv_ctx ctx = { .envp = envp };
	struct cv_option_source source = { .from = CV_FROM_VARIABLE };
	int rc = 0;

	for (size_t i = 0; i < cv_option_count && rc == 0; i++) {
		const struct cv_option *option = &cv_option_table[i];
		char name[CV_VARIABLE_NAME_MAX];
		const char *value;

		if (option->variable == CV_VARIABLE_NO)
			continue;
		cv_option_variable_name(option, name);
		value = cv_getenv_nonempty(&ctx, name);
		if (value && option->variable == CV_VARIABLE_LIBRARY)
			cv_option_reserve(o, option, &source);
		else if (value)
			rc = cv_option_set(o, option, &source, value, err);
	}
	return rc;
}
