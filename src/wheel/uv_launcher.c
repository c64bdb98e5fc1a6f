/* SPDX-License-Identifier: MIT */
#include "wheel/uv_launcher.h"

#include <libdeflate.h>
#include <string.h>

enum {
	PE_AT = 0x3c, /* in the header of MS-DOS: where "PE\0\0" is */
	PE_SECTIONS = 6,
	PE_OPTIONAL_SIZE = 20,
	PE_OPTIONAL = 24,
	MAGIC_64 = 0x20b,
	DIRECTORIES_32 = 96, /* in the optional header */
	DIRECTORIES_64 = 112,
	DIRECTORY_RESOURCES = 2 * 8,
	DIRECTORY_CERTIFICATES = 4 * 8,
	SECTION_SIZE = 40,
	SECTION_ADDRESS = 12,
	SECTION_RAW_SIZE = 16,
	SECTION_RAW_AT = 20,
	SECTIONS_MAX = 96, /* as Windows */
	RESOURCES_MAX = 64,
	RT_RCDATA = 10,
	DIRECTORY_HEADER = 16,
	DIRECTORY_ENTRY = 8,
	DATA_ENTRY = 16,
	NAME_MAX_LEN = 32,
};

#define IS_DIRECTORY 0x80000000U

/* False: TEXT ends before. Zero is read then. */
static bool number(struct cv_str text, size_t at, size_t bytes, uint32_t *ret)
{
	*ret = 0;
	if (at > text.n || text.n - at < bytes)
		return false;
	for (size_t i = 0; i < bytes; i++)
		*ret |= (uint32_t)(unsigned char)text.p[at + i] << 8 * i;
	return true;
}

static uint32_t number_at(struct cv_str text, size_t at, size_t bytes)
{
	uint32_t value;

	(void)number(text, at, bytes, &value);
	return value;
}

static void put_number(char *at, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (char)(value >> 8 * i & 0xff);
}

/* The section with the resources. */
struct section {
	struct cv_str text; /* of the whole file */
	size_t at, n;       /* the section in the file */
	uint32_t address;   /* in memory */
	size_t root;        /* of the tree, in the file */
};

static bool find_section(struct cv_str text, struct section *ret)
{
	size_t pe, optional, directories, sections, count;
	uint32_t root;

	if (!cv_str_starts(text, CV_LIT("MZ")))
		return false;
	pe = number_at(text, PE_AT, 4);
	if (pe > text.n || text.n - pe < 4 || memcmp(text.p + pe, "PE\0", 4) != 0)
		return false;
	count = number_at(text, pe + PE_SECTIONS, 2);
	optional = pe + PE_OPTIONAL;
	sections = optional + number_at(text, pe + PE_OPTIONAL_SIZE, 2);
	directories = optional +
		      (number_at(text, optional, 2) == MAGIC_64 ? DIRECTORIES_64 : DIRECTORIES_32);
	if (!number(text, directories + DIRECTORY_RESOURCES, 4, &root) || root == 0 ||
		number_at(text, directories + DIRECTORY_CERTIFICATES, 4) != 0)
		return false;
	for (size_t i = 0; i < count && i < SECTIONS_MAX; i++) {
		size_t header = sections + i * SECTION_SIZE;
		uint32_t address = number_at(text, header + SECTION_ADDRESS, 4);
		size_t n = number_at(text, header + SECTION_RAW_SIZE, 4);
		size_t at = number_at(text, header + SECTION_RAW_AT, 4);

		if (root < address || root - address >= n || at > text.n || n > text.n - at)
			continue;
		*ret = (struct section){ text, at, n, address, at + (root - address) };
		return true;
	}
	return false;
}

/* Is the name of an entry NAME? It is at the offset VALUE in the tree, in UTF-16. */
static bool is_named(const struct section *s, uint32_t value, const char *name)
{
	size_t at = s->root + (value & ~IS_DIRECTORY), n = strlen(name);

	if (!(value & IS_DIRECTORY) || number_at(s->text, at, 2) != n || n > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < n; i++)
		if (number_at(s->text, at + 2 + 2 * i, 2) != (unsigned char)name[i])
			return false;
	return true;
}

/*
 * Of the directory at *AT, the child with the NAME, or if that is NULL with the number ID, or the
 * first if that is negative. *AT becomes its place in the file.
 */
static bool descend(const struct section *s, size_t *at, const char *name, int id)
{
	size_t count = (size_t)number_at(s->text, *at + 12, 2) + number_at(s->text, *at + 14, 2);

	for (size_t i = 0; i < count && i < RESOURCES_MAX; i++) {
		size_t entry = *at + DIRECTORY_HEADER + i * DIRECTORY_ENTRY;
		uint32_t key, child;

		if (!number(s->text, entry, 4, &key) || !number(s->text, entry + 4, 4, &child))
			return false;
		if (name ? !is_named(s, key, name) : id >= 0 && key != (uint32_t)id)
			continue;
		*at = s->root + (child & ~IS_DIRECTORY);
		return true;
	}
	return false;
}

/* The resource NAME, of the first language. *RET_SIZE_AT is where its size is. */
static bool find(const struct section *s, const char *name, struct cv_str *ret, size_t *ret_size_at)
{
	size_t at = s->root, offset, size;
	uint32_t address;

	if (!descend(s, &at, NULL, RT_RCDATA) || !descend(s, &at, name, 0) ||
		!descend(s, &at, NULL, -1) || at > s->text.n || s->text.n - at < DATA_ENTRY)
		return false;
	address = number_at(s->text, at, 4);
	size = number_at(s->text, at + 4, 4);
	if (address < s->address)
		return false;
	offset = address - s->address;
	if (offset > s->n || size > s->n - offset)
		return false;
	*ret = (struct cv_str){ s->text.p + s->at + offset, size };
	*ret_size_at = at + 4;
	return true;
}

bool cv_uv_launcher_parse(struct cv_str text, struct cv_uv_launcher *ret)
{
	struct section s;
	size_t ignored;

	*ret = (struct cv_uv_launcher){ 0 };
	return find_section(text, &s) && find(&s, "UV_SCRIPT_DATA", &ret->script, &ignored) &&
	       find(&s, "UV_PYTHON_PATH", &ret->python, &ret->size_at) && ret->python.n &&
	       !memchr(ret->python.p, '\0', ret->python.n);
}

enum {
	MEMBER_METHOD = 8,
	MEMBER_CRC = 14,
	MEMBER_SIZE = 22,
	MEMBER_NAME_SIZE = 26,
	MEMBER_EXTRA_SIZE = 28,
	MEMBER_HEADER = 30,
	CENTRAL_CRC = 16,
	CENTRAL_HEADER = 46,
};

/*
 * In the archive ZIP, the first line of the only member begins with "#!OLD". Replace that by NEW
 * and spaces. The line is a comment, so an archive of another form is left as it is.
 */
static void set_comment(char *zip, size_t n, struct cv_str old, struct cv_str new)
{
	struct cv_str text = { zip, n };
	size_t size = number_at(text, MEMBER_SIZE, 4);
	size_t data = MEMBER_HEADER + (size_t)number_at(text, MEMBER_NAME_SIZE, 2) +
		      number_at(text, MEMBER_EXTRA_SIZE, 2);
	uint32_t crc;

	if (n < MEMBER_HEADER || memcmp(zip, "PK\3\4", 4) != 0 ||
		number_at(text, MEMBER_METHOD, 2) != 0 || data > n || size > n - data ||
		n - data - size < CENTRAL_HEADER || memcmp(zip + data + size, "PK\1\2", 4) != 0 ||
		size < old.n + 3 || memcmp(zip + data, "#!", 2) != 0 ||
		memcmp(zip + data + 2, old.p, old.n) != 0)
		return;
	memset(zip + data + 2, ' ', old.n);
	memcpy(zip + data + 2, new.p, new.n);
	crc = libdeflate_crc32(0, zip + data, size);
	put_number(zip + MEMBER_CRC, crc);
	put_number(zip + data + size + CENTRAL_CRC, crc);
}

bool cv_uv_launcher_set(struct cv_buf *to, struct cv_str text,
	const struct cv_uv_launcher *launcher, const char *python)
{
	struct cv_str old = launcher->python, new = cv_str(python);
	size_t start = to->n;
	char *copy;

	if (new.n > old.n)
		return false;
	cv_buf_str(to, text);
	if (to->bad)
		return true;
	copy = to->p + start;
	memset(copy + (old.p - text.p), 0, old.n);
	memcpy(copy + (old.p - text.p), new.p, new.n);
	put_number(copy + launcher->size_at, (uint32_t) new.n);
	set_comment(copy + (launcher->script.p - text.p), launcher->script.n, old, new);
	return true;
}
