/* SPDX-License-Identifier: MIT */
#include "env/shells.h"

#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "base/path.h"

/* POSIX has no `source`, and only some shells do. `ksh` may be mksh. */
static const struct shell {
	const char *name;
	struct cv_shell is;
} shells[] = {
	{ "bash", { CV_ACTIVATE_POSIX, false, false } },
	{ "zsh", { CV_ACTIVATE_POSIX, false, false } },
	{ "sh", { CV_ACTIVATE_POSIX, true, true } },
	{ "dash", { CV_ACTIVATE_POSIX, true, true } },
	{ "ash", { CV_ACTIVATE_POSIX, true, true } },
	{ "busybox", { CV_ACTIVATE_POSIX, true, true } },
	{ "ksh", { CV_ACTIVATE_POSIX, true, true } },
	{ "ksh93", { CV_ACTIVATE_POSIX, true, false } },
	{ "mksh", { CV_ACTIVATE_POSIX, true, true } },
	{ "lksh", { CV_ACTIVATE_POSIX, true, true } },
	{ "yash", { CV_ACTIVATE_POSIX, true, true } },
	{ "posh", { CV_ACTIVATE_POSIX, true, true } },
	{ "fish", { CV_ACTIVATE_FISH, false, false } },
	{ "csh", { CV_ACTIVATE_CSH, false, false } },
	{ "tcsh", { CV_ACTIVATE_CSH, false, false } },
	{ "bsd-csh", { CV_ACTIVATE_CSH, false, false } },
	{ "pwsh", { CV_ACTIVATE_POWERSHELL, false, false } },
	{ "powershell", { CV_ACTIVATE_POWERSHELL, false, false } },
	{ "cmd", { CV_ACTIVATE_BATCH, false, false } },
	{ "nu", { CV_ACTIVATE_NUSHELL, false, false } },
	{ "xonsh", { CV_ACTIVATE_XONSH, false, false } },
};

/* Windows has names of programs in any case: "PowerShell.EXE". */
bool cv_shell_known(const char *name, struct cv_shell *ret)
{
	const char *extension;
	size_t n;

	name = cv_path_base(name);
	name += name[0] == '-'; /* a login shell */
	extension = strrchr(name, '.');
	n = extension && strcasecmp(extension, ".exe") == 0 ? (size_t)(extension - name)
							    : strlen(name);
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strlen(shells[i].name) == n && strncasecmp(shells[i].name, name, n) == 0) {
			*ret = shells[i].is;
			return true;
		}
	return false;
}

const char *cv_shell_line(struct cv_arena *a, struct cv_shell shell, const struct cv_activate *what)
{
	static const char word[] = "source";
	OWN_BUF struct cv_buf line = { 0 };

	cv_activate_line(&line, a, shell.activator, what);
	if (line.bad || !line.p)
		return NULL;
	if (shell.dot && cv_str_starts(cv_buf_slice(&line), cv_str(word)))
		return cv_strfmt(a, ".%s", line.p + strlen(word));
	return cv_strdup(a, cv_buf_slice(&line));
}
