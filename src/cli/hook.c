/* SPDX-License-Identifier: MIT */
#include "cli/hook.h"

#include <errno.h>
#include <stdio.h>

#include "base/ctx.h"
#include "base/embed.h"
#include "base/own.h"
#include "cli/command_path.h"
#include "cli/option_table.h"
#include "cli/print.h"
#include "env/quote.h"

/* A script, and what else belongs to it. */
struct script {
	const char *text;
	const size_t *len;
};

static const struct hook {
	struct script scripts[2];
	cv_quote_fn *quote;
	bool has_auto;
} hooks[] = {
	[CV_HOOK_BASH] = { { { cv_embed_cv_sh, &cv_embed_cv_sh_len },
				   { cv_embed_cv_bash, &cv_embed_cv_bash_len } },
		cv_quote_posix, true },
	[CV_HOOK_ZSH] = { { { cv_embed_cv_sh, &cv_embed_cv_sh_len },
				  { cv_embed_cv_zsh, &cv_embed_cv_zsh_len } },
		cv_quote_posix, true },
	[CV_HOOK_FISH] = { { { cv_embed_cv_fish, &cv_embed_cv_fish_len } }, cv_quote_fish, true },
	[CV_HOOK_POSIX] = { { { cv_embed_cv_sh, &cv_embed_cv_sh_len } }, cv_quote_posix, false },
	[CV_HOOK_POWERSHELL] = { { { cv_embed_cv_ps1, &cv_embed_cv_ps1_len } }, cv_quote_powershell,
		false },
	[CV_HOOK_ENTER_POSIX] = { .quote = cv_quote_posix },
	[CV_HOOK_ENTER_FISH] = { .quote = cv_quote_fish },
	[CV_HOOK_ENTER_POWERSHELL] = { .quote = cv_quote_powershell },
};

/* `source` is a function in fish, too, if the user has one of that name. */
bool cv_hook_line(struct cv_buf *to, int hook, const char *path)
{
	cv_buf_cstr(to, hook == CV_HOOK_ENTER_FISH ? "builtin source " : ". ");
	if (!hooks[hook].quote(to, cv_str(path)))
		return false;
	cv_buf_char(to, '\n');
	return true;
}

/* Append TEXT with WORD for each "@COMMAND@". */
static void add_text(struct cv_buf *to, struct cv_str text, struct cv_str word)
{
	const struct cv_str mark = CV_LIT("@COMMAND@");
	const char *at;

	while ((at = cv_str_find(text, mark))) {
		cv_buf_add(to, text.p, (size_t)(at - text.p));
		cv_buf_str(to, word);
		text.n -= (size_t)(at - text.p) + mark.n;
		text.p = at + mark.n;
	}
	cv_buf_str(to, text);
}

static void add_script(
	struct cv_buf *to, const struct script *script, bool wants_auto, struct cv_str word)
{
	const struct cv_str mark = CV_LIT("@AUTO@\n");
	struct cv_str text = { script->text, *script->len };
	const char *at = cv_str_find(text, mark);
	size_t before = at ? (size_t)(at - text.p) : text.n;

	add_text(to, (struct cv_str){ text.p, before }, word);
	if (at && wants_auto)
		add_text(to, (struct cv_str){ at + mark.n, text.n - before - mark.n }, word);
}

/* 0, or the error if there is no such script. */
static int check(const struct cv_options *o, struct cvenv_error *err)
{
	if (o->shell_hook == CV_HOOK_NUSHELL)
		return cv_fail_msg(err, CVENV_EUSAGE,
			"argument --shell-hook: nushell cannot define a command from a text at run "
			"time");
	if (o->shell_hook == CV_HOOK_CSH)
		return cv_fail_msg(
			err, CVENV_EUSAGE, "argument --shell-hook: csh has no functions");
	if (o->automatic && !hooks[o->shell_hook].has_auto)
		return cv_fail_msg(err, CVENV_EUSAGE,
			"argument --auto: this shell has no hook for a change of the directory");
	return 0;
}

static int print_script(const struct cv_options *o, struct cvenv_error *err)
{
	const struct hook *hook = &hooks[o->shell_hook];
	const struct cv_ctx ctx = { .envp = o->library.envp, .cwd = o->library.cwd };
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_buf text OWN_BUF = { 0 }, word OWN_BUF = { 0 };
	const char *command = cv_command_path(&a, &ctx, o->command);

	if (!command)
		return cv_fail_nomem(err);
	if (!hook->quote(&word, cv_str(command)))
		return cv_fail_msg(err, EINVAL, "this shell cannot run '%s': its name", command);
	for (size_t i = 0; i < 2 && hook->scripts[i].text; i++)
		add_script(&text, &hook->scripts[i], o->automatic, cv_buf_slice(&word));
	if (text.bad || word.bad)
		return cv_fail_nomem(err);
	(void)fwrite(text.p, 1, text.n, stdout);
	return cv_print_flush(NULL, err);
}

int cv_hook_run(const struct cv_options *o, struct cvenv_error *error)
{
	int rc;

	if (o->shell_hook >= CV_HOOK_ENTER_POSIX)
		return cv_hook_enter(o, error);
	rc = check(o, error);
	return rc < 0 ? rc : print_script(o, error);
}
