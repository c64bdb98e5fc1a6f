/* SPDX-License-Identifier: MIT */
#include <nettle/sha2.h>

#include "base/sha256.h"

bool cv_sha256_digest(const void *data, size_t len, uint8_t ret_sum[CV_SHA256_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, CV_SHA256_SIZE, ret_sum);
	return true;
}
