/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 16 * 1024, ROOM_FIRST = 16 };

struct cv_chunk {
	struct cv_chunk *next;
	size_t used, room;
	alignas(max_align_t) unsigned char data[];
};

void *cv_alloc(struct cv_arena *a, size_t count, size_t size, size_t align)
{
	struct cv_chunk *c = a->chunks;
	size_t bytes, start;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4)
		return NULL;
	start = c ? (c->used + align - 1) & ~(align - 1) : 0;
	if (!c || start > c->room || bytes > c->room - start) {
		size_t room = bytes > CHUNK_SIZE ? bytes : CHUNK_SIZE;

		c = calloc(1, sizeof(*c) + room);
		if (!c)
			return NULL;
		c->room = room;
		c->next = a->chunks;
		a->chunks = c;
		start = 0;
	}
	c->used = start + bytes;
	return c->data + start;
}

void cv_arena_done(struct cv_arena *a)
{
	while (a->chunks) {
		struct cv_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
}

bool cv_grow_array(struct cv_arena *a, void *array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : ROOM_FIRST;
	void *old, *new;

	if (count < *room)
		return true;
	new = cv_alloc(a, more, size, _Alignof(max_align_t));
	if (!new)
		return false;
	memcpy(&old, array, sizeof(old)); /* ARRAY is the address of a pointer of any type */
	if (*room)
		memcpy(new, old, *room * size);
	memcpy(array, &new, sizeof(new));
	*room = more;
	return true;
}

char *cv_strdup(struct cv_arena *a, struct cv_str s)
{
	char *p = s.n < SIZE_MAX ? cv_new(a, char, s.n + 1) : NULL;

	if (p && s.n)
		memcpy(p, s.p, s.n);
	return p;
}

char *cv_strfmt(struct cv_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = len < 0 ? NULL : cv_new(a, char, (size_t)len + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}

struct cv_str cv_str_dup(struct cv_arena *a, struct cv_str s)
{
	char *p = cv_strdup(a, s);

	return (struct cv_str){ p, p ? s.n : 0 };
}
