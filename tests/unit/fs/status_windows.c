/* SPDX-License-Identifier: MIT */
#include "small.h"

#include <errno.h>

#include "nt.h"
#include "os/process.h"

#include "../support/fault.h"

/*
 * Publishing while native calls fail, with the status that Windows gives if somebody has a file
 * open, or that a disk gives. Only wine runs these tests, and it never gives most of them itself.
 */

/* errno has the status that fault_arm() was given. */
#define WRAP(name, params, args) FAULT_WRAP(NTSTATUS, name, params, args, (NTSTATUS)errno)
WRAP(cv_nt_create, (OBJECT_ATTRIBUTES * name, const struct cv_nt_how *how, HANDLE *ret),
	(name, how, ret))
WRAP(cv_nt_get, (HANDLE handle, int class, void *ret, size_t room), (handle, class, ret, room))
WRAP(cv_nt_set, (HANDLE handle, int class, const void *data, size_t n), (handle, class, data, n))
WRAP(cv_nt_list, (HANDLE dir, int class, void *ret, size_t room), (dir, class, ret, room))
WRAP(cv_nt_read, (HANDLE file, void *ret, ULONG n, LARGE_INTEGER *at, size_t *ret_n),
	(file, ret, n, at, ret_n))
WRAP(cv_nt_write, (HANDLE file, const void *data, ULONG n, LARGE_INTEGER *at, size_t *ret_n),
	(file, data, n, at, ret_n))

void __wrap_cv_os_sleep_ms(int ms);
void __wrap_cv_os_sleep_ms(int ms)
{
	(void)ms;
}

static const struct {
	const char *name;
	NTSTATUS status;
} statuses[] = {
	{ "sharing violation", STATUS_SHARING_VIOLATION },
	{ "access denied", STATUS_ACCESS_DENIED },
	{ "delete pending", STATUS_DELETE_PENDING },
	{ "cannot delete", STATUS_CANNOT_DELETE },
	{ "user mapped file", STATUS_USER_MAPPED_FILE },
	{ "disk full", STATUS_DISK_FULL },
	{ "no memory", STATUS_NO_MEMORY },
};

enum { COUNT = sizeof(statuses) / sizeof(statuses[0]) };

static int setup(void **state)
{
	test_dir_setup(state);
	choose("env");
	return 0;
}

/* The tree of ENV_DIR without a staging directory whose removal failed: that is only a warning. */
static const char *tree(void)
{
	static char text[4096];
	char *to = text;
	const char *line, *end;

	for (line = tree_of("env"); (end = strchr(line, '\n')); line = end + 1)
		if (!cv_str_starts(cv_str(line + 2), CV_LIT(".cvenv-tmp-")))
			to += snprintf(to, sizeof(text) - (size_t)(to - text), "%.*s\n",
				(int)(end - line), line);
	*to = '\0';
	return text;
}

/* What exists after a publication with the result RC in which one call failed. */
static void check(int rc, const char *old, const char *new, const char *call)
{
	const char *now = tree();

	if (rc == 0 ? strcmp(now, new) != 0 : rc != -CVENV_ECHANGED && strcmp(now, old) != 0)
		fail_msg("%s: result %d, and neither old nor new: %s", call, rc, now);
}

/*
 * Each call fails, with one status after the other. The next run succeeds and leaves nothing over.
 * To be fast, only every fifth call, except with --nightly.
 */
static void each_call(bool clear, bool exists, const char *old, const char *new)
{
	const char *nightly = getenv("CVENV_TEST_NIGHTLY");
	int step = nightly && nightly[0] ? 1 : 5;
	bool failed = true;

	for (int n = 1; failed; n += step) {
		struct cvenv_error err = { 0 };
		char call[100];
		int rc;

		setup(NULL);
		if (exists)
			old_environment();
		fault_arm(n, (int)statuses[n % COUNT].status);
		rc = publish(clear, test_dir, &err);
		failed = fault_disarm();
		(void)snprintf(call, sizeof(call), "call %d, %s: %s", n, fault_name(),
			statuses[n % COUNT].name);
		check(rc, old, new, call);
		if (!failed)
			assert_int_equal(rc, 0);
		rc = publish(clear, test_dir, &err);
		if (rc < 0)
			fail_msg("after %s: %s", call, err.message);
		check_env(new);
		test_dir_teardown(NULL);
		if (!failed)
			print_message("fewer than %d calls\n", n);
	}
}

static void test_new(void **state)
{
	(void)state;
	each_call(false, false, "", new_tree);
}

static void test_clear(void **state)
{
	(void)state;
	each_call(true, true, old_tree, new_tree);
}

static void test_update(void **state)
{
	(void)state;
	each_call(false, true, old_tree, merged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
