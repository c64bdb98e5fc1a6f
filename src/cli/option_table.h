/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_OPTION_TABLE_H
#define CV_CLI_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/options.h"

/*
 * Every option of the command is one entry of cv_option_table. options.c parses the command line
 * by it, option_variables.c reads the CVENV_* variables and config.c the files by it, and help.c
 * prints it. Tests compare the man page with it. To add an option, add an entry here and an item to
 * doc/cvenv.1. An action of CV_EXCLUSIVE_INSTEAD is also a row in main.c. All actions on existing
 * environments are `exact` (a new option must not change what an abbreviation means), have
 * CV_VARIABLE_NO and are `command_only`.
 */
enum cv_option_kind {
	CV_OPTION_FLAG,    /* sets the bool `field`, and clears the bool `clears` */
	CV_OPTION_PRESET,  /* sets the enum `field` to `value`, or off to 0 */
	CV_OPTION_CHOICE,  /* sets the enum `field` to the value of one of `choices` */
	CV_OPTION_CHOICES, /* sets the text `field` to a list of names from `choices` */
	CV_OPTION_VALUE,   /* sets the text `field` */
	CV_OPTION_DIR,     /* the same; in a file relative to that file's directory */
	CV_OPTION_PYTHON,  /* adds the text to `pythons`; the first one is library.python, or from
			      the user's file library.default_python */
	CV_OPTION_DAYS,    /* sets the bool `field`, and the unsigned `number` if '=DAYS' is
			      attached */
	CV_OPTION_MODE,    /* sets the int `field` to `value`, or if '=WORD' is attached to the
			      value of one of `choices` */
	CV_OPTION_TEXTS,   /* adds the text to the struct cv_option_texts `field` */
	CV_OPTION_COUNT,   /* adds `value` to the int `field` */
	CV_OPTION_STOP,    /* sets the bool `field` and ends parsing */
};

/* The section of --help and of the man page. */
enum cv_option_section {
	CV_SECTION_VENV,
	CV_SECTION_MORE,
	CV_SECTION_EXISTING, /* actions for existing environments, and their own options */
	CV_SECTION_OTHER,    /* the other actions */
};

/* At most one option of each of these sets may be given. Repeating that one is allowed. */
enum cv_option_exclusive {
	CV_EXCLUSIVE_NONE,
	CV_EXCLUSIVE_INTERPRETER,
	CV_EXCLUSIVE_BYTECODE,
	CV_EXCLUSIVE_INSTEAD, /* an action instead of creating environments */
	CV_EXCLUSIVE_COUNT,
};

/*
 * What a run of the command does: `action` of an option in CV_EXCLUSIVE_INSTEAD is one of these,
 * and `with` of every other option are those beside which it is allowed.
 */
enum cv_option_with {
	CV_WITH_CREATE = 1 << 0, /* without an action; and --show-config, which describes that */
	CV_WITH_LIST = 1 << 1,
	CV_WITH_CHECK = 1 << 2,
	CV_WITH_REPAIR = 1 << 3,
	CV_WITH_CLONE = 1 << 4,
	CV_WITH_MOVE = 1 << 5,
	CV_WITH_REMOVE = 1 << 6,
	CV_WITH_PRUNE = 1 << 7,
	CV_WITH_PACK = 1 << 8,
	CV_WITH_HOOK = 1 << 9,
	CV_WITH_SHIMS = 1 << 10,
	CV_WITH_OTHER = 1 << 11, /* all other actions */
	CV_WITH_ALL = (1 << 12) - 1,
};

/* Of `max_dirs`. */
enum { CV_DIRS_MAX = 65535 };

/*
 * Where the variable CVENV_SOME_OPTION of --some-option is read. An option has none if it selects
 * what one run does, or deletes or changes an existing environment: a forgotten variable would do
 * harm long after it was set.
 */
enum cv_option_variable {
	CV_VARIABLE_YES,
	CV_VARIABLE_LIBRARY, /* the library reads it, for all its callers */
	CV_VARIABLE_NO,
};

/* Which configuration files may have an option that has a variable as a key, see config.h. */
enum cv_option_key {
	CV_KEY_USER,
	CV_KEY_PROJECT, /* that of a project, too: it names no program and no place */
	CV_KEY_NONE,
};

struct cv_option_choice {
	const char *name;
	int value;
	bool unlisted; /* accepted, but not named in messages */
};

struct cv_option {
	const char *name; /* without the dashes */
	char letter;      /* 0: no short form */
	enum cv_option_kind kind;
	enum cv_option_section section;
	enum cv_option_exclusive exclusive;
	enum cv_option_variable variable;
	enum cv_option_key key;
	unsigned with; /* enum cv_option_with; of an action unused */
	/*
	 * Of an action. DIRS names its positional arguments, "SRC DEST"; -n/--name
	 * counts as the last of the MIN_DIRS.
	 */
	enum cv_option_with action;
	unsigned short min_dirs, max_dirs;
	const char *dirs;
	bool exact;                             /* has no abbreviations */
	bool command_only;                      /* cvenv.main() of the Python package refuses it */
	const char *metavar;                    /* the name of its argument; NULL: it has none */
	const struct cv_option_choice *choices; /* the last one has a NULL name */
	const char *unset; /* the default of a text, if it is always the same */
	size_t field;      /* offset in struct cv_options */
	size_t clears;     /* the same, of the opposite of a flag; 0: it has none */
	size_t number;     /* the same, of the number of CV_OPTION_DAYS */
	int value;
	const char *help; /* one phrase */
};

/* Begins with CPython's options in CPython's order: messages list candidates in this order. */
extern const struct cv_option cv_option_table[];
extern const size_t cv_option_count;

/* "CVENV_LINK_MODE" */
enum { CV_VARIABLE_NAME_MAX = 48 };
void cv_option_variable_name(const struct cv_option *option, char ret_name[CV_VARIABLE_NAME_MAX]);

/* The option NAME, or NULL. */
const struct cv_option *cv_option_of(struct cv_str name);

/*
 * A source of options: the command line, the variables or a file. `line` is that of the option, for
 * a file. Zero-initialise `exclusive`, in which cv_option_set() records what excludes other options
 * of the same source.
 */
struct cv_option_source {
	enum cv_option_from from;
	const char *path; /* of a file */
	size_t line;
	const struct cv_option *exclusive[CV_EXCLUSIVE_COUNT];
};

/* The largest number for CV_OPTION_COUNT. */
enum { CV_COUNT_MAX = 9 };

/*
 * Set the option in *o, unless a nearer source has set it: call it for the nearest source first.
 * VALUE is its argument. For an option without argument it may be NULL (on), or a word such as
 * "true" or "0"; for CV_OPTION_COUNT, a number. CVENV_EUSAGE if VALUE is invalid, or the option is
 * not allowed beside another one of its source; the message names the option as its source does.
 */
int cv_option_set(struct cv_options *o, const struct cv_option *option,
	struct cv_option_source *source, const char *value, struct cvenv_error *err);

/* The library reads the value from SOURCE itself: farther sources must not set it. */
void cv_option_reserve(struct cv_options *o, const struct cv_option *option,
	const struct cv_option_source *source);

/* Is the option refused beside every positional argument? */
bool cv_option_excludes_dirs(const struct cv_option *option);

/* Are the two, which are not the same, refused beside each other? */
bool cv_option_excludes(const struct cv_option *a, const struct cv_option *b);

/* Is its argument, if it has one, only read when it is attached: --cache-clean=DAYS? */
bool cv_option_attaches(const struct cv_option *option);

/* Can the option, which has no argument, be given as --option=0? */
bool cv_option_switches(const struct cv_option *option);

/*
 * Fill *err with "argument -p/--python: WHAT'VALUE'", or what names the option in its source
 * instead of the argument. VALUE may be NULL. Returns -CVENV_EUSAGE.
 */
int cv_option_error(const struct cv_option *option, const struct cv_option_source *source,
	const char *what, const char *value, struct cvenv_error *err);

/* Set the hint "see 'cvenv --help'"; returns rc. */
int cv_option_usage(struct cvenv_error *err, int rc);

/*
 * Set in *o the options that have a variable in ENVP, which is like environ and may be NULL. An
 * empty value counts as unset.
 */
int cv_option_variables(const char *const *envp, struct cv_options *o, struct cvenv_error *err);

/* The name of MODE in --link-mode and in JSON. */
const char *cv_link_mode_name(enum cvenv_link_mode mode);

#endif
