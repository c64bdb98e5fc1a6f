/* SPDX-License-Identifier: MIT */
#include "env/existing.h"

#include <string.h>

#include "base/path.h"
#include "wheel/version.h"
#include "wheel/wheel.h"

const struct cv_existing_package *cv_existing_find(
	const struct cv_existing *existing, struct cv_str name)
{
	const struct cv_existing_package *best = NULL;

	for (size_t i = 0; i < existing->count; i++) {
		const struct cv_existing_package *p = &existing->packages[i];

		if (cv_wheel_name_eq(p->name, name) &&
			(!best || cv_version_cmp(p->version, best->version) > 0))
			best = p;
	}
	return best;
}

char *cv_existing_path(struct cv_arena *a, const struct cv_layout *layout, struct cv_str path)
{
	char *text = cv_strdup(a, path);
	char *whole = text && path.n && strlen(text) == path.n
			      ? cv_path_inside(a, layout->purelib, text)
			      : NULL;

	return whole && cv_path_safe(cv_str(whole)) ? whole : NULL;
}
