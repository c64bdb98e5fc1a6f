/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/own.h"
#include "base/sha256.h"
#include "makezip.h"
#include "wheel/wheel.h"

/*
 * An input that begins with "PK" is an archive. Any other input is a list of texts, separated by
 * 0xff. From these a valid archive is made, so that the fuzzer also reaches the code after the
 * checks of CRC and hash: METADATA, WHEEL, more rows of RECORD, the name of another file, its
 * content.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_NAME "demo-1.0-py3-none-any.whl"
#define DIST "demo-1.0.dist-info/"

enum { READ_MAX = 1 << 20, TEXTS = 5 };

static struct cvenv_error err;

/* What was accepted must keep the promises of wheel.h. */
static void read_wheel(struct cv_str data)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_wheel wheel;

	if (cv_wheel_open(&arena, FILE_NAME, data, &wheel, &err) < 0)
		return;
	for (size_t i = 0; i < wheel.count; i++) {
		OWN_MEM char *out = NULL;

		if (i > 0 && cv_str_cmp(wheel.files[i - 1].path, wheel.files[i].path) >= 0)
			abort();
		if (wheel.files[i].size > READ_MAX)
			continue;
		out = malloc((size_t)wheel.files[i].size + 1);
		if (out)
			(void)cv_wheel_read(&wheel, i, out, &err);
	}
	cv_wheel_close(&wheel);
}

static void add(struct made_zip *zip, struct cv_buf *record, struct cv_str name, struct cv_str text)
{
	char sum[CV_SHA256_B64 + 1];

	cv_sha256_b64(text.n ? text.p : "", text.n, sum);
	cv_buf_addf(record, "%.*s,sha256=%s,%zu\n", CV_ARG(name), sum, text.n);
	make_add(zip, (struct made_entry){ .name = name, .data = text });
}

static void read_made(struct cv_str data)
{
	struct cv_buf record OWN_BUF = { 0 };
	struct cv_str texts[TEXTS] = { { 0 } };
	struct made_zip zip = { 0 };

	for (size_t i = 0; i < TEXTS && cv_str_cut(&data, '\xff', &texts[i]);)
		i++;
	if (texts[3].n > UINT16_MAX)
		return;
	cv_buf_str(&record, texts[2]);
	add(&zip, &record, CV_LIT(DIST "METADATA"), texts[0]);
	add(&zip, &record, CV_LIT(DIST "WHEEL"), texts[1]);
	if (texts[3].n)
		add(&zip, &record, texts[3], texts[4]);
	make_add(&zip, (struct made_entry){
			       .name = CV_LIT(DIST "RECORD"), .data = cv_buf_slice(&record) });
	make_end(&zip);
	read_wheel(cv_buf_slice(&zip.buf));
	cv_buf_done(&zip.buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cv_str s = { (const char *)data, size };

	if (cv_str_starts(s, CV_LIT("PK")))
		read_wheel(s);
	else
		read_made(s);
	return 0;
}
