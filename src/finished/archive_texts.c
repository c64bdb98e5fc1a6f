/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/rewrite.h"
#include "finished/archive_in.h"
#include "finished/packed.h"
#include "finished/texts_left.h"
#include "wheel/direct_url.h"

enum { TEXT_MAX = 1 << 20 }; /* of a .pth file and the like */

int cv_archive_places(struct cv_packing *p)
{
	const struct cv_finished *env = &p->env;

	p->roots[CV_ROOT_ENV] = env->dir;
	p->root_paths[CV_ROOT_ENV] = env->env_dir;
	p->places = cv_new(p->a, const char *, env->name_count + env->recorded_count + 1);
	if (!p->places)
		return cv_fail_nomem(p->err);
	for (size_t i = 0; i < env->name_count; i++)
		p->places[p->place_count++] = env->names[i];
	for (size_t i = 0; i < env->recorded_count; i++)
		p->places[p->place_count++] = env->recorded[i];
	return 0;
}

static int refuse(struct cv_packing *p, const char *path, const char *where)
{
	if (!cv_grow(p->a, &p->refused, p->refused_count, &p->refused_room))
		return cv_fail_nomem(p->err);
	p->refused[p->refused_count] = cv_strfmt(p->a, "%s ('%s')", path, where);
	return p->refused[p->refused_count++] ? 0 : cv_fail_nomem(p->err);
}

/* The file gets DATA. `list` is not sorted yet: the last one of a name counts. */
static int replace(struct cv_packing *p, const char *path, struct cv_str data, bool exec)
{
	struct cv_packed *m = cv_packed_add(&p->list, path);

	if (!m || !data.p)
		return cv_fail_nomem(p->err);
	m->type = CV_PACKED_FILE;
	m->exec = exec;
	m->has_data = true;
	m->data = data;
	p->rewritten++;
	return 0;
}

static bool is_executable(const struct cv_packing *p, const char *path)
{
	const char *name = cv_path_below(path, p->env.layout.bin);
	const struct cv_program *program = name ? cv_finished_program(&p->env, name) : NULL;

	return program && program->mode & 0100;
}

int cv_archive_left(struct cv_packing *p, const char *path)
{
	return cv_left_add(p->a, &p->left, path, p->err);
}

int cv_archive_text(struct cv_packing *p, const char *path, struct cv_str data)
{
	switch (cv_text_kind_of(path, p->env.layout.bin)) {
	case CV_TEXT_SCRIPT:
	case CV_TEXT_LAUNCHER:
	case CV_TEXT_ACTIVATION:
	case CV_TEXT_RECORD:
		return replace(p, path, data, is_executable(p, path));
	case CV_TEXT_CFG:
	case CV_TEXT_PTH: /* see cv_archive_own_texts() */
	case CV_TEXT_EGG_LINK:
	case CV_TEXT_DIRECT_URL:
		return 0;
	case CV_TEXT_KERNEL_JSON:
		return cv_archive_left(p, path);
	case CV_TEXT_FINDER:
	case CV_TEXT_NONE: /* a finder by what .pth files say of it */
		break;
	}
	return refuse(p, path, p->env.env_dir);
}

/* --- .pth files, .egg-link and direct_url.json ----------------------------------------------- */

/* The site-packages in which NAME is an entry, or (DEEPER) the file of an entry; NULL: none. */
static const char *site_of(const struct cv_packing *p, const char *name, bool deeper)
{
	for (size_t i = 0; i < p->env.site_count; i++) {
		const char *below = cv_path_below(name, p->env.sites[i]);
		size_t depth = 0;

		for (const char *c = below; c && *c; c++)
			depth += *c == '/';
		if (below && *below && depth == (deeper ? 1 : 0))
			return p->env.sites[i];
	}
	return NULL;
}

static int pth(struct cv_packing *p, const char *name, const char *site, struct cv_str text)
{
	struct cv_buf b OWN_BUF = { 0 };
	struct cv_str outside = { 0 };
	const char *where;
	int rc = cv_portable_pth(&b, p->a, site, text, p->places, p->place_count, &outside);

	if (b.bad)
		return cv_fail_nomem(p->err);
	if (rc > 0)
		return replace(p, name, cv_str_dup(p->a, cv_buf_slice(&b)), false);
	if (rc == 0)
		return 0;
	where = outside.p ? cv_strdup(p->a, outside) : NULL;
	return where ? refuse(p, name, where) : cv_fail_nomem(p->err);
}

/* Its first line is the project; the second one is relative to it. */
static int egg_link(struct cv_packing *p, const char *name, struct cv_str text)
{
	struct cv_str line = { 0 };
	const char *where;

	(void)cv_str_cut(&text, '\n', &line);
	where = cv_strdup(p->a, cv_str_strip(line));
	return where ? refuse(p, name, where) : cv_fail_nomem(p->err);
}

static int direct_url(struct cv_packing *p, const char *name, struct cv_str text)
{
	struct cv_str url = { 0 };
	const char *where;

	if (!cv_direct_url_is_editable(text, &url))
		return 0;
	where = cv_strdup(p->a, url);
	return where ? refuse(p, name, where) : cv_fail_nomem(p->err);
}

static int own_text(struct cv_packing *p, const struct cv_packed *m)
{
	struct cv_str name = cv_str(m->name), text = { 0 };
	const char *site = site_of(p, m->name, false);
	bool is_pth = site && cv_str_ends(name, CV_LIT(".pth"));
	bool is_link = site && cv_str_ends(name, CV_LIT(".egg-link"));
	int rc;

	if (m->type != CV_PACKED_FILE || m->root != CV_ROOT_ENV || m->has_data)
		return 0;
	if (!is_pth && !is_link &&
		(!cv_str_ends(name, CV_LIT(".dist-info/direct_url.json")) ||
			!site_of(p, m->name, true)))
		return 0;
	if (m->size > TEXT_MAX)
		return cv_fail(p->err, CVENV_ELIMIT, "cannot read '%s'", m->name);
	rc = cv_packed_read(p->roots, m, p->a, &text, p->err);
	if (rc < 0)
		return rc;
	if (is_pth)
		return pth(p, m->name, site, text);
	return is_link ? egg_link(p, m->name, text) : direct_url(p, m->name, text);
}

/* --- pyvenv.cfg ------------------------------------------------------------------------------ */

/*
 * Does the archive leave out LINE? `command` names the old place. With its own Python, the archive
 * is no virtual environment: without `home`, Python finds its library by its own place, and reads
 * of the file only whether there are other site-packages. Activation scripts need the file.
 */
static bool leaves_out(const struct cv_packing *p, const struct cv_cfg_line *line)
{
	static const char *const keep[] = { "include-system-site-packages", "prompt", "version",
		"version_info", "implementation", "cvenv", "uv", "virtualenv" };
	size_t i = 0;

	if (!line->key.p || !p->how->with_python)
		return cv_cfg_is(line, "command");
	while (i < sizeof(keep) / sizeof(keep[0]) && !cv_cfg_is(line, keep[i]))
		i++;
	return i == sizeof(keep) / sizeof(keep[0]);
}

static int config(struct cv_packing *p)
{
	struct cv_cfg kept = { .lines = cv_new(p->a, struct cv_cfg_line, p->env.cfg.count + 1) };
	struct cv_buf b OWN_BUF = { 0 };

	if (p->env.cfg_reason)
		return cv_fail_msg(p->err, CVENV_EREFUSED, "cannot pack '%s': pyvenv.cfg: %s",
			p->env.env_dir, p->env.cfg_reason);
	if (!kept.lines)
		return cv_fail_nomem(p->err);
	for (size_t i = 0; i < p->env.cfg.count; i++)
		if (!leaves_out(p, &p->env.cfg.lines[i]))
			kept.lines[kept.count++] = p->env.cfg.lines[i];
	if (kept.count == p->env.cfg.count)
		return 0;
	cv_cfg_text(&b, &kept);
	return b.bad ? cv_fail_nomem(p->err)
		     : replace(p, "pyvenv.cfg", cv_str_dup(p->a, cv_buf_slice(&b)), false);
}

int cv_archive_own_texts(struct cv_packing *p)
{
	size_t count = p->list.count;
	int rc = config(p);

	for (size_t i = 0; i < count && rc == 0; i++) {
		struct cv_packed m = p->list.all[i]; /* the list grows */

		rc = own_text(p, &m);
	}
	return rc;
}

int cv_archive_base(struct cv_packing *p)
{
	const char *home = p->env.home;

	return home ? cv_archive_outside(p, "pyvenv.cfg", home) : 0;
}
