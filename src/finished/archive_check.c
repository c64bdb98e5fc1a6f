/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "env/rewrite.h"
#include "finished/archive_in.h"
#include "finished/packed.h"
#include "wheel/first_line.h"

/*
 * An environment is read although parts of it are broken and cannot be read. A failure that
 * passes must not make an archive with a script that starts an interpreter in the old place: it
 * would work until that place is gone.
 */
static int unread(struct cv_packing *p, const char *name)
{
	int rc = cv_fail_msg(p->err, EAGAIN, "'%s' could not be read a moment ago", name);

	return cv_hint(p->err, rc, "run the command again");
}

/* Read at most ROOM bytes of the start of a file. */
static int read_head(
	struct cv_packing *p, const struct cv_packed *m, char *buf, size_t room, struct cv_str *ret)
{
	struct cv_packed_opener *opener = cv_new(p->a, struct cv_packed_opener, 1);
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	int64_t n = 0;
	int rc;

	if (!opener)
		return cv_fail_nomem(p->err);
	memcpy(opener->roots, p->roots, sizeof(opener->roots));
	rc = cv_packed_open(opener, m, &file, p->err);
	cv_packed_opener_close(opener);
	if (rc == 0)
		n = cv_os_read(file, buf, room);
	if (n < 0)
		return cv_fail(p->err, (int)-n, "cannot read '%s'", m->name);
	*ret = (struct cv_str){ buf, (size_t)n };
	return rc;
}

/* Does the script start an interpreter in the old place? */
static bool starts_old(struct cv_packing *p, struct cv_str head)
{
	struct cv_first_line line;
	const char *python;

	if (cv_first_line_parse(p->a, head, &line) <= 0 || line.form == CV_FIRST_LINE_BESIDE)
		return false;
	python = cv_strdup(p->a, line.python);
	for (size_t i = 0; python && i < p->place_count; i++) {
		const char *below = cv_path_below(python, p->places[i]);
		const char *name = below ? cv_path_below(below, p->env.layout.bin) : NULL;

		if (name && cv_is_interpreter_name(name))
			return true;
	}
	return false;
}

/* Read the whole text. 1: it contains an old path; 0: it does not, or it is too large to tell. */
static int mentions_old(struct cv_packing *p, const struct cv_packed *m)
{
	struct cv_pair *pairs = cv_new(p->a, struct cv_pair, p->place_count);
	struct cv_rewriting how = { .pairs = pairs, .count = p->place_count };
	struct cv_str text = { 0 };
	int rc;

	if (!pairs)
		return cv_fail_nomem(p->err);
	for (size_t i = 0; i < p->place_count; i++)
		pairs[i] = (struct cv_pair){ p->places[i], CV_PACKED_PLACE };
	rc = cv_packed_read(p->roots, m, p->a, &text, p->err);
	return rc < 0 ? rc : cv_rewrite_mentions(&how, text);
}

static int check_file(struct cv_packing *p, const struct cv_packed *m, enum cv_program_kind kind)
{
	char buf[CV_FIRST_LINE_MAX];
	struct cv_str head = { 0 };
	int rc;

	if (m->size > CV_TEXTS_FILE_MAX) /* a warning names it */
		return 0;
	if (kind == CV_PROGRAM_ACTIVATION) { /* a relocatable one stays as it is */
		rc = mentions_old(p, m);
		return rc > 0 ? unread(p, m->name) : rc;
	}
	rc = read_head(p, m, buf, sizeof(buf), &head);
	return rc == 0 && starts_old(p, head) ? unread(p, m->name) : rc;
}

/* A program of bin is what `env` says of it, and was rewritten. */
static int check_program(struct cv_packing *p, const struct cv_packed *m, const char *name)
{
	const struct cv_program *program = cv_finished_program(&p->env, name);

	if (!program || program->file != (m->type == CV_PACKED_FILE) ||
		(program->link != NULL) != (m->type == CV_PACKED_LINK))
		return m->type == CV_PACKED_DIR && program ? 0 : unread(p, m->name);
	if (m->type != CV_PACKED_FILE || program->kind == CV_PROGRAM_INTERPRETER)
		return 0;
	return check_file(p, m, program->kind);
}

/* A file in which an old path was left has one, or could not be read. */
static int check_left(struct cv_packing *p, const char *path)
{
	const struct cv_packed *m = cv_packed_find(&p->list, path);
	int rc;

	if (!m || m->type != CV_PACKED_FILE || m->has_data || m->size > CV_TEXTS_FILE_MAX)
		return 0;
	rc = mentions_old(p, m);
	if (rc < 0)
		return rc;
	return rc > 0 ? 0 : unread(p, path);
}

int cv_archive_check_texts(struct cv_packing *p)
{
	int rc = 0;

	for (size_t i = 0; i < p->list.count && rc == 0; i++) {
		const struct cv_packed *m = &p->list.all[i];
		const char *name = cv_path_below(m->name, p->env.layout.bin);

		if (m->root == CV_ROOT_ENV && !m->has_data && name && *name && !strchr(name, '/'))
			rc = check_program(p, m, name);
	}
	for (size_t i = 0; i < p->left.count && rc == 0; i++)
		rc = check_left(p, p->left.paths[i]);
	return rc;
}
