/* SPDX-License-Identifier: MIT */
#include "wheel/launcher.h"

#include <libdeflate.h>
#include <string.h>

#include "wheel/version.h"

#define MEMBER "__main__.py"

enum {
	ZIP_VERSION = 20,
	MEMBER_MODE = 0600,
	DOS_TIME = 0,
	DOS_DATE = 1 << 5 | 1, /* 1980-01-01, the earliest */
};

const char *cv_launcher_path(const char *machine, bool fallback)
{
	static const char x64[] = "pip/_vendor/distlib/t64.exe";

	if (strcmp(machine, "arm64") == 0) /* Windows on ARM runs programs for x64, too */
		return fallback ? x64 : "pip/_vendor/distlib/t64-arm.exe";
	if (fallback)
		return NULL;
	return strcmp(machine, "x86") == 0 ? "pip/_vendor/distlib/t32.exe" : x64;
}

bool cv_launcher_finds_itself(struct cv_str program)
{
	char wide[2 * (sizeof(CV_LAUNCHER_OWN_DIR) - 1)] = "";

	for (size_t i = 0; i < sizeof(CV_LAUNCHER_OWN_DIR) - 1; i++)
		wide[2 * i] = CV_LAUNCHER_OWN_DIR[i]; /* UTF-16 */
	return cv_str_find(program, (struct cv_str){ wide, sizeof(wide) });
}

static void add_numbers(struct cv_buf *b, size_t bytes, const uint32_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < bytes; k++)
			cv_buf_char(b, (char)(values[i] >> 8 * k & 0xff));
}

#define ADD16(b, ...)                                        \
	add_numbers(b, 2, (const uint32_t[]){ __VA_ARGS__ }, \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define ADD32(b, ...)                                        \
	add_numbers(b, 4, (const uint32_t[]){ __VA_ARGS__ }, \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/*
 * An archive as Python's zipfile writes it. Its offsets do not count what is before it in the file:
 * readers find that out from the end.
 */
static void add_archive(struct cv_buf *b, struct cv_str data)
{
	const uint32_t crc = libdeflate_crc32(0, data.n ? data.p : "", data.n);
	const uint32_t size = (uint32_t)data.n, name = sizeof(MEMBER) - 1;
	size_t start = b->n, directory;

	cv_buf_cstr(b, "PK\3\4");
	ADD16(b, ZIP_VERSION, 0, 0, DOS_TIME, DOS_DATE); /* no flags, stored */
	ADD32(b, crc, size, size);
	ADD16(b, name, 0);
	cv_buf_cstr(b, MEMBER);
	cv_buf_str(b, data);
	directory = b->n - start;
	cv_buf_cstr(b, "PK\1\2");
	ADD16(b, ZIP_VERSION, ZIP_VERSION, 0, 0, DOS_TIME, DOS_DATE);
	ADD32(b, crc, size, size);
	ADD16(b, name, 0, 0, 0, 0);
	ADD32(b, (uint32_t)MEMBER_MODE << 16, 0);
	cv_buf_cstr(b, MEMBER);
	cv_buf_cstr(b, "PK\5\6");
	ADD16(b, 0, 0, 1, 1);
	ADD32(b, (uint32_t)(b->n - 12 - start - directory), (uint32_t)directory);
	ADD16(b, 0);
}

/* distlib 0.3.9, in pip 24.3, ended the line twice before. */
static const char *line_end(struct cv_str pip)
{
	return cv_version_cmp(pip, CV_LIT("24.3")) < 0 ? "\n\r\n" : "\n";
}

static void add_rest(
	struct cv_buf *b, const struct cv_launcher *launcher, const struct cv_script *script)
{
	struct cv_buf body = { 0 };

	cv_buf_cstr(b, line_end(launcher->pip));
	cv_script_body(&body, script, true);
	b->bad |= body.bad;
	add_archive(b, cv_buf_slice(&body));
	cv_buf_done(&body);
}

void cv_launcher_text(struct cv_buf *b, const struct cv_launcher *launcher, const char *python,
	const struct cv_script *script)
{
	const char *quote = strchr(python, ' ') ? "\"" : "";

	cv_buf_str(b, launcher->program);
	cv_buf_addf(b, "#!%s%s%s", quote, python, quote);
	add_rest(b, launcher, script);
}

void cv_launcher_text_beside(struct cv_buf *b, const struct cv_launcher *launcher, const char *name,
	const struct cv_script *script)
{
	cv_buf_str(b, launcher->program);
	cv_buf_addf(b, "#!" CV_LAUNCHER_OWN_DIR "\\%s", name);
	add_rest(b, launcher, script);
}
