/* SPDX-License-Identifier: MIT */
#include "interpreter/install.h"

#include <string.h>

#include "base/own.h"
#include "help.h"

static const char debian_12[] = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"
				"VERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";
static const char debian_14[] = "ID=debian\nVERSION_CODENAME=forky\n";
static const char debian_10[] = "ID=debian\nVERSION_CODENAME=buster\nVERSION_ID=10\n";
static const char mint[] = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"22.1\"\n"
			   "VERSION_CODENAME=xia\nUBUNTU_CODENAME=noble\n";
static const char fedora[] = "ID=fedora\nVERSION_ID=42\n";
static const char rocky_8[] = "ID='rocky'\nID_LIKE='rhel centos fedora'\nVERSION_ID='8.10'\n";
static const char rocky_9[] = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.4\"\n";
static const char amazon[] = "ID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\n";
static const char alpine[] = "ID=alpine\nVERSION_ID=3.20.3\n";
static const char leap[] = "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.6\"\n";
static const char arch[] = "ID=arch\n";

/* SPEC is a request; NULL: python3 on PATH. */
static const char *commands(struct world *w, const char *spec, const char *os_release)
{
	OWN_BUF struct cv_buf b = { 0 };
	struct cv_pyspec want;

	if (spec) {
		cv_pyspec_parse(spec, &want);
		assert_int_equal(want.kind, CV_PYSPEC_REQUEST);
	}
	cv_install_commands(&w->ctx, &w->arena, spec ? &want : NULL, cv_str(os_release), &b);
	assert_false(b.bad);
	return cv_strfmt(&w->arena, "%s", b.p ? b.p : "");
}

static void has(struct world *w, const char *const *programs)
{
	world_env(w, "PATH", "%s", at(w, "bin"));
	for (; *programs; programs++)
		put_fake(at(w, "bin/%s", *programs));
}

static void test_systems(void **state)
{
	static const char *const programs[] = { "apt", "dnf", "apk", "zypper", "pacman", NULL };
	static const struct {
		const char *os_release, *spec, *commands;
	} cases[] = {
		{ debian_12, "3.11", "'apt install python3.11 python3.11-venv'" },
		{ debian_12, ">=3.9", "'apt install python3.11 python3.11-venv'" },
		{ debian_12, "cpython3.11", "'apt install python3.11 python3.11-venv'" },
		{ debian_12, "3.12", "" },
		{ debian_12, "3.11.4", "" },
		{ debian_12, ">=3.11.4", "" },
		{ debian_12, "3.11t", "" },
		{ debian_12, "3.11d", "" },
		{ debian_12, "pypy3.11", "" },
		{ debian_12, "3.11-32", "" },
		{ debian_12, "3.11-arm64", "" },
		{ debian_12, NULL, "'apt install python3 python3-venv'" },
		{ debian_14, "3.14", "" },
		{ debian_14, NULL, "'apt install python3 python3-venv'" },
		{ debian_10, NULL, "" },
		{ mint, "3.12", "'apt install python3.12 python3.12-venv'" },
		{ mint, "3.13", "" },
		{ fedora, "3.12", "'dnf install python3.12'" },
		{ fedora, "3.99", "" },
		{ rocky_8, "3.12", "'dnf install python3.12'" },
		{ rocky_8, "3.13", "" },
		{ rocky_8, NULL, "'dnf install python3.12'" },
		{ rocky_9, NULL, "'dnf install python3'" },
		{ amazon, "3.13", "" },
		{ alpine, "3.12", "'apk add python3'" },
		{ alpine, "3.11", "" },
		{ alpine, NULL, "'apk add python3'" },
		{ leap, "3.12", "'zypper install python312'" },
		{ leap, NULL, "" },
		{ arch, "3.13", "" },
		{ arch, NULL, "'pacman -S python'" },
		{ "", NULL, "" },
	};
	struct world *w = *state;

	has(w, programs);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(commands(w, cases[i].spec, cases[i].os_release), cases[i].commands) != 0)
			fail_msg("%s, %s: %s", cases[i].spec ? cases[i].spec : "default",
				cases[i].os_release,
				commands(w, cases[i].spec, cases[i].os_release));
}

static void test_managers(void **state)
{
	static const char *const uv[] = { "uv", "apt", NULL };
	static const char *const pyenv[] = { "pyenv", "asdf", NULL };
	struct world *w = *state;

	has(w, pyenv);
	assert_string_equal(commands(w, "3.12", debian_12), "'pyenv install 3.12'");
	assert_string_equal(commands(w, "3.13t", debian_12), "'pyenv install 3.13t'");
	assert_string_equal(commands(w, "3.99", debian_12), "");
	assert_string_equal(commands(w, NULL, debian_12), "");
	has(w, uv);
	assert_string_equal(commands(w, "3.11", debian_12),
		"'uv python install 3.11' or 'apt install python3.11 python3.11-venv'");
	assert_string_equal(commands(w, "<3.13,>3.9", fedora), "'uv python install 3.12'");
	assert_string_equal(commands(w, "pypy3.10", debian_12), "'uv python install pypy3.10'");
}

static void test_a_program_that_is_missing_is_not_named(void **state)
{
	struct world *w = *state;

	world_env(w, "PATH", "%s", at(w, "bin"));
	assert_string_equal(commands(w, "3.11", debian_12), "");
	assert_string_equal(commands(w, NULL, debian_12), "");
}

/* Nothing of the file is printed, and no content is an error. */
static void test_hostile_file(void **state)
{
	static const char *const apt[] = { "apt", NULL };
	static const char *const texts[] = { "ID", "ID=", "ID=\"", "ID='\"", "=debian",
		"ID=debi\"an", "\n\n=\n", "ID_LIKE=\x1b[31mdebian",
		"VERSION_CODENAME=bookworm; rm -rf /\n", "VERSION_ID=.\nUBUNTU_CODENAME=\xff\xfe" };
	struct world *w = *state;

	has(w, apt);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(commands(w, NULL, texts[i]), "");
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_systems),
		T(test_managers),
		T(test_a_program_that_is_missing_is_not_named),
		T(test_hostile_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
