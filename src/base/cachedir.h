/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_CACHEDIR_H
#define CV_BASE_CACHEDIR_H

/*
 * The Cache Directory Tagging Specification: backup programs skip a directory that contains a file
 * of this name with this first line. cvenv tags the cache and its environments, because both can be
 * created again.
 */
#define CV_CACHEDIR_TAG "CACHEDIR.TAG"
#define CV_CACHEDIR_TEXT                                \
	"Signature: 8a477f597d28d172789f06886806bc55\n" \
	"# Made by cvenv. See https://bford.info/cachedir/\n"

#endif
