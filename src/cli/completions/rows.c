/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/embed.h"
#include "cli/completions/completions.h"
#include "cli/option_table.h"

/* Append TEXT: a backslash before each character of SPECIAL, and APOSTROPHE for "'". */
static void add_text(
	struct cv_buf *to, struct cv_str text, const char *special, const char *apostrophe)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'') {
			cv_buf_cstr(to, apostrophe);
			continue;
		}
		if (strchr(special, text.p[i]))
			cv_buf_char(to, '\\');
		cv_buf_char(to, text.p[i]);
	}
}

/* "-p --python"; "ENV_DIR" if OPTION is NULL. */
static void add_names(struct cv_buf *to, const struct cv_option *option, const char *separator)
{
	if (!option) {
		cv_buf_cstr(to, "ENV_DIR");
		return;
	}
	if (option->letter)
		cv_buf_addf(to, "-%c%s", option->letter, separator);
	cv_buf_addf(to, "--%s", option->name);
}

static void add_choices(struct cv_buf *to, const struct cv_option *option)
{
	const char *separator = "";

	for (const struct cv_option_choice *c = option ? option->choices : NULL; c && c->name; c++)
		if (!c->unlisted) {
			cv_buf_addf(to, "%s%s", separator, c->name);
			separator = " ";
		}
}

/* What OPTION excludes. DIRS is the word for ENV_DIRs. */
static void add_excluded(
	const struct cv_completer *c, const struct cv_option *option, const char *dirs)
{
	const char *separator = "";

	for (size_t i = 0; i < c->count; i++) {
		if (!cv_completion_excludes(option, &c->options[i]))
			continue;
		cv_buf_cstr(c->to, separator);
		add_names(c->to, &c->options[i], " ");
		separator = " ";
	}
	if (cv_completion_excludes(option, NULL))
		cv_buf_addf(c->to, "%s%s", separator, dirs);
}

/* -p | --python) drop='' argument='python' ;; */
static void bash_row(const struct cv_completer *c, const struct cv_option *o)
{
	cv_buf_cstr(c->to, "    ");
	add_names(c->to, o, " | ");
	cv_buf_cstr(c->to, ") drop='");
	add_excluded(c, o, "ENV_DIR");
	cv_buf_cstr(c->to, "'");
	if (cv_argument_of(o) != CV_ARGUMENT_NONE) {
		cv_buf_addf(c->to, " argument='%s:", cv_argument_name(o));
		add_choices(c->to, o);
		cv_buf_cstr(c->to, "'");
	}
	cv_buf_cstr(c->to, " ;;\n");
}

static void add_zsh_action(struct cv_buf *to, const struct cv_option *o)
{
	switch (cv_argument_of(o)) {
	case CV_ARGUMENT_NONE:
		if (o->kind == CV_OPTION_MODE) { /* attached: --check=full */
			cv_buf_char(to, '(');
			add_choices(to, o);
			cv_buf_char(to, ')');
			break;
		}
		cv_buf_char(to, ' ');
		break;
	case CV_ARGUMENT_TEXT:
		cv_buf_char(to, ' ');
		break;
	case CV_ARGUMENT_CHOICE:
		cv_buf_char(to, '(');
		add_choices(to, o);
		cv_buf_char(to, ')');
		break;
	case CV_ARGUMENT_CHOICES:
		cv_buf_addf(to, "_values -s , %s ", o->metavar);
		add_choices(to, o);
		break;
	case CV_ARGUMENT_DIR:
		cv_buf_cstr(to, "_directories");
		break;
	case CV_ARGUMENT_PYTHON:
		cv_buf_cstr(to, "_cvenv_pythons");
		break;
	case CV_ARGUMENT_NAME:
		cv_buf_cstr(to, "_cvenv_names");
		break;
	}
}

/* A specification of _arguments for NAME, one of the option's: '(--name ENV_DIR)-n+[help]:NAME:_x'
 */
static void zsh_spec(const struct cv_completer *c, const struct cv_option *o, const char *dashes,
	const char *name, size_t len)
{
	bool is_long = dashes[1] == '-';

	cv_buf_cstr(c->to, "        '(");
	add_excluded(c, o, "*");
	cv_buf_addf(c->to, ")%s%s%.*s", cv_completion_excludes(o, o) ? "" : "*", dashes, (int)len,
		name);
	if (o->metavar)
		cv_buf_cstr(c->to, cv_option_attaches(o) ? "=-" : is_long ? "=" : "+");
	cv_buf_char(c->to, '[');
	add_text(c->to, cv_completion_help(o), "\\[]:", "'\\''");
	cv_buf_char(c->to, ']');
	if (o->metavar) {
		cv_buf_addf(c->to, "%s:%s:", cv_option_attaches(o) ? ":" : "", o->metavar);
		add_zsh_action(c->to, o);
	}
	cv_buf_cstr(c->to, "' \\\n");
}

static void zsh_row(const struct cv_completer *c, const struct cv_option *o)
{
	if (!o) {
		cv_buf_cstr(c->to, "        '(");
		add_excluded(c, o, "");
		cv_buf_cstr(c->to, ")*:ENV_DIR:_directories'\n");
		return;
	}
	if (o->letter)
		zsh_spec(c, o, "-", &o->letter, 1);
	zsh_spec(c, o, "--", o->name, strlen(o->name));
}

static void add_fish_argument(struct cv_buf *to, const struct cv_option *o)
{
	switch (cv_argument_of(o)) {
	case CV_ARGUMENT_NONE:
		break;
	case CV_ARGUMENT_TEXT:
		cv_buf_cstr(to, " -x");
		break;
	case CV_ARGUMENT_CHOICE:
		cv_buf_cstr(to, " -x -a '");
		add_choices(to, o);
		cv_buf_char(to, '\'');
		break;
	case CV_ARGUMENT_CHOICES:
		cv_buf_cstr(to, " -x -a '(__cvenv_list ");
		add_choices(to, o);
		cv_buf_cstr(to, ")'");
		break;
	case CV_ARGUMENT_DIR:
		cv_buf_cstr(to, " -x -a '(__cvenv_directories)'");
		break;
	case CV_ARGUMENT_PYTHON:
		cv_buf_cstr(to, " -x -k -a '(__cvenv_pythons)'");
		break;
	case CV_ARGUMENT_NAME:
		cv_buf_cstr(to, " -x -a '(__cvenv_names)'");
		break;
	}
}

/* complete -c cvenv -n '__cvenv_allows --warm' -s n -l name -x -a '(...)' -d 'help' */
static void fish_row(const struct cv_completer *c, const struct cv_option *o)
{
	cv_buf_cstr(c->to, "complete -c cvenv -n '__cvenv_allows");
	for (size_t i = 0; i < c->count; i++)
		if (cv_completion_excludes(&c->options[i], o)) {
			cv_buf_char(c->to, ' ');
			add_names(c->to, &c->options[i], " ");
		}
	if (o && cv_completion_excludes(NULL, o))
		cv_buf_cstr(c->to, " ENV_DIR");
	cv_buf_char(c->to, '\'');
	if (!o) {
		cv_buf_cstr(c->to, " -a '(__cvenv_directories)'\n");
		return;
	}
	if (o->letter)
		cv_buf_addf(c->to, " -s %c", o->letter);
	cv_buf_addf(c->to, " -l %s", o->name);
	add_fish_argument(c->to, o);
	cv_buf_cstr(c->to, " -d '");
	add_text(c->to, cv_completion_help(o), "\\", "\\'");
	cv_buf_cstr(c->to, "'\n");
}

/* In single quotes. PowerShell ends a string at each of U+2018 to U+201B, too. */
static void add_powershell_text(struct cv_buf *to, struct cv_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.n - i >= 3 && memcmp(text.p + i, "\xe2\x80", 2) == 0 &&
			strchr("\x98\x99\x9a\x9b", text.p[i + 2]))
			cv_buf_add(to, text.p + i, 3);
		else if (text.p[i] == '\'')
			cv_buf_char(to, '\'');
		cv_buf_char(to, text.p[i]);
	}
}

/* @{ Names = '-n --name'; Drop = '--warm'; Value = 'name'; Choices = ''; Help = '...' } */
static void powershell_row(const struct cv_completer *c, const struct cv_option *o)
{
	cv_buf_cstr(c->to, "        @{ Names = '");
	add_names(c->to, o, " ");
	cv_buf_cstr(c->to, "'; Drop = '");
	add_excluded(c, o, "ENV_DIR");
	cv_buf_addf(c->to, "'; Value = '%s'; Choices = '", cv_argument_name(o));
	add_choices(c->to, o);
	cv_buf_cstr(c->to, "'; Help = '");
	add_powershell_text(c->to, cv_completion_help(o));
	cv_buf_cstr(c->to, "' }\n");
}

/* [[-n --name] [--warm] 'name' [] "..."] */
static void nushell_row(const struct cv_completer *c, const struct cv_option *o)
{
	cv_buf_cstr(c->to, "        [[");
	add_names(c->to, o, " ");
	cv_buf_cstr(c->to, "] [");
	add_excluded(c, o, "ENV_DIR");
	cv_buf_addf(c->to, "] '%s' [", cv_argument_name(o));
	add_choices(c->to, o);
	cv_buf_cstr(c->to, "] \"");
	add_text(c->to, cv_completion_help(o), "\\\"", "'");
	cv_buf_cstr(c->to, "\"]\n");
}

struct shell {
	const char *script;
	const size_t *len;
	/* Append the row of OPTION; NULL: of ENV_DIRs. */
	void (*row)(const struct cv_completer *c, const struct cv_option *option);
};

static const struct shell shells[] = {
	[CV_COMPLETIONS_BASH] = { cv_embed_cvenv_bash, &cv_embed_cvenv_bash_len, bash_row },
	[CV_COMPLETIONS_ZSH] = { cv_embed_cvenv_zsh, &cv_embed_cvenv_zsh_len, zsh_row },
	[CV_COMPLETIONS_FISH] = { cv_embed_cvenv_fish, &cv_embed_cvenv_fish_len, fish_row },
	[CV_COMPLETIONS_POWERSHELL] = { cv_embed_cvenv_ps1, &cv_embed_cvenv_ps1_len,
		powershell_row },
	[CV_COMPLETIONS_NUSHELL] = { cv_embed_cvenv_nu, &cv_embed_cvenv_nu_len, nushell_row },
};

/* Append *SCRIPT up to MARKER, and set *SCRIPT to what follows it. False if it has none. */
static bool cut(struct cv_buf *to, struct cv_str *script, struct cv_str marker)
{
	const char *at = cv_str_find(*script, marker);

	if (!at)
		return false;
	cv_buf_add(to, script->p, (size_t)(at - script->p));
	script->n -= (size_t)(at - script->p) + marker.n;
	script->p = at + marker.n;
	return true;
}

void cv_completions_script(
	struct cv_buf *to, enum cv_completions shell, const struct cv_option *table, size_t count)
{
	const struct cv_completer c = { .to = to, .options = table, .count = count };
	struct cv_str script = { shells[shell].script, *shells[shell].len };

	/* The options that have an argument; in some scripts. */
	if (cut(to, &script, CV_LIT("@WITH_VALUE@")))
		for (size_t i = 0; i < count; i++)
			if (cv_argument_of(&table[i]) != CV_ARGUMENT_NONE) {
				cv_buf_char(to, ' ');
				add_names(to, &table[i], " ");
			}
	if (cut(to, &script, CV_LIT("@OPTIONS@\n"))) {
		for (size_t i = 0; i < count; i++)
			shells[shell].row(&c, &table[i]);
		shells[shell].row(&c, NULL);
	}
	if (cut(to, &script, CV_LIT("@NAMES@")))
		for (size_t i = 0; i < count; i++) {
			cv_buf_char(to, ' ');
			add_names(to, &table[i], " ");
		}
	cv_buf_str(to, script);
}
