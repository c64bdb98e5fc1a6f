/* SPDX-License-Identifier: MIT */
#ifndef CV_LEFTOVERS_H
#define CV_LEFTOVERS_H

#include "env/existing.h"
#include "env/request.h"
#include "python/facts.h"

/*
 * A name never promises another Python. When an environment gets another one, what was made for
 * the old one is still in its bin: "python3.11", "pypy3", "python3.13t", "pip3.11". It would start
 * the new Python, or the old one with the new one's pyvenv.cfg, which it cannot use. Found are
 * names that tools which make environments have made:
 *
 * - interpreters: a symbolic link that leads to another interpreter in bin, or to a file that has
 *   an interpreter's name; a program (ELF), as --copies makes it (an installation, which has
 *   one, too, is refused before);
 * - console scripts of pip and easy_install, by what they import: those of another version, and
 *   with --without-pip all, if this Python has no pip here or in its own site-packages.
 *
 * A script or a link of the user's own under such a name is not among them. Nor is anything in a
 * directory that is no environment. The old Python's site-packages stays as it is: with that
 * Python again, its packages are found again.
 */
int cv_leftovers_read(struct cv_arena *a, const struct cv_facts *facts,
	const struct cv_layout *layout, const struct cv_request *request,
	struct cv_existing *existing, struct cv_err *err);

#endif
