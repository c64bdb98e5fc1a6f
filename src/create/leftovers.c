/* SPDX-License-Identifier: MIT */
#include "create/leftovers.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/file.h"

enum {
	SCRIPT_MAX = 64 * 1024,
	EXE_MAX = 1024 * 1024, /* pip's launchers have a fifth of that */
	LEFTOVERS_MAX = 64,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The name of an interpreter or a script in its parts: "python3.13t", "pip-3.11", "pypy". */
struct promise {
	struct cv_str family; /* such as "python" */
	struct cv_str major, minor, suffix;
};

static const char *const interpreters[] = { "python", "pypy", "graalpy", "\xf0\x9d\x9c\x8bthon" };
static const char *const windows_interpreters[] = { "pythonw", "python" };
static const char *const scripts[] = { "pip", "easy_install" };

static struct cv_str digits(struct cv_str *s)
{
	struct cv_str n = { s->p, 0 };

	while (n.n < s->n && s->p[n.n] >= '0' && s->p[n.n] <= '9')
		n.n++;
	s->p += n.n;
	s->n -= n.n;
	return n;
}

static bool parse(struct cv_str rest, const char *const *families, size_t count, bool dash,
	struct promise *ret)
{
	*ret = (struct promise){ 0 };
	for (size_t i = 0; i < count && !ret->family.n; i++)
		if (cv_str_starts(rest, cv_str(families[i])))
			ret->family = cv_str(families[i]);
	if (!ret->family.n)
		return false;
	rest.p += ret->family.n;
	rest.n -= ret->family.n;
	if (dash && cv_str_starts(rest, CV_LIT("-"))) {
		rest.p++;
		rest.n--;
	}
	ret->major = digits(&rest);
	if (ret->major.n && rest.n && rest.p[0] == '.') {
		rest.p++;
		rest.n--;
		ret->minor = digits(&rest);
		if (!ret->minor.n)
			return false;
	}
	ret->suffix = rest;
	return true;
}

/*
 * Only ABI flags, the suffix of Debian's debug builds or PyPy's binary may follow an interpreter's
 * version.
 */
static bool is_interpreter(const char *name, struct promise *ret)
{
	static const char *const known[] = { "", "t", "d", "td", "m", "dm", "-dbg", "-c" };

	if (!parse(cv_str(name), interpreters, COUNT(interpreters), false, ret))
		return false;
	for (size_t i = 0; i < COUNT(known); i++)
		if (cv_str_eq(ret->suffix, cv_str(known[i])))
			return true;
	return false;
}

static bool is_script(const char *name, struct promise *ret)
{
	return parse(cv_str(name), scripts, COUNT(scripts), true, ret) && !ret->suffix.n;
}

static bool is_number(struct cv_str text, unsigned number)
{
	uint64_t n;

	return !text.n || (cv_str_u64(text, UINT_MAX, &n) && n == number);
}

static bool has_version(const struct promise *p, const struct cv_info *info)
{
	return is_number(p->major, info->major) && is_number(p->minor, info->minor);
}

static bool has_flags(struct cv_str suffix, const struct cv_info *info)
{
	if (cv_str_eq(suffix, CV_LIT("-dbg")))
		return strchr(info->abiflags, 'd') != NULL;
	if (cv_str_eq(suffix, CV_LIT("-c")))
		return strcmp(info->implementation, "pypy") == 0;
	for (size_t i = 0; i < suffix.n; i++)
		if (!strchr(info->abiflags, suffix.p[i]))
			return false;
	return true;
}

static bool is_this_python(const struct promise *p, const struct cv_info *info)
{
	return has_version(p, info) && has_flags(p->suffix, info) &&
	       (cv_str_eq(p->family, CV_LIT("python")) ||
		       cv_str_eq(p->family, cv_str(info->implementation)));
}

/* The input for deciding whether a name is a leftover. */
struct measure {
	const struct cv_info *info;
	const struct cv_layout *layout;
	bool no_pip; /* this Python has no pip, so pip's scripts cannot work */
};

static bool in_layout(const struct measure *m, const char *name)
{
	for (size_t i = 0; i < m->layout->name_count; i++)
		if ((m->info->windows ? strcasecmp : strcmp)(m->layout->names[i], name) == 0)
			return true;
	return false;
}

static bool is_program(struct cv_os_dir bin, const char *name)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char magic[4];
	struct cv_os_stat st;

	return cv_os_open(bin, name, CV_OS_NOFOLLOW, &file) == 0 &&
	       cv_os_stat_file(file, &st) == 0 && st.type == CV_OS_FILE &&
	       cv_os_read(file, magic, sizeof(magic)) == (int64_t)sizeof(magic) &&
	       memcmp(magic,
		       "\x7f"
		       "ELF",
		       sizeof(magic)) == 0;
}

static bool is_link(struct cv_os_dir bin, const char *name)
{
	struct cv_os_stat st;

	return cv_os_stat(bin, name, CV_OS_NOFOLLOW, &st) == 0 && st.type == CV_OS_LINK;
}

static bool is_made_interpreter(struct cv_os_dir bin, const char *name)
{
	char target[CV_PATH_MAX];
	struct promise of_target;

	if (cv_os_readlink(bin, name, target, sizeof(target)) < 0)
		return is_program(bin, name);
	return is_interpreter(cv_path_base(target), &of_target) ||
	       (!cv_path_is_path(target) && (is_link(bin, target) || is_program(bin, target)));
}

/* What a console script of pip or easy_install imports. */
static struct cv_str module_of(const struct promise *p)
{
	return cv_str_eq(p->family, CV_LIT("pip")) ? CV_LIT("from pip") : CV_LIT("from setuptools");
}

/* Does the file begin with MAGIC and contain TEXT? */
static bool contains(
	struct cv_os_dir bin, const char *name, size_t max, const char *magic, struct cv_str text)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_str data;

	return cv_read_file(bin, name, CV_OS_NOFOLLOW, max, &a, &data, NULL) == 0 &&
	       cv_str_starts(data, cv_str(magic)) && cv_str_find(data, text);
}

/*
 * "python3.13t.exe" and "pythonw_d.exe" of another version or build. A name that suits this Python,
 * such as "python3.exe", is the user's: venv does not create it.
 */
static bool is_windows_interpreter(
	struct cv_os_dir bin, const char *name, struct promise *p, const struct measure *m)
{
	static const char *const known[] = { "", "t", "_d", "t_d" };
	/* UTF-16: every launcher of venv has this name */
	const struct cv_str launcher = CV_LIT("p\0y\0v\0e\0n\0v\0.\0c\0f\0g\0");
	bool debug = cv_str_ends(cv_str(m->layout->names[0]), CV_LIT("_d.exe"));
	bool is_known = false, t, d;

	for (size_t i = 0; i < COUNT(known); i++)
		is_known |= cv_str_eq(p->suffix, cv_str(known[i]));
	t = cv_str_starts(p->suffix, CV_LIT("t"));
	d = cv_str_ends(p->suffix, CV_LIT("_d"));
	if (!is_known || in_layout(m, name) ||
		(has_version(p, m->info) && (!t || m->info->free_threaded) && (!d || debug)))
		return false;
	return is_link(bin, name) || contains(bin, name, EXE_MAX, "MZ", launcher);
}

static bool is_windows_leftover(struct cv_os_dir bin, const char *name, const struct measure *m)
{
	struct cv_str stem = cv_str(name);
	struct promise p;

	if (stem.n < 4 || strcasecmp(stem.p + stem.n - 4, ".exe") != 0)
		return false;
	stem.n -= 4;
	if (parse(stem, scripts, COUNT(scripts), true, &p))
		return !p.suffix.n && (!has_version(&p, m->info) || m->no_pip) &&
		       contains(bin, name, EXE_MAX, "MZ", module_of(&p));
	return parse(stem, windows_interpreters, COUNT(windows_interpreters), false, &p) &&
	       is_windows_interpreter(bin, name, &p, m);
}

/* Is NAME a leftover? *RET_FITS: its name suits this Python, too. */
static bool is_leftover(
	struct cv_os_dir bin, const char *name, const struct measure *m, bool *ret_fits)
{
	struct promise p;

	*ret_fits = false;
	if (m->info->windows)
		return is_windows_leftover(bin, name, m);
	if (is_script(name, &p))
		return (!has_version(&p, m->info) || m->no_pip) &&
		       contains(bin, name, SCRIPT_MAX, "#!", module_of(&p));
	if (!is_interpreter(name, &p) || in_layout(m, name))
		return false;
	*ret_fits = is_this_python(&p, m->info);
	return is_made_interpreter(bin, name);
}

int cv_leftovers_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_info *info,
	const struct cv_layout *layout, const struct cvenv_options *request,
	struct cv_existing *existing, struct cvenv_error *err)
{
	const struct measure m = { info, layout,
		request->without_pip && !request->system_site_packages &&
			!existing->system_site_packages &&
			!cv_existing_find(existing, CV_LIT("pip")) };
	struct cv_leftover *all;
	OWN_OS_LIST struct cv_os_list list = { 0 };
	size_t count = 0;
	const char *bin;
	int rc;

	if (!existing->is_environment)
		return 0;
	bin = cv_path_join(a, layout->env_dir, layout->bin);
	all = cv_new(a, struct cv_leftover, LEFTOVERS_MAX);
	if (!bin || !all)
		return cv_fail_nomem(err);
	rc = cv_os_list_open(env, layout->bin, CV_OS_NOFOLLOW, &list);
	if (rc < 0) /* bin is missing; publishing reports other errors */
		return cv_err_passes(-rc) ? cv_fail(err, -rc, "cannot read '%s'", bin) : 0;
	while (count < LEFTOVERS_MAX && (rc = cv_os_list_next(&list)) > 0) {
		bool fits;

		if (!is_leftover(list.dir, list.name, &m, &fits))
			continue;
		all[count] = (struct cv_leftover){ cv_strdup(a, cv_str(list.name)), fits };
		if (!all[count++].name)
			return cv_fail_nomem(err);
	}
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", bin);
	existing->leftovers = all;
	existing->leftover_count = count;
	return 0;
}
