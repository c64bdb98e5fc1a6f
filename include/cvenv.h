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
 * The library prints nothing, never exits and has no global state. It gets the environment
 * variables and the current directory from the options only.
 *
 * Processes: it runs the base interpreter once, to get information about it. It runs the base
 * interpreter to compile bytecode, if options.compile requests that. It runs pip for upgrade_deps.
 *
 * Threads: one thread at a time may use a session and all that belongs to it. Several threads may
 * use a session each, also for the same cache and the same ENV_DIR.
 *
 * Signals: the library catches and raises none. If the host process ignores SIGCHLD or reaps
 * unknown children, cvenv cannot read its children's exit status. A signal handler may set
 * *options.stop.
 *
 * Ownership: the library borrows what options point to until cvenv_close(). Pointers that it
 * returns belong to the session or the environment; how long they are valid is stated below.
 *
 * Errors: a function that can fail returns 0, or -1 and fills *error. ERROR may be NULL.
 * If cvenv_create() fails, ENV_DIR is as it was before, except with these codes: CVENV_ECHANGED
 * (ENV_DIR was changed in part), CVENV_EPIP and CVENV_EREDIRECT (the environment was created).
 *
 * Structs are only extended at the end. Always set `size` to `sizeof` the struct. The default of
 * every other member is zero. If a caller was compiled for a newer library, this one accepts its
 * options as long as all members that it does not know are zero.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(_WIN32)
#define CVENV_API __attribute__((visibility("default")))
#else
#define CVENV_API
#endif

/* --- Errors -------------------------------------------------------------------------------- */

/* Values of error.code. Others are an errno, which is always less than these. */
enum cvenv_code {
	CVENV_EUSAGE = 4097, /* an option is invalid */
	CVENV_EPYTHON,       /* environments cannot be created from this Python */
	CVENV_EWHEEL,        /* not a valid wheel */
	CVENV_EUNSAFE,       /* a path in a wheel leads out of the environment */
	CVENV_ELIMIT,        /* an input exceeds a limit of size or number */
	CVENV_EREFUSED,      /* it would do harm, such as clearing the home directory */
	CVENV_ENOPYTHON,     /* no such Python */
	CVENV_ENOWHEEL,      /* no wheel of pip */
	CVENV_ENOCACHE,      /* cvenv_warm() has no cache to fill */
	CVENV_ECORRUPT,      /* a corrupt file that cvenv could not replace */
	CVENV_EPIP,          /* created the environment, but upgrade_deps failed */
	CVENV_ECHANGED,      /* failed after a part of ENV_DIR was changed */
	CVENV_EREDIRECT,     /* created the environment, but not the redirect file */
	CVENV_ENOTENV        /* there is no environment */
};

struct cvenv_error {
	int code;           /* an errno, or one of enum cvenv_code */
	char message[9216]; /* "cannot create 'x': Permission denied"; one line, unless a name in it
			       contains a newline */
	char hint[512];     /* what the user can do about it, or "" */
};

/* --- Sessions ------------------------------------------------------------------------------ */

enum cvenv_link_mode {
	CVENV_LINK_AUTO, /* hard links for bytecode and metadata, but none if root creates the
			  * environment; reflinks or copies for others */
	CVENV_LINK_REFLINK,
	CVENV_LINK_HARDLINK,
	CVENV_LINK_COPY
};

enum cvenv_compile {
	CVENV_COMPILE_IF_CACHED, /* install bytecode of the cache or of the base interpreter */
	CVENV_COMPILE_ALWAYS,    /* compile it if neither has it */
	CVENV_COMPILE_NEVER
};

enum cvenv_level {
	CVENV_LOG_WARNING, /* the user should read it */
	CVENV_LOG_INFO,    /* what is being done */
	CVENV_LOG_DEBUG
};

enum cvenv_phase {
	CVENV_PHASE_UNPACK,  /* unpack files of a wheel into the cache */
	CVENV_PHASE_COMPILE, /* compile sources of a wheel into the cache */
	CVENV_PHASE_WAIT,    /* wait for the program or directory NAME, or ""; DONE of 0 */
	CVENV_PHASE_SEARCH,  /* search environments; NAME: how many, for people; TOTAL of 0 */
	CVENV_PHASE_COPY,    /* copy the files of the environment NAME */
	CVENV_PHASE_COMPARE, /* compare the files of the environment NAME with RECORD */
	CVENV_PHASE_PACK,    /* pack the files of the environment NAME */
	CVENV_PHASE_REMOVE   /* delete the files of the environment NAME */
};

/*
 * The options have the same meaning as those of the command, see cvenv(1). The library calls the
 * callbacks in the thread that called it. A callback must not use the session, and must return.
 */
struct cvenv_options {
	size_t size;
	const char *const *envp; /* "NAME=VALUE" (PATH, HOME, ...), NULL-terminated; NULL: none */
	const char *cwd;         /* absolute; relative paths are relative to it; may be NULL */
	/* The base interpreter: a path, a name, or a request such as "3.12", ">=3.11,<3.14" or
	   "pypy3.10"; NULL: that of $CVENV_PYTHON, of .python-version in cwd or above it, or the
	   default. */
	const char *python;
	const char *prompt;     /* ".": the name of cwd; NULL: the name of ENV_DIR */
	const char *wheel_dir;  /* directory of wheels to use first; NULL: none */
	const char *cache_dir;  /* the cache; NULL: that of the user */
	const char *data_dir;   /* PREFIX/share/cvenv, which may contain `wheels`; NULL: as built */
	const char *activators; /* additional scripts: "nushell,xonsh"; "": none;
				   NULL: "nushell,xonsh,python" */
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
	unsigned jobs; /* number of processes that compile; 0: one */
	/* Gets one line of text. May be NULL. */
	void (*log)(void *log_data, enum cvenv_level level, const char *message);
	void *log_data;
	/*
	 * Called for each wheel or environment NAME with DONE from 0 to TOTAL, or to an unknown
	 * number if TOTAL is 0, and some times per second while the library waits. May be NULL.
	 */
	void (*progress)(void *progress_data, enum cvenv_phase phase, const char *name, size_t done,
		size_t total);
	void *progress_data;
	/* If it becomes nonzero, for example by a signal handler, the call cleans up and fails with
	   EINTR. May be NULL. */
	const volatile int *stop;
	bool quiet; /* the pip that upgrade_deps runs prints errors only */
	/*
	 * Let `clear` delete the content of any directory. Without it `clear` accepts only an
	 * environment, the remains of one, or an empty directory. Ignored if ENV_DIR is a symbolic
	 * link. cvenv(1) lists the directories that are refused in any case.
	 */
	bool force;
	bool without_cachedir_tag; /* no effect on steps, which never write one */
	bool symlinks; /* link to the interpreter on Windows, too; `copies` overrides it */
	/*
	 * What `python` comes from, or default_python if that is NULL: for messages and for the
	 * result. If `python` comes from the absolute path of a pyproject.toml, it is the setting
	 * of a project: $CVENV_PYTHON and a .python-version in a directory below come first, and
	 * it may only be a version. NULL: "-p".
	 */
	const char *python_source;
	const char *default_python; /* `python` of the user, if no project chooses; NULL: none */
	bool no_config; /* let no file choose the Python: ignore .python-version, default_python and
			   `python` of a pyproject.toml */
	/*
	 * A redirect file (PEP 832) to write after cvenv_create(): tools find the environment by
	 * it. NULL: none. It replaces only a redirect file, and not if that names an environment
	 * that cvenv did not create. Nothing is written if it is ENV_DIR itself. No effect on
	 * steps.
	 */
	const char *redirect;
	/* If `python`, or default_python if that is NULL, does not exist: the first of these that
	   does. NULL-terminated; NULL: none. */
	const char *const *pythons;
	/* More lines of pyvenv.cfg, for tools that read them: "KEY = VALUE", separated by '\n'.
	   Keys that cvenv writes itself are refused. NULL: none. */
	const char *extra_cfg;
};

/*
 * A session creates environments with the same options. They share the base interpreter, the cache
 * and the unpacked wheels. cvenv_open() only checks the options; the session searches the base
 * interpreter when it first needs it. On failure *ret is NULL.
 */
struct cvenv;

CVENV_API int cvenv_open(
	const struct cvenv_options *options, struct cvenv **ret, struct cvenv_error *error);
CVENV_API void cvenv_close(struct cvenv *session); /* session may be NULL */

/* The version of the library that runs: "0.1.0". */
CVENV_API const char *cvenv_version(void);

/* --- Whole environments -------------------------------------------------------------------- */

struct cvenv_package {
	const char *name, *version;
}; /* never extended */

/* What ENV_DIR was before. With options.clear an environment counts as a directory. */
enum cvenv_before { CVENV_BEFORE_NOTHING, CVENV_BEFORE_DIRECTORY, CVENV_BEFORE_ENVIRONMENT };

/* Valid until the next call for the session, or until cvenv_close(). */
struct cvenv_result {
	size_t size;
	const char *path;           /* ENV_DIR, or what it redirects to; absolute */
	const char *python;         /* the environment's interpreter, absolute */
	const char *version;        /* "3.13.0" */
	const char *implementation; /* "cpython", "pypy" */
	const char *home;           /* the directory of the base interpreter, as in pyvenv.cfg */
	const char *base;           /* the base interpreter, absolute; links not resolved */
	const char *bin;            /* absolute */
	const char *site_packages;  /* absolute */
	const char *prompt;
	const struct cvenv_package *packages; /* the installed packages, pip first */
	size_t package_count;
	enum cvenv_link_mode link_mode; /* that of most files; AUTO: links and copies */
	bool could_compile; /* no bytecode was installed, but cvenv_warm() can compile it */
	enum cvenv_before before;
	/* What chose the base interpreter: options.python_source, "-p", "CVENV_PYTHON", the path of
	   a .python-version, "default". */
	const char *python_source;
	/* The redirect file that names the environment: options.redirect, or ENV_DIR if it is one;
	   NULL: none */
	const char *redirect;
};

/*
 * Create an environment in ENV_DIR, which is absolute or relative to options.cwd. If ENV_DIR is a
 * redirect file, the environment is created in the directory that the file names. Readers always
 * see a complete environment or none. upgrade_deps runs afterwards: if it fails, the environment
 * exists without the upgrade (CVENV_EPIP). RET may be NULL.
 */
CVENV_API int cvenv_create(struct cvenv *session, const char *env_dir, struct cvenv_result *ret,
	struct cvenv_error *error);

/*
 * As cvenv_create(), but write nothing, neither in ENV_DIR nor in the cache. *ret describes the
 * environment that would result; cvenv_plan_entry() lists the changes.
 */
CVENV_API int cvenv_plan(struct cvenv *session, const char *env_dir, struct cvenv_result *ret,
	struct cvenv_error *error);

/*
 * Fail if cvenv_create() would refuse ENV_DIR because of its name, its location or its content.
 * This needs no base interpreter, and writes nothing. To create several environments, check all
 * directories first.
 */
CVENV_API int cvenv_check(struct cvenv *session, const char *env_dir, struct cvenv_error *error);

enum cvenv_entry_kind {
	CVENV_ENTRY_DIR,
	CVENV_ENTRY_LINK,   /* a symbolic link to `source` */
	CVENV_ENTRY_FILE,   /* a file with `bytes` bytes of `data` */
	CVENV_ENTRY_COPY,   /* a copy of the file `source` */
	CVENV_ENTRY_TREE,   /* `files` files of a cached wheel, or of its bytecode, below `path` */
	CVENV_ENTRY_REMOVE, /* delete a file of an older pip or of another Python */
	CVENV_ENTRY_RENAME  /* give the environment `source` the name `path`; both absolute */
};

struct cvenv_entry {
	size_t size;
	enum cvenv_entry_kind kind;
	const char *path;   /* relative to ENV_DIR */
	const char *source; /* for LINK, COPY, RENAME; for TREE a description, "pip 24.2"; else
			       NULL */
	const char *data;   /* for FILE; else NULL */
	size_t bytes;       /* for FILE */
	size_t files;       /* for TREE */
};

/*
 * Get the entries one by one: after cvenv_plan() the changes, after cvenv_create() all entries of
 * the plan. They are in the order of execution, except that pyvenv.cfg is always written last.
 * Returns false if INDEX is not less than the number of entries. *ret is valid as long as the
 * result.
 *
 *	struct cvenv_entry entry = { sizeof(entry) };
 *	for (size_t i = 0; cvenv_plan_entry(session, i, &entry); i++)
 *		printf("%s\n", entry.path);
 */
CVENV_API bool cvenv_plan_entry(const struct cvenv *session, size_t index, struct cvenv_entry *ret);

/*
 * The command that activates the environment which the session created last, with ENV_DIR as it
 * was given, or as its redirect file names it: "source .venv/bin/activate". SHELLS is a
 * NULL-terminated array of shell names ("bash", "-zsh", "/usr/bin/fish"). The first known one is
 * used, and bash if none is known or if the environment has no script for it. Returns NULL if the
 * environment cannot be activated there: it has a name with a newline and the shell is csh, it is
 * relocatable and the shell is dash, or `upgrade` created it without scripts. The string is valid
 * as long as the result.
 */
CVENV_API const char *cvenv_activation_line(struct cvenv *session, const char *const *shells);

/* --- Environments in steps ----------------------------------------------------------------- */

/*
 * The steps of `create` in CPython's class venv.EnvBuilder. Use them to do something else between
 * two steps, or instead of one:
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
 * Each step changes ENV_DIR in place. It replaces whole files, one by one. If a step fails, the
 * results of earlier steps remain, as with CPython. Only cvenv_ensure_directories() creates
 * ENV_DIR. A step always does its work, whatever the flags without_pip, without_scm_ignore_files,
 * upgrade and upgrade_deps say. These only have an effect on pyvenv.cfg, and `upgrade` keeps the
 * existing settings. Steps may be repeated.
 */
struct cvenv_env;

/* Find the base interpreter and compute the names. Writes to the cache only. On failure *ret is
 * NULL. The session must stay open until cvenv_end(). */
CVENV_API int cvenv_begin(struct cvenv *session, const char *env_dir, struct cvenv_env **ret,
	struct cvenv_error *error);
CVENV_API void cvenv_end(struct cvenv_env *env); /* env may be NULL */

/* CPython's `context`. All paths are absolute. */
struct cvenv_context {
	size_t size;
	const char *env_dir;
	const char *env_name;     /* the last component of env_dir; "" for "/" */
	const char *prompt;       /* without parentheses; "." is replaced */
	const char *executable;   /* the base interpreter: sys._base_executable */
	const char *python_dir;   /* its directory: `home` */
	const char *python_exe;   /* its name */
	const char *inc_path;     /* directory for headers */
	const char *lib_path;     /* site-packages */
	const char *platlib_path; /* since 3.15; equal to lib_path if they are one directory */
	const char *bin_path;
	const char *bin_name;     /* "bin" */
	const char *env_exe;      /* bin_path/python_exe */
	const char *env_exec_cmd; /* the command that runs it; env_exe except on Windows */
	const char *cfg_path;     /* pyvenv.cfg */
};

/* *ret is valid until cvenv_set_context() or cvenv_end(). */
CVENV_API void cvenv_get_context(const struct cvenv_env *env, struct cvenv_context *ret);

/*
 * Use other names from the next step on. Call cvenv_get_context(), change some members, and pass
 * the struct; the library copies the strings. Members that are NULL do not change. It is an error
 * if env_dir differs, if inc_path, lib_path, platlib_path or bin_path is not below it, if env_exe
 * is not in bin_path, or if executable is not absolute. env_name, bin_name, env_exec_cmd and
 * cfg_path are ignored.
 */
CVENV_API int cvenv_set_context(
	struct cvenv_env *env, const struct cvenv_context *context, struct cvenv_error *error);

/*
 * Use other options from the next step on. The library copies their strings. These options belong
 * to the session and do not change: envp, cwd, python, wheel_dir, cache_dir, data_dir, the
 * callbacks, stop. A prompt that cvenv_set_context() has set does not change either.
 */
CVENV_API int cvenv_set_options(
	struct cvenv_env *env, const struct cvenv_options *options, struct cvenv_error *error);

/* Create the directories, and lib64 if CPython does. If `clear` is set, clear ENV_DIR first. */
CVENV_API int cvenv_ensure_directories(struct cvenv_env *env, struct cvenv_error *error);
/* Write .gitignore, for every version of the base interpreter. Keeps an existing one. */
CVENV_API int cvenv_create_git_ignore_file(struct cvenv_env *env, struct cvenv_error *error);
/* Write pyvenv.cfg. */
CVENV_API int cvenv_create_configuration(struct cvenv_env *env, struct cvenv_error *error);
/* Create the interpreter's names in bin. */
CVENV_API int cvenv_setup_python(struct cvenv_env *env, struct cvenv_error *error);
/* Install what `python -m ensurepip` would install: pip, and setuptools below 3.12. */
CVENV_API int cvenv_setup_pip(struct cvenv_env *env, struct cvenv_error *error);
/* Write the activation scripts. */
CVENV_API int cvenv_setup_scripts(struct cvenv_env *env, struct cvenv_error *error);
/* Run `pip install --upgrade` by env_exe, with its output on stderr. */
CVENV_API int cvenv_upgrade_dependencies(struct cvenv_env *env, struct cvenv_error *error);

/* Describe the environment as cvenv_create() does; the packages are those that exist in it. *ret is
 * valid until the next call for ENV. */
CVENV_API int cvenv_describe(
	struct cvenv_env *env, struct cvenv_result *ret, struct cvenv_error *error);

/* --- Environments after they are made ------------------------------------------------------- */

/*
 * Environments in directories: those that venv, virtualenv, uv or this library have created. None
 * of these functions executes anything of an environment, or what its files and links name.
 */
enum cvenv_maker {
	CVENV_MAKER_UNKNOWN,
	CVENV_MAKER_VENV,
	CVENV_MAKER_VIRTUALENV,
	CVENV_MAKER_UV,
	CVENV_MAKER_CVENV
};

enum cvenv_severity {
	CVENV_NOTE,   /* worth knowing; nothing is wrong */
	CVENV_DEFECT, /* a part of the environment does not work, or is not safe */
	CVENV_BROKEN  /* the environment's Python does not start, or finds no packages */
};

/* The argument FLAGS. */
enum cvenv_flags {
	CVENV_DRY_RUN = 1 << 0, /* write nothing */
	CVENV_FULL = 1 << 1,    /* compare the content of all files */
	CVENV_QUICK = 1 << 2,   /* leave out files, bytes, frees and last_used */
	CVENV_OWN = 1 << 3      /* refuse what may not be an environment of the caller */
};

/* A string that is NULL is unknown. Valid until the next call for the session. */
struct cvenv_environment {
	size_t size;
	const char *path; /* absolute */
	enum cvenv_maker maker;
	const char *maker_version;  /* NULL for venv */
	const char *python;         /* its name in the environment, absolute; it may be missing */
	const char *implementation; /* "cpython" */
	const char *version;        /* "3.13.0" or "3.13" */
	const char *home;           /* as in pyvenv.cfg */
	const char *base;           /* the base interpreter; it may be missing */
	const char *prompt;
	const char *manager; /* what has it created: "pipx", "poetry", "hatch", "pipenv", "pdm",
				"uv-tool", "pre-commit", "tox", "nox"; NULL: unknown, or none */
	bool system_site_packages;
	bool relocatable;
	bool copies; /* the interpreter is a copy, not a link */
	bool broken; /* it cannot run: `python`, `home` or its site-packages is missing */
	size_t package_count;
	size_t files;      /* this and the next two: 0 with CVENV_QUICK */
	uint64_t bytes;    /* on disk */
	uint64_t frees;    /* at least so many of them are freed if it is removed */
	int64_t last_used; /* seconds since the epoch; 0: unknown, as without access times */
};

struct cvenv_finding {
	size_t size;
	const char *kind; /* "python-missing"; cvenv(1) lists them */
	enum cvenv_severity severity;
	const char *file;   /* relative to ENV_DIR; NULL: the environment */
	const char *detail; /* one line of text for people */
	const char *cure;   /* "repair", "reinstall NAME" or "none" */
};

struct cvenv_distribution {
	size_t size;
	const char *name, *version;
	const char *installer;  /* "pip", "uv"; NULL: unknown */
	const char *editable;   /* the directory of the project; NULL: it is not editable */
	const char *direct_url; /* the JSON of direct_url.json, in one line; NULL: none */
	bool requested;         /* by the user, not as a dependency */
};

/* A directory that has moved along. */
struct cvenv_root {
	const char *from, *to; /* absolute, or relative to options.cwd */
};                             /* never extended */

struct cvenv_relocation {
	size_t size;
	const struct cvenv_root *roots;
	size_t root_count;
};

struct cvenv_archive {
	size_t size;
	const char *output; /* its name decides the format */
	bool with_python;
};

/*
 * Find out what is wrong with the environment ENV_DIR, without executing anything of it or writing
 * anything. FLAGS: CVENV_FULL also compares the hashes of all files with RECORD. Whatever is wrong
 * is not an error, but a finding; CVENV_ENOTENV: ENV_DIR contains no environment. RET may be NULL.
 */
CVENV_API int cvenv_examine(struct cvenv *session, const char *env_dir, unsigned flags,
	struct cvenv_environment *ret, struct cvenv_error *error);

/*
 * Get the findings and the installed distributions one by one, after cvenv_examine(). Returns false
 * if INDEX is not less than their number. Strings are valid until the next call for the session.
 */
CVENV_API bool cvenv_finding_entry(
	const struct cvenv *session, size_t index, struct cvenv_finding *ret);
CVENV_API bool cvenv_distribution_entry(
	const struct cvenv *session, size_t index, struct cvenv_distribution *ret);

/* A file of an archive, and what it refers to in another place. */
struct cvenv_outside {
	const char *path, *target;
}; /* never extended */

/* What was changed. Valid until the next call for the session. */
struct cvenv_change {
	size_t size;
	const char *path; /* the environment afterwards, absolute */
	size_t files;     /* copied, packed or removed */
	size_t rewritten; /* files with other content */
	size_t findings;  /* before; notes are not counted */
	size_t remaining; /* of these, afterwards; and 1 if something could not be read */
	uint64_t bytes;   /* copied, packed or freed */
	enum cvenv_link_mode link_mode;
	const char *const *left; /* files that still contain an old path; NULL-terminated */
	/* Lines of requirements.txt, if no Python of that version exists; NULL-terminated; or NULL
	 */
	const char *const *requirements;
	const char *sha256; /* of an archive; else NULL */
	bool recreated;     /* as a new environment, with the same packages */
	/* Of an archive: */
	const char *output;                  /* absolute */
	const char *format;                  /* "tar.gz", "tar.zst", "tar", "zip", "directory" */
	const struct cvenv_outside *outside; /* what leads out of it */
	size_t outside_count;
};

/*
 * Make the environment DEST with everything that is in SRC. Files that name SRC, or one of the
 * roots of HOW, name DEST or its new place there. DEST is missing or an empty directory, and
 * appears in one step; SRC is only read. HOW and RET may be NULL. FLAGS: CVENV_DRY_RUN; then
 * cvenv_plan_entry() tells what DEST would be. EEXIST: DEST is not empty. CVENV_ENOTENV: SRC is no
 * environment. EAGAIN: another program has changed SRC again and again. `files` counts all files of
 * DEST. Of the options, envp, cwd, prompt, link_mode, callbacks and stop count.
 */
CVENV_API int cvenv_clone(struct cvenv *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error);

/*
 * The same, and then SRC is removed. At any time, SRC or DEST is complete. CVENV_ECHANGED: DEST is,
 * but SRC could not be removed.
 */
CVENV_API int cvenv_move(struct cvenv *session, const char *src, const char *dest,
	const struct cvenv_relocation *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error);

/*
 * Write an archive of ENV_DIR to HOW->output, which works wherever it is unpacked: scripts find
 * their environment from where they are. The end of its name decides the format: ".tar.gz",
 * ".tgz", ".tar.zst", ".tzst", ".tar" or ".zip"; any other name is a directory. The same
 * environment gives the same bytes; all files have the time $SOURCE_DATE_EPOCH, or that of 1980.
 *
 * Without with_python, the archive needs the same base interpreter in the same place: see
 * RET->outside. With it, a base that can be moved (python-build-standalone) is a part of the
 * archive. CVENV_EREFUSED if another place lacks what the environment needs: an editable project,
 * a base that cannot be moved. FLAGS: CVENV_DRY_RUN. RET may be NULL.
 */
CVENV_API int cvenv_pack(struct cvenv *session, const char *env_dir,
	const struct cvenv_archive *how, unsigned flags, struct cvenv_change *ret,
	struct cvenv_error *error);

/*
 * Find environments below the directories ROOTS, which end with NULL. If ROOTS is NULL, below
 * options.cwd and in the places where programs keep environments, see cvenv(1). FLAGS: CVENV_QUICK.
 * Links are not followed, and directories that cannot be read are left out. This call starts some
 * threads, which have ended when it returns; callbacks are called in the caller's thread only.
 */
CVENV_API int cvenv_list(struct cvenv *session, const char *const *roots, unsigned flags,
	size_t *ret_count, struct cvenv_error *error);
/*
 * Get them one by one, sorted by path. Valid until the next cvenv_list() for the session, or until
 * cvenv_close(). Returns false if INDEX is not less than their number.
 */
CVENV_API bool cvenv_list_entry(struct cvenv *session, size_t index, struct cvenv_environment *ret);
/* Of all of them together: sets files, bytes and frees. Files that several have count once. */
CVENV_API void cvenv_list_total(struct cvenv *session, struct cvenv_environment *ret);

/*
 * Remove the environment ENV_DIR: it is renamed out of sight, then deleted. FLAGS: CVENV_DRY_RUN,
 * CVENV_OWN. RET may be NULL; sets path, files and bytes, the bytes that are freed. CVENV_EREFUSED:
 * it may contain more than an environment, cvenv(1) has the list; no option changes that. Set
 * CVENV_OWN if a search found ENV_DIR, rather than the user named it: the list has more then.
 * CVENV_ENOTENV: it is missing or empty. CVENV_ECHANGED: it is removed in part; the next call, also
 * for another environment beside it, deletes the rest.
 */
CVENV_API int cvenv_remove(struct cvenv *session, const char *env_dir, unsigned flags,
	struct cvenv_change *ret, struct cvenv_error *error);

/*
 * Repair what cvenv_examine() finds in the environment ENV_DIR, as far as `cure` says "repair": the
 * base interpreter, pyvenv.cfg, scripts, activation scripts, and pip if there was one. Packages are
 * kept. The base interpreter is one of the same implementation and X.Y: the environment's own, if
 * discovery finds it, too, or that of options.python. FLAGS: CVENV_DRY_RUN. Afterwards,
 * cvenv_finding_entry() has the findings that are left (with CVENV_DRY_RUN, those
 * whose `cure` is not "repair"), and cvenv_plan_entry() the changes.
 *
 * CVENV_ENOPYTHON: no such Python exists; ret->requirements tells what is installed, as it also
 * does after other failures. If options.python is another X.Y, the environment is created again,
 * and pip installs these requirements. This executes code of packages. CVENV_EPIP: pip has failed,
 * and nothing has changed. CVENV_ENOTENV: ENV_DIR contains no environment. RET may be NULL.
 */
CVENV_API int cvenv_repair(struct cvenv *session, const char *env_dir, unsigned flags,
	struct cvenv_change *ret, struct cvenv_error *error);

/* --- Interpreters --------------------------------------------------------------------------- */

/* Valid until the next call of cvenv_pythons() for the session, or until cvenv_close(). */
struct cvenv_python {
	size_t size;
	const char *path;           /* absolute, as options.python may have it */
	const char *version;        /* "3.13.0", "3.15.0b1" */
	const char *implementation; /* sys.implementation.name: "cpython" */
	const char *origin; /* "pyenv", "asdf", "mise", "uv", "pymanager", "registry"; else the
			       directory of `path` */
	bool free_threaded;
	bool debug;
	unsigned bits;   /* 64 or 32 */
	bool is_default; /* cvenv_create() would use it */
};

/*
 * Find all interpreters from which an environment can be created: on PATH, of version managers, and
 * on Windows in the registry. They are listed in the order in which a range of versions is
 * searched. If options.python asks for versions, those that fit; if it names a path or a command,
 * only that one. Each interpreter runs once; then the cache has what it answered.
 *
 * Those that do not work, or are older than Python 3.8, are left out, and logged at CVENV_LOG_INFO.
 * Finding none is no error.
 */
CVENV_API int cvenv_pythons(struct cvenv *session, size_t *ret_count, struct cvenv_error *error);
/* Get them one by one. Returns false if INDEX is not less than their number. */
CVENV_API bool cvenv_python_entry(struct cvenv *session, size_t index, struct cvenv_python *ret);

/*
 * Find the base interpreter that cvenv_create() would use. Writes to the cache only. Of RET, it
 * sets version, implementation, home, base and python_source.
 */
CVENV_API int cvenv_find(
	struct cvenv *session, struct cvenv_result *ret, struct cvenv_error *error);

/* --- Shims ---------------------------------------------------------------------------------- */

enum cvenv_shim_change {
	CVENV_SHIM_KEPT,
	CVENV_SHIM_CREATED,
	CVENV_SHIM_UPDATED, /* it starts another Python now */
	CVENV_SHIM_REMOVED
};

/* Valid until the next call of cvenv_install_shims() for the session, or until cvenv_close(). */
struct cvenv_shim {
	size_t size;
	const char *name;   /* "python3.12" */
	const char *path;   /* of the shim, absolute */
	const char *python; /* what it starts, absolute; NULL: unknown, of one that was removed */
	const char *version, *implementation; /* of that; NULL: unknown, or it depends on the
						 directory (a shim of pyenv, asdf or mise) */
	enum cvenv_shim_change change;
};

/*
 * Write a shim for each Python of cvenv_pythons() into DIR, which is created if it is missing. A
 * shim starts COMMAND, the absolute path of the command cvenv, which hands `-m venv` to itself and
 * everything else to the Python; cvenv(1) has the details. Names that PATH has start what they
 * start now; a Python that no name on PATH starts gets the name with its version.
 *
 * All or nothing. Shims of earlier calls are updated, and removed if their Python is gone. If
 * another file has the name of a shim, the call fails with CVENV_EREFUSED. With DRY_RUN, nothing is
 * written. On Windows it always fails with ENOSYS.
 */
CVENV_API int cvenv_install_shims(struct cvenv *session, const char *dir, const char *command,
	bool dry_run, size_t *ret_count, struct cvenv_error *error);
/* Get them one by one. Returns false if INDEX is not less than their number. */
CVENV_API bool cvenv_shim_entry(struct cvenv *session, size_t index, struct cvenv_shim *ret);

/* --- The cache ----------------------------------------------------------------------------- */

/*
 * Put into the cache all that environments of the session's Python need, without creating one: the
 * interpreter information, the wheels and, unless options.compile is CVENV_COMPILE_NEVER, their
 * bytecode. Fails if there is no persistent cache. RET may be NULL; its members path, python, bin,
 * site_packages and prompt are NULL afterwards.
 */
CVENV_API int cvenv_warm(
	struct cvenv *session, struct cvenv_result *ret, struct cvenv_error *error);

enum cvenv_cache_kind {
	CVENV_CACHE_INTERPRETER, /* information about an interpreter */
	CVENV_CACHE_WHEEL,       /* an unpacked wheel */
	CVENV_CACHE_BYTECODE     /* the bytecode of one wheel, for one kind of Python */
};

/* Valid until the next call for the session, or until cvenv_close(). */
struct cvenv_cache_info {
	size_t size;
	const char *dir;    /* absolute */
	bool exists;        /* if false, all members below are zero */
	size_t entry_count; /* for cvenv_cache_entry() */
	size_t leftovers;   /* temporary directories of killed and of running processes */
	uint64_t leftover_bytes;
	uint64_t bytes;  /* on disk, in total */
	uint64_t shared; /* the part of it in files to which environments have hard links */
};

struct cvenv_cache_entry {
	size_t size;
	enum cvenv_cache_kind kind;
	const char *key;     /* its name in the cache */
	const char *name;    /* of the project, or of the implementation; "": corrupt */
	const char *version; /* of the project or the interpreter */
	const char *python;  /* path of the interpreter, for INTERPRETER; else "" */
	const char *tag;     /* "cpython-313", for BYTECODE; else "" */
	uint64_t bytes, shared;
	int64_t last_used; /* seconds since the epoch; up to a day too early */
};

/* Describe the cache. Does not create one. */
CVENV_API int cvenv_cache_info(
	struct cvenv *session, struct cvenv_cache_info *ret, struct cvenv_error *error);
/* Get the entries one by one, after cvenv_cache_info(). Returns false if INDEX is not less than
 * entry_count. */
CVENV_API bool cvenv_cache_entry(
	struct cvenv *session, size_t index, struct cvenv_cache_entry *ret);

struct cvenv_cache_freed {
	size_t size;
	size_t entries, leftovers;
	uint64_t bytes; /* that the file system got back */
};

/*
 * Delete all entries that were not used for UNUSED_SECONDS, or all entries if that is 0. Existing
 * environments do not need them, and concurrent calls of cvenv_create() are not disturbed. RET may
 * be NULL. After a failure it contains what was deleted until then.
 */
CVENV_API int cvenv_cache_clean(struct cvenv *session, int64_t unused_seconds,
	struct cvenv_cache_freed *ret, struct cvenv_error *error);

#ifdef __cplusplus
}
#endif

#endif
