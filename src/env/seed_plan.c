/* SPDX-License-Identifier: MIT */
#include "env/seed.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/sha256.h"
#include "wheel/record.h"
#include "wheel/scripts.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

/* A seed on its way into a plan. */
struct planting {
	struct cv_plan *plan;
	struct cv_arena *arena;
	const struct cv_facts *facts;
	const struct cv_layout *layout;
	const struct cv_seed *seed;
	struct cv_record_row *rows; /* of the new RECORD */
	size_t row_count;
	unsigned flags;   /* CV_KEEP where only gaps are to be filled */
	bool new_scripts; /* those that stand are of the other kind: absolute, relocatable */
};

static void add_row(struct planting *p, struct cv_str path, struct cv_str hash, struct cv_str size)
{
	p->rows[p->row_count++] = (struct cv_record_row){ path, hash, size };
}

static void image_rows(struct planting *p)
{
	const struct cv_wheel_image *w = &p->seed->wheel;

	for (size_t i = 0; i < w->image.count; i++) {
		const struct cv_image_file *f = &w->image.files[i];
		char size[CV_U64_ROOM];
		size_t len = cv_u64_text(f->size, size);
		struct cv_str text = cv_str_dup(p->arena, (struct cv_str){ size, len });

		p->plan->bad |= !text.p;
		add_row(p, cv_str(f->path), w->hashes[i], text);
	}
	for (size_t i = 0; i < p->seed->bytecode.count; i++)
		add_row(p, cv_str(p->seed->bytecode.files[i].path), CV_LIT(""), CV_LIT(""));
}

/* A file that is no part of the wheel: PATH is relative to site-packages, as in RECORD. */
static void add_file(struct planting *p, const char *path, struct cv_str data, unsigned flags)
{
	char sum[CV_SHA256_B64 + 1];
	const char *base = cv_strfmt(p->arena, "/%s", p->layout->purelib);
	const char *whole = base && path ? cv_path_abs(p->arena, base, path) : NULL;
	char *hash, *size;

	if (!whole || !data.p) {
		p->plan->bad = true;
		return;
	}
	cv_sha256_b64(data.p, data.n, sum);
	hash = cv_strfmt(p->arena, "sha256=%s", sum);
	size = cv_strfmt(p->arena, "%zu", data.n);
	p->plan->bad |= !hash || !size;
	add_row(p, cv_str(path), cv_str(hash), cv_str(size));
	if (p->new_scripts && (flags & CV_ADD_EXEC))
		cv_plan_file(p->plan, whole + 1, data, flags);
	else
		cv_plan_file(p->plan, whole + 1, data, p->flags | flags);
}

static void add_metadata(struct planting *p, const char *name, struct cv_str data)
{
	struct cv_str dist_info = p->seed->wheel.dist_info;

	add_file(p, cv_strfmt(p->arena, "%.*s/%s", CV_ARG(dist_info), name), data, 0);
}

/* "../../../bin/" from lib/python3.13/site-packages. */
static char *way_to_bin(struct planting *p)
{
	struct cv_str rest = cv_str(p->layout->purelib), part;
	struct cv_buf b = { 0 };
	char *way;

	while (cv_str_cut(&rest, '/', &part))
		cv_buf_cstr(&b, "../");
	cv_buf_addf(&b, "%s/", p->layout->bin);
	way = b.bad ? NULL : cv_strdup(p->arena, cv_buf_slice(&b));
	cv_buf_done(&b);
	return way;
}

static int add_scripts(
	struct planting *p, const struct cv_script *scripts, size_t count, struct cv_err *err)
{
	const char *way = way_to_bin(p);

	for (size_t i = 0; i < count; i++) {
		struct cv_buf text = { 0 };
		struct cv_str data;

		if (p->layout->relocatable)
			cv_script_text_beside(&text, p->layout->names[0], &scripts[i]);
		else
			cv_script_text(&text, p->layout->env_exe, &scripts[i]);
		data = text.bad ? (struct cv_str){ 0 } : cv_str_dup(p->arena, cv_buf_slice(&text));
		cv_buf_done(&text);
		if (!way || !data.p)
			return cv_fail_nomem(err);
		add_file(p, cv_strfmt(p->arena, "%s%.*s", way, CV_ARG(scripts[i].name)), data,
			CV_ADD_EXEC);
	}
	return 0;
}

static int add_record(struct planting *p, struct cv_err *err)
{
	struct cv_str dist_info = p->seed->wheel.dist_info;
	char *name = cv_strfmt(p->arena, "%.*s/RECORD", CV_ARG(dist_info));
	char *path = cv_strfmt(p->arena, "%s/%s", p->layout->purelib, name);
	struct cv_record_row *room = cv_new(p->arena, struct cv_record_row, p->row_count + 1);
	struct cv_buf text = { 0 };
	struct cv_str data;

	if (!name || !path || !room)
		return cv_fail_nomem(err);
	add_row(p, cv_str(name), CV_LIT(""), CV_LIT(""));
	cv_record_merge(p->rows, p->row_count, room);
	cv_record_write(&text, p->rows, p->row_count);
	data = text.bad ? (struct cv_str){ 0 } : cv_str_dup(p->arena, cv_buf_slice(&text));
	cv_buf_done(&text);
	cv_plan_file(p->plan, path, data, p->new_scripts ? 0 : p->flags);
	return p->plan->bad ? cv_fail_nomem(err) : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Remove what OLD has and the new one has not; its RECORD last. */
static int remove_one(struct planting *p, const struct cv_existing_package *old, struct cv_err *err)
{
	const char **fresh = cv_new(p->arena, const char *, p->row_count);
	const char *base = cv_strfmt(p->arena, "/%s", p->layout->purelib);
	const char *const *files;
	size_t count;
	int rc = cv_existing_files(
		p->arena, p->layout, p->facts->cache_tag, old, &files, &count, err);

	if (rc < 0)
		return rc;
	if (!fresh || !base)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < p->row_count; i++) {
		char *path = cv_strdup(p->arena, p->rows[i].path);
		char *whole = path ? cv_path_abs(p->arena, base, path) : NULL;

		if (!whole)
			return cv_fail_nomem(err);
		fresh[i] = whole + 1;
	}
	qsort(fresh, p->row_count, sizeof(*fresh), by_text);
	for (size_t i = 0; i < count; i++)
		if (!bsearch(&files[i], fresh, p->row_count, sizeof(*fresh), by_text))
			cv_plan_remove(p->plan, files[i], p->layout->purelib);
	return 0;
}

static bool is_other_version(const struct cv_existing_package *there, const struct cv_seed *seed)
{
	return cv_wheel_name_eq(there->name, seed->wheel.name) &&
	       cv_version_cmp(there->version, seed->wheel.version) != 0;
}

static int remove_old(struct planting *p, const struct cv_existing *existing, struct cv_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < existing->count && rc == 0; i++)
		if (is_other_version(&existing->packages[i], p->seed))
			rc = remove_one(p, &existing->packages[i], err);
	return rc;
}

/*
 * Of the wheel's own version only what is missing is put back. But when another version stands
 * beside it, somebody was stopped while replacing that one, and whose a file is cannot be told.
 */
static unsigned keep_same(const struct cv_existing *existing, const struct cv_seed *seed)
{
	for (size_t i = 0; i < existing->count; i++)
		if (is_other_version(&existing->packages[i], seed))
			return 0;
	return CV_KEEP;
}

static void plan_trees(const struct planting *p)
{
	const struct cv_seed *seed = p->seed;
	const char *name = cv_strfmt(
		p->arena, "%.*s %.*s", CV_ARG(seed->wheel.name), CV_ARG(seed->wheel.version));

	cv_plan_tree(p->plan, p->layout->purelib, &seed->wheel.image, name, p->flags);
	if (seed->bytecode.count)
		cv_plan_tree(p->plan, p->layout->purelib, &seed->bytecode,
			name ? cv_strfmt(p->arena, "bytecode of %s", name) : NULL, p->flags);
}

int cv_seed_plan(struct cv_plan *plan, const struct cv_facts *facts, const struct cv_layout *layout,
	const struct cv_existing *existing, const struct cv_seed *seed,
	struct cv_str *ret_installed, struct cv_err *err)
{
	const struct cv_existing_package *old = cv_existing_find(existing, seed->wheel.name);
	int order = old ? cv_version_cmp(old->version, seed->wheel.version) : -1;
	struct planting p = { .plan = plan,
		.arena = plan->arena,
		.facts = facts,
		.layout = layout,
		.seed = seed,
		.flags = old && order == 0 ? keep_same(existing, seed) : 0,
		.new_scripts = existing->relocatable != layout->relocatable };
	struct cv_script *scripts;
	size_t script_count;
	int rc;

	*ret_installed = order > 0 ? old->version : seed->wheel.version;
	if (order > 0)
		return 0;
	rc = cv_scripts_of(plan->arena, seed->wheel.name, seed->wheel.entry_points, facts->major,
		facts->minor, &scripts, &script_count, err);
	if (rc < 0)
		return rc;
	p.rows = cv_new(plan->arena, struct cv_record_row,
		seed->wheel.image.count + seed->bytecode.count + script_count + 3);
	if (!p.rows)
		return cv_fail_nomem(err);
	plan_trees(&p);
	/* Where the tree's own files are all kept, nothing else makes it in the stage. */
	cv_plan_dir(plan,
		cv_strfmt(plan->arena, "%s/%.*s", layout->purelib, CV_ARG(seed->wheel.dist_info)));
	image_rows(&p);
	add_metadata(&p, "INSTALLER", CV_LIT("pip\n"));
	add_metadata(&p, "REQUESTED", CV_LIT(""));
	rc = add_scripts(&p, scripts, script_count, err);
	if (rc == 0)
		rc = add_record(&p, err);
	if (rc == 0)
		rc = remove_old(&p, existing, err);
	return rc;
}
