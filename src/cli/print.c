/* SPDX-License-Identifier: MIT */
#include "cli/print.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "cli/json.h"
#include "cli/option_table.h"
#include "cli/plan.h"
#include "cli/shell.h"
#include "os/command.h"

enum { DAY_S = 24 * 60 * 60 };

size_t cv_printable(const char *s, size_t room)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	if (c < 0x20 || c == 0x7f || n > room || !cv_utf8_ok((struct cv_str){ s, n }))
		return 0;
	if (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0)
		return 0; /* C1 controls */
	return n;
}

void cv_print_safe(FILE *to, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t n = cv_printable(text, left);

		if (n)
			(void)fwrite(text, 1, n, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)text[0]);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
}

const char *cv_print_size(uint64_t bytes, char ret_text[CV_TEXT_MAX])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double n = (double)bytes / 1000;
	size_t i = 0;

	for (; n >= 999.95 && i < 3; i++)
		n /= 1000;
	if (bytes < 1000)
		(void)snprintf(ret_text, CV_TEXT_MAX, "%u bytes", (unsigned)bytes);
	else
		(void)snprintf(ret_text, CV_TEXT_MAX, "%.1f %s", n, units[i]);
	return ret_text;
}

const char *cv_print_age(int64_t now, int64_t then, char ret_text[CV_TEXT_MAX])
{
	/* as unsigned numbers, because a file can have any time */
	uint64_t days = then > now ? 0 : ((uint64_t)now - (uint64_t)then) / DAY_S;

	if (then > now && (uint64_t)then - (uint64_t)now >= DAY_S)
		(void)snprintf(ret_text, CV_TEXT_MAX, "dated in the future");
	else if (days == 0)
		(void)snprintf(ret_text, CV_TEXT_MAX, "today");
	else
		(void)snprintf(
			ret_text, CV_TEXT_MAX, "%" PRIu64 " day%s ago", days, days == 1 ? "" : "s");
	return ret_text;
}

const char *cv_print_count(uint64_t count, char ret_text[CV_TEXT_MAX])
{
	char digits[CV_TEXT_MAX], *to = ret_text;
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return ret_text;
}

void cv_print_error(const char *message, const char *hint)
{
	fputs("cvenv: error: ", stderr);
	cv_print_safe(stderr, message);
	if (hint[0]) {
		fputs(" (", stderr);
		cv_print_safe(stderr, hint);
		fputs(")", stderr);
	}
	fputs("\n", stderr);
}

/* Will the old content be deleted before the entries of the plan are created? */
static bool clears(const struct cvenv_result *r, const struct cv_options *o)
{
	return o->library.clear && r->before != CVENV_BEFORE_NOTHING;
}

void cv_print_json(FILE *to, const struct cvenv *session, const struct cvenv_result *r,
	double duration_ms, const struct cv_options *o)
{
	putc('{', to);
	cv_json_member(to, "path", r->path);
	cv_json_member(to, "action", cv_print_action(r, o));
	cv_json_member(to, "python", r->python);
	cv_json_member(to, "version", r->version);
	cv_json_member(to, "implementation", r->implementation);
	cv_json_member(to, "python_source", r->python_source);
	cv_json_member(to, "home", r->home);
	cv_json_member(to, "bin", r->bin);
	cv_json_member(to, "site_packages", r->site_packages);
	cv_json_member(to, "prompt", r->prompt);
	cv_json_packages(to, r);
	cv_json_member(to, "link_mode", cv_link_mode_name(r->link_mode));
	cv_json_or_null(to, "redirect", r->redirect);
	cv_plan_json_end(to, session, duration_ms, o->dry_run, clears(r, o));
}

void cv_print_plan(FILE *to, const struct cvenv *session, const struct cvenv_result *r,
	const struct cv_options *o)
{
	struct cvenv_entry e = { .size = sizeof(e) };
	bool trees = false;
	size_t count = 0;

	for (; cvenv_plan_entry(session, count, &e); count++)
		trees |= e.kind == CVENV_ENTRY_TREE;
	cv_print_safe(to, r->path);
	fprintf(to, " (to be %s%s%s", cv_print_action(r, o), trees ? ", link mode " : "",
		trees ? cv_link_mode_name(r->link_mode) : "");
	if (r->redirect) {
		fputs(", redirect file ", to);
		cv_print_safe(to, r->redirect);
	}
	fputs("):\n", to);
	if (clears(r, o))
		fputs("  clear   .  (its whole content)\n", to);
	cv_plan_print(to, session);
	if (o->library.upgrade_deps)
		fputs("  run     pip install --upgrade\n", to);
	else if (count == 0 && !clears(r, o))
		fputs("  nothing to change\n", to);
}

void cv_print_begin(void)
{
	static char buffer[64 * 1024];

	(void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

int cv_print_flush(const char *done, struct cvenv_error *error)
{
	bool failed = ferror(stdout); /* an earlier write of a full buffer failed */
	int code;

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return 0;
	code = cv_os_stdout_errno();
	clearerr(stdout);
	error->code = code == EPIPE && !done ? CV_STDOUT_CLOSED : code;
	error->hint[0] = '\0';
	(void)snprintf(error->message, sizeof(error->message), "%s%scannot write to stdout: %s",
		done ? done : "", done ? ", but " : "", strerror(code));
	return -1;
}

void cv_print_failure(const struct cv_options *o, const char *path, const struct cvenv_error *error)
{
	struct cvenv_error ignored;

	if (!o->json || error->code == CVENV_EUSAGE || error->code == CV_STDOUT_CLOSED)
		return;
	cv_json_failure(stdout, path, error);
	(void)cv_print_flush(NULL, &ignored);
}

const char *cv_print_action(const struct cvenv_result *r, const struct cv_options *o)
{
	if (clears(r, o))
		return "recreated";
	if (r->before != CVENV_BEFORE_ENVIRONMENT)
		return "created";
	return o->library.upgrade ? "upgraded" : "updated";
}

void cv_print_base(FILE *to, const struct cvenv_result *r)
{
	fputs(strcmp(r->implementation, "pypy") == 0 ? "PyPy " : "Python ", to);
	cv_print_safe(to, r->version);
}

void cv_print_packages(FILE *to, const char *before, const struct cvenv_result *r)
{
	for (size_t i = 0; i < r->package_count; i++) {
		fprintf(to, "%s ", i ? "," : before);
		cv_print_safe(to, r->packages[i].name);
		putc(' ', to);
		cv_print_safe(to, r->packages[i].version);
	}
}

static bool is_printable(const char *text)
{
	size_t left = strlen(text), n;

	for (; left && (n = cv_printable(text, left)); left -= n)
		text += n;
	return left == 0;
}

void cv_print_done(FILE *to, struct cvenv *session, const struct cvenv_result *r,
	const char *env_dir, const struct cv_options *o)
{
	const char *action = cv_print_action(r, o);
	char comm[CV_COMM_MAX];
	const char *shells[3], *line;

	cv_shell_names(comm, shells);
	line = cvenv_activation_line(session, shells);
	fprintf(to, "%c%s ", action[0] - 'a' + 'A', action + 1);
	cv_print_safe(to, r->redirect ? r->path : env_dir[0] ? env_dir : ".");
	if (r->redirect) {
		fputs(", to which ", to);
		cv_print_safe(to, r->redirect);
		fputs(" redirects,", to);
	}
	fputs(" with ", to);
	cv_print_base(to, r);
	cv_print_packages(to, " and", r);
	if (line && is_printable(line)) { /* printed for use in a shell: quoted, but not escaped */
		fprintf(to, ". To activate it:\n%s\n", line);
	} else {
		fputs(". No script activates it in this shell; its Python is:\n", to);
		cv_print_safe(to, r->python);
		putc('\n', to);
	}
}
