/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/path.h"
#include "env/activation.h"
#include "finished/check_in.h"
#include "wheel/scripts.h"

enum { ANYBODY_EXECUTES = 0111 };

/* What an activation script says. */
struct said {
	const char *file; /* relative to ENV_DIR */
	struct cv_activation is;
	struct cv_check_place *place;
};

/* The place DIR, which may be a name of ENV_DIR. NULL: there are too many. */
static struct cv_check_place *place_of(struct cv_check *c, const char *dir)
{
	if (cv_check_below(c, dir) && !cv_check_below(c, dir)[0])
		return &c->places[0];
	for (size_t i = 0; i < c->place_count; i++)
		if (cv_path_same(c->places[i].dir, dir))
			return &c->places[i];
	if (c->place_count == CV_PLACES_MAX)
		return NULL;
	c->places[c->place_count] = (struct cv_check_place){ .dir = dir };
	return &c->places[c->place_count++];
}

/* DIR, which may lead to ENV_DIR by a link. */
static struct cv_check_place *place_of_dir(struct cv_check *c, const char *dir)
{
	struct cv_os_stat st;

	if (cv_os_stat(CV_OS_ABSOLUTE, dir, CV_OS_FOLLOW, &st) == 0 && cv_os_same(&st, &c->env->st))
		return &c->places[0];
	return place_of(c, dir);
}

/* The place whose interpreter the script runs; NULL: none of those that are known. */
static struct cv_check_place *place_of_script(struct cv_check *c, const struct cv_program *p)
{
	const char *path = cv_path_abs(c->arena, NULL, p->python);
	const char *dir =
		path ? cv_environment_of(c->arena, path, c->env->layout.bin, &c->to->bad) : NULL;

	c->to->bad |= path == NULL;
	if (!dir)
		return NULL;
	if (cv_check_below(c, dir) && !cv_check_below(c, dir)[0])
		return &c->places[0];
	for (size_t i = 1; i < c->place_count; i++)
		if (cv_path_same(c->places[i].dir, dir))
			return &c->places[i];
	return NULL;
}

static bool is_script(const struct cv_program *p)
{
	return p->kind == CV_PROGRAM_SCRIPT && p->has_line && p->python;
}

/* uv writes activate.bat everywhere, but only Windows runs it. */
static bool is_used(const char *name)
{
	return cv_activation_named(name) && (CV_WINDOWS || strcmp(name, "activate.bat") != 0);
}

static int read_activations(
	struct cv_check *c, struct said *said, size_t *ret_count, struct cvenv_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < c->env->program_count && rc >= 0; i++) {
		const struct cv_program *p = &c->env->programs[i];
		struct said *s = &said[*ret_count];
		struct cv_str text;
		const char *dir;

		if (p->kind != CV_PROGRAM_ACTIVATION || !p->file || !is_used(p->name))
			continue;
		s->file = cv_path_join(c->arena, c->env->bin, p->name);
		rc = s->file ? cv_below_text(&c->below, s->file, CV_ACTIVATION_MAX, &text, err)
			     : cv_fail_nomem(err);
		if (rc <= 0)
			continue;
		rc = cv_activation_read(c->arena, p->name, text, c->env->prompt, &s->is);
		dir = rc == 0 && s->is.dir ? cv_path_abs(c->arena, NULL, s->is.dir) : NULL;
		if (rc < 0 || (s->is.dir && !dir))
			return cv_fail_nomem(err);
		s->place = dir ? place_of_dir(c, dir) : NULL;
		if (s->place)
			s->place->activations++;
		++*ret_count;
	}
	return rc < 0 ? rc : 0;
}

/*
 * Was the environment in PLACE before? pyvenv.cfg may say so; else most scripts must. A single
 * script or activation script that names another place is only a defect of that script.
 */
static bool is_former(const struct cv_check *c, const struct cv_check_place *place)
{
	const struct cv_check_place *self = &c->places[0];

	if (place->in_command)
		return place->scripts + place->activations > 0;
	if (place->activations == 0 && self->activations > 0)
		return false;
	return place->scripts >= self->scripts && place->activations >= self->activations &&
	       place->scripts + place->activations > 1;
}

static int find_places(
	struct cv_check *c, struct said *said, size_t *ret_count, struct cvenv_error *err)
{
	const char *command = cv_cfg_command_dir(c->arena, &c->env->cfg, &c->to->bad);
	int rc;

	c->places[c->place_count++] = (struct cv_check_place){ .dir = c->env->env_dir };
	for (size_t i = 0; i < c->env->recorded_count; i++)
		(void)place_of(c, c->env->recorded[i]);
	rc = read_activations(c, said, ret_count, err);
	for (size_t i = 0; i < c->env->program_count && rc == 0; i++) {
		struct cv_check_place *place = is_script(&c->env->programs[i])
						       ? place_of_script(c, &c->env->programs[i])
						       : NULL;

		if (place)
			place->scripts++;
	}
	for (size_t i = 1; i < c->place_count && rc == 0; i++) {
		c->places[i].in_command = command && cv_path_same(command, c->places[i].dir);
		c->places[i].is_former = is_former(c, &c->places[i]);
	}
	return rc;
}

static void report_moved(struct cv_check *c)
{
	for (size_t i = 1; i < c->place_count; i++) {
		const struct cv_check_place *p = &c->places[i];
		size_t files = p->scripts + p->activations + p->in_command;
		const char *cfg =
			p->is_former ? cv_path_join(c->arena, p->dir, "pyvenv.cfg") : NULL;
		struct cv_os_stat st;

		if (!p->is_former)
			continue;
		if (!cfg)
			c->to->bad = true;
		else
			cv_finding_add(c->to, CV_FINDING_MOVED, NULL,
				cv_os_stat(CV_OS_ABSOLUTE, cfg, CV_OS_NOFOLLOW, &st) == 0
					? "the environment is a copy of '%s', which %zu of its "
					  "files still name"
					: "the environment was moved from '%s', which %zu of its "
					  "files still name",
				p->dir, files);
	}
}

/* The interpreter is in bin, as that of installed scripts is. */
static void check_own_script(struct cv_check *c, const struct cv_program *p, const char *file)
{
	const char *name = cv_path_base(p->python);
	const struct cv_program *python = cv_finished_program(c->env, name);

	/* if bin/python is missing, that is a finding of its own, for all scripts */
	if (!python && strcmp(name, CV_CHECK_PYTHON) != 0)
		cv_finding_add(c->to, CV_FINDING_SCRIPT_PYTHON_MISSING, file,
			"'%s' runs '%s/%s', which does not exist", file, c->env->layout.bin, name);
}

static void check_other_script(struct cv_check *c, const struct cv_program *p, const char *file)
{
	bool is_python = cv_is_interpreter_name(cv_path_base(p->python));
	int rc = cv_os_access(CV_OS_ABSOLUTE, p->python, CV_OS_MAY_EXIST);

	if (rc < 0 && cv_err_missing(-rc))
		cv_finding_add_as(c->to, CV_FINDING_SCRIPT_PYTHON_MISSING, CVENV_DEFECT,
			is_python ? CV_CURE_REPAIR : CV_CURE_NONE, NULL, file,
			"'%s' runs '%s', which does not exist", file, p->python);
	else if (is_python)
		cv_finding_add(c->to, CV_FINDING_SCRIPT_PYTHON_OTHER, file,
			"'%s' runs '%s', which is not in the environment", file, p->python);
}

static void check_script(struct cv_check *c, const struct cv_program *p)
{
	const struct cv_check_place *place = place_of_script(c, p);
	const char *file = cv_path_join(c->arena, c->env->layout.bin, p->name);
	size_t before;

	if (!file) {
		c->to->bad = true;
		return;
	}
	before = c->to->count;
	if (place == &c->places[0])
		check_own_script(c, p, file);
	else if (!place || !place->is_former)
		check_other_script(c, p, file);
	if (!CV_WINDOWS && p->line.form == CV_FIRST_LINE_PLAIN && p->line.end > CV_SHEBANG_MAX)
		cv_finding_add(c->to, CV_FINDING_SCRIPT_LINE_LONG, file,
			"the first line of '%s' has %zu bytes, and some systems read only %d", file,
			p->line.end, (int)CV_SHEBANG_MAX);
	if (!CV_WINDOWS && place && !(p->mode & ANYBODY_EXECUTES))
		cv_finding_add(c->to, CV_FINDING_SCRIPT_NOT_EXECUTABLE, file,
			"'%s' is not executable", file);
	c->is_told[p - c->env->programs] = c->to->count > before;
}

static void report_activation(struct cv_check *c, const struct said *s)
{
	const char *what = s->is.in_prompt ? "prompt" : "path of the environment";

	if (s->place && s->place != &c->places[0] && !s->place->is_former)
		cv_finding_add(c->to, CV_FINDING_ACTIVATION_OTHER, s->file, "'%s' activates '%s'",
			s->file, s->is.dir);
	if (s->is.form == CV_ACTIVATION_RUNS)
		cv_finding_add(c->to, CV_FINDING_ACTIVATION_UNQUOTED, s->file,
			"'%s' does not quote the %s: the shell runs a part of it", s->file, what);
	else if (s->is.form == CV_ACTIVATION_WEAK)
		cv_finding_add_as(c->to, CV_FINDING_ACTIVATION_UNQUOTED, CVENV_NOTE, CV_CURE_REPAIR,
			NULL, s->file,
			"'%s' does not quote the %s, which has no special characters here", s->file,
			what);
}

int cv_check_scripts(struct cv_check *c, struct cvenv_error *err)
{
	struct said *said = cv_new(c->arena, struct said, c->env->program_count + 1);
	size_t count = 0;
	int rc = said ? find_places(c, said, &count, err) : cv_fail_nomem(err);

	c->is_told = cv_new(c->arena, bool, c->env->program_count + 1);
	if (rc == 0 && !c->is_told)
		rc = cv_fail_nomem(err);
	if (rc < 0)
		return rc;
	report_moved(c);
	for (size_t i = 0; i < c->env->program_count; i++)
		if (is_script(&c->env->programs[i]))
			check_script(c, &c->env->programs[i]);
	for (size_t i = 0; i < count; i++)
		report_activation(c, &said[i]);
	return 0;
}
