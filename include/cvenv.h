/* SPDX-License-Identifier: MIT */
#ifndef CVENV_H
#define CVENV_H

/*
 * libcvenv: create Python virtual environments, with pip, without running
 * `python -m venv`.
 *
 *	extern char **environ;
 *	struct cvenv_options options = { .size = sizeof(options),
 *		.envp = (const char *const *)environ, .cwd = "/home/me" };
 *	struct cvenv_result result = { .size = sizeof(result) };
 *	struct cvenv_error error;
 *	struct cvenv *session;
 *
 *	if (cvenv_open(&options, &session, &error) == 0) {
 *		if (cvenv_create(session, ".venv", &result, &error) == 0)
 *			puts(result.python);
 *		else
 *			fputs(error.message, stderr);
 *		cvenv_close(session);
 *	}
 *
 * The library prints nothing, never exits, has no global state, and reads neither
 * the environment variables nor the current directory but as the options give them.
 * A session is used by one thread at a time; several may be open at once.
 *
 * Ownership: what options point to is borrowed until cvenv_close(). What a result points to
 * belongs to the session and is valid until its next cvenv_create() or its close.
 *
 * Errors: a function that can fail returns 0, or -1 and fills *error. When cvenv_create()
 * fails, ENV_DIR is as it was before, unless the message says "changed in part".
 *
 * Structures grow at their end: `size` says how much of one the caller knows. All zero (but
 * size) is the default everywhere.
 */
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CVENV_API __attribute__((visibility("default")))
#else
#define CVENV_API
#endif

enum cvenv_link_mode {
	CVENV_LINK_AUTO, /* links for bytecode and metadata, reflinks or else copies for sources */
	CVENV_LINK_REFLINK,
	CVENV_LINK_HARDLINK,
	CVENV_LINK_COPY
};

enum cvenv_compile {
	CVENV_COMPILE_IF_STORED, /* pip's bytecode when the store has it */
	CVENV_COMPILE_ALWAYS,    /* compiled when it has not */
	CVENV_COMPILE_NEVER
};

enum cvenv_level { CVENV_WARNING, CVENV_INFO, CVENV_DEBUG };

/* As the options of the command, see cvenv(1). */
struct cvenv_options {
	size_t size;
	const char *const *envp; /* "NAME=VALUE", NULL-terminated: PATH, HOME, ...; NULL: none */
	const char *cwd;         /* absolute: what relative paths are relative to; may be NULL */
	const char *python;      /* the base: path, name on PATH, or version; NULL: the default */
	const char *prompt;      /* NULL: the name of ENV_DIR */
	const char *wheel_dir;   /* NULL: wheels of the base */
	const char *cache_dir;   /* NULL: the user's */
	bool system_site_packages;
	bool copies;
	bool clear;
	bool upgrade;
	bool without_pip;
	bool upgrade_deps;
	bool without_scm_ignore_files;
	enum cvenv_link_mode link_mode;
	enum cvenv_compile compile;
	unsigned jobs; /* processes that compile; 0: one */
	void (*log)(void *log_data, enum cvenv_level level, const char *message); /* or NULL */
	void *log_data;
	const volatile int
		*stop; /* set it, from a signal handler say, to give up cleanly; or NULL */
};

struct cvenv_result {
	size_t size;
	const char *path;          /* ENV_DIR, absolute */
	const char *python;        /* the environment's interpreter, absolute */
	const char *version;       /* "3.13.0" */
	const char *home;          /* the base's directory, as in pyvenv.cfg */
	const char *bin;           /* absolute */
	const char *site_packages; /* absolute */
	const char *prompt;
	const char *pip_version; /* NULL: no pip was installed */
};

struct cvenv_error {
	int code;           /* an errno, or another positive number */
	char message[9216]; /* "cannot create 'x': Permission denied" */
	char cure[512];     /* what the user can do, or "" */
};

struct cvenv;

CVENV_API int cvenv_open(
	const struct cvenv_options *options, struct cvenv **ret, struct cvenv_error *error);
CVENV_API int cvenv_create(struct cvenv *session, const char *env_dir, struct cvenv_result *ret,
	struct cvenv_error *error);
CVENV_API void cvenv_close(struct cvenv *session); /* NULL is fine */

/* "0.1.0", of the library that runs. */
CVENV_API const char *cvenv_version(void);

#ifdef __cplusplus
}
#endif

#endif
