/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_COMMAND_H
#define CV_OS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What only a command does, never a library: signals, terminals, a process in the background. It
 * is a library of its own, for cli/. Results are as in os.h.
 */

const char *const *cv_os_environ(void);

/* Was this program started with other privileges than those of who started it, as set-user-id? */
bool cv_os_has_foreign_privileges(void);

/*
 * From now on SIGINT, SIGTERM and SIGHUP (on Windows: ^C, and the end of the session) do not end
 * the process, but set *the returned flag to their number. Those that are ignored (nohup) stay
 * ignored. Writing to a closed pipe or to a file that is too large becomes an error, and children
 * can be waited for. *RET_PIPE_IGNORED: SIGPIPE was ignored before.
 */
const volatile int *cv_os_catch_signals(bool *ret_pipe_ignored);

enum { CV_OS_SIGPIPE = 13 };

/* End as a process does that the signal ends. Returns if that cannot be. */
void cv_os_die_of_signal(int sig);

enum cv_os_std { CV_OS_STDIN, CV_OS_STDOUT, CV_OS_STDERR };
bool cv_os_is_terminal(enum cv_os_std stream);

/* The name of the program that started us, without directories. False when nobody can tell. */
bool cv_os_parent_name(char *ret, size_t room);

unsigned cv_os_processors(void); /* 1 at least */

/*
 * Go on in the background: returns 1 in a copy of this process, which has no terminal, no streams,
 * nothing else that this process inherited, and a low priority; it must end by
 * cv_os_end_background(), which writes no buffer of stdio. Returns 0 in this process, which nothing
 * waits for it. -errno (unsupported on Windows): there is none.
 */
int cv_os_begin_background(void);
_Noreturn void cv_os_end_background(void);

#endif
