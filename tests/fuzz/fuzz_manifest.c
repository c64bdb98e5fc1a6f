/* SPDX-License-Identifier: MIT */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "base/path.h"
#include "cache/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With the right sum, as somebody would forge it: no name leads out, and every byte is as we
 * write it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf forged OWN_BUF = { 0 }, again OWN_BUF = { 0 };
	struct cv_cached_wheel tree;
	char sum[CV_MANIFEST_SUM + 1];

	(void)cv_manifest_decode(&arena, (struct cv_str){ (const char *)data, size }, &tree);
	snprintf(sum, sizeof(sum), "%08x",
		(unsigned)libdeflate_crc32(0, size ? data : (const void *)"", size));
	cv_buf_add(&forged, data, size);
	cv_buf_cstr(&forged, sum);
	tree = (struct cv_cached_wheel){ 0 };
	if (!cv_manifest_decode(&arena, cv_buf_slice(&forged), &tree))
		return 0;
	if (tree.dist_info.n &&
		(!cv_path_safe(tree.dist_info) || memchr(tree.dist_info.p, '/', tree.dist_info.n)))
		abort();
	for (size_t i = 0; i < tree.tree.count; i++)
		if (!cv_path_safe(cv_str(tree.tree.files[i].path)) ||
			(i > 0 &&
				strcmp(tree.tree.files[i - 1].path, tree.tree.files[i].path) >= 0))
			abort();
	cv_manifest_encode(&again, &tree);
	if (!cv_str_eq(cv_buf_slice(&forged), cv_buf_slice(&again)))
		abort();
	return 0;
}
