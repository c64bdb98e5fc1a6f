/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "base/sha256.h"
#include "interpreter/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A cache file as it is, and with the right sum, as somebody would forge it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cvenv_error err;
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf forged OWN_BUF = { 0 }, again OWN_BUF = { 0 };
	struct cv_info info, back;
	char sum[CV_SHA256_HEX + 1];

	(void)cv_info_decode(&arena, (struct cv_str){ (const char *)data, size }, &info);
	cv_sha256_hex(size ? (const void *)data : "", size, sum);
	cv_buf_add(&forged, data, size);
	cv_buf_add(&forged, sum, CV_SHA256_HEX);
	if (!cv_info_decode(&arena, cv_buf_slice(&forged), &info))
		return 0;
	if (cv_info_check(&info, &err) < 0)
		abort();
	cv_info_encode(&again, &info);
	if (!cv_info_decode(&arena, cv_buf_slice(&again), &back) ||
		back.stamp_count != info.stamp_count || info.stamp_count > CV_STAMPS_MAX)
		abort();
	return 0;
}
