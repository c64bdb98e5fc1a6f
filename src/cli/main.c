/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cvenv_version.h"
#include "env/create.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, JOBS_MAX = 64, LATER_NICENESS = 10 };

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

/* Ignored signals (nohup) stay ignored. */
static void catch_signals(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		struct sigaction old, action = { .sa_handler = on_signal };

		if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(caught[i], &action, NULL);
	}
	(void)signal(SIGCHLD, SIG_DFL); /* a parent that ignores it would hide how ours end */
	(void)signal(SIGPIPE, SIG_IGN); /* EPIPE is an error like any other */
	(void)signal(SIGXFSZ, SIG_IGN); /* and EFBIG */
}

/* Die of the signal that stopped us, so that a shell or make sees it. */
static int die_of_signal(void)
{
	(void)signal(stop_signal, SIG_DFL);
	(void)raise(stop_signal);
	return EXIT_FAILED;
}

static void print_log(void *data, enum cv_level level, const char *msg)
{
	const struct cv_options *options = data;

	if ((int)level > options->verbosity)
		return;
	fputs(level == CV_LOG_WARNING ? "cvenv: warning: " : "cvenv: ", stderr);
	cv_print_safe(stderr, msg);
	fputs("\n", stderr);
}

static double now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int create_one(struct cv_session *session, const struct cv_ctx *ctx,
	const struct cv_options *o, const char *env_dir, struct cv_err *err)
{
	double start = now_ms();
	struct cv_result result;
	int rc = cv_create(session, env_dir, o->dry_run ? CV_CREATE_DRY_RUN : 0, &result, err);

	if (rc < 0)
		return rc;
	if (o->json)
		cv_print_json(stdout, &result, now_ms() - start, o->dry_run);
	else if (o->dry_run)
		cv_print_plan(stdout, &result);
	else if (o->verbosity >= 0 && isatty(STDOUT_FILENO))
		cv_print_done(stdout, &result, env_dir, o->request.activators, ctx);
	if (fflush(stdout) != 0)
		return cv_fail(err, errno, "cannot write to stdout");
	return 0;
}

/*
 * Somebody who sits at the terminal gets bytecode for the next environments, made
 * meanwhile by a process that nobody waits for. Not in scripts, not under CI.
 */
static void compile_later(
	struct cv_session *session, const struct cv_ctx *ctx, const struct cv_options *o)
{
	if (o->dry_run || o->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
		cv_getenv_nonempty(ctx, "CI") || !cv_session_wants_bytecode(session))
		return;
	if (fork() != 0)
		return;
	(void)setsid();
	(void)!freopen("/dev/null", "r", stdin);
	(void)!freopen("/dev/null", "w", stdout);
	(void)!freopen("/dev/null", "w", stderr);
	(void)setpriority(PRIO_PROCESS, 0, LATER_NICENESS);
	cv_session_compile_later(session);
	_exit(0);
}

static int create_all(const struct cv_ctx *ctx, const struct cv_options *o, struct cv_err *err)
{
	static const char *const default_dirs[] = { ".venv" };
	const char *const *dirs = o->env_dir_count ? o->env_dirs : default_dirs;
	size_t count = o->env_dir_count ? o->env_dir_count : 1;
	struct cv_session *session = NULL;
	int rc = cv_session_open(ctx, &o->request, &session, err);

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = create_one(session, ctx, o, dirs[i], err);
	if (rc == 0)
		compile_later(session, ctx, o);
	cv_session_close(session);
	return rc;
}

static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (unsigned)n;
}

static int print_and_flush(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EXIT_FAILED : 0;
}

int main(int argc, char **argv)
{
	OWN_MEM char *cwd = getcwd(NULL, 0);
	struct cv_options options;
	struct cv_ctx ctx = { .envp = (const char *const *)environ,
		.cwd = cwd,
		.log = print_log,
		.log_data = &options,
		.stop = &stop_signal,
		.now = time(NULL) };
	struct cv_err err;
	int rc = cv_options_parse(argc, argv, &options, &err);

	if (rc == 0 && options.help)
		return print_and_flush(cv_help_text);
	if (rc == 0 && options.version)
		return print_and_flush("cvenv " CVENV_VERSION "\n");
	if (rc == 0) {
		catch_signals();
		options.request.data_dir = CVENV_DATA_DIR;
		if (options.request.compile == CV_COMPILE_ALWAYS)
			options.request.jobs = processors();
		rc = create_all(&ctx, &options, &err);
	}
	if (stop_signal)
		return die_of_signal();
	if (rc == 0)
		return 0;
	cv_print_error(&err);
	return err.code == CV_EUSAGE ? EXIT_USAGE : EXIT_FAILED;
}
