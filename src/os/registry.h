/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_REGISTRY_H
#define CV_OS_REGISTRY_H

#include <stdint.h>

#include "base/arena.h"

/*
 * What only Windows has: the registry, to read, and app execution aliases. On other systems there
 * are no keys and no aliases. Any program may have written both, so the caller checks what it gets.
 * Results are as in os.h.
 */
enum cv_os_hive {
	CV_OS_HKCU,    /* HKEY_CURRENT_USER */
	CV_OS_HKLM,    /* HKEY_LOCAL_MACHINE, as 64-bit programs see it */
	CV_OS_HKLM_32, /* the same, as 32-bit programs see it */
	CV_OS_HIVES,
};

enum {
	CV_OS_KEYS_MAX = 1000,       /* of one key; more are not listed */
	CV_OS_VALUE_MAX = 32 * 1024, /* bytes, as UTF-16 */
};

/*
 * The names of the keys below KEY ("Software\\Python"), in alphabetical order, NULL-terminated.
 * -ENOENT, -EACCES.
 */
int cv_os_registry_keys(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *const **ret);

/*
 * A value that is text; NAME "" is the default value. -ENOENT. -EINVAL: it is not text, or contains
 * a NUL. -EFBIG: more than CV_OS_VALUE_MAX.
 */
int cv_os_registry_text(
	struct cv_arena *a, enum cv_os_hive hive, const char *key, const char *name, char **ret);

/* A value that is a number of 32 bits. -ENOENT; -EINVAL: it is not one. */
int cv_os_registry_number(enum cv_os_hive hive, const char *key, const char *name, uint32_t *ret);

/*
 * An app execution alias is a file without content that starts a program of an installed package,
 * such as "%LOCALAPPDATA%\Microsoft\WindowsApps\python.exe". It cannot be opened.
 */
struct cv_os_alias {
	const char *package; /* the family name of the package */
	const char *target;  /* the program */
};

/* 1: PATH is one. 0: it is not. -EINVAL: its content cannot be understood. */
int cv_os_read_alias(struct cv_arena *a, const char *path, struct cv_os_alias *ret);

#endif
