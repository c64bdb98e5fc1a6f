/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_COMMAND_H
#define CV_OS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a command needs and a library must not do: signals, terminals, a background process. Only
 * cli/ links it. Results are as in os.h.
 */

/*
 * Call it first in main(). On Windows it makes *ARGV UTF-8 (no wildcard is expanded), prepares
 * consoles for UTF-8 and escape sequences until the end of the process, ends the translation of
 * line ends by stdio, and gives stderr a buffer: fflush() each message. Elsewhere it does nothing.
 * -ENOMEM.
 */
int cv_os_begin_command(int *argc, char ***argv);

const char *const *cv_os_environ(void); /* cv_os_copy_environ(), without a copy where possible */

/*
 * The path with which this process was started, as the system got it: it may be relative, and
 * links are not resolved. If a script names the program in its "#!" line, it may be the path of the
 * script. NULL: unknown.
 */
const char *cv_os_program_path(void);

/*
 * Replace this process by the program PATH, which gets the same variables, descriptors and signals.
 * Returns only after a failure: -ENOENT, -EACCES, -ENOEXEC, -E2BIG and others. Windows cannot do
 * that: -ENOSYS.
 */
int cv_os_exec(const char *path, char *const *argv);

/* Set a variable of this process: PAIR, "NAME=VALUE", becomes part of it. */
int cv_os_put_variable(char *pair);

/* Does this process run set-user-ID or set-group-ID? */
bool cv_os_has_foreign_privileges(void);

/*
 * Install signal handlers. Afterwards SIGINT, SIGTERM and SIGHUP (on Windows: ^C and the end of the
 * session) no longer end the process. They set the returned variable to the signal's number.
 * Signals that are ignored (nohup) stay ignored. A write to a closed pipe or beyond the file size
 * limit becomes an error. SIGCHLD gets its default. *RET_PIPE_IGNORED: was SIGPIPE ignored before?
 */
const volatile int *cv_os_catch_signals(bool *ret_pipe_ignored);

/*
 * After cv_os_catch_signals(): SIGINT (^C) does nothing in this process from now on, but programs
 * that it runs get it as usual. For a process whose parent gets it, too, and decides.
 */
void cv_os_leave_interrupts(void);

enum { CV_OS_SIGPIPE = 13 };

/* Why a write to stdout by stdio failed, just now or earlier: an errno, EIO if unknown. */
int cv_os_stdout_errno(void);

/*
 * Let the signal kill this process, or end it as if. Windows has no SIGPIPE: the status is 1 there.
 * Returns if the signal is blocked.
 */
void cv_os_die_of_signal(int sig);

enum cv_os_std { CV_OS_STDIN, CV_OS_STDOUT, CV_OS_STDERR };
bool cv_os_is_terminal(enum cv_os_std stream);
/* Is it a terminal that understands the escape sequences of ANSI? */
bool cv_os_has_escapes(enum cv_os_std stream);

/* Is stdin a pipe whose other end nobody has open any more? Does not read from it. */
bool cv_os_stdin_is_closed(void);

/*
 * The name of the parent process, without directories; on Windows in lower case and without
 * ".exe". False if unknown.
 */
bool cv_os_parent_name(char *ret, size_t room);

unsigned cv_os_processors(void); /* at least 1 */

/*
 * Copy this process. Returns 1 in the copy and 0 in this process, which does not wait for the copy.
 * The copy has no terminal and a low priority. Its streams are the null device, and it has closed
 * all other descriptors that this process inherited. It must end with cv_os_end_background(), which
 * does not flush stdio. -errno: the copy could not be made, or the system does not support it.
 */
int cv_os_begin_background(void);
_Noreturn void cv_os_end_background(void);

#endif
