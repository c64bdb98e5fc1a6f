/* SPDX-License-Identifier: MIT */
#ifndef CVENV_NATIVE_H
#define CVENV_NATIVE_H

#include <Python.h>

/*
 * replace(text, file, (env_dir, env_name, prompt, bin_name, env_exe, name)) -> text
 *
 * Replaces the placeholders in TEXT, a script with the name FILE, as env/replace.h says. Raises
 * ValueError if its language cannot represent a value.
 */
PyObject *cvenv_native_replace(PyObject *module, PyObject *args);

#endif
