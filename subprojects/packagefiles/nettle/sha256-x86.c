/* SPDX-License-Identifier: MIT */
#include <cpuid.h>
#include <stdatomic.h>

#include "sha2-internal.h"

typedef const uint8_t *compress_n(
	uint32_t *state, const uint32_t *k, size_t blocks, const uint8_t *data);

compress_n _nettle_sha256_compress_n_sha_ni;
compress_n _nettle_sha256_compress_n_x86_64;

static _Atomic(compress_n *) chosen;

static compress_n *choose(void)
{
	unsigned int a, b, c, d;

	if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA))
		return _nettle_sha256_compress_n_sha_ni;
	return _nettle_sha256_compress_n_x86_64;
}

/* Threads may choose at the same time: their choice is the same. The instruction CPUID is slow in
 * virtual machines. */
const uint8_t *_nettle_sha256_compress_n(
	uint32_t *state, const uint32_t *k, size_t blocks, const uint8_t *data)
{
	compress_n *f = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (!f) {
		f = choose();
		atomic_store_explicit(&chosen, f, memory_order_relaxed);
	}
	return f(state, k, blocks, data);
}
