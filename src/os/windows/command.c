/* SPDX-License-Identifier: MIT */
#include "os/command.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nt.h"
#include "os/child.h"
#include "os/process.h"
#include "text.h"

static_assert(CV_OS_SIGINT == SIGINT, "on every system");

enum {
	STREAMS = 3,
	NAME_ROOM = 1024, /* of the pipes of terminals, and of programs */
};

/* The C library has no header for these: main() of a wide program is called with their result. */
struct start_up {
	int new_mode;
};
extern int __cdecl __wgetmainargs(
	int *argc, wchar_t ***argv, wchar_t ***env, int expand, struct start_up *how);
int _dowildcard = 0; /* the arguments of main() are replaced: nothing in them to be expanded */

static struct cv_arena arena; /* never freed */
static const char *const *environment;

/* --- programs ---------------------------------------------------------------------------- */

const char *cv_os_program_path(void)
{
	return NULL; /* nothing needs it there */
}

int cv_os_exec(const char *path, char *const *argv)
{
	(void)path;
	(void)argv;
	return -ENOSYS; /* the C library's exec ends this process before the program does */
}

int cv_os_put_variable(char *pair)
{
	(void)pair;
	return -ENOSYS;
}

/* --- arguments and variables ------------------------------------------------------------- */

/* A list of malloc'd texts that lives as long as the process. */
static int to_list(wchar_t *const *from, size_t count, char ***ret)
{
	char **list = calloc(count + 1, sizeof(*list));
	int rc = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = cv_nt_utf8(from[i], &list[i]);
	*ret = list;
	return rc;
}

static int read_arguments(int *argc, char ***argv)
{
	struct start_up how = { 0 };
	wchar_t **wide, **unused;
	int n;

	if (__wgetmainargs(&n, &wide, &unused, 0, &how) < 0)
		return -ENOMEM;
	*argc = n;
	return to_list(wide, (size_t)n, argv);
}

const char *const *cv_os_environ(void)
{
	return environment;
}

/* --- consoles ---------------------------------------------------------------------------- */

/* What to restore at the end, since the console outlives this process. */
static struct {
	UINT code_page; /* 0: unchanged */
	DWORD mode[STREAMS];
	bool changed[STREAMS];
} console;

static HANDLE handle_of(enum cv_os_std stream)
{
	static const DWORD std[STREAMS] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };

	return GetStdHandle(std[stream]);
}

static bool is_console(enum cv_os_std stream, DWORD *ret_mode)
{
	return GetConsoleMode(handle_of(stream), ret_mode);
}

static void restore_console(void)
{
	(void)fflush(stderr); /* exit() would do that too late */
	if (console.code_page)
		(void)SetConsoleOutputCP(console.code_page);
	console.code_page = 0;
	for (enum cv_os_std s = CV_OS_STDOUT; s <= CV_OS_STDERR; s++)
		if (console.changed[s])
			(void)SetConsoleMode(handle_of(s), console.mode[s]);
}

static void prepare_console(enum cv_os_std stream)
{
	UINT code_page = GetConsoleOutputCP();
	DWORD mode;

	if (!is_console(stream, &mode))
		return;
	if (code_page && code_page != CP_UTF8 && SetConsoleOutputCP(CP_UTF8))
		console.code_page = code_page;
	if (!(mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) &&
		SetConsoleMode(handle_of(stream),
			mode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING)) {
		console.mode[stream] = mode;
		console.changed[stream] = true;
	}
}

/* A terminal of MSYS2 or Cygwin (Git Bash): a pipe with the name of a pseudo terminal. */
static bool is_pty(enum cv_os_std stream)
{
	static const wchar_t *const starts[] = { L"\\msys-", L"\\cygwin-" };
	union {
		FILE_NAME_INFO info;
		char room[sizeof(FILE_NAME_INFO) + NAME_ROOM * sizeof(wchar_t)];
	} name = { 0 };
	HANDLE h = handle_of(stream);

	if (GetFileType(h) != FILE_TYPE_PIPE || !GetFileInformationByHandleEx(h, FileNameInfo,
							&name, sizeof(name) - sizeof(wchar_t)))
		return false;
	for (int i = 0; i < 2; i++)
		if (wcsncmp(name.info.FileName, starts[i], wcslen(starts[i])) == 0)
			return wcsstr(name.info.FileName, L"-pty");
	return false;
}

bool cv_os_is_terminal(enum cv_os_std stream)
{
	DWORD mode;

	return is_console(stream, &mode) || is_pty(stream);
}

bool cv_os_has_escapes(enum cv_os_std stream)
{
	DWORD mode;

	if (is_console(stream, &mode))
		return mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING;
	return is_pty(stream);
}

/* Without a buffer, stdio writes single bytes, but a console wants whole characters. */
static void buffer_stderr(void)
{
	static char buffer[BUFSIZ];

	(void)setvbuf(stderr, buffer, _IOFBF, sizeof(buffer));
}

int cv_os_begin_command(int *argc, char ***argv)
{
	int rc = read_arguments(argc, argv);

	if (rc == 0)
		rc = cv_os_copy_environ(&arena, &environment);
	if (rc < 0)
		return rc;
	/* also for what the system's own libraries load */
	(void)SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
	/* no window with "there is no disk in the drive", here or in children */
	(void)SetErrorMode(GetErrorMode() | SEM_FAILCRITICALERRORS);
	(void)_setmode(STDOUT_FILENO, _O_BINARY);
	(void)_setmode(STDERR_FILENO, _O_BINARY);
	buffer_stderr();
	(void)atexit(restore_console);
	prepare_console(CV_OS_STDOUT);
	prepare_console(CV_OS_STDERR);
	return 0;
}

/* --- signals ----------------------------------------------------------------------------- */

static volatile int caught;
static volatile bool leaves_interrupts; /* ^C is not for this process */

/*
 * In a thread of its own. The system ends the process when this returns for the events of the last
 * kind, or after some seconds: main() ends it, when it has cleaned up.
 */
static BOOL WINAPI on_event(DWORD event)
{
	if (event == CTRL_C_EVENT && leaves_interrupts)
		return TRUE;
	caught = event == CTRL_C_EVENT ? SIGINT : event == CTRL_BREAK_EVENT ? SIGBREAK : SIGTERM;
	if (caught == SIGTERM)
		Sleep(INFINITE);
	return TRUE;
}

/* A process that ignores ^C, as its parent may have decided, gets no such event. */
const volatile int *cv_os_catch_signals(bool *ret_pipe_ignored)
{
	(void)SetConsoleCtrlHandler(on_event, TRUE);
	*ret_pipe_ignored = false;
	return &caught;
}

void cv_os_leave_interrupts(void)
{
	leaves_interrupts = true;
}

bool cv_os_stdin_is_closed(void)
{
	return !PeekNamedPipe(GetStdHandle(STD_INPUT_HANDLE), NULL, 0, NULL, NULL, NULL) &&
	       GetLastError() == ERROR_BROKEN_PIPE;
}

/*
 * To the C library a closed pipe is EINVAL, and a failed write empties the buffer, so that the next
 * one tells nothing.
 */
int cv_os_stdout_errno(void)
{
	int code = errno;

	if (code && code != EINVAL)
		return code;
	return GetFileType(handle_of(CV_OS_STDOUT)) == FILE_TYPE_PIPE ? EPIPE : EIO;
}

/* cmd asks by the status of a ^C whether to end the batch file, too. */
void cv_os_die_of_signal(int sig)
{
	restore_console();
	ExitProcess(sig == CV_OS_SIGPIPE ? EXIT_FAILURE : (UINT)STATUS_CONTROL_C_EXIT);
}

/* --- processes --------------------------------------------------------------------------- */

bool cv_os_has_foreign_privileges(void)
{
	return false;
}

static HANDLE open_parent(void)
{
	PROCESS_BASIC_INFORMATION info;

	if (NtQueryInformationProcess(
		    GetCurrentProcess(), ProcessBasicInformation, &info, sizeof(info), NULL) < 0)
		return NULL;
	return OpenProcess(
		PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)info.InheritedFromUniqueProcessId);
}

bool cv_os_parent_name(char *ret, size_t room)
{
	HANDLE parent = open_parent();
	wchar_t path[NAME_ROOM], *name;
	DWORD n = NAME_ROOM;
	bool known = parent && QueryFullProcessImageNameW(parent, 0, path, &n);
	size_t len;

	if (parent)
		(void)CloseHandle(parent);
	if (!known)
		return false;
	name = wcsrchr(path, L'\\');
	name = name ? name + 1 : path;
	for (len = 0; name[len]; len++)
		if (name[len] >= L'A' && name[len] <= L'Z')
			name[len] += L'a' - L'A';
	if (len > 4 && wcscmp(name + len - 4, L".exe") == 0)
		len -= 4;
	return cv_nt_to_utf8(name, len, ret, room) > 0;
}

unsigned cv_os_processors(void)
{
	DWORD n = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);

	return n < 1 ? 1 : n;
}

int cv_os_begin_background(void)
{
	return -ENOTSUP;
}

void cv_os_end_background(void)
{
	_exit(0);
}
