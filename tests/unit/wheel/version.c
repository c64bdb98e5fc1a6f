/* SPDX-License-Identifier: MIT */
#include "wheel/version.h"

#include "check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Each is below the next; versions on one line are equal. */
static const char *const ascending[][6] = {
	{ "" },
	{ "!" },
	{ "1.0.x" },
	{ "zzz" },
	{ "0", "0.0", "v0", "00" },
	{ "0.1" },
	{ "1.dev0", "1.0.dev", "1.0dev", "1-dev0", "1_DEV_0" },
	{ "1.dev1" },
	{ "1.dev2" },
	{ "1.dev10" },
	{ "1a0.dev1", "1.0a.dev1", "1alpha.dev1" },
	{ "1a0", "1.a", "1-alpha", "1_ALPHA_0", "1.0a." },
	{ "1a1", "1.0a1", "1alpha1", "1.0-a.1" },
	{ "1a1.post1.dev1" },
	{ "1a1.post1" },
	{ "1a2" },
	{ "1a10" },
	{ "1b1", "1beta1" },
	{ "1rc1.dev1" },
	{ "1rc1", "1c1", "1pre1", "1preview1", "1-RC-1" },
	{ "1rc2" },
	{ "1", "1.0", "1.0.0", "v1", " 1.0\n", "0!1" },
	{ "1+abc" },
	{ "1+abc.5", "1.0+ABC-5", "1+abc_05" },
	{ "1+abd" },
	{ "1+5" },
	{ "1+5.a" },
	{ "1+10" },
	{ "1.post0.dev1" },
	{ "1.post0", "1.post", "1-0", "1rev", "1-r0" },
	{ "1.post1", "1-1", "1.0-1" },
	{ "1.0.0.1" },
	{ "1.0.1" },
	{ "1.1.dev1" },
	{ "1.1", "1.01" },
	{ "1.2" },
	{ "1.10" },
	{ "1.10.0.0.0.0.1" },
	{ "2" },
	{ "10.0" },
	{ "2024.1" },
	{ "18446744073709551616" },
	{ "99999999999999999999999999999999" },
	{ "100000000000000000000000000000000" },
	{ "1!0.1" },
	{ "1!1" },
	{ "2!0" },
};

static int sign(int d)
{
	return (d > 0) - (d < 0);
}

static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ascending) * 6; i++) {
		for (size_t j = 0; j < COUNT(ascending) * 6; j++) {
			const char *a = ascending[i / 6][i % 6], *b = ascending[j / 6][j % 6];

			if (!a || !b)
				continue;
			if (sign(cv_version_cmp(cv_str(a), cv_str(b))) !=
				(i / 6 > j / 6) - (i / 6 < j / 6))
				fail_msg("wrong order of '%s' and '%s'", a, b);
		}
	}
}

static void test_valid(void **state)
{
	static const char *const good[] = { "1", "1.2.3", "1!2", "v1", "V1", "1a", "1a1-1", "1a--1",
		"1.post1.dev2+local.1", " 1 ", "1+a", "1+1", "1.0-post-1" };
	static const char *const bad[] = { "", " ", "v", "a", "1.", ".1", "1..2", "1!", "!1", "1+",
		"1+a.", "1+.a", "1+a..b", "1+a b", "1 2", "1.x", "1-", "1-a-b", "1.*", "1a1a2",
		"1.dev1a1", "1.post1a1", "1.dev1.post1", "1+\xc3\xa4", "1!2!3", "vv1", "-1",
		"1:2" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!cv_version_ok(cv_str(good[i])))
			fail_msg("'%s' is a version", good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (cv_version_ok(cv_str(bad[i])))
			fail_msg("'%s' is no version", bad[i]);
	}
	assert_false(cv_version_ok((struct cv_str){ "1\0", 2 }));
	assert_false(cv_version_ok((struct cv_str){ 0 }));
}

static void test_specifiers(void **state)
{
	static const struct {
		const char *set, *in[6], *out[6];
	} cases[] = {
		{ "", { "1", "3.8", "1a1", "1!9" }, { "x", "" } },
		{ " , ,", { "1" }, { "x" } },
		{ ">=3.8", { "3.8", "3.8.0", "3.8.18", "3.13.0", "4", "3.9a1" },
			{ "3.7.17", "2.7", "3", "3.8.0rc1" } },
		{ ">=2.7, !=3.0.*, !=3.1.*,!=3.2.*",
			{ "2.7.18", "3.3", "3.13.0", "3.10.1", "3.20" },
			{ "2.6", "3.0", "3.0.5", "3.1.4", "3.2", "3.0rc1" } },
		{ "<4,>=3.6.1", { "3.6.1", "3.13", "3.99.9" },
			{ "4", "4.0a1", "3.6", "3.6.1rc1" } },
		{ "<=3.8", { "3.8", "3.8.0", "3.7.9", "3.8+local" }, { "3.8.1", "3.9" } },
		{ ">3.8", { "3.8.1", "3.9", "4" },
			{ "3.8", "3.8.0", "3.8.post1", "3.8+local", "3.7" } },
		{ ">3.8.post1", { "3.8.post2", "3.8.1" }, { "3.8.post1", "3.8" } },
		{ "<3.8", { "3.7", "3.7.99", "3.7.post1" },
			{ "3.8", "3.8a1", "3.8.dev1", "3.8.post1" } },
		{ "<3.8rc1", { "3.8a1", "3.8b2", "3.7" }, { "3.8rc1", "3.8" } },
		{ "==3.8", { "3.8", "3.8.0", "3.8+any" },
			{ "3.8.1", "3.8a1", "3.8.post1", "1!3.8" } },
		{ "==3.8+b", { "3.8+b", "3.8.0+B" }, { "3.8", "3.8+c" } },
		{ "!=3.8", { "3.8.1", "3.8a1" }, { "3.8", "3.8.0", "3.8+any" } },
		{ "==3.*", { "3", "3.8", "3.13.1", "3.0a1", "3.8+x" },
			{ "2.7", "4", "30", "1!3.1" } },
		{ "==3.1.*", { "3.1", "3.1.4", "3.1.post1" }, { "3.10", "3.11", "3", "3.0" } },
		{ "==3.0.*", { "3", "3.0", "3.0.1" }, { "3.1", "4" } },
		{ "!=3.1.*", { "3.10", "3", "3.2" }, { "3.1", "3.1.4" } },
		{ "~=3.8", { "3.8", "3.9", "3.13.1" }, { "3.7", "4.0", "3.8a1" } },
		{ "~=3.8.2", { "3.8.2", "3.8.18", "3.8.2.post1" }, { "3.8.1", "3.9", "3.8.2rc1" } },
		{ "~= 3.8.2rc1", { "3.8.2rc1", "3.8.2", "3.8.3" }, { "3.8.2b1", "3.9.0" } },
		{ "~=1!3.8", { "1!3.9" }, { "3.9", "1!4" } },
		{ "===3.8", { "3.8" }, { "3.8.0", "3.9" } },
		{ "=== 3.8A1", { "3.8a1" }, { "3.8" } },
		/* not understood, so never satisfied */
		{ "~=3", { 0 }, { "3", "3.8", "4" } },
		{ "3.8", { 0 }, { "3.8" } },
		{ "=3.8", { 0 }, { "3.8" } },
		{ ">=", { 0 }, { "3.8" } },
		{ ">=3.8.*", { 0 }, { "3.8", "3.9" } },
		{ ">=x", { 0 }, { "3.8" } },
		{ "==3.8a1.*", { 0 }, { "3.8a1" } },
		{ "==*", { 0 }, { "3.8" } },
		{ ">=3.8+local", { 0 }, { "3.8+local", "3.9" } },
		{ ">=3.8;", { 0 }, { "3.8" } },
		{ ">=3.8 <4", { 0 }, { "3.8" } },
		{ ">=3.8,nonsense", { 0 }, { "3.8" } },
		{ "=>3.8", { 0 }, { "3.8" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t j = 0; j < 6; j++) {
			const char *in = cases[i].in[j], *out = cases[i].out[j];

			if (in && !cv_version_in(cv_str(cases[i].set), cv_str(in)))
				fail_msg("'%s' allows %s", cases[i].set, in);
			if (out && cv_version_in(cv_str(cases[i].set), cv_str(out)))
				fail_msg("'%s' does not allow '%s'", cases[i].set, out);
		}
	}
}

static void test_sets(void **state)
{
	static const char *const good[] = { "", ",", ">=3.8", ">= 3.8 , <4", "===any-thing",
		"==3.*", "==3.8+x", "~=3.8rc1" };
	static const char *const bad[] = { "3.8", "~=3", ">=3.8.*", ">=3.8 <4", ">=3.8,x",
		">=3.8+x", "===a b", "==3.8a1.*" };
	static const char *const pre[] = { ">=3.8a1", "<3.8rc1", "==3.8.dev1", ">=3.7,<=3.8b1",
		"===3.8a1", "~=3.8.0rc1", ">3.8.post1.dev1" };
	static const char *const final[] = { "", ">=3.8", "!=3.8a1", "==3.8.*", "===x",
		">3.8.post1", "a1" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!cv_specifiers_ok(cv_str(good[i])))
			fail_msg("'%s' is valid", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (cv_specifiers_ok(cv_str(bad[i])))
			fail_msg("'%s' is not valid", bad[i]);
	for (size_t i = 0; i < COUNT(pre); i++)
		if (!cv_specifiers_pre(cv_str(pre[i])))
			fail_msg("'%s' names a pre-release", pre[i]);
	for (size_t i = 0; i < COUNT(final); i++)
		if (cv_specifiers_pre(cv_str(final[i])))
			fail_msg("'%s' names no pre-release", final[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_specifiers),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
