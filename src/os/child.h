/* SPDX-License-Identifier: MIT */
#ifndef CV_OS_CHILD_H
#define CV_OS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One child process, and pipes to it. Limits, messages and what to do when are in
 * interpreter/spawn.h. Results are as in os.h.
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

/* What a stream of the child is. */
enum cv_os_end {
	CV_OS_END_NULL,    /* empty to read; takes and forgets everything */
	CV_OS_END_PIPE,    /* a pipe from or to us */
	CV_OS_END_OURS,    /* our own stream of that number; NULL if that is closed */
	CV_OS_END_OUR_ERR, /* our stderr; NULL if that is closed */
};

struct cv_os_child_how {
	const char *const *argv; /* argv[0] is a path; PATH is not searched */
	const char *const *envp; /* all of its environment; NULL: none */
	const char *dir;         /* its current directory; NULL: ours */
	enum cv_os_end end[CV_OS_STREAMS];
	/*
	 * The child leads a process group: cv_os_child_kill() ends what it has started, too, and a
	 * key like ^C at the terminal does not reach it. It has the default signal mask and
	 * dispositions. False: it belongs to our group, can read the terminal, and ignores SIGHUP,
	 * SIGINT and SIGQUIT if we do.
	 */
	bool own_group;
	bool no_watch; /* as on a system where only asking tells whether it has ended: for tests */
};

struct cv_os_child {
	intptr_t process, stream[CV_OS_STREAMS], watch; /* for os/ alone; 0: none */
	bool own_group;
};

/*
 * Start it. It inherits its three streams and nothing else of what we have open. *RET is none of
 * all on failure. -ENOENT, -EACCES, -ENOEXEC, ... of argv[0], or of the program in its "#!" line;
 * or of `dir`.
 */
int cv_os_child_start(const struct cv_os_child_how *how, struct cv_os_child *ret);

/* Has it ended? 1, 0, or -errno. What it wrote may still be in the pipes. */
int cv_os_child_ended(const struct cv_os_child *child);

/*
 * Wait until a pipe can be read or written without waiting (the bits of these streams), the child
 * has ended or a signal has come (0), or MS milliseconds are over (0). May return earlier.
 */
int cv_os_child_wait(const struct cv_os_child *child, int ms);

/* Have we a pipe there that is not closed? */
static inline bool cv_os_child_has(const struct cv_os_child *child, enum cv_os_stream stream)
{
	return child->stream[stream] != 0;
}

/* Never waits. The number of bytes; 0: the end, and the pipe is closed; -EAGAIN: nothing for now.
 */
int64_t cv_os_child_read(
	struct cv_os_child *child, enum cv_os_stream stream, void *ret, size_t room);
/* To CV_OS_IN. The number of bytes taken; -EAGAIN; -EPIPE: the child does not read it any more. */
int64_t cv_os_child_write(struct cv_os_child *child, const void *data, size_t n);
void cv_os_child_close(struct cv_os_child *child, enum cv_os_stream stream);

/* Ask it to end, as ^C does: the child alone, not its group. */
void cv_os_child_interrupt(const struct cv_os_child *child);
/* End it; with its group if it has one of its own. */
void cv_os_child_kill(const struct cv_os_child *child);
/*
 * Wait for its end, and forget it: all pipes are closed. Its exit status; or minus the number of
 * the signal that killed it.
 */
int cv_os_child_reap(struct cv_os_child *child);

/* Number of the signal that ^C at a terminal sends. */
enum { CV_OS_SIGINT = 2 };

#endif
