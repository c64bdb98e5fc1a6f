/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/installed.h"

#include <string.h>

#include "base/path.h"
#include "interpreter/managers/place.h"
#include "interpreter/managers/registered.h"
#include "interpreter/which.h"
#include "os/os.h"

enum {
	INSTALLED_MAX = 256, /* matching versions of all managers */
	DIR_ENTRIES_MAX = 10000,
};

struct lister {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_pyversion *want;
	struct cv_installed *list;
	size_t count;
	struct cvenv_error *err;
};

static int compare(
	const struct lister *l, const struct cv_installed *a, const struct cv_installed *b)
{
	struct cv_pyversion x = a->version, y = b->version;
	int d = !l->want || l->want->minor == CV_VERSION_ANY ? a->core - b->core : 0;

	x.micro = y.micro = 0;
	if (d == 0)
		d = cv_pyversion_cmp(&x, &y);
	if (d == 0)
		d = a->core - b->core;
	return d ? d : cv_pyversion_cmp(&a->version, &b->version);
}

/* Of equal versions, the first one inserted comes first. */
static void insert(struct lister *l, const struct cv_installed *new)
{
	size_t at = l->count;

	while (at > 0 && compare(l, &l->list[at - 1], new) < 0)
		at--;
	if (at == INSTALLED_MAX)
		return;
	if (l->count < INSTALLED_MAX)
		l->count++;
	memmove(&l->list[at + 1], &l->list[at], (l->count - at - 1) * sizeof(*l->list));
	l->list[at] = *new;
}

static int list_registered(struct lister *l)
{
	struct cv_registered *all;
	size_t n;
	int rc = cv_registered(l->arena, &all, &n, l->err);

	for (size_t i = 0; i < n && rc == 0; i++) {
		const struct cv_installed new = { all[i].version, all[i].exe, all[i].core, true,
			"registry", "cpython" };

		if (!l->want || cv_pyversion_fits(l->want, &new.version))
			insert(l, &new);
	}
	return rc;
}

/* NULL: memory is exhausted. */
static char *exe_in(struct cv_arena *arena, const char *dir, const struct cv_pyversion *v)
{
	char *name = cv_pyversion_command(arena, v);

	return name ? cv_manager_exe(arena, dir, name) : NULL;
}

/* The same, but of several possible names the first that exists; V may say nothing. */
static char *any_exe_in(struct cv_arena *arena, const char *dir, const struct cv_pyversion *v)
{
	static const char *const others[] = { "python3", "python", "pypy3", "graalpy" };
	bool said = v->major != CV_VERSION_ANY;
	char *exe = said ? exe_in(arena, dir, v) : NULL;

	if (said && (!exe || cv_exe_check(exe) == 0))
		return exe;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		exe = cv_manager_exe(arena, dir, others[i]);
		if (!exe || cv_exe_check(exe) == 0)
			break;
	}
	return exe;
}

void cv_installed_parse(struct cv_str name, struct cv_installed *ret)
{
	static const struct {
		struct cv_str prefix;
		const char *implementation;
		bool versions; /* of Python follow; GraalPy has its own */
	} kinds[] = {
		{ { "cpython-", 8 }, "cpython", true },
		{ { "pypy-", 5 }, "pypy", true },
		{ { "pypy", 4 }, "pypy", true },
		{ { "graalpy", 7 }, "graalpy", false },
		{ { "", 0 }, NULL, true },
	};
	size_t i = 0;

	ret->implementation = "cpython";
	if (cv_pyversion_of_dir(name, &ret->version))
		return;
	while (!cv_str_starts(name, kinds[i].prefix))
		i++;
	ret->implementation = kinds[i].implementation;
	name.p += kinds[i].prefix.n;
	name.n -= kinds[i].prefix.n;
	if (!kinds[i].versions || !cv_pyversion_begin(name, &ret->version))
		ret->version = (struct cv_pyversion){ CV_VERSION_ANY, CV_VERSION_ANY,
			CV_VERSION_ANY, false, 0 };
}

/* Does the directory NAME count for l->want? */
static bool is_wanted(const struct lister *l, struct cv_str name, struct cv_installed *ret)
{
	if (l->want)
		return cv_pyversion_of_dir(name, &ret->version) &&
		       cv_pyversion_fits(l->want, &ret->version);
	cv_installed_parse(name, ret);
	return name.p[0] != '.' && cv_pyversion_name_ok(name);
}

static int list_dir(struct lister *l, enum cv_manager manager, const char *versions)
{
	OWN_OS_LIST struct cv_os_list dirs = { 0 };

	if (versions)
		(void)cv_os_list_open(CV_OS_ABSOLUTE, versions, CV_OS_FOLLOW, &dirs);
	for (int n = 0; n < DIR_ENTRIES_MAX && cv_os_list_next(&dirs) > 0; n++) {
		struct cv_installed new = { .core = manager == CV_PYMANAGER,
			.origin = cv_manager_name(manager) };
		char *dir;

		if (!is_wanted(l, cv_str(dirs.name), &new))
			continue;
		dir = cv_path_join(l->arena, versions, dirs.name);
		if (dir && l->want)
			new.exe = exe_in(l->arena, dir, &new.version);
		else if (dir)
			new.exe = any_exe_in(l->arena, dir, &new.version);
		if (!new.exe)
			return cv_fail_nomem(l->err);
		insert(l, &new);
	}
	return 0;
}

int cv_installed(const struct cv_ctx *ctx, struct cv_arena *arena, const struct cv_pyversion *want,
	struct cv_installed **ret, size_t *ret_count, struct cvenv_error *err)
{
	struct lister l = { .ctx = ctx, .arena = arena, .want = want, .err = err };
	int rc;

	l.list = cv_new(arena, struct cv_installed, INSTALLED_MAX);
	if (!l.list)
		return cv_fail_nomem(err);
	rc = list_registered(&l);
	for (enum cv_manager m = 0; m < CV_MANAGER_COUNT && rc == 0; m++) {
		char *versions;

		rc = cv_manager_versions(ctx, arena, m, &versions);
		rc = rc < 0 ? cv_fail_nomem(err) : list_dir(&l, m, versions);
	}
	*ret = l.list;
	*ret_count = l.count;
	return rc;
}
