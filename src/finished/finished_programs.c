/* SPDX-License-Identifier: MIT */
#include "finished/finished_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "create/existing.h"
#include "wheel/launcher.h"

enum { LINKS_MAX = 8 }; /* of an interpreter's names, one to the other */

/* --- what a program is --------------------------------------------------------------------- */

/* *RET becomes the first CV_FIRST_LINE_MAX bytes of the open file, in BUF. */
static int read_start(struct cv_os_file file, char *buf, struct cv_str *ret)
{
	*ret = (struct cv_str){ buf, 0 };
	while (ret->n < CV_FIRST_LINE_MAX) {
		int64_t got = cv_os_read(file, buf + ret->n, CV_FIRST_LINE_MAX - ret->n);

		if (got <= 0)
			return (int)got;
		ret->n += (size_t)got;
	}
	return 0;
}

/* P is a script, and its line was parsed with the result RC. */
static int set_line(struct cv_finished_reader *r, struct cv_program *p, int rc)
{
	bool bad = false;
	const char *python = NULL;

	p->kind = CV_PROGRAM_SCRIPT;
	p->has_line = rc > 0;
	if (p->has_line)
		python = cv_finished_text(r->a, p->line.python, &bad);
	if (python && p->line.form == CV_FIRST_LINE_BESIDE) {
		const char *bin = cv_path_join(r->a, r->env->env_dir, r->env->bin);

		p->python = bin ? cv_path_join(r->a, bin, python) : NULL;
		bad = bad || !p->python;
	} else if (python && cv_path_is_abs(python)) {
		p->python = python;
	}
	return bad || rc < 0 ? cv_fail_nomem(r->err) : 0;
}

/* Keep the strings of p->line, which was parsed with the result RC, and nothing else of the text.
 */
static int keep_line(struct cv_finished_reader *r, struct cv_program *p, int rc)
{
	struct cv_str *const parts[] = { &p->line.python, &p->line.word, &p->line.argument };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && rc > 0; i++) {
		*parts[i] = cv_str_dup(r->a, *parts[i]);
		rc = parts[i]->p ? rc : -ENOMEM;
	}
	return rc;
}

/* TEXT of the script P begins with "#!". */
static int read_script(struct cv_finished_reader *r, struct cv_program *p, struct cv_str text)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	int rc = cv_first_line_parse(&scratch, text, &p->line);

	return set_line(r, p, keep_line(r, p, rc));
}

/* FILE, of SIZE bytes, may be the launcher of a script. */
static int read_launcher(
	struct cv_finished_reader *r, struct cv_os_file file, struct cv_program *p, uint64_t size)
{
	struct cv_arena scratch OWN_ARENA = { 0 };
	size_t n = size < CV_LAUNCHER_END_MAX ? (size_t)size : CV_LAUNCHER_END_MAX, done = 0;
	char *end = cv_new(&scratch, char, n + 1);
	int rc = end ? 0 : -ENOMEM;

	while (rc == 0 && done < n) {
		int64_t got = cv_os_read_at(file, end + done, n - done, size - n + done);

		if (got <= 0)
			return cv_finished_failed(r, (int)got, p->name);
		done += (size_t)got;
	}
	if (rc == 0)
		rc = keep_line(
			r, p, cv_launcher_parse(&scratch, (struct cv_str){ end, n }, &p->line));
	return rc == 0 ? 0 : set_line(r, p, rc);
}

/* A regular file whose name does not say what it is. */
static int read_file(struct cv_finished_reader *r, struct cv_os_dir bin, struct cv_program *p)
{
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char buf[CV_FIRST_LINE_MAX];
	struct cv_os_stat st = { 0 };
	struct cv_str text = { 0 };
	int rc = cv_os_open(bin, p->name, CV_OS_NOFOLLOW | CV_OS_QUIET, &file);

	if (rc == 0)
		rc = cv_os_stat_file(file, &st);
	if (rc == 0 && st.type == CV_OS_FILE)
		rc = read_start(file, buf, &text);
	if (rc < 0)
		return cv_finished_failed(r, rc, p->name);
	if (cv_str_starts(text, CV_LIT("#!")))
		return read_script(r, p, text);
	if (p->kind == CV_PROGRAM_BINARY && cv_str_ends(cv_str(p->name), CV_LIT(".exe")))
		return read_launcher(r, file, p, st.size);
	return 0;
}

static int read_program(
	struct cv_finished_reader *r, const struct cv_os_list *list, struct cv_program *p)
{
	char target[CV_PATH_MAX + 1];
	struct cv_os_stat st;
	bool bad = false;
	int rc;

	p->name = cv_strdup(r->a, cv_str(list->name));
	if (!p->name)
		return cv_fail_nomem(r->err);
	rc = cv_os_stat(list->dir, p->name, CV_OS_NOFOLLOW, &st);
	if (rc < 0)
		return cv_finished_failed(r, rc, p->name);
	p->mode = st.mode;
	p->size = st.size;
	p->file = st.type == CV_OS_FILE;
	rc = st.type == CV_OS_LINK ? cv_os_readlink(list->dir, p->name, target, sizeof(target)) : 0;
	if (rc > 0)
		p->link = cv_finished_text(r->a, cv_str(target), &bad);
	if (bad)
		return cv_fail_nomem(r->err);
	if (rc < 0 && rc != -EINVAL && rc != -ENAMETOOLONG)
		return cv_finished_failed(r, rc, p->name);
	if ((p->file || p->link) && cv_is_interpreter_name(p->name))
		p->kind = CV_PROGRAM_INTERPRETER;
	else if (p->file)
		p->kind =
			cv_is_activation_name(p->name) ? CV_PROGRAM_ACTIVATION : CV_PROGRAM_BINARY;
	if (!p->file || p->kind == CV_PROGRAM_ACTIVATION || r->how & CV_FINISHED_BRIEF)
		return 0;
	return read_file(r, list->dir, p);
}

/* --- bin ----------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct cv_program *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int list_bin(struct cv_finished_reader *r, struct cv_os_list *list)
{
	struct cv_finished *env = r->env;
	int rc;

	while ((rc = cv_os_list_next(list)) > 0) {
		if (env->program_count == CV_PROGRAMS_MAX) {
			env->truncated = true;
			break;
		}
		if (!cv_grow(r->a, &env->programs, env->program_count, &r->program_room))
			return cv_fail_nomem(r->err);
		env->programs[env->program_count] = (struct cv_program){ 0 };
		rc = read_program(r, list, &env->programs[env->program_count]);
		if (rc < 0)
			return rc;
		env->program_count++;
	}
	rc = cv_finished_failed(r, rc, env->bin);
	if (rc < 0)
		return rc;
	if (env->program_count)
		qsort(env->programs, env->program_count, sizeof(*env->programs), by_name);
	return 0;
}

/* --- the interpreter ----------------------------------------------------------------------- */

/* All makers write this name. */
static const char *const python_name = CV_WINDOWS ? "python.exe" : "python";

/* Another name tells the base interpreter, too. */
static const struct cv_program *find_python(const struct cv_finished *env)
{
	const struct cv_program *p = cv_finished_program(env, python_name);

	for (size_t i = 0; i < env->program_count && (!p || p->kind != CV_PROGRAM_INTERPRETER); i++)
		p = &env->programs[i];
	return p && p->kind == CV_PROGRAM_INTERPRETER ? p : NULL;
}

/* What the links of P lead to, outside of bin. NULL: P is a file, or they go round in a circle. */
static int follow(struct cv_finished_reader *r, const char *bin, const struct cv_program *p)
{
	struct cv_finished *env = r->env;
	const char *path = NULL;

	for (size_t i = 0; p && p->link && i < LINKS_MAX; i++) {
		if (cv_path_is_path(p->link)) {
			path = cv_path_join(r->a, bin, p->link);
			env->base = path ? cv_path_abs(r->a, NULL, path) : NULL;
			return env->base ? 0 : cv_fail_nomem(r->err);
		}
		p = cv_finished_program(env, p->link);
	}
	env->copies = p && p->file;
	return 0;
}

/* Of a copy: what pyvenv.cfg says. */
static int copied_from(struct cv_finished_reader *r, const char *name)
{
	static const char *const keys[] = { "base-executable", "executable" };
	struct cv_finished *env = r->env;
	bool bad = false;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !env->base; i++)
		env->base = cv_finished_text(r->a, cv_cfg_value(&env->cfg, keys[i]), &bad);
	if (!env->base && env->home) {
		env->base = cv_path_join(r->a, env->home, name);
		bad = bad || !env->base;
	}
	if (env->base && !cv_path_is_abs(env->base))
		env->base = NULL;
	return bad ? cv_fail_nomem(r->err) : 0;
}

/* Also true if that is not known: on a server that does not answer. */
static bool is_program(const struct cv_finished *env, const char *name)
{
	struct cv_os_stat st;
	int rc = cv_os_stat(env->dir, name, CV_OS_FOLLOW, &st);

	if (rc == 0 && st.type != CV_OS_FILE)
		return false;
	if (rc == 0)
		rc = cv_os_access(env->dir, name, CV_OS_MAY_EXECUTE);
	return rc == 0 || !(cv_err_missing(-rc) || rc == -EACCES);
}

static int read_interpreter(struct cv_finished_reader *r)
{
	struct cv_finished *env = r->env;
	const struct cv_program *p = find_python(env);
	const char *dir = env->bin ? env->bin : CV_EXISTING_BIN;
	const char *bin = cv_path_join(r->a, env->env_dir, dir);
	const char *inside = cv_path_join(r->a, dir, python_name);
	int rc;

	env->python = bin ? cv_path_join(r->a, bin, python_name) : NULL;
	if (!env->python || !inside)
		return cv_fail_nomem(r->err);
	if (!env->bin)
		return copied_from(r, python_name);
	env->python_works = is_program(env, inside);
	rc = follow(r, bin, p);
	return rc == 0 && !env->base ? copied_from(r, p ? p->name : python_name) : rc;
}

int cv_finished_read_programs(struct cv_finished_reader *r)
{
	static const char *const names[] = { CV_EXISTING_BIN, "bin" };
	OWN_OS_LIST struct cv_os_list list = { 0 };
	int rc = -ENOENT;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && rc < 0; i++) {
		rc = cv_os_list_open(r->env->dir, names[i], CV_OS_NOFOLLOW | CV_OS_QUIET, &list);
		if (rc == 0)
			r->env->bin = names[i];
		else if (cv_finished_failed(r, rc, names[i]) < 0)
			return rc;
	}
	rc = rc == 0 ? list_bin(r, &list) : 0;
	return rc == 0 ? read_interpreter(r) : rc;
}
