/* SPDX-License-Identifier: MIT */
#include "os/registry.h"

#include <errno.h>

int cv_os_registry_keys(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *const **ret)
{
	(void)a;
	(void)hive;
	(void)key;
	(void)ret;
	return -ENOENT;
}

int cv_os_registry_text(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *name, char **ret)
{
	(void)a;
	(void)hive;
	(void)key;
	(void)name;
	(void)ret;
	return -ENOENT;
}

int cv_os_registry_number(enum cv_os_hive hive, const char *key, const char *name, uint32_t *ret)
{
	(void)hive;
	(void)key;
	(void)name;
	(void)ret;
	return -ENOENT;
}

int cv_os_read_alias(struct cv_arena *a, const char *path, struct cv_os_alias *ret)
{
	(void)a;
	(void)path;
	(void)ret;
	return 0;
}
