/* SPDX-License-Identifier: MIT */
#ifndef CVENV_NATIVE_H
#define CVENV_NATIVE_H

#include <Python.h>

/*
 * replace(text, file, (env_dir, env_name, prompt, bin_name, env_exe, name)) -> text
 *
 * Replaces the placeholders of CPython's venv in the script TEXT by values, each as one word of the
 * language that the file name FILE determines. The placeholders, in the order of the tuple:
 * __VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__, __VENV_BIN_NAME__, __VENV_PYTHON__. A word that
 * needs no quotes in a shell gets none, because some scripts have quotes around the placeholder.
 *
 * cvenv's own scripts also contain @PS1@, @PS1_ZSH@ and others, see env/activate.c. Values are not
 * scanned for placeholders. Raises ValueError if the language cannot represent a value.
 */
PyObject *cvenv_native_replace(PyObject *module, PyObject *args);

#endif
