/* SPDX-License-Identifier: MIT */
#include "finished/requirements.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "finished/below.h"
#include "wheel/direct_url.h"
#include "wheel/json_edit.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

enum {
	METADATA_MAX = 16 << 20,
	EGG_LINK_MAX = 64 * 1024,
};

struct reading {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_finished *env;
	struct cv_below below;
	struct cvenv_error *err;
};

/* One line, which pip and a terminal read as it was meant. */
static bool is_plain(struct cv_str text)
{
	return text.n && cv_utf8_ok(text) && cv_utf8_plain(text);
}

/* A name of PEP 508, which neither pip nor a shell takes for anything else. */
static bool is_name(struct cv_str name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (size_t i = 0; i < name.n; i++)
		if (!name.p[i] || (!strchr(letters, name.p[i]) && !strchr("-_.", name.p[i])))
			return false;
	return name.n && strchr(letters, name.p[0]) && strchr(letters, name.p[name.n - 1]);
}

/* The header NAME of a METADATA or PKG-INFO, whose headers end at an empty line. */
static struct cv_str header(struct cv_str text, struct cv_str name)
{
	struct cv_str line;

	while (cv_str_cut(&text, '\n', &line) && cv_str_trim(line).n) {
		if (line.n > name.n && line.p[name.n] == ':' && cv_str_starts(line, name))
			return cv_str_trim(
				(struct cv_str){ line.p + name.n + 1, line.n - name.n - 1 });
	}
	return (struct cv_str){ 0 };
}

static int read_part(
	struct reading *r, const char *path, const char *name, size_t max, struct cv_str *ret)
{
	const char *whole = name ? cv_path_join(r->arena, path, name) : path;

	*ret = (struct cv_str){ 0 };
	return whole ? cv_below_text(&r->below, whole, max, ret, r->err) : cv_fail_nomem(r->err);
}

/* The string KEY of the object TEXT; p is NULL if there is none. */
static int find(
	struct reading *r, struct cv_str text, const char *key, int index, struct cv_str *ret)
{
	struct cv_json_string found;
	int rc = cv_json_find(r->arena, text, key, index, &found);

	*ret = (struct cv_str){ 0 };
	if (rc < 0)
		return cv_fail_nomem(r->err);
	if (rc > 0)
		*ret = index == CV_JSON_ANY ? found.raw : found.value;
	return 0;
}

/* What follows '#': the hash of an archive, and the directory in it. */
static int fragment(struct reading *r, struct cv_str text, struct cv_str archive, struct cv_buf *b)
{
	struct cv_str hash = { 0 }, dir = { 0 };
	int rc = archive.p ? find(r, archive, "hash", CV_JSON_VALUE, &hash) : 0;

	if (rc == 0)
		rc = find(r, text, "subdirectory", CV_JSON_VALUE, &dir);
	if (rc < 0)
		return rc;
	if (hash.n)
		cv_buf_addf(b, "#%.*s", CV_ARG(hash));
	if (dir.n)
		cv_buf_addf(b, "%ssubdirectory=%.*s", hash.n ? "&" : "#", CV_ARG(dir));
	return 0;
}

/* "NAME @ URL", or the directory of an editable project. TEXT is a direct_url.json. */
static int by_url(struct reading *r, struct cv_str name, struct cv_str text, struct cv_buf *b,
	const char **ret_dir)
{
	struct cv_str url = { 0 }, vcs = { 0 }, archive = { 0 }, dir = { 0 };
	struct cv_str kind = { 0 }, commit = { 0 }, editable = { 0 };
	int rc = find(r, text, "url", CV_JSON_VALUE, &url);

	if (rc == 0)
		rc = find(r, text, "vcs_info", CV_JSON_ANY, &vcs);
	if (rc == 0)
		rc = find(r, text, "archive_info", CV_JSON_ANY, &archive);
	if (rc == 0)
		rc = find(r, text, "dir_info", CV_JSON_ANY, &dir);
	if (rc == 0 && dir.p)
		rc = find(r, dir, "editable", CV_JSON_ANY, &editable);
	if (rc == 0 && vcs.p)
		rc = find(r, vcs, "vcs", CV_JSON_VALUE, &kind);
	if (rc == 0 && vcs.p)
		rc = find(r, vcs, "commit_id", CV_JSON_VALUE, &commit);
	if (rc == 0 && cv_str_eq(editable, CV_LIT("true")))
		return cv_file_url_path(r->arena, url, ret_dir) < 0 ? cv_fail_nomem(r->err) : 0;
	if (rc < 0 || !url.n || (!vcs.p && !archive.p && !dir.p) || (vcs.p && !kind.n))
		return rc;
	cv_buf_addf(b, "%.*s @ ", CV_ARG(name));
	if (vcs.p)
		cv_buf_addf(b, "%.*s+%.*s@%.*s", CV_ARG(kind), CV_ARG(url), CV_ARG(commit));
	else
		cv_buf_str(b, url);
	return fragment(r, text, archive, b);
}

static int read_egg_link(struct reading *r, const char *path, const char **ret_dir)
{
	struct cv_str text, line;
	int rc = read_part(r, path, NULL, EGG_LINK_MAX, &text);

	if (rc <= 0 || !cv_str_cut(&text, '\n', &line) || !cv_str_trim(line).n)
		return rc < 0 ? rc : 0;
	*ret_dir = cv_strdup(r->arena, cv_str_trim(line));
	return *ret_dir ? 0 : cv_fail_nomem(r->err);
}

/* Name and version of METADATA, which spells them as the project does. */
static int read_names(struct reading *r, const char *path, const struct cv_found *found,
	struct cv_str *ret_name, struct cv_str *ret_version)
{
	bool egg = found->kind == CV_FOUND_EGG_INFO;
	struct cv_str text;
	int rc = read_part(r, path, egg ? "PKG-INFO" : "METADATA", METADATA_MAX, &text);

	if (rc == 0 && egg) /* of distutils: the entry is that file */
		rc = read_part(r, path, NULL, METADATA_MAX, &text);
	*ret_name = rc > 0 ? header(text, CV_LIT("Name")) : found->name;
	*ret_version = rc > 0 ? header(text, CV_LIT("Version")) : found->version;
	if (!is_name(*ret_name))
		*ret_name = found->name;
	if (!is_plain(*ret_version))
		*ret_version = found->version;
	return rc < 0 ? rc : 0;
}

static int read_line(struct reading *r, const char *path, const struct cv_found *found,
	struct cv_str name, struct cv_str version, struct cv_buf *b, struct cv_requirement *ret)
{
	struct cv_str text = { 0 };
	int rc = 0;

	if (found->kind == CV_FOUND_EGG_LINK)
		rc = read_egg_link(r, path, &ret->dir);
	else if (found->kind == CV_FOUND_DIST_INFO)
		rc = read_part(r, path, "direct_url.json", CV_DIRECT_URL_MAX, &text);
	if (rc > 0)
		rc = by_url(r, name, text, b, &ret->dir);
	if (rc < 0 || b->n)
		return rc;
	if (ret->dir) {
		cv_buf_addf(b, "-e %s", ret->dir);
		return 0;
	}
	if (version.n)
		cv_buf_addf(b, "%.*s%s%.*s", CV_ARG(name),
			cv_version_ok(version) ? "==" : "===", CV_ARG(version));
	return 0;
}

static int read_one(struct reading *r, const struct cv_found *found, struct cv_requirements *ret)
{
	struct cv_requirement *to = &ret->all[ret->count];
	const char *path = cv_path_join(r->arena, r->env->sites[found->site], found->entry);
	struct cv_str name = found->name, version = found->version;
	struct cv_buf line OWN_BUF = { 0 };
	int rc = path ? 0 : cv_fail_nomem(r->err);

	if (found->kind != CV_FOUND_EGG_LINK && rc == 0)
		rc = read_names(r, path, found, &name, &version);
	*to = (struct cv_requirement){ .key = cv_wheel_name_key(r->arena, name) };
	if (rc == 0)
		rc = read_line(r, path, found, name, version, &line, to);
	if (rc < 0)
		return rc;
	if (!is_name(name) || !is_plain(cv_buf_slice(&line))) {
		cv_log(r->ctx, CVENV_LOG_WARNING,
			"'%s' says nothing that a requirement can be made of", path);
		return 0;
	}
	to->line = line.bad ? NULL : cv_strdup(r->arena, cv_buf_slice(&line));
	if (!to->line || !to->key)
		return cv_fail_nomem(r->err);
	ret->count++;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct cv_requirement *x = a, *y = b;
	int d = strcmp(x->key, y->key);

	return d ? d : strcmp(x->line, y->line);
}

/* Of two with one name, as a project and its egg-info, the editable one counts, else the first. */
static void drop_twins(struct cv_requirements *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->count; i++) {
		if (n == 0 || strcmp(r->all[n - 1].key, r->all[i].key) != 0)
			r->all[n++] = r->all[i];
		else if (r->all[i].dir)
			r->all[n - 1] = r->all[i];
	}
	r->count = n;
}

int cv_requirements_read(const struct cv_ctx *ctx, struct cv_arena *a,
	const struct cv_finished *env, struct cv_requirements *ret, struct cvenv_error *err)
{
	struct reading r = { .ctx = ctx, .arena = a, .env = env, .err = err };
	int rc = 0;

	r.below = (struct cv_below){ .arena = a, .top = env->dir, .name = env->env_dir };
	*ret = (struct cv_requirements){ cv_new(a, struct cv_requirement, env->found_count + 1),
		0 };
	if (!ret->all)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < env->found_count && rc == 0; i++)
		if (env->found[i].name.n && env->found[i].name.p[0] != '~')
			rc = read_one(&r, &env->found[i], ret);
	cv_below_close(&r.below);
	if (ret->count)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_key);
	drop_twins(ret);
	return rc;
}

const char *const *cv_requirements_lines(struct cv_arena *a, const struct cv_requirements *r)
{
	const char **lines = cv_new(a, const char *, r->count + 1);

	for (size_t i = 0; lines && i < r->count; i++)
		lines[i] = r->all[i].line;
	return lines;
}
