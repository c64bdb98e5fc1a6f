/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_SHELL_H
#define CV_CLI_SHELL_H

enum { CV_COMM_MAX = 64 };

/*
 * Names of the shell that the user types into, for cvenv_activation_line(): of the parent process,
 * then $SHELL. NAMES ends in NULL; COMM is room for one of them.
 */
void cv_shell_names(char comm[CV_COMM_MAX], const char *names[3]);

#endif
