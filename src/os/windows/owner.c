/* SPDX-License-Identifier: MIT */
#include "nt.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
	SECURITY_ROOM = 68 << 10, /* an ACL has at most 64 KB */
};
/* The rights to rename entries of a directory (DELETE, if they inherit it), and to change it. */
#define RENAMES (DELETE | FILE_DELETE_CHILD | WRITE_DAC | WRITE_OWNER | GENERIC_ALL)
#define WRITES (RENAMES | FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE)
#define UNKNOWN_OWNER 1 /* of a directory whose owner this user may not read */

/* The user, and the owner of new files: for an administrator a group, Administrators. */
struct token {
	union {
		TOKEN_USER info;
		BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
	} user;
	union {
		TOKEN_OWNER info;
		BYTE room[sizeof(TOKEN_OWNER) + SECURITY_MAX_SID_SIZE];
	} owner;
};

static bool read_token(struct token *ret)
{
	HANDLE token;
	DWORD n;
	bool ok;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	ok = GetTokenInformation(token, TokenUser, &ret->user, sizeof(ret->user), &n) &&
	     GetTokenInformation(token, TokenOwner, &ret->owner, sizeof(ret->owner), &n);
	CloseHandle(token);
	return ok;
}

static bool is_ours(const struct token *t, PSID sid)
{
	return EqualSid(sid, t->user.info.User.Sid) || EqualSid(sid, t->owner.info.Owner);
}

/* Is it a group of the user, even one whose rights only an elevated process has? */
static bool is_in_group(PSID sid)
{
	TOKEN_GROUPS *groups = NULL;
	bool found = false;
	HANDLE token;
	DWORD n = 0;

	if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
		return false;
	if (!GetTokenInformation(token, TokenGroups, NULL, 0, &n) && n)
		groups = malloc(n);
	if (groups && GetTokenInformation(token, TokenGroups, groups, n, &n))
		for (DWORD i = 0; i < groups->GroupCount && !found; i++)
			found = EqualSid(sid, groups->Groups[i].Sid);
	free(groups);
	CloseHandle(token);
	return found;
}

/* Who can do everything anyway. */
static bool is_administrator(PSID sid)
{
	/* NT SERVICE\TrustedInstaller, the owner of system files */
	static const DWORD installer[] = { 80, 956008885, 3418522649, 1831038044, 1853292631,
		2271478464 };

	if (IsWellKnownSid(sid, WinLocalSystemSid) ||
		IsWellKnownSid(sid, WinBuiltinAdministratorsSid))
		return true;
	if (*GetSidSubAuthorityCount(sid) != sizeof(installer) / sizeof(installer[0]) ||
		GetSidIdentifierAuthority(sid)->Value[5] != 5)
		return false;
	for (DWORD i = 0; i < sizeof(installer) / sizeof(installer[0]); i++)
		if (*GetSidSubAuthority(sid, i) != installer[i])
			return false;
	return true;
}

/* Never CV_OS_ADMINISTRATOR, UNKNOWN_OWNER, or the number of this user. */
static uint64_t number_of(PSID sid, uint64_t taken)
{
	uint64_t hash = cv_str_hash(CV_HASH_NOTHING, (struct cv_str){ sid, GetLengthSid(sid) });

	while (hash <= UNKNOWN_OWNER || hash == taken)
		hash += 2;
	return hash;
}

/* Read once: it never changes, and every stat needs it. */
uint64_t cv_os_user(void)
{
	static atomic_uint_least64_t known;
	uint64_t user = atomic_load(&known);
	struct token t;

	if (user)
		return user;
	if (!read_token(&t))
		return UNKNOWN_OWNER;
	user = IsWellKnownSid(t.user.info.User.Sid, WinLocalSystemSid)
		       ? CV_OS_ADMINISTRATOR
		       : number_of(t.user.info.User.Sid, 0);
	atomic_store(&known, user);
	return user;
}

/* malloc'd; NULL if this user may not read it. */
static SECURITY_DESCRIPTOR *read_security(HANDLE dir)
{
	OWN_NT_HANDLE HANDLE handle = NULL;
	void *security;

	if (cv_nt_reopen(dir, READ_CONTROL, &handle) < 0)
		return NULL;
	security = malloc(SECURITY_ROOM);
	if (security && cv_nt_security(handle, security, SECURITY_ROOM) == STATUS_SUCCESS)
		return security;
	free(security);
	return NULL;
}

/* NULL: everybody may do everything. */
static PACL acl_of(SECURITY_DESCRIPTOR *security)
{
	BOOL present = FALSE, by_default;
	PACL acl = NULL;

	return GetSecurityDescriptorDacl(security, &present, &acl, &by_default) && present ? acl
											   : NULL;
}

/* What files below will inherit counts, too. */
static bool lets_others(const struct token *t, const ACE_HEADER *ace, ACCESS_MASK rights)
{
	ACCESS_ALLOWED_ACE *allowed = (ACCESS_ALLOWED_ACE *)(uintptr_t)ace;
	PSID sid = &allowed->SidStart;

	if (ace->AceType == ACCESS_DENIED_ACE_TYPE)
		return false;
	if (ace->AceType != ACCESS_ALLOWED_ACE_TYPE &&
		ace->AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE)
		return true; /* no other type is usual in the ACL of a file */
	return allowed->Mask & rights && !is_ours(t, sid) && !is_administrator(sid) &&
	       !IsWellKnownSid(sid, WinCreatorOwnerSid) &&
	       !IsWellKnownSid(sid, WinCreatorOwnerRightsSid);
}

static bool others_have(const struct token *t, PACL acl, ACCESS_MASK rights)
{
	for (DWORD i = 0; acl && i < acl->AceCount; i++) {
		void *ace;

		if (!GetAce(acl, i, &ace) || lets_others(t, ace, rights))
			return true;
	}
	return acl == NULL;
}

int cv_nt_owner(HANDLE dir, struct cv_os_stat *ret)
{
	SECURITY_DESCRIPTOR *security = read_security(dir);
	BOOL by_default;
	struct token t;
	PSID owner = NULL;

	ret->owner = UNKNOWN_OWNER;
	if (security && read_token(&t) &&
		GetSecurityDescriptorOwner(security, &owner, &by_default) && owner) {
		/* What an administrator has made in an elevated process belongs to the group. */
		if (is_ours(&t, owner) ||
			(IsWellKnownSid(owner, WinBuiltinAdministratorsSid) && is_in_group(owner)))
			ret->owner = cv_os_user();
		else if (is_administrator(owner))
			ret->owner = CV_OS_ADMINISTRATOR;
		else
			ret->owner = number_of(owner, cv_os_user());
	}
	if (ret->owner == UNKNOWN_OWNER || others_have(&t, acl_of(security), WRITES))
		ret->mode |= CV_OS_OTHERS_WRITE;
	if (ret->owner != UNKNOWN_OWNER && !others_have(&t, acl_of(security), RENAMES))
		ret->mode |= CV_OS_STICKY;
	free(security);
	return 0;
}

/* --- what a new directory inherits ------------------------------------------------------- */

static bool all_inherited(SECURITY_DESCRIPTOR *security, PACL acl)
{
	SECURITY_DESCRIPTOR_CONTROL control = 0;
	DWORD revision;

	if (!acl || !GetSecurityDescriptorControl(security, &control, &revision) ||
		control & SE_DACL_PROTECTED)
		return false;
	for (DWORD i = 0; i < acl->AceCount; i++) {
		void *ace;

		if (!GetAce(acl, i, &ace) || !(((ACE_HEADER *)ace)->AceFlags & INHERITED_ACE))
			return false;
	}
	return true;
}

/* Do they allow the same, whatever is inherited? */
static bool same_rights(PACL a, PACL b)
{
	if (!a || !b || a->AceCount != b->AceCount)
		return a == b;
	for (DWORD i = 0; i < a->AceCount; i++) {
		void *x, *y;

		if (!GetAce(a, i, &x) || !GetAce(b, i, &y) ||
			((ACE_HEADER *)x)->AceType != ((ACE_HEADER *)y)->AceType ||
			((ACCESS_ALLOWED_ACE *)x)->Mask != ((ACCESS_ALLOWED_ACE *)y)->Mask ||
			!EqualSid(&((ACCESS_ALLOWED_ACE *)x)->SidStart,
				&((ACCESS_ALLOWED_ACE *)y)->SidStart))
			return false;
	}
	return true;
}

/* Where no ACE is marked as inherited (servers, wine), the parent's rights must be the same. */
bool cv_os_made_alike(struct cv_os_dir parent, struct cv_os_dir dir)
{
	SECURITY_DESCRIPTOR *above = read_security(cv_nt_dir(parent));
	SECURITY_DESCRIPTOR *here = read_security(cv_nt_dir(dir));
	BOOL by_default;
	PSID owner = NULL;
	struct token t;
	bool alike =
		above && here && read_token(&t) &&
		GetSecurityDescriptorOwner(here, &owner, &by_default) && owner &&
		is_ours(&t, owner) &&
		(all_inherited(here, acl_of(here)) || same_rights(acl_of(above), acl_of(here)));

	free(above);
	free(here);
	return alike;
}
