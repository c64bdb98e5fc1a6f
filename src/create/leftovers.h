/* SPDX-License-Identifier: MIT */
#ifndef CV_CREATE_LEFTOVERS_H
#define CV_CREATE_LEFTOVERS_H

#include "cvenv.h"
#include "env/existing.h"
#include "interpreter/info.h"
#include "os/os.h"

/*
 * Finds names in bin that belong to another Python. When an environment gets another Python, its
 * bin still contains names of the old one: "python3.11", "pypy3", "python3.13t", "pip3.11". They
 * would start the new Python, or the old one with the new one's pyvenv.cfg, which it cannot use.
 * Found are the names that tools create in environments:
 *
 * - interpreters: a symbolic link to another interpreter in bin, or to a file with an interpreter's
 *   name; an ELF program, as --copies creates it (an installation has one too, but is refused
 *   before);
 * - console scripts of pip and easy_install, recognised by what they import. Those of another
 *   version count, and all of them with --without-pip, if this Python has no pip here or in its own
 *   site-packages.
 *
 * For Windows: launchers and links with names of another version or build, and pip's .exe files. No
 * leftover suits this Python.
 *
 * Skipped are the user's own scripts and links with such names, and directories that are no
 * environment. The old Python's site-packages is kept: if the environment gets that Python again,
 * it finds its packages again.
 */
int cv_leftovers_read(struct cv_arena *a, struct cv_os_dir env, const struct cv_info *info,
	const struct cv_layout *layout, const struct cvenv_options *request,
	struct cv_existing *existing, struct cvenv_error *err);

#endif
