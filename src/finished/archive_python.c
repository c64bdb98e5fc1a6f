/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "finished/archive_in.h"
#include "finished/packed.h"
#include "fs/file.h"

/*
 * --with-python: the base interpreter becomes a part of the archive. That works for a Python that
 * finds its library by its own place, which is what python-build-standalone is built for
 * (https://github.com/astral-sh/python-build-standalone), and conda's Python (archive_conda.c).
 * Nothing of it is run to find out.
 */
enum { SYSCONFIG_MAX = 1 << 20 };

static int cannot_move(struct cv_packing *p, const char *base, const char *why)
{
	int rc = cv_fail_msg(p->err, CVENV_EREFUSED, "cannot pack the Python '%s': %s", base, why);

	return cv_hint(p->err, rc,
		"create the environment with one of python-build-standalone, which uv installs, "
		"or with one of conda");
}

/* "lib/python3.13": the version that the environment is for. */
static const char *library_of(struct cv_packing *p)
{
	return p->env.site_count ? cv_path_dir(p->a, p->env.sites[0]) : NULL;
}

/*
 * Its module for sysconfig names the directory that it was built for, which exists nowhere. uv
 * replaces that, but the module also has a variable that says what it is.
 */
static bool says_standalone(struct cv_str text)
{
	return cv_str_find(text, CV_LIT("PYTHON_BUILD_STANDALONE")) ||
	       cv_str_find(text, CV_LIT("\"/install/bin\"")) ||
	       cv_str_find(text, CV_LIT("'/install/bin'"));
}

static int is_standalone(struct cv_packing *p, const char *library)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_str text = { 0 };
	int rc = cv_os_list_open(p->roots[CV_ROOT_BASE], library, CV_OS_NOFOLLOW, &list);

	while (rc >= 0 && (rc = cv_os_list_next(&list)) > 0) {
		if (!cv_str_starts(cv_str(list.name), CV_LIT("_sysconfigdata_")) ||
			!cv_str_ends(cv_str(list.name), CV_LIT(".py")))
			continue;
		rc = cv_read_file(
			list.dir, list.name, CV_OS_NOFOLLOW, SYSCONFIG_MAX, p->a, &text, NULL);
		if (rc == 0 && says_standalone(text))
			return 1;
	}
	return rc == -ENOMEM ? cv_fail_nomem(p->err) : 0;
}

static bool exists(struct cv_packing *p, const char *name)
{
	struct cv_os_stat st;

	return cv_os_stat(p->roots[CV_ROOT_BASE], name, CV_OS_NOFOLLOW, &st) == 0;
}

/* A Python that was upgraded in place does not find the environment's packages. */
static int check_version(struct cv_packing *p, const char *base, const char *library)
{
	const char *landmark = cv_strfmt(p->a, "%s/os.py", library);
	const char *why = cv_strfmt(p->a, "it has no '%s'", library);

	if (!landmark || !why)
		return cv_fail_nomem(p->err);
	return exists(p, landmark) ? 0 : cannot_move(p, base, why);
}

static int find_base(struct cv_packing *p)
{
	const char *base = p->env.base ? p->env.base : "", *bin, *library = library_of(p);
	char *real = NULL;
	int rc = *base ? cv_os_realpath(p->a, base, &real) : -ENOENT;

	if (rc < 0)
		return cv_fail(p->err, -rc, "cannot read the Python '%s'", base);
	if (CV_WINDOWS)
		return cannot_move(p, real, "not on Windows");
	bin = cv_path_dir(p->a, real);
	if (!bin || !library || strcmp(cv_path_base(bin), "bin") != 0)
		return cannot_move(p, real, "it is not in a directory 'bin'");
	p->root_paths[CV_ROOT_BASE] = cv_path_dir(p->a, bin);
	p->base_bin = cv_strfmt(p->a, "bin/%s", cv_path_base(real));
	if (!p->root_paths[CV_ROOT_BASE] || !p->base_bin)
		return cv_fail_nomem(p->err);
	rc = cv_os_open_dir(CV_OS_ABSOLUTE, p->root_paths[CV_ROOT_BASE], CV_OS_NOFOLLOW,
		&p->roots[CV_ROOT_BASE]);
	if (rc < 0)
		return cv_fail(p->err, -rc, "cannot open '%s'", p->root_paths[CV_ROOT_BASE]);
	rc = is_standalone(p, library);
	if (rc < 0)
		return rc;
	p->conda = exists(p, "conda-meta");
	if (!rc && !p->conda)
		return cannot_move(p, real, "it works only where it was installed");
	return check_version(p, real, library);
}

static bool is_below(const char *name, const char *dir)
{
	return cv_path_below(name, dir) != NULL;
}

/* Of the base, the archive has the interpreter, its library and headers, and conda's certificates.
 */
static bool skip_of_base(const void *data, const char *name, bool other)
{
	const struct cv_packing *p = data;
	const char *site = p->env.sites[0];

	(void)other;
	if (is_below(name, "bin"))
		return strcmp(name, "bin") != 0 && strcmp(name, p->base_bin) != 0;
	if (is_below(name, "share"))
		return strcmp(name, "share") != 0 && !is_below(name, "share/terminfo");
	if (p->conda && is_below(name, "ssl"))
		return false;
	if (!is_below(name, "lib") && !is_below(name, "include"))
		return true;
	return is_below(name, "lib/pkgconfig") || cv_str_ends(cv_str(name), CV_LIT(".a")) ||
	       strcmp(cv_path_base(name), "EXTERNALLY-MANAGED") == 0 ||
	       (!cv_cfg_true(&p->env.cfg, "include-system-site-packages") && is_below(name, site));
}

/* One name of the interpreter. */
static int add_name(struct cv_packing *p, const char *base)
{
	const char *name = cv_strfmt(p->a, "bin/%s", base);
	struct cv_packed *m;

	if (name && strcmp(name, p->base_bin) == 0)
		return 0;
	m = cv_packed_add(&p->list, name);
	if (!m)
		return cv_fail_nomem(p->err);
	m->type = CV_PACKED_LINK;
	m->root = CV_ROOT_BASE;
	m->target = cv_path_base(p->base_bin);
	return 0;
}

int cv_archive_python(struct cv_packing *p)
{
	int rc = find_base(p);

	if (rc == 0)
		rc = cv_packed_of_dir(p->ctx, p->roots[CV_ROOT_BASE], CV_ROOT_BASE, skip_of_base, p,
			&p->list, p->err);
	if (rc == 0)
		rc = add_name(p, "python");
	if (rc == 0)
		rc = add_name(p, "python3");
	for (size_t i = 0; i < p->env.program_count && rc == 0; i++)
		if (p->env.programs[i].kind == CV_PROGRAM_INTERPRETER)
			rc = add_name(p, p->env.programs[i].name);
	return rc;
}

bool cv_archive_python_replaces(const struct cv_packing *p, const char *name)
{
	const char *base = cv_path_below(name, p->env.layout.bin);
	const struct cv_program *program = base ? cv_finished_program(&p->env, base) : NULL;

	return program && program->kind == CV_PROGRAM_INTERPRETER;
}
