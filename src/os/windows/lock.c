/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * The lock of a directory is an event whose name contains the directory's id. The process that
 * creates it has the lock; the system deletes it with its last handle, so also when the process
 * dies.
 *
 * Not a mutex: that belongs to a thread, which could lock it twice. Not a share mode: a handle that
 * does not share writing prevents renames into the directory, and one that does not share deleting
 * prevents renames of it. Not a file in the directory: that could not be renamed while it is open.
 * The name does not contain the user, since two users may create one environment. As with flock(),
 * a user who knows the id can keep the lock.
 *
 * The list is the only way from a handle to its event: struct cv_os_dir has room for one handle,
 * and is copied.
 */
struct lock {
	HANDLE dir, event;
	struct lock *next;
};

static SRWLOCK guard = SRWLOCK_INIT;
static struct lock *locks;
static atomic_int count;

enum { NAME_ROOM = 128 };

/* Of all sessions, not only of this one: services create environments, too. */
static void name_of(const struct cv_os_id *id, wchar_t ret[NAME_ROOM])
{
	(void)swprintf(ret, NAME_ROOM, L"\\BaseNamedObjects\\cvenv-%016llx-%016llx%016llx",
		(unsigned long long)id->device, (unsigned long long)id->number[1],
		(unsigned long long)id->number[0]);
}

static int claim(const struct cv_os_id *id, HANDLE *ret)
{
	wchar_t text[NAME_ROOM];
	UNICODE_STRING name = { .Buffer = text };
	OBJECT_ATTRIBUTES object;
	NTSTATUS status;

	name_of(id, text);
	name.Length = name.MaximumLength = (USHORT)(wcslen(text) * sizeof(*text));
	InitializeObjectAttributes(&object, &name, 0, NULL, NULL);
	status = cv_nt_claim(&object, ret);
	return status == STATUS_OBJECT_NAME_COLLISION ? -EWOULDBLOCK : cv_nt_error(status);
}

static bool has_lock(HANDLE dir)
{
	struct lock *l;

	AcquireSRWLockShared(&guard);
	for (l = locks; l && l->dir != dir; l = l->next)
		;
	ReleaseSRWLockShared(&guard);
	return l != NULL;
}

int cv_os_lock_dir(struct cv_os_dir dir)
{
	struct lock *l;
	struct cv_os_id id;
	int rc;

	if (has_lock(cv_nt_dir(dir)))
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	rc = cv_nt_id(cv_nt_dir(dir), &id);
	if (rc == 0)
		rc = claim(&id, &l->event);
	if (rc < 0) {
		free(l);
		return rc;
	}
	l->dir = cv_nt_dir(dir);
	AcquireSRWLockExclusive(&guard);
	l->next = locks;
	locks = l;
	atomic_fetch_add(&count, 1);
	ReleaseSRWLockExclusive(&guard);
	return 0;
}

void cv_nt_unlock(HANDLE dir)
{
	struct lock **at, *l;

	if (atomic_load(&count) == 0)
		return;
	AcquireSRWLockExclusive(&guard);
	for (at = &locks; *at && (*at)->dir != dir; at = &(*at)->next)
		;
	l = *at;
	if (l) {
		*at = l->next;
		atomic_fetch_sub(&count, 1);
	}
	ReleaseSRWLockExclusive(&guard);
	if (l) {
		cv_nt_close(l->event);
		free(l);
	}
}
