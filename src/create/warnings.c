/* SPDX-License-Identifier: MIT */
#include "create/warnings.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "os/os.h"
#include "os/registry.h"

enum { WINDOWS_PATH_MAX = 260 }; /* in UTF-16, with the NUL */

static bool is_new(struct cv_session *s, enum cv_warning kind)
{
	unsigned bit = 1U << kind;
	bool is = !(s->warned & bit);

	s->warned |= bit;
	return is;
}

/*
 * dash and the sh of busybox, which share this code, take "DIR%func" and "DIR%builtin" on PATH for
 * special entries, in which they find no programs. Only the first '%' counts, and anything may
 * follow. (dash before 0.5.11 skips every entry with a '%'.)
 */
static const char *special_percent(const char *env_dir)
{
	const char *percent = strchr(env_dir, '%');
	struct cv_str rest = cv_str(percent ? percent + 1 : NULL);

	if (cv_str_starts(rest, CV_LIT("func")))
		return "%func";
	return cv_str_starts(rest, CV_LIT("builtin")) ? "%builtin" : NULL;
}

static bool runs_programs(struct cv_arena *a, const struct cv_target *target)
{
	OWN_OS_DIR struct cv_os_dir above = CV_OS_NO_DIR;
	const char *path = target->parent;
	int rc = -ENOENT;

	if (target->exists)
		return cv_os_runs_programs(target->dir);
	/* Missing parents are created in the nearest one that exists. */
	while (path &&
		(rc = cv_os_open_dir(CV_OS_ABSOLUTE, path, CV_OS_ANCHOR, &above)) == -ENOENT) {
		const char *next = cv_path_dir(a, path);

		path = next && strcmp(next, path) != 0 ? next : NULL;
	}
	return rc < 0 || cv_os_runs_programs(above);
}

static void warn_of_place(
	struct cv_session *s, const struct cv_target *target, const struct cv_layout *layout)
{
	const char *percent = special_percent(layout->env_dir);
	size_t shebang = strlen(layout->env_exe) + sizeof("#!\n") - 1;

	if (percent && is_new(s, CV_WARNING_PERCENT))
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"'%s' contains '%s': dash, which is sh on Debian, and busybox will find "
			"none of its commands on PATH (choose another name)",
			layout->env_dir, percent);
	if (!s->info.windows && shebang > CV_SHEBANG_MAX && is_new(s, CV_WARNING_SHEBANG))
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"the path of '%s' is too long for the first line of scripts (%d bytes): "
			"pip will install programs that need /bin/sh, and those of other "
			"installers may not start (choose a shorter name)",
			layout->env_exe, (int)CV_SHEBANG_MAX);
	if (!(s->warned & 1U << CV_WARNING_NOEXEC) && !runs_programs(&s->once, target) &&
		is_new(s, CV_WARNING_NOEXEC))
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"'%s' is on a file system that is mounted with noexec: its programs, such "
			"as pip, cannot be run, and extension modules cannot be imported (choose "
			"another directory, or remount it)",
			target->env_dir);
}

/* The setting for programs that declare, as python.exe does, that they know long paths. */
static bool opens_long_paths(void)
{
	uint32_t on = 0;

	return cv_os_registry_number(CV_OS_HKLM, "SYSTEM\\CurrentControlSet\\Control\\FileSystem",
		       "LongPathsEnabled", &on) == 0 &&
	       on == 1;
}

/* The length in UTF-16. */
static size_t units(const char *text)
{
	size_t n = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		n += (c & 0xc0) != 0x80; /* not one of the further bytes of a character */
		n += c >= 0xf0;          /* two units */
	}
	return n;
}

static void warn_of_long_paths(
	struct cv_session *s, const struct cv_layout *layout, const struct cv_plan *plan)
{
	size_t longest;

	if (!CV_WINDOWS)
		return;
	longest = units(layout->env_dir) + 1 + cv_environment_longest(plan);
	if (longest >= WINDOWS_PATH_MAX && !opens_long_paths() && is_new(s, CV_WARNING_LONG))
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"files in '%s' have paths of up to %zu characters, and Python opens none "
			"of more than %d (choose a shorter name, or enable long paths in Windows)",
			layout->env_dir, longest, WINDOWS_PATH_MAX - 1);
}

static void warn_of_copies(struct cv_session *s, const struct cv_target *target)
{
	if (target->no_links && is_new(s, CV_WARNING_COPIES))
		cv_log(s->ctx, CVENV_LOG_WARNING,
			"cannot create symbolic links in '%s': %s; copied the interpreter instead "
			"(--copies does that without a warning)",
			target->env_dir, cv_err_text(target->no_links));
}

void cv_warn(struct cv_session *s, const struct cv_target *target, const struct cv_layout *layout,
	const struct cv_plan *plan)
{
	warn_of_place(s, target, layout);
	warn_of_long_paths(s, layout, plan);
	warn_of_copies(s, target);
}
