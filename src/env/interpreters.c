/* SPDX-License-Identifier: MIT */
#include "env/interpreters.h"

#include <string.h>

#include "base/path.h"

enum { INTERPRETER_MODE = 0755, LIBRARY_MODE = 0644 };

/* Plan the parents of PATH that the layout does not have. */
static void make_above(struct cv_plan *plan, const struct cv_layout *layout, const char *path)
{
	char *dir = cv_path_dir(plan->arena, path);

	plan->bad |= !dir;
	if (dir && dir[0] && strcmp(dir, layout->bin) != 0 && strcmp(dir, "lib") != 0)
		cv_plan_dir(plan, dir);
}

static void plan_name(struct cv_plan *plan, const struct cv_info *info,
	const struct cvenv_options *request, const char *path, const char *target)
{
	if (request->copies)
		cv_plan_copy(plan, path, info->base, INTERPRETER_MODE, 0);
	else
		cv_plan_link(plan, path, target, CV_OR_COPY);
}

void cv_interpreters_plan(struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cvenv_options *request,
	const struct cv_existing *existing)
{
	for (size_t i = 0; i < layout->name_count; i++)
		plan_name(plan, info, request,
			cv_strfmt(plan->arena, "%s/%s", layout->bin, layout->names[i]),
			i ? layout->names[0] : info->base);
	for (size_t i = 0; i < existing->leftover_count; i++) {
		const struct cv_leftover *l = &existing->leftovers[i];
		const char *path = cv_strfmt(plan->arena, "%s/%s", layout->bin, l->name);

		if (l->fits)
			plan_name(plan, info, request, path, layout->names[0]);
		else
			cv_plan_remove(plan, path, layout->bin);
	}
	if (request->copies && info->libpython[0]) {
		make_above(plan, layout, info->libpython_dest);
		cv_plan_copy(plan, info->libpython_dest, info->libpython, LIBRARY_MODE, 0);
	}
}
