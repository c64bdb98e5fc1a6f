/* SPDX-License-Identifier: MIT */
#include "env/pip_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/sha256.h"
#include "wheel/record.h"
#include "wheel/scripts.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

/* A package to be installed, or the installed package to be kept. */
struct planting {
	struct cv_plan *plan;
	struct cv_arena *arena;
	const struct cv_info *info;
	const struct cv_layout *layout;
	const struct cv_pip_package *pip;
	struct cv_str dist_info;
	struct cv_record_row *rows; /* rows of the new RECORD */
	size_t row_count;
};

static void add_row(struct planting *p, struct cv_str path, struct cv_str hash, struct cv_str size)
{
	p->rows[p->row_count++] =
		(struct cv_record_row){ .path = path, .hash = hash, .size = size };
}

static void tree_rows(struct planting *p)
{
	const struct cv_cached_wheel *w = &p->pip->wheel;

	for (size_t i = 0; i < w->tree.count; i++) {
		const struct cv_tree_file *f = &w->tree.files[i];
		char size[CV_U64_ROOM];
		size_t len = cv_u64_text(f->size, size);
		struct cv_str text = cv_str_dup(p->arena, (struct cv_str){ size, len });

		p->plan->bad |= !text.p;
		add_row(p, cv_str(f->path), w->hashes[i], text);
	}
}

static void bytecode_rows(struct planting *p)
{
	for (size_t i = 0; i < p->pip->bytecode.count; i++)
		add_row(p, cv_str(p->pip->bytecode.files[i].path), CV_LIT(""), CV_LIT(""));
}

/* Add a file that is not in the wheel. PATH is relative to site-packages, as in RECORD. */
static void add_file(struct planting *p, const char *path, struct cv_str data, unsigned flags)
{
	char sum[CV_SHA256_B64 + 1];
	const char *whole = path ? cv_path_inside(p->arena, p->layout->purelib, path) : NULL;
	char *hash, *size;

	if (!whole || !data.p) {
		p->plan->bad = true;
		return;
	}
	cv_sha256_b64(data.p, data.n, sum);
	hash = cv_strfmt(p->arena, CV_RECORD_SHA256 "%s", sum);
	size = cv_strfmt(p->arena, "%zu", data.n);
	p->plan->bad |= !hash || !size;
	add_row(p, cv_str(path), cv_str(hash), cv_str(size));
	cv_plan_file(p->plan, whole, data, flags);
}

static void add_metadata(struct planting *p, const char *name, struct cv_str data)
{
	add_file(p, cv_strfmt(p->arena, "%.*s/%s", CV_ARG(p->dist_info), name), data, 0);
}

/* The path of bin relative to site-packages: "../../../bin/" for lib/python3.13/site-packages. */
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

/* The name of a script's file in bin. */
static char *file_of(const struct planting *p, const struct cv_script *script)
{
	return cv_strfmt(p->arena, "%.*s%s", CV_ARG(script->name), p->info->windows ? ".exe" : "");
}

static struct cv_str content_of(const struct planting *p, const struct cv_script *script)
{
	const struct cv_layout *layout = p->layout;
	const struct cv_launcher *launcher = &p->pip->launcher;
	struct cv_buf text = { 0 };
	struct cv_str data;

	if (p->info->windows && layout->relocatable)
		cv_launcher_text_beside(&text, launcher, layout->names[0], script);
	else if (p->info->windows)
		cv_launcher_text(&text, launcher, layout->env_exe, script);
	else if (layout->relocatable)
		cv_script_text_beside(&text, layout->names[0], script);
	else
		cv_script_text(&text, layout->env_exe, script);
	data = text.bad ? (struct cv_str){ 0 } : cv_str_dup(p->arena, cv_buf_slice(&text));
	cv_buf_done(&text);
	return data;
}

static int check_launcher(const struct planting *p, struct cvenv_error *err)
{
	struct cv_str program = p->pip->launcher.program;

	if (!p->info->windows)
		return 0;
	if (!program.n)
		return cv_fail_msg(err, CVENV_EWHEEL, "pip %.*s has no launcher for %s",
			CV_ARG(p->pip->launcher.pip), p->info->machine);
	if (p->layout->relocatable && !cv_launcher_finds_itself(program))
		return cv_fail_msg(err, CVENV_EWHEEL,
			"cannot make a relocatable environment: the launchers of pip %.*s only "
			"accept absolute paths",
			CV_ARG(p->pip->launcher.pip));
	return 0;
}

static int add_scripts(
	struct planting *p, const struct cv_script *scripts, size_t count, struct cvenv_error *err)
{
	const char *way = way_to_bin(p);
	int rc = count ? check_launcher(p, err) : 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		struct cv_str data = content_of(p, &scripts[i]);
		char *name = file_of(p, &scripts[i]);

		if (!way || !data.p || !name)
			return cv_fail_nomem(err);
		add_file(p, cv_strfmt(p->arena, "%s%s", way, name), data,
			CV_ADD_EXEC | CV_KEEP_SAME);
	}
	return rc;
}

static int add_record(struct planting *p, struct cvenv_error *err)
{
	char *name = cv_strfmt(p->arena, "%.*s/RECORD", CV_ARG(p->dist_info));
	char *path = cv_strfmt(p->arena, "%s/%s", p->layout->purelib, name);
	struct cv_buf text = { 0 };
	struct cv_str data;

	if (!name || !path)
		return cv_fail_nomem(err);
	add_row(p, cv_str(name), CV_LIT(""), CV_LIT(""));
	cv_record_sort(p->rows, p->row_count);
	cv_record_write(&text, p->rows, p->row_count);
	data = text.bad ? (struct cv_str){ 0 } : cv_str_dup(p->arena, cv_buf_slice(&text));
	cv_buf_done(&text);
	cv_plan_file(p->plan, path, data, CV_KEEP_SAME);
	return p->plan->bad ? cv_fail_nomem(err) : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files in the new RECORD, relative to ENV_DIR, sorted. */
static const char **fresh_files(struct planting *p)
{
	const char **fresh = cv_new(p->arena, const char *, p->row_count);

	for (size_t i = 0; i < p->row_count && fresh; i++) {
		char *path = cv_strdup(p->arena, p->rows[i].path);

		fresh[i] = path ? cv_path_inside(p->arena, p->layout->purelib, path) : NULL;
		if (!fresh[i])
			return NULL;
	}
	if (!fresh)
		return NULL;
	qsort(fresh, p->row_count, sizeof(*fresh), by_text);
	return fresh;
}

static int remove_stale(
	struct planting *p, const char *const *files, size_t count, struct cvenv_error *err)
{
	const char **fresh = fresh_files(p);

	if (!fresh)
		return cv_fail_nomem(err);
	for (size_t i = 0; i < count; i++)
		if (!bsearch(&files[i], fresh, p->row_count, sizeof(*fresh), by_text))
			cv_plan_remove(p->plan, files[i], p->layout->purelib);
	return 0;
}

/* Remove all installed versions except KEPT, which may be NULL: each RECORD last. */
static int remove_others(struct planting *p, const struct cv_installed_versions *installed,
	const struct cv_installed *kept, struct cvenv_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < installed->count && rc == 0; i++)
		if (&installed->all[i] != kept)
			rc = remove_stale(
				p, installed->all[i].files, installed->all[i].file_count, err);
	return rc;
}

static void plan_tree(
	const struct planting *p, const struct cv_tree *tree, const char *what, unsigned flags)
{
	const struct cv_pip_package *pip = p->pip;

	if (tree->count)
		cv_plan_tree(p->plan, p->layout->purelib, tree,
			cv_strfmt(p->arena, "%s%.*s %.*s", what, CV_ARG(pip->wheel.name),
				CV_ARG(pip->wheel.version)),
			flags);
}

static int make_rows(struct planting *p, size_t count, struct cvenv_error *err)
{
	enum { METADATA = 3 }; /* INSTALLER, REQUESTED, RECORD */

	p->rows = cv_new(p->arena, struct cv_record_row, count + METADATA);
	/* If all files of a tree are kept, no other entry creates this directory in the stage. */
	cv_plan_dir(
		p->plan, cv_strfmt(p->arena, "%s/%.*s", p->layout->purelib, CV_ARG(p->dist_info)));
	return p->rows ? 0 : cv_fail_nomem(err);
}

static int scripts_of(const struct planting *p, struct cv_str entry_points, struct cv_script **ret,
	size_t *ret_count, struct cvenv_error *err)
{
	return cv_scripts_of(p->arena, p->pip->wheel.name, entry_points, p->info->major,
		p->info->minor, ret, ret_count, err);
}

static int plan_anew(
	struct planting *p, const struct cv_installed_versions *installed, struct cvenv_error *err)
{
	const struct cv_pip_package *pip = p->pip;
	struct cv_script *scripts;
	size_t count;
	int rc = scripts_of(p, pip->wheel.entry_points, &scripts, &count, err);

	p->dist_info = pip->wheel.dist_info;
	plan_tree(p, &pip->wheel.tree, "", 0);
	plan_tree(p, &pip->bytecode, "bytecode of ", 0);
	if (rc == 0)
		rc = make_rows(p, pip->wheel.tree.count + pip->bytecode.count + count, err);
	if (rc < 0 || !p->rows)
		return rc;
	tree_rows(p);
	bytecode_rows(p);
	add_metadata(p, "INSTALLER", CV_LIT("pip\n"));
	add_metadata(p, "REQUESTED", CV_LIT(""));
	rc = add_scripts(p, scripts, count, err);
	if (rc == 0)
		rc = add_record(p, err);
	/*
	 * A version without RECORD: remove its files from the wheel's own directories. For example,
	 * its directory "x" would hide the "x.py" of the new version.
	 */
	if (rc == 0 && installed->stray_count)
		rc = remove_stale(p, installed->strays, installed->stray_count, err);
	return rc < 0 ? rc : remove_others(p, installed, NULL, err);
}

/* Does plan_kept() add the row for PATH itself (a script, bytecode, RECORD)? */
static bool is_made(const struct planting *p, const struct cv_script *scripts, size_t count,
	const struct cv_tree *bytecode, struct cv_str path)
{
	const char *whole = cv_existing_path(p->arena, p->layout, path);
	const char *name = whole ? cv_path_base(whole) : "";
	char *in_bin = cv_strfmt(p->arena, "%s/%s", p->layout->bin, name);

	for (size_t i = 0; i < count && whole && in_bin && strcmp(whole, in_bin) == 0; i++) {
		const char *file = file_of(p, &scripts[i]);

		if (file && strcmp(name, file) == 0)
			return true;
	}
	for (size_t i = 0; i < bytecode->count && cv_str_ends(path, CV_LIT(".pyc")); i++)
		if (cv_str_eq(path, cv_str(bytecode->files[i].path)))
			return true;
	return cv_str_starts(path, p->dist_info) &&
	       path.n == p->dist_info.n + sizeof("/RECORD") - 1 &&
	       cv_str_ends(path, CV_LIT("/RECORD"));
}

/*
 * Write the scripts of KEPT again, from its own entry points, and its RECORD with them. If it has
 * the wheel's version, add the wheel's bytecode where it is missing.
 */
static int plan_kept(struct planting *p, const struct cv_installed_versions *installed,
	const struct cv_installed *kept, const struct cv_script *scripts, size_t count,
	struct cvenv_error *err)
{
	bool same = cv_version_cmp(kept->package->version, p->pip->wheel.version) == 0;
	const struct cv_tree none = { 0 };
	const struct cv_tree *bytecode = same ? &p->pip->bytecode : &none;
	int rc;

	p->dist_info = cv_str(kept->package->dist_info);
	plan_tree(p, bytecode, "bytecode of ", CV_KEEP);
	rc = make_rows(p, kept->count + bytecode->count + count, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < kept->count; i++)
		if (!is_made(p, scripts, count, bytecode, kept->rows[i].path))
			p->rows[p->row_count++] = kept->rows[i];
	if (same)
		bytecode_rows(p);
	rc = add_scripts(p, scripts, count, err);
	if (rc == 0)
		rc = add_record(p, err);
	return rc == 0 ? remove_others(p, installed, kept, err) : rc;
}

/* 1: KEPT is planned; 0: it is broken (*RET_BROKEN), so the caller plans the wheel. */
static int keep(struct planting *p, const struct cv_installed_versions *installed,
	const struct cv_installed *kept, const char **ret_broken, struct cvenv_error *err)
{
	struct cv_script *scripts = NULL;
	size_t count = 0;
	int rc;

	*ret_broken = kept->broken;
	if (kept->broken)
		return 0;
	rc = scripts_of(p, kept->entry_points, &scripts, &count, err);
	if (rc == -CVENV_EWHEEL || rc == -CVENV_ELIMIT) {
		*ret_broken = cv_strfmt(p->arena, "%s/%s/entry_points.txt", p->layout->purelib,
			kept->package->dist_info);
		return *ret_broken ? 0 : cv_fail_nomem(err);
	}
	if (rc == 0)
		rc = plan_kept(p, installed, kept, scripts, count, err);
	return rc < 0 ? rc : 1;
}

static const struct cv_installed *newest_of(const struct cv_installed_versions *installed)
{
	const struct cv_installed *newest = NULL;

	for (size_t i = 0; i < installed->count; i++) {
		const struct cv_installed *one = &installed->all[i];

		if (!newest || cv_version_cmp(one->package->version, newest->package->version) > 0)
			newest = one;
	}
	return newest;
}

int cv_pip_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cv_installed_versions *installed,
	const struct cv_pip_package *pip, struct cv_str *ret_version, struct cvenv_error *err)
{
	const struct cv_installed *old = newest_of(installed);
	int order = old ? cv_version_cmp(old->package->version, pip->wheel.version) : -1;
	const char *broken = NULL;
	struct planting p = {
		.plan = plan, .arena = plan->arena, .info = info, .layout = layout, .pip = pip
	};
	int rc = order >= 0 ? keep(&p, installed, old, &broken, err) : 0;

	*ret_version = rc > 0 ? old->package->version : pip->wheel.version;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (order > 0)
		cv_log(ctx, CVENV_LOG_WARNING,
			"%.*s %.*s in '%s' is broken (see '%s'): replacing it with %.*s",
			CV_ARG(pip->wheel.name), CV_ARG(old->package->version), layout->env_dir,
			broken, CV_ARG(pip->wheel.version));
	return plan_anew(&p, installed, err);
}
