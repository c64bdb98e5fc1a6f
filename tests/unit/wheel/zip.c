/* SPDX-License-Identifier: MIT */
#include "wheel/zip.h"

#include "base/arena.h"
#include "base/own.h"
#include "check.h"
#include "makezip.h"

#define HELLO "hello hello hello hello hello\n"

static struct cvenv_error err;

/* Two files, the second deflated, and a directory. */
static struct made_zip sound(void)
{
	struct made_zip zip = { 0 };

	make_add(&zip, (struct made_entry){
			       .name = CV_LIT("a.txt"), .data = CV_LIT("plain"), .mode = 0100644 });
	make_add(&zip, (struct made_entry){ .name = CV_LIT("d/hello"),
			       .data = CV_LIT(HELLO),
			       .deflate = true,
			       .mode = 0100755 });
	make_add(&zip, (struct made_entry){ .name = CV_LIT("d/"), .mode = 040755 });
	make_end(&zip);
	return zip;
}

static int open_zip(struct made_zip *made)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_zip zip;
	int rc = cv_zip_open(&arena, cv_buf_slice(&made->buf), &zip, &err);

	assert_true(rc == 0 || !zip.inflater);
	cv_zip_close(&zip);
	cv_buf_done(&made->buf);
	return rc;
}

/* Open must fail with CODE and a message that has PART; releases the archive. */
static void refused(struct made_zip *made, int code, const char *part)
{
	check_error(open_zip(made), code, &err, part);
}

static void test_contents(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct made_zip made = sound();
	struct cv_zip zip;
	char out[sizeof(HELLO)] = "";

	(void)state;
	assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&made.buf), &zip, &err), 0);
	assert_int_equal(zip.count, 3);
	check_str(zip.entries[0].name, "a.txt");
	check_str(zip.entries[1].name, "d/hello");
	check_str(zip.entries[2].name, "d");
	assert_false(zip.entries[1].dir);
	assert_true(zip.entries[2].dir);
	assert_int_equal(zip.entries[1].unix_mode, 0100755);
	assert_int_equal(zip.entries[1].method, 8);
	assert_int_equal(zip.entries[1].size, sizeof(HELLO) - 1);
	assert_int_equal(zip.entries[0].mtime, 1709210096); /* 2024-02-29 12:34:56 UTC */
	assert_int_equal(cv_zip_read(&zip, &zip.entries[0], out, &err), 0);
	assert_memory_equal(out, "plain", 5);
	assert_int_equal(cv_zip_read(&zip, &zip.entries[1], out, &err), 0);
	assert_string_equal(out, HELLO);
	assert_int_equal(cv_zip_read(&zip, &zip.entries[2], NULL, &err), 0);
	cv_zip_close(&zip);
	cv_buf_done(&made.buf);
}

static void test_times(void **state)
{
	static const struct {
		unsigned date, time;
		int64_t expected;
	} cases[] = {
		{ 0, 0, 315532800 },                               /* as 1980-01-01 */
		{ 0 << 9 | 1 << 5 | 1, 0, 315532800 },             /* 1980-01-01 */
		{ 20 << 9 | 2 << 5 | 29, 0, 951782400 },           /* 2000-02-29 */
		{ 20 << 9 | 3 << 5 | 1, 0, 951868800 },            /* 2000-03-01 */
		{ 45 << 9 | 12 << 5 | 31, 23 << 11, 1767222000 },  /* 2025-12-31 23:00 */
		{ 120 << 9 | 3 << 5 | 1, 1 << 5 | 1, 4107542462 }, /* 2100-03-01 00:01:02 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct made_zip made = sound();
		struct cv_zip zip;

		make_poke(&made, made.central[0] + CENTRAL_DATE, 2, cases[i].date);
		make_poke(&made, made.central[0] + CENTRAL_TIME, 2, cases[i].time);
		assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&made.buf), &zip, &err), 0);
		assert_int_equal(zip.entries[0].mtime, cases[i].expected);
		cv_zip_close(&zip);
		cv_buf_done(&made.buf);
	}
}

static void test_empty_archive(void **state)
{
	struct made_zip made = { 0 };

	(void)state;
	make_end(&made);
	assert_int_equal(open_zip(&made), 0);
}

/* However short it is cut, an archive is refused and nothing behind it is read (ASan looks). */
static void test_cut_anywhere(void **state)
{
	struct made_zip made = sound();

	(void)state;
	for (size_t n = 0; n < made.buf.n; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_zip zip;
		char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, made.buf.p, n);
		assert_int_equal(
			cv_zip_open(&arena, (struct cv_str){ copy, n }, &zip, &err), -CVENV_EWHEEL);
		free(copy);
	}
	cv_buf_done(&made.buf);
}

/* One wrong bit is noticed, or changes nothing but what no check covers (times, modes, versions).
 */
static void test_flip_every_bit(void **state)
{
	struct made_zip made = sound();

	(void)state;
	for (size_t bit = 0; bit < made.buf.n * 8; bit++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_zip zip;
		char out[256];
		int rc;

		made.buf.p[bit / 8] ^= (char)(1 << bit % 8);
		rc = cv_zip_open(&arena, cv_buf_slice(&made.buf), &zip, &err);
		for (size_t i = 0; rc == 0 && i < zip.count && zip.entries[i].size < sizeof(out);
			i++) {
			if (cv_zip_read(&zip, &zip.entries[i], out, &err) < 0)
				break;
			if (i == 1)
				assert_memory_equal(out, HELLO, sizeof(HELLO) - 1);
		}
		cv_zip_close(&zip);
		made.buf.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	cv_buf_done(&made.buf);
}

struct poke {
	enum { LOCAL, CENTRAL, END } where;
	size_t at, size;
	uint64_t value;
	int code;
	const char *part;
};

static void test_lies_in_headers(void **state)
{
	static const struct poke cases[] = {
		{ LOCAL, 0, 4, 0, CVENV_EWHEEL, "'a.txt' contradicts the central directory" },
		{ LOCAL, LOCAL_NAME, 1, 'b', CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_NAME_LEN, 2, 4, CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_NAME_LEN, 2, 0xffff, CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_METHOD, 2, 8, CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_FLAGS, 2, 1, CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_CRC, 4, 0, CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_PACKED, 4, 6, CVENV_EWHEEL, "contradicts" },
		{ LOCAL, LOCAL_SIZE, 4, 6, CVENV_EWHEEL, "contradicts" },
		{ CENTRAL, 0, 4, 0, CVENV_EWHEEL, "invalid central directory" },
		{ CENTRAL, CENTRAL_DISK, 2, 1, CVENV_EWHEEL, "invalid central directory" },
		{ CENTRAL, CENTRAL_METHOD, 2, 12, CVENV_EWHEEL,
			"unsupported compression method 12" },
		{ CENTRAL, CENTRAL_FLAGS, 2, 1, CVENV_EWHEEL, "'a.txt' is encrypted" },
		{ CENTRAL, CENTRAL_FLAGS, 2, 1 << 6, CVENV_EWHEEL, "is encrypted" },
		{ CENTRAL, CENTRAL_FLAGS, 2, 1 << 13, CVENV_EWHEEL, "is encrypted" },
		{ CENTRAL, CENTRAL_MODE, 2, 0120777, CVENV_EUNSAFE, "'a.txt' is a symbolic link" },
		{ CENTRAL, CENTRAL_MODE, 2, 020666, CVENV_EUNSAFE,
			"neither a file nor a directory" },
		{ CENTRAL, CENTRAL_MODE, 2, 040755, CVENV_EUNSAFE,
			"neither a file nor a directory" },
		{ CENTRAL, CENTRAL_SIZE, 4, 6, CVENV_EWHEEL, "'a.txt' has an invalid size" },
		{ CENTRAL, CENTRAL_SIZE, 4, CV_ZIP_FILE_MAX + 1, CVENV_ELIMIT, "'a.txt'" },
		{ CENTRAL, CENTRAL_SIZE, 4, 0xffffffff, CVENV_ELIMIT, "'a.txt'" },
		{ CENTRAL, CENTRAL_OFFSET, 4, 0xfffffff0, CVENV_EWHEEL, "contradicts" },
		{ CENTRAL, CENTRAL_OFFSET, 4, 1, CVENV_EWHEEL, "contradicts" },
		{ CENTRAL, CENTRAL_NAME, 1, '/', CVENV_EUNSAFE, "unsafe name" },
		{ CENTRAL, CENTRAL_NAME, 1, '\\', CVENV_EUNSAFE, "unsafe name" },
		{ CENTRAL, CENTRAL_NAME, 1, 0, CVENV_EUNSAFE,
			"zip entry 0 has control characters" },
		{ CENTRAL, CENTRAL_NAME, 1, '\n', CVENV_EUNSAFE, "control characters" },
		{ CENTRAL, CENTRAL_NAME, 1, 0xff, CVENV_EUNSAFE, "not UTF-8" },
		{ END, END_DISK, 2, 1, CVENV_EWHEEL, "multi-disk" },
		{ END, END_DISK + 2, 2, 1, CVENV_EWHEEL, "multi-disk" },
		{ END, END_COUNT_HERE, 2, 2, CVENV_EWHEEL, "multi-disk" },
		{ END, END_COUNT_HERE, 4, 2 | 2 << 16, CVENV_EWHEEL, "invalid number of entries" },
		{ CENTRAL, CENTRAL_NAME - 18, 2, 0xffff, CVENV_EWHEEL,
			"invalid central directory" },
		{ END, END_COUNT_HERE, 4, 999 | 999 << 16, CVENV_EWHEEL,
			"invalid number of entries" },
		{ END, END_COUNT_HERE, 4, 0xffffffff, CVENV_EWHEEL, "no zip64 record" },
		{ END, END_DIR_SIZE, 4, 0xffffffff, CVENV_EWHEEL, "no zip64 record" },
		{ END, END_DIR_SIZE, 4, 46, CVENV_EWHEEL, "invalid offset" },
		{ END, END_DIR_OFFSET, 4, 0, CVENV_EWHEEL, "invalid offset" },
		{ END, END_DIR_OFFSET, 4, 0xfffffff0, CVENV_EWHEEL, "invalid offset" },
		{ END, END_COMMENT_LEN, 2, 1, CVENV_EWHEEL, "data after its end" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct poke *c = &cases[i];
		struct made_zip made = sound();
		size_t base = c->where == LOCAL     ? made.local[0]
			      : c->where == CENTRAL ? made.central[0]
						    : made.end;

		make_poke(&made, base + c->at, c->size, c->value);
		refused(&made, c->code, c->part);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *part;
	} cases[] = {
		{ "/etc/passwd", CVENV_EUNSAFE, "'/etc/passwd': unsafe name" },
		{ "../x", CVENV_EUNSAFE, "'../x': unsafe name" },
		{ "a/../x", CVENV_EUNSAFE, "unsafe name" },
		{ "a/./x", CVENV_EUNSAFE, "unsafe name" },
		{ "a//x", CVENV_EUNSAFE, "unsafe name" },
		{ "a//", CVENV_EUNSAFE, "unsafe name" },
		{ "/", CVENV_EUNSAFE, "unsafe name" },
		{ "", CVENV_EUNSAFE, "unsafe name" },
		{ "..", CVENV_EUNSAFE, "unsafe name" },
		{ "a\x1b[2J", CVENV_EUNSAFE, "control characters" },
		{ "a\x7f", CVENV_EUNSAFE, "control characters" },
		{ "\xc3\xa4", CVENV_EUNSAFE, "is not marked as UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made_zip made = { 0 };

		make_add(&made, (struct made_entry){ .name = cv_str(cases[i].name) });
		make_end(&made);
		refused(&made, cases[i].code, cases[i].part);
	}
}

static void test_name_limits(void **state)
{
	struct made_zip made = { 0 };
	char name[CV_ZIP_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 100 == 99 ? '/' : 'n';
	make_add(&made, (struct made_entry){ .name = { name, sizeof(name) } });
	make_end(&made);
	refused(&made, CVENV_ELIMIT, "name of zip entry 0 is too long");
	made = (struct made_zip){ 0 };
	make_add(&made, (struct made_entry){ .name = { name, CV_ZIP_NAME_MAX } });
	make_end(&made);
	assert_int_equal(open_zip(&made), 0);
	made = (struct made_zip){ 0 };
	make_add(&made, (struct made_entry){ .name = CV_LIT("\xc3\xa4"), .flags = 1 << 11 });
	make_end(&made);
	assert_int_equal(open_zip(&made), 0);
}

static void test_one_name_twice(void **state)
{
	static const struct {
		const char *first, *second, *part; /* NULL: they go together */
	} cases[] = {
		{ "a", "a", "duplicate zip entry 'a'" },
		{ "a/", "a/", "duplicate zip entry 'a'" },
		{ "a", "a/", "duplicate zip entry 'a'" },
		{ "a", "a/b", "'a/b' is below 'a', which is a file" },
		{ "a/b/c", "a", "'a/b/c' is below 'a', which is a file" },
		{ "a", "a-b", NULL },
		{ "a/", "a/b", NULL },
		{ "a", "A", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made_zip made = { 0 };

		make_add(&made, (struct made_entry){ .name = cv_str(cases[i].first) });
		/* sorts between a file and what is below it, unless '/' comes first */
		make_add(&made, (struct made_entry){ .name = CV_LIT("a!") });
		make_add(&made, (struct made_entry){ .name = cv_str(cases[i].second) });
		make_end(&made);
		if (cases[i].part)
			refused(&made, CVENV_EWHEEL, cases[i].part);
		else
			assert_int_equal(open_zip(&made), 0);
	}
}

/* Two entries that unpack the same bytes: how zip bombs are made. */
static void test_overlap(void **state)
{
	struct made_zip made = sound();

	(void)state;
	/* the second header says that it is where the first is, with all that this needs */
	memcpy(made.buf.p + made.central[1] + CENTRAL_FLAGS,
		made.buf.p + made.local[0] + LOCAL_FLAGS, 20);
	make_poke(&made, made.central[1] + CENTRAL_OFFSET, 4, made.local[0]);
	refused(&made, CVENV_EWHEEL, "contradicts"); /* the names differ */

	made = (struct made_zip){ 0 };
	make_add(&made,
		(struct made_entry){ .name = CV_LIT("outer"), .data = CV_LIT("0123456789") });
	make_add(&made, (struct made_entry){ .name = CV_LIT("inner"), .data = CV_LIT("x") });
	make_end(&made);
	/* outer takes the header and the data of inner as its own data */
	make_poke(&made, made.central[0] + CENTRAL_PACKED, 4, 10 + 30 + 5 + 1);
	make_poke(&made, made.central[0] + CENTRAL_SIZE, 4, 10 + 30 + 5 + 1);
	make_poke(&made, made.local[0] + LOCAL_PACKED, 4, 10 + 30 + 5 + 1);
	make_poke(&made, made.local[0] + LOCAL_SIZE, 4, 10 + 30 + 5 + 1);
	refused(&made, CVENV_EWHEEL, "'outer' and 'inner' overlap");
}

static void test_data_in_directory(void **state)
{
	struct made_zip made = { 0 };
	size_t size;

	(void)state;
	make_add(&made, (struct made_entry){ .name = CV_LIT("a"), .data = CV_LIT("0123456789") });
	make_end(&made);
	size = made.dir_offset - 31 + 1;
	make_poke(&made, made.central[0] + CENTRAL_PACKED, 4, size);
	make_poke(&made, made.central[0] + CENTRAL_SIZE, 4, size);
	make_poke(&made, made.local[0] + LOCAL_PACKED, 4, size);
	make_poke(&made, made.local[0] + LOCAL_SIZE, 4, size);
	refused(&made, CVENV_EWHEEL, "'a' reaches into the central directory");
}

static void test_bytes_around(void **state)
{
	struct made_zip made = { 0 };

	(void)state;
	cv_buf_cstr(&made.buf, "#!/bin/sh\n");
	make_add(&made, (struct made_entry){ .name = CV_LIT("a") });
	make_end(&made);
	refused(&made, CVENV_EWHEEL, "data before");
	made = sound();
	cv_buf_char(&made.buf, 'x');
	refused(&made, CVENV_EWHEEL, "data after its end");
	/* a comment is no harm by itself */
	made = sound();
	make_poke(&made, made.end + END_COMMENT_LEN, 2, 2);
	cv_buf_cstr(&made.buf, "hi");
	assert_int_equal(open_zip(&made), 0);
	/* an end record in the comment of another one */
	made = sound();
	make_poke(&made, made.end + END_COMMENT_LEN, 2, 22 + 3);
	cv_buf_add(&made.buf, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0...", 25);
	refused(&made, CVENV_EWHEEL, "data after its end");
	/* one that is too short: some readers stop there */
	made = sound();
	make_poke(&made, made.end + END_COMMENT_LEN, 2, 4);
	cv_buf_cstr(&made.buf, "PK\5\6");
	refused(&made, CVENV_EWHEEL, "an end record in its comment");
	/* an unknown version of the format */
	made = sound();
	make_poke(&made, made.central[0] + CENTRAL_NEEDS, 2, 64);
	refused(&made, CVENV_EWHEEL, "newer format");
}

static void test_limits(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct made_zip made = { 0 };
	struct cv_zip zip;
	static char names[16][4];

	(void)state;
	/* the slice is not looked into */
	check_error(cv_zip_open(&arena, (struct cv_str){ "", CV_ZIP_DATA_MAX + 1 }, &zip, &err),
		CVENV_ELIMIT, &err, "zip archive: too large");
	for (unsigned i = 0; i < 9; i++) {
		names[i][0] = (char)('a' + i);
		make_add(&made,
			(struct made_entry){
				.name = cv_str(names[i]), .deflate = true, .data = CV_LIT("x") });
	}
	make_end(&made);
	for (unsigned i = 0; i < 9; i++) {
		make_poke(&made, made.central[i] + CENTRAL_SIZE, 4, CV_ZIP_FILE_MAX);
		make_poke(&made, made.local[i] + LOCAL_SIZE, 4, CV_ZIP_FILE_MAX);
	}
	refused(&made, CVENV_ELIMIT, "contents of the zip archive: too large");
}

static void test_damaged_data(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct made_zip made = sound();
	struct cv_zip zip;
	char out[sizeof(HELLO) + 1];

	(void)state;
	make_poke(&made, made.local[0] + LOCAL_NAME + 5, 1, 'P');
	make_poke(&made, made.local[1] + LOCAL_NAME + 7, 1, 7); /* a block of an unknown kind */
	assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&made.buf), &zip, &err), 0);
	check_error(cv_zip_read(&zip, &zip.entries[0], out, &err), CVENV_EWHEEL, &err,
		"'a.txt' has a wrong CRC");
	check_error(cv_zip_read(&zip, &zip.entries[1], out, &err), CVENV_EWHEEL, &err,
		"'d/hello' cannot be unpacked");
	cv_zip_close(&zip);
	cv_buf_done(&made.buf);
}

/* Deflated data that is longer or shorter than the header says. */
static void test_wrong_unpacked_size(void **state)
{
	(void)state;
	for (int more = -1; more <= 1; more += 2) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct made_zip made = sound();
		struct cv_zip zip;
		char out[sizeof(HELLO) + 1];
		uint64_t size = sizeof(HELLO) - 1 + (uint64_t)more;

		make_poke(&made, made.central[1] + CENTRAL_SIZE, 4, size);
		make_poke(&made, made.local[1] + LOCAL_SIZE, 4, size);
		assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&made.buf), &zip, &err), 0);
		check_error(cv_zip_read(&zip, &zip.entries[1], out, &err), CVENV_EWHEEL, &err,
			"cannot be unpacked");
		cv_zip_close(&zip);
		cv_buf_done(&made.buf);
	}
}

/* Bytes after the deflated ones that belong to the entry. */
static void test_packed_size_too_long(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct made_zip made = { 0 };
	struct cv_zip zip;
	char out[8];

	(void)state;
	make_add(&made, (struct made_entry){
				.name = CV_LIT("a"), .data = CV_LIT("text"), .deflate = true });
	cv_buf_cstr(&made.buf, "more");
	make_end(&made);
	make_poke(&made, made.central[0] + CENTRAL_PACKED, 4, made.packed[0] + 4);
	make_poke(&made, made.local[0] + LOCAL_PACKED, 4, made.packed[0] + 4);
	assert_int_equal(cv_zip_open(&arena, cv_buf_slice(&made.buf), &zip, &err), 0);
	check_error(cv_zip_read(&zip, &zip.entries[0], out, &err), CVENV_EWHEEL, &err,
		"cannot be unpacked");
	cv_zip_close(&zip);
	cv_buf_done(&made.buf);
}

static void test_data_descriptor(void **state)
{
	struct made_zip made = { 0 };

	(void)state;
	make_add(&made, (struct made_entry){
				.name = CV_LIT("a"), .data = CV_LIT("text"), .flags = 1 << 3 });
	make_end(&made);
	make_poke(&made, made.local[0] + LOCAL_CRC, 4, 0);
	make_poke(&made, made.local[0] + LOCAL_PACKED, 4, 0);
	make_poke(&made, made.local[0] + LOCAL_SIZE, 4, 0);
	assert_int_equal(open_zip(&made), 0);
}

static void test_extra_fields(void **state)
{
	static const struct {
		struct cv_str extra;
		const char *part; /* NULL: accepted */
	} cases[] = {
		{ { "UT\5\0\1....", 9 }, NULL },
		{ { "UT\1\0x..", 7 },
			NULL }, /* less than a header behind it: ignored, as by Python */
		{ { "UT\6\0\1....", 9 }, "invalid extra field" },
		{ { "\x75\x70\6\0\1....b", 10 }, "two different names" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made_zip made = { 0 };

		make_add(
			&made, (struct made_entry){ .name = CV_LIT("a"), .extra = cases[i].extra });
		make_end(&made);
		if (cases[i].part)
			refused(&made, CVENV_EWHEEL, cases[i].part);
		else
			assert_int_equal(open_zip(&made), 0);
	}
}

static void test_zip64(void **state)
{
	/* from the start of the zip64 end record; the locator is at 56, the end record at 76 */
	static const struct poke cases[] = {
		{ END, 0, 4, 0, CVENV_EWHEEL, "no zip64 record" },
		{ END, 4, 8, 45, CVENV_EWHEEL, "invalid zip64 record" },
		{ END, 4, 8, UINT64_MAX, CVENV_EWHEEL, "invalid zip64 record" },
		{ END, 16, 4, 1, CVENV_EWHEEL, "multi-disk" },
		{ END, 24, 8, 2, CVENV_EWHEEL, "multi-disk" },
		{ END, 24 + 8, 8, UINT64_MAX, CVENV_EWHEEL, "multi-disk" },
		{ END, 40, 8, UINT64_MAX, CVENV_EWHEEL, "invalid offset" },
		{ END, 48, 8, UINT64_MAX, CVENV_EWHEEL, "invalid offset" },
		{ END, 56, 4, 0, CVENV_EWHEEL, "no zip64 record" },
		{ END, 56 + 8, 8, UINT64_MAX, CVENV_EWHEEL, "no zip64 record" },
		{ END, 56 + 8, 8, 1, CVENV_EWHEEL, "no zip64 record" },
		{ END, 56 + 16, 4, 2, CVENV_EWHEEL, "multi-disk" },
		{ END, 76 + 8, 4, 2 | 2 << 16, CVENV_EWHEEL, "two end records that differ" },
	};
	struct made_zip made = make_zip64();

	(void)state;
	assert_int_equal(open_zip(&made), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		made = make_zip64();
		make_poke(&made, made.end + cases[i].at, cases[i].size, cases[i].value);
		refused(&made, cases[i].code, cases[i].part);
	}
	/* sizes beyond every limit, an offset beyond the archive, a field that is too short */
	made = make_zip64();
	make_poke(&made, made.central[0] + CENTRAL_NAME + 1 + 4, 8, UINT64_MAX);
	refused(&made, CVENV_ELIMIT, "'a'");
	made = make_zip64();
	make_poke(&made, made.central[0] + CENTRAL_NAME + 1 + 4 + 16, 8, UINT64_MAX);
	refused(&made, CVENV_EWHEEL, "contradicts");
	made = make_zip64();
	make_poke(&made, made.central[0] + CENTRAL_NAME + 1 + 2, 2, 16);
	refused(&made, CVENV_EWHEEL, "invalid zip64 field");
	made = make_zip64();
	make_poke(&made, made.end + 24, 8, CV_ZIP_ENTRIES_MAX + 1);
	make_poke(&made, made.end + 32, 8, CV_ZIP_ENTRIES_MAX + 1);
	refused(&made, CVENV_ELIMIT, "number of zip entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_empty_archive),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_flip_every_bit),
		cmocka_unit_test(test_lies_in_headers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_limits),
		cmocka_unit_test(test_one_name_twice),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_data_in_directory),
		cmocka_unit_test(test_bytes_around),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_damaged_data),
		cmocka_unit_test(test_wrong_unpacked_size),
		cmocka_unit_test(test_packed_size_too_long),
		cmocka_unit_test(test_data_descriptor),
		cmocka_unit_test(test_extra_fields),
		cmocka_unit_test(test_zip64),
	};

	return cmocka_run_group_tests_name("zip", tests, NULL, NULL);
}
