/* SPDX-License-Identifier: MIT */
#include "call.h"

#include <stdint.h>
#include <string.h>

#include "base/system.h"
#include "os/process.h"

void call_enter(struct call *c)
{
	PyEval_RestoreThread(c->thread);
}

void call_leave(struct call *c)
{
	c->thread = PyEval_SaveThread();
}

/* The library runs without the GIL. An exception remains set until it returns. */
static void pass_log(void *data, enum cvenv_level level, const char *message)
{
	struct call *c = data;
	PyObject *text, *answer = NULL;

	if (level != CVENV_LOG_WARNING || c->stop || c->warn == Py_None)
		return;
	call_enter(c);
	if (PyErr_Occurred()) { /* the call has failed, and this warning is about its cleanup */
		call_leave(c);
		return;
	}
	text = call_text(message);
	if (text)
		answer = PyObject_CallFunctionObjArgs(c->warn, text, NULL);
	c->stop = !answer;
	Py_XDECREF(answer);
	Py_XDECREF(text);
	call_leave(c);
}

/* Handles Ctrl-C during long operations. */
static void pass_progress(
	void *data, enum cvenv_phase phase, const char *name, size_t done, size_t total)
{
	struct call *c = data;

	(void)phase, (void)name, (void)done, (void)total;
	if (c->stop)
		return;
	call_enter(c);
	c->stop = PyErr_CheckSignals() < 0;
	call_leave(c);
}

/* Names on Windows are UTF-16: UTF-8 with surrogates, whatever Python's encoding of files is. */
static PyObject *to_bytes(PyObject *path)
{
	PyObject *text, *bytes = NULL;

	if (!CV_WINDOWS)
		return PyUnicode_FSConverter(path, &bytes) ? bytes : NULL;
	text = PyOS_FSPath(path);
	if (text && PyUnicode_Check(text)) {
		bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
		Py_DECREF(text);
		return bytes;
	}
	return text;
}

PyObject *call_text(const char *bytes)
{
	if (CV_WINDOWS)
		return PyUnicode_DecodeUTF8(bytes, (Py_ssize_t)strlen(bytes), "surrogatepass");
	return PyUnicode_DecodeFSDefault(bytes);
}

const char *call_bytes(struct call *c, PyObject *text, enum cv_member_kind kind)
{
	PyObject *bytes = NULL;
	char *p = NULL;

	if (kind == CV_MEMBER_PATH) {
		bytes = to_bytes(text);
	} else if (!PyUnicode_Check(text)) {
		PyErr_SetString(PyExc_TypeError, "prompt and activators must be str");
		return NULL;
	} else {
		bytes = PyUnicode_AsUTF8String(text);
	}
	/* With NULL for the length, a NUL inside is a ValueError. */
	if (bytes &&
		(PyBytes_AsStringAndSize(bytes, &p, NULL) < 0 || PyList_Append(c->keep, bytes) < 0))
		p = NULL;
	Py_XDECREF(bytes); /* `keep` has a reference */
	return p;
}

/* An array of the paths in LIST, NULL-terminated. Returns NULL with an exception set. */
static const char **paths_of(struct call *c, PyObject *list)
{
	Py_ssize_t n = PyUnicode_Check(list) ? -1 : PySequence_Size(list);
	const char **paths;

	if (n < 0) {
		PyErr_SetString(PyExc_TypeError, "a list of paths is needed");
		return NULL;
	}
	paths = cv_new(&c->arena, const char *, (size_t)n + 1);
	if (!paths)
		PyErr_NoMemory();
	for (Py_ssize_t i = 0; paths && i < n; i++) {
		PyObject *path = PySequence_GetItem(list, i);

		paths[i] = path ? call_bytes(c, path, CV_MEMBER_PATH) : NULL;
		Py_XDECREF(path);
		if (!paths[i])
			return NULL;
	}
	return paths;
}

static PyObject *list_of(const char *const *paths)
{
	PyObject *list = PyList_New(0);

	for (; list && *paths; paths++) {
		PyObject *path = call_text(*paths);

		if (!path || PyList_Append(list, path) < 0)
			Py_CLEAR(list);
		Py_XDECREF(path);
	}
	return list;
}

static int set_member(struct call *c, void *base, const struct cv_member *m, PyObject *value)
{
	void *to = (char *)base + m->at;

	if (m->kind == CV_MEMBER_FLAG) {
		int on = PyObject_IsTrue(value);

		*(bool *)to = on > 0;
		return on < 0 ? -1 : 0;
	}
	if (m->kind == CV_MEMBER_NUMBER) {
		unsigned long number = PyLong_AsUnsignedLong(value);

		if (number > INT_MAX && !PyErr_Occurred())
			PyErr_Format(PyExc_OverflowError, "%s is too large", m->name);
		*(unsigned *)to = (unsigned)number;
		return PyErr_Occurred() ? -1 : 0;
	}
	if (value == Py_None)
		return 0;
	if (m->kind == CV_MEMBER_PATHS) {
		*(const char ***)to = paths_of(c, value);
		return *(const char ***)to ? 0 : -1;
	}
	*(const char **)to = call_bytes(c, value, m->kind);
	return *(const char **)to ? 0 : -1;
}

int call_from_dict(struct call *c, void *base, const struct cv_member *members, PyObject *dict)
{
	PyObject *key, *value;
	Py_ssize_t position = 0;

	if (!PyDict_Check(dict)) {
		PyErr_SetString(PyExc_TypeError, "a dict is needed");
		return -1;
	}
	while (PyDict_Next(dict, &position, &key, &value)) {
		const struct cv_member *m = members;

		while (m->name && !(PyUnicode_Check(key) &&
					  PyUnicode_CompareWithASCIIString(key, m->name) == 0))
			m++;
		if (!m->name) {
			PyErr_Format(PyExc_TypeError, "unknown name %R", key);
			return -1;
		}
		if (set_member(c, base, m, value) < 0)
			return -1;
	}
	return 0;
}

PyObject *call_to_dict(const void *base, const struct cv_member *members)
{
	PyObject *dict = PyDict_New();

	for (const struct cv_member *m = members; dict && m->name; m++) {
		const void *at = (const char *)base + m->at;
		PyObject *value = NULL;

		if (m->kind == CV_MEMBER_FLAG && *(const bool *)at)
			value = PyBool_FromLong(1);
		else if (m->kind == CV_MEMBER_NUMBER && *(const unsigned *)at)
			value = PyLong_FromUnsignedLong(*(const unsigned *)at);
		else if ((m->kind == CV_MEMBER_TEXT || m->kind == CV_MEMBER_PATH) &&
			 *(const char *const *)at)
			value = call_text(*(const char *const *)at);
		else if (m->kind == CV_MEMBER_PATHS && *(const char *const *const *)at)
			value = list_of(*(const char *const *const *)at);
		else
			continue;
		if (!value || PyDict_SetItemString(dict, m->name, value) < 0)
			Py_CLEAR(dict);
		Py_XDECREF(value);
	}
	return dict;
}

void call_done(struct call *c)
{
	if (!c)
		return;
	Py_XDECREF(c->keep);
	cv_arena_done(&c->arena);
	PyMem_Free(c);
}

struct call *call_new(PyObject *options, PyObject *warn)
{
	struct call *c = PyMem_Malloc(sizeof(*c));
	char *cwd;

	if (!c) {
		PyErr_NoMemory();
		return NULL;
	}
	memset(c, 0, sizeof(*c));
	c->warn = warn;
	c->keep = PyList_New(0);
	c->options.size = sizeof(c->options);
	if (cv_os_cwd(&c->arena, &cwd) == 0)
		c->options.cwd = cwd;
	c->options.log = pass_log;
	c->options.log_data = c;
	c->options.progress = pass_progress;
	c->options.progress_data = c;
	c->options.stop = &c->stop;
	/* A copy: with the GIL, which Python holds when it changes the variables. */
	if (c->keep && cv_os_copy_environ(&c->arena, &c->options.envp) < 0)
		PyErr_NoMemory();
	if (!c->options.envp || call_from_dict(c, &c->options, cv_package_options, options) < 0) {
		call_done(c);
		return NULL;
	}
	return c;
}

PyObject *call_fail(struct call *c, PyObject *module)
{
	PyObject *type, *value = NULL, *message;

	if (PyErr_Occurred() || PyErr_CheckSignals() < 0)
		return NULL;
	type = PyObject_GetAttrString(module, "Error");
	message = call_text(c->error.message);
	if (type && message)
		value = Py_BuildValue("iOs", c->error.code, message, c->error.hint);
	if (value)
		PyErr_SetObject(type, value);
	Py_XDECREF(value);
	Py_XDECREF(message);
	Py_XDECREF(type);
	return NULL;
}
