/* SPDX-License-Identifier: MIT */
#include "fs/pack.h"

#include <errno.h>
#include <fcntl.h>

#include "base/own.h"

bool cv_image_packed(const struct cv_image *image, const struct cv_image_file *file)
{
	return image->pack && !cv_image_file_shared(file);
}

uint64_t cv_pack_next(uint64_t at, const struct cv_image_file *file)
{
	uint64_t end = at + file->size;

	return end + (CV_PACK_ALIGN - end % CV_PACK_ALIGN) % CV_PACK_ALIGN;
}

struct cv_image_file cv_image_pack(const struct cv_image *image)
{
	struct cv_image_file whole = { .path = image->pack, .mtime = CV_PACK_MTIME };

	for (size_t i = 0; i < image->count; i++)
		if (cv_image_packed(image, &image->files[i]))
			whole.size = cv_pack_next(whole.size, &image->files[i]);
	return whole;
}

int cv_image_cannot_open(const char *path, int code, struct cv_err *err)
{
	if (cv_err_passes(code))
		return cv_fail(err, code, "cannot open '%s'", path);
	return cv_fail(err, CV_ECORRUPT, "'%s'", path);
}

int cv_image_open_pack(const struct cv_image *image, uid_t owner, int *ret_fd, struct cv_err *err)
{
	const struct cv_image_file whole = cv_image_pack(image);
	OWN_FD int fd = open(image->pack, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return cv_image_cannot_open(image->pack, errno, err);
	if (fstat(fd, &st) < 0 || !cv_image_has(image, &whole, owner, &st))
		return cv_fail(err, CV_ECORRUPT, "'%s'", image->pack);
	*ret_fd = take_fd(&fd);
	return 0;
}

struct cv_new_file cv_image_new_file(
	const struct cv_image_file *file, mode_t mask, bool *lost_mtime)
{
	return (struct cv_new_file){ .mode = file->exec ? 0777 : 0666,
		.add_mode = file->exec ? 0111 : 0,
		.mask = mask,
		.set_mtime = true,
		.mtime = file->mtime,
		.lost_mtime = lost_mtime };
}
