/* SPDX-License-Identifier: MIT */
#ifndef CVENV_NATIVE_H
#define CVENV_NATIVE_H

#include <Python.h>

/*
 * replace(text, file, (env_dir, env_name, prompt, bin_name, env_exe, name)) -> text
 *
 * TEXT, a script for the file name FILE, with each placeholder of CPython's venv replaced by its
 * value as one word of that file's language: __VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__,
 * __VENV_BIN_NAME__, __VENV_PYTHON__, in the order of the tuple. A word that needs no quotes in a
 * shell goes without: there are scripts that have put quotes around it.
 *
 * In cvenv's own scripts also @PS1@, @PS1_ZSH@ and @PS1_TCSH@, which become `name` in
 * parentheses as the prompts of these shells show it literally (quote.h). All in one pass: a value
 * is not looked at again. ValueError when the language has no way to write a value.
 */
PyObject *cvenv_native_replace(PyObject *module, PyObject *args);

#endif
