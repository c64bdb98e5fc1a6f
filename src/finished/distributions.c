/* SPDX-License-Identifier: MIT */
#include "finished/distributions.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "finished/below.h"
#include "wheel/direct_url.h"
#include "wheel/json_edit.h"

enum {
	INSTALLER_MAX = 1024,
	EGG_LINK_MAX = 64 * 1024,
};

/* Has LINE, valid JSON to Python, the words NaN or Infinity, which RFC 8259 does not have? */
static bool is_of_python(const char *line)
{
	bool quoted = false;

	for (const char *p = line; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted && *p == '\\')
			p++;
		else if (!quoted && (*p == 'N' || *p == 'I'))
			return true;
	}
	return false;
}

/* Make TEXT one line, if it is valid JSON with a URL: white space is only between values. */
static int keep_direct_url(struct cv_arena *a, struct cv_str text, struct cvenv_distribution *d,
	struct cvenv_error *err)
{
	struct cv_json_string url;
	char *line = cv_strdup(a, cv_str_trim(text));
	int rc = line ? cv_json_find(a, cv_str(line), "url", CV_JSON_VALUE, &url) : -ENOMEM;

	if (rc > 0 && !is_of_python(line)) {
		for (char *p = line; *p; p++)
			*p = *p == '\n' || *p == '\r' || *p == '\t' ? ' ' : *p;
		d->direct_url = line;
		rc = cv_direct_url_editable(a, cv_str(line), &d->editable);
	}
	return rc < 0 ? cv_fail_nomem(err) : 0;
}

/* The file NAME of the directory INFO; empty if it cannot be read. */
static int read_part(struct cv_below *below, const char *info, const char *name, size_t max,
	struct cv_str *ret, struct cvenv_error *err)
{
	const char *path = cv_path_join(below->arena, info, name);

	return path ? cv_below_text(below, path, max, ret, err) : cv_fail_nomem(err);
}

static int read_info(struct cv_below *below, const char *info, struct cvenv_distribution *d,
	struct cvenv_error *err)
{
	struct cv_str text = { 0 };
	int rc = read_part(below, info, "INSTALLER", INSTALLER_MAX, &text, err);

	text = cv_str_trim(text);
	if (rc > 0 && text.n && cv_utf8_plain(text) && cv_utf8_ok(text)) {
		d->installer = cv_strdup(below->arena, text);
		rc = d->installer ? rc : cv_fail_nomem(err);
	}
	if (rc >= 0)
		rc = read_part(below, info, "direct_url.json", CV_DIRECT_URL_MAX, &text, err);
	if (rc > 0)
		rc = keep_direct_url(below->arena, text, d, err);
	if (rc >= 0)
		rc = read_part(below, info, "REQUESTED", INSTALLER_MAX, &text, err);
	d->requested = rc > 0;
	return rc;
}

static int read_egg_link(struct cv_below *below, const char *path, struct cvenv_distribution *d,
	struct cvenv_error *err)
{
	struct cv_str text, line;
	int rc = cv_below_text(below, path, EGG_LINK_MAX, &text, err);

	if (rc <= 0 || !cv_str_cut(&text, '\n', &line))
		return rc;
	d->editable = cv_strdup(below->arena, cv_str_trim(line));
	return d->editable ? 0 : cv_fail_nomem(err);
}

int cv_distributions_read(struct cv_arena *a, const struct cv_finished *env,
	struct cvenv_distribution **ret, size_t *ret_count, struct cvenv_error *err)
{
	struct cvenv_distribution *all = cv_new(a, struct cvenv_distribution, env->found_count + 1);
	struct cv_below below = { .arena = a, .top = env->dir, .name = env->env_dir };
	int rc = all ? 0 : cv_fail_nomem(err);

	for (size_t i = 0; i < env->found_count && rc >= 0; i++) {
		const struct cv_found *found = &env->found[i];
		const char *path = cv_path_join(a, env->sites[found->site], found->entry);

		all[i].size = sizeof(*all);
		all[i].name = cv_strdup(a, found->name);
		all[i].version = cv_strdup(a, found->version);
		if (!path || !all[i].name || !all[i].version)
			rc = cv_fail_nomem(err);
		else if (found->kind == CV_FOUND_EGG_LINK)
			rc = read_egg_link(&below, path, &all[i], err);
		else
			rc = read_info(&below, path, &all[i], err);
	}
	cv_below_close(&below);
	*ret = all;
	*ret_count = rc < 0 ? 0 : env->found_count;
	return rc < 0 ? rc : 0;
}
