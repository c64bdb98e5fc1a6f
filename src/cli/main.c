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
#include "cvenv.h"
#include "cvenv_version.h"

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

static void print_log(void *data, enum cvenv_level level, const char *msg)
{
	const struct cv_options *options = data;

	if ((int)level > options->verbosity)
		return;
	fputs(level == CVENV_WARNING ? "cvenv: warning: " : "cvenv: ", stderr);
	cv_print_safe(stderr, msg);
	fputs("\n", stderr);
}

/* An error of our own, as the library's are. */
static int hand_over(const struct cv_err *err, struct cvenv_error *ret)
{
	ret->code = err->code;
	(void)snprintf(ret->message, sizeof(ret->message), "%s", err->msg);
	(void)snprintf(ret->cure, sizeof(ret->cure), "%s", err->cure);
	return -1;
}

static double now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int create_one(struct cvenv *session, const struct cv_options *o, const char *env_dir,
	bool *ret_could_compile, struct cvenv_error *error)
{
	double start = now_ms();
	struct cvenv_result result = { .size = sizeof(result) };
	int rc = o->dry_run ? cvenv_plan(session, env_dir, &result, error)
			    : cvenv_create(session, env_dir, &result, error);

	if (rc < 0)
		return rc;
	*ret_could_compile = result.could_compile;
	if (o->json)
		cv_print_json(stdout, session, &result, now_ms() - start, o->dry_run);
	else if (o->dry_run)
		cv_print_plan(stdout, session, &result);
	else if (o->verbosity >= 0 && isatty(STDOUT_FILENO))
		cv_print_done(stdout, session, &result, env_dir);
	if (fflush(stdout) != 0) {
		struct cv_err err;

		(void)cv_fail(&err, errno, "cannot write to stdout");
		return hand_over(&err, error);
	}
	return 0;
}

/*
 * Somebody who sits at the terminal gets bytecode for the next environments, made
 * meanwhile by a process that nobody waits for. Not in scripts, not under CI.
 */
static void compile_later(struct cvenv *session, const struct cv_options *o)
{
	const char *ci = getenv("CI");
	struct cvenv_error ignored;

	if (o->dry_run || o->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
		(ci && ci[0]) || fork() != 0)
		return;
	(void)setsid();
	(void)!freopen("/dev/null", "r", stdin);
	(void)!freopen("/dev/null", "w", stdout);
	(void)!freopen("/dev/null", "w", stderr);
	(void)setpriority(PRIO_PROCESS, 0, LATER_NICENESS);
	(void)cvenv_warm(session, NULL, &ignored);
	_exit(0);
}

static int create_all(const struct cv_options *o, struct cvenv_error *error)
{
	static const char *const default_dirs[] = { ".venv" };
	const char *const *dirs = o->env_dir_count ? o->env_dirs : default_dirs;
	size_t count = o->env_dir_count ? o->env_dir_count : 1;
	struct cvenv *session = NULL;
	bool could_compile = false;
	int rc = cvenv_open(&o->library, &session, error);

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = create_one(session, o, dirs[i], &could_compile, error);
	if (rc == 0 && could_compile)
		compile_later(session, o);
	cvenv_close(session);
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
	struct cvenv_options *library = &options.library;
	struct cvenv_error error;
	struct cv_err err;
	int rc = cv_options_parse(argc, argv, &options, &err);

	if (rc < 0)
		rc = hand_over(&err, &error);
	else if (options.help)
		return print_and_flush(cv_help_text);
	else if (options.version)
		return print_and_flush("cvenv " CVENV_VERSION "\n");
	if (rc == 0) {
		catch_signals();
		library->envp = (const char *const *)environ;
		library->cwd = cwd && cwd[0] == '/' ? cwd : NULL; /* Linux: "(unreachable)/x" */
		library->log = print_log;
		library->log_data = &options;
		library->stop = &stop_signal;
		if (library->compile == CVENV_COMPILE_ALWAYS)
			library->jobs = processors();
		rc = create_all(&options, &error);
	}
	if (stop_signal)
		return die_of_signal();
	if (rc == 0)
		return 0;
	if (error.code != CVENV_EUSAGE) {
		cv_print_error(error.message, error.cure);
		return EXIT_FAILED;
	}
	cv_print_error(error.message, "see 'cvenv --help'");
	return EXIT_USAGE;
}
