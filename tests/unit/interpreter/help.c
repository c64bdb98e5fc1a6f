/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "interpreter/find.h"
#include "interpreter/spawn.h"

extern char **environ;

static void keep_log(void *data, enum cvenv_level level, const char *msg)
{
	struct world *w = data;
	size_t n = strlen(w->log);

	(void)level;
	(void)snprintf(w->log + n, sizeof(w->log) - n, "%s\n", msg);
}

int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char real[PATH_MAX];

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/cvenv-test-XXXXXX");
	if (!mkdtemp(w->dir) || !realpath(w->dir, real) || strlen(real) >= sizeof(w->dir))
		return -1;
	memcpy(w->dir, real, strlen(real) + 1);
	w->ctx = (struct cv_ctx){ .envp = w->env, .log = keep_log, .log_data = w };
	w->ctx.cwd = at(w, "cwd");
	make_dirs(w->ctx.cwd);
	world_env(w, "HOME", "%s", at(w, "home"));
	world_env(w, "PATH", "%s", at(w, "bin"));
	*state = w;
	return 0;
}

static int unlink_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

int world_teardown(void **state)
{
	struct world *w = *state;

	(void)nftw(w->dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
	cv_arena_done(&w->arena);
	free(w);
	return 0;
}

void world_env(struct world *w, const char *name, const char *fmt, ...)
{
	char value[PATH_MAX * 2];
	size_t len = strlen(name), i = 0;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	while (w->env[i] && !(strncmp(w->env[i], name, len) == 0 && w->env[i][len] == '='))
		i++;
	assert_true(i < ENV_MAX);
	w->env[i] = cv_strfmt(&w->arena, "%s=%s", name, value);
}

char *at(struct world *w, const char *fmt, ...)
{
	char name[PATH_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return cv_path_join(&w->arena, w->dir, name);
}

void make_dirs(const char *path)
{
	char copy[PATH_MAX];

	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(copy, 0755);
		*p = '/';
	}
	(void)mkdir(copy, 0755);
}

static void make_dirs_above(const char *path)
{
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	make_dirs(dir);
}

void put(const char *path, const char *text, mode_t mode)
{
	FILE *f;

	make_dirs_above(path);
	f = fopen(path, "w");
	if (!f)
		fail_msg("cannot make %s", path);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

void make_link(const char *target, const char *path)
{
	make_dirs_above(path);
	assert_int_equal(symlink(target, path), 0);
}

void put_fake(const char *path)
{
	put(path, "#!/bin/sh\nexit 3\n", 0755);
}

char *output_of(struct world *w, const char *cmd_fmt, ...)
{
	char cmd[PATH_MAX * 4];
	const char *const argv[] = { "/bin/sh", "-c", cmd, NULL };
	char tail[CV_SPAWN_TAIL_MAX + 1];
	struct cv_buf out OWN_BUF = { 0 };
	struct cv_spawn s = {
		.argv = argv,
		.envp = (const char *const *)environ,
		.timeout_ms = 120000,
		.output_max = 1 << 20,
		.flags = CV_SPAWN_OUT | CV_SPAWN_ERR,
		.ret_tail = tail,
	};
	va_list ap;
	int status;

	va_start(ap, cmd_fmt);
	(void)vsnprintf(cmd, sizeof(cmd), cmd_fmt, ap);
	va_end(ap);
	must(w, cv_spawn(&w->ctx, &s, &out, &status, &w->err));
	if (status != 0)
		fail_msg("%s: %s", cmd, tail);
	while (out.n && out.p[out.n - 1] == '\n')
		out.p[--out.n] = '\0';
	return cv_strdup(&w->arena, cv_buf_slice(&out));
}

void not_under_valgrind(void)
{
	if (getenv("CVENV_TEST_VALGRIND")) {
		print_message("skipped: under valgrind no failure of posix_spawn() is seen\n");
		skip();
	}
}

char **real_pythons(struct world *w)
{
	static const char *const specs[] = { "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.13t",
		"3.14", "3.14t", "3.15", "python3", "python3.11-dbg", "python3.13-dbg", "pypy3" };
	enum { COUNT = sizeof(specs) / sizeof(specs[0]) };
	char **found = cv_new(&w->arena, char *, COUNT + 1);
	struct cv_ctx outside = w->ctx;
	size_t n = 0;

	outside.envp = (const char *const *)environ;
	for (size_t i = 0; i < COUNT; i++) {
		char *exe;

		if (cv_python_find(&outside, &w->arena, specs[i], NULL, &exe, &w->err) == 0)
			found[n++] = exe;
		else
			print_message("not on this machine: %s (%s)\n", specs[i], w->err.message);
	}
	found[n] = NULL;
	assert_true(n > 0);
	return found;
}
