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
	if (dir && dir[0] && strcmp(dir, layout->bin) != 0 && strcmp(dir, layout->lib) != 0)
		cv_plan_dir(plan, dir);
}

static void plan_name(struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const char *path, const char *target)
{
	if (layout->links)
		cv_plan_link(plan, path, target, CV_OR_COPY);
	else
		cv_plan_copy(plan, path, info->base, INTERPRETER_MODE, 0);
}

static void plan_posix(
	struct cv_plan *plan, const struct cv_info *info, const struct cv_layout *layout)
{
	for (size_t i = 0; i < layout->name_count; i++)
		plan_name(plan, info, layout,
			cv_strfmt(plan->arena, "%s/%s", layout->bin, layout->names[i]),
			i ? layout->names[0] : info->base);
	if (!layout->links && info->libpython[0]) {
		make_above(plan, layout, info->libpython_dest);
		cv_plan_copy(plan, info->libpython_dest, info->libpython, LIBRARY_MODE, 0);
	}
}

/* The value of NAME in LIST. A name that the caller of a step chose has the first one. */
static const char *value_of(struct cv_arena *a, const char *list, struct cv_str name, bool any)
{
	struct cv_str rest = cv_str(list), other, value, found = { 0 };

	while (cv_info_pair(&rest, &other, &value)) {
		if (cv_str_eq(other, name))
			return cv_strdup(a, value);
		if (any && !found.p)
			found = value;
	}
	return found.p ? cv_strdup(a, found) : NULL;
}

/* The file NAME in the directory of the base. */
static char *beside(struct cv_arena *a, const struct cv_info *info, char sep, struct cv_str name)
{
	const char *last = strrchr(info->base, sep);

	return cv_strfmt(
		a, "%.*s%.*s", last ? (int)(last + 1 - info->base) : 0, info->base, CV_ARG(name));
}

/*
 * With --symlinks: the programs, and the DLLs that they load from their own directory. If links
 * cannot be created, the launchers are copied. They need no DLL, but venv copies the DLLs before
 * 3.13.
 */
static void plan_links(struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, unsigned time)
{
	struct cv_str list = cv_str(info->links), name, source;

	while (cv_info_pair(&list, &name, &source)) {
		const char *path = cv_strfmt(plan->arena, "%s/%.*s", layout->bin, CV_ARG(name));
		const char *target = beside(plan->arena, info, layout->sep, source);
		const char *launcher = value_of(plan->arena, info->copies, name, false);

		if (launcher)
			cv_plan_link_or_copy(plan, path, target, launcher, time);
		else
			cv_plan_link(plan, path, target,
				info->launcher_mtime ? CV_OPTIONAL : CV_OR_COPY);
	}
}

/* init.tcl of a Python that was built in its source tree: Lib/tclX.Y/init.tcl. */
static void plan_tcl(
	struct cv_plan *plan, const struct cv_info *info, const struct cv_layout *layout)
{
	struct cv_str rest = cv_str(info->init_tcl), name, above = { 0 };
	char *path;

	while (cv_str_cut(&rest, layout->sep, &name) && rest.p)
		above = name;
	path = cv_strfmt(plan->arena, "%s/%.*s/init.tcl", layout->lib, CV_ARG(above));
	plan->bad |= !path;
	if (!path || !cv_path_safe(cv_str(path)))
		return;
	make_above(plan, layout, path);
	cv_plan_copy(plan, path, info->init_tcl, LIBRARY_MODE, CV_KEEP_SAME);
}

static void plan_windows(
	struct cv_plan *plan, const struct cv_info *info, const struct cv_layout *layout)
{
	unsigned time = info->launcher_mtime ? CV_SOURCE_MTIME : 0;

	for (size_t i = 0; i < layout->name_count && !layout->links; i++)
		cv_plan_copy(plan, cv_strfmt(plan->arena, "%s/%s", layout->bin, layout->names[i]),
			value_of(plan->arena, info->copies, cv_str(layout->names[i]), true),
			INTERPRETER_MODE, CV_KEEP_SAME | time);
	if (layout->links)
		plan_links(plan, info, layout, time);
	if (info->init_tcl[0])
		plan_tcl(plan, info, layout);
}

void cv_interpreters_plan(struct cv_plan *plan, const struct cv_info *info,
	const struct cv_layout *layout, const struct cv_existing *existing)
{
	if (info->windows)
		plan_windows(plan, info, layout);
	else
		plan_posix(plan, info, layout);
	for (size_t i = 0; i < existing->leftover_count; i++) {
		const struct cv_leftover *l = &existing->leftovers[i];
		const char *path = cv_strfmt(plan->arena, "%s/%s", layout->bin, l->name);

		if (l->fits)
			plan_name(plan, info, layout, path, layout->names[0]);
		else
			cv_plan_remove(plan, path, layout->bin);
	}
}
