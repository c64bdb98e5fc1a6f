/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "base/path.h"
#include "wheel/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { READ_MAX = 1 << 20 };

/* The promises of zip.h for every entry that was let in. oracle.py compares with zipfile. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cvenv_error err;
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_zip zip;
	uint64_t total = 0;

	if (cv_zip_open(&arena, (struct cv_str){ (const char *)data, size }, &zip, &err) < 0)
		return 0;
	for (size_t i = 0; i < zip.count; i++) {
		const struct cv_zip_entry *e = &zip.entries[i];
		OWN_MEM char *out = NULL;

		if (!cv_path_safe(e->name) || !cv_utf8_ok(e->name) || e->size > CV_ZIP_FILE_MAX ||
			e->offset > size || e->packed > size - e->offset || (e->dir && e->size))
			abort();
		total += e->size;
		if (e->size > READ_MAX)
			continue;
		out = malloc((size_t)e->size + 1);
		if (out)
			(void)cv_zip_read(&zip, e, out, &err);
	}
	if (total > CV_ZIP_TOTAL_MAX)
		abort();
	cv_zip_close(&zip);
	return 0;
}
