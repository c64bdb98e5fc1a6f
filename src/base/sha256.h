/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_SHA256_H
#define CV_BASE_SHA256_H

#include <stddef.h>

/* SHA-256 in the forms that wheels and the cache use. */
enum {
	CV_SHA256_HEX = 64, /* without the NUL */
	CV_SHA256_B64 = 43, /* urlsafe, unpadded (RECORD: PEP 376, PEP 427); without the NUL */
};

void cv_sha256_hex(const void *data, size_t len, char ret_hex[CV_SHA256_HEX + 1]);
void cv_sha256_b64(const void *data, size_t len, char ret_b64[CV_SHA256_B64 + 1]);

#endif
