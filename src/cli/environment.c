/* SPDX-License-Identifier: MIT */
#include "cli/environment.h"

#include "cli/json.h"

const char *cv_maker_text(enum cvenv_maker maker)
{
	switch (maker) {
	case CVENV_MAKER_VENV:
		return "venv";
	case CVENV_MAKER_VIRTUALENV:
		return "virtualenv";
	case CVENV_MAKER_UV:
		return "uv";
	case CVENV_MAKER_CVENV:
		return "cvenv";
	case CVENV_MAKER_UNKNOWN:
		break;
	}
	return "unknown";
}

static void text(FILE *to, const char *name, const char *value)
{
	if (value)
		cv_json_member(to, name, value);
}

static void flag(FILE *to, const char *name, bool value)
{
	fprintf(to, "\"%s\": %s, ", name, value ? "true" : "false");
}

void cv_json_environment(FILE *to, const struct cvenv_environment *e)
{
	text(to, "path", e->path);
	text(to, "maker", cv_maker_text(e->maker));
	text(to, "maker_version", e->maker_version);
	text(to, "python", e->python);
	text(to, "implementation", e->implementation);
	text(to, "version", e->version);
	text(to, "home", e->home);
	text(to, "base", e->base);
	text(to, "prompt", e->prompt);
	flag(to, "system_site_packages", e->system_site_packages);
	flag(to, "relocatable", e->relocatable);
	flag(to, "copies", e->copies);
	if (e->manager)
		text(to, "manager", e->manager);
	else
		fputs("\"manager\": null, ", to);
	flag(to, "broken", e->broken);
	fprintf(to, "\"package_count\": %zu", e->package_count);
}
