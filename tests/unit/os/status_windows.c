/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include "../support/world.h"

#include <errno.h>
#include <sddl.h>
#include <stdlib.h>
#include <string.h>

/*
 * What os.h makes of the answers that wine does not give: the linker replaces the native calls by
 * the functions below. A call that `planned` names returns its status, once.
 */
enum call { CREATE = 1, GET, SET, VOLUME, CONTROL, SECURITY };

static struct {
	enum call call;
	int class; /* or -1 */
	NTSTATUS status;
} planned[4];
static int met; /* how many of them were returned */

static void plan(enum call call, int class, NTSTATUS status)
{
	size_t i = 0;

	while (planned[i].call)
		i++;
	planned[i].call = call;
	planned[i].class = class;
	planned[i].status = status;
}

static void check_met(int count)
{
	assert_int_equal(met, count);
	memset(planned, 0, sizeof(planned));
	met = 0;
}

static bool is_planned(enum call call, int class, NTSTATUS *ret)
{
	for (size_t i = 0; i < sizeof(planned) / sizeof(planned[0]); i++)
		if (planned[i].call == call &&
			(planned[i].class == class || planned[i].class == -1)) {
			planned[i].call = (enum call) - 1;
			*ret = planned[i].status;
			met++;
			return true;
		}
	return false;
}

#define WRAP(name, call, class, params, args)         \
	NTSTATUS __real_##name params;                \
	NTSTATUS __wrap_##name params;                \
	NTSTATUS __wrap_##name params                 \
	{                                             \
		NTSTATUS status;                      \
		if (is_planned(call, class, &status)) \
			return status;                \
		return __real_##name args;            \
	}

WRAP(cv_nt_create, CREATE, 0, (OBJECT_ATTRIBUTES * name, const struct cv_nt_how *how, HANDLE *ret),
	(name, how, ret))
WRAP(cv_nt_get, GET, class, (HANDLE h, int class, void *ret, size_t room), (h, class, ret, room))
WRAP(cv_nt_set, SET, class, (HANDLE h, int class, const void *data, size_t n), (h, class, data, n))

/* Owner and ACL of all directories, in the language of ConvertStringSecurityDescriptor(). */
static const wchar_t *security;

NTSTATUS __real_cv_nt_security(HANDLE h, void *ret, size_t room);
NTSTATUS __wrap_cv_nt_security(HANDLE h, void *ret, size_t room);
NTSTATUS __wrap_cv_nt_security(HANDLE h, void *ret, size_t room)
{
	PSECURITY_DESCRIPTOR made;
	NTSTATUS status;
	ULONG n;

	if (is_planned(SECURITY, 0, &status))
		return status;
	if (!security)
		return __real_cv_nt_security(h, ret, room);
	assert_true(ConvertStringSecurityDescriptorToSecurityDescriptorW(
		security, SDDL_REVISION_1, &made, &n));
	assert_true(n <= room);
	memcpy(ret, made, n);
	LocalFree(made);
	return STATUS_SUCCESS;
}

/* A volume that shares blocks, if `cluster` is set, and what it was asked to share. */
static ULONG cluster;
static uint64_t shared, shared_calls;

NTSTATUS __real_cv_nt_get_volume(HANDLE handle, int class, void *ret, size_t room);
NTSTATUS __wrap_cv_nt_get_volume(HANDLE handle, int class, void *ret, size_t room);
NTSTATUS __wrap_cv_nt_get_volume(HANDLE handle, int class, void *ret, size_t room)
{
	NTSTATUS status = __real_cv_nt_get_volume(handle, class, ret, room);

	if (class == CV_NT_VOLUME_ATTRIBUTE_INFO && cluster)
		((FILE_FS_ATTRIBUTE_INFORMATION *)ret)->FileSystemAttributes |= 0x08000000;
	if (class == CV_NT_VOLUME_SIZE_INFO && cluster) {
		((ULONG *)ret)[4] = cluster / 512;
		((ULONG *)ret)[5] = 512;
	}
	return status;
}

NTSTATUS __real_cv_nt_control(
	HANDLE file, ULONG code, const void *in, size_t in_n, void *ret, size_t room);
NTSTATUS __wrap_cv_nt_control(
	HANDLE file, ULONG code, const void *in, size_t in_n, void *ret, size_t room);
NTSTATUS __wrap_cv_nt_control(
	HANDLE file, ULONG code, const void *in, size_t in_n, void *ret, size_t room)
{
	NTSTATUS status;

	if (is_planned(CONTROL, 0, &status))
		return status;
	if (code != 0x00098344)
		return __real_cv_nt_control(file, code, in, in_n, ret, room);
	shared += (uint64_t)((const LARGE_INTEGER *)in)[3].QuadPart;
	shared_calls++;
	return STATUS_SUCCESS;
}

static int reset(void **state)
{
	check_met(0);
	cluster = 0;
	shared = shared_calls = 0;
	return setup(state);
}

static void test_errors(void **state)
{
	static const struct {
		NTSTATUS status;
		int code;
	} errors[] = {
		{ STATUS_SUCCESS, 0 },
		{ STATUS_OBJECT_NAME_NOT_FOUND, ENOENT },
		{ STATUS_OBJECT_PATH_NOT_FOUND, ENOENT },
		{ STATUS_NO_SUCH_FILE, ENOENT },
		{ STATUS_OBJECT_NAME_COLLISION, EEXIST },
		{ STATUS_OBJECT_NAME_INVALID, EINVAL },
		{ STATUS_ACCESS_DENIED, EACCES },
		{ STATUS_SHARING_VIOLATION, EBUSY },
		{ STATUS_DELETE_PENDING, EBUSY },
		{ STATUS_USER_MAPPED_FILE, EBUSY },
		{ STATUS_DIRECTORY_NOT_EMPTY, ENOTEMPTY },
		{ STATUS_NOT_A_DIRECTORY, ENOTDIR },
		{ STATUS_FILE_IS_A_DIRECTORY, EISDIR },
		{ STATUS_NOT_SAME_DEVICE, EXDEV },
		{ STATUS_TOO_MANY_LINKS, EMLINK },
		{ STATUS_DISK_FULL, ENOSPC },
		{ STATUS_MEDIA_WRITE_PROTECTED, EROFS },
		{ STATUS_NO_MEMORY, ENOMEM },
		{ STATUS_TOO_MANY_OPENED_FILES, EMFILE },
		{ STATUS_REPARSE_POINT_NOT_RESOLVED, ELOOP },
		{ STATUS_INVALID_DEVICE_REQUEST, EOPNOTSUPP },
		{ STATUS_BAD_NETWORK_NAME, ENOENT },
		{ STATUS_DISK_CORRUPT_ERROR, EIO },
		{ (NTSTATUS)0xC0FFEE00, EIO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		assert_int_equal(cv_nt_error(errors[i].status), -errors[i].code);
	assert_int_equal(cv_nt_win32_error(ERROR_PRIVILEGE_NOT_HELD), -EPERM);
}

/* Windows before 10 1709, and file systems but NTFS. */
static void test_old_calls(void **state)
{
	(void)state;
	test_write(dir, "a", "a");
	test_write(dir, "b", "b");
	assert_int_equal(cv_os_chmod_at(at, "b", 0400), 0);
	plan(SET, CV_NT_RENAME_INFO_EX, STATUS_INVALID_INFO_CLASS);
	plan(SET, CV_NT_RENAME_INFO, STATUS_ACCESS_DENIED);
	plan(SET, CV_NT_RENAME_INFO_EX, STATUS_INVALID_INFO_CLASS);
	assert_int_equal(cv_os_rename(at, "a", at, "b", CV_OS_REPLACE), 0);
	check_met(3);
	check_tree("f b - a\n");
	assert_int_equal(cv_os_chmod_at(at, "b", 0400), 0);
	plan(SET, CV_NT_DISPOSITION_INFO_EX, STATUS_INVALID_PARAMETER);
	plan(SET, CV_NT_DISPOSITION_INFO, STATUS_CANNOT_DELETE);
	assert_int_equal(cv_os_unlink(at, "b"), -EBUSY);
	check_met(2);
	check_tree("f b readonly a\n");
	plan(SET, CV_NT_DISPOSITION_INFO_EX, STATUS_INVALID_PARAMETER);
	assert_int_equal(cv_os_unlink(at, "b"), 0);
	check_met(1);
	check_tree("");
}

static void test_files_in_use(void **state)
{
	struct cv_os_file f;

	(void)state;
	test_write(dir, "f", "");
	test_mkdir(dir, "d");
	plan(CREATE, -1, STATUS_SHARING_VIOLATION);
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &f), -EBUSY);
	plan(SET, CV_NT_RENAME_INFO, STATUS_ACCESS_DENIED);
	assert_int_equal(cv_os_rename(at, "d", at, "e", CV_OS_NEW), -EACCES);
	assert_true(cv_os_in_use(-EBUSY) && cv_os_in_use(-EACCES) && !cv_os_in_use(-ENOENT));
	/* What is removed, but open, does not exist; its name is not free. */
	check_met(2);
	plan(CREATE, -1, STATUS_DELETE_PENDING);
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &f), -ENOENT);
	check_met(1);
	plan(CREATE, -1, STATUS_DELETE_PENDING);
	assert_int_equal(cv_os_create(at, "f", 0600, &f), -EBUSY);
	check_met(1);
	/* To be in use says nothing about rights. */
	plan(CREATE, -1, STATUS_SHARING_VIOLATION);
	assert_int_equal(cv_os_access(at, "f", CV_OS_MAY_WRITE), 0);
	check_met(1);
}

static void test_links_of_ntfs(void **state)
{
	(void)state;
	test_write(dir, "f", "");
	plan(SET, CV_NT_LINK_INFO, STATUS_TOO_MANY_LINKS);
	assert_int_equal(cv_os_link(at, "f", at, "g"), -EMLINK);
	check_met(1);
	plan(SET, CV_NT_LINK_INFO, STATUS_NOT_SAME_DEVICE);
	assert_int_equal(cv_os_link(at, "f", at, "g"), -EXDEV);
	check_met(1);
}

/* Servers and FAT have shorter numbers; they still tell files apart. */
static void test_short_ids(void **state)
{
	struct cv_os_stat a, b, again;

	(void)state;
	test_write(dir, "a", "");
	test_write(dir, "b", "");
	plan(GET, CV_NT_ID_INFO, STATUS_INVALID_PARAMETER);
	assert_int_equal(cv_os_stat(at, "a", CV_OS_FOLLOW, &a), 0);
	plan(GET, CV_NT_ID_INFO, STATUS_NOT_SUPPORTED);
	assert_int_equal(cv_os_stat(at, "b", CV_OS_FOLLOW, &b), 0);
	plan(GET, CV_NT_ID_INFO, STATUS_INVALID_INFO_CLASS);
	assert_int_equal(cv_os_stat(at, "a", CV_OS_FOLLOW, &again), 0);
	check_met(3);
	assert_true(cv_os_same(&a, &again) && !cv_os_same(&a, &b));
	/* Some do not number them at all. */
	for (int i = 0; i < 3; i++) {
		plan(GET, CV_NT_ID_INFO, STATUS_NOT_SUPPORTED);
		plan(GET, CV_NT_INTERNAL_INFO, STATUS_SUCCESS);
		assert_int_equal(cv_os_stat(at,
					 i == 1 ? "b"
					 : i    ? "A"
						: "a",
					 CV_OS_FOLLOW,
					 i == 1 ? &b
					 : i    ? &again
						: &a),
			0);
		check_met(2);
	}
	assert_true(cv_os_same(&a, &again) && !cv_os_same(&a, &b));
}

/* FAT knows no reparse points, and says so. */
static void test_without_reparse_points(void **state)
{
	OWN_OS_DIR struct cv_os_dir d = CV_OS_NO_DIR;

	(void)state;
	test_mkdir(dir, "d");
	plan(GET, CV_NT_TAG_INFO, STATUS_INVALID_PARAMETER);
	assert_int_equal(cv_os_open_dir(at, "d", CV_OS_NOFOLLOW, &d), 0);
	plan(GET, CV_NT_TAG_INFO, STATUS_INVALID_PARAMETER);
	assert_int_equal(cv_os_unlink(at, "d"), -EISDIR);
	check_met(2);
}

static void test_unknown_owner_is_not_trusted(void **state)
{
	struct cv_os_stat st;

	(void)state;
	plan(SECURITY, 0, STATUS_ACCESS_DENIED);
	assert_int_equal(cv_os_stat_dir(at, &st), 0);
	check_met(1);
	assert_true(st.owner != cv_os_user() && st.owner != CV_OS_ADMINISTRATOR);
	assert_int_equal(st.mode & CV_OS_OTHERS_WRITE, CV_OS_OTHERS_WRITE);
	plan(SECURITY, 0, STATUS_ACCESS_DENIED);
	assert_false(cv_os_made_alike(at, at));
	check_met(1);
}

static void test_rights_of_others(void **state)
{
	static const struct {
		const wchar_t *security;
		unsigned mode;
	} cases[] = {
		{ L"O:BAD:(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;WD)", CV_OS_STICKY },
		{ L"O:BAD:(A;OICIIO;GA;;;CO)(D;;FA;;;WD)", CV_OS_STICKY },
		/* C:\Temp of a careless administrator, ProgramData, and C:\ */
		{ L"O:BAD:(A;OICI;FA;;;WD)", CV_OS_OTHERS_WRITE },
		{ L"O:BAD:(A;OICI;0x1200a9;;;BU)(A;CI;0x116;;;BU)",
			CV_OS_OTHERS_WRITE | CV_OS_STICKY },
		{ L"O:BAD:(A;OICIIO;0x1301bf;;;AU)(A;;LC;;;AU)", CV_OS_OTHERS_WRITE },
		/* files in it will be everybody's */
		{ L"O:BAD:(A;OICI;FA;;;BA)(A;OIIO;0x12019f;;;WD)",
			CV_OS_OTHERS_WRITE | CV_OS_STICKY },
	};
	struct cv_os_stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		security = cases[i].security;
		assert_int_equal(cv_os_stat_dir(at, &st), 0);
		assert_int_equal(st.mode & (CV_OS_OTHERS_WRITE | CV_OS_STICKY), cases[i].mode);
	}
	security = NULL;
}

static void test_clones_on_refs(void **state)
{
	enum { CLUSTER = 4096 };
	OWN_OS_FILE struct cv_os_file from = CV_OS_NO_FILE, to = CV_OS_NO_FILE;
	struct cv_os_stat st;
	bool cloned;

	(void)state;
	test_write(dir, "f", "0123456789");
	assert_int_equal(cv_os_open(at, "f", CV_OS_FOLLOW, &from), 0);
	assert_false(cv_os_clones(at, at));
	cluster = CLUSTER;
	assert_true(cv_os_clones(at, at));
	assert_int_equal(cv_os_create_clone(at, "g", 0600, from, &to, &cloned), 0);
	assert_true(cloned && shared == CLUSTER && shared_calls == 1);
	assert_int_equal(cv_os_stat_file(to, &st), 0);
	assert_int_equal(st.size, 10);
	cv_os_drop_file(&to);
	/* A volume that refuses leaves the file empty. */
	plan(CONTROL, 0, STATUS_INVALID_PARAMETER);
	assert_int_equal(cv_os_create_clone(at, "h", 0600, from, &to, &cloned), 0);
	check_met(1);
	assert_false(cloned);
	assert_int_equal(cv_os_stat_file(to, &st), 0);
	assert_int_equal(st.size, 0);
	assert_int_equal(cv_os_clone_part(from, CLUSTER / 2, 1, to), 0);
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup_teardown(function, reset, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_errors),
		TEST(test_old_calls),
		TEST(test_files_in_use),
		TEST(test_links_of_ntfs),
		TEST(test_short_ids),
		TEST(test_without_reparse_points),
		TEST(test_unknown_owner_is_not_trusted),
		TEST(test_rights_of_others),
		TEST(test_clones_on_refs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
