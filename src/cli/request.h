/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_REQUEST_H
#define CV_CLI_REQUEST_H

#include <stdbool.h>

/*
 * The private interface of the Python package without its extension. It runs the command of its own
 * version, once for each call of the functions that the extension has (python/native.c):
 *
 *	cvenv --package-request VERSION FUNCTION [NAME=VALUE]... [-- ARGUMENT...]
 *
 *	create	env_dir=, and the members of struct cvenv_options: a flag or number in decimal,
 *		each element of a list for itself
 *	step	the same; step= a step of cv_package_step(); context.NAME= a member of struct
 *		cvenv_context
 *	parse	the arguments of cvenv.main() after "--"
 *	help	nothing
 *	replace	file=, env_dir=, env_name=, prompt=, bin_name=, env_exe=, name=; the script is stdin
 *
 * This is no option: it is not in --help, cannot be abbreviated, and may change with each version.
 *
 * The answer on stdout is a list of records. Each part of a record ends with a NUL:
 *
 *	warning TEXT		when it arises
 *	text NAME VALUE		a member of the result, the context or the options
 *	path NAME VALUE		the same, in the encoding of file names
 *	list NAME VALUE		an element of such a list; "dirs" are the ENV_DIRs of parse
 *	flag NAME		a member that is true
 *	number NAME VALUE	a member that is not zero
 *	data LENGTH		followed by as many bytes: the help, the script
 *	error CODE MESSAGE HINT	code is an errno or an enum cvenv_code
 *	version VERSION		instead of all others: this command has another version
 *	done			the last record
 *
 * With control=1, stdin is a pipe that the package holds open. After each warning the command waits
 * for a byte from it: the package may raise an exception instead, and nothing more happens then.
 * When the package closes the pipe, because it was interrupted or has ended, the command stops as
 * soon as the library asks, and removes what it has begun. Without control=1, stdin is that of the
 * pip that upgrade_deps runs, and SIGTERM stops. SIGINT (^C) does nothing, because Python gets it,
 * too, and decides.
 *
 * The exit status is 0 if the answer is complete.
 */
bool cv_request_is(int argc, char **argv);
int cv_request_run(int argc, char **argv);

#endif
