/* SPDX-License-Identifier: MIT */
#include "interpreter/missing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "interpreter/candidates.h"
#include "interpreter/install.h"

enum {
	TOLD_MAX = 4,     /* interpreters in a hint: more would hide the rest of it */
	TOLD_BYTES = 300, /* no more of them in a longer text: commands follow */
	PROBED_MAX = 16,  /* each may take seconds to fail */
};

struct teller {
	const struct cv_ctx *ctx;
	struct cv_arena *arena;
	const struct cv_prober *prober;
	struct cv_buf text;
	size_t told, probed;
	bool more;              /* than is told */
	struct cvenv_error why; /* of probes */
};

static void tell(struct teller *t, const char *implementation, const char *version,
	const char *build, const char *origin)
{
	if (t->told == TOLD_MAX || t->text.n > TOLD_BYTES) {
		t->more = true;
		return;
	}
	cv_buf_cstr(&t->text, t->told++ ? ", " : "");
	if (implementation && strcmp(implementation, "cpython") != 0)
		cv_buf_addf(&t->text, "%s ", implementation);
	cv_buf_addf(&t->text, "%s%s (%s)", version, build, origin);
}

/* 0, -EINTR, -ENOMEM. */
static int tell_probed(struct teller *t, const struct cv_candidate *c)
{
	struct cv_info info;
	int rc;

	if (t->told == TOLD_MAX || t->probed++ == PROBED_MAX) {
		t->more = true;
		return 0;
	}
	rc = cv_probe_by(t->prober, t->ctx, t->arena, c->path, &info, &t->why);
	if (rc == 0)
		tell(t, info.implementation, info.version,
			info.free_threaded ? "t"
			: info.debug       ? "d"
			: info.bits64      ? ""
					   : "-32",
			c->origin);
	return rc == -EINTR || rc == -ENOMEM ? rc : 0;
}

static int tell_one(struct teller *t, const struct cv_candidate *c)
{
	char version[48];

	if (c->said.micro == CV_VERSION_ANY)
		return tell_probed(t, c);
	(void)snprintf(
		version, sizeof(version), "%d.%d.%d", c->said.major, c->said.minor, c->said.micro);
	tell(t, c->implementation, version,
		c->said.free_threaded ? "t"
		: c->said.bits == 32  ? "-32"
				      : "",
		c->origin);
	return 0;
}

static int tell_all(struct teller *t)
{
	const struct cv_candidate *list;
	struct cv_candidates *places;
	size_t count;
	int rc = cv_candidates(t->ctx, t->arena, &places);

	while (rc >= 0 && !t->more && (rc = cv_candidates_next(places, &list, &count)) > 0)
		for (size_t i = 0; i < count && rc >= 0 && !t->more; i++)
			rc = tell_one(t, &list[i]);
	if (t->more && t->told)
		cv_buf_cstr(&t->text, ", and others, which cvenv --pythons lists");
	return rc < 0 ? rc : 0;
}

int cv_hint_missing(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cv_prober *prober, const struct cv_pyspec *want, struct cvenv_error *err,
	int rc)
{
	struct teller *t = cv_new(arena, struct teller, 1);
	OWN_BUF struct cv_buf commands = { 0 };
	int failed;

	if (err->hint[0])
		return rc;
	if (!t)
		return cv_fail_nomem(err);
	t->ctx = ctx;
	t->arena = arena;
	t->prober = prober;
	failed = tell_all(t);
	cv_install_commands(ctx, arena, want, cv_os_release(arena), &commands);
	if (failed || t->text.bad || commands.bad)
		rc = failed == -EINTR ? cv_fail(err, EINTR, "search for Pythons")
				      : cv_fail_nomem(err);
	else if (t->text.n && !want)
		cv_hint(err, rc, "installed versions: %s; name one with -p", t->text.p);
	else if (t->text.n && commands.n)
		cv_hint(err, rc, "installed versions: %s; to install it: %s", t->text.p,
			commands.p);
	else if (t->text.n)
		cv_hint(err, rc, "installed versions: %s", t->text.p);
	else if (commands.n)
		cv_hint(err, rc, "install it with %s, or give its path", commands.p);
	else
		cv_hint(err, rc, "install it, or give its path");
	cv_buf_done(&t->text);
	return rc;
}
