/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "env/rewrite_in.h"
#include "wheel/launcher.h"
#include "wheel/uv_launcher.h"

/*
 * As uv makes them: the new interpreter must not need more room than the old one, and beside the
 * script its name is enough.
 */
static int rewrite_uv(
	struct cv_buf *to, const struct cv_text *text, const struct cv_uv_launcher *launcher)
{
	struct cv_rewrite_target target;

	if (!cv_rewrite_target(text, launcher->python, &target))
		return 0;
	if (!target.python)
		return -ENOMEM;
	return cv_uv_launcher_set(
		to, text->old, launcher, target.name ? target.name : target.python);
}

/* Console scripts on Windows, as distlib makes them. */
int cv_rewrite_launcher(struct cv_buf *to, const struct cv_text *text)
{
	struct cv_rewrite_target target;
	struct cv_first_line first;
	const char *quote, *after;
	struct cv_uv_launcher uv;
	int rc = cv_launcher_parse(text->arena, text->old, &first);

	if (rc > 0 && cv_uv_launcher_parse(text->old, &uv))
		return first.form == CV_FIRST_LINE_BESIDE && !cv_rewrite_repairs(text)
			       ? 0
			       : rewrite_uv(to, text, &uv);
	if (rc <= 0 || (first.form == CV_FIRST_LINE_BESIDE && !cv_rewrite_repairs(text)) ||
		!cv_rewrite_target(text, first.python, &target))
		return rc < 0 ? rc : 0;
	if (!target.python)
		return -ENOMEM;
	after = first.word.p + first.word.n;
	quote = first.form == CV_FIRST_LINE_QUOTED || strchr(target.python, ' ') ? "\"" : "";
	cv_buf_add(to, text->old.p, (size_t)(first.word.p - text->old.p));
	if ((text->how->beside || first.form == CV_FIRST_LINE_BESIDE) && target.name)
		cv_buf_addf(to, CV_LAUNCHER_OWN_DIR "\\%s", target.name);
	else
		cv_buf_addf(to, "%s%s%s", quote, target.python, quote);
	cv_buf_add(to, after, text->old.n - (size_t)(after - text->old.p));
	return 1;
}
