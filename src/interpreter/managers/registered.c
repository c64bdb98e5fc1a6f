/* SPDX-License-Identifier: MIT */
#include "interpreter/managers/registered.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "os/registry.h"

static const char root[] = "Software\\Python";

/* The names of an entry, to hide later ones. */
struct seen {
	const char *company, *tag;
};

struct reader {
	struct cv_arena *arena;
	enum cv_os_hive hive;
	struct cv_registered *list;
	size_t count;
	struct seen *seen;
	size_t seen_count;
	bool nomem;
};

/* NULL: none that is usable. */
static const char *value(struct reader *r, const char *key, const char *name)
{
	char *text = NULL;
	int rc = key ? cv_os_registry_text(r->arena, r->hive, key, name, &text) : -ENOMEM;

	r->nomem |= rc == -ENOMEM;
	return rc == 0 && text[0] ? text : NULL;
}

static char *below(struct reader *r, const char *key, const char *name)
{
	char *path = cv_strfmt(r->arena, "%s\\%s", key, name);

	r->nomem |= !path;
	return path;
}

/* InstallPath: ExecutablePath, else python.exe in the directory that is the default value. */
static char *program(struct reader *r, const char *tag_key)
{
	const char *key = below(r, tag_key, "InstallPath");
	const char *path = value(r, key, "ExecutablePath");
	const char *dir = path ? NULL : value(r, key, "");
	char *exe;

	if (value(r, key, "ExecutableArguments"))
		return NULL;
	if (dir && cv_path_is_abs(dir)) {
		path = cv_path_join(r->arena, dir, "python.exe");
		r->nomem |= !path;
	}
	if (!path || !cv_path_is_abs(path))
		return NULL;
	exe = cv_path_abs(r->arena, NULL, path);
	r->nomem |= !exe;
	return exe;
}

/*
 * "3.12.9" of Version, "3.12" of SysVersion, or what the tag begins with. The tag also tells what
 * no value does: "3.13t", "3.12-32".
 */
static bool read_version(
	struct reader *r, const char *tag_key, const char *tag, struct cv_pyversion *ret)
{
	const char *version = value(r, tag_key, "Version");
	const char *architecture = value(r, tag_key, "SysArchitecture");
	struct cv_pyversion of_tag;
	bool tag_ok = cv_pyversion_of_tag(cv_str(tag), &of_tag);

	if (!version)
		version = value(r, tag_key, "SysVersion");
	if (!version || !cv_pyversion_begin(cv_str(version), ret)) {
		if (!tag_ok)
			return false;
		*ret = of_tag;
	}
	ret->free_threaded = tag_ok && of_tag.free_threaded;
	ret->bits = tag_ok ? of_tag.bits : 0;
	if (architecture && strcmp(architecture, "32bit") == 0)
		ret->bits = 32;
	else if (architecture && strcmp(architecture, "64bit") == 0)
		ret->bits = 64;
	return ret->minor != CV_VERSION_ANY;
}

/* Remembers the entry. */
static bool hidden(struct reader *r, const char *company, const char *tag)
{
	for (size_t i = 0; i < r->seen_count; i++)
		if (strcasecmp(r->seen[i].company, company) == 0 &&
			strcasecmp(r->seen[i].tag, tag) == 0)
			return true;
	r->seen[r->seen_count++] = (struct seen){ company, tag };
	return false;
}

static void read_tag(
	struct reader *r, const char *company_key, const char *company, const char *tag)
{
	struct cv_registered entry = { .core = strcasecmp(company, "PythonCore") == 0 };
	char *key = below(r, company_key, tag);

	if (!key || hidden(r, company, tag) || !read_version(r, key, tag, &entry.version))
		return;
	entry.exe = program(r, key);
	if (entry.exe)
		r->list[r->count++] = entry;
}

static const char *const *keys(struct reader *r, const char *key)
{
	static const char *const none[] = { NULL };
	const char *const *names = none;
	int rc = key ? cv_os_registry_keys(r->arena, r->hive, key, &names) : 0;

	r->nomem |= rc == -ENOMEM;
	return rc < 0 ? none : names;
}

/* The launcher py, and other implementations, which no version stands for. */
static bool is_other(const char *company)
{
	static const char *const others[] = { "PyLauncher", "PyPy", "GraalVM", "GraalPy" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcasecmp(company, others[i]) == 0)
			return true;
	return false;
}

static void read_hive(struct reader *r)
{
	for (const char *const *company = keys(r, root); *company; company++) {
		char *key;

		if (is_other(*company))
			continue;
		key = below(r, root, *company);
		for (const char *const *tag = keys(r, key);
			*tag && r->seen_count < CV_REGISTERED_MAX; tag++)
			read_tag(r, key, *company, *tag);
	}
}

int cv_registered(struct cv_arena *arena, struct cv_registered **ret, size_t *ret_count,
	struct cvenv_error *err)
{
	struct reader r = { .arena = arena,
		.list = cv_new(arena, struct cv_registered, CV_REGISTERED_MAX),
		.seen = cv_new(arena, struct seen, CV_REGISTERED_MAX) };

	r.nomem = !r.list || !r.seen;
	for (r.hive = 0; r.hive < CV_OS_HIVES && !r.nomem; r.hive++)
		read_hive(&r);
	*ret = r.list;
	*ret_count = r.count;
	return r.nomem ? cv_fail_nomem(err) : 0;
}
