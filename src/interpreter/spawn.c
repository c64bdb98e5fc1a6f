/* SPDX-License-Identifier: MIT */
#include "interpreter/spawn.h"

#include <errno.h>
#include <string.h>

#include "os/child.h"
#include "os/process.h"

enum {
	LINE_MAX_SHOWN = 400,
	TICK_MS = 100, /* limits the delay of a signal that arrives just before the wait */
	CHUNK = 4 * 1024,
	DRAIN_MAX = 1024 * 1024, /* of stderr after the end; no pipe holds more */
	GRACE_MS = 10000,        /* for a child that was sent SIGINT */
	GRACE_TICK_MS = 20,
};

static bool name_matches(const char *entry, const char *pattern)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return cv_variable_starts(entry, pattern, len - 1);
	return cv_variable_starts(entry, pattern, len) && entry[len] == '=';
}

static bool same_name(const char *entry, const char *added)
{
	size_t len = strcspn(added, "=");

	return cv_variable_starts(entry, added, len) && entry[len] == '=';
}

static bool dropped(const char *entry, const char *const *drop, const char *const *add)
{
	for (; drop && *drop; drop++)
		if (name_matches(entry, *drop))
			return true;
	for (; add && *add; add++)
		if (same_name(entry, *add))
			return true;
	return false;
}

const char *const *cv_spawn_env(struct cv_arena *arena, const struct cv_ctx *ctx,
	const char *const *drop, const char *const *add)
{
	const char **env;
	size_t room = 1, n = 0;

	for (const char *const *e = ctx->envp; e && *e; e++)
		room++;
	for (const char *const *e = add; e && *e; e++)
		room++;
	env = cv_new(arena, const char *, room);
	if (!env)
		return NULL;
	for (const char *const *e = ctx->envp; e && *e; e++)
		if (!dropped(*e, drop, add))
			env[n++] = *e;
	for (const char *const *e = add; e && *e; e++)
		env[n++] = *e;
	return (const char *const *)env;
}

/* The last line that is not empty, made printable and cut to LINE_MAX_SHOWN bytes. */
static void last_line(const char *tail, char ret[LINE_MAX_SHOWN + 1])
{
	struct cv_str s = cv_str_trim(cv_str(tail)), line = { 0 };
	size_t n;

	while (cv_str_cut(&s, '\n', &line))
		;
	line = cv_str_trim(line);
	n = line.n < LINE_MAX_SHOWN ? line.n : LINE_MAX_SHOWN;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		ret[i] = c < 0x20 || c == 0x7f ? '?' : line.p[i];
	}
	ret[n] = '\0';
}

int cv_spawn_failed(
	struct cvenv_error *err, int code, const char *what, int status, const char *tail)
{
	char line[LINE_MAX_SHOWN + 1] = "";
	const char *colon;

	if (tail)
		last_line(tail, line);
	colon = line[0] ? ": " : "";
	if (status < -CV_OS_SIGNAL_MAX)
		return cv_fail_msg(err, code, "'%s' failed with status 0x%x%s%s", what,
			(unsigned)status, colon, line);
	if (status < 0)
		return cv_fail_msg(
			err, code, "'%s' was killed by signal %d%s%s", what, -status, colon, line);
	return cv_fail_msg(err, code, "'%s' failed with status %d%s%s", what, status, colon, line);
}

struct run {
	const struct cv_ctx *ctx;
	const struct cv_spawn *spawn;
	struct cv_os_child child;
	struct cv_buf *out;
	size_t sent, had; /* bytes of its input and its output */
	char tail[2 * CV_SPAWN_TAIL_MAX];
	size_t tail_n;
	struct cvenv_error *err;
};

static int start(struct run *r)
{
	const struct cv_spawn *s = r->spawn;
	struct cv_os_child_how how = { .argv = s->argv,
		.envp = s->envp,
		.dir = s->dir,
		.own_group = !(s->flags & CV_SPAWN_TTY),
		.no_watch = s->flags & CV_SPAWN_NO_WATCH };
	int rc;

	if (s->input.n)
		how.end[CV_OS_IN] = CV_OS_END_PIPE;
	else if (s->flags & CV_SPAWN_TTY)
		how.end[CV_OS_IN] = CV_OS_END_OURS;
	if (s->flags & CV_SPAWN_OUT)
		how.end[CV_OS_OUT] = CV_OS_END_PIPE;
	else if (s->flags & CV_SPAWN_OUT_PASS)
		how.end[CV_OS_OUT] = CV_OS_END_OURS;
	else if (s->flags & CV_SPAWN_OUT_TO_ERR)
		how.end[CV_OS_OUT] = CV_OS_END_OUR_ERR;
	if (s->flags & CV_SPAWN_ERR)
		how.end[CV_OS_ERR] = CV_OS_END_PIPE;
	else if (s->flags & CV_SPAWN_ERR_PASS)
		how.end[CV_OS_ERR] = CV_OS_END_OURS;
	rc = cv_os_child_start(&how, &r->child);
	return rc < 0 ? cv_fail(r->err, -rc, "cannot run '%s'", s->argv[0]) : 0;
}

static int64_t now_ms(void)
{
	return cv_os_monotonic_ns() / 1000000;
}

static int feed(struct run *r)
{
	const struct cv_str input = r->spawn->input;
	int64_t n = cv_os_child_write(&r->child, input.p + r->sent, input.n - r->sent);

	if (n == -EAGAIN)
		return 0;
	/* EPIPE: the child does not read all of its input, which is no error */
	if (n < 0 && n != -EPIPE)
		return cv_fail(r->err, (int)-n, "cannot write to '%s'", r->spawn->argv[0]);
	if (n > 0)
		r->sent += (size_t)n;
	if (n < 0 || r->sent == input.n)
		cv_os_child_close(&r->child, CV_OS_IN);
	return 0;
}

/* 1: there may be more; 0: nothing now, or end of file; negative: error. */
static int take_out(struct run *r)
{
	const struct cv_spawn *s = r->spawn;
	char buf[CHUNK];
	int64_t got = cv_os_child_read(&r->child, CV_OS_OUT, buf, sizeof(buf));
	size_t n = got > 0 ? (size_t)got : 0;

	if (got < 0 && got != -EAGAIN)
		return cv_fail(r->err, (int)-got, "cannot read the output of '%s'", s->argv[0]);
	if (n > s->output_max - r->had)
		return cv_fail_msg(r->err, CVENV_ELIMIT, "'%s' printed more than %zu bytes",
			s->argv[0], s->output_max);
	r->had += n;
	if (n && s->on_out)
		s->on_out(s->on_out_data, (struct cv_str){ buf, n });
	else if (n)
		cv_buf_add(r->out, buf, n);
	return n && !s->on_out && r->out->bad ? cv_fail_nomem(r->err) : n > 0;
}

/* Read stderr and keep its end. `tail` is twice as large, so that it moves only when it is full. */
static int take_err(struct run *r)
{
	int64_t n;

	if (r->tail_n == sizeof(r->tail)) {
		r->tail_n = CV_SPAWN_TAIL_MAX;
		memmove(r->tail, r->tail + CV_SPAWN_TAIL_MAX, CV_SPAWN_TAIL_MAX);
	}
	n = cv_os_child_read(
		&r->child, CV_OS_ERR, r->tail + r->tail_n, sizeof(r->tail) - r->tail_n);
	if (n < 0 && n != -EAGAIN)
		return cv_fail(
			r->err, (int)-n, "cannot read the messages of '%s'", r->spawn->argv[0]);
	if (n > 0)
		r->tail_n += (size_t)n;
	return n > 0 ? (int)n : 0;
}

/* Read what the child left in the pipes, without waiting: grandchildren may hold them open. */
static int drain(struct run *r)
{
	int rc = 1, total = 0;

	while (cv_os_child_has(&r->child, CV_OS_OUT) && rc > 0)
		rc = take_out(r);
	if (rc < 0)
		return rc;
	for (rc = 1; cv_os_child_has(&r->child, CV_OS_ERR) && rc > 0 && total < DRAIN_MAX;
		total += rc)
		rc = take_err(r);
	return rc < 0 ? rc : 0;
}

static int move_bytes(struct run *r, int ready)
{
	int rc = 0;

	if (ready & CV_OS_BIT(CV_OS_IN))
		rc = feed(r);
	if (rc >= 0 && ready & CV_OS_BIT(CV_OS_OUT))
		rc = take_out(r);
	if (rc >= 0 && ready & CV_OS_BIT(CV_OS_ERR))
		rc = take_err(r);
	return rc;
}

static int serve(struct run *r)
{
	const struct cv_spawn *s = r->spawn;
	int64_t deadline = s->timeout_ms < 0 ? INT64_MAX : now_ms() + s->timeout_ms;

	for (;;) {
		int64_t left = deadline == INT64_MAX ? INT64_MAX : deadline - now_ms();
		int rc;

		if (cv_stopped_waiting(r->ctx, s->argv[0]))
			return cv_fail(r->err, EINTR, "waiting for '%s'", s->argv[0]);
		rc = cv_os_child_ended(&r->child);
		if (rc > 0)
			return drain(r);
		if (rc == 0 && left <= 0)
			return cv_fail_msg(r->err, ETIMEDOUT, "'%s' did not answer within %g s",
				s->argv[0], s->timeout_ms / 1000.0);
		if (rc == 0)
			rc = cv_os_child_wait(&r->child, (int)(left < TICK_MS ? left : TICK_MS));
		if (rc < 0)
			return cv_fail(r->err, -rc, "cannot wait for '%s'", s->argv[0]);
		rc = move_bytes(r, rc);
		if (rc < 0)
			return rc;
	}
}

/*
 * A child that uses our terminal may need to clean up (pip does). On ^C it has got SIGINT from the
 * terminal already, and a second one would interrupt the cleaning. On other signals it gets one
 * here.
 */
static void ask_to_end(const struct run *r)
{
	if (!r->ctx->stop || *r->ctx->stop != CV_OS_SIGINT)
		cv_os_child_interrupt(&r->child);
	for (int waited = 0; waited < GRACE_MS && cv_os_child_ended(&r->child) == 0;
		waited += GRACE_TICK_MS)
		cv_os_sleep_ms(GRACE_TICK_MS);
}

static void copy_tail(const struct run *r)
{
	size_t n = r->tail_n < CV_SPAWN_TAIL_MAX ? r->tail_n : CV_SPAWN_TAIL_MAX;
	char *to = r->spawn->ret_tail;

	if (!to)
		return;
	memcpy(to, r->tail + (r->tail_n - n), n);
	for (size_t i = 0; i < n; i++)
		if (to[i] == '\0')
			to[i] = '?';
	to[n] = '\0';
}

int cv_spawn(const struct cv_ctx *ctx, const struct cv_spawn *s, struct cv_buf *ret_out,
	int *ret_status, struct cvenv_error *err)
{
	struct run r = { .ctx = ctx, .spawn = s, .out = ret_out, .err = err };
	int rc = cv_stopped(ctx) ? cv_fail(err, EINTR, "running '%s'", s->argv[0]) : start(&r);

	if (rc == 0) {
		int status;

		if (s->meanwhile)
			s->meanwhile->run(s->meanwhile->data, s->argv[0]);
		rc = serve(&r);
		if (rc < 0 && s->flags & CV_SPAWN_TTY)
			ask_to_end(&r);
		if (rc < 0)
			cv_os_child_kill(&r.child);
		status = cv_os_child_reap(&r.child);
		if (rc == 0)
			*ret_status = status;
	}
	copy_tail(&r);
	return rc;
}
