/* SPDX-License-Identifier: MIT */
#include "wheel/launcher.h"

#include <libdeflate.h>
#include <string.h>

#include "wheel/uv_launcher.h"
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

/* --- the line of a launcher ---------------------------------------------------------------- */

enum {
	END_SIZE = 22, /* the end of central directory record, without a comment */
	END_DIRECTORY_SIZE = 12,
	END_DIRECTORY_OFFSET = 16,
};

static uint32_t number(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

/* Where the archive at the end of DATA begins; 0 if there is none, or if DATA is a part of it. */
static size_t archive_start(struct cv_str data)
{
	const char *end = data.n > END_SIZE ? data.p + data.n - END_SIZE : NULL;
	uint64_t size;

	if (!end || memcmp(end, "PK\5\6", 4) != 0)
		return 0;
	size = (uint64_t)number(end + END_DIRECTORY_SIZE) + number(end + END_DIRECTORY_OFFSET);
	if (size > data.n - END_SIZE)
		return 0;
	return data.n - END_SIZE - (size_t)size;
}

/* The line before the archive: "#!" and its end, which may be two. */
static struct cv_str line_before(struct cv_str data, size_t archive)
{
	size_t end = archive, start;

	while (end && (data.p[end - 1] == '\n' || data.p[end - 1] == '\r'))
		end--;
	if (end == archive)
		return (struct cv_str){ 0 };
	for (start = end; start && archive - start < CV_FIRST_LINE_MAX; start--) {
		if (data.p[start - 1] == '\n' || data.p[start - 1] == '\0')
			break;
		if (start > 1 && data.p[start - 2] == '#' && data.p[start - 1] == '!')
			return (struct cv_str){ data.p + start - 2, end - start + 2 };
	}
	return (struct cv_str){ 0 };
}

/* Is it relative to the directory of the launcher? */
static bool parse_beside(struct cv_str line, struct cv_first_line *ret)
{
	struct cv_str own = CV_LIT(CV_LAUNCHER_OWN_DIR "\\");
	struct cv_str word = cv_str_trim((struct cv_str){ line.p + 2, line.n - 2 }), name = word;

	if (name.n > 1 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		name = (struct cv_str){ name.p + 1, name.n - 2 };
	if (!cv_str_starts(name, own) || name.n == own.n || memchr(name.p, '\0', name.n))
		return false;
	*ret = (struct cv_first_line){ .form = CV_FIRST_LINE_BESIDE,
		.python = { name.p + own.n, name.n - own.n },
		.word = word };
	return true;
}

/* That of uv has no line. */
static bool parse_uv(struct cv_str text, struct cv_first_line *ret)
{
	struct cv_uv_launcher launcher;

	if (!cv_uv_launcher_parse(text, &launcher))
		return false;
	*ret = (struct cv_first_line){ .form = memchr(launcher.python.p, '\\', launcher.python.n) ||
							       memchr(launcher.python.p, '/',
								       launcher.python.n)
						       ? CV_FIRST_LINE_QUOTED
						       : CV_FIRST_LINE_BESIDE,
		.python = launcher.python,
		.word = launcher.python };
	return true;
}

int cv_launcher_parse(struct cv_arena *a, struct cv_str text, struct cv_first_line *ret)
{
	size_t archive = archive_start(text);
	struct cv_str line = line_before(text, archive);
	int rc = 1;

	if (!line.n)
		return parse_uv(text, ret);
	if (!parse_beside(line, ret))
		rc = cv_first_line_parse(a, line, ret);
	ret->end = archive;
	return rc;
}
