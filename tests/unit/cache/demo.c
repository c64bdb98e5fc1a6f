/* SPDX-License-Identifier: MIT */
#include "demo.h"
#include "../support/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/sha256.h"

#include "../support/tree.h"
#include "../wheel/makezip.h"

char *demo_dir;
char demo_cache[128], demo_wheel[128];
static const char *envp[] = { NULL };
struct cv_ctx demo_ctx = { .envp = envp, .cwd = "/" };
size_t demo_large;

/* Adds a file and its row in RECORD. */
static void add(struct made_zip *zip, struct cv_buf *record, const char *name, const char *text)
{
	char sum[CV_SHA256_B64 + 1];

	make_add(zip,
		(struct made_entry){ .name = cv_str(name), .data = cv_str(text), .deflate = true });
	cv_sha256_b64(text, strlen(text), sum);
	cv_buf_addf(record, "%s,sha256=%s,%zu\n", name, sum, strlen(text));
}

static void add_large(struct made_zip *zip, struct cv_buf *record)
{
	struct cv_buf text OWN_BUF = { 0 };

	while (text.n < demo_large)
		cv_buf_char(&text, text.n % 64 == 63 ? '\n' : '#');
	add(zip, record, "demo/LARGE.py", text.p);
}

void demo_write(const char *version, const char *requires)
{
	struct made_zip zip = { 0 };
	struct cv_buf record OWN_BUF = { 0 };
	char metadata[128], wheel[128], record_name[128], text[256];
	int fd;

	if (demo_large)
		add_large(&zip, &record);
	add(&zip, &record, "demo/__init__.py", "x = 1\n");
	add(&zip, &record, "demo/sub/mod.py", "def f():\n    return 2\n");
	add(&zip, &record, "demo/sub/broken.py", "this is no python\n");
	snprintf(metadata, sizeof(metadata), "demo-%s.dist-info/METADATA", version);
	snprintf(text, sizeof(text),
		"Metadata-Version: 2.1\nName: demo\nVersion: %s\nRequires-Python: %s\n", version,
		requires);
	add(&zip, &record, metadata, text);
	snprintf(wheel, sizeof(wheel), "demo-%s.dist-info/WHEEL", version);
	add(&zip, &record, wheel, "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
	snprintf(record_name, sizeof(record_name), "demo-%s.dist-info/RECORD", version);
	cv_buf_addf(&record, "%s,,\n", record_name);
	make_add(&zip,
		(struct made_entry){ .name = cv_str(record_name), .data = cv_buf_slice(&record) });
	make_end(&zip);
	snprintf(demo_wheel, sizeof(demo_wheel), "%s/demo-%s-py3-none-any.whl", demo_dir, version);
	fd = open(demo_wheel, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(write(fd, zip.buf.p, zip.buf.n), zip.buf.n);
	close(fd);
	cv_buf_done(&zip.buf);
}

int demo_setup(void **state)
{
	(void)state;
	umask(022);
	demo_dir = test_dir_make();
	snprintf(demo_cache, sizeof(demo_cache), "%s/cache", demo_dir);
	demo_write("1.0", ">=3.8");
	return 0;
}

int demo_teardown(void **state)
{
	(void)state;
	test_dir_remove(demo_dir);
	return 0;
}
