/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "create/apart.h"
#include "create/base_info.h"
#include "create/pythons.h"
#include "env/interpreters.h"
#include "finished/repair_in.h"

/* The base interpreter of an environment that is repaired, and what names it there. */

/* Of these, also a note is repaired: a base that was upgraded within its X.Y. */
static const enum cv_finding_kind about_base[] = {
	CV_FINDING_CONFIG_UNREADABLE,
	CV_FINDING_CONFIG_NO_HOME,
	CV_FINDING_PYTHON_MISSING,
	CV_FINDING_PYTHON_OTHER,
	CV_FINDING_HOME_MISSING,
	CV_FINDING_VERSION_OTHER,
	CV_FINDING_PATCH_VERSION_OTHER,
	CV_FINDING_LIBPYTHON_MISSING,
};

static bool is_broken(const struct cv_repair *r)
{
	for (size_t i = 0; i < sizeof(about_base) / sizeof(about_base[0]); i++)
		if (cv_findings_have(r->findings, about_base[i]))
			return true;
	return false;
}

/* -p, and not CVENV_PYTHON or a file: these are about new environments. */
static bool is_asked(const struct cv_repair *r)
{
	return r->request->python && !r->request->python_source;
}

/* "3.13t" of "lib/python3.13t/site-packages", or "3.13". */
static struct cv_str wanted_version(const struct cv_repair *r, bool *ret_threaded)
{
	struct cv_str rest = cv_str(r->env.version), major = { 0 }, minor = { 0 };
	const char *site = r->env.site_count ? r->env.sites[0] : "";

	*ret_threaded = strstr(site, "t/site-packages") != NULL;
	if (!r->env.version || !cv_str_cut(&rest, '.', &major) || !cv_str_cut(&rest, '.', &minor))
		return (struct cv_str){ 0 };
	return (struct cv_str){ r->env.version, major.n + 1 + minor.n };
}

/* Is INFO a Python that finds the packages of the environment? */
static bool is_same_kind(const struct cv_repair *r, const struct cv_info *info)
{
	bool threaded;
	struct cv_str version = wanted_version(r, &threaded);
	struct cv_str rest = cv_str(info->version), major, minor;

	if (!version.n)
		return true;
	(void)cv_str_cut(&rest, '.', &major);
	(void)cv_str_cut(&rest, '.', &minor);
	if (r->env.implementation && strcmp(r->env.implementation, info->implementation) != 0)
		return false;
	return cv_str_eq(version, (struct cv_str){ info->version, major.n + 1 + minor.n }) &&
	       (CV_WINDOWS || threaded == info->free_threaded);
}

/* If it is one of those that were found, the environment's own base is the best. */
static int prefer_own(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	struct cvenv_python *found;
	char *own = NULL;
	size_t count;
	int rc = r->env.base ? cv_os_realpath(&s->once, r->env.base, &own) : -ENOENT;

	if (rc < 0 || strcmp(own, s->info.real) == 0)
		return rc == -ENOMEM ? cv_fail_nomem(err) : 0;
	rc = cv_pythons(s, &s->once, &found, &count, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		char *real = NULL;

		rc = cv_os_realpath(&s->once, found[i].path, &real);
		if (rc == -ENOMEM)
			return cv_fail_nomem(err);
		if (rc == 0 && strcmp(real, own) == 0)
			return cv_base_info_of(
				s->ctx, &s->arena, &s->cache, found[i].path, &s->info, err);
		rc = 0;
	}
	return rc;
}

/* Name the environment, and the other way. CVENV_EPYTHON: cvenv does not support that version. */
static int no_base(struct cv_repair *r, struct cvenv_error *err)
{
	struct cvenv_error said;
	int rc;

	if (!err)
		return -CVENV_ENOPYTHON;
	said = *err;
	rc = cv_fail_msg(
		err, CVENV_ENOPYTHON, "cannot repair '%s': %s", r->env.env_dir, said.message);
	return cv_hint(err, rc, "-p of another version lets pip install the packages again%s%s",
		*said.hint ? "; " : "", said.hint);
}

static int find_same(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	const char *implementation = r->env.implementation ? r->env.implementation : "";
	bool threaded;
	struct cv_str version = wanted_version(r, &threaded);
	int rc;

	r->how.pythons = NULL;
	r->how.python = NULL;
	r->how.python_source = NULL;
	if (version.n) {
		r->how.python = cv_strfmt(
			&s->once, "%s%.*s%s", implementation, CV_ARG(version), threaded ? "t" : "");
		if (!r->how.python)
			return cv_fail_nomem(err);
	}
	rc = cv_session_info(s, err);
	if (!version.n)
		return rc;
	if (rc == -CVENV_ENOPYTHON || rc == -CVENV_EPYTHON)
		return no_base(r, err);
	return rc == 0 ? prefer_own(r, err) : rc;
}

int cv_repair_find_base(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	int rc;

	r->rebase = is_broken(r) || is_asked(r);
	if (!r->rebase && !r->needs_pip)
		return 0;
	rc = is_asked(r) ? cv_session_info(s, err) : find_same(r, err);
	if (rc == 0)
		rc = cv_apart_follow(s, &r->target, err);
	if (rc == 0)
		rc = cv_apart_check(s->ctx, &s->once, &s->info, &r->target, err);
	if (rc < 0)
		return rc;
	r->has_base = true;
	r->recreate = !is_same_kind(r, &s->info);
	r->how.copies = r->env.copies && !CV_WINDOWS;
	return cv_layout_compute(
		s->ctx, &s->once, &s->info, &r->how, r->env.env_dir, &r->layout, err);
}

/* --- bin ------------------------------------------------------------------------------------- */

static void add_name(struct cv_layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->name_count; i++)
		if (cv_path_same(layout->names[i], name))
			return;
	if (layout->name_count < CV_NAMES_MAX)
		layout->names[layout->name_count++] = name;
}

/* A name without a version, or with that of the base: "python3.12" is no name of a 3.13. */
static bool is_fit(const struct cv_repair *r, const char *name)
{
	const char *digits = name + strcspn(name, "0123456789");
	bool threaded;
	struct cv_str version = wanted_version(r, &threaded), rest = cv_str(digits);

	return !strchr(digits, '.') || !version.n || !cv_str_starts(rest, version) ||
	       rest.n == version.n || rest.p[version.n] < '0' || rest.p[version.n] > '9';
}

/*
 * The names that this maker gives, and those that are there. virtualenv and uv link `python` to the
 * base, and the other names to it.
 */
static void set_names(struct cv_repair *r)
{
	struct cv_layout all = r->layout;
	bool plain_first = r->env.maker == CVENV_MAKER_VIRTUALENV || r->env.maker == CVENV_MAKER_UV;

	if (r->session->info.windows)
		return;
	r->layout.name_count = 0;
	if (plain_first)
		add_name(&r->layout, "python");
	for (size_t i = 0; i < all.name_count; i++)
		add_name(&r->layout, all.names[i]);
	for (size_t i = 0; i < r->env.program_count; i++) {
		const struct cv_program *p = &r->env.programs[i];

		if (p->kind == CV_PROGRAM_INTERPRETER && is_fit(r, p->name))
			add_name(&r->layout, p->name);
	}
}

/* --- pyvenv.cfg ------------------------------------------------------------------------------ */

/* "3.12.1" in the form of OLD: "3.12", "3.12.0" or "3.12.0.final.0". */
static const char *version_like(struct cv_arena *a, const struct cv_info *info, struct cv_str old)
{
	size_t dots = 0;

	for (size_t i = 0; i < old.n; i++)
		dots += old.p[i] == '.';
	if (dots == 1)
		return cv_strfmt(a, "%u.%u", info->major, info->minor);
	if (dots > 2)
		return cv_strfmt(a, "%s.final.0", info->version);
	return info->version;
}

/* Does `home` lead to the base already, as a directory with a link of each version does? */
static bool is_home(struct cv_repair *r)
{
	struct cv_arena *a = &r->session->once;
	const char *names[2] = { r->session->info.exe_name, cv_path_base(r->session->info.real) };

	for (size_t i = 0; i < 2 && r->env.home && cv_path_is_abs(r->env.home); i++) {
		const char *path = cv_path_join(a, r->env.home, names[i]);
		char *real;

		if (path && cv_os_realpath(a, path, &real) == 0 &&
			strcmp(real, r->session->info.real) == 0)
			return true;
	}
	return false;
}

static void add_setting(
	struct cv_repair *r, struct cv_pair *settings, const char *key, const char *value)
{
	struct cv_str old = cv_cfg_value(&r->env.cfg, key);

	r->session->plan.bad |= !value;
	if (value && (old.p || strcmp(key, "home") == 0) && !cv_str_eq(old, cv_str(value)))
		settings[r->rewriting.setting_count++] = (struct cv_pair){ key, value };
}

static int set_keys(struct cv_repair *r, struct cvenv_error *err)
{
	static const char *const versions[] = { "version", "version_info", "python-version" };
	const struct cv_info *info = &r->session->info;
	struct cv_arena *a = &r->session->once;
	struct cv_pair *settings = cv_new(a, struct cv_pair, 8);
	const char *lib = cv_path_dir(a, info->stdlib);
	const char *prefix = lib && !CV_WINDOWS ? cv_path_dir(a, lib) : lib;

	if (!settings || !prefix)
		return cv_fail_nomem(err);
	r->rewriting.settings = settings;
	if (!is_home(r))
		add_setting(r, settings, "home", info->home);
	add_setting(r, settings, "executable", info->real);
	add_setting(r, settings, "base-executable", info->base);
	add_setting(r, settings, "base-prefix", prefix);
	add_setting(r, settings, "base-exec-prefix", prefix);
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		add_setting(r, settings, versions[i],
			version_like(a, info, cv_cfg_value(&r->env.cfg, versions[i])));
	return 0;
}

/* A pyvenv.cfg that nobody can read is replaced by what cvenv would write. */
static int replace_cfg(struct cv_repair *r, struct cvenv_error *err)
{
	struct cv_session *s = r->session;
	struct cv_environment m = { .ctx = s->ctx,
		.request = &r->how,
		.info = &s->info,
		.layout = r->layout,
		.activators = s->activators };
	struct cv_outcome outcome = { 0 };
	int rc = cv_session_prompt(s, r->request->prompt, &m.prompt_repr, err);

	if (rc == 0)
		rc = cv_environment_plan(&m, CV_PART_CONFIGURATION, &s->plan, &outcome, err);
	return rc;
}

int cv_repair_plan_base(struct cv_repair *r, struct cvenv_error *err)
{
	static const struct cv_existing nothing;
	struct cv_session *s = r->session;

	if (!r->rebase)
		return 0;
	set_names(r);
	cv_plan_dir(&s->plan, r->layout.bin);
	cv_environment_dirs(&s->plan, r->layout.purelib);
	cv_interpreters_plan(&s->plan, &s->info, &r->layout, &nothing);
	return r->env.cfg_reason ? replace_cfg(r, err) : set_keys(r, err);
}
