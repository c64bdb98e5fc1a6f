/* SPDX-License-Identifier: MIT */
/*
 * The floor: creates environments with only the system calls that the result needs.
 *
 *	floor                               exits at once
 *	floor LIST CACHE ENV_DIR...         creates the entries of LIST in each ENV_DIR
 *
 * bench.py has recorded LIST from an existing environment. The program has nothing to find, to
 * compute or to check: it has no interpreter, no options, no staging directory, no list of the
 * cache. The time that cvenv takes beyond this is its overhead.
 *
 * It makes the calls in the fastest way that was measured (doc/performance.md): it copies from one
 * mapped file, links from one flat directory, and opens a directory that has several entries.
 *
 * LIST, in the byte order of the machine: struct head; the entries; then names that end with a NUL,
 * to the end. CACHE contains the file "pack" and the directory "flat", whose files have numbers as
 * names.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS_MAX = 1024 };

struct head {
	uint32_t magic, entries;
};

/* An entry to create; LIST is in the order of creation. Slot 0 is ENV_DIR. */
struct entry {
	uint32_t name;   /* offset of its name among the names */
	uint32_t source; /* offset of its name in flat, or of the target of a symbolic link */
	uint32_t offset; /* in pack */
	uint32_t size;
	int64_t mtime;   /* 0: the time of creation */
	uint16_t parent; /* slot of the open directory to which the name is relative */
	uint16_t slot;   /* for a directory: the slot in which to open it; 0: do not open it */
	uint16_t mode;
	uint16_t what; /* 'd', 's', 'l', 'r', 'w': directory, symbolic link, link, reflink, write */
};

enum { MAGIC = 0x31766c66 };

struct floor_state {
	const struct entry *entries;
	const char *names, *pack;
	uint32_t count;
	int flat_fd;
	int slots[SLOTS_MAX];
};

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static char *map(int dir_fd, const char *name, size_t *ret_size)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(name);
	*ret_size = (size_t)st.st_size;
	if (st.st_size == 0)
		return NULL;
	char *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		die(name);
	close(fd);
	return p;
}

static void make_file(const struct floor_state *s, const struct entry *e, int at, const char *name)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, e->mode);

	if (fd < 0)
		die(name);
	if (e->what == 'r') {
		int from = openat(s->flat_fd, s->names + e->source, O_RDONLY | O_CLOEXEC);
		if (from < 0 || ioctl(fd, FICLONE, from) < 0)
			die(name);
		close(from);
	} else if (e->size > 0 && write(fd, s->pack + e->offset, e->size) != (ssize_t)e->size) {
		die(name);
	}
	if (e->mtime != 0) {
		const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
			{ .tv_sec = e->mtime } };
		if (futimens(fd, times) < 0)
			die(name);
	}
	close(fd);
}

static void make(struct floor_state *s, const char *env_dir)
{
	if (mkdir(env_dir, 0777) < 0)
		die(env_dir);
	s->slots[0] = open(env_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct entry *e = &s->entries[i];
		const char *name = s->names + e->name;
		int at = s->slots[e->parent], rc = 0;

		if (e->what == 'd')
			rc = mkdirat(at, name, e->mode);
		else if (e->what == 's')
			rc = symlinkat(s->names + e->source, at, name);
		else if (e->what == 'l')
			rc = linkat(s->flat_fd, s->names + e->source, at, name, 0);
		else
			make_file(s, e, at, name);
		if (rc < 0)
			die(name);
		if (e->slot != 0) {
			/* a slot is used again when its directory is complete */
			if (s->slots[e->slot] > 0)
				close(s->slots[e->slot]);
			s->slots[e->slot] = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		}
	}
	for (int i = 0; i < SLOTS_MAX; i++) {
		if (s->slots[i] > 0)
			close(s->slots[i]);
		s->slots[i] = 0;
	}
}

int main(int argc, char **argv)
{
	static struct floor_state s;
	struct head head;
	size_t size;

	if (argc == 1)
		return 0;
	if (argc < 4) {
		fputs("usage: floor [LIST CACHE ENV_DIR...]\n", stderr);
		return 2;
	}
	const char *list = map(AT_FDCWD, argv[1], &size);
	if (size < sizeof(head))
		die(argv[1]);
	memcpy(&head, list, sizeof(head));
	if (head.magic != MAGIC || head.entries > (size - sizeof(head)) / sizeof(struct entry)) {
		fprintf(stderr, "floor: %s: not a list\n", argv[1]);
		return 1;
	}
	s.count = head.entries;
	s.entries = (const struct entry *)(const void *)(list + sizeof(head));
	s.names = list + sizeof(head) + s.count * sizeof(struct entry);
	int cache = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	s.flat_fd = openat(cache, "flat", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s.flat_fd < 0)
		die(argv[2]);
	s.pack = map(cache, "pack", &size);
	for (int i = 3; i < argc; i++)
		make(&s, argv[i]);
	return 0;
}
