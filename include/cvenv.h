/* SPDX-License-Identifier: MIT */
#ifndef CVENV_H
#define CVENV_H

/*
 * libcvenv: create Python virtual environments, with pip, without running
 * `python -m venv`. Build with `cc $(pkg-config --cflags --libs cvenv)`.
 *
 *	#include <cvenv.h>
 *	#include <stdio.h>
 *	#include <unistd.h>
 *
 *	extern char **environ;
 *
 *	static int create(const char *env_dir)
 *	{
 *		struct cvenv_options options = { sizeof(options) };
 *		struct cvenv_result result = { sizeof(result) };
 *		struct cvenv_error error;
 *		struct cvenv *session;
 *		char cwd[4096];
 *		int rc;
 *
 *		options.envp = (const char *const *)environ;
 *		options.cwd = getcwd(cwd, sizeof(cwd));
 *		rc = cvenv_open(&options, &session, &error);
 *		if (rc == 0)
 *			rc = cvenv_create(session, env_dir, &result, &error);
 *		if (rc == 0)
 *			printf("%s is Python %s\n", result.python, result.version);
 *		else
 *			fprintf(stderr, "%s\n", error.message);
 *		cvenv_close(session);
 *		return rc;
 *	}
 *
 *	int main(int argc, char **argv)
 *	{
 *		return create(argc > 1 ? argv[1] : ".venv") < 0;
 *	}
 *
 * The library prints nothing, never exits, has no global state, and reads neither
 * the environment variables nor the current directory but as the options give them. It
 * starts processes: the base Python, once, to learn what it is; compilers of bytecode, if asked;
 * pip, for upgrade_deps only.
 *
 * Threads: a session, with all that belongs to it, is used by one thread at a time; several may be
 * open at once, in as many threads, for the same cache and the same ENV_DIR.
 *
 * Signals: none is caught or raised here. Whoever ignores SIGCHLD, or waits for children that
 * are not its own, takes from us how ours ended. A handler may set *stop.
 *
 * Ownership: what options point to is borrowed until cvenv_close(). What a session or an
 * environment hands out belongs to it, for as long as is said below.
 *
 * Errors: a function that can fail returns 0, or -1 and fills *error (or not, if that is NULL).
 * When cvenv_create() fails, ENV_DIR is as it was before, unless the message says "changed in part"
 * or "was made".
 *
 * Structures grow at their end, and `size` says how much of one the caller knows: set it always.
 * All zero (but size) is the default everywhere. A caller that knows more than the library is
 * refused only when it asks for something the library does not know: a byte there is not zero.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CVENV_API __attribute__((visibility("default")))
#else
#define CVENV_API
#endif

/* --- Errors -------------------------------------------------------------------------------- */

/* What error.code may be besides an errno, which is always less. */
enum cvenv_code {
	CVENV_EUSAGE = 4097, /* an option cannot be understood */
	CVENV_EPYTHON,       /* not a Python that environments can be made from */
	CVENV_EWHEEL,        /* not a valid wheel */
	CVENV_EUNSAFE,       /* a name in a wheel that leads outside */
	CVENV_ELIMIT,        /* larger than anything sensible */
	CVENV_EREFUSED,      /* it would do harm: clear the home directory, write through a link */
	CVENV_ENOTFOUND,     /* no such Python, no wheel of pip */
	CVENV_ECORRUPT,      /* corrupt, and could not be mended */
	CVENV_EPIP           /* created the environment, but the pip of upgrade_deps failed */
};

struct cvenv_error {
	int code;           /* an errno, or of enum cvenv_code */
	char message[9216]; /* "cannot create 'x': Permission denied": one line, but names may hold
			       anything */
	char hint[512];     /* what the user can do, or "" */
};

/* --- Sessions ------------------------------------------------------------------------------ */

enum cvenv_link_mode {
	CVENV_LINK_AUTO, /* links for bytecode and metadata, reflinks or else copies for sources */
	CVENV_LINK_REFLINK,
	CVENV_LINK_HARDLINK,
	CVENV_LINK_COPY
};

enum cvenv_compile {
	CVENV_COMPILE_IF_CACHED, /* pip's bytecode when the cache or the base has it */
	CVENV_COMPILE_ALWAYS,    /* compiled when it has not */
	CVENV_COMPILE_NEVER
};

enum cvenv_level {
	CVENV_WARNING, /* what the user should know */
	CVENV_INFO,    /* what is being done */
	CVENV_DEBUG
};

enum cvenv_phase {
	CVENV_UNPACK, /* files of a wheel, into the cache */
	CVENV_COMPILE /* sources of a wheel, into the cache */
};

/*
 * As the options of the command, see cvenv(1). Callbacks are called by the thread that called the
 * library; they must not use the session and must not jump out of it.
 */
struct cvenv_options {
	size_t size;
	const char *const *envp; /* "NAME=VALUE", NULL-terminated: PATH, HOME, ...; NULL: none */
	const char *cwd;         /* absolute: what relative paths are relative to; may be NULL */
	const char *python;      /* the base: path, name on PATH, or version; NULL: the default */
	const char *prompt;      /* "." is the name of cwd; NULL: the name of ENV_DIR */
	const char *wheel_dir;   /* where wheels are looked for first; NULL: those of the base */
	const char *cache_dir;   /* the cache; NULL: the user's */
	const char *data_dir;    /* cvenv's own, which may hold a folder `wheels`; NULL: as built */
	const char *activators;  /* "nushell,xonsh": scripts besides those that are always
				    written; "": none; NULL: nushell,xonsh,python */
	bool system_site_packages;
	bool copies;
	bool clear;
	bool upgrade;
	bool without_pip;
	bool upgrade_deps;
	bool without_scm_ignore_files;
	bool relocatable;
	enum cvenv_link_mode link_mode;
	enum cvenv_compile compile;
	unsigned jobs; /* processes that compile; 0: one */
	/* For a line of text; NULL: nobody wants them. */
	void (*log)(void *log_data, enum cvenv_level level, const char *message);
	void *log_data;
	/* DONE of TOTAL, 0 first and TOTAL last, for each thing that is unpacked or compiled. */
	void (*progress)(void *progress_data, enum cvenv_phase phase, const char *name, size_t done,
		size_t total);
	void *progress_data;
	/* Set it, from a signal handler say, to give up cleanly: EINTR. May be NULL. */
	const volatile int *stop;
	bool quiet; /* of the pip that upgrade_deps runs only errors are seen */
	/*
	 * Let `clear` delete the content of any directory. Without it `clear` accepts only an
	 * environment, the remains of one, or an empty directory. Ignored if ENV_DIR is a symbolic
	 * link. These are refused in any case: the root, a home directory, a directory above it or
	 * above cwd, a directory with a mount point in it, and a Python installation.
	 */
	bool force;
	bool without_cachedir_tag; /* environments in steps never get one */
};

/*
 * What environments made from the same options share: the base Python, the cache, unpacked wheels.
 * Opening looks at the options only; the Python is looked for when it is first needed. On failure
 * *ret is NULL.
 */
struct cvenv;

CVENV_API int cvenv_open(
	const struct cvenv_options *options, struct cvenv **ret, struct cvenv_error *error);
CVENV_API void cvenv_close(struct cvenv *session); /* NULL is fine */

/* "0.1.0", of the library that runs. */
CVENV_API const char *cvenv_version(void);

/* --- Whole environments -------------------------------------------------------------------- */

struct cvenv_package {
	const char *name, *version;
}; /* this one does not grow */

/* What stood in ENV_DIR. With options.clear nobody looks whether it was an environment. */
enum cvenv_before { CVENV_NOTHING, CVENV_DIRECTORY, CVENV_ENVIRONMENT };

/* Valid until the next call for that session, or its close. */
struct cvenv_result {
	size_t size;
	const char *path;           /* ENV_DIR, absolute */
	const char *python;         /* the environment's interpreter, absolute */
	const char *version;        /* "3.13.0" */
	const char *implementation; /* "cpython", "pypy" */
	const char *home;           /* the base's directory, as in pyvenv.cfg */
	const char *base;           /* the base interpreter, absolute; links not resolved */
	const char *bin;            /* absolute */
	const char *site_packages;  /* absolute */
	const char *prompt;
	const struct cvenv_package *packages; /* what pip came with, pip first */
	size_t package_count;
	enum cvenv_link_mode link_mode; /* what most files came by; AUTO: links and copies */
	bool could_compile; /* it has no bytecode, but cvenv_warm() would make it for the next */
	enum cvenv_before before;
};

/*
 * Make an environment in ENV_DIR, absolute or relative to options.cwd. It appears there whole or
 * not at all; only upgrade_deps, which comes after, can fail and leave it as it was made.
 * RET may be NULL.
 */
CVENV_API int cvenv_create(struct cvenv *session, const char *env_dir, struct cvenv_result *ret,
	struct cvenv_error *error);

/*
 * The same, but writes nothing, neither in ENV_DIR nor in the cache. *ret describes the environment
 * that would result; cvenv_plan_entry() lists the changes.
 */
CVENV_API int cvenv_plan(struct cvenv *session, const char *env_dir, struct cvenv_result *ret,
	struct cvenv_error *error);

/*
 * Fails if cvenv_create() would refuse ENV_DIR because of its name, its location or its content.
 * Does not need the base Python, and writes nothing. To create several environments, check all
 * directories first.
 */
CVENV_API int cvenv_check(struct cvenv *session, const char *env_dir, struct cvenv_error *error);

enum cvenv_entry_kind {
	CVENV_ENTRY_DIR,
	CVENV_ENTRY_LINK,  /* symbolic, to `source` */
	CVENV_ENTRY_FILE,  /* with `bytes` bytes of `data` */
	CVENV_ENTRY_COPY,  /* of the file `source` */
	CVENV_ENTRY_TREE,  /* `files` files of an unpacked wheel, or its bytecode, below `path` */
	CVENV_ENTRY_REMOVE /* of an older pip, or of another Python */
};

struct cvenv_entry {
	size_t size;
	enum cvenv_entry_kind kind;
	const char *path;   /* relative to ENV_DIR */
	const char *source; /* of LINK and COPY; of TREE what it is, "pip 24.2"; else NULL */
	const char *data;   /* of FILE; else NULL */
	size_t bytes;       /* of FILE */
	size_t files;       /* of TREE */
};

/*
 * After cvenv_plan(): the changes. After cvenv_create(): all entries of the plan. Both in order,
 * except that pyvenv.cfg is always written last. False if INDEX is not less than their number.
 * Valid as long as the result.
 *
 *	struct cvenv_entry entry = { sizeof(entry) };
 *	for (size_t i = 0; cvenv_plan_entry(session, i, &entry); i++)
 *		printf("%s\n", entry.path);
 */
CVENV_API bool cvenv_plan_entry(const struct cvenv *session, size_t index, struct cvenv_entry *ret);

/*
 * What to type to enter the environment that the session has made last, named as it was named:
 * "source .venv/bin/activate". SHELLS, NULL-terminated, are names of shells ("bash", "-zsh",
 * "/usr/bin/fish"), of which the first one that is known counts; where it has no script, or none is
 * known, it is for bash. NULL when nothing can be typed there: a name with a line break in csh, a
 * relocatable environment in dash, one without scripts since it was made with `upgrade`.
 * Valid as the result is.
 */
CVENV_API const char *cvenv_activation_line(struct cvenv *session, const char *const *shells);

/* --- Environments in steps ----------------------------------------------------------------- */

/*
 * The steps of `create` in CPython's class venv.EnvBuilder, for who wants to do something else
 * between them, or instead of one:
 *
 *	cvenv_begin(session, env_dir, &env, &error);
 *	cvenv_ensure_directories(env, &error);
 *	cvenv_create_git_ignore_file(env, &error);	// 3.13: if asked
 *	cvenv_create_configuration(env, &error);
 *	cvenv_setup_python(env, &error);
 *	cvenv_setup_pip(env, &error);			// if asked
 *	cvenv_setup_scripts(env, &error);		// not for an upgrade
 *	cvenv_upgrade_dependencies(env, &error);	// if asked
 *	cvenv_end(env);
 *
 * Each makes its part true in the directory as it stands, in place and file by file, each whole; so
 * a failure leaves what came before, as with CPython. None but ensure_directories makes ENV_DIR. A
 * step that is called is done: the flags without_pip, without_scm_ignore_files, upgrade and
 * upgrade_deps only show in pyvenv.cfg, and what `upgrade` keeps is kept. Steps may be repeated.
 */
struct cvenv_env;

/* Find the base and compute the names; nothing is written but in the cache. On failure *ret is
 * NULL. The session must stay open until cvenv_end(). */
CVENV_API int cvenv_begin(struct cvenv *session, const char *env_dir, struct cvenv_env **ret,
	struct cvenv_error *error);
CVENV_API void cvenv_end(struct cvenv_env *env); /* NULL is fine */

/* CPython's `context`. All absolute but the names. */
struct cvenv_context {
	size_t size;
	const char *env_dir;
	const char *env_name;     /* the last part of env_dir; "" for "/" */
	const char *prompt;       /* resolved; without parentheses */
	const char *executable;   /* the base: sys._base_executable */
	const char *python_dir;   /* its directory: `home` */
	const char *python_exe;   /* its name */
	const char *inc_path;     /* where headers go */
	const char *lib_path;     /* site-packages */
	const char *platlib_path; /* of 3.15 and later; lib_path where it is the same */
	const char *bin_path;
	const char *bin_name;     /* "bin" */
	const char *env_exe;      /* bin_path/python_exe */
	const char *env_exec_cmd; /* how to run it; the same but on Windows */
	const char *cfg_path;     /* pyvenv.cfg */
};

/* Valid until cvenv_set_context() or the end of ENV. */
CVENV_API void cvenv_get_context(const struct cvenv_env *env, struct cvenv_context *ret);

/*
 * Use other names from the next step on: of what was got before, with some changed; all are copied.
 * NULL members stay as they are. Refused are another env_dir, paths that are not below it
 * (inc_path, lib_path, platlib_path, bin_path, and env_exe, which lies in bin_path) and a base that
 * is not absolute. env_name, bin_name, env_exec_cmd and cfg_path cannot be chosen: they are
 * ignored.
 */
CVENV_API int cvenv_set_context(
	struct cvenv_env *env, const struct cvenv_context *context, struct cvenv_error *error);

/*
 * Use other options from the next step on; their texts are copied. What belongs to the session
 * stays as it is: envp, cwd, python, wheel_dir, cache_dir, data_dir, the callbacks, stop. A prompt
 * that cvenv_set_context() gave stays, too.
 */
CVENV_API int cvenv_set_options(
	struct cvenv_env *env, const struct cvenv_options *options, struct cvenv_error *error);

/* The directories, and lib64 where there is one. Empties ENV_DIR first if `clear` is set. */
CVENV_API int cvenv_ensure_directories(struct cvenv_env *env, struct cvenv_error *error);
/* .gitignore, whatever the version of the base; one that stands is kept. */
CVENV_API int cvenv_create_git_ignore_file(struct cvenv_env *env, struct cvenv_error *error);
/* pyvenv.cfg */
CVENV_API int cvenv_create_configuration(struct cvenv_env *env, struct cvenv_error *error);
/* The interpreter's names in bin. */
CVENV_API int cvenv_setup_python(struct cvenv_env *env, struct cvenv_error *error);
/* pip, and setuptools below 3.12: what `python -m ensurepip` would install. */
CVENV_API int cvenv_setup_pip(struct cvenv_env *env, struct cvenv_error *error);
/* The activation scripts. */
CVENV_API int cvenv_setup_scripts(struct cvenv_env *env, struct cvenv_error *error);
/* `pip install --upgrade`, run by env_exe, with its output on stderr. */
CVENV_API int cvenv_upgrade_dependencies(struct cvenv_env *env, struct cvenv_error *error);

/* As after cvenv_create(): packages are those that stand there. Valid until the next call for ENV.
 */
CVENV_API int cvenv_describe(
	struct cvenv_env *env, struct cvenv_result *ret, struct cvenv_error *error);

/* --- The cache ----------------------------------------------------------------------------- */

/*
 * Fill the cache with what environments of the session's Python are made from, without making one:
 * what it is, its wheels, and unless options.compile says never their bytecode. Fails where there
 * is no cache that lasts. Of *ret (may be NULL) path, python, bin, site_packages and prompt are
 * NULL.
 */
CVENV_API int cvenv_warm(
	struct cvenv *session, struct cvenv_result *ret, struct cvenv_error *error);

enum cvenv_cache_kind {
	CVENV_CACHE_INTERPRETER, /* what a Python is */
	CVENV_CACHE_WHEEL,       /* an unpacked wheel */
	CVENV_CACHE_BYTECODE     /* the bytecode of one, for one kind of Python */
};

/* Valid until the next call for that session, or its close. */
struct cvenv_cache_info {
	size_t size;
	const char *dir;    /* absolute */
	bool exists;        /* else all that follows is zero */
	size_t entry_count; /* for cvenv_cache_entry() */
	size_t leftovers;   /* temporaries: of killed processes, or of such that are at work */
	uint64_t leftover_bytes;
	uint64_t bytes;  /* on disk, of all */
	uint64_t shared; /* of these: in files that environments have hard links to */
};

struct cvenv_cache_entry {
	size_t size;
	enum cvenv_cache_kind kind;
	const char *key;     /* its name in the cache */
	const char *name;    /* of the project; of a Python its implementation; "": corrupt */
	const char *version; /* of that */
	const char *python;  /* its path, of INFO; else "" */
	const char *tag;     /* "cpython-313", of BYTECODE; else "" */
	uint64_t bytes, shared;
	int64_t used; /* last use: seconds since the epoch, a day late at most */
};

/* What the cache holds. None is made by looking. */
CVENV_API int cvenv_cache_info(
	struct cvenv *session, struct cvenv_cache_info *ret, struct cvenv_error *error);
/* One by one, after cvenv_cache_info(); false when there are not so many. */
CVENV_API bool cvenv_cache_entry(
	struct cvenv *session, size_t index, struct cvenv_cache_entry *ret);

struct cvenv_cache_freed {
	size_t size;
	size_t entries, leftovers;
	uint64_t bytes; /* that the file system has got back */
};

/*
 * Remove what was not used for UNUSED_SECONDS; all with 0. Environments do not mind, nor do those
 * who create some meanwhile. RET may be NULL; after a failure it says what was removed until then.
 */
CVENV_API int cvenv_cache_clean(struct cvenv *session, int64_t unused_seconds,
	struct cvenv_cache_freed *ret, struct cvenv_error *error);

#ifdef __cplusplus
}
#endif

#endif
