/* SPDX-License-Identifier: MIT */
#include "small.h"

#include <errno.h>

#include "base/err.h"
#include "base/system.h"
#include "fs/dir.h"
#include "fs/retry.h"
#include "os/process.h"

/*
 * Publishing on a system as Windows: names cannot be exchanged, and open files prevent renames. The
 * linker puts these in the place of the functions of src/os/ (--wrap), on every system.
 */
static bool blocks;           /* open files are in the way */
static const char *users;     /* of any file */
static int slept_ms, stop_at; /* set `stop` when so much has been slept; 0: never */

/* The state of the faults: see fail_from(). */
static int renames, fail_nth, fail_count, fail_code;
static const char *busy;    /* has this name: cannot be renamed nor replaced */
static const char *running; /* has this name: can be renamed, but not replaced nor removed */
static char last[300];      /* the name that was given last */
static bool exchanges;

static void reset(void)
{
	blocks = true;
	users = NULL;
	slept_ms = stop_at = 0;
	stop = 0;
	renames = fail_nth = fail_count = 0;
	busy = running = NULL;
	exchanges = false;
}

/* COUNT renames fail with CODE, from the N-th one on. */
static void fail_from(int n, int count, int code)
{
	renames = 0;
	fail_nth = n;
	fail_count = count;
	fail_code = code;
}

static bool is(const char *name, const char *wanted)
{
	return wanted && strcmp(name, wanted) == 0;
}

static int fault(const char *name, struct cv_os_dir to, const char *to_name)
{
	struct cv_os_stat st;

	renames++;
	if (is(name, busy) || is(to_name, busy))
		return -EBUSY;
	if (is(to_name, running) && cv_os_stat(to, to_name, CV_OS_NOFOLLOW, &st) == 0)
		return -EACCES;
	return fail_nth && renames >= fail_nth && renames < fail_nth + fail_count ? fail_code : 0;
}

int __real_cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind);
int __wrap_cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind);
int __wrap_cv_os_rename(struct cv_os_dir from, const char *name, struct cv_os_dir to,
	const char *to_name, enum cv_os_rename kind)
{
	int rc = kind == CV_OS_EXCHANGE ? -EOPNOTSUPP : fault(name, to, to_name);

	if (rc == 0)
		(void)snprintf(last, sizeof(last), "%s", to_name);
	return rc < 0 ? rc : __real_cv_os_rename(from, name, to, to_name, kind);
}

bool __wrap_cv_os_exchanges(void);
bool __wrap_cv_os_exchanges(void)
{
	return exchanges;
}

int __real_cv_os_unlink(struct cv_os_dir at, const char *name);
int __wrap_cv_os_unlink(struct cv_os_dir at, const char *name);
int __wrap_cv_os_unlink(struct cv_os_dir at, const char *name)
{
	if (running && (is(name, running) || cv_is_temp_name(name)))
		return -EACCES;
	return __real_cv_os_unlink(at, name);
}

bool __wrap_cv_os_in_use(int rc);
bool __wrap_cv_os_in_use(int rc)
{
	return blocks && (rc == -EBUSY || rc == -EACCES);
}

const char *__wrap_cv_os_users_of(struct cv_arena *a, const char *const *paths, size_t count);
const char *__wrap_cv_os_users_of(struct cv_arena *a, const char *const *paths, size_t count)
{
	(void)a;
	assert_true(count > 0 && cv_str_starts(cv_str(paths[0]), cv_str(env_dir)));
	return users;
}

void __wrap_cv_os_sleep_ms(int ms);
void __wrap_cv_os_sleep_ms(int ms)
{
	slept_ms += ms;
	if (stop_at && slept_ms >= stop_at)
		stop = 1;
}

static int setup(void **state)
{
	test_dir_setup(state);
	choose("env");
	reset();
	return 0;
}

static int clear(struct cvenv_error *err)
{
	return publish(true, test_dir, err);
}

static void check_refused(int rc, const struct cvenv_error *err, const char *text)
{
	assert_int_equal(rc, -EBUSY);
	if (!strstr(err->message, text) || !strstr(err->hint, "nothing was changed"))
		fail_msg("'%s' (%s) does not say '%s'", err->message, err->hint, text);
}

static void test_clear_by_two_renames(void **state)
{
	struct cvenv_error err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		blocks = i;
		if (i == 0)
			old_environment();
		renames = 0;
		assert_int_equal(clear(&err), 0);
		assert_int_equal(renames, 3); /* the last one makes it a temporary directory */
		check_env(new_tree);
	}
	assert_int_equal(slept_ms, 0);
}

/* A name that leaves no room to be renamed aside. */
static void test_long_name_is_cleared_in_place(void **state)
{
	struct cvenv_error err;
	char name[241];

	(void)state;
	if (CV_WINDOWS) /* where support/tree.c cannot read such a path */
		skip();
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	choose(name);
	assert_int_equal(publish(false, test_dir, &err), 0);
	assert_int_equal(clear(&err), 0);
	assert_string_equal(tree_of(name), new_tree);
	assert_false(has(".cvenv-"));
}

/* After a --clear that failed: ENV_DIR is the old one, or no environment, and the code says which.
 */
static void check_failed(int rc, const struct cvenv_error *err, bool in_place)
{
	const char *now = tree_of("env");

	assert_true(err->message[0]);
	if (strcmp(now, old_tree) == 0) {
		assert_int_not_equal(rc, -CVENV_ECHANGED);
		check_env(old_tree);
		return;
	}
	assert_int_equal(rc, -CVENV_ECHANGED);
	if (in_place)
		assert_null(strstr(now, "f pyvenv.cfg"));
	else if (now[0] || !has("/bin/mine mine"))
		fail_msg("neither old nor new: %s", tree_of(""));
}

/*
 * COUNT renames fail, from the n-th one on, for each n. Afterwards the next run succeeds. Returns
 * for how many n the first one did, too.
 */
static int each_rename(int code, int count, bool in_place)
{
	int succeeded = 0, n = 0, made;

	do {
		struct cvenv_error err = { 0 };
		int rc;

		setup(NULL);
		old_environment();
		fail_from(++n, count, code);
		rc = publish(true, in_place ? env_dir : test_dir, &err);
		made = renames;
		succeeded += rc == 0;
		if (rc == 0)
			check_env(new_tree);
		else
			check_failed(rc, &err, in_place || code == -EXDEV);
		fail_nth = 0;
		assert_int_equal(clear(&err), 0);
		check_env(new_tree);
		test_dir_teardown(NULL);
	} while (made >= n);
	return succeeded;
}

enum { LASTING = 1000 };

static void test_each_rename_fails(void **state)
{
	static const int codes[] = { -EBUSY, -EACCES, -EIO, -ENOSPC };

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		bool waits = codes[i] == -EBUSY || codes[i] == -EACCES;

		/* Three renames, or six in place, and a run in which none fails. */
		assert_int_equal(each_rename(codes[i], 1, false), waits ? 4 : 2);
		assert_int_equal(each_rename(codes[i], LASTING, false), 2);
		assert_int_equal(each_rename(codes[i], 1, true), waits ? 7 : 1);
		assert_int_equal(each_rename(codes[i], LASTING, true), 1);
	}
	assert_int_equal(each_rename(-EXDEV, LASTING, false), 2);
}

/* Mount points, and directories of lower layers of overlayfs. */
static void test_directory_that_cannot_be_renamed_is_emptied(void **state)
{
	static const int codes[] = { -EBUSY, -EXDEV, -EPERM };
	struct cvenv_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		setup(NULL);
		blocks = false;
		old_environment();
		fail_from(1, 1, codes[i]);
		assert_int_equal(clear(&err), 0);
		check_env(new_tree);
		test_dir_teardown(NULL);
	}
}

static void test_clear_refuses_while_a_program_runs(void **state)
{
	struct cvenv_error err;

	(void)state;
	old_environment();
	busy = "env";
	check_refused(clear(&err), &err, "another program uses it");
	check_env(old_tree);
	assert_in_range(slept_ms, CV_RETRY_MS - 500, CV_RETRY_MS);
	slept_ms = 0;
	users = "python.exe (process 4711)";
	check_refused(clear(&err), &err, "in use by python.exe (process 4711)");
	check_env(old_tree);
	assert_in_range(slept_ms, 1, CV_RETRY_MS / 5);
	/* In place, each entry is tried before anything is removed. */
	for (int i = 0; i < 2; i++) {
		busy = i ? "pyvenv.cfg" : "bin";
		check_refused(publish(true, env_dir, &err), &err, "in use by");
		check_env(old_tree);
	}
	busy = NULL;
	assert_int_equal(publish(true, env_dir, &err), 0);
	check_env(new_tree);
}

static void test_interrupt_ends_the_waiting(void **state)
{
	struct cvenv_error err;

	(void)state;
	stop_at = 300;
	busy = "env";
	assert_int_equal(publish(false, test_dir, &err), -EINTR);
	assert_false(has("env"));
	assert_in_range(slept_ms, stop_at, stop_at + 100);
	reset();
	stop_at = 300;
	busy = "env";
	old_environment();
	assert_int_equal(clear(&err), -EINTR);
	check_env(old_tree);
	assert_in_range(slept_ms, stop_at, stop_at + 100);
}

/* --- killed between the two renames ------------------------------------------ */

#define ASIDE ".cvenv-old-0123abcd-env"

/* What the killed process leaves: its stage, and the old environment beside it. */
static void killed(void)
{
	char name[CV_TEMP_NAME_MAX];
	OWN_OS_DIR struct cv_os_dir at = CV_OS_NO_DIR, stage = CV_OS_NO_DIR;

	old_environment();
	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, test_dir, CV_OS_FOLLOW, &at), 0);
	assert_int_equal(cv_stage_make(at, name, &stage, NULL), 0);
	assert_int_equal(__real_cv_os_rename(at, "env", at, ASIDE, CV_OS_REPLACE), 0);
}

static void test_next_run_puts_the_old_one_back(void **state)
{
	struct cvenv_error err;

	(void)state;
	killed();
	assert_int_equal(publish(false, test_dir, &err), 0);
	check_env(merged);
	test_dir_teardown(NULL);
	setup(NULL);
	killed();
	assert_int_equal(clear(&err), 0);
	check_env(new_tree);
}

/* Others could as well have given it its old name themselves. */
static void test_it_is_put_back_where_others_may_rename(void **state)
{
	OWN_OS_DIR struct cv_os_dir at = CV_OS_NO_DIR;
	struct cvenv_error err;

	(void)state;
	killed();
	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, test_dir, CV_OS_FOLLOW, &at), 0);
	assert_int_equal(cv_os_chmod_dir(at, 0777), 0);
	assert_int_equal(publish(false, test_dir, &err), 0);
	check_env(merged);
}

/* With exchange, that is not expected: found while publishing. */
static void test_it_is_put_back_while_publishing(void **state)
{
	struct cvenv_error err;

	(void)state;
	killed();
	exchanges = true;
	assert_int_equal(publish(false, test_dir, &err), -EEXIST);
	assert_true(lost);
	check_env(old_tree);
}

static void test_sweep_of_the_parent_puts_it_back(void **state)
{
	struct cvenv_error err;

	(void)state;
	killed();
	choose("other");
	assert_int_equal(publish(false, test_dir, &err), 0);
	check_env(old_tree);
	assert_string_equal(tree_of("other"), new_tree);
}

static void test_replaced_one_is_deleted(void **state)
{
	struct cvenv_error err;

	(void)state;
	killed();
	test_mkdir(test_dir, "env");
	test_write(test_dir, "env/pyvenv.cfg", "the new one");
	choose("other");
	assert_int_equal(publish(false, test_dir, &err), 0);
	check_env("f pyvenv.cfg the new one\n");
}

static void test_nothing_is_taken_from_a_living_process(void **state)
{
	OWN_OS_DIR struct cv_os_dir aside = CV_OS_NO_DIR;
	struct cvenv_error err;
	char path[600];

	(void)state;
	killed();
	(void)snprintf(path, sizeof(path), "%s/" ASIDE, test_dir);
	assert_int_equal(cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, &aside), 0);
	assert_int_equal(cv_os_lock_dir(aside), 0);
	choose("other");
	assert_int_equal(publish(false, test_dir, &err), 0);
	assert_string_equal(tree_of(ASIDE), old_tree);
	assert_string_equal(tree_of("env"), "");
}

/* --- without --clear ---------------------------------------------------------- */

static void test_new_directory_is_filled_if_it_cannot_be_renamed(void **state)
{
	struct cvenv_error err;

	(void)state;
	busy = "env";
	assert_int_equal(publish(false, test_dir, &err), 0);
	check_env(new_tree);
	assert_string_equal(last, "pyvenv.cfg");
	assert_int_equal(slept_ms, CV_RETRY_MS);
}

static void test_running_program_is_renamed(void **state)
{
	static const char *const names[] = { "python", "pyvenv.cfg", "gone" };
	struct cvenv_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		setup(NULL);
		old_environment();
		test_write(test_dir, "env/bin/gone", "old");
		running = names[i];
		assert_int_equal(publish(false, test_dir, &err), 0);
		assert_true(has("f env/.cvenv-tmp-") && !has("env/bin/gone"));
		assert_true(has("f env/bin/python new") && has("f env/pyvenv.cfg new"));
		running = NULL; /* it has ended: the next run deletes its file */
		assert_int_equal(publish(false, test_dir, &err), 0);
		check_env(merged);
		test_dir_teardown(NULL);
	}
}

/* Each file is the old or the new one, or missing if it could neither be replaced nor put back. */
static void check_files(bool all)
{
	if (!has("f env/bin/mine mine"))
		fail_msg("lost: %s", tree_of("env"));
	if (all && !has("f env/bin/python old") && !has("f env/bin/python new"))
		fail_msg("no python: %s", tree_of("env"));
	if (has("f env/pyvenv.cfg new"))
		assert_true(has("f env/bin/python new") && has("f env/lib/new new"));
}

static void test_update_fails_at_each_rename(void **state)
{
	static const int codes[] = { -EBUSY, -EIO };
	int n, made;

	(void)state;
	for (int i = 0; i < 4; i++) {
		n = 0;
		do {
			struct cvenv_error err;
			int rc;

			setup(NULL);
			old_environment();
			running = "python";
			fail_from(++n, i & 2 ? LASTING : 1, codes[i & 1]);
			rc = publish(false, test_dir, &err);
			made = renames;
			assert_true(rc == 0 || rc == -CVENV_ECHANGED);
			assert_true(rc == 0 || made >= n);
			check_files(!(i & 2));
			running = NULL;
			fail_nth = 0;
			assert_int_equal(publish(false, test_dir, &err), 0);
			check_env(merged);
			test_dir_teardown(NULL);
		} while (made >= n);
	}
	setup(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, test_dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_clear_by_two_renames),
		TEST(test_long_name_is_cleared_in_place),
		cmocka_unit_test(test_each_rename_fails),
		cmocka_unit_test(test_directory_that_cannot_be_renamed_is_emptied),
		TEST(test_clear_refuses_while_a_program_runs),
		TEST(test_interrupt_ends_the_waiting),
		TEST(test_next_run_puts_the_old_one_back),
		TEST(test_it_is_put_back_where_others_may_rename),
		TEST(test_it_is_put_back_while_publishing),
		TEST(test_sweep_of_the_parent_puts_it_back),
		TEST(test_replaced_one_is_deleted),
		TEST(test_nothing_is_taken_from_a_living_process),
		TEST(test_new_directory_is_filled_if_it_cannot_be_renamed),
		cmocka_unit_test(test_running_program_is_renamed),
		cmocka_unit_test(test_update_fails_at_each_rename),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
