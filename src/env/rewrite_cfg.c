/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "env/cfg.h"
#include "env/rewrite_in.h"

/*
 * pyvenv.cfg: the environment at the end of the value of `command`, which no program reads, and
 * the settings that the caller wants.
 */
static const struct cv_pair *pair_at_end(const struct cv_rewriting *how, struct cv_str value)
{
	const struct cv_pair *best = NULL;

	for (size_t i = 0; i < how->count; i++) {
		struct cv_str from = cv_str(how->pairs[i].from);

		if (cv_str_ends(value, from) && value.n > from.n &&
			strchr(" \t", value.p[value.n - from.n - 1]) &&
			(!best || from.n > strlen(best->from)))
			best = &how->pairs[i];
	}
	return best;
}

static int set_command(const struct cv_text *text, struct cv_cfg *cfg, struct cv_str value,
	const struct cv_pair *pair)
{
	int before = (int)(value.n - strlen(pair->from));
	const char *new = cv_strfmt(text->arena, "%.*s%s", before, value.p, pair->to);

	return new ? cv_cfg_set(text->arena, cfg, "command", cv_str(new), NULL) : -ENOMEM;
}

int cv_rewrite_cfg(struct cv_buf *to, const struct cv_text *text)
{
	const struct cv_rewriting *how = text->how;
	const struct cv_pair *pair;
	struct cv_cfg cfg = { 0 };
	struct cv_str value;
	int rc = cv_cfg_parse(text->arena, text->old, &cfg, NULL);

	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	value = cv_cfg_value(&cfg, "command");
	pair = pair_at_end(how, value);
	if (pair)
		rc = set_command(text, &cfg, value, pair);
	for (size_t i = 0; i < how->setting_count && rc == 0; i++)
		rc = cv_cfg_set(text->arena, &cfg, how->settings[i].from,
			cv_str(how->settings[i].to), NULL);
	cv_cfg_text(to, &cfg);
	return rc < 0 ? rc : 1;
}
