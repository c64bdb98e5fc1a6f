/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <nettle/base16.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

static void digest(const void *data, size_t len, uint8_t ret_sum[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, ret_sum);
}

void cv_sha256_hex(const void *data, size_t len, char ret_hex[CV_SHA256_HEX + 1])
{
	uint8_t sum[SHA256_DIGEST_SIZE];

	digest(data, len, sum);
	base16_encode_update(ret_hex, sizeof(sum), sum);
	ret_hex[CV_SHA256_HEX] = '\0';
}

void cv_sha256_b64(const void *data, size_t len, char ret_b64[CV_SHA256_B64 + 1])
{
	uint8_t sum[SHA256_DIGEST_SIZE];
	char full[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE)];

	digest(data, len, sum);
	base64_encode_raw(full, sizeof(sum), sum); /* 44 characters, the last one padding */
	for (size_t i = 0; i < CV_SHA256_B64; i++)
		ret_b64[i] = full[i] == '+' ? '-' : full[i] == '/' ? '_' : full[i];
	ret_b64[CV_SHA256_B64] = '\0';
}
