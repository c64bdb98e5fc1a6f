/* SPDX-License-Identifier: MIT */
/*
 * cvenv._native: libcvenv for the Python package. Its only caller is python/cvenv/__init__.py,
 * which contains the logic. This file converts types.
 *
 *	create(env_dir, options, warn) -> result
 *	step(env_dir, options, name, context, warn) -> context
 *	parse(args, warn) -> (options, ENV_DIRs, marks): parses a command line, and reads the
 *	configuration files
 *	help() -> str
 *	replace(text, file, values) -> text: native.h
 *	version() -> str
 *	Error: (code, message, hint), as of struct cvenv_error; EUSAGE, ...: enum cvenv_code
 *
 * OPTIONS, CONTEXT and the results are dicts whose keys are the members in cvenv.h. If a context is
 * None, the library computes it. WARN is called with each warning.
 *
 * Uses the limited API of 3.8. The module has no state, so each interpreter can load it. The GIL is
 * released while the library runs.
 */
#include "native.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "call.h"
#include "cli/options.h"

/*
 * Releases the GIL for the cleanup, which may print warnings. Returns ANSWER, or NULL if a callback
 * raised an exception.
 */
static PyObject *end(struct call *c, struct cvenv_env *env, struct cvenv *session, PyObject *answer)
{
	call_leave(c);
	cvenv_end(env);
	cvenv_close(session);
	call_enter(c);
	if (answer && PyErr_Occurred())
		Py_CLEAR(answer);
	return answer;
}

static PyObject *native_create(PyObject *module, PyObject *args)
{
	struct cvenv_result result = { .size = sizeof(result) };
	struct cvenv *session = NULL;
	PyObject *env_dir, *options, *warn, *answer = NULL;
	const char *path;
	struct call *c;
	int rc;

	if (!PyArg_ParseTuple(args, "OOO:create", &env_dir, &options, &warn))
		return NULL;
	c = call_new(options, warn);
	if (!c)
		return NULL;
	path = call_bytes(c, env_dir, CV_MEMBER_PATH);
	if (path) {
		call_leave(c);
		rc = cvenv_open(&c->options, &session, &c->error);
		if (rc == 0)
			rc = cvenv_create(session, path, &result, &c->error);
		call_enter(c);
		answer = rc == 0 ? call_to_dict(&result, cv_package_result) : call_fail(c, module);
		answer = end(c, NULL, session, answer);
	}
	call_done(c);
	return answer;
}

static PyObject *native_step(PyObject *module, PyObject *args)
{
	struct cvenv_context wanted = { .size = sizeof(wanted) }, context = wanted;
	PyObject *env_dir, *options, *changes, *warn, *answer = NULL;
	struct cvenv *session = NULL;
	struct cvenv_env *env = NULL;
	const char *name, *path;
	struct call *c;
	int rc;

	if (!PyArg_ParseTuple(args, "OOsOO:step", &env_dir, &options, &name, &changes, &warn))
		return NULL;
	c = call_new(options, warn);
	if (!c)
		return NULL;
	path = call_bytes(c, env_dir, CV_MEMBER_PATH);
	if (path && (changes == Py_None ||
			    call_from_dict(c, &wanted, cv_package_context, changes) == 0)) {
		call_leave(c);
		rc = cvenv_open(&c->options, &session, &c->error);
		if (rc == 0)
			rc = cv_package_step(session, path, name,
				changes == Py_None ? NULL : &wanted, &env, &c->error);
		if (rc == 0)
			cvenv_get_context(env, &context);
		call_enter(c);
		answer =
			rc == 0 ? call_to_dict(&context, cv_package_context) : call_fail(c, module);
		answer = end(c, env, session, answer);
	}
	call_done(c);
	return answer;
}

/* NAMED: the directory of -n/--name, instead of ENV_DIRs; NULL: that was not given. */
static PyObject *parsed(const struct cv_options *options, const char *named)
{
	PyObject *dirs = PyList_New(0);
	size_t count = named ? 1 : options->env_dir_count;

	for (size_t i = 0; dirs && i < count; i++) {
		PyObject *dir = call_text(named ? named : options->env_dirs[i]);

		if (!dir || PyList_Append(dirs, dir) < 0)
			Py_CLEAR(dirs);
		Py_XDECREF(dir);
	}
	if (!dirs)
		return NULL;
	return Py_BuildValue("NN{sOsOsO}", call_to_dict(&options->library, cv_package_options),
		dirs, "help", options->help ? Py_True : Py_False, "version",
		options->version ? Py_True : Py_False, "command_only",
		options->command_only ? Py_True : Py_False);
}

/* ARGS as argv, NULL-terminated. Returns NULL with an exception set. */
static char **argv_of(struct call *c, PyObject *args, int *ret_count)
{
	Py_ssize_t n = PyList_Size(args);
	char **argv =
		n < 0 || n > INT_MAX - 2 ? NULL : PyMem_Malloc(((size_t)n + 2) * sizeof(*argv));
	static char name[] = "cvenv";

	if (!argv)
		return NULL;
	argv[0] = name;
	for (Py_ssize_t i = 0; i < n; i++) {
		const char *arg = call_bytes(c, PyList_GetItem(args, i), CV_MEMBER_PATH);

		if (!arg) {
			PyMem_Free(argv);
			return NULL;
		}
		argv[i + 1] = (char *)(uintptr_t)arg;
	}
	argv[n + 1] = NULL;
	*ret_count = (int)n + 1;
	return argv;
}

static int parse(
	struct call *c, int argc, char **argv, struct cv_options *ret, const char **ret_named)
{
	const struct cvenv_options *o = &c->options;
	const struct cv_ctx ctx = {
		.envp = o->envp, .cwd = o->cwd, .log = o->log, .log_data = o->log_data
	};
	int rc;

	call_leave(c);
	rc = cv_package_parse(&ctx, &c->arena, argc, argv, ret, ret_named, &c->error);
	call_enter(c);
	return rc;
}

static PyObject *native_parse(PyObject *module, PyObject *args)
{
	PyObject *list, *warn, *none = PyDict_New(), *answer = NULL;
	struct cv_options options;
	const char *named = NULL;
	struct call *c = NULL;
	char **argv = NULL;
	int argc = 0;

	if (none && PyArg_ParseTuple(args, "OO:parse", &list, &warn))
		c = call_new(none, warn);
	if (c)
		argv = argv_of(c, list, &argc);
	if (argv && parse(c, argc, argv, &options, &named) == 0)
		answer = PyErr_Occurred() ? NULL : parsed(&options, named);
	else if (argv)
		call_fail(c, module);
	else if (!PyErr_Occurred())
		PyErr_NoMemory();
	PyMem_Free(argv);
	call_done(c);
	Py_XDECREF(none);
	return answer;
}

static PyObject *native_help(PyObject *module, PyObject *unused)
{
	struct cv_buf text = { 0 };
	PyObject *answer;

	(void)module, (void)unused;
	cv_help(&text);
	answer = text.bad ? PyErr_NoMemory() : PyUnicode_FromString(text.p);
	cv_buf_done(&text);
	return answer;
}

static PyObject *native_version(PyObject *module, PyObject *unused)
{
	(void)module, (void)unused;
	return PyUnicode_FromString(cvenv_version());
}

static PyMethodDef functions[] = {
	{ "create", native_create, METH_VARARGS, NULL },
	{ "step", native_step, METH_VARARGS, NULL },
	{ "parse", native_parse, METH_VARARGS, NULL },
	{ "help", native_help, METH_NOARGS, NULL },
	{ "replace", cvenv_native_replace, METH_VARARGS, NULL },
	{ "version", native_version, METH_NOARGS, NULL },
	{ 0 },
};

static const struct {
	const char *name;
	enum cvenv_code code;
} codes[] = {
	{ "EUSAGE", CVENV_EUSAGE },
	{ "EPYTHON", CVENV_EPYTHON },
	{ "EWHEEL", CVENV_EWHEEL },
	{ "EUNSAFE", CVENV_EUNSAFE },
	{ "ELIMIT", CVENV_ELIMIT },
	{ "EREFUSED", CVENV_EREFUSED },
	{ "ENOPYTHON", CVENV_ENOPYTHON },
	{ "ENOWHEEL", CVENV_ENOWHEEL },
	{ "ENOCACHE", CVENV_ENOCACHE },
	{ "ECHANGED", CVENV_ECHANGED },
	{ "ECORRUPT", CVENV_ECORRUPT },
	{ "EPIP", CVENV_EPIP },
	{ "EREDIRECT", CVENV_EREDIRECT },
	{ "ENOTENV", CVENV_ENOTENV },
};

static int set_up(PyObject *module)
{
	PyObject *error = PyErr_NewException("cvenv._native.Error", NULL, NULL);
	int rc = error ? PyObject_SetAttrString(module, "Error", error) : -1;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]) && rc == 0; i++)
		rc = PyModule_AddIntConstant(module, codes[i].name, codes[i].code);
	Py_XDECREF(error);
	return rc;
}

/*
 * Python 3.12 and later have a slot with which an interpreter with its own GIL can load this
 * module. Earlier versions refuse unknown slots.
 */
enum { MULTIPLE_INTERPRETERS_SLOT = 3, PER_INTERPRETER_GIL = 2 };

static PyModuleDef_Slot old_slots[] = {
	{ Py_mod_exec, (void *)(uintptr_t)set_up },
	{ 0 },
};

static PyModuleDef_Slot slots[] = {
	{ Py_mod_exec, (void *)(uintptr_t)set_up },
	{ MULTIPLE_INTERPRETERS_SLOT, (void *)(intptr_t)PER_INTERPRETER_GIL },
	{ 0 },
};

#define NATIVE_MODULE(its_slots)                                                    \
	{                                                                           \
		PyModuleDef_HEAD_INIT, .m_name = "cvenv._native", .m_size = 0,      \
				       .m_methods = functions, .m_slots = its_slots \
	}
static struct PyModuleDef old_module = NATIVE_MODULE(old_slots);
static struct PyModuleDef module = NATIVE_MODULE(slots);

static bool is_3_12(void)
{
	PyObject *version = PySys_GetObject("hexversion"); /* borrowed */
	long number = version ? PyLong_AsLong(version) : -1;

	PyErr_Clear();
	return number >= 0x030c0000;
}

__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__native(void);

PyMODINIT_FUNC PyInit__native(void)
{
	return PyModuleDef_Init(is_3_12() ? &module : &old_module);
}
