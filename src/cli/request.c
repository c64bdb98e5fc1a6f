/* SPDX-License-Identifier: MIT */
#include "cli/request.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "cli/package.h"
#include "cvenv_version.h"
#include "env/replace.h"
#include "os/command.h"
#include "os/process.h"

enum { VERSION_AT = 2, FUNCTION_AT, ARGUMENTS_AT };
enum { REPLACE_MAX = 64 << 20, READ_SIZE = 4096 }; /* bytes of a script */

struct request {
	struct cv_arena arena;
	struct cvenv_options options;
	struct cvenv_context context;
	struct cv_options parsed;
	bool has_context, has_control;
	const char *env_dir, *step, *file;
	struct cv_str values[CV_REPLACE_VALUES];
	char block[READ_SIZE];
	const volatile int *signal;
	volatile int stop;
	struct cvenv_error error;
};

static void put(const char *part)
{
	(void)fwrite(part, 1, strlen(part) + 1, stdout);
}

static void put_record(const char *kind, const char *name, const char *value)
{
	put(kind);
	put(name);
	if (value)
		put(value);
}

static void put_number(const char *kind, const char *name, long number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%ld", number);
	if (name)
		put_record(kind, name, text);
	else
		put_record(kind, text, NULL);
}

static void put_data(const struct cv_buf *data)
{
	put_number("data", NULL, (long)data->n);
	if (data->n)
		(void)fwrite(data->p, 1, data->n, stdout);
}

static void put_members(const void *base, const struct cv_member *members)
{
	for (const struct cv_member *m = members; m->name; m++) {
		const void *at = (const char *)base + m->at;

		if (m->kind == CV_MEMBER_FLAG && *(const bool *)at)
			put_record("flag", m->name, NULL);
		else if (m->kind == CV_MEMBER_NUMBER && *(const unsigned *)at)
			put_number("number", m->name, *(const unsigned *)at);
		else if (m->kind == CV_MEMBER_TEXT && *(const char *const *)at)
			put_record("text", m->name, *(const char *const *)at);
		else if (m->kind == CV_MEMBER_PATH && *(const char *const *)at)
			put_record("path", m->name, *(const char *const *)at);
		else if (m->kind == CV_MEMBER_PATHS && *(const char *const *const *)at)
			for (const char *const *p = *(const char *const *const *)at; *p; p++)
				put_record("list", m->name, *p);
	}
}

/* --- while the library runs ------------------------------------------------------------------ */

static void pass_log(void *data, enum cvenv_level level, const char *message)
{
	struct request *r = data;

	if (level != CVENV_LOG_WARNING || r->stop)
		return;
	put_record("warning", message, NULL);
	if (fflush(stdout) != 0 || (r->has_control && getchar() == EOF))
		r->stop = 1;
}

static void pass_progress(
	void *data, enum cvenv_phase phase, const char *name, size_t done, size_t total)
{
	struct request *r = data;

	(void)phase, (void)name, (void)done, (void)total;
	if (*r->signal || (r->has_control && cv_os_stdin_is_closed()))
		r->stop = 1;
}

/* --- the arguments --------------------------------------------------------------------------- */

static int add_path(struct request *r, const char ***list, const char *path)
{
	size_t n = 0;
	const char **longer;

	while (*list && (*list)[n])
		n++;
	longer = cv_new(&r->arena, const char *, n + 2);
	if (!longer)
		return cv_fail_nomem(&r->error);
	for (size_t i = 0; i < n; i++)
		longer[i] = (*list)[i];
	longer[n] = path;
	*list = longer;
	return 0;
}

static int set_member(struct request *r, void *base, const struct cv_member *m, const char *value)
{
	void *at = (char *)base + m->at;
	unsigned long number;
	char *end;

	switch (m->kind) {
	case CV_MEMBER_FLAG:
	case CV_MEMBER_NUMBER:
		errno = 0;
		number = strtoul(value, &end, 10);
		if (errno || *end || !*value || *value == '-' || number > INT_MAX)
			return cv_fail_msg(
				&r->error, CVENV_EUSAGE, "%s is no number: '%s'", m->name, value);
		if (m->kind == CV_MEMBER_FLAG)
			*(bool *)at = number != 0;
		else
			*(unsigned *)at = (unsigned)number;
		return 0;
	case CV_MEMBER_PATHS:
		return add_path(r, at, value);
	default:
		*(const char **)at = value;
		return 0;
	}
}

/* What is no member of a struct. Returns false if there is no such name. */
static bool set_other(struct request *r, struct cv_str name, const char *value)
{
	static const char *const values[] = {
		[CV_REPLACE_ENV_DIR] = "env_dir",
		[CV_REPLACE_ENV_NAME] = "env_name",
		[CV_REPLACE_PROMPT] = "prompt",
		[CV_REPLACE_BIN_NAME] = "bin_name",
		[CV_REPLACE_ENV_EXE] = "env_exe",
		[CV_REPLACE_NAME] = "name",
	};
	bool known = true;

	if (cv_str_eq(name, CV_LIT("env_dir")))
		r->env_dir = value;
	else if (cv_str_eq(name, CV_LIT("step")))
		r->step = value;
	else if (cv_str_eq(name, CV_LIT("file")))
		r->file = value;
	else if (cv_str_eq(name, CV_LIT("control")))
		r->has_control = true;
	else
		known = false;
	for (int i = 0; i < CV_REPLACE_VALUES; i++)
		if (cv_str_eq(name, cv_str(values[i])))
			r->values[i] = cv_str(value), known = true;
	return known;
}

static int unknown_argument(struct request *r, const char *argument)
{
	return cv_fail_msg(&r->error, CVENV_EUSAGE, "unknown argument '%s'", argument);
}

static int set_argument(struct request *r, const char *argument)
{
	const struct cv_str context = CV_LIT("context.");
	struct cv_str rest = cv_str(argument), name;
	const struct cv_member *m;
	void *base = &r->options;
	bool known;

	(void)cv_str_cut(&rest, '=', &name);
	if (!rest.p)
		return unknown_argument(r, argument);
	known = set_other(r, name, rest.p); /* `prompt` is a name of both kinds */
	m = cv_member_of(cv_package_options, name);
	if (cv_str_starts(name, context)) {
		r->has_context = true;
		base = &r->context;
		name.p += context.n;
		name.n -= context.n;
		m = cv_member_of(cv_package_context, name);
	}
	if (m)
		return set_member(r, base, m, rest.p);
	return known ? 0 : unknown_argument(r, argument);
}

/* --- the functions --------------------------------------------------------------------------- */

static int create(struct request *r)
{
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv *session = NULL;
	int rc = cvenv_open(&r->options, &session, &r->error);

	if (rc == 0)
		rc = cvenv_create(session, r->env_dir, &result, &r->error);
	if (rc == 0)
		put_members(&result, cv_package_result);
	cvenv_close(session);
	return rc;
}

static int step(struct request *r)
{
	struct cvenv_context context = { .size = sizeof(context) };
	struct cvenv *session = NULL;
	struct cvenv_env *env = NULL;
	int rc = cvenv_open(&r->options, &session, &r->error);

	if (rc == 0)
		rc = cv_package_step(session, r->env_dir, r->step,
			r->has_context ? &r->context : NULL, &env, &r->error);
	if (rc == 0) {
		cvenv_get_context(env, &context);
		put_members(&context, cv_package_context);
	}
	cvenv_end(env);
	cvenv_close(session);
	return rc;
}

/* ARGV[0] is replaced, and becomes the name of the command. */
static int parse(struct request *r, int argc, char **argv)
{
	static char program[] = "cvenv";
	const struct cv_ctx ctx = {
		.envp = r->options.envp, .cwd = r->options.cwd, .log = pass_log, .log_data = r
	};
	struct cv_options *options = &r->parsed;
	const char *named;
	int rc;

	argv[0] = program;
	rc = cv_package_parse(&ctx, &r->arena, argc, argv, options, &named, &r->error);
	if (rc < 0)
		return rc;
	put_members(&options->library, cv_package_options);
	for (size_t i = 0; i < options->env_dir_count && !named; i++)
		put_record("list", "dirs", options->env_dirs[i]);
	if (named)
		put_record("list", "dirs", named);
	if (options->help)
		put_record("flag", "help", NULL);
	if (options->version)
		put_record("flag", "version", NULL);
	if (options->command_only)
		put_record("flag", "command_only", NULL);
	return 0;
}

static int help(struct request *r)
{
	struct cv_buf text OWN_BUF = { 0 };

	cv_help(&text);
	if (text.bad)
		return cv_fail_nomem(&r->error);
	put_data(&text);
	return 0;
}

static int replace(struct request *r)
{
	struct cv_buf text OWN_BUF = { 0 }, done OWN_BUF = { 0 };
	size_t n;
	int rc;

	while ((n = fread(r->block, 1, sizeof(r->block), stdin)) > 0 && text.n < REPLACE_MAX)
		cv_buf_str(&text, (struct cv_str){ r->block, n });
	if (text.bad || n)
		return cv_fail(&r->error, text.bad ? ENOMEM : EFBIG, "%s", r->file);
	rc = cv_replace(&done, (struct cv_str){ text.p, text.n }, r->file, r->values, &r->error);
	if (rc == 0)
		put_data(&done);
	return rc;
}

static int answer(struct request *r, int argc, char **argv)
{
	const char *function = argv[FUNCTION_AT];
	int at = ARGUMENTS_AT, rc = 0;

	for (; at < argc && strcmp(argv[at], "--") != 0 && rc == 0; at++)
		rc = set_argument(r, argv[at]);
	if (rc < 0)
		return rc;
	if (strcmp(function, "create") == 0 && r->env_dir)
		return create(r);
	if (strcmp(function, "step") == 0 && r->env_dir && r->step)
		return step(r);
	if (strcmp(function, "parse") == 0 && at < argc)
		return parse(r, argc - at, argv + at);
	if (strcmp(function, "help") == 0)
		return help(r);
	if (strcmp(function, "replace") == 0 && r->file)
		return replace(r);
	return cv_fail_msg(&r->error, CVENV_EUSAGE, "invalid request '%s'", function);
}

static void prepare(struct request *r)
{
	char *cwd;

	r->signal = cv_os_catch_signals(&(bool){ false });
	cv_os_leave_interrupts();
	r->context.size = sizeof(r->context);
	r->options.size = sizeof(r->options);
	r->options.envp = cv_os_environ();
	if (cv_os_cwd(&r->arena, &cwd) == 0)
		r->options.cwd = cwd;
	r->options.log = pass_log;
	r->options.log_data = r;
	r->options.progress = pass_progress;
	r->options.progress_data = r;
	r->options.stop = &r->stop;
	for (int i = 0; i < CV_REPLACE_VALUES; i++)
		r->values[i] = CV_LIT("");
}

bool cv_request_is(int argc, char **argv)
{
	return argc > FUNCTION_AT && strcmp(argv[1], "--package-request") == 0;
}

int cv_request_run(int argc, char **argv)
{
	static struct request r; /* static, because it is large */
	int rc;

	prepare(&r);
	if (strcmp(argv[VERSION_AT], CVENV_VERSION) != 0) {
		put_record("version", CVENV_VERSION, NULL);
	} else {
		rc = answer(&r, argc, argv);
		if (rc < 0) {
			put_number("error", NULL, r.error.code);
			put_record(r.error.message, r.error.hint, NULL);
		}
		put("done");
	}
	cv_arena_done(&r.arena);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
