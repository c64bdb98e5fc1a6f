/* SPDX-License-Identifier: MIT */
#include "cli/option_table.h"

#include <assert.h>

#include "base/system.h"
#include "cli/completions/completions.h"
#include "cli/hook.h"

static const struct cv_option_choice link_modes[] = {
	{ .name = "auto", .value = CVENV_LINK_AUTO },
	{ .name = "reflink", .value = CVENV_LINK_REFLINK },
	{ .name = "hardlink", .value = CVENV_LINK_HARDLINK },
	{ .name = "copy", .value = CVENV_LINK_COPY },
	{ 0 },
};

/* The names that cvenv_open() accepts. Scripts for the unlisted ones are always written. */
static const struct cv_option_choice activators[] = {
	{ .name = "nushell" },
	{ .name = "xonsh" },
	{ .name = "python" },
	{ .name = "batch" },
	{ .name = "posix", .unlisted = true },
	{ .name = "sh", .unlisted = true },
	{ .name = "bash", .unlisted = true },
	{ .name = "zsh", .unlisted = true },
	{ .name = "fish", .unlisted = true },
	{ .name = "csh", .unlisted = true },
	{ .name = "cshell", .unlisted = true },
	{ .name = "powershell", .unlisted = true },
	{ 0 },
};

/* The scripts ask for "pythons" and "names". */
static const struct cv_option_choice completions[] = {
	{ .name = "bash", .value = CV_COMPLETIONS_BASH },
	{ .name = "zsh", .value = CV_COMPLETIONS_ZSH },
	{ .name = "fish", .value = CV_COMPLETIONS_FISH },
	{ .name = "powershell", .value = CV_COMPLETIONS_POWERSHELL },
	{ .name = "nushell", .value = CV_COMPLETIONS_NUSHELL },
	{ .name = "pwsh", .value = CV_COMPLETIONS_POWERSHELL, .unlisted = true },
	{ .name = "nu", .value = CV_COMPLETIONS_NUSHELL, .unlisted = true },
	{ .name = "pythons", .value = CV_COMPLETIONS_PYTHONS, .unlisted = true },
	{ .name = "names", .value = CV_COMPLETIONS_NAMES, .unlisted = true },
	{ 0 },
};

/* The functions that the scripts define ask for "enter-...". */
static const struct cv_option_choice hooks[] = {
	{ .name = "bash", .value = CV_HOOK_BASH },
	{ .name = "zsh", .value = CV_HOOK_ZSH },
	{ .name = "fish", .value = CV_HOOK_FISH },
	{ .name = "posix", .value = CV_HOOK_POSIX },
	{ .name = "powershell", .value = CV_HOOK_POWERSHELL },
	{ .name = "sh", .value = CV_HOOK_POSIX, .unlisted = true },
	{ .name = "ksh", .value = CV_HOOK_POSIX, .unlisted = true },
	{ .name = "mksh", .value = CV_HOOK_POSIX, .unlisted = true },
	{ .name = "dash", .value = CV_HOOK_POSIX, .unlisted = true },
	{ .name = "pwsh", .value = CV_HOOK_POWERSHELL, .unlisted = true },
	{ .name = "nushell", .value = CV_HOOK_NUSHELL, .unlisted = true },
	{ .name = "nu", .value = CV_HOOK_NUSHELL, .unlisted = true },
	{ .name = "csh", .value = CV_HOOK_CSH, .unlisted = true },
	{ .name = "tcsh", .value = CV_HOOK_CSH, .unlisted = true },
	{ .name = "enter-posix", .value = CV_HOOK_ENTER_POSIX, .unlisted = true },
	{ .name = "enter-fish", .value = CV_HOOK_ENTER_FISH, .unlisted = true },
	{ .name = "enter-powershell", .value = CV_HOOK_ENTER_POWERSHELL, .unlisted = true },
	{ 0 },
};

static const struct cv_option_choice check_depths[] = {
	{ .name = "full", .value = CV_DEPTH_FULL },
	{ 0 },
};

static const struct cv_option_choice list_modes[] = {
	{ .name = "quick", .value = CV_DEPTH_QUICK },
	{ 0 },
};

#define IN(member) offsetof(struct cv_options, member)
#define LIBRARY(member) offsetof(struct cv_options, library.member)
/* Without an action, and beside those about base interpreters and the cache. */
#define WITH_BASE (CV_WITH_CREATE | CV_WITH_SHIMS | CV_WITH_OTHER)

/* clang-format off */
const struct cv_option cv_option_table[] = {
	{ .name = "help", .letter = 'h', .kind = CV_OPTION_STOP, .field = IN(help),
	  .section = CV_SECTION_VENV, .key = CV_KEY_PROJECT, .variable = CV_VARIABLE_NO,
	  .with = CV_WITH_ALL,
	  .help = "print this help and exit" },
	{ .name = "system-site-packages", .kind = CV_OPTION_FLAG,
	  .field = LIBRARY(system_site_packages),
	  .section = CV_SECTION_VENV, .key = CV_KEY_PROJECT, .with = CV_WITH_CREATE,
	  .help = "make the packages of the base interpreter importable" },
	{ .name = "symlinks", .kind = CV_OPTION_FLAG, .field = LIBRARY(symlinks),
	  .clears = LIBRARY(copies),
	  .section = CV_SECTION_VENV, .exclusive = CV_EXCLUSIVE_INTERPRETER,
	  .with = CV_WITH_CREATE,
	  .help = "link to the base interpreter (the default except on Windows)" },
	{ .name = "copies", .kind = CV_OPTION_FLAG, .field = LIBRARY(copies),
	  .clears = LIBRARY(symlinks),
	  .section = CV_SECTION_VENV, .exclusive = CV_EXCLUSIVE_INTERPRETER,
	  .with = CV_WITH_CREATE,
	  .help = "copy the base interpreter" },
	{ .name = "clear", .kind = CV_OPTION_FLAG, .field = LIBRARY(clear),
	  .section = CV_SECTION_VENV, .variable = CV_VARIABLE_NO, .with = CV_WITH_CREATE,
	  .help = "first delete the content of ENV_DIR, if it is an environment (see --force)" },
	{ .name = "upgrade", .kind = CV_OPTION_FLAG, .field = LIBRARY(upgrade),
	  .section = CV_SECTION_VENV, .variable = CV_VARIABLE_NO, .with = CV_WITH_CREATE,
	  .help = "upgrade an existing environment to this Python" },
	{ .name = "without-pip", .kind = CV_OPTION_FLAG, .field = LIBRARY(without_pip),
	  .section = CV_SECTION_VENV, .key = CV_KEY_PROJECT,
	  .with = WITH_BASE | CV_WITH_REPAIR,
	  .help = "do not install pip" },
	{ .name = "prompt", .kind = CV_OPTION_VALUE, .metavar = "PROMPT",
	  .field = LIBRARY(prompt),
	  .section = CV_SECTION_VENV, .key = CV_KEY_PROJECT,
	  .with = CV_WITH_CREATE | CV_WITH_REPAIR | CV_WITH_CLONE | CV_WITH_MOVE,
	  .help = "the name in the shell's prompt while the environment is active; '.' is the "
	          "name of the current directory" },
	{ .name = "upgrade-deps", .kind = CV_OPTION_FLAG, .field = LIBRARY(upgrade_deps),
	  .section = CV_SECTION_VENV, .with = CV_WITH_CREATE,
	  .help = "upgrade pip (and setuptools below Python 3.12) to the latest version on "
	          "the package index" },
	{ .name = "without-scm-ignore-files", .kind = CV_OPTION_FLAG,
	  .field = LIBRARY(without_scm_ignore_files),
	  .section = CV_SECTION_VENV, .with = CV_WITH_CREATE,
	  .help = "do not write a .gitignore" },
	{ .name = "python", .letter = 'p', .kind = CV_OPTION_PYTHON, .metavar = "PYTHON",
	  .field = LIBRARY(python),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_LIBRARY,
	  .key = CV_KEY_PROJECT,
	  .with = WITH_BASE | CV_WITH_REPAIR,
	  .help = CV_WINDOWS
	                  ? "the base interpreter: a path, a command on PATH, or a request such "
	                    "as 3.12, \">=3.11,<3.14\" or 3.13t, on PATH, in the registry, or "
	                    "installed by pyenv, uv or the Python install manager; 'project' is "
	                    "one that requires-python of pyproject.toml allows; of several -p the "
	                    "first that exists (default: by .python-version, else python, else "
	                    "python3, on PATH; else the newest that is installed)"
	                  : "the base interpreter: a path, a command on PATH, or a request such "
	                    "as 3.12, '>=3.11,<3.14', pypy3.10 or 3.13t, on PATH or installed by "
	                    "pyenv, asdf, mise or uv; 'project' is one that requires-python of "
	                    "pyproject.toml allows; of several -p the first that exists "
	                    "(default: by .python-version, else python3, else python, on PATH)" },
	{ .name = "force", .kind = CV_OPTION_FLAG, .field = LIBRARY(force),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_NO, .with = CV_WITH_CREATE,
	  .help = "with --clear: delete the content of ENV_DIR even if it is not an "
	          "environment" },
	{ .name = "compile", .kind = CV_OPTION_PRESET, .field = LIBRARY(compile),
	  .value = CVENV_COMPILE_ALWAYS,
	  .section = CV_SECTION_MORE, .exclusive = CV_EXCLUSIVE_BYTECODE,
	  .with = WITH_BASE | CV_WITH_REPAIR,
	  .help = "install pip with bytecode, and compile it if it is not in the cache" },
	{ .name = "no-compile", .kind = CV_OPTION_PRESET, .field = LIBRARY(compile),
	  .value = CVENV_COMPILE_NEVER,
	  .section = CV_SECTION_MORE, .exclusive = CV_EXCLUSIVE_BYTECODE,
	  .with = WITH_BASE | CV_WITH_REPAIR,
	  .help = "install pip without bytecode" },
	{ .name = "link-mode", .kind = CV_OPTION_CHOICE, .metavar = "MODE", .choices = link_modes,
	  .field = LIBRARY(link_mode),
	  .section = CV_SECTION_MORE,
	  .with = WITH_BASE | CV_WITH_REPAIR | CV_WITH_CLONE,
	  .help = "how files come from the cache: auto, reflink, hardlink or copy (default: "
	          "auto: hard links for bytecode; reflinks or copies for sources)" },
	{ .name = "activators", .kind = CV_OPTION_CHOICES, .metavar = "LIST",
	  .choices = activators, .field = LIBRARY(activators),
	  .unset = "nushell,xonsh,python",
	  .section = CV_SECTION_MORE, .with = CV_WITH_CREATE,
	  .help = "activation scripts besides those that venv writes: any of "
	          "nushell,xonsh,python,batch, or '' for none (default: nushell,xonsh,python)" },
	{ .name = "relocatable", .kind = CV_OPTION_FLAG, .field = LIBRARY(relocatable),
	  .section = CV_SECTION_MORE, .with = CV_WITH_CREATE,
	  .help = "write scripts that work after the environment was moved or copied" },
	{ .name = "without-cachedir-tag", .kind = CV_OPTION_FLAG,
	  .field = LIBRARY(without_cachedir_tag),
	  .section = CV_SECTION_MORE, .with = CV_WITH_CREATE,
	  .help = "do not write a CACHEDIR.TAG, which tells backup programs to skip the "
	          "environment" },
	{ .name = "extra-cfg", .kind = CV_OPTION_VALUE, .metavar = "LINES",
	  .field = LIBRARY(extra_cfg),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_NO, .with = CV_WITH_CREATE,
	  .help = "more lines of pyvenv.cfg, 'KEY = VALUE' in each, for tools that read them" },
	{ .name = "wheel-dir", .kind = CV_OPTION_DIR, .metavar = "DIR",
	  .field = LIBRARY(wheel_dir),
	  .section = CV_SECTION_MORE,
	  .with = WITH_BASE | CV_WITH_REPAIR,
	  .help = "take the wheels of pip and setuptools from DIR" },
	{ .name = "cache-dir", .kind = CV_OPTION_DIR, .metavar = "DIR",
	  .field = LIBRARY(cache_dir),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_LIBRARY,
	  .with = WITH_BASE | CV_WITH_CHECK | CV_WITH_REPAIR,
	  .help = CV_WINDOWS
	          ? "the cache directory (default: %LOCALAPPDATA%\\cvenv\\cache)"
	          : "the cache directory (default: cvenv in $XDG_CACHE_HOME or in ~/.cache)" },
	{ .name = "name", .letter = 'n', .kind = CV_OPTION_VALUE, .metavar = "NAME",
	  .field = IN(name),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_NO,
	  .with = CV_WITH_CREATE | CV_WITH_CHECK | CV_WITH_REPAIR | CV_WITH_CLONE |
	          CV_WITH_MOVE | CV_WITH_REMOVE | CV_WITH_PACK,
	  .help = CV_WINDOWS
	          ? "instead of ENV_DIR: the environment NAME in %WORKON_HOME%, or in "
	            "%USERPROFILE%\\.virtualenvs"
	          : "instead of ENV_DIR: the environment NAME in $WORKON_HOME, or in "
	            "~/.virtualenvs" },
	{ .name = "redirect", .kind = CV_OPTION_FLAG, .field = IN(redirect),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_NO, .with = CV_WITH_CREATE,
	  .help = "write .venv in the current directory, a file that names the environment" },
	{ .name = "no-config", .kind = CV_OPTION_FLAG, .field = LIBRARY(no_config),
	  .section = CV_SECTION_MORE, .key = CV_KEY_NONE,
	  .with = CV_WITH_ALL,
	  .help = "read no configuration files" },
	{ .name = "json", .kind = CV_OPTION_FLAG, .field = IN(json),
	  .section = CV_SECTION_MORE, .command_only = true,
	  .with = CV_WITH_ALL,
	  .help = "print a JSON object for each environment" },
	{ .name = "dry-run", .kind = CV_OPTION_FLAG, .field = IN(dry_run),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_NO,
	  .with = CV_WITH_CREATE | CV_WITH_SHIMS | CV_WITH_REPAIR | CV_WITH_CLONE |
	          CV_WITH_MOVE | CV_WITH_REMOVE | CV_WITH_PRUNE | CV_WITH_PACK,
	  .command_only = true,
	  .help = "print what would change, and write nothing" },
	{ .name = "quiet", .letter = 'q', .kind = CV_OPTION_COUNT, .field = IN(verbosity),
	  .value = -1,
	  .section = CV_SECTION_MORE,
	  .with = CV_WITH_ALL,
	  .help = "print errors only" },
	{ .name = "verbose", .letter = 'v', .kind = CV_OPTION_COUNT, .field = IN(verbosity),
	  .value = 1,
	  .section = CV_SECTION_MORE,
	  .with = CV_WITH_ALL,
	  .help = "print more; twice, even more" },
	{ .name = "version", .letter = 'V', .kind = CV_OPTION_STOP, .field = IN(version),
	  .section = CV_SECTION_MORE, .variable = CV_VARIABLE_NO,
	  .with = CV_WITH_ALL,
	  .help = "print the version and exit" },
	{ .name = "list", .kind = CV_OPTION_MODE, .metavar = "quick", .choices = list_modes,
	  .field = IN(list), .value = CV_DEPTH_NORMAL,
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_LIST, .max_dirs = CV_DIRS_MAX, .dirs = "ROOT",
	  .variable = CV_VARIABLE_NO, .command_only = true, .exact = true,
	  .help = "list the environments below each ROOT, or in the usual places, with their "
	          "size and what removing each would free; 'quick' omits both" },
	{ .name = "check", .kind = CV_OPTION_MODE, .metavar = "full", .choices = check_depths,
	  .field = IN(check), .value = CV_DEPTH_NORMAL,
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_CHECK, .max_dirs = CV_DIRS_MAX, .dirs = "ENV_DIR",
	  .variable = CV_VARIABLE_NO, .command_only = true, .exact = true,
	  .help = "print what is wrong with each ENV_DIR (default: .venv), and run nothing in it; "
	          "'full' also compares all files with the hashes in RECORD" },
	{ .name = "repair", .kind = CV_OPTION_FLAG, .field = IN(repair),
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_REPAIR, .max_dirs = CV_DIRS_MAX, .dirs = "ENV_DIR",
	  .variable = CV_VARIABLE_NO, .command_only = true, .exact = true,
	  .help = "repair what --check finds in each ENV_DIR, and keep its packages; with -p of "
	          "another version, pip installs them again" },
	{ .name = "clone", .kind = CV_OPTION_FLAG, .field = IN(clone),
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_CLONE, .min_dirs = 2, .max_dirs = 2, .dirs = "SRC DEST",
	  .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE, .exact = true, .command_only = true,
	  .help = "make a copy of the environment SRC that works in DEST" },
	{ .name = "move", .kind = CV_OPTION_FLAG, .field = IN(move),
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_MOVE, .min_dirs = 2, .max_dirs = 2, .dirs = "SRC DEST",
	  .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE, .exact = true, .command_only = true,
	  .help = "move the environment SRC to DEST, so that it works there" },
	{ .name = "root", .kind = CV_OPTION_TEXTS, .metavar = "OLD=NEW", .field = IN(roots),
	  .section = CV_SECTION_EXISTING, .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE,
	  .with = CV_WITH_CLONE | CV_WITH_MOVE, .exact = true, .command_only = true,
	  .help = "with --clone or --move: paths in the directory OLD, such as another checkout "
	          "of a project, become paths in NEW; may be repeated" },
	{ .name = "remove", .kind = CV_OPTION_FLAG, .field = IN(remove),
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_REMOVE, .min_dirs = 1, .max_dirs = CV_DIRS_MAX, .dirs = "ENV_DIR",
	  .variable = CV_VARIABLE_NO, .command_only = true, .exact = true,
	  .help = "remove each ENV_DIR, if it is an environment and nothing else" },
	{ .name = "prune", .kind = CV_OPTION_DAYS, .metavar = "DAYS", .field = IN(prune),
	  .number = IN(prune_days),
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_PRUNE, .max_dirs = CV_DIRS_MAX, .dirs = "ROOT",
	  .variable = CV_VARIABLE_NO, .command_only = true, .exact = true,
	  .help = "list broken environments, and with DAYS also those unused for that long; with "
	          "--yes remove them" },
	{ .name = "yes", .letter = 'y', .kind = CV_OPTION_FLAG, .field = IN(yes),
	  .section = CV_SECTION_EXISTING, .variable = CV_VARIABLE_NO, .with = CV_WITH_PRUNE,
	  .command_only = true, .exact = true,
	  .help = "with --prune: remove the environments" },
	{ .name = "pack", .kind = CV_OPTION_FLAG, .field = IN(pack),
	  .section = CV_SECTION_EXISTING, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_PACK, .max_dirs = 1, .dirs = "ENV_DIR",
	  .variable = CV_VARIABLE_NO, .command_only = true, .exact = true,
	  .help = "write an archive of ENV_DIR that works in any directory, also on other hosts" },
	{ .name = "output", .letter = 'o', .kind = CV_OPTION_VALUE, .metavar = "FILE",
	  .field = IN(output),
	  .section = CV_SECTION_EXISTING, .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE,
	  .with = CV_WITH_PACK, .command_only = true,
	  .help = "with --pack: FILE.tar.gz, .tar.zst, .tar or .zip; any other name is a "
	          "directory" },
	{ .name = "with-python", .kind = CV_OPTION_FLAG, .field = IN(with_python),
	  .section = CV_SECTION_EXISTING, .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE,
	  .with = CV_WITH_PACK, .command_only = true,
	  .help = "with --pack: include the base interpreter, if it can be moved" },
	{ .name = "warm", .kind = CV_OPTION_FLAG, .field = IN(warm),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_OTHER,
	  .variable = CV_VARIABLE_NO, .command_only = true,
	  .help = "fill the cache with all that environments of PYTHON need, bytecode too; of "
	          "several -p for each" },
	{ .name = "pythons", .kind = CV_OPTION_FLAG, .field = IN(list_pythons),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_OTHER,
	  .variable = CV_VARIABLE_NO, .command_only = true,
	  .help = "list the interpreters of this machine, or with -p those that fit; '*' marks "
	          "the one that cvenv would use" },
	{ .name = "install-shims", .kind = CV_OPTION_DIR, .metavar = "DIR",
	  .field = IN(install_shims),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_SHIMS,
	  .variable = CV_VARIABLE_NO, .command_only = true,
	  .help = CV_WINDOWS
	          ? "not on Windows"
	          : "write a shim for each Python into DIR: 'python3 -m venv' is then done by "
	            "cvenv, and all else by that Python" },
	{ .name = "cache-info", .kind = CV_OPTION_FLAG, .field = IN(cache_info),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_OTHER,
	  .variable = CV_VARIABLE_NO, .command_only = true,
	  .help = "print where the cache is and what it contains" },
	{ .name = "cache-clean", .kind = CV_OPTION_DAYS, .metavar = "DAYS",
	  .field = IN(cache_clean),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_OTHER, .number = IN(clean_days),
	  .variable = CV_VARIABLE_NO, .command_only = true,
	  .help = "delete all cache entries, or only those unused for DAYS days" },
	{ .name = "show-config", .kind = CV_OPTION_FLAG, .field = IN(show_config),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_CREATE, .max_dirs = CV_DIRS_MAX, .dirs = "ENV_DIR",
	  .variable = CV_VARIABLE_NO, .command_only = true,
	  .help = "print the value of each option and where it comes from" },
	{ .name = "completions", .kind = CV_OPTION_CHOICE, .metavar = "SHELL",
	  .choices = completions, .field = IN(completions),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_OTHER,
	  .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE, .command_only = true,
	  .exact = true, /* --comp is --compile */
	  .help = "print the script with which SHELL completes the options of cvenv: bash, zsh, "
	          "fish, powershell or nushell" },
	{ .name = "shell-hook", .kind = CV_OPTION_CHOICE, .metavar = "SHELL",
	  .choices = hooks, .field = IN(shell_hook),
	  .section = CV_SECTION_OTHER, .exclusive = CV_EXCLUSIVE_INSTEAD,
	  .action = CV_WITH_HOOK,
	  .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE, .command_only = true, .exact = true,
	  .help = "print the shell function cv, which enters and leaves environments: bash, zsh, "
	          "fish, posix or powershell" },
	{ .name = "auto", .kind = CV_OPTION_FLAG, .field = IN(automatic),
	  .section = CV_SECTION_OTHER,
	  .with = CV_WITH_HOOK,
	  .variable = CV_VARIABLE_NO, .key = CV_KEY_NONE, .command_only = true,
	  .exact = true, /* --a is --activators */
	  .help = "with --shell-hook: also enter when the directory changes, after asking once" },
};
/* clang-format on */

const size_t cv_option_count = sizeof(cv_option_table) / sizeof(cv_option_table[0]);
static_assert(
	sizeof(cv_option_table) / sizeof(cv_option_table[0]) <= CV_OPTIONS_MAX, "enough bits");

const struct cv_option *cv_option_of(struct cv_str name)
{
	for (size_t i = 0; i < cv_option_count; i++)
		if (cv_str_eq(cv_str(cv_option_table[i].name), name))
			return &cv_option_table[i];
	return NULL;
}

bool cv_option_excludes_dirs(const struct cv_option *option)
{
	if (option->exclusive == CV_EXCLUSIVE_INSTEAD)
		return option->max_dirs == 0;
	if (option->with & CV_WITH_CREATE)
		return false;
	for (size_t i = 0; i < cv_option_count; i++)
		if (cv_option_table[i].action & option->with && cv_option_table[i].max_dirs > 0)
			return false;
	return true;
}

static unsigned allowed_with(const struct cv_option *option)
{
	return option->exclusive == CV_EXCLUSIVE_INSTEAD ? option->action : option->with;
}

bool cv_option_excludes(const struct cv_option *a, const struct cv_option *b)
{
	if (a->exclusive != CV_EXCLUSIVE_NONE && a->exclusive == b->exclusive)
		return true;
	if (!(allowed_with(a) & allowed_with(b)))
		return true;
	return (a->field == LIBRARY(clear) && b->field == LIBRARY(upgrade)) ||
	       (b->field == LIBRARY(clear) && a->field == LIBRARY(upgrade));
}

bool cv_option_attaches(const struct cv_option *option)
{
	return option->kind == CV_OPTION_DAYS || option->kind == CV_OPTION_MODE;
}

const char *cv_link_mode_name(enum cvenv_link_mode mode)
{
	const struct cv_option_choice *choice = link_modes;

	while (choice->name && choice->value != (int)mode)
		choice++;
	return choice->name ? choice->name : "unknown";
}
