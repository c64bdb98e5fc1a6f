/* SPDX-License-Identifier: MIT */
#include "interpreter/info.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/sha256.h"
#include "help.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct cv_stamp stamps[] = {
	{ .path = "/usr/bin/python3",
		.present = true,
		.id = { 2049, { 123456789012345, 1 } },
		.size = 6000000,
		.mtime = { 10000000000, 123456789 }, /* in 2286 */
		.ctime = { -1700000000, 987654321 } },
	{ .path = "/nowhere" },
};

/* A whole and sound example: every test breaks one thing of it. */
static struct cv_info sample(void)
{
	return (struct cv_info){
		.path = "/env/bin/python",
		.executable = "/env/bin/python",
		.base = "/usr/bin/python3",
		.real = "/usr/bin/python3.11",
		.exe_name = "python3",
		.home = "/usr/bin",
		.version = "3.11.2",
		.pre = "rc1",
		.major = 3,
		.minor = 11,
		.micro = 2,
		.implementation = "cpython",
		.cache_tag = "cpython-311",
		.magic = "a70d0d0a",
		.abiflags = "",
		.free_threaded = false,
		.bits64 = true,
		.debug = true,
		.platform = "linux-x86_64-gnu",
		.stdlib = "/usr/lib/python3.11",
		.platlibdir = "lib",
		.scheme_include = "include/python3.11",
		.scheme_purelib = "lib/python3.11/site-packages",
		.scheme_platlib = "lib/python3.11/site-packages",
		.scheme_scripts = "bin",
		.libpython = "/usr/lib/libpython3.11.so.1.0",
		.libpython_dest = "lib/libpython3.11.so.1.0",
		.needs_setuptools = true,
		.pip_wheel = "/usr/share/python-wheels/pip-23.0.1-py3-none-any.whl",
		.pip_sha256 = HEX64,
		.setuptools_wheel = "",
		.setuptools_sha256 = "",
		.wheel_dir = "/usr/share/python-wheels",
		.cacheable = true,
		.library_path = "/x:/y",
		.machine = "",
		.copies = "",
		.links = "",
		.init_tcl = "",
		.real_executable = "/usr/bin/python3.13",
		.stamps = stamps,
		.stamp_count = 2,
	};
}

static struct cv_str encode(struct world *w, const struct cv_info *info)
{
	struct cv_buf b OWN_BUF = { 0 };

	cv_info_encode(&b, info);
	assert_false(b.bad);
	return cv_str_dup(&w->arena, cv_buf_slice(&b));
}

static void assert_same(const struct cv_info *a, const struct cv_info *b)
{
	assert_string_equal(a->path, b->path);
	assert_string_equal(a->executable, b->executable);
	assert_string_equal(a->base, b->base);
	assert_string_equal(a->real, b->real);
	assert_string_equal(a->exe_name, b->exe_name);
	assert_string_equal(a->home, b->home);
	assert_string_equal(a->version, b->version);
	assert_int_equal(a->major, b->major);
	assert_int_equal(a->minor, b->minor);
	assert_int_equal(a->micro, b->micro);
	assert_string_equal(a->implementation, b->implementation);
	assert_string_equal(a->cache_tag, b->cache_tag);
	assert_string_equal(a->magic, b->magic);
	assert_string_equal(a->abiflags, b->abiflags);
	assert_int_equal(a->free_threaded, b->free_threaded);
	assert_int_equal(a->bits64, b->bits64);
	assert_string_equal(a->pre, b->pre);
	assert_int_equal(a->debug, b->debug);
	assert_string_equal(a->platform, b->platform);
	assert_string_equal(a->stdlib, b->stdlib);
	assert_string_equal(a->platlibdir, b->platlibdir);
	assert_string_equal(a->scheme_include, b->scheme_include);
	assert_string_equal(a->scheme_purelib, b->scheme_purelib);
	assert_string_equal(a->scheme_platlib, b->scheme_platlib);
	assert_string_equal(a->scheme_scripts, b->scheme_scripts);
	assert_string_equal(a->libpython, b->libpython);
	assert_string_equal(a->libpython_dest, b->libpython_dest);
	assert_int_equal(a->needs_setuptools, b->needs_setuptools);
	assert_string_equal(a->pip_wheel, b->pip_wheel);
	assert_string_equal(a->pip_sha256, b->pip_sha256);
	assert_string_equal(a->setuptools_wheel, b->setuptools_wheel);
	assert_string_equal(a->setuptools_sha256, b->setuptools_sha256);
	assert_string_equal(a->wheel_dir, b->wheel_dir);
	assert_int_equal(a->cacheable, b->cacheable);
	assert_string_equal(a->library_path, b->library_path);
	assert_int_equal(a->windows, b->windows);
	assert_string_equal(a->machine, b->machine);
	assert_string_equal(a->copies, b->copies);
	assert_string_equal(a->links, b->links);
	assert_int_equal(a->launcher_mtime, b->launcher_mtime);
	assert_string_equal(a->init_tcl, b->init_tcl);
	assert_string_equal(a->real_executable, b->real_executable);
	assert_int_equal(a->cfg_python_version, b->cfg_python_version);
}

static void test_round_trip(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample(), back;
	struct cv_str text = encode(w, &info), again;

	assert_true(cv_info_decode(&w->arena, text, &back));
	assert_same(&info, &back);
	assert_int_equal(back.stamp_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(back.stamps[i].path, stamps[i].path);
		assert_int_equal(back.stamps[i].present, stamps[i].present);
		assert_true(cv_os_same_id(&back.stamps[i].id, &stamps[i].id));
		assert_true(back.stamps[i].size == stamps[i].size);
		assert_true(back.stamps[i].mtime.s == stamps[i].mtime.s);
		assert_true(back.stamps[i].mtime.ns == stamps[i].mtime.ns);
		assert_true(back.stamps[i].ctime.s == stamps[i].ctime.s);
		assert_true(back.stamps[i].ctime.ns == stamps[i].ctime.ns);
	}
	again = encode(w, &back);
	assert_true(cv_str_eq(text, again));
}

static struct cv_info windows_sample(void)
{
	struct cv_info info = sample();

	info.windows = true;
	info.machine = "amd64";
	info.copies = "python.exe\n/lib/venvlauncher.exe\npythonw.exe\n/lib/venvwlauncher.exe\n";
	info.links = "python.exe\npython_d.exe\npython3.dll\npython3.dll\n";
	info.launcher_mtime = true;
	info.cfg_python_version = true;
	info.init_tcl = "/src/tcl8.6/init.tcl";
	return info;
}

static void test_round_trip_of_windows(void **state)
{
	struct world *w = *state;
	struct cv_info info = windows_sample(), back;
	struct cv_str list, name, value;

	assert_true(cv_info_decode(&w->arena, encode(w, &info), &back));
	assert_same(&info, &back);
	list = cv_str(back.links);
	assert_true(cv_info_pair(&list, &name, &value));
	assert_true(cv_str_eq(name, CV_LIT("python.exe")));
	assert_true(cv_str_eq(value, CV_LIT("python_d.exe")));
	assert_true(cv_info_pair(&list, &name, &value));
	assert_false(cv_info_pair(&list, &name, &value));
	list = cv_str("name\nvalue"); /* not ended */
	assert_false(cv_info_pair(&list, &name, &value));
}

static void test_cut_anywhere_is_a_miss(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample(), back;
	struct cv_str text = encode(w, &info);

	for (size_t n = 0; n < text.n; n++) {
		struct cv_arena arena OWN_ARENA = { 0 };

		assert_false(cv_info_decode(&arena, (struct cv_str){ text.p, n }, &back));
		assert_false(cv_info_decode(
			&arena, (struct cv_str){ text.p + n + 1, text.n - n - 1 }, &back));
	}
}

static void test_any_bit_flipped_is_a_miss(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample(), back;
	struct cv_str text = encode(w, &info);
	char *copy = cv_strdup(&w->arena, text);

	for (size_t i = 0; i < text.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct cv_arena arena OWN_ARENA = { 0 };

			copy[i] = (char)(copy[i] ^ (1 << bit));
			assert_false(
				cv_info_decode(&arena, (struct cv_str){ copy, text.n }, &back));
			copy[i] = (char)(copy[i] ^ (1 << bit));
		}
	assert_true(cv_info_decode(&w->arena, (struct cv_str){ copy, text.n }, &back));
}

static void test_more_behind_it_is_a_miss(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample(), back;
	struct cv_buf b OWN_BUF = { 0 };
	char hex[CV_SHA256_HEX + 1];

	cv_info_encode(&b, &info);
	cv_buf_char(&b, 'x');
	assert_false(cv_info_decode(&w->arena, cv_buf_slice(&b), &back));
	assert_false(cv_info_decode(&w->arena, (struct cv_str){ 0 }, &back));

	/* also when the checksum counts it in */
	b.n -= 1 + CV_SHA256_HEX;
	cv_buf_add(&b, "more", sizeof("more"));
	cv_sha256_hex(b.p, b.n, hex);
	cv_buf_cstr(&b, hex);
	assert_false(cv_info_decode(&w->arena, cv_buf_slice(&b), &back));
}

/* the checksum is right, the content is not */
static void test_decoding_checks_what_it_reads(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample(), back;

	info.pip_wheel = "relative/pip-1-py3-none-any.whl";
	assert_false(cv_info_decode(&w->arena, encode(w, &info), &back));
}

struct wrong {
	const char *name; /* in the message */
	size_t offset;
	const char *value;
};

#define WRONG(field, value)                                    \
	{                                                      \
#field, offsetof(struct cv_info, field), value \
	}

static void test_impossible_answers_are_refused(void **state)
{
	struct world *w = *state;
	char *endless = cv_new(&w->arena, char, 5001);
	const struct wrong wrongs[] = {
		WRONG(executable, ""),
		WRONG(base, "python3"),
		WRONG(base, ""),
		WRONG(home, "usr/bin"),
		WRONG(home, "/usr\n/bin"),
		WRONG(real, endless),
		WRONG(exe_name, "../python3"),
		WRONG(exe_name, ".."),
		WRONG(exe_name, ""),
		WRONG(exe_name, "other"), /* not that of base */
		WRONG(version, "3.12.2"), /* not that of the numbers */
		WRONG(version, "3.11.2rc1"),
		WRONG(implementation, ""),
		WRONG(implementation, "c python"),
		WRONG(cache_tag, "cpython/311"),
		WRONG(magic, ""),
		WRONG(magic, "a70d0d0"),
		WRONG(magic, "A70D0D0A"),
		WRONG(abiflags, "/"),
		WRONG(stdlib, ""),
		WRONG(platlibdir, "../lib"),
		WRONG(platlibdir, ""),
		WRONG(scheme_include, "/usr/include"),
		WRONG(scheme_purelib, "../../etc"),
		WRONG(scheme_platlib, "lib//x"),
		WRONG(scheme_scripts, "bin/./x"),
		WRONG(libpython, ""), /* without, but with a destination */
		WRONG(libpython_dest, "../x"),
		WRONG(libpython_dest, ""),
		WRONG(pip_wheel, "/x/pop-1-py3-none-any.whl"),
		WRONG(pip_wheel, "/x/pip-1.zip"),
		WRONG(pip_sha256, ""),
		WRONG(pip_sha256, "ab"),
		WRONG(setuptools_sha256, HEX64),
		WRONG(wheel_dir, "wheels"),
	};

	memset(endless, 'x', 5000);
	endless[0] = '/';
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		struct cv_info info = sample();

		must(w, cv_info_check(&info, &w->err));
		*(const char **)(void *)((char *)&info + wrongs[i].offset) = wrongs[i].value;
		if (cv_info_check(&info, &w->err) != -CVENV_EPYTHON)
			fail_msg("%s = '%s' was taken", wrongs[i].name, wrongs[i].value);
		assert_non_null(strstr(w->err.message, "'/env/bin/python' reports an invalid "));
	}
}

static void test_hostile_lists_are_refused(void **state)
{
	static const char *const copies[] = { "python.exe\n", "python.exe\nrelative\n",
		"../python.exe\n/x\n", "C:python.exe\n/x\n", "a\\b.exe\n/x\n", "\n/x\n",
		"python.exe\n/x", "python.exe\n/x\n\n", "python.exe\n\n" };
	static const char *const links[] = { "python.exe\n../x\n", "python.exe\n/x\n",
		"a/b\npython.exe\n", "a.exe\nb.exe:s\n" };
	struct world *w = *state;
	struct cv_buf many OWN_BUF = { 0 };
	struct cv_info info = windows_sample();

	must(w, cv_info_check(&info, &w->err));
	for (size_t i = 0; i < sizeof(copies) / sizeof(copies[0]); i++) {
		info = windows_sample();
		info.copies = copies[i];
		assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
		assert_non_null(strstr(w->err.message, "invalid copies"));
	}
	info = windows_sample();
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		info.links = links[i];
		assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	}
	for (int i = 0; i <= CV_PAIRS_MAX; i++)
		cv_buf_cstr(&many, "a\nb\n");
	info.links = many.p;
	assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	many.p[many.n - 4] = '\0';
	must(w, cv_info_check(&info, &w->err));
}

static void test_other_kinds_of_windows(void **state)
{
	struct world *w = *state;
	struct cv_info info = windows_sample();

	info.machine = "mingw_x86_64_ucrt";
	assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	assert_string_equal(w->err.message,
		"'/env/bin/python' is a Python for 'mingw_x86_64_ucrt', which cvenv does not "
		"support");
	info = windows_sample();
	info.implementation = "pypy";
	assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	info = windows_sample();
	info.copies = "";
	assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	assert_string_equal(w->err.message, "'/env/bin/python' has no launcher for environments");
}

static void test_too_old(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample();

	info.version = "3.7.16";
	info.minor = 7;
	info.micro = 16;
	assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	assert_string_equal(w->err.message, "'/env/bin/python' is Python 3.7.16");
	assert_string_equal(w->err.hint, "cvenv needs 3.8 or later");
}

static void test_a_major_version_to_come(void **state)
{
	struct world *w = *state;
	struct cv_info info = sample();

	info.version = "4.0.0";
	info.major = 4;
	info.minor = info.micro = 0;
	assert_int_equal(cv_info_check(&info, &w->err), -CVENV_EPYTHON);
	assert_string_equal(
		w->err.message, "'/env/bin/python' is Python 4.0.0, which cvenv does not support");
}

/* Interpreter info whose stamps are of real files. */
static struct cv_info stamped(struct world *w, struct cv_stamp own[3])
{
	struct cv_info info = sample();

	world_env(w, "LD_LIBRARY_PATH", "/x:/y");
	put(at(w, "a"), "one", 0644);
	make_dirs(at(w, "d"));
	cv_stamp_take(at(w, "a"), &own[0]);
	cv_stamp_take(at(w, "d"), &own[1]);
	cv_stamp_take(at(w, "none"), &own[2]);
	info.stamps = own;
	info.stamp_count = 3;
	return info;
}

static void test_fresh_until_something_changes(void **state)
{
	struct world *w = *state;
	struct timespec times[2];
	struct cv_stamp own[3];
	struct cv_info info = stamped(w, own);
	struct stat st;

	assert_true(cv_info_fresh(&w->ctx, &info));
	assert_false(own[2].present);

	/* the same size and mtime, another content: ctime tells */
	assert_int_equal(stat(at(w, "a"), &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	(void)usleep(20000);
	put(at(w, "a"), "two", 0644);
	assert_int_equal(utimensat(AT_FDCWD, at(w, "a"), times, 0), 0);
	assert_false(cv_info_fresh(&w->ctx, &info));

	info = stamped(w, own);
	(void)usleep(20000);
	put(at(w, "d/new"), "", 0644);
	assert_false(cv_info_fresh(&w->ctx, &info));

	info = stamped(w, own);
	put(at(w, "none"), "", 0644);
	assert_false(cv_info_fresh(&w->ctx, &info));
	assert_int_equal(unlink(at(w, "none")), 0);

	info = stamped(w, own);
	assert_int_equal(unlink(at(w, "a")), 0);
	assert_false(cv_info_fresh(&w->ctx, &info));
}

static void test_fresh_depends_on_the_loader(void **state)
{
	struct world *w = *state;
	struct cv_stamp own[3];
	struct cv_info info = stamped(w, own);

	world_env(w, "LD_LIBRARY_PATH", "/x");
	assert_false(cv_info_fresh(&w->ctx, &info));
	info = stamped(w, own);
	info.cacheable = false;
	assert_false(cv_info_fresh(&w->ctx, &info));
	info = stamped(w, own);
	info.stamp_count = 0;
	assert_false(cv_info_fresh(&w->ctx, &info));
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_round_trip),
		T(test_round_trip_of_windows),
		T(test_hostile_lists_are_refused),
		T(test_other_kinds_of_windows),
		T(test_cut_anywhere_is_a_miss),
		T(test_any_bit_flipped_is_a_miss),
		T(test_more_behind_it_is_a_miss),
		T(test_decoding_checks_what_it_reads),
		T(test_impossible_answers_are_refused),
		T(test_too_old),
		T(test_a_major_version_to_come),
		T(test_fresh_until_something_changes),
		T(test_fresh_depends_on_the_loader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
