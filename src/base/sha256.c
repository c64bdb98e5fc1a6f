/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <string.h>

struct whole {
	const void *data;
	size_t len;
};

static int64_t next_whole(void *data, const void **ret)
{
	struct whole *whole = data;
	int64_t n = (int64_t)whole->len;

	*ret = whole->data;
	whole->len = 0;
	return n;
}

bool cv_sha256_digest(const void *data, size_t len, uint8_t ret_sum[CV_SHA256_SIZE])
{
	struct whole whole = { data, len };

	return cv_sha256_pieces(next_whole, &whole, ret_sum) == 0;
}

void cv_sha256_hex_of(const uint8_t digest[CV_SHA256_SIZE], char ret_hex[CV_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CV_SHA256_SIZE; i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	ret_hex[CV_SHA256_HEX] = '\0';
}

void cv_sha256_hex(const void *data, size_t len, char ret_hex[CV_SHA256_HEX + 1])
{
	uint8_t sum[CV_SHA256_SIZE];

	memset(ret_hex, '!', CV_SHA256_HEX);
	ret_hex[CV_SHA256_HEX] = '\0';
	if (cv_sha256_digest(data, len, sum))
		cv_sha256_hex_of(sum, ret_hex);
}

void cv_sha256_b64(const void *data, size_t len, char ret_b64[CV_SHA256_B64 + 1])
{
	uint8_t digest[CV_SHA256_SIZE];

	memset(ret_b64, '!', CV_SHA256_B64);
	ret_b64[CV_SHA256_B64] = '\0';
	if (cv_sha256_digest(data, len, digest))
		cv_sha256_b64_of(digest, ret_b64);
}

void cv_sha256_b64_of(const uint8_t digest[CV_SHA256_SIZE], char ret_b64[CV_SHA256_B64 + 1])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t sum[CV_SHA256_SIZE + 1];

	memcpy(sum, digest, CV_SHA256_SIZE);
	sum[CV_SHA256_SIZE] = 0; /* to a multiple of three bytes; the padding has no digit */
	ret_b64[CV_SHA256_B64] = '\0';
	for (size_t i = 0; i < CV_SHA256_B64; i++) {
		size_t bit = 6 * i, left = bit % 8;
		unsigned two = (unsigned)sum[bit / 8] << 8;

		if (left > 2)
			two |= sum[bit / 8 + 1];
		ret_b64[i] = digits[two >> (10 - left) & 63];
	}
}
