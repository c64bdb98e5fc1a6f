/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "base/path.h"
#include "base/toml.h"
#include "cli/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char file[] = "/d/file.toml";

/* No project decides more than this. */
static void check_project(struct cv_options *o)
{
	struct cv_options zero = { .library.size = o->library.size };

	if (o->library.python && cv_path_is_path(o->library.python))
		abort();
	o->library.python = o->library.python_source = o->library.prompt = NULL;
	o->library.without_pip = o->library.system_site_packages = false;
	memset(o->pythons, 0, sizeof(o->pythons));
	memset(o->origins, 0, sizeof(o->origins));
	o->python_count = 0;
	if (memcmp(o, &zero, sizeof(zero)) != 0)
		abort();
}

static void check_user(const struct cv_options *o)
{
	if ((o->library.wheel_dir && !cv_path_is_abs(o->library.wheel_dir)) ||
		(o->library.cache_dir && !cv_path_is_abs(o->library.cache_dir)) ||
		(o->library.symlinks && o->library.copies) || o->library.clear ||
		o->library.force || o->library.upgrade || o->library.no_config)
		abort();
}

/* The first byte chooses whose file it is. Each error has a file, a line and a hint. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const envp[] = { "HOME=/home", NULL };
	static struct cvenv_error err;
	static struct cv_options o;
	const struct cv_ctx ctx = { .envp = envp };
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_str text = { (const char *)data + 1, size - 1 };
	bool project = size && data[0] == 'p';
	struct cv_toml *root;

	if (!size || cv_toml_parse(&arena, file, text, &root, &err) < 0)
		return 0;
	memset(&o, 0, sizeof(o)); /* with its padding */
	o.library.size = sizeof(o.library);
	memset(&err, 0, sizeof(err));
	if (cv_config_apply(&ctx, &arena, &o, project ? CV_FROM_PROJECT : CV_FROM_USER, file, root,
		    &err) < 0) {
		if (err.code != CVENV_EUSAGE || !err.hint[0] ||
			strncmp(err.message, "'/d/file.toml', line ", 21) != 0)
			abort();
		return 0;
	}
	if (project)
		check_project(&o);
	else
		check_user(&o);
	return 0;
}
