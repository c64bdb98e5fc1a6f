/* SPDX-License-Identifier: MIT */
#include "interpreter/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/own.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/system.h"
#include "fs/file.h"
#include "interpreter/probe_answer.h"
#include "interpreter/spawn.h"
#include "interpreter/which.h"

enum {
	OUTPUT_MAX = 256 * 1024,
	WHEEL_MAX = 64 * 1024 * 1024,
	QUOTE_MIN = 16,       /* shorter lines may be equal by chance */
	OLD_USAGE_STATUS = 2, /* of a Python below 3.4, which does not know -I */
};

/* Variables that change how Python starts. All others stay: LD_LIBRARY_PATH may be needed. */
static const char *const dropped_env[] = { "PYTHON*", "__PYVENV_LAUNCHER__", NULL };

struct run {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	int timeout_ms;
	const struct cv_meanwhile *meanwhile; /* NULL once it has run */
	struct cv_stamp *stamps;
	size_t stamp_count;
	bool cacheable;
};

static int run_python(struct run *r, const char *const *argv, struct cv_buf *out, int *ret_status,
	char *tail, struct cvenv_error *err)
{
	struct cv_spawn s = {
		.argv = argv,
		.envp = cv_spawn_env(r->arena, r->ctx, dropped_env, NULL),
		.timeout_ms = r->timeout_ms,
		.output_max = OUTPUT_MAX,
		.flags = CV_SPAWN_OUT | CV_SPAWN_ERR,
		.ret_tail = tail,
		.meanwhile = r->meanwhile,
	};

	if (!s.envp)
		return cv_fail_nomem(err);
	r->meanwhile = NULL;
	return cv_spawn(r->ctx, &s, out, ret_status, err);
}

/*
 * execve() also returns ENOENT when the interpreter or loader of the file is missing: explain that.
 */
static int explain(const char *path, int rc, struct cvenv_error *err)
{
	struct cv_stamp s;

	cv_stamp_take(path, &s);
	if (rc == -ENOENT && s.present && !CV_WINDOWS)
		return cv_hint(err, rc,
			"the file exists, but the interpreter or loader that it names is missing");
	if (rc == -ENOEXEC && CV_WINDOWS)
		return cv_hint(err, rc, "name a python.exe: batch files are not run");
	return rc;
}

/*
 * Is the last line of the output a quotation of probe.py, such as an error from a program that is
 * no Python? Such a message does not help the user.
 */
static bool quotes_script(const char *tail)
{
	const char *const scripts[] = { cv_embed_probe_py, cv_embed_probe_windows_py };
	struct cv_str said = cv_str_trim(cv_str(tail)), line;

	for (size_t i = said.n; i > 0; i--)
		if (said.p[i - 1] == '\n') {
			said = (struct cv_str){ said.p + i, said.n - i };
			break;
		}
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		for (struct cv_str script = cv_str(scripts[i]); cv_str_cut(&script, '\n', &line);)
			if (line.n >= QUOTE_MIN && said.n && cv_str_find(said, line))
				return true;
	return false;
}

static int ask(struct run *r, const char *python, struct cv_buf *out, struct cv_answer *ret,
	struct cvenv_error *err)
{
	const char *const argv[] = { python, "-I", "-S", "-B", "-c", cv_embed_probe_py,
		cv_embed_probe_windows_py, NULL };
	const char *const old_argv[] = { python, "-E", "-s", "-S", "-B", "-c", cv_embed_probe_py,
		cv_embed_probe_windows_py, NULL };
	char tail[CV_SPAWN_TAIL_MAX + 1];
	int status = 0, rc;

	rc = run_python(r, argv, out, &status, tail, err);
	if (rc == 0 && status == OLD_USAGE_STATUS && strstr(tail, "nknown option: -I")) {
		cv_buf_done(out);
		rc = run_python(r, old_argv, out, &status, tail, err);
	}
	if (rc < 0)
		return explain(python, rc, err);
	if (status > 0 && quotes_script(tail))
		return cv_fail_msg(err, CVENV_EPYTHON,
			"'%s' does not respond like a Python: it failed with status %d", python,
			status);
	if (status != 0)
		return cv_spawn_failed(err, CVENV_EPYTHON, python, status, tail);
	if (!cv_answer_parse(cv_buf_slice(out), ret))
		return cv_fail_msg(
			err, CVENV_EPYTHON, "'%s' does not respond like a Python", python);
	return 0;
}

static void stamp(struct run *r, const char *path)
{
	for (size_t i = 0; i < r->stamp_count; i++)
		if (strcmp(r->stamps[i].path, path) == 0)
			return;
	if (cv_path_is_abs(path) && r->stamp_count < CV_STAMPS_MAX)
		cv_stamp_take(path, &r->stamps[r->stamp_count++]);
	else if (path[0])
		r->cacheable = false;
}

static int stamp_text(struct run *r, struct cv_str path, struct cvenv_error *err)
{
	char *copy = cv_strdup(r->arena, path);

	if (!copy)
		return cv_fail_nomem(err);
	stamp(r, copy);
	return 0;
}

/*
 * Stamp the executable, and the pyvenv.cfg that make it, or could make it, a virtual environment's.
 */
static int stamp_python(struct run *r, const char *python, struct cvenv_error *err)
{
	char *dir = cv_path_dir(r->arena, python);
	char *up = dir ? cv_path_dir(r->arena, dir) : NULL;
	char *here = dir ? cv_path_join(r->arena, dir, "pyvenv.cfg") : NULL;
	char *above = up ? cv_path_join(r->arena, up, "pyvenv.cfg") : NULL;
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	char head[2];

	if (!here || !above)
		return cv_fail_nomem(err);
	if (cv_os_open(CV_OS_ABSOLUTE, python, CV_OS_FOLLOW, &file) == 0 &&
		cv_os_read(file, head, sizeof(head)) == 2 && memcmp(head, "#!", 2) == 0)
		r->cacheable = false;
	stamp(r, python);
	for (size_t i = 0; i < r->stamp_count; i++)
		if (!r->stamps[i].present && strcmp(r->stamps[i].path, python) == 0)
			r->cacheable = false; /* an alias: its target may change unseen */
	stamp(r, here);
	stamp(r, above);
	return 0;
}

static int real_path(struct run *r, const char *path, const char **ret, struct cvenv_error *err)
{
	char *real;
	int rc = cv_os_realpath(r->arena, path, &real);

	if (rc == -EACCES && cv_exe_check(path) == 0) { /* an alias, as of the Microsoft Store */
		*ret = path;
		return 0;
	}
	if (rc < 0)
		return cv_fail(err, -rc, "cannot resolve '%s'", path);
	*ret = real;
	return 0;
}

static int too_old(
	const struct run *r, const struct cv_answer *a, const char *python, struct cvenv_error *err)
{
	struct cv_str version = cv_answer_get(a, "version");
	char *text = cv_strdup(r->arena, version);

	if (!text)
		return cv_fail_nomem(err);
	if (text[strspn(text, "0123456789.")] != '\0' || version.n == 0 || version.n > 16)
		return cv_fail_msg(err, CVENV_EPYTHON, "'%s' reports an invalid version", python);
	return cv_info_too_old(err, python, text);
}

static int embeddable(
	const struct run *r, const struct cv_answer *a, const char *python, struct cvenv_error *err)
{
	char *file = cv_strdup(r->arena, cv_answer_get(a, "path_file"));

	if (!file)
		return cv_fail_nomem(err);
	cv_fail_msg(err, CVENV_EPYTHON, "'%s' cannot be the base of an environment: it has a '%s'",
		python, cv_path_base(file));
	return cv_hint(err, -CVENV_EPYTHON,
		"with that file Python ignores pyvenv.cfg, as in the embeddable package");
}

/*
 * Probe PATH. While the answer comes from a virtual environment, probe its base. *ret is the last
 * answer; *ret_executable is the sys.executable of the first.
 */
static int follow(struct run *r, const char *path, struct cv_buf *out, struct cv_answer *ret,
	const char **ret_executable, struct cvenv_error *err)
{
	const char *python = path;

	for (int hop = 0; hop < CV_PROBE_HOPS_MAX; hop++) {
		struct cv_str outer;
		char *next;
		int rc;

		cv_buf_done(out);
		rc = stamp_python(r, python, err);
		rc = rc < 0 ? rc : ask(r, python, out, ret, err);
		if (rc < 0)
			return hop ? cv_wrap(err, rc, "cannot probe the base of '%s'", path) : rc;
		if (!cv_answer_get(ret, "pyvenv_cfg").p)
			return too_old(r, ret, python, err);
		if (cv_answer_get(ret, "path_file").n)
			return embeddable(r, ret, python, err);
		if (hop == 0)
			*ret_executable = cv_strdup(r->arena, cv_answer_get(ret, "executable"));
		if (hop == 0 && !*ret_executable)
			return cv_fail_nomem(err);
		outer = cv_answer_get(ret, "outer");
		if (!outer.p)
			return 0;
		next = cv_strdup(r->arena, outer);
		if (!next || stamp_text(r, cv_answer_get(ret, "pyvenv_cfg"), err) < 0)
			return cv_fail_nomem(err);
		if (outer.n >= CV_PATH_MAX || !cv_path_is_abs(next))
			return cv_fail_msg(
				err, CVENV_EPYTHON, "'%s' reports an invalid base", python);
		python = next;
	}
	return cv_fail_msg(err, CVENV_EPYTHON,
		"'%s' is nested in more than %d virtual environments", path, CV_PROBE_HOPS_MAX);
}

/* 1: hashed; 0: no such file, or it cannot be used; negative: reading failed. */
static int hash_wheel(
	struct run *r, const char *path, char ret_hex[CV_SHA256_HEX + 1], struct cvenv_error *err)
{
	struct cv_arena a OWN_ARENA = { 0 };
	struct cv_os_stat st;
	struct cv_str data;
	int rc = cv_read_file_stat(
		CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, WHEEL_MAX, &a, &data, &st, NULL);

	if (cv_err_missing(-rc) || rc == -EACCES || rc == -EINVAL || rc == -CVENV_ELIMIT)
		return 0;
	if (rc < 0)
		return cv_fail(err, -rc, "cannot read '%s'", path);
	if (data.n == 0 || data.n != st.size) /* it is being written */
		return 0;
	cv_sha256_hex(data.p, data.n, ret_hex);
	if (r->stamp_count < CV_STAMPS_MAX)
		cv_stamp_from(path, &st, &r->stamps[r->stamp_count++]);
	return 1;
}

static int set_wheel(
	struct run *r, const char **wheel, const char **sha256, struct cvenv_error *err)
{
	char hex[CV_SHA256_HEX + 1] = "";
	int rc = (*wheel)[0] ? hash_wheel(r, *wheel, hex, err) : 1;

	if (rc < 0)
		return rc;
	if (rc == 0) {
		cv_log(r->ctx, CVENV_LOG_INFO, "ignoring '%s', which cannot be read", *wheel);
		stamp(r, *wheel);
		*wheel = "";
	}
	*sha256 = cv_strdup(r->arena, cv_str(hex));
	return *sha256 ? 0 : cv_fail_nomem(err);
}

static int stamp_rest(
	struct run *r, const struct cv_answer *a, const struct cv_info *f, struct cvenv_error *err)
{
	char *init = cv_path_join(r->arena, f->stdlib, "ensurepip/__init__.py");
	char *bundled = cv_path_join(r->arena, f->stdlib, "ensurepip/_bundled");
	int rc;

	if (!init || !bundled)
		return cv_fail_nomem(err);
	stamp(r, f->base);
	stamp(r, f->real);
	stamp(r, f->libpython);
	stamp(r, f->wheel_dir);
	stamp(r, init);
	stamp(r, bundled);
	rc = stamp_text(r, cv_answer_get(a, "loaded"), err);
	return rc < 0 ? rc : stamp_text(r, cv_answer_get(a, "sysconfigdata"), err);
}

/* The programs of a Python for Windows, and the files from which probe.py derived them. */
static int stamp_windows(
	struct run *r, const struct cv_answer *a, const struct cv_info *f, struct cvenv_error *err)
{
	struct cv_str list = cv_str(f->copies), name, source;
	char *folder = cv_path_dir(r->arena, f->base);
	int rc = folder ? stamp_text(r, cv_answer_get(a, "venv"), err) : cv_fail_nomem(err);

	stamp(r, f->init_tcl);
	if (f->windows && rc == 0)
		stamp(r, folder); /* the names in `links` */
	while (rc == 0 && cv_info_pair(&list, &name, &source))
		rc = stamp_text(r, source, err);
	return rc;
}

static int check_kind(const struct cv_info *f, struct cvenv_error *err)
{
	/* WSL can start Pythons for Windows, and Windows those of Cygwin. */
	if (f->windows != CV_WINDOWS)
		return cv_fail_msg(err, CVENV_EPYTHON, "'%s' is %s Python for Windows", f->path,
			f->windows ? "a" : "no");
	if (CV_WINDOWS && !f->home[0])
		return cv_fail_msg(err, CVENV_EPYTHON,
			"'%s' cannot be the base of an environment: there is no python.exe beside "
			"it",
			f->path);
	return 0;
}

/* Set the fields that probe.py does not answer. */
static int complete(
	struct run *r, const struct cv_answer *a, struct cv_info *f, struct cvenv_error *err)
{
	const char *library_path = cv_getenv(r->ctx, "LD_LIBRARY_PATH");
	const char *real_path_found = "";
	int rc = check_kind(f, err);

	if (rc < 0)
		return rc;
	if (!cv_path_is_abs(f->base) || !cv_path_is_abs(f->executable))
		return cv_fail_msg(
			err, CVENV_EPYTHON, "'%s' does not report its own path", f->path);
	f->exe_name = cv_path_base(f->base);
	f->needs_setuptools = f->major == 3 && f->minor < 12;
	f->library_path = cv_strdup(r->arena, cv_str(library_path));
	if (!f->library_path)
		return cv_fail_nomem(err);
	rc = real_path(r, f->base, &f->real, err);
	rc = rc < 0 ? rc : real_path(r, f->path, &real_path_found, err);
	rc = rc < 0 ? rc : real_path(r, f->executable, &f->real_executable, err);
	rc = rc < 0 ? rc : stamp_rest(r, a, f, err);
	rc = rc < 0 ? rc : stamp_windows(r, a, f, err);
	rc = rc < 0 ? rc : set_wheel(r, &f->pip_wheel, &f->pip_sha256, err);
	rc = rc < 0 ? rc : set_wheel(r, &f->setuptools_wheel, &f->setuptools_sha256, err);
	if (rc < 0)
		return rc;
	/* a launcher, which may start another interpreter next time */
	if (strcmp(real_path_found, f->real_executable) != 0)
		r->cacheable = false;
	f->cacheable = r->cacheable;
	f->stamps = r->stamps;
	f->stamp_count = r->stamp_count;
	return 0;
}

int cv_probe(const struct cv_ctx *ctx, struct cv_arena *arena, const char *path, int timeout_ms,
	const struct cv_meanwhile *meanwhile, struct cv_info *ret, struct cvenv_error *err)
{
	struct run r = { .ctx = ctx,
		.arena = arena,
		.timeout_ms = timeout_ms,
		.meanwhile = meanwhile,
		.cacheable = true };
	struct cv_buf out OWN_BUF = { 0 };
	struct cv_info info;
	struct cv_answer answer;
	const char *executable = "";
	bool nomem;
	int rc;

	r.stamps = cv_new(arena, struct cv_stamp, CV_STAMPS_MAX);
	path = cv_strdup(arena, cv_str(path));
	if (!r.stamps || !path)
		return cv_fail_nomem(err);
	rc = follow(&r, path, &out, &answer, &executable, err);
	if (rc < 0)
		return rc;
	if (!cv_answer_info(&answer, arena, &info, &nomem))
		return nomem ? cv_fail_nomem(err)
			     : cv_fail_msg(err, CVENV_EPYTHON,
				       "'%s' does not respond like a Python", path);
	info.path = path;
	info.executable = executable;
	rc = complete(&r, &answer, &info, err);
	rc = rc < 0 ? rc : cv_info_check(&info, err);
	if (rc == 0)
		*ret = info;
	return rc;
}

int cv_probe_by(const struct cv_prober *prober, const struct cv_ctx *ctx, struct cv_arena *arena,
	const char *path, struct cv_info *ret, struct cvenv_error *err)
{
	return prober ? prober->probe(prober->data, path, ret, err)
		      : cv_probe(ctx, arena, path, CV_PROBE_TIMEOUT_MS, NULL, ret, err);
}
