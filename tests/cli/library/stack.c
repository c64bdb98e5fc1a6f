/* SPDX-License-Identifier: MIT */
#include <cvenv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * How much of a thread's stack the library uses: one that is filled with a pattern is read
 * afterwards.
 *
 *	stack PYTHON DIR		the cache is DIR/cache; prints "NAME BYTES" for each use
 */
enum { SIZE = 1 << 20, PATTERN = 0xa5 };

extern char **environ;

struct use {
	const char *name, *spec;
	int clear, upgrade, dry_run, clean;
	enum cvenv_compile compile;
	enum cvenv_link_mode link_mode;
};

struct job {
	const struct use *use;
	const char *python, *dir;
	int failed;
};

static void no_log(void *data, enum cvenv_level level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

/* An error is large, and is the caller's: not on the stack that is measured. */
static struct cvenv_error error;
static char cache[512];

static int use(const struct job *j)
{
	struct cvenv_options options = { sizeof(options) };
	struct cvenv_result result = { sizeof(result) };
	struct cvenv_cache_freed freed = { sizeof(freed) };
	struct cvenv *session;
	int rc;

	options.envp = (const char *const *)environ;
	options.cwd = j->dir;
	options.cache_dir = cache;
	options.python = j->use->spec ? j->use->spec : j->python;
	options.log = no_log;
	options.clear = j->use->clear;
	options.upgrade = j->use->upgrade;
	options.compile = j->use->compile;
	options.link_mode = j->use->link_mode;
	if (cvenv_open(&options, &session, &error) < 0)
		return -1;
	if (j->use->clean)
		rc = cvenv_cache_clean(session, 0, &freed, &error);
	else
		rc = (j->use->dry_run ? cvenv_plan : cvenv_create)(session, "env", &result, &error);
	cvenv_close(session);
	return rc;
}

static void *run(void *data)
{
	struct job *j = data;

	j->failed = use(j);
	return NULL;
}

static size_t measure(struct job *j)
{
	unsigned char *stack;
	pthread_attr_t attr;
	pthread_t thread;
	size_t unused = 0;

	if (posix_memalign((void **)&stack, 4096, SIZE))
		return 0;
	memset(stack, PATTERN, SIZE);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, SIZE);
	if (pthread_create(&thread, &attr, run, j))
		return 0;
	pthread_join(thread, NULL);
	while (unused < SIZE && stack[unused] == PATTERN)
		unused++;
	free(stack);
	return SIZE - unused;
}

int main(int argc, char **argv)
{
	static const struct use uses[] = {
		{ "nothing", "/nonexistent", .clear = 0 },
		{ "first", .compile = CVENV_COMPILE_ALWAYS },
		{ "again", .clear = 0 },
		{ "clear", .clear = 1 },
		{ "clear-hardlink", .clear = 1, .link_mode = CVENV_LINK_HARDLINK },
		{ "clear-copy", .clear = 1, .link_mode = CVENV_LINK_COPY },
		{ "upgrade", .upgrade = 1 },
		{ "plan", .dry_run = 1 },
		{ "version", "3", .clear = 1 },
		{ "no-version", "3.99", .clear = 1 },
		{ "clean", .clean = 1 },
		{ "cold", .clear = 1 },
	};
	struct job job = { .python = argv[1], .dir = argv[2] };

	if (argc != 3)
		return 2;
	snprintf(cache, sizeof(cache), "%s/cache", argv[2]);
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		job.use = &uses[i];
		printf("%s %zu\n", uses[i].name, measure(&job));
		if (job.failed)
			fprintf(stderr, "%s: %s\n", uses[i].name, error.message);
	}
	return 0;
}
