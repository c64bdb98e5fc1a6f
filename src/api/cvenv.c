/* SPDX-License-Identifier: MIT */
#include "cvenv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/public.h"
#include "base/own.h"
#include "base/path.h"
#include "cvenv_version.h"
#include "env/activate.h"
#include "env/pyvenv_cfg.h"
#include "env/shells.h"

enum { JOBS_MAX = 64, STRUCT_MAX = 4096 };

struct cvenv_error *cv_public_begin(struct cvenv *session, struct cvenv_error *error)
{
	cv_public_forget(session);
	session->ctx.now = time(NULL);
	return cv_public_error(session, error);
}

int cv_public_check(size_t room, struct cvenv_error *err)
{
	if (room < sizeof(size_t) || room > STRUCT_MAX)
		return cv_fail_msg(err, EINVAL, "the size of a structure is not set");
	return 0;
}

int cv_public_get(void *ret, size_t known, const void *from, size_t size, struct cvenv_error *err)
{
	const char *bytes = from;

	int rc = cv_public_check(size, err);

	if (rc < 0)
		return rc;
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return cv_fail_msg(err, E2BIG,
				"the caller asks for something newer than cvenv " CVENV_VERSION);
	memset(ret, 0, known);
	memcpy(ret, from, size < known ? size : known);
	return 0;
}

void cv_public_put(void *ret, size_t room, const void *from, size_t known)
{
	memset(ret, 0, room);
	memcpy(ret, from, room < known ? room : known);
	memcpy(ret, &room, sizeof(room)); /* the first member */
}

bool cv_public_entry(
	const void *all, size_t count, size_t index, void *ret, size_t room, size_t known)
{
	if (index >= count)
		return false;
	cv_public_put(ret, room, (const char *)all + index * known, known);
	return true;
}

static int empty_name(struct cvenv_error *err, const char *option)
{
	return cv_fail_msg(err, CVENV_EUSAGE, "argument %s: an empty name", option);
}

/* Refuse empty names: they usually come from an unset variable of a script. */
static int check_names(const struct cvenv_options *o, struct cvenv_error *err)
{
	const struct {
		const char *option, *value;
	} names[] = {
		{ "-p/--python", o->python },
		{ "--wheel-dir", o->wheel_dir },
		{ "--cache-dir", o->cache_dir },
		{ "--redirect", o->redirect },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].value && !names[i].value[0])
			return empty_name(err, names[i].option);
	for (const char *const *p = o->pythons; p && *p; p++)
		if (!(*p)[0])
			return empty_name(err, names[0].option);
	return 0;
}

int cv_public_options(struct cvenv_options *o, unsigned *ret_activators, struct cvenv_error *err)
{
	struct cv_str bad;
	int rc;

	*ret_activators = CV_ACTIVATE_DEFAULT;
	if ((unsigned)o->link_mode > CVENV_LINK_COPY || (unsigned)o->compile > CVENV_COMPILE_NEVER)
		return cv_fail_msg(err, EINVAL, "unknown link_mode or compile");
	if (o->activators && !cv_activators_parse(cv_str(o->activators), ret_activators, &bad)) {
		cv_fail_msg(err, CVENV_EUSAGE, "argument --activators: invalid choice: '%.*s'",
			CV_ARG(bad));
		return cv_hint(err, -CVENV_EUSAGE, "choose from nushell, xonsh, python, batch");
	}
	if (!o->data_dir)
		o->data_dir = CVENV_DATA_DIR;
	if (o->jobs > JOBS_MAX)
		o->jobs = JOBS_MAX;
	rc = o->extra_cfg ? cv_pyvenv_cfg_check(o->extra_cfg, err) : 0;
	return rc < 0 ? rc : check_names(o, err);
}

static int open_session(
	struct cvenv *s, const struct cvenv_options *options, struct cvenv_error *err)
{
	struct cvenv_options *o = &s->options;
	unsigned activators = 0;
	int rc = cv_public_get(o, sizeof(*o), options, options->size, err);

	if (rc == 0 && o->cwd && !cv_path_is_abs(o->cwd))
		rc = cv_fail_msg(err, EINVAL, "cwd '%s' is not an absolute path", o->cwd);
	if (rc == 0)
		rc = cv_public_options(o, &activators, err);
	if (rc < 0)
		return rc;
	s->ctx = (struct cv_ctx){ .envp = o->envp,
		.cwd = o->cwd,
		.log = o->log,
		.log_data = o->log_data,
		.progress = o->progress,
		.progress_data = o->progress_data,
		.stop = o->stop };
	return cv_session_open(&s->ctx, o, activators, &s->session, err);
}

int cvenv_open(const struct cvenv_options *options, struct cvenv **ret, struct cvenv_error *error)
{
	struct cvenv *s = calloc(1, sizeof(*s));

	*ret = NULL;
	if (!s)
		return cv_public_rc(cv_fail_nomem(error));
	if (open_session(s, options, cv_public_error(s, error)) < 0) {
		free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void cvenv_close(struct cvenv *s)
{
	if (!s)
		return;
	cv_session_close(s->session);
	cv_arena_done(&s->strings);
	cv_arena_done(&s->python_strings);
	cv_arena_done(&s->shim_strings);
	cv_arena_done(&s->finished);
	cv_search_done(&s->list);
	free(s);
}

static int create(struct cvenv *s, const char *env_dir, unsigned flags, struct cvenv_result *ret,
	struct cvenv_error *error)
{
	struct cvenv_result result = { 0 };
	int rc;

	error = cv_public_begin(s, error);
	rc = ret ? cv_public_check(ret->size, error) : 0;
	cv_arena_done(&s->strings);
	if (rc == 0)
		rc = cv_create(s->session, env_dir, flags, &result, error);
	if (rc < 0)
		return -1;
	s->named = cv_strdup(&s->strings, cv_str(s->session->redirected ? result.path : env_dir));
	if (!s->named)
		return cv_public_rc(cv_fail_nomem(error));
	s->planned = true;
	if (ret)
		cv_public_put(ret, ret->size, &result, sizeof(result));
	return 0;
}

int cvenv_check(struct cvenv *s, const char *env_dir, struct cvenv_error *error)
{
	error = cv_public_begin(s, error);
	return cv_public_rc(cv_create_check(s->session, env_dir, error));
}

int cvenv_create(
	struct cvenv *s, const char *env_dir, struct cvenv_result *ret, struct cvenv_error *error)
{
	return create(s, env_dir, 0, ret, error);
}

int cvenv_plan(
	struct cvenv *s, const char *env_dir, struct cvenv_result *ret, struct cvenv_error *error)
{
	return create(s, env_dir, CV_CREATE_DRY_RUN, ret, error);
}

bool cvenv_plan_entry(const struct cvenv *s, size_t index, struct cvenv_entry *ret)
{
	const struct cv_entry *e;
	struct cvenv_entry public;

	if (!s->planned || index >= s->session->plan.count)
		return false;
	e = &s->session->plan.entries[index];
	public = (struct cvenv_entry){ .kind = e->kind,
		.path = e->path,
		.source = e->kind == CVENV_ENTRY_REMOVE ? NULL : e->source };
	if (e->kind == CVENV_ENTRY_FILE) {
		public.data = e->data.p;
		public.bytes = e->data.n;
	} else if (e->kind == CVENV_ENTRY_TREE) {
		public.files = cv_entry_files(e);
	}
	cv_public_put(ret, ret->size, &public, sizeof(public));
	return true;
}

const char *cvenv_activation_line(struct cvenv *s, const char *const *shells)
{
	const struct cv_session *session = s->session;
	bool windows = session->info.windows;
	struct cv_activate what = { .env_dir = s->named,
		.bin = session->layout.bin,
		.scripts = cv_environment_scripts(&session->info, session->activators),
		.windows = windows };
	struct cv_shell found = { windows ? CV_ACTIVATE_BATCH : CV_ACTIVATE_POSIX, false, false };
	bool known = false;

	for (; shells && *shells && !known; shells++) {
		struct cv_shell shell;

		known = cv_shell_known(*shells, &shell);
		if (known && (what.scripts & 1U << shell.activator))
			found = shell;
	}
	if (!s->named || !(session->outcome.activators & 1U << found.activator) ||
		(session->outcome.relocatable && found.blind))
		return NULL;
	return cv_shell_line(&s->strings, found, &what);
}

const char *cvenv_version(void)
{
	return CVENV_VERSION;
}
