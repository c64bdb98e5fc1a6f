/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_REQUEST_H
#define CV_ENV_REQUEST_H

#include <stdbool.h>

#include "fs/publish.h"

/*
 * What the caller wants, as options say it; everything is borrowed. All zero is
 * `cvenv` without options, which are those of CPython 3.13's `python -m venv`
 * and some more.
 */
enum cv_compile {
	CV_COMPILE_IF_CACHED, /* bytecode is used when the cache or the base has it */
	CV_COMPILE_ALWAYS,    /* made when it has not */
	CV_COMPILE_NEVER,
};

struct cv_request {
	const char *python;    /* path, name or version; NULL: by CVENV_PYTHON, then PATH */
	const char *prompt;    /* NULL: the name of ENV_DIR; ".": of the current directory */
	const char *wheel_dir; /* where to take pip and setuptools from first; may be NULL */
	const char *data_dir;  /* cvenv's own, with a folder of wheels; may be NULL */
	const char *cache_dir; /* the cache; NULL: as cache.h says */
	bool system_site_packages;
	bool copies;
	bool clear;
	bool force; /* clear even if ENV_DIR is not an environment */
	bool upgrade;
	bool without_pip;
	bool upgrade_deps;
	bool without_scm_ignore_files;
	bool without_cachedir_tag;
	enum cv_link_mode link_mode;
	enum cv_compile compile;
	unsigned activators; /* bits of enum cv_activator, besides those always written */
	bool relocatable;    /* scripts find the environment where they lie */
	bool quiet;          /* upgrade_deps is not to be heard */
	unsigned jobs;       /* processes that compile; 0: one */
};

static inline enum cv_clear cv_request_clear(const struct cv_request *request)
{
	if (!request->clear)
		return CV_CLEAR_NOTHING;
	return request->force ? CV_CLEAR_ANYTHING : CV_CLEAR_ENVIRONMENT;
}

#endif
