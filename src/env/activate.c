/* SPDX-License-Identifier: MIT */
#include "env/activate.h"

#include <assert.h>
#include <string.h>

#include "base/embed.h"
#include "base/own.h"
#include "base/path.h"
#include "env/quote.h"

enum { SCRIPT_MODE = 0644 };

enum source {
	OF_NOTHING,
	OF_DIR, /* what the script finds, if it searches the environment (`located`) */
	OF_GIVEN_DIR,
	OF_PROMPT,
	OF_BIN,
	OF_UTF8, /* "yes" if a name is not ASCII */
};

/* The value for @NAME@ in a template, quoted by QUOTE. */
struct slot {
	const char *name;
	enum source of;
	cv_quote_fn *quote;
};

enum { SLOTS_MAX = 15 };

struct script {
	const char *file;
	const char *template;
	/*
	 * The code for @LOCATE@, which finds the environment, and the word for @ENV_DIR@ that
	 * refers to the result. `locate` is for a relocatable environment; if it is NULL, the shell
	 * cannot find one. `place` is for others on Windows, where some shells have another name
	 * for the directory; NULL: this one has not.
	 */
	const char *locate, *place, *located;
	/*
	 * If the shell cannot represent the values: the code around a message; it prints that and
	 * fails.
	 */
	const char *refusal_before, *refusal_after;
	enum cv_activator shell;
	unsigned bit;   /* that selects it; 0: that of `shell` */
	unsigned marks; /* of enum script_marks */
	struct slot slots[SLOTS_MAX];
};

enum script_marks {
	WITH_BOM = 1 << 0,  /* unless ASCII: PowerShell 5 otherwise assumes the local code page */
	WITH_CRLF = 1 << 1, /* with bare line feeds, cmd does not find all labels */
};

static const struct script scripts[] = {
	{
		.shell = CV_ACTIVATE_POSIX,
		.file = "activate",
		.template = cv_embed_activate,
		.locate = cv_embed_locate_sh,
		.place = cv_embed_place_sh,
		.located = "\"$_VIRTUAL_ENV_HERE\"",
		.refusal_before = "echo '",
		.refusal_after = "' >&2\nreturn 1\n",
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_posix },
			{ "DIR", OF_GIVEN_DIR, cv_quote_posix },
			{ "PROMPT", OF_PROMPT, cv_quote_posix },
			{ "BIN", OF_BIN, cv_quote_posix },
			{ "PLACE", OF_DIR, cv_quote_posix_message },
			{ "PS1", OF_PROMPT, cv_quote_posix_prompt },
			{ "PS1_PLAIN", OF_PROMPT, cv_quote_plain_prompt },
			{ "PS1_BASH", OF_PROMPT, cv_quote_bash_prompt },
			{ "PS1_ZSH", OF_PROMPT, cv_quote_zsh_prompt },
			{ "PS1_KSH", OF_PROMPT, cv_quote_ksh_prompt },
			{ "PS1_MKSH", OF_PROMPT, cv_quote_mksh_prompt },
			{ "PS1_YASH", OF_PROMPT, cv_quote_yash_prompt },
			{ "PS1_BUSYBOX", OF_PROMPT, cv_quote_busybox_prompt },
			{ "PS1_POSH", OF_PROMPT, cv_quote_posh_prompt },
		},
	},
	{
		.shell = CV_ACTIVATE_FISH,
		.file = "activate.fish",
		.template = cv_embed_activate_fish,
		.locate = cv_embed_locate_fish,
		.place = cv_embed_place_fish,
		.located = "$here",
		.refusal_before = "echo '",
		.refusal_after = "' >&2\nreturn 1\n",
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_fish },
			{ "DIR", OF_GIVEN_DIR, cv_quote_fish },
			{ "PROMPT", OF_PROMPT, cv_quote_fish },
			{ "BIN", OF_BIN, cv_quote_fish },
			{ "PS1", OF_PROMPT, cv_quote_fish_prompt },
		},
	},
	/* csh can neither print to stderr nor return: a child process does both. */
	{
		.shell = CV_ACTIVATE_CSH,
		.file = "activate.csh",
		.template = cv_embed_activate_csh,
		.refusal_before = "/bin/sh -c 'echo \"$0\" >&2; exit 1' '",
		.refusal_after = "'\n",
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_csh },
			{ "PROMPT", OF_PROMPT, cv_quote_csh },
			{ "BIN", OF_BIN, cv_quote_csh },
			{ "PLACE", OF_DIR, cv_quote_csh_message },
			{ "PS1", OF_PROMPT, cv_quote_csh_prompt },
			{ "PS1_TCSH", OF_PROMPT, cv_quote_tcsh_prompt },
		},
	},
	{
		.shell = CV_ACTIVATE_POWERSHELL,
		.file = "Activate.ps1",
		.template = cv_embed_activate_ps1,
		.locate = "",
		.located = "''",
		.refusal_before = "[Console]::Error.WriteLine('",
		.refusal_after = "')\nexit 1\n",
		.marks = WITH_BOM,
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_powershell },
			{ "PROMPT", OF_PROMPT, cv_quote_powershell },
			{ "BIN", OF_BIN, cv_quote_powershell },
			{ "PS1", OF_PROMPT, cv_quote_powershell_prompt },
		},
	},
	{
		.shell = CV_ACTIVATE_NUSHELL,
		.file = "activate.nu",
		.template = cv_embed_activate_nu,
		.locate = cv_embed_locate_nu,
		.located = "$here",
		.refusal_before = "export-env {\n    print -e '",
		.refusal_after = "'\n    error make { msg: 'not activated' }\n}\n",
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_nushell },
			{ "PROMPT", OF_PROMPT, cv_quote_nushell },
			{ "BIN", OF_BIN, cv_quote_nushell },
			{ "PS1", OF_PROMPT, cv_quote_nushell_prompt },
		},
	},
	{
		.shell = CV_ACTIVATE_XONSH,
		.file = "activate.xsh",
		.template = cv_embed_activate_xsh,
		.locate = cv_embed_locate_py,
		.located = "env_dir",
		.refusal_before = "raise RuntimeError('",
		.refusal_after = "')\n",
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_xonsh_dir },
			{ "PROMPT", OF_PROMPT, cv_quote_python },
			{ "BIN", OF_BIN, cv_quote_python },
			{ "PS1", OF_PROMPT, cv_quote_xonsh_prompt },
		},
	},
	{
		.shell = CV_ACTIVATE_PYTHON,
		.file = "activate_this.py",
		.template = cv_embed_activate_this_py,
		.locate = cv_embed_locate_py,
		.located = "env_dir",
		.slots = {
			{ "ENV_DIR", OF_DIR, cv_quote_python },
			{ "PROMPT", OF_PROMPT, cv_quote_python },
			{ "BIN", OF_BIN, cv_quote_python },
		},
	},
	{
		.shell = CV_ACTIVATE_BATCH,
		.file = "activate.bat",
		.template = cv_embed_activate_bat,
		.locate = cv_embed_locate_bat,
		.place = cv_embed_place_bat,
		.refusal_before = "@1>&2 echo ",
		.refusal_after = "\n@exit /b 1\n",
		.marks = WITH_CRLF,
		.slots = {
			{ "DIR", OF_GIVEN_DIR, cv_quote_batch_dir },
			{ "DIR_DELAYED", OF_GIVEN_DIR, cv_quote_batch_delayed },
			{ "PROMPT", OF_PROMPT, cv_quote_batch },
			{ "PROMPT_DELAYED", OF_PROMPT, cv_quote_batch_delayed },
			{ "BIN", OF_BIN, cv_quote_batch },
			{ "PS1", OF_PROMPT, cv_quote_batch_prompt },
			{ "PS1_DELAYED", OF_PROMPT, cv_quote_batch_delayed_prompt },
			{ "UTF8", OF_UTF8, cv_quote_batch },
		},
	},
	{
		.shell = CV_ACTIVATE_BATCH,
		.file = "deactivate.bat",
		.template = cv_embed_deactivate_bat,
		.locate = "",
		.marks = WITH_CRLF,
	},
	{
		.shell = CV_ACTIVATE_BATCH,
		.bit = CV_ACTIVATE_PYDOC,
		.file = "pydoc.bat",
		.template = cv_embed_pydoc_bat,
		.locate = "",
		.marks = WITH_CRLF,
	},
};

static bool is_ascii(struct cv_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

static struct cv_str value_of(const struct cv_activate *what, enum source of)
{
	switch (of) {
	case OF_DIR:
	case OF_GIVEN_DIR:
		return cv_str(what->env_dir);
	case OF_PROMPT:
		return cv_str(what->prompt);
	case OF_BIN:
		return cv_str(what->bin);
	case OF_UTF8:
		if (!is_ascii(cv_str(what->env_dir)) || !is_ascii(cv_str(what->prompt)))
			return CV_LIT("yes");
		break;
	case OF_NOTHING:
		break;
	}
	return CV_LIT("");
}

/* The code for @LOCATE@; NULL if the script contains the directory. */
static const char *search_of(const struct script *script, const struct cv_activate *what)
{
	/* cmd cannot name a directory of another system. */
	if (what->relocatable || (script->shell == CV_ACTIVATE_BATCH && !what->windows))
		return script->locate;
	return what->windows ? script->place : NULL;
}

static bool render(struct cv_buf *b, const struct script *script, const struct cv_activate *what,
	const char *template);

/* Append the value of a placeholder. False when the shell cannot represent it. */
static bool fill(struct cv_buf *b, const struct script *script, const struct cv_activate *what,
	struct cv_str name)
{
	const char *search = search_of(script, what);

	if (cv_str_eq(name, CV_LIT("LOCATE")))
		return !search || render(b, script, what, search);
	for (const struct slot *slot = script->slots; slot->name; slot++) {
		if (!cv_str_eq(name, cv_str(slot->name)))
			continue;
		if (slot->of == OF_DIR && search) {
			cv_buf_cstr(b, script->located);
			return true;
		}
		return slot->quote(b, value_of(what, slot->of));
	}
	assert(!"a template names a placeholder that its script does not have");
	return false;
}

/* The NAME of the @NAME@ at the start of TEXT; empty if there is none. */
static struct cv_str placeholder(struct cv_str text)
{
	size_t n = 1;

	while (n < text.n && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", text.p[n]))
		n++;
	if (n == text.n || text.p[0] != '@' || text.p[n] != '@')
		return (struct cv_str){ 0 };
	return (struct cv_str){ text.p + 1, n - 1 };
}

/* Replace the placeholders in one pass: values are not searched for placeholders. */
static bool render(struct cv_buf *b, const struct script *script, const struct cv_activate *what,
	const char *template)
{
	struct cv_str rest = cv_str(template);

	if (what->relocatable && !script->locate)
		return false;
	while (rest.n) {
		const char *at = memchr(rest.p, '@', rest.n);
		struct cv_str text = { rest.p, at ? (size_t)(at - rest.p) : rest.n };
		struct cv_str name;

		cv_buf_str(b, text);
		rest.p += text.n;
		rest.n -= text.n;
		if (rest.n == 0)
			break;
		name = placeholder(rest);
		if (name.n == 0)
			cv_buf_char(b, '@');
		else if (!fill(b, script, what, name))
			return false;
		rest.p += name.n ? name.n + 2 : 1;
		rest.n -= name.n ? name.n + 2 : 1;
	}
	return true;
}

/* Convert the text of the script to the bytes of the file. */
static void encode(struct cv_buf *b, struct cv_str text, unsigned marks)
{
	if ((marks & WITH_BOM) && !is_ascii(text))
		cv_buf_cstr(b, "\xef\xbb\xbf");
	if (marks & WITH_CRLF)
		cv_buf_crlf(b, text);
	else
		cv_buf_str(b, text);
}

/* Is it the directory that the shell cannot represent, and not the prompt? */
static bool is_for_directory(const struct script *script, const struct cv_activate *what)
{
	for (const struct slot *slot = script->slots; slot->name && !what->relocatable; slot++) {
		struct cv_buf word OWN_BUF = { 0 };

		if ((slot->of == OF_DIR || slot->of == OF_GIVEN_DIR) &&
			!slot->quote(&word, cv_str(what->env_dir)))
			return true;
	}
	return false;
}

/* Write a script that prints the reason and does nothing else. */
static void refuse(const struct cv_ctx *ctx, struct cv_buf *text, const struct script *script,
	const struct cv_activate *what)
{
	const char *name = cv_activators[script->shell].name;
	bool unknown = what->relocatable && !script->locate;
	bool dir = !unknown && is_for_directory(script, what);

	text->n = 0;
	cv_buf_cstr(text, script->refusal_before);
	cv_buf_addf(text,
		unknown ? "%s: this environment is relocatable, and this shell does not tell a "
			  "script its location (bash, zsh and fish do)"
			: "%s: the name of this environment or of its directory has characters "
			  "that this shell cannot handle",
		script->file);
	cv_buf_cstr(text, script->refusal_after);
	if (unknown)
		cv_log(ctx, CVENV_LOG_INFO, "'%s/%s' cannot work in a relocatable environment",
			what->bin, script->file);
	else
		cv_log(ctx, CVENV_LOG_WARNING, "'%s/%s' cannot work: %s cannot handle the %s '%s'",
			what->bin, script->file, name, dir ? "directory name" : "prompt",
			dir ? what->env_dir : what->prompt);
}

static int plan_script(const struct cv_ctx *ctx, struct cv_plan *plan,
	const struct cv_activate *what, const struct script *script, unsigned *working,
	struct cvenv_error *err)
{
	struct cv_buf text OWN_BUF = { 0 }, file OWN_BUF = { 0 };

	if (!render(&text, script, what, script->template)) {
		refuse(ctx, &text, script, what);
		*working &= ~(1U << script->shell);
	}
	encode(&file, cv_buf_slice(&text), script->marks);
	if (text.bad || file.bad)
		return cv_fail_nomem(err);
	cv_plan_file_mode(plan, cv_path_join(plan->arena, what->bin, script->file),
		cv_str_dup(plan->arena, cv_buf_slice(&file)), SCRIPT_MODE);
	return plan->bad ? cv_fail_nomem(err) : 0;
}

int cv_activate_plan(const struct cv_ctx *ctx, struct cv_plan *plan, const struct cv_activate *what,
	unsigned *ret_working, struct cvenv_error *err)
{
	*ret_working = what->scripts & (CV_ACTIVATE_PYDOC - 1);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		int rc = 0;

		if (what->scripts & (scripts[i].bit ? scripts[i].bit : 1U << scripts[i].shell))
			rc = plan_script(ctx, plan, what, &scripts[i], ret_working, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/*
 * The text around the script's path in the activation command. A path that needs no quotes in this
 * shell gets none.
 */
static const struct command {
	const char *before;
	cv_quote_fn *quote;
	const char *after;
	const char *before_bare; /* NULL: always quote */
} commands[CV_ACTIVATORS] = {
	[CV_ACTIVATE_POSIX] = { "source ", cv_quote_posix_line, "", "source " },
	[CV_ACTIVATE_FISH] = { "source ", cv_quote_fish, "", "source " },
	[CV_ACTIVATE_CSH] = { "source ", cv_quote_csh, "", "source " },
	[CV_ACTIVATE_POWERSHELL] = { "& ", cv_quote_powershell, "", "" },
	[CV_ACTIVATE_NUSHELL] = { "overlay use ", cv_quote_nushell, "", "overlay use " },
	[CV_ACTIVATE_XONSH] = { "source ", cv_quote_python_text, "", "source " },
	[CV_ACTIVATE_PYTHON] = { "import runpy; runpy.run_path(", cv_quote_python_text, ")", NULL },
	[CV_ACTIVATE_BATCH] = { "", cv_quote_batch_line, "", "" },
};

/* Change every FROM to TO; returns TEXT. */
static char *change(char *text, char from, char to)
{
	for (char *p = text; p && *p; p++)
		if (*p == from)
			*p = to;
	return text;
}

/* cmd and PowerShell show paths with backslashes. The other shells take them for escapes. */
static char *line_path(struct cv_arena *a, enum cv_activator shell, const struct cv_activate *what)
{
	bool native = shell == CV_ACTIVATE_BATCH || shell == CV_ACTIVATE_POWERSHELL;
	const char *file = cv_activators[shell].file, *dir = what->env_dir[0] ? what->env_dir : ".";
	char *path;

	/* This name works in PowerShell, too. */
	if (what->windows && shell == CV_ACTIVATE_BATCH)
		file = "activate";
	path = cv_strfmt(a, "%s%s/%s/%s", dir[0] == '-' ? "./" : "", dir, what->bin, file);
	if (!what->windows)
		return path;
	return native ? change(path, '/', '\\') : change(path, '\\', '/');
}

/* Does PATH, of line_path(), need no quotes? */
static bool is_bare(struct cv_arena *a, const char *path, bool windows)
{
	char *plain;

	if (!windows)
		return cv_quote_needless(cv_str(path));
	plain = change(cv_strdup(a, cv_str(path)), '\\', '/');
	if (plain && plain[0] && plain[1] == ':')
		plain[1] = '/';
	return plain && cv_quote_needless(cv_str(plain));
}

void cv_activate_line(struct cv_buf *b, struct cv_arena *arena, enum cv_activator shell,
	const struct cv_activate *what)
{
	const struct command *command = &commands[shell];
	struct cv_buf word OWN_BUF = { 0 };
	char *path = line_path(arena, shell, what);

	if (!path) {
		b->bad = true;
	} else if (command->before_bare && is_bare(arena, path, what->windows)) {
		cv_buf_cstr(b, command->before_bare);
		cv_buf_cstr(b, path);
	} else if (command->quote(&word, cv_str(path))) {
		cv_buf_cstr(b, command->before);
		cv_buf_str(b, cv_buf_slice(&word));
		cv_buf_cstr(b, command->after);
	}
	b->bad |= word.bad;
}
