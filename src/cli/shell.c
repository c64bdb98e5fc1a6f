/* SPDX-License-Identifier: MIT */
#include "cli/shell.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "fs/file.h"

enum { COMM_MAX = 64 };

/* Names of processes. `source` is no word of the POSIX standard: only these have it. */
static const struct shell {
	const char *name;
	struct cv_shell is;
} shells[] = {
	{ "bash", { CV_ACTIVATE_POSIX, false } },
	{ "zsh", { CV_ACTIVATE_POSIX, false } },
	{ "sh", { CV_ACTIVATE_POSIX, true } },
	{ "dash", { CV_ACTIVATE_POSIX, true } },
	{ "ash", { CV_ACTIVATE_POSIX, true } },
	{ "busybox", { CV_ACTIVATE_POSIX, true } },
	{ "ksh", { CV_ACTIVATE_POSIX, true } },
	{ "ksh93", { CV_ACTIVATE_POSIX, true } },
	{ "mksh", { CV_ACTIVATE_POSIX, true } },
	{ "lksh", { CV_ACTIVATE_POSIX, true } },
	{ "yash", { CV_ACTIVATE_POSIX, true } },
	{ "posh", { CV_ACTIVATE_POSIX, true } },
	{ "fish", { CV_ACTIVATE_FISH, false } },
	{ "csh", { CV_ACTIVATE_CSH, false } },
	{ "tcsh", { CV_ACTIVATE_CSH, false } },
	{ "bsd-csh", { CV_ACTIVATE_CSH, false } },
	{ "pwsh", { CV_ACTIVATE_POWERSHELL, false } },
	{ "nu", { CV_ACTIVATE_NUSHELL, false } },
	{ "xonsh", { CV_ACTIVATE_XONSH, false } },
};

static bool known(const char *name, struct cv_shell *ret)
{
	name += name[0] == '-'; /* a login shell */
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].name, name) == 0) {
			*ret = shells[i].is;
			return true;
		}
	return false;
}

/* The name of the process that started us, where /proc tells. */
static const char *parent_name(struct cv_arena *a)
{
	char *path = cv_strfmt(a, "/proc/%ld/comm", (long)getppid());
	struct cv_str text;
	struct cv_err ignored;

	if (!path || cv_read_file(AT_FDCWD, path, 0, COMM_MAX, a, &text, &ignored) < 0)
		return "";
	return cv_strdup(a, cv_str_trim(text));
}

struct cv_shell cv_shell_at_hand(const struct cv_ctx *ctx)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const char *parent = parent_name(&arena);
	const char *login = cv_getenv(ctx, "SHELL");
	struct cv_shell found = { CV_ACTIVATE_POSIX, false };

	if (!(parent && known(parent, &found)) && login)
		(void)known(cv_path_base(login), &found);
	return found;
}
