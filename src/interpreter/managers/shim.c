/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/shim.h"

#include <errno.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "interpreter/managers/choice.h"
#include "interpreter/managers/own_shim.h"
#include "interpreter/version.h"
#include "interpreter/which.h"

struct manager {
	const char *install_cmd; /* for the hint */
	const char *variable;    /* sets the version */
	bool prefixes;           /* "3.12" may mean 3.12.7 */
	bool falls_back;         /* if no chosen version has EXE, the rest of PATH is searched */
	bool passes_missing;     /* searches it even if a chosen version is not installed */
};

static const struct manager managers[CV_SHIMS] = {
	[CV_PYENV] = { "pyenv install", "PYENV_VERSION", true, true, true },
	[CV_ASDF] = { "asdf install python", "ASDF_PYTHON_VERSION", false, false, false },
	/* mise installs a missing version before it searches PATH; cvenv does not install */
	[CV_MISE] = { "mise install python", "MISE_PYTHON_VERSION", true, true, false },
};

enum { DIR_ENTRIES_MAX = 10000, OWN_SHIMS_MAX = 8 };

/* A manager's directory of shims. It is opened and read at most once. */
struct shims {
	bool looked, present;
	char *root; /* the manager's data directory */
	struct cv_os_stat st;
};

struct shim {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	enum cv_manager id;
	const struct manager *m;
	const char *path, *exe;
	char *root, *versions;
	struct shims shims[CV_SHIMS];
	bool nomem;            /* memory is exhausted: this explains any NULL below */
	struct cv_str missing; /* the chosen version that is not installed, if this is the error */
	struct cvenv_error *err;
};

static char *keep(struct shim *s, char *made)
{
	if (!made)
		s->nomem = true;
	return made;
}

static const struct shims *shims_of(struct shim *s, enum cv_manager id)
{
	struct shims *m = &s->shims[id];
	char *dir;

	if (!m->looked) {
		s->nomem |= cv_manager_root(s->ctx, s->arena, id, &m->root) < 0;
		dir = m->root ? keep(s, cv_path_join(s->arena, m->root, "shims")) : NULL;
		m->present = dir && cv_os_stat(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &m->st) == 0;
		m->looked = true;
	}
	return m;
}

/* Which manager's shims are in DIR? *ret_root is its data directory. */
static enum cv_manager whose(struct shim *s, const char *dir, char **ret_root)
{
	struct cv_os_stat st;
	bool known = false;

	for (enum cv_manager id = 0; dir && id < CV_SHIMS; id++) {
		const struct shims *m = shims_of(s, id);

		if (!m->present)
			continue;
		if (!known && cv_os_stat(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &st) < 0)
			return CV_MANAGER_COUNT;
		known = true;
		/* compare the directories themselves: links may lead to them */
		if (cv_os_same(&st, &m->st)) {
			*ret_root = m->root;
			return id;
		}
	}
	return CV_MANAGER_COUNT;
}

/* A shim is in EXE's directory, or in the directory of the file to which EXE links. */
static enum cv_manager shim_of(struct shim *s, const char *exe, char **ret_root)
{
	const char *chain[CV_LINKS_MAX + 1];
	char *dir = keep(s, cv_path_dir(s->arena, exe)), *end;
	enum cv_manager id = whose(s, dir, ret_root);
	size_t count;

	if (id != CV_MANAGER_COUNT)
		return id;
	s->nomem |= cv_link_chain(s->arena, exe, chain, &count) == -ENOMEM;
	end = keep(s, cv_path_dir(s->arena, chain[count - 1]));
	return dir && end && strcmp(dir, end) != 0 ? whose(s, end, ret_root) : id;
}

static bool is_dir(const char *path, bool links)
{
	struct cv_os_stat st;

	return path &&
	       cv_os_stat(CV_OS_ABSOLUTE, path, links ? CV_OS_FOLLOW : CV_OS_NOFOLLOW, &st) == 0 &&
	       st.type == CV_OS_DIR;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_free_threaded(struct cv_str name)
{
	return name.n > 1 && name.p[name.n - 1] == 't' && is_digit(name.p[name.n - 2]);
}

/* A development version or a pre-release ("3.15.0a1"), which a prefix never selects. */
static bool is_unfinished(struct cv_str name)
{
	static const struct cv_str stages[] = { { "a", 1 }, { "b", 1 }, { "rc", 2 } };

	if (cv_str_ends(name, CV_LIT("-dev")) || cv_str_ends(name, CV_LIT("-src")) ||
		cv_str_ends(name, CV_LIT("-latest")))
		return true;
	if (is_free_threaded(name))
		name.n--;
	while (name.n && is_digit(name.p[name.n - 1]))
		name.n--;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (cv_str_ends(name, stages[i]) && name.n > stages[i].n &&
			is_digit(name.p[name.n - stages[i].n - 1]))
			return true;
	return false;
}

static bool has_prefix(struct cv_str name, struct cv_str prefix)
{
	bool t = is_free_threaded(prefix);

	if (t)
		prefix.n--;
	return t == is_free_threaded(name) && cv_str_starts(name, prefix) && name.n > prefix.n &&
	       (name.p[prefix.n] == '.' || name.p[prefix.n] == '-');
}

/*
 * The directory of the newest installed version with PREFIX ("" is any); NULL when there is none.
 */
static char *newest(struct shim *s, struct cv_str prefix)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_str best = { 0 };

	(void)cv_os_list_open(CV_OS_ABSOLUTE, s->versions, CV_OS_FOLLOW, &list);
	for (int n = 0; n < DIR_ENTRIES_MAX && cv_os_list_next(&list) > 0; n++) {
		struct cv_str name = cv_str(list.name);

		if (prefix.n ? !has_prefix(name, prefix)
			     : !is_digit(name.p[0]) || is_free_threaded(name))
			continue;
		if (!cv_pyversion_name_ok(name) || is_unfinished(name) ||
			!is_dir(keep(s, cv_path_join(s->arena, s->versions, list.name)),
				s->id != CV_MISE))
			continue;
		if (!best.p || cv_pyversion_name_cmp(name, best) > 0) {
			best = cv_str_dup(s->arena, name);
			s->nomem = s->nomem || !best.p;
		}
	}
	return best.p ? keep(s, cv_strdup(s->arena, best)) : NULL;
}

/* The directory of an installed version; NULL when there is none. */
static char *installed(struct shim *s, struct cv_str version)
{
	char *name = keep(s, cv_strdup(s->arena, version));
	char *dir = name ? keep(s, cv_path_join(s->arena, s->versions, name)) : NULL;
	char *latest;

	/* mise has links for prefixes ("3.12"), but starts the newest version itself */
	if (dir && is_dir(dir, s->id != CV_MISE))
		return dir;
	latest = s->m->prefixes ? newest(s, version) : NULL;
	if (latest)
		return keep(s, cv_path_join(s->arena, s->versions, latest));
	return is_dir(dir, true) ? dir : NULL;
}

/*
 * The same for every form that a user may write: "python-3.12", "latest", "prefix:3.12",
 * "ref:v3.12".
 */
static char *version_dir(struct shim *s, struct cv_str version)
{
	static const struct cv_str python = { "python-", 7 }, prefix = { "prefix:", 7 };
	char *dir, *latest;

	if (s->id == CV_MISE && cv_str_eq(version, CV_LIT("latest"))) {
		latest = newest(s, CV_LIT(""));
		return latest ? keep(s, cv_path_join(s->arena, s->versions, latest)) : NULL;
	}
	if (s->id == CV_MISE && cv_str_starts(version, prefix))
		version = (struct cv_str){ version.p + prefix.n, version.n - prefix.n };
	if (s->id != CV_PYENV && cv_str_starts(version, CV_LIT("ref:"))) {
		char *name = keep(s, cv_strdup(s->arena, version));

		if (!name)
			return NULL;
		name[3] = '-';
		version = cv_str(name);
	}
	dir = installed(s, version);
	if (!dir && s->id == CV_PYENV && cv_str_starts(version, python) && version.n > python.n)
		dir = installed(s, (struct cv_str){ version.p + python.n, version.n - python.n });
	return dir;
}

/* Is DIR/bin/EXE an executable file? */
static bool exe_in(struct shim *s, const char *dir, char **ret)
{
	char *path = dir ? keep(s, cv_manager_exe(s->arena, dir, s->exe)) : NULL;
	int rc = path ? cv_exe_check(path) : -ENOENT;

	*ret = path;
	s->nomem |= rc == -ENOMEM;
	return rc == 0;
}

/* The first EXE on PATH that is no shim. */
static bool on_system(struct shim *s, char **ret)
{
	struct cv_which w = cv_which(s->ctx);
	struct cv_own_shim own;
	char *root;

	while (cv_which_next(&w, s->arena, s->exe, ret)) {
		int rc = cv_own_shim(s->arena, *ret, &own);

		s->nomem |= rc < 0;
		if (rc == 0 && shim_of(s, *ret, &root) == CV_MANAGER_COUNT &&
			!cv_exe_is_batch(*ret))
			return true;
	}
	s->nomem |= w.nomem;
	return false;
}

static const char *set_by(struct shim *s, const struct cv_choice *c)
{
	const char *text;

	if (!c->origin)
		return "no version is set";
	text = cv_strfmt(
		s->arena, cv_path_is_abs(c->origin) ? "set by '%s'" : "set by $%s", c->origin);
	return text ? text : "";
}

/* Is it safe to paste VERSION into a shell command? */
static bool is_plain(struct cv_str version)
{
	for (size_t i = 0; i < version.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-_",
			    version.p[i]) ||
			!version.p[i])
			return false;
	return version.n && version.p[0] != '-';
}

static int choose_another(struct shim *s, int rc)
{
	return cv_hint(s->err, rc, "choose a version with %s, or a Python with -p",
		cv_manager_name(s->id));
}

static int not_installed(struct shim *s, const struct cv_choice *c, struct cv_str version)
{
	int rc = cv_fail_msg(s->err, CVENV_ENOPYTHON,
		"'%s' is a shim of %s, and its version '%.*s' is not installed (%s)", s->path,
		cv_manager_name(s->id), CV_ARG(version), set_by(s, c));

	s->missing = version;
	if (!is_plain(version))
		return choose_another(s, rc);
	return cv_hint(s->err, rc, "'%s %.*s', or choose another Python with -p", s->m->install_cmd,
		CV_ARG(version));
}

static int no_such_exe(struct shim *s, const struct cv_choice *c)
{
	int rc;

	if (c->count && cv_pyversion_name_ok(c->versions[0]))
		rc = cv_fail_msg(s->err, CVENV_ENOPYTHON,
			"'%s' is a shim of %s, and the version '%.*s' has no '%s' (%s)", s->path,
			cv_manager_name(s->id), CV_ARG(c->versions[0]), s->exe, set_by(s, c));
	else
		rc = cv_fail_msg(s->err, CVENV_ENOPYTHON,
			"'%s' is a shim of %s, and %s has no '%s' (%s)", s->path,
			cv_manager_name(s->id), s->m->falls_back ? "the rest of PATH" : "it",
			s->exe, set_by(s, c));
	return choose_another(s, rc);
}

/*
 * asdf supports paths. mise does too, but only in files that the user trusts, which cvenv cannot
 * know.
 */
static bool exe_at_path(struct shim *s, struct cv_str version, char **ret)
{
	char *dir = keep(s, cv_strdup(s->arena, (struct cv_str){ version.p + 5, version.n - 5 }));

	return dir && cv_path_is_abs(dir) && s->id == CV_ASDF && exe_in(s, dir, ret);
}

/*
 * Unsafe names in files are skipped, as by pyenv. In a variable they are an error, because the user
 * set it for this run.
 */
static int unsafe_variable(struct shim *s, const struct cv_choice *c)
{
	int rc = cv_fail_msg(s->err, CVENV_EUNSAFE,
		"'%s' is a shim of %s, and the version in $%s is not a valid directory name",
		s->path, cv_manager_name(s->id), c->origin);

	return choose_another(s, rc);
}

static int resolve(struct shim *s, const struct cv_choice *c, char **ret)
{
	struct cv_str missing = { 0 };

	for (size_t i = 0; i < c->count; i++) {
		struct cv_str v = c->versions[i];
		bool found;

		if (cv_str_eq(v, CV_LIT("system"))) {
			found = on_system(s, ret);
		} else if (cv_str_starts(v, CV_LIT("path:"))) {
			found = exe_at_path(s, v, ret);
		} else if (!cv_pyversion_name_ok(v) && !cv_path_is_abs(c->origin)) {
			return unsafe_variable(s, c);
		} else if (!cv_pyversion_name_ok(v)) {
			cv_log(s->ctx, CVENV_LOG_WARNING, "ignoring an unsafe version name (%s)",
				set_by(s, c));
			continue;
		} else {
			char *dir = version_dir(s, v);

			if (!dir && !missing.p)
				missing = v;
			found = exe_in(s, dir, ret);
		}
		if (found)
			return 0;
	}
	if (s->m->falls_back && (!missing.p || s->m->passes_missing) && on_system(s, ret)) {
		if (missing.p)
			cv_log(s->ctx, CVENV_LOG_WARNING,
				"version '%.*s' of %s is not installed (%s): using '%s', as %s "
				"does",
				CV_ARG(missing), cv_manager_name(s->id), set_by(s, c), *ret,
				cv_manager_name(s->id));
		return 0;
	}
	return missing.p ? not_installed(s, c, missing) : no_such_exe(s, c);
}

int cv_shim_manager(const struct cv_ctx *ctx, struct cv_arena *arena, const char *exe,
	const char **ret_variable)
{
	struct shim s = { .ctx = ctx, .arena = arena, .path = exe };

	*ret_variable = NULL;
	s.id = shim_of(&s, exe, &s.root);
	if (s.nomem)
		return -ENOMEM;
	if (s.id == CV_MANAGER_COUNT)
		return CV_SHIMS;
	if (cv_getenv_nonempty(ctx, managers[s.id].variable))
		*ret_variable = managers[s.id].variable;
	return (int)s.id;
}

/* If *EXE is a shim of --install-shims, replace it by what it starts. */
static int resolve_own(struct cv_arena *arena, char **exe, struct cvenv_error *err)
{
	struct cv_own_shim own;
	char *shim = *exe;
	int rc;

	for (int i = 0; i < OWN_SHIMS_MAX; i++) {
		rc = cv_own_shim(arena, *exe, &own);
		if (rc == 0 && *exe == shim)
			return 0;
		if (rc == 0)
			rc = cv_exe_check(*exe);
		else if (rc > 0 && !own.starts)
			rc = -ENOENT;
		if (rc == -ENOMEM)
			return cv_fail_nomem(err);
		if (rc < 0) {
			cv_fail_msg(err, CVENV_ENOPYTHON,
				"'%s' is a shim of cvenv, and its Python%s%s%s cannot be used: %s",
				shim, *exe != shim ? " '" : "", *exe != shim ? *exe : "",
				*exe != shim ? "'" : "", cv_err_text(-rc));
			return cv_hint(err, -CVENV_ENOPYTHON, "run cvenv --install-shims again");
		}
		if (rc == 0)
			return 0;
		*exe = own.starts;
	}
	return cv_fail(err, ELOOP, "cannot follow the shim '%s'", shim);
}

int cv_shim_resolve(const struct cv_ctx *ctx, struct cv_arena *arena, char **exe,
	struct cv_str *ret_missing, struct cvenv_error *err)
{
	struct shim s = { .ctx = ctx, .arena = arena, .err = err };
	struct cv_choice choice;
	int rc = resolve_own(arena, exe, err);

	s.path = *exe;
	if (ret_missing)
		*ret_missing = s.missing;
	if (rc < 0)
		return rc;
	s.id = shim_of(&s, *exe, &s.root);
	if (s.nomem)
		return cv_fail_nomem(err);
	if (s.id == CV_MANAGER_COUNT)
		return 0;
	s.m = &managers[s.id];
	s.exe = cv_path_base(s.path);
	if (cv_exe_is_batch(s.exe)) /* "python.bat" stands for python.exe */
		s.exe = keep(&s, cv_strdup(arena, (struct cv_str){ s.exe, strlen(s.exe) - 4 }));
	if (s.nomem)
		return cv_fail_nomem(err);
	if (cv_manager_versions(ctx, arena, s.id, &s.versions) < 0)
		return cv_fail_nomem(err);
	rc = cv_choice_read(ctx, arena, s.id, s.root, &choice, err);
	if (rc < 0)
		return cv_wrap(err, rc, "'%s' is a shim of %s", s.path, cv_manager_name(s.id));
	rc = resolve(&s, &choice, exe);
	if (s.nomem)
		return cv_fail_nomem(err);
	if (ret_missing)
		*ret_missing = s.missing;
	if (rc == 0)
		cv_log(ctx, CVENV_LOG_DEBUG, "'%s' is a shim of %s for '%s' (%s)", s.path,
			cv_manager_name(s.id), *exe, set_by(&s, &choice));
	return rc;
}

/* As resolve(), for any command. A version that cannot be used is skipped. */
static void list_dirs(struct shim *s, const struct cv_choice *c, char **ret, size_t *ret_count)
{
	for (size_t i = 0; i < c->count && *ret_count < CV_SHIM_DIRS_MAX; i++) {
		struct cv_str v = c->versions[i];
		char *dir = NULL;

		if (cv_str_starts(v, CV_LIT("path:")) && s->id == CV_ASDF)
			dir = keep(s, cv_strdup(s->arena, (struct cv_str){ v.p + 5, v.n - 5 }));
		else if (!cv_str_eq(v, CV_LIT("system")) && cv_pyversion_name_ok(v))
			dir = version_dir(s, v);
		if (dir && cv_path_is_abs(dir))
			ret[(*ret_count)++] = dir;
	}
}

int cv_shim_dirs(const struct cv_ctx *ctx, struct cv_arena *arena, const char *dir,
	char *ret[CV_SHIM_DIRS_MAX], size_t *ret_count)
{
	struct cvenv_error why; /* of its files: then it starts nothing */
	struct shim s = { .ctx = ctx, .arena = arena, .path = dir, .err = &why };
	struct cv_choice choice;

	*ret_count = 0;
	s.id = whose(&s, dir, &s.root);
	if (s.nomem || s.id == CV_MANAGER_COUNT)
		return s.nomem ? -ENOMEM : 0;
	s.m = &managers[s.id];
	if (cv_manager_versions(ctx, arena, s.id, &s.versions) < 0)
		return -ENOMEM;
	if (cv_choice_read(ctx, arena, s.id, s.root, &choice, &why) == 0)
		list_dirs(&s, &choice, ret, ret_count);
	return s.nomem ? -ENOMEM : 1;
}
