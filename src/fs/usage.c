/* SPDX-License-Identifier: MIT */
#include "fs/usage.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "fs/dir.h"

enum { ROOM_FIRST = 64 };

/* A file with several names. */
struct cv_usage_inode {
	struct cv_os_id id;
	uint64_t disk, shared;
	uint64_t links, seen; /* its names, and those that were added; seen 0: an empty slot */
};

static size_t slot_of(const struct cv_os_id *id, size_t room)
{
	uint64_t n = id->number[0] * UINT64_C(0x9e3779b97f4a7c15);

	n ^= (n >> 32) + id->number[1] + id->device;
	n *= UINT64_C(0xff51afd7ed558ccd);
	return (size_t)(n ^ (n >> 33)) & (room - 1);
}

/* The slot of ID, or the empty slot for it. The table is never full. */
static struct cv_usage_inode *find(
	struct cv_usage_inode *inodes, size_t room, const struct cv_os_id *id)
{
	size_t i = slot_of(id, room);

	while (inodes[i].seen && !cv_os_same_id(&inodes[i].id, id))
		i = (i + 1) & (room - 1);
	return &inodes[i];
}

static int make_room(struct cv_usage *u)
{
	size_t room = u->inode_room ? 2 * u->inode_room : ROOM_FIRST;
	struct cv_usage_inode *more;

	if (u->inode_count < u->inode_room / 2)
		return 0;
	more = calloc(room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	for (size_t i = 0; i < u->inode_room; i++)
		if (u->inodes[i].seen)
			*find(more, room, &u->inodes[i].id) = u->inodes[i];
	free(u->inodes);
	u->inodes = more;
	u->inode_room = room;
	return 0;
}

/* *RET is NULL if there are too many. */
static int look_up(struct cv_usage *u, const struct cv_os_id *id, struct cv_usage_inode **ret)
{
	int rc = make_room(u);

	*ret = rc < 0 ? NULL : find(u->inodes, u->inode_room, id);
	if (*ret && !(*ret)->seen && u->inode_count >= CV_USAGE_INODES_MAX)
		*ret = NULL;
	return rc;
}

/* The bytes that it shares with other files; all of them if that cannot be found out. */
static uint64_t shared_of(
	struct cv_usage *u, struct cv_os_dir at, const char *name, const struct cv_os_stat *st)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	uint64_t shared = 0;
	int rc;

	if (!u->extents || st->type != CV_OS_FILE || st->disk == 0)
		return 0;
	if (u->device != st->id.device) {
		u->device = st->id.device;
		u->shares = cv_os_shares(at);
	}
	if (!u->shares)
		return 0;
	rc = cv_os_open(at, name, CV_OS_NOFOLLOW | CV_OS_QUIET, &file);
	if (rc == 0)
		rc = cv_os_shared(file, &shared);
	if (rc < 0 && cv_err_unsupported(-rc)) {
		u->shares = false;
		return 0;
	}
	return rc < 0 || shared > st->disk ? st->disk : shared;
}

int cv_usage_add(
	struct cv_usage *u, struct cv_os_dir at, const char *name, const struct cv_os_stat *st)
{
	struct cv_usage_inode *inode;
	int rc;

	u->files += st->type != CV_OS_DIR;
	if (st->type == CV_OS_DIR || st->links <= 1) {
		u->bytes += st->disk;
		u->single += st->disk - shared_of(u, at, name, st);
		return 0;
	}
	rc = look_up(u, &st->id, &inode);
	if (rc < 0)
		return rc;
	if (!inode) {
		u->bytes += st->disk;
	} else if (inode->seen) {
		inode->seen++;
	} else {
		u->bytes += st->disk;
		*inode = (struct cv_usage_inode){ .id = st->id,
			.disk = st->disk,
			.shared = shared_of(u, at, name, st),
			.links = st->links,
			.seen = 1 };
		u->inode_count++;
	}
	return 0;
}

/* Such as those of "sudo pip". The owner of a directory can change its mode; root always can. */
static bool may_remove_from(struct cv_os_dir at, const char *name, const struct cv_os_stat *st)
{
	uint64_t user = cv_os_user();

	return st->owner == user || user == CV_OS_ADMINISTRATOR ||
	       cv_os_access(at, name, CV_OS_MAY_WRITE) == 0;
}

static int add_below(struct cv_usage *u, struct cv_os_dir at, const char *name,
	const struct cv_os_stat *dir_st, int depth)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = cv_usage_add(u, at, name, dir_st);
	bool asked = false;

	u->too_deep |= depth >= CV_DEPTH_MAX - 1;
	if (rc == 0 && depth < CV_DEPTH_MAX)
		(void)cv_os_list_open(at, name, CV_OS_NOFOLLOW | CV_OS_QUIET, &list);
	while (rc == 0 && cv_os_list_next(&list) > 0) {
		struct cv_os_stat st;

		if (!asked)
			u->locked |= !may_remove_from(at, name, dir_st);
		asked = true;

		if (cv_os_stat(list.dir, list.name, CV_OS_NOFOLLOW, &st) < 0)
			continue;
		if (st.type != CV_OS_DIR)
			rc = cv_usage_add(u, list.dir, list.name, &st);
		else if (st.id.device == dir_st->id.device)
			rc = add_below(u, list.dir, list.name, &st, depth + 1);
	}
	return rc;
}

int cv_usage_add_tree(
	struct cv_usage *u, struct cv_os_dir at, const char *name, struct cv_os_stat *ret_st)
{
	struct cv_os_stat st = { 0 };
	int rc = cv_os_stat(at, name, CV_OS_NOFOLLOW, &st);

	if (ret_st)
		*ret_st = st;
	if (rc < 0)
		return 0;
	return st.type == CV_OS_DIR ? add_below(u, at, name, &st, 0)
				    : cv_usage_add(u, at, name, &st);
}

int cv_usage_merge(struct cv_usage *u, const struct cv_usage *more)
{
	u->files += more->files;
	u->single += more->single;
	u->bytes += more->bytes;
	for (size_t i = 0; i < more->inode_room; i++) {
		const struct cv_usage_inode *from = &more->inodes[i];
		struct cv_usage_inode *inode;
		int rc = from->seen ? look_up(u, &from->id, &inode) : 0;

		if (rc < 0)
			return rc;
		if (!from->seen || !inode)
			continue;
		if (inode->seen) {
			inode->seen += from->seen;
			u->bytes -= from->disk; /* counted by both */
		} else {
			*inode = *from;
			u->inode_count++;
		}
	}
	return 0;
}

void cv_usage_end(struct cv_usage *u)
{
	u->frees = u->single;
	for (size_t i = 0; i < u->inode_room; i++)
		if (u->inodes[i].seen && u->inodes[i].seen >= u->inodes[i].links)
			u->frees += u->inodes[i].disk - u->inodes[i].shared;
}

void cv_usage_done(struct cv_usage *u)
{
	free(u->inodes);
	u->inodes = NULL;
	u->inode_count = u->inode_room = 0;
}
