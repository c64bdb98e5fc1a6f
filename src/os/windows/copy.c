/* SPDX-License-Identifier: MIT */
#include "nt.h"

#ifndef FILE_SUPPORTS_BLOCK_REFCOUNTING
#define FILE_SUPPORTS_BLOCK_REFCOUNTING 0x08000000
#endif
#define FSCTL_SHARE_BLOCKS 0x00098344 /* FSCTL_DUPLICATE_EXTENTS_TO_FILE */

enum { PART = 1 << 30 }; /* of one call, which takes less than 4 GB */

struct share_blocks {
	HANDLE from;
	LARGE_INTEGER from_at, to_at, size;
};

/* The cluster size of a volume that shares blocks (ReFS, Dev Drive); 0 for all others. */
static uint64_t cluster_of(HANDLE handle)
{
	struct {
		FILE_FS_ATTRIBUTE_INFORMATION info;
		wchar_t name[16];
	} volume = { 0 };
	struct {
		LARGE_INTEGER units, free;
		ULONG sectors, sector;
	} size = { 0 };

	if (cv_nt_get_volume(handle, CV_NT_VOLUME_ATTRIBUTE_INFO, &volume, sizeof(volume)) !=
			STATUS_SUCCESS ||
		!(volume.info.FileSystemAttributes & FILE_SUPPORTS_BLOCK_REFCOUNTING) ||
		cv_nt_get_volume(handle, CV_NT_VOLUME_SIZE_INFO, &size, sizeof(size)) !=
			STATUS_SUCCESS)
		return 0;
	return (uint64_t)size.sectors * size.sector;
}

static NTSTATUS set_size(HANDLE file, uint64_t size)
{
	const LARGE_INTEGER end = { .QuadPart = (int64_t)size };

	return cv_nt_set(file, CV_NT_END_INFO, &end, sizeof(end));
}

/* Whole clusters. TO has its final size already. */
static NTSTATUS share(HANDLE from, uint64_t at, uint64_t size, HANDLE to, uint64_t cluster)
{
	uint64_t whole = (size + cluster - 1) / cluster * cluster;
	NTSTATUS status = STATUS_SUCCESS;

	for (uint64_t done = 0; done < whole && status == STATUS_SUCCESS; done += PART) {
		const struct share_blocks blocks = { from, { .QuadPart = (int64_t)(at + done) },
			{ .QuadPart = (int64_t)done },
			{ .QuadPart = (int64_t)(whole - done < PART ? whole - done : PART) } };

		status = cv_nt_control(to, FSCTL_SHARE_BLOCKS, &blocks, sizeof(blocks), NULL, 0);
	}
	return status;
}

int cv_os_clone_part(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	HANDLE source = cv_nt_file(from), target = cv_nt_file(to);
	uint64_t cluster;

	if (size == 0)
		return 1;
	cluster = cluster_of(target);
	if (cluster == 0 || at % cluster || set_size(target, size) != STATUS_SUCCESS)
		return 0;
	if (share(source, at, size, target, cluster) == STATUS_SUCCESS)
		return 1;
	return cv_nt_error(set_size(target, 0)); /* as empty as it was */
}

int cv_os_create_clone(struct cv_os_dir at, const char *name, unsigned mode, struct cv_os_file from,
	struct cv_os_file *ret, bool *ret_cloned)
{
	FILE_STANDARD_INFORMATION source = { 0 };
	int rc = cv_os_create(at, name, mode, ret);

	*ret_cloned = rc == 0 &&
		      cv_nt_get(cv_nt_file(from), CV_NT_STANDARD_INFO, &source, sizeof(source)) ==
			      STATUS_SUCCESS &&
		      source.EndOfFile.QuadPart > 0 &&
		      cv_os_clone_part(from, 0, (uint64_t)source.EndOfFile.QuadPart, *ret) > 0;
	return rc;
}

/* Only servers copy inside. */
int64_t cv_os_copy(struct cv_os_file from, uint64_t at, uint64_t size, struct cv_os_file to)
{
	(void)from;
	(void)at;
	(void)size;
	(void)to;
	return 0;
}

/* What ReFS does with the cluster at the end of a part was not measured. */
bool cv_os_clones_parts(struct cv_os_dir dir)
{
	(void)dir;
	return false;
}

bool cv_os_clones(struct cv_os_dir from, struct cv_os_dir to)
{
	return cluster_of(cv_nt_dir(to)) > 0 && cv_os_same_mount(from, to) == 1;
}

int cv_os_shared(struct cv_os_file file, uint64_t *ret)
{
	(void)file;
	*ret = 0;
	return -EOPNOTSUPP;
}

bool cv_os_shares(struct cv_os_dir dir)
{
	(void)dir;
	return false;
}
