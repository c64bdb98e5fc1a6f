/* SPDX-License-Identifier: MIT */
/* Where the cache is on Windows, on every system. */
#include "base/system.h"

#define CV_WINDOWS 1
/* instead of the library's */
#include "../../../src/base/ctx.c"
#include "../../../src/base/path.c"
#include "../../../src/cache/cache.c"
#include "../../../src/cache/temporary.c"

#include "../support/cmocka_all.h"

static void test_where(void **state)
{
	static const char *const full[] = { "LocalAppData=C:\\Users\\me\\AppData\\Local",
		"XDG_CACHE_HOME=C:\\xdg", "HOME=C:\\home", "CVENV_CACHE_DIR=D:/caches/", NULL };
	struct cv_ctx ctx = { .envp = full, .cwd = "C:\\w" };
	struct cv_arena a = { 0 };

	(void)state;
	assert_string_equal(cv_cache_where(&ctx, &a, "x"), "C:\\w\\x");
	assert_string_equal(cv_cache_where(&ctx, &a, NULL), "D:\\caches");
	ctx.envp = (const char *const[]){ full[0], full[1], full[2], NULL };
	assert_string_equal(
		cv_cache_where(&ctx, &a, NULL), "C:\\Users\\me\\AppData\\Local\\cvenv\\cache");
	ctx.envp = (const char *const[]){ full[1], full[2], "LOCALAPPDATA=", NULL };
	assert_null(cv_cache_where(&ctx, &a, NULL));
	assert_string_equal(cv_cache_nowhere(&ctx, NULL), "LOCALAPPDATA is not set");
	cv_arena_done(&a);
}

static void test_temporary(void **state)
{
	struct cv_ctx ctx = { .envp = (const char *const[]){
				      "temp=C:\\a", "TMP=relative", "TMPDIR=C:\\b", NULL } };
	struct cv_cache cache = { 0 };

	(void)state;
	assert_string_equal(path_of(&ctx, NULL, &cache, TMPDIR), "C:\\a");
	assert_null(path_of(&ctx, NULL, &cache, TMP));
	assert_null(path_of(&ctx, NULL, &cache, VAR_TMP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_temporary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
