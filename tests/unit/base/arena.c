/* SPDX-License-Identifier: MIT */
#include "base/arena.h"
#include "../support/cmocka_all.h"

#include <string.h>

static void test_zeroed_and_aligned(void **state)
{
	struct cv_arena a = { 0 };

	(void)state;
	for (size_t n = 1; n < 3000; n = n * 3 + 1) {
		char *bytes = cv_new(&a, char, n);
		long double *wide = cv_new(&a, long double, 2);

		assert_non_null(bytes);
		assert_non_null(wide);
		assert_int_equal((uintptr_t)wide % _Alignof(long double), 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, n);
	}
	cv_arena_done(&a);
	assert_null(a.chunks);
}

static void test_larger_than_a_chunk(void **state)
{
	struct cv_arena a = { 0 };
	char *p = cv_new(&a, char, 1 << 20);

	(void)state;
	assert_non_null(p);
	memset(p, 1, 1 << 20);
	cv_arena_done(&a);
}

static void test_overflow_is_refused(void **state)
{
	struct cv_arena a = { 0 };

	(void)state;
	assert_null(cv_new(&a, uint64_t, SIZE_MAX / 4));
	assert_null(cv_new(&a, char, SIZE_MAX));
	cv_arena_done(&a);
}

static void test_arrays_grow(void **state)
{
	struct cv_arena a = { 0 };
	struct {
		long double wide;
		char text[8];
	} *all = NULL;
	const char **names = NULL;
	size_t room = 0, name_room = 0;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		assert_true(cv_grow(&a, &all, i, &room));
		assert_true(room > i);
		assert_int_equal((uintptr_t)all % _Alignof(long double), 0);
		assert_int_equal(all[i].text[0], 0);
		all[i].wide = i;
		all[i].text[0] = 'x';
	}
	for (size_t i = 0; i < 1000; i++)
		assert_true(all[i].wide == i && all[i].text[0] == 'x');
	/* Room for two more: what ends with NULL does without another word. */
	for (size_t i = 0; i < 100; i++) {
		assert_true(cv_grow(&a, &names, i + 1, &name_room));
		names[i] = "name";
		assert_null(names[i + 1]);
	}
	cv_arena_done(&a);
}

static void test_an_array_that_cannot_grow_stays(void **state)
{
	struct cv_arena a = { 0 };
	char *all = cv_new(&a, char, 1), *before = all;
	size_t room = SIZE_MAX / 4;

	(void)state;
	assert_false(cv_grow(&a, &all, room, &room));
	assert_ptr_equal(all, before);
	assert_int_equal(room, SIZE_MAX / 4);
	cv_arena_done(&a);
}

static void test_strings(void **state)
{
	struct cv_arena a = { 0 };
	struct cv_str s = cv_str_dup(&a, (struct cv_str){ "abcdef", 3 });

	(void)state;
	assert_string_equal(s.p, "abc");
	assert_int_equal(s.n, 3);
	assert_string_equal(cv_strfmt(&a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(cv_strdup(&a, (struct cv_str){ 0 }), "");
	cv_arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed_and_aligned),
		cmocka_unit_test(test_larger_than_a_chunk),
		cmocka_unit_test(test_overflow_is_refused),
		cmocka_unit_test(test_arrays_grow),
		cmocka_unit_test(test_an_array_that_cannot_grow_stays),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
