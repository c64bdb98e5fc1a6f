/* SPDX-License-Identifier: MIT */
#include "env/activators.h"

enum {
	ON_BOTH = 1U << CV_ACTIVATE_POSIX | 1U << CV_ACTIVATE_POWERSHELL,
	ON_POSIX = ON_BOTH | 1U << CV_ACTIVATE_FISH | 1U << CV_ACTIVATE_CSH,
	ON_WINDOWS = ON_BOTH | 1U << CV_ACTIVATE_BATCH,
	FISH_MINOR = 13, /* the first version whose venv writes activate.fish on Windows */
};

const struct cv_activator_info cv_activators[CV_ACTIVATORS] = {
	[CV_ACTIVATE_POSIX] = { "posix", "activate" },
	[CV_ACTIVATE_FISH] = { "fish", "activate.fish" },
	[CV_ACTIVATE_CSH] = { "csh", "activate.csh" },
	[CV_ACTIVATE_POWERSHELL] = { "powershell", "Activate.ps1" },
	[CV_ACTIVATE_NUSHELL] = { "nushell", "activate.nu" },
	[CV_ACTIVATE_XONSH] = { "xonsh", "activate.xsh" },
	[CV_ACTIVATE_PYTHON] = { "python", "activate_this.py" },
	[CV_ACTIVATE_BATCH] = { "batch", "activate.bat" },
};

bool cv_activators_parse(struct cv_str list, unsigned *ret_chosen, struct cv_str *ret_bad)
{
	static const struct {
		const char *name;
		enum cv_activator is;
	} others[] = {
		{ "sh", CV_ACTIVATE_POSIX },
		{ "bash", CV_ACTIVATE_POSIX }, /* bash and cshell are virtualenv's names */
		{ "zsh", CV_ACTIVATE_POSIX },
		{ "cshell", CV_ACTIVATE_CSH },
	};
	struct cv_str name;

	*ret_chosen = 0;
	while (cv_str_cut(&list, ',', &name)) {
		unsigned shell = 0;

		name = cv_str_trim(name);
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			if (cv_str_eq(name, cv_str(others[i].name)))
				name = cv_str(cv_activators[others[i].is].name);
		while (shell < CV_ACTIVATORS && !cv_str_eq(name, cv_str(cv_activators[shell].name)))
			shell++;
		if (shell < CV_ACTIVATORS) {
			*ret_chosen |= 1U << shell;
		} else if (name.n) {
			*ret_bad = name;
			return false;
		}
	}
	if (*ret_chosen & 1U << CV_ACTIVATE_BATCH)
		*ret_chosen |= CV_ACTIVATE_PYDOC; /* as virtualenv's activator of that name */
	return true;
}

unsigned cv_activators_of(unsigned chosen, bool windows, unsigned minor)
{
	if (!windows)
		return (chosen | ON_POSIX) & ~(unsigned)CV_ACTIVATE_PYDOC;
	if (minor >= FISH_MINOR)
		chosen |= 1U << CV_ACTIVATE_FISH;
	return (chosen | ON_WINDOWS) & ~(1U << CV_ACTIVATE_CSH);
}
