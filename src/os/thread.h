/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_THREAD_H
#define CV_OS_THREAD_H

/*
 * Threads for work that only reads, such as a search below many directories. They end before the
 * call that started them returns, so the library never leaves one behind.
 *
 * Workers have no stack for large arrays (CV_OS_STACK), and each has its own arena and its own
 * struct cvenv_error. Only number 0 may call the callbacks of ctx, because the host expects them in
 * its own thread. All signals are blocked in the others, so that handlers run in the host's
 * threads.
 */
enum {
	CV_OS_THREADS_MAX = 64,
	CV_OS_STACK = 512 << 10,
};

/*
 * Run WORK in COUNT threads, at most CV_OS_THREADS_MAX, and wait for all. NUMBER 0 is the calling
 * thread. If a thread cannot be started, there are fewer; this is no error, so WORK must share the
 * work by a queue, and not by NUMBER.
 */
void cv_os_threads(unsigned count, void (*work)(void *data, unsigned number), void *data);

/* A lock with a condition to wait for. Initialise it before the threads start. */
struct cv_os_mutex {
	_Alignas(16) char space[128]; /* of the back end */
};
void cv_os_mutex_init(struct cv_os_mutex *mutex);
void cv_os_mutex_done(struct cv_os_mutex *mutex);

void cv_os_lock(struct cv_os_mutex *mutex);
void cv_os_unlock(struct cv_os_mutex *mutex);
/*
 * Unlock MUTEX, wait for cv_os_wake_all(), and lock it again. It may return early: check the
 * condition in a loop.
 */
void cv_os_wait(struct cv_os_mutex *mutex);
void cv_os_wake_all(struct cv_os_mutex *mutex);

#endif
