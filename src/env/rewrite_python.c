/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/own.h"
#include "env/pyvenv_cfg.h"
#include "env/rewrite_in.h"
#include "wheel/python_edit.h"

/*
 * Python source that finds the modules of an editable project: string literals that are an old path
 * or below one.
 */

/* The quotes stay if the old and the new path need no escapes. */
static void write_literal(struct cv_buf *to, const struct cv_python_literal *literal, char *new)
{
	struct cv_str inner = { literal->raw.p + 1, literal->raw.n - 2 };
	struct cv_buf repr OWN_BUF = { 0 };

	cv_repr(&repr, cv_str(new));
	to->bad |= repr.bad;
	if (!to->bad && cv_str_eq(inner, literal->value) && literal->raw.p[0] != repr.p[0] &&
		cv_str_eq((struct cv_str){ repr.p + 1, repr.n - 2 }, cv_str(new)) &&
		!cv_str_find(cv_str(new), (struct cv_str){ literal->raw.p, 1 }))
		cv_buf_addf(to, "%c%s%c", literal->raw.p[0], new, literal->raw.p[0]);
	else
		cv_buf_str(to, cv_buf_slice(&repr));
}

int cv_rewrite_python(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_python_reader reader = { text->old };
	struct cv_python_literal literal;
	const char *from = text->old.p;
	int rc, changed = 0;

	while ((rc = cv_python_next(text->arena, &reader, &literal)) > 0) {
		char *new;

		if (!literal.value.p ||
			!cv_rewrite_path(text->arena, text->how, literal.value, &new))
			continue;
		if (!new)
			return -ENOMEM;
		cv_buf_add(to, from, (size_t)(literal.raw.p - from));
		write_literal(to, &literal, new);
		from = literal.raw.p + literal.raw.n;
		changed = 1;
	}
	cv_buf_add(to, from, text->old.n - (size_t)(from - text->old.p));
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	return changed;
}
