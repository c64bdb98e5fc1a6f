/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/own.h"
#include "check.h"
#include "wheel/scripts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LONG_DIR "/0123456789012345678901234567890123456789012345678"
#define SH(word) "#!/bin/sh\n'''exec' " word " \"$0\" \"$@\"\n' '''\n"

extern char **environ;

/* The files of a test, below a directory of its own; removed by its teardown. */
static char root[PATH_MAX];

static int make_root(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(root, sizeof(root), "%s/cvenv-shebang-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	return mkdtemp(root) ? 0 : -1;
}

/* Run ARGV and give what it printed; its exit status, or -1 when it cannot be started. */
static int run(const char *const *argv, struct cv_buf *out)
{
	posix_spawn_file_actions_t actions;
	int pipe_fd[2], status, rc;
	char part[4096];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(pipe_fd, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipe_fd[1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipe_fd[1], 2);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	(void)close(pipe_fd[1]);
	while (rc == 0 && (n = read(pipe_fd[0], part, sizeof(part))) > 0)
		cv_buf_add(out, part, (size_t)n);
	(void)close(pipe_fd[0]);
	if (rc != 0)
		return -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int remove_root(void **state)
{
	const char *const argv[] = { "rm", "-rf", root, NULL };
	struct cv_buf out OWN_BUF = { 0 };

	(void)state;
	return run(argv, &out);
}

static void write_file(const char *path, struct cv_str text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.n), text.n);
	assert_int_equal(close(fd), 0);
}

static void test_first_lines(void **state)
{
	static const struct {
		const char *python, *expected;
	} cases[] = {
		{ "/env/bin/python", "#!/env/bin/python\n" },
		{ "/it's/$x/`y`/\"z\"/a\\b/bin/python", "#!/it's/$x/`y`/\"z\"/a\\b/bin/python\n" },
		{ "/\xc3\xa4/python", "#!/\xc3\xa4/python\n" },
		/* 124 bytes fit, 125 do not */
		{ LONG_DIR LONG_DIR "/012345678901/bin/python",
			"#!" LONG_DIR LONG_DIR "/012345678901/bin/python\n" },
		{ LONG_DIR LONG_DIR "/0123456789012/bin/python",
			SH(LONG_DIR LONG_DIR "/0123456789012/bin/python") },
		{ LONG_DIR LONG_DIR LONG_DIR "/{a,b}/~",
			SH("\"" LONG_DIR LONG_DIR LONG_DIR "/{a,b}/~\"") },
		{ LONG_DIR LONG_DIR LONG_DIR "/\xc3\xa4",
			SH("\"" LONG_DIR LONG_DIR LONG_DIR "/\xc3\xa4\"") },
		/* as pip does it */
		{ "/a b/bin/python", SH("\"/a b/bin/python\"") },
		{ "/a b/it's", SH("\"/a b/it\"\"'\"\"s\"") },
		/* where pip's would not run */
		{ "/a b/$(x)", SH("\"/a b/\"'$'\"(x)\"") },
		{ "/a b/$`\"$", SH("\"/a b/\"'$`\"$'") },
		{ "/a b/'''", SH("\"/a b/\"\"'\"\"'\"\"'\"") },
		{ "/a b/\\x\\\\N", SH("\"/a b/\"'\\'\"x\"'\\''\\'\"N\"") },
		{ "/a b/$\\$", SH("\"/a b/\"'$''\\''$'") },
		{ "/a\tb", SH("\"/a\tb\"") },
		{ "/a\nb", SH("\"/a\nb\"") },
		{ "/a\r\x01\xff"
		  "b",
			SH("\"/a\"\"$(printf '\\015\\001\\377')\"\"b\"") },
		{ "/a\xc3", SH("\"/a\"\"$(printf '\\303')\"") },
		/* Python would take these for its encoding */
		{ "/coding=x/python", SH("/coding=x/python") },
		{ "/encoding: utf/python", SH("\"/encoding: utf/python\"") },
		{ "/coding:utf-7/python", SH("/coding:utf-7/python") },
		{ "/coding/python", "#!/coding/python\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_buf out OWN_BUF = { 0 };

		cv_script_shebang(&out, cases[i].python);
		check_str(cv_buf_slice(&out), cases[i].expected);
	}
}

/*
 * ROOT/DIR/NAME, a link to TARGET, and ROOT/DIR/script, which it is to run. The names of the
 * files are long, so that also harmless directories need more than "#!".
 */
static char *make_script(
	struct cv_arena *a, const char *dir, const char *name, const char *target, const char *body)
{
	struct cv_buf text OWN_BUF = { 0 };
	char *python = cv_strfmt(a, "%s/%s/%s", root, dir, name);
	char *script = cv_strfmt(a, "%s/%s/script", root, dir);

	assert_true(mkdir(cv_strfmt(a, "%s/%s", root, dir), 0700) == 0 || errno == EEXIST);
	assert_int_equal(symlink(target, python), 0);
	cv_script_shebang(&text, python);
	cv_buf_cstr(&text, body);
	assert_false(text.bad);
	write_file(script, cv_buf_slice(&text), 0700);
	return script;
}

/* A Python itself, not a launcher of one; NULL when there is none. */
static char *find_python(struct cv_arena *a)
{
	const char *const argv[] = { "python3", "-c",
		"import os, sys; print(os.path.realpath(sys.executable), end='')", NULL };
	struct cv_buf out OWN_BUF = { 0 };

	if (run(argv, &out) == 0)
		return cv_strdup(a, cv_buf_slice(&out));
	print_message("there is no python3 to run the scripts with\n");
	return NULL;
}

/* Names of directories; '/' cannot be in them. */
static const char *const nasty[] = { "plain", "a b", "$(touch pwned)", "`touch pwned`",
	"$HOME ${x}", "\" quote \"", "it's here", "''' three '''", "'''", "''''''''",
	"back\\slash \\x \\N{ \\u12 \\'", "\\\\ '\\'\\", "new\nline", "\n", "tab\there",
	"cr\rhere \r\n", "\xc3\xa4\xf0\x9f\x90\x8d \xc3\xa4", "not UTF-8 \xff\xc3\xa4\x80",
	"\x01\x7f\x1b[1m ", "coding=nonsense", "# -*- coding: nonsense -*-",
	"{a,b} ~ * ? [x] ! ; & | < > ( ) # %s %d\\", "-n", "$'x'$\"y\"" };

/* The kernel starts it, Python takes it without a warning, and it is the Python that was meant. */
static void test_python_runs(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	char *python = find_python(&arena);
	char every[256];
	size_t n = 0;

	(void)state;
	if (!python)
		skip();
	for (int c = 1; c < 256; c++) {
		if (c != '/')
			every[n++] = (char)c;
	}
	every[n] = '\0';
	assert_int_equal(setenv("PYTHONWARNINGS", "error", 1), 0);
	for (size_t i = 0; i <= COUNT(nasty); i++) {
		const char *dir = i < COUNT(nasty) ? nasty[i] : every;
		const char *script = make_script(&arena, dir, "python3", python,
			"import os, sys\n"
			"sys.stdout.buffer.write(b'|'.join(map(os.fsencode, [sys.executable] + "
			"sys.argv)))\n"
			"sys.exit(7)\n");
		const char *const argv[] = { script, "one", "", "$x 'y'", NULL };
		struct cv_buf out OWN_BUF = { 0 };
		int rc = run(argv, &out);

		if (rc != 7)
			fail_msg("status %d with '%s': %s", rc, dir, out.p ? out.p : "");
		check_str(cv_buf_slice(&out),
			cv_strfmt(&arena, "%s/%s/python3|%s|one||$x 'y'", root, dir, script));
	}
	assert_int_equal(unsetenv("PYTHONWARNINGS"), 0);
}

/* What may be /bin/sh somewhere; yash is not here, as it cannot name files that are not text. */
static const char *const shells[][3] = { { "dash" }, { "bash", "--posix" }, { "busybox", "sh" },
	{ "mksh" }, { "ksh" }, { "ksh93" }, { "zsh", "--emulate", "sh" }, { "posh" }, { "sh" } };

static bool has_shell(const char *const *shell)
{
	const char *argv[6] = { 0 };
	struct cv_buf out OWN_BUF = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < 3 && shell[i]; i++)
		argv[n++] = shell[i];
	argv[n++] = "-c";
	argv[n] = "exit 7";
	if (run(argv, &out) == 7)
		return true;
	print_message("not tried, as it is not here: %s\n", shell[0]);
	return false;
}

/* The program at the path is echo, so what is printed says that this very path was found. */
static void check_shells(struct cv_arena *a, const char *dir, const bool *have)
{
	const char *script = make_script(a, dir, "echo", "/bin/echo", "exit 3\n");

	for (size_t i = 0; i < COUNT(shells); i++) {
		const char *argv[6] = { 0 };
		struct cv_buf out OWN_BUF = { 0 };
		size_t n = 0;
		int rc;

		if (!have[i])
			continue;
		for (size_t j = 0; j < 3 && shells[i][j]; j++)
			argv[n++] = shells[i][j];
		argv[n++] = script;
		argv[n] = "a  b";
		rc = run(argv, &out);
		if (rc != 0 ||
			!cv_str_eq(cv_buf_slice(&out), cv_str(cv_strfmt(a, "%s a  b\n", script))))
			fail_msg("%s, status %d with '%s': %s", shells[i][0], rc, script,
				out.p ? out.p : "");
	}
}

/* Directories of parts that are special to sh or to Python, in any order; long, so all need sh. */
static void random_dir(char *dir, size_t room, unsigned *seed, bool utf8)
{
	static const char *const parts[] = { "'", "'", "''", "\\", "\\", "\"", "$", "`", "$(", ")",
		"${", "}", "\n", "\t", "\r", " ", "\xc3\xa4", "x", "N", "u", "0", "777", "#", "!",
		"%", "\x01", "~", "*", "&", ";", "exec", "\xff", "\xc3" };
	const size_t count = COUNT(parts) - (utf8 ? 2 : 0);

	dir[0] = '\0';
	for (size_t n = 0; n < 24; n++) {
		size_t len = strlen(dir);

		*seed = *seed * 1103515245 + 12345;
		(void)snprintf(dir + len, room - len, "%s", parts[*seed / 65536 % count]);
	}
	(void)snprintf(dir + strlen(dir), room - strlen(dir), "%s", LONG_DIR LONG_DIR LONG_DIR);
	for (char *p = dir; *p; p++)
		*p = *p == '/' ? ' ' : *p;
}

enum { RANDOM_DIRS = 60 };

static void test_shells_run(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	bool have[COUNT(shells)];
	unsigned seed = 1;
	char dir[256];

	(void)state;
	for (size_t i = 0; i < COUNT(shells); i++)
		have[i] = has_shell(shells[i]);
	for (size_t i = 0; i < COUNT(nasty); i++) {
		(void)snprintf(dir, sizeof(dir), "%s%s", nasty[i], LONG_DIR LONG_DIR LONG_DIR);
		for (char *p = dir; *p; p++)
			*p = *p == '/' ? '_' : *p;
		check_shells(&arena, dir, have);
	}
	for (size_t i = 0; i < RANDOM_DIRS; i++) {
		/* cvenv refuses other names, and ksh93u+m 1.0.10 loses a byte of them. */
		random_dir(dir, sizeof(dir), &seed, true);
		check_shells(&arena, dir, have);
	}
}

/* Python compiles the results for random paths, all in one process. */
static void test_python_compiles(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const char *const argv[] = { "python3", "-W", "error", "-c",
		"import os, sys\n"
		"for name in sorted(os.listdir(sys.argv[1])):\n"
		"    with open(os.path.join(sys.argv[1], name), 'rb') as f:\n"
		"        compile(f.read(), name, 'exec')\n",
		root, NULL };
	struct cv_buf out OWN_BUF = { 0 };
	unsigned seed = 2;
	char dir[256];

	(void)state;
	if (!find_python(&arena))
		skip();
	for (unsigned i = 0; i < 1000; i++) {
		struct cv_buf text OWN_BUF = { 0 };

		random_dir(dir, sizeof(dir), &seed, false);
		cv_script_shebang(&text, cv_strfmt(&arena, "/%s", dir));
		cv_buf_cstr(&text, "pass\n");
		write_file(cv_strfmt(&arena, "%s/%u.py", root, i), cv_buf_slice(&text), 0600);
	}
	if (run(argv, &out) != 0)
		fail_msg("%s", out.p ? out.p : "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_lines),
		cmocka_unit_test_setup_teardown(test_python_runs, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_shells_run, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_python_compiles, make_root, remove_root),
	};

	return cmocka_run_group_tests_name("shebang", tests, NULL, NULL);
}
