/* SPDX-License-Identifier: MIT */
#include "os/child.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command_line.h"
#include "nt.h"
#include "os/process.h"

/*
 * Our end of a pipe is overlapped, the child's is not. One transfer is always under way where there
 * is nothing to do for the caller: a read into `buf`, or a write of what the caller gave us.
 */
enum {
	PIPE_BYTES = 16 * 1024,
	NAME_ROOM = 64,
	SHORT_PATH_MAX = 247, /* longer ones need "\\?\" */
	ATTRIBUTES = 2,       /* handles, job */
	SIGKILL_NUMBER = 9,
	SIGSEGV_NUMBER = 11,
};

static const DWORD exit_killed = 0xe0000000 | SIGKILL_NUMBER; /* a status of our own */

struct pipe {
	HANDLE handle, event;
	OVERLAPPED overlapped;
	bool pending;
	DWORD error;
	DWORD at, n; /* of an output of the child: buf[at] to buf[n - 1] are not read yet */
	char buf[PIPE_BYTES];
};

/* What `watch` points to. */
struct state {
	HANDLE job;        /* NULL without own_group */
	struct pipe *rest; /* a closed CV_OS_IN whose last write is still under way */
};

static struct pipe *pipe_of(const struct cv_os_child *child, enum cv_os_stream stream)
{
	return (struct pipe *)child->stream[stream];
}

static struct state *state_of(const struct cv_os_child *child)
{
	return (struct state *)child->watch;
}

static void close_handle(HANDLE h)
{
	if (h && h != INVALID_HANDLE_VALUE)
		(void)CloseHandle(h);
}

/* The system must not write to the memory of a pipe that is gone: wait for the cancelled call. */
static void free_pipe(struct pipe *p)
{
	DWORD n;

	if (!p)
		return;
	if (p->pending &&
		(CancelIoEx(p->handle, &p->overlapped) || GetLastError() == ERROR_NOT_FOUND))
		(void)GetOverlappedResult(p->handle, &p->overlapped, &n, TRUE);
	close_handle(p->handle);
	close_handle(p->event);
	free(p);
}

/* Is nothing under way any more? Then `error` and `n` are its result. */
static bool settled(struct pipe *p)
{
	if (!p->pending)
		return true;
	if (WaitForSingleObject(p->event, 0) != WAIT_OBJECT_0)
		return false;
	p->pending = false;
	p->error = 0;
	if (!GetOverlappedResult(p->handle, &p->overlapped, &p->n, FALSE))
		p->error = GetLastError();
	return true;
}

static void began(struct pipe *p, BOOL done)
{
	DWORD error = done ? 0 : GetLastError();

	p->pending = done || error == ERROR_IO_PENDING;
	p->error = p->pending ? 0 : error;
}

static void begin_read(struct pipe *p)
{
	p->overlapped = (OVERLAPPED){ .hEvent = p->event };
	p->at = p->n = 0;
	began(p, ReadFile(p->handle, p->buf, sizeof(p->buf), NULL, &p->overlapped));
}

static bool is_end(DWORD error)
{
	return error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF || error == ERROR_NO_DATA ||
	       error == ERROR_PIPE_NOT_CONNECTED;
}

/* --- starting ---------------------------------------------------------------------------- */

struct launch {
	HANDLE end[CV_OS_STREAMS]; /* of the child; inheritable */
	HANDLE job;
	WCHAR *program, *line, *dir, *env;
	LPPROC_THREAD_ATTRIBUTE_LIST attributes;
};

static int last_error(void)
{
	return cv_nt_win32_error(GetLastError());
}

static SECURITY_ATTRIBUTES inheritable(void)
{
	return (SECURITY_ATTRIBUTES){ .nLength = sizeof(SECURITY_ATTRIBUTES),
		.bInheritHandle = TRUE };
}

/* Nobody can guess the name, and it is ours alone. */
static int make_pipe(enum cv_os_stream stream, HANDLE *ret_childs, struct pipe **ret)
{
	bool in = stream == CV_OS_IN;
	SECURITY_ATTRIBUTES attributes = inheritable();
	WCHAR name[NAME_ROOM];
	struct pipe *p;
	uint64_t random[2];

	if (!cv_os_random(random, sizeof(random)))
		return -EIO;
	*ret = p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	(void)swprintf(name, NAME_ROOM, L"\\\\.\\pipe\\cvenv-%016llx%016llx",
		(unsigned long long)random[0], (unsigned long long)random[1]);
	p->event = CreateEventW(NULL, TRUE, FALSE, NULL);
	if (!p->event)
		return last_error();
	p->handle = CreateNamedPipeW(name,
		(in ? PIPE_ACCESS_OUTBOUND : PIPE_ACCESS_INBOUND) | FILE_FLAG_OVERLAPPED |
			FILE_FLAG_FIRST_PIPE_INSTANCE,
		PIPE_TYPE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS, 1, PIPE_BYTES, PIPE_BYTES,
		0, NULL);
	if (p->handle == INVALID_HANDLE_VALUE)
		return last_error();
	*ret_childs = CreateFileW(
		name, in ? GENERIC_READ : GENERIC_WRITE, 0, &attributes, OPEN_EXISTING, 0, NULL);
	if (*ret_childs == INVALID_HANDLE_VALUE)
		return last_error();
	if (!in)
		begin_read(p);
	return 0;
}

static int open_null(enum cv_os_stream stream, HANDLE *ret)
{
	SECURITY_ATTRIBUTES attributes = inheritable();

	*ret = CreateFileW(L"NUL", stream == CV_OS_IN ? GENERIC_READ : GENERIC_WRITE,
		FILE_SHARE_READ | FILE_SHARE_WRITE, &attributes, OPEN_EXISTING, 0, NULL);
	return *ret == INVALID_HANDLE_VALUE ? last_error() : 0;
}

static int duplicate(DWORD std, enum cv_os_stream stream, HANDLE *ret)
{
	HANDLE ours = GetStdHandle(std), self = GetCurrentProcess();

	if (!ours || ours == INVALID_HANDLE_VALUE ||
		!DuplicateHandle(self, ours, self, ret, 0, TRUE, DUPLICATE_SAME_ACCESS))
		return open_null(stream, ret); /* ours is closed */
	return 0;
}

static int make_end(const struct cv_os_child_how *how, enum cv_os_stream stream,
	struct cv_os_child *c, HANDLE *ret)
{
	static const DWORD std[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
	struct pipe *p = NULL;
	int rc;

	switch (how->end[stream]) {
	case CV_OS_END_PIPE:
		rc = make_pipe(stream, ret, &p);
		c->stream[stream] = (intptr_t)p;
		return rc;
	case CV_OS_END_OURS:
		return duplicate(std[stream], stream, ret);
	case CV_OS_END_OUR_ERR:
		return duplicate(STD_ERROR_HANDLE, stream, ret);
	default:
		return open_null(stream, ret);
	}
}

/* Its processes die with us. */
static int make_job(HANDLE *ret)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
		.BasicLimitInformation = { .LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE }
	};

	*ret = CreateJobObjectW(NULL, NULL);
	if (!*ret || !SetInformationJobObject(
			     *ret, JobObjectExtendedLimitInformation, &limits, sizeof(limits)))
		return last_error();
	return 0;
}

/* The processes that the child has left live on. */
static void drop_job(HANDLE job)
{
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION none = { 0 };

	if (job)
		(void)SetInformationJobObject(
			job, JobObjectExtendedLimitInformation, &none, sizeof(none));
	close_handle(job);
}

static int make_attributes(struct launch *l)
{
	SIZE_T size = 0;

	(void)InitializeProcThreadAttributeList(NULL, ATTRIBUTES, 0, &size);
	l->attributes = calloc(1, size);
	if (!l->attributes)
		return -ENOMEM;
	if (!InitializeProcThreadAttributeList(l->attributes, ATTRIBUTES, 0, &size) ||
		!UpdateProcThreadAttribute(l->attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
			l->end, sizeof(l->end), NULL, NULL))
		return last_error();
	if (l->job && !UpdateProcThreadAttribute(l->attributes, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST,
			      &l->job, sizeof(l->job), NULL, NULL))
		return last_error();
	return 0;
}

/*
 * PATH for calls that take no name relative to a directory. Only a long one gets the prefix that
 * lifts their limit: the child would see it in its own name.
 */
static int win32_path(const char *path, WCHAR **ret)
{
	static const WCHAR native[] = L"\\??\\", share[] = L"\\??\\UNC\\";
	OWN_NT_NAME struct cv_nt_name name = { .heap = NULL };
	size_t skip, n;
	int rc = cv_nt_name(&name, CV_OS_ABSOLUTE, path);

	if (rc < 0)
		return rc;
	n = name.text.Length / sizeof(WCHAR);
	skip = n - wcslen(native) > SHORT_PATH_MAX ? 0 : wcslen(native);
	if (skip && n > wcslen(share) && wcsncmp(name.text.Buffer, share, wcslen(share)) == 0)
		skip = wcslen(share) - 2;
	*ret = calloc(n - skip + 1, sizeof(WCHAR));
	if (!*ret)
		return -ENOMEM;
	memcpy(*ret, name.text.Buffer + skip, (n - skip) * sizeof(WCHAR));
	if (skip != wcslen(native))
		(*ret)[skip ? 0 : 1] = L'\\'; /* "\\?\", or "\\" of a share */
	return 0;
}

/*
 * cmd would run a batch file, and read its arguments by rules of its own, which nobody can quote
 * for. CreateProcess() ignores dots and spaces at the end of the name.
 */
static bool is_batch(const WCHAR *program)
{
	size_t n = wcslen(program);

	while (n && (program[n - 1] == L'.' || program[n - 1] == L' '))
		n--;
	return n >= 4 && (_wcsnicmp(program + n - 4, L".bat", 4) == 0 ||
				 _wcsnicmp(program + n - 4, L".cmd", 4) == 0);
}

static int make_texts(const struct cv_os_child_how *how, struct launch *l)
{
	int rc = win32_path(how->argv[0], &l->program);

	if (rc == 0 && is_batch(l->program))
		return -ENOEXEC;
	if (rc == 0 && how->dir)
		rc = win32_path(how->dir, &l->dir);
	if (rc == 0)
		rc = cv_nt_command_line(how->argv, &l->line);
	return rc == 0 ? cv_nt_environment(how->envp, &l->env) : rc;
}

/* "The directory name is invalid" is what the system says of `dir`, whatever is wrong with it. */
static int start_error(const struct launch *l)
{
	DWORD error = GetLastError();

	if (error == ERROR_DIRECTORY && l->dir &&
		GetFileAttributesW(l->dir) == INVALID_FILE_ATTRIBUTES)
		error = GetLastError();
	return cv_nt_win32_error(error);
}

/*
 * Without CREATE_NO_WINDOW, a console program that has no console from its parent opens a window.
 */
static int launch(const struct cv_os_child_how *how, struct launch *l, intptr_t *ret)
{
	bool apart = how->own_group || GetConsoleCP() == 0;
	DWORD flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT |
		      (apart ? CREATE_NO_WINDOW : 0) |
		      (how->own_group ? CREATE_NEW_PROCESS_GROUP : 0);
	STARTUPINFOEXW si = { .StartupInfo = { .cb = sizeof(si),
				      .dwFlags = STARTF_USESTDHANDLES,
				      .hStdInput = l->end[CV_OS_IN],
				      .hStdOutput = l->end[CV_OS_OUT],
				      .hStdError = l->end[CV_OS_ERR] },
		.lpAttributeList = l->attributes };
	PROCESS_INFORMATION pi;

	if (!CreateProcessW(l->program, l->line, NULL, NULL, TRUE, flags, l->env, l->dir,
		    &si.StartupInfo, &pi))
		return start_error(l);
	close_handle(pi.hThread);
	*ret = (intptr_t)pi.hProcess;
	return 0;
}

static void end_launch(struct launch *l)
{
	for (int i = 0; i < CV_OS_STREAMS; i++)
		close_handle(l->end[i]);
	free(l->attributes);
	free(l->program);
	free(l->line);
	free(l->dir);
	free(l->env);
}

static void close_all(struct cv_os_child *c)
{
	struct state *state = state_of(c);

	for (int i = 0; i < CV_OS_STREAMS; i++)
		free_pipe(pipe_of(c, (enum cv_os_stream)i));
	if (state) {
		free_pipe(state->rest);
		drop_job(state->job);
		free(state);
	}
	close_handle((HANDLE)c->process);
	*c = (struct cv_os_child){ 0 };
}

int cv_os_child_start(const struct cv_os_child_how *how, struct cv_os_child *ret)
{
	struct cv_os_child c = { .own_group = how->own_group };
	struct state *state = calloc(1, sizeof(*state));
	struct launch l = { 0 };
	int rc = state ? make_texts(how, &l) : -ENOMEM;

	c.watch = (intptr_t)state;
	for (int i = 0; i < CV_OS_STREAMS && rc == 0; i++)
		rc = make_end(how, (enum cv_os_stream)i, &c, &l.end[i]);
	if (rc == 0 && how->own_group)
		rc = make_job(&state->job);
	if (rc == 0) {
		l.job = state->job;
		rc = make_attributes(&l);
	}
	if (rc == 0)
		rc = launch(how, &l, &c.process);
	end_launch(&l);
	if (rc < 0)
		close_all(&c);
	*ret = c;
	return rc;
}

/* --- a running child --------------------------------------------------------------------- */

int cv_os_child_ended(const struct cv_os_child *child)
{
	return WaitForSingleObject((HANDLE)child->process, 0) == WAIT_OBJECT_0;
}

static int ready_streams(const struct cv_os_child *child)
{
	int ready = 0;

	for (int i = 0; i < CV_OS_STREAMS; i++) {
		struct pipe *p = pipe_of(child, (enum cv_os_stream)i);

		if (p && settled(p))
			ready |= CV_OS_BIT(i);
	}
	return ready;
}

/* What was closed too early reaches the child, and then its end. */
static void finish_rest(struct state *state)
{
	if (!state->rest || !settled(state->rest))
		return;
	free_pipe(state->rest);
	state->rest = NULL;
}

int cv_os_child_wait(const struct cv_os_child *child, int ms)
{
	HANDLE wait[CV_OS_STREAMS + 2] = { (HANDLE)child->process };
	struct state *state = state_of(child);
	int ready = ready_streams(child);
	DWORD n = 1;

	finish_rest(state);
	if (ready)
		return ready;
	for (int i = 0; i < CV_OS_STREAMS; i++)
		if (child->stream[i])
			wait[n++] = pipe_of(child, (enum cv_os_stream)i)->event;
	if (state->rest)
		wait[n++] = state->rest->event;
	if (WaitForMultipleObjects(n, wait, FALSE, (DWORD)ms) == WAIT_FAILED)
		return last_error();
	finish_rest(state);
	return ready_streams(child);
}

int64_t cv_os_child_read(
	struct cv_os_child *child, enum cv_os_stream stream, void *ret, size_t room)
{
	struct pipe *p = pipe_of(child, stream);
	DWORD n;

	if (!settled(p))
		return -EAGAIN;
	while (p->at == p->n && !p->error) { /* the child wrote nothing into it */
		begin_read(p);
		if (!settled(p))
			return -EAGAIN;
	}
	if (is_end(p->error)) {
		cv_os_child_close(child, stream);
		return 0;
	}
	if (p->error)
		return cv_nt_win32_error(p->error);
	n = p->n - p->at < room ? p->n - p->at : (DWORD)room;
	memcpy(ret, p->buf + p->at, n);
	p->at += n;
	if (p->at == p->n)
		begin_read(p);
	return n;
}

int64_t cv_os_child_write(struct cv_os_child *child, const void *data, size_t n)
{
	struct pipe *p = pipe_of(child, CV_OS_IN);
	DWORD part = n < sizeof(p->buf) ? (DWORD)n : (DWORD)sizeof(p->buf);

	if (!settled(p))
		return -EAGAIN;
	if (!p->error) {
		memcpy(p->buf, data, part);
		p->overlapped = (OVERLAPPED){ .hEvent = p->event };
		began(p, WriteFile(p->handle, p->buf, part, NULL, &p->overlapped));
	}
	if (is_end(p->error))
		return -EPIPE;
	return p->error ? cv_nt_win32_error(p->error) : (int64_t)part;
}

void cv_os_child_close(struct cv_os_child *child, enum cv_os_stream stream)
{
	struct pipe *p = pipe_of(child, stream);

	if (p && stream == CV_OS_IN && !settled(p))
		state_of(child)->rest = p;
	else
		free_pipe(p);
	child->stream[stream] = 0;
}

/* A child of our console got the event when we got it. */
void cv_os_child_interrupt(const struct cv_os_child *child)
{
	(void)child;
}

void cv_os_child_kill(const struct cv_os_child *child)
{
	if (state_of(child)->job)
		(void)TerminateJobObject(state_of(child)->job, exit_killed);
	(void)TerminateProcess((HANDLE)child->process, exit_killed);
}

/* Other exceptions keep their number, which is below that of any signal. */
static int status_of(DWORD code)
{
	switch (code) {
	case STATUS_CONTROL_C_EXIT:
		return -CV_OS_SIGINT;
	case STATUS_ACCESS_VIOLATION:
	case STATUS_STACK_OVERFLOW:
		return -SIGSEGV_NUMBER;
	default:
		return code == exit_killed ? -SIGKILL_NUMBER : (int)code;
	}
}

int cv_os_child_reap(struct cv_os_child *child)
{
	DWORD code = 0;

	(void)WaitForSingleObject((HANDLE)child->process, INFINITE);
	(void)GetExitCodeProcess((HANDLE)child->process, &code);
	close_all(child);
	return status_of(code);
}
