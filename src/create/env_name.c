/* SPDX-License-Identifier: MIT */
#include "create/env_name.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"

/* The root must be a drive or a share: "\\server" is neither, and "\\.\x" is a device. */
static int check_root(const char *env_dir, struct cvenv_error *err)
{
	size_t root = cv_path_root(env_dir);
	const char *share = strchr(env_dir + 2, CV_PATH_SEP);

	if (env_dir[0] != CV_PATH_SEP)
		return 0;
	if (strncmp(env_dir, "\\\\.\\", 4) == 0) {
		cv_fail_msg(err, EINVAL, "cannot create an environment in '%s': it is a device",
			env_dir);
		return cv_hint(err, -EINVAL, "name a directory");
	}
	if (share && share > env_dir + 2 && (size_t)(share + 1 - env_dir) < root)
		return 0;
	cv_fail_msg(err, EINVAL,
		"cannot create an environment in '%s': it names a server without a share", env_dir);
	return cv_hint(err, -EINVAL, "name a directory as \\\\server\\share\\directory");
}

static int check_component(const char *env_dir, struct cv_str name, struct cvenv_error *err)
{
	static const char format[] = "cannot create an environment in '%s': '%.*s' %s";

	switch (cv_name_on_windows(name)) {
	case CV_NAME_DEVICE:
		cv_fail_msg(err, EINVAL, format, env_dir, CV_ARG(name), "is a device");
		return cv_hint(err, -EINVAL,
			"CON, PRN, AUX, NUL, COM1 to COM9 and LPT1 to LPT9 are reserved, with any "
			"extension");
	case CV_NAME_CHARACTER:
		cv_fail_msg(err, EINVAL, format, env_dir, CV_ARG(name),
			"contains a character that Windows does not allow in names");
		return cv_hint(
			err, -EINVAL, "avoid < > : \" | ? * and control characters in names");
	case CV_NAME_END:
		cv_fail_msg(
			err, EINVAL, format, env_dir, CV_ARG(name), "ends with a dot or a space");
		return cv_hint(err, -EINVAL, "most programs cannot open such names on Windows");
	case CV_NAME_OK:
		break;
	}
	return 0;
}

static int check_for_windows(const char *env_dir, struct cvenv_error *err)
{
	struct cv_str rest = cv_str(env_dir + cv_path_root(env_dir)), name;
	int rc = check_root(env_dir, err);

	while (rc == 0 && cv_str_cut(&rest, CV_PATH_SEP, &name))
		rc = check_component(env_dir, name, err);
	return rc;
}

int cv_env_name_check(const char *env_dir, struct cvenv_error *err)
{
	if (!cv_utf8_ok(cv_str(env_dir))) {
		cv_fail_msg(
			err, EILSEQ, "cannot create an environment in '%s': not UTF-8", env_dir);
		return cv_hint(err, -EILSEQ, "pyvenv.cfg and Python need names in UTF-8");
	}
	if (strchr(env_dir, CV_PATH_LIST_SEP)) {
		cv_fail_msg(err, EINVAL,
			"refusing to create an environment in '%s': it contains the PATH separator "
			"'%c'",
			env_dir, CV_PATH_LIST_SEP);
		return cv_hint(err, -EINVAL, "PATH cannot contain that directory");
	}
	return CV_WINDOWS ? check_for_windows(env_dir, err) : 0;
}
