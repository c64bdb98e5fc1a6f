/* SPDX-License-Identifier: MIT */
#include "interpreter/on_disk.h"

#include <string.h>

#include "base/path.h"
#include "fs/file.h"
#include "os/os.h"

enum {
	HEADER_MAX = 64 * 1024,
	NUMBER_MAX = 9999,
};

/* Cut a number off the beginning of *s. */
static bool cut_number(struct cv_str *s, int *ret)
{
	struct cv_str digits = { s->p, 0 };
	uint64_t value;

	while (digits.n < s->n && s->p[digits.n] >= '0' && s->p[digits.n] <= '9')
		digits.n++;
	if (!cv_str_u64(digits, NUMBER_MAX, &value))
		return false;
	s->p += digits.n;
	s->n -= digits.n;
	*ret = (int)value;
	return true;
}

static bool cut_char(struct cv_str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* Cut "X.Y" or "X.Y.Z" off. */
static bool cut_version(struct cv_str *s, struct cv_on_disk *ret)
{
	struct cv_on_disk is = { .pypy = ret->pypy, .micro = -1 };

	if (!cut_number(s, &is.major) || !cut_char(s, '.') || !cut_number(s, &is.minor))
		return false;
	if (s->n > 1 && s->p[0] == '.' && s->p[1] >= '0' && s->p[1] <= '9') {
		(void)cut_char(s, '.');
		if (!cut_number(s, &is.micro))
			return false;
	}
	*ret = is;
	return true;
}

bool cv_on_disk_version(struct cv_str version, struct cv_on_disk *ret)
{
	return cut_version(&version, ret);
}

bool cv_on_disk_name(struct cv_str name, struct cv_on_disk *ret)
{
	struct cv_on_disk is = { .pypy = cv_str_starts(name, CV_LIT("pypy")) };

	if (!is.pypy && !cv_str_starts(name, CV_LIT("python")))
		return false;
	name.p += is.pypy ? 4 : 6;
	name.n -= is.pypy ? 4 : 6;
	if (!cut_version(&name, &is) || is.micro >= 0)
		return false;
	while (name.n && (name.p[0] == 't' || name.p[0] == 'd' || name.p[0] == 'm'))
		(void)cut_char(&name, name.p[0]);
	/* "python3.12-intel64" is one, "python3.12-config" is not */
	if (name.n && !cv_str_eq(name, CV_LIT(".exe")) && !cv_str_eq(name, CV_LIT("-intel64")))
		return false;
	*ret = is;
	return true;
}

bool cv_on_disk_patchlevel(struct cv_str header, struct cv_on_disk *ret)
{
	const char *at = cv_str_find(header, CV_LIT("#define PY_VERSION"));
	struct cv_str rest = { at, at ? header.n - (size_t)(at - header.p) : 0 }, line = { 0 };

	if (!at || !cv_str_cut(&rest, '\n', &line))
		return false;
	line.p += strlen("#define PY_VERSION");
	line.n -= strlen("#define PY_VERSION");
	line = cv_str_trim(line);
	return cut_char(&line, '"') && cut_version(&line, ret) && ret->micro >= 0;
}

/* The only pythonX.Y in the directory LIB. */
static int read_lib(const char *lib, struct cv_on_disk *ret, struct cvenv_error *err)
{
	OWN_OS_LIST struct cv_os_list list = { 0 };
	struct cv_on_disk is;
	size_t found = 0;
	int rc = cv_os_list_open(CV_OS_ABSOLUTE, lib, CV_OS_FOLLOW, &list);

	while (rc >= 0 && (rc = cv_os_list_next(&list)) > 0)
		if ((list.type == CV_OS_DIR || list.type == CV_OS_UNKNOWN) &&
			cv_on_disk_name(cv_str(list.name), &is) && found++ == 0)
			*ret = is;
	if (rc < 0 && cv_err_passes(-rc))
		return cv_fail(err, -rc, "cannot read '%s'", lib);
	if (found != 1)
		ret->major = ret->minor = -1;
	return 0;
}

/* On Windows, python.exe and the directory of headers are in one directory. */
static int read_windows(
	struct cv_arena *a, const char *dir, struct cv_on_disk *ret, struct cvenv_error *err)
{
	const char *path = cv_path_join(a, dir, "include\\patchlevel.h");
	struct cv_str text = { 0 };
	int rc = path ? cv_read_file(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, HEADER_MAX, a, &text, err)
		      : cv_fail_nomem(err);

	if (rc == 0)
		(void)cv_on_disk_patchlevel(text, ret);
	return rc < 0 && cv_err_passes(-rc) ? rc : 0;
}

static int read_header(struct cv_arena *a, const char *prefix, const char *name,
	struct cv_on_disk *ret, struct cvenv_error *err)
{
	const char *path = cv_strfmt(a, "%s/include/%s%d.%d%s/patchlevel.h", prefix,
		ret->pypy ? "pypy" : "python", ret->major, ret->minor, name);
	struct cv_on_disk is = *ret;
	struct cv_str text = { 0 };
	int rc;

	if (!path)
		return cv_fail_nomem(err);
	rc = cv_read_file(CV_OS_ABSOLUTE, path, CV_OS_FOLLOW, HEADER_MAX, a, &text, err);
	if (rc < 0)
		return cv_err_passes(-rc) ? rc : 0;
	if (cv_on_disk_patchlevel(text, &is) && is.major == ret->major && is.minor == ret->minor)
		ret->micro = is.micro;
	return 0;
}

int cv_on_disk_read(
	struct cv_arena *a, const char *real, struct cv_on_disk *ret, struct cvenv_error *err)
{
	static const char *const abis[] = { "", "t", "d", "td" };
	const char *dir = cv_path_dir(a, real);
	const char *prefix = dir ? cv_path_dir(a, dir) : NULL;
	const char *lib = prefix ? cv_path_join(a, prefix, "lib") : NULL;
	int rc = 0;

	*ret = (struct cv_on_disk){ false, -1, -1, -1 };
	if (!lib)
		return cv_fail_nomem(err);
	if (!cv_on_disk_name(cv_str(cv_path_base(real)), ret)) {
		*ret = (struct cv_on_disk){ false, -1, -1, -1 };
		rc = CV_WINDOWS ? read_windows(a, dir, ret, err) : read_lib(lib, ret, err);
	}
	for (size_t i = 0; i < sizeof(abis) / sizeof(abis[0]); i++)
		if (rc == 0 && ret->minor >= 0 && ret->micro < 0)
			rc = read_header(a, prefix, abis[i], ret, err);
	return rc;
}
