/* SPDX-License-Identifier: MIT */
#ifndef CV_CLI_SHELL_H
#define CV_CLI_SHELL_H

enum { CV_COMM_MAX = 64 };

/*
 * Names of the user's shell, for cvenv_activation_line(): the parent process, then $SHELL. NAMES
 * ends with NULL; it points into COMM and the environment variables.
 */
void cv_shell_names(char comm[CV_COMM_MAX], const char *names[3]);

#endif
