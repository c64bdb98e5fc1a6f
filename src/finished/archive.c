/* SPDX-License-Identifier: MIT */
#include "finished/archive.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "create/source_date.h"
#include "finished/archive_in.h"
#include "finished/archive_write.h"
#include "finished/finished.h"
#include "finished/packed.h"
#include "finished/texts.h"
#include "fs/bytecode.h"
#include "fs/dir.h"
#include "fs/pack.h"

enum { NAMED_MAX = 5, PATH_ROOM = 4096 };

/* What another cvenv, or uv, has there only while it works. */
static bool skip(const void *data, const char *name, bool other)
{
	const struct cv_packing *p = data;

	(void)other;
	return cv_is_temp_name(cv_path_base(name)) || strcmp(name, ".lock") == 0 ||
	       (p->how->with_python && cv_archive_python_replaces(p, name));
}

static int find_output(struct cv_packing *p)
{
	const char *output = p->how->output, *parent;
	char mount[PATH_ROOM];

	if (!output || !*output)
		return cv_fail_msg(p->err, CVENV_EUSAGE,
			"the following arguments are required: "
			"-o/--output");
	if (!cv_path_has_abs(p->ctx, output))
		return cv_fail(p->err, ENOENT, "cannot write '%s'", output);
	p->output = cv_path_abs(p->a, p->ctx, output);
	parent = p->output ? cv_path_dir(p->a, p->output) : NULL;
	if (!parent)
		return cv_fail_nomem(p->err);
	p->format = cv_archive_format_of(p->output);
	if (cv_dir_at_or_above(parent, &p->env.st))
		return cv_fail_msg(p->err, CVENV_EREFUSED, "cannot write '%s': it is in '%s'",
			p->output, p->env.env_dir);
	if (cv_os_mount_below(p->env.dir, mount, sizeof(mount)) > 0)
		return cv_fail_msg(p->err, CVENV_EREFUSED,
			"cannot pack '%s': '%s' is a mount point", p->env.env_dir, mount);
	return cv_archive_check(p->output, p->format, p->err);
}

/* --- texts ----------------------------------------------------------------------------------- */

/*
 * Rewrite the texts for a place that does not exist, so that none can refer to the old one. Its
 * last component is that of the old place, because the prompt follows from it.
 */
static int rewrite(struct cv_packing *p)
{
	const char *nowhere =
		cv_strfmt(p->a, "%s%s", CV_PACKED_PLACE, cv_path_base(p->env.env_dir));
	struct cv_rewriting how = { .beside = true, .new_activation = true };
	struct cv_plan plan = { .arena = p->a };
	int rc = nowhere ? cv_texts_pairs(p->a, &p->env, nowhere, &how, p->err)
			 : cv_fail_nomem(p->err);

	if (rc == 0)
		rc = cv_texts(p->ctx, p->a, &p->env, &how, &plan, &p->left, p->err);
	for (size_t i = 0; i < plan.count && rc == 0; i++)
		if (plan.entries[i].kind == CVENV_ENTRY_FILE)
			rc = cv_archive_text(p, plan.entries[i].path, plan.entries[i].data);
	return rc;
}

/* --- links ----------------------------------------------------------------------------------- */

int cv_archive_outside(struct cv_packing *p, const char *path, const char *target)
{
	if (!cv_grow(p->a, &p->outside, p->outside_count, &p->outside_room))
		return cv_fail_nomem(p->err);
	p->outside[p->outside_count++] = (struct cvenv_outside){ path, target };
	return 0;
}

static int rewrite_links(struct cv_packing *p)
{
	for (size_t i = 0; i < p->list.count; i++) {
		struct cv_packed *m = &p->list.all[i];

		if (m->type != CV_PACKED_LINK)
			continue;
		m->target = m->root == CV_ROOT_ENV ? cv_portable_target(p->a, m->name, m->target,
							     p->places, p->place_count)
						   : cv_portable_target(p->a, m->name, m->target,
							     &p->root_paths[m->root], 1);
		if (!m->target)
			return cv_fail_nomem(p->err);
	}
	return 0;
}

/* Then it is that link of which something is said. */
static bool leads_to_link(const struct cv_packing *p, const char *dir, const char *target)
{
	const char *name = cv_path_inside(p->a, dir, target);
	const struct cv_packed *m = name ? cv_packed_find(&p->list, name) : NULL;

	return m && m->type == CV_PACKED_LINK;
}

/* Each link leads to a member, or it is said that it leads out. Nothing is below a link. */
static int check_links(struct cv_packing *p)
{
	for (size_t i = 0; i < p->list.count; i++) {
		const struct cv_packed *m = &p->list.all[i], *dir;
		const char *parent = cv_path_dir(p->a, m->name);
		int rc;

		dir = parent && *parent ? cv_packed_find(&p->list, parent) : NULL;
		if (!parent || (*parent && (!dir || dir->type != CV_PACKED_DIR)))
			return cv_fail_msg(p->err, CVENV_EREFUSED,
				"cannot pack '%s': '%s' is no directory", p->env.env_dir,
				parent ? parent : "");
		if (m->type != CV_PACKED_LINK || cv_packed_resolve(&p->list, p->a, m->name) ||
			leads_to_link(p, parent, m->target))
			continue;
		rc = cv_archive_outside(p, m->name, m->target);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- bytecode -------------------------------------------------------------------------------- */

static int date(struct cv_packing *p, struct cv_packed_opener *opener, struct cv_packed *m)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char *source, header[CV_PYC_HEADER];
	int64_t n;
	int rc;

	if (m->type != CV_PACKED_FILE || m->has_data || !cv_is_bytecode(m->name))
		return 0;
	source = cv_strdup(p->a, cv_str(m->name));
	if (!source)
		return cv_fail_nomem(p->err);
	if (!cv_bytecode_source(source)) /* without a source beside */
		return 0;
	rc = cv_packed_open(opener, m, &file, p->err);
	if (rc < 0)
		return rc;
	n = cv_os_read(file, header, sizeof(header));
	if (n < 0)
		return cv_fail(p->err, (int)-n, "cannot read '%s'", m->name);
	m->dating = cv_bytecode_dating(
		(struct cv_str){ header, (size_t)n }, cv_packed_find(&p->list, source));
	return 0;
}

static bool is_stale(const struct cv_packed *m)
{
	return m->dating == CV_DATING_STALE;
}

static int date_bytecode(struct cv_packing *p)
{
	struct cv_packed_opener opener = { 0 };
	int rc = 0;

	memcpy(opener.roots, p->roots, sizeof(opener.roots));
	for (size_t i = 0; i < p->list.count && rc == 0; i++)
		rc = date(p, &opener, &p->list.all[i]);
	cv_packed_opener_close(&opener);
	cv_packed_drop(&p->list, is_stale);
	return rc;
}

/* --- the whole ------------------------------------------------------------------------------- */

/* "a: 'x', b: 'y' and 3 more" */
static int refuse(struct cv_packing *p)
{
	struct cv_buf b OWN_BUF = { 0 };
	int rc;

	for (size_t i = 0; i < p->refused_count && i < NAMED_MAX; i++)
		cv_buf_addf(&b, "%s%s", i ? ", " : "", p->refused[i]);
	if (p->refused_count > NAMED_MAX)
		cv_buf_addf(&b, ", and %zu more", p->refused_count - NAMED_MAX);
	if (b.bad)
		return cv_fail_nomem(p->err);
	rc = cv_fail_msg(p->err, CVENV_EREFUSED,
		"cannot pack '%s', because parts of it are elsewhere: %s", p->env.env_dir, b.p);
	return cv_hint(p->err, rc, "install these projects without -e");
}

static int list_all(struct cv_packing *p)
{
	int rc = p->how->with_python ? cv_archive_python(p) : 0;

	if (rc == 0)
		rc = cv_packed_of_dir(p->ctx, p->env.dir, CV_ROOT_ENV, skip, p, &p->list, p->err);
	if (rc == 0)
		rc = rewrite_links(p);
	if (rc == 0)
		rc = rewrite(p);
	if (rc == 0)
		rc = cv_archive_own_texts(p);
	if (rc == 0 && p->refused_count)
		return refuse(p);
	if (rc < 0)
		return rc;
	cv_packed_sort(&p->list);
	if (p->list.bad)
		return cv_fail_nomem(p->err);
	rc = cv_archive_check_texts(p);
	if (rc == 0 && p->conda)
		rc = cv_archive_conda(p);
	if (rc == 0)
		rc = date_bytecode(p);
	if (rc == 0)
		rc = check_links(p);
	return rc < 0 || p->how->with_python ? rc : cv_archive_base(p);
}

static void plan_members(const struct cv_packing *p, struct cv_plan *plan)
{
	for (size_t i = 0; i < p->list.count; i++) {
		const struct cv_packed *m = &p->list.all[i];

		if (m->type == CV_PACKED_DIR)
			cv_plan_dir(plan, m->name);
		else if (m->type == CV_PACKED_LINK)
			cv_plan_link(plan, m->name, m->target, 0);
		else if (m->has_data)
			cv_plan_file(plan, m->name, m->data, 0);
		else
			cv_plan_copy(plan, m->name,
				cv_path_join(p->a, p->root_paths[m->root], m->source), 0, 0);
	}
}

static void describe(
	const struct cv_packing *p, const struct cv_archive_done *done, struct cvenv_change *ret)
{
	*ret = (struct cvenv_change){ .path = p->env.env_dir,
		.files = done->files,
		.rewritten = p->rewritten,
		.bytes = done->bytes,
		.left = p->left.paths,
		.sha256 = *done->sha256 ? cv_strdup(p->a, cv_str(done->sha256)) : NULL,
		.output = p->output,
		.format = cv_archive_format_name(p->format),
		.outside = p->outside,
		.outside_count = p->outside_count };
}

static int pack(struct cv_packing *p, bool dry_run, struct cv_plan *plan, struct cvenv_change *ret)
{
	struct cv_archive archive = { .name = cv_path_base(p->env.env_dir), .members = &p->list };
	struct cv_archive_done done = { 0 };
	int rc = find_output(p);

	archive.mtime = CV_PACK_MTIME;
	archive.top = p->env.st;
	if (rc == 0)
		rc = cv_source_date(p->ctx, &archive.mtime, p->err);
	if (rc >= 0)
		rc = list_all(p);
	if (rc < 0)
		return rc;
	if (plan)
		plan_members(p, plan);
	archive.output = p->output;
	archive.format = p->format;
	memcpy(archive.roots, p->roots, sizeof(archive.roots));
	if (dry_run) {
		for (size_t i = 0; i < p->list.count; i++)
			done.files += p->list.all[i].type == CV_PACKED_FILE;
	} else {
		rc = cv_archive_write(p->ctx, p->a, &archive, &done, p->err);
	}
	if (rc == 0)
		describe(p, &done, ret);
	return rc;
}

int cv_archive_pack(const struct cv_ctx *ctx, struct cv_arena *a, const char *env_dir,
	const struct cvenv_archive *how, bool dry_run, struct cv_plan *plan,
	struct cvenv_change *ret, struct cvenv_error *err)
{
	struct cv_packing *p = cv_new(a, struct cv_packing, 1);
	int rc;

	if (!p)
		return cv_fail_nomem(err);
	*p = (struct cv_packing){ .ctx = ctx, .a = a, .how = how, .err = err, .list.arena = a };
	rc = cv_finished_open(ctx, a, env_dir, 0, &p->env, err);
	if (rc == 0)
		rc = cv_archive_places(p);
	if (rc == 0)
		rc = pack(p, dry_run, plan, ret);
	cv_finished_close(&p->env);
	cv_os_close_dir(&p->roots[CV_ROOT_BASE]);
	return rc;
}
