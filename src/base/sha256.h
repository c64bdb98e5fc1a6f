/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_SHA256_H
#define CV_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 in the forms that wheels and the cache use. If the system's own SHA-256 fails (Windows,
 * without memory), the text consists of '!': it equals no digest.
 */
enum {
	CV_SHA256_SIZE = 32,
	CV_SHA256_HEX = 64, /* without the NUL */
	CV_SHA256_B64 = 43, /* urlsafe, unpadded (RECORD: PEP 376, PEP 427); without the NUL */
};

void cv_sha256_hex(const void *data, size_t len, char ret_hex[CV_SHA256_HEX + 1]);
void cv_sha256_b64(const void *data, size_t len, char ret_b64[CV_SHA256_B64 + 1]);

/* The digest itself, and its text. */
bool cv_sha256_digest(const void *data, size_t len, uint8_t ret_sum[CV_SHA256_SIZE]);
void cv_sha256_hex_of(const uint8_t digest[CV_SHA256_SIZE], char ret_hex[CV_SHA256_HEX + 1]);
void cv_sha256_b64_of(const uint8_t digest[CV_SHA256_SIZE], char ret_b64[CV_SHA256_B64 + 1]);

/*
 * The digest of data that does not fit into memory. NEXT returns the size of the next piece, which
 * is at *RET until the next call; 0 at the end, or -errno, which is then the result. Implemented in
 * digest.c, or digest_windows.c.
 */
typedef int64_t cv_sha256_next(void *data, const void **ret);
int cv_sha256_pieces(cv_sha256_next *next, void *data, uint8_t ret_sum[CV_SHA256_SIZE]);

#endif
