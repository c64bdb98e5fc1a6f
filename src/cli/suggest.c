/* SPDX-License-Identifier: MIT */
#include "cli/suggest.h"

enum { NAME_MAX_LEN = 40 };

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The number of typing errors between A and B: a missing, additional or wrong letter, or two
 * exchanged neighbours (optimal string alignment). Both are at most NAME_MAX_LEN long.
 */
static size_t distance(struct cv_str a, struct cv_str b)
{
	size_t rows[3][NAME_MAX_LEN + 1];

	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			row[j] = min(above[j], row[j - 1]) + 1;
			row[j] = min(row[j], above[j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				row[j] = min(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

void cv_suggest(struct cv_suggestion *s, const char *name)
{
	struct cv_str it = cv_str(name);
	size_t allowed = s->typed.n / 3, n;

	/* One error in three letters. More errors would suggest unrelated names. */
	if (s->typed.n > NAME_MAX_LEN || it.n > NAME_MAX_LEN || allowed == 0)
		return;
	n = cv_str_starts(it, s->typed) ? 1 : distance(s->typed, it);
	if (n <= allowed && (!s->name || n < s->distance)) {
		s->name = name;
		s->distance = n;
	}
}
