/* SPDX-License-Identifier: MIT */
/*
 * Writes activation scripts for the tests beside it, without making an environment:
 *
 *	render [-rw] [-s NAMES] OUT ENV_DIR PROMPT
 *	render [-rw] [-s NAMES] < triples
 *	render -c SHELL < help
 *
 * They come into OUT/bin and speak of ENV_DIR, which need not exist. Triples are the same
 * three strings, each ended by a NUL, so that one run makes thousands. -r: relocatable;
 * -w: for Windows, in OUT/Scripts; -s: scripts besides those that are always written. Warnings
 * go to stderr. -c: prints the completions for SHELL of an option --evil with that help.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "cli/completions/completions.h"
#include "cli/option_table.h"
#include "env/activate.h"

static void on_log(void *data, enum cvenv_level level, const char *msg)
{
	(void)data;
	if (level == CVENV_LOG_WARNING)
		fprintf(stderr, "%s\n", msg);
}

static int write_entry(const char *out, const struct cv_entry *entry)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	const char *path = cv_strfmt(&arena, "%s/%s", out, entry->path);
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, entry->mode) : -1;
	ssize_t n = fd < 0 ? -1 : write(fd, entry->data.p, entry->data.n);

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)entry->data.n ? 0 : -1;
}

static int render(struct cv_activate what, const char *out)
{
	struct cv_arena arena OWN_ARENA = { 0 };
	struct cv_plan plan = { .arena = &arena };
	struct cv_ctx ctx = { .log = on_log };
	struct cvenv_error err;
	unsigned working;
	const char *bin = cv_strfmt(&arena, "%s/%s", out, what.bin);

	if (cv_activate_plan(&ctx, &plan, &what, &working, &err) < 0) {
		fprintf(stderr, "render: %s\n", err.message);
		return 1;
	}
	if (!bin || (mkdir(out, 0777) < 0 && errno != EEXIST) ||
		(mkdir(bin, 0777) < 0 && errno != EEXIST)) {
		perror(out);
		return 1;
	}
	for (size_t i = 0; i < plan.count; i++) {
		if (write_entry(out, &plan.entries[i]) < 0) {
			perror(plan.entries[i].path);
			return 1;
		}
	}
	return 0;
}

static int render_completions(const char *shell)
{
	const struct cv_option *names = cv_option_of(CV_LIT("completions"));
	struct cv_buf script OWN_BUF = { 0 };
	static char help[4096];
	const struct cv_option evil = { .name = "evil", .kind = CV_OPTION_FLAG, .help = help };
	const struct cv_option_choice *choice = names->choices;

	(void)!fread(help, 1, sizeof(help) - 1, stdin);
	while (choice->name && strcmp(choice->name, shell) != 0)
		choice++;
	if (!choice->name)
		return 2;
	cv_completions_script(&script, (enum cv_completions)choice->value, &evil, 1);
	return fwrite(script.p, 1, script.n, stdout) == script.n ? 0 : 1;
}

enum { NEWEST_MINOR = 14 };

int main(int argc, char **argv)
{
	struct cv_activate what = { .bin = "bin" };
	unsigned chosen = 0;
	char *text[3] = { NULL };
	size_t room[3] = { 0 };
	int option, rc = 0;

	while ((option = getopt(argc, argv, "c:rs:w")) != -1) {
		struct cv_str bad;

		if (option == 'c')
			return render_completions(optarg);
		if (option == 'r')
			what.relocatable = true;
		else if (option == 'w')
			what.windows = true, what.bin = "Scripts";
		else if (option != 's' || !cv_activators_parse(cv_str(optarg), &chosen, &bad))
			return 2;
	}
	what.scripts = cv_activators_of(chosen, what.windows, NEWEST_MINOR);
	if (argc - optind == 3) {
		what.env_dir = argv[optind + 1];
		what.prompt = argv[optind + 2];
		return render(what, argv[optind]);
	}
	while (rc == 0 && getdelim(&text[0], &room[0], '\0', stdin) > 0) {
		if (getdelim(&text[1], &room[1], '\0', stdin) < 0 ||
			getdelim(&text[2], &room[2], '\0', stdin) < 0)
			return 2;
		what.env_dir = text[1];
		what.prompt = text[2];
		rc = render(what, text[0]);
	}
	for (int i = 0; i < 3; i++)
		free(text[i]);
	return rc;
}
