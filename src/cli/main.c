/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "cli/cache.h"
#include "cli/check.h"
#include "cli/clone.h"
#include "cli/completions/completions.h"
#include "cli/config.h"
#include "cli/hook.h"
#include "cli/list.h"
#include "cli/name.h"
#include "cli/option_table.h"
#include "cli/options.h"
#include "cli/pack.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/prune.h"
#include "cli/pythons.h"
#include "cli/remove.h"
#include "cli/repair.h"
#include "cli/request.h"
#include "cli/shims.h"
#include "cli/show_config.h"
#include "cvenv.h"
#include "cvenv_version.h"
#include "os/command.h"
#include "os/process.h"

/* The last two are those of a shell, when a shim cannot start its interpreter. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOT_STARTED = 126, EXIT_NOT_FOUND = 127 };

static const volatile int no_signal;
static const volatile int *stop_signal = &no_signal;
/* Until cv_os_catch_signals() has told: SIGPIPE ends this process, and Windows has none. */
static bool sigpipe_was_ignored = !CV_WINDOWS;

/* Die of the signal too, as shells and make expect. */
static int die_of_signal(int sig)
{
	cv_os_die_of_signal(sig);
	return EXIT_FAILED;
}

struct client {
	struct cv_options options;
	struct cv_progress progress;
	bool is_venv; /* a shim was started as "python3 -m venv" */
	char warned[sizeof(((struct cvenv_error *)0)->message)]; /* the last warning */
};

/* Is it the warning that was just printed? Two readers of one file say the same about it. */
static bool is_repeated(struct client *client, enum cvenv_level level, const char *msg)
{
	if (level != CVENV_LOG_WARNING)
		return false;
	if (strcmp(client->warned, msg) == 0)
		return true;
	(void)snprintf(client->warned, sizeof(client->warned), "%s", msg);
	return false;
}

static void print_log(void *data, enum cvenv_level level, const char *msg)
{
	struct client *client = data;

	if ((int)level > client->options.verbosity || is_repeated(client, level, msg))
		return;
	cv_progress_clear(&client->progress);
	fputs(level == CVENV_LOG_WARNING ? "cvenv: warning: " : "cvenv: ", stderr);
	cv_print_safe(stderr, msg);
	fputs("\n", stderr);
	(void)fflush(stderr);
}

static void show_progress(
	void *data, enum cvenv_phase phase, const char *name, size_t done, size_t total)
{
	static const char *const doing[] = {
		[CVENV_PHASE_UNPACK] = "unpacking",
		[CVENV_PHASE_COMPILE] = "compiling",
		[CVENV_PHASE_SEARCH] = "searching",
		[CVENV_PHASE_COPY] = "copying",
		[CVENV_PHASE_COMPARE] = "comparing",
		[CVENV_PHASE_PACK] = "packing",
		[CVENV_PHASE_REMOVE] = "removing",
	};
	struct client *client = data;

	if (client->options.verbosity >= 0 && phase != CVENV_PHASE_WAIT)
		cv_progress_show(&client->progress, doing[phase], name, done, total);
}

/* If output fails, the error must say that the environment exists. */
static int flush(
	const struct cv_options *o, const struct cvenv_result *result, struct cvenv_error *error)
{
	char done[sizeof(error->message) / 2];

	(void)snprintf(done, sizeof(done), "environment '%s' was %s", result->path,
		cv_print_action(result, o));
	return cv_print_flush(o->dry_run ? NULL : done, error);
}

static int create_one(struct cvenv *session, const struct cv_options *o, const char *env_dir,
	bool *ret_could_compile, struct cvenv_error *error)
{
	double start = cv_now_ms();
	struct cvenv_result result = { .size = sizeof(result) };
	int rc = o->dry_run ? cvenv_plan(session, env_dir, &result, error)
			    : cvenv_create(session, env_dir, &result, error);

	if (rc < 0)
		return rc;
	*ret_could_compile = result.could_compile;
	if (o->verbosity >= 1)
		fprintf(stderr, "cvenv: %s in %.1f ms\n",
			o->dry_run ? "planned" : cv_print_action(&result, o), cv_now_ms() - start);
	if (o->json)
		cv_print_json(stdout, session, &result, cv_now_ms() - start, o);
	else if (o->dry_run)
		cv_print_plan(stdout, session, &result, o);
	else if (o->verbosity >= 0 && cv_os_is_terminal(CV_OS_STDOUT))
		cv_print_done(stdout, session, &result, env_dir, o);
	return flush(o, &result, error);
}

/*
 * In a session on a terminal, compile bytecode for the next environments in a background process.
 * Not in scripts and CI.
 */
static void compile_later(struct cvenv *session, const struct cv_options *o)
{
	const char *ci = getenv("CI");

	if (o->dry_run || o->json || (ci && ci[0]) || !cv_os_is_terminal(CV_OS_STDIN) ||
		!cv_os_is_terminal(CV_OS_STDOUT) || cv_os_begin_background() <= 0)
		return;
	(void)cvenv_warm(session, NULL, NULL);
	cv_os_end_background();
}

/*
 * cvenv has no subcommands: in "cvenv list", the word is an ENV_DIR, as for venv. Say so before
 * anything is created. "./list" is not taken for a mistake.
 */
static void hint_at_action(const struct cv_options *o)
{
	const char *word = o->env_dir_count ? o->env_dirs[0] : "";
	const struct cv_option *option = cv_option_of(cv_str(word));
	const char *after;

	if (o->verbosity < 0 || !option ||
		!(option->exclusive == CV_EXCLUSIVE_INSTEAD || option->kind == CV_OPTION_STOP))
		return;
	fprintf(stderr, "cvenv: hint: '%s' is taken as the directory of a new environment", word);
	if (o->env_dir_count == 2)
		fputs(", and so is the other name", stderr);
	else if (o->env_dir_count > 2)
		fputs(", and so are the other names", stderr);
	after = option->min_dirs             ? option->dirs
		: cv_option_attaches(option) ? NULL
					     : option->metavar;
	fprintf(stderr, "; the action is 'cvenv --%s%s%s'\n", word, after ? " " : "",
		after ? after : "");
	(void)fflush(stderr);
}

static int create_all(const struct cv_options *o, struct cvenv_error *error)
{
	struct cv_arena a OWN_ARENA = { 0 };
	const char *const *dirs;
	struct cvenv *session = NULL;
	bool could_compile = false;
	size_t count;
	int rc = cv_env_dirs(&a, o, &dirs, &count, error);

	if (rc == 0)
		rc = cvenv_open(&o->library, &session, error);
	/* Check all names first, before the first environment is created. */
	for (size_t i = 0; i < count && count > 1 && rc == 0; i++)
		rc = cvenv_check(session, dirs[i], error);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = create_one(session, o, dirs[i], &could_compile, error);
	if (rc == 0 && could_compile)
		compile_later(session, o);
	cvenv_close(session);
	return rc;
}

static int print_and_flush(const char *text, struct cvenv_error *error)
{
	(void)fputs(text, stdout);
	return cv_print_flush(NULL, error);
}

static int print_help(struct cvenv_error *error)
{
	struct cv_buf text OWN_BUF = { 0 };

	cv_help(&text);
	if (!text.bad)
		return print_and_flush(text.p, error);
	error->code = ENOMEM;
	(void)snprintf(error->message, sizeof(error->message), "%s", strerror(ENOMEM));
	return -1;
}

static int read_config(struct cv_options *o, struct cv_arena *a, struct cvenv_error *error)
{
	const struct cvenv_options *library = &o->library;
	const struct cv_ctx ctx = { .envp = library->envp,
		.cwd = library->cwd,
		.log = library->log,
		.log_data = library->log_data };

	return cv_config_read(&ctx, a, o, error);
}

/* What runs instead of creating environments. --completions runs earlier: it needs no session. */
static int run_action(const struct cv_options *o, struct cvenv_error *error)
{
	static const struct {
		size_t field; /* that of the action's option */
		int (*run)(const struct cv_options *options, struct cvenv_error *error);
	} actions[] = {
		{ offsetof(struct cv_options, warm), cv_cache_run },
		{ offsetof(struct cv_options, cache_info), cv_cache_run },
		{ offsetof(struct cv_options, cache_clean), cv_cache_run },
		{ offsetof(struct cv_options, list_pythons), cv_pythons_run },
		{ offsetof(struct cv_options, install_shims), cv_shims_run },
		{ offsetof(struct cv_options, show_config), cv_show_config },
		{ offsetof(struct cv_options, check), cv_check_run },
		{ offsetof(struct cv_options, clone), cv_clone_run },
		{ offsetof(struct cv_options, move), cv_clone_run },
		{ offsetof(struct cv_options, pack), cv_pack_run },
		{ offsetof(struct cv_options, list), cv_list_run },
		{ offsetof(struct cv_options, remove), cv_remove_run },
		{ offsetof(struct cv_options, prune), cv_prune_run },
		{ offsetof(struct cv_options, repair), cv_repair_run },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]) && o->action; i++)
		if (actions[i].field == o->action->field)
			return actions[i].run(o, error);
	return create_all(o, error);
}

static int run(struct client *client, struct cvenv_error *error)
{
	struct cv_options *o = &client->options;
	struct cvenv_options *library = &o->library;
	struct cv_arena a OWN_ARENA = { 0 };
	char *cwd;
	int rc;

	cv_print_begin();
	if (o->help)
		return print_help(error);
	if (o->version)
		return print_and_flush("cvenv " CVENV_VERSION "\n", error);
	library->envp = cv_os_environ();
	library->cwd = cv_os_cwd(&a, &cwd) == 0 ? cwd : NULL;
	if (o->shell_hook)
		return cv_hook_run(o, error);
	/* From here on EPIPE is an ordinary error, so that cvenv can clean up. */
	stop_signal = cv_os_catch_signals(&sigpipe_was_ignored);
	library->log = print_log;
	library->log_data = client;
	if (o->completions)
		return cv_completions_run(o, error);
	rc = read_config(o, &a, error);
	if (rc < 0)
		return rc;
	library->progress = show_progress;
	library->progress_data = client;
	library->stop = stop_signal;
	library->quiet = o->verbosity < 0;
	if (library->compile == CVENV_COMPILE_ALWAYS || o->warm)
		library->jobs = cv_os_processors();
	if (!o->action && !client->is_venv)
		hint_at_action(o);
	return run_action(o, error);
}

int main(int argc, char **argv)
{
	static struct client client; /* static, because they are large */
	static struct cvenv_error error;
	static struct cvenv_error err;
	int rc = cv_os_begin_command(&argc, &argv);

	if (rc < 0) {
		cv_print_error(strerror(-rc), "");
		return EXIT_FAILED;
	}
	/*
	 * Otherwise variables and files of one user would decide what is written as another user.
	 */
	if (cv_os_has_foreign_privileges()) {
		cv_print_error("refusing to run with another user's or group's privileges",
			"cvenv does not support the set-user-ID and set-group-ID bits");
		return EXIT_FAILED;
	}
	rc = cv_shim_begin(&argc, &argv, &err);
	if (rc < 0) {
		cv_print_error(err.message, err.hint);
		return err.code == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED;
	}
	client.is_venv = rc > 0;
	if (cv_request_is(argc, argv))
		return cv_request_run(argc, argv);
	rc = cv_options_parse(argc, argv, cv_os_environ(), &client.options, &err);
	if (rc < 0) {
		cv_print_error(err.message, err.hint);
		return EXIT_USAGE;
	}
	rc = run(&client, &error);
	cv_progress_clear(&client.progress);
	if (*stop_signal)
		return die_of_signal(*stop_signal);
	if (rc >= 0)
		return rc == CV_RUN_FINDINGS ? EXIT_FAILED : 0;
	if (error.code == CV_STDOUT_CLOSED && !sigpipe_was_ignored)
		return die_of_signal(CV_OS_SIGPIPE);
	cv_print_error(error.message,
		error.code == CVENV_EUSAGE && !error.hint[0] ? "see 'cvenv --help'" : error.hint);
	return error.code == CVENV_EUSAGE ? EXIT_USAGE : EXIT_FAILED;
}
