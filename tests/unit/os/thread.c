/* SPDX-License-Identifier: MIT */
#include "os/thread.h"

#include <stdbool.h>

#include "../support/cmocka_all.h"

enum { THREADS = 4, JOBS = 10000 };

struct shared {
	struct cv_os_mutex mutex;
	unsigned next, started, done[CV_OS_THREADS_MAX];
};

static void work(void *data, unsigned number)
{
	struct shared *shared = data;

	assert_true(number < CV_OS_THREADS_MAX);
	cv_os_lock(&shared->mutex);
	/* Each waits for the others: so they run at the same time. */
	shared->started++;
	cv_os_wake_all(&shared->mutex);
	while (shared->started < THREADS)
		cv_os_wait(&shared->mutex);
	while (shared->next < JOBS) {
		shared->next++;
		cv_os_unlock(&shared->mutex);
		shared->done[number]++;
		cv_os_lock(&shared->mutex);
	}
	cv_os_unlock(&shared->mutex);
}

static void test_threads(void **state)
{
	static struct shared shared;
	unsigned sum = 0;

	(void)state;
	cv_os_mutex_init(&shared.mutex);
	cv_os_threads(THREADS, work, &shared);
	cv_os_mutex_done(&shared.mutex);
	for (unsigned i = 0; i < CV_OS_THREADS_MAX; i++)
		sum += shared.done[i];
	assert_int_equal(sum, JOBS);
	assert_int_equal(shared.started, THREADS);
}

static void count(void *data, unsigned number)
{
	(void)number;
	++*(unsigned *)data;
}

static void test_one(void **state)
{
	unsigned calls = 0;

	(void)state;
	cv_os_threads(0, count, &calls);
	cv_os_threads(1, count, &calls);
	assert_int_equal(calls, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
