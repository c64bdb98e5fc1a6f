/* SPDX-License-Identifier: MIT */
#include "fs/pack.h"

bool cv_pack_has(const struct cv_tree *tree, const struct cv_tree_file *file)
{
	return tree->pack && !cv_tree_file_shared(file);
}

uint64_t cv_pack_next(uint64_t at, const struct cv_tree_file *file)
{
	uint64_t end = at + file->size;

	return end + (CV_PACK_ALIGN - end % CV_PACK_ALIGN) % CV_PACK_ALIGN;
}

struct cv_tree_file cv_pack_file(const struct cv_tree *tree)
{
	struct cv_tree_file whole = { .path = tree->pack, .mtime = CV_PACK_MTIME };

	for (size_t i = 0; i < tree->count; i++)
		if (cv_pack_has(tree, &tree->files[i]))
			whole.size = cv_pack_next(whole.size, &tree->files[i]);
	return whole;
}

int cv_pack_cannot_open(const char *path, int code, struct cvenv_error *err)
{
	if (cv_err_passes(code))
		return cv_fail(err, code, "cannot open '%s'", path);
	return cv_fail(err, CVENV_ECORRUPT, "'%s'", path);
}

int cv_pack_open(
	const struct cv_tree *tree, uint64_t owner, struct cv_os_file *ret, struct cvenv_error *err)
{
	const struct cv_tree_file whole = cv_pack_file(tree);
	OWN_OS_FILE struct cv_os_file file = CV_OS_NO_FILE;
	struct cv_os_stat st;
	int rc = cv_os_open(CV_OS_ABSOLUTE, tree->pack, CV_OS_NOFOLLOW, &file);

	if (rc < 0)
		return cv_pack_cannot_open(tree->pack, -rc, err);
	if (cv_os_stat_file(file, &st) < 0 || !cv_tree_has(tree, &whole, owner, &st))
		return cv_fail(err, CVENV_ECORRUPT, "'%s'", tree->pack);
	*ret = cv_os_take_file(&file);
	return 0;
}

struct cv_new_file cv_tree_new_file(const struct cv_tree_file *file, bool *lost_mtime)
{
	return (struct cv_new_file){ .mode = file->exec ? 0777 : 0666,
		.add_mode = file->exec ? 0111 : 0,
		.set_mtime = true,
		.mtime = file->mtime,
		.lost_mtime = lost_mtime };
}
