/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "env/existing.h"
#include "finished/check_in.h"
#include "wheel/record.h"

enum { PIECE = 128 * 1024 };

/* The files of one distribution that have the same defect. */
struct seen {
	const char *first;
	size_t count;
};

struct record {
	struct cv_check *check;
	const struct cv_check_package *package;
	struct cv_layout layout; /* whose purelib is the directory that contains it */
	const char *path;        /* of RECORD itself */
	struct cv_arena *arena;  /* until the findings are added, which have copies */
	struct cv_below below;
	bool lists_itself;
	struct seen missing, size, hash, outside;
};

static void see(struct seen *s, const char *path)
{
	if (!s->count++)
		s->first = path;
}

struct reading {
	struct cv_os_file file;
	char *piece;
};

static int64_t next_piece(void *data, const void **ret)
{
	struct reading *r = data;

	*ret = r->piece;
	return cv_os_read(r->file, r->piece, PIECE);
}

/* Has the file another hash than ROW? 1, 0, or a temporary failure. */
static int differs(struct record *r, const char *path, const struct cv_record_row *row)
{
	OWN_MEM char *piece = malloc(PIECE);
	struct reading reading = { .file = CV_OS_NO_FILE };
	char sum[sizeof(CV_RECORD_SHA256) + CV_SHA256_B64] = CV_RECORD_SHA256;
	uint8_t digest[CV_SHA256_SIZE];
	struct cv_os_stat st;
	int rc = piece ? cv_below_open(&r->below, path, &reading.file) : -ENOMEM;

	if (rc == 0)
		rc = cv_os_stat_file(reading.file, &st);
	if (rc == 0 && st.type != CV_OS_FILE)
		rc = -EINVAL;
	reading.piece = piece;
	if (rc == 0)
		rc = cv_sha256_pieces(next_piece, &reading, digest);
	cv_os_drop_file(&reading.file);
	if (rc < 0)
		return cv_err_passes(-rc) ? rc : 1;
	cv_sha256_b64_of(digest, sum + sizeof(CV_RECORD_SHA256) - 1);
	return !cv_str_eq(row->hash, cv_str(sum));
}

/*
 * PATH of a row, relative to ENV_DIR. NULL: outside, or memory is exhausted. *RET_SKIP: it is a
 * path of the former place, which is another finding.
 */
static const char *path_of(struct record *r, const struct cv_record_row *row, bool *ret_skip)
{
	struct cv_arena *a = r->arena;
	const char *path = cv_existing_path(a, &r->layout, row->path), *text;

	*ret_skip = false;
	if (path)
		return path;
	text = cv_strdup(a, row->path);
	if (!text || !cv_path_is_abs(text))
		return NULL;
	text = cv_path_abs(a, NULL, text);
	*ret_skip = text && cv_check_is_former(r->check, text);
	return text ? cv_check_below(r->check, text) : NULL;
}

/* A name that the listing has in another form: of another case, or created meanwhile. */
static bool exists(struct cv_check *c, const char *path)
{
	struct cv_os_stat st;

	return cv_contents_obstacle(&c->contents, path) ||
	       cv_os_stat(c->env->dir, path, CV_OS_NOFOLLOW, &st) == 0;
}

/*
 * A script is generated from entry points, and other tools change its first line when they move an
 * environment. So it is compared only with CVENV_FULL, and not if it is known to be wrong.
 */
static bool is_compared(struct cv_check *c, const char *path)
{
	const char *name = c->env->bin ? cv_path_below(path, c->env->bin) : NULL;
	const struct cv_program *p = name ? cv_finished_program(c->env, name) : NULL;

	if (!p || p->kind != CV_PROGRAM_SCRIPT)
		return true;
	return c->full && !c->is_told[p - c->env->programs];
}

static int check_file(struct record *r, const char *path, const struct cv_record_row *row)
{
	struct cv_check *c = r->check;
	const struct cv_content *file = cv_contents_find(&c->contents, path);
	uint64_t size;
	int rc = 0;

	if (!file) {
		if (!exists(c, path))
			see(&r->missing, path);
		return 0;
	}
	if (file->type == CV_OS_LINK || file->error)
		return 0;
	if (file->type != CV_OS_FILE)
		see(&r->missing, path);
	else if (!is_compared(c, path))
		return 0;
	else if (cv_str_u64(row->size, UINT64_MAX, &size) && size != file->size)
		see(&r->size, path);
	else if (c->full && cv_str_starts(row->hash, CV_LIT(CV_RECORD_SHA256)))
		rc = differs(r, path, row);
	if (rc > 0)
		see(&r->hash, path);
	return rc < 0 ? rc : 0;
}

/* Python writes bytecode again, and RECORD has no hash of itself. virtualenv lists __pycache__. */
static int check_row(struct record *r, const struct cv_record_row *row)
{
	bool skip;
	const char *path;

	if (cv_str_ends(row->path, CV_LIT(".pyc")) ||
		cv_str_ends(row->path, CV_LIT("/__pycache__")))
		return 0;
	path = path_of(r, row, &skip);
	if (path && strcmp(path, r->path) == 0) {
		r->lists_itself = true;
		return 0;
	}
	if (path)
		return check_file(r, path, row);
	if (!skip)
		see(&r->outside, cv_strdup(r->arena, row->path));
	return 0;
}

static void report(struct record *r, enum cv_finding_kind kind, const struct seen *s,
	const char *one, const char *several)
{
	const struct cv_check_package *p = r->package;
	const char *file = kind == CV_FINDING_RECORD_OUTSIDE ? r->path : s->first;

	if (!s->count)
		return;
	if (!s->first) {
		r->check->to->bad = true;
		return;
	}
	if (s->count == 1)
		cv_finding_add_as(r->check->to, kind, CVENV_DEFECT, p->cure, p->name, file,
			"%s: '%s' %s", p->name, s->first, one);
	else
		cv_finding_add_as(r->check->to, kind, CVENV_DEFECT, p->cure, p->name, file,
			"%s: '%s' and %zu other file%s %s", p->name, s->first, s->count - 1,
			s->count == 2 ? "" : "s", several);
}

static int check_rows(struct record *r, struct cv_str text, struct cvenv_error *err)
{
	const struct cv_check_package *p = r->package;
	struct cv_record_row *rows;
	struct cvenv_error why;
	size_t count;
	int rc = cv_record_parse(r->arena, text, &rows, &count, &why);

	if (rc == -ENOMEM)
		return cv_fail_nomem(err);
	if (rc < 0) {
		cv_finding_add_as(r->check->to, CV_FINDING_RECORD_INVALID, CVENV_DEFECT, p->cure,
			p->name, r->path, "%s: %s", p->name, why.message);
		return 0;
	}
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = check_row(r, &rows[i]);
		if (rc == 0 && cv_stopped(r->check->ctx))
			rc = -EINTR;
	}
	if (rc < 0)
		return cv_fail(err, -rc, "cannot compare '%s/%s'", r->check->env->env_dir, r->path);
	if (!r->lists_itself)
		cv_finding_add_as(r->check->to, CV_FINDING_RECORD_INVALID, CVENV_DEFECT, p->cure,
			p->name, r->path, "%s: RECORD is not complete: it does not list itself",
			p->name);
	report(r, CV_FINDING_FILE_MISSING, &r->missing, "is missing", "are missing");
	report(r, CV_FINDING_FILE_SIZE, &r->size, "has another size than in RECORD",
		"have another size than in RECORD");
	report(r, CV_FINDING_FILE_HASH, &r->hash, "has another content than in RECORD",
		"have another content than in RECORD");
	report(r, CV_FINDING_RECORD_OUTSIDE, &r->outside, "in RECORD is outside of the environment",
		"in RECORD are outside of the environment");
	return 0;
}

/* Without RECORD pip cannot uninstall the distribution; older ones have none by design. */
static void report_missing(struct cv_check *c, const struct cv_check_package *p)
{
	bool old = p->found->kind == CV_FOUND_EGG_INFO;

	cv_finding_add_as(c->to, CV_FINDING_RECORD_MISSING, old ? CVENV_NOTE : CVENV_DEFECT,
		old ? CV_CURE_NONE : p->cure, p->name, p->info, "%s has no RECORD of its files",
		p->name);
}

int cv_check_record(struct cv_check *c, const struct cv_check_package *p, struct cvenv_error *err)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	struct record r = { .check = c, .package = p, .layout = c->env->layout, .arena = &scratch };
	const struct cv_content *info = cv_contents_find(&c->contents, p->info);
	struct cv_str text;
	int rc;

	r.layout.purelib = p->site;
	r.path = cv_path_join(&scratch, p->info, "RECORD");
	if (!r.path)
		return cv_fail_nomem(err);
	/* a link is reported as such, and not followed */
	if (p->found->kind == CV_FOUND_EGG_LINK || !info || info->type == CV_OS_LINK)
		return 0;
	if (!cv_contents_find(&c->contents, r.path)) {
		report_missing(c, p);
		return 0;
	}
	r.below =
		(struct cv_below){ .arena = &scratch, .top = c->env->dir, .name = c->env->env_dir };
	rc = cv_below_text(&r.below, r.path, CV_RECORD_TEXT_MAX, &text, err);
	if (rc == 0)
		cv_finding_add_as(c->to, CV_FINDING_RECORD_INVALID, CVENV_DEFECT, p->cure, p->name,
			r.path, "%s: RECORD is not a file of at most %d MiB", p->name,
			CV_RECORD_TEXT_MAX >> 20);
	rc = rc > 0 ? check_rows(&r, text, err) : rc;
	cv_below_close(&r.below);
	return rc;
}
