/* SPDX-License-Identifier: MIT */
#include "os/thread.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

struct worker {
	void (*work)(void *data, unsigned number);
	void *data;
	unsigned number;
	pthread_t thread;
};

static void *run(void *data)
{
	const struct worker *worker = data;

	worker->work(worker->data, worker->number);
	return NULL;
}

/* The number of threads that were started, beside this one. */
static unsigned start(struct worker *workers, unsigned count)
{
	pthread_attr_t attr;
	sigset_t all, before;
	unsigned n = 0;

	if (pthread_attr_init(&attr) != 0)
		return 0;
	(void)pthread_attr_setstacksize(&attr, CV_OS_STACK); /* else the default: larger */
	(void)sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) == 0) {
		while (n < count &&
			pthread_create(&workers[n].thread, &attr, run, &workers[n]) == 0)
			n++;
		(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	(void)pthread_attr_destroy(&attr);
	return n;
}

void cv_os_threads(unsigned count, void (*work)(void *data, unsigned number), void *data)
{
	struct worker workers[CV_OS_THREADS_MAX - 1];
	unsigned others = count < CV_OS_THREADS_MAX ? count : CV_OS_THREADS_MAX;

	others = others > 0 ? others - 1 : 0;
	for (unsigned i = 0; i < others; i++)
		workers[i] = (struct worker){ .work = work, .data = data, .number = i + 1 };
	if (others)
		others = start(workers, others);
	work(data, 0);
	for (unsigned i = 0; i < others; i++)
		(void)pthread_join(workers[i].thread, NULL);
}

struct mutex {
	pthread_mutex_t lock;
	pthread_cond_t changed;
};
static_assert(sizeof(struct mutex) <= sizeof(struct cv_os_mutex), "fits");
static_assert(_Alignof(struct mutex) <= _Alignof(struct cv_os_mutex), "is aligned");

static struct mutex *own(struct cv_os_mutex *mutex)
{
	return (struct mutex *)(void *)mutex->space;
}

/* With these attributes none of the calls below fails on a correct use. */
void cv_os_mutex_init(struct cv_os_mutex *mutex)
{
	(void)pthread_mutex_init(&own(mutex)->lock, NULL);
	(void)pthread_cond_init(&own(mutex)->changed, NULL);
}

void cv_os_mutex_done(struct cv_os_mutex *mutex)
{
	(void)pthread_cond_destroy(&own(mutex)->changed);
	(void)pthread_mutex_destroy(&own(mutex)->lock);
}

void cv_os_lock(struct cv_os_mutex *mutex)
{
	(void)pthread_mutex_lock(&own(mutex)->lock);
}

void cv_os_unlock(struct cv_os_mutex *mutex)
{
	(void)pthread_mutex_unlock(&own(mutex)->lock);
}

void cv_os_wait(struct cv_os_mutex *mutex)
{
	(void)pthread_cond_wait(&own(mutex)->changed, &own(mutex)->lock);
}

void cv_os_wake_all(struct cv_os_mutex *mutex)
{
	(void)pthread_cond_broadcast(&own(mutex)->changed);
}
