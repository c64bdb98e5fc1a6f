/* SPDX-License-Identifier: MIT */
#include <cvenv.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/*
 * THREADS at once, each with sessions of its own: from a cache that is cold, all make an
 * environment in one place and one of their own, and list the cache meanwhile.
 *
 *	threads PYTHON DIR		the cache is DIR/cache
 */
enum { THREADS = 8, ROUNDS = 2 };

extern char **environ;

struct worker {
	pthread_t thread;
	const char *python, *dir;
	int number, failed, lines;
};

static void count_line(void *data, enum cvenv_level level, const char *message)
{
	struct worker *w = data;

	(void)level;
	w->lines += message[0] != '\0';
}

static int one(struct worker *w, struct cvenv *session, const char *env_dir)
{
	struct cvenv_result result = { sizeof(result) };
	struct cvenv_error error;

	if (cvenv_create(session, env_dir, &result, &error) == 0)
		return strstr(result.path, env_dir) && result.version ? 0 : -1;
	fprintf(stderr, "%d: %s\n", w->number, error.message);
	/* Where several begin at once, all but one may be told so. */
	return strcmp(env_dir, "common") == 0 && strstr(error.hint, "another process") ? 0 : -1;
}

static void *work(void *data)
{
	struct worker *w = data;
	struct cvenv_options options = { sizeof(options) };
	struct cvenv_cache_info info = { sizeof(info) };
	struct cvenv_error error;
	char own[32], cache[512];

	snprintf(own, sizeof(own), "own%d", w->number);
	snprintf(cache, sizeof(cache), "%s/cache", w->dir);
	options.envp = (const char *const *)environ;
	options.cwd = w->dir;
	options.cache_dir = cache;
	options.python = w->python;
	options.log = count_line;
	options.log_data = w;
	for (int round = 0; round < ROUNDS; round++) {
		struct cvenv *session;

		if (cvenv_open(&options, &session, &error) < 0) {
			fprintf(stderr, "%d: %s\n", w->number, error.message);
			w->failed++;
			break;
		}
		w->failed += one(w, session, round == 0 ? "common" : own) < 0;
		w->failed += cvenv_cache_info(session, &info, &error) < 0;
		w->failed += cvenv_plan(session, own, NULL, &error) < 0;
		cvenv_close(session);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker workers[THREADS];
	int failed = 0;

	if (argc != 3)
		return 2;
	memset(workers, 0, sizeof(workers));
	for (int i = 0; i < THREADS; i++) {
		workers[i].python = argv[1];
		workers[i].dir = argv[2];
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 3;
	}
	for (int i = 0; i < THREADS; i++) {
		if (pthread_join(workers[i].thread, NULL))
			return 3;
		failed += workers[i].failed;
	}
	return failed ? 1 : 0;
}
