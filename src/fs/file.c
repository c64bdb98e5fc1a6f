/* SPDX-License-Identifier: MIT */
#include "fs/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "fs/dir.h"
#include "fs/retry.h"

enum {
	COPY_CHUNK = 128 * 1024,
	COMPARE_CHUNK = 64 * 1024,
	SIZELESS_MAX = 16 * 1024,
};

/*
 * Read to the end of the file, or until ROOM is full. A read that reaches ENOUGH bytes (if not 0)
 * is the last one.
 */
static int read_all(struct cv_os_file file, char *p, size_t room, size_t enough, size_t *ret_len)
{
	size_t n = 0;

	while (n < room && (n == 0 || n != enough)) {
		int64_t got = cv_os_read(file, p + n, room - n);

		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*ret_len = n;
	return 0;
}

int cv_read_file_stat(struct cv_os_dir at, const char *name, unsigned how, size_t max,
	struct cv_arena *a, struct cv_str *ret, struct cv_os_stat *ret_st, struct cvenv_error *err)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	struct cv_os_stat st = { 0 };
	size_t room, len = 0;
	int opened = cv_os_open(at, name, how, &file), rc;
	char *p;

	if (opened < 0 && opened != -ENXIO && opened != -EISDIR)
		return cv_fail(err, -opened, "cannot open '%s'", name);
	rc = opened == 0 ? cv_os_stat_file(file, &st) : 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", name);
	if (st.type != CV_OS_FILE) /* ENXIO: a socket; EISDIR: a directory on Windows */
		return cv_fail_msg(err, EINVAL, "cannot read '%s': not a regular file", name);
	if (st.size > max)
		return cv_fail(err, CVENV_ELIMIT, "cannot read '%s'", name);
	room = (size_t)st.size + 1; /* one more byte, to notice a file that grows */
	if (st.size == 0)           /* files in /proc have size 0 */
		room = (max < SIZELESS_MAX ? max : SIZELESS_MAX) + 1;
	p = cv_new(a, char, room + 1);
	if (!p)
		return cv_fail_nomem(err);
	rc = read_all(file, p, room, (size_t)st.size, &len);
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", name);
	if (len > max)
		return cv_fail(err, CVENV_ELIMIT, "cannot read '%s'", name);
	*ret = (struct cv_str){ p, len };
	*ret_st = st;
	return 0;
}

int cv_read_file(struct cv_os_dir at, const char *name, unsigned how, size_t max,
	struct cv_arena *a, struct cv_str *ret, struct cvenv_error *err)
{
	struct cv_os_stat st;

	return cv_read_file_stat(at, name, how, max, a, ret, &st, err);
}

bool cv_file_is(struct cv_os_dir at, const char *name, struct cv_str data, unsigned *ret_mode)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_os_stat st = { 0 };
	struct cv_str text = { 0 };

	if (cv_read_file_stat(at, name, CV_OS_NOFOLLOW, data.n, &a, &text, &st, NULL) < 0)
		return false;
	*ret_mode = st.mode;
	return cv_str_eq(text, data);
}

/* Are the first SIZE bytes of A and B the same? */
static bool same_bytes(struct cv_os_file a, struct cv_os_file b, uint64_t size)
{
	OWN_MEM char *buf = malloc((size_t)2 * COMPARE_CHUNK);

	for (uint64_t done = 0; buf && done < size;) {
		size_t room = size - done < COMPARE_CHUNK ? (size_t)(size - done) : COMPARE_CHUNK;
		size_t n = 0, m = 0;

		if (read_all(a, buf, room, room, &n) < 0 ||
			read_all(b, buf + COMPARE_CHUNK, room, room, &m) < 0 || n != room ||
			m != room || memcmp(buf, buf + COMPARE_CHUNK, room) != 0)
			return false;
		done += room;
	}
	return buf;
}

bool cv_file_is_copy(struct cv_os_dir at, const char *name, const char *source, unsigned *ret_mode)
{
	OWN_OS_FILE struct cv_os_file copy = CV_OS_NO_FILE, from = CV_OS_NO_FILE;
	struct cv_os_stat st = { 0 }, wanted = { 0 };

	if (cv_os_open(at, name, CV_OS_NOFOLLOW, &copy) < 0 || cv_os_stat_file(copy, &st) < 0 ||
		cv_os_open(CV_OS_ABSOLUTE, source, CV_OS_FOLLOW, &from) < 0 ||
		cv_os_stat_file(from, &wanted) < 0)
		return false;
	*ret_mode = st.mode;
	return st.type == CV_OS_FILE && wanted.type == CV_OS_FILE && st.size == wanted.size &&
	       same_bytes(copy, from, st.size);
}

/* Copy from BEGIN on, at most MAX bytes; *ret_done is the number copied. */
static int copy_by_hand(struct cv_os_file from, struct cv_os_file to, uint64_t begin, uint64_t max,
	uint64_t *ret_done)
{
	OWN_MEM char *buf = malloc(COPY_CHUNK);
	uint64_t done = 0;

	if (!buf)
		return -ENOMEM;
	while (done < max) {
		size_t want = max - done < COPY_CHUNK ? (size_t)(max - done) : COPY_CHUNK;
		int64_t n = cv_os_read_at(from, buf, want, begin + done);
		int rc = n > 0 ? cv_os_write(to, buf, (size_t)n) : (int)n;

		if (rc < 0)
			return rc;
		if (n == 0)
			break;
		done += (uint64_t)n;
	}
	*ret_done = done;
	return 0;
}

/* Copy to the end of the file. SIZE is from its stat, which is 0 for files in /proc. */
static int copy_all(struct cv_os_file from, struct cv_os_file to, uint64_t size)
{
	int64_t done = cv_os_copy(from, 0, size, to);
	uint64_t rest;

	if (done < 0)
		return (int)done;
	if ((uint64_t)done == size && size)
		return 0;
	return copy_by_hand(from, to, (uint64_t)done, UINT64_MAX, &rest);
}

static int copy_part(struct cv_os_file from, struct cv_os_file to, uint64_t begin, uint64_t size)
{
	int64_t copied = cv_os_copy(from, begin, size, to);
	uint64_t done = copied > 0 ? (uint64_t)copied : 0, rest = 0;
	int rc = copied < 0 ? (int)copied : 0;

	if (rc == 0 && done < size)
		rc = copy_by_hand(from, to, begin + done, size - done, &rest);
	return rc == 0 && done + rest < size ? -CVENV_ECORRUPT : rc;
}

bool cv_refuses_attribute(int code)
{
	return code == EACCES || cv_err_unsupported(code);
}

/* The mode to create the file with, less the umask. */
static unsigned first_mode(const struct cv_new_file *how)
{
	return how->mode | how->add_mode;
}

static int set_mode(struct cv_os_file file, const struct cv_new_file *how)
{
	unsigned mode, needed;
	struct cv_os_stat st;
	int rc;

	if (!how->exact && !how->add_mode)
		return 0;
	rc = cv_os_stat_file(file, &st);
	if (rc < 0)
		return rc;
	mode = (how->exact ? how->mode : st.mode) | how->add_mode;
	if (mode == st.mode)
		return 0;
	rc = cv_os_chmod(file, mode);
	needed = mode & 0700;
	return rc < 0 && cv_refuses_attribute(-rc) && (st.mode & needed) == needed ? 0 : rc;
}

/*
 * A time only matters to bytecode, which contains that of its source. A caller that writes both, or
 * to whom the time does not matter, sets `lost_mtime`.
 */
static int set_mtime(struct cv_os_file file, const struct cv_new_file *how)
{
	int rc = cv_os_set_mtime(file, how->mtime);

	if (rc == 0 || !how->lost_mtime || !cv_refuses_attribute(-rc))
		return rc;
	*how->lost_mtime = true;
	return 0;
}

static int finish(struct cv_os_file file, const struct cv_new_file *how)
{
	int rc = set_mode(file, how);

	return rc == 0 && how->set_mtime ? set_mtime(file, how) : rc;
}

static int cannot_create(int rc, const char *name, struct cvenv_error *err)
{
	return cv_fail(err, -rc, "cannot create '%s'", name);
}

/* Close FILE. If RC or closing is an error, delete it and fill *err. */
static int close_new(struct cv_os_dir at, const char *name, struct cv_os_file *file, int rc,
	struct cvenv_error *err)
{
	int closed = cv_os_close(file); /* may be the first call that reports a full disk */

	if (rc == 0)
		rc = closed;
	if (rc == 0)
		return 0;
	(void)cv_os_unlink(at, name);
	return cv_fail(err, -rc, "cannot write '%s'", name);
}

int cv_write_begin(struct cv_writing *w, struct cv_os_dir at, const char *name,
	const struct cv_new_file *how, struct cvenv_error *err)
{
	int rc;

	*w = (struct cv_writing){ .at = at, .name = name, .how = how };
	rc = cv_os_create(at, name, first_mode(how), &w->file);
	return rc < 0 ? cannot_create(rc, name, err) : 0;
}

int cv_write_add(struct cv_writing *w, struct cv_str data)
{
	return cv_os_write(w->file, data.p, data.n);
}

int cv_write_end(struct cv_writing *w, int rc, struct cvenv_error *err)
{
	if (rc == 0)
		rc = finish(w->file, w->how);
	return close_new(w->at, w->name, &w->file, rc, err);
}

int cv_write_new(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_str data, struct cvenv_error *err)
{
	struct cv_writing w;
	int rc = cv_write_begin(&w, at, name, how, err);

	return rc < 0 ? rc : cv_write_end(&w, cv_write_add(&w, data), err);
}

int cv_copy_new(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_os_file from, uint64_t size, bool *reflink, struct cvenv_error *err)
{
	struct cv_os_file to;
	int rc = *reflink ? cv_os_create_clone(at, name, first_mode(how), from, &to, reflink)
			  : cv_os_create(at, name, first_mode(how), &to);

	if (rc < 0)
		return cannot_create(rc, name, err);
	if (!*reflink)
		rc = copy_all(from, to, size);
	if (rc == 0)
		rc = finish(to, how);
	return close_new(at, name, &to, rc, err);
}

int cv_copy_part(struct cv_os_dir at, const char *name, const struct cv_new_file *how,
	struct cv_os_file from, uint64_t begin, uint64_t size, bool *reflink,
	struct cvenv_error *err)
{
	struct cv_os_file to;
	int rc = cv_os_create(at, name, first_mode(how), &to);

	if (rc < 0)
		return cannot_create(rc, name, err);
	if (*reflink)
		rc = cv_os_clone_part(from, begin, size, to);
	if (rc == 0) {
		*reflink = false;
		rc = copy_part(from, to, begin, size);
	}
	if (rc >= 0)
		rc = finish(to, how);
	return close_new(at, name, &to, rc, err);
}

/*
 * Rename TMP to NAME, which must not exist. Where rename cannot tell, a hard link can; it leaves
 * TMP.
 */
static int give_name(struct cv_os_dir at, const char *tmp, const char *name)
{
	struct cv_retry retry = { .left_ms = CV_RETRY_SOON_MS };
	struct cv_os_stat st;
	int rc = cv_rename(&retry, at, tmp, at, name, CV_OS_NEW);

	if (rc == 0 || !cv_err_unsupported(-rc))
		return rc;
	rc = cv_os_link(at, tmp, at, name);
	if (rc == 0)
		(void)cv_os_unlink(at, tmp);
	if (rc == 0 || rc == -EEXIST)
		return rc;
	rc = cv_os_stat(at, name, CV_OS_NOFOLLOW, &st);
	if (rc != -ENOENT)
		return rc == 0 ? -EEXIST : rc;
	return cv_rename(&retry, at, tmp, at, name, CV_OS_REPLACE);
}

static int write_whole(struct cv_os_dir at, const char *name, unsigned mode, struct cv_str data,
	bool replace, struct cvenv_error *err)
{
	struct cv_new_file how = { .mode = mode };
	struct cv_retry retry = { .left_ms = CV_RETRY_SOON_MS };
	char tmp[CV_TEMP_NAME_MAX];
	int rc, tries = 0;

	do {
		cv_temp_name(tmp);
		rc = cv_write_new(at, tmp, &how, data, err);
	} while (rc == -EEXIST && ++tries < CV_TEMP_TRIES);
	if (rc < 0)
		return cv_wrap(err, rc, "cannot write '%s'", name);
	rc = replace ? cv_rename(&retry, at, tmp, at, name, CV_OS_REPLACE)
		     : give_name(at, tmp, name);
	if (rc == 0)
		return 0;
	(void)cv_os_unlink(at, tmp);
	return cv_fail(err, -rc, "cannot write '%s'", name);
}

int cv_replace_file(struct cv_os_dir at, const char *name, unsigned mode, struct cv_str data,
	struct cvenv_error *err)
{
	return write_whole(at, name, mode, data, true, err);
}

int cv_create_file(struct cv_os_dir at, const char *name, unsigned mode, struct cv_str data,
	struct cvenv_error *err)
{
	return write_whole(at, name, mode, data, false, err);
}
