/* SPDX-License-Identifier: MIT */
#include "wheel/wheel.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "../support/fault.h"
#include "base/arena.h"
#include "base/own.h"
#include "base/sha256.h"
#include "check.h"
#include "makezip.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FILE_NAME "Demo_Pkg-1.0-py3-none-any.whl"
#define DIST "demo_pkg-1.0.dist-info/"
#define METADATA                                                                              \
	"Metadata-Version: 2.1\nName: demo.pkg\nVersion: 1.0.0\nRequires-Python: >=3.8, <4\n" \
	"\nName: not a header\n"
#define WHEEL "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

static struct cvenv_error err;

enum {
	FILES = 12,
	TOOL = 1, /* demo/tool.py among the sorted files of the sound wheel */
};

/* What a wheel is made of; RECORD is computed unless it is among the files. */
struct made {
	struct file {
		const char *path, *text;
		uint32_t mode;
		const char *row; /* in RECORD instead of the true one; "" for none */
	} files[FILES];
	const char *rows; /* more for RECORD */
};

static const struct made sound = {
	.files = {
		{ "demo/tool.py", "print('x')\n", 0100755, NULL },
		{ "demo/__init__.py", "", 0100644, NULL },
		{ DIST "METADATA", METADATA, 0100644, NULL },
		{ DIST "WHEEL", WHEEL, 0100644, NULL },
		{ DIST "entry_points.txt", "[console_scripts]\ndemo = demo:main\n", 0100644, NULL },
		{ "demo/", "", 040755, "" },
	},
};

static struct file *file_of(struct made *m, const char *path)
{
	size_t i = 0;

	while (m->files[i].path && strcmp(m->files[i].path, path) != 0)
		i++;
	assert_true(i < FILES);
	m->files[i].path = path;
	return &m->files[i];
}

static void drop(struct made *m, const char *path)
{
	struct file *f = file_of(m, path);

	for (; f->path; f++)
		f[0] = f[1];
}

static struct cv_buf pack(const struct made *m, bool deflate)
{
	struct cv_buf record OWN_BUF = { 0 };
	struct made_zip zip = { 0 };
	bool has_record = false;
	char sum[CV_SHA256_B64 + 1];

	for (const struct file *f = m->files; f->path; f++) {
		make_add(&zip, (struct made_entry){ .name = cv_str(f->path),
				       .data = cv_str(f->text),
				       .mode = f->mode,
				       .deflate = deflate });
		has_record = has_record || strcmp(f->path, DIST "RECORD") == 0;
		cv_sha256_b64(f->text, strlen(f->text), sum);
		if (f->row)
			cv_buf_cstr(&record, f->row);
		else
			cv_buf_addf(&record, "%s,sha256=%s,%zu\n", f->path, sum, strlen(f->text));
	}
	cv_buf_cstr(&record, DIST "RECORD,,\n");
	cv_buf_cstr(&record, m->rows ? m->rows : "");
	if (!has_record)
		make_add(&zip, (struct made_entry){ .name = CV_LIT(DIST "RECORD"),
				       .data = cv_buf_slice(&record) });
	make_end(&zip);
	return zip.buf;
}

static int open_made(const struct made *m, const char *file_name)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf data OWN_BUF = pack(m, false);
	struct cv_wheel wheel;
	int rc = cv_wheel_open(&arena, file_name, cv_buf_slice(&data), &wheel, &err);

	assert_true(rc == 0 || !wheel.files);
	cv_wheel_close(&wheel);
	return rc;
}

static void refused(const struct made *m, const char *part)
{
	check_error(open_made(m, FILE_NAME), CVENV_EWHEEL, &err, part);
	assert_non_null(strstr(err.message, "cannot use wheel '" FILE_NAME "': "));
}

static void test_contents(void **state)
{
	static const char *const paths[] = { "demo/__init__.py", "demo/tool.py", DIST "METADATA",
		DIST "WHEEL", DIST "entry_points.txt" };

	(void)state;
	for (int deflate = 0; deflate < 2; deflate++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf data OWN_BUF = pack(&sound, deflate);
		struct made m = sound;
		struct cv_wheel w;
		char out[512];

		assert_int_equal(
			cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err), 0);
		check_str(w.name, "demo.pkg");
		check_str(w.version, "1.0.0");
		check_str(w.dist_info, "demo_pkg-1.0.dist-info");
		check_str(w.requires_python, ">=3.8, <4");
		check_str(w.entry_points, "[console_scripts]\ndemo = demo:main\n");
		assert_int_equal(w.count, COUNT(paths));
		for (size_t i = 0; i < w.count; i++) {
			check_str(w.files[i].path, paths[i]);
			assert_int_equal(w.files[i].exec, i == TOOL);
			assert_int_equal(cv_wheel_read(&w, i, out, &err), 0);
			assert_memory_equal(out, file_of(&m, paths[i])->text, w.files[i].size);
		}
		assert_int_equal(w.files[TOOL].size, 11);
		assert_int_equal(w.files[TOOL].mtime, 1709210096);
		check_str(w.files[0].hash, "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
		cv_wheel_close(&w);
	}
}

/* What a cached wheel keeps of a wheel, which has long been closed then. */
static void test_what_outlives_the_archive(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf data OWN_BUF = pack(&sound, false);
	struct cv_wheel w, kept;
	struct cv_str hash;

	(void)state;
	assert_int_equal(cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err), 0);
	kept = w;
	hash = w.files[0].hash;
	cv_wheel_close(&w);
	memset(data.p, 'x', data.n);
	check_str(kept.name, "demo.pkg");
	check_str(kept.version, "1.0.0");
	check_str(kept.dist_info, "demo_pkg-1.0.dist-info");
	check_str(kept.requires_python, ">=3.8, <4");
	check_str(kept.entry_points, "[console_scripts]\ndemo = demo:main\n");
	check_str(hash, "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

static void test_exec_is_of_regular_files(void **state)
{
	static const uint32_t modes[] = { 0, 0755, 0100644, 0100755, 0100010, 0100001, 0100000 };
	static const bool exec[] = { false, false, false, true, true, true, false };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct made m = sound;
		struct cv_buf data OWN_BUF = { 0 };
		struct cv_wheel w;

		file_of(&m, "demo/tool.py")->mode = modes[i];
		data = pack(&m, false);
		assert_int_equal(
			cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err), 0);
		assert_int_equal(w.files[TOOL].exec, exec[i]);
		cv_wheel_close(&w);
	}
}

static void test_optional_files(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_buf data OWN_BUF = { 0 };
	struct made m = sound;
	struct cv_wheel w;

	(void)state;
	drop(&m, DIST "entry_points.txt");
	file_of(&m, DIST "METADATA")->text = "name:demo-pkg\r\nVERSION : 9\r\nVERSION:1.0\r\n\r\n";
	file_of(&m, DIST "WHEEL")->text = "Wheel-Version: 1.9\r\nRoot-Is-Purelib: True\r\n";
	data = pack(&m, false);
	assert_int_equal(cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err), 0);
	check_str(w.entry_points, "");
	check_str(w.requires_python, "");
	cv_wheel_close(&w);
}

/* A signature may be in RECORD with a hash, without one, or not at all. */
static void test_signatures(void **state)
{
	static const char *const rows[] = { "", DIST "RECORD.jws,,\n", NULL };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_buf data OWN_BUF = { 0 };
		struct made m = sound;
		struct cv_wheel w;
		char out[8];

		*file_of(&m, DIST "RECORD.jws") =
			(struct file){ DIST "RECORD.jws", "{}", 0, rows[i] };
		data = pack(&m, false);
		assert_int_equal(
			cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err), 0);
		check_str(w.files[3].path, DIST "RECORD.jws");
		assert_int_equal(w.files[3].hash.n == 0, rows[i] != NULL);
		assert_int_equal(cv_wheel_read(&w, 3, out, &err), 0);
		cv_wheel_close(&w);
	}
}

static void test_missing_files(void **state)
{
	static const struct {
		const char *path, *part;
	} cases[] = {
		{ DIST "METADATA", "it has no METADATA" },
		{ DIST "WHEEL", "its WHEEL file has no Wheel-Version" },
	};
	const struct made other = { .files = { { "demo/__init__.py", "", 0, NULL } } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made without = sound;

		drop(&without, cases[i].path);
		refused(&without, cases[i].part);
	}
	refused(&other, "its WHEEL file has no Wheel-Version");
}

/* Archives that have no RECORD, or not even a place for one. */
static void test_no_record(void **state)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{ "demo.py", "it has no .dist-info directory" },
		{ "vendor/demo_pkg-1.0.dist-info/RECORD", "it has no .dist-info directory" },
		{ DIST "WHEEL", "it has no RECORD" },
		{ DIST "sub/RECORD", "it has no RECORD" },
		{ DIST "RECORD/", "it has no RECORD" },
		{ "demo_pkg-2.0.dist-info/RECORD", "'demo_pkg-2.0.dist-info' of another project" },
		{ "demo_pkg.dist-info/RECORD", "'demo_pkg.dist-info' of another project" },
		{ ".dist-info/RECORD", "'.dist-info' of another project" },
		{ "other-1.0.dist-info/RECORD", "'other-1.0.dist-info' of another project" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct made_zip zip = { 0 };
		struct cv_wheel w;

		make_add(&zip, (struct made_entry){ .name = cv_str(cases[i].name) });
		make_end(&zip);
		check_error(cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&zip.buf), &w, &err),
			CVENV_EWHEEL, &err, cases[i].part);
		cv_buf_done(&zip.buf);
	}
}

static void test_directories(void **state)
{
	static const struct {
		const char *path, *part;
	} cases[] = {
		{ "other-1.0.dist-info/METADATA",
			"it has both 'demo_pkg-1.0.dist-info' and 'other-1.0.dist-info'" },
		{ "demo_pkg-1.0.data/scripts/x",
			"it has 'demo_pkg-1.0.data': .data directories are not supported" },
		{ "x.data/purelib/y", "it has 'x.data': .data directories" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made m = sound;

		*file_of(&m, cases[i].path) = (struct file){ cases[i].path, "", 0, NULL };
		refused(&m, cases[i].part);
	}
}

static void test_metadata(void **state)
{
	static const struct {
		const char *path, *text, *part;
	} cases[] = {
		{ DIST "METADATA", "Name: other\nVersion: 1.0\n",
			"METADATA is of another project" },
		{ DIST "METADATA", "Name: demo-pkg\nVersion: 1.1\n", "METADATA is of another" },
		{ DIST "METADATA", "Name: demo-pkg\nVersion: x\n", "METADATA is of another" },
		{ DIST "METADATA", "Name: demo-pkg\n", "METADATA is of another" },
		{ DIST "METADATA", "Version: 1.0\n", "METADATA is of another" },
		{ DIST "METADATA", "\nName: demo-pkg\nVersion: 1.0\n", "METADATA is of another" },
		{ DIST "METADATA", "Name: demo-pkg\nName: x\nVersion: 1.0\n",
			"METADATA is of another" },
		{ DIST "METADATA", "", "METADATA is of another" },
		{ DIST "METADATA",
			"Name: demo-pkg\nVersion: 1\nRequires-Python: a\nRequires-Python: b\n",
			"Requires-Python twice" },
		{ DIST "METADATA", "Name: demo-pkg\nVersion: 1\nRequires-Python: \x1b[2J\n",
			"control characters in Requires-Python" },
		{ DIST "METADATA", "Name: demo-pkg\nVersion: 1\nRequires-Python: >=3\xff\n",
			"control characters in Requires-Python" },
		{ DIST "WHEEL", "", "no Wheel-Version" },
		{ DIST "WHEEL", "Wheel-Version: 2.0\nRoot-Is-Purelib: true\n", "unknown format" },
		{ DIST "WHEEL", "Wheel-Version: 10.0\nRoot-Is-Purelib: true\n", "unknown format" },
		{ DIST "WHEEL", "Wheel-Version: 1\nRoot-Is-Purelib: true\n", "unknown format" },
		{ DIST "WHEEL", "Wheel-Version: x.1\nRoot-Is-Purelib: true\n", "unknown format" },
		{ DIST "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\n", "not pure Python" },
		{ DIST "WHEEL", "Wheel-Version: 1.0\n", "not pure Python" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made m = sound;

		file_of(&m, cases[i].path)->text = cases[i].text;
		refused(&m, cases[i].part);
	}
}

static void test_record(void **state)
{
	static const struct {
		const char *row, *rows, *part; /* that of demo/tool.py, and more of them */
	} cases[] = {
		{ "", NULL, "'demo/tool.py' is not in its RECORD" },
		{ NULL, "demo/gone.py,sha256=x,1\n",
			"'demo/gone.py' is in its RECORD, but missing" },
		{ NULL, "zzz,,\n", "'zzz' is in its RECORD, but missing" },
		{ NULL, "demo/,,\n", "'demo/' is in its RECORD, but missing" },
		{ NULL, DIST "RECORD,,\n", "RECORD has '" DIST "RECORD' twice" },
		{ NULL, "zzz,a,b,c\n", "more than three fields" },
		{ "demo/tool.py,,\n", NULL, "RECORD has no sha256 of 'demo/tool.py'" },
		{ "demo/tool.py,md5=abc,11\n", NULL, "RECORD has no sha256 of" },
		{ "demo/tool.py,sha256=abc,11\n", NULL, "RECORD has no sha256 of" },
		{ "demo/tool.py,sha256=47DEQpj8HBSa+_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,11\n", NULL,
			"RECORD has no sha256 of" },
		{ "demo/tool.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=,11\n", NULL,
			"RECORD has no sha256 of" },
		{ "demo/tool.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,12\n", NULL,
			"RECORD has a wrong size of 'demo/tool.py'" },
		{ "demo/tool.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,\n", NULL,
			"RECORD has a wrong size of" },
		{ "demo/tool.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,-11\n", NULL,
			"RECORD has a wrong size of" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made m = sound;
		int rc;

		file_of(&m, "demo/tool.py")->row = cases[i].row;
		m.rows = cases[i].rows;
		rc = open_made(&m, FILE_NAME);
		check_error(rc, i == 5 ? CVENV_ECORRUPT : CVENV_EWHEEL, &err, cases[i].part);
	}
}

/* A hash that is wrong is found when the file is read, and at once for what open reads. */
static void test_hash(void **state)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct made m = sound;
	struct cv_buf data OWN_BUF = { 0 };
	struct cv_wheel w;
	char out[16];

	(void)state;
	file_of(&m, "demo/tool.py")->row =
		"demo/tool.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,11\n";
	data = pack(&m, true);
	assert_int_equal(cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err), 0);
	check_error(cv_wheel_read(&w, TOOL, out, &err), CVENV_EWHEEL, &err,
		"cannot use wheel '" FILE_NAME
		"': 'demo/tool.py' does not have the hash in RECORD");
	cv_wheel_close(&w);
	m = sound;
	file_of(&m, DIST "WHEEL")->text = "";
	file_of(&m, DIST "WHEEL")->row =
		DIST "WHEEL,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV,0\n";
	refused(&m, "WHEEL' does not have the hash in RECORD");
}

static void test_file_name(void **state)
{
	static const struct {
		const char *file_name, *part; /* NULL: good for the sound wheel */
	} cases[] = {
		{ "demo_pkg-1.0-py3-none-any.whl", NULL },
		{ "demo.pkg-1.0.0-1build-py2.py3-none-any.whl", NULL },
		{ "DEMO__pkg-v1-py3.py4-none-any.whl", NULL },
		{ "demopkg-1.0-py3-none-any.whl", "of another project" },
		{ "demo_pkg-1.1-py3-none-any.whl", "of another project" },
		{ "demo_pkg-1.0-cp311-cp311-linux_x86_64.whl", "not for every Python 3" },
		{ "demo_pkg-1.0-py2-none-any.whl", "not for every Python 3" },
		{ "demo_pkg-1.0-py3-abi3-any.whl", "not for every Python 3" },
		{ "demo_pkg-1.0-py3-none-win32.whl", "not for every Python 3" },
		{ "demo_pkg-1.0-py3-none.whl", "its name is not" },
		{ "demo_pkg-1.0.zip", "its name is not" },
		{ "", "its name is not" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int rc = open_made(&sound, cases[i].file_name);

		if (cases[i].part)
			check_error(rc, CVENV_EWHEEL, &err, cases[i].part);
		else if (rc < 0)
			fail_msg("%s", err.message);
	}
}

static void test_name_parse(void **state)
{
	static const char *const bad[] = { "a-1-py3-none-any", "a-1-py3-none-any.WHL",
		"-1-py3-none-any.whl", "a--py3-none-any.whl", "a-x-py3-none-any.whl",
		"a-1-b-py3-none-any.whl", "a-1-1-2-py3-none-any.whl", "a-1-py3--any.whl",
		"a-1-py3-none-.whl", "../a-1-py3-none-any.whl", "a b-1-py3-none-any.whl",
		"_a-1-py3-none-any.whl", "a\xc3\xa4-1-py3-none-any.whl", ".whl", "" };
	struct cv_str name, version, tags;

	(void)state;
	assert_true(
		cv_wheel_name_parse(CV_LIT("zope.interface-1!2.0rc1+l.1-7-py2.py3-none-any.whl"),
			&name, &version, &tags));
	check_str(name, "zope.interface");
	check_str(version, "1!2.0rc1+l.1");
	check_str(tags, "py2.py3-none-any");
	assert_true(
		cv_wheel_name_parse(CV_LIT("pip-24.2-py3-none-any.whl"), &name, &version, &tags));
	check_str(name, "pip");
	check_str(version, "24.2");
	check_str(tags, "py3-none-any");
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (cv_wheel_name_parse(cv_str(bad[i]), &name, &version, &tags))
			fail_msg("'%s' is no name of a wheel", bad[i]);
	}
	assert_false(cv_wheel_name_parse(
		(struct cv_str){ "a\0-1-py3-none-any.whl", 22 }, &name, &version, &tags));
}

static void test_name_eq(void **state)
{
	struct cv_arena a = { 0 };

	(void)state;
	assert_true(cv_wheel_name_eq(CV_LIT("A.b_c-d"), CV_LIT("a-B__C.-.d")));
	assert_true(cv_wheel_name_eq(CV_LIT("pip"), CV_LIT("PIP")));
	assert_false(cv_wheel_name_eq(CV_LIT("ab"), CV_LIT("a-b")));
	assert_false(cv_wheel_name_eq(CV_LIT("a"), CV_LIT("a-")));
	assert_false(cv_wheel_name_eq(CV_LIT("pip"), CV_LIT("pipx")));
	assert_false(cv_wheel_name_eq(CV_LIT(""), CV_LIT("a")));
	assert_string_equal(cv_wheel_name_key(&a, CV_LIT("A.b_c-d")), "a-b-c-d");
	assert_string_equal(cv_wheel_name_key(&a, CV_LIT("__A..-B_")), "-a-b-");
	assert_string_equal(cv_wheel_name_key(&a, CV_LIT("")), "");
	cv_arena_done(&a);
}

/* The linker sends the library's calls here (meson.build). */
static bool no_decompressor;

struct libdeflate_decompressor *__real_libdeflate_alloc_decompressor(void);
struct libdeflate_decompressor *__wrap_libdeflate_alloc_decompressor(void);

struct libdeflate_decompressor *__wrap_libdeflate_alloc_decompressor(void)
{
	return no_decompressor ? NULL : __real_libdeflate_alloc_decompressor();
}

static void test_no_decompressor(void **state)
{
	(void)state;
	no_decompressor = true;
	check_error(open_made(&sound, FILE_NAME), ENOMEM, &err, "out of memory");
	no_decompressor = false;
}

/* Whichever allocation fails, it is reported, and LeakSanitizer finds nothing. */
static void test_out_of_memory(void **state)
{
	char text[40000];
	struct made m = sound;
	struct cv_buf data OWN_BUF = { 0 };
	int nth = 0;
	bool hit;

	(void)state;
	memset(text, 'x', sizeof(text) - 1); /* so that the arena needs more than one piece */
	memcpy(text, METADATA, sizeof(METADATA) - 1);
	text[sizeof(text) - 1] = '\0';
	file_of(&m, DIST "METADATA")->text = text;
	data = pack(&m, false);
	do {
		struct cv_arena arena OWN_ARENA = { 0 };
		struct cv_wheel w;
		int rc;

		fault_arm(++nth, ENOMEM);
		rc = cv_wheel_open(&arena, FILE_NAME, cv_buf_slice(&data), &w, &err);
		hit = fault_disarm();
		if (hit)
			check_error(rc, ENOMEM, &err, "out of memory");
		assert_true(hit ? !w.files : rc == 0);
		cv_wheel_close(&w);
	} while (hit);
	assert_true(nth > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_what_outlives_the_archive),
		cmocka_unit_test(test_exec_is_of_regular_files),
		cmocka_unit_test(test_optional_files),
		cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_missing_files),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_metadata),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_file_name),
		cmocka_unit_test(test_name_parse),
		cmocka_unit_test(test_name_eq),
		cmocka_unit_test(test_no_decompressor),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests_name("wheel", tests, NULL, NULL);
}
