/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/moved_link.h"
#include "env/pyvenv_cfg.h"
#include "finished/finished.h"
#include "finished/texts_left.h"
#include "fs/copied.h"
#include "fs/dir.h"
#include "fs/file.h"
#include "os/os.h"
#include "wheel/record.h"

enum { QUIETLY = CV_OS_NOFOLLOW | CV_OS_QUIET };

struct texts {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_finished *env;
	struct cv_rewriting how;
	struct cv_plan *plan;
	struct cv_left *left;
	struct cvenv_error *err;
	struct cv_rewritten *done;
	size_t done_count, done_room;
	uint64_t done_bytes;
	const char *modules[CV_TEXTS_MODULES_MAX]; /* that .pth files of one directory import */
	size_t module_count;
	struct cv_listed listed; /* files that need not be searched for old paths */
};

static int add_done(struct texts *t, const char *path, struct cv_str old, struct cv_str new)
{
	if (!cv_grow(t->arena, &t->done, t->done_count, &t->done_room))
		return cv_fail_nomem(t->err);
	if (!new.p || !cv_rewritten_set(t->arena, path, old, new, &t->done[t->done_count]))
		return cv_fail_nomem(t->err);
	t->done_count++;
	t->done_bytes += new.n;
	return 0;
}

/*
 * RC, of a failure to read PATH, if it says nothing about what there is to read; else 0: there is
 * no such file, it is a link or no regular file, too large, or its owner has forbidden to read it.
 */
static int read_failure(struct texts *t, int rc, const char *path)
{
	if (rc == -EACCES) {
		t->left->denied = cv_strdup(t->arena, cv_str(path));
		return t->left->denied ? 0 : cv_fail_nomem(t->err);
	}
	if (cv_err_missing(-rc) || rc == -EINVAL || rc == -EISDIR || rc == -ENXIO ||
		rc == -CVENV_ELIMIT)
		return 0;
	return cv_fail(t->err, -rc, "cannot read '%s/%s'", t->env->env_dir, path);
}

/* Open DIR below the environment; *ret is none if it is missing or if a component is a link. */
static int open_below(struct texts *t, struct cv_os_dir at, const char *dir, struct cv_os_dir *ret)
{
	int rc = cv_open_below(at, cv_str(dir), 0, ret);

	return rc < 0 ? read_failure(t, rc, dir) : 0;
}

/* The file NAME of DIR, whose path in the environment is PATH. */
static int rewrite(struct texts *t, struct cv_os_dir dir, const char *name, const char *path,
	enum cv_text_kind kind)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_buf new OWN_BUF = { 0 };
	size_t max = kind == CV_TEXT_RECORD ? CV_RECORD_TEXT_MAX : CV_TEXTS_FILE_MAX;
	struct cv_str old = { 0 }, text;
	struct cv_os_stat st;
	bool left = false;
	int rc;

	if (!path)
		return cv_fail_nomem(t->err);
	rc = cv_read_file_stat(dir, name, QUIETLY, max, &scratch, &old, &st, NULL);
	if (rc < 0 && read_failure(t, rc, path) < 0)
		return rc;
	if (rc < 0 && rc != -CVENV_ELIMIT && rc != -EACCES)
		return 0;
	if (!cv_listed_add(t->arena, &t->listed, path))
		return cv_fail_nomem(t->err);
	if (rc < 0)
		return cv_left_add(t->arena, t->left, path, t->err);
	rc = cv_rewrite(&new, &t->how, kind, path, old, &left, t->err);
	if (rc > 0 && t->done_bytes + new.n > CV_TEXTS_ALL_MAX)
		return cv_left_add(t->arena, t->left, path, t->err);
	if (rc > 0) {
		text = cv_str_dup(t->arena, cv_buf_slice(&new));
		cv_plan_file_mode(t->plan, path, text, st.mode & CV_OS_PERMISSIONS);
		rc = add_done(t, path, old, text);
	}
	return rc < 0 || !left ? rc : cv_left_add(t->arena, t->left, path, t->err);
}

static int rewrite_programs(struct texts *t)
{
	OWN_OS_DIR struct cv_os_dir bin = CV_OS_NO_DIR;
	int rc = t->env->bin ? open_below(t, t->env->dir, t->env->bin, &bin) : 0;

	for (size_t i = 0; i < t->env->program_count && rc == 0 && cv_os_dir_ok(bin); i++) {
		const struct cv_program *program = &t->env->programs[i];
		char *path = cv_path_join(t->arena, t->env->bin, program->name);
		enum cv_text_kind kind = path ? cv_text_kind_of(path, t->how.bin) : CV_TEXT_NONE;

		if (!program->file || program->kind == CV_PROGRAM_INTERPRETER ||
			(kind == CV_TEXT_SCRIPT && program->kind != CV_PROGRAM_SCRIPT))
			continue;
		rc = rewrite(t, bin, program->name, path, kind);
	}
	return rc;
}

/* The modules of "import a, b; ..." in a .pth file. */
static int add_modules(struct texts *t, struct cv_os_dir site, const char *name)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_str text = { 0 }, line, part;
	int rc = cv_read_file(site, name, QUIETLY, CV_TEXTS_FILE_MAX, &scratch, &text, NULL);

	if (rc < 0)
		return read_failure(t, rc, name);
	while (cv_str_cut(&text, '\n', &line)) {
		if (!cv_str_starts(line, CV_LIT("import ")) &&
			!cv_str_starts(line, CV_LIT("import\t")))
			continue;
		line = (struct cv_str){ line.p + sizeof("import"), line.n - sizeof("import") };
		(void)cv_str_cut(&line, ';', &part);
		line = part;
		while (cv_str_cut(&line, ',', &part) && t->module_count < CV_TEXTS_MODULES_MAX) {
			char *module = cv_strfmt(t->arena, "%.*s.py", CV_ARG(cv_str_trim(part)));

			if (!module)
				return cv_fail_nomem(t->err);
			if (cv_path_safe(cv_str(module)) && !strchr(module, '/'))
				t->modules[t->module_count++] = module;
		}
	}
	return 0;
}

static bool is_python(const char *name)
{
	return cv_str_ends(cv_str(name), CV_LIT(".py"));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
	const char **all; /* sorted, so that the plan does not depend on the file system */
	size_t count, room;
};

/* The entries of the directory NAME of AT, whose path is PATH. None if it cannot be listed. */
static int list_names(struct texts *t, struct cv_os_dir at, const char *name, const char *path,
	struct cv_arena *a, struct names *ret)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_os_list_open(at, name, QUIETLY, &list);

	*ret = (struct names){ 0 };
	while (rc >= 0 && (rc = cv_os_list_next(&list)) > 0) {
		if (!cv_grow(a, &ret->all, ret->count, &ret->room))
			return cv_fail_nomem(t->err);
		ret->all[ret->count] = cv_strdup(a, cv_str(list.name));
		if (!ret->all[ret->count++])
			return cv_fail_nomem(t->err);
	}
	if (ret->count)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_text);
	return rc < 0 ? read_failure(t, rc, path) : 0;
}

/* Python keeps bytecode of a file as long as its time and size are those of the source. */
static int drop_bytecode(struct texts *t, struct cv_os_dir site, const char *dir, const char *name)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	const struct cv_str stem = { name, strlen(name) - 2 }; /* "module." */
	struct names names;
	int rc = list_names(t, site, "__pycache__", dir, &scratch, &names);

	for (size_t i = 0; i < names.count && rc == 0; i++) {
		struct cv_str entry = cv_str(names.all[i]);

		if (cv_str_starts(entry, stem) && cv_str_ends(entry, CV_LIT(".pyc")))
			cv_plan_remove(t->plan,
				cv_strfmt(t->arena, "%s/__pycache__/%s", dir, names.all[i]), dir);
	}
	return rc;
}

static int rewrite_module(struct texts *t, struct cv_os_dir site, const char *dir, const char *name)
{
	size_t done = t->done_count;
	int rc = rewrite(t, site, name, cv_path_join(t->arena, dir, name), CV_TEXT_FINDER);

	return rc < 0 || done == t->done_count ? rc : drop_bytecode(t, site, dir, name);
}

/* A file of site-packages, or the direct_url.json of a distribution. */
static int rewrite_in_site(
	struct texts *t, struct cv_os_dir site, const char *dir, const char *name)
{
	char *path = cv_path_join(t->arena, dir, name);
	enum cv_text_kind kind = path ? cv_text_kind_of(path, t->how.bin) : CV_TEXT_NONE;
	OWN_OS_DIR struct cv_os_dir info = CV_OS_NO_DIR;
	int rc;

	if (kind == CV_TEXT_FINDER)
		return rewrite_module(t, site, dir, name);
	if (kind != CV_TEXT_NONE) {
		rc = rewrite(t, site, name, path, kind);
		return rc < 0 || kind != CV_TEXT_PTH ? rc : add_modules(t, site, name);
	}
	if (!cv_str_ends(cv_str(name), CV_LIT(".dist-info")))
		return path ? 0 : cv_fail_nomem(t->err);
	rc = open_below(t, site, name, &info);
	if (rc < 0 || !cv_os_dir_ok(info))
		return rc;
	return rewrite(t, info, "direct_url.json", cv_path_join(t->arena, path, "direct_url.json"),
		CV_TEXT_DIRECT_URL);
}

/* Call FUNCTION for each entry of the directory DIR. */
static int each_entry(struct texts *t, const char *dir,
	int (*function)(struct texts *t, struct cv_os_dir site, const char *dir, const char *name))
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	OWN_OS_DIR struct cv_os_dir site = CV_OS_NO_DIR;
	struct names names = { 0 };
	int rc = open_below(t, t->env->dir, dir, &site);

	if (rc == 0 && cv_os_dir_ok(site))
		rc = list_names(t, site, ".", dir, &scratch, &names);
	for (size_t i = 0; i < names.count && rc == 0; i++)
		rc = function(t, site, dir, names.all[i]);
	return rc;
}

static int rewrite_site(struct texts *t, const char *dir)
{
	OWN_OS_DIR struct cv_os_dir site = CV_OS_NO_DIR;
	int rc;

	t->module_count = 0;
	rc = each_entry(t, dir, rewrite_in_site);
	if (rc == 0)
		rc = open_below(t, t->env->dir, dir, &site);
	for (size_t i = 0; i < t->module_count && rc == 0 && cv_os_dir_ok(site); i++) {
		char *path = cv_path_join(t->arena, dir, t->modules[i]);

		if (!path)
			return cv_fail_nomem(t->err);
		if (cv_listed_has(&t->listed, path)) /* another line imports it, too */
			continue;
		if (is_python(t->modules[i]) && cv_text_kind_of(path, t->how.bin) == CV_TEXT_NONE)
			rc = rewrite_module(t, site, dir, t->modules[i]);
	}
	return rc;
}

static int rewrite_kernel(
	struct texts *t, struct cv_os_dir kernels, const char *dir, const char *name)
{
	OWN_OS_DIR struct cv_os_dir kernel = CV_OS_NO_DIR;
	int rc = open_below(t, kernels, name, &kernel);

	if (rc < 0 || !cv_os_dir_ok(kernel))
		return rc;
	return rewrite(t, kernel, "kernel.json",
		cv_strfmt(t->arena, "%s/%s/kernel.json", dir, name), CV_TEXT_KERNEL_JSON);
}

/* Note the files that the RECORD in INFO lists. */
static int list_files(struct texts *t, struct cv_os_dir info, const char *site)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_str wheel = { 0 }, record = { 0 };
	int rc = cv_read_file(info, "RECORD", QUIETLY, CV_RECORD_TEXT_MAX, &scratch, &record, NULL);

	if (rc < 0)
		return read_failure(t, rc, site);
	rc = cv_read_file(info, "WHEEL", QUIETLY, CV_TEXTS_FILE_MAX, &scratch, &wheel, NULL);
	if (rc < 0 && read_failure(t, rc, site) < 0)
		return rc;
	if (!cv_listed_record(t->arena, &t->listed, site, record, cv_wheel_is_local(wheel)))
		return cv_fail_nomem(t->err);
	return 0;
}

static int rewrite_record(struct texts *t, struct cv_os_dir site, const char *dir, const char *name)
{
	OWN_OS_DIR struct cv_os_dir info = CV_OS_NO_DIR;
	int rc;

	if (!cv_str_ends(cv_str(name), CV_LIT(".dist-info")))
		return 0;
	rc = open_below(t, site, name, &info);
	if (rc < 0 || !cv_os_dir_ok(info))
		return rc;
	rc = list_files(t, info, dir);
	if (rc < 0)
		return rc;
	return rewrite(
		t, info, "RECORD", cv_strfmt(t->arena, "%s/%s/RECORD", dir, name), CV_TEXT_RECORD);
}

static int rewrite_all(struct texts *t)
{
	int rc = rewrite(t, t->env->dir, "pyvenv.cfg", "pyvenv.cfg", CV_TEXT_CFG);

	if (rc == 0)
		rc = rewrite_programs(t);
	for (size_t i = 0; i < t->env->site_count && rc == 0; i++)
		rc = rewrite_site(t, t->env->sites[i]);
	if (rc == 0)
		rc = each_entry(t, "share/jupyter/kernels", rewrite_kernel);
	cv_rewritten_sort(t->done, t->done_count);
	t->how.done = t->done;
	t->how.done_count = t->done_count;
	for (size_t i = 0; i < t->env->site_count && rc == 0; i++)
		rc = each_entry(t, t->env->sites[i], rewrite_record);
	if (rc < 0)
		return rc;
	return cv_left_search(t->ctx, t->arena, t->env->dir, &t->how, &t->listed, t->left, t->err);
}

/* The names of interpreters in bin, `python` first, for scripts whose interpreter is missing. */
static int set_interpreters(struct texts *t)
{
	const char **names = cv_new(t->arena, const char *, t->env->program_count + 1);
	const char *const plain = CV_WINDOWS ? "python.exe" : "python";
	size_t count = 0;

	if (!names)
		return cv_fail_nomem(t->err);
	for (size_t i = 0; i < t->env->program_count; i++) {
		if (t->env->programs[i].kind == CV_PROGRAM_INTERPRETER)
			names[count++] = t->env->programs[i].name;
	}
	for (size_t i = 1; i < count; i++) {
		if (cv_path_same(names[i], plain)) {
			names[i] = names[0];
			names[0] = plain;
		}
	}
	t->how.interpreters = names;
	t->how.interpreter_count = count;
	return 0;
}

/* What the activation scripts and pyvenv.cfg say about the prompt. */
static int set_prompt(struct texts *t)
{
	struct cv_activate *activate = &t->how.activate;
	struct cv_buf repr OWN_BUF = { 0 };
	struct cv_pair *settings;

	t->how.old_prompt = t->env->prompt;
	t->how.named = t->env->maker == CVENV_MAKER_VENV;
	if (!activate->prompt) {
		activate->prompt = t->env->prompt ? t->env->prompt : cv_path_base(t->how.env_dir);
		return 0;
	}
	t->how.new_prompt = true;
	cv_repr(&repr, cv_str(activate->prompt));
	settings = cv_new(t->arena, struct cv_pair, t->how.setting_count + 1);
	if (!settings || repr.bad)
		return cv_fail_nomem(t->err);
	if (t->how.setting_count)
		memcpy(settings, t->how.settings, t->how.setting_count * sizeof(*settings));
	settings[t->how.setting_count].from = "prompt";
	settings[t->how.setting_count++].to = cv_strdup(t->arena, cv_buf_slice(&repr));
	t->how.settings = settings;
	return settings[t->how.setting_count - 1].to ? 0 : cv_fail_nomem(t->err);
}

static int set_how(struct texts *t)
{
	struct cv_activate *activate = &t->how.activate;
	int rc = set_interpreters(t);

	t->how.ctx = t->ctx;
	t->how.bin = t->env->layout.bin;
	activate->env_dir = t->how.env_dir;
	activate->bin = t->env->layout.bin;
	activate->windows = CV_WINDOWS;
	activate->relocatable |= t->how.beside || t->env->layout.relocatable;
	return rc < 0 ? rc : set_prompt(t);
}

int cv_texts(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_finished *env,
	const struct cv_rewriting *how, struct cv_plan *plan, struct cv_left *ret,
	struct cvenv_error *err)
{
	struct texts *t = cv_new(a, struct texts, 1);
	int rc;

	if (!t || !cv_grow(a, &ret->paths, ret->count + 1, &ret->room)) /* also if none is left */
		return cv_fail_nomem(err);
	*t = (struct texts){ .ctx = ctx,
		.arena = a,
		.env = env,
		.how = *how,
		.plan = plan,
		.left = ret,
		.err = err };
	rc = set_how(t);
	if (rc == 0)
		rc = rewrite_all(t);
	if (ret->count)
		qsort(ret->paths, ret->count, sizeof(*ret->paths), by_text);
	return rc == 0 && plan->bad ? cv_fail_nomem(err) : rc;
}

int cv_texts_pairs(struct cv_arena *a, const struct cv_finished *env, const char *to,
	struct cv_rewriting *how, struct cvenv_error *err)
{
	bool ok = true;

	for (size_t i = 0; i < env->name_count; i++)
		ok = ok && cv_rewriting_add(a, how, env->names[i], to);
	for (size_t i = 0; i < env->recorded_count; i++)
		ok = ok && cv_rewriting_add(a, how, env->recorded[i], to);
	how->env_dir = to;
	return ok ? 0 : cv_fail_nomem(err);
}

int cv_texts_links(struct cv_arena *a, const struct cv_rewriting *how, const char *from,
	const char *to, struct cv_copied *copied, struct cvenv_error *err)
{
	for (size_t i = 0; i < copied->count; i++) {
		struct cv_copied_file *f = &copied->files[i];

		if (!f->target)
			continue;
		f->target = cv_moved_link(a, how, from, to, f->path, f->target);
		if (!f->target)
			return cv_fail_nomem(err);
	}
	return 0;
}
