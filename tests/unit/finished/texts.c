/* SPDX-License-Identifier: MIT */
#include "finished/texts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/fault.h"
#include "../support/tree.h"
#include "../wheel/check.h"
#include "base/own.h"
#include "base/sha256.h"
#include "finished/finished.h"
#include "finished/texts_left.h"
#include "wheel/record.h"

#define SITE "lib/python3.12/site-packages"

static const struct cv_ctx ctx = { 0 };

/* A file with FORMAT's text; %s is the environment. */
static char *put(struct cv_arena *a, const char *name, const char *before, const char *after)
{
	char *text = cv_strfmt(a, "%s%s%s", before, test_dir, after);

	test_write(test_dir, name, text);
	return text;
}

static void make_environment(struct cv_arena *a)
{
	static const char *const dirs[] = { "bin", "lib", "lib/python3.12", SITE,
		SITE "/__pycache__", SITE "/p-1.dist-info", "outside", "outside/x.dist-info" };
	char hash[CV_SHA256_B64 + 1], *pip;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		test_mkdir(test_dir, dirs[i]);
	put(a, "pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\ncommand = x -m venv ", "\n");
	pip = put(a, "bin/pip", "#!", "/bin/python\nimport pip\n");
	assert_int_equal(chmod(cv_strfmt(a, "%s/bin/pip", test_dir), 0751), 0);
	assert_int_equal(symlink("/usr/bin/python3", cv_strfmt(a, "%s/bin/python", test_dir)), 0);
	put(a, SITE "/p.pth", "import _p_hooks, os; x()\n", "/src\n");
	test_write(test_dir, SITE "/q.pth", "import _p_hooks\nimport _p_hooks\n");
	put(a, SITE "/_p_hooks.py", "p = '", "'\n");
	put(a, SITE "/os.py", "# no literal ", "\n");
	test_write(test_dir, SITE "/__pycache__/_p_hooks.cpython-312.pyc", "");
	test_write(test_dir, SITE "/__pycache__/_p_hooks2.cpython-312.pyc", "");
	put(a, SITE "/p-1.dist-info/direct_url.json", "{\"url\": \"file://", "\"}");
	put(a, SITE "/data", "\x7f", "");
	put(a, SITE "/listed", "", "");
	put(a, SITE "/p.pyc", "", "");
	cv_sha256_b64(pip, strlen(pip), hash);
	test_write(test_dir, SITE "/p-1.dist-info/RECORD",
		cv_strfmt(a, "../../../bin/pip,sha256=%s,%zu\r\nlisted,sha256=x,1\r\n", hash,
			strlen(pip)));
	/* what is outside, and would change */
	put(a, "outside/x.dist-info/direct_url.json", "{\"url\": \"file://", "\"}");
	put(a, "outside/x.pth", "", "/src\n");
	assert_int_equal(symlink("../../../outside/x.dist-info",
				 cv_strfmt(a, "%s/" SITE "/x.dist-info", test_dir)),
		0);
	assert_int_equal(
		symlink("../../../outside/x.pth", cv_strfmt(a, "%s/" SITE "/x.pth", test_dir)), 0);
	assert_int_equal(mkfifo(cv_strfmt(a, "%s/" SITE "/y.pth", test_dir), 0600), 0);
	assert_int_equal(mkfifo(cv_strfmt(a, "%s/" SITE "/pipe", test_dir), 0600), 0);
}

/* The plan as lines: kind, mode and path. */
static void list(struct cv_buf *b, const struct cv_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct cv_entry *e = &plan->entries[i];

		cv_buf_addf(b, "%s %o %s\n", e->kind == CVENV_ENTRY_FILE ? "file" : "remove",
			e->mode, e->path);
	}
}

static void test_plan(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_finished env = { 0 };
	struct cv_rewriting how = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_left left = { 0 };
	struct cvenv_error err = { 0 };
	struct cv_buf lines OWN_BUF = { 0 };
	const struct cv_entry *record;

	(void)state;
	make_environment(&arena);
	if (cv_finished_open(&ctx, &arena, test_dir, 0, &env, &err) < 0 ||
		cv_texts_pairs(&arena, &env, "/new env", &how, &err) < 0 ||
		cv_texts(&ctx, &arena, &env, &how, &plan, &left, &err) < 0)
		fail_msg("%s", err.message);
	list(&lines, &plan);
	check_str(cv_buf_slice(&lines), "file 644 pyvenv.cfg\n"
					"file 751 bin/pip\n"
					"file 644 " SITE "/p-1.dist-info/direct_url.json\n"
					"file 644 " SITE "/p.pth\n"
					"file 644 " SITE "/_p_hooks.py\n"
					"remove 0 " SITE "/__pycache__/_p_hooks.cpython-312.pyc\n"
					"file 644 " SITE "/p-1.dist-info/RECORD\n");
	record = &plan.entries[plan.count - 1];
	assert_true(record->flags & CV_EXACT_MODE);
	assert_non_null(cv_str_find(record->data, CV_LIT("listed,sha256=x,1\r\n")));
	{
		struct cv_str new = plan.entries[1].data;
		char hash[CV_SHA256_B64 + 1];

		cv_sha256_b64(new.p, new.n, hash);
		assert_non_null(cv_str_find(
			record->data, cv_str(cv_strfmt(&arena, "../../../bin/pip,sha256=%s,%zu\r\n",
					      hash, new.n))));
	}
	lines.n = 0;
	assert_null(left.paths[left.count]);
	for (size_t i = 0; i < left.count; i++)
		cv_buf_addf(&lines, "%s\n", left.paths[i]);
	check_str(cv_buf_slice(&lines),
		SITE "/data\n" SITE "/os.py\n"
		     "outside/x.dist-info/direct_url.json\noutside/x.pth\n");
	cv_finished_close(&env);
}

/* Each call fails once: an error, or the plan as it would have been; `denied` is an error, too. */
static void check_faults(int code)
{
	static struct cvenv_error err;
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_finished env = { 0 };
	struct cv_buf expected OWN_BUF = { 0 };
	size_t failures = 0;

	make_environment(&arena);
	assert_int_equal(cv_finished_open(&ctx, &arena, test_dir, 0, &env, &err), 0);
	for (int n = 0;; n++) {
		struct cv_arena once OWN_ARENA = { 0 };
		struct cv_plan plan = { .arena = &once };
		struct cv_rewriting how = { 0 };
		struct cv_left left = { 0 };
		struct cv_buf lines OWN_BUF = { 0 };
		int rc;

		assert_int_equal(cv_texts_pairs(&once, &env, "/new env", &how, &err), 0);
		if (n)
			fault_arm(n, code);
		rc = cv_texts(&ctx, &once, &env, &how, &plan, &left, &err);
		if (n && !fault_disarm())
			break;
		failures += rc < 0 || left.denied;
		if (rc < 0 || left.denied)
			continue;
		list(&lines, &plan);
		if (!n)
			cv_buf_str(&expected, cv_buf_slice(&lines));
		else if (!cv_str_eq(cv_buf_slice(&lines), cv_buf_slice(&expected)))
			fail_msg("%s, call %d:\n%s", fault_name(), n, lines.p);
	}
	assert_true(failures > 50);
	cv_finished_close(&env);
}

static void test_faults(void **state)
{
	(void)state;
	check_faults(EIO);
}

static void test_denied(void **state)
{
	(void)state;
	check_faults(EACCES);
}

/* A path across the ends of two parts of a file is found, and one that is too long a name is not.
 */
static void test_search_in_parts(void **state)
{
	enum { PART = 256 << 10 };
	struct cv_pair pair = { "/old/env", "/x/old/env/y" };
	struct cv_rewriting how = { .pairs = &pair, .count = 1, .env_dir = pair.to };

	(void)state;
	for (size_t at = PART - 24; at < PART + 24; at++) {
		static const char *const texts[] = { "/old/env", "/old/env2", "/x/old/env/y" };
		struct cv_arena arena OWN_ARENA = { 0 };
		OWN_OS_DIR struct cv_os_dir dir = CV_OS_NO_DIR;
		struct cv_left left = { 0 };
		struct cv_listed listed = { 0 };
		struct cvenv_error err = { 0 };

		assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, test_dir, 0, &dir), 0);
		for (size_t i = 0; i < 3; i++) {
			char *text = cv_new(&arena, char, 2 * PART + 1);

			memset(text, 'x', 2 * PART);
			text[at - 1] = ' ';
			memcpy(text + at, texts[i], strlen(texts[i]));
			text[at + strlen(texts[i])] = ' ';
			test_write(test_dir, cv_strfmt(&arena, "%zu", i), text);
		}
		assert_int_equal(cv_left_search(&ctx, &arena, dir, &how, &listed, &left, &err), 0);
		if (left.count != 1)
			fail_msg("%zu at %zu", left.count, at);
		assert_string_equal(left.paths[0], "0");
		left.count = 0;
		assert_true(cv_listed_add(&arena, &listed, "0"));
		assert_int_equal(cv_left_search(&ctx, &arena, dir, &how, &listed, &left, &err), 0);
		assert_int_equal(left.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plan, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_faults, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(test_denied, test_dir_setup, test_dir_teardown),
		cmocka_unit_test_setup_teardown(
			test_search_in_parts, test_dir_setup, test_dir_teardown),
	};

	return cmocka_run_group_tests_name("texts", tests, NULL, NULL);
}
