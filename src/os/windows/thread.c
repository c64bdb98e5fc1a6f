/* SPDX-License-Identifier: MIT */
#include "os/thread.h"

#include <assert.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

struct worker {
	void (*work)(void *data, unsigned number);
	void *data;
	unsigned number;
	HANDLE thread;
};

static DWORD WINAPI run(void *data)
{
	const struct worker *worker = data;

	worker->work(worker->data, worker->number);
	return 0;
}

void cv_os_threads(unsigned count, void (*work)(void *data, unsigned number), void *data)
{
	struct worker workers[CV_OS_THREADS_MAX - 1];
	unsigned most = count < CV_OS_THREADS_MAX ? count : CV_OS_THREADS_MAX, n = 0;

	for (; n + 1 < most; n++) {
		workers[n] = (struct worker){ .work = work, .data = data, .number = n + 1 };
		workers[n].thread = CreateThread(NULL, CV_OS_STACK, run, &workers[n],
			STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
		if (!workers[n].thread)
			break;
	}
	work(data, 0);
	for (unsigned i = 0; i < n; i++) {
		(void)WaitForSingleObject(workers[i].thread, INFINITE);
		(void)CloseHandle(workers[i].thread);
	}
}

struct mutex {
	SRWLOCK lock;
	CONDITION_VARIABLE changed;
};
static_assert(sizeof(struct mutex) <= sizeof(struct cv_os_mutex), "fits");
static_assert(_Alignof(struct mutex) <= _Alignof(struct cv_os_mutex), "is aligned");

static struct mutex *own(struct cv_os_mutex *mutex)
{
	return (struct mutex *)(void *)mutex->space;
}

void cv_os_mutex_init(struct cv_os_mutex *mutex)
{
	InitializeSRWLock(&own(mutex)->lock);
	InitializeConditionVariable(&own(mutex)->changed);
}

void cv_os_mutex_done(struct cv_os_mutex *mutex)
{
	(void)mutex;
}

void cv_os_lock(struct cv_os_mutex *mutex)
{
	AcquireSRWLockExclusive(&own(mutex)->lock);
}

void cv_os_unlock(struct cv_os_mutex *mutex)
{
	ReleaseSRWLockExclusive(&own(mutex)->lock);
}

void cv_os_wait(struct cv_os_mutex *mutex)
{
	(void)SleepConditionVariableSRW(&own(mutex)->changed, &own(mutex)->lock, INFINITE, 0);
}

void cv_os_wake_all(struct cv_os_mutex *mutex)
{
	WakeAllConditionVariable(&own(mutex)->changed);
}
