/* SPDX-License-Identifier: MIT */
#include "env/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum cvenv_severity severity;
	enum cv_cure cure;
} kinds[CV_FINDING_KINDS] = {
	[CV_FINDING_CONFIG_UNREADABLE] = { "config-unreadable", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_CONFIG_NO_HOME] = { "config-no-home", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_PYTHON_MISSING] = { "python-missing", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_PYTHON_OTHER] = { "python-other", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_HOME_MISSING] = { "home-missing", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_VERSION_OTHER] = { "version-other", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_PATCH_VERSION_OTHER] = { "patch-version-other", CVENV_NOTE, CV_CURE_REPAIR },
	[CV_FINDING_LIBPYTHON_MISSING] = { "libpython-missing", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_MOVED] = { "moved", CVENV_BROKEN, CV_CURE_REPAIR },
	[CV_FINDING_SCRIPT_PYTHON_MISSING] = { "script-python-missing", CVENV_DEFECT,
		CV_CURE_REPAIR },
	[CV_FINDING_SCRIPT_PYTHON_OTHER] = { "script-python-other", CVENV_DEFECT, CV_CURE_REPAIR },
	[CV_FINDING_SCRIPT_LINE_LONG] = { "script-line-long", CVENV_DEFECT, CV_CURE_REPAIR },
	[CV_FINDING_SCRIPT_NOT_EXECUTABLE] = { "script-not-executable", CVENV_DEFECT,
		CV_CURE_REPAIR },
	[CV_FINDING_ACTIVATION_OTHER] = { "activation-other", CVENV_DEFECT, CV_CURE_REPAIR },
	[CV_FINDING_ACTIVATION_UNQUOTED] = { "activation-unquoted", CVENV_DEFECT, CV_CURE_REPAIR },
	[CV_FINDING_RECORD_MISSING] = { "record-missing", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_RECORD_INVALID] = { "record-invalid", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_FILE_MISSING] = { "file-missing", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_FILE_SIZE] = { "file-size", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_FILE_HASH] = { "file-hash", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_RECORD_OUTSIDE] = { "record-outside", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_DISTRIBUTION_TWICE] = { "distribution-twice", CVENV_DEFECT, CV_CURE_REINSTALL },
	[CV_FINDING_PIP_MISSING] = { "pip-missing", CVENV_NOTE, CV_CURE_NONE },
	[CV_FINDING_PIP_BROKEN] = { "pip-broken", CVENV_DEFECT, CV_CURE_REPAIR },
	[CV_FINDING_EDITABLE_MISSING] = { "editable-missing", CVENV_DEFECT, CV_CURE_NONE },
	[CV_FINDING_OWNER_OTHER] = { "owner-other", CVENV_DEFECT, CV_CURE_NONE },
	[CV_FINDING_WRITABLE_BY_OTHERS] = { "writable-by-others", CVENV_DEFECT, CV_CURE_NONE },
	[CV_FINDING_LINK_OUTSIDE] = { "link-outside", CVENV_NOTE, CV_CURE_NONE },
	[CV_FINDING_OTHER_PYTHON] = { "other-python", CVENV_NOTE, CV_CURE_NONE },
	[CV_FINDING_INTERRUPTED] = { "interrupted", CVENV_DEFECT, CV_CURE_REPAIR },
};

const char *cv_finding_name(enum cv_finding_kind kind)
{
	return kinds[kind].name;
}

static const char *cure_text(struct cv_arena *a, enum cv_cure cure, const char *package)
{
	if (cure == CV_CURE_REINSTALL && package)
		return cv_strfmt(a, "reinstall %s", package);
	return cure == CV_CURE_REPAIR ? "repair" : "none";
}

static struct cv_finding *new_finding(struct cv_findings *f)
{
	return cv_grow(f->arena, &f->all, f->count, &f->room) ? &f->all[f->count++] : NULL;
}

CV_PRINTF(2, 0) static char *formatted(struct cv_arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = len < 0 ? NULL : cv_new(a, char, (size_t)len + 1);
	if (text)
		(void)vsnprintf(text, (size_t)len + 1, fmt, ap);
	return text;
}

CV_PRINTF(5, 0)
static void add(struct cv_findings *f, const struct cv_finding *like, enum cv_cure cure,
	const char *package, const char *fmt, va_list ap)
{
	struct cv_finding *to;

	if (f->bad || f->seen[like->kind]++ >= CV_FINDINGS_PER_KIND)
		return;
	to = new_finding(f);
	f->bad = to == NULL;
	if (f->bad)
		return;
	*to = *like;
	to->file = like->file ? cv_strdup(f->arena, cv_str(like->file)) : NULL;
	to->detail = formatted(f->arena, fmt, ap);
	to->cure = cure_text(f->arena, cure, package);
	f->bad = (like->file && !to->file) || !to->detail || !to->cure;
}

void cv_finding_add(
	struct cv_findings *f, enum cv_finding_kind kind, const char *file, const char *fmt, ...)
{
	struct cv_finding like = { kind, kinds[kind].severity, file, NULL, NULL };
	va_list ap;

	va_start(ap, fmt);
	add(f, &like, kinds[kind].cure, NULL, fmt, ap);
	va_end(ap);
}

void cv_finding_add_as(struct cv_findings *f, enum cv_finding_kind kind,
	enum cvenv_severity severity, enum cv_cure cure, const char *package, const char *file,
	const char *fmt, ...)
{
	struct cv_finding like = { kind, severity, file, NULL, NULL };
	va_list ap;

	va_start(ap, fmt);
	add(f, &like, cure, package, fmt, ap);
	va_end(ap);
}

static int compare(const void *x, const void *y)
{
	const struct cv_finding *a = x, *b = y;
	int by_file = strcmp(a->file ? a->file : "", b->file ? b->file : "");

	if (by_file)
		return by_file;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return strcmp(a->detail, b->detail);
}

/* The last finding of each kind tells how many were not kept. */
static void tell_more(struct cv_findings *f)
{
	bool told[CV_FINDING_KINDS] = { false };

	for (size_t i = f->count; i-- > 0;) {
		struct cv_finding *last = &f->all[i];

		if (told[last->kind] || f->seen[last->kind] <= CV_FINDINGS_PER_KIND)
			continue;
		told[last->kind] = true;
		last->detail = cv_strfmt(f->arena, "%s (and %zu more like it)", last->detail,
			f->seen[last->kind] - CV_FINDINGS_PER_KIND);
		f->bad |= last->detail == NULL;
	}
}

int cv_findings_end(struct cv_findings *f, struct cvenv_error *err)
{
	if (!f->bad && f->count)
		qsort(f->all, f->count, sizeof(*f->all), compare);
	if (!f->bad)
		tell_more(f);
	return f->bad ? cv_fail_nomem(err) : 0;
}

bool cv_findings_have(const struct cv_findings *f, enum cv_finding_kind kind)
{
	return f->seen[kind] > 0;
}
