/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "cli/options.h"
#include "cli/shims.h"
#include "interpreter/managers/own_shim.h"
#include "os/command.h"
#include "os/os.h"

/*
 * Does argv[i] begin a script, or is it another reason to run the interpreter? Else *I is the last
 * argument that belongs to this option, and *MODULE is set by -m.
 */
static bool read_option(int argc, char **argv, int *i, const char **module)
{
	const char *arg = argv[*i];

	if (strcmp(arg, "--check-hash-based-pycs") == 0)
		return ++*i < argc;
	if (arg[0] != '-' || !arg[1] || arg[1] == '-')
		return false;
	for (const char *p = arg + 1; *p; p++) {
		bool takes_value = strchr("mWX", *p);

		if (!takes_value && !strchr("bBEIOPqRsSu", *p))
			return false;
		if (!takes_value)
			continue;
		if (!p[1] && ++*i >= argc)
			return false;
		if (*p == 'm')
			*module = p[1] ? p + 1 : argv[*i];
		break;
	}
	return true;
}

/* The index of the first argument after `-m venv`; 0: this is another call. */
static int after_venv(int argc, char **argv)
{
	const char *module = NULL;
	int i = 1;

	for (; i < argc && !module; i++)
		if (!read_option(argc, argv, &i, &module))
			return 0;
	return module && strcmp(module, "venv") == 0 ? i : 0;
}

/* Would cvenv create environments? ARGV is that of cvenv. */
static bool creates(struct cv_arena *a, int argc, char **argv)
{
	struct cv_options *o = cv_new(a, struct cv_options, 1);
	struct cvenv_error *ignored = cv_new(a, struct cvenv_error, 1);
	char **copy = cv_new(a, char *, (size_t)argc + 1);

	if (!o || !ignored || !copy)
		return false;
	memcpy(copy, argv, (size_t)argc * sizeof(*copy)); /* parsing changes the order */
	return cv_options_parse(argc, copy, NULL, o, ignored) == 0 && !o->help && !o->version &&
	       o->env_dir_count > 0;
}

/* Take the directory of the shim out of PATH, for an interpreter that searches PATH. */
static int leave_path(struct cv_arena *a, const struct cv_own_shim *own)
{
	const struct cv_ctx ctx = { .envp = cv_os_environ() };
	struct cv_str rest = cv_str(cv_getenv(&ctx, "PATH")), dir;
	struct cv_buf path = { 0 };
	struct cv_os_stat ours, st;
	size_t kept = 0;
	int rc = -ENOMEM;

	if (!rest.p || cv_os_stat(CV_OS_ABSOLUTE, own->dir, CV_OS_FOLLOW, &ours) < 0)
		return 0;
	cv_buf_cstr(&path, "PATH=");
	while (cv_str_cut(&rest, CV_PATH_LIST_SEP, &dir)) {
		const char *name = dir.n ? cv_strdup(a, dir) : ".";

		if (name && cv_os_stat(CV_OS_ABSOLUTE, name, CV_OS_FOLLOW, &st) == 0 &&
			cv_os_same(&st, &ours))
			continue;
		cv_buf_addf(&path, "%s%.*s", kept++ ? ":" : "", CV_ARG(dir));
	}
	if (!kept)
		cv_buf_cstr(&path, "/dev/null"); /* an empty one means the current directory */
	if (!path.bad)
		rc = cv_os_put_variable(path.p); /* it keeps the text */
	return rc;
}

static int start(const struct cv_own_shim *own, char **argv, struct cvenv_error *error)
{
	char *argv0 = argv[0];
	int rc;

	if (!own->starts) {
		cv_fail_msg(error, ENOENT, "the shim '%s/%s' does not say which Python it starts",
			own->dir, own->name);
		return cv_hint(error, -ENOENT, "run cvenv --install-shims again");
	}
	argv[0] = own->starts; /* Python finds itself by this name: sys.executable */
	rc = cv_os_exec(own->starts, argv);
	argv[0] = argv0;
	cv_fail(error, -rc, "cannot start '%s'", own->starts);
	return cv_hint(error, rc, "run cvenv --install-shims again");
}

/* Is it one of our shims that starts one of our shims? Only by hand. */
static bool is_circle(struct cv_arena *a, const struct cv_own_shim *own)
{
	struct cv_own_shim next;

	return own->starts && cv_own_shim(a, own->starts, &next) > 0;
}

/* By which path was this process started? */
static int find_shim(struct cv_arena *a, const char *argv0, struct cv_own_shim *ret)
{
	const char *path = cv_os_program_path();
	int rc = path ? cv_own_shim(a, path, ret) : 0;

	/* as "#!" line of a script, the shim is argv[0] only */
	if (rc == 0 && argv0 && strchr(argv0, '/') && !(path && strcmp(path, argv0) == 0))
		rc = cv_own_shim(a, argv0, ret);
	return rc;
}

int cv_shim_begin(int *argc, char ***argv, struct cvenv_error *error)
{
	static char command[] = "cvenv", option[] = "--python";
	static struct cv_arena a; /* lives as long as the process: *argv is in it */
	struct cv_own_shim own;
	char **new;
	int n = 0, first, rc = 0;

	/* Without arguments, not even a name, there is no room for the name of the interpreter. */
	if (!CV_WINDOWS && *argc > 0)
		rc = find_shim(&a, (*argv)[0], &own);
	if (rc == 0)
		return 0;
	if (rc > 0 && own.searches)
		rc = leave_path(&a, &own);
	if (rc < 0)
		return cv_fail_nomem(error);
	if (is_circle(&a, &own))
		return cv_fail(error, ELOOP, "cannot follow the shim '%s/%s'", own.dir, own.name);
	first = own.starts ? after_venv(*argc, *argv) : 0;
	if (first == 0)
		return start(&own, *argv, error);
	new = cv_new(&a, char *, (size_t)*argc + 4);
	if (!new)
		return cv_fail_nomem(error);
	new[n++] = command;
	new[n++] = option;
	new[n++] = own.starts;
	for (int i = first; i < *argc; i++)
		new[n++] = (*argv)[i];
	if (!creates(&a, n, new))
		return start(&own, *argv, error);
	*argc = n;
	*argv = new;
	return 1;
}
