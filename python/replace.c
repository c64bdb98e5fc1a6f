/* SPDX-License-Identifier: MIT */
#include "env/replace.h"

#include <Python.h>

#include <errno.h>

#include "base/own.h"
#include "native.h"

PyObject *cvenv_native_replace(PyObject *module, PyObject *args)
{
	const char *file, *texts[CV_REPLACE_VALUES] = { 0 };
	struct cv_str values[CV_REPLACE_VALUES];
	struct cv_buf b OWN_BUF = { 0 };
	struct cvenv_error error;
	PyObject *text, *bytes;
	Py_ssize_t n;
	int rc = -EINVAL;
	char *p;

	(void)module;
	if (!PyArg_ParseTuple(args, "Us(ssssss):replace", &text, &file, &texts[0], &texts[1],
		    &texts[2], &texts[3], &texts[4], &texts[5]))
		return NULL;
	for (int i = 0; i < CV_REPLACE_VALUES; i++)
		values[i] = cv_str(texts[i]);
	bytes = PyUnicode_AsUTF8String(text);
	if (bytes && PyBytes_AsStringAndSize(bytes, &p, &n) == 0)
		rc = cv_replace(&b, (struct cv_str){ p, (size_t)n }, file, values, &error);
	Py_XDECREF(bytes);
	if (rc < 0 && !PyErr_Occurred())
		return rc == -ENOMEM ? PyErr_NoMemory()
				     : PyErr_Format(PyExc_ValueError, "%s", error.message);
	return rc < 0 ? NULL : PyUnicode_DecodeUTF8(b.p ? b.p : "", (Py_ssize_t)b.n, "strict");
}
