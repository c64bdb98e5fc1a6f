/* SPDX-License-Identifier: MIT */
#include "interpreter/install.h"

#include <stdio.h>
#include <string.h>

#include "fs/file.h"
#include "interpreter/which.h"

enum {
	COMMANDS_MAX = 2,
	MINOR_MAX = 14,
	MICRO_SOME = 30, /* if this and 0 fit, all do that a command may install */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A set of minor versions of Python 3. */
#define M(minor) (1U << (minor))
#define FROM(minor) (M(MINOR_MAX + 1) - M(minor))

/* In `command`, %V is the version, "3.12" or "pypy3.10", and %N the same without dots. */
struct installer {
	const char *program;         /* on PATH */
	const char *command;         /* for a version; NULL: none */
	unsigned minors;             /* that it offers */
	unsigned threaded, pypy;     /* the same for free-threaded builds and for PyPy */
	const char *id;              /* of os-release; NULL: any system */
	bool derived;                /* the system's ID_LIKE may have it, too */
	const char *releases[3];     /* codenames, or numbers as "8" for 8.10; NULL: any */
	const char *default_command; /* for python3 on PATH; NULL: none, or it is older than 3.8 */
};

static const struct installer managers[] = {
	{ .program = "uv",
		.command = "uv python install %V",
		.minors = FROM(8),
		.threaded = M(13) | M(14),
		.pypy = M(8) | M(9) | M(10) | M(11) },
	{ .program = "mise", .command = "mise install python@%V", .minors = FROM(8) },
	{ .program = "pyenv",
		.command = "pyenv install %V",
		.minors = FROM(8),
		.threaded = CV_WINDOWS ? 0 : M(13) | M(14) },
	{ .program = "asdf", .command = "asdf install python latest:%V", .minors = FROM(8) },
};

/* clang-format off */
#define APT(minors_, ...) \
	{ .program = "apt", .command = "apt install python%V python%V-venv", .minors = (minors_), \
	  .releases = { __VA_ARGS__ }, .default_command = "apt install python3 python3-venv" }
#define SYSTEM(program_, id_, derived_, minors_, command_, default_, ...) \
	{ .program = (program_), .command = (command_), .minors = (minors_), .id = (id_), \
	  .derived = (derived_), .releases = { __VA_ARGS__ }, .default_command = (default_) }

/* The first one that is this system counts. */
static const struct installer systems[] = {
	APT(M(9), "bullseye"),
	APT(M(11), "bookworm"),
	APT(M(13), "trixie"),
	APT(M(8) | M(9), "focal"),
	APT(M(10) | M(11), "jammy"),
	APT(M(12), "noble"),
	SYSTEM("apt", NULL, false, 0, NULL, NULL, "stretch", "buster", "bionic"),
	SYSTEM("apt", "debian", true, 0, NULL, "apt install python3 python3-venv", NULL),
	SYSTEM("dnf", "fedora", false, FROM(9), "dnf install python%V", "dnf install python3", NULL),
	SYSTEM("dnf", "rhel", true, M(11) | M(12), "dnf install python%V",
		"dnf install python3.12", "8"),
	SYSTEM("dnf", "rhel", true, M(11) | M(12), "dnf install python%V",
		"dnf install python3", "9"),
	SYSTEM("dnf", "rhel", true, 0, NULL, "dnf install python3", "10"),
	SYSTEM("apk", "alpine", false, M(11), "apk add python3", "apk add python3",
		"3.18", "3.19"),
	SYSTEM("apk", "alpine", false, M(12), "apk add python3", "apk add python3",
		"3.20", "3.21", "3.22"),
	SYSTEM("apk", "alpine", false, 0, NULL, "apk add python3", NULL),
	SYSTEM("zypper", "opensuse-leap", false, M(11) | M(12), "zypper install python%N", NULL,
		"15"),
	SYSTEM("zypper", "opensuse-tumbleweed", false, 0, NULL, "zypper install python3", NULL),
	SYSTEM("pacman", "arch", true, 0, NULL, "pacman -S python", NULL),
};
/* clang-format on */

static const struct installer everywhere[] = {
	{ .program = "brew",
		.command = "brew install python@%V",
		.minors = FROM(10),
		.default_command = "brew install python" },
	{ .program = "pymanager",
		.command = "py install %V",
		.minors = FROM(9),
		.threaded = M(13) | M(14) },
	{ .program = "winget",
		.command = "winget install Python.Python.%V",
		.minors = FROM(9),
		.default_command = "winget install Python.Python.3.14" },
};

/* --- os-release ------------------------------------------------------------------------------ */

struct cv_str cv_os_release(struct cv_arena *arena)
{
	static const char *const files[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct cv_str text = { 0 };

	for (size_t i = 0; i < 2 && !CV_WINDOWS; i++)
		if (cv_read_file(CV_OS_ABSOLUTE, files[i], CV_OS_FOLLOW, CV_OS_RELEASE_MAX, arena,
			    &text, NULL) == 0)
			return text;
	return (struct cv_str){ 0 };
}

/* The value of NAME, without its quotes. Values with escapes are none that is searched here. */
static struct cv_str value_of(struct cv_str os_release, struct cv_str name)
{
	struct cv_str line, key;

	while (cv_str_cut(&os_release, '\n', &line)) {
		line = cv_str_trim(line);
		if (!cv_str_cut(&line, '=', &key) || !cv_str_eq(key, name) || !line.p)
			continue;
		if (line.n >= 2 && (line.p[0] == '"' || line.p[0] == '\'') &&
			line.p[line.n - 1] == line.p[0])
			return (struct cv_str){ line.p + 1, line.n - 2 };
		return line;
	}
	return (struct cv_str){ 0 };
}

static bool has_word(struct cv_str list, struct cv_str word)
{
	struct cv_str one;

	while (cv_str_cut(&list, ' ', &one))
		if (cv_str_eq(one, word))
			return true;
	return false;
}

static bool is_system(struct cv_str os_release, const struct installer *i)
{
	return !i->id || cv_str_eq(value_of(os_release, CV_LIT("ID")), cv_str(i->id)) ||
	       (i->derived && has_word(value_of(os_release, CV_LIT("ID_LIKE")), cv_str(i->id)));
}

/* "8" is a release 8.10, and not 80. */
static bool is_numbered(struct cv_str have, struct cv_str want)
{
	if (have.n > want.n)
		return cv_str_starts(have, want) && have.p[want.n] == '.';
	return cv_str_eq(have, want);
}

static bool is_release(struct cv_str os_release, const struct installer *i)
{
	/* Ubuntu's derivatives have codenames of their own, and tell Ubuntu's */
	struct cv_str codename = value_of(os_release, CV_LIT("UBUNTU_CODENAME"));
	bool found = !i->releases[0];

	if (!codename.n)
		codename = value_of(os_release, CV_LIT("VERSION_CODENAME"));
	for (size_t k = 0; k < 3 && i->releases[k] && !found; k++)
		found = cv_str_eq(codename, cv_str(i->releases[k])) ||
			is_numbered(
				value_of(os_release, CV_LIT("VERSION_ID")), cv_str(i->releases[k]));
	return found;
}

/* --- commands -------------------------------------------------------------------------------- */

static bool fits(const struct cv_pyspec *want, const struct cv_info *kind, int minor)
{
	struct cv_info info = *kind;
	char version[16];
	bool ok = true;

	info.major = 3;
	info.minor = (unsigned)minor;
	info.version = version;
	for (unsigned micro = 0; micro <= MICRO_SOME; micro += MICRO_SOME) {
		info.micro = micro;
		(void)snprintf(version, sizeof(version), "3.%d.%u", minor, micro);
		ok = ok && cv_pyspec_fits_info(want, &info);
	}
	return ok;
}

/* The best version of those that I offers. "" if none fits, for example because of its machine. */
static void choose(const struct installer *i, const struct cv_pyspec *want, char ret[16])
{
	struct cv_info info = { .implementation = "cpython",
		.pre = "",
		.platform = "",
		.bits64 = true,
		.free_threaded = want->version.free_threaded };
	bool pypy = want->implementation && strcmp(want->implementation, "pypy") == 0;
	unsigned minors = info.free_threaded ? i->threaded : i->minors;

	ret[0] = '\0';
	if (pypy) {
		info.implementation = "pypy";
		minors = i->pypy;
	}
	if (want->debug || want->system.n || want->machine.n || want->libc.n)
		return;
	for (int minor = MINOR_MAX; minor > 0 && !ret[0]; minor--)
		if ((minors & M(minor)) && fits(want, &info, minor))
			(void)snprintf(ret, 16, "%s3.%d%s", pypy ? "pypy" : "", minor,
				info.free_threaded ? "t" : "");
}

/* Append FORMAT with the version in its places. */
static void append(struct cv_buf *to, const char *format, const char *version)
{
	for (; *format; format++) {
		if (*format != '%') {
			cv_buf_char(to, *format);
		} else if (*++format == 'V') {
			cv_buf_cstr(to, version);
		} else {
			for (const char *p = version; *p; p++)
				if (*p != '.')
					cv_buf_char(to, *p);
		}
	}
}

/* Append the command of I, if it has one. */
static bool offer(const struct cv_ctx *ctx, struct cv_arena *arena, const struct installer *i,
	const struct cv_pyspec *want, struct cv_buf *to, size_t count)
{
	struct cv_which w = cv_which(ctx);
	char version[16] = "", *path;

	if (want && i->command)
		choose(i, want, version);
	if ((want ? !version[0] : !i->default_command) ||
		!cv_which_next(&w, arena, i->program, &path))
		return false;
	cv_buf_cstr(to, count ? " or '" : "'");
	append(to, want ? i->command : i->default_command, version);
	cv_buf_char(to, '\'');
	return true;
}

static size_t offer_first(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct installer *list, size_t list_count, const struct cv_pyspec *want,
	struct cv_buf *to, size_t count)
{
	for (size_t i = 0; i < list_count; i++)
		if (offer(ctx, arena, &list[i], want, to, count))
			return 1;
	return 0;
}

void cv_install_commands(const struct cv_ctx *ctx, struct cv_arena *arena,
	const struct cv_pyspec *want, struct cv_str os_release, struct cv_buf *to)
{
	size_t count = offer_first(ctx, arena, managers, COUNT(managers), want, to, 0), is = 0;

	while (is < COUNT(systems) &&
		!(is_system(os_release, &systems[is]) && is_release(os_release, &systems[is])))
		is++;
	if (is < COUNT(systems))
		count += offer_first(ctx, arena, &systems[is], 1, want, to, count);
	if (count < COMMANDS_MAX)
		offer_first(ctx, arena, everywhere, COUNT(everywhere), want, to, count);
}
