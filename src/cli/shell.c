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

static const struct {
	const char *name;
	enum cv_activator activator;
} shells[] = {
	{ "sh", CV_ACTIVATE_POSIX },
	{ "bash", CV_ACTIVATE_POSIX },
	{ "dash", CV_ACTIVATE_POSIX },
	{ "zsh", CV_ACTIVATE_POSIX },
	{ "ksh", CV_ACTIVATE_POSIX },
	{ "ksh93", CV_ACTIVATE_POSIX },
	{ "mksh", CV_ACTIVATE_POSIX },
	{ "lksh", CV_ACTIVATE_POSIX },
	{ "yash", CV_ACTIVATE_POSIX },
	{ "posh", CV_ACTIVATE_POSIX },
	{ "busybox", CV_ACTIVATE_POSIX },
	{ "ash", CV_ACTIVATE_POSIX },
	{ "fish", CV_ACTIVATE_FISH },
	{ "csh", CV_ACTIVATE_CSH },
	{ "tcsh", CV_ACTIVATE_CSH },
	{ "bsd-csh", CV_ACTIVATE_CSH },
	{ "pwsh", CV_ACTIVATE_POWERSHELL },
};

static bool known(const char *name, enum cv_activator *ret)
{
	name += name[0] == '-'; /* a login shell */
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(shells[i].name, name) == 0) {
			*ret = shells[i].activator;
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

enum cv_activator cv_shell_at_hand(const struct cv_ctx *ctx)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const char *parent = parent_name(&arena);
	const char *login = cv_getenv(ctx, "SHELL");
	enum cv_activator found = CV_ACTIVATE_POSIX;

	if (parent && known(parent, &found))
		return found;
	if (login && known(cv_path_base(login), &found))
		return found;
	return CV_ACTIVATE_POSIX;
}
