/* SPDX-License-Identifier: MIT */
#include "base/sha256.h"
#include "../support/cmocka_all.h"

/* FIPS 180-2's own examples. */
static void test_known_sums(void **state)
{
	char hex[CV_SHA256_HEX + 1], b64[CV_SHA256_B64 + 1];

	(void)state;
	cv_sha256_hex("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	cv_sha256_hex("", 0, hex);
	assert_string_equal(
		hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	/* What pip writes for an empty REQUESTED. */
	cv_sha256_b64("", 0, b64);
	assert_string_equal(b64, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
