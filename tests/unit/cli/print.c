/* SPDX-License-Identifier: MIT */
#include "cli/print.h"
#include "../support/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void drain(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

/*
 * stdout is a pipe that does not block. A write fails because nobody reads, and the last one
 * succeeds because somebody has read: output is missing in the middle.
 */
static void test_flush_reports_an_earlier_failure(void **state)
{
	static char much[1 << 20];
	struct cvenv_error error;
	int ends[2], kept = dup(STDOUT_FILENO), first, second;

	(void)state;
	memset(much, 'x', sizeof(much) - 1);
	(void)fflush(stdout);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	(void)dup2(ends[1], STDOUT_FILENO);
	(void)fputs(much, stdout);
	drain(ends[0]);
	(void)fputs("the end\n", stdout);
	first = cv_print_flush("the cache was filled", &error);
	drain(ends[0]);
	(void)fputs("more\n", stdout);
	second = cv_print_flush(NULL, NULL);
	(void)dup2(kept, STDOUT_FILENO);
	(void)close(kept);
	(void)close(ends[0]);
	(void)close(ends[1]);

	assert_int_equal(first, -1);
	assert_int_equal(error.code, EIO);
	assert_ptr_equal(
		strstr(error.message, "the cache was filled, but cannot write to stdout: "),
		error.message);
	assert_int_equal(second, 0); /* it was reported once */
}

static void test_sizes_ages_and_counts(void **state)
{
	const int64_t day = 24 * 60 * 60;
	char text[CV_TEXT_MAX];

	(void)state;
	assert_string_equal(cv_print_size(999, text), "999 bytes");
	assert_string_equal(cv_print_size(999949, text), "999.9 kB");
	assert_string_equal(cv_print_size(999999, text), "1.0 MB");
	assert_string_equal(cv_print_size(UINT64_MAX, text), "18446744.1 TB");
	assert_string_equal(cv_print_count(0, text), "0");
	assert_string_equal(cv_print_count(999, text), "999");
	assert_string_equal(cv_print_count(1000, text), "1,000");
	assert_string_equal(cv_print_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
	assert_string_equal(cv_print_age(10 * day, 10 * day + 1, text), "today");
	assert_string_equal(cv_print_age(10 * day, 9 * day, text), "1 day ago");
	assert_string_equal(cv_print_age(10 * day, 11 * day, text), "dated in the future");
	assert_string_equal(cv_print_age(INT64_MAX, 0, text), "106751991167300 days ago");
	assert_string_equal(cv_print_age(1, INT64_MAX, text), "dated in the future");
	assert_string_equal(cv_print_age(INT64_MAX, INT64_MIN, text), "213503982334601 days ago");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes_ages_and_counts),
		cmocka_unit_test(test_flush_reports_an_earlier_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
