/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_CHILD_H
#define CV_OS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A child process and the pipes to it. Limits, timeouts and messages are in interpreter/spawn.h.
 * Results are as in os.h.
 *
 *	rc = cv_os_child_start(&how, &child);
 *	while (rc >= 0 && !cv_os_child_ended(&child)) {
 *		rc = cv_os_child_wait(&child, 100);
 *		if (rc > 0 && rc & CV_OS_BIT(CV_OS_OUT))
 *			n = cv_os_child_read(&child, CV_OS_OUT, buf, sizeof(buf));
 *	}
 *	if (rc < 0)
 *		cv_os_child_kill(&child);
 *	status = cv_os_child_reap(&child);
 */
enum cv_os_stream { CV_OS_IN, CV_OS_OUT, CV_OS_ERR, CV_OS_STREAMS };

#define CV_OS_BIT(stream) (1 << (stream))

/* What a stream of the child is connected to. */
enum cv_os_end {
	CV_OS_END_NULL,    /* the null device */
	CV_OS_END_PIPE,    /* a pipe to this process */
	CV_OS_END_OURS,    /* the same stream of this process; the null device if that is closed */
	CV_OS_END_OUR_ERR, /* stderr of this process; the null device if that is closed */
};

struct cv_os_child_how {
	const char *const *argv; /* argv[0] is a path; PATH is not searched */
	const char *const *envp; /* the whole environment; NULL: empty */
	const char *dir;         /* current directory; NULL: that of this process */
	enum cv_os_end end[CV_OS_STREAMS];
	/*
	 * True: the child leads a new process group. cv_os_child_kill() then kills its children
	 * too, and ^C at the terminal does not reach it. False: the child stays in our group, can
	 * read the terminal, and ignores SIGHUP, SIGINT and SIGQUIT if we do. All other signals
	 * have the default disposition, and none is blocked. On Windows, a group is a job, and the
	 * child has a console of its own without a window.
	 */
	bool own_group;
	bool no_watch; /* for tests: poll for the end of the child, as old kernels require */
};

struct cv_os_child {
	intptr_t process, stream[CV_OS_STREAMS], watch; /* only os/ reads them; 0: none */
	bool own_group;
};

/*
 * Start a child. It inherits its three streams, and no handle. -ENOENT, -EACCES, -ENOEXEC and
 * others concern argv[0], the program in its "#!" line, or `dir`. -ENOEXEC for a batch file.
 */
int cv_os_child_start(const struct cv_os_child_how *how, struct cv_os_child *ret);

/* 1 if it has ended, 0 if it runs, -errno. The pipes may still contain its output. */
int cv_os_child_ended(const struct cv_os_child *child);

/*
 * Wait until a pipe is ready, the child has ended, a signal has arrived, or MS milliseconds have
 * passed. Returns CV_OS_BIT()s of the streams that are ready. May return early.
 */
int cv_os_child_wait(const struct cv_os_child *child, int ms);

/* Is there an open pipe to this stream? */
static inline bool cv_os_child_has(const struct cv_os_child *child, enum cv_os_stream stream)
{
	return child->stream[stream] != 0;
}

/* Never waits. The number of bytes read; 0: end of file, and the pipe is closed; -EAGAIN. */
int64_t cv_os_child_read(
	struct cv_os_child *child, enum cv_os_stream stream, void *ret, size_t room);
/* To CV_OS_IN; never waits. The number of bytes written; -EAGAIN; -EPIPE: nobody reads it. */
int64_t cv_os_child_write(struct cv_os_child *child, const void *data, size_t n);
void cv_os_child_close(struct cv_os_child *child, enum cv_os_stream stream);

/*
 * Interrupt the child, as ^C does; not its group. Does nothing on Windows, where a child of our
 * console receives what we receive.
 */
void cv_os_child_interrupt(const struct cv_os_child *child);
/* Kill the child, and its group if it has its own. */
void cv_os_child_kill(const struct cv_os_child *child);
/*
 * Wait for the end of the child and close all pipes. Returns its exit status, or minus the number
 * of the signal that killed it. On Windows, a value below -CV_OS_SIGNAL_MAX is the code of an
 * exception ("status 0xc0000135").
 */
int cv_os_child_reap(struct cv_os_child *child);

/* CV_OS_SIGINT is the number of the signal that ^C sends. */
enum { CV_OS_SIGINT = 2, CV_OS_SIGNAL_MAX = 128 };

#endif
