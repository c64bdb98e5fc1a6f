/* SPDX-License-Identifier: MIT */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/own.h"
#include "base/path.h"
#include "store/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With the right sum, as somebody would forge it: no name leads out, and every byte is as we
 * write it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf forged OWN_BUF = { 0 }, again OWN_BUF = { 0 };
	struct cv_wheel_image image;
	char sum[CV_MANIFEST_SUM + 1];

	(void)cv_manifest_decode(&arena, (struct cv_str){ (const char *)data, size }, &image);
	snprintf(sum, sizeof(sum), "%08x",
		(unsigned)libdeflate_crc32(0, size ? data : (const void *)"", size));
	cv_buf_add(&forged, data, size);
	cv_buf_cstr(&forged, sum);
	image = (struct cv_wheel_image){ 0 };
	if (!cv_manifest_decode(&arena, cv_buf_slice(&forged), &image))
		return 0;
	if (image.dist_info.n && (!cv_path_safe(image.dist_info) ||
					 memchr(image.dist_info.p, '/', image.dist_info.n)))
		abort();
	for (size_t i = 0; i < image.image.count; i++)
		if (!cv_path_safe(cv_str(image.image.files[i].path)) ||
			(i > 0 && strcmp(image.image.files[i - 1].path,
					  image.image.files[i].path) >= 0))
			abort();
	cv_manifest_encode(&again, &image);
	if (!cv_str_eq(cv_buf_slice(&forged), cv_buf_slice(&again)))
		abort();
	return 0;
}
