/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_ARENA_H
#define CV_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Memory that lives as long as one operation (one wheel, one environment). Allocations are zeroed.
 * They cannot be freed singly: cv_arena_done() frees all. Every function here returns NULL only
 * when memory is exhausted.
 *
 *	struct cv_arena arena OWN_ARENA = { 0 };	// own.h
 */
struct cv_arena {
	struct cv_chunk *chunks;
};

void *cv_alloc(struct cv_arena *a, size_t count, size_t size, size_t align);
void cv_arena_done(struct cv_arena *a);

#define cv_new(arena, type, count) \
	((type *)cv_alloc((arena), (count), sizeof(type), _Alignof(type)))

/*
 * An array that grows: let it have more than COUNT elements. At first, *ARRAY is NULL and its *ROOM
 * is 0. New elements are zero. False: memory is exhausted, and nothing has changed.
 *
 *	if (!cv_grow(a, &list->all, list->count, &list->room))
 *		return cv_fail_nomem(err);
 *	list->all[list->count++] = one;
 */
bool cv_grow_array(struct cv_arena *a, void *array, size_t count, size_t *room, size_t size);

#define cv_grow(arena, array, count, room) \
	cv_grow_array((arena), (array), (count), (room), sizeof(**(array)))

/* NUL-terminated copies in the arena. */
char *cv_strdup(struct cv_arena *a, struct cv_str s);
char *cv_strfmt(struct cv_arena *a, const char *fmt, ...) CV_PRINTF(2, 3);

/* A copy of S in the arena. Its p is NULL only when memory is exhausted. */
struct cv_str cv_str_dup(struct cv_arena *a, struct cv_str s);

#endif
