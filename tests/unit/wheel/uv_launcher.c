/* SPDX-License-Identifier: MIT */
#include "wheel/uv_launcher.h"
#include "../support/cmocka_all.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "wheel/launcher.h"

#define PYTHON "C:\\env\\Scripts\\python.exe"
#define BODY "#!" PYTHON "\nprint(1)\n"

enum {
	HEADER = 0x40, /* of the PE */
	OPTIONAL = HEADER + 24,
	OPTIONAL_SIZE = 112 + 16 * 8,
	SECTION = OPTIONAL + OPTIONAL_SIZE,
	RAW = 0x200,
	RAW_SIZE = 0x400,
	ADDRESS = 0x5000,
	NAMES = 0x100, /* in the section, as the following */
	PATH = 0x180,
	ZIP = 0x200,
	SIZE = RAW + RAW_SIZE,
};

static void put(char *at, unsigned value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (char)(value >> 8 * i & 0xff);
}

/* A directory of resources with COUNT entries {name or number, child}. */
static void put_dir(char *at, bool named, size_t count, const unsigned (*entries)[2])
{
	put(at + (named ? 12 : 14), (unsigned)count, 2);
	for (size_t i = 0; i < count; i++) {
		put(at + 16 + 8 * i, entries[i][0], 4);
		put(at + 20 + 8 * i, entries[i][1], 4);
	}
}

static void put_name(char *at, const char *name)
{
	put(at, (unsigned)strlen(name), 2);
	for (size_t i = 0; name[i]; i++)
		put(at + 2 + 2 * i, (unsigned char)name[i], 2);
}

static size_t put_zip(char *at)
{
	const unsigned n = sizeof(BODY) - 1, name = sizeof("__main__.py") - 1;
	const unsigned crc = libdeflate_crc32(0, BODY, n);
	char *central = at + 30 + name + n;

	memcpy(at, "PK\3\4", 4);
	put(at + 14, crc, 4);
	put(at + 18, n, 4);
	put(at + 22, n, 4);
	put(at + 26, name, 2);
	memcpy(at + 30, "__main__.py" BODY, name + n);
	memcpy(central, "PK\1\2", 4);
	put(central + 16, crc, 4);
	return (size_t)(central - at) + 46;
}

/* As uv 0.13 makes it, as far as it matters. */
static struct cv_str make(char file[SIZE])
{
	const unsigned dir = 0x80000000U;
	char *raw = file + RAW;

	memset(file, 0, SIZE);
	memcpy(file, "MZ", 2);
	put(file + 0x3c, HEADER, 4);
	memcpy(file + HEADER, "PE\0", 4);
	put(file + HEADER + 6, 1, 2);
	put(file + HEADER + 20, OPTIONAL_SIZE, 2);
	put(file + OPTIONAL, 0x20b, 2);
	put(file + OPTIONAL + 112 + 2 * 8, ADDRESS, 4);
	put(file + SECTION + 12, ADDRESS, 4);
	put(file + SECTION + 16, RAW_SIZE, 4);
	put(file + SECTION + 20, RAW, 4);
	put_dir(raw, false, 1, (const unsigned[][2]){ { 10, dir | 0x18 } });
	put_dir(raw + 0x18, true, 2,
		(const unsigned[][2]){
			{ dir | NAMES, dir | 0x40 }, { dir | (NAMES + 0x40), dir | 0x58 } });
	put_dir(raw + 0x40, false, 1, (const unsigned[][2]){ { 0, 0x70 } });
	put_dir(raw + 0x58, false, 1, (const unsigned[][2]){ { 0, 0x80 } });
	put(raw + 0x70, ADDRESS + PATH, 4);
	put(raw + 0x74, sizeof(PYTHON) - 1, 4);
	put_name(raw + NAMES, "UV_PYTHON_PATH");
	put_name(raw + NAMES + 0x40, "UV_SCRIPT_DATA");
	memcpy(raw + PATH, PYTHON, sizeof(PYTHON) - 1);
	put(raw + 0x80, ADDRESS + ZIP, 4);
	put(raw + 0x84, (unsigned)put_zip(raw + ZIP), 4);
	return (struct cv_str){ file, SIZE };
}

static void test_parse(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_first_line line;
	struct cv_uv_launcher l;
	char file[SIZE];
	struct cv_str text = make(file);

	(void)state;
	assert_true(cv_uv_launcher_parse(text, &l));
	assert_true(cv_str_eq(l.python, CV_LIT(PYTHON)));
	assert_int_equal(cv_launcher_parse(&arena, text, &line), 1);
	assert_int_equal(line.form, CV_FIRST_LINE_QUOTED);
	assert_true(cv_str_eq(line.python, CV_LIT(PYTHON)));
	put(file + OPTIONAL + 112 + 4 * 8, 0x600, 4); /* a signature */
	assert_false(cv_uv_launcher_parse(text, &l));
}

static void test_set(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf b OWN_BUF = { 0 }, longer OWN_BUF = { 0 };
	struct cv_first_line line;
	struct cv_uv_launcher l;
	char file[SIZE];
	struct cv_str text = make(file), new;
	const char *body, *zip;

	(void)state;
	assert_true(cv_uv_launcher_parse(text, &l));
	assert_false(cv_uv_launcher_set(&longer, text, &l, PYTHON "x"));
	assert_true(cv_uv_launcher_set(&b, text, &l, "python.exe"));
	new = cv_buf_slice(&b);
	assert_int_equal(new.n, text.n);
	assert_null(cv_str_find(new, CV_LIT("C:\\env")));
	assert_int_equal(cv_launcher_parse(&arena, new, &line), 1);
	assert_int_equal(line.form, CV_FIRST_LINE_BESIDE);
	assert_true(cv_str_eq(line.python, CV_LIT("python.exe")));
	assert_true(cv_uv_launcher_parse(new, &l));
	zip = l.script.p;
	body = cv_str_find(l.script, CV_LIT("#!python.exe "));
	assert_non_null(body);
	put(file, libdeflate_crc32(0, body, sizeof(BODY) - 1), 4);
	assert_memory_equal(zip + 14, file, 4);
	assert_memory_equal(body + sizeof(BODY) - 1 + 16, file, 4);
}

/* Of a file that ends early, or with any other number in it, nothing outside is read or written. */
static void test_any_bytes(void **state)
{
	char file[SIZE];
	struct cv_str text = make(file);

	(void)state;
	for (size_t n = 0; n < text.n; n += n < RAW ? 1 : 7) {
		char *part = malloc(n + 1);
		struct cv_uv_launcher l;

		assert_non_null(part);
		memcpy(part, text.p, n);
		(void)cv_uv_launcher_parse((struct cv_str){ part, n }, &l);
		free(part);
	}
	for (size_t at = 0; at < SIZE; at++)
		for (size_t v = 0; v < 4; v++) {
			struct cv_buf b OWN_BUF = { 0 };
			struct cv_uv_launcher l;
			char old = file[at];

			file[at] = "\xff\x7f\x80\x01"[v];
			if (cv_uv_launcher_parse(text, &l))
				(void)cv_uv_launcher_set(&b, text, &l, "p.exe");
			file[at] = old;
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
