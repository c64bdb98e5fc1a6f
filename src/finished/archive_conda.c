/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "env/rewrite.h"
#include "finished/archive_in.h"
#include "finished/packed.h"
#include "fs/bytecode.h"

/*
 * conda writes the path of its directory into the files of its packages. Its programs find their
 * libraries by their own place, and Python its own one too, so that they work elsewhere. In texts,
 * the path becomes one that exists nowhere. Binary files keep it, and a warning names them: the new
 * path is not known yet, and may be longer.
 */
#define PLACE "/dev/null/cvenv/python"

enum {
	OLD_MAX = 2,
	PART = 256 << 10,   /* bytes of a large file that are searched at a time */
	OVERLAP = 16 << 10, /* a path may begin in one part and end in the next one */
};

/* sysconfig's values, such as INCLUDEPY, are for building extension modules. */
static const char module_end[] = "\n"
				 "import sys as _sys\n"
				 "\n"
				 "build_time_vars = {\n"
				 "    key: value.replace(\"" PLACE "\", _sys.base_prefix)\n"
				 "    if isinstance(value, str) else value\n"
				 "    for key, value in build_time_vars.items()\n"
				 "}\n";

static bool is_sysconfig(const char *name)
{
	struct cv_str base = cv_str(cv_path_base(name));

	return cv_str_starts(base, CV_LIT("_sysconfigdata_")) && cv_str_ends(base, CV_LIT(".py"));
}

static int rewrite(struct cv_packing *p, const struct cv_rewriting *how, struct cv_packed *m,
	struct cv_str text)
{
	struct cv_buf b OWN_BUF = { 0 };

	if (!cv_portable_prefixes(&b, text, how->pairs, how->count))
		return b.bad ? cv_fail_nomem(p->err) : 0;
	if (is_sysconfig(m->name))
		cv_buf_cstr(&b, module_end);
	if (b.bad)
		return cv_fail_nomem(p->err);
	m->data = cv_str_dup(p->a, cv_buf_slice(&b));
	if (!m->data.p)
		return cv_fail_nomem(p->err);
	m->has_data = true;
	p->rewritten++;
	return 0;
}

/* Search FILE in parts. 1: it contains the path; 0: it does not. */
static int search(struct cv_packing *p, const struct cv_rewriting *how, const struct cv_packed *m,
	struct cv_os_file file, char *buf)
{
	size_t kept = 0;

	for (;;) {
		int64_t n = cv_os_read(file, buf + kept, PART);

		if (n < 0)
			return cv_fail(p->err, (int)-n, "cannot read '%s'", m->name);
		if (n == 0)
			return cv_packed_check(m, file, p->err);
		kept += (size_t)n;
		if (cv_rewrite_mentions(how, (struct cv_str){ buf, kept }))
			return 1;
		if (kept > OVERLAP) {
			memmove(buf, buf + kept - OVERLAP, OVERLAP);
			kept = OVERLAP;
		}
	}
}

static int large(struct cv_packing *p, const struct cv_rewriting *how, const struct cv_packed *m)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_packed_opener *opener = cv_new(&scratch, struct cv_packed_opener, 1);
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char *buf = cv_new(&scratch, char, PART + OVERLAP);
	int rc;

	if (!opener || !buf)
		return cv_fail_nomem(p->err);
	memcpy(opener->roots, p->roots, sizeof(opener->roots));
	rc = cv_packed_open(opener, m, &file, p->err);
	cv_packed_opener_close(opener);
	return rc < 0 ? rc : search(p, how, m, file, buf);
}

static int relocate(struct cv_packing *p, const struct cv_rewriting *how, struct cv_packed *m)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct cv_str text = { 0 };
	int rc;

	/* Python corrects the paths in bytecode when it loads it. In terminfo they are a comment.
	 */
	if (m->type != CV_PACKED_FILE || m->root != CV_ROOT_BASE || !m->size ||
		cv_is_bytecode(m->name) || cv_path_below(m->name, "share/terminfo"))
		return 0;
	if (m->size > CV_TEXTS_FILE_MAX) {
		rc = large(p, how, m);
		return rc > 0 ? cv_archive_left(p, m->name) : rc;
	}
	rc = cv_packed_read(p->roots, m, &scratch, &text, p->err);
	if (rc < 0)
		return rc;
	if (!memchr(text.p, '\0', text.n))
		return rewrite(p, how, m, text);
	return cv_rewrite_mentions(how, text) ? cv_archive_left(p, m->name) : 0;
}

int cv_archive_conda(struct cv_packing *p)
{
	/* As its installer was told, and without links. */
	const char *olds[OLD_MAX] = { p->root_paths[CV_ROOT_BASE],
		p->env.home ? cv_path_dir(p->a, p->env.home) : NULL };
	struct cv_pair pairs[OLD_MAX];
	struct cv_rewriting how = { .pairs = pairs };
	int rc = 0;

	for (size_t i = 0; i < OLD_MAX; i++)
		if (olds[i] && cv_path_is_abs(olds[i]) && *cv_path_base(olds[i]))
			pairs[how.count++] = (struct cv_pair){ olds[i], PLACE };
	for (size_t i = 0; i < p->list.count && rc == 0; i++)
		rc = relocate(p, &how, &p->list.all[i]);
	return rc;
}
