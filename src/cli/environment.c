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

void cv_json_environment(FILE *to, const struct cvenv_environment *e)
{
	cv_json_member(to, "path", e->path);
	cv_json_member(to, "maker", cv_maker_text(e->maker));
	cv_json_if_known(to, "maker_version", e->maker_version);
	cv_json_if_known(to, "python", e->python);
	cv_json_if_known(to, "implementation", e->implementation);
	cv_json_if_known(to, "version", e->version);
	cv_json_if_known(to, "home", e->home);
	cv_json_if_known(to, "base", e->base);
	cv_json_if_known(to, "prompt", e->prompt);
	cv_json_flag(to, "system_site_packages", e->system_site_packages);
	cv_json_flag(to, "relocatable", e->relocatable);
	cv_json_flag(to, "copies", e->copies);
	cv_json_or_null(to, "manager", e->manager);
	cv_json_flag(to, "broken", e->broken);
	fprintf(to, "\"package_count\": %zu", e->package_count);
}
