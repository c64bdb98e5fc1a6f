/* SPDX-License-Identifier: MIT */
#ifndef CV_ENV_FINDING_H
#define CV_ENV_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "cvenv.h"

/*
 * What --check reports about an environment, as a list in an arena.
 *
 *	struct cv_findings findings = { .arena = a };
 *	cv_finding_add(&findings, CV_FINDING_HOME_MISSING, "pyvenv.cfg", "...", ...);
 *	rc = cv_findings_end(&findings, &err);
 *	for (size_t i = 0; i < findings.count; i++)
 *		... findings.all[i] ...
 *
 * Exhausted memory sticks in `bad`, and cv_findings_end() reports it. Of each kind, only the first
 * CV_FINDINGS_PER_KIND are kept: a hostile environment has any number of them.
 *
 * The names of the kinds are part of the interface: JSON and cvenv_finding_entry() have them.
 */
enum cv_finding_kind {
	CV_FINDING_CONFIG_UNREADABLE,
	CV_FINDING_CONFIG_NO_HOME,
	CV_FINDING_PYTHON_MISSING, /* no interpreter in bin, or a link that leads nowhere */
	CV_FINDING_PYTHON_OTHER,   /* it leads to another X.Y, or to another implementation */
	CV_FINDING_HOME_MISSING,
	CV_FINDING_VERSION_OTHER, /* the base interpreter is another X.Y than pyvenv.cfg says */
	CV_FINDING_PATCH_VERSION_OTHER, /* the same X.Y, another X.Y.Z */
	CV_FINDING_LIBPYTHON_MISSING,   /* a copied interpreter cannot find its library */
	CV_FINDING_MOVED,               /* files name another place of the environment */
	CV_FINDING_SCRIPT_PYTHON_MISSING,
	CV_FINDING_SCRIPT_PYTHON_OTHER,
	CV_FINDING_SCRIPT_LINE_LONG,
	CV_FINDING_SCRIPT_NOT_EXECUTABLE,
	CV_FINDING_ACTIVATION_OTHER,    /* an activation script names another place */
	CV_FINDING_ACTIVATION_UNQUOTED, /* the shell would run a part of a value (CVE-2024-9287) */
	CV_FINDING_RECORD_MISSING,
	CV_FINDING_RECORD_INVALID,
	CV_FINDING_FILE_MISSING,
	CV_FINDING_FILE_SIZE,
	CV_FINDING_FILE_HASH,
	CV_FINDING_RECORD_OUTSIDE, /* a row of RECORD leads out of ENV_DIR */
	CV_FINDING_DISTRIBUTION_TWICE,
	CV_FINDING_PIP_MISSING,
	CV_FINDING_PIP_BROKEN,
	CV_FINDING_EDITABLE_MISSING,
	CV_FINDING_OWNER_OTHER,
	CV_FINDING_WRITABLE_BY_OTHERS,
	CV_FINDING_LINK_OUTSIDE,
	CV_FINDING_OTHER_PYTHON, /* packages of another X.Y in lib */
	CV_FINDING_INTERRUPTED,  /* a killed run left files behind */
	CV_FINDING_KINDS,
};

/* What repairs a finding. */
enum cv_cure { CV_CURE_NONE, CV_CURE_REPAIR, CV_CURE_REINSTALL };

enum { CV_FINDINGS_PER_KIND = 1000 };

struct cv_finding {
	enum cv_finding_kind kind;
	enum cvenv_severity severity;
	const char *file;   /* relative to ENV_DIR, with '/'; NULL: the whole environment */
	const char *detail; /* what is wrong, as the message has it */
	const char *cure;   /* "repair", "reinstall NAME" or "none" */
};

struct cv_findings {
	struct cv_arena *arena;
	struct cv_finding *all;
	size_t count, room;
	size_t seen[CV_FINDING_KINDS]; /* how many there are of each kind, kept or not */
	bool bad;                      /* memory is exhausted */
};

const char *cv_finding_name(enum cv_finding_kind kind); /* "python-missing" */

/*
 * Add a finding with the severity and the remedy of its kind. FILE is copied, and may be NULL.
 * cv_finding_add_as() gives it another severity (a note in place of a defect) or cure; PACKAGE is
 * the NAME of CV_CURE_REINSTALL, else NULL.
 */
void cv_finding_add(struct cv_findings *findings, enum cv_finding_kind kind, const char *file,
	const char *fmt, ...) CV_PRINTF(4, 5);
void cv_finding_add_as(struct cv_findings *findings, enum cv_finding_kind kind,
	enum cvenv_severity severity, enum cv_cure cure, const char *package, const char *file,
	const char *fmt, ...) CV_PRINTF(7, 8);

/*
 * Sort by file, then kind; those of the whole environment are first. If some of a kind were not
 * kept, its last finding says how many. -ENOMEM.
 */
int cv_findings_end(struct cv_findings *findings, struct cvenv_error *err);

/* Is there one of this KIND? */
bool cv_findings_have(const struct cv_findings *findings, enum cv_finding_kind kind);

#endif
