/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"

#include <string.h>

void cv_sha256_hex(const void *data, size_t len, char ret_hex[CV_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[CV_SHA256_SIZE];

	memset(ret_hex, '!', CV_SHA256_HEX);
	ret_hex[CV_SHA256_HEX] = '\0';
	if (!cv_sha256_digest(data, len, sum))
		return;
	for (size_t i = 0; i < sizeof(sum); i++) {
		ret_hex[2 * i] = digits[sum[i] >> 4];
		ret_hex[2 * i + 1] = digits[sum[i] & 15];
	}
}

void cv_sha256_b64(const void *data, size_t len, char ret_b64[CV_SHA256_B64 + 1])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t sum[CV_SHA256_SIZE + 1];

	memset(ret_b64, '!', CV_SHA256_B64);
	ret_b64[CV_SHA256_B64] = '\0';
	if (!cv_sha256_digest(data, len, sum))
		return;
	sum[CV_SHA256_SIZE] = 0; /* to a multiple of three bytes; the padding has no digit */
	for (size_t i = 0; i < CV_SHA256_B64; i++) {
		size_t bit = 6 * i, left = bit % 8;
		unsigned two = (unsigned)sum[bit / 8] << 8;

		if (left > 2)
			two |= sum[bit / 8 + 1];
		ret_b64[i] = digits[two >> (10 - left) & 63];
	}
}
