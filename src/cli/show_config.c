/* SPDX-License-Identifier: MIT */
#include "cli/show_config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/ctx.h"
#include "base/own.h"
#include "base/path.h"
#include "cli/json.h"
#include "cli/option_table.h"
#include "cli/print.h"

enum { NUMBER_MAX_TEXT = 16, VALUE_WIDTH_MAX = 40 };

struct show {
	const struct cv_options *options;
	const char *cache_dir;           /* NULL: there is none */
	const char *pythons;             /* options->pythons as one text, if they are several */
	struct cvenv_result base;        /* the base interpreter, if it was found */
	const struct cvenv_error *error; /* why not */
};

/* An option as --show-config prints it. */
struct setting {
	const struct cv_option *option;
	const char *value; /* NULL: it has none */
	bool is_text;      /* else JSON prints it without quotes */
	/* NULL-terminated, what `value` joins; NULL: that is one value */
	const char *const *list;
	const char *source;
	size_t line; /* in the file `source`; 0: that is no file */
	char number[NUMBER_MAX_TEXT];
	char name[CV_VARIABLE_NAME_MAX];
};

static const struct cv_option_origin *origin_of(const struct setting *s, const struct show *show)
{
	return &show->options->origins[s->option - cv_option_table];
}

static const void *field_of(const struct cv_options *o, const struct cv_option *option)
{
	return (const char *)o + option->field;
}

static void set_bool(struct setting *s, bool on)
{
	s->value = on ? "true" : "false";
}

static void set_text(struct setting *s, const char *text)
{
	s->value = text ? text : s->option->unset;
	s->is_text = true;
}

static void set_value(struct setting *s, const struct cv_options *o)
{
	const struct cv_option *option = s->option;
	const void *field = field_of(o, option);
	int count;

	switch (option->kind) {
	case CV_OPTION_FLAG:
	case CV_OPTION_STOP:
	case CV_OPTION_DAYS:
		set_bool(s, *(const bool *)field);
		break;
	case CV_OPTION_PRESET:
		set_bool(s, *(const int *)field == option->value);
		break;
	case CV_OPTION_CHOICE:
		for (const struct cv_option_choice *c = option->choices; c->name; c++)
			if (c->value == *(const int *)field)
				set_text(s, c->name);
		break;
	case CV_OPTION_MODE:
	case CV_OPTION_TEXTS: /* none has a variable or a key */
		break;
	case CV_OPTION_COUNT:
		count = *(const int *)field * option->value;
		(void)snprintf(s->number, sizeof(s->number), "%d", count > 0 ? count : 0);
		s->value = s->number;
		break;
	case CV_OPTION_CHOICES:
	case CV_OPTION_VALUE:
	case CV_OPTION_DIR:
	case CV_OPTION_PYTHON:
		set_text(s, *(const char *const *)field);
		break;
	}
}

/* The library reads some variables itself, and has a default of its own for the cache. */
static void set_library_value(struct setting *s, const struct show *show)
{
	const struct cvenv_options *library = &show->options->library;
	const struct cv_ctx ctx = { .envp = library->envp };
	char name[CV_VARIABLE_NAME_MAX];

	cv_option_variable_name(s->option, name);
	if (origin_of(s, show)->from == CV_FROM_VARIABLE) {
		s->value = cv_getenv(&ctx, name);
	} else if (s->option->kind == CV_OPTION_PYTHON && show->pythons) {
		s->value = show->pythons;
		s->list = show->options->pythons;
	} else if (s->option->kind == CV_OPTION_PYTHON && !s->value) {
		s->value = library->default_python;
	} else if (s->option->kind == CV_OPTION_DIR && !s->value) {
		s->value = show->cache_dir;
	}
}

/* Has a .python-version chosen the interpreter, instead of what may be set further away? */
static bool by_version_file(const struct setting *s, const struct show *show)
{
	const char *source = show->base.python_source;
	const char *set = show->options->library.python_source;

	return s->option->kind == CV_OPTION_PYTHON && source && cv_path_is_abs(source) &&
	       !(set && strcmp(source, set) == 0);
}

static void set_source(struct setting *s, const struct show *show)
{
	const struct cv_option_origin *origin = origin_of(s, show);

	s->line = origin->line;
	switch (origin->from) {
	case CV_FROM_DEFAULT:
		s->source = "default";
		break;
	case CV_FROM_ARGV:
		if (origin->set->letter)
			(void)snprintf(s->name, sizeof(s->name), "-%c", origin->set->letter);
		else
			(void)snprintf(s->name, sizeof(s->name), "--%s", origin->set->name);
		s->source = s->name;
		break;
	case CV_FROM_VARIABLE:
		cv_option_variable_name(origin->set, s->name);
		s->source = s->name;
		break;
	case CV_FROM_PROJECT:
		s->source = show->options->project_file.path;
		break;
	case CV_FROM_USER:
		s->source = show->options->user_file.path;
		break;
	}
}

/* The next option that --show-config prints. False at the end. */
static bool next_setting(struct setting *s, const struct show *show)
{
	const struct cv_option *option = s->option ? s->option + 1 : cv_option_table;

	while (option < cv_option_table + cv_option_count && option->variable == CV_VARIABLE_NO)
		option++;
	if (option == cv_option_table + cv_option_count)
		return false;
	*s = (struct setting){ .option = option };
	set_value(s, show->options);
	if (option->variable == CV_VARIABLE_LIBRARY)
		set_library_value(s, show);
	set_source(s, show);
	if (by_version_file(s, show)) {
		s->value = show->base.version;
		s->list = NULL;
		s->source = show->base.python_source;
		s->line = 0;
	}
	return true;
}

static void json_list(const char *const *list)
{
	for (size_t i = 0; list[i]; i++) {
		fputs(i ? ", " : "[", stdout);
		cv_json_string(stdout, cv_str(list[i]));
	}
	putc(']', stdout);
}

static void json_setting(const struct setting *s)
{
	putc('{', stdout);
	cv_json_member(stdout, "name", s->option->name);
	fputs("\"value\": ", stdout);
	if (s->list)
		json_list(s->list);
	else if (s->value && s->is_text)
		cv_json_string(stdout, cv_str(s->value));
	else
		fputs(s->value ? s->value : "null", stdout);
	fputs(", \"source\": ", stdout);
	cv_json_string(stdout, cv_str(s->source));
	if (s->line)
		fprintf(stdout, ", \"line\": %zu", s->line);
	putc('}', stdout);
}

static void print_json(const struct show *show, const struct cv_config_file *files[2])
{
	struct setting s = { 0 };
	bool first = true;

	fputs("{\"options\": [", stdout);
	for (; next_setting(&s, show); first = false) {
		fputs(first ? "" : ", ", stdout);
		json_setting(&s);
	}
	fputs("], \"files\": [", stdout);
	first = true;
	for (size_t i = 0; i < 2; i++) {
		if (!files[i]->path)
			continue;
		fputs(first ? "{" : ", {", stdout);
		cv_json_member(stdout, "path", files[i]->path);
		fprintf(stdout, "\"used\": %s}", files[i]->used ? "true" : "false");
		first = false;
	}
	fputs("]", stdout);
	if (show->base.base) {
		fputs(", ", stdout);
		cv_json_member(stdout, "base", show->base.base);
		cv_json_member(stdout, "implementation", show->base.implementation);
		fputs("\"version\": ", stdout);
		cv_json_string(stdout, cv_str(show->base.version));
	}
	fputs("}\n", stdout);
}

static void print_setting(const struct setting *s, int name_width, int value_width)
{
	const char *value = !s->value ? "-" : s->value[0] ? s->value : "''";
	int pad = value_width - (int)strlen(value);

	fprintf(stdout, "%-*s  ", name_width, s->option->name);
	cv_print_safe(stdout, value);
	fprintf(stdout, "%*s  ", pad > 0 ? pad : 0, "");
	cv_print_safe(stdout, s->source);
	if (s->line)
		fprintf(stdout, ", line %zu", s->line);
	putc('\n', stdout);
}

static void print_table(const struct show *show, const struct cv_config_file *files[2])
{
	struct setting s = { 0 };
	int name_width = 0, value_width = 0;

	while (next_setting(&s, show)) {
		int name = (int)strlen(s.option->name), value = s.value ? (int)strlen(s.value) : 1;

		name_width = name > name_width ? name : name_width;
		if (value <= VALUE_WIDTH_MAX && value > value_width)
			value_width = value;
	}
	for (s.option = NULL; next_setting(&s, show);)
		print_setting(&s, name_width, value_width);
	fputs("base interpreter: ", stdout);
	cv_print_safe(stdout, show->base.base ? show->base.base : show->error->message);
	putc('\n', stdout);
	for (size_t i = 0; i < 2; i++) {
		if (!files[i]->path)
			continue;
		fputs(files[i]->used ? "used: " : "not used: ", stdout);
		cv_print_safe(stdout, files[i]->path);
		putc('\n', stdout);
	}
}

/* *RET becomes the Pythons as one text; NULL if they are not several. */
static int join_pythons(const struct cv_options *o, struct cv_arena *a, const char **ret)
{
	struct cv_buf OWN_BUF text = { 0 };

	*ret = NULL;
	if (o->python_count < 2)
		return 0;
	for (size_t i = 0; i < o->python_count; i++)
		cv_buf_addf(&text, "%s%s", i ? ", " : "", o->pythons[i]);
	*ret = text.bad ? NULL : cv_strdup(a, cv_buf_slice(&text));
	return *ret ? 0 : -ENOMEM;
}

int cv_show_config(const struct cv_options *o, struct cvenv_error *err)
{
	const struct cv_config_file *files[] = { &o->project_file, &o->user_file };
	struct cvenv_cache_info info = { .size = sizeof(info) };
	static struct cvenv_error no_base; /* static, because it is large */
	struct show show = { .options = o, .base.size = sizeof(show.base), .error = &no_base };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cvenv *session;
	int rc = cvenv_open(&o->library, &session, err);

	if (rc == 0 && join_pythons(o, &a, &show.pythons) < 0)
		rc = cv_fail_nomem(err);
	if (rc == 0 && cvenv_cache_info(session, &info, NULL) == 0)
		show.cache_dir = cv_path_dir(&a, info.dir); /* without "v1" */
	if (rc == 0)
		(void)cvenv_find(session, &show.base, &no_base);
	if (rc == 0 && o->json)
		print_json(&show, files);
	else if (rc == 0)
		print_table(&show, files);
	cvenv_close(session);
	return rc < 0 ? rc : cv_print_flush(NULL, err);
}
