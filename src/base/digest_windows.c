/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <windows.h>
/* after windows.h */
#include <bcrypt.h>

#include "base/library_windows.h"
#include "base/sha256.h"

static struct {
	INIT_ONCE once;
	bool ok;
	__typeof__(&BCryptCreateHash) create;
	__typeof__(&BCryptHashData) add;
	__typeof__(&BCryptFinishHash) finish;
	__typeof__(&BCryptDestroyHash) destroy;
} bcrypt = { .once = INIT_ONCE_STATIC_INIT };

static BOOL CALLBACK load(INIT_ONCE *once, void *unused, void **unused_too)
{
	static const wchar_t name[] = L"bcrypt.dll";

	(void)once;
	(void)unused;
	(void)unused_too;
	bcrypt.ok = cv_system_function(name, "BCryptCreateHash", &bcrypt.create) &&
		    cv_system_function(name, "BCryptHashData", &bcrypt.add) &&
		    cv_system_function(name, "BCryptFinishHash", &bcrypt.finish) &&
		    cv_system_function(name, "BCryptDestroyHash", &bcrypt.destroy);
	return TRUE;
}

/* Every Windows has this library, as other systems have nettle. */
int cv_sha256_pieces(cv_sha256_next *next, void *data, uint8_t ret_sum[CV_SHA256_SIZE])
{
	enum {
		AT_ONCE = 1 << 30, /* BCrypt counts bytes in a ULONG */
		SHA256 = 0x41,     /* BCRYPT_SHA256_ALG_HANDLE, which older headers lack */
	};
	BCRYPT_ALG_HANDLE algorithm = (BCRYPT_ALG_HANDLE)(uintptr_t)SHA256;
	BCRYPT_HASH_HANDLE hash = NULL;
	union {
		const void *input;
		uint8_t *bytes; /* which BCrypt does not change */
	} from;
	bool ok = InitOnceExecuteOnce(&bcrypt.once, load, NULL, NULL) && bcrypt.ok &&
		  bcrypt.create(algorithm, &hash, NULL, 0, NULL, 0, 0) >= 0;
	int64_t len = 0;

	while (ok && (len = next(data, &from.input)) > 0) {
		while (ok && len > 0) {
			ULONG n = len < AT_ONCE ? (ULONG)len : AT_ONCE;

			ok = bcrypt.add(hash, from.bytes, n, 0) >= 0;
			from.bytes += n;
			len -= n;
		}
	}
	ok = ok && (len < 0 || bcrypt.finish(hash, ret_sum, CV_SHA256_SIZE, 0) >= 0);
	if (!ok)
		len = -ENOMEM;
	if (hash)
		(void)bcrypt.destroy(hash);
	return (int)len;
}
