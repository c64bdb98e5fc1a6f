/* SPDX-License-Identifier: MIT */
#include <nettle/sha2.h>

#include "base/sha256.h"

int cv_sha256_pieces(cv_sha256_next *next, void *data, uint8_t ret_sum[CV_SHA256_SIZE])
{
	struct sha256_ctx ctx;
	const void *piece;
	int64_t n;

	sha256_init(&ctx);
	while ((n = next(data, &piece)) > 0)
		sha256_update(&ctx, (size_t)n, piece);
	sha256_digest(&ctx, CV_SHA256_SIZE, ret_sum);
	return (int)n;
}
