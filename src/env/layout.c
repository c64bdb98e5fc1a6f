/* SPDX-License-Identifier: MIT */
#include "env/layout.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

static bool at_least(const struct cv_info *f, unsigned minor)
{
	return f->major > 3 || (f->major == 3 && f->minor >= minor);
}

static bool is_pypy(const struct cv_info *f)
{
	return strcmp(f->implementation, "pypy") == 0;
}

void cv_layout_add_name(struct cv_layout *l, const char *name)
{
	for (size_t i = 0; i < l->name_count; i++)
		if (strcmp(l->names[i], name) == 0)
			return;
	if (l->name_count < CV_NAMES_MAX)
		l->names[l->name_count++] = name;
}

static bool set_names(struct cv_arena *a, const struct cv_info *f, struct cv_layout *l)
{
	const char *versioned = cv_strfmt(a, "python%u.%u", f->major, f->minor);
	struct cv_str copies = cv_str(f->copies), name, source;

	if (!versioned)
		return false;
	while (f->windows && cv_info_pair(&copies, &name, &source))
		cv_layout_add_name(l, cv_strdup(a, name));
	if (f->windows)
		return l->name_count && l->names[l->name_count - 1];
	cv_layout_add_name(l, f->exe_name);
	cv_layout_add_name(l, "python");
	cv_layout_add_name(l, "python3");
	if (at_least(f, 9))
		cv_layout_add_name(l, versioned);
	if (f->major == 3 && f->minor == 14 && !is_pypy(f))
		cv_layout_add_name(l, "\xf0\x9d\x9c\x8bthon"); /* in 3.14 only: pi, U+1D70B */
	if (is_pypy(f)) {
		cv_layout_add_name(l, "pypy");
		cv_layout_add_name(l, "pypy3");
	}
	return true;
}

/* Python for Windows has the same directories in all versions. */
static bool set_windows_dirs(const struct cv_info *f, struct cv_layout *l)
{
	l->bin = f->scheme_scripts[0] ? f->scheme_scripts : "Scripts";
	l->include = "Include";
	l->lib = "Lib";
	l->purelib = f->scheme_purelib[0] ? f->scheme_purelib : "Lib/site-packages";
	return true;
}

static bool set_posix_dirs(struct cv_arena *a, const struct cv_info *f, struct cv_layout *l)
{
	l->lib = "lib";
	l->bin = f->scheme_scripts[0] ? f->scheme_scripts : "bin";
	l->include = at_least(f, 11) && !at_least(f, 14) && f->scheme_include[0] ? f->scheme_include
										 : "include";
	l->purelib = f->scheme_purelib;
	if (!l->purelib[0])
		l->purelib = cv_strfmt(a, "lib/%s%u.%u/site-packages",
			is_pypy(f) ? "pypy" : "python", f->major, f->minor);
	if (at_least(f, 15) && f->scheme_platlib[0] && strcmp(f->scheme_platlib, l->purelib) != 0)
		l->platlib = f->scheme_platlib;
	l->lib64_link = f->bits64 && !at_least(f, 15);
	return l->purelib != NULL;
}

static bool set_exe(struct cv_arena *a, struct cv_layout *l)
{
	size_t len = strlen(l->env_dir);
	bool root = len && l->env_dir[len - 1] == l->sep; /* "/", "C:\\" */

	l->env_exe = cv_strfmt(
		a, "%s%.*s%s%c%s", l->env_dir, !root, &l->sep, l->bin, l->sep, l->names[0]);
	return l->env_exe != NULL;
}

const char *cv_layout_prompt(const struct cv_ctx *ctx, const char *asked)
{
	if (!asked || strcmp(asked, ".") != 0)
		return asked;
	return ctx->cwd ? cv_path_base(ctx->cwd) : "";
}

int cv_layout_compute(const struct cv_ctx *ctx, struct cv_arena *a, const struct cv_info *info,
	const struct cvenv_options *request, const char *env_dir, struct cv_layout *ret,
	struct cvenv_error *err)
{
	struct cv_layout l = { .env_dir = env_dir,
		.prompt = cv_layout_prompt(ctx, request->prompt),
		.relocatable = request->relocatable };

	if (!l.prompt)
		l.prompt = cv_path_base(env_dir);
	else if (strcmp(request->prompt, ".") == 0 && !ctx->cwd)
		return cv_fail(err, ENOENT, "cannot use the current directory as prompt");
	l.gitignore = at_least(info, 13) && !request->without_scm_ignore_files;
	l.sep = info->windows ? '\\' : '/';
	l.links = !request->copies && (request->symlinks || !info->windows);
	if (!(info->windows ? set_windows_dirs(info, &l) : set_posix_dirs(a, info, &l)) ||
		!set_names(a, info, &l) || !set_exe(a, &l))
		return cv_fail_nomem(err);
	*ret = l;
	return 0;
}
